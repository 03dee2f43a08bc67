//! The paragraphs of a meeting, and which of them a person was at.

use super::Wrong;
use super::meeting::{collapsed, text_of, within};
use super::tree::Element;
use crate::domain::shown;

/// A paragraph's number as it is compared and told: `45`, or `6.1` of a part of it.
pub(super) type Number = String;

/// All paragraphs that a file names, in its order.
#[derive(Debug)]
pub(super) struct Paragraphs {
    all: Vec<(Number, Vec<Number>)>,
}

impl Paragraphs {
    /// Those of the agenda and of the matters together: either may lack what the other has.
    pub(super) fn of(root: &Element) -> Result<Paragraphs, Wrong> {
        let mut all: Vec<(Number, Vec<Number>)> = Vec::new();
        for item in root.child("agenda").iter().flat_map(|agenda| agenda.all("agendaItem")) {
            put(&mut all, number_in(within(item, "itemNumber")?)?);
        }
        for matter in root.child("matters").iter().flat_map(|matters| matters.all("matter")) {
            let place = put(&mut all, number_in(within(matter, "matterNumber")?)?);
            for part in matter.child("subMatters").iter().flat_map(|parts| parts.all("subMatter")) {
                let part = number_in(within(part, "subMatterNumber")?)?;
                if let Some((_, parts)) = all.get_mut(place).filter(|(_, parts)| !parts.contains(&part)) {
                    parts.push(part);
                }
            }
        }
        // The agenda goes by its order and the matters by theirs: together they go by their numbers.
        all.sort_by_key(|(number, _)| number.parse::<u32>().unwrap_or(u32::MAX));
        Ok(Paragraphs { all })
    }

    /// The paragraph that an absence is from.
    pub(super) fn meant(&self, absence: &Element) -> Result<Number, Wrong> {
        let reference = absence.attribute("matterRef").unwrap_or_default();
        let number = number(reference);
        let is_known = self.all.iter().any(|(known, parts)| *known == number || parts.contains(&number));
        if is_known {
            return Ok(number);
        }
        let wrong = format!(
            "En frånvaro hänvisar till paragrafen \u{201d}{}\u{201d}, som inte finns bland filens ärenden eller i dagordningen.",
            shown(reference)
        );
        Err(Wrong::at(absence.line, wrong, "Rätta i diariet och exportera filen på nytt."))
    }

    /// `§§ 1-3, 5`: all but those that the person was away from.
    pub(super) fn without(&self, away: &[Number], attendee: &Element) -> Result<String, Wrong> {
        let mut kept: Vec<Number> = Vec::new();
        for (number, parts) in self.all.iter().filter(|(number, _)| !away.contains(number)) {
            if parts.iter().any(|part| away.contains(part)) {
                kept.extend(parts.iter().filter(|part| !away.contains(part)).cloned());
            } else {
                kept.push(number.clone());
            }
        }
        Paragraphs::written(&kept).ok_or_else(|| {
            let wrong = "En närvarande deltagare är frånvarande vid alla paragrafer.";
            Wrong::at(attendee.line, wrong, "Ange deltagaren som frånvarande (absent), eller rätta paragraferna.")
        })
    }

    /// As people write them; none for no paragraphs.
    pub(super) fn written(numbers: &[Number]) -> Option<String> {
        let mut ranges: Vec<(&str, &str)> = Vec::new();
        for number in numbers {
            match ranges.last_mut().filter(|(_, last)| follows(last, number)) {
                Some((_, last)) => *last = number,
                None => ranges.push((number, number)),
            }
        }
        let texts = ranges.iter().map(|(first, last)| match first == last {
            true => (*first).to_owned(),
            false => format!("{first}-{last}"),
        });
        let sign = if numbers.len() == 1 { "§" } else { "§§" };
        (!numbers.is_empty()).then(|| format!("{sign} {}", texts.collect::<Vec<_>>().join(", ")))
    }
}

fn put(all: &mut Vec<(Number, Vec<Number>)>, number: Number) -> usize {
    all.iter().position(|(known, _)| *known == number).unwrap_or_else(|| {
        all.push((number, Vec::new()));
        all.len() - 1
    })
}

fn follows(last: &str, next: &str) -> bool {
    let number = |text: &str| text.parse::<u32>().ok();
    number(last).and_then(|last| last.checked_add(1)) == number(next) && number(next).is_some()
}

fn number_in(element: &Element) -> Result<Number, Wrong> {
    text_of(element).map(|text| number(&text))
}

/// `§ 45`, `§45.` and `45` are the same paragraph.
fn number(text: &str) -> Number {
    let bare = text.replace(['§', '\u{a0}'], " ");
    let bare = collapsed(&bare);
    let bare = bare.trim_end_matches(['.', ':']);
    bare.strip_prefix("paragraf ").or_else(|| bare.strip_prefix("Paragraf ")).unwrap_or(bare).to_owned()
}
