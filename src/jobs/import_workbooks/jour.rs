//! Jour: days on which somebody stands in for an organ's ordförande, and the clock times of active duty, a row a day.

use std::collections::HashSet;

use super::people::problem;
use super::{Seen, Work, about, key_of, unreadable};
use crate::domain::{Fact, Fault, Jour, Personnummer, shown};
use crate::ports::{Given, JourRow, Problem, RowContent, Store};

/// A row that was read, with its number.
type Told = (u32, Box<JourRow>);

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
            rows.push((number, row));
        } else {
            work.ignore("samma rad två gånger");
        }
    }
    // Active duty first: whether a row without it takes it back, all rows of the file decide together.
    rows.sort_by_key(|(_, row)| row.active.as_ref().is_none());
    let mut told = HashSet::new();
    for (number, row) in rows {
        let (day, anstid) = (row.from, work.anstid_of(&row.person));
        work.subject = super::Subject::of(&RowContent::Jour(row.clone()));
        match jour(work, &mut told, &row, (&sheet, number)) {
            Ok(is_new) => work.count(is_new),
            Err(problem) => work.hold(&sheet, number, day, anstid, &problem),
        }
        work.flush_if_many().await?;
    }
    Ok(())
}

fn jour<S: Store>(
    work: &mut Work<'_, S>,
    told: &mut HashSet<String>,
    row: &JourRow,
    at: (&str, u32),
) -> Result<bool, Problem> {
    let jour = read(work, row)?;
    let fact = Fact::Jour(jour.clone());
    if !told.insert(key_of(&fact)) {
        return Err(problem(
            "Från",
            "en andra rad för samma person, organ och dag, med annat innehåll",
            "skriv dagens alla tider i en rad, till exempel 18.00-19.30, 22.00-23.15 i Aktiv från",
        ));
    }
    let is_new = work.say(fact, at);
    let takes_back = row.active == Given::Blank && jour.to == jour.from && take_back_active(work, told, jour, at);
    Ok(is_new || takes_back)
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
            work.record(None, key, about(&fact), at, Some(number));
            true
        }
        None => false,
    }
}
