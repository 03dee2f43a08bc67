//! A row of Beslut. Which of the named things exist, the register says; here is only what each may be.

use super::RowReader;
use crate::adapters::excel::columns::Field;
use crate::adapters::excel::values::{self, Context, Read, wrong};
use crate::adapters::excel::wire::Value;
use crate::calendar::Day;
use crate::domain::{ClaimKind, Personnummer, Utfall, folded, shown};
use crate::ports::{BeslutPart, BeslutRow};

/// The typed row.
pub(super) fn read(row: &mut RowReader<'_, '_>) -> BeslutRow {
    let context = row.context();
    let day = |value: &Value<'_>| values::day(value, context);
    let about_text = row.required(Field::Galler, "Vad beslutet gäller", PART_EXAMPLE, values::text);
    BeslutRow {
        diarienummer: row.required(
            Field::Diarienummer,
            "Diarienummer",
            "Skriv numret som beslutet finns under.",
            values::text,
        ),
        day: row.required(Field::Datum, "Datum", "Skriv dagen för beslutet, som 2026-10-14.", day),
        organ: row.text(Field::Organ),
        about: row.value(Field::Galler, |value| parts(&values::text(value)?, context)).unwrap_or_default(),
        about_text,
        utfall: row.required(Field::Innebord, "Innebörd", OUTCOME_ALLOWED, outcome),
        innebord: row.value(Field::Innebord, values::text),
        from: row.day(Field::From),
        to: row.day(Field::To),
    }
}

const OUTCOME_ALLOWED: &str = "Börja med bifall, avslag, återkrav, kvittning eller eftergift.";
const PART_EXAMPLE: &str =
    "Skriv paragraf, person, möte och slag av yrkande med komma emellan, som § 15, Anna Öberg, KS 2026-03-04.";
/// The paragraphs of bestämmelserna.
const PARAGRAPHS: std::ops::RangeInclusive<u32> = 1..=19;

/// The first word says it; what follows are the decision's own words.
pub(super) fn outcome(value: &Value<'_>) -> Read<Utfall> {
    let text = values::text(value)?;
    let first = text.split(|letter: char| !letter.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default();
    match folded(first).as_str() {
        "bifall" => Ok(Utfall::Bifall),
        "avslag" => Ok(Utfall::Avslag),
        "aterkrav" => Ok(Utfall::Aterkrav),
        "kvittning" => Ok(Utfall::Kvittning),
        "eftergift" => Ok(Utfall::Eftergift),
        _ => Err(wrong(format!("Innebörden ”{}” säger inte vad som beslutats.", shown(&text)), OUTCOME_ALLOWED)),
    }
}

/// The parts between commas and semicolons. `särskilda skäl` only names a reason; alone it says nothing.
fn parts(text: &str, context: Context) -> Read<Vec<BeslutPart>> {
    let mut parts = Vec::new();
    for text in text.split([',', ';']).map(str::trim).filter(|text| !text.is_empty()) {
        if !matches!(folded(text).as_str(), "sarskildaskal" | "sarskiltskal") {
            parts.push(part(text, context)?);
        }
    }
    if parts.is_empty() {
        return Err(wrong(format!("”{}” säger inte vad beslutet gäller.", shown(text)), PART_EXAMPLE));
    }
    Ok(parts)
}

fn part(text: &str, context: Context) -> Read<BeslutPart> {
    if folded(text) == "narvaroratt" {
        return Ok(BeslutPart::Paragraph("§ 2".to_owned()));
    }
    if let Some(paragraph) = paragraph(text)? {
        return Ok(BeslutPart::Paragraph(paragraph));
    }
    if let Some(slag) = ClaimKind::parse(text) {
        return Ok(BeslutPart::Slag(slag));
    }
    if let Some(number) = number(text, context)? {
        return Ok(BeslutPart::Number(number));
    }
    Ok(match dated(text, context) {
        Some((organ, day)) => BeslutPart::Dated(text.to_owned(), organ, day),
        None => BeslutPart::Named(text.to_owned()),
    })
}

/// `§ 15`, `§2c`, `15 §`, `paragraf 2 c`; as `§ 15` and `§ 2 c`.
fn paragraph(text: &str) -> Read<Option<String>> {
    let lower = text.to_lowercase();
    let stripped = ["§", "paragraf"].iter().find_map(|sign| lower.strip_prefix(sign));
    let Some(rest) = stripped.or_else(|| lower.strip_suffix('§')) else { return Ok(None) };
    let rest = rest.trim();
    let letters_at = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let (number, letter) = rest.split_at(letters_at);
    let letter = letter.trim();
    let is_letter = letter.is_empty() || matches!(letter.as_bytes(), [b'a'..=b'z']);
    match number.parse::<u32>() {
        Ok(number) if is_letter && PARAGRAPHS.contains(&number) => {
            Ok(Some(format!("§ {number} {letter}").trim_end().to_owned()))
        }
        _ => Err(wrong(
            format!("Paragrafen ”{}” finns inte i bestämmelserna.", shown(text)),
            "Skriv en av §§ 1–19, som § 15 eller § 2 c.",
        )),
    }
}

/// Ten or twelve digits with dashes and spaces alone are the number of a person, and never shown.
fn number(text: &str, context: Context) -> Read<Option<Personnummer>> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_number = matches!(digits, 10 | 12)
        && text.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '-' | '+' | ' ' | '–'));
    if !is_number {
        return Ok(None);
    }
    values::personnummer(&Value::Text(text.into()), context).map(Some)
}

/// An organ and a day after it: the shortest end that is a date. Digits alone are a date only as `20260304` or `260304`.
pub(super) fn dated(text: &str, context: Context) -> Option<(String, Day)> {
    let spaces: Vec<usize> = text.match_indices(char::is_whitespace).map(|(place, _)| place).collect();
    spaces.iter().rev().take(3).find_map(|place| {
        let (organ, date) = text.split_at(*place);
        let date = date.trim();
        let is_serial = date.bytes().all(|byte| byte.is_ascii_digit()) && !matches!(date.len(), 6 | 8);
        let day = values::day(&Value::Text(date.into()), context).ok().filter(|_| !is_serial)?;
        Some((organ.trim().to_owned(), day))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        Context { today: "2026-11-23".parse().unwrap(), epoch_1904: false, unformatted: false, decimal: None }
    }

    #[test]
    fn what_a_decision_may_be_about() {
        let check = |text: &str, expect: &str| {
            let read = parts(text, context()).map(|parts| format!("{parts:?}"));
            assert_eq!(read.unwrap_or_else(|error| error.wrong), expect, "{text}");
        };
        check("§ 15", "[Paragraph(\"§ 15\")]");
        check("§2C; närvarorätt", "[Paragraph(\"§ 2 c\"), Paragraph(\"§ 2\")]");
        check("12 §, särskilda skäl", "[Paragraph(\"§ 12\")]");
        check("Barntillsyn", "[Slag(Barntillsyn)]");
        check("KS 4 mars 2026", "[Dated(\"KS 4 mars 2026\", \"KS\", 2026-03-04)]");
        check("KS 2026/123", "[Named(\"KS 2026/123\")]");
        check("KS 45000", "[Named(\"KS 45000\")]");
        check("Anna Öberg", "[Named(\"Anna Öberg\")]");
        check("§ 20", "Paragrafen ”§ 20” finns inte i bestämmelserna.");
        check("§ 15 om resor", "Paragrafen ”§ 15 om resor” finns inte i bestämmelserna.");
        check("särskilda skäl", "”särskilda skäl” säger inte vad beslutet gäller.");
        check("19800101-9805", "Personnumret har fel kontrollsiffra.");
        assert!(matches!(parts("800101-9804", context()).as_deref(), Ok([BeslutPart::Number(_)])));
    }

    #[test]
    fn the_first_word_is_the_outcome() {
        let check = |text: &str, expect: Option<Utfall>| {
            assert_eq!(outcome(&Value::Text(text.into())).ok(), expect, "{text}");
        };
        check("Bifall: kursen är av betydelse", Some(Utfall::Bifall));
        check("återkrav 412 kr", Some(Utfall::Aterkrav));
        check("KVITTNING", Some(Utfall::Kvittning));
        check("eftergift", Some(Utfall::Eftergift));
        check("avslag enligt § 16", Some(Utfall::Avslag));
        check("Godkänns", None);
        check("inte bifall", None);
    }
}
