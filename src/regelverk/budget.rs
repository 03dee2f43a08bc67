//! The budget for förtroendevalda as it was decided, year by year: what the follow-up compares the outcome with.

use std::collections::BTreeSet;

use super::Organs;
use super::reader::Table;
use crate::calendar::Month;
use crate::domain::{CostGroup, OrganCode};
use crate::money::{Ore, share};

/// One row of `budget.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetRow {
    /// The calendar year.
    pub year: i32,
    /// Whose budget.
    pub organ: OrganCode,
    /// Only these kinds; none for all of the organ's.
    pub group: Option<CostGroup>,
    /// For the whole year.
    pub belopp: Ore,
    /// The decision.
    pub beslut: String,
}

impl BudgetRow {
    /// Its part of the months from one to another: a twelfth for each.
    pub fn within(&self, first: Month, last: Month) -> Ore {
        let months = (1..=12).filter_map(|month| Month::new(self.year, month));
        let within = months.filter(|month| (first..=last).contains(month)).count();
        share(self.belopp, i64::try_from(within).unwrap_or(0), 12)
    }
}

/// What one row says, before organ are known; with what it takes to place an error.
pub(super) fn read(rows: &mut Vec<BudgetRow>, row: &Table<'_>) {
    let year = row.whole("ar").and_then(|year| i32::try_from(year).ok()).filter(|year| (1900..=9998).contains(year));
    if year.is_none() {
        row.wrong("ar", "no usable `ar`", "a year such as 2026");
    }
    let groups: Vec<(&'static str, CostGroup)> =
        CostGroup::all().filter(|group| *group != CostGroup::Kvittning).map(|group| (group.name(), group)).collect();
    let has_group = row.has("slag");
    let group = row.choice("slag", &groups);
    let (organ, belopp) = (row.required_text("organ"), row.required_amount("belopp"));
    let Some(beslut) = row.required_text("beslut") else { return };
    let Some((year, (organ, belopp))) = year.zip(organ.zip(belopp)) else { return };
    if has_group && group.is_none() {
        return;
    }
    let organ = OrganCode(organ);
    let of_same = |other: &&BudgetRow| (other.year, &other.organ) == (year, &organ);
    for other in rows.iter().filter(of_same) {
        if other.group == group {
            let found = format!("a second amount for {organ} {year}");
            row.wrong("belopp", &found, "one amount for each year, organ and slag");
        } else if other.group.is_none() || group.is_none() {
            let found = format!("{organ} {year} both as a whole and by slag");
            row.wrong("organ", &found, "either one amount for the organ, or one for each slag");
        }
    }
    rows.push(BudgetRow { year, organ, group, belopp: Ore::from_kronor(belopp), beslut });
}

/// Organ that the budget names and that `organ.toml` has not.
pub(super) fn unknown<'a>(rows: &'a [BudgetRow], organs: &Organs) -> BTreeSet<&'a OrganCode> {
    rows.iter().map(|row| &row.organ).filter(|organ| organs.with_code(organ).is_none()).collect()
}
