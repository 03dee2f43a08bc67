use std::collections::{BTreeSet, HashMap};

use super::SKYDDAD;
use crate::calendar::Day;
use crate::domain::{Anstid, OrganCode, Person, PersonId, Personnummer, folded};

/// Everybody known, by every number they have had, and by name.
#[derive(Clone, Debug, Default)]
pub struct PersonRegister {
    by_number: HashMap<Personnummer, PersonId>,
    by_name: HashMap<String, BTreeSet<PersonId>>,
    by_anstid: HashMap<String, PersonId>,
    anstid: HashMap<PersonId, Vec<(Option<OrganCode>, String)>>,
    names: HashMap<PersonId, String>,
    /// Who has skyddade personuppgifter, and the last day of it; none without end.
    protected: HashMap<PersonId, Option<Day>>,
}

/// Whom a reference may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonMatch {
    /// This one.
    One(PersonId),
    /// Nobody that is known.
    Unknown,
    /// More than one of that name: how many.
    Several(usize),
}

impl PersonRegister {
    /// Takes in a row of Personer, whatever revision.
    pub fn add_person(&mut self, person: &Person) {
        self.by_number.insert(person.personnummer.clone(), person.person);
        let (first, last) = (folded(&person.fornamn), folded(&person.efternamn));
        for name in [format!("{first}{last}"), format!("{last}{first}")] {
            self.by_name.entry(name).or_default().insert(person.person);
        }
        self.names.insert(person.person, format!("{} {}", person.fornamn, person.efternamn).trim().to_owned());
        if person.skyddad == Some(true) {
            let until = self.protected.entry(person.person).or_insert(person.to);
            *until = until.zip(person.to).map(|(known, told)| known.max(told));
        }
    }

    /// Takes in an anställningsnummer.
    pub fn add_anstid(&mut self, anstid: &Anstid) {
        self.by_anstid.insert(anstid.anstid.clone(), anstid.person);
        let list = self.anstid.entry(anstid.person).or_default();
        list.retain(|(organ, _)| *organ != anstid.organ);
        list.push((anstid.organ.clone(), anstid.anstid.clone()));
    }

    /// Takes in an anställningsnummer of somebody who is the same person: their own comes first.
    pub fn add_other_anstid(&mut self, anstid: &Anstid) {
        self.by_anstid.insert(anstid.anstid.clone(), anstid.person);
        self.anstid.entry(anstid.person).or_default().push((anstid.organ.clone(), anstid.anstid.clone()));
    }

    /// The person with a number.
    pub fn with_number(&self, number: &Personnummer) -> Option<PersonId> {
        self.by_number.get(number).copied()
    }

    /// The person whom payroll knows by an anställningsnummer.
    pub fn with_anstid(&self, anstid: &str) -> Option<PersonId> {
        self.by_anstid.get(anstid).copied()
    }

    /// Number first, else the name in either order: one clear match or none.
    pub fn find(&self, number: Option<&Personnummer>, name: Option<&str>) -> PersonMatch {
        if let Some(number) = number {
            return self.with_number(number).map_or(PersonMatch::Unknown, PersonMatch::One);
        }
        let candidates = name.and_then(|name| self.by_name.get(&folded(name)));
        match candidates.map(|found| (found.len(), found.first())) {
            Some((1, Some(person))) => PersonMatch::One(*person),
            Some((count, _)) if count > 1 => PersonMatch::Several(count),
            _ => PersonMatch::Unknown,
        }
    }

    /// The anställningsnummer for an organ's rows: the organ's own, else the general one.
    pub fn anstid(&self, person: PersonId, organ: &OrganCode) -> Option<&str> {
        let list = self.anstid.get(&person)?;
        let own = list.iter().find(|(of, _)| of.as_ref() == Some(organ));
        own.or_else(|| list.iter().find(|(of, _)| of.is_none())).map(|(_, anstid)| anstid.as_str())
    }

    /// The number that a person is listed under: the general one, else the lowest.
    pub fn main_anstid(&self, person: PersonId) -> Option<&str> {
        let list = self.anstid.get(&person)?;
        let general = list.iter().find(|(organ, _)| organ.is_none()).map(|(_, anstid)| anstid.as_str());
        general.or_else(|| list.iter().map(|(_, anstid)| anstid.as_str()).min())
    }

    /// Every anställningsnummer of a person.
    pub fn anstids(&self, person: PersonId) -> Vec<String> {
        self.anstid.get(&person).map(|list| list.iter().map(|(_, anstid)| anstid.clone()).collect()).unwrap_or_default()
    }

    /// Skyddade personuppgifter on a day or later: what was protected then is not told now.
    pub fn is_protected(&self, person: PersonId, day: Day) -> bool {
        self.protected.get(&person).is_some_and(|until| until.is_none_or(|last| day <= last))
    }

    /// `Förnamn Efternamn`, or that the person is protected on the day. The only way to a name.
    pub fn shown_name(&self, person: PersonId, day: Day) -> &str {
        if self.is_protected(person, day) {
            return SKYDDAD;
        }
        self.names.get(&person).map_or("", String::as_str)
    }

    /// The person is known by another name than this.
    pub fn has_other_name(&self, person: PersonId, name: &str) -> bool {
        self.names.get(&person).is_some_and(|known| !known.is_empty() && folded(known) != folded(name))
    }

    /// Every person.
    pub fn persons(&self) -> impl Iterator<Item = PersonId> {
        self.names.keys().copied()
    }
}
