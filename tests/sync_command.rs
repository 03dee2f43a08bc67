//! `arvode sync` as a clerk or a timer runs it, against a played diarium over loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::path::Path;

use arvode::adapters::diarium::played::Played;
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
