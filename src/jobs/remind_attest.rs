//! Sheets that still wait, each bank day: to the ordinary officials, and to the deputies from the third bank day.

use serde_json::json;

use super::cut_off::cut_off_ms;
use super::letters::{Desk, Draft, People};
use super::tell_events::{content, open_sheets, signers};
use super::wholly::wholly;
use crate::attest::{Forteckning, OfficialKind};
use crate::calendar::{Day, bank_days_after, end_of_day_ms, local_text};
use crate::domain::Fault;
use crate::ledger::{Batch, BatchKind};
use crate::ports::{LetterKind, Press, Receiver, Store};
use crate::regelverk::Loaded;

/// Deputies are asked from this bank day after the freeze.
const DEPUTIES_FROM: usize = 3;

/// When the sheets that then lack a signature are left out, if that is this bank day or the next.
fn cut_off_near(batch: &Batch, loaded: &Loaded, day: Day) -> Option<String> {
    let kalender = &loaded.lonekalender;
    let cut_off = kalender.cut_off(batch.name.payout);
    let at_ms = cut_off_ms(kalender, cut_off);
    let is_meant = batch.kind == BatchKind::Monthly && batch.frozen_at_ms <= at_ms;
    let is_near = day <= cut_off && bank_days_after(day, cut_off) <= 1;
    (is_meant && is_near).then(|| local_text(at_ms))
}

/// Writes the day's reminders. The day on which the sheets were made has their own letter, and no reminder.
///
/// # Errors
/// A template that somebody has edited cannot be used, a sheet was tampered with, or the database.
pub async fn remind_attest(
    store: &mut impl Store,
    desk: &Desk<'_, impl Press>,
    (loaded, list): (&Loaded, &Forteckning),
    day: Day,
    now_ms: i64,
) -> Result<String, Fault> {
    let Some((batch, views)) = open_sheets(store).await? else { return Ok(String::new()) };
    let waited = bank_days_after(batch.frozen_on, day);
    if waited == 0 {
        return Ok(String::new());
    }
    let is_asked = |kind: OfficialKind| kind == OfficialKind::Ordinarie || waited >= DEPUTIES_FROM;
    let mut drafts = Vec::new();
    for signer in signers(list, &views, day).iter().filter(|signer| is_asked(signer.official.kind)) {
        let mut content = content(signer, &batch, loaded, day);
        content["dagar"] = json!(waited);
        content["bryts"] = json!(cut_off_near(&batch, loaded, day));
        drafts.push(Draft {
            kind: LetterKind::AttestReminder,
            receiver: Receiver::Official(signer.official.id.clone()),
            occasion: format!("{} {day}", batch.name),
            content,
            files: Vec::new(),
            useless_after_ms: Some(end_of_day_ms(day)),
        });
    }
    let written = wholly(store, async |store| {
        let mut written = 0;
        for draft in drafts {
            written += u32::from(desk.post(store, &People::default(), draft, now_ms).await?);
        }
        Ok(written)
    });
    Ok(match written.await? {
        0 => String::new(),
        number => format!("{number} påminnelser om bladen i {}", batch.name),
    })
}
