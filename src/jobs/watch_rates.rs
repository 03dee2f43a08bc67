//! Changed levels to kommunstyrelsen (§ 19): when a change is decided, and every January even if nothing has changed; and
//! from 1 December a warning where next year's values are missing.
//!
//! What has been told stands in the letters' occasions: `2027` for a year's own notice, and for each first day what the
//! amounts become from it on (`2027-01-01/9f2c…`). A later decision about the same day makes other amounts, and is told
//! again. Changes that began before the program's first month, or more than a year ago, were told by others or long since.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::letters::{Desk, Draft, People};
use super::level_cost::{LevelCost, level_cost};
use super::level_report::{Days, Levels, afterwards, change, fees_and_others, missing, parameter_words, words};
use super::wholly::wholly;
use crate::calendar::{Day, Month, day_text, end_of_day_ms, years_earlier};
use crate::domain::Fault;
use crate::law::{Level, Rate, RateGroup, rates};
use crate::ledger::hex;
use crate::money::{Ore, percent, swedish};
use crate::ports::{LetterKind, Office, Press, Receiver, Store};
use crate::regelverk::Loaded;
use crate::regelverk::tackning::Parameter;

/// Amounts in a letter's table, at most; the report has them all.
const SHOWN: usize = 12;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Letters about levels.
    pub notices: u32,
    /// Warnings about missing values.
    pub warnings: u32,
}

/// A notice that is to be written: of which year, and what it tells.
struct Notice {
    year: i32,
    /// First days of changes that nobody has been told of.
    firsts: Vec<Day>,
    /// Words of its occasion.
    words: Vec<String>,
}

/// Writes what nobody has been told yet, with what is known and in force on a day.
///
/// # Errors
/// The database, or a template or report that cannot be made.
pub async fn watch_rates<S: Store, P: Press>(
    store: &mut S,
    loaded: &Loaded,
    desk: &Desk<'_, P>,
    today: Day,
    now_ms: i64,
) -> Result<Watched, Fault> {
    let mut watched = Watched::default();
    for notice in wanted(store, loaded, today).await? {
        let draft = notice_draft(store, loaded, desk, &notice, today).await?;
        watched.notices += posted(store, desk, draft, now_ms).await?;
    }
    for draft in warnings(loaded, desk, today) {
        watched.warnings += posted(store, desk, draft, now_ms).await?;
    }
    Ok(watched)
}

async fn posted<S: Store, P: Press>(
    store: &mut S,
    desk: &Desk<'_, P>,
    draft: Draft,
    now_ms: i64,
) -> Result<u32, Fault> {
    let nobody = People::default();
    let is_new = wholly(store, async |store| desk.post(store, &nobody, draft, now_ms).await).await?;
    Ok(u32::from(is_new))
}

/// The notices that nobody has got yet, by year.
async fn wanted(store: &mut impl Store, loaded: &Loaded, today: Day) -> Result<Vec<Notice>, Fault> {
    let occasions = store.occasions(LetterKind::RateNotice, &Receiver::Office(Office::Registrator)).await?;
    let told: BTreeSet<&str> = occasions.iter().flat_map(|occasion| occasion.split(' ')).collect();
    let began = loaded.lonekalender.forsta_manad.map_or(today, Month::first);
    let this_year = Month::of(today).year();
    let mut found = Vec::new();
    for year in [this_year - 1, this_year, this_year + 1] {
        let mut notice = Notice { year, firsts: Vec::new(), words: Vec::new() };
        let is_due = year == this_year && Month::of(today).first_of_year() >= began;
        if is_due && !told.contains(year.to_string().as_str()) {
            notice.words.push(year.to_string());
        }
        for (first, identity) in changes_of(loaded, year) {
            let word = format!("{first}/{identity}");
            if first >= began.max(years_earlier(today, 1)) && !told.contains(word.as_str()) {
                notice.firsts.push(first);
                notice.words.push(word);
            }
        }
        if !notice.words.is_empty() {
            found.push(notice);
        }
    }
    Ok(found)
}

/// Each first day of a year's changes with what identifies the amounts that begin on it.
fn changes_of(loaded: &Loaded, year: i32) -> BTreeMap<Day, String> {
    let mut said: BTreeMap<Day, BTreeSet<String>> = BTreeMap::new();
    for rate in of_year(loaded, year) {
        for (old, level) in rate.changes_from() {
            let text = |amount: Option<rust_decimal::Decimal>| amount.map(|amount| amount.normalize().to_string());
            let (old, new) = (text(old), text(level.amount));
            let line = format!("{}|{}|{}|{old:?}|{new:?}", rate.group.name(), rate.name, rate.unit);
            said.entry(level.from).or_default().insert(line);
        }
    }
    let identity = |lines: BTreeSet<String>| {
        let mut hash = Sha256::new();
        lines.iter().for_each(|line| hash.update(format!("{line}\n").as_bytes()));
        hex(&hash.finalize()).chars().take(12).collect()
    };
    said.into_iter().map(|(first, lines)| (first, identity(lines))).collect()
}

fn of_year(loaded: &Loaded, year: i32) -> Vec<Rate> {
    let months = Month::new(year, 1).zip(Month::new(year, 12));
    months.map(|(first, last)| rates(&loaded.regelverk, first.first(), last.last())).unwrap_or_default()
}

async fn notice_draft<P: Press>(
    store: &mut impl Store,
    loaded: &Loaded,
    desk: &Desk<'_, P>,
    notice: &Notice,
    today: Day,
) -> Result<Draft, Fault> {
    let year = notice.year;
    let found = of_year(loaded, year);
    let cost = level_cost(store, loaded, year, today).await?;
    let missing = missing(&loaded.regelverk, year);
    let levels = Levels {
        kommun: desk.kommun,
        is_example: desk.is_example,
        year,
        rates: &found,
        missing: &missing,
        cost: cost.as_ref(),
        today,
        known_on: None,
    };
    let files = desk.files(&levels.report(), &format!("arvodesnivaer-{year}"))?;
    let from: Vec<String> = notice.firsts.iter().map(|day| day_text(*day)).collect();
    let days = if notice.firsts.is_empty() { Days::All } else { Days::Of(&notice.firsts) };
    let is_told = |rate: &&Rate| rate.changes.iter().any(|level| days.has(level.from));
    let content = json!({
        "ar": year,
        "fran": from,
        "sammanfattning": levels.summary(days),
        "belopp": amounts(&found, days),
        "uppdrag": found.iter().filter(|rate| rate.group == RateGroup::Uppdrag).filter(is_told).count(),
        "kostnad": cost.as_ref().map(|cost| cost_json(cost, days)),
        "kansli": desk.addresses.offices.get(&Office::Kansli),
    });
    Ok(Draft {
        kind: LetterKind::RateNotice,
        receiver: Receiver::Office(Office::Registrator),
        occasion: notice.words.join(" "),
        content,
        files,
        useless_after_ms: None,
    })
}

/// The bases and the meeting's amounts: those that have changed, or all where nothing has.
fn amounts(found: &[Rate], days: Days<'_>) -> Vec<Value> {
    let is_shown = |rate: &&Rate| matches!(rate.group, RateGroup::Bas | RateGroup::Sammantrade);
    let has_changes = found.iter().any(|rate| !rate.changes.is_empty());
    let shown = found.iter().filter(is_shown).filter(|rate| !has_changes || !rate.changes.is_empty());
    shown.flat_map(|rate| amount_rows(rate, days)).take(SHOWN).collect()
}

fn amount_rows(rate: &Rate, days: Days<'_>) -> Vec<Value> {
    let kronor = |amount: Option<rust_decimal::Decimal>| match amount {
        None => "–".to_owned(),
        Some(amount) if rate.unit.starts_with("kr") => swedish(Ore::from_kronor(amount)),
        Some(amount) => amount.normalize().to_string().replace('.', ","),
    };
    let row = |old: Option<rust_decimal::Decimal>, level: &Level| {
        let difference = change(old, level);
        let part = difference.and_then(|change| percent(change, old.unwrap_or_default()));
        let sign = |text: String, is_up: bool| if is_up { format!("+{text}") } else { text };
        json!({
            "vad": words(&rate.name),
            "enhet": rate.unit,
            "forut": kronor(old),
            "nu": kronor(level.amount),
            "fran": level.from.to_string(),
            "andring": difference.map(|change| sign(kronor(Some(change)), change > rust_decimal::Decimal::ZERO)),
            "procent": part.map(|part| sign(part.to_string().replace('.', ","), part > rust_decimal::Decimal::ZERO)),
        })
    };
    match (&rate.before, rate.changes.is_empty()) {
        (Some(level), true) => vec![json!({
            "vad": words(&rate.name), "enhet": rate.unit, "forut": kronor(level.amount), "nu": kronor(level.amount),
            "fran": level.from.to_string(), "andring": Value::Null, "procent": Value::Null,
        })],
        _ => {
            let told = rate.changes_from().filter(|(_, level)| days.has(level.from));
            told.map(|(old, level)| row(old, level)).collect()
        }
    }
}

fn cost_json(cost: &LevelCost, days: Days<'_>) -> Value {
    let (fees, others) = fees_and_others(cost, days);
    json!({
        "manadsarvoden": swedish(fees),
        "ovrigt": swedish(others),
        "summa": swedish(days.cost(cost)),
        "efterhand": afterwards(cost),
    })
}

/// From 1 December of the year before to the end of January: yearly values that nobody has written a row of.
fn warnings<P: Press>(loaded: &Loaded, desk: &Desk<'_, P>, today: Day) -> Vec<Draft> {
    let month = Month::of(today);
    let year = match month.month() {
        12 => month.year() + 1,
        1 => month.year(),
        _ => return Vec::new(),
    };
    let missing = loaded.regelverk.without_row_in(year);
    let Some(january) = Month::new(year, 1).filter(|_| !missing.is_empty()) else { return Vec::new() };
    let rows: Vec<Value> = missing.iter().map(|(parameter, since)| missing_json(loaded, parameter, *since)).collect();
    let draft = |office: Office| Draft {
        kind: LetterKind::RateWarning,
        receiver: Receiver::Office(office),
        occasion: year.to_string(),
        content: json!({
            "ar": year,
            "saknas": rows,
            "till_kansli": office == Office::Kansli,
            "kansli": desk.addresses.offices.get(&Office::Kansli),
        }),
        files: Vec::new(),
        useless_after_ms: Some(end_of_day_ms(january.last())),
    };
    [Office::Registrator, Office::Kansli].into_iter().map(draft).collect()
}

fn missing_json(loaded: &Loaded, parameter: &Parameter, since: Day) -> Value {
    let what = parameter_words(parameter);
    let amount = match parameter.section {
        "riksdagsarvode" => loaded.regelverk.riksdagsarvode.at(since).map(|dated| dated.value),
        "bilersattning" => loaded.regelverk.bilersattning.at(since).map(|dated| dated.value.kr_per_mil),
        "bas" => loaded.regelverk.bas.get(&what).and_then(|series| series.at(since)).map(|dated| dated.value.value),
        _ => None,
    };
    json!({
        "vad": what,
        "belopp": amount.map(|amount| swedish(Ore::from_kronor(amount))),
        "sedan": since.to_string(),
        "rad": format!("[[{}]]", parameter.section),
    })
}
