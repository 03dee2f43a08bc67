//! What the year's turn brings: the accrual list, each person's arvodesbesked, and the briefing list.

use super::accruals::List;
use super::kommun::{Kommun, addresses, desk};
use crate::calendar::{Day, Month};
use crate::domain::Fault;
use crate::jobs::accruals::accruals;
use crate::jobs::{accrual_list as accrual_job, arvodesbesked as besked_job, briefing_list as briefing_job};
use crate::ports::Clock;

/// The job: what came of it, in a sentence.
pub(super) async fn accrual_list(kommun: &mut Kommun, due: Day) -> Result<String, Fault> {
    let (printer, addresses, now_ms) = (kommun.printer(), addresses(&kommun.configured), kommun.clock.now_ms());
    let desk = desk(&kommun.configured, &printer, &addresses);
    let (loaded, year) = (&kommun.configured.loaded, Month::of(due).year() - 1);
    if accrual_job::is_told(&mut kommun.db, year).await? {
        return Ok(format!("listan av den 31 december {year} är redan skriven"));
    }
    let known_on = kommun.clock.today();
    let found = accruals(&mut kommun.db, loaded, year, known_on, None, &mut |_| {}).await?;
    if found.lines.is_empty() {
        return Ok(format!("inget är intjänat eller betalt {year}"));
    }
    let workbook = List { found: &found, loaded, year, known_on }.workbook()?;
    accrual_job::tell(&mut kommun.db, loaded, &desk, (year, &found, workbook), now_ms).await?;
    Ok(format!("listan av den 31 december {year}: {} rader", found.lines.len()))
}

/// The job: what came of it, in a sentence.
pub(super) async fn arvodesbesked(kommun: &mut Kommun, due: Day) -> Result<String, Fault> {
    let (printer, addresses, now_ms) = (kommun.printer(), addresses(&kommun.configured), kommun.clock.now_ms());
    let desk = desk(&kommun.configured, &printer, &addresses);
    let (loaded, year) = (&kommun.configured.loaded, Month::of(due).year() - 1);
    let asked = (year, kommun.clock.today());
    let written = besked_job::arvodesbesked(&mut kommun.db, loaded, &desk, asked, now_ms).await?;
    let besked_job::Written { letters, to_print, already } = written;
    Ok(format!("arvodesbesked för {year}: {letters} skrivna, varav {to_print} att skriva ut; {already} fanns redan"))
}

/// The job: what came of it, in a sentence.
pub(super) async fn briefing_list(kommun: &mut Kommun, due: Day) -> Result<String, Fault> {
    let (printer, addresses, now_ms) = (kommun.printer(), addresses(&kommun.configured), kommun.clock.now_ms());
    let desk = desk(&kommun.configured, &printer, &addresses);
    let loaded = &kommun.configured.loaded;
    let listed = briefing_job::briefing_list(&mut kommun.db, loaded, &desk, due, now_ms).await?;
    let told = if listed.is_told { "brevet är skrivet" } else { "inget nytt brev" };
    Ok(format!("{} av {} saknar genomgång; {told}", listed.lacking, listed.all))
}
