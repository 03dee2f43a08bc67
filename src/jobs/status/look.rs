//! What a person must look at, of all that `status` tells: what does not go on by itself. Everyday work, as held rows and
//! last days, is told to the kansli in letters, and is no alarm.

use super::{OpenBatch, Status};
use crate::calendar::{Day, day_of_instant, local_text};
use crate::ledger::{BatchName, BatchState};
use crate::ports::{LetterState, LettersIn};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A letter that did not arrive is told for so long; its remark stands until somebody has seen to it.
const FAILED_LETTER_MS: i64 = 14 * DAY_MS;

/// When something has waited too long: `[status]` of `arvode.toml`. Zero days or hours ask nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// The timetable shall be at work, by `arvode run` or by a timer.
    pub expects_run: bool,
    /// It is not at work when it has done nothing for so long.
    pub silent_minutes: i64,
    /// The last file that was taken in.
    pub import_days: i64,
    /// The last time that a diarium was fetched from to its end.
    pub diarium_days: i64,
    /// A file in the drop folder.
    pub inbox_hours: i64,
    /// A letter that waits to be sent.
    pub letter_hours: i64,
    /// The last backup.
    pub backup_days: i64,
}

/// What kind of thing must be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The timetable is not at work.
    NotAtWork,
    /// A job fails.
    Job(&'static str),
    /// What is known is old: what was the last to tell.
    Old(String),
    /// A batch waits.
    Batch(BatchName),
    /// Letters.
    Letters(LetterState),
    /// The audit chain is broken.
    Chain,
}

impl Why {
    /// Its name in JSON and in metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Why::NotAtWork => "not_at_work",
            Why::Job(_) => "job",
            Why::Old(_) => "old",
            Why::Batch(_) => "batch",
            Why::Letters(_) => "letters",
            Why::Chain => "audit_chain",
        }
    }
}

/// Something that a person must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// What kind of thing.
    pub why: Why,
    /// What it is, as a sentence.
    pub what: String,
    /// What to do.
    pub next: String,
}

impl Look {
    /// One more.
    pub fn new(why: Why, what: impl Into<String>, next: impl Into<String>) -> Look {
        Look { why, what: what.into(), next: next.into() }
    }
}

/// All that must be looked at; `oldest_file_ms` is how long a file has lain in the drop folder.
pub fn looks(status: &Status, thresholds: &Thresholds, oldest_file_ms: Option<i64>) -> Vec<Look> {
    let mut looks = Vec::new();
    looks.extend(not_at_work(status, thresholds));
    looks.extend(status.failing().map(|(job, fails)| {
        let (tries, since) = (fails.tries, local_text(fails.started_ms.unwrap_or(fails.due_ms).min(fails.due_ms)));
        let what = format!("jobbet {} går inte sedan {since} ({tries} försök): {}", job.name(), fails.told);
        let next =
            format!("rätta det som felet säger; nytt försök görs av sig självt, genast: arvode once {}", job.name());
        Look::new(Why::Job(job.name()), what, next)
    }));
    looks.extend(old(status, thresholds, oldest_file_ms));
    let today = day_of_instant(status.at_ms);
    looks.extend(status.batches.iter().filter_map(|batch| waits(batch, today)));
    looks.extend(status.letters.iter().filter_map(|letters| stuck(letters, thresholds, status.at_ms)));
    looks
}

fn not_at_work(status: &Status, thresholds: &Thresholds) -> Option<Look> {
    const NEXT: &str = "starta arvode run, eller sätt expects_run = false i [status] där programmet bara körs för hand";
    if !thresholds.expects_run {
        return None;
    }
    match status.at_work_ms {
        None => Some(Look::new(Why::NotAtWork, "arvode run har aldrig varit igång här", NEXT)),
        Some(at_ms) if status.at_ms - at_ms > thresholds.silent_minutes * MINUTE_MS => Some(Look::new(
            Why::NotAtWork,
            format!("arvode run har inte gjort något sedan {}", local_text(at_ms)),
            NEXT,
        )),
        Some(_) => None,
    }
}

/// What has not come for too long. What never came is nothing to miss, but a diarium that is configured.
fn old(status: &Status, thresholds: &Thresholds, oldest_file_ms: Option<i64>) -> Vec<Look> {
    let is_old = |at_ms: i64, most_ms: i64| most_ms > 0 && status.at_ms - at_ms > most_ms;
    let mut looks = Vec::new();
    if let Some(at_ms) = status.last_import_ms.filter(|at_ms| is_old(*at_ms, thresholds.import_days * DAY_MS)) {
        let what = format!("ingen fil har tagits in sedan {}", local_text(at_ms));
        let next = "fråga nämndsekreterarna efter listor; import_days i [status] sätter gränsen";
        looks.push(Look::new(Why::Old("filer".to_owned()), what, next));
    }
    for (name, fetched_ms) in &status.diaria {
        let next = format!("se varför: arvode sync {name}");
        match fetched_ms {
            Some(at_ms) if is_old(*at_ms, thresholds.diarium_days * DAY_MS) => {
                let what = format!("diariet {name} har inte hämtats helt sedan {}", local_text(*at_ms));
                looks.push(Look::new(Why::Old(name.clone()), what, next));
            }
            None if thresholds.diarium_days > 0 => {
                let what = format!("diariet {name} har aldrig hämtats");
                looks.push(Look::new(Why::Old(name.clone()), what, next));
            }
            _ => {}
        }
    }
    if oldest_file_ms.is_some_and(|age_ms| thresholds.inbox_hours > 0 && age_ms > thresholds.inbox_hours * HOUR_MS) {
        let what = format!("en fil har legat i mappen för nya filer i mer än {} timmar", thresholds.inbox_hours);
        let next = "se varför: arvode once import";
        looks.push(Look::new(Why::Old("inkorg".to_owned()), what, next));
    }
    if let Some(at_ms) = status.backup_ms().filter(|at_ms| is_old(*at_ms, thresholds.backup_days * DAY_MS)) {
        let what = format!("ingen kontroll och säkerhetskopia har lyckats sedan {}", local_text(at_ms));
        looks.push(Look::new(Why::Old("kopia".to_owned()), what, "se varför: arvode once verify_and_backup"));
    }
    looks
}

fn waits(batch: &OpenBatch, today: Day) -> Option<Look> {
    let (name, cut_off) = (batch.name, batch.cut_off);
    let (what, next) = match batch.state {
        BatchState::Calculated if today <= cut_off => return None,
        BatchState::Calculated if batch.waiting > 0 => (
            format!("körning {name} väntar förbi sin brytdag {cut_off}: {} blad saknar underskrift", batch.waiting),
            format!("se vilka: arvode attest show {name}"),
        ),
        BatchState::Calculated => (
            format!("körning {name} är klar men har inte lämnats före brytdagen {cut_off}"),
            format!("arvode export {name}"),
        ),
        BatchState::Exporting | BatchState::Exported => {
            (format!("körning {name}: filen är inte färdigskriven eller inte lämnad"), format!("arvode export {name}"))
        }
        _ => (
            format!("körning {name}: ingen vet om filen kom fram"),
            format!(
                "fråga lönekontoret, och sedan: arvode export {name} --cut-off delivered eller --cut-off not-delivered"
            ),
        ),
    };
    Some(Look::new(Why::Batch(name), what, next))
}

fn stuck(letters: &LettersIn, thresholds: &Thresholds, now_ms: i64) -> Option<Look> {
    let number = if letters.number == 1 { "1 brev".to_owned() } else { format!("{} brev", letters.number) };
    let what = match letters.state {
        LetterState::Waiting | LetterState::Sending => {
            let most_ms = thresholds.letter_hours * HOUR_MS;
            let is_late = most_ms > 0 && now_ms - letters.oldest_ms > most_ms;
            is_late.then(|| format!("{number} har inte skickats, det äldsta sedan {}", local_text(letters.oldest_ms)))
        }
        LetterState::Refused | LetterState::GivenUp => {
            let is_late = letters.ended_ms.is_some_and(|ended_ms| now_ms - ended_ms <= FAILED_LETTER_MS);
            is_late.then(|| format!("{number} har inte kommit fram, det senaste under de sista två veckorna"))
        }
        _ => None,
    }?;
    Some(Look::new(Why::Letters(letters.state), what, "se vilka: arvode outbox"))
}
