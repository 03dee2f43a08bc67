use std::collections::HashMap;

use super::{Booked, Reversed};

/// A row of the ledger that counts: of a batch that is not void, and not refused by payroll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The row as it was booked.
    pub booked: Booked,
    /// What it takes back.
    pub reverses: Option<Reversed>,
}

/// What is booked and not taken back (ledger rule 2): rows in the order in which they were booked, after payments
/// outside the ledger. A reversal and what it takes back cancel each other. A reversal that has lost its counterpart,
/// because payroll refused it or it never was paid, is itself outstanding, below zero.
pub fn outstanding(paid: Vec<Booked>, entries: Vec<Entry>) -> Vec<Booked> {
    let (mut lines, mut targets) = (Vec::with_capacity(paid.len() + entries.len()), Vec::new());
    for booked in paid {
        lines.push(Some(booked));
        targets.push(None);
    }
    for entry in entries {
        lines.push(Some(entry.booked));
        targets.push(entry.reverses);
    }
    let mut places: HashMap<Reversed, usize> = HashMap::new();
    for (place, line) in lines.iter().enumerate() {
        if let Some(line) = line {
            places.insert(line.at.clone(), place);
        }
    }
    for place in (0..lines.len()).rev() {
        let target = targets[place].as_ref().filter(|_| lines[place].is_some());
        if let Some(target) = target.and_then(|reversed| places.get(reversed).copied())
            && lines[target].is_some()
        {
            lines[place] = None;
            lines[target] = None;
        }
    }
    lines.into_iter().flatten().collect()
}
