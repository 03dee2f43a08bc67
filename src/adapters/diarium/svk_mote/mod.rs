//! SVK-MOTE v1, the one public Swedish schema of minutes with attendance: a file is a meeting. It comes from a folder or an
//! address, or by hand as any list does.
//!
//! A file is read whole or not at all: it must be what the schema says, to its last element, and what it says must be
//! clear. Used are, of `meetingHeader`: `meetingId` (with `fondsCreator`'s number it is the record's id; alone it is the
//! mötes-id that people write), `governingBody`, `meetingType` (`other` says nothing of the kind), `meetingDate`,
//! `meetingTime`, `meetingTimeFrom`, `meetingTimeTo`, `location`; of `agenda` and `matters`: the paragraphs' numbers; of
//! `minutes`: `meetingRef`, `quorum`, `attendees` with `role`, `name`, `attendanceStatus`, `substitutingFor` and
//! `itemAbsences`, and whoever adjusted them (`signatories`, else `eSignatures`).
//!
//! Not used, though one might look for it:
//! - `group`: a party is never kept; what stands in brackets after a name is left out too.
//! - `recipients` of the notice: who was called is not who came. Without `minutes` nobody is told to have been there.
//! - `meetingTimeTo` without `minutes`: a plan, not an end. With `meetingDate` the schema has no end at all.
//! - `adjustmentDate`, `signingDate`, `posting`: attendance is told as it stands; minutes that are corrected later come as
//!   a changed file.
//! - `statements`, `rapporteur`, `responsible`, `proposer`, `decision`, `attachments`: who spoke is not who attended.
//! - `itemAbsence` with `left-meeting` or `not-yet-arrived`: the schema has no clock times of persons, so these are
//!   absences from paragraphs as every other; with `conflict-of-interest` it is jäv.
//!
//! The schema has no persons' ids and numbers, and no way to say that a meeting was cancelled.

mod address;
mod attendees;
mod folder;
pub(super) mod gathered;
mod meeting;
mod paragraphs;
mod schema;
mod text;
mod tree;
mod values;
mod wire;

use std::path::PathBuf;
use std::rc::Rc;

use self::gathered::Gathered;
use crate::adapters::http::{Http, Outside, Waiting};
use crate::adapters::settings::DiariumSettings;
use crate::domain::Fault;
use crate::ports::{Changes, Diarium, Record, Unreadable};

/// No larger file is read: minutes with all their decisions are a hundredth of it.
pub const FILE_BYTES: usize = 16 << 20;

/// A source of such files.
#[derive(Debug)]
pub struct SvkMote {
    name: String,
    place: Place,
}

enum Place {
    Folder(PathBuf, Rc<dyn Waiting>),
    Address(String, Box<Http>),
}

impl std::fmt::Debug for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Folder(folder, _) => write!(out, "Folder({})", folder.display()),
            Place::Address(_, http) => write!(out, "Address({http:?})"),
        }
    }
}

impl SvkMote {
    /// Reads secrets and certificates, where it is asked by address; looks for nothing yet.
    ///
    /// # Errors
    /// `Input`: a setting or a file that it names cannot be used, or the folder is not there.
    pub fn open(settings: &DiariumSettings, outside: &Outside) -> Result<SvkMote, Fault> {
        let name = settings.name.clone();
        let place = match &settings.folder {
            Some(folder) => {
                let folder = outside.secrets.data.join(folder);
                if !folder.is_dir() {
                    let place = folder.display();
                    return Err(Fault::Input(format!(
                        "diarium \"{name}\": the folder {place} is not there; make it, or name another in `folder`"
                    )));
                }
                Place::Folder(folder, Rc::clone(&outside.waiting))
            }
            None => {
                let http = Http::open(&settings.http, outside)?;
                Place::Address(settings.http.url.clone(), Box::new(http))
            }
        };
        Ok(SvkMote { name, place })
    }

    async fn gathered(&mut self) -> Result<Gathered, Fault> {
        match &mut self.place {
            Place::Folder(folder, waiting) => {
                let named = |text: String| format!("diarium \"{}\": {text}", self.name);
                folder::read(folder, waiting.as_ref()).await.map_err(|fault| match fault {
                    Fault::Input(text) => Fault::Input(named(text)),
                    Fault::Temporary(text) => Fault::Temporary(named(text)),
                    Fault::Refused(text) => Fault::Refused(named(text)),
                })
            }
            Place::Address(url, http) => {
                http.begin();
                address::read(http, url).await
            }
        }
    }
}

impl Diarium for SvkMote {
    async fn changes(&mut self, since: Option<&str>) -> Result<Changes, Fault> {
        self.gathered().await.map(|gathered| gathered.into_changes(since))
    }
}

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minutes {
    /// The meeting.
    pub record: Record,
    /// What a person should know of it, in Swedish; no name and no number of a person.
    pub notes: Vec<String>,
}

/// Reads a file.
///
/// # Errors
/// It is not SVK-MOTE v1, or says what cannot be understood: line, element, and what to do, in Swedish.
pub fn read(bytes: &[u8]) -> Result<Minutes, Unreadable> {
    if bytes.len() > FILE_BYTES {
        let wrong = format!("Filen är större än {} MiB.", FILE_BYTES >> 20);
        return Err(Wrong::whole(wrong, "Så stora är inga protokoll: kontrollera exporten.").unreadable());
    }
    minutes(bytes).map_err(Wrong::unreadable)
}

/// Reads a file as records.
///
/// # Errors
/// As [`read`].
pub fn parse(bytes: &[u8]) -> Result<Vec<Record>, Unreadable> {
    read(bytes).map(|minutes| vec![minutes.record])
}

fn minutes(bytes: &[u8]) -> Result<Minutes, Wrong> {
    let text = text::decode(bytes)?;
    let tree = tree::read(&text)?;
    schema::check(&tree.root)?;
    let mut notes = Vec::new();
    if !tree.has_namespace {
        notes.push("Filen anger ingen namnrymd; den är läst som SVK-MOTE v1.".to_owned());
    }
    let record = meeting::record(&tree.root, &mut notes)?;
    Ok(Minutes { record, notes })
}

/// What is wrong with a file.
#[derive(Debug)]
struct Wrong {
    line: Option<u32>,
    wrong: String,
    instead: String,
}

impl Wrong {
    fn at(line: u32, wrong: impl Into<String>, instead: &str) -> Wrong {
        Wrong { line: Some(line), wrong: wrong.into(), instead: instead.to_owned() }
    }

    fn whole(wrong: impl Into<String>, instead: &str) -> Wrong {
        Wrong { line: None, wrong: wrong.into(), instead: instead.to_owned() }
    }

    fn unreadable(self) -> Unreadable {
        let place = self.line.map(|line| format!("Rad {line}: ")).unwrap_or_default();
        Unreadable { wrong: format!("{place}{}", self.wrong), instead: self.instead, temporary: false }
    }
}
