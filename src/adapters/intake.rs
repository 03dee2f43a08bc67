//! Files as they come in: copied once, under their content's name; the copy is what is read. What cannot be used is kept
//! in quarantine, with its reason beside it.
//!
//! A file may be replaced or written while it is read. So it is opened once and copied, and what is parsed, what is
//! archived and what its sha256 names are the same bytes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use super::excel::open_regular;
use crate::domain::Fault;
use crate::ledger::hex;
use crate::ports::{Archive, Unreadable};

/// The folders for what came in.
#[derive(Clone, Debug)]
pub struct Intake {
    /// What was taken in, as it came.
    pub archive: PathBuf,
    /// What could not be used, and why.
    pub rejected: PathBuf,
    /// Nothing larger is copied.
    pub file_bytes: u64,
    /// Look only: nothing is written.
    pub dry_run: bool,
}

/// A file that has come in; what is not archived or quarantined of it goes away with it.
#[derive(Debug)]
pub struct Arrived {
    /// Its content, open for reading.
    pub file: File,
    /// The sha256 of its content.
    pub sha256: String,
    ending: String,
    copy: Option<Unfinished>,
}

/// A copy under a passing name.
#[derive(Debug)]
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // What cannot be removed is hidden and is nobody's file.
        let _ = fs::remove_file(&self.0);
    }
}

impl Intake {
    /// Removes what an import that was cut off has left; another that is under way keeps its copies.
    pub fn sweep(&self) {
        if self.dry_run {
            return;
        }
        for entry in fs::read_dir(&self.archive).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let is_unfinished = name.to_string_lossy().starts_with('.') && name.to_string_lossy().ends_with(".part");
            // Whoever works on a copy holds it locked.
            let is_left = || File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
            if is_unfinished && is_left() {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Opens a file and copies it.
    ///
    /// # Errors
    /// It is no regular file, is too large, or the disk fails (a passing fault).
    pub fn take(&self, path: &Path) -> Result<Arrived, Unreadable> {
        let mut from = open_regular(path)?;
        let length = from.seek(io::SeekFrom::End(0)).map_err(unwritten)?;
        if length > self.file_bytes {
            return Err(too_large(self.file_bytes));
        }
        from.rewind().map_err(unwritten)?;
        let mut hash = Sha256::new();
        let ending = ending_of(path);
        let (copied, file, copy) = if self.dry_run {
            (copy_hashed(&mut from, &mut io::sink(), &mut hash, self.file_bytes), from, None)
        } else {
            let (mut file, copy) = self.unfinished().map_err(unwritten)?;
            (copy_hashed(&mut from, &mut file, &mut hash, self.file_bytes), file, Some(copy))
        };
        if copied.map_err(unwritten)? > self.file_bytes {
            return Err(too_large(self.file_bytes));
        }
        Ok(Arrived { file, sha256: hex(&hash.finalize()), ending, copy })
    }

    /// Where a content is kept, once it has been taken in.
    pub fn archived(&self, sha256: &str) -> PathBuf {
        self.archive.join(format!("{sha256}.xlsx"))
    }

    /// Keeps the file as it came, for good.
    ///
    /// # Errors
    /// The disk.
    pub fn keep(&self, arrived: Arrived) -> io::Result<()> {
        let place = self.archived(&arrived.sha256);
        arrived.settle(&self.archive, &place)
    }

    /// Keeps the file in quarantine, and beside it a text that says under which name it came and why it is there. Gives
    /// the name of its copy; the same content again is kept once.
    ///
    /// # Errors
    /// The disk.
    pub fn quarantine(&self, arrived: Arrived, name: &str, why: &Unreadable) -> io::Result<String> {
        let kept = format!("{}.{}", arrived.sha256, arrived.ending);
        let reason = self.rejected.join(format!("{}.txt", arrived.sha256));
        if arrived.copy.is_none() || reason.exists() {
            return Ok(kept);
        }
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.rejected)?;
        let text =
            format!("Fil: {name}\nsha256: {}\nFel: {}\nSå rättar du: {}\n", arrived.sha256, why.wrong, why.instead);
        arrived.settle(&self.rejected, &self.rejected.join(&kept))?;
        // The reason comes last: where it stands, all is there.
        let (mut file, unfinished) = self.unfinished()?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished.0, &reason)?;
        File::open(&self.rejected)?.sync_all()?;
        Ok(kept)
    }

    fn unfinished(&self) -> io::Result<(File, Unfinished)> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.archive)?;
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = self.archive.join(format!(".{}-{number}.part", std::process::id()));
            match OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path) {
                Ok(file) => {
                    file.lock()?;
                    return Ok((file, Unfinished(path)));
                }
                // Left by a process of the same number that was killed.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => drop(Unfinished(path)),
                Err(error) => return Err(error),
            }
        }
    }
}

impl Archive for Intake {
    fn content(&self, sha256: &str) -> Result<Option<String>, Fault> {
        let path = self.archived(sha256);
        let failed = |error: io::Error| Fault::Temporary(format!("{}: cannot be read ({error})", path.display()));
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mut hash = Sha256::new();
        copy_hashed(&mut file, &mut io::sink(), &mut hash, u64::MAX).map_err(failed)?;
        Ok(Some(hex(&hash.finalize())))
    }
}

impl Arrived {
    /// Gives the copy its lasting name; a content that is there already stays as it is.
    fn settle(self, folder: &Path, place: &Path) -> io::Result<()> {
        let Some(copy) = &self.copy else { return Ok(()) };
        if fs::metadata(place).is_ok_and(|there| self.file.metadata().is_ok_and(|here| here.len() == there.len())) {
            return Ok(());
        }
        self.file.sync_all()?;
        fs::rename(&copy.0, place)?;
        File::open(folder)?.sync_all()
    }
}

/// Letters and digits of the name's ending, so that a clerk's program opens the copy.
fn ending_of(path: &Path) -> String {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let is_plain = (1..=5).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    // A reason is the only text there.
    if is_plain && ending != "txt" { ending } else { "fil".to_owned() }
}

/// Copies no more than a little beyond `most` bytes; gives how many.
fn copy_hashed(from: &mut File, to: &mut impl Write, hash: &mut Sha256, most: u64) -> io::Result<u64> {
    let mut block = vec![0; 64 * 1024];
    let mut copied = 0;
    while copied <= most {
        let length = from.read(&mut block)?;
        if length == 0 {
            break;
        }
        let part = block.get(..length).unwrap_or_default();
        hash.update(part);
        to.write_all(part)?;
        copied += length as u64;
    }
    Ok(copied)
}

fn too_large(most: u64) -> Unreadable {
    Unreadable {
        wrong: format!("Filen är större än {} MiB.", most >> 20),
        instead: "Dela upp den i flera filer, eller ta bort bilder och blad som inte behövs.".to_owned(),
        temporary: false,
    }
}

fn unwritten(error: io::Error) -> Unreadable {
    Unreadable {
        wrong: format!("Filen går inte att kopiera till arkivet ({error})."),
        instead: "Försök igen; kontrollera diskens plats och arkivmappens rättigheter.".to_owned(),
        temporary: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intake(folder: &Path, dry_run: bool) -> Intake {
        Intake { archive: folder.join("archive"), rejected: folder.join("rejected"), file_bytes: 100, dry_run }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).into_iter().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_kept_once_under_its_contents_name() {
        let folder = tempfile::tempdir().unwrap();
        let (intake, path) = (intake(folder.path(), false), folder.path().join("lista.xlsx"));
        fs::write(&path, "hej").unwrap();
        for _ in 0..2 {
            let arrived = intake.take(&path).unwrap();
            // What happens to the file now concerns nobody.
            fs::write(&path, "annat").unwrap();
            intake.keep(arrived).unwrap();
            fs::write(&path, "hej").unwrap();
        }
        let kept = names(&intake.archive);
        assert_eq!(kept, [format!("{}.xlsx", hex(&Sha256::digest("hej")))]);
        assert_eq!(fs::read(intake.archive.join(&kept[0])).unwrap(), b"hej");
        drop(intake.take(&path).unwrap());
        assert_eq!(names(&intake.archive), kept, "what was neither kept nor refused leaves nothing");
    }

    #[test]
    fn what_cannot_be_used_lies_in_quarantine_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let (intake, path) = (intake(folder.path(), false), folder.path().join("lista.XLSX"));
        fs::write(&path, "hej").unwrap();
        let why = Unreadable { wrong: "Trasig.".to_owned(), instead: "Laga.".to_owned(), temporary: false };
        for name in ["lista.XLSX", "annat namn.xlsx"] {
            intake.quarantine(intake.take(&path).unwrap(), name, &why).unwrap();
        }
        let sha256 = hex(&Sha256::digest("hej"));
        assert_eq!(names(&intake.rejected), [format!("{sha256}.txt"), format!("{sha256}.xlsx")]);
        let text = fs::read_to_string(intake.rejected.join(format!("{sha256}.txt"))).unwrap();
        assert_eq!(text, format!("Fil: lista.XLSX\nsha256: {sha256}\nFel: Trasig.\nSå rättar du: Laga.\n"));
        assert_eq!(names(&intake.archive), [""; 0]);
    }

    #[test]
    fn what_was_cut_off_is_removed_and_what_is_under_way_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (intake, path) = (intake(folder.path(), false), folder.path().join("lista.xlsx"));
        fs::write(&path, "hej").unwrap();
        let under_way = intake.take(&path).unwrap();
        let left = intake.archive.join(".1-7.part");
        fs::write(&left, "he").unwrap();
        intake.sweep();
        assert!(!left.exists());
        assert_eq!(names(&intake.archive).len(), 1);
        intake.keep(under_way).unwrap();
        intake.sweep();
        assert_eq!(names(&intake.archive), [format!("{}.xlsx", hex(&Sha256::digest("hej")))]);
    }

    #[test]
    fn what_is_too_large_or_only_looked_at_is_not_copied() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stor.xlsx");
        fs::write(&path, vec![b'a'; 101]).unwrap();
        assert!(intake(folder.path(), false).take(&path).unwrap_err().wrong.contains("större"));
        fs::write(&path, vec![b'a'; 100]).unwrap();
        let look = intake(folder.path(), true);
        let arrived = look.take(&path).unwrap();
        assert_eq!(arrived.sha256, hex(&Sha256::digest(vec![b'a'; 100])));
        look.keep(arrived).unwrap();
        assert_eq!(names(&look.archive), [""; 0]);
    }
}
