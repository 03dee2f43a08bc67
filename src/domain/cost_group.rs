use std::str::FromStr;

use super::LineKind;

/// Kinds of line as budgets and follow-ups group them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CostGroup {
    /// § 7.
    Arsarvode,
    /// § 8, by the month.
    FastArvode,
    /// §§ 8 and 9, by meeting, hour or day of jour.
    Sammantraden,
    /// §§ 3-5.
    ForloradInkomst,
    /// § 11.
    Resor,
    /// §§ 12-15.
    Kostnader,
    /// § 17: what is set off against pay.
    Kvittning,
}

const GROUPS: [(CostGroup, &str, &str, &str); 7] = [
    (CostGroup::Arsarvode, "arsarvode", "Årsarvoden", "§ 7"),
    (CostGroup::FastArvode, "fast_arvode", "Fasta arvoden", "§ 8"),
    (CostGroup::Sammantraden, "sammantraden", "Sammanträden och förrättningar", "§§ 8–9"),
    (CostGroup::ForloradInkomst, "forlorad_inkomst", "Förlorad inkomst och förmåner", "§§ 3–5"),
    (CostGroup::Resor, "resor", "Resor och traktamenten", "§ 11"),
    (CostGroup::Kostnader, "kostnader", "Barntillsyn, vård och andra kostnader", "§§ 12–15"),
    (CostGroup::Kvittning, "kvittning", "Kvittning", "§ 17"),
];

impl CostGroup {
    /// All of them, in the order in which reports show them.
    pub fn all() -> impl Iterator<Item = CostGroup> {
        GROUPS.iter().map(|(group, ..)| *group)
    }

    /// The group of a kind; none of a kind that pays nothing.
    pub fn of(kind: LineKind) -> Option<CostGroup> {
        use LineKind as K;
        match kind {
            K::Arsarvode => Some(CostGroup::Arsarvode),
            K::FastArvode => Some(CostGroup::FastArvode),
            K::Grundarvode
            | K::Timarvode
            | K::Dagarvode
            | K::Justeringsarvode
            | K::Inlasningsarvode
            | K::TimarvodeForrattning
            | K::Installningsarvode => Some(CostGroup::Sammantraden),
            K::ForloradArbetsinkomst | K::ForloradArbetsinkomstSchablon | K::Pensionsforman | K::Semesterforman => {
                Some(CostGroup::ForloradInkomst)
            }
            K::BilersattningSkattefri
            | K::BilersattningSkattepliktig
            | K::TraktamenteHelt
            | K::TraktamenteHalvt
            | K::TraktamenteNatt
            | K::TraktamenteDag => Some(CostGroup::Resor),
            K::Barntillsyn | K::Vard | K::Funktionshindrad | K::Ovrigt => Some(CostGroup::Kostnader),
            K::Kvittning => Some(CostGroup::Kvittning),
            K::FranvaroHindrad | K::FranvaroSemester | K::FranvaroAnnan => None,
        }
    }

    /// The kind that a report shows a kind as: parts of one and the same compensation stand together.
    pub fn shown_as(kind: LineKind) -> (LineKind, &'static str) {
        use LineKind as K;
        match kind {
            K::ForloradArbetsinkomst | K::ForloradArbetsinkomstSchablon => {
                (K::ForloradArbetsinkomst, "förlorad arbetsinkomst")
            }
            K::BilersattningSkattefri | K::BilersattningSkattepliktig => (K::BilersattningSkattefri, "bilersättning"),
            K::TraktamenteHelt | K::TraktamenteHalvt | K::TraktamenteNatt | K::TraktamenteDag => {
                (K::TraktamenteHelt, "traktamenten")
            }
            other => (other, other.word()),
        }
    }

    /// The name in configuration and JSON.
    pub fn name(self) -> &'static str {
        GROUPS[self as usize].1
    }

    /// The words that people read.
    pub fn words(self) -> &'static str {
        GROUPS[self as usize].2
    }

    /// The same in few letters, for the head of a column.
    pub fn short(self) -> &'static str {
        match self {
            CostGroup::Arsarvode => "Årsarvode",
            CostGroup::FastArvode => "Fast arvode",
            CostGroup::Sammantraden => "Möten",
            CostGroup::ForloradInkomst => "Förlorad inkomst",
            CostGroup::Resor => "Resor",
            CostGroup::Kostnader => "Andra kostnader",
            CostGroup::Kvittning => "Kvittning",
        }
    }

    /// Its paragraphs.
    pub fn paragraphs(self) -> &'static str {
        GROUPS[self as usize].3
    }

    /// Tells of a person's own circumstances: work, home, family, health, debts. The others follow from the decided
    /// bilaga and from who the minutes say was there.
    pub fn is_personal(self) -> bool {
        !matches!(self, CostGroup::Arsarvode | CostGroup::FastArvode | CostGroup::Sammantraden)
    }
}

impl FromStr for CostGroup {
    type Err = String;

    fn from_str(text: &str) -> Result<CostGroup, String> {
        CostGroup::all().find(|group| group.name() == text).ok_or_else(|| {
            let names: Vec<&str> = CostGroup::all().map(CostGroup::name).collect();
            format!("\"{text}\" is no group of kinds; allowed: {}", names.join(", "))
        })
    }
}
