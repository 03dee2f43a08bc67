//! The cut-off: what is signed leaves, what is not is left out and owed again.

use serde_json::{Value, json};

use super::batches::let_out;
use super::kommun::{Kommun, export_settings};
use super::show::count;
use crate::adapters::signature::SshSignatures;
use crate::calendar::{Day, day_of_instant, instant_text, local_text};
use crate::domain::Fault;
use crate::jobs::attest_batch::SheetView;
use crate::jobs::cut_off::{Outcome, cut_off_ms, leave_out_unsigned};
use crate::ledger::{Batch, BatchKind, BatchName, BatchState};
use crate::money::swedish;
use crate::ports::Store;

/// The cut-off of the payout month whose day it is.
pub(super) async fn close_month(kommun: &mut Kommun, due: Day) -> Result<String, Fault> {
    let kalender = &kommun.configured.loaded.lonekalender;
    let Some(payout) = kalender.cut_off_on(due) else { return Ok(format!("{due} är ingen brytdag")) };
    let cut_off_ms = cut_off_ms(kalender, due);
    let is_meant = |batch: &Batch| {
        let is_on_its_way =
            [BatchState::Calculated, BatchState::Exporting, BatchState::Exported].contains(&batch.state);
        batch.name.payout == payout && batch.kind == BatchKind::Monthly && is_on_its_way
    };
    let batches = kommun.db.batches().await?;
    let Some((_, batch, _)) = batches.into_iter().rfind(|(_, batch, _)| is_meant(batch)) else {
        return Ok(String::new());
    };
    let name = batch.name;
    if batch.frozen_at_ms > cut_off_ms {
        let frozen = day_of_instant(batch.frozen_at_ms);
        return Ok(format!("körning {name} frystes {frozen}, efter brytdagen {due}: den väntar på sina underskrifter"));
    }
    let _alone = crate::adapters::lock::lock(&kommun.folder)?;
    let left = leave_out(kommun, name, None).await?;
    if left.is_void {
        return Ok(told(name, &left));
    }
    let_out(kommun, name, None).await?;
    let told = told(name, &left);
    let before = if told.is_empty() { told } else { told + "; " };
    Ok(format!("{before}körning {name} är lämnad till lönesystemet"))
}

/// Leaves out what is not signed; by the program at the cut-off, or by somebody.
pub(super) async fn leave_out(kommun: &mut Kommun, name: BatchName, by: Option<&str>) -> Result<Outcome, Fault> {
    let (out, settings) = (kommun.out(), export_settings(&kommun.configured));
    leave_out_unsigned(&mut kommun.db, &SshSignatures, &out, &kommun.clock, &settings, name, by).await
}

/// What was left out, in a sentence; empty if nothing was.
pub(super) fn told(name: BatchName, left: &Outcome) -> String {
    if left.left_out.is_empty() {
        return String::new();
    }
    let sheets: Vec<String> =
        left.left_out.iter().map(|one| format!("blad {} ({})", one.sheet, one.why.says())).collect();
    let what = if left.is_void { "inget blad var attesterat och körningen är tagen tillbaka" } else { "utelämnat" };
    format!("körning {name}: {what}: {}; raderna är att betala igen", sheets.join(", "))
}

/// The same for scripts.
pub(super) fn json_of(left: &Outcome) -> Value {
    left.left_out.iter().map(|one| json!({ "sheet": one.sheet, "why": one.why.name() })).collect()
}

/// A sheet that was left out, for a reader; none of one that was not.
pub(super) fn sheet_text(view: &SheetView) -> Option<String> {
    let (sheet, left_out) = (&view.sheet, view.left_out.as_ref()?);
    let (rows, when) = (count(sheet.rows, "rad", "rader"), local_text(left_out.at_ms));
    let persons = count(sheet.persons, "person", "personer");
    let (number, sum, says) = (sheet.number, swedish(sheet.sum), left_out.says());
    Some(format!("Blad {number}, {rows}, {persons}, {sum}: {says} ({when}). Det är att betala igen."))
}

/// The same as JSON.
pub(super) fn sheet_json(view: &SheetView) -> Option<Value> {
    let (sheet, left_out) = (&view.sheet, view.left_out.as_ref()?);
    Some(json!({
        "sheet": sheet.number,
        "rows": sheet.rows,
        "persons": sheet.persons,
        "belopp": sheet.sum.to_string(),
        "why": left_out.why.name(),
        "by": left_out.by,
        "at": instant_text(left_out.at_ms),
    }))
}
