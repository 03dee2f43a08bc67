//! A kommun takes over in the middle of a year, with three shadow months beside the old routine, as README tells it:
//! the page's own commands are run, line by line.
//!
//! `fixtures/overtagande/` holds what the old routine paid: the program's own rows, with the mistakes that `spoiled` puts
//! in. `UPDATE_FIXTURES=1 cargo test --test takeover` writes it anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rust_decimal::Decimal;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};
use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_arvode");
const HEADING: &str = "## Taking over in the middle of a year";
const HEADER: [&str; 8] =
    ["Utbetalningsmånad", "Anställningsnummer", "Lönart", "Datum", "Antal", "A-pris", "Belopp", "Status"];
const SHADOW_MONTHS: [&str; 3] = ["2025-08", "2025-09", "2025-10"];

/// A folder in which `arvode` and the fixtures are at hand, as after a clone.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        symlink(root().join("fixtures"), place.0.path().join("fixtures")).unwrap();
        place
    }

    /// Runs a line of the page.
    fn sh(&self, line: &str) -> Output {
        let programs = format!("{}:{}", Path::new(PROGRAM).parent().unwrap().display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell
            .current_dir(self.0.path())
            .args(["-c", line])
            .env("PATH", programs)
            .env("USER", "kansli")
            .output()
            .unwrap()
    }

    /// What a command says as JSON; 0 and 1 are both fine.
    #[track_caller]
    fn json(&self, line: &str) -> Value {
        let output = self.sh(&format!("{line} --json"));
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.code().unwrap() <= 1, "{line}: {said}{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_str(&said).unwrap()
    }

    #[track_caller]
    fn ends(&self, line: &str, codes: &[i32]) {
        let output = self.sh(line);
        let said = [output.stdout, output.stderr].concat();
        assert!(codes.contains(&output.status.code().unwrap()), "{line}: {}", String::from_utf8_lossy(&said));
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The commands of the page, without their comments.
fn page() -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let page = readme.split_once(HEADING).expect("README has no such page").1;
    let page = page.split("\n## ").next().unwrap();
    let lines = page.lines().filter_map(|line| line.strip_prefix("    "));
    let commands = lines.filter(|line| line.starts_with("arvode ") || line.starts_with("sed "));
    commands.map(|line| line.split("   #").next().unwrap().trim().to_owned()).collect()
}

// ---- What the old routine paid ----

/// Rows of the program's, as the old routine paid them.
fn old_rows(month: &str, rows: &[Value]) -> Vec<[String; 8]> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    // It never corrects what it has paid.
    let what = |row: &Value| ["anstid", "lonart", "datum"].map(|key| text(row, key));
    let corrected: Vec<[String; 3]> = rows.iter().filter(|row| !row["reverses"].is_null()).map(what).collect();
    let kept = rows.iter().filter(|row| !corrected.contains(&what(row)));
    let code = |row: &Value| if row["lonkod"].is_null() { text(row, "lonart") } else { text(row, "lonkod") };
    let told = kept.map(|row| {
        let [anstid, datum, antal, apris, belopp] =
            ["anstid", "datum", "antal", "apris", "belopp"].map(|key| text(row, key));
        [month.to_owned(), anstid, code(row), datum, antal, apris, belopp, "utbetald".to_owned()]
    });
    let mut told: Vec<[String; 8]> = told.collect();
    spoiled(month, &mut told);
    told
}

fn place_of(rows: &[[String; 8]], anstid: &str, lonart: &str) -> usize {
    let found = rows.iter().position(|row| row[1] == anstid && row[2] == lonart);
    found.unwrap_or_else(|| panic!("{anstid} has no {lonart}"))
}

/// What the old routine got wrong, or did in its own way.
fn spoiled(month: &str, rows: &mut Vec<[String; 8]>) {
    match month {
        "2025-08" => {
            // The öre were cut off.
            let row = place_of(rows, "2003", "1651");
            (rows[row][5], rows[row][6]) = ("47688.00".to_owned(), "47688.00".to_owned());
            // July's meeting is none of ours: it lies before the first month.
            let july = ["2025-08", "2023", "1647", "2025-07-01", "1", "397.00", "397.00", "utbetald"];
            rows.push(july.map(str::to_owned));
        }
        "2025-09" => {
            // One started half-hour too few.
            let row = place_of(rows, "2026", "1648");
            let hours = rows[row][4].parse::<Decimal>().unwrap() - Decimal::new(5, 1);
            let price: Decimal = rows[row][5].parse().unwrap();
            (rows[row][4], rows[row][6]) = (hours.to_string(), (hours * price).to_string());
            // A month's grundarvoden in one row, dated at the end of the month.
            let (mine, others): (Vec<_>, Vec<_>) = rows.drain(..).partition(|row| row[1] == "2024" && row[2] == "1647");
            *rows = others;
            let sum: Decimal = mine.iter().map(|row| row[6].parse::<Decimal>().unwrap()).sum();
            let (count, apris) = (mine.len().to_string(), mine[0][5].clone());
            let one = ["2025-09", "2024", "1647", "2025-08-31", &count, &apris, &sum.to_string(), "utbetald"];
            rows.push(one.map(str::to_owned));
        }
        _ => {
            // Somebody who has årsarvode was paid for a meeting.
            let wrong = ["2025-10", "2004", "1647", "2025-09-09", "1", "397.00", "397.00", "utbetald"];
            rows.push(wrong.map(str::to_owned));
            // Somebody was forgotten.
            let row = place_of(rows, "2025", "1647");
            rows.remove(row);
        }
    }
}

/// What was paid from January to July, by person and lönart, without a day.
fn opening() -> Vec<[String; 8]> {
    let sums = [("2023", "1647", 14, "5558.00"), ("2023", "1648", 31, "12307.00"), ("2024", "1647", 12, "4764.00")];
    let row = |(anstid, lonart, antal, belopp): (&str, &str, i32, &str)| {
        ["2025-07", anstid, lonart, "", &antal.to_string(), "", belopp, "ingående"].map(str::to_owned)
    };
    sums.into_iter().map(row).collect()
}

fn bytes(rows: &[[String; 8]]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_ymd(2025, 1, 1).unwrap();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let sheet = workbook.add_worksheet();
    sheet.set_name("Utbetalt").unwrap();
    for (column, name) in (0..).zip(HEADER) {
        sheet.write(0, column, name).unwrap();
    }
    for (at, row) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            match cell.parse::<f64>() {
                Ok(number) if column >= 4 => drop(sheet.write(at, column, number).unwrap()),
                _ if cell.is_empty() => {}
                _ => drop(sheet.write(at, column, cell).unwrap()),
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn is_committed(name: &str, content: &[u8]) {
    let path = root().join("fixtures/overtagande").join(name);
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(&path, content).unwrap();
    }
    let committed = fs::read(&path).unwrap_or_default();
    assert!(committed == content, "{name} differs: UPDATE_FIXTURES=1 cargo test --test takeover");
}

// ---- The story ----

/// `anstid what date: ours - theirs [paragraph]`
fn differences(shadow: &Value) -> Vec<String> {
    let text = |found: &Value, key: &str| found[key].as_str().unwrap_or("-").to_owned();
    let told = shadow["differs"].as_array().unwrap().iter().map(|found| {
        let [anstid, what, date, ours, theirs, paragraph] =
            ["anstid", "what", "date", "ours", "theirs", "paragraph"].map(|key| text(found, key));
        let why = found["why"][0]["text"].as_str().unwrap();
        assert!(!why.is_empty());
        let earlier = if found["earlier"] == json!(true) { ", tidigare" } else { "" };
        format!("{anstid} {what} {date}: {ours} - {theirs} [{paragraph}{earlier}]")
    });
    told.collect()
}

fn ore(amount: &Value) -> i64 {
    let text = amount.as_str().unwrap();
    let whole: Decimal = text.parse::<Decimal>().unwrap() * Decimal::ONE_HUNDRED;
    i64::try_from(whole.normalize()).unwrap()
}

/// Sums in öre of a batch's rows, by person.
fn by_person(batch: &Value) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for row in batch["rows"].as_array().unwrap() {
        *sums.entry(row["anstid"].as_str().unwrap().to_owned()).or_insert(0) += ore(&row["belopp"]);
    }
    sums
}

#[test]
fn a_takeover_runs_from_the_fixtures_as_the_readme_tells() {
    let place = Place::new();
    let data = "arvode --data overtagande";
    let mut told: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut paid_before: BTreeMap<String, i64> = BTreeMap::new();
    let mut seen = 0;
    is_committed("ingaende.xlsx", &bytes(&opening()));
    for line in page() {
        if let Some(month) = SHADOW_MONTHS.iter().find(|month| line.contains(&format!("shadow {month}"))) {
            seen += 1;
            let rows = place.json(&format!("{data} month {month}"))["rows"].as_array().unwrap().clone();
            let old = old_rows(month, &rows);
            is_committed(&format!("utbetalt-{month}.xlsx"), &bytes(&old));
            for row in old.iter().filter(|row| row[3].as_str() >= "2025-08") {
                *paid_before.entry(row[1].clone()).or_insert(0) += ore(&json!(row[6]));
            }
            // Without --keep nothing is changed, whatever it says.
            let looks = line.replace(" --keep", "");
            let first = place.json(&looks);
            assert_eq!(place.json(&looks), first, "looking twice says the same");
            told.insert(month, differences(&first));
            // Nothing may be frozen beside the old routine, once a month of it is kept.
            place.ends(&line, &[1]);
            place.ends(&format!("{data} month {month} --freeze"), &[4]);
            // Nor does the timetable; and that is nothing to be alarmed at.
            let round = place.sh(&format!("{data} once calculate_month"));
            assert_eq!(round.status.code(), Some(0));
            let round = String::from_utf8(round.stdout).unwrap();
            assert!(round.contains("betalas av den gamla rutinen: inget fryses"), "{round}");
            assert_eq!(differences(&place.json(&looks)), told[month], "kept, it still compares as before");
            continue;
        }
        let is_looking = line.contains(" switch-over ") || line.contains(" month ") || line.contains(" import ");
        place.ends(&line, if is_looking { &[0, 1] } else { &[0] });
    }
    assert_eq!(seen, 3, "the page has three shadow months");
    assert_eq!(told["2025-08"], ["2003 årsarvode 2025-08-01: 47688.75 - 47688.00 [§ 7]"]);
    assert_eq!(
        told["2025-09"],
        ["2003 årsarvode 2025-08-01: 0.75 - 0.00 [§ 7, tidigare]", "2026 timarvode 2025-08-12: 497.50 - 398.00 [§ 9]",]
    );
    assert_eq!(
        told["2025-10"],
        [
            "2003 årsarvode 2025-08-01: 0.75 - 0.00 [§ 7, tidigare]",
            "2004 grundarvode 2025-09-09: 0.00 - 397.00 [§ 9]",
            "2025 grundarvode 2025-09-09: 397.00 - 0.00 [§ 9]",
            "2026 timarvode 2025-08-12: 99.50 - 0.00 [§ 9, tidigare]",
            // Two who were struck from the list of 25 August had been paid for it.
            "2039 grundarvode 2025-08-25: -397.00 - 0.00 [§ 9, tidigare]",
            "2039 timarvode 2025-08-25: -398.00 - 0.00 [§ 9, tidigare]",
            "2039 bilersättning, skattepliktig 2025-08-25: -58.00 - 0.00 [§ 11, tidigare]",
            "2047 grundarvode 2025-08-25: -397.00 - 0.00 [§ 9, tidigare]",
            "2047 timarvode 2025-08-25: -398.00 - 0.00 [§ 9, tidigare]",
            "2047 bilersättning, skattepliktig 2025-08-25: -133.40 - 0.00 [§ 11, tidigare]",
        ]
    );

    let batch = place.json(&format!("{data} month 2025-11"));
    assert_eq!((&batch["batch"], &batch["state"]), (&json!("2025-11/1"), &json!("calculated")));
    let mut with_us = by_person(&batch);
    for (anstid, sum) in paid_before {
        *with_us.entry(anstid).or_insert(0) += sum;
    }
    // A kommun that has had this program all along pays everybody the same.
    let mut all_along: BTreeMap<String, i64> = BTreeMap::new();
    let other = Place::new();
    for line in page().iter().filter(|line| {
        !["fixtures/overtagande", "shadow", "switch-over", "--freeze"].iter().any(|word| line.contains(word))
    }) {
        other.ends(line, &[0, 1]);
    }
    for (anstid, sum) in by_person(&other.json(&format!("{data} month 2025-11"))) {
        all_along.insert(anstid, sum);
    }
    // One who was struck from a list owes 853 kr, and nothing is taken back before somebody decides.
    assert_eq!(with_us.remove("2039"), Some(85_300));
    let held = place.json(&format!("{data} remarks --state held"));
    let told = held
        .as_array()
        .unwrap()
        .iter()
        .any(|remark| remark["anstid"] == json!("2039") && remark["reason"].as_str().unwrap().contains("-853,00"));
    assert!(told, "{held}");
    assert_eq!(with_us, all_along);
}
