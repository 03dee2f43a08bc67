//! Cuts: a command is killed at its first, second, third … call of each kind, or that call fails; `strace` does it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::Command;

use super::{Kommun, PROGRAM, Ran};

/// Everything that changes what is on the disk, and opening.
pub const CALLS: [&str; 12] = [
    "openat",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "renameat2",
    "rename",
    "linkat",
    "unlinkat",
    "unlink",
    "ftruncate",
    "fchmod",
];

/// No command makes so many calls of one kind; more would be a loop.
pub const MOST_CALLS: u32 = 2_000;

/// How a command ended under strace's injection.
pub enum Ended {
    /// Before the call that was to be cut.
    Untouched,
    /// It was killed.
    Killed,
    /// The call failed, and this is what the program made of it.
    Failed(Ran),
}

/// Runs a command and cuts its n-th call of a kind; with `paths`, only calls on them count.
pub fn cut(kommun: &Kommun, (call, fault): (&str, &str), number: u32, paths: &[PathBuf], arguments: &[&str]) -> Ended {
    let trace = kommun.root().join("trace");
    let mut strace = Command::new("strace");
    strace.args([
        "-f",
        "-qq",
        "-e",
        &format!("trace={call}"),
        "-e",
        &format!("inject={call}:{fault}:when={number}"),
        "-o",
    ]);
    strace.arg(&trace).env_remove("LD_LIBRARY_PATH").env_remove("RUST_BACKTRACE");
    for path in paths {
        strace.arg("-P").arg(path);
    }
    strace.arg(PROGRAM).arg("--data").arg(kommun.data()).args(arguments);
    let output = strace.output().expect("strace is missing; install the package strace");
    if output.status.signal() == Some(9) {
        return Ended::Killed;
    }
    let ran = Ran::of(&output);
    // A kill may also hit the child that parses a workbook; the program then says so.
    let was_hit = fs::read_to_string(&trace).unwrap().contains("(INJECTED)") || ran.code != 0;
    if was_hit { Ended::Failed(ran) } else { Ended::Untouched }
}

/// Looks at what each cut has left, and tells of all that went wrong together.
#[derive(Default)]
pub struct Found {
    pub cuts: u32,
    wrong: Vec<String>,
}

impl Found {
    pub fn look(&mut self, look: impl FnOnce()) {
        self.cuts += 1;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(look)) {
            let text = panic.downcast_ref::<String>().map_or("", String::as_str);
            self.wrong.push(text.to_owned());
        }
    }

    #[track_caller]
    pub fn end(self, fewest: u32) {
        assert!(self.cuts >= fewest, "only {} cuts: strace did not reach the program", self.cuts);
        assert!(self.wrong.is_empty(), "{} of {} cuts:\n{}", self.wrong.len(), self.cuts, self.wrong.join("\n"));
    }
}

/// Which of a command's writes are to files, in the order of an undisturbed run, with their neighbours: threads take turns
/// in another order each time. All others wake threads or talk to whoever reads, and change nothing on the disk.
fn writes_to_files(kommun: &Kommun, arguments: &[&str]) -> BTreeSet<u32> {
    let copy = kommun.copy();
    let trace = copy.root().join("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-qq", "-e", "trace=write", "-o"]).arg(&trace);
    strace.env_remove("LD_LIBRARY_PATH").env_remove("RUST_BACKTRACE");
    let ran = strace.arg(PROGRAM).arg("--data").arg(copy.data()).args(arguments).output();
    assert!(ran.expect("strace is missing; install the package strace").status.code().is_some());
    let traced = fs::read_to_string(trace).unwrap();
    let begun = traced.lines().filter(|line| line.contains(" write("));
    let to_file = |line: &str| {
        line.split_once('<').is_some_and(|(_, place)| place.starts_with('/') && !place.starts_with("/dev/"))
    };
    let numbers = (1..).zip(begun).filter(|(_, line)| to_file(line)).map(|(number, _)| number);
    numbers.flat_map(|number: u32| number.saturating_sub(3).max(1)..=number + 3).collect()
}

/// Kills a command at each call in turn that changes the disk, each time in a fresh copy, until it runs to its end. `then` looks at what is left.
pub fn kill_at_every_call(kommun: &Kommun, arguments: &[&str], then: impl Fn(&Kommun, &str)) {
    let mut found = Found::default();
    for call in CALLS {
        let numbers: BTreeSet<u32> =
            if call == "write" { writes_to_files(kommun, arguments) } else { (1..=MOST_CALLS).collect() };
        for number in numbers {
            let copy = kommun.copy();
            match cut(&copy, (call, "signal=SIGKILL"), number, &[], arguments) {
                Ended::Untouched => break,
                Ended::Failed(ran) => assert!(matches!(ran.code, 2 | 3), "{call} {number}: {ran:?}"),
                Ended::Killed => {}
            }
            assert!(number < MOST_CALLS, "{call}: the command never ends");
            found.look(|| then(&copy, &format!("killed at {call} {number}")));
        }
    }
    found.end(20);
}
