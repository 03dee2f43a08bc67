//! Who has not had the briefing of the mandatperiod (§ 19): to the kansli every month until everybody has had it, and once
//! when they have.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::letters::{Contact, Desk, Draft, People};
use super::named::aliases;
use super::wholly::wholly;
use crate::calendar::{Day, Month, day_text, month_text};
use crate::domain::{Fact, Fault, OrganCode, PersonId, Uppdrag};
use crate::law::bestammelserna::p19_uppfoljning::{lacks_briefing, mandatperiod};
use crate::ports::{Cell, Column, LetterKind, Office, Press, Receiver, Report, Section, Store, Table};
use crate::regelverk::Loaded;

const KANSLI: Receiver = Receiver::Office(Office::Kansli);

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Persons who have still to get the briefing.
    pub lacking: u32,
    /// Persons who hold an uppdrag.
    pub all: u32,
    /// A letter was written.
    pub is_told: bool,
}

/// One who has still to get the briefing, by one uppdrag.
struct Lacking<'a> {
    contact: &'a Contact,
    roll: String,
}

/// What is found on a day.
struct Found<'a> {
    /// In the order of the organ of the regulation; nobody with skyddade personuppgifter.
    organ: Vec<(String, Vec<Lacking<'a>>)>,
    lacking: BTreeSet<PersonId>,
    protected: u32,
    all: u32,
    /// When the latest period that somebody sits in began.
    began: Option<Day>,
}

/// Writes the month's list, or that nobody is left.
///
/// # Errors
/// The regulation says of no mandatperiod, the database, or a template that somebody has edited cannot be used.
pub async fn briefing_list<S: Store, P: Press>(
    store: &mut S,
    loaded: &Loaded,
    desk: &Desk<'_, P>,
    today: Day,
    now_ms: i64,
) -> Result<Listed, Fault> {
    if loaded.mandatperioder.is_empty() {
        return Err(Fault::Input(
            "config/regelverk/: no [[mandatperiod]], so nobody can say who lacks its briefing (§ 19); add one with \
             fullmaktige_fran, namnder_fran, fullmaktige and reference, as in mandatperioder.toml of a new folder"
                .to_owned(),
        ));
    }
    let people = People::load(store, today).await?;
    let held = held(store, today).await?;
    let found = find(loaded, &people, &held, today);
    let lacking = u32::try_from(found.lacking.len()).unwrap_or(u32::MAX);
    let listed = Listed { lacking, all: found.all, is_told: false };
    let Some(draft) = draft(store, desk, &found, today).await? else { return Ok(listed) };
    let is_told = wholly(store, async |store| desk.post(store, &people, draft, now_ms).await).await?;
    Ok(Listed { is_told, ..listed })
}

/// Every uppdrag that is held on a day, under the ids that are kept.
async fn held(store: &mut impl Store, today: Day) -> Result<Vec<Uppdrag>, Fault> {
    let up_to = store.last_fact().await?;
    let aliases = aliases(store, up_to).await?;
    let mut held = Vec::new();
    for recorded in store.facts_of_kinds(&["uppdrag"], up_to).await? {
        if let Fact::Uppdrag(row) = recorded.fact
            && row.from <= today
            && row.to.is_none_or(|to| today <= to)
        {
            held.push(Uppdrag { person: aliases.person(row.person), ..row });
        }
    }
    Ok(held)
}

fn find<'a>(loaded: &Loaded, people: &'a People, held: &[Uppdrag], today: Day) -> Found<'a> {
    let periods = &loaded.mandatperioder;
    let mut by_organ: BTreeMap<&OrganCode, BTreeMap<(&str, PersonId), Lacking<'a>>> = BTreeMap::new();
    let (mut lacking, mut protected, mut all) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for uppdrag in held {
        let Some(contact) = people.of(uppdrag.person) else { continue };
        all.insert(contact.person);
        if !lacks_briefing(periods, &uppdrag.organ, today, contact.genomgang) {
            continue;
        }
        lacking.insert(contact.person);
        if contact.is_protected {
            protected.insert(contact.person);
            continue;
        }
        let of_organ = by_organ.entry(&uppdrag.organ).or_default();
        let place = of_organ.entry((contact.shown.as_str(), contact.person));
        let entry = place.or_insert_with(|| Lacking { contact, roll: String::new() });
        let comma = if entry.roll.is_empty() { "" } else { ", " };
        entry.roll = format!("{}{comma}{}", entry.roll, uppdrag.roll);
    }
    let began = held.iter().filter_map(|uppdrag| mandatperiod(periods, &uppdrag.organ, today));
    let began = began.map(|period| period.fullmaktige_from).max();
    let mut organ = Vec::new();
    for known in loaded.regelverk.organ.iter() {
        if let Some(persons) = by_organ.remove(&known.code) {
            organ.push((known.namn.clone(), persons.into_values().collect()));
        }
    }
    organ.extend(by_organ.into_iter().map(|(code, persons)| (code.0.clone(), persons.into_values().collect())));
    let count = |set: &BTreeSet<PersonId>| u32::try_from(set.len()).unwrap_or(u32::MAX);
    Found { organ, protected: count(&protected), all: count(&all), lacking, began }
}

/// The month's list; that everybody has had it where somebody had not before; else nothing.
async fn draft<P: Press>(
    store: &mut impl Store,
    desk: &Desk<'_, P>,
    found: &Found<'_>,
    today: Day,
) -> Result<Option<Draft>, Fault> {
    let Some(began) = found.began else { return Ok(None) };
    let (occasion, files) = if found.lacking.is_empty() {
        let occasions = store.occasions(LetterKind::BriefingList, &KANSLI).await?;
        let first = Month::of(began);
        let was_told = |occasion: &String| occasion.parse::<Month>().is_ok_and(|month| month >= first);
        if !occasions.iter().any(was_told) {
            return Ok(None);
        }
        (format!("klar {began}"), Vec::new())
    } else {
        let month = Month::of(today);
        (month.to_string(), desk.files(&report(desk, found, began, today), &format!("genomgang-{month}"))?)
    };
    let content = json!({
        "kvar": found.lacking.len(),
        "klara": usize::try_from(found.all).unwrap_or(0).saturating_sub(found.lacking.len()),
        "alla": found.all,
        "manad": month_text(Month::of(today)),
        "period": day_text(began),
        "organ": found.organ.iter().map(organ_json).collect::<Vec<_>>(),
        "skyddade": found.protected,
    });
    let kind = LetterKind::BriefingList;
    Ok(Some(Draft { kind, receiver: KANSLI, occasion, content, files, useless_after_ms: None }))
}

fn organ_json((namn, persons): &(String, Vec<Lacking<'_>>)) -> Value {
    let person = |one: &Lacking<'_>| {
        let senast = one.contact.genomgang.map(|day| day.to_string());
        json!({ "namn": one.contact.shown, "roll": one.roll, "senast": senast })
    };
    json!({ "namn": namn, "personer": persons.iter().map(person).collect::<Vec<_>>() })
}

fn report<P>(desk: &Desk<'_, P>, found: &Found<'_>, began: Day, today: Day) -> Report {
    let columns = ["Organ", "Namn", "Roll", "Senaste genomgång", "E-post"].map(Column::text).to_vec();
    let mut rows = Vec::new();
    for (organ, persons) in &found.organ {
        for one in persons {
            rows.push(vec![
                Cell::Text(organ.clone()),
                Cell::Text(one.contact.shown.clone()),
                Cell::Text(one.roll.clone()),
                one.contact.genomgang.map_or(Cell::Blank, Cell::Day),
                one.contact.epost.clone().map_or(Cell::Blank, Cell::Text),
            ]);
        }
    }
    let mut summary = vec![format!(
        "{} av {} ledamöter och ersättare har inte haft genomgången sedan mandatperioden började den {}.",
        found.lacking.len(),
        found.all,
        day_text(began)
    )];
    if found.protected > 0 {
        summary.push(format!("Därav {} med skyddade personuppgifter, som inte nämns i listan.", found.protected));
    }
    Report {
        kommun: desk.kommun.to_owned(),
        title: "Genomgång av reglerna om ekonomiska förmåner".to_owned(),
        subtitle: format!("De som inte har haft den, {}", day_text(today)),
        made_on: Some(today),
        is_example: false,
        summary,
        sections: vec![Section {
            heading: "Att kalla".to_owned(),
            sheet: "Att kalla".to_owned(),
            text: vec!["Den som har flera uppdrag står en gång i varje organ.".to_owned()],
            table: Some(Table { columns, rows, total: None }),
            ..Section::default()
        }],
        sources: vec![
            "§ 19 i bestämmelserna om ekonomiska förmåner till förtroendevalda; kolumnen Genomgång i Personer"
                .to_owned(),
        ],
    }
}
