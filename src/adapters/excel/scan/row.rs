//! One row in the plain way: `<row r="2" spans="1:3"><c r="A2" s="1" t="s"><v>0</v></c></row>`.

use memchr::memmem;

use super::Scan;
use super::number::{is_number, is_shown_as_written};
use super::styles::Shows;
use super::text::{Reader, decoded};
use crate::adapters::excel::child::write_text;

/// What a cell's value is, by its `t`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Number,
    Shared,
    Bool,
    Error,
    Text,
    Inline,
}

/// What has been read of a cell before its value.
struct Cell {
    row: u32,
    column: u32,
    style: Option<u32>,
    is: Type,
    has_formula: bool,
}

impl Scan<'_> {
    /// Takes a row into the writer. Gives what follows it, and its tag if that speaks of being hidden; none if the row is not
    /// plain.
    pub(super) fn row<'b>(&mut self, bytes: &'b [u8]) -> Option<(&'b [u8], Option<&'b [u8]>)> {
        let mut reader = Reader(bytes);
        reader.need(b"<row r=\"")?;
        let (number, written) = reader.number().filter(|(_, written)| !written.starts_with(b"0"))?;
        let row = number - 1;
        if row >= self.rows || self.last_row.is_some_and(|last| row <= last) {
            return None;
        }
        self.last_row = Some(row);
        self.writer.start(number);
        reader.need(b"\"")?;
        let attributes = reader.until(b'>')?;
        reader.need(b">")?;
        let is_empty = attributes.last() == Some(&b'/');
        let hidden = if attributes.is_empty() { None } else { self.hidden(bytes, attributes)? };
        if !is_empty {
            self.cells(&mut reader, (row, written))?;
        }
        Some((reader.0, hidden))
    }

    /// The row's tag if it says whether the row is hidden; none if its attributes are not plain.
    fn hidden<'b>(&self, row: &'b [u8], attributes: &[u8]) -> Option<Option<&'b [u8]>> {
        let quotes = attributes.iter().filter(|byte| **byte == b'"').count();
        let is_odd = |byte: &u8| matches!(byte, b'\'' | b'<' | b'&') || !byte.is_ascii();
        if quotes % 2 != 0 || attributes.iter().any(is_odd) {
            return None;
        }
        if memmem::find(attributes, b" hidden=").is_none() {
            return Some(None);
        }
        let mut tag = Reader(row);
        tag.until(b'>')?;
        row.get(..row.len() - tag.0.len() + 1).map(Some)
    }

    fn cells(&mut self, reader: &mut Reader<'_>, (row, written): (u32, &[u8])) -> Option<()> {
        let mut next = 0;
        while !reader.eat(b"</row>") {
            reader.need(b"<c r=\"")?;
            let column = reader.column().filter(|column| (next..COLUMNS).contains(column))?;
            next = column + 1;
            reader.need(written)?;
            reader.need(b"\"")?;
            let (style, is) = attributes(reader)?;
            if reader.eat(b"/>") {
                continue;
            }
            reader.need(b">")?;
            let mut cell = Cell { row, column, style, is, has_formula: false };
            if reader.eat(b"<f") {
                formula(reader)?;
                cell.has_formula = true;
            }
            self.content(reader, &cell)?;
        }
        Some(())
    }

    /// From behind the formula to the cell's end.
    fn content(&mut self, reader: &mut Reader<'_>, cell: &Cell) -> Option<()> {
        if reader.eat(b"<v>") {
            let value = reader.until(b'<')?;
            reader.need(b"</v></c>")?;
            return self.value(cell, value);
        }
        if cell.is == Type::Inline && reader.eat(b"<is><t") {
            let (text, is_kept) = plain_text(reader)?;
            reader.need(b"</is></c>")?;
            let text = decoded(text)?;
            self.text(cell, if is_kept { &text } else { text.trim_matches(WHITE) });
            return Some(());
        }
        if reader.eat(b"<v/>") {
            reader.need(b"</c>")?;
            return self.value(cell, b"");
        }
        reader.need(b"</c>")?;
        self.nothing(cell);
        Some(())
    }

    fn value(&mut self, cell: &Cell, value: &[u8]) -> Option<()> {
        match cell.is {
            Type::Inline => return None,
            Type::Text => {
                let text = decoded(value)?;
                self.text(cell, &text);
            }
            _ if value.is_empty() => self.nothing(cell),
            Type::Shared => {
                let mut number = Reader(value);
                let (place, _) = number.number().filter(|_| number.0.is_empty())?;
                let (text, lost_unseen) = self.shared.strings.get(place)?;
                if cell.column < self.columns {
                    if !text.is_empty() {
                        self.writer.escaped(cell.column, b's', text);
                    }
                    self.lost(cell, lost_unseen);
                }
            }
            Type::Number => self.number(cell, value)?,
            Type::Bool => {
                let said = match value {
                    b"1" => true,
                    b"0" => false,
                    _ => return None,
                };
                if cell.column < self.columns {
                    self.writer.bool(cell.column, said);
                }
            }
            Type::Error => {
                let known: calamine::CellErrorType = std::str::from_utf8(value).ok()?.parse().ok()?;
                if cell.column < self.columns {
                    self.writer.plain(cell.column, b'e', format_args!("{known}"));
                }
            }
        }
        Some(())
    }

    fn number(&mut self, cell: &Cell, value: &[u8]) -> Option<()> {
        if !is_number(value) {
            return None;
        }
        let shows = cell.style.map_or(Shows::Number, |style| self.shared.styles.of_number(style));
        if cell.column >= self.columns {
            return Some(());
        }
        let tag = if shows == Shows::Percent { b'p' } else { b'n' };
        match shows {
            Shows::Number | Shows::Percent if is_shown_as_written(value) => {
                self.writer.escaped(cell.column, tag, value);
            }
            Shows::Number | Shows::Percent => {
                self.writer.number(cell.column, tag, std::str::from_utf8(value).ok()?.parse().ok()?);
            }
            Shows::Moment | Shows::Length => self.moments.write(&mut self.writer, cell.column, value, shows)?,
        }
        Some(())
    }

    fn text(&mut self, cell: &Cell, text: &str) {
        if cell.column < self.columns {
            let lost = write_text(&mut self.writer, cell.column, text);
            self.lost(cell, lost);
        }
    }

    /// A cell without a value.
    fn nothing(&mut self, cell: &Cell) {
        if cell.has_formula && cell.column < self.columns {
            self.writer.formula(cell.column);
        }
    }

    fn lost(&mut self, cell: &Cell, lost_unseen: bool) {
        if lost_unseen {
            self.cleaned.get_or_insert((0, cell.row + 1, cell.column)).0 += 1;
        }
    }
}

/// Columns that a sheet can have: A to XFD.
const COLUMNS: u32 = 16_384;
/// What is trimmed from a text whose white space is not kept.
pub(super) const WHITE: [char; 4] = [' ', '\t', '\r', '\n'];

/// Style and type of a cell, each at most once.
fn attributes(reader: &mut Reader<'_>) -> Option<(Option<u32>, Type)> {
    let (mut style, mut is) = (None, None);
    loop {
        if style.is_none() && reader.eat(b" s=\"") {
            style = Some(reader.number()?.0);
            reader.need(b"\"")?;
        } else if is.is_none() && reader.eat(b" t=\"") {
            is = Some(match reader.until(b'"')? {
                b"s" => Type::Shared,
                b"n" => Type::Number,
                b"b" => Type::Bool,
                b"e" => Type::Error,
                b"str" => Type::Text,
                b"inlineStr" => Type::Inline,
                _ => return None,
            });
            reader.need(b"\"")?;
        } else {
            return Some((style, is.unwrap_or(Type::Number)));
        }
    }
}

/// The rest of `<f`: what it says does not matter, but it must be one that the parser reads.
fn formula(reader: &mut Reader<'_>) -> Option<()> {
    let (mut is_shared, mut has_number) = (false, false);
    while reader.eat(b" ") {
        if reader.eat(b"t=\"") {
            match reader.until(b'"')? {
                b"shared" => is_shared = true,
                b"array" | b"normal" => {}
                _ => return None,
            }
        } else if reader.eat(b"si=\"") {
            reader.number()?;
            has_number = true;
        } else if reader.eat(b"ref=\"") {
            reader.region()?;
        } else {
            reader.need(b"ca=\"1")?;
        }
        reader.need(b"\"")?;
    }
    if is_shared && !has_number {
        return None;
    }
    if reader.eat(b"/>") {
        return Some(());
    }
    reader.need(b">")?;
    decoded_formula(reader.until(b'<')?)?;
    reader.need(b"</f>")
}

/// A formula may hold the escapes of a text: they are not looked at.
fn decoded_formula(text: &[u8]) -> Option<()> {
    let text = std::str::from_utf8(text).ok()?;
    let known = ["amp;", "lt;", "gt;", "quot;", "apos;"];
    text.split('&').skip(1).all(|rest| known.iter().any(|name| rest.starts_with(name))).then_some(())
}

/// The rest of `<t`, and whether its white space is kept.
pub(super) fn plain_text<'b>(reader: &mut Reader<'b>) -> Option<(&'b [u8], bool)> {
    let is_kept = reader.eat(b" xml:space=\"preserve\"");
    if reader.eat(b"/>") {
        return Some((b"", is_kept));
    }
    reader.need(b">")?;
    let text = reader.until(b'<')?;
    reader.need(b"</t>")?;
    Some((text, is_kept))
}
