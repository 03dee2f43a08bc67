//! The workbook in which held rows are mended: the rows as they were sent, under their own headers, with what is wrong and
//! what to write instead.
//!
//! It is read back like any list. "Ursprung" says where each row was held, so that what was remarked there is closed when
//! the row comes back.

use std::collections::{BTreeMap, HashMap};

use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, FormatAlign, Formula, Worksheet, XlsxError};

use super::above::of_a_part;
use super::columns::{Column, Format};
use super::headers::{Layout, TOLD, Told};
use super::parent::spool_unreadable;
use super::rows::{address, column_letters};
use super::spool::{Lines, SpooledSheet};
use super::template::{CHOICES, Choices, cell_format, new_workbook};
use super::values::{Context, day, with_decimal_sign};
use super::wire::{RowLine, Value, WireCell};
use super::workbook::{ExcelWorkbook, Table};
use crate::domain::Provenance;
use crate::ports::{HeldRow, Lists, Problem, SheetKind, origin};

/// What is the same for all held rows of a file.
pub struct Rejected<'a> {
    /// The file's name as it came.
    pub file: &'a str,
    /// sha256 of its content.
    pub sha256: &'a str,
    /// The rows that were held.
    pub held: &'a [HeldRow],
    /// What may be chosen in the drop-downs.
    pub lists: &'a Lists,
    /// What may be said of a text: the program's own words are read by others than the one who sent the row.
    pub veiled: &'a dyn Fn(&str) -> String,
}

/// The workbook's bytes; none where no held row can be mended in it.
///
/// # Errors
/// The rows could not be read back, or the workbook not be written; in Swedish.
pub fn rejected_workbook(book: &ExcelWorkbook, rejected: &Rejected<'_>) -> Result<Option<Vec<u8>>, String> {
    let failed = |error: XlsxError| {
        format!("de hållna raderna kunde inte skrivas till en arbetsbok ({error}); `arvode remarks` visar dem")
    };
    // A row of a matrix may have many cells that are held.
    let mut held: HashMap<&str, BTreeMap<u32, Vec<&Problem>>> = HashMap::new();
    for one in rejected.held {
        let of_row = held.entry(&one.sheet).or_default().entry(one.row).or_default();
        of_row.extend(one.problems.iter().filter(|problem| !of_row.contains(problem)).collect::<Vec<_>>());
    }
    let mut workbook = new_workbook().map_err(failed)?;
    let choices = Choices::new(CHOICES, rejected.lists);
    let mut sheets = 0;
    for (spooled, table) in book.tables() {
        let (Some(table), Some(held)) = (table, held.get(spooled.about.name.as_str())) else { continue };
        // An answer to a remark is given anew in the workbook of remarks.
        let layout = table.layout();
        if layout.form.kind == SheetKind::Anmarkningar {
            continue;
        }
        let sheet = Sheet::new(spooled, (table, layout), held, rejected, &choices);
        sheets += usize::from(sheet.write(workbook.add_worksheet(), || book.lines(spooled))?);
    }
    if sheets == 0 {
        return Ok(None);
    }
    choices.write(workbook.add_worksheet()).map_err(failed)?;
    workbook.save_to_buffer().map(Some).map_err(failed)
}

/// One sheet of the file, with its held rows.
struct Sheet<'a> {
    spooled: &'a SpooledSheet,
    table: &'a Table,
    layout: &'a Layout,
    held: &'a BTreeMap<u32, Vec<&'a Problem>>,
    rejected: &'a Rejected<'a>,
    choices: &'a Choices<'a>,
    by_column: HashMap<u32, &'static Column>,
}

impl<'a> Sheet<'a> {
    fn new(
        spooled: &'a SpooledSheet,
        (table, layout): (&'a Table, &'a Layout),
        held: &'a BTreeMap<u32, Vec<&'a Problem>>,
        rejected: &'a Rejected<'a>,
        choices: &'a Choices<'a>,
    ) -> Sheet<'a> {
        let form = layout.form;
        let placed = layout.columns.iter().filter_map(|placed| {
            Some((placed.column, form.columns.iter().find(|column| column.field == placed.field)?))
        });
        Sheet { spooled, table, layout, held, rejected, choices, by_column: placed.collect() }
    }

    /// Writes what stands above the rows, and the held ones; whether there are any. The rows are read twice: the columns of
    /// the program's own stand behind all others.
    fn write(&self, sheet: &mut Worksheet, lines: impl Fn() -> Lines<'a>) -> Result<bool, String> {
        let failed = |error: XlsxError| {
            format!("de hållna raderna kunde inte skrivas till en arbetsbok ({error}); `arvode remarks` visar dem")
        };
        let unread = |_| spool_unreadable().wrong;
        let header = self.layout.header_row;
        let (mut last_column, mut reader) = (0, lines());
        let is_shown = |row: u32| row <= header || self.held.contains_key(&row);
        while let Some(line) = reader.next_row_where(is_shown).map_err(unread)? {
            last_column = line.cells.iter().map(|cell| cell.column).fold(last_column, u32::max);
        }
        let (told, mut at, mut reader) = (self.told(last_column), header, lines());
        // What stands in a merged cell is said of each of its rows.
        let mut merged = self.table.merged.clone();
        self.write_titles(sheet, told).map_err(failed)?;
        let fills = !merged.is_empty();
        let is_read = |row: u32| fills || is_shown(row);
        while let Some(line) = reader.next_row_where(is_read).map_err(unread)? {
            if line.row <= header && !self.table.is_matrix() {
                self.write_above(sheet, &line, told).map_err(failed)?;
                continue;
            }
            // The organ of a matrix may be merged over its meetings.
            let line = merged.fill(line);
            if line.row <= header {
                self.write_above(sheet, &line, told).map_err(failed)?;
            } else {
                if self.held.contains_key(&line.row) {
                    self.write_row(sheet, at, &line, told).map_err(failed)?;
                    at += 1;
                }
            }
        }
        self.lay_out(sheet, told, at).map_err(failed)?;
        Ok(at > header)
    }

    /// Where the program's own columns stand: where they stood, else behind all others.
    fn told(&self, last: u32) -> Told {
        let known = self.layout.told;
        Told {
            fel: known.map_or(last + 1, |told| told.fel),
            rattas: known.map_or(last + 2, |told| told.rattas),
            ursprung: known.and_then(|told| told.ursprung).or(Some(if known.is_some() { last + 1 } else { last + 3 })),
        }
    }

    fn write_titles(&self, sheet: &mut Worksheet, told: Told) -> Result<(), XlsxError> {
        sheet.set_name(&self.spooled.about.name)?;
        let places = [Some(told.fel), Some(told.rattas), told.ursprung];
        for (name, column) in TOLD.into_iter().zip(places) {
            if let Some(at) = column.and_then(|column| u16::try_from(column).ok()) {
                sheet.write_string_with_format(self.layout.header_row - 1, at, name, &head())?;
            }
        }
        Ok(())
    }

    /// The header, and what stands above it.
    fn write_above(&self, sheet: &mut Worksheet, line: &RowLine<'_>, told: Told) -> Result<(), XlsxError> {
        if line.row < self.layout.header_row {
            let mut part = of_a_part(&line.cells).into_iter();
            return part.try_for_each(|cell| write_value(sheet, line.row - 1, &cell, CellFormat::new(), None));
        }
        let mut kept = line.cells.iter().filter(|cell| !told.holds(cell.column));
        kept.try_for_each(|cell| write_value(sheet, line.row - 1, cell, head(), None))
    }

    fn write_row(&self, sheet: &mut Worksheet, at: u32, line: &RowLine<'_>, told: Told) -> Result<(), XlsxError> {
        let problems = self.held.get(&line.row).map(Vec::as_slice).unwrap_or_default();
        let wrong: Vec<u32> = problems.iter().filter_map(|problem| column_of(&problem.cell, line.row)).collect();
        for cell in line.cells.iter().filter(|cell| !told.holds(cell.column)) {
            let format = self.format(cell.column, wrong.contains(&cell.column));
            write_value(sheet, at, &self.as_shown(cell), format, self.by_column.get(&cell.column).copied())?;
        }
        let has_cell = |column: &&u32| line.cells.iter().any(|cell| cell.column == **column);
        for column in wrong.iter().filter(|column| !has_cell(column)) {
            if let Ok(place) = u16::try_from(*column) {
                sheet.write_blank(at, place, &self.format(*column, true))?;
            }
        }
        let veiled = self.rejected.veiled;
        let fel: Vec<String> = problems.iter().map(|one| format!("{}: {}", one.cell, veiled(&one.wrong))).collect();
        let mut rattas: Vec<String> = problems.iter().map(|one| veiled(&one.instead)).collect();
        rattas.dedup();
        let ursprung = origin(&Provenance {
            file: self.rejected.file.into(),
            sha256: self.rejected.sha256.into(),
            sheet: self.spooled.about.name.as_str().into(),
            row: line.row,
        });
        let lines = lines(&fel.join("\n")).max(lines(&rattas.join("\n")));
        sheet.set_row_height(at, 15 * lines)?;
        let wrap = CellFormat::new().set_text_wrap().set_align(FormatAlign::Top);
        let texts =
            [(Some(told.fel), fel.join("\n")), (Some(told.rattas), rattas.join("\n")), (told.ursprung, ursprung)];
        for (column, text) in texts {
            if let Some(place) = column.and_then(|column| u16::try_from(column).ok()) {
                sheet.write_string_with_format(at, place, text.trim(), &wrap)?;
            }
        }
        Ok(())
    }

    /// What a cell said in its own file: numbers of a text file by its decimal sign, days by its own calendar.
    fn as_shown<'c>(&self, cell: &WireCell<'c>) -> WireCell<'c> {
        let (column, table) = (self.by_column.get(&cell.column), self.table);
        let value = match (&cell.value, column.map(|column| column.format), table.context.decimal) {
            (Value::Text(text), Some(Format::Number), Some(decimal)) => {
                Value::Text(with_decimal_sign(text, decimal).into_owned().into())
            }
            (number @ Value::Number(_), Some(Format::Day), _) if table.context.epoch_1904 => {
                let context = Context { decimal: None, ..table.context };
                day(number, context).map_or_else(|_| number.clone(), |day| Value::Text(day.to_string().into()))
            }
            (other, _, _) => other.clone(),
        };
        WireCell { column: cell.column, value }
    }

    fn format(&self, column: u32, is_wrong: bool) -> CellFormat {
        let format = self.by_column.get(&column).map_or_else(CellFormat::new, |column| cell_format(column));
        if is_wrong { format.set_background_color(RED) } else { format }
    }

    fn lay_out(&self, sheet: &mut Worksheet, told: Told, last_row: u32) -> Result<(), XlsxError> {
        let header = self.layout.header_row;
        for (column, ours) in &self.by_column {
            let Ok(at) = u16::try_from(*column) else { continue };
            sheet.set_column_width(at, 16)?;
            let first = address(header + 1, *column);
            if let Some(validation) = self.choices.of(self.layout.form.kind, ours, &first)?
                && last_row > header
            {
                sheet.add_data_validation(header, at, last_row - 1, at, &validation)?;
            }
        }
        for (column, width) in [(Some(told.fel), 50), (Some(told.rattas), 50), (told.ursprung, 30)] {
            if let Some(at) = column.and_then(|column| u16::try_from(column).ok()) {
                sheet.set_column_width(at, width)?;
            }
        }
        sheet.set_freeze_panes(header, 0)?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        sheet.set_repeat_rows(header - 1, header - 1)?;
        Ok(())
    }
}

const GREY: u32 = 0x00F2_F2F2;
const RED: u32 = 0x00FF_C7CE;

/// The column of an address in a row; none where it names something else.
fn column_of(cell: &str, row: u32) -> Option<u32> {
    (0..256).find(|column| cell == address(row, *column) || cell == column_letters(*column))
}

/// Lines of a text in a column of the program's own.
fn lines(text: &str) -> u16 {
    let lines: usize = text.lines().map(|line| line.chars().count().div_ceil(48).max(1)).sum();
    u16::try_from(lines).unwrap_or(MOST_LINES).clamp(2, MOST_LINES)
}

/// No row is higher: Excel shows no more of it.
const MOST_LINES: u16 = 20;

fn head() -> CellFormat {
    CellFormat::new().set_bold().set_text_wrap().set_align(FormatAlign::Top).set_background_color(GREY)
}

/// A cell as it was. What cannot be written as a value of its kind is written as text; an error stays an error, and a
/// formula that nobody has calculated shows one.
fn write_value(
    sheet: &mut Worksheet,
    row: u32,
    cell: &WireCell<'_>,
    format: CellFormat,
    column: Option<&Column>,
) -> Result<(), XlsxError> {
    let Ok(at) = u16::try_from(cell.column) else { return Ok(()) };
    match &cell.value {
        Value::Text(text) => write_text(sheet, (row, at), text, format),
        // As a text it would be taken for somebody's word.
        Value::Error(error) => write_error(sheet, (row, at), error, &format),
        Value::Number(number) => match number.parse::<f64>() {
            Ok(value) => {
                let is_text = column.is_some_and(|column| matches!(column.format, Format::Text | Format::Clock));
                let is_day = column.is_some_and(|column| column.format == Format::Day);
                // A personnummer as a number is shown in full, and a number among days is no day.
                let format = match (is_text, is_day) {
                    (true, _) => format.set_num_format("0"),
                    (_, true) => format.set_num_format("General"),
                    _ => format,
                };
                sheet.write_number_with_format(row, at, value, &format).map(drop)
            }
            Err(_) => write_text(sheet, (row, at), number, format),
        },
        Value::Percent(number) => match number.parse::<f64>() {
            Ok(value) => sheet.write_number_with_format(row, at, value, &format.set_num_format("0.00%")).map(drop),
            Err(_) => write_text(sheet, (row, at), number, format),
        },
        Value::DateTime(moment) => match date_time(moment) {
            Some((value, shown)) => sheet.write_with_format(row, at, &value, &format.set_num_format(shown)).map(drop),
            None => write_text(sheet, (row, at), moment, format),
        },
        Value::Time(clock) => match hours_and_minutes(clock) {
            Some((hours @ 0..24, minutes)) => {
                let value = ExcelDateTime::from_hms(hours, minutes, 0)?;
                sheet.write_with_format(row, at, &value, &format.set_num_format("hh:mm")).map(drop)
            }
            _ => write_text(sheet, (row, at), clock, format),
        },
        Value::Bool(said) => sheet.write_boolean_with_format(row, at, *said, &format).map(drop),
        // Blank, it would be taken for a cell that says nothing.
        Value::Formula => write_error(sheet, (row, at), NO_VALUE, &format),
    }
}

/// The errors that a formula may show.
const ERRORS: [&str; 7] = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];

/// What Excel shows where there is no value.
const NO_VALUE: &str = "#N/A";

fn write_error(sheet: &mut Worksheet, at: (u32, u16), error: &str, format: &CellFormat) -> Result<(), XlsxError> {
    let error = if ERRORS.contains(&error) { error } else { NO_VALUE };
    sheet.write_formula_with_format(at.0, at.1, Formula::new(error).set_result(error), format).map(drop)
}

/// Somebody who edits a text that begins like a formula must not make one of it.
fn write_text(sheet: &mut Worksheet, at: (u32, u16), text: &str, format: CellFormat) -> Result<(), XlsxError> {
    let format = if text.starts_with(['=', '+', '-', '@']) { format.set_quote_prefix() } else { format };
    sheet.write_string_with_format(at.0, at.1, text, &format).map(drop)
}

/// `2026-10-14T00:00`, and how it is shown.
fn date_time(moment: &str) -> Option<(ExcelDateTime, &'static str)> {
    let (date, clock) = moment.split_once('T')?;
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let value = ExcelDateTime::from_ymd(year, month, day).ok().filter(|_| year > 1900)?;
    match hours_and_minutes(clock)? {
        (0, 0) => Some((value, "yyyy-mm-dd")),
        (hours, minutes) => Some((value.and_hms(hours, minutes, 0).ok()?, "yyyy-mm-dd hh:mm")),
    }
}

fn hours_and_minutes(clock: &str) -> Option<(u16, u8)> {
    let (hours, minutes) = clock.split_once(':')?;
    Some((hours.parse().ok()?, minutes.get(..2)?.parse().ok()?))
}
