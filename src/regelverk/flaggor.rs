//! How long before a last day (§ 16) it is told.

use super::reader::Table;

/// `[flaggor]`: days before a last day, most first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagDays(Vec<i64>);

impl Default for FlagDays {
    fn default() -> FlagDays {
        FlagDays(vec![90, 30, 14, 7, 1])
    }
}

impl FlagDays {
    /// So many days before, a last day is told for the first time.
    pub fn first(&self) -> i64 {
        self.0.first().copied().unwrap_or_default()
    }

    /// All of them.
    pub fn all(&self) -> &[i64] {
        &self.0
    }

    /// The last of the days that has been reached with so many days left; none before the first.
    pub fn reached(&self, days_left: i64) -> Option<i64> {
        self.0.iter().rev().copied().find(|days| days_left <= *days)
    }

    pub(super) fn read(&mut self, table: &Table<'_>) {
        const ALLOWED: &str = "a list of days from 1 to 366, each less than the one before, such as [90, 30, 14, 7, 1]";
        let Some(days) = table.wholes("dagar_fore") else { return };
        let days: Vec<i64> = days.into_iter().filter_map(|days| i64::try_from(days).ok()).collect();
        let is_falling = days.windows(2).all(|pair| pair.first() > pair.last());
        if days.is_empty() || !is_falling || !days.iter().all(|days| (1..=366).contains(days)) {
            return table.wrong("dagar_fore", &format!("`{days:?}`"), ALLOWED);
        }
        self.0 = days;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reaches_the_last_of_the_flags_that_it_is_within() {
        let check = |days_left, reached| assert_eq!(FlagDays::default().reached(days_left), reached, "{days_left}");
        check(91, None);
        check(90, Some(90));
        check(31, Some(90));
        check(30, Some(30));
        check(14, Some(14));
        check(8, Some(14));
        check(7, Some(7));
        check(1, Some(1));
        check(0, Some(1));
    }
}
