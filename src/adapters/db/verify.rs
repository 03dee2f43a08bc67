//! The nightly look in SQL that both databases understand: pages and indexes, then every row against its hash, a page of
//! rows at a time.

use super::left_out::{self, LeftOutPlaces};
use super::rows::{DbRow, Value, garbled};
use super::store::{
    batch, cursor_hash, digest, fact_hash, fact_of, intervention, is_pinned, stored_attest, stored_remark,
};
use super::{Backend, Db, fact_block, gallring, line_block, outbox, restored};
use crate::domain::Fault;
use crate::ledger::{Reversed, hex};
use crate::ports::{AuditRow, FactRow, KeptStore, KnownSource, Restored};
use sha2::{Digest, Sha256};

/// Rows in memory together.
const ROWS_TOGETHER: usize = 200;

/// Rows with attached files, or of many rows packed.
const LARGE_TOGETHER: usize = 16;

/// More of one table are not told one by one.
const MOST_TOLD: usize = 50;

/// How a row is checked.
type Check = fn(&DbRow) -> Result<(), Fault>;

/// A table with hashed rows: what is read of it, the column it is walked by, and the check. The walking column comes last.
struct Hashed {
    table: &'static str,
    sql: &'static str,
    together: usize,
    check: Check,
}

/// Every table whose rows have hashes, but the audit chain.
const HASHED: [Hashed; 15] = [
    Hashed {
        table: "fact",
        sql: "SELECT id, fact_key, body, known_at, hash, id FROM fact WHERE id > $1 ORDER BY id",
        together: ROWS_TOGETHER,
        check: fact,
    },
    Hashed { table: "fact_block", sql: fact_block::WALK, together: LARGE_TOGETHER, check: fact_block::check },
    Hashed { table: "line_block", sql: line_block::WALK, together: LARGE_TOGETHER, check: line_block::check },
    Hashed {
        table: "intervention",
        sql: "SELECT id, at_ms, action, detail, because, actor, first_fact, last_fact, undoes, hash, id FROM intervention \
              WHERE id > $1 ORDER BY id",
        together: ROWS_TOGETHER,
        check: |row| intervention(row).map(drop),
    },
    Hashed {
        table: "batch",
        sql: "SELECT id, name, kind, state, facts_up_to, frozen_on, frozen_at, because, example, row_count, person_count, \
              sum_ore, sha256, hash, id FROM batch WHERE id > $1 ORDER BY id",
        together: ROWS_TOGETHER,
        check: |row| batch(row).map(drop),
    },
    Hashed {
        table: "remark",
        sql: "SELECT id, file_name, sha256, sheet, row_number, kind, state, day, anstid, reason, proposed, subject, id \
              FROM remark WHERE id > $1 ORDER BY id",
        together: ROWS_TOGETHER,
        check: |row| stored_remark(row).map(drop),
    },
    Hashed {
        table: "sheet_left_out",
        sql: "SELECT batch_id, sheet, why, left_by, at_ms, frozen_sha256, hash, place FROM (SELECT o.*, \
              ROW_NUMBER() OVER (ORDER BY batch_id, sheet) AS place FROM sheet_left_out o) n WHERE place > $1 \
              ORDER BY place",
        together: ROWS_TOGETHER,
        check: |row| left_out::left_out(row).map(drop),
    },
    Hashed { table: "letter", sql: outbox::WALK, together: LARGE_TOGETHER, check: outbox::check },
    Hashed {
        table: "gallring",
        sql: "SELECT id, at_ms, through, decision, actor, facts, rows_gone, persons, last_fact, hash, id FROM gallring \
              WHERE id > $1 ORDER BY id",
        together: ROWS_TOGETHER,
        check: |row| gallring::gallring(row).map(drop),
    },
    Hashed {
        table: "at_rest",
        sql: "SELECT batch_id, content, hash, batch_id FROM at_rest WHERE batch_id > $1 ORDER BY batch_id",
        together: LARGE_TOGETHER,
        check: at_rest,
    },
    Hashed {
        table: "told_list",
        sql: "SELECT id, sha256, content, hash, id FROM told_list WHERE id > $1 ORDER BY id",
        together: LARGE_TOGETHER,
        check: |row| same(&digest(&[&row.text(1)?, &row.text(2)?]), row, 3, "the attestförteckning that was told last"),
    },
    Hashed {
        table: "restored",
        sql: "SELECT id, at_ms, made_at, batch, chain, is_older, hash, id FROM restored WHERE id > $1 ORDER BY id",
        together: ROWS_TOGETHER,
        check: |row| restored::restored(row).map(drop),
    },
    // Those that follow have no number of their own, and belong to a batch or a letter.
    Hashed {
        table: "sheet",
        sql: "SELECT batch_id, number, content, hash, batch_id FROM sheet WHERE batch_id = $1 ORDER BY number",
        together: 0,
        check: |row| same(&digest(&[&row.text(2)?]), row, 3, &format!("attest sheet {}", row.number(1)?)),
    },
    Hashed {
        table: "attest",
        sql: "SELECT sheet, role, official, signed_at, signature, hash, batch_id FROM attest WHERE batch_id = $1 \
              ORDER BY sheet, role",
        together: 0,
        check: |row| stored_attest(row).map(drop),
    },
    Hashed {
        table: "pin",
        sql: "SELECT p.month, p.line_group, p.rules_sha256, '', p.hash, p.batch_id FROM pin p WHERE p.batch_id = $1 \
              ORDER BY p.month, p.line_group",
        together: 0,
        check: is_pinned,
    },
];

impl KeptStore for Db {
    async fn own_findings(&mut self) -> Result<Vec<String>, Fault> {
        if matches!(self.connection, Backend::Postgres(..)) {
            // It keeps references and checksums of pages itself; what it finds, any reading fails with.
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for row in self.fetch("PRAGMA integrity_check(50)", &[]).await? {
            let told = row.text(0)?;
            if told != "ok" {
                found.push(told);
            }
        }
        for row in self.fetch("PRAGMA foreign_key_check", &[]).await? {
            found.push(format!("a row of {} refers to a row of {} that is not there", row.text(0)?, row.text(2)?));
        }
        Ok(found)
    }

    async fn broken_rows(&mut self) -> Result<Vec<String>, Fault> {
        let mut found = Vec::new();
        let mut batches = Vec::new();
        for row in self.fetch("SELECT id FROM batch ORDER BY id", &[]).await? {
            batches.push(row.number(0)?);
        }
        for hashed in &HASHED {
            let before = found.len();
            if hashed.together > 0 {
                self.walk(hashed, &mut found).await?;
            } else {
                for batch in &batches {
                    for row in self.fetch(hashed.sql, &[(*batch).into()]).await? {
                        tell(&mut found, (hashed.check)(&row))?;
                    }
                }
            }
            if found.len() > before + MOST_TOLD {
                let more = found.len() - before - MOST_TOLD;
                found.truncate(before + MOST_TOLD);
                found.push(format!("{more} more of {}", hashed.table));
            }
        }
        self.broken_rules(&mut found).await?;
        self.broken_cursors(&mut found).await?;
        self.broken_letter_files(&mut found).await?;
        self.broken_sums(&mut found).await?;
        self.broken_reversals(&mut found).await?;
        Ok(found)
    }

    async fn fact_rows(&mut self, after: i64, limit: u32) -> Result<Vec<FactRow>, Fault> {
        let sql = "SELECT id, fact_key, kind, person_id, meeting_id, body FROM fact WHERE id > $1 ORDER BY id LIMIT $2";
        let row = |row: &DbRow| -> Result<FactRow, Fault> {
            let body = row.maybe_text(5)?;
            Ok(FactRow {
                number: row.number(0)?,
                key: row.text(1)?,
                found_by: (row.text(2)?, row.maybe_number(3)?, row.maybe_number(4)?),
                fact: body.map(|body| fact_of(&body)).transpose().map_err(|error| garbled(&error))?,
            })
        };
        self.fetch(sql, &[after.into(), limit.into()]).await?.iter().map(row).collect()
    }

    async fn broken_successions(&mut self) -> Result<Vec<i64>, Fault> {
        let sql = "SELECT f.id FROM fact f WHERE f.superseded_by IS DISTINCT FROM \
                   (SELECT MIN(n.id) FROM fact n WHERE n.fact_key = f.fact_key AND n.id > f.id) ORDER BY f.id LIMIT 50";
        self.fetch(sql, &[]).await?.iter().map(|row| row.number(0)).collect()
    }

    async fn audit_rows(&mut self, after: Option<&AuditRow>, limit: u32) -> Result<Vec<AuditRow>, Fault> {
        let sql = "SELECT id, at_ms, action, detail, previous, hash FROM audit WHERE id > $1 ORDER BY id LIMIT $2";
        let mut before = after.map_or((0, String::new()), |row| (row.id, row.hash.clone()));
        let mut rows = Vec::new();
        for row in self.fetch(sql, &[before.0.into(), limit.into()]).await? {
            let found = audit_row(&row, (before.0, &before.1))?;
            before = (found.id, found.hash.clone());
            rows.push(found);
        }
        Ok(rows)
    }

    async fn known_sources(&mut self, after: i64, limit: u32) -> Result<Vec<KnownSource>, Fault> {
        let sql = "SELECT s.id, s.sha256, s.name, s.gallring_id FROM source s WHERE s.id > $1 \
                   AND s.id IN (SELECT r.source_id FROM import_run r) ORDER BY s.id LIMIT $2";
        let source = |row: &DbRow| -> Result<KnownSource, Fault> {
            let is_gallrad = row.maybe_number(3)?.is_some();
            Ok(KnownSource { id: row.number(0)?, sha256: row.text(1)?, name: row.text(2)?, is_gallrad })
        };
        self.fetch(sql, &[after.into(), limit.into()]).await?.iter().map(source).collect()
    }

    async fn restored(&mut self) -> Result<Option<Restored>, Fault> {
        self.last_restored().await
    }

    async fn add_restored(&mut self, restored: &Restored) -> Result<(), Fault> {
        self.insert_restored(restored).await
    }

    async fn times_restored(&mut self) -> Result<i64, Fault> {
        self.highest("restored").await
    }

    async fn release_restored(&mut self, at_ms: i64) -> Result<(), Fault> {
        self.run("UPDATE restored SET released_at = $1 WHERE released_at IS NULL", &[at_ms.into()]).await.map(drop)
    }
}

impl Db {
    /// All rows of a table that has numbers of its own.
    async fn walk(&mut self, hashed: &Hashed, found: &mut Vec<String>) -> Result<(), Fault> {
        let sql = format!("{} LIMIT {}", hashed.sql, hashed.together);
        let mut after = i64::MIN;
        loop {
            let rows = self.fetch(sql.clone(), &[after.into()]).await?;
            for row in &rows {
                tell(found, (hashed.check)(row))?;
            }
            match rows.last() {
                Some(last) if rows.len() == hashed.together => after = last.number(last.width() - 1)?,
                _ => return Ok(()),
            }
        }
    }

    async fn broken_rules(&mut self, found: &mut Vec<String>) -> Result<(), Fault> {
        let mut names = Vec::new();
        for row in self.fetch("SELECT sha256 FROM rules ORDER BY sha256", &[]).await? {
            names.push(row.text(0)?);
        }
        for name in names {
            for row in self.fetch("SELECT content, sha256 FROM rules WHERE sha256 = $1", &[(&name).into()]).await? {
                tell(found, same(&hex(&Sha256::digest(row.text(0)?.as_bytes())), &row, 1, "a month's rules"))?;
            }
        }
        Ok(())
    }

    async fn broken_cursors(&mut self, found: &mut Vec<String>) -> Result<(), Fault> {
        for row in self.fetch("SELECT source, cursor, hash FROM source_cursor ORDER BY source", &[]).await? {
            let (source, cursor) = (row.text(0)?, row.text(1)?);
            let what = format!("where the next fetch from {source} begins");
            tell(found, same_or_none(&cursor_hash(&source, &cursor), &row, 2, &what))?;
        }
        Ok(())
    }

    /// What goes with letters, one at a time: they are large.
    async fn broken_letter_files(&mut self, found: &mut Vec<String>) -> Result<(), Fault> {
        let mut last = (i64::MIN, i64::MIN);
        let sql = "SELECT name, media_type, content, sha256, letter_id, number FROM letter_file \
                   WHERE (letter_id, number) > ($1, $2) ORDER BY letter_id, number LIMIT 1";
        loop {
            let values: [Value<'_>; 2] = [last.0.into(), last.1.into()];
            let rows = self.fetch(sql, &values).await?;
            let Some(row) = rows.first() else { return Ok(()) };
            last = (row.number(4)?, row.number(5)?);
            tell(found, outbox::file(row, last.0).map(drop))?;
        }
    }

    async fn broken_sums(&mut self, found: &mut Vec<String>) -> Result<(), Fault> {
        let sql = "SELECT gallring_id, batch_id, accrued_in, organ, kind, settlement, row_count, belopp_ore, hash FROM gallrad";
        for row in self.fetch(sql, &[]).await? {
            tell(found, gallring::gallrad(&row).map(drop))?;
        }
        Ok(())
    }

    /// Which rows take back which is written down twice: in the rows, and in a table that finds them.
    async fn broken_reversals(&mut self, found: &mut Vec<String>) -> Result<(), Fault> {
        let (mut after, mut all) = (i64::MIN, 0);
        loop {
            let which = format!("l.id > $1 ORDER BY l.id LIMIT {LARGE_TOGETHER}");
            // What does not match its hash is told already.
            let Ok(blocks) = self.blocks(&which, &[after.into()]).await else { return Ok(()) };
            let Some(last) = blocks.last() else { break };
            after = last.block.id;
            let (first, until) = (blocks.first().map_or(0, |of| of.block.id), last.block.last_id);
            let mut wanted = Vec::new();
            for of in &blocks {
                for stored in of.stored(&LeftOutPlaces::new())? {
                    if let Some(Reversed::Row(row)) = &stored.row.reverses {
                        wanted.push((stored.id, of.block.batch_id, row.id, row.batch.to_string()));
                    }
                }
            }
            wanted.sort();
            all += wanted.len();
            let sql = "SELECT line_id, batch_id, reverses, reversed_batch FROM reversal WHERE line_id >= $1 AND line_id <= $2 \
                       ORDER BY line_id";
            let mut kept = Vec::new();
            for row in self.fetch(sql, &[first.into(), until.into()]).await? {
                kept.push((row.number(0)?, row.number(1)?, row.number(2)?, row.text(3)?));
            }
            if kept != wanted {
                found.push(format!("which of the rows {first}-{until} take back others does not match the rows"));
            }
        }
        let kept =
            self.fetch("SELECT COUNT(*) FROM reversal", &[]).await?.first().map_or(Ok(0), |row| row.number(0))?;
        if usize::try_from(kept) != Ok(all) {
            found.push(format!("{kept} rows are said to take back others, and {all} do"));
        }
        Ok(())
    }
}

/// What does not match is told; what fails for now fails.
fn tell(found: &mut Vec<String>, checked: Result<(), Fault>) -> Result<(), Fault> {
    match checked {
        Err(Fault::Refused(text)) => found.push(text),
        other => other?,
    }
    Ok(())
}

fn same(hash: &str, row: &DbRow, place: usize, what: &str) -> Result<(), Fault> {
    if row.text(place)? == hash { Ok(()) } else { Err(garbled(&format!("{what} does not match its hash"))) }
}

/// The same where an older program kept no hash.
fn same_or_none(hash: &str, row: &DbRow, place: usize, what: &str) -> Result<(), Fault> {
    if row.text(place)?.is_empty() { Ok(()) } else { same(hash, row, place, what) }
}

fn fact(row: &DbRow) -> Result<(), Fault> {
    let (number, body) = (row.number(0)?, row.maybe_text(2)?);
    let hash = fact_hash(number, &row.text(1)?, body.as_deref(), row.number(3)?);
    same(&hash, row, 4, &format!("fact {number}"))
}

fn at_rest(row: &DbRow) -> Result<(), Fault> {
    let batch = row.number(0)?.to_string();
    same(&digest(&[&batch, &row.text(1)?]), row, 2, &format!("who is at rest after batch number {batch}"))
}

/// A row of the audit chain that follows from the one before.
pub(super) fn audit_row(row: &DbRow, (id_before, head): (i64, &str)) -> Result<AuditRow, Fault> {
    let (id, action, detail, previous) = (row.number(0)?, row.text(2)?, row.text(3)?, row.text(4)?);
    let hash = digest(&[&id.to_string(), &row.number(1)?.to_string(), &action, &detail, &previous]);
    if id != id_before + 1 || previous != head || hash != row.text(5)? {
        return Err(garbled(&format!("audit row {id} does not follow from the one before")));
    }
    Ok(AuditRow { id, hash, action, detail })
}
