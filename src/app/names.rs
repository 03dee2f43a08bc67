//! Names of persons as lists tell them: never that of a person with skyddade personuppgifter.

use super::kommun::Kommun;
use super::veil::veiled;
use crate::calendar::Day;
use crate::domain::{Fact, Fault, PersonId};
use crate::ports::{Clock, Store};
use crate::register::PersonRegister;

/// Who is who, as far as it may be told today.
pub(super) struct Names {
    persons: PersonRegister,
    today: Day,
}

impl Names {
    pub(super) async fn load(kommun: &mut Kommun) -> Result<Names, Fault> {
        let (mut persons, today) = (PersonRegister::default(), kommun.clock.today());
        let last = kommun.db.last_fact().await?;
        for recorded in kommun.db.facts_of_kinds(&["person", "anstid"], last).await? {
            match recorded.fact {
                Fact::Person(person) => persons.add_person(&person),
                Fact::Anstid(anstid) => persons.add_anstid(&anstid),
                _ => {}
            }
        }
        Ok(Names { persons, today })
    }

    /// The person whom payroll knows by an anställningsnummer.
    pub(super) fn with_anstid(&self, anstid: Option<&str>) -> Option<PersonId> {
        self.persons.with_anstid(anstid?)
    }

    /// `Förnamn Efternamn`, or what stands for it; also for a file, which the veil over what is said does not reach.
    pub(super) fn of(&self, person: PersonId) -> String {
        veiled(self.persons.shown_name(person, self.today))
    }
}
