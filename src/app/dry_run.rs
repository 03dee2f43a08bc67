//! `import --dry-run`: what would change, row by row, beside what is stored.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::show::table;
use crate::jobs::import_workbooks::{Change, ChangeState, FieldChange, Report, RowOutcome, RowState};
use crate::ports::HeldRow;

/// Lines shown to a person; the rest is counted, and `--json` has all.
const LINES_SHOWN: usize = 200;

/// Rows that would change something, as a table: what is stored beside what would be.
pub(super) fn print(report: &Report) {
    let lines: Vec<[String; 6]> = report.changing().flat_map(lines_of).collect();
    if lines.is_empty() {
        return;
    }
    let mut rows = table(&["blad, rad", "vad", "gäller", "fält", "lagrat", "nytt"], &[]);
    for line in lines.iter().take(LINES_SHOWN) {
        rows.add_row(line);
    }
    say!("{rows}");
    if lines.len() > LINES_SHOWN {
        say!("  … och {} till; --json visar alla", lines.len() - LINES_SHOWN);
    }
}

/// A new or withdrawn fact on one line, a changed one with a line for each field.
fn lines_of(outcome: &RowOutcome) -> Vec<[String; 6]> {
    let place = match outcome.row {
        0 => format!("{}: saknas i hela listan", outcome.sheet),
        row => format!("{}, rad {row}", outcome.sheet),
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut lines = Vec::new();
    for change in &outcome.changes {
        let what = format!("{} {}", word(change.state), change.kind);
        let mut line = |field: String, before: String, after: String| {
            lines.push([place.clone(), what.clone(), change.about.clone(), field, before, after]);
        };
        match change.state {
            ChangeState::New => line(String::new(), String::new(), sentence(&change.fields, |field| &field.after)),
            ChangeState::TakenBack => {
                line(String::new(), sentence(&change.fields, |field| &field.before), String::new())
            }
            ChangeState::Changed => {
                for field in &change.fields {
                    line(field.word.to_owned(), text(&field.before), text(&field.after));
                }
            }
        }
    }
    lines
}

fn sentence(fields: &[FieldChange], value: impl Fn(&FieldChange) -> &Option<String>) -> String {
    let parts = fields.iter().filter_map(|field| Some(format!("{} {}", field.word, value(field).as_ref()?)));
    parts.collect::<Vec<_>>().join(", ")
}

fn word(state: ChangeState) -> &'static str {
    match state {
        ChangeState::New => "ny:",
        ChangeState::Changed => "ändrad:",
        ChangeState::TakenBack => "borttagen:",
    }
}

/// Every row but those that say what is stored, which are only counted.
pub(super) fn json(report: &Report) -> Value {
    let is_told = |outcome: &&RowOutcome| outcome.state != RowState::Unchanged || !outcome.changes.is_empty();
    let held: HashMap<(&str, u32), &HeldRow> =
        report.held_rows.iter().map(|held| ((held.sheet.as_str(), held.row), held)).collect();
    report.rows_told.iter().filter(is_told).map(|outcome| row(&held, outcome)).collect()
}

fn row(held: &HashMap<(&str, u32), &HeldRow>, outcome: &RowOutcome) -> Value {
    let problems = match outcome.state {
        RowState::Held => held.get(&(outcome.sheet.as_str(), outcome.row)).map(|held| {
            let problems = held.problems.iter();
            problems
                .map(|one| json!({ "cell": one.cell, "wrong": one.wrong, "instead": one.instead }))
                .collect::<Value>()
        }),
        _ => None,
    };
    let (state, rule) = match &outcome.state {
        RowState::New => ("new", None),
        RowState::Changed => ("changed", None),
        RowState::Unchanged => ("unchanged", None),
        RowState::Held => ("held", None),
        RowState::Ignored(rule) => ("ignored", Some(rule)),
        RowState::Removed => ("removed", None),
    };
    json!({
        "sheet": outcome.sheet,
        "row": outcome.row,
        "state": state,
        "rule": rule,
        "problems": problems,
        "facts": outcome.changes.iter().map(fact).collect::<Vec<_>>(),
    })
}

fn fact(change: &Change) -> Value {
    let state = match change.state {
        ChangeState::New => "new",
        ChangeState::Changed => "changed",
        ChangeState::TakenBack => "taken_back",
    };
    let field = |field: &FieldChange| json!({ "field": field.word, "stored": field.before, "new": field.after });
    json!({
        "kind": change.kind,
        "about": change.about,
        "state": state,
        "fields": change.fields.iter().map(field).collect::<Vec<_>>(),
    })
}
