//! `run` and `once`: jobs that nobody starts by hand.
//!
//! `run` goes on until it is told to stop: it waits for the first thing that is due, does it, and waits again. What it does
//! is the drop folder (`run/inbox.rs`) and the timetable (`app/timetable.rs`, once a minute); each is done in a round of its
//! own. Settings are read anew and the database is opened anew for each round: an edited file counts from the next round
//! on, and between rounds every other command has the database for itself.

mod health;
mod inbox;
mod log;
mod service;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::Instant;

use self::health::Health;
use self::inbox::InboxJob;
pub(super) use self::inbox::places;
use self::log::Log;
use self::service::Service;
use super::Ended;
use super::cli::JobWord;
use super::kommun::Kommun;
use super::timetable;
use crate::adapters::lock::lock_drop;
use crate::adapters::ticks::Ticks;
use crate::domain::Fault;
use crate::jobs::schedule::{EVERY_MINUTE, Job};
use crate::ports::Clock;

/// How long a round may go on after it was told to stop; then what it holds is released, and the next start does it again.
const GRACE: Duration = Duration::from_secs(7);

/// After the first round that failed; then twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// Where the kommun is, as the command line says.
pub(super) struct Place {
    pub data: PathBuf,
    pub config: Option<PathBuf>,
    pub json: bool,
    pub by: Option<String>,
    /// The clock that was set by hand.
    pub now: Option<i64>,
}

impl Place {
    /// Settings and database, as they are now.
    async fn open(&self) -> Result<Kommun, Fault> {
        let mut kommun = Kommun::open(&self.data, self.config.clone(), self.json, self.now).await?;
        kommun.may_write()?;
        kommun.by.clone_from(&self.by);
        super::veil::draw(&mut kommun).await?;
        Ok(kommun)
    }
}

/// One round of a job.
pub(super) async fn once(place: &Place, job: JobWord, clock_is_right: bool) -> Result<Ended, Fault> {
    if clock_is_right && job != JobWord::Timetable {
        return Err(Fault::Input("--clock-is-right goes with `arvode once timetable`".to_owned()));
    }
    match job {
        JobWord::Import => {
            let _alone = lock_drop(&place.data)?;
            inbox::once(place).await
        }
        JobWord::Timetable => {
            let _alone = lock_drop(&place.data)?;
            once_all(place, clock_is_right).await
        }
        JobWord::Job(job) => once_job(place, job).await,
    }
}

/// A job of the timetable, as if it were due today. The journal does not count it: its own time comes all the same, and
/// finds the letters written.
async fn once_job(place: &Place, job: Job) -> Result<Ended, Fault> {
    let mut kommun = place.open().await?;
    let today = kommun.clock.today();
    let told = timetable::perform(&mut kommun, job, today).await;
    let closed = kommun.close().await;
    let told = told?;
    closed?;
    if place.json {
        say!("{}", json!({ "job": job.name(), "told": told }));
    } else if told.is_empty() {
        say!("{}: ingenting att göra", job.name());
    } else {
        say!("{}: {told}", job.name());
    }
    Ok(Ended::Done)
}

/// Everything that is due, as `arvode run` does it once a minute: for those who start the program by a timer of their own.
async fn once_all(place: &Place, clock_is_right: bool) -> Result<Ended, Fault> {
    let mut kommun = place.open().await?;
    let done = timetable::once(&mut kommun, clock_is_right).await;
    let closed = kommun.close().await;
    let done = done?;
    closed?;
    let mut ended = Ended::Done;
    let mut list = Vec::new();
    for (job, went) in &done {
        match went {
            Ok(told) if place.json => list.push(json!({ "job": job, "told": told })),
            Ok(told) if told.is_empty() => {}
            Ok(told) => say!("{job}: {told}"),
            Err(fault) => {
                ended = Ended::Failed(fault.exit_code());
                list.push(json!({ "job": job, "error": super::veil::veiled_error(&fault.to_string()) }));
                super::complain(&format!("{job}: {fault}"));
            }
        }
    }
    if place.json {
        say!("{}", json!({ "done": list }));
    }
    Ok(ended)
}

/// All jobs, until a signal says stop.
pub(super) async fn run(place: &Place) -> Result<Ended, Fault> {
    let _alone = lock_drop(&place.data)?;
    let mut told = stop_signal()?;
    // What is wrong at the start is told to whoever starts it; what goes wrong later is told in the log.
    let kommun = place.open().await?;
    let mut job = InboxJob::begin(&kommun)?;
    log::begin(&kommun.configured.settings, place.json, kommun.clock)?;
    let mut log = Log::new(&kommun.configured.settings.kommun, false);
    kommun.close().await?;
    let (ticks, service, health) = (Ticks::start().await?, Service::start()?, Health::start(&[place])?);
    service.ready();
    log.say("run", &format!("tar in filer ur {}", job.folder().display()));
    let heard = told.clone();
    let go_on = || !*heard.borrow();
    let (mut failed, mut has_ticked) = (0_u32, true);
    let mut inbox = Next { at: Instant::now(), is_woken: false };
    while go_on() {
        let rounds = async {
            if std::mem::take(&mut has_ticked) {
                health.begins(place);
                let went = timetable_round(place, &mut log, &health, &go_on).await;
                health.round_done(place, "timetable", &went, &mut log);
            }
            if inbox.at <= Instant::now() && go_on() {
                health.begins(place);
                let went = job.round(place, &mut log, &go_on).await;
                let in_short = went.as_ref().map(|_| ()).map_err(Clone::clone);
                health.round_done(place, "import", &in_short, &mut log);
                inbox = match went {
                    Ok(pause) => {
                        failed = 0;
                        log.works("import");
                        Next::after(&pause)
                    }
                    Err(fault) => {
                        log.fails("import", &fault);
                        let doubled = FIRST_PAUSE.saturating_mul(1 << failed.min(16));
                        failed += 1;
                        Next::after(&Pause { most: doubled.min(job.poll()), is_woken: false })
                    }
                };
            }
        };
        tokio::select! {
            () = rounds => {}
            () = grace_is_over(told.clone()) => {
                log.say("run", "avbröt det som pågick; det görs om nästa gång");
                break;
            }
        }
        health.waits(place);
        tokio::select! {
            () = ticks.next() => has_ticked = true,
            () = tokio::time::sleep_until(inbox.at) => {}
            moment = job.something(), if inbox.is_woken => inbox = Next { at: Instant::now() + moment, is_woken: false },
            _ = told.wait_for(|is_told| *is_told) => {}
        }
        service.alive();
    }
    service.stopping();
    log.say("run", "stannar");
    Ok(Ended::Done)
}

/// What is due by the timetable; what it did is told in the log.
async fn timetable_round(place: &Place, log: &mut Log, health: &Health, go_on: &dyn Fn() -> bool) -> Result<(), Fault> {
    let went = async {
        let mut kommun = place.open().await?;
        let mut tell = |(job, went): timetable::Done| {
            health.step(place);
            match went {
                Ok(told) => {
                    log.works(job);
                    // What is done every minute and finds nothing is nothing to tell.
                    let is_minute = EVERY_MINUTE.iter().any(|every| every.name() == job);
                    if !told.is_empty() && (!is_minute || log.is_new(job, &told)) {
                        log.say(job, &told);
                    }
                }
                Err(fault) => log.fails(job, &fault),
            }
        };
        let went = timetable::round(&mut kommun, go_on, &mut tell).await;
        match health.look(place, &mut kommun).await {
            Ok(()) => log.works("status"),
            Err(fault) => log.fails("status", &fault),
        }
        let closed = kommun.close().await;
        went.and(closed)
    };
    let went = went.await;
    match &went {
        Ok(()) => log.works("timetable"),
        Err(fault) => log.fails("timetable", fault),
    }
    went
}

/// When the drop folder is looked at next.
struct Next {
    at: Instant,
    /// Something new ends it sooner.
    is_woken: bool,
}

impl Next {
    fn after(pause: &Pause) -> Next {
        Next { at: Instant::now() + pause.most, is_woken: pause.is_woken }
    }
}

/// How long to wait for the next round.
pub(super) struct Pause {
    pub most: Duration,
    /// Something new ends it sooner.
    pub is_woken: bool,
}

/// Becomes true when the service manager or a person at the terminal says stop.
fn stop_signal() -> Result<watch::Receiver<bool>, Fault> {
    let unheard = |error: std::io::Error| Fault::Temporary(format!("signals cannot be heard: {error}; try again"));
    let mut terminate = signal(SignalKind::terminate()).map_err(unheard)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(unheard)?;
    let (tell, told) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tell.send_replace(true);
        // Who listens must find it told, not gone.
        tell.closed().await;
    });
    Ok(told)
}

async fn grace_is_over(mut told: watch::Receiver<bool>) {
    let _ = told.wait_for(|is_told| *is_told).await;
    tokio::time::sleep(GRACE).await;
}
