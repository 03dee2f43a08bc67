use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Reversed;
use crate::calendar::{Day, Month};
use crate::domain::{Label, Line, LineKind, Occasion, OrganCode, PersonId};
use crate::money::Ore;

/// A line that is booked and not reversed, as it went out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// Where it was booked.
    pub at: Reversed,
    /// Whom payroll knew by the number it went out under, whoever that has turned out to be.
    pub person: PersonId,
    /// For what.
    pub occasion: Occasion,
    /// Which compensation.
    pub kind: LineKind,
    /// `datum`.
    pub day: Day,
    /// Which organ bore it.
    pub organ: OrganCode,
    /// Units.
    pub antal: Decimal,
    /// Kronor per unit.
    pub apris: Decimal,
    /// Kronor and öre.
    pub belopp: Ore,
    /// The month that it was earned in.
    pub accrued_in: Month,
    /// The number it went out under.
    pub anstid: Label,
    /// The lönart it went out with.
    pub lonart: Label,
    /// Its common code.
    pub lonkod: Option<Label>,
    /// Its name on the pay slip.
    pub benamning: Label,
    /// Its account.
    pub konto: Label,
    /// Its dimension 1.
    pub ansvar: Label,
    /// Its dimension 20.
    pub verksamhet: Label,
}

/// What the next batch carries for one occasion and kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Takes a booked line back in full, as it was booked.
    Reverse(Box<Booked>),
    /// Books a line.
    Book(Line),
}

impl Change {
    /// What it adds to what the person is paid.
    pub fn belopp(&self) -> Ore {
        match self {
            Change::Reverse(booked) => -booked.belopp,
            Change::Book(line) => line.belopp,
        }
    }

    /// The occasion and kind it is about: a line's identity within its person.
    pub fn identity(&self) -> (&Occasion, LineKind) {
        match self {
            Change::Reverse(booked) => (&booked.occasion, booked.kind),
            Change::Book(line) => (&line.occasion, line.kind),
        }
    }

    /// The month that it was earned in.
    pub fn accrued_in(&self) -> Month {
        match self {
            Change::Reverse(booked) => booked.accrued_in,
            Change::Book(line) => line.accrued_in,
        }
    }
}

/// One person's difference between what they are entitled to and what is booked (ledger rule 1): an equal line is
/// settled, a different one is reversed in full and booked anew. Lines of 0 kr are not booked, absences apart.
/// The result is ordered by occasion and kind, each reversal before its new line.
pub fn difference(mut entitled: Vec<Line>, booked: Vec<Booked>) -> Vec<Change> {
    if booked.is_empty() {
        entitled.retain(is_bookable);
        entitled.sort_by(|one, other| (&one.occasion, one.kind).cmp(&(&other.occasion, other.kind)));
        return entitled.into_iter().map(Change::Book).collect();
    }
    let mut by_identity: BTreeMap<(Occasion, LineKind), (Vec<Booked>, Vec<Line>)> = BTreeMap::new();
    for line in booked {
        by_identity.entry((line.occasion.clone(), line.kind)).or_default().0.push(line);
    }
    for line in entitled.into_iter().filter(is_bookable) {
        by_identity.entry((line.occasion.clone(), line.kind)).or_default().1.push(line);
    }
    let mut changes = Vec::new();
    for (mut booked, entitled) in by_identity.into_values() {
        if is_settled_elsewhere(&booked, &entitled) {
            continue;
        }
        let mut missing = Vec::new();
        for line in entitled {
            match booked.iter().position(|booked| is_settled(booked, &line)) {
                Some(place) => drop(booked.remove(place)),
                None => missing.push(line),
            }
        }
        changes.extend(booked.into_iter().map(|line| Change::Reverse(Box::new(line))));
        changes.extend(missing.into_iter().map(Change::Book));
    }
    changes
}

fn is_bookable(line: &Line) -> bool {
    line.belopp != Ore::ZERO || line.kind.is_absence()
}

/// Paid outside the ledger to the öre, in however many rows and units.
fn is_settled_elsewhere(booked: &[Booked], entitled: &[Line]) -> bool {
    let paid: Ore = booked.iter().map(|line| line.belopp).sum();
    let is_outside = |line: &Booked| matches!(line.at, Reversed::Paid(..));
    !booked.is_empty() && booked.iter().all(is_outside) && paid == entitled.iter().map(|line| line.belopp).sum::<Ore>()
}

/// Equal in value: date, organ, antal, apris and belopp. Lönart, account and dimensions are payroll's, not the law's.
fn is_settled(booked: &Booked, line: &Line) -> bool {
    booked.day == line.day
        && booked.organ == line.organ
        && booked.antal == line.antal
        && booked.apris == line.apris
        && booked.belopp == line.belopp
}
