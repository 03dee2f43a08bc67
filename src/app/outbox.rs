//! The outbox: what waits, what was sent, and sending it.

use super::kommun::Kommun;
use crate::calendar::Day;
use crate::domain::Fault;

/// The job: what came of it, in a sentence.
pub(super) async fn send_outbox(_kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    Err(Fault::Temporary("send_outbox is not written yet".to_owned()))
}
