//! Sheets of a batch that are left out of it at the cut-off: which, and what else must stay behind with them.
//!
//! A signed sheet cannot be changed: its rows leave all together or not at all. So where some of a person's rows may not
//! leave without the others, the sheets that the others stand on are left out too.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use super::BatchRow;
use crate::domain::{LineKind, Occasion};
use crate::money::Ore;

/// Why a sheet was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhyLeftOut {
    /// It lacked granskning or beslut.
    Unsigned,
    /// It had both, and they count no more.
    Invalid,
    /// A correction or a kvittning on it belongs to a row on a sheet that was left out.
    Together,
    /// Somebody on it would have become net negative, since rows of theirs were left out (ledger rule 6).
    Negative,
}

impl WhyLeftOut {
    const NAMES: [(WhyLeftOut, &'static str); 4] = [
        (WhyLeftOut::Unsigned, "unsigned"),
        (WhyLeftOut::Invalid, "invalid"),
        (WhyLeftOut::Together, "together"),
        (WhyLeftOut::Negative, "negative"),
    ];

    /// The name in database and JSON.
    pub fn name(self) -> &'static str {
        WhyLeftOut::NAMES[self as usize].1
    }

    /// As people read it.
    pub fn says(self) -> &'static str {
        match self {
            WhyLeftOut::Unsigned => "bladet var inte attesterat",
            WhyLeftOut::Invalid => "bladets underskrifter gäller inte längre",
            WhyLeftOut::Together => "en rättelse eller kvittning på bladet hör ihop med ett annat blad som utelämnades",
            WhyLeftOut::Negative => "någon på bladet hade fått ett negativt belopp när ett annat blad utelämnades",
        }
    }
}

impl FromStr for WhyLeftOut {
    type Err = String;

    fn from_str(text: &str) -> Result<WhyLeftOut, String> {
        let found = WhyLeftOut::NAMES.iter().find(|(_, name)| *name == text).map(|(why, _)| *why);
        found.ok_or_else(|| format!("\"{text}\" is no reason to leave a sheet out"))
    }
}

/// A sheet that was left out of its batch: its rows are not booked, and are owed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its number within the batch.
    pub sheet: u32,
    /// Why.
    pub why: WhyLeftOut,
    /// Who left it out; none at the cut-off, by the program itself.
    pub by: Option<String>,
    /// When, milliseconds since 1970.
    pub at_ms: i64,
    /// sha256 of all rows of the batch as it was frozen, hexadecimal.
    pub frozen_sha256: String,
}

impl LeftOut {
    /// What a reader is told of a row on the sheet.
    pub fn says(&self) -> String {
        match &self.by {
            None => format!("utelämnad vid brytdagen: {}", self.why.says()),
            Some(by) => format!("utelämnad av {by}: {}", self.why.says()),
        }
    }
}

/// Which sheets must stay behind with which.
#[derive(Clone, Debug, Default)]
pub struct Bonds {
    /// Sheets that leave together or not at all.
    together: BTreeSet<BTreeSet<u32>>,
    /// For each person on several sheets what each sheet pays them.
    spread: Vec<BTreeMap<u32, Ore>>,
}

impl Bonds {
    /// Takes in all of one person's rows in the batch's file.
    pub fn take(&mut self, rows: &[BatchRow]) {
        let mut by_sheet: BTreeMap<u32, Ore> = BTreeMap::new();
        for row in rows {
            *by_sheet.entry(row.sheet).or_default() += row.belopp;
        }
        if by_sheet.len() < 2 {
            return;
        }
        // What is set off is worked out of all of the month's pay.
        if rows.iter().any(|row| row.kind == LineKind::Kvittning) {
            self.together.insert(by_sheet.keys().copied().collect());
        }
        let mut occasions: BTreeMap<&Occasion, (BTreeSet<u32>, bool)> = BTreeMap::new();
        for row in rows {
            let (sheets, is_corrected) = occasions.entry(&row.occasion).or_default();
            sheets.insert(row.sheet);
            *is_corrected |= row.reverses.is_some();
        }
        let torn = occasions.into_values().filter(|(sheets, is_corrected)| *is_corrected && sheets.len() > 1);
        self.together.extend(torn.map(|(sheets, _)| sheets));
        self.spread.push(by_sheet);
    }

    /// Adds what must stay behind with the sheets that are left out, until nothing more must.
    pub fn settle(&self, left_out: &mut BTreeMap<u32, WhyLeftOut>) {
        loop {
            let before = left_out.len();
            for sheets in &self.together {
                if sheets.iter().any(|sheet| left_out.contains_key(sheet)) {
                    add(left_out, sheets.iter(), WhyLeftOut::Together);
                }
            }
            for by_sheet in &self.spread {
                let stays = by_sheet.iter().filter(|(sheet, _)| !left_out.contains_key(sheet));
                if stays.map(|(_, belopp)| *belopp).sum::<Ore>() < Ore::ZERO {
                    add(left_out, by_sheet.keys(), WhyLeftOut::Negative);
                }
            }
            if left_out.len() == before {
                return;
            }
        }
    }
}

fn add<'a>(left_out: &mut BTreeMap<u32, WhyLeftOut>, sheets: impl Iterator<Item = &'a u32>, why: WhyLeftOut) {
    for sheet in sheets {
        left_out.entry(*sheet).or_insert(why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MeetingId, OrganCode, PersonId};
    use crate::ledger::{Reversed, RowRef, Settled};

    /// A row on a sheet for a meeting.
    fn row(sheet: u32, meeting: i64, kronor: i64) -> BatchRow {
        let day = "2026-10-14".parse().unwrap();
        BatchRow {
            postid: 1,
            sheet,
            person: PersonId(1),
            personnummer: "198001019804".parse().unwrap(),
            anstid: "1001".into(),
            occasion: Occasion::Meeting(MeetingId(meeting)),
            kind: LineKind::Timarvode,
            day,
            organ: OrganCode("KS".to_owned()),
            antal: 1.into(),
            apris: kronor.abs().into(),
            belopp: Ore(kronor * 100),
            accrued_in: "2026-10".parse().unwrap(),
            reverses: None,
            lonart: "1648".into(),
            lonkod: None,
            benamning: "Timarvode".into(),
            konto: "5011".into(),
            ansvar: "1100".into(),
            verksamhet: "100".into(),
            settled: Settled::ByPayroll,
        }
    }

    fn back(row: BatchRow) -> BatchRow {
        let of = RowRef { id: 1, batch: "2026-10/1".parse().unwrap(), postid: 1 };
        BatchRow { reverses: Some(Reversed::Row(of)), ..row }
    }

    #[track_caller]
    fn check(persons: &[&[BatchRow]], unsigned: &[u32], expected: &[(u32, WhyLeftOut)]) {
        let mut bonds = Bonds::default();
        persons.iter().for_each(|rows| bonds.take(rows));
        let mut left_out = unsigned.iter().map(|sheet| (*sheet, WhyLeftOut::Unsigned)).collect();
        bonds.settle(&mut left_out);
        assert_eq!(left_out.into_iter().collect::<Vec<_>>(), expected);
    }

    use WhyLeftOut::{Negative, Together, Unsigned};

    #[test]
    fn a_signed_sheet_leaves_though_another_of_the_same_person_does_not() {
        check(&[&[row(1, 1, 400), row(2, 2, 500)]], &[2], &[(2, Unsigned)]);
        check(&[&[row(1, 1, 400), row(2, 2, 500)]], &[], &[]);
    }

    #[test]
    fn nobody_becomes_net_negative_by_what_was_left_out() {
        let rows = [back(row(1, 1, -400)), row(2, 2, 500)];
        check(&[&rows], &[2], &[(1, Negative), (2, Unsigned)]);
        check(&[&rows], &[1], &[(1, Unsigned)]);
        check(&[&[back(row(1, 1, -400)), row(1, 3, 400), row(2, 2, 500)]], &[2], &[(2, Unsigned)]);
    }

    #[test]
    fn a_correction_is_not_torn_apart_and_a_kvittning_stays_with_the_pay_it_was_worked_out_of() {
        let corrected = [back(row(1, 1, -400)), row(2, 1, 500), row(1, 3, 900)];
        check(&[&corrected], &[2], &[(1, Together), (2, Unsigned)]);
        check(&[&corrected], &[1], &[(1, Unsigned), (2, Together)]);
        let two_kinds = [row(1, 1, 400), row(2, 1, 500)];
        check(&[&two_kinds], &[2], &[(2, Unsigned)]);
        let set_off = BatchRow { kind: LineKind::Kvittning, ..row(1, 9, -100) };
        check(&[&[row(1, 1, 400), row(2, 2, 500), set_off]], &[2], &[(1, Together), (2, Unsigned)]);
    }

    #[test]
    fn what_stays_behind_takes_others_with_it_until_nothing_more_must() {
        let one = [back(row(2, 1, -400)), row(1, 2, 500)];
        let other = [back(row(3, 3, -400)), row(2, 4, 500)];
        let third = [row(3, 5, 100), row(4, 6, 100)];
        check(&[&third, &other, &one], &[1], &[(1, Unsigned), (2, Negative), (3, Negative)]);
    }
}
