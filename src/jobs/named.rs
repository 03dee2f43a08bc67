//! Whom and which meeting a command means, by what stands registered.

use std::collections::HashMap;

use crate::calendar::{Clock, Day};
use crate::domain::{Fact, Fault, Meeting, MeetingId, Person, PersonId, Personnummer};
use crate::ports::Store;
use crate::regelverk::Regelverk;
use crate::register::{Aliases, KnownMeeting, MeetingMatch, MeetingRegister, PersonMatch, PersonRegister};

/// A meeting as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MeetingName {
    /// By organ and day.
    Of {
        /// Organ as written.
        organ: String,
        /// The meeting's day.
        day: Day,
        /// Its start, where the organ has several meetings that day.
        start: Option<Clock>,
    },
    /// By its mötes-id or dnr.
    External(String),
}

/// Everybody registered, each under the id of their own registration.
pub struct Persons {
    registered: PersonRegister,
    kept: PersonRegister,
    /// Who was merged into whom.
    pub aliases: Aliases,
}

impl Persons {
    /// Loads the register.
    ///
    /// # Errors
    /// The database.
    pub async fn load(store: &mut impl Store) -> Result<Persons, Fault> {
        let up_to = store.last_fact().await?;
        let aliases = aliases(store, up_to).await?;
        let (mut registered, mut kept) = (PersonRegister::default(), PersonRegister::default());
        for fact in store.every_revision("person").await? {
            if let Fact::Person(person) = &fact {
                registered.add_person(person);
                kept.add_person_of(person, aliases.person(person.person));
            }
        }
        for recorded in store.facts_of_kinds(&["person", "anstid"], up_to).await? {
            match &recorded.fact {
                Fact::Person(person) => {
                    registered.add_person(person);
                    kept.add_person_of(person, aliases.person(person.person));
                }
                Fact::Anstid(anstid) => registered.add_anstid(anstid),
                _ => {}
            }
        }
        Ok(Persons { registered, kept, aliases })
    }

    /// The registration that an anställningsnummer, personnummer or name means.
    ///
    /// # Errors
    /// `Input`: nobody, or more than one.
    pub fn find(&self, text: &str, today: Day) -> Result<PersonId, Fault> {
        let number = Personnummer::parse(text, today).ok();
        let by_number = number.and_then(|number| self.registered.with_number(&number));
        if let Some(found) = by_number.or_else(|| self.registered.with_anstid(text)) {
            return Ok(found);
        }
        match (self.registered.find(None, Some(text)), self.kept.find(None, Some(text))) {
            (PersonMatch::One(found), _) | (_, PersonMatch::One(found)) => Ok(found),
            (PersonMatch::Several(count), _) => Err(Fault::Input(format!(
                "{count} persons have that name; give the anställningsnummer or the personnummer"
            ))),
            (PersonMatch::Unknown, _) => {
                Err(Fault::Input("nobody is known by that anställningsnummer, personnummer or name".to_owned()))
            }
        }
    }

    /// `Förnamn Efternamn` of a registration; not of whoever is or was protected.
    pub fn name(&self, registered: PersonId) -> &str {
        self.registered.shown_name(registered, Day::MIN)
    }

    /// What a row of Personer says of who somebody is; not of whoever is or was protected, by whatever row.
    pub fn row(&self, row: &Person) -> String {
        self.kept.shown_row(self.aliases.person(row.person), row, Day::MIN)
    }
}

/// What stands of merges and links by what was known after fact number `up_to`.
///
/// # Errors
/// The database.
pub async fn aliases(store: &mut impl Store, up_to: i64) -> Result<Aliases, Fault> {
    let mut aliases = Aliases::default();
    store.facts_of_kinds(&["merge", "link"], up_to).await?.iter().for_each(|recorded| aliases.add(&recorded.fact));
    Ok(aliases)
}

/// Every meeting, each under the id of its own registration.
pub struct Meetings {
    register: MeetingRegister,
    /// What is said of each.
    pub known: HashMap<MeetingId, Meeting>,
    /// Which was linked to which.
    pub aliases: Aliases,
}

impl Meetings {
    /// Loads the register.
    ///
    /// # Errors
    /// The database.
    pub async fn load(store: &mut impl Store) -> Result<Meetings, Fault> {
        let up_to = store.last_fact().await?;
        let aliases = aliases(store, up_to).await?;
        let (mut register, mut known) = (MeetingRegister::default(), HashMap::new());
        for recorded in store.facts_of_kinds(&["meeting"], up_to).await? {
            if let Fact::Meeting(meeting) = recorded.fact {
                register.add(&meeting.organ, meeting.day, KnownMeeting::of(&meeting));
                known.insert(meeting.meeting, meeting);
            }
        }
        Ok(Meetings { register, known, aliases })
    }

    /// The registration that a name means.
    ///
    /// # Errors
    /// `Input`: none, or more than one.
    pub fn find(&self, rules: &Regelverk, name: &MeetingName) -> Result<MeetingId, Fault> {
        let found = match name {
            MeetingName::External(external) => self.register.only_with_external(external),
            MeetingName::Of { organ, day, start } => {
                let organ =
                    rules.organ_named(organ).ok_or_else(|| Fault::Input(format!("unknown organ \"{organ}\"")))?;
                let minute = |start: Clock| (start, start.overflowing_add_signed(chrono::Duration::minutes(1)).0);
                let hours: Vec<_> = start.map(minute).into_iter().collect();
                self.register.find(&organ.code, *day, None, &hours)
            }
        };
        match found.by_kept(&self.aliases) {
            MeetingMatch::One(meeting) => Ok(meeting),
            MeetingMatch::Unknown => {
                Err(Fault::Input("there is no such meeting; give organ and day, or its mötes-id".to_owned()))
            }
            MeetingMatch::Several(found) => {
                Err(Fault::Input(format!("{} meetings fit; add the start as 13.00, or give the mötes-id", found.len())))
            }
        }
    }
}
