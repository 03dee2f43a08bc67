//! Councils made by hand for the played diarium: one of many years, and one of a few odd objects.

#![allow(dead_code, clippy::unwrap_used, reason = "each test uses its part, and may stop at the first surprise")]

use std::fs;
use std::path::Path;

use arvode::adapters::diarium::played::Played;
use serde_json::{Value, json};
use tempfile::TempDir;

const BASE: &str = "{base}/oparl";

/// The address of an object.
pub fn at(path: &str) -> String {
    format!("{BASE}/{path}")
}

/// Lists by name, played as one kommun's council system. The folder goes when it is dropped; the server keeps what it read.
pub fn played(lists: &[(&str, Value)]) -> Played {
    let folder = TempDir::new().unwrap();
    let oparl = folder.path().join("oparl");
    fs::create_dir(&oparl).unwrap();
    let version = "https://schema.oparl.org/1.0/";
    let mut body = json!({"id": at("body/1"), "type": format!("{version}Body"), "name": "Exempelkommunen"});
    for (name, list) in lists {
        body[*name] = json!(at(name));
        write(&oparl, name, list);
    }
    write(&oparl, "body", &json!([body]));
    write(
        &oparl,
        "system",
        &json!({"id": BASE, "type": format!("{version}System"), "oparlVersion": version, "body": at("body")}),
    );
    Played::of(folder.path()).unwrap()
}

fn write(folder: &Path, name: &str, value: &Value) {
    fs::write(folder.join(format!("{name}.json")), value.to_string()).unwrap();
}

/// How large the larger council is.
pub const ORGAN: usize = 36;
pub const PERSONS: usize = 210;
pub const PLACES: usize = PERSONS * 3;
pub const MEETINGS: usize = 290;
/// Meetings that were deleted; every 29th is.
pub const GONE: usize = 10;

/// Four years of a larger council, in OParl 1.0: no list of memberships, tombstones that say no type, an end at midnight
/// for most meetings, and now and then a cancellation.
pub fn larger() -> Played {
    let organ = (1..=ORGAN).map(|n| {
        let id = at(&format!("organization/{n}"));
        json!({"id": id, "name": format!("Nämnd {n}"), "modified": "2023-01-10T08:00:00+01:00"})
    });
    let persons = (1..=PERSONS).map(person);
    let meetings = (1..=MEETINGS).map(meeting);
    played(&[("organization", organ.collect()), ("person", persons.collect()), ("meeting", meetings.collect())])
}

fn person(n: usize) -> Value {
    let id = at(&format!("person/{n}"));
    let places = (0..3).map(|place| {
        json!({
            "id": at(&format!("membership/{n}-{place}")),
            "organization": at(&format!("organization/{}", (n * 7 + place * 11) % ORGAN + 1)),
            "role": if place == 2 { "Ersättare" } else { "Ledamot" },
            "votingRight": place != 2,
            "startDate": "2023-01-01",
        })
    });
    json!({
        "id": id, "type": "https://schema.oparl.org/1.0/Person", "name": format!("Förtroendevald {n}"),
        "membership": places.collect::<Value>(), "modified": "2023-01-10T08:00:00+01:00",
    })
}

fn meeting(n: usize) -> Value {
    let id = at(&format!("meeting/{n}"));
    let (month, day) = (n % 12 + 1, n % 28 + 1);
    let date = format!("{}-{month:02}-{day:02}", 2023 + n % 4);
    let modified = if n > MEETINGS - 20 { "2026-11-23T08:00:00+01:00" } else { "2026-01-10T08:00:00+01:00" };
    if n % 29 == 0 {
        return json!({"id": id, "deleted": true, "modified": modified});
    }
    json!({
        "id": id, "type": "https://schema.oparl.org/1.0/Meeting", "name": format!("Nämnd {}", n % ORGAN + 1),
        "start": format!("{date}T13:00:00+01:00"), "end": format!("{date}T00:00:00+01:00"),
        "organization": [at(&format!("organization/{}", n % ORGAN + 1))],
        "cancelled": n % 50 == 0, "modified": modified,
    })
}
