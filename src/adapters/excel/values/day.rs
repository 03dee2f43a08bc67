//! Dates: real date cells, serial numbers, digits, and the forms that people write.

use chrono::{Datelike, NaiveDate};

use super::{Context, Read, Wrong, found, is_dash, shown, wrong};
use crate::adapters::excel::child::date_of_serial;
use crate::adapters::excel::wire::Value;
use crate::calendar::{Day, Month};

/// The date that a cell holds, from 1900 to 2200.
///
/// # Errors
/// What is wrong with it.
pub fn day(value: &Value<'_>, context: Context) -> Read<Day> {
    let day = match value {
        Value::DateTime(moment) => moment.get(..10).and_then(iso).ok_or_else(|| no_such(&found(value), None))?,
        Value::Number(number) => from_number(number, context)?,
        Value::Text(text) => from_text(text, context)?,
        _ => return Err(not_a_date(&found(value))),
    };
    if (1900..=2200).contains(&day.year()) {
        Ok(day)
    } else {
        Err(wrong(format!("Datumet {day} ligger utanför åren 1900–2200."), "Skriv datumet som 2026-10-14."))
    }
}

/// The month that a cell holds: `2026-09`, `sep 2026`, `202609`, or the month of a date.
///
/// # Errors
/// What is wrong with it.
pub fn month(value: &Value<'_>, context: Context) -> Read<Month> {
    let written = match value {
        Value::Text(text) => month_in(text),
        Value::Number(number) => month_of_digits(number),
        _ => None,
    };
    let is_sound = |month: &Month| (1900..=2200).contains(&month.year());
    let month = written.filter(is_sound).or_else(|| day(value, context).ok().map(Month::of));
    month.ok_or_else(|| wrong(format!("”{}” är ingen månad.", found(value)), "Skriv månaden som 2026-09."))
}

fn month_in(text: &str) -> Option<Month> {
    match tokens(text)?.as_slice() {
        [Token::Number(year, 4), Token::Number(month, 1..=2) | Token::Month(month)]
        | [Token::Number(month, 1..=2) | Token::Month(month), Token::Number(year, 4)] => {
            Month::new(*year as i32, *month)
        }
        [Token::Number(_, 6)] => month_of_digits(text),
        _ => None,
    }
}

/// `202609`
fn month_of_digits(text: &str) -> Option<Month> {
    let digits = text.trim();
    let number = |part: Option<&str>| part.and_then(|part| part.parse::<u32>().ok());
    (digits.len() == 6).then_some(())?;
    Month::new(number(digits.get(..4))? as i32, number(digits.get(4..))?)
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["mån", "tis", "ons", "tor", "fre", "lör", "sön"];

/// `2026-10-14` and nothing else: the form in which the child sends real date cells.
fn iso(text: &str) -> Option<Day> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| {
        bytes
            .get(from..to)?
            .iter()
            .try_fold(0_u32, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
    };
    (bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-')).then_some(())?;
    NaiveDate::from_ymd_opt(number(0, 4)? as i32, number(5, 7)?, number(8, 10)?)
}

fn not_a_date(found: &str) -> Wrong {
    wrong(format!("”{found}” är inte ett datum."), "Skriv datumet som 2026-10-14.")
}

/// The date that was meant does not exist; the last day of its month may have been meant.
fn no_such(found: &str, month: Option<Month>) -> Wrong {
    let example = month.map_or_else(|| "2026-10-14".to_owned(), |month| month.last().to_string());
    wrong(format!("Datumet {found} finns inte."), format!("Skriv ett datum som finns, till exempel {example}."))
}

fn dated(year: i32, month: u32, day: u32, found: &str) -> Read<Day> {
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| no_such(found, Month::new(year, month)))
}

/// The year of two digits that is at most ten years ahead.
fn full_year(two_digits: u32, today: Day) -> i32 {
    let year = 2000 + two_digits as i32;
    if year <= today.year() + 10 { year } else { year - 100 }
}

/// A plain number in a date column: a serial number whose format was lost, or digits.
fn from_number(number: &str, context: Context) -> Read<Day> {
    let whole = number.split('.').next().unwrap_or_default();
    match whole.parse::<i64>() {
        Ok(serial @ 20_000..=80_000) => date_of_serial(serial, context.epoch_1904).ok_or_else(|| not_a_date(number)),
        // 010105, whose leading zero the cell has lost, is 10105.
        Ok(10_000..20_000) if whole == number => from_digits(&format!("0{whole}"), context),
        _ if whole == number => from_digits(whole, context),
        _ => Err(not_a_date(&number.replace('.', ","))),
    }
}

fn from_digits(digits: &str, context: Context) -> Read<Day> {
    let number = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u32>().ok());
    match digits.len() {
        6 => match (number(0, 2), number(2, 4), number(4, 6)) {
            (Some(year), Some(month), Some(day)) => dated(full_year(year, context.today), month, day, digits),
            _ => Err(not_a_date(&shown(digits))),
        },
        8 => match (number(0, 4), number(4, 6), number(6, 8)) {
            (Some(year), Some(month), Some(day)) => dated(year as i32, month, day, digits),
            _ => Err(not_a_date(&shown(digits))),
        },
        _ => Err(not_a_date(&shown(digits))),
    }
}

/// A part of a written date.
enum Token {
    /// A number and how many digits it has.
    Number(u32, usize),
    Month(u32),
}

fn from_text(text: &str, context: Context) -> Read<Day> {
    if text.len() == 10
        && let Some(day) = iso(text)
    {
        return Ok(day);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return if text.len() == 5 { from_number(text, context) } else { from_digits(text, context) };
    }
    let found = shown(text);
    let Some(tokens) = tokens(text) else {
        return Err(not_a_date(&found));
    };
    let only_dashes = text.chars().all(|letter| letter.is_ascii_digit() || is_dash(letter));
    let year = |number: u32, digits: usize| match digits {
        4 => Some(number as i32),
        2 => Some(full_year(number, context.today)),
        _ => None,
    };
    let (year, month, day) = match tokens.as_slice() {
        [Token::Number(y, 4), Token::Number(m, _), Token::Number(d, _), rest @ ..] if rest.len() <= 3 => {
            (Some(*y as i32), *m, *d)
        }
        [Token::Number(y, 2), Token::Number(m, 2), Token::Number(d, 2)] if only_dashes => (year(*y, 2), *m, *d),
        [Token::Number(d, 1..=2), Token::Number(m, 1..=2), Token::Number(y, digits)]
        | [Token::Number(d, 1..=2), Token::Month(m), Token::Number(y, digits)] => (year(*y, *digits), *m, *d),
        [Token::Number(_, 1..=2), Token::Number(_, 1..=2)] | [Token::Number(_, 1..=2), Token::Month(_)] => {
            return Err(wrong(format!("Datumet ”{found}” saknar år."), "Skriv datumet med år, som 2026-10-14."));
        }
        _ => return Err(not_a_date(&found)),
    };
    let Some(year) = year else {
        return Err(not_a_date(&found));
    };
    dated(year, month, day, &found)
}

/// Numbers and names of months, in order; weekdays, `den`, `kl` and the `:e` of `14:e` say nothing. `None` if another
/// word is there.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let same_kind = |letter: char| {
            if first.is_ascii_digit() {
                letter.is_ascii_digit()
            } else {
                first.is_alphabetic() && letter.is_alphabetic()
            }
        };
        let end = rest.find(|letter| !same_kind(letter)).unwrap_or(rest.len());
        if end == 0 {
            if !(first.is_whitespace() || is_dash(first) || matches!(first, '/' | '.' | ',' | ':')) {
                return None;
            }
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (word, after) = rest.split_at(end);
        rest = after;
        if first.is_ascii_digit() {
            tokens.push(Token::Number(word.parse().ok()?, word.len()));
            continue;
        }
        let word = word.to_lowercase();
        let is = |start: &&str| word.starts_with(*start);
        if let Some(month) = MONTHS.iter().position(is) {
            tokens.push(Token::Month(month as u32 + 1));
        } else if !(matches!(word.as_str(), "den" | "e" | "kl" | "t" | "z") || WEEKDAYS.iter().any(is)) {
            return None;
        }
    }
    (tokens.len() <= 6).then_some(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &Value<'_>) -> Result<String, String> {
        let context =
            Context { today: "2026-11-23".parse().unwrap(), epoch_1904: false, unformatted: false, decimal: None };
        day(value, context).map(|day| day.to_string()).map_err(|wrong| format!("{} {}", wrong.wrong, wrong.instead))
    }

    #[test]
    fn one_month_in_every_form() {
        let context =
            Context { today: "2026-11-23".parse().unwrap(), epoch_1904: false, unformatted: false, decimal: None };
        let read =
            |value: Value<'_>| month(&value, context).map(|month| month.to_string()).map_err(|wrong| wrong.wrong);
        let texts = ["2026-09", "2026-9", "sep 2026", "September 2026", "2026 sept", "09/2026", "202609", "2026-09-25"];
        for text in texts {
            assert_eq!(read(Value::Text(text.into())).as_deref(), Ok("2026-09"), "{text}");
        }
        assert_eq!(read(Value::DateTime("2026-09-01T00:00")).as_deref(), Ok("2026-09"));
        assert_eq!(read(Value::Number("202609")).as_deref(), Ok("2026-09"));
        assert_eq!(read(Value::Number("46266")).as_deref(), Ok("2026-09"));
        for text in ["2026-13", "september", "2026", "9-26", "202613", "i höst"] {
            assert_eq!(read(Value::Text(text.into())), Err(format!("”{text}” är ingen månad.")), "{text}");
        }
    }

    #[test]
    fn one_day_in_every_form() {
        let texts = [
            "2026-10-14",
            "2026-10-14 13:00",
            "2026-10-14T13:00:00",
            "2026/10/14",
            "2026.10.14",
            "14/10 2026",
            "14/10-2026",
            "14/10/2026",
            "14/10-26",
            "14.10.2026",
            "14-10-2026",
            "26-10-14",
            "14 okt 2026",
            "14 okt. 2026",
            "14 oktober 2026",
            "den 14 oktober 2026",
            "onsdag 14 Oktober 2026",
            "onsdagen den 14:e oktober 2026",
            "14okt2026",
            "261014",
            "20261014",
            "46309",
            "2026\u{2013}10\u{2013}14",
        ];
        for text in texts {
            assert_eq!(read(&Value::Text(text.into())).as_deref(), Ok("2026-10-14"), "{text}");
        }
        for number in ["46309", "46309.5416666667", "261014", "20261014"] {
            assert_eq!(read(&Value::Number(number)).as_deref(), Ok("2026-10-14"), "{number}");
        }
        assert_eq!(read(&Value::DateTime("2026-10-14T13:00")).as_deref(), Ok("2026-10-14"));
        assert_eq!(read(&Value::Number("10105")).as_deref(), Ok("2001-01-05"));
        assert_eq!(read(&Value::Text("981014".into())).as_deref(), Ok("1998-10-14"));
    }

    #[test]
    fn what_is_wrong_is_said_with_what_to_write() {
        let cases = [
            (
                Value::Text("31 september 2026".into()),
                "Datumet 31 september 2026 finns inte. Skriv ett datum som finns, till exempel 2026-09-30.",
            ),
            (
                Value::Text("2026-09-31".into()),
                "Datumet 2026-09-31 finns inte. Skriv ett datum som finns, till exempel 2026-09-30.",
            ),
            (
                Value::Text("260931".into()),
                "Datumet 260931 finns inte. Skriv ett datum som finns, till exempel 2026-09-30.",
            ),
            (
                Value::Text("2026-02-29".into()),
                "Datumet 2026-02-29 finns inte. Skriv ett datum som finns, till exempel 2026-02-28.",
            ),
            (Value::Text("14/10".into()), "Datumet ”14/10” saknar år. Skriv datumet med år, som 2026-10-14."),
            (Value::Text("14 okt".into()), "Datumet ”14 okt” saknar år. Skriv datumet med år, som 2026-10-14."),
            (Value::Text("i onsdags".into()), "”i onsdags” är inte ett datum. Skriv datumet som 2026-10-14."),
            (
                Value::Text("1826-10-14".into()),
                "Datumet 1826-10-14 ligger utanför åren 1900–2200. Skriv datumet som 2026-10-14.",
            ),
            (
                Value::DateTime("2614-08-19T00:00"),
                "Datumet 2614-08-19 ligger utanför åren 1900–2200. Skriv datumet som 2026-10-14.",
            ),
            (
                Value::DateTime("1900-02-29T00:00"),
                "Datumet 1900-02-29 00:00 finns inte. Skriv ett datum som finns, till exempel 2026-10-14.",
            ),
            (Value::Number("13"), "”13” är inte ett datum. Skriv datumet som 2026-10-14."),
            (Value::Number("13.5"), "”13,5” är inte ett datum. Skriv datumet som 2026-10-14."),
            (Value::Number("-46309"), "”-46309” är inte ett datum. Skriv datumet som 2026-10-14."),
            (Value::Time("13:00"), "”13:00” är inte ett datum. Skriv datumet som 2026-10-14."),
            (Value::Text("99999999999999999999".into()), "”…” är inte ett datum. Skriv datumet som 2026-10-14."),
            (
                Value::Text("14 99999999999999999999 2026".into()),
                "”…” är inte ett datum. Skriv datumet som 2026-10-14.",
            ),
        ];
        for (value, expect) in cases {
            assert_eq!(read(&value), Err(expect.to_owned()), "{value:?}");
        }
    }
}
