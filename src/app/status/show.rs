//! How it goes as text and as JSON.

use serde_json::{Map, Value, json};

use super::Seen;
use crate::app::outbox::state_word;
use crate::app::show::{count, table};
use crate::calendar::{instant_text, local_text};
use crate::jobs::schedule::{EVERY_MINUTE, Entry};
use crate::jobs::status::{Counted, JobStatus, Look, OpenBatch};
use crate::ledger::BatchState;
use crate::money::swedish;
use crate::ports::RunState;

/// What the command alone asks.
pub(super) struct More {
    /// The audit chain's head; none where the chain is broken.
    pub chain: Option<String>,
    /// A process has the lock of the drop folder; none where nobody knows.
    pub is_locked: Option<bool>,
}

const HOUR_MS: i64 = 60 * 60 * 1000;

pub(super) fn json(seen: &Seen, more: &More) -> Value {
    let status = &seen.status;
    let instant = |at_ms: Option<i64>| at_ms.map(instant_text);
    let diaria = status.diaria.iter().map(|(name, at_ms)| json!({ "name": name, "fetched": instant(*at_ms) }));
    let letters = status.letters.iter().map(|letters| (letters.state.name().to_owned(), json!(letters.number)));
    let near = seen.counted.near.iter().map(|(days, number)| json!({ "flag_days": days, "count": number }));
    json!({
        "kommun": seen.kommun,
        "version": env!("CARGO_PKG_VERSION"),
        "at": instant_text(status.at_ms),
        "ok": seen.looks.is_empty(),
        "looks": seen.looks.iter().map(look_json).collect::<Vec<_>>(),
        "run": { "at_work": instant(status.at_work_ms), "locked": more.is_locked },
        "jobs": status.jobs.iter().map(job_json).collect::<Vec<_>>(),
        "ages": {
            "last_import": instant(status.last_import_ms),
            "diaria": diaria.collect::<Vec<_>>(),
            "inbox": { "files": seen.lying.waiting, "oldest_seconds": seen.lying.oldest_ms.map(|age| age / 1000) },
            "rejected": { "files": seen.lying.rejected, "to_mend": seen.lying.to_mend },
        },
        "held": {
            "count": seen.counted.held,
            "worth": seen.counted.held_worth.to_string(),
            "unknown": seen.counted.held_unknown,
        },
        "batches": status.batches.iter().map(batch_json).collect::<Vec<_>>(),
        "outbox": letters.collect::<Map<String, Value>>(),
        "deadlines": near.collect::<Vec<_>>(),
        "backup": instant(status.backup_ms()),
        "audit_chain": more.chain,
    })
}

fn look_json(look: &Look) -> Value {
    json!({ "why": look.why.name(), "what": look.what, "next": look.next })
}

fn job_json(of: &JobStatus) -> Value {
    let last = of.last.as_ref().map(|run| {
        json!({
            "due": instant_text(run.due_ms),
            "state": run.state.name(),
            "tries": run.tries,
            "started": run.started_ms.map(instant_text),
            "ended": run.ended_ms.map(instant_text),
            "told": run.told,
        })
    });
    let fails = of.fails.as_ref().map(|run| {
        json!({
            "due": instant_text(run.due_ms),
            "tries": run.tries,
            "next_try": instant_text(run.next_try_ms),
            "why": run.told,
        })
    });
    json!({
        "job": of.job.name(),
        "says": Entry::of(of.job).map(|entry| entry.says),
        "last": last,
        "went_well": of.went_well_ms.map(instant_text),
        "next": of.next_ms.map(instant_text),
        "fails": fails,
    })
}

fn batch_json(batch: &OpenBatch) -> Value {
    json!({
        "batch": batch.name.to_string(),
        "state": batch.state.name(),
        "sheets": batch.sheets,
        "sheets_waiting": batch.waiting,
        "belopp": batch.sum.to_string(),
        "cut_off": batch.cut_off.to_string(),
    })
}

pub(super) fn print(seen: &Seen, more: &More) {
    let status = &seen.status;
    say!("{}, {} (arvode {})", seen.kommun, local_text(status.at_ms), env!("CARGO_PKG_VERSION"));
    let at_work = status.at_work_ms.map_or_else(|| "aldrig".to_owned(), local_text);
    let is_running = match more.is_locked {
        Some(true) => "Ett arvode run är igång i mappen.",
        Some(false) => "Inget arvode run är igång i mappen.",
        None => "Det går inte att se om ett arvode run är igång i mappen.",
    };
    say!("{is_running} Tidtabellen gick senast: {at_work}.");
    let mut rows = table(&["jobb", "senast", "så gick det", "nästa"], &[]);
    for of in &status.jobs {
        rows.add_row([of.job.name().to_owned(), last_text(of), went_text(of), next_text(of)]);
    }
    say!("{rows}");
    print_sources(seen);
    say!("{}", held_text(&seen.counted));
    for batch in &status.batches {
        say!("{}", batch_text(batch));
    }
    if status.batches.is_empty() {
        say!("Ingen körning är på väg.");
    }
    let letters = status.letters.iter().map(|letters| format!("{} {}", state_word(letters.state), letters.number));
    say!("Brev: {}.", or_none(letters.collect()));
    let near = seen.counted.near.iter().filter(|(_, number)| **number > 0);
    let near = near.map(|(days, number)| format!("{number} inom {}", small(*days, "dag", "dagar")));
    say!("Yrkanden nära sin sista dag: {}.", or_none(near.collect()));
    say!("Säkerhetskopia: {}.", status.backup_ms().map_or_else(|| "ingen än".to_owned(), local_text));
    if let Some(chain) = more.chain.as_ref().filter(|chain| !chain.is_empty()) {
        say!("Granskningskedjan slutar med {chain}.");
    }
    for look in &seen.looks {
        say!("! {}\n  {}", look.what, look.next);
    }
    if seen.looks.is_empty() {
        say!("Allt är som det ska.");
    }
}

fn last_text(of: &JobStatus) -> String {
    let Some(run) = &of.last else { return "–".to_owned() };
    let is_begun = run.started_ms.is_some() || EVERY_MINUTE.contains(&of.job) || run.state != RunState::Done;
    if is_begun { local_text(run.due_ms) } else { "–".to_owned() }
}

fn went_text(of: &JobStatus) -> String {
    if let Some(fails) = &of.fails {
        let again = local_text(fails.next_try_ms);
        let tries = fails.tries;
        return if EVERY_MINUTE.contains(&of.job) {
            format!("går inte, {tries} försök")
        } else {
            format!("går inte, {tries} försök, nästa {again}")
        };
    }
    match of.last.as_ref().map(|run| (run.state, run.told.as_str())) {
        None => "har aldrig gått".to_owned(),
        Some((RunState::Done, "")) => "gjort".to_owned(),
        Some((RunState::Done, told)) => told.to_owned(),
        Some((RunState::Planned, _)) => "ska göras".to_owned(),
        Some((RunState::Running, _)) => "pågår".to_owned(),
        Some((RunState::Failed, _)) => "gick inte".to_owned(),
        Some((RunState::Skipped, _)) => "överhoppat, en senare tid säger detsamma".to_owned(),
    }
}

fn next_text(of: &JobStatus) -> String {
    of.next_ms.map_or_else(|| "varje minut".to_owned(), local_text)
}

fn print_sources(seen: &Seen) {
    let status = &seen.status;
    say!("Senaste fil inläst: {}.", status.last_import_ms.map_or_else(|| "ingen än".to_owned(), local_text));
    for (name, at_ms) in &status.diaria {
        say!("Diariet {name} hämtat: {}.", at_ms.map_or_else(|| "aldrig".to_owned(), local_text));
    }
    let waiting = count(seen.lying.waiting, "fil", "filer");
    let oldest =
        seen.lying.oldest_ms.map(|age| format!(", den äldsta sedan {}", small(age / HOUR_MS, "timme", "timmar")));
    say!("I mappen för nya filer: {waiting}{}.", oldest.unwrap_or_default());
    let (rejected, mend) = (count(seen.lying.rejected, "avvisad fil", "avvisade filer"), seen.lying.to_mend);
    say!("I rejected: {rejected}, {} att rätta eller fylla i.", count(mend, "arbetsbok", "arbetsböcker"));
}

fn held_text(counted: &Counted) -> String {
    if counted.held == 0 {
        return "Inga anmärkningar väntar.".to_owned();
    }
    let held = count(counted.held, "anmärkning väntar", "anmärkningar väntar");
    let unknown = match counted.held_unknown {
        0 => String::new(),
        unknown => format!(", {unknown} av okänt värde"),
    };
    format!("{held} (arvode remarks --state held): känt värde {}{unknown}.", swedish(counted.held_worth))
}

fn batch_text(batch: &OpenBatch) -> String {
    let stands = match batch.state {
        BatchState::Calculated if batch.waiting > 0 => {
            format!("{} av {} blad saknar underskrift", batch.waiting, batch.sheets)
        }
        BatchState::Calculated => "alla blad är klara".to_owned(),
        BatchState::Exporting => "filen skrivs".to_owned(),
        BatchState::Exported => "filen är skriven".to_owned(),
        _ => "filen lämnas".to_owned(),
    };
    format!("Körning {}: {}, {stands}, brytdag {}.", batch.name, swedish(batch.sum), batch.cut_off)
}

fn or_none(parts: Vec<String>) -> String {
    if parts.is_empty() { "inga".to_owned() } else { parts.join(", ") }
}

fn small(number: i64, one: &str, many: &str) -> String {
    count(u32::try_from(number).unwrap_or(u32::MAX), one, many)
}
