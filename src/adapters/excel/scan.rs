//! Reads the rows of a sheet in the one pass in which its part is unpacked.
//!
//! Programs write a sheet in one plain way: row after row and cell after cell, with nothing between them. Such rows are
//! taken here, from bytes to lines, without events, copies or a second unpacking; a row that is taken is whole and sound, so
//! the look for broken XML need not see it. Whatever is written in another way is not guessed at: the scan gives up, and
//! the parser reads the workbook. What is taken here, the parser reads as the same.

mod book;
mod head;
mod number;
mod row;
mod strings;
mod styles;
mod text;

use std::io::{self, Write};

use memchr::memmem;

use self::number::Moments;
use super::limits::ChildLimits;
use super::wire::RowWriter;

pub use self::book::{Kept, PlainBook};

/// What the cells of all sheets refer to.
pub struct Shared {
    /// The texts, as they go into a line.
    pub strings: strings::Strings,
    /// What the styles make of numbers.
    pub styles: styles::Styles,
    /// The workbook counts its days from 1904.
    pub epoch_1904: bool,
}

/// The scan of one sheet's part, fed with its bytes in order.
pub struct Scan<'s> {
    shared: &'s Shared,
    moments: Moments,
    writer: RowWriter,
    phase: Phase,
    /// Of the head all bytes, of the rows those of one that is not whole yet.
    pending: Vec<u8>,
    /// The last row that was taken, from 0.
    last_row: Option<u32>,
    rows: u32,
    columns: u32,
    /// Cells that lost characters that nobody sees: how many, and the row and column of the first.
    cleaned: Option<(u32, u32, u32)>,
}

/// Where in the part the scan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Head,
    Rows,
    Behind,
    GivenUp,
}

/// What goes on besides while a part passes by: the bytes that were not taken are looked at, and the tags of hidden rows.
pub trait Beside<E> {
    /// Bytes that no row was taken from.
    fn pass(&mut self, bytes: &[u8]) -> Result<(), E>;
    /// The start tag of a row that was taken and says whether it is hidden.
    fn hidden(&mut self, tag: &[u8]);
}

/// What stands before the rows is not longer.
const LONGEST_HEAD_BYTES: usize = 256 << 10;
/// A row is not longer.
const LONGEST_ROW_BYTES: usize = 1 << 20;
const ROW_END: &[u8] = b"</row>";
const ROWS_END: &[u8] = b"</sheetData>";

impl<'s> Scan<'s> {
    /// The scan of a sheet.
    pub fn new(shared: &'s Shared, limits: &ChildLimits) -> Scan<'s> {
        Scan {
            shared,
            moments: Moments::new(shared.epoch_1904),
            writer: RowWriter::default(),
            phase: Phase::Head,
            pending: Vec::new(),
            last_row: None,
            rows: limits.rows,
            columns: limits.columns,
            cleaned: None,
        }
    }

    /// Some bytes of the part, in order: rows go to `out`, what is none of them goes on to `beside`.
    ///
    /// # Errors
    /// The rows could not be written, or what `beside` says.
    pub fn feed<E: From<io::Error>>(
        &mut self,
        bytes: &[u8],
        out: &mut impl Write,
        beside: &mut impl Beside<E>,
    ) -> Result<(), E> {
        match self.phase {
            Phase::Head => {
                let seen = self.pending.len();
                self.pending.extend_from_slice(bytes);
                let head = self.head();
                let (before, rows) = bytes.split_at_checked(head.saturating_sub(seen)).unwrap_or((bytes, b""));
                beside.pass(before)?;
                if self.phase == Phase::Head {
                    return Ok(());
                }
                self.pending.clear();
                self.feed(rows, out, beside)
            }
            Phase::Rows if self.pending.is_empty() => self.rows(bytes, out, beside),
            Phase::Rows => {
                // As much as makes the row whole that was begun.
                let end = memmem::find(bytes, ROW_END).map_or(bytes.len(), |at| at + ROW_END.len());
                let (first, rest) = bytes.split_at_checked(end).unwrap_or((bytes, b""));
                let mut begun = std::mem::take(&mut self.pending);
                begun.extend_from_slice(first);
                self.rows(&begun, out, beside)?;
                if rest.is_empty() { Ok(()) } else { self.feed(rest, out, beside) }
            }
            Phase::Behind | Phase::GivenUp => beside.pass(bytes),
        }
    }

    /// Whether all rows of the part were taken.
    pub fn is_whole(&self) -> bool {
        self.phase == Phase::Behind
    }

    /// Cells that lost characters that nobody sees: how many, and the row and column of the first.
    pub fn cleaned(&self) -> Option<(u32, u32, u32)> {
        self.cleaned
    }

    /// Looks for the end of the head; gives how many bytes of what is there belong to it.
    fn head(&mut self) -> usize {
        match head::end(&self.pending) {
            head::End::Rows(end) => {
                self.phase = Phase::Rows;
                end
            }
            head::End::NoRows(end) => {
                self.phase = Phase::Behind;
                end
            }
            head::End::NotYet if self.pending.len() < LONGEST_HEAD_BYTES => self.pending.len(),
            head::End::NotYet | head::End::Strange => {
                self.phase = Phase::GivenUp;
                self.pending.len()
            }
        }
    }

    /// Takes the whole rows; keeps what is left of them, or passes it on where no more rows are taken.
    fn rows<E: From<io::Error>>(
        &mut self,
        bytes: &[u8],
        out: &mut impl Write,
        beside: &mut impl Beside<E>,
    ) -> Result<(), E> {
        let whole = match memmem::find(bytes, ROWS_END) {
            Some(end) => end,
            None => memmem::rfind(bytes, ROW_END).map_or(0, |at| at + ROW_END.len()),
        };
        let (mut rows, behind) = bytes.split_at_checked(whole).unwrap_or((b"", bytes));
        while !rows.is_empty() {
            let Some((rest, hidden)) = self.row(rows) else {
                self.phase = Phase::GivenUp;
                beside.pass(rows)?;
                return beside.pass(behind);
            };
            if let Some(tag) = hidden {
                beside.hidden(tag);
            }
            self.writer.finish().map_or(Ok(()), |line| out.write_all(line))?;
            rows = rest;
        }
        if behind.starts_with(ROWS_END) {
            self.phase = Phase::Behind;
            return beside.pass(behind);
        }
        if behind.len() > LONGEST_ROW_BYTES {
            self.phase = Phase::GivenUp;
            return beside.pass(behind);
        }
        self.pending = behind.to_vec();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps what passes by.
    #[derive(Default)]
    struct Passed {
        bytes: Vec<u8>,
        hidden: Vec<Vec<u8>>,
    }

    impl Beside<io::Error> for Passed {
        fn pass(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.bytes.extend_from_slice(bytes);
            Ok(())
        }

        fn hidden(&mut self, tag: &[u8]) {
            self.hidden.push(tag.to_vec());
        }
    }

    fn shared() -> Shared {
        let strings = "<sst><si><t>Datum</t></si><si><t xml:space=\"preserve\"> a\tb </t></si></sst>";
        let styles =
            "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"9\"/></cellXfs></styleSheet>";
        Shared {
            strings: strings::Strings::of(strings.as_bytes()).unwrap(),
            styles: styles::Styles::of(styles.as_bytes()).unwrap(),
            epoch_1904: false,
        }
    }

    /// The lines, what passed by, and whether all was taken; the same however the bytes come.
    fn scanned(sheet: &str) -> (String, Passed, bool) {
        let shared = shared();
        let run = |step: usize| {
            let mut scan = Scan::new(&shared, &ChildLimits::default());
            let (mut out, mut passed) = (Vec::new(), Passed::default());
            for part in sheet.as_bytes().chunks(step) {
                scan.feed(part, &mut out, &mut passed).unwrap();
            }
            (String::from_utf8(out).unwrap(), passed, scan.is_whole())
        };
        let whole = run(1 << 20);
        for step in [1, 2, 3, 7, 50] {
            let parts = run(step);
            assert_eq!((&parts.0, &parts.1.bytes, parts.2), (&whole.0, &whole.1.bytes, whole.2), "{sheet} by {step}");
        }
        whole
    }

    const HEAD: &str = "<?xml version=\"1.0\"?>\n<worksheet xmlns=\"a\"><dimension ref=\"A1:B2\"/><sheetData>";
    const END: &str = "</sheetData><pageMargins left=\"1\"/></worksheet>";

    #[test]
    fn plain_rows_become_lines_and_the_rest_passes_by() {
        let rows = "<row r=\"1\" spans=\"1:3\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"C1\" t=\"s\"><v>1</v></c></row>\
            <row r=\"2\" hidden=\"1\"><c r=\"A2\" s=\"1\"><v>46309</v></c><c r=\"B2\"/><c r=\"C2\"><v>1.50</v></c></row>\
            <row r=\"4\" ht=\"1\"/>\
            <row r=\"5\"><c r=\"A5\" t=\"b\"><v>1</v></c><c r=\"B5\" t=\"str\"><f>A1&amp;\"\"</f><v>x &lt; y</v></c>\
            <c r=\"C5\"><f t=\"shared\" ref=\"C5:C9\" si=\"0\">1+1</f></c><c r=\"D5\" t=\"e\"><v>#N/A</v></c>\
            <c r=\"E5\" t=\"inlineStr\"><is><t>kl. 13</t></is></c><c r=\"F5\" s=\"2\"><v>0.4</v></c></row>";
        let (lines, passed, is_whole) = scanned(&format!("{HEAD}{rows}{END}"));
        assert!(is_whole);
        assert_eq!(
            lines,
            "r1\t0sDatum\t2sa b\nr2\t0d2026-10-14T00:00\t2n1.5\nr5\t0b1\t1sx < y\t2f\t3e#N/A\t4skl. 13\t5p0.4\n"
        );
        assert_eq!(String::from_utf8(passed.bytes).unwrap(), format!("{HEAD}{END}"));
        assert_eq!(passed.hidden, [b"<row r=\"2\" hidden=\"1\">".to_vec()]);
    }

    #[test]
    fn a_sheet_without_rows_is_whole() {
        for sheet in [format!("{HEAD}{END}"), "<worksheet><sheetData/></worksheet>".to_owned()] {
            let (lines, passed, is_whole) = scanned(&sheet);
            assert!(is_whole && lines.is_empty(), "{sheet}");
            assert_eq!(String::from_utf8(passed.bytes).unwrap(), sheet);
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_parser_and_looked_at_whole() {
        for row in [
            "<row><c r=\"A1\"/></row>",
            "<row r=\"1\"> <c r=\"A1\"/></row>",
            "<row r=\"1\"><c r=\"A2\"/></row>",
            "<row r=\"1\"><c/></row>",
            "<row r=\"01\"><c r=\"A01\"/></row>",
            "<row r=\"2000000\"><c r=\"A2000000\"/></row>",
            "<row r=\"1\"><c r=\"B1\"/><c r=\"A1\"/></row>",
            "<row r=\"1\"><c r=\"A1\"/><c r=\"A1\"/></row>",
            "<row r=\"1\"><c r=\"ZZZ1\"/></row>",
            "<row r=\"1\"><c r=\"a1\"/></row>",
            "<row r=\"1\"><c r=\"A1\" s=\"1\" s=\"1\"/></row>",
            "<row r=\"1\"><c r=\"A1\" cm=\"1\"/></row>",
            "<row r=\"1\"><c r=\"A1\" t=\"x\"><v>1</v></c></row>",
            "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>2</v></c></row>",
            "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>-1</v></c></row>",
            "<row r=\"1\"><c r=\"A1\"><v>1<!-- x -->2</v></c></row>",
            "<row r=\"1\"><c r=\"A1\"><v> 1</v></c></row>",
            "<row r=\"1\"><c r=\"A1\"><v>inf</v></c></row>",
            "<row r=\"1\"><c r=\"A1\"><v>1</v><v>2</v></c></row>",
            "<row r=\"1\"><c r=\"A1\" t=\"b\"><v>ja</v></c></row>",
            "<row r=\"1\"><c r=\"A1\" t=\"e\"><v>#SPILL!</v></c></row>",
            "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>a&#10;b</v></c></row>",
            "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>_x000D_</v></c></row>",
            "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><r><t>a</t></r></is></c></row>",
            "<row r=\"1\"><c r=\"A1\"><f t=\"shared\">1</f><v>1</v></c></row>",
            "<row r=\"1\"><c r=\"A1\"><f>&unknown;</f><v>1</v></c></row>",
            "<row r=\"1\"/><row r=\"1\"/>",
            "<row r=\"1\" a='b'/>",
            "<!-- x --><row r=\"1\"/>",
        ] {
            let sheet = format!("{HEAD}{row}<row r=\"9\"><c r=\"A9\"><v>1</v></c></row>{END}");
            let (_, passed, is_whole) = scanned(&sheet);
            assert!(!is_whole, "{row}");
            assert!(sheet.as_bytes().ends_with(&passed.bytes[HEAD.len()..]), "{row}");
        }
    }

    #[test]
    fn a_head_that_is_not_plain_is_left_to_the_parser() {
        for head in [
            "<x:worksheet><x:sheetData>",
            "<worksheet><!-- <sheetData> --><sheetData>",
            "<worksheet><dimension/><sheetData>",
            "<worksheet><dimension ref=\"B2:A1\"/><sheetData>",
            "<worksheet a=\"&amp;\"><sheetData>",
            "<chartsheet><sheetData>",
            "<worksheet>text<sheetData>",
            "<worksheet><sheetData x=\"1\">",
        ] {
            let (lines, _, is_whole) = scanned(&format!("{head}<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>{END}"));
            assert!(!is_whole && lines.is_empty(), "{head}");
        }
    }
}
