//! A debt that a decision lets go (§ 17): what was paid too much stays as it was, and later facts count only beyond it.
//!
//! What is let go belongs to occasions and kinds of line. A row that is let go is not booked: what was paid goes on
//! standing in the ledger, and as much of its taking back as was let go is left undone.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{BatchRow, Change};
use crate::domain::{Behind, Line, LineKind, Occasion};
use crate::money::Ore;

/// What a decision lets go of changes that are negative together: what leaves all the same, since it meets itself to
/// the öre, and what is let go. Of an occasion that is let go in part, a line of that part stays booked.
pub fn let_go(changes: Vec<Change>) -> (Vec<Change>, Vec<Change>) {
    let mut left = -sum(&changes);
    let (mut leaving, mut gone) = (Vec::new(), Vec::new());
    for of_identity in by_identity(changes).into_values() {
        let owed = -sum(&of_identity);
        let part = owed.min(left).max(Ore::ZERO);
        left = left - part;
        if part > Ore::ZERO && part == owed {
            gone.extend(of_identity);
        } else if part > Ore::ZERO {
            gone.extend(part_of(&of_identity, -part).map(Change::Book));
            let kept = part_of(&of_identity, part);
            leaving.extend(of_identity);
            leaving.extend(kept.map(Change::Book));
        } else {
            leaving.extend(of_identity);
        }
    }
    (leaving, gone)
}

/// What remains of changes after what was let go before, and how much of them was.
pub fn beyond_let_go(written: &[BatchRow], changes: Vec<Change>) -> (Vec<Change>, Ore) {
    if written.is_empty() {
        return (changes, Ore::ZERO);
    }
    let mut let_go: BTreeMap<(&Occasion, LineKind), Ore> = BTreeMap::new();
    for row in written {
        *let_go.entry((&row.occasion, row.kind)).or_default() += -row.belopp;
    }
    let (mut remaining, mut all) = (Vec::new(), Ore::ZERO);
    for ((occasion, kind), of_identity) in by_identity(changes) {
        let owed = -sum(&of_identity);
        let known = let_go.get(&(&occasion, kind)).copied().unwrap_or_default();
        let part = owed.min(known).max(Ore::ZERO);
        all += -part;
        if part == Ore::ZERO {
            remaining.extend(of_identity);
        } else if part < owed {
            let kept = part_of(&of_identity, part);
            remaining.extend(of_identity);
            remaining.extend(kept.map(Change::Book));
        }
    }
    (remaining, all)
}

fn sum(changes: &[Change]) -> Ore {
    changes.iter().map(Change::belopp).sum()
}

fn by_identity(changes: Vec<Change>) -> BTreeMap<(Occasion, LineKind), Vec<Change>> {
    let mut found: BTreeMap<(Occasion, LineKind), Vec<Change>> = BTreeMap::new();
    for change in changes {
        let (occasion, kind) = change.identity();
        found.entry((occasion.clone(), kind)).or_default().push(change);
    }
    found
}

/// A line of a part of what is taken back; a negative part has negative antal, as a reversal has.
fn part_of(changes: &[Change], belopp: Ore) -> Option<Line> {
    let booked = changes.iter().find_map(|change| match change {
        Change::Reverse(booked) => Some(booked),
        Change::Book(_) => None,
    })?;
    let antal = if belopp < Ore::ZERO { -Decimal::ONE } else { Decimal::ONE };
    Some(Line {
        occasion: booked.occasion.clone(),
        kind: booked.kind,
        day: booked.day,
        organ: booked.organ.clone(),
        antal,
        apris: (antal * belopp.kronor()).normalize(),
        belopp,
        accrued_in: booked.accrued_in,
        payable_from: booked.accrued_in,
        steps: Vec::new(),
        behind: Behind::default(),
    })
}
