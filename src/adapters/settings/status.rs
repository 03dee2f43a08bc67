//! `[status]`: who is told how it goes, and when something has waited too long.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::regelverk::reader::Table;

/// Who is told how it goes, and when something has waited too long. Zero days or hours ask nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusSettings {
    /// Where `/healthz`, `/readyz` and `/metrics` are answered: this machine alone. None answers nobody.
    pub listen: Option<SocketAddr>,
    /// A round that goes on for so long without a step is stuck.
    pub stuck: Duration,
    /// The file with the address that is asked while all goes well.
    pub ping_url_file: Option<PathBuf>,
    /// It is asked at most so often.
    pub ping_every: Duration,
    /// The timetable shall be at work.
    pub expects_run: bool,
    /// It is not when it has done nothing for so many minutes.
    pub silent_minutes: i64,
    /// Since the last file that was taken in.
    pub import_days: i64,
    /// Since a diarium was fetched from to its end.
    pub diarium_days: i64,
    /// For a file in the drop folder.
    pub inbox_hours: i64,
    /// For a letter that waits to be sent.
    pub letter_hours: i64,
    /// Since the last backup.
    pub backup_days: i64,
}

impl Default for StatusSettings {
    fn default() -> StatusSettings {
        StatusSettings {
            listen: None,
            stuck: Duration::from_secs(5400),
            ping_url_file: None,
            ping_every: Duration::from_secs(300),
            expects_run: true,
            silent_minutes: 10,
            import_days: 45,
            diarium_days: 4,
            inbox_hours: 24,
            letter_hours: 24,
            backup_days: 3,
        }
    }
}

/// Reads the table.
pub(super) fn read_status(status: &mut StatusSettings, table: &Table<'_>) {
    let given = |key: &'static str| table.text(key).filter(|text| !text.trim().is_empty());
    status.listen = given("listen").and_then(|text| address(table, text.trim()));
    status.ping_url_file = given("ping_url_file").and_then(|file| secret_file(table, &file));
    status.expects_run = table.boolean("expects_run").unwrap_or(status.expects_run);
    let seconds = |key, usual: &mut Duration, unit_s: u64, most: u64| {
        if let Some(number) = within(table, key, 1, most) {
            *usual = Duration::from_secs(number * unit_s);
        }
    };
    seconds("stuck_seconds", &mut status.stuck, 1, 24 * 60 * 60);
    seconds("ping_minutes", &mut status.ping_every, 60, 24 * 60);
    let limits = [
        ("silent_minutes", &mut status.silent_minutes, 2, 7 * 24 * 60),
        ("import_days", &mut status.import_days, 0, 1000),
        ("diarium_days", &mut status.diarium_days, 0, 1000),
        ("inbox_hours", &mut status.inbox_hours, 0, 10_000),
        ("letter_hours", &mut status.letter_hours, 0, 10_000),
        ("backup_days", &mut status.backup_days, 0, 1000),
    ];
    for (key, place, least, most) in limits {
        if let Some(number) = within(table, key, least, most).and_then(|number| i64::try_from(number).ok()) {
            *place = number;
        }
    }
}

fn within(table: &Table<'_>, key: &'static str, least: u64, most: u64) -> Option<u64> {
    let number = table.whole(key)?;
    if (least..=most).contains(&number) {
        return Some(number);
    }
    table.wrong(key, &format!("`{number}`"), &format!("a whole number from {least} to {most}"));
    None
}

/// Figures of a kommun are for its own machine: whoever shall see them from another puts a server of their own before it.
fn address(table: &Table<'_>, text: &str) -> Option<SocketAddr> {
    let found = text.parse().ok().filter(|address: &SocketAddr| address.ip().is_loopback() && address.port() > 0);
    if found.is_none() {
        let allowed =
            "an address and a port of this machine alone, such as \"127.0.0.1:9464\" or \"[::1]:9464\"; \"\" for none";
        table.wrong("listen", &format!("\"{text}\""), allowed);
    }
    found
}

/// Whoever writes the address itself here is told so, and it is not repeated: who knows it can silence the alarm.
fn secret_file(table: &Table<'_>, text: &str) -> Option<PathBuf> {
    if text.contains("://") {
        table.wrong(
            "ping_url_file",
            "an address",
            "the name of a file with the address alone on a line: it is a secret",
        );
        return None;
    }
    Some(PathBuf::from(text))
}
