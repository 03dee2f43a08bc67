//! What a sync has cost so far, against what it may.

use std::collections::HashSet;
use std::time::Duration;

use super::Limits;
use crate::domain::Fault;

/// Since the sync began.
pub(super) struct Spent {
    began: Duration,
    seen: HashSet<String>,
    pages: u64,
    /// Bytes that may still come.
    pub(super) bytes_left: u64,
}

impl Spent {
    pub(super) fn begin(limits: &Limits, passed: Duration) -> Spent {
        Spent { began: passed, seen: HashSet::new(), pages: 0, bytes_left: limits.sync_bytes }
    }

    /// One more request. A list whose next page is one that was read already would never end.
    pub(super) fn page(&mut self, key: String, limits: &Limits) -> Result<(), Fault> {
        self.pages += 1;
        if self.pages > limits.pages {
            return Err(Fault::Refused(format!("more than {} pages; `pages` sets the limit", limits.pages)));
        }
        if !self.seen.insert(key) {
            return Err(Fault::Refused("the list has no end: it leads to a page that was already read".to_owned()));
        }
        Ok(())
    }

    /// What is left of the sync's time.
    pub(super) fn time_left(&self, limits: &Limits, passed: Duration) -> Option<Duration> {
        let left = limits.sync.saturating_sub(passed.saturating_sub(self.began));
        (!left.is_zero()).then_some(left)
    }
}
