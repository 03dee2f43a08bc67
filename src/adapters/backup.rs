//! A backup: one file, a zip that any tool opens. `database/TABLE.jsonl` holds the rows as lines of JSON, in a form that both
//! databases share; `folder/` holds settings and files; `manifest.json` counts and hashes them all. The last 64 characters
//! are the sha256 of everything before them, so that no byte of it can change unnoticed.
//!
//! It is written under a hidden name, readable by its owner alone, and gets its own name when it has been proven; a name
//! that is taken is never written over.

mod read;
mod write;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::Fault;

pub use read::BackupReader;
pub use write::BackupWriter;

/// The form of the file that this program writes and reads.
const FORMAT: u32 = 1;

const MANIFEST: &str = "manifest.json";

/// What stands at the end of the file, before the sha256 of all that stands before that.
const SEAL: &str = "arvode backup, sha256 ";

/// sha256 in hexadecimal.
const SEAL_BYTES: usize = 64;

/// How much is read or written at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// What a backup holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the file.
    pub format: u32,
    /// The program that wrote it.
    pub program: String,
    /// The kommun.
    pub kommun: String,
    /// When it was made, milliseconds since 1970.
    pub made_at_ms: i64,
    /// The same, to be read.
    pub made_at: String,
    /// `sqlite` or `postgres`: where the rows come from. They fit either.
    pub database: String,
    /// The audit chain's head.
    pub chain: String,
    /// The tables, in the order in which they can be filled.
    pub tables: Vec<TableEntry>,
    /// The folders, empty ones too.
    pub folders: Vec<FolderEntry>,
    /// The files.
    pub files: Vec<FileEntry>,
    /// Folders that lie outside the data folder: as they are called here, and where they were.
    pub outside: Vec<(String, String)>,
    /// What is not here and must be put back by hand: secrets, and files that the settings name elsewhere.
    pub left_out: Vec<String>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableEntry {
    /// Its name.
    pub name: String,
    /// What stands in each line.
    pub columns: Vec<String>,
    /// How many lines.
    pub rows: u64,
    /// What they add up to, in any order.
    pub sum: String,
}

/// A folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderEntry {
    /// From the data folder.
    pub path: String,
    /// Its rights.
    pub mode: u32,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// From the data folder.
    pub path: String,
    /// How long it is.
    pub bytes: u64,
    /// sha256 of its content.
    pub sha256: String,
    /// Its rights.
    pub mode: u32,
    /// When it was changed last, milliseconds since 1970: gallring goes by it.
    pub changed_ms: i64,
}

/// A folder that goes into a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where it lies.
    pub place: PathBuf,
    /// What it is called in the backup: its path from the data folder.
    pub name: String,
    /// Only these of what is in it; all if none.
    pub only: Option<&'static [&'static str]>,
    /// Its files too, not only that it is there.
    pub with_files: bool,
}

/// A fault that may pass: the disk is full, or fails.
fn failed(path: &Path, doing: &str, error: &dyn std::fmt::Display) -> Fault {
    Fault::Temporary(format!(
        "{}: cannot {doing} it: {error}; no backup was made or changed, try again when the disk is well and has room",
        path.display()
    ))
}

/// The hidden name under which something is made.
fn hidden(target: &Path, ending: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
    target.with_file_name(format!(".{name}.{ending}"))
}
