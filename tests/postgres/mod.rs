//! A PostgreSQL server of one's own: Debian's binaries, a folder that goes away, a spare loopback port, never as root.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A running server; stopped when dropped.
pub struct Server {
    binaries: PathBuf,
    folder: TempDir,
    port: u16,
}

impl Server {
    /// Starts a server, as the user `nobody` if the test runs as root.
    pub fn start() -> Server {
        let binaries = binaries();
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        if is_root() {
            done(Command::new("chown").arg("nobody").arg(&data));
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Server { binaries, folder, port };
        done(
            server.command("initdb").args(["-A", "trust", "-U", "arvode", "-E", "UTF8", "--locale=C", "-D"]).arg(&data),
        );
        server.come_back();
        server
    }

    /// Starts it where it was stopped.
    pub fn come_back(&self) {
        let (data, port) = (self.data(), self.port);
        let options = format!("-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off");
        let log = data.join("server.log");
        done(self.command("pg_ctl").args(["-w", "-o", &options, "-D"]).arg(&data).arg("-l").arg(&log).arg("start"));
    }

    /// Stops it as a power cut would: nobody is told, nothing is tidied up.
    pub fn go_away(&self) {
        done(self.command("pg_ctl").args(["-w", "-m", "immediate", "-D"]).arg(self.data()).arg("stop"));
    }

    /// What a statement gives, a line for each row.
    #[track_caller]
    pub fn sql(&self, statement: &str) -> String {
        let mut psql = self.command("psql");
        psql.args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", &self.url(), "-c", statement]);
        let Output { status, stdout, stderr } = psql.output().unwrap();
        assert!(status.success(), "{statement}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap().trim().to_owned()
    }

    /// The address of a database in it.
    pub fn url(&self) -> String {
        format!("postgres://arvode@127.0.0.1:{}/postgres", self.port)
    }

    /// The number of its first process.
    pub fn pid(&self) -> u32 {
        let text = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        text.lines().next().unwrap().trim().parse().unwrap()
    }

    fn command(&self, name: &str) -> Command {
        let program = self.binaries.join(name);
        if !is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]).arg(program);
        command.current_dir("/");
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.data();
        let _ = self.command("pg_ctl").args(["-m", "immediate", "-D"]).arg(data).arg("stop").output();
    }
}

fn binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .expect("PostgreSQL's binaries are missing: install Debian's package postgresql");
    let mut found: Vec<PathBuf> =
        versions.map(|entry| entry.unwrap().path().join("bin")).filter(|path| path.join("initdb").exists()).collect();
    found.sort();
    found.pop().expect("PostgreSQL's initdb is missing: install Debian's package postgresql")
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").map(|status| std::os::unix::fs::MetadataExt::uid(&status) == 0).unwrap_or(false)
}

fn done(command: &mut Command) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let texts = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {texts:?}");
}

/// Every file of a folder with its bytes.
pub fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let mut found: Vec<(String, Vec<u8>)> = entries
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    found.sort();
    found
}
