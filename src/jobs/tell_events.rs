//! Letters that follow from what the database says: found anew each time and written once by their keys. So nothing is lost
//! by a crash between an event and its letter, and no command needs to know of letters.
//!
//! What is old is not told: after a restored backup, or with a database from before there were letters, nobody is flooded.

mod exported;
mod forteckning;
mod held_rows;
mod left_out;
mod sheets;

use super::letters::Desk;
use crate::attest::Forteckning;
use crate::calendar::Day;
use crate::domain::Fault;
use crate::ports::{Press, Receipt, Store};
use crate::regelverk::Loaded;

pub(super) use left_out::told as left_out_told;
pub(super) use sheets::content;
pub use sheets::{Signer, open_sheets, signers};

/// Imports and deliveries are told for so many days. A batch that waits is told as long as its sheets may be signed.
pub const TOLD_DAYS: i64 = 14;

/// What the letters are about, beside the database.
pub struct Events<'a> {
    /// The regulation's numbers.
    pub loaded: &'a Loaded,
    /// Who may sign.
    pub forteckning: &'a Forteckning,
    /// Payroll attests after import: nobody signs here.
    pub attested_by_payroll: bool,
    /// The receipt of an exported file.
    pub receipt: &'a dyn Fn(crate::ledger::BatchName) -> Result<Option<Receipt>, Fault>,
    /// The name of the workbook in which a file's held rows are mended, if there is one.
    pub mend_in: &'a dyn Fn(&str) -> Option<String>,
    /// What may be said of a text that a file has brought in.
    pub veiled: &'a dyn Fn(&str) -> String,
    /// The civil day.
    pub today: Day,
    /// The instant.
    pub now_ms: i64,
}

/// Writes what is not told yet; gives how many letters. One kind that cannot be written keeps no other from it.
///
/// # Errors
/// The first that could not be written: a template that somebody has edited, or the database.
pub async fn tell_events(
    store: &mut impl Store,
    desk: &Desk<'_, impl Press>,
    events: &Events<'_>,
) -> Result<u32, Fault> {
    let went = [
        forteckning::tell(store, desk, events).await,
        sheets::tell(store, desk, events).await,
        left_out::tell(store, desk, events).await,
        exported::tell(store, desk, events).await,
        held_rows::tell(store, desk, events).await,
    ];
    went.into_iter().sum()
}

/// Texts joined as people write them: `a, b och c`.
fn listed<'a>(texts: impl IntoIterator<Item = &'a String>) -> String {
    let texts: Vec<&str> = texts.into_iter().map(String::as_str).collect();
    match texts.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, before)) => format!("{} och {last}", before.join(", ")),
    }
}

/// Days as milliseconds.
fn days_ms(days: i64) -> i64 {
    days.saturating_mul(24 * 60 * 60_000)
}
