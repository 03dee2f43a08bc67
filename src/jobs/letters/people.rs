//! Who can be written to, and who may be named.

use std::collections::BTreeMap;

use crate::calendar::Day;
use crate::domain::{Fact, Fault, PersonId};
use crate::jobs::named::aliases;
use crate::ports::Store;
use crate::register::PersonRegister;

/// Everybody in the register, each under the id that is kept.
#[derive(Clone, Debug, Default)]
pub struct People {
    contacts: BTreeMap<PersonId, Contact>,
}

/// What letters need of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Under the id that is kept.
    pub person: PersonId,
    /// `Förnamn Efternamn`; only for letters to the person, or where [`Contact::shown`] is used.
    pub namn: String,
    /// What others may read: the name, or what stands for it where the personuppgifter are skyddade.
    pub shown: String,
    /// Where letters go.
    pub epost: Option<String>,
    /// Skyddade personuppgifter: nobody else gets a letter that names the person.
    pub is_protected: bool,
    /// Whom payroll knows the person as.
    pub anstid: Option<String>,
    /// Kinds of claim that are usual for the person.
    pub brukar_yrka: Option<String>,
    /// The day of the briefing (§ 19).
    pub genomgang: Option<Day>,
}

impl People {
    /// Everybody as the register stands on a day.
    ///
    /// # Errors
    /// The database.
    pub async fn load(store: &mut impl Store, today: Day) -> Result<People, Fault> {
        let up_to = store.last_fact().await?;
        let aliases = aliases(store, up_to).await?;
        let mut register = PersonRegister::default();
        for fact in store.every_revision("person").await? {
            if let Fact::Person(row) = &fact {
                register.add_person_of(row, aliases.person(row.person));
            }
        }
        let mut rows = Vec::new();
        for recorded in store.facts_of_kinds(&["person", "anstid"], up_to).await? {
            match recorded.fact {
                Fact::Person(row) => rows.push(row),
                Fact::Anstid(anstid) => register.add_anstid_of(&anstid, aliases.person(anstid.person)),
                _ => {}
            }
        }
        let mut contacts = BTreeMap::new();
        let is_valid = |from: Option<Day>, to: Option<Day>| {
            from.is_none_or(|from| from <= today) && to.is_none_or(|to| today <= to)
        };
        // What is valid today is the last word; a person whose rows are all over is still somebody.
        rows.sort_by_key(|row| (is_valid(row.from, row.to), row.from));
        for row in rows {
            let person = aliases.person(row.person);
            register.add_person_of(&row, person);
            let contact = Contact {
                person,
                namn: format!("{} {}", row.fornamn, row.efternamn).trim().to_owned(),
                shown: String::new(),
                epost: row.epost.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
                is_protected: false,
                anstid: None,
                brukar_yrka: row.brukar_yrka,
                genomgang: row.genomgang,
            };
            contacts.insert(person, contact);
        }
        for (person, contact) in &mut contacts {
            contact.shown = register.shown_name(*person, today).to_owned();
            contact.is_protected = register.is_protected(*person, today);
            contact.anstid = register.main_anstid(*person).map(str::to_owned);
        }
        Ok(People { contacts })
    }

    /// What is known of a person, by the id that is kept.
    pub fn of(&self, person: PersonId) -> Option<&Contact> {
        self.contacts.get(&person)
    }

    /// What others may read of a person.
    pub fn shown(&self, person: PersonId) -> &str {
        self.of(person).map_or("okänd person", |contact| &contact.shown)
    }

    /// Everybody, in the order of their ids.
    pub fn all(&self) -> impl Iterator<Item = &Contact> {
        self.contacts.values()
    }
}
