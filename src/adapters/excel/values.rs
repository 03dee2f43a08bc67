//! From a cell to a value, in every form in which clerks write dates, times, amounts, yes and numbers of persons.

mod clock;
mod costs;
mod day;
mod number;
mod words;

use std::borrow::Cow;

use super::wire::Value;
use crate::calendar::Day;

pub use clock::{Part, clock, hours, minutes, parts, spans};
pub use costs::{birth_year, child_care, meals, moment, nights, pension_day};
pub use day::{day, month};
pub use number::{amount, count, kilometres, per_cent, quantity, share, signed_amount, with_decimal_sign};
pub use words::{claim_slag, income_slag, meeting_slag, personnummer, roll, text, yes_or_no};

/// The longest text that a cell may hold, in characters.
pub const TEXT_LIMIT: usize = 1000;

/// What a value's reading depends on beside its cell.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// Decides the century of years with two digits.
    pub today: Day,
    /// The workbook counts its days from 1904.
    pub epoch_1904: bool,
    /// The file does not tell how a number is shown: 1 may be 100 %.
    pub unformatted: bool,
    /// The decimal sign of a text file, where all its decimals have the same.
    pub decimal: Option<char>,
}

/// What is wrong in a cell, in Swedish, without its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong.
    pub wrong: String,
    /// What to write instead.
    pub instead: String,
}

/// A [`Wrong`] in words.
pub fn wrong(wrong: impl Into<String>, instead: impl Into<String>) -> Wrong {
    Wrong { wrong: wrong.into(), instead: instead.into() }
}

/// A value, or what is wrong with it.
pub type Read<T> = Result<T, Wrong>;

/// A text without control and zero-width characters, its spaces plain, trimmed. Line breaks become spaces.
pub fn clean(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| (0x20..0x7f).contains(&byte);
    if text.bytes().all(plain) || !text.chars().any(|letter| is_odd_space(letter) || is_unseen(letter)) {
        return Cow::Borrowed(text.trim());
    }
    let kept: String = text
        .replace("\r\n", " ")
        .chars()
        .map(|letter| if is_odd_space(letter) { ' ' } else { letter })
        .filter(|letter| !is_unseen(*letter))
        .collect();
    Cow::Owned(kept.trim().to_owned())
}

/// Whether a text holds characters that nobody sees and [`clean`] takes out.
pub fn has_unseen(text: &str) -> bool {
    text.chars().any(is_unseen)
}

/// The beginning of a text: one character more than a text may have, so that its reader sees that it is too long.
pub fn capped(text: &str) -> &str {
    let end = text.char_indices().nth(TEXT_LIMIT + 1).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// An error or a formula without a value is no value of any kind.
///
/// # Errors
/// What the cell shows instead.
pub fn usable(value: &Value<'_>) -> Read<()> {
    match value {
        Value::Error(error) => Err(wrong(
            format!("Cellen visar felet {}.", clean(error)),
            "Rätta formeln, eller skriv värdet i stället för formeln.",
        )),
        Value::Formula => Err(wrong(
            "Cellens formel saknar uträknat värde.",
            "Öppna filen i Excel, spara den och skicka den igen, eller skriv värdet i stället för formeln.",
        )),
        _ => Ok(()),
    }
}

/// Nothing but dashes: what many write for "none".
pub fn is_blank(value: &Value<'_>) -> bool {
    matches!(value, Value::Text(text) if text.chars().all(|letter| letter.is_whitespace() || is_dash(letter)))
}

/// Hyphen, minus and dashes of all lengths.
pub fn is_dash(letter: char) -> bool {
    matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

/// What was found, short enough for a message, and never the number of a person that stands in the wrong column.
fn shown(text: &str) -> String {
    crate::domain::shown(&clean(text))
}

/// The words for a value of the wrong kind.
fn found(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) | Value::Error(text) => shown(text),
        Value::Number(number) => shown(&number.replace('.', ",")),
        Value::Percent(number) => format!("{} (procent)", number.replace('.', ",")),
        Value::DateTime(moment) => moment.replace('T', " "),
        Value::Time(clock) => (*clock).to_owned(),
        Value::Bool(value) => if *value { "SANT" } else { "FALSKT" }.to_owned(),
        Value::Formula => "formel".to_owned(),
    }
}

fn is_odd_space(letter: char) -> bool {
    matches!(
        letter,
        '\t' | '\n' | '\r' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// Controls, zero-width characters, marks of direction, and code points that are no characters.
fn is_unseen(letter: char) -> bool {
    (letter.is_control() && !is_odd_space(letter))
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_ends_the_program(text in "[-0-9 .,:/+%a-zåäö\\u{0}-\\u{ffff}]{0,40}") {
            let context = Context { today: "2026-11-23".parse().unwrap(), epoch_1904: false, unformatted: false, decimal: None };
            let digits: String = text.chars().filter(|letter| letter.is_ascii_digit() || matches!(letter, '.' | '-')).collect();
            for value in [
                Value::Text(text.as_str().into()),
                Value::Number(&digits),
                Value::Percent(&digits),
                Value::DateTime(&text),
                Value::Time(&text),
                Value::Error(text.as_str().into()),
            ] {
                let _ = (day(&value, context), personnummer(&value, context), super::text(&value), yes_or_no(&value), roll(&value));
                let _ = (clock(&value), spans(&value), parts(&value), minutes(&value, true), hours(&value));
                let _ = (amount(&value), kilometres(&value, true), per_cent(&value), count(&value));
                let _ = (meeting_slag(&value), claim_slag(&value), income_slag(&value), is_blank(&value));
                let _ = (birth_year(&value, context), child_care(&value), meals(&value), moment(&value, context));
                let _ = (nights(&value), pension_day(&value, context), share(&value));
            }
        }
    }

    #[test]
    fn texts_lose_what_nobody_sees() {
        let cases = [
            ("  Anna Öberg ", "Anna Öberg"),
            ("Anna\r\nÖberg", "Anna Öberg"),
            ("\u{feff}Anna\u{a0}\u{200b}Öberg\u{7}", "Anna Öberg"),
            ("An\u{ad}na", "Anna"),
            ("\u{200b}", ""),
        ];
        for (found, expect) in cases {
            assert_eq!(clean(found), expect, "{found:?}");
        }
    }

    #[test]
    fn a_message_never_shows_the_number_of_a_person() {
        let cases = [
            ("19800101-9804", "…"),
            ("Anna Öberg 800101 9804, KS", "Anna Öberg…, KS"),
            ("2026-10-14", "2026-10-14"),
            ("13.00-15.00 15.20-16.30", "13.00-15.00 15.20-16.30"),
        ];
        for (text, expect) in cases {
            assert_eq!(shown(text), expect);
        }
    }

    #[test]
    fn only_dashes_are_blank() {
        assert!(is_blank(&Value::Text("–".into())));
        assert!(is_blank(&Value::Text(" - - ".into())));
        assert!(!is_blank(&Value::Text("-1".into())));
        assert!(!is_blank(&Value::Number("0")));
    }
}
