//! Workbooks through the real child process: what a clerk sends, what comes out, and what is refused with which words.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use arvode::adapters::excel::{ChildLimits, ExcelReader, OwnForms, write_template};
use arvode::calendar::{Clock, Day};
use arvode::domain::{AbsenceKind, Barnomsorg, Betalning, ClaimKind, Maltid, Roll, Slag, Utfall};
use arvode::money::Ore;
use arvode::ports::{
    BeslutPart, ClaimRow, Given, Lists, MeetingName, Moment, NarvaroRow, Row, RowContent, Sheet, SheetKind, Unreadable,
    UtbetaltRow, Workbook as _,
};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
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
        synonyms: [("Vem".to_owned(), "Namn".to_owned())].into(),
        forms: OwnForms::default(),
        work_folder: folder.path().to_owned(),
        today: day("2026-11-23"),
    };
    Desk { folder, reader }
}

impl Desk {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A workbook with one sheet that `fill` writes.
    fn workbook(&self, fill: impl FnOnce(&mut Worksheet)) -> PathBuf {
        let mut workbook = Workbook::new();
        fill(workbook.add_worksheet());
        let path = self.path("bok.xlsx");
        workbook.save(&path).unwrap();
        path
    }

    fn read(&self, path: &Path) -> (Vec<Sheet>, Vec<Vec<Row>>) {
        let workbook = self.reader.read(path).unwrap();
        let rows =
            (0..workbook.sheets().len()).map(|sheet| workbook.rows(sheet).unwrap().collect::<Result<_, _>>().unwrap());
        let rows: Vec<Vec<Row>> = rows.collect();
        for (sheet, rows) in workbook.sheets().iter().zip(&rows) {
            assert_eq!(sheet.row_count as usize, rows.len(), "{}", sheet.name);
        }
        (workbook.sheets().to_vec(), rows)
    }

    /// The rows of the only sheet, below a header; `#` numbers are the rows of the sheet as Excel shows them.
    fn rows(&self, header: &[&str], cells: &[&[&str]]) -> Vec<Row> {
        let path = self.workbook(|sheet| {
            sheet.write_row(0, 0, header.iter().copied()).unwrap();
            for (row, cells) in (1..).zip(cells) {
                for (column, cell) in (0..).zip(*cells).filter(|(_, cell)| !cell.is_empty()) {
                    sheet.write(row, column, *cell).unwrap();
                }
            }
        });
        self.read(&path).1.remove(0)
    }

    fn refused(&self, path: &Path) -> Unreadable {
        match self.reader.read(path) {
            Err(refused) => refused,
            Ok(_) => panic!("{} was read", path.display()),
        }
    }

    fn refused_content(&self, content: &[u8]) -> Unreadable {
        let path = self.path("fel.xlsx");
        fs::write(&path, content).unwrap();
        self.refused(&path)
    }
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn at(text: &str) -> Clock {
    Clock::parse_from_str(text, "%H:%M").unwrap()
}

fn narvaro(row: &Row) -> &NarvaroRow {
    let RowContent::Narvaro(content) = &row.content else { panic!("{row:?}") };
    content
}

fn claim(row: &Row) -> &ClaimRow {
    let RowContent::Claim(content) = &row.content else { panic!("{row:?}") };
    content
}

fn problems(row: &Row) -> Vec<String> {
    row.problems.iter().map(|problem| format!("{}: {} {}", problem.cell, problem.wrong, problem.instead)).collect()
}

/// A container with a minimal workbook of one sheet whose XML is given.
fn by_hand(sheet: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let parts = [
        ("[Content_Types].xml", "<Types/>"),
        (
            "_rels/.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns:r=\"r\"><sheets><sheet name=\"Blad1\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    archive(&parts.iter().chain(more).map(|(name, content)| (*name, content.as_bytes())).collect::<Vec<_>>())
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn sheet_xml(rows: &str) -> String {
    format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")
}

fn text_cell(place: &str, text: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

const LIST: [&str; 11] = [
    "Datum",
    "Organ",
    "Namn",
    "Personnummer",
    "Roll",
    "Start",
    "Slut",
    "Tjänstgörande",
    "Förlorad arbetsinkomst (kr)",
    "Körda km",
    "Kommentar",
];

#[test]
fn an_attendance_list_with_real_cells_of_every_kind() {
    let desk = desk();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let clock = Format::new().set_num_format("hh:mm");
    let path = desk.workbook(|sheet| {
        sheet.write_row(0, 0, LIST).unwrap();
        sheet.write_with_format(1, 0, ExcelDateTime::from_ymd(2026, 10, 14).unwrap(), &date).unwrap();
        sheet.write(1, 1, "Kommunstyrelsen").unwrap();
        sheet.write(1, 2, " Anna\u{a0}Öberg ").unwrap();
        sheet.write(1, 3, 8_001_019_804_i64).unwrap();
        sheet.write(1, 4, "1:e vice ordf").unwrap();
        sheet.write_with_format(1, 5, ExcelDateTime::from_hms(13, 0, 0).unwrap(), &clock).unwrap();
        sheet.write(1, 6, 0.687_500_000_01).unwrap();
        sheet.write(1, 7, true).unwrap();
        sheet.write(1, 8, 1234.5).unwrap();
        sheet.write(1, 9, 34).unwrap();
        sheet.write(1, 10, "läses inte").unwrap();
    });
    let (sheets, rows) = desk.read(&path);
    assert_eq!(sheets[0].kind, Some(SheetKind::Narvaro));
    assert_eq!((&sheets[0].problem, sheets[0].unknown_columns.len()), (&None, 0));
    let row = narvaro(&rows[0][0]);
    assert_eq!(problems(&rows[0][0]), [""; 0]);
    assert_eq!(rows[0][0].row, 2);
    assert_eq!((row.meeting.day, row.meeting.organ.as_deref()), (Some(day("2026-10-14")), Some("Kommunstyrelsen")));
    assert_eq!(row.person.namn.as_deref(), Some("Anna Öberg"));
    assert_eq!(row.person.personnummer.as_ref().unwrap().twelve_digits(), "198001019804");
    assert_eq!(row.roll, Given::Is(Roll::Ledamot));
    assert_eq!(row.hours, Given::Is(vec![(at("13:00"), at("16:30"))]));
    assert_eq!(row.tjanstgorande, Given::Is(true));
    assert_eq!(row.forlorad, Given::Is(Ore(123_450)));
    assert_eq!(row.km, Given::Is(34.into()));
    assert_eq!((&row.own, &row.breaks, &row.distans), (&Given::Absent, &Given::Absent, &Given::Absent));
}

#[test]
fn who_adjusts_the_minutes_is_said_in_a_column_of_its_own() {
    let desk = desk();
    let header = ["Datum", "Organ", "Namn", "Start", "Slut", "Tjänstgörande", "Justerare"];
    let row = |adjusts: &'static str| ["2026-10-14", "KS", "Anna Öberg", "13.00", "15.00", "ja", adjusts];
    let rows = desk.rows(&header, &[&row("ja"), &row("nej"), &row("")]);
    let read: Vec<Given<bool>> = rows.iter().map(|row| narvaro(row).justerare.clone()).collect();
    assert_eq!(read, [Given::Is(true), Given::Is(false), Given::Blank]);
}

#[test]
fn the_same_list_as_text() {
    let desk = desk();
    let header = [
        "Sammanträdes-\ndatum",
        "NÄMND",
        "Vem",
        "Pnr",
        "Uppdrag",
        "Från",
        "Till",
        "Tjg",
        "Närvarande från",
        "till",
        "Ajournering",
        "Körda km (mil)",
        "§§",
        "Slag (§ 2)",
    ];
    let rows = desk.rows(
        &header,
        &[
            &[
                "14 oktober 2026",
                "KS",
                "Anna Öberg",
                "800101-9804",
                "tjg ers.",
                "kl. 13.00-16.30",
                "",
                "x",
                "13.30",
                "15.00",
                "14.10-14.25, 15-15.10",
                "3,4",
                "§§ 45-52, 55",
                "k",
            ],
            &[
                "14/10 2026",
                "KS",
                "Bo Ek",
                "",
                "ledamot",
                "13.00-15.00, 15.20-16.30",
                "16.30",
                "nej",
                "13-14, 15-16",
                "",
                "-",
                "34 km",
                "",
                "Kurs",
            ],
            &["261014", "KS", "", "8001019804", "", "", "", "", "", "", "", "", "", ""],
        ],
    );
    assert_eq!(rows.iter().flat_map(problems).collect::<Vec<_>>(), [""; 0]);
    let first = narvaro(&rows[0]);
    assert_eq!(first.meeting.day, Some(day("2026-10-14")));
    assert_eq!(first.roll, Given::Is(Roll::Ersattare));
    assert_eq!(first.hours, Given::Is(vec![(at("13:00"), at("16:30"))]));
    assert_eq!(first.own, Given::Is(vec![(Some(at("13:30")), Some(at("15:00")))]));
    assert_eq!(first.breaks, Given::Is(vec![(at("14:10"), at("14:25")), (at("15:00"), at("15:10"))]));
    assert_eq!((&first.km, &first.slag), (&Given::Is(34.into()), &Given::Is(Slag::Gruppledarmote)));
    assert_eq!(first.paragrafer, Given::Is("§§ 45-52, 55".to_owned()));
    let second = narvaro(&rows[1]);
    assert_eq!(second.hours, Given::Is(vec![(at("13:00"), at("15:00")), (at("15:20"), at("16:30"))]));
    assert_eq!(
        second.own,
        Given::Is(vec![(Some(at("13:00")), Some(at("14:00"))), (Some(at("15:00")), Some(at("16:00")))])
    );
    assert_eq!((&second.breaks, &second.km), (&Given::Blank, &Given::Is(34.into())));
    let third = narvaro(&rows[2]);
    assert_eq!(
        (&third.hours, &third.own, &third.roll, &third.km),
        (&Given::Blank, &Given::Blank, &Given::Blank, &Given::Blank)
    );
}

#[test]
fn what_is_wrong_in_a_row_is_said_with_its_cell_and_what_to_write() {
    let desk = desk();
    let rows = desk.rows(
        &["Datum", "Organ", "Personnummer", "Start", "Slut", "Tjänstgörande", "Förlorad arbetsinkomst", "Slag"],
        &[
            &["31 september 2026", "KS", "800101-9803", "13.00", "16.30", "ja", "", ""],
            &["2026-10-14", "", "", "13.00", "", "kanske", "-5", ""],
            &["2026-10-14", "KS", "800101-9804", "22.00", "24.00", "", "1.234", "fika"],
            &["2026-10-14", "KS", "800101-9804", "22.00", "01.30", "", "", ""],
        ],
    );
    assert_eq!(
        problems(&rows[0]),
        [
            "A2: Datumet 31 september 2026 finns inte. Skriv ett datum som finns, till exempel 2026-09-30.",
            "C2: Personnumret har fel kontrollsiffra. Skriv numret som ÅÅÅÅMMDD-NNNN och formatera cellen som text.",
        ]
    );
    assert_eq!(
        problems(&rows[1]),
        [
            "B3: Organ saknas. Skriv organets namn eller förkortning.",
            "C3: Raden säger inte vem den gäller. Skriv personnummer som ÅÅÅÅMMDD-NNNN, eller namn.",
            "E3: Sluttiden saknas. Skriv när mötet slutade, som 16.30.",
            "F3: ”kanske” är varken ja eller nej. Skriv ja eller nej.",
            "G3: ”-5” är negativt. Skriv ett tal som är noll eller större; en rättelse görs genom att skriva det rätta värdet.",
        ]
    );
    let third = problems(&rows[2]);
    assert!(third[0].starts_with("H4: Slaget ”fika” finns inte. Skriv något av: a sammanträde,"), "{third:?}");
    assert_eq!(
        third[1],
        "E4: ”24.00” är inget klockslag: dygnet slutar 23:59. Skriv 00:00 för midnatt; en sluttid före starttiden räknas till nästa dag."
    );
    assert!(third[2].starts_with("G4: ”1.234” kan betyda både tusental och decimaler."), "{third:?}");
    // The next layer knows that this is the next day.
    assert_eq!(problems(&rows[3]), [""; 0]);
}

#[test]
fn sums_repeated_headers_and_empty_rows_are_no_data() {
    let desk = desk();
    let rows = desk.rows(
        &["Datum", "Organ", "Namn", "Belopp i kassan", "Förlorad arbetsinkomst"],
        &[
            &["2026-10-14", "KS", "Anna Öberg", "", "100"],
            &["", "", "", "", ""],
            &["Summa", "", "", "", "100"],
            &["Datum", "Organ", "Namn", "Belopp i kassan", "Förlorad arbetsinkomst"],
            &["", "", "", "bara här", ""],
            &["2026-10-14", "Totalförsvarsrådet", "Bo Ek", "", ""],
        ],
    );
    let seen: Vec<(u32, String)> = rows
        .iter()
        .map(|row| match &row.content {
            RowContent::Ignored(rule) => (row.row, (*rule).to_owned()),
            _ => (row.row, narvaro(row).person.namn.clone().unwrap()),
        })
        .collect();
    let expect = [(2, "Anna Öberg"), (4, "summarad"), (5, "upprepad rubrik"), (6, "tom rad"), (7, "Bo Ek")];
    assert_eq!(seen, expect.map(|(row, what)| (row, what.to_owned())));
}

#[test]
fn claims_with_every_field() {
    let desk = desk();
    let header = [
        "Inkom",
        "Möte",
        "Personnummer",
        "Slag",
        "Tid från",
        "till",
        "Timmar",
        "Restid min",
        "Förberedelse min",
        "Särskild ledighet min",
        "Belopp",
        "Km",
        "Resa från",
        "Resa till",
        "Avresa",
        "Hemkomst",
        "Barnets födelseår",
        "Måltider",
        "Egen logi",
        "Vårdgivare närstående",
        "Kommunal barnomsorg",
        "Pensionstillfälle",
        "Underlag",
        "Styrkt",
        "Beslut",
        "Återtagen",
        "Motivering",
    ];
    let rows = desk.rows(
        &header,
        &[
            &[
                "2026-11-03",
                "KS-14",
                "800101-9804",
                "förlorad arbetsinkomst § 3",
                "13.00",
                "16.30",
                "3,5",
                "45",
                "1:30",
                "0",
                "1 234,50 kr",
                "34",
                "Nora",
                "Örebro",
                "7.30",
                "2026-10-15 18.10",
                "2018",
                "lunch",
                "2",
                "nej",
                "08.00-11.30",
                "2026-03",
                "2026/77",
                "ja",
                "AU § 5",
                "nej",
                "skift",
            ],
            &["", "KS-14", "800101-9804", "återtagen"],
            &["", "", "800101-9804", "fika", "16.30"],
        ],
    );
    assert_eq!(problems(&rows[0]), [""; 0]);
    let first = claim(&rows[0]);
    assert_eq!((first.slag, first.takes_back_all), (Some(ClaimKind::ForloradArbetsinkomst), false));
    assert_eq!((first.meeting.external.as_deref(), &first.inkom), (Some("KS-14"), &Given::Is(day("2026-11-03"))));
    assert_eq!(first.tid, Given::Is((at("13:00"), at("16:30"))));
    assert_eq!(
        (first.timmar.clone().value().unwrap().to_string(), &first.restid_minutes),
        ("3.5".to_owned(), &Given::Is(45))
    );
    assert_eq!((&first.forberedelse_minutes, &first.ledighet_minutes), (&Given::Is(90), &Given::Is(0)));
    assert_eq!((&first.belopp, &first.km), (&Given::Is(Ore(123_450)), &Given::Is(34.into())));
    let on = |day: Option<Day>, clock: &str| Given::Is(Moment { day, clock: at(clock) });
    assert_eq!((&first.avresa, &first.hemkomst), (&on(None, "07:30"), &on(Some(day("2026-10-15")), "18:10")));
    assert_eq!((&first.barn_fott, &first.maltider), (&Given::Is(2018), &Given::Is(vec![Maltid::Lunch])));
    assert_eq!((&first.egen_logi_nights, &first.narstaende), (&Given::Is(2), &Given::Is(false)));
    assert_eq!(first.barnomsorg, Given::Is(Barnomsorg::Tider(vec![(at("08:00"), at("11:30"))])));
    assert_eq!(first.pensionstillfalle, Given::Is(day("2026-03-31")));
    assert_eq!((&first.styrkt, &first.atertagen), (&Given::Is(true), &Given::Is(false)));
    let second = claim(&rows[1]);
    assert_eq!((second.slag, second.takes_back_all, &second.inkom), (None, true, &Given::Blank));
    assert_eq!(problems(&rows[1]), [""; 0]);
    let cells: Vec<&str> = rows[2].problems.iter().map(|problem| problem.cell.as_str()).collect();
    assert_eq!(cells, ["B4", "D4", "F4"]);
}

#[test]
fn the_registers() {
    let desk = desk();
    let persons = desk.rows(
        &[
            "Personnummer",
            "Efternamn",
            "Förnamn",
            "Anställningsnummer",
            "E-post",
            "Avstånd (mil)",
            "Tjänsteställe i hemmet",
            "Genomgång",
        ],
        &[&["800101-9804", "Öberg", "Anna", "100001", "anna@example.se", "1,2", "ja", "2026-11-01"], &["", "Ek", "Bo"]],
    );
    let RowContent::Person(person) = &persons[0].content else { panic!() };
    assert_eq!((&person.efternamn, &person.anstid), (&Given::Is("Öberg".to_owned()), &Given::Is("100001".to_owned())));
    assert_eq!((&person.avstand_km, &person.genomgang), (&Given::Is(12.into()), &Given::Is(day("2026-11-01"))));
    assert_eq!((&person.tjanstestalle_hemmet, &person.organ), (&Given::Is(true), &Given::Absent));
    assert_eq!(problems(&persons[1]), ["A3: Personnummer saknas. Skriv numret som ÅÅÅÅMMDD-NNNN."]);

    let uppdrag = desk.rows(
        &["Personnummer", "Organ", "Uppdrag", "Från", "Till", "Sysselsättningsgrad", "Arvodesnyckel", "Platser"],
        &[
            &["800101-9804", "KS", "ordförande", "2026-01-01", "", "40 %", "ks-ordforande", "1"],
            &["800101-9804", "KS", "ledamot", ""],
        ],
    );
    let RowContent::Uppdrag(holding) = &uppdrag[0].content else { panic!() };
    assert_eq!((&holding.grad, &holding.platser, &holding.to), (&Given::Is(40.into()), &Given::Is(1), &Given::Blank));
    assert_eq!((&holding.nyckel, &holding.beslut), (&Given::Is("ks-ordforande".to_owned()), &Given::Absent));
    assert_eq!(problems(&uppdrag[1]), ["D3: Första dagen saknas. Skriv den första dagen, som 2026-01-01."]);

    let incomes = desk.rows(
        &["Personnummer", "Från", "Slag", "Timlön", "SGI"],
        &[&["800101-9804", "2026-01-01", "anställd", "230:-", "380 000"]],
    );
    let RowContent::Income(income) = &incomes[0].content else { panic!() };
    assert_eq!(
        (&income.timlon, &income.sgi, &income.intyg),
        (&Given::Is(Ore(23_000)), &Given::Is(Ore(38_000_000)), &Given::Absent)
    );

    let absences = desk.rows(
        &["Personnummer", "Från", "Till", "Slag", "Omfattning"],
        &[&["800101-9804", "2026-07-10", "", "semester", "50"], &["800101-9804", "2026-07-10", "", "sjuk"]],
    );
    let RowContent::Absence(absence) = &absences[0].content else { panic!() };
    assert_eq!((absence.slag, absence.from), (Some(AbsenceKind::SomSemester), Some(day("2026-07-10"))));
    let answer = problems(&absences[1]).concat();
    assert!(answer.starts_with("D3: Slaget av frånvaro finns inte.") && !answer.contains("sjuk"), "{answer}");
}

#[test]
fn claims_of_costs_with_real_and_messy_cells() {
    let desk = desk();
    let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let header = [
        "Möte",
        "Pnr",
        "Slag",
        "Avresa",
        "Hemkomst",
        "Måltider",
        "Nätter egen logi",
        "Barnets födelseår",
        "Vårdgivare närstående",
        "Kommunal barnomsorg",
        "Pensionstillfälle",
    ];
    let path = desk.workbook(|sheet| {
        sheet.write_row(0, 0, header).unwrap();
        let words = ["KS-14", "800101-9804", "resa"];
        for row in 1..4 {
            sheet.write_row(row, 0, words).unwrap();
        }
        let left = ExcelDateTime::from_ymd(2026, 3, 4).unwrap().and_hms(7, 30, 0).unwrap();
        sheet.write_with_format(1, 3, &left, &moment).unwrap();
        sheet.write(1, 4, 0.75).unwrap();
        sheet.write(1, 5, "2 x lunch och middag").unwrap();
        sheet.write(1, 6, 3).unwrap();
        sheet.write(1, 7, 2016).unwrap();
        sheet.write(1, 8, true).unwrap();
        sheet.write(1, 9, "ja").unwrap();
        sheet.write(1, 10, 2026).unwrap();
        let midnight = ExcelDateTime::from_ymd(2026, 3, 4).unwrap();
        sheet.write_with_format(2, 3, &midnight, &moment).unwrap();
        sheet.write(2, 4, "hemma igen").unwrap();
        sheet.write(2, 5, "fika").unwrap();
        sheet.write(2, 6, 1.5).unwrap();
        sheet.write(2, 7, 2099).unwrap();
        sheet.write(2, 8, "kanske").unwrap();
        sheet.write(2, 9, "förmiddag").unwrap();
        sheet.write(2, 10, "våren").unwrap();
    });
    let rows = desk.read(&path).1.remove(0);
    assert_eq!(problems(&rows[0]), [""; 0]);
    let first = claim(&rows[0]);
    assert_eq!(first.avresa, Given::Is(Moment { day: Some(day("2026-03-04")), clock: at("07:30") }));
    assert_eq!(first.hemkomst, Given::Is(Moment { day: None, clock: at("18:00") }));
    assert_eq!(first.maltider, Given::Is(vec![Maltid::Lunch, Maltid::Lunch, Maltid::Middag]));
    assert_eq!((&first.egen_logi_nights, &first.barn_fott), (&Given::Is(3), &Given::Is(2016)));
    assert_eq!((&first.narstaende, &first.barnomsorg), (&Given::Is(true), &Given::Is(Barnomsorg::HelaTiden)));
    assert_eq!(first.pensionstillfalle, Given::Is(day("2026-12-31")));
    let cells: Vec<&str> = rows[1].problems.iter().map(|problem| problem.cell.as_str()).collect();
    assert_eq!(cells, ["D3", "E3", "F3", "G3", "H3", "I3", "J3", "K3"]);
    assert!(rows[1].problems.iter().all(|problem| problem.instead.starts_with("Skriv ")));
    let third = claim(&rows[2]);
    assert_eq!((&third.avresa, &third.maltider), (&Given::Blank, &Given::Blank));
    assert_eq!((&third.barnomsorg, &third.barn_fott), (&Given::Blank, &Given::Blank));
}

#[test]
fn shares_of_an_income_in_every_form() {
    let desk = desk();
    let per_cent = Format::new().set_num_format("0.0%");
    let path = desk.workbook(|sheet| {
        sheet.write_row(0, 0, ["Personnummer", "Slag", "Semester %", "Pension %"]).unwrap();
        for row in 1..5 {
            sheet.write(row, 0, "800101-9804").unwrap();
        }
        sheet.write(1, 1, "Egenföretagare").unwrap();
        sheet.write_with_format(1, 2, 0.12, &per_cent).unwrap();
        sheet.write(1, 3, "4,5 %").unwrap();
        sheet.write(2, 2, 12).unwrap();
        sheet.write(2, 3, 0).unwrap();
        sheet.write(3, 2, 0.12).unwrap();
        sheet.write(3, 3, 101).unwrap();
        sheet.write(4, 1, "frilans").unwrap();
    });
    let rows = desk.read(&path).1.remove(0);
    let income = |at: usize| {
        let RowContent::Income(income) = &rows[at].content else { panic!("{:?}", rows[at]) };
        (income.slag.clone(), income.semester_percent.clone(), income.pension_percent.clone())
    };
    let exactly = |text: &str| Given::Is(text.parse().unwrap());
    assert_eq!(income(0), (Given::Is("egen företagare".to_owned()), exactly("12"), exactly("4.5")));
    assert_eq!(income(1), (Given::Blank, exactly("12"), exactly("0")));
    assert_eq!(
        problems(&rows[2]),
        [
            "C4: ”0,12” kan betyda två olika procenttal. Skriv procenttalet med procenttecken, som 12 % eller 0,5 %.",
            "D4: ”101” är mer än 100 procent. Skriv procent från 0 till 100, som 12."
        ]
    );
    assert_eq!(
        problems(&rows[3]),
        ["B5: Slaget ”frilans” finns inte. Skriv något av: anställd, egen företagare, sjukpenning."]
    );
}

#[test]
fn payments_as_payroll_writes_them_out() {
    let desk = desk();
    let path = desk.workbook(|sheet| {
        let day = Format::new().set_num_format("yyyy-mm-dd");
        let month = Format::new().set_num_format("mmm yyyy");
        let header = [
            "Lönemånad",
            "Anst.nr",
            "Löneart",
            "Dag",
            "Möte",
            "Antal",
            "À-pris",
            "Belopp (kr)",
            "Status",
            "Anledning",
            "Körning",
            "Postid",
        ];
        sheet.write_row(0, 0, header).unwrap();
        let date = |year, month, day| ExcelDateTime::from_ymd(year, month, day).unwrap();
        sheet.write_with_format(1, 0, date(2026, 10, 1), &month).unwrap();
        sheet.write_with_format(1, 3, date(2026, 9, 9), &day).unwrap();
        for (column, number) in [(1, 1001.0), (2, 1648.0), (5, -1.5), (6, 206.0), (7, -309.0), (11, 3.0)] {
            sheet.write(1, column, number).unwrap();
        }
        for (column, text) in [(4, "KS 2026-09-09"), (8, "Avvisat"), (9, "saknar konto"), (10, "2026-10/1")] {
            sheet.write(1, column, text).unwrap();
        }
        sheet.write_row(2, 0, ["sep 2026", "0042", "1647", "", "KS 2026/12", "2", "412,5 kr", "", "ok"]).unwrap();
        sheet.write_row(3, 0, ["sep 2026", "", "1647", "", "", "1", "412", "", "ok"]).unwrap();
        sheet.write_row(4, 0, ["sep 2026", "1001", "1647", "", "", "1", "", "", "ingående", "", "", "3"]).unwrap();
    });
    let rows = desk.read(&path).1.remove(0);
    let paid = |at: usize| {
        let RowContent::Utbetalt(paid) = &rows[at].content else { panic!("{:?}", rows[at]) };
        paid
    };
    let october = UtbetaltRow {
        payout: Some("2026-10".parse().unwrap()),
        anstid: Some("1001".to_owned()),
        lonart: Some("1648".to_owned()),
        day: Some(day("2026-09-09")),
        meeting: Some(MeetingName {
            text: "KS 2026-09-09".to_owned(),
            dated: Some(("KS".to_owned(), day("2026-09-09"))),
        }),
        antal: Some("-1.5".parse().unwrap()),
        apris: Some("206".parse().unwrap()),
        belopp: Some(Ore(-30_900)),
        status: Some(Betalning::Avvisad),
        orsak: Some("saknar konto".to_owned()),
        row: Some(("2026-10/1".parse().unwrap(), 3)),
        ..UtbetaltRow::default()
    };
    assert_eq!((paid(0).as_ref(), problems(&rows[0])), (&october, Vec::<String>::new()));
    let by_product = paid(1);
    assert_eq!((by_product.anstid.as_deref(), by_product.belopp), (Some("0042"), Some(Ore(82_500))));
    assert_eq!(by_product.meeting.as_ref().map(|meeting| meeting.dated.is_none()), Some(true));
    assert_eq!(
        problems(&rows[2]),
        ["B4: Raden säger inte vem den gäller. Skriv anställningsnummer, eller personnummer som ÅÅÅÅMMDD-NNNN."]
    );
    assert_eq!(
        problems(&rows[3]),
        [
            "H5: Beloppet saknas. Skriv Belopp, eller både Antal och A-pris.",
            "K5: Körning och Rad hör ihop. Fyll i båda, som 2026-11/1 och 3, eller ingen."
        ]
    );
}

#[test]
fn jour_with_and_without_active_duty() {
    let desk = desk();
    let header = ["Personnummer", "Från", "Till", "För", "Aktiv från", "till"];
    let who = "800101-9804";
    let rows = desk.rows(
        &header,
        &[
            &[who, "2026-03-06", "2026-03-08", "BSU ordförande"],
            &[who, "2026-03-07", "", "BSU", "18.00", "19.30"],
            &[who, "2026-03-07", "", "BSU", "18.00-19.30, 22.00-23.15"],
            &["", "", "", "", "18.00"],
            &[who, "2026-03-07", "", "BSU", "18.00-19.30", "20.00"],
            &[who, "2026-03-07", "", "BSU", "18.00", "18.00"],
        ],
    );
    let jour = |at: usize| {
        let RowContent::Jour(jour) = &rows[at].content else { panic!("{:?}", rows[at]) };
        jour
    };
    assert_eq!((jour(0).from, jour(0).to), (Some(day("2026-03-06")), Some(day("2026-03-08"))));
    assert_eq!((jour(0).organ.as_deref(), &jour(0).active), (Some("BSU ordförande"), &Given::Blank));
    assert_eq!((jour(1).to, &jour(1).active), (None, &Given::Is(vec![(at("18:00"), at("19:30"))])));
    let twice = vec![(at("18:00"), at("19:30")), (at("22:00"), at("23:15"))];
    assert_eq!(jour(2).active, Given::Is(twice));
    let cells = |at: usize| rows[at].problems.iter().map(|problem| problem.cell.clone()).collect::<Vec<_>>();
    assert_eq!(cells(3), ["A5", "B5", "D5", "E5"]);
    assert_eq!((cells(4), cells(5)), (vec!["E6".to_owned()], vec!["E7".to_owned()]));
    let by_name = desk.rows(&["Namn", "Från", "För"], &[&["Anna Öberg", "2026-03-06", "BSU"]]);
    assert_eq!(problems(&by_name[0]), [""; 0]);
    let RowContent::Jour(named) = &by_name[0].content else { panic!("{by_name:?}") };
    assert_eq!((named.person.namn.as_deref(), &named.active), (Some("Anna Öberg"), &Given::Absent));
}

#[test]
fn decisions_say_what_they_are_about() {
    let desk = desk();
    let header = ["Dnr", "Beslutsdatum", "Organ", "Gäller", "Innebörd", "Från"];
    let rows = desk.rows(
        &header,
        &[
            &["2026/7", "2026-03-10", "AU", "§ 15; Anna Öberg, KS 2026-03-04", "Bifall: särskilda skäl", "2026-03-01"],
            &["2026/8", "2026-03-10", "", "19800101-9804, barntillsyn, särskilda skäl", "avslag"],
            &["", "i går", "", "§ 91", "nja"],
            &["2026/9", "2026-03-10", "", "19800101-9805", "bifall"],
        ],
    );
    let beslut = |at: usize| {
        let RowContent::Beslut(beslut) = &rows[at].content else { panic!("{:?}", rows[at]) };
        beslut
    };
    let parts = [
        BeslutPart::Paragraph("§ 15".to_owned()),
        BeslutPart::Named("Anna Öberg".to_owned()),
        BeslutPart::Dated("KS 2026-03-04".to_owned(), "KS".to_owned(), day("2026-03-04")),
    ];
    assert_eq!((beslut(0).about.as_slice(), beslut(0).utfall), (&parts[..], Some(Utfall::Bifall)));
    assert_eq!(beslut(0).innebord.as_deref(), Some("Bifall: särskilda skäl"));
    assert_eq!((&beslut(0).from, &beslut(0).to), (&Given::Is(day("2026-03-01")), &Given::Absent));
    assert!(matches!(beslut(1).about.as_slice(), [BeslutPart::Number(_), BeslutPart::Slag(ClaimKind::Barntillsyn)]));
    assert_eq!((beslut(1).utfall, &beslut(1).organ), (Some(Utfall::Avslag), &Given::Blank));
    let cells: Vec<&str> = rows[2].problems.iter().map(|problem| problem.cell.as_str()).collect();
    assert_eq!(cells, ["A4", "B4", "D4", "E4"]);
    let number = problems(&rows[3]).concat();
    assert!(number.starts_with("D5: Personnumret har fel kontrollsiffra.") && !number.contains("9805"), "{number}");
}

#[test]
fn sheets_that_cannot_be_used_are_named_and_the_others_go_on() {
    let desk = desk();
    let mut workbook = Workbook::new();
    let list = workbook.add_worksheet().set_name("Lista").unwrap();
    list.write_row(4, 1, ["Datum", "Organ", "Namn", "Favoritfärg"]).unwrap();
    list.write_row(5, 1, ["2026-10-14", "KS", "Anna Öberg", "blå"]).unwrap();
    list.write(0, 0, "Närvarolista").unwrap();
    list.write_row(1, 0, ["Hela listan", "ja"]).unwrap();
    list.write(2, 0, "Inkom: 2026-11-03").unwrap();
    workbook.add_worksheet().set_name("Tomt").unwrap();
    let hidden = workbook.add_worksheet().set_name("Gömt").unwrap();
    hidden.write_row(0, 0, ["Datum", "Organ", "Namn"]).unwrap();
    hidden.set_hidden(true);
    workbook.add_worksheet().set_name("Fika").unwrap().write_row(0, 0, ["Bullar", "Kaffe"]).unwrap();
    workbook
        .add_worksheet()
        .set_name("Utan organ")
        .unwrap()
        .write_row(0, 0, ["Datum", "Namn", "Start", "Slut", "Tjg"])
        .unwrap();
    workbook
        .add_worksheet()
        .set_name("Inköp")
        .unwrap()
        .write_row(0, 0, ["Datum", "Post", "Belopp", "Syfte", "Inköpare", "Avtal", "Person"])
        .unwrap();
    let path = desk.path("blad.xlsx");
    workbook.save(&path).unwrap();
    let (sheets, rows) = desk.read(&path);
    assert_eq!((sheets[0].whole_list, sheets[0].inkom), (true, Some(day("2026-11-03"))));
    assert_eq!((sheets[0].unknown_columns.as_slice(), rows[0].len()), (["Favoritfärg".to_owned()].as_slice(), 1));
    let said = |sheet: usize| {
        sheets[sheet].problem.as_ref().map(|problem| format!("{}: {} {}", problem.cell, problem.wrong, problem.instead))
    };
    assert_eq!((said(0), said(1), sheets[1].kind), (None, None, None));
    assert_eq!((said(2), sheets[2].hidden, sheets[2].kind, rows[2].len()), (None, true, None, 0));
    assert!(said(3).unwrap().starts_with("Fika: Bladets första 30 rader har inga rubriker"));
    assert_eq!(
        said(4).unwrap(),
        "Utan organ, rad 1: Bladet ser ut som Närvaro men saknar kolumnen ”Möte” eller ”Organ”. Lägg till ”Möte” eller ”Organ” i rubrikraden (rad 1) och fyll i den."
    );
    assert!(said(5).unwrap().starts_with("Inköp: Bladet ser ut som formuläret Kostnader,"));
}

#[test]
fn formulas_errors_dates_by_1904_and_per_cent() {
    let desk = desk();
    let row = |cells: String| format!("<row r=\"2\">{cells}</row>");
    let header: String = ["Datum", "Organ", "Namn", "Start", "Slut"]
        .iter()
        .zip('A'..)
        .map(|(name, letter)| text_cell(&format!("{letter}1"), name))
        .collect();
    let sheet = |cells: String| sheet_xml(&format!("<row r=\"1\">{header}</row>{}", row(cells)));
    let cells = |start: &str, slut: &str| {
        format!("{}{}{}{start}{slut}", text_cell("A2", "2026-10-14"), text_cell("B2", "KS"), text_cell("C2", "Anna"))
    };
    let path = desk.path("formel.xlsx");
    let read = |start: &str, slut: &str| {
        fs::write(&path, by_hand(&sheet(cells(start, slut)), &[])).unwrap();
        desk.read(&path).1.remove(0).remove(0)
    };
    let found = read("<c r=\"D2\"><f>B9</f></c>", "<c r=\"E2\" t=\"e\"><v>#N/A</v></c>");
    assert_eq!(
        problems(&found),
        [
            "D2: Cellens formel saknar uträknat värde. Öppna filen i Excel, spara den och skicka den igen, eller skriv värdet i stället för formeln.",
            "E2: Cellen visar felet #N/A. Rätta formeln, eller skriv värdet i stället för formeln.",
        ]
    );
    let found = read("<c r=\"D2\"><f>0.5</f><v>0.5</v></c>", "<c r=\"E2\" t=\"str\"><f>\"16.30\"</f><v>16.30</v></c>");
    assert_eq!(narvaro(&found).hours, Given::Is(vec![(at("12:00"), at("16:30"))]));

    let styles =
        "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"9\"/></cellXfs></styleSheet>";
    let sheet = sheet_xml(&format!(
        "<row r=\"1\">{}{}{}{}{}</row><row r=\"2\">{}{}{}<c r=\"D2\" s=\"1\"><v>44847</v></c><c r=\"E2\" s=\"2\"><v>1</v></c></row>",
        text_cell("A1", "Personnummer"),
        text_cell("B1", "Organ"),
        text_cell("C1", "Uppdrag"),
        text_cell("D1", "Från"),
        text_cell("E1", "Sysselsättningsgrad"),
        text_cell("A2", "800101-9804"),
        text_cell("B2", "KS"),
        text_cell("C2", "ordförande"),
    ));
    let content = by_hand(&sheet, &[("xl/styles.xml", styles)]);
    let mut archived = zip::ZipArchive::new(std::io::Cursor::new(content)).unwrap();
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    for index in 0..archived.len() {
        let mut part = archived.by_index(index).unwrap();
        let mut content = Vec::new();
        std::io::copy(&mut part, &mut content).unwrap();
        let name = part.name().unwrap().into_owned();
        if name == "xl/workbook.xml" {
            content = String::from_utf8(content)
                .unwrap()
                .replace("<sheets>", "<workbookPr date1904=\"1\"/><sheets>")
                .into_bytes();
        }
        parts.push((name, content));
    }
    fs::write(
        &path,
        archive(&parts.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect::<Vec<_>>()),
    )
    .unwrap();
    let rows = desk.read(&path).1.remove(0);
    let RowContent::Uppdrag(holding) = &rows[0].content else { panic!() };
    assert_eq!((holding.from, &holding.grad), (Some(day("2026-10-14")), &Given::Is(100.into())));
}

#[test]
fn a_formula_that_excel_has_calculated_counts_by_its_value() {
    let desk = desk();
    let path = desk.workbook(|sheet| {
        sheet.write_row(0, 0, ["Datum", "Organ", "Namn", "Förlorad arbetsinkomst"]).unwrap();
        sheet.write_row(1, 0, ["2026-10-14", "KS", "Anna"]).unwrap();
        sheet.write(1, 3, Formula::new("=100+200").set_result("300")).unwrap();
    });
    assert_eq!(narvaro(&desk.read(&path).1[0][0]).forlorad, Given::Is(Ore(30_000)));
}

#[test]
fn an_empty_workbook_is_read_and_says_nothing() {
    let desk = desk();
    let path = desk.workbook(|_| {});
    let (sheets, rows) = desk.read(&path);
    assert_eq!((sheets.len(), sheets[0].kind, sheets[0].problem.clone(), rows[0].len()), (1, None, None, 0));
}

#[test]
fn two_cells_at_the_corners_of_a_sheet_cost_nothing() {
    let desk = desk();
    let path = desk.workbook(|sheet| {
        sheet.write(0, 0, "a").unwrap();
        sheet.write(1_048_575, 16_383, "b").unwrap();
    });
    assert!(desk.read(&path).0[0].problem.is_some());
}

#[test]
fn files_that_are_no_workbook_are_refused_in_words() {
    let desk = desk();
    let good = fs::read(desk.workbook(|sheet| {
        sheet.write_row(0, 0, LIST).unwrap();
    }))
    .unwrap();
    let mut ole = vec![0_u8; 2048];
    ole[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    let blank_parts = vec![b' '; 32 << 20];
    let cases: [(Vec<u8>, &str); 12] = [
        (Vec::new(), "Filen är tom"),
        (b"<html><table><tr><td>Datum</td></tr></table>".to_vec(), "webbsida"),
        (good[..good.len() / 2].to_vec(), "inte hel"),
        (good[..good.len() - 1].to_vec(), "inte hel"),
        (ole, "lösenord eller"),
        (archive(&[("xl/workbook.xml", &blank_parts)]), "200 gånger"),
        (by_hand("<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>1</v>", &[]), "skadad"),
        (by_hand(&sheet_xml("<row r=\"1\"><c r=\"ZZZZZZZZZZZZ99999999999999\"><v>1</v></c></row>"), &[]), "skadad"),
        (
            by_hand(
                &sheet_xml("<row r=\"9\"><c r=\"A9\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c></row>"),
                &[],
            ),
            "fel ordning",
        ),
        (by_hand(&sheet_xml("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>7</v></c></row>"), &[]), "skadad"),
        (by_hand("\u{feff}\0w\0o\0r\0k", &[]), "skadad"),
        (
            by_hand(
                "<!DOCTYPE a [<!ENTITY b \"c\">]><worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"str\"><v>&b;</v></c></row></sheetData></worksheet>",
                &[],
            ),
            "DOCTYPE",
        ),
    ];
    for (content, expect) in cases {
        let refused = desk.refused_content(&content);
        assert!(refused.wrong.contains(expect), "{refused:?} / {expect}");
        assert!(!refused.temporary && !refused.instead.is_empty(), "{refused:?}");
    }
}

#[test]
fn links_folders_pipes_and_other_kinds_of_file_are_refused() {
    let desk = desk();
    let path = desk.workbook(|_| {});
    let link = desk.path("lank.xlsx");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let folder = desk.path("mapp.xlsx");
    fs::create_dir(&folder).unwrap();
    let pipe = desk.path("ror.xlsx");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    for path in [link, folder, pipe] {
        assert!(desk.refused(&path).wrong.contains("ingen vanlig fil"), "{}", path.display());
    }
    assert!(desk.refused(&desk.path("saknas.xlsx")).wrong.contains("finns inte"));
    assert!(desk.refused(&desk.path("lista.ods")).instead.contains(".xlsx"));
}

#[test]
fn a_list_as_text_says_what_the_same_list_says_as_a_workbook() {
    let desk = desk();
    let cells = [
        &[
            "2026-10-14",
            "KS",
            "Åsa Öberg",
            "19800101-9804",
            "",
            "13.00",
            "16.30",
            "ja",
            "1 234,50",
            "34,5",
            "sen, \"buss\"",
        ][..],
        &["14/10 2026", "KS", "Bo Ek", "", "", "13", "kl. 15", "nej", "500", "", ""],
    ];
    let expected = desk.rows(&LIST, &cells);
    let quoted = |cell: &&str| format!("\"{}\"", cell.replace('"', "\"\""));
    let lines = |separator: &str, end: &str| {
        let line = |cells: &[&str]| cells.iter().map(quoted).collect::<Vec<_>>().join(separator) + end;
        format!("{}{}{}", line(&LIST), line(cells[0]), line(cells[1]))
    };
    let in_1252 = |text: &str| encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let in_utf16 =
        |text: &str| [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let files: [(Vec<u8>, &str); 5] = [
        (lines(";", "\n").into_bytes(), "läst som text i UTF-8, avskiljare semikolon, decimaltecken komma"),
        (in_1252(&lines(";", "\r\n")), "läst som text i Windows-1252, avskiljare semikolon, decimaltecken komma"),
        (
            format!("\u{feff}{}", lines(",", "\r\n")).into(),
            "läst som text i UTF-8, avskiljare komma, decimaltecken komma",
        ),
        (in_utf16(&lines("\t", "\r\n")), "läst som text i UTF-16, avskiljare tabb, decimaltecken komma"),
        (
            format!("sep=|\r\n{}", lines("|", "\r")).into(),
            "läst som text i UTF-8, avskiljare lodstreck, decimaltecken komma",
        ),
    ];
    for (content, form) in files {
        let path = desk.path("lista.csv");
        fs::write(&path, content).unwrap();
        let (sheets, rows) = desk.read(&path);
        assert_eq!((rows.len(), sheets[0].read_as.as_deref()), (1, Some(form)));
        assert_eq!(rows[0], expected, "{form}");
    }
}

/// A workbook whose sheet holds so many rows of text.
fn long_workbook(rows: usize) -> Vec<u8> {
    let mut xml = String::from("<worksheet><sheetData>");
    for row in 1..=rows {
        xml.push_str(&format!(
            "<row r=\"{row}\">{}{}</row>",
            text_cell(&format!("A{row}"), &format!("text {row}")),
            text_cell(&format!("B{row}"), "KS")
        ));
    }
    xml.push_str("</sheetData></worksheet>");
    by_hand(&xml, &[])
}

/// How many of our children have ended without anybody waiting for them.
fn zombies() -> usize {
    let own = std::process::id().to_string();
    let statuses =
        fs::read_dir("/proc").unwrap().filter_map(|entry| fs::read_to_string(entry.ok()?.path().join("stat")).ok());
    let is_zombie = |status: &String| {
        let after_name: Vec<&str> = status.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        after_name.starts_with(&["Z", &own])
    };
    statuses.filter(is_zombie).count()
}

#[test]
fn a_child_that_takes_too_much_is_ended_with_a_reason() {
    let desk = desk();
    let refused = |content: &[u8], limits: ChildLimits| {
        let reader = ExcelReader { limits, ..desk.reader.clone() };
        let path = desk.path("lang.xlsx");
        fs::write(&path, content).unwrap();
        reader.read(&path).err().unwrap()
    };
    let roomy = ChildLimits { unpack_ratio: 10_000, memory_bytes: 4 << 30, ..ChildLimits::default() };
    let long = long_workbook(300_000);
    let wall = refused(&long, ChildLimits { wall_ms: 20, ..roomy.clone() });
    assert!(wall.wrong.contains("hann inte läsas") && !wall.temporary, "{wall:?}");
    let spool = refused(&long, ChildLimits { spool_bytes: 1 << 20, ..roomy.clone() });
    assert!(spool.wrong.contains("innehåll är större") && !spool.temporary, "{spool:?}");

    let strings = format!("<sst uniqueCount=\"3000000000\">{}</sst>", "<si><t>a</t></si>");
    let greedy = by_hand(&sheet_xml(""), &[("xl/sharedStrings.xml", &strings)]);
    let memory = refused(&greedy, ChildLimits { memory_bytes: 256 << 20, ..roomy.clone() });
    assert!(memory.wrong.contains("minne") && !memory.temporary, "{memory:?}");

    let endless =
        by_hand(&format!("<worksheet><sheetData>{}</sheetData></worksheet>", "<row></row>".repeat(16 << 20)), &[]);
    let cpu = refused(&endless, ChildLimits { cpu_seconds: 1, wall_ms: 120_000, ..roomy });
    assert!(cpu.wrong.contains("sekunders beräkning") && !cpu.temporary, "{cpu:?}");

    // Children of tests beside this one may be between their end and their wait: only one that stays is a zombie.
    let nobody_stays = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        zombies() == 0
    });
    assert!(nobody_stays);
    let left: Vec<_> = fs::read_dir(desk.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["lang.xlsx"]);
}

#[test]
fn a_program_that_is_not_there_is_a_passing_fault() {
    let desk = desk();
    let path = desk.workbook(|_| {});
    let reader = ExcelReader { program: desk.path("saknas"), ..desk.reader.clone() };
    assert!(reader.read(&path).err().unwrap().temporary);
    let reader = ExcelReader { work_folder: desk.path("saknas"), ..desk.reader.clone() };
    assert!(reader.read(&path).err().unwrap().temporary);
}

#[test]
fn what_the_template_writes_the_reader_reads() {
    let desk = desk();
    let kinds = [
        SheetKind::Personer,
        SheetKind::Uppdrag,
        SheetKind::Inkomstuppgifter,
        SheetKind::Franvaro,
        SheetKind::Narvaro,
        SheetKind::Paragrafer,
        SheetKind::Yrkanden,
        SheetKind::Jour,
        SheetKind::Beslut,
        SheetKind::Avstaende,
        SheetKind::Utbetalt,
    ];
    for kind in kinds {
        let path = desk.path(&format!("mall-{kind:?}.xlsx"));
        write_template(kind, &Lists::default(), &path).unwrap();
        let (sheets, rows) = desk.read(&path);
        let guides: Vec<bool> = sheets.iter().map(|sheet| sheet.is_guide).collect();
        assert_eq!(guides, [false, true, true]);
        assert_eq!(
            (sheets[0].kind, &sheets[0].problem, sheets[0].unknown_columns.len()),
            (Some(kind), &None, 0),
            "{kind:?}"
        );
        assert!(rows[0].is_empty());
        let before = fs::read(&path).unwrap();
        assert!(write_template(kind, &Lists::default(), &path).unwrap_err().contains("finns redan"));
        let again = desk.path("igen.xlsx");
        write_template(kind, &Lists::default(), &again).unwrap();
        assert_eq!(fs::read(&again).unwrap(), before, "{kind:?}");
        fs::remove_file(&again).unwrap();
    }
}

#[test]
fn a_half_copied_file_is_not_whole() {
    let desk = desk();
    let path = desk.workbook(|sheet| {
        sheet.write_row(0, 0, LIST).unwrap();
    });
    let content = fs::read(&path).unwrap();
    let whole = |length: usize| {
        fs::write(desk.path("del.xlsx"), &content[..length]).unwrap();
        arvode::adapters::excel::is_whole(&File::open(desk.path("del.xlsx")).unwrap()).unwrap()
    };
    assert!(whole(content.len()));
    for length in [0, 1, 21, content.len() / 2, content.len() - 1] {
        assert!(!whole(length), "{length}");
    }
}
