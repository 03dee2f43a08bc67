//! Which months a follow-up is of, and which earlier ones it is compared with.

use std::fmt;
use std::str::FromStr;

use crate::calendar::{MONTHS, Month};

/// Months from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first.
    pub first: Month,
    /// The last.
    pub last: Month,
}

/// More months than this are no follow-up, and would be compared with nothing.
const MOST_MONTHS: i32 = 48;

impl Period {
    /// A calendar year; none of a number that is no year.
    pub fn year(year: i32) -> Option<Period> {
        let (first, last) = Month::new(year, 1).zip(Month::new(year, 12))?;
        Some(Period { first, last })
    }

    /// How many months.
    pub fn months(self) -> i32 {
        self.last.since(self.first) + 1
    }

    /// A whole calendar year.
    pub fn is_year(self) -> bool {
        self.first.month() == 1 && self.months() == 12
    }

    /// The same months so many times earlier: as many whole years back as the period is long.
    pub fn earlier(self, times: i32) -> Period {
        let back = (self.months() + 11) / 12 * 12 * times;
        Period { first: self.first.plus(-back), last: self.last.plus(-back) }
    }

    /// Whether a month is one of them.
    pub fn has(self, month: Month) -> bool {
        (self.first..=self.last).contains(&month)
    }

    /// Its months.
    pub fn each(self) -> impl Iterator<Item = Month> {
        (0..self.months()).map(move |number| self.first.plus(number))
    }

    /// How a heading says it, in few letters: `2025`, `jan–jun 2025`.
    pub fn short(self) -> String {
        let (first, last) = (short_name(self.first), short_name(self.last));
        let (from, to) = (self.first.year(), self.last.year());
        match (self.is_year(), self.first == self.last, from == to) {
            (true, ..) => from.to_string(),
            (_, true, _) => format!("{first} {from}"),
            (_, _, true) => format!("{first}–{last} {from}"),
            _ => format!("{first} {from}–{last} {to}"),
        }
    }
}

/// `jan`
pub(super) fn short_name(month: Month) -> &'static str {
    name(month).get(..3).unwrap_or_default()
}

fn name(month: Month) -> &'static str {
    usize::try_from(month.month()).ok().and_then(|number| MONTHS.get(number.wrapping_sub(1))).copied().unwrap_or("")
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Period, String> {
        let wrong = || format!("\"{text}\" is no period; write 2025, 2025-06 or 2025-01..2025-06");
        let year = text.parse::<i32>().ok().filter(|year| (1900..=9998).contains(year));
        if let Some(period) = year.and_then(Period::year) {
            return Ok(period);
        }
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        let (first, last) = from.parse().ok().zip(to.parse().ok()).ok_or_else(wrong)?;
        let period = Period { first, last };
        match period.months() {
            ..=0 => Err(format!("{last} is before {first}; write the earlier month first, as 2025-01..2025-06")),
            1..=MOST_MONTHS => Ok(period),
            months => Err(format!("{months} months; a follow-up is of at most {MOST_MONTHS}")),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (name(self.first), name(self.last));
        let (from, until) = (self.first.year(), self.last.year());
        match (self.is_year(), self.first == self.last, from == until) {
            (true, ..) => write!(to, "{from}"),
            (_, true, _) => write!(to, "{first} {from}"),
            (_, _, true) => write!(to, "{first}–{last} {from}"),
            _ => write!(to, "{first} {from}–{last} {until}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_read_as_it_is_written_and_compared_with_the_same_months_earlier() {
        let check = |text: &str, shown: &str, short: &str, earlier: &str| {
            let period: Period = text.parse().unwrap();
            let told = (period.to_string(), period.short(), period.earlier(1).to_string());
            assert_eq!(told, (shown.to_owned(), short.to_owned(), earlier.to_owned()), "{text}");
        };
        check("2025", "2025", "2025", "2024");
        check("2025-01..2025-06", "januari–juni 2025", "jan–jun 2025", "januari–juni 2024");
        check("2025-03", "mars 2025", "mar 2025", "mars 2024");
        check("2024-07..2025-06", "juli 2024–juni 2025", "jul 2024–jun 2025", "juli 2023–juni 2024");
        check("2024-01..2025-12", "januari 2024–december 2025", "jan 2024–dec 2025", "januari 2022–december 2023");
        for wrong in ["25", "2025-06..2025-01", "2020-01..2025-12", "förra året", "2025-13"] {
            assert!(wrong.parse::<Period>().is_err(), "{wrong}");
        }
    }
}
