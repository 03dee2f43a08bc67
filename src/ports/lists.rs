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
