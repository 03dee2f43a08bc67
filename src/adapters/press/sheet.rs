//! One part of a report as a sheet: words, a table with live figures and sums, and a chart of the same figures.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Formula, IgnoreError, Worksheet, XlsxError};

use super::chart;
use super::figures::{MASKED, column, column_signs, heading};
use super::workbook::{BLUE, PALE, cell_words, day_of, write_words};
use crate::domain::Fault;
use crate::ports::{Cell, Column, Report, Section, Table};

/// More lines of words than this would leave no room below the frozen header; they stand under the table instead.
const LINES_ABOVE: u32 = 6;
/// Signs on a line of words.
const LINE_SIGNS: u32 = 110;
/// Rows from which a filter helps.
const FILTERED_ROWS: usize = 8;

/// Where a table stands on its sheet, rows counted from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) first_row: u32,
    pub(super) last_row: u32,
}

/// A report's tables hold together: rows as long as the columns, and totals that are the sums.
///
/// # Errors
/// They do not: which, and where.
pub(super) fn check(report: &Report) -> Result<(), Fault> {
    for section in &report.sections {
        let Some(table) = &section.table else { continue };
        let lines = table.rows.iter().chain(&table.total);
        if let Some((at, row)) = lines.enumerate().find(|(_, row)| row.len() != table.columns.len()) {
            let (line, cells, columns) = (at + 1, row.len(), table.columns.len());
            return Err(wrong(section, &format!("line {line} has {cells} cells for {columns} columns")));
        }
        for (at, (cell, sum)) in sums(table) {
            if number(cell).is_some_and(|(told, _)| told != sum) {
                let name = heading(table, at);
                return Err(wrong(section, &format!("\"{name}\" adds up to {sum}, its last line says otherwise")));
            }
        }
    }
    Ok(())
}

fn wrong(section: &Section, what: &str) -> Fault {
    Fault::Refused(format!("the report's table \"{}\" is wrong: {what}; report this as a fault", section.heading))
}

/// Columns whose last line is their sum, with that line's cell and what the column adds up to.
///
/// Not those with a masked figure: a sum of what is shown would say something else, or give the figure away.
fn sums(table: &Table) -> impl Iterator<Item = (usize, (&Cell, Decimal))> {
    let total = table.total.iter().flatten();
    total.zip(&table.columns).enumerate().filter_map(|(at, (cell, head))| {
        if !head.is_summed || column(table, at).any(|cell| *cell == Cell::Masked) {
            return None;
        }
        let mut figures = column(table, at).filter_map(number);
        let sum = figures.try_fold(Decimal::ZERO, |sum, (value, _)| sum.checked_add(value))?;
        Some((at, (cell, sum)))
    })
}

/// What a cell holds as a number, and the form in which it is shown.
pub(super) fn number(cell: &Cell) -> Option<(Decimal, String)> {
    match cell {
        Cell::Belopp(amount) => Some((amount.kronor(), "#,##0.00".to_owned())),
        Cell::Kronor(amount) => Some((amount.kronor(), "#,##0".to_owned())),
        Cell::Count(count) => Some((Decimal::from(*count), "#,##0".to_owned())),
        Cell::Number(value, 0) => Some((*value, "#,##0".to_owned())),
        Cell::Number(value, decimals) => {
            let decimals = usize::try_from(*decimals).unwrap_or(0).min(20);
            Some((*value, format!("#,##0.{}", "0".repeat(decimals))))
        }
        Cell::Percent(percent) => Some((*percent / Decimal::ONE_HUNDRED, "0.0\\ %".to_owned())),
        Cell::Blank | Cell::Text(_) | Cell::Day(_) | Cell::Masked => None,
    }
}

/// A workbook has no other numbers; amounts of whole öre below many billions come back exactly.
pub(super) fn as_held(value: Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}

/// Fills a sheet.
pub(super) fn fill(sheet: &mut Worksheet, section: &Section, name: &str) -> Result<(), XlsxError> {
    let title = Format::new().set_bold().set_font_size(14).set_font_color(BLUE);
    sheet.set_screen_gridlines(false);
    write_words(sheet, (0, 0), &section.heading, &title)?;
    sheet.set_row_height(0, 24)?;
    set_widths(sheet, section)?;
    let across = across(section);
    let is_above = section.text.iter().map(|text| lines(text)).sum::<u32>() <= LINES_ABOVE || section.table.is_none();
    let mut row = 1;
    if is_above {
        row = paragraphs(sheet, row, across, &section.text, false)?;
    }
    let mut place = None;
    if let Some(table) = &section.table {
        let held = write_table(sheet, row, table)?;
        row = held.last_row + 1 + u32::from(table.total.is_some()) + 1;
        place = Some((table, held));
    }
    if !is_above {
        row = paragraphs(sheet, row, across, &section.text, false)? + 1;
    }
    row = paragraphs(sheet, row, across, &section.notes, true)?;
    if let Some(plot) = &section.plot {
        chart::write(sheet, name, row + 1, plot, place)?;
    }
    Ok(())
}

/// The last column of those that words stretch over: enough for a line of them.
fn across(section: &Section) -> u16 {
    let mut signs = 0;
    let mut last = 0_u16;
    while signs < LINE_SIGNS && last < 40 {
        signs += section.table.as_ref().and_then(|table| width(table, last)).unwrap_or(8);
        last += 1;
    }
    last.saturating_sub(1).max(1)
}

fn width(table: &Table, at: u16) -> Option<u32> {
    table.columns.get(usize::from(at))?;
    let signs = u32::try_from(column_signs(table, usize::from(at), 44)).unwrap_or(44);
    Some((signs + 3).clamp(9, 48))
}

fn set_widths(sheet: &mut Worksheet, section: &Section) -> Result<(), XlsxError> {
    for at in 0..u16::MAX {
        let Some(width) = section.table.as_ref().and_then(|table| width(table, at)) else { break };
        sheet.set_column_width(at, width)?;
    }
    // The labels under a chart, where there is no table.
    if section.table.is_none() && section.plot.is_some() {
        sheet.set_column_width(0, 28)?;
    }
    Ok(())
}

fn lines(text: &str) -> u32 {
    u32::try_from(lines_of(text, LINE_SIGNS as usize)).unwrap_or(25).clamp(1, 25)
}

/// Words over the whole width; gives the row after them.
fn paragraphs(
    sheet: &mut Worksheet,
    mut row: u32,
    across: u16,
    texts: &[String],
    is_small: bool,
) -> Result<u32, XlsxError> {
    let format = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let format = if is_small { format.set_font_size(9).set_font_color(0x0052_606D) } else { format };
    for text in texts.iter().filter(|text| !text.is_empty()) {
        let text = cell_words(text);
        sheet.merge_range(row, 0, row, across, "", &format)?;
        write_words(sheet, (row, 0), &text, &format)?;
        sheet.set_row_height(row, lines(&text) * 15 + 3)?;
        row += 1;
    }
    Ok(row)
}

fn write_table(sheet: &mut Worksheet, header_row: u32, table: &Table) -> Result<Place, XlsxError> {
    let rows = u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
    let place = Place { first_row: header_row + 1, last_row: header_row.saturating_add(rows) };
    let last_column = u16::try_from(table.columns.len()).unwrap_or(u16::MAX).saturating_sub(1);
    let header = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Bottom).set_background_color(PALE);
    let header = header.set_border_bottom(FormatBorder::Medium).set_border_bottom_color(BLUE);
    for (at, head) in (0_u16..).zip(&table.columns) {
        let align = if head.is_number { FormatAlign::Right } else { FormatAlign::Left };
        let text = heading(table, usize::from(at));
        write_words(sheet, (header_row, at), &text, &header.clone().set_align(align))?;
    }
    let headings: Vec<Cell> = (0..table.columns.len()).map(|at| Cell::Text(heading(table, at))).collect();
    set_height(sheet, header_row, table, &headings)?;
    let plain = Format::new().set_align(FormatAlign::Top);
    for (row, cells) in (place.first_row..).zip(&table.rows) {
        for ((at, cell), head) in (0_u16..).zip(cells).zip(&table.columns) {
            write_cell(sheet, (row, at), cell, head, &plain)?;
        }
        set_height(sheet, row, table, cells)?;
    }
    if let Some(total) = &table.total {
        write_total(sheet, place, table, total)?;
    }
    sheet.set_freeze_panes(place.first_row, u16::from(last_column > 4))?;
    sheet.set_repeat_rows(header_row, header_row)?;
    sheet.ignore_error_range(header_row, 0, place.last_row + 1, last_column, IgnoreError::NumberStoredAsText)?;
    if table.rows.len() >= FILTERED_ROWS {
        sheet.autofilter(header_row, 0, place.last_row, last_column)?;
    }
    Ok(place)
}

/// As high as its longest words need: not every reader works that out.
fn set_height(sheet: &mut Worksheet, row: u32, table: &Table, cells: &[Cell]) -> Result<(), XlsxError> {
    let needed = (0_u16..).zip(cells).map(|(at, cell)| {
        let signs = usize::try_from(width(table, at).unwrap_or(9)).unwrap_or(9).saturating_sub(1);
        if let Cell::Text(text) = cell { lines_of(text, signs) } else { 1 }
    });
    let lines = needed.max().unwrap_or(1).min(25);
    if lines > 1 {
        sheet.set_row_height(row, u32::try_from(lines).unwrap_or(1) * 15 + 2)?;
    }
    Ok(())
}

/// How many lines words take.
pub(super) fn lines_of(text: &str, signs: usize) -> usize {
    let mut lines = 0;
    for line in text.lines() {
        let mut at = signs + 1;
        for word in line.split(' ').map(|word| word.chars().count()) {
            if at + 1 + word > signs {
                lines += word.div_ceil(signs).max(1);
                at = word % signs;
            } else {
                at += 1 + word;
            }
        }
    }
    lines
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, at): (u32, u16),
    cell: &Cell,
    head: &Column,
    format: &Format,
) -> Result<(), XlsxError> {
    if let Some((value, form)) = number(cell) {
        let format = format.clone().set_num_format(form).set_align(FormatAlign::Right);
        sheet.write_number_with_format(row, at, as_held(value), &format)?;
        return Ok(());
    }
    let aligned = if head.is_number { format.clone().set_align(FormatAlign::Right) } else { format.clone() };
    match cell {
        Cell::Text(text) => write_words(sheet, (row, at), text, &aligned.set_text_wrap()),
        Cell::Masked => write_words(sheet, (row, at), MASKED, &aligned),
        Cell::Day(day) => match day_of(*day) {
            Some(held) => {
                let align = if head.is_number { FormatAlign::Right } else { FormatAlign::Left };
                let format = format.clone().set_num_format("yyyy-mm-dd").set_align(align);
                sheet.write_datetime_with_format(row, at, &held, &format)?;
                Ok(())
            }
            None => write_words(sheet, (row, at), &day.to_string(), &aligned),
        },
        _ => {
            sheet.write_blank(row, at, &aligned)?;
            Ok(())
        }
    }
}

/// The last line: sums that follow when a figure is changed.
fn write_total(sheet: &mut Worksheet, place: Place, table: &Table, total: &[Cell]) -> Result<(), XlsxError> {
    let row = place.last_row + 1;
    let format = Format::new().set_bold().set_border_top(FormatBorder::Thin).set_border_top_color(BLUE);
    for ((at, cell), head) in (0_u16..).zip(total).zip(&table.columns) {
        write_cell(sheet, (row, at), cell, head, &format)?;
    }
    // Without rows a sum would be of itself.
    for (at, (cell, sum)) in sums(table).filter(|_| !table.rows.is_empty()) {
        let (Some((_, form)), Ok(column)) = (number(cell), u16::try_from(at)) else { continue };
        let letter = rust_xlsxwriter::utility::column_number_to_name(column);
        let (first, last) = (place.first_row + 1, place.last_row + 1);
        let formula = Formula::new(format!("=SUM({letter}{first}:{letter}{last})"));
        let format = format.clone().set_num_format(form).set_align(FormatAlign::Right);
        let formula = formula.set_result(sum.normalize().to_string());
        sheet.write_formula_with_format(row, column, formula, &format)?;
    }
    Ok(())
}
