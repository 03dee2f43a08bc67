//! Figures, days and headings as a Swedish reader sees them: the same in page and PDF.

use chrono::Datelike;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::calendar::{Day, MONTHS};
use crate::money::Ore;
use crate::ports::{Cell, Table};

/// Keeps a number whole at the end of a line.
const NO_BREAK: char = '\u{a0}';

/// What stands for a figure that would tell of one person.
pub(super) const MASKED: &str = "–";

/// A number in groups of three with a comma: `-1 234,50`.
pub(super) fn grouped(number: Decimal, decimals: u32) -> String {
    let mut rounded = number.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(decimals);
    let digits = rounded.abs().to_string();
    let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut text = String::with_capacity(digits.len() + 8);
    if rounded.is_sign_negative() && !rounded.is_zero() {
        text.push('-');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(NO_BREAK);
        }
        text.push(digit);
    }
    if !part.is_empty() {
        text.push(',');
        text.push_str(part);
    }
    text
}

/// What a cell says. Amounts are without `kr`, which stands in the column's [`heading`].
pub(super) fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Blank => String::new(),
        Cell::Text(text) => clean(text),
        Cell::Belopp(amount) => grouped(amount.kronor(), 2),
        Cell::Kronor(amount) => grouped(amount.kronor(), 0),
        Cell::Count(count) => grouped(Decimal::from(*count), 0),
        Cell::Number(number, decimals) => grouped(*number, *decimals),
        Cell::Percent(percent) => format!("{}{NO_BREAK}%", grouped(*percent, 1)),
        Cell::Day(day) => day.to_string(),
        Cell::Masked => MASKED.to_owned(),
    }
}

/// An amount of a cell, also one that is rounded for reading.
pub(super) fn amount(cell: &Cell) -> Option<Ore> {
    match cell {
        Cell::Belopp(amount) | Cell::Kronor(amount) => Some(*amount),
        _ => None,
    }
}

/// The cells of a column, without the total.
pub(super) fn column(table: &Table, at: usize) -> impl Iterator<Item = &Cell> {
    table.rows.iter().filter_map(move |row| row.get(at))
}

/// A column's heading, with `kr` behind it where all its figures are amounts and it does not say so itself.
pub(super) fn heading(table: &Table, at: usize) -> String {
    let heading = table.columns.get(at).map(|column| clean(&column.heading)).unwrap_or_default();
    let mut figures = column(table, at).filter(|cell| !matches!(cell, Cell::Blank | Cell::Masked)).peekable();
    let is_money = figures.peek().is_some() && figures.all(|cell| amount(cell).is_some());
    let says_so = heading.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "kr" || word == "kronor");
    if is_money && !says_so && !heading.is_empty() { format!("{heading},{NO_BREAK}kr") } else { heading }
}

/// How many signs a column needs, where words may be broken at `at_most`.
pub(super) fn column_signs(table: &Table, at: usize, at_most: usize) -> usize {
    let heading = heading(table, at);
    let word = heading.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
    let total = table.total.as_ref().and_then(|total| total.get(at));
    let cells = column(table, at).chain(total).map(|cell| shown(cell).chars().count()).max().unwrap_or(0);
    word.max(cells.min(at_most)).max(heading.chars().count().div_ceil(3))
}

/// More than stands well on an upright page.
pub(super) fn is_wide(table: &Table) -> bool {
    let signs: usize = (0..table.columns.len()).map(|at| column_signs(table, at, 34) + 2).sum();
    signs > 112
}

/// `23 november 2026`
pub(super) fn long_day(day: Day) -> String {
    let month = MONTHS.get(day.month0() as usize).copied().unwrap_or_default();
    format!("{}{NO_BREAK}{month} {}", day.day(), day.year())
}

/// Words without signs that no file format holds: they become blanks.
pub(super) fn clean(text: &str) -> String {
    let is_lost = |letter: char| letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}');
    if !text.contains(is_lost) {
        return text.to_owned();
    }
    let lines = text.lines().map(|line| line.replace(is_lost, " "));
    lines.map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// The words of the example's warning.
pub(super) const EXAMPLE: &str =
    "Exempel: belopp ur programmets exempelbilaga ingår. De är inte kommunens egna och får inte betalas ut.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_swedish() {
        let is = |number: &str, decimals: u32, expected: &str| {
            assert_eq!(grouped(number.parse().unwrap_or_default(), decimals), expected.replace(' ', "\u{a0}"));
        };
        is("1234567.5", 2, "1 234 567,50");
        is("-999", 0, "-999");
        is("-1000", 0, "-1 000");
        is("-0.4", 0, "0");
        is("0.5", 0, "1");
        is("12.345", 2, "12,35");
        is("100000", 1, "100 000,0");
    }
}
