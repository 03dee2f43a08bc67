//! One at a time in a data folder: exports among themselves, and those who take the drop folder's files in.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::FlockOperation;

use crate::domain::Fault;

/// Held until dropped, also by a process that is killed.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

/// Takes the folder's lock for exports, at once or not at all.
///
/// # Errors
/// `Temporary`: another process has it.
pub fn lock(folder: &Path) -> Result<FolderLock, Fault> {
    let busy = || format!("another arvode exports in {}; try again when it is done", folder.display());
    take(folder, ".lock", busy)
}

/// Takes the lock of those who take files in from the drop folder. `arvode run` has it as long as it runs; all other
/// commands work beside it, for the database is open only while a pass is at work.
///
/// # Errors
/// `Temporary`: another process has it.
pub fn lock_drop(folder: &Path) -> Result<FolderLock, Fault> {
    let busy = || {
        format!(
            "another arvode (`arvode run`, or `arvode once import`) takes files in for {} already; nothing needs to be done: it takes what lies in the drop folder, or stop it first",
            folder.display()
        )
    };
    take(folder, ".drop.lock", busy)
}

fn take(folder: &Path, name: &str, busy: impl FnOnce() -> String) -> Result<FolderLock, Fault> {
    let path = folder.join(name);
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(|error| Fault::Temporary(format!("{}: {error}", path.display())))?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(FolderLock { _file: file }),
        Err(_) => Err(Fault::Temporary(busy())),
    }
}
