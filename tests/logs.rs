//! The log: what is said in each of its forms, each failure once; and that nothing which must not be said is said anywhere.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod postgres;
#[path = "support/server.rs"]
mod server;
mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use server::{Asked, Reply, text, with};
use support::books::{digits, written};
use support::watched::free_port;
use support::{Kommun, Ran};

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Namn | Roll";
const HELD: &str = "2026-09-09 | KZ | 13.00 | 14.00 | @1001 | | ledamot";

// ---- the forms

fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001"]);
    kommun
}

fn objects(log: &str) -> Vec<Value> {
    log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[test]
fn for_a_program_each_line_is_an_object_with_the_same_six_keys() {
    let kommun = kommun();
    let port = kommun.answers();
    let running = kommun.watched(port, &[("ARVODE_LOG", "")]);
    running.answers("/readyz", 200);
    fs::copy(kommun.list("september.xlsx", &format!("{NARVARO}\n{HELD}")), kommun.path("in/september.xlsx")).unwrap();
    running.says("september.xlsx");
    let log = objects(&running.stop());
    for line in &log {
        let keys: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["at", "fields", "job", "kommun", "level", "text"]);
        assert_eq!(line["kommun"], "Exempelkommunen");
        assert!(chrono::DateTime::parse_from_rfc3339(line["at"].as_str().unwrap()).is_ok());
    }
    let taken = log.iter().find(|line| line["fields"]["file"] == "september.xlsx").unwrap();
    assert_eq!((&taken["level"], &taken["job"]), (&"warn".into(), &"import".into()), "a row is held");
    assert_eq!((&taken["fields"]["result"]["held"], &taken["fields"]["result"]["rows"]), (&1.into(), &1.into()));
    assert_eq!(taken["fields"]["result"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(log.last().unwrap()["text"], "stannar");
}

#[test]
fn for_the_journal_each_line_begins_with_its_priority() {
    let kommun = kommun();
    fs::create_dir_all(kommun.path("config/letters/rejected_rows")).unwrap();
    fs::write(kommun.path("config/letters/rejected_rows/subject"), "{{ rader").unwrap();
    kommun.try_import(&[&kommun.list("september.xlsx", &format!("{NARVARO}\n{HELD}"))]).exits(1);
    let port = kommun.answers();
    // systemd names the stream by its device and inode; here it is the file that the log goes to.
    let log = kommun.root().join("log");
    fs::write(&log, "").unwrap();
    let about = fs::metadata(&log).unwrap();
    let stream = format!("{}:{}", about.dev(), about.ino());
    let running = kommun.watched(port, &[("ARVODE_LOG", ""), ("JOURNAL_STREAM", &stream)]);
    running.says("tell_events: ");
    let log = running.stop();
    assert!(log.lines().all(|line| ["<3>", "<4>", "<6>"].iter().any(|begin| line.starts_with(begin))), "{log}");
    assert!(log.starts_with("<6>run: tar in filer ur") && log.contains("\n<3>tell_events: "), "{log}");
    // A stream that is somebody else's makes no journal of this one.
    let running = kommun.watched(port, &[("ARVODE_LOG", ""), ("JOURNAL_STREAM", "1:1")]);
    running.says("tar in filer ur");
    objects(&running.stop());
    kommun.command(&["run"]).env("ARVODE_LOG", "xml").output().map(|output| Ran::of(&output).exits(2)).unwrap();
}

// ---- canaries

/// In every secret, and in nothing that is said.
const CANARY: &str = "kanariefagel";

/// A kommun with a secret in every place that takes one, and what is said of it in every way.
struct Cage {
    kommun: Kommun,
    port: u16,
}

impl Cage {
    fn new() -> Cage {
        let kommun = kommun();
        let port = kommun.answers();
        Cage { kommun, port }
    }

    fn set(&self, was: &str, becomes: &str) {
        self.kommun.edit("arvode.toml", |text| text.replacen(was, becomes, 1));
    }

    /// A file with a secret, for its owner alone.
    fn secret(&self, name: &str, content: &str) -> PathBuf {
        let path = self.kommun.root().join(name);
        fs::write(&path, format!("{content}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let ran = self.kommun.run(arguments);
        silent(&ran.out, &format!("{arguments:?}, stdout"));
        silent(&ran.err, &format!("{arguments:?}, stderr"));
        ran
    }

    /// What every command says of how it goes.
    fn asked(&self) {
        for arguments in [
            &["status"][..],
            &["status", "--json"],
            &["check"],
            &["check", "--json"],
            &["outbox", "--state", "all"],
            &["outbox", "--json"],
        ] {
            self.run(arguments);
        }
    }

    /// The log of `arvode run` in each form, from its start until it has said something.
    fn watched(&self, prepare: impl Fn(), until: &str) -> String {
        let mut all = String::new();
        for form in ["human", "json", "journal"] {
            prepare();
            let running = self.kommun.watched(self.port, &[("ARVODE_LOG", form), ("RUST_LOG", "trace")]);
            running.says(until);
            running.answers("/healthz", 200);
            for path in ["/healthz", "/readyz", "/metrics"] {
                silent(&running.get(path).1, path);
            }
            let log = running.stop();
            silent(&log, &format!("the log ({form})"));
            all += &log;
            // The minute's jobs are done again at once.
            self.kommun.sql("DELETE FROM schedule_run");
        }
        all
    }
}

/// No secret and no number of a person, however it is written.
#[track_caller]
fn silent(text: &str, what: &str) {
    let (digits, written) = (digits("1001"), written("1001"));
    let encoded = STANDARD.encode(format!("\0arvode\0{CANARY}"));
    for secret in [CANARY, &encoded, &digits, &digits[2..], &written, &written[2..]] {
        assert!(!text.to_lowercase().contains(&secret.to_lowercase()), "{what} tells {secret}:\n{text}");
    }
}

/// Everything that the program has written, but what came in (which goes back as it came) and the database.
fn silent_files(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["archive", "config", "rejected", "in"].contains(&name.as_str()) {
                silent_files(&path);
            }
        } else if !name.starts_with("arvode.db") && !name.ends_with(".xml") {
            silent(&String::from_utf8_lossy(&fs::read(&path).unwrap()), &path.display().to_string());
        }
    }
}

#[test]
fn a_number_in_the_name_of_a_file_is_in_no_log_letter_or_figure() {
    let cage = Cage::new();
    cage.set("kansli = \"\"", "kansli = \"kansli@kommun.example\"");
    let (digits, written) = (digits("1001"), written("1001"));
    let lists: Vec<Vec<u8>> = ["10", "11", "12", "13"]
        .iter()
        .map(|day| HELD.replace("09-09", &format!("09-{day}")))
        .map(|row| fs::read(cage.kommun.list("bok.xlsx", &format!("{NARVARO}\n{row}"))).unwrap())
        .collect();
    let names = [
        format!("{digits}.xlsx"),
        format!("lista{digits}.xlsx"),
        format!("närvaro-{written}-2.xlsx"),
        format!("2026-09-09-{}.xlsx", &written[2..]),
        format!("{} Anna.txt", &digits[2..]),
    ];
    let put = || {
        for (place, name) in names.iter().enumerate() {
            let content = lists.get(place).map_or(&b"ingen lista"[..], Vec::as_slice);
            fs::write(cage.kommun.path("in").join(name), content).unwrap();
        }
    };
    let log = cage.watched(put, "…Anna.txt");
    assert!(log.contains("lista….xlsx") && log.contains("närvaro….xlsx"), "{log}");
    cage.asked();
    silent_files(&cage.kommun.data());
}

#[test]
fn a_number_among_the_settings_is_in_no_error() {
    let cage = Cage::new();
    let whole = cage.kommun.config("arvode.toml");
    for (was, becomes) in [
        ("poll_seconds = 1", format!("poll_seconds = \"{}\"", written("1001"))),
        ("listen = \"", format!("listen = \"{} ", digits("1001"))),
        ("log = \"auto\"", format!("log = \"{}\"", written("1001"))),
        ("database_schema = \"arvode\"", format!("database_schema = \"Å-{}\"", written("1001"))),
        ("[payroll]", format!("[payroll]\n\"{}\" = 1", digits("1001"))),
        ("[payroll]", format!("[payroll {}", digits("1001"))),
    ] {
        cage.set(was, &becomes);
        for arguments in [&["check"][..], &["check", "--json"], &["run"], &["run", "--json"], &["once", "timetable"]] {
            cage.run(arguments).exits(2);
        }
        fs::write(cage.kommun.path("config/arvode.toml"), &whole).unwrap();
    }
}

/// A mail server without encryption that repeats the password in its answer.
fn telling_mail_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut out = stream.try_clone().unwrap();
            let _ = write!(out, "220 post.example ESMTP\r\n");
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let said = line.split_whitespace().last().unwrap_or_default();
                let plain = STANDARD.decode(said).map(|text| String::from_utf8_lossy(&text).into_owned());
                let answer = match line.split(' ').next().unwrap_or_default() {
                    "EHLO" => "250-post.example\r\n250 AUTH PLAIN LOGIN".to_owned(),
                    "QUIT" => "221 bye".to_owned(),
                    _ => format!("535 5.7.8 wrong: {} {said}", plain.unwrap_or_default().replace('\0', " ")),
                };
                let _ = write!(out, "{answer}\r\n");
            }
        }
    });
    port
}

#[test]
fn the_mail_servers_password_is_nowhere_even_where_the_server_repeats_it() {
    let cage = Cage::new();
    let password = cage.secret("losenord", CANARY);
    let smtp = telling_mail_server();
    cage.kommun.edit("arvode.toml", |text| {
        text.replacen("transport = \"folder\"", "transport = \"smtp\"", 1)
            .replacen("host = \"\"", "host = \"127.0.0.1\"", 1)
            .replacen("port = 587", &format!("port = {smtp}"), 1)
            .replacen("security = \"starttls\"", "security = \"none\"", 1)
            .replacen("user = \"\"", "user = \"arvode\"", 1)
            .replacen("password_file = \"\"", &format!("password_file = \"{}\"", password.display()), 1)
            .replacen("kansli = \"\"", "kansli = \"kansli@kommun.example\"", 1)
    });
    cage.kommun.try_import(&[&cage.kommun.list("september.xlsx", &format!("{NARVARO}\n{HELD}"))]).exits(1);
    // What was refused is tried again much later.
    let again = || drop(cage.kommun.sql("UPDATE letter SET next_try_at = 0 WHERE ended_at IS NULL"));
    cage.watched(again, "inloggningen: 535");
    let sent = cage.run(&["outbox", "send"]);
    assert_ne!(sent.code, 0, "{sent:?}");
    cage.asked();
    silent_files(&cage.kommun.data());
}

#[test]
fn a_diariums_token_is_nowhere_whatever_the_server_answers() {
    let cage = Cage::new();
    let token = cage.secret("token", CANARY);
    let answers = |asked: &Asked, number: usize| {
        let token = asked.header("authorization").unwrap_or("none").to_owned();
        match number % 5 {
            0 => text(401, &token),
            1 => with(302, "location", &format!("https://annan.example/{}", token.replace(' ', "/"))),
            2 => text(200, &token),
            3 => text(200, &format!("{{\"id\": \"{token}\", \"type\": \"{token}\"}}")),
            _ => Reply::Raw(format!("HTTP/1.1 {token}\r\n\r\n").into_bytes()),
        }
    };
    let diarium = server::Server::start(answers);
    cage.kommun.edit("arvode.toml", |text| {
        format!(
            "{text}\n[[diarium]]\nname = \"evolution\"\nadapter = \"oparl\"\nurl = \"{}/oparl\"\nbearer_file = \"{}\"\ntries = 1\n",
            diarium.url,
            token.display()
        )
    });
    for number in 0..5 {
        assert_ne!(cage.run(&["sync"]).code, 0, "{number}");
        cage.run(&["sync", "--json"]);
    }
    cage.run(&["once", "sync_diarium"]);
    assert!(
        diarium.asked().iter().any(|asked| asked.header("authorization").is_some_and(|told| told.contains(CANARY)))
    );
    cage.asked();
    silent_files(&cage.kommun.data());
}

#[test]
fn the_databases_password_is_nowhere_while_it_is_away_wrong_or_misspelt() {
    let cage = Cage::new();
    let server = postgres::Server::start();
    let name = server.url().rsplit('@').next().unwrap().to_owned();
    let whole = cage.kommun.config("arvode.toml");
    for (address, exit) in [
        (format!("postgres://arvode:{CANARY}@127.0.0.1:{}/arvode", free_port()), 3),
        (format!("postgres://arvode:{CANARY}@{}", name.replace("/postgres", "/saknas")), 3),
        (format!("postgres://ingen:{CANARY}@{name}"), 3),
        (format!("postgres://arvode:{CANARY}@[/arvode"), 2),
        (format!("postgres://arvode:{CANARY}@127.0.0.1:port/arvode"), 2),
        (format!("postgresql://arvode:{CANARY}@finns-inte.invalid/arvode"), 3),
    ] {
        cage.set("database = \"arvode.db\"", &format!("database = \"{address}\""));
        for arguments in [&["status"][..], &["status", "--json"], &["check"], &["once", "timetable"]] {
            cage.run(arguments).exits(exit);
        }
        if exit == 2 {
            cage.run(&["run"]).exits(2);
        } else {
            // A server that is not there yet is waited for.
            let running = cage.kommun.watched(cage.port, &[("ARVODE_LOG", "json"), ("RUST_LOG", "trace")]);
            running.says("the database (PostgreSQL");
            silent(&running.answers("/readyz", 503), "/readyz");
            silent(&running.stop(), "the log");
        }
        fs::write(cage.kommun.path("config/arvode.toml"), &whole).unwrap();
    }
    // It goes away while the program runs.
    cage.set("database = \"arvode.db\"", &format!("database = \"postgres://arvode:{CANARY}@{name}\""));
    let running = cage.kommun.watched(cage.port, &[("ARVODE_LOG", "json"), ("RUST_LOG", "trace")]);
    running.answers("/readyz", 200);
    drop(server);
    silent(&running.answers("/readyz", 503), "/readyz");
    silent(&running.get("/metrics").1, "/metrics");
    running.says("the database (PostgreSQL");
    let log = running.stop();
    silent(&log, "the log");
    assert_eq!(log.matches("the database (PostgreSQL").count(), 1, "told once: {log}");
}

#[test]
fn the_pings_address_is_nowhere_and_nothing_else_is_stopped_by_it() {
    let cage = Cage::new();
    let refusing = server::Server::start(|asked, _| text(404, &asked.target));
    let leading_on =
        server::Server::start(|asked, _| with(302, "location", &format!("https://annan.example{}", asked.target)));
    for (address, says) in [
        (format!("{}/{CANARY}", refusing.url), "was answered with 404"),
        (format!("{}/{CANARY}", leading_on.url), "was answered with 302"),
        (format!("http://127.0.0.1:{}/{CANARY}", free_port()), "got no connection"),
        (format!("https://{CANARY}.invalid/x"), "got no connection"),
        (format!("http://{CANARY}.invalid/x"), "names a file with one line: an address"),
        (format!("ftp://{CANARY}/x"), "names a file with one line: an address"),
        (CANARY.to_owned(), "names a file with one line: an address"),
    ] {
        let file = cage.secret("plinget", &address);
        let whole = cage.kommun.config("arvode.toml");
        cage.set("ping_url_file = \"\"", &format!("ping_url_file = \"{}\"", file.display()));
        let running = cage.kommun.watched(cage.port, &[("ARVODE_LOG", "human"), ("RUST_LOG", "trace")]);
        running.says(says);
        running.answers("/readyz", 200);
        silent(&running.get("/metrics").1, "/metrics");
        let log = running.stop();
        silent(&log, &address);
        assert_eq!(log.matches("ping: ").count(), 1, "told once: {log}");
        cage.run(&["check"]);
        fs::write(cage.kommun.path("config/arvode.toml"), whole).unwrap();
    }
    assert!(refusing.asked().iter().all(|asked| asked.target == format!("/{CANARY}")));
    assert_eq!(leading_on.asked().len(), 1, "it is not led on");
}

#[test]
fn where_nobody_reads_the_log_the_work_goes_on() {
    let kommun = kommun();
    let port = kommun.answers();
    let mut command = kommun.command(&["run"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    fs::copy(kommun.list("september.xlsx", &format!("{NARVARO}\n{HELD}")), kommun.path("in/september.xlsx")).unwrap();
    let is_taken = || !kommun.path("in/september.xlsx").exists();
    for _ in 0..400 {
        if is_taken() {
            break;
        }
        thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(is_taken() && child.try_wait().unwrap().is_none());
    assert_eq!(support::watched::asked(port, "GET", "/healthz").0, 200);
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
