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

/// A decision with the number of the fact that it is.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Its number.
    pub number: i64,
    /// What was decided.
    pub beslut: &'a Beslut,
}

/// What is known when a debt meets the decisions about its person.
#[derive(Clone, Copy, Debug)]
pub struct Debtor<'a> {
    /// Who owes.
    pub person: PersonId,
    /// Decisions that have settled something.
    pub used: &'a BTreeSet<String>,
    /// The last fact that the monthly batch before this one knew: a decision from before it was about an earlier debt.
    pub after: i64,
    /// Later decisions are not known yet.
    pub until: Day,
}

/// What the latest decision about a person that has settled nothing yet makes of a debt. One decision settles one debt:
/// the one that stood when it was made, and went into the first monthly batch after it.
pub fn decided(about: &[Known<'_>], debtor: Debtor<'_>, debt: Ore) -> Decided {
    let is_meant = |known: &&Known<'_>| {
        known.beslut.person == Some(debtor.person)
            && matches!(known.beslut.utfall, Utfall::Aterkrav | Utfall::Kvittning | Utfall::Eftergift)
            && known.beslut.day <= debtor.until
            && !debtor.used.contains(&known.beslut.diarienummer)
    };
    let Some(known) = about.iter().filter(is_meant).max_by_key(|known| (known.number > debtor.after, known.beslut.day))
    else {
        return Decided::Not;
    };
    let (beslut, number) = (known.beslut, known.beslut.diarienummer.clone());
    if known.number <= debtor.after {
        return Decided::Unfit(format!(
            "beslutet {number} är äldre än den senaste månadens körning och gäller inte den här skulden"
        ));
    }
    if has_unread_number(&beslut.innebord) {
        return Decided::Unfit(format!(
            "beloppet i beslutet {number} kan inte läsas; skriv det som 500 kr eller 500 kr per månad"
        ));
    }
    if let Some(amount) = limits(&beslut.innebord).total.filter(|amount| *amount != debt) {
        return Decided::Unfit(format!(
            "beslutet {number} gäller {}, men skulden är {}",
            swedish(amount),
            swedish(debt)
        ));
    }
    Decided::As(match beslut.utfall {
        Utfall::Aterkrav => Settled::Aterkrav(number),
        Utfall::Kvittning => Settled::Kvittning(number),
        _ => Settled::Eftergift(number),
    })
}

/// A debt that is set off month by month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The decision's number.
    pub decision: String,
    /// What it sets off in all.
    pub total: Ore,
    /// What months have paid of it.
    pub paid: Ore,
    /// At most so much a month, where the decision says so.
    pub monthly: Option<Ore>,
}

impl Owed {
    /// What is still owed.
    pub fn left(&self) -> Ore {
        self.total - self.paid
    }

    /// What a month's pay can take of it.
    fn due(&self, pay: Ore) -> Ore {
        self.left().min(pay).min(self.monthly.unwrap_or(pay)).max(Ore::ZERO)
    }
}

/// A person's debts that are set off month by month, in the order in which they were decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Debt {
    /// Each decision's.
    pub owed: Vec<Owed>,
    /// Set off beyond all debts, since payroll paid a row after all that it had refused: the person's money. Below zero
    /// where too much of it has gone back.
    pub over: Ore,
}

impl Debt {
    /// Takes in a row that counts; gives what it pays of each decision.
    pub fn add(&mut self, row: &BatchRow, about: &[&Beslut]) -> Vec<(String, Ore)> {
        if let Settled::Kvittning(decision) = &row.settled {
            self.of(decision, about).total += -row.belopp;
        }
        if row.kind != LineKind::Kvittning {
            // What is over meets a new debt.
            let over = std::mem::take(&mut self.over);
            return self.pay(over);
        }
        self.pay(-row.belopp)
    }

    fn of(&mut self, decision: &str, about: &[&Beslut]) -> &mut Owed {
        let place = self.owed.iter().position(|owed| owed.decision == decision).unwrap_or_else(|| {
            let beslut = about.iter().find(|beslut| beslut.diarienummer == decision);
            // A decision that stands no more sets nothing off.
            let monthly = beslut.map_or(Some(Ore::ZERO), |beslut| limits(&beslut.innebord).monthly);
            self.owed.push(Owed { decision: decision.to_owned(), total: Ore::ZERO, paid: Ore::ZERO, monthly });
            self.owed.len() - 1
        });
        &mut self.owed[place]
    }

    /// Each decision's part of what a month paid: as much as it says a month, the oldest first; then what is over.
    fn pay(&mut self, belopp: Ore) -> Vec<(String, Ore)> {
        let (mut rest, mut parts) = (belopp + std::mem::take(&mut self.over), Vec::new());
        for is_limited in [true, false] {
            for owed in &mut self.owed {
                let part = if is_limited { owed.due(rest) } else { owed.left().min(rest).max(Ore::ZERO) };
                owed.paid += part;
                rest = rest - part;
                parts.push((owed.decision.clone(), part));
            }
        }
        self.over = rest;
        parts.retain(|(_, part)| *part > Ore::ZERO);
        parts
    }

    /// What is still owed; below zero where more was set off.
    pub fn left(&self) -> Ore {
        self.owed.iter().map(Owed::left).sum::<Ore>() - self.over
    }

    /// What of a month's pay is set off: of each debt what is left, at most what its decision says a month, and
    /// together at most the pay. Below zero it is what goes back to the person.
    pub fn set_off(&self, pay: Ore) -> Ore {
        if self.over > Ore::ZERO {
            return -self.over;
        }
        let mut rest = pay.max(Ore::ZERO);
        rest = rest - (-self.over).min(rest);
        for owed in &self.owed {
            rest = rest - owed.due(rest);
        }
        pay.max(Ore::ZERO) - rest
    }
}

/// What stands between a decision's words and its reason, so that an amount in the reason limits nothing.
const REASON: &str = "; skäl: ";

/// A decision's words with the reason for it.
pub fn with_reason(words: &str, reason: &str) -> String {
    format!("{words}{REASON}{reason}")
}

/// The amounts that a decision's words name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Limits {
    /// The whole debt.
    total: Option<Ore>,
    /// So much a month.
    monthly: Option<Ore>,
}

/// The numbers before `kr` in a decision's words: one is a month's if a month is spoken of right after it, or anywhere
/// where it is the only one.
fn limits(innebord: &str) -> Limits {
    let lower = innebord.to_lowercase();
    let words = lower.split(REASON).next().unwrap_or_default();
    let words = &words.replace(":-", " kr").replace("sek", "kr");
    let parts: Vec<&str> = words.split("kr").collect();
    let amounts: Vec<(Ore, &str)> =
        parts.windows(2).filter_map(|pair| Some((number_at_the_end(pair[0])?, pair[1]))).collect();
    let mut limits = Limits::default();
    for (amount, after) in &amounts {
        let monthly = if amounts.len() == 1 { is_monthly(words) } else { is_monthly(after) };
        let place = if monthly { &mut limits.monthly } else { &mut limits.total };
        *place = place.or(Some(*amount));
    }
    limits
}

/// A number beside a month, or of öre that there are not, that is no amount in kronor: nobody can say what was meant.
fn has_unread_number(innebord: &str) -> bool {
    let lower = innebord.to_lowercase();
    let words = lower.split(REASON).next().unwrap_or_default();
    let limits = limits(innebord);
    let has_digit = words.chars().any(|letter| letter.is_ascii_digit());
    let is_nothing = [limits.total, limits.monthly].contains(&Some(Ore::ZERO));
    (is_monthly(words) && has_digit && limits.monthly.is_none()) || is_nothing
}

fn number_at_the_end(text: &str) -> Option<Ore> {
    let is_part = |letter: char| letter.is_ascii_digit() || matches!(letter, ' ' | '\u{a0}' | ',' | '.');
    let head = text.trim_end();
    let start = head.char_indices().rev().take_while(|(_, letter)| is_part(*letter)).last()?.0;
    let digits: String = head[start..].chars().filter(|letter| !letter.is_whitespace()).collect();
    let digits = digits.trim_matches([',', '.']).replace(',', ".");
    digits.parse::<rust_decimal::Decimal>().ok().map(Ore::from_kronor)
}

fn is_monthly(words: &str) -> bool {
    ["per mån", "/mån", "i månaden", "om månaden", "varje månad"].iter().any(|month| words.contains(month))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_from_a_decisions_words() {
        let check = |text: &str, total: Option<i64>, monthly: Option<i64>| {
            assert_eq!(limits(text), Limits { total: total.map(Ore), monthly: monthly.map(Ore) }, "{text}");
        };
        check("kvittning 500 kr per månad", None, Some(50_000));
        check("kvittning 300:- per månad", None, Some(30_000));
        check("Kvittning, högst 1 250,50 kr/mån från mars", None, Some(125_050));
        check("kvittning varje månad med 300 kr", None, Some(30_000));
        check("återkrav 412 kr", Some(41_200), None);
        check("kvittning 721 kr, högst 300 kr per månad", Some(72_100), Some(30_000));
        check("kvittning 300 kr per månad, sammanlagt 721 kr", Some(72_100), Some(30_000));
        check("eftergift", None, None);
        check("kvittning mot kommande arvoden", None, None);
        check(&with_reason("kvittning", "utbetalt 721 kr för mycket"), None, None);
    }

    #[test]
    fn a_number_that_cannot_be_read_decides_nothing() {
        assert!(has_unread_number("kvittning 300 per månad"));
        assert!(has_unread_number("kvittning 0 kr per månad"));
        assert!(!has_unread_number("kvittning 300 kr per månad från 2026-10"));
        assert!(!has_unread_number("återkrav enligt KS 2026/12"));
    }

    fn owed(decision: &str, total: i64, monthly: Option<i64>) -> Owed {
        Owed { decision: decision.to_owned(), total: Ore(total), paid: Ore::ZERO, monthly: monthly.map(Ore) }
    }

    #[test]
    fn each_decision_takes_its_own_part_of_a_month() {
        let check = |owed: Vec<Owed>, pay: i64, expect: i64, parts: &[(&str, i64)]| {
            let mut debt = Debt { owed, over: Ore::ZERO };
            assert_eq!(debt.set_off(Ore(pay)), Ore(expect));
            let parts: Vec<(String, Ore)> =
                parts.iter().map(|(decision, part)| ((*decision).to_owned(), Ore(*part))).collect();
            assert_eq!(debt.pay(Ore(expect)), parts);
        };
        check(vec![owed("A", 72_100, Some(30_000))], 100_000, 30_000, &[("A", 30_000)]);
        check(vec![owed("A", 72_100, None)], 41_200, 41_200, &[("A", 41_200)]);
        check(vec![owed("A", 20_000, Some(30_000))], 100_000, 20_000, &[("A", 20_000)]);
        let two = || vec![owed("A", 40_000, Some(10_000)), owed("B", 50_000, Some(20_000))];
        check(two(), 100_000, 30_000, &[("A", 10_000), ("B", 20_000)]);
        check(two(), 15_000, 15_000, &[("A", 10_000), ("B", 5_000)]);
        check(two(), 0, 0, &[]);
    }
}
