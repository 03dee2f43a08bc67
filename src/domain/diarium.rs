//! What a diarium tells: its organ, persons, memberships and meetings as records of its own, each under its own id.
//!
//! A record is kept as it was told. What it means for persons, meetings and attendance of ours is settled beside it; what a
//! source does not say is `None`, for nothing is guessed.

use serde::{Deserialize, Serialize};

use super::{MeetingId, PersonId};
use crate::calendar::{Clock, Day};

/// A record, by the source's own id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The source's id: unique among all its records.
    pub id: String,
    /// What it says; none where the source says that it is deleted.
    pub content: Option<Content>,
}

/// What a deleted record was, and what a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// An organ.
    Organization,
    /// A person.
    Person,
    /// A person's place in an organ.
    Membership,
    /// A meeting.
    Meeting,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Content {
    /// An organ.
    Organization(OrganizationRecord),
    /// A person.
    Person(PersonRecord),
    /// A person's place in an organ.
    Membership(MembershipRecord),
    /// A meeting.
    Meeting(Box<MeetingRecord>),
}

impl Content {
    /// Its kind.
    pub fn kind(&self) -> RecordKind {
        match self {
            Content::Organization(_) => RecordKind::Organization,
            Content::Person(_) => RecordKind::Person,
            Content::Membership(_) => RecordKind::Membership,
            Content::Meeting(_) => RecordKind::Meeting,
        }
    }
}

/// An organ, as the source names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationRecord {
    /// Its name.
    pub name: String,
    /// Its short name or code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short: Option<String>,
}

/// A person, as the source names them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRecord {
    /// The whole name as written.
    pub name: String,
    /// Family name, where the source tells names apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub efternamn: Option<String>,
    /// Given name, where the source tells names apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fornamn: Option<String>,
    /// Personnummer as written; hardly any source has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personnummer: Option<String>,
}

/// A person's place in an organ, first and last day included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipRecord {
    /// The person's id.
    pub person: String,
    /// The organ's id.
    pub organization: String,
    /// The role as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roll: Option<String>,
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Day>,
    /// May vote: an ersättare may not until serving.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rostratt: Option<bool>,
}

/// A meeting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingRecord {
    /// Ids of its organ; several meet together now and then.
    pub organizations: Vec<String>,
    /// The organ as written, where the source gives no id of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organ_name: Option<String>,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Mötes-id or dnr that people write, where the source has one beside its own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<String>,
    /// The day it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Day>,
    /// When it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Clock>,
    /// When it ended; none while nobody has said, or where what is said only holds the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Clock>,
    /// Explicitly cancelled.
    #[serde(default)]
    pub cancelled: bool,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plats: Option<String>,
    /// The kind of gathering, as one of the words of the sheet Närvaro.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slag: Option<String>,
    /// Who was there; none where the source does not say, which is not the same as nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participants: Option<Vec<ParticipantRecord>>,
}

/// A person at a meeting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantRecord {
    /// The person's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The name as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Personnummer as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personnummer: Option<String>,
    /// The role as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roll: Option<String>,
    /// Whether the person served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tjanstgorande: Option<bool>,
    /// For whom an ersättare serves, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ersatter: Option<String>,
    /// Present from; the meeting's start where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Clock>,
    /// Present until; the meeting's end where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub till: Option<Clock>,
    /// The source says that the person was not there.
    #[serde(default)]
    pub absent: bool,
    /// Paragraphs of the minutes at which the person was present (`1-4, 7`), where it was not all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paragrafer: Option<String>,
    /// Paragraphs that the person left for jäv.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jav: Option<String>,
    /// Adjusts the minutes.
    #[serde(default)]
    pub justerare: bool,
    /// Attends from elsewhere.
    #[serde(default)]
    pub distans: bool,
}

/// A record of a source as it stands with us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRecord {
    /// The source's name in the settings.
    pub source: String,
    /// The source's own id.
    pub id: String,
    /// Of which kind; none where the source only ever said that it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<RecordKind>,
    /// What it says; none where it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
}

/// Which meeting of ours a source's meeting is, and what the source last said of its hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceMeeting {
    /// The source's name in the settings.
    pub source: String,
    /// The source's own id.
    pub id: String,
    /// Ours.
    pub meeting: MeetingId,
    /// The hours that came from the source: a list may say others, and is then believed.
    pub hours: Vec<(Clock, Clock)>,
}

/// Which person of ours a source's person is: confirmed by a clerk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcePerson {
    /// The source's name in the settings.
    pub source: String,
    /// The source's own id of the person, or the name where it has no id.
    pub id: String,
    /// Ours.
    pub person: PersonId,
}

/// A list and a diarium tell a person's attendance differently: nothing is paid and nothing taken back until they agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disagreement {
    /// At which meeting.
    pub meeting: MeetingId,
    /// Whose attendance.
    pub person: PersonId,
    /// The source that tells it otherwise.
    pub source: String,
    /// What the lists say, in Swedish.
    pub listed: String,
    /// What the source says, in Swedish.
    pub told: String,
}
