//! A report as a file of the kind that its name says.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use crate::adapters::press::Printer;
use crate::domain::Fault;
use crate::ports::{Press, Report};

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
