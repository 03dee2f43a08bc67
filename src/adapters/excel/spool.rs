//! Reads back what the child wrote: where each sheet lies in the spool, and its rows one at a time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;

use super::wire::{Line, ROW_PREFIX, Refusal, RowLine, SheetLine, SheetSigns};

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
    reader: BufReader<At<'s>>,
    line: Vec<u8>,
    place: u64,
    end: u64,
}

/// No line is longer: 256 cells of 1 001 characters of at most four bytes, and their brackets, fit in it.
const LINE_LIMIT_BYTES: u64 = 2 << 20;

impl<'s> Lines<'s> {
    fn new(file: &'s File, from: u64, to: u64) -> Lines<'s> {
        let reader = BufReader::with_capacity(64 << 10, At { file, place: from });
        Lines { reader, line: Vec::with_capacity(1024), place: from, end: to }
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
        match self.next_raw()? {
            Some((_, line)) => {
                let row = std::str::from_utf8(line).ok().and_then(RowLine::parse);
                row.map(Some).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
            }
            None => Ok(None),
        }
    }

    /// The next line without its end, and where it starts. A last line without an end is none: its writer died.
    fn next_raw(&mut self) -> io::Result<Option<(u64, &[u8])>> {
        self.line.clear();
        let start = self.place;
        if start >= self.end {
            return Ok(None);
        }
        let read = (&mut self.reader).take(LINE_LIMIT_BYTES).read_until(b'\n', &mut self.line)?;
        self.place += read as u64;
        Ok(self.line.strip_suffix(b"\n").map(|line| (start, line)))
    }
}

/// A file from a place on, whatever others read of it.
struct At<'s> {
    file: &'s File,
    place: u64,
}

impl Read for At<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(into, self.place)?;
        self.place += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn a_spool_without_its_end_is_broken() {
        for content in [
            String::new(),
            SHEET.to_owned(),
            format!("{SHEET}{{\"end\":{{\"sheets\":2}}}}\n"),
            format!("{SHEET}{{\"end\":{{\"sheets\":1}}}}"),
            "r1\n".to_owned(),
            "skräp\n".to_owned(),
        ] {
            assert!(matches!(open(&content), Ending::Broken), "{content}");
        }
        assert!(matches!(open("{\"refused\":{\"wrong\":\"a\",\"instead\":\"b\"}}\n"), Ending::Refused(_)));
    }
}
