//! The log of `arvode run`: what is said by `tracing` events of our own, as lines for a person, as JSON, or for the journal.
//!
//! Only our own events are written: what libraries say of their work is off, for it may hold addresses and what servers
//! answered. Whoever says something has drawn the veil over it before; here it is only given its form.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::os::fd::AsFd;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::calendar::instant_text;
use crate::ports::Clock;

/// The target of our own events.
pub const TARGET: &str = "arvode";

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogForm {
    /// `Human` on a terminal, `Journal` where stdout is systemd's journal, `Json` otherwise.
    Auto,
    /// `INSTANT job: text`.
    Human,
    /// One object a line.
    Json,
    /// As `Human` without the instant, behind the priority as systemd reads it (`<3>`). It needs no socket, so nothing in a
    /// locked-in unit has to be opened for it, and nothing is lost when the program ends.
    Journal,
}

impl LogForm {
    /// The words of `log` and `ARVODE_LOG`.
    pub const NAMES: [(&'static str, LogForm); 4] =
        [("auto", LogForm::Auto), ("human", LogForm::Human), ("json", LogForm::Json), ("journal", LogForm::Journal)];

    /// What is used, by the environment before the settings.
    ///
    /// # Errors
    /// What `ARVODE_LOG` may say instead.
    pub fn chosen(settings: LogForm) -> Result<LogForm, String> {
        let form = match std::env::var("ARVODE_LOG") {
            Ok(word) if !word.is_empty() => {
                let known = LogForm::NAMES.iter().find(|(name, _)| *name == word).map(|(_, form)| *form);
                known.ok_or("ARVODE_LOG: write auto, human, json or journal")?
            }
            _ => settings,
        };
        Ok(match form {
            LogForm::Auto if std::io::stdout().is_terminal() => LogForm::Human,
            LogForm::Auto if is_journal() => LogForm::Journal,
            LogForm::Auto => LogForm::Json,
            chosen => chosen,
        })
    }
}

/// Whether stdout is the stream that systemd named: a program that is started from a service with its output elsewhere
/// inherits the variable too.
fn is_journal() -> bool {
    let Ok(named) = std::env::var("JOURNAL_STREAM") else { return false };
    let stat = rustix::fs::fstat(std::io::stdout().as_fd());
    stat.is_ok_and(|stat| named == format!("{}:{}", stat.st_dev, stat.st_ino))
}

/// Writes from now on, as long as the program runs; a second call changes nothing.
pub fn start(form: LogForm, clock: impl Clock + Send + Sync + 'static) {
    let lines = Lines { form, clock };
    // Set once: whoever comes second speaks to the first.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines));
}

/// Gives events their form.
struct Lines<C> {
    form: LogForm,
    clock: C,
}

impl<S: Subscriber, C: Clock + Send + Sync + 'static> Layer<S> for Lines<C> {
    fn enabled(&self, metadata: &Metadata<'_>, _context: Context<'_, S>) -> bool {
        metadata.target() == TARGET && metadata.is_event()
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let line = said.line(self.form, *event.metadata().level(), &instant_text(self.clock.now_ms()));
        // Where nobody reads the log any more there is nobody to tell.
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }
}

/// The fields of an event that have a place in a line.
#[derive(Default)]
struct Said {
    kommun: String,
    /// The kommun once more, where lines for people need it: where there are several.
    of: String,
    job: String,
    text: String,
    /// What belongs to it, as a JSON object.
    fields: String,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        let place = match field.name() {
            "kommun" => &mut self.kommun,
            "of" => &mut self.of,
            "job" => &mut self.job,
            "text" => &mut self.text,
            "fields" => &mut self.fields,
            _ => return,
        };
        value.clone_into(place);
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn std::fmt::Debug) {}
}

impl Said {
    fn line(&self, form: LogForm, level: Level, at: &str) -> String {
        let mut line = String::new();
        match form {
            LogForm::Json | LogForm::Auto => return self.json(level, at).to_string(),
            LogForm::Human => line += &format!("{at} "),
            LogForm::Journal => line += &format!("<{}>", priority(level)),
        }
        if !self.of.is_empty() {
            let _ = write!(line, "{}: ", self.of);
        }
        // One line each: what comes after a line end would be a line of nobody.
        let text = self.text.replace(['\n', '\r'], if form == LogForm::Journal { " | " } else { "\n" });
        let _ = write!(line, "{}: {text}", self.job);
        line
    }

    fn json(&self, level: Level, at: &str) -> Value {
        let fields = serde_json::from_str(&self.fields).unwrap_or(Value::Object(Map::new()));
        serde_json::json!({
            "at": at,
            "level": level.as_str().to_lowercase(),
            "kommun": self.kommun,
            "job": self.job,
            "text": self.text,
            "fields": fields,
        })
    }
}

/// As syslog counts them.
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}
