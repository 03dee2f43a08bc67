//! The chain of amounts: riksdagsarvode, KS ordförande, grund (§ 7 b, § 8).

use rust_decimal::Decimal;

use super::Regelverk;
use crate::calendar::Day;
use crate::domain::Step;

/// More steps than this are a circle.
const LONGEST_CHAIN: usize = 8;

impl Regelverk {
    /// A base in kronor a month on a day: `riksdagsarvode` or a step of the chain. None before the first value.
    pub fn base(&self, name: &str, day: Day) -> Option<Decimal> {
        self.base_with_steps(name, day, &mut |_| ())
    }

    /// The same, telling each step and the decision it rests on.
    pub fn base_with_steps(&self, name: &str, day: Day, tell: &mut dyn FnMut(Step)) -> Option<Decimal> {
        self.step(name, day, LONGEST_CHAIN, tell)
    }

    fn step(&self, name: &str, day: Day, left: usize, tell: &mut dyn FnMut(Step)) -> Option<Decimal> {
        if name == "riksdagsarvode" {
            let dated = self.riksdagsarvode.at(day)?;
            let text = format!("riksdagsarvode {} kr/månad från {}", dated.value.normalize(), dated.from);
            tell(Step { text, basis: decision(&dated.reference, dated.decided_on) });
            return Some(dated.value);
        }
        let dated = self.kedja.get(name)?.at(day)?;
        let of = self.step(&dated.value.of, day, left.checked_sub(1)?, tell)?;
        let product = of.checked_mul(dated.value.procent)?.checked_div(Decimal::ONE_HUNDRED)?;
        let amount = dated.value.rounding.apply(product);
        let (percent, rounding) = (dated.value.procent.normalize(), dated.value.rounding.name());
        let text =
            format!("{name} = {percent} % av {} = {} kr (avrundning {rounding})", of.normalize(), amount.normalize());
        tell(Step { text, basis: decision(&dated.reference, dated.decided_on) });
        Some(amount)
    }
}

/// A decision as an explanation cites it.
pub fn decision(reference: &str, decided_on: Day) -> String {
    format!("{reference} (beslutad {decided_on})")
}

#[cfg(test)]
mod tests {
    use super::super::{ChainStep, Dated, Series};
    use super::*;
    use crate::money::Rounding;

    #[test]
    fn the_published_examples_of_the_chain_and_a_circle() {
        let day: Day = "2014-12-11".parse().unwrap();
        let mut rules = Regelverk::default();
        let dated = |value| Dated { from: day, decided_on: day, reference: "KF § 91".to_owned(), value };
        let step =
            |of: &str, procent: i64| ChainStep { of: of.to_owned(), procent: procent.into(), rounding: Rounding::Ore };
        rules.riksdagsarvode.add(Dated { value: Decimal::from(61_000), ..dated(Decimal::ZERO) });
        for (name, of, procent) in
            [("ks_ordforande", "riksdagsarvode", 75), ("grund", "ks_ordforande", 90), ("x", "x", 1)]
        {
            let mut series = Series::default();
            series.add(Dated { from: day, decided_on: day, reference: String::new(), value: step(of, procent) });
            rules.kedja.insert(name.to_owned(), series);
        }
        assert_eq!(rules.base("ks_ordforande", day), Some(Decimal::from(45_750)));
        assert_eq!(rules.base("grund", day), Some(Decimal::from(41_175)));
        assert_eq!(rules.base("x", day), None);
        assert_eq!(rules.base("grund", crate::calendar::days_later(day, -1)), None);
    }
}
