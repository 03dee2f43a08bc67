//! Clock times, times from and to, and lengths of time.

use chrono::Timelike;
use rust_decimal::Decimal;

use super::number::{not_negative, parse_decimal};
use super::{Read, Wrong, found, is_dash, shown, wrong};
use crate::adapters::excel::wire::Value;
use crate::calendar::Clock;

/// A clock time, or a time from and to of which one end may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `13.00`
    At(Clock),
    /// `13.00-16.30`
    Span(Clock, Clock),
    /// `13.00-`
    From(Clock),
    /// `-16.30`
    To(Clock),
}

/// One clock time.
///
/// # Errors
/// What is wrong with it.
pub fn clock(value: &Value<'_>) -> Read<Clock> {
    match parts(value)?.as_slice() {
        [Part::At(clock)] => Ok(*clock),
        _ => Err(wrong(format!("”{}” är inte ett enda klockslag.", found(value)), EXAMPLE)),
    }
}

/// Times from and to, as a break is written: `12.00-13.00, 14.10-14.25`.
///
/// # Errors
/// What is wrong with them.
pub fn spans(value: &Value<'_>) -> Read<Vec<(Clock, Clock)>> {
    let span = |part| match part {
        Part::Span(from, to) => Ok((from, to)),
        _ => Err(wrong(format!("”{}” är inte tider från och till.", found(value)), SPAN_EXAMPLE)),
    };
    parts(value)?.into_iter().map(span).collect()
}

/// All clock times and times from and to in a cell.
///
/// # Errors
/// What is wrong with them.
pub fn parts(value: &Value<'_>) -> Read<Vec<Part>> {
    match value {
        Value::Time(text) | Value::Text(std::borrow::Cow::Borrowed(text)) => from_text(text),
        Value::Text(text) => from_text(text),
        Value::Number(number) => from_number(number).map(|clock| vec![Part::At(clock)]),
        // A date before 1905 is a time that went past midnight: 24:00 is 1900-01-01 00:00.
        Value::DateTime(moment) if moment.get(..4).is_some_and(|year| year < "1905") => {
            Err(beyond_midnight(&found(value)))
        }
        Value::DateTime(moment) => from_text(moment.get(11..).unwrap_or_default()),
        _ => Err(not_a_clock(&found(value))),
    }
}

/// A length in whole minutes. A plain number counts minutes, or hours under a header that says hours.
///
/// # Errors
/// What is wrong with it.
pub fn minutes(value: &Value<'_>, plain_is_hours: bool) -> Read<i64> {
    let minutes = length(value, if plain_is_hours { SIXTY } else { Decimal::ONE })?;
    let whole = minutes.round_dp(6).normalize();
    i64::try_from(whole).ok().filter(|_| whole.is_integer()).ok_or_else(|| {
        wrong(
            format!("”{}” är inte ett helt antal minuter.", found(value)),
            "Skriv minuterna som 90, eller timmar och minuter som 1:30.",
        )
    })
}

/// A length in hours.
///
/// # Errors
/// What is wrong with it.
pub fn hours(value: &Value<'_>) -> Read<Decimal> {
    Ok((length(value, SIXTY)? / SIXTY).round_dp(10).normalize())
}

const SIXTY: Decimal = Decimal::from_parts(60, 0, 0, false, 0);
const EXAMPLE: &str = "Skriv klockslaget som 13:00.";
const SPAN_EXAMPLE: &str = "Skriv tiderna som 13.00-15.00, 15.20-16.30.";
const LENGTH_EXAMPLE: &str = "Skriv timmar och minuter som 1:30.";
/// No length is longer: a year in minutes.
const LONGEST_MINUTES: u32 = 527_040;

fn not_a_clock(found: &str) -> Wrong {
    wrong(format!("”{found}” är inte ett klockslag."), EXAMPLE)
}

fn beyond_midnight(found: &str) -> Wrong {
    wrong(
        format!("”{found}” är inget klockslag: dygnet slutar 23:59."),
        "Skriv 00:00 för midnatt; en sluttid före starttiden räknas till nästa dag.",
    )
}

fn at(hour: u32, minute: u32, found: &str) -> Read<Clock> {
    if hour == 24 && minute == 0 {
        return Err(beyond_midnight(found));
    }
    Clock::from_hms_opt(hour, minute, 0).ok_or_else(|| not_a_clock(found))
}

/// `13`, `1300`, or a fraction of a day. 13.3 may be half past one or eighteen past: nobody can tell.
fn from_number(number: &str) -> Read<Clock> {
    let found = number.replace('.', ",");
    let value: Decimal = number.parse().map_err(|_| not_a_clock(&found))?;
    if value > Decimal::ZERO && value < Decimal::ONE {
        let minute = u32::try_from((value * Decimal::from(1440)).round()).unwrap_or(0).min(1439);
        return at(minute / 60, minute % 60, &found);
    }
    match u32::try_from(value) {
        Ok(hour @ 0..=24) if value.is_integer() => at(hour, 0, &found),
        Ok(digits @ 100..=2400) if value.is_integer() => at(digits / 100, digits % 100, &found),
        Ok(0..=24) => {
            Err(wrong(format!("Talet {found} kan betyda två klockslag."), "Skriv klockslaget med kolon, som 13:30."))
        }
        _ => Err(not_a_clock(&found)),
    }
}

fn from_text(text: &str) -> Read<Vec<Part>> {
    // What the child sends for a real time cell, and most texts.
    if let [a, b, b':', c, d] = *text.as_bytes()
        && [a, b, c, d].iter().all(u8::is_ascii_digit)
    {
        let two = |high: u8, low: u8| u32::from(high - b'0') * 10 + u32::from(low - b'0');
        return Ok(vec![Part::At(at(two(a, b), two(c, d), text)?)]);
    }
    let mut scan = Scan::new(text);
    let mut found = Vec::new();
    loop {
        scan.skip_separators();
        if scan.at_end() {
            break;
        }
        let open_start = scan.take_dash();
        let Some(first) = scan.take_clock(text)? else {
            return Err(not_times(text));
        };
        if open_start {
            found.push(Part::To(first));
        } else if scan.take_dash() {
            found.push(scan.take_clock(text)?.map_or(Part::From(first), |second| Part::Span(first, second)));
        } else {
            found.push(Part::At(first));
        }
    }
    if found.is_empty() { Err(not_times(text)) } else { Ok(found) }
}

fn not_times(text: &str) -> Wrong {
    let ranges = text.chars().any(is_dash);
    wrong(
        format!("”{}” är inte {}.", shown(text), if ranges { "tider från och till" } else { "ett klockslag" }),
        if ranges { SPAN_EXAMPLE } else { EXAMPLE },
    )
}

/// Walks through a text of clock times.
struct Scan {
    letters: Vec<char>,
    place: usize,
}

impl Scan {
    fn new(text: &str) -> Scan {
        Scan { letters: text.to_lowercase().chars().collect(), place: 0 }
    }

    fn at_end(&self) -> bool {
        self.place >= self.letters.len()
    }

    fn peek(&self) -> Option<char> {
        self.letters.get(self.place).copied()
    }

    fn skip(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.place += 1;
        }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let end = self.place + word.chars().count();
        let here = self.letters.get(self.place..end).is_some_and(|found| found.iter().copied().eq(word.chars()));
        let whole = here && !self.letters.get(end).is_some_and(|letter| letter.is_alphabetic());
        if whole {
            self.place = end;
        }
        whole
    }

    /// Between two times: commas and their like, `och`, `samt`, `kl.`
    fn skip_separators(&mut self) {
        loop {
            let before = self.place;
            self.skip(|letter| letter.is_whitespace() || matches!(letter, ',' | ';' | '+' | '&' | '/'));
            if ["kl", "klockan", "och", "samt"].iter().any(|word| self.take_word(word)) {
                self.skip(|letter| letter == '.');
            }
            if self.place == before {
                return;
            }
        }
    }

    fn take_dash(&mut self) -> bool {
        let before = self.place;
        self.skip(char::is_whitespace);
        if self.peek().is_some_and(is_dash) {
            self.skip(is_dash);
            return true;
        }
        if self.take_word("till") {
            return true;
        }
        self.place = before;
        false
    }

    fn take_digits(&mut self) -> Option<(u32, usize)> {
        let before = self.place;
        self.skip(|letter| letter.is_ascii_digit());
        let digits: String = self.letters[before..self.place].iter().collect();
        digits.parse().ok().filter(|_| digits.len() <= 4).map(|number| (number, digits.len()))
    }

    /// `13`, `13.00`, `13:00`, `13:00:00`, `1300`.
    fn take_clock(&mut self, text: &str) -> Read<Option<Clock>> {
        self.skip(char::is_whitespace);
        if self.take_word("kl") || self.take_word("klockan") {
            self.skip(|letter| letter == '.' || letter.is_whitespace());
        }
        if !self.peek().is_some_and(|letter| letter.is_ascii_digit()) {
            return Ok(None);
        }
        let Some((hour, digits)) = self.take_digits() else {
            return Err(not_times(text));
        };
        if digits > 2 {
            return here(hour / 100, hour % 100, text).map(Some);
        }
        let mut minute = 0;
        let follows = |scan: &Scan| {
            matches!(scan.peek(), Some('.' | ':')) && scan.letters.get(scan.place + 1).is_some_and(char::is_ascii_digit)
        };
        if follows(self) {
            self.place += 1;
            let Some((number, 2)) = self.take_digits() else {
                return Err(not_times(text));
            };
            minute = number;
            if follows(self) {
                self.place += 1;
                let Some((_, 2)) = self.take_digits() else {
                    return Err(not_times(text));
                };
            }
        }
        here(hour, minute, text).map(Some)
    }
}

/// A clock time in a text; what is wrong with it is said of the whole text.
fn here(hour: u32, minute: u32, text: &str) -> Read<Clock> {
    if (hour, minute) == (24, 0) {
        return Err(beyond_midnight(&shown(text)));
    }
    Clock::from_hms_opt(hour, minute, 0).ok_or_else(|| not_times(text))
}

/// A length in minutes; a plain number is so many `unit` minutes.
fn length(value: &Value<'_>, unit: Decimal) -> Read<Decimal> {
    let wrong_length = || wrong(format!("”{}” är inte en tidslängd.", found(value)), LENGTH_EXAMPLE);
    let minutes = match value {
        Value::Number(number) => {
            number.parse::<Decimal>().ok().and_then(|number| number.checked_mul(unit)).ok_or_else(wrong_length)?
        }
        Value::Time(text) => hours_and_minutes(text).ok_or_else(wrong_length)?,
        Value::Text(text) => written_length(text, unit)?,
        _ => return Err(wrong_length()),
    };
    let minutes = not_negative(minutes, value)?;
    if minutes > Decimal::from(LONGEST_MINUTES) { Err(wrong_length()) } else { Ok(minutes) }
}

/// `1:30`
fn hours_and_minutes(text: &str) -> Option<Decimal> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let hours: u32 = hours.parse().ok().filter(|hours| *hours < 100_000)?;
    let minutes: u32 = minutes.parse().ok().filter(|number| *number < 60 && minutes.len() == 2)?;
    Some(Decimal::from(hours * 60 + minutes))
}

/// `1,5`, `1:30`, `45 min`, `1 tim 30 min`, `2 h`.
fn written_length(text: &str, unit: Decimal) -> Read<Decimal> {
    if let Some(minutes) = hours_and_minutes(text) {
        return Ok(minutes);
    }
    let wrong_length = || wrong(format!("”{}” är inte en tidslängd.", shown(text)), LENGTH_EXAMPLE);
    let mut total = Decimal::ZERO;
    let mut unit = unit;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.find(char::is_alphabetic).unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let end = after.find(|letter: char| !letter.is_alphabetic() && letter != '.').unwrap_or(after.len());
        let (word, after) = after.split_at(end);
        if word.is_empty() && number.split_once('.').is_some_and(|(_, decimals)| decimals.trim().len() == 2) {
            return Err(wrong(
                format!("”{}” kan betyda två olika tider.", shown(text)),
                "Skriv 1:30 för en timme och trettio minuter, eller 1,5.",
            ));
        }
        unit = match word.trim_end_matches('.').to_lowercase().as_str() {
            "" => unit,
            "h" | "t" | "tim" | "timme" | "timmar" => SIXTY,
            "m" | "min" | "minut" | "minuter" => Decimal::ONE,
            _ => return Err(wrong_length()),
        };
        let length = parse_decimal(number)?.ok_or_else(wrong_length)?.checked_mul(unit).ok_or_else(wrong_length)?;
        total = total.checked_add(length).ok_or_else(wrong_length)?;
        // What follows hours without a word of its own is minutes: 1 tim 30.
        unit = Decimal::ONE;
        rest = after.trim();
    }
    Ok(total)
}

/// `13:00`, as the text of a real time cell in a text column.
pub fn clock_words(clock: Clock) -> String {
    format!("{:02}:{:02}", clock.hour(), clock.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<T: std::fmt::Debug>(read: Read<T>) -> String {
        match read {
            Ok(value) => format!("{value:?}").replace(":00\"", "\""),
            Err(wrong) => wrong.wrong,
        }
    }

    #[test]
    fn one_clock_time_in_every_form() {
        for text in ["13.00", "13:00", "13", "kl 13", "kl. 13.00", "Kl.13:00", "1300", "13:00:00", " 13.00 "] {
            assert_eq!(said(clock(&Value::Text(text.into()))), "13:00:00", "{text}");
        }
        for number in ["13", "1300", "0.5416667", "0.541666666666667", "0.54166"] {
            assert_eq!(said(clock(&Value::Number(number))), "13:00:00", "{number}");
        }
        assert_eq!(said(clock(&Value::Time("13:00"))), "13:00:00");
        assert_eq!(said(clock(&Value::DateTime("2026-10-14T13:00"))), "13:00:00");
        assert_eq!(said(clock(&Value::Number("0"))), "00:00:00");
        assert_eq!(said(clock(&Value::Text("9.05".into()))), "09:05:00");
    }

    #[test]
    fn times_that_are_none_say_so() {
        let cases = [
            (Value::Text("24:00".into()), "”24:00” är inget klockslag: dygnet slutar 23:59."),
            (Value::Number("24"), "”24” är inget klockslag: dygnet slutar 23:59."),
            (Value::Time("24:00"), "”24:00” är inget klockslag: dygnet slutar 23:59."),
            (Value::DateTime("1900-01-01T00:00"), "”1900-01-01 00:00” är inget klockslag: dygnet slutar 23:59."),
            (Value::Text("25.00".into()), "”25.00” är inte ett klockslag."),
            (Value::Text("13.60".into()), "”13.60” är inte ett klockslag."),
            (Value::Text("13.5".into()), "”13.5” är inte ett klockslag."),
            (Value::Text("lunch".into()), "”lunch” är inte ett klockslag."),
            (Value::Number("13.3"), "Talet 13,3 kan betyda två klockslag."),
            (Value::Number("-1"), "”-1” är inte ett klockslag."),
            (Value::Text("13.00-16.30".into()), "”13.00-16.30” är inte ett enda klockslag."),
            (Value::Bool(true), "”SANT” är inte ett klockslag."),
            (Value::Text("999999999:00".into()), "”999999999:00” är inte ett klockslag."),
        ];
        for (value, expect) in cases {
            assert_eq!(said(clock(&value)), expect, "{value:?}");
        }
    }

    #[test]
    fn times_from_and_to() {
        let cases = [
            ("kl. 13.00-16.30", "[(13:00:00, 16:30:00)]"),
            ("13-16", "[(13:00:00, 16:00:00)]"),
            ("13.00 \u{2013} 16.30", "[(13:00:00, 16:30:00)]"),
            ("13.00 till 16.30", "[(13:00:00, 16:30:00)]"),
            ("kl 13.00 - kl 16.30", "[(13:00:00, 16:30:00)]"),
            ("13.00-15.00, 15.20-16.30", "[(13:00:00, 15:00:00), (15:20:00, 16:30:00)]"),
            ("13.00-15.00 15.20-16.30", "[(13:00:00, 15:00:00), (15:20:00, 16:30:00)]"),
            ("13.00-15.00 och 15.20-16.30", "[(13:00:00, 15:00:00), (15:20:00, 16:30:00)]"),
            ("13.00-15.00; 15.20-16.30;", "[(13:00:00, 15:00:00), (15:20:00, 16:30:00)]"),
            ("22.00-01.30", "[(22:00:00, 01:30:00)]"),
            ("13.00-24.00", "”13.00-24.00” är inget klockslag: dygnet slutar 23:59."),
            ("13.00", "”13.00” är inte tider från och till."),
            ("13.00-", "”13.00-” är inte tider från och till."),
            ("13,00-16,30", "”13,00-16,30” är inte tider från och till."),
            ("fika", "”fika” är inte ett klockslag."),
            ("15 min", "”15 min” är inte ett klockslag."),
        ];
        for (text, expect) in cases {
            assert_eq!(said(spans(&Value::Text(text.into()))), expect, "{text}");
        }
        assert_eq!(said(parts(&Value::Text("-15.00, 16.00-".into()))), "[To(15:00:00), From(16:00:00)]");
    }

    #[test]
    fn lengths_in_minutes_and_hours() {
        let text = |text: &'static str| Value::Text(text.into());
        let cases = [
            (Value::Number("45"), "45", "45"),
            (Value::Number("1.5"), "”1,5” är inte ett helt antal minuter.", "1.5"),
            (text("1,5"), "”1,5” är inte ett helt antal minuter.", "1.5"),
            (text("1:30"), "90", "1.5"),
            (Value::Time("01:30"), "90", "1.5"),
            (text("45 min"), "45", "0.75"),
            (text("1,5 tim"), "90", "1.5"),
            (text("1 h 30 min"), "90", "1.5"),
            (text("2 tim. 15"), "135", "2.25"),
            (text("1.30"), "”1.30” kan betyda två olika tider.", "”1.30” kan betyda två olika tider."),
            (text("länge"), "”länge” är inte en tidslängd.", "”länge” är inte en tidslängd."),
            (Value::Number("-5"), "”-5” är negativt.", "”-5” är negativt."),
            (Value::Number("1e30"), "”1e30” är inte en tidslängd.", "”1e30” är inte en tidslängd."),
        ];
        for (value, in_minutes, in_hours) in cases {
            assert_eq!(said(minutes(&value, false)), in_minutes, "{value:?}");
            assert_eq!(
                hours(&value).map_or_else(|wrong| wrong.wrong, |hours| hours.to_string()),
                in_hours,
                "{value:?}"
            );
        }
        assert_eq!(said(minutes(&Value::Number("1.5"), true)), "90");
    }
}
