//! Two daemons on one server, and a server that is restarted in the middle of anything: one set of facts, one set of letters,
//! one file, and the program goes on by itself.
//!
//! `strace` freezes the first daemon (SIGSTOP) just after one of its calls: names given to files, names removed, and words to
//! the server, in the middle of transactions as well as between them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod postgres;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use postgres::Server;
use support::{Kommun, PROGRAM, Ran, copy_folder, rows};

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Namn | Roll";
const BATCH: &str = "2026-10/1";
/// A minute's tick, what it does, and some patience with a busy machine.
const PATIENCE: Duration = Duration::from_secs(150);

/// A kommun whose folders two machines share, with all that a daemon may find: a signed batch, letters that wait, and files in
/// the drop folder, one with a row that is held.
struct Shared {
    server: Server,
    kommun: Kommun,
}

impl Shared {
    fn new() -> Shared {
        let (server, kommun) = (Server::start(), Kommun::new("2026-09"));
        let mut edits = vec![
            ("database = \"arvode.db\"".to_owned(), format!("database = \"{}\"", server.url())),
            ("lease_seconds = 60".to_owned(), "lease_seconds = 5".to_owned()),
            ("settle_seconds = 10".to_owned(), "settle_seconds = 0".to_owned()),
            ("kansli = \"\"".to_owned(), "kansli = \"kansli@kommun.example\"".to_owned()),
        ];
        for (setting, folder) in [
            ("archive", "archive"),
            ("rejected", "rejected"),
            ("out", "out"),
            ("deliver", "deliver"),
            ("folder", "in"),
            ("folder", "mail"),
        ] {
            let shared = kommun.path(folder);
            edits.push((format!("\n{setting} = \"{folder}\""), format!("\n{setting} = \"{}\"", shared.display())));
        }
        kommun.edit("arvode.toml", |text| {
            edits.iter().fold(text, |text, (was, becomes)| {
                assert!(text.contains(was), "{was}");
                text.replacen(was, becomes, 1)
            })
        });
        kommun.ledamoter(&["1001", "1002"]);
        let rows =
            "2026-09-09 | KS | 13.00 | 15.10 | @1001 | | ledamot\n2026-09-09 | KS | 13.00 | 15.10 | @1002 | | ledamot";
        kommun.import(&[&kommun.list("september.xlsx", &format!("{NARVARO}\n{rows}"))]);
        kommun.freeze("2026-10");
        kommun.sign(BATCH);
        for (name, row) in [
            ("ett.xlsx", "2026-09-16 | KS | 13.00 | 14.00 | @1001 | | ledamot"),
            (
                "två.xlsx",
                "2026-09-23 | KS | 13.00 | 14.00 | @1002 | | ledamot\n2026-09-23 | KS | 13.00 | 14.00 | | Ulf Okänd | ledamot",
            ),
        ] {
            let list = kommun.list(name, &format!("{NARVARO}\n{row}"));
            fs::copy(list, kommun.path("in").join(name)).unwrap();
        }
        Shared { server, kommun }
    }

    /// A machine's own data folder, with the settings that both have.
    fn machine(&self, name: &str) -> PathBuf {
        let folder = self.kommun.root().join(name);
        copy_folder(&self.kommun.path("config"), &folder.join("config"));
        folder
    }

    fn daemon(&self, name: &str) -> Daemon {
        let machine = self.machine(name);
        let mut command = Command::new(PROGRAM);
        command.arg("--data").arg(&machine).arg("run");
        Daemon::start(command, self.kommun.root().join(format!("{name}.log")))
    }

    /// The same under strace, which freezes it just after its n-th call of a kind.
    fn freezing(&self, name: &str, (call, number): (&str, u32)) -> Daemon {
        let machine = self.machine(name);
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-o", "/dev/null", "-I", "2", "-e", &format!("trace={call}")]);
        command.args(["-e", &format!("inject={call}:signal=SIGSTOP:when={number}")]);
        command.arg(PROGRAM).arg("--data").arg(&machine).arg("run");
        Daemon::start(command, self.kommun.root().join(format!("{name}.log")))
    }

    fn sql(&self, statement: &str) -> String {
        self.server.sql(&format!("SET search_path TO arvode; {statement}"))
    }

    /// Nothing waits any more: neither files nor letters.
    fn is_done(&self) -> bool {
        let waits = "SELECT COUNT(*) FROM letter WHERE ended_at IS NULL AND state <> 'to_print'";
        let is_told = "SELECT COUNT(*) FROM letter WHERE kind = 'rejected_rows'";
        names(&self.kommun.path("in")).is_empty() && self.sql(waits) == "0" && self.sql(is_told) != "0"
    }

    #[track_caller]
    fn is_done_by(&self, daemon: &Daemon) {
        let begun = Instant::now();
        while !self.is_done() {
            let state = self.sql("SELECT string_agg(id || ' ' || kind || ' ' || state, ', ' ORDER BY id) FROM letter");
            assert!(begun.elapsed() < PATIENCE, "it does not come to an end:\n{}\n{state}", daemon.log());
            sleep(Duration::from_millis(300));
        }
    }

    /// Everything that a year later is asked for: facts, letters, files and what they hold.
    fn effects(&self) -> Vec<String> {
        let mut found: Vec<String> = [
            "SELECT fact_key || ' ' || COALESCE(body, '') FROM fact ORDER BY fact_key, body",
            "SELECT kind || ' ' || receiver || ' ' || state FROM letter ORDER BY kind, receiver, occasion",
            "SELECT name || ' ' || state FROM batch ORDER BY id",
            "SELECT action FROM audit ORDER BY id",
            "SELECT file_name || ' ' || reason FROM remark WHERE closed_at IS NULL ORDER BY 1",
        ]
        .map(|statement| self.sql(statement))
        .to_vec();
        found.push(rows::of_json(&self.kommun.json(&["month", "2026-11"])).join("\n"));
        for folder in ["out", "deliver", "rejected", "in"] {
            found.push(format!("{folder}: {}", names(&self.kommun.path(folder)).join(", ")));
        }
        // A workbook says when it was written: its content is another each time.
        let archive = names(&self.kommun.path("archive"));
        assert!(archive.iter().all(|name| name.len() == 69 && name.ends_with(".xlsx")), "{archive:?}");
        found.push(format!("archive: {}", archive.len()));
        // A letter's file is named by its number, which follows from the order in which they were written.
        let letters = names(&self.kommun.path("mail")).into_iter().map(|name| name[7..].to_owned());
        let mut letters: Vec<String> = letters.map(|name| name.split('-').next().unwrap().to_owned()).collect();
        letters.sort();
        found.push(format!("mail: {}", letters.join(", ")));
        found
    }
}

struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    fn start(mut command: Command, log: PathBuf) -> Daemon {
        let out = fs::File::create(&log).unwrap();
        command.env_remove("RUST_BACKTRACE").env_remove("LD_LIBRARY_PATH");
        command.stderr(Stdio::from(out.try_clone().unwrap())).stdout(Stdio::from(out));
        Daemon { child: command.spawn().expect("strace is missing; install the package strace"), log }
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    #[track_caller]
    fn says(&self, part: &str) {
        let begun = Instant::now();
        while !self.log().contains(part) {
            assert!(begun.elapsed() < PATIENCE, "\"{part}\" is not said in\n{}", self.log());
            sleep(Duration::from_millis(50));
        }
    }

    /// The program itself, also under strace.
    fn pid(&self) -> String {
        let own = self.child.id();
        let children = fs::read_to_string(format!("/proc/{own}/task/{own}/children")).unwrap_or_default();
        let name = fs::read_to_string(format!("/proc/{own}/comm")).unwrap_or_default();
        let traced = children.split_whitespace().next().filter(|_| name.trim() == "strace");
        traced.map_or_else(|| own.to_string(), str::to_owned)
    }

    #[track_caller]
    fn is_frozen(&self) {
        let begun = Instant::now();
        loop {
            let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap_or_default();
            let state = status.lines().find(|line| line.starts_with("State:")).unwrap_or_default();
            if state.contains("stop") {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "it was never frozen: {state}\n{}", self.log());
            sleep(Duration::from_millis(50));
        }
    }

    fn send(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.pid()]).status().unwrap().success());
    }

    #[track_caller]
    fn stops(&mut self) {
        let begun = Instant::now();
        self.send("-TERM");
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{}", self.log());
        assert!(begun.elapsed() < Duration::from_secs(12), "{}", self.log());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = Command::new("kill").args(["-KILL", &self.pid()]).status();
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != ".arvode");
    names.sort();
    names
}

/// What one daemon makes of it that nothing happens to.
fn undisturbed() -> Vec<String> {
    let shared = Shared::new();
    let mut alone = shared.daemon("ensam");
    shared.is_done_by(&alone);
    alone.stops();
    let effects = shared.effects();
    let all = effects.join("\n");
    assert!(all.contains("mail: ") && all.contains("två - rättas.xlsx") && all.contains("rejected_rows"), "{all}");
    effects
}

/// Does it for each moment, two at a time: a machine has two cores at least.
fn at_each(moments: &[(&'static str, u32)], scenario: impl Fn((&'static str, u32)) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(moment) = moments.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    scenario(*moment);
                }
            });
        }
    });
}

#[test]
fn one_frozen_past_its_lease_and_woken_after_the_other_has_worked_gives_one_effect() {
    let expected = undisturbed();
    let moments = [
        ("rename", 1),
        ("rename", 2),
        ("rename", 4),
        ("renameat2", 1),
        ("renameat2", 2),
        ("unlinkat", 1),
        ("sendto", 60),
        ("sendto", 150),
        ("sendto", 300),
    ];
    at_each(&moments, |moment| {
        let shared = Shared::new();
        let mut one = shared.freezing("ett", moment);
        one.is_frozen();
        let mut other = shared.daemon("två");
        other.says("run: arbetet görs redan av en annan arvode");
        other.says("run: tar över arbetet");
        shared.is_done_by(&other);
        one.send("-CONT");
        // Frozen outside of a round it finds the lease in another's hands when it wants to work next.
        one.says("run: arbetet görs redan av en annan arvode");
        assert_eq!(other.log().matches("arbetet görs redan").count(), 1, "{}", other.log());
        assert_eq!(shared.effects(), expected, "{moment:?}\n--- one\n{}\n--- other\n{}", one.log(), other.log());
        other.stops();
        // Given back: nobody waits for the lease to run out.
        one.says("run: tar över arbetet");
        one.stops();
        assert_eq!(shared.effects(), expected, "{moment:?}, at the end");
    });
}

#[test]
fn a_server_that_is_restarted_in_the_middle_of_anything_loses_nothing_and_the_daemon_goes_on_by_itself() {
    let expected = undisturbed();
    let moments = [("rename", 1), ("rename", 3), ("renameat2", 1), ("sendto", 60), ("sendto", 150), ("sendto", 300)];
    at_each(&moments, |moment| {
        let shared = Shared::new();
        let mut daemon = shared.freezing("ett", moment);
        daemon.is_frozen();
        shared.server.go_away();
        shared.server.come_back();
        daemon.send("-CONT");
        shared.is_done_by(&daemon);
        assert_eq!(shared.effects(), expected, "{moment:?}\n{}", daemon.log());
        daemon.stops();
        told_once(&daemon.log());
    });
}

#[test]
fn a_server_that_is_away_for_long_is_told_of_once_and_so_is_its_return() {
    let shared = Shared::new();
    let mut daemon = shared.daemon("ett");
    shared.is_done_by(&daemon);
    shared.server.go_away();
    let list =
        shared.kommun.list("tre.xlsx", &format!("{NARVARO}\n2026-09-30 | KS | 13.00 | 14.00 | @1001 | | ledamot"));
    fs::copy(list, shared.kommun.path("in/tre.xlsx")).unwrap();
    daemon.says("run: the database (PostgreSQL, schema arvode) cannot be used");
    // Long enough for more than one try.
    sleep(Duration::from_secs(20));
    shared.server.come_back();
    daemon.says("import: tre.xlsx: inläst, 1 rader = 1 nya");
    daemon.stops();
    let log = daemon.log();
    assert_eq!(log.matches("fler försök görs").count(), 1, "{log}");
    assert_eq!(log.matches(": det går igen").count(), 1, "{log}");
}

/// As often as something failed it was told that it works again, and nothing twice in a row.
fn told_once(log: &str) {
    let (fails, works) = (log.matches("fler försök görs").count(), log.matches(": det går igen").count());
    assert!(fails == works && fails <= 2, "{log}");
}

#[test]
fn where_another_machine_works_a_single_round_is_refused_and_commands_by_hand_go_on() {
    let shared = Shared::new();
    let mut one = shared.daemon("ett");
    shared.is_done_by(&one);
    let other = shared.machine("två");
    let by_hand = |arguments: &[&str]| {
        let mut command = Command::new(PROGRAM);
        Ran::of(&command.arg("--data").arg(&other).args(arguments).env_remove("LD_LIBRARY_PATH").output().unwrap())
    };
    for single in [["once", "import"], ["once", "timetable"]] {
        by_hand(&single).exits(3).says(&["another arvode (", "does this kommun's work already", "or stop it first"]);
    }
    assert_eq!(by_hand(&["once", "tell_events"]).code, 0);
    assert_eq!(by_hand(&["month", BATCH]).code, 0);
    by_hand(&["void", BATCH, "--because", "prov"]);
    one.stops();
    assert!(by_hand(&["once", "timetable"]).code <= 1);
    assert!(by_hand(&["once", "import"]).code <= 1, "a single round gives the work back at once");
}
