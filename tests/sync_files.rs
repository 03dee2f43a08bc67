//! `arvode sync` from files: minutes in SVK-MOTE from a page of links and from a folder, and by Public 360's documents, all
//! played from `fixtures/diarium`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use arvode::adapters::clock::SystemClock;
use arvode::adapters::db::Db;
use arvode::adapters::diarium::played::{Played, Switch, Trick};
use arvode::adapters::diarium::svk_mote;
use arvode::adapters::settings::read;
use arvode::jobs::import_workbooks::Settings;
use arvode::jobs::sync_diarium::{SourceSettings, take_in_changes};
use arvode::ports::{Changes, Clock, Content};
use serde_json::Value;
use support::Kommun;
use support::books::written;

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
    let waits = kommun.held();
    let broken = "trasig.xml: Rad 2: Filen tar slut mitt i elementet <boardMeeting>";
    assert!(waits.iter().any(|remark| remark.contains(broken)), "{waits:?}");
    fs::remove_file(kommun.path("svk/trasig.xml")).unwrap();
    synced_twice(&kommun);
    assert!(!kommun.held().iter().any(|remark| remark.contains("trasig.xml")), "mended, it is done with");
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

/// The nämnd's minutes, with the numbers that a clerk's confirmations would give.
fn minutes() -> Changes {
    let mut minutes = svk_mote::read(include_bytes!("../fixtures/diarium/svk-mote/namnd-2026-10-14.xml")).unwrap();
    let Some(Content::Meeting(meeting)) = &mut minutes.record.content else { panic!("no meeting") };
    for participant in meeting.participants.as_mut().unwrap() {
        let anstid = PERSONS.iter().find(|(_, name, _)| participant.name.as_deref() == Some(name));
        participant.personnummer = anstid.map(|(anstid, ..)| written(anstid));
    }
    Changes { records: vec![minutes.record], cursor: "1".to_owned(), ..Changes::default() }
}

const PERSONS: [(&str, &str, &str); 6] = [
    ("1001", "Karin Sjögren", "ledamot"),
    ("1002", "Per Norén", "ledamot"),
    ("1003", "Eva Stålhammar", "ledamot"),
    ("1004", "Nils Åkerlund", "ledamot"),
    ("1005", "Åsa Öberg", "ersättare"),
    ("1006", "Jonas Wiklund", "ersättare"),
];

fn take_in(kommun: &Kommun, changes: &Changes) {
    let organ = [("Barn- och utbildningsnämnden".to_owned(), "BSU".to_owned())].into();
    let source = SourceSettings {
        name: "kyrkan".to_owned(),
        goes_before_lists: false,
        organ,
        roles: Default::default(),
        vanished_percent: 2,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let configured = read(&kommun.path("config/arvode.toml")).unwrap();
        let mut db = Db::open_file(&kommun.path("arvode.db")).await.unwrap();
        let clock = SystemClock { fixed_ms: None };
        let settings = Settings {
            rules: &configured.loaded.regelverk,
            loaded: &configured.loaded,
            actor: "test",
            sha256: &configured.sha256,
            now_ms: clock.now_ms(),
            today: clock.today(),
            dry_run: false,
        };
        take_in_changes(&mut db, &source, changes, &settings).await.unwrap();
        db.close().await.unwrap();
    });
}

/// Timarvode beyond the first hour, by anställningsnummer.
fn hours(kommun: &Kommun) -> Vec<String> {
    let month = kommun.json(&["month", "2026-11"]);
    let rows = month["rows"].as_array().unwrap().iter().filter(|row| row["datum"] == "2026-10-14");
    let mut told: Vec<String> = rows
        .map(|row| {
            format!(
                "{} {} {}",
                row["anstid"].as_str().unwrap(),
                row["lonart"].as_str().unwrap(),
                row["antal"].as_str().unwrap()
            )
        })
        .collect();
    told.sort();
    told
}

#[test]
fn who_stood_in_and_who_left_is_paid_by_the_minutes_and_by_the_paragraphs_times() {
    let kommun = Kommun::new("2026-09");
    let persons = PERSONS.map(|(anstid, name, _)| {
        let (fornamn, efternamn) = name.split_once(' ').unwrap();
        format!("@{anstid} | {efternamn} | {fornamn} | {anstid}\n")
    });
    let uppdrag = PERSONS.map(|(anstid, _, roll)| format!("@{anstid} | BSU | {roll} | 2026-01-01\n"));
    let persons = format!("Personnummer | Efternamn | Förnamn | Anställningsnummer\n{}", persons.concat());
    let uppdrag = format!("Personnummer | Organ | Roll | Från\n{}", uppdrag.concat());
    let register = kommun.book("register.xlsx", &[("Personer", &persons), ("Uppdrag", &uppdrag)]);
    kommun.import(&[register.as_path()]);
    take_in(&kommun, &minutes());
    // The first hour and three that were begun; the deputy who did not serve is not paid.
    let sure = ["1001 1647 1", "1001 1648 3", "1002 1647 1", "1002 1648 3"];
    assert_eq!(hours(&kommun), sure);
    let waits = |kommun: &Kommun| kommun.run(&["remarks", "--json"]).out.matches("2026-10-14\"").count();
    assert_eq!(waits(&kommun), 2);
    // The paragraphs get their times: who left after § 87 is paid until then, who missed a part of one is asked about.
    let times = "Datum | Organ | Paragraf | Start | Slut\n2026-10-14 | BSU | 85 | 13.00 | \n2026-10-14 | BSU | 86 | 13.10 | \n\
        2026-10-14 | BSU | 87 | 13.40 | \n2026-10-14 | BSU | 88 | 14.55 | \n2026-10-14 | BSU | 89 | 15.30 | 16.40\n";
    let times = kommun.book("paragrafer.xlsx", &[("Paragrafer", times)]);
    kommun.try_import(&[times.as_path()]);
    assert_eq!(hours(&kommun), [sure.as_slice(), &["1003 1647 1", "1003 1648 1"]].concat());
    let asked = kommun.run(&["remarks", "--json"]).out;
    assert!(waits(&kommun) == 1 && asked.contains("§§ 85-88, 89.1"), "{asked}");
}
