//! One round of the timetable: what is due is noted, done in the order of [`Job::ALL`], and what became of it is noted.

use super::kommun::{Kommun, addresses, desk};
use super::veil::veiled_error;
use super::{deadlines, follow_up, levels, month_end, month_letters, outbox, upkeep, yearly};
use crate::calendar::{Day, day_of_instant, local_text};
use crate::domain::Fault;
use crate::jobs::journal::{self, OUTAGE};
use crate::jobs::operator_alarm::{Alarm, alarm};
use crate::jobs::restored::why_held;
use crate::jobs::schedule::{EVERY_MINUTE, Entry, Job};
use crate::ports::{Clock, ScheduledRun};

/// Does a job that was due on a day; gives what came of it in a sentence. Doing it twice writes no letter twice.
pub(super) async fn perform(kommun: &mut Kommun, job: Job, due: Day) -> Result<String, Fault> {
    if let Some(why) = held(kommun, job).await? {
        // A month waits to be done; what is done every minute only says why it does nothing.
        return if EVERY_MINUTE.contains(&job) { Ok(why) } else { Err(Fault::Temporary(why)) };
    }
    match job {
        Job::SyncDiarium => month_end::sync_diarium(kommun, due).await,
        Job::CalculateMonth => month_end::calculate_month(kommun, due).await,
        Job::CloseMonth => month_end::close_month(kommun, due).await,
        Job::ExportAttested => month_end::export_attested(kommun, due).await,
        Job::VerifyAndBackup => upkeep::verify_and_backup(kommun, due).await,
        Job::Gallring => upkeep::gallring(kommun, due).await,
        Job::TellEvents => month_letters::tell_events(kommun, due).await,
        Job::SendOutbox => outbox::send_outbox(kommun, due).await,
        Job::RemindMissingLists => deadlines::remind_missing_lists(kommun, due).await,
        Job::RemindAttest => month_letters::remind_attest(kommun, due).await,
        Job::FlagDeadlines => deadlines::flag_deadlines(kommun, due).await,
        Job::WatchRates => levels::watch_rates(kommun, due).await,
        Job::MonthlyLetter => month_letters::monthly_letter(kommun, due).await,
        Job::AccrualList => yearly::accrual_list(kommun, due).await,
        Job::Arvodesbesked => yearly::arvodesbesked(kommun, due).await,
        Job::FollowUp => follow_up::follow_up(kommun, due).await,
        Job::BriefingList => yearly::briefing_list(kommun, due).await,
    }
}

/// Why a job that lets something leave does not: the database was restored, and a person has not answered for it yet.
async fn held(kommun: &mut Kommun, job: Job) -> Result<Option<String>, Fault> {
    match job {
        Job::SendOutbox | Job::ExportAttested | Job::CalculateMonth | Job::CloseMonth => why_held(&mut kommun.db).await,
        _ => Ok(None),
    }
}

/// What a round did: each job that was done, and how it went.
pub(super) type Done = (&'static str, Result<String, Fault>);

/// Does all that is due. A job that fails stops no other; it is tried again later, and the operator is told in time.
///
/// # Errors
/// The clock is wrong, or the database fails: then nobody can say what is done.
pub(super) async fn round(
    kommun: &mut Kommun,
    go_on: &dyn Fn() -> bool,
    tell: &mut dyn FnMut(Done),
) -> Result<(), Fault> {
    let kalender = &kommun.configured.loaded.lonekalender;
    if !journal::note_due(&mut kommun.db, kalender, kommun.clock.now_ms()).await? {
        return Ok(());
    }
    for run in journal::to_try(&mut kommun.db, kommun.clock.now_ms()).await? {
        if !go_on() {
            return Ok(());
        }
        // Where that cannot be said, the job itself says why.
        if let Ok(Some(told)) = must_wait(kommun, &run).await {
            if !journal::waits(&mut kommun.db, &run, &told).await? {
                tell((Job::parse(&run.job).map_or(OUTAGE, Job::name), Ok(told)));
            }
            continue;
        }
        if let Some(begun) = journal::claim(&mut kommun.db, &run, kommun.clock.now_ms()).await? {
            let name = Job::parse(&run.job).map_or(OUTAGE, Job::name);
            let went = due_time(kommun, &begun).await?;
            tell((name, went));
        }
    }
    for job in EVERY_MINUTE {
        if go_on() && !journal::is_minute_done(&mut kommun.db, job, kommun.clock.now_ms()).await? {
            let went = minute(kommun, job).await?;
            tell((job.name(), went));
        }
    }
    Ok(())
}

/// Why a due time is left for a later round: nothing leaves a database that was restored, or its turn has not come.
async fn must_wait(kommun: &mut Kommun, run: &ScheduledRun) -> Result<Option<String>, Fault> {
    if let Some(job) = Job::parse(&run.job)
        && let Some(why) = held(kommun, job).await?
    {
        return Ok(Some(why));
    }
    month_end::must_wait(kommun, run).await
}

/// One due time, from begun to done or failed.
async fn due_time(kommun: &mut Kommun, run: &ScheduledRun) -> Result<Result<String, Fault>, Fault> {
    let went = match Job::parse(&run.job) {
        Some(job) => perform(kommun, job, day_of_instant(run.due_ms)).await,
        None => month_letters::outage_summary(kommun, run).await,
    };
    let now_ms = kommun.clock.now_ms();
    match &went {
        Ok(told) => journal::done(&mut kommun.db, run, told.clone(), now_ms).await?,
        Err(fault) => {
            let told = veiled_error(&fault.to_string());
            if journal::failed(&mut kommun.db, run, fault, told.clone(), now_ms).await? {
                raise(kommun, &run.job, run.due_ms, &told).await?;
            }
        }
    }
    Ok(went)
}

/// What is done every minute.
async fn minute(kommun: &mut Kommun, job: Job) -> Result<Result<String, Fault>, Fault> {
    let today = kommun.clock.today();
    let went = perform(kommun, job, today).await;
    let now_ms = kommun.clock.now_ms();
    let noted = match &went {
        Ok(told) => Ok(told.clone()),
        Err(fault) => Err((fault, veiled_error(&fault.to_string()))),
    };
    let why = noted.as_ref().err().map(|(_, told)| told.clone()).unwrap_or_default();
    if let Some(since) = journal::keep_minute(&mut kommun.db, job, noted, now_ms).await? {
        raise(kommun, job.name(), since, &why).await?;
    }
    Ok(went)
}

/// Tells the operator, once for each job and due time.
async fn raise(kommun: &mut Kommun, job: &str, since_ms: i64, why: &str) -> Result<(), Fault> {
    let (printer, addresses) = (kommun.printer(), addresses(&kommun.configured));
    let desk = desk(&kommun.configured, &printer, &addresses);
    let says = Job::parse(job).and_then(Entry::of).map_or("", |entry| entry.says);
    let what =
        if says.is_empty() { format!("Jobbet {job} går inte") } else { format!("Jobbet {job} går inte ({says})") };
    let told = Alarm {
        occasion: format!("{job} {since_ms}"),
        what: &what,
        why,
        to_do: &format!(
            "Rätta det som felet säger; programmet försöker igen av sig självt. Genast: arvode once {}",
            if Job::parse(job).is_some() { job } else { "timetable" }
        ),
        when: &local_text(since_ms),
    };
    match alarm(&mut kommun.db, &desk, told, kommun.clock.now_ms()).await {
        Ok(_) => Ok(()),
        // The alarm's own template is broken: the log still says what went wrong, and the round goes on.
        Err(Fault::Input(text)) => {
            super::complain(&text);
            Ok(())
        }
        Err(fault) => Err(fault),
    }
}

/// One round for `arvode once timetable`; gives what was done.
///
/// # Errors
/// As of [`round`].
pub(super) async fn once(kommun: &mut Kommun, clock_is_right: bool) -> Result<Vec<Done>, Fault> {
    if clock_is_right {
        journal::trust_clock(&mut kommun.db, kommun.clock.now_ms()).await?;
    }
    let mut done = Vec::new();
    round(kommun, &|| true, &mut |one| done.push(one)).await?;
    Ok(done)
}
