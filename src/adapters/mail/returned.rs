//! What mail servers send back: a Maildir, or a folder of .eml files, that the address of the envelope is delivered to.

mod report;

use std::fs::{self, DirBuilder};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::domain::Fault;
use crate::ports::{ReturnBox, Returned};

/// A server sends the head of a letter back, or all of it; what is larger is no report.
const MOST_BYTES: u64 = 4 << 20;

/// Files that one round reads; the newest, so that what nobody can read never hides them.
const MOST_FILES: usize = 500;

/// Where read files go.
const READ: &str = "read";

/// The folder of what came back.
#[derive(Clone, Debug, Default)]
pub struct BounceFolder {
    /// A Maildir, or a folder of .eml files; none where none is named.
    pub folder: Option<PathBuf>,
}

impl ReturnBox for BounceFolder {
    fn returned(&mut self) -> Result<(Vec<Returned>, usize), Fault> {
        let Some(folder) = &self.folder else { return Ok((Vec::new(), 0)) };
        let (mut found, mut unreadable) = (Vec::new(), 0);
        for file in files(folder)? {
            match read(&folder.join(&file)).and_then(|bytes| report::returned(&file, &bytes)) {
                Some(returned) => found.push(returned),
                None => unreadable += 1,
            }
        }
        Ok((found, unreadable))
    }

    fn put_aside(&mut self, file: &str) -> Result<(), Fault> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let (from, aside) = (folder.join(file), folder.join(READ));
        let name = Path::new(file).file_name().unwrap_or_default();
        let moved = DirBuilder::new().recursive(true).mode(0o700).create(&aside);
        let moved = moved.and_then(|()| fs::rename(&from, free_name(&aside.join(name))));
        moved.map_err(|error| {
            let (folder, aside) = (folder.display(), aside.display());
            Fault::Temporary(format!(
                "{folder}: a file that was read cannot be moved to {aside} ({error}); let the program write in the folder"
            ))
        })
    }
}

/// An earlier file of the same name stays.
fn free_name(path: &Path) -> PathBuf {
    let mut free = path.to_owned();
    let mut number = 1;
    while free.exists() {
        number += 1;
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        free = PathBuf::from(name);
    }
    free
}

/// Paths below the folder.
fn files(folder: &Path) -> Result<Vec<String>, Fault> {
    let is_maildir = folder.join("new").is_dir() || folder.join("cur").is_dir();
    let places: &[&str] = if is_maildir { &["new", "cur"] } else { &[""] };
    let mut found: Vec<(SystemTime, String)> = Vec::new();
    for place in places {
        let entries = match fs::read_dir(folder.join(place)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound && is_maildir => continue,
            Err(error) => {
                let folder = folder.display();
                return Err(Fault::Input(format!(
                    "{folder}: `bounce_folder` cannot be read ({error}); make it, or change [mail.smtp]"
                )));
            }
        };
        for entry in entries.flatten() {
            let (Ok(name), Ok(about)) = (entry.file_name().into_string(), entry.metadata()) else { continue };
            let is_letter = is_maildir || name.ends_with(".eml");
            if about.is_file() && is_letter && !name.starts_with('.') {
                let path = if place.is_empty() { name } else { format!("{place}/{name}") };
                found.push((about.modified().unwrap_or(SystemTime::UNIX_EPOCH), path));
            }
        }
    }
    found.sort_by(|one, other| other.cmp(one));
    found.truncate(MOST_FILES);
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// None where it is too large or cannot be read.
fn read(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).ok()?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MOST_BYTES).then_some(bytes)
}
