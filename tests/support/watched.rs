//! `arvode run` as somebody watches it: its log, and what it answers on loopback to a client of a few lines.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "each test uses its part, and may stop at the first surprise"
)]

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::Kommun;

/// Stopped when the test ends.
pub struct Watched {
    child: Child,
    log: PathBuf,
    pub port: u16,
}

/// A port that nobody has at this moment.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Status and body of an answer.
pub fn asked(port: u16, method: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

impl Kommun {
    /// Answers on a port of its own, and looks at the drop folder every second.
    pub fn answers(&self) -> u16 {
        let port = free_port();
        self.edit("arvode.toml", |text| {
            text.replacen("listen = \"\"", &format!("listen = \"127.0.0.1:{port}\""), 1)
                .replacen("poll_seconds = 600", "poll_seconds = 1", 1)
                .replacen("settle_seconds = 10", "settle_seconds = 0", 1)
        });
        port
    }

    /// `arvode run` with some words in its environment.
    pub fn watched(&self, port: u16, environment: &[(&str, &str)]) -> Watched {
        let mut command = self.command(&["run"]);
        command.envs(environment.iter().copied());
        Watched::start(self, command, port)
    }
}

impl Watched {
    pub fn start(kommun: &Kommun, mut command: Command, port: u16) -> Watched {
        let log = kommun.root().join("log");
        let out = fs::File::create(&log).unwrap();
        command.stderr(Stdio::from(out.try_clone().unwrap())).stdout(Stdio::from(out));
        Watched { child: command.spawn().unwrap(), log, port }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        asked(self.port, "GET", path)
    }

    /// Until it answers so.
    #[track_caller]
    pub fn answers(&self, path: &str, status: u16) -> String {
        let mut last = String::new();
        self.until(&format!("{path} answers {status}"), || {
            if TcpStream::connect(("127.0.0.1", self.port)).is_err() {
                return false;
            }
            let (found, text) = self.get(path);
            last = text;
            found == status
        });
        last
    }

    #[track_caller]
    pub fn says(&self, part: &str) {
        self.until(&format!("\"{part}\" is said"), || self.log().contains(part));
    }

    #[track_caller]
    fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < Duration::from_secs(40), "not seen: {what}\n{}", self.log());
            sleep(Duration::from_millis(50));
        }
    }

    /// Asks it to stop, and gives its log.
    #[track_caller]
    pub fn stop(mut self) -> String {
        assert!(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{}", self.log());
        self.log()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
