//! One kommun's part of `arvode run`: its rounds, its waits and what goes wrong in them, whatever the others do.
//!
//! Settings are read anew and the database is opened anew for each round: an edited file counts from the next round on, and
//! between rounds every other command has the database for itself.

use std::rc::Rc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout};

use super::health::{Health, OPENING};
use super::inbox::InboxJob;
use super::log::Log;
use super::office::{Office, Turn};
use super::service::Service;
use super::{Pause, Place};
use crate::adapters::settings::read;
use crate::adapters::tenure::Keeper;
use crate::app::kommun::Kommun;
use crate::app::{timetable, veil};
use crate::domain::Fault;
use crate::jobs::schedule::EVERY_MINUTE;

/// After the first round that failed; then twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// Where nobody knows yet how often the kommun wants its folder looked at.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// Opening is a matter of moments.
const OPENS_WITHIN: Duration = Duration::from_secs(5 * 60);

/// So is closing.
const CLOSES_WITHIN: Duration = Duration::from_secs(10);

/// What all kommuner of the process share.
pub(super) struct Shared {
    pub keeper: Keeper,
    pub health: Health,
    pub service: Service,
    /// So many kommuner may be in memory at the same time; who comes first goes first.
    pub turns: Semaphore,
    /// Counts the minutes.
    pub ticks: watch::Receiver<u64>,
    /// Becomes true when the program is to stop.
    pub told: watch::Receiver<bool>,
}

/// One kommun's rounds.
pub(super) struct Rounds {
    place: Rc<Place>,
    shared: Rc<Shared>,
    pub log: Log,
    office: Office,
    inbox: Option<InboxJob>,
    next: Next,
    /// A minute has begun.
    has_ticked: bool,
    /// A minute has passed in which the timetable could not be done.
    owes_minute: bool,
    /// Rounds in a row that failed.
    failed: u32,
    /// It was told that the kommun cannot be reached.
    away: Option<Away>,
    /// It was told who else works.
    waits: bool,
}

/// When the next round is.
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

/// Why a kommun cannot be reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Away {
    /// It passes by itself.
    Passing,
    /// Its settings are wrong.
    Wrong,
}

/// How a round ended that came to an end.
enum Ended {
    /// The drop folder is looked at again after this.
    Worked(Pause),
    /// Another process works for the kommun.
    Waits(Duration),
}

impl Rounds {
    pub fn new(place: Rc<Place>, shared: Rc<Shared>, log: Log) -> Rounds {
        let next = Next { at: Instant::now(), is_woken: false };
        let (office, inbox) = (Office::default(), None);
        Rounds {
            place,
            shared,
            log,
            office,
            inbox,
            next,
            has_ticked: true,
            owes_minute: false,
            failed: 0,
            away: None,
            waits: false,
        }
    }

    /// Takes the work up, where nobody else has it. What is wrong now is told to whoever starts the program.
    pub async fn begin(&mut self) -> Result<(), Fault> {
        let mut kommun = self.place.open().await?;
        let turn = self.office.enter(&mut kommun, &self.shared.keeper).await?;
        let inbox = self.inbox(&kommun);
        kommun.close().await?;
        self.told_turn(&turn);
        inbox
    }

    /// The kommun's database is on a server, as far as its settings can be read.
    pub fn is_on_server(&self) -> bool {
        read(&self.place.config()).is_ok_and(|configured| configured.settings.is_on_server())
    }

    /// Until the program is told to stop.
    pub async fn go(&mut self) {
        let (mut ticks, mut told) = (self.shared.ticks.clone(), self.shared.told.clone());
        while !*told.borrow() {
            if self.has_ticked || self.next.at <= Instant::now() {
                let shared = Rc::clone(&self.shared);
                let Ok(_turn) = shared.turns.acquire().await else { return };
                if *told.borrow() {
                    return;
                }
                let at_work = shared.service.round();
                self.round().await;
                drop(at_work);
                shared.health.waits(&self.place);
                shared.service.alive();
            }
            tokio::select! {
                changed = ticks.changed() => match changed {
                    Ok(()) => self.has_ticked = true,
                    Err(_) => return,
                },
                () = tokio::time::sleep_until(self.next.at) => {}
                moment = something(self.inbox.as_ref()), if self.next.is_woken => {
                    self.next = Next { at: Instant::now() + moment, is_woken: false };
                }
                _ = told.wait_for(|is_told| *is_told) => {}
            }
        }
    }

    /// Lets another process have the work.
    pub async fn leave(&mut self) {
        self.office.leave().await;
    }

    /// What was at work when the program had to stop.
    pub fn broken_off(&self) {
        self.log.say("run", "avbröt det som pågick; det görs om nästa gång");
    }

    async fn round(&mut self) {
        // A minute in which nobody got so far is done as soon as somebody does.
        let is_minute = std::mem::take(&mut self.has_ticked);
        let mut pause = match self.one(is_minute).await {
            Ok(Ended::Worked(pause)) => {
                self.failed = 0;
                pause
            }
            Ok(Ended::Waits(most)) => {
                self.owes_minute = true;
                Pause { most, is_woken: false }
            }
            Err(_) => {
                self.owes_minute = true;
                let doubled = FIRST_PAUSE.saturating_mul(1 << self.failed.min(16));
                self.failed = self.failed.saturating_add(1);
                let most = self.inbox.as_ref().map_or(LONGEST_PAUSE, InboxJob::poll);
                Pause { most: doubled.min(most), is_woken: false }
            }
        };
        pause.most = pause.most.max(Duration::from_millis(1));
        self.next = Next::after(&pause);
    }

    /// Everything that is due, and what became of it is told.
    async fn one(&mut self, is_minute: bool) -> Result<Ended, Fault> {
        let shared = Rc::clone(&self.shared);
        shared.health.begins(&self.place);
        let (mut kommun, turn) = match self.open().await {
            Ok(opened) => opened,
            Err(fault) => {
                self.away(&fault);
                shared.health.round_done(&self.place, OPENING, &Err(fault.clone()), &mut self.log);
                return Err(fault);
            }
        };
        let was_away = self.away.take().is_some();
        self.log.works("run");
        self.told_turn(&turn);
        if let Turn::Others(_) = turn {
            shared.health.round_done(&self.place, OPENING, &Ok(()), &mut self.log);
            let most = Office::asks_again(&kommun);
            kommun.close().await?;
            return Ok(Ended::Waits(most));
        }
        let longest = kommun.longest_round();
        let is_minute = std::mem::take(&mut self.owes_minute) || is_minute;
        let worked = timeout(longest, self.work(&mut kommun, is_minute, was_away)).await;
        let worked = worked.unwrap_or_else(|_| {
            let minutes = longest.as_secs() / 60;
            let fault = Fault::Temporary(format!(
                "a round took more than {minutes} minutes and was broken off; look at what it says in the log before this"
            ));
            self.log.fails("run", &fault);
            Err(fault)
        });
        let (is_lost, is_fenced) = (kommun.db.is_lost(), kommun.db.is_fenced());
        // What was broken off may leave a connection that nobody answers on.
        let closed = timeout(CLOSES_WITHIN, kommun.close()).await.unwrap_or(Ok(()));
        if is_fenced {
            // Who has it now is told when it is asked for again, and it is waited for.
            return Ok(Ended::Waits(Duration::from_secs(1)));
        }
        match worked {
            // One line, whatever was at work when it went away.
            Err(fault) if is_lost => {
                self.away(&fault);
                Err(fault)
            }
            Err(fault) => Err(fault),
            Ok(pause) => closed.map(|()| Ended::Worked(pause)),
        }
    }

    /// The kommun, and whose work it is.
    async fn open(&mut self) -> Result<(Kommun, Turn), Fault> {
        let opened = async {
            let mut kommun = self.place.open().await?;
            let turn = self.office.enter(&mut kommun, &self.shared.keeper).await?;
            Ok((kommun, turn))
        };
        timeout(OPENS_WITHIN, opened).await.unwrap_or_else(|_| {
            Err(Fault::Temporary(format!(
                "the kommun's database did not answer for {} minutes; look at it",
                OPENS_WITHIN.as_secs() / 60
            )))
        })
    }

    /// Timetable, then drop folder; the folder also where its time has not come but nobody could look at it.
    async fn work(&mut self, kommun: &mut Kommun, is_minute: bool, was_away: bool) -> Result<Pause, Fault> {
        let shared = Rc::clone(&self.shared);
        let told = shared.told.clone();
        let go_on = || !*told.borrow();
        if is_minute {
            let went = self.timetable(kommun, &go_on).await;
            shared.health.round_done(&self.place, "timetable", &went, &mut self.log);
            if kommun.db.is_lost() || kommun.db.is_fenced() {
                went?;
            }
        }
        let is_due = was_away || self.next.at <= Instant::now();
        if !is_due || !go_on() {
            let most = self.next.at.saturating_duration_since(Instant::now());
            return Ok(Pause { most, is_woken: self.next.is_woken });
        }
        let went = async {
            veil::draw(kommun).await?;
            self.inbox(kommun)?;
            match &mut self.inbox {
                Some(inbox) => inbox.round(kommun, &self.log, &go_on).await,
                None => Ok(Pause { most: LONGEST_PAUSE, is_woken: false }),
            }
        }
        .await;
        let in_short = went.as_ref().map(|_| ()).map_err(Clone::clone);
        shared.health.round_done(&self.place, "import", &in_short, &mut self.log);
        match &went {
            Ok(_) => self.log.works("import"),
            Err(_) if kommun.db.is_lost() || kommun.db.is_fenced() => {}
            Err(fault) => self.log.fails("import", fault),
        }
        went
    }

    /// What is due by the timetable.
    async fn timetable(&mut self, kommun: &mut Kommun, go_on: &dyn Fn() -> bool) -> Result<(), Fault> {
        let (log, health, place) = (&mut self.log, &self.shared.health, &self.place);
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
        let went = timetable::round(kommun, go_on, &mut tell).await;
        match health.look(place, kommun).await {
            Ok(()) => log.works("status"),
            Err(fault) => log.fails("status", &fault),
        }
        match &went {
            Ok(()) => self.log.works("timetable"),
            Err(_) if kommun.db.is_lost() || kommun.db.is_fenced() => {}
            Err(fault) => self.log.fails("timetable", fault),
        }
        went
    }

    /// The drop folder is watched from the first round on that finds it.
    fn inbox(&mut self, kommun: &Kommun) -> Result<(), Fault> {
        if self.inbox.is_none() {
            let inbox = InboxJob::begin(kommun)?;
            self.log.say("run", &format!("tar in filer ur {}", inbox.folder().display()));
            self.inbox = Some(inbox);
        }
        Ok(())
    }

    /// The kommun cannot be reached. That a database is away is told once, though the reason changes while it comes back.
    fn away(&mut self, fault: &Fault) {
        let is_passing = matches!(fault, Fault::Temporary(_));
        if !is_passing || self.away != Some(Away::Passing) {
            self.log.fails("run", fault);
        }
        self.away = Some(if is_passing { Away::Passing } else { Away::Wrong });
    }

    /// Says once who works, and when it is this process again.
    fn told_turn(&mut self, turn: &Turn) {
        match turn {
            Turn::Others(holder) if !self.waits => {
                self.waits = true;
                self.log.say(
                    "run",
                    &format!("arbetet görs redan av en annan arvode ({holder}); väntar och tar över om den slutar"),
                );
            }
            Turn::Ours if self.waits => {
                self.waits = false;
                self.log.say("run", "tar över arbetet");
            }
            _ => {}
        }
    }
}

/// Until something has come into the folder.
async fn something(inbox: Option<&InboxJob>) -> Duration {
    match inbox {
        Some(inbox) => inbox.something().await,
        None => std::future::pending().await,
    }
}
