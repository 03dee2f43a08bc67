//! Names of persons as lists tell them: never that of a person with skyddade personuppgifter.

use std::collections::HashSet;

use super::kommun::Kommun;
use crate::domain::{Fact, Fault, PersonId};
use crate::ports::Store;
use crate::register::PersonRegister;

/// Who is who, and whose name is not told.
pub(super) struct Names {
    persons: PersonRegister,
    protected: HashSet<PersonId>,
}

/// What stands for the name of a person with skyddade personuppgifter.
const PROTECTED: &str = "skyddad";

impl Names {
    pub(super) async fn load(kommun: &mut Kommun) -> Result<Names, Fault> {
        let (mut persons, mut protected) = (PersonRegister::default(), HashSet::new());
        let last = kommun.db.last_fact().await?;
        for recorded in kommun.db.facts_of_kinds(&["person", "anstid"], last).await? {
            match recorded.fact {
                Fact::Person(person) => {
                    persons.add_person(&person);
                    if person.skyddad == Some(true) {
                        protected.insert(person.person);
                    }
                }
                Fact::Anstid(anstid) => persons.add_anstid(&anstid),
                _ => {}
            }
        }
        Ok(Names { persons, protected })
    }

    /// The person whom payroll knows by an anställningsnummer.
    pub(super) fn with_anstid(&self, anstid: Option<&str>) -> Option<PersonId> {
        self.persons.with_anstid(anstid?)
    }

    /// `Förnamn Efternamn`, or what stands for it.
    pub(super) fn of(&self, person: PersonId) -> &str {
        if self.protected.contains(&person) { PROTECTED } else { self.persons.name(person) }
    }

    /// A text about a person, which may name the person.
    pub(super) fn masked(&self, text: &str, person: Option<PersonId>) -> String {
        let protected = person.filter(|person| self.protected.contains(person));
        let name = protected.map(|person| self.persons.name(person)).filter(|name| !name.is_empty());
        name.map_or_else(|| text.to_owned(), |name| text.replace(name, PROTECTED))
    }
}
