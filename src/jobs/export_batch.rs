//! An attested batch leaves: its file is written once, proven, and handed over at most once.
//!
//! Each step is committed before the next begins, so that a power cut leaves a state that says what may have happened:
//! `exporting` (a file may stand in `out/`: writing it again gives the same bytes), `exported` (it does), `delivering`
//! (it may have been handed over: only a look at the folder, or a person, can tell), `delivered`.

use super::attest_batch::{SheetView, find, sheets, verify_signed};
use super::gallra::refuse_gallrad;
use super::restored::{Word, may_leave};
use crate::attest::{Forteckning, RowsBySheet, Sheet, SheetHead};
use crate::domain::Fault;
use crate::ledger::{Batch, BatchName, BatchState, Summed};
use crate::ports::{
    Clock, DeliveryState, Handover, PayrollAttest, PayrollHead, PayrollOut, Receipt, Signatures, Store,
};

/// Rows in memory together.
const ROWS_TOGETHER: u32 = 2_000;

/// What is the same for every export.
pub struct Settings<'a> {
    /// Who may sign.
    pub forteckning: &'a Forteckning,
    /// The kommun's name.
    pub kommun: &'a str,
    /// Its organisationsnummer.
    pub organisationsnummer: &'a str,
    /// The decision by which payroll attests after import; then no signature is asked for here.
    pub attested_by_payroll: Option<&'a str>,
}

/// What a person says happened to a delivery that was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutOff {
    /// Payroll has the file.
    Delivered,
    /// Payroll has it not.
    NotDelivered,
}

/// What an export did.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The file's receipt, if it was written now.
    pub receipt: Option<Receipt>,
    /// It was handed over now.
    pub delivered: bool,
    /// All was done before.
    pub was_done: bool,
}

/// Exports a batch, from whatever state it is in.
///
/// # Errors
/// `Refused`: a sheet lacks a signature, rows differ from what was signed, the name is taken, or nobody knows whether a
/// delivery happened.
pub async fn export(
    store: &mut impl Store,
    signatures: &impl Signatures,
    out: &impl PayrollOut,
    clock: &impl Clock,
    settings: &Settings<'_>,
    name: BatchName,
    cut_off: Option<CutOff>,
) -> Result<Outcome, Fault> {
    let mut outcome = Outcome::default();
    let (id, batch, totals) = find(store, name).await?;
    let mut state = batch.state;
    refuse_gallrad(store, id, &batch).await?;
    if state == BatchState::Void {
        return Err(Fault::Refused(format!(
            "batch {name} was taken back; freeze the month again with `arvode month {} --freeze`",
            name.payout
        )));
    }
    let left = left_before(store, out, name).await?;
    if let Some(sha256_rows) = left.filter(|_| state == BatchState::Calculated) {
        adopt(store, clock, name, &totals, &sha256_rows, cut_off).await?;
        outcome.delivered = true;
        return Ok(outcome);
    }
    if state != BatchState::Delivered {
        match after_restore(store, out, clock, (name, state), cut_off).await? {
            Some(next) => state = next,
            None => {
                outcome.delivered = true;
                return Ok(outcome);
            }
        }
    }
    if matches!(state, BatchState::Calculated | BatchState::Exporting) {
        outcome.receipt = Some(write(store, signatures, out, clock, settings, (id, &batch, &totals)).await?);
        state = BatchState::Exported;
    }
    if state == BatchState::Exported {
        // Copied first: with the step that comes then, whoever has lost the work meanwhile finds out before payroll sees it.
        let copy = if out.delivers() { Some(out.copy(name)?) } else { None };
        if let Err(fault) = step(store, clock, name, BatchState::Exported, BatchState::Delivering, "deliver").await {
            leave_no_trace(store, clock, name).await;
            return Err(fault);
        }
        deliver(store, copy, clock, name).await?;
        outcome.delivered = true;
        return Ok(outcome);
    }
    if state == BatchState::Delivering {
        outcome.delivered = resume(store, out, clock, name, cut_off).await?;
        return Ok(outcome);
    }
    outcome.was_done = true;
    Ok(outcome)
}

/// The folder and the ledger are reconciled first: a file that this database never exported has left before an older
/// backup was restored. Gives the hash of the rows that left under the batch's own name.
pub(super) async fn left_before(
    store: &mut impl Store,
    out: &impl PayrollOut,
    name: BatchName,
) -> Result<Option<String>, Fault> {
    let batches = store.batches().await?;
    let is_unknown = |(left, _): &(BatchName, Option<String>)| {
        let known = batches.iter().find(|(_, batch, _)| batch.name == *left);
        known.is_none_or(|(_, batch, _)| batch.state == BatchState::Calculated)
    };
    let unknown: Vec<(BatchName, Option<String>)> = out.exported()?.into_iter().filter(is_unknown).collect();
    if let Some((other, _)) = unknown.iter().find(|(left, _)| *left != name) {
        return Err(Fault::Refused(format!(
            "out/ holds the file of {other}, which this database never exported: an older backup was restored, and what it \
             paid would be paid again. Import what came in after the backup, freeze {other} again, and take it as it left with \
             `arvode export {other} --cut-off delivered`"
        )));
    }
    Ok(unknown.into_iter().find_map(|(_, sha256_rows)| sha256_rows))
}

/// In a database that was restored a batch leaves only by a person's word, who has asked payroll. Gives the state from which
/// it goes on; none where it has left already.
async fn after_restore(
    store: &mut impl Store,
    out: &impl PayrollOut,
    clock: &impl Clock,
    (name, state): (BatchName, BatchState),
    cut_off: Option<CutOff>,
) -> Result<Option<BatchState>, Fault> {
    let Some(restored) = store.restored().await? else { return Ok(Some(state)) };
    let says_delivered = cut_off.map(|word| word == CutOff::Delivered);
    match may_leave(&restored, name, says_delivered, &store.batches().await?)? {
        Word::HasLeft => {
            let what = "delivered after the restored backup, by a person's word";
            step(store, clock, name, state, BatchState::Delivered, what).await?;
            Ok(None)
        }
        // Its file was lost with the disk: it is written again from the same rows.
        Word::AsUsual if state.is_cut_off() && out.receipt(name)?.is_none() => {
            if state != BatchState::Exporting {
                step(store, clock, name, state, BatchState::Exporting, "its file is gone").await?;
            }
            Ok(Some(BatchState::Exporting))
        }
        Word::AsUsual => Ok(Some(state)),
    }
}

/// A batch that was frozen again after its file had left: taken as delivered if its rows are the ones that left.
async fn adopt(
    store: &mut impl Store,
    clock: &impl Clock,
    name: BatchName,
    totals: &Summed,
    left: &str,
    cut_off: Option<CutOff>,
) -> Result<(), Fault> {
    if totals.sha256 != left {
        return Err(Fault::Refused(format!(
            "out/ holds a file of {name} with other rows: it left before an older backup was restored. Import what came in \
             after the backup, `arvode void {name}`, and freeze the month again until the rows are the same. If its receipt lacks \
             sheets, they were left out: sign those that it names, and `arvode export {name} --leave-out-unsigned`"
        )));
    }
    if cut_off != Some(CutOff::Delivered) {
        return Err(Fault::Refused(format!(
            "out/ holds the file of {name} with these very rows: it left before an older backup was restored. Ask payroll, and \
             say `arvode export {name} --cut-off delivered`; if payroll never got it, move file and receipt away from out/"
        )));
    }
    step(store, clock, name, BatchState::Calculated, BatchState::Delivered, "delivered before a restored backup").await
}

async fn write(
    store: &mut impl Store,
    signatures: &impl Signatures,
    out: &impl PayrollOut,
    clock: &impl Clock,
    settings: &Settings<'_>,
    (id, batch, totals): (i64, &Batch, &Summed),
) -> Result<Receipt, Fault> {
    let name = batch.name;
    store.audit_head().await?;
    let mut views = sheets(store, name).await?;
    views.retain(|view| view.left_out.is_none());
    if settings.attested_by_payroll.is_none() {
        verify_signed(signatures, settings.forteckning, &views)?;
    }
    if batch.state == BatchState::Calculated {
        step(store, clock, name, BatchState::Calculated, BatchState::Exporting, "export").await?;
    }
    match write_file(store, out, settings, &views, (id, batch, totals)).await {
        Ok(receipt) => {
            let detail = format!("export {}", receipt.sha256);
            step(store, clock, name, BatchState::Exporting, BatchState::Exported, &detail).await?;
            Ok(receipt)
        }
        Err(fault) => {
            if matches!(fault, Fault::Refused(_)) {
                step(store, clock, name, BatchState::Exporting, BatchState::Calculated, "export refused").await?;
            }
            Err(fault)
        }
    }
}

async fn write_file(
    store: &mut impl Store,
    out: &impl PayrollOut,
    settings: &Settings<'_>,
    views: &[SheetView],
    (id, batch, totals): (i64, &Batch, &Summed),
) -> Result<Receipt, Fault> {
    let head = PayrollHead {
        batch: batch.name,
        foretagorgnr: settings.organisationsnummer.to_owned(),
        foretagnamn: settings.kommun.to_owned(),
        rows: totals.rows,
        persons: totals.persons,
        sum: totals.sum,
        sha256_rows: totals.sha256.clone(),
        example: batch.example,
    };
    let mut file = out.begin(&head)?;
    let (mut by_sheet, mut canonical) = (RowsBySheet::default(), String::new());
    let mut next = 1;
    loop {
        let rows = store.rows(id, next, ROWS_TOGETHER).await?;
        let Some(last) = rows.last() else { break };
        next = last.row.postid + 1;
        for stored in &rows {
            file.row(&stored.row)?;
            canonical.clear();
            stored.row.push_canonical(&mut canonical);
            by_sheet.add_as(&stored.row, &canonical);
        }
    }
    if by_sheet.all().summed() != *totals {
        return Err(Fault::Refused(format!(
            "the rows of {} do not add up to what was frozen; restore the last backup",
            batch.name
        )));
    }
    is_as_signed(batch.name, &by_sheet, views)?;
    let sealed = file.seal(&receipt_attests(settings, views))?;
    // Whoever took over while this process was frozen may have had the file fetched already: it must not come back.
    store.still_ours().await?;
    sealed.place()
}

/// Every row stands on a sheet, and every sheet is as it was signed.
pub(super) fn is_as_signed(name: BatchName, by_sheet: &RowsBySheet, views: &[SheetView]) -> Result<(), Fault> {
    let of = |signed: &Sheet| {
        let head = SheetHead {
            batch: signed.batch,
            forteckning_sha256: signed.forteckning_sha256.clone(),
            expires: signed.expires,
            example: signed.example,
        };
        by_sheet.sheets(&head, |_| signed.own_rows_of.clone())
    };
    let differs = views.iter().find(|view| {
        let now = of(&view.sheet);
        now.len() != views.len() || !now.contains(&view.sheet)
    });
    let what = match differs {
        Some(view) => format!("not those of sheet {} as signed", view.sheet.number),
        None if views.is_empty() => "on no attest sheet at all".to_owned(),
        None => return Ok(()),
    };
    Err(Fault::Refused(format!("the rows of {name} are {what}; restore the last backup")))
}

fn receipt_attests(settings: &Settings<'_>, views: &[SheetView]) -> Vec<PayrollAttest> {
    if let Some(decision) = settings.attested_by_payroll {
        let (role, id, name, at) =
            ("lönesystemet attesterar".to_owned(), String::new(), decision.to_owned(), String::new());
        return vec![PayrollAttest { sheet: 0, role, id, name, at }];
    }
    let name = |id: &str| settings.forteckning.get(id).map(|official| official.name.clone()).unwrap_or_default();
    let of_sheet = |view: &SheetView| {
        let sheet: &Sheet = &view.sheet;
        let attests = view.attests.iter().map(|attest| PayrollAttest {
            sheet: sheet.number,
            role: attest.role.clone(),
            id: attest.official.clone(),
            name: name(&attest.official),
            at: crate::calendar::instant_text(attest.signed_at_ms),
        });
        attests.collect::<Vec<_>>()
    };
    views.iter().flat_map(of_sheet).collect()
}

async fn deliver(
    store: &mut impl Store,
    copy: Option<Box<dyn Handover + Send>>,
    clock: &impl Clock,
    name: BatchName,
) -> Result<(), Fault> {
    if let Some(Err(why)) = copy.map(Handover::hand_over) {
        // Where the file may stand there all the same, only the folder or a person can tell: the batch stays `delivering`.
        if !why.may_have_arrived {
            step(store, clock, name, BatchState::Delivering, BatchState::Exported, "delivery failed").await?;
        }
        return Err(why.fault);
    }
    step(store, clock, name, BatchState::Delivering, BatchState::Delivered, "delivered").await
}

/// A delivery that was cut off: the folder tells, or a person.
async fn resume(
    store: &mut impl Store,
    out: &impl PayrollOut,
    clock: &impl Clock,
    name: BatchName,
    cut_off: Option<CutOff>,
) -> Result<bool, Fault> {
    let done = |what: &'static str| (BatchState::Delivering, BatchState::Delivered, what);
    let found = if out.delivers() { out.delivery_state(name)? } else { DeliveryState::Same };
    if found == DeliveryState::Same || cut_off == Some(CutOff::Delivered) {
        out.clear_unfinished(name)?;
    }
    let (from, to, what) = match (found, cut_off) {
        (DeliveryState::Same, _) => done("delivered, found in the folder"),
        (_, Some(CutOff::Delivered)) => done("delivered, by a person's word"),
        (DeliveryState::Absent, Some(CutOff::NotDelivered)) => {
            let copy = out.copy(name)?;
            store.still_ours().await?;
            deliver(store, Some(copy), clock, name).await?;
            return Ok(true);
        }
        (DeliveryState::Absent, None) => {
            return Err(Fault::Refused(format!(
                "the delivery of {name} was cut off and its file is not in the deliver folder: either it was never copied or payroll has fetched it. \
                 Ask payroll, then say `arvode export {name} --cut-off delivered` or `--cut-off not-delivered`"
            )));
        }
        (DeliveryState::Different, _) => {
            return Err(Fault::Refused(format!(
                "the deliver folder holds another file under the name of {name}; move it away, then export again"
            )));
        }
    };
    step(store, clock, name, from, to, what).await?;
    Ok(false)
}

/// Moves the batch on. What this process knows is tried twice to be written down: the next one could only ask.
async fn step(
    store: &mut impl Store,
    clock: &impl Clock,
    name: BatchName,
    from: BatchState,
    to: BatchState,
    what: &str,
) -> Result<(), Fault> {
    let mut head = None;
    match step_once(store, clock, name, (from, to, what), &mut head).await {
        Err(Fault::Temporary(_)) => step_once(store, clock, name, (from, to, what), &mut head).await,
        done => done,
    }
}

/// `head` is the audit chain's head that an earlier try would have made: a server that went away before it answered may have
/// committed it all the same.
async fn step_once(
    store: &mut impl Store,
    clock: &impl Clock,
    name: BatchName,
    (from, to, what): (BatchState, BatchState, &str),
    head: &mut Option<String>,
) -> Result<(), Fault> {
    store.begin().await?;
    let moved = async {
        if let Some(head) = head
            && store.has_audited(head).await?
        {
            return Ok(());
        }
        store.move_batch(name, from, to).await?;
        let detail = format!("{name}: {} -> {}", from.name(), to.name());
        *head = Some(store.audit(what, &detail, clock.now_ms()).await?);
        Ok(())
    }
    .await;
    let ended = match moved {
        Ok(()) => store.commit().await,
        Err(fault) => Err(fault),
    };
    if ended.is_err() {
        let _ = store.rollback().await;
    }
    ended
}

/// A commit that failed may still lie on the disk, whole, and be found at the next start. Writing something else over it
/// makes sure that what was not done is not read as done. Where that fails too, the next start asks.
async fn leave_no_trace(store: &mut impl Store, clock: &impl Clock, name: BatchName) {
    if store.begin().await.is_ok() {
        let _ = store.audit("step undone", &format!("{name}: the disk failed"), clock.now_ms()).await;
        if store.commit().await.is_err() {
            let _ = store.rollback().await;
        }
    }
}
