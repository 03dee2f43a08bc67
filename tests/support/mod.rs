//! A fictional kommun in a folder of its own, driven as a person or a script drives it: by files and the command line.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "each test uses its part, and may stop at the first surprise"
)]

pub mod books;
pub mod cut;
pub mod daemon;
pub mod edit;
pub mod letters;
pub mod rows;
pub mod watched;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_arvode");

/// The officials that a kommun begins with: id and roles.
pub const OFFICIALS: [(&str, &str); 3] =
    [("greta", "\"granskning\""), ("britt", "\"beslut\""), ("ove", "\"granskning\", \"beslut\"")];

/// A data folder and the officials' keys beside it.
pub struct Kommun {
    folder: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(output: &Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// The command ended with this exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "\n--- stdout\n{}\n--- stderr\n{}", self.out, self.err);
        self
    }

    /// It said each of these, on stderr.
    #[track_caller]
    pub fn says(self, parts: &[&str]) -> Ran {
        for part in parts {
            assert!(self.err.contains(part), "\"{part}\" is not said in\n{}\n{}", self.err, self.out);
        }
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.out, self.err))
    }
}

impl Kommun {
    /// A new kommun whose first month this is, with three officials who may sign everything.
    pub fn new(first_month: &str) -> Kommun {
        let kommun = Kommun { folder: tempfile::tempdir().unwrap() };
        let data = kommun.data();
        let made = Command::new(PROGRAM).arg("init").arg(&data).output().unwrap();
        Ran::of(&made).exits(0);
        kommun.edit("regelverk/lonekalender.toml", |text| {
            let line = text.lines().find(|line| line.starts_with("forsta_manad")).unwrap().to_owned();
            text.replace(&line, &format!("forsta_manad = \"{first_month}\""))
        });
        kommun.edit("arvode.toml", |text| text.replace("encoding = \"UTF-8\"", "encoding = \"ISO-8859-1\""));
        let entries: Vec<String> = OFFICIALS.iter().map(|(id, roles)| kommun.official(id, roles, "")).collect();
        kommun.set_officials(&entries);
        kommun
    }

    /// The same kommun once more, in another folder.
    pub fn copy(&self) -> Kommun {
        let copy = Kommun { folder: tempfile::tempdir().unwrap() };
        copy_folder(self.root(), copy.root());
        copy
    }

    /// The folder that holds the data folder, keys and workbooks.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn data(&self) -> PathBuf {
        self.root().join("kommun")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.data().join(name)
    }

    // ---- settings

    pub fn config(&self, name: &str) -> String {
        fs::read_to_string(self.path("config").join(name)).unwrap()
    }

    /// Changes the text of a settings file; it must change.
    #[track_caller]
    pub fn edit(&self, name: &str, change: impl FnOnce(String) -> String) {
        let before = self.config(name);
        let after = change(before.clone());
        assert_ne!(before, after, "{name} did not change");
        fs::write(self.path("config").join(name), after).unwrap();
    }

    /// An official's private key, made when it is first asked for.
    pub fn key(&self, id: &str) -> PathBuf {
        let path = self.root().join("keys").join(id);
        if !path.exists() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let mut keygen = Command::new("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", id, "-f"]).arg(&path);
            let made = keygen.output().expect("ssh-keygen is missing; install the package openssh-client");
            assert!(made.status.success(), "{made:?}");
        }
        path
    }

    pub fn public_key(&self, id: &str) -> String {
        let private = self.key(id);
        fs::read_to_string(private.with_extension("pub")).unwrap().trim().to_owned()
    }

    /// An entry of the attestförteckning; `more` replaces lines of the same name, or adds them.
    pub fn official(&self, id: &str, roles: &str, more: &str) -> String {
        let mut lines = vec![
            format!("id = \"{id}\""),
            format!("name = \"{}{} Attestant\"", id[..1].to_uppercase(), &id[1..]),
            format!("email = \"{id}@kommun.example\""),
            format!("key = \"{}\"", self.public_key(id)),
            format!("roles = [{roles}]"),
            "ansvar = [\"*\"]".to_owned(),
            "max_belopp = 5000000".to_owned(),
            "from = 2014-12-11".to_owned(),
            "kind = \"ordinarie\"".to_owned(),
            "decision = \"KS 2014/1\"".to_owned(),
        ];
        for line in more.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let key = line.split(" =").next().unwrap();
            lines.retain(|old| old.split(" =").next().unwrap() != key);
            lines.push(line.to_owned());
        }
        format!("[[person]]\n{}\n", lines.join("\n"))
    }

    pub fn set_officials(&self, entries: &[String]) {
        fs::write(self.path("config/attestforteckning.toml"), entries.join("\n")).unwrap();
    }

    // ---- commands

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .arg("--data")
            .arg(self.data())
            .args(arguments)
            .env_remove("RUST_BACKTRACE")
            // As at a terminal, so that a test reads what a person reads.
            .env("ARVODE_LOG", "human")
            .env_remove("LD_LIBRARY_PATH");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }

    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert!(ran.code <= 1, "{arguments:?}: exit {}\n{}\n{}", ran.code, ran.out, ran.err);
        ran.json()
    }

    /// Imports workbooks that must be taken in without anything held.
    #[track_caller]
    pub fn import(&self, files: &[&Path]) -> Ran {
        self.try_import(files).exits(0)
    }

    pub fn try_import(&self, files: &[&Path]) -> Ran {
        let mut command = self.command(&["import", "--json"]);
        Ran::of(&command.args(files).output().unwrap())
    }

    /// Freezes a month, and gives the batch as JSON.
    #[track_caller]
    pub fn freeze(&self, month: &str) -> Value {
        self.json(&["month", month, "--freeze"])
    }

    /// Both signatures on every sheet of a batch.
    #[track_caller]
    pub fn sign(&self, batch: &str) {
        self.sign_as(batch, "granskning", "greta").exits(0);
        self.sign_as(batch, "beslut", "britt").exits(0);
    }

    pub fn sign_as(&self, batch: &str, role: &str, id: &str) -> Ran {
        let key = self.key(id);
        self.run(&["attest", "sign", batch, "--role", role, "--key", key.to_str().unwrap()])
    }

    /// A month all the way: frozen, signed, exported. Gives the rows of the file that payroll gets; none for an empty month.
    #[track_caller]
    pub fn pay(&self, month: &str) -> Vec<String> {
        let frozen = self.freeze(month);
        self.pay_frozen(&frozen)
    }

    /// Signs and exports what was frozen.
    #[track_caller]
    pub fn pay_frozen(&self, frozen: &Value) -> Vec<String> {
        let Some(batch) = frozen["batch"].as_str() else { return Vec::new() };
        self.sign(batch);
        self.run(&["export", batch]).exits(0);
        let paid = rows::of_paxml(&self.delivered(batch));
        assert_eq!(paid, rows::of_json(frozen), "the file and the JSON of {batch} differ");
        paid
    }

    // ---- what comes out

    /// `2026-11/1` -> `paxml-2026-11-1.xml`
    pub fn xml_name(batch: &str) -> String {
        format!("paxml-{}.xml", batch.replace('/', "-"))
    }

    pub fn out(&self, batch: &str) -> PathBuf {
        self.path("out").join(Kommun::xml_name(batch))
    }

    pub fn deliver(&self, batch: &str) -> PathBuf {
        self.path("deliver").join(Kommun::xml_name(batch))
    }

    /// The file in `deliver/` as text.
    #[track_caller]
    pub fn delivered(&self, batch: &str) -> String {
        let bytes = fs::read(self.deliver(batch)).unwrap();
        assert_eq!(bytes, fs::read(self.out(batch)).unwrap(), "out and deliver hold different bytes");
        rows::latin1(&bytes)
    }

    /// The state of a batch.
    #[track_caller]
    pub fn state(&self, batch: &str) -> String {
        self.json(&["month", batch])["state"].as_str().unwrap().to_owned()
    }

    /// Held remarks: `anstid day reason`, of persons and of rows.
    #[track_caller]
    pub fn held(&self) -> Vec<String> {
        let remarks = self.json(&["remarks", "--state", "held"]);
        remarks.as_array().unwrap().iter().map(rows::remark).collect()
    }

    /// Runs SQL on the database behind the program's back.
    #[track_caller]
    pub fn sql(&self, statement: &str) -> String {
        let ran = Command::new("sqlite3").arg(self.path("arvode.db")).arg(statement).output();
        let ran = ran.expect("sqlite3 is missing; install the package sqlite3");
        assert!(ran.status.success(), "{statement}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap().trim().to_owned()
    }

    /// The same while the program is at work.
    #[track_caller]
    pub fn patient_sql(&self, statement: &str) -> String {
        let mut sqlite = Command::new("sqlite3");
        let ran = sqlite.args(["-cmd", ".timeout 20000"]).arg(self.path("arvode.db")).arg(statement).output().unwrap();
        assert!(ran.status.success(), "{statement}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap().trim().to_owned()
    }

    /// Names and contents of a folder's files.
    pub fn files(&self, folder: &str) -> Vec<(String, String)> {
        files(&self.path(folder))
    }
}

/// Names and contents of a folder's files, hidden ones too; each byte is a letter.
pub fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), rows::latin1(&fs::read(&path).unwrap())))
        .collect();
    found.sort();
    found
}

/// Copies a folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &there);
        } else {
            fs::copy(&path, &there).unwrap();
        }
    }
}
