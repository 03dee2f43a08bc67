//! One at a time in a data folder: exports among themselves, and those who take the drop folder's files in.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
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

/// Whether a process has the lock of those who take files in: the kernel's list is read, so that nobody who takes it at this
/// moment is refused. None where the list does not tell.
pub fn is_drop_locked(folder: &Path) -> Option<bool> {
    let list = std::fs::read_to_string("/proc/locks").ok()?;
    let Ok(about) = std::fs::metadata(folder.join(".drop.lock")) else { return Some(false) };
    let (major, minor) = (rustix::fs::major(about.dev()), rustix::fs::minor(about.dev()));
    let (device, inode) = (format!("{major:02x}:{minor:02x}"), about.ino().to_string());
    let places = list.lines().filter(|line| line.contains(" FLOCK ")).flat_map(str::split_whitespace);
    let mut devices = places.filter_map(|word| word.rsplit_once(':')).filter(|(_, of)| *of == inode);
    match devices.next() {
        None => Some(false),
        Some((of, _)) if of == device || devices.any(|(of, _)| of == device) => Some(true),
        // A file of the same number on another disk, or a file system that is listed under another name than its own.
        Some(_) => None,
    }
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
