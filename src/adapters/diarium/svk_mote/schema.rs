//! Whether a file is what the schema says: every element known, in its place and number, every value of its kind.

use super::Wrong;
use super::tree::Element;
use super::values;
use super::wire::{Attribute, BOARD_MEETING, Content, Kind, Part, ROOT, Simple};
use crate::domain::shown;

const INSTEAD: &str = "Rätta i diariet och exportera filen på nytt enligt schemat SVK-MOTE v1.";

/// Checks a whole file.
pub(super) fn check(root: &Element) -> Result<(), Wrong> {
    if root.name != ROOT {
        let wrong =
            format!("Filen är ingen SVK-MOTE-fil: den börjar med <{}> i stället för <{ROOT}>.", shown(&root.name));
        return Err(Wrong::at(root.line, wrong, "Skicka den fil som diariet exporterar enligt SVK-MOTE v1."));
    }
    element(root, &BOARD_MEETING)
}

fn element(found: &Element, kind: &'static Kind) -> Result<(), Wrong> {
    attributes(found, kind.attributes)?;
    match kind.content {
        Content::Value(simple) => {
            if let Some(child) = found.children.first() {
                return Err(misplaced(child, &found.name));
            }
            check_value(simple, &found.text, &format!("<{}>", found.name), found.line)
        }
        Content::Parts(parts) => {
            if !found.text.trim().is_empty() {
                let wrong = format!("I <{}> står text utanför elementen.", found.name);
                return Err(Wrong::at(found.line, wrong, INSTEAD));
            }
            let mut rest = found.children.as_slice();
            sequence(found, parts, &mut rest)?;
            rest.first().map_or(Ok(()), |child| Err(misplaced(child, &found.name)))
        }
    }
}

/// Takes from the front what the parts ask for.
fn sequence(parent: &Element, parts: &'static [Part], rest: &mut &[Element]) -> Result<(), Wrong> {
    for part in parts {
        match part {
            Part::Element { name, kind, required, many } => {
                let mut count = 0_u32;
                while let Some((child, after)) = rest.split_first().filter(|(child, _)| child.name == *name) {
                    element(child, kind)?;
                    (*rest, count) = (after, count + 1);
                    if !many {
                        break;
                    }
                }
                if *required && count == 0 {
                    return Err(missing(parent, &format!("<{name}>"), rest.first()));
                }
            }
            Part::Choice(ways) => {
                let next = rest.first().map(|child| child.name.as_str());
                match ways.iter().find(|way| first_name(way) == next) {
                    Some(way) => sequence(parent, way, rest)?,
                    None => {
                        let names = ways.iter().filter_map(|way| first_name(way)).map(|name| format!("<{name}>"));
                        return Err(missing(parent, &names.collect::<Vec<_>>().join(" eller "), rest.first()));
                    }
                }
            }
        }
    }
    Ok(())
}

fn first_name(way: &[Part]) -> Option<&'static str> {
    way.first().and_then(|part| if let Part::Element { name, .. } = part { Some(*name) } else { None })
}

fn attributes(found: &Element, known: &'static [Attribute]) -> Result<(), Wrong> {
    for (name, value) in &found.attributes {
        let Some(attribute) = known.iter().find(|attribute| attribute.name == name) else {
            let wrong = format!("Attributet {} hör inte hemma i <{}>.", shown(name), found.name);
            return Err(Wrong::at(found.line, wrong, INSTEAD));
        };
        check_value(attribute.value, value, &format!("attributet {name} i <{}>", found.name), found.line)?;
    }
    match known.iter().find(|attribute| attribute.required && found.attribute(attribute.name).is_none()) {
        None => Ok(()),
        Some(attribute) => {
            let wrong = format!("Elementet <{}> saknar attributet {}.", found.name, attribute.name);
            Err(Wrong::at(found.line, wrong, INSTEAD))
        }
    }
}

fn check_value(simple: Simple, text: &str, place: &str, line: u32) -> Result<(), Wrong> {
    // White space around everything but texts says nothing.
    let bare = text.trim_matches([' ', '\t', '\n', '\r']);
    let expected = match simple {
        Simple::Text => return Ok(()),
        Simple::Date if values::date(bare).is_some() => return Ok(()),
        Simple::Time if values::time(bare).is_some() => return Ok(()),
        Simple::Moment if values::moment(bare).is_some() => return Ok(()),
        Simple::Boolean if values::boolean(bare).is_some() => return Ok(()),
        Simple::Positive if values::is_positive(bare) => return Ok(()),
        Simple::OneOf(words) if words.contains(&text) => return Ok(()),
        Simple::Date => "ett datum som 2026-11-23".to_owned(),
        Simple::Time => "ett klockslag som 18:30:00".to_owned(),
        Simple::Moment => "datum och klockslag som 2026-11-23T18:30:00".to_owned(),
        Simple::Boolean => "true eller false".to_owned(),
        Simple::Positive => "ett heltal större än noll".to_owned(),
        Simple::OneOf(words) => format!("något av {}", words.join(", ")),
    };
    let wrong = format!("I {place} står \u{201d}{}\u{201d}; där ska stå {expected}.", shown(text.trim()));
    Err(Wrong::at(line, wrong, INSTEAD))
}

fn missing(parent: &Element, expected: &str, next: Option<&Element>) -> Wrong {
    let (line, before) = match next {
        Some(next) => (next.line, format!(" före <{}>", shown(&next.name))),
        None => (parent.line, String::new()),
    };
    Wrong::at(line, format!("I <{}> saknas {expected}{before}.", parent.name), INSTEAD)
}

fn misplaced(child: &Element, parent: &str) -> Wrong {
    let wrong = format!("Elementet <{}> hör inte hemma där det står i <{parent}>.", shown(&child.name));
    Wrong::at(child.line, wrong, INSTEAD)
}
