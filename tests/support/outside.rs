//! Time that stands still until a test moves it, and waits that only are remembered.

#![allow(dead_code, clippy::unwrap_used, reason = "each test uses its part, and may stop at the first surprise")]

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use arvode::adapters::http::{Outside, SecretFolders, Waiting};
use arvode::ports::Clock;

/// 2026-11-23 at 12.00 UTC.
pub const NOON_MS: i64 = 1_795_435_200_000;

/// A clock that a test moves.
#[derive(Clone)]
pub struct Moved(pub Rc<Cell<i64>>);

impl Clock for Moved {
    fn now_ms(&self) -> i64 {
        self.0.get()
    }
}

/// Waits that take no time, and are remembered.
#[derive(Default)]
pub struct Remembered {
    pub waits: RefCell<Vec<Duration>>,
}

impl Waiting for Remembered {
    fn passed(&self) -> Duration {
        self.waits.borrow().iter().sum()
    }

    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        self.waits.borrow_mut().push(time);
        Box::pin(std::future::ready(()))
    }

    fn part_of(&self, _time: Duration) -> Duration {
        Duration::ZERO
    }
}

/// A world in which nothing takes time.
pub struct Still {
    pub outside: Outside,
    pub now_ms: Rc<Cell<i64>>,
    pub waiting: Rc<Remembered>,
}

impl Still {
    /// Secrets lie in this folder.
    pub fn new(folder: &Path) -> Still {
        let now_ms = Rc::new(Cell::new(NOON_MS));
        let waiting = Rc::new(Remembered::default());
        let secrets = SecretFolders { data: folder.to_owned(), credentials: None };
        let outside =
            Outside { secrets, clock: Rc::new(Moved(Rc::clone(&now_ms))), waiting: Rc::<Remembered>::clone(&waiting) };
        Still { outside, now_ms, waiting }
    }

    /// The waits so far, in seconds.
    pub fn waits(&self) -> Vec<f32> {
        self.waiting.waits.borrow().iter().map(Duration::as_secs_f32).collect()
    }
}

/// Runs a future to its end.
pub fn wait_for<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
