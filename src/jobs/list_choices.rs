//! What a form offers to choose from, by what stands registered on a day.

use std::collections::BTreeMap;

use super::named::aliases;
use super::sync_diarium::{Unlinked, WithoutList};
use crate::calendar::{Day, clock_text};
use crate::domain::{Fact, Fault, Meeting, MeetingId, OrganCode, Person, PersonId, Roll, Uppdrag, folded};
use crate::ports::{AtMeeting, Listed, Lists, Seat, Store, ToConfirm};
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
        ..Lists::default()
    })
}

/// The choices of a form that asks for the lists of some meetings: everybody who sat in the organ that day.
///
/// # Errors
/// The database.
pub async fn asked_lists(
    store: &mut impl Store,
    rules: &Regelverk,
    today: Day,
    asked: &[WithoutList],
) -> Result<Lists, Fault> {
    let mut lists = choices(store, rules, today, None).await?;
    let last = store.last_fact().await?;
    let mut known: BTreeMap<MeetingId, Meeting> = BTreeMap::new();
    for recorded in store.facts_of_kinds(&["meeting"], last).await? {
        if let Fact::Meeting(meeting) = recorded.fact {
            known.insert(meeting.meeting, meeting);
        }
    }
    for one in asked {
        let meeting = known.get(&one.meeting);
        let hours = meeting.and_then(|meeting| match meeting.hours.as_slice() {
            [only] => Some(*only),
            _ => None,
        });
        let (start, end) =
            (hours.map(|(start, _)| start).or(one.start).map(clock_text), hours.map(|(_, end)| clock_text(end)));
        let own = meeting.and_then(|meeting| meeting.external.clone());
        // Two meetings of a day are told apart by the diarium's own id.
        let is_alone = !asked
            .iter()
            .any(|other| other.meeting != one.meeting && (&other.organ, other.day) == (&one.organ, one.day));
        let external = own.or_else(|| (!is_alone).then(|| one.id.clone()));
        let of_organ = choices(store, rules, one.day, Some(&one.organ)).await?;
        let at = |seat: Seat| AtMeeting {
            seat,
            day: one.day,
            external: external.clone(),
            start: start.clone(),
            end: end.clone(),
        };
        lists.meetings.extend(of_organ.seats.into_iter().map(at));
    }
    Ok(lists)
}

/// The choices of a form in which a clerk confirms who the persons of a diarium are. Nobody who is protected is proposed.
///
/// # Errors
/// The database.
pub async fn asked_persons(
    store: &mut impl Store,
    rules: &Regelverk,
    today: Day,
    (source, unlinked): (&str, &[Unlinked]),
) -> Result<Lists, Fault> {
    let lists = choices(store, rules, today, None).await?;
    let (last, mut register) = (store.last_fact().await?, PersonRegister::default());
    let aliases = aliases(store, last).await?;
    let mut persons: BTreeMap<PersonId, Person> = BTreeMap::new();
    for recorded in store.facts_of_kinds(&["person", "anstid"], last).await? {
        match recorded.fact {
            Fact::Person(row) => {
                let kept = aliases.person(row.person);
                register.add_person_of(&row, kept);
                add_row(&mut persons, kept, row, today);
            }
            Fact::Anstid(anstid) => register.add_anstid_of(&anstid, aliases.person(anstid.person)),
            _ => {}
        }
    }
    let candidate = |one: &Unlinked| match one.candidates.as_slice() {
        [only] if !register.is_protected(*only, today) => persons.get(only).map(listed),
        _ => None,
    };
    let may_be = |one: &Unlinked| {
        let named = one.candidates.iter().map(|person| match register.main_anstid(*person) {
            Some(anstid) => format!("{} (anst.nr {anstid})", register.shown_name(*person, today)),
            None => register.shown_name(*person, today).to_owned(),
        });
        named.collect::<Vec<_>>().join(", ")
    };
    let to_confirm = unlinked.iter().map(|one| ToConfirm {
        may_be: may_be(one),
        source: source.to_owned(),
        id: one.id.clone(),
        name: one.name.clone(),
        organ: one.organ.iter().map(|organ| organ.0.as_str()).collect::<Vec<_>>().join(", "),
        meetings: one.meetings,
        candidate: candidate(one),
    });
    Ok(Lists { to_confirm: to_confirm.collect(), ..lists })
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
