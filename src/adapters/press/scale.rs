//! The axis of a plot: round numbers that hold all values.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// Values along an axis of so many units, and the round numbers that are marked on it.
pub(super) struct Scale {
    low: Decimal,
    high: Decimal,
    step: Decimal,
    units: i64,
}

impl Scale {
    /// An axis that holds all values and zero, with about five marks.
    pub(super) fn holding(values: impl Iterator<Item = Decimal>, units: i64) -> Scale {
        let (mut low, mut high) = (Decimal::ZERO, Decimal::ZERO);
        for value in values {
            (low, high) = (low.min(value), high.max(value));
        }
        let step = round_step(high.checked_sub(low).unwrap_or(Decimal::MAX));
        let edge = |value: Decimal, how| {
            let steps = (value / step).round_dp_with_strategy(0, how);
            steps.checked_mul(step).unwrap_or(value)
        };
        let high = edge(high, RoundingStrategy::ToPositiveInfinity);
        let low = edge(low, RoundingStrategy::ToNegativeInfinity);
        let high = if high == low { low + step } else { high };
        Scale { low, high, step, units }
    }

    /// How far from the low end a value lies.
    pub(super) fn at(&self, value: Decimal) -> i64 {
        let share = (value - self.low) / (self.high - self.low);
        (share * Decimal::from(self.units)).round().to_i64().unwrap_or(0).clamp(0, self.units)
    }

    /// The marks, and how many decimals their numbers need.
    pub(super) fn marks(&self) -> (Vec<Decimal>, u32) {
        let marks = (0..12).map(|count| self.low + self.step * Decimal::from(count));
        (marks.take_while(|mark| *mark <= self.high).collect(), self.step.normalize().scale())
    }
}

/// The least of 1, 2 and 5 times a power of ten that covers a span in six steps.
fn round_step(span: Decimal) -> Decimal {
    let mut unit = Decimal::new(1, 2);
    for _ in 0..24 {
        for times in [1, 2, 5] {
            let step = unit * Decimal::from(times);
            if step * Decimal::from(6) >= span {
                return step;
            }
        }
        unit *= Decimal::TEN;
    }
    unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_marks_around_all_values_and_zero() {
        let marks = |values: &[i64]| {
            let (marks, _) = Scale::holding(values.iter().map(|value| Decimal::from(*value)), 230).marks();
            marks.iter().map(|mark| mark.normalize().to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(marks(&[570_114]), "0 100000 200000 300000 400000 500000 600000");
        assert_eq!(marks(&[-17, 31]), "-20 -10 0 10 20 30 40");
        assert_eq!(marks(&[0]), "0 0.01");
        let scale = Scale::holding([Decimal::from(-50), Decimal::from(50)].into_iter(), 200);
        assert_eq!([-60, -50, 0, 25, 50].map(|value| scale.at(Decimal::from(value))), [0, 17, 100, 142, 183]);
    }
}
