//! Days and clock times, however an API writes them, as civil time in Sweden.

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeZone, Timelike};
use chrono_tz::Europe::Stockholm;
use serde_json::Value;

use super::settings::{RestSettings, SinceFormat};
use crate::calendar::{Clock, Day, instant_text};

/// A year outside these is what a system writes that has no date.
const YEARS: std::ops::RangeInclusive<i32> = 1971..=2199;

/// The words of `date_format` for whole numbers since 1970.
pub const SECONDS: &str = "seconds";
/// As [`SECONDS`].
pub const MILLISECONDS: &str = "milliseconds";

/// A day, a time of day, or both; neither where the value only fills a field (`0001-01-01`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moment {
    pub day: Option<Day>,
    /// To the minute. None for midnight: no meeting begins or ends there, it is written for want of a time.
    pub clock: Option<Clock>,
}

/// What a value says; none where it is neither a day nor a time.
pub(super) fn moment(value: &Value, settings: &RestSettings) -> Option<Moment> {
    let date_format = settings.date_format.as_deref();
    let unit_ms = match date_format {
        Some(SECONDS) => Some(1000),
        Some(MILLISECONDS) => Some(1),
        _ => None,
    };
    let text = match (value, unit_ms) {
        (Value::Number(number), Some(unit_ms)) => return of_epoch_ms(number.as_i64()?.checked_mul(unit_ms)?),
        (Value::String(text), Some(unit_ms)) if text.parse::<i64>().is_ok() => {
            return of_epoch_ms(text.parse::<i64>().ok()?.checked_mul(unit_ms)?);
        }
        (Value::String(text), _) => text.trim(),
        _ => return None,
    };
    by_format(text, date_format, settings.time_format.as_deref()).or_else(|| by_standard(text))
}

fn by_format(text: &str, date: Option<&str>, time: Option<&str>) -> Option<Moment> {
    let date = date.filter(|format| ![SECONDS, MILLISECONDS].contains(format));
    let both = date.and_then(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let day = || Day::parse_from_str(text, date?).ok();
    let clock = || Clock::parse_from_str(text, time?).ok();
    both.map(of_civil).or_else(|| day().map(of_day)).or_else(|| clock().map(of_clock))
}

fn by_standard(text: &str) -> Option<Moment> {
    let with_offset = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"];
    let without = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    let clocks = ["%H:%M", "%H.%M", "%H:%M:%S%.f"];
    let instant = DateTime::parse_from_rfc3339(text)
        .ok()
        .or_else(|| with_offset.iter().find_map(|format| DateTime::parse_from_str(text, format).ok()));
    let civil = || without.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let day = || ["%Y-%m-%d", "%Y%m%d"].iter().find_map(|format| Day::parse_from_str(text, format).ok());
    let clock = || clocks.iter().find_map(|format| Clock::parse_from_str(text, format).ok());
    instant
        .map(of_instant)
        .or_else(|| of_dotnet(text))
        .or_else(|| civil().map(of_civil))
        .or_else(|| day().map(of_day))
        .or_else(|| clock().map(of_clock))
}

/// `/Date(1763726400000+0100)/`, as older services of one vendor write an instant; the offset changes nothing of it.
fn of_dotnet(text: &str) -> Option<Moment> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let end = inner.get(1..)?.find(['+', '-']).map_or(inner.len(), |at| at + 1);
    of_epoch_ms(inner.get(..end)?.parse().ok()?)
}

fn of_epoch_ms(ms: i64) -> Option<Moment> {
    DateTime::from_timestamp_millis(ms).map(|instant| of_instant(instant.fixed_offset()))
}

fn of_instant(instant: DateTime<FixedOffset>) -> Moment {
    let written = instant.naive_local();
    // Midnight as written is a day that a machine gave a time, in whatever zone it thought.
    if written.time() == Clock::MIN && instant.offset().local_minus_utc() != 0 {
        return of_civil(written);
    }
    of_civil(Stockholm.from_utc_datetime(&instant.naive_utc()).naive_local())
}

fn of_civil(written: NaiveDateTime) -> Moment {
    Moment { clock: of_clock(written.time()).clock, ..of_day(written.date()) }.or_nothing()
}

fn of_day(day: Day) -> Moment {
    let is_meant = chrono::Datelike::year(&day);
    Moment { day: YEARS.contains(&is_meant).then_some(day), clock: None }
}

fn of_clock(clock: Clock) -> Moment {
    let clock = Clock::from_hms_opt(clock.hour(), clock.minute(), 0).filter(|clock| *clock != Clock::MIN);
    Moment { day: None, clock }
}

impl Moment {
    /// The time of a day that only fills a field fills it too.
    fn or_nothing(self) -> Moment {
        if self.day.is_some() { self } else { Moment::default() }
    }
}

/// A moment as an API wants to be asked.
pub(super) fn written(epoch_ms: i64, format: SinceFormat) -> String {
    let here = || DateTime::from_timestamp_millis(epoch_ms).map(|instant| instant.with_timezone(&Stockholm));
    let as_text = |format: &str| here().map(|instant| instant.format(format).to_string()).unwrap_or_default();
    match format {
        SinceFormat::Utc => instant_text(epoch_ms),
        SinceFormat::Offset => as_text("%Y-%m-%dT%H:%M:%S%:z"),
        SinceFormat::Local => as_text("%Y-%m-%dT%H:%M:%S"),
        SinceFormat::Date => as_text("%Y-%m-%d"),
        SinceFormat::Seconds => epoch_ms.div_euclid(1000).to_string(),
        SinceFormat::Milliseconds => epoch_ms.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(value: &Value, date_format: &str, time_format: &str) -> Option<String> {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let settings = RestSettings {
            date_format: given(date_format),
            time_format: given(time_format),
            ..RestSettings::default()
        };
        let found = moment(value, &settings)?;
        let day = found.day.map(|day| day.to_string()).unwrap_or_default();
        let clock = found.clock.map(|clock| clock.format("%H:%M").to_string()).unwrap_or_default();
        Some(format!("{day} {clock}").trim().to_owned())
    }

    #[test]
    fn a_moment_is_civil_time_in_sweden() {
        let cases = [
            (json!("2026-09-09T13:00:00+02:00"), Some("2026-09-09 13:00")),
            (json!("2026-09-09T11:00:00Z"), Some("2026-09-09 13:00")),
            (json!("2026-12-09T12:00:00.123Z"), Some("2026-12-09 13:00")),
            (json!("2026-09-09T23:30:00+0000"), Some("2026-09-10 01:30")),
            (json!("2026-09-09T13:00:59"), Some("2026-09-09 13:00")),
            (json!(" 2026-09-09 13:00 "), Some("2026-09-09 13:00")),
            (json!("2026-09-09"), Some("2026-09-09")),
            (json!("20260909"), Some("2026-09-09")),
            (json!("13:05"), Some("13:05")),
            (json!("13.05"), Some("13:05")),
            (json!("13:05:30"), Some("13:05")),
            (json!("00:00"), Some("")),
            (json!("2026-09-09T00:00:00+02:00"), Some("2026-09-09")),
            (json!("2026-09-08T22:00:00Z"), Some("2026-09-09")),
            (json!("/Date(1788951600000+0200)/"), Some("2026-09-09 13:00")),
            (json!("0001-01-01T00:00:00"), Some("")),
            (json!("9999-12-31"), Some("")),
            (json!("2026-02-30"), None),
            (json!("kl 13"), None),
            (json!(1_788_951_600), None),
            (json!(true), None),
        ];
        for (value, expect) in cases {
            assert_eq!(said(&value, "", "").as_deref(), expect, "{value}");
        }
    }

    #[test]
    fn formats_of_its_own_are_read() {
        let cases = [
            (json!("9/9 2026"), "%d/%m %Y", "", Some("2026-09-09")),
            (json!("9.9.2026 13.05"), "%d.%m.%Y %H.%M", "", Some("2026-09-09 13:05")),
            (json!("1305"), "", "%H%M", Some("13:05")),
            (json!(1_788_951_600), SECONDS, "", Some("2026-09-09 13:00")),
            (json!("1788951600000"), MILLISECONDS, "", Some("2026-09-09 13:00")),
            (json!("13:05"), SECONDS, "", Some("13:05")),
        ];
        for (value, date, time, expect) in cases {
            assert_eq!(said(&value, date, time).as_deref(), expect, "{value}");
        }
    }

    #[test]
    fn a_moment_is_asked_for_as_the_source_writes_it() {
        let noon_ms = 1_795_435_200_000;
        let cases = [
            (SinceFormat::Utc, "2026-11-23T12:00:00Z"),
            (SinceFormat::Offset, "2026-11-23T13:00:00+01:00"),
            (SinceFormat::Local, "2026-11-23T13:00:00"),
            (SinceFormat::Date, "2026-11-23"),
            (SinceFormat::Seconds, "1795435200"),
            (SinceFormat::Milliseconds, "1795435200000"),
        ];
        for (format, expect) in cases {
            assert_eq!(written(noon_ms, format), expect);
        }
    }
}
