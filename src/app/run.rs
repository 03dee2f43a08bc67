//! `run` and `once`: jobs that nobody starts by hand.
//!
//! `run` goes on until it is told to stop: it waits for the first thing that is due, does it, and waits again. What it does
//! today is the drop folder (`run/inbox.rs`); a job that is added later says when it is due, and is done in a round of its
//! own. Settings are read anew and the database is opened anew for each round: an edited file counts from the next round
//! on, and between rounds every other command has the database for itself.

mod inbox;
mod log;

use std::path::PathBuf;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use self::inbox::InboxJob;
pub(super) use self::inbox::places;
use self::log::Log;
use super::Ended;
use super::cli::JobWord;
use super::kommun::Kommun;
use crate::adapters::lock::lock_drop;
use crate::domain::Fault;

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
}

impl Place {
    /// Settings and database, as they are now.
    async fn open(&self) -> Result<Kommun, Fault> {
        let mut kommun = Kommun::open(&self.data, self.config.clone(), self.json, None).await?;
        kommun.by.clone_from(&self.by);
        super::veil::draw(&mut kommun).await?;
        Ok(kommun)
    }
}

/// One round of a job.
pub(super) async fn once(place: &Place, job: JobWord) -> Result<Ended, Fault> {
    match job {
        JobWord::Import => {
            let _alone = lock_drop(&place.data)?;
            inbox::once(place).await
        }
    }
}

/// All jobs, until a signal says stop.
pub(super) async fn run(place: &Place) -> Result<Ended, Fault> {
    let _alone = lock_drop(&place.data)?;
    let mut told = stop_signal()?;
    // What is wrong at the start is told to whoever starts it; what goes wrong later is told in the log.
    let kommun = place.open().await?;
    let mut job = InboxJob::begin(&kommun)?;
    let mut log = Log::new(kommun.clock, place.json);
    kommun.close().await?;
    log.say("run", &format!("tar in filer ur {}", job.folder().display()));
    let heard = told.clone();
    let go_on = || !*heard.borrow();
    let mut failed = 0_u32;
    while go_on() {
        let round = job.round(place, &mut log, &go_on);
        let ended = tokio::select! {
            ended = round => ended,
            () = grace_is_over(told.clone()) => {
                log.say("run", "avbröt det som pågick; det görs om nästa gång");
                break;
            }
        };
        let pause = match ended {
            Ok(pause) => {
                failed = 0;
                log.works("import");
                pause
            }
            Err(fault) => {
                log.fails("import", &fault);
                let doubled = FIRST_PAUSE.saturating_mul(1 << failed.min(16));
                failed += 1;
                Pause { most: doubled.min(job.poll()), is_woken: false }
            }
        };
        tokio::select! {
            () = job.wait(&pause) => {}
            _ = told.wait_for(|is_told| *is_told) => {}
        }
    }
    log.say("run", "stannar");
    Ok(Ended::Done)
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
