//! The timetable's journal: which due times there were, and what became of each. Whatever happens between two writes, a due
//! time is noted once, is done by one, and is left out only where the timetable says so.

use super::schedule::{EVERY_MINUTE, Entry, Job, TIMETABLE};
use super::wholly::wholly;
use crate::calendar::instant_text;
use crate::domain::Fault;
use crate::ports::{RunState, ScheduledRun, Store};
use crate::regelverk::Lonekalender;

/// The journal's name of what is told after the program was away: its due time is when the program was back, and it was
/// begun when the program was last at work.
pub const OUTAGE: &str = "outage_summary";

/// A due time that is done later than this was missed.
pub const LATE_MS: i64 = 24 * 60 * MINUTE_MS;

const MINUTE_MS: i64 = 60_000;

/// A clock that is set right goes back a little; what is due then waits for the same time to come again.
const SET_BACK_MS: i64 = 2 * MINUTE_MS;

/// Nobody is away for longer: it is the clock that is wrong.
const TOO_FAR_MS: i64 = 5 * 366 * 24 * 60 * MINUTE_MS;

/// The longest wait between two tries.
const LONGEST_WAIT_MS: i64 = 6 * 60 * MINUTE_MS;

/// The longest wait of a job of the minute that does not go: what needs a person is not tried and noted each minute.
const LONGEST_PAUSE_MS: i64 = 32 * MINUTE_MS;

/// What a temporary fault has failed so many times is told to the operator: after about a quarter of an hour.
const TRIES_BEFORE_ALARM: u32 = 5;

/// Notes all that is due now and was not noted before, wholly or not at all. A job that the journal does not know begins
/// now: a new kommun gets no letters about its past. False where the clock was set back a little, and nothing is to be done.
///
/// # Errors
/// The clock stands before what the journal has noted, or years after it.
pub async fn note_due(store: &mut impl Store, kalender: &Lonekalender, now_ms: i64) -> Result<bool, Fault> {
    let mut last = Vec::new();
    for entry in &TIMETABLE {
        last.push((entry, store.last_run(entry.job.name()).await?.map(|run| run.due_ms)));
    }
    let at_work = last_at_work(store).await?.max(last.iter().filter_map(|(_, due)| *due).max());
    if let Some(at_work) = at_work {
        if now_ms < at_work - SET_BACK_MS || at_work + TOO_FAR_MS < now_ms {
            return Err(wrong_clock(at_work, now_ms));
        }
        if now_ms < at_work {
            return Ok(false);
        }
    }
    wholly(store, async |store| {
        let mut was_away = false;
        for (entry, last_ms) in last {
            match last_ms {
                Some(last_ms) => was_away |= note(store, entry, kalender, (last_ms, now_ms)).await?,
                None => {
                    let told = "härifrån räknas tiderna".to_owned();
                    store.add_run(&ended(entry.job.name(), now_ms, RunState::Done, now_ms, told)).await?;
                }
            }
        }
        if let (true, Some(at_work)) = (was_away, at_work) {
            store.add_run(&ScheduledRun { started_ms: Some(at_work), ..planned(OUTAGE, now_ms) }).await?;
        }
        Ok(true)
    })
    .await
}

/// When the program was last at work, as far as the journal tells.
///
/// # Errors
/// The database.
pub async fn last_at_work(store: &mut impl Store) -> Result<Option<i64>, Fault> {
    // The row of an absence stands at the instant at which the program was back.
    let mut latest = store.last_run(OUTAGE).await?.map(|run| run.due_ms);
    for job in EVERY_MINUTE {
        latest = latest.max(store.last_run(job.name()).await?.map(|run| run.due_ms));
    }
    Ok(latest)
}

fn wrong_clock(at_work: i64, now_ms: i64) -> Fault {
    let (stands, noted) = if now_ms < at_work { ("before", "has noted") } else { ("years after", "last noted") };
    Fault::Refused(format!(
        "the clock stands {stands} {}, which the timetable's journal {noted}: nothing is done, so that nothing is done twice. \
         Set the clock right; if it is right now and was wrong then, stop `arvode run` and say `arvode once timetable --clock-is-right`",
        instant_text(at_work)
    ))
}

/// The clock is right, says a person: what was noted beyond it is forgotten, and all jobs begin anew from now. Letters are
/// written once by their keys, so nothing that was told is told again. Gives how many due times were forgotten.
///
/// # Errors
/// The database.
pub async fn trust_clock(store: &mut impl Store, now_ms: i64) -> Result<u64, Fault> {
    wholly(store, async |store| {
        let forgotten = store.forget_runs_after(now_ms).await?;
        for entry in &TIMETABLE {
            let told = "klockan bekräftad; härifrån räknas tiderna".to_owned();
            store.add_run(&ended(entry.job.name(), now_ms, RunState::Done, now_ms, told)).await?;
        }
        store.audit("clock confirmed", &format!("{forgotten} due times after it forgotten"), now_ms).await?;
        Ok(forgotten)
    })
    .await
}

/// Notes a job's due times since the last one; whether any was missed.
async fn note(
    store: &mut impl Store,
    entry: &Entry,
    kalender: &Lonekalender,
    (last_ms, now_ms): (i64, i64),
) -> Result<bool, Fault> {
    let (job, plan) = (entry.job.name(), entry.plan(kalender, last_ms, now_ms));
    if let (Some(newest), false) = (plan.to_do.last(), entry.missed == super::schedule::Missed::All) {
        supersede(store, job, *newest, now_ms).await?;
    }
    for due_ms in &plan.left_out {
        let told = "missad medan programmet var borta".to_owned();
        store.add_run(&ended(job, *due_ms, RunState::Skipped, now_ms, told)).await?;
    }
    for due_ms in &plan.to_do {
        store.add_run(&planned(job, *due_ms)).await?;
    }
    // An hour's stop that a later time of the same day makes good is no absence worth a letter.
    Ok(plan.left_out.iter().chain(&plan.to_do).any(|due_ms| due_ms + LATE_MS < now_ms))
}

/// What has failed until the next time came is left to it: it says the same, and more.
async fn supersede(store: &mut impl Store, job: &str, newest: i64, now_ms: i64) -> Result<(), Fault> {
    for run in store.open_runs().await?.into_iter().filter(|run| run.job == job && run.due_ms < newest) {
        let told = format!("lämnad till nästa gång: {}", run.told);
        let left = ScheduledRun { state: RunState::Skipped, ended_ms: Some(now_ms), told, ..run.clone() };
        store.move_run(run.state, &left).await?;
    }
    Ok(())
}

/// What may be tried now, in the order in which it is done; the summary of an outage last, when it knows how the rest went.
/// What a killed process had begun is among it: only one process does the timetable.
///
/// # Errors
/// The database.
pub async fn to_try(store: &mut impl Store, now_ms: i64) -> Result<Vec<ScheduledRun>, Fault> {
    let mut open = store.open_runs().await?;
    open.retain(|run| run.state == RunState::Running || run.next_try_ms <= now_ms);
    let place = |run: &ScheduledRun| Job::ALL.iter().position(|job| job.name() == run.job).unwrap_or(usize::MAX);
    open.retain(|run| run.job == OUTAGE || Job::parse(&run.job).is_some());
    open.sort_by_key(|run| (place(run), run.due_ms));
    Ok(open)
}

/// Begins a due time: none if another process has begun it.
///
/// # Errors
/// The database.
pub async fn claim(store: &mut impl Store, run: &ScheduledRun, now_ms: i64) -> Result<Option<ScheduledRun>, Fault> {
    let mut begun = ScheduledRun { state: RunState::Running, tries: run.tries.saturating_add(1), ..run.clone() };
    // Of an outage it is told when it began.
    if run.job != OUTAGE {
        begun.started_ms = Some(now_ms);
    }
    match wholly(store, async |store| store.move_run(run.state, &begun).await).await {
        Ok(()) => Ok(Some(begun)),
        Err(Fault::Refused(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// A due time that was begun is done.
///
/// # Errors
/// The database.
pub async fn done(store: &mut impl Store, run: &ScheduledRun, told: String, now_ms: i64) -> Result<(), Fault> {
    let done = ScheduledRun { state: RunState::Done, ended_ms: Some(now_ms), told, ..run.clone() };
    wholly(store, async |store| store.move_run(RunState::Running, &done).await).await
}

/// A due time that was begun has failed and is tried again, each time after a longer wait; whether the operator is to know.
///
/// # Errors
/// The database.
pub async fn failed(
    store: &mut impl Store,
    run: &ScheduledRun,
    fault: &Fault,
    told: String,
    now_ms: i64,
) -> Result<bool, Fault> {
    let wait = doubled(run.tries).min(LONGEST_WAIT_MS);
    let failed = ScheduledRun { state: RunState::Failed, next_try_ms: now_ms + wait, told, ..run.clone() };
    wholly(store, async |store| store.move_run(RunState::Running, &failed).await).await?;
    Ok(is_alarm(fault, run.tries))
}

/// A due time whose turn has not come is left for the next round: nothing has failed. True if that was told before.
///
/// # Errors
/// The database.
pub async fn waits(store: &mut impl Store, run: &ScheduledRun, told: &str) -> Result<bool, Fault> {
    if run.state == RunState::Planned && run.told == told {
        return Ok(true);
    }
    let waiting = ScheduledRun { state: RunState::Planned, told: told.to_owned(), ..run.clone() };
    wholly(store, async |store| store.move_run(run.state, &waiting).await).await?;
    Ok(false)
}

/// A person must act on it at once, or it does not pass by itself.
fn is_alarm(fault: &Fault, tries: u32) -> bool {
    !matches!(fault, Fault::Temporary(_)) || tries >= TRIES_BEFORE_ALARM
}

/// Notes how a job that is done every minute went: `Err` holds the fault and what is told of it. Gives the instant since when
/// it fails, where the operator is to know.
///
/// # Errors
/// The database.
pub async fn keep_minute(
    store: &mut impl Store,
    job: Job,
    went: Result<String, (&Fault, String)>,
    now_ms: i64,
) -> Result<Option<i64>, Fault> {
    let due_ms = now_ms - now_ms.rem_euclid(MINUTE_MS);
    let before = store.last_run(job.name()).await?.filter(|run| run.state == RunState::Failed);
    let mut alarm = None;
    let run = match went {
        Ok(told) => ended(job.name(), due_ms, RunState::Done, now_ms, told),
        Err((fault, told)) => {
            let tries = before.as_ref().map_or(0, |run| run.tries).saturating_add(1);
            let since = before.and_then(|run| run.started_ms).unwrap_or(now_ms);
            alarm = is_alarm(fault, tries).then_some(since);
            let failed = ended(job.name(), due_ms, RunState::Failed, now_ms, told);
            // A letter that cannot be written costs nothing to try; each try of an export leaves its trace in the audit.
            let pauses = job == Job::ExportAttested;
            let next_try_ms = if pauses { due_ms + doubled(tries).min(LONGEST_PAUSE_MS) } else { due_ms };
            ScheduledRun { tries, started_ms: Some(since), next_try_ms, ..failed }
        }
    };
    wholly(store, async |store| store.keep_only_run(&run).await).await?;
    Ok(alarm)
}

/// Whether the minute has been done already, or what failed is not to be tried yet.
///
/// # Errors
/// The database.
pub async fn is_minute_done(store: &mut impl Store, job: Job, now_ms: i64) -> Result<bool, Fault> {
    let last = store.last_run(job.name()).await?;
    let pauses = |run: &ScheduledRun| run.state == RunState::Failed && now_ms < run.next_try_ms;
    let is_done = |run: &ScheduledRun| run.due_ms.div_euclid(MINUTE_MS) >= now_ms.div_euclid(MINUTE_MS);
    Ok(last.is_some_and(|run| is_done(&run) || pauses(&run)))
}

/// A minute after the first try, then twice as long each time.
fn doubled(tries: u32) -> i64 {
    MINUTE_MS.saturating_mul(1 << tries.saturating_sub(1).min(16))
}

fn planned(job: &str, due_ms: i64) -> ScheduledRun {
    ScheduledRun {
        job: job.to_owned(),
        due_ms,
        state: RunState::Planned,
        tries: 0,
        next_try_ms: due_ms,
        started_ms: None,
        ended_ms: None,
        told: String::new(),
    }
}

fn ended(job: &str, due_ms: i64, state: RunState, at_ms: i64, told: String) -> ScheduledRun {
    ScheduledRun { state, ended_ms: Some(at_ms), told, ..planned(job, due_ms) }
}
