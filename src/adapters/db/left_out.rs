//! What was left out of a batch, in SQL that both databases understand.

use std::collections::BTreeSet;

use super::Db;
use super::rows::{DbRow, Value, garbled};
use super::store::{BLOCKS_FOR, digest, places};
use crate::domain::{Fault, PersonId};
use crate::ledger::LeftOut;
use crate::ports::{LeftOutStore, StoredRow};

/// Batch and sheet of what was left out.
pub(super) type LeftOutPlaces = BTreeSet<(i64, u32)>;

impl LeftOutStore for Db {
    async fn left_out(&mut self) -> Result<Vec<(i64, LeftOut)>, Fault> {
        let sql = "SELECT batch_id, sheet, why, left_by, at_ms, frozen_sha256, hash FROM sheet_left_out \
                   ORDER BY batch_id, sheet";
        self.fetch(sql, &[]).await?.iter().map(left_out).collect()
    }

    async fn leave_out(&mut self, batch_id: i64, sheets: &[LeftOut]) -> Result<(), Fault> {
        for one in sheets {
            let hash = hash_of(batch_id, one);
            let values = [
                batch_id.into(),
                one.sheet.into(),
                one.why.name().into(),
                (&one.by).into(),
                one.at_ms.into(),
                (&one.frozen_sha256).into(),
                (&hash).into(),
            ];
            let columns = "batch_id, sheet, why, left_by, at_ms, frozen_sha256, hash";
            self.insert("sheet_left_out", columns, values.len(), &values).await?;
        }
        Ok(())
    }

    async fn rows_as_frozen(&mut self, batch_id: i64, from_postid: u32, limit: u32) -> Result<Vec<StoredRow>, Fault> {
        let which = "l.batch_id = $1 AND l.last_postid >= $2 ORDER BY l.last_postid LIMIT $3";
        let (blocks, from_postid) = (limit / BLOCKS_FOR + 1, from_postid.max(1));
        let mut rows = self.stored(which, &[batch_id.into(), from_postid.into(), blocks.into()]).await?;
        rows.retain(|stored| stored.row.postid >= from_postid);
        rows.truncate(limit as usize);
        Ok(rows)
    }

    async fn left_out_rows(&mut self, persons: &[PersonId]) -> Result<Vec<StoredRow>, Fault> {
        let values: Vec<Value<'_>> = persons.iter().map(|person| Value::from(person.0)).collect();
        let which = format!(
            "l.person_id IN ({}) AND l.batch_id IN (SELECT o.batch_id FROM sheet_left_out o) ORDER BY l.id",
            places(1, persons.len())
        );
        let mut rows = self.stored(&which, &values).await?;
        rows.retain(|stored| stored.left_out);
        Ok(rows)
    }
}

impl Db {
    /// Which sheets' rows do not count.
    pub(super) async fn left_out_places(&mut self) -> Result<LeftOutPlaces, Fault> {
        Ok(self.left_out().await?.into_iter().map(|(batch, one)| (batch, one.sheet)).collect())
    }
}

fn hash_of(batch_id: i64, one: &LeftOut) -> String {
    let numbers = format!("{batch_id} {} {}", one.sheet, one.at_ms);
    digest(&[&numbers, one.why.name(), one.by.as_deref().unwrap_or("-"), &one.frozen_sha256])
}

fn left_out(row: &DbRow) -> Result<(i64, LeftOut), Fault> {
    let batch_id = row.number(0)?;
    let one = LeftOut {
        sheet: row.small(1)?,
        why: row.parsed(2)?,
        by: row.maybe_text(3)?,
        at_ms: row.number(4)?,
        frozen_sha256: row.text(5)?,
    };
    if hash_of(batch_id, &one) == row.text(6)? {
        return Ok((batch_id, one));
    }
    Err(garbled(&format!("that sheet {} of batch number {batch_id} was left out does not match its hash", one.sheet)))
}
