//! What was earned and what was paid in a time, on both bases and reconciled; with it a year's end for the accounts: what
//! was earned and not paid by 31 December.
//!
//! What is paid counts on its pay day (`lonekalender.toml`), whatever day the file left; a batch that is not delivered is
//! not paid. `paid in the year + unpaid at its end - unpaid at its start = earned in the year` is no definition here: what
//! is earned comes from the regulation's lines, what is unpaid from the ledger's rows and differences, and a difference
//! of one öre between the two is an error.

use std::collections::{BTreeMap, HashMap};

use super::calculate::{Accrued, Calculation, Held, Question, Standing};
use crate::calendar::{Day, Month};
use crate::domain::{Fault, LineKind, OrganCode};
use crate::law::bestammelserna::p18_utbetalning::MONTHS_UNTIL_PAYABLE;
use crate::ledger::{BatchName, BatchState};
use crate::money::{Ore, swedish};
use crate::ports::{Gallrad, Store};
use crate::regelverk::Loaded;

/// What is earned and not paid on a day, by how far it has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unpaid {
    /// Has gone out since, or goes out with a coming batch.
    pub going_out: Ore,
    /// Paid before it is earned; below zero.
    pub in_advance: Ore,
    /// Waits for a decision about a debt.
    pub waiting: Ore,
    /// What persons owe by a decision: asked back, or left to set off; below zero.
    pub receivable: Ore,
}

impl Unpaid {
    /// All of it.
    pub fn sum(&self) -> Ore {
        self.going_out + self.in_advance + self.waiting + self.receivable
    }

    fn add(&mut self, other: Unpaid) {
        self.going_out += other.going_out;
        self.in_advance += other.in_advance;
        self.waiting += other.waiting;
        self.receivable += other.receivable;
    }
}

/// A time's amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Unpaid at its start.
    pub start: Unpaid,
    /// Paid in it, by pay day.
    pub paid: Ore,
    /// Unpaid at its end.
    pub end: Unpaid,
    /// Earned in it by the regulation.
    pub earned: Ore,
    /// Held at its end, where its worth is known: earned only if it is granted.
    pub held: Ore,
}

impl Amounts {
    /// What the time bears by what was paid and what is unpaid.
    pub fn reconciled(&self) -> Ore {
        self.paid + self.end.sum() - self.start.sum()
    }

    /// Adds another's.
    pub fn add(&mut self, other: &Amounts) {
        self.start.add(other.start);
        self.paid += other.paid;
        self.end.add(other.end);
        self.earned += other.earned;
        self.held += other.held;
    }
}

/// A line of the list: none of an organ or kind that a held row does not tell.
pub type Key = (Option<OrganCode>, Option<LineKind>);

/// One person's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfPerson {
    /// Whom payroll knows the person as.
    pub anstid: Option<String>,
    /// By organ and kind.
    pub lines: BTreeMap<Key, Amounts>,
}

/// A year's end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accruals {
    /// By organ and kind.
    pub lines: BTreeMap<Key, Amounts>,
    /// All together.
    pub total: Amounts,
    /// By person, in the order of their anställningsnummer.
    pub persons: Vec<OfPerson>,
}

/// When batches and payments are paid.
pub(super) struct PayDays<'a> {
    loaded: &'a Loaded,
    names: HashMap<i64, BatchName>,
    delivered: HashMap<BatchName, Day>,
    /// The number of the last batch that is known.
    pub(super) booked_up_to: i64,
}

/// A time of whole months: after the day before its first month, until the last day of its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    start: Day,
    end: Day,
}

/// Works out a year's end with what was known by a day: with the highest number of any fact by then.
///
/// # Errors
/// The database, or the two bases do not meet to the öre.
pub async fn accruals(
    store: &mut impl Store,
    loaded: &Loaded,
    year: i32,
    today: Day,
    known: Option<(Day, i64)>,
    progress: &mut dyn FnMut(usize),
) -> Result<Accruals, Fault> {
    let none = || Fault::Input(format!("{year} is no year"));
    let end = Month::new(year, 12).ok_or_else(none)?;
    let span = Span::of(end.plus(-11), end);
    let pay_days = PayDays::load(store, loaded, known.map(|(day, _)| day)).await?;
    let question = question(end, today, known, pay_days.booked_up_to);
    let mut found = Accruals::default();
    for (_, sum) in store.gallrade().await? {
        for (amount, pay_day) in pay_days.of_gallrad(&sum) {
            span.take(&mut found.lines, &amount, pay_day);
        }
    }
    let mut calculation = Calculation::start(store, loaded, question).await?;
    while let Some(persons) = calculation.next_accrued(store).await? {
        progress(persons.len());
        for person in persons {
            let mut lines = BTreeMap::new();
            for amount in &person.amounts {
                span.take(&mut lines, amount, pay_days.of(&amount.standing));
            }
            person.held.iter().for_each(|held| span.hold(&mut lines, held));
            lines.retain(|_, amounts: &mut Amounts| *amounts != Amounts::default());
            for (key, amounts) in &lines {
                found.lines.entry(key.clone()).or_default().add(amounts);
            }
            let anstid = calculation.persons.main_anstid(person.person).map(str::to_owned);
            if !lines.is_empty() {
                found.persons.push(OfPerson { anstid, lines });
            }
        }
    }
    found.lines.retain(|_, amounts| *amounts != Amounts::default());
    for amounts in found.lines.values() {
        found.total.add(amounts);
    }
    let of_persons = found.persons.iter().flat_map(|person| &person.lines);
    reconcile(found.lines.iter().chain(of_persons))?;
    Ok(found)
}

/// What is asked to know all that was earned by the end of a month, and what has become of it.
pub(super) fn question(end: Month, today: Day, known: Option<(Day, i64)>, booked_up_to: i64) -> Question {
    let claims_until = known.map_or(today, |(day, _)| day);
    Question {
        payout: Month::of(claims_until),
        horizon: Month::of(today).max(end.plus(MONTHS_UNTIL_PAYABLE)),
        facts_up_to: known.map_or(i64::MAX, |(_, number)| number),
        claims_until,
        pins_up_to: booked_up_to,
        booked_up_to,
        repinned_from: None,
        explain: false,
        only: None,
    }
}

/// Both bases meet on every line.
pub(super) fn reconcile<'a>(mut lines: impl Iterator<Item = (&'a Key, &'a Amounts)>) -> Result<(), Fault> {
    let wrong = lines.find(|(_, amounts)| amounts.reconciled() != amounts.earned);
    let Some(((organ, kind), amounts)) = wrong else { return Ok(()) };
    let organ = organ.as_ref().map_or("-", |organ| organ.0.as_str());
    Err(Fault::Refused(format!(
        "{organ}, {}: paid and unpaid give {}, but the regulation gives {}; the ledger does not add up: restore the last backup, or report the program's fault",
        kind.map_or("-", LineKind::name),
        swedish(amounts.reconciled()),
        swedish(amounts.earned)
    )))
}

impl<'a> PayDays<'a> {
    /// Of every batch that was frozen by a day; of all of them if no day is given.
    pub(super) async fn load(
        store: &mut impl Store,
        loaded: &'a Loaded,
        known: Option<Day>,
    ) -> Result<PayDays<'a>, Fault> {
        let mut batches = store.batches().await?;
        batches.retain(|(_, batch, _)| known.is_none_or(|day| batch.frozen_on <= day));
        let booked_up_to = batches.last().map_or(0, |(id, _, _)| *id);
        let names = batches.iter().map(|(id, batch, _)| (*id, batch.name)).collect();
        let delivered = batches.iter().filter(|(_, batch, _)| batch.state == BatchState::Delivered);
        let delivered =
            delivered.map(|(_, batch, _)| (batch.name, loaded.lonekalender.pay_day(batch.name.payout))).collect();
        Ok(PayDays { loaded, names, delivered, booked_up_to })
    }

    /// When an amount was paid; none if it is not.
    pub(super) fn of(&self, standing: &Standing) -> Option<Day> {
        match standing {
            Standing::Booked(batch) => self.of_batch(*batch),
            Standing::Elsewhere(payout) => Some(self.loaded.lonekalender.pay_day(*payout)),
            _ => None,
        }
    }

    /// When a batch was paid; none if it has not left.
    pub(super) fn of_batch(&self, batch: BatchName) -> Option<Day> {
        self.delivered.get(&batch).copied()
    }

    /// Rows that gallring has removed were paid as they stood: what their months bear.
    pub(super) fn of_gallrad(&self, sum: &Gallrad) -> Vec<(Accrued, Option<Day>)> {
        let Some(name) = self.names.get(&sum.batch).filter(|name| self.delivered.contains_key(name)) else {
            return Vec::new();
        };
        let standing = match sum.settlement.as_str() {
            "" => Standing::Booked(*name),
            "aterkrav" | "kvittning" => Standing::Receivable(*name),
            _ => return Vec::new(),
        };
        let (organ, kind, accrued_in, belopp) = (sum.organ.clone(), sum.kind, sum.accrued_in, sum.belopp);
        let amount = Accrued { standing, organ, kind, accrued_in, belopp };
        let pay_day = self.of(&standing);
        let earned = Accrued { standing: Standing::Earned, ..amount.clone() };
        if kind == LineKind::Kvittning { vec![(amount, pay_day)] } else { vec![(amount, pay_day), (earned, None)] }
    }
}

impl Span {
    /// From a month to another, both included.
    pub(super) fn of(first: Month, last: Month) -> Span {
        Span { start: first.plus(-1).last(), end: last.last() }
    }

    /// Whether a day lies in it.
    pub(super) fn has(&self, day: Day) -> bool {
        day > self.start && day <= self.end
    }

    /// Adds an amount and the day that it was paid.
    pub(super) fn take(&self, lines: &mut BTreeMap<Key, Amounts>, amount: &Accrued, pay_day: Option<Day>) {
        let amounts = lines.entry((Some(amount.organ.clone()), Some(amount.kind))).or_default();
        if amount.standing == Standing::Earned {
            if self.has(amount.accrued_in.last()) {
                amounts.earned += amount.belopp;
            }
            return;
        }
        if pay_day.is_some_and(|day| self.has(day)) {
            amounts.paid += amount.belopp;
        }
        for (on, unpaid) in [(self.start, &mut amounts.start), (self.end, &mut amounts.end)] {
            stand(unpaid, amount, pay_day, on);
        }
    }

    /// Adds what is held.
    pub(super) fn hold(&self, lines: &mut BTreeMap<Key, Amounts>, held: &Held) {
        if held.day <= self.end {
            lines.entry((held.organ.clone(), held.kind)).or_default().held += held.worth;
        }
    }
}

/// How an amount stands on a day.
fn stand(unpaid: &mut Unpaid, amount: &Accrued, pay_day: Option<Day>, on: Day) {
    let (is_earned, is_paid) = (amount.accrued_in.last() <= on, pay_day.is_some_and(|day| day <= on));
    let belopp = amount.belopp;
    match amount.standing {
        // What is set off is paid less; what was owed for it is settled so far.
        _ if amount.kind == LineKind::Kvittning => unpaid.receivable += if is_paid { -belopp } else { Ore::ZERO },
        Standing::Booked(_) | Standing::Elsewhere(_) => match (is_earned, is_paid) {
            (true, false) => unpaid.going_out += belopp,
            (false, true) => unpaid.in_advance += -belopp,
            _ => {}
        },
        Standing::Owed if is_earned => unpaid.going_out += belopp,
        Standing::Waiting if is_earned => unpaid.waiting += belopp,
        Standing::Receivable(_) if is_earned => unpaid.receivable += belopp,
        _ => {}
    }
}
