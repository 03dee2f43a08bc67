//! § 18 Utbetalning.
//!
//! 1. Årsarvode and fast arvode are paid by one twelfth a month: in our amounts by the month, one month's amount.
//! 2. All other compensation is paid once a month.
//! 3. Lost pension benefit is paid once a year, afterwards.
//!
//! Pension benefit of a calendar year's meetings goes out in one month of the year after (`pension_utbetalas_i`).
//! How many months after the month of accrual a kind is paid is `lonekalender.toml`'s `[lag]`.

use crate::calendar::Month;
use crate::domain::LineKind;
use crate::law::facts::{Group, Rules};

/// No line becomes payable later than so many months after it is earned: pension benefit goes out in the year after.
pub const MONTHS_UNTIL_PAYABLE: i32 = 24;

/// All clauses: the first payout month that may carry a line.
pub fn payable_from(rules: &dyn Rules, kind: LineKind, accrued_in: Month) -> Month {
    if kind != LineKind::Pensionsforman {
        return accrued_in.plus(rules.lag(kind));
    }
    let of_month = rules.of(accrued_in, Group::Occasional);
    let (month, _) = of_month.reading("pension_utbetalas_i", accrued_in.first());
    let month = month.parse().ok().filter(|month| (1..=12).contains(month)).unwrap_or(1);
    Month::new(accrued_in.year().saturating_add(1), month).unwrap_or(accrued_in)
}
