//! What a cell of a matrix says of a person at a meeting.

use std::collections::BTreeMap;

use crate::adapters::excel::values::{self, Part, Read, is_blank, wrong};
use crate::adapters::excel::wire::Value;
use crate::calendar::Clock;
use crate::domain::{folded, shown};
use crate::ports::Given;

/// Presence in one cell. The cell is where these are said, so what it does not say is blank, not absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Not there.
    pub absent: bool,
    /// Serves, or does not.
    pub tjanstgorande: Given<bool>,
    /// The person's own times.
    pub own: Given<Vec<(Option<Clock>, Option<Clock>)>>,
    /// Presence by paragraphs.
    pub paragrafer: Given<String>,
    /// From elsewhere.
    pub distans: Given<bool>,
}

impl Default for Mark {
    fn default() -> Mark {
        Mark {
            absent: false,
            tjanstgorande: Given::Blank,
            own: Given::Blank,
            paragrafer: Given::Blank,
            distans: Given::Blank,
        }
    }
}

impl Mark {
    /// Not there.
    pub fn absent() -> Mark {
        Mark { absent: true, ..Mark::default() }
    }

    fn serves(yes: bool) -> Mark {
        Mark { tjanstgorande: Given::Is(yes), ..Mark::default() }
    }
}

/// What a mark says; `words` are a kommun's own, folded, and what they stand for.
///
/// # Errors
/// A note that nobody has told what it means.
pub fn mark(value: &Value<'_>, words: &BTreeMap<String, String>) -> Read<Mark> {
    values::usable(value)?;
    match value {
        Value::Bool(there) => Ok(if *there { Mark::default() } else { Mark::absent() }),
        Value::Number(number) => match words.get(*number).map(String::as_str).unwrap_or(number) {
            "1" => Ok(Mark::default()),
            "0" => Ok(Mark::absent()),
            word if word != *number => written(word),
            _ => Err(unknown(&number.replace('.', ","))),
        },
        Value::Text(text) => written(words.get(&folded(text)).map_or(text, String::as_str)),
        Value::Time(clock) => Err(lone_clock(clock)),
        Value::DateTime(moment) => Err(unknown(moment.split('T').next().unwrap_or_default())),
        _ => Err(unknown("procent")),
    }
}

fn written(text: &str) -> Read<Mark> {
    let text = text.trim();
    if is_blank(&Value::Text(text.into())) {
        return Ok(Mark::absent());
    }
    if text.starts_with('§') {
        return Ok(Mark { paragrafer: Given::Is(text.to_owned()), ..Mark::default() });
    }
    if let Some(said) = word(text) {
        return Ok(said);
    }
    // "tj 13.00-15.30", "x 13.00-": a word, and times after it.
    let digit = text.find(|letter: char| letter.is_ascii_digit()).filter(|at| *at > 0);
    let (before, times) = match digit {
        Some(at) => text.split_at(dash_before(text, at)),
        None => ("", text),
    };
    let before = before.trim().trim_end_matches([',', ':', ';']).trim();
    let said = match folded(before).as_str() {
        "" | "kl" => Some(Mark::default()),
        _ => word(before).filter(|said| !said.absent),
    };
    // 2026-10-14 is a day, and no times.
    let is_day = times.split([',', ';']).any(|part| part.chars().filter(|letter| values::is_dash(*letter)).count() > 1);
    let Some(said) = said.filter(|_| !is_day) else { return Err(unknown(text)) };
    let Ok(parts) = values::parts(&Value::Text(times.trim().into())) else { return Err(unknown(text)) };
    let ends = |part: &Part| match part {
        Part::Span(from, to) => Some((Some(*from), Some(*to))),
        Part::From(from) => Some((Some(*from), None)),
        Part::To(to) => Some((None, Some(*to))),
        Part::At(_) => None,
    };
    let own: Option<Vec<_>> = parts.iter().map(ends).collect();
    own.map(|own| Mark { own: Given::Is(own), ..said }).ok_or_else(|| lone_clock(text))
}

/// A dash right before the first digit belongs to the times: `-15.30`.
fn dash_before(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default().trim_end();
    before.char_indices().next_back().filter(|(_, letter)| values::is_dash(*letter)).map_or(at, |(place, _)| place)
}

fn word(text: &str) -> Option<Mark> {
    if matches!(text, "✓" | "✔" | "☑" | "☒" | "√") {
        return Some(Mark::default());
    }
    // A question mark or an asterisk says that more is meant.
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '.' | '-' | '/' | '(' | ')');
    if !text.chars().all(is_plain) {
        return None;
    }
    Some(match folded(text).as_str() {
        "x" | "ja" | "j" | "1" | "sant" | "true" | "narvarande" | "narv" | "nv" => Mark::default(),
        "nej" | "0" | "falskt" | "false" | "franvarande" | "franv" | "ejnarvarande" | "ejnarv" | "forhinder"
        | "forhindrad" | "anmaltforhinder" | "hindrad" | "tom" => Mark::absent(),
        "t"
        | "tj"
        | "tjg"
        | "tjanstg"
        | "tjanstgor"
        | "tjanstgorande"
        | "tjanstgorandeersattare"
        | "xtj"
        | "xtjg"
        | "jatj"
        | "jatjg"
        | "narvarandetj"
        | "narvarandetjanstgorande" => Mark::serves(true),
        "ejtj"
        | "ejtjg"
        | "ejtjanstg"
        | "ejtjanstgor"
        | "ejtjanstgorande"
        | "xejtj"
        | "narvarandeejtj"
        | "narvarandeejtjanstgorande"
        | "ejtjanstgorandeersattare" => Mark::serves(false),
        "distans" | "padistans" | "xdistans" => Mark { distans: Given::Is(true), ..Mark::default() },
        _ => return None,
    })
}

const MARKS: &str = "Skriv x, ja, nej, tj (tjänstgörande), ej tj, distans, tider som 13.00-15.30, eller paragrafer som §§ 45-52; tomt betyder inte närvarande. Egna ord förs in i config/arvode.toml.";

fn unknown(text: &str) -> values::Wrong {
    wrong(format!("”{}” säger inte om personen var närvarande.", shown(text)), MARKS)
}

fn lone_clock(text: &str) -> values::Wrong {
    wrong(
        format!("”{}” säger inte om personen kom eller gick då.", shown(text)),
        "Skriv 13.30- för den som kom då, -15.30 för den som gick då, eller båda: 13.30-15.30.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(value: &Value<'_>) -> String {
        let own = BTreeMap::from([("n".to_owned(), "ja".to_owned()), ("2".to_owned(), "tj".to_owned())]);
        match mark(value, &own) {
            Ok(said) if said.absent => "inte där".to_owned(),
            Ok(said) => {
                let tj = match said.tjanstgorande {
                    Given::Is(true) => " tj",
                    Given::Is(false) => " ej tj",
                    _ => "",
                };
                let own = said.own.as_ref().map(|own| format!(" {own:?}")).unwrap_or_default().replace(":00)", ")");
                let more = said.paragrafer.value().map(|text| format!(" {text}")).unwrap_or_default();
                let far = if said.distans == Given::Is(true) { " distans" } else { "" };
                format!("där{tj}{own}{more}{far}")
            }
            Err(wrong) => wrong.wrong,
        }
    }

    #[test]
    fn every_mark_in_the_form() {
        let cases = [
            ("x", "där"),
            ("X", "där"),
            ("ja", "där"),
            ("Närvarande", "där"),
            ("✓", "där"),
            ("N", "där"),
            ("nej", "inte där"),
            ("–", "inte där"),
            ("Frånvarande", "inte där"),
            ("tj", "där tj"),
            ("T", "där tj"),
            ("Tjg.", "där tj"),
            ("tjänstgörande ersättare", "där tj"),
            ("ej tj", "där ej tj"),
            ("Ej tjänstgörande", "där ej tj"),
            ("distans", "där distans"),
            ("13.00-15.30", "där [(Some(13:00), Some(15:30))]"),
            ("13.00-14.00, 14.30-15.30", "där [(Some(13:00), Some(14:00)), (Some(14:30), Some(15:30))]"),
            ("13.30-", "där [(Some(13:30), None)]"),
            ("-15.30", "där [(None, Some(15:30))]"),
            ("tj 13.30-15.30", "där tj [(Some(13:30), Some(15:30))]"),
            ("x, -15.30", "där [(None, Some(15:30))]"),
            ("kl. 13.00-15.30", "där [(Some(13:00), Some(15:30))]"),
            ("§§ 45-52, 55", "där §§ 45-52, 55"),
            ("13.30", "”13.30” säger inte om personen kom eller gick då."),
            ("F", "”F” säger inte om personen var närvarande."),
            ("x?", "”x?” säger inte om personen var närvarande."),
            ("x*", "”x*” säger inte om personen var närvarande."),
            ("2026-10-14", "”2026-10-14” säger inte om personen var närvarande."),
            ("sen", "”sen” säger inte om personen var närvarande."),
            ("nej 13.00-14.00", "”nej 13.00-14.00” säger inte om personen var närvarande."),
            ("25.00-26.00", "”25.00-26.00” säger inte om personen var närvarande."),
        ];
        for (text, expect) in cases {
            assert_eq!(said(&Value::Text(text.into())), expect, "{text}");
        }
    }

    #[test]
    fn marks_that_are_no_text() {
        let cases = [
            (Value::Bool(true), "där"),
            (Value::Bool(false), "inte där"),
            (Value::Number("1"), "där"),
            (Value::Number("0"), "inte där"),
            (Value::Number("2"), "där tj"),
            (Value::Number("3"), "”3” säger inte om personen var närvarande."),
            (Value::Time("13:30"), "”13:30” säger inte om personen kom eller gick då."),
            (Value::DateTime("2026-10-14T00:00"), "”2026-10-14” säger inte om personen var närvarande."),
            (Value::Error("#REF!".into()), "Cellen visar felet #REF!."),
            (Value::Formula, "Cellens formel saknar uträknat värde."),
        ];
        for (value, expect) in cases {
            assert_eq!(said(&value), expect, "{value:?}");
        }
    }
}
