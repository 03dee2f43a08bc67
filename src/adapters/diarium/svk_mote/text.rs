//! From bytes to text: the encoding that a file names or shows, and no character that XML forbids.

use encoding_rs::{Encoding, ISO_8859_15, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::Wrong;

/// The declaration stands within so many bytes.
const DECLARATION_BYTES: usize = 512;

/// The text of a file, without a byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<String, Wrong> {
    let (shown, mark) = shown_by_bytes(bytes);
    let content = bytes.get(mark..).unwrap_or_default();
    let encoding = match (shown, declared(content, shown.unwrap_or(UTF_8))?) {
        (Some(shown), Some(Declared::Utf16)) if shown != UTF_8 => shown,
        (Some(shown), Some(Declared::As(named))) if shown == named => shown,
        (Some(shown), Some(_)) if mark > 0 || shown != UTF_8 => return Err(disagree()),
        (Some(shown), None) => shown,
        (_, Some(Declared::As(named))) if named != UTF_16LE && named != UTF_16BE => named,
        (None, None) => UTF_8,
        _ => return Err(disagree()),
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(content);
    let text = text.ok_or_else(|| {
        Wrong::whole(
            format!("Filen är inte skriven med teckenkodningen {}.", encoding.name()),
            "Exportera den på nytt som UTF-8.",
        )
    })?;
    refuse_forbidden(&text)?;
    Ok(text.into_owned())
}

/// What the first bytes say: a mark with its length, or the zeros beside a `<`.
fn shown_by_bytes(bytes: &[u8]) -> (Option<&'static Encoding>, usize) {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => (Some(UTF_8), 3),
        [0xff, 0xfe, ..] => (Some(UTF_16LE), 2),
        [0xfe, 0xff, ..] => (Some(UTF_16BE), 2),
        [b'<', 0, ..] => (Some(UTF_16LE), 0),
        [0, b'<', ..] => (Some(UTF_16BE), 0),
        _ => (None, 0),
    }
}

enum Declared {
    /// Either order: the bytes show which.
    Utf16,
    As(&'static Encoding),
}

/// What the XML declaration names, if there is one that does.
fn declared(content: &[u8], shown: &'static Encoding) -> Result<Option<Declared>, Wrong> {
    let head = content.get(..DECLARATION_BYTES.min(content.len())).unwrap_or_default();
    let (head, _) = shown.decode_without_bom_handling(head);
    let declaration = head.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map(|(inside, _)| inside);
    let Some((_, after)) = declaration.and_then(|inside| inside.split_once("encoding")) else { return Ok(None) };
    let after = after.trim_start().trim_start_matches('=').trim_start();
    let quote = after.chars().next().filter(|letter| ['"', '\''].contains(letter));
    let name = quote.and_then(|quote| after.get(1..)?.split(quote).next()).unwrap_or_default();
    let encoding = match name.to_ascii_lowercase().as_str() {
        "utf-8" | "us-ascii" => UTF_8,
        "utf-16" => return Ok(Some(Declared::Utf16)),
        "utf-16le" => UTF_16LE,
        "utf-16be" => UTF_16BE,
        "iso-8859-1" | "windows-1252" => WINDOWS_1252,
        "iso-8859-15" => ISO_8859_15,
        _ => {
            let wrong = format!("Teckenkodningen \u{201d}{}\u{201d} läses inte.", crate::domain::shown(name));
            return Err(Wrong::at(1, wrong, "Exportera filen på nytt som UTF-8."));
        }
    };
    Ok(Some(Declared::As(encoding)))
}

fn disagree() -> Wrong {
    Wrong::at(
        1,
        "Filens första tecken visar en annan teckenkodning än den som står i XML-deklarationen.",
        "Exportera filen på nytt som UTF-8.",
    )
}

/// Characters that no XML may hold: a file that has them was damaged or is none.
fn refuse_forbidden(text: &str) -> Result<(), Wrong> {
    let is_forbidden =
        |letter: char| (letter < ' ' && !"\t\n\r".contains(letter)) || matches!(letter, '\u{fffe}' | '\u{ffff}');
    match text.find(is_forbidden) {
        None => Ok(()),
        Some(place) => {
            let before = text.get(..place).unwrap_or_default();
            let line = u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX).saturating_add(1);
            Err(Wrong::at(
                line,
                "Där står ett tecken som inte får finnas i XML.",
                "Ta bort tecknet, eller exportera filen på nytt.",
            ))
        }
    }
}
