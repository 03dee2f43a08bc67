//! What is stored: facts in, batches out, and nothing forgotten.

use crate::calendar::{Day, Month};
use crate::domain::{Fact, Fault, MeetingId, PersonId, Provenance, Recorded, Remark, State};
use crate::ledger::{Batch, BatchName, BatchRow, BatchState, Summed};

/// A revision to be recorded. Its number is the caller's: one more than the last.
#[derive(Clone, Debug)]
pub struct NewFact {
    /// Its number.
    pub number: i64,
    /// What identifies the fact across its revisions.
    pub key: String,
    /// What it is about, for finding it again.
    pub about: About,
    /// What it says; none takes the fact back.
    pub fact: Option<Fact>,
    /// The source's number, its sheet and row.
    pub place: (Option<i64>, String, u32),
    /// Why, where a person took it back.
    pub because: Option<String>,
    /// The revision that it replaces.
    pub supersedes: Option<i64>,
}

/// What a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// Its kind's name.
    pub kind: &'static str,
    /// Whom it concerns.
    pub person: Option<PersonId>,
    /// Which meeting it concerns.
    pub meeting: Option<MeetingId>,
}

/// The revision of a fact that stands now.
#[derive(Clone, Debug)]
pub struct Standing {
    /// What identifies the fact.
    pub key: String,
    /// The revision; its fact is none if it was taken back.
    pub number: i64,
    /// What it says.
    pub fact: Option<Fact>,
}

/// An import as it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRun {
    /// The source's number.
    pub source: i64,
    /// Its content.
    pub sha256: String,
    /// The file's name.
    pub file: String,
    /// sha256 of all settings it was read with.
    pub settings_sha256: String,
    /// Rows that said something new.
    pub accepted: u32,
    /// Rows that said what is known.
    pub unchanged: u32,
    /// Rows held with a remark.
    pub held: u32,
    /// Rows ignored by a named rule.
    pub ignored: u32,
    /// The highest number of any fact when it ended.
    pub last_fact: i64,
}

/// A remark to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRemark {
    /// What it says.
    pub remark: Remark,
    /// Whom payroll knows the person as, where known.
    pub anstid: Option<String>,
    /// What its row is about: a mended row is recognised by it.
    pub subject: String,
}

/// A remark that is stored because its row is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRemark {
    /// Its number.
    pub id: i64,
    /// What it says.
    pub remark: Remark,
    /// Whom payroll knows the person as, where known.
    pub anstid: Option<String>,
    /// What its row is about.
    pub subject: String,
}

/// The rules that a month was calculated by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The accrual month.
    pub month: Month,
    /// Its group's name.
    pub group: &'static str,
    /// sha256 of the rules.
    pub rules_sha256: String,
    /// The rules as text.
    pub rules: String,
}

/// What a person did to the facts by a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intervention {
    /// Its number, by which it is undone.
    pub id: i64,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// The command: `withdraw`, `merge`, `split`, `link`, `undo` …
    pub action: String,
    /// What it was done to, without any number of a person.
    pub detail: String,
    /// Why.
    pub because: String,
    /// Who.
    pub actor: String,
    /// The first fact that it recorded.
    pub first_fact: i64,
    /// The last fact that it recorded.
    pub last_fact: i64,
    /// The one that it undoes.
    pub undoes: Option<i64>,
}

/// A revision of a fact beside the one that it superseded.
#[derive(Clone, Debug)]
pub struct Revised {
    /// Its number.
    pub number: i64,
    /// What identifies the fact.
    pub key: String,
    /// What is about: its kind, person and meeting.
    pub about: (String, Option<PersonId>, Option<MeetingId>),
    /// What it says; none if it took the fact back.
    pub fact: Option<Fact>,
    /// What the revision before it said; none if there was none or it had been taken back.
    pub before: Option<Fact>,
    /// The revision that superseded it in turn.
    pub superseded_by: Option<i64>,
    /// When it became known, milliseconds since 1970.
    pub known_at_ms: i64,
    /// Why it was taken back or changed by hand.
    pub because: Option<String>,
    /// Where it was read.
    pub source: Provenance,
}

/// Facts of one kind about one person, or about one meeting and nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Their kind.
    pub kind: String,
    /// Whom they are about.
    pub person: Option<PersonId>,
    /// The meeting, where they are about nobody.
    pub meeting: Option<MeetingId>,
    /// They supersede what was told before.
    pub is_revision: bool,
}

/// A signature on a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attest {
    /// The sheet's number.
    pub sheet: u32,
    /// The role's name.
    pub role: String,
    /// The official's id in the attestförteckning.
    pub official: String,
    /// Milliseconds since 1970.
    pub signed_at_ms: i64,
    /// The SSH signature.
    pub signature: String,
}

/// A row of a batch with its number in the database.
#[derive(Clone, Debug)]
pub struct StoredRow {
    /// Its number.
    pub id: i64,
    /// Its batch.
    pub batch: BatchName,
    /// The row.
    pub row: BatchRow,
    /// Its sheet was left out of the batch: it is not booked.
    pub left_out: bool,
}

/// The database: everything between [`Store::begin`] and [`Store::commit`] happens wholly or not at all.
#[allow(async_fn_in_trait, reason = "one task awaits one store; nothing is sent between threads")]
pub trait Store:
    super::GallringStore
    + super::KeptStore
    + super::LeftOutStore
    + super::OutboxStore
    + super::StatusStore
    + super::ToldStore
{
    /// Begins to write; nobody else writes until the end.
    ///
    /// # Errors
    /// `Temporary`: the database is away, or another process has taken over the work.
    async fn begin(&mut self) -> Result<(), Fault>;
    /// Makes all that was written last.
    async fn commit(&mut self) -> Result<(), Fault>;
    /// Undoes all that was written.
    async fn rollback(&mut self) -> Result<(), Fault>;
    /// Asked before what no transaction undoes is done outside the database.
    ///
    /// # Errors
    /// `Temporary`: the database is away, or another process has taken over the work.
    async fn still_ours(&mut self) -> Result<(), Fault>;

    /// The number of a source by its content; a new content is stored.
    async fn source(&mut self, sha256: &str, name: &str, at_ms: i64) -> Result<i64, Fault>;
    /// The contents (sha256) that came under a file's name, oldest first.
    async fn sources_named(&mut self, name: &str) -> Result<Vec<String>, Fault>;
    /// The import that ended last.
    async fn last_import(&mut self) -> Result<Option<ImportRun>, Fault>;
    /// Records an import.
    async fn add_import(&mut self, run: &ImportRun, at_ms: i64) -> Result<(), Fault>;

    /// Where the next fetch from a diarium begins.
    async fn cursor(&mut self, source: &str) -> Result<Option<String>, Fault>;
    /// Moves where the next fetch from a diarium begins.
    async fn set_cursor(&mut self, source: &str, cursor: &str, at_ms: i64) -> Result<(), Fault>;

    /// The highest number of any fact; 0 before the first.
    async fn last_fact(&mut self) -> Result<i64, Fault>;
    /// The highest number of any fact that was known by the end of an instant.
    async fn last_fact_known_at(&mut self, at_ms: i64) -> Result<i64, Fault>;
    /// Records revisions.
    async fn record(&mut self, facts: &[NewFact], at_ms: i64) -> Result<(), Fault>;
    /// What stands now under some keys.
    async fn standing(&mut self, keys: &[String]) -> Result<Vec<Standing>, Fault>;
    /// What stands now about some meetings, of one kind.
    async fn standing_of_meetings(&mut self, kind: &str, meetings: &[MeetingId]) -> Result<Vec<Standing>, Fault>;
    /// What stands now from one source, also where it took something back.
    async fn standing_of_source(&mut self, sha256: &str) -> Result<Vec<Standing>, Fault>;
    /// Facts of some kinds as they stood after fact number `up_to`, in the order of their numbers.
    async fn facts_of_kinds(&mut self, kinds: &[&str], up_to: i64) -> Result<Vec<Recorded>, Fault>;
    /// Facts of a kind that are taken back: key, number of the taking back, and what they said before.
    async fn taken_back(&mut self, kind: &str) -> Result<Vec<(String, i64, Fact)>, Fault>;
    /// Every revision of a kind that was ever recorded and that nobody took back or changed by hand.
    async fn every_revision(&mut self, kind: &str) -> Result<Vec<Fact>, Fault>;
    /// All facts about some persons as they stood after fact number `up_to`, in the order of their numbers.
    async fn facts_of_persons(&mut self, persons: &[PersonId], up_to: i64) -> Result<Vec<Recorded>, Fault>;

    /// Revisions with numbers from one to another, in their order, each beside the one that it superseded.
    async fn revisions(&mut self, first: i64, last: i64) -> Result<Vec<Revised>, Fault>;
    /// Every revision under some keys, in the order of their numbers.
    async fn history(&mut self, keys: &[String]) -> Result<Vec<Revised>, Fault>;
    /// Revisions about some persons or some meetings with numbers after one and up to another, in their order.
    async fn revisions_about(
        &mut self,
        persons: &[PersonId],
        meetings: &[MeetingId],
        after: i64,
        up_to: i64,
    ) -> Result<Vec<Revised>, Fault>;
    /// Revisions of some kinds with numbers after one and up to another, in their order.
    async fn revisions_of_kinds(&mut self, kinds: &[&str], after: i64, up_to: i64) -> Result<Vec<Revised>, Fault>;
    /// What facts with numbers after one and up to another are about; what they say is not read.
    async fn touched(&mut self, after: i64, up_to: i64) -> Result<Vec<Touched>, Fault>;
    /// Records what a person did.
    async fn add_intervention(&mut self, done: &Intervention) -> Result<(), Fault>;
    /// The highest number that anything which a person did has; 0 before the first.
    async fn last_intervention(&mut self) -> Result<i64, Fault>;
    /// Everything that persons did, oldest first; each is checked against its hash.
    async fn interventions(&mut self) -> Result<Vec<Intervention>, Fault>;

    /// Every batch, oldest first, with its number, count, persons, sum and hash.
    async fn batches(&mut self) -> Result<Vec<(i64, Batch, Summed)>, Fault>;
    /// Stores a new batch under a number.
    async fn add_batch(&mut self, id: i64, batch: &Batch) -> Result<(), Fault>;
    /// Stores what a batch adds up to.
    async fn set_totals(&mut self, id: i64, totals: &Summed) -> Result<(), Fault>;
    /// Moves a batch on from one state to another.
    ///
    /// # Errors
    /// `Refused` if it is not in the state `from`: somebody else moved it.
    async fn move_batch(&mut self, name: BatchName, from: BatchState, to: BatchState) -> Result<(), Fault>;
    /// The highest number of any row.
    async fn last_line(&mut self) -> Result<i64, Fault>;
    /// Stores rows of a batch, numbered upwards from `first_id`.
    async fn add_rows(&mut self, batch_id: i64, first_id: i64, rows: &[BatchRow]) -> Result<(), Fault>;
    /// Rows of a batch from a `postid` on, in order, at most `limit`, without those that were left out of it; each is
    /// checked against its hash. None is the end.
    async fn rows(&mut self, batch_id: i64, from_postid: u32, limit: u32) -> Result<Vec<StoredRow>, Fault>;
    /// Rows that wait with net negative persons: those of the latest monthly batch up to a batch number, and of any
    /// recalculation after it. Each freeze writes down anew what still waits.
    async fn waiting(&mut self, up_to_batch: i64) -> Result<Vec<StoredRow>, Fault>;
    /// All rows of some persons in batches up to a batch number that are not void, but those that only wait or
    /// were left out, in order.
    async fn ledger(&mut self, persons: &[PersonId], up_to_batch: i64) -> Result<Vec<StoredRow>, Fault>;
    /// All rows of some persons in every batch, also in those that are void, and those that only wait
    /// or were left out, in order.
    async fn rows_of_persons(&mut self, persons: &[PersonId]) -> Result<Vec<StoredRow>, Fault>;
    /// Names of batches that are not void and reverse rows of a batch.
    async fn reversed_by(&mut self, batch_id: i64) -> Result<Vec<BatchName>, Fault>;

    /// Writes down who is at rest after a batch; what was written down before batch number `standing` is of no use any more.
    async fn set_at_rest(&mut self, batch_id: i64, standing: i64, content: &str) -> Result<(), Fault>;
    /// Who is at rest after a batch, as it was written down; none where it was not, or where it does not match its hash.
    async fn at_rest(&mut self, batch_id: i64) -> Result<Option<String>, Fault>;

    /// The pins of batches that are not void and not after a batch number: for each month and group the latest.
    async fn pins(&mut self, up_to_batch: i64) -> Result<Vec<Pin>, Fault>;
    /// Pins a month's group to rules.
    async fn add_pin(&mut self, batch_id: i64, pin: &Pin) -> Result<(), Fault>;

    /// Stores a sheet as JSON.
    async fn add_sheet(&mut self, batch_id: i64, number: u32, content: &str) -> Result<(), Fault>;
    /// The sheets of a batch as JSON, in order; each is checked against its hash.
    async fn sheets(&mut self, batch_id: i64) -> Result<Vec<String>, Fault>;
    /// Stores a signature.
    async fn add_attest(&mut self, batch_id: i64, attest: &Attest) -> Result<(), Fault>;
    /// The signatures on a batch's sheets.
    async fn attests(&mut self, batch_id: i64) -> Result<Vec<Attest>, Fault>;

    /// Stores remarks.
    async fn add_remarks(&mut self, remarks: &[NewRemark], at_ms: i64) -> Result<(), Fault>;
    /// Closes remarks by their numbers.
    async fn close_remarks(&mut self, ids: &[i64], at_ms: i64) -> Result<(), Fault>;
    /// The open remarks about files of some names.
    async fn open_remarks_of(&mut self, files: &[String]) -> Result<Vec<StoredRemark>, Fault>;
    /// Stored remarks; `None` for all.
    async fn remarks(&mut self, state: Option<State>) -> Result<Vec<StoredRemark>, Fault>;

    /// Adds to the audit chain, and gives the chain's new head.
    async fn audit(&mut self, action: &str, detail: &str, at_ms: i64) -> Result<String, Fault>;
    /// Whether the chain has ever had this head: what was committed with it is committed.
    async fn has_audited(&mut self, head: &str) -> Result<bool, Fault>;
    /// Walks the audit chain.
    ///
    /// # Errors
    /// `Refused` naming the first row that does not follow from the one before.
    async fn audit_head(&mut self) -> Result<String, Fault>;
}

/// The clock: the only source of now.
pub trait Clock {
    /// Milliseconds since 1970.
    fn now_ms(&self) -> i64;

    /// The civil day in Europe/Stockholm.
    fn today(&self) -> Day {
        crate::calendar::day_of_instant(self.now_ms())
    }
}
