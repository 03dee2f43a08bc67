//! Fill-in workbooks with the kommun's own organ and persons: what `template` makes, `import` reads without a word.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use calamine::{Data, Reader, Xlsx, open_workbook};
use support::books::{digits, written};
use support::edit::{parts, typed};
use support::{Kommun, Ran};

const KINDS: [&str; 10] = [
    "närvaro",
    "yrkanden",
    "personer",
    "uppdrag",
    "inkomstuppgifter",
    "frånvaro",
    "jour",
    "beslut",
    "avstående",
    "utbetalt",
];

/// Anna Ek in kommunstyrelsen, Bo Alm as its ersättare, Cia Åberg in valnämnden.
fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001", "1002", "1003"]);
    let book = kommun.book(
        "val.xlsx",
        &[(
            "Uppdrag",
            "Personnummer | Organ | Uppdrag | Från | Till | Arvodesnyckel
             @1002 | KS | ledamot | 2015-01-01 | 2025-12-31 | ledamot
             @1002 | KS | ersättare | 2026-01-01 | | ersattare
             @1003 | KS | ledamot | 2015-01-01 | 2025-12-31 | ledamot
             @1003 | VN | ordförande | 2026-01-01 | | valnamnd-ordforande",
        )],
    );
    kommun.import(&[&book]);
    kommun
}

#[track_caller]
fn made(kommun: &Kommun, name: &str, arguments: &[&str]) -> PathBuf {
    let path = kommun.root().join(name);
    let kind = arguments[0];
    kommun.run(&[&["template", kind, path.to_str().unwrap()], &arguments[1..]].concat()).exits(0);
    path
}

/// What is said of the only file: counts of accepted, unchanged, held and ignored rows, and the notes about its sheets.
fn said(ran: &Ran) -> ([u64; 4], Vec<String>) {
    let file = ran.json()["files"][0].clone();
    let count = |key: &str| file[key].as_u64().unwrap();
    let ignored: u64 = file["ignored"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(count("rows"), count("accepted") + count("unchanged") + count("held") + ignored, "{file}");
    let sheets = file["sheets"].as_array().unwrap().iter().map(ToString::to_string).collect();
    ([count("accepted"), count("unchanged"), count("held"), ignored], sheets)
}

fn filled_in(path: &Path, cells: &[(&str, &str)]) -> PathBuf {
    typed(path, &format!("ifylld-{}", path.file_name().unwrap().to_string_lossy()), cells)
}

#[test]
fn every_form_as_it_was_made_says_nothing() {
    let kommun = kommun();
    let facts = kommun.sql("SELECT COUNT(*) FROM fact");
    for kind in KINDS {
        let path = made(&kommun, &format!("{kind}.xlsx"), &[kind]);
        let ran = kommun.import(&[&path]);
        let ([accepted, unchanged, held, ignored], sheets) = said(&ran);
        assert_eq!((accepted, unchanged, held, sheets), (0, 0, 0, Vec::new()), "{kind}");
        assert_eq!(ignored, if kind == "närvaro" { 3 } else { 0 }, "{kind}");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "it names persons");
    }
    assert_eq!(kommun.sql("SELECT COUNT(*) FROM fact"), facts);
    assert_eq!(kommun.held(), [""; 0]);
}

#[test]
fn a_list_of_attendance_names_who_sits_in_the_organ_and_those_who_came_are_taken_in() {
    let kommun = kommun();
    let path = made(&kommun, "lista.xlsx", &["närvaro"]);
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    let rows: Vec<Vec<String>> =
        book.worksheet_range("Närvaro").unwrap().rows().map(|row| row.iter().map(Data::to_string).collect()).collect();
    assert_eq!(rows[0][..2], ["Hela listan", "nej"]);
    assert_eq!(rows[3][..8], ["Datum", "Organ", "Start", "Slut", "Personnummer", "Namn", "Roll", "Tjänstgörande"]);
    let seats: Vec<String> =
        rows[4..7].iter().map(|row| [&*row[1], &*row[4], &*row[5], &*row[6]].join(" | ")).collect();
    assert_eq!(
        seats,
        [
            format!("Kommunstyrelsen | {} | Anna Ek | ledamot", written("1001")),
            format!("Kommunstyrelsen | {} | Bo Alm | ersättare", written("1002")),
            format!("Valnämnden | {} | Cia Åberg | ledamot", written("1003")),
        ]
    );
    let cells = [
        ("A5", "2026-09-09"),
        ("C5", "13.00"),
        ("D5", "15.10"),
        ("A6", "2026-09-09"),
        ("C6", "13.00"),
        ("D6", "15.10"),
        ("H6", "ja"),
    ];
    let ran = kommun.import(&[&filled_in(&path, &cells)]);
    assert_eq!(said(&ran), ([2, 0, 0, 1], Vec::new()));
    let anstids: Vec<String> = kommun.pay("2026-10").iter().map(|row| row[..4].to_owned()).collect();
    assert!(anstids.contains(&"1001".to_owned()) && anstids.contains(&"1002".to_owned()), "{anstids:?}");
    // What somebody began to fill in is not passed over.
    let ran = kommun.try_import(&[&filled_in(&path, &[("C7", "13.00"), ("D7", "15.10")])]).exits(1);
    assert_eq!(said(&ran).0, [0, 0, 1, 2]);
}

#[test]
fn a_form_of_yrkanden_is_filled_in_with_numbers_and_formulas() {
    let kommun = kommun();
    kommun.import(&[&kommun.list(
        "september.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Roll\n2026-09-09 | KS | 13.00 | 15.00 | @1001 | ledamot",
    )]);
    let path = made(&kommun, "yrkanden.xlsx", &["yrkanden"]);
    let cells = [
        ("C2", "2026-09-09"),
        ("D2", "Kommunstyrelsen"),
        ("E2", &written("1001")),
        ("F2", "Anna Ek"),
        ("G2", "barntillsyn"),
        ("N2", "250"),
    ];
    let ran = kommun.import(&[&filled_in(&path, &cells)]);
    assert_eq!(said(&ran), ([1, 0, 0, 0], Vec::new()));
}

#[test]
fn the_rule_for_rows_filled_in_beforehand_holds_in_our_own_form_alone() {
    let kommun = kommun();
    let list =
        kommun.list("egen.xlsx", "Datum | Organ | Start | Slut | Personnummer | Roll\n | KS | | | @1001 | ledamot");
    assert_eq!(said(&kommun.try_import(&[&list]).exits(1)).0, [0, 0, 1, 0]);
}

#[test]
fn whoever_is_protected_stands_in_no_form() {
    let kommun = kommun();
    let protected = "Personnummer | Efternamn | Förnamn | Skyddade personuppgifter\n@1002 | Alm | Bo | ja";
    kommun.import(&[&kommun.book("skydd.xlsx", &[("Personer", protected)])]);
    for kind in KINDS {
        let path = made(&kommun, &format!("{kind}.xlsx"), &[kind]);
        for (_, text) in parts(&path) {
            for secret in ["Bo Alm", &written("1002"), &digits("1002")] {
                assert!(!text.contains(secret), "{kind} names {secret}");
            }
        }
    }
}

#[test]
fn one_organ_alone_and_words_that_are_wrong() {
    let kommun = kommun();
    let path = made(&kommun, "vn.xlsx", &["närvaro", "--organ", "valnämnden"]);
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    assert_eq!(
        book.worksheet_range("Närvaro")
            .unwrap()
            .rows()
            .filter(|row| row[1] == Data::String("Valnämnden".into()))
            .count(),
        1
    );
    let lists = book.worksheet_range("arvode-listor").unwrap();
    assert_eq!(lists.get_value((0, 1)), Some(&Data::String("Cia Åberg".into())));
    assert_eq!(lists.get_value((1, 1)), Some(&Data::Empty), "nobody else goes with it");
    let new = kommun.root().join("ny.xlsx");
    let run = |arguments: &[&str]| kommun.run(&[&["template"], arguments].concat());
    run(&["närvaro", path.to_str().unwrap()]).exits(2).says(&["finns redan"]);
    run(&["fika", new.to_str().unwrap()]).exits(2).says(&["no form \"fika\"", "närvaro"]);
    run(&["jour", new.to_str().unwrap(), "--organ", "fikanämnden"])
        .exits(2)
        .says(&["unknown organ", "Kommunstyrelsen"]);
    assert!(!new.exists());
}
