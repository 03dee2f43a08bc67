//! How it goes is told in time and in every way that somebody may ask: the command, the listener on loopback, and the ping
//! that stays away.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod postgres;
#[path = "support/server.rs"]
mod server;
mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::Kommun;
use support::watched::asked;

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Namn | Roll";
const HELD: &str = "2026-09-09 | KZ | 13.00 | 14.00 | @1001 | | ledamot";
const MINUTE: i64 = 60_000;

fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.edit("arvode.toml", |text| text.replacen("\"Exempelkommunen\"", "\"Åmåls \\\"stad\\\"\"", 1));
    kommun.ledamoter(&["1001", "1002"]);
    kommun
}

fn set(kommun: &Kommun, was: &str, becomes: &str) {
    kommun.edit("arvode.toml", |text| text.replacen(was, becomes, 1));
}

/// The value of a figure, by name and labels as they stand in the text.
#[track_caller]
fn figure<'a>(text: &'a str, named: &str) -> &'a str {
    let line = text.lines().find(|line| line.starts_with(named) && line[named.len()..].starts_with(' '));
    line.unwrap_or_else(|| panic!("no {named} in\n{text}")).rsplit(' ').next().unwrap()
}

fn whys(status: &Value) -> Vec<&str> {
    status["looks"].as_array().unwrap().iter().map(|look| look["why"].as_str().unwrap()).collect()
}

/// So many minutes from now, as `--now` has it.
fn minutes_later(minutes: i64) -> String {
    let clock = arvode::adapters::clock::SystemClock::default();
    arvode::calendar::instant_text(arvode::ports::Clock::now_ms(&clock) + minutes * MINUTE)
}

#[test]
fn where_all_is_well_everybody_is_told_so_and_the_command_ends_with_0() {
    let kommun = kommun();
    let before = kommun.json(&["status"]);
    assert_eq!((whys(&before), &before["run"]["at_work"]), (vec!["not_at_work"], &Value::Null));
    let port = kommun.answers();
    let running = kommun.watched(port, &[]);
    assert_eq!(running.answers("/readyz", 200), "ok\n");
    assert_eq!(running.get("/healthz"), (200, "ok\n".to_owned()));
    let (code, figures) = running.get("/metrics");
    assert_eq!(code, 200);
    let of = "{kommun=\"Åmåls \\\"stad\\\"\"";
    for (name, value) in [
        ("arvode_stuck".to_owned(), "0"),
        (format!("arvode_ready{of}}}"), "1"),
        (format!("arvode_rounds_failed_total{of}}}"), "0"),
        (format!("arvode_job_failed_tries{of},job=\"send_outbox\"}}"), "0"),
        (format!("arvode_held{of}}}"), "0"),
        (format!("arvode_outbox_letters{of},state=\"given_up\"}}"), "0"),
        (format!("arvode_looks{of},why=\"not_at_work\"}}"), "0"),
        (format!("arvode_deadlines_near{of},flag_days=\"30\"}}"), "0"),
    ] {
        assert_eq!(figure(&figures, &name), value, "{name}");
    }
    let resident: u64 = figure(&figures, "process_resident_memory_bytes").parse().unwrap();
    assert!(resident > 1_000_000, "{resident}");
    let status = kommun.run(&["status", "--json"]).exits(0).json();
    assert_eq!((&status["ok"], &status["run"]["locked"]), (&true.into(), &true.into()), "{status:#}");
    assert_eq!(status["jobs"].as_array().unwrap().len(), arvode::jobs::schedule::Job::ALL.len());
    assert_eq!(status["audit_chain"].as_str().unwrap().len(), 64);
    let told = kommun.run(&["status"]).exits(0).out;
    assert!(told.contains("Ett arvode run är igång") && told.contains("Allt är som det ska."), "{told}");
    running.stop();
    // For some minutes it may be a restart; then somebody must start it.
    let status = kommun.run(&["status", "--json"]).exits(0).json();
    assert_eq!(status["run"]["locked"], false);
    let later = kommun.run(&["status", "--now", &minutes_later(15)]).exits(1).out;
    assert!(
        later.contains("! arvode run har inte gjort något sedan") && later.contains("starta arvode run"),
        "{later}"
    );
    set(&kommun, "expects_run = true", "expects_run = false");
    kommun.run(&["status", "--now", &minutes_later(15)]).exits(0);
}

#[test]
fn what_is_old_or_waits_too_long_is_told_with_what_to_do() {
    let kommun = kommun();
    kommun.run(&["once", "timetable"]).exits(0);
    set(&kommun, "expects_run = true", "expects_run = false");
    kommun.edit("arvode.toml", |text| {
        format!("{text}\n[[diarium]]\nname = \"evolution\"\nadapter = \"oparl\"\nurl = \"http://127.0.0.1:9/oparl\"\n")
    });
    fs::write(kommun.path("in/lista.xlsx"), "x").unwrap();
    let status = kommun.run(&["status", "--json"]).exits(1).json();
    assert_eq!(whys(&status), ["old"], "a diarium that was never fetched: {status:#}");
    assert_eq!(status["ages"]["inbox"]["files"], 1);
    let told = kommun.run(&["status", "--now", &minutes_later(60 * 24 * 50)]).exits(1).out;
    for part in [
        "! diariet evolution har aldrig hämtats\n  se varför: arvode sync evolution",
        "! ingen fil har tagits in sedan",
        "! en fil har legat i mappen för nya filer i mer än 24 timmar\n  se varför: arvode once import",
    ] {
        assert!(told.contains(part), "\"{part}\" is not in\n{told}");
    }
    for limit in ["import_days = 45", "diarium_days = 4", "inbox_hours = 24", "backup_days = 3", "letter_hours = 24"] {
        set(&kommun, limit, &format!("{} = 0", limit.split(' ').next().unwrap()));
    }
    kommun.run(&["status", "--now", &minutes_later(60 * 24 * 50)]).exits(0);
}

#[test]
fn a_batch_that_waits_past_its_cut_off_is_told_with_its_sheets() {
    let kommun = kommun();
    set(&kommun, "expects_run = true", "expects_run = false");
    kommun.import(&[&kommun.list("september.xlsx", &format!("{NARVARO}\n{}", HELD.replace("KZ", "KS")))]);
    kommun.freeze("2026-10");
    let status = kommun.run(&["status", "--json"]).exits(1).json();
    let (batch, looks) = (&status["batches"][0], &status["looks"][0]);
    assert_eq!((&batch["batch"], &batch["state"]), (&"2026-10/1".into(), &"calculated".into()));
    assert_eq!((&batch["sheets_waiting"], &batch["cut_off"]), (&batch["sheets"], &"2026-10-15".into()));
    assert_eq!(looks["next"], "se vilka: arvode attest show 2026-10/1");
    kommun.run(&["status", "--now", "2026-10-15T12:00:00Z"]).exits(0);
    kommun.sign("2026-10/1");
    let signed = kommun.run(&["status", "--json"]).exits(1).json();
    assert_eq!(
        (&signed["batches"][0]["sheets_waiting"], &signed["looks"][0]["next"]),
        (&0.into(), &"arvode export 2026-10/1".into())
    );
    kommun.run(&["export", "2026-10/1"]).exits(0);
    kommun.run(&["status"]).exits(0);
}

#[test]
fn held_rows_are_everyday_work_and_told_with_their_number() {
    let kommun = kommun();
    set(&kommun, "expects_run = true", "expects_run = false");
    kommun.try_import(&[&kommun.list("september.xlsx", &format!("{NARVARO}\n{HELD}\n{HELD}"))]).exits(1);
    let held = kommun.held().len();
    let status = kommun.run(&["status", "--json"]).exits(0).json();
    assert_eq!(status["held"]["count"], held, "{status:#}");
    assert!(held > 0 && status["ages"]["rejected"]["to_mend"] == 1, "{status:#}");
}

#[test]
fn a_job_that_fails_is_told_by_the_command_the_figures_and_the_ping_that_stays_away() {
    let kommun = kommun();
    let pings = server::Server::start(|_, _| server::text(200, "OK"));
    let port = kommun.answers();
    fs::write(kommun.path("ping"), format!("{}/hemlig\n", pings.url)).unwrap();
    set(&kommun, "ping_url_file = \"\"", "ping_url_file = \"ping\"");
    let running = kommun.watched(port, &[]);
    running.answers("/readyz", 200);
    let begun = Instant::now();
    while pings.asked().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(20), "no ping: {}", running.log());
        thread::sleep(Duration::from_millis(50));
    }
    thread::sleep(Duration::from_secs(3));
    let asked: Vec<String> = pings.asked().iter().map(|asked| format!("{} {}", asked.method, asked.target)).collect();
    assert_eq!(asked, ["GET /hemlig"], "once in five minutes, whatever the rounds");
    running.stop();
    // A letter that cannot be written: somebody has edited its template.
    fs::create_dir_all(kommun.path("config/letters/rejected_rows")).unwrap();
    fs::write(kommun.path("config/letters/rejected_rows/subject"), "{{ rader").unwrap();
    kommun.try_import(&[&kommun.list("september.xlsx", &format!("{NARVARO}\n{HELD}"))]).exits(1);
    // The minute of the first run has been done already.
    kommun.sql("UPDATE schedule_run SET due_at = due_at - 60000, ended_at = ended_at - 60000");
    let running = kommun.watched(port, &[]);
    running.says("tell_events: ");
    running.answers("/readyz", 200);
    let failed = || {
        let text = running.get("/metrics").1;
        figure(&text, "arvode_job_failed_tries{kommun=\"Åmåls \\\"stad\\\"\",job=\"tell_events\"}").to_owned()
    };
    let begun = Instant::now();
    while failed() != "1" {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", running.log());
        thread::sleep(Duration::from_millis(50));
    }
    let status = kommun.run(&["status", "--json"]).exits(1).json();
    assert_eq!(whys(&status), ["job"], "{status:#}");
    let told = kommun.run(&["status"]).exits(1).out;
    assert!(told.contains("! jobbet tell_events går inte sedan") && told.contains("arvode once tell_events"), "{told}");
    thread::sleep(Duration::from_secs(2));
    assert_eq!(pings.asked().len(), 1, "no ping while a job fails");
    assert_eq!(running.stop().matches("config/letters/rejected_rows/subject").count(), 1, "told once");
}

#[test]
fn a_database_that_is_away_makes_it_unready_but_not_dead() {
    let kommun = Kommun::new("2026-09");
    let postgres = postgres::Server::start();
    set(&kommun, "database = \"arvode.db\"", &format!("database = \"{}\"", postgres.url()));
    let port = kommun.answers();
    let running = kommun.watched(port, &[]);
    running.answers("/readyz", 200);
    kommun.run(&["status"]).exits(0);
    drop(postgres);
    let why = running.answers("/readyz", 503);
    assert!(why.starts_with("Exempelkommunen: ") && why.contains("the database"), "{why}");
    assert_eq!(running.get("/healthz").0, 200);
    let figures = running.get("/metrics").1;
    assert_eq!(figure(&figures, "arvode_ready{kommun=\"Exempelkommunen\"}"), "0");
    assert_ne!(figure(&figures, "arvode_rounds_failed_total{kommun=\"Exempelkommunen\"}"), "0");
    kommun.run(&["status"]).exits(3).says(&["the database (PostgreSQL"]);
    running.stop();
}

#[test]
fn a_round_that_is_stuck_is_told_while_it_is_and_no_longer() {
    let kommun = kommun();
    // A mail server that takes the connection and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let smtp = silent.local_addr().unwrap().port();
    kommun.edit("arvode.toml", |text| {
        text.replacen("transport = \"folder\"", "transport = \"smtp\"", 1)
            .replacen("host = \"\"", "host = \"127.0.0.1\"", 1)
            .replacen("port = 587", &format!("port = {smtp}"), 1)
            .replacen("security = \"starttls\"", "security = \"none\"", 1)
            .replacen("kansli = \"\"", "kansli = \"kansli@kommun.example\"", 1)
            .replacen("stuck_seconds = 5400", "stuck_seconds = 1", 1)
    });
    kommun.try_import(&[&kommun.list("september.xlsx", &format!("{NARVARO}\n{HELD}"))]).exits(1);
    let port = kommun.answers();
    let running = kommun.watched(port, &[]);
    let (held, _) = silent.accept().unwrap();
    let why = running.answers("/healthz", 503);
    assert!(why.starts_with("stuck: the round of") && why.contains("has not come further for"), "{why}");
    assert_eq!(running.get("/readyz").0, 503);
    drop((held, silent));
    running.answers("/healthz", 200);
    running.answers("/readyz", 200);
    // It waits for its next round longer than that, and is not stuck.
    thread::sleep(Duration::from_secs(3));
    assert_eq!(running.get("/healthz").0, 200);
    running.stop();
}

#[test]
fn the_listener_answers_get_alone_and_whoever_is_slow_keeps_nobody_waiting_long() {
    let kommun = kommun();
    let port = kommun.answers();
    let running = kommun.watched(port, &[]);
    running.answers("/readyz", 200);
    assert_eq!(asked(port, "POST", "/metrics").0, 405);
    assert_eq!(asked(port, "DELETE", "/healthz").0, 405);
    assert_eq!(asked(port, "GET", "/").0, 404);
    assert_eq!(asked(port, "GET", "/../arvode.db").0, 404);
    let mut large = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let _ = write!(large, "GET /metrics HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(100_000));
    let mut answer = Vec::new();
    let _ = large.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    let silent: Vec<TcpStream> = (0..60).map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap()).collect();
    let begun = Instant::now();
    assert_eq!(asked(port, "GET", "/healthz").0, 200);
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
    drop(silent);
    // A second one at the same address is told which setting is meant.
    let other = Kommun::new("2026-09");
    set(&other, "listen = \"\"", &format!("listen = \"127.0.0.1:{port}\""));
    other.run(&["run"]).exits(3).says(&["[status] listen = \"127.0.0.1:", "another program answers there"]);
    running.stop();
}

#[test]
fn wrong_settings_are_placed_and_a_secret_among_them_is_not_repeated() {
    let kommun = kommun();
    let whole = kommun.config("arvode.toml");
    let check = |was: &str, becomes: &str, says: &[&str]| {
        set(&kommun, was, becomes);
        let ran = kommun.run(&["check"]).exits(2).says(says);
        fs::write(kommun.path("config/arvode.toml"), &whole).unwrap();
        ran
    };
    for address in ["0.0.0.0:9464", "192.0.2.7:9464", "[::]:9464", "localhost", "127.0.0.1:0"] {
        let listen = format!("listen = \"{address}\"");
        check("listen = \"\"", &listen, &["arvode.toml:", &format!("found \"{address}\""), "of this machine alone"]);
    }
    for address in ["127.8.9.1:9464", "[::1]:9464"] {
        set(&kommun, "listen = \"\"", &format!("listen = \"{address}\""));
        assert!(kommun.run(&["check"]).code <= 1);
        fs::write(kommun.path("config/arvode.toml"), &whole).unwrap();
    }
    check("silent_minutes = 10", "silent_minutes = 1", &["found `1`", "a whole number from 2 to 10080"]);
    check("log = \"auto\"", "log = \"xml\"", &["found \"xml\" for `log`", "\"human\""]);
    let ran = check(
        "ping_url_file = \"\"",
        "ping_url_file = \"https://larm.example/kanarie\"",
        &["arvode.toml:", "found an address", "the name of a file"],
    );
    assert!(!ran.err.contains("kanarie"), "{}", ran.err);
}
