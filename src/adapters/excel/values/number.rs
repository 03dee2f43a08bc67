//! Amounts, distances, percentages and counts: exact decimals, never a float.

use std::borrow::Cow;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::{Read, Wrong, found, is_dash, shown, wrong};
use crate::adapters::excel::wire::Value;
use crate::money::Ore;

/// An amount in kronor, not negative, rounded to whole öre.
///
/// # Errors
/// What is wrong with it.
pub fn amount(value: &Value<'_>) -> Read<Ore> {
    not_negative(kronor(value)?, value).map(Ore::from_kronor)
}

/// An amount in kronor, below zero where it takes something back, rounded to whole öre.
///
/// # Errors
/// What is wrong with it.
pub fn signed_amount(value: &Value<'_>) -> Read<Ore> {
    kronor(value).map(Ore::from_kronor)
}

fn kronor(value: &Value<'_>) -> Read<Decimal> {
    let wrong_amount =
        || wrong(format!("”{}” är inte ett belopp.", found(value)), "Skriv beloppet i kronor som 1234,50.");
    let amount: Decimal = match value {
        Value::Number(number) => number.parse().map_err(|_| wrong_amount())?,
        Value::Text(text) => {
            let text = text.to_lowercase();
            let plain = text.trim_start_matches("sek").trim_end_matches("sek").trim_start_matches("kr").trim();
            let plain = plain.trim_end_matches("kronor").trim_end_matches("kr.").trim_end_matches("kr").trim();
            let plain = plain.trim_end_matches(":-").trim_end_matches(",-").trim_end_matches(".-");
            parse_decimal(plain)?.ok_or_else(wrong_amount)?
        }
        _ => return Err(wrong_amount()),
    };
    if amount.abs() > Decimal::from(HIGHEST_KRONOR) {
        return Err(wrong(
            format!("Beloppet {} är orimligt stort.", found(value)),
            "Kontrollera beloppet; det ska vara i kronor.",
        ));
    }
    Ok(amount)
}

/// How many units, or kronor per unit: below zero where it takes something back.
///
/// # Errors
/// What is wrong with it.
pub fn quantity(value: &Value<'_>) -> Read<Decimal> {
    let (number, _) = signed_with_unit(value, &["kronor", "kr", "timmar", "tim", "st", "mil", "km", "h"])?;
    Ok(number.normalize())
}

/// A distance in kilometres; under a header in mil, a number without a unit of its own counts tens of them.
///
/// # Errors
/// What is wrong with it.
pub fn kilometres(value: &Value<'_>, in_mil: bool) -> Read<Decimal> {
    let (number, unit) = with_unit(value, &["kilometer", "km", "mil"])?;
    let is_mil = unit.map_or(in_mil, |unit| unit == "mil");
    let kilometres = if is_mil { number * Decimal::TEN } else { number };
    if kilometres > Decimal::from(LONGEST_KM) {
        return Err(wrong(
            format!("Sträckan {} är orimligt lång.", found(value)),
            "Skriv körd sträcka i kilometer, till exempel 34.",
        ));
    }
    Ok(kilometres.normalize())
}

/// Per cent: `40`, `40 %`, or a fraction of one, as a cell with a percent format holds it.
///
/// # Errors
/// What is wrong with it.
pub fn per_cent(value: &Value<'_>) -> Read<Decimal> {
    let (number, unit) = match value {
        Value::Percent(number) => (with_unit(&Value::Number(number), &[])?.0 * Decimal::ONE_HUNDRED, Some("%")),
        _ => with_unit(value, &["%", "procent"])?,
    };
    let is_fraction = unit.is_none() && number < Decimal::ONE;
    let per_cent = if is_fraction { number * Decimal::ONE_HUNDRED } else { number };
    if per_cent > Decimal::ONE_HUNDRED {
        return Err(wrong(
            format!("”{}” är mer än 100 procent.", found(value)),
            "Skriv procent av heltid, till exempel 40.",
        ));
    }
    Ok(per_cent.normalize())
}

/// A share of an income in per cent: `12`, `12 %`, or a cell with a percent format. A bare number below 1 may be either.
///
/// # Errors
/// What is wrong with it.
pub fn share(value: &Value<'_>) -> Read<Decimal> {
    let is_bare = match value {
        Value::Text(text) => !text.contains('%') && !text.to_lowercase().contains("procent"),
        Value::Percent(_) => false,
        _ => true,
    };
    let (number, _) = match value {
        Value::Percent(number) => (with_unit(&Value::Number(number), &[])?.0 * Decimal::ONE_HUNDRED, None),
        _ => with_unit(value, &["%", "procent"])?,
    };
    if is_bare && number > Decimal::ZERO && number < Decimal::ONE {
        return Err(wrong(
            format!("”{}” kan betyda två olika procenttal.", found(value)),
            "Skriv procenttalet med procenttecken, som 12 % eller 0,5 %.",
        ));
    }
    if number > Decimal::ONE_HUNDRED {
        return Err(wrong(
            format!("”{}” är mer än 100 procent.", found(value)),
            "Skriv procent från 0 till 100, som 12.",
        ));
    }
    Ok(number.normalize())
}

/// A whole number from 0.
///
/// # Errors
/// What is wrong with it.
pub fn count(value: &Value<'_>) -> Read<u32> {
    let (number, _) = with_unit(value, &[])?;
    let whole = u32::try_from(number).ok().filter(|_| number.is_integer() && number < Decimal::from(1_000_000));
    whole.ok_or_else(|| {
        wrong(format!("”{}” är inte ett helt antal.", found(value)), "Skriv ett heltal, till exempel 1.")
    })
}

/// The text of a number with one meaning, where its only mark could part thousands or decimals: `1.234` with a decimal
/// comma is `1234`, `1,234` is `1,2340`. Every other text stays as it is.
pub fn with_decimal_sign(text: &str, decimal: char) -> Cow<'_, str> {
    let is_mark = |letter: char| matches!(letter, '.' | ',');
    let mut marks = text.char_indices().filter(|(_, letter)| is_mark(*letter));
    let (Some((at, mark)), None) = (marks.next(), marks.next()) else { return Cow::Borrowed(text) };
    let rest = &text[at + 1..];
    let decimals = rest.bytes().take_while(u8::is_ascii_digit).count();
    if decimals != 3 || !text[..at].ends_with(|letter: char| letter.is_ascii_digit()) {
        return Cow::Borrowed(text);
    }
    let (digits, after) = rest.split_at(decimals);
    Cow::Owned(match mark == decimal {
        true => format!("{}{mark}{digits}0{after}", &text[..at]),
        false => format!("{}{digits}{after}", &text[..at]),
    })
}

const HIGHEST_KRONOR: i64 = 1_000_000_000;
const LONGEST_KM: i64 = 100_000;

/// A number below zero is a mistake in every column we read.
pub(super) fn not_negative(number: Decimal, value: &Value<'_>) -> Read<Decimal> {
    if number < Decimal::ZERO {
        return Err(wrong(
            format!("”{}” är negativt.", found(value)),
            "Skriv ett tal som är noll eller större; en rättelse görs genom att skriva det rätta värdet.",
        ));
    }
    Ok(number)
}

fn with_unit<'u>(value: &Value<'_>, units: &[&'u str]) -> Read<(Decimal, Option<&'u str>)> {
    let (number, unit) = signed_with_unit(value, units)?;
    Ok((not_negative(number, value)?, unit))
}

fn signed_with_unit<'u>(value: &Value<'_>, units: &[&'u str]) -> Read<(Decimal, Option<&'u str>)> {
    let wrong_number =
        || wrong(format!("”{}” är inte ett tal.", found(value)), "Skriv talet med siffror, till exempel 12,5.");
    let (number, unit): (Decimal, _) = match value {
        Value::Number(number) => (number.parse().map_err(|_| wrong_number())?, None),
        Value::Text(text) => {
            let text = text.to_lowercase();
            let text = text.trim().trim_end_matches('.');
            let unit = units.iter().find(|unit| text.ends_with(**unit)).copied();
            let plain = text.strip_suffix(unit.unwrap_or_default()).unwrap_or(text);
            (parse_decimal(plain)?.ok_or_else(wrong_number)?, unit)
        }
        _ => return Err(wrong_number()),
    };
    if number.abs() > Decimal::from(1_000_000_000_i64) { Err(wrong_number()) } else { Ok((number, unit)) }
}

/// A number as people write it: spaces between thousands, comma or point before decimals. `None` if it is none.
pub(super) fn parse_decimal(text: &str) -> Read<Option<Decimal>> {
    let mut digits: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '\u{a0}' | '\u{202f}' | '\'' | '’'))
        .collect();
    let negative = digits.chars().next().is_some_and(is_dash);
    if negative {
        digits = digits.chars().skip(1).collect();
    }
    let marks: Vec<(usize, char)> = digits.char_indices().filter(|(_, letter)| matches!(letter, '.' | ',')).collect();
    let last_decimals = marks.last().map_or(0, |(at, _)| digits.len() - at - 1);
    let decimal_mark = match marks.as_slice() {
        [] => None,
        [(at, '.' | ',')] if last_decimals == 3 && *at <= 3 && !digits.starts_with('0') => {
            return Err(two_meanings(text));
        }
        [(at, _)] => Some(*at),
        [.., (_, before), (at, last)] if before != last => Some(*at),
        // 1.234.567
        _ if last_decimals == 3 => None,
        _ => return Ok(None),
    };
    let (whole, decimals) = decimal_mark.map_or((digits.as_str(), ""), |at| (&digits[..at], &digits[at + 1..]));
    let groups: Vec<&str> = whole.split(['.', ',']).collect();
    let grouped = groups.len() == 1 || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let whole: String = groups.concat();
    if !grouped
        || whole.is_empty()
        || !all_digits(&whole)
        || !all_digits(decimals)
        || whole.len() > 15
        || decimals.len() > 12
    {
        return Ok(None);
    }
    let number = Decimal::from_str(&format!("{whole}.{decimals}0")).ok();
    Ok(number.map(|number| if negative { -number } else { number }.normalize()))
}

fn two_meanings(text: &str) -> Wrong {
    wrong(
        format!("”{}” kan betyda både tusental och decimaler.", shown(text)),
        "Skriv tusental utan punkt och decimaler med komma, till exempel 1234,50.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<T: ToString>(read: Read<T>) -> String {
        read.map_or_else(|wrong| wrong.wrong, |value| value.to_string())
    }

    #[test]
    fn a_share_below_one_says_its_unit() {
        let check = |value: Value<'_>, expect: &str| {
            let read = share(&value).map(|number| number.to_string());
            assert_eq!(read.unwrap_or_else(|error| error.wrong), expect, "{value:?}");
        };
        check(Value::Number("12"), "12");
        check(Value::Number("0"), "0");
        check(Value::Number("100"), "100");
        check(Value::Text("4,5 %".into()), "4.5");
        check(Value::Text("0,5 procent".into()), "0.5");
        check(Value::Percent("0.12"), "12");
        check(Value::Percent("0.005"), "0.5");
        check(Value::Number("1"), "1");
        check(Value::Number("0.12"), "”0,12” kan betyda två olika procenttal.");
        check(Value::Text("0,12".into()), "”0,12” kan betyda två olika procenttal.");
        check(Value::Number("100.5"), "”100,5” är mer än 100 procent.");
        check(Value::Text("hög".into()), "”hög” är inte ett tal.");
    }

    #[test]
    fn a_file_with_one_decimal_sign_says_what_thousands_are() {
        let cases = [
            ("1.234", ',', "1234.00"),
            ("1,234", ',', "1.23"),
            ("1,234 kr", '.', "1234.00"),
            ("1.234,50", ',', "1234.50"),
            ("1234,5", ',', "1234.50"),
            ("12 345", ',', "12345.00"),
        ];
        for (text, decimal, expect) in cases {
            assert_eq!(said(amount(&Value::Text(with_decimal_sign(text, decimal)))), expect, "{text} {decimal}");
        }
    }

    #[test]
    fn one_amount_in_every_form() {
        let texts = [
            "1 234,50 kr",
            "1\u{a0}234,50\u{a0}kr",
            "1\u{202f}234,50",
            "1234.5",
            "1234,5",
            "1.234,50",
            "1,234.50",
            "1'234,50",
            "SEK 1234,50",
            "kr 1234,50",
            "1234,50 Kr.",
            "1 234,50 kronor",
        ];
        for text in texts {
            assert_eq!(said(amount(&Value::Text(text.into()))), "1234.50", "{text}");
        }
        assert_eq!(said(amount(&Value::Number("1234.5"))), "1234.50");
        assert_eq!(said(amount(&Value::Number("230.303030303030"))), "230.30");
        assert_eq!(said(amount(&Value::Text("1 234:-".into()))), "1234.00");
        assert_eq!(said(amount(&Value::Text("1.234.567".into()))), "1234567.00");
        assert_eq!(said(amount(&Value::Text("0".into()))), "0.00");
    }

    #[test]
    fn amounts_that_are_none_say_so() {
        let cases = [
            (Value::Text("1.234".into()), "”1.234” kan betyda både tusental och decimaler."),
            (Value::Text("1,234".into()), "”1,234” kan betyda både tusental och decimaler."),
            (Value::Text("-5".into()), "”-5” är negativt."),
            (Value::Text("\u{2212}5 kr".into()), "”\u{2212}5 kr” är negativt."),
            (Value::Number("-0.01"), "”-0,01” är negativt."),
            (Value::Text("enligt intyg".into()), "”enligt intyg” är inte ett belopp."),
            (Value::Text("100+200".into()), "”100+200” är inte ett belopp."),
            (Value::Text("1,2,3".into()), "”1,2,3” är inte ett belopp."),
            (Value::Text("kr".into()), "”kr” är inte ett belopp."),
            (Value::Number("1234567890123"), "Beloppet … är orimligt stort."),
            (Value::Number("150000000000000000000000000000000"), "”…” är inte ett belopp."),
            (Value::Bool(true), "”SANT” är inte ett belopp."),
            (Value::DateTime("2026-10-14T00:00"), "”2026-10-14 00:00” är inte ett belopp."),
        ];
        for (value, expect) in cases {
            assert_eq!(said(amount(&value)), expect, "{value:?}");
        }
    }

    #[test]
    fn distances_follow_the_unit_of_the_cell_and_else_of_the_header() {
        let cases = [
            (Value::Number("34"), false, "34"),
            (Value::Number("3.4"), true, "34"),
            (Value::Text("3,4 mil".into()), false, "34"),
            (Value::Text("34 km".into()), true, "34"),
            (Value::Text("34 km.".into()), true, "34"),
            (Value::Text("långt".into()), false, "”långt” är inte ett tal."),
            (Value::Number("1000000"), false, "Sträckan 1000000 är orimligt lång."),
        ];
        for (value, in_mil, expect) in cases {
            assert_eq!(said(kilometres(&value, in_mil)), expect, "{value:?}");
        }
    }

    #[test]
    fn percentages_and_counts() {
        let cases = [
            (Value::Number("40"), "40"),
            (Value::Text("40 %".into()), "40"),
            (Value::Text("12,5%".into()), "12.5"),
            (Value::Number("0.4"), "40"),
            (Value::Percent("1"), "100"),
            (Value::Percent("0.01"), "1"),
            (Value::Number("1"), "1"),
            (Value::Number("0"), "0"),
            (Value::Number("150"), "”150” är mer än 100 procent."),
        ];
        for (value, expect) in cases {
            assert_eq!(said(per_cent(&value)), expect, "{value:?}");
        }
        assert_eq!(said(count(&Value::Number("2"))), "2");
        assert_eq!(said(count(&Value::Number("2.5"))), "”2,5” är inte ett helt antal.");
    }
}
