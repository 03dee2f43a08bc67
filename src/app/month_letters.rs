//! Letters of the month: what has happened, what waits for a signature, the monthly letter, and what was missed.

use super::kommun::{Kommun, addresses, desk};
use super::veil::veiled_error;
use crate::calendar::Day;
use crate::domain::Fault;
use crate::jobs::import_workbooks::{MENDED, stem};
use crate::jobs::tell_events::{Events, tell_events as tell};
use crate::jobs::{monthly_letter as monthly, outage_summary as outage, remind_attest as remind};
use crate::ports::{Clock, PayrollOut, ScheduledRun};

/// Letters that follow from what the database says; empty if there was nothing to tell.
pub(super) async fn tell_events(kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    let (printer, addresses) = (kommun.printer(), addresses(&kommun.configured));
    let desk = desk(&kommun.configured, &printer, &addresses);
    let out = kommun.out();
    let rejected = kommun.path(&kommun.configured.settings.rejected);
    let events = Events {
        loaded: &kommun.configured.loaded,
        forteckning: &kommun.configured.forteckning,
        attested_by_payroll: kommun.configured.settings.attested_by_payroll.is_some(),
        receipt: &|batch| out.receipt(batch),
        mend_in: &|file| {
            let name = format!("{}{MENDED}.xlsx", super::veil::veiled(stem(file)));
            rejected.join(&name).is_file().then(|| veiled_error(&name))
        },
        veiled: &told_by_letter,
        today: kommun.clock.today(),
        now_ms: kommun.clock.now_ms(),
    };
    let written = tell(&mut kommun.db, &desk, &events).await?;
    Ok(if written == 0 { String::new() } else { super::show::count(written, "nytt brev", "nya brev") })
}

/// What a letter may say of a text: less than a command, for a letter lies about. Whoever is protected has no number there.
fn told_by_letter(text: &str) -> String {
    const NUMBER: &str = "skyddad (anst.nr ";
    let veiled = veiled_error(text);
    let (mut told, mut rest) = (String::new(), veiled.as_str());
    while let Some((before, after)) = rest.split_once(NUMBER) {
        told += before;
        told += "skyddad";
        rest = after.split_once(')').map_or("", |(_, behind)| behind);
    }
    told + rest
}

/// The same after a command that gives rise to letters, so that `arvode outbox` shows them at once. The command is done
/// whatever becomes of them: the timetable finds what is not told yet.
pub(super) async fn tell_at_once(kommun: &mut Kommun) {
    let today = kommun.clock.today();
    if let Err(fault) = tell_events(kommun, today).await {
        super::complain(&format!(
            "letters about this are not written yet: {fault}; `arvode once tell_events` tries again"
        ));
    }
}

/// Sheets that still wait.
pub(super) async fn remind_attest(kommun: &mut Kommun, due: Day) -> Result<String, Fault> {
    if kommun.configured.settings.attested_by_payroll.is_some() {
        return Ok(String::new());
    }
    let (printer, addresses) = (kommun.printer(), addresses(&kommun.configured));
    let desk = desk(&kommun.configured, &printer, &addresses);
    let rules = (&kommun.configured.loaded, &kommun.configured.forteckning);
    remind::remind_attest(&mut kommun.db, &desk, rules, due, kommun.clock.now_ms()).await
}

/// What was paid and what waits.
pub(super) async fn monthly_letter(kommun: &mut Kommun, due: Day) -> Result<String, Fault> {
    let (printer, addresses) = (kommun.printer(), addresses(&kommun.configured));
    let desk = desk(&kommun.configured, &printer, &addresses);
    let diaria: Vec<String> = kommun.configured.settings.diaria.iter().map(|source| source.name.clone()).collect();
    let when = (due, kommun.clock.now_ms());
    monthly::monthly_letter(&mut kommun.db, &desk, &kommun.configured.loaded, &diaria, when).await
}

/// What was missed while the program was away.
pub(super) async fn outage_summary(kommun: &mut Kommun, run: &ScheduledRun) -> Result<String, Fault> {
    let (printer, addresses) = (kommun.printer(), addresses(&kommun.configured));
    let desk = desk(&kommun.configured, &printer, &addresses);
    outage::outage_summary(&mut kommun.db, &desk, run, kommun.clock.now_ms()).await
}
