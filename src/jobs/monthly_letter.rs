//! The monthly letter to the kansli: what was paid, what waits, and the two things that `restore` asks for. Its absence is
//! the alarm: it comes each month, whether there is anything to tell or not.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::attest_batch::{SheetView, sheets};
use super::letters::{Desk, Draft, People};
use super::receivables::{Kind, receivables};
use super::remark_list::found;
use super::tell_events::left_out_told;
use super::wholly::wholly;
use crate::attest::Role;
use crate::calendar::{Day, Month, day_of_instant, days_between, local_text, month_text};
use crate::domain::{Fault, RemarkKind, State};
use crate::ledger::{BatchName, BatchState};
use crate::money::{Ore, swedish};
use crate::ports::{LetterKind, LetterState, Office, Press, Receiver, Store, StoredLetter, letter_key};
use crate::regelverk::Loaded;

/// Writes the letter about the month before a day.
///
/// # Errors
/// The audit chain is broken, a template that somebody has edited cannot be used, or the database.
pub async fn monthly_letter(
    store: &mut impl Store,
    desk: &Desk<'_, impl Press>,
    loaded: &Loaded,
    diaria: &[String],
    (day, now_ms): (Day, i64),
) -> Result<String, Fault> {
    let month = Month::of(day).plus(-1);
    let (receiver, occasion) = (Receiver::Office(Office::Kansli), month.to_string());
    if store.has_letter(&letter_key(LetterKind::MonthlyLetter, &receiver, &occasion)).await? {
        return Ok(String::new());
    }
    let today = day_of_instant(now_ms);
    let mut content = json!({
        "manad": month_text(month),
        "nasta": month.plus(2).first().to_string(),
        "nar": local_text(now_ms),
        "vantar": waiting(store, loaded, today).await?,
        "skulder": debts(store, loaded, today).await?,
        "diarier": diary_ages(store, diaria, today).await?,
        "brev": letters(store, now_ms).await?,
    });
    batches(store, loaded, month, &mut content).await?;
    content["kedja"] = json!(store.audit_head().await?);
    let draft = Draft {
        kind: LetterKind::MonthlyLetter,
        receiver,
        occasion,
        content,
        files: Vec::new(),
        useless_after_ms: None,
    };
    wholly(store, async |store| desk.post(store, &People::default(), draft, now_ms).await).await?;
    Ok(format!("månadsbrevet om {} är skrivet", month_text(month)))
}

/// What was paid in the month, what lies unsigned, and the batch that left last.
async fn batches(store: &mut impl Store, loaded: &Loaded, month: Month, content: &mut Value) -> Result<(), Fault> {
    let (mut paid, mut unsigned, mut left_out, mut sum) = (Vec::new(), Vec::new(), Vec::new(), Ore::ZERO);
    let mut last: Option<(i64, BatchName)> = None;
    for (id, batch, totals) in store.batches().await? {
        let is_delivered = batch.state == BatchState::Delivered;
        if is_delivered {
            last = last.max(Some((id, batch.name)));
        }
        if is_delivered && batch.name.payout == month {
            sum += totals.sum;
            paid.push(json!({
                "korning": batch.name.to_string(),
                "rader": totals.rows,
                "personer": totals.persons,
                "summa": swedish(totals.sum),
                "sha256": totals.sha256,
                "utbetald": loaded.lonekalender.pay_day(batch.name.payout).to_string(),
                "omrakning": batch.because,
            }));
        }
        if batch.name.payout == month {
            left_out.extend(left_out_of_batch(store, batch.name).await?);
        }
        if batch.state.is_open() {
            unsigned.extend(open_batch(store, batch.name, batch.state).await?);
        }
    }
    content["utbetalt"] = json!(paid);
    content["utbetalt_summa"] = json!(swedish(sum));
    content["osignerade"] = json!(unsigned);
    content["utelamnade"] = json!(left_out);
    content["senaste"] = json!(last.map(|(_, name)| name.to_string()));
    Ok(())
}

/// Sheets that were left out of a batch, each with the batch's name.
async fn left_out_of_batch(store: &mut impl Store, name: BatchName) -> Result<Vec<Value>, Fault> {
    let named = |mut told: Value| {
        told["korning"] = json!(name.to_string());
        told
    };
    Ok(sheets(store, name).await?.iter().filter_map(left_out_told).map(named).collect())
}

/// A batch on its way: each sheet that lacks a signature, or where the batch stands.
async fn open_batch(store: &mut impl Store, name: BatchName, state: BatchState) -> Result<Vec<Value>, Fault> {
    if state != BatchState::Calculated {
        let stands = match state {
            BatchState::Exporting => "filen är inte färdigskriven; kör arvode export en gång till",
            BatchState::Exported => "filen är skriven men inte lämnad; kör arvode export en gång till",
            _ => "ingen vet om filen kom fram; fråga lönekontoret, och kör arvode export",
        };
        return Ok(vec![json!({ "vad": format!("Körning {name}"), "lage": stands })]);
    }
    let views = sheets(store, name).await?;
    let waits = |view: &&SheetView| view.left_out.is_none() && !view.lacks().is_empty();
    let told = views.iter().filter(waits).map(|view| {
        let lacks: Vec<&str> = view.lacks().into_iter().map(Role::name).collect();
        json!({
            "vad": format!("Blad {} i körning {name}, {}", view.sheet.number, swedish(view.sheet.sum)),
            "lage": format!("saknar {}, gäller till {}", lacks.join(" och "), view.sheet.expires),
        })
    });
    let told: Vec<Value> = told.collect();
    if told.is_empty() {
        return Ok(vec![json!({ "vad": format!("Körning {name}"), "lage": "underskriven men inte exporterad" })]);
    }
    Ok(told)
}

/// Held remarks by kind, with count and worth.
async fn waiting(store: &mut impl Store, loaded: &Loaded, today: Day) -> Result<Vec<Value>, Fault> {
    let mut kinds: BTreeMap<RemarkKind, (u32, Ore, u32)> = BTreeMap::new();
    for one in found(store, loaded, today, Some(State::Held)).await? {
        let entry = kinds.entry(one.remark.kind).or_default();
        entry.0 += 1;
        match one.remark.worth {
            Some(worth) => entry.1 += worth,
            None => entry.2 += 1,
        }
    }
    let told = kinds.into_iter().map(|(kind, (number, worth, unknown))| {
        let worth = match (number == unknown, unknown) {
            (true, _) => "okänt".to_owned(),
            (false, 0) => swedish(worth),
            (false, unknown) => format!("{} och {unknown} av okänt värde", swedish(worth)),
        };
        json!({ "vad": kind_word(kind), "antal": number, "varde": worth })
    });
    Ok(told.collect())
}

fn kind_word(kind: RemarkKind) -> &'static str {
    match kind {
        RemarkKind::Row => "Rader som inte kunde läsas eller kopplas",
        RemarkKind::File => "Filer eller blad som inte kunde läsas",
        RemarkKind::Attendance => "Närvaro som inte kan betalas som den står",
        RemarkKind::Claim => "Yrkanden att ta ställning till",
        RemarkKind::Uppdrag => "Uppdrag med oklart arvode",
        RemarkKind::Person => "Personer vars rader inte kan gå ut",
    }
}

/// What is owed to the kommun, by what was decided about it; how many, not who.
async fn debts(store: &mut impl Store, loaded: &Loaded, today: Day) -> Result<Vec<Value>, Fault> {
    let mut kinds: BTreeMap<Kind, (u32, Ore)> = BTreeMap::new();
    for owed in receivables(store, loaded, today).await? {
        if owed.left() > Ore::ZERO {
            let entry = kinds.entry(owed.kind).or_default();
            *entry = (entry.0 + 1, entry.1 + owed.left());
        }
    }
    let word = |kind: Kind| match kind {
        Kind::Undecided => "Skulder att besluta om",
        Kind::Aterkrav => "Återkrav att fakturera",
        Kind::Kvittning => "Kvittas månad för månad",
        Kind::Eftergift => "Efterskänkt",
    };
    let told = kinds.into_iter();
    Ok(told
        .map(|(kind, (number, left))| json!({ "vad": word(kind), "antal": number, "kvar": swedish(left) }))
        .collect())
}

/// How old each diarium's news are.
async fn diary_ages(store: &mut impl Store, diaria: &[String], today: Day) -> Result<Vec<Value>, Fault> {
    let mut told = Vec::new();
    for name in diaria {
        let (fetched, age) = match store.fetched_at(name).await? {
            Some(at_ms) => (local_text(at_ms), days_between(day_of_instant(at_ms), today)),
            None => ("aldrig".to_owned(), 0),
        };
        told.push(json!({ "namn": name, "hamtat": fetched, "dagar": age }));
    }
    Ok(told)
}

/// Letters that have not come through. One that was written within the last day is only on its way.
async fn letters(store: &mut impl Store, now_ms: i64) -> Result<Vec<Value>, Fault> {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    const TOLD: [(LetterState, &str); 6] = [
        (LetterState::Waiting, "väntar på att skickas"),
        (LetterState::Sending, "håller på att skickas"),
        (LetterState::ToPrint, "saknar adress och ska skrivas ut"),
        (LetterState::Refused, "avvisade av mottagarens server"),
        (LetterState::GivenUp, "gick inte att skicka"),
        (LetterState::HeldBack, "hålls tillbaka efter en återställning"),
    ];
    let mut told = Vec::new();
    for (state, word) in TOLD {
        let is_late = |letter: &StoredLetter| state.is_ended() || letter.created_ms + DAY_MS <= now_ms;
        let number = store.letters(&[state]).await?.iter().filter(|letter| is_late(letter)).count();
        if number > 0 {
            told.push(json!({ "vad": word, "antal": number }));
        }
    }
    Ok(told)
}
