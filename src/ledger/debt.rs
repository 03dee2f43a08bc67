//! What a net negative person owes, and what a decision makes of it (ledger rule 6, § 17): nothing by itself.

use std::collections::BTreeSet;

use super::{BatchRow, Settled};
use crate::calendar::Day;
use crate::domain::{Beslut, LineKind, PersonId, Utfall};
use crate::money::{Ore, swedish};

/// What a decision makes of rows that wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// Nothing is decided.
    Not,
    /// What is decided does not fit the debt: why, in Swedish.
    Unfit(String),
    /// Settled so.
    As(Settled),
}

/// What the latest decision about a person that has settled nothing yet makes of a debt.
pub fn decided(about: &[&Beslut], person: PersonId, used: &BTreeSet<String>, debt: Ore, until: Day) -> Decided {
    let is_meant = |beslut: &&&Beslut| {
        beslut.person == Some(person)
            && matches!(beslut.utfall, Utfall::Aterkrav | Utfall::Kvittning | Utfall::Eftergift)
            && beslut.day <= until
            && !used.contains(&beslut.diarienummer)
    };
    let Some(beslut) = about.iter().filter(is_meant).max_by_key(|beslut| beslut.day) else { return Decided::Not };
    let amount = amount(&beslut.innebord).filter(|_| !is_monthly(&beslut.innebord));
    if let Some(amount) = amount.filter(|amount| *amount != debt) {
        return Decided::Unfit(format!(
            "beslutet {} gäller {}, men skulden är {}",
            beslut.diarienummer,
            swedish(amount),
            swedish(debt)
        ));
    }
    let number = beslut.diarienummer.clone();
    Decided::As(match beslut.utfall {
        Utfall::Aterkrav => Settled::Aterkrav(number),
        Utfall::Kvittning => Settled::Kvittning(number),
        _ => Settled::Eftergift(number),
    })
}

/// A person's debts that are set off month by month: what is left, and by which decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Debt {
    /// All that decisions set off.
    pub decided: Ore,
    /// What months have paid of it.
    pub paid: Ore,
    /// The latest decision's number.
    pub decision: Option<String>,
}

impl Debt {
    /// Takes in a row that counts.
    pub fn add(&mut self, row: &BatchRow) {
        if let Settled::Kvittning(decision) = &row.settled {
            self.decided += -row.belopp;
            self.decision = Some(decision.clone());
        }
        if row.kind == LineKind::Kvittning {
            self.paid += -row.belopp;
        }
    }

    /// What is still owed.
    pub fn left(&self) -> Ore {
        self.decided - self.paid
    }

    /// What of a month's pay is set off: all that is left, at most the pay, and at most what the decision says a month.
    pub fn set_off(&self, pay: Ore, about: &[&Beslut]) -> Ore {
        let of_number = |number: &String| about.iter().find(|beslut| beslut.diarienummer == *number);
        let Some(beslut) = self.decision.as_ref().and_then(of_number) else { return Ore::ZERO };
        let most = amount(&beslut.innebord).filter(|_| is_monthly(&beslut.innebord)).unwrap_or(pay);
        self.left().min(pay).min(most).max(Ore::ZERO)
    }
}

/// The first amount that a decision's words name: a number before `kr`.
fn amount(innebord: &str) -> Option<Ore> {
    let lower = innebord.to_lowercase();
    let before = lower.match_indices("kr").find_map(|(place, _)| {
        let head = lower[..place].trim_end();
        let from =
            head.rfind(|letter: char| !(letter.is_ascii_digit() || matches!(letter, ' ' | '\u{a0}' | ',' | '.')));
        let start = from.map_or(0, |at| at + head[at..].chars().next().map_or(1, char::len_utf8));
        let digits: String = head[start..].chars().filter(|letter| !letter.is_whitespace()).collect();
        let digits = digits.trim_matches([',', '.']).replace(',', ".");
        digits.parse::<rust_decimal::Decimal>().ok()
    })?;
    Some(Ore::from_kronor(before))
}

/// The amount is so much a month.
fn is_monthly(innebord: &str) -> bool {
    let lower = innebord.to_lowercase();
    ["per mån", "/mån", "i månaden", "om månaden", "varje månad"].iter().any(|words| lower.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_from_a_decisions_words() {
        let check = |text: &str, expect: Option<i64>, monthly: bool| {
            assert_eq!((amount(text), is_monthly(text)), (expect.map(Ore), monthly), "{text}");
        };
        check("kvittning 500 kr per månad", Some(50_000), true);
        check("Kvittning, högst 1 250,50 kr/mån från mars", Some(125_050), true);
        check("återkrav 412 kr", Some(41_200), false);
        check("eftergift", None, false);
        check("kvittning mot kommande arvoden", None, false);
    }
}
