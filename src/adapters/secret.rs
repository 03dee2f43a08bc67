//! Secrets, read from files that the settings name.

use std::fmt;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::domain::Fault;

/// Longer than any token, key or chain of certificates.
const MOST_BYTES: u64 = 1 << 20;

/// A text that is in no message: its `Debug` shows nothing.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text, for a request's header or form, or a mail server, alone.
    pub(in crate::adapters) fn shown(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

/// Where the files lie that settings name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretFolders {
    /// The folder that paths are counted from.
    pub data: PathBuf,
    /// The service manager's folder (`CREDENTIALS_DIRECTORY`); a name without a folder is looked for there first.
    pub credentials: Option<PathBuf>,
}

impl SecretFolders {
    /// The data folder, and what the service manager says.
    pub fn of(data: &Path) -> SecretFolders {
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        SecretFolders { data: data.to_owned(), credentials }
    }

    /// Where a file of the settings lies.
    pub fn place(&self, file: &Path) -> PathBuf {
        let is_bare = file.components().count() == 1 && !file.is_absolute();
        let given = self.credentials.as_ref().filter(|_| is_bare).map(|folder| folder.join(file));
        given.filter(|path| path.exists()).unwrap_or_else(|| self.data.join(file))
    }

    /// One line of a file, without its line end.
    ///
    /// # Errors
    /// The file is missing, is no plain file, is empty, or has several lines.
    pub fn line(&self, file: &Path, setting: &str) -> Result<Secret, Fault> {
        let content = self.content(file, setting)?;
        let place = self.place(file).display().to_string();
        let text = String::from_utf8(content)
            .map_err(|_| Fault::Input(format!("{place}: `{setting}` is not a text in UTF-8")))?;
        let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        if line.trim().is_empty() || line.contains(char::is_control) {
            return Err(Fault::Input(format!("{place}: `{setting}` names a file with one line: the secret alone")));
        }
        Ok(Secret::new(line))
    }

    /// All of a file, as certificates need it.
    ///
    /// # Errors
    /// The file is missing, is no plain file, is too large, or may be written by anybody.
    pub fn content(&self, file: &Path, setting: &str) -> Result<Vec<u8>, Fault> {
        let path = self.place(file);
        let wrong = |what: String| Fault::Input(format!("{}: {what}; `{setting}` names this file", path.display()));
        // A FIFO would keep the program waiting for its writer.
        let opened = std::fs::File::options().read(true).custom_flags(rustix_nonblock()).open(&path);
        let mut opened = opened.map_err(|error| {
            wrong(format!("cannot be read ({error}); put it there, readable by this program alone"))
        })?;
        let about = opened.metadata().map_err(|error| wrong(format!("cannot be read ({error})")))?;
        if !about.is_file() {
            return Err(wrong("is not a plain file".to_owned()));
        }
        if about.mode() & 0o002 != 0 {
            return Err(wrong("may be changed by anybody: take that right away (chmod o-w)".to_owned()));
        }
        let mut content = Vec::new();
        let read = opened.by_ref().take(MOST_BYTES + 1).read_to_end(&mut content);
        read.map_err(|error| wrong(format!("cannot be read ({error})")))?;
        if content.len() as u64 > MOST_BYTES {
            return Err(wrong(format!("is larger than {} KiB", MOST_BYTES >> 10)));
        }
        Ok(content)
    }

    /// Whether anybody on the machine may read the file.
    pub fn is_open_to_all(&self, file: &Path) -> bool {
        std::fs::metadata(self.place(file)).is_ok_and(|about| about.mode() & 0o004 != 0)
    }
}

fn rustix_nonblock() -> i32 {
    i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default()
}
