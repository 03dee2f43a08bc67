//! What a JSON API looks like: where its lists lie, how they go on, and what its fields are called.

use std::collections::BTreeMap;

use super::pointer::Pointer;
use crate::ports::RecordKind;

/// One API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestSettings {
    /// Its lists, in the order in which they are read.
    pub lists: Vec<ListSettings>,
    /// How its dates are written, where not as ISO 8601.
    pub date_format: Option<String>,
    /// How its clock times are written, where not as `13:00` or `13.00`.
    pub time_format: Option<String>,
}

/// A list of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSettings {
    /// What its records are.
    pub kind: RecordKind,
    /// Where it is.
    pub place: Place,
    /// How to ask for what has changed; none reads the whole list each time.
    pub since: Option<Since>,
    /// What its records look like.
    pub shape: Shape,
    /// Who was there, for meetings.
    pub participants: Option<Participants>,
}

/// Where a list is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Below the source's address; `{id}` stands for a meeting's id.
    pub path: String,
    /// Where in the answer.
    pub list: Pointer,
    /// How it goes on.
    pub paging: Paging,
    /// Where the answer says how many records there are in all.
    pub total: Option<Pointer>,
}

/// How a list goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Paging {
    /// It is one page.
    #[default]
    None,
    /// Each page links to the next: in the body, or in the header `Link`.
    Link {
        /// Where in the body.
        next: Option<Pointer>,
    },
    /// Each page gives what to send for the next.
    Cursor {
        /// The parameter that carries it.
        parameter: String,
        /// Where in the body.
        next: Pointer,
        /// How many records a page has.
        size: Option<PageSize>,
    },
    /// Pages have numbers.
    Page {
        /// The parameter that carries the number.
        parameter: String,
        /// The first page's number.
        first: u64,
        /// How many records a page has.
        size: Option<PageSize>,
        /// Where the answer says whether more follows; else the first empty page is the end.
        more: Option<Pointer>,
    },
    /// So many records are passed over.
    Offset {
        /// The parameter that carries the number.
        parameter: String,
        /// How many records a page has.
        size: Option<PageSize>,
        /// Where the answer says whether more follows; else the first empty page is the end.
        more: Option<Pointer>,
    },
}

/// How many records of a page are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSize {
    /// The parameter.
    pub parameter: String,
    /// How many.
    pub records: u64,
}

/// How to ask for what has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// The parameter.
    pub parameter: String,
    /// What it says; `{since}` stands for the moment.
    pub value: String,
    /// How the moment is written.
    pub format: SinceFormat,
}

/// How a moment is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SinceFormat {
    /// `2026-11-23T12:05:00Z`
    #[default]
    Utc,
    /// `2026-11-23T13:05:00+01:00`
    Offset,
    /// `2026-11-23T13:05:00`, as clocks show in Sweden.
    Local,
    /// `2026-11-23`, in Sweden.
    Date,
    /// Since 1970.
    Seconds,
    /// Since 1970.
    Milliseconds,
}

/// Who was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participants {
    /// Where they are told.
    pub place: ParticipantsPlace,
    /// What they look like.
    pub shape: Shape,
}

/// Where participants are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParticipantsPlace {
    /// In the meeting's own record.
    Embedded(Vec<Pointer>),
    /// In a list of their own for each meeting.
    Listed(Place),
}

/// What records look like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Where each of our fields stands; the first place that says something counts.
    pub fields: BTreeMap<Field, Vec<Pointer>>,
    /// What the source's words mean: `ja`, `nej`, or a slag. `*` stands for every other word.
    pub words: BTreeMap<Field, BTreeMap<String, String>>,
}

/// Our fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is the field of its name in the records of the port")]
pub enum Field {
    Id,
    Deleted,
    Name,
    Short,
    Efternamn,
    Fornamn,
    Personnummer,
    Person,
    Organization,
    OrganName,
    Roll,
    From,
    To,
    Till,
    External,
    Day,
    Start,
    End,
    Cancelled,
    Plats,
    Slag,
    Tjanstgorande,
    Ersatter,
    Absent,
    Paragrafer,
    Jav,
    Justerare,
    Distans,
    Rostratt,
}

/// The field's name in the settings.
const NAMES: [(Field, &str); 29] = [
    (Field::Id, "id"),
    (Field::Deleted, "deleted"),
    (Field::Name, "name"),
    (Field::Short, "short"),
    (Field::Efternamn, "efternamn"),
    (Field::Fornamn, "fornamn"),
    (Field::Personnummer, "personnummer"),
    (Field::Person, "person"),
    (Field::Organization, "organization"),
    (Field::OrganName, "organ_name"),
    (Field::Roll, "roll"),
    (Field::From, "from"),
    (Field::To, "to"),
    (Field::Till, "till"),
    (Field::External, "external"),
    (Field::Day, "day"),
    (Field::Start, "start"),
    (Field::End, "end"),
    (Field::Cancelled, "cancelled"),
    (Field::Plats, "plats"),
    (Field::Slag, "slag"),
    (Field::Tjanstgorande, "tjanstgorande"),
    (Field::Ersatter, "ersatter"),
    (Field::Absent, "absent"),
    (Field::Paragrafer, "paragrafer"),
    (Field::Jav, "jav"),
    (Field::Justerare, "justerare"),
    (Field::Distans, "distans"),
    (Field::Rostratt, "rostratt"),
];

impl Field {
    /// Its name in the settings.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(field, _)| *field == self).map_or("", |(_, name)| name)
    }

    /// Whether it says yes or no.
    pub fn is_yes_or_no(self) -> bool {
        use Field::{Absent, Cancelled, Deleted, Distans, Justerare, Rostratt, Tjanstgorande};
        matches!(self, Absent | Cancelled | Deleted | Distans | Justerare | Rostratt | Tjanstgorande)
    }
}

/// The fields of a record; the first of them must be told by the settings.
pub fn fields_of(kind: RecordKind) -> &'static [Field] {
    use Field as F;
    match kind {
        RecordKind::Organization => &[F::Id, F::Deleted, F::Name, F::Short],
        RecordKind::Person => &[F::Id, F::Deleted, F::Name, F::Efternamn, F::Fornamn, F::Personnummer],
        RecordKind::Membership => {
            &[F::Id, F::Deleted, F::Person, F::Organization, F::Roll, F::From, F::To, F::Rostratt]
        }
        RecordKind::Meeting => &[
            F::Id,
            F::Deleted,
            F::Organization,
            F::OrganName,
            F::Name,
            F::External,
            F::Day,
            F::Start,
            F::End,
            F::Cancelled,
            F::Plats,
            F::Slag,
        ],
    }
}

/// The fields of a person at a meeting.
pub const PARTICIPANT: [Field; 15] = [
    Field::Person,
    Field::Name,
    Field::Efternamn,
    Field::Fornamn,
    Field::Personnummer,
    Field::Roll,
    Field::Tjanstgorande,
    Field::Ersatter,
    Field::From,
    Field::Till,
    Field::Absent,
    Field::Paragrafer,
    Field::Jav,
    Field::Justerare,
    Field::Distans,
];
