//! Villkorsbilagan: jour i stället för BSU:s ordförande.
//!
//! 1. BSU's ordförande has the jour of social services included in the årsarvode.
//! 2. A förtroendevald who stands in for the ordförande on jour has an inställningsarvode for each dygn of it.
//! 3. When the jour turns into active duty, timarvode is paid.
//!
//! A dygn is a calendar day. The day's active duty is paid per started unit from its first minute, at the organ's hourly
//! price; a minute that a meeting already pays is not paid again. Active duty belongs to the day that it began.

use super::p09_sammantradesarvode as p09;
use crate::calendar::Day;
use crate::domain::{OrganCode, Slag, Step};
use crate::law::facts::PersonFacts;
use crate::law::tariff::Pay;
use crate::money::{Ore, Rounding, swedish};
use crate::regelverk::{Dated, JourFee, Period, Regelverk, Tell, decision};

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

/// Clause 2: the inställningsarvode of a calendar day, telling how it comes about. None where its base has no value.
pub fn per_day(rules: &Regelverk, fee: &Dated<JourFee>, day: Day, tell: &mut Tell<'_>) -> Option<Ore> {
    let amount = &fee.value.installningsarvode;
    let belopp = Ore::from_kronor(rules.amount(amount, day, Period::Occasion, Rounding::Ore, tell)?);
    tell(&|| {
        let text = format!("inställningsarvode per dygn = {} = {}", amount.formula(None), swedish(belopp));
        Step { text, basis: decision(&fee.reference, fee.decided_on) }
    });
    Some(belopp)
}

/// Clause 3: timarvode for a day's minutes of active duty. None where no hourly price is decided.
pub fn active(rules: &Regelverk, organ: &OrganCode, day: Day, minutes: i64) -> Option<Pay> {
    p09::started_units(rules, organ, Slag::Sammantrade, day, minutes)
}
