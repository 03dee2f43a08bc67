//! Villkorsbilagan: jour i stället för BSU:s ordförande.
//!
//! 1. BSU's ordförande has the jour of social services included in the årsarvode.
//! 2. A förtroendevald who stands in for the ordförande on jour has an inställningsarvode for each dygn of it.
//! 3. When the jour turns into active duty, timarvode is paid.
//!
//! A dygn is a calendar day. Active duty is paid per started unit (`paborjade_minuter`) each time the jour turns into it,
//! from its first minute; a minute that a meeting already pays is not paid again. It belongs to the day that it began.

use rust_decimal::Decimal;

use super::p09_sammantradesarvode::{self as p09, Fee};
use crate::calendar::{Day, Minutes};
use crate::domain::OrganCode;
use crate::law::facts::PersonFacts;
use crate::money::Ore;
use crate::regelverk::{Dated, JourFee, Regelverk};

/// Clause 1: the fee of an organ's jour on a day, unless the person has it included.
///
/// # Errors
/// Why nothing is paid.
pub fn fee<'a>(
    facts: &PersonFacts,
    rules: &'a Regelverk,
    organ: &OrganCode,
    day: Day,
) -> Result<&'a Dated<JourFee>, String> {
    let found = rules.ersattningar.jour.get(organ).and_then(|series| series.at(day));
    let found = found.ok_or_else(|| format!("bilagan har ingen jour för {organ}"))?;
    let mut held = facts.held_on(rules, day);
    if held.any(|(uppdrag, _)| uppdrag.nyckel.as_deref() == Some(&found.value.ingar_i)) {
        return Err(format!("jouren ingår i årsarvodet för {}", found.value.ingar_i));
    }
    Ok(found)
}

/// Clause 3: timarvode for each stretch of active duty on one day, together.
pub fn active(rules: &Regelverk, organ: &OrganCode, day: Day, stretches: &[Minutes]) -> Option<Fee> {
    let fees: Vec<Fee> = stretches
        .iter()
        .filter_map(|minutes| p09::started_units(rules, organ, crate::domain::Slag::Sammantrade, day, minutes.count()))
        .collect();
    let apris = fees.first()?.apris;
    let antal: Decimal = fees.iter().map(|fee| fee.antal).sum();
    Some(Fee { antal, apris, belopp: Ore::from_kronor(antal.checked_mul(apris)?) })
}
