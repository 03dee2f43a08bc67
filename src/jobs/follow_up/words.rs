//! Amounts, shares and counts in running text, as a Swedish reader sees them.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::money::{Ore, swedish};

/// Whole kronor: `1 235 kr`.
pub(super) fn kr(amount: Ore) -> String {
    let whole = amount.kronor().round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    swedish(Ore::from_kronor(whole)).replacen(",00", "", 1)
}

/// How much more or less, without sign: `1 235 kr (3,8 %)`; without the share where there is none.
pub(super) fn by_how_much(change: Ore, of: Ore) -> String {
    let share = crate::money::percent(change.abs().kronor(), of.kronor().abs());
    match share {
        Some(share) => format!("{} ({})", kr(change.abs()), percent(share)),
        None => kr(change.abs()),
    }
}

/// `3,8 %`
pub(super) fn percent(share: Decimal) -> String {
    format!("{}\u{a0}%", decimal(share, 1))
}

/// A number with so many decimals and a comma.
pub(super) fn decimal(number: Decimal, decimals: u32) -> String {
    let mut rounded = number.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(decimals);
    rounded.to_string().replace('.', ",")
}

/// `1 yrkande`, `2 yrkanden`
pub(super) fn count(number: i64, one: &str, many: &str) -> String {
    format!("{number}\u{a0}{}", if number == 1 { one } else { many })
}

/// `a, b och c`
pub(super) fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} och {last}", first.join(", ")),
    }
}

/// Minutes as hours.
pub(super) fn hours(minutes: i64) -> Decimal {
    Decimal::from(minutes) / Decimal::from(60)
}
