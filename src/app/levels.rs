//! Changed levels to kommunstyrelsen (§ 19).

use super::kommun::Kommun;
use crate::calendar::Day;
use crate::domain::Fault;

/// The job: what came of it, in a sentence.
pub(super) async fn watch_rates(_kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    Err(Fault::Temporary("watch_rates is not written yet".to_owned()))
}
