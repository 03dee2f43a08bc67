//! `arvode sync` with a larger town's council system: all of it, then what changed, and nothing of what came half.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "support/council.rs"]
mod council;
mod support;

use arvode::adapters::diarium::played::{Asked, Deviation, Played, Switch, Trick};
use serde_json::{Value, json};
use support::Kommun;

/// Later than any sync of a test.
const LATER: &str = "2199-01-01T08:00:00+01:00";

fn kommun(played: &Played) -> Kommun {
    let kommun = Kommun::new("2025-09");
    let base = played.base();
    kommun.edit("arvode.toml", |text| {
        format!("{text}\n[[diarium]]\nname = \"Ciceron\"\nadapter = \"oparl\"\nurl = \"{base}/oparl\"\ntries = 1\n")
    });
    kommun
}

fn changed(told: &Value) -> [u64; 6] {
    ["meetings", "cancelled", "deleted", "persons", "organizations", "memberships"]
        .map(|key| told["changed"][key].as_u64().unwrap())
}

/// All of it, and then the tombstones of the last day.
fn settle(kommun: &Kommun) {
    kommun.json(&["sync"]);
    kommun.json(&["sync"]);
}

/// The object of a list is changed, as of now.
fn change(played: &Played, list: &str, number: usize, change: impl FnOnce(&mut Value)) {
    let found = played.edit(&format!("oparl/{list}.json"), |objects| {
        let object = &mut objects.as_array_mut().unwrap()[number - 1];
        change(object);
        object["modified"] = json!(LATER);
    });
    assert!(found);
}

#[test]
fn a_larger_council_is_taken_in_wholly_and_then_by_what_changed() {
    let played = council::larger();
    played.switch(Switch::new(Deviation::TombstonesAlways));
    let kommun = kommun(&played);
    let first = kommun.json(&["sync"]);
    let [organ, persons, places] = [council::ORGAN, council::PERSONS, council::PLACES].map(|count| count as u64);
    let kept = (council::MEETINGS - council::GONE) as u64;
    assert_eq!(changed(&first), [kept, 5, council::GONE as u64, persons, organ, places]);
    let pages = played.take_requests().iter().filter(|asked| asked.path() == "/oparl/meeting").count();
    assert_eq!(pages, 15);

    let before = kommun.sql(".dump");
    for again in [kommun.json(&["sync"]), kommun.json(&["sync", "Ciceron", "--full"])] {
        assert_eq!(changed(&again), [0; 6]);
    }
    assert_eq!(kommun.sql(".dump"), before, "nothing new is nothing written");

    change(&played, "meeting", 1, |meeting| meeting["cancelled"] = json!(true));
    change(&played, "meeting", 2, |meeting| *meeting = json!({"id": meeting["id"], "deleted": true}));
    change(&played, "meeting", 3, |meeting| meeting["start"] = json!("2026-03-09T08:30:00+01:00"));
    change(&played, "person", 4, |person| person["name"] = json!("Förtroendevald Nygift"));
    change(&played, "organization", 5, |organ| organ["deleted"] = json!(true));
    played.take_requests();
    assert_eq!(changed(&kommun.json(&["sync"])), [2, 1, 2, 1, 0, 0]);
    let asked = played.take_requests();
    let is_filtered = |asked: &Asked| asked.query("modified_since").is_some_and(|since| since.ends_with("+00:00"));
    assert!(asked.iter().filter(|asked| asked.path() == "/oparl/meeting").all(is_filtered), "{asked:?}");
}

#[test]
fn of_what_came_half_nothing_is_kept() {
    let played = council::larger();
    let kommun = kommun(&played);
    let records = || kommun.sql("SELECT (SELECT count(*) FROM fact_block) + (SELECT count(*) FROM source_cursor)");
    kommun.run(&["remarks"]);
    let before = records();
    let meeting = |trick: Trick| Switch::new(trick).at("/oparl/meeting").after(9);
    for trick in [Trick::status(500), Trick::Truncated, Trick::HangUp, Trick::Body(b"{\"data\": [".to_vec())] {
        played.switch(meeting(trick.clone()));
        kommun.run(&["sync"]).exits(3).says(&["Ciceron"]);
        assert_eq!(records(), before, "{trick:?}");
        played.heal();
    }
    played.switch(meeting(Trick::NeverLast));
    kommun.run(&["sync"]).exits(4).says(&["Ciceron"]);
    assert_eq!(records(), before);
    played.heal();
    assert_eq!(changed(&kommun.json(&["sync"]))[0], (council::MEETINGS - council::GONE) as u64);
}

#[test]
fn what_vanishes_without_a_word_is_told_and_of_much_nothing_is_believed() {
    let played = council::larger();
    let kommun = kommun(&played);
    settle(&kommun);
    let drop_first = |count: usize| {
        played.edit("oparl/meeting.json", |meetings| drop(meetings.as_array_mut().unwrap().drain(..count)));
    };
    drop_first(3);
    assert_eq!(changed(&kommun.json(&["sync", "--full"])), [0; 6]);
    let told =
        "SELECT count(*) FROM remark WHERE closed_at IS NULL AND reason LIKE '%finns inte längre i diariets lista%'";
    assert_eq!(kommun.sql(told), "3");
    drop_first(20);
    kommun.run(&["sync", "--full"]).exits(4).says(&["Ciceron", "missing from the whole list"]);
    assert_eq!(kommun.sql(told), "3");
}

#[test]
fn a_deletion_is_not_lost_to_a_whole_fetch() {
    let played = council::larger();
    let kommun = kommun(&played);
    settle(&kommun);
    // As the standard wants it, only who asks for changes is shown what was deleted.
    change(&played, "meeting", 7, |meeting| *meeting = json!({"id": meeting["id"], "deleted": true}));
    assert_eq!(changed(&kommun.json(&["sync", "--full"])), [0, 0, 1, 0, 0, 0]);
    let vanished = "SELECT count(*) FROM remark WHERE closed_at IS NULL AND reason LIKE '%finns inte längre%'";
    assert_eq!(kommun.sql(vanished), "0");
}
