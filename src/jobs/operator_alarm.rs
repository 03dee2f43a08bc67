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

/// Writes the alarm to the operator; false if it is written already.
///
/// # Errors
/// A template that somebody has edited cannot be used, or the database.
pub async fn alarm(
    store: &mut impl Store,
    desk: &Desk<'_, impl Press>,
    alarm: Alarm<'_>,
    at_ms: i64,
) -> Result<bool, Fault> {
    alarm_to(store, desk, &[Office::Operator], alarm, at_ms).await
}

/// The same to each of some offices: where the month itself needs a person, the operator may not be the one.
///
/// # Errors
/// As of [`alarm`].
pub async fn alarm_to(
    store: &mut impl Store,
    desk: &Desk<'_, impl Press>,
    offices: &[Office],
    alarm: Alarm<'_>,
    at_ms: i64,
) -> Result<bool, Fault> {
    let content = json!({ "vad": alarm.what, "varfor": alarm.why, "atgard": alarm.to_do, "nar": alarm.when });
    wholly(store, async |store| {
        let mut is_new = false;
        for office in offices {
            let draft = Draft {
                kind: LetterKind::OperatorAlarm,
                receiver: Receiver::Office(*office),
                occasion: alarm.occasion.clone(),
                content: content.clone(),
                files: Vec::new(),
                useless_after_ms: None,
            };
            is_new |= desk.post(store, &People::default(), draft, at_ms).await?;
        }
        Ok(is_new)
    })
    .await
}
