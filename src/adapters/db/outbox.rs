//! The outbox and the timetable's journal in SQL that both databases understand.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::Db;
use super::rows::{DbRow, Value, garbled};
use super::store::{digest, places};
use crate::domain::Fault;
use crate::ledger::hex;
use crate::ports::{
    LetterFile, LetterHead, LetterKind, LetterState, NewLetter, OutboxStore, Progress, Receiver, RunState,
    ScheduledRun, StoredLetter, Written,
};

const COLUMNS: &str = "id, kind, receiver, occasion, address, subject, body_text, body_html, created_at, useless_after, \
                       state, tries, next_try_at, ended_at, answer, hash";
/// All letters in order, for [`check`].
pub(super) const WALK: &str = "SELECT id, kind, receiver, occasion, address, subject, body_text, body_html, created_at, \
     useless_after, state, tries, next_try_at, ended_at, answer, hash, letter_key, id FROM letter WHERE id > $1 ORDER BY id";
const HEAD_COLUMNS: &str = "id, kind, receiver, occasion, address, subject, created_at, useless_after, state, tries, \
                            next_try_at, ended_at, answer";
pub(super) const RUN_COLUMNS: &str = "job, due_at, state, tries, next_try_at, started_at, ended_at, told";

impl OutboxStore for Db {
    async fn add_letter(&mut self, letter: &NewLetter, at_ms: i64) -> Result<bool, Fault> {
        let key = letter.key();
        if self.has_letter(&key).await? {
            return Ok(false);
        }
        let id = self.highest("letter").await? + 1;
        let state = if letter.address.is_some() { LetterState::Waiting } else { LetterState::ToPrint };
        let receiver = letter.receiver.to_string();
        let hash = letter_hash(letter);
        let values = [
            id.into(),
            (&key).into(),
            letter.kind.name().into(),
            (&receiver).into(),
            (&letter.occasion).into(),
            (&letter.address).into(),
            (&letter.written.subject).into(),
            (&letter.written.text).into(),
            (&letter.written.html).into(),
            at_ms.into(),
            letter.useless_after_ms.into(),
            state.name().into(),
            at_ms.into(),
            (&hash).into(),
        ];
        let sql = "INSERT INTO letter (id, letter_key, kind, receiver, occasion, address, subject, body_text, body_html, \
                   created_at, useless_after, state, tries, next_try_at, ended_at, answer, hash) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, NULL, '', $14)";
        self.run(sql, &values).await?;
        for (number, file) in letter.files.iter().enumerate() {
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            let (content, sha256) = (STANDARD.encode(&file.content), sha256(&file.content));
            let values = [
                id.into(),
                number.into(),
                (&file.name).into(),
                (&file.media_type).into(),
                (&content).into(),
                (&sha256).into(),
            ];
            let sql = "INSERT INTO letter_file (letter_id, number, name, media_type, content, sha256) \
                       VALUES ($1, $2, $3, $4, $5, $6)";
            self.run(sql, &values).await?;
        }
        Ok(true)
    }

    async fn has_letter(&mut self, key: &str) -> Result<bool, Fault> {
        let rows = self.fetch("SELECT id FROM letter WHERE letter_key = $1", &[key.into()]).await?;
        Ok(!rows.is_empty())
    }

    async fn letters(&mut self, states: &[LetterState]) -> Result<Vec<StoredLetter>, Fault> {
        if states.is_empty() {
            return Ok(Vec::new());
        }
        let values: Vec<Value<'_>> = states.iter().map(|state| state.name().into()).collect();
        let sql = format!("SELECT {COLUMNS} FROM letter WHERE state IN ({}) ORDER BY id", places(1, values.len()));
        self.fetch(sql, &values).await?.iter().map(letter).collect()
    }

    async fn letters_due(&mut self, now_ms: i64, limit: u32) -> Result<Vec<StoredLetter>, Fault> {
        let sql = format!(
            "SELECT {COLUMNS} FROM letter WHERE ended_at IS NULL AND state <> 'to_print' AND next_try_at <= $1 \
             ORDER BY next_try_at, id LIMIT $2"
        );
        self.fetch(sql, &[now_ms.into(), limit.into()]).await?.iter().map(letter).collect()
    }

    async fn letter_files(&mut self, id: i64) -> Result<Vec<LetterFile>, Fault> {
        let sql = "SELECT name, media_type, content, sha256 FROM letter_file WHERE letter_id = $1 ORDER BY number";
        self.fetch(sql, &[id.into()]).await?.iter().map(|row| file(row, id)).collect()
    }

    async fn letter(&mut self, id: i64) -> Result<Option<StoredLetter>, Fault> {
        let sql = format!("SELECT {COLUMNS} FROM letter WHERE id = $1");
        self.fetch(sql, &[id.into()]).await?.first().map(letter).transpose()
    }

    async fn letter_heads(&mut self, states: &[LetterState]) -> Result<Vec<LetterHead>, Fault> {
        if states.is_empty() {
            return Ok(Vec::new());
        }
        let values: Vec<Value<'_>> = states.iter().map(|state| state.name().into()).collect();
        let sql = format!("SELECT {HEAD_COLUMNS} FROM letter WHERE state IN ({}) ORDER BY id", places(1, values.len()));
        self.fetch(sql, &values).await?.iter().map(head).collect()
    }

    async fn letters_to(&mut self, receiver: &Receiver) -> Result<Vec<LetterHead>, Fault> {
        let receiver = receiver.to_string();
        let sql = format!("SELECT {HEAD_COLUMNS} FROM letter WHERE receiver = $1 ORDER BY id");
        self.fetch(sql, &[(&receiver).into()]).await?.iter().map(head).collect()
    }

    async fn move_letter(&mut self, id: i64, from: &Progress, to: &Progress) -> Result<(), Fault> {
        let values = [
            to.state.name().into(),
            to.tries.into(),
            to.next_try_ms.into(),
            to.ended_ms.into(),
            (&to.answer).into(),
            id.into(),
            from.state.name().into(),
            from.tries.into(),
            from.next_try_ms.into(),
        ];
        let sql = "UPDATE letter SET state = $1, tries = $2, next_try_at = $3, ended_at = $4, answer = $5 \
                   WHERE id = $6 AND state = $7 AND tries = $8 AND next_try_at = $9";
        match self.run(sql, &values).await? {
            1 => Ok(()),
            _ => Err(Fault::Refused(format!(
                "letter {id} is not {} any more: another process has moved it; look at it with `arvode outbox`",
                from.state.name()
            ))),
        }
    }

    async fn readdress_letter(&mut self, id: i64, address: Option<&str>) -> Result<(), Fault> {
        let Some(mut stored) = self.letter(id).await? else {
            return Err(Fault::Refused(format!("there is no letter {id}; `arvode outbox` lists them")));
        };
        stored.letter.address = address.map(str::to_owned);
        self.rewrite(&stored).await
    }

    async fn empty_letters(&mut self, before_ms: i64) -> Result<u64, Fault> {
        let sql = format!(
            "SELECT {COLUMNS} FROM letter WHERE created_at < $1 AND ended_at IS NOT NULL AND subject <> '' ORDER BY id"
        );
        let rows = self.fetch(sql, &[before_ms.into()]).await?;
        for row in &rows {
            let mut stored = letter(row)?;
            stored.letter.address = None;
            stored.letter.written = Written { subject: String::new(), text: String::new(), html: String::new() };
            self.rewrite(&stored).await?;
            self.run("DELETE FROM letter_file WHERE letter_id = $1", &[stored.id.into()]).await?;
        }
        Ok(rows.len() as u64)
    }

    async fn occasions(&mut self, kind: LetterKind, receiver: &Receiver) -> Result<Vec<String>, Fault> {
        let receiver = receiver.to_string();
        let sql = "SELECT occasion FROM letter WHERE kind = $1 AND receiver = $2 ORDER BY id";
        self.fetch(sql, &[kind.name().into(), (&receiver).into()]).await?.iter().map(|row| row.text(0)).collect()
    }

    async fn last_run(&mut self, job: &str) -> Result<Option<ScheduledRun>, Fault> {
        let sql = format!("SELECT {RUN_COLUMNS} FROM schedule_run WHERE job = $1 ORDER BY due_at DESC LIMIT 1");
        self.fetch(sql, &[job.into()]).await?.first().map(scheduled).transpose()
    }

    async fn open_runs(&mut self) -> Result<Vec<ScheduledRun>, Fault> {
        let sql = format!("SELECT {RUN_COLUMNS} FROM schedule_run WHERE ended_at IS NULL ORDER BY due_at, job");
        self.fetch(sql, &[]).await?.iter().map(scheduled).collect()
    }

    async fn add_run(&mut self, run: &ScheduledRun) -> Result<bool, Fault> {
        let values = [
            (&run.job).into(),
            run.due_ms.into(),
            run.state.name().into(),
            run.tries.into(),
            run.next_try_ms.into(),
            run.started_ms.into(),
            run.ended_ms.into(),
            (&run.told).into(),
        ];
        let sql = format!(
            "INSERT INTO schedule_run ({RUN_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING"
        );
        Ok(self.run(sql, &values).await? == 1)
    }

    async fn move_run(&mut self, from: RunState, run: &ScheduledRun) -> Result<(), Fault> {
        let values = [
            run.state.name().into(),
            run.tries.into(),
            run.next_try_ms.into(),
            run.started_ms.into(),
            run.ended_ms.into(),
            (&run.told).into(),
            (&run.job).into(),
            run.due_ms.into(),
            from.name().into(),
        ];
        let sql = "UPDATE schedule_run SET state = $1, tries = $2, next_try_at = $3, started_at = $4, ended_at = $5, \
                   told = $6 WHERE job = $7 AND due_at = $8 AND state = $9";
        match self.run(sql, &values).await? {
            1 => Ok(()),
            _ => Err(Fault::Refused(format!(
                "{}, due at {}, is not {} any more: another process has moved it",
                run.job,
                crate::calendar::instant_text(run.due_ms),
                from.name()
            ))),
        }
    }
}

impl Db {
    /// Writes address and texts of a letter anew, with their hash.
    async fn rewrite(&mut self, stored: &StoredLetter) -> Result<(), Fault> {
        let (letter, hash) = (&stored.letter, letter_hash(&stored.letter));
        let Written { subject, text, html } = &letter.written;
        let values =
            [(&letter.address).into(), subject.into(), text.into(), html.into(), (&hash).into(), stored.id.into()];
        let sql =
            "UPDATE letter SET address = $1, subject = $2, body_text = $3, body_html = $4, hash = $5 WHERE id = $6";
        self.run(sql, &values).await.map(drop)
    }
}

fn sha256(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

/// What a letter says and where it goes; how far it has come is not part of it.
fn letter_hash(letter: &NewLetter) -> String {
    let useless = letter.useless_after_ms.map(|at| at.to_string()).unwrap_or_default();
    let address = letter.address.as_deref().unwrap_or_default();
    let Written { subject, text, html } = &letter.written;
    digest(&[&letter.key(), address, subject, text, html, &useless])
}

fn letter(row: &DbRow) -> Result<StoredLetter, Fault> {
    let id = row.number(0)?;
    let found = StoredLetter {
        id,
        letter: NewLetter {
            kind: kind(row, 1)?,
            receiver: receiver(row, 2)?,
            occasion: row.text(3)?,
            address: row.maybe_text(4)?,
            written: Written { subject: row.text(5)?, text: row.text(6)?, html: row.text(7)? },
            files: Vec::new(),
            useless_after_ms: row.maybe_number(9)?,
        },
        created_ms: row.number(8)?,
        progress: progress(row, 10)?,
    };
    if letter_hash(&found.letter) == row.text(15)? {
        return Ok(found);
    }
    Err(garbled(&format!("letter {id} does not match its hash")))
}

/// A letter against its hash, and against the key that no second one has.
pub(super) fn check(row: &DbRow) -> Result<(), Fault> {
    let found = letter(row)?;
    if found.letter.key() == row.text(16)? {
        return Ok(());
    }
    Err(garbled(&format!("letter {} does not stand under its own key", found.id)))
}

fn head(row: &DbRow) -> Result<LetterHead, Fault> {
    Ok(LetterHead {
        id: row.number(0)?,
        kind: kind(row, 1)?,
        receiver: receiver(row, 2)?,
        occasion: row.text(3)?,
        address: row.maybe_text(4)?,
        subject: row.text(5)?,
        created_ms: row.number(6)?,
        useless_after_ms: row.maybe_number(7)?,
        progress: progress(row, 8)?,
    })
}

fn unknown(row: &DbRow, what: &str) -> Fault {
    row.number(0).map_or_else(|fault| fault, |id| garbled(&format!("letter {id}: its {what} is unknown")))
}

fn kind(row: &DbRow, place: usize) -> Result<LetterKind, Fault> {
    LetterKind::parse(&row.text(place)?).ok_or_else(|| unknown(row, "kind"))
}

fn receiver(row: &DbRow, place: usize) -> Result<Receiver, Fault> {
    Receiver::parse(&row.text(place)?).ok_or_else(|| unknown(row, "receiver"))
}

/// State, tries, next try, end and answer, from a place on.
fn progress(row: &DbRow, place: usize) -> Result<Progress, Fault> {
    Ok(Progress {
        state: LetterState::parse(&row.text(place)?).ok_or_else(|| unknown(row, "state"))?,
        tries: row.small(place + 1)?,
        next_try_ms: row.number(place + 2)?,
        ended_ms: row.maybe_number(place + 3)?,
        answer: row.text(place + 4)?,
    })
}

pub(super) fn file(row: &DbRow, id: i64) -> Result<LetterFile, Fault> {
    let name = row.text(0)?;
    let wrong = || garbled(&format!("the file {name} of letter {id} does not match its hash"));
    let content = STANDARD.decode(row.text(2)?).map_err(|_| wrong())?;
    if sha256(&content) != row.text(3)? {
        return Err(wrong());
    }
    Ok(LetterFile { media_type: row.text(1)?, name, content })
}

pub(super) fn scheduled(row: &DbRow) -> Result<ScheduledRun, Fault> {
    let state = RunState::parse(&row.text(2)?).ok_or_else(|| garbled(&"a due time's state is unknown"))?;
    Ok(ScheduledRun {
        job: row.text(0)?,
        due_ms: row.number(1)?,
        state,
        tries: row.small(3)?,
        next_try_ms: row.number(4)?,
        started_ms: row.maybe_number(5)?,
        ended_ms: row.maybe_number(6)?,
        told: row.text(7)?,
    })
}
