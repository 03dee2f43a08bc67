//! A folder in which each name is written once: a temporary name first, then a rename that never replaces.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, FlockOperation, Gid, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use crate::domain::Fault;
use crate::ledger::hex;
use crate::ports::NotDelivered;

/// How much is read or written at once.
pub(super) const BUFFER_BYTES: usize = 256 * 1024;

/// An open folder; its names are reached through it, whatever happens to its path.
pub(super) struct Folder {
    path: PathBuf,
    fd: File,
}

/// A file under its temporary name; dropped, it is gone.
pub(super) struct Temp {
    folder: Arc<Folder>,
    name: String,
    temp: String,
    file: File,
}

/// Who may read a file.
#[derive(Clone, Copy)]
pub(super) enum Readers {
    /// Only ourselves: 0600.
    Owner,
    /// Also the folder's group: 0640.
    Group,
}

impl Folder {
    /// Opens a folder that must be there. `setting` names it in messages.
    pub fn open_at(path: &Path, setting: &str) -> Result<Arc<Folder>, Fault> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(fd) => Ok(Arc::new(Folder { path: path.to_owned(), fd: File::from(fd) })),
            Err(Errno::NOENT | Errno::NOTDIR) => Err(Fault::Input(format!(
                "the {setting} folder {} is not there; `arvode init` makes it, or name another in arvode.toml",
                path.display()
            ))),
            Err(error) => Err(Fault::Temporary(format!("the {setting} folder {}: {error}; try again", path.display()))),
        }
    }

    /// Keeps other processes from writing here until the folder is closed; a filesystem without locks is taken as it is.
    pub fn lock(&self) -> Result<(), Fault> {
        match rustix::fs::flock(&self.fd, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => Err(Fault::Temporary(format!(
                "{}: another arvode is writing there; try again when it is done",
                self.path.display()
            ))),
            _ => Ok(()),
        }
    }

    /// Every name in it that is text.
    pub fn names(&self) -> Result<Vec<String>, Fault> {
        let failed = |error: io::Error| {
            Fault::Temporary(format!(
                "{}: cannot be read: {error}; try again when the disk is well",
                self.path.display()
            ))
        };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path).map_err(failed)? {
            names.extend(entry.map_err(failed)?.file_name().into_string());
        }
        Ok(names)
    }

    /// The path of a name, for messages.
    pub fn path(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }

    /// Opens a file to read; none if the name is free.
    pub fn open(&self, name: &str) -> Result<Option<File>, Fault> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let strange = || Fault::Refused(format!("{} is no ordinary file; move it away", self.path(name)));
        match rustix::fs::openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => {
                let file = File::from(fd);
                let about = file.metadata().map_err(|error| self.failed(name, "look at", &error))?;
                if about.is_file() { Ok(Some(file)) } else { Err(strange()) }
            }
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::LOOP | Errno::NXIO) => Err(strange()),
            Err(error) => Err(self.failed(name, "open", &error.into())),
        }
    }

    /// sha256 of a file; none if the name is free.
    pub fn sha256(&self, name: &str) -> Result<Option<String>, Fault> {
        let Some(file) = self.open(name)? else { return Ok(None) };
        let hash = hash_of(file);
        hash.map(Some).map_err(|error| self.failed(name, "read", &error))
    }

    /// Begins a file that will be called `name`; what a crash left of an earlier beginning goes away.
    pub fn begin(self: &Arc<Folder>, name: &str) -> Result<Temp, Fault> {
        self.clear(name)?;
        let temp = unfinished(name);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.fd, &temp, flags, Mode::RUSR | Mode::WUSR);
        let file = fd.map(File::from).map_err(|error| self.failed(&temp, "create", &error.into()))?;
        Ok(Temp { folder: Arc::clone(self), name: name.to_owned(), temp, file })
    }

    /// Removes what an earlier writing of a name left unfinished.
    pub fn clear(&self, name: &str) -> Result<(), Fault> {
        let temp = unfinished(name);
        match rustix::fs::unlinkat(&self.fd, &temp, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(self.failed(&temp, "remove", &error.into())),
        }
    }

    /// Removes a file; `true` if it was there.
    pub fn remove(&self, name: &str) -> Result<bool, Fault> {
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) => self.sync(name).map(|()| true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(self.failed(name, "remove", &error.into())),
        }
    }

    /// A fault that may pass.
    pub fn failed(&self, name: &str, doing: &str, error: &io::Error) -> Fault {
        Fault::Temporary(format!("{}: cannot {doing} it: {error}; try again when the disk is well", self.path(name)))
    }

    fn sync(&self, name: &str) -> Result<(), Fault> {
        match rustix::fs::fsync(&self.fd) {
            // Some network filesystems know no fsync of a folder.
            Ok(()) | Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
            Err(error) => Err(self.failed(name, "make durable", &error.into())),
        }
    }
}

impl Temp {
    /// Where to write.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The path under which it is read back, for messages.
    pub fn path(&self) -> String {
        self.folder.path(&self.temp)
    }

    /// Gives it its readers and makes its content durable.
    pub fn seal(&self, readers: Readers) -> Result<(), Fault> {
        let failed = |doing: &str, error: io::Error| self.folder.failed(&self.temp, doing, &error);
        let mode = match readers {
            Readers::Owner => Mode::RUSR | Mode::WUSR,
            Readers::Group => {
                self.join_group()?;
                Mode::RUSR | Mode::WUSR | Mode::RGRP
            }
        };
        rustix::fs::fchmod(&self.file, mode).map_err(|error| failed("set the rights of", error.into()))?;
        self.file.sync_all().map_err(|error| failed("make durable", error))
    }

    /// Opens what stands under the temporary name, as any other reader would.
    pub fn reopen(&self) -> Result<File, Fault> {
        let file = self.folder.open(&self.temp)?;
        file.ok_or_else(|| Fault::Temporary(format!("{} has vanished while it was written; try again", self.path())))
    }

    /// Puts the sealed file under its name. `sha256` is its content's. A name with the same content is fine.
    ///
    /// # Errors
    /// Says whether the file may stand under its name all the same.
    pub fn place(self, sha256: &str) -> Result<(), NotDelivered> {
        let (folder, name) = (&self.folder, self.name.as_str());
        let moved = rustix::fs::renameat_with(&folder.fd, &self.temp, &folder.fd, name, RenameFlags::NOREPLACE);
        let moved = match moved {
            Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => self.link(),
            done => done,
        };
        match moved {
            Ok(()) => folder.sync(name).map_err(perhaps),
            Err(Errno::EXIST) => match folder.sha256(name)? {
                Some(there) if there == sha256 => folder.sync(name).map_err(perhaps),
                Some(there) => Err(Fault::Refused(format!(
                    "{} is there already with another content (sha256 {there}; the new one has {sha256}) and is never overwritten; find out which of the two payroll got, then move the file away or void the batch",
                    folder.path(name)
                ))
                .into()),
                None => Err(perhaps(Fault::Temporary(format!("{} came and went; try again", folder.path(name))))),
            },
            Err(Errno::PERM | Errno::NOTSUP | Errno::NOSYS) => Err(Fault::Input(format!(
                "{}: the filesystem can neither rename without replacing nor make a second name for a file; put the folder on another",
                folder.path(name)
            ))
            .into()),
            Err(Errno::IO) if !self.is_there() => Err(perhaps(folder.failed(name, "rename to", &Errno::IO.into()))),
            Err(error) => Err(folder.failed(name, "rename to", &error.into()).into()),
        }
    }

    /// The file still has its temporary name: it was not renamed.
    fn is_there(&self) -> bool {
        rustix::fs::statat(&self.folder.fd, &self.temp, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }

    /// For filesystems that cannot rename without replacing: a second name, then away with the first.
    fn link(&self) -> Result<(), Errno> {
        let fd = &self.folder.fd;
        rustix::fs::linkat(fd, &self.temp, fd, &self.name, AtFlags::empty())
    }

    /// A file that was made with another group than the folder's could not be read by those it is for.
    fn join_group(&self) -> Result<(), Fault> {
        use std::os::unix::fs::MetadataExt;
        let failed = |error: io::Error| self.folder.failed(&self.temp, "look at", &error);
        let (wanted, has) =
            (self.folder.fd.metadata().map_err(failed)?.gid(), self.file.metadata().map_err(failed)?.gid());
        if wanted == has {
            return Ok(());
        }
        rustix::fs::fchown(&self.file, None, Some(Gid::from_raw(wanted))).map_err(|error| {
            Fault::Input(format!(
                "{}: cannot give the file to the folder's group ({error}); make the user of arvode a member of it, or `chmod g+s` the folder",
                self.folder.path.display()
            ))
        })
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        // After a rename there is nothing to remove; a name that stays is removed by the next beginning.
        let _ = rustix::fs::unlinkat(&self.folder.fd, &self.temp, AtFlags::empty());
    }
}

/// Takes the sha256 of what is read through it.
pub(super) struct Hashing<R> {
    from: R,
    hash: Sha256,
}

impl<R: Read> Hashing<R> {
    /// Nothing is read yet.
    pub fn new(from: R) -> Hashing<R> {
        Hashing { from, hash: Sha256::new() }
    }

    /// sha256 of all that was read, hexadecimal.
    pub fn sha256(self) -> String {
        hex(&self.hash.finalize())
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(out)?;
        self.hash.update(out.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// sha256 of all that is left to read.
pub(super) fn hash_of(from: impl Read) -> io::Result<String> {
    let mut from = BufReader::with_capacity(BUFFER_BYTES, Hashing::new(from));
    io::copy(&mut from, &mut io::sink())?;
    Ok(from.into_inner().sha256())
}

/// The file may stand under its name in spite of the fault.
fn perhaps(fault: Fault) -> NotDelivered {
    NotDelivered { fault, may_have_arrived: true }
}

/// The name under which a file is written before it gets its own.
fn unfinished(name: &str) -> String {
    format!(".{name}.tmp")
}
