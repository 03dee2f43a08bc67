//! Time: months that are closed, a year's end on both bases, and gallring that keeps sums and changes no payment.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use support::Kommun;
use support::rows::{of_json, ore};

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll";

/// One meeting of an hour of kommunstyrelsen: 309 kr for each in 2015 (grund 41 175 kr).
fn ks(kommun: &Kommun, day: &str, anstids: &[&str]) -> PathBuf {
    let rows = anstids.iter().map(|anstid| format!("\n{day} | KS | 13.00 | 14.00 | @{anstid} | ledamot"));
    kommun.list(&format!("ks-{day}-{}.xlsx", anstids.join("-")), &(NARVARO.to_owned() + &rows.collect::<String>()))
}

/// Meetings in February and May 2015, each paid the month after.
fn spring() -> Kommun {
    let kommun = Kommun::new("2015-01");
    kommun.ledamoter(&["1001", "1002"]);
    for (day, payout) in [("2015-02-11", "2015-03"), ("2015-05-13", "2015-06")] {
        kommun.import(&[&ks(&kommun, day, &["1001"])]);
        assert_eq!(kommun.pay(payout), [format!("1001 1647 {day} 1 x 309.00 = 309.00")]);
    }
    kommun
}

fn close(kommun: &Kommun, month: &str, more: &[&str]) -> support::Ran {
    kommun.run(&[&["close", month, "--because", "bokslut, KS 2016/7"], more].concat())
}

#[test]
fn a_settled_month_is_closed_and_what_comes_late_is_held_with_its_worth() {
    let kommun = spring();
    close(&kommun, "2015-05", &[]).exits(4).says(&["2015-06/1 carries what was earned in 2015-05"]);
    close(&kommun, "2015-04", &[]).exits(0);
    close(&kommun, "2015-04", &[]).exits(0);
    close(&kommun, "2015-03", &[]).exits(2).says(&["--reopen"]);
    assert_eq!(kommun.json(&["check"])["closed_through"], "2015-04");
    kommun.import(&[&ks(&kommun, "2015-02-11", &["1002"]), &ks(&kommun, "2015-05-13", &["1002"])]);
    let month = kommun.json(&["month", "2015-07"]);
    assert_eq!(of_json(&month), ["1002 1647 2015-05-13 1 x 309.00 = 309.00"]);
    assert_eq!(month["closed_through"], "2015-04");
    let held = kommun.json(&["remarks", "--state", "held"]);
    assert_eq!(
        (&held[0]["anstid"], &held[0]["date"], &held[0]["worth"]),
        (&"1002".into(), &"2015-02-11".into(), &"309.00".into())
    );
    assert!(held[0]["reason"].as_str().unwrap().contains("intjänandemånaden 2015-02 är stängd sedan "));
    assert!(held[0]["place"].as_str().unwrap().contains("ks-2015-02-11-1002.xlsx"));
    kommun.run(&["recalculate", "--from", "2015-03", "--because", "KF § 1"]).exits(4).says(&["2015-03 is closed"]);
    assert_eq!(kommun.pay("2015-07").len(), 1);
    assert!(
        kommun
            .sql("SELECT action || ' ' || because || ' ' || actor FROM intervention")
            .starts_with("close bokslut, KS 2016/7 ")
    );
}

#[test]
fn a_closed_month_that_is_opened_again_is_worked_out_again() {
    let kommun = spring();
    close(&kommun, "2015-04", &["--reopen"]).exits(2).says(&["no month is"]);
    close(&kommun, "2015-04", &[]).exits(0);
    kommun.import(&[&ks(&kommun, "2015-02-11", &["1002"])]);
    kommun.run(&["withdraw", "KS", "2015-02-11", "--because", "fel"]).exits(0);
    assert_eq!(of_json(&kommun.json(&["month", "2015-07"])), [""; 0], "nothing of a closed month is taken back");
    assert_eq!(kommun.held().len(), 1);
    close(&kommun, "2015-01", &["--reopen"]).exits(0);
    assert_eq!(kommun.held(), ["1001 - personens rader blir tillsammans -309,00 kr: de väntar på beslut"]);
}

#[test]
fn a_month_with_something_open_is_closed_only_with_a_yes() {
    let kommun = spring();
    let claim = "Datum | Organ | Personnummer | Slag | Inkom | Tid från | Tid till | Belopp
         2015-02-11 | KS | @1001 | förlorad arbetsinkomst | 2015-03-01 | 13.00 | 14.00 | 250";
    kommun.import(&[&ks(&kommun, "2015-02-11", &["1002"]), &kommun.book("yrkanden.xlsx", &[("Yrkanden", claim)])]);
    let looked = close(&kommun, "2015-04", &["--json"]).exits(1).json();
    assert_eq!((&looked["done"], &looked["closed_through"]), (&Value::Bool(false), &Value::Null));
    assert_eq!((&looked["owed"]["persons"], &looked["owed"]["worth"]), (&1.into(), &"309.00".into()));
    assert_eq!(looked["held"]["persons"], 1);
    assert_eq!(looked["claims_in_time"], Value::Array(Vec::new()), "the last days passed long ago");
    assert_eq!(of_json(&kommun.json(&["month", "2015-07"])).len(), 1);
    close(&kommun, "2015-04", &["--yes"]).exits(0);
    assert_eq!(of_json(&kommun.json(&["month", "2015-07"])), [""; 0]);
    assert!(kommun.held().iter().any(|held| held.starts_with("1002 2015-02-11 intjänandemånaden 2015-02 är stängd")));
}

/// The month so many months before this one, as the machine knows it.
fn months_ago(months: u32) -> String {
    let asked = format!("{months} months ago");
    let day = Command::new("date").args(["-d", "-15 days", "+%Y-%m-15"]).output().unwrap();
    let day = String::from_utf8(day.stdout).unwrap();
    let told = Command::new("date").args(["-d", &format!("{} {asked}", day.trim()), "+%Y-%m"]).output().unwrap();
    String::from_utf8(told.stdout).unwrap().trim().to_owned()
}

#[test]
fn what_could_still_come_in_time_is_told_before_a_month_is_closed() {
    let kommun = Kommun::new(&months_ago(9));
    kommun.ledamoter(&["1001"]);
    for ago in [9, 5] {
        kommun.import(&[&ks(&kommun, &format!("{}-02", months_ago(ago)), &["1001"])]);
        assert_eq!(kommun.pay(&months_ago(ago - 1)).len(), 1);
    }
    let month = months_ago(7);
    let looked = close(&kommun, &month, &["--json"]).exits(1).json();
    assert_eq!((&looked["owed"]["persons"], &looked["done"]), (&0.into(), &Value::Bool(false)));
    let told = looked["claims_in_time"].as_array().unwrap();
    let lost = told.iter().find(|one| one["kind"] == "förlorad arbetsinkomst").unwrap();
    assert_eq!((&lost["paragraph"], &lost["from"]), (&"§ 3".into(), &format!("{}-01", months_ago(9)).into()));
    close(&kommun, &month, &["--yes"]).exits(0);
}

#[test]
fn no_month_is_closed_while_a_batch_is_open() {
    let kommun = spring();
    kommun.import(&[&ks(&kommun, "2015-06-10", &["1002"])]);
    kommun.freeze("2015-07");
    close(&kommun, "2015-04", &[]).exits(4).says(&["2015-07/1 is calculated"]);
    kommun.run(&["close", "2015-04", "--because", " "]).exits(2);
}

const YRKANDEN: &str = "Datum | Organ | Personnummer | Slag | Inkom | Tid från | Tid till | Belopp | Styrkt";

/// The autumn of 2015 and what came of it in 2016: a meeting in December, a list that came late, a meeting that never
/// was, a yrkande without evidence, and pension benefit that is paid in January.
fn over_the_new_year() -> Kommun {
    let kommun = Kommun::new("2015-09");
    kommun.ledamoter(&["1001", "1002", "1003"]);
    let claims = format!(
        "{YRKANDEN}
         2015-12-09 | KS | @1001 | förlorad pensionsförmån | 2015-12-20 | 13.00 | 14.00 | 40 | ja
         2015-12-09 | KS | @1001 | förlorad arbetsinkomst | 2015-12-20 | 13.00 | 14.00 | 250 |"
    );
    kommun.import(&[&ks(&kommun, "2015-10-14", &["1001", "1002"])]);
    assert_eq!(kommun.pay("2015-11").len(), 2);
    kommun.import(&[
        &ks(&kommun, "2015-12-09", &["1001", "1002"]),
        &kommun.book("yrkanden.xlsx", &[("Yrkanden", &claims)]),
    ]);
    kommun.pay("2016-01");
    kommun.import(&[&ks(&kommun, "2015-11-18", &["1001", "1002", "1003"])]);
    kommun.run(&["withdraw", "KS", "2015-10-14", "--because", "ställdes in"]).exits(0);
    kommun.pay("2016-02");
    kommun
}

/// `KS grundarvode`'s or the total's amount at a path such as `end.sum`.
fn at(list: &Value, line: &str, path: &str) -> String {
    let found = match line.split_once(' ') {
        None => &list["total"],
        Some((organ, kind)) => {
            let lines = list["lines"].as_array().unwrap();
            lines.iter().find(|one| one["organ"] == organ && one["kind"] == kind).unwrap()
        }
    };
    path.split('.').fold(found, |value, key| &value[key]).as_str().unwrap().to_owned()
}

#[test]
fn a_years_end_tells_what_is_earned_and_unpaid_and_both_bases_meet() {
    let kommun = over_the_new_year();
    let list = kommun.json(&["accruals", "2015"]);
    let grund = |path: &str| at(&list, "KS grundarvode", path);
    // 309 kr until October, 316 from November. What was paid in November was for a meeting that never was.
    assert_eq!((grund("paid"), grund("earned")), ("618.00".to_owned(), "1580.00".to_owned()));
    assert_eq!(
        (grund("start.sum"), grund("end.going_out"), grund("end.sum")),
        ("0.00".into(), "962.00".into(), "962.00".into())
    );
    assert_eq!(at(&list, "KS pensionsforman", "end.going_out"), "40.00", "paid in January");
    assert_eq!(at(&list, "KS forlorad_arbetsinkomst", "held"), "250.00");
    assert_eq!(at(&list, "KS forlorad_arbetsinkomst", "earned"), "0.00", "earned first when it is granted");
    assert_eq!(list["lines"][0]["konto"], "5011");
    let after = kommun.json(&["accruals", "2016"]);
    assert_eq!(
        at(&after, "total", "start.sum"),
        at(&list, "total", "end.sum"),
        "a year begins where the last one ended"
    );
    assert_eq!((at(&after, "total", "paid"), at(&after, "total", "earned")), ("1002.00".into(), "0.00".into()));
    let persons = kommun.json(&["accruals", "2015", "--persons"]);
    let of: Vec<i64> = persons["persons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|person| {
            person["lines"].as_array().unwrap().iter().map(|line| ore(line["earned"].as_str().unwrap())).sum()
        })
        .collect();
    assert_eq!(of, [63_200 + 4_000, 63_200, 31_600]);
    kommun.run(&["accruals", "2015", "--persons"]).exits(2);
}

#[test]
fn a_years_end_as_it_was_known_then_knows_nothing_later() {
    let kommun = over_the_new_year();
    // Everything was recorded today: on the last day of 2015 nothing was known.
    let then = kommun.json(&["accruals", "2015", "--as-known-on", "2015-12-31"]);
    assert_eq!(then["lines"], Value::Array(Vec::new()));
    assert_eq!(then["known_on"], "2015-12-31");
}

#[test]
fn a_debt_that_waits_is_told_apart_and_is_no_part_of_what_goes_out() {
    let kommun = Kommun::new("2015-09");
    kommun.ledamoter(&["1001"]);
    kommun.import(&[&ks(&kommun, "2015-10-14", &["1001"])]);
    kommun.pay("2015-11");
    kommun.run(&["withdraw", "KS", "2015-10-14", "--because", "ställdes in"]).exits(0);
    let list = kommun.json(&["accruals", "2015"]);
    let total = |path: &str| at(&list, "total", path);
    assert_eq!(
        (total("paid"), total("end.waiting"), total("earned")),
        ("309.00".into(), "-309.00".into(), "0.00".into())
    );
    assert_eq!(total("end.going_out"), "0.00");
}

#[test]
fn a_years_end_is_a_workbook_with_live_sums_and_never_overwritten() {
    let kommun = over_the_new_year();
    let file = kommun.root().join("bokslut.xlsx");
    let path = file.to_str().unwrap();
    kommun.run(&["accruals", "2015", "--to", path]).exits(0);
    kommun.run(&["accruals", "2015", "--to", path]).exits(4).says(&["never overwritten"]);
    let told = Command::new("unzip").args(["-p", path, "xl/worksheets/sheet1.xml"]).output().unwrap();
    let sheet = String::from_utf8(told.stdout).unwrap();
    for part in ["<f>SUM(F6:I6)</f><v>962</v>", "<f>E6+J6-D6</f><v>1580</v>", "<f>SUM(J6:J8)</f><v>1002</v>"] {
        assert!(sheet.contains(part), "{part} is not in {sheet}");
    }
}
