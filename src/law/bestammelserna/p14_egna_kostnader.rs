//! § 14 Funktionshindrad förtroendevalds särskilda kostnader.
//!
//! 1. A disabled förtroendevald's particular costs that a meeting causes, and that nobody else compensates (travel,
//!    companion, interpreter, help with reading …), are compensated.
//! 2. At most by the amount that fullmäktige has decided by the bilaga: per calendar year.
//!
//! The year's amount is consumed in order of arrival, so that a late claim never takes back what an earlier one was paid.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::calendar::Day;
use crate::domain::Step;
use crate::money::{Ore, swedish};
use crate::regelverk::{Dated, Regelverk, decision};

/// What has been paid so far, by calendar year.
pub type Used = BTreeMap<i32, Ore>;

/// An amount and what its cap took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capped {
    /// What is paid.
    pub belopp: Ore,
    /// What the cap took, and its name.
    pub cut: Option<(Ore, String)>,
    /// How it came about.
    pub steps: Vec<Step>,
}

/// Clauses 1 and 2.
///
/// # Errors
/// The bilaga has no amount.
pub fn grant(rules: &Regelverk, day: Day, asked: Ore, used: &mut Used) -> Result<Capped, String> {
    use chrono::Datelike;
    let cap = rules.ersattningar.funktionshindrad.at(day).ok_or("bilagan har inget belopp för särskilda kostnader")?;
    Ok(capped(cap, asked, used.entry(day.year()).or_default(), "året"))
}

/// An amount up to what is left of a cap.
pub(super) fn capped(cap: &Dated<Decimal>, asked: Ore, spent: &mut Ore, span: &str) -> Capped {
    let left = (Ore::from_kronor(cap.value) - *spent).max(Ore::ZERO);
    let belopp = asked.min(left);
    *spent += belopp;
    let most = swedish(Ore::from_kronor(cap.value));
    let text = format!("styrkt kostnad {}; kvar av högst {most} för {span}: {}", swedish(asked), swedish(left));
    let cut = (belopp < asked).then(|| (asked - belopp, format!("över högst {most} för {span}")));
    Capped { belopp, cut, steps: vec![Step { text, basis: decision(&cap.reference, cap.decided_on) }] }
}
