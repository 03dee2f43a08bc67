//! Restores in SQL that both databases understand.

use super::Db;
use super::rows::{DbRow, garbled};
use super::store::digest;
use crate::domain::Fault;
use crate::ports::Restored;

impl Db {
    pub(super) async fn last_restored(&mut self) -> Result<Option<Restored>, Fault> {
        let sql = "SELECT id, at_ms, made_at, batch, chain, is_older, hash FROM restored WHERE released_at IS NULL \
                   ORDER BY id DESC LIMIT 1";
        self.fetch(sql, &[]).await?.first().map(restored).transpose()
    }

    pub(super) async fn insert_restored(&mut self, restored: &Restored) -> Result<(), Fault> {
        let (batch, hash) = (restored.batch.map(|batch| batch.to_string()), restored_hash(restored));
        let values = [
            restored.id.into(),
            restored.at_ms.into(),
            restored.made_at_ms.into(),
            (&batch).into(),
            (&restored.chain).into(),
            i64::from(restored.is_older).into(),
            (&hash).into(),
        ];
        self.insert("restored", "id, at_ms, made_at, batch, chain, is_older, hash", 7, &values).await
    }
}

fn restored_hash(restored: &Restored) -> String {
    let batch = restored.batch.map(|batch| batch.to_string()).unwrap_or_default();
    let numbers = [restored.id, restored.at_ms, restored.made_at_ms, i64::from(restored.is_older)];
    let numbers = numbers.map(|number| number.to_string()).join(" ");
    digest(&[&numbers, &batch, restored.chain.as_deref().unwrap_or_default()])
}

pub(super) fn restored(row: &DbRow) -> Result<Restored, Fault> {
    let batch = row.maybe_text(3)?.map(|name| name.parse()).transpose().map_err(|error: String| garbled(&error))?;
    let found = Restored {
        id: row.number(0)?,
        at_ms: row.number(1)?,
        made_at_ms: row.number(2)?,
        batch,
        chain: row.maybe_text(4)?,
        is_older: row.number(5)? != 0,
    };
    if restored_hash(&found) == row.text(6)? {
        return Ok(found);
    }
    Err(garbled(&format!("restore number {} does not match its hash", found.id)))
}
