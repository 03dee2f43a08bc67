//! `[backup]`: where the nightly copies lie, and how long each is kept.

use std::path::PathBuf;

use crate::regelverk::reader::Table;

/// Where the nightly copies lie, and how long each is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupSettings {
    /// From the data folder, or a whole path.
    pub folder: PathBuf,
    /// So many of the latest days.
    pub days: u32,
    /// And of so many months the first.
    pub months: u32,
}

impl Default for BackupSettings {
    fn default() -> BackupSettings {
        BackupSettings { folder: PathBuf::from("backup"), days: 14, months: 12 }
    }
}

/// Reads the table.
pub(super) fn read_backup(backup: &mut BackupSettings, table: &Table<'_>) {
    if let Some(folder) = table.text("folder") {
        match folder.trim() {
            "" | "." => table.wrong("folder", &format!("\"{folder}\""), "a folder of its own, such as \"backup\""),
            _ => backup.folder = PathBuf::from(folder),
        }
    }
    for (key, place, least, most) in [("days", &mut backup.days, 1, 366), ("months", &mut backup.months, 0, 120)] {
        match table.whole(key).map(u32::try_from) {
            None => {}
            Some(Ok(number)) if (least..=most).contains(&number) => *place = number,
            Some(number) => {
                let found = number.map_or_else(|_| "a larger number".to_owned(), |number| format!("`{number}`"));
                table.wrong(key, &found, &format!("a whole number from {least} to {most}"));
            }
        }
    }
}
