//! Närvaro in matrix form: whatever its header looks like, it pays the same as the list that says the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use serde_json::Value;
use support::Kommun;
use support::rows::of_json;

const LIST: &str =
    "Datum | Organ | Start | Slut | Personnummer | Roll | Tjänstgörande | Närvarande från | Närvarande till
    2026-09-07 | KS | 13.00 | 16.30 | @1001 | ledamot | ja | |
    2026-09-07 | KS | 13.00 | 16.30 | @1002 | ledamot | ja | 14.00 | 15.30
    2026-09-21 | AU | 09.00 | 11.00 | @1001 | ledamot | ja | |
    2026-09-21 | AU | 09.00 | 11.00 | @1003 | ersättare | ja | |";

fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    let held = [
        ("1001", "ledamot", "KS"),
        ("1002", "ledamot", "KS"),
        ("1003", "ersattare", "KS"),
        ("1001", "ledamot", "AU"),
        ("1003", "ersattare", "AU"),
    ];
    kommun.take_in_persons(&["1001", "1002", "1003"], &held);
    kommun
}

fn book(kommun: &Kommun, name: &str, make: impl FnOnce(&mut Worksheet)) -> PathBuf {
    let path = kommun.root().join(name);
    let mut workbook = Workbook::new();
    make(workbook.add_worksheet());
    workbook.save(&path).unwrap();
    path
}

fn paid(kommun: &Kommun) -> Vec<String> {
    of_json(&kommun.json(&["month", "2026-10"]))
}

fn imported(kommun: &Kommun, path: &Path) -> Value {
    let all = kommun.try_import(&[path]).json();
    let file = all["files"][0].clone();
    let number = |key: &str| file[key].as_u64().unwrap();
    let ignored: u64 = file["ignored"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(number("rows"), number("accepted") + number("unchanged") + number("held") + ignored, "{file}");
    file
}

fn reasons(file: &Value) -> Vec<String> {
    let remarks = file["remarks"].as_array().unwrap();
    remarks.iter().map(|remark| remark["reason"].as_str().unwrap().to_owned()).collect()
}

fn notes(file: &Value) -> String {
    file["sheets"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

/// What the list pays, in a kommun of its own.
fn by_list() -> Vec<String> {
    let kommun = kommun();
    let list = kommun.list("lista.xlsx", LIST);
    kommun.import(&[&list]);
    let rows = paid(&kommun);
    assert!(rows.len() >= 4, "{rows:?}");
    rows
}

/// A matrix that says what the list says, under a header that `header` writes.
fn check(name: &str, first_row: u32, header: impl Fn(&mut Worksheet)) {
    let kommun = kommun();
    let path = book(&kommun, "närvaro hösten.xlsx", |sheet| {
        header(sheet);
        let body = [
            ("@1001", "Anna Ek", "ledamot", "x", "x"),
            ("@1002", "Bo Alm", "ledamot", "14.00-15.30", ""),
            ("@1003", "Cia Åberg", "ersättare", "-", "tj"),
        ];
        for (row, (number, name, roll, ks, au)) in (first_row..).zip(body) {
            let cells =
                [support::books::written(&number[1..]), name.to_owned(), roll.to_owned(), ks.to_owned(), au.to_owned()];
            for (column, cell) in (0..).zip(cells) {
                sheet.write(row, column, cell).unwrap();
            }
        }
    });
    let file = imported(&kommun, &path);
    assert_eq!(reasons(&file), Vec::<String>::new(), "{name}: {file}");
    assert_eq!((file["rows"].as_u64(), file["accepted"].as_u64()), (Some(6), Some(4)), "{name}: {file}");
    assert_eq!(file["ignored"]["inte närvarande"], 2, "{name}");
    assert_eq!(paid(&kommun), by_list(), "{name}");
    let again = imported(&kommun, &path);
    assert_eq!(again["accepted"], 0, "{name}");
}

fn texts(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
        sheet.write(row, column, *cell).unwrap();
    }
}

const PERSONS: [&str; 3] = ["Personnummer", "Namn", "Roll"];

#[test]
fn one_header_row_with_day_organ_and_times_in_each_cell() {
    check("allt i en cell", 1, |sheet| {
        texts(sheet, 0, &[&PERSONS[..], &["2026-09-07 KS 13.00-16.30", "2026-09-21 AU 09.00-11.00"]].concat());
    });
    check("organet först, radbrytningar", 1, |sheet| {
        texts(sheet, 0, &[&PERSONS[..], &["KS\n7 sep 2026\nkl 13.00-16.30", "AU\n21/9 2026\n(9-11)"]].concat());
    });
}

#[test]
fn rows_of_their_own_for_organ_day_and_times() {
    check("organ över datum, tider under", 3, |sheet| {
        texts(sheet, 0, &["", "", "", "KS", "AU"]);
        texts(sheet, 1, &[&PERSONS[..], &["2026-09-07", "2026-09-21"]].concat());
        texts(sheet, 2, &["", "", "", "13.00-16.30", "09.00-11.00"]);
    });
    check("datum över organ", 3, |sheet| {
        texts(sheet, 0, &["", "", "", "2026-09-07", "2026-09-21"]);
        texts(sheet, 1, &["", "", "", "13.00-16.30", "9-11"]);
        texts(sheet, 2, &[&PERSONS[..], &["KS", "AU"]].concat());
    });
    check("rader med rubriker och riktiga datum", 6, |sheet| {
        let format = Format::new().set_num_format("yyyy-mm-dd");
        texts(sheet, 0, &["Närvaro hösten 2026"]);
        texts(sheet, 1, &["", "", "Organ", "KS", "AU"]);
        sheet.write(2, 2, "Datum").unwrap();
        sheet.write_with_format(2, 3, ExcelDateTime::from_ymd(2026, 9, 7).unwrap(), &format).unwrap();
        sheet.write_with_format(2, 4, ExcelDateTime::from_ymd(2026, 9, 21).unwrap(), &format).unwrap();
        texts(sheet, 3, &["", "", "Start", "13.00", "09.00"]);
        texts(sheet, 4, &["", "", "Slut", "16.30", "11.00"]);
        texts(sheet, 5, &PERSONS);
    });
}

#[test]
fn merged_cells_count_for_all_their_cells() {
    let kommun = kommun();
    let path = book(&kommun, "m.xlsx", |sheet| {
        let plain = Format::new();
        sheet.merge_range(0, 0, 1, 0, "Personnummer", &plain).unwrap();
        sheet.merge_range(0, 1, 1, 1, "Namn", &plain).unwrap();
        sheet.merge_range(0, 2, 0, 4, "KS", &plain).unwrap();
        sheet.write(0, 5, "AU").unwrap();
        texts(sheet, 1, &["", "", "2026-09-07 13.00-16.00", "2026-09-14 13-15", "2026-09-21 13-15", "2026-09-22 9-11"]);
        sheet.write(2, 0, support::books::written("1001")).unwrap();
        sheet.write(2, 1, "Anna Ek").unwrap();
        sheet.merge_range(2, 2, 2, 3, "x", &plain).unwrap();
        sheet.write(2, 4, "nej").unwrap();
        sheet.write(2, 5, "x").unwrap();
        sheet.write(3, 0, support::books::written("1002")).unwrap();
        sheet.write(3, 4, "x").unwrap();
    });
    let file = imported(&kommun, &path);
    assert_eq!(reasons(&file), Vec::<String>::new(), "{file}");
    assert_eq!((file["accepted"].as_u64(), file["rows"].as_u64()), (Some(4), Some(8)), "{file}");
    let rows = paid(&kommun);
    let days: Vec<&str> = rows.iter().filter_map(|row| row.split(' ').nth(2)).collect();
    assert!(["2026-09-07", "2026-09-14", "2026-09-21", "2026-09-22"].iter().all(|day| days.contains(day)), "{rows:?}");
}

#[test]
fn a_mark_that_nobody_knows_is_held_with_its_own_cell_and_the_others_go_on() {
    let kommun = kommun();
    let path = kommun.list(
        "m.xlsx",
        "Organ: KS
        Personnummer | Namn | 2026-09-07 13-16 | 2026-09-14 13-16 | 31 september 2026 | 2026-09-28 13-15 | Summa | Allergi
        Ledamöter
        @1001 | Anna Ek | x | sen? | x | 13.30 | 3 | nötter
        19800101-0000 | Okänd Person | x | | | nej | 1 |
        Ersättare
        @1003 | Cia Åberg | tj | ej tj | | | 1 |
        Summa | | 3 | 2 | 1 | 1 | |
        Antal närvarande | | 3 | 2 | 1 | 1 | |",
    );
    let file = imported(&kommun, &path);
    assert_eq!(
        reasons(&file),
        [
            "D4: ”sen?” säger inte om personen var närvarande.",
            "E2: Datumet 31 september 2026 finns inte.",
            "F4: ”13.30” säger inte om personen kom eller gick då.",
            "A5: Personnumret har fel kontrollsiffra.",
        ]
    );
    assert_eq!((file["rows"].as_u64(), file["accepted"].as_u64()), (Some(16), Some(3)), "{file}");
    assert_eq!(file["ignored"]["summarad"], 2);
    assert_eq!(file["ignored"]["avdelningsrubrik"], 2);
    assert!(notes(&file).contains("summakolumner läses inte: Summa"), "{}", notes(&file));
    assert!(notes(&file).contains("kolumner som inte används: Allergi"), "{}", notes(&file));
}

#[test]
fn marks_under_no_day_are_held() {
    let kommun = kommun();
    let path = kommun.list(
        "m.xlsx",
        "Namn | 2026-09-07 KS 13-16 | 14/9 KS 13-16 | | Mat
        Anna Ek | x | x | x | x
        Bo Alm | x | | | x",
    );
    let file = imported(&kommun, &path);
    assert_eq!(
        reasons(&file),
        [
            "C1: Datumet ”14/9” saknar år.",
            "D1: Kolumnen har markeringar, men rubriken säger inte vilken dag mötet var.",
        ]
    );
    assert_eq!((file["rows"].as_u64(), file["accepted"].as_u64()), (Some(6), Some(2)), "{file}");
    assert!(notes(&file).contains("kolumner som inte används: Mat"), "{}", notes(&file));
}

#[test]
fn the_names_may_stand_under_ledamoter() {
    for header in ["Ledamöter och ersättare | 2026-09-07 KS 13-16", " | 2026-09-07 KS 13-16\nLedamöter |"] {
        let kommun = kommun();
        let path = kommun.list("m.xlsx", &format!("{header}\nAnna Ek | x\nBo Alm | x\nErsättare |\nCia Åberg | ej tj"));
        let file = imported(&kommun, &path);
        assert_eq!((file["accepted"].as_u64(), file["held"].as_u64()), (Some(3), Some(0)), "{file}");
        assert_eq!(file["ignored"]["avdelningsrubrik"], 1);
    }
}

#[test]
fn unknown_organ_or_person_is_said_of_the_cell() {
    let kommun = kommun();
    let path = kommun.list(
        "m.xlsx",
        "Namn | 2026-09-07 KS 13-16 | 2026-09-14 Fritidsgården 13-16
        Anna Ek | x | x
        Nils Okänd | x |",
    );
    let file = imported(&kommun, &path);
    assert_eq!(reasons(&file), ["C2: okänt organ: Fritidsgården", "A3: okänd person: Nils Okänd"]);
    assert_eq!(file["accepted"], 1);
}

#[test]
fn a_year_of_planned_meetings_says_nothing_of_those_that_have_not_been() {
    let kommun = kommun();
    let path = kommun.list(
        "m.xlsx",
        "Hela listan: ja
        Namn | 2026-09-07 KS 13-16 | 2026-12-07 KS 13-16 | 2026-12-21
        Anna Ek | x | |
        Bo Alm | x | |",
    );
    let file = imported(&kommun, &path);
    assert_eq!((file["accepted"].as_u64(), file["held"].as_u64()), (Some(2), Some(0)), "{file}");
    assert!(notes(&file).contains("möten utan markering läses inte: KS 2026-12-07 (kolumn C), 2026-12-21 (kolumn D)"));
    // The whole list without Bo takes Bo's attendance back.
    let path = kommun.list(
        "m.xlsx",
        "Hela listan: ja
        Namn | 2026-09-07 KS 13-16
        Anna Ek | x
        Bo Alm | nej",
    );
    let file = imported(&kommun, &path);
    assert_eq!((file["removed"].as_u64(), file["held"].as_u64()), (Some(1), Some(0)), "{file}");
}

#[test]
fn a_known_attendance_that_a_cell_denies_is_asked_about() {
    let kommun = kommun();
    let matrix = |bo: &str| format!("Namn | 2026-09-07 KS 13-16\nAnna Ek | x\nBo Alm | {bo}");
    let first = kommun.list("m.xlsx", &matrix("x"));
    imported(&kommun, &first);
    let before = paid(&kommun);
    let second = kommun.list("m.xlsx", &matrix("nej"));
    let file = imported(&kommun, &second);
    assert_eq!(
        reasons(&file),
        ["B3: cellen säger att personen inte var där, men närvaro är inläst tidigare"],
        "{file}"
    );
    assert_eq!(paid(&kommun), before);
    let third = kommun.list("m.xlsx", &matrix("-15.00"));
    imported(&kommun, &third);
    assert_eq!(kommun.held(), Vec::<String>::new(), "the remark closes itself");
    assert_ne!(paid(&kommun), before);
}

#[test]
fn the_same_meeting_in_two_columns_is_held_until_times_or_ids_part_them() {
    let kommun = kommun();
    let twice = kommun.list("m.xlsx", "Namn | 2026-09-07 KS | 2026-09-07 KS\nAnna Ek | x | x");
    let file = imported(&kommun, &twice);
    assert_eq!(reasons(&file), ["C1: Samma möte står i kolumnerna B och C."], "{file}");
    let parted = kommun.list("m.xlsx", "Namn | 2026-09-07 KS 9-11 | 2026-09-07 KS 13-15\nAnna Ek | x | x");
    let file = imported(&kommun, &parted);
    assert_eq!(file["held"], 0, "{file}");
}

#[test]
fn a_meeting_without_hours_is_held_as_in_the_list_form() {
    let reason = |table: &str| {
        let kommun = kommun();
        let list = kommun.list("m.xlsx", table);
        kommun.try_import(&[&list]);
        let month = kommun.json(&["month", "2026-10"]);
        support::rows::remarks(&month)
    };
    let of_list = reason("Datum | Organ | Namn | Tjänstgörande\n2026-09-07 | KS | Anna Ek | ja");
    let of_matrix = reason("Namn | 2026-09-07 KS | 2026-09-14 KS\nAnna Ek | x |");
    assert_eq!(of_list, of_matrix);
    assert!(of_list.iter().any(|remark| remark.contains("mötets tider saknas")), "{of_list:?}");
}

#[test]
fn lists_are_never_taken_for_a_matrix_nor_a_matrix_for_a_list() {
    let kommun = kommun();
    let path = kommun.book(
        "blandat.xlsx",
        &[
            ("Matris", "Personnummer | Namn | E-post | 2026-09-07 KS 13-16 | 2026-09-14 KS 13-16\n@1001 | Anna Ek | a@b.se | x |"),
            ("Lista", "Inkom | 2026-10-01\nDatum | Organ | Namn | Start | Slut | Tjänstgörande\n2026-09-21 | KS | Bo Alm | 13.00 | 15.00 | ja"),
            ("Frånvaro", "Personnummer | Från | Till | Slag\n@1002 | 2026-09-01 | 2026-09-02 | annan"),
            ("Personer", "2026-09-01 | | Uppdaterad | 2026-09-02\nPersonnummer | Efternamn | Förnamn | E-post\n@1001 | Ek | Anna | a@b.example"),
        ],
    );
    let file = imported(&kommun, &path);
    assert_eq!(file["held"], 0, "{file}");
    let notes = notes(&file);
    assert_eq!(notes.matches("läst som matris").count(), 1, "{notes}");
    assert!(notes.contains("Matris: läst som matris, ett möte i var kolumn: 1"), "{notes}");
    assert_eq!(file["accepted"], 4, "{file}");
}

#[test]
fn names_in_two_columns_and_a_text_file() {
    let kommun = kommun();
    let path = kommun.root().join("m.csv");
    std::fs::write(&path, "Efternamn;Förnamn;2026-09-07 KS 13-16;2026-09-14 KS 13-16\r\nEk;Anna;x;\r\nAlm;Bo;;x\r\n")
        .unwrap();
    let file = imported(&kommun, &path);
    assert_eq!((file["accepted"].as_u64(), file["held"].as_u64()), (Some(2), Some(0)), "{file}");
}
