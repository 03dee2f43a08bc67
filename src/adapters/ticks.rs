//! What wakes the timetable: a tick at each whole minute. Which jobs are due then is the planner's to say (`jobs/schedule.rs`).

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use crate::domain::Fault;

/// Each whole minute, in UTC.
const EVERY_MINUTE: &str = "0 * * * * *";

/// A clock that is set back would make the ticks wait for the same time to come again; the timetable is looked at all the same.
const LONGEST_WAIT: Duration = Duration::from_secs(75);

/// Ticks until it is dropped.
pub struct Ticks {
    ticked: Arc<Notify>,
    last: Cell<Instant>,
    _scheduler: JobScheduler,
}

impl Ticks {
    /// Ticks from now on.
    ///
    /// # Errors
    /// The scheduler cannot start.
    pub async fn start() -> Result<Ticks, Fault> {
        let failed = |error: JobSchedulerError| {
            Fault::Temporary(format!("the timetable's ticks cannot start ({error}); start the program again"))
        };
        let ticked = Arc::new(Notify::new());
        let scheduler = JobScheduler::new().await.map_err(failed)?;
        let tell = Arc::clone(&ticked);
        let tick = Job::new(EVERY_MINUTE, move |_, _| tell.notify_one()).map_err(failed)?;
        scheduler.add(tick).await.map_err(failed)?;
        scheduler.start().await.map_err(failed)?;
        Ok(Ticks { ticked, last: Cell::new(Instant::now()), _scheduler: scheduler })
    }

    /// Waits for the next tick; one that came while nobody waited is not lost, and a wait that is broken off goes on where it was.
    pub async fn next(&self) {
        tokio::select! {
            () = self.ticked.notified() => {}
            () = tokio::time::sleep_until(self.last.get() + LONGEST_WAIT) => {}
        }
        self.last.set(Instant::now());
    }
}
