//! Told to stop, `arvode run` ends within ten seconds with exit code 0, whatever it is at; what was at work is found and done
//! at the next start: nothing is lost, and nothing is there twice.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod postgres;
mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, sleep};
use std::time::Duration;

use support::Kommun;
use support::books::written;
use support::daemon::{Daemon, Hold, at, children, is_there, signal, until};

const PROMISE: Duration = Duration::from_secs(10);

/// What a kommun's round does at once when nothing is in its way.
const AT_ONCE: Duration = Duration::from_secs(2);

const LIST: &str = "Datum;Organ;Start;Slut;Personnummer;Namn;Roll\n";

/// Two ledamöter; a file need not lie still before it is taken.
fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.edit("arvode.toml", |text| text.replacen("settle_seconds = 10", "settle_seconds = 0", 1));
    kommun.ledamoter(&["1001", "1002"]);
    kommun
}

/// A list of one meeting with the two; `blank` rows after it that say nothing.
fn list(blank: usize) -> String {
    let row = |anstid: &str| format!("2026-09-09;KS;13.00;14.00;{};;ledamot\n", written(anstid));
    format!("{LIST}{}{}{}", row("1001"), row("1002"), ";;;;;;\n".repeat(blank))
}

fn put(kommun: &Kommun, content: &str) {
    fs::write(kommun.path("in/september.csv"), content).unwrap();
}

/// The list is in, once, and gone from the drop folder.
#[track_caller]
fn is_in_once(kommun: &Kommun) {
    until("the list is taken in", || !kommun.path("in/september.csv").exists());
    let rows = support::rows::of_json(&kommun.json(&["month", "2026-10"]));
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!(fs::read_dir(kommun.path("archive")).unwrap().count(), 2, "the register's book and the list");
}

/// Started again with nothing in its way, it takes the list in and stops at once.
#[track_caller]
fn goes_on(kommun: &Kommun) {
    let daemon = Daemon::start(kommun);
    is_in_once(kommun);
    daemon.stops("TERM", AT_ONCE);
}

#[test]
fn at_rest_it_stops_at_once_by_either_signal_and_tells_the_service_manager() {
    let kommun = kommun();
    for name in ["TERM", "INT"] {
        let daemon = Daemon::start(&kommun);
        let log = daemon.log();
        let told = daemon.stops(name, AT_ONCE);
        assert!(told.contains(&"STOPPING=1".to_owned()), "{told:?}");
        assert!(fs::read_to_string(log).unwrap().trim_end().ends_with("run: stannar"));
    }
}

#[test]
fn a_hang_up_ends_nothing_and_neither_does_a_reader_of_the_log_who_has_gone() {
    let kommun = kommun();
    let (reader, writer) = std::io::pipe().unwrap();
    let daemon = Daemon::begin(&kommun, |command| {
        command.stdout(writer.try_clone().unwrap()).stderr(writer);
    });
    daemon.is_ready();
    drop(reader);
    signal("HUP", daemon.id());
    put(&kommun, &list(0));
    is_in_once(&kommun);
    daemon.stops("TERM", AT_ONCE);
}

#[test]
fn while_a_workbook_is_read_and_the_reader_does_not_outlive_it() {
    let kommun = kommun();
    kommun.edit("arvode.toml", |text| text.replacen("wall_ms = 10000", "wall_ms = 60000", 1));
    let daemon = Daemon::start(&kommun);
    let reader = stopped_reader(&kommun, &daemon);
    daemon.stops("TERM", PROMISE);
    until("the reader is gone", || !is_there(reader));
    // A second signal waits for nothing.
    let daemon = Daemon::start(&kommun);
    let reader = stopped_reader(&kommun, &daemon);
    signal("TERM", daemon.id());
    sleep(Duration::from_millis(300));
    daemon.stops("TERM", AT_ONCE);
    until("the reader is gone", || !is_there(reader));
    goes_on(&kommun);
}

/// A list that takes its time to read, and its reader stopped in the middle.
fn stopped_reader(kommun: &Kommun, daemon: &Daemon) -> u32 {
    put(kommun, &list(1_000_000));
    let mut reader = 0;
    until("the reader is at work", || {
        reader = children(daemon.id()).first().copied().unwrap_or_default();
        let input = fs::read_to_string(format!("/proc/{reader}/fdinfo/0")).unwrap_or_default();
        let read = input.lines().find_map(|line| line.strip_prefix("pos:")).and_then(|at| at.trim().parse().ok());
        read.is_some_and(|bytes: u64| bytes > 0)
    });
    signal("STOP", reader);
    reader
}

#[test]
fn while_another_command_holds_the_database() {
    let kommun = kommun();
    let daemon = Daemon::start(&kommun);
    let mut other = Command::new("sqlite3");
    other.arg(kommun.path("arvode.db")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut other = other.spawn().expect("sqlite3 is missing; install the package sqlite3");
    let mut asks = other.stdin.take().unwrap();
    asks.write_all(b"BEGIN IMMEDIATE;\nSELECT 'har den';\n").unwrap();
    let mut line = String::new();
    BufReader::new(other.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "har den\n");
    put(&kommun, &list(0));
    // It has read the list and waits for its turn.
    until("the list is copied", || fs::read_dir(kommun.path("archive")).unwrap().count() == 2);
    sleep(Duration::from_millis(500));
    daemon.stops("TERM", PROMISE);
    drop(asks);
    assert!(other.wait().unwrap().success());
    goes_on(&kommun);
}

#[test]
fn while_the_loop_itself_hangs_and_the_service_manager_is_not_told_that_it_lives() {
    let kommun = kommun();
    let file = kommun.path("config/attestforteckning.toml");
    let daemon = Daemon::watched(&kommun, Duration::from_millis(900));
    daemon.hears("WATCHDOG=1");
    // A file that nobody ends: whoever opens it waits, and everything with it.
    let content = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    daemon.forgets();
    put(&kommun, &list(0));
    daemon.hears("STATUS=arbetar");
    sleep(Duration::from_secs(1));
    daemon.forgets();
    sleep(Duration::from_millis(1500));
    assert_eq!(daemon.heard(), [""; 0], "it hangs, and says that it lives");
    let log = daemon.errors();
    daemon.stops("TERM", PROMISE);
    assert!(fs::read_to_string(log).unwrap().contains("it was broken off, and is done again at the next start"));
    fs::remove_file(&file).unwrap();
    fs::write(&file, content).unwrap();
    goes_on(&kommun);
}

#[test]
fn while_nobody_empties_the_log() {
    let kommun = kommun();
    let pipe = kommun.root().join("logg");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let open = |flags: i32| {
        let opened = fs::OpenOptions::new().read(true).write(true).custom_flags(flags).open(&pipe);
        opened.unwrap()
    };
    let mut full = open(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    while full.write(&[b'.'; 4096]).is_ok() {}
    let full_for_all = open(0);
    let daemon = Daemon::begin(&kommun, |command| {
        command.stdout(full_for_all.try_clone().unwrap()).stderr(full_for_all);
    });
    daemon.is_ready();
    sleep(Duration::from_millis(300));
    daemon.stops("TERM", PROMISE);
    put(&kommun, &list(0));
    goes_on(&kommun);
}

#[test]
fn while_postgresql_hangs() {
    let kommun = Kommun::new("2026-09");
    let server = postgres::Server::start();
    kommun.edit("arvode.toml", |text| {
        text.replacen("settle_seconds = 10", "settle_seconds = 0", 1).replacen(
            "database = \"arvode.db\"",
            &format!("database = \"{}\"", server.url()),
            1,
        )
    });
    kommun.ledamoter(&["1001", "1002"]);
    let daemon = Daemon::start(&kommun);
    // Whatever it asks from now on gets no answer.
    let hold = Hold::of(server.pid());
    daemon.forgets();
    put(&kommun, &list(0));
    daemon.hears("STATUS=arbetar");
    sleep(Duration::from_millis(500));
    daemon.stops("TERM", PROMISE);
    // Nor when it starts.
    let daemon = Daemon::begin(&kommun, |_| {});
    sleep(Duration::from_millis(500));
    daemon.stops("TERM", AT_ONCE);
    drop(hold);
    goes_on(&kommun);
}

// ---- mail

/// A mail server that is silent when it has the whole letter, until it is told to answer.
struct MailServer {
    port: u16,
    answers: Arc<AtomicBool>,
    arrived: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    fn start() -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (answers, arrived) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let server = MailServer { port, answers: Arc::clone(&answers), arrived: Arc::clone(&arrived) };
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answers, arrived) = (Arc::clone(&answers), Arc::clone(&arrived));
                thread::spawn(move || drop(speak(&stream.unwrap(), &answers, &arrived)));
            }
        });
        server
    }

    /// The Message-ID of each letter that came.
    fn message_ids(&self) -> Vec<String> {
        let id = |letter: &String| letter.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned();
        self.arrived.lock().unwrap().iter().map(id).collect()
    }
}

fn speak(stream: &TcpStream, answers: &AtomicBool, arrived: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let (mut says, mut lines) = (stream, BufReader::new(stream).lines());
    says.write_all(b"220 post.example\r\n")?;
    while let Some(line) = lines.next() {
        let line = line?.to_uppercase();
        if line.starts_with("DATA") {
            says.write_all(b"354 send it\r\n")?;
            let letter: Vec<String> = lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
            arrived.lock().unwrap().push(letter.join("\n"));
            while !answers.load(Ordering::SeqCst) {
                sleep(Duration::from_millis(20));
            }
        }
        says.write_all(if line.starts_with("QUIT") { b"221 bye\r\n" } else { b"250 ok\r\n" })?;
    }
    Ok(())
}

#[test]
fn while_a_mail_server_has_the_letter_and_does_not_answer() {
    let (kommun, server) = (kommun(), MailServer::start());
    kommun.edit("arvode.toml", |text| {
        let text = text.replacen("transport = \"folder\"", "transport = \"smtp\"", 1);
        let text = text.replacen("host = \"\"", "host = \"127.0.0.1\"", 1);
        let text = text.replacen("port = 587", &format!("port = {}", server.port), 1);
        let text = text.replacen("security = \"starttls\"", "security = \"none\"", 1);
        text.replacen("kansli = \"\"", "kansli = \"kansli@kommunen.example\"", 1)
    });
    kommun.run(&["once", "monthly_letter"]).exits(0);
    let waiting = kommun.sql("SELECT COUNT(*) FROM letter WHERE state = 'waiting' AND address IS NOT NULL");
    assert_eq!(waiting, "1");
    let daemon = Daemon::begin(&kommun, |_| {});
    until("the server has the letter", || server.message_ids().len() == 1);
    daemon.stops("TERM", PROMISE);
    // Nobody knows whether it arrived: when its time is over it goes once more, under the same name.
    server.answers.store(true, Ordering::SeqCst);
    assert_eq!(kommun.sql("SELECT state FROM letter WHERE address IS NOT NULL"), "sending");
    kommun.sql("UPDATE letter SET next_try_at = 0 WHERE state = 'sending'");
    let daemon = Daemon::start(&kommun);
    until("the letter is sent", || kommun.sql("SELECT state FROM letter WHERE address IS NOT NULL") == "sent");
    daemon.stops("TERM", AT_ONCE);
    let ids = server.message_ids();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}

// ---- a month

/// The day on which October's batch is worked out, a moment after its time.
const CALCULATED: &str = "2026-10-08 04:00:10";

/// A kommun that was begun before the day, with a meeting to pay.
fn month() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.edit("arvode.toml", |text| {
        let text = text.replacen("database = \"arvode.db\"", "database = \"arvode.db\"\ndemo = true", 1);
        text.replacen("settle_seconds = 10", "settle_seconds = 0", 1)
    });
    kommun.run(&["once", "timetable", "--now", "2026-10-01T06:00:00Z"]).exits(0);
    kommun.ledamoter(&["1001", "1002"]);
    put(&kommun, &list(0));
    kommun.run(&["once", "import", "--now", "2026-10-01T06:00:00Z"]).exits(0);
    kommun
}

/// When the signatures are there; what is done each minute is done once in each.
const SIGNED: &str = "2026-10-08 06:00:10";
const LATER: &str = "2026-10-08 07:00:10";

fn begins(kommun: &Kommun, now: &str) -> Daemon {
    Daemon::begin(kommun, |command| {
        command.envs(at(now));
    })
}

fn batches(kommun: &Kommun) -> String {
    kommun.patient_sql("SELECT group_concat(name || ' ' || state) FROM batch")
}

/// Started again, it freezes the month once; what was broken off is tried again after a minute.
#[track_caller]
fn is_frozen_once(kommun: &Kommun, now: &str) {
    let daemon = begins(kommun, now);
    let sheet = kommun.path("attest/2026-10-1/blad-1-beslut.txt");
    until("the sheets are written", || sheet.exists());
    daemon.is_ready();
    daemon.rests();
    daemon.stops("TERM", AT_ONCE);
    assert_eq!(batches(kommun), "2026-10/1 calculated");
    assert_eq!(kommun.sql("SELECT COUNT(*) FROM letter WHERE kind = 'attest_sheets'"), "3", "one for each who signs");
}

#[test]
fn while_a_month_is_frozen_and_its_sheets_cannot_be_written() {
    let kommun = month();
    // Who writes to it waits for a reader.
    let sheet = kommun.path("attest/2026-10-1/blad-1-granskning.txt");
    fs::create_dir_all(sheet.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(&sheet).status().unwrap().success());
    let daemon = begins(&kommun, CALCULATED);
    until("the month is frozen", || batches(&kommun) == "2026-10/1 calculated");
    sleep(Duration::from_millis(500));
    daemon.stops("TERM", PROMISE);
    fs::remove_file(sheet).unwrap();
    is_frozen_once(&kommun, SIGNED);
}

#[test]
fn while_a_diarium_does_not_answer() {
    let kommun = month();
    let diarium = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = diarium.local_addr().unwrap().port();
    let source = format!("\n[[diarium]]\nname = \"Tyst\"\nadapter = \"oparl\"\nurl = \"http://127.0.0.1:{port}/\"\n");
    kommun.edit("arvode.toml", |text| text + &source);
    let daemon = begins(&kommun, CALCULATED);
    let (asked, _) = diarium.accept().unwrap();
    daemon.stops("TERM", PROMISE);
    drop(asked);
    kommun.edit("arvode.toml", |text| text.replace(&source, ""));
    is_frozen_once(&kommun, SIGNED);
}

/// A month that leaves by itself as soon as the program runs.
fn signed_month() -> Kommun {
    let kommun = month();
    is_frozen_once(&kommun, CALCULATED);
    for (role, id) in [("granskning", "greta"), ("beslut", "britt")] {
        let key = kommun.key(id);
        let sign = ["attest", "sign", "2026-10/1", "--role", role, "--key", key.to_str().unwrap()];
        kommun.run(&[&sign[..], &["--now", "2026-10-08T05:00:00Z"]].concat()).exits(0);
    }
    kommun
}

/// Started again, the batch leaves, once.
#[track_caller]
fn leaves_once(kommun: &Kommun) {
    let daemon = begins(kommun, LATER);
    until("the batch has left", || batches(kommun) == "2026-10/1 delivered");
    daemon.is_ready();
    daemon.rests();
    daemon.stops("TERM", AT_ONCE);
    assert_eq!(names(kommun, "out"), ["paxml-2026-10-1.json", "paxml-2026-10-1.xml"]);
    assert_eq!(names(kommun, "deliver"), ["paxml-2026-10-1.xml"]);
    assert!(kommun.delivered("2026-10/1").contains("</paxml>"));
    assert_eq!(kommun.sql("SELECT COUNT(*) FROM letter WHERE kind = 'month_exported'"), kommun.sql(EXPORTED_TO));
}

const EXPORTED_TO: &str = "SELECT COUNT(DISTINCT receiver) FROM letter WHERE kind = 'month_exported'";

#[test]
fn while_a_batch_leaves_and_somebody_else_holds_its_folder() {
    let kommun = signed_month();
    let mut other = Command::new("flock");
    let mut other = other.arg(kommun.path("out")).arg("cat").stdin(Stdio::piped()).spawn().unwrap();
    sleep(Duration::from_millis(500));
    let daemon = begins(&kommun, SIGNED);
    until("the batch is on its way", || batches(&kommun) == "2026-10/1 exporting");
    daemon.stops("TERM", AT_ONCE);
    assert_eq!(batches(&kommun), "2026-10/1 exporting");
    drop(other.stdin.take());
    other.wait().unwrap();
    leaves_once(&kommun);
}

#[test]
fn at_any_moment_of_a_months_end() {
    let signed = signed_month();
    let mut cut = 0;
    for ms in [0, 10, 20, 40, 60, 80, 120, 160, 220, 300] {
        let kommun = signed.copy();
        let daemon = begins(&kommun, SIGNED);
        daemon.is_ready();
        sleep(Duration::from_millis(ms));
        daemon.stops("TERM", PROMISE);
        cut += u32::from(batches(&kommun) != "2026-10/1 delivered");
        leaves_once(&kommun);
    }
    assert!(cut > 0, "the month was over before it was told to stop");
}

/// What lies in a folder, hidden names too.
fn names(kommun: &Kommun, folder: &str) -> Vec<String> {
    support::files(&kommun.path(folder)).into_iter().map(|(name, _)| name).collect()
}

// ---- the service manager

#[test]
fn it_is_ready_when_all_is_open_and_alive_as_long_as_it_waits_or_works() {
    let kommun = kommun();
    let daemon = Daemon::watched(&kommun, Duration::from_millis(900));
    let told = daemon.heard();
    let place = |word: &str| told.iter().position(|line| line == word);
    assert!(place("READY=1").is_some(), "{told:?}");
    assert!(!told.iter().any(|line| line.contains("kommun/") || line.contains("1001")), "{told:?}");
    // At rest, and while another command makes it wait, which has its own end.
    for _ in 0..4 {
        daemon.forgets();
        daemon.hears("WATCHDOG=1");
    }
    daemon.stops("TERM", AT_ONCE);
    // One that cannot begin is never ready.
    kommun.edit("arvode.toml", |text| text.replacen("poll_seconds = 600", "poll_seconds = 0", 1));
    let daemon = Daemon::begin(&kommun, |_| {});
    let (told, code) = daemon.ends();
    assert_eq!(code, Some(2));
    assert!(!told.contains(&"READY=1".to_owned()), "{told:?}");
}
