//! What is removed when its time has passed, and what is kept of it.

use super::StoredRow;
use crate::calendar::Month;
use crate::domain::{Fault, LineKind, OrganCode, PersonId};
use crate::ledger::BatchState;
use crate::money::Ore;

/// One run of gallring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gallring {
    /// Its number.
    pub id: i64,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// The last month of what was removed.
    pub through: Month,
    /// The decision that allows it.
    pub decision: String,
    /// Who ran it.
    pub actor: String,
    /// Revisions of facts that are gone.
    pub facts: u64,
    /// Rows of batches that are gone.
    pub rows: u64,
    /// Persons who are gone.
    pub persons: u64,
    /// The highest number of any fact until then: none is given twice.
    pub last_fact: i64,
}

/// What removed rows of a batch added up to, by what budgets and statistics ask for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gallrad {
    /// The batch's number.
    pub batch: i64,
    /// When it was earned.
    pub accrued_in: Month,
    /// Which organ bore it.
    pub organ: OrganCode,
    /// Which compensation.
    pub kind: LineKind,
    /// How the rows were settled; empty by payroll, `avvisad` where payroll refused them.
    pub settlement: String,
    /// How many rows.
    pub rows: u32,
    /// Their sum.
    pub belopp: Ore,
}

/// A row of any batch: also of void ones, and rows that only waited.
#[derive(Clone, Debug)]
pub struct AnyRow {
    /// The row.
    pub stored: StoredRow,
    /// Its batch's number.
    pub batch: i64,
    /// How far its batch came.
    pub state: BatchState,
}

/// What gallring asks of the store; what is written is part of the transaction that is open.
#[allow(async_fn_in_trait, reason = "one task awaits one store; nothing is sent between threads")]
pub trait GallringStore {
    /// Every run, oldest first; each is checked against its hash.
    async fn gallringar(&mut self) -> Result<Vec<Gallring>, Fault>;
    /// Records a run, before what it removes is gone.
    async fn add_gallring(&mut self, run: &Gallring) -> Result<(), Fault>;
    /// The sums of all rows that are gone, each with its run; checked against their hashes.
    async fn gallrade(&mut self) -> Result<Vec<(i64, Gallrad)>, Fault>;
    /// Keeps the sums of what a run removes.
    async fn add_gallrade(&mut self, run: i64, sums: &[Gallrad]) -> Result<(), Fault>;
    /// All rows of some persons, in the order in which they were booked.
    async fn every_row(&mut self, persons: &[PersonId]) -> Result<Vec<AnyRow>, Fault>;
    /// Batches that rows were removed of and that have none left.
    async fn bare_batches(&mut self) -> Result<Vec<i64>, Fault>;
    /// Removes rows by their numbers.
    async fn remove_rows(&mut self, ids: &[i64]) -> Result<u64, Fault>;
    /// Removes all revisions of facts by their keys, and notes the run on the files they were read from.
    async fn remove_facts(&mut self, run: i64, keys: &[String]) -> Result<u64, Fault>;
    /// Removes remarks about a day up to the end of a month, or without a day of files of which no fact is left; never
    /// the latest one, whose number would be given again.
    async fn remove_remarks(&mut self, through: Month) -> Result<u64, Fault>;
    /// sha256 of files of which gallring has left neither fact nor open remark.
    async fn bare_sources(&mut self) -> Result<Vec<String>, Fault>;
}
