use serde::{Deserialize, Serialize};

use super::{LineKind, folded};

/// What a yrkande asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    /// § 3 förlorad arbetsinkomst.
    ForloradArbetsinkomst,
    /// § 4 förlorad pensionsförmån.
    Pensionsforman,
    /// § 5 förlorad semesterförmån.
    Semesterforman,
    /// § 11 resa.
    Resa,
    /// § 11 traktamente.
    Traktamente,
    /// § 12 barntillsyn.
    Barntillsyn,
    /// § 13 vård and tillsyn of a disabled or seriously ill person.
    Vard,
    /// § 14 a disabled förtroendevald's own costs.
    Funktionshindrad,
    /// § 15 other costs.
    Ovrigt,
}

const WORDS: [(ClaimKind, &str, &str); 9] = [
    (ClaimKind::ForloradArbetsinkomst, "förlorad arbetsinkomst", "§ 3"),
    (ClaimKind::Pensionsforman, "pensionsförmån", "§ 4"),
    (ClaimKind::Semesterforman, "semesterförmån", "§ 5"),
    (ClaimKind::Resa, "resa", "§ 11"),
    (ClaimKind::Traktamente, "traktamente", "§ 11"),
    (ClaimKind::Barntillsyn, "barntillsyn", "§ 12"),
    (ClaimKind::Vard, "vård", "§ 13"),
    (ClaimKind::Funktionshindrad, "funktionshindrad", "§ 14"),
    (ClaimKind::Ovrigt, "övrigt", "§ 15"),
];

impl ClaimKind {
    /// Every kind, in the order of the paragraphs.
    pub fn all() -> impl Iterator<Item = ClaimKind> {
        WORDS.iter().map(|(kind, _, _)| *kind)
    }

    /// Reads a word of the form; a trailing `§ n` is ignored.
    pub fn parse(text: &str) -> Option<ClaimKind> {
        let wanted = folded(text.split('§').next().unwrap_or_default());
        let also = |kind, word: &str| match kind {
            ClaimKind::ForloradArbetsinkomst => word == "forloradarbetsfortjanst",
            ClaimKind::Pensionsforman => word == "forloradpensionsforman",
            ClaimKind::Semesterforman => word == "forloradsemesterforman",
            ClaimKind::Resa => word == "resekostnad" || word == "bilersattning",
            _ => false,
        };
        WORDS.iter().find(|(kind, word, _)| folded(word) == wanted || also(*kind, &wanted)).map(|(kind, _, _)| *kind)
    }

    /// Whether a yrkande of this kind may give a line of a kind.
    pub fn pays(self, kind: LineKind) -> bool {
        match self {
            ClaimKind::ForloradArbetsinkomst => {
                matches!(kind, LineKind::ForloradArbetsinkomst | LineKind::ForloradArbetsinkomstSchablon)
            }
            ClaimKind::Pensionsforman => kind == LineKind::Pensionsforman,
            ClaimKind::Semesterforman => kind == LineKind::Semesterforman,
            ClaimKind::Resa => {
                matches!(kind, LineKind::BilersattningSkattefri | LineKind::BilersattningSkattepliktig)
            }
            ClaimKind::Traktamente => matches!(
                kind,
                LineKind::TraktamenteHelt
                    | LineKind::TraktamenteHalvt
                    | LineKind::TraktamenteNatt
                    | LineKind::TraktamenteDag
            ),
            ClaimKind::Barntillsyn => kind == LineKind::Barntillsyn,
            ClaimKind::Vard => kind == LineKind::Vard,
            ClaimKind::Funktionshindrad => kind == LineKind::Funktionshindrad,
            ClaimKind::Ovrigt => kind == LineKind::Ovrigt,
        }
    }

    /// The word that people read.
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|(kind, _, _)| *kind == self).map_or("", |(_, word, _)| word)
    }

    /// The same as a letter says it, where nothing around it says what is meant.
    pub fn full_word(self) -> &'static str {
        match self {
            ClaimKind::Pensionsforman => "förlorad pensionsförmån",
            ClaimKind::Semesterforman => "förlorad semesterförmån",
            ClaimKind::Resa => "resa med egen bil",
            ClaimKind::Vard => "vård och tillsyn",
            ClaimKind::Funktionshindrad => "särskilda kostnader vid funktionsnedsättning",
            ClaimKind::Ovrigt => "övriga kostnader",
            other => other.word(),
        }
    }

    /// The paragraph that gives the right.
    pub fn paragraph(self) -> &'static str {
        WORDS.iter().find(|(kind, _, _)| *kind == self).map_or("", |(_, _, paragraph)| paragraph)
    }
}
