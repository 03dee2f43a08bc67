//! The letters of the demo's year: the timetable is lived through day by day, as `arvode run` would.

use std::cell::RefCell;
use std::collections::BTreeMap;

use indicatif::ProgressBar;

use super::failed;
use super::storm::Storm;
use super::year::instant;
use crate::adapters::signature::SshSignatures;
use crate::app::kommun::{Kommun, export_settings};
use crate::app::timetable;
use crate::calendar::{Day, day_of_instant, days_later};
use crate::domain::Fault;
use crate::jobs::export_batch::{CutOff, export};
use crate::jobs::schedule::Job;
use crate::ledger::BatchState;
use crate::ports::{Clock, DeliveryState, LetterKind, LetterState, OutboxStore, PayrollOut, Store};

/// How the year is lived.
pub(super) struct Life {
    /// What is shown of it meanwhile.
    pub bar: ProgressBar,
    /// What goes wrong, where that was asked for.
    pub storm: RefCell<Option<Storm>>,
}

impl Life {
    /// The program looks at the clock at once; in a storm within two hours.
    pub async fn look_now(&self, kommun: &mut Kommun) -> Result<(), Fault> {
        let now_ms = kommun.clock.now_ms();
        if self.storm.borrow().is_none() {
            return self.look(kommun, now_ms, now_ms).await;
        }
        self.look(kommun, now_ms + MOST_LATE_MS, now_ms + 4 * MOST_LATE_MS).await
    }

    /// The program looks at the clock. In a storm the day begins otherwise, and the program comes to it later: but before
    /// anybody comes to it.
    pub async fn look(&self, kommun: &mut Kommun, look_ms: i64, until_ms: i64) -> Result<(), Fault> {
        let Some(mut storm) = self.storm.take() else {
            kommun.set_now(look_ms)?;
            return round(kommun).await;
        };
        let went = look_in(&mut storm, kommun, look_ms, until_ms).await;
        self.storm.replace(Some(storm));
        went
    }
}

async fn look_in(storm: &mut Storm, kommun: &mut Kommun, look_ms: i64, until_ms: i64) -> Result<(), Fault> {
    let before_ms = kommun.clock.now_ms();
    let mut at_ms = before_ms;
    for _ in 0..storm.draw(MOST_MISHAPS) {
        at_ms += storm.span(look_ms - at_ms);
        kommun.set_now(at_ms)?;
        let mishap = storm.mishap();
        storm.strike(kommun, mishap, round).await?;
    }
    // What has failed waits for its next try.
    let late_ms = storm.span(MOST_LATE_MS);
    for wait_ms in [0, RETRIED_MS] {
        kommun.set_now((look_ms + late_ms + wait_ms).min(until_ms.max(look_ms)))?;
        storm.calm(round(kommun)).await?;
        answer_for_payroll(kommun).await?;
    }
    Ok(())
}

/// Mishaps between two looks: fewer than this.
const MOST_MISHAPS: u64 = 4;

/// In a storm the program comes so much later to the day at most.
const MOST_LATE_MS: i64 = 30 * 60 * 1000;

/// What has failed some times is tried again within this.
const RETRIED_MS: i64 = 20 * 60 * 1000;

/// A delivery that was cut off: the lönekontor looks, and somebody tells the program.
async fn answer_for_payroll(kommun: &mut Kommun) -> Result<(), Fault> {
    let batches = kommun.db.batches().await?;
    let Some(name) =
        batches.iter().find(|(_, batch, _)| batch.state == BatchState::Delivering).map(|found| found.1.name)
    else {
        return Ok(());
    };
    let out = kommun.out();
    let answer = match out.delivery_state(name)? {
        DeliveryState::Absent => CutOff::NotDelivered,
        _ => CutOff::Delivered,
    };
    let settings = export_settings(&kommun.configured);
    export(&mut kommun.db, &SshSignatures, &out, &kommun.clock, &settings, name, Some(answer)).await.map(drop)
}

/// When the program looks at the clock each day: after the morning's jobs have become due. A real one looks every minute.
const LOOKS_AT: u32 = 8;

/// What is decided about the next year, and the day on which the kansli writes it into the regelverk: until then the
/// program warns that it is missing.
const NEXT_YEARS: [(&str, &str); 3] = [
    ("riksdagsarvode.toml", include_str!("../../../config/regelverk/riksdagsarvode.toml")),
    ("prisbasbelopp.toml", include_str!("../../../config/regelverk/prisbasbelopp.toml")),
    ("ersattningar.toml", include_str!("../../../config/regelverk/ersattningar.toml")),
];
const NEXT_YEAR: &str = "2026-01-01";
const DECIDED: &str = "2025-12-11";

/// Life: in the middle of the summer the server was off, and nobody noticed for three weeks.
const OFF: [&str; 2] = ["2025-07-11", "2025-07-31"];

/// Life: the deputy may not attest as much as before, by a new decision.
const NEW_LIMIT: &str = "2025-09-22";

/// Life: somebody writes the letter to the secretaries in other words, and makes a slip; it is mended the day after.
const SLIP: [&str; 2] = ["2025-12-15", "2025-12-16"];
const SLIP_IN: &str = "letters/missing_lists";

/// How many letters of each kind went out, and how many wait to be printed.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct Counted {
    /// Sent, by kind.
    pub sent: BTreeMap<LetterKind, u32>,
    /// Not sent: to be printed, refused, or out of date.
    pub others: BTreeMap<LetterState, u32>,
}

/// The day after the follow-up of the year has gone to allmänna utskottet.
pub(super) fn last_day() -> Day {
    Day::from_ymd_opt(2026, 2, 17).unwrap_or_default()
}

/// The journal begins: what lies before it is not told of. Next year's values are not decided yet.
pub(super) async fn begin(kommun: &mut Kommun) -> Result<(), Fault> {
    for (name, shipped) in NEXT_YEARS {
        write_rules(kommun, name, &without_rows_from(shipped, NEXT_YEAR))?;
    }
    let now_ms = kommun.clock.now_ms();
    kommun.set_now(now_ms)?;
    round(kommun).await
}

/// Every table of the text but those that begin to apply on a day.
fn without_rows_from(text: &str, first: &str) -> String {
    let from = format!("\nfrom = {first}\n");
    let (head, tables) = text.split_once("\n[[").unwrap_or((text, ""));
    let kept = tables.split("\n[[").filter(|table| !table.is_empty() && !table.contains(&from));
    kept.fold(head.to_owned(), |text, table| text + "\n[[" + table)
}

fn write_rules(kommun: &Kommun, name: &str, text: &str) -> Result<(), Fault> {
    let path = kommun.config.with_file_name("regelverk").join(name);
    std::fs::write(&path, text).map_err(|error| failed(&path, &error))
}

/// Each day's jobs up to an instant, with the settings as they are known that day; then the clock shows the instant.
pub(super) async fn live_until(kommun: &mut Kommun, until_ms: i64, life: &Life) -> Result<(), Fault> {
    let from_ms = kommun.clock.now_ms();
    let mut day = day_of_instant(from_ms);
    loop {
        let look = instant(day, LOOKS_AT)?;
        if look > until_ms {
            break;
        }
        let date = day.to_string();
        if look > from_ms && !(OFF[0]..=OFF[1]).contains(&date.as_str()) {
            life.bar.tick();
            live_day(kommun, &date)?;
            life.look(kommun, look, until_ms).await?;
        }
        day = days_later(day, 1);
    }
    kommun.set_now(until_ms)
}

/// What somebody does in the settings on a day.
fn live_day(kommun: &Kommun, date: &str) -> Result<(), Fault> {
    if date == DECIDED {
        NEXT_YEARS.iter().try_for_each(|(name, shipped)| write_rules(kommun, name, shipped))?;
    }
    if date == NEW_LIMIT {
        let path = kommun.config.with_file_name("attestforteckning.toml");
        let text = std::fs::read_to_string(&path).map_err(|error| failed(&path, &error))?;
        let (before, deputy) = text.split_at(text.rfind("max_belopp").unwrap_or(text.len()));
        let deputy = deputy.replacen("5000000", "2000000", 1).replacen("KS 2024-12-10 § 142", "KS 2025-09-16 § 118", 1);
        std::fs::write(&path, format!("{before}{deputy}")).map_err(|error| failed(&path, &error))?;
    }
    let folder = kommun.config.with_file_name(SLIP_IN);
    if date == SLIP[0] {
        let path = folder.join("subject");
        let written =
            std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, "Närvarolista saknas: {{ vad\n"));
        written.map_err(|error| failed(&path, &error))?;
    }
    if date == SLIP[1] {
        std::fs::remove_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    }
    Ok(())
}

/// What is due now. A job that fails ends the demo, but the one whose letter somebody spoiled.
async fn round(kommun: &mut Kommun) -> Result<(), Fault> {
    let mut failed = None;
    let is_foreseen = |job: &str, on: &str| on == SLIP[0] && job == Job::RemindMissingLists.name();
    let today = kommun.clock.today().to_string();
    timetable::round(kommun, &|| true, &mut |(job, went)| {
        if let Err(fault) = went
            && !is_foreseen(job, &today)
        {
            failed.get_or_insert(fault);
        }
    })
    .await?;
    failed.map_or(Ok(()), Err)
}

/// What became of all letters.
pub(super) async fn counted(kommun: &mut Kommun) -> Result<Counted, Fault> {
    let mut counted = Counted::default();
    for letter in kommun.db.letters(&LetterState::ALL).await? {
        match letter.progress.state {
            LetterState::Sent => *counted.sent.entry(letter.letter.kind).or_default() += 1,
            other => *counted.others.entry(other).or_default() += 1,
        }
    }
    Ok(counted)
}
