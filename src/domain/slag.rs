use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::folded;

/// What kind of gathering a meeting is: the closed list § 2 a-k, and § 8's external occasions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slag {
    /// § 2 a: sammanträde with fullmäktige, beredning, styrelse, nämnd, utskott or the revisorer.
    Sammantrade,
    /// § 2 b: kommitté, projekt- or arbetsgrupp, tillfällig beredning.
    Arbetsgrupp,
    /// § 2 c: kurs, konferens, studiebesök, uppdrag som kontaktperson.
    Kurs,
    /// § 2 d: förhandling with a personalorganisation or other motpart.
    Forhandling,
    /// § 2 e: överläggning with another organ of the kommun.
    Overlaggning,
    /// § 2 f: samrådsorgan.
    Samrad,
    /// § 2 g: presidiemöte.
    Presidium,
    /// § 2 h: besiktning or inspektion.
    Besiktning,
    /// § 2 i: överläggning with an authority or organisation outside.
    Myndighet,
    /// § 2 j: granskningsuppgift of a revisor.
    Revision,
    /// § 2 k: ordförande-, vice ordförande- or gruppledarmöte.
    Gruppledarmote,
    /// § 8: förrättning outside the kommun.
    ExternForrattning,
    /// § 8: representation outside the kommun.
    ExternRepresentation,
}

/// Folded words for each slag; the first is the one that a message shows.
const WORDS: [(Slag, &[&str]); 13] = [
    (Slag::Sammantrade, &["sammanträde", "a", "möte", "nämndsammanträde", "ordinarie sammanträde"]),
    (Slag::Arbetsgrupp, &["arbetsgrupp", "b", "projektgrupp", "kommitté", "beredning", "tillfällig beredning"]),
    (
        Slag::Kurs,
        &["kurs", "c", "konferens", "utbildning", "studiebesök", "studieresa", "informationsmöte", "kontaktperson"],
    ),
    (Slag::Forhandling, &["förhandling", "d"]),
    (Slag::Overlaggning, &["överläggning", "e"]),
    (Slag::Samrad, &["samråd", "f", "samrådsorgan"]),
    (Slag::Presidium, &["presidium", "g", "presidiemöte"]),
    (Slag::Besiktning, &["besiktning", "h", "inspektion"]),
    (Slag::Myndighet, &["myndighet", "i", "organisation"]),
    (Slag::Revision, &["revision", "j", "granskning"]),
    (Slag::Gruppledarmote, &["gruppledarmöte", "k", "ordförandemöte", "vice ordförandemöte"]),
    (Slag::ExternForrattning, &["extern förrättning"]),
    (Slag::ExternRepresentation, &["extern representation"]),
];

impl Slag {
    /// Reads a letter (with or without `§ 2`) or a word; `None` if it is not on the list.
    pub fn parse(text: &str) -> Option<Slag> {
        static BY_WORD: LazyLock<HashMap<String, Slag>> = LazyLock::new(|| {
            let words = WORDS.iter().flat_map(|(slag, words)| words.iter().map(|word| (folded(word), *slag)));
            words.collect()
        });
        let wanted = folded(text);
        BY_WORD.get(wanted.strip_prefix('2').unwrap_or(&wanted)).copied()
    }

    /// The word that people read.
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|(slag, _)| *slag == self).map_or("", |(_, words)| words[0])
    }

    /// The word of every slag, in the order of the list.
    pub fn words() -> impl Iterator<Item = &'static str> {
        WORDS.iter().map(|(_, words)| words[0])
    }

    /// § 8: takes place outside the kommun by its very kind.
    pub fn is_external(self) -> bool {
        matches!(self, Slag::ExternForrattning | Slag::ExternRepresentation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_words_name_the_same_slag() {
        for text in ["k", "K)", "§ 2 k", "Gruppledarmöte", "gruppledarmote"] {
            assert_eq!(Slag::parse(text), Some(Slag::Gruppledarmote), "{text}");
        }
        assert_eq!(Slag::parse("Extern förrättning"), Some(Slag::ExternForrattning));
        assert_eq!(Slag::parse("fika"), None);
        assert_eq!(Slag::parse("l"), None);
    }
}
