//! The year's end as a workbook: amounts as numbers, sums as formulas that follow when a number is changed.

use std::fs::OpenOptions;
use std::path::Path;

use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet, XlsxError};

use crate::domain::Fault;
use crate::money::Ore;

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccrualRow {
    /// Organ, account and kind in words.
    pub texts: [String; 3],
    /// Unpaid at the year's start.
    pub start: Ore,
    /// Paid in the year.
    pub paid: Ore,
    /// Unpaid at the year's end: going out, paid in advance, waiting, receivable.
    pub end: [Ore; 4],
    /// Earned in the year by the regulation.
    pub earned: Ore,
    /// Held at the year's end.
    pub held: Ore,
}

const HEADERS: [&str; 14] = [
    "Organ",
    "Konto",
    "Slag",
    "Upplupet vid årets början",
    "Betalt under året (kassabasis)",
    "Att betala",
    "Betalt i förväg",
    "Väntar på beslut",
    "Fordran",
    "Upplupet vid årets slut",
    "Intjänat under året (bokföringsmässigt)",
    "Intjänat enligt reglerna",
    "Skillnad",
    "Hålls, ingår inte",
];

/// The row of the headers, counted from 0; notes stand above it.
const HEADER_ROW: u32 = 4;

/// Writes the list to a new file. The notes are at most three, and stand below the title.
///
/// # Errors
/// The file is there already, or could not be written.
pub fn write_accruals(path: &Path, title: &str, notes: &[String], rows: &[AccrualRow]) -> Result<(), Fault> {
    let shown = path.display();
    let made = OpenOptions::new().write(true).create_new(true).open(path);
    let file = made.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Fault::Refused(format!("{shown} is there already and is never overwritten; name another file"))
        }
        _ => Fault::Input(format!("{shown}: cannot be written ({error}); name a file in a folder that is there")),
    })?;
    let failed = |error: XlsxError| Fault::Temporary(format!("{shown}: cannot be written ({error}); try again"));
    let mut workbook = workbook(title, notes, rows).map_err(failed)?;
    workbook.save_to_writer(file).map_err(failed)
}

/// The same list as it goes with a letter.
///
/// # Errors
/// It could not be made.
pub fn accruals_workbook(title: &str, notes: &[String], rows: &[AccrualRow]) -> Result<Vec<u8>, Fault> {
    let made = workbook(title, notes, rows).and_then(|mut workbook| workbook.save_to_buffer());
    made.map_err(|error| Fault::Temporary(format!("the list of accruals cannot be made ({error}); try again")))
}

fn workbook(title: &str, notes: &[String], rows: &[AccrualRow]) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    let (bold, header) = (Format::new().set_bold(), Format::new().set_bold().set_text_wrap());
    let money = Format::new().set_num_format("#,##0.00");
    let sums = money.clone().set_bold();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Årsbokslut")?;
    sheet.write_with_format(0, 0, title, &bold)?;
    for (note, row) in notes.iter().zip(1..HEADER_ROW) {
        sheet.write(row, 0, note)?;
    }
    for (text, column) in HEADERS.iter().zip(0_u16..) {
        sheet.write_with_format(HEADER_ROW, column, *text, &header)?;
        sheet.set_column_width(column, if column < 3 { 24 } else { 16 })?;
    }
    sheet.set_freeze_panes(HEADER_ROW + 1, 3)?;
    let mut at = HEADER_ROW + 1;
    for row in rows {
        write_row(sheet, at, row, &money)?;
        at += 1;
    }
    sheet.write_with_format(at, 0, "Tillsammans", &bold)?;
    let (first, last) = (HEADER_ROW + 2, at);
    for column in 3..14_u16 {
        let sum: Ore = rows.iter().map(|row| value(row, column)).sum();
        let letter = letter(column);
        let formula = format!("=SUM({letter}{first}:{letter}{})", last.max(first));
        // Without rows the sum would be of itself.
        if rows.is_empty() {
            sheet.write_with_format(at, column, 0, &sums)?;
        } else {
            sheet.write_formula_with_format(at, column, live(formula, sum), &sums)?;
        }
    }
    Ok(workbook)
}

fn write_row(sheet: &mut Worksheet, at: u32, row: &AccrualRow, money: &Format) -> Result<(), XlsxError> {
    for (text, column) in row.texts.iter().zip(0_u16..) {
        sheet.write_string(at, column, text)?;
    }
    let line = at + 1;
    for column in 3..14_u16 {
        let amount = value(row, column);
        let formula = match column {
            9 => format!("=SUM(F{line}:I{line})"),
            10 => format!("=E{line}+J{line}-D{line}"),
            12 => format!("=ROUND(K{line}-L{line},2)"),
            _ => {
                sheet.write_number_with_format(at, column, number(amount), money)?;
                continue;
            }
        };
        sheet.write_formula_with_format(at, column, live(formula, amount), money)?;
    }
    Ok(())
}

/// The amount that stands in a column, also where a formula works it out.
fn value(row: &AccrualRow, column: u16) -> Ore {
    let end: Ore = row.end.iter().copied().sum();
    match column {
        3 => row.start,
        4 => row.paid,
        5..=8 => row.end[usize::from(column) - 5],
        9 => end,
        10 => row.paid + end - row.start,
        11 => row.earned,
        12 => row.paid + end - row.start - row.earned,
        _ => row.held,
    }
}

/// A formula with the value that it has now, for readers that work nothing out.
fn live(formula: String, amount: Ore) -> Formula {
    Formula::new(formula).set_result(amount.kronor().normalize().to_string())
}

/// A workbook has no other numbers; amounts of whole öre below many billions come back exactly.
fn number(amount: Ore) -> f64 {
    amount.kronor().to_f64().unwrap_or_default()
}

fn letter(column: u16) -> char {
    char::from(b'A' + u8::try_from(column).unwrap_or(0))
}
