//! The only call of *now* in the program.

use crate::ports::Clock;

/// The machine's clock, or a fixed instant.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock {
    /// Milliseconds since 1970 that stand in for the machine's clock.
    pub fixed_ms: Option<i64>,
}

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the one place that may ask what time it is")]
    fn now_ms(&self) -> i64 {
        self.fixed_ms.unwrap_or_else(|| chrono::Utc::now().timestamp_millis())
    }
}
