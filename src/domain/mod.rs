//! The words of the field as types that cannot be wrong once they exist.
//!
#![doc = include_str!("glossary.md")]

mod claim;
mod fact;
mod fault;
mod line;
mod organ;
mod personnummer;
mod remark;
mod slag;

pub use claim::ClaimKind;
pub use fact::{
    Absence, AbsenceKind, Anstid, Attendance, Claim, Distance, Fact, Income, Meeting, Person, Provenance, Recorded,
    Roll, Uppdrag,
};
pub use fault::Fault;
pub use line::{Line, LineKind, Occasion, Step};
pub use organ::OrganCode;
pub use personnummer::{Personnummer, PersonnummerError};
pub use remark::{Remark, RemarkKind, State};
pub use slag::Slag;

use serde::{Deserialize, Serialize};

/// Lower case, without diacritics, spaces and punctuation: how names and headers are compared.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text
            .bytes()
            .filter(u8::is_ascii_alphanumeric)
            .map(|byte| char::from(byte.to_ascii_lowercase()))
            .collect();
    }
    text.chars()
        .flat_map(char::to_lowercase)
        .filter_map(|letter| match letter {
            'å' | 'ä' | 'à' | 'á' | 'â' => Some('a'),
            'ö' | 'ô' | 'ó' | 'ø' => Some('o'),
            'é' | 'è' | 'ë' | 'ê' => Some('e'),
            'ü' | 'ú' => Some('u'),
            'í' | 'ï' => Some('i'),
            'æ' => Some('a'),
            other => other.is_alphanumeric().then_some(other),
        })
        .collect()
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
