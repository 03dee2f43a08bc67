//! What `run` says: a line for each thing that happened, without personnummer and without anything that a file says.

use std::collections::HashMap;

use serde_json::json;

use crate::adapters::clock::SystemClock;
use crate::app::veil::{veiled, veiled_error};
use crate::calendar::instant_text;
use crate::domain::{Fault, shown};
use crate::ports::Clock;

/// Says each thing once, as long as it stays the same.
pub(super) struct Log {
    clock: SystemClock,
    json: bool,
    /// Whose work it is, where there are several.
    kommun: Option<String>,
    failing: HashMap<&'static str, String>,
    /// What was said last of what is done every minute.
    said: HashMap<&'static str, String>,
}

impl Log {
    /// Nothing was said yet.
    pub fn new(clock: SystemClock, json: bool, kommun: Option<String>) -> Log {
        Log { clock, json, kommun, failing: HashMap::new(), said: HashMap::new() }
    }

    /// A line about a job.
    pub fn say(&self, job: &str, text: &str) {
        let (at, text) = (self.now(), veiled_error(text));
        if self.json {
            say!("{}", self.with_kommun(json!({ "at": at, "job": job, "text": text })));
        } else if let Some(kommun) = &self.kommun {
            say!("{at} {kommun}: {job}: {text}");
        } else {
            say!("{at} {job}: {text}");
        }
    }

    /// A line about a file; with `--json` its fields beside the text.
    pub fn file(&self, job: &str, name: &str, text: &str, fields: serde_json::Value) {
        // A number in a file's name is told by nobody.
        let name = veiled(&shown(name));
        if !self.json {
            return self.say(job, &format!("{name}: {text}"));
        }
        let line = json!({ "at": self.now(), "job": job, "file": name, "text": veiled_error(text), "result": fields });
        say!("{}", self.with_kommun(line));
    }

    fn with_kommun(&self, mut line: serde_json::Value) -> serde_json::Value {
        if let Some(kommun) = &self.kommun {
            line["kommun"] = json!(kommun);
        }
        line
    }

    /// Whether a job says something else than the last time.
    pub fn is_new(&mut self, job: &'static str, text: &str) -> bool {
        self.said.insert(job, text.to_owned()).is_none_or(|before| before != text)
    }

    /// A round failed; the same failure again is not told again.
    pub fn fails(&mut self, job: &'static str, fault: &Fault) {
        let text = fault.to_string();
        if self.failing.get(job) != Some(&text) {
            self.say(job, &format!("{text}; fler försök görs, och det sägs när det går igen"));
            self.failing.insert(job, text);
        }
    }

    /// A round went well.
    pub fn works(&mut self, job: &'static str) {
        if self.failing.remove(job).is_some() {
            self.say(job, "det går igen");
        }
    }

    fn now(&self) -> String {
        instant_text(self.clock.now_ms())
    }
}
