//! `template`: a workbook to fill in, with the kommun's organ and persons to choose from.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::Ended;
use super::kommun::Kommun;
use crate::adapters::excel::write_template;
use crate::adapters::press::shipped_files;
use crate::domain::{Fault, OrganCode, folded};
use crate::jobs::list_choices::{asked_persons, choices};
use crate::ports::{Clock, Lists, SheetKind};

/// Each sheet's name on the command line and as a file.
pub(super) const SHEETS: [(&str, SheetKind); 12] = [
    ("personer", SheetKind::Personer),
    ("uppdrag", SheetKind::Uppdrag),
    ("inkomstuppgifter", SheetKind::Inkomstuppgifter),
    ("frånvaro", SheetKind::Franvaro),
    ("diariepersoner", SheetKind::Diariepersoner),
    ("närvaro", SheetKind::Narvaro),
    ("paragrafer", SheetKind::Paragrafer),
    ("yrkanden", SheetKind::Yrkanden),
    ("jour", SheetKind::Jour),
    ("beslut", SheetKind::Beslut),
    ("avstående", SheetKind::Avstaende),
    ("utbetalt", SheetKind::Utbetalt),
];

/// In place of a sheet: the words of all letters, and how a report looks, to be edited.
const LETTERS: &str = "brev";

/// What is asked for.
pub(super) struct Wanted<'a> {
    pub kind: &'a str,
    pub file: &'a Path,
    /// Only those who sit in this organ.
    pub organ: Option<&'a str>,
}

/// Where no kommun's folder is named, and none is here, the form is written without lists.
pub(super) async fn template(
    data: &Path,
    config: Option<PathBuf>,
    json: bool,
    now: Option<i64>,
    wanted: &Wanted<'_>,
) -> Result<Ended, Fault> {
    if folded(wanted.kind) == LETTERS {
        return write_letters(wanted.file, json);
    }
    let (name, kind) = form(wanted.kind)?;
    let has_kommun = config.is_some() || data.join("config").join("arvode.toml").exists();
    let lists = match (has_kommun, wanted.organ) {
        (true, organ) => {
            let mut kommun = Kommun::open(data, config, json, now).await?;
            super::veil::draw(&mut kommun).await?;
            let lists = match kind {
                SheetKind::Diariepersoner => to_confirm(&mut kommun).await,
                _ => of_kommun(&mut kommun, organ).await,
            };
            let closed = kommun.close().await;
            lists.and_then(|lists| closed.map(|()| lists))?
        }
        (false, None) => Lists::default(),
        (false, Some(_)) => {
            let data = data.display();
            return Err(Fault::Input(format!(
                "--organ needs a kommun: {data} has no config/arvode.toml; name the folder with --data"
            )));
        }
    };
    write_template(kind, &lists, wanted.file).map_err(Fault::Input)?;
    let (file, persons, organ) = (wanted.file.display().to_string(), lists.persons.len(), lists.organ.len());
    if json {
        say!(
            "{}",
            json!({ "form": name, "file": file, "organ": organ, "persons": persons, "rows": rows(kind, &lists) })
        );
        return Ok(Ended::Done);
    }
    if has_kommun {
        say!(
            "{file} is a form for {name} with {organ} organ and {persons} persons to choose from; fill it in and: arvode import {file}"
        );
    } else {
        let data = data.display();
        say!(
            "{file} is a form for {name}, without persons and organ to choose from, for {data} is no kommun's folder (--data); fill it in and: arvode import {file}"
        );
    }
    Ok(Ended::Done)
}

/// Writes the templates as shipped into a folder; what is there already stays as it is, and is an error.
fn write_letters(folder: &Path, json: bool) -> Result<Ended, Fault> {
    let files = shipped_files();
    for (name, text) in &files {
        let path = folder.join(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        let made = made.and_then(|()| OpenOptions::new().write(true).create_new(true).open(&path));
        made.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Fault::Input(format!(
                "{}: is there already and is never overwritten; name a new folder, and copy what you want to change from it",
                path.display()
            )),
            _ => Fault::Temporary(format!("{}: {error}; try again where there is room to write", path.display())),
        })?;
    }
    let (folder, count) = (folder.display().to_string(), files.len());
    if json {
        say!("{}", json!({ "form": LETTERS, "folder": folder, "files": count }));
    } else {
        say!(
            "{folder} holds the templates of all letters and reports, {count} files; copy those that you change, with their folders, beside arvode.toml: they go before the shipped ones"
        );
    }
    Ok(Ended::Done)
}

fn form(kind: &str) -> Result<(&'static str, SheetKind), Fault> {
    let wanted = SHEETS.iter().find(|(name, _)| folded(name) == folded(kind));
    wanted.copied().ok_or_else(|| {
        let names: Vec<&str> = SHEETS.iter().map(|(name, _)| *name).chain([LETTERS]).collect();
        Fault::Input(format!("there is no form \"{kind}\"; allowed: {}", names.join(", ")))
    })
}

/// Rows that are filled in beforehand.
fn rows(kind: SheetKind, lists: &Lists) -> usize {
    match kind {
        SheetKind::Narvaro => lists.seats.len(),
        SheetKind::Diariepersoner => lists.to_confirm.len(),
        _ => 0,
    }
}

/// Persons of all sources whom nobody has confirmed, by what the sources have told already; nothing is asked or changed.
async fn to_confirm(kommun: &mut Kommun) -> Result<Lists, Fault> {
    let (rules, today) = (kommun.configured.loaded.regelverk.clone(), kommun.clock.today());
    let mut lists = choices(&mut kommun.db, &rules, today, None).await?;
    for source in kommun.configured.settings.diaria.clone() {
        let synced = super::sync::as_told(kommun, &source).await?;
        let of_source = asked_persons(&mut kommun.db, &rules, today, (&source.name, &synced.unlinked)).await?;
        lists.to_confirm.extend(of_source.to_confirm);
    }
    super::sync::hide_protected(&mut lists);
    Ok(lists)
}

async fn of_kommun(kommun: &mut Kommun, organ: Option<&str>) -> Result<Lists, Fault> {
    let (rules, today) = (&kommun.configured.loaded.regelverk, kommun.clock.today());
    let known = |text: &str| -> Result<OrganCode, Fault> {
        let found = rules.organ_named(text).map(|organ| organ.code.clone());
        found.ok_or_else(|| {
            let names: Vec<&str> = rules.organ.iter().map(|organ| organ.namn.as_str()).collect();
            Fault::Input(format!("unknown organ \"{text}\"; allowed: {}", names.join(", ")))
        })
    };
    let only = organ.map(known).transpose()?;
    choices(&mut kommun.db, rules, today, only.as_ref()).await
}
