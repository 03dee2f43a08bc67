//! Last days of claims (§ 16), and lists that are missing.

use super::kommun::Kommun;
use crate::calendar::Day;
use crate::domain::Fault;

/// The job: what came of it, in a sentence.
pub(super) async fn flag_deadlines(_kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    Err(Fault::Temporary("flag_deadlines is not written yet".to_owned()))
}

/// The job: what came of it, in a sentence.
pub(super) async fn remind_missing_lists(_kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    Err(Fault::Temporary("remind_missing_lists is not written yet".to_owned()))
}
