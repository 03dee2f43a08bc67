//! `rates`: a year's amounts for kommunstyrelsen (§ 19), as tables a politician can read or as JSON.

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Ended;
use super::kommun::Kommun;
use super::report::write;
use super::show::{number, percent_text, plus, price, table};
use crate::calendar::{Day, Month};
use crate::domain::Fault;
use crate::jobs::level_cost::level_cost;
use crate::jobs::level_report::{Levels, chain, change, missing, notes, words};
use crate::law::{Level, Rate, RateGroup, rates as all_rates};
use crate::money::percent;
use crate::ports::Clock;

pub(super) async fn rates(
    kommun: &mut Kommun,
    year: i32,
    to: Option<PathBuf>,
    as_known_on: Option<Day>,
) -> Result<Ended, Fault> {
    if let Some(file) = &to {
        write_report(kommun, year, file, as_known_on).await?;
    }
    tell(kommun, year, as_known_on)
}

/// The report that kommunstyrelsen gets, as a file.
async fn write_report(kommun: &mut Kommun, year: i32, file: &Path, as_known_on: Option<Day>) -> Result<(), Fault> {
    let (january, december) = months_of(kommun, year)?;
    let (loaded, _) = kommun.as_known_on(as_known_on).await?;
    let today = kommun.clock.today();
    let found = all_rates(&loaded.regelverk, january.first(), december.last());
    let cost = level_cost(&mut kommun.db, &loaded, year, today).await?;
    let levels = Levels {
        kommun: &kommun.configured.settings.kommun,
        is_example: loaded.example,
        year,
        rates: &found,
        missing: &missing(&loaded.regelverk, year),
        cost: cost.as_ref(),
        today,
        known_on: as_known_on,
    };
    write(&kommun.printer(), &levels.report(), file)
}

fn months_of(kommun: &Kommun, year: i32) -> Result<(Month, Month), Fault> {
    let loaded = &kommun.configured.loaded;
    let (earliest, latest) = (Month::of(loaded.ikraft).year(), Month::of(kommun.clock.today()).year() + 1);
    let months = Month::new(year, 1).zip(Month::new(year, 12)).filter(|_| (earliest..=latest).contains(&year));
    months.ok_or_else(|| {
        Fault::Input(format!(
            "there are no amounts for {year}; allowed: {earliest}, when the regulation begins, to {latest}"
        ))
    })
}

fn tell(kommun: &Kommun, year: i32, as_known_on: Option<Day>) -> Result<Ended, Fault> {
    let (january, december) = months_of(kommun, year)?;
    let loaded = &kommun.configured.loaded;
    let rules = as_known_on.map_or_else(|| loaded.regelverk.clone(), |day| loaded.regelverk.known_on(day));
    let found = all_rates(&rules, january.first(), december.last());
    let notes = notes(&rules, year);
    if kommun.json {
        let list: Vec<Value> = found.iter().map(rate_json).collect();
        let known = as_known_on.map(|day| day.to_string());
        say!(
            "{}",
            json!({ "year": year, "as_known_on": known, "rates": list, "notes": notes, "example": loaded.example })
        );
    } else {
        let known = as_known_on.map(|day| format!(", som det var känt {day}")).unwrap_or_default();
        say!("Nivåer {year}{known} (§ 19)");
        print_tables(&found);
        print_chain(&found);
        notes.iter().for_each(|note| say!("Att se till: {note}"));
        if loaded.example {
            say!("Beloppen är exempelbilagans.");
        }
    }
    Ok(if notes.is_empty() { Ended::Done } else { Ended::Look })
}

fn print_tables(found: &[Rate]) {
    for group in [RateGroup::Bas, RateGroup::Uppdrag, RateGroup::Sammantrade, RateGroup::Yrkande] {
        let mut rows = table(&["vad", "enhet", "förut", "nu", "från", "ändring", "%"], &[2, 3, 5, 6]);
        for rate in found.iter().filter(|rate| rate.group == group) {
            rows.add_rows(cells(rate));
        }
        say!("\n{}\n{rows}", group.word());
    }
}

/// A row for each change within the year; one row that says so where there is none.
fn cells(rate: &Rate) -> Vec<[String; 7]> {
    let text = |amount: Option<Decimal>| amount.map_or_else(|| "–".to_owned(), |amount| number(amount, rate.unit));
    let name = words(&rate.name).to_owned();
    let unit = rate.unit.to_owned();
    if let (true, Some(level)) = (rate.changes.is_empty(), &rate.before) {
        let (amount, since) = (text(level.amount), level.from.to_string());
        return vec![[name, unit, amount.clone(), amount, since, "oförändrat".to_owned(), "–".to_owned()]];
    }
    let row = |(old, level): (Option<Decimal>, &Level)| {
        let change = change(old, level);
        let part = change.and_then(|change| percent(change, old.unwrap_or_default()));
        [
            name.clone(),
            unit.clone(),
            text(old),
            text(level.amount),
            level.from.to_string(),
            change.map_or_else(|| "–".to_owned(), |change| plus(change, rate.unit)),
            percent_text(part),
        ]
    };
    rate.changes_from().map(row).collect()
}

/// Each step once, in the order in which amounts build on each other.
fn print_chain(found: &[Rate]) {
    say!("\nSå är beloppen framräknade, med beslut och avrundning");
    for step in chain(found) {
        say!("  {}   [{}]", step.text, step.basis);
    }
}

fn rate_json(rate: &Rate) -> Value {
    let text = |amount: Option<Decimal>| amount.map(|amount| decimal_text(amount, rate.unit));
    let changes: Vec<Value> = rate
        .changes_from()
        .map(|(old, level)| {
            let change = change(old, level);
            let part = change.and_then(|change| percent(change, old.unwrap_or_default()));
            json!({
                "from": level.from.to_string(),
                "old": text(old),
                "new": text(level.amount),
                "change": text(change),
                "percent": part.map(|part| part.to_string()),
                "steps": level.steps,
            })
        })
        .collect();
    let (before, latest) = (rate.before.as_ref(), rate.latest());
    json!({
        "group": rate.group.name(),
        "name": rate.name,
        "unit": rate.unit,
        "old": text(before.and_then(|level| level.amount)),
        "new": text(latest.and_then(|level| level.amount)),
        "from": latest.map(|level| level.from.to_string()),
        "unchanged": rate.changes.is_empty(),
        "changes": changes,
        "steps": latest.map(|level| &level.steps),
    })
}

fn decimal_text(amount: Decimal, unit: &str) -> String {
    if unit.starts_with("kr") { price(amount) } else { amount.normalize().to_string() }
}
