//! The power goes at any moment of a month's end, and the program starts again: each batch is frozen once, each file leaves
//! once, each letter is written once; what nobody can know is asked of a person.
//!
//! The rounds of the timetable are killed at each call that changes the disk, one after another (`strace`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use support::cut::kill_at_every_call;
use support::rows::{of_json, of_paxml};
use support::{Kommun, Ran};

const BATCH: &str = "2026-10/1";
const CALCULATED: &str = "2026-10-08T05:00";
const SIGNED: &str = "2026-10-12T09:00";
const CUT_OFF: &str = "2026-10-15T11:00";

/// A kommun whose clock is set by hand, at work until the morning of the calculation.
fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.edit("arvode.toml", |text| {
        let text = text.replace("database = \"arvode.db\"", "database = \"arvode.db\"\ndemo = true");
        let text = text.replace("kansli = \"\"", "kansli = \"kansli@kommun.example\"");
        text.replace("lonekontor = \"\"", "lonekontor = \"lon@kommun.example\"")
    });
    round(&kommun, "2026-10-01T10:00").exits(0);
    kommun.ledamoter(&["1001", "1002"]);
    let list = kommun.list(
        "september.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Roll
         2026-09-09 | KS | 13.00 | 15.10 | @1001 | ledamot
         2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot",
    );
    kommun.import(&[&list]);
    // What is due before it in the morning is done: the rounds that are cut have the month's end to do.
    round(&kommun, "2026-10-08T03:50").exits(0);
    kommun
}

fn at(instant: &str) -> String {
    format!("{instant}:00Z")
}

fn round(kommun: &Kommun, instant: &str) -> Ran {
    kommun.run(&["once", "timetable", "--now", &at(instant)])
}

fn sign(kommun: &Kommun, role: &str, id: &str) {
    let key = kommun.key(id);
    let arguments = ["attest", "sign", BATCH, "--role", role, "--key", key.to_str().unwrap(), "--now", &at(SIGNED)];
    kommun.run(&arguments).exits(0);
}

fn state(kommun: &Kommun) -> String {
    kommun.sql(&format!("SELECT state FROM batch WHERE name = '{BATCH}'"))
}

/// A later minute of the same hour; a failed job has waited for its next try by then.
fn later(instant: &str) -> String {
    instant.replace(":00", ":30")
}

/// Every letter: kind, receiver, occasion and subject. What tells of the cut itself is apart, and the list for print: it
/// names what waits when it is written.
fn letters(kommun: &Kommun) -> String {
    kommun.sql(
        "SELECT kind || ' ' || receiver || ' ' || occasion || ' ' || subject FROM letter \
         WHERE kind NOT IN ('operator_alarm', 'outage_summary', 'print_list') ORDER BY 1",
    )
}

/// In the folder of letters lies one file for each letter that was sent.
#[track_caller]
fn each_is_a_file(kommun: &Kommun, when: &str) {
    let sent: usize = kommun.sql("SELECT COUNT(*) FROM letter WHERE state = 'sent'").parse().unwrap();
    let files = kommun.files("mail").into_iter().filter(|(name, _)| name.ends_with(".eml")).count();
    assert_eq!(files, sent, "{when}: a letter is a file, once");
}

#[test]
fn killed_at_any_call_while_the_month_is_calculated_it_is_frozen_once_and_told_once() {
    let kommun = kommun();
    let calm = kommun.copy();
    round(&calm, CALCULATED).exits(0);
    round(&calm, &later(CALCULATED)).exits(0);
    let (expected, told) = (of_json(&calm.json(&["month", BATCH])), letters(&calm));
    assert_eq!((expected.len(), calm.state(BATCH).as_str()), (4, "calculated"));
    let now = at(CALCULATED);
    kill_at_every_call(&kommun, &["once", "timetable", "--now", &now], |copy, when| {
        let again = round(copy, &later(CALCULATED));
        assert_eq!(again.code, 0, "{when}: {again:?}");
        assert_eq!(of_json(&copy.json(&["month", BATCH])), expected, "{when}");
        assert_eq!(copy.sql("SELECT COUNT(*) FROM batch"), "1", "{when}");
        assert_eq!(letters(copy), told, "{when}");
        each_is_a_file(copy, when);
    });
}

#[test]
fn killed_at_any_call_while_the_signed_batch_leaves_it_leaves_once() {
    let kommun = kommun();
    round(&kommun, CALCULATED).exits(0);
    round(&kommun, "2026-10-12T08:50").exits(0);
    sign(&kommun, "granskning", "greta");
    sign(&kommun, "beslut", "britt");
    let calm = kommun.copy();
    round(&calm, SIGNED).exits(0);
    round(&calm, &later(SIGNED)).exits(0);
    let expected = calm.delivered(BATCH);
    round(&calm, "2026-10-12T10:00").exits(0);
    let told = letters(&calm);
    assert_eq!(of_paxml(&expected).len(), 4);
    let now = at(SIGNED);
    kill_at_every_call(&kommun, &["once", "timetable", "--now", &now], |copy, when| {
        // Payroll fetches what is there at once: it may never come again of itself.
        let was_there = copy.deliver(BATCH).exists();
        if was_there {
            std::fs::remove_file(copy.deliver(BATCH)).unwrap();
        }
        round(copy, &later(SIGNED));
        if was_there {
            assert!(!copy.deliver(BATCH).exists(), "{when}: it was delivered twice");
        }
        if state(copy) == "delivering" {
            // Nobody but payroll can know.
            let has_it = if was_there { "delivered" } else { "not-delivered" };
            copy.run(&["export", BATCH, "--cut-off", has_it, "--now", &at("2026-10-12T09:40")]).exits(0);
        }
        assert_eq!(state(copy), "delivered", "{when}");
        let file = if was_there { copy.out(BATCH) } else { copy.deliver(BATCH) };
        assert_eq!(support::rows::latin1(&std::fs::read(file).unwrap()), expected, "{when}");
        assert_eq!(copy.files("out").len(), 2, "{when}: a file and its receipt");
        round(copy, "2026-10-12T10:00").exits(0);
        assert_eq!(letters(copy), told, "{when}");
        each_is_a_file(copy, when);
    });
}

#[test]
fn killed_at_any_call_at_the_cut_off_what_nobody_signed_is_owed_again_once() {
    let kommun = kommun();
    round(&kommun, CALCULATED).exits(0);
    sign(&kommun, "granskning", "greta");
    round(&kommun, "2026-10-15T09:50").exits(0);
    let calm = kommun.copy();
    round(&calm, CUT_OFF);
    round(&calm, &later(CUT_OFF));
    assert_eq!(calm.state(BATCH), "void", "no sheet was signed by two");
    let owed = of_json(&calm.json(&["month", "2026-11", "--now", &at("2026-10-20T10:00")]));
    let now = at(CUT_OFF);
    kill_at_every_call(&kommun, &["once", "timetable", "--now", &now], |copy, when| {
        round(copy, &later(CUT_OFF));
        assert_eq!(state(copy), "void", "{when}");
        assert_eq!(of_json(&copy.json(&["month", "2026-11", "--now", &at("2026-10-20T10:00")])), owed, "{when}");
        assert_eq!(letters(copy), letters(&calm), "{when}");
        each_is_a_file(copy, when);
    });
}
