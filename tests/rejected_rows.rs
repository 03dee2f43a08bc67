//! Rows that are held come back as a workbook: as they were, with what is wrong. Mended there they are taken in, and what
//! was remarked on them is closed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use arvode::adapters::excel::{ChildLimits, ExcelReader, Rejected, rejected_workbook};
use arvode::ports::{HeldRow, Lists, Row, Workbook as _};
use calamine::{Data, Reader, Xlsx, open_workbook};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use support::books::written;
use support::edit::{parts, typed};
use support::{Kommun, Ran};

fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001", "1002", "1003"]);
    kommun
}

/// A kansli's own list: a title and "Hela listan" above, words of its own, cells of every kind. Rows 5, 7 and 8 are wrong.
fn own_list(kommun: &Kommun, name: &str) -> PathBuf {
    let (date, clock) = (Format::new().set_num_format("yyyy-mm-dd"), Format::new().set_num_format("hh:mm"));
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("KS lista").unwrap();
    sheet.write(0, 0, "Närvaro").unwrap();
    sheet.write_row(1, 0, ["Hela listan", "ja", "", "Inkom: 2026-09-20"]).unwrap();
    let header = ["Datum", "Nämnd", "Pnr", "Förtroendevald", "Start", "Slut", "Tjg", "Körda mil", "Eget"];
    sheet.write_row(3, 0, header).unwrap();
    let day = ExcelDateTime::from_ymd(2026, 9, 9).unwrap();
    for (row, anstid, name) in
        [(4, "1001", "Anna Ek"), (5, "1002", "Bo Alm"), (6, "1003", "Cia Åberg"), (7, "1003", "")]
    {
        sheet.write_with_format(row, 0, &day, &date).unwrap();
        sheet.write(row, 1, "KS").unwrap();
        sheet.write(row, 2, written(anstid)).unwrap();
        sheet.write(row, 3, name).unwrap();
        sheet.write_with_format(row, 4, ExcelDateTime::from_hms(13, 0, 0).unwrap(), &clock).unwrap();
        sheet.write(row, 5, "15.10").unwrap();
        sheet.write(row, 7, 1.2).unwrap();
        sheet.write(row, 8, "=inte formel").unwrap();
    }
    sheet.write(4, 6, "kanske").unwrap();
    sheet.write(4, 5, "kvart över").unwrap();
    sheet.write(6, 1, "Fikanämnden").unwrap();
    sheet.write_formula(7, 6, Formula::new("IF(1,\"ja\",\"\")").set_result("ja")).unwrap();
    sheet.write(7, 2, 8_001_019_803_i64).unwrap();
    let path = kommun.root().join(name);
    book.save(&path).unwrap();
    path
}

/// Counts of accepted, unchanged, held and ignored rows of the only file.
#[track_caller]
fn counts(ran: &Ran) -> [u64; 4] {
    let file = ran.json()["files"][0].clone();
    let count = |key: &str| file[key].as_u64().unwrap();
    let ignored: u64 = file["ignored"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    [count("accepted"), count("unchanged"), count("held"), ignored]
}

/// The workbook with held rows that an import has written.
#[track_caller]
fn rejected(kommun: &Kommun, ran: &Ran) -> PathBuf {
    let said = ran.json()["files"][0]["rejected"].as_str().unwrap().to_owned();
    let path = PathBuf::from(&said);
    assert!(path.starts_with(kommun.path("rejected")), "{said}");
    path
}

fn cells(path: &Path) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let name = book.sheet_names()[0].clone();
    assert!(book.worksheet_formula(&name).unwrap().is_empty(), "no text has become a formula");
    let range = book.worksheet_range(&name).unwrap();
    range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
}

#[test]
fn the_rows_come_back_as_they_were_with_what_is_wrong_in_each_cell() {
    let kommun = kommun();
    let ran = kommun.try_import(&[&own_list(&kommun, "ks.xlsx")]).exits(1);
    assert_eq!(counts(&ran), [1, 0, 3, 0]);
    let path = rejected(&kommun, &ran);
    assert_eq!(path.file_name().unwrap(), "ks - rättas.xlsx");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(kommun.path("rejected")).unwrap().permissions().mode() & 0o777, 0o700);
    let cells = cells(&path);
    assert_eq!(cells[0][0], "Närvaro");
    assert_eq!(cells[1][..4], ["Hela listan", "nej", "", "Inkom: 2026-09-20"], "a part is never the whole list");
    let header = ["Datum", "Nämnd", "Pnr", "Förtroendevald", "Start", "Slut", "Tjg", "Körda mil", "Eget"];
    assert_eq!(cells[3][..9], header);
    assert_eq!(cells[3][9..], ["Fel", "Så rättar du", "Ursprung"]);
    assert_eq!(cells.len(), 7, "only what was held");
    assert_eq!(
        cells[4][1..9],
        ["KS", &written("1001"), "Anna Ek", &cells[4][4], "kvart över", "kanske", "1.2", "=inte formel"]
    );
    assert_eq!(cells[4][9], "F5: ”kvart över” är inte ett klockslag.\nG5: ”kanske” är varken ja eller nej.");
    assert_eq!(cells[4][10], "Skriv klockslaget som 13:00.\nSkriv ja eller nej.");
    assert!(cells[4][11].starts_with("ks.xlsx, KS lista, rad 5 ["), "{}", cells[4][11]);
    assert!(cells[5][9].starts_with("B7: okänt organ: Fikanämnden"), "{}", cells[5][9]);
    assert_eq!(
        (cells[6][2].as_str(), cells[6][6].as_str()),
        ("8001019803", "ja"),
        "a formula's value, a number in full"
    );
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    let range = book.worksheet_range("KS lista").unwrap();
    assert!(matches!(range.get_value((4, 0)), Some(Data::DateTime(_))), "a day stays a day");
    let sheet = &parts(&path).into_iter().find(|(name, _)| name == "xl/worksheets/sheet1.xml").unwrap().1;
    assert!(sheet.contains("<dataValidation type=\"list\"") && sheet.contains("ja,nej"), "drop-downs are kept");
}

#[test]
fn mended_there_they_are_taken_in_and_the_remarks_close_themselves() {
    let kommun = kommun();
    let ran = kommun.try_import(&[&own_list(&kommun, "ks.xlsx")]).exits(1);
    assert_eq!(kommun.held().len(), 3);
    let path = rejected(&kommun, &ran);
    // Dropped again as it is: held again, not twice.
    let again = kommun.try_import(&[&path]).exits(1);
    assert_eq!(counts(&again), [0, 0, 3, 0]);
    assert_eq!(kommun.held().len(), 3);
    assert_eq!(again.json()["files"][0]["sheets"], serde_json::json!(["KS lista: kolumner som inte används: Eget"]));
    // Two are mended, the third is taken out of the workbook: what was said of it stays.
    let mended = typed(&path, "något annat.xlsx", &[("F5", "15.10"), ("G5", "ja"), ("B6", "KS")]);
    let ran = kommun.try_import(&[&mended]).exits(1);
    assert_eq!(counts(&ran), [2, 0, 1, 0]);
    let held = kommun.held();
    assert!(held.len() == 1 && held[0].contains("C7"), "{held:?}");
    // Its own workbook is mended in turn.
    let path = rejected(&kommun, &ran);
    let row = &cells(&path)[4];
    assert_eq!(row[9], "C7: Personnumret har fel kontrollsiffra.");
    assert!(row[11].starts_with("något annat.xlsx, KS lista, rad 7 ["), "{row:?}");
    let last = typed(&path, "sista.xlsx", &[("C5", &written("1003"))]);
    let ran = kommun.import(&[&last]);
    assert_eq!(counts(&ran), [1, 0, 0, 0]);
    assert_eq!(kommun.held(), [""; 0]);
    assert!(ran.json()["files"][0]["rejected"].is_null());
    assert_eq!(kommun.pay("2026-10").len(), 3 * 3, "a grundarvode, a timarvode and a journey each");
}

#[test]
fn rows_of_a_register_close_only_what_was_said_of_themselves() {
    let kommun = kommun();
    let table = "Personnummer | Organ | Uppdrag | Från
                 @1001 | Fikanämnden | ledamot | 2026-01-01
                 @1002 | Fikanämnden | ledamot | 2026-01-01";
    let ran = kommun.try_import(&[&kommun.book("val.xlsx", &[("Uppdrag", table)])]).exits(1);
    let path = rejected(&kommun, &ran);
    // The second row is deleted: nobody has mended it.
    let one =
        typed(&path, "val - rättas.xlsx.ny.xlsx", &[("B2", "VN"), ("A3", ""), ("B3", ""), ("C3", ""), ("D3", "")]);
    let ran = kommun.import(&[&one]);
    assert_eq!(counts(&ran), [1, 0, 0, 1]);
    let held = kommun.held();
    assert!(held.len() == 1 && held[0].contains("B3"), "{held:?}");
    // The first file, mended, closes the rest.
    kommun.import(&[&kommun.book("val.xlsx", &[("Uppdrag", &table.replace("Fikanämnden", "VN"))])]);
    assert_eq!(kommun.held(), [""; 0]);
}

#[test]
fn nobodys_corrections_are_written_over() {
    let kommun = kommun();
    let list = own_list(&kommun, "ks.xlsx");
    let first = rejected(&kommun, &kommun.try_import(&[&list]).exits(1));
    // Read again after something else: the same workbook, once.
    kommun.import(&[&kommun
        .book("d.xlsx", &[("Beslut", "Diarienummer | Datum | Gäller | Innebörd\nKS 9 | 2026-11-01 | § 12 | bifall")])]);
    assert_eq!(rejected(&kommun, &kommun.try_import(&[&list]).exits(1)), first);
    fs::write(&first, "somebody is at work here").unwrap();
    kommun.import(&[&kommun
        .book("e.xlsx", &[("Beslut", "Diarienummer | Datum | Gäller | Innebörd\nKS 8 | 2026-11-01 | § 12 | bifall")])]);
    let second = rejected(&kommun, &kommun.try_import(&[&list]).exits(1));
    assert_eq!(second.file_name().unwrap(), "ks - rättas 2.xlsx");
    assert_eq!(fs::read_to_string(&first).unwrap(), "somebody is at work here");
}

#[test]
fn to_a_file_that_is_named_and_nowhere_in_a_dry_run() {
    let kommun = kommun();
    let list = own_list(&kommun, "ks.xlsx");
    kommun.run(&["import", "--dry-run", list.to_str().unwrap()]).exits(1);
    assert!(kommun.files("rejected").is_empty());
    let to = kommun.root().join("rätta här.xlsx");
    let ran = kommun.run(&["import", list.to_str().unwrap(), "--rejected", to.to_str().unwrap()]).exits(1);
    assert!(ran.out.contains("rätta här.xlsx") && to.exists(), "{}", ran.out);
    kommun
        .run(&["import", list.to_str().unwrap(), "--rejected", to.to_str().unwrap()])
        .exits(4)
        .says(&["there already"]);
    let other = own_list(&kommun, "andra.xlsx");
    let nowhere = kommun.root().join("finns inte/rätta.xlsx");
    let ran = kommun.run(&["import", other.to_str().unwrap(), "--rejected", nowhere.to_str().unwrap()]).exits(1);
    assert!(ran.out.contains("kunde inte skrivas"), "the rows are taken in and remarked on all the same: {}", ran.out);
    let two = [list.to_str().unwrap(), list.to_str().unwrap()];
    kommun.run(&["import", two[0], two[1], "--rejected", "ny.xlsx"]).exits(2).says(&["one file"]);
}

#[test]
fn a_list_in_text_with_decimal_signs_comes_back_with_the_same_numbers() {
    let kommun = kommun();
    let path = kommun.root().join("mars.csv");
    let text = format!(
        "Datum;Organ;Pnr;Start;Slut;Förlorad arbetsinkomst (kr);Roll\n2026-09-09;KS;{};13.00;15.10;1.250,50;ledamot\n2026-09-09;Fikanämnden;{};13.00;15.10;1.250;ledamot\n",
        written("1001"),
        written("1002"),
    );
    fs::write(&path, text).unwrap();
    let ran = kommun.try_import(&[&path]).exits(1);
    assert_eq!(counts(&ran), [1, 0, 1, 0]);
    let book = rejected(&kommun, &ran);
    assert_eq!(book.file_name().unwrap(), "mars - rättas.xlsx");
    kommun.import(&[&typed(&book, "mars - rättas.xlsx.1.xlsx", &[("B2", "KS")])]);
    let claimed = kommun.sql("SELECT COUNT(*) FROM fact WHERE body LIKE '%\"forlorad\":125000%'");
    assert_eq!(claimed, "1", "1.250 was a thousand in the text file, and is so in the workbook");
}

#[test]
fn a_protected_candidate_is_not_named_in_the_words_of_the_program() {
    let kommun = kommun();
    let protected = "Personnummer | Efternamn | Förnamn | Skyddade personuppgifter\n@1002 | Alm | Bo | ja";
    kommun.import(&[&kommun.book("skydd.xlsx", &[("Personer", protected)])]);
    let list = "Datum | Organ | Start | Slut | Namn | Roll\n2026-09-09 | KS | 13.00 | 15.00 | B. Almm | ledamot";
    let path = rejected(&kommun, &kommun.try_import(&[&kommun.list("a.xlsx", list)]).exits(1));
    let row = &cells(&path)[1];
    assert!(!row[6].contains("Bo") && !row[7].contains("Bo"), "{row:?}");
}

#[test]
fn a_formula_without_a_value_is_held_until_somebody_writes_one() {
    let kommun = kommun();
    let table = "Datum | Organ | Start | Slut | Personnummer | Roll | Jäv\n2026-09-09 | KS | 13.00 | 15.10 | @1001 | ledamot | x";
    let list = kommun.list("mall.xlsx", table);
    let uncalculated = support::edit::with_xml(&list, "formel.xlsx", |xml| {
        let at = xml.find("<c r=\"G2\"").unwrap();
        let end = at + xml[at..].find("</c>").unwrap() + 4;
        format!("{}<c r=\"G2\"><f>A1</f></c>{}", &xml[..at], &xml[end..])
    });
    let ran = kommun.try_import(&[&uncalculated]).exits(1);
    let path = rejected(&kommun, &ran);
    assert_eq!(counts(&kommun.try_import(&[&path]).exits(1)), [0, 0, 1, 0], "dropped again as it is, it still waits");
    let sheet = parts(&path).into_iter().find(|(name, _)| name == "xl/worksheets/sheet1.xml").unwrap().1;
    assert!(sheet.contains("<f>#N/A</f><v>#N/A</v>"), "{sheet}");
}

/// What a cell of a list may hold.
#[derive(Clone, Copy)]
enum Cell {
    Blank,
    Text(&'static str),
    Number(f64),
    Percent(f64),
    Date(u16, u8, u8),
    Time(u16, u8),
    Bool(bool),
    Formula(&'static str),
}

use Cell::{Blank, Bool, Date, Number, Percent, Text, Time};

/// For each column of the list below, what people write in it: right, wrong, and like a formula.
const HEADER: [&str; 9] = [
    "Datum",
    "Organ",
    "Personnummer",
    "Start",
    "Slut",
    "Tjänstgörande",
    "Förlorad arbetsinkomst (kr)",
    "Körda km",
    "Jäv",
];
const CELLS: [&[Cell]; 9] = [
    &[
        Date(2026, 10, 14),
        Text("14 okt 2026"),
        Number(46309.0),
        Number(20_261_014.0),
        Text("31 september 2026"),
        Date(1901, 2, 3),
    ],
    &[Text("KS"), Text(" Kommun-\nstyrelsen"), Number(12.0), Text("=KS"), Cell::Formula("KS")],
    &[Text("19800101-9804"), Number(8_001_019_804.0), Number(198_001_019_804.0), Text("800101-9803"), Text("+46")],
    &[
        Time(13, 0),
        Text("13.00"),
        Text("kl. 13.00-16.30"),
        Number(13.0),
        Number(0.541_666_666_7),
        Text("-13"),
        Date(2026, 10, 14),
    ],
    &[Time(16, 30), Text("16:30"), Text("kvart över"), Time(23, 59), Blank],
    &[Bool(true), Text("ja"), Text("kanske"), Number(1.0), Number(2.0), Blank],
    &[Number(1234.5), Text("1 234,50 kr"), Text("1,234"), Percent(0.4), Cell::Formula("#N/A"), Blank],
    &[Number(12.345_678_901_234_5), Text("2,5"), Text("@12"), Cell::Formula("7.5"), Blank],
    &[Text("§ 4"), Bool(false), Date(2026, 5, 12), Percent(0.125), Time(9, 5), Blank],
];

/// Rows in which the cells of each column turn at a pace of their own, so that all of them meet.
fn every_kind_of_cell(path: &Path, rows: usize) {
    let format = |code: &str| Format::new().set_num_format(code);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, HEADER).unwrap();
    for place in 0..rows {
        for (column, cells) in (0_u16..).zip(CELLS) {
            let at = u32::try_from(place + 1).unwrap();
            match cells[(place * (usize::from(column) + 3) + place / cells.len()) % cells.len()] {
                Blank => continue,
                Text(text) => sheet.write_string(at, column, text).unwrap(),
                Number(number) => sheet.write_number(at, column, number).unwrap(),
                Percent(number) => sheet.write_number_with_format(at, column, number, &format("0.0 %")).unwrap(),
                Date(year, month, day) => {
                    let day = ExcelDateTime::from_ymd(year, month, day).unwrap();
                    sheet.write_with_format(at, column, &day, &format("yyyy-mm-dd")).unwrap()
                }
                Time(hours, minutes) => {
                    let time = ExcelDateTime::from_hms(hours, minutes, 0).unwrap();
                    sheet.write_with_format(at, column, &time, &format("hh:mm")).unwrap()
                }
                Bool(said) => sheet.write_boolean(at, column, said).unwrap(),
                Cell::Formula(result) => {
                    sheet.write_formula(at, column, Formula::new("A1").set_result(result)).unwrap()
                }
            };
        }
    }
    book.save(path).unwrap();
}

#[test]
fn whatever_stands_in_a_row_it_says_the_same_when_it_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let reader = ExcelReader {
        program: PathBuf::from(support::PROGRAM),
        limits: ChildLimits::default(),
        synonyms: [].into(),
        forms: arvode::adapters::excel::OwnForms::default(),
        work_folder: folder.path().to_owned(),
        today: "2026-11-23".parse().unwrap(),
    };
    let (path, back) = (folder.path().join("alla.xlsx"), folder.path().join("åter.xlsx"));
    every_kind_of_cell(&path, 600);
    let book = reader.read(&path).unwrap();
    let sent: Vec<Row> = book.rows(0).unwrap().collect::<Result<_, _>>().unwrap();
    let held: Vec<HeldRow> = sent
        .iter()
        .map(|row| HeldRow { sheet: "Sheet1".to_owned(), row: row.row, problems: row.problems.clone() })
        .collect();
    let (lists, veiled) = (Lists::default(), |text: &str| text.to_owned());
    let rejected = Rejected { file: "alla.xlsx", sha256: "abc", held: &held, lists: &lists, veiled: &veiled };
    fs::write(&back, rejected_workbook(&book, &rejected).unwrap().unwrap()).unwrap();
    let again = reader.read(&back).unwrap();
    assert!(again.sheets()[0].comes_back && again.sheets()[0].unknown_columns.is_empty());
    let came: Vec<Row> = again.rows(0).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(came.len(), sent.len());
    let mut wrong = 0;
    for (sent, came) in sent.iter().zip(&came) {
        assert_eq!((sent.row, &sent.content), (came.row, &came.content));
        assert_eq!(sent.problems, came.problems, "row {}", sent.row);
        assert_eq!(came.origin.as_deref(), Some(&*format!("alla.xlsx, Sheet1, rad {} [abc]", sent.row)));
        wrong += usize::from(!sent.problems.is_empty());
    }
    assert!((100..600).contains(&wrong), "right and wrong rows: {wrong}");
}

/// A matrix with two header rows, the organ merged over its meetings; two cells of Anna's row are wrong, and Cia's number.
fn own_matrix(kommun: &Kommun, name: &str) -> PathBuf {
    let (mut book, plain) = (Workbook::new(), Format::new());
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "Hela listan: ja").unwrap();
    sheet.merge_range(2, 2, 2, 4, "KS", &plain).unwrap();
    sheet.write_row(3, 0, ["Personnummer", "Namn"]).unwrap();
    for (column, day) in [(2, 9), (3, 16), (4, 23)] {
        sheet.write_with_format(3, column, ExcelDateTime::from_ymd(2026, 9, day).unwrap(), &date).unwrap();
        sheet.write(4, column, "13.00-15.00").unwrap();
    }
    let cia = format!("{}0", &written("1003")[..12]);
    let rows = [
        [written("1001"), "Anna Ek".to_owned(), "sen?".to_owned(), "x".to_owned(), "kanske".to_owned()],
        [written("1002"), "Bo Alm".to_owned(), "x".to_owned(), "x".to_owned(), String::new()],
        [cia, "Cia Åberg".to_owned(), "x".to_owned(), String::new(), String::new()],
    ];
    for (row, cells) in (5..).zip(rows) {
        sheet.write_row(row, 0, cells.iter().map(String::as_str)).unwrap();
    }
    let path = kommun.root().join(name);
    book.save(&path).unwrap();
    path
}

#[test]
fn cells_of_a_matrix_come_back_in_their_rows_and_are_mended_there() {
    let kommun = kommun();
    let ran = kommun.run(&["import", own_matrix(&kommun, "ks.xlsx").to_str().unwrap(), "--json"]).exits(1);
    let [accepted, _, held, _] = counts(&ran);
    assert!(accepted == 3 && held >= 3, "{accepted} {held} {}", ran.out);
    let open = kommun.held().len();
    let back = rejected(&kommun, &ran);
    let mut book: Xlsx<_> = open_workbook(&back).unwrap();
    let rows: Vec<Vec<String>> = book
        .worksheet_range_at(0)
        .unwrap()
        .unwrap()
        .rows()
        .map(|row| row.iter().map(Data::to_string).collect())
        .collect();
    assert_eq!(rows[0][0], "Hela listan: nej");
    let header = rows.iter().find(|row| row[0] == "Personnummer").unwrap();
    let fel = rows.iter().find_map(|row| row.iter().position(|cell| cell == "Fel")).unwrap();
    assert!(rows.iter().any(|row| row[2..5] == ["KS", "KS", "KS"]), "{rows:?} {header:?}");
    let anna = rows.iter().find(|row| row[1] == "Anna Ek").unwrap();
    assert!(anna[fel].contains("C6: ”sen?”") && anna[fel].contains("E6: ”kanske”"), "{}", anna[fel]);
    assert!(!rows.iter().any(|row| row[1] == "Bo Alm"), "{rows:?}");
    // The two cells of Anna's row stand in row 6 there too, and Cia's number below it.
    let mended = typed(&back, "rättad.xlsx", &[("C6", "x"), ("E6", "nej"), ("A7", &written("1003"))]);
    let again = kommun.run(&["import", mended.to_str().unwrap(), "--json"]).exits(0);
    let [accepted, unchanged, held, _] = counts(&again);
    assert_eq!((accepted, unchanged, held), (2, 1, 0), "{}", again.out);
    assert_eq!(kommun.held().len(), 0, "{open} were open");
}
