//! What a proposed change of the regulation would have cost over months that are booked. Reads only; writes nothing.
//!
//! Three sums stand side by side: what was paid, what today's rules give, and what they give with the change. The effect
//! is the difference between the latter two, so that what is not paid yet for other reasons never looks like an effect.

use std::collections::BTreeMap;

use super::calculate::{Calculation, Compared, Question};
use crate::calendar::Month;
use crate::domain::{Fault, Line, LineKind, OrganCode, PersonId};
use crate::ledger::{BatchKind, BatchState, Booked};
use crate::money::Ore;
use crate::ports::Store;
use crate::regelverk::Loaded;
use crate::regelverk::forslag::Proposed;

/// Which accrual months are looked at; the change's first one to the last booked one where nothing is said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// The first.
    pub from: Option<Month>,
    /// The last.
    pub to: Option<Month>,
}

/// The same months' amounts, three ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Booked, net of reversals.
    pub paid: Ore,
    /// By today's rules.
    pub today: Ore,
    /// By today's rules with the change.
    pub changed: Ore,
}

impl Amounts {
    /// What the change does.
    pub fn effect(&self) -> Ore {
        self.changed - self.today
    }

    fn add(&mut self, other: Amounts) {
        self.paid += other.paid;
        self.today += other.today;
        self.changed += other.changed;
    }
}

/// A person's amounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfPerson {
    /// Whom payroll knows the person as.
    pub anstid: Option<String>,
    /// The name.
    pub name: String,
    /// The amounts.
    pub amounts: Amounts,
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// The first accrual month.
    pub from: Month,
    /// The last accrual month.
    pub to: Month,
    /// All together.
    pub total: Amounts,
    /// By kind of line.
    pub kinds: BTreeMap<LineKind, Amounts>,
    /// By organ that bears it.
    pub organs: BTreeMap<OrganCode, Amounts>,
    /// By person, in the order of their anställningsnummer; empty unless asked for.
    pub persons: Vec<OfPerson>,
}

/// Works out everybody's months under both regulations.
///
/// # Errors
/// No month is booked, or the months asked for are not.
pub async fn simulate(
    store: &mut impl Store,
    loaded: &Loaded,
    proposed: &Proposed,
    span: Span,
    by_person: bool,
    progress: &mut dyn FnMut(usize),
) -> Result<Simulation, Fault> {
    let question = question(store).await?;
    let (from, to) = months(loaded, proposed, span, question.horizon)?;
    let question = Question { repinned_from: Some(from), ..question };
    let mut calculation = Calculation::start(store, loaded, question).await?;
    let changed = calculation.rules_under(store, &proposed.loaded).await?;
    let mut found = Simulation {
        from,
        to,
        total: Amounts::default(),
        kinds: BTreeMap::new(),
        organs: BTreeMap::new(),
        persons: Vec::new(),
    };
    while let Some(compared) = calculation.next_compared(store, &changed).await? {
        progress(compared.len());
        for person in compared {
            let amounts = found.take(&person);
            if by_person && amounts != Amounts::default() {
                found.persons.push(of_person(&calculation, person.person, amounts));
            }
        }
    }
    Ok(found)
}

fn of_person(calculation: &Calculation<'_>, person: PersonId, amounts: Amounts) -> OfPerson {
    let anstid = calculation.persons.main_anstid(person).map(str::to_owned);
    OfPerson { anstid, name: calculation.shown_name(person).to_owned(), amounts }
}

/// Everything up to the last monthly batch, by the facts that it knew: the same as a recalculation asks.
async fn question(store: &mut impl Store) -> Result<Question, Fault> {
    let batches = store.batches().await?;
    let last = batches
        .iter()
        .rev()
        .find(|(_, batch, _)| batch.kind == BatchKind::Monthly && batch.state != BatchState::Void)
        .map(|(_, batch, _)| batch);
    let Some(last) = last else {
        return Err(Fault::Input(
            "no month is booked, so there is nothing to compare with; freeze a month first".to_owned(),
        ));
    };
    Ok(Question {
        payout: last.name.payout,
        horizon: last.name.payout,
        facts_up_to: last.facts_up_to,
        claims_until: last.frozen_on,
        pins_up_to: i64::MAX,
        booked_up_to: i64::MAX,
        repinned_from: None,
        explain: false,
        only: None,
    })
}

/// The first and last month, within those that are owed and booked.
fn months(loaded: &Loaded, proposed: &Proposed, span: Span, booked: Month) -> Result<(Month, Month), Fault> {
    let first = loaded.lonekalender.forsta_manad.unwrap_or(booked);
    let earliest = proposed.earliest.map_or(first, Month::of).max(first);
    let (from, to) = (span.from.unwrap_or(earliest), span.to.unwrap_or(booked));
    if from < first || to > booked || from > to {
        let hint = if span.from.is_none() && from > to { "; the change's first row applies later" } else { "" };
        return Err(Fault::Input(format!(
            "the months {from} to {to}{hint}; allowed: --from and --to in order, within {first} (forsta_manad) to {booked} (the last booked month)"
        )));
    }
    Ok((from, to))
}

impl Simulation {
    /// Takes in a person, and gives the person's amounts.
    fn take(&mut self, person: &Compared) -> Amounts {
        let (from, to) = (self.from, self.to);
        let is_within = |month: Month| (from..=to).contains(&month);
        let paid = |line: &Booked| Amounts { paid: line.belopp, ..Amounts::default() };
        let today = |line: &Line| Amounts { today: line.belopp, ..Amounts::default() };
        let changed = |line: &Line| Amounts { changed: line.belopp, ..Amounts::default() };
        let mut sum = Amounts::default();
        for line in person.booked.iter().filter(|line| is_within(line.accrued_in)) {
            self.add(line.kind, &line.organ, paid(line), &mut sum);
        }
        for line in person.entitled.iter().filter(|line| is_within(line.accrued_in)) {
            self.add(line.kind, &line.organ, today(line), &mut sum);
        }
        for line in person.otherwise.iter().filter(|line| is_within(line.accrued_in)) {
            self.add(line.kind, &line.organ, changed(line), &mut sum);
        }
        sum
    }

    fn add(&mut self, kind: LineKind, organ: &OrganCode, amounts: Amounts, sum: &mut Amounts) {
        self.kinds.entry(kind).or_default().add(amounts);
        self.organs.entry(organ.clone()).or_default().add(amounts);
        self.total.add(amounts);
        sum.add(amounts);
    }
}
