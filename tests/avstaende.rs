//! A person waives compensation in writing: the sheet Avstående, from a day to a day, all or some kinds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use support::Kommun;
use support::rows::of_json;

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll | Körda km";
const AVSTAENDE: &str = "Personnummer | Avstår | Från | Till | Handling";

/// Two meetings of kommunstyrelsen with 1001, on the 9th and the 23rd of September, each with a journey.
fn september() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001"]);
    let rows = ["2026-09-09", "2026-09-23"].map(|day| format!("\n{day} | KS | 13.00 | 14.00 | @1001 | ledamot | 24"));
    kommun.import(&[&kommun.list("september.xlsx", &(NARVARO.to_owned() + &rows.concat()))]);
    kommun
}

fn waives(kommun: &Kommun, name: &str, rows: &str) {
    kommun.import(&[&kommun.book(name, &[("Avstående", &format!("{AVSTAENDE}\n{rows}"))])]);
}

/// Lönart and day of each row of a month.
fn rows(kommun: &Kommun, month: &str) -> Vec<String> {
    of_json(&kommun.json(&["month", month])).iter().map(|row| short(row)).collect()
}

fn short(row: &str) -> String {
    let sign = if row.contains(" = -") { "-" } else { "" };
    sign.to_owned() + &row.split(' ').skip(1).take(2).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_waiver_covers_its_kind_from_its_first_day_to_its_last() {
    let kommun = september();
    let all = rows(&kommun, "2026-10");
    assert_eq!(all.iter().filter(|row| row.starts_with("1647")).count(), 2, "{all:?}");
    waives(&kommun, "avstående.xlsx", "@1001 | sammanträdesarvode | 2026-09-10 | 2026-09-30 | KS 2026/12");
    let left: Vec<String> = all.into_iter().filter(|row| row != "1647 2026-09-23").collect();
    assert_eq!(rows(&kommun, "2026-10"), left);
}

#[test]
fn all_is_waived_and_shown_and_settled_without_money() {
    let kommun = september();
    waives(&kommun, "avstående.xlsx", "@1001 | allt | 2026-09-01 | | KS 2026/12");
    let month = kommun.json(&["month", "2026-10"]);
    assert_eq!(of_json(&month), [""; 0]);
    let waived = month["waived"].as_array().unwrap();
    let first = &waived[0];
    assert_eq!(
        (first["anstid"].as_str(), first["belopp"].as_str(), first["handling"].as_str(), first["datum"].as_str()),
        (Some("1001"), Some("412.00"), Some("KS 2026/12"), Some("2026-09-09")),
        "{first}"
    );
    for command in [&["month", "2026-10"][..], &["explain", "2026-10"]] {
        let out = kommun.run(command).exits(0).out.replace('\u{a0}', " ");
        assert!(out.contains("avstått: grundarvode") && out.contains("412,00 kr enligt KS 2026/12"), "{out}");
    }
    assert_eq!(kommun.pay("2026-10"), [""; 0]);
}

#[test]
fn the_arvodesbesked_tells_what_was_waived() {
    let kommun = september();
    waives(&kommun, "avstående.xlsx", "@1001 | sammanträdesarvode | 2026-09-10 | | KS 2026/12");
    kommun.pay("2026-10");
    let out = kommun.run(&["statement", "1001", "2026-10"]).exits(0).out.replace('\u{a0}', " ");
    assert!(out.contains("2026-09-23: avstått: grundarvode, 412,00 kr enligt KS 2026/12"), "{out}");
    let json = kommun.json(&["statement", "1001", "2026-10"]);
    assert_eq!(json["waived"].as_array().unwrap().len(), 1, "{json}");
}

#[test]
fn a_waiver_of_days_already_paid_takes_them_back() {
    let kommun = september();
    kommun.pay("2026-10");
    waives(&kommun, "avstående.xlsx", "@1001 | sammanträdesarvode | 2026-09-10 | 2026-09-30 | KS 2026/12");
    // Alone the person would become net negative, and waits for a decision.
    assert_eq!(rows(&kommun, "2026-11"), [""; 0]);
    let held = kommun.held();
    assert!(held.iter().any(|remark| remark.contains("-412,00 kr: de väntar på beslut")), "{held:?}");
    let october = format!("{NARVARO}\n2026-10-14 | KS | 13.00 | 15.10 | @1001 | ledamot |");
    kommun.import(&[&kommun.list("oktober.xlsx", &october)]);
    assert_eq!(rows(&kommun, "2026-11"), ["-1647 2026-09-23", "1647 2026-10-14", "1648 2026-10-14"]);
    let month = kommun.json(&["month", "2026-11"]);
    let waived: Vec<&str> =
        month["waived"].as_array().unwrap().iter().map(|one| one["datum"].as_str().unwrap()).collect();
    assert_eq!(waived, ["2026-09-23"]);
}

#[test]
fn a_waiver_that_ends_ends_from_the_day_after() {
    let kommun = september();
    waives(&kommun, "avstående.xlsx", "@1001 | sammanträdesarvode, resa | 2026-09-01 | | KS 2026/12");
    let waived = rows(&kommun, "2026-10");
    assert!(waived.iter().all(|row| !row.starts_with("1647")), "{waived:?}");
    waives(&kommun, "avslutat.xlsx", "@1001 | sammanträdesarvode, resa | 2026-09-01 | 2026-09-15 | KS 2026/40");
    let ended = rows(&kommun, "2026-10");
    assert!(ended.contains(&"1647 2026-09-23".to_owned()), "{ended:?}");
    assert!(!ended.iter().any(|row| row.ends_with("2026-09-09")), "{ended:?}");
}

#[test]
fn each_kind_is_waived_by_itself() {
    let kommun = september();
    waives(&kommun, "avstående.xlsx", "@1001 | resa | 2026-09-01 | | KS 2026/12");
    assert_eq!(rows(&kommun, "2026-10"), ["1647 2026-09-09", "1647 2026-09-23"]);
}

#[test]
fn a_waiver_that_cannot_be_used_is_held_with_what_to_write() {
    let kommun = september();
    let book = kommun.book(
        "fel.xlsx",
        &[(
            "Avstående",
            &format!("{AVSTAENDE}\n@1001 | lönen | 2026-09-01 | | KS 2026/12\n@1001 | allt | 2026-09-10 | 2026-09-01 | KS 2026/12\n@1001 | allt | 2026-09-10 | |"),
        )],
    );
    kommun.try_import(&[&book]).exits(1);
    let held = kommun.held().join("\n");
    for part in ["”lönen” är inget som kan avstås.", "sista dagen är före den första", "Handlingen saknas."] {
        assert!(held.contains(part), "{part} is not in\n{held}");
    }
}
