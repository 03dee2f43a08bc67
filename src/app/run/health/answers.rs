//! What is answered to whom asks how it goes.

use std::time::Duration;

use super::{OfKommun, Shared};
use crate::adapters::exposition::{Family, MEDIA_TYPE, Number, text as exposed};
use crate::adapters::listener::Answer;
use crate::adapters::memory::resident_bytes;
use crate::app::status::figures;

const PLAIN: &str = "text/plain; charset=utf-8";

/// Between two ticks it waits no longer, whatever the clock does (`adapters/ticks.rs`).
const LONGEST_WAIT: Duration = Duration::from_secs(75);

pub(super) fn answer(shared: &Shared, path: &str) -> Answer {
    match path {
        "/healthz" => told(stuck(shared)),
        "/readyz" => told(stuck(shared).or_else(|| not_ready(shared))),
        "/metrics" => Answer { status: 200, media_type: MEDIA_TYPE, text: exposed(&all_figures(shared)) },
        _ => Answer { status: 404, media_type: PLAIN, text: "/healthz, /readyz, /metrics\n".to_owned() },
    }
}

fn told(wrong: Option<String>) -> Answer {
    match wrong {
        None => Answer { status: 200, media_type: PLAIN, text: "ok\n".to_owned() },
        Some(why) => Answer { status: 503, media_type: PLAIN, text: format!("{why}\n") },
    }
}

/// Why the rounds of a kommun do not go on; none where they do.
fn stuck(shared: &Shared) -> Option<String> {
    let lines: Vec<String> = shared.kommuner.values().filter_map(|of| stuck_one(of, shared.stuck)).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn stuck_one(of: &OfKommun, most: Duration) -> Option<String> {
    let still = of.since.elapsed();
    let (name, limit) = (&of.name, most.as_secs());
    let (most, what) = match of.is_at_work {
        true => (most, format!("the round of {name} has not come further")),
        false => (most.saturating_add(LONGEST_WAIT), format!("no round of {name} has begun")),
    };
    let seconds = still.as_secs();
    (still > most).then(|| {
        format!("stuck: {what} for {seconds} s (stuck_seconds = {limit}); see the log, and start arvode run again")
    })
}

/// Which kommun is not as it should be, and why.
fn not_ready(shared: &Shared) -> Option<String> {
    let mut lines = Vec::new();
    for of in shared.kommuner.values() {
        if of.went.is_empty() {
            lines.push(format!("{}: not opened yet", of.name));
        }
        let failed = of.went.iter().filter_map(|(what, why)| why.as_ref().map(|why| (what, why)));
        lines.extend(failed.map(|(what, why)| format!("{}: {what}: {}", of.name, why.replace('\n', " | "))));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn all_figures(shared: &Shared) -> Vec<Family> {
    let one = |name, help, is_counter, number| Family { name, help, is_counter, values: vec![(Vec::new(), number)] };
    let version = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
    let mut all = vec![
        Family {
            values: vec![(version, Number::Whole(1))],
            ..one("arvode_build_info", "The program's version", false, Number::Whole(1))
        },
        one(
            "arvode_stuck",
            "1 where the rounds do not go on",
            false,
            Number::Whole(i64::from(stuck(shared).is_some())),
        ),
    ];
    if let Some(bytes) = resident_bytes() {
        all.push(one("process_resident_memory_bytes", "Resident memory", false, Number::Whole(bytes)));
    }
    let by_kommun = |name, help, is_counter, number: &dyn Fn(&OfKommun) -> Number| Family {
        name,
        help,
        is_counter,
        values: shared.kommuner.values().map(|of| (vec![("kommun", of.name.clone())], number(of))).collect(),
    };
    let count = |number: u64| Number::Whole(i64::try_from(number).unwrap_or(i64::MAX));
    all.push(by_kommun("arvode_last_step_seconds", "Since the kommun's rounds came a step further", false, &|of| {
        Number::Millis(i64::try_from(of.since.elapsed().as_millis()).unwrap_or(i64::MAX))
    }));
    all.push(by_kommun("arvode_ready", "1 where the kommun's last rounds went well", false, &|of| {
        Number::Whole(i64::from(of.is_ready()))
    }));
    all.push(by_kommun("arvode_rounds_total", "Rounds that were done", true, &|of| count(of.rounds)));
    all.push(by_kommun("arvode_rounds_failed_total", "Rounds that failed", true, &|of| count(of.failed_rounds)));
    all.push(by_kommun("arvode_round_seconds", "How long the last round took", false, &|of| {
        Number::Millis(i64::try_from(of.took.as_millis()).unwrap_or(i64::MAX))
    }));
    all.extend(figures(shared.kommuner.values().filter_map(|of| of.seen.as_ref())));
    all
}
