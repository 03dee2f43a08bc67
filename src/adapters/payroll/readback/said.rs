//! What a row of a payroll file says, as bytes that are equal only if each value is.

use std::fmt;

use rust_decimal::Decimal;

use crate::money::Ore;

/// The values of a row, one after another. One is used for all rows of a file.
#[derive(Clone, Default)]
pub(super) struct Said(Vec<u8>);

impl Said {
    pub(super) fn begin(&mut self) {
        self.0.clear();
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The whole number that stands first.
    pub(super) fn first(&self) -> i64 {
        self.0.first_chunk().map_or(0, |first| i64::from_le_bytes(*first))
    }

    pub(super) fn whole(&mut self, number: i64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(super) fn number(&mut self, number: Number) {
        self.whole(number.units);
        self.0.push(number.decimals);
    }

    /// The year, month and day of the month of a date.
    pub(super) fn date(&mut self, year: i64, month: i64, day: i64) {
        self.whole((year * 100 + month) * 100 + day);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.of_text(|bytes| bytes.extend_from_slice(text.as_bytes()));
    }

    /// A text that is put together piece by piece. Its length stands behind it, so that no two rows look alike.
    pub(super) fn of_text<T>(&mut self, put: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        let before = self.0.len();
        let outcome = put(&mut self.0);
        self.whole(i64::try_from(self.0.len() - before).unwrap_or(i64::MAX));
        outcome
    }

    /// Names the row that differs; the proof rests on sha256 over all of them.
    pub(super) fn mark(&self) -> u64 {
        const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
        let mix = |mark: u64, word: u64| (mark.rotate_left(23) ^ word).wrapping_mul(SPREAD);
        let (words, rest) = self.0.as_chunks::<8>();
        let mark = words.iter().fold(0, |mark, word| mix(mark, u64::from_le_bytes(*word)));
        rest.iter().fold(mark, |mark, byte| mix(mark, u64::from(*byte)))
    }
}

/// Rows are personal data: a count is all that may be printed.
impl fmt::Debug for Said {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Said({} bytes)", self.0.len())
    }
}

/// A decimal number without superfluous zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    units: i64,
    decimals: u8,
}

/// So many digits, or one less and a point, surely fit; no amount comes near.
const MOST_DIGITS: usize = 18;

impl Number {
    /// What no file can say.
    pub(super) const NONE: Number = Number { units: i64::MAX, decimals: u8::MAX };

    fn new(mut units: i64, mut decimals: u8) -> Number {
        while decimals > 0 && units % 10 == 0 {
            units /= 10;
            decimals -= 1;
        }
        Number { units, decimals }
    }

    /// An attested number; one beyond all sense becomes one that no file can say.
    pub(super) fn of(number: Decimal) -> Number {
        let fits = |number: Decimal| {
            let (units, decimals) = (i64::try_from(number.mantissa()), u8::try_from(number.scale()));
            units.ok().zip(decimals.ok()).map(|(units, decimals)| Number::new(units, decimals))
        };
        let found = fits(number).or_else(|| fits(number.normalize()));
        found.unwrap_or(Number::NONE)
    }

    /// Digits, with a minus before them and a point between them where there is one: lenient parsers would take spaces
    /// and signs that payroll's parser may not.
    pub(super) fn parse(text: &[u8]) -> Option<Number> {
        let (is_negative, digits) = match text.split_first() {
            Some((b'-', digits)) => (true, digits),
            _ => (false, text),
        };
        if digits.len() > MOST_DIGITS {
            return None;
        }
        let (mut units, mut point) = (0_i64, None);
        for (place, byte) in digits.iter().enumerate() {
            match byte {
                b'0'..=b'9' => units = units * 10 + i64::from(byte - b'0'),
                b'.' if point.is_none() => point = Some(place),
                _ => return None,
            }
        }
        let whole = point.unwrap_or(digits.len());
        let decimals = point.map_or(0, |point| digits.len() - point - 1);
        if whole == 0 || (point.is_some() && decimals == 0) {
            return None;
        }
        let units = if is_negative { -units } else { units };
        Some(Number::new(units, u8::try_from(decimals).ok()?))
    }

    /// An amount in whole öre.
    pub(super) fn ore(self) -> Option<Ore> {
        let missing = 2_u32.checked_sub(u32::from(self.decimals))?;
        self.units.checked_mul(10_i64.checked_pow(missing)?).map(Ore)
    }

    /// The product, half up to whole öre.
    pub(super) fn times(self, other: Number) -> Option<Ore> {
        let product = i128::from(self.units) * i128::from(other.units);
        let decimals = u32::from(self.decimals) + u32::from(other.decimals);
        let ore = match decimals.checked_sub(2) {
            None | Some(0) => product.checked_mul(10_i128.checked_pow(2 - decimals)?)?,
            Some(beyond) => {
                let unit = 10_i128.checked_pow(beyond)?;
                (product + product.signum() * (unit / 2)) / unit
            }
        };
        i64::try_from(ore).ok().map(Ore)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_plain_numbers_are_read() {
        let check = |text: &str, expected: Option<(i64, u8)>| {
            let found = Number::parse(text.as_bytes()).map(|number| (number.units, number.decimals));
            assert_eq!(found, expected, "{text}");
        };
        check("412.00", Some((412, 0)));
        check("-0.50", Some((-5, 1)));
        for wrong in ["", "-", ".5", "5.", "+5", " 5", "5 ", "1e3", "1,5", "1.2.3", "--1", "9999999999999999999"] {
            check(wrong, None);
        }
        assert_ne!(Some(Number::of(Decimal::MAX)), Number::parse(b"999999999999999999"));
    }

    proptest! {
        #[test]
        fn products_are_those_of_the_money(one in -10_000_000_i64..10_000_000, scale in 0_u32..5, other in 0_i64..10_000_000) {
            let (antal, apris) = (Decimal::new(one, scale), Decimal::new(other, 4));
            let found = Number::of(antal).times(Number::of(apris));
            prop_assert_eq!(found, Some(Ore::from_kronor(antal * apris)));
            let read = Number::parse(antal.to_string().as_bytes());
            prop_assert_eq!(read, Some(Number::of(antal)));
            let amount = Ore(one);
            prop_assert_eq!(Number::parse(amount.to_string().as_bytes()).and_then(Number::ore), Some(amount));
        }

        #[test]
        fn a_changed_value_has_another_mark(bytes in proptest::collection::vec(0_u8..=255, 1..64), place in 0_usize..64, bit in 0_u8..8) {
            let said = Said(bytes.clone());
            let mut changed = bytes;
            let place = place % changed.len();
            changed[place] ^= 1 << bit;
            prop_assert_ne!(said.mark(), Said(changed).mark());
        }
    }
}
