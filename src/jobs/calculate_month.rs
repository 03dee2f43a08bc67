//! The month's batch without a hand: what is to be done about a payout month whose day has come, and what is told of it.
//!
//! A month is frozen once. What a person has done about it (frozen it, taken it back, gone on to a later month) stands, and
//! where another batch is still open the month waits for its turn, so that months that were missed go out in order.

use super::freeze_batch::{Outcome, Settings, Wanted, freeze, paid_by_old_routine};
use crate::calendar::Month;
use crate::domain::Fault;
use crate::ledger::{Batch, BatchKind, BatchState};
use crate::money::swedish;
use crate::ports::{Clock, Store};

/// What is to be done about a month whose day has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is to be frozen.
    Freeze,
    /// Another batch is open, and only one may be.
    Waits(Batch),
    /// Nothing, and why.
    Nothing(String),
}

/// What came of the freeze.
#[derive(Debug)]
pub enum Calculated {
    /// A batch, or one that only says what waits.
    Frozen(Outcome),
    /// Neither rows nor rows that wait.
    Empty,
    /// It waits for a person's yes: why.
    Tripped(Vec<String>),
}

/// Looks at what stands.
///
/// # Errors
/// The database.
pub async fn step(store: &mut impl Store, payout: Month) -> Result<Step, Fault> {
    let batches: Vec<Batch> = store.batches().await?.into_iter().map(|(_, batch, _)| batch).collect();
    let monthly = || batches.iter().rev().filter(|batch| batch.kind == BatchKind::Monthly);
    let standing = || monthly().filter(|batch| batch.state != BatchState::Void);
    if let Some(batch) = standing().find(|batch| batch.name.payout == payout) {
        return Ok(Step::Nothing(format!("körning {} finns redan ({})", batch.name, state_text(batch.state))));
    }
    if let Some(later) = standing().find(|batch| batch.name.payout > payout) {
        return Ok(Step::Nothing(format!(
            "{payout} görs inte i efterhand: {} är fryst, och det som är kvar kommer med nästa körning",
            later.name
        )));
    }
    if let Some(void) = monthly().find(|batch| batch.name.payout == payout) {
        return Ok(Step::Nothing(format!(
            "körning {} är tagen tillbaka: en människa fryser månaden igen (arvode month {payout} --freeze), annars \
             kommer raderna med nästa månads körning",
            void.name
        )));
    }
    let known = store.last_fact().await?;
    if paid_by_old_routine(store, known, payout).await?.is_some() {
        return Ok(Step::Nothing(format!("{payout} betalas av den gamla rutinen: inget fryses")));
    }
    Ok(batches.into_iter().find(|batch| batch.state.is_open()).map_or(Step::Freeze, Step::Waits))
}

/// Freezes the month; the tripwires may stop it, and nobody is there to say yes.
///
/// # Errors
/// As of [`freeze`].
pub async fn calculate(
    store: &mut impl Store,
    settings: &Settings<'_>,
    clock: &impl Clock,
    payout: Month,
) -> Result<Calculated, Fault> {
    let outcome = freeze(store, settings, clock, &Wanted::Monthly(payout), false, &mut |_| ()).await?;
    Ok(match () {
        () if !outcome.stopped.is_empty() => Calculated::Tripped(outcome.stopped),
        () if outcome.is_empty => Calculated::Empty,
        () => Calculated::Frozen(outcome),
    })
}

/// What is told of a batch that was frozen.
pub fn told_of(outcome: &Outcome) -> String {
    let totals = &outcome.totals;
    let waits = match outcome.waiting_persons {
        0 => String::new(),
        1 => "; 1 person väntar med alla sina rader".to_owned(),
        persons => format!("; {persons} personer väntar med alla sina rader"),
    };
    if totals.rows == 0 {
        return format!("körning {}: inga rader att lämna{waits}", outcome.name);
    }
    let rows = if totals.rows == 1 { "rad" } else { "rader" };
    format!("körning {} är fryst: {} {rows}, {}{waits}", outcome.name, totals.rows, swedish(totals.sum))
}

/// What is told of a month that waits for another batch.
pub fn waits_text(payout: Month, open: &Batch) -> String {
    format!("{payout} väntar tills körning {} är lämnad eller tagen tillbaka ({})", open.name, state_text(open.state))
}

fn state_text(state: BatchState) -> &'static str {
    match state {
        BatchState::Calculated => "väntar på att lämnas",
        BatchState::Exporting => "skrivs",
        BatchState::Exported => "skriven, ska lämnas",
        BatchState::Delivering => "lämnas",
        BatchState::Delivered => "lämnad",
        BatchState::Void => "tagen tillbaka",
    }
}
