//! The cut-off: sheets that lack their signatures are left out of their batch, and what stands on them is owed again.
//!
//! What is left out is one transaction, committed before the export begins. So a program that is killed anywhere goes on
//! where it was: either nothing is left out yet, or the batch is what is left of it, and leaves as any other.

use std::collections::BTreeMap;

use super::attest_batch::{SheetView, find, sheets, verify_signed};
use super::export_batch::{Settings, left_before};
use super::gallra::refuse_gallrad;
use super::schedule::{Entry, Job};
use super::wholly::wholly;
use crate::calendar::{Day, days_later, end_of_day_ms};
use crate::domain::Fault;
use crate::ledger::{Batch, BatchKind, BatchName, BatchRow, BatchState, Bonds, LeftOut, Summed, Totals, WhyLeftOut};
use crate::ports::{Clock, PayrollOut, Signatures, Store, StoredRow};
use crate::regelverk::Lonekalender;

/// Rows in memory together.
const ROWS_TOGETHER: u32 = 2_000;

/// When the cut-off of a day is: the time of its job.
pub fn cut_off_ms(kalender: &Lonekalender, day: Day) -> i64 {
    let (before, end) = (end_of_day_ms(days_later(day, -1)), end_of_day_ms(day));
    let times = Entry::of(Job::CloseMonth).map(|entry| entry.due_between(kalender, before, end));
    times.unwrap_or_default().last().copied().unwrap_or(end)
}

/// What became of the sheets of a batch.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What was left out now.
    pub left_out: Vec<LeftOut>,
    /// Nothing was signed: the batch was taken back.
    pub is_void: bool,
}

/// Leaves out each sheet that lacks a signature; nothing where all are signed, where payroll attests, or where the batch
/// waits for no signatures. `by` is who says so by hand; none for the program at the cut-off.
///
/// # Errors
/// `Refused`: no sheet of a recalculation is signed, rows are not as they were frozen, or the batch has left before an
/// older backup was restored.
pub async fn leave_out_unsigned(
    store: &mut impl Store,
    signatures: &impl Signatures,
    out: &impl PayrollOut,
    clock: &impl Clock,
    settings: &Settings<'_>,
    name: BatchName,
    by: Option<&str>,
) -> Result<Outcome, Fault> {
    if settings.attested_by_payroll.is_some() {
        return Ok(Outcome::default());
    }
    let left = left_before(store, out, name).await?;
    let way_out = WayOut { left: left.as_deref(), by, at_ms: clock.now_ms() };
    wholly(store, async |store| leave_out_within(store, signatures, settings, name, &way_out).await).await
}

/// What is known besides the batch.
struct WayOut<'a> {
    /// sha256 of the rows that left under its name, if the folder says so and the database does not.
    left: Option<&'a str>,
    by: Option<&'a str>,
    at_ms: i64,
}

async fn leave_out_within(
    store: &mut impl Store,
    signatures: &impl Signatures,
    settings: &Settings<'_>,
    name: BatchName,
    way_out: &WayOut<'_>,
) -> Result<Outcome, Fault> {
    let (id, batch, totals) = find(store, name).await?;
    if batch.state != BatchState::Calculated {
        return Ok(Outcome::default());
    }
    refuse_gallrad(store, id, &batch).await?;
    let views = sheets(store, name).await?;
    let mut left_out = BTreeMap::new();
    for view in &views {
        let why = match &view.left_out {
            Some(known) => Some(known.why),
            None => lacks(signatures, settings, view)?,
        };
        left_out.extend(why.map(|why| (view.sheet.number, why)));
    }
    if left_out.len() == views.iter().filter(|view| view.left_out.is_some()).count() {
        return Ok(Outcome::default());
    }
    let frozen_sha256 = match views.iter().find_map(|view| view.left_out.as_ref()) {
        Some(known) => known.frozen_sha256.clone(),
        None => totals.sha256.clone(),
    };
    bonds(store, id, &batch, &frozen_sha256).await?.settle(&mut left_out);
    let is_known = |sheet: u32| views.iter().any(|view| view.sheet.number == sheet && view.left_out.is_some());
    let new: Vec<LeftOut> = left_out
        .into_iter()
        .filter(|(sheet, _)| !is_known(*sheet))
        .map(|(sheet, why)| LeftOut {
            sheet,
            why,
            by: way_out.by.map(str::to_owned),
            at_ms: way_out.at_ms,
            frozen_sha256: frozen_sha256.clone(),
        })
        .collect();
    store.leave_out(id, &new).await?;
    let now = summed(store, id).await?;
    let is_void = now.rows == 0;
    if let Some(left) = way_out.left.filter(|left| **left != now.sha256) {
        return Err(left_already(name, left));
    }
    if is_void && batch.kind == BatchKind::Recalculation {
        return Err(Fault::Refused(format!(
            "no sheet of {name} is signed, and no other batch would carry what its decision changes; sign it, or take it back \
             with `arvode void {name} --because \"…\"`"
        )));
    }
    store.set_totals(id, &now).await?;
    tell(store, name, &new, &now, way_out).await?;
    if is_void {
        store.move_batch(name, BatchState::Calculated, BatchState::Void).await?;
        let detail =
            format!("{name}, av {}: inget blad var attesterat vid brytdagen", way_out.by.unwrap_or("programmet"));
        store.audit("void", &detail, way_out.at_ms).await?;
    }
    Ok(Outcome { left_out: new, is_void })
}

/// Notes in the audit chain what was left out, and what is left.
async fn tell(
    store: &mut impl Store,
    name: BatchName,
    new: &[LeftOut],
    now: &Summed,
    way_out: &WayOut<'_>,
) -> Result<(), Fault> {
    let sheets: Vec<String> = new.iter().map(|one| format!("blad {} ({})", one.sheet, one.why.says())).collect();
    let by = way_out.by.map_or_else(|| "vid brytdagen".to_owned(), |by| format!("av {by}"));
    let (rows, sum, sha256) = (now.rows, now.sum, &now.sha256);
    let detail = format!("{name} {by}: {}; kvar {rows} rader, {sum} kr, sha256 {sha256}", sheets.join(", "));
    store.audit("leave out", &detail, way_out.at_ms).await.map(drop)
}

fn left_already(name: BatchName, left: &str) -> Fault {
    Fault::Refused(format!(
        "out/ holds a file of {name} with other rows than those that are signed (sha256 {left}): it left before an older \
         backup was restored. Sign the sheets that its receipt names and no others, then say the same again; or import what \
         came in after the backup, `arvode void {name}`, and freeze the month again"
    ))
}

/// Why a sheet may not leave; none if it may.
fn lacks(signatures: &impl Signatures, settings: &Settings<'_>, view: &SheetView) -> Result<Option<WhyLeftOut>, Fault> {
    match verify_signed(signatures, settings.forteckning, std::slice::from_ref(view)) {
        Ok(()) => Ok(None),
        Err(Fault::Refused(_)) if view.lacks().is_empty() => Ok(Some(WhyLeftOut::Invalid)),
        Err(Fault::Refused(_)) => Ok(Some(WhyLeftOut::Unsigned)),
        Err(fault) => Err(fault),
    }
}

/// Which sheets must stay behind with which, from rows that are as they were frozen.
async fn bonds(store: &mut impl Store, id: i64, batch: &Batch, frozen_sha256: &str) -> Result<Bonds, Fault> {
    let (mut bonds, mut totals, mut of_person) = (Bonds::default(), Totals::default(), Vec::<BatchRow>::new());
    let mut next = 1;
    loop {
        let page = store.rows_as_frozen(id, next, ROWS_TOGETHER).await?;
        let Some(last) = page.last() else { break };
        next = last.row.postid + 1;
        for stored in page {
            totals.add(&stored.row);
            if of_person.last().is_some_and(|before| before.person != stored.row.person) {
                bonds.take(&of_person);
                of_person.clear();
            }
            of_person.push(stored.row);
        }
    }
    bonds.take(&of_person);
    if totals.sha256() == frozen_sha256 {
        return Ok(bonds);
    }
    Err(Fault::Refused(format!("the rows of {} do not add up to what was frozen; restore the last backup", batch.name)))
}

/// What the rows that count add up to.
async fn summed(store: &mut impl Store, id: i64) -> Result<Summed, Fault> {
    let (mut totals, mut next) = (Totals::default(), 1);
    loop {
        let page = store.rows(id, next, ROWS_TOGETHER).await?;
        let Some(last) = page.last() else { return Ok(totals.summed()) };
        next = last.row.postid + 1;
        page.iter().for_each(|stored| totals.add(&stored.row));
    }
}

/// The rows that were left out of a batch, in order.
///
/// # Errors
/// The database.
pub async fn left_out_of(store: &mut impl Store, id: i64) -> Result<Vec<StoredRow>, Fault> {
    let mut found = Vec::new();
    if !store.left_out().await?.iter().any(|(batch, _)| *batch == id) {
        return Ok(found);
    }
    let mut next = 1;
    loop {
        let page = store.rows_as_frozen(id, next, ROWS_TOGETHER).await?;
        let Some(last) = page.last() else { return Ok(found) };
        next = last.row.postid + 1;
        found.extend(page.into_iter().filter(|stored| stored.left_out));
    }
}
