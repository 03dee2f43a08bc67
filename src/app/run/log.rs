//! What `run` says: an event for each thing that happened, behind the veil, without personnummer and without anything that a
//! file says. Its form is given in `adapters/telemetry.rs`.

use std::collections::HashMap;

use serde_json::{Value, json};
use tracing::Level;

use crate::adapters::clock::SystemClock;
use crate::adapters::settings::Settings;
use crate::adapters::telemetry::{self, LogForm, TARGET};
use crate::app::veil::{veiled, veiled_error};
use crate::domain::{Fault, shown};

/// Begins the log of the process, as the settings or the command line want it; of several kommuner the first one's count.
pub(super) fn begin(settings: Option<&Settings>, json: bool, clock: SystemClock) -> Result<(), Fault> {
    let wanted = settings.map_or(LogForm::Auto, |settings| settings.log);
    let form = if json { LogForm::Json } else { LogForm::chosen(wanted).map_err(Fault::Input)? };
    telemetry::start(form, clock);
    Ok(())
}

/// Says each thing once, as long as it stays the same.
pub(super) struct Log {
    kommun: String,
    /// Lines for people name the kommun.
    is_one_of_several: bool,
    failing: HashMap<&'static str, Failing>,
    /// What was said last of what is done every minute.
    said: HashMap<&'static str, String>,
}

/// Why a job fails.
struct Failing {
    text: String,
    /// It was told; what several jobs meet at once is told by the first of them.
    is_told: bool,
}

impl Log {
    /// Nothing was said yet.
    pub fn new(kommun: &str, is_one_of_several: bool) -> Log {
        let kommun = veiled_error(kommun);
        Log { kommun, is_one_of_several, failing: HashMap::new(), said: HashMap::new() }
    }

    /// A line about a job.
    pub fn say(&self, job: &str, text: &str) {
        self.event(Level::INFO, job, text, &json!({}));
    }

    /// A line about a file, with what became of it as fields.
    pub fn file(&self, job: &str, name: &str, text: &str, result: Value, must_look: bool) {
        // A number in a file's name is told by nobody.
        let name = shown(name);
        let level = if must_look { Level::WARN } else { Level::INFO };
        self.event(level, job, &format!("{name}: {text}"), &json!({ "file": name, "result": result }));
    }

    /// Whether a job says something else than the last time.
    pub fn is_new(&mut self, job: &'static str, text: &str) -> bool {
        self.said.insert(job, text.to_owned()).is_none_or(|before| before != text)
    }

    /// A round failed; the same failure again is not told again, nor by another job that meets the same.
    pub fn fails(&mut self, job: &'static str, fault: &Fault) {
        let text = fault.to_string();
        if self.failing.get(job).is_some_and(|failing| failing.is_told && failing.text == text) {
            return;
        }
        let mut others = self.failing.iter().filter(|(other, _)| **other != job).map(|(_, failing)| failing);
        let is_told_elsewhere = others.any(|failing| failing.is_told && failing.text == text);
        if !is_told_elsewhere {
            let told = format!("{text}; fler försök görs, och det sägs när det går igen");
            // What may pass by itself is a warning; what a person must mend is an error.
            let level = if matches!(fault, Fault::Temporary(_)) { Level::WARN } else { Level::ERROR };
            self.event(level, job, &told, &json!({ "exit": fault.exit_code() }));
        }
        self.failing.insert(job, Failing { text, is_told: !is_told_elsewhere });
    }

    /// A round went well.
    pub fn works(&mut self, job: &'static str) {
        if self.failing.remove(job).is_some_and(|failing| failing.is_told) {
            self.say(job, "det går igen");
        }
    }

    fn event(&self, level: Level, job: &str, text: &str, fields: &Value) {
        let (text, fields) = (veiled_error(text), veiled_value(fields).to_string());
        let (kommun, text, fields) = (self.kommun.as_str(), text.as_str(), fields.as_str());
        let of = if self.is_one_of_several { kommun } else { "" };
        // The library wants to know each event's level when it is built.
        match level {
            Level::ERROR => tracing::error!(target: TARGET, kommun, of, job, text, fields),
            Level::WARN => tracing::warn!(target: TARGET, kommun, of, job, text, fields),
            _ => tracing::info!(target: TARGET, kommun, of, job, text, fields),
        }
    }
}

/// Every text of it behind the veil. A checksum is no text: what looks like a number in it is chance.
fn veiled_value(value: &Value) -> Value {
    match value {
        Value::String(text) if is_checksum(text) => json!(veiled(text)),
        Value::String(text) => json!(veiled_error(text)),
        Value::Array(list) => list.iter().map(veiled_value).collect(),
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), veiled_value(value))).collect(),
        other => other.clone(),
    }
}

fn is_checksum(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
