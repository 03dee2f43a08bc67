//! Rows that were held: to the kansli, with the reasons and the workbook to mend them in. The workbook itself is not sent:
//! its rows carry personnummer, and no letter does.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Events, TOLD_DAYS, days_ms};
use crate::calendar::local_text;
use crate::domain::{Fault, State};
use crate::jobs::letters::{Desk, Draft, People};
use crate::jobs::wholly::wholly;
use crate::ports::{ImportRun, LetterKind, Office, Press, Receiver, Store, StoredRemark, letter_key};

/// Reasons that a letter tells; the rest is counted.
const REASONS_TOLD: usize = 12;

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
    let mut reasons: BTreeMap<(String, String), u32> = BTreeMap::new();
    for stored in remarks {
        let said = ((events.veiled)(&stored.remark.reason), (events.veiled)(&stored.remark.proposed));
        *reasons.entry(said).or_default() += 1;
    }
    let mut reasons: Vec<((String, String), u32)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    let more = reasons.len().saturating_sub(REASONS_TOLD);
    let told = reasons.into_iter().take(REASONS_TOLD);
    let told = told.map(|((why, how), number)| json!({ "antal": number, "varfor": why, "atgard": how }));
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
