//! Looks everything through: the database's own pages, every hash, the audit chain, batches against their rows, sheets and
//! signatures, the ledger against the out folder, and what came in against the archive. Nothing is changed.
//!
//! What is wrong is a finding and not an error: one damaged row must not hide another. A few hundred rows are in memory at
//! a time, however many there are.

mod batches;
mod facts;
mod history;

use crate::attest::Forteckning;
use crate::domain::Fault;
use crate::ports::{Archive, PayrollOut, Signatures, Store};

pub use history::History;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where.
    pub place: String,
    /// What is wrong.
    pub wrong: String,
    /// What to do.
    pub to_do: String,
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// What is wrong, in the order of looking.
    pub findings: Vec<Finding>,
    /// Revisions of facts that stand as rows of their own.
    pub facts: u64,
    /// Rows of batches.
    pub rows: u64,
    /// Files in the archive and in the out folder.
    pub files: u64,
    /// The audit chain's head.
    pub head: String,
}

/// What everything is compared with.
pub struct Beside<'a, S, O, A> {
    /// Checks signatures.
    pub signatures: &'a S,
    /// Where exported files lie.
    pub out: &'a O,
    /// Where files lie that came in.
    pub archive: &'a A,
    /// Who may sign now.
    pub forteckning: &'a Forteckning,
}

/// What to do about a damaged database.
const RESTORE: &str =
    "stop `arvode run`, restore the last backup that verifies (`arvode restore`), and have disk and memory tested";

/// Looks everything through.
///
/// # Errors
/// The database or a folder cannot be reached at all.
pub async fn verify<S: Signatures, O: PayrollOut, A: Archive>(
    store: &mut impl Store,
    beside: &Beside<'_, S, O, A>,
) -> Result<Looked, Fault> {
    let mut looked = Looked::default();
    // What left is listed before the ledger is read, so that a file that comes meanwhile is nobody's finding.
    let out = looked.kept(beside.out.exported(), "out/").unwrap_or_default();
    let strangers = looked.kept(beside.out.strangers(), "out/").unwrap_or_default();
    for told in looked.kept(store.own_findings().await, "the database").unwrap_or_default() {
        looked.find("the database", told, RESTORE);
    }
    for told in looked.kept(store.broken_rows().await, "the database").unwrap_or_default() {
        looked.find("the database", told, RESTORE);
    }
    let history = history::walk(store, &mut looked).await?;
    facts::look(store, &mut looked).await?;
    facts::sources(store, beside.archive, &mut looked).await?;
    batches::look(store, beside, &history, (&out, &strangers), &mut looked).await?;
    looked.findings.dedup();
    Ok(looked)
}

impl Looked {
    fn find(&mut self, place: impl Into<String>, wrong: impl Into<String>, to_do: impl Into<String>) {
        self.findings.push(Finding { place: place.into(), wrong: wrong.into(), to_do: to_do.into() });
    }

    /// What was read; where it is refused that is a finding.
    fn keep<T>(&mut self, read: Result<T, Fault>, place: &str) -> Result<Option<T>, Fault> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(Fault::Refused(text) | Fault::Input(text)) => {
                self.find(place, text, RESTORE);
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// The same where the rest is looked at whatever fails.
    fn kept<T>(&mut self, read: Result<T, Fault>, place: &str) -> Option<T> {
        read.map_err(|fault| self.find(place, fault.to_string(), RESTORE)).ok()
    }
}
