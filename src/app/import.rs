//! `import` and `withdraw`.

use std::fs::{self, File};
use std::io::{Read as _, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::kommun::Kommun;
use super::show::{count, place, remark_json};
use super::{Ended, rejected};
use crate::adapters::excel::ExcelWorkbook;
use crate::domain::{Fault, State};
use crate::jobs::by_hand::ByHand;
use crate::jobs::import_workbooks::{
    ReadFile, Report, Settings, dry_run as try_files, import as import_file, same_as_last,
};
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

/// Reads one file that the command cannot do without.
pub(super) fn read_alone(kommun: &Kommun, path: &Path, dry_run: bool) -> Result<Read, Fault> {
    let file = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let read = read_one(kommun, &kommun.reader()?, path, &file, dry_run)?;
    read.map_err(|why| Fault::Input(format!("{file}: {} {}", why.wrong, why.instead)))
}

/// How a file ended.
pub(super) enum Taken {
    /// Taken in; where its held rows were written.
    In { file: String, report: Box<Report>, rejected: Option<PathBuf> },
    /// Not used at all.
    Rejected { file: String, why: Unreadable },
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
    let are_rejected = taken.iter().filter(|taken| matches!(taken, Taken::Rejected { .. })).count();
    if kommun.json {
        print_json(&taken, dry_run);
    } else {
        taken.iter().for_each(|taken| print_file(taken, dry_run));
    }
    if are_rejected == taken.len() {
        return Err(Fault::Input(format!("none of {are_rejected} files could be used; nothing was changed")));
    }
    let look = |taken: &Taken| match taken {
        Taken::Rejected { .. } => true,
        Taken::In { report, .. } => report.remarks.iter().any(|remark| remark.state == State::Held),
    };
    Ok(if taken.iter().any(look) { Ended::Look } else { Ended::Done })
}

/// Reads all files, then takes them in, those that others depend on first.
pub(super) async fn take_in(
    kommun: &mut Kommun,
    files: &[PathBuf],
    dry_run: bool,
    held: rejected::Place<'_>,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Taken>, Fault> {
    let reader = kommun.reader()?;
    let (mut taken, mut reads) = (Vec::new(), Vec::new());
    let is_alone = files.len() == 1;
    for path in files {
        let file =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        progress(&file);
        let sha256 = content_sha256(path);
        if let (true, Some(sha256)) = (is_alone, &sha256) {
            let settings = &kommun.configured.sha256;
            if let Some(report) = same_as_last(&mut kommun.db, &file, sha256, settings).await? {
                taken.push(Taken::In { file, report: Box::new(report), rejected: None });
                continue;
            }
        }
        match read_one(kommun, &reader, path, &file, dry_run)? {
            Ok(read) => reads.push(read),
            Err(why) => taken.push(Taken::Rejected { file, why }),
        }
    }
    let actor = kommun.actor();
    reads.sort_by_cached_key(|read| first_kind(&read.workbook));
    if dry_run {
        let reports = try_all(kommun, &reads).await?;
        let pairs = reads.into_iter().zip(reports);
        taken.extend(pairs.map(|(read, report)| Taken::In {
            file: read.name,
            report: Box::new(report),
            rejected: None,
        }));
        return Ok(taken);
    }
    for read in reads {
        progress(&read.name);
        let settings = Settings {
            rules: &kommun.configured.loaded.regelverk,
            loaded: &kommun.configured.loaded,
            actor: &actor,
            sha256: &kommun.configured.sha256,
            now_ms: kommun.clock.now_ms(),
            today: kommun.clock.today(),
            dry_run: false,
        };
        let file = ReadFile { name: &read.name, sha256: &read.sha256, workbook: &read.workbook };
        let mut report = import_file(&mut kommun.db, &file, &settings).await?;
        if !report.held_rows.is_empty() {
            // The file may have said who is protected.
            super::veil::draw(kommun).await?;
        }
        let written = rejected::write(kommun, &read, &report, held);
        let rejected = written.unwrap_or_else(|why| {
            report.sheets.push(why);
            None
        });
        taken.push(Taken::In { file: read.name, report: Box::new(report), rejected });
    }
    Ok(taken)
}

/// What the files would do one after the other: what one says, the next builds on.
async fn try_all(kommun: &mut Kommun, reads: &[Read]) -> Result<Vec<Report>, Fault> {
    let actor = kommun.actor();
    let settings = Settings {
        rules: &kommun.configured.loaded.regelverk,
        loaded: &kommun.configured.loaded,
        actor: &actor,
        sha256: &kommun.configured.sha256,
        now_ms: kommun.clock.now_ms(),
        today: kommun.clock.today(),
        dry_run: true,
    };
    let files = reads.iter().map(|read| ReadFile { name: &read.name, sha256: &read.sha256, workbook: &read.workbook });
    let files: Vec<ReadFile<'_>> = files.collect();
    try_files(&mut kommun.db, &files, &settings).await
}

fn first_kind(workbook: &ExcelWorkbook) -> Option<SheetKind> {
    workbook.sheets().iter().filter_map(|sheet| sheet.kind).min()
}

fn read_one(
    kommun: &Kommun,
    reader: &crate::adapters::excel::ExcelReader,
    path: &Path,
    file: &str,
    dry_run: bool,
) -> Result<Result<Read, Unreadable>, Fault> {
    let workbook = match reader.read(path) {
        Ok(workbook) => workbook,
        Err(why) => return Ok(Err(why)),
    };
    if workbook.sheets().iter().all(|sheet| sheet.kind.is_none() && sheet.problem.is_none()) {
        let names: Vec<String> = workbook.sheets().iter().map(|sheet| format!("\"{}\"", sheet.name)).collect();
        return Ok(Err(Unreadable {
            wrong: format!("inget blad har rubriker som programmet känner (blad: {})", names.join(", ")),
            instead: "börja från en blankett: arvode template närvaro FIL.xlsx".to_owned(),
            temporary: false,
        }));
    }
    let failed = |error: std::io::Error| {
        Fault::Temporary(format!("{file}: cannot be archived ({error}); nothing was changed, try again"))
    };
    let folder = kommun.path(&kommun.configured.settings.archive);
    let sha256 = archive(path, &folder, dry_run).map_err(failed)?;
    Ok(Ok(Read { name: file.to_owned(), sha256, workbook }))
}

/// sha256 of a file's content; none if it cannot be read (the reader then says why).
fn content_sha256(path: &Path) -> Option<String> {
    let is_file = fs::symlink_metadata(path).ok()?.is_file();
    let mut hash = Sha256::new();
    is_file.then(|| File::open(path).and_then(|file| copy_hashed(file, &mut std::io::sink(), &mut hash)))?.ok()?;
    Some(hex(&hash.finalize()))
}

/// Keeps the file as it came, under its content's sha256. Gives the sha256.
fn archive(path: &Path, folder: &Path, dry_run: bool) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    copy_hashed(File::open(path)?, &mut std::io::sink(), &mut hash)?;
    let sha256 = hex(&hash.finalize());
    let kept = folder.join(format!("{sha256}.xlsx"));
    if dry_run || kept.exists() {
        return Ok(sha256);
    }
    fs::create_dir_all(folder)?;
    // Named by its content: what a power cut leaves is written over when the file comes again.
    let unfinished = folder.join(format!(".{sha256}.part"));
    let mut copy = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    let mut hash = Sha256::new();
    copy_hashed(File::open(path)?, &mut copy, &mut hash)?;
    copy.sync_all()?;
    if hex(&hash.finalize()) != sha256 {
        fs::remove_file(&unfinished)?;
        return Err(std::io::Error::other("the file changed while it was read"));
    }
    fs::rename(&unfinished, &kept)?;
    Ok(sha256)
}

fn copy_hashed(mut from: File, to: &mut impl Write, hash: &mut Sha256) -> std::io::Result<()> {
    let mut block = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut block)?;
        if length == 0 {
            return Ok(());
        }
        hash.update(&block[..length]);
        to.write_all(&block[..length])?;
    }
}

fn print_json(taken: &[Taken], dry_run: bool) {
    let files: Vec<serde_json::Value> = taken
        .iter()
        .map(|taken| match taken {
            Taken::Rejected { file, why } => {
                json!({ "file": file, "state": "rejected", "wrong": why.wrong, "instead": why.instead })
            }
            Taken::In { file, report, rejected } => json!({
                "file": file,
                "state": if report.same_as_last { "unchanged" } else { "imported" },
                "rows": report.rows,
                "accepted": report.accepted,
                "unchanged": report.unchanged,
                "held": report.held,
                "ignored": report.ignored,
                "removed": report.removed,
                "closed": report.closed,
                "changes": dry_run.then(|| super::dry_run::json(report)),
                "rejected": rejected.as_ref().map(|path| path.display().to_string()),
                "sheets": report.sheets,
                "remarks": report.remarks.iter().map(|remark| remark_json("", None, remark)).collect::<Vec<_>>(),
            }),
        })
        .collect();
    say!("{}", json!({ "dry_run": dry_run, "files": files }));
}

/// Remarks shown to a person; the rest is counted.
const REMARKS_SHOWN: usize = 50;

fn print_file(taken: &Taken, dry_run: bool) {
    match taken {
        Taken::Rejected { file, why } => {
            say!("{file}: avvisad. {} {}", why.wrong, why.instead);
        }
        Taken::In { file, report, rejected } => {
            let would = if dry_run { " (provkörning: inget ändrat)" } else { "" };
            let Report { rows, accepted, unchanged, held, removed, .. } = report.as_ref();
            let ignored: u32 = report.ignored.values().sum();
            say!(
                "{file}: {rows} rader = {accepted} nya + {unchanged} kända + {held} hållna + {ignored} utan uppgift{would}"
            );
            if *removed > 0 {
                say!("  {removed} närvarande togs bort: de saknas i den hela listan");
            }
            for (rule, count) in &report.ignored {
                say!("  {count} rader: {rule}");
            }
            for sheet in &report.sheets {
                say!("  blad {sheet}");
            }
            if report.closed > 0 {
                let closed = count(report.closed, "anmärkning", "anmärkningar");
                say!(
                    "  {closed} från förut {}",
                    if dry_run { "skulle stängas" } else { "stängda: raderna är rättade eller sägs på nytt" }
                );
            }
            super::dry_run::print(report);
            for remark in report.remarks.iter().take(REMARKS_SHOWN) {
                say!("  {}: {}", place(&remark.place), remark.reason);
                say!("      så rättar du: {}", remark.proposed);
            }
            if report.remarks.len() > REMARKS_SHOWN {
                say!("  … och {} till; `arvode remarks` visar alla", report.remarks.len() - REMARKS_SHOWN);
            }
            if let Some(path) = rejected {
                let path = path.display();
                if report.held_rows.len() < report.held as usize {
                    say!("  {path} har de första {} av dem; rätta hellre filen själv", report.held_rows.len());
                }
                say!("  rätta de hållna raderna i {path} och läs in den: arvode import \"{path}\"");
            }
        }
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
