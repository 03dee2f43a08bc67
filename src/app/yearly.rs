//! What the year's turn brings: the accrual list, each person's arvodesbesked, and the briefing list.

use super::kommun::Kommun;
use crate::calendar::Day;
use crate::domain::Fault;

/// The job: what came of it, in a sentence.
pub(super) async fn accrual_list(_kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    Err(Fault::Temporary("accrual_list is not written yet".to_owned()))
}

/// The job: what came of it, in a sentence.
pub(super) async fn arvodesbesked(_kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    Err(Fault::Temporary("arvodesbesked is not written yet".to_owned()))
}

/// The job: what came of it, in a sentence.
pub(super) async fn briefing_list(_kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    Err(Fault::Temporary("briefing_list is not written yet".to_owned()))
}
