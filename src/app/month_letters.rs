//! Letters of the month: what has happened, what waits for a signature, and the monthly letter.

use super::kommun::Kommun;
use crate::calendar::Day;
use crate::domain::Fault;

/// The job: what came of it, in a sentence.
pub(super) async fn tell_events(_kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    Err(Fault::Temporary("tell_events is not written yet".to_owned()))
}

/// The job: what came of it, in a sentence.
pub(super) async fn remind_attest(_kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    Err(Fault::Temporary("remind_attest is not written yet".to_owned()))
}

/// The job: what came of it, in a sentence.
pub(super) async fn monthly_letter(_kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    Err(Fault::Temporary("monthly_letter is not written yet".to_owned()))
}
