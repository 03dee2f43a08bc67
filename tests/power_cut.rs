//! The power goes, or the disk fails, between any two steps: a file leaves whole and once, or a person is asked.
//!
//! `strace` kills the program at its first, second, third … call of each kind, or lets that call fail.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::cut::{Ended, Found, MOST_CALLS, cut, kill_at_every_call};
use support::rows::{of_json, of_paxml};
use support::{Kommun, Ran};

const BATCH: &str = "2026-10/1";
const XML: &str = "paxml-2026-10-1.xml";
const RECEIPT: &str = "paxml-2026-10-1.json";

/// A meeting of two ledamöter, in a workbook beside the kommun.
fn with_list() -> (Kommun, PathBuf) {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001", "1002"]);
    let list = kommun.list(
        "september.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Roll
         2026-09-09 | KS | 13.00 | 15.10 | @1001 | ledamot
         2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot",
    );
    (kommun, list)
}

fn imported() -> Kommun {
    let (kommun, list) = with_list();
    kommun.import(&[&list]);
    kommun
}

fn signed() -> Kommun {
    let kommun = imported();
    kommun.freeze("2026-10");
    kommun.sign(BATCH);
    kommun
}

/// The file of an undisturbed export.
fn undisturbed(kommun: &Kommun) -> String {
    let copy = kommun.copy();
    copy.run(&["export", BATCH]).exits(0);
    let xml = copy.delivered(BATCH);
    assert_eq!(of_paxml(&xml).len(), 4);
    xml
}

fn content(folder: &[(String, String)], name: &str) -> Option<String> {
    folder.iter().find(|(found, _)| found == name).map(|(_, content)| content.clone())
}

fn names(folder: &[(String, String)]) -> Vec<&str> {
    folder.iter().map(|(name, _)| name.as_str()).collect()
}

/// What stands under a final name is whole.
#[track_caller]
fn nothing_is_partial(kommun: &Kommun, xml: &str, when: &str) {
    for folder in ["out", "deliver"] {
        if let Some(found) = content(&kommun.files(folder), XML) {
            assert_eq!(found, xml, "{when}: a partial file in {folder}");
        }
    }
}

/// The batch is out once, and nothing else lies about.
#[track_caller]
fn is_done(kommun: &Kommun, xml: &str, deliver: &[&str], when: &str) {
    let (out, delivered) = (kommun.files("out"), kommun.files("deliver"));
    assert_eq!(names(&out), [RECEIPT, XML], "{when}");
    assert_eq!(content(&out, XML).as_deref(), Some(xml), "{when}");
    assert_eq!(names(&delivered), deliver, "{when}");
    assert!(delivered.iter().all(|(_, content)| content == xml), "{when}");
    assert_eq!(kommun.state(BATCH), "delivered", "{when}");
    let again = kommun.run(&["export", BATCH]).exits(0);
    assert!(again.out.contains("lämnades förut"), "{when}: {}", again.out);
    assert_eq!((kommun.files("out"), kommun.files("deliver")), (out, delivered), "{when}");
}

/// Exports again after a cut: done, or a person is asked and says which.
#[track_caller]
fn goes_on(kommun: &Kommun, xml: &str, when: &str) {
    nothing_is_partial(kommun, xml, when);
    let had = content(&kommun.files("deliver"), XML).is_some();
    let again = kommun.run(&["export", BATCH]);
    match again.code {
        0 => is_done(kommun, xml, &[XML], when),
        4 => {
            let again = again.says(&["--cut-off delivered", "--cut-off not-delivered"]);
            assert!(!had, "{when}: the file is there, so nobody need be asked: {again:?}");
            let fetched = kommun.copy();
            kommun.run(&["export", BATCH, "--cut-off", "not-delivered"]).exits(0);
            is_done(kommun, xml, &[XML], when);
            fetched.run(&["export", BATCH, "--cut-off", "delivered"]).exits(0);
            is_done(&fetched, xml, &[], &format!("{when}, payroll has it"));
        }
        _ => panic!("{when}: {again:?}"),
    }
}

/// Payroll has fetched what was there: the program may never bring it again of itself.
#[track_caller]
fn never_comes_again(kommun: &Kommun, xml: &str, when: &str) {
    let file = kommun.deliver(BATCH);
    if !file.exists() {
        return;
    }
    fs::remove_file(&file).unwrap();
    let again = kommun.run(&["export", BATCH]);
    assert!(!file.exists(), "{when}: payroll fetched the file, and it was delivered a second time: {again:?}");
    if again.code == 4 {
        kommun.run(&["export", BATCH, "--cut-off", "delivered"]).exits(0);
    }
    is_done(kommun, xml, &[], when);
}

#[test]
fn killed_at_any_call_of_an_export_the_file_leaves_whole_and_at_most_once() {
    let kommun = signed();
    let xml = undisturbed(&kommun);
    kill_at_every_call(&kommun, &["export", BATCH], |copy, when| {
        never_comes_again(&copy.copy(), &xml, when);
        goes_on(copy, &xml, when);
    });
}

#[test]
fn killed_at_any_call_of_a_freeze_the_batch_is_whole_or_not_there() {
    let kommun = imported();
    let expected = of_json(&kommun.json(&["month", "2026-10"]));
    assert_eq!(expected.len(), 4);
    kill_at_every_call(&kommun, &["month", "2026-10", "--freeze"], |copy, when| {
        let month = copy.json(&["month", "2026-10"]);
        assert_eq!(of_json(&month), expected, "{when}");
        if month["batch"].is_null() {
            assert_eq!(
                copy.sql(
                    "SELECT (SELECT COUNT(*) FROM batch) + (SELECT COUNT(*) FROM line_block) + (SELECT COUNT(*) FROM pin)"
                ),
                "0",
                "{when}"
            );
            assert_eq!(of_json(&copy.freeze("2026-10")), expected, "{when}");
        } else {
            copy.run(&["month", "2026-10", "--freeze"]).exits(4);
        }
        assert_eq!(copy.json(&["attest", "show", BATCH])["sheets"].as_array().unwrap().len(), 1, "{when}");
    });
}

#[test]
fn killed_at_any_call_of_an_import_all_of_the_file_is_in_or_none() {
    let (kommun, list) = with_list();
    let after = kommun.copy();
    after.import(&[&after.root().join("september.xlsx")]);
    let expected = of_json(&after.json(&["month", "2026-10"]));
    let facts = "SELECT (SELECT COUNT(*) FROM fact) + (SELECT COUNT(*) FROM fact_block)";
    let (before, after_facts) = (kommun.sql(facts), after.sql(facts));
    let archived = names(&after.files("archive")).join(" ");
    let list = list.to_str().unwrap();
    kill_at_every_call(&kommun, &["import", list], |copy, when| {
        let found = copy.sql(facts);
        assert!(found == before || found == after_facts, "{when}: {found} facts");
        copy.import(&[Path::new(list)]);
        assert_eq!(copy.sql(facts), after_facts, "{when}");
        assert_eq!(of_json(&copy.json(&["month", "2026-10"])), expected, "{when}");
        assert_eq!(
            names(&copy.files("archive")).join(" "),
            archived,
            "{when}: something half-copied is left in archive/"
        );
    });
}

/// What an export writes: the database, and names in its folders. Each in its own thread of the program, so one fault at
/// a time; a failing pipe or terminal is not the disk's failure.
fn written_paths(data: &Path) -> [Vec<PathBuf>; 2] {
    let database = ["arvode.db", "arvode.db-wal", "arvode.db-shm"].map(|name| data.join(name)).to_vec();
    let mut files = vec![data.join("out"), data.join("deliver")];
    for folder in ["out", "deliver"] {
        for name in [XML, RECEIPT] {
            files.extend([data.join(folder).join(name), data.join(folder).join(format!(".{name}.tmp"))]);
        }
    }
    [database, files]
}

#[test]
fn when_the_disk_fails_at_any_call_of_an_export_it_says_so_and_the_next_export_goes_on_unaided() {
    let kommun = signed();
    let xml = undisturbed(&kommun);
    let mut found = Found::default();
    for call in ["write", "pwrite64", "fsync", "fdatasync", "renameat2", "openat", "fchmod"] {
        for (error, which) in [("EIO", 0), ("EIO", 1), ("ENOSPC", 0), ("ENOSPC", 1)] {
            for number in 1..=MOST_CALLS {
                let copy = kommun.copy();
                let paths = &written_paths(&copy.data())[which];
                let when = format!("{error} at {call} {number} of the {}", ["database", "files"][which]);
                match cut(&copy, (call, &format!("error={error}")), number, paths, &["export", BATCH]) {
                    Ended::Untouched => break,
                    Ended::Killed => panic!("{when}: nobody killed it"),
                    Ended::Failed(ran) => found.look(|| unaided(&copy, &xml, &ran, &when)),
                }
                assert!(number < MOST_CALLS, "{call}: the command never ends");
            }
        }
    }
    found.end(20);
}

#[track_caller]
fn unaided(kommun: &Kommun, xml: &str, ran: &Ran, when: &str) {
    // Some failures do no harm, such as one of the last tidying up.
    assert!(matches!(ran.code, 0 | 3) && !ran.err.contains("panicked"), "{when}: {ran:?}");
    nothing_is_partial(kommun, xml, when);
    never_comes_again(&kommun.copy(), xml, when);
    if when.starts_with("EIO at renameat2") {
        // Whether a rename that failed so has happened, nobody knows: to ask is right.
        return goes_on(kommun, xml, when);
    }
    let again = kommun.run(&["export", BATCH]);
    assert_eq!(again.code, 0, "{when}: {}; then {}", ran.err, again.err);
    is_done(kommun, xml, &[XML], when);
}
