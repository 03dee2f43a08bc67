//! The store in SQL that both databases understand.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::Db;
use super::fact_block::Which;
use super::line_block::{BLOCK_COLUMNS, BLOCK_TABLES, Block, InBatch, pack};
use super::rows::{DbRow, Value, garbled};
use crate::domain::{Fact, Fault, MeetingId, PersonId, Provenance, Recorded, Remark, RemarkKind, State};
use crate::ledger::{Batch, BatchKind, BatchName, BatchRow, BatchState, Reversed, RowRef, Settled, Summed, hex};
use crate::money::Ore;
use crate::ports::{
    Attest, ImportRun, Intervention, KeptStore, LeftOutStore, NewFact, NewRemark, Pin, Revised, Standing, Store,
    StoredRemark, StoredRow, Touched,
};

/// Rows per statement: 200 rows of a batch are 4 600 values, far below either database's limit.
pub(super) const ROWS_PER_STATEMENT: usize = 200;

/// Rows read from a long list together.
const ROWS_PER_PAGE: u32 = 1_000;

const FACT_COLUMNS: &str = "f.id, f.body, f.hash, s.name, s.sha256, f.sheet, f.row_number, f.fact_key, f.known_at";
/// A page of rows is so many blocks for each so many rows.
pub(super) const BLOCKS_FOR: u32 = 128;

const REVISIONS: &str = "SELECT f.id, f.fact_key, f.kind, f.person_id, f.meeting_id, f.body, p.body, f.superseded_by, \
     f.known_at, f.because, f.hash, s.name, s.sha256, f.sheet, f.row_number FROM fact f \
     LEFT JOIN fact p ON p.superseded_by = f.id LEFT JOIN source s ON s.id = f.source_id";

impl Store for Db {
    async fn begin(&mut self) -> Result<(), Fault> {
        self.begin_writing().await?;
        let guarded = self.check_guard().await;
        if guarded.is_err() {
            self.leave().await;
        }
        guarded
    }

    async fn commit(&mut self) -> Result<(), Fault> {
        self.write_pending().await?;
        self.run("COMMIT", &[]).await.map(drop)
    }

    async fn rollback(&mut self) -> Result<(), Fault> {
        self.pending.clear();
        self.run("ROLLBACK", &[]).await.map(drop)
    }

    async fn still_ours(&mut self) -> Result<(), Fault> {
        self.check_guard().await
    }

    async fn source(&mut self, sha256: &str, name: &str, at_ms: i64) -> Result<i64, Fault> {
        let known = self.fetch("SELECT id FROM source WHERE sha256 = $1", &[sha256.into()]).await?;
        if let Some(row) = known.first() {
            return row.number(0);
        }
        let id = self.highest("source").await? + 1;
        let values = [id.into(), sha256.into(), name.into(), at_ms.into()];
        self.run("INSERT INTO source (id, sha256, name, arrived_at) VALUES ($1, $2, $3, $4)", &values).await?;
        Ok(id)
    }

    async fn sources_named(&mut self, name: &str) -> Result<Vec<String>, Fault> {
        let rows = self.fetch("SELECT sha256 FROM source WHERE name = $1 ORDER BY id", &[name.into()]).await?;
        rows.iter().map(|row| row.text(0)).collect()
    }

    async fn last_import(&mut self) -> Result<Option<ImportRun>, Fault> {
        let sql = "SELECT r.source_id, r.file_name, r.settings_sha256, r.accepted, r.unchanged, r.held, r.ignored, s.sha256, r.last_fact \
                   FROM import_run r JOIN source s ON s.id = r.source_id ORDER BY r.id DESC LIMIT 1";
        let rows = self.fetch(sql, &[]).await?;
        let run = |row: &DbRow| -> Result<ImportRun, Fault> {
            Ok(ImportRun {
                source: row.number(0)?,
                sha256: row.text(7)?,
                file: row.text(1)?,
                settings_sha256: row.text(2)?,
                accepted: row.small(3)?,
                unchanged: row.small(4)?,
                held: row.small(5)?,
                ignored: row.small(6)?,
                last_fact: row.number(8)?,
            })
        };
        rows.first().map(run).transpose()
    }

    async fn cursor(&mut self, source: &str) -> Result<Option<String>, Fault> {
        let rows = self.fetch("SELECT cursor FROM source_cursor WHERE source = $1", &[source.into()]).await?;
        rows.first().map(|row| row.text(0)).transpose()
    }

    async fn set_cursor(&mut self, source: &str, cursor: &str, at_ms: i64) -> Result<(), Fault> {
        let sql = "INSERT INTO source_cursor (source, cursor, at_ms, hash) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (source) DO UPDATE SET cursor = excluded.cursor, at_ms = excluded.at_ms, hash = excluded.hash";
        let hash = cursor_hash(source, cursor);
        self.run(sql, &[source.into(), cursor.into(), at_ms.into(), (&hash).into()]).await.map(drop)
    }

    async fn add_import(&mut self, run: &ImportRun, at_ms: i64) -> Result<(), Fault> {
        let id = self.highest("import_run").await? + 1;
        let sql = "INSERT INTO import_run (id, source_id, file_name, at_ms, settings_sha256, accepted, unchanged, held, \
                   ignored, last_fact) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let values = [
            id.into(),
            run.source.into(),
            (&run.file).into(),
            at_ms.into(),
            (&run.settings_sha256).into(),
            run.accepted.into(),
            run.unchanged.into(),
            run.held.into(),
            run.ignored.into(),
            run.last_fact.into(),
        ];
        self.run(sql, &values).await.map(drop)
    }

    async fn last_fact(&mut self) -> Result<i64, Fault> {
        let removed = self.fetch("SELECT COALESCE(MAX(last_fact), 0) FROM gallring", &[]).await?;
        let removed = removed.first().map_or(Ok(0), |row| row.number(0))?;
        self.write_pending().await?;
        let packed = self.fetch("SELECT COALESCE(MAX(last_fact), 0) FROM fact_block", &[]).await?;
        let packed = packed.first().map_or(Ok(0), |row| row.number(0))?;
        Ok(self.highest("fact").await?.max(packed).max(removed))
    }

    async fn last_fact_known_at(&mut self, at_ms: i64) -> Result<i64, Fault> {
        let mut last = 0;
        for (column, table) in [("id", "fact"), ("last_fact", "fact_block")] {
            let sql = format!("SELECT COALESCE(MAX({column}), 0) FROM {table} WHERE known_at <= $1");
            let rows = self.fetch(sql, &[at_ms.into()]).await?;
            last = rows.first().map_or(Ok(0), |row| row.number(0))?.max(last);
        }
        Ok(last)
    }

    async fn record(&mut self, facts: &[NewFact], at_ms: i64) -> Result<(), Fault> {
        let changed: Vec<String> =
            facts.iter().filter(|new| new.supersedes.is_some()).map(|new| new.key.clone()).collect();
        if !changed.is_empty() {
            self.unpack(&changed).await?;
        }
        let others = self.keep_plain(facts, at_ms).await?;
        self.insert_facts(&others, at_ms).await?;
        for new in facts {
            if let Some(before) = new.supersedes {
                let values = [new.number.into(), before.into()];
                if self.run("UPDATE fact SET superseded_by = $1 WHERE id = $2", &values).await? != 1 {
                    return Err(garbled(&format!(
                        "there is no fact {before} that fact {} could supersede",
                        new.number
                    )));
                }
            }
        }
        Ok(())
    }

    async fn standing(&mut self, keys: &[String]) -> Result<Vec<Standing>, Fault> {
        let mut found = self.packed_standing(Which::Keys(keys)).await?;
        for part in keys.chunks(ROWS_PER_STATEMENT) {
            let values: Vec<Value<'_>> = part.iter().map(Value::from).collect();
            let places = places(1, part.len());
            let sql = format!(
                "SELECT f.id, f.body, f.fact_key FROM fact f WHERE f.superseded_by IS NULL AND f.fact_key IN ({places})"
            );
            for row in self.fetch(sql, &values).await? {
                found.push(standing(&row)?);
            }
        }
        Ok(found)
    }

    async fn standing_of_meetings(&mut self, kind: &str, meetings: &[MeetingId]) -> Result<Vec<Standing>, Fault> {
        let mut found = match kind {
            "attendance" => self.packed_standing(Which::Meetings(meetings)).await?,
            _ => Vec::new(),
        };
        for part in meetings.chunks(ROWS_PER_STATEMENT) {
            let mut values: Vec<Value<'_>> = vec![kind.into()];
            values.extend(part.iter().map(|meeting| Value::from(meeting.0)));
            let places = places(2, part.len());
            let sql = format!(
                "SELECT f.id, f.body, f.fact_key FROM fact f WHERE f.superseded_by IS NULL AND f.body IS NOT NULL \
                 AND f.kind = $1 AND f.meeting_id IN ({places}) ORDER BY f.id"
            );
            for row in self.fetch(sql, &values).await? {
                found.push(standing(&row)?);
            }
        }
        found.sort_by_key(|standing| standing.number);
        Ok(found)
    }

    async fn standing_of_source(&mut self, sha256: &str) -> Result<Vec<Standing>, Fault> {
        let mut found = self.packed_standing(Which::Source(sha256)).await?;
        let sql = "SELECT f.id, f.body, f.fact_key FROM fact f JOIN source s ON s.id = f.source_id \
                   WHERE f.superseded_by IS NULL AND s.sha256 = $1 ORDER BY f.id";
        for row in self.fetch(sql, &[sha256.into()]).await? {
            found.push(standing(&row)?);
        }
        found.sort_by_key(|standing| standing.number);
        Ok(found)
    }

    async fn facts_of_kinds(&mut self, kinds: &[&str], up_to: i64) -> Result<Vec<Recorded>, Fault> {
        let mut texts = SharedTexts::default();
        let mut found = Vec::new();
        for kind in kinds {
            let sql = format!(
                "SELECT {FACT_COLUMNS} FROM fact f LEFT JOIN source s ON s.id = f.source_id WHERE f.kind = $1 AND f.id > $2 \
                 AND f.id <= $3 AND (f.superseded_by IS NULL OR f.superseded_by > $4) AND f.body IS NOT NULL \
                 ORDER BY f.id LIMIT $5"
            );
            let mut after = 0;
            loop {
                let values = [(*kind).into(), after.into(), up_to.into(), up_to.into(), ROWS_PER_PAGE.into()];
                let rows = self.fetch(sql.as_str(), &values).await?;
                for row in &rows {
                    found.push(recorded(row, &mut texts)?);
                }
                match found.last() {
                    Some(last) if rows.len() == ROWS_PER_PAGE as usize => after = last.number,
                    _ => break,
                }
            }
        }
        found.sort_unstable_by_key(|recorded: &Recorded| recorded.number);
        Ok(found)
    }

    async fn taken_back(&mut self, kind: &str) -> Result<Vec<(String, i64, Fact)>, Fault> {
        let sql = "SELECT f.id, p.body, f.fact_key FROM fact f JOIN fact p ON p.superseded_by = f.id WHERE f.kind = $1 \
                   AND f.body IS NULL AND f.superseded_by IS NULL AND p.body IS NOT NULL ORDER BY f.id";
        let rows = self.fetch(sql, &[kind.into()]).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let told = standing(row)?;
            found.extend(told.fact.map(|fact| (told.key, told.number, fact)));
        }
        Ok(found)
    }

    async fn every_revision(&mut self, kind: &str) -> Result<Vec<Fact>, Fault> {
        let sql = "SELECT f.id, f.body, f.fact_key FROM fact f LEFT JOIN fact n ON n.id = f.superseded_by \
                   WHERE f.kind = $1 AND f.id > $2 AND f.body IS NOT NULL AND n.because IS NULL ORDER BY f.id LIMIT $3";
        let (mut found, mut after) = (Vec::new(), 0);
        loop {
            let rows = self.fetch(sql, &[kind.into(), after.into(), ROWS_PER_PAGE.into()]).await?;
            for row in &rows {
                let revision = standing(row)?;
                after = revision.number;
                found.extend(revision.fact);
            }
            if rows.len() < ROWS_PER_PAGE as usize {
                return Ok(found);
            }
        }
    }

    async fn facts_of_persons(&mut self, persons: &[PersonId], up_to: i64) -> Result<Vec<Recorded>, Fault> {
        let mut found = self.packed_of_persons(persons, up_to).await?;
        let mut values: Vec<Value<'_>> = persons.iter().map(|person| Value::from(person.0)).collect();
        values.extend([Value::from(up_to), Value::from(up_to)]);
        let sql = visible("f.person_id", persons.len());
        found.extend(all_recorded(&self.fetch(sql, &values).await?)?);
        found.sort_by_key(|recorded| recorded.number);
        Ok(found)
    }

    async fn revisions(&mut self, first: i64, last: i64) -> Result<Vec<Revised>, Fault> {
        let packed = self.packed_revisions(Which::Numbers(first, last), last).await?;
        self.with_rows("f.id >= $1 AND f.id <= $2", &[first.into(), last.into()], packed).await
    }

    async fn history(&mut self, keys: &[String]) -> Result<Vec<Revised>, Fault> {
        let mut found = self.packed_revisions(Which::Keys(keys), i64::MAX).await?;
        for part in keys.chunks(ROWS_PER_STATEMENT) {
            let values: Vec<Value<'_>> = part.iter().map(Value::from).collect();
            found = self.with_rows(&format!("f.fact_key IN ({})", places(1, part.len())), &values, found).await?;
        }
        Ok(found)
    }

    async fn revisions_about(
        &mut self,
        persons: &[PersonId],
        meetings: &[MeetingId],
        after: i64,
        up_to: i64,
    ) -> Result<Vec<Revised>, Fault> {
        let mut packed = self.packed_revisions(Which::Persons(persons), up_to).await?;
        packed.retain(|revised| revised.number > after);
        let mut values: Vec<Value<'_>> = vec![after.into(), up_to.into()];
        values.extend(persons.iter().map(|person| Value::from(person.0)));
        values.extend(meetings.iter().map(|meeting| Value::from(meeting.0)));
        let (who, which) = (places(3, persons.len()), places(3 + persons.len(), meetings.len()));
        let who = if persons.is_empty() { "1 = 0".to_owned() } else { format!("f.person_id IN ({who})") };
        let which = if meetings.is_empty() {
            "1 = 0".to_owned()
        } else {
            format!("(f.meeting_id IN ({which}) AND f.person_id IS NULL)")
        };
        self.with_rows(&format!("f.id > $1 AND f.id <= $2 AND ({who} OR {which})"), &values, packed).await
    }

    async fn revisions_of_kinds(&mut self, kinds: &[&str], after: i64, up_to: i64) -> Result<Vec<Revised>, Fault> {
        let packed = match kinds.contains(&"attendance") {
            true => self.packed_revisions(Which::Numbers(after + 1, up_to), up_to).await?,
            false => Vec::new(),
        };
        let mut values: Vec<Value<'_>> = vec![after.into(), up_to.into()];
        values.extend(kinds.iter().map(|kind| Value::from(*kind)));
        let which = places(3, kinds.len());
        self.with_rows(&format!("f.id > $1 AND f.id <= $2 AND f.kind IN ({which})"), &values, packed).await
    }

    async fn touched(&mut self, after: i64, up_to: i64) -> Result<Vec<Touched>, Fault> {
        self.write_pending().await?;
        let packed = "SELECT DISTINCT person_id FROM fact_block WHERE last_fact > $1 AND first_fact <= $2";
        let mut found = Vec::new();
        for row in self.fetch(packed, &[after.into(), up_to.into()]).await? {
            let person = Some(PersonId(row.number(0)?));
            found.push(Touched { kind: "attendance".to_owned(), person, meeting: None, is_revision: false });
        }
        let plain = "SELECT DISTINCT f.kind, f.person_id, CASE WHEN f.person_id IS NULL THEN f.meeting_id END, CAST(CASE WHEN p.id IS NULL THEN 0 ELSE 1 END AS BIGINT) FROM fact f \
                     LEFT JOIN fact p ON p.superseded_by = f.id WHERE f.id > $1 AND f.id <= $2";
        for row in self.fetch(plain, &[after.into(), up_to.into()]).await? {
            let person = row.maybe_number(1)?.map(PersonId);
            let meeting = row.maybe_number(2)?.map(MeetingId);
            found.push(Touched { kind: row.text(0)?, person, meeting, is_revision: row.small(3)? > 0 });
        }
        Ok(found)
    }

    async fn add_intervention(&mut self, done: &Intervention) -> Result<(), Fault> {
        let hash = intervention_hash(done);
        let values = [
            done.id.into(),
            done.at_ms.into(),
            (&done.action).into(),
            (&done.detail).into(),
            (&done.because).into(),
            (&done.actor).into(),
            done.first_fact.into(),
            done.last_fact.into(),
            done.undoes.into(),
            (&hash).into(),
        ];
        let columns = "id, at_ms, action, detail, because, actor, first_fact, last_fact, undoes, hash";
        self.insert("intervention", columns, 10, &values).await
    }

    async fn last_intervention(&mut self) -> Result<i64, Fault> {
        self.highest("intervention").await
    }

    async fn interventions(&mut self) -> Result<Vec<Intervention>, Fault> {
        let sql = "SELECT id, at_ms, action, detail, because, actor, first_fact, last_fact, undoes, hash FROM intervention \
                   ORDER BY id";
        self.fetch(sql, &[]).await?.iter().map(intervention).collect()
    }

    async fn batches(&mut self) -> Result<Vec<(i64, Batch, Summed)>, Fault> {
        let sql = "SELECT id, name, kind, state, facts_up_to, frozen_on, frozen_at, because, example, row_count, \
                   person_count, sum_ore, sha256, hash FROM batch ORDER BY id";
        self.fetch(sql, &[]).await?.iter().map(batch).collect()
    }

    async fn add_batch(&mut self, id: i64, batch: &Batch) -> Result<(), Fault> {
        let kind = match batch.kind {
            BatchKind::Monthly => "monthly",
            BatchKind::Recalculation => "recalculation",
        };
        let (name, day, hash) = (batch.name.to_string(), batch.frozen_on.to_string(), batch_hash(id, batch));
        let values = [
            id.into(),
            (&name).into(),
            kind.into(),
            batch.state.name().into(),
            batch.facts_up_to.into(),
            (&day).into(),
            batch.frozen_at_ms.into(),
            (&batch.because).into(),
            i64::from(batch.example).into(),
            (&hash).into(),
        ];
        let sql = "INSERT INTO batch (id, name, kind, state, facts_up_to, frozen_on, frozen_at, because, example, row_count, \
                   person_count, sum_ore, sha256, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, '', $10)";
        self.run(sql, &values).await.map(drop)
    }

    async fn set_totals(&mut self, id: i64, totals: &Summed) -> Result<(), Fault> {
        let sql = "UPDATE batch SET row_count = $1, person_count = $2, sum_ore = $3, sha256 = $4 WHERE id = $5";
        let (rows, persons) = (totals.rows.into(), totals.persons.into());
        self.run(sql, &[rows, persons, totals.sum.0.into(), (&totals.sha256).into(), id.into()]).await.map(drop)
    }

    async fn move_batch(&mut self, name: BatchName, from: BatchState, to: BatchState) -> Result<(), Fault> {
        let text = name.to_string();
        let values = [to.name().into(), (&text).into(), from.name().into()];
        let moved = self.run("UPDATE batch SET state = $1 WHERE name = $2 AND state = $3", &values).await?;
        if moved == 1 {
            return Ok(());
        }
        let (from, to) = (from.name(), to.name());
        Err(Fault::Refused(format!(
            "batch {name} is no longer {from}, so it cannot become {to}; look with `arvode month`"
        )))
    }

    async fn last_line(&mut self) -> Result<i64, Fault> {
        let rows = self.fetch("SELECT COALESCE(MAX(last_id), 0) FROM line_block", &[]).await?;
        rows.first().map_or(Ok(0), |row| row.number(0))
    }

    async fn add_rows(&mut self, batch_id: i64, first_id: i64, rows: &[BatchRow]) -> Result<(), Fault> {
        self.add_blocks(&pack(batch_id, first_id, rows)).await?;
        let reversals: Vec<(i64, &RowRef)> = (first_id..).zip(rows).filter_map(reversal).collect();
        for part in reversals.chunks(ROWS_PER_STATEMENT) {
            let names: Vec<String> = part.iter().map(|(_, reversed)| reversed.batch.to_string()).collect();
            let values = part.iter().zip(&names).flat_map(|((id, reversed), name)| {
                [Value::from(*id), batch_id.into(), reversed.id.into(), name.into()]
            });
            let values: Vec<Value<'_>> = values.collect();
            self.insert("reversal", "line_id, batch_id, reverses, reversed_batch", 4, &values).await?;
        }
        Ok(())
    }

    async fn rows(&mut self, batch_id: i64, from_postid: u32, limit: u32) -> Result<Vec<StoredRow>, Fault> {
        let mut next = from_postid;
        loop {
            let mut rows = self.rows_as_frozen(batch_id, next, limit).await?;
            let Some(last) = rows.last() else { return Ok(rows) };
            next = last.row.postid + 1;
            rows.retain(|stored| !stored.left_out);
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
    }

    async fn waiting(&mut self, up_to_batch: i64) -> Result<Vec<StoredRow>, Fault> {
        let which = "l.first_postid = 0 AND b.state <> 'void' AND b.id <= $1 AND b.id >= \
             (SELECT COALESCE(MAX(m.id), 0) FROM batch m WHERE m.state <> 'void' AND m.kind = 'monthly' AND m.id <= $2) \
             ORDER BY l.id";
        let mut rows = self.stored(which, &[up_to_batch.into(), up_to_batch.into()]).await?;
        rows.retain(|stored| stored.row.settled == Settled::ByPayroll);
        Ok(rows)
    }

    async fn ledger(&mut self, persons: &[PersonId], up_to_batch: i64) -> Result<Vec<StoredRow>, Fault> {
        let mut values: Vec<Value<'_>> = persons.iter().map(|person| Value::from(person.0)).collect();
        values.push(up_to_batch.into());
        let (persons, at) = (places(1, persons.len()), persons.len() + 1);
        let which = format!("l.person_id IN ({persons}) AND b.state <> 'void' AND b.id <= ${at} ORDER BY l.id");
        let mut rows = self.stored(&which, &values).await?;
        let is_booked = |row: &BatchRow| row.postid > 0 || row.settled != Settled::ByPayroll;
        rows.retain(|stored| !stored.left_out && is_booked(&stored.row));
        Ok(rows)
    }

    async fn rows_of_persons(&mut self, persons: &[PersonId]) -> Result<Vec<StoredRow>, Fault> {
        let values: Vec<Value<'_>> = persons.iter().map(|person| Value::from(person.0)).collect();
        let which = format!("l.person_id IN ({}) ORDER BY l.id", places(1, persons.len()));
        self.stored(&which, &values).await
    }

    async fn reversed_by(&mut self, batch_id: i64) -> Result<Vec<BatchName>, Fault> {
        let sql = "SELECT b.name, r.line_id FROM reversal r JOIN batch t ON t.name = r.reversed_batch \
                   JOIN batch b ON b.id = r.batch_id WHERE t.id = $1 AND b.state <> 'void' ORDER BY b.name, r.line_id";
        let mut names: Vec<BatchName> = Vec::new();
        for row in self.fetch(sql, &[batch_id.into()]).await? {
            let name = row.parsed(0)?;
            if names.last() != Some(&name) && !self.is_left_out(row.number(1)?).await? {
                names.push(name);
            }
        }
        Ok(names)
    }

    async fn set_at_rest(&mut self, batch_id: i64, standing: i64, content: &str) -> Result<(), Fault> {
        self.run("DELETE FROM at_rest WHERE batch_id < $1 OR batch_id = $2", &[standing.into(), batch_id.into()])
            .await?;
        let hash = digest(&[&batch_id.to_string(), content]);
        self.insert("at_rest", "batch_id, content, hash", 3, &[batch_id.into(), content.into(), (&hash).into()]).await
    }

    async fn at_rest(&mut self, batch_id: i64) -> Result<Option<String>, Fault> {
        let rows = self.fetch("SELECT content, hash FROM at_rest WHERE batch_id = $1", &[batch_id.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let content = row.text(0)?;
        Ok((digest(&[&batch_id.to_string(), &content]) == row.text(1)?).then_some(content))
    }

    async fn pins(&mut self, up_to_batch: i64) -> Result<Vec<Pin>, Fault> {
        let sql = "SELECT p.month, p.line_group, p.rules_sha256, r.content, p.hash, p.batch_id FROM pin p JOIN rules r ON r.sha256 = p.rules_sha256 \
                   JOIN batch b ON b.id = p.batch_id WHERE b.state <> 'void' AND p.batch_id = (SELECT MAX(q.batch_id) \
                   FROM pin q JOIN batch c ON c.id = q.batch_id WHERE c.state <> 'void' AND c.id <= $1 AND q.month = p.month \
                   AND q.line_group = p.line_group) ORDER BY p.month, p.line_group";
        let pin = |row: &DbRow| -> Result<Pin, Fault> {
            let group = if row.text(1)? == "monthly" { "monthly" } else { "occasional" };
            is_pinned(row)?;
            Ok(Pin { month: row.parsed(0)?, group, rules_sha256: row.text(2)?, rules: row.text(3)? })
        };
        self.fetch(sql, &[up_to_batch.into()]).await?.iter().map(pin).collect()
    }

    async fn add_pin(&mut self, batch_id: i64, pin: &Pin) -> Result<(), Fault> {
        let values = [(&pin.rules_sha256).into(), (&pin.rules).into()];
        self.run("INSERT INTO rules (sha256, content) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING", &values)
            .await?;
        let month = pin.month.to_string();
        let hash = pin_hash(&month, pin.group, batch_id, &pin.rules_sha256);
        let values = [(&month).into(), pin.group.into(), batch_id.into(), (&pin.rules_sha256).into(), (&hash).into()];
        let sql = "INSERT INTO pin (month, line_group, batch_id, rules_sha256, hash) VALUES ($1, $2, $3, $4, $5)";
        self.run(sql, &values).await.map(drop)
    }

    async fn add_sheet(&mut self, batch_id: i64, number: u32, content: &str) -> Result<(), Fault> {
        let hash = digest(&[content]);
        let values = [batch_id.into(), number.into(), content.into(), (&hash).into()];
        self.run("INSERT INTO sheet (batch_id, number, content, hash) VALUES ($1, $2, $3, $4)", &values).await.map(drop)
    }

    async fn sheets(&mut self, batch_id: i64) -> Result<Vec<String>, Fault> {
        let sql = "SELECT number, content, hash FROM sheet WHERE batch_id = $1 ORDER BY number";
        let checked = |row: &DbRow| -> Result<String, Fault> {
            let content = row.text(1)?;
            if digest(&[&content]) == row.text(2)? {
                return Ok(content);
            }
            Err(garbled(&format!("attest sheet {} does not match its hash", row.number(0)?)))
        };
        self.fetch(sql, &[batch_id.into()]).await?.iter().map(checked).collect()
    }

    async fn add_attest(&mut self, batch_id: i64, attest: &Attest) -> Result<(), Fault> {
        let hash = attest_hash(batch_id, attest);
        let values = [
            batch_id.into(),
            attest.sheet.into(),
            (&attest.role).into(),
            (&attest.official).into(),
            attest.signed_at_ms.into(),
            (&attest.signature).into(),
            (&hash).into(),
        ];
        let sql = "INSERT INTO attest (batch_id, sheet, role, official, signed_at, signature, hash) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        self.run(sql, &values).await.map(drop)
    }

    async fn attests(&mut self, batch_id: i64) -> Result<Vec<Attest>, Fault> {
        let sql = "SELECT sheet, role, official, signed_at, signature, hash, batch_id FROM attest WHERE batch_id = $1 \
                   ORDER BY sheet, role DESC";
        self.fetch(sql, &[batch_id.into()]).await?.iter().map(stored_attest).collect()
    }

    async fn add_remarks(&mut self, remarks: &[NewRemark], at_ms: i64) -> Result<(), Fault> {
        let mut id = self.highest("remark").await?;
        for part in remarks.chunks(ROWS_PER_STATEMENT) {
            let texts: Vec<[String; 3]> = part.iter().map(|new| remark_texts(&new.remark)).collect();
            let mut values: Vec<Value<'_>> = Vec::with_capacity(part.len() * 13);
            for (new, [kind, state, day]) in part.iter().zip(&texts) {
                id += 1;
                let (remark, place) = (&new.remark, &new.remark.place);
                values.extend([
                    Value::from(id),
                    (&*place.file).into(),
                    (&*place.sha256).into(),
                    (&*place.sheet).into(),
                    place.row.into(),
                    kind.into(),
                    state.into(),
                    Value::Text(remark.day.is_some().then_some(day)),
                    (&new.anstid).into(),
                    (&new.subject).into(),
                    (&remark.reason).into(),
                    (&remark.proposed).into(),
                    at_ms.into(),
                ]);
            }
            let columns = "id, file_name, sha256, sheet, row_number, kind, state, day, anstid, subject, reason, proposed, opened_at";
            self.insert("remark", columns, 13, &values).await?;
        }
        Ok(())
    }

    async fn close_remarks(&mut self, ids: &[i64], at_ms: i64) -> Result<(), Fault> {
        for part in ids.chunks(ROWS_PER_STATEMENT) {
            let mut values: Vec<Value<'_>> = vec![at_ms.into()];
            values.extend(part.iter().map(|id| Value::from(*id)));
            let ids = places(2, part.len());
            let sql = format!("UPDATE remark SET state = 'closed', closed_at = $1 WHERE id IN ({ids})");
            self.run(sql, &values).await?;
        }
        Ok(())
    }

    async fn open_remarks_of(&mut self, files: &[String]) -> Result<Vec<StoredRemark>, Fault> {
        let values: Vec<Value<'_>> = files.iter().map(Value::from).collect();
        let names = places(1, values.len());
        let sql = format!(
            "SELECT id, file_name, sha256, sheet, row_number, kind, state, day, anstid, reason, proposed, subject FROM remark \
             WHERE file_name IN ({names}) AND closed_at IS NULL ORDER BY id"
        );
        self.fetch(sql, &values).await?.iter().map(stored_remark).collect()
    }

    async fn remarks(&mut self, state: Option<State>) -> Result<Vec<StoredRemark>, Fault> {
        let state = state.as_ref().map(word);
        let sql = "SELECT id, file_name, sha256, sheet, row_number, kind, state, day, anstid, reason, proposed, subject FROM remark \
                   WHERE $1 = '' OR state = $1 ORDER BY id";
        self.fetch(sql, &[state.as_deref().unwrap_or_default().into()]).await?.iter().map(stored_remark).collect()
    }

    async fn audit(&mut self, action: &str, detail: &str, at_ms: i64) -> Result<String, Fault> {
        let last = self.fetch("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1", &[]).await?;
        let (id, previous) = match last.first() {
            Some(row) => (row.number(0)? + 1, row.text(1)?),
            None => (1, String::new()),
        };
        let hash = digest(&[&id.to_string(), &at_ms.to_string(), action, detail, &previous]);
        let values = [id.into(), at_ms.into(), action.into(), detail.into(), (&previous).into(), (&hash).into()];
        let sql = "INSERT INTO audit (id, at_ms, action, detail, previous, hash) VALUES ($1, $2, $3, $4, $5, $6)";
        self.run(sql, &values).await?;
        Ok(hash)
    }

    async fn has_audited(&mut self, head: &str) -> Result<bool, Fault> {
        Ok(!self.fetch("SELECT id FROM audit WHERE hash = $1", &[head.into()]).await?.is_empty())
    }

    async fn audit_head(&mut self) -> Result<String, Fault> {
        let mut last = None;
        loop {
            let rows = self.audit_rows(last.as_ref(), ROWS_PER_PAGE).await?;
            match rows.into_iter().next_back() {
                Some(row) => last = Some(row),
                None => return Ok(last.map(|row| row.hash).unwrap_or_default()),
            }
        }
    }
}

impl Db {
    /// Revisions that stand as rows, together with those of blocks, in the order of their numbers.
    async fn with_rows(
        &mut self,
        condition: &str,
        values: &[Value<'_>],
        packed: Vec<Revised>,
    ) -> Result<Vec<Revised>, Fault> {
        let rows = self.fetch(format!("{REVISIONS} WHERE {condition} ORDER BY f.id"), values).await?;
        let (mut texts, mut found) = (SharedTexts::default(), packed);
        for row in &rows {
            found.push(revised(row, &mut texts)?);
        }
        found.sort_by_key(|revised| revised.number);
        Ok(found)
    }

    /// Writes facts as rows of their own.
    pub(super) async fn insert_facts(&mut self, facts: &[&NewFact], at_ms: i64) -> Result<(), Fault> {
        for part in facts.chunks(ROWS_PER_STATEMENT) {
            let mut bodies = Vec::with_capacity(part.len());
            for new in part {
                let body = new.fact.as_ref().map(serde_json::to_string).transpose().map_err(|error| garbled(&error))?;
                let hash = fact_hash(new.number, &new.key, body.as_deref(), at_ms);
                bodies.push((body, hash));
            }
            let mut values: Vec<Value<'_>> = Vec::with_capacity(part.len() * 12);
            for (new, (body, hash)) in part.iter().zip(&bodies) {
                let (source, sheet, row) = &new.place;
                values.extend([
                    Value::from(new.number),
                    new.about.kind.into(),
                    (&new.key).into(),
                    new.about.person.map(|person| person.0).into(),
                    new.about.meeting.map(|meeting| meeting.0).into(),
                    body.into(),
                    (*source).into(),
                    sheet.into(),
                    (*row).into(),
                    at_ms.into(),
                    (&new.because).into(),
                    hash.into(),
                ]);
            }
            let columns = "id, kind, fact_key, person_id, meeting_id, body, source_id, sheet, row_number, known_at, because, hash";
            self.insert("fact", columns, 12, &values).await?;
        }
        Ok(())
    }

    /// The rows of the blocks that a condition finds.
    pub(super) async fn stored(&mut self, which: &str, values: &[Value<'_>]) -> Result<Vec<StoredRow>, Fault> {
        let found = self.blocks(which, values).await?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let left_out = self.left_out_places().await?;
        let mut rows = Vec::with_capacity(found.iter().map(|of| of.block.rows as usize).sum());
        for of in &found {
            rows.extend(of.stored(&left_out)?);
        }
        Ok(rows)
    }

    /// Whether a row, by its number, was left out of its batch.
    async fn is_left_out(&mut self, id: i64) -> Result<bool, Fault> {
        let rows = self.stored("l.id <= $1 ORDER BY l.id DESC LIMIT 1", &[id.into()]).await?;
        Ok(rows.iter().any(|stored| stored.id == id && stored.left_out))
    }

    pub(super) async fn blocks(&mut self, which: &str, values: &[Value<'_>]) -> Result<Vec<InBatch>, Fault> {
        let sql = format!("SELECT {BLOCK_COLUMNS} FROM {BLOCK_TABLES} WHERE {which}");
        self.fetch(sql, values).await?.iter().map(Block::read).collect()
    }

    pub(super) async fn add_blocks(&mut self, blocks: &[Block]) -> Result<(), Fault> {
        for part in blocks.chunks(ROWS_PER_STATEMENT) {
            let values = part.iter().flat_map(|block| {
                [
                    Value::from(block.id),
                    block.last_id.into(),
                    block.batch_id.into(),
                    block.person.0.into(),
                    block.first_postid.into(),
                    block.last_postid.into(),
                    block.rows.into(),
                    (&block.body).into(),
                    (&block.hash).into(),
                ]
            });
            let values: Vec<Value<'_>> = values.collect();
            let columns = "id, last_id, batch_id, person_id, first_postid, last_postid, row_count, body, hash";
            self.insert("line_block", columns, 9, &values).await?;
        }
        Ok(())
    }

    pub(super) async fn highest(&mut self, table: &str) -> Result<i64, Fault> {
        let rows = self.fetch(format!("SELECT COALESCE(MAX(id), 0) FROM {table}"), &[]).await?;
        rows.first().map_or(Ok(0), |row| row.number(0))
    }

    pub(super) async fn insert(
        &mut self,
        table: &str,
        columns: &str,
        width: usize,
        values: &[Value<'_>],
    ) -> Result<(), Fault> {
        if values.is_empty() {
            return Ok(());
        }
        let rows: Vec<String> =
            (0..values.len() / width).map(|row| format!("({})", places(row * width + 1, width))).collect();
        self.run(format!("INSERT INTO {table} ({columns}) VALUES {}", rows.join(", ")), values).await.map(drop)
    }
}

/// `$3, $4, $5`.
pub(super) fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}

/// Facts that stood after a fact number: a column's values, then the number twice.
fn visible(column: &str, count: usize) -> String {
    let (which, at, after) = (places(1, count), count + 1, count + 2);
    format!(
        "SELECT {FACT_COLUMNS} FROM fact f LEFT JOIN source s ON s.id = f.source_id WHERE {column} IN ({which}) \
         AND f.id <= ${at} AND (f.superseded_by IS NULL OR f.superseded_by > ${after}) AND f.body IS NOT NULL ORDER BY f.id"
    )
}

pub(super) fn fact_hash(number: i64, key: &str, body: Option<&str>, known_at_ms: i64) -> String {
    digest(&[&number.to_string(), key, body.unwrap_or("-"), &known_at_ms.to_string()])
}

/// What of a batch is as it was frozen: its rows and sheets have hashes of their own, and its state moves on.
fn batch_hash(id: i64, batch: &Batch) -> String {
    let kind = match batch.kind {
        BatchKind::Monthly => "monthly",
        BatchKind::Recalculation => "recalculation",
    };
    let numbers = [id, batch.facts_up_to, batch.frozen_at_ms, i64::from(batch.example)];
    let numbers = numbers.map(|number| number.to_string()).join(" ");
    let (name, day) = (batch.name.to_string(), batch.frozen_on.to_string());
    digest(&[&numbers, &name, kind, &day, batch.because.as_deref().unwrap_or_default()])
}

fn pin_hash(month: &str, group: &str, batch_id: i64, rules_sha256: &str) -> String {
    digest(&[month, group, &batch_id.to_string(), rules_sha256])
}

/// Month, group, rules' hash, anything, own hash and batch: as they were pinned, where an older program kept the hash.
pub(super) fn is_pinned(row: &DbRow) -> Result<(), Fault> {
    let (month, hash) = (row.text(0)?, row.text(4)?);
    if hash.is_empty() || hash == pin_hash(&month, &row.text(1)?, row.number(5)?, &row.text(2)?) {
        return Ok(());
    }
    Err(garbled(&format!("which rules {month} was calculated by does not match its hash")))
}

pub(super) fn cursor_hash(source: &str, cursor: &str) -> String {
    digest(&[source, cursor])
}

fn attest_hash(batch_id: i64, attest: &Attest) -> String {
    let numbers = format!("{batch_id} {} {}", attest.sheet, attest.signed_at_ms);
    digest(&[&numbers, &attest.role, &attest.official, &attest.signature])
}

/// A signature, checked against its hash where it has one.
pub(super) fn stored_attest(row: &DbRow) -> Result<Attest, Fault> {
    let attest = Attest {
        sheet: row.small(0)?,
        role: row.text(1)?,
        official: row.text(2)?,
        signed_at_ms: row.number(3)?,
        signature: row.text(4)?,
    };
    let hash = row.text(5)?;
    if hash.is_empty() || hash == attest_hash(row.number(6)?, &attest) {
        return Ok(attest);
    }
    Err(garbled(&format!("the {}sattest of sheet {} does not match its hash", attest.role, attest.sheet)))
}

/// sha256 over texts, each ended by a zero byte so that no two lists look alike.
pub(super) fn digest(texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hex(&hash.finalize())
}

fn standing(row: &DbRow) -> Result<Standing, Fault> {
    let fact = row.maybe_text(1)?.map(|body| fact_of(&body)).transpose().map_err(|error| garbled(&error))?;
    Ok(Standing { number: row.number(0)?, fact, key: row.text(2)? })
}

fn revised(row: &DbRow, texts: &mut SharedTexts) -> Result<Revised, Fault> {
    let (number, key, body, known_at_ms) = (row.number(0)?, row.text(1)?, row.maybe_text(5)?, row.number(8)?);
    if fact_hash(number, &key, body.as_deref(), known_at_ms) != row.text(10)? {
        return Err(garbled(&format!("fact {number} does not match its hash")));
    }
    let parsed = |body: Option<String>| -> Result<Option<Fact>, Fault> {
        body.map(|body| fact_of(&body)).transpose().map_err(|error| garbled(&error))
    };
    let (person, meeting) = (row.maybe_number(3)?.map(PersonId), row.maybe_number(4)?.map(MeetingId));
    Ok(Revised {
        number,
        key,
        about: (row.text(2)?, person, meeting),
        fact: parsed(body)?,
        before: parsed(row.maybe_text(6)?)?,
        superseded_by: row.maybe_number(7)?,
        known_at_ms,
        because: row.maybe_text(9)?,
        source: Provenance {
            file: texts.shared(row.maybe_text(11)?.unwrap_or_default()),
            sha256: texts.shared(row.maybe_text(12)?.unwrap_or_default()),
            sheet: texts.shared(row.text(13)?),
            row: row.small(14)?,
        },
    })
}

fn intervention_hash(done: &Intervention) -> String {
    let numbers = [done.id, done.at_ms, done.first_fact, done.last_fact, done.undoes.unwrap_or(0)];
    let numbers = numbers.map(|number| number.to_string()).join(" ");
    digest(&[&numbers, &done.action, &done.detail, &done.because, &done.actor])
}

pub(super) fn intervention(row: &DbRow) -> Result<Intervention, Fault> {
    let done = Intervention {
        id: row.number(0)?,
        at_ms: row.number(1)?,
        action: row.text(2)?,
        detail: row.text(3)?,
        because: row.text(4)?,
        actor: row.text(5)?,
        first_fact: row.number(6)?,
        last_fact: row.number(7)?,
        undoes: row.maybe_number(8)?,
    };
    if intervention_hash(&done) == row.text(9)? {
        return Ok(done);
    }
    Err(garbled(&format!("what was done by hand as number {} does not match its hash", done.id)))
}

/// The few texts that many facts share, kept once.
#[derive(Default)]
pub(super) struct SharedTexts(BTreeSet<Arc<str>>);

impl SharedTexts {
    pub(super) fn shared(&mut self, text: String) -> Arc<str> {
        if let Some(known) = self.0.get(text.as_str()) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}

fn all_recorded(rows: &[DbRow]) -> Result<Vec<Recorded>, Fault> {
    let mut texts = SharedTexts::default();
    rows.iter().map(|row| recorded(row, &mut texts)).collect()
}

/// A fact from its text. A text that may be of any kind is first taken to pieces and then put together; of the kinds that
/// there are most of, the text begins with its kind, and is read at once.
pub(super) fn fact_of(body: &str) -> Result<Fact, serde_json::Error> {
    if body.starts_with("{\"fact\":\"meeting\",") {
        return serde_json::from_str(body).map(Fact::Meeting);
    }
    if body.starts_with("{\"fact\":\"attendance\",") {
        return serde_json::from_str(body).map(Fact::Attendance);
    }
    serde_json::from_str(body)
}

fn recorded(row: &DbRow, texts: &mut SharedTexts) -> Result<Recorded, Fault> {
    let (number, body) = (row.number(0)?, row.text(1)?);
    if fact_hash(number, &row.text(7)?, Some(&body), row.number(8)?) != row.text(2)? {
        return Err(garbled(&format!("fact {number} does not match its hash")));
    }
    let source = Provenance {
        file: texts.shared(row.maybe_text(3)?.unwrap_or_default()),
        sha256: texts.shared(row.maybe_text(4)?.unwrap_or_default()),
        sheet: texts.shared(row.text(5)?),
        row: row.small(6)?,
    };
    Ok(Recorded { number, fact: fact_of(&body).map_err(|error| garbled(&error))?, source })
}

pub(super) fn batch(row: &DbRow) -> Result<(i64, Batch, Summed), Fault> {
    let kind = if row.text(2)? == "monthly" { BatchKind::Monthly } else { BatchKind::Recalculation };
    let batch = Batch {
        name: row.parsed(1)?,
        kind,
        state: row.parsed(3)?,
        facts_up_to: row.number(4)?,
        frozen_on: row.parsed(5)?,
        frozen_at_ms: row.number(6)?,
        because: row.maybe_text(7)?,
        example: row.number(8)? != 0,
    };
    let (id, hash) = (row.number(0)?, row.text(13)?);
    if !hash.is_empty() && hash != batch_hash(id, &batch) {
        return Err(garbled(&format!("batch {} does not match its hash", batch.name)));
    }
    let sum = Ore(row.number(11)?);
    let totals = Summed { rows: row.small(9)?, persons: row.small(10)?, sum, sha256: row.text(12)? };
    Ok((id, batch, totals))
}

/// What a row takes back of an earlier batch.
fn reversal((id, row): (i64, &BatchRow)) -> Option<(i64, &RowRef)> {
    match &row.reverses {
        Some(Reversed::Row(reversed)) => Some((id, reversed)),
        _ => None,
    }
}

pub(super) fn stored_remark(row: &DbRow) -> Result<StoredRemark, Fault> {
    let place = Provenance {
        file: row.text(1)?.into(),
        sha256: row.text(2)?.into(),
        sheet: row.text(3)?.into(),
        row: row.small(4)?,
    };
    let day = row.maybe_text(7)?.map(|day| day.parse()).transpose().map_err(|error| garbled(&error))?;
    let kind: RemarkKind = from_word(&row.text(5)?)?;
    let state: State = from_word(&row.text(6)?)?;
    let (reason, proposed) = (row.text(9)?, row.text(10)?);
    let remark = Remark { kind, state, day, reason, paragraph: "", proposed, worth: None, undecided: None, place };
    Ok(StoredRemark { id: row.number(0)?, remark, anstid: row.maybe_text(8)?, subject: row.text(11)? })
}

/// Kind, state and day as they are stored.
fn remark_texts(remark: &Remark) -> [String; 3] {
    [word(&remark.kind), word(&remark.state), remark.day.map(|day| day.to_string()).unwrap_or_default()]
}

/// The name that serde gives a plain enum's value.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Json::String(word)) => word,
        _ => String::new(),
    }
}

fn from_word<T: serde::de::DeserializeOwned>(word: &str) -> Result<T, Fault> {
    serde_json::from_value(Json::String(word.to_owned())).map_err(|error| garbled(&error))
}

/// A state of a batch that a test wants to see in words.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_tells_lists_apart() {
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_eq!(word(&State::Held), "held");
        assert_eq!(BatchState::Void.name(), "void");
    }
}
