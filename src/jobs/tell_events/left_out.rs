//! Sheets that were left out of their batch: at once to kansli and operator, and to the officials who could have signed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::sheets::signers;
use super::{Events, TOLD_DAYS, days_ms, listed};
use crate::attest::Role;
use crate::calendar::{day_of_instant, local_text, month_text};
use crate::domain::Fault;
use crate::jobs::attest_batch::{SheetView, sheets};
use crate::jobs::letters::{Desk, Draft, People};
use crate::jobs::wholly::wholly;
use crate::ledger::{Batch, BatchState, LeftOut, Summed, WhyLeftOut};
use crate::money::{Ore, swedish};
use crate::ports::{LetterKind, Office, Press, Receiver, Store};

/// Writes the letters about what was left out lately.
pub(super) async fn tell(
    store: &mut impl Store,
    desk: &Desk<'_, impl Press>,
    events: &Events<'_>,
) -> Result<u32, Fault> {
    let is_recent = |one: &LeftOut| events.now_ms - one.at_ms <= days_ms(TOLD_DAYS);
    let mut at_once: BTreeMap<(i64, i64), Vec<u32>> = BTreeMap::new();
    for (batch, one) in store.left_out().await?.into_iter().filter(|(_, one)| is_recent(one)) {
        at_once.entry((batch, one.at_ms)).or_default().push(one.sheet);
    }
    if at_once.is_empty() {
        return Ok(0);
    }
    let batches = store.batches().await?;
    let mut written = 0;
    for ((id, _), numbers) in at_once {
        let Some((_, batch, totals)) = batches.iter().find(|(of, _, _)| *of == id) else { continue };
        let mut views = sheets(store, batch.name).await?;
        views.retain(|view| numbers.contains(&view.sheet.number));
        let drafts = drafts(&views, batch, totals, events);
        written += wholly(store, async |store| {
            let mut written = 0;
            for draft in drafts {
                written += u32::from(desk.post(store, &People::default(), draft, events.now_ms).await?);
            }
            Ok(written)
        })
        .await?;
    }
    Ok(written)
}

fn drafts(views: &[SheetView], batch: &Batch, totals: &Summed, events: &Events<'_>) -> Vec<Draft> {
    let Some(left_out) = views.first().and_then(|view| view.left_out.as_ref()) else { return Vec::new() };
    let numbers: Vec<String> = views.iter().map(|view| view.sheet.number.to_string()).collect();
    let occasion = format!("{} blad {}", batch.name, listed(&numbers));
    let lacked: Vec<SheetView> = views.iter().filter(|view| is(view, WhyLeftOut::Unsigned)).cloned().collect();
    let officials = signers(events.forteckning, &lacked, day_of_instant(left_out.at_ms)).into_iter();
    let officials =
        officials.map(|signer| (Receiver::Official(signer.official.id.clone()), Some(signer.official.name.clone())));
    let offices = [Office::Kansli, Office::Operator].map(|office| (Receiver::Office(office), None));
    let draft = |(receiver, name)| Draft {
        kind: LetterKind::SheetsLeftOut,
        receiver,
        occasion: occasion.clone(),
        content: content(views, left_out, (batch, totals), name, events),
        files: Vec::new(),
        useless_after_ms: None,
    };
    offices.into_iter().chain(officials).map(draft).collect()
}

fn is(view: &SheetView, why: WhyLeftOut) -> bool {
    view.left_out.as_ref().is_some_and(|one| one.why == why)
}

fn content(
    views: &[SheetView],
    left_out: &LeftOut,
    (batch, totals): (&Batch, &Summed),
    name: Option<String>,
    events: &Events<'_>,
) -> Value {
    let (payout, kalender) = (batch.name.payout, &events.loaded.lonekalender);
    let sheets: Vec<Value> = views.iter().filter_map(told).collect();
    let is_void = batch.state == BatchState::Void;
    let kept = json!({ "rader": totals.rows, "personer": totals.persons, "summa": swedish(totals.sum) });
    json!({
        "namn": name,
        "korning": batch.name.to_string(),
        "manad": month_text(payout),
        "betalmanad": payout.to_string(),
        "utbetalas": kalender.pay_day(payout).to_string(),
        "nar": local_text(left_out.at_ms),
        "vid_brytdagen": left_out.by.is_none(),
        "av": left_out.by,
        "tillbakatagen": is_void,
        "blad": sheets,
        "rader": views.iter().map(|view| view.sheet.rows).sum::<u32>(),
        "summa": swedish(views.iter().map(|view| view.sheet.sum).sum::<Ore>()),
        "kvar": (!is_void).then_some(kept),
        "nasta_raknas": kalender.calculation(payout.plus(1)).to_string(),
        "nasta_utbetalas": kalender.pay_day(payout.plus(1)).to_string(),
    })
}

/// A sheet that was left out, as letters name it.
pub(in crate::jobs) fn told(view: &SheetView) -> Option<Value> {
    let left_out = view.left_out.as_ref()?;
    let sheet = &view.sheet;
    let lacks: Vec<String> = view.lacks().into_iter().map(Role::name).map(str::to_owned).collect();
    let is_unsigned = left_out.why == WhyLeftOut::Unsigned;
    Some(json!({
        "nummer": sheet.number,
        "rader": sheet.rows,
        "personer": sheet.persons,
        "summa": swedish(sheet.sum),
        "varfor": left_out.why.says(),
        "saknar": is_unsigned.then(|| listed(&lacks)),
    }))
}
