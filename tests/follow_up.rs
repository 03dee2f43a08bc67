//! The follow-up to allmänna utskottet (§ 19): every figure of a small kommun worked out by hand, the demo's year against
//! its ledger, and small groups that nobody can work out from what is shown.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use arvode::adapters::db::Db;
use arvode::adapters::press::Printer;
use arvode::adapters::settings::read;
use arvode::domain::{CostGroup, OrganCode};
use arvode::jobs::follow_up::{FollowUp, Told, Wanted, follow_up, post, report};
use arvode::jobs::letters::Desk;
use arvode::ports::{Addresses, Cell, LetterKind, LetterState, Office, OutboxStore, Report, Table};
use rust_decimal::Decimal;
use serde_json::Value;
use support::letters::PAGE;
use support::{Kommun, Ran};

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll | Tjänstgörande | Närvarande till | Km";
const YRKANDEN: &str = "Datum | Organ | Personnummer | Slag | Inkom | Tid från | Tid till | Belopp | Styrkt";

/// The day that the follow-ups of these tests are made.
const MADE: &str = "2017-02-15T08:00:00Z";

fn list(kommun: &Kommun, name: &str, rows: &str) {
    let inkom = rows.trim().get(..10).unwrap();
    kommun.import(&[&kommun.list(name, &format!("Inkom: {inkom}\n{NARVARO}\n{rows}"))]);
}

/// A kommun whose grund is 41 175 kr until October 2015 and 42 120 kr from November (61 000 and 62 400 kr, 75 and 90 per
/// cent): a meeting's first hour pays 0.75 per cent of it, 309 and 316 kr, and an hour after that half as much, 158 kr.
///
/// 2015: one meeting with three. 2016: four meetings that are paid and one that is not, eight yrkanden, three journeys, a
/// list that came late and one that was changed.
fn small() -> Kommun {
    let kommun = Kommun::new("2015-01");
    kommun.take_in_persons(
        &["1001", "1002", "1003", "1004", "1005", "1006"],
        &[("1001", "ledamot", "KS"), ("1002", "ledamot", "KS"), ("1003", "ledamot", "KS"), ("1004", "ledamot", "KS")],
    );
    let three = |day: &str, km: &str| {
        let row = |anstid| format!("{day} | KS | 13.00 | 14.00 | @{anstid} | ledamot | | | {km}\n");
        ["1001", "1002", "1003"].map(row).concat()
    };
    list(&kommun, "2015-10.xlsx", &three("2015-10-14", ""));
    kommun.pay("2015-11");
    let fourth = "2016-02-10 | KS | 13.00 | 14.00 | @1004 | ledamot | | |";
    list(&kommun, "2016-02.xlsx", &(three("2016-02-10", "24") + fourth));
    let claims = "2016-02-10 | KS | @1001 | förlorad arbetsinkomst | 2016-02-12 | 13.00 | 14.00 | 250 | ja
                  2016-02-10 | KS | @1002 | förlorad arbetsinkomst | 2016-02-12 | 13.00 | 14.00 | 300 | ja
                  2016-02-10 | KS | @1003 | förlorad arbetsinkomst | 2016-02-12 | 13.00 | 14.00 | 200 | ja";
    kommun.import(&[&kommun.book("yrkanden.xlsx", &[("Yrkanden", &format!("{YRKANDEN}\n{claims}"))])]);
    kommun.pay("2016-03");
    let kf = |day: &str| {
        let row = |anstid| format!("{day} | KF | 10.00 | 11.00 | @{anstid} | ledamot | | |\n");
        ["1001", "1002", "1003", "1004"].map(row).concat()
    };
    list(&kommun, "2016-03.xlsx", &kf("2016-03-16"));
    kommun.pay("2016-04");
    spring(&kommun);
    list(&kommun, "2016-06.xlsx", &kf("2016-06-15"));
    // 1005 was forgotten in February; 1002 left in May after an hour.
    list(&kommun, "sent.xlsx", "2016-02-10 | KS | 13.00 | 14.00 | @1005 | ersättare | ja | |");
    list(&kommun, "rattat.xlsx", "2016-05-11 | KS | 13.00 | 15.00 | @1002 | ledamot | | 14.00 |");
    kommun.pay("2016-07");
    list(&kommun, "2016-10.xlsx", &three("2016-10-26", ""));
    kommun
}

/// The meeting in May: what is refused, waived, cut, without evidence, and what came a year too late.
fn spring(kommun: &Kommun) {
    let rows = "2016-05-11 | KS | 13.00 | 15.00 | @1001 | ledamot | | |
                2016-05-11 | KS | 13.00 | 15.00 | @1002 | ledamot | | |
                2016-05-11 | KS | 13.00 | 15.00 | @1003 | ledamot | | |
                2016-05-11 | KS | 13.00 | 15.00 | @1005 | ersättare | ja | |
                2016-05-11 | KS | 13.00 | 15.00 | @1006 | ersättare | nej | |";
    list(kommun, "2016-05.xlsx", rows);
    let refused = format!(
        "Diarienummer | Datum | Organ | Gäller | Innebörd\nKS 2016/9 | 2016-05-30 | AU | § 3, {}, KS 2016-05-11, förlorad arbetsinkomst | avslag",
        support::books::written("1002")
    );
    let waived = "Personnummer | Avstår | Från | Till | Handling
                  @1003 | förlorad arbetsinkomst | 2016-05-01 | | KS 2016/7";
    let claims = "2016-05-11 | KS | @1001 | förlorad arbetsinkomst | 2016-05-12 | 13.00 | 15.00 | 180 |
                  2016-05-11 | KS | @1002 | förlorad arbetsinkomst | 2016-05-12 | 13.00 | 15.00 | 120 | ja
                  2016-05-11 | KS | @1003 | förlorad arbetsinkomst | 2016-05-12 | 13.00 | 15.00 | 150 | ja
                  2016-05-11 | KS | @1005 | förlorad arbetsinkomst | 2016-05-12 | 13.00 | 15.00 | 1000 | ja
                  2016-02-10 | KS | @1004 | förlorad arbetsinkomst | 2017-02-13 | 13.00 | 14.00 | 100 | ja";
    let claims = format!("{YRKANDEN}\n{claims}");
    kommun.import(&[&kommun.book("maj.xlsx", &[("Avstående", waived), ("Beslut", &refused), ("Yrkanden", &claims)])]);
    kommun.pay("2016-06");
}

/// Works out a follow-up as the program does, with groups of any size.
async fn made(config: &Path, database: &Path, period: &str, today: &str, smallest_group: usize) -> (FollowUp, Report) {
    let configured = read(config).unwrap();
    let mut db = Db::open_file(database).await.unwrap();
    let period = period.parse().unwrap();
    let wanted = Wanted { period, today: today.parse().unwrap(), smallest_group, persons: false };
    let found = follow_up(&mut db, &configured.loaded, &wanted, &mut |_| {}).await.unwrap();
    let made = report(&found, &wanted, &configured.loaded, &configured.settings.kommun);
    db.close().await.unwrap();
    (found, made)
}

/// The same of a kommun, with every figure shown.
async fn open_report(kommun: &Kommun, period: &str) -> Report {
    made(&kommun.path("config/arvode.toml"), &kommun.path("arvode.db"), period, "2017-02-15", 1).await.1
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Blank => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Belopp(amount) | Cell::Kronor(amount) => amount.to_string(),
        Cell::Count(count) => count.to_string(),
        Cell::Number(number, _) | Cell::Percent(number) => number.normalize().to_string(),
        Cell::Day(day) => day.to_string(),
        Cell::Masked => "–".to_owned(),
    }
}

#[track_caller]
fn table<'a>(report: &'a Report, sheet: &str) -> &'a Table {
    let section = report.sections.iter().find(|section| section.sheet == sheet);
    section.and_then(|section| section.table.as_ref()).unwrap_or_else(|| panic!("no table {sheet}"))
}

/// The rows of a table and its last line, cells parted by `|`.
#[track_caller]
fn rows(report: &Report, sheet: &str) -> Vec<String> {
    let of = table(report, sheet);
    let line = |cells: &Vec<Cell>| cells.iter().map(shown).collect::<Vec<String>>().join(" | ");
    of.rows.iter().chain(&of.total).map(line).collect()
}

#[tokio::test]
async fn every_figure_of_a_small_kommun_is_as_worked_out_by_hand() {
    let kommun = small();
    kommun.edit("regelverk/budget.toml", |text| {
        text + "\n[[budget]]\nar = 2016\norgan = \"KS\"\nbelopp = 6000\nbeslut = \"KF 2015 § 98\"\n
                [[budget]]\nar = 2016\norgan = \"KF\"\nslag = \"sammantraden\"\nbelopp = 3000\nbeslut = \"KF 2015 § 98\"\n"
    });
    let made = open_report(&kommun, "2016").await;
    // Earned: KS 5 x 316 in February, 474 + 316 + 474 + 474 in May, 3 x 316 in October = 4 266; KF 2 x 4 x 316 = 2 528;
    // lost income 250 + 300 + 200 + 912 = 1 662; journeys 3 x 2.4 mil x 29 kr = 208.80. October is not paid.
    assert_eq!(
        rows(&made, "Översikt"),
        ["2016 | 8664.80 | 7737.80 | 834.71 | 7716.80 | 5 | 20 | 23", "2015 | 927.00 |  |  | 927.00 | 1 | 3 | 3"]
    );
    assert_eq!(
        rows(&made, "Avstämning"),
        [
            "Betalt under perioden | 7716.80",
            "+ intjänat men obetalt vid periodens slut | 948.00",
            "− intjänat men obetalt vid periodens början | 0.00",
            "= intjänat under perioden | 8664.80",
        ]
    );
    assert_eq!(
        rows(&made, "Per organ"),
        [
            "Kommunfullmäktige | 2528.00 |  | 2528.00 |  | 2528.00",
            "Kommunstyrelsen | 6136.80 | 927.00 | 5209.80 | 562.01 | 5188.80",
            "Tillsammans | 8664.80 | 927.00 | 7737.80 | 834.71 | 7716.80",
        ]
    );
    assert_eq!(
        rows(&made, "Per slag"),
        [
            // 12 + 8 first hours; an hour more for each of three in May.
            "Grundarvode | § 9 | 6320.00 | 927.00 | 5393.00 | 581.77 | 5372.00",
            "Timarvode | § 9 | 474.00 |  | 474.00 |  | 474.00",
            "Förlorad arbetsinkomst | § 3 | 1662.00 |  | 1662.00 |  | 1662.00",
            "Bilersättning | § 11 | 208.80 |  | 208.80 |  | 208.80",
            "Tillsammans |  | 8664.80 | 927.00 | 7737.80 | 834.71 | 7716.80",
        ]
    );
    assert_eq!(
        rows(&made, "Intjänat organ-slag"),
        [
            "Kommunfullmäktige | 2528.00 |  |  | 2528.00",
            "Kommunstyrelsen | 4266.00 | 1662.00 | 208.80 | 6136.80",
            "Tillsammans | 6794.00 | 1662.00 | 208.80 | 8664.80",
        ]
    );
    assert_eq!(
        rows(&made, "Betalt organ-slag"),
        [
            "Kommunfullmäktige | 2528.00 |  |  | 2528.00",
            "Kommunstyrelsen | 3318.00 | 1662.00 | 208.80 | 5188.80",
            "Tillsammans | 5846.00 | 1662.00 | 208.80 | 7716.80",
        ]
    );
    let months = rows(&made, "Månader");
    assert_eq!((months.len(), months[1].as_str()), (13, "feb | 0.00 | 1580.00 | 958.80 | 2538.80 | 0.00"));
    assert_eq!(months[2], "mar | 0.00 | 1264.00 | 0.00 | 1264.00 | 2222.80");
    assert_eq!(months[12], "Tillsammans | 0.00 | 6794.00 | 1870.80 | 8664.80 | 7716.80");
    activity(&made);
    assert_eq!(
        rows(&made, "Budget"),
        [
            "Kommunfullmäktige | Sammanträden och förrättningar | 3000.00 | 2528.00 | -472.00 | -15.73 | KF 2015 § 98",
            "Kommunstyrelsen | Alla ersättningar | 6000.00 | 6136.80 | 136.80 | 2.28 | KF 2015 § 98",
            "Tillsammans |  | 9000.00 | 8664.80 | -335.20 | -3.72 | ",
        ]
    );
    let told: Vec<String> = made.summary.iter().map(|sentence| sentence.replace('\u{a0}', " ")).collect();
    assert_eq!(
        told[..5],
        [
            "Ersättningarna till de förtroendevalda kostade 8 665 kr under 2016, räknat på det som intjänades. 7 717 kr betalades ut under samma tid.",
            "Det är 7 738 kr (834,7 %) mer än 2015. Sammanträden och förrättningar ökade med 5 867 kr, förlorad inkomst och förmåner ökade med 1 662 kr och resor och traktamenten ökade med 209 kr.",
            "Budgeten är 9 000 kr; utfallet är 335 kr (3,7 %) under. Mest över budget är Kommunstyrelsen: 137 kr (2,3 %).",
            "5 möten hölls, med 23 timmars närvaro (2015: 1 och 3).",
            "Förlorad arbetsinkomst: 8 yrkanden; av dem 4 är betalda (1 662 kr), 1 väntar (180 kr), 1 avslogs (120 kr), 1 kom in efter sista dagen (§ 16) (100 kr) och 1 avstod personen från (150 kr).",
        ]
    );
}

fn activity(made: &Report) {
    assert_eq!(
        rows(made, "Möten"),
        [
            "Kommunfullmäktige | 2 | 0 | 0 | 8 | 0 | 8",
            // 5 x 1 h, then 2 + 1 + 2 + 2 h, then 3 x 1 h; 1005 served twice, 1006 only listened.
            "Kommunstyrelsen | 3 | 0 | 0 | 12 | 2 | 15",
            "Tillsammans | 5 | 0 | 0 | 20 | 2 | 23",
        ]
    );
    assert_eq!(
        rows(made, "Förlorad inkomst"),
        [
            "Prövat och betalt | 4 | 1662.00",
            "Väntar på underlag, beslut eller utbetalning | 1 | 180.00",
            "Avslaget genom beslut | 1 | 120.00",
            "Kom in efter sista dagen (§ 16) | 1 | 100.00",
            "Beviljat, men personen avstår | 1 | 150.00",
            // 1005 lost 1 000 kr in two hours, of which 456 kr an hour is paid.
            "Nedsatt: tak, eller tid utöver närvaron |  | 88.00",
            "Yrkat | 8 | 2300.00",
        ]
    );
    assert_eq!(rows(made, "Resor"), ["Egen bil | 3 | 72 | 208.80 | 208.80"]);
    assert_eq!(
        rows(made, "Rättelser"),
        [
            "Närvaro som kom in efter månadens lönekörning | 1 | 0.00 | 316.00 | 316.00",
            "Närvarolista eller mötestid som ändrades | 1 | -158.00 | 0.00 | -158.00",
            "Tillsammans | 2 | -158.00 | 316.00 | 158.00",
        ]
    );
    assert_eq!(rows(made, "Rättelser per månad"), ["2016-07 | 1 | 1 | 2", "Tillsammans | 1 | 1 | 2"]);
    // 180 kr without evidence since 11 May, 280 days; 100 kr too late since 10 February, 371 days.
    assert_eq!(rows(made, "Anmärkningar"), ["Yrkanden | 2 | 2 | 371 | 280.00", "Tillsammans | 2 | 2 | 371 | 280.00"]);
}

#[tokio::test]
async fn two_halves_of_a_year_are_the_year() {
    let kommun = small();
    let mut whole = BTreeMap::new();
    for (period, sign) in [("2016-01..2016-06", 1), ("2016-07..2016-12", 1), ("2016", -1)] {
        let made = open_report(&kommun, period).await;
        for sheet in ["Intjänat organ-slag", "Betalt organ-slag", "Möten", "Förlorad inkomst"] {
            let Some(of) = made.sections.iter().find(|section| section.sheet == sheet).unwrap().table.clone() else {
                continue;
            };
            for cells in of.rows.iter().chain(&of.total) {
                for (cell, head) in cells.iter().zip(&of.columns).skip(1) {
                    let number: Decimal = shown(cell).parse().unwrap_or_default();
                    *whole.entry((sheet, shown(&cells[0]), head.heading.clone())).or_insert(Decimal::ZERO) +=
                        number * Decimal::from(sign);
                }
            }
        }
    }
    assert!(whole.len() > 20, "{whole:?}");
    let wrong: Vec<_> = whole.iter().filter(|(_, rest)| !rest.is_zero()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn what_gallring_has_removed_is_compared_with_by_its_sums() {
    let kommun = small();
    kommun.edit("arvode.toml", |text| text.replace("\ndecision = \"\"", "\ndecision = \"KS 2026/88 § 12\""));
    kommun.run(&["close", "2015-12", "--because", "bokslut, KS 2016/7", "--yes"]).exits(0);
    assert_eq!(kommun.run(&["gallra", "--json"]).exits(0).json()["rows"], 3);
    let made = open_report(&kommun, "2016").await;
    assert_eq!(
        rows(&made, "Översikt"),
        ["2016 | 8664.80 | 7737.80 | 834.71 | 7716.80 | 5 | 20 | 23", "2015 | 927.00 |  |  | 927.00 |  |  | "]
    );
    let method = made.sections.iter().find(|section| section.sheet == "Metod").unwrap();
    assert!(
        method.text.iter().any(|text| text.starts_with("Gallring har tagit bort detaljerna för 2015.")),
        "{method:?}"
    );
}

/// What a command of the small kommun ends with, on the day that the follow-up is made.
fn run(kommun: &Kommun, arguments: &[&str]) -> Ran {
    kommun.run(&[&["--now", MADE], arguments].concat())
}

#[test]
fn persons_are_shown_only_where_the_settings_say_so_and_never_a_protected_one_by_name() {
    let kommun = small();
    run(&kommun, &["report", "2016", "--persons"]).exits(4).says(&["[report]", "persons = true"]);
    kommun.edit("arvode.toml", |text| text.replace("\npersons_to_utskott = false", "\npersons_to_utskott = true"));
    run(&kommun, &["report", "2016"]).exits(2).says(&["arvode.toml:", "persons_to_utskott"]);
    kommun.edit("arvode.toml", |text| text.replace("\npersons = false", "\npersons = true"));
    let protected = "Personnummer | Efternamn | Förnamn | Anställningsnummer | Skyddade personuppgifter
                     @1002 | Alm | Bo | 1002 | ja";
    kommun.import(&[&kommun.book("skyddad.xlsx", &[("Personer", protected)])]);
    let told = run(&kommun, &["report", "2016", "--persons", "--json"]).exits(0);
    for secret in ["Alm", "1002", "19750630"] {
        assert!(!told.out.contains(secret), "{secret} in\n{}", told.out);
    }
    let persons =
        told.json()["sections"].as_array().unwrap().iter().find(|part| part["name"] == "Personer").cloned().unwrap();
    let first = |row: &Value| format!("{} {}", row[0].as_str().unwrap(), row[1].as_str().unwrap());
    let names: Vec<String> = persons["rows"].as_array().unwrap().iter().map(first).collect();
    assert_eq!(
        names,
        ["1001 Anna Ek", "1003 Cia Åberg", "1004 Dag Öman", "1005 Eva Lind", " 1 med skyddade personuppgifter"]
    );
    let total = persons["total"].as_array().unwrap();
    assert_eq!((&total[total.len() - 2], &total[total.len() - 1]), (&"8664.80".into(), &"7716.80".into()));
    let plain = run(&kommun, &["report", "2016"]).exits(0).out;
    assert!(!plain.contains("Anna"), "{plain}");
}

#[test]
fn a_report_is_asked_for_by_months_and_written_to_a_new_file_of_a_kind_that_is_known() {
    let kommun = small();
    for (wrong, said) in [
        (vec!["report", "2016-06..2016-01"], "the earlier month first"),
        (vec!["report", "ifjol"], "2025-01..2025-06"),
        (vec!["report", "2018"], "has not begun"),
        (vec!["report", "2016", "--to", "rapport.docx"], ".xlsx, .pdf or .html"),
    ] {
        run(&kommun, &wrong).exits(2).says(&[said]);
    }
    for (name, begins) in [("rapport.xlsx", "PK"), ("rapport.html", "<!doctype html>")] {
        let file = kommun.root().join(name);
        run(&kommun, &["report", "2016-01..2016-06", "--to", file.to_str().unwrap()]).exits(0);
        let written = support::rows::latin1(&std::fs::read(&file).unwrap());
        assert!(written.to_lowercase().starts_with(&begins.to_lowercase()), "{name}");
        run(&kommun, &["report", "2016", "--to", file.to_str().unwrap()]).exits(4).says(&["never overwritten"]);
    }
}

#[test]
fn a_budget_that_cannot_be_meant_is_refused_where_it_stands() {
    let kommun = Kommun::new("2015-01");
    let shipped = kommun.config("regelverk/budget.toml");
    let line = shipped.lines().count() + 1;
    let check = |rows: &str, said: &[&str]| {
        std::fs::write(kommun.path("config/regelverk/budget.toml"), format!("{shipped}{rows}\n")).unwrap();
        run(&kommun, &["check"]).exits(2).says(said);
    };
    let row = |organ: &str, more: &str| {
        format!("[[budget]]\nar = 2016\norgan = \"{organ}\"\nbelopp = 5\nbeslut = \"b\"\n{more}")
    };
    let at = |below: usize, column: usize| format!("budget.toml:{}:{column}: ", line + below);
    check(&row("KZ", ""), &[&at(2, 9), "\"KZ\"", "organ.toml"]);
    check(&row("KS", "slag = \"bilar\""), &[&at(5, 8), "\"bilar\"", "resor"]);
    check(&(row("KS", "") + &row("KS", "")), &[&at(8, 10), "a second amount for KS 2016"]);
    check(&(row("KS", "") + &row("KS", "slag = \"resor\"")), &["both as a whole and by slag"]);
    check(&row("KS", "").replace("beslut = \"b\"\n", ""), &["no `beslut`"]);
    check(&row("KS", "").replace("2016", "16"), &["a year such as 2026"]);
}

/// The letter of a year as it stands in the outbox.
async fn letter(kommun: &Kommun, persons: bool) -> (Vec<Told>, String, String, String, Vec<String>) {
    let configured = read(&kommun.path("config/arvode.toml")).unwrap();
    let mut db = Db::open_file(&kommun.path("arvode.db")).await.unwrap();
    let (period, today) = ("2016".parse().unwrap(), "2017-02-15".parse().unwrap());
    let wanted = Wanted { period, today, smallest_group: 3, persons };
    let found = follow_up(&mut db, &configured.loaded, &wanted, &mut |_| {}).await.unwrap();
    let office = |office: Office| (office, format!("{}@kommun.example", office.name()));
    let offices = [office(Office::AllmannaUtskottet), office(Office::Kansli)].into();
    let addresses = Addresses { offices, ..Addresses::default() };
    let press = Printer::default();
    let desk = Desk { press: &press, addresses: &addresses, kommun: "Exempelkommunen", is_example: false };
    let mut told = Vec::new();
    for at_ms in [1_487_145_600_000, 1_487_232_000_000] {
        told.push(post(&mut db, &configured.loaded, &desk, &wanted, &found, at_ms).await.unwrap());
    }
    let mut letters = db.letters(&[LetterState::Waiting]).await.unwrap();
    letters.retain(|stored| stored.letter.kind == LetterKind::FollowUp);
    assert_eq!(letters.len(), 1, "one letter for the year");
    let letter = &letters[0].letter;
    let files = db.letter_files(letters[0].id).await.unwrap();
    assert!(files.iter().all(|file| file.content.len() > 1_000));
    assert_eq!(letter.address.as_deref(), Some("allmanna_utskottet@kommun.example"));
    assert_eq!(letter.key(), "follow_up|office:allmanna_utskottet|2016");
    let written = letter.written.clone();
    db.close().await.unwrap();
    let names = files.into_iter().map(|file| file.name).collect();
    (told, written.subject, written.text.replace('\u{a0}', " "), written.html, names)
}

const LETTER: &str = "\
Uppföljning av ersättningar till förtroendevalda 2016

Gör så här: ta upp den bifogade uppföljningen vid utskottets nästa sammanträde. Den kan läggas i kallelsen som den är. Utskottet får den varje år, och när det ber om den, enligt § 19 i bestämmelserna om ekonomiska förmåner till förtroendevalda.

- Ersättningarna till de förtroendevalda kostade 8 665 kr under 2016, räknat på det som intjänades. 7 717 kr betalades ut under samma tid.
- Det är 7 738 kr (834,7 %) mer än 2015. Sammanträden och förrättningar ökade med 5 867 kr, förlorad inkomst och förmåner ökade med 1 662 kr och resor och traktamenten ökade med 209 kr.
- 5 möten hölls, med 23 timmars närvaro (2015: 1 och 3).
- Förlorad arbetsinkomst: 8 yrkanden; av dem 4 är betalda (1 662 kr), 1 väntar, 1 avslogs, 1 kom in efter sista dagen (§ 16) och 1 avstod personen från.
- 2 anmärkningar väntar på svar eller beslut.
- Ett streck (–) står för en siffra som skulle berätta om färre än 3 personer, eller ge en sådan siffra.

Uppföljningen nämner ingen person. Ett streck står i stället för en siffra om enskildas egna förhållanden när färre än 3 personer står bakom den.

Bifogat: uppfoljning-2016.html och uppfoljning-2016.xlsx

Frågor, eller en uppföljning av en annan period: kansliet, kansli@kommun.example

--
Exempelkommunen
Brevet är skrivet av programmet arvode och går inte att svara på.
";

#[tokio::test]
async fn the_utskott_gets_one_letter_a_year_with_the_report_beside_it() {
    let kommun = small();
    let (told, subject, text, html, files) = letter(&kommun, false).await;
    assert_eq!(told, [Told::Now, Told::Before]);
    assert_eq!(subject, "Uppföljning av ersättningar till förtroendevalda 2016");
    let expected = LETTER.replace("2016.html", &format!("2016.{PAGE}"));
    assert_eq!(text, expected);
    for line in expected.lines().map(|line| line.trim_start_matches("- ")).filter(|line| line.len() > 40) {
        let words = line.rsplit(": ").next().unwrap();
        assert!(html.replace('\u{a0}', " ").contains(words), "\"{words}\" is not in the page");
    }
    assert_eq!(files, [format!("uppfoljning-2016.{PAGE}"), "uppfoljning-2016.xlsx".to_owned()]);
}

// ---- the demo's year: the ledger's own sums, and what cannot be worked out

/// A figure that may be hidden, by what it is of.
type Name = String;

/// Sums that a reader knows to be zero: figures with their signs.
#[derive(Default)]
struct Reader {
    hidden: Vec<Name>,
    sums: Vec<BTreeMap<Name, i64>>,
}

impl Reader {
    fn look(&mut self, name: &str, cell: &Cell) {
        if *cell == Cell::Masked && !self.hidden.contains(&name.to_owned()) {
            self.hidden.push(name.to_owned());
        }
    }

    fn knows(&mut self, parts: &[Name], total: &str) {
        let mut sum = BTreeMap::new();
        for part in parts {
            *sum.entry(part.clone()).or_insert(0) += 1;
        }
        *sum.entry(total.to_owned()).or_insert(0) -= 1;
        sum.retain(|name, _| self.hidden.contains(name));
        self.sums.push(sum);
    }

    /// Hidden figures that the sums give away, by elimination in whole fractions below a prime.
    fn works_out(&self) -> Vec<Name> {
        const PRIME: i64 = 1_000_003;
        let place = |name: &Name| self.hidden.iter().position(|hidden| hidden == name).unwrap();
        let mut rows: Vec<Vec<i64>> = self
            .sums
            .iter()
            .map(|sum| {
                let mut row = vec![0; self.hidden.len()];
                sum.iter().for_each(|(name, factor)| row[place(name)] = factor.rem_euclid(PRIME));
                row
            })
            .collect();
        let mut done = 0;
        for column in 0..self.hidden.len() {
            let Some(pivot) = (done..rows.len()).find(|row| rows[*row][column] != 0) else { continue };
            rows.swap(done, pivot);
            let lead = rows[done].clone();
            let inverse = (1..PRIME).find(|number| number * lead[column] % PRIME == 1).unwrap();
            let lead: Vec<i64> = lead.iter().map(|factor| factor * inverse % PRIME).collect();
            for (at, row) in rows.iter_mut().enumerate() {
                let times = row[column];
                if at == done || times == 0 {
                    continue;
                }
                row.iter_mut().zip(&lead).for_each(|(one, other)| *one = (*one - times * other).rem_euclid(PRIME));
            }
            rows[done] = lead;
            done += 1;
        }
        let alone = rows.iter().filter(|row| row.iter().filter(|factor| **factor != 0).count() == 1);
        alone.filter_map(|row| self.hidden.get(row.iter().position(|factor| *factor != 0)?).cloned()).collect()
    }
}

/// Everything that a careful reader can add up on one basis: the table of organ and groups, organ's totals wherever they
/// stand, kinds and their groups, what became of lost income, and the journeys.
fn reader_of(report: &Report, sheet: &str, column: &str) -> Reader {
    let mut reader = Reader::default();
    let of = table(report, sheet);
    let last = of.columns.len() - 1;
    let groups: Vec<Name> = of.columns[1..last].iter().map(|head| head.heading.clone()).collect();
    let lines: Vec<(Name, &Vec<Cell>)> =
        of.rows.iter().chain(&of.total).map(|cells| (shown(&cells[0]), cells)).collect();
    let spot = |organ: &str, group: &str| format!("{organ} / {group}");
    let heads: Vec<Name> = groups.iter().cloned().chain(["all".to_owned()]).collect();
    for (organ, cells) in &lines {
        heads.iter().zip(&cells[1..]).for_each(|(group, cell)| reader.look(&spot(organ, group), cell));
    }
    let at = |of: &Table| of.columns.iter().position(|head| head.heading.starts_with(column)).unwrap();
    let (organs, kinds) = (table(report, "Per organ"), table(report, "Per slag"));
    for cells in organs.rows.iter().chain(&organs.total) {
        reader.look(&spot(&shown(&cells[0]), "all"), &cells[at(organs)]);
    }
    for cells in kinds.rows.iter().chain(&kinds.total) {
        let name = if shown(&cells[0]) == "Tillsammans" { spot("Tillsammans", "all") } else { shown(&cells[0]) };
        reader.look(&name, &cells[at(kinds)]);
    }
    if column == "Intjänat" {
        let lost = table(report, "Förlorad inkomst");
        let names: Vec<Name> = lost.rows.iter().map(|cells| shown(&cells[0])).collect();
        lost.rows.iter().chain(&lost.total).for_each(|cells| reader.look(&shown(&cells[0]), &cells[2]));
        reader.knows(&names, "Yrkat");
        reader.knows(&["Prövat och betalt".to_owned()], "Förlorad arbetsinkomst");
    }
    for (organ, _) in &lines {
        let parts: Vec<Name> = groups.iter().map(|group| spot(organ, group)).collect();
        reader.knows(&parts, &spot(organ, "all"));
    }
    for group in &heads {
        let parts: Vec<Name> = lines[..lines.len() - 1].iter().map(|(organ, _)| spot(organ, group)).collect();
        reader.knows(&parts, &spot("Tillsammans", group));
    }
    // Which group a kind is of, anybody knows: by its paragraph.
    for group in &groups {
        let paragraphs: Vec<&str> = group.split(['§', '–', ' ']).filter(|part| part.parse::<u32>().is_ok()).collect();
        let (first, last) = (paragraphs[0].parse::<u32>().unwrap(), paragraphs.last().unwrap().parse::<u32>().unwrap());
        if (7..=9).contains(&first) {
            continue;
        }
        let is_of = |cells: &&Vec<Cell>| {
            let number: u32 = shown(&cells[1]).trim_start_matches("§ ").parse().unwrap();
            (first..=last).contains(&number)
        };
        let parts: Vec<Name> = kinds.rows.iter().filter(is_of).map(|cells| shown(&cells[0])).collect();
        assert!(!parts.is_empty(), "no kind of {group}");
        reader.knows(&parts, &spot("Tillsammans", group));
    }
    reader
}

/// Öre of a cell; nothing of one that is blank or hidden.
fn amount(cell: &Cell) -> i64 {
    match cell {
        Cell::Belopp(amount) | Cell::Kronor(amount) => amount.0,
        _ => 0,
    }
}

#[tokio::test]
async fn the_demos_year_is_its_ledgers_to_the_ore_and_tells_of_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("demo");
    Ran::of(&Command::new(support::PROGRAM).arg("demo").arg(&demo).output().unwrap()).exits(0);
    let (config, database) = (demo.join("config/arvode.toml"), demo.join("arvode.db"));
    let (found, masked) = made(&config, &database, "2025", "2026-02-15", 3).await;

    // What left in the year's batches is what was paid, and no figure is lost by being hidden.
    let sql = "SELECT sum(sum_ore) FROM batch WHERE name LIKE '2025-%' AND state = 'delivered'";
    let told = Command::new("sqlite3").arg(&database).arg(sql).output().unwrap();
    let paid: i64 = String::from_utf8(told.stdout).unwrap().trim().parse().unwrap();
    assert_eq!(found.now.total.paid.0, paid);
    for (sheet, way) in [("Intjänat organ-slag", 0), ("Betalt organ-slag", 1)] {
        let of = table(&masked, sheet);
        let organs: BTreeMap<String, OrganCode> =
            found.now.organs().into_iter().map(|code| (organ_name(&config, code), code.clone())).collect();
        let (mut all, mut hidden) = (0, 0);
        for cells in &of.rows {
            for (cell, head) in cells.iter().zip(&of.columns).take(of.columns.len() - 1).skip(1) {
                let group = CostGroup::all().find(|group| head.heading.starts_with(group.short())).unwrap();
                let code = &organs[&shown(&cells[0])];
                let truth = found.now.sum(|organ, kind| organ == code && CostGroup::of(kind) == Some(group))[way].0;
                let is_hidden = *cell == Cell::Masked;
                assert!(is_hidden || amount(cell) == truth, "{sheet} {code} {}", head.heading);
                hidden += if is_hidden { truth } else { 0 };
                all += amount(cell);
            }
        }
        let total = amount(of.total.as_ref().unwrap().last().unwrap());
        assert_eq!(all + hidden, total, "{sheet}: shown and hidden are the whole");
        assert!(hidden > 0, "{sheet} hides nothing");
        assert_eq!(total, [found.now.total.earned.0, paid][way]);
    }

    // Nobody can be worked out, neither from one basis nor from the other.
    for (sheet, column) in [("Intjänat organ-slag", "Intjänat"), ("Betalt organ-slag", "Betalt")] {
        let reader = reader_of(&masked, sheet, column);
        assert!(reader.hidden.len() > 4, "{sheet}: {:?}", reader.hidden);
        assert_eq!(reader.works_out(), [""; 0], "{sheet}");
    }
    // The same reader does find what is given away when one hidden figure more is told.
    let mut careless = reader_of(&masked, "Intjänat organ-slag", "Intjänat");
    let told = careless
        .hidden
        .iter()
        .position(|name| name == "Bilersättning")
        .expect("journeys are hidden with the one barntillsyn");
    let told = careless.hidden.remove(told);
    careless.sums.iter_mut().for_each(|sum| sum.retain(|name, _| *name != told));
    assert!(careless.works_out().contains(&"Barntillsyn".to_owned()), "{:?}", careless.hidden);
}

fn organ_name(config: &Path, code: &OrganCode) -> String {
    read(config).unwrap().loaded.regelverk.organ(code).unwrap().namn.clone()
}
