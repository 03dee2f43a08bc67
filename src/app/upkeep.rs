//! What keeps the program well: verify and backup each night, gallring each year.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::backup::{make, told};
use super::gallra;
use super::kommun::Kommun;
use super::verify::look_through;
use crate::adapters::settings::BackupSettings;
use crate::calendar::{Day, Month, day_of, days_later};
use crate::domain::Fault;
use crate::jobs::verify::Finding;

/// So many findings are told in an alarm; `arvode verify` tells all.
const TOLD_AT_MOST: usize = 5;

/// Looks everything through, and puts a copy away: one of each day. A finding fails the job, so that the operator is told
/// and it is tried again; the copy is made all the same, but none is removed for it.
///
/// The nights of a year that is played pass in a moment each: of those the first of a month is enough.
pub(super) async fn verify_and_backup(kommun: &mut Kommun, due: Day) -> Result<String, Fault> {
    if kommun.is_played && due != Month::of(due).first() {
        return Ok(String::new());
    }
    let findings = look_through(kommun).await?.findings;
    let settings = kommun.configured.settings.backup.clone();
    let folder = kommun.path(&settings.folder);
    let copied = copy(kommun, &folder, due).await;
    if !findings.is_empty() {
        let made = copied.unwrap_or_else(|fault| fault.to_string());
        return Err(Fault::Refused(format!("{}; {made}", told_of(&findings))));
    }
    let copied = copied?;
    let removed = remove_old(&folder, &settings, due)?;
    let removed = if removed == 0 { String::new() } else { format!(", {removed} gamla borttagna") };
    Ok(format!("allt stämmer; {copied}{removed}"))
}

fn told_of(findings: &[Finding]) -> String {
    let told: Vec<String> =
        findings.iter().take(TOLD_AT_MOST).map(|found| format!("{}: {}", found.place, found.wrong)).collect();
    let more = findings.len().saturating_sub(TOLD_AT_MOST);
    let more = if more == 0 { String::new() } else { format!("; {more} till") };
    format!("kontrollen hittade fel: {}{more}. Allt och vad som ska göras: arvode verify", told.join("; "))
}

/// The day's copy; one that is there already is the day's.
async fn copy(kommun: &mut Kommun, folder: &Path, day: Day) -> Result<String, Fault> {
    let target = folder.join(name_of(day));
    if target.is_file() {
        return Ok(format!("{} fanns redan", name_of(day)));
    }
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| failed(folder, &error))?;
    sweep(folder)?;
    Ok(told(&make(kommun, &target).await?))
}

/// `arvode-2026-11-24.backup`
fn name_of(day: Day) -> String {
    format!("arvode-{day}.backup")
}

fn day_of_name(name: &str) -> Option<Day> {
    let day = day_of(name.strip_prefix("arvode-")?.strip_suffix(".backup")?)?;
    (name_of(day) == name).then_some(day)
}

/// What a copy that was cut off has left under its hidden names.
fn sweep(folder: &Path) -> Result<(), Fault> {
    for name in names(folder)? {
        let of = |ending| name.strip_prefix('.').and_then(|name| name.strip_suffix(ending)).and_then(day_of_name);
        let path = folder.join(&name);
        // Whoever writes one holds it locked.
        let is_left = || File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
        let removed = if of(".part").is_some() && is_left() {
            fs::remove_file(&path)
        } else if of(".tried").is_some() && !folder.join(name.replace(".tried", ".part")).exists() {
            fs::remove_dir_all(&path)
        } else {
            Ok(())
        };
        removed.map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}

/// Removes copies of days that are not kept any more, and nothing else.
fn remove_old(folder: &Path, settings: &BackupSettings, today: Day) -> Result<usize, Fault> {
    let there: BTreeSet<Day> = names(folder)?.iter().filter_map(|name| day_of_name(name)).collect();
    let old = old(&there, settings, today);
    for day in &old {
        let path = folder.join(name_of(*day));
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(&path, &error)),
            _ => {}
        }
    }
    Ok(old.len())
}

/// All but the latest days and the first of each of the latest months.
fn old(there: &BTreeSet<Day>, settings: &BackupSettings, today: Day) -> Vec<Day> {
    let first_day = days_later(today, 1 - i64::from(settings.days));
    let first_month = Month::of(today).plus(1 - i32::try_from(settings.months).unwrap_or(i32::MAX));
    let is_first = |day: &Day| {
        let of_month = there.iter().find(|other| Month::of(**other) == Month::of(*day));
        Month::of(*day) >= first_month && of_month == Some(day)
    };
    there.iter().filter(|day| **day < first_day && !is_first(day)).copied().collect()
}

fn names(folder: &Path) -> Result<Vec<String>, Fault> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, &error))? {
        let name = entry.map_err(|error| failed(folder, &error))?.file_name();
        names.extend(name.into_string());
    }
    Ok(names)
}

fn failed(path: &Path, error: &std::io::Error) -> Fault {
    let path: PathBuf = path.to_owned();
    Fault::Temporary(format!(
        "{}: {error}; see to the disk and its rights, or name another [backup] folder in config/arvode.toml",
        path.display()
    ))
}

/// Removes what is older than the decided time.
pub(super) async fn gallring(kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    gallra::by_itself(kommun).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_days_and_the_first_of_each_month_are_kept() {
        let day = |text: &str| -> Day { text.parse().unwrap() };
        let there: BTreeSet<Day> = [
            "2025-10-01",
            "2025-12-05",
            "2025-12-06",
            "2026-01-01",
            "2026-01-02",
            "2026-02-03",
            "2026-02-04",
            "2026-02-10",
            "2026-02-11",
        ]
        .map(day)
        .into();
        let settings = BackupSettings { days: 2, months: 3, ..BackupSettings::default() };
        let gone = old(&there, &settings, day("2026-02-11"));
        assert_eq!(gone, ["2025-10-01", "2025-12-06", "2026-01-02", "2026-02-04"].map(day));
        let settings = BackupSettings { days: 1, months: 0, ..settings };
        assert_eq!(old(&there, &settings, day("2026-02-11")).len(), 8);
    }

    #[test]
    fn only_names_of_days_are_copies_of_the_night() {
        assert!(day_of_name("arvode-2026-11-24.backup").is_some());
        for name in ["arvode-2026-11-24.backup.gz", "arvode-2026-11-31.backup", "arvode-före-bytet.backup", "arvode.db"]
        {
            assert_eq!(day_of_name(name), None, "{name}");
        }
    }
}
