//! Changed levels to kommunstyrelsen (§ 19).

use super::kommun::{Kommun, addresses, desk};
use crate::calendar::Day;
use crate::domain::Fault;
use crate::jobs::watch_rates::{Watched, watch_rates as watch};
use crate::ports::Clock;

/// The job: what came of it, in a sentence.
pub(super) async fn watch_rates(kommun: &mut Kommun, due: Day) -> Result<String, Fault> {
    let (printer, addresses, now_ms) = (kommun.printer(), addresses(&kommun.configured), kommun.clock.now_ms());
    let desk = desk(&kommun.configured, &printer, &addresses);
    let watched = watch(&mut kommun.db, &kommun.configured.loaded, &desk, due, now_ms).await?;
    if watched == Watched::default() {
        return Ok(String::new());
    }
    Ok(format!("{} anmälningar av nivåer, {} varningar om värden som saknas", watched.notices, watched.warnings))
}
