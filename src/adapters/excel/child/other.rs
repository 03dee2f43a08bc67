//! The forms beside Open XML: `.xls`, `.xlsb` and `.ods`, each only where a setting says so.
//!
//! The parser reads a whole sheet into memory here; the child's limit on memory ends what is too large. What it cannot
//! tell is never taken for a value: a formula whose result is missing, an error or zero is written as one that nobody has
//! calculated, for these files hold zero where nothing was worked out.

use std::io::Write;

use calamine::{
    Data, DataRef, Ods, OdsError, Range, Reader, SheetType, SheetVisible, Sheets, Xls, XlsError, Xlsb, XlsbError,
};

use super::{Input, Stop, refuse_names, row_refusal, write_cell, write_line, write_row, write_signs};
use crate::adapters::excel::limits::ChildLimits;
use crate::adapters::excel::preflight::{Kind, refusal};
use crate::adapters::excel::text_file::is_error;
use crate::adapters::excel::values::{TEXT_LIMIT, clean};
use crate::adapters::excel::wire::{Line, Refusal, RowWriter, SheetLine, SheetSigns};

/// Writes the sheets of a workbook in one of the other forms. Gives how many there are.
pub(super) fn write(kind: Kind, input: Input, out: &mut impl Write, limits: &ChildLimits) -> Result<usize, Stop> {
    let (mut book, epoch_1904) = match kind {
        Kind::Xls => {
            let book = Xls::new(input).map_err(|error| match error {
                XlsError::Password => with_password(),
                _ => damaged(),
            })?;
            let epoch_1904 = book.has_1904_epoch();
            (Sheets::Xls(book), epoch_1904)
        }
        Kind::Xlsb => {
            let book = Xlsb::new(input).map_err(|error| match error {
                XlsbError::Password => with_password(),
                _ => damaged(),
            })?;
            let epoch_1904 = book.has_1904_epoch();
            (Sheets::Xlsb(book), epoch_1904)
        }
        _ => {
            let book = Ods::new(input).map_err(|error| match error {
                OdsError::Password => with_password(),
                OdsError::CellLimitExceeded { .. } => too_large(),
                _ => damaged(),
            })?;
            (Sheets::Ods(book), false)
        }
    };
    let sheets = book.sheets_metadata().to_vec();
    refuse_names(&sheets, limits)?;
    for sheet in &sheets {
        let hidden = sheet.visible != SheetVisible::Visible;
        let name = clean(&sheet.name).chars().take(TEXT_LIMIT).collect();
        write_line(out, &Line::Sheet(SheetLine { name, hidden, epoch_1904, unformatted: true, text: None }))?;
        if hidden || sheet.typ != SheetType::WorkSheet {
            continue;
        }
        let merged = match &book {
            Sheets::Xls(book) => book.merge_cells_by_sheet_name(&sheet.name).unwrap_or_default(),
            _ => Vec::new(),
        };
        let cells = book.worksheet_range(&sheet.name).map_err(|_| damaged())?;
        let formulas = book.worksheet_formula(&sheet.name).map_err(|_| damaged())?;
        let cleaned = Rows { cells, formulas, kind, epoch_1904 }.write(out, limits)?;
        let merged = merged.iter().map(|region| (region.start.0 + 1, region.start.1, region.end.0 + 1, region.end.1));
        write_signs(SheetSigns { merged: merged.collect(), hidden_rows: Vec::new(), cleaned }, out)?;
    }
    Ok(sheets.len())
}

fn with_password() -> Refusal {
    refusal("Arbetsboken är skyddad med lösenord.", "Spara den utan lösenord som .xlsx och skicka den igen.")
}

/// Rows that are repeated a million times say so in a few bytes.
fn too_large() -> Refusal {
    refusal(
        "Ett blad har fler celler än som ryms i minnet.",
        "Ta bort rader och kolumner som inte behövs, eller spara filen som .xlsx.",
    )
}

fn damaged() -> Refusal {
    refusal(
        "Arbetsboken är skadad eller skriven på ett sätt som inte kan läsas.",
        "Öppna den i Excel, spara den som .xlsx och skicka den igen.",
    )
}

/// A sheet's values, and its formulas beside them.
struct Rows {
    cells: Range<Data>,
    formulas: Range<String>,
    kind: Kind,
    epoch_1904: bool,
}

impl Rows {
    fn write(&self, out: &mut impl Write, limits: &ChildLimits) -> Result<Option<(u32, u32, u32)>, Stop> {
        let mut cleaned: Option<(u32, u32, u32)> = None;
        let mut writer = RowWriter::default();
        let ends = [self.cells.end(), self.formulas.end()].into_iter().flatten();
        let starts = [self.cells.start(), self.formulas.start()].into_iter().flatten();
        let (first_row, first_column) =
            starts.fold((u32::MAX, u32::MAX), |least, place| (least.0.min(place.0), least.1.min(place.1)));
        let (last_row, last_column) = ends.fold((0, 0), |most, place| (most.0.max(place.0), most.1.max(place.1)));
        if first_row == u32::MAX {
            return Ok(None);
        }
        if last_row >= limits.rows {
            return Err(row_refusal(limits).into());
        }
        for row in first_row..=last_row {
            writer.start(row + 1);
            for column in first_column..=last_column.min(limits.columns.saturating_sub(1)) {
                if self.write_cell(&mut writer, row, column) {
                    cleaned.get_or_insert((0, row + 1, column)).0 += 1;
                }
            }
            write_row(&mut writer, out)?;
        }
        Ok(cleaned)
    }

    fn write_cell(&self, writer: &mut RowWriter, row: u32, column: u32) -> bool {
        let value = self.cells.get_value((row, column)).unwrap_or(&Data::Empty);
        let formula = self.formulas.get_value((row, column)).is_some_and(|text| !text.is_empty());
        let is_zero = match value {
            Data::Int(number) => *number == 0,
            Data::Float(number) => *number == 0.0,
            Data::DateTime(moment) => moment.as_f64() == 0.0,
            _ => false,
        };
        if formula && (matches!(value, Data::Empty) || (is_zero && self.kind != Kind::Ods)) {
            writer.formula(column);
            return false;
        }
        match value {
            Data::String(text) if self.kind == Kind::Ods && is_ods_error(text) => {
                writer.text(column, b'e', text.trim());
                false
            }
            Data::DurationIso(text) => {
                match clock_of_duration(text) {
                    Some((hours, minutes)) => writer.plain(column, b't', format_args!("{hours:02}:{minutes:02}")),
                    None => writer.text(column, b'e', text),
                }
                false
            }
            _ => write_cell(writer, column, &of_data(value), false, false, self.epoch_1904),
        }
    }
}

/// `#SAKNAS!`, and LibreOffice's own `Err:502`.
fn is_ods_error(text: &str) -> bool {
    let text = text.trim();
    is_error(text) || text.strip_prefix("Err:").is_some_and(|code| code.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `PT13H30M00S`, rounded to the minute.
fn clock_of_duration(text: &str) -> Option<(u32, u32)> {
    let mut rest = text.trim().strip_prefix("PT")?;
    let mut part = |unit: char| -> Option<u32> {
        let Some((number, after)) = rest.split_once(unit) else { return Some(0) };
        rest = after;
        number.split(['.', ',']).next()?.parse().ok()
    };
    let (hours, minutes, seconds) = (part('H')?, part('M')?, part('S')?);
    let minutes = hours.checked_mul(60)?.checked_add(minutes)?.checked_add(seconds.checked_add(30)? / 60)?;
    (rest.is_empty() && minutes < 60 * 100_000).then_some((minutes / 60, minutes % 60))
}

fn of_data(value: &Data) -> DataRef<'_> {
    match value {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(said) => DataRef::Bool(*said),
        Data::DateTime(moment) => DataRef::DateTime(*moment),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_clock_times() {
        let cases = [
            ("PT13H30M00S", Some((13, 30))),
            ("PT09H05M29.9S", Some((9, 5))),
            ("PT08H59M59.999999S", Some((9, 0))),
            ("PT36H00M00S", Some((36, 0))),
            ("PT45M", Some((0, 45))),
            ("P1D", None),
            ("PT1H2X", None),
        ];
        for (text, expect) in cases {
            assert_eq!(clock_of_duration(text), expect, "{text}");
        }
    }
}
