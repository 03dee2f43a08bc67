//! `run` and `once`: jobs that nobody starts by hand.
//!
//! `run` goes on until it is told to stop, for one kommun or for many. Each has its rounds (`run/round.rs`): the timetable
//! (`app/timetable.rs`, once a minute) and the drop folder (`run/inbox.rs`). They go on beside each other on one thread, each
//! behind a veil of its own, so that one that waits for a server, a workbook or its diarium keeps no other waiting; at most
//! [`AT_ONCE`] of them are in memory. What goes wrong in one stays there.

mod health;
mod inbox;
mod log;
mod office;
mod round;
mod service;
mod stop;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinSet, LocalSet};

use self::health::Health;
pub(super) use self::inbox::places;
use self::log::Log;
use self::office::{Office, Turn};
use self::round::{Rounds, Shared};
use self::service::Service;
use self::stop::{grace_is_over, stop_signal, unless_told};
use super::Ended;
use super::cli::JobWord;
use super::kommun::Kommun;
use super::{timetable, veil};
use crate::adapters::clock::SystemClock;
use crate::adapters::settings::{Settings, read};
use crate::adapters::tenure::Keeper;
use crate::adapters::ticks::Ticks;
use crate::domain::Fault;
use crate::jobs::schedule::Job;
use crate::ports::Clock;

/// Giving the work back to others waits no longer for a server.
const FAREWELL: Duration = Duration::from_secs(2);

/// Kommuner that are in memory at the same time.
const AT_ONCE: usize = 4;

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
    /// The operator's settings.
    fn config(&self) -> PathBuf {
        self.config.clone().unwrap_or_else(|| self.data.join("config").join("arvode.toml"))
    }

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
    if let JobWord::Job(job) = job {
        return once_job(place, job).await;
    }
    let (mut kommun, mut office, keeper) = (place.open().await?, Office::default(), Keeper::start()?);
    if let Turn::Others(holder) = office.enter(&mut kommun, &keeper).await? {
        return Err(Fault::Temporary(format!(
            "another arvode ({holder}) does this kommun's work already; nothing needs to be done: it takes what lies in the drop folder and does what is due, or stop it first"
        )));
    }
    let ended = match job {
        JobWord::Timetable => once_all(kommun, place.json, clock_is_right).await,
        _ => inbox::once(kommun, place.json).await,
    };
    office.leave().await;
    ended
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
async fn once_all(mut kommun: Kommun, json: bool, clock_is_right: bool) -> Result<Ended, Fault> {
    let done = timetable::once(&mut kommun, clock_is_right).await;
    let closed = kommun.close().await;
    let done = done?;
    closed?;
    let mut ended = Ended::Done;
    let mut list = Vec::new();
    for (job, went) in &done {
        match went {
            Ok(told) if json => list.push(json!({ "job": job, "told": told })),
            Ok(told) if told.is_empty() => {}
            Ok(told) => say!("{job}: {told}"),
            Err(fault) => {
                ended = Ended::Failed(fault.exit_code());
                list.push(json!({ "job": job, "error": super::veil::veiled_error(&fault.to_string()) }));
                super::complain(&format!("{job}: {fault}"));
            }
        }
    }
    if json {
        say!("{}", json!({ "done": list }));
    }
    Ok(ended)
}

/// All jobs of all kommuner, until a signal says stop.
pub(super) async fn run(places: Vec<Place>) -> Result<Ended, Fault> {
    let told = stop_signal()?;
    let names = names(&places)?;
    let (tick, ticks) = watch::channel(0);
    begin_log(&places)?;
    let (service, health) = (Service::start()?, Health::start(&places.iter().collect::<Vec<_>>())?);
    let (keeper, turns) = (Keeper::start()?, Semaphore::new(AT_ONCE));
    let shared = Rc::new(Shared { keeper, health, service, turns, ticks, told: told.clone() });
    let begun = begin(places, names, &shared).await?;
    let minutes = Ticks::start().await?;
    shared.service.ready();
    let work = LocalSet::new();
    let ended = work.run_until(async {
        let mut running = JoinSet::new();
        for rounds in begun {
            running.spawn_local(all_of(rounds, told.clone()));
        }
        let stopped = async {
            while let Some(ended) = running.join_next().await {
                if let Err(error) = ended {
                    // A fault of the program itself; what keeps it running starts it again, and every job knows how far it came.
                    return Err(Fault::Temporary(format!("a kommun's work ended unexpectedly ({error}); start again")));
                }
            }
            Ok(Ended::Done)
        };
        tokio::select! {
            ended = stopped => ended,
            () = count_minutes(&minutes, &tick) => Ok(Ended::Done),
            () = shared.service.beat() => Ok(Ended::Done),
        }
    });
    let ended = ended.await;
    shared.service.stopping();
    ended
}

/// The log of the process, as the first kommun whose settings can be read wants it.
fn begin_log(places: &[Place]) -> Result<(), Fault> {
    let Some(first) = places.first() else { return Ok(()) };
    let settings = places.iter().find_map(settings_of);
    log::begin(settings.as_ref(), first.json, SystemClock { fixed_ms: first.now })
}

/// A kommun's settings; those that are wrong are told by its rounds.
fn settings_of(place: &Place) -> Option<Settings> {
    read(&place.config()).ok().map(|configured| configured.settings)
}

/// A kommun's rounds and their end; the name goes before what is said, where there are several.
async fn all_of(mut rounds: Rounds, told: watch::Receiver<bool>) {
    veil::apart(async {
        let is_broken_off = tokio::select! {
            () = rounds.go() => false,
            () = grace_is_over(told) => true,
        };
        if is_broken_off {
            rounds.broken_off();
        }
        // Where the server does not answer the lease runs out by itself.
        let _ = tokio::time::timeout(FAREWELL, rounds.leave()).await;
        rounds.log.say("run", "stannar");
    })
    .await;
}

/// The rounds of each kommun. One alone that cannot begin is an error; of several each begins by itself.
async fn begin(places: Vec<Place>, names: Vec<Option<String>>, shared: &Rc<Shared>) -> Result<Vec<Rounds>, Fault> {
    let rounds = |(place, name): (Place, Option<String>)| {
        let log = match &name {
            Some(name) => Log::new(name, true),
            None => {
                Log::new(&settings_of(&place).map_or_else(|| place.data.display().to_string(), |own| own.kommun), false)
            }
        };
        Rounds::new(Rc::new(place), Rc::clone(shared), log)
    };
    let mut all: Vec<Rounds> = places.into_iter().zip(names).map(rounds).collect();
    if let [only] = all.as_mut_slice() {
        match unless_told(shared.told.clone(), veil::apart(only.begin())).await {
            None => return Ok(Vec::new()),
            // A server that is not there yet will be: the machine is starting, or it is being restarted.
            Some(Err(Fault::Temporary(_))) if only.is_on_server() => {}
            Some(begun) => begun?,
        }
    }
    Ok(all)
}

/// What each kommun is called in the log, where there are several: its folder's name, or its path where two are called so.
fn names(places: &[Place]) -> Result<Vec<Option<String>>, Fault> {
    let [_, _, ..] = places else { return Ok(vec![None; places.len()]) };
    let mut seen = BTreeMap::new();
    for place in places {
        let real = std::fs::canonicalize(&place.data).unwrap_or_else(|_| place.data.clone());
        if let Some(other) = seen.insert(real, &place.data) {
            return Err(Fault::Input(format!(
                "{} and {} are the same folder; name each kommun once",
                other.display(),
                place.data.display()
            )));
        }
    }
    let last = |real: &PathBuf| real.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = |place: &Place| {
        let real = std::fs::canonicalize(&place.data).unwrap_or_else(|_| place.data.clone());
        let own = last(&real);
        let is_alone = seen.keys().filter(|other| last(other) == own).count() == 1;
        own.filter(|_| is_alone).unwrap_or_else(|| place.data.display().to_string())
    };
    Ok(places.iter().map(|place| Some(name(place))).collect())
}

/// Wakes every kommun's timetable each minute.
async fn count_minutes(minutes: &Ticks, tick: &watch::Sender<u64>) {
    loop {
        minutes.next().await;
        tick.send_modify(|count| *count += 1);
    }
}

/// How long to wait for the next round.
pub(super) struct Pause {
    pub most: Duration,
    /// Something new ends it sooner.
    pub is_woken: bool,
}
