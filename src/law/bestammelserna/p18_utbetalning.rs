//! § 18 Utbetalning.
//!
//! 1. Årsarvode and fast arvode are paid by one twelfth a month: in our amounts by the month, one month's amount.
//! 2. All other compensation is paid once a month.
//! 3. Lost pension benefit is paid once a year, afterwards.
//!
//! How many months after the month of accrual a kind is paid is `lonekalender.toml`'s `[lag]`.

use crate::calendar::Month;
use crate::domain::LineKind;
use crate::law::facts::Rules;

/// Clauses 1 and 2: the first payout month that may carry a line.
pub fn payable_from(rules: &dyn Rules, kind: LineKind, accrued_in: Month) -> Month {
    accrued_in.plus(rules.lag(kind))
}
