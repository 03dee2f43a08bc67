//! Spreadsheets from other projects' test collections, given to one import: `ARVODE_CORPUS=FOLDER cargo test --test corpus
//! -- --nocapture`. Each ends within its time and memory as taken in, held or refused with a reason; none ends the program.
//! Without a folder there is nothing to do: the files of `tests/crafted` are always tried.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "crafted/measure.rs"]
mod measure;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use measure::{MOST_KIB, MOST_MS, import_measured, outcomes};
use serde_json::Value;
use support::Kommun;

const ENDINGS: [&str; 10] = ["xlsx", "xlsm", "xltx", "xltm", "xlam", "xlsb", "xls", "ods", "fods", "csv"];

fn spreadsheets(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        if path.is_dir() {
            spreadsheets(&path, found);
        } else if ENDINGS.contains(&ending.as_str()) {
            found.push(path);
        }
    }
}

/// As many as a command line holds.
fn chunks(paths: Vec<PathBuf>) -> Vec<Vec<PathBuf>> {
    const BYTES: usize = 1 << 20;
    let (mut chunks, mut bytes) = (vec![Vec::new()], 0);
    for path in paths {
        bytes += path.as_os_str().len() + 16;
        if bytes > BYTES {
            chunks.push(Vec::new());
            bytes = 0;
        }
        chunks.last_mut().unwrap().push(path);
    }
    chunks
}

fn is_held(outcome: &Value) -> bool {
    outcome["remarks"].as_array().unwrap().iter().any(|remark| remark["state"] == "held")
}

/// What is wrong with how a file ended.
fn surprise(outcome: &Value) -> Option<&'static str> {
    let number = |key: &str| outcome[key].as_u64().unwrap();
    if number("ms") > MOST_MS {
        return Some("took too long");
    }
    match outcome["state"].as_str().unwrap() {
        "rejected" if outcome["wrong"].as_str().unwrap().is_empty() => Some("has no reason"),
        "rejected" => None,
        "imported" | "unchanged" => {
            let ignored: u64 =
                outcome["ignored"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
            let is_whole = number("rows") == number("accepted") + number("unchanged") + number("held") + ignored;
            (!is_whole).then_some("lost a row")
        }
        _ => Some("failed for now"),
    }
}

#[test]
fn each_spreadsheet_from_elsewhere_ends_with_an_outcome() {
    let Some(folder) = std::env::var_os("ARVODE_CORPUS") else { return };
    let mut paths = Vec::new();
    spreadsheets(Path::new(&folder), &mut paths);
    paths.sort();
    let kommun = Kommun::new("2026-01");
    let (mut surprises, mut ends, mut slowest, mut largest) = (Vec::new(), BTreeMap::new(), 0, 0);
    for chunk in chunks(paths) {
        let (ran, kib) = import_measured(&kommun, &chunk);
        assert!(matches!(ran.code, 0..=2), "{}", ran.err);
        largest = largest.max(kib);
        let outcomes = outcomes(&ran);
        assert_eq!(outcomes.len(), chunk.len());
        for outcome in &outcomes {
            slowest = slowest.max(outcome["ms"].as_u64().unwrap());
            surprises.extend(surprise(outcome).map(|what| format!("{}: {what}: {outcome}", outcome["file"])));
            let wrong = outcome["wrong"].as_str().map(|wrong| wrong.split(" (").next().unwrap_or_default().to_owned());
            *ends
                .entry(wrong.unwrap_or_else(|| if is_held(outcome) { "held" } else { "taken in" }.to_owned()))
                .or_insert(0) += 1;
        }
    }
    for (end, files) in &ends {
        println!("{files:6} {end}");
    }
    println!("slowest {slowest} ms, largest {largest} KiB");
    assert!(largest <= MOST_KIB, "{largest} KiB");
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}
