//! The channel from child to parent: JSON lines that carry sheets, rows and cells; numbers travel as decimal text.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// The first bytes of a line that carries a row.
pub const ROW_PREFIX: &[u8] = b"{\"r\":";

/// A line that is not a row.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// A sheet begins.
    Sheet(SheetLine),
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

/// Why the child refused the file, in Swedish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What is wrong.
    pub wrong: String,
    /// What to do about it.
    pub instead: String,
}

/// The last line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndLine {
    /// How many sheets came before.
    pub sheets: usize,
}

/// A row with content.
#[derive(Debug, PartialEq, Deserialize)]
pub struct RowLine<'a> {
    /// Its number as Excel shows it.
    #[serde(rename = "r")]
    pub row: u32,
    /// Its cells that are not blank.
    #[serde(rename = "c", borrow)]
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

impl<'de: 'a, 'a> Deserialize<'de> for WireCell<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<WireCell<'a>, D::Error> {
        from.deserialize_seq(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = WireCell<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[column, tag, value]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<WireCell<'de>, A::Error> {
        let short = || A::Error::custom("a cell is too short");
        let column: u32 = seq.next_element()?.ok_or_else(short)?;
        let tag: &'de str = seq.next_element()?.ok_or_else(short)?;
        let value = match tag {
            "s" => Value::Text(seq.next_element::<Text<'de>>()?.ok_or_else(short)?.0),
            "n" => Value::Number(seq.next_element()?.ok_or_else(short)?),
            "p" => Value::Percent(seq.next_element()?.ok_or_else(short)?),
            "d" => Value::DateTime(seq.next_element()?.ok_or_else(short)?),
            "t" => Value::Time(seq.next_element()?.ok_or_else(short)?),
            "b" => Value::Bool(seq.next_element()?.ok_or_else(short)?),
            "e" => Value::Error(seq.next_element::<Text<'de>>()?.ok_or_else(short)?.0),
            "f" => Value::Formula,
            _ => return Err(A::Error::custom("unknown kind of cell")),
        };
        Ok(WireCell { column, value })
    }
}

/// Text that borrows from the line unless it holds an escape.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Text<'a>, D::Error> {
        from.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
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
        self.raw(format_args!("{row},\"c\":["));
    }

    /// Text, escaped as JSON.
    pub fn text(&mut self, column: u32, tag: u8, text: &str) {
        self.begin(column, tag);
        self.line.push(b',');
        // Writing into memory cannot fail.
        let _ = serde_json::to_writer(&mut self.line, text);
        self.line.push(b']');
    }

    /// A number as decimal text; `#NUM!` where Excel could not show one.
    pub fn number(&mut self, column: u32, tag: u8, number: f64) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        if decimal_text(number, &mut scratch) {
            self.plain(column, tag, format_args!("{scratch}"));
        } else {
            self.plain(column, b'e', format_args!("#NUM!"));
        }
        self.scratch = scratch;
    }

    /// Text that needs no escape.
    pub fn plain(&mut self, column: u32, tag: u8, text: fmt::Arguments<'_>) {
        self.begin(column, tag);
        self.raw(format_args!(",\"{text}\"]"));
    }

    /// Yes or no.
    pub fn bool(&mut self, column: u32, value: bool) {
        self.begin(column, b'b');
        self.raw(format_args!(",{value}]"));
    }

    /// A formula without a value.
    pub fn formula(&mut self, column: u32) {
        self.begin(column, b'f');
        self.line.push(b']');
    }

    /// The finished line, or nothing if the row has no content.
    pub fn finish(&mut self) -> Option<&[u8]> {
        if self.cells == 0 {
            return None;
        }
        self.cells = 0;
        self.line.extend_from_slice(b"]}\n");
        Some(&self.line)
    }

    /// Written out by hand: this runs once for every cell, and the formatting machinery is slow.
    fn begin(&mut self, column: u32, tag: u8) {
        if self.cells > 0 {
            self.line.push(b',');
        }
        self.cells += 1;
        self.line.push(b'[');
        let mut digits = [0_u8; 10];
        let mut left = column;
        let mut at = digits.len();
        while at == digits.len() || left > 0 {
            at -= 1;
            digits[at] = b'0' + (left % 10) as u8;
            left /= 10;
        }
        self.line.extend_from_slice(&digits[at..]);
        self.line.extend_from_slice(&[b',', b'"', tag, b'"']);
    }

    fn raw(&mut self, text: fmt::Arguments<'_>) {
        // Writing into memory cannot fail.
        let _ = std::io::Write::write_fmt(&mut self.line, text);
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
        let _ = write!(into, "{}", number as i64);
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
            (f64::NAN, "#NUM!"),
            (f64::INFINITY, "#NUM!"),
            (1e300, "#NUM!"),
        ];
        for (number, expect) in cases {
            assert_eq!(shown(number), expect, "{number}");
        }
    }

    #[test]
    fn a_row_comes_back_as_it_was_written() {
        let mut writer = RowWriter::default();
        writer.start(12);
        writer.text(0, b's', "\"citat\" \\ å");
        writer.number(1, b'n', 1234.5);
        writer.plain(2, b'd', format_args!("2026-10-14T00:00"));
        writer.bool(4, true);
        writer.plain(5, b'e', format_args!("#N/A"));
        writer.formula(6);
        let line = writer.finish().unwrap().to_vec();
        assert!(line.starts_with(ROW_PREFIX));
        let row: RowLine<'_> = serde_json::from_slice(&line).unwrap();
        assert_eq!(row.row, 12);
        let values: Vec<Value<'_>> = row.cells.into_iter().map(|cell| cell.value).collect();
        assert_eq!(
            values,
            [
                Value::Text("\"citat\" \\ å".into()),
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
        for line in ["{\"r\":1,\"c\":[[0]]}", "{\"r\":1,\"c\":[[0,\"q\",1]]}", "{\"r\":-1,\"c\":[]}", "{\"r\":1"] {
            assert!(serde_json::from_str::<RowLine<'_>>(line).is_err(), "{line}");
        }
    }
}
