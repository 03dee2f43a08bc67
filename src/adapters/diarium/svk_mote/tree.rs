//! From text to elements, strictly bounded: no document type, no entities of its own, no more and no deeper than minutes are.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesDecl, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

use super::Wrong;
use super::wire::{NAMESPACE, ROOT};
use crate::domain::shown;

/// Elements in elements; the schema needs eight.
const DEPTH: usize = 24;
/// Elements in a file.
const ELEMENTS: u32 = 200_000;
/// Attributes of an element, declarations of namespaces among them.
const ATTRIBUTES: usize = 16;
/// Where a file says which schema it follows.
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// An element that was read to its end.
#[derive(Debug)]
pub(super) struct Element {
    pub name: String,
    /// Where it begins, from 1.
    pub line: u32,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    /// Its own text, that of elements in it left out.
    pub text: String,
}

impl Element {
    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A whole file.
#[derive(Debug)]
pub(super) struct Tree {
    pub root: Element,
    /// Its elements are in the schema's namespace, and not in none.
    pub has_namespace: bool,
}

/// Reads a file to its end.
pub(super) fn read(text: &str) -> Result<Tree, Wrong> {
    let mut building = Building { open: Vec::new(), root: None, has_namespace: None, elements: 0 };
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut line = Lines { text, place: 0, line: 1 };
    loop {
        let at = line.of(reader.buffer_position());
        let event = reader.read_event().map_err(|_| broken(line.of(reader.error_position())))?;
        if event == Event::Eof {
            return building.finish(at);
        }
        building.take(&event, at, &reader)?;
    }
}

/// Counts lines as the reader goes on.
struct Lines<'t> {
    text: &'t str,
    place: usize,
    line: u32,
}

impl Lines<'_> {
    fn of(&mut self, place: u64) -> u32 {
        let place = usize::try_from(place).unwrap_or(usize::MAX).min(self.text.len());
        let passed = self.text.as_bytes().get(self.place..place).unwrap_or_default();
        let lines = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.place = self.place.max(place);
        self.line
    }
}

struct Building {
    open: Vec<Element>,
    root: Option<Element>,
    has_namespace: Option<bool>,
    elements: u32,
}

impl Building {
    fn take(&mut self, event: &Event<'_>, line: u32, reader: &NsReader<&[u8]>) -> Result<(), Wrong> {
        match event {
            Event::Decl(declaration) => check_version(declaration, line),
            Event::Start(start) => self.start(start, line, reader),
            Event::Empty(start) => {
                self.start(start, line, reader)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => self.text(&text.xml10_content(), line),
            Event::CData(text) => self.text(&text.xml10_content(), line),
            Event::GeneralRef(reference) => {
                let letter = reference.resolve_char_ref().map_err(|_| broken(line))?;
                match (letter, resolve_predefined_entity(reference)) {
                    (Some(letter), _) if letter < ' ' && !"\t\n\r".contains(letter) => Err(broken(line)),
                    (Some(letter), _) => self.text(letter.encode_utf8(&mut [0; 4]), line),
                    (None, Some(letter)) => self.text(letter, line),
                    (None, None) => Err(Wrong::at(
                        line,
                        "Filen använder en egen entitet (&…;), vilket inte tillåts.",
                        "Exportera filen utan entiteter.",
                    )),
                }
            }
            Event::DocType(_) => Err(Wrong::at(
                line,
                "Filen har en dokumenttyp (<!DOCTYPE …>), vilket inte tillåts.",
                "Exportera filen utan DOCTYPE.",
            )),
            Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, line: u32, reader: &NsReader<&[u8]>) -> Result<(), Wrong> {
        self.elements += 1;
        if self.open.len() >= DEPTH || self.elements > ELEMENTS {
            let wrong = format!("Filen har fler än {ELEMENTS} element, eller element i fler än {DEPTH} nivåer.");
            return Err(Wrong::at(line, wrong, "Så stora är inga protokoll: kontrollera exporten."));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(broken(line));
        }
        let (namespace, name) = reader.resolver().resolve_element(start.name());
        let name = name.as_ref().to_owned();
        self.check_namespace(&namespace, &name, line)?;
        let attributes = attributes(start, line, reader)?;
        self.open.push(Element { name, line, attributes, children: Vec::new(), text: String::new() });
        Ok(())
    }

    /// All elements are in the schema's namespace, or none is.
    fn check_namespace(&mut self, namespace: &ResolveResult<'_>, name: &str, line: u32) -> Result<(), Wrong> {
        let is_in = match namespace {
            ResolveResult::Bound(Namespace(NAMESPACE)) => true,
            ResolveResult::Unbound => false,
            ResolveResult::Bound(Namespace(other)) => return Err(of_another(other, name, line)),
            ResolveResult::Unknown(_) => return Err(broken(line)),
        };
        if *self.has_namespace.get_or_insert(is_in) != is_in {
            let wrong = format!("Elementet <{}> är inte i samma namnrymd som filens första element.", shown(name));
            return Err(Wrong::at(line, wrong, "Exportera filen på nytt enligt schemat SVK-MOTE v1."));
        }
        Ok(())
    }

    fn end(&mut self) {
        let Some(ended) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(ended),
            None => self.root = Some(ended),
        }
    }

    fn text(&mut self, text: &str, line: u32) -> Result<(), Wrong> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(no_xml(line)),
        }
        Ok(())
    }

    fn finish(self, line: u32) -> Result<Tree, Wrong> {
        if let Some(open) = self.open.last() {
            let wrong =
                format!("Filen tar slut mitt i elementet <{}>, som börjar på rad {}.", shown(&open.name), open.line);
            return Err(Wrong::at(line, wrong, "Vänta tills kopieringen är klar, eller skicka filen igen."));
        }
        let root = self.root.ok_or_else(|| no_xml(line))?;
        Ok(Tree { root, has_namespace: self.has_namespace == Some(true) })
    }
}

fn check_version(declaration: &BytesDecl<'_>, line: u32) -> Result<(), Wrong> {
    match declaration.xml_version() {
        Ok(XmlVersion::Implicit1_0 | XmlVersion::Explicit1_0) => Ok(()),
        _ => Err(Wrong::at(line, "Filen är inte XML 1.0.", "Exportera den på nytt som XML 1.0.")),
    }
}

/// Those of the element's own; what binds prefixes or names the schema's file is left out.
fn attributes(start: &BytesStart<'_>, line: u32, reader: &NsReader<&[u8]>) -> Result<Vec<(String, String)>, Wrong> {
    let mut found = Vec::new();
    for (count, attribute) in start.attributes().enumerate() {
        let attribute = attribute.map_err(|_| broken(line))?;
        if count >= ATTRIBUTES || attribute.value.contains('<') {
            return Err(broken(line));
        }
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| broken(line))?;
        let (namespace, name) = reader.resolver().resolve_attribute(attribute.key);
        match (namespace, name.as_ref()) {
            (ResolveResult::Unbound, name) => found.push((name.to_owned(), value.into_owned())),
            (ResolveResult::Bound(Namespace(INSTANCE)), "schemaLocation" | "noNamespaceSchemaLocation") => {}
            (_, name) => {
                let wrong = format!("Attributet {} hör inte hemma i ett SVK-MOTE-protokoll.", shown(name));
                return Err(Wrong::at(line, wrong, "Exportera filen på nytt enligt schemat SVK-MOTE v1."));
            }
        }
    }
    Ok(found)
}

fn broken(line: u32) -> Wrong {
    Wrong::at(line, "Filen är inte välformad XML.", "Exportera den på nytt och skicka den hel.")
}

fn no_xml(line: u32) -> Wrong {
    Wrong::at(line, "Filen är inte XML.", "Skicka den fil som diariet exporterar enligt SVK-MOTE v1.")
}

fn of_another(namespace: &str, name: &str, line: u32) -> Wrong {
    let wrong = match namespace.rsplit_once('/') {
        Some((family, _)) if NAMESPACE.starts_with(family) && name == ROOT => {
            format!("Filen följer en annan version av SVK-MOTE (namnrymden {}).", shown(namespace))
        }
        _ => format!("Elementet <{}> är i en annan namnrymd ({}).", shown(name), shown(namespace)),
    };
    Wrong::at(line, wrong, "Exportera filen enligt SVK-MOTE v1; andra XML-format läses inte.")
}
