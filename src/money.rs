//! Money in whole öre, and the roundings that the regulation names.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// An amount in whole öre (1/100 krona). Arithmetic saturates at about ±92 quadrillion kr
/// instead of panicking: no kommun comes near, and a garbled fact must not end the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ore(pub i64);

impl Ore {
    /// Nothing.
    pub const ZERO: Ore = Ore(0);

    /// Rounds an amount in kronor half up (away from zero) to whole öre.
    pub fn from_kronor(kronor: Decimal) -> Ore {
        let ore = Rounding::Ore.apply(kronor).checked_mul(Decimal::ONE_HUNDRED);
        Ore(ore.and_then(|value| i64::try_from(value).ok()).unwrap_or(if kronor.is_sign_negative() {
            i64::MIN
        } else {
            i64::MAX
        }))
    }

    /// The amount in kronor with two decimals.
    pub fn kronor(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// The amount without its sign.
    pub fn abs(self) -> Ore {
        Ore(self.0.saturating_abs())
    }
}

impl fmt::Display for Ore {
    /// Kronor with two decimals and a point, as in JSON and XML: `-1234.50`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let ore = self.0.unsigned_abs();
        write!(out, "{sign}{}.{:02}", ore / 100, ore % 100)
    }
}

/// Adds a whole number to a text as its `Display` does: rows are written by the million.
pub fn push_number(text: &mut String, number: i64) {
    if number < 0 {
        text.push('-');
    }
    push_digits(text, number.unsigned_abs(), 1);
}

/// Adds an amount to a text as its `Display` does.
pub fn push_ore(text: &mut String, amount: Ore) {
    if amount.0 < 0 {
        text.push('-');
    }
    let ore = amount.0.unsigned_abs();
    push_digits(text, ore / 100, 1);
    text.push('.');
    push_digits(text, ore % 100, 2);
}

/// Adds a number without superfluous zeros to a text, as the `Display` of its normal form does.
pub fn push_decimal(text: &mut String, number: Decimal) {
    let number = number.normalize();
    let Ok(mantissa) = i64::try_from(number.mantissa()) else {
        let _ = fmt::Write::write_fmt(text, format_args!("{number}"));
        return;
    };
    if mantissa < 0 {
        text.push('-');
    }
    let (digits, scale) = (mantissa.unsigned_abs(), number.scale());
    match 10_u64.checked_pow(scale) {
        _ if scale == 0 => push_digits(text, digits, 1),
        Some(unit) => {
            push_digits(text, digits / unit, 1);
            text.push('.');
            push_digits(text, digits % unit, scale as usize);
        }
        None => {
            text.push_str("0.");
            push_digits(text, digits, scale as usize);
        }
    }
}

/// Digits with at least so many of them.
fn push_digits(text: &mut String, mut number: u64, least: usize) {
    let mut digits = [b'0'; 32];
    let mut first = digits.len();
    while number > 0 {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    let first = first.min(digits.len().saturating_sub(least));
    text.push_str(std::str::from_utf8(&digits[first..]).unwrap_or_default());
}

/// Reads a number as [`push_decimal`] writes it: rows are read by the million.
pub fn read_decimal(text: &str) -> Option<Decimal> {
    match plain(text) {
        Some((units, decimals)) => Some(Decimal::new(units, decimals)),
        None => text.parse().ok(),
    }
}

/// Reads an amount as [`push_ore`] writes it.
pub fn read_ore(text: &str) -> Option<Ore> {
    match plain(text) {
        Some((units, 2)) => Some(Ore(units)),
        _ => text.parse().ok(),
    }
}

/// Digits of a short number, and how many of them stand behind its point.
fn plain(text: &str) -> Option<(i64, u32)> {
    const MOST_LETTERS: usize = 18;
    let (is_negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let (mut units, mut point) = (0_i64, None);
    for (place, letter) in digits.iter().enumerate() {
        match letter {
            b'0'..=b'9' if place < MOST_LETTERS => units = units * 10 + i64::from(letter - b'0'),
            b'.' if point.is_none() && place > 0 => point = Some(place),
            _ => return None,
        }
    }
    let decimals = match point {
        Some(point) => u32::try_from(digits.len() - point - 1).ok().filter(|decimals| *decimals > 0)?,
        None => 0,
    };
    (!digits.is_empty()).then_some((if is_negative { -units } else { units }, decimals))
}

impl FromStr for Ore {
    type Err = rust_decimal::Error;

    fn from_str(text: &str) -> Result<Ore, Self::Err> {
        Decimal::from_str(text).map(Ore::from_kronor)
    }
}

impl Add for Ore {
    type Output = Ore;
    fn add(self, other: Ore) -> Ore {
        Ore(self.0.saturating_add(other.0))
    }
}

impl Sub for Ore {
    type Output = Ore;
    fn sub(self, other: Ore) -> Ore {
        Ore(self.0.saturating_sub(other.0))
    }
}

impl Neg for Ore {
    type Output = Ore;
    fn neg(self) -> Ore {
        Ore(self.0.saturating_neg())
    }
}

impl AddAssign for Ore {
    fn add_assign(&mut self, other: Ore) {
        *self = *self + other;
    }
}

impl Sum for Ore {
    fn sum<I: Iterator<Item = Ore>>(amounts: I) -> Ore {
        amounts.fold(Ore::ZERO, Add::add)
    }
}

/// How a Swedish reader sees an amount: `1 234,50 kr`.
pub fn swedish(amount: Ore) -> String {
    let kronor = amount.0.unsigned_abs() / 100;
    let digits = kronor.to_string();
    let mut grouped = String::with_capacity(digits.len() + 8);
    if amount.0 < 0 {
        grouped.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    format!("{grouped},{:02}\u{a0}kr", amount.0.unsigned_abs() % 100)
}

/// How large a part is of a whole, in per cent with two decimals, half up; none of nothing.
pub fn percent(part: Decimal, whole: Decimal) -> Option<Decimal> {
    let share = part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole)?;
    let mut rounded = share.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(2);
    Some(rounded)
}

/// The rounding of one step of a calculation. The regulation is silent; each step's rounding is a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To whole öre, half up.
    Ore,
    /// To whole kronor, half up.
    KronaHalfUp,
    /// To whole kronor, half to the even krona.
    KronaHalfEven,
    /// Up to the next whole krona.
    KronaUp,
    /// To whole tens of kronor, half up.
    TioHalfUp,
    /// Up to the next ten kronor.
    TioUp,
    /// Up to the next hundred kronor.
    HundraUp,
    /// Not at all.
    None,
}

impl Rounding {
    /// Every name that a configuration may use, with its meaning.
    pub const NAMES: [(&'static str, Rounding); 8] = [
        ("ore", Rounding::Ore),
        ("krona_half_up", Rounding::KronaHalfUp),
        ("krona_half_even", Rounding::KronaHalfEven),
        ("krona_up", Rounding::KronaUp),
        ("tio_half_up", Rounding::TioHalfUp),
        ("tio_up", Rounding::TioUp),
        ("hundra_up", Rounding::HundraUp),
        ("none", Rounding::None),
    ];

    /// The name that configuration uses.
    pub fn name(self) -> &'static str {
        Rounding::NAMES.iter().find(|(_, rounding)| *rounding == self).map_or("none", |(name, _)| name)
    }

    /// Rounds an amount in kronor.
    pub fn apply(self, kronor: Decimal) -> Decimal {
        use RoundingStrategy::{AwayFromZero, MidpointAwayFromZero, MidpointNearestEven};
        let to_multiple_of = |step: i64, how| {
            let step = Decimal::from(step);
            (kronor / step).round_dp_with_strategy(0, how) * step
        };
        match self {
            Rounding::Ore => kronor.round_dp_with_strategy(2, MidpointAwayFromZero),
            Rounding::KronaHalfUp => kronor.round_dp_with_strategy(0, MidpointAwayFromZero),
            Rounding::KronaHalfEven => kronor.round_dp_with_strategy(0, MidpointNearestEven),
            Rounding::KronaUp => kronor.round_dp_with_strategy(0, AwayFromZero),
            Rounding::TioHalfUp => to_multiple_of(10, MidpointAwayFromZero),
            Rounding::TioUp => to_multiple_of(10, AwayFromZero),
            Rounding::HundraUp => to_multiple_of(100, AwayFromZero),
            Rounding::None => kronor,
        }
    }
}

/// An exact fraction of an amount, for parts that must not be rounded before they are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    part: i128,
    whole: i128,
}

impl Fraction {
    /// None of it.
    pub const ZERO: Fraction = Fraction { part: 0, whole: 1 };
    /// All of it.
    pub const ONE: Fraction = Fraction { part: 1, whole: 1 };

    /// `part / whole`; nothing where `whole` is zero.
    pub fn of(part: Decimal, whole: Decimal) -> Fraction {
        let scale = part.scale().max(whole.scale());
        let as_integer = |mut value: Decimal| {
            value.rescale(scale);
            value.mantissa()
        };
        Fraction { part: as_integer(part), whole: as_integer(whole) }.reduced()
    }

    /// The fraction of the fraction.
    #[must_use]
    pub fn times(self, other: Fraction) -> Fraction {
        Fraction { part: self.part.saturating_mul(other.part), whole: self.whole.saturating_mul(other.whole) }.reduced()
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Fraction) -> Fraction {
        let left = self.part.saturating_mul(other.whole);
        let part = left.saturating_add(other.part.saturating_mul(self.whole));
        Fraction { part, whole: self.whole.saturating_mul(other.whole) }.reduced()
    }

    /// This fraction of an amount, half up to whole öre.
    pub fn of_amount(self, amount: Ore) -> Ore {
        if self.part == self.whole {
            return amount;
        }
        let product = i128::from(amount.0).saturating_mul(self.part);
        let doubled = product.saturating_mul(2).saturating_add(self.whole.saturating_mul(product.signum()));
        Ore(i64::try_from(doubled / self.whole.saturating_mul(2)).unwrap_or(i64::MAX))
    }

    fn reduced(self) -> Fraction {
        let (mut greater, mut smaller) = (self.whole.saturating_abs(), self.part.saturating_abs());
        if greater == 0 {
            return Fraction::ZERO;
        }
        while smaller != 0 {
            (greater, smaller) = (smaller, greater % smaller);
        }
        Fraction { part: self.part / greater, whole: self.whole / greater }
    }
}

/// `amount x part / whole` to whole öre, half up; the whole amount where `whole` is zero.
pub fn share(amount: Ore, part: i64, whole: i64) -> Ore {
    if whole == 0 {
        return amount;
    }
    Fraction::of(Decimal::from(part), Decimal::from(whole)).of_amount(amount)
}

/// Units and a price with at most four decimals whose product is the amount; one unit of it where no price gives it.
pub fn price_of_units(antal: Decimal, belopp: Ore) -> (Decimal, Decimal) {
    let price = belopp.kronor().checked_div(antal);
    let price = price.map(|price| price.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero));
    match price {
        Some(price) if Ore::from_kronor(price.saturating_mul(antal)) == belopp => (antal, price.normalize()),
        _ => (Decimal::ONE, belopp.kronor().normalize()),
    }
}

/// Splits an amount by weights so that the parts add up to the whole (largest remainder; a tie goes to the earlier part).
pub fn split(amount: Ore, weights: &[i64]) -> Vec<Ore> {
    let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if total <= 0 {
        return weights.iter().map(|_| Ore::ZERO).collect();
    }
    let products: Vec<i128> = weights.iter().map(|weight| i128::from(amount.0) * i128::from(*weight)).collect();
    let mut parts: Vec<i128> = products.iter().map(|product| product.div_euclid(total)).collect();
    let missing = i128::from(amount.0) - parts.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&place| (-products[place].rem_euclid(total), place));
    for &place in order.iter().take(usize::try_from(missing).unwrap_or(0)) {
        parts[place] += 1;
    }
    parts.into_iter().map(|part| Ore(i64::try_from(part).unwrap_or(i64::MAX))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_written_with_two_decimals() {
        assert_eq!(Ore(-123_450).to_string(), "-1234.50");
        assert_eq!(Ore(5).to_string(), "0.05");
        assert_eq!(swedish(Ore(123_456_789)), "1\u{a0}234\u{a0}567,89\u{a0}kr");
        assert_eq!(swedish(Ore(-50)), "-0,50\u{a0}kr");
    }

    #[test]
    fn what_is_no_number_is_not_read_as_one() {
        for wrong in ["", "-", ".", "1.2.3", "1,5", "1 ", "a"] {
            assert_eq!((read_decimal(wrong), read_ore(wrong)), (None, None), "{wrong}");
        }
    }

    #[test]
    fn each_rounding_on_both_sides_of_its_half() {
        let round = |rounding: Rounding, kronor: &str| rounding.apply(kronor.parse().unwrap()).normalize().to_string();
        assert_eq!(round(Rounding::Ore, "2.005"), "2.01");
        assert_eq!(round(Rounding::Ore, "-2.005"), "-2.01");
        assert_eq!(round(Rounding::KronaHalfUp, "412.0875"), "412");
        assert_eq!(round(Rounding::KronaHalfUp, "412.5"), "413");
        assert_eq!(round(Rounding::KronaHalfEven, "412.5"), "412");
        assert_eq!(round(Rounding::KronaUp, "412.01"), "413");
        assert_eq!(round(Rounding::TioHalfUp, "415"), "420");
        assert_eq!(round(Rounding::TioHalfUp, "414.99"), "410");
        assert_eq!(round(Rounding::TioUp, "411"), "420");
        assert_eq!(round(Rounding::HundraUp, "401"), "500");
        assert_eq!(round(Rounding::None, "1.23456"), "1.23456");
    }

    #[test]
    fn per_cent_has_two_decimals_and_there_is_none_of_nothing() {
        assert_eq!(percent(Decimal::from(2_900), Decimal::from(78_500)), Some(Decimal::new(369, 2)));
        assert_eq!(percent(Decimal::ONE, Decimal::from(-4)).map(|part| part.to_string()).as_deref(), Some("-25.00"));
        assert_eq!(percent(Decimal::ONE, Decimal::ZERO), None);
    }

    #[test]
    fn a_tie_goes_to_the_earlier_part() {
        assert_eq!(split(Ore(1), &[1, 1]), [Ore(1), Ore(0)]);
        assert_eq!(split(Ore(100), &[1, 1, 1]), [Ore(34), Ore(33), Ore(33)]);
    }

    proptest! {
        #[test]
        fn numbers_are_written_as_they_display(mantissa in proptest::num::i64::ANY, high in -9_i32..9, scale in 0_u32..=28) {
            for mantissa in [i128::from(mantissa), i128::from(mantissa % 10_000), i128::from(mantissa) * i128::from(high)] {
                let number = Decimal::from_i128_with_scale(mantissa, scale);
                let mut text = String::new();
                push_decimal(&mut text, number);
                prop_assert_eq!(&text, &number.normalize().to_string());
                let read = read_decimal(&text).map(|read| (read.mantissa(), read.scale()));
                prop_assert_eq!(read, Some((number.normalize().mantissa(), number.normalize().scale())));
            }
            let (mut text, mut whole) = (String::new(), String::new());
            push_ore(&mut text, Ore(mantissa));
            prop_assert_eq!(&text, &Ore(mantissa).to_string());
            prop_assert_eq!(read_ore(&text), Some(Ore(mantissa)));
            push_number(&mut whole, mantissa);
            prop_assert_eq!(whole, mantissa.to_string());
        }

        #[test]
        fn parts_add_up_to_the_whole(amount in -10_000_000_i64..10_000_000, weights in prop::collection::vec(0_i64..400, 1..6)) {
            prop_assume!(weights.iter().sum::<i64>() > 0);
            prop_assert_eq!(split(Ore(amount), &weights).into_iter().sum::<Ore>(), Ore(amount));
        }

        #[test]
        fn a_share_is_the_exact_quotient_rounded_half_up(amount in 0_i64..1_000_000_000, part in 0_i64..2_000, whole in 1_i64..2_000) {
            let exact = Decimal::new(amount, 2) * Decimal::from(part) / Decimal::from(whole);
            prop_assert!((share(Ore(amount), part, whole).kronor() - exact).abs() <= Decimal::new(5, 3));
        }
    }
}
