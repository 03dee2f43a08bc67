use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::calendar::Day;

/// A personnummer or samordningsnummer, twelve digits with a right check digit (SFS 1991:481 § 18; Skatteverket SKV 704).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Personnummer([u8; 12]);

/// Why a text is not a personnummer, in the words a clerk is told.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PersonnummerError {
    /// Neither ten nor twelve digits.
    #[error("ska ha tio eller tolv siffror (ÅÅMMDD-NNNN eller ÅÅÅÅMMDD-NNNN)")]
    Shape,
    /// No such day of birth.
    #[error("har ett födelsedatum som inte finns")]
    Date,
    /// The last digit does not follow from the others.
    #[error("har fel kontrollsiffra")]
    CheckDigit,
}

impl Personnummer {
    /// Reads a number as it is written in a form. `today` decides the century of a number with a two-digit year:
    /// the latest that is not in the future, a hundred years earlier after `+`.
    ///
    /// # Errors
    /// See [`PersonnummerError`].
    pub fn parse(text: &str, today: Day) -> Result<Personnummer, PersonnummerError> {
        let (mut digits, mut count, mut sign) = ([0_u8; 12], 0, None);
        for letter in text.chars() {
            match letter {
                '0'..='9' => {
                    if let (Some(place), Ok(digit)) = (digits.get_mut(count), u8::try_from(u32::from(letter))) {
                        *place = digit - b'0';
                    }
                    count += 1;
                }
                '-' | '\u{2013}' | '+' if sign.is_none() => sign = Some(letter),
                letter if letter.is_whitespace() => {}
                _ => return Err(PersonnummerError::Shape),
            }
        }
        let twelve: [u8; 12] = match count {
            12 => digits,
            10 => with_century(&digits[..10], sign == Some('+'), today)?,
            _ => return Err(PersonnummerError::Shape),
        };
        birth_day(&twelve).ok_or(PersonnummerError::Date)?;
        if check_digit(&twelve[2..11]) != twelve[11] {
            return Err(PersonnummerError::CheckDigit);
        }
        Ok(Personnummer(twelve))
    }

    /// The twelve digits, as PAXml wants them. The only way to a personnummer's digits.
    pub fn twelve_digits(&self) -> String {
        let mut text = String::with_capacity(self.0.len());
        self.push_twelve_digits(&mut text);
        text
    }

    /// Adds them to a text.
    pub fn push_twelve_digits(&self, text: &mut String) {
        text.push_str(std::str::from_utf8(&self.ascii()).unwrap_or_default());
    }

    /// The same as twelve letters.
    pub fn ascii(&self) -> [u8; 12] {
        self.0.map(|digit| b'0' + digit)
    }

    /// Twelve digits that were checked before they were stored.
    pub fn stored(digits: &str) -> Option<Personnummer> {
        let mut twelve = [0; 12];
        let bytes: &[u8; 12] = digits.as_bytes().try_into().ok()?;
        for (to, byte) in twelve.iter_mut().zip(bytes) {
            *to = byte.is_ascii_digit().then(|| byte - b'0')?;
        }
        Some(Personnummer(twelve))
    }
}

impl fmt::Debug for Personnummer {
    /// Never the number: debug texts end in logs.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Personnummer(…)")
    }
}

impl Serialize for Personnummer {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.twelve_digits())
    }
}

impl<'de> Deserialize<'de> for Personnummer {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Personnummer, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl FromStr for Personnummer {
    type Err = PersonnummerError;

    /// Twelve digits only, as we store them.
    fn from_str(text: &str) -> Result<Personnummer, PersonnummerError> {
        if text.len() == 12 { Personnummer::parse(text, Day::MAX) } else { Err(PersonnummerError::Shape) }
    }
}

/// The text without any number of a person: an error or a log line is no place for one.
pub fn without_numbers(text: &str, today: Day) -> String {
    let is_part = |letter: char| letter.is_ascii_digit() || matches!(letter, '-' | '+' | '\u{2013}');
    let (mut kept, mut rest) = (String::with_capacity(text.len()), text);
    while !rest.is_empty() {
        let (run, after) = rest.split_at(rest.find(|letter| !is_part(letter)).unwrap_or(rest.len()));
        if is_in_checksum(&kept, after) {
            kept.push_str(run);
        } else {
            push_without_numbers(&mut kept, run, today);
        }
        let (other, after) = after.split_at(after.find(is_part).unwrap_or(after.len()));
        kept.push_str(other);
        rest = after;
    }
    kept
}

/// Digits between the letters of a checksum are none of anybody's number; between other letters (`lista198001019804.xlsx`)
/// they may be.
fn is_in_checksum(before: &str, after: &str) -> bool {
    let is_letter = |letter: &char| letter.is_alphanumeric();
    let around: Vec<char> =
        before.chars().rev().take_while(is_letter).chain(after.chars().take_while(is_letter)).collect();
    !around.is_empty() && around.iter().all(char::is_ascii_hexdigit)
}

/// A run of digits and signs may hold a number between others: `2026-09-09-19800101-9804`.
fn push_without_numbers(kept: &mut String, run: &str, today: Day) {
    let (mut rest, mut is_after_digit) = (run, false);
    while let Some(first) = rest.chars().next() {
        let number = if is_after_digit { None } else { number_at(rest, today) };
        let (put, length) = match number {
            Some(length) => ('…', length),
            None => (first, first.len_utf8()),
        };
        kept.push(put);
        is_after_digit = number.is_some() || first.is_ascii_digit();
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// The length in bytes of the number that a text begins with.
fn number_at(text: &str, today: Day) -> Option<usize> {
    const LETTERS: [usize; 4] = [13, 12, 11, 10];
    if !text.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let ends = LETTERS.iter().filter_map(|letters| text.char_indices().nth(letters - 1));
    ends.map(|(place, last)| place + last.len_utf8()).find(|end| {
        let (number, after) = text.split_at(*end);
        !after.starts_with(|letter: char| letter.is_ascii_digit()) && Personnummer::parse(number, today).is_ok()
    })
}

fn with_century(ten: &[u8], hundred_years_old: bool, today: Day) -> Result<[u8; 12], PersonnummerError> {
    let mut found = None;
    for century in [18_u8, 19, 20, 21] {
        let mut twelve = [0_u8; 12];
        (twelve[0], twelve[1]) = (century / 10, century % 10);
        twelve[2..].copy_from_slice(ten);
        if birth_day(&twelve).is_some_and(|born| born <= today) {
            found = Some((twelve, found.map(|(latest, _)| latest)));
        }
    }
    match found {
        Some((latest, _)) if !hundred_years_old => Ok(latest),
        Some((_, Some(earlier))) => Ok(earlier),
        _ => Err(PersonnummerError::Date),
    }
}

/// The day of birth; a samordningsnummer has 60 added to its day.
fn birth_day(twelve: &[u8; 12]) -> Option<Day> {
    let number = |digits: &[u8]| digits.iter().fold(0_u32, |sum, digit| sum * 10 + u32::from(*digit));
    let day = number(&twelve[6..8]);
    NaiveDate::from_ymd_opt(number(&twelve[..4]) as i32, number(&twelve[4..6]), if day > 60 { day - 60 } else { day })
}

fn check_digit(nine: &[u8]) -> u8 {
    let sum: u32 = nine
        .iter()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = u32::from(*digit) * if place % 2 == 0 { 2 } else { 1 };
            doubled / 10 + doubled % 10
        })
        .sum();
    ((10 - sum % 10) % 10) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, PersonnummerError> {
        Personnummer::parse(text, "2026-11-23".parse().unwrap()).map(|number| number.twelve_digits())
    }

    #[test]
    fn every_way_to_write_one_number() {
        for text in
            ["19800101-9804", "198001019804", "800101-9804", "8001019804", " 800101 9804 ", "800101\u{2013}9804"]
        {
            assert_eq!(parse(text).as_deref(), Ok("198001019804"), "{text}");
        }
    }

    #[test]
    fn a_number_in_an_error_is_left_out_and_all_else_stays() {
        let check = |text: &str, expected: &str| assert_eq!(without_numbers(text, Day::MAX), expected);
        check("\"19800101-9804\" is not a month", "\"…\" is not a month");
        check("8001019804, 2026-09-09 13.00", "…, 2026-09-09 13.00");
        check("sha256 a198001019804f, 212000-1234", "sha256 a198001019804f, 212000-1234");
        check("lista198001019804.xlsx", "lista….xlsx");
        check("närvaro-19800101-9804.xlsx", "närvaro-….xlsx");
        check("2026-09-09-800101-9804-2.xlsx", "2026-09-09-…-2.xlsx");
        check("800101-9804--198001019804", "…--…");
        check("1198001019804, 8001019804123", "1198001019804, 8001019804123");
        check("2026-09-09T13:00:00Z 2026-10/1", "2026-09-09T13:00:00Z 2026-10/1");
    }

    #[test]
    fn the_century_follows_from_the_sign_and_today() {
        assert_eq!(parse("100101-9809").as_deref(), Ok("201001019809"));
        assert_eq!(parse("100101+9809").as_deref(), Ok("191001019809"));
        assert_eq!(parse("300101-9805").as_deref(), Ok("193001019805"));
    }

    #[test]
    fn a_samordningsnummer_has_sixty_added_to_its_day() {
        assert_eq!(parse("800161-9801").as_deref(), Ok("198001619801"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(parse("800101-9803"), Err(PersonnummerError::CheckDigit));
        assert_eq!(parse("800231-9804"), Err(PersonnummerError::Date));
        assert_eq!(parse("800101-980"), Err(PersonnummerError::Shape));
        assert_eq!(parse("800101-TF02"), Err(PersonnummerError::Shape));
    }

    #[test]
    fn debug_never_shows_the_number() {
        let number = Personnummer::parse("800101-9804", Day::MAX).unwrap();
        assert!(!format!("{number:?}").contains("9804"));
    }
}
