//! Where held rows are written to be mended: a new workbook each time, so that nobody's corrections are written over.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::kommun::Kommun;
use super::veil::veiled;
use crate::adapters::excel::{ExcelWorkbook, Rejected, rejected_workbook};
use crate::jobs::import_workbooks::{MENDED, Report, stem};
use crate::ledger::hex;
use crate::ports::{Clock, Lists};

/// Where the workbook with a file's held rows goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    /// Nowhere.
    Nowhere,
    /// To the folder of the settings, under the file's own name.
    Folder,
    /// To this new file.
    File(&'a Path),
}

/// Writes a file's held rows, if it has any; gives where.
///
/// # Errors
/// Why the workbook is missing, in Swedish: the rows themselves are taken in or remarked on.
pub(super) fn write(
    kommun: &Kommun,
    (name, sha256, workbook): (&str, &str, &ExcelWorkbook),
    report: &Report,
    place: Place<'_>,
) -> Result<Option<PathBuf>, String> {
    if report.held_rows.is_empty() || matches!(place, Place::Nowhere) {
        return Ok(None);
    }
    let rules = &kommun.configured.loaded.regelverk;
    let lists = Lists {
        today: Some(kommun.clock.today()),
        organ: rules.organ.iter().map(|organ| organ.namn.clone()).collect(),
        nycklar: rules.uppdrag.keys().cloned().collect(),
        ..Lists::default()
    };
    let rejected = Rejected { file: name, sha256, held: &report.held_rows, lists: &lists, veiled: &veiled };
    let content = rejected_workbook(workbook, &rejected)?;
    let Some(content) = content else { return Ok(None) };
    let failed = |error: std::io::Error| told(&error.to_string());
    match place {
        Place::File(file) => write_new(file, &content).map(|()| Some(file.to_owned())).map_err(failed),
        _ => {
            // A file's name may name a person.
            to_folder(kommun, &format!("{}{MENDED}", veiled(stem(name))), &content).map(Some).map_err(failed)
        }
    }
}

fn told(why: &str) -> String {
    format!("de hållna raderna kunde inte skrivas till en arbetsbok ({why}); `arvode remarks` visar dem")
}

/// A workbook for a person to fill in, in the folder of the settings: `närvaro - rättas.xlsx`; with a number where another
/// stands there already.
fn to_folder(kommun: &Kommun, name: &str, content: &[u8]) -> std::io::Result<PathBuf> {
    let folder = kommun.path(&kommun.configured.settings.rejected);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let mut number = 1_u32;
    loop {
        let counted = if number == 1 { String::new() } else { format!(" {number}") };
        let path = folder.join(format!("{name}{counted}.xlsx"));
        match write_new(&path, content) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                if fs::read(&path)? == content {
                    return Ok(path);
                }
                number += 1;
            }
            done => return done.map(|()| path),
        }
    }
}

/// A workbook that is asked for again and again: the one that nobody has touched is written anew, and one that somebody has
/// begun to fill in is left as it is, with a new one beside it. What was written is remembered beside it, by its sha256.
pub(super) fn renew_in_folder(kommun: &Kommun, name: &str, content: &[u8]) -> std::io::Result<PathBuf> {
    let folder = kommun.path(&kommun.configured.settings.rejected);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let wanted = hex(&Sha256::digest(content));
    for number in 1_u32.. {
        let counted = if number == 1 { String::new() } else { format!(" {number}") };
        let (path, mark) =
            (folder.join(format!("{name}{counted}.xlsx")), folder.join(format!(".{name}{counted}.sha256")));
        let there = match fs::read(&path) {
            Ok(there) => Some(hex(&Sha256::digest(&there))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let written = fs::read_to_string(&mark).unwrap_or_default();
        match there {
            Some(there) if there == wanted => return Ok(path),
            // Somebody has begun to fill it in.
            Some(there) if there != written => {}
            _ => {
                let part = folder.join(format!(".{name}{counted}.part"));
                let _ = fs::remove_file(&part);
                write_new(&part, content)?;
                // The mark first: a workbook without its mark would be taken for one that somebody has touched.
                let _ = fs::remove_file(&mark);
                write_new(&mark, wanted.as_bytes())?;
                fs::rename(&part, &path)?;
                return Ok(path);
            }
        }
    }
    Err(std::io::Error::other("no name is free"))
}

fn write_new(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a workbook would pass for one that somebody keeps.
        let _ = fs::remove_file(path);
    }
    written
}
