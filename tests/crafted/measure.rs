//! An import of many files in one process, with the time of each and the memory of the largest.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::support::{Kommun, Ran};

/// A file's time and the reader's memory, at most.
pub const MOST_MS: u64 = 10_000;
pub const MOST_KIB: u64 = 512 << 10;

/// Imports files in one process; gives what it says and the most memory that it or its readers had at once, in KiB.
pub fn import_measured(kommun: &Kommun, paths: &[PathBuf]) -> (Ran, u64) {
    let measure = "import resource, subprocess, sys\n\
                   ended = subprocess.run(sys.argv[1:]).returncode\n\
                   print('KIB', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n\
                   sys.exit(ended)";
    let import = kommun.command(&["import", "--json"]);
    let mut measured = Command::new("python3");
    measured.args(["-c", measure]).arg(import.get_program()).args(import.get_args()).args(paths);
    let ran = Ran::of(&measured.output().expect("python3 is missing; install the package python3"));
    let kib = ran.err.lines().find_map(|line| line.strip_prefix("KIB ")).and_then(|kib| kib.parse().ok());
    let kib = kib.unwrap_or_else(|| panic!("{ran:?}"));
    (ran, kib)
}

/// The first line: each file's outcome.
pub fn outcomes(ran: &Ran) -> Vec<Value> {
    let line = ran.out.lines().next().unwrap_or_else(|| panic!("{ran:?}"));
    serde_json::from_str::<Value>(line).unwrap()["files"].as_array().unwrap().clone()
}
