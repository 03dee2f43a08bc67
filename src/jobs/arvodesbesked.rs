//! The year's arvodesbesked to each person: what was paid, why, and what was not.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::letters::{Contact, Desk, Draft, People};
use super::statement::{Paid, Period, Statement, Wanted, statements};
use super::statement_report::{Besked, tax_word, veil_over_others};
use super::wholly::wholly;
use crate::calendar::{Day, Month};
use crate::domain::{Fact, Fault, Person, State};
use crate::money::{Ore, swedish};
use crate::ports::{LetterKind, Office, Press, Receiver, Store, letter_key};
use crate::regelverk::Loaded;

/// Corrections, and what is held, in the letter at most; the report has them all.
const SHOWN: usize = 8;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Letters.
    pub letters: u32,
    /// Of them to be printed: nobody knows the address.
    pub to_print: u32,
    /// Persons whose letter is there already.
    pub already: u32,
}

/// Writes the besked of a year to everybody who was paid in it or has something held. Each letter stays by itself: a run
/// that is cut off goes on where it ended.
///
/// # Errors
/// The database, or a template or report that cannot be made.
pub async fn arvodesbesked<S: Store, P: Press>(
    store: &mut S,
    loaded: &Loaded,
    desk: &Desk<'_, P>,
    (year, today): (i32, Day),
    now_ms: i64,
) -> Result<Written, Fault> {
    let mut written = Written::default();
    let Some((first, last)) = Month::new(year, 1).zip(Month::new(year, 12)) else { return Ok(written) };
    let people = People::load(store, today).await?;
    let rows = rows(store).await?;
    let wanted = Wanted { period: Period { first, last }, as_known_on: None, today };
    for statement in statements(store, loaded, &wanted).await? {
        let Some(contact) = people.of(statement.person).filter(|_| is_told(&statement)) else { continue };
        let receiver = Receiver::Person(statement.person);
        if store.has_letter(&letter_key(LetterKind::Arvodesbesked, &receiver, &year.to_string())).await? {
            written.already += 1;
            continue;
        }
        let ids = statement.ids.clone();
        let others = veil_over_others(&rows, |person| ids.contains(&person));
        let besked = Besked {
            of: &statement,
            namn: &contact.namn,
            kommun: desk.kommun,
            is_example: desk.is_example,
            others: &others,
            today,
        };
        let draft = draft(desk, &besked, contact, year)?;
        let is_new = wholly(store, async |store| desk.post(store, &people, draft, now_ms).await).await?;
        written.letters += u32::from(is_new);
        written.to_print += u32::from(is_new && contact.epost.is_none());
    }
    Ok(written)
}

/// Something was paid, or is held.
fn is_told(statement: &Statement) -> bool {
    !statement.paid.is_empty() || statement.open.iter().any(|one| one.remark.state == State::Held)
}

/// Every revision of every row of Personer: whoever has ever been called something.
async fn rows(store: &mut impl Store) -> Result<Vec<Person>, Fault> {
    let revisions = store.every_revision("person").await?;
    let row = |fact| match fact {
        Fact::Person(row) => Some(row),
        _ => None,
    };
    Ok(revisions.into_iter().filter_map(row).collect())
}

fn draft<P: Press>(desk: &Desk<'_, P>, besked: &Besked<'_>, contact: &Contact, year: i32) -> Result<Draft, Fault> {
    let mut content = content(besked, year);
    content["namn"] = json!(contact.namn);
    content["kansli"] = json!(desk.addresses.offices.get(&Office::Kansli));
    Ok(Draft {
        kind: LetterKind::Arvodesbesked,
        receiver: Receiver::Person(contact.person),
        occasion: year.to_string(),
        content,
        files: vec![desk.page(&besked.report(), &format!("arvodesbesked-{year}"))?],
        useless_after_ms: None,
    })
}

fn content(besked: &Besked<'_>, year: i32) -> Value {
    let of = besked.of;
    let kinds = of.by_kind().into_iter().filter(|(kind, _)| !kind.is_absence()).map(|(kind, sum)| {
        json!({ "vad": kind.word(), "enligt": kind.paragraph(), "skatt": tax_word(kind), "belopp": swedish(sum) })
    });
    let mut days: BTreeMap<Day, Ore> = BTreeMap::new();
    for paid in &of.paid {
        *days.entry(paid.pay_day).or_default() += paid.row.belopp;
    }
    let days = days.into_iter().map(|(day, sum)| json!({ "dag": day.to_string(), "belopp": swedish(sum) }));
    let (corrections, more_corrections) = first_of(of.corrections().into_iter().map(|paid| correction(besked, paid)));
    let (held, more_held) = first_of(held(besked).into_iter());
    let waived: Ore = of.waived.iter().map(|one| one.line.belopp).sum();
    json!({
        "ar": year,
        "slag": kinds.collect::<Vec<_>>(),
        "dagar": days.collect::<Vec<_>>(),
        "summa": swedish(of.sum()),
        "skattepliktigt": swedish(of.sum() - of.tax_free()),
        "skattefritt": (of.tax_free() != Ore::ZERO).then(|| swedish(of.tax_free())),
        "rattelser": corrections,
        "fler_rattelser": more_corrections,
        "hallet": held,
        "fler": more_held,
        "avstatt": (!of.waived.is_empty()).then(|| swedish(waived)),
        "gallrat": of.gallrade,
    })
}

/// What is held, each reason once with its days. What is proposed is for those who decide, not for a letter.
fn held(besked: &Besked<'_>) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for remark in besked.of.open.iter().map(|one| &one.remark).filter(|remark| remark.state == State::Held) {
        let reason = format!("{} ({})", remark.reason, remark.paragraph);
        let day = remark.day.map(|day| day.to_string());
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, days)) => days.extend(day),
            None => reasons.push((reason, day.into_iter().collect())),
        }
    }
    let text = |(reason, days): (String, Vec<String>)| {
        let days = if days.is_empty() { String::new() } else { format!("{}: ", days.join(", ")) };
        besked.told(&format!("{days}{reason}"))
    };
    reasons.into_iter().map(text).collect()
}

/// The first ones, and how many more there are.
fn first_of(all: impl Iterator<Item = String>) -> (Vec<String>, usize) {
    let mut all: Vec<String> = all.collect();
    let more = all.len().saturating_sub(SHOWN);
    all.truncate(SHOWN);
    (all, more)
}

/// `2026-05-27: timarvode, sammanträde KS 2026-04-14: 206,00 kr blev 309,00 kr (Närvarande till: 15.00 → 16.00)`
fn correction(besked: &Besked<'_>, paid: &Paid) -> String {
    let (kind, occasion, before) = (paid.row.kind.word(), &paid.occasion, swedish(-paid.row.belopp));
    let now = paid.reversal.as_ref().and_then(super::explained::Reversal::now_sum).unwrap_or_default();
    let became = if now == Ore::ZERO { "togs tillbaka".to_owned() } else { format!("blev {}", swedish(now)) };
    let because = paid.reversal.as_ref().and_then(super::explained::Reversal::because);
    let because = because.unwrap_or_else(|| paid.cause.clone());
    besked.told(&format!("{}: {kind}, {occasion}: {before} {became} ({because})", paid.pay_day))
}
