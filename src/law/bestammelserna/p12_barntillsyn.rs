//! § 12 Barntillsynskostnader.
//!
//! 1. Costs of care that a meeting causes are compensated for a child of the family that has not turned twelve within
//!    the calendar year; for particular reasons also for an older child.
//! 2. Not at the same time as compensation for lost income.
//! 3. Not for care by the own family or another närstående, nor for time when the child is in municipal child care.
//!
//! A receipt is paid at most by the bilaga's amount per hour, by the minute. Time that § 3 pays, and time in municipal
//! child care, is taken off in proportion (`barntillsyn_samtidigt`, `barnomsorg`). The kommunallag gives a right of its
//! own (KL 4:14): what clause 2 takes is therefore always remarked upon. Particular reasons are a decision (§ 17).

use rust_decimal::Decimal;

use crate::calendar::{Day, Minutes};
use crate::domain::{Barnomsorg, Claim, Step};
use crate::money::{Fraction, Ore, swedish};
use crate::regelverk::{Regelverk, decision};

/// From this age within the calendar year particular reasons are needed.
const AGE: i32 = 12;

/// Clauses 1 and 3: what speaks against the claim; `is_granted` is a decision that there are particular reasons, which
/// only the child's age needs.
///
/// # Errors
/// The reason, and whether somebody must only say more.
pub fn may_be_paid(claim: &Claim, day: Day, is_granted: bool) -> Result<(), (String, bool)> {
    use chrono::Datelike;
    if claim.narstaende == Some(true) {
        return Err(("tillsyn av egen familjemedlem eller närstående ersätts inte (§ 12)".to_owned(), false));
    }
    let Some(born) = claim.barn_fott else {
        return Err(("barnets födelseår saknas".to_owned(), true));
    };
    if day.year().saturating_sub(born) >= AGE && !is_granted {
        return Err((
            format!("barnet är fött {born} och fyller {AGE} år senast {}: särskilda skäl krävs", day.year()),
            false,
        ));
    }
    Ok(())
}

/// What is paid, and what was taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The amount.
    pub belopp: Ore,
    /// What clause 2 took.
    pub cut_for_lost_income: Ore,
    /// What municipal child care took.
    pub cut_for_barnomsorg: Ore,
    /// What the cap took.
    pub cut_by_cap: Ore,
    /// How it came about.
    pub steps: Vec<Step>,
}

/// The time of a cost.
#[derive(Clone, Debug)]
pub struct Time {
    /// Minutes by the clock; where only the length is known, it is taken to lie in the presence from its beginning.
    pub minutes: Minutes,
    /// How many minutes the cost is for; those beyond the presence lie nowhere.
    pub count: i64,
}

/// Clauses 2 and 3, and the cap.
///
/// # Errors
/// The bilaga has no amount.
pub fn grant(
    rules: &Regelverk,
    day: Day,
    asked: Ore,
    time: &Time,
    lost_income: &Minutes,
    barnomsorg: &Minutes,
) -> Result<Granted, String> {
    let cap = rules.ersattningar.barntillsyn.at(day).ok_or("bilagan har inget belopp för barntillsyn")?;
    let part = |minutes: i64| Fraction::of(Decimal::from(minutes), Decimal::from(time.count)).of_amount(asked);
    let in_care =
        if rules.reads("barnomsorg", "ej", day) { time.minutes.within(barnomsorg) } else { Minutes::default() };
    let same_time = if rules.reads("barntillsyn_samtidigt", "ej", day) {
        time.minutes.within(lost_income).without(&in_care)
    } else {
        Minutes::default()
    };
    let after_care = part(time.count - in_care.count());
    let paid_minutes = time.count - in_care.count() - same_time.count();
    let after_loss = part(paid_minutes);
    let limit = Fraction::of(Decimal::from(paid_minutes), Decimal::from(60)).of_amount(Ore::from_kronor(cap.value));
    let belopp = after_loss.min(limit);
    let mut steps = vec![Step {
        text: format!("kvitto {} för {} minuter", swedish(asked), time.count),
        basis: "yrkandet".to_owned(),
    }];
    for (minutes, why) in [(&in_care, "barnet i kommunal barnomsorg"), (&same_time, "samtidigt förlorad arbetsinkomst")]
    {
        if !minutes.is_empty() {
            let text = format!("{} minuter räknas inte: {why}", minutes.count());
            steps.push(Step { text, basis: "§ 12".to_owned() });
        }
    }
    let text = format!("{paid_minutes} minuter, högst {} kr per timme: {}", cap.value.normalize(), swedish(limit));
    steps.push(Step { text, basis: decision(&cap.reference, cap.decided_on) });
    Ok(Granted {
        belopp,
        cut_for_lost_income: after_care - after_loss,
        cut_for_barnomsorg: asked - after_care,
        cut_by_cap: after_loss - belopp,
        steps,
    })
}

/// When the child was in municipal child care, of the time of the cost.
///
/// # Errors
/// A clock time that cannot be read, and what to write.
pub fn in_barnomsorg(claim: &Claim, day: Day, time: &Time) -> Result<Minutes, (String, String)> {
    match &claim.barnomsorg {
        Barnomsorg::Ingen => Ok(Minutes::default()),
        Barnomsorg::HelaTiden => Ok(time.minutes.clone()),
        Barnomsorg::Tider(spans) => {
            let mut all = Minutes::default();
            for (from, to) in spans {
                all.add(&super::p02_sammantraden::span(day, *from, *to)?);
            }
            Ok(all)
        }
    }
}
