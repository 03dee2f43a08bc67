//! What is looked through each night, and what is known of a database that was restored from a backup.

use crate::domain::{Fact, Fault};
use crate::ledger::BatchName;

/// A revision with the columns that it is found by, which its text must agree with.
#[derive(Clone, Debug)]
pub struct FactRow {
    /// Its number.
    pub number: i64,
    /// What identifies the fact.
    pub key: String,
    /// Its kind, person and meeting, as it is found by.
    pub found_by: (String, Option<i64>, Option<i64>),
    /// What it says; none if it takes the fact back.
    pub fact: Option<Fact>,
}

/// A row of the audit chain, checked to follow from the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number.
    pub id: i64,
    /// Its hash: the chain's head while it was the last.
    pub hash: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub detail: String,
}

/// A file that facts were read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSource {
    /// Its number.
    pub id: i64,
    /// Its content's.
    pub sha256: String,
    /// As it was called.
    pub name: String,
    /// Gallring has removed facts of it, so that its copy may be gone.
    pub is_gallrad: bool,
}

/// A database that was restored from a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Which time.
    pub id: i64,
    /// When, milliseconds since 1970.
    pub at_ms: i64,
    /// When the backup was made.
    pub made_at_ms: i64,
    /// The latest batch that had left, as the last monthly letter says.
    pub batch: Option<BatchName>,
    /// The audit chain's head in that letter; none if there had been no letter.
    pub chain: Option<String>,
    /// The letter's head is not in the backup's chain: what left since is unknown to the database.
    pub is_older: bool,
}

/// Where files lie that came in.
pub trait Archive {
    /// sha256 of what lies there under a content's name; none if nothing does.
    ///
    /// # Errors
    /// It cannot be read.
    fn content(&self, sha256: &str) -> Result<Option<String>, Fault>;
}

/// What the nightly look and a restore ask of the store.
#[allow(async_fn_in_trait, reason = "one task awaits one store; nothing is sent between threads")]
pub trait KeptStore {
    /// What the database finds wrong with its own pages, indexes and references.
    async fn own_findings(&mut self) -> Result<Vec<String>, Fault>;
    /// Every row with a hash that does not match it, in words; the audit chain is [`KeptStore::audit_rows`]'.
    async fn broken_rows(&mut self) -> Result<Vec<String>, Fault>;
    /// Revisions after a number in their order, at most so many; those in blocks have no columns of their own.
    async fn fact_rows(&mut self, after: i64, limit: u32) -> Result<Vec<FactRow>, Fault>;
    /// Revisions that do not name the next of their key as what superseded them.
    async fn broken_successions(&mut self) -> Result<Vec<i64>, Fault>;
    /// Rows of the audit chain after a row, at most so many.
    ///
    /// # Errors
    /// `Refused` naming the first row that does not follow from the one before.
    async fn audit_rows(&mut self, after: Option<&AuditRow>, limit: u32) -> Result<Vec<AuditRow>, Fault>;
    /// Files that facts were read from, after a number, at most so many; what a diarium answered is no file.
    async fn known_sources(&mut self, after: i64, limit: u32) -> Result<Vec<KnownSource>, Fault>;

    /// The last restore that nobody has released.
    async fn restored(&mut self) -> Result<Option<Restored>, Fault>;
    /// Notes that the database was restored; its number is one more than the last.
    async fn add_restored(&mut self, restored: &Restored) -> Result<(), Fault>;
    /// How often the database was restored.
    async fn times_restored(&mut self) -> Result<i64, Fault>;
    /// A person has accounted for all that left: it leaves by itself again.
    async fn release_restored(&mut self, at_ms: i64) -> Result<(), Fault>;
}
