//! How it goes: what each job did last and does next, how old what is known is, what waits and where it waits.
//!
//! Nothing here names a person. What is cheap is read anew each time; what takes a calculation of everybody (held remarks and
//! last days) is counted apart, so that it need not be done while nothing has changed.

mod look;

use std::collections::BTreeMap;

pub use self::look::{Look, Thresholds, Why, looks};

use super::attest_batch::sheets;
use super::remark_list;
use super::schedule::{EVERY_MINUTE, Entry, Job};
use super::{deadlines, journal};
use crate::calendar::Day;
use crate::domain::{Fault, State};
use crate::ledger::{BatchName, BatchState};
use crate::money::Ore;
use crate::ports::{LettersIn, RunState, ScheduledRun, Store};
use crate::regelverk::{Loaded, Lonekalender};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How it goes, at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// Every job, in the order in which they are done.
    pub jobs: Vec<JobStatus>,
    /// When the timetable was at work last; none if it never was.
    pub at_work_ms: Option<i64>,
    /// When a file was taken in last.
    pub last_import_ms: Option<i64>,
    /// Each diarium, and when it was last fetched from to its end.
    pub diaria: Vec<(String, Option<i64>)>,
    /// Batches on their way.
    pub batches: Vec<OpenBatch>,
    /// Letters by how far they have come; states without letters are left out.
    pub letters: Vec<LettersIn>,
}

/// A job, and how it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobStatus {
    /// Which.
    pub job: Job,
    /// Its latest due time, whatever has become of it.
    pub last: Option<ScheduledRun>,
    /// When it went well last; none where it was never due.
    pub went_well_ms: Option<i64>,
    /// Its due time that fails, with tries, next try and why.
    pub fails: Option<ScheduledRun>,
    /// Its next due time; none for what is done every minute.
    pub next_ms: Option<i64>,
}

/// A batch on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenBatch {
    /// Which.
    pub name: BatchName,
    /// How far.
    pub state: BatchState,
    /// Its sheets.
    pub sheets: usize,
    /// Sheets that lack a signature; none where payroll attests.
    pub waiting: usize,
    /// What it adds up to.
    pub sum: Ore,
    /// Its month's cut-off.
    pub cut_off: Day,
}

/// What takes a calculation of everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Held remarks.
    pub held: u32,
    /// What those are worth whose worth is known.
    pub held_worth: Ore,
    /// Those whose worth is not known.
    pub held_unknown: u32,
    /// Last days that are near, by the last of the days of `[flaggor]` that they have reached.
    pub near: BTreeMap<i64, u32>,
}

/// What [`Counted`] was counted from: as long as it is the same, nothing else comes of counting again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedFrom {
    today: Day,
    settings_sha256: String,
    last_fact: i64,
    held: (i64, i64),
    batches: Vec<(BatchName, BatchState)>,
}

/// What the settings say of where facts come from and who attests.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The rules.
    pub loaded: &'a Loaded,
    /// Names of the diaria.
    pub diaria: &'a [String],
    /// Payroll attests after import: no sheet waits.
    pub attested_by_payroll: bool,
}

/// Asks how it goes.
///
/// # Errors
/// The database, or it holds what the program did not write.
pub async fn status(store: &mut impl Store, known: &Known<'_>, now_ms: i64) -> Result<Status, Fault> {
    let kalender = &known.loaded.lonekalender;
    let open = store.open_runs().await?;
    let mut jobs = Vec::with_capacity(Job::ALL.len());
    for job in Job::ALL {
        jobs.push(of_job(store, job, &open, kalender, now_ms).await?);
    }
    let mut diaria = Vec::with_capacity(known.diaria.len());
    for name in known.diaria {
        diaria.push((name.clone(), store.fetched_at(name).await?));
    }
    Ok(Status {
        at_ms: now_ms,
        jobs,
        at_work_ms: journal::last_at_work(store).await?,
        last_import_ms: store.last_import_ms().await?,
        diaria,
        batches: open_batches(store, known).await?,
        letters: store.letters_by_state().await?,
    })
}

async fn of_job(
    store: &mut impl Store,
    job: Job,
    open: &[ScheduledRun],
    kalender: &Lonekalender,
    now_ms: i64,
) -> Result<JobStatus, Fault> {
    let last = store.last_run(job.name()).await?;
    let is_minute = EVERY_MINUTE.contains(&job);
    // Where a job begins to be counted stands as done, but nothing was done then.
    let did = |run: &ScheduledRun| is_minute || run.started_ms.is_some();
    let went_well_ms = store.last_done(job.name()).await?.filter(did).and_then(|run| run.ended_ms);
    let fails = |run: &&ScheduledRun| run.job == job.name() && run.state == RunState::Failed;
    let fails = if is_minute { last.iter().find(fails) } else { open.iter().find(fails) };
    let next_ms = Entry::of(job).and_then(|entry| next_due(entry, kalender, now_ms));
    Ok(JobStatus { job, fails: fails.cloned(), went_well_ms, next_ms, last })
}

/// The first due time after an instant: looked for in the next week first, for most are there.
fn next_due(entry: &Entry, kalender: &Lonekalender, now_ms: i64) -> Option<i64> {
    const SPANS_DAYS: [i64; 3] = [8, 70, 800];
    let first = |days: &i64| entry.due_between(kalender, now_ms, now_ms + days * DAY_MS).first().copied();
    SPANS_DAYS.iter().find_map(first)
}

async fn open_batches(store: &mut impl Store, known: &Known<'_>) -> Result<Vec<OpenBatch>, Fault> {
    let mut open = Vec::new();
    for (_, batch, totals) in store.batches().await?.into_iter().filter(|(_, batch, _)| batch.state.is_open()) {
        let views = sheets(store, batch.name).await?;
        let is_calculated = batch.state == BatchState::Calculated && !known.attested_by_payroll;
        let lacks = views.iter().filter(|view| is_calculated && view.attests.len() < 2);
        open.push(OpenBatch {
            name: batch.name,
            state: batch.state,
            sheets: views.len(),
            waiting: lacks.count(),
            sum: totals.sum,
            cut_off: known.loaded.lonekalender.cut_off(batch.name.payout),
        });
    }
    Ok(open)
}

/// What would be counted now.
///
/// # Errors
/// The database.
pub async fn counted_from(store: &mut impl Store, settings_sha256: &str, today: Day) -> Result<CountedFrom, Fault> {
    let batches = store.batches().await?.into_iter().map(|(_, batch, _)| (batch.name, batch.state)).collect();
    let (last_fact, held) = (store.last_fact().await?, store.held_mark().await?);
    Ok(CountedFrom { today, settings_sha256: settings_sha256.to_owned(), last_fact, held, batches })
}

/// Counts held remarks and last days; takes as long as working out a month.
///
/// # Errors
/// The database, or settings without a first month.
pub async fn counted(store: &mut impl Store, loaded: &Loaded, today: Day) -> Result<Counted, Fault> {
    let near = loaded.flag_days.all().iter().map(|days| (*days, 0)).collect();
    let mut counted = Counted { near, ..Counted::default() };
    for one in remark_list::found(store, loaded, today, Some(State::Held)).await? {
        counted.held += 1;
        match one.remark.worth {
            Some(worth) => counted.held_worth += worth,
            None => counted.held_unknown += 1,
        }
    }
    for days in deadlines::found(store, loaded, today, None).await?.dues.iter().filter_map(|due| due.reached) {
        *counted.near.entry(days).or_default() += 1;
    }
    Ok(counted)
}

impl Status {
    /// The last backup that was made and looked through.
    pub fn backup_ms(&self) -> Option<i64> {
        self.jobs.iter().find(|job| job.job == Job::VerifyAndBackup)?.went_well_ms
    }

    /// Jobs that fail.
    pub fn failing(&self) -> impl Iterator<Item = (Job, &ScheduledRun)> {
        self.jobs.iter().filter_map(|job| job.fails.as_ref().map(|fails| (job.job, fails)))
    }
}
