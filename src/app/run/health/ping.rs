//! The dead man's ping of a kommun: sent beside the rounds while all goes well, and told once where it does not arrive.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::super::log::Log;
use crate::adapters::http::{ping, ping_url};
use crate::adapters::secret::SecretFolders;
use crate::adapters::settings::StatusSettings;
use crate::domain::Fault;

/// How a ping went, once it is over.
type Outcome = Arc<Mutex<Option<Result<(), Fault>>>>;

/// What is sent, and when.
#[derive(Default)]
pub(super) struct Ping {
    /// The file with the address, and how often it is asked.
    wanted: Option<(SecretFolders, PathBuf, Duration)>,
    sent: Option<Instant>,
    /// The one that is on its way.
    on_its_way: Option<Outcome>,
}

impl Ping {
    /// As the settings are now.
    pub fn follow(&mut self, folder: &Path, settings: &StatusSettings) {
        let file = settings.ping_url_file.clone();
        self.wanted = file.map(|file| (SecretFolders::of(folder), file, settings.ping_every));
    }

    /// Tells how the last one went, and sends the next where it is time and all goes well.
    pub fn round_done(&mut self, is_well: bool, log: &mut Log) {
        if let Some(outcome) = &self.on_its_way {
            let Some(went) = outcome.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
            self.on_its_way = None;
            match went {
                Ok(()) => log.works("ping"),
                Err(fault) => log.fails("ping", &fault),
            }
        }
        let Some((secrets, file, every)) = &self.wanted else { return };
        if !is_well || self.sent.is_some_and(|sent| sent.elapsed() < *every) {
            return;
        }
        match ping_url(secrets, file) {
            Ok(url) => {
                let outcome = Outcome::default();
                let told = Arc::clone(&outcome);
                tokio::spawn(async move {
                    let went = ping(url).await;
                    *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(went);
                });
                (self.sent, self.on_its_way) = (Some(Instant::now()), Some(outcome));
            }
            Err(fault) => log.fails("ping", &fault),
        }
    }
}
