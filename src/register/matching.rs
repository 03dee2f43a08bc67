//! Whom a row means: by number, else by name with organ and role. One clear match, or all that it may be: never a guess.

use std::collections::BTreeSet;

use super::names::{Likeness, Written};
use super::{PersonRegister, SKYDDAD};
use crate::calendar::Day;
use crate::domain::{OrganCode, PersonId, Personnummer, Roll, folded};

/// Where a row says that the person was, as far as it says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct Whereabouts<'a> {
    /// In which organ.
    pub organ: Option<&'a OrganCode>,
    /// On which day.
    pub day: Option<Day>,
    /// As what.
    pub roll: Option<Roll>,
}

/// Which roles a person holds in an organ on a day; none where the person sits elsewhere.
pub type Roles<'a> = &'a dyn Fn(PersonId, &OrganCode, Day) -> Vec<Roll>;

/// Whom a row means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// This one.
    One(PersonId),
    /// Nobody known; these are called nearly so.
    Nobody(Vec<PersonId>),
    /// More than one is called so.
    Several(Vec<PersonId>),
    /// Not clearly anybody: initials or a part of a name, and no uppdrag that tells whose.
    Unclear(Vec<PersonId>),
    /// The number is of this person, and the name beside it is another's.
    OtherName(PersonId),
}

/// Whom a number and a name mean. The number goes before; a name beside it must be the same person's, but for its spelling.
pub fn meant(
    register: &PersonRegister,
    number: Option<&Personnummer>,
    name: Option<&str>,
    at: Whereabouts<'_>,
    roles: Roles<'_>,
) -> Meant {
    // What our own forms say in place of a name says nothing.
    let name = name.filter(|name| !name.trim().eq_ignore_ascii_case(SKYDDAD));
    match (number, name) {
        (Some(number), name) => by_number(register, number, name),
        (None, Some(name)) => by_name(register, name, at, roles),
        (None, None) => Meant::Nobody(Vec::new()),
    }
}

fn by_number(register: &PersonRegister, number: &Personnummer, name: Option<&str>) -> Meant {
    match (register.with_number(number), name) {
        (Some(person), None) => Meant::One(person),
        (Some(person), Some(name)) if register.is_called(person, name) => Meant::One(person),
        (Some(person), Some(_)) => Meant::OtherName(person),
        (None, name) => Meant::Nobody(name.map(|name| register.called(name).into_iter().collect()).unwrap_or_default()),
    }
}

fn by_name(register: &PersonRegister, name: &str, at: Whereabouts<'_>, roles: Roles<'_>) -> Meant {
    let same = register.called(name);
    let close = || register.called_closely(&Written::new(name));
    match (same.len(), same.first()) {
        (1, Some(person)) if sits(*person, at, roles) != Some(false) => Meant::One(*person),
        (1, Some(person)) => {
            // The organ has somebody else of nearly that name.
            let others: Vec<PersonId> =
                close().into_iter().filter(|other| other != person && sits(*other, at, roles) == Some(true)).collect();
            if others.is_empty() { Meant::One(*person) } else { Meant::Unclear([vec![*person], others].concat()) }
        }
        (0, _) => {
            let close = close();
            match (only_one(&close, at, roles), close.is_empty()) {
                (Some(person), _) => Meant::One(person),
                (None, false) => Meant::Unclear(close.into_iter().collect()),
                (None, true) => Meant::Nobody(Vec::new()),
            }
        }
        _ => only_one(&same, at, roles).map_or_else(|| Meant::Several(same.into_iter().collect()), Meant::One),
    }
}

/// Whether the person sits in the organ on the day; none where the row does not say.
fn sits(person: PersonId, at: Whereabouts<'_>, roles: Roles<'_>) -> Option<bool> {
    let (organ, day) = (at.organ?, at.day?);
    Some(!roles(person, organ, day).is_empty())
}

/// The only one of them who sits in the organ, or who sits there in that role.
fn only_one(persons: &BTreeSet<PersonId>, at: Whereabouts<'_>, roles: Roles<'_>) -> Option<PersonId> {
    let (organ, day) = (at.organ?, at.day?);
    let seated: Vec<(PersonId, Vec<Roll>)> = persons
        .iter()
        .map(|person| (*person, roles(*person, organ, day)))
        .filter(|(_, roles)| !roles.is_empty())
        .collect();
    if let [(only, _)] = seated.as_slice() {
        return Some(*only);
    }
    let roll = at.roll?;
    let mut in_role = seated.iter().filter(|(_, roles)| roles.contains(&roll));
    match (in_role.next(), in_role.next()) {
        (Some((only, _)), None) => Some(*only),
        _ => None,
    }
}

impl PersonRegister {
    /// Everybody who is called so, or ever was.
    pub fn called(&self, name: &str) -> BTreeSet<PersonId> {
        // Most lists write the name as the register has it: this runs for every row without a number.
        let as_written = self.with_whole_name(&folded(name));
        if as_written.is_empty() { self.with_whole_name(&Written::new(name).whole()) } else { as_written }
    }

    /// Everybody whose name it may be with something left out.
    fn called_closely(&self, written: &Written) -> BTreeSet<PersonId> {
        let words = written.words();
        let pairs = words.windows(2).map(|pair| pair.concat());
        let places: BTreeSet<PersonId> =
            words.iter().cloned().chain(pairs).flat_map(|word| self.with_family_word(&word)).collect();
        let is_close = |person: &PersonId| self.likeness(*person, written) <= Likeness::Close;
        places.into_iter().filter(is_close).collect()
    }

    /// Everybody who is called nearly so, for a person to choose from.
    pub fn called_nearly(&self, name: &str) -> Vec<PersonId> {
        let written = Written::new(name);
        let mut found: Vec<PersonId> =
            self.persons().filter(|person| self.likeness(*person, &written) <= Likeness::Near).collect();
        found.sort_unstable();
        found
    }

    /// Whether a name beside a number is the person's: the same, a part of it, or spelled nearly so where nobody else is
    /// called exactly that.
    fn is_called(&self, person: PersonId, name: &str) -> bool {
        // Most lists write the name as the register has it: this runs for every row.
        if self.is_exactly_called(person, name) {
            return true;
        }
        let written = Written::new(name);
        if written.words().is_empty() {
            return true;
        }
        match self.likeness(person, &written) {
            Likeness::Same | Likeness::Close => true,
            Likeness::Near => self.called(name).is_empty(),
            Likeness::Other => self.names_of(person).iter().any(|known| written.is_part_of(known)),
        }
    }

    fn likeness(&self, person: PersonId, written: &Written) -> Likeness {
        self.names_of(person).iter().map(|known| written.likeness(known)).min().unwrap_or(Likeness::Other)
    }
}
