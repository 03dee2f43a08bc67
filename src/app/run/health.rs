//! `/healthz`, `/readyz` and `/metrics` on loopback, and the dead man's ping, for as long as the program runs.
//!
//! What is answered was looked at after a round; a question never reaches the database. The listener has a thread of its own,
//! so that it can tell that the rounds are stuck.

mod answers;
mod ping;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use self::ping::Ping;
use super::Place;
use super::log::Log;
use crate::adapters::listener::{Answers, Listener};
use crate::adapters::settings::{StatusSettings, read};
use crate::app::kommun::Kommun;
use crate::app::status::{LastCount, Seen, see};
use crate::app::veil::{veiled, veiled_error};
use crate::domain::Fault;

/// Answers until it is dropped.
pub(super) struct Health {
    shared: Arc<Mutex<Shared>>,
    _listener: Option<Listener>,
}

/// What the rounds tell and the listener reads.
struct Shared {
    /// A round without a step for so long is stuck.
    stuck: Duration,
    kommuner: BTreeMap<PathBuf, OfKommun>,
}

/// The kind of round that is over before it begins: the kommun could not be opened.
pub(super) const OPENING: &str = "run";

/// What is known of a kommun.
struct OfKommun {
    name: String,
    /// It is at a round; else it waits for the next one.
    is_at_work: bool,
    /// When the last step was done.
    since: Instant,
    /// When the last round began.
    begun: Instant,
    rounds: u64,
    failed_rounds: u64,
    /// How long the last round took.
    took: Duration,
    /// How each kind of round went last: none, or why it failed.
    went: BTreeMap<&'static str, Option<String>>,
    seen: Option<Seen>,
    last_count: Option<LastCount>,
    ping: Ping,
}

impl OfKommun {
    fn new(folder: &Path) -> OfKommun {
        let name = folder.file_name().map_or_else(|| folder.display().to_string(), |name| name.display().to_string());
        OfKommun {
            name: veiled_error(&name),
            is_at_work: false,
            since: Instant::now(),
            begun: Instant::now(),
            rounds: 0,
            failed_rounds: 0,
            took: Duration::ZERO,
            went: BTreeMap::new(),
            seen: None,
            last_count: None,
            ping: Ping::default(),
        }
    }

    /// Opened, and its last rounds of every kind went well.
    fn is_ready(&self) -> bool {
        !self.went.is_empty() && self.went.values().all(Option::is_none)
    }

    /// And none of its jobs fails.
    fn is_well(&self) -> bool {
        self.is_ready() && self.seen.as_ref().is_some_and(|seen| seen.status.failing().next().is_none())
    }
}

impl Health {
    /// Begins to answer where the settings name an address.
    ///
    /// # Errors
    /// Two kommuner name two addresses, or the address is taken.
    pub fn start(places: &[&Place]) -> Result<Health, Fault> {
        // Settings that cannot be read are told by the rounds.
        let settings: Vec<StatusSettings> = places.iter().filter_map(|place| settings(place)).collect();
        let address = one_address(&settings)?;
        let stuck = settings.iter().map(|settings| settings.stuck).max();
        let kommuner = places.iter().map(|place| (place.data.clone(), OfKommun::new(&place.data))).collect();
        let shared = Arc::new(Mutex::new(Shared { stuck: stuck.unwrap_or(StatusSettings::default().stuck), kommuner }));
        let answers = {
            let shared = Arc::clone(&shared);
            move |path: &str| answers::answer(&locked(&shared), path)
        };
        let answers: Arc<Answers> = Arc::new(answers);
        let listener = address.map(|address| Listener::start(address, answers)).transpose()?;
        Ok(Health { shared, _listener: listener })
    }

    /// A round of a kommun begins.
    pub fn begins(&self, place: &Place) {
        let mut shared = locked(&self.shared);
        let of = shared.of(place);
        (of.is_at_work, of.begun, of.since) = (true, Instant::now(), Instant::now());
    }

    /// The kommun's round has come a step further.
    pub fn step(&self, place: &Place) {
        locked(&self.shared).of(place).since = Instant::now();
    }

    /// Nothing is to be done for the kommun until the next tick.
    pub fn waits(&self, place: &Place) {
        let mut shared = locked(&self.shared);
        let of = shared.of(place);
        (of.is_at_work, of.since) = (false, Instant::now());
    }

    /// Looks at a kommun at the end of a round, while it is open.
    ///
    /// # Errors
    /// The database; what was seen before stands.
    pub async fn look(&self, place: &Place, kommun: &mut Kommun) -> Result<(), Fault> {
        // The lock is not held meanwhile: who asks gets what was seen before.
        let mut last_count = locked(&self.shared).of(place).last_count.take();
        let seen = see(kommun, &mut last_count).await;
        let settings = &kommun.configured.settings;
        let mut shared = locked(&self.shared);
        shared.stuck = settings.status.stuck.max(if shared.kommuner.len() > 1 { shared.stuck } else { Duration::ZERO });
        let of = shared.of(place);
        of.since = Instant::now();
        of.name = veiled(&settings.kommun);
        of.last_count = last_count;
        of.ping.follow(&kommun.folder, &settings.status);
        of.seen = Some(seen?);
        Ok(())
    }

    /// A round of a kommun has been done; while all its rounds and jobs go well, its ping is sent.
    pub fn round_done(&self, place: &Place, what: &'static str, went: &Result<(), Fault>, log: &mut Log) {
        let mut shared = locked(&self.shared);
        let of = shared.of(place);
        (of.since, of.took) = (Instant::now(), of.begun.elapsed());
        of.rounds += 1;
        of.failed_rounds += u64::from(went.is_err());
        if what != OPENING {
            of.went.remove(OPENING);
        }
        of.went.insert(what, went.as_ref().err().map(|fault| veiled_error(&fault.to_string())));
        let is_well = of.is_well();
        of.ping.round_done(is_well, log);
    }
}

impl Shared {
    fn of(&mut self, place: &Place) -> &mut OfKommun {
        self.kommuner.entry(place.data.clone()).or_insert_with(|| OfKommun::new(&place.data))
    }
}

/// Nothing is half done where a thread stopped with it.
fn locked(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn settings(place: &Place) -> Option<StatusSettings> {
    let usual = || place.data.join("config").join("arvode.toml");
    read(&place.config.clone().unwrap_or_else(usual)).ok().map(|configured| configured.settings.status)
}

/// One process has one listener, for all its kommuner: those that name an address name the same.
fn one_address(settings: &[StatusSettings]) -> Result<Option<SocketAddr>, Fault> {
    let mut named: Vec<SocketAddr> = settings.iter().filter_map(|settings| settings.listen).collect();
    named.sort();
    named.dedup();
    match named.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        [one, other, ..] => Err(Fault::Input(format!(
            "[status] listen: one kommun says \"{one}\" and another \"{other}\"; the program answers for all its kommuner at one address: write the same in each arvode.toml, or name it in one alone"
        ))),
    }
}
