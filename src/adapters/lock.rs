//! One export at a time in a data folder.

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

/// Takes the folder's lock, at once or not at all.
///
/// # Errors
/// `Temporary`: another process has it.
pub fn lock(folder: &Path) -> Result<FolderLock, Fault> {
    let path = folder.join(".lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(|error| Fault::Temporary(format!("{}: {error}", path.display())))?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(FolderLock { _file: file }),
        Err(_) => {
            Err(Fault::Temporary(format!("another arvode exports in {}; try again when it is done", folder.display())))
        }
    }
}
