//! `import` and `withdraw`.

mod tell;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::kommun::Kommun;
use super::show::count;
use super::{Ended, rejected};
use crate::adapters::clock::SystemClock;
use crate::adapters::excel::{ExcelReader, ExcelWorkbook, open_regular};
use crate::adapters::intake::{Arrived, Intake};
use crate::adapters::settings::Configured;
use crate::domain::{Fault, State};
use crate::jobs::by_hand::ByHand;
use crate::jobs::import_workbooks::{
    ReadFile, Report, Settings, import as import_file, nothing_known, same_as_last, take_in as try_file,
};
use crate::jobs::quarantine::{Refused, quarantine};
use crate::jobs::withdraw_facts::{Target, withdraw as withdraw_facts};
use crate::ledger::hex;
use crate::ports::{Clock, SheetKind, Store, Unreadable, Workbook};

/// A file that has been read.
pub(super) struct Read {
    /// Its name.
    pub name: String,
    /// sha256 of its content.
    pub sha256: String,
    /// Its sheets.
    pub workbook: ExcelWorkbook,
}

/// Reads one file that the command cannot do without, and archives it unless it is only looked at.
pub(super) async fn read_alone(kommun: &Kommun, path: &Path, dry_run: bool) -> Result<Read, Fault> {
    let (reader, intake) = (kommun.reader()?, kommun.intake(dry_run));
    let name = name_of(path);
    intake.sweep();
    let told = |why: Unreadable| Fault::Input(format!("{name}: {} {}", why.wrong, why.instead));
    let arrived = intake.take(path).map_err(told)?;
    let workbook = read(&reader, path, &arrived).await.map_err(told)?;
    let sha256 = arrived.sha256.clone();
    keep(&intake, arrived).map_err(told)?;
    Ok(Read { name, sha256, workbook })
}

/// How a file ended.
pub(super) enum Taken {
    /// Its rows are accepted, held or ignored.
    In {
        file: String,
        report: Box<Report>,
        /// Where its held rows were written.
        rejected: Option<PathBuf>,
        took: Duration,
    },
    /// It cannot be used.
    Rejected {
        file: String,
        why: Unreadable,
        /// sha256 of its content, if that was seen.
        sha256: Option<String>,
        /// The name of its copy in quarantine.
        kept: Option<String>,
        /// It is a file at all: one that is not there, or a folder, leaves no remark.
        is_file: bool,
        took: Duration,
    },
}

impl Taken {
    fn file(&self) -> &str {
        match self {
            Taken::In { file, .. } | Taken::Rejected { file, .. } => file,
        }
    }
}

pub(super) async fn import(
    kommun: &mut Kommun,
    files: &[PathBuf],
    dry_run: bool,
    rejected: Option<&Path>,
) -> Result<Ended, Fault> {
    kommun.may_write()?;
    let held = match rejected {
        _ if dry_run => rejected::Place::Nowhere,
        Some(_) if files.len() > 1 => {
            return Err(Fault::Input(
                "--rejected takes the held rows of one file; import the files one by one".to_owned(),
            ));
        }
        Some(file) if file.exists() => {
            let file = file.display();
            return Err(Fault::Refused(format!(
                "{file} is there already; name a new file, so that nobody's corrections are written over"
            )));
        }
        Some(file) => rejected::Place::File(file),
        None => rejected::Place::Folder,
    };
    let bar = super::batches::progress("");
    let mut tell = |file: &str| {
        bar.set_message(super::veil::veiled(file));
        bar.tick();
    };
    let taken = take_in(kommun, files, dry_run, held, &mut tell).await?;
    bar.finish_and_clear();
    // The files may have said who is protected.
    super::veil::draw(kommun).await?;
    if kommun.json {
        tell::as_json(kommun, &taken, dry_run);
    } else {
        tell::as_text(kommun, &taken, dry_run);
    }
    ended(&taken)
}

/// Why some files could not be taken in for now, if any.
pub(super) fn passing(taken: &[Taken]) -> Option<String> {
    taken.iter().find_map(|taken| match taken {
        Taken::Rejected { file, why, .. } if why.temporary => Some(format!("{file}: {} {}", why.wrong, why.instead)),
        _ => None,
    })
}

/// A person must look at one of the files.
pub(super) fn has_held(taken: &[Taken]) -> bool {
    taken.iter().any(|taken| match taken {
        Taken::Rejected { .. } => true,
        Taken::In { report, .. } => report.remarks.iter().any(|remark| remark.state == State::Held),
    })
}

/// What passes goes before what a person must do: the same command again does no harm.
fn ended(taken: &[Taken]) -> Result<Ended, Fault> {
    let rejected = taken.iter().filter_map(|taken| match taken {
        Taken::Rejected { why, .. } => Some(why),
        Taken::In { .. } => None,
    });
    let (rejected, all): (Vec<&Unreadable>, _) = (rejected.collect(), taken.len());
    let passing: Vec<&&Unreadable> = rejected.iter().filter(|why| why.temporary).collect();
    if let Some(first) = passing.first() {
        let failed = passing.len();
        return Err(Fault::Temporary(format!(
            "{failed} of {all} files could not be taken in for now, import them again: {}",
            first.wrong
        )));
    }
    if rejected.len() == all {
        return Err(Fault::Input(format!("none of {all} files could be used; no fact was changed")));
    }
    Ok(if has_held(taken) { Ended::Look } else { Ended::Done })
}

/// A file that has been read and waits for those that it depends on.
struct Waiting {
    name: String,
    sha256: String,
    kind: Option<SheetKind>,
    /// Where the same content can be read once more.
    place: PathBuf,
    /// Dropped where many files wait: each has an open file and bytes on the disk.
    workbook: Option<ExcelWorkbook>,
    /// How long it took to read.
    took: Duration,
}

/// Files that wait with their rows at hand, and the bytes of these rows; the others are read once more.
const WAITING_FILES: usize = 32;
const WAITING_BYTES: u64 = 512 << 20;

/// Reads all files, then takes them in, those that others depend on first. What one file does stops no other.
pub(super) async fn take_in(
    kommun: &mut Kommun,
    files: &[PathBuf],
    dry_run: bool,
    held: rejected::Place<'_>,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Taken>, Fault> {
    let (reader, intake) = (kommun.reader()?, kommun.intake(dry_run));
    intake.sweep();
    let (mut taken, mut waiting, mut waiting_bytes) = (Vec::new(), Vec::new(), 0);
    for path in files {
        let file = name_of(path);
        progress(&file);
        let began = Instant::now();
        let arrived = match intake.take(path) {
            Ok(arrived) => arrived,
            Err(why) => {
                let is_file = fs::symlink_metadata(path).is_ok_and(|status| status.is_file());
                let took = began.elapsed();
                taken.push(Taken::Rejected { file, why, sha256: None, kept: None, is_file, took });
                continue;
            }
        };
        if files.len() == 1 {
            let settings = &kommun.configured.sha256;
            if let Some(report) = same_as_last(&mut kommun.db, &file, &arrived.sha256, settings).await? {
                taken.push(Taken::In { file, report: Box::new(report), rejected: None, took: began.elapsed() });
                continue;
            }
        }
        let place = if dry_run { path.clone() } else { intake.archived(&arrived.sha256) };
        match admitted(&reader, &intake, arrived, path).await {
            Ok(read) => {
                waiting_bytes += read.workbook.spooled_bytes();
                let is_kept = waiting.len() < WAITING_FILES && waiting_bytes <= WAITING_BYTES;
                waiting.push(Waiting::new(read, place, is_kept, began.elapsed()));
            }
            Err(refusal) => taken.push(refusal.of(file, began.elapsed())),
        }
    }
    waiting.sort_by_key(|waiting| waiting.kind);
    if dry_run {
        taken.extend(tried(kommun, &reader, waiting, progress).await?);
    } else {
        for waiting in waiting {
            progress(&waiting.name);
            taken.push(waiting.take_in(kommun, &reader, false, held).await?);
        }
        remember(kommun, &taken).await?;
    }
    let mut places = HashMap::new();
    for (place, path) in files.iter().enumerate() {
        places.entry(name_of(path)).or_insert(place);
    }
    taken.sort_by_key(|taken| places.get(taken.file()).copied());
    Ok(taken)
}

/// What the files would do one after the other: what one says, the next builds on. Nothing is changed.
async fn tried(
    kommun: &mut Kommun,
    reader: &ExcelReader,
    waiting: Vec<Waiting>,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Taken>, Fault> {
    kommun.db.begin().await?;
    let taken = try_each(kommun, reader, waiting, progress).await;
    kommun.db.rollback().await?;
    taken
}

async fn try_each(
    kommun: &mut Kommun,
    reader: &ExcelReader,
    waiting: Vec<Waiting>,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Taken>, Fault> {
    let mut taken = Vec::with_capacity(waiting.len());
    for waiting in waiting {
        progress(&waiting.name);
        taken.push(waiting.take_in(kommun, reader, true, rejected::Place::Nowhere).await?);
    }
    Ok(taken)
}

impl Waiting {
    fn new(read: Read, place: PathBuf, is_kept: bool, took: Duration) -> Waiting {
        let kind = read.workbook.sheets().iter().filter_map(|sheet| sheet.kind).min();
        let workbook = is_kept.then_some(read.workbook);
        Waiting { name: read.name, sha256: read.sha256, kind, place, workbook, took }
    }

    async fn take_in(
        self,
        kommun: &mut Kommun,
        reader: &ExcelReader,
        dry_run: bool,
        held: rejected::Place<'_>,
    ) -> Result<Taken, Fault> {
        let Waiting { name, sha256, place, took, .. } = self;
        let began = Instant::now();
        let read = match self.workbook {
            Some(workbook) => Ok(workbook),
            None => again(reader, &place, &name).await,
        };
        let workbook = match read {
            Ok(workbook) => workbook,
            Err(why) => return Ok(Refusal { why, sha256, kept: None }.of(name, took + began.elapsed())),
        };
        let actor = kommun.actor();
        let settings = import_settings(&kommun.configured, kommun.clock, &actor, dry_run);
        let file = ReadFile { name: &name, sha256: &sha256, workbook: &workbook };
        let done = if dry_run {
            try_file(&mut kommun.db, &file, &settings).await
        } else {
            import_file(&mut kommun.db, &file, &settings).await
        };
        let mut report = match done {
            Ok(report) => report,
            Err(Fault::Temporary(wrong)) if !dry_run => {
                let instead = "Importera filen igen.".to_owned();
                let why = Unreadable { wrong, instead, temporary: true };
                return Ok(Refusal { why, sha256, kept: None }.of(name, took + began.elapsed()));
            }
            Err(fault) => return Err(fault),
        };
        if !workbook.is_sealed() {
            report.sheets.push(UNSEALED.to_owned());
        }
        let (mut held_file, mut told) = (None, None);
        if !report.held_rows.is_empty() && !dry_run {
            // The file may have said who is protected.
            super::veil::draw(kommun).await?;
            match rejected::write(kommun, (&name, &sha256, &workbook), &report, held) {
                Ok(written) => held_file = written,
                Err(why) => told = Some(why),
            }
        }
        report.sheets.extend(told);
        Ok(Taken::In { file: name, rejected: held_file, report: Box::new(report), took: took + began.elapsed() })
    }
}

/// What is the same for everything that is taken in together; apart from [`Kommun`], so that the database can be borrowed
/// beside it.
pub(super) fn import_settings<'a>(
    configured: &'a Configured,
    clock: SystemClock,
    actor: &'a str,
    dry_run: bool,
) -> Settings<'a> {
    Settings {
        rules: &configured.loaded.regelverk,
        loaded: &configured.loaded,
        actor,
        sha256: &configured.sha256,
        now_ms: clock.now_ms(),
        today: clock.today(),
        dry_run,
    }
}

/// Noted of every file where it is so.
const UNSEALED: &str = "läst utan lås: den här datorns kärna kan inte spärra läsaren från filer och nätverk; gränserna \
                        för minne och tid gäller ändå";

/// What was refused for good is not forgotten.
async fn remember(kommun: &mut Kommun, taken: &[Taken]) -> Result<(), Fault> {
    let refused = taken.iter().filter_map(|taken| match taken {
        Taken::Rejected { file, why, sha256, is_file: true, .. } if !why.temporary => {
            Some(Refused { name: file, sha256: sha256.as_deref(), why })
        }
        _ => None,
    });
    let (refused, now_ms) = (refused.collect::<Vec<_>>(), kommun.clock.now_ms());
    quarantine(&mut kommun.db, &refused, now_ms).await.map(drop)
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// A content that cannot be used.
struct Refusal {
    why: Unreadable,
    sha256: String,
    kept: Option<String>,
}

impl Refusal {
    fn of(self, file: String, took: Duration) -> Taken {
        Taken::Rejected { file, why: self.why, sha256: Some(self.sha256), kept: self.kept, is_file: true, took }
    }
}

/// Reads a file and archives it; one that cannot be used goes to quarantine instead.
async fn admitted(reader: &ExcelReader, intake: &Intake, arrived: Arrived, path: &Path) -> Result<Read, Refusal> {
    let sha256 = arrived.sha256.clone();
    let rejected = |why, kept| Refusal { why, sha256: sha256.clone(), kept };
    let file = name_of(path);
    match read(reader, path, &arrived).await {
        Ok(workbook) => match keep(intake, arrived) {
            Ok(()) => Ok(Read { name: file, sha256, workbook }),
            Err(why) => Err(rejected(why, None)),
        },
        Err(why) if why.temporary => Err(rejected(why, None)),
        Err(why) => match intake.quarantine(arrived, &file, &why) {
            Ok(kept) => Err(rejected(why, (!intake.dry_run).then_some(kept))),
            Err(error) => Err(rejected(unkept(&error), None)),
        },
    }
}

/// Reads the content of a file once more.
async fn again(reader: &ExcelReader, place: &Path, name: &str) -> Result<ExcelWorkbook, Unreadable> {
    reader.read_apart(Path::new(name), open_regular(place)?).await
}

async fn read(reader: &ExcelReader, path: &Path, arrived: &Arrived) -> Result<ExcelWorkbook, Unreadable> {
    let file = arrived.file.try_clone().map_err(|error| unkept(&error))?;
    let workbook = reader.read_apart(path, file).await?;
    if let Some(why) = nothing_known(&workbook) {
        return Err(why);
    }
    Ok(workbook)
}

fn keep(intake: &Intake, arrived: Arrived) -> Result<(), Unreadable> {
    intake.keep(arrived).map_err(|error| unkept(&error))
}

fn unkept(error: &std::io::Error) -> Unreadable {
    Unreadable {
        wrong: format!("Filen går inte att bevara på disken ({error})."),
        instead: "Försök igen; kontrollera diskens plats och mapparnas rättigheter.".to_owned(),
        temporary: true,
    }
}

pub(super) async fn withdraw(kommun: &mut Kommun, target: &[String], because: &str) -> Result<Ended, Fault> {
    kommun.may_write()?;
    let (target, actor) = (withdraw_target(kommun, target).await?, kommun.actor());
    let (rules, by) = (&kommun.configured.loaded.regelverk, ByHand { actor: &actor, because });
    let done = withdraw_facts(&mut kommun.db, &kommun.clock, rules, &target, &by).await?;
    if kommun.json {
        say!("{}", json!({ "withdrawn": done.facts, "change": done.change }));
    } else {
        say!(
            "{} är återtagna (ändring {}); det som en tidigare fil sade gäller igen. Det som är utbetalt för dem tas tillbaka i nästa lönekörning.",
            count(u32::try_from(done.facts).unwrap_or(u32::MAX), "uppgift", "uppgifter"),
            done.change
        );
        super::changes::tell_undo(done.change);
    }
    Ok(Ended::Done)
}

/// `KS 2026-10-14 [13.00]`, a file that was imported (by path, name or sha256), or a mötes-id.
async fn withdraw_target(kommun: &mut Kommun, words: &[String]) -> Result<Target, Fault> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Some(meeting) = super::changes::organ_and_day(&words)? {
        return Ok(Target::Meeting(meeting));
    }
    let [word] = words.as_slice() else {
        return Err(Fault::Input("name ORGAN DATE [START], a mötes-id, or one imported file".to_owned()));
    };
    let archive = kommun.path(&kommun.configured.settings.archive);
    if word.len() == 64 && archive.join(format!("{word}.xlsx")).exists() {
        return Ok(Target::File((*word).to_owned()));
    }
    if Path::new(word).is_file() {
        let content = fs::read(word).map_err(|error| Fault::Input(format!("{word}: {error}")))?;
        return Ok(Target::File(hex(&Sha256::digest(&content))));
    }
    match kommun.db.sources_named(word).await?.as_slice() {
        [] => Ok(Target::Meeting(super::changes::meeting_name(word)?)),
        [only] => Ok(Target::File(only.clone())),
        several => Err(Fault::Input(format!(
            "{} files came under the name {word}; name the one by its sha256: {}",
            several.len(),
            several.join(", ")
        ))),
    }
}
