//! Jour: days on which somebody stands in for an organ's ordförande, and the clock times of active duty, a row a day.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};

use super::people::problem;
use super::{Seen, Work, about, key_of, unreadable};
use crate::domain::{Fact, Fault, Jour, Personnummer, shown};
use crate::ports::{Given, JourRow, Problem, RowContent, Store};

/// A row that was read, with its number and what it is about.
type Told = (u32, Box<JourRow>, super::Subject);

pub(super) async fn take_in<S: Store>(work: &mut Work<'_, S>, place: usize) -> Result<(), Fault> {
    let workbook = work.file.workbook;
    let sheet = workbook.sheets()[place].name.clone();
    let mut rows: Vec<Told> = Vec::new();
    let mut seen = Seen::new();
    for row in workbook.rows(place).map_err(|error| unreadable(&error))? {
        let row = row.map_err(|error| unreadable(&error))?;
        let Some((number, RowContent::Jour(row))) = work.sound(&sheet, row) else {
            continue;
        };
        let digits = row.person.personnummer.as_ref().map(Personnummer::twelve_digits);
        if seen.insert(format!("{} {row:?}", digits.unwrap_or_default())) {
            rows.push((number, row, work.subject.clone()));
        } else {
            work.ignore((&sheet, number), "samma rad två gånger");
        }
    }
    let days = by_day(work, &sheet, rows);
    let told: HashSet<String> = days.keys().cloned().collect();
    let mut days: Vec<Together> = days.into_values().collect();
    // Active duty first, then in the order of the file.
    days.sort_by_key(|day| (day.jour.active.is_empty(), day.numbers[0]));
    for day in days {
        let at = (sheet.as_str(), day.numbers[0]);
        let takes_back = day.is_blank && day.jour.to == day.jour.from;
        let mut is_new = work.say(Fact::Jour(day.jour.clone()), at);
        is_new |= takes_back && take_back_active(work, &told, day.jour, at);
        for number in &day.numbers {
            work.count((&sheet, *number), is_new);
        }
        work.flush_if_many().await?;
    }
    Ok(())
}

/// What the rows of a file say together of one day's active duty, or of one stretch of jour.
struct Together {
    jour: Jour,
    /// The rows that say it.
    numbers: Vec<u32>,
    /// Aktiv från stands there without a time.
    is_blank: bool,
}

/// The rows of a file by what they are about: the active duties of one person, organ and day are one fact, however many
/// rows they stand on. A row that cannot be used is held.
fn by_day<S: Store>(work: &mut Work<'_, S>, sheet: &str, rows: Vec<Told>) -> BTreeMap<String, Together> {
    let mut days: BTreeMap<String, Together> = BTreeMap::new();
    for (number, row, subject) in rows {
        let (day, anstid) = (row.from, work.anstid_of(&row.person));
        work.subject = subject;
        let is_blank = row.active == Given::Blank;
        let jour = match read(work, &row) {
            Ok(jour) => jour,
            Err(problem) => {
                work.hold(sheet, number, day, anstid, &problem);
                continue;
            }
        };
        match days.entry(key_of(&Fact::Jour(jour.clone()))) {
            Entry::Vacant(place) => drop(place.insert(Together { jour, numbers: vec![number], is_blank })),
            Entry::Occupied(mut place) if !jour.active.is_empty() => {
                let known = place.get_mut();
                known.jour.active.extend(jour.active);
                known.jour.active.sort_unstable();
                known.numbers.push(number);
            }
            Entry::Occupied(_) => {
                let wrong = "en andra rad för samma person, organ och första dag, med annat innehåll";
                let problem = problem("Från", wrong, "ta bort den rad som inte gäller");
                work.hold(sheet, number, day, anstid, &problem);
            }
        }
    }
    days
}

fn read<S: Store>(work: &Work<'_, S>, row: &JourRow) -> Result<Jour, Problem> {
    let person = work.person(&row.person)?;
    let Some(from) = row.from else {
        return Err(problem("Från", "första dagen saknas", "skriv dagen som 2026-03-06"));
    };
    let to = row.to.unwrap_or(from);
    if to < from {
        return Err(problem("Till", "sista dagen är före den första", "rätta Från eller Till"));
    }
    let text = row.organ.as_deref().unwrap_or_default();
    let organ = work.organ_that_begins(text).ok_or_else(|| {
        let known: Vec<&str> = work.settings.rules.organ.iter().map(|organ| organ.namn.as_str()).collect();
        let instead = format!("börja med ett organ, som BSU ordförande; organ är: {}", known.join(", "));
        problem("För", &format!("jouren gäller ett okänt organ: {}", shown(text)), &instead)
    })?;
    let active = row.active.as_ref().cloned().unwrap_or_default();
    if !active.is_empty() && to != from {
        let wrong = "aktiv tjänst på en rad som gäller flera dagar";
        return Err(problem(
            "Aktiv från",
            wrong,
            "skriv en rad om dagen för aktiv tjänst, med samma dag i Från och Till",
        ));
    }
    Ok(Jour { person, organ, from, to, active })
}

/// A row of one day whose Aktiv från is blank clears what was known, unless the file says it on another row.
fn take_back_active<S: Store>(work: &mut Work<'_, S>, told: &HashSet<String>, jour: Jour, at: (&str, u32)) -> bool {
    let key = format!("{}aktiv", key_of(&Fact::Jour(jour)));
    if told.contains(&key) {
        return false;
    }
    match work.known.remove(&key) {
        Some((number, fact)) => {
            work.trace_fact(at, || Some(fact.clone()), None);
            work.record(None, key, about(&fact), at, Some(number));
            true
        }
        None => false,
    }
}
