//! Days, months, Swedish holidays, and time that elapses in Europe/Stockholm.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Duration, LocalResult, Months, NaiveDate, NaiveTime, TimeZone, Timelike, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A civil date in Sweden.
pub type Day = NaiveDate;
/// A civil clock time, to the minute.
pub type Clock = NaiveTime;

/// A calendar month, written `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// Months since year 0, so that arithmetic cannot go wrong.
    index: i32,
}

impl Month {
    /// The month of a year; `None` unless 1 to 12 and a year of four digits.
    pub fn new(year: i32, month: u32) -> Option<Month> {
        let zero_based = i32::try_from(month).ok()?.checked_sub(1)?;
        ((0..12).contains(&zero_based) && (1000..=9999).contains(&year))
            .then_some(Month { index: year * 12 + zero_based })
    }

    /// The month that a day lies in.
    pub fn of(day: Day) -> Month {
        Month { index: day.year() * 12 + day.month0() as i32 }
    }

    /// The calendar year.
    pub fn year(self) -> i32 {
        self.index.div_euclid(12)
    }

    /// 1 to 12.
    pub fn month(self) -> u32 {
        self.index.rem_euclid(12) as u32 + 1
    }

    /// So many months later (or earlier, if negative).
    pub fn plus(self, months: i32) -> Month {
        Month { index: self.index.saturating_add(months) }
    }

    /// How many months from `earlier` to this one.
    pub fn since(self, earlier: Month) -> i32 {
        self.index - earlier.index
    }

    /// The first day.
    pub fn first(self) -> Day {
        NaiveDate::from_ymd_opt(self.year(), self.month(), 1).unwrap_or(NaiveDate::MAX)
    }

    /// 1 January of its year.
    pub fn first_of_year(self) -> Day {
        NaiveDate::from_ymd_opt(self.year(), 1, 1).unwrap_or(NaiveDate::MIN)
    }

    /// The last day.
    pub fn last(self) -> Day {
        self.plus(1).first().pred_opt().unwrap_or(NaiveDate::MAX)
    }

    /// 28 to 31.
    pub fn days(self) -> i64 {
        i64::from(self.last().day())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.year(), self.month())
    }
}

impl FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Month, String> {
        let month = match text.split_once('-') {
            Some((year, month)) if year.len() == 4 && month.len() == 2 => {
                year.parse().ok().zip(month.parse().ok()).and_then(|(year, month)| Month::new(year, month))
            }
            _ => None,
        };
        month.ok_or_else(|| format!("\"{text}\" is not a month; write it as 2026-11"))
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Month, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Adds a day to a text as `2026-11-30`, as its `Display` does: rows are written by the million.
pub fn push_day(text: &mut String, day: Day) {
    let (year, month, number) = (day.year(), day.month(), day.day());
    let Some(year) = u32::try_from(year).ok().filter(|year| *year <= 9999) else {
        let _ = fmt::Write::write_fmt(text, format_args!("{day}"));
        return;
    };
    let mut letters = *b"0000-00-00";
    for (place, number) in [(0, year / 100), (2, year % 100), (5, month), (8, number)] {
        if let Some([tens, ones]) = letters.get_mut(place..place + 2) {
            (*tens, *ones) = (digit(number / 10), digit(number));
        }
    }
    text.push_str(std::str::from_utf8(&letters).unwrap_or_default());
}

/// The last digit of a number as a letter.
fn digit(number: u32) -> u8 {
    b"0123456789".get((number % 10) as usize).copied().unwrap_or(b'0')
}

/// Adds a month to a text as its `Display` does.
pub fn push_month(text: &mut String, month: Month) {
    let Some(year) = u32::try_from(month.year()).ok().filter(|year| *year <= 9999) else {
        let _ = fmt::Write::write_fmt(text, format_args!("{month}"));
        return;
    };
    push_two_digits(text, year / 100);
    push_two_digits(text, year % 100);
    text.push('-');
    push_two_digits(text, month.month());
}

fn push_two_digits(text: &mut String, number: u32) {
    for digit in [number / 10 % 10, number % 10] {
        text.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

/// A day written as `2026-11-30`, and nothing else.
pub fn day_of(text: &str) -> Option<Day> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| {
        let digits = bytes.get(from..to)?;
        digits.iter().try_fold(0_u32, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
    };
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(number(0, 4)?).ok()?, number(5, 7)?, number(8, 10)?)
}

/// The same day number so many months later; where that month is too short, its last day.
pub fn months_later(day: Day, months: u32) -> Day {
    day.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
}

/// The same month and day so many years later; 29 February becomes 28 February.
pub fn years_later(day: Day, years: u32) -> Day {
    months_later(day, years * 12)
}

/// The months' names, from `januari` on.
pub const MONTHS: [&str; 12] = [
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
];

/// `november 2026`.
pub fn month_text(month: Month) -> String {
    let name = usize::try_from(month.month()).ok().and_then(|number| MONTHS.get(number.checked_sub(1)?));
    format!("{} {}", name.unwrap_or(&""), month.year())
}

/// `23 november 2026`.
pub fn day_text(day: Day) -> String {
    format!("{} {}", day.day(), month_text(Month::of(day)))
}

/// `måndag`.
pub fn weekday_text(day: Day) -> &'static str {
    match day.weekday() {
        Weekday::Mon => "måndag",
        Weekday::Tue => "tisdag",
        Weekday::Wed => "onsdag",
        Weekday::Thu => "torsdag",
        Weekday::Fri => "fredag",
        Weekday::Sat => "lördag",
        Weekday::Sun => "söndag",
    }
}

/// The ISO week that a day lies in: `2026-W48`, and its last day.
pub fn week_of(day: Day) -> (String, Day) {
    let week = day.iso_week();
    let left = 6 - i64::from(day.weekday().num_days_from_monday());
    (format!("{:04}-W{:02}", week.year(), week.week()), days_later(day, left))
}

/// The same month and day so many years earlier; 29 February becomes 28 February.
pub fn years_earlier(day: Day, years: u32) -> Day {
    day.checked_sub_months(Months::new(years.saturating_mul(12))).unwrap_or(NaiveDate::MIN)
}

/// So many days later (or earlier, if negative).
pub fn days_later(day: Day, days: i64) -> Day {
    Duration::try_days(days).and_then(|length| day.checked_add_signed(length)).unwrap_or(NaiveDate::MAX)
}

/// Every day from the first to the last, both included.
pub fn each_day(first: Day, last: Day) -> impl Iterator<Item = Day> {
    first.iter_days().take_while(move |day| *day <= last)
}

/// Saturday, Sunday, public holiday (lag 1989:253), midsommar-, jul- or nyårsafton (lag 1930:173 § 2).
pub fn is_day_off(day: Day) -> bool {
    if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        return true;
    }
    let fixed = [(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)];
    let after_easter = days_between(easter_sunday(day.year()), day);
    fixed.contains(&(day.month(), day.day()))
        || [-2, 1, 39].contains(&after_easter)
        || (day.month() == 6 && day.weekday() == Weekday::Fri && (19..=25).contains(&day.day()))
}

/// The day itself, or the next one that is a working day.
pub fn next_working_day(day: Day) -> Day {
    day.iter_days().find(|candidate| !is_day_off(*candidate)).unwrap_or(day)
}

/// From `first` to `second`, in days.
pub fn days_between(first: Day, second: Day) -> i64 {
    second.signed_duration_since(first).num_days()
}

/// Easter Sunday of a year in the Gregorian calendar (Meeus/Jones/Butcher).
fn easter_sunday(year: i32) -> Day {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let from_march = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, (from_march / 31) as u32, (from_march % 31 + 1) as u32).unwrap_or(NaiveDate::MIN)
}

/// Why a civil time names no single instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoInstant {
    /// The hour that the clock skips in spring.
    Missing,
    /// The hour that the clock shows twice in autumn.
    Doubled,
}

/// Minutes since 1970 (UTC) of a civil time in Europe/Stockholm.
///
/// # Errors
/// The hour that is skipped or doubled on the nights when the clock changes.
pub fn instant_minutes(day: Day, clock: Clock) -> Result<i64, NoInstant> {
    match chrono_tz::Europe::Stockholm.from_local_datetime(&day.and_time(clock)) {
        LocalResult::Single(instant) => Ok(instant.timestamp().div_euclid(60)),
        LocalResult::Ambiguous(..) => Err(NoInstant::Doubled),
        LocalResult::None => Err(NoInstant::Missing),
    }
}

/// The instant, in milliseconds since 1970, at which clocks in Sweden show a time on a day. In the hour that is skipped in
/// spring it is the first instant after that hour; of the two in autumn it is the first: whatever is due then is due once.
pub fn due_ms(day: Day, clock: Clock) -> i64 {
    let civil = day.and_time(clock);
    let later = |minutes: i64| Duration::try_minutes(minutes).and_then(|length| civil.checked_add_signed(length));
    let instant = match chrono_tz::Europe::Stockholm.from_local_datetime(&civil) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => Some(instant),
        LocalResult::None => (1..=180)
            .filter_map(later)
            .find_map(|civil| chrono_tz::Europe::Stockholm.from_local_datetime(&civil).earliest()),
    };
    instant.map_or(i64::MAX, |instant| instant.timestamp_millis())
}

/// An instant as people in Sweden read it: `2026-11-23 kl. 08.00`.
pub fn local_text(epoch_ms: i64) -> String {
    match chrono_tz::Europe::Stockholm.timestamp_millis_opt(epoch_ms) {
        LocalResult::Single(instant) => instant.format("%Y-%m-%d kl. %H.%M").to_string(),
        _ => String::new(),
    }
}

/// The day itself, or the bank day before it where it is a day off.
pub fn bank_day_at_or_before(day: Day) -> Day {
    (0..31).map(|back| days_later(day, -back)).find(|day| !is_day_off(*day)).unwrap_or(day)
}

/// The day so many bank days before a day.
pub fn bank_days_before(day: Day, count: u32) -> Day {
    (0..count).fold(day, |day, _| bank_day_at_or_before(days_later(day, -1)))
}

/// How many bank days come after a day, up to another, that one included.
pub fn bank_days_after(day: Day, up_to: Day) -> usize {
    each_day(days_later(day, 1), up_to).filter(|day| !is_day_off(*day)).count()
}

/// The civil day in Europe/Stockholm of an instant in milliseconds since 1970.
pub fn day_of_instant(epoch_ms: i64) -> Day {
    match chrono_tz::Europe::Stockholm.timestamp_millis_opt(epoch_ms) {
        LocalResult::Single(instant) => instant.date_naive(),
        _ => NaiveDate::MIN,
    }
}

/// The last millisecond of a civil day in Europe/Stockholm, since 1970.
pub fn end_of_day_ms(day: Day) -> i64 {
    instant_minutes(days_later(day, 1), Clock::MIN).map_or(i64::MAX, |minutes| minutes.saturating_mul(60_000) - 1)
}

/// An instant in milliseconds since 1970, in UTC: `2026-11-23T12:05:00Z`.
pub fn instant_text(epoch_ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(epoch_ms)
        .map(|instant| instant.format("%Y-%m-%dT%H:%M:%SZ").to_string())
        .unwrap_or_default()
}

/// `13.05`, as a Swedish clock time is written.
pub fn clock_text(clock: Clock) -> String {
    format!("{:02}.{:02}", clock.hour(), clock.minute())
}

/// The spans of clock times in a text, as `kl. 13.10-13.25, 14:00-14:20` or `§ 47 (13.10–13.25)`; other words are passed over.
pub fn spans_in(text: &str) -> Vec<(Clock, Clock)> {
    let is_part = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ':' | '-' | '–');
    let one = |word: &str| {
        let (from, to) = word.split_once(['-', '–'])?;
        let clock = |text: &str| Clock::parse_from_str(&text.trim_matches(['.', ':']).replace(':', "."), "%H.%M").ok();
        clock(from).zip(clock(to))
    };
    text.split(|letter| !is_part(letter)).filter_map(one).collect()
}

/// A set of minutes as disjoint, sorted, half-open intervals of [`instant_minutes`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Minutes {
    spans: Vec<(i64, i64)>,
}

impl Minutes {
    /// One interval; empty if it ends at or before its start.
    pub fn span(start: i64, end: i64) -> Minutes {
        Minutes { spans: if start < end { vec![(start, end)] } else { Vec::new() } }
    }

    /// The intervals, in order.
    pub fn spans(&self) -> &[(i64, i64)] {
        &self.spans
    }

    /// How many minutes.
    pub fn count(&self) -> i64 {
        self.spans.iter().map(|(start, end)| end - start).sum()
    }

    /// No minute at all.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Adds all minutes of another set.
    pub fn add(&mut self, other: &Minutes) {
        // Each finds its place among years of others: those that it touches become one with it.
        for &(start, end) in &other.spans {
            let from = self.spans.partition_point(|span| span.1 < start);
            let touched = self.spans.iter().skip(from).take_while(|span| span.0 <= end);
            let (count, one) = touched
                .fold((0, (start, end)), |(count, one), span| (count + 1, (one.0.min(span.0), one.1.max(span.1))));
            self.spans.splice(from..from + count, [one]);
        }
    }

    /// The minutes of this set that are not in the other.
    #[must_use]
    pub fn without(&self, other: &Minutes) -> Minutes {
        let mut kept = Vec::new();
        for &(start, end) in &self.spans {
            let mut from = start;
            let cuts = other.spans.iter().skip(other.spans.partition_point(|cut| cut.1 <= start));
            for &(cut_start, cut_end) in cuts.take_while(|cut| cut.0 < end) {
                if cut_start > from {
                    kept.push((from, cut_start));
                }
                from = from.max(cut_end);
            }
            if from < end {
                kept.push((from, end));
            }
        }
        Minutes { spans: kept }
    }

    /// The minutes that are in both sets.
    #[must_use]
    pub fn within(&self, other: &Minutes) -> Minutes {
        self.without(&self.without(other))
    }

    /// The first so many minutes.
    #[must_use]
    pub fn first(&self, limit: i64) -> Minutes {
        let mut left = limit;
        let mut kept = Vec::new();
        for &(start, end) in &self.spans {
            let taken = left.min(end - start);
            if taken > 0 {
                kept.push((start, start + taken));
                left -= taken;
            }
        }
        Minutes { spans: kept }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn months_count_across_years() {
        let november: Month = "2026-11".parse().unwrap();
        assert_eq!(november.plus(2).to_string(), "2027-01");
        assert_eq!(november.last(), day("2026-11-30"));
        assert_eq!("2024-02".parse::<Month>().unwrap().days(), 29);
        for wrong in ["2026-13", "2026-1", "nov", "2026-00", "26-11"] {
            assert!(wrong.parse::<Month>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_same_day_a_year_later_except_a_leap_day() {
        assert_eq!(years_later(day("2024-02-29"), 1), day("2025-02-28"));
        assert_eq!(years_later(day("2024-02-28"), 1), day("2025-02-28"));
        assert_eq!(years_later(day("2023-03-01"), 1), day("2024-03-01"));
    }

    #[test]
    fn swedish_days_off() {
        let off = [
            "2026-01-01",
            "2026-01-06",
            "2026-04-03",
            "2026-04-06",
            "2026-05-01",
            "2026-05-14",
            "2026-06-06",
            "2026-06-19",
            "2026-10-31",
            "2026-12-24",
            "2026-12-25",
            "2026-12-31",
            "2026-11-22",
            "2027-03-26",
            "2027-06-25",
        ];
        for text in off {
            assert!(is_day_off(day(text)), "{text}");
        }
        for text in [
            "2026-01-05",
            "2026-04-02",
            "2026-04-07",
            "2026-05-15",
            "2026-06-18",
            "2026-06-22",
            "2026-12-23",
            "2026-12-30",
        ] {
            assert!(!is_day_off(day(text)), "{text}");
        }
        assert_eq!(next_working_day(day("2026-12-24")), day("2026-12-28"));
    }

    #[test]
    fn time_elapses_across_a_change_of_the_clock() {
        let at = |date: &str, hour, minute| instant_minutes(day(date), Clock::from_hms_opt(hour, minute, 0).unwrap());
        assert_eq!(at("2026-03-29", 4, 0).unwrap() - at("2026-03-29", 1, 0).unwrap(), 120);
        assert_eq!(at("2026-10-25", 4, 0).unwrap() - at("2026-10-25", 1, 0).unwrap(), 240);
        assert_eq!(at("2026-03-29", 2, 30), Err(NoInstant::Missing));
        assert_eq!(at("2026-10-25", 2, 30), Err(NoInstant::Doubled));
    }

    fn minutes() -> impl Strategy<Value = Minutes> {
        prop::collection::vec((0_i64..200, 0_i64..40), 0..5).prop_map(|spans| {
            let mut all = Minutes::default();
            spans.into_iter().for_each(|(start, length)| all.add(&Minutes::span(start, start + length)));
            all
        })
    }

    #[test]
    fn spans_of_clock_times_are_found_among_words() {
        let found = |text: &str| -> Vec<String> {
            spans_in(text).iter().map(|(from, to)| format!("{}-{}", clock_text(*from), clock_text(*to))).collect()
        };
        assert_eq!(found("kl. 13.10-13.25, 14:00–14:20."), ["13.10-13.25", "14.00-14.20"]);
        assert_eq!(found("§ 47 (9.05-9.10)"), ["09.05-09.10"]);
        assert!(found("§§ 45-52").is_empty());
        assert!(found("25.00-26.00").is_empty());
    }

    proptest! {
        #[test]
        fn days_and_months_are_written_as_they_display(days in -900_000_i64..3_000_000) {
            let day = days_later(NaiveDate::from_ymd_opt(1970, 1, 1).unwrap(), days);
            let (mut text, month) = (String::new(), Month::of(day));
            push_day(&mut text, day);
            prop_assert_eq!(&text, &day.to_string());
            prop_assert_eq!(day_of(&text), (0..=9999).contains(&day.year()).then_some(day));
            text.clear();
            push_month(&mut text, month);
            prop_assert_eq!(text, month.to_string());
        }

        #[test]
        fn a_set_is_what_it_shares_and_what_it_does_not(one in minutes(), other in minutes()) {
            let (shared, rest) = (one.within(&other), one.without(&other));
            prop_assert_eq!(shared.count() + rest.count(), one.count());
            let mut again = shared.clone();
            again.add(&rest);
            prop_assert_eq!(&again, &one);
            prop_assert_eq!(one.first(7).count(), one.count().min(7));
        }

        #[test]
        fn sets_are_joined_and_cut_minute_by_minute(one in minutes(), other in minutes()) {
            let each = |set: &Minutes| -> std::collections::BTreeSet<i64> {
                set.spans().iter().flat_map(|(start, end)| *start..*end).collect()
            };
            let (mut joined, cut) = (one.clone(), one.without(&other));
            joined.add(&other);
            prop_assert_eq!(each(&joined), &each(&one) | &each(&other));
            prop_assert_eq!(each(&cut), &each(&one) - &each(&other));
            for set in [joined, cut] {
                prop_assert!(set.spans().windows(2).all(|two| two[0].1 < two[1].0), "{:?}", set);
            }
        }
    }
}
