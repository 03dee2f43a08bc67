//! Amounts that are a share of another amount of their own row, after that one's rounding: timarvode as 40 % of grundarvode.

use rust_decimal::Decimal;

use super::Tariff;
use crate::calendar::Day;
use crate::domain::Step;
use crate::money::Rounding;
use crate::regelverk::{Amount, Dated, Period, Regelverk, Tell, decision};

/// How an amount of the same row is named as a base; a half or full day by its `namn`.
pub const GRUNDARVODE: &str = "grundarvode";

/// More steps than this within one row are a circle.
const LONGEST_WAY: usize = 8;

impl Tariff {
    /// The row's own amount that a name stands for.
    pub fn own(&self, name: &str) -> Option<&Amount> {
        if name == GRUNDARVODE {
            return self.grundarvode.as_ref().map(|grund| &grund.amount);
        }
        self.dag.iter().find(|slab| slab.namn == name).map(|slab| &slab.amount)
    }
}

/// A row on a day.
#[derive(Clone, Copy)]
pub struct OfRow<'a> {
    /// Where the bases are.
    pub rules: &'a Regelverk,
    /// Whose amounts.
    pub tariff: &'a Tariff,
    /// The row's decision, which its amounts rest on.
    pub dated: &'a Dated<Option<Tariff>>,
    /// The bases of this day.
    pub day: Day,
}

impl OfRow<'_> {
    /// What an amount of the row is, rounded, with how it comes about.
    pub fn price(self, amount: &Amount, name: &str, tell: &mut Tell<'_>) -> Option<Decimal> {
        self.step(amount, name, LONGEST_WAY, tell)
    }

    fn step(self, amount: &Amount, name: &str, left: usize, tell: &mut Tell<'_>) -> Option<Decimal> {
        let rounding = amount.rounding.unwrap_or(Rounding::Ore);
        let own = amount.of().and_then(|of| Some((of, self.tariff.own(of)?)));
        let kronor = match own {
            Some((of, own)) => {
                let whole = self.step(own, of, left.checked_sub(1)?, tell)?;
                rounding.apply(amount.share_of(whole)?)
            }
            None => self.rules.amount(amount, self.day, Period::Occasion, Rounding::Ore, tell)?,
        };
        tell(&|| {
            let (formula, shown, rounding) = (amount.formula(None), kronor.normalize(), rounding.name());
            let text = format!("{name} = {formula} = {shown} kr (avrundning {rounding})");
            Step { text, basis: decision(&self.dated.reference, self.dated.decided_on) }
        });
        Some(kronor)
    }
}
