//! Minutes that are put into a folder. They stay there untouched; what was read is known by its content.
//!
//! A file is read when it has lain still for a while, as this machine sees it. Links, pipes and everything else that is no
//! file of its own are refused.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::Metadata;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use super::gathered::Gathered;
use super::{FILE_BYTES, Wrong};
use crate::adapters::excel::open_regular;
use crate::adapters::http::Waiting;
use crate::domain::{Fault, shown};
use crate::ports::Unreadable;

/// A file has lain still when it has not changed for so long.
const SETTLE: Duration = Duration::from_secs(2);
/// More files than all meetings of a region in ten years.
const FILES: usize = 20_000;

/// What tells a file from the same file changed.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp([i64; 4], [u64; 3]);

impl Stamp {
    fn of(about: &Metadata) -> Stamp {
        Stamp(
            [about.mtime(), about.mtime_nsec(), about.ctime(), about.ctime_nsec()],
            [about.dev(), about.ino(), about.size()],
        )
    }
}

/// Reads all files that lie still.
pub(super) async fn read(folder: &Path, waiting: &dyn Waiting) -> Result<Gathered, Fault> {
    let before = listed(folder)?;
    if !before.is_empty() {
        waiting.pause(SETTLE).await;
    }
    let mut gathered = Gathered::default();
    for (name, stamp) in listed(folder)? {
        let shown_name = name.to_string_lossy();
        let content =
            if before.get(&name) == Some(&stamp) { content(&folder.join(&name), stamp)? } else { Came::Later };
        match content {
            Came::Whole(content) => {
                gathered.add(&shown_name, &content);
            }
            Came::Never(why) => gathered.refuse(&shown_name, &why),
            Came::Later => {
                gathered.note(format!("{}: filen ändras fortfarande och läses nästa gång.", shown(&shown_name)));
            }
        }
    }
    if before.is_empty() {
        gathered.note("Mappen har inga XML-filer.".to_owned());
    }
    Ok(gathered)
}

fn listed(folder: &Path) -> Result<BTreeMap<OsString, Stamp>, Fault> {
    let failed = |error: std::io::Error| {
        let place = folder.display();
        match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => {
                Fault::Input(format!("the folder {place} is not there; make it, mount it, or name another in `folder`"))
            }
            std::io::ErrorKind::PermissionDenied => {
                Fault::Input(format!("the folder {place} may not be read; give the user of arvode the right to"))
            }
            _ => Fault::Temporary(format!("the folder {place}: {error}; it is tried again later")),
        }
    };
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if !is_xml(&name) {
            continue;
        }
        match std::fs::symlink_metadata(folder.join(&name)) {
            Ok(about) => drop(found.insert(name, Stamp::of(&about))),
            // It came and went.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        if found.len() > FILES {
            let place = folder.display();
            return Err(Fault::Refused(format!("the folder {place} has more than {FILES} files; move old ones away")));
        }
    }
    Ok(found)
}

/// Minutes come with documents beside them, and programs leave files that begin with a dot or `~`.
fn is_xml(name: &OsString) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    name.ends_with(".xml") && !name.starts_with(['.', '~'])
}

enum Came {
    Whole(Vec<u8>),
    Later,
    Never(Unreadable),
}

fn content(path: &Path, stamp: Stamp) -> Result<Came, Fault> {
    let failed = |error: &dyn std::fmt::Display| {
        Fault::Temporary(format!("{}: cannot be read: {error}; it is tried again later", shown_path(path)))
    };
    let file = match open_regular(path) {
        Ok(file) => file,
        Err(why) if why.temporary => return Err(failed(&why.wrong)),
        Err(why) => return Ok(Came::Never(Unreadable { instead: INSTEAD.to_owned(), ..why })),
    };
    let about = || file.metadata().map_err(|error| failed(&error));
    if about()?.nlink() > 1 {
        return Ok(Came::Never(linked()));
    }
    let mut content = Vec::new();
    // One byte too many is enough to refuse it by.
    (&file).take(FILE_BYTES as u64 + 1).read_to_end(&mut content).map_err(|error| failed(&error))?;
    Ok(if Stamp::of(&about()?) == stamp { Came::Whole(content) } else { Came::Later })
}

const INSTEAD: &str = "Lägg själva filen i mappen, läsbar för programmet.";

fn linked() -> Unreadable {
    let wrong = "Filen har ett namn till på disken (en hård länk) och kan ändras den vägen.";
    Wrong::whole(wrong, "Kopiera filen till mappen i stället för att länka den.").unreadable()
}

fn shown_path(path: &Path) -> String {
    let name = path.file_name().map(|name| shown(&name.to_string_lossy())).unwrap_or_default();
    path.parent().map_or_else(|| name.clone(), |folder| folder.join(&name).display().to_string())
}
