//! `arvode run` with several kommuner: each does its own work, whatever is wrong with the others.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{Kommun, PROGRAM, Ran, copy_folder};
use tempfile::TempDir;

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Namn | Roll";

/// Kommuner beside each other, as a machine that several share has them.
struct Machine {
    folder: TempDir,
    /// Writes workbooks.
    clerk: Kommun,
}

impl Machine {
    fn with(names: &[&str]) -> Machine {
        let (folder, clerk) = (tempfile::tempdir().unwrap(), Kommun::new("2026-09"));
        clerk.edit("arvode.toml", |text| text.replacen("settle_seconds = 10", "settle_seconds = 0", 1));
        clerk.ledamoter(&["1001", "1002"]);
        for name in names {
            copy_folder(&clerk.data(), &folder.path().join(name));
        }
        Machine { folder, clerk }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn edit(&self, kommun: &str, was: &str, becomes: &str) {
        let file = self.path(kommun).join("config/arvode.toml");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(was), "{was}");
        fs::write(&file, text.replacen(was, becomes, 1)).unwrap();
    }

    /// Somebody puts a list into a kommun's drop folder.
    fn put(&self, kommun: &str, file: &str, row: &str) {
        let list = self.clerk.list("lista.xlsx", &format!("{NARVARO}\n{row}"));
        fs::copy(list, self.path(kommun).join("in").join(file)).unwrap();
    }

    fn command(&self, arguments: &[&str], folders: &[&Path]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).args(folders).env_remove("RUST_BACKTRACE").env_remove("LD_LIBRARY_PATH");
        command
    }

    fn run(&self, arguments: &[&str], names: &[&str]) -> Running {
        let folders: Vec<PathBuf> = names.iter().map(|name| self.path(name)).collect();
        let folders: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
        let log = self.path(&format!("log of {}", names.join(" and ")));
        let out = fs::File::create(&log).unwrap();
        let mut command = self.command(arguments, &folders);
        command.stderr(Stdio::from(out.try_clone().unwrap())).stdout(Stdio::from(out));
        Running { child: command.spawn().unwrap(), log }
    }
}

struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    #[track_caller]
    fn says(&self, part: &str) {
        let begun = Instant::now();
        while !self.log().contains(part) {
            assert!(begun.elapsed() < Duration::from_secs(40), "\"{part}\" is not said in\n{}", self.log());
            sleep(Duration::from_millis(50));
        }
    }

    #[track_caller]
    fn stops(&mut self) {
        let begun = Instant::now();
        assert!(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{}", self.log());
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn one_with_broken_settings_stops_no_other_and_comes_in_when_they_are_mended() {
    let machine = Machine::with(&["norrby", "mellanby", "söderby"]);
    machine.edit("mellanby", "settle_seconds = 0", "settle_seconds = \"snart\"");
    for name in ["norrby", "mellanby", "söderby"] {
        machine.put(name, "september.xlsx", "2026-09-09 | KS | 13.00 | 14.00 | @1001 | | ledamot");
    }
    let mut running = machine.run(&["run"], &["norrby", "mellanby", "söderby"]);
    running.says(" mellanby: run: ");
    running.says(" norrby: import: september.xlsx: inläst, 1 rader = 1 nya");
    running.says(" söderby: import: september.xlsx: inläst, 1 rader = 1 nya");
    let log = running.log();
    assert!(log.contains("mellanby/config/arvode.toml:") && log.contains("found \"snart\""), "{log}");
    assert!(!log.contains("mellanby: import"), "{log}");
    machine.edit("mellanby", "settle_seconds = \"snart\"", "settle_seconds = 0");
    running.says(" mellanby: run: det går igen");
    running.says(" mellanby: import: september.xlsx: inläst, 1 rader = 1 nya");
    // Each has what is its own: a later file for one of them is in one of them.
    machine.put("norrby", "senare.xlsx", "2026-09-16 | KS | 13.00 | 14.00 | @1002 | | ledamot");
    running.says(" norrby: import: senare.xlsx: inläst");
    assert_eq!(running.log().matches("senare.xlsx").count(), 1, "{}", running.log());
    running.stops();
    for name in ["norrby", "mellanby", "söderby"] {
        assert!(running.log().contains(&format!(" {name}: run: stannar")), "{}", running.log());
    }
}

#[test]
fn one_whose_server_says_nothing_keeps_no_other_waiting() {
    let machine = Machine::with(&["tyst", "rask"]);
    // It takes the connection, and never answers.
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("database = \"postgres://arvode@{}/arvode\"", mute.local_addr().unwrap());
    machine.edit("tyst", "database = \"arvode.db\"", &address);
    machine.put("rask", "september.xlsx", "2026-09-09 | KS | 13.00 | 14.00 | @1001 | | ledamot");
    let mut running = machine.run(&["run"], &["tyst", "rask"]);
    running.says(" rask: import: september.xlsx: inläst");
    assert!(!running.log().contains(" tyst: "), "it was waited for:\n{}", running.log());
    running.says(" tyst: run: the database (PostgreSQL, schema arvode) cannot be used");
    machine.put("rask", "senare.xlsx", "2026-09-16 | KS | 13.00 | 14.00 | @1002 | | ledamot");
    running.says(" rask: import: senare.xlsx: inläst");
    running.stops();
}

#[test]
fn a_folder_that_is_away_stops_the_start_only_where_it_is_the_only_one() {
    let machine = Machine::with(&["norrby", "söderby"]);
    let gone = machine.path("borta");
    let ran = Ran::of(&machine.command(&["run"], &[&gone]).output().unwrap());
    ran.exits(2).says(&["borta/config/arvode.toml: cannot be read", "`arvode init DIR` writes a new kommun's folder"]);
    let mut running = machine.run(&["run", "--json"], &["norrby", "borta"]);
    running.says("\"kommun\":\"borta\"");
    machine.put("norrby", "september.xlsx", "2026-09-09 | KS | 13.00 | 14.00 | @1001 | | ledamot");
    running.says("\"file\":\"september.xlsx\"");
    let told: Vec<Value> = running.log().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| told.iter().filter(|line| line["kommun"] == name).count();
    assert!(of("norrby") >= 2 && of("borta") == 1, "{told:?}");
    assert_eq!(of("norrby") + of("borta"), told.len(), "a line is nobody's: {told:?}");
    // Mounted: it is taken up by itself.
    copy_folder(&machine.path("söderby"), &gone);
    machine.put("borta", "oktober.xlsx", "2026-09-09 | KS | 13.00 | 14.00 | @1002 | | ledamot");
    running.says("\"file\":\"oktober.xlsx\"");
    running.stops();
}

#[test]
fn a_kommun_is_named_once_and_has_its_own_settings() {
    let machine = Machine::with(&["norrby", "söderby"]);
    let link = machine.path("samma");
    std::os::unix::fs::symlink(machine.path("norrby"), &link).unwrap();
    let of = |arguments: &[&str], folders: &[&Path]| Ran::of(&machine.command(arguments, folders).output().unwrap());
    let (one, other) = (machine.path("norrby"), machine.path("söderby"));
    of(&["run"], &[&one, &other, &link]).exits(2).says(&["are the same folder; name each kommun once"]);
    let settings = one.join("config/arvode.toml");
    of(&["--config", settings.to_str().unwrap(), "run"], &[&one, &other]).exits(2).says(&["--config is one kommun's"]);
}

#[test]
fn a_second_daemon_is_refused_at_once_by_whatever_path_it_comes_and_commands_by_hand_work() {
    let machine = Machine::with(&["norrby", "söderby"]);
    let mut running = machine.run(&["run"], &["norrby"]);
    running.says("tar in filer ur");
    let link = machine.path("monterad");
    std::os::unix::fs::symlink(machine.path("norrby"), &link).unwrap();
    let of = |arguments: &[&str], folder: &Path| {
        let mut command = machine.command(&["--data", folder.to_str().unwrap()], &[]);
        Ran::of(&command.args(arguments).output().unwrap())
    };
    for folder in [machine.path("norrby"), link.clone()] {
        for second in [["run"].as_slice(), &["once", "import"], &["once", "timetable"]] {
            let begun = Instant::now();
            let told = format!("takes files in for {} already", folder.display());
            of(second, &folder).exits(3).says(&["another arvode", &told, "or stop it first"]);
            assert!(begun.elapsed() < Duration::from_secs(5));
        }
    }
    for by_hand in [["check"].as_slice(), &["remarks"], &["once", "tell_events"], &["month", "2026-10"]] {
        assert!(of(by_hand, &link).code <= 1, "{by_hand:?}");
    }
    // Of several, one that another daemon has is left to it.
    fs::rename(&link, machine.path("väster")).unwrap();
    let mut both = machine.run(&["run"], &["väster", "söderby"]);
    both.says(" norrby: run: another arvode");
    both.says(" söderby: run: tar in filer ur");
    running.stops();
    both.says(" norrby: run: det går igen");
    both.says(" norrby: run: tar in filer ur");
    both.stops();
}

#[test]
fn each_is_behind_its_own_veil() {
    let machine = Machine::with(&["skyddande", "öppen"]);
    let protecting = "Personnummer | Efternamn | Förnamn | Anställningsnummer | Skyddade personuppgifter\n@1001 | Skyddsund | Vera | 1001 | ja";
    let open = "Personnummer | Efternamn | Förnamn | Anställningsnummer\n@1001 | Skyddsund | Vera | 1001";
    for (name, persons) in [("skyddande", protecting), ("öppen", open)] {
        let book = machine.clerk.book("personer.xlsx", &[("Personer", persons)]);
        let taken = machine.command(&["--data", machine.path(name).to_str().unwrap(), "import"], &[&book]);
        let mut taken = taken;
        assert!(taken.output().unwrap().status.code().unwrap() <= 1);
    }
    let mut running = machine.run(&["run"], &["skyddande", "öppen"]);
    for round in 0..3 {
        for name in ["skyddande", "öppen"] {
            let row = format!("2026-09-{:02} | KS | 13.00 | 14.00 | @1001 | | ledamot", 9 + round);
            machine.put(name, &format!("Vera Skyddsund {round}.xlsx"), &row);
        }
        running.says(&format!(" öppen: import: Vera Skyddsund {round}.xlsx: inläst"));
        running.says(&format!("skyddad {round}.xlsx: inläst"));
    }
    running.stops();
    let of_protecting = |line: &&str| line.contains(" skyddande: ");
    let log = running.log();
    assert!(
        log.lines().filter(of_protecting).all(|line| !line.contains("Vera") && !line.contains("Skyddsund")),
        "{log}"
    );
}
