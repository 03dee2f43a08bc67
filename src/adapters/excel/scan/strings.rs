//! The texts that cells refer to by number, made ready for a line once.

use std::borrow::Cow;

use super::row::{WHITE, plain_text};
use super::text::{Reader, decoded};
use crate::adapters::excel::values::{capped, clean, has_unseen};
use crate::adapters::excel::wire::escape;
use memchr::memmem;

/// All texts, one after the other.
#[derive(Default)]
pub struct Strings {
    texts: Vec<u8>,
    places: Vec<Place>,
}

#[derive(Clone, Copy)]
struct Place {
    end: u32,
    lost_unseen: bool,
}

impl Strings {
    /// The texts of `sharedStrings.xml`; none if it is not written in the plain way.
    pub fn of(part: &[u8]) -> Option<Strings> {
        let mut reader = Reader(part.strip_prefix(b"\xef\xbb\xbf").unwrap_or(part));
        if reader.eat(b"<?xml ") {
            let end = memmem::find(reader.0, b"?>")?;
            reader.0 = reader.0.get(end + 2..)?.trim_ascii_start();
        }
        reader.need(b"<sst")?;
        let attributes = reader.until(b'>')?;
        reader.need(b">")?;
        let mut strings = Strings::default();
        let is_plain = |byte: &u8| byte.is_ascii() && !matches!(byte, b'<' | b'&' | b'\'');
        if !attributes.iter().all(is_plain) {
            return None;
        }
        if attributes.ends_with(b"/") {
            return Some(strings);
        }
        while !reader.eat(b"</sst>") {
            let text = text(&mut reader)?;
            strings.add(&text)?;
        }
        Some(strings)
    }

    /// A text as it goes into a line, and whether characters that nobody sees were taken from it.
    pub fn get(&self, number: u32) -> Option<(&[u8], bool)> {
        let at = number as usize;
        let place = self.places.get(at)?;
        let start = at.checked_sub(1).and_then(|before| self.places.get(before)).map_or(0, |before| before.end);
        Some((self.texts.get(start as usize..place.end as usize)?, place.lost_unseen))
    }

    fn add(&mut self, text: &str) -> Option<()> {
        let cleaned = clean(text);
        escape(&mut self.texts, capped(&cleaned));
        let lost_unseen = matches!(cleaned, Cow::Owned(_)) && has_unseen(text);
        self.places.push(Place { end: u32::try_from(self.texts.len()).ok()?, lost_unseen });
        Some(())
    }
}

/// One text, plain or in pieces of different looks.
fn text<'b>(reader: &mut Reader<'b>) -> Option<Cow<'b, str>> {
    if reader.eat(b"<si/>") {
        return Some(Cow::Borrowed(""));
    }
    reader.need(b"<si>")?;
    if reader.eat(b"<t") {
        let text = piece(reader)?;
        reader.need(b"</si>")?;
        return Some(text);
    }
    let mut whole = String::new();
    while !reader.eat(b"</si>") {
        reader.need(b"<r>")?;
        if reader.eat(b"<rPr>") {
            let end = memmem::find(reader.0, b"</rPr>")?;
            let (look, rest) = reader.0.split_at_checked(end)?;
            if !is_look(look) {
                return None;
            }
            reader.0 = rest;
            reader.need(b"</rPr>")?;
        }
        reader.need(b"<t")?;
        whole.push_str(&piece(reader)?);
        reader.need(b"</r>")?;
    }
    Some(Cow::Owned(whole))
}

/// How a piece looks: tags of any kind but those that texts are made of.
fn is_look(look: &[u8]) -> bool {
    let is_harmless = |tag: &[u8]| {
        let name = tag.split(|byte| !byte.is_ascii_alphanumeric()).find(|name| !name.is_empty());
        !matches!(tag.first(), None | Some(b'!' | b'?')) && !matches!(name, None | Some(b"t" | b"r" | b"rPh" | b"si"))
    };
    !look.contains(&b'&')
        && std::str::from_utf8(look).is_ok()
        && look.split(|byte| *byte == b'<').skip(1).all(is_harmless)
        && !look.contains(&b':')
}

/// The rest of `<t`.
fn piece<'b>(reader: &mut Reader<'b>) -> Option<Cow<'b, str>> {
    let (text, is_kept) = plain_text(reader)?;
    let text = decoded(text)?;
    Some(match text {
        _ if is_kept => text,
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(WHITE)),
        Cow::Owned(text) => Cow::Owned(text.trim_matches(WHITE).to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_ready_for_a_line() {
        let part = "<?xml version=\"1.0\"?>\n<sst count=\"6\"><si><t>Datum</t></si><si><t> a </t></si><si/><si></si>\
            <si><t xml:space=\"preserve\">x\ty </t></si><si><r><rPr><b/><sz val=\"1\"/><rFont val=\"A\"/></rPr><t>Anna</t></r>\
            <r><t xml:space=\"preserve\"> Ek</t></r></si><si><t>\u{200b}z</t></si></sst>";
        let strings = Strings::of(part.as_bytes()).unwrap();
        let expected = ["Datum", "a", "", "", "x y", "Anna Ek", "z"];
        for (number, text) in (0..).zip(expected) {
            assert_eq!(strings.get(number), Some((text.as_bytes(), text == "z")), "{number}");
        }
        assert_eq!(strings.get(7), None);
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_parser() {
        for part in [
            "<sst><si><t>a</t></si>",
            "<sst> <si><t>a</t></si></sst>",
            "<sst><si><t>a</t><rPh sb=\"0\" eb=\"1\"><t>b</t></rPh></si></sst>",
            "<sst><si><t>&#65;</t></si></sst>",
            "<sst><si><t>a<!-- b --></t></si></sst>",
            "<sst><si><r><rPr><t>a</t></rPr><t>b</t></r></si></sst>",
            "<x:sst><x:si/></x:sst>",
        ] {
            assert!(Strings::of(part.as_bytes()).is_none(), "{part}");
        }
    }
}
