//! Owed = entitled - booked, told as a kommun's months: what comes late, changes or is taken back, and what the next
//! batch then carries, row for row.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;

use support::Kommun;
use support::books::{digits, personnummer};
use support::rows::{belopp, between, differences, of_json, of_paxml, remark, remarks};

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll";

/// A kommun whose first month is September 2026, with ledamöter of kommunstyrelsen.
fn kommun(anstids: &[&str]) -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(anstids);
    kommun
}

/// One meeting of kommunstyrelsen with the same hours for all.
fn ks(kommun: &Kommun, file: &str, day: &str, hours: &str, anstids: &[&str]) -> PathBuf {
    let rows = anstids.iter().map(|anstid| format!("\n{day} | KS | {hours} | @{anstid} | ledamot"));
    kommun.list(file, &(NARVARO.to_owned() + &rows.collect::<String>()))
}

/// A meeting in September with two ledamöter, paid in October.
fn paid_september() -> Kommun {
    let kommun = kommun(&["1001", "1002", "1003"]);
    kommun.import(&[&ks(&kommun, "september.xlsx", "2026-09-09", "13.00 | 15.10", &["1001", "1002"])]);
    assert_eq!(
        kommun.pay("2026-10"),
        [
            "1001 1647 2026-09-09 1 x 412.00 = 412.00",
            "1001 1648 2026-09-09 1.5 x 206.00 = 309.00",
            "1002 1647 2026-09-09 1 x 412.00 = 412.00",
            "1002 1648 2026-09-09 1.5 x 206.00 = 309.00",
        ]
    );
    kommun
}

#[test]
fn a_late_attendance_list_gives_exactly_its_new_rows() {
    let kommun = paid_september();
    assert_eq!(of_json(&kommun.json(&["month", "2026-11"])), [""; 0]);
    let late = kommun.list(
        "au.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Roll
         2026-09-16 | AU | 9.00 | 10.00 | @1002 | ledamot
         2026-09-16 | AU | 9.00 | 10.00 | @1003 | ledamot",
    );
    kommun.import(&[&late]);
    assert_eq!(
        kommun.pay("2026-11"),
        ["1002 1647 2026-09-16 1 x 412.00 = 412.00", "1003 1647 2026-09-16 1 x 412.00 = 412.00"]
    );
    assert_eq!(kommun.pay("2026-12"), [""; 0]);
}

#[test]
fn a_late_person_on_a_paid_list_gives_that_persons_rows() {
    let kommun = paid_september();
    kommun.import(&[&ks(&kommun, "tillägg.xlsx", "2026-09-09", "13.00 | 15.10", &["1003"])]);
    assert_eq!(
        kommun.pay("2026-11"),
        ["1003 1647 2026-09-09 1 x 412.00 = 412.00", "1003 1648 2026-09-09 1.5 x 206.00 = 309.00"]
    );
}

#[test]
fn a_changed_time_reverses_and_rebooks_the_timarvode_and_leaves_the_grundarvode() {
    let kommun = paid_september();
    kommun.import(&[&ks(&kommun, "rättad.xlsx", "2026-09-09", "13.00 | 16.10", &["1001"])]);
    assert_eq!(
        kommun.pay("2026-11"),
        ["1001 1648 2026-09-09 -1.5 x 206.00 = -309.00 - 2026-10/1:2", "1001 1648 2026-09-09 2.5 x 206.00 = 515.00",]
    );
}

#[test]
fn a_changed_day_takes_back_every_line_of_the_meeting_and_books_it_on_the_new_day() {
    let kommun = paid_september();
    let moved = kommun.list(
        "flyttat.xlsx",
        "Datum | Organ | Flyttat från | Start | Slut | Personnummer | Roll
         2026-09-11 | KS | 2026-09-09 | 13.00 | 15.10 | @1001 | ledamot
         2026-09-11 | KS | 2026-09-09 | 13.00 | 15.10 | @1002 | ledamot",
    );
    kommun.import(&[&moved]);
    let expected: Vec<String> = ["1001", "1002"]
        .iter()
        .zip([(1, 2), (3, 4)])
        .flat_map(|(anstid, (grund, tim))| {
            [
                format!("{anstid} 1647 2026-09-09 -1 x 412.00 = -412.00 - 2026-10/1:{grund}"),
                format!("{anstid} 1648 2026-09-09 -1.5 x 206.00 = -309.00 - 2026-10/1:{tim}"),
                format!("{anstid} 1647 2026-09-11 1 x 412.00 = 412.00"),
                format!("{anstid} 1648 2026-09-11 1.5 x 206.00 = 309.00"),
            ]
        })
        .collect();
    assert_eq!(kommun.pay("2026-11"), expected);
}

#[test]
fn a_withdrawn_meeting_gives_exactly_its_reversals() {
    let kommun = paid_september();
    kommun.import(&[&ks(&kommun, "oktober.xlsx", "2026-10-14", "13.00 | 14.00", &["1001", "1002"])]);
    assert_eq!(kommun.pay("2026-11").len(), 2);
    kommun.import(&[&ks(&kommun, "november.xlsx", "2026-11-11", "13.00 | 15.10", &["1001", "1002"])]);
    kommun.run(&["withdraw", "KS", "2026-10-14", "--because", "mötet ställdes in, KS 2026/77"]).exits(0);
    assert_eq!(
        kommun.pay("2026-12"),
        [
            "1001 1647 2026-10-14 -1 x 412.00 = -412.00 - 2026-11/1:1",
            "1001 1647 2026-11-11 1 x 412.00 = 412.00",
            "1001 1648 2026-11-11 1.5 x 206.00 = 309.00",
            "1002 1647 2026-10-14 -1 x 412.00 = -412.00 - 2026-11/1:2",
            "1002 1647 2026-11-11 1 x 412.00 = 412.00",
            "1002 1648 2026-11-11 1.5 x 206.00 = 309.00",
        ]
    );
    kommun.run(&["withdraw", "KS", "2026-10-14", "--because", "en gång till"]).exits(2).says(&["no such meeting"]);
}

#[test]
fn what_was_withdrawn_comes_back_with_its_list() {
    let kommun = kommun(&["1001", "1002"]);
    let list = ks(&kommun, "september.xlsx", "2026-09-09", "13.00 | 14.00", &["1001", "1002"]);
    kommun.import(&[&list]);
    let before = of_json(&kommun.json(&["month", "2026-10"]));
    assert_eq!(before.len(), 2);
    kommun.run(&["withdraw", "KS", "2026-09-09", "--because", "fel datum"]).exits(0);
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])), [""; 0]);
    kommun.import(&[&list]);
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])), before, "the same file again, after it was taken back");
}

#[test]
fn a_paid_meeting_that_was_withdrawn_and_comes_back_is_the_same_meeting_and_is_not_paid_again() {
    let kommun = paid_september();
    let withdraw = || kommun.run(&["withdraw", "KS", "2026-09-09", "--because", "fel datum"]).exits(0);
    let list = ks(&kommun, "september.xlsx", "2026-09-09", "13.00 | 15.10", &["1001", "1002"]);
    withdraw();
    kommun.import(&[&list]);
    assert_eq!(of_json(&kommun.json(&["month", "2026-11"])), [""; 0], "back before anything was taken back");
    withdraw();
    kommun.freeze("2026-11");
    assert_eq!(kommun.held().len(), 2, "both owe");
    kommun.import(&[&list]);
    kommun.import(&[&ks(&kommun, "november.xlsx", "2026-11-11", "13.00 | 14.00", &["1001", "1002"])]);
    let row = |anstid: &str| format!("{anstid} 1647 2026-11-11 1 x 412.00 = 412.00");
    assert_eq!(kommun.pay("2026-12"), [row("1001"), row("1002")]);
    assert_eq!(kommun.held(), [""; 0]);
}

#[test]
fn a_withdrawn_file_takes_back_what_stands_from_it_and_claims_on_its_meetings_wait() {
    let kommun = kommun(&["1001", "1002"]);
    let list = ks(&kommun, "september.xlsx", "2026-09-09", "13.00 | 14.00", &["1001"]);
    let other = ks(&kommun, "tillägg.xlsx", "2026-09-09", "13.00 | 14.00", &["1002"]);
    let claims = kommun.book(
        "yrkanden.xlsx",
        &[(
            "Yrkanden",
            "Datum | Organ | Personnummer | Slag | Tid från | Tid till | Belopp | Styrkt
             2026-09-09 | KS | @1001 | förlorad arbetsinkomst | 13.00 | 14.00 | 250 | ja",
        )],
    );
    kommun.import(&[&list]);
    kommun.import(&[&other]);
    kommun.import(&[&claims]);
    let path = list.to_str().unwrap();
    kommun.run(&["withdraw", path, "--because", "fel fil"]).exits(0);
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])), ["1002 1647 2026-09-09 1 x 412.00 = 412.00"]);
    assert_eq!(kommun.held(), ["1001 2026-09-09 personen finns inte på mötets närvarolista"]);
}

#[test]
fn a_register_that_is_withdrawn_leaves_nobody_unpaid_in_silence() {
    let kommun = paid_september();
    kommun.import(&[&ks(&kommun, "oktober.xlsx", "2026-10-14", "13.00 | 14.00", &["1001", "1002"])]);
    let register = kommun.root().join("register.xlsx");
    let ran = kommun.run(&["withdraw", register.to_str().unwrap(), "--because", "fel fil"]);
    if ran.code == 0 {
        // Their attendance stands: either they are paid, or somebody is told.
        let month = kommun.json(&["month", "2026-11"]);
        let told = [of_json(&month), remarks(&month), kommun.held()].concat();
        for anstid in ["1001", "1002"] {
            assert!(told.iter().any(|text| text.starts_with(anstid)), "nothing is said of {anstid}: {told:?}");
        }
    } else {
        assert!(matches!(ran.code, 2 | 4), "{ran:?}");
        assert_eq!(of_json(&kommun.json(&["month", "2026-11"])).len(), 2);
    }
}

#[test]
fn lists_a_b_a_end_as_a_and_the_same_content_again_changes_nothing() {
    let kommun = kommun(&["1001", "1002"]);
    let a = ks(&kommun, "a.xlsx", "2026-09-09", "13.00 | 15.10", &["1001", "1002"]);
    let b = kommun.list(
        "b.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Roll | Tjänstgörande
         2026-09-09 | KS | 12.30 | 16.10 | @1001 | ledamot | ja
         2026-09-09 | KS | 12.30 | 16.10 | @1002 | ledamot | nej",
    );
    let month = || of_json(&kommun.json(&["month", "2026-10"]));
    kommun.import(&[&a]);
    let with_a = month();
    assert_eq!(with_a.len(), 4);
    kommun.import(&[&b]);
    let with_b = month();
    assert_eq!(
        with_b,
        ["1001 1647 2026-09-09 1 x 412.00 = 412.00", "1001 1648 2026-09-09 3 x 206.00 = 618.00"],
        "220 minutes: 160 beyond the first hour are 6 started half hours"
    );
    kommun.import(&[&a]);
    let facts = kommun.sql("SELECT COUNT(*) FROM fact");
    let again = kommun.import(&[&a]).json();
    assert_eq!((&again["files"][0]["accepted"], &again["files"][0]["unchanged"]), (&0.into(), &2.into()));
    assert_eq!(kommun.sql("SELECT COUNT(*) FROM fact"), facts);
    let rows_of_1001 = |rows: &[String]| rows.iter().filter(|row| row.starts_with("1001")).cloned().collect::<Vec<_>>();
    assert_eq!(rows_of_1001(&month()), rows_of_1001(&with_a));
}

#[test]
fn a_list_that_names_every_column_ends_as_itself_whatever_came_between() {
    let kommun = kommun(&["1001", "1002"]);
    let list = |name: &str, rows: &str| {
        kommun.list(name, &format!("{NARVARO} | Tjänstgörande | Närvarande från | Närvarande till | Körda km\n{rows}"))
    };
    let a = list(
        "a.xlsx",
        "2026-09-09 | KS | 13.00 | 15.10 | @1001 | ledamot | | | | 24
         2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot",
    );
    let b = list(
        "b.xlsx",
        "2026-09-09 | KS | 13.00 | 15.10 | @1001 | ledamot | ja | 13.30 | 14.20
         2026-09-09 | KS | 13.00 | 15.10 | @1002 | ersättare | nej | | | 10",
    );
    let month = || of_json(&kommun.json(&["month", "2026-10"]));
    kommun.import(&[&a]);
    let with_a = month();
    assert_eq!(with_a.len(), 5, "{with_a:?}");
    kommun.try_import(&[&b]);
    assert_eq!(month(), ["1001 1647 2026-09-09 1 x 412.00 = 412.00"], "50 minutes, without a journey");
    kommun.import(&[&a]);
    assert_eq!(month(), with_a);
}

#[test]
fn a_file_supplements_by_meeting_and_person_and_replaces_only_as_a_whole_list() {
    let kommun = kommun(&["1001", "1002", "1003"]);
    kommun.import(&[&ks(&kommun, "första.xlsx", "2026-09-09", "13.00 | 14.00", &["1001", "1002"])]);
    kommun.import(&[&ks(&kommun, "annat möte.xlsx", "2026-09-23", "13.00 | 14.00", &["1001"])]);
    kommun.import(&[&ks(&kommun, "andra.xlsx", "2026-09-09", "13.00 | 14.00", &["1003"])]);
    let row = |anstid: &str, day: &str| format!("{anstid} 1647 {day} 1 x 412.00 = 412.00");
    let both =
        [row("1001", "2026-09-09"), row("1001", "2026-09-23"), row("1002", "2026-09-09"), row("1003", "2026-09-09")];
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])), both);

    let whole = format!("Hela listan: ja\n{NARVARO}\n2026-09-09 | KS | 13.00 | 14.00 | @1003 | ledamot");
    let taken = kommun.import(&[&kommun.list("hela.xlsx", &whole)]).json();
    assert_eq!(taken["files"][0]["removed"], 2);
    let replaced = [row("1001", "2026-09-23"), row("1003", "2026-09-09")];
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])), replaced, "the other meeting's list stays");

    let no = format!("Hela listan: nej\n{NARVARO}\n2026-09-09 | KS | 13.00 | 14.00 | @1001 | ledamot");
    kommun.import(&[&kommun.list("nej.xlsx", &no)]);
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])).len(), 3);
}

#[test]
fn a_whole_list_with_a_held_row_removes_nobody() {
    let kommun = kommun(&["1001", "1002"]);
    kommun.import(&[&ks(&kommun, "första.xlsx", "2026-09-09", "13.00 | 14.00", &["1001", "1002"])]);
    let whole = format!(
        "Hela listan: ja\n{NARVARO}
         2026-09-09 | KS | 13.00 | 14.00 | @1001 | ledamot
         2026-09-09 | KS | 13.00 | 14.00 | 19800101-0000 | ledamot"
    );
    kommun.try_import(&[&kommun.list("hela.xlsx", &whole)]).exits(1);
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])).len(), 2);
}

#[test]
fn a_new_personnummer_makes_no_money_and_later_rows_carry_it() {
    let kommun = paid_september();
    let new = personnummer("19800102989");
    let personer = format!(
        "Personnummer | Efternamn | Förnamn | Anställningsnummer\n{}-{} | Ek | Anna | 1001",
        &new[..8],
        &new[8..]
    );
    kommun.import(&[&kommun.book("nytt nummer.xlsx", &[("Personer", &personer)])]);
    assert_eq!(of_json(&kommun.json(&["month", "2026-11"])), [""; 0]);
    // The old number still finds her, and so does the new one.
    let october = format!(
        "{NARVARO}
         2026-10-14 | KS | 13.00 | 14.00 | @1001 | ledamot
         2026-10-21 | KS | 13.00 | 14.00 | {new} | ledamot"
    );
    kommun.import(&[&kommun.list("oktober.xlsx", &october)]);
    assert_eq!(
        kommun.pay("2026-11"),
        ["1001 1647 2026-10-14 1 x 412.00 = 412.00", "1001 1647 2026-10-21 1 x 412.00 = 412.00"]
    );
    let numbers = |batch: &str| -> Vec<String> {
        let xml = kommun.delivered(batch);
        xml.split("<lonetrans ").skip(1).map(|row| between(row, "persnr=\"", "\"").unwrap()).collect()
    };
    assert_eq!(numbers("2026-10/1"), [digits("1001"), digits("1001"), digits("1002"), digits("1002")]);
    assert_eq!(numbers("2026-11/1"), [new.clone(), new]);
}

#[test]
fn a_changed_lonart_makes_no_rows_and_a_correction_reverses_with_the_old_and_books_with_the_new() {
    let kommun = paid_september();
    kommun.edit("regelverk/lonearter.toml", |text| {
        text + "\n[[loneart]]\nslag = \"timarvode\"\nfrom = \"2026-11\"\nlonart = \"1748\"\nbenamning = \"Timarvode\"\nkonto = \"5111\"\n"
    });
    let preview = kommun.json(&["month", "2026-11"]);
    assert_eq!((of_json(&preview), differences(&preview)), (Vec::new(), Vec::new()));
    kommun.import(&[&ks(&kommun, "rättad.xlsx", "2026-09-09", "13.00 | 16.10", &["1001"])]);
    assert_eq!(
        kommun.pay("2026-11"),
        ["1001 1648 2026-09-09 -1.5 x 206.00 = -309.00 - 2026-10/1:2", "1001 1748 2026-09-09 2.5 x 206.00 = 515.00",]
    );
    let xml = kommun.delivered("2026-11/1");
    let accounts: Vec<String> =
        xml.split("<lonetrans ").skip(1).map(|row| between(row, "<kontonr>", "</kontonr>").unwrap()).collect();
    assert_eq!(accounts, ["5011", "5111"]);
}

/// The riksdagsarvode of a year, as it stands in the settings.
fn riksdagsarvode(year: &str, value: &str) -> String {
    let decided = if year == "2023" { "decided_on = 2023-03-06\n" } else { "" };
    format!(
        "[[riksdagsarvode]]\nfrom = {year}-01-01\n{decided}value = {value}\nunit = \"kr/månad\"\nreference = \"Riksdagens arvodesnämnd\"\n"
    )
}

/// Four persons in January, February and March 2023, paid before the year's riksdagsarvode was known.
fn early_2023() -> Kommun {
    let kommun = Kommun::new("2023-01");
    kommun.edit("regelverk/riksdagsarvode.toml", |text| text.replace(&riksdagsarvode("2023", "73000"), ""));
    let held = [
        ("1001", "ks-ordforande", "KS"),
        ("1002", "ks-vice", "KS"),
        ("1003", "ledamot", "KS"),
        ("1004", "ledamot", "KS"),
    ];
    kommun.take_in_persons(&["1001", "1002", "1003", "1004"], &held);
    let list = |day: &str| {
        kommun.list(
            &format!("{day}.xlsx"),
            &format!(
                "{NARVARO} | Körda km
                 {day} | KS | 13.00 | 15.10 | @1001 | ledamot
                 {day} | KS | 13.00 | 15.10 | @1003 | ledamot
                 {day} | KS | 13.00 | 15.10 | @1004 | ledamot | 24"
            ),
        )
    };
    assert_eq!(
        kommun.pay("2023-01"),
        ["1001 1651 2023-01-31 1 x 53625.00 = 53625.00", "1002 1652 2023-01-31 1 x 9652.50 = 9652.50"]
    );
    for (day, payout, month_end) in [("2023-01-18", "2023-02", "2023-02-28"), ("2023-02-15", "2023-03", "2023-03-31")] {
        kommun.import(&[&list(day)]);
        let expected = [
            format!("1001 1651 {month_end} 1 x 53625.00 = 53625.00"),
            format!("1002 1652 {month_end} 1 x 9652.50 = 9652.50"),
            format!("1003 1647 {day} 1 x 362.00 = 362.00"),
            format!("1003 1648 {day} 1.5 x 181.00 = 271.50"),
            format!("1004 1647 {day} 1 x 362.00 = 362.00"),
            format!("1004 1648 {day} 1.5 x 181.00 = 271.50"),
            format!("1004 MILPRI_SKT {day} 2.4 x 29.00 = 69.60"),
        ];
        assert_eq!(kommun.pay(payout), expected);
    }
    kommun
}

const DIFFERENCES_OF_2023: [&str; 3] =
    ["2023-01: 6 rows, 1355.50", "2023-02: 6 rows, 1355.50", "2023-03: 2 rows, 1327.50"];

#[test]
fn a_retroactive_riksdagsarvode_is_shown_and_goes_out_only_by_a_recalculation_of_every_dependent_line() {
    let kommun = early_2023();
    kommun.edit("regelverk/riksdagsarvode.toml", |text| text + "\n" + &riksdagsarvode("2023", "73000"));

    let preview = kommun.json(&["month", "2023-04"]);
    let april = ["1001 1651 2023-04-30 1 x 54750.00 = 54750.00", "1002 1652 2023-04-30 1 x 9855.00 = 9855.00"];
    assert_eq!(
        (of_json(&preview), differences(&preview)),
        (april.map(str::to_owned).to_vec(), strings(&DIFFERENCES_OF_2023))
    );
    let frozen = kommun.freeze("2023-04");
    assert_eq!(differences(&frozen), DIFFERENCES_OF_2023);
    assert_eq!(kommun.pay_frozen(&frozen), april);

    let because = ["--because", "Riksdagens arvodesnämnd 2023-03-06"];
    let recalculated = kommun.json(&[&["recalculate", "--from", "2023-01"][..], &because].concat());
    assert_eq!(recalculated["batch"], "2023-05/1");
    assert_eq!(
        of_json(&recalculated),
        [
            "1001 1651 2023-01-31 -1 x 53625.00 = -53625.00 - 2023-01/1:1",
            "1001 1651 2023-01-31 1 x 54750.00 = 54750.00",
            "1001 1651 2023-02-28 -1 x 53625.00 = -53625.00 - 2023-02/1:1",
            "1001 1651 2023-02-28 1 x 54750.00 = 54750.00",
            "1001 1651 2023-03-31 -1 x 53625.00 = -53625.00 - 2023-03/1:1",
            "1001 1651 2023-03-31 1 x 54750.00 = 54750.00",
            "1002 1652 2023-01-31 -1 x 9652.50 = -9652.50 - 2023-01/1:2",
            "1002 1652 2023-01-31 1 x 9855.00 = 9855.00",
            "1002 1652 2023-02-28 -1 x 9652.50 = -9652.50 - 2023-02/1:2",
            "1002 1652 2023-02-28 1 x 9855.00 = 9855.00",
            "1002 1652 2023-03-31 -1 x 9652.50 = -9652.50 - 2023-03/1:2",
            "1002 1652 2023-03-31 1 x 9855.00 = 9855.00",
            "1003 1647 2023-01-18 -1 x 362.00 = -362.00 - 2023-02/1:3",
            "1003 1647 2023-01-18 1 x 370.00 = 370.00",
            "1003 1648 2023-01-18 -1.5 x 181.00 = -271.50 - 2023-02/1:4",
            "1003 1648 2023-01-18 1.5 x 185.00 = 277.50",
            "1003 1647 2023-02-15 -1 x 362.00 = -362.00 - 2023-03/1:3",
            "1003 1647 2023-02-15 1 x 370.00 = 370.00",
            "1003 1648 2023-02-15 -1.5 x 181.00 = -271.50 - 2023-03/1:4",
            "1003 1648 2023-02-15 1.5 x 185.00 = 277.50",
            "1004 1647 2023-01-18 -1 x 362.00 = -362.00 - 2023-02/1:5",
            "1004 1647 2023-01-18 1 x 370.00 = 370.00",
            "1004 1648 2023-01-18 -1.5 x 181.00 = -271.50 - 2023-02/1:6",
            "1004 1648 2023-01-18 1.5 x 185.00 = 277.50",
            "1004 1647 2023-02-15 -1 x 362.00 = -362.00 - 2023-03/1:5",
            "1004 1647 2023-02-15 1 x 370.00 = 370.00",
            "1004 1648 2023-02-15 -1.5 x 181.00 = -271.50 - 2023-03/1:6",
            "1004 1648 2023-02-15 1.5 x 185.00 = 277.50",
        ]
    );
    kommun.pay_frozen(&recalculated);

    let after = kommun.json(&["month", "2023-05"]);
    assert_eq!(differences(&after), [""; 0], "what was recalculated is settled");
    let may = kommun.freeze("2023-05");
    assert_eq!(may["batch"], "2023-05/2");
    assert_eq!(
        of_json(&may),
        ["1001 1651 2023-05-31 1 x 54750.00 = 54750.00", "1002 1652 2023-05-31 1 x 9855.00 = 9855.00"]
    );
}

#[test]
fn late_attendance_in_a_recalculated_month_is_paid_by_the_new_value_and_before_by_the_old() {
    let kommun = early_2023();
    kommun.edit("regelverk/riksdagsarvode.toml", |text| text + "\n" + &riksdagsarvode("2023", "73000"));
    kommun.import(&[&ks(&kommun, "sen.xlsx", "2023-01-11", "9.00 | 10.00", &["1003"])]);
    let april = kommun.pay("2023-04");
    assert_eq!(
        april[2..],
        ["1003 1647 2023-01-11 1 x 362.00 = 362.00"],
        "January is still counted by what it was pinned to"
    );
    let recalculated = kommun.json(&["recalculate", "--from", "2023-01", "--because", "RAN 2023-03-06"]);
    assert_eq!(of_json(&recalculated).len(), 30);
    kommun.pay_frozen(&recalculated);
    kommun.import(&[&ks(&kommun, "sen igen.xlsx", "2023-01-12", "9.00 | 10.00", &["1004"])]);
    let may = kommun.pay("2023-05");
    assert_eq!(may[2..], ["1004 1647 2023-01-12 1 x 370.00 = 370.00"]);
}

#[test]
fn a_recalculation_from_february_leaves_january() {
    let kommun = early_2023();
    kommun.edit("regelverk/riksdagsarvode.toml", |text| text + "\n" + &riksdagsarvode("2023", "73000"));
    let recalculated = kommun.json(&["recalculate", "--from", "2023-02", "--because", "RAN 2023-03-06"]);
    assert_eq!(recalculated["batch"], "2023-04/1");
    let rows = of_json(&recalculated);
    assert_eq!(rows.len(), 16);
    assert!(rows.iter().all(|row| !row.contains(" 2023-01-")), "{rows:?}");
    kommun.pay_frozen(&recalculated);
    assert_eq!(differences(&kommun.json(&["month", "2023-04"])), [DIFFERENCES_OF_2023[0]]);
}

#[test]
fn a_voided_recalculation_gives_its_months_their_old_rules_back() {
    let kommun = early_2023();
    kommun.edit("regelverk/riksdagsarvode.toml", |text| text + "\n" + &riksdagsarvode("2023", "73000"));
    let because = ["recalculate", "--from", "2023-01", "--because", "RAN 2023-03-06"];
    let first = kommun.json(&because);
    kommun.run(&["void", "2023-04/1", "--because", "fel månad"]).exits(0);
    assert_eq!(differences(&kommun.json(&["month", "2023-04"])), DIFFERENCES_OF_2023);
    let second = kommun.json(&because);
    assert_eq!(second["batch"], "2023-04/2");
    assert_eq!(of_json(&first), of_json(&second));
}

#[test]
fn a_recalculation_that_lowers_everything_takes_nothing_back_until_somebody_decides() {
    let kommun = early_2023();
    kommun.edit("regelverk/riksdagsarvode.toml", |text| text + "\n" + &riksdagsarvode("2023", "70000"));
    let lowered = ["recalculate", "--from", "2023-01", "--because", "prov", "--json"];
    let asked = kommun.run(&lowered).exits(1).json();
    assert_eq!(of_json(&asked), [""; 0]);
    let waiting = [
        "1001 - personens rader blir tillsammans -3 375,00 kr: de väntar på beslut",
        "1002 - personens rader blir tillsammans -607,50 kr: de väntar på beslut",
        "1003 - personens rader blir tillsammans -28,00 kr: de väntar på beslut",
        "1004 - personens rader blir tillsammans -28,00 kr: de väntar på beslut",
    ];
    assert_eq!(remarks(&asked), waiting);
    // April is paid in full by the lower value; what was paid too much before is not set off against it.
    let april = kommun.run(&["month", "2023-04", "--freeze", "--json"]).exits(1).json();
    assert_eq!(
        of_json(&april),
        ["1001 1651 2023-04-30 1 x 52500.00 = 52500.00", "1002 1652 2023-04-30 1 x 9450.00 = 9450.00"]
    );
    assert_eq!(remarks(&april), waiting);
}

#[test]
fn a_recalculation_needs_a_booked_month_and_a_decision() {
    let kommun = kommun(&["1001"]);
    let recalculate = |because: &str| kommun.run(&["recalculate", "--from", "2026-09", "--because", because]);
    recalculate("KF 1").exits(2).says(&["no month is booked"]);
    recalculate(" ").exits(2).says(&["--because needs the decision"]);
}

#[test]
fn a_typo_in_a_value_of_years_ago_is_shown_and_not_paid() {
    let kommun = Kommun::new("2022-11");
    kommun.take_in_persons(&["1001", "1003"], &[("1001", "ks-vice", "KS"), ("1003", "ledamot", "KS")]);
    kommun.import(&[&ks(&kommun, "november.xlsx", "2022-11-16", "13.00 | 15.10", &["1003"])]);
    kommun.pay("2022-12");
    kommun.import(&[&ks(&kommun, "januari.xlsx", "2023-01-18", "13.00 | 15.10", &["1003"])]);
    let before = of_json(&kommun.json(&["month", "2023-02"]));
    kommun.edit("regelverk/riksdagsarvode.toml", |text| {
        text.replace(&riksdagsarvode("2022", "71500"), &riksdagsarvode("2022", "75100"))
    });
    let month = kommun.json(&["month", "2023-02"]);
    assert_eq!(of_json(&month), before);
    assert_eq!(
        differences(&month),
        ["2022-11: 3 rows, 517.50", "2022-12: 1 rows, 486.00"],
        "ks-vice 486.00 a month; grundarvode 362 -> 380; 1.5 h at 181 -> 190"
    );
    assert_eq!(kommun.pay("2023-02"), before);
}

#[test]
fn a_voided_batch_returns_its_lines_and_the_next_one_has_a_new_number() {
    let kommun = paid_september();
    kommun.import(&[&ks(&kommun, "oktober.xlsx", "2026-10-14", "13.00 | 14.00", &["1001"])]);
    kommun.import(&[&ks(&kommun, "rättad.xlsx", "2026-09-09", "13.00 | 16.10", &["1002"])]);
    let first = kommun.freeze("2026-11");
    kommun.sign("2026-11/1");
    kommun.run(&["void", "2026-11/1", "--because", "fel lista"]).exits(0);
    assert_eq!(kommun.state("2026-11/1"), "void");
    kommun.run(&["export", "2026-11/1"]).exits(4).says(&["taken back", "--freeze"]);
    kommun.run(&["void", "2026-11/1", "--because", "igen"]).exits(4).says(&["is void already"]);
    let second = kommun.freeze("2026-11");
    assert_eq!((&first["batch"], &second["batch"]), (&"2026-11/1".into(), &"2026-11/2".into()));
    assert_eq!(of_json(&second), of_json(&first));
    assert_eq!(of_json(&second).len(), 3);
    kommun.pay_frozen(&second);
}

#[test]
fn what_has_left_is_voided_only_when_payroll_has_thrown_it_away_and_the_latest_first() {
    let kommun = paid_september();
    kommun.run(&["void", "2026-10/1", "--because", "fel"]).exits(4).says(&["its file has left", "--payroll-discarded"]);
    kommun.import(&[&ks(&kommun, "oktober.xlsx", "2026-10-14", "13.00 | 14.00", &["1001"])]);
    kommun.pay("2026-11");
    let discarded =
        |batch: &str| kommun.run(&["void", batch, "--because", "lön har kastat filen", "--payroll-discarded"]);
    discarded("2026-10/1").exits(4).says(&["2026-11/1", "void it first"]);
    discarded("2026-11/1").exits(0);
    discarded("2026-10/1").exits(0);
    assert_eq!(kommun.freeze("2026-11")["batch"], "2026-11/2");
    assert_eq!(of_json(&kommun.json(&["month", "2026-11/2"])).len(), 5, "September and October are owed again");
}

#[test]
fn at_most_one_batch_is_open_and_no_month_goes_before_a_booked_one() {
    let kommun = paid_september();
    kommun.run(&["month", "2026-09", "--freeze"]).exits(4).says(&["2026-09 lies before 2026-10/1"]);
    kommun.run(&["month", "2026-09"]).exits(4).says(&["2026-09 lies before 2026-10/1"]);
    kommun.import(&[&ks(&kommun, "oktober.xlsx", "2026-10-14", "13.00 | 14.00", &["1001"])]);
    kommun.freeze("2026-11");
    for open in [
        &["month", "2026-12", "--freeze"][..],
        &["month", "2026-11", "--freeze"],
        &["recalculate", "--from", "2026-09", "--because", "KF 1"],
    ] {
        kommun.run(open).exits(4).says(&["2026-11/1 is still calculated", "arvode void 2026-11/1"]);
    }
}

#[test]
fn a_net_negative_person_waits_with_all_rows_and_a_remark_while_others_go() {
    let kommun = paid_september();
    let whole = format!("Hela listan: ja\n{NARVARO}\n2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot");
    kommun.import(&[&kommun.list("hela.xlsx", &whole)]);
    kommun.import(&[&ks(&kommun, "oktober.xlsx", "2026-10-14", "13.00 | 14.00", &["1001", "1003"])]);
    let frozen = kommun.json(&["month", "2026-11", "--freeze"]);
    assert_eq!(of_json(&frozen), ["1003 1647 2026-10-14 1 x 412.00 = 412.00"]);
    assert_eq!(remarks(&frozen), ["1001 - personens rader blir tillsammans -309,00 kr: de väntar på beslut"]);
    kommun.pay_frozen(&frozen);

    // A new meeting is paid; what waits is never set off by itself.
    kommun.import(&[&ks(&kommun, "november.xlsx", "2026-11-11", "13.00 | 16.10", &["1001"])]);
    let december = kommun.freeze("2026-12");
    assert_eq!(
        of_json(&december),
        ["1001 1647 2026-11-11 1 x 412.00 = 412.00", "1001 1648 2026-11-11 2.5 x 206.00 = 515.00"]
    );
    assert_eq!(remarks(&december), ["1001 - personens rader blir tillsammans -309,00 kr: de väntar på beslut"]);
    kommun.pay_frozen(&december);
    assert_eq!(kommun.held(), ["1001 - personens rader blir tillsammans -309,00 kr: de väntar på beslut"]);
}

#[test]
fn a_debt_waits_for_its_decision_also_when_nobody_else_had_rows_that_month() {
    let kommun = paid_september();
    let whole = format!("Hela listan: ja\n{NARVARO}\n2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot");
    kommun.import(&[&kommun.list("hela.xlsx", &whole)]);
    let empty = kommun.run(&["month", "2026-11", "--freeze", "--json"]).exits(1).json();
    assert_eq!(remarks(&empty), ["1001 - personens rader blir tillsammans -721,00 kr: de väntar på beslut"]);
    kommun.import(&[&ks(&kommun, "november.xlsx", "2026-11-11", "9.00 | 16.00", &["1001"])]);
    let december = kommun.freeze("2026-12");
    assert_eq!(
        of_json(&december),
        ["1001 1647 2026-11-11 1 x 412.00 = 412.00", "1001 1648 2026-11-11 6 x 206.00 = 1236.00"],
        "recover, set off or waive is a decision, never automatic"
    );
}

#[test]
fn a_debt_that_waits_already_makes_no_batch_of_its_own_again() {
    let kommun = paid_september();
    let whole = format!("Hela listan: ja\n{NARVARO}\n2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot");
    kommun.import(&[&kommun.list("hela.xlsx", &whole)]);
    kommun.run(&["month", "2026-11", "--freeze", "--json"]).exits(1);
    let batches = || kommun.sql("SELECT group_concat(name) FROM batch");
    let before = batches();
    let again = kommun.run(&["month", "2026-11", "--freeze", "--json"]).exits(1).json();
    assert_eq!((&again["batch"], batches()), (&serde_json::Value::Null, before), "nothing has changed since");
    assert_eq!(remarks(&again), ["1001 - personens rader blir tillsammans -721,00 kr: de väntar på beslut"]);
}

#[test]
fn a_debt_that_was_put_right_by_facts_waits_no_more_and_a_later_correction_goes_out() {
    let kommun = paid_september();
    let whole =
        |rows: &str| format!("Hela listan: ja\n{NARVARO}\n2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot{rows}");
    kommun.import(&[&kommun.list("hela.xlsx", &whole(""))]);
    kommun.import(&[&ks(&kommun, "oktober.xlsx", "2026-10-14", "13.00 | 14.00", &["1003"])]);
    kommun.pay("2026-11");
    assert_eq!(kommun.held().len(), 1);
    kommun.import(&[&kommun.list("hela.xlsx", &whole("\n2026-09-09 | KS | 13.00 | 15.10 | @1001 | ledamot"))]);
    assert_eq!(kommun.held(), [""; 0]);

    kommun.import(&[&ks(&kommun, "november.xlsx", "2026-11-11", "13.00 | 14.00", &["1003"])]);
    assert_eq!(kommun.pay("2026-12"), ["1003 1647 2026-11-11 1 x 412.00 = 412.00"]);

    kommun.import(&[&ks(&kommun, "rättad.xlsx", "2026-09-09", "13.00 | 14.30", &["1001"])]);
    kommun.import(&[&ks(&kommun, "december.xlsx", "2026-12-09", "13.00 | 14.00", &["1001"])]);
    assert_eq!(
        kommun.pay("2027-01"),
        [
            "1001 1648 2026-09-09 -1.5 x 206.00 = -309.00 - 2026-10/1:2",
            "1001 1648 2026-09-09 0.5 x 206.00 = 103.00",
            "1001 1647 2026-12-09 1 x 412.00 = 412.00",
        ],
        "the batch is not net negative, and what waited before is settled"
    );
}

fn claims(kommun: &Kommun, file: &str, rows: &str) -> PathBuf {
    let header = "Datum | Organ | Personnummer | Slag | Tid från | Tid till | Belopp | Styrkt | Återtagen";
    kommun.book(file, &[("Yrkanden", &format!("{header}\n{rows}"))])
}

#[test]
fn a_claim_waits_until_it_is_styrkt() {
    let kommun = paid_september();
    let claim =
        |styrkt: &str| format!("2026-09-09 | KS | @1001 | förlorad arbetsinkomst | 13.00 | 15.00 | 500 | {styrkt}");
    kommun.import(&[&claims(&kommun, "yrkanden.xlsx", &claim("nej"))]);
    assert_eq!(of_json(&kommun.json(&["month", "2026-11"])), [""; 0]);
    assert_eq!(kommun.held(), ["1001 2026-09-09 förlusten 13.00-15.00 är inte styrkt"]);
    kommun.import(&[&claims(&kommun, "yrkanden.xlsx", &claim("ja"))]);
    assert_eq!(kommun.held(), [""; 0]);
    assert_eq!(kommun.pay("2026-11"), ["1001 1675 2026-09-09 2 x 250.00 = 500.00"]);
}

#[test]
fn a_claim_that_is_taken_back_is_reversed_and_one_of_all_slag_takes_them_all() {
    let kommun = paid_september();
    let lost = "2026-09-09 | KS | @1001 | förlorad arbetsinkomst | 13.00 | 15.00 | 500 | ja";
    kommun.import(&[&claims(&kommun, "yrkanden.xlsx", lost)]);
    kommun.pay("2026-11");
    kommun.import(&[&ks(&kommun, "november.xlsx", "2026-11-11", "13.00 | 15.10", &["1001"])]);
    kommun.import(&[&claims(&kommun, "återtaget.xlsx", &format!("{lost} | ja"))]);
    let expected = [
        "1001 1675 2026-09-09 -2 x 250.00 = -500.00 - 2026-11/1:1",
        "1001 1647 2026-11-11 1 x 412.00 = 412.00",
        "1001 1648 2026-11-11 1.5 x 206.00 = 309.00",
    ];
    assert_eq!(of_json(&kommun.json(&["month", "2026-12"])), expected);
    kommun.import(&[&claims(&kommun, "igen.xlsx", &format!("{lost} | nej"))]);
    assert_eq!(of_json(&kommun.json(&["month", "2026-12"])), expected[1..]);
    kommun.import(&[&claims(&kommun, "alla.xlsx", "2026-09-09 | KS | @1001 | återtagen")]);
    assert_eq!(kommun.pay("2026-12"), expected);
}

#[test]
fn facts_that_come_after_the_freeze_go_to_the_next_batch() {
    let kommun = kommun(&["1001", "1002"]);
    kommun.import(&[&ks(&kommun, "september.xlsx", "2026-09-09", "13.00 | 14.00", &["1001"])]);
    let frozen = kommun.freeze("2026-10");
    kommun.import(&[&ks(&kommun, "sen.xlsx", "2026-09-16", "13.00 | 14.00", &["1001", "1002"])]);
    kommun.import(&[&ks(&kommun, "rättad.xlsx", "2026-09-09", "13.00 | 15.10", &["1001"])]);
    assert_eq!(kommun.pay_frozen(&frozen), ["1001 1647 2026-09-09 1 x 412.00 = 412.00"]);
    assert_eq!(
        kommun.pay("2026-11"),
        [
            "1001 1648 2026-09-09 1.5 x 206.00 = 309.00",
            "1001 1647 2026-09-16 1 x 412.00 = 412.00",
            "1002 1647 2026-09-16 1 x 412.00 = 412.00",
        ]
    );
}

#[test]
fn a_batch_that_was_paid_shows_no_waiting_persons_when_later_batches_have_changed_it() {
    let kommun = paid_september();
    kommun.import(&[&ks(&kommun, "rättad.xlsx", "2026-09-09", "13.00 | 16.10", &["1001"])]);
    kommun.pay("2026-11");
    let old = kommun.run(&["month", "2026-10/1", "--json"]).exits(0).json();
    assert_eq!((of_json(&old).len(), remarks(&old)), (4, Vec::new()));
}

/// A kommun whose clock stands where a test puts it.
struct AtInstant(Kommun);

impl AtInstant {
    fn new(first_month: &str) -> AtInstant {
        let kommun = Kommun::new(first_month);
        kommun.edit("arvode.toml", |text| {
            text.replace("database = \"arvode.db\"", "database = \"arvode.db\"\ndemo = true")
        });
        AtInstant(kommun)
    }

    #[track_caller]
    fn run(&self, day: &str, arguments: &[&str]) -> support::Ran {
        let now = format!("{day}T10:00:00Z");
        self.0.run(&[arguments, &["--now", &now, "--json"]].concat())
    }

    #[track_caller]
    fn import(&self, day: &str, file: &std::path::Path) {
        self.run(day, &["import", file.to_str().unwrap()]).exits(0);
    }

    #[track_caller]
    fn known_on(&self, today: &str, month: &str, day: &str) -> Vec<String> {
        of_json(&self.run(today, &["month", month, "--as-known-on", day]).json())
    }
}

/// Takes in a register at an instant.
fn register_at(kommun: &AtInstant, day: &str) {
    let book = kommun.0.book(
        "register.xlsx",
        &[(
            "Personer",
            "Personnummer | Efternamn | Förnamn | Anställningsnummer\n@1001 | Ek | Anna | 1001\n@1002 | Alm | Bo | 1002",
        )],
    );
    kommun.import(day, &book);
}

#[test]
fn as_known_on_a_day_shows_the_facts_of_that_day_before_and_after_the_batch() {
    let kommun = AtInstant::new("2026-09");
    register_at(&kommun, "2026-09-01");
    kommun.import("2026-10-01", &ks(&kommun.0, "a.xlsx", "2026-09-09", "13.00 | 14.00", &["1001"]));
    kommun.import("2026-10-05", &ks(&kommun.0, "b.xlsx", "2026-09-09", "13.00 | 15.10", &["1001", "1002"]));
    let first = strings(&["1001 1647 2026-09-09 1 x 412.00 = 412.00"]);
    let second = strings(&[
        "1001 1647 2026-09-09 1 x 412.00 = 412.00",
        "1001 1648 2026-09-09 1.5 x 206.00 = 309.00",
        "1002 1647 2026-09-09 1 x 412.00 = 412.00",
        "1002 1648 2026-09-09 1.5 x 206.00 = 309.00",
    ]);
    let check = |today: &str| {
        for (day, expected) in
            [("2026-09-30", &Vec::new()), ("2026-10-01", &first), ("2026-10-04", &first), ("2026-10-05", &second)]
        {
            assert_eq!(&kommun.known_on(today, "2026-10", day), expected, "known on {day}, asked on {today}");
        }
    };
    check("2026-10-06");
    kommun.run("2026-10-07", &["month", "2026-10", "--freeze"]).exits(0);
    check("2026-10-08");
    kommun.run("2026-10-09", &["void", "2026-10/1", "--because", "fel månad"]).exits(0);
    kommun.run("2026-11-07", &["month", "2026-11", "--freeze"]).exits(0);
    check("2026-11-08");
}

#[test]
fn as_known_on_a_day_knows_only_what_was_decided_by_then() {
    let kommun = AtInstant::new("2023-01");
    register_at(&kommun, "2023-01-02");
    kommun.import("2023-01-20", &ks(&kommun.0, "januari.xlsx", "2023-01-18", "13.00 | 14.00", &["1001"]));
    let month = |day: &str| kommun.known_on("2023-04-01", "2023-02", day);
    assert_eq!(month("2023-03-05"), ["1001 1647 2023-01-18 1 x 362.00 = 362.00"]);
    assert_eq!(month("2023-03-06"), ["1001 1647 2023-01-18 1 x 370.00 = 370.00"]);
}

#[test]
fn explain_as_known_on_a_day_tells_the_facts_the_decisions_and_the_batches_of_that_day() {
    let kommun = AtInstant::new("2023-01");
    register_at(&kommun, "2023-01-02");
    kommun.import("2023-01-20", &ks(&kommun.0, "a.xlsx", "2023-01-18", "13.00 | 14.00", &["1001"]));
    kommun.run("2023-02-07", &["month", "2023-02", "--freeze"]).exits(0);
    kommun.import("2023-02-20", &ks(&kommun.0, "b.xlsx", "2023-01-18", "13.00 | 14.00", &["1001", "1002"]));
    let explain = |what: &str, day: &str| {
        let explained = kommun.run("2023-04-01", &["explain", what, "--as-known-on", day]).exits(0).json();
        let step = explained["rows"][0]["steps"].to_string();
        (of_json(&explained), step.contains("riksdagsarvode 71500 "), step.contains("riksdagsarvode 73000 "))
    };
    let (first, second) =
        ("1001 1647 2023-01-18 1 x 362.00 = 362.00".to_owned(), "1002 1647 2023-01-18 1 x 362.00 = 362.00".to_owned());
    assert_eq!(explain("2023-02", "2023-01-19"), (Vec::new(), false, false));
    assert_eq!(explain("2023-02", "2023-01-20"), (vec![first.clone()], true, false));
    // The batch was there and had booked it; what came in after it is the next month's.
    assert_eq!(explain("2023-03", "2023-02-07"), (Vec::new(), false, false));
    assert_eq!(explain("2023-03", "2023-03-05"), (vec![second.clone()], true, false));
    assert_eq!(explain("2023-03", "2023-03-06"), (vec![second], true, false), "January is pinned to what was known");
    assert_eq!(explain("2023-02/1", "2023-02-07"), (vec![first], true, false));
    kommun
        .run("2023-04-01", &["explain", "2023-02/1", "--as-known-on", "2023-02-06"])
        .exits(2)
        .says(&["2023-02/1 was frozen on 2023-02-07", "arvode explain 2023-02 --as-known-on 2023-02-06"]);
}

#[test]
fn a_stand_in_for_the_clock_or_for_what_is_known_never_writes() {
    let kommun = kommun(&["1001"]);
    kommun.import(&[&ks(&kommun, "september.xlsx", "2026-09-09", "13.00 | 14.00", &["1001"])]);
    kommun.run(&["month", "2026-10", "--freeze", "--now", "2026-10-06T10:00:00Z"]).exits(4).says(&["--now"]);
    let known = kommun.run(&["month", "2026-10", "--freeze", "--as-known-on", "2026-09-01"]);
    assert!(matches!(known.code, 2 | 4), "a batch was frozen from other facts than were asked for: {known:?}");
}

#[test]
fn the_same_name_from_two_organs_keeps_the_held_rows_of_both() {
    let kommun = kommun(&["1001"]);
    let list = |organ: &str, birth: &str| {
        kommun.list("närvaro.xlsx", &format!("{NARVARO}\n2026-09-09 | {organ} | 13.00 | 14.00 | {birth} | ledamot"))
    };
    kommun.try_import(&[&list("KS", &personnummer("19700101991"))]).exits(1);
    kommun.try_import(&[&list("AU", &personnummer("19700101992"))]).exits(1);
    assert_eq!(kommun.held().len(), 2, "two rows came in and were held; none may vanish: {:?}", kommun.held());
}

/// A small generator, so that a seed tells the same story everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// What is true in the end: meeting day and person -> hours and whether they served.
type Truth = BTreeMap<(String, &'static str), (u64, u64, bool)>;

fn truth_rows<'a>(truth: impl Iterator<Item = (&'a (String, &'static str), &'a (u64, u64, bool))>) -> String {
    let row = |((day, anstid), (from, to, serves)): (&(String, &str), &(u64, u64, bool))| {
        let clock = |minutes: u64| format!("{}.{:02}", minutes / 60, minutes % 60);
        let tjg = if *serves { "ja" } else { "nej" };
        format!("\n{day} | KS | {} | {} | @{anstid} | ledamot | {tjg}", clock(*from), clock(*to))
    };
    format!("{NARVARO} | Tjänstgörande{}", truth.map(row).collect::<String>())
}

/// Every exported row of the batches, added up by person, lönart and day: antal in hundredths, öre.
fn exported(kommun: &Kommun, batches: &[String]) -> BTreeMap<String, (i64, i64)> {
    let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for batch in batches {
        for row in of_paxml(&kommun.delivered(batch)) {
            let words: Vec<&str> = row.split(' ').collect();
            let (whole, part) =
                words[3].trim_start_matches('-').split_once('.').unwrap_or((words[3].trim_start_matches('-'), "0"));
            let antal = whole.parse::<i64>().unwrap() * 100 + format!("{part:0<2}").parse::<i64>().unwrap();
            let sum = sums.entry(words[..3].join(" ")).or_default();
            sum.0 += if words[3].starts_with('-') { -antal } else { antal };
            sum.1 += belopp(&row);
        }
    }
    sums.retain(|_, sum| *sum != (0, 0));
    sums
}

#[test]
fn whatever_the_order_of_lists_corrections_and_batches_the_sum_of_all_files_is_what_the_final_facts_give() {
    const PERSONS: [&str; 4] = ["1001", "1002", "1003", "1004"];
    for seed in 1..=6 {
        let (kommun, mut dice, mut truth) = (kommun(&PERSONS), Dice(seed), Truth::new());
        let (mut batches, mut file) = (Vec::new(), 0);
        for (month, payout) in
            [("2026-09", "2026-10"), ("2026-10", "2026-11"), ("2026-11", "2026-12"), ("2026-12", "2027-01")]
        {
            // Everybody sits through a long meeting a month, so that nobody becomes net negative.
            for anstid in PERSONS {
                truth.insert((format!("{month}-28"), anstid), (8 * 60, 17 * 60, true));
            }
            kommun.import(&[&kommun.list(
                &format!("{month}.xlsx"),
                &truth_rows(truth.iter().filter(|((day, _), _)| day.starts_with(month))),
            )]);
            for _ in 0..4 {
                file += 1;
                let earlier =
                    ["2026-09", "2026-10", "2026-11", "2026-12"].iter().position(|other| *other == month).unwrap();
                let of = ["2026-09", "2026-10", "2026-11", "2026-12"][dice.below(earlier as u64 + 1) as usize];
                let day = format!("{of}-{:02}", 1 + dice.below(3) * 7);
                let mut told = Truth::new();
                for anstid in PERSONS {
                    if dice.below(3) > 0 {
                        let from = 12 * 60 + dice.below(4) * 15;
                        told.insert((day.clone(), anstid), (from, 14 * 60 + dice.below(20) * 5, dice.below(6) > 0));
                    }
                }
                if told.is_empty() {
                    continue;
                }
                let is_whole = dice.below(3) == 0;
                if is_whole {
                    truth.retain(|(other, _), _| *other != day);
                }
                let above = if is_whole { "Hela listan: ja\n" } else { "" };
                kommun.import(&[
                    &kommun.list(&format!("lista {file}.xlsx"), &format!("{above}{}", truth_rows(told.iter())))
                ]);
                truth.extend(told);
            }
            let frozen = kommun.freeze(payout);
            assert!(
                !remarks(&frozen).iter().any(|text| text.contains("väntar")),
                "seed {seed}: {:?}",
                remarks(&frozen)
            );
            let name = frozen["batch"].as_str().unwrap().to_owned();
            if dice.below(4) == 0 {
                kommun.run(&["void", &name, "--because", "prov"]).exits(0);
                continue;
            }
            kommun.pay_frozen(&frozen);
            batches.push(name);
        }
        let last = kommun.freeze("2027-02");
        if let Some(name) = last["batch"].as_str() {
            kommun.pay_frozen(&last);
            batches.push(name.to_owned());
        }
        let fresh = self::kommun(&PERSONS);
        fresh.import(&[&fresh.list("allt.xlsx", &truth_rows(truth.iter()))]);
        let all = fresh.freeze("2027-02");
        fresh.pay_frozen(&all);
        let expected = exported(&fresh, &[all["batch"].as_str().unwrap().to_owned()]);
        assert_eq!(exported(&kommun, &batches), expected, "seed {seed}");
    }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_remark_has_a_person_a_day_and_a_reason() {
    let found = serde_json::json!({ "anstid": null, "date": "2026-09-09", "reason": "okänd person" });
    assert_eq!(remark(&found), "- 2026-09-09 okänd person");
}
