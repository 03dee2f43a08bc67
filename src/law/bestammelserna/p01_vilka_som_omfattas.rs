//! § 1 Förtroendeuppdrag som omfattas av bestämmelserna.
//!
//! 1. The regulation covers those who are förtroendevalda by the kommunallag.
//! 2. Who serves on full time, or on at least 40 per cent of it, has only § 7 and §§ 10-19.
//!
//! Open: what counts toward the 40 per cent (`klass_raknar`), and the limit itself (`grans_procent`).
//! The class is decided day by day: it can change within a month.

use rust_decimal::Decimal;

use crate::calendar::Day;
use crate::law::facts::{PersonFacts, is_fee};
use crate::regelverk::{FeeKind, Regelverk};

/// Clause 2: whether the person belongs to the class on a day.
pub fn is_in_class(facts: &PersonFacts, rules: &Regelverk, day: Day) -> bool {
    let all_grades = rules.reads("klass_raknar", "alla_grader", day);
    let counted = facts
        .held_on(rules, day)
        .filter(|(_, fee)| fee.value.kind == FeeKind::Arsarvode || (all_grades && is_fee(fee.value.kind)));
    let grade: Decimal = counted.map(|(_, fee)| fee.value.grad).sum();
    let limit: Decimal = rules.reading("grans_procent", day).0.parse().unwrap_or(Decimal::from(40));
    grade >= limit
}
