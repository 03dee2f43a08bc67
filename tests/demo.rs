//! `arvode demo` as a reader meets it: a year's payroll files, valid and adding up, the same every time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// December's meetings are paid in January.
const PAYROLL_FILES: usize = 13;

fn arvode(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_arvode")).current_dir(folder).args(arguments).output().unwrap()
}

fn demo(folder: &Path, arguments: &[&str]) -> String {
    let output = arvode(folder, &[&["demo"], arguments].concat());
    let (said, complained) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!((output.status.code(), complained.as_str()), (Some(0), ""), "{said}");
    said
}

/// Every file below a folder with its content.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The files of `out/` with an ending, by name.
fn out(folder: &Path, ending: &str) -> BTreeMap<String, Vec<u8>> {
    let has_ending = |path: &PathBuf| path.extension().is_some_and(|found| found == ending);
    let name = |path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let found = contents(&folder.join("out")).into_iter().filter(|(path, _)| has_ending(path));
    found.map(|(path, content)| (name(path), content)).collect()
}

fn validate(schema: &Path, file: &Path) {
    let output = Command::new("xmllint").arg("--noout").arg("--schema").args([schema, file]).output();
    let output = output.unwrap_or_else(|error| panic!("xmllint ({error}): install the package libxml2-utils"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Our schema, and the standard's own where it lies beside the repository.
fn schemas() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let standard = root.join("../shared/paxml/paxml-2.0.xsd");
    let own = root.join("fixtures/paxml/arvode-paxml.xsd");
    [Some(own), standard.exists().then_some(standard)].into_iter().flatten().collect()
}

/// Kronor with two decimals as whole öre.
fn ore(kronor: &str) -> i64 {
    let (whole, part) = kronor.split_once('.').unwrap();
    assert_eq!(part.len(), 2, "{kronor}");
    format!("{whole}{part}").parse().unwrap()
}

#[test]
fn a_year_becomes_thirteen_valid_payroll_files_that_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let said = demo(folder.path(), &[]);
    let made = folder.path().join("arvode-demo");
    let files = out(&made, "xml");
    assert_eq!(files.len(), PAYROLL_FILES);
    for (name, content) in &files {
        assert_eq!(fs::read(made.join("deliver").join(name)).unwrap(), *content, "{name} was delivered as it is");
        schemas().iter().for_each(|schema| validate(schema, &made.join("out").join(name)));
    }
    let receipts = out(&made, "json");
    let totals = receipts.values().map(|receipt| {
        let receipt: Value = serde_json::from_slice(receipt).unwrap();
        ore(receipt["total"].as_str().unwrap())
    });
    assert_eq!(sum_of(said.lines().next().unwrap()), totals.sum::<i64>());
}

/// The amount at the end of the first line: `…, 2 988 956,35 kr.`
fn sum_of(line: &str) -> i64 {
    let amount = line.rsplit_once("personer, ").unwrap().1;
    let digits: String = amount.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

#[test]
fn the_same_facts_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let told: Value = serde_json::from_str(&demo(folder.path(), &["år", "--json"])).unwrap();
    let list = |key: &str| told[key].as_array().unwrap().clone();
    let sum = |rows: &[Value]| rows.iter().map(|row| ore(row["belopp"].as_str().unwrap())).sum::<i64>();
    let total = ore(told["totals"]["belopp"].as_str().unwrap());
    assert_eq!(list("batches").len(), PAYROLL_FILES);
    for key in ["batches", "by_organ", "by_kind"] {
        assert_eq!(sum(&list(key)), total, "{key}");
    }
    for file in list("files") {
        let count = |key: &str| file[key].as_u64().unwrap();
        let ended = ["accepted", "unchanged", "held", "ignored"].map(count);
        assert_eq!(count("rows"), ended.iter().sum::<u64>(), "every row of {} ends somewhere", file["file"]);
    }
    // What a year brings: rows held, corrections of what was paid, one person who would owe money.
    assert!(list("files").iter().any(|file| file["held"].as_u64() > Some(0)));
    assert!(list("batches").iter().filter(|batch| batch["reversals"]["rows"].as_u64() > Some(0)).count() >= 2);
    let owing = list("held").iter().filter(|held| held["worth"].as_str().unwrap().starts_with('-')).count();
    assert_eq!(owing, 1);
}

#[test]
fn a_folder_that_is_used_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("ny")).unwrap();
    demo(folder.path(), &["ny"]);
    let before = contents(folder.path());
    let again = arvode(folder.path(), &["demo", "ny"]);
    assert_eq!(again.status.code(), Some(2));
    let complained = String::from_utf8(again.stderr).unwrap();
    assert!(complained.contains("ny is there already and is not an empty folder; nothing was changed"), "{complained}");
    assert!(before == contents(folder.path()), "nothing was changed");
}

#[test]
fn the_same_year_is_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    demo(folder.path(), &["ett"]);
    demo(folder.path(), &["två"]);
    let (one, two) = (folder.path().join("ett"), folder.path().join("två"));
    assert!(out(&one, "xml") == out(&two, "xml"));
    let keys = |folder: &Path| contents(&folder.join("nycklar")).into_values().collect::<Vec<_>>();
    assert!(keys(&one) != keys(&two), "only the keys are new each time");
}

#[test]
fn the_demos_keys_are_private_and_sign_nowhere_else() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    demo(folder.path(), &["ort"]);
    let made = folder.path().join("ort");
    for id in ["granskare-1", "beslutare-1", "ersattare-1"] {
        let mode = fs::metadata(made.join("nycklar").join(id)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{id}");
    }
    let settings = made.join("config/arvode.toml");
    let text = fs::read_to_string(&settings).unwrap();
    assert!(text.contains("kommun = \"Demokommunen\"") && text.contains("\ndemo = true\n"));
    fs::write(&settings, text.replace("\ndemo = true\n", "\n")).unwrap();
    let refused = arvode(folder.path(), &["--data", "ort", "check"]);
    assert_eq!(refused.status.code(), Some(2));
}
