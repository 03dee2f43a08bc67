//! The budget for förtroendevalda as it was decided, year by year: what the follow-up compares the outcome with.

use super::Organs;
use super::reader::{Errors, Table, Wrong};
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

/// Rows with the error that each is if `organ.toml` has no such organ: the files are read in any order.
#[derive(Default)]
pub(super) struct Budget(Vec<(BudgetRow, Wrong)>);

impl Budget {
    /// A row of `[[budget]]`.
    pub(super) fn read(&mut self, row: &Table<'_>) {
        let groups: Vec<(&'static str, CostGroup)> = CostGroup::all()
            .filter(|group| *group != CostGroup::Kvittning)
            .map(|group| (group.name(), group))
            .collect();
        let year = row.whole("ar").and_then(|year| i32::try_from(year).ok());
        let year = year.filter(|year| (1900..=9998).contains(year));
        if year.is_none() {
            row.wrong("ar", "no usable `ar`", "a year such as 2026");
        }
        let group = row.choice("slag", &groups);
        let (organ, belopp) = (row.required_text("organ"), row.required_amount("belopp"));
        let Some(beslut) = row.required_text("beslut") else { return };
        let Some((year, (organ, belopp))) = year.zip(organ.zip(belopp)) else { return };
        // A slag that could not be read is an error already, and no reason for another.
        if group.is_none() && row.has("slag") {
            return;
        }
        let organ = OrganCode(organ);
        self.refuse_twice(row, year, &organ, group);
        let unknown = row.would_be_wrong("organ", &format!("\"{organ}\""), "the kod of an organ in organ.toml");
        self.0.push((BudgetRow { year, organ, group, belopp: Ore::from_kronor(belopp), beslut }, unknown));
    }

    fn refuse_twice(&self, row: &Table<'_>, year: i32, organ: &OrganCode, group: Option<CostGroup>) {
        let of_same = self.0.iter().filter(|(other, _)| (other.year, &other.organ) == (year, organ));
        for (other, _) in of_same {
            if other.group == group {
                let found = format!("a second amount for {organ} {year}");
                row.wrong("belopp", &found, "one amount for each year, organ and slag");
            } else if other.group.is_none() || group.is_none() {
                let found = format!("{organ} {year} both as a whole and by slag");
                row.wrong("organ", &found, "either one amount for the organ, or one for each slag");
            }
        }
    }

    /// The rows, in the order of year, organ and slag, once it is known which organ exist.
    pub(super) fn resolve(self, organs: &Organs, errors: &Errors) -> Vec<BudgetRow> {
        let mut rows = Vec::new();
        for (row, unknown) in self.0 {
            if organs.with_code(&row.organ).is_none() {
                errors.add(unknown);
            }
            rows.push(row);
        }
        rows.sort_by(|one, other| (one.year, &one.organ, one.group).cmp(&(other.year, &other.organ, other.group)));
        rows
    }
}
