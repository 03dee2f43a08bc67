//! Gallring in SQL that both databases understand.

use super::Db;
use super::left_out::LeftOutPlaces;
use super::line_block::{Block, InBatch};
use super::rows::{DbRow, Value, garbled};
use super::store::{ROWS_PER_STATEMENT, digest, places};
use crate::calendar::Month;
use crate::domain::{Fault, OrganCode, PersonId};
use crate::ledger::BatchRow;
use crate::money::Ore;
use crate::ports::{AnyRow, Gallrad, Gallring, GallringStore, StoredRow};

impl GallringStore for Db {
    async fn gallringar(&mut self) -> Result<Vec<Gallring>, Fault> {
        let sql = "SELECT id, at_ms, through, decision, actor, facts, rows_gone, persons, last_fact, hash FROM gallring \
                   ORDER BY id";
        self.fetch(sql, &[]).await?.iter().map(gallring).collect()
    }

    async fn add_gallring(&mut self, run: &Gallring) -> Result<(), Fault> {
        let (through, hash) = (run.through.to_string(), gallring_hash(run));
        let values = [
            run.id.into(),
            run.at_ms.into(),
            (&through).into(),
            (&run.decision).into(),
            (&run.actor).into(),
            count(run.facts),
            count(run.rows),
            count(run.persons),
            run.last_fact.into(),
            (&hash).into(),
        ];
        let columns = "id, at_ms, through, decision, actor, facts, rows_gone, persons, last_fact, hash";
        self.insert("gallring", columns, 10, &values).await
    }

    async fn gallrade(&mut self) -> Result<Vec<(i64, Gallrad)>, Fault> {
        let sql = "SELECT gallring_id, batch_id, accrued_in, organ, kind, settlement, row_count, belopp_ore, hash FROM gallrad \
                   ORDER BY batch_id, accrued_in, organ, kind, settlement, gallring_id";
        self.fetch(sql, &[]).await?.iter().map(gallrad).collect()
    }

    async fn add_gallrade(&mut self, run: i64, sums: &[Gallrad]) -> Result<(), Fault> {
        for part in sums.chunks(ROWS_PER_STATEMENT) {
            let texts: Vec<(String, String)> =
                part.iter().map(|sum| (sum.accrued_in.to_string(), gallrad_hash(run, sum))).collect();
            let mut values: Vec<Value<'_>> = Vec::with_capacity(part.len() * 9);
            for (sum, (month, hash)) in part.iter().zip(&texts) {
                values.extend([
                    Value::from(run),
                    sum.batch.into(),
                    month.into(),
                    (&sum.organ.0).into(),
                    sum.kind.name().into(),
                    (&sum.settlement).into(),
                    sum.rows.into(),
                    sum.belopp.0.into(),
                    hash.into(),
                ]);
            }
            let columns = "gallring_id, batch_id, accrued_in, organ, kind, settlement, row_count, belopp_ore, hash";
            self.insert("gallrad", columns, 9, &values).await?;
        }
        Ok(())
    }

    async fn every_row(&mut self, persons: &[PersonId]) -> Result<Vec<AnyRow>, Fault> {
        let mut found = Vec::new();
        for part in persons.chunks(ROWS_PER_STATEMENT) {
            let values: Vec<Value<'_>> = part.iter().map(|person| Value::from(person.0)).collect();
            let persons = places(1, part.len());
            let which = format!("l.person_id IN ({persons}) ORDER BY l.id");
            let left_out = self.left_out_places().await?;
            for of in self.blocks(&which, &values).await? {
                let (batch, state) = (of.block.batch_id, of.state);
                found.extend(of.stored(&left_out)?.into_iter().map(|stored| AnyRow { stored, batch, state }));
            }
        }
        Ok(found)
    }

    async fn bare_batches(&mut self) -> Result<Vec<i64>, Fault> {
        let sql = "SELECT DISTINCT g.batch_id FROM gallrad g WHERE NOT EXISTS (SELECT 1 FROM line_block l WHERE \
                   l.batch_id = g.batch_id AND l.last_postid > 0) ORDER BY g.batch_id";
        self.fetch(sql, &[]).await?.iter().map(|row| row.number(0)).collect()
    }

    async fn remove_rows(&mut self, ids: &[i64]) -> Result<u64, Fault> {
        let mut gone: Vec<i64> = ids.to_vec();
        gone.sort_unstable();
        let (mut rest, mut removed) = (gone.as_slice(), 0);
        while let Some(id) = rest.first() {
            let found = self.blocks("l.id <= $1 ORDER BY l.id DESC LIMIT 1", &[(*id).into()]).await?;
            let Some(of) = found.first() else { return Err(no_row(*id)) };
            let within = rest.partition_point(|id| *id <= of.block.last_id);
            if within == 0 {
                return Err(no_row(*id));
            }
            let (here, after) = rest.split_at(within);
            removed += self.remove_rows_of(of, here).await?;
            rest = after;
        }
        for part in gone.chunks(ROWS_PER_STATEMENT) {
            let values: Vec<Value<'_>> = part.iter().map(|id| Value::from(*id)).collect();
            self.run(format!("DELETE FROM reversal WHERE line_id IN ({})", places(1, part.len())), &values).await?;
        }
        Ok(removed)
    }

    async fn remove_facts(&mut self, run: i64, keys: &[String]) -> Result<u64, Fault> {
        self.unpack(keys).await?;
        let mut removed = 0;
        for part in keys.chunks(ROWS_PER_STATEMENT) {
            let keys: Vec<Value<'_>> = part.iter().map(Value::from).collect();
            let values: Vec<Value<'_>> = std::iter::once(Value::from(run)).chain(keys.iter().copied()).collect();
            let of_keys = places(2, part.len());
            let sql = format!(
                "UPDATE source SET gallring_id = $1 WHERE id IN (SELECT f.source_id FROM fact f WHERE f.fact_key IN ({of_keys}))"
            );
            self.run(sql, &values).await?;
            let sql = format!("DELETE FROM fact WHERE fact_key IN ({})", places(1, part.len()));
            removed += self.run(sql, &keys).await?;
        }
        Ok(removed)
    }

    async fn remove_remarks(&mut self, through: Month) -> Result<u64, Fault> {
        let last = through.last().to_string();
        let sql = "DELETE FROM remark WHERE id < (SELECT MAX(m.id) FROM remark m) AND (day <= $1 OR (day IS NULL AND \
                   state = 'closed' AND sha256 IN (SELECT s.sha256 FROM source s WHERE s.gallring_id IS NOT NULL \
                   AND NOT EXISTS (SELECT 1 FROM fact f WHERE f.source_id = s.id) \
                   AND NOT EXISTS (SELECT 1 FROM fact_block k WHERE k.source_id = s.id))))";
        self.run(sql, &[(&last).into()]).await
    }

    async fn bare_sources(&mut self) -> Result<Vec<String>, Fault> {
        let sql = "SELECT s.sha256 FROM source s WHERE s.gallring_id IS NOT NULL \
                   AND s.id NOT IN (SELECT f.source_id FROM fact f WHERE f.source_id IS NOT NULL) \
                   AND s.id NOT IN (SELECT k.source_id FROM fact_block k WHERE k.source_id IS NOT NULL) \
                   AND s.sha256 NOT IN (SELECT r.sha256 FROM remark r WHERE r.state <> 'closed') ORDER BY s.id";
        self.fetch(sql, &[]).await?.iter().map(|row| row.text(0)).collect()
    }
}

impl Db {
    /// Writes a block again without some of its rows.
    async fn remove_rows_of(&mut self, of: &InBatch, gone: &[i64]) -> Result<u64, Fault> {
        let rows = of.stored(&LeftOutPlaces::new())?;
        let stays = |stored: &&StoredRow| gone.binary_search(&stored.id).is_err();
        let kept: Vec<(i64, &BatchRow)> = rows.iter().filter(stays).map(|stored| (stored.id, &stored.row)).collect();
        self.run("DELETE FROM line_block WHERE id = $1", &[of.block.id.into()]).await?;
        let left = Block::of(of.block.id, of.block.batch_id, &kept);
        self.add_blocks(left.as_slice()).await?;
        Ok((rows.len() - kept.len()) as u64)
    }
}

fn no_row(id: i64) -> Fault {
    garbled(&format!("there is no row {id} to remove"))
}

fn count(number: u64) -> Value<'static> {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

fn gallring_hash(run: &Gallring) -> String {
    let signed = [run.id, run.at_ms, run.last_fact].map(|number| number.to_string()).join(" ");
    let counts = [run.facts, run.rows, run.persons].map(|number| number.to_string()).join(" ");
    digest(&[&signed, &counts, &run.through.to_string(), &run.decision, &run.actor])
}

pub(super) fn gallring(row: &DbRow) -> Result<Gallring, Fault> {
    let run = Gallring {
        id: row.number(0)?,
        at_ms: row.number(1)?,
        through: row.parsed(2)?,
        decision: row.text(3)?,
        actor: row.text(4)?,
        facts: u64::from(row.small(5)?),
        rows: u64::from(row.small(6)?),
        persons: u64::from(row.small(7)?),
        last_fact: row.number(8)?,
    };
    if gallring_hash(&run) == row.text(9)? {
        return Ok(run);
    }
    Err(garbled(&format!("gallring number {} does not match its hash", run.id)))
}

fn gallrad_hash(run: i64, sum: &Gallrad) -> String {
    let numbers = format!("{run} {} {} {}", sum.batch, sum.rows, sum.belopp.0);
    digest(&[&numbers, &sum.accrued_in.to_string(), &sum.organ.0, sum.kind.name(), &sum.settlement])
}

pub(super) fn gallrad(row: &DbRow) -> Result<(i64, Gallrad), Fault> {
    let run = row.number(0)?;
    let sum = Gallrad {
        batch: row.number(1)?,
        accrued_in: row.parsed(2)?,
        organ: OrganCode(row.text(3)?),
        kind: row.parsed(4)?,
        settlement: row.text(5)?,
        rows: row.small(6)?,
        belopp: Ore(row.number(7)?),
    };
    if gallrad_hash(run, &sum) == row.text(8)? {
        return Ok((run, sum));
    }
    Err(garbled(&format!("a sum of rows that gallring removed of batch {} does not match its hash", sum.batch)))
}
