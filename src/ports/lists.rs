//! What a form offers to choose from: the kommun's organ, arvodesnycklar and persons.

use crate::calendar::Day;
use crate::domain::Roll;

/// The choices of a kommun's forms.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// The day that they are of.
    pub today: Option<Day>,
    /// Full names of organ, in the order of the regelverk.
    pub organ: Vec<String>,
    /// Nycklar of the bilaga.
    pub nycklar: Vec<String>,
    /// Everybody who may be listed: nobody with skyddade personuppgifter, who must not stand in a form that is sent around.
    pub persons: Vec<Listed>,
    /// Who sits in which organ, in the order of organ and names.
    pub seats: Vec<Seat>,
    /// Who may have been at which meeting that lacks its list; with any, the form asks for these lists.
    pub meetings: Vec<AtMeeting>,
    /// Persons of the diaries whom nobody has confirmed.
    pub to_confirm: Vec<ToConfirm>,
}

/// A seat at a meeting of which nobody has said who was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtMeeting {
    /// Whose, and where.
    pub seat: Seat,
    /// The meeting's day.
    pub day: Day,
    /// Its mötes-id, where it has one.
    pub external: Option<String>,
    /// When it began, where that is known: `13.00`.
    pub start: Option<String>,
    /// When it ended, where that is known.
    pub end: Option<String>,
}

/// A person of a diarium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToConfirm {
    /// The source's name.
    pub source: String,
    /// The source's own id.
    pub id: String,
    /// The name as the source writes it.
    pub name: String,
    /// The organ whose meetings the person was at.
    pub organ: String,
    /// How many of these.
    pub meetings: u32,
    /// Who of the register is called so, where it is one.
    pub candidate: Option<Listed>,
    /// Everybody whom it may be, in words.
    pub may_be: String,
}

/// A person as a form names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// `ÅÅÅÅMMDD-NNNN`
    pub personnummer: String,
    /// `Förnamn Efternamn`
    pub namn: String,
}

/// A person's place in an organ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Who.
    pub person: Listed,
    /// The organ's full name.
    pub organ: String,
    /// Ersättare only if the person has no other role in the organ.
    pub roll: Roll,
}
