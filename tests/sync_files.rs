//! `arvode sync` from files: minutes in SVK-MOTE from a page of links and from a folder, and by Public 360's documents, all
//! played from `fixtures/diarium`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use arvode::adapters::diarium::played::{Played, Switch, Trick};
use serde_json::Value;
use support::Kommun;

const SECRET: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const SVK_MOTE: &str = include_str!("../fixtures/diarium/svk-mote/settings.toml");
const PUBLIC360: &str = include_str!("../fixtures/diarium/public360/settings.toml");
const ORGAN: &str = "[diarium.organ]\n\"Kyrkorådet\" = \"KS\"\n\"Barn- och utbildningsnämnden\" = \"BSU\"\n";

/// Where files' contents are asked for.
const FILES: &str = "/public360/Biz/v2/api/call/SI.Data.RPC/SI.Data.RPC/FileService";

fn played() -> Played {
    Played::of(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/diarium"))).unwrap()
}

fn kommun(source: &str) -> Kommun {
    let kommun = Kommun::new("2026-09");
    // Waits between tries are the machine's here.
    let source = source.replacen("\nadapter", "\ntries = 1\nadapter", 1);
    kommun.edit("arvode.toml", |text| format!("{text}\n{source}\n{ORGAN}"));
    let secret = kommun.path("hemligt/360");
    fs::create_dir(secret.parent().unwrap()).unwrap();
    fs::write(&secret, format!("{SECRET}\n")).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    kommun
}

fn counts(told: &Value) -> [u64; 3] {
    ["meetings", "persons", "organizations"].map(|key| told["changed"][key].as_u64().unwrap())
}

fn state(told: &Value) -> &str {
    told["sources"][0]["state"].as_str().unwrap()
}

/// What `sync` tells at the first, and nothing new at the second.
fn synced_twice(kommun: &Kommun) -> Value {
    let first = kommun.json(&["sync"]);
    let before = kommun.sql(".dump");
    assert_eq!(state(&kommun.json(&["sync"])), "unchanged");
    assert_eq!(state(&kommun.json(&["sync", "--full"])), "unchanged");
    assert_eq!(kommun.sql(".dump"), before, "nothing new, nothing written");
    assert!(!before.contains(SECRET) && !before.contains("Moderaterna"), "no secret and no party is kept");
    first
}

#[test]
fn minutes_from_a_page_of_links() {
    let played = played();
    let kommun = kommun(&SVK_MOTE.replace("{base}", played.base()));
    let told = synced_twice(&kommun);
    assert_eq!(counts(&told), [3, 0, 0], "{told}");
    // Nobody is ours by name alone; whoever was there waits for a clerk.
    let waiting = told["sources"][0]["unlinked"].as_u64().unwrap();
    assert!(waiting >= 8, "{told}");
}

#[test]
fn minutes_from_a_folder() {
    let kommun = kommun("[[diarium]]\nname = \"kyrkan\"\nadapter = \"svk-mote\"\nfolder = \"svk\"\n");
    let said = kommun.run(&["check"]);
    assert!(said.out.contains("svk is not there; make it, or name another in `folder`"), "{}", said.out);
    fs::create_dir(kommun.path("svk")).unwrap();
    for name in ["namnd-2026-10-14.xml", "kyrkorad-2026-09-16.xml"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/diarium/svk-mote").join(name);
        fs::copy(from, kommun.path("svk").join(name)).unwrap();
    }
    fs::write(kommun.path("svk/trasig.xml"), "<boardMeeting>\n").unwrap();
    let told = synced_twice(&kommun);
    assert_eq!(counts(&told), [2, 0, 0], "{told}");
    let note = told["sources"][0]["notes"][0].as_str().unwrap();
    assert!(note.starts_with("trasig.xml: Rad 2: Filen tar slut mitt i elementet <boardMeeting>"), "{note}");
}

#[test]
fn documents_of_a_public_360() {
    let played = played();
    let kommun = kommun(&PUBLIC360.replace("{base}", played.base()));
    let said = kommun.run(&["check"]);
    assert!(!said.out.contains("360"), "{}", said.out);
    let told = synced_twice(&kommun);
    assert_eq!(counts(&told), [1, 2, 2], "{told}");
    let faults =
        [(Trick::status(500), 3), (Trick::Truncated, 3), (Trick::Body(SECRET.into()), 3), (Trick::status(401), 2)];
    for (trick, code) in faults {
        played.switch(Switch::new(trick).at(FILES));
        let before = kommun.sql("SELECT count(*) FROM fact");
        let ran = kommun.run(&["sync", "--full"]).exits(code);
        let said = ran.out + &ran.err;
        assert!(said.contains("360") && !said.contains(SECRET), "{said}");
        assert_eq!(kommun.sql("SELECT count(*) FROM fact"), before);
        played.heal();
    }
}
