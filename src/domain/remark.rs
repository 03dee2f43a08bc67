use serde::{Deserialize, Serialize};

use super::{ClaimId, ClaimKind, MeetingId, Provenance};
use crate::calendar::Day;
use crate::money::Ore;

/// What has become of a remark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// What it is about waits for a person.
    Held,
    /// What it is about went on; somebody may want to know.
    Noted,
    /// Mended.
    Closed,
}

/// What a remark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemarkKind {
    /// A row of a workbook that could not be read or matched.
    Row,
    /// A whole sheet or file that could not be read.
    File,
    /// An attendance that cannot be paid as it stands.
    Attendance,
    /// A yrkande that waits or is proposed to be refused.
    Claim,
    /// An uppdrag that two hold, or whose fee is unclear.
    Uppdrag,
    /// A person whose rows cannot go out.
    Person,
}

/// What a person may decide about a remark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// A yrkande: granted or refused.
    Claim(ClaimId, MeetingId, ClaimKind),
    /// A debt: recovered, set off or let go.
    Debt,
}

/// What a person must look at: place, reason, how to mend it, what it may be worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// About what.
    pub kind: RemarkKind,
    /// Waits, or only noted.
    pub state: State,
    /// The day of the meeting or the first day of the uppdrag's month.
    pub day: Option<Day>,
    /// What is wrong, in Swedish.
    pub reason: String,
    /// The paragraph that it rests on.
    pub paragraph: &'static str,
    /// What to do, or the refusal that a person may decide.
    pub proposed: String,
    /// What it may be worth, where known.
    pub worth: Option<Ore>,
    /// What a decision about it would be about; none where only new facts help.
    pub undecided: Option<Undecided>,
    /// Where it was read.
    pub place: Provenance,
}
