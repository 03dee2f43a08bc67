//! Reads back what the child wrote: where each sheet lies in the spool, and its rows one at a time.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use memchr::memchr;

use super::wire::{Line, ROW_PREFIX, Refusal, RowLine, SheetLine, SheetSigns, row_number};

/// The rows of all sheets, on disk.
pub struct Spool {
    file: File,
    sheets: Vec<SpooledSheet>,
}

/// One sheet in the spool.
pub struct SpooledSheet {
    /// What the child says of it.
    pub about: SheetLine,
    /// Where its rows lie.
    pub bytes: (u64, u64),
    /// How many rows with content.
    pub rows: u32,
    /// What is true of them together.
    pub signs: SheetSigns,
}

/// How a spool ends.
pub enum Ending {
    /// All of the workbook is there.
    Whole(Spool),
    /// The child refused the file.
    Refused(Refusal),
    /// The child died, or wrote what no child writes.
    Broken,
}

impl Spool {
    /// Walks once through the spool to find its sheets and its end.
    ///
    /// # Errors
    /// It could not be read.
    pub fn open(file: File) -> io::Result<Ending> {
        let mut lines = Lines::new(&file, 0, u64::MAX);
        let mut sheets: Vec<SpooledSheet> = Vec::new();
        while let Some((start, line)) = lines.next_raw()? {
            let end = start + line.len() as u64 + 1;
            if line.starts_with(ROW_PREFIX) {
                let Some(sheet) = sheets.last_mut() else {
                    return Ok(Ending::Broken);
                };
                sheet.bytes.1 = end;
                sheet.rows += 1;
                continue;
            }
            match serde_json::from_slice::<Line>(line) {
                Ok(Line::Sheet(about)) => {
                    sheets.push(SpooledSheet { about, bytes: (end, end), rows: 0, signs: SheetSigns::default() });
                }
                Ok(Line::Signs(signs)) => match sheets.last_mut() {
                    Some(sheet) => sheet.signs = signs,
                    None => return Ok(Ending::Broken),
                },
                Ok(Line::Anew(_)) => sheets.clear(),
                Ok(Line::Refused(refusal)) => return Ok(Ending::Refused(refusal)),
                Ok(Line::End(last)) if last.sheets == sheets.len() => return Ok(Ending::Whole(Spool { file, sheets })),
                _ => return Ok(Ending::Broken),
            }
        }
        Ok(Ending::Broken)
    }

    /// The sheets, in their order.
    pub fn sheets(&self) -> &[SpooledSheet] {
        &self.sheets
    }

    /// The rows between two places in the spool.
    pub fn rows(&self, from: u64, to: u64) -> Lines<'_> {
        Lines::new(&self.file, from, to)
    }
}

/// Lines of the spool, read with their own position.
pub struct Lines<'s> {
    file: &'s File,
    /// What has been read of the file and not given out: from `at` to its end.
    block: Vec<u8>,
    at: usize,
    /// Where the next line starts.
    place: u64,
    end: u64,
}

/// So much is read at a time.
const BLOCK_BYTES: usize = 64 << 10;
/// No line is longer: 256 cells of 1 001 characters of at most four bytes, and their brackets, fit in it.
const LINE_LIMIT_BYTES: usize = 2 << 20;

impl<'s> Lines<'s> {
    fn new(file: &'s File, from: u64, to: u64) -> Lines<'s> {
        Lines { file, block: Vec::with_capacity(BLOCK_BYTES), at: 0, place: from, end: to }
    }

    /// Where the next line starts.
    pub fn place(&self) -> u64 {
        self.place
    }

    /// The next row; none at the end.
    ///
    /// # Errors
    /// The spool could not be read, or a row is garbled.
    pub fn next_row(&mut self) -> io::Result<Option<RowLine<'_>>> {
        self.next_row_where(|_| true)
    }

    /// The next row that is wanted by its number; none at the end. The cells of the others are not looked at.
    ///
    /// # Errors
    /// The spool could not be read, or a row is garbled.
    pub fn next_row_where(&mut self, wanted: impl Fn(u32) -> bool) -> io::Result<Option<RowLine<'_>>> {
        let line = loop {
            let Some((_, line)) = self.next_range()? else { return Ok(None) };
            let number = self.block.get(line.clone()).and_then(row_number).ok_or_else(garbled)?;
            if wanted(number) {
                break line;
            }
        };
        let line = self.block.get(line).and_then(|line| std::str::from_utf8(line).ok());
        line.and_then(RowLine::parse).map(Some).ok_or_else(garbled)
    }

    /// The next row as it was written, if it is wanted so; none at the end.
    ///
    /// # Errors
    /// The spool could not be read.
    pub fn next_line_where(&mut self, mut wanted: impl FnMut(&[u8]) -> bool) -> io::Result<Option<RowLine<'_>>> {
        let line = loop {
            let Some((_, line)) = self.next_range()? else { return Ok(None) };
            if self.block.get(line.clone()).is_some_and(&mut wanted) {
                break line;
            }
        };
        let line = self.block.get(line).and_then(|line| std::str::from_utf8(line).ok());
        line.and_then(RowLine::parse).map(Some).ok_or_else(garbled)
    }

    /// The next line without its end, and where it starts.
    fn next_raw(&mut self) -> io::Result<Option<(u64, &[u8])>> {
        let Some((start, line)) = self.next_range()? else { return Ok(None) };
        Ok(self.block.get(line).map(|line| (start, line)))
    }

    /// Where the next line starts, and where it lies in the block without its end. A last line without an end is none: its
    /// writer died.
    fn next_range(&mut self) -> io::Result<Option<(u64, Range<usize>)>> {
        let (start, mut looked) = (self.place, 0);
        if start >= self.end {
            return Ok(None);
        }
        loop {
            let left = self.block.get(self.at..).unwrap_or_default();
            if let Some(found) = left.get(looked..).and_then(|new| memchr(b'\n', new)) {
                let line = self.at..self.at + looked + found;
                self.at = line.end + 1;
                self.place += (looked + found + 1) as u64;
                return Ok(Some((start, line)));
            }
            looked = left.len();
            if looked >= LINE_LIMIT_BYTES || !self.read_more()? {
                self.place += looked as u64;
                self.at += looked;
                return Ok(None);
            }
        }
    }

    /// Reads another block behind what is left of this one; `false` at the file's end.
    fn read_more(&mut self) -> io::Result<bool> {
        self.block.drain(..self.at);
        self.at = 0;
        let left = self.block.len();
        self.block.resize(left + BLOCK_BYTES, 0);
        let read = loop {
            let free = self.block.get_mut(left..).unwrap_or_default();
            match self.file.read_at(free, self.place + left as u64) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.block.truncate(left + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }
}

fn garbled() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::excel::wire::Value;
    use std::io::Write;

    fn open(content: &str) -> Ending {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content.as_bytes()).unwrap();
        Spool::open(file).unwrap()
    }

    const SHEET: &str = "{\"sheet\":{\"name\":\"Blad1\",\"hidden\":false,\"epoch_1904\":false}}\n";

    #[test]
    fn sheets_are_found_and_rows_read_from_each() {
        let content = format!("{SHEET}r1\t0sa\nr3\t0sb\n{SHEET}r9\n{{\"end\":{{\"sheets\":2}}}}\n");
        let Ending::Whole(spool) = open(&content) else { panic!() };
        let rows = |sheet: usize| {
            let (from, to) = spool.sheets()[sheet].bytes;
            let mut lines = spool.rows(from, to);
            let mut found = Vec::new();
            while let Some(row) = lines.next_row().unwrap() {
                found.push(row.row);
            }
            found
        };
        assert_eq!((rows(0), rows(1)), (vec![1, 3], vec![9]));
        assert_eq!(spool.sheets()[0].rows, 2);
    }

    #[test]
    fn what_was_said_before_the_workbook_was_read_anew_does_not_count() {
        let content = format!("{SHEET}r1\t0sa\n{{\"anew\":{{}}}}\n{SHEET}r1\t0sb\n{{\"end\":{{\"sheets\":1}}}}\n");
        let Ending::Whole(spool) = open(&content) else { panic!() };
        let (from, to) = spool.sheets()[0].bytes;
        let mut lines = spool.rows(from, to);
        assert_eq!(lines.next_row().unwrap().map(|row| row.cells[0].value.clone()), Some(Value::Text("b".into())));
        assert_eq!((spool.sheets().len(), lines.next_row().unwrap()), (1, None));
    }

    #[test]
    fn lines_of_any_length_are_read_whole() {
        let long = "x".repeat(3 * BLOCK_BYTES);
        let content = format!("{SHEET}r1\t0s{long}\nr2\t0sb\n{{\"end\":{{\"sheets\":1}}}}\n");
        let Ending::Whole(spool) = open(&content) else { panic!() };
        let (from, to) = spool.sheets()[0].bytes;
        let mut lines = spool.rows(from, to);
        assert_eq!(lines.next_row().unwrap().map(|row| row.cells[0].value.clone()), Some(Value::Text(long.into())));
        assert_eq!(lines.next_row().unwrap().map(|row| row.row), Some(2));
        let mut lines = spool.rows(from, to);
        assert_eq!(lines.next_row_where(|row| row == 2).unwrap().map(|row| row.row), Some(2));
    }

    #[test]
    fn a_spool_without_its_end_is_broken() {
        for content in [
            String::new(),
            SHEET.to_owned(),
            format!("{SHEET}{{\"end\":{{\"sheets\":2}}}}\n"),
            format!("{SHEET}{{\"end\":{{\"sheets\":1}}}}"),
            "r1\n".to_owned(),
            "skräp\n".to_owned(),
            format!("{SHEET}{{\"anew\":{{}}}}\n{{\"end\":{{\"sheets\":1}}}}\n"),
        ] {
            assert!(matches!(open(&content), Ending::Broken), "{content}");
        }
        assert!(matches!(open("{\"refused\":{\"wrong\":\"a\",\"instead\":\"b\"}}\n"), Ending::Refused(_)));
    }
}
