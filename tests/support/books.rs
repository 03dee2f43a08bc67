//! Workbooks as a clerk fills them in, written as small tables, and the persons in them.

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Workbook, Worksheet};

use super::Kommun;

/// Who may be meant by `@1001` in a table: anställningsnummer, day of birth and birth number, last and first name.
pub const PERSONS: [(&str, &str, &str, &str); 8] = [
    ("1001", "19800101980", "Ek", "Anna"),
    ("1002", "19750630981", "Alm", "Bo"),
    ("1003", "19691231982", "Åberg", "Cia"),
    ("1004", "19900228983", "Öman", "Dag"),
    ("1005", "19840512984", "Lind", "Eva"),
    ("1006", "19551107985", "Berg", "Finn"),
    ("1007", "19991001986", "Sjö", "Gun"),
    ("1008", "19630417987", "Holm", "Hans"),
];

/// `YYYYMMDDNNN` with its check digit.
pub fn personnummer(eleven: &str) -> String {
    let sum: u32 = eleven[2..]
        .bytes()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
            doubled / 10 + doubled % 10
        })
        .sum();
    format!("{eleven}{}", (10 - sum % 10) % 10)
}

/// The twelve digits of a person's number.
pub fn digits(anstid: &str) -> String {
    let person = PERSONS.iter().find(|person| person.0 == anstid);
    personnummer(person.unwrap().1)
}

/// As a clerk writes it: `YYYYMMDD-NNNN`.
pub fn written(anstid: &str) -> String {
    let digits = digits(anstid);
    format!("{}-{}", &digits[..8], &digits[8..])
}

/// Writes a sheet from a table: a line per row, cells parted by `|`; `@1001` is that person's personnummer.
pub fn fill(sheet: &mut Worksheet, table: &str) {
    let rows = table.lines().map(str::trim).filter(|line| !line.is_empty());
    for (row, line) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(line.split('|').map(str::trim)) {
            match cell.strip_prefix('@') {
                _ if cell.is_empty() => {}
                Some(anstid) => drop(sheet.write(row, column, written(anstid)).unwrap()),
                None => drop(sheet.write(row, column, cell).unwrap()),
            }
        }
    }
}

/// Writes a workbook of named sheets.
pub fn write(path: &Path, sheets: &[(&str, &str)]) {
    let mut workbook = Workbook::new();
    for (name, table) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap();
        fill(sheet, table);
    }
    workbook.save(path).unwrap();
}

impl Kommun {
    /// A workbook beside the data folder.
    pub fn book(&self, name: &str, sheets: &[(&str, &str)]) -> PathBuf {
        let path = self.root().join(name);
        write(&path, sheets);
        path
    }

    /// A workbook with one list of attendance.
    pub fn list(&self, name: &str, table: &str) -> PathBuf {
        self.book(name, &[("Närvaro", table)])
    }

    /// Takes in these persons as ledamöter of kommunstyrelsen since long ago.
    #[track_caller]
    pub fn ledamoter(&self, anstids: &[&str]) {
        self.take_in_persons(anstids, &anstids.iter().map(|anstid| (*anstid, "ledamot", "KS")).collect::<Vec<_>>());
    }

    /// Takes in persons, each with an e-mail of their own and 12 km to the town hall, and what they hold: nyckel and organ.
    #[track_caller]
    pub fn take_in_persons(&self, anstids: &[&str], held: &[(&str, &str, &str)]) {
        let mut persons = "Personnummer | Efternamn | Förnamn | Anställningsnummer | E-post | Avstånd km".to_owned();
        for anstid in anstids {
            let (_, _, last, first) = PERSONS.iter().find(|person| person.0 == *anstid).unwrap();
            persons += &format!("\n@{anstid} | {last} | {first} | {anstid} | {anstid}@hem.example | 12");
        }
        let mut uppdrag = "Personnummer | Organ | Uppdrag | Från | Arvodesnyckel".to_owned();
        for (anstid, nyckel, organ) in held {
            let roll = if nyckel.starts_with("ers") { "ersättare" } else { "ledamot" };
            uppdrag += &format!("\n@{anstid} | {organ} | {roll} | 2015-01-01 | {nyckel}");
        }
        let book = self.book("register.xlsx", &[("Personer", &persons), ("Uppdrag", &uppdrag)]);
        self.import(&[&book]);
    }
}
