//! `import` and `withdraw`.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::Ended;
use super::kommun::Kommun;
use super::show::{count, place, remark_json};
use crate::adapters::excel::ExcelWorkbook;
use crate::domain::{Fault, State};
use crate::jobs::by_hand::ByHand;
use crate::jobs::import_workbooks::{ReadFile, Report, Settings, import as import_file, nothing_known, same_as_last};
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
    In { file: String, report: Box<Report> },
    Rejected { file: String, why: Unreadable },
}

pub(super) async fn import(kommun: &mut Kommun, files: &[PathBuf], dry_run: bool) -> Result<Ended, Fault> {
    kommun.may_write()?;
    let bar = super::batches::progress("");
    let mut tell = |file: &str| {
        bar.set_message(super::veil::veiled(file));
        bar.tick();
    };
    let taken = take_in(kommun, files, dry_run, &mut tell).await?;
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
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Taken>, Fault> {
    let reader = kommun.reader()?;
    let (mut taken, mut reads) = (Vec::new(), Vec::new());
    let is_alone = files.len() == 1;
    for path in files {
        let file =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        progress(&file);
        let sha256 = content_sha256(path, reader.limits.file_bytes);
        if let (true, Some(sha256)) = (is_alone, &sha256) {
            let settings = &kommun.configured.sha256;
            if let Some(report) = same_as_last(&mut kommun.db, &file, sha256, settings).await? {
                taken.push(Taken::In { file, report: Box::new(report) });
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
    for read in reads {
        progress(&read.name);
        let settings = Settings {
            rules: &kommun.configured.loaded.regelverk,
            loaded: &kommun.configured.loaded,
            actor: &actor,
            sha256: &kommun.configured.sha256,
            now_ms: kommun.clock.now_ms(),
            today: kommun.clock.today(),
            dry_run,
        };
        let file = ReadFile { name: &read.name, sha256: &read.sha256, workbook: &read.workbook };
        let report = import_file(&mut kommun.db, &file, &settings).await?;
        taken.push(Taken::In { file: read.name, report: Box::new(report) });
    }
    Ok(taken)
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
    let failed = |error: std::io::Error| {
        Fault::Temporary(format!("{file}: cannot be archived ({error}); nothing was changed, try again"))
    };
    // One opening: what is read, what is archived and what the sha256 is of cannot be different files.
    let mut opened = match reader.open(path) {
        Ok(opened) => opened,
        Err(why) => return Ok(Err(why)),
    };
    let sha256 = hash_and_rewind(&mut opened, reader.limits.file_bytes, &mut std::io::sink()).map_err(failed)?;
    let workbook = match opened.try_clone().map(|opened| reader.read_open(path, opened)).map_err(failed)? {
        Ok(workbook) => workbook,
        Err(why) => return Ok(Err(why)),
    };
    if let Some(why) = nothing_known(&workbook) {
        return Ok(Err(why));
    }
    let folder = kommun.path(&kommun.configured.settings.archive);
    opened
        .rewind()
        .and_then(|()| archive(&mut opened, (&sha256, reader.limits.file_bytes), &folder, dry_run))
        .map_err(failed)?;
    Ok(Ok(Read { name: file.to_owned(), sha256, workbook }))
}

/// sha256 of a file's content; none if it cannot be read (the reader then says why).
fn content_sha256(path: &Path, most: u64) -> Option<String> {
    let is_file = fs::symlink_metadata(path).ok()?.is_file();
    let mut file = is_file.then(|| File::open(path).ok())??;
    hash_and_rewind(&mut file, most, &mut std::io::sink()).ok()
}

/// Keeps the file as it came, under its content's sha256; refuses one that changed while it was read.
fn archive(file: &mut File, (sha256, most): (&str, u64), folder: &Path, dry_run: bool) -> std::io::Result<()> {
    let changed = || std::io::Error::other("the file changed while it was read");
    let kept = folder.join(format!("{sha256}.xlsx"));
    if dry_run || kept.exists() {
        let again = hash_and_rewind(file, most, &mut std::io::sink())?;
        return if again == sha256 { Ok(()) } else { Err(changed()) };
    }
    fs::create_dir_all(folder)?;
    // Named by its content: what a power cut leaves is written over when the file comes again.
    let unfinished = folder.join(format!(".{sha256}.part"));
    let mut copy = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    let copied = hash_and_rewind(file, most, &mut copy)?;
    copy.sync_all()?;
    if copied != sha256 {
        fs::remove_file(&unfinished)?;
        return Err(changed());
    }
    fs::rename(&unfinished, &kept)
}

/// sha256 of what is copied, and of no more than one byte beyond what a file may have: such a file is refused by its
/// size. The file stands at its beginning again.
fn hash_and_rewind(file: &mut File, most: u64, to: &mut impl Write) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    copy_hashed(file.try_clone()?.take(most.saturating_add(1)), to, &mut hash)?;
    file.rewind()?;
    Ok(hex(&hash.finalize()))
}

fn copy_hashed(mut from: impl std::io::Read, to: &mut impl Write, hash: &mut Sha256) -> std::io::Result<()> {
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
            Taken::In { file, report } => json!({
                "file": file,
                "state": if report.same_as_last { "unchanged" } else { "imported" },
                "rows": report.rows,
                "accepted": report.accepted,
                "unchanged": report.unchanged,
                "held": report.held,
                "ignored": report.ignored,
                "removed": report.removed,
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
        Taken::In { file, report } => {
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
            for remark in report.remarks.iter().take(REMARKS_SHOWN) {
                say!("  {}: {}", place(&remark.place), remark.reason);
                say!("      så rättar du: {}", remark.proposed);
            }
            if report.remarks.len() > REMARKS_SHOWN {
                say!("  … och {} till; `arvode remarks` visar alla", report.remarks.len() - REMARKS_SHOWN);
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
