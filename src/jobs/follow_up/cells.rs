//! Figures as cells: shown, or hidden.

use rust_decimal::Decimal;

use crate::money::{Ore, percent};
use crate::ports::Cell;

/// An amount; masked if it is none.
pub(super) fn belopp(amount: Option<Ore>) -> Cell {
    amount.map_or(Cell::Masked, Cell::Belopp)
}

/// An amount in whole kronor for wide tables; masked if it is none, and blank where there is nothing.
pub(super) fn kronor(amount: Option<Ore>) -> Cell {
    match amount {
        Some(Ore::ZERO) => Cell::Blank,
        Some(amount) => Cell::Kronor(amount),
        None => Cell::Masked,
    }
}

/// Both, if neither is hidden.
pub(super) fn difference(one: Option<Ore>, other: Option<Ore>) -> Option<Ore> {
    Some(one? - other?)
}

/// A part of a whole in per cent; blank of nothing.
pub(super) fn share(part: Option<Ore>, whole: Option<Ore>) -> Cell {
    match part.zip(whole) {
        None => Cell::Masked,
        Some((part, whole)) => {
            percent(part.kronor(), whole.kronor().abs()).map_or(Cell::Blank, |share| Cell::Percent(share.normalize()))
        }
    }
}

/// Words.
pub(super) fn text(words: impl Into<String>) -> Cell {
    Cell::Text(words.into())
}

/// Hours with one decimal.
pub(super) fn hours(minutes: i64) -> Cell {
    Cell::Number(super::words::hours(minutes).round_dp(2), 1)
}

/// Kilometres with one decimal.
pub(super) fn km(number: Decimal) -> Cell {
    Cell::Number(number.normalize(), 1)
}
