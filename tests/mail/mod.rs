//! A real mail server on loopback with certificates of its own, and what arrived there as Python's email package reads it.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "each test uses its part, and may stop at the first surprise"
)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail/server.py");

/// What is wrong with the server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Right,
    Expired,
    OtherHost,
}

/// An authority of the kommun's own; its certificate is `ca.pem`.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new(folder: &Path) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
        Authority(authority)
    }

    fn write(&self, folder: &Path, shown: Shown) -> (PathBuf, PathBuf) {
        let host = if shown == Shown::OtherHost { "annan.example" } else { "127.0.0.1" };
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        if shown == Shown::Expired {
            (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        }
        let key = KeyPair::generate().unwrap();
        let (certificate, private) = (folder.join("server.pem"), folder.join("server.key"));
        fs::write(&certificate, params.signed_by(&key, &self.0).unwrap().pem()).unwrap();
        fs::write(&private, key.serialize_pem()).unwrap();
        (certificate, private)
    }
}

/// Ends when it is dropped.
pub struct Server {
    pub folder: TempDir,
    pub port: u16,
    child: Child,
}

impl Server {
    /// `mode`: starttls, tls or plain.
    pub fn start(authority: &Authority, mode: &str, shown: Shown) -> Server {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("switches.json"), "{}").unwrap();
        let (certificate, key) = authority.write(folder.path(), shown);
        let mut command = Command::new("/usr/bin/python3");
        command.arg(PROGRAM).arg("serve").arg(folder.path()).arg(mode);
        if mode != "plain" {
            command.arg(certificate).arg(key);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the server did not start; install the package python3-aiosmtpd");
        Server { folder, port, child }
    }

    /// How it fails from now on.
    pub fn switch(&self, switches: &Value) {
        let beside = self.folder.path().join("switches.new");
        fs::write(&beside, switches.to_string()).unwrap();
        fs::rename(beside, self.folder.path().join("switches.json")).unwrap();
    }

    pub fn heals(&self) {
        self.switch(&json!({}));
    }

    /// How often a command was given.
    pub fn asked(&self, word: &str) -> usize {
        let asked = fs::read_to_string(self.folder.path().join("asked.txt")).unwrap_or_default();
        asked.lines().filter(|line| *line == word).count()
    }

    /// What arrived, in order.
    pub fn arrived(&self) -> Vec<Arrived> {
        let read = Command::new("/usr/bin/python3").arg(PROGRAM).arg("read").arg(self.folder.path()).output().unwrap();
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        let all: Vec<Value> = serde_json::from_slice(&read.stdout).unwrap();
        all.into_iter().map(Arrived).collect()
    }

    /// The Message-IDs of what arrived, sorted.
    pub fn message_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.arrived().iter().map(|one| one.header("Message-ID")).collect();
        ids.sort();
        ids
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A letter as its receiver's mail program sees it.
#[derive(Clone, Debug)]
pub struct Arrived(pub Value);

impl Arrived {
    /// A header that stands there once.
    #[track_caller]
    pub fn header(&self, name: &str) -> String {
        let headers = self.0["headers"].as_array().unwrap();
        let mut found = headers.iter().filter(|header| header[0].as_str().unwrap().eq_ignore_ascii_case(name));
        let first = found.next().unwrap_or_else(|| panic!("no {name} in {headers:?}"))[1].as_str().unwrap().to_owned();
        assert!(found.next().is_none(), "{name} stands there twice: {headers:?}");
        first
    }

    pub fn parts(&self) -> &[Value] {
        self.0["parts"].as_array().unwrap()
    }

    /// The text of a part.
    pub fn text(&self, place: usize) -> String {
        self.parts()[place]["text"].as_str().unwrap().replace("\r\n", "\n")
    }

    pub fn to(&self) -> String {
        self.0["envelope"]["to"][0].as_str().unwrap().to_owned()
    }
}
