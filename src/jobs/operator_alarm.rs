//! The letter that says that something has failed and needs a person.

use serde_json::json;

use super::letters::{Desk, Draft, People};
use super::wholly::wholly;
use crate::domain::Fault;
use crate::ports::{LetterKind, Office, Press, Receiver, Store};

/// What the operator is to know; no part of it names a person or a number of one.
#[derive(Clone, Debug)]
pub struct Alarm<'a> {
    /// What no second alarm is about.
    pub occasion: String,
    /// What has failed.
    pub what: &'a str,
    /// Why.
    pub why: &'a str,
    /// What to do.
    pub to_do: &'a str,
    /// Since when.
    pub when: &'a str,
}

/// Writes the alarm; false if it is written already.
///
/// # Errors
/// A template that somebody has edited cannot be used, or the database.
pub async fn alarm(
    store: &mut impl Store,
    desk: &Desk<'_, impl Press>,
    alarm: Alarm<'_>,
    at_ms: i64,
) -> Result<bool, Fault> {
    let content = json!({ "vad": alarm.what, "varfor": alarm.why, "atgard": alarm.to_do, "nar": alarm.when });
    let draft = Draft {
        kind: LetterKind::OperatorAlarm,
        receiver: Receiver::Office(Office::Operator),
        occasion: alarm.occasion,
        content,
        files: Vec::new(),
        useless_after_ms: None,
    };
    wholly(store, async |store| desk.post(store, &People::default(), draft, at_ms).await).await
}
