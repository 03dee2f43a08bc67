//! § 5 Förlorad semesterförmån.
//!
//! 1. Proven lost holiday benefit is paid, at most the amount that fullmäktige has decided by the bilaga: per day.
//! 2. Who can show that the holiday benefit is affected but not how has a schablon by the bilaga.
//!
//! The schablon is a percentage of what the same occasion gives under § 3 (that of the person's Inkomstuppgifter goes
//! before the bilaga's), rounded half up to öre. A claim without `Styrkt: ja` shows nothing yet and is held.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::calendar::Day;
use crate::domain::{Income, Step};
use crate::law::facts::{PersonFacts, in_force};
use crate::money::{Fraction, Ore, swedish};
use crate::regelverk::{Dated, Forman, Regelverk, decision};

/// What one claim for a lost benefit asks for.
#[derive(Clone, Copy, Debug)]
pub struct Loss {
    /// The meeting's day.
    pub day: Day,
    /// The pensionstillfälle where one is named (§ 4), else the meeting's day.
    pub counted: Day,
    /// The amount, if it could be shown.
    pub belopp: Option<Ore>,
    /// What the occasion gives under § 3.
    pub lost_income: Option<Ore>,
}

/// What it gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The amount.
    pub belopp: Ore,
    /// What the cap took, and its name.
    pub cut: Option<(Ore, String)>,
    /// How it came about.
    pub steps: Vec<Step>,
}

/// What has been paid so far, by day.
pub type Used = BTreeMap<Day, Ore>;

/// Clauses 1 and 2.
///
/// # Errors
/// Why nothing can be worked out.
pub fn grant(facts: &PersonFacts, rules: &Regelverk, loss: &Loss, used: &mut Used) -> Result<Granted, String> {
    let dated = rules.ersattningar.semester.at(loss.day).ok_or("bilagan har inget belopp för semesterförmån")?;
    let own = percent_of(facts, loss.day, |income| income.semester_percent);
    grant_by(dated, own, loss, used.entry(loss.day).or_default(), "dagen")
}

/// A benefit's percentage in the person's own Inkomstuppgifter on a day: of the row that began last.
pub(super) fn percent_of(facts: &PersonFacts, day: Day, part: fn(&Income) -> Option<Decimal>) -> Option<Decimal> {
    let rows = facts.incomes.iter().map(|(income, _)| income);
    let valid = rows.filter(|income| in_force(income.from, income.to, day) && part(income).is_some());
    valid.max_by_key(|income| (income.from, part(income))).and_then(part)
}

/// A proven amount up to what is left of its cap, else the schablon.
///
/// # Errors
/// The occasion has no lost income to take a percentage of.
pub(super) fn grant_by(
    dated: &Dated<Forman>,
    own_percent: Option<Decimal>,
    loss: &Loss,
    spent: &mut Ore,
    span: &str,
) -> Result<Granted, String> {
    let basis = decision(&dated.reference, dated.decided_on);
    let Some(asked) = loss.belopp else {
        let lost_income = loss.lost_income.filter(|amount| *amount > Ore::ZERO);
        let lost_income = lost_income.ok_or("mötet har ingen ersättning enligt § 3 att räkna schablonen på")?;
        let percent = own_percent.unwrap_or(dated.value.schablon_procent);
        let belopp = Fraction::of(percent, Decimal::ONE_HUNDRED).of_amount(lost_income);
        let (percent, of) = (percent.normalize(), swedish(lost_income));
        let text = format!("schablon {percent} % av förlorad arbetsinkomst {of} = {}", swedish(belopp));
        let basis = if own_percent.is_some() { "Inkomstuppgifter".to_owned() } else { basis };
        return Ok(Granted { belopp, cut: None, steps: vec![Step { text, basis }] });
    };
    let left = (Ore::from_kronor(dated.value.hogst) - *spent).max(Ore::ZERO);
    let belopp = asked.min(left);
    *spent += belopp;
    let text = format!("styrkt {}; kvar av högst {} för {span}: {}", swedish(asked), dated.value.hogst, swedish(left));
    let cut = (belopp < asked).then(|| (asked - belopp, format!("över högst {} kr för {span}", dated.value.hogst)));
    Ok(Granted { belopp, cut, steps: vec![Step { text, basis }] })
}
