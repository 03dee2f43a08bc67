//! A lease that is kept up while the program works, and beside it: on a thread of its own, so that a long calculation does not
//! lose the work. A process that is frozen keeps up nothing, and neither does one whose work has not moved for too long.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use super::db::Db;
use super::db::lease::Lease;
use super::secret::Secret;
use crate::domain::Fault;

/// Keeping up is tried so many times in the time of a lease.
const TRIES: u32 = 3;

/// After a try that failed.
const MOMENT: Duration = Duration::from_secs(1);

/// Giving back may take so long; then it runs out by itself.
const FAREWELL: Duration = Duration::from_secs(2);

/// The thread that keeps up leases; it ends when it is dropped.
pub struct Keeper {
    runtime: Handle,
    _ends: oneshot::Sender<()>,
}

/// Where the lease is.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The server.
    pub url: Secret,
    /// The kommun's schema.
    pub schema: String,
    /// How long the lease lasts.
    pub length: Duration,
    /// Work that was not heard of for so long hangs, and is another's to do.
    pub patience: Duration,
}

/// A lease that is kept up until it is given back or dropped.
pub struct Tenure {
    lease: Lease,
    heard: Arc<Mutex<Instant>>,
    gives_back: oneshot::Sender<()>,
    is_over: oneshot::Receiver<()>,
}

impl Keeper {
    /// Starts the thread.
    ///
    /// # Errors
    /// The machine has no thread left.
    pub fn start() -> Result<Keeper, Fault> {
        let failed = |error: std::io::Error| Fault::Temporary(format!("no thread can be started: {error}; try again"));
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (_ends, ended) = oneshot::channel::<()>();
        let work = move || {
            // An error is the end, too: the sender is gone.
            let _ = runtime.block_on(ended);
        };
        std::thread::Builder::new().name("lease".to_owned()).spawn(work).map_err(failed)?;
        Ok(Keeper { runtime: handle, _ends })
    }

    /// Keeps a lease up from now on.
    pub fn keep(&self, lease: Lease, seat: Seat) -> Tenure {
        let heard = Arc::new(Mutex::new(Instant::now()));
        let (gives_back, mut asked) = oneshot::channel::<()>();
        let (over, is_over) = oneshot::channel::<()>();
        let (kept, last) = (lease.clone(), Arc::clone(&heard));
        self.runtime.spawn(async move {
            let mut pause = seat.length / TRIES;
            let is_asked = loop {
                let kept_up = async {
                    tokio::time::sleep(pause).await;
                    let hangs = last.lock().unwrap_or_else(PoisonError::into_inner).elapsed() > seat.patience;
                    if hangs { Ok(true) } else { renew(&seat, &kept).await }
                };
                tokio::select! {
                    asked = &mut asked => break asked.is_ok(),
                    renewed = kept_up => match renewed {
                        Ok(true) => pause = seat.length / TRIES,
                        // Another has it: the next transaction finds out.
                        Ok(false) => break false,
                        Err(_) => pause = MOMENT,
                    },
                }
            };
            if is_asked {
                let _ = tokio::time::timeout(FAREWELL, give_back(&seat, &kept)).await;
            }
            // Nobody may be waiting for it.
            let _ = over.send(());
        });
        Tenure { lease, heard, gives_back, is_over }
    }
}

impl Tenure {
    /// The lease.
    pub fn lease(&self) -> &Lease {
        &self.lease
    }

    /// The work moves.
    pub fn moves(&self) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Lets another have the work at once.
    pub async fn give_back(self) {
        if self.gives_back.send(()).is_ok() {
            let _ = self.is_over.await;
        }
    }
}

async fn renew(seat: &Seat, lease: &Lease) -> Result<bool, Fault> {
    let mut db = Db::reach(seat.url.shown(), &seat.schema).await?;
    let renewed = db.renew(lease, seat.length).await;
    db.close().await?;
    renewed
}

async fn give_back(seat: &Seat, lease: &Lease) -> Result<(), Fault> {
    let mut db = Db::reach(seat.url.shown(), &seat.schema).await?;
    db.give_back(lease).await?;
    db.close().await
}
