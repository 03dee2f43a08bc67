//! The small pieces that rows, texts and heads are made of.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memmem};

/// Bytes that are eaten from the front.
#[derive(Clone, Copy)]
pub struct Reader<'b>(pub &'b [u8]);

impl<'b> Reader<'b> {
    /// Whether these bytes were next; then they are eaten.
    pub fn eat(&mut self, wanted: &[u8]) -> bool {
        match self.0.strip_prefix(wanted) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// The same; none if other bytes are next.
    pub fn need(&mut self, wanted: &[u8]) -> Option<()> {
        self.eat(wanted).then_some(())
    }

    /// What stands before a byte, which is not eaten.
    pub fn until(&mut self, end: u8) -> Option<&'b [u8]> {
        // Most of what is looked for is near: a longer look would cost more than it saves.
        let near = self.0.iter().take(16).position(|byte| *byte == end);
        let at = near.or_else(|| memchr(end, self.0))?;
        let (before, rest) = self.0.split_at_checked(at)?;
        self.0 = rest;
        Some(before)
    }

    /// A whole number of at most nine digits and what it is written as; none if there is no digit.
    pub fn number(&mut self) -> Option<(u32, &'b [u8])> {
        let length = self.0.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(length)?;
        if digits.is_empty() || length > 9 {
            return None;
        }
        self.0 = rest;
        Some((digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')), digits))
    }

    /// A column by its letters, from 0.
    pub fn column(&mut self) -> Option<u32> {
        let length = self.0.iter().take(4).take_while(|byte| byte.is_ascii_uppercase()).count();
        let (letters, rest) = self.0.split_at_checked(length)?;
        if length > 3 {
            return None;
        }
        self.0 = rest;
        letters.iter().fold(0, |sum, letter| sum * 26 + u32::from(letter - b'A') + 1).checked_sub(1)
    }

    /// `A1` or `A1:B2`.
    pub fn region(&mut self) -> Option<()> {
        let mut place = || Some((self.column()?, self.number().filter(|(row, _)| *row > 0)?.0));
        let (column, row) = place()?;
        if !self.eat(b":") {
            return Some(());
        }
        let mut place = || Some((self.column()?, self.number()?.0));
        let (last_column, last_row) = place()?;
        (column <= last_column && row <= last_row).then_some(())
    }
}

/// A text as the parser gives it; none if it holds what the parser reads in a way of its own: references by number, escapes
/// of control characters, carriage returns.
pub fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(bytes).ok()?;
    if memchr(b'_', bytes).is_some() && memmem::find(bytes, b"_x").is_some() {
        return None;
    }
    let Some(first) = memchr2(b'&', b'\r', bytes) else { return Some(Cow::Borrowed(text)) };
    let (plain, mut rest) = text.split_at_checked(first)?;
    let mut decoded = plain.to_owned();
    while !rest.is_empty() {
        let end = rest.find(['&', '\r']).unwrap_or(rest.len());
        let (plain, reference) = rest.split_at_checked(end)?;
        decoded.push_str(plain);
        rest = reference;
        if rest.is_empty() {
            break;
        }
        let known = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&apos;", '\'')];
        let (length, letter) =
            known.iter().find(|(name, _)| rest.starts_with(name)).map(|(name, l)| (name.len(), *l))?;
        decoded.push(letter);
        rest = rest.get(length..)?;
    }
    // What was written as references may have become an escape.
    (!decoded.contains("_x")).then_some(Cow::Owned(decoded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_or_left_to_the_parser() {
        for (text, expected) in [
            ("Anna Öberg", Some("Anna Öberg")),
            ("a &amp; b &lt;&gt;&quot;&apos;", Some("a & b <>\"'")),
            ("a_b", Some("a_b")),
            ("", Some("")),
            ("a&#10;", None),
            ("a&amp", None),
            ("a\r\n", None),
            ("_x000D_", None),
            ("&other;", None),
        ] {
            assert_eq!(decoded(text.as_bytes()).as_deref(), expected, "{text}");
        }
        assert_eq!(decoded(b"\xff"), None);
    }

    #[test]
    fn regions_are_places_in_order() {
        for (text, expected) in
            [("A1", true), ("A1:XFD1048576", true), ("B2:A3", false), ("A0", false), ("1:2", false), ("A1:", false)]
        {
            let mut reader = Reader(text.as_bytes());
            assert_eq!(reader.region().is_some() && reader.0.is_empty(), expected, "{text}");
        }
    }
}
