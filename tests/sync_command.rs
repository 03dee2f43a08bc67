//! `arvode sync` as a clerk or a timer runs it, against a played diarium over loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::path::Path;
use std::time::Duration;

use arvode::adapters::diarium::played::{Deviation, Guard, Played, Switch, Trick};
use serde_json::Value;
use support::Kommun;

fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/diarium"))
}

/// The demo's persons, and a source of the name `evolution` at the played diarium.
fn kommun(played: &Played, more: &str) -> Kommun {
    let kommun = Kommun::new("2025-09");
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    kommun.try_import(&[demo.join("register.xlsx").as_path()]);
    let base = played.base();
    kommun.edit("arvode.toml", |text| {
        format!("{text}\n[[diarium]]\nname = \"evolution\"\nadapter = \"oparl\"\nurl = \"{base}/oparl\"\n{more}\n")
    });
    kommun
}

fn counts(told: &Value) -> [u64; 5] {
    ["meetings", "cancelled", "deleted", "persons", "organizations"].map(|key| told["changed"][key].as_u64().unwrap())
}

#[test]
fn a_council_system_is_taken_in_once() {
    let played = Played::of(fixtures()).unwrap();
    let kommun = kommun(&played, "");
    assert!(kommun.run(&["check"]).code <= 1);
    let first = kommun.json(&["sync"]);
    assert!(counts(&first)[0] > 5, "{first}");
    let before = kommun.sql(".dump");
    let again = kommun.json(&["sync", "evolution"]);
    assert_eq!((counts(&again), again["sources"][0]["state"].as_str().unwrap()), ([0; 5], "unchanged"));
    kommun.json(&["sync", "--full"]);
    assert_eq!(kommun.sql(".dump"), before);
}

#[test]
fn a_dry_run_changes_nothing_and_an_unknown_source_is_named() {
    let played = Played::of(fixtures()).unwrap();
    let kommun = kommun(&played, "");
    let before = kommun.sql(".dump");
    let told = kommun.json(&["sync", "--dry-run"]);
    assert!(counts(&told)[0] > 5 && !told["sources"][0]["changes"].as_array().unwrap().is_empty());
    assert_eq!(kommun.sql(".dump"), before);
    kommun.run(&["sync", "revolution"]).exits(2).says(&["no source is called \"revolution\"", "evolution"]);
    Kommun::new("2025-09").run(&["sync"]).exits(2).says(&["[[diarium]]"]);
}

#[test]
fn a_source_that_is_down_is_a_remark_until_it_answers() {
    let played = Played::of(fixtures()).unwrap();
    let kommun = kommun(&played, "tries = 1");
    let address = played.base().to_owned();
    drop(played);
    kommun.run(&["sync"]).exits(3).says(&["evolution"]);
    kommun.run(&["sync", "--json"]).exits(3);
    let open =
        || kommun.sql("SELECT count(*) FROM remark WHERE closed_at IS NULL AND reason LIKE 'diariet evolution%'");
    assert_eq!(open(), "1");
    let played = Played::of(fixtures()).unwrap();
    kommun.edit("arvode.toml", |text| text.replace(&address, played.base()));
    kommun.json(&["sync"]);
    assert_eq!(open(), "0");
}

/// Fills in a column of a workbook as a clerk does, where another column says something.
fn fill_in(path: &Path, sheet: &str, header: &str, word: &str, only: &[&str]) {
    let script = "
import sys, openpyxl
path, sheet, header, word, *only = sys.argv[1:]
book = openpyxl.load_workbook(path)
rows = list(book[sheet].iter_rows())
head = next(row for row in rows if any(cell.value == header for cell in row))
at = next(cell.column for cell in head if cell.value == header)
for row in rows[rows.index(head) + 1:]:
    texts = [str(cell.value) for cell in row if cell.value]
    if texts and (not only or any(one in texts for one in only)) and any(not text.startswith('=') for text in texts):
        book[sheet].cell(row[0].row, at).value = word
book.save(path)
";
    let mut python = std::process::Command::new("/usr/bin/python3");
    python.arg("-c").arg(script).arg(path).args([sheet, header, word]).args(only);
    let ran = python.output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn what_a_clerk_fills_in_is_taken_in_and_the_next_sync_pays() {
    let played = Played::of(fixtures()).unwrap();
    let kommun = kommun(&played, "");
    let told = kommun.json(&["sync"]);
    let forms = told["sources"][0]["to_fill_in"].as_array().unwrap();
    assert_eq!(forms.len(), 2, "{told}");
    let path = |part: &str| {
        let form = forms.iter().map(|form| form.as_str().unwrap()).find(|form| form.contains(part));
        Path::new(form.unwrap()).to_owned()
    };
    let (links, lists) = (path("kopplingar"), path("närvaro saknas"));
    // As they are, they say nothing.
    for form in [&links, &lists] {
        let told = kommun.import(&[form.as_path()]).json();
        assert_eq!(
            (told["files"][0]["accepted"].as_u64(), told["files"][0]["held"].as_u64()),
            (Some(0), Some(0)),
            "{told}"
        );
    }
    let unlinked = told["sources"][0]["unlinked"].as_u64().unwrap();
    fill_in(&links, "Diariepersoner", "Bekräftas", "ja", &[]);
    let read = kommun.try_import(&[links.as_path()]).json();
    let accepted = read["files"][0]["accepted"].as_u64().unwrap();
    assert!(accepted > 0 && accepted <= unlinked, "{read}");
    let open = || kommun.sql("SELECT count(*) FROM remark WHERE closed_at IS NULL AND subject LIKE 'diarium|person|%'");
    assert_eq!(open(), (unlinked - accepted).to_string());
    let synced = kommun.json(&["sync"]);
    assert!(synced["sources"][0]["attendances"].as_u64() > Some(0), "{synced}");
    let rows = kommun.json(&["month", "2025-10"]);
    assert!(rows["rows"].as_array().unwrap().iter().any(|row| row["datum"] == "2025-09-09"), "{}", rows["rows"]);
    fill_in(&lists, "Närvaro", "Tjänstgörande", "ja", &["2025-09-29"]);
    fill_in(&lists, "Närvaro", "Slut", "21.00", &["2025-09-29"]);
    let read = kommun.try_import(&[lists.as_path()]).json();
    assert!(read["files"][0]["accepted"].as_u64() > Some(0), "{read}");
    let rows = kommun.json(&["month", "2025-10"]);
    assert!(rows["rows"].as_array().unwrap().iter().any(|row| row["datum"] == "2025-09-29"));
}

#[test]
fn an_untouched_workbook_is_renewed_and_one_that_somebody_fills_in_is_left() {
    let played = Played::of(fixtures()).unwrap();
    let kommun = kommun(&played, "");
    kommun.json(&["sync"]);
    let books = || -> Vec<String> {
        let all = kommun.files("rejected").into_iter().map(|(name, _)| name);
        all.filter(|name| name.contains("kopplingar") && name.ends_with(".xlsx")).collect()
    };
    assert_eq!(books(), ["diarium evolution - kopplingar.xlsx"]);
    assert!(played.edit("oparl/person.json", |persons| {
        for person in persons.as_array_mut().unwrap() {
            person["name"] = format!("{} d.y.", person["name"].as_str().unwrap()).into();
            person["modified"] = "2026-01-01T00:00:00+01:00".into();
        }
    }));
    kommun.json(&["sync", "--full"]);
    assert_eq!(books().len(), 1, "nobody had touched it");
    fill_in(&kommun.path("rejected").join(&books()[0]), "Diariepersoner", "Bekräftas", "nej", &["1"]);
    kommun.json(&["sync", "--full"]);
    assert_eq!(books().len(), 2, "{:?}", books());
    let form = kommun.root().join("personer.xlsx");
    let told = kommun.json(&["template", "diariepersoner", form.to_str().unwrap()]);
    assert!(told["rows"].as_u64() > Some(5), "{told}");
}

#[test]
fn nobody_of_ours_is_remembered() {
    let played = Played::of(fixtures()).unwrap();
    let kommun = kommun(&played, "");
    let told = kommun.json(&["sync"]);
    let forms = told["sources"][0]["to_fill_in"].as_array().unwrap();
    let links = forms.iter().map(|form| form.as_str().unwrap()).find(|form| form.contains("kopplingar")).unwrap();
    fill_in(Path::new(links), "Diariepersoner", "Bekräftas", "nej", &[]);
    kommun.import(&[Path::new(links)]);
    let synced = kommun.json(&["sync"]);
    assert_eq!(
        (synced["sources"][0]["unlinked"].as_u64(), synced["sources"][0]["attendances"].as_u64()),
        (Some(0), Some(0))
    );
}

/// A secret, and a number that somebody has written where a name should stand.
const CANARIES: [&str; 3] = ["hemlig-kanariefagel", "19800101-9804", "198001019804"];

fn tells_nothing(kommun: &Kommun, what: &str) {
    for arguments in [&["sync"][..], &["sync", "--full", "--json"], &["remarks"]] {
        let ran = kommun.run(arguments);
        for canary in CANARIES {
            assert!(
                !ran.out.contains(canary) && !ran.err.contains(canary),
                "{what}: {arguments:?} tells {canary}\n{}\n{}",
                ran.out,
                ran.err
            );
        }
    }
    let stored = kommun.sql("SELECT reason || proposed || subject FROM remark; SELECT detail FROM audit;");
    assert!(CANARIES.iter().all(|canary| !stored.contains(canary)), "{what}: {stored}");
}

#[test]
fn no_fault_of_a_server_tells_a_secret_or_a_number_and_none_leaves_half_of_a_list() {
    let played = Played::of(fixtures()).unwrap();
    let kommun = kommun(&played, "bearer_file = \"nyckel\"\ntries = 2\nrequest_seconds = 2\nanswer_mib = 1");
    std::fs::write(kommun.path("nyckel"), format!("{}\n", CANARIES[0])).unwrap();
    std::fs::set_permissions(kommun.path("nyckel"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    played.guard(Guard::Header { name: "authorization".to_owned(), value: format!("Bearer {}", CANARIES[0]) });
    assert!(played.edit("oparl/person.json", |persons| {
        for person in persons.as_array_mut().unwrap() {
            let name = format!("{} {}", person["name"].as_str().unwrap(), CANARIES[1]);
            person["name"] = name.into();
        }
    }));
    let elsewhere = Played::of(fixtures()).unwrap();
    let other = format!("{}/oparl/meeting?token={}", elsewhere.base(), CANARIES[0]);
    let before = kommun.sql("SELECT count(*) FROM fact");
    let faults: [(&str, Trick); 9] = [
        ("401", Trick::status(401)),
        ("403", Trick::status(403)),
        ("429", Trick::Status { code: 429, retry_after: Some("0".to_owned()) }),
        ("500", Trick::status(500)),
        ("truncated", Trick::Truncated),
        ("huge", Trick::Huge(3 << 20)),
        ("redirect", Trick::Redirect(other)),
        ("hangs up", Trick::HangUp),
        ("drip", Trick::Drip(Duration::from_millis(400))),
    ];
    for (what, trick) in faults {
        played.switch(Switch::new(trick).at("/oparl/meeting"));
        tells_nothing(&kommun, what);
        assert_eq!(kommun.sql("SELECT count(*) FROM fact"), before, "{what}: part of a list was kept");
        played.heal();
    }
    assert!(elsewhere.take_requests().is_empty(), "credentials never go to another origin");
    played.switch(Switch::new(Deviation::ControlCharacters));
    tells_nothing(&kommun, "taken in");
    assert!(kommun.sql("SELECT count(*) FROM fact WHERE kind = 'source_record'").parse::<u32>().unwrap() > 50);
}
