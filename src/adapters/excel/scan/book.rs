//! Which part is which sheet, and what the cells of all sheets refer to, where the workbook says so in the plain way.

use std::collections::HashMap;

use calamine::{Sheet, SheetType, SheetVisible};
use memchr::memmem;

use super::Shared;
use super::strings::Strings;
use super::styles::Styles;

/// The parts that tell of the sheets, kept while they pass by.
#[derive(Default)]
pub struct Kept {
    package: Vec<u8>,
    book: Vec<u8>,
    relations: Vec<u8>,
    styles: Vec<u8>,
    strings: Vec<u8>,
    is_too_long: bool,
}

/// No part that is kept is longer: the texts of a large workbook are.
const LONGEST_PART_BYTES: usize = 64 << 20;

impl Kept {
    /// Some bytes of a part, in order; its name in small letters.
    pub fn feed(&mut self, part: &str, bytes: &[u8]) {
        let place = match part {
            "_rels/.rels" => &mut self.package,
            "xl/workbook.xml" => &mut self.book,
            "xl/_rels/workbook.xml.rels" => &mut self.relations,
            "xl/styles.xml" => &mut self.styles,
            "xl/sharedstrings.xml" => &mut self.strings,
            _ => return,
        };
        if place.len() + bytes.len() > LONGEST_PART_BYTES {
            self.is_too_long = true;
        } else {
            place.extend_from_slice(bytes);
        }
    }
}

/// A workbook whose sheets can be scanned.
pub struct PlainBook {
    /// What the cells of all sheets refer to.
    pub shared: Shared,
    /// The part of each sheet that is read, by its name in small letters; none where no rows are read.
    pub parts: Vec<Option<String>>,
}

impl PlainBook {
    /// The workbook whose sheets the parser tells so; none if something in it is not plain.
    pub fn of(kept: Kept, sheets: &[Sheet], epoch_1904: bool) -> Option<PlainBook> {
        if kept.is_too_long || !is_usual_package(&kept.package)? {
            return None;
        }
        let parts = parts(&kept, sheets)?;
        let strings = if kept.strings.is_empty() { Strings::default() } else { Strings::of(&kept.strings)? };
        let styles = if kept.styles.is_empty() { Styles::default() } else { Styles::of(&kept.styles)? };
        Some(PlainBook { shared: Shared { strings, styles, epoch_1904 }, parts })
    }
}

/// The package names one workbook, in its usual place.
fn is_usual_package(package: &[u8]) -> Option<bool> {
    let mut books = Vec::new();
    for tag in plain_tags(package)? {
        let said = attributes(tag)?;
        let value = |name: &str| said.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        if value("Type").is_some_and(|kind| kind.ends_with("/relationships/officeDocument")) {
            books.push(value("Target")?);
        }
    }
    Some(matches!(books.as_slice(), ["xl/workbook.xml" | "/xl/workbook.xml"]))
}

/// The part of each sheet whose rows are read.
fn parts(kept: &Kept, sheets: &[Sheet]) -> Option<Vec<Option<String>>> {
    let mut targets: HashMap<&str, &str> = HashMap::new();
    for tag in plain_tags(&kept.relations)?.filter(|tag| is_called(tag, "Relationship")) {
        let said = attributes(tag)?;
        let value = |name: &str| said.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        if targets.insert(value("Id")?, value("Target")?).is_some() {
            return None;
        }
    }
    let told: Vec<&str> = plain_tags(&kept.book)?.filter(|tag| is_called(tag, "sheet")).collect();
    if told.len() != sheets.len() {
        return None;
    }
    let mut parts = Vec::with_capacity(sheets.len());
    for (tag, sheet) in told.iter().zip(sheets) {
        let said = attributes(tag)?;
        let mut ids = said.iter().filter(|(key, _)| local(key) == "id").map(|(_, value)| *value);
        let (id, another) = (ids.next()?, ids.next());
        let is_named = said.iter().any(|(key, value)| *key == "name" && (*value == sheet.name || value.contains('&')));
        if another.is_some() || !is_named {
            return None;
        }
        let part = part_of(targets.get(id)?)?;
        let is_read = sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet;
        if parts.contains(&Some(part.clone())) {
            return None;
        }
        parts.push(is_read.then_some(part));
    }
    Some(parts)
}

fn part_of(target: &str) -> Option<String> {
    let is_plain = target.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-.".contains(&byte));
    if !is_plain || target.contains("..") {
        return None;
    }
    let path = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
    Some(path.to_ascii_lowercase())
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn is_called(tag: &str, name: &str) -> bool {
    tag.split([' ', '\n', '\r', '\t', '/']).next().is_some_and(|found| local(found) == name)
}

/// All tags of a part without comments and the like.
fn plain_tags(part: &[u8]) -> Option<impl Iterator<Item = &str>> {
    if memmem::find(part, b"<!").is_some() { None } else { tags(part) }
}

/// All tags without their brackets; none if a bracket stands anywhere else.
pub fn tags(part: &[u8]) -> Option<impl Iterator<Item = &str>> {
    let text = std::str::from_utf8(part).ok()?;
    let is_sound = text.split('<').skip(1).all(|tag| tag.bytes().filter(|byte| *byte == b'>').count() == 1);
    is_sound.then(|| text.split('<').skip(1).filter_map(|tag| tag.split('>').next()))
}

/// Names and values of a tag in order; none if they are not plain or one is there twice.
pub fn attributes(tag: &str) -> Option<Vec<(&str, &str)>> {
    let tag = tag.trim_end_matches(['/', '?']);
    let Some(start) = tag.find([' ', '\n', '\r', '\t']) else { return Some(Vec::new()) };
    let mut found: Vec<(&str, &str)> = Vec::new();
    let mut rest = tag.get(start..)?.trim_ascii_start();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let quote = after.chars().next().filter(|sign| matches!(sign, '"' | '\''))?;
        let (value, then) = after.get(1..)?.split_once(quote)?;
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":_-.".contains(&byte));
        if !is_plain || found.iter().any(|(key, _)| *key == name) {
            return None;
        }
        found.push((name, value));
        rest = then.trim_ascii_start();
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(name: &str, visible: SheetVisible) -> Sheet {
        Sheet { name: name.to_owned(), typ: SheetType::WorkSheet, visible }
    }

    fn kept(package: &str, book: &str, relations: &str) -> Kept {
        let mut kept = Kept::default();
        kept.feed("_rels/.rels", package.as_bytes());
        kept.feed("xl/workbook.xml", book.as_bytes());
        kept.feed("xl/_rels/workbook.xml.rels", relations.as_bytes());
        kept
    }

    const PACKAGE: &str = "<Relationships><Relationship Id=\"r1\" Type=\"http://a/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
    const RELATIONS: &str = "<Relationships><Relationship Id=\"r1\" Target=\"worksheets/sheet1.xml\"/><Relationship Target='/xl/worksheets/Sheet2.xml' Id='r2'/></Relationships>";

    #[test]
    fn each_sheet_has_its_part() {
        let book = "<?xml version=\"1.0\"?><workbook><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r2\"/><sheet name=\"B&amp;C\" r:id=\"r1\" state=\"hidden\"/></sheets></workbook>";
        let sheets = [sheet("A", SheetVisible::Visible), sheet("B&C", SheetVisible::Hidden)];
        let found = PlainBook::of(kept(PACKAGE, book, RELATIONS), &sheets, false).unwrap();
        assert_eq!(found.parts, [Some("xl/worksheets/sheet2.xml".to_owned()), None]);
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_parser() {
        let sheets = [sheet("A", SheetVisible::Visible)];
        let one = "<workbook><sheet name=\"A\" r:id=\"r1\"/></workbook>";
        assert!(PlainBook::of(kept(PACKAGE, one, RELATIONS), &sheets, false).is_some());
        for (package, book, relations) in [
            ("<Relationships/>", one, RELATIONS),
            (PACKAGE, "<workbook><!-- x --><sheet name=\"A\" r:id=\"r1\"/></workbook>", RELATIONS),
            (PACKAGE, "<workbook><sheet name=\"B\" r:id=\"r1\"/></workbook>", RELATIONS),
            (PACKAGE, "<workbook><sheet name=\"A\" r:id=\"r1\"/><sheet name=\"B\" r:id=\"r2\"/></workbook>", RELATIONS),
            (PACKAGE, "<workbook><sheet name=\"A\" r:id=\"r1\" x:id=\"r2\"/></workbook>", RELATIONS),
            (PACKAGE, one, "<Relationships/>"),
            (PACKAGE, one, "<Relationships><Relationship Id=\"r1\" Target=\"../a.xml\"/></Relationships>"),
        ] {
            assert!(
                PlainBook::of(kept(package, book, relations), &sheets, false).is_none(),
                "{package}{book}{relations}"
            );
        }
    }
}
