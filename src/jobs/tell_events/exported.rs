//! A month's file has left: to the lönekontor, with control totals to compare the import with.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Events, TOLD_DAYS, days_ms, left_out_told};
use crate::calendar::month_text;
use crate::domain::Fault;
use crate::jobs::attest_batch::sheets;
use crate::jobs::letters::{Desk, Draft, People};
use crate::jobs::wholly::wholly;
use crate::ledger::{Batch, BatchKind, BatchState, Summed};
use crate::money::{Ore, swedish};
use crate::ports::{LetterKind, Office, Press, Receiver, Store, letter_key};

/// Rows in memory together.
const ROWS_TOGETHER: u32 = 2_000;

/// No batch is signed later after its freeze: its sheets are too old then. It keeps old batches from being looked at.
const OLDEST_DAYS: i64 = 400;

/// Writes the letters of batches that were delivered lately.
pub(super) async fn tell(
    store: &mut impl Store,
    desk: &Desk<'_, impl Press>,
    events: &Events<'_>,
) -> Result<u32, Fault> {
    let mut written = 0;
    for (id, batch, totals) in store.batches().await? {
        let is_old = batch.frozen_at_ms < events.now_ms - days_ms(OLDEST_DAYS);
        if batch.state != BatchState::Delivered || is_old {
            continue;
        }
        let (receiver, occasion) = (Receiver::Office(Office::Lonekontor), batch.name.to_string());
        if store.has_letter(&letter_key(LetterKind::MonthExported, &receiver, &occasion)).await?
            || !is_recent(store, id, &batch, events).await?
        {
            continue;
        }
        let content = content(store, (id, &batch, &totals), events).await?;
        let draft = Draft {
            kind: LetterKind::MonthExported,
            receiver,
            occasion,
            content,
            files: Vec::new(),
            useless_after_ms: None,
        };
        let posted = wholly(store, async |store| desk.post(store, &People::default(), draft, events.now_ms).await);
        written += u32::from(posted.await?);
    }
    Ok(written)
}

/// A batch leaves soon after its last signature, or after its freeze where payroll attests; until its pay day it is of use.
async fn is_recent(store: &mut impl Store, id: i64, batch: &Batch, events: &Events<'_>) -> Result<bool, Fault> {
    let signed = store.attests(id).await?.into_iter().map(|attest| attest.signed_at_ms).max();
    let left = signed.unwrap_or(batch.frozen_at_ms).max(batch.frozen_at_ms);
    let is_before_pay_day = events.today <= events.loaded.lonekalender.pay_day(batch.name.payout);
    Ok(is_before_pay_day || events.now_ms - left <= days_ms(TOLD_DAYS))
}

async fn content(
    store: &mut impl Store,
    (id, batch, totals): (i64, &Batch, &Summed),
    events: &Events<'_>,
) -> Result<Value, Fault> {
    // A folder that is away for a while is waited for; a receipt that somebody has moved or changed is not.
    let receipt = match (events.receipt)(batch.name) {
        Ok(receipt) => receipt,
        Err(Fault::Refused(_)) => None,
        Err(fault) => return Err(fault),
    };
    let (file, sha256) = receipt.map(|receipt| (receipt.file, receipt.sha256)).unzip();
    Ok(json!({
        "korning": batch.name.to_string(),
        "manad": month_text(batch.name.payout),
        "utbetalas": events.loaded.lonekalender.pay_day(batch.name.payout).to_string(),
        "fil": file,
        "sha256": sha256,
        "rader": totals.rows,
        "personer": totals.persons,
        "summa": swedish(totals.sum),
        "omrakning": if batch.kind == BatchKind::Recalculation { batch.because.clone() } else { None },
        "lonarter": by_lonart(store, id).await?,
        "utelamnade": sheets(store, batch.name).await?.iter().filter_map(left_out_told).collect::<Vec<_>>(),
    }))
}

/// Rows, units and sum of each lönart.
async fn by_lonart(store: &mut impl Store, id: i64) -> Result<Vec<Value>, Fault> {
    let mut found: BTreeMap<(String, String), (u32, Decimal, Ore)> = BTreeMap::new();
    let mut next = 1;
    loop {
        let rows = store.rows(id, next, ROWS_TOGETHER).await?;
        let Some(last) = rows.last() else { break };
        next = last.row.postid + 1;
        for stored in rows {
            let row = stored.row;
            let total =
                found.entry((row.lonkod.unwrap_or(row.lonart).to_string(), row.benamning.to_string())).or_default();
            *total = (total.0 + 1, total.1 + row.antal, total.2 + row.belopp);
        }
    }
    let told = found.into_iter().map(|((lonart, name), (rows, antal, sum))| {
        let antal = antal.normalize().to_string().replace('.', ",");
        json!({ "lonart": lonart, "benamning": name, "rader": rows, "antal": antal, "summa": swedish(sum) })
    });
    Ok(told.collect())
}
