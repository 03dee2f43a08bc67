//! A report as it is asked for: on a screen, as JSON, or as a file of the kind that its name says.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use serde_json::{Value, json};

use super::show::{number, table};
use crate::adapters::press::Printer;
use crate::domain::Fault;
use crate::money::swedish;
use crate::ports::{Cell, Press, Report, Section, Table};

/// What a file may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Workbook,
    Pdf,
    Page,
}

impl Form {
    /// By the file's ending.
    pub(super) fn of(file: &Path) -> Result<Form, Fault> {
        let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("xlsx") => Ok(Form::Workbook),
            Some("pdf") => Ok(Form::Pdf),
            Some("html" | "htm") => Ok(Form::Page),
            _ => Err(Fault::Input(format!(
                "{}: a report is a workbook, a PDF or a page; name a file that ends in .xlsx, .pdf or .html",
                file.display()
            ))),
        }
    }
}

/// Writes a report to a new file, which only its owner may read: it may tell of persons.
///
/// # Errors
/// The report cannot be made in that form, the file is there already, or it cannot be written.
pub(super) fn write(printer: &Printer, report: &Report, file: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::OpenOptionsExt;
    let shown = file.display();
    let content = match Form::of(file)? {
        Form::Workbook => printer.workbook(report)?,
        Form::Page => printer.html(report).into_bytes(),
        Form::Pdf => printer.pdf(report)?.ok_or_else(|| {
            Fault::Input(format!(
                "{shown}: this program is built without PDF (feature `pdf`); the same report as .html or .xlsx says the same"
            ))
        })?,
    };
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let mut made = made.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Fault::Refused(format!("{shown} is there already and is never overwritten; name another file"))
        }
        _ => Fault::Input(format!("{shown}: cannot be written ({error}); name a file in a folder that is there")),
    })?;
    let written = made.write_all(&content).and_then(|()| made.sync_all());
    written.map_err(|error| {
        // What is half there would stand in the way of the next try.
        let _ = std::fs::remove_file(file);
        Fault::Temporary(format!("{shown}: cannot be written ({error}); try again where there is room"))
    })
}

/// Says it on the screen.
pub(super) fn print(report: &Report) {
    say!("{}", report.title);
    for sentence in &report.summary {
        say!("  {sentence}");
    }
    for section in &report.sections {
        say!("\n{}", section.heading);
        section.text.iter().for_each(|text| say!("  {text}"));
        if let Some(of) = &section.table {
            print_table(of);
        }
        section.notes.iter().for_each(|text| say!("  {text}"));
    }
    say!("");
    report.sources.iter().for_each(|source| say!("{source}"));
    if report.is_example {
        say!("Beloppen är exempelbilagans.");
    }
}

fn print_table(of: &Table) {
    let headings: Vec<&str> = of.columns.iter().map(|column| column.heading.as_str()).collect();
    let numbers: Vec<usize> =
        of.columns.iter().enumerate().filter(|(_, column)| column.is_number).map(|(at, _)| at).collect();
    let mut rows = table(&headings, &numbers);
    for row in of.rows.iter().chain(&of.total) {
        rows.add_row(row.iter().map(shown));
    }
    say!("{rows}");
}

/// A cell on the screen.
fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Blank => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Belopp(amount) | Cell::Kronor(amount) => swedish(*amount),
        Cell::Count(count) => count.to_string(),
        Cell::Number(value, decimals) => {
            let mut rounded = value.round_dp(*decimals);
            rounded.rescale(*decimals);
            rounded.to_string().replace('.', ",")
        }
        Cell::Percent(share) => number(share.round_dp(1), "%"),
        Cell::Day(day) => day.to_string(),
        Cell::Masked => "–".to_owned(),
    }
}

/// The same as data: amounts in kronor as text, what is hidden as `{"masked": true}`.
pub(super) fn as_json(report: &Report) -> Value {
    json!({
        "kommun": report.kommun,
        "title": report.title,
        "made_on": report.made_on,
        "example": report.is_example,
        "summary": report.summary,
        "sections": report.sections.iter().map(section_json).collect::<Vec<Value>>(),
        "sources": report.sources,
    })
}

fn section_json(section: &Section) -> Value {
    let row = |cells: &Vec<Cell>| cells.iter().map(cell_json).collect::<Vec<Value>>();
    let columns = |table: &Table| table.columns.iter().map(|column| column.heading.clone()).collect::<Vec<String>>();
    json!({
        "name": section.sheet,
        "heading": section.heading,
        "text": section.text,
        "columns": section.table.as_ref().map(columns),
        "rows": section.table.as_ref().map(|table| table.rows.iter().map(row).collect::<Vec<_>>()),
        "total": section.table.as_ref().and_then(|table| table.total.as_ref().map(row)),
        "plot": section.plot.as_ref().map(|plot| json!({
            "title": plot.title,
            "alternative": plot.alternative,
            "labels": plot.labels,
            "series": plot.series.iter().map(|series| json!({ "name": series.name, "values": series.values })).collect::<Vec<Value>>(),
        })),
        "notes": section.notes,
    })
}

fn cell_json(cell: &Cell) -> Value {
    match cell {
        Cell::Blank => Value::Null,
        Cell::Text(text) => json!(text),
        Cell::Belopp(amount) | Cell::Kronor(amount) => json!(amount.to_string()),
        Cell::Count(count) => json!(count),
        Cell::Number(value, _) | Cell::Percent(value) => json!(value.to_string()),
        Cell::Day(day) => json!(day),
        Cell::Masked => json!({ "masked": true }),
    }
}
