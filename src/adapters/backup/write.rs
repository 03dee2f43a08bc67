use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{
    BUFFER_BYTES, FORMAT, FileEntry, FolderEntry, Kept, MANIFEST, Manifest, SEAL, SEAL_BYTES, TableEntry, failed,
    hidden,
};
use crate::domain::Fault;
use crate::ledger::hex;

/// A backup that is being written; dropped before [`BackupWriter::place`], it leaves nothing.
pub struct BackupWriter {
    target: PathBuf,
    part: PathBuf,
    zip: Option<ZipWriter<BufWriter<File>>>,
    manifest: Manifest,
    names: BTreeSet<String>,
    /// What must not be in it, wherever it lies.
    secrets: Vec<PathBuf>,
    /// Sealed, and locked until it has its name.
    sealed: Option<File>,
}

impl BackupWriter {
    /// Begins a backup that will be called `target`.
    ///
    /// # Errors
    /// `Input`: the name is taken, or its folder is not there. `Temporary`: another backup is being written under it.
    pub fn begin(target: &Path, manifest: Manifest, secrets: Vec<PathBuf>) -> Result<BackupWriter, Fault> {
        refuse_taken(target)?;
        let part = hidden(target, "part");
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&part);
        let file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                Fault::Input(format!("{}: its folder is not there; make it first", target.display()))
            }
            _ => failed(&part, "write", &error),
        })?;
        if file.try_lock().is_err() {
            return Err(Fault::Temporary(format!("{}: another backup is being written there", target.display())));
        }
        file.set_len(0).map_err(|error| failed(&part, "write", &error))?;
        let zip = ZipWriter::new(BufWriter::with_capacity(BUFFER_BYTES, file));
        let manifest = Manifest { format: FORMAT, ..manifest };
        let secrets = secrets.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
        Ok(BackupWriter {
            target: target.to_owned(),
            part,
            zip: Some(zip),
            manifest,
            names: BTreeSet::new(),
            secrets,
            sealed: None,
        })
    }

    /// Begins a table.
    ///
    /// # Errors
    /// The disk.
    pub fn begin_table(&mut self, name: &str) -> Result<(), Fault> {
        self.entry(&format!("database/{name}.jsonl"))
    }

    /// A row of the table.
    ///
    /// # Errors
    /// The disk.
    pub fn line(&mut self, line: &str) -> Result<(), Fault> {
        self.bytes(line.as_bytes())?;
        self.bytes(b"\n")
    }

    /// The audit chain's head, as of the tables.
    pub fn chain(&mut self, head: String) {
        self.manifest.chain = head;
    }

    /// The table is whole.
    pub fn end_table(&mut self, table: TableEntry) {
        self.manifest.tables.push(table);
    }

    /// Takes a folder with all that is in it. What is hidden is unfinished or a lock; what vanishes meanwhile is left.
    ///
    /// # Errors
    /// The disk, or a file that may not be read.
    pub fn folder(&mut self, kept: &Kept) -> Result<(), Fault> {
        let Ok(about) = fs::metadata(&kept.place) else { return Ok(()) };
        if !about.is_dir() {
            return Ok(());
        }
        self.manifest.folders.push(FolderEntry { path: kept.name.clone(), mode: about.mode() & 0o7777 });
        if !kept.with_files {
            return Ok(());
        }
        for (name, path) in children(&kept.place)? {
            if kept.only.is_none_or(|only| only.contains(&name.as_str())) {
                self.any(&path, &format!("{}/{name}", kept.name))?;
            }
        }
        Ok(())
    }

    /// A single file under a name of its own.
    ///
    /// # Errors
    /// As of [`BackupWriter::folder`].
    pub fn any(&mut self, path: &Path, name: &str) -> Result<(), Fault> {
        let about = match fs::symlink_metadata(path) {
            Ok(about) => about,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(path, "look at", &error)),
        };
        if about.is_dir() {
            self.manifest.folders.push(FolderEntry { path: name.to_owned(), mode: about.mode() & 0o7777 });
            for (own, path) in children(path)? {
                self.any(&path, &format!("{name}/{own}"))?;
            }
            return Ok(());
        }
        let is_secret = || fs::canonicalize(path).is_ok_and(|path| self.secrets.contains(&path));
        if !about.is_file() || is_secret() {
            if !about.is_file() {
                self.manifest.left_out.push(format!("{} (no plain file)", path.display()));
            }
            return Ok(());
        }
        // Two settings may name one folder.
        if !self.names.insert(name.to_owned()) {
            return Ok(());
        }
        self.file(path, name)
    }

    fn file(&mut self, path: &Path, name: &str) -> Result<(), Fault> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(path, "read", &error)),
        };
        let about = file.metadata().map_err(|error| failed(path, "look at", &error))?;
        self.entry(&format!("folder/{name}"))?;
        let (mut hash, mut bytes, mut block) = (Sha256::new(), 0, vec![0; BUFFER_BYTES]);
        loop {
            let read = file.read(&mut block).map_err(|error| failed(path, "read", &error))?;
            if read == 0 {
                break;
            }
            let part = block.get(..read).unwrap_or_default();
            hash.update(part);
            self.bytes(part)?;
            bytes += read as u64;
        }
        let since = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        self.manifest.files.push(FileEntry {
            path: name.to_owned(),
            bytes,
            sha256: hex(&hash.finalize()),
            mode: about.mode() & 0o777,
            changed_ms: i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        });
        Ok(())
    }

    /// Writes what the backup holds, makes it durable and seals it, still under its hidden name. Gives where that is, and
    /// what it holds.
    ///
    /// # Errors
    /// The disk.
    pub fn seal(&mut self) -> Result<(PathBuf, Manifest), Fault> {
        let manifest = serde_json::to_vec_pretty(&self.manifest)
            .map_err(|error| Fault::Refused(format!("the backup's list of contents cannot be written: {error}")))?;
        self.entry(MANIFEST)?;
        self.bytes(&manifest)?;
        let Some(mut zip) = self.zip.take() else { return Ok((self.part.clone(), self.manifest.clone())) };
        let wrong = |error: &dyn std::fmt::Display| failed(&self.part, "write", error);
        zip.set_comment(format!("{SEAL}{}", "0".repeat(SEAL_BYTES))).map_err(|error| wrong(&error))?;
        let finished = zip.finish().map_err(|error| wrong(&error))?;
        let mut file = finished.into_inner().map_err(|error| wrong(error.error()))?;
        let sealed = seal(&mut file).and_then(|()| file.sync_all());
        sealed.map_err(|error| wrong(&error))?;
        self.sealed = Some(file);
        Ok((self.part.clone(), self.manifest.clone()))
    }

    /// Gives the proven backup its name.
    ///
    /// # Errors
    /// `Input`: the name was taken meanwhile. `Temporary`: the disk.
    pub fn place(self) -> Result<(), Fault> {
        let moved = rustix::fs::renameat_with(CWD, &self.part, CWD, &self.target, RenameFlags::NOREPLACE);
        let moved = match moved {
            Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => fs::hard_link(&self.part, &self.target),
            done => done.map_err(io::Error::from),
        };
        moved.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => taken(&self.target),
            _ => failed(&self.target, "name", &error),
        })?;
        let folder = self.target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        match File::open(folder).and_then(|folder| folder.sync_all()) {
            // Some network filesystems know no fsync of a folder.
            Err(error) if error.kind() != io::ErrorKind::InvalidInput => {
                Err(failed(&self.target, "make durable", &error))
            }
            _ => Ok(()),
        }
    }

    fn entry(&mut self, name: &str) -> Result<(), Fault> {
        let options = SimpleFileOptions::default().unix_permissions(0o600).large_file(true);
        let part = &self.part;
        let begun = self.zip.as_mut().map_or(Ok(()), |zip| zip.start_file(name, options));
        begun.map_err(|error| failed(part, "write", &error))
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let part = &self.part;
        let written = self.zip.as_mut().map_or(Ok(()), |zip| zip.write_all(bytes));
        written.map_err(|error| failed(part, "write", &error))
    }
}

impl Drop for BackupWriter {
    fn drop(&mut self) {
        // After the rename there is nothing to remove; what stays is written over by the next backup of the name.
        let _ = fs::remove_file(&self.part);
    }
}

/// Names and paths of what is in a folder, in order; without what is hidden.
fn children(folder: &Path) -> Result<Vec<(String, PathBuf)>, Fault> {
    let unread = |error: io::Error| failed(folder, "read", &error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !name.starts_with('.') {
            found.push((name, path));
        }
    }
    found.sort();
    Ok(found)
}

/// Puts the sha256 of all that stands before it into the last bytes of the file.
fn seal(file: &mut File) -> io::Result<()> {
    let length = file.seek(SeekFrom::End(0))?;
    let before = length.saturating_sub(SEAL_BYTES as u64);
    file.rewind()?;
    let sha256 = hash_of(&mut file.take(before))?;
    file.seek(SeekFrom::Start(before))?;
    file.write_all(sha256.as_bytes())
}

/// sha256 of all that is left to read.
pub(super) fn hash_of(from: &mut impl Read) -> io::Result<String> {
    let (mut hash, mut block) = (Sha256::new(), vec![0; BUFFER_BYTES]);
    loop {
        match from.read(&mut block)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(block.get(..read).unwrap_or_default()),
        }
    }
}

fn refuse_taken(target: &Path) -> Result<(), Fault> {
    if fs::symlink_metadata(target).is_ok() { Err(taken(target)) } else { Ok(()) }
}

fn taken(target: &Path) -> Fault {
    Fault::Input(format!("{} is there already and is never written over; name another file", target.display()))
}
