use std::collections::{BTreeSet, HashMap};

use super::SKYDDAD;
use super::names::Name;
use crate::calendar::Day;
use crate::domain::{Anstid, OrganCode, Person, PersonId, Personnummer, folded};

/// Everybody known, by every number they have had, and by name.
#[derive(Clone, Debug, Default)]
pub struct PersonRegister {
    by_number: HashMap<Personnummer, PersonId>,
    by_name: HashMap<String, BTreeSet<PersonId>>,
    /// By each word of a family name, and by all of it.
    by_family: HashMap<String, BTreeSet<PersonId>>,
    /// Every name that each has had.
    called: HashMap<PersonId, Vec<Name>>,
    by_anstid: HashMap<String, PersonId>,
    anstid: HashMap<PersonId, Vec<Number>>,
    names: HashMap<PersonId, String>,
    /// Who has skyddade personuppgifter, and the last day of it; none without end.
    protected: HashMap<PersonId, Option<Day>>,
}

/// An anställningsnummer of a person.
#[derive(Clone, Debug)]
struct Number {
    /// Under which id it was registered.
    registered: PersonId,
    organ: Option<OrganCode>,
    anstid: String,
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
        self.add_person_of(person, person.person);
    }

    /// Takes in an anställningsnummer.
    pub fn add_anstid(&mut self, anstid: &Anstid) {
        self.add_anstid_of(anstid, anstid.person);
    }

    /// Takes in a row of Personer under the id that is kept: the number and the name find that person, who is called as
    /// their own rows say.
    pub fn add_person_of(&mut self, person: &Person, kept: PersonId) {
        self.by_number.insert(person.personnummer.clone(), kept);
        let (first, last) = (folded(&person.fornamn), folded(&person.efternamn));
        for name in [format!("{first}{last}"), format!("{last}{first}")] {
            self.by_name.entry(name).or_default().insert(kept);
        }
        let name = Name::new(&person.fornamn, &person.efternamn);
        for word in name.family().iter().cloned().chain([name.family().concat()]) {
            self.by_family.entry(word).or_default().insert(kept);
        }
        let called = self.called.entry(kept).or_default();
        if !called.contains(&name) {
            // One is what nearly everybody has.
            called.reserve_exact(1);
            called.push(name);
        }
        let name = format!("{} {}", person.fornamn, person.efternamn).trim().to_owned();
        if person.person == kept {
            self.names.insert(kept, name);
        } else {
            self.names.entry(kept).or_insert(name);
        }
        if person.skyddad == Some(true) {
            let until = self.protected.entry(kept).or_insert(person.to);
            *until = until.zip(person.to).map(|(known, told)| known.max(told));
        }
    }

    /// Takes in an anställningsnummer under the id that is kept: the person is found by it, and paid under it only where
    /// their own rows give none.
    pub fn add_anstid_of(&mut self, anstid: &Anstid, kept: PersonId) {
        self.by_anstid.insert(anstid.anstid.clone(), kept);
        let list = self.anstid.entry(kept).or_default();
        list.retain(|known| known.registered != anstid.person || known.organ != anstid.organ);
        let number = Number { registered: anstid.person, organ: anstid.organ.clone(), anstid: anstid.anstid.clone() };
        list.reserve_exact(1);
        list.push(number);
        list.sort_by_key(|known| known.registered != kept);
    }

    /// Everybody who is called so in either order, without spaces.
    pub(super) fn with_whole_name(&self, whole: &str) -> BTreeSet<PersonId> {
        self.by_name.get(whole).filter(|_| !whole.is_empty()).cloned().unwrap_or_default()
    }

    /// The person is or was called so, in either order.
    pub(super) fn is_exactly_called(&self, person: PersonId, name: &str) -> bool {
        let is_as_written = self.names.get(&person).is_some_and(|known| known == name && !name.is_empty());
        is_as_written || self.by_name.get(&folded(name)).is_some_and(|called| called.contains(&person))
    }

    /// Everybody with this word in a family name, or with all of it.
    pub(super) fn with_family_word(&self, word: &str) -> Vec<PersonId> {
        self.by_family.get(word).into_iter().flatten().copied().collect()
    }

    /// Every name that a person has had.
    pub(super) fn names_of(&self, person: PersonId) -> &[Name] {
        self.called.get(&person).map_or(&[], Vec::as_slice)
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

    /// The anställningsnummer for an organ's rows: the organ's own, else the general one; the person's own registration
    /// before another that was merged into it.
    pub fn anstid(&self, person: PersonId, organ: &OrganCode) -> Option<&str> {
        let (own, others) = self.numbers(person);
        let of_organ = |list: &[Number]| {
            let own = list.iter().position(|known| known.organ.as_ref() == Some(organ));
            own.or_else(|| list.iter().position(|known| known.organ.is_none()))
        };
        let found = of_organ(own).and_then(|place| own.get(place));
        found.or_else(|| of_organ(others).and_then(|place| others.get(place))).map(|known| known.anstid.as_str())
    }

    /// The number that a person is listed under: the general one, else the lowest.
    pub fn main_anstid(&self, person: PersonId) -> Option<&str> {
        let (own, others) = self.numbers(person);
        let list = if own.is_empty() { others } else { own };
        let general = list.iter().find(|known| known.organ.is_none()).map(|known| known.anstid.as_str());
        general.or_else(|| list.iter().map(|known| known.anstid.as_str()).min())
    }

    /// Every anställningsnummer of a person.
    pub fn anstids(&self, person: PersonId) -> Vec<String> {
        let (own, others) = self.numbers(person);
        own.iter().chain(others).map(|known| known.anstid.clone()).collect()
    }

    /// A person's own numbers, and those of others who were merged into them.
    fn numbers(&self, person: PersonId) -> (&[Number], &[Number]) {
        let list = self.anstid.get(&person).map_or(&[][..], Vec::as_slice);
        list.split_at(list.partition_point(|known| known.registered == person))
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

    /// What one row of Personer calls a person, with the day of birth, so that two rows can be told apart; or that the
    /// person is protected on the day.
    pub fn shown_row(&self, person: PersonId, row: &Person, day: Day) -> String {
        if self.is_protected(person, day) {
            return SKYDDAD.to_owned();
        }
        let born = row.personnummer.twelve_digits();
        format!("{} {}, född {}", row.fornamn, row.efternamn, &born[..8])
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
