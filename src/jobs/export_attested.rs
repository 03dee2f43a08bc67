//! Which batch leaves without anybody saying so.

use super::attest_batch::{SheetView, sheets};
use crate::domain::Fault;
use crate::ledger::{Batch, BatchKind, BatchName, BatchState};
use crate::ports::Store;
use crate::regelverk::Lonekalender;

/// The open batch, if it may leave now: both signatures stand on all sheets that were not left out, or payroll attests and the month was
/// worked out in time. What is begun is carried to its end.
///
/// Whether the signatures count is for the export to say: it looks at each of them.
///
/// # Errors
/// The database, or a sheet was tampered with.
pub async fn leaving(
    store: &mut impl Store,
    kalender: &Lonekalender,
    attested_by_payroll: bool,
) -> Result<Option<BatchName>, Fault> {
    let batches = store.batches().await?;
    let Some((_, batch, _)) = batches.into_iter().rev().find(|(_, batch, _)| batch.state.is_open()) else {
        return Ok(None);
    };
    let may_leave = match batch.state {
        BatchState::Calculated if is_for_a_person(&batch, kalender, attested_by_payroll) => false,
        BatchState::Calculated if attested_by_payroll => true,
        BatchState::Calculated => is_signed(&sheets(store, batch.name).await?),
        _ => true,
    };
    Ok(may_leave.then_some(batch.name))
}

/// A month that was missed for so long that the next one was due leaves by a person's word. So does a recalculation that
/// nobody attests here: a person has asked for it, and nobody else would have looked at it.
fn is_for_a_person(batch: &Batch, kalender: &Lonekalender, attested_by_payroll: bool) -> bool {
    match batch.kind {
        BatchKind::Monthly => is_overdue(batch, kalender),
        BatchKind::Recalculation => attested_by_payroll,
    }
}

/// The month was frozen when the next one's day had come.
pub fn is_overdue(batch: &Batch, kalender: &Lonekalender) -> bool {
    batch.kind == BatchKind::Monthly && kalender.calculation(batch.name.payout.plus(1)) <= batch.frozen_on
}

fn is_signed(views: &[SheetView]) -> bool {
    let mut waiting = views.iter().filter(|view| view.left_out.is_none()).peekable();
    waiting.peek().is_some() && waiting.all(|view| view.lacks().is_empty())
}
