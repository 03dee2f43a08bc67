//! Time that passes while a source is waited for, handed in so that tests do not sleep.

use std::future::Future;
use std::hash::{BuildHasher, Hasher};
use std::pin::Pin;
use std::time::{Duration, Instant};

/// Passing time and chance.
pub trait Waiting {
    /// How much time has passed since some moment, always the same one.
    fn passed(&self) -> Duration;

    /// Waits.
    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>>;

    /// Some part of a time, by chance: a hundred programs that were refused together must not come back together.
    fn part_of(&self, time: Duration) -> Duration;
}

/// The machine's time.
#[derive(Clone, Copy, Debug)]
pub struct RealWaiting {
    since: Instant,
}

impl Default for RealWaiting {
    fn default() -> RealWaiting {
        RealWaiting { since: Instant::now() }
    }
}

impl Waiting for RealWaiting {
    fn passed(&self) -> Duration {
        self.since.elapsed()
    }

    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(tokio::time::sleep(time))
    }

    fn part_of(&self, time: Duration) -> Duration {
        // Each new state hashes by keys of its own, which the system draws.
        let drawn = std::collections::hash_map::RandomState::new().build_hasher().finish() & 0xffff;
        time.saturating_mul(u32::try_from(drawn).unwrap_or_default()) / 0x1_0000
    }
}
