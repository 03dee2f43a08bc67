//! Ways in for the fuzz targets (`tests/fuzz`), in builds for fuzzing only: the same code that the child and the parent
//! run, without a process between them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};

use calamine::{CellErrorType, DataRef, ExcelDateTime, ExcelDateTimeType};

use super::child::{write_cell, write_line, write_row, write_text_file};
use super::columns::FORMS;
use super::container;
use super::limits::ChildLimits;
use super::parent::Parsed;
use super::preflight;
use super::profile::OwnForms;
use super::spool::{Ending, Spool};
use super::wire::{EndLine, Line, RowWriter, SheetLine};
use super::workbook::ExcelWorkbook;
use crate::calendar::Day;

/// Looks at a file as the child does before its parser opens it; `true` if it would.
pub fn preflight(file: &mut File, limits: &ChildLimits) -> bool {
    match preflight::check(file, limits) {
        Ok((_, Some(mut archive))) => container::unpack(&mut archive, limits).is_ok(),
        checked => checked.is_ok(),
    }
}

/// The workbook that a text file is; none if it is refused.
pub fn workbook_of_text(text: &mut File, spool: File, today: Day) -> Option<ExcelWorkbook> {
    let mut out = BufWriter::new(spool.try_clone().ok()?);
    let sheets = write_text_file(text, &mut out, &ChildLimits::default()).ok()?;
    ended(out, spool, sheets, today)
}

/// A workbook of one sheet whose header is a form's, or none's, and whose cells the bytes choose.
pub fn workbook_of_cells(bytes: &[u8], spool: File, today: Day) -> Option<ExcelWorkbook> {
    let mut out = BufWriter::new(spool.try_clone().ok()?);
    let (mut bytes, mut writer) = (Bytes(bytes), RowWriter::default());
    let form = FORMS.get(usize::from(bytes.next()?) % (FORMS.len() + 1));
    let epoch_1904 = bytes.next()? % 4 == 0;
    let name = form.map_or("Blad1", |form| form.name).to_owned();
    let about = SheetLine { name, hidden: false, epoch_1904, unformatted: false, text: None };
    write_line(&mut out, &Line::Sheet(about)).ok()?;
    writer.start(1);
    for (column, at) in form.iter().flat_map(|form| form.columns).zip(0..) {
        write_cell(&mut writer, at, &DataRef::SharedString(column.name), false, false, epoch_1904);
    }
    write_row(&mut writer, &mut out).ok()?;
    let (mut row, mut column) = (2, 0);
    writer.start(row);
    while let Some(kind) = bytes.next() {
        if kind % 16 == 0 {
            write_row(&mut writer, &mut out).ok()?;
            (row, column) = (row + 1 + u32::from(kind / 16), 0);
            writer.start(row);
            continue;
        }
        let (is_formula, is_percent) = (kind & 64 != 0, kind & 128 != 0);
        let value = bytes.value(kind % 16)?;
        write_cell(&mut writer, column, &value, is_formula, is_percent, epoch_1904);
        column += 1;
    }
    write_row(&mut writer, &mut out).ok()?;
    ended(out, spool, 1, today)
}

fn ended(mut out: BufWriter<File>, spool: File, sheets: usize, today: Day) -> Option<ExcelWorkbook> {
    write_line(&mut out, &Line::End(EndLine { sheets })).ok()?;
    out.flush().ok()?;
    drop(out);
    match Spool::open(spool) {
        Ok(Ending::Whole(spool)) => {
            let parsed = Parsed { spool, sealed: true };
            ExcelWorkbook::new(parsed, &BTreeMap::new(), &OwnForms::default(), "lista.xlsx", today).ok()
        }
        // What was written by the child's own code is read back.
        _ => panic!("a spool that the child wrote is broken"),
    }
}

/// Bytes that choose.
struct Bytes<'b>(&'b [u8]);

/// Words that a form may hold, so that a row comes far.
const WORDS: [&str; 40] = [
    "Personnummer",
    "Namn",
    "2026-09-07 13-16",
    "14 sep 2026 KS",
    "Organ: KS",
    "tj",
    "13.30-",
    "Paragraf",
    "2026-09-09",
    "KS",
    "13.00",
    "14.30",
    "19800101-9804",
    "Anna Ek",
    "ledamot",
    "ja",
    "nej",
    "x",
    "12,5",
    "1 234,50 kr",
    "förlorad arbetsinkomst",
    "resa",
    "barntillsyn",
    "13.00-14.00, 14.10-15",
    "§§ 45-52, 55",
    "ersättare",
    "KF",
    "Summa",
    "14/10 2026",
    "261014",
    "bifall",
    "avslag",
    "KS 2026/1",
    "1001",
    "2026-09",
    "utbetald",
    "1647",
    "allt",
    "hindrad",
    "återtagen",
];

impl<'b> Bytes<'b> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<f64> {
        self.take(8).and_then(|bytes| bytes.try_into().ok()).map(f64::from_le_bytes)
    }

    fn value(&mut self, kind: u8) -> Option<DataRef<'b>> {
        let moment = |serial, length: bool| {
            let kind = if length { ExcelDateTimeType::TimeDelta } else { ExcelDateTimeType::DateTime };
            DataRef::DateTime(ExcelDateTime::new(serial, kind, false))
        };
        Some(match kind {
            1..=4 => DataRef::SharedString(WORDS.get(usize::from(self.next()?) % WORDS.len())?),
            5 | 6 => {
                let length = usize::from(self.next()?);
                DataRef::String(String::from_utf8_lossy(self.take(length)?).into_owned())
            }
            7 => DataRef::Float(self.number()?),
            8 => DataRef::Float(f64::from(i16::from_le_bytes(self.take(2)?.try_into().ok()?)) / 100.0),
            9 => moment(46_000.0 + f64::from(self.next()?), false),
            10 => moment(f64::from(self.next()?) / 255.0, false),
            11 => moment(self.number()?, self.0.len() % 2 == 0),
            12 => DataRef::Bool(self.next()? % 2 == 0),
            13 => DataRef::Error(CellErrorType::NA),
            14 => DataRef::DateTimeIso(String::from_utf8_lossy(self.take(10)?).into_owned()),
            _ => DataRef::Empty,
        })
    }
}
