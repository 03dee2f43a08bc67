//! The service manager that started the program (systemd): what it is told, over the socket that it named. Where there is
//! none, nothing is told to nobody.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sd_notify::NotifyState;

/// How much has been done since the program began: statements of the database, answers of servers, workbooks read.
static STEPS: AtomicU64 = AtomicU64::new(0);

/// Something was done. Whoever waits for the outside says this when it has answered: by that, a long round is told from
/// one that is stuck.
pub fn step_done() {
    STEPS.fetch_add(1, Ordering::Relaxed);
}

/// A number that is another one when something has been done.
pub fn steps() -> u64 {
    STEPS.load(Ordering::Relaxed)
}

/// The service manager.
#[derive(Clone, Copy, Debug)]
pub struct Manager {
    every: Option<Duration>,
}

impl Manager {
    /// As the environment says (`NOTIFY_SOCKET`, `WATCHDOG_USEC`).
    pub fn find() -> Manager {
        // A third of what it waits for: one message that is late ends nothing.
        Manager { every: sd_notify::watchdog_enabled().map(|longest| longest / 3) }
    }

    /// How often it must hear that the program is alive; never where nobody listens.
    pub fn every(&self) -> Option<Duration> {
        self.every
    }

    /// Everything is open that must be.
    pub fn ready(&self) {
        tell(&[NotifyState::Ready]);
    }

    /// What the program is at, in a line for `systemctl status`: no name of a person, no path, nothing of a file.
    pub fn status(&self, text: &str) {
        tell(&[NotifyState::Status(text)]);
    }

    /// The program is alive.
    pub fn alive(&self) {
        if self.every.is_some() {
            tell(&[NotifyState::Watchdog]);
        }
    }

    /// It was told to stop, and does.
    pub fn stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }
}

/// A service manager that cannot be told anything is no reason to stop.
fn tell(state: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(state);
}
