//! Mistakes and their mending: each command's effect on the rows, row for row, before and after they are paid; its undo;
//! and what it refuses.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::path::PathBuf;

use arvode::adapters::db::Db;
use arvode::domain::{Closing, Fact};
use arvode::jobs::import_workbooks::{about, key_of};
use arvode::ports::{NewFact, Store};
use serde_json::Value;
use support::Kommun;
use support::books::written;
use support::rows::of_json;

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll";

fn kommun(anstids: &[&str]) -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(anstids);
    kommun
}

fn list(kommun: &Kommun, file: &str, rows: &str) -> PathBuf {
    kommun.list(file, &format!("{NARVARO}\n{rows}"))
}

/// One hour of kommunstyrelsen for each.
fn ks(kommun: &Kommun, file: &str, day: &str, anstids: &[&str]) -> PathBuf {
    let rows: Vec<String> =
        anstids.iter().map(|who| format!("{day} | KS | 13.00 | 14.00 | @{who} | ledamot")).collect();
    list(kommun, file, &rows.join("\n"))
}

fn grund(anstid: &str, day: &str) -> String {
    format!("{anstid} 1647 {day} 1 x 412.00 = 412.00")
}

fn back(anstid: &str, day: &str, of: &str) -> String {
    format!("{anstid} 1647 {day} -1 x 412.00 = -412.00 - {of}")
}

fn month(kommun: &Kommun, month: &str) -> Vec<String> {
    of_json(&kommun.json(&["month", month]))
}

/// Does something by hand, and gives the change's number.
#[track_caller]
fn change(kommun: &Kommun, arguments: &[&str]) -> String {
    let because = ["--because", "prov, KS 2026/1", "--by", "Karin Kansli"];
    kommun.json(&[arguments, &because].concat())["change"].to_string()
}

#[track_caller]
fn undo(kommun: &Kommun, id: &str) -> String {
    change(kommun, &["undo", id])
}

fn changes(kommun: &Kommun) -> Vec<String> {
    let text = |change: &Value| {
        let by = change["undone_by"].as_i64().map(|id| format!(", undone by {id}")).unwrap_or_default();
        format!(
            "{} {} {}: {}{by}",
            change["id"],
            change["action"].as_str().unwrap(),
            change["by"].as_str().unwrap(),
            change["because"].as_str().unwrap()
        )
    };
    kommun.json(&["changes"]).as_array().unwrap().iter().map(text).collect()
}

/// Each audit row follows from the one before.
fn audit_is_whole(kommun: &Kommun) {
    let broken =
        "SELECT COUNT(*) FROM audit a LEFT JOIN audit b ON b.id = a.id - 1 WHERE a.previous <> COALESCE(b.hash, '')";
    assert_eq!(kommun.sql(broken), "0");
    assert_eq!(kommun.sql("SELECT COUNT(*) - MAX(id) FROM audit"), "0");
}

/// What was ever paid.
fn sum(kommun: &Kommun) -> String {
    kommun.sql("SELECT COALESCE(SUM(sum_ore), 0) FROM batch WHERE state = 'delivered'")
}

// ---- withdraw

#[test]
fn a_withdrawn_file_brings_back_what_the_file_before_it_said_and_its_undo_brings_it_back_again() {
    let kommun = kommun(&["1001", "1002"]);
    let first = list(&kommun, "första.xlsx", "2026-09-09 | KS | 13.00 | 14.00 | @1001 | ledamot");
    let second = list(
        &kommun,
        "andra.xlsx",
        "2026-09-09 | KS | 13.00 | 15.00 | @1001 | ledamot
         2026-09-09 | KS | 13.00 | 15.00 | @1002 | ledamot",
    );
    kommun.import(&[&first]);
    let by_first = month(&kommun, "2026-10");
    assert_eq!(by_first, [grund("1001", "2026-09-09")]);
    kommun.import(&[&second]);
    let by_second = month(&kommun, "2026-10");
    assert_eq!(by_second.len(), 4);
    let id = change(&kommun, &["withdraw", second.to_str().unwrap()]);
    assert_eq!(month(&kommun, "2026-10"), by_first);
    let back = undo(&kommun, &id);
    assert_eq!(month(&kommun, "2026-10"), by_second);
    undo(&kommun, &back);
    assert_eq!(month(&kommun, "2026-10"), by_first, "an undo is undone");
    assert_eq!(
        changes(&kommun),
        [
            "1 withdraw Karin Kansli: prov, KS 2026/1",
            "2 undo Karin Kansli: prov, KS 2026/1, undone by 3",
            "3 undo Karin Kansli: prov, KS 2026/1"
        ]
    );
    audit_is_whole(&kommun);
}

#[test]
fn files_that_are_withdrawn_one_after_the_other_leave_nothing_of_either() {
    for order in [["första.xlsx", "andra.xlsx"], ["andra.xlsx", "första.xlsx"]] {
        let kommun = kommun(&["1001"]);
        kommun.import(&[&ks(&kommun, "första.xlsx", "2026-09-09", &["1001"])]);
        let second = list(&kommun, "andra.xlsx", "2026-09-09 | KS | 13.00 | 16.00 | @1001 | ledamot");
        kommun.import(&[&second]);
        // What is no longer said by the first file cannot be taken back from it while the second stands.
        for file in order {
            let path = kommun.root().join(file);
            kommun.run(&["withdraw", path.to_str().unwrap(), "--because", "fel"]);
        }
        let left = month(&kommun, "2026-10");
        let expected: &[String] = if order[0] == "första.xlsx" { &[grund("1001", "2026-09-09")] } else { &[] };
        assert_eq!(left, expected, "{order:?}");
    }
}

#[test]
fn a_whole_list_that_is_withdrawn_gives_back_whom_it_had_removed() {
    let kommun = kommun(&["1001", "1002"]);
    kommun.import(&[&ks(&kommun, "alla.xlsx", "2026-09-09", &["1001", "1002"])]);
    let whole = kommun.list(
        "hela.xlsx",
        &format!("Hela listan: ja\n{NARVARO}\n2026-09-09 | KS | 13.00 | 14.00 | @1001 | ledamot | ledamot"),
    );
    kommun.import(&[&whole]);
    assert_eq!(month(&kommun, "2026-10"), [grund("1001", "2026-09-09")]);
    change(&kommun, &["withdraw", whole.to_str().unwrap()]);
    assert_eq!(month(&kommun, "2026-10"), [grund("1001", "2026-09-09"), grund("1002", "2026-09-09")]);
}

#[test]
fn a_withdrawn_file_that_moved_a_meeting_moves_it_back() {
    let kommun = kommun(&["1001"]);
    kommun.import(&[&ks(&kommun, "september.xlsx", "2026-09-09", &["1001"])]);
    let moved = kommun.list(
        "flyttat.xlsx",
        "Datum | Organ | Flyttat från | Start | Slut | Personnummer | Roll
         2026-09-11 | KS | 2026-09-09 | 13.00 | 14.00 | @1001 | ledamot",
    );
    kommun.import(&[&moved]);
    assert_eq!(month(&kommun, "2026-10"), [grund("1001", "2026-09-11")]);
    change(&kommun, &["withdraw", moved.to_str().unwrap()]);
    assert_eq!(month(&kommun, "2026-10"), [grund("1001", "2026-09-09")]);
}

#[test]
fn a_withdrawn_meeting_that_is_paid_is_reversed_and_its_undo_pays_it_again() {
    let kommun = kommun(&["1001"]);
    kommun.import(&[&ks(&kommun, "september.xlsx", "2026-09-09", &["1001"])]);
    kommun.pay("2026-10");
    kommun.import(&[&ks(&kommun, "oktober.xlsx", "2026-10-14", &["1001"])]);
    let id = change(&kommun, &["withdraw", "KS", "2026-09-09"]);
    assert_eq!(kommun.pay("2026-11"), [back("1001", "2026-09-09", "2026-10/1:1"), grund("1001", "2026-10-14")]);
    undo(&kommun, &id);
    assert_eq!(kommun.pay("2026-12"), [grund("1001", "2026-09-09")]);
    audit_is_whole(&kommun);
}

#[test]
fn an_undo_is_refused_when_a_file_or_a_change_has_spoken_since() {
    let kommun = kommun(&["1001"]);
    let list = ks(&kommun, "september.xlsx", "2026-09-09", &["1001"]);
    kommun.import(&[&list]);
    let id = change(&kommun, &["withdraw", list.to_str().unwrap()]);
    kommun.import(&[&list]);
    kommun.run(&["undo", &id, "--because", "ångrat"]).exits(4).says(&["september.xlsx", "row 2"]);
    let again = change(&kommun, &["withdraw", list.to_str().unwrap()]);
    kommun.run(&["undo", &id, "--because", "ångrat"]).exits(4);
    let undone = undo(&kommun, &again);
    kommun.run(&["undo", &again, "--because", "ångrat"]).exits(4).says(&["undone already", &undone]);
    kommun.run(&["undo", "99", "--because", "ångrat"]).exits(2).says(&["arvode changes"]);
}

// ---- reason and actor

#[test]
fn a_reason_and_a_name_are_needed_and_both_are_kept() {
    let kommun = kommun(&["1001", "1002"]);
    let commands: [&[&str]; 6] = [
        &["withdraw", "KS", "2026-09-09"],
        &["person", "merge", "1001", "1002"],
        &["person", "split", "1001", "--to", "1002", "--facts", "1"],
        &["link", "KS 2026-09-09", "KS 2026-09-11"],
        &["unlink", "KS 2026-09-09", "KS 2026-09-11"],
        &["undo", "1"],
    ];
    for command in commands {
        kommun.run(&[command, &["--because", " "]].concat()).exits(2).says(&["--because"]);
        kommun.run(command).exits(2);
    }
    kommun.run(&["person", "merge", "1001", "1002", "--because", "samma", "--by", ""]).exits(2).says(&["--by"]);
    change(&kommun, &["person", "merge", "1001", "1002"]);
    let audit = kommun.sql("SELECT detail FROM audit WHERE action = 'merge'");
    assert!(audit.contains("Karin Kansli") && audit.contains("prov, KS 2026/1"), "{audit}");
    assert_eq!(changes(&kommun), ["1 merge Karin Kansli: prov, KS 2026/1"]);
}

#[test]
fn who_voids_and_who_recalculates_stands_in_the_audit() {
    let kommun = kommun(&["1001"]);
    kommun.import(&[&ks(&kommun, "september.xlsx", "2026-09-09", &["1001"])]);
    kommun.freeze("2026-10");
    let ran = kommun.run(&["void", "2026-10/1", "--because", "fel månad", "--by", "Karin"]).exits(0);
    assert!(ran.out.contains("arvode month 2026-10 --freeze"), "{}", ran.out);
    let audit = kommun.sql("SELECT detail FROM audit WHERE action = 'void'");
    assert!(audit.contains("Karin") && audit.contains("fel månad"), "{audit}");
    assert_eq!(kommun.pay("2026-10"), [grund("1001", "2026-09-09")], "frozen again");
}

// ---- merge

/// The same human under two numbers, each registered, both at the same meeting.
fn registered_twice() -> Kommun {
    let kommun = kommun(&["1001", "1002"]);
    kommun.import(&[&ks(&kommun, "ett.xlsx", "2026-09-09", &["1001"])]);
    kommun.import(&[&ks(&kommun, "två.xlsx", "2026-09-09", &["1002"])]);
    kommun.import(&[&ks(&kommun, "tre.xlsx", "2026-09-23", &["1002"])]);
    kommun
}

#[test]
fn merged_before_payment_a_meeting_is_paid_once_and_both_numbers_find_the_person() {
    let kommun = registered_twice();
    let before = month(&kommun, "2026-10");
    assert_eq!(before.len(), 3);
    let id = change(&kommun, &["person", "merge", "1001", "1002"]);
    let merged = [grund("1001", "2026-09-09"), grund("1001", "2026-09-23")];
    assert_eq!(month(&kommun, "2026-10"), merged);
    for number in ["1001", "1002", &written("1001"), &written("1002"), "Anna Ek", "Bo Alm"] {
        let ran = kommun.run(&["explain", "2026-10", "--person", number]).exits(0);
        assert!(ran.out.contains("Anna Ek") && ran.out.contains("2026-09-23"), "{number}: {}", ran.out);
        let facts = kommun.json(&["person", "facts", number]);
        assert_eq!(facts["name"], "Anna Ek", "{number}");
    }
    undo(&kommun, &id);
    assert_eq!(month(&kommun, "2026-10"), before);
}

#[test]
fn merged_after_payment_a_meeting_paid_twice_is_reversed_exactly_once() {
    let kommun = registered_twice();
    assert_eq!(kommun.pay("2026-10").len(), 3);
    kommun.import(&[&ks(&kommun, "oktober.xlsx", "2026-10-14", &["1001"])]);
    let id = change(&kommun, &["person", "merge", "1001", "1002"]);
    assert_eq!(kommun.pay("2026-11"), [grund("1001", "2026-10-14"), back("1002", "2026-09-09", "2026-10/1:2")]);
    assert_eq!(month(&kommun, "2026-12"), [""; 0]);
    undo(&kommun, &id);
    let again = grund("1002", "2026-09-09");
    assert_eq!(kommun.pay("2026-12"), [again], "two persons again: what was taken back is owed anew");
    assert_eq!(month(&kommun, "2027-01"), [""; 0]);
    assert_eq!(sum(&kommun), (4 * 41_200).to_string());
    audit_is_whole(&kommun);
}

#[test]
fn merged_persons_who_both_hold_an_uppdrag_hold_it_once() {
    let kommun = Kommun::new("2026-09");
    kommun.take_in_persons(&["1001", "1002"], &[("1001", "gruppledare", "KF"), ("1002", "gruppledare", "KF")]);
    let paid = kommun.pay("2026-09");
    let of = |rows: &[String], who: &str| rows.iter().filter(|row| row.starts_with(who)).cloned().collect::<Vec<_>>();
    assert_eq!((of(&paid, "1001").len(), of(&paid, "1002").len()), (1, 1), "{paid:?}");
    change(&kommun, &["person", "merge", "1001", "1002"]);
    let next = kommun.pay("2026-10");
    assert_eq!(next.len(), 2, "October's fast arvode once, and September's second one back: {next:?}");
    assert_eq!(next.iter().filter(|row| row.contains(" - 2026-09/1:2")).count(), 1, "{next:?}");
    assert_eq!(month(&kommun, "2026-11").len(), 1);
}

#[test]
fn a_single_seat_that_both_registrations_hold_is_held_until_they_are_one() {
    let kommun = Kommun::new("2026-09");
    kommun.take_in_persons(&["1001", "1002"], &[("1001", "ks-vice", "KS"), ("1002", "ks-vice", "KS")]);
    assert_eq!(month(&kommun, "2026-09"), [""; 0]);
    change(&kommun, &["person", "merge", "1001", "1002"]);
    assert_eq!(month(&kommun, "2026-09").len(), 1, "one person on one seat");
}

#[test]
fn a_yrkande_made_under_both_numbers_is_paid_once() {
    let kommun = registered_twice();
    let claim = |file: &str, who: &str| {
        kommun.book(
            file,
            &[(
                "Yrkanden",
                &format!(
                    "Datum | Organ | Personnummer | Slag | Tid från | Tid till | Belopp | Styrkt
                     2026-09-09 | KS | @{who} | förlorad arbetsinkomst | 13.00 | 14.00 | 250 | ja"
                ),
            )],
        )
    };
    kommun.import(&[&claim("y1.xlsx", "1001")]);
    kommun.import(&[&claim("y2.xlsx", "1002")]);
    let lost = |rows: Vec<String>| rows.into_iter().filter(|row| row.contains(" 1675 ")).collect::<Vec<_>>();
    assert_eq!(lost(kommun.pay("2026-10")).len(), 2);
    kommun.import(&[&list(&kommun, "oktober.xlsx", "2026-10-14 | KS | 13.00 | 17.00 | @1001 | ledamot")]);
    change(&kommun, &["person", "merge", "1001", "1002"]);
    let rows = lost(kommun.pay("2026-11"));
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert!(rows[0].starts_with("1002 1675 2026-09-09 -1"), "{rows:?}");
    kommun.import(&[&claim("y3.xlsx", "1002")]);
    assert_eq!(month(&kommun, "2026-12"), [""; 0], "the same yrkande again");
    let more = kommun.book(
        "y4.xlsx",
        &[(
            "Yrkanden",
            "Datum | Organ | Personnummer | Slag | Tid från | Tid till | Belopp | Styrkt
             2026-09-09 | KS | @1001 | förlorad arbetsinkomst | 13.00 | 14.00 | 300 | ja",
        )],
    );
    kommun.import(&[&more]);
    assert_eq!(
        month(&kommun, "2026-12"),
        ["1001 1675 2026-09-09 -1 x 250.00 = -250.00 - 2026-10/1:2", "1001 1675 2026-09-09 1 x 300.00 = 300.00"]
    );
}

#[test]
fn lists_that_come_after_a_merge_are_of_one_person_whichever_number_they_have() {
    let kommun = registered_twice();
    change(&kommun, &["person", "merge", "1001", "1002"]);
    let one = [grund("1001", "2026-09-09"), grund("1001", "2026-09-23")];
    let register = kommun.root().join("register.xlsx");
    let again = kommun.import(&[&register]).json();
    assert_eq!(again["files"][0]["accepted"], 0, "{again}");
    assert_eq!(month(&kommun, "2026-10"), one);
    for file in ["ett.xlsx", "två.xlsx"] {
        let again = kommun.import(&[&kommun.root().join(file)]).json();
        assert_eq!(again["files"][0]["accepted"], 0, "{file}: {again}");
    }
    kommun.import(&[&list(&kommun, "rättad.xlsx", "2026-09-09 | KS | 13.00 | 15.00 | @1002 | ledamot")]);
    let longer = month(&kommun, "2026-10");
    assert_eq!(longer.len(), 3, "{longer:?}");
    kommun.import(&[&kommun.root().join("ett.xlsx")]);
    assert_eq!(month(&kommun, "2026-10"), one, "A, B, A ends as A");
    let whole = kommun
        .list("hela.xlsx", &format!("Hela listan: ja\n{NARVARO}\n2026-09-09 | KS | 13.00 | 14.00 | @1001 | ledamot"));
    kommun.import(&[&whole]);
    assert_eq!(month(&kommun, "2026-10"), one, "named by one number, there under both");
}

#[test]
fn a_merge_refuses_oneself_a_circle_and_whom_another_was_merged_into() {
    let kommun = kommun(&["1001", "1002", "1003"]);
    let refused = |keep: &str, other: &str, says: &[&str]| {
        kommun.run(&["person", "merge", keep, other, "--because", "samma"]).exits(4).says(says);
    };
    refused("1001", "Anna Ek", &["registered once"]);
    change(&kommun, &["person", "merge", "1001", "1002"]);
    refused("1002", "1001", &["Bo Alm was merged into Anna Ek"]);
    refused("1001", "1002", &["Bo Alm was merged into Anna Ek"]);
    refused("1003", "1002", &["Bo Alm was merged into Anna Ek"]);
    kommun.run(&["person", "merge", "1001", "9999", "--because", "samma"]).exits(2).says(&["nobody is known"]);
    change(&kommun, &["person", "merge", "1003", "1001"]);
    assert_eq!(kommun.json(&["person", "facts", "1002"])["name"], "Cia Åberg", "an alias is followed to its end");
}

// ---- split

fn numbers(kommun: &Kommun, person: &str, says: &str) -> String {
    let facts = kommun.json(&["person", "facts", person]);
    let found = facts["facts"].as_array().unwrap().iter().filter(|fact| fact["says"].as_str().unwrap().contains(says));
    found.map(|fact| fact["number"].to_string()).collect::<Vec<_>>().join(",")
}

#[test]
fn a_split_gives_the_money_to_the_right_one_before_and_after_it_is_paid() {
    let kommun = kommun(&["1001", "1002"]);
    kommun.import(&[&ks(&kommun, "mina.xlsx", "2026-09-09", &["1001"])]);
    kommun.import(&[&ks(&kommun, "dina.xlsx", "2026-09-23", &["1001"])]);
    let id = change(&kommun, &["person", "split", "1001", "--to", "1002", "--file", "dina.xlsx"]);
    let right = [grund("1001", "2026-09-09"), grund("1002", "2026-09-23")];
    assert_eq!(month(&kommun, "2026-10"), right);
    undo(&kommun, &id);
    assert_eq!(month(&kommun, "2026-10"), [grund("1001", "2026-09-09"), grund("1001", "2026-09-23")]);
    assert_eq!(kommun.pay("2026-10").len(), 2);
    kommun.import(&[&ks(&kommun, "oktober.xlsx", "2026-10-14", &["1001"])]);
    let chosen = numbers(&kommun, "1001", "närvaro KS 2026-09-23");
    change(&kommun, &["person", "split", "1001", "--to", "Bo Alm", "--facts", &chosen]);
    assert_eq!(
        kommun.pay("2026-11"),
        [back("1001", "2026-09-23", "2026-10/1:2"), grund("1001", "2026-10-14"), grund("1002", "2026-09-23")]
    );
    audit_is_whole(&kommun);
}

#[test]
fn a_wrong_anstallningsnummer_that_made_another_of_a_person_is_split_and_the_person_is_who_they_were() {
    let kommun = kommun(&["1001"]);
    kommun.import(&[&ks(&kommun, "mina.xlsx", "2026-09-09", &["1001"])]);
    let wrong = kommun.book(
        "nya.xlsx",
        &[(
            "Personer",
            "Personnummer | Efternamn | Förnamn | Anställningsnummer | Avstånd km\n@1002 | Alm | Bo | 1001 | 40",
        )],
    );
    kommun.try_import(&[&wrong]);
    assert_eq!(kommun.json(&["person", "facts", "1001"])["name"], "Bo Alm", "the mistake");
    let refused =
        ["person", "split", "1001", "--new", "--facts", &numbers(&kommun, "1001", "närvaro"), "--because", "fel"];
    kommun.run(&refused).exits(4).says(&["row of Personer"]);
    let id = change(&kommun, &["person", "split", "1001", "--new", "--file", "nya.xlsx", "--rows", "2"]);
    assert_eq!(kommun.json(&["person", "facts", "1001"])["name"], "Anna Ek");
    assert_eq!(kommun.json(&["person", "facts", "Bo Alm"])["name"], "Bo Alm");
    let month = kommun.json(&["month", "2026-10"]);
    assert_eq!(month["rows"][0]["persnr"], support::books::digits("1001"));
    let right = kommun.book(
        "rätt.xlsx",
        &[("Personer", "Personnummer | Efternamn | Förnamn | Anställningsnummer\n@1002 | Alm | Bo | 1002")],
    );
    kommun.import(&[&right]);
    kommun.import(&[&ks(&kommun, "hans.xlsx", "2026-09-09", &["1002"])]);
    assert_eq!(
        of_json(&kommun.json(&["month", "2026-10"])),
        [grund("1001", "2026-09-09"), grund("1002", "2026-09-09")]
    );
    let _ = id;
}

#[test]
fn a_split_refuses_whom_nobody_knows_and_facts_that_are_not_there() {
    let kommun = kommun(&["1001", "1002"]);
    let split = |rest: &[&str]| kommun.run(&[&["person", "split", "1001", "--because", "fel"], rest].concat());
    split(&["--to", "1001", "--facts", "1"]).exits(4).says(&["from one person to another"]);
    split(&["--to", "1002", "--facts", "9999"]).exits(2).says(&["arvode person facts"]);
    split(&["--to", "9999", "--facts", "1"]).exits(2).says(&["nobody is known"]);
    split(&["--to", "1002", "--facts", "5-3"]).exits(2);
    split(&["--facts", "1"]).exits(2);
    split(&["--to", "1002", "--file", "register.xlsx"]).exits(4).says(&["without a row of Personer"]);
}

// ---- link

/// A meeting in the list of its first day, and again in the list of the day that it was moved to.
fn moved_without_saying_so() -> Kommun {
    let kommun = kommun(&["1001", "1002"]);
    kommun.import(&[&ks(&kommun, "först.xlsx", "2026-09-09", &["1001", "1002"])]);
    kommun.import(&[&ks(&kommun, "sedan.xlsx", "2026-09-11", &["1001", "1002"])]);
    kommun
}

#[test]
fn linked_before_payment_a_meeting_is_paid_once_on_its_later_day() {
    let kommun = moved_without_saying_so();
    let both = month(&kommun, "2026-10");
    assert_eq!(both.len(), 4);
    change(&kommun, &["link", "KS 2026-09-11", "KS 2026-09-09 13.00"]);
    let one = [grund("1001", "2026-09-11"), grund("1002", "2026-09-11")];
    assert_eq!(month(&kommun, "2026-10"), one);
    for file in ["först.xlsx", "sedan.xlsx"] {
        let again = kommun.import(&[&kommun.root().join(file)]).json();
        assert_eq!(again["files"][0]["accepted"], 0, "{file}: {again}");
    }
    assert_eq!(month(&kommun, "2026-10"), one);
    change(&kommun, &["unlink", "KS 2026-09-09", "KS 2026-09-11"]);
    assert_eq!(month(&kommun, "2026-10"), both);
}

#[test]
fn linked_after_both_were_paid_each_is_reversed_once_and_unlinked_paid_again() {
    let kommun = moved_without_saying_so();
    assert_eq!(kommun.pay("2026-10").len(), 4);
    kommun.import(&[&ks(&kommun, "oktober.xlsx", "2026-10-14", &["1001", "1002"])]);
    let id = change(&kommun, &["link", "KS 2026-09-09", "KS 2026-09-11"]);
    assert_eq!(
        kommun.pay("2026-11"),
        [
            back("1001", "2026-09-09", "2026-10/1:1"),
            grund("1001", "2026-10-14"),
            back("1002", "2026-09-09", "2026-10/1:3"),
            grund("1002", "2026-10-14"),
        ]
    );
    assert_eq!(sum(&kommun), (4 * 41_200).to_string());
    undo(&kommun, &id);
    assert_eq!(kommun.pay("2026-12"), [grund("1001", "2026-09-09"), grund("1002", "2026-09-09")]);
    audit_is_whole(&kommun);
}

#[test]
fn lists_and_yrkanden_that_come_after_a_link_are_of_one_meeting() {
    let kommun = moved_without_saying_so();
    change(&kommun, &["link", "KS 2026-09-09", "KS 2026-09-11"]);
    kommun.import(&[&list(&kommun, "rättad.xlsx", "2026-09-11 | KS | 13.00 | 15.00 | @1001 | ledamot")]);
    let rows = month(&kommun, "2026-10");
    assert_eq!(rows.iter().filter(|row| row.starts_with("1001")).count(), 2, "{rows:?}");
    let whole = kommun
        .list("hela.xlsx", &format!("Hela listan: ja\n{NARVARO}\n2026-09-11 | KS | 13.00 | 15.00 | @1001 | ledamot"));
    kommun.import(&[&whole]);
    let rows = month(&kommun, "2026-10");
    assert!(rows.iter().all(|row| row.starts_with("1001")), "removed under both ids: {rows:?}");
    let claim = kommun.book(
        "yrkande.xlsx",
        &[(
            "Yrkanden",
            "Datum | Organ | Personnummer | Slag | Tid från | Tid till | Belopp | Styrkt
             2026-09-09 | KS | @1001 | förlorad arbetsinkomst | 13.00 | 14.00 | 250 | ja",
        )],
    );
    kommun.import(&[&claim]);
    assert!(month(&kommun, "2026-10").contains(&"1001 1675 2026-09-11 1 x 250.00 = 250.00".to_owned()));
    change(&kommun, &["withdraw", "KS", "2026-09-09"]);
    assert_eq!(month(&kommun, "2026-10"), [""; 0], "taken back whichever day is named");
}

#[test]
fn a_link_refuses_a_meeting_of_another_organ_and_one_that_is_linked_already() {
    let kommun = moved_without_saying_so();
    kommun.import(&[&list(&kommun, "au.xlsx", "2026-09-09 | AU | 13.00 | 14.00 | @1001 | ledamot")]);
    let run = |what: &str, one: &str, other: &str| kommun.run(&[what, one, other, "--because", "samma möte"]);
    run("link", "KS 2026-09-09", "AU 2026-09-09").exits(4).says(&["different organ"]);
    run("link", "KS 2026-09-09", "KS 2026-09-09").exits(4).says(&["one meeting already"]);
    run("unlink", "KS 2026-09-09", "KS 2026-09-11").exits(4).says(&["was not linked"]);
    run("link", "KS 2026-09-09", "KS 2026-09-30").exits(2).says(&["no such meeting"]);
    change(&kommun, &["link", "KS 2026-09-09", "KS 2026-09-11"]);
    run("link", "KS 2026-09-11", "KS 2026-09-09").exits(4).says(&["one meeting already"]);
}

// ---- tripwires and closed months

/// Closes everything up to a month, as it is recorded.
fn closed(kommun: &Kommun, through: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut db = Db::open_file(&kommun.path("arvode.db")).await.unwrap();
        let fact = Fact::Closing(Closing { through: through.parse().unwrap() });
        let (number, place) = (db.last_fact().await.unwrap() + 1, (None, String::new(), 0));
        let (key, about) = (key_of(&fact), about(&fact));
        let new = NewFact { number, key, about, fact: Some(fact), place, because: None, supersedes: None };
        db.begin().await.unwrap();
        db.record(&[new], 1).await.unwrap();
        db.commit().await.unwrap();
        db.close().await.unwrap();
    });
}

#[test]
fn in_a_closed_month_nothing_is_undone_withdrawn_or_linked_for_no_money_could_follow() {
    let kommun = moved_without_saying_so();
    let late = ks(&kommun, "oktober.xlsx", "2026-10-14", &["1001"]);
    kommun.import(&[&late]);
    let september = change(&kommun, &["withdraw", "KS", "2026-09-11"]);
    let october = change(&kommun, &["withdraw", late.to_str().unwrap()]);
    closed(&kommun, "2026-09");
    let refused = |command: &[&str]| {
        kommun.run(&[command, &["--because", "för sent"]].concat()).exits(4).says(&["2026-09", "is closed"]);
    };
    refused(&["undo", &september]);
    refused(&["withdraw", "KS", "2026-09-09"]);
    refused(&["withdraw", kommun.root().join("först.xlsx").to_str().unwrap()]);
    undo(&kommun, &october);
    assert_eq!(month(&kommun, "2026-11"), [grund("1001", "2026-10-14")]);
}

#[test]
fn a_withdrawn_file_that_puts_many_in_debt_stops_at_the_freeze_and_says_what_to_do() {
    let all = ["1001", "1002", "1003", "1004", "1005", "1006", "1007"];
    let kommun = kommun(&all);
    let list = ks(&kommun, "september.xlsx", "2026-09-09", &all);
    kommun.import(&[&list]);
    kommun.pay("2026-10");
    let id = change(&kommun, &["withdraw", list.to_str().unwrap()]);
    kommun.run(&["month", "2026-11", "--freeze"]).exits(4).says(&[
        "7 personer",
        "--yes",
        "arvode changes",
        "arvode undo",
    ]);
    assert_eq!(kommun.sql("SELECT COUNT(*) FROM batch"), "1");
    let copy = kommun.copy();
    assert!(copy.run(&["month", "2026-11", "--freeze", "--yes"]).code <= 1);
    undo(&kommun, &id);
    assert_eq!(month(&kommun, "2026-11"), [""; 0], "nothing is owed either way");
}

#[test]
fn a_recalculation_stops_at_a_sparr_too_and_says_who_asked_for_it_when_it_passes() {
    let kommun = Kommun::new("2026-09");
    kommun.take_in_persons(&["1001"], &[("1001", "ks-vice", "KS")]);
    kommun.pay("2026-09");
    kommun.pay("2026-10");
    kommun.edit("regelverk/lonekalender.toml", |text| text.replace("manader = 13", "manader = 1"));
    kommun.edit("regelverk/riksdagsarvode.toml", |text| text.replace("value = 81400", "value = 82000"));
    let command = ["recalculate", "--from", "2026-09", "--because", "KF 2026 § 1", "--by", "Karin"];
    kommun.run(&command).exits(4).says(&["2 intjänandemånader", "--yes", "nothing was frozen"]);
    assert_eq!(kommun.sql("SELECT COUNT(*) FROM batch"), "2");
    let ran = kommun.run(&[&command[..], &["--yes"]].concat());
    assert!(ran.code <= 1 && ran.out.contains("arvode void"), "{ran:?}");
    let audit = kommun.sql("SELECT detail FROM audit WHERE action = 'freeze' ORDER BY id DESC LIMIT 1");
    assert!(audit.contains("omräkning från 2026-09, av Karin: KF 2026 § 1"), "{audit}");
}

#[test]
fn merged_and_linked_together_a_meeting_that_two_lists_say_of_two_numbers_is_paid_once() {
    let kommun = kommun(&["1001", "1002"]);
    kommun.import(&[&ks(&kommun, "först.xlsx", "2026-09-09", &["1001"])]);
    kommun.import(&[&ks(&kommun, "sedan.xlsx", "2026-09-11", &["1002"])]);
    assert_eq!(kommun.pay("2026-10").len(), 2);
    kommun.import(&[&ks(&kommun, "oktober.xlsx", "2026-10-14", &["1001"])]);
    let merged = change(&kommun, &["person", "merge", "1001", "1002"]);
    assert_eq!(month(&kommun, "2026-11"), [grund("1001", "2026-10-14")], "two meetings of one person");
    let linked = change(&kommun, &["link", "KS 2026-09-09", "KS 2026-09-11"]);
    assert_eq!(month(&kommun, "2026-11"), [back("1001", "2026-09-09", "2026-10/1:1"), grund("1001", "2026-10-14")]);
    undo(&kommun, &merged);
    undo(&kommun, &linked);
    assert_eq!(month(&kommun, "2026-11"), [grund("1001", "2026-10-14")], "both undone, nothing is owed for either");
}

#[test]
fn a_split_moves_uppdrag_and_yrkanden_with_their_money() {
    let kommun = Kommun::new("2026-09");
    kommun.take_in_persons(&["1001", "1002"], &[("1001", "gruppledare", "KF"), ("1001", "ledamot", "KS")]);
    kommun.import(&[&ks(&kommun, "mina.xlsx", "2026-09-09", &["1001"])]);
    let claim = kommun.book(
        "yrkande.xlsx",
        &[(
            "Yrkanden",
            "Datum | Organ | Personnummer | Slag | Tid från | Tid till | Belopp | Styrkt
             2026-09-09 | KS | @1001 | förlorad arbetsinkomst | 13.00 | 14.00 | 250 | ja",
        )],
    );
    kommun.import(&[&claim]);
    let paid = kommun.pay("2026-10");
    assert_eq!(paid.len(), 3, "gruppledare in September and October, lost income: {paid:?}");
    let chosen = ["uppdrag gruppledare", "närvaro", "yrkande"].map(|says| numbers(&kommun, "1001", says)).join(",");
    change(&kommun, &["person", "split", "1001", "--to", "1002", "--facts", &chosen]);
    let frozen = kommun.json(&["month", "2026-11"]);
    let rows = of_json(&frozen);
    let of = |who: &str| rows.iter().filter(|row| row.starts_with(who)).count();
    // 1001 owes three rows and is owed none: they wait for a decision. 1002 is paid them, and November's fee.
    assert_eq!((of("1001"), of("1002")), (0, 4), "{rows:?}");
    assert!(kommun.held().iter().any(|remark| remark.starts_with("1001") && remark.contains("väntar på beslut")));
}
