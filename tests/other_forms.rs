//! `.xls`, `.xlsb` and `.ods`: off until a setting says so, then they say what the same list says as `.xlsx`; and what
//! these files cannot tell is held, never taken for zero.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use arvode::adapters::excel::{ChildLimits, ExcelReader, OtherForms, OwnForms};
use arvode::ports::{RowContent, Unreadable, Workbook as _};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

fn reader(folder: &TempDir, forms: OtherForms) -> ExcelReader {
    ExcelReader {
        program: PathBuf::from(env!("CARGO_BIN_EXE_arvode")),
        limits: ChildLimits { forms, ..ChildLimits::default() },
        synonyms: [].into(),
        forms: OwnForms::default(),
        work_folder: folder.path().to_owned(),
        today: "2026-11-23".parse().unwrap(),
    }
}

const ALL: OtherForms = OtherForms { xls: true, xlsb: true, ods: true };

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/forms").join(name)
}

/// Sheets with their notes, and every row with what is wrong in it.
fn told(path: &Path) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let workbook = reader(&folder, ALL).read(path).unwrap();
    let mut said = Vec::new();
    for (place, sheet) in workbook.sheets().iter().enumerate() {
        said.push(format!("{} {:?} {:?} {:?} {:?}", sheet.name, sheet.kind, sheet.inkom, sheet.hidden, sheet.notes));
        for row in workbook.rows(place).unwrap() {
            let row = row.unwrap();
            let problems: Vec<String> =
                row.problems.iter().map(|problem| format!("{}: {}", problem.cell, problem.wrong)).collect();
            said.push(if problems.is_empty() {
                format!("{} {:?}", row.row, row.content)
            } else {
                format!("{} {problems:?}", row.row)
            });
        }
    }
    said
}

fn refused(path: &Path, forms: OtherForms) -> Unreadable {
    let folder = tempfile::tempdir().unwrap();
    match reader(&folder, forms).read(path) {
        Err(refused) => refused,
        Ok(_) => panic!("{} was read", path.display()),
    }
}

#[test]
fn the_same_list_says_the_same_in_each_form() {
    let of_xlsx = told(&fixture("lista.xlsx"));
    assert!(of_xlsx.iter().any(|row| row.contains("osynliga tecken borttagna: C5")), "{of_xlsx:#?}");
    assert!(of_xlsx.iter().any(|row| row == "4 [\"I4: Cellen visar felet #DIV/0!.\"]"), "{of_xlsx:#?}");
    let of_ods = told(&fixture("lista.ods"));
    let of_xls = told(&fixture("lista.xls"));
    assert_eq!(of_ods.len(), of_xlsx.len());
    assert_eq!(of_xls.len(), of_xlsx.len());
    for (xlsx, (ods, xls)) in of_xlsx.iter().zip(of_ods.iter().zip(&of_xls)) {
        // A formula that gives zero in .xls may be one that nobody has calculated.
        if xlsx.starts_with("5 Narvaro") {
            assert_eq!(xls, "5 [\"H5: Cellens formel saknar uträknat värde.\"]");
        } else if xlsx.starts_with("2 Uppdrag") {
            let either = "2 [\"E2: ”1” kan betyda 1 % eller 100 %: filens format visar inte vilket.\"]";
            assert_eq!((ods.as_str(), xls.as_str()), (either, either));
            continue;
        } else {
            assert_eq!(xls, xlsx);
        }
        assert_eq!(ods, xlsx);
    }
}

#[test]
fn where_hidden_rows_cannot_be_seen_it_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut reader = reader(&folder, ALL);
    reader.forms.holds_hidden_rows = true;
    for (name, expect) in [("lista.xls", true), ("lista.ods", true), ("lista.xlsx", false)] {
        let workbook = reader.read(&fixture(name)).unwrap();
        let said = workbook.sheets()[0].notes.iter().any(|note| note.contains("visar inte vilka rader som är dolda"));
        assert_eq!(said, expect, "{name}");
    }
}

#[test]
fn what_is_off_is_refused_with_the_setting_that_turns_it_on() {
    for (name, setting) in [("lista.xls", "xls = true"), ("lista.ods", "ods = true")] {
        let refusal = refused(&fixture(name), OtherForms::default());
        assert!(refusal.instead.contains(setting), "{refusal:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lista.xlsx");
    fs::copy(fixture("lista.ods"), &path).unwrap();
    let refusal = refused(&path, OtherForms::default());
    assert!(refusal.wrong.contains(".ods") && refusal.instead.contains("ods = true"), "{refusal:?}");
    fs::write(folder.path().join("lista.xlsb"), xlsb(&[])).unwrap();
    let refusal = refused(&folder.path().join("lista.xlsb"), OtherForms::default());
    assert!(refusal.instead.contains("xlsb = true"), "{refusal:?}");
}

#[test]
fn the_content_says_what_a_file_is_and_an_old_workbook_under_a_false_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let as_xlsx = folder.path().join("lista.xlsx");
    fs::copy(fixture("lista.xls"), &as_xlsx).unwrap();
    let refusal = refused(&as_xlsx, ALL);
    assert_eq!(refusal.wrong, "Arbetsboken är sparad i det äldre formatet .xls men heter .xlsx.");
    // The other way is harmless: a new workbook under the old name is read for what it is.
    let as_xls = folder.path().join("lista.xls");
    fs::copy(fixture("lista.xlsx"), &as_xls).unwrap();
    assert_eq!(told(&as_xls), told(&fixture("lista.xlsx")));
    fs::write(&as_xls, "Datum;Organ;Namn;Start;Slut\n2026-10-14;KS;Anna Ek;13.00;15.00\n").unwrap();
    assert_eq!(told(&as_xls).len(), 2);
}

#[test]
fn a_broken_file_of_any_form_is_refused_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["lista.xls", "lista.ods"] {
        let content = fs::read(fixture(name)).unwrap();
        let path = folder.path().join(name);
        for length in (0..content.len()).step_by(content.len() / 40) {
            fs::write(&path, &content[..length]).unwrap();
            assert!(!refused(&path, ALL).temporary, "{name} {length}");
        }
        for at in (600..content.len()).step_by(content.len() / 60) {
            let mut crooked = content.clone();
            crooked[at] ^= 0xff;
            fs::write(&path, &crooked).unwrap();
            // Read or refused in words; never a passing fault, which would be tried again for ever.
            if let Err(refusal) = reader(&folder, ALL).read(&path) {
                assert!(!refusal.temporary && !refusal.instead.is_empty(), "{name} {at} {refusal:?}");
            }
        }
    }
}

#[test]
fn repeated_rows_of_an_ods_end_within_the_limits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stor.ods");
    for (rows, columns) in [(1_048_000, 16_000), (1_048_000, 80)] {
        let refusal = refused_ods(&path, rows, columns);
        assert!(refusal.wrong.contains("minne") || refusal.wrong.contains("sekunder"), "{refusal:?}");
    }
}

#[test]
fn an_ods_says_what_is_missing_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lista.ods");
    let text = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let row = |cells: &[String]| format!("<table:table-row>{}</table:table-row>", cells.concat());
    let header = row(&["Datum", "Organ", "Namn", "Start", "Slut", "Förlorad arbetsinkomst"].map(text));
    let day = "<table:table-cell office:value-type=\"date\" office:date-value=\"2026-10-14\"/>".to_owned();
    let time = |text: &str| format!("<table:table-cell office:value-type=\"time\" office:time-value=\"{text}\"/>");
    let with = |amount: &str| {
        row(&[
            day.clone(),
            text("KS"),
            text("Anna Ek"),
            time("PT13H00M00S"),
            time("PT16H29M59.9999S"),
            amount.to_owned(),
        ])
    };
    let rows = [
        header,
        with("<table:table-cell office:value-type=\"currency\" office:value=\"1234.5\"/>"),
        with("<table:table-cell table:formula=\"of:=[.A1]\"/>"),
        with(
            "<table:table-cell table:formula=\"of:=1/0\" office:value-type=\"string\" office:string-value=\"\" calcext:value-type=\"error\"><text:p>Err:502</text:p></table:table-cell>",
        ),
        with("<table:table-cell table:formula=\"of:=1-1\" office:value-type=\"float\" office:value=\"0\"/>"),
    ];
    write_ods(&path, &rows.concat());
    let rows = told(&path);
    assert!(rows[1].contains("forlorad: Is(Ore(123450))") && rows[1].contains("(13:00:00, 16:30:00)"), "{}", rows[1]);
    assert_eq!(rows[2], "3 [\"F3: Cellens formel saknar uträknat värde.\"]");
    assert_eq!(rows[3], "4 [\"F4: Cellen visar felet Err:502.\"]");
    assert!(rows[4].contains("forlorad: Is(Ore(0))"), "{}", rows[4]);
}

fn write_ods(path: &Path, rows: &str) {
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"A\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let parts: [(&str, &[u8]); 3] = [
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
        ("content.xml", content.as_bytes()),
    ];
    fs::write(path, archive(&parts)).unwrap();
}

fn refused_ods(path: &Path, rows: u32, columns: u32) -> Unreadable {
    let cell = format!(
        "<table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"{columns}\"><text:p>x</text:p></table:table-cell>"
    );
    let row = format!("<table:table-row table:number-rows-repeated=\"{rows}\">{cell}</table:table-row>");
    write_ods(path, &row);
    refused(path, ALL)
}

#[test]
fn binary_workbooks_with_real_days_and_formulas() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lista.xlsb");
    let rows = [
        row(0, &["Datum", "Organ", "Namn", "Start", "Slut", "Förlorad arbetsinkomst (kr)"].map(Cell::Text)),
        row(
            1,
            &[
                Cell::Day(46309.0),
                Cell::Text("KS"),
                Cell::Text("Anna Ek"),
                Cell::Text("13.00"),
                Cell::Text("16.30"),
                Cell::Formula(1234.5),
            ],
        ),
        row(
            2,
            &[
                Cell::Day(46309.0),
                Cell::Text("KS"),
                Cell::Text("Bo Alm"),
                Cell::Text("13.00"),
                Cell::Text("16.30"),
                Cell::Formula(0.0),
            ],
        ),
        row(
            3,
            &[
                Cell::Day(46309.0),
                Cell::Text("KS"),
                Cell::Text("Cia Åberg"),
                Cell::Text("13.00"),
                Cell::Text("16.30"),
                Cell::FormulaError,
            ],
        ),
        row(
            4,
            &[
                Cell::Day(46309.0),
                Cell::Text("KS"),
                Cell::Text("Dag Öman"),
                Cell::Text("13.00"),
                Cell::Text("16.30"),
                Cell::Error,
            ],
        ),
    ];
    fs::write(&path, xlsb(&rows.concat())).unwrap();
    let workbook = reader(&folder, ALL).read(&path).unwrap();
    let rows: Vec<_> = workbook.rows(0).unwrap().map(Result::unwrap).collect();
    let wrong: Vec<Vec<&str>> =
        rows.iter().map(|row| row.problems.iter().map(|problem| problem.wrong.as_str()).collect()).collect();
    let uncalculated = "Cellens formel saknar uträknat värde.";
    assert_eq!(wrong, [vec![], vec![uncalculated], vec![uncalculated], vec!["Cellen visar felet #DIV/0!."]]);
    let RowContent::Narvaro(first) = &rows[0].content else { panic!("{:?}", rows[0]) };
    assert_eq!(first.meeting.day, Some("2026-10-14".parse().unwrap()));
    assert_eq!(first.forlorad.as_ref().map(|ore| ore.0), Some(123_450));
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A cell of a binary workbook.
#[derive(Clone, Copy)]
enum Cell {
    Text(&'static str),
    Day(f64),
    Formula(f64),
    FormulaError,
    Error,
}

/// A record of the binary form ([MS-XLSB] 2.1.4): its number, its length, its content.
fn record(number: u16, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    if number < 0x80 {
        bytes.push(number as u8);
    } else {
        bytes.extend([(number & 0x7f) as u8 | 0x80, (number >> 7) as u8]);
    }
    let mut length = content.len();
    while length >= 0x80 {
        bytes.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend(content);
    bytes
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut bytes = (units.len() as u32).to_le_bytes().to_vec();
    bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    bytes
}

fn row(number: u32, cells: &[Cell]) -> Vec<u8> {
    let mut header = number.to_le_bytes().to_vec();
    header.extend([0; 13]);
    let mut bytes = record(0x00, &header);
    for (column, cell) in (0_u32..).zip(cells) {
        let style = u8::from(matches!(cell, Cell::Day(_)));
        let mut content = column.to_le_bytes().to_vec();
        content.extend([style, 0, 0, 0]);
        // A formula of one number: flags, its length, PtgInt 1, and no more.
        let formula = [0, 0, 3, 0, 0, 0, 0x1e, 1, 0, 0, 0, 0, 0];
        let number = match cell {
            Cell::Text(text) => {
                content.extend(wide(text));
                0x06
            }
            Cell::Day(day) => {
                content.extend(day.to_le_bytes());
                0x05
            }
            Cell::Formula(value) => {
                content.extend(value.to_le_bytes());
                content.extend(formula);
                0x09
            }
            Cell::FormulaError => {
                content.push(0x07);
                content.extend(formula);
                0x0b
            }
            Cell::Error => {
                content.push(0x07);
                0x03
            }
        };
        bytes.extend(record(number, &content));
    }
    bytes
}

/// A binary workbook of one sheet with these rows; style 1 is a date.
fn xlsb(rows: &[u8]) -> Vec<u8> {
    let sheet = [
        record(0x81, &[]),
        record(0x94, &[0; 16]),
        record(0x91, &[]),
        rows.to_vec(),
        record(0x92, &[]),
        record(0x82, &[]),
    ];
    let xf = |format: u16| {
        let mut content = vec![0, 0];
        content.extend(format.to_le_bytes());
        content.extend([0; 12]);
        record(0x2f, &content)
    };
    let styles = [record(0x116, &[]), record(0x269, &2_u32.to_le_bytes()), xf(0), xf(14)];
    let mut bundle = vec![0; 8];
    bundle.extend(wide("rId1"));
    bundle.extend(wide("Närvaro"));
    let book = [
        record(0x83, &[]),
        record(0x99, &[0; 12]),
        record(0x8f, &[]),
        record(0x9c, &bundle),
        record(0x90, &[]),
        record(0x9d, &[0; 26]),
        record(0x84, &[]),
    ];
    let relations = "<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.bin\"/></Relationships>";
    archive(&[
        ("xl/workbook.bin", &book.concat()),
        ("xl/_rels/workbook.bin.rels", relations.as_bytes()),
        ("xl/worksheets/sheet1.bin", &sheet.concat()),
        ("xl/styles.bin", &styles.concat()),
    ])
}
