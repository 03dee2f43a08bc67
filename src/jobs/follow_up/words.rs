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

/// A number with so many decimals, in groups of three: `2 605,8`.
pub(super) fn decimal(number: Decimal, decimals: u32) -> String {
    let rounded = number.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    let whole = swedish(Ore::from_kronor(rounded.trunc()));
    let whole = whole.split(',').next().unwrap_or_default().to_owned();
    let mut part = rounded.fract().abs();
    part.rescale(decimals);
    match part.to_string().split_once('.') {
        Some((_, part)) => format!("{whole},{part}"),
        None => whole,
    }
}

/// `1 yrkande`, `2 yrkanden`
pub(super) fn count(number: i64, one: &str, many: &str) -> String {
    format!("{}\u{a0}{}", decimal(Decimal::from(number), 0), if number == 1 { one } else { many })
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
