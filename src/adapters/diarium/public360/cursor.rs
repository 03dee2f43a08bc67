//! Where the change feed is read from, and which documents could not be used yet.

use std::collections::BTreeSet;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime};

use crate::calendar::instant_text;

/// Where the feed begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// After this event.
    Event(u64),
    /// At this instant, where no event was known.
    Instant(i64),
}

/// `4711`, or `2026-11-23T12:00:00Z`; after it the documents that wait: `4711 77,78`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub from: From,
    pub waiting: BTreeSet<u64>,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.from {
            From::Event(recno) => write!(out, "{recno}")?,
            From::Instant(ms) => out.write_str(&instant_text(ms))?,
        }
        let waiting: Vec<String> = self.waiting.iter().map(u64::to_string).collect();
        if waiting.is_empty() { Ok(()) } else { write!(out, " {}", waiting.join(",")) }
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Cursor, ()> {
        let (from, waiting) = text.split_once(' ').unwrap_or((text, ""));
        let recno = from.parse().ok().map(From::Event);
        let from = recno.or_else(|| instant_ms(from).map(From::Instant)).ok_or(())?;
        let numbers = waiting.split(',').filter(|number| !number.is_empty()).map(str::parse);
        Ok(Cursor { from, waiting: numbers.collect::<Result<_, _>>().map_err(|_| ())? })
    }
}

/// An instant as servers write it. Without an offset it may be an hour or two off, which the overlap bears.
pub(super) fn instant_ms(text: &str) -> Option<i64> {
    let with_offset = DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.timestamp_millis());
    let without = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok();
    with_offset.or_else(|| without().map(|instant| instant.and_utc().timestamp_millis()))
}
