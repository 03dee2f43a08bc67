//! One letter after the program was away: what was done late, what was left out, and what still waits.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::journal::LATE_MS;
use super::letters::{Desk, Draft, People};
use super::schedule::{Entry, Job};
use super::wholly::wholly;
use crate::calendar::local_text;
use crate::domain::Fault;
use crate::ports::{LetterKind, Office, Press, Receiver, RunState, ScheduledRun, Store};

/// Done so much later than it was due, it is worth a word.
const TOLD_FROM_MS: i64 = 10 * 60_000;

/// Writes it to operator and kansli, from the journal's own row of the outage.
///
/// # Errors
/// A template that somebody has edited cannot be used, or the database.
pub async fn outage_summary(
    store: &mut impl Store,
    desk: &Desk<'_, impl Press>,
    outage: &ScheduledRun,
    at_ms: i64,
) -> Result<String, Fault> {
    let (until, from) = (outage.due_ms, outage.started_ms.unwrap_or(outage.due_ms));
    let runs = store.runs_between(from, until).await?;
    let content = content(&runs, from, until);
    wholly(store, async |store| {
        let mut written = 0;
        for office in [Office::Operator, Office::Kansli] {
            let draft = Draft {
                kind: LetterKind::OutageSummary,
                receiver: Receiver::Office(office),
                occasion: format!("{from}-{until}"),
                content: content.clone(),
                files: Vec::new(),
                useless_after_ms: None,
            };
            written += u32::from(desk.post(store, &People::default(), draft, at_ms).await?);
        }
        Ok(if written == 0 { String::new() } else { format!("sammanfattning av avbrottet: {written} brev") })
    })
    .await
}

fn content(runs: &[ScheduledRun], from: i64, until: i64) -> Value {
    let of = |state: &[RunState]| runs.iter().filter(|run| state.contains(&run.state)).collect::<Vec<_>>();
    // What found nothing to do is nothing to tell.
    let was_late = |run: &&ScheduledRun| {
        !run.told.is_empty() && run.ended_ms.is_some_and(|ended| ended - run.due_ms >= TOLD_FROM_MS)
    };
    let mut done = of(&[RunState::Done]);
    done.retain(was_late);
    json!({
        "fran": local_text(from),
        "till": local_text(until),
        "langd": length_text(until - from),
        "gjort": grouped(&done),
        "utelamnat": grouped(&of(&[RunState::Skipped])),
        "vantar": grouped(&of(&[RunState::Planned, RunState::Running, RunState::Failed])),
    })
}

/// By job, in the order of the timetable's work: how many times, the first and the last.
fn grouped(runs: &[&ScheduledRun]) -> Vec<Value> {
    let mut groups: BTreeMap<Job, Vec<i64>> = BTreeMap::new();
    for run in runs {
        if let Some(job) = Job::parse(&run.job) {
            groups.entry(job).or_default().push(run.due_ms);
        }
    }
    let ordered = Job::ALL.iter().filter_map(|job| groups.get_key_value(job));
    let told = ordered.map(|(job, due)| {
        let (first, last) = (due.iter().min().copied().unwrap_or(0), due.iter().max().copied().unwrap_or(0));
        let when = match due.len() {
            1 => local_text(first),
            number => format!("{number} gånger, {} till {}", local_text(first), local_text(last)),
        };
        json!({ "vad": Entry::of(*job).map_or(job.name(), |entry| entry.says), "nar": when })
    });
    told.collect()
}

/// `21 dagar`, `26 timmar`, `40 minuter`.
fn length_text(length_ms: i64) -> String {
    let minutes = length_ms / 60_000;
    match minutes {
        ..120 => format!("{minutes} minuter"),
        _ if length_ms < 2 * LATE_MS => format!("{} timmar", minutes / 60),
        _ => format!("{} dagar", minutes / 60 / 24),
    }
}
