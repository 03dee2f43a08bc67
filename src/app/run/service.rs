//! What the service manager is told: ready, alive, stopping.
//!
//! Alive is said on the loop's own thread, beside what it waits for, and nowhere else: a loop that is blocked says nothing,
//! and is started anew. A round that goes on for long is alive as long as anything gets done: a statement of the database, a
//! workbook that was read, an answer of a server.

use std::cell::Cell;
use std::future::pending;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::adapters::service::{Manager, step_done, steps};
use crate::domain::Fault;

/// A round may wait so long for one thing of the outside; more than a mail server (twenty minutes by the longest setting)
/// or a diarium that asks for patience may take.
const LONGEST_QUIET: Duration = Duration::from_secs(30 * 60);

/// The service manager, where one started the program.
pub(super) struct Service {
    manager: Manager,
    /// Rounds at work.
    at_work: Cell<u32>,
}

/// A round at work, until it is dropped.
pub(super) struct AtWork<'a>(&'a Service);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        let left = self.0.at_work.get().saturating_sub(1);
        self.0.at_work.set(left);
        if left == 0 {
            self.0.manager.status("väntar på nästa tid i tidtabellen eller en ny fil");
        }
    }
}

impl Service {
    pub fn start() -> Result<Service, Fault> {
        Ok(Service { manager: Manager::find(), at_work: Cell::new(0) })
    }

    /// All is open that must be.
    pub fn ready(&self) {
        self.manager.ready();
    }

    /// A round begins. Said before it does: it may be the last that is heard.
    pub fn round(&self) -> AtWork<'_> {
        let before = self.at_work.get();
        self.at_work.set(before.saturating_add(1));
        if before == 0 {
            self.manager.status("arbetar");
        }
        AtWork(self)
    }

    /// A round has been done.
    pub fn alive(&self) {
        step_done();
    }

    /// It was told to stop.
    pub fn stopping(&self) {
        self.manager.stopping();
        self.manager.status("stannar");
    }

    /// Says that the program is alive, as often as it is asked to, while nothing is at work or what is at work gets something
    /// done. It never ends: it goes beside everything that the loop waits for.
    pub async fn beat(&self) {
        let Some(every) = self.manager.every() else { return pending().await };
        let (mut seen, mut since) = (steps(), Instant::now());
        self.manager.alive();
        loop {
            sleep(every).await;
            if steps() != seen || self.at_work.get() == 0 {
                (seen, since) = (steps(), Instant::now());
            }
            if since.elapsed() <= LONGEST_QUIET {
                self.manager.alive();
            }
        }
    }
}
