//! Files and folders as the kernel sees them: opened once, never through a link, never waiting for anybody.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, RenameFlags, Stat};
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use crate::domain::Fault;
use crate::ledger::hex;
use crate::ports::Stamp;

/// How much is read at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// What the kernel says of a file.
pub(super) struct About {
    pub stamp: Stamp,
    pub kind: FileType,
    /// Names that the file has.
    pub links: u64,
}

/// What lies under a name; links are not followed.
pub(super) fn about_name(folder: &File, name: &std::ffi::OsStr) -> rustix::io::Result<About> {
    rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).map(|stat| about(&stat))
}

/// What was opened.
pub(super) fn about_file(file: &File) -> rustix::io::Result<About> {
    rustix::fs::fstat(file).map(|stat| about(&stat))
}

#[allow(clippy::unnecessary_cast, clippy::useless_conversion, reason = "the types differ between machines")]
fn about(stat: &Stat) -> About {
    let stamp = Stamp {
        device: stat.st_dev as u64,
        inode: stat.st_ino as u64,
        size: u64::try_from(stat.st_size).unwrap_or_default(),
        modified: (stat.st_mtime as i64, stat.st_mtime_nsec as u64),
        changed: (stat.st_ctime as i64, stat.st_ctime_nsec as u64),
    };
    About { stamp, kind: FileType::from_raw_mode(stat.st_mode), links: stat.st_nlink as u64 }
}

/// Opens a folder.
pub(super) fn open_folder(path: &Path) -> rustix::io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).map(File::from)
}

/// Opens a file to read, as it is.
pub(super) fn open_file(folder: &File, name: &std::ffi::OsStr) -> rustix::io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    rustix::fs::openat(folder, name, flags, Mode::empty()).map(File::from)
}

/// Renames without ever replacing.
pub(super) fn rename_to_free(from: &File, name: &Path, to: &File, new: &Path) -> rustix::io::Result<()> {
    match rustix::fs::renameat_with(from, name, to, new, RenameFlags::NOREPLACE) {
        Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => {
            match rustix::fs::statat(to, new, AtFlags::SYMLINK_NOFOLLOW) {
                Err(Errno::NOENT) => rustix::fs::renameat(from, name, to, new),
                Err(error) => Err(error),
                Ok(_) => Err(Errno::EXIST),
            }
        }
        done => done,
    }
}

/// Makes names in a folder durable; some network filesystems know no such thing.
pub(super) fn sync_folder(folder: &File) -> rustix::io::Result<()> {
    match rustix::fs::fsync(folder) {
        Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
        done => done,
    }
}

/// Names of unfinished files of ours begin so.
const UNFINISHED: &str = ".drop-";

/// A file under a name that nobody reads; dropped, it is gone.
#[derive(Debug)]
pub(super) struct Unfinished {
    folder: PathBuf,
    path: PathBuf,
    pub file: File,
}

impl Unfinished {
    /// Begins a file in a folder, which is made if it is missing, for its owner alone.
    pub(super) fn begin(folder: &Path) -> io::Result<Unfinished> {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{UNFINISHED}{}-{number}.part", std::process::id()));
        let file = std::fs::OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        // What nobody holds locked was left by somebody who is gone, and is swept away.
        file.try_lock()?;
        Ok(Unfinished { folder: folder.to_owned(), path, file })
    }

    /// Gives the file its name and makes both durable; what had that name is replaced.
    pub(super) fn name(self, name: &str) -> io::Result<()> {
        self.file.sync_all()?;
        std::fs::rename(&self.path, self.folder.join(name))?;
        Ok(sync_folder(&open_folder(&self.folder)?)?)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After a rename there is nothing to remove; what stays is removed before the next pass.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Removes what a crash left unfinished in a folder of ours. Nobody else is at work there: the caller holds the lock.
pub(super) fn clear_unfinished(folder: &Path) -> io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_name().as_bytes().starts_with(UNFINISHED.as_bytes()) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Which side of a copy failed.
pub(super) enum CopyError {
    /// The file that was read.
    Reading,
    /// Where the copy is written.
    Writing(io::Error),
}

/// Copies at most `most` bytes and one more; gives how many there were, and their sha256.
pub(super) fn copy_hashed(from: &File, to: &mut impl Write, most: u64) -> Result<(u64, String), CopyError> {
    let (mut hash, mut block, mut copied) = (Sha256::new(), vec![0; BUFFER_BYTES], 0_u64);
    let mut from = from.take(most.saturating_add(1));
    loop {
        let read = match from.read(&mut block) {
            Ok(0) => return Ok((copied, hex(&hash.finalize()))),
            Ok(read) => block.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return Err(CopyError::Reading),
        };
        hash.update(read);
        to.write_all(read).map_err(CopyError::Writing)?;
        copied += read.len() as u64;
    }
}

/// A fault that may pass.
pub(super) fn temporary(path: &Path, doing: &str, error: &dyn std::fmt::Display) -> Fault {
    Fault::Temporary(format!(
        "{}: cannot {doing} it: {error}; no file was removed from the drop folder, and the next pass tries again",
        path.display()
    ))
}
