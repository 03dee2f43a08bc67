//! A diarium, whatever it speaks: what changed in it since we last asked.

use crate::domain::Fault;
pub use crate::domain::{
    Content, MeetingRecord, MembershipRecord, OrganizationRecord, ParticipantRecord, PersonRecord, Record, RecordKind,
};

/// A source of records.
#[allow(async_fn_in_trait, reason = "one task awaits one source; nothing is sent between threads")]
pub trait Diarium {
    /// All that changed since a cursor that an earlier call gave; with none, everything. It is all there or an error:
    /// nobody gets half of a list.
    ///
    /// # Errors
    /// `Temporary`: the source does not answer as it should for now. `Input`: settings or credentials are wrong.
    /// `Refused`: the source says what it must not (another origin, no end, too much).
    async fn changes(&mut self, since: Option<&str>) -> Result<Changes, Fault>;
}

/// What came of a fetch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Records that are new or changed, or unchanged where the source tells no difference.
    pub records: Vec<Record>,
    /// Files with attendance lists, to be read by the importer of workbooks.
    pub files: Vec<AttachedFile>,
    /// Where the next fetch begins; taken before the first page was asked for.
    pub cursor: String,
    /// The kinds of which `records` holds all there are: what is known and not among them has vanished.
    pub complete: Vec<RecordKind>,
    /// What the source told and nobody could use, in Swedish: it waits for a person.
    pub unread: Vec<String>,
    /// What a person should know of how the source answered, in Swedish; no name and no number of a person.
    pub notes: Vec<String>,
}

/// A file that a record carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedFile {
    /// Its name, with its ending.
    pub name: String,
    /// Its content.
    pub content: Vec<u8>,
}
