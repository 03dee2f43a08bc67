//! Takes a batch back: its lines are owed again.

use super::attest_batch::find;
use super::by_hand::ByHand;
use super::wholly::wholly;
use crate::domain::Fault;
use crate::ledger::{BatchName, BatchState};
use crate::ports::{Clock, Store};

/// Voids a batch. One that has left (exported or delivered) only if payroll has thrown the file away.
///
/// # Errors
/// `Refused`: it has left, or a later batch reverses rows of it.
pub async fn void(
    store: &mut impl Store,
    clock: &impl Clock,
    name: BatchName,
    by: &ByHand<'_>,
    payroll_discarded: bool,
) -> Result<(), Fault> {
    wholly(store, async |store| void_within(store, clock, name, by, payroll_discarded).await).await
}

async fn void_within(
    store: &mut impl Store,
    clock: &impl Clock,
    name: BatchName,
    by: &ByHand<'_>,
    payroll_discarded: bool,
) -> Result<(), Fault> {
    let (id, batch, _) = find(store, name).await?;
    if batch.state == BatchState::Void {
        return Err(Fault::Refused(format!("batch {name} is void already")));
    }
    if batch.state != BatchState::Calculated && !payroll_discarded {
        return Err(Fault::Refused(format!(
            "batch {name} is {}: its file has left or may have. Correct the facts instead, and the next batch carries the difference; \
             only if payroll has thrown the file away, say `--payroll-discarded`",
            batch.state.name()
        )));
    }
    if let Some(later) = store.reversed_by(id).await?.first() {
        return Err(Fault::Refused(format!("batch {later} reverses rows of {name}; void {later} first")));
    }
    let batches = store.batches().await?;
    let after = batches.iter().find(|(other, batch, _)| *other > id && batch.state != BatchState::Void);
    if let Some((_, later, _)) = after {
        return Err(Fault::Refused(format!("batch {} was frozen after {name}; void it first", later.name)));
    }
    store.move_batch(name, batch.state, BatchState::Void).await?;
    let detail = format!("{name}, av {}: {}", by.actor, by.because);
    store.audit("void", &detail, clock.now_ms()).await.map(drop)
}
