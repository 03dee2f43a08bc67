//! The receipt beside an exported file: what it holds, its hashes, and who attested it.

use std::io::Read;

use super::place::Folder;
use crate::domain::Fault;
use crate::ledger::BatchName;
use crate::ports::payroll::Receipt;

/// No receipt is longer.
const LONGEST_BYTES: u64 = 16 * 1024 * 1024;

/// `paxml-2026-11-1.xml`
pub(super) fn xml_name(batch: BatchName) -> String {
    format!("paxml-{}.xml", batch.file_stem())
}

/// `paxml-2026-11-1.json`
pub(super) fn json_name(batch: BatchName) -> String {
    format!("paxml-{}.json", batch.file_stem())
}

/// The batch of a receipt's name.
pub(super) fn batch_of(name: &str) -> Option<BatchName> {
    let stem = name.strip_prefix("paxml-")?.strip_suffix(".json")?;
    let (payout, sequence) = stem.rsplit_once('-')?;
    format!("{payout}/{sequence}").parse().ok()
}

/// The receipt as it is written.
pub(super) fn render(receipt: &Receipt) -> Result<String, Fault> {
    let text = serde_json::to_string_pretty(receipt);
    text.map(|text| text + "\n")
        .map_err(|error| Fault::Refused(format!("the receipt of {} cannot be written: {error}", receipt.batch)))
}

/// The receipt of a batch that was exported.
pub(super) fn read(out: &Folder, batch: BatchName) -> Result<Receipt, Fault> {
    let name = json_name(batch);
    let Some(file) = out.open(&name)? else {
        let message =
            format!("{} is missing: {batch} is not exported; run `arvode export {batch}` first", out.path(&name));
        return Err(Fault::Refused(message));
    };
    let mut text = String::new();
    let read = file.take(LONGEST_BYTES).read_to_string(&mut text);
    read.map_err(|error| Fault::Temporary(format!("{}: cannot read: {error}", out.path(&name))))?;
    let receipt: Result<Receipt, _> = serde_json::from_str(&text);
    match receipt {
        Ok(receipt) if receipt.batch == batch && receipt.file == xml_name(batch) => Ok(receipt),
        _ => Err(Fault::Refused(format!(
            "{} is not the receipt of {batch} any more: it was changed or damaged; restore it from a backup",
            out.path(&name)
        ))),
    }
}
