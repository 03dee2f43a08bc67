//! Batches: their rows add up to what was frozen and signed, the audit chain says how far they came, and each that left has
//! its file.

use super::history::History;
use super::{Beside, Looked, RESTORE};
use crate::attest::{Forteckning, Role, RowsBySheet, Signed, fully_signed, sheet_text};
use crate::calendar::day_of_instant;
use crate::domain::Fault;
use crate::jobs::attest_batch::{SheetView, sheets};
use crate::jobs::export_batch::is_as_signed;
use crate::jobs::gallra::gallrad_of;
use crate::ledger::{Batch, BatchName, BatchState, Summed};
use crate::money::Ore;
use crate::ports::{Archive, PayrollOut, Receipt, Signatures, Store};

/// Rows in memory together.
const ROWS_TOGETHER: u32 = 2_000;

/// What to do about a file in `out/`.
const PUT_BACK: &str = "export nothing until it is explained; put file and receipt back from a backup";

pub(super) async fn look<S: Signatures, O: PayrollOut, A: Archive>(
    store: &mut impl Store,
    beside: &Beside<'_, S, O, A>,
    history: &History,
    (out, strangers): (&[(BatchName, Option<String>)], &[String]),
    looked: &mut Looked,
) -> Result<(), Fault> {
    let batches = store.batches().await;
    let Some(batches) = looked.keep(batches, "batches")? else { return Ok(()) };
    for (id, batch, totals) in &batches {
        let place = format!("batch {}", batch.name);
        if history.is_whole && history.states.get(&batch.name) != Some(&batch.state) {
            let said = history.states.get(&batch.name).map_or("nothing", |state| state.name());
            let wrong = format!("it is {}, but the audit chain says {said}", batch.state.name());
            looked.find(&place, wrong, RESTORE);
        }
        let views = sheets(store, batch.name).await;
        let mut views = looked.keep(views, &place)?.unwrap_or_default();
        // What was left out is no part of the batch any more: neither of its rows nor of what was signed.
        views.retain(|view| view.left_out.is_none());
        let is_gallrad = rows(store, (*id, batch, totals), &views, looked).await?;
        let receipt = file(beside, history, (batch, totals, is_gallrad), looked);
        signatures(beside, (batch, totals), &views, receipt.as_ref(), history, looked);
    }
    for (name, _) in out {
        let known = batches.iter().find(|(_, batch, _)| batch.name == *name);
        if known.is_none_or(|(_, batch, _)| batch.state == BatchState::Calculated) {
            let wrong = format!("there is a file of {name}, which this database never exported");
            looked.find(
                "out/",
                wrong,
                "an older backup was restored, or somebody put the file there: see README, \"Restoring\"",
            );
        }
    }
    for name in strangers {
        looked.find("out/", format!("{name} is no file of a batch"), "find out who put it there, and move it away");
    }
    Ok(())
}

/// The rows against the batch's totals and its sheets; true where gallring has taken some of them.
async fn rows(
    store: &mut impl Store,
    (id, batch, totals): (i64, &Batch, &Summed),
    views: &[SheetView],
    looked: &mut Looked,
) -> Result<bool, Fault> {
    let place = format!("batch {}", batch.name);
    let on_sheets =
        views.iter().fold((0, Ore::ZERO), |(rows, sum), view| (rows + view.sheet.rows, sum + view.sheet.sum));
    if on_sheets != (totals.rows, totals.sum) {
        looked.find(&place, "its sheets do not add up to what was frozen", RESTORE);
    }
    let gone = gallrad_of(store, id).await;
    if looked.keep(gone, &place)?.flatten().is_some() {
        return Ok(true);
    }
    let (mut by_sheet, mut next) = (RowsBySheet::default(), 1);
    loop {
        let rows = store.rows(id, next, ROWS_TOGETHER).await;
        let Some(rows) = looked.keep(rows, &place)? else { return Ok(false) };
        let Some(last) = rows.last() else { break };
        next = last.row.postid + 1;
        rows.iter().for_each(|stored| by_sheet.add(&stored.row));
        looked.rows += rows.len() as u64;
    }
    if by_sheet.all().summed() != *totals {
        looked.find(&place, "its rows do not add up to what was frozen", RESTORE);
    } else if totals.rows > 0
        && let Err(fault) = is_as_signed(batch.name, &by_sheet, views)
    {
        looked.find(&place, fault.to_string(), RESTORE);
    }
    Ok(false)
}

/// The file of a batch that has been written: there, unchanged, and of these very rows. Gives its receipt.
fn file<S, O: PayrollOut, A>(
    beside: &Beside<'_, S, O, A>,
    history: &History,
    (batch, totals, is_gallrad): (&Batch, &Summed, bool),
    looked: &mut Looked,
) -> Option<Receipt> {
    let (name, place) = (batch.name, format!("out/ of batch {}", batch.name));
    let is_written = matches!(batch.state, BatchState::Exported | BatchState::Delivering | BatchState::Delivered);
    // Gallring takes the file with the last of the rows.
    let is_missed = is_written && totals.rows > 0 && !is_gallrad;
    let receipt = match beside.out.proven(name) {
        Ok(receipt) => receipt,
        Err(fault) => {
            looked.find(&place, fault.to_string(), PUT_BACK);
            return None;
        }
    };
    match &receipt {
        None if is_missed && history.files.contains_key(&name) => {
            looked.find(&place, "it was exported, but its file is not there", PUT_BACK);
        }
        None if is_missed && history.is_whole && !history.by_word.contains(&name) => {
            looked.find(&place, "it has left, but the audit chain names no file of it", PUT_BACK);
        }
        Some(receipt) => {
            looked.files += 1;
            let is_same = receipt.sha256_rows == totals.sha256
                && (receipt.rows, receipt.persons) == (totals.rows, totals.persons)
                && receipt.total == totals.sum.to_string();
            if !is_same && batch.state != BatchState::Calculated {
                looked.find(&place, "its receipt is not of the batch's rows", PUT_BACK);
            }
            if history.files.get(&name).is_some_and(|sha256| *sha256 != receipt.sha256) {
                looked.find(&place, "it is not the file that was exported: its sha256 is another", PUT_BACK);
            }
        }
        None => {}
    }
    receipt
}

/// Every signature is over its sheet's text; of a batch that has left, by two officials of the list of that time as far as
/// it is known: the list of today where it is the same, else the two keys that the signatures name.
fn signatures<S: Signatures, O, A>(
    beside: &Beside<'_, S, O, A>,
    (batch, totals): (&Batch, &Summed),
    views: &[SheetView],
    receipt: Option<&Receipt>,
    history: &History,
    looked: &mut Looked,
) {
    let has_left = !matches!(batch.state, BatchState::Calculated | BatchState::Void) && totals.rows > 0;
    let by_payroll = receipt.is_some_and(|receipt| receipt.attests.iter().any(|attest| attest.sheet == 0));
    let needs_two = has_left && !by_payroll && !history.by_word.contains(&batch.name);
    for view in views {
        if let Err(wrong) = attests(beside.signatures, beside.forteckning, view, needs_two) {
            looked.find(format!("batch {}, sheet {}", batch.name, view.sheet.number), wrong, RESTORE);
        }
    }
}

fn attests(signatures: &impl Signatures, list: &Forteckning, view: &SheetView, needs_two: bool) -> Result<(), String> {
    let is_same_list = view.sheet.forteckning_sha256 == list.sha256;
    let (mut signed, mut hands) = (Vec::new(), Vec::new());
    for attest in &view.attests {
        let role: Role = attest.role.parse()?;
        let text = sheet_text(&view.sheet, role);
        let own = signatures.signer(&attest.signature).map_err(|fault| fault.to_string())?;
        let listed = list.get(&attest.official).filter(|_| is_same_list);
        let key = listed.map_or(&own, |official| &official.key);
        let verified = signatures.verify(&text, &attest.signature, key);
        verified.map_err(|fault| format!("the {role}sattest of {}: {fault}", attest.official))?;
        hands.push((role, attest.official.clone(), own));
        signed.push(Signed { role, official: attest.official.clone(), day: day_of_instant(attest.signed_at_ms) });
    }
    if !needs_two {
        return Ok(());
    }
    if is_same_list {
        return fully_signed(list, &view.sheet, &signed).map_err(|why| why.to_string());
    }
    let by = |role: Role| hands.iter().filter(move |(signed, _, _)| *signed == role);
    let two = by(Role::Granskning)
        .any(|(_, one, key)| by(Role::Beslut).any(|(_, other, other_key)| one != other && key != other_key));
    if two { Ok(()) } else { Err("it has left without granskning and beslut by two officials".to_owned()) }
}
