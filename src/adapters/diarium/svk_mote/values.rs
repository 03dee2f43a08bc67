//! Dates, times and yes or no as XML Schema writes them.
//!
//! Years have four digits here: nobody met in another. Times with an offset are told as Swedish clocks show them; clock
//! times are whole minutes, and what seconds a file writes are left out.

use chrono::{FixedOffset, NaiveDateTime, NaiveTime, TimeZone, Timelike};
use chrono_tz::Europe::Stockholm;

use crate::calendar::{Clock, Day, day_of, days_later};

/// A day; an offset says nothing of which day it was in Sweden, and is left out.
pub(super) fn date(text: &str) -> Option<Day> {
    day_of(without_offset(text)?.0)
}

/// A clock time, with its offset if one is written; `24:00:00` is midnight, one day later.
pub(super) fn time(text: &str) -> Option<(Written, Option<FixedOffset>)> {
    let (text, offset) = without_offset(text)?;
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_plain = clock.len() == 8 && clock.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain || !is_fraction {
        return None;
    }
    if clock == "24:00:00" {
        let is_whole = fraction.bytes().all(|byte| byte == b'0');
        return is_whole.then_some((Written { clock: Clock::MIN, days: 1 }, offset));
    }
    let clock = NaiveTime::parse_from_str(clock, "%H:%M:%S").ok().filter(|clock| clock.nanosecond() < 1_000_000_000)?;
    Some((Written { clock, days: 0 }, offset))
}

/// A clock time as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    clock: Clock,
    /// One if it was `24:00:00`.
    days: i64,
}

impl Written {
    /// On a day, as Swedish clocks showed it.
    pub(super) fn on(self, day: Day, offset: Option<FixedOffset>) -> Option<NaiveDateTime> {
        let moment = days_later(day, self.days).and_time(self.clock);
        let local = match offset {
            None => moment,
            Some(offset) => offset.from_local_datetime(&moment).single()?.with_timezone(&Stockholm).naive_local(),
        };
        local.with_second(0)?.with_nanosecond(0)
    }
}

/// Day and clock time, as Swedish clocks showed them.
pub(super) fn moment(text: &str) -> Option<NaiveDateTime> {
    let (day, clock) = text.split_once('T')?;
    let (written, offset) = time(clock)?;
    written.on(day_of(day)?, offset)
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

pub(super) fn is_positive(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.bytes().any(|byte| byte != b'0')
}

/// The text before `Z`, `+01:00` or nothing.
fn without_offset(text: &str) -> Option<(&str, Option<FixedOffset>)> {
    if let Some(before) = text.strip_suffix('Z') {
        return Some((before, FixedOffset::east_opt(0)));
    }
    let Some((before, offset)) = text.len().checked_sub(6).and_then(|at| text.split_at_checked(at)) else {
        return Some((text, None));
    };
    // The end of a date looks like an offset, but has no colon.
    let Some((sign @ ("+" | "-"), clock)) = offset.split_at_checked(1) else { return Some((text, None)) };
    let Some((hours, minutes)) = clock.split_once(':') else { return Some((text, None)) };
    let number = |digits: &str| {
        let is_plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| digits.parse::<i32>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if minutes > 59 || hours * 60 + minutes > 14 * 60 {
        return None;
    }
    let seconds = (hours * 60 + minutes) * 60;
    Some((before, FixedOffset::east_opt(if sign == "+" { seconds } else { -seconds })))
}
