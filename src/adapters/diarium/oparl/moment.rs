//! Dates and times as sources write them, as civil time in Europe/Stockholm.

use chrono::{DateTime, NaiveDateTime, TimeZone, Timelike};
use chrono_tz::Europe::Stockholm;

use crate::calendar::{Clock, Day, day_of, instant_minutes};

/// A year before this one, or after the last, is what a system writes that has no date.
const YEARS: std::ops::RangeInclusive<&str> = "1971"..="2199";

/// A day and, where one is told, a time of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// The civil day.
    pub day: Day,
    /// The civil time, to the minute. None for midnight: no meeting begins or ends there, it is written for want of a time.
    pub clock: Option<Clock>,
    /// The instant in milliseconds since 1970.
    pub instant_ms: Option<i64>,
}

/// What a text says, as `2025-10-14T13:00:00+02:00`, `…Z`, with fractions, without an offset (then it is Swedish time), or
/// as a day alone. A date that only fills a field (1970-01-01) is none.
pub(super) fn moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    let day = text.get(..10).and_then(day_of)?;
    if !YEARS.contains(&text.get(..4)?) {
        return None;
    }
    if text.len() == 10 {
        return Some(Moment { day, clock: None, instant_ms: None });
    }
    match with_offset(text) {
        Some(instant) => Some(of_instant(instant)),
        None => civil(text).map(|time| of_civil(time.date(), to_the_minute(time.time()))),
    }
}

/// The instant that a text says in milliseconds since 1970; a day alone begins at midnight.
pub(super) fn instant_ms(text: &str) -> Option<i64> {
    let moment = moment(text)?;
    let midnight = || instant_minutes(moment.day, Clock::MIN).ok().map(|minutes| minutes.saturating_mul(60_000));
    moment.instant_ms.or_else(midnight)
}

fn with_offset(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    let short = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"];
    DateTime::parse_from_rfc3339(text)
        .ok()
        .or_else(|| short.iter().find_map(|format| DateTime::parse_from_str(text, format).ok()))
}

fn civil(text: &str) -> Option<NaiveDateTime> {
    let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
}

fn of_instant(instant: DateTime<chrono::FixedOffset>) -> Moment {
    let written = instant.naive_local();
    let instant_ms = Some(instant.timestamp_millis());
    // Midnight as written is a day that a machine gave a time, in whatever zone it thought.
    if is_midnight(written.time()) {
        return Moment { day: written.date(), clock: None, instant_ms };
    }
    let here = Stockholm.from_utc_datetime(&instant.naive_utc()).naive_local();
    Moment { day: here.date(), clock: to_the_minute(here.time()), instant_ms }
}

fn of_civil(day: Day, clock: Option<Clock>) -> Moment {
    let minutes = instant_minutes(day, clock.unwrap_or(Clock::MIN)).ok();
    Moment { day, clock, instant_ms: minutes.map(|minutes| minutes.saturating_mul(60_000)) }
}

fn is_midnight(time: Clock) -> bool {
    time.hour() == 0 && time.minute() == 0
}

fn to_the_minute(time: Clock) -> Option<Clock> {
    Clock::from_hms_opt(time.hour(), time.minute(), 0).filter(|clock| !is_midnight(*clock))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<String> {
        moment(text).map(|moment| match moment.clock {
            Some(clock) => format!("{} {}", moment.day, clock.format("%H:%M")),
            None => moment.day.to_string(),
        })
    }

    #[test]
    fn a_time_is_civil_time_in_sweden() {
        let cases = [
            ("2025-10-14T13:00:00+02:00", Some("2025-10-14 13:00")),
            ("2025-10-14T11:00:00Z", Some("2025-10-14 13:00")),
            ("2025-11-18T13:00:00.123456+00:00", Some("2025-11-18 14:00")),
            ("2025-10-14T13:00:00+0200", Some("2025-10-14 13:00")),
            ("2025-10-14T23:30:00+00:00", Some("2025-10-15 01:30")),
            ("2025-10-14T13:00:27", Some("2025-10-14 13:00")),
            ("2025-10-14 13:00", Some("2025-10-14 13:00")),
            ("2025-10-14T13:00+02:00", Some("2025-10-14 13:00")),
            ("2025-10-14", Some("2025-10-14")),
            ("2025-10-14T00:00:00+02:00", Some("2025-10-14")),
            ("2025-10-14T00:00:00Z", Some("2025-10-14")),
            ("2025-10-13T22:00:00Z", Some("2025-10-14")),
            ("2025-10-14T00:00:00", Some("2025-10-14")),
            ("200-10-03T18:00:00+02:00", None),
            ("1970-01-01T00:00:00Z", None),
            ("0001-01-01", None),
            ("9999-12-31", None),
            ("2025-02-30T10:00:00Z", None),
            ("2025-10-14T25:00:00", None),
            ("14.10.2025", None),
            ("åäö åäö åäö", None),
            ("", None),
        ];
        for (text, expect) in cases {
            assert_eq!(said(text).as_deref(), expect, "{text}");
        }
    }

    #[test]
    fn an_instant_is_the_same_however_it_is_written() {
        let noon = instant_ms("2025-10-14T12:00:00Z");
        assert!(noon.is_some());
        assert_eq!(instant_ms("2025-10-14T14:00:00+02:00"), noon);
        assert_eq!(instant_ms("2025-10-14T14:00:00"), noon);
        assert_eq!(instant_ms("2025-10-14"), instant_ms("2025-10-13T22:00:00Z"));
        assert_eq!(instant_ms("1970-01-01T00:00:00+00:00"), None);
    }
}
