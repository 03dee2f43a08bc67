//! Some dozens of files made to harm, or to be read as something that they do not say, given to one process one after
//! another: each ends in its time and memory as it must, none ends the program, and none is misread in silence.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod files;
mod measure;
#[path = "../support/mod.rs"]
mod support;
mod zip;

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use files::{Crafted, Ends};
use measure::{MOST_KIB, MOST_MS, import_measured, outcomes};
use serde_json::Value;
use support::books::digits;
use support::{Kommun, Ran};

/// File -> `day start-end km` of each attendance that is known from it.
fn known(kommun: &Kommun) -> BTreeMap<String, Vec<String>> {
    let sql = "SELECT s.name || '|' || json_extract(m.body, '$.day') || ' ' || json_extract(a.body, '$.hours[0][0]') || '-' \
               || json_extract(a.body, '$.hours[0][1]') || ' ' || coalesce(json_extract(a.body, '$.km'), '') \
               FROM fact a JOIN source s ON s.id = a.source_id \
               JOIN fact m ON m.kind = 'meeting' AND m.meeting_id = a.meeting_id \
               WHERE a.kind = 'attendance' ORDER BY a.id";
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in kommun.sql(sql).lines() {
        let (file, says) = line.split_once('|').unwrap();
        known.entry(file.to_owned()).or_default().push(says.to_owned());
    }
    known
}

fn texts(outcome: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let remarks = outcome["remarks"].as_array().into_iter().flatten();
    remarks.map(|remark| text(&remark["reason"])).chain([text(&outcome["wrong"])]).collect::<Vec<_>>().join(" ")
}

/// What is wrong with how a file ended; nothing if it ended as it must.
fn surprise(number: usize, file: &Crafted, outcome: &Value, known: &[String]) -> Option<String> {
    let says = |word: &str| texts(outcome).contains(word) && !texts(outcome).trim().is_empty();
    let is_right = match file.ends {
        Ends::Accepted(km) => {
            let day = format!("2026-{:02}-{:02}", 1 + number / 28, 1 + number % 28);
            outcome["held"] == 0 && known == [format!("{day} 13:00:00-14:30:00 {km}")]
        }
        Ends::Held(word) => outcome["state"] == "imported" && outcome["held"] == 1 && says(word) && known.is_empty(),
        Ends::Refused(word) => says(word) && known.is_empty(),
    };
    let is_quick = outcome["ms"].as_u64().unwrap() <= MOST_MS;
    (!is_right || !is_quick).then(|| format!("{}: {known:?}\n  {outcome}", file.name))
}

#[test]
fn each_file_ends_as_it_must_and_the_next_is_read() {
    let kommun = Kommun::new("2026-01");
    kommun.ledamoter(&["1001"]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let files = files::all(&digits("1001"), listener.local_addr().unwrap().port());
    assert!(files.len() > 80, "{}", files.len());
    let paths: Vec<PathBuf> = files.iter().map(|file| kommun.root().join(&file.name)).collect();
    for (path, file) in paths.iter().zip(&files) {
        fs::write(path, &file.content).unwrap();
    }
    let (ran, kib) = import_measured(&kommun, &paths);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(kib <= MOST_KIB, "{kib} KiB");
    let (outcomes, known) = (outcomes(&ran), known(&kommun));
    assert_eq!(outcomes.len(), files.len());
    let none = Vec::new();
    let surprises: Vec<String> = files
        .iter()
        .zip(&outcomes)
        .enumerate()
        .filter_map(|(number, (file, outcome))| surprise(number, file, outcome, known.get(&file.name).unwrap_or(&none)))
        .collect();
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "a link was followed");
    quarantined(&kommun, &outcomes);
    again(&kommun, &paths);
}

/// Each refused content lies in quarantine with its reason, and has a remark.
fn quarantined(kommun: &Kommun, outcomes: &[Value]) {
    let kept = kommun.files("rejected");
    for outcome in outcomes.iter().filter(|outcome| outcome["state"] == "rejected") {
        let (file, wrong) = (outcome["file"].as_str().unwrap(), outcome["wrong"].as_str().unwrap());
        let is_told = format!("file_name = '{file}' AND state = 'held' AND kind = 'file'");
        assert_eq!(kommun.sql(&format!("SELECT count(*) FROM remark WHERE {is_told}")), "1", "{file}");
        let Some(sha256) = outcome["sha256"].as_str() else {
            assert!(wrong.contains("större än"), "{outcome}");
            continue;
        };
        let place = Path::new(outcome["quarantine"].as_str().unwrap());
        assert!(kommun.data().join(place).is_file(), "{outcome}");
        let reason = fs::read_to_string(kommun.path("rejected").join(format!("{sha256}.txt"))).unwrap();
        assert!(reason.contains(wrong) && reason.contains(file), "{reason}");
    }
    assert!(kept.iter().all(|(name, _)| !name.starts_with('.')), "nothing unfinished is left");
    assert!(kommun.files("archive").iter().all(|(name, _)| name.ends_with(".xlsx")), "nothing unfinished is left");
}

/// The same files again change nothing, and no remark is told twice.
fn again(kommun: &Kommun, paths: &[PathBuf]) {
    let counts = "SELECT (SELECT count(*) FROM fact) || ' ' || (SELECT count(*) FROM remark WHERE state = 'held')";
    let (before, kept) = (kommun.sql(counts), kommun.files("rejected").len());
    kommun.try_import(paths.iter().map(PathBuf::as_path).collect::<Vec<_>>().as_slice()).exits(1);
    assert_eq!((kommun.sql(counts), kommun.files("rejected").len()), (before, kept));
}

#[test]
fn a_file_in_quarantine_is_forgotten_when_one_of_its_name_comes_whole() {
    let kommun = Kommun::new("2026-01");
    kommun.ledamoter(&["1001"]);
    let path = kommun.root().join("lista.xlsx");
    let named = |name: &str| files::named(name, &digits("1001"), 1).remove(0).content;
    fs::write(&path, named("cut in half")).unwrap();
    kommun.try_import(&[&path]).exits(2).says(&["none of 1 files could be used"]);
    assert_eq!(kommun.held().len(), 1);
    fs::write(&path, named("sound to the end")).unwrap();
    kommun.import(&[&path]);
    assert_eq!(kommun.held(), [""; 0]);
    assert_eq!(kommun.files("rejected").len(), 2, "what came in is kept");
}

#[test]
fn a_name_that_is_no_file_leaves_no_remark() {
    let kommun = Kommun::new("2026-01");
    let (gone, folder) = (kommun.root().join("borta.xlsx"), kommun.root().join("mapp.xlsx"));
    fs::create_dir(&folder).unwrap();
    kommun.try_import(&[&gone, &folder]).exits(2);
    assert_eq!(kommun.held(), [""; 0]);
}

#[test]
fn looking_only_leaves_nothing_behind() {
    let kommun = Kommun::new("2026-01");
    let path = kommun.root().join("lista.xlsx");
    fs::write(&path, "PK\u{3}\u{4} hej").unwrap();
    kommun.run(&["import", "--dry-run", path.to_str().unwrap()]).exits(2);
    assert_eq!((kommun.files("rejected").len(), kommun.files("archive").len()), (0, 0));
    assert_eq!(kommun.held(), [""; 0]);
}

#[test]
fn a_disk_that_fails_is_a_passing_fault() {
    let kommun = Kommun::new("2026-01");
    let path = kommun.root().join("lista.xlsx");
    fs::write(&path, "hej").unwrap();
    fs::remove_dir(kommun.path("archive")).unwrap();
    fs::write(kommun.path("archive"), "ingen mapp").unwrap();
    let ran = kommun.try_import(&[&path]).exits(3).says(&["1 of 1 files could not be taken in for now"]);
    assert_eq!(outcomes(&ran)[0]["state"], "failed");
    assert_eq!(kommun.held(), [""; 0], "it is tried again, and nobody need look");
}

/// The system calls of the process that parses, in their order, by `strace`.
fn calls_of_the_reader(kommun: &Kommun, path: &Path) -> Vec<String> {
    let log = kommun.root().join("strace.log");
    let import = kommun.command(&["import", path.to_str().unwrap()]);
    let mut traced = Command::new("strace");
    traced.arg("-f").arg("-o").arg(&log).arg(import.get_program()).args(import.get_args());
    Ran::of(&traced.output().expect("strace is missing; install the package strace")).exits(0);
    let log = fs::read_to_string(&log).unwrap();
    let started = log.lines().find(|line| line.contains("execve(") && line.contains("parse-workbook")).unwrap();
    let own = format!("{} ", started.split(' ').next().unwrap());
    let calls = log.lines().skip_while(|line| *line != started).filter_map(|line| line.strip_prefix(&own));
    calls.map(|call| call.trim().to_owned()).collect()
}

#[test]
fn the_reader_is_locked_in_before_it_sees_the_file_and_asks_for_nothing_after() {
    let kommun = Kommun::new("2026-01");
    kommun.ledamoter(&["1001"]);
    let path = kommun.root().join("lista.xlsx");
    fs::write(&path, &files::named("sound to the end", &digits("1001"), 1)[0].content).unwrap();
    let calls = calls_of_the_reader(&kommun, &path);
    let is_seal = |call: &String| call.starts_with("seccomp(SECCOMP_SET_MODE_FILTER") && call.ends_with("= 0");
    let sealed = calls.iter().position(is_seal).unwrap_or_else(|| panic!("{calls:?}"));
    let (before, after) = calls.split_at(sealed);
    let is_limit = |name: &str| before.iter().any(|call| call.starts_with("prlimit64(") && call.contains(name));
    for name in ["RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_CORE"] {
        assert!(is_limit(name), "{name}");
    }
    assert!(before.iter().all(|call| !call.contains("PK\\3\\4")), "it was read before");
    assert!(after.iter().any(|call| call.contains("PK\\3\\4")), "it was read after: {after:?}");
    let asked: Vec<&String> = after.iter().filter(|call| call.contains("EPERM") || call.starts_with("open")).collect();
    assert!(asked.is_empty(), "{asked:?}");
}
