use serde::{Deserialize, Serialize};

use crate::calendar::{Day, Month, years_earlier};

/// A value with the day it applies from and the day it was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated<T> {
    /// First day that it applies.
    pub from: Day,
    /// The day of the decision: before it nobody knew.
    pub decided_on: Day,
    /// The decision.
    pub reference: String,
    /// What applies.
    pub value: T,
}

/// Values over time: each applies until the next one's first day. Of two with the same first day the later decision applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Series<T>(Vec<Dated<T>>);

impl<T> Default for Series<T> {
    fn default() -> Self {
        Series(Vec::new())
    }
}

impl<T: Clone> Series<T> {
    /// Adds a value; `false` if one with the same first day and decision is there already.
    pub fn add(&mut self, value: Dated<T>) -> bool {
        let key = |dated: &Dated<T>| (dated.from, dated.decided_on);
        match self.0.binary_search_by_key(&key(&value), key) {
            Ok(_) => false,
            Err(place) => {
                self.0.insert(place, value);
                true
            }
        }
    }

    /// What applies on a day.
    pub fn at(&self, day: Day) -> Option<&Dated<T>> {
        self.0.iter().rev().find(|dated| dated.from <= day)
    }

    /// All values in order.
    pub fn iter(&self) -> impl Iterator<Item = &Dated<T>> {
        self.0.iter()
    }

    /// Nothing applies at any time.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Only what was decided by the end of a day.
    #[must_use]
    pub fn known_on(&self, day: Day) -> Series<T> {
        Series(self.0.iter().filter(|dated| dated.decided_on <= day).cloned().collect())
    }

    /// Only what is decided by the end of a day. Where the day of the decision is not known (it is the first day then), it
    /// is taken to be.
    #[must_use]
    pub fn decided_by(&self, day: Day) -> Series<T> {
        let is_decided = |dated: &&Dated<T>| dated.decided_on <= day || dated.decided_on == dated.from;
        Series(self.0.iter().filter(is_decided).cloned().collect())
    }

    /// Only what began to apply before a day.
    #[must_use]
    pub fn before(&self, day: Day) -> Series<T> {
        Series(self.0.iter().filter(|dated| dated.from < day).cloned().collect())
    }

    /// The same values, each so many years earlier.
    #[must_use]
    pub fn moved_back(&self, years: u32) -> Series<T> {
        let moved = |dated: &Dated<T>| Dated { from: years_earlier(dated.from, years), ..dated.clone() };
        Series(self.0.iter().map(moved).collect())
    }

    /// Only what applies on some day of a month.
    #[must_use]
    pub fn within(&self, month: Month) -> Series<T> {
        let at_start = self.at(month.first()).into_iter();
        let later = self.0.iter().filter(|dated| dated.from > month.first() && dated.from <= month.last());
        Series(at_start.chain(later).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dated(from: &str, decided_on: &str, value: u32) -> Dated<u32> {
        Dated { from: from.parse().unwrap(), decided_on: decided_on.parse().unwrap(), reference: String::new(), value }
    }

    #[test]
    fn a_value_applies_until_the_next_and_a_later_decision_replaces_it() {
        let mut series = Series::default();
        for value in [dated("2022-01-01", "2021-12-01", 1), dated("2023-01-01", "2023-03-06", 2)] {
            assert!(series.add(value));
        }
        assert!(series.add(dated("2022-01-01", "2022-02-01", 3)));
        assert!(!series.add(dated("2022-01-01", "2022-02-01", 4)));
        let at = |series: &Series<u32>, day: &str| series.at(day.parse().unwrap()).map(|dated| dated.value);
        assert_eq!(at(&series, "2021-12-31"), None);
        assert_eq!(at(&series, "2022-12-31"), Some(3));
        assert_eq!(at(&series, "2023-01-01"), Some(2));
        assert_eq!(at(&series.known_on("2023-03-05".parse().unwrap()), "2023-01-01"), Some(3));
        assert_eq!(at(&series.decided_by("2023-03-05".parse().unwrap()), "2023-01-01"), Some(3));
        assert_eq!(at(&series.decided_by("2023-03-06".parse().unwrap()), "2023-01-01"), Some(2));
        assert_eq!(series.within("2022-06".parse().unwrap()).iter().count(), 1);
        assert_eq!(at(&series.before("2023-01-01".parse().unwrap()), "2024-01-01"), Some(3));
        let moved = series.moved_back(1);
        assert_eq!((at(&moved, "2021-12-31"), at(&moved, "2022-01-01")), (Some(3), Some(2)));
    }
}
