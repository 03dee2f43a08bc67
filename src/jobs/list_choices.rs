//! What a form offers to choose from, by what stands registered on a day.

use std::collections::BTreeMap;

use super::named::aliases;
use crate::calendar::Day;
use crate::domain::{Fact, Fault, OrganCode, Person, PersonId, Roll, Uppdrag, folded};
use crate::ports::{Listed, Lists, Seat, Store};
use crate::regelverk::{Organ, Regelverk};
use crate::register::PersonRegister;

/// The choices on a day; only those of one organ, if one is named.
///
/// # Errors
/// The database.
pub async fn choices(
    store: &mut impl Store,
    rules: &Regelverk,
    today: Day,
    only: Option<&OrganCode>,
) -> Result<Lists, Fault> {
    let (last, mut register) = (store.last_fact().await?, PersonRegister::default());
    let aliases = aliases(store, last).await?;
    let mut persons: BTreeMap<PersonId, Person> = BTreeMap::new();
    let mut seats: BTreeMap<(PersonId, OrganCode), Roll> = BTreeMap::new();
    for recorded in store.facts_of_kinds(&["person", "uppdrag"], last).await? {
        match recorded.fact {
            Fact::Person(row) => {
                let kept = aliases.person(row.person);
                register.add_person_of(&row, kept);
                add_row(&mut persons, kept, row, today);
            }
            Fact::Uppdrag(uppdrag) if holds(&uppdrag, today) => {
                let kept = aliases.person(uppdrag.person);
                let roll = seats.entry((kept, uppdrag.organ.clone())).or_insert(Roll::Ersattare);
                *roll = if *roll == Roll::Ersattare { roll_of(&uppdrag) } else { Roll::Ledamot };
            }
            _ => {}
        }
    }
    persons.retain(|person, _| !register.is_protected(*person, today));
    if let Some(only) = only {
        seats.retain(|(_, organ), _| organ == only);
        persons.retain(|person, _| seats.contains_key(&(*person, only.clone())));
    }
    let organ: Vec<&Organ> = rules.organ.iter().filter(|organ| only.is_none_or(|only| organ.code == *only)).collect();
    Ok(Lists {
        today: Some(today),
        organ: organ.iter().map(|organ| organ.namn.clone()).collect(),
        nycklar: rules.uppdrag.keys().cloned().collect(),
        seats: organ.iter().flat_map(|organ| seats_of(organ, &persons, &seats)).collect(),
        persons: in_order(persons.into_values()),
    })
}

/// The person's own row that is valid on the day stands; else the latest of those that belong to the person.
fn add_row(persons: &mut BTreeMap<PersonId, Person>, kept: PersonId, row: Person, today: Day) {
    let rank = |row: &Person| {
        let is_valid = row.from.is_none_or(|from| from <= today) && row.to.is_none_or(|to| today <= to);
        (row.person == kept, is_valid, row.from)
    };
    match persons.get_mut(&kept) {
        Some(known) if rank(known) > rank(&row) => {}
        Some(known) => *known = row,
        None => drop(persons.insert(kept, row)),
    }
}

fn holds(uppdrag: &Uppdrag, today: Day) -> bool {
    uppdrag.from <= today && uppdrag.to.is_none_or(|to| today <= to)
}

fn roll_of(uppdrag: &Uppdrag) -> Roll {
    if folded(&uppdrag.roll).contains("ersatt") { Roll::Ersattare } else { Roll::Ledamot }
}

/// Ledamöter before ersättare.
fn seats_of(
    organ: &Organ,
    persons: &BTreeMap<PersonId, Person>,
    seats: &BTreeMap<(PersonId, OrganCode), Roll>,
) -> Vec<Seat> {
    let with_roll = |wanted: Roll| {
        let held = seats.iter().filter(|((_, code), roll)| *code == organ.code && **roll == wanted);
        let who = in_order(held.filter_map(|((person, _), _)| persons.get(person).cloned()));
        who.into_iter().map(move |person| Seat { person, organ: organ.namn.clone(), roll: wanted }).collect::<Vec<_>>()
    };
    [with_roll(Roll::Ledamot), with_roll(Roll::Ersattare)].concat()
}

fn in_order(persons: impl Iterator<Item = Person>) -> Vec<Listed> {
    let mut persons: Vec<Person> = persons.collect();
    persons.sort_by_cached_key(|person| {
        (swedish_order(&person.efternamn), swedish_order(&person.fornamn), person.personnummer.clone())
    });
    persons.iter().map(listed).collect()
}

fn listed(person: &Person) -> Listed {
    let digits = person.personnummer.twelve_digits();
    let (birth, rest) = digits.split_at(8);
    Listed {
        personnummer: format!("{birth}-{rest}"),
        namn: format!("{} {}", person.fornamn, person.efternamn).trim().to_owned(),
    }
}

/// Å, ä and ö come after z.
fn swedish_order(name: &str) -> String {
    let place = |letter: char| match letter {
        'å' => '{',
        'ä' | 'æ' => '|',
        'ö' | 'ø' => '}',
        other => other,
    };
    name.to_lowercase().chars().map(place).collect()
}
