//! Fill-in workbooks: our own column names as a header, each with a note that says what to write.

use std::fs::OpenOptions;
use std::path::Path;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as CellFormat, Note, Workbook, XlsxError};

use super::columns::{Column, Format, form};
use crate::ports::SheetKind;

/// Writes a fill-in workbook for one kind of sheet to a new file.
///
/// # Errors
/// The file is there already, or could not be written; in Swedish.
pub fn write_template(kind: SheetKind, path: &Path) -> Result<(), String> {
    let file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => format!("{} finns redan; välj ett annat namn.", path.display()),
        _ => format!("{} kan inte skrivas: {error}.", path.display()),
    })?;
    let mut workbook = workbook(kind).map_err(|error| format!("Mallen kan inte skapas: {error}."))?;
    workbook.save_to_writer(file).map_err(|error| format!("{} kan inte skrivas: {error}.", path.display()))
}

fn workbook(kind: SheetKind) -> Result<Workbook, XlsxError> {
    let form = form(kind);
    let mut workbook = Workbook::new();
    // The same template is the same bytes, whenever it is made.
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2014, 12, 11)?));
    let bold = CellFormat::new().set_bold().set_text_wrap();
    let sheet = workbook.add_worksheet();
    sheet.set_name(form.name)?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, at) in form.columns.iter().zip(0_u16..) {
        sheet.set_column_width(at, width(column))?;
        sheet.set_column_format(at, &cell_format(column.format))?;
        sheet.write_with_format(0, at, column.name, &bold)?;
        sheet.insert_note(0, at, &Note::new(column.guidance).add_author_prefix(false))?;
    }
    Ok(workbook)
}

fn width(column: &Column) -> f64 {
    let letters: u8 = column.name.chars().count().clamp(11, 28).try_into().unwrap_or(28);
    f64::from(letters + 2)
}

fn cell_format(format: Format) -> CellFormat {
    CellFormat::new().set_num_format(match format {
        Format::Text | Format::Clock => "@",
        Format::Day => "yyyy-mm-dd",
        Format::Number => "General",
    })
}
