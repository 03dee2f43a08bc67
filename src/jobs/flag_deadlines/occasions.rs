//! What letters about last days have been about: by it no letter is written twice, and none too soon after another.

use std::fmt;

use crate::calendar::{Day, Month, days_later};
use crate::domain::Fault;
use crate::ports::{LetterKind, Receiver, Store};

/// A letter tells of the last days in the week from the day that it is written.
pub(super) const WEEK_DAYS: i64 = 7;

/// What a letter is about: a month, a week that ends on a day, or both at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct About {
    pub month: Option<Month>,
    pub week: Option<Day>,
}

impl About {
    pub(super) fn is_nothing(self) -> bool {
        self == About::default()
    }

    /// `2026-11`, `vecka-2026-11-23` or `2026-11+vecka-2026-11-08`.
    fn parse(text: &str) -> About {
        text.split('+').fold(About::default(), |about, part| match part.strip_prefix("vecka-") {
            Some(day) => About { week: day.parse().ok(), ..about },
            None => About { month: part.parse().ok(), ..about },
        })
    }
}

impl fmt::Display for About {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.month, self.week) {
            (Some(month), Some(week)) => write!(to, "{month}+vecka-{week}"),
            (Some(month), None) => write!(to, "{month}"),
            (None, Some(week)) => write!(to, "vecka-{week}"),
            (None, None) => Ok(()),
        }
    }
}

/// What a receiver has been told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// The latest month.
    month: Option<Month>,
    /// The day of the latest month's letter, where its week tells.
    month_on: Option<Day>,
    /// The last day of the latest week.
    week: Option<Day>,
}

impl Told {
    pub(super) async fn load(store: &mut impl Store, kind: LetterKind, receiver: &Receiver) -> Result<Told, Fault> {
        let occasions = store.occasions(kind, receiver).await?;
        Ok(occasions.iter().fold(Told::default(), |told, occasion| told.and(About::parse(occasion))))
    }

    fn and(self, about: About) -> Told {
        let is_newer = about.month > self.month;
        let month_on = if is_newer { about.week.map(|day| days_later(day, -WEEK_DAYS)) } else { self.month_on };
        Told { month: self.month.max(about.month), month_on, week: self.week.max(about.week) }
    }

    /// Nothing has been told of a month, or of a later one.
    pub(super) fn lacks_month(self, month: Month) -> bool {
        self.month.is_none_or(|told| told < month)
    }

    /// A last day that no week's letter has told of, where each tells so many days beyond its week.
    pub(super) fn lacks_week(self, last_day: Day, beyond_days: i64) -> bool {
        self.week.is_none_or(|told| days_later(told, beyond_days) < last_day)
    }

    /// When the latest month was told; its first day where that is not said.
    pub(super) fn month_on(self) -> Option<Day> {
        self.month_on.or(self.month.map(Month::first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_occasion_is_read_as_it_is_written() {
        for text in ["2026-11", "vecka-2026-11-23", "2026-11+vecka-2026-11-08"] {
            assert_eq!(About::parse(text).to_string(), text);
        }
        assert!(About::parse("").is_nothing());
    }

    #[test]
    fn the_latest_month_and_the_latest_week_count() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let occasions = ["2026-10+vecka-2026-10-08", "vecka-2026-10-20", "2026-11"];
        let told = occasions.iter().fold(Told::default(), |told, text| told.and(About::parse(text)));
        assert!(!told.lacks_month("2026-11".parse().unwrap()) && told.lacks_month("2026-12".parse().unwrap()));
        assert!(!told.lacks_month("2026-09".parse().unwrap()), "a clock that went back tells nothing again");
        assert!(!told.lacks_week(day("2026-10-26"), 6) && told.lacks_week(day("2026-10-27"), 6));
        assert_eq!(told.month_on(), Some(day("2026-11-01")));
    }
}
