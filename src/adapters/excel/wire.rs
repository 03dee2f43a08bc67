//! The channel from child to parent, line by line: JSON for sheets and ends, and for a row its number and its cells with tabs
//! between them, each a column, a letter for its kind and its text. Numbers travel as decimal text.

use std::borrow::Cow;
use std::fmt;

use memchr::memchr;
use serde::{Deserialize, Serialize};

use crate::money::push_number;

/// The first byte of a line that carries a row.
pub const ROW_PREFIX: &[u8] = b"r";

/// A line that is not a row.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// A sheet begins.
    Sheet(SheetLine),
    /// What is true of its rows together; said after them, for only then it is known.
    Signs(SheetSigns),
    /// All that was said before does not count: the workbook is read anew, in another way.
    Anew(Anew),
    /// The whole file is refused; nothing before this line counts.
    Refused(Refusal),
    /// The last line: without it the child died.
    End(EndLine),
}

/// A sheet begins.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetLine {
    /// The name on its tab.
    pub name: String,
    /// Hidden or very hidden: no rows follow.
    pub hidden: bool,
    /// The workbook counts its days from 1904.
    pub epoch_1904: bool,
    /// The parser does not tell how numbers are shown: 1 may be 100 %.
    #[serde(default)]
    pub unformatted: bool,
    /// How a text file was read; none in a workbook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextForm>,
}

/// How a text file of rows is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextForm {
    /// `UTF-8`, `UTF-16` or `Windows-1252`.
    pub encoding: String,
    /// Between the cells.
    pub separator: char,
    /// Before the decimals, where all in the file have the same.
    pub decimal: Option<char>,
}

/// What a sheet's rows do not say each by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetSigns {
    /// Merged regions: first row, first column, last row, last column; rows as Excel shows them, columns from 0.
    pub merged: Vec<(u32, u32, u32, u32)>,
    /// Hidden and filtered rows, first and last of each stretch.
    pub hidden_rows: Vec<(u32, u32)>,
    /// Cells that lost control or zero-width characters: how many, and the row and column of the first.
    pub cleaned: Option<(u32, u32, u32)>,
}

/// Why the child refused the file, in Swedish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What is wrong.
    pub wrong: String,
    /// What to do about it.
    pub instead: String,
}

/// Nothing more is said of it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anew {}

/// The last line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndLine {
    /// How many sheets came before.
    pub sheets: usize,
}

/// A row with content.
#[derive(Debug, PartialEq)]
pub struct RowLine<'a> {
    /// Its number as Excel shows it.
    pub row: u32,
    /// Its cells that are not blank.
    pub cells: Vec<WireCell<'a>>,
}

/// A cell that is not blank.
#[derive(Clone, Debug, PartialEq)]
pub struct WireCell<'a> {
    /// Column, from 0.
    pub column: u32,
    /// What it holds.
    pub value: Value<'a>,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `s`: text.
    Text(Cow<'a, str>),
    /// `n`: decimal text with a point, 15 significant digits as Excel shows them.
    Number(&'a str),
    /// `p`: a number in a cell that shows per cent; `0.4` is 40 %.
    Percent(&'a str),
    /// `d`: `2026-10-14T00:00`.
    DateTime(&'a str),
    /// `t`: hours and minutes, `13:00`; hours go beyond 24 in a duration.
    Time(&'a str),
    /// `b`.
    Bool(bool),
    /// `e`: `#N/A` and its like.
    Error(Cow<'a, str>),
    /// `f`: a formula that nobody has calculated.
    Formula,
}

impl<'a> RowLine<'a> {
    /// Reads a line; none if no child writes such a one.
    pub fn parse(line: &'a str) -> Option<RowLine<'a>> {
        let row = row_number(line.as_bytes())?;
        let (mut cells, mut start) = (Vec::with_capacity(16), memchr(b'\t', line.as_bytes()));
        while let Some(before) = start {
            let rest = line.get(before + 1..)?;
            let length = memchr(b'\t', rest.as_bytes());
            cells.push(WireCell::parse(length.map_or(Some(rest), |length| rest.get(..length))?)?);
            start = length.map(|length| before + 1 + length);
        }
        Some(RowLine { row, cells })
    }
}

/// The number of the row that a line carries; none if it carries none.
pub fn row_number(line: &[u8]) -> Option<u32> {
    let rest = line.strip_prefix(ROW_PREFIX)?;
    match number(rest)? {
        (row, [] | [b'\t', ..]) => Some(row),
        _ => None,
    }
}

/// The cells of a row as they were written, each with its column.
pub fn written_cells(line: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    line.split(|byte| *byte == b'\t').skip(1).filter_map(|cell| Some((number(cell)?.0, cell)))
}

/// A number and what follows it.
fn number(text: &[u8]) -> Option<(u32, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(length)?;
    let add = |sum: u32, digit: &u8| sum.checked_mul(10)?.checked_add(u32::from(digit - b'0'));
    Some((digits.iter().try_fold(0, add).filter(|_| length > 0)?, rest))
}

impl<'a> WireCell<'a> {
    fn parse(part: &'a str) -> Option<WireCell<'a>> {
        let (column, rest) = number(part.as_bytes())?;
        let text = part.get(part.len() - rest.len() + 1..)?;
        let value = match rest.first()? {
            b's' => Value::Text(unescaped(text)?),
            b'n' => Value::Number(text),
            b'p' => Value::Percent(text),
            b'd' => Value::DateTime(text),
            b't' => Value::Time(text),
            b'b' => Value::Bool(text == "1"),
            b'e' => Value::Error(unescaped(text)?),
            b'f' => Value::Formula,
            _ => return None,
        };
        Some(WireCell { column, value })
    }
}

fn unescaped(text: &str) -> Option<Cow<'_, str>> {
    if memchr(b'\\', text.as_bytes()).is_none() {
        return Some(Cow::Borrowed(text));
    }
    let (mut plain, mut letters) = (String::with_capacity(text.len()), text.chars());
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => match letters.next()? {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            letter => letter,
        });
    }
    Some(Cow::Owned(plain))
}

/// Appends a text with what ends cells and lines escaped.
pub fn escape(line: &mut Vec<u8>, text: &str) {
    if !text.bytes().any(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b'\\')) {
        return line.extend_from_slice(text.as_bytes());
    }
    for byte in text.bytes() {
        match byte {
            b'\t' => line.extend_from_slice(b"\\t"),
            b'\n' => line.extend_from_slice(b"\\n"),
            b'\r' => line.extend_from_slice(b"\\r"),
            b'\\' => line.extend_from_slice(b"\\\\"),
            _ => line.push(byte),
        }
    }
}

/// Builds the line of one row without an allocation per cell.
#[derive(Default)]
pub struct RowWriter {
    line: Vec<u8>,
    scratch: String,
    cells: usize,
}

impl RowWriter {
    /// Begins a row; what was not taken of the one before is dropped.
    pub fn start(&mut self, row: u32) {
        self.line.clear();
        self.cells = 0;
        self.line.extend_from_slice(ROW_PREFIX);
        self.digits(row);
    }

    /// Text, with what ends cells and lines escaped.
    pub fn text(&mut self, column: u32, tag: u8, text: &str) {
        self.begin(column, tag);
        escape(&mut self.line, text);
    }

    /// What is escaped already, or needs no escape.
    pub fn escaped(&mut self, column: u32, tag: u8, text: &[u8]) {
        self.begin(column, tag);
        self.line.extend_from_slice(text);
    }

    /// A number as decimal text; `#NUM!` where Excel could not show one.
    pub fn number(&mut self, column: u32, tag: u8, number: f64) {
        self.scratch.clear();
        let is_number = decimal_text(number, &mut self.scratch);
        self.begin(column, if is_number { tag } else { b'e' });
        let text = if is_number { self.scratch.as_str() } else { "#NUM!" };
        self.line.extend_from_slice(text.as_bytes());
    }

    /// Text that needs no escape.
    pub fn plain(&mut self, column: u32, tag: u8, text: fmt::Arguments<'_>) {
        self.begin(column, tag);
        // Writing into memory cannot fail.
        let _ = std::io::Write::write_fmt(&mut self.line, text);
    }

    /// Yes or no.
    pub fn bool(&mut self, column: u32, value: bool) {
        self.begin(column, b'b');
        self.line.push(if value { b'1' } else { b'0' });
    }

    /// A formula without a value.
    pub fn formula(&mut self, column: u32) {
        self.begin(column, b'f');
    }

    /// The finished line, or nothing if the row has no content.
    pub fn finish(&mut self) -> Option<&[u8]> {
        if self.cells == 0 {
            return None;
        }
        self.cells = 0;
        self.line.push(b'\n');
        Some(&self.line)
    }

    fn begin(&mut self, column: u32, tag: u8) {
        self.cells += 1;
        self.line.push(b'\t');
        self.digits(column);
        self.line.push(tag);
    }

    /// Written out by hand: this runs for every cell, and the formatting machinery is slow.
    fn digits(&mut self, number: u32) {
        let mut digits = [0_u8; 10];
        let mut left = number;
        let mut at = digits.len();
        while at == digits.len() || left > 0 {
            at -= 1;
            digits[at] = b'0' + (left % 10) as u8;
            left /= 10;
        }
        self.line.extend_from_slice(&digits[at..]);
    }
}

/// Appends a number as Excel shows it: 15 significant digits, no exponent. False if it is not finite or beyond any use.
fn decimal_text(number: f64, into: &mut String) -> bool {
    if !number.is_finite() || number.abs() >= 1e21 {
        return false;
    }
    if number.abs() < 1e-15 {
        into.push('0');
        return true;
    }
    if number.trunc() == number && number.abs() < 1e15 {
        push_number(into, number as i64);
        return true;
    }
    if push_hundredths(number, into) {
        return true;
    }
    let scientific = format!("{number:.14e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return false;
    };
    let Ok(exponent) = exponent.parse::<i32>() else {
        return false;
    };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    if number < 0.0 {
        into.push('-');
    }
    if exponent < 0 {
        into.push_str("0.");
        into.extend(std::iter::repeat_n('0', exponent.unsigned_abs() as usize - 1));
        into.push_str(digits);
        return true;
    }
    let whole = exponent as usize + 1;
    for place in 0..whole.max(digits.len()) {
        if place == whole {
            into.push('.');
        }
        into.push(char::from(digits.as_bytes().get(place).copied().unwrap_or(b'0')));
    }
    true
}

/// Amounts and distances have one or two decimals: the nearest hundredth is the number itself, and fifteen digits hold it.
#[allow(
    clippy::float_arithmetic,
    clippy::float_cmp,
    reason = "Excel keeps numbers as fractions; whether one is a hundredth is exact"
)]
fn push_hundredths(number: f64, into: &mut String) -> bool {
    let hundredths = (number * 100.0).round();
    if hundredths.abs() >= 1e12 || hundredths / 100.0 != number {
        return false;
    }
    let hundredths = hundredths as i64;
    if hundredths < 0 {
        into.push('-');
    }
    push_number(into, (hundredths / 100).abs());
    let rest = (hundredths % 100).abs();
    into.push('.');
    push_number(into, rest / 10);
    if rest % 10 != 0 {
        push_number(into, rest % 10);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(number: f64) -> String {
        let mut text = String::new();
        if decimal_text(number, &mut text) { text } else { "#NUM!".to_owned() }
    }

    #[test]
    fn numbers_are_written_as_excel_shows_them() {
        let cases = [
            (0.1 + 0.2, "0.3"),
            (1234.5, "1234.5"),
            (-1234.5, "-1234.5"),
            (198_001_019_804.0, "198001019804"),
            (0.541_666_666_666_666_6, "0.541666666666667"),
            (1.5e20, "150000000000000000000"),
            (0.001_25, "0.00125"),
            (-0.0, "0"),
            (1e-17, "0"),
            (99.999_999_999_999_99, "100"),
            (4_799.99, "4799.99"),
            (0.07, "0.07"),
            (-12.5, "-12.5"),
            (1e10 + 0.01, "10000000000.01"),
            (f64::NAN, "#NUM!"),
            (f64::INFINITY, "#NUM!"),
            (1e300, "#NUM!"),
        ];
        for (number, expect) in cases {
            assert_eq!(shown(number), expect, "{number}");
        }
    }

    proptest::proptest! {
        #[test]
        #[allow(clippy::float_arithmetic, reason = "the numbers of a workbook")]
        fn few_decimals_are_written_as_many_are(hundredths in -200_000_000_000_i64..200_000_000_000) {
            let number = hundredths as f64 / 100.0;
            let mut short = String::new();
            proptest::prop_assert!(decimal_text(number, &mut short));
            proptest::prop_assert_eq!(short, number.to_string());
        }
    }

    #[test]
    fn a_row_comes_back_as_it_was_written() {
        let mut writer = RowWriter::default();
        writer.start(12);
        writer.text(0, b's', "\"citat\" \\ å\tb\nc\r");
        writer.number(1, b'n', 1234.5);
        writer.plain(2, b'd', format_args!("2026-10-14T00:00"));
        writer.bool(4, true);
        writer.plain(5, b'e', format_args!("#N/A"));
        writer.formula(6);
        let line = writer.finish().unwrap().to_vec();
        assert!(line.starts_with(ROW_PREFIX));
        let line = String::from_utf8(line).unwrap();
        let row = RowLine::parse(line.trim_end_matches('\n')).unwrap();
        assert_eq!(row.row, 12);
        let values: Vec<Value<'_>> = row.cells.into_iter().map(|cell| cell.value).collect();
        assert_eq!(
            values,
            [
                Value::Text("\"citat\" \\ å\tb\nc\r".into()),
                Value::Number("1234.5"),
                Value::DateTime("2026-10-14T00:00"),
                Value::Bool(true),
                Value::Error("#N/A".into()),
                Value::Formula,
            ]
        );
        writer.start(13);
        assert_eq!(writer.finish(), None);
    }

    #[test]
    fn a_garbled_row_is_an_error_and_no_panic() {
        for line in
            ["", "r", "r-1", "r1\t", "r1\t0", "r1\tx", "r1\t0q1", "r1\t0s\\q", "r1\t0s\\", "r1\t99999999999s", "r1\tås"]
        {
            assert_eq!(RowLine::parse(line), None, "{line}");
        }
    }
}
