//! `[report]`: what the follow-up to allmänna utskottet may show.

use crate::regelverk::reader::Table;

/// What the follow-up may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportSettings {
    /// Figures of fewer persons are hidden.
    pub smallest_group: usize,
    /// `arvode report --persons` may show each person.
    pub persons: bool,
    /// The letter to the utskott shows each person.
    pub persons_to_utskott: bool,
}

impl Default for ReportSettings {
    fn default() -> ReportSettings {
        ReportSettings { smallest_group: 3, persons: false, persons_to_utskott: false }
    }
}

/// Reads the table.
pub(super) fn read_report(report: &mut ReportSettings, table: &Table<'_>) {
    if let Some(number) = table.whole("smallest_group") {
        match usize::try_from(number) {
            Ok(number @ 2..=100) => report.smallest_group = number,
            _ => table.wrong("smallest_group", &format!("`{number}`"), "2 to 100 persons"),
        }
    }
    report.persons = table.boolean("persons").unwrap_or(report.persons);
    report.persons_to_utskott = table.boolean("persons_to_utskott").unwrap_or(report.persons_to_utskott);
    if report.persons_to_utskott && !report.persons {
        let found = "`persons_to_utskott = true` without `persons = true`";
        table.wrong(
            "persons_to_utskott",
            found,
            "both true, or both false: nobody is shown in a letter who is shown nowhere else",
        );
    }
}
