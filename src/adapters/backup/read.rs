use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::write::hash_of;
use super::{BUFFER_BYTES, FORMAT, FileEntry, MANIFEST, Manifest, SEAL_BYTES, TableEntry};
use crate::adapters::db::{Db, Shape, Tally};
use crate::domain::Fault;
use crate::ledger::hex;
use crate::ports::Store;

/// No list of contents is longer.
const LONGEST_MANIFEST_BYTES: u64 = 256 << 20;

/// A backup whose every byte is what was written.
pub struct BackupReader {
    path: PathBuf,
    zip: ZipArchive<BufReader<File>>,
    manifest: Manifest,
}

impl BackupReader {
    /// Opens a backup and checks its seal.
    ///
    /// # Errors
    /// `Input`: it is not there. `Refused`: it is no backup, is damaged, or is of a newer program.
    pub fn open(path: &Path) -> Result<BackupReader, Fault> {
        let unread = |error: io::Error| Fault::Input(format!("{}: cannot be read ({error})", path.display()));
        let mut file = File::open(path).map_err(unread)?;
        if !file.metadata().map_err(unread)?.is_file() {
            return Err(Fault::Input(format!("{}: is no file", path.display())));
        }
        if !is_sealed(&mut file).map_err(unread)? {
            return Err(damaged(path, "its seal does not match its content"));
        }
        file.rewind().map_err(unread)?;
        let opened = ZipArchive::new(BufReader::with_capacity(BUFFER_BYTES, file));
        let mut zip = opened.map_err(|error| damaged(path, &error.to_string()))?;
        let mut text = String::new();
        let listed = zip.by_name(MANIFEST).map_err(|error| damaged(path, &error.to_string()))?;
        let read = listed.take(LONGEST_MANIFEST_BYTES).read_to_string(&mut text);
        read.map_err(|error| damaged(path, &error.to_string()))?;
        let manifest: Manifest =
            serde_json::from_str(&text).map_err(|error| damaged(path, &format!("its list of contents: {error}")))?;
        if manifest.format != FORMAT {
            return Err(Fault::Refused(format!(
                "{}: it is of form {}, and this program ({}) reads form {FORMAT}; restore it with the program that wrote it ({})",
                path.display(),
                manifest.format,
                env!("CARGO_PKG_VERSION"),
                manifest.program
            )));
        }
        Ok(BackupReader { path: path.to_owned(), zip, manifest })
    }

    /// What it holds.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Writes folders and files below a folder; each file is what the list of contents says.
    ///
    /// # Errors
    /// `Refused`: it is damaged. `Temporary`: the disk.
    pub fn unpack(&mut self, below: &Path) -> Result<(), Fault> {
        let manifest = self.manifest.clone();
        for folder in &manifest.folders {
            self.make(&self.place(below, &folder.path)?)?;
        }
        for file in &manifest.files {
            let place = self.place(below, &file.path)?;
            if let Some(folder) = place.parent() {
                self.make(folder)?;
            }
            self.write(file, &place)?;
        }
        // Rights last: a folder that its owner may not write to is filled first.
        for folder in manifest.folders.iter().rev() {
            let place = self.place(below, &folder.path)?;
            let set = fs::set_permissions(&place, Permissions::from_mode(folder.mode & 0o7777));
            set.map_err(|error| unwritten(&place, &error))?;
        }
        Ok(())
    }

    /// Fills the empty tables of a database, in a transaction that is the caller's, and counts them.
    ///
    /// # Errors
    /// `Refused`: the rows are not those that were counted, or of a newer program. The database.
    pub async fn load(&mut self, db: &mut Db) -> Result<(), Fault> {
        let shapes = db.shapes().await?;
        let tables = self.manifest.tables.clone();
        for table in &tables {
            let Some(shape) = shapes.iter().find(|shape| shape.name == table.name) else {
                return Err(self.newer(&format!("table {}", table.name)));
            };
            if let Some(column) = table.columns.iter().find(|name| shape.columns.iter().all(|(own, _)| own != *name)) {
                return Err(self.newer(&format!("{column} in table {}", table.name)));
            }
            self.load_table(db, shape, table).await?;
        }
        Ok(())
    }

    async fn load_table(&mut self, db: &mut Db, shape: &Shape, table: &TableEntry) -> Result<(), Fault> {
        let path = self.path.clone();
        let wrong = |error: &dyn std::fmt::Display| damaged(&path, &format!("table {}: {error}", table.name));
        let entry = self.zip.by_name(&format!("database/{}.jsonl", table.name)).map_err(|error| wrong(&error))?;
        let mut lines = BufReader::with_capacity(BUFFER_BYTES, entry).lines();
        let mut tally = Tally::default();
        let mut next = || -> Result<Option<String>, Fault> {
            let line = lines.next().transpose().map_err(|error| wrong(&error))?;
            line.iter().for_each(|line| tally.add(line));
            Ok(line)
        };
        db.load(shape, &table.columns, &mut next).await?;
        if (tally.rows, tally.sum()) == (table.rows, table.sum.clone()) {
            return Ok(());
        }
        Err(wrong(&"its rows are not those that were counted"))
    }

    /// Compares a database that was filled from it with what was counted, and walks its audit chain.
    ///
    /// # Errors
    /// `Refused`: it is not the same.
    pub async fn compare(&self, db: &mut Db) -> Result<(), Fault> {
        let differs = |what: &str| {
            Fault::Refused(format!(
                "{}: restored to try it, {what} is not what was backed up; look at the disk, and make another",
                self.path.display()
            ))
        };
        let shapes = db.shapes().await?;
        for table in &self.manifest.tables {
            let own = shapes.iter().find(|shape| shape.name == table.name).ok_or_else(|| differs(&table.name))?;
            // What an older program wrote lacks columns that have come since.
            let column = |name: &String| own.columns.iter().find(|(own, _)| own == name).cloned();
            let columns: Option<Vec<(String, bool)>> = table.columns.iter().map(column).collect();
            let shape = Shape { name: table.name.clone(), columns: columns.ok_or_else(|| differs(&table.name))? };
            let tally = db.dump(&shape, &mut |_| Ok(())).await?;
            if (tally.rows, tally.sum()) != (table.rows, table.sum.clone()) {
                return Err(differs(&format!("table {}", table.name)));
            }
        }
        if db.audit_head().await? == self.manifest.chain { Ok(()) } else { Err(differs("the audit chain")) }
    }

    fn newer(&self, what: &str) -> Fault {
        Fault::Refused(format!(
            "{}: it has {what}, which this program ({}) does not know; restore it with the program that wrote it ({})",
            self.path.display(),
            env!("CARGO_PKG_VERSION"),
            self.manifest.program
        ))
    }

    /// Where a name of the list goes; never outside the folder.
    fn place(&self, below: &Path, name: &str) -> Result<PathBuf, Fault> {
        let path = Path::new(name);
        let is_plain = path.components().all(|part| matches!(part, Component::Normal(_))) && !name.is_empty();
        if is_plain { Ok(below.join(path)) } else { Err(damaged(&self.path, "a name in it leads elsewhere")) }
    }

    fn make(&self, folder: &Path) -> Result<(), Fault> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| unwritten(folder, &error))
    }

    fn write(&mut self, file: &FileEntry, place: &Path) -> Result<(), Fault> {
        let path = self.path.clone();
        let wrong = |what: &str| damaged(&path, &format!("{}: {what}", file.path));
        let mut entry =
            self.zip.by_name(&format!("folder/{}", file.path)).map_err(|error| wrong(&error.to_string()))?;
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(place);
        let mut to = opened.map_err(|error| unwritten(place, &error))?;
        let (mut hash, mut bytes, mut block) = (Sha256::new(), 0, vec![0; BUFFER_BYTES]);
        loop {
            let read = entry.read(&mut block).map_err(|error| wrong(&error.to_string()))?;
            if read == 0 {
                break;
            }
            let part = block.get(..read).unwrap_or_default();
            hash.update(part);
            bytes += read as u64;
            to.write_all(part).map_err(|error| unwritten(place, &error))?;
        }
        if (bytes, hex(&hash.finalize())) != (file.bytes, file.sha256.clone()) {
            return Err(wrong("it is not what was backed up"));
        }
        let changed = UNIX_EPOCH + Duration::from_millis(u64::try_from(file.changed_ms).unwrap_or_default());
        let set = to.set_permissions(Permissions::from_mode(file.mode & 0o777));
        let set = set.and_then(|()| to.set_modified(changed)).and_then(|()| to.sync_all());
        set.map_err(|error| unwritten(place, &error))
    }
}

/// The last bytes are the sha256 of all that stands before them.
fn is_sealed(file: &mut File) -> io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    let Some(before) = length.checked_sub(SEAL_BYTES as u64) else { return Ok(false) };
    file.rewind()?;
    let sha256 = hash_of(&mut Read::by_ref(file).take(before))?;
    let mut seal = Vec::with_capacity(SEAL_BYTES);
    file.take(SEAL_BYTES as u64).read_to_end(&mut seal)?;
    Ok(seal == sha256.as_bytes())
}

fn damaged(path: &Path, how: &str) -> Fault {
    Fault::Refused(format!(
        "{}: it is no backup of this program, or is damaged ({how}); nothing was changed: take another backup",
        path.display()
    ))
}

fn unwritten(path: &Path, error: &dyn std::fmt::Display) -> Fault {
    Fault::Temporary(format!(
        "{}: cannot be written ({error}); try again when the disk is well and has room",
        path.display()
    ))
}
