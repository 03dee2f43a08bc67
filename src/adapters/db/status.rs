//! The small questions of `status`, in SQL that both databases understand.

use super::Db;
use super::outbox::{RUN_COLUMNS, scheduled};
use super::rows::{DbRow, garbled};
use crate::domain::Fault;
use crate::ports::{LetterState, LettersIn, ScheduledRun, StatusStore};

impl StatusStore for Db {
    async fn letters_by_state(&mut self) -> Result<Vec<LettersIn>, Fault> {
        let sql = "SELECT state, COUNT(*), MIN(created_at), MAX(ended_at) FROM letter GROUP BY state ORDER BY state";
        let read = |row: &DbRow| {
            let state = LetterState::parse(&row.text(0)?).ok_or_else(|| garbled(&"a letter's state is unknown"))?;
            let number = u64::try_from(row.number(1)?).unwrap_or_default();
            Ok(LettersIn { state, number, oldest_ms: row.number(2)?, ended_ms: row.maybe_number(3)? })
        };
        self.fetch(sql, &[]).await?.iter().map(read).collect()
    }

    async fn last_done(&mut self, job: &str) -> Result<Option<ScheduledRun>, Fault> {
        let sql = format!(
            "SELECT {RUN_COLUMNS} FROM schedule_run WHERE job = $1 AND state = 'done' ORDER BY due_at DESC LIMIT 1"
        );
        self.fetch(sql, &[job.into()]).await?.first().map(scheduled).transpose()
    }

    async fn last_import_ms(&mut self) -> Result<Option<i64>, Fault> {
        let rows = self.fetch("SELECT MAX(at_ms) FROM import_run", &[]).await?;
        rows.first().map_or(Ok(None), |row| row.maybe_number(0))
    }

    async fn held_mark(&mut self) -> Result<(i64, i64), Fault> {
        let sql = "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM remark WHERE state = 'held' AND closed_at IS NULL";
        let rows = self.fetch(sql, &[]).await?;
        rows.first().map_or(Ok((0, 0)), |row| Ok((row.number(0)?, row.number(1)?)))
    }
}
