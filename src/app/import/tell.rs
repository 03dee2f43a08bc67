//! What an import says: each file's own outcome, then what they come to.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::Taken;
use crate::app::kommun::Kommun;
use crate::app::show::{count, place, remark_json};
use crate::domain::State;
use crate::jobs::import_workbooks::Report;
use crate::ports::Unreadable;

/// Files by how they ended.
#[derive(Default)]
struct Counts {
    accepted: u32,
    held: u32,
    rejected: u32,
    failed: u32,
}

impl Counts {
    fn of(taken: &[Taken]) -> Counts {
        let mut counts = Counts::default();
        for taken in taken {
            let place = match taken {
                Taken::In { report, .. } if is_held(report) => &mut counts.held,
                Taken::In { .. } => &mut counts.accepted,
                Taken::Rejected { why, .. } if why.temporary => &mut counts.failed,
                Taken::Rejected { .. } => &mut counts.rejected,
            };
            *place += 1;
        }
        counts
    }
}

fn is_held(report: &Report) -> bool {
    report.held > 0 || report.remarks.iter().any(|remark| remark.state == State::Held)
}

pub(super) fn as_json(kommun: &Kommun, taken: &[Taken], dry_run: bool) {
    let Counts { accepted, held, rejected, failed } = Counts::of(taken);
    let counts = json!({ "accepted": accepted, "held": held, "rejected": rejected, "failed": failed });
    let files: Vec<Value> = taken.iter().map(|taken| file_json(kommun, taken, dry_run)).collect();
    say!("{}", json!({ "dry_run": dry_run, "files": files, "counts": counts }));
}

fn file_json(kommun: &Kommun, taken: &Taken, dry_run: bool) -> Value {
    match taken {
        Taken::Rejected { file, why, sha256, kept, took, .. } => json!({
            "file": file,
            "state": if why.temporary { "failed" } else { "rejected" },
            "wrong": why.wrong,
            "instead": why.instead,
            "sha256": sha256,
            "quarantine": kept.as_ref().map(|kept| shown(kommun, kept)),
            "ms": whole_ms(*took),
        }),
        Taken::In { file, report, rejected, took } => json!({
            "file": file,
            "state": if report.same_as_last { "unchanged" } else { "imported" },
            "rows": report.rows,
            "accepted": report.accepted,
            "unchanged": report.unchanged,
            "held": report.held,
            "ignored": report.ignored,
            "removed": report.removed,
            "closed": report.closed,
            "changes": dry_run.then(|| crate::app::dry_run::json(report)),
            "rejected": rejected.as_ref().map(|path| path.display().to_string()),
            "sheets": report.sheets,
            "remarks": report.remarks.iter().map(|remark| remark_json("", None, remark)).collect::<Vec<_>>(),
            "ms": whole_ms(*took),
        }),
    }
}

fn whole_ms(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// A copy's place as the settings have it.
fn shown(kommun: &Kommun, kept: &str) -> String {
    kommun.configured.settings.rejected.join(Path::new(kept)).display().to_string()
}

/// Remarks shown to a person; the rest is counted.
const REMARKS_SHOWN: usize = 50;

pub(super) fn as_text(kommun: &Kommun, taken: &[Taken], dry_run: bool) {
    for taken in taken {
        match taken {
            Taken::Rejected { file, why, kept, .. } => {
                rejected(file, why, kept.as_ref().map(|kept| shown(kommun, kept)))
            }
            Taken::In { file, report, rejected, .. } => taken_in(file, report, rejected.as_deref(), dry_run),
        }
    }
    if taken.len() > 1 {
        let Counts { accepted, held, rejected, failed } = Counts::of(taken);
        let all = count(u32::try_from(taken.len()).unwrap_or(u32::MAX), "fil", "filer");
        say!(
            "{all}: {accepted} inlästa, {held} inlästa med något som väntar, {rejected} avvisade, {failed} att försöka med igen"
        );
    }
}

fn rejected(file: &str, why: &Unreadable, kept: Option<String>) {
    let state = if why.temporary { "gick inte att läsa den här gången" } else { "avvisad" };
    say!("{file}: {state}. {} {}", why.wrong, why.instead);
    if let Some(kept) = kept {
        say!("  i karantän: {kept}");
    }
}

fn taken_in(file: &str, report: &Report, rejected: Option<&Path>, dry_run: bool) {
    let would = if dry_run { " (provkörning: inget ändrat)" } else { "" };
    let Report { rows, accepted, unchanged, held, removed, .. } = report;
    let ignored: u32 = report.ignored.values().sum();
    say!("{file}: {rows} rader = {accepted} nya + {unchanged} kända + {held} hållna + {ignored} utan uppgift{would}");
    if *removed > 0 {
        say!("  {removed} närvarande togs bort: de saknas i den hela listan");
    }
    for (rule, count) in &report.ignored {
        say!("  {count} rader: {rule}");
    }
    for sheet in &report.sheets {
        say!("  blad {sheet}");
    }
    if report.closed > 0 {
        let closed = count(report.closed, "anmärkning", "anmärkningar");
        let done = if dry_run { "skulle stängas" } else { "stängda: raderna är rättade eller sägs på nytt" };
        say!("  {closed} från förut {done}");
    }
    crate::app::dry_run::print(report);
    for remark in report.remarks.iter().take(REMARKS_SHOWN) {
        say!("  {}: {}", place(&remark.place), remark.reason);
        say!("      så rättar du: {}", remark.proposed);
    }
    if report.remarks.len() > REMARKS_SHOWN {
        say!("  … och {} till; `arvode remarks` visar alla", report.remarks.len() - REMARKS_SHOWN);
    }
    if let Some(path) = rejected {
        let path = path.display();
        if report.held_rows.len() < report.held as usize {
            say!("  {path} har de första {} av dem; rätta hellre filen själv", report.held_rows.len());
        }
        say!("  rätta de hållna raderna i {path} och läs in den: arvode import \"{path}\"");
    }
}
