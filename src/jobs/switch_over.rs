//! From the old routine to this program: what is known as paid, what the first batch would carry, and the switch itself.

use std::collections::{BTreeMap, BTreeSet};

use super::by_hand::{ByHand, note, said};
use super::freeze_batch::{Outcome as Frozen, Settings, Wanted, preview};
use super::import_workbooks::key_of;
use super::wholly::wholly;
use crate::calendar::Month;
use crate::domain::{Fact, Fault, LineKind, PersonId, State, SwitchOver};
use crate::law::bestammelserna::p18_utbetalning as p18;
use crate::law::{Group, Rules};
use crate::ledger::BatchState;
use crate::money::Ore;
use crate::ports::{Clock, Store};
use crate::regelverk::Regelverk;

/// Rows, persons and their sum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many rows.
    pub rows: u32,
    /// Whose.
    pub persons: BTreeSet<PersonId>,
    /// Their sum.
    pub sum: Ore,
}

impl Counted {
    fn add(&mut self, person: PersonId, belopp: Ore) {
        self.rows += 1;
        self.persons.insert(person);
        self.sum += belopp;
    }
}

/// What a switch-over would do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The first accrual month.
    pub first_month: Month,
    /// The first payout month of ours.
    pub first_payout: Month,
    /// What is known as paid by the old routine, by payout month.
    pub known: BTreeMap<Month, Counted>,
    /// Payout months before the first of ours of which no payment is known: all that was earned for them would be paid.
    pub unknown: Vec<Month>,
    /// What the first batch would carry of its own month.
    pub own: Counted,
    /// What it would carry of earlier months: what the old routine owes, or paid wrongly.
    pub earlier: Counted,
    /// Persons whose rows would wait for a decision.
    pub waiting_persons: u32,
    /// Remarks that are held.
    pub held: usize,
    /// Why the first batch would ask for a yes.
    pub tripped: Vec<String>,
}

/// Works out what a switch-over would do; changes nothing.
///
/// # Errors
/// A month is booked already, or the first payout month lies before the first month that is owed.
pub async fn plan(
    store: &mut impl Store,
    settings: &Settings<'_>,
    clock: &impl Clock,
    first_payout: Month,
) -> Result<Plan, Fault> {
    let first_month = settings.loaded.lonekalender.forsta_manad.unwrap_or(first_payout);
    if first_payout < first_month {
        return Err(Fault::Input(format!(
            "{first_payout} lies before forsta_manad = {first_month} in lonekalender.toml, before which nothing is owed"
        )));
    }
    let standing = store.batches().await?.into_iter().find(|(_, batch, _)| batch.state != BatchState::Void);
    if let Some((_, batch, _)) = standing {
        return Err(Fault::Refused(format!(
            "batch {} is booked: this program pays already. Take it back first (`arvode void {}`)",
            batch.name, batch.name
        )));
    }
    let mut known: BTreeMap<Month, Counted> = BTreeMap::new();
    let last = store.last_fact().await?;
    for recorded in store.facts_of_kinds(&["utbetalt"], last).await? {
        if let Fact::Utbetalt(paid) = recorded.fact
            && paid.is_external()
        {
            known.entry(paid.payout).or_default().add(paid.person, paid.belopp);
        }
    }
    let months = (0..).map(|later| first_month.plus(later)).take_while(|month| *month < first_payout);
    let unknown = months.filter(|month| !known.contains_key(month)).collect();
    let (mut own, mut earlier) = (Counted::default(), Counted::default());
    let rules = Today { rules: &settings.loaded.regelverk, settings };
    let mut each = |row: &crate::ledger::BatchRow| {
        let payable = p18::payable_from(&rules, row.kind, row.accrued_in);
        let is_own = payable == first_payout && row.reverses.is_none();
        if is_own { &mut own } else { &mut earlier }.add(row.person, row.belopp);
        Ok(())
    };
    let outcome: Frozen = preview(store, settings, clock, &Wanted::Monthly(first_payout), None, &mut each).await?;
    let held = outcome.remarks.iter().filter(|(_, remark)| remark.state == State::Held).count();
    let (waiting_persons, tripped) = (outcome.waiting_persons, outcome.stopped);
    Ok(Plan { first_month, first_payout, known, unknown, own, earlier, waiting_persons, held, tripped })
}

/// The rules of today for every month.
struct Today<'a> {
    rules: &'a Regelverk,
    settings: &'a Settings<'a>,
}

impl Rules for Today<'_> {
    fn of(&self, _: Month, _: Group) -> &Regelverk {
        self.rules
    }

    fn lag(&self, kind: LineKind) -> i32 {
        self.settings.loaded.lonekalender.lag(kind)
    }
}

/// Switches over: from `first_payout` on the program pays. Gives the number by which it is undone.
///
/// # Errors
/// As in [`plan`].
pub async fn switch(
    store: &mut impl Store,
    clock: &impl Clock,
    first_payout: Month,
    by: &ByHand<'_>,
) -> Result<i64, Fault> {
    wholly(store, async |store| {
        let first_fact = store.last_fact().await? + 1;
        let detail = format!("första utbetalningsmånad {first_payout}");
        let step = SwitchOver { first_payout: Some(first_payout) };
        note_step(store, clock, step, by, ("switch-over", &detail), first_fact).await
    })
    .await
}

/// Notes that a month of the old routine was kept: until the switch-over no month is frozen. Undone by the number that it
/// gives, with the facts of the file from `first_fact` on.
pub(super) async fn note_shadow(
    store: &mut impl Store,
    clock: &impl Clock,
    (file, month): (&str, Month),
    actor: &str,
    first_fact: i64,
) -> Result<i64, Fault> {
    let detail = format!("{month} enligt {file}");
    let by = ByHand { actor, because: "den gamla rutinens utbetalningar" };
    note_step(store, clock, SwitchOver { first_payout: None }, &by, ("shadow", &detail), first_fact).await
}

async fn note_step(
    store: &mut impl Store,
    clock: &impl Clock,
    step: SwitchOver,
    by: &ByHand<'_>,
    what: (&str, &str),
    first_fact: i64,
) -> Result<i64, Fault> {
    let (fact, at_ms) = (Fact::SwitchOver(step), clock.now_ms());
    let standing = store.standing(&[key_of(&fact)]).await?.pop();
    if standing.is_none_or(|standing| standing.fact.as_ref() != Some(&fact)) {
        let number = store.last_fact().await? + 1;
        let said = said(store, fact, true).await?;
        store.record(&[said.by_command(number, by.because)], at_ms).await?;
    }
    let last_fact = store.last_fact().await?;
    note(store, at_ms, by, what, first_fact..=last_fact, None).await
}
