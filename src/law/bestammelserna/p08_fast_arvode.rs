//! § 8 Fast arvode.
//!
//! 1. Who serves on less than 40 per cent of full time has fast arvode as far as the bilaga says.
//! 2. All fasta arvoden start from 90 per cent of KS ordförande's arvode (`grund`).
//! 3. Planning, leading, justering, preparation and contacts are included in an ordförande's arvode.
//! 4. Gruppledare serve on five per cent.
//! 5. Timarvode is paid to a ledamot for external förrättning and representation by assignment: outside the kommun.
//!
//! Open: whether § 7's division at a handover and its reduction for long absence apply to fasta arvoden too
//! (`fast_som_arsarvode`), and whether the § 1 class shuts them out (`klass_utesluter_fast`).

use crate::calendar::Day;
use crate::domain::Slag;
use crate::law::facts::PersonFacts;
use crate::money::Fraction;
use crate::regelverk::{FeeKind, Regelverk};

/// Whether a seat's fast arvode is divided between those who held it in the month.
pub fn is_divided(rules: &Regelverk, day: Day) -> bool {
    !rules.reads("fast_som_arsarvode", "ingen", day)
}

/// Clause 1: how much of a fast arvode the person keeps on a day, and why not all of it.
pub fn part_kept(facts: &PersonFacts, rules: &Regelverk, day: Day) -> (Fraction, Option<&'static str>) {
    let in_class = super::p01_vilka_som_omfattas::is_in_class(facts, rules, day);
    if in_class && rules.reads("klass_utesluter_fast", "ja", day) {
        return (Fraction::ZERO, Some("hör till klassen i § 1, som inte har fast arvode"));
    }
    if rules.reads("fast_som_arsarvode", "bada", day) {
        let part = super::p07_arsarvode::part_despite_absence(facts, rules, day);
        return (part, (part != Fraction::ONE).then_some("hindrad i mer än två månader"));
    }
    (Fraction::ONE, None)
}

/// Clause 5: whether the person has timarvode by § 8 for a gathering: holds a fast arvode that day, and it is external.
pub fn pays_by_the_hour(facts: &PersonFacts, rules: &Regelverk, day: Day, slag: Slag) -> bool {
    slag.is_external() && facts.held_on(rules, day).any(|(_, fee)| fee.value.kind == FeeKind::FastArvode)
}
