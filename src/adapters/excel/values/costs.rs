//! What the costs of §§ 4 and 11-13 ask of a yrkande: journeys over days, meals, nights, children and pensionstillfälle.

use chrono::Datelike;

use super::{Context, Read, Wrong, clock, count, day, found, spans, wrong, yes_or_no};
use crate::adapters::excel::wire::Value;
use crate::calendar::{Day, Month};
use crate::domain::{Barnomsorg, Maltid, folded};
use crate::ports::Moment;

/// A clock time, or a day and a clock time.
///
/// # Errors
/// What is wrong with it; a date alone lacks its time.
pub fn moment(value: &Value<'_>, context: Context) -> Read<Moment> {
    match value {
        Value::DateTime(text) if text.get(..4).is_some_and(|year| year >= "1905") => {
            if text.ends_with("T00:00") {
                return Err(no_time(&found(value)));
            }
            Ok(Moment { day: Some(day(value, context)?), clock: clock(value)? })
        }
        Value::Text(text) => moment_of_text(value, text.trim(), context),
        _ => clock(value).map(|clock| Moment { day: None, clock }),
    }
}

/// The day of a pensionstillfälle; of a month or year its last.
///
/// # Errors
/// It is none of them.
pub fn pension_day(value: &Value<'_>, context: Context) -> Read<Day> {
    let year = |year: i32| Month::new(year, 12).map(Month::last).filter(|_| (1900..=2200).contains(&year));
    let whole = match value {
        Value::Text(text) => match four_digits(text.trim()) {
            Some(number) => year(number),
            None => text.trim().parse::<Month>().ok().map(Month::last),
        },
        Value::Number(number) => four_digits(number).and_then(year),
        _ => None,
    };
    whole.map_or_else(|| day(value, context), Ok).map_err(|error| {
        wrong(error.wrong, "Skriv dagen, månaden eller året för pensionstillfället: 2026-03-04, 2026-03 eller 2026.")
    })
}

/// The year that a child was born, from 1900 to the next.
///
/// # Errors
/// It says no such year.
pub fn birth_year(value: &Value<'_>, context: Context) -> Read<i32> {
    let year = match value {
        Value::Text(text) => four_digits(text.trim()),
        Value::Number(number) => four_digits(number),
        _ => None,
    };
    let year = year.or_else(|| day(value, context).ok().map(|born| born.year()));
    let last = context.today.year() + 1;
    year.filter(|year| (1900..=last).contains(year)).ok_or_else(|| {
        let what = format!("”{}” är inget födelseår från 1900 till {last}.", found(value));
        wrong(what, "Skriv barnets födelseår med fyra siffror, som 2016.")
    })
}

/// Meals with or without counts: `frukost, 2 lunch, middag x 2`; in the order of the day.
///
/// # Errors
/// A part of it is no meal.
pub fn meals(value: &Value<'_>) -> Read<Vec<Maltid>> {
    let wrong_meals = || {
        let what = format!("”{}” är inte måltider.", found(value));
        wrong(
            what,
            "Skriv frukost, lunch och middag med komma emellan och antal framför, som frukost, 2 lunch, middag.",
        )
    };
    let Value::Text(text) = value else { return Err(wrong_meals()) };
    let text = text.to_lowercase();
    if matches!(folded(&text).as_str(), "ingen" | "inga" | "nej") {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for part in text.replace(" och ", ",").replace(" samt ", ",").split([',', ';', '+', '&']) {
        let (meal, times) = counted_meal(part).ok_or_else(wrong_meals)?;
        found.extend(std::iter::repeat_n(meal, times));
    }
    found.sort_by_key(|meal| *meal as u8);
    Ok(found)
}

/// A number of nights.
///
/// # Errors
/// It is no whole number, or more than a year.
pub fn nights(value: &Value<'_>) -> Read<i64> {
    let wrong_nights = |_: Wrong| {
        let what = format!("”{}” är inte ett helt antal nätter.", found(value));
        wrong(what, "Skriv antalet nätter med siffror, som 2.")
    };
    let plain = match value {
        Value::Text(text) => {
            let text = text.trim().to_lowercase();
            let number = text.strip_suffix("nätter").or_else(|| text.strip_suffix("natt")).unwrap_or(&text);
            count(&Value::Text(number.trim().to_owned().into()))
        }
        _ => count(value),
    };
    match plain {
        Ok(nights @ 0..=MOST_NIGHTS) => Ok(i64::from(nights)),
        Ok(_) => Err(wrong(format!("”{}” är fler nätter än ett år har.", found(value)), "Kontrollera antalet nätter.")),
        Err(error) => Err(wrong_nights(error)),
    }
}

/// No, yes (the whole time), or clock times.
///
/// # Errors
/// It is none of them.
pub fn child_care(value: &Value<'_>) -> Read<Barnomsorg> {
    if let Ok(said) = yes_or_no(value) {
        return Ok(if said { Barnomsorg::HelaTiden } else { Barnomsorg::Ingen });
    }
    if let Value::Text(text) = value
        && matches!(folded(text).as_str(), "helatiden" | "heladagen")
    {
        return Ok(Barnomsorg::HelaTiden);
    }
    spans(value).map(Barnomsorg::Tider).map_err(|_| {
        let what = format!("”{}” säger inte när barnet var i barnomsorg.", found(value));
        wrong(what, "Skriv nej, ja (hela tiden) eller tider som 08.00-11.30, 13.00-15.30.")
    })
}

const MOST_NIGHTS: u32 = 366;
const MOST_MEALS: usize = 99;

fn no_time(found: &str) -> Wrong {
    wrong(format!("Klockslaget saknas i ”{found}”."), MOMENT_EXAMPLE)
}

const MOMENT_EXAMPLE: &str = "Skriv klockslaget som 7.30, eller dag och klockslag som 2026-03-04 07.30.";

/// The first space with a date before it and a clock time after it parts the two.
fn moment_of_text(value: &Value<'_>, text: &str, context: Context) -> Read<Moment> {
    if let Ok(clock) = clock(value) {
        return Ok(Moment { day: None, clock });
    }
    let part = |text: &str| Value::Text(text.to_owned().into());
    let spaces = text.match_indices(char::is_whitespace).map(|(place, _)| place);
    let mut parted = spaces.filter_map(|place| {
        let (before, after) = text.split_at(place);
        Some((day(&part(before), context).ok()?, clock(&part(after.trim())).ok()?))
    });
    match parted.next() {
        Some((day, clock)) => Ok(Moment { day: Some(day), clock }),
        None if day(value, context).is_ok() => Err(no_time(&found(value))),
        None => Err(wrong(format!("”{}” är varken klockslag eller dag och klockslag.", found(value)), MOMENT_EXAMPLE)),
    }
}

fn four_digits(text: &str) -> Option<i32> {
    let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_year)
}

/// `lunch`, `2 lunch`, `2 x lunch`, `lunch x2`.
fn counted_meal(part: &str) -> Option<(Maltid, usize)> {
    let digits: Vec<&str> = part.split(|letter: char| !letter.is_ascii_digit()).filter(|run| !run.is_empty()).collect();
    let words = part.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.filter(|word| *word != "x").collect();
    let times = match digits.as_slice() {
        [] => 1,
        [number] => number.parse().ok().filter(|times| *times <= MOST_MEALS)?,
        _ => return None,
    };
    let is_plain = part.chars().all(|letter| letter.is_alphanumeric() || letter.is_whitespace() || letter == '×');
    let meal = match words.as_slice() {
        ["frukost" | "frukostar"] => Maltid::Frukost,
        ["lunch" | "luncher"] => Maltid::Lunch,
        ["middag" | "middagar"] => Maltid::Middag,
        _ => return None,
    };
    is_plain.then_some((meal, times))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        Context { today: "2026-11-23".parse().unwrap(), epoch_1904: false, unformatted: false, decimal: None }
    }

    fn text(text: &str) -> Value<'_> {
        Value::Text(text.into())
    }

    /// What was read, or what is wrong with it.
    fn said<T: std::fmt::Debug>(read: Read<T>) -> String {
        read.map_or_else(|error| error.wrong, |value| format!("{value:?}"))
    }

    #[test]
    fn a_journey_may_say_its_day() {
        let check = |value: Value<'_>, expect: &str| {
            let read = moment(&value, context());
            let shown = read.map(|moment| (moment.day.map(|day| day.to_string()), moment.clock.to_string()));
            let shown = shown.map(|(day, clock)| format!("{} {clock}", day.unwrap_or_default()));
            assert_eq!(shown.unwrap_or_else(|error| error.wrong), expect, "{value:?}");
        };
        check(text("7.30"), " 07:30:00");
        check(Value::Time("07:30"), " 07:30:00");
        check(Value::Number("0.3125"), " 07:30:00");
        check(text("2026-03-04 07.30"), "2026-03-04 07:30:00");
        check(text("4 mars 2026 kl. 07.30"), "2026-03-04 07:30:00");
        check(text("2026-03-04 00.00"), "2026-03-04 00:00:00");
        check(Value::DateTime("2026-03-04T07:30"), "2026-03-04 07:30:00");
        check(Value::DateTime("2026-03-04T00:00"), "Klockslaget saknas i ”2026-03-04 00:00”.");
        check(text("2026-03-04"), "Klockslaget saknas i ”2026-03-04”.");
        check(text("2026-02-30 7.30"), "”2026-02-30 7.30” är varken klockslag eller dag och klockslag.");
        check(text("morgon"), "”morgon” är varken klockslag eller dag och klockslag.");
    }

    #[test]
    fn a_pensionstillfalle_is_a_day_a_month_or_a_year() {
        let check = |value: Value<'_>, expect: &str| {
            let read = pension_day(&value, context()).map(|day| day.to_string());
            assert_eq!(read.unwrap_or_else(|error| error.wrong), expect, "{value:?}");
        };
        check(text("2026-03-04"), "2026-03-04");
        check(Value::DateTime("2026-03-04T00:00"), "2026-03-04");
        check(text("2026-02"), "2026-02-28");
        check(text(" 2026 "), "2026-12-31");
        check(Value::Number("2026"), "2026-12-31");
        check(text("2026-13"), "”2026-13” är inte ett datum.");
        check(text("snart"), "”snart” är inte ett datum.");
    }

    #[test]
    fn a_birth_year_is_within_reach() {
        let check = |value: Value<'_>, expect: &str| {
            assert_eq!(said(birth_year(&value, context())), expect, "{value:?}");
        };
        check(text("2016"), "2016");
        check(Value::Number("2016"), "2016");
        check(text("2016-05-12"), "2016");
        check(Value::DateTime("2016-05-12T00:00"), "2016");
        check(Value::Number("1900"), "1900");
        check(Value::Number("2027"), "2027");
        check(Value::Number("1899"), "”1899” är inget födelseår från 1900 till 2027.");
        check(Value::Number("2028"), "”2028” är inget födelseår från 1900 till 2027.");
        check(text("sex år"), "”sex år” är inget födelseår från 1900 till 2027.");
    }

    #[test]
    fn meals_are_counted_before_or_after() {
        let check = |value: &str, expect: &str| assert_eq!(said(meals(&text(value))), expect, "{value}");
        check("Frukost", "[Frukost]");
        check("middag, frukost, 2 lunch", "[Frukost, Lunch, Lunch, Middag]");
        check("2 x lunch och middag x2", "[Lunch, Lunch, Middag, Middag]");
        check("inga", "[]");
        check("0 lunch", "[]");
        check("fika", "”fika” är inte måltider.");
        check("lunch 2 3", "”lunch 2 3” är inte måltider.");
        check("1,5 lunch", "”1,5 lunch” är inte måltider.");
        check("lunch,", "”lunch,” är inte måltider.");
        assert!(meals(&Value::Number("2")).is_err());
    }

    #[test]
    fn nights_and_child_care() {
        for (value, expect) in [(text("2 nätter"), "2"), (Value::Number("0"), "0"), (Value::Number("366"), "366")] {
            assert_eq!(said(nights(&value)), expect);
        }
        assert_eq!(said(nights(&Value::Number("1.5"))), "”1,5” är inte ett helt antal nätter.");
        assert_eq!(said(nights(&Value::Number("367"))), "”367” är fler nätter än ett år har.");
        let check = |value: &str, expect: &str| assert_eq!(said(child_care(&text(value))), expect, "{value}");
        check("nej", "Ingen");
        check("Ja", "HelaTiden");
        check("hela tiden", "HelaTiden");
        check("08.00-11.30, 13-15", "Tider([(08:00:00, 11:30:00), (13:00:00, 15:00:00)])");
        check("08.00", "”08.00” säger inte när barnet var i barnomsorg.");
        check("ibland", "”ibland” säger inte när barnet var i barnomsorg.");
    }
}
