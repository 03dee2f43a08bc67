//! The list of 31 December to ekonomi: what was earned and not paid, and the year on both bases.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::accruals::{Accruals, Unpaid};
use super::letters::{Desk, Draft, People};
use super::wholly::wholly;
use crate::calendar::{Month, month_text};
use crate::domain::Fault;
use crate::money::{Ore, swedish};
use crate::ports::{LetterFile, LetterKind, Office, Press, Receiver, Store, letter_key};
use crate::regelverk::Loaded;

const EKONOMI: Receiver = Receiver::Office(Office::Ekonomi);

/// Whether a year's list has been written.
///
/// # Errors
/// The database.
pub async fn is_told(store: &mut impl Store, year: i32) -> Result<bool, Fault> {
    store.has_letter(&letter_key(LetterKind::AccrualList, &EKONOMI, &year.to_string())).await
}

/// Writes the letter about a year's end, with the list as a workbook; false if it is there already.
///
/// # Errors
/// The database, or a template that somebody has edited cannot be used.
pub async fn tell<S: Store, P: Press>(
    store: &mut S,
    loaded: &Loaded,
    desk: &Desk<'_, P>,
    (year, found, workbook): (i32, &Accruals, Vec<u8>),
    now_ms: i64,
) -> Result<bool, Fault> {
    let file = LetterFile {
        name: format!("upplupet-{year}-12-31.xlsx"),
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned(),
        content: workbook,
    };
    let mut content = content(loaded, year, found);
    content["kansli"] = json!(desk.addresses.offices.get(&Office::Kansli));
    let draft = Draft {
        kind: LetterKind::AccrualList,
        receiver: EKONOMI,
        occasion: year.to_string(),
        content,
        files: vec![file],
        useless_after_ms: None,
    };
    let nobody = People::default();
    wholly(store, async |store| desk.post(store, &nobody, draft, now_ms).await).await
}

fn content(loaded: &Loaded, year: i32, found: &Accruals) -> Value {
    let total = &found.total;
    let Unpaid { going_out, in_advance, waiting, receivable } = total.end;
    json!({
        "ar": year,
        "nasta": Month::new(year + 1, 1).map(month_text),
        "att_betala": swedish(going_out),
        "i_forvag": swedish(in_advance),
        "vantar": swedish(waiting),
        "fordran": swedish(receivable),
        "upplupet": swedish(total.end.sum()),
        "betalt": swedish(total.paid),
        "upplupet_forut": swedish(total.start.sum()),
        "intjanat": swedish(total.earned),
        "halls": (total.held != Ore::ZERO).then(|| swedish(total.held)),
        "organ": by_organ(loaded, found),
    })
}

/// What is unpaid at the year's end, by organ.
fn by_organ(loaded: &Loaded, found: &Accruals) -> Vec<Value> {
    let mut sums: BTreeMap<String, Ore> = BTreeMap::new();
    for ((organ, _), amounts) in &found.lines {
        let named = organ
            .as_ref()
            .map(|code| loaded.regelverk.organ(code).map_or_else(|| code.0.clone(), |organ| organ.namn.clone()));
        *sums.entry(named.unwrap_or_else(|| "okänt organ".to_owned())).or_default() += amounts.end.sum();
    }
    sums.retain(|_, sum| *sum != Ore::ZERO);
    sums.into_iter().map(|(namn, sum)| json!({ "namn": namn, "upplupet": swedish(sum) })).collect()
}
