//! What the timetable and its letters ask of the store beside outbox and journal: what has happened, and what was told of it.

use super::{ImportRun, ScheduledRun};
use crate::domain::Fault;

/// An attestförteckning as everybody on it was last told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldList {
    /// sha256 of the file.
    pub sha256: String,
    /// Its entries as JSON.
    pub content: String,
}

/// What is written is part of the transaction that is open.
#[allow(async_fn_in_trait, reason = "one task awaits one store; nothing is sent between threads")]
pub trait ToldStore {
    /// Due times after an instant up to another, whatever has become of them, oldest first.
    async fn runs_between(&mut self, after_ms: i64, up_to_ms: i64) -> Result<Vec<ScheduledRun>, Fault>;
    /// Keeps this as the only due time of a job: of what is done every minute only the last is of interest.
    async fn keep_only_run(&mut self, run: &ScheduledRun) -> Result<(), Fault>;
    /// Forgets due times after an instant, noted while the clock was wrong; how many.
    async fn forget_runs_after(&mut self, at_ms: i64) -> Result<u64, Fault>;
    /// Imports with held rows since an instant, oldest first, and when each ended.
    async fn held_imports(&mut self, since_ms: i64) -> Result<Vec<(ImportRun, i64)>, Fault>;
    /// When a source was last fetched from to its end.
    async fn fetched_at(&mut self, source: &str) -> Result<Option<i64>, Fault>;
    /// The attestförteckning that was told last; none if none ever was.
    async fn told_list(&mut self) -> Result<Option<ToldList>, Fault>;
    /// Notes which attestförteckning has been told.
    async fn set_told_list(&mut self, list: &ToldList, at_ms: i64) -> Result<(), Fault>;
}
