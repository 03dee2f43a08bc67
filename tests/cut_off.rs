//! The cut-off: what is signed leaves, and what is not is left out, told, and owed again to the öre.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use serde_json::{Value, json};
use support::rows::{of_json, of_paxml};
use support::{Kommun, PROGRAM, Ran};

const BATCH: &str = "2026-10/1";
const FREEZE: &str = "2026-10-06T10:00:00Z";
/// 12.00 on 15 October in Sweden.
const CUT_OFF: &str = "2026-10-15T10:00:00Z";
const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll";

/// Britt decides for kommunstyrelsen alone (sheet 2), Nora for bildnings- och sociala utskottet (sheet 3).
fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.edit("arvode.toml", |text| {
        let text = text.replace("database = \"arvode.db\"", "database = \"arvode.db\"\ndemo = true");
        let text = text.replace("kansli = \"\"", "kansli = \"kansli@kommun.example\"");
        text.replace("operator = \"\"", "operator = \"drift@kommun.example\"")
    });
    kommun.set_officials(&[
        kommun.official("greta", "\"granskning\"", ""),
        kommun.official("britt", "\"beslut\"", "ansvar = [\"1100\"]"),
        kommun.official("nora", "\"beslut\"", "ansvar = [\"1200\"]"),
    ]);
    at(&kommun, "2026-09-01T10:00:00Z", &["once", "tell_events"]).exits(0);
    let held = [("1001", "KS"), ("1002", "KS"), ("1002", "BSU"), ("1003", "BSU")];
    let held: Vec<(&str, &str, &str)> = held.iter().map(|(anstid, organ)| (*anstid, "ledamot", *organ)).collect();
    kommun.take_in_persons(&["1001", "1002", "1003"], &held);
    kommun
}

/// One meeting of each organ in September.
fn ready() -> Kommun {
    let kommun = kommun();
    list(
        &kommun,
        "september.xlsx",
        "2026-09-09 | KS | 13.00 | 15.10 | @1001 | ledamot
         2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot
         2026-09-16 | BSU | 9.00 | 10.00 | @1002 | ledamot
         2026-09-16 | BSU | 9.00 | 10.00 | @1003 | ledamot",
    );
    kommun
}

const KS: [&str; 4] = [
    "1001 1647 2026-09-09 1 x 412.00 = 412.00",
    "1001 1648 2026-09-09 1.5 x 206.00 = 309.00",
    "1002 1647 2026-09-09 1 x 412.00 = 412.00",
    "1002 1648 2026-09-09 1.5 x 206.00 = 309.00",
];
const BSU: [&str; 2] = ["1002 1647 2026-09-16 1 x 412.00 = 412.00", "1003 1647 2026-09-16 1 x 412.00 = 412.00"];

fn frozen() -> Kommun {
    let kommun = ready();
    freeze(&kommun, FREEZE, "2026-10");
    kommun
}

/// Frozen, and only kommunstyrelsen's sheet has both signatures.
fn half_signed() -> Kommun {
    let kommun = frozen();
    sign(&kommun, "2026-10-07T08:00:00Z", BATCH, &["greta", "britt"]);
    kommun
}

fn list(kommun: &Kommun, name: &str, rows: &str) {
    let list = kommun.list(name, &format!("{NARVARO}\n{rows}"));
    at(kommun, "2026-10-05T10:00:00Z", &["import", list.to_str().unwrap()]).exits(0);
}

fn at(kommun: &Kommun, now: &str, arguments: &[&str]) -> Ran {
    kommun.run(&[arguments, &["--now", now]].concat())
}

fn json_at(kommun: &Kommun, now: &str, arguments: &[&str]) -> Value {
    let ran = at(kommun, now, &[arguments, &["--json"]].concat());
    assert!(ran.code <= 1, "{arguments:?}: {ran:?}");
    ran.json()
}

fn freeze(kommun: &Kommun, now: &str, month: &str) -> Value {
    json_at(kommun, now, &["month", month, "--freeze"])
}

fn sign_one(kommun: &Kommun, now: &str, batch: &str, id: &str) -> Ran {
    let (role, key) = (if id == "greta" { "granskning" } else { "beslut" }, kommun.key(id));
    at(kommun, now, &["attest", "sign", batch, "--role", role, "--key", key.to_str().unwrap()])
}

/// Each signs what they may; what they may not is told, and is another's.
fn sign(kommun: &Kommun, now: &str, batch: &str, ids: &[&str]) {
    for id in ids {
        let ran = sign_one(kommun, now, batch, id);
        assert!(ran.code <= 1, "{ran:?}");
    }
}

fn cut_off(kommun: &Kommun) -> Ran {
    at(kommun, CUT_OFF, &["once", "close_month"])
}

/// Sheets that were left out: number and reason.
fn left_out(kommun: &Kommun, batch: &str) -> Vec<(u64, String)> {
    let month = kommun.json(&["month", batch]);
    let of = |one: &Value| (one["sheet"].as_u64().unwrap(), one["why"].as_str().unwrap().to_owned());
    month["left_out"].as_array().unwrap().iter().map(of).collect()
}

fn unsigned(sheets: &[u64]) -> Vec<(u64, String)> {
    sheets.iter().map(|sheet| (*sheet, "unsigned".to_owned())).collect()
}

#[test]
fn at_the_cut_off_what_is_signed_leaves_and_the_rest_comes_with_the_next_batch() {
    let kommun = half_signed();
    cut_off(&kommun).exits(0);
    assert_eq!(of_paxml(&kommun.delivered(BATCH)), KS);
    let month = kommun.json(&["month", BATCH]);
    assert_eq!((of_json(&month), &month["state"]), (KS.map(str::to_owned).to_vec(), &json!("delivered")));
    assert_eq!((&month["totals"]["rows"], &month["totals"]["belopp"]), (&json!(4), &json!("1442.00")));
    assert_eq!(left_out(&kommun, BATCH), unsigned(&[3]));
    let receipt: Value =
        serde_json::from_str(&fs::read_to_string(kommun.path("out/paxml-2026-10-1.json")).unwrap()).unwrap();
    assert_eq!((&receipt["rows"], &receipt["persons"], &receipt["total"]), (&json!(4), &json!(2), &json!("1442.00")));
    let sheets = receipt["attests"].as_array().unwrap().iter().map(|attest| attest["sheet"].as_u64().unwrap());
    assert_eq!(sheets.collect::<Vec<_>>(), [2, 2]);

    let audit = kommun.sql("SELECT COUNT(*) FROM audit");
    cut_off(&kommun).exits(0);
    at(&kommun, CUT_OFF, &["export", BATCH, "--leave-out-unsigned"]).exits(0);
    assert_eq!(kommun.sql("SELECT COUNT(*) FROM audit"), audit, "a second time it does nothing");

    let next = freeze(&kommun, "2026-11-09T10:00:00Z", "2026-11");
    assert_eq!(of_json(&next), BSU);
    sign(&kommun, "2026-11-09T11:00:00Z", "2026-11/1", &["greta", "nora"]);
    at(&kommun, "2026-11-09T12:00:00Z", &["export", "2026-11/1"]).exits(0);
    assert_eq!(of_paxml(&kommun.delivered("2026-11/1")), BSU);
    assert_eq!(of_json(&json_at(&kommun, "2026-12-07T10:00:00Z", &["month", "2026-12"])), [""; 0], "nothing twice");
}

#[test]
fn whoever_asks_is_told_what_was_left_out_and_why() {
    let kommun = half_signed();
    cut_off(&kommun).exits(0);
    const SAYS: &str = "utelämnad vid brytdagen: bladet var inte attesterat";
    let says = |arguments: &[&str], parts: &[&str]| {
        let ran = at(&kommun, "2026-10-16T10:00:00Z", arguments);
        let out = ran.out.replace('\u{a0}', " ");
        for part in parts {
            assert!(out.contains(part), "\"{part}\" is not said by {arguments:?}:\n{out}{}", ran.err);
        }
    };
    says(&["month", BATCH], &["Blad 3, 2 rader, 2 personer, 824,00 kr", SAYS, "att betala igen"]);
    says(&["explain", BATCH], &["rad 5, utelämnad", SAYS, "rad 1:"]);
    says(&["explain", BATCH, "--row", "5"], &["rad 5, utelämnad vid brytdagen", "412,00 kr"]);
    says(&["explain", BATCH, "--row", "6"], &["rad 6, utelämnad vid brytdagen"]);
    says(&["explain", BATCH, "--person", "1003"], &["utelämnad vid brytdagen"]);
    says(&["statement", "1003", "2026-10"], &["grundarvode, sammanträde BSU 2026-09-16: utelämnad vid brytdagen"]);
    says(&["attest", "show", BATCH], &["Blad 3", "beslut: saknas", SAYS, "nytt blad"]);
    let rows = json_at(&kommun, CUT_OFF, &["disclose", "1003"])["rows"].clone();
    assert_eq!(
        (&rows[0]["state"], &rows[0]["settled"]),
        (&json!("utelämnad, bladet attesterades inte i tid"), &json!("att betala med en senare körning"))
    );
    let explained = json_at(&kommun, CUT_OFF, &["explain", BATCH]);
    assert_eq!(explained["rows"].as_array().unwrap().len(), 4);
    let left_out = explained["left_out"].as_array().unwrap();
    assert_eq!(left_out.iter().map(|row| row["row"].as_u64().unwrap()).collect::<Vec<_>>(), [5, 6]);
    at(&kommun, CUT_OFF, &["explain", BATCH, "--row", "7"]).exits(2).says(&["has no row 7"]);
    kommun.run(&["explain", "2026-10"]).exits(0);
}

#[test]
fn a_signature_that_comes_after_the_cut_off_is_refused_with_the_reason() {
    let kommun = half_signed();
    kommun.run(&["attest", "show", BATCH]);
    let text = kommun.path("attest/2026-10-1/blad-3-beslut.txt");
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-Y", "sign", "-n", "arvode-attest", "-f"]).arg(kommun.key("nora")).arg(&text);
    assert!(keygen.output().unwrap().status.success());
    cut_off(&kommun).exits(0);
    let reason = ["sheet 3 of 2026-10/1", "it came after the cut-off", "the rows come with the next batch"];
    sign_one(&kommun, "2026-10-15T11:00:00Z", BATCH, "nora").exits(4).says(&reason);
    let signature = text.with_extension("txt.sig");
    at(&kommun, "2026-10-15T11:00:00Z", &["attest", "add", BATCH, signature.to_str().unwrap()]).exits(4).says(&reason);
    fs::copy(&signature, kommun.path("in/blad-3.sig")).unwrap();
    kommun.edit("arvode.toml", |text| text.replace("settle_seconds = 10", "settle_seconds = 0"));
    at(&kommun, "2026-10-15T11:00:00Z", &["once", "import"]).exits(1);
    let why = fs::read_to_string(kommun.path("rejected/blad-3.sig.txt")).unwrap();
    let late =
        "Underskriften kom för sent: blad 3 av körning 2026-10/1 utelämnades 2026-10-15 kl. 12.00, vid brytdagen.";
    assert!(why.contains(late) && why.contains("raderna kommer med nästa körning"), "{why}");
    assert_eq!(kommun.sql("SELECT COUNT(*) FROM attest WHERE sheet = 3 AND role = 'beslut'"), "0");
}

#[test]
fn a_batch_of_which_nothing_is_signed_is_taken_back_and_all_of_it_is_owed_again() {
    let kommun = frozen();
    sign(&kommun, "2026-10-07T08:00:00Z", BATCH, &["greta"]);
    cut_off(&kommun).exits(0);
    assert_eq!((kommun.files("out"), kommun.files("deliver")), (Vec::new(), Vec::new()));
    let month = kommun.json(&["month", BATCH]);
    assert_eq!((&month["state"], &month["totals"]["rows"]), (&json!("void"), &json!(0)));
    assert_eq!(left_out(&kommun, BATCH), unsigned(&[2, 3]));
    assert_eq!(
        kommun.sql("SELECT detail FROM audit WHERE action = 'void'"),
        "2026-10/1, av programmet: inget blad var attesterat vid brytdagen"
    );
    sign_one(&kommun, "2026-10-15T11:00:00Z", BATCH, "nora").exits(4).says(&["it came after the cut-off"]);
    at(&kommun, CUT_OFF, &["export", BATCH]).exits(4).says(&["was taken back"]);
    let again = freeze(&kommun, "2026-10-16T10:00:00Z", "2026-10");
    assert_eq!((&again["batch"], of_json(&again).len()), (&json!("2026-10/2"), 6));
    sign(&kommun, "2026-10-16T11:00:00Z", "2026-10/2", &["greta", "britt", "nora"]);
    at(&kommun, "2026-10-16T12:00:00Z", &["export", "2026-10/2"]).exits(0);
    assert_eq!(of_paxml(&kommun.delivered("2026-10/2")), of_json(&again));
}

#[test]
fn what_needs_nothing_left_out_leaves_as_it_is() {
    let all_signed = half_signed();
    sign(&all_signed, "2026-10-08T08:00:00Z", BATCH, &["nora"]);
    cut_off(&all_signed).exits(0);
    assert_eq!((of_paxml(&all_signed.delivered(BATCH)).len(), left_out(&all_signed, BATCH)), (6, Vec::new()));

    let by_payroll = frozen();
    by_payroll.edit("arvode.toml", |text| {
        let text = text.replace("where = \"batch\"", "where = \"payroll\"");
        text.replace("payroll_decision = \"\"", "payroll_decision = \"KS 2026/9\"")
    });
    cut_off(&by_payroll).exits(0);
    assert_eq!((of_paxml(&by_payroll.delivered(BATCH)).len(), left_out(&by_payroll, BATCH)), (6, Vec::new()));
}

#[test]
fn another_day_and_a_batch_from_after_the_cut_off_are_not_touched() {
    let kommun = frozen();
    at(&kommun, "2026-10-14T10:00:00Z", &["once", "close_month"]).exits(0);
    assert_eq!(kommun.state(BATCH), "calculated");
    let late = ready();
    freeze(&late, "2026-10-15T10:01:00Z", "2026-10");
    sign(&late, "2026-10-15T10:02:00Z", BATCH, &["greta", "britt"]);
    at(&late, "2026-10-15T12:00:00Z", &["once", "close_month"]).exits(0);
    assert_eq!((late.state(BATCH), left_out(&late, BATCH)), ("calculated".to_owned(), Vec::new()));
}

#[test]
fn whoever_would_become_net_negative_waits_with_all_rows_and_so_does_their_sheet() {
    let kommun = ready();
    freeze(&kommun, FREEZE, "2026-10");
    sign(&kommun, "2026-10-07T08:00:00Z", BATCH, &["greta", "britt", "nora"]);
    at(&kommun, "2026-10-07T09:00:00Z", &["export", BATCH]).exits(0);
    // The meeting was shorter for Bo Alm, who has another pay to come from the other organ.
    list(&kommun, "rättad.xlsx", "2026-09-09 | KS | 13.00 | 14.00 | @1002 | ledamot");
    list(
        &kommun,
        "oktober.xlsx",
        "2026-10-14 | BSU | 9.00 | 10.00 | @1002 | ledamot\n2026-10-21 | KS | 13.00 | 14.00 | @1001 | ledamot",
    );
    let next = freeze(&kommun, "2026-11-06T10:00:00Z", "2026-11");
    assert_eq!(
        of_json(&next),
        [
            "1001 1647 2026-10-21 1 x 412.00 = 412.00",
            "1002 1648 2026-09-09 -1.5 x 206.00 = -309.00 - 2026-10/1:4",
            "1002 1647 2026-10-14 1 x 412.00 = 412.00",
        ]
    );
    sign(&kommun, "2026-11-09T08:00:00Z", "2026-11/1", &["greta", "britt"]);
    at(&kommun, "2026-11-13T11:00:00Z", &["once", "close_month"]).exits(0);
    assert_eq!(left_out(&kommun, "2026-11/1"), [(2, "negative".to_owned()), (3, "unsigned".to_owned())]);
    assert_eq!(kommun.state("2026-11/1"), "void", "no other sheet was left");
    at(&kommun, "2026-11-13T11:01:00Z", &["once", "tell_events"]).exits(0);
    let letter = kommun.letters("sheets_left_out").remove(0);
    assert!(
        letter.text.contains("någon på bladet hade fått ett negativt belopp när ett annat blad utelämnades"),
        "{}",
        letter.text
    );
    assert_eq!(of_json(&json_at(&kommun, "2026-12-07T10:00:00Z", &["month", "2026-12"])), of_json(&next));
}

#[test]
fn a_correction_over_two_sheets_is_not_torn_apart() {
    let kommun = half_signed();
    sign(&kommun, "2026-10-08T08:00:00Z", BATCH, &["nora"]);
    at(&kommun, "2026-10-08T09:00:00Z", &["export", BATCH]).exits(0);
    // From now on another ansvar bears the organ, so what takes back and what is booked anew stand on different sheets.
    kommun.edit("regelverk/organ.toml", |text| text.replacen("ansvar = \"1100\"", "ansvar = \"1200\"", 1));
    list(&kommun, "rättad.xlsx", "2026-09-09 | KS | 13.00 | 16.10 | @1001 | ledamot");
    list(&kommun, "oktober.xlsx", "2026-10-14 | BSU | 9.00 | 10.00 | @1003 | ledamot");
    let next = freeze(&kommun, "2026-11-06T10:00:00Z", "2026-11");
    assert_eq!(of_json(&next).len(), 3, "{next}");
    let sheets = json_at(&kommun, "2026-11-06T10:00:00Z", &["attest", "show", "2026-11/1"]);
    assert_eq!(sheets["sheets"].as_array().unwrap().len(), 2);
    sign(&kommun, "2026-11-09T08:00:00Z", "2026-11/1", &["greta", "nora"]);
    at(&kommun, "2026-11-13T11:00:00Z", &["once", "close_month"]).exits(0);
    assert_eq!(left_out(&kommun, "2026-11/1"), [(1, "unsigned".to_owned()), (2, "together".to_owned())]);
    assert_eq!(of_json(&json_at(&kommun, "2026-12-07T10:00:00Z", &["month", "2026-12"])), of_json(&next));
}

#[test]
fn a_person_leaves_out_by_hand_what_is_not_signed_at_any_time() {
    let kommun = half_signed();
    at(&kommun, "2026-10-08T10:00:00Z", &["export", BATCH]).exits(4).says(&["sheet 3", "lacks its beslutsattest"]);
    let done = json_at(&kommun, "2026-10-08T10:00:00Z", &["export", BATCH, "--leave-out-unsigned", "--by", "Karin"]);
    assert_eq!(done["left_out"], json!([{ "sheet": 3, "why": "unsigned" }]));
    assert_eq!((&done["delivered"], of_paxml(&kommun.delivered(BATCH)).len()), (&json!(true), 4));
    sign_one(&kommun, "2026-10-08T11:00:00Z", BATCH, "nora").exits(4).says(&["Karin had left the sheet out"]);
    let shown = at(&kommun, "2026-10-08T11:00:00Z", &["month", BATCH]).out;
    assert!(shown.contains("utelämnad av Karin: bladet var inte attesterat"), "{shown}");
    // What was left out may go in a second batch of the same month, which the same cut-off then closes.
    let second = freeze(&kommun, "2026-10-08T12:00:00Z", "2026-10");
    assert_eq!((&second["batch"], of_json(&second)), (&json!("2026-10/2"), BSU.map(str::to_owned).to_vec()));
    cut_off(&kommun).exits(0);
    assert_eq!(kommun.state("2026-10/2"), "void");
    let nothing = frozen();
    let ran = at(&nothing, "2026-10-08T10:00:00Z", &["export", BATCH, "--leave-out-unsigned"]).exits(1);
    assert!(ran.out.contains("tagen tillbaka") && ran.out.contains("arvode month 2026-10 --freeze"), "{}", ran.out);
    assert_eq!((nothing.state(BATCH), nothing.files("out")), ("void".to_owned(), Vec::new()));
}

#[test]
fn what_was_left_out_stays_so_when_the_export_fails_and_the_next_try_goes_on() {
    let kommun = half_signed();
    fs::write(kommun.out(BATCH), "något annat").unwrap();
    cut_off(&kommun).exits(4);
    assert_eq!(kommun.state(BATCH), "calculated");
    assert_eq!(left_out(&kommun, BATCH), unsigned(&[3]));
    sign_one(&kommun, "2026-10-15T10:30:00Z", BATCH, "nora").exits(4);
    fs::remove_file(kommun.out(BATCH)).unwrap();
    cut_off(&kommun).exits(0);
    assert_eq!(of_paxml(&kommun.delivered(BATCH)), KS);
}

/// Kills the cut-off at its n-th call of a kind; `false` if it has fewer.
fn killed(kommun: &Kommun, call: &str, number: u32) -> bool {
    let mut strace = Command::new("strace");
    strace.args([
        "-f",
        "-qq",
        "-e",
        &format!("trace={call}"),
        "-e",
        &format!("inject={call}:signal=KILL:when={number}"),
        "-o",
    ]);
    strace.arg(kommun.root().join("trace")).env_remove("LD_LIBRARY_PATH").arg(PROGRAM).arg("--data").arg(kommun.data());
    let output = strace.args(["once", "close_month", "--now", CUT_OFF]).output();
    output.expect("strace is missing; install the package strace").status.signal() == Some(9)
}

#[test]
fn killed_anywhere_the_cut_off_goes_on_and_one_file_leaves() {
    let ready = half_signed();
    let mut kills = 0;
    for call in ["fdatasync", "fsync", "renameat2", "unlinkat"] {
        for number in 1..60 {
            let kommun = ready.copy();
            if !killed(&kommun, call, number) {
                break;
            }
            kills += 1;
            let ran = cut_off(&kommun);
            // Between the copy and the note of it only a person can tell.
            if kommun.sql("SELECT state FROM batch") == "delivering" {
                let is_there = kommun.deliver(BATCH).exists();
                let word = if is_there { "delivered" } else { "not-delivered" };
                at(&kommun, CUT_OFF, &["export", BATCH, "--cut-off", word]).exits(0);
            } else {
                ran.exits(0);
            }
            assert_eq!(of_paxml(&kommun.delivered(BATCH)), KS, "{call} {number}");
            assert_eq!(left_out(&kommun, BATCH), unsigned(&[3]), "{call} {number}");
            assert_eq!(kommun.files("deliver").len(), 1);
        }
    }
    assert!(kills > 10, "{kills}");
}

#[test]
fn a_file_that_left_before_an_older_backup_was_restored_is_not_forgotten_by_the_cut_off() {
    let left = half_signed();
    let restored = left.copy();
    restored.sql("DELETE FROM attest");
    cut_off(&left).exits(0);
    support::copy_folder(&left.path("out"), &restored.path("out"));
    cut_off(&restored).exits(4).says(&["out/ holds a file of 2026-10/1", "older backup"]);
    assert_eq!((restored.state(BATCH), left_out(&restored, BATCH)), ("calculated".to_owned(), Vec::new()));
    sign(&restored, "2026-10-15T11:00:00Z", BATCH, &["greta", "britt"]);
    at(&restored, "2026-10-15T11:00:00Z", &["export", BATCH, "--leave-out-unsigned"])
        .exits(4)
        .says(&["--cut-off delivered"]);
    at(&restored, "2026-10-15T11:00:00Z", &["export", BATCH, "--cut-off", "delivered"]).exits(0);
    assert_eq!((restored.state(BATCH), left_out(&restored, BATCH)), ("delivered".to_owned(), unsigned(&[3])));
    assert_eq!(of_json(&json_at(&restored, "2026-11-09T10:00:00Z", &["month", "2026-11"])), BSU);
}

#[test]
fn rows_that_were_left_out_or_brought_back_behind_the_programs_back_are_noticed() {
    let kommun = half_signed();
    fs::write(kommun.out(BATCH), "något annat").unwrap();
    cut_off(&kommun).exits(4);
    fs::remove_file(kommun.out(BATCH)).unwrap();
    let brought_back = kommun.copy();
    brought_back.sql("DELETE FROM sheet_left_out");
    sign(&brought_back, "2026-10-15T11:00:00Z", BATCH, &["nora"]);
    at(&brought_back, CUT_OFF, &["export", BATCH]).exits(4).says(&["do not add up to what was frozen"]);
    kommun.sql("UPDATE sheet_left_out SET sheet = 2");
    kommun.run(&["export", BATCH]).exits(4).says(&["does not match its hash", "restore the last backup"]);
}

/// A letter as it is read: its subject, a line, and the text.
fn read(kommun: &Kommun, kind: &str, receiver: &str) -> String {
    let letter = kommun.letters(kind).into_iter().rfind(|letter| letter.receiver == receiver);
    let letter = letter.unwrap_or_else(|| panic!("no {kind} to {receiver}"));
    if let Ok(folder) = std::env::var("ARVODE_LETTERS") {
        fs::write(format!("{folder}/{kind}-{}.html", receiver.replace(':', "-")), &letter.html).unwrap();
    }
    let text = letter.text.split("\n\n--\n").next().unwrap();
    format!("{}\n---\n{text}", letter.subject).replace('\u{a0}', " ")
}

#[test]
fn kansli_operator_and_who_could_have_signed_are_told_once() {
    let kommun = half_signed();
    at(&kommun, "2026-10-15T09:59:00Z", &["once", "timetable"]);
    assert_eq!(kommun.state(BATCH), "calculated");
    at(&kommun, "2026-10-15T10:00:00Z", &["once", "timetable"]);
    at(&kommun, "2026-10-15T10:01:00Z", &["once", "timetable"]);
    assert_eq!(kommun.state(BATCH), "delivered", "the timetable does it at its time");
    let told: Vec<(String, String)> =
        kommun.letters("sheets_left_out").into_iter().map(|letter| (letter.receiver, letter.occasion)).collect();
    let to = ["office:kansli", "office:operator", "official:nora"];
    assert_eq!(told, to.map(|receiver| (receiver.to_owned(), "2026-10/1 blad 3".to_owned())));
    assert_eq!(
        read(&kommun, "sheets_left_out", "office:kansli"),
        "Utelämnat ur utbetalningen 2026-10-27: 1 blad, 824,00 kr, körning 2026-10/1
---
Bladen nedan i körning 2026-10/1 (arvodena för oktober 2026) är utelämnade ur utbetalningen 2026-10-27.
Det gjorde programmet 2026-10-15 kl. 12.00, vid brytdagen.

Blad 3: 2 rader, 2 personer, 824,00 kr
  bladet var inte attesterat, det saknade beslut

Utelämnat tillsammans: 2 rader, 824,00 kr
Kvar i körningen: 4 rader, 2 personer, 1 442,00 kr

Inget är förlorat: raderna är att betala igen. De kommer med nästa körning, som räknas 2026-11-06 och betalas ut 2026-11-27,
på nya blad att attestera. En underskrift på ett blad som är utelämnat tas inte emot.

Ska de betalas tidigare, görs en körning till för samma månad, som attesteras på vanligt sätt:
   arvode month 2026-10 --freeze"
    );
    let to_nora = read(&kommun, "sheets_left_out", "official:nora");
    assert!(
        to_nora.contains("Hej Nora Attestant,") && to_nora.contains("Du får brevet därför att du kunde skriva under."),
        "{to_nora}"
    );
    let exported = read(&kommun, "month_exported", "office:lonekontor");
    assert!(
        exported.contains(
            "Utelämnat ur körningen, och inte med i filen:\n  Blad 3: 2 rader, 824,00 kr; bladet var inte attesterat"
        ),
        "{exported}"
    );
    at(&kommun, "2026-11-01T08:00:00Z", &["once", "monthly_letter"]).exits(0);
    let monthly = read(&kommun, "monthly_letter", "office:kansli");
    assert!(
        monthly.contains("- Blad 3 i körning 2026-10/1: 2 rader, 824,00 kr; bladet var inte attesterat"),
        "{monthly}"
    );
}

#[test]
fn when_nothing_was_signed_the_letter_says_that_nobody_is_paid() {
    let kommun = frozen();
    cut_off(&kommun).exits(0);
    at(&kommun, "2026-10-15T10:01:00Z", &["once", "tell_events"]).exits(0);
    let told: Vec<String> = kommun.letters("sheets_left_out").into_iter().map(|letter| letter.receiver).collect();
    assert_eq!(told, ["office:kansli", "office:operator", "official:greta", "official:britt", "official:nora"]);
    assert_eq!(
        read(&kommun, "sheets_left_out", "official:greta"),
        "Inget betalas ut 2026-10-27: körning 2026-10/1 var inte attesterad
---
Hej Greta Attestant,

Inget blad i körning 2026-10/1 (arvodena för oktober 2026) var attesterat 2026-10-15 kl. 12.00, vid brytdagen. Körningen är tagen
tillbaka, och inget betalas ut 2026-10-27.

Blad 2: 4 rader, 2 personer, 1 442,00 kr
  bladet var inte attesterat, det saknade granskning och beslut
Blad 3: 2 rader, 2 personer, 824,00 kr
  bladet var inte attesterat, det saknade granskning och beslut

Utelämnat tillsammans: 6 rader, 2 266,00 kr

Inget är förlorat: raderna är att betala igen. De kommer med nästa körning, som räknas 2026-11-06 och betalas ut 2026-11-27,
på nya blad att attestera. En underskrift på ett blad som är utelämnat tas inte emot.

Du får brevet därför att du kunde skriva under. Hör av dig till kansliet, om något hindrar att du gör det nästa gång."
    );
}

#[test]
fn the_reminders_of_the_day_before_and_of_the_day_say_what_happens_then() {
    let kommun = half_signed();
    let on = |day: &str| {
        at(&kommun, &format!("{day}T06:00:00Z"), &["once", "remind_attest"]).exits(0);
        read(&kommun, "attest_reminder", "official:nora")
    };
    let says = "ett blad som saknar granskning eller beslut 2026-10-15 kl. 12.00 lämnas utanför utbetalningen";
    let (earlier, before, same) = (on("2026-10-13"), on("2026-10-14"), on("2026-10-15"));
    assert!(!earlier.contains("lämnas utanför"), "{earlier}");
    assert!(before.contains(says) && same.contains(says), "{before}\n{same}");
}

#[test]
fn gallring_keeps_no_sum_of_what_never_left() {
    let kommun = half_signed();
    cut_off(&kommun).exits(0);
    let january = kommun.list("januari.xlsx", &format!("{NARVARO}\n2027-01-13 | KS | 13.00 | 14.00 | @1001 | ledamot"));
    at(&kommun, "2027-01-20T10:00:00Z", &["import", january.to_str().unwrap()]).exits(0);
    for (now, month) in [("2026-11-09", "2026-11"), ("2027-02-08", "2027-02")] {
        let (now, batch) = (format!("{now}T10:00:00Z"), format!("{month}/1"));
        freeze(&kommun, &now, month);
        sign(&kommun, &now, &batch, &["greta", "nora", "britt"]);
        at(&kommun, &now, &["export", &batch]).exits(0);
    }
    kommun.edit("arvode.toml", |text| {
        text.replace("att inget gallras.\ndecision = \"\"", "att inget gallras.\ndecision = \"KS 2026/88\"")
    });
    at(&kommun, "2037-03-01T10:00:00Z", &["close", "2026-12", "--because", "bokslut", "--yes"]).exits(0);
    let accruals = |kommun: &Kommun| json_at(kommun, "2037-03-01T10:00:00Z", &["accruals", "2026"])["lines"].clone();
    let before = accruals(&kommun);
    at(&kommun, "2037-03-01T10:00:00Z", &["gallra"]).exits(0);
    assert_eq!(accruals(&kommun), before);
    assert_eq!(kommun.sql("SELECT SUM(row_count), SUM(belopp_ore) FROM gallrad"), "6|226600");
    assert_eq!(kommun.sql("SELECT SUM(row_count) FROM line_block"), "1");
    assert_eq!(left_out(&kommun, BATCH), unsigned(&[3]), "that it was left out is kept");
}
