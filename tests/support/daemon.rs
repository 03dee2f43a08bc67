//! `arvode run` with a service manager that hears what it says, and ways to hinder it.

use std::cell::RefCell;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Kommun;

/// What the service manager hears of a program that has nothing to do.
const WAITS: &str = "STATUS=väntar på nästa tid i tidtabellen eller en ny fil";

/// Longer than anything takes that is not stuck.
const LONG: Duration = Duration::from_secs(40);

/// The program at work; ended when dropped.
pub struct Daemon {
    child: Child,
    manager: UnixDatagram,
    socket: TempDir,
    heard: RefCell<Vec<String>>,
    folder: PathBuf,
}

impl Daemon {
    /// Started, and at rest after its first round.
    pub fn start(kommun: &Kommun) -> Daemon {
        Daemon::begin(kommun, |_| {}).at_rest()
    }

    /// The same started by another program, which is given the whole command.
    pub fn under(kommun: &Kommun, starter: &[&str], program: &Path) -> Daemon {
        let own = kommun.command(&["run"]);
        let mut command = Command::new(starter[0]);
        command.args(&starter[1..]).arg(program).args(own.get_args()).env_remove("LD_LIBRARY_PATH");
        Daemon::of(kommun, command, |_| {}).at_rest()
    }

    fn at_rest(self) -> Daemon {
        self.is_ready();
        self.rests();
        self
    }

    /// It has done what was to be done.
    #[track_caller]
    pub fn rests(&self) {
        self.hears(WAITS);
    }

    /// The same under a service manager that starts it anew when it says nothing for so long.
    pub fn watched(kommun: &Kommun, longest: Duration) -> Daemon {
        let daemon = Daemon::begin(kommun, |command| {
            command.env("WATCHDOG_USEC", longest.as_micros().to_string());
        });
        daemon.at_rest()
    }

    pub fn begin(kommun: &Kommun, set: impl FnOnce(&mut Command)) -> Daemon {
        Daemon::of(kommun, kommun.command(&["run"]), set)
    }

    fn of(kommun: &Kommun, mut command: Command, set: impl FnOnce(&mut Command)) -> Daemon {
        let folder = kommun.root().to_owned();
        let place = tempfile::tempdir().unwrap();
        let socket = place.path().join("manager");
        let manager = UnixDatagram::bind(&socket).unwrap();
        // The program may be run as somebody else.
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o777)).unwrap();
        manager.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        command.env("NOTIFY_SOCKET", &socket);
        command.stdout(fs::File::create(folder.join("log")).unwrap());
        command.stderr(fs::File::create(folder.join("errors")).unwrap());
        set(&mut command);
        let child = command.spawn().unwrap();
        Daemon { child, manager, socket: place, heard: RefCell::default(), folder }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it says on standard output, as a file.
    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    pub fn errors(&self) -> PathBuf {
        self.folder.join("errors")
    }

    /// What the service manager has heard since it forgot.
    pub fn heard(&self) -> Vec<String> {
        let mut buffer = [0_u8; 4096];
        loop {
            match self.manager.recv(&mut buffer) {
                Ok(length) => {
                    let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
                    self.heard.borrow_mut().extend(text.lines().map(str::to_owned));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break,
                Err(error) => panic!("{}: {error}", self.socket.path().display()),
            }
        }
        self.heard.borrow().clone()
    }

    pub fn forgets(&self) {
        self.heard();
        self.heard.borrow_mut().clear();
    }

    /// The service manager hears a word.
    #[track_caller]
    pub fn hears(&self, word: &str) {
        until(word, || self.heard().iter().any(|heard| heard == word));
    }

    #[track_caller]
    pub fn is_ready(&self) {
        let began = Instant::now();
        while !self.heard().iter().any(|heard| heard == "READY=1") {
            let told = fs::read_to_string(self.errors()).unwrap_or_default();
            assert!(began.elapsed() < LONG && is_there(self.id()), "it is never ready: {told}");
        }
    }

    /// A signal; it ends with exit code 0 within its time. Gives what the service manager heard.
    #[track_caller]
    pub fn stops(mut self, name: &str, within: Duration) -> Vec<String> {
        let readers = children(self.id());
        let began = Instant::now();
        signal(name, self.id());
        let status = loop {
            self.heard();
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < LONG, "it never ends");
        };
        let took = began.elapsed();
        let told = [fs::read_to_string(self.log()), fs::read_to_string(self.errors())].map(Result::unwrap_or_default);
        assert!(took < within, "it took {took:?}: {told:?}");
        assert_eq!(status.code(), Some(0), "{status}: {told:?}");
        for reader in readers {
            until("its reader has ended", || !is_there(reader));
        }
        self.heard()
    }

    /// The signal goes to the program that another one has started; both end with exit code 0.
    #[track_caller]
    pub fn stops_child(mut self, name: &str) {
        signal(name, children(self.id())[0]);
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }

    /// It ends by itself: what the service manager heard, and the exit code.
    #[track_caller]
    pub fn ends(mut self) -> (Vec<String>, Option<i32>) {
        let status = self.child.wait().unwrap();
        (self.heard(), status.code())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What lets a program begin at a time of our own, as `2026-10-08 04:00:10` by Greenwich.
pub fn at(now: &str) -> [(&'static str, String); 4] {
    let libraries =
        fs::read_dir("/usr/lib").unwrap().map(|entry| entry.unwrap().path().join("faketime/libfaketime.so.1"));
    let library = libraries.into_iter().find(|path| path.exists());
    let library = library.expect("libfaketime is missing; install the package faketime");
    [
        ("LD_PRELOAD", library.display().to_string()),
        ("FAKETIME", format!("@{now}")),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ("TZ", "UTC".to_owned()),
    ]
}

/// A process and its children, stopped until this is dropped.
pub struct Hold(Vec<u32>);

impl Hold {
    pub fn of(pid: u32) -> Hold {
        let mut all = vec![pid];
        signal("STOP", pid);
        all.extend(children(pid));
        all.iter().for_each(|pid| signal("STOP", *pid));
        Hold(all)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        for pid in self.0.iter().rev() {
            signal("CONT", *pid);
        }
    }
}

pub fn signal(name: &str, pid: u32) {
    // A process that has ended meanwhile hears nothing.
    let _ = Command::new("kill").args([format!("-{name}"), pid.to_string()]).output();
}

/// The processes that one has started.
pub fn children(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let of = |task: fs::DirEntry| fs::read_to_string(task.path().join("children")).unwrap_or_default();
    tasks.flat_map(|task| of(task).split_whitespace().map(|id| id.parse().unwrap()).collect::<Vec<u32>>()).collect()
}

/// A process that is at work, or could be; one that nobody has waited for yet is not.
pub fn is_there(pid: u32) -> bool {
    let status = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status")).unwrap_or_default();
    !status.is_empty() && !status.lines().any(|line| line.starts_with("State:") && line.contains('Z'))
}

#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < LONG, "never: {what}");
        sleep(Duration::from_millis(2));
    }
}
