//! What the audit chain says of batches: how far each came, and what left.

use std::collections::{BTreeMap, BTreeSet};

use super::Looked;
use crate::domain::Fault;
use crate::ledger::{BatchName, BatchState};
use crate::ports::{AuditRow, Store};

/// Rows of the chain that are in memory together.
const ROWS_TOGETHER: u32 = 1_000;

/// What the chain says of batches.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// How far each came.
    pub states: BTreeMap<BatchName, BatchState>,
    /// sha256 of each file that was written.
    pub files: BTreeMap<BatchName, String>,
    /// Taken as delivered by a person's word: this database never wrote their files.
    pub by_word: BTreeSet<BatchName>,
    /// The whole chain could be read.
    pub is_whole: bool,
}

/// Walks the chain; where it breaks is a finding, and what came before it counts.
pub(super) async fn walk(store: &mut impl Store, looked: &mut Looked) -> Result<History, Fault> {
    let mut history = History::default();
    let mut last: Option<AuditRow> = None;
    loop {
        let rows = store.audit_rows(last.as_ref(), ROWS_TOGETHER).await;
        let Some(rows) = looked.keep(rows, "the audit chain")? else { return Ok(history) };
        rows.iter().for_each(|row| history.take(row));
        match rows.into_iter().next_back() {
            Some(row) => last = Some(row),
            None => break,
        }
    }
    history.is_whole = true;
    looked.head = last.map(|row| row.hash).unwrap_or_default();
    Ok(history)
}

impl History {
    fn take(&mut self, row: &AuditRow) {
        let name = |end: char| row.detail.split(end).next().and_then(|name| name.parse::<BatchName>().ok());
        match row.action.as_str() {
            // A batch without rows has nothing to sign or to deliver.
            "freeze" => {
                if let Some(name) = name(':') {
                    let is_empty = row.detail.contains(": 0 rader,");
                    self.states.insert(name, if is_empty { BatchState::Delivered } else { BatchState::Calculated });
                }
            }
            "void" => drop(name(',').map(|name| self.states.insert(name, BatchState::Void))),
            action => {
                if let Some((name, to)) = name(':').zip(step_to(&row.detail)) {
                    self.step(name, to, action);
                }
            }
        }
    }

    fn step(&mut self, name: BatchName, to: BatchState, action: &str) {
        self.states.insert(name, to);
        if let Some(sha256) = action.strip_prefix("export ").filter(|word| word.len() == 64) {
            self.files.insert(name, sha256.to_owned());
        }
        if to == BatchState::Delivered && action.contains("restored backup") {
            self.by_word.insert(name);
        }
    }
}

/// `2026-11/1: exported -> delivering`
fn step_to(detail: &str) -> Option<BatchState> {
    let (_, to) = detail.split_once(" -> ")?;
    to.parse().ok()
}
