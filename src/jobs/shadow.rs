//! A payout month beside what another routine paid for it: what agrees, what differs and why. Delivers nothing.

use std::collections::HashMap;

use super::calculate::Calculation;
use super::freeze_batch::{Wanted, question_as_known};
use super::import_workbooks::{self, ReadFile, Report, Settings as ImportSettings};
use super::switch_over;
use super::wholly::wholly_if;
use crate::calendar::{Day, Month};
use crate::domain::{Betalning, Fact, Fault, Line, LineKind, Remark, State, Utbetalt};
use crate::law::bestammelserna::p18_utbetalning as p18;
use crate::ledger::shadow::{Differing, Ours, Theirs, compare};
use crate::ledger::{BatchKind, BatchState};
use crate::money::Ore;
use crate::ports::{Clock, Store};
use crate::regelverk::Loaded;

/// One person's kind on one day where the two do not agree, and why.
#[derive(Clone, Debug)]
pub struct Difference {
    /// What differs.
    pub what: Differing,
    /// Whom payroll knows the person as.
    pub anstid: Option<String>,
    /// The paragraph that gives the right, or denies it.
    pub paragraph: &'static str,
    /// Why, in Swedish, each with what it rests on.
    pub why: Vec<(String, String)>,
    /// It could have gone out in an earlier month: the old routine owes it, or has paid it in a month not known here.
    pub is_earlier: bool,
}

/// What came out.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What became of the file's rows.
    pub report: Report,
    /// Rows that the program would send, and their sum.
    pub ours: (u32, Ore),
    /// Rows that were paid, and their sum.
    pub theirs: (u32, Ore),
    /// Rows of ours that agree, and their sum.
    pub agrees: (u32, Ore),
    /// Rows that were paid for a time before the first month, which nothing is owed for.
    pub before: (u32, Ore),
    /// What does not agree.
    pub differs: Vec<Difference>,
    /// The payments are kept as booked elsewhere: the number by which that is undone.
    pub kept: Option<i64>,
}

/// Compares a month with a file of payments. With `keep`, who asks for it, the payments are booked as paid elsewhere, so that the next month
/// builds on them, and no month can be frozen until the switch-over; without, nothing at all is changed.
///
/// # Errors
/// The file has no payments of the month, or a later month is booked.
pub async fn shadow(
    store: &mut impl Store,
    file: &ReadFile<'_>,
    import: &ImportSettings<'_>,
    loaded: &Loaded,
    clock: &impl Clock,
    month: Month,
    keep: Option<&str>,
) -> Result<Outcome, Fault> {
    let within = async |store: &mut _| within(store, file, import, loaded, clock, month, keep).await;
    wholly_if(store, |outcome: &Outcome| outcome.kept.is_some(), within).await
}

async fn within(
    store: &mut impl Store,
    file: &ReadFile<'_>,
    import: &ImportSettings<'_>,
    loaded: &Loaded,
    clock: &impl Clock,
    month: Month,
    keep: Option<&str>,
) -> Result<Outcome, Fault> {
    let booked = store.batches().await?.into_iter().find(|(_, batch, _)| {
        batch.name.payout == month && batch.kind == BatchKind::Monthly && batch.state != BatchState::Void
    });
    if let Some((_, batch, _)) = booked {
        return Err(Fault::Refused(format!(
            "{month} is booked by this program as {}; a shadow compares a month that another routine has paid. What payroll \
             says of our rows comes in by `arvode import`",
            batch.name
        )));
    }
    let first_fact = store.last_fact().await? + 1;
    let mut outcome = Outcome { report: import_workbooks::take_in(store, file, import).await?, ..Outcome::default() };
    let paid = paid_in(store, month).await?;
    if paid.is_empty() && outcome.report.held == 0 {
        return Err(Fault::Input(format!(
            "{} has no payment of {month}; the column Utbetalningsmånad says which month a row was paid in",
            file.name
        )));
    }
    let (_, question) = question_as_known(store, &Wanted::Monthly(month), clock.today(), None).await?;
    let question = super::calculate::Question { explain: true, ..question };
    let mut calculation = Calculation::start(store, loaded, question).await?;
    calculation.forget_payments_from(month);
    let (mut ours, mut known) = (Vec::new(), HashMap::new());
    while let Some(results) = calculation.next(store).await? {
        for result in results {
            let rows = result.rows.iter().chain(&result.waiting).filter(|row| row.kind != LineKind::Kvittning);
            ours.extend(rows.filter(|row| !row.kind.is_absence()).map(|row| {
                let payable = p18::payable_from(calculation.rules(), row.kind, row.accrued_in);
                let row = Ours { person: row.person, kind: row.kind, day: row.day, belopp: row.belopp };
                (row, payable < month)
            }));
            known.insert(result.person, (result.entitled, result.remarks));
        }
    }
    let theirs: Vec<Theirs> = paid
        .into_iter()
        .map(|paid| Theirs { person: paid.person, kinds: paid.kinds, day: paid.day, belopp: paid.belopp })
        .collect();
    outcome.ours = totals(ours.iter().map(|(row, _)| row.belopp));
    outcome.theirs = totals(theirs.iter().map(|row| row.belopp));
    let rows: Vec<Ours> = ours.iter().map(|(row, _)| row.clone()).collect();
    let found = compare(&rows, &theirs);
    outcome.agrees = found.agrees;
    let first = loaded.lonekalender.forsta_manad.unwrap_or(month).first();
    for what in found.differs {
        if what.ours == Ore::ZERO && what.day.is_some_and(|day| day < first) {
            let is_older = |row: &&Theirs| row.person == what.person && row.day == what.day;
            let rows = theirs.iter().filter(is_older).filter(|row| row.kinds.contains(&what.kind)).count();
            outcome.before.0 += u32::try_from(rows).unwrap_or(u32::MAX);
            outcome.before.1 += what.theirs;
            continue;
        }
        let of_person = known.get(&what.person);
        let of_us = ours.iter().filter(|(row, _)| is_of(row, &what));
        let is_earlier =
            what.theirs == Ore::ZERO && of_us.clone().count() > 0 && of_us.clone().all(|(_, earlier)| *earlier);
        let (paragraph, why) = why(&what, of_person);
        let anstid = calculation.persons.main_anstid(what.person).map(str::to_owned);
        outcome.differs.push(Difference { what, anstid, paragraph, why, is_earlier });
    }
    if let Some(actor) = keep {
        outcome.kept = Some(switch_over::note_shadow(store, clock, (file.name, month), actor, first_fact).await?);
    }
    Ok(outcome)
}

/// What is known as paid in a month, by whatever file.
async fn paid_in(store: &mut impl Store, month: Month) -> Result<Vec<Utbetalt>, Fault> {
    let last = store.last_fact().await?;
    let of_month = |fact: Fact| match fact {
        Fact::Utbetalt(paid) if paid.payout == month && paid.status != Betalning::Avvisad => Some(paid),
        _ => None,
    };
    let all = store.facts_of_kinds(&["utbetalt"], last).await?;
    Ok(all.into_iter().filter_map(|recorded| of_month(recorded.fact)).collect())
}

fn totals(amounts: impl Iterator<Item = Ore>) -> (u32, Ore) {
    amounts.fold((0, Ore::ZERO), |(rows, sum), belopp| (rows + 1, sum + belopp))
}

fn is_of(row: &Ours, what: &Differing) -> bool {
    let is_day = |day: Day| row.day == day || (what.is_monthly() && Month::of(row.day) == Month::of(day));
    row.person == what.person && row.kind == what.kind && what.day.is_none_or(is_day)
}

/// How the program comes to its amount; where it would pay nothing, what it found that day.
fn why(what: &Differing, known: Option<&(Vec<Line>, Vec<Remark>)>) -> (&'static str, Vec<(String, String)>) {
    let Some((lines, remarks)) = known else {
        return (what.kind.paragraph(), vec![("personen är inte känd här".to_owned(), String::new())]);
    };
    let on_day = |day: Day| {
        what.day.is_none_or(|wanted| day == wanted || (what.is_monthly() && Month::of(day) == Month::of(wanted)))
    };
    let mut told: Vec<(String, String)> = Vec::new();
    let of_kind = |line: &&Line| line.kind == what.kind && on_day(line.day);
    if what.ours != Ore::ZERO {
        let steps = lines.iter().filter(of_kind).flat_map(|line| &line.steps);
        told.extend(steps.map(|step| (step.text.clone(), step.basis.clone())));
    }
    let mut paragraph = what.kind.paragraph();
    for remark in remarks.iter().filter(|remark| remark.day.is_some_and(on_day)) {
        let state = if remark.state == State::Held { "väntar: " } else { "" };
        told.push((format!("{state}{}", remark.reason), remark.paragraph.to_owned()));
        if what.ours == Ore::ZERO && !remark.paragraph.is_empty() {
            paragraph = remark.paragraph;
        }
    }
    if told.is_empty() {
        let text = if lines.iter().any(|line| of_kind(&line)) {
            "är redan betalt eller avstått"
        } else {
            "inget i närvaro, yrkanden eller uppdrag svarar mot betalningen"
        };
        told.push((text.to_owned(), paragraph.to_owned()));
    }
    told.dedup();
    (paragraph, told)
}
