//! The follow-up to allmänna utskottet (§ 19): what förtroendevalda cost and did in a time, on both bases, beside the same
//! time of earlier years and the budget.
//!
//! One walk through the persons serves the whole report, earlier years too; only what waits is asked of `remark_list`,
//! so that it says what `arvode remarks` says.

mod budget;
mod cells;
mod figures;
mod letter;
pub mod masking;
mod pages;
mod period;
mod secrets;
mod sentences;
mod words;

pub use figures::Figures;
pub use letter::{Told, post};
pub use pages::report;
pub use period::Period;

use std::collections::{BTreeMap, BTreeSet};

use super::accruals::{Amounts, Key, PayDays, question, reconcile};
use super::calculate::Calculation;
use super::remark_list::{Shown, found as remarks_of};
use crate::calendar::{Day, Month};
use crate::domain::{CostGroup, Fault};
use crate::ledger::{BatchKind, BatchName};
use crate::money::Ore;
use crate::ports::Store;
use crate::regelverk::Loaded;

/// Earlier times that a follow-up compares with, at most.
const EARLIER: i32 = 3;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Which months.
    pub period: Period,
    /// The day that it is made.
    pub today: Day,
    /// Figures of fewer persons are hidden.
    pub smallest_group: usize,
    /// What each person got is in it.
    pub persons: bool,
}

/// What one person got.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfPerson {
    /// Whom payroll knows the person as; none of those with skyddade personuppgifter, who stand together.
    pub anstid: Option<String>,
    /// The name; none of those with skyddade personuppgifter.
    pub namn: Option<String>,
    /// How many persons.
    pub persons: i64,
    /// Earned, by group.
    pub earned: BTreeMap<CostGroup, Ore>,
    /// Paid.
    pub paid: Ore,
}

/// All that a follow-up tells.
#[derive(Clone, Debug)]
pub struct FollowUp {
    /// The time asked for.
    pub now: Figures,
    /// Earlier times of which the ledger has something, the nearest first.
    pub earlier: Vec<Figures>,
    /// Each person; empty unless asked for.
    pub persons: Vec<OfPerson>,
    /// What a person must look at, today.
    pub remarks: Vec<Shown>,
    /// The last batch that was paid in the time.
    pub last_batch: Option<BatchName>,
    /// The head of the audit chain.
    pub chain_head: String,
}

/// Works out a follow-up.
///
/// # Errors
/// The database, settings without a first month, a time that has not begun, or bases that do not meet to the öre.
pub async fn follow_up(
    store: &mut impl Store,
    loaded: &Loaded,
    wanted: &Wanted,
    progress: &mut dyn FnMut(usize),
) -> Result<FollowUp, Fault> {
    let Wanted { period, today, .. } = *wanted;
    if period.first > Month::of(today) {
        return Err(Fault::Input(format!(
            "{period} has not begun; name a period that has, such as {}",
            today_year(today)
        )));
    }
    let pay_days = PayDays::load(store, loaded, None).await?;
    let batches = store.batches().await?;
    let recalculations: BTreeSet<BatchName> = batches
        .iter()
        .filter(|(_, batch, _)| batch.kind == BatchKind::Recalculation)
        .map(|(_, batch, _)| batch.name)
        .collect();
    let mut times: Vec<Figures> = (0..=EARLIER).map(|times| Figures::of(period.earlier(times))).collect();
    for (_, sum) in store.gallrade().await? {
        times.iter_mut().for_each(|figures| figures.add_gallrad(&sum, &pay_days));
    }
    let question = question(period.last, today, None, pay_days.booked_up_to);
    let mut calculation = Calculation::start(store, loaded, question).await?;
    let is_paid = |standing: &_| pay_days.of(standing).is_some_and(|day| day <= today);
    let is_recalculation = |batch: BatchName| recalculations.contains(&batch);
    let (mut persons, mut who) = (Vec::new(), 0);
    let mut protected = OfPerson::default();
    while let Some(together) = calculation.next_followed(store, &is_paid).await? {
        progress(together.len());
        for of in together {
            let mut own = Vec::new();
            for figures in &mut times {
                own.push(figures.add(who, &of, &pay_days, &is_recalculation));
            }
            who += 1;
            own.iter().try_for_each(|lines| reconcile(lines.iter()))?;
            let Some(lines) = own.first().filter(|lines| wanted.persons && !lines.is_empty()) else { continue };
            let (person, register) = (of.accrued.person, &calculation.persons);
            if register.is_protected(person, today) {
                add_person(&mut protected, lines);
            } else {
                let anstid = register.main_anstid(person).map(str::to_owned);
                let namn = Some(register.shown_name(person, today).to_owned());
                let mut row = OfPerson { anstid, namn, ..OfPerson::default() };
                add_person(&mut row, lines);
                persons.push(row);
            }
        }
    }
    persons.extend(Some(protected).filter(|row| row.persons > 0));
    for figures in &mut times {
        calculation.meetings.values().filter(|meeting| meeting.day <= today).for_each(|meeting| figures.meet(meeting));
        figures.add_up();
        reconcile(figures.lines.iter())?;
    }
    let last = batches
        .iter()
        .filter(|(_, batch, _)| pay_days.of_batch(batch.name).is_some_and(|day| period.has(Month::of(day))));
    let last_batch = last.map(|(_, batch, _)| batch.name).max();
    let mut times = times.into_iter();
    let now = times.next().unwrap_or_else(|| Figures::of(period));
    let mut earlier: Vec<Figures> = times.collect();
    while earlier.last().is_some_and(Figures::is_empty) {
        earlier.pop();
    }
    let remarks = remarks_of(store, loaded, today, None).await?;
    let chain_head = store.audit_head().await?;
    Ok(FollowUp { now, earlier, persons, remarks, last_batch, chain_head })
}

fn today_year(today: Day) -> i32 {
    Month::of(today).year()
}

fn add_person(row: &mut OfPerson, lines: &BTreeMap<Key, Amounts>) {
    row.persons += 1;
    for ((_, kind), amounts) in lines {
        if let Some(group) = kind.and_then(CostGroup::of) {
            *row.earned.entry(group).or_default() += amounts.earned;
            row.paid += amounts.paid;
        }
    }
}
