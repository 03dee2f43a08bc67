//! A year of outages, power cuts, wrong clocks and missing folders ends as the same year without them: the same payroll
//! files, byte for byte, the same letters, once each, the same books. The mishaps are drawn from a seed (`src/app/demo/storm.rs`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::PROGRAM;
use support::letters::plain;
use tempfile::TempDir;

/// What a year may take.
const MOST: Duration = Duration::from_secs(60);

/// Letters that tell of the mishaps themselves.
const OF_MISHAPS: [&str; 2] = ["operator_alarm", "outage_summary"];

fn year(arguments: &[&str]) -> (TempDir, Value) {
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let ran =
        Command::new(PROGRAM).arg("demo").arg(folder.path().join("kommun")).args(arguments).arg("--json").output();
    let ran = ran.unwrap();
    assert_eq!((ran.status.code(), String::from_utf8_lossy(&ran.stderr).as_ref()), (Some(0), ""), "{arguments:?}");
    let took = began.elapsed();
    assert!(took < MOST || is_busy(), "{arguments:?}: a year took {} s", took.as_secs());
    (folder, serde_json::from_slice(&ran.stdout).unwrap())
}

/// Others want the processors too: the time says nothing then.
fn is_busy() -> bool {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: usize = load.split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or(0);
    load > std::thread::available_parallelism().map_or(1, usize::from)
}

fn undisturbed() -> &'static (TempDir, Value) {
    static CALM: OnceLock<(TempDir, Value)> = OnceLock::new();
    CALM.get_or_init(|| year(&[]))
}

fn sql(folder: &Path, statement: &str) -> Vec<String> {
    let ran = Command::new("sqlite3").arg(folder.join("kommun/arvode.db")).arg(statement).output();
    let ran = ran.expect("sqlite3 is missing; install the package sqlite3");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Name and bytes of the payroll files.
fn payroll(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = ["out", "deliver"].iter().flat_map(|place| fs::read_dir(folder.join("kommun").join(place)).unwrap());
    let mut files: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "xml"))
        .map(|path| (path.strip_prefix(folder).unwrap().display().to_string(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Each letter as its receiver reads it. The demo's officials get new keys each time it is made.
fn letters(folder: &Path) -> Vec<String> {
    let of_mishaps = OF_MISHAPS.map(|kind| format!("'{kind}'")).join(", ");
    let one =
        "kind || ' ' || receiver || ' ' || occasion || ' ' || subject || ' ' || replace(body_text, char(10), ' ')";
    let found = sql(folder, &format!("SELECT {one} FROM letter WHERE kind NOT IN ({of_mishaps})"));
    // The monthly letter says at what minute it was written.
    let is_clock = |word: &str| word.len() == 5 && word.starts_with("08.");
    let is_hash = |word: &str| {
        word.starts_with("SHA256:") || (word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    // Letters have other numbers, and the list for print names them.
    let is_number = |word: &str| word.starts_with("brev-") || word.ends_with('+');
    let masked = |letter: &String| {
        plain(letter)
            .split(' ')
            .map(|word| if is_hash(word) || is_clock(word) || is_number(word) { "…" } else { word })
            .collect::<Vec<_>>()
            .join(" ")
    };
    let mut letters: Vec<String> = found.iter().map(masked).map(|letter| without_late(&letter)).collect();
    letters.sort();
    letters
}

/// The monthly letter without what it says of letters that a mishap had kept waiting.
fn without_late(letter: &str) -> String {
    let (before, rest) = letter.split_once("Brev som inte har kommit fram").unwrap_or((letter, ""));
    format!("{before}{}", rest.split_once("arvode outbox  ").map_or(rest, |(_, after)| after))
}

/// Without what is another each time: numbers of remarks, the port of the played diarium, the audit chain's head.
fn without_chance(found: &mut Value) {
    match found {
        Value::Object(entries) => {
            entries.remove("id");
            entries.values_mut().for_each(without_chance);
        }
        Value::Array(items) => items.iter_mut().for_each(without_chance),
        Value::String(text) => {
            if let Some((before, after)) = text.split_once("http://127.0.0.1:") {
                *text = format!("{before}{}", after.trim_start_matches(|letter: char| letter.is_ascii_digit()));
            }
            if text.starts_with("Granskningskedjans sista led: ") {
                text.clear();
            }
        }
        _ => {}
    }
}

/// Every letter that was sent lies in the folder once, under an id of its own.
fn each_was_sent_once(folder: &Path) {
    let sent = sql(folder, "SELECT COUNT(*) FROM letter WHERE state = 'sent'")[0].parse::<usize>().unwrap();
    let mail = fs::read_dir(folder.join("kommun/mail")).unwrap().map(|entry| entry.unwrap().path());
    let texts: Vec<String> = mail
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .map(|path| String::from_utf8(fs::read(path).unwrap()).unwrap())
        .collect();
    let id = |text: &String| text.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned();
    assert_eq!((texts.len(), texts.iter().map(id).collect::<BTreeSet<_>>().len()), (sent, sent));
}

/// What the program answers about the year.
fn books(folder: &Path, told: &Value) -> Vec<String> {
    let mut questions: Vec<Vec<String>> = [
        ["report", "2025"].as_slice(),
        ["accruals", "2025"].as_slice(),
        ["remarks"].as_slice(),
        ["receivables"].as_slice(),
        ["deadlines"].as_slice(),
        ["month", "2026-02"].as_slice(),
    ]
    .iter()
    .map(|words| words.iter().map(|word| (*word).to_owned()).collect())
    .collect();
    let batches = told["batches"].as_array().unwrap();
    assert_eq!(batches.len(), 13);
    questions.extend(batches.iter().map(|batch| vec!["month".to_owned(), batch["batch"].as_str().unwrap().to_owned()]));
    let answer = |question: &Vec<String>| {
        let mut command = Command::new(PROGRAM);
        let now = ["--json", "--now", "2026-02-17T09:00:00Z"];
        let ran = command.arg("--data").arg(folder.join("kommun")).args(question).args(now).output().unwrap();
        let said = String::from_utf8(ran.stdout).unwrap();
        assert!(ran.status.code().unwrap() <= 1, "{question:?}: {said} {}", String::from_utf8_lossy(&ran.stderr));
        let mut answer: Value = serde_json::from_str(&said).unwrap();
        without_chance(&mut answer);
        format!("{question:?}: {answer}")
    };
    questions.iter().map(answer).collect()
}

fn ends_the_same(seed: u64) {
    let (calm, calmly_told) = undisturbed();
    let (stormy, told) = year(&["--disturbed", &seed.to_string()]);
    let (calm, stormy) = (calm.path(), stormy.path());
    let mishaps = told["mishaps"].as_object().unwrap();
    assert!(mishaps.len() == 7 && mishaps.values().all(|times| times.as_u64().unwrap() > 20), "{mishaps:?}");
    assert!(calmly_told["mishaps"].as_object().unwrap().is_empty());

    let (expected, found) = (payroll(calm), payroll(stormy));
    assert_eq!(expected.len(), 26);
    assert!(expected == found, "seed {seed}: other payroll files");
    let (expected, found) = (letters(calm), letters(stormy));
    assert!(expected.len() > 200, "{}", expected.len());
    for (expected, found) in expected.iter().zip(&found) {
        assert_eq!(found, expected, "seed {seed}");
    }
    assert_eq!(found.len(), expected.len(), "seed {seed}");
    each_was_sent_once(stormy);
    for (expected, found) in books(calm, calmly_told).iter().zip(books(stormy, &told)) {
        assert_eq!(found, *expected, "seed {seed}");
    }
}

#[test]
fn a_year_is_as_it_was_written_and_can_be_restored() {
    let folder = undisturbed().0.path();
    let arvode = |arguments: &[&str]| {
        let ran = Command::new(PROGRAM).arg("--data").arg(folder.join("kommun")).args(arguments).output().unwrap();
        (ran.status.code(), String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr))
    };
    let told = arvode(&["verify"]);
    assert_eq!(told.0, Some(0), "{}", told.1);
    let kept = folder.join("kommun.backup");
    let told = arvode(&["backup", kept.to_str().unwrap()]);
    assert_eq!(told.0, Some(0), "{}", told.1);
}

#[test]
fn a_year_with_hundreds_of_mishaps_ends_as_one_without() {
    ends_the_same(1);
}

#[test]
fn so_does_another() {
    ends_the_same(2);
}
