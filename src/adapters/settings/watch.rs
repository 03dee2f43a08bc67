//! `[watch]`: when something is missed.

use crate::regelverk::reader::Table;

/// When something is missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchSettings {
    /// A meeting's attendance is asked for so many days after it.
    pub missing_list_days: i64,
}

impl Default for WatchSettings {
    fn default() -> WatchSettings {
        WatchSettings { missing_list_days: 5 }
    }
}

/// Reads the table.
pub(super) fn read_watch(watch: &mut WatchSettings, table: &Table<'_>) {
    match table.whole("missing_list_days").map(i64::try_from) {
        None => {}
        Some(Ok(days @ 1..=365)) => watch.missing_list_days = days,
        Some(days) => {
            let found = days.map_or_else(|_| "a larger number".to_owned(), |days| format!("`{days}`"));
            table.wrong("missing_list_days", &found, "1 to 365 days");
        }
    }
}
