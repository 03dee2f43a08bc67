//! Rows that were held: to the kansli, with the reasons and the workbook to mend them in. The workbook itself is not sent:
//! its rows carry personnummer, and no letter does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Events, TOLD_DAYS, days_ms, listed};
use crate::calendar::local_text;
use crate::domain::{Fault, State};
use crate::jobs::letters::{Desk, Draft, People};
use crate::jobs::wholly::wholly;
use crate::ports::{ImportRun, LetterKind, Office, Press, Receiver, Store, StoredRemark, letter_key};

/// Reasons that a letter tells; the rest is counted.
const REASONS_TOLD: usize = 12;

/// Cells of a reason that a letter names; of more it tells none.
const CELLS_TOLD: usize = 4;

/// Writes the letters of files that came in lately and have rows that still wait.
pub(super) async fn tell(
    store: &mut impl Store,
    desk: &Desk<'_, impl Press>,
    events: &Events<'_>,
) -> Result<u32, Fault> {
    let mut written = 0;
    for (run, at_ms) in store.held_imports(events.now_ms - days_ms(TOLD_DAYS)).await? {
        let (receiver, occasion) = (Receiver::Office(Office::Kansli), run.sha256.clone());
        if store.has_letter(&letter_key(LetterKind::RejectedRows, &receiver, &occasion)).await? {
            continue;
        }
        let mut remarks = store.open_remarks_of(std::slice::from_ref(&run.file)).await?;
        remarks.retain(|stored| *stored.remark.place.sha256 == *run.sha256 && stored.remark.state == State::Held);
        if remarks.is_empty() {
            continue;
        }
        let draft = Draft {
            kind: LetterKind::RejectedRows,
            receiver,
            occasion,
            content: content(&run, at_ms, &remarks, events),
            files: Vec::new(),
            useless_after_ms: None,
        };
        let posted = wholly(store, async |store| desk.post(store, &People::default(), draft, events.now_ms).await);
        written += u32::from(posted.await?);
    }
    Ok(written)
}

fn content(run: &ImportRun, at_ms: i64, remarks: &[StoredRemark], events: &Events<'_>) -> Value {
    let mut reasons: BTreeMap<(String, String), (u32, BTreeSet<String>)> = BTreeMap::new();
    for stored in remarks {
        let (cell, why) = without_cell(&stored.remark.reason);
        let said = ((events.veiled)(why), (events.veiled)(&stored.remark.proposed));
        let entry = reasons.entry(said).or_default();
        entry.0 += 1;
        entry.1.extend(cell.map(str::to_owned));
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, (number, _))| std::cmp::Reverse(*number));
    let more = reasons.len().saturating_sub(REASONS_TOLD);
    let told = reasons.into_iter().take(REASONS_TOLD).map(|((why, how), (number, cells))| {
        let cells = if cells.len() <= CELLS_TOLD { listed(&cells) } else { String::new() };
        json!({ "antal": number, "celler": cells, "varfor": why, "atgard": how })
    });
    json!({
        "fil": (events.veiled)(&run.file),
        "nar": local_text(at_ms),
        "hallna": run.held,
        "intagna": run.accepted,
        "kanda": run.unchanged,
        "arbetsbok": (events.mend_in)(&run.file),
        "skal": told.collect::<Vec<_>>(),
        "fler": more,
    })
}

/// `E4: okänd person` says where in its row it is; many rows of one reason are told as one.
fn without_cell(reason: &str) -> (Option<&str>, &str) {
    let is_cell = |text: &str| {
        let digits = text.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
        digits.len() < text.len() && !digits.is_empty() && digits.chars().all(|letter| letter.is_ascii_digit())
    };
    match reason.split_once(": ") {
        Some((cell, why)) if is_cell(cell) => (Some(cell), why),
        _ => (None, reason),
    }
}
