//! § 13 Kostnader för vård och tillsyn av funktionshindrad eller svårt sjuk.
//!
//! 1. Costs that a meeting causes for the care of a disabled or seriously ill person who stays in the förtroendevald's
//!    home are compensated, at most by the amount that fullmäktige has decided by the bilaga: per day.
//! 2. Not for care by the own family or another närstående.
//!
//! The cap is for the person and day, claims in their order of arrival.

use std::collections::BTreeMap;

use super::p14_egna_kostnader::{Capped, capped};
use crate::calendar::Day;
use crate::domain::Claim;
use crate::money::Ore;
use crate::regelverk::Regelverk;

/// What has been paid so far, by day.
pub type Used = BTreeMap<Day, Ore>;

/// Clause 2.
///
/// # Errors
/// The reason for a proposed refusal.
pub fn may_be_paid(claim: &Claim) -> Result<(), String> {
    if claim.narstaende == Some(true) {
        return Err("vård av egen familjemedlem eller närstående ersätts inte (§ 13)".to_owned());
    }
    Ok(())
}

/// Clause 1.
///
/// # Errors
/// The bilaga has no amount.
pub fn grant(rules: &Regelverk, day: Day, asked: Ore, used: &mut Used) -> Result<Capped, String> {
    let cap = rules.ersattningar.vard.at(day).ok_or("bilagan har inget belopp för vård och tillsyn")?;
    Ok(capped(cap, asked, used.entry(day).or_default(), "dagen"))
}
