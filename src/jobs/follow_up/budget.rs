//! The decided budget beside the outcome.

use super::Period;
use super::figures::Figures;
use super::secrets::{Secrets, Spot};
use crate::domain::CostGroup;
use crate::money::Ore;
use crate::regelverk::{BudgetRow, Loaded};

/// One row: what was decided for the time, and what it became; none of an outcome that is hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared<'a> {
    /// The decided row: its organ and slag, and the first year's decision.
    pub row: &'a BudgetRow,
    /// Its part of the time.
    pub budget: Ore,
    /// Earned.
    pub outcome: Option<Ore>,
}

/// Rows of years that the time touches.
pub fn rows_of(loaded: &Loaded, period: Period) -> Vec<&BudgetRow> {
    let years = period.first.year()..=period.last.year();
    loaded.budget.iter().filter(|row| years.contains(&row.year)).collect()
}

/// Each organ and slag once, over all years of the time.
pub fn compared<'a>(rows: &[&'a BudgetRow], figures: &Figures, secrets: &Secrets) -> Vec<Compared<'a>> {
    let mut found: Vec<Compared<'a>> = Vec::new();
    let Period { first, last } = figures.period;
    for row in rows.iter().copied() {
        let budget = row.within(first, last);
        let is_same = |one: &&mut Compared<'_>| one.row.organ == row.organ && one.row.group == row.group;
        if let Some(known) = found.iter_mut().find(is_same) {
            known.budget += budget;
            continue;
        }
        let spot =
            row.group.map_or_else(|| Spot::Organ(row.organ.clone()), |group| Spot::Cell(row.organ.clone(), group));
        let is_meant = |kind| row.group.is_none() || row.group == CostGroup::of(kind);
        let [earned, _] = figures.sum(|organ, kind| *organ == row.organ && is_meant(kind));
        let outcome = (!secrets.hides(&spot)).then_some(earned);
        found.push(Compared { row, budget, outcome });
    }
    found
}

/// All rows together; the outcome is none where it is hidden.
pub fn total(rows: &[Compared<'_>], figures: &Figures, secrets: &Secrets) -> (Ore, Option<Ore>) {
    let budget = rows.iter().map(|row| row.budget).sum();
    let is_budgeted = |organ: &crate::domain::OrganCode, kind| {
        let is_of = |one: &Compared<'_>| {
            one.row.organ == *organ && (one.row.group.is_none() || one.row.group == CostGroup::of(kind))
        };
        rows.iter().any(is_of)
    };
    let [earned, _] = figures.sum(is_budgeted);
    (budget, (!secrets.hides(&Spot::Budgeted)).then_some(earned))
}
