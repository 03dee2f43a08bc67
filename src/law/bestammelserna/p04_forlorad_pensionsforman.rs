//! § 4 Förlorad pensionsförmån.
//!
//! 1. Proven lost pension benefit is paid, at most the amount that fullmäktige has decided: per month of service.
//! 2. Who can show that the pension is affected but not by how much has a schablon by the bilaga.
//!
//! The month of service is the calendar month of the pensionstillfälle (of the meeting where none is named), claims in
//! their order of arrival. The schablon is a percentage
//! of what the same occasion gives under § 3 (that of the person's Inkomstuppgifter goes before the bilaga's), so that it
//! never depends on what has been paid. Payment is yearly, afterwards (§ 18).

use std::collections::BTreeMap;

use super::p05_forlorad_semesterforman::{Granted, Loss, grant_by, percent_of};
use crate::calendar::Month;
use crate::law::facts::PersonFacts;
use crate::money::Ore;
use crate::regelverk::Regelverk;

/// What has been paid so far, by month of service.
pub type Used = BTreeMap<Month, Ore>;

/// Clauses 1 and 2.
///
/// # Errors
/// Why nothing can be worked out.
pub fn grant(facts: &PersonFacts, rules: &Regelverk, loss: &Loss, used: &mut Used) -> Result<Granted, String> {
    let dated = rules.ersattningar.pension.at(loss.day).ok_or("bilagan har inget belopp för pensionsförmån")?;
    let own = percent_of(facts, loss.day, |income| income.pension_percent);
    let spent = used.entry(Month::of(loss.counted)).or_default();
    grant_by(dated, own, loss, spent, "månaden")
}
