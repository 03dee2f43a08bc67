//! What a workbook's XML says of its rows and the parser does not tell: which are hidden, and which cells are merged.
//!
//! Found by their words in the bytes while the container is unpacked for its check sums: a second reading of the XML
//! would cost as much as the first, and most sheets have neither. Words that are not found (another encoding) leave
//! the cells as the parser gives them: blank, which holds the row.

use std::collections::BTreeMap;

use memchr::memmem::Finder;

use super::preflight::refusal;
use super::wire::{Refusal, SheetSigns};

/// Collects signs while the parts of a container pass by.
#[derive(Default)]
pub struct Signs {
    sheets: BTreeMap<String, SheetSigns>,
    /// `xl/workbook.xml` and its relations: which part is which sheet.
    book: Vec<u8>,
    relations: Vec<u8>,
    carry: Vec<u8>,
    part: String,
    too_many: bool,
}

/// More merged regions in a sheet are not looked at one by one.
const MOST_MERGED: usize = 20_000;
/// More stretches of hidden rows are told as one that goes to the end.
const MOST_HIDDEN: usize = 20_000;
/// No tag that is looked for is longer.
const LONGEST_TAG_BYTES: usize = 1024;
/// The list of sheets is not longer.
const LONGEST_BOOK_BYTES: usize = 4 << 20;

impl Signs {
    /// Some bytes of a part, in order.
    pub fn feed(&mut self, part: &str, bytes: &[u8]) {
        if part != self.part {
            self.carry.clear();
            part.clone_into(&mut self.part);
        }
        let lower = part.to_ascii_lowercase();
        if lower.ends_with("workbook.xml") {
            keep(&mut self.book, bytes);
        } else if lower.ends_with("workbook.xml.rels") {
            keep(&mut self.relations, bytes);
        } else if lower.contains("worksheets/") && lower.ends_with(".xml") {
            self.look(&lower, bytes);
        }
    }

    /// The signs of a sheet whose part has passed, by the part's name.
    pub fn of_part(&self, part: &str) -> SheetSigns {
        self.sheets.get(&part.to_ascii_lowercase()).cloned().unwrap_or_default()
    }

    /// The signs of each sheet, in the order of the workbook.
    ///
    /// # Errors
    /// A sheet has too many merged regions to be read rightly.
    pub fn of_sheets(&self) -> Result<Vec<SheetSigns>, Refusal> {
        if self.too_many {
            return Err(refusal(
                format!("Ett blad har fler än {MOST_MERGED} sammanfogade områden."),
                "Dela upp de sammanfogade cellerna och skicka filen igen.",
            ));
        }
        let targets: BTreeMap<&str, &str> = tags(&self.relations, "Relationship")
            .filter_map(|tag| Some((attribute(tag, "Id")?, attribute(tag, "Target")?)))
            .collect();
        let signs_of = |tag: &str| {
            let target = targets.get(attribute(tag, "id")?)?.trim_start_matches('/').to_lowercase();
            let target = target.strip_prefix("xl/").unwrap_or(&target);
            self.sheets.iter().find(|(part, _)| part.ends_with(target)).map(|(_, signs)| signs.clone())
        };
        Ok(tags(&self.book, "sheet").map(|tag| signs_of(tag).unwrap_or_default()).collect())
    }

    /// Looks for the words in what is new, with as much of what came before as a tag is long.
    fn look(&mut self, part: &str, bytes: &[u8]) {
        let seen = self.carry.len();
        self.carry.extend_from_slice(bytes);
        let text = std::mem::take(&mut self.carry);
        let signs = self.sheets.entry(part.to_owned()).or_default();
        for at in Finder::new(b"mergeCell ").find_iter(&text) {
            let region = whole_tag(&text, at, seen).and_then(|tag| region(attribute(tag, "ref")?));
            let Some(region) = region else { continue };
            if signs.merged.len() < MOST_MERGED {
                signs.merged.push(region);
            } else {
                self.too_many = true;
            }
        }
        for at in Finder::new(b" hidden=").find_iter(&text) {
            let Some(tag) = whole_tag(&text, at, seen) else { continue };
            let is_row = tag.split([' ', '\n', '\t']).next().is_some_and(|name| local(name) == "row");
            let is_hidden = matches!(attribute(tag, "hidden"), Some("1" | "true"));
            if let (true, true, Some(row)) = (is_row, is_hidden, attribute(tag, "r").and_then(|row| row.parse().ok())) {
                add_hidden(&mut signs.hidden_rows, row);
            }
        }
        let kept = text.len().saturating_sub(LONGEST_TAG_BYTES);
        self.carry = text;
        self.carry.drain(..kept);
    }
}

fn keep(place: &mut Vec<u8>, bytes: &[u8]) {
    if place.len() + bytes.len() <= LONGEST_BOOK_BYTES {
        place.extend_from_slice(bytes);
    }
}

/// Joins a row to the stretch that it continues.
fn add_hidden(hidden: &mut Vec<(u32, u32)>, row: u32) {
    let is_full = hidden.len() >= MOST_HIDDEN;
    match hidden.last_mut() {
        Some((_, last)) if *last + 1 == row => *last = row,
        Some((_, last)) if is_full => *last = u32::MAX,
        _ => hidden.push((row, row)),
    }
}

/// The tag around a place, without its brackets, if its end is new: one that ended in what came before is counted.
fn whole_tag(text: &[u8], at: usize, seen: usize) -> Option<&str> {
    let start = text.get(..at)?.iter().rposition(|byte| *byte == b'<')? + 1;
    let end = at + text.get(at..)?.iter().take(LONGEST_TAG_BYTES).position(|byte| *byte == b'>')?;
    (end >= seen && !text.get(start..at)?.contains(&b'>')).then(|| std::str::from_utf8(text.get(start..end)?).ok())?
}

/// All tags of a name, without their brackets.
fn tags<'t>(text: &'t [u8], name: &'static str) -> impl Iterator<Item = &'t str> {
    let text = std::str::from_utf8(text).unwrap_or_default();
    text.split('<')
        .skip(1)
        .map(to_bracket)
        .filter(move |tag| tag.split([' ', '\n', '\t', '\r', '/']).next().is_some_and(|found| local(found) == name))
}

/// Up to the first closing bracket that is not in quotes.
fn to_bracket(tag: &str) -> &str {
    let mut quote = None;
    let closes = |(_, sign): &(usize, char)| {
        match (quote, *sign) {
            (None, '"' | '\'') => quote = Some(*sign),
            (Some(open), sign) if open == sign => quote = None,
            _ => {}
        }
        quote.is_none() && *sign == '>'
    };
    let end = tag.char_indices().find(closes).map_or(tag.len(), |(at, _)| at);
    tag.get(..end).unwrap_or(tag)
}

/// A name without its namespace.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// An attribute by its local name.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('=') {
        let found = before.trim_end().rsplit([' ', '\n', '\t', '\r']).next().unwrap_or_default();
        let quote = after.chars().next().filter(|sign| matches!(sign, '"' | '\''))?;
        let (value, then) = after.get(1..)?.split_once(quote)?;
        if local(found) == name {
            return Some(value);
        }
        rest = then;
    }
    None
}

/// `B3:D3` as first row, first column, last row, last column; rows as Excel shows them, columns from 0.
fn region(text: &str) -> Option<(u32, u32, u32, u32)> {
    let (first, last) = text.split_once(':')?;
    let ((row, column), (last_row, last_column)) = (place(first)?, place(last)?);
    (row <= last_row && column <= last_column).then_some((row, column, last_row, last_column))
}

fn place(text: &str) -> Option<(u32, u32)> {
    let digits = text.find(|letter: char| letter.is_ascii_digit())?;
    let (letters, row) = text.split_at(digits);
    if !(1..=3).contains(&letters.len()) {
        return None;
    }
    let column = letters
        .bytes()
        .try_fold(0_u32, |sum, letter| letter.is_ascii_uppercase().then(|| sum * 26 + u32::from(letter - b'A') + 1))?;
    Some((row.parse().ok()?, column.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sheet: &str, block: usize) -> SheetSigns {
        let mut signs = Signs::default();
        let book =
            "<workbook><sheets><sheet name=\"a > b\" r:id=\"r2\"/><sheet name=\"B\" r:id=\"r1\"/></sheets></workbook>";
        let relations = "<Relationships><Relationship Id=\"r1\" Target=\"worksheets/sheet1.xml\"/><Relationship Target='/xl/worksheets/sheet2.xml' Id='r2'/></Relationships>";
        signs.feed("xl/workbook.xml", book.as_bytes());
        signs.feed("xl/_rels/workbook.xml.rels", relations.as_bytes());
        for bytes in sheet.as_bytes().chunks(block) {
            signs.feed("xl/worksheets/sheet1.xml", bytes);
        }
        let mut found = signs.of_sheets().unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], SheetSigns::default());
        found.remove(1)
    }

    #[test]
    fn merged_cells_and_hidden_rows_are_found_wherever_the_blocks_end() {
        let sheet = "<worksheet><cols><col min=\"1\" hidden=\"1\"/></cols><sheetData><row r=\"2\" hidden=\"1\"><c/></row>\
            <row r=\"3\" spans=\"1:2\" hidden=\"true\"/><row hidden=\"0\" r=\"4\"/><row hidden='1' r='9'/></sheetData>\
            <mergeCells count=\"2\"><mergeCell ref=\"B1:D1\"/><x:mergeCell ref=\"A2:A40\"/></mergeCells></worksheet>";
        for block in [1, 2, 7, 64, 10_000] {
            let found = read(sheet, block);
            assert_eq!(found.merged, [(1, 1, 1, 3), (2, 0, 40, 0)], "{block}");
            assert_eq!(found.hidden_rows, [(2, 3), (9, 9)], "{block}");
        }
    }

    #[test]
    fn crooked_regions_are_none() {
        for text in ["B1", "D1:B1", "1:2", "AAAA1:AAAB1", "a1:b2", "A99999999999:B2"] {
            assert_eq!(region(text), None, "{text}");
        }
    }
}
