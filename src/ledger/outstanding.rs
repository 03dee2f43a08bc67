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

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::domain::{LineKind, MeetingId, Occasion, OrganCode};
    use crate::ledger::{BatchName, RowRef};
    use crate::money::Ore;

    fn at(id: i64) -> Reversed {
        let batch = BatchName { payout: "2026-10".parse().unwrap(), sequence: 1 };
        Reversed::Row(RowRef { id, batch, postid: 1 })
    }

    /// Row `id` of so many kronor, taking back row `reverses` (0 for none).
    fn row(id: i64, kr: i64, reverses: i64) -> Entry {
        let text = String::new;
        let booked = Booked {
            at: at(id),
            person: crate::domain::PersonId(1),
            occasion: Occasion::Meeting(MeetingId(1)),
            kind: LineKind::Grundarvode,
            day: "2026-09-09".parse().unwrap(),
            organ: OrganCode("KS".to_owned()),
            antal: Decimal::ONE,
            apris: Decimal::from(kr.abs()),
            belopp: Ore(kr * 100),
            accrued_in: "2026-09".parse().unwrap(),
            anstid: text().into(),
            lonart: text().into(),
            lonkod: None,
            benamning: text().into(),
            konto: text().into(),
            ansvar: text().into(),
            verksamhet: text().into(),
        };
        Entry { booked, reverses: (reverses > 0).then(|| at(reverses)) }
    }

    fn ids(entries: Vec<Entry>) -> Vec<Reversed> {
        outstanding(Vec::new(), entries).into_iter().map(|line| line.at).collect()
    }

    #[test]
    fn a_reversal_and_what_it_takes_back_cancel_each_other() {
        assert_eq!(ids(vec![row(1, 412, 0), row(2, -412, 1), row(3, 618, 0)]), [at(3)]);
        assert_eq!(ids(vec![row(1, 412, 0), row(2, -412, 1), row(3, 412, 2)]), [at(1)], "a reversal taken back");
    }

    #[test]
    fn a_reversal_without_its_counterpart_is_outstanding_below_zero() {
        assert_eq!(ids(vec![row(2, -412, 1)]), [at(2)], "payroll refused row 1 after it was taken back");
        assert_eq!(ids(vec![row(2, -412, 1), row(3, 412, 2)]), [] as [Reversed; 0], "and that was put right");
        // Row 2 was thought refused, row 3 took row 1 back again, and then row 2 had been paid after all.
        assert_eq!(ids(vec![row(1, 412, 0), row(2, -412, 1), row(3, -412, 1)]), [at(2)]);
    }
}
