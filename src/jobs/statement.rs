//! What was paid to a person in a year or a month, when, by which paragraph and how it was worked out, and what was not
//! paid and why: of one person or, in one pass, of everybody.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use super::attest_batch::{SheetView, sheets};
use super::calculate::{Calculation, PersonResult, Question, Refusal, Waived};
use super::cut_off::left_out_of;
use super::explained::{ExplainedRow, Reversal, cause_of, occasion_text, question_of, reversals, stored_rows};
use super::gallra::gallrad_of;
use super::remark_list::{Shown, shown};
use super::trace_reversal::Tracer;
use crate::calendar::{Day, Month};
use crate::domain::{Fault, Line, LineKind, Occasion, PersonId, Provenance, Remark, RemarkKind, State};
use crate::ledger::{Batch, BatchRow, BatchState};
use crate::money::Ore;
use crate::ports::Store;
use crate::regelverk::Loaded;

/// A year or a month of payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first payout month.
    pub first: Month,
    /// The last payout month.
    pub last: Month,
}

impl std::str::FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Period, String> {
        if let Ok(month) = text.parse::<Month>() {
            return Ok(Period { first: month, last: month });
        }
        let year = text.parse::<i32>().ok().filter(|year| (1900..=9999).contains(year));
        let months = year.and_then(|year| Month::new(year, 1).zip(Month::new(year, 12)));
        let (first, last) =
            months.ok_or_else(|| format!("\"{text}\" is neither a year nor a month; write 2026 or 2026-11"))?;
        Ok(Period { first, last })
    }
}

impl Period {
    fn contains(self, month: Month) -> bool {
        (self.first..=self.last).contains(&month)
    }

    /// What still waits, and what was not paid of the months whose occasions are paid in the period.
    fn concerns(self, remark: &Remark) -> bool {
        let earned = self.first.plus(-1).first()..=self.last.last();
        remark.state == State::Held || remark.day.is_none_or(|day| earned.contains(&day))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { write!(out, "{}", self.first) } else { write!(out, "{}", self.first.year()) }
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// When it was paid.
    pub period: Period,
    /// Batches that were frozen later are not known.
    pub as_known_on: Option<Day>,
    /// The day that it is asked on.
    pub today: Day,
}

/// One row that was paid, with how it came about.
#[derive(Clone, Debug)]
pub struct Paid {
    /// When the money was there.
    pub pay_day: Day,
    /// The month that it was paid in.
    pub payout: Month,
    /// The row.
    pub row: BatchRow,
    /// The line that it pays.
    pub line: Option<Line>,
    /// What it is for, in words.
    pub occasion: String,
    /// Why its batch takes earlier rows back.
    pub cause: String,
    /// What stands behind it where it takes something back.
    pub reversal: Option<Reversal>,
    /// Payroll's refusal of the same.
    pub refused: Option<Refusal>,
}

impl Paid {
    /// How it is told.
    pub fn explained(&self) -> ExplainedRow<'_> {
        let (row, line) = (&self.row, self.line.as_ref());
        let (occasion, cause) = (self.occasion.clone(), &self.cause);
        let (reversal, refused) = (self.reversal.as_ref(), self.refused.as_ref());
        ExplainedRow { row, line, occasion, cause, reversal, refused }
    }
}

/// One person's statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Who, by the id that is kept.
    pub person: PersonId,
    /// All ids under which the person was registered.
    pub ids: Vec<PersonId>,
    /// The name, as far as others may be told it.
    pub name: String,
    /// Whom payroll knows the person as.
    pub anstid: Option<String>,
    /// When it was paid.
    pub period: Period,
    /// What was paid, batch by batch.
    pub paid: Vec<Paid>,
    /// What was not paid, as the period's last batch knew it.
    pub open: Vec<Shown>,
    /// Which batches of the period lack rows, and by which decision.
    pub gallrade: Vec<String>,
    /// What the person waives.
    pub waived: Vec<Waived>,
}

impl Statement {
    /// All of it.
    pub fn sum(&self) -> Ore {
        self.paid.iter().map(|paid| paid.row.belopp).sum()
    }

    /// By kind.
    pub fn by_kind(&self) -> BTreeMap<LineKind, Ore> {
        let mut sums = BTreeMap::new();
        for paid in &self.paid {
            *sums.entry(paid.row.kind).or_insert(Ore::ZERO) += paid.row.belopp;
        }
        sums
    }

    /// What of it is free of tax.
    pub fn tax_free(&self) -> Ore {
        let free = self.paid.iter().filter(|paid| is_tax_free(paid.row.kind));
        free.map(|paid| paid.row.belopp).sum()
    }

    /// The latest payment of each kind.
    pub fn latest(&self) -> BTreeMap<LineKind, &Paid> {
        let paid = self.paid.iter().filter(|paid| paid.row.reverses.is_none());
        paid.map(|paid| (paid.row.kind, paid)).collect()
    }

    /// What was taken back.
    pub fn corrections(&self) -> Vec<&Paid> {
        self.paid.iter().filter(|paid| paid.row.reverses.is_some()).collect()
    }
}

/// Whether a kind is paid free of tax.
pub fn is_tax_free(kind: LineKind) -> bool {
    matches!(
        kind,
        LineKind::BilersattningSkattefri
            | LineKind::TraktamenteHelt
            | LineKind::TraktamenteHalvt
            | LineKind::TraktamenteNatt
    )
}

/// Everything known now, up to the end of a period.
pub fn everything_known(wanted: &Wanted, facts_up_to: i64) -> Question {
    Question {
        payout: wanted.period.last,
        horizon: wanted.period.last,
        facts_up_to,
        claims_until: wanted.today,
        pins_up_to: i64::MAX,
        booked_up_to: i64::MAX,
        repinned_from: None,
        explain: false,
        only: None,
    }
}

/// One person's statement; nothing is in it where nothing was paid and nothing waits.
///
/// # Errors
/// The database, or settings without a first month.
pub async fn statement(
    store: &mut impl Store,
    loaded: &Loaded,
    wanted: &Wanted,
    person: PersonId,
) -> Result<Option<Statement>, Fault> {
    let mut found = Gathering::begin(store, loaded, wanted, Some(person)).await?;
    found.batches(store).await?;
    Ok(found.of.into_values().next())
}

/// Everybody's statements, in the order of their anställningsnummer.
///
/// # Errors
/// The database, or settings without a first month.
pub async fn statements(store: &mut impl Store, loaded: &Loaded, wanted: &Wanted) -> Result<Vec<Statement>, Fault> {
    let mut found = Gathering::begin(store, loaded, wanted, None).await?;
    found.batches(store).await?;
    let mut all: Vec<Statement> = found.of.into_values().collect();
    all.sort_by_cached_key(|one| (one.anstid.is_none(), one.anstid.clone(), one.person));
    Ok(all)
}

/// Statements as they come together, batch by batch.
struct Gathering<'a> {
    loaded: &'a Loaded,
    wanted: &'a Wanted,
    of: HashMap<PersonId, Statement>,
    /// The person that each id stands for now.
    kept: HashMap<PersonId, PersonId>,
    /// Whose batches are looked at: all ids of one person, or everybody.
    ids: Vec<Option<PersonId>>,
}

impl<'a> Gathering<'a> {
    /// Who there is, and what they waive.
    async fn begin(
        store: &mut impl Store,
        loaded: &'a Loaded,
        wanted: &'a Wanted,
        only: Option<PersonId>,
    ) -> Result<Gathering<'a>, Fault> {
        let question = Question { only, ..everything_known(wanted, store.last_fact().await?) };
        let mut calculation = Calculation::start(store, loaded, question).await?;
        let ids = only.map(|person| calculation.ids_of(person).into_iter().map(Some).collect());
        let (mut of, mut kept) = (HashMap::new(), HashMap::new());
        while let Some(results) = calculation.next(store).await? {
            for result in results {
                let person = result.person;
                let ids = calculation.ids_of(person);
                kept.extend(ids.iter().map(|id| (*id, person)));
                let waived = result.waived.into_iter().filter(|one| wanted.period.contains(one.line.payable_from));
                let statement = Statement {
                    person,
                    ids,
                    name: calculation.shown_name(person).to_owned(),
                    anstid: calculation.persons.main_anstid(person).map(str::to_owned),
                    period: wanted.period,
                    paid: Vec::new(),
                    open: Vec::new(),
                    gallrade: Vec::new(),
                    waived: waived.collect(),
                };
                of.insert(person, statement);
            }
        }
        Ok(Gathering { loaded, wanted, of, kept, ids: ids.unwrap_or_else(|| vec![None]) })
    }

    /// What has left for payroll in the period, in order.
    async fn batches(&mut self, store: &mut impl Store) -> Result<(), Fault> {
        let wanted = self.wanted;
        let is_meant = |batch: &Batch| {
            batch.state == BatchState::Delivered
                && wanted.period.contains(batch.name.payout)
                && wanted.as_known_on.is_none_or(|day| batch.frozen_on <= day)
        };
        let all = store.batches().await?.into_iter().map(|(id, batch, _)| (id, batch));
        let mut batches: Vec<(i64, Batch)> = all.filter(|(_, batch)| is_meant(batch)).collect();
        batches.sort_by_key(|(id, batch)| (batch.name, *id));
        for (id, batch) in &batches {
            if let Some((_, decision)) = gallrad_of(store, *id).await? {
                let told = format!("rader i körning {} är gallrade enligt {decision}", batch.name);
                self.of.values_mut().for_each(|one| one.gallrade.push(told.clone()));
            }
            // What waits is as the last batch knew it.
            self.of.values_mut().for_each(|one| one.open.clear());
            self.batch(store, *id, batch).await?;
        }
        Ok(())
    }

    async fn batch(&mut self, store: &mut impl Store, id: i64, batch: &Batch) -> Result<(), Fault> {
        let rows = stored_rows(store, id, None).await?;
        let left_out: Vec<BatchRow> = left_out_of(store, id).await?.into_iter().map(|stored| stored.row).collect();
        let views = if left_out.is_empty() { Vec::new() } else { sheets(store, batch.name).await? };
        let mut done = BTreeSet::new();
        for only in self.ids.clone() {
            let question = Question { only, ..question_of(id, batch) };
            let mut calculation = Calculation::start(store, self.loaded, question).await?;
            if only.is_some_and(|person| !done.insert(calculation.kept(person))) {
                continue;
            }
            let mut tracer = Tracer::start(store, &calculation.question, batch.because.clone()).await?;
            while let Some(results) = calculation.next(store).await? {
                for result in results {
                    let mine = calculation.rows_of(result.person, &rows);
                    let behind = reversals(store, self.loaded, &mut tracer, &calculation, result.person, &mine).await?;
                    let left_out = calculation.rows_of(result.person, &left_out);
                    self.leave_out(&calculation, result.person, &left_out, &views);
                    self.take(&calculation, batch, result, (mine, behind));
                }
            }
        }
        Ok(())
    }

    /// What was left out of a batch is told until the next one carries it.
    fn leave_out(&mut self, calculation: &Calculation<'_>, person: PersonId, rows: &[BatchRow], views: &[SheetView]) {
        let Some(statement) = self.kept.get(&person).and_then(|person| self.of.get_mut(person)) else { return };
        for row in rows {
            let view = views.iter().find(|view| view.sheet.number == row.sheet);
            let Some(left_out) = view.and_then(|view| view.left_out.as_ref()) else { continue };
            let occasion = occasion_text(row, &calculation.meetings);
            let remark = Remark {
                kind: RemarkKind::Person,
                state: State::Noted,
                day: Some(row.day),
                reason: format!("{}, {occasion}: {}", row.kind.word(), left_out.says()),
                paragraph: "§ 18",
                proposed: "inget behöver göras: raden kommer med nästa körning".to_owned(),
                worth: Some(row.belopp),
                undecided: None,
                place: Provenance::default(),
            };
            let anstid = statement.anstid.clone();
            statement.open.push(shown(statement.person, anstid, remark));
        }
    }

    fn take(
        &mut self,
        calculation: &Calculation<'_>,
        batch: &Batch,
        result: PersonResult,
        (mine, mut behind): (Vec<BatchRow>, HashMap<usize, Reversal>),
    ) {
        let Some(statement) = self.kept.get(&result.person).and_then(|person| self.of.get_mut(person)) else { return };
        let mut remarks = result.remarks;
        remarks.retain(|remark| self.wanted.period.concerns(remark));
        remarks.sort_by_key(|remark| remark.day);
        let anstid = statement.anstid.clone();
        let person = statement.person;
        statement.open.extend(remarks.into_iter().map(|remark| shown(person, anstid.clone(), remark)));
        let lines: HashMap<(Occasion, LineKind, rust_decimal::Decimal), Line> =
            result.entitled.into_iter().map(|line| ((line.occasion.clone(), line.kind, line.apris), line)).collect();
        for (place, row) in mine.into_iter().enumerate() {
            let line = lines.get(&(row.occasion.clone(), row.kind, row.apris)).cloned();
            let refused = result.refused.iter().find(|refusal| refusal.is_of(&row)).cloned();
            statement.paid.push(Paid {
                pay_day: self.loaded.lonekalender.pay_day(batch.name.payout),
                payout: batch.name.payout,
                line,
                occasion: occasion_text(&row, &calculation.meetings),
                cause: cause_of(batch),
                reversal: behind.remove(&place),
                refused,
                row,
            });
        }
    }
}
