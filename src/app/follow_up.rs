//! The follow-up to allmänna utskottet (§ 19).

use super::kommun::Kommun;
use crate::calendar::Day;
use crate::domain::Fault;

/// The job: what came of it, in a sentence.
pub(super) async fn follow_up(_kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    Err(Fault::Temporary("follow_up is not written yet".to_owned()))
}
