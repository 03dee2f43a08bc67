//! Freezes a batch: its rows, its attest sheets, and the rules of the months it worked out, all or nothing.

use std::collections::BTreeMap;

use super::calculate::{Calculation, PersonResult, Question, Waived, closed};
use super::wholly::wholly_if;
use crate::attest::{Forteckning, PersonData, RowsBySheet, SheetHead, Splitting};
use crate::calendar::{Day, Month, days_later};
use crate::domain::{Fact, Fault, LineKind, PersonId, Remark, State};
use crate::ledger::{Batch, BatchKind, BatchName, BatchRow, BatchState, Measure, Summed, tripped};
use crate::money::Ore;
use crate::ports::{Clock, Store};
use crate::regelverk::Loaded;

/// What is the same for every batch.
pub struct Settings<'a> {
    /// Rules, lönarter and pay calendar.
    pub loaded: &'a Loaded,
    /// Who may sign.
    pub forteckning: &'a Forteckning,
    /// Days that a sheet may wait for its signatures.
    pub sheet_days: i64,
}

/// Which batch is wanted.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// A month's batch.
    Monthly(Month),
    /// A batch of what changed rules cause from a month on, and the decision.
    Recalculation {
        /// First accrual month.
        from: Month,
        /// Its decision.
        because: String,
        /// Who asks for it.
        actor: String,
    },
}

/// What rows add up to, as a person reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// How many rows.
    pub rows: u32,
    /// Rows and sum of each kind.
    pub by_kind: BTreeMap<LineKind, (u32, Ore)>,
    /// Rows and sum of what is taken back.
    pub reversals: (u32, Ore),
}

impl Sums {
    /// Takes in a row.
    pub fn add(&mut self, row: &BatchRow) {
        self.rows += 1;
        let entry = self.by_kind.entry(row.kind).or_default();
        entry.0 += 1;
        entry.1 += row.belopp;
        if row.reverses.is_some() {
            self.reversals.0 += 1;
            self.reversals.1 += row.belopp;
        }
    }
}

/// What was frozen, or would be.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The batch's name.
    pub name: BatchName,
    /// What it adds up to.
    pub totals: Summed,
    /// What its rows for payroll add up to; none where they were not worked out now.
    pub sums: Option<Sums>,
    /// Persons whose rows wait because they would become net negative.
    pub waiting_persons: u32,
    /// What a person must look at, with the person.
    pub remarks: Vec<(PersonId, Remark)>,
    /// What is waived of the month's lines and of what the batch takes back, with the person.
    pub waived: Vec<(PersonId, Waived)>,
    /// What today's rules would change in months pinned to others, by month: lines and sum.
    pub rule_differences: BTreeMap<Month, (u32, Ore)>,
    /// Persons who were not worked out again, since nothing that they hang on has changed.
    pub left_at_rest: usize,
    /// Why it stopped for a person's yes; empty if it did not.
    pub stopped: Vec<String>,
    /// Neither rows nor rows that wait: nothing was frozen.
    pub is_empty: bool,
}

/// The question that a batch's calculation answers; with `known_until` as it would have been asked on that day.
///
/// # Errors
/// A batch is open, the month lies before one that is booked, or there is nothing to recalculate.
async fn question(
    store: &mut impl Store,
    wanted: &Wanted,
    today: Day,
    known_until: Option<Day>,
) -> Result<(BatchName, Question), Fault> {
    let mut batches = store.batches().await?;
    batches.retain(|(_, batch, _)| known_until.is_none_or(|day| batch.frozen_on <= day));
    let standing: Vec<&Batch> =
        batches.iter().map(|(_, batch, _)| batch).filter(|batch| batch.state != BatchState::Void).collect();
    let pins_up_to = batches.last().map_or(0, |(id, _, _)| *id);
    let facts_up_to = store.last_fact().await?;
    let (payout, horizon, question) = match wanted {
        Wanted::Monthly(payout) => {
            if let Some(later) =
                standing.iter().find(|batch| batch.kind == BatchKind::Monthly && batch.name.payout > *payout)
            {
                return Err(Fault::Refused(format!(
                    "{payout} lies before {}, which is booked; what is still owed for it goes out in the next batch",
                    later.name
                )));
            }
            (*payout, *payout, (facts_up_to, today, None))
        }
        Wanted::Recalculation { from, .. } => {
            if let Some(through) = closed(store, facts_up_to).await?.through.filter(|through| from <= through) {
                return Err(Fault::Refused(format!(
                    "{from} is closed (months are closed through {through}), so nothing earned in it is worked out again; recalculate from {}, or open it with `arvode close {} --reopen`",
                    through.plus(1),
                    from.plus(-1)
                )));
            }
            let Some(last) = standing.iter().rev().find(|batch| batch.kind == BatchKind::Monthly) else {
                return Err(Fault::Input(
                    "no month is booked, so there is nothing to recalculate; freeze a month first".to_owned(),
                ));
            };
            let latest = standing.iter().map(|batch| batch.name.payout).max().unwrap_or(last.name.payout);
            let next = latest.max(last.name.payout.plus(1));
            (next, last.name.payout, (last.facts_up_to, last.frozen_on, Some(*from)))
        }
    };
    let used =
        batches.iter().filter(|(_, batch, _)| batch.name.payout == payout).map(|(_, batch, _)| batch.name.sequence);
    let name = BatchName { payout, sequence: used.max().unwrap_or(0) + 1 };
    let (facts_up_to, claims_until, repinned_from) = question;
    let question = Question {
        payout,
        horizon,
        facts_up_to,
        claims_until,
        pins_up_to,
        booked_up_to: i64::MAX,
        repinned_from,
        explain: false,
        only: None,
    };
    Ok((name, question))
}

/// While another routine pays, its months are looked at beside ours and never frozen.
async fn old_routine_has_ended(store: &mut impl Store, facts_up_to: i64, payout: Month) -> Result<(), Fault> {
    paid_by_old_routine(store, facts_up_to, payout).await?.map_or(Ok(()), |why| Err(Fault::Refused(why)))
}

/// Why a month is not this program's to pay; none if it is.
///
/// # Errors
/// The database.
pub async fn paid_by_old_routine(
    store: &mut impl Store,
    facts_up_to: i64,
    payout: Month,
) -> Result<Option<String>, Fault> {
    let standing = store.facts_of_kinds(&["switch_over"], facts_up_to).await?;
    let Some(Fact::SwitchOver(found)) = standing.last().map(|recorded| &recorded.fact) else { return Ok(None) };
    Ok(match found.first_payout {
        Some(first) if payout >= first => None,
        Some(first) => Some(format!(
            "{payout} was paid by the routine before {first}, the first payout month of this program; what is still owed for it \
             goes out with {first}"
        )),
        None => Some(format!(
            "the old routine still pays: {payout} would be paid twice. See `arvode switch-over {payout}`, which says what it \
             would do"
        )),
    })
}

/// The same question with only the facts, claims, batches and pins that were known by the end of a day, if one is given
/// with the highest number of any fact by then.
///
/// # Errors
/// A later month is booked, or there is nothing to recalculate.
pub async fn question_as_known(
    store: &mut impl Store,
    wanted: &Wanted,
    today: Day,
    as_known_on: Option<(Day, i64)>,
) -> Result<(BatchName, Question), Fault> {
    let (name, mut question) = question(store, wanted, today, as_known_on.map(|(day, _)| day)).await?;
    if let Some((day, facts_up_to)) = as_known_on {
        (question.claims_until, question.facts_up_to) = (day.min(question.claims_until), facts_up_to);
        let batches = store.batches().await?;
        let known = batches.iter().rev().find(|(_, batch, _)| batch.frozen_on <= day).map_or(0, |(id, _, _)| *id);
        (question.pins_up_to, question.booked_up_to) = (known, known);
    }
    Ok((name, question))
}

/// Freezes a batch. With `yes`, tripwires do not stop it.
///
/// # Errors
/// A batch is open, or as in [`question_as_known`]; nothing is changed.
pub async fn freeze(
    store: &mut impl Store,
    settings: &Settings<'_>,
    clock: &impl Clock,
    wanted: &Wanted,
    yes: bool,
    progress: &mut dyn FnMut(usize),
) -> Result<Outcome, Fault> {
    let is_kept = |outcome: &Outcome| outcome.stopped.is_empty() && !outcome.is_empty;
    wholly_if(store, is_kept, async |store| freeze_within(store, settings, clock, wanted, yes, progress).await).await
}

async fn freeze_within(
    store: &mut impl Store,
    settings: &Settings<'_>,
    clock: &impl Clock,
    wanted: &Wanted,
    yes: bool,
    progress: &mut dyn FnMut(usize),
) -> Result<Outcome, Fault> {
    let batches = store.batches().await?;
    if let Some((_, open, _)) = batches.iter().find(|(_, batch, _)| batch.state.is_open()) {
        let (name, state) = (open.name, open.state.name());
        return Err(Fault::Refused(format!(
            "batch {name} is still {state}; sign and export it (`arvode attest`, `arvode export {name}`) or take it back (`arvode void {name}`)"
        )));
    }
    let today = clock.today();
    let (name, mut question) = question(store, wanted, today, None).await?;
    old_routine_has_ended(store, question.facts_up_to, name.payout).await?;
    let (kind, because) = match wanted {
        Wanted::Monthly(_) => (BatchKind::Monthly, None),
        Wanted::Recalculation { because, .. } => (BatchKind::Recalculation, Some(because.clone())),
    };
    let batch = Batch {
        name,
        kind,
        state: BatchState::Calculated,
        facts_up_to: question.facts_up_to,
        frozen_on: today,
        frozen_at_ms: clock.now_ms(),
        because,
        example: settings.loaded.example,
    };
    let id = batches.last().map_or(0, |(id, _, _)| *id) + 1;
    store.add_batch(id, &batch).await?;
    question.booked_up_to = id - 1;
    let facts_up_to = question.facts_up_to;
    let mut calculation = Calculation::start(store, settings.loaded, question).await?;
    let mut at_rest = calculation.leave_at_rest(store, &batches).await?;
    let left_at_rest = at_rest.count();
    progress(left_at_rest);
    let splitting = splitting(store, settings, &calculation, facts_up_to, today).await?;
    let mut sum = Summing::new(kind, name.payout, &batches);
    let mut next_line = store.last_line().await? + 1;
    while let Some(results) = calculation.next(store).await? {
        progress(results.len());
        results.iter().for_each(|result| at_rest.take(result));
        let rows = sum.take(results, &splitting);
        store.add_rows(id, next_line, &rows).await?;
        next_line += i64::try_from(rows.len()).unwrap_or(i64::MAX);
    }
    let outcome = Outcome { left_at_rest, ..sum.outcome(name, settings, yes) };
    if outcome.is_empty || !outcome.stopped.is_empty() {
        return Ok(outcome);
    }
    store.set_totals(id, &outcome.totals).await?;
    let expires = days_later(today, settings.sheet_days);
    let forteckning_sha256 = settings.forteckning.sha256.clone();
    let head = SheetHead { batch: name, forteckning_sha256, expires, example: batch.example };
    for sheet in sum.sheets.sheets(&head, |number| splitting.own_rows_of(number)) {
        let content = serde_json::to_string(&sheet).map_err(|error| Fault::Temporary(error.to_string()))?;
        store.add_sheet(id, sheet.number, &content).await?;
    }
    let pins = match wanted {
        Wanted::Monthly(_) => calculation.new_pins(),
        Wanted::Recalculation { .. } => calculation.repins(store).await?,
    };
    for pin in pins {
        store.add_pin(id, &pin).await?;
    }
    if kind == BatchKind::Monthly {
        let batches: Vec<_> = batches.into_iter().chain([(id, batch, outcome.totals.clone())]).collect();
        calculation.write_at_rest(store, &batches, &at_rest).await?;
    }
    if outcome.totals.rows == 0 {
        // Only what waits is written down; there is nothing to sign or to deliver.
        store.move_batch(name, BatchState::Calculated, BatchState::Delivered).await?;
    }
    let by = match wanted {
        Wanted::Monthly(_) => String::new(),
        Wanted::Recalculation { from, because, actor } => format!("; omräkning från {from}, av {actor}: {because}"),
    };
    let (rows, sum, sha256) = (outcome.totals.rows, outcome.totals.sum, &outcome.totals.sha256);
    let detail = format!("{name}: {rows} rader, {sum} kr, sha256 {sha256}{by}");
    store.audit("freeze", &detail, clock.now_ms()).await?;
    Ok(outcome)
}

/// Which sheet each row goes to: an official's own rows stand on a sheet that they cannot sign.
async fn splitting(
    store: &mut impl Store,
    settings: &Settings<'_>,
    calculation: &Calculation<'_>,
    facts_up_to: i64,
    today: Day,
) -> Result<Splitting, Fault> {
    let mut persons: BTreeMap<PersonId, PersonData> = BTreeMap::new();
    for recorded in store.facts_of_kinds(&["person"], facts_up_to).await? {
        if let Fact::Person(row) = recorded.fact {
            let (registered, person) = (row.person, calculation.kept(row.person));
            let (anstids, namn) = (calculation.persons.anstids(person), format!("{} {}", row.fornamn, row.efternamn));
            persons.insert(registered, PersonData { person, anstids, epost: row.epost, namn });
        }
    }
    let persons: Vec<PersonData> = persons.into_values().collect();
    let ansvar = settings.loaded.regelverk.organ.iter().map(|organ| organ.ansvar.as_str());
    Ok(Splitting::new(settings.forteckning, today, &persons, ansvar))
}

/// What is gathered while persons' results go by.
struct Summing {
    sums: Sums,
    sheets: RowsBySheet,
    measure: Measure,
    waiting_persons: u32,
    waits_anew: bool,
    remarks: Vec<(PersonId, Remark)>,
    payout: Month,
    waived: Vec<(PersonId, Waived)>,
    rule_differences: BTreeMap<Month, (u32, Ore)>,
    next_postid: u32,
}

/// Noted remarks kept for the summary; held ones are always kept.
const NOTED_KEPT: usize = 1_000;

/// A year of batches to compare with.
const MONTHS_COMPARED: usize = 12;

impl Summing {
    fn new(kind: BatchKind, payout: Month, batches: &[(i64, Batch, Summed)]) -> Summing {
        let monthly = batches
            .iter()
            .rev()
            .filter(|(_, batch, _)| batch.kind == BatchKind::Monthly && batch.state != BatchState::Void);
        let earlier_sums = monthly.take(MONTHS_COMPARED).map(|(_, _, summed)| summed.sum).collect();
        let measure = Measure { recalculation: kind == BatchKind::Recalculation, earlier_sums, ..Measure::default() };
        Summing {
            sums: Sums::default(),
            sheets: RowsBySheet::default(),
            measure,
            waiting_persons: 0,
            waits_anew: false,
            remarks: Vec::new(),
            payout,
            waived: Vec::new(),
            rule_differences: BTreeMap::new(),
            next_postid: 1,
        }
    }

    /// Numbers the rows, assigns their sheets, and adds them up. Rows that wait keep number 0.
    fn take(&mut self, results: Vec<PersonResult>, splitting: &Splitting) -> Vec<BatchRow> {
        let count = |result: &PersonResult| result.rows.len() + result.waiting.len() + result.settled.len();
        let (mut rows, mut canonical) = (Vec::with_capacity(results.iter().map(count).sum()), String::new());
        for result in results {
            let waived = result.waived_in(self.payout);
            self.waived.extend(waived.into_iter().map(|waived| (result.person, waived)));
            for (month, (lines, sum)) in result.rule_differences {
                let entry = self.rule_differences.entry(month).or_default();
                entry.0 += lines;
                entry.1 += sum;
            }
            for remark in result.remarks {
                if remark.state == State::Held || self.remarks.len() < NOTED_KEPT {
                    self.remarks.push((result.person, remark));
                }
            }
            let waits = !result.waiting.is_empty();
            self.waiting_persons += u32::from(waits);
            self.waits_anew |= result.waits_anew;
            self.measure.negative_persons += usize::from(waits);
            for mut row in result.rows {
                row.postid = self.next_postid;
                row.sheet = splitting.sheet_for(result.person, &row);
                self.next_postid += 1;
                canonical.clear();
                row.push_canonical(&mut canonical);
                self.sums.add(&row);
                self.sheets.add_as(&row, &canonical);
                self.measure.months.insert(row.accrued_in);
                self.measure.rows += 1;
                self.measure.reversals += usize::from(row.reverses.is_some());
                rows.push(row);
            }
            self.waits_anew |= !result.settled.is_empty();
            rows.extend(result.waiting);
            rows.extend(result.settled);
        }
        rows
    }

    fn outcome(&mut self, name: BatchName, settings: &Settings<'_>, yes: bool) -> Outcome {
        let totals = self.sheets.all().summed();
        self.measure.sum = totals.sum;
        let wires = &settings.loaded.lonekalender.tripwires;
        let stopped = if yes { Vec::new() } else { tripped(wires, &self.measure) };
        Outcome {
            name,
            is_empty: totals.rows == 0 && !self.waits_anew,
            totals,
            sums: Some(std::mem::take(&mut self.sums)),
            waiting_persons: self.waiting_persons,
            left_at_rest: 0,
            remarks: std::mem::take(&mut self.remarks),
            waived: std::mem::take(&mut self.waived),
            rule_differences: std::mem::take(&mut self.rule_differences),
            stopped,
        }
    }
}

/// What a batch would be, its rows handed on as they are worked out; books nothing.
///
/// # Errors
/// As in [`question_as_known`].
pub async fn preview(
    store: &mut impl Store,
    settings: &Settings<'_>,
    clock: &impl Clock,
    wanted: &Wanted,
    as_known_on: Option<(Day, i64)>,
    each: &mut dyn FnMut(&BatchRow) -> Result<(), Fault>,
) -> Result<Outcome, Fault> {
    let today = clock.today();
    let (name, question) = question_as_known(store, wanted, today, as_known_on).await?;
    let batches = store.batches().await?;
    let facts_up_to = question.facts_up_to;
    let kind = if matches!(wanted, Wanted::Monthly(_)) { BatchKind::Monthly } else { BatchKind::Recalculation };
    let mut calculation = Calculation::start(store, settings.loaded, question).await?;
    let splitting = splitting(store, settings, &calculation, facts_up_to, today).await?;
    let mut sum = Summing::new(kind, name.payout, &batches);
    while let Some(results) = calculation.next(store).await? {
        for row in sum.take(results, &splitting).iter().filter(|row| row.postid > 0) {
            each(row)?;
        }
    }
    Ok(sum.outcome(name, settings, false))
}
