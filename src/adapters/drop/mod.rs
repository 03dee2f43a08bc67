//! The drop folder on the disk: files are copied from one opening, archived by content, and removed only as they were.
//!
//! The original is removed by moving it into `.arvode/` beside it, looking at what was moved, and only then removing it:
//! a file that came under the same name in between is moved back, never lost. What a crash leaves there is moved back too.

mod disk;
mod group;
mod lying;
mod names;
mod watch;

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use self::disk::{
    CopyError, Unfinished, about_file, about_name, clear_unfinished, copy_hashed, open_file, open_folder,
    rename_to_free, sync_folder, temporary,
};
use super::excel::{ExcelReader, is_whole};
use crate::domain::Fault;
use crate::ports::{Arrival, Inbox, NotKept, Ready, Stamp, Unreadable, Workbook};

pub use group::{FOLDER_MODE, give_to_group, wrong_group};
pub use lying::{Lying, lying};
pub use watch::Watch;

/// Where things are and how long they must lie still.
#[derive(Clone, Debug)]
pub struct Places {
    /// The drop folder.
    pub folder: PathBuf,
    /// Files as they came, by content.
    pub archive: PathBuf,
    /// Files that cannot be used.
    pub rejected: PathBuf,
    /// A file lies still when it has not changed for so long.
    pub settle: Duration,
    /// A workbook whose end is missing may still be on its way for so long.
    pub unfinished: Duration,
}

/// What is wrong with the places, in sentences; nothing where files can be taken and kept.
pub fn wrong_places(places: &Places) -> Vec<String> {
    let (read, write) = (rustix::fs::Access::READ_OK, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK);
    let all = [
        (&places.folder, "[drop] folder"),
        (&places.archive, "[folders] archive"),
        (&places.rejected, "[folders] rejected"),
    ];
    let wrong = |(folder, setting): (&PathBuf, &str)| {
        let place = folder.display();
        if !folder.is_dir() {
            // The two others are made when the first file comes.
            let is_needed = setting == "[drop] folder" || folder.exists();
            return is_needed
                .then(|| format!("{place}: the folder is missing; make it, or change {setting} in arvode.toml"));
        }
        let is_ours = rustix::fs::access(folder, read | write).is_ok();
        (!is_ours).then(|| {
            format!(
                "{place}: may not be read and written; give the user of arvode the right to ({setting} in arvode.toml)"
            )
        })
    };
    all.into_iter().filter_map(wrong).collect()
}

/// What is remembered of the folder from one pass to the next.
#[derive(Debug, Default)]
pub struct Memory {
    seen: HashMap<OsString, Seen>,
}

#[derive(Debug)]
struct Seen {
    stamp: Stamp,
    since: Instant,
    tries: u32,
}

/// The drop folder, opened for a pass.
#[derive(Debug)]
pub struct DropFolder<'a> {
    places: Places,
    folder: File,
    reader: ExcelReader,
    memory: &'a mut Memory,
    now_ms: i64,
    /// The day, as a text for a person says it.
    today: String,
}

/// A copy in the archive that has not got its name yet.
#[derive(Debug)]
pub struct Kept {
    copy: Unfinished,
    sha256: String,
    /// Of its name in the archive.
    ending: &'static str,
}

/// Where originals lie between their last look and their removal.
const LEAVING: &str = ".arvode";

impl<'a> DropFolder<'a> {
    /// Opens the folder, and mends what a crash may have left. The caller holds the lock of the data folder.
    ///
    /// # Errors
    /// A folder is missing or cannot be used.
    pub fn open(
        places: Places,
        reader: ExcelReader,
        memory: &'a mut Memory,
        (now_ms, today): (i64, String),
    ) -> Result<DropFolder<'a>, Fault> {
        let folder = open_folder(&places.folder).map_err(|error| match error {
            Errno::NOENT | Errno::NOTDIR => Fault::Input(format!(
                "the drop folder {} is not there; make it, mount it, or name another in arvode.toml ([drop] folder)",
                places.folder.display()
            )),
            error => Fault::Temporary(format!("the drop folder {}: {error}; try again", places.folder.display())),
        })?;
        for ours in [&places.archive, &places.rejected] {
            clear_unfinished(ours).map_err(|error| temporary(ours, "tidy up in", &error))?;
        }
        let mut opened = DropFolder { places, folder, reader, memory, now_ms, today };
        opened.bring_back().map_err(|error| temporary(&opened.places.folder.join(LEAVING), "tidy up in", &error))?;
        Ok(opened)
    }

    /// Where originals lie before they go; never through a link that somebody put there.
    fn leaving(&self) -> rustix::io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat(&self.folder, LEAVING, flags, Mode::empty()).map(File::from)
    }

    /// Moves back what was about to be removed when a crash came: it is taken again, and says nothing new.
    fn bring_back(&mut self) -> rustix::io::Result<()> {
        let leaving = match self.leaving() {
            Err(Errno::NOENT) => return Ok(()),
            opened => opened?,
        };
        for entry in rustix::fs::Dir::read_from(&leaving)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name != "." && name != ".." {
                self.move_back(&leaving, name)?;
            }
        }
        Ok(())
    }

    /// Under its own name, or beside what has come there since.
    fn move_back(&self, leaving: &File, name: &OsStr) -> rustix::io::Result<()> {
        let plain = names::safe(&names::readable(name));
        for number in 1..1000 {
            let wanted = if number == 1 { name.to_owned() } else { names::numbered(&plain, number).into() };
            match rename_to_free(leaving, Path::new(name), &self.folder, Path::new(&wanted)) {
                Err(Errno::EXIST) => {}
                done => return done.and_then(|()| sync_folder(&self.folder)),
            }
        }
        Err(Errno::EXIST)
    }

    fn arrival(&mut self, raw: OsString) -> Result<Option<Arrival>, Fault> {
        let about = match about_name(&self.folder, &raw) {
            Ok(about) => about,
            // It came and went.
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(temporary(&self.places.folder.join(&raw), "look at", &error)),
        };
        let state = match about.kind {
            FileType::RegularFile if about.links > 1 => Ready::Never(linked()),
            FileType::RegularFile => self.settled(&raw, about.stamp),
            _ => Ready::Never(no_file()),
        };
        let name = names::readable(&raw);
        Ok(Some(Arrival { raw, name, stamp: about.stamp, state }))
    }

    /// Only what this machine saw counts: the clock of a file server may be another.
    fn settled(&mut self, raw: &OsStr, stamp: Stamp) -> Ready {
        let fresh = Seen { stamp, since: Instant::now(), tries: 0 };
        let seen = self.memory.seen.entry(raw.to_owned()).or_insert_with(|| Seen { ..fresh });
        if seen.stamp != stamp {
            *seen = Seen { stamp, since: Instant::now(), tries: 0 };
        }
        if seen.since.elapsed() >= self.places.settle { Ready::Yes } else { Ready::Settling }
    }

    /// How long a file has not changed, as its own times say or as it was seen, whichever is longer.
    fn still_for(&self, arrival: &Arrival) -> Duration {
        let seen = self.memory.seen.get(&arrival.raw).map(|seen| seen.since.elapsed()).unwrap_or_default();
        let last_s = arrival.stamp.modified.0.max(arrival.stamp.changed.0);
        let by_clock_s = u64::try_from(self.now_ms / 1000 - last_s).unwrap_or_default();
        seen.max(Duration::from_secs(by_clock_s))
    }

    /// A workbook without its end, or an empty file, may be on its way.
    fn unfinished(&self, arrival: &Arrival, file: &File) -> Option<Unreadable> {
        if self.still_for(arrival) >= self.places.unfinished {
            return None;
        }
        let is_half = if arrival.is_signature() { is_half_signature(file) } else { is_half(file, arrival.stamp.size) };
        is_half.then(|| Unreadable {
            wrong: "Filen är inte hel: slutet saknas.".to_owned(),
            instead: format!(
                "Vänta tills kopieringen är klar. Om den har avbrutits: skicka filen igen; annars avvisas den när den har varit oförändrad i {} minuter.",
                self.places.unfinished.as_secs().div_ceil(60)
            ),
            temporary: true,
        })
    }

    /// The open file is still the one that was looked at, and the only name of it.
    fn is_same(&self, arrival: &Arrival, file: &File) -> bool {
        let is_same = |about: rustix::io::Result<disk::About>| {
            about.is_ok_and(|about| {
                about.stamp == arrival.stamp && about.links == 1 && about.kind == FileType::RegularFile
            })
        };
        is_same(about_file(file)) && is_same(about_name(&self.folder, &arrival.raw))
    }

    /// A file whose content is this lies under a name of the rejected.
    fn has_content(path: &Path, sha256: &str) -> bool {
        File::open(path).is_ok_and(|file| {
            copy_hashed(&file, &mut std::io::sink(), u64::MAX - 1).is_ok_and(|(_, found)| found == sha256)
        })
    }

    /// The first name among the rejected that is free, or has this very content already.
    fn name_among_rejected(&self, arrival: &Arrival, sha256: Option<&str>) -> Result<(String, bool), Fault> {
        let plain = names::safe(&arrival.name);
        for number in 1..10_000 {
            let name = names::numbered(&plain, number);
            let path = self.places.rejected.join(&name);
            if sha256.is_some_and(|sha256| Self::has_content(&path, sha256)) {
                return Ok((name, true));
            }
            // A text without its file was left by a crash, unless it is a rejected file itself: then it has its own text.
            let text = text_name(&name);
            let is_anothers = self.places.rejected.join(text_name(&text)).exists();
            if !path.exists() && !is_anothers {
                return Ok((name, false));
            }
        }
        Err(temporary(&self.places.rejected.join(&plain), "keep", &"there are 10000 of its name"))
    }

    /// Moves a file that is not read into the rejected, if it is what was looked at.
    fn move_to_rejected(&self, arrival: &Arrival, name: &str) -> Result<(), Fault> {
        let path = self.places.rejected.join(name);
        let failed = |error: Errno| temporary(&path, "move the file to", &error);
        let rejected = open_folder(&self.places.rejected).map_err(failed)?;
        rename_to_free(&self.folder, Path::new(&arrival.raw), &rejected, Path::new(name)).map_err(failed)?;
        if !is_still(arrival, about_name(&rejected, OsStr::new(name))) {
            rename_to_free(&rejected, Path::new(name), &self.folder, Path::new(&arrival.raw)).map_err(failed)?;
            return Err(temporary(&path, "move the file to", &"another file came under its name"));
        }
        sync_folder(&rejected).map_err(failed)
    }

    fn write_text(&self, arrival: &Arrival, name: &str, why: &Unreadable) -> Result<(), Fault> {
        let path = self.places.rejected.join(text_name(name));
        let text = format!(
            "Filen \"{}\" togs inte in ({}).\n\nVad som är fel: {}\nSå gör du: {}\n\n\
             Ingenting i filen har lästs in. Den ligger kvar här som den kom, med namnet \"{name}\".\n\
             Lägg den rättade filen i mappen på nytt.\n",
            arrival.name, self.today, why.wrong, why.instead
        );
        let written = Unfinished::begin(&self.places.rejected).and_then(|mut file| {
            file.file.write_all(text.as_bytes())?;
            file.name(&text_name(name))
        });
        written.map_err(|error| temporary(&path, "write", &error))
    }
}

/// What was moved is what was looked at: moving it changed its ctime, and nothing else of it.
fn is_still(arrival: &Arrival, moved: rustix::io::Result<disk::About>) -> bool {
    moved.is_ok_and(|about| about.stamp == Stamp { changed: about.stamp.changed, ..arrival.stamp } && about.links == 1)
}

fn text_name(name: &str) -> String {
    format!("{name}.txt")
}

/// Nothing is there yet, or the end is not: some systems give a file its whole size first, and fill it after that.
fn is_half(file: &File, size: u64) -> bool {
    let (mut head, mut tail) = ([0_u8; 4], [0_u8; 4]);
    let is_read = |block: &mut [u8], at: u64| file.read_exact_at(block, at).is_ok();
    if size < 4 || !is_read(&mut head, 0) || !is_read(&mut tail, size - 4) {
        return size < 2;
    }
    let is_text = head.iter().all(|byte| *byte != 0 && *byte < 0xd0);
    match head {
        [0, 0, 0, 0] => true,
        [b'P', b'K', ..] => !is_whole(file).unwrap_or(true),
        _ => is_text && tail == [0; 4],
    }
}

/// No signature is longer: an RSA key of 16 384 bits makes one of some 5 000 letters.
const LONGEST_SIGNATURE: u64 = 16 * 1024;

const SIGNATURE_BEGINS: &str = "-----BEGIN SSH SIGNATURE-----";
const SIGNATURE_ENDS: &str = "-----END SSH SIGNATURE-----";

/// It begins as a signature, as far as it goes, and has not come to its end.
fn is_half_signature(file: &File) -> bool {
    let mut bytes = vec![0; usize::try_from(LONGEST_SIGNATURE).unwrap_or(0)];
    let read = file.read_at(&mut bytes, 0).unwrap_or(0);
    let text = String::from_utf8_lossy(bytes.get(..read).unwrap_or_default());
    // Some systems give a file its whole size first, and fill it after that.
    let text = text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\0');
    let begins = text.starts_with(SIGNATURE_BEGINS) || SIGNATURE_BEGINS.starts_with(text);
    begins && !text.ends_with(SIGNATURE_ENDS)
}

fn no_signature() -> Unreadable {
    never(
        "Filen heter .sig men är ingen underskrift.",
        "Lägg hit filen som ssh-keygen -Y sign -n arvode-attest -f NYCKEL FIL skrev; den slutar på .sig.",
    )
}

fn never(wrong: &str, instead: &str) -> Unreadable {
    Unreadable { wrong: wrong.to_owned(), instead: instead.to_owned(), temporary: false }
}

fn no_file() -> Unreadable {
    never(
        "Det är ingen vanlig fil, utan en länk, mapp eller något annat.",
        "Lägg själva filen direkt i mappen, och ta bort detta.",
    )
}

fn linked() -> Unreadable {
    never(
        "Filen har ett namn till på disken (en hård länk) och kan ändras den vägen.",
        "Kopiera filen till mappen i stället för att länka den.",
    )
}

fn not_allowed() -> Unreadable {
    never("Programmet får inte läsa filen.", "Ändra filens rättigheter så att mappens grupp får läsa den.")
}

impl Inbox for DropFolder<'_> {
    type Kept = Kept;

    fn look(&mut self) -> Result<Vec<Arrival>, Fault> {
        let failed = |error: std::io::Error| {
            Fault::Temporary(format!("{}: cannot be read: {error}; try again", self.places.folder.display()))
        };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.places.folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            if !names::is_no_matter_of_ours(&name) {
                names.push(name);
            }
        }
        let mut arrivals = Vec::new();
        for name in names {
            arrivals.extend(self.arrival(name)?);
        }
        arrivals.sort_by(|one, other| (one.stamp.changed, &one.raw).cmp(&(other.stamp.changed, &other.raw)));
        self.memory.seen.retain(|name, _| arrivals.iter().any(|arrival| arrival.raw == *name));
        Ok(arrivals)
    }

    fn keep(&mut self, arrival: &Arrival) -> Result<Kept, NotKept> {
        let file = open_file(&self.folder, &arrival.raw).map_err(|error| match error {
            Errno::NOENT => NotKept::Changed,
            Errno::LOOP | Errno::NXIO => NotKept::Never(no_file()),
            Errno::ACCESS | Errno::PERM => NotKept::Never(not_allowed()),
            error => NotKept::Never(never(&format!("Filen kan inte öppnas ({error})."), "Lägg den i mappen på nytt.")),
        })?;
        if !self.is_same(arrival, &file) {
            return Err(NotKept::Changed);
        }
        if arrival.stamp.size > self.reader.limits.file_bytes {
            return Err(NotKept::Refused(never(
                &format!("Filen är större än {} MiB.", self.reader.limits.file_bytes >> 20),
                "Dela upp den i flera filer, eller ta bort bilder och blad som inte behövs.",
            )));
        }
        if let Some(why) = self.unfinished(arrival, &file) {
            return Err(NotKept::Unfinished(why));
        }
        let not_written = |error: &dyn std::fmt::Display| {
            NotKept::Fault(temporary(&self.places.archive, "write the archived copy in", error))
        };
        let mut copy = Unfinished::begin(&self.places.archive).map_err(|error| not_written(&error))?;
        let (length, sha256) = copy_hashed(&file, &mut copy.file, arrival.stamp.size).map_err(|error| match error {
            CopyError::Writing(error) => not_written(&error),
            CopyError::Reading => {
                NotKept::Never(never("Filen kan inte läsas från disken.", "Lägg den i mappen på nytt."))
            }
        })?;
        if length != arrival.stamp.size || !self.is_same(arrival, &file) {
            return Err(NotKept::Changed);
        }
        let ending = if arrival.is_signature() { "sig" } else { "xlsx" };
        Ok(Kept { copy, sha256, ending })
    }

    fn sha256<'k>(&self, kept: &'k Kept) -> &'k str {
        &kept.sha256
    }

    async fn read(&self, arrival: &Arrival, kept: &Kept) -> Result<Box<dyn Workbook>, Unreadable> {
        let again = || Unreadable {
            wrong: "Läsaren går inte att starta.".to_owned(),
            instead: "Försök igen.".to_owned(),
            temporary: true,
        };
        let mut copy = kept.copy.file.try_clone().map_err(|_| again())?;
        copy.rewind().map_err(|_| again())?;
        let workbook = self.reader.read_apart(Path::new(&arrival.raw), copy).await?;
        Ok(Box::new(workbook))
    }

    fn text(&self, kept: &Kept) -> Result<String, Unreadable> {
        let mut bytes = vec![0; usize::try_from(LONGEST_SIGNATURE).unwrap_or(0)];
        let read = kept.copy.file.read_at(&mut bytes, 0).map_err(|_| no_signature())?;
        if bytes.len() <= read {
            return Err(no_signature());
        }
        bytes.truncate(read);
        String::from_utf8(bytes).map_err(|_| no_signature())
    }

    fn tried(&mut self, arrival: &Arrival) -> u32 {
        let seen = self.memory.seen.get_mut(&arrival.raw).filter(|seen| seen.stamp == arrival.stamp);
        seen.map_or(1, |seen| {
            seen.tries += 1;
            seen.tries
        })
    }

    fn archive(&self, kept: Kept) -> Result<(), Fault> {
        let name = format!("{}.{}", kept.sha256, kept.ending);
        let named = kept.copy.name(&name);
        named.map_err(|error| temporary(&self.places.archive.join(&name), "archive", &error))
    }

    fn reject(&mut self, arrival: &Arrival, kept: Option<Kept>, why: &Unreadable) -> Result<String, Fault> {
        let (name, is_there) = self.name_among_rejected(arrival, kept.as_ref().map(|kept| kept.sha256.as_str()))?;
        self.write_text(arrival, &name, why)?;
        let path = self.places.rejected.join(&name);
        match kept {
            None => self.move_to_rejected(arrival, &name)?,
            Some(_) if is_there => {}
            Some(mut kept) => {
                let copied = kept.copy.file.rewind().and_then(|()| {
                    let mut copy = Unfinished::begin(&self.places.rejected)?;
                    std::io::copy(&mut kept.copy.file, &mut copy.file)?;
                    copy.name(&name)
                });
                copied.map_err(|error| temporary(&path, "keep the rejected file as", &error))?;
            }
        }
        Ok(name)
    }

    fn remove(&mut self, arrival: &Arrival) -> Result<bool, Fault> {
        let path = self.places.folder.join(&arrival.raw);
        let failed = |error: Errno| temporary(&path, "remove", &error);
        if !about_name(&self.folder, &arrival.raw).is_ok_and(|about| about.stamp == arrival.stamp) {
            return Ok(false);
        }
        match rustix::fs::mkdirat(&self.folder, LEAVING, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(failed(error)),
        }
        let leaving = self.leaving().map_err(failed)?;
        rename_to_free(&self.folder, Path::new(&arrival.raw), &leaving, Path::new(&arrival.raw)).map_err(failed)?;
        if !is_still(arrival, about_name(&leaving, &arrival.raw)) {
            self.move_back(&leaving, &arrival.raw).map_err(failed)?;
            return Ok(false);
        }
        rustix::fs::unlinkat(&leaving, &arrival.raw, AtFlags::empty()).map_err(failed)?;
        // The name must not come back after a power cut, or the file would only be taken once more.
        sync_folder(&self.folder).map_err(failed)?;
        self.memory.seen.remove(&arrival.raw);
        Ok(true)
    }
}
