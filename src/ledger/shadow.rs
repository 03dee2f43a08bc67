//! What the program would pay beside what another routine has paid: person by person, kind by kind, day by day.

use std::collections::BTreeMap;

use crate::calendar::{Day, Month};
use crate::domain::{LineKind, PersonId};
use crate::money::Ore;

/// A row that the program would send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ours {
    /// Who is paid.
    pub person: PersonId,
    /// Which compensation.
    pub kind: LineKind,
    /// `datum`.
    pub day: Day,
    /// The amount.
    pub belopp: Ore,
}

/// A row that the other routine has paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theirs {
    /// Who was paid.
    pub person: PersonId,
    /// The kinds that its lönart may stand for.
    pub kinds: Vec<LineKind>,
    /// `datum`; none of a sum for the month.
    pub day: Option<Day>,
    /// The amount.
    pub belopp: Ore,
}

/// One person's kind on one day, where the two do not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// Who.
    pub person: PersonId,
    /// Which compensation.
    pub kind: LineKind,
    /// The day; of a monthly fee the first of its month; none of a sum for the month.
    pub day: Option<Day>,
    /// What the program would pay.
    pub ours: Ore,
    /// What was paid.
    pub theirs: Ore,
}

impl Differing {
    /// A fee that is paid by the month, whatever day it is dated.
    pub fn is_monthly(&self) -> bool {
        matches!(self.kind, LineKind::Arsarvode | LineKind::FastArvode)
    }
}

/// The two beside each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shadow {
    /// Rows of ours that agree, and their sum.
    pub agrees: (u32, Ore),
    /// What does not.
    pub differs: Vec<Differing>,
}

/// Rows of one person, kind and day: ours and theirs.
type Group = (Vec<Ore>, Vec<Ore>);

/// The same with its day.
type OfDay = (Option<Day>, Group);

/// Puts the rows beside each other. Amounts of one person, kind and day are added up first; where days do not fit, a sum
/// over the whole file does: payroll may have paid a month's meetings as one row.
pub fn compare(ours: &[Ours], theirs: &[Theirs]) -> Shadow {
    let mut groups: BTreeMap<(PersonId, LineKind, Option<Day>), Group> = BTreeMap::new();
    for row in ours {
        groups.entry((row.person, row.kind, Some(day_of(row.kind, row.day)))).or_default().0.push(row.belopp);
    }
    for row in theirs {
        let kind = kind_of(row, ours);
        groups.entry((row.person, kind, row.day.map(|day| day_of(kind, day)))).or_default().1.push(row.belopp);
    }
    let mut shadow = Shadow::default();
    let mut open: BTreeMap<(PersonId, LineKind), Vec<OfDay>> = BTreeMap::new();
    for ((person, kind, day), group) in groups {
        if sum(&group.0) == sum(&group.1) {
            shadow.agree(&group);
        } else {
            open.entry((person, kind)).or_default().push((day, group));
        }
    }
    for ((person, kind), groups) in open {
        let (of_us, of_them) =
            (groups.iter().map(|(_, group)| sum(&group.0)), groups.iter().map(|(_, group)| sum(&group.1)));
        if of_us.sum::<Ore>() == of_them.sum::<Ore>() {
            groups.iter().for_each(|(_, group)| shadow.agree(group));
            continue;
        }
        for (day, (ours, theirs)) in groups {
            shadow.differs.push(Differing { person, kind, day, ours: sum(&ours), theirs: sum(&theirs) });
        }
    }
    shadow
}

impl Shadow {
    fn agree(&mut self, (ours, _): &Group) {
        self.agrees.0 += u32::try_from(ours.len()).unwrap_or(u32::MAX);
        self.agrees.1 += sum(ours);
    }
}

fn sum(amounts: &[Ore]) -> Ore {
    amounts.iter().copied().sum()
}

/// A monthly fee may be dated on any day of its month.
fn day_of(kind: LineKind, day: Day) -> Day {
    if matches!(kind, LineKind::Arsarvode | LineKind::FastArvode) { Month::of(day).first() } else { day }
}

/// What a row of theirs is, where its lönart stands for several kinds: one that we would pay that day, or at all.
fn kind_of(row: &Theirs, ours: &[Ours]) -> LineKind {
    let of_person = || ours.iter().filter(|of_us| of_us.person == row.person && row.kinds.contains(&of_us.kind));
    let same_day =
        of_person().find(|of_us| row.day.is_some_and(|day| day_of(of_us.kind, day) == day_of(of_us.kind, of_us.day)));
    let found = same_day.or_else(|| of_person().next()).map(|of_us| of_us.kind);
    found.or_else(|| row.kinds.first().copied()).unwrap_or(LineKind::Ovrigt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(kind: LineKind, day: &str, kr: i64) -> Ours {
        Ours { person: PersonId(1), kind, day: day.parse().unwrap(), belopp: Ore(kr * 100) }
    }

    fn theirs(kind: LineKind, day: Option<&str>, kr: i64) -> Theirs {
        let day = day.map(|day| day.parse().unwrap());
        Theirs { person: PersonId(1), kinds: vec![kind], day, belopp: Ore(kr * 100) }
    }

    #[test]
    fn rows_agree_by_day_by_sum_of_a_day_and_by_sum_of_the_month() {
        use LineKind::{Arsarvode, Grundarvode, Timarvode};
        let of_us = [
            ours(Grundarvode, "2026-09-09", 412),
            ours(Grundarvode, "2026-09-16", 412),
            ours(Timarvode, "2026-09-09", -309),
            ours(Timarvode, "2026-09-09", 515),
            ours(Arsarvode, "2026-09-30", 37_000),
        ];
        let of_them = [
            theirs(Grundarvode, Some("2026-09-30"), 824),
            theirs(Timarvode, Some("2026-09-09"), 206),
            theirs(Arsarvode, Some("2026-09-25"), 37_000),
        ];
        let shadow = compare(&of_us, &of_them);
        assert_eq!((shadow.agrees, shadow.differs), ((5, Ore(3_803_000)), Vec::new()));
    }

    #[test]
    fn what_differs_is_told_day_by_day() {
        use LineKind::{Grundarvode, Timarvode};
        let of_us = [ours(Grundarvode, "2026-09-09", 412), ours(Grundarvode, "2026-09-16", 412)];
        let of_them = [theirs(Grundarvode, Some("2026-09-09"), 400), theirs(Timarvode, Some("2026-09-09"), 206)];
        let shadow = compare(&of_us, &of_them);
        let told: Vec<(LineKind, i64, i64)> =
            shadow.differs.iter().map(|one| (one.kind, one.ours.0 / 100, one.theirs.0 / 100)).collect();
        assert_eq!(told, [(Grundarvode, 412, 400), (Grundarvode, 412, 0), (Timarvode, 0, 206)]);
    }
}
