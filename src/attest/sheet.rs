use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::Role;
use crate::calendar::Day;
use crate::ledger::{BatchName, BatchRow, Totals};
use crate::money::Ore;

/// The part of a batch that is signed as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Its batch.
    pub batch: BatchName,
    /// Its number within the batch.
    pub number: u32,
    /// How many rows.
    pub rows: u32,
    /// How many persons.
    pub persons: u32,
    /// Their sum.
    pub sum: Ore,
    /// sha256 of the canonical rows, hexadecimal.
    pub sha256: String,
    /// sha256 of the attestförteckning it was made with, hexadecimal.
    pub forteckning_sha256: String,
    /// The ansvar of its rows.
    pub ansvar: BTreeSet<String>,
    /// Ids of the officials whose own rows are on it.
    pub own_rows_of: Vec<String>,
    /// The last day on which it may be signed.
    pub expires: Day,
    /// The bilaga was still the shipped example.
    pub example: bool,
}

/// What all sheets of a batch have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetHead {
    /// Their batch.
    pub batch: BatchName,
    /// sha256 of the attestförteckning.
    pub forteckning_sha256: String,
    /// The last day on which they may be signed.
    pub expires: Day,
    /// The bilaga was still the shipped example.
    pub example: bool,
}

/// Takes a batch's rows one by one, each with its sheet's number, and says what the sheets are.
/// Done again over stored rows it gives equal sheets, or the rows are not those that were signed.
#[derive(Clone, Debug, Default)]
pub struct RowsBySheet {
    all: Totals,
    sheets: BTreeMap<u32, OnSheet>,
}

#[derive(Clone, Debug, Default)]
struct OnSheet {
    /// While there is no other sheet, the batch's are the sheet's, and each row is hashed once.
    totals: Totals,
    ansvar: BTreeSet<String>,
}

impl RowsBySheet {
    /// Takes in the next row; rows of one person stand together.
    pub fn add(&mut self, row: &BatchRow) {
        self.add_as(row, &row.canonical());
    }

    /// Takes in the next row, whose canonical text is known already.
    pub fn add_as(&mut self, row: &BatchRow, canonical: &str) {
        if !self.sheets.contains_key(&row.sheet) && self.sheets.len() == 1 {
            self.sheets.values_mut().for_each(|only| only.totals = self.all.clone());
        }
        self.all.add_as(row, canonical);
        let sheet = self.sheets.entry(row.sheet).or_default();
        if !sheet.ansvar.contains(row.ansvar.as_str()) {
            sheet.ansvar.insert(row.ansvar.to_string());
        }
        if self.sheets.len() > 1
            && let Some(sheet) = self.sheets.get_mut(&row.sheet)
        {
            sheet.totals.add_as(row, canonical);
        }
    }

    /// What all rows add up to.
    pub fn all(&self) -> &Totals {
        &self.all
    }

    /// The sheets that have rows, by number.
    pub fn sheets(&self, head: &SheetHead, own_rows_of: impl Fn(u32) -> Vec<String>) -> Vec<Sheet> {
        let sheet = |(number, sheet): (&u32, &OnSheet)| {
            let totals = if self.sheets.len() == 1 { &self.all } else { &sheet.totals };
            Sheet {
                batch: head.batch,
                number: *number,
                rows: totals.rows,
                persons: totals.persons,
                sum: totals.sum,
                sha256: totals.sha256(),
                forteckning_sha256: head.forteckning_sha256.clone(),
                ansvar: sheet.ansvar.clone(),
                own_rows_of: own_rows_of(*number),
                expires: head.expires,
                example: head.example,
            }
        };
        self.sheets.iter().map(sheet).collect()
    }
}

/// The text that is signed for a role: the same bytes for the same sheet, always. Only plain spaces and line feeds,
/// so that it survives a mail.
pub fn sheet_text(sheet: &Sheet, role: Role) -> String {
    let meaning = match role {
        Role::Granskning => "jag har granskat raderna mot underlagen och bestämmelserna",
        Role::Beslut => "jag beslutar att beloppen betalas ut",
    };
    let ansvar: Vec<&str> = sheet.ansvar.iter().map(String::as_str).collect();
    let mut lines = vec![
        ("arvode-attest", "1".to_owned()),
        ("batch", sheet.batch.to_string()),
        ("blad", sheet.number.to_string()),
        ("roll", role.name().to_owned()),
        ("innebörd", meaning.to_owned()),
        ("rader", sheet.rows.to_string()),
        ("personer", sheet.persons.to_string()),
        ("summa", format!("{} kr", sheet.sum.to_string().replace('.', ","))),
        ("ansvar", ansvar.join(", ")),
        ("sha256 rader", sheet.sha256.clone()),
        ("sha256 attestförteckning", sheet.forteckning_sha256.clone()),
        ("giltigt till", sheet.expires.to_string()),
    ];
    if !sheet.own_rows_of.is_empty() {
        lines.push(("egna rader för", sheet.own_rows_of.join(", ")));
    }
    if sheet.example {
        lines.push(("obs", "beloppen bygger på exempelbilagan, inte på beslutade belopp".to_owned()));
    }
    lines.iter().fold(String::new(), |mut text, (key, value)| {
        let _ = writeln!(text, "{key}: {value}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{parse, row, sheet};
    use super::*;

    #[test]
    fn the_text_that_is_signed() {
        let mut sheet = sheet(&parse("").unwrap());
        sheet.own_rows_of = vec!["anna".to_owned()];
        sheet.example = true;
        let expected = "\
arvode-attest: 1
batch: 2026-11/1
blad: 1
roll: beslut
innebörd: jag beslutar att beloppen betalas ut
rader: 2
personer: 1
summa: 500000,00 kr
ansvar: 100, 120
sha256 rader: ab12
sha256 attestförteckning: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
giltigt till: 2026-11-13
egna rader för: anna
obs: beloppen bygger på exempelbilagan, inte på beslutade belopp
";
        assert_eq!(sheet_text(&sheet, Role::Beslut), expected);
        assert_ne!(sheet_text(&sheet, Role::Granskning), expected);
    }

    #[test]
    fn sheets_are_what_their_rows_say() {
        let head = SheetHead {
            batch: "2026-11/1".parse().unwrap(),
            forteckning_sha256: "f".to_owned(),
            expires: "2026-11-13".parse().unwrap(),
            example: false,
        };
        let make = |postid| {
            let mut rows = RowsBySheet::default();
            for (sheet, ansvar) in [(1, "100"), (3, "120"), (1, "110")] {
                rows.add(&BatchRow { sheet, postid, ..row(1, ansvar) });
            }
            rows.sheets(&head, |number| if number == 3 { vec!["bo".to_owned()] } else { Vec::new() })
        };
        let hash = |canonical: &[&str]| {
            let mut totals = Totals::default();
            canonical.iter().for_each(|canonical| totals.add_as(&row(1, "100"), canonical));
            totals.sha256()
        };
        let of = |ansvar, sheet| BatchRow { sheet, postid: 1, ..row(1, ansvar) }.canonical();
        let sheets = make(1);
        assert_eq!(
            sheets.iter().map(|sheet| (sheet.number, sheet.rows, sheet.sum)).collect::<Vec<_>>(),
            [(1, 2, Ore(82_400)), (3, 1, Ore(41_200))]
        );
        assert_eq!(sheets[0].sha256, hash(&[&of("100", 1), &of("110", 1)]), "of its own rows");
        assert_eq!(sheets[1].sha256, hash(&[&of("120", 3)]));
        let mut only = RowsBySheet::default();
        only.add(&BatchRow { sheet: 1, postid: 1, ..row(1, "100") });
        assert_eq!(only.sheets(&head, |_| Vec::new())[0].sha256, hash(&[&of("100", 1)]));
        assert_eq!(sheets[0].ansvar, ["100", "110"].map(str::to_owned).into());
        assert_eq!(sheets[1].own_rows_of, ["bo"]);
        assert_eq!(sheets, make(1));
        assert_ne!(sheets, make(2), "another postid is another sheet");
    }
}
