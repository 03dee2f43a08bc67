//! What has happened and what was told of it, in SQL that both databases understand.

use super::Db;
use super::outbox::{RUN_COLUMNS, scheduled};
use super::rows::{DbRow, garbled};
use super::store::digest;
use crate::domain::Fault;
use crate::ports::{ImportRun, OutboxStore, ScheduledRun, ToldList, ToldStore};

impl ToldStore for Db {
    async fn runs_between(&mut self, after_ms: i64, up_to_ms: i64) -> Result<Vec<ScheduledRun>, Fault> {
        let sql =
            format!("SELECT {RUN_COLUMNS} FROM schedule_run WHERE due_at > $1 AND due_at <= $2 ORDER BY due_at, job");
        self.fetch(sql, &[after_ms.into(), up_to_ms.into()]).await?.iter().map(scheduled).collect()
    }

    async fn keep_only_run(&mut self, run: &ScheduledRun) -> Result<(), Fault> {
        self.run("DELETE FROM schedule_run WHERE job = $1", &[(&run.job).into()]).await?;
        self.add_run(run).await.map(drop)
    }

    async fn forget_runs_after(&mut self, at_ms: i64) -> Result<u64, Fault> {
        self.run("DELETE FROM schedule_run WHERE due_at > $1", &[at_ms.into()]).await
    }

    async fn held_imports(&mut self, since_ms: i64) -> Result<Vec<(ImportRun, i64)>, Fault> {
        let sql = "SELECT r.source_id, r.file_name, r.settings_sha256, r.accepted, r.unchanged, r.held, r.ignored, s.sha256, \
                   r.last_fact, r.at_ms FROM import_run r JOIN source s ON s.id = r.source_id \
                   WHERE r.at_ms >= $1 AND r.held > 0 ORDER BY r.id";
        let import = |row: &DbRow| {
            let run = ImportRun {
                source: row.number(0)?,
                sha256: row.text(7)?,
                file: row.text(1)?,
                settings_sha256: row.text(2)?,
                accepted: row.small(3)?,
                unchanged: row.small(4)?,
                held: row.small(5)?,
                ignored: row.small(6)?,
                last_fact: row.number(8)?,
            };
            Ok((run, row.number(9)?))
        };
        self.fetch(sql, &[since_ms.into()]).await?.iter().map(import).collect()
    }

    async fn fetched_at(&mut self, source: &str) -> Result<Option<i64>, Fault> {
        let rows = self.fetch("SELECT at_ms FROM source_cursor WHERE source = $1", &[source.into()]).await?;
        rows.first().map(|row| row.number(0)).transpose()
    }

    async fn told_list(&mut self) -> Result<Option<ToldList>, Fault> {
        let rows = self.fetch("SELECT sha256, content, hash FROM told_list WHERE id = 1", &[]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let list = ToldList { sha256: row.text(0)?, content: row.text(1)? };
        if digest(&[&list.sha256, &list.content]) == row.text(2)? {
            return Ok(Some(list));
        }
        Err(garbled(&"the attestförteckning that was told last does not match its hash"))
    }

    async fn set_told_list(&mut self, list: &ToldList, at_ms: i64) -> Result<(), Fault> {
        let hash = digest(&[&list.sha256, &list.content]);
        let sql = "INSERT INTO told_list (id, sha256, content, told_at, hash) VALUES (1, $1, $2, $3, $4) \
                   ON CONFLICT (id) DO UPDATE SET sha256 = excluded.sha256, content = excluded.content, \
                   told_at = excluded.told_at, hash = excluded.hash";
        let values = [(&list.sha256).into(), (&list.content).into(), at_ms.into(), (&hash).into()];
        self.run(sql, &values).await.map(drop)
    }
}
