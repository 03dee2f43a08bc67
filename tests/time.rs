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
    kommun.run(&["withdraw", "KS", "2015-02-11", "--because", "fel"]).exits(4).says(&["2015-04 is closed"]);
    let whole = "Hela listan: ja\nDatum | Organ | Start | Slut | Personnummer | Roll | Tjänstgörande
                 2015-02-11 | KS | 13.00 | 14.00 | @1002 | ersättare | nej";
    kommun.import(&[&kommun.list("hela.xlsx", whole)]);
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
fn what_a_decision_makes_of_a_debt_is_reconciled_too() {
    for (words, receivable, earned) in [
        ("återkrav", "-309.00", "316.00"),
        ("kvittning 100 kr per månad", "-109.00", "316.00"),
        ("eftergift", "0.00", "625.00"),
    ] {
        let kommun = Kommun::new("2015-09");
        kommun.ledamoter(&["1001"]);
        kommun.import(&[&ks(&kommun, "2015-10-14", &["1001"])]);
        kommun.pay("2015-11");
        kommun.run(&["withdraw", "KS", "2015-10-14", "--because", "ställdes in"]).exits(0);
        let decided = format!(
            "Diarienummer | Datum | Gäller | Innebörd\nKS 2015/9 | 2015-11-20 | {} | {words}",
            support::books::written("1001")
        );
        kommun.import(&[&kommun.book("beslut.xlsx", &[("Beslut", &decided)])]);
        kommun.freeze("2015-12");
        kommun.import(&[&ks(&kommun, "2015-12-09", &["1001"])]);
        kommun.pay("2016-01");
        kommun.import(&[&ks(&kommun, "2016-01-13", &["1001"])]);
        kommun.pay("2016-02");
        let list = kommun.json(&["accruals", "2016"]);
        assert_eq!(
            (at(&list, "total", "end.receivable"), at(&list, "total", "earned")),
            (receivable.into(), "316.00".into()),
            "{words}"
        );
        let before = kommun.json(&["accruals", "2015"]);
        assert_eq!(at(&before, "total", "earned"), earned, "{words}");
        assert_eq!(at(&before, "total", "end.sum"), at(&list, "total", "start.sum"), "{words}");
    }
}

#[test]
fn a_years_end_is_a_workbook_with_live_sums_and_never_overwritten() {
    let kommun = over_the_new_year();
    let file = kommun.root().join("bokslut.xlsx");
    let path = file.to_str().unwrap();
    kommun.run(&["accruals", "2015", "--to", path]).exits(0);
    kommun.run(&["accruals", "2015", "--to", path]).exits(4).says(&["never overwritten"]);
    let mut book = zip::ZipArchive::new(std::fs::File::open(&file).unwrap()).unwrap();
    let sheet = std::io::read_to_string(book.by_name("xl/worksheets/sheet1.xml").unwrap()).unwrap();
    for part in ["<f>SUM(F6:I6)</f><v>962</v>", "<f>E6+J6-D6</f><v>1580</v>", "<f>SUM(J6:J8)</f><v>1002</v>"] {
        assert!(sheet.contains(part), "{part} is not in {sheet}");
    }
}

const BESLUT: &str = "KS 2026/88 § 12";

/// A meeting in February 2015 whose row is gallrad by 2026, one in December paid the year after, one in 2016; Cia left in
/// June 2015. Months are closed through January 2016, and gallring is decided.
fn old_enough() -> Kommun {
    let kommun = Kommun::new("2015-01");
    kommun.ledamoter(&["1001", "1002", "1003"]);
    let left = "Personnummer | Organ | Uppdrag | Från | Till | Arvodesnyckel
         @1003 | KS | ledamot | 2015-01-01 | 2015-06-30 | ledamot";
    kommun.import(&[&kommun.book("avgång.xlsx", &[("Uppdrag", left)])]);
    for (day, payout, anstids) in [
        ("2015-02-11", "2015-03", &["1001", "1002", "1003"][..]),
        ("2015-12-09", "2016-01", &["1001"]),
        ("2016-02-10", "2016-03", &["1001", "1002"]),
    ] {
        kommun.import(&[&ks(&kommun, day, anstids)]);
        assert_eq!(kommun.pay(payout).len(), anstids.len());
    }
    close(&kommun, "2016-01", &[]).exits(0);
    kommun.edit("arvode.toml", |text| text.replace("\ndecision = \"\"", &format!("\ndecision = \"{BESLUT}\"")));
    kommun
}

fn gallra(kommun: &Kommun) -> Value {
    kommun.run(&["gallra", "--json", "--by", "arkivarien"]).exits(0).json()
}

fn names(kommun: &Kommun, folder: &str) -> Vec<String> {
    kommun.files(folder).into_iter().map(|(name, _)| name).filter(|name| !name.starts_with('.')).collect()
}

#[test]
fn gallring_is_refused_without_a_decision_or_a_closed_month() {
    let kommun = spring();
    kommun.run(&["gallra"]).exits(4).says(&["names no decision"]);
    kommun.edit("arvode.toml", |text| text.replace("\ndecision = \"\"", "\ndecision = \"KS 1\""));
    kommun.run(&["gallra"]).exits(4).says(&["no month is closed"]);
    kommun.edit("arvode.toml", |text| text.replace("years = 10", "years = 6"));
    kommun.run(&["check"]).exits(2).says(&["arvode.toml", "`6`", "7 to 100 years"]);
}

#[test]
fn what_is_old_goes_and_what_is_kept_says_so() {
    let kommun = old_enough();
    let before = kommun.json(&["month", "2015-03/1"]);
    let accrued = [kommun.json(&["accruals", "2015"]), kommun.json(&["accruals", "2016"])];
    let (archived, out) = (names(&kommun, "archive"), names(&kommun, "out"));
    let dry = kommun.json(&["gallra", "--dry-run"]);
    assert_eq!((&dry["done"], &dry["rows"], &dry["through"]), (&Value::Bool(false), &3.into(), &"2015-12".into()));
    assert_eq!(kommun.json(&["month", "2015-03/1"]), before, "a dry run changes nothing");
    let done = gallra(&kommun);
    assert_eq!((&done["rows"], &done["persons"], &done["files"]), (&3.into(), &1.into(), &3.into()), "{done}");
    assert_eq!(done["facts"]["attendance"], 3);
    assert_eq!((&done["facts"]["meeting"], &done["facts"]["uppdrag"]), (&1.into(), &2.into()));
    assert_eq!(names(&kommun, "archive").len(), archived.len() - 2, "the February list and the one that said who left");
    let left: Vec<String> = out.into_iter().filter(|name| !name.contains("2015-03")).collect();
    assert_eq!(names(&kommun, "out"), left);
    let after = kommun.json(&["month", "2015-03/1"]);
    assert_eq!((&after["totals"], &after["rows"]), (&before["totals"], &Value::Array(Vec::new())));
    assert_eq!(after["gallrad"], serde_json::json!({ "rows": 3, "decision": BESLUT }));
    assert!(kommun.run(&["month", "2015-03/1"]).exits(0).out.contains(&format!("3 rader gallrade enligt {BESLUT}")));
    assert!(kommun.run(&["explain", "2015-03/1"]).exits(0).out.contains(&format!("gallrade enligt {BESLUT}")));
    kommun.run(&["explain", "2015-03/1", "--row", "1"]).exits(2).says(&[BESLUT]);
    assert!(kommun.run(&["statement", "1001", "2015"]).exits(0).out.contains("2015-03/1 är gallrade enligt"));
    kommun.run(&["export", "2015-03/1"]).exits(4).says(&["gallrade", BESLUT]);
    kommun.sign_as("2015-03/1", "beslut", "britt").exits(4).says(&["gallrade", BESLUT]);
    close(&kommun, "2015-06", &["--reopen"]).exits(4).says(&["months through 2015-12 are gallrade"]);
    close(&kommun, "2015-12", &["--reopen"]).exits(0);
    for (year, before) in ["2015", "2016"].iter().zip(accrued) {
        assert_eq!(kommun.json(&["accruals", year])["lines"], before["lines"], "sums live on");
    }
    assert_eq!(kommun.sql("SELECT COUNT(*) FROM sheet"), "3");
    let told = kommun.sql("SELECT detail FROM audit WHERE action = 'gallring'");
    assert!(
        told.starts_with(&format!("till och med 2015-12-31 enligt {BESLUT}: ")) && told.ends_with("arkivarien"),
        "{told}"
    );
    let database = std::fs::read(kommun.path("arvode.db")).unwrap();
    let number = support::books::digits("1003");
    assert!(!database.windows(12).any(|part| part == number.as_bytes()), "what is gone is overwritten");
    assert_eq!(gallra(&kommun)["done"], Value::Bool(false), "there is nothing more to remove");
}

#[test]
fn nothing_is_paid_or_taken_back_because_of_gallring() {
    let kommun = old_enough();
    let untouched = kommun.copy();
    gallra(&kommun);
    for (month, day) in [("2016-04", "2016-03-09"), ("2016-05", "2016-04-13")] {
        for one in [&kommun, &untouched] {
            one.import(&[&ks(one, day, &["1001", "1002"])]);
            assert_eq!(one.pay(month).len(), 2);
        }
        let batch = format!("{month}/1");
        assert_eq!(kommun.delivered(&batch), untouched.delivered(&batch));
        let texts = |one: &Kommun| one.json(&["attest", "show", &batch])["sheets"][0]["texts"].clone();
        assert_eq!(texts(&kommun), texts(&untouched));
    }
    assert_eq!(kommun.held(), untouched.held());
    assert_eq!(kommun.json(&["month", "2016-01/1"])["rows"], untouched.json(&["month", "2016-01/1"])["rows"]);
}

#[test]
fn an_old_file_brings_nothing_back() {
    let kommun = old_enough();
    gallra(&kommun);
    let february = kommun.root().join("ks-2015-02-11-1001-1002-1003.xlsx");
    let told = kommun.try_import(&[&february]).exits(0).json();
    assert_eq!(told["files"][0]["ignored"]["månaden är stängd och gallrad"], 3, "{told}");
    assert_eq!((&told["files"][0]["accepted"], &told["files"][0]["held"]), (&0.into(), &0.into()));
    assert_eq!(kommun.sql("SELECT COUNT(*) FROM fact WHERE kind = 'attendance' AND meeting_id IN (SELECT meeting_id FROM fact WHERE kind = 'meeting' AND body LIKE '%2015-02-11%')"), "0");
    // Who left is named in the register's file without a last day: the uppdrag does not begin anew.
    let told = kommun.try_import(&[&kommun.root().join("register.xlsx")]).exits(0).json();
    assert_eq!(told["files"][0]["ignored"]["månaden är stängd och gallrad"], 1, "{told}");
    assert_eq!(of_json(&kommun.json(&["month", "2016-04"])), [""; 0]);
    assert_eq!(kommun.held(), [""; 0]);
}

#[test]
fn a_run_that_was_cut_off_before_its_files_is_finished_by_the_next() {
    let kommun = old_enough();
    let untouched = kommun.copy();
    gallra(&kommun);
    let after = (names(&kommun, "archive"), names(&kommun, "out"));
    for folder in ["archive", "out"] {
        support::copy_folder(&untouched.path(folder), &kommun.path(folder));
    }
    let again = gallra(&kommun);
    assert_eq!((&again["done"], &again["files"]), (&Value::Bool(false), &3.into()));
    assert_eq!((names(&kommun, "archive"), names(&kommun, "out")), after);
}

#[test]
fn rows_that_take_each_other_back_go_together() {
    let kommun = old_enough();
    kommun.run(&["close", "2015-01", "--reopen", "--because", "rättelse"]).exits(0);
    kommun.run(&["withdraw", "KS", "2015-02-11", "--because", "mötet ställdes in"]).exits(0);
    kommun.import(&[&ks(&kommun, "2016-03-09", &["1001", "1002", "1003"])]);
    let paid = kommun.pay("2016-04");
    assert_eq!(paid.iter().filter(|row| row.contains("- 2015-03/1:")).count(), 3, "{paid:?}");
    kommun.import(&[&ks(&kommun, "2016-04-13", &["1001"])]);
    kommun.pay("2016-05");
    close(&kommun, "2016-01", &["--yes"]).exits(0);
    let untouched = kommun.copy();
    let done = gallra(&kommun);
    assert_eq!((&done["rows"], &done["persons"]), (&0.into(), &0.into()), "paid in 2015, taken back in 2016: {done}");
    for one in [&kommun, &untouched] {
        one.import(&[&ks(one, "2016-05-11", &["1001", "1003"])]);
    }
    let month = |one: &Kommun| kommun_rows(one, "2016-06");
    assert_eq!(month(&kommun), month(&untouched));
}

fn kommun_rows(kommun: &Kommun, month: &str) -> Vec<String> {
    of_json(&kommun.json(&["month", month]))
}
