//! The words of the field as types that cannot be wrong once they exist.
//!
#![doc = include_str!("glossary.md")]

mod claim;
mod cost_group;
mod diarium;
mod fact;
mod fault;
mod label;
mod line;
mod organ;
mod personnummer;
mod remark;
mod slag;
pub mod words;

pub use claim::ClaimKind;
pub use cost_group::CostGroup;
pub use diarium::{
    Content, Disagreement, MeetingRecord, MembershipRecord, OrganizationRecord, ParticipantRecord, PersonRecord,
    Record, RecordKind, SourceMeeting, SourcePerson, SourceRecord,
};
pub use fact::{
    Absence, AbsenceKind, Anstid, Attendance, Avstaende, Avstar, Barnomsorg, Beslut, Betalning, Claim, Closing,
    Distance, Fact, Income, Jour, Link, Maltid, Meeting, Merge, ParagrafTid, Person, Provenance, Recorded, Roll,
    SwitchOver, Uppdrag, Utbetalt, Utfall,
};
pub use fault::Fault;
pub use label::Label;
pub use line::{Behind, FactUsed, Line, LineKind, Occasion, ReadingUsed, Step};
pub use organ::OrganCode;
pub use personnummer::{Personnummer, PersonnummerError, without_numbers};
pub use remark::{Remark, RemarkKind, State, Undecided};
pub use slag::Slag;

use serde::{Deserialize, Serialize};

/// Lower case, without diacritics, spaces and punctuation: how names and headers are compared.
pub fn folded(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            'a'..='z' | '0'..='9' => kept.push(letter),
            'A'..='Z' => kept.push(letter.to_ascii_lowercase()),
            // The letters of nearly every name, without a look into the tables of Unicode: this runs for every row.
            'å' | 'ä' | 'Å' | 'Ä' => kept.push('a'),
            'ö' | 'Ö' => kept.push('o'),
            'é' | 'É' => kept.push('e'),
            _ if letter.is_ascii() => {}
            _ => kept.extend(letter.to_lowercase().filter_map(without_diacritics)),
        }
    }
    kept
}

fn without_diacritics(letter: char) -> Option<char> {
    match letter {
        'å' | 'ä' | 'à' | 'á' | 'â' => Some('a'),
        'ö' | 'ô' | 'ó' | 'ø' => Some('o'),
        'é' | 'è' | 'ë' | 'ê' => Some('e'),
        'ü' | 'ú' => Some('u'),
        'í' | 'ï' => Some('i'),
        'æ' => Some('a'),
        other => other.is_alphanumeric().then_some(other),
    }
}

/// A text without what stands in brackets: a unit in a header, a party after a name.
pub fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let mut kept = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(letter),
            _ => {}
        }
    }
    kept
}

/// A text from a form, short enough for a message, and never with the number of a person that stands in the wrong place.
pub fn shown(text: &str) -> String {
    let text = without_personnummer(text);
    if text.chars().count() <= 60 { text } else { text.chars().take(60).chain(['…']).collect() }
}

/// Ten digits or more, with dashes and spaces between, become an ellipsis.
fn without_personnummer(text: &str) -> String {
    let is_dash = |letter: char| {
        matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
    };
    let in_number = |letter: char| letter.is_ascii_digit() || is_dash(letter) || letter == '+' || letter == ' ';
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (run, after) = rest.split_at(rest.find(|letter| !in_number(letter)).unwrap_or(rest.len()));
        kept.push_str(if run.bytes().filter(u8::is_ascii_digit).count() < 10 { run } else { "…" });
        let (other, after) = after.split_at(after.find(in_number).unwrap_or(after.len()));
        kept.push_str(other);
        rest = after;
    }
    kept
}

macro_rules! id {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);
    };
}

id!(/// A förtroendevald, whatever personnummer and name they have had.
    PersonId);
id!(/// A meeting, whatever day it was moved to.
    MeetingId);
id!(/// One person's holding of one uppdrag.
    UppdragId);
id!(/// One yrkande.
    ClaimId);
