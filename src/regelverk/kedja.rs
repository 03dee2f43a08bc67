//! The chain of amounts: riksdagsarvode, KS ordförande, grund (§ 7 b, § 8), and any other base that a kommun counts from.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::reader::Table;
use super::{Amount, Period, Regelverk, Size, Unit};
use crate::calendar::Day;
use crate::domain::Step;
use crate::money::Rounding;

/// Takes in the steps of an amount. Each is put into words only where somebody asks: an amount is worked out for every row.
pub type Tell<'t> = dyn FnMut(&dyn Fn() -> Step) + 't;

/// More steps than this are a circle.
const LONGEST_CHAIN: usize = 8;

/// The months of a year.
const MONTHS: Decimal = Decimal::from_parts(12, 0, 0, false, 0);

/// The base that the bestämmelserna themselves name.
pub const RIKSDAGSARVODE: &str = "riksdagsarvode";

/// A step of the chain: a share of what is left of a base when so many kronor are taken off it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The share, its factor and its rounding.
    #[serde(flatten)]
    pub amount: Amount,
    /// Kronor that are taken off the base first.
    #[serde(default)]
    pub minus: Decimal,
    /// What the product is divided by, where no finite percentage says it: 165 hours.
    #[serde(default)]
    pub divisor: Option<Decimal>,
}

impl Link {
    /// Reads an amount with `minus` and `delat_med` beside it.
    pub(super) fn read(row: &Table<'_>) -> Option<Link> {
        let (minus, divisor) = (row.amount("minus").unwrap_or_default(), row.amount("delat_med"));
        let amount = Amount::read(row, None)?;
        if amount.of().is_none() {
            let found = "a fixed amount for a step of the chain";
            row.wrong("belopp", found, "`procent` or `promille`; a [[bas]] has fixed values");
        }
        if divisor.is_some_and(|divisor| divisor.is_zero()) {
            row.wrong("delat_med", "`0` for `delat_med`", "a number above 0");
        }
        Some(Link { amount, minus, divisor })
    }

    /// What it makes of its base, unrounded; never less than nothing.
    fn of(&self, base: Decimal) -> Option<Decimal> {
        let left = base.checked_sub(self.minus)?.max(Decimal::ZERO);
        self.amount.share_of(left)?.checked_div(self.divisor.unwrap_or(Decimal::ONE))
    }

    /// How it comes about: `50 % av (76200 - 5000) / 165`.
    fn formula(&self, base: Decimal) -> String {
        let (base, minus) = (base.normalize(), self.minus.normalize());
        let left = if minus.is_zero() { base.to_string() } else { format!("({base} - {minus})") };
        let divided = self.divisor.map(|divisor| format!(" / {}", divisor.normalize())).unwrap_or_default();
        self.amount.formula(Some(&left)) + &divided
    }
}

impl Regelverk {
    /// A base's value on a day: `riksdagsarvode`, a `[[bas]]` or a step of the chain. None before the first value.
    pub fn base(&self, name: &str, day: Day) -> Option<Decimal> {
        self.base_with_steps(name, day, &mut |_| ())
    }

    /// The same, telling each step and the decision it rests on.
    pub fn base_with_steps(&self, name: &str, day: Day, tell: &mut Tell<'_>) -> Option<Decimal> {
        self.step(name, day, LONGEST_CHAIN, tell)
    }

    /// Whether some row gives a base of this name.
    pub fn is_base(&self, name: &str) -> bool {
        (name == RIKSDAGSARVODE && !self.riksdagsarvode.is_empty())
            || self.bas.contains_key(name)
            || self.kedja.contains_key(name)
    }

    /// What a base's value is counted in on a day; a step of the chain is counted in what it is a share of.
    pub fn unit(&self, name: &str, day: Day) -> Unit {
        let mut name = name;
        for _ in 0..LONGEST_CHAIN {
            match self.kedja.get(name).and_then(|series| series.at(day)).and_then(|dated| dated.value.amount.of()) {
                Some(of) => name = of,
                None => break,
            }
        }
        let plain = self.bas.get(name).and_then(|series| series.iter().last());
        plain.map_or(Unit::PerMonth, |dated| dated.value.unit)
    }

    /// What an amount is on a day, rounded, in kronor for its period; `otherwise` is the rounding where it has none of
    /// its own. Tells the steps of its base.
    pub fn amount(
        &self,
        amount: &Amount,
        day: Day,
        period: Period,
        otherwise: Rounding,
        tell: &mut Tell<'_>,
    ) -> Option<Decimal> {
        let product = match &amount.size {
            Size::Belopp(kronor) => kronor.checked_mul(amount.faktor)?,
            Size::Share { of, .. } => {
                let base = self.base_with_steps(of, day, tell)?;
                amount.share_of(self.for_period(of, base, day, period, tell)?)?
            }
        };
        Some(amount.rounding.unwrap_or(otherwise).apply(product))
    }

    /// A base of a month as a year's and the other way round, unrounded.
    fn for_period(&self, of: &str, base: Decimal, day: Day, period: Period, tell: &mut Tell<'_>) -> Option<Decimal> {
        let shown = base.normalize();
        let step = |text: String| Step { text, basis: "§ 18".to_owned() };
        match (self.unit(of, day), period) {
            (Unit::PerMonth, Period::Year) => {
                let year = base.checked_mul(MONTHS)?;
                tell(&|| step(format!("{of} {shown} kr x 12 månader = {} kr/år", year.normalize())));
                Some(year)
            }
            (Unit::PerYear, Period::Month) => {
                tell(&|| step(format!("{of} {shown} kr/år, en tolftedel i månaden")));
                base.checked_div(MONTHS)
            }
            _ => Some(base),
        }
    }

    fn step(&self, name: &str, day: Day, left: usize, tell: &mut Tell<'_>) -> Option<Decimal> {
        if let Some(dated) = self.bas.get(name).and_then(|series| series.at(day)) {
            let (value, unit) = (dated.value.value, dated.value.unit.name());
            tell(&|| {
                let text = format!("{name} {} {unit} från {}", value.normalize(), dated.from);
                Step { text, basis: decision(&dated.reference, dated.decided_on) }
            });
            return Some(value);
        }
        if name == RIKSDAGSARVODE {
            let dated = self.riksdagsarvode.at(day)?;
            tell(&|| {
                let text = format!("riksdagsarvode {} kr/månad från {}", dated.value.normalize(), dated.from);
                Step { text, basis: decision(&dated.reference, dated.decided_on) }
            });
            return Some(dated.value);
        }
        let dated = self.kedja.get(name)?.at(day)?;
        let link = &dated.value;
        let base = self.step(link.amount.of()?, day, left.checked_sub(1)?, tell)?;
        let rounding = link.amount.rounding.unwrap_or(Rounding::Ore);
        let amount = rounding.apply(link.of(base)?);
        tell(&|| {
            let (formula, rounding) = (link.formula(base), rounding.name());
            let text = format!("{name} = {formula} = {} kr (avrundning {rounding})", amount.normalize());
            Step { text, basis: decision(&dated.reference, dated.decided_on) }
        });
        Some(amount)
    }
}

/// A decision as an explanation cites it.
pub fn decision(reference: &str, decided_on: Day) -> String {
    format!("{reference} (beslutad {decided_on})")
}

#[cfg(test)]
mod tests {
    use super::super::{Dated, Series};
    use super::*;

    #[test]
    fn the_published_examples_of_the_chain_and_a_circle() {
        let day: Day = "2014-12-11".parse().unwrap();
        let mut rules = Regelverk::default();
        let reference = "KF § 91".to_owned();
        rules.riksdagsarvode.add(Dated { from: day, decided_on: day, reference, value: Decimal::from(61_000) });
        for (name, of, procent) in
            [("ks_ordforande", "riksdagsarvode", 75), ("grund", "ks_ordforande", 90), ("x", "x", 1)]
        {
            let mut series = Series::default();
            let value = Link { amount: Amount::procent(procent.into(), of), minus: Decimal::ZERO, divisor: None };
            series.add(Dated { from: day, decided_on: day, reference: String::new(), value });
            rules.kedja.insert(name.to_owned(), series);
        }
        assert_eq!(rules.base("ks_ordforande", day), Some(Decimal::from(45_750)));
        assert_eq!(rules.base("grund", day), Some(Decimal::from(41_175)));
        assert_eq!(rules.base("x", day), None);
        assert_eq!(rules.base("grund", crate::calendar::days_later(day, -1)), None);
    }
}
