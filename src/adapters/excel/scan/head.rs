//! What stands before the rows of a sheet: plain tags, none of which the parser stumbles over.

use memchr::{memchr, memmem};

use super::text::Reader;

/// Where the head ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The first row begins there.
    Rows(usize),
    /// There are no rows, and what is behind them begins there.
    NoRows(usize),
    /// More bytes are needed to tell.
    NotYet,
    /// The head is not plain.
    Strange,
}

const SHEET_DATA: &[u8] = b"<sheetData";

/// Looks for the end of a head in the bytes that have come.
pub fn end(bytes: &[u8]) -> End {
    let Some(at) = memmem::find(bytes, SHEET_DATA) else { return End::NotYet };
    let (head, rest) = bytes.split_at(at);
    let end = match rest.get(SHEET_DATA.len()..).unwrap_or_default() {
        [] | [b'/'] => return End::NotYet,
        [b'>', ..] => End::Rows(at + SHEET_DATA.len() + 1),
        [b'/', b'>', ..] => End::NoRows(at + SHEET_DATA.len() + 2),
        _ => End::Strange,
    };
    if is_plain(head) { end } else { End::Strange }
}

/// Nothing but tags and white space, from the root's on.
fn is_plain(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if std::str::from_utf8(head).is_err() || memchr(b'&', head).is_some() {
        return false;
    }
    let mut rest = head;
    if rest.starts_with(b"<?xml ") {
        let Some(end) = memmem::find(rest, b"?>") else { return false };
        rest = rest.get(end + 2..).unwrap_or_default();
    }
    let mut is_root = true;
    loop {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            return !is_root;
        }
        let Some((tag, behind)) = tag(rest) else { return false };
        let name = tag.trim_ascii_end().strip_suffix(b"/").unwrap_or(tag);
        let name = name.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        if is_root && name != b"worksheet" {
            return false;
        }
        if name.ends_with(b"dimension") && !is_dimension(tag) {
            return false;
        }
        (is_root, rest) = (false, behind);
    }
}

/// A tag without its brackets, and what follows.
fn tag(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = bytes.strip_prefix(b"<")?;
    if matches!(inside.first(), Some(b'!' | b'?')) {
        return None;
    }
    let end = memchr(b'>', inside)?;
    let (tag, behind) = inside.split_at(end);
    let quotes = tag.iter().filter(|byte| **byte == b'"').count();
    let is_sound = quotes % 2 == 0 && !tag.contains(&b'\'') && !tag.contains(&b'<');
    is_sound.then_some((tag, behind.get(1..)?))
}

fn is_dimension(tag: &[u8]) -> bool {
    let mut reader = Reader(tag);
    reader.eat(b"dimension ref=\"") && reader.region().is_some() && matches!(reader.0, b"\"/" | b"\"")
}
