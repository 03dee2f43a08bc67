//! Letters as .eml files: each beside its place first, and then under its name.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::message::{Sender, Unsendable, message_bytes};
use crate::ports::{LetterFile, LetterKind, NotTaken, Post, StoredLetter, letter_token};

/// The folder that letters are written to.
#[derive(Clone, Debug)]
pub struct FolderPost {
    /// Where.
    pub folder: PathBuf,
    /// Who sends.
    pub sender: Sender,
}

/// A file is written in a moment; a disk that hangs hangs the program with it.
const LONGEST_MS: i64 = 60_000;

impl FolderPost {
    /// `000012-monthly_letter-1f2e3d4c.eml`: the number, the kind, and a sign of what it is about.
    pub fn file_name(&self, id: i64, kind: LetterKind, key: &str) -> String {
        let token = letter_token(key, &self.sender.organisationsnummer);
        format!("{id:06}-{}-{}.eml", kind.name(), token.get(..8).unwrap_or_default())
    }

    /// Removes the file of a letter that gallring has emptied; false if there is none.
    ///
    /// # Errors
    /// It is there and cannot be removed.
    pub fn forget(&self, id: i64, kind: LetterKind, key: &str) -> std::io::Result<bool> {
        match fs::remove_file(self.folder.join(self.file_name(id, kind, key))) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Post for FolderPost {
    async fn send(&mut self, letter: &StoredLetter, files: &[LetterFile]) -> Result<String, NotTaken> {
        let bytes = message_bytes(&self.sender, letter, files).map_err(|why| match why {
            Unsendable::Sender => NotTaken::Nothing("`from` i [mail] är ingen adress".to_owned()),
            Unsendable::Receiver => NotTaken::Never("adressen går inte att använda".to_owned()),
        })?;
        let name = self.file_name(letter.id, letter.letter.kind, &letter.letter.key());
        write(&self.folder, &name, &bytes).map_err(|error| {
            let told = format!("{}: {error}", self.folder.join(&name).display());
            match error.kind() {
                ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::NotADirectory => NotTaken::Nothing(told),
                _ => NotTaken::Unreachable(told),
            }
        })?;
        Ok(name)
    }

    fn longest_ms(&self) -> i64 {
        LONGEST_MS
    }

    async fn end(&mut self) {}
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let (path, beside) = (folder.join(name), folder.join(format!(".{name}.part")));
    // What was left there goes away, and is not written through: somebody who was frozen may still have it open.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written {
        // What was begun would fill a full disk further.
        let _ = fs::remove_file(&beside);
        return Err(error);
    }
    fs::rename(&beside, &path)?;
    File::open(folder)?.sync_all()
}
