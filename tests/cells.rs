//! Cells as they come in life, form by form: what a clerk may write in a date, a time, an amount, a yes or the number of a
//! person, in a real cell or as text, and what it is read as; and what a sheet does that hides, merges or garbles cells.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use arvode::adapters::excel::{ChildLimits, ExcelReader, OwnForms};
use arvode::ports::{NarvaroRow, Row, RowContent, Sheet, Workbook as _};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

struct Desk {
    folder: TempDir,
    reader: ExcelReader,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let reader = ExcelReader {
        program: PathBuf::from(env!("CARGO_BIN_EXE_arvode")),
        limits: ChildLimits::default(),
        synonyms: [].into(),
        forms: OwnForms::default(),
        work_folder: folder.path().to_owned(),
        today: "2026-11-23".parse().unwrap(),
    };
    Desk { folder, reader }
}

impl Desk {
    fn book(&self, make: impl FnOnce(&mut Worksheet)) -> PathBuf {
        let path = self.folder.path().join("bok.xlsx");
        let mut workbook = Workbook::new();
        make(workbook.add_worksheet());
        workbook.save(&path).unwrap();
        path
    }

    fn read(&self, path: &Path) -> (Sheet, Vec<Row>) {
        let workbook = self.reader.read(path).unwrap();
        let rows = workbook.rows(0).unwrap().map(Result::unwrap).collect();
        (workbook.sheets()[0].clone(), rows)
    }
}

/// A value for a cell.
enum Cell {
    Text(&'static str),
    Number(f64),
    Shown(f64, &'static str),
    Day(u16, u8, u8),
    Bool(bool),
}

use Cell::{Bool, Day, Number, Shown, Text};

fn write(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell) {
    match cell {
        Text(text) => sheet.write(row, column, *text),
        Number(number) => sheet.write(row, column, *number),
        Shown(number, format) => sheet.write_with_format(row, column, *number, &Format::new().set_num_format(*format)),
        Day(year, month, day) => sheet.write_with_format(
            row,
            column,
            ExcelDateTime::from_ymd(*year, *month, *day).unwrap(),
            &Format::new().set_num_format("yyyy-mm-dd"),
        ),
        Bool(said) => sheet.write(row, column, *said),
    }
    .unwrap();
}

const HEADER: [&str; 8] =
    ["Datum", "Organ", "Personnummer", "Start", "Slut", "Tjänstgörande", "Förlorad arbetsinkomst (kr)", "Namn"];

/// One list row with this cell under a header, the others blank but for what a row must have.
fn read_cell(desk: &Desk, header: &str, cell: &Cell) -> Row {
    let path = desk.book(|sheet| {
        for (column, title) in (0..).zip(HEADER) {
            sheet.write(0, column, title).unwrap();
            match (title, title == header) {
                (_, true) => write(sheet, 1, column, cell),
                ("Datum", _) => write(sheet, 1, column, &Text("2026-10-14")),
                ("Organ", _) => write(sheet, 1, column, &Text("KS")),
                ("Namn", _) => write(sheet, 1, column, &Text("Anna Ek")),
                _ => {}
            }
        }
    });
    desk.read(&path).1.remove(0)
}

fn told(row: &Row, say: impl Fn(&NarvaroRow) -> String) -> String {
    if let Some(problem) = row.problems.first() {
        return format!("{}: {}", problem.cell, problem.wrong);
    }
    let RowContent::Narvaro(content) = &row.content else { panic!("{row:?}") };
    say(content)
}

#[track_caller]
fn check(header: &str, say: impl Fn(&NarvaroRow) -> String, cases: &[(Cell, &str)]) {
    let desk = desk();
    for (place, (cell, expect)) in cases.iter().enumerate() {
        assert_eq!(told(&read_cell(&desk, header, cell), &say), *expect, "{header}, fall {place}");
    }
}

#[test]
fn days() {
    let say = |row: &NarvaroRow| row.meeting.day.unwrap().to_string();
    check(
        "Datum",
        say,
        &[
            (Day(2026, 10, 14), "2026-10-14"),
            (Number(46309.0), "2026-10-14"),
            (Shown(46_309.541_666, "yyyy-mm-dd hh:mm"), "2026-10-14"),
            (Number(20_261_014.0), "2026-10-14"),
            (Number(261_014.0), "2026-10-14"),
            (Text("2026-10-14"), "2026-10-14"),
            (Text("14/10 2026"), "2026-10-14"),
            (Text("14 okt 2026"), "2026-10-14"),
            (Text("onsdag den 14 oktober 2026"), "2026-10-14"),
            (Text("261014"), "2026-10-14"),
            (Text("20261014"), "2026-10-14"),
            (Text("46309"), "2026-10-14"),
            (Text("\u{200b}2026-10-14\u{a0}"), "2026-10-14"),
            (Text("31 september 2026"), "A2: Datumet 31 september 2026 finns inte."),
            (Text("14/10"), "A2: Datumet ”14/10” saknar år."),
            (Shown(20_261_014.0, "yyyy-mm-dd"), "2026-10-14"),
            (Bool(true), "A2: ”SANT” är inte ett datum."),
        ],
    );
}

#[test]
fn clock_times() {
    let say = |row: &NarvaroRow| {
        let spans = row.hours.as_ref().unwrap().iter();
        spans
            .map(|(from, to)| format!("{}-{}", from.format("%H.%M"), to.format("%H.%M")))
            .collect::<Vec<_>>()
            .join(", ")
    };
    check(
        "Start",
        say,
        &[
            (Text("kl. 13.00-16.30"), "13.00-16.30"),
            (Text("13:00 - 16:30"), "13.00-16.30"),
            (Text("13–16"), "13.00-16.00"),
            (Text("13.00-15.00, 15.20-16.30"), "13.00-15.00, 15.20-16.30"),
            (Text("13.00"), "E2: Sluttiden saknas."),
            (Text("25.00-26.00"), "D2: ”25.00-26.00” är inte tider från och till."),
        ],
    );
    let desk = desk();
    let starts = [
        Text("13.00"),
        Text("13:00"),
        Text("13"),
        Text("kl 13"),
        Number(13.0),
        Number(1300.0),
        Number(13.0 / 24.0),
        Shown(13.0 / 24.0, "hh:mm"),
        Shown(46_309.0 + 13.0 / 24.0, "yyyy-mm-dd hh:mm"),
    ];
    for (place, start) in starts.iter().enumerate() {
        let path = desk.book(|sheet| {
            sheet.write_row(0, 0, HEADER).unwrap();
            sheet.write_row(1, 0, ["2026-10-14", "KS"]).unwrap();
            write(sheet, 1, 3, start);
            sheet.write(1, 4, "16.30").unwrap();
            sheet.write(1, 7, "Anna Ek").unwrap();
        });
        assert_eq!(told(&desk.read(&path).1[0], say), "13.00-16.30", "fall {place}");
    }
}

#[test]
fn numbers_of_persons() {
    let say = |row: &NarvaroRow| row.person.personnummer.as_ref().unwrap().twelve_digits();
    check(
        "Personnummer",
        say,
        &[
            (Text("800101-9804"), "198001019804"),
            (Text("19800101-9804"), "198001019804"),
            (Text("19800101 9804"), "198001019804"),
            (Text("8001019804"), "198001019804"),
            (Text("198001019804"), "198001019804"),
            (Number(8_001_019_804.0), "198001019804"),
            (Number(198_001_019_804.0), "198001019804"),
            // 010101-9800 as a number cell that has lost its zero.
            (Number(101_019_800.0), "200101019800"),
            (Text("180101+9801"), "191801019801"),
            (Text("800161-9801"), "198001619801"),
            (Text("800101-9805"), "C2: Personnumret har fel kontrollsiffra."),
        ],
    );
}

#[test]
fn amounts() {
    check(
        "Förlorad arbetsinkomst (kr)",
        |row| row.forlorad.as_ref().unwrap().0.to_string(),
        &[
            (Text("1 234,50 kr"), "123450"),
            (Text("1\u{a0}234,50"), "123450"),
            (Text("1234.5"), "123450"),
            (Text("1.234,50"), "123450"),
            (Text("1234:50"), "G2: ”1234:50” är inte ett belopp."),
            (Number(1234.5), "123450"),
            (Shown(1234.5, "# ##0,00 kr"), "123450"),
            (Number(0.1 + 0.2), "30"),
            (Number(-5.0), "G2: ”-5” är negativt."),
        ],
    );
}

#[test]
fn yes_and_no() {
    let say = |row: &NarvaroRow| format!("{:?}", row.tjanstgorande);
    let mut cases: Vec<(Cell, &str)> =
        ["ja", "JA", "j", "x", "X", "1", "Sant", "✓"].map(|text| (Text(text), "Is(true)")).into();
    cases.extend(["nej", "n", "0", "falskt"].map(|text| (Text(text), "Is(false)")));
    cases.extend([
        (Bool(true), "Is(true)"),
        (Number(1.0), "Is(true)"),
        (Number(0.0), "Is(false)"),
        (Text("-"), "Blank"),
    ]);
    cases.extend([
        (Text("kanske"), "F2: ”kanske” är varken ja eller nej."),
        (Number(2.0), "F2: ”2” är varken ja eller nej."),
    ]);
    check("Tjänstgörande", say, &cases);
}

#[test]
fn a_merged_organ_counts_for_its_rows_and_a_blank_one_is_not_filled_in() {
    let desk = desk();
    let plain = Format::new();
    let path = desk.book(|sheet| {
        sheet.write_row(0, 0, HEADER).unwrap();
        sheet.merge_range(1, 0, 3, 0, "2026-10-14", &plain).unwrap();
        sheet.merge_range(1, 1, 2, 1, "KS", &plain).unwrap();
        for (row, name) in [(1, "Anna Ek"), (2, "Bo Alm"), (3, "Cia Åberg"), (5, "Dag Öman")] {
            sheet.write(row, 7, name).unwrap();
        }
        sheet.merge_range(1, 6, 2, 6, "", &plain).unwrap();
        sheet.write_with_format(1, 6, 500, &plain).unwrap();
    });
    let (_, rows) = desk.read(&path);
    let said: Vec<String> = rows
        .iter()
        .map(|row| told(row, |row| format!("{} {:?}", row.meeting.organ.clone().unwrap(), row.meeting.day)))
        .collect();
    let shared = "G2: ”Förlorad arbetsinkomst (kr)” är sammanfogad över raderna 2–3: det framgår inte om talet gäller var rad eller alla tillsammans.";
    assert_eq!(said, [shared, shared, "B4: Organ saknas.", "A6: Datum saknas."]);
}

#[test]
fn merged_organ_and_day_without_amounts_are_read() {
    let desk = desk();
    let path = desk.book(|sheet| {
        sheet.write_row(0, 0, ["Datum", "Organ", "Namn"]).unwrap();
        sheet.merge_range(1, 0, 2, 0, "2026-10-14", &Format::new()).unwrap();
        sheet.merge_range(1, 1, 2, 1, "KS", &Format::new()).unwrap();
        sheet.write(1, 2, "Anna Ek").unwrap();
        sheet.write(2, 2, "Bo Alm").unwrap();
    });
    let (_, rows) = desk.read(&path);
    for row in &rows {
        assert_eq!(
            told(row, |row| format!("{:?} {:?}", row.meeting.organ, row.meeting.day)),
            "Some(\"KS\") Some(2026-10-14)"
        );
    }
    assert_eq!(rows.len(), 2);
}

#[test]
fn hidden_rows_are_named_and_held_where_the_setting_says_so() {
    let mut desk = desk();
    let path = desk.book(|sheet| {
        sheet.write_row(0, 0, ["Datum", "Organ", "Namn"]).unwrap();
        for row in 1..6 {
            sheet.write_row(row, 0, ["2026-10-14", "KS", &format!("Person {row}")]).unwrap();
        }
        sheet.set_row_hidden(2).unwrap();
        sheet.set_row_hidden(3).unwrap();
        sheet.set_row_hidden(5).unwrap();
    });
    let (sheet, rows) = desk.read(&path);
    assert_eq!(sheet.notes, ["dolda eller bortfiltrerade rader läses som de andra: 3–4, 6"]);
    assert!(rows.iter().all(|row| row.problems.is_empty()));
    desk.reader.forms.holds_hidden_rows = true;
    let (sheet, rows) = desk.read(&path);
    assert_eq!(sheet.notes, ["dolda eller bortfiltrerade rader hålls: 3–4, 6"]);
    let held: Vec<(u32, &str)> =
        rows.iter().filter_map(|row| Some((row.row, row.problems.first()?.wrong.as_str()))).collect();
    let hidden = "Raden är dold eller bortfiltrerad.";
    assert_eq!(held, [(3, hidden), (4, hidden), (6, hidden)]);
}

#[test]
fn characters_that_nobody_sees_are_taken_out_and_named_once() {
    let desk = desk();
    let text = desk.folder.path().join("lista.csv");
    fs::write(&text, "Datum;Organ;Namn\n2026-10-14;KS;An\u{200b}na\u{ad} Ek\n2026-10-14;K\u{feff}S;Bo\u{a0}Alm\n")
        .unwrap();
    let path = desk.book(|sheet| {
        sheet.write_row(0, 0, ["Datum", "Organ", "Namn"]).unwrap();
        sheet.write_row(1, 0, ["2026-10-14", "KS", "An\u{200b}na\u{ad} Ek"]).unwrap();
        sheet.write_row(2, 0, ["2026-10-14", "K\u{feff}S", "Bo\u{a0}Alm"]).unwrap();
    });
    for path in [text, path] {
        let (sheet, rows) = desk.read(&path);
        assert_eq!(sheet.notes, ["osynliga tecken borttagna: 2 celler, den första C2"], "{}", path.display());
        let named = |row: &Row| told(row, |row| format!("{:?} {:?}", row.meeting.organ, row.person.namn));
        assert_eq!(named(&rows[0]), "Some(\"KS\") Some(\"Anna Ek\")");
        assert_eq!(named(&rows[1]), "Some(\"KS\") Some(\"Bo Alm\")");
    }
}

#[test]
fn what_is_no_number_is_held_with_its_cell() {
    let desk = desk();
    let text = |place: &str, text: &str| format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let header: String = (0_u8..)
        .zip(["Datum", "Organ", "Namn", "Förlorad arbetsinkomst"])
        .map(|(at, title)| text(&format!("{}1", char::from(b'A' + at)), title))
        .collect();
    for (value, expect) in [
        ("<v>NaN</v>", "#NUM!"),
        ("<v>INF</v>", "#NUM!"),
        ("<v>1e308</v>", "#NUM!"),
        ("<f>A1/0</f>", "saknar uträknat värde"),
    ] {
        let sheet = format!(
            "<worksheet><sheetData><row r=\"1\">{header}</row><row r=\"2\">{}{}{}<c r=\"D2\">{value}</c></row></sheetData></worksheet>",
            text("A2", "2026-10-14"),
            text("B2", "KS"),
            text("C2", "Anna Ek"),
        );
        let path = desk.folder.path().join("tal.xlsx");
        fs::write(&path, by_hand(&sheet)).unwrap();
        let (_, rows) = desk.read(&path);
        let problem = &rows[0].problems[0];
        assert!(problem.cell == "D2" && problem.wrong.contains(expect), "{value}: {problem:?}");
    }
}

fn by_hand(sheet: &str) -> Vec<u8> {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |kind: &str, target: &str| {
        format!("<Relationships><Relationship Id=\"r1\" Type=\"{office}/{kind}\" Target=\"{target}\"/></Relationships>")
    };
    let (root, of_book) =
        (relation("officeDocument", "xl/workbook.xml"), relation("worksheet", "worksheets/sheet1.xml"));
    let parts = [
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", &root),
        (
            "xl/workbook.xml",
            "<workbook xmlns:r=\"r\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>",
        ),
        ("xl/_rels/workbook.xml.rels", &of_book),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
