//! `status`: how it goes. The same is looked at after each round of `run`, for `/readyz` and `/metrics`.

mod figures;
mod show;

pub(super) use figures::figures;

use std::time::{Duration, Instant};

use super::Ended;
use super::kommun::Kommun;
use super::run::places;
use super::veil::veiled;
use crate::adapters::drop::{Lying, lying};
use crate::adapters::lock::is_drop_locked;
use crate::adapters::settings::StatusSettings;
use crate::domain::Fault;
use crate::jobs::status::{Counted, CountedFrom, Known, Look, Status, Thresholds, Why, counted, counted_from, looks};
use crate::ports::{Clock, Store};

/// How it goes with a kommun.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Its name.
    pub kommun: String,
    pub status: Status,
    pub lying: Lying,
    pub counted: Counted,
    /// What a person must look at.
    pub looks: Vec<Look>,
}

/// What was counted last, so that it is counted anew only where something has changed.
#[derive(Clone, Debug)]
pub(super) struct LastCount {
    counted: Counted,
    from: CountedFrom,
    at: Instant,
    took: Duration,
}

/// Of the time of a process that is asked for nothing, counting takes at most this part.
const SHARE: u32 = 20;

pub(super) async fn status(kommun: &mut Kommun) -> Result<Ended, Fault> {
    let mut seen = see(kommun, &mut None).await?;
    let chain = match kommun.db.audit_head().await {
        Ok(head) => Some(head),
        Err(Fault::Refused(why)) => {
            let next = "återställ senaste säkerhetskopian: arvode restore";
            seen.looks.push(Look::new(Why::Chain, format!("granskningskedjan är bruten: {why}"), next));
            None
        }
        Err(fault) => return Err(fault),
    };
    let more = show::More { chain, is_locked: is_drop_locked(&kommun.folder) };
    if kommun.json {
        say!("{}", show::json(&seen, &more));
    } else {
        show::print(&seen, &more);
    }
    Ok(if seen.looks.is_empty() { Ended::Done } else { Ended::Look })
}

/// Looks at everything; what takes a calculation is taken from the last count as long as nothing has changed.
pub(super) async fn see(kommun: &mut Kommun, last: &mut Option<LastCount>) -> Result<Seen, Fault> {
    let (today, now_ms) = (kommun.clock.today(), kommun.clock.now_ms());
    let (configured, settings) = (&kommun.configured, &kommun.configured.settings);
    let diaria: Vec<String> = settings.diaria.iter().map(|source| source.name.clone()).collect();
    let known = Known {
        loaded: &configured.loaded,
        diaria: &diaria,
        attested_by_payroll: settings.attested_by_payroll.is_some(),
    };
    let mut status = crate::jobs::status::status(&mut kommun.db, &known, now_ms).await?;
    // Names and reasons are told on another thread too, which knows of no veil.
    status.diaria.iter_mut().for_each(|(name, _)| *name = veiled(name));
    let from = counted_from(&mut kommun.db, &configured.sha256, today).await?;
    let may_be_kept = |last: &&LastCount| last.from == from || last.at.elapsed() < last.took.saturating_mul(SHARE);
    let counted = match last.as_ref().filter(may_be_kept) {
        Some(last) => last.counted.clone(),
        None => {
            let begun = Instant::now();
            let counted = counted(&mut kommun.db, &configured.loaded, today).await?;
            *last = Some(LastCount { counted: counted.clone(), from, at: Instant::now(), took: begun.elapsed() });
            counted
        }
    };
    let lying = lying(&places(&kommun.folder, settings), now_ms);
    let mut looks = looks(&status, &thresholds(&settings.status), lying.oldest_ms);
    looks.iter_mut().for_each(|look| look.what = veiled(&look.what));
    Ok(Seen { kommun: veiled(&settings.kommun), status, lying, counted, looks })
}

fn thresholds(settings: &StatusSettings) -> Thresholds {
    Thresholds {
        expects_run: settings.expects_run,
        silent_minutes: settings.silent_minutes,
        import_days: settings.import_days,
        diarium_days: settings.diarium_days,
        inbox_hours: settings.inbox_hours,
        letter_hours: settings.letter_hours,
        backup_days: settings.backup_days,
    }
}
