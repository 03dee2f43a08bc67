//! Verify: what is as it was written says so, and what is not is found, whichever bit it is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;

use serde_json::Value;
use support::{Kommun, Ran};

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll";

/// Two months that were paid and one that waits for its second signature; an officer's correction, and letters.
fn kommun() -> Kommun {
    let kommun = Kommun::new("2015-01");
    kommun.edit("arvode.toml", |text| text.replace("\nkommun = ", "\ndemo = true\nkommun = "));
    kommun.ledamoter(&["1001", "1002", "1003"]);
    for (day, payout) in [("2015-02-11", "2015-03"), ("2015-05-13", "2015-06")] {
        let rows = ["1001", "1002", "1003"].map(|anstid| format!("\n{day} | KS | 13.00 | 15.00 | @{anstid} | ledamot"));
        kommun.import(&[&kommun.list(&format!("ks-{day}.xlsx"), &(NARVARO.to_owned() + &rows.concat()))]);
        assert_eq!(kommun.pay(payout).len(), 6);
    }
    let more = "\n2015-06-10 | KS | 13.00 | 15.00 | @1001 | ledamot\n2015-02-11 | KS | 13.00 | 16.00 | @1002 | ledamot";
    kommun.import(&[&kommun.list("mer.xlsx", &(NARVARO.to_owned() + more))]);
    kommun.freeze("2015-07");
    kommun.sign_as("2015-07/1", "granskning", "greta").exits(0);
    kommun
}

/// What verify finds, `place: wrong`.
#[track_caller]
fn found(kommun: &Kommun) -> Vec<String> {
    let ran = kommun.run(&["verify", "--json"]);
    assert!(matches!(ran.code, 0 | 4), "{ran:?}");
    let told = ran.json();
    let found: Vec<String> = told["findings"].as_array().unwrap().iter().map(line).collect();
    assert_eq!(ran.code == 0, found.is_empty());
    found
}

fn line(finding: &Value) -> String {
    assert!(!finding["to_do"].as_str().unwrap().is_empty());
    format!("{}: {}", finding["place"].as_str().unwrap(), finding["wrong"].as_str().unwrap())
}

#[test]
fn what_is_as_it_was_written_is_found_in_order() {
    let kommun = kommun();
    let ran = kommun.run(&["verify"]).exits(0);
    assert!(ran.out.starts_with("All is as it was written: "), "{}", ran.out);
    let told = kommun.json(&["verify"]);
    assert_eq!(told["chain"], kommun.sql("SELECT hash FROM audit ORDER BY id DESC LIMIT 1"));
    assert_eq!(told["files"], 2 + 4, "two payroll files, and what was taken in");
    let rows = kommun.sql("SELECT SUM(row_count) FROM line_block");
    assert_eq!(told["rows"].to_string(), rows);
}

#[test]
fn what_was_changed_is_named_with_its_place() {
    let kommun = kommun();
    let changes = [
        (
            "UPDATE fact SET person_id = person_id + 1 WHERE id = (SELECT MAX(id) FROM fact)",
            "is not found by what it says",
        ),
        (
            "UPDATE fact SET superseded_by = 1 WHERE id = (SELECT MIN(id) FROM fact WHERE kind = 'attendance')",
            "is not superseded by the next of its key",
        ),
        ("UPDATE fact SET body = replace(body, '13:00', '12:00') WHERE kind = 'attendance'", "does not match its hash"),
        ("UPDATE line_block SET body = replace(body, '309', '903') WHERE batch_id = 1", "do not match their hash"),
        ("UPDATE batch SET sum_ore = sum_ore + 1 WHERE id = 2", "its rows do not add up to what was frozen"),
        ("UPDATE batch SET facts_up_to = facts_up_to + 1 WHERE id = 2", "batch 2015-06/1 does not match its hash"),
        ("UPDATE batch SET state = 'delivered' WHERE id = 3", "it is delivered, but the audit chain says calculated"),
        ("UPDATE sheet SET content = content || ' '", "attest sheet 1 does not match its hash"),
        (
            "UPDATE attest SET signed_at = signed_at - 1 WHERE batch_id = 1",
            "sattest of sheet 1 does not match its hash",
        ),
        ("UPDATE attest SET official = 'ove', hash = '' WHERE role = 'beslut'", "sattest of ove: "),
        ("DELETE FROM attest WHERE batch_id = 1 AND role = 'beslut'", "lacks its beslutsattest"),
        ("UPDATE pin SET month = '2031' || substr(month, 5)", "was calculated by does not match"),
        ("UPDATE rules SET content = content || ' '", "a month's rules does not match its hash"),
        ("UPDATE audit SET detail = detail || '.' WHERE id = 2", "audit row 2 does not follow from the one before"),
        ("DELETE FROM audit WHERE id = 3", "audit row 4 does not follow from the one before"),
        ("UPDATE letter SET subject = subject || '!' WHERE id = 1", "letter 1 does not match its hash"),
        ("DELETE FROM reversal", "take back others does not match the rows"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM source WHERE id = 1", "refers to a row of source that is not there"),
    ];
    for (change, told) in changes {
        let copy = kommun.copy();
        copy.sql(change);
        let found = found(&copy);
        assert!(found.iter().any(|line| line.contains(told)), "{change}: {found:#?}");
    }
}

#[test]
fn files_that_left_and_files_that_came_in_are_compared_with_the_ledger() {
    let kommun = kommun();
    let out = kommun.out("2015-03/1");
    let xml = fs::read(&out).unwrap();
    let archived = kommun.files("archive").remove(0).0;
    let cases: [Case<'_>; 7] = [
        (
            "a changed file",
            &|at| fs::write(at.out("2015-03/1"), [&xml[..], b" "].concat()).unwrap(),
            "is not what its receipt says",
        ),
        (
            "a file that is gone",
            &|at| fs::remove_file(at.out("2015-03/1")).unwrap(),
            "is gone, and its receipt is there",
        ),
        (
            "file and receipt gone",
            &|at| {
                fs::remove_file(at.out("2015-03/1")).unwrap();
                fs::remove_file(at.out("2015-03/1").with_extension("json")).unwrap();
            },
            "it was exported, but its file is not there",
        ),
        (
            "a file that the ledger does not know",
            &|at| {
                let receipt = fs::read_to_string(at.out("2015-03/1").with_extension("json")).unwrap();
                let other = receipt.replace("2015-03", "2015-09").replace("paxml-2015-03", "paxml-2015-09");
                fs::write(at.out("2015-09/1"), &xml).unwrap();
                fs::write(at.out("2015-09/1").with_extension("json"), other).unwrap();
            },
            "there is a file of 2015-09/1, which this database never exported",
        ),
        (
            "somebody's file",
            &|at| fs::write(at.path("out/anteckning.txt"), "").unwrap(),
            "anteckning.txt is no file of a batch",
        ),
        (
            "a list that is gone",
            &|at| fs::remove_file(at.path("archive").join(&archived)).unwrap(),
            ".xlsx is not there",
        ),
        ("a changed list", &|at| fs::write(at.path("archive").join(&archived), "x").unwrap(), "is not what came in"),
    ];
    for (what, change, told) in cases {
        let copy = kommun.copy();
        change(&copy);
        let found = found(&copy);
        assert!(found.len() == 1 && found[0].contains(told), "{what}: {found:#?}");
    }
    // Payroll fetches from there: it is no business of the ledger.
    fs::remove_file(kommun.deliver("2015-03/1")).unwrap();
    assert_eq!(found(&kommun), [""; 0]);
}

/// What is done to a kommun's folder, and what is found.
type Case<'a> = (&'a str, &'a dyn Fn(&Kommun), &'a str);

/// What a person and payroll would get, as far as it is not loud: with it goes whether all of it came.
fn answers(kommun: &Kommun) -> (Vec<String>, bool) {
    let asked: [&[&str]; 5] = [
        &["month", "2015-07", "--json"],
        &["month", "2015-08", "--json"],
        &["explain", "2015-06", "--json"],
        &["statement", "1002", "2015", "--json"],
        &["remarks", "--json"],
    ];
    let ran: Vec<Ran> = asked.map(|arguments| kommun.run(arguments)).into();
    let is_whole = ran.iter().all(|ran| matches!(ran.code, 0 | 1));
    (ran.into_iter().map(|ran| ran.out).collect(), is_whole)
}

/// The same numbers in the same order on every machine.
fn dice(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

#[test]
fn a_flipped_bit_is_harmless_or_found_or_loud() {
    let kommun = kommun();
    kommun.sql("PRAGMA wal_checkpoint(TRUNCATE)");
    let whole = fs::read(kommun.path("arvode.db")).unwrap();
    let (expected, _) = answers(&kommun);
    let copy = kommun.copy();
    let (mut seed, mut harmless, mut found, mut loud) = (0x5eed_2015_u64, 0, 0, 0);
    let mut silent = Vec::new();
    for _ in 0..FLIPS {
        let bit = dice(&mut seed) % (whole.len() as u64 * 8);
        let mut flipped = whole.clone();
        flipped[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
        for ending in ["-wal", "-shm"] {
            let _ = fs::remove_file(copy.path(&format!("arvode.db{ending}")));
        }
        fs::write(copy.path("arvode.db"), &flipped).unwrap();
        match copy.run(&["verify"]).code {
            0 => match answers(&copy) {
                (told, true) if told == expected => harmless += 1,
                (_, true) => silent.push(bit),
                (_, false) => loud += 1,
            },
            4 => found += 1,
            _ => loud += 1,
        }
    }
    assert_eq!(silent, [0_u64; 0], "wrong answers that nobody is told of");
    assert!(
        found > FLIPS / 20 && harmless > 0,
        "{found} found, {loud} loud, {harmless} harmless: the test flips nothing"
    );
}

/// Each costs half a second; most of a database is text under a hash.
const FLIPS: usize = 200;
