//! An amount of the regulation: fixed, or a share of a base; and how one is read.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::reader::Table;
use crate::money::Rounding;

/// What a base's value is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Kronor a month.
    PerMonth,
    /// Kronor a year.
    PerYear,
    /// Kronor, without a period: prisbasbelopp, an index.
    Plain,
}

impl Unit {
    /// How a unit may be written; the first of each is the one that people read.
    pub const NAMES: [(&'static str, Unit); 7] = [
        ("kr/månad", Unit::PerMonth),
        ("kr/år", Unit::PerYear),
        ("kr", Unit::Plain),
        ("kr/manad", Unit::PerMonth),
        ("kr per månad", Unit::PerMonth),
        ("kr/ar", Unit::PerYear),
        ("kr per år", Unit::PerYear),
    ];

    /// The unit as people read it.
    pub fn name(self) -> &'static str {
        Unit::NAMES.iter().find(|(_, unit)| *unit == self).map_or("kr", |(name, _)| name)
    }
}

/// For how long an amount is paid: a base of another period is made one of this first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A month.
    Month,
    /// A year.
    Year,
    /// An occasion: the base is taken as it is.
    Occasion,
}

/// Of a hundred or of a thousand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// %
    Procent,
    /// ‰
    Promille,
}

impl Per {
    /// What the number is divided by.
    pub fn whole(self) -> Decimal {
        if self == Per::Procent { Decimal::ONE_HUNDRED } else { Decimal::ONE_THOUSAND }
    }

    /// How it is written.
    pub fn sign(self) -> &'static str {
        if self == Per::Procent { "%" } else { "‰" }
    }
}

/// Where an amount comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// Kronor, as decided.
    Belopp(Decimal),
    /// A share of a base.
    Share {
        /// Per cent or per mille.
        number: Decimal,
        /// Which of them.
        per: Per,
        /// The base.
        of: String,
    },
}

/// An amount: `{ belopp = 347 }` or `{ procent = 0.75, av = "grund", avrundning = "krona_half_up" }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Fixed, or a share of a base.
    pub size: Size,
    /// Times this; 1 where nothing is said.
    pub faktor: Decimal,
    /// Applied to the product; none where the row does not say.
    pub rounding: Option<Rounding>,
}

impl Amount {
    /// A share of a base, per cent.
    pub fn procent(number: Decimal, of: &str) -> Amount {
        let size = Size::Share { number, per: Per::Procent, of: of.to_owned() };
        Amount { size, faktor: Decimal::ONE, rounding: None }
    }

    /// The base, if it is a share of one.
    pub fn of(&self) -> Option<&str> {
        if let Size::Share { of, .. } = &self.size { Some(of) } else { None }
    }

    /// That share of a whole, times the factor, unrounded. None for a fixed amount: it is a share of nothing.
    pub(super) fn share_of(&self, whole: Decimal) -> Option<Decimal> {
        let Size::Share { number, per, .. } = &self.size else { return None };
        whole.checked_mul(*number)?.checked_div(per.whole())?.checked_mul(self.faktor)
    }

    /// How it comes about, with the base by name or by its own amount: `0.75 % av grund x 1.5`.
    pub fn formula(&self, base: Option<&str>) -> String {
        let mut text = match &self.size {
            Size::Belopp(kronor) => format!("{} kr", kronor.normalize()),
            Size::Share { number, per, of } => {
                format!("{} {} av {}", number.normalize(), per.sign(), base.unwrap_or(of))
            }
        };
        if self.faktor != Decimal::ONE {
            text += &format!(" x {}", self.faktor.normalize());
        }
        text
    }

    /// Reads the keys `belopp`, `procent`, `promille`, `av`, `faktor` and `avrundning` of a table; a base that the table
    /// does not name is the row's.
    pub(super) fn read(table: &Table<'_>, inherited: Option<&str>) -> Option<Amount> {
        let rounding = table.choice("avrundning", &Rounding::NAMES);
        let faktor = table.amount("faktor").unwrap_or(Decimal::ONE);
        let (own, size) = (table.text("av"), Amount::read_number(table)?);
        let size = match (size, own.as_deref().or(inherited)) {
            (Size::Belopp(_), _) if own.is_some() => {
                table.wrong("av", "`av` together with `belopp`", "no `av`: a fixed amount has no base");
                return None;
            }
            (Size::Belopp(kronor), _) => Size::Belopp(kronor),
            (Size::Share { number, per, .. }, Some(of)) => Size::Share { number, per, of: of.to_owned() },
            (Size::Share { per, .. }, None) => {
                let key = if per == Per::Procent { "procent" } else { "promille" };
                table.wrong(key, &format!("`{key}` without a base"), "`av = \"grund\"` beside it, or in its row");
                return None;
            }
        };
        Some(Amount { size, faktor, rounding })
    }

    fn read_number(table: &Table<'_>) -> Option<Size> {
        const ALLOWED: &str = "exactly one of `belopp`, `procent` and `promille`";
        let share = |number, per| Size::Share { number, per, of: String::new() };
        let keys = ["belopp", "procent", "promille"];
        let found: Vec<&'static str> = keys.into_iter().filter(|key| table.has(key)).collect();
        let numbers = keys.map(|key| table.amount(key));
        match found.as_slice() {
            [] => table.wrong("", "an amount without a number", ALLOWED),
            [_] => {}
            [one, other, ..] => {
                table.wrong(other, &format!("both `{one}` and `{other}`"), ALLOWED);
                return None;
            }
        }
        match numbers {
            [Some(kronor), ..] => Some(Size::Belopp(kronor)),
            [_, Some(number), _] => Some(share(number, Per::Procent)),
            [_, _, Some(number)] => Some(share(number, Per::Promille)),
            _ => None,
        }
    }
}
