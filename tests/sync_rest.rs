//! `arvode sync` from a JSON API as a kommun's integration platform offers it: played from `fixtures/diarium/rest`, told by
//! the settings that lie there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use arvode::adapters::diarium::played::{Guard, Played, Switch, Trick};
use serde_json::{Value, json};
use support::Kommun;

const SECRET: &str = "kanariefagel-19121212-1212";

fn played() -> Played {
    let played = Played::of(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/diarium"))).unwrap();
    played.guard(Guard::tokens("arvode", SECRET));
    played.page_size(4);
    played
}

/// The demo's persons, and the source of the fixtures' settings.
fn kommun(played: &Played) -> Kommun {
    let kommun = Kommun::new("2025-09");
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    kommun.try_import(&[demo.join("register.xlsx").as_path()]);
    let source = include_str!("../fixtures/diarium/rest/settings.toml").replace("{base}", played.base());
    // Waits between tries are the machine's here.
    let source = source.replace("adapter = \"rest\"\n", "adapter = \"rest\"\ntries = 1\n");
    kommun.edit("arvode.toml", |text| format!("{text}\n{source}"));
    let secret = kommun.path("hemligt/plattformen");
    fs::create_dir(secret.parent().unwrap()).unwrap();
    fs::write(&secret, format!("{SECRET}\n")).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    kommun
}

fn counts(told: &Value) -> [u64; 5] {
    ["meetings", "cancelled", "deleted", "persons", "organizations"].map(|key| told["changed"][key].as_u64().unwrap())
}

fn state(told: &Value) -> &str {
    told["sources"][0]["state"].as_str().unwrap()
}

fn targets(played: &Played) -> Vec<String> {
    played.take_requests().iter().map(|asked| asked.path().to_owned()).collect()
}

#[test]
fn a_platform_is_read_whole_and_then_only_where_it_changed() {
    let played = played();
    let kommun = kommun(&played);
    let said = kommun.run(&["check"]);
    assert!(!said.out.contains("plattformen"), "{}", said.out);
    assert!(played.take_requests().is_empty(), "check asks no source");

    let first = kommun.json(&["sync"]);
    assert_eq!(counts(&first), [9, 1, 0, 20, 2], "{first}");
    let asked = targets(&played);
    let of = |path: &str| asked.iter().filter(|asked| *asked == path).count();
    assert_eq!([of("/token"), of("/rest/persons"), of("/rest/meetings")], [1, 5, 3], "{asked:?}");

    let before = kommun.sql(".dump");
    played.expire_tokens();
    assert_eq!(state(&kommun.json(&["sync"])), "unchanged");
    assert_eq!(state(&kommun.json(&["sync", "--full"])), "unchanged");
    assert_eq!(kommun.sql(".dump"), before, "nothing new, nothing written");

    played.edit("rest/meetings.json", |meetings| {
        let list = meetings.as_array_mut().unwrap();
        let of = |id: i64| list.iter().position(|meeting| meeting["id"] == json!(id)).unwrap();
        let (moved, gone) = (of(518), of(527));
        list[moved]["endTime"] = json!("16:30");
        list[moved]["modified"] = json!("2099-01-01T00:00:00Z");
        list[gone] = json!({"id": 527, "deleted": true, "modified": "2099-01-01T00:00:00Z"});
    });
    assert_eq!(counts(&kommun.json(&["sync"])), [1, 0, 1, 0, 0]);
}

#[test]
fn attendance_is_paid_as_the_platform_tells_it() {
    let played = played();
    let kommun = kommun(&played);
    let told = kommun.json(&["sync"]);
    assert!(told["sources"][0]["attendances"].as_u64().unwrap() > 20, "{told}");
    // Paid in November, 13.00 to 17.20 beyond the first hour: one left at 15.05, two ersättare served, two were absent.
    let month = kommun.json(&["month", "2025-11"]);
    let of_meeting = month["rows"].as_array().unwrap().iter().filter(|row| row["datum"] == json!("2025-10-14"));
    let timmar: Vec<(&str, &str)> = of_meeting
        .filter(|row| row["lonart"] == json!("1648"))
        .map(|row| (row["anstid"].as_str().unwrap(), row["antal"].as_str().unwrap()))
        .collect();
    let whole = ["2002", "2023", "2024", "2026", "2027", "2028"].map(|anstid| (anstid, "3.5"));
    let (before, after) = whole.split_at(3);
    assert_eq!(timmar, [before, &[("2025", "1.5")], after].concat());
}

#[test]
fn a_fault_on_the_way_changes_nothing_and_shows_no_secret() {
    let played = played();
    let kommun = kommun(&played);
    let before = kommun.sql("SELECT count(*) FROM fact");
    let faults: [(Trick, i32); 6] = [
        (Trick::status(500), 3),
        (Trick::Truncated, 3),
        (Trick::Body(SECRET.as_bytes().to_vec()), 3),
        (Trick::status(403), 2),
        (Trick::Circle, 4),
        (Trick::Redirect("http://127.0.0.1:9/".to_owned()), 4),
    ];
    for (trick, code) in faults {
        let page = usize::from(trick != Trick::Circle) * 2;
        played.switch(Switch::new(trick.clone()).at("/rest/meetings").after(page));
        let ran = kommun.run(&["sync"]).exits(code);
        let said = ran.out + &ran.err;
        assert!(said.contains("plattformen") && !said.contains("kanarie") && !said.contains("1212"), "{said}");
        assert_eq!(kommun.sql("SELECT count(*) FROM fact"), before, "{trick:?}");
        played.heal();
    }
    assert_eq!(counts(&kommun.json(&["sync"])), [9, 1, 0, 20, 2]);
    assert!(!kommun.sql(".dump").contains("kanarie"));
}
