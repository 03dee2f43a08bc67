//! What the service manager is told: ready, alive, stopping.
//!
//! Alive is said by the loop itself, beside what it waits for, and by nobody else: a loop that is blocked says nothing, and
//! is started anew. A round that goes on for long is alive as long as it gets something done: a statement of the database, a
//! workbook that was read, an answer of a server.

use std::future::pending;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::adapters::service::{Manager, steps};
use crate::domain::Fault;

/// A round may wait so long for one thing of the outside; more than a mail server (twenty minutes by the longest setting)
/// or a diarium that asks for patience may take.
const LONGEST_QUIET: Duration = Duration::from_secs(30 * 60);

/// The service manager, where one started the program.
pub(super) struct Service {
    manager: Manager,
}

impl Service {
    pub fn start() -> Result<Service, Fault> {
        Ok(Service { manager: Manager::find() })
    }

    /// All is open that must be.
    pub fn ready(&self) {
        self.manager.ready();
    }

    /// A round has been done: the program is not stuck.
    pub fn alive(&self) {
        self.manager.alive();
    }

    /// It was told to stop.
    pub fn stopping(&self) {
        self.manager.stopping();
        self.manager.status("stannar");
    }

    /// Beside a round: says that the program is alive for as long as something gets done. It never ends.
    pub async fn beside_a_round(&self) {
        let (mut seen, mut since) = (steps(), Instant::now());
        self.manager.status("arbetar");
        self.each_time(|| {
            if steps() != seen {
                (seen, since) = (steps(), Instant::now());
            }
            since.elapsed() <= LONGEST_QUIET
        })
        .await;
    }

    /// Beside the wait for what is due next: says that the program is alive. It never ends.
    pub async fn beside_a_wait(&self) {
        self.manager.status("väntar på nästa tid i tidtabellen eller en ny fil");
        self.each_time(|| true).await;
    }

    async fn each_time(&self, mut is_alive: impl FnMut() -> bool) {
        let Some(every) = self.manager.every() else { return pending().await };
        loop {
            sleep(every).await;
            if is_alive() {
                self.manager.alive();
            }
        }
    }
}
