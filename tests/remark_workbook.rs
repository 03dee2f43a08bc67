//! Remarks worked off in bulk: written to a workbook, answered there, taken in again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::path::PathBuf;

use calamine::{Data, Reader, Xlsx, open_workbook};
use rust_xlsxwriter::Workbook;
use support::rows::of_json;
use support::{Kommun, Ran};

const HEADERS: [&str; 15] = [
    "Id",
    "Anst.nr",
    "Namn",
    "Dag",
    "Vad",
    "Paragraf",
    "Värde (kr)",
    "Så rättar du",
    "Fil",
    "Blad",
    "Rad",
    "Beslut",
    "Diarienummer",
    "Beslutsdatum",
    "Motivering",
];

/// Three yrkanden of 1001 for the meeting in September: two of one kind, none of them styrkt.
fn with_claims() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001", "1002"]);
    kommun.import(&[&kommun.list(
        "september.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Roll
         2026-09-09 | KS | 8.00 | 16.00 | @1001 | ledamot",
    )]);
    kommun.pay("2026-10");
    let book = kommun.book(
        "yrkanden.xlsx",
        &[(
            "Yrkanden",
            "Datum | Organ | Personnummer | Slag | Tid från | Tid till | Belopp | Styrkt
             2026-09-09 | KS | @1001 | förlorad arbetsinkomst | 8.00 | 10.00 | 500 | nej
             2026-09-09 | KS | @1001 | förlorad arbetsinkomst | 13.00 | 15.00 | 400 | nej
             2026-09-09 | KS | @1001 | vård | | | 300 | nej",
        )],
    );
    kommun.import(&[&book]);
    assert_eq!(kommun.held().len(), 3);
    kommun
}

/// The rows of the written workbook below its header, as texts.
fn written(kommun: &Kommun, name: &str) -> Vec<Vec<String>> {
    let path = kommun.root().join(name);
    kommun.run(&["remarks", "--state", "held", "--to", path.to_str().unwrap()]).exits(1);
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    assert_eq!(book.sheet_names(), ["Anmärkningar", "Så gör du"]);
    let range = book.worksheet_range("Anmärkningar").unwrap();
    assert!(book.worksheet_formula("Anmärkningar").unwrap().is_empty(), "no text has become a formula");
    let mut rows: Vec<Vec<String>> = range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect();
    assert_eq!(rows.remove(0), HEADERS);
    rows
}

/// What a clerk writes to the right of the row that says something: Beslut, Diarienummer, Beslutsdatum, Motivering.
type Answer<'a> = (&'a str, [&'a str; 4]);

fn answered(kommun: &Kommun, name: &str, rows: &[Vec<String>], answers: &[Answer<'_>]) -> PathBuf {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, HEADERS).unwrap();
    for (row, line) in (1..).zip(rows) {
        sheet.write_row(row, 0, line).unwrap();
        let found = answers.iter().find(|(says, _)| line[4].contains(says));
        for (column, text) in (11..).zip(found.map(|(_, cells)| cells).into_iter().flatten()) {
            sheet.write(row, column, *text).unwrap();
        }
    }
    let path = kommun.root().join(name);
    book.save(&path).unwrap();
    path
}

/// `accepted unchanged held ignored` of the only file.
fn counts(ran: &Ran) -> [u64; 4] {
    let file = ran.json()["files"][0].clone();
    let ignored: u64 = file["ignored"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    let count = |key: &str| file[key].as_u64().unwrap();
    assert_eq!(count("rows"), count("accepted") + count("unchanged") + count("held") + ignored, "{file}");
    [count("accepted"), count("unchanged"), count("held"), ignored]
}

fn said(ran: &Ran) -> Vec<String> {
    let remarks = ran.json()["files"][0]["remarks"].clone();
    remarks.as_array().unwrap().iter().map(|remark| remark["reason"].as_str().unwrap().replace('\u{a0}', " ")).collect()
}

const FIRST: &str = "08.00-10.00";
const SECOND: &str = "13.00-15.00";

#[test]
fn two_claims_of_one_kind_at_one_meeting_are_decided_apart() {
    let kommun = with_claims();
    let rows = written(&kommun, "lista.xlsx");
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0][1..6], ["1001", "Anna Ek", "2026-09-09", "förlusten 08.00-10.00 är inte styrkt", "§ 3"]);
    assert_eq!(rows[0][6..11], ["500", "begär underlag, eller avslag enligt § 16", "yrkanden.xlsx", "Yrkanden", "2"]);
    let answers = [
        (FIRST, ["bifall", "AU 2026/7", "2026-11-02", "arbetsgivaren har svarat"]),
        (SECOND, ["avslag", "AU 2026/8", "2026-11-02", "ingen förlust"]),
    ];
    let book = answered(&kommun, "svar.xlsx", &rows, &answers);
    let ran = kommun.try_import(&[&book]).exits(0);
    assert_eq!(counts(&ran), [2, 0, 0, 1]);
    assert_eq!(ran.json()["files"][0]["ignored"]["inget beslut ifyllt"], 1);
    assert_eq!(kommun.held(), ["1001 2026-09-09 yrkandet om vård är inte styrkt"]);
    let noted = kommun.json(&["remarks", "--state", "noted"]).to_string();
    assert!(noted.contains("avslag: § 17: 2026-11-02 AU 2026/8 avslag: ingen förlust"), "{noted}");
    assert_eq!(kommun.pay("2026-11"), ["1001 1675 2026-09-09 2 x 250.00 = 500.00"]);
    let told = kommun.run(&["explain", "2026-11/1"]).exits(0).out;
    assert!(told.contains("AU 2026/7"), "{told}");
}

#[test]
fn the_same_workbook_again_changes_nothing_and_another_answer_replaces_the_first() {
    let kommun = with_claims();
    let rows = written(&kommun, "lista.xlsx");
    let yes = answered(&kommun, "svar.xlsx", &rows, &[(FIRST, ["bifall", "AU 2026/7", "2026-11-02", ""])]);
    kommun.import(&[&yes]);
    let facts = kommun.sql("SELECT COUNT(*) FROM fact");
    // Something else comes between, so that the file is read again.
    kommun.import(&[&kommun
        .book("d.xlsx", &[("Beslut", "Diarienummer | Datum | Gäller | Innebörd\nKS 9 | 2026-11-01 | § 12 | bifall")])]);
    assert_eq!(counts(&kommun.try_import(&[&yes]).exits(0)), [0, 1, 0, 2]);
    assert_eq!(kommun.sql("SELECT COUNT(*) FROM fact").parse::<u32>().unwrap(), facts.parse::<u32>().unwrap() + 1);
    assert_eq!(of_json(&kommun.json(&["month", "2026-11"])), ["1001 1675 2026-09-09 2 x 250.00 = 500.00"]);

    let no = answered(&kommun, "ändrat.xlsx", &rows, &[(FIRST, ["avslag", "AU 2026/7", "2026-11-02", "fel ruta"])]);
    assert_eq!(counts(&kommun.try_import(&[&no]).exits(0)), [1, 0, 0, 2]);
    assert_eq!(of_json(&kommun.json(&["month", "2026-11"])), [""; 0]);
    assert_eq!(kommun.held().len(), 2, "refused, and not held");
    assert_eq!(counts(&kommun.try_import(&[&yes]).exits(0)), [1, 0, 0, 2]);
    assert_eq!(kommun.pay("2026-11"), ["1001 1675 2026-09-09 2 x 250.00 = 500.00"]);
}

#[test]
fn a_late_claim_that_is_granted_is_paid() {
    let kommun = with_claims();
    let late = kommun.book(
        "sent.xlsx",
        &[(
            "Yrkanden",
            "Inkom | Datum | Organ | Personnummer | Slag | Belopp | Styrkt
                        2026-11-01 | 2025-09-10 | KS | @1002 | barntillsyn | 250 | ja",
        )],
    );
    kommun.import(&[&kommun.list(
        "2025.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Roll
                                               2025-09-10 | KS | 13.00 | 15.00 | @1002 | ledamot",
    )]);
    kommun.try_import(&[&late]).exits(0);
    let rows = written(&kommun, "lista.xlsx");
    let of_late: Vec<_> = rows.iter().filter(|row| row[1] == "1002").collect();
    assert_eq!((of_late.len(), of_late[0][5].as_str()), (1, "§ 16"), "{of_late:?}");
    let says = of_late[0][4].clone();
    let book = answered(&kommun, "svar.xlsx", &rows, &[(&says, ["bifall", "AU 2026/7", "2026-11-02", "sjuk"])]);
    let ran = kommun.try_import(&[&book]).exits(0);
    assert_eq!(counts(&ran)[0], 1);
    // Granted whole means the last day and the evidence; the child's year of birth is a fact, and still asked for.
    assert_eq!(said(&ran).len(), 1, "{:?}", said(&ran));
    assert!(said(&ran)[0].contains("beslutet är infört, men det väntar ändå"), "{:?}", said(&ran));
    let born = kommun.book(
        "sent.xlsx",
        &[(
            "Yrkanden",
            "Inkom | Datum | Organ | Personnummer | Slag | Belopp | Styrkt | Barnets födelseår
                        2026-11-01 | 2025-09-10 | KS | @1002 | barntillsyn | 250 | ja | 2020",
        )],
    );
    kommun.import(&[&born]);
    assert_eq!(of_json(&kommun.json(&["month", "2026-11"])), ["1002 1681 2025-09-10 1 x 250.00 = 250.00"]);
}

#[test]
fn what_is_not_whole_or_does_not_fit_is_held() {
    let kommun = with_claims();
    let rows = written(&kommun, "lista.xlsx");
    let check = |name: &str, cells: [&str; 4], expect: &str| {
        let book = answered(&kommun, name, &rows, &[(FIRST, cells)]);
        let ran = kommun.try_import(&[&book]).exits(1);
        assert_eq!(counts(&ran), [0, 0, 1, 2], "{expect}");
        assert_eq!(said(&ran), [expect]);
    };
    check("a.xlsx", ["bifall", "", "2026-11-02", ""], "M2: Diarienummer saknas");
    check("b.xlsx", ["bifall", "AU 1", "", ""], "N2: Beslutsdatum saknas");
    check("c.xlsx", ["", "AU 1", "", ""], "L2: Beslut saknas");
    check("d.xlsx", ["återkrav", "AU 1", "2026-11-02", ""], "L2: det är inget svar på den anmärkningen");
    check("e.xlsx", ["stäng", "", "", "orkar inte"], "L2: det är inget svar på den anmärkningen");
    check("f.xlsx", ["kanske", "AU 1", "2026-11-02", ""], "L2: Beslutet ”kanske” är inget svar på en anmärkning.");
    let mut unknown = rows.clone();
    unknown[0][0] = "l0000000000".to_owned();
    let book = answered(&kommun, "g.xlsx", &unknown, &[(FIRST, ["bifall", "AU 1", "2026-11-02", ""])]);
    assert_eq!(said(&kommun.try_import(&[&book]).exits(1)), ["A2: anmärkningen finns inte längre"]);
    assert_eq!(of_json(&kommun.json(&["month", "2026-11"])), [""; 0]);
}

#[test]
fn a_row_that_could_not_be_taken_in_is_closed_with_its_reason_and_who_said_so() {
    let kommun = with_claims();
    let bad = kommun.list(
        "okänd.xlsx",
        "Datum | Organ | Start | Slut | Namn | Roll
         2026-10-14 | KS | 13.00 | 15.00 | =Nils Okänd | ledamot",
    );
    kommun.try_import(&[&bad]).exits(1);
    let rows = written(&kommun, "lista.xlsx");
    assert_eq!(rows.len(), 4);
    assert!(rows[0][0].starts_with('r') && rows[0][4].contains("okänd person"), "{:?}", rows[0]);
    let without = answered(&kommun, "a.xlsx", &rows, &[("okänd person", ["stäng", "", "", ""])]);
    assert_eq!(said(&kommun.try_import(&[&without]).exits(1)), ["O2: Motivering saknas"]);
    let book = answered(&kommun, "a.xlsx", &rows, &[("okänd person", ["stäng", "", "", "åhörare"])]);
    let mut command = kommun.command(&["--by", "Karin Kansli", "import", "--json"]);
    let ran = Ran::of(&command.arg(&book).output().unwrap()).exits(0);
    assert_eq!(counts(&ran), [1, 0, 0, 3]);
    assert_eq!(kommun.held().len(), 3);
    let done = kommun.sql("SELECT action, because, actor FROM intervention");
    assert_eq!(done, "close_remark|åhörare|Karin Kansli");
    let audit = kommun.sql("SELECT detail FROM audit WHERE action = 'close_remark'");
    assert_eq!(audit, format!("1: {}, 0 fakta, av Karin Kansli: åhörare", rows[0][0]));
    kommun.import(&[&kommun
        .book("d.xlsx", &[("Beslut", "Diarienummer | Datum | Gäller | Innebörd\nKS 9 | 2026-11-01 | § 12 | bifall")])]);
    assert_eq!(counts(&kommun.try_import(&[&book]).exits(0)), [0, 1, 0, 3]);
}

#[test]
fn a_debt_is_decided_in_the_workbook_with_its_limit() {
    let kommun = with_claims();
    let nobody = "Hela listan: ja\nDatum | Organ | Start | Slut | Personnummer | Roll\n2026-09-09 | KS | 8.00 | 16.00 | @1002 | ledamot";
    kommun.import(&[&kommun.list("hela.xlsx", nobody)]);
    let rows = written(&kommun, "lista.xlsx");
    let debt = rows.iter().find(|row| row[4].contains("väntar på beslut")).unwrap();
    assert_eq!(debt[5], "§ 17");
    let answers =
        [("väntar på beslut", ["kvittning 500 kr per månad", "KS 2026/5", "2026-11-03", "fick 99 kr för mycket"])];
    let book = answered(&kommun, "svar.xlsx", &rows, &answers);
    kommun.import(&[&book]);
    let owed = kommun.json(&["receivables"]);
    assert_eq!((owed[0]["kind"].as_str(), owed[0]["monthly"].as_str()), (Some("kvittning"), Some("500.00")), "{owed}");
    assert!(kommun.held().iter().all(|held| !held.contains("väntar på beslut")));
}

#[test]
fn the_file_is_never_written_over_and_a_protected_name_is_not_told() {
    let kommun = with_claims();
    let skyddad = "Personnummer | Efternamn | Förnamn | Skyddade personuppgifter\n@1001 | Ek | Anna | ja";
    kommun.import(&[&kommun.book("skydd.xlsx", &[("Personer", skyddad)])]);
    let rows = written(&kommun, "lista.xlsx");
    assert_eq!(rows[0][2], "skyddad");
    let path = kommun.root().join("lista.xlsx");
    let again = kommun.run(&["remarks", "--to", path.to_str().unwrap()]);
    again.exits(4).says(&["is there already"]);
}

#[test]
fn the_programs_own_workbook_comes_back_untouched_without_a_word() {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001"]);
    let list =
        "Datum | Organ | Start | Slut | Personnummer | Roll\n2026-09-09 | KS | 13.00 | 14.00 | @1001 | ersättare";
    kommun.try_import(&[&kommun.list("september.xlsx", list)]);
    let book = kommun.root().join("anm.xlsx");
    kommun.run(&["remarks", "--to", book.to_str().unwrap()]);
    let before = kommun.held();
    kommun.import(&[&book]);
    assert_eq!(kommun.held(), before);
}
