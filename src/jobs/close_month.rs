//! Closes accrual months, so that nothing earned in them is worked out again, and opens them again (ledger rule 5).

use std::collections::BTreeSet;

use super::by_hand::{ByHand, record, said};
use super::calculate::{Calculation, Question, closed};
use super::wholly::wholly_if;
use crate::calendar::{Day, Month, days_later};
use crate::domain::{ClaimKind, Closing, Fact, Fault, LineKind, PersonId, Remark, State, Undecided};
use crate::law::bestammelserna::p16_sista_dag::last_day;
use crate::law::bestammelserna::p18_utbetalning::MONTHS_UNTIL_PAYABLE;
use crate::ledger::{BatchKind, BatchState};
use crate::money::Ore;
use crate::ports::{Clock, Store};
use crate::regelverk::Loaded;

/// What a person asks for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The last closed month from now on.
    pub through: Month,
    /// Months after it that are closed are opened again.
    pub reopen: bool,
    /// Close although something is open.
    pub yes: bool,
    /// Why.
    pub because: &'a str,
    /// Who.
    pub actor: &'a str,
}

/// Persons, and what is at stake for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AtStake {
    /// Who.
    pub persons: BTreeSet<PersonId>,
    /// What it is worth, where known.
    pub worth: Ore,
}

impl AtStake {
    fn add(&mut self, person: PersonId, worth: Ore) {
        self.persons.insert(person);
        self.worth += worth;
    }
}

/// A kind of yrkande that could still come in time for the months to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InTime {
    /// The kind.
    pub slag: ClaimKind,
    /// Of days from this one on.
    pub from: Day,
    /// The last day for the last of them (§ 16).
    pub until: Day,
}

/// What closing does, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The last month that was closed before.
    pub was: Option<Month>,
    /// Owed, and not paid yet.
    pub owed: AtStake,
    /// Waits for a decision about a debt.
    pub waiting: AtStake,
    /// Held with a remark.
    pub held: AtStake,
    /// Yrkanden that could still come in time.
    pub in_time: Vec<InTime>,
    /// Something was changed.
    pub is_done: bool,
}

impl Outcome {
    /// Something of the months to be closed is not settled.
    pub fn is_open(&self) -> bool {
        let at_stake = [&self.owed, &self.waiting, &self.held];
        at_stake.iter().any(|part| !part.persons.is_empty()) || !self.in_time.is_empty()
    }
}

/// Closes months, or opens them again. Without a yes nothing is changed while something is open in them.
///
/// # Errors
/// `Refused`: a batch is open, the month is not settled by a delivered batch, or what would be opened is gone.
pub async fn close(
    store: &mut impl Store,
    loaded: &Loaded,
    clock: &impl Clock,
    wanted: &Wanted<'_>,
) -> Result<Outcome, Fault> {
    wholly_if(
        store,
        |outcome: &Outcome| outcome.is_done,
        async |store| close_within(store, loaded, clock, wanted).await,
    )
    .await
}

async fn close_within(
    store: &mut impl Store,
    loaded: &Loaded,
    clock: &impl Clock,
    wanted: &Wanted<'_>,
) -> Result<Outcome, Fault> {
    let last_fact = store.last_fact().await?;
    let closed = closed(store, last_fact).await?;
    let through = wanted.through;
    let mut outcome = Outcome { was: closed.through, ..Outcome::default() };
    if wanted.reopen {
        if closed.through.is_none_or(|was| was <= through) {
            let was = closed.through.map_or("no month is".to_owned(), |was| format!("months are closed through {was}"));
            return Err(Fault::Input(format!(
                "nothing after {through} is closed: {was}; name the month that shall be the last closed one"
            )));
        }
        if let Some(gone) = closed.gallrad_through.filter(|gone| through < *gone) {
            return Err(Fault::Refused(format!(
                "months through {gone} are gallrade, so nothing can be worked out in them; open months after {gone} only"
            )));
        }
    } else {
        if closed.through == Some(through) {
            return Ok(outcome);
        }
        if let Some(was) = closed.through.filter(|was| through < *was) {
            return Err(Fault::Input(format!(
                "months are closed through {was} already; `--reopen` opens those after {through}"
            )));
        }
        refuse_unsettled(store, loaded, through).await?;
        look(store, loaded, clock.today(), &mut outcome, through).await?;
        if outcome.is_open() && !wanted.yes {
            return Ok(outcome);
        }
    }
    tell(store, clock, wanted, last_fact + 1, closed.through).await?;
    outcome.is_done = true;
    Ok(outcome)
}

/// A month is settled when a later month's occasions have been delivered, and no batch is on its way.
async fn refuse_unsettled(store: &mut impl Store, loaded: &Loaded, through: Month) -> Result<(), Fault> {
    let batches = store.batches().await?;
    if let Some((_, open, _)) = batches.iter().find(|(_, batch, _)| batch.state.is_open()) {
        return Err(Fault::Refused(format!(
            "batch {} is {}; sign and export it or take it back before a month is closed",
            open.name,
            open.state.name()
        )));
    }
    let delivered = batches.iter().map(|(_, batch, _)| batch);
    let last = delivered
        .filter(|batch| batch.kind == BatchKind::Monthly && batch.state == BatchState::Delivered)
        .map(|batch| batch.name)
        .max();
    let lag = LineKind::all().map(|kind| loaded.lonekalender.lag(kind)).max().unwrap_or(1);
    match last {
        Some(last) if through < last.payout.plus(-lag) => Ok(()),
        Some(last) => Err(Fault::Refused(format!(
            "the last delivered batch {last} carries what was earned in {}; only months before it can be closed",
            last.payout.plus(-lag)
        ))),
        None => Err(Fault::Refused("no batch is delivered, so no month can be closed".to_owned())),
    }
}

/// What is open in the months that would be closed.
async fn look(
    store: &mut impl Store,
    loaded: &Loaded,
    today: Day,
    outcome: &mut Outcome,
    through: Month,
) -> Result<(), Fault> {
    let payout = Month::of(today);
    let question = Question {
        payout,
        horizon: payout.max(through.plus(MONTHS_UNTIL_PAYABLE)),
        facts_up_to: store.last_fact().await?,
        claims_until: today,
        pins_up_to: i64::MAX,
        booked_up_to: i64::MAX,
        repinned_from: None,
        explain: false,
        only: None,
    };
    let is_new = |month: Month| month <= through && outcome.was.is_none_or(|was| month > was);
    let (mut owed, mut waiting, mut held) = (AtStake::default(), AtStake::default(), AtStake::default());
    let mut calculation = Calculation::start(store, loaded, question).await?;
    while let Some(results) = calculation.next(store).await? {
        for result in results {
            let person = result.person;
            result.rows.iter().filter(|row| is_new(row.accrued_in)).for_each(|row| owed.add(person, row.belopp));
            let waits = result.waiting.iter().chain(&result.settled).filter(|row| is_new(row.accrued_in));
            waits.for_each(|row| waiting.add(person, row.belopp));
            let is_meant = |remark: &&Remark| {
                remark.state == State::Held
                    && remark.undecided != Some(Undecided::Debt)
                    && remark.day.is_some_and(|day| is_new(Month::of(day)))
            };
            result
                .remarks
                .iter()
                .filter(is_meant)
                .for_each(|remark| held.add(person, remark.worth.unwrap_or(Ore::ZERO)));
        }
    }
    (outcome.owed, outcome.waiting, outcome.held) = (owed, waiting, held);
    let first = outcome.was.map(|was| was.plus(1)).or(loaded.lonekalender.forsta_manad);
    outcome.in_time = ClaimKind::all().filter_map(|slag| in_time(loaded, slag, first, through, today)).collect();
    Ok(())
}

/// From which day on a yrkande of a kind could still come in time for the months.
fn in_time(loaded: &Loaded, slag: ClaimKind, first: Option<Month>, through: Month, today: Day) -> Option<InTime> {
    let rules = &loaded.regelverk;
    let is_in_time = |day: Day| last_day(rules, slag, day).is_some_and(|last| last >= today);
    let until = last_day(rules, slag, through.last()).filter(|last| *last >= today)?;
    let mut from = through.last();
    loop {
        let before = days_later(from, -1);
        if first.is_some_and(|first| before < first.first()) || !is_in_time(before) {
            return Some(InTime { slag, from, until });
        }
        from = before;
    }
}

async fn tell(
    store: &mut impl Store,
    clock: &impl Clock,
    wanted: &Wanted<'_>,
    number: i64,
    was: Option<Month>,
) -> Result<(), Fault> {
    let closing = said(store, Fact::Closing(Closing { through: wanted.through }), true).await?;
    let action = if wanted.reopen { "reopen" } else { "close" };
    let was = was.map_or("ingen".to_owned(), |was| was.to_string());
    let detail = format!("stängt till och med {} (förut: {was})", wanted.through);
    let by = ByHand { actor: wanted.actor, because: wanted.because };
    record(store, clock, &by, (action, &detail), vec![closing], (number, None)).await.map(drop)
}
