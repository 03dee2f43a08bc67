//! The way out to payroll: a batch's file is written once, proven equal to its rows, and handed over once.

use serde::{Deserialize, Serialize};

use crate::calendar::Month;
use crate::domain::Fault;
use crate::ledger::{BatchName, BatchRow};
use crate::money::Ore;

/// What stands above the rows, known before the first of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayrollHead {
    /// The batch.
    pub batch: BatchName,
    /// The kommun's organisationsnummer.
    pub foretagorgnr: String,
    /// The kommun's name.
    pub foretagnamn: String,
    /// How many rows will come.
    pub rows: u32,
    /// How many persons.
    pub persons: u32,
    /// Their sum.
    pub sum: Ore,
    /// sha256 of the canonical rows, hexadecimal.
    pub sha256_rows: String,
    /// The bilaga was still the shipped example.
    pub example: bool,
}

/// One signature that let the rows out, as the receipt names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attest {
    /// The attest sheet's number.
    pub sheet: u32,
    /// `granskning` or `beslut`.
    pub role: String,
    /// The official's id in the attestförteckning.
    pub id: String,
    /// The official's name.
    pub name: String,
    /// When it came in, as the caller writes instants.
    pub at: String,
}

/// What stands beside the file: `paxml-2026-11-1.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The batch.
    pub batch: BatchName,
    /// The month it is paid in.
    pub payout_month: Month,
    /// Its number within the month.
    pub sequence: u32,
    /// The file's name in `out/` and `deliver/`.
    pub file: String,
    /// How many rows.
    pub rows: u32,
    /// How many persons.
    pub persons: u32,
    /// Their sum in kronor, with two decimals.
    pub total: String,
    /// sha256 of the file, hexadecimal.
    pub sha256: String,
    /// sha256 of the canonical rows, hexadecimal.
    pub sha256_rows: String,
    /// The bilaga was still the shipped example.
    pub example: bool,
    /// Who signed, in the order of sheets and roles.
    pub attests: Vec<Attest>,
}

/// What stands in the `deliver` folder under the batch's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// Nothing: not handed over, or fetched and removed by payroll. Which of the two, a person must say.
    Absent,
    /// The very file that was exported.
    Same,
    /// Something else.
    Different,
}

/// Why a file was not handed over, or nobody can say whether it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotDelivered {
    /// What went wrong.
    pub fault: Fault,
    /// The file may stand under its name in spite of it, so payroll may have fetched it.
    pub may_have_arrived: bool,
}

impl From<Fault> for NotDelivered {
    fn from(fault: Fault) -> NotDelivered {
        NotDelivered { fault, may_have_arrived: false }
    }
}

impl From<NotDelivered> for Fault {
    fn from(why: NotDelivered) -> Fault {
        why.fault
    }
}

/// Where payroll's files are made and handed over.
pub trait PayrollOut {
    /// Begins a batch's file. Nothing is seen under its name before [`PayrollFile::finish`].
    ///
    /// # Errors
    /// `Input`: the folder is missing or the head unusable. `Temporary`: another process writes, or the disk fails.
    fn begin(&self, head: &PayrollHead) -> Result<Box<dyn PayrollFile + Send>, Fault>;

    /// Every batch that has a receipt there, and sha256 of its canonical rows where it can be read: what has left, whatever
    /// a database says that was restored from an old backup.
    ///
    /// # Errors
    /// `Input`: the folder is missing. `Temporary`: it cannot be read.
    fn exported(&self) -> Result<Vec<(BatchName, Option<String>)>, Fault>;

    /// The receipt of a batch's file; none if there is none.
    ///
    /// # Errors
    /// It is not the batch's, or cannot be read.
    fn receipt(&self, batch: BatchName) -> Result<Option<Receipt>, Fault>;

    /// The receipt of a batch's file, whose content is found to be what the receipt says; none if there is no receipt.
    ///
    /// # Errors
    /// `Refused`: file or receipt has changed, or one is there without the other. `Temporary`: they cannot be read.
    fn proven(&self, batch: BatchName) -> Result<Option<Receipt>, Fault>;

    /// Names there that are of no batch; what begins with a dot is unfinished and nobody's.
    ///
    /// # Errors
    /// As for [`PayrollOut::exported`].
    fn strangers(&self) -> Result<Vec<String>, Fault>;

    /// There is a `deliver` folder at all.
    fn delivers(&self) -> bool;

    /// Copies the exported file to the `deliver` folder, under a name that nobody fetches. What an earlier copying left goes
    /// away: who was at it cannot hand it over any more.
    ///
    /// # Errors
    /// `Refused`: nothing is exported, the exported file has changed, or the name is taken by another file.
    /// `Temporary`: a folder or disk fails. `Input`: a folder is missing.
    fn copy(&self, batch: BatchName) -> Result<Box<dyn Handover + Send>, NotDelivered>;

    /// Copies and hands over. Done already is fine.
    ///
    /// # Errors
    /// As for [`PayrollOut::copy`].
    fn deliver(&self, batch: BatchName) -> Result<(), NotDelivered> {
        self.copy(batch)?.hand_over()
    }

    /// Removes what a copying that was cut off left in the `deliver` folder under a name that nobody fetches.
    ///
    /// # Errors
    /// As for [`PayrollOut::deliver`].
    fn clear_unfinished(&self, batch: BatchName) -> Result<(), Fault>;

    /// What stands in the `deliver` folder under the batch's name.
    ///
    /// # Errors
    /// As for [`PayrollOut::deliver`].
    fn delivery_state(&self, batch: BatchName) -> Result<DeliveryState, Fault>;
}

/// A file that is being written. Dropped unfinished, it leaves nothing.
pub trait PayrollFile {
    /// Takes the next row, by rising `postid`. The caller proves that the rows are those of the signed sheets.
    ///
    /// # Errors
    /// `Refused`: payroll could not take such a row. `Temporary`: the disk fails.
    fn row(&mut self, row: &BatchRow) -> Result<(), Fault>;

    /// Completes the file, reads it back, and compares it with the rows that were given.
    ///
    /// # Errors
    /// `Refused`: the file does not say what the rows say, or its name is taken by another content; nothing is changed.
    /// `Temporary`: the disk fails.
    fn seal(self: Box<Self>, attests: &[Attest]) -> Result<Box<dyn SealedFile + Send>, Fault>;

    /// Completes the file and puts it under its name. Done already with the same content is fine.
    ///
    /// # Errors
    /// As for [`PayrollFile::seal`].
    fn finish(self: Box<Self>, attests: &[Attest]) -> Result<Receipt, Fault> {
        self.seal(attests)?.place()
    }
}

/// A whole and proven file that nobody sees yet. Dropped, it leaves nothing.
pub trait SealedFile {
    /// Puts file and receipt under their names, where they stay. Done already with the same content is fine.
    ///
    /// # Errors
    /// `Refused`: the name is taken by another content. `Temporary`: the disk fails, or another process has removed what was
    /// not placed yet.
    fn place(self: Box<Self>) -> Result<Receipt, Fault>;
}

/// A copy that payroll does not see yet. Dropped, it leaves nothing.
pub trait Handover {
    /// Puts it under its name, where payroll may fetch it at once. Done already is fine.
    ///
    /// # Errors
    /// Says whether the file may stand there all the same.
    fn hand_over(self: Box<Self>) -> Result<(), NotDelivered>;
}
