//! The month by itself: its batch, its cut-off, and its way out.

use super::kommun::Kommun;
use crate::calendar::Day;
use crate::domain::Fault;

/// Takes in what has changed in every diarium.
pub(super) async fn sync_diarium(_kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    Ok(String::new())
}

/// Freezes the month's batch and makes its sheets.
pub(super) async fn calculate_month(_kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    Ok(String::new())
}

/// The cut-off: what is signed leaves, what is not is left out and owed again.
pub(super) async fn close_month(kommun: &mut Kommun, due: Day) -> Result<String, Fault> {
    super::cut_off::close_month(kommun, due).await
}

/// Exports the open batch as soon as it may leave.
pub(super) async fn export_attested(_kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    Ok(String::new())
}
