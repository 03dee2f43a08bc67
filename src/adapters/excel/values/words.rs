//! Texts, yes and no, numbers of persons, roles and kinds.

use super::clock::clock_words;
use super::{Context, Read, TEXT_LIMIT, Wrong, clean, found, wrong};
use crate::adapters::excel::wire::Value;
use crate::domain::{ClaimKind, Personnummer, Roll, Slag, folded};

/// A text as written; numbers, dates and times as they are shown.
///
/// # Errors
/// It is longer than [`TEXT_LIMIT`].
pub fn text(value: &Value<'_>) -> Read<String> {
    let text = match value {
        Value::Text(text) => clean(text).into_owned(),
        Value::Number(number) => number.replace('.', ","),
        Value::Percent(_) => format!("{} %", super::per_cent(value)?.to_string().replace('.', ",")),
        Value::DateTime(moment) => {
            moment.strip_suffix("T00:00").map_or_else(|| moment.replace('T', " "), str::to_owned)
        }
        Value::Time(_) => super::clock(value).map_or_else(|_| found(value), clock_words),
        Value::Bool(value) => if *value { "ja" } else { "nej" }.to_owned(),
        Value::Error(_) | Value::Formula => return Err(wrong("Cellen saknar värde.", "Skriv värdet.")),
    };
    if text.len() > TEXT_LIMIT && text.chars().count() > TEXT_LIMIT {
        return Err(wrong(
            format!("Texten är längre än {TEXT_LIMIT} tecken."),
            format!("Korta den till högst {TEXT_LIMIT} tecken, eller hänvisa till en handling."),
        ));
    }
    Ok(text)
}

/// Yes or no.
///
/// # Errors
/// It says neither.
pub fn yes_or_no(value: &Value<'_>) -> Read<bool> {
    let said = match value {
        Value::Bool(said) => Some(*said),
        Value::Number("1") => Some(true),
        Value::Number("0") => Some(false),
        // As most lists have it, without a look at every letter: this runs for every row.
        Value::Text(text) if matches!(text.as_ref(), "ja" | "Ja" | "x") => Some(true),
        Value::Text(text) if matches!(text.as_ref(), "nej" | "Nej") => Some(false),
        Value::Text(text) => match folded(text).as_str() {
            "ja" | "j" | "x" | "1" | "sant" | "true" | "yes" | "y" => Some(true),
            "nej" | "n" | "0" | "falskt" | "false" | "no" => Some(false),
            _ if matches!(text.trim(), "✓" | "✔" | "☑" | "☒") => Some(true),
            _ => None,
        },
        _ => None,
    };
    said.ok_or_else(|| wrong(format!("”{}” är varken ja eller nej.", found(value)), "Skriv ja eller nej."))
}

/// The number of a person. Messages never show it.
///
/// # Errors
/// What is wrong with it.
pub fn personnummer(value: &Value<'_>, context: Context) -> Read<Personnummer> {
    const EXAMPLE: &str = "Skriv numret som ÅÅÅÅMMDD-NNNN och formatera cellen som text.";
    let read = match value {
        Value::Text(text) => Personnummer::parse(text, context.today),
        // A number cell loses its leading zeros: 0001019800 is shown as 1019800.
        Value::Number(number) if (7..10).contains(&number.len()) => {
            Personnummer::parse(&format!("{number:0>10}"), context.today)
        }
        Value::Number(number) => Personnummer::parse(number, context.today),
        _ => return Err(wrong("Cellen innehåller inte ett personnummer.", EXAMPLE)),
    };
    read.map_err(|error| wrong(format!("Personnumret {error}."), EXAMPLE))
}

/// Ersättare by any of its words; every other word is that of a ledamot.
///
/// # Errors
/// It holds no word.
pub fn roll(value: &Value<'_>) -> Read<Roll> {
    let Value::Text(text) = value else {
        return Err(no_roll(value));
    };
    // As most lists have it, without a look at every word: this runs for every row.
    match text.as_ref() {
        "Ledamot" | "ledamot" => return Ok(Roll::Ledamot),
        "Ersättare" | "ersättare" => return Ok(Roll::Ersattare),
        _ => {}
    }
    let text = text.to_lowercase();
    let mut words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    if !text.chars().any(char::is_alphabetic) {
        return Err(no_roll(value));
    }
    let stands_in = |word: &str| {
        matches!(word, "ers" | "suppl")
            || word.contains("ersätt")
            || word.contains("ersatt")
            || word.contains("suppleant")
    };
    Ok(if words.any(stands_in) { Roll::Ersattare } else { Roll::Ledamot })
}

/// What kind of gathering (§ 2 a-k, § 8).
///
/// # Errors
/// It is not on the list; the message shows the list.
pub fn meeting_slag(value: &Value<'_>) -> Read<Slag> {
    let slag = if let Value::Text(text) = value { Slag::parse(text) } else { None };
    slag.ok_or_else(|| unknown_slag(value, &letters_and_words()))
}

/// What is claimed; `None` for `återtagen`, which takes back all of the person's claims for the meeting.
///
/// # Errors
/// It is not on the list; the message shows the list.
pub fn claim_slag(value: &Value<'_>) -> Read<Option<ClaimKind>> {
    let Value::Text(text) = value else {
        return Err(unknown_claim(value));
    };
    match ClaimKind::parse(text) {
        Some(kind) => Ok(Some(kind)),
        None if matches!(folded(text).as_str(), "atertagen" | "atertaget" | "atertagna" | "atertas") => Ok(None),
        None => Err(unknown_claim(value)),
    }
}

/// What kind of income: `anställd`, `egen företagare` or `sjukpenning`.
///
/// # Errors
/// It is not on the list.
pub fn income_slag(value: &Value<'_>) -> Read<String> {
    let word = if let Value::Text(text) = value { folded(text) } else { String::new() };
    let word = match word.as_str() {
        "anstalld" | "anstallning" => "anställd",
        "egenforetagare" | "foretagare" | "egetforetag" => "egen företagare",
        "sjukpenning" => "sjukpenning",
        _ => return Err(unknown_slag(value, "anställd, egen företagare, sjukpenning")),
    };
    Ok(word.to_owned())
}

fn no_roll(value: &Value<'_>) -> Wrong {
    wrong(format!("”{}” är ingen roll.", found(value)), "Skriv ledamot eller ersättare.")
}

fn unknown_claim(value: &Value<'_>) -> Wrong {
    let words: Vec<&str> = ClaimKind::all().map(ClaimKind::word).collect();
    unknown_slag(value, &format!("{}, återtagen", words.join(", ")))
}

fn unknown_slag(value: &Value<'_>, allowed: &str) -> Wrong {
    wrong(format!("Slaget ”{}” finns inte.", found(value)), format!("Skriv något av: {allowed}."))
}

fn letters_and_words() -> String {
    let lettered = ('a'..='k')
        .filter_map(|letter| Slag::parse(&letter.to_string()).map(|slag| format!("{letter} {}", slag.word())));
    let external = [Slag::ExternForrattning, Slag::ExternRepresentation].map(|slag| slag.word().to_owned());
    lettered.chain(external).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        Context { today: "2026-11-23".parse().unwrap(), epoch_1904: false, unformatted: false, decimal: None }
    }

    #[test]
    fn yes_and_no_in_every_form() {
        for text in ["ja", "Ja", "J", "x", "X", "1", "sant", "TRUE", "✓"] {
            assert_eq!(yes_or_no(&Value::Text(text.into())), Ok(true), "{text}");
        }
        for text in ["nej", "Nej", "n", "0", "FALSKT", "false"] {
            assert_eq!(yes_or_no(&Value::Text(text.into())), Ok(false), "{text}");
        }
        assert_eq!(yes_or_no(&Value::Number("1")), Ok(true));
        assert_eq!(yes_or_no(&Value::Bool(false)), Ok(false));
        assert_eq!(yes_or_no(&Value::Text("kanske".into())).unwrap_err().wrong, "”kanske” är varken ja eller nej.");
    }

    #[test]
    fn one_person_in_every_form() {
        let text = |text: &'static str| Value::Text(text.into());
        let cases = [
            (text("19800101-9804"), "198001019804"),
            (text("800101-9804"), "198001019804"),
            (text("8001019804"), "198001019804"),
            (Value::Number("8001019804"), "198001019804"),
            (Value::Number("198001019804"), "198001019804"),
            (text("800161-9801"), "198001619801"),
            (text("800101-9803"), "Personnumret har fel kontrollsiffra."),
            (text("800231-9804"), "Personnumret har ett födelsedatum som inte finns."),
            (Value::Number("980"), "Personnumret ska ha tio eller tolv siffror (ÅÅMMDD-NNNN eller ÅÅÅÅMMDD-NNNN)."),
            (Value::DateTime("1980-01-01T00:00"), "Cellen innehåller inte ett personnummer."),
        ];
        for (value, expect) in cases {
            let read =
                personnummer(&value, context()).map_or_else(|wrong| wrong.wrong, |number| number.twelve_digits());
            assert_eq!(read, expect, "{value:?}");
        }
        // A number cell loses the leading zeros of a person born in 2000.
        let zeros = luhn("200001019");
        let lost = zeros.twelve_digits()[2..].trim_start_matches('0').to_owned();
        assert_eq!(personnummer(&Value::Number(&lost), context()), Ok(zeros));
    }

    /// The first right number with a start of nine digits.
    fn luhn(start: &str) -> Personnummer {
        (0..1000).find_map(|tail| Personnummer::parse(&format!("{start}{tail:03}"), context().today).ok()).unwrap()
    }

    #[test]
    fn roles() {
        for text in
            ["Ersättare", "ers", "tjg ers.", "1:e ersättare", "Suppleant", "TJÄNSTGÖRANDE ERSÄTTARE", "ersattare"]
        {
            assert_eq!(roll(&Value::Text(text.into())), Ok(Roll::Ersattare), "{text}");
        }
        for text in ["Ledamot", "ordförande", "1:e vice ordf", "revisor", "person"] {
            assert_eq!(roll(&Value::Text(text.into())), Ok(Roll::Ledamot), "{text}");
        }
        assert!(roll(&Value::Number("1")).is_err());
    }

    #[test]
    fn an_unknown_slag_is_answered_with_the_list() {
        let answer = meeting_slag(&Value::Text("fika".into())).unwrap_err();
        assert_eq!(answer.wrong, "Slaget ”fika” finns inte.");
        assert!(answer.instead.starts_with("Skriv något av: a sammanträde, b arbetsgrupp,"), "{}", answer.instead);
        assert!(
            answer.instead.ends_with("k gruppledarmöte, extern förrättning, extern representation."),
            "{}",
            answer.instead
        );
        let answer = claim_slag(&Value::Text("fika".into())).unwrap_err();
        assert!(answer.instead.ends_with("övrigt, återtagen."), "{}", answer.instead);
        assert_eq!(claim_slag(&Value::Text("Återtagen".into())), Ok(None));
        assert_eq!(claim_slag(&Value::Text("Barntillsyn § 12".into())), Ok(Some(ClaimKind::Barntillsyn)));
    }

    #[test]
    fn texts_are_bounded_and_cells_of_other_kinds_are_written_out() {
        assert_eq!(text(&Value::Number("12.5")).as_deref(), Ok("12,5"));
        assert_eq!(text(&Value::DateTime("2026-10-14T00:00")).as_deref(), Ok("2026-10-14"));
        assert_eq!(text(&Value::Time("13:00")).as_deref(), Ok("13:00"));
        assert!(text(&Value::Text("å".repeat(1000).into())).is_ok());
        assert_eq!(text(&Value::Text("å".repeat(1001).into())).unwrap_err().wrong, "Texten är längre än 1000 tecken.");
    }
}
