//! The workbook in which remarks are answered: what each is about, a cell with the words that it allows, and how to do it.

use std::fs::OpenOptions;
use std::path::Path;

use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, Format as CellFormat, Note, Workbook, Worksheet, XlsxError,
};

use super::columns::{Column, Field, form};
use crate::calendar::Day;
use crate::domain::Provenance;
use crate::money::Ore;
use crate::ports::SheetKind;

/// A remark as a row of the workbook.
#[derive(Clone, Debug)]
pub struct RemarkLine {
    /// Its id.
    pub id: String,
    /// Whom payroll knows the person as; empty if unknown.
    pub anstid: String,
    /// The person's name, or what stands for it.
    pub namn: String,
    /// The day it is about.
    pub day: Option<Day>,
    /// What is wrong.
    pub what: String,
    /// The paragraph it rests on.
    pub paragraph: &'static str,
    /// What it may be worth.
    pub worth: Option<Ore>,
    /// How to mend it.
    pub proposed: String,
    /// Where it was read.
    pub place: Provenance,
    /// The answers that it allows; none where only new facts help.
    pub words: &'static [&'static str],
}

/// Why no workbook was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotWritten {
    /// A file of that name is there already.
    IsThere,
    /// The file cannot be made or written: why.
    Failed(String),
}

/// Writes remarks to a new workbook.
///
/// # Errors
/// The file is there already, or could not be written.
pub fn write_remarks(path: &Path, lines: &[RemarkLine]) -> Result<(), NotWritten> {
    let failed = |error: &dyn std::fmt::Display| NotWritten::Failed(error.to_string());
    let file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => NotWritten::IsThere,
        _ => failed(&error),
    })?;
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet(), lines).map_err(|error| failed(&error))?;
    explain(workbook.add_worksheet()).map_err(|error| failed(&error))?;
    workbook.save_to_writer(file).map_err(|error| failed(&error))
}

fn fill(sheet: &mut Worksheet, lines: &[RemarkLine]) -> Result<(), XlsxError> {
    let form = form(SheetKind::Anmarkningar);
    sheet.set_name(form.name)?;
    sheet.set_freeze_panes(1, 1)?;
    for (column, at) in form.columns.iter().zip(0_u16..) {
        head(sheet, at, column)?;
    }
    for (line, row) in lines.iter().zip(1_u32..) {
        write_line(sheet, row, line)?;
    }
    let last_row = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    let last_column = u16::try_from(form.columns.len()).unwrap_or(1) - 1;
    sheet.autofilter(0, 0, last_row, last_column)?;
    let answer = form.columns.iter().zip(0_u16..).find(|(column, _)| column.field == Field::Beslut);
    answer.map_or(Ok(()), |(_, at)| offer_words(sheet, at, lines))
}

fn head(sheet: &mut Worksheet, at: u16, column: &Column) -> Result<(), XlsxError> {
    let is_ours = matches!(column.field, Field::Upplysning | Field::Id);
    let head = CellFormat::new().set_bold().set_text_wrap().set_background_color(if is_ours { GREY } else { YELLOW });
    let kind = CellFormat::new().set_num_format(if column.field == Field::Datum { "yyyy-mm-dd" } else { "@" });
    sheet.set_column_width(at, width(column.name))?;
    sheet.set_column_format(at, &kind)?;
    sheet.write_with_format(0, at, column.name, &head)?;
    sheet.insert_note(0, at, &Note::new(column.guidance).add_author_prefix(false))?;
    Ok(())
}

/// What the program fills in, and what a person does.
const GREY: u32 = 0x00E7_E6E6;
const YELLOW: u32 = 0x00FF_F2CC;

fn width(name: &str) -> u16 {
    match name {
        "Vad" | "Så rättar du" | "Motivering" => 48,
        "Namn" | "Fil" | "Beslut" => 22,
        _ => 14,
    }
}

/// Texts are written as texts: one that begins with `=` is no formula.
fn write_line(sheet: &mut Worksheet, row: u32, line: &RemarkLine) -> Result<(), XlsxError> {
    let wrap = CellFormat::new().set_text_wrap();
    let day = line.day.map(|day| day.to_string()).unwrap_or_default();
    let texts = [&line.id, &line.anstid, &line.namn, &day];
    for (text, at) in texts.into_iter().zip(0_u16..) {
        sheet.write_string(row, at, text)?;
    }
    sheet.write_string_with_format(row, 4, &line.what, &wrap)?;
    sheet.write_string(row, 5, line.paragraph)?;
    if let Some(kronor) = line.worth.and_then(|worth| worth.kronor().to_f64()) {
        sheet.write_number_with_format(row, 6, kronor, &CellFormat::new().set_num_format("#,##0.00"))?;
    }
    sheet.write_string_with_format(row, 7, &line.proposed, &wrap)?;
    sheet.write_string(row, 8, &*line.place.file)?;
    sheet.write_string(row, 9, &*line.place.sheet)?;
    if line.place.row > 0 {
        sheet.write_number(row, 10, line.place.row)?;
    }
    Ok(())
}

/// A list of the words in each cell that may be answered; rows that allow the same share it.
fn offer_words(sheet: &mut Worksheet, at: u16, lines: &[RemarkLine]) -> Result<(), XlsxError> {
    let mut row = 1_u32;
    for alike in lines.chunk_by(|one, other| one.words == other.words) {
        let next = row + u32::try_from(alike.len()).unwrap_or(u32::MAX);
        if let Some(words) = alike.first().map(|line| line.words).filter(|words| !words.is_empty()) {
            sheet.add_data_validation(row, at, next - 1, at, &list_of(words)?)?;
        }
        row = next;
    }
    Ok(())
}

/// Anything else is refused by Excel, but after `kvittning` a limit may be written, which is no word of the list.
fn list_of(words: &[&str]) -> Result<DataValidation, XlsxError> {
    let list = DataValidation::new().allow_list_strings(words)?;
    let choose = format!("Välj {}", words.join(", "));
    if words.contains(&"kvittning") {
        let limit = format!("{choose}; efter kvittning får en gräns stå, som kvittning 500 kr per månad.");
        return list.set_error_style(DataValidationErrorStyle::Information).set_error_message(limit);
    }
    list.set_error_message(format!("{choose}."))
}

/// The name of the sheet that tells how to fill in the other.
pub(super) const GUIDE: &str = "Så gör du";

/// What stands on it.
const HOW: [(&str, &str); 12] = [
    (GUIDE, ""),
    ("1.", "Fyll i de gula kolumnerna till höger på bladet Anmärkningar. En rad utan Beslut lämnas som den är."),
    ("2.", "Skriv Diarienummer och Beslutsdatum för beslutet. De behövs inte för stäng."),
    ("3.", "Spara filen som .xlsx och kör: arvode import FIL.xlsx. Samma fil en gång till ändrar ingenting."),
    ("bifall", "Yrkandet beviljas helt: sista dag, klass och styrkande lyfts. Det betalas i nästa körning."),
    ("avslag", "Yrkandet avslås enligt sin egen paragraf. Det betalas inte och väntar inte längre."),
    ("återkrav", "Skulden krävs tillbaka utanför lönesystemet: den bokas, och en faktura skickas av ekonomi."),
    ("kvittning", "Skulden dras från kommande månader. En gräns får skrivas efter ordet: kvittning 500 kr per månad."),
    ("eftergift", "Skulden efterges. Ingenting tas tillbaka."),
    ("stäng", "En rad som inte kunde tas in behöver inte rättas. Skriv varför i Motivering."),
    ("", "Står ett belopp i beslutet om en skuld, som återkrav 412 kr, måste det vara skuldens belopp."),
    ("", "Rader utan lista i cellen Beslut avgörs inte här: gör det som står i Så rättar du."),
];

fn explain(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name(HOW[0].0)?;
    sheet.set_column_width(0, 14)?;
    sheet.set_column_width(1, 110)?;
    let (bold, wrap) = (CellFormat::new().set_bold(), CellFormat::new().set_text_wrap());
    for ((word, text), row) in HOW.into_iter().zip(0_u32..) {
        sheet.write_string_with_format(row, 0, word, &bold)?;
        sheet.write_string_with_format(row, 1, text, &wrap)?;
    }
    Ok(())
}
