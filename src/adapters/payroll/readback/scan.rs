//! Reads a line of XML from the left, in the one form that a payroll file has; whatever else XML allows is refused.

use super::said::{Number, Said};

/// What is left of a line.
pub(super) struct Scan<'a> {
    rest: &'a [u8],
}

impl<'a> Scan<'a> {
    pub(super) fn new(line: &'a [u8]) -> Scan<'a> {
        Scan { rest: line }
    }

    /// Takes these very bytes, if they are next.
    pub(super) fn take(&mut self, literal: &str) -> bool {
        match self.rest.strip_prefix(literal.as_bytes()) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub(super) fn expect(&mut self, literal: &str) -> Result<(), String> {
        if self.take(literal) { Ok(()) } else { Err(self.stray()) }
    }

    /// The line ends here.
    pub(super) fn end(&self) -> Result<(), String> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.stray()) }
    }

    /// A text between two literals, with its references resolved.
    pub(super) fn text(&mut self, (open, close): (&str, &str), said: &mut Said) -> Result<(), String> {
        self.expect(open)?;
        said.of_text(|bytes| self.push_text(bytes))?;
        self.expect(close)
    }

    /// The same where it may be missing.
    pub(super) fn maybe_text(&mut self, (open, close): (&str, &str), said: &mut Said) -> Result<(), String> {
        if self.rest.starts_with(open.as_bytes()) {
            return self.text((open, close), said);
        }
        said.text("");
        Ok(())
    }

    pub(super) fn number(&mut self, (open, close): (&str, &str)) -> Result<Number, String> {
        self.expect(open)?;
        let number = Number::parse(self.plain());
        let wrong = || format!("{} is missing or unreadable", name_of(open));
        let number = number.ok_or_else(wrong)?;
        self.expect(close)?;
        Ok(number)
    }

    /// A whole number without sign.
    pub(super) fn count(&mut self, (open, close): (&str, &str)) -> Result<u32, String> {
        self.expect(open)?;
        let count = digits(self.plain()).and_then(|count| u32::try_from(count).ok());
        let wrong = || format!("{} is missing or unreadable", name_of(open));
        let count = count.ok_or_else(wrong)?;
        self.expect(close)?;
        Ok(count)
    }

    /// `2026-11-30`
    pub(super) fn date(&mut self, (open, close): (&str, &str), said: &mut Said) -> Result<(), String> {
        self.expect(open)?;
        let text = self.plain();
        let part = |from: usize, to: usize| text.get(from..to).and_then(digits);
        let has_form = text.len() == 10 && text.get(4) == Some(&b'-') && text.get(7) == Some(&b'-');
        let parts = part(0, 4).zip(part(5, 7).zip(part(8, 10))).filter(|_| has_form);
        let (year, (month, day)) = parts.ok_or_else(|| format!("{} is missing or unreadable", name_of(open)))?;
        said.date(year, month, day);
        self.expect(close)
    }

    /// What stands before the next markup, as it stands there.
    fn plain(&mut self) -> &'a [u8] {
        let ends = |byte: &u8| matches!(byte, b'<' | b'"');
        let end = self.rest.iter().position(ends).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, &[]));
        self.rest = rest;
        text
    }

    /// Adds the text before the next markup.
    fn push_text(&mut self, bytes: &mut Vec<u8>) -> Result<(), String> {
        loop {
            let end = self.rest.iter().position(|byte| matches!(byte, b'<' | b'>' | b'"' | b'&'));
            let (text, rest) = end.and_then(|end| self.rest.split_at_checked(end)).unwrap_or((self.rest, &[]));
            bytes.extend_from_slice(text);
            self.rest = rest;
            if !rest.starts_with(b"&") {
                return Ok(());
            }
            self.push_reference(bytes)?;
        }
    }

    /// `&amp;` and its like, and `&#8211;`.
    fn push_reference(&mut self, bytes: &mut Vec<u8>) -> Result<(), String> {
        const NAMED: [(&str, u8); 5] =
            [("&amp;", b'&'), ("&lt;", b'<'), ("&gt;", b'>'), ("&quot;", b'"'), ("&apos;", b'\'')];
        if let Some((_, byte)) = NAMED.iter().find(|(name, _)| self.take(name)) {
            bytes.push(*byte);
            return Ok(());
        }
        let unknown = || "a reference that nothing declares".to_owned();
        self.expect("&#").map_err(|_| unknown())?;
        let end = self.rest.iter().position(|byte| *byte == b';').ok_or_else(unknown)?;
        let (number, rest) = self.rest.split_at_checked(end).ok_or_else(unknown)?;
        let letter = digits(number).and_then(|number| char::from_u32(u32::try_from(number).ok()?));
        bytes.extend_from_slice(letter.ok_or_else(unknown)?.encode_utf8(&mut [0; 4]).as_bytes());
        self.rest = rest;
        self.expect(";")
    }

    /// What stands where something else should: its name, and no value of it.
    pub(super) fn stray(&self) -> String {
        let of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
        let name = |bytes: &[u8]| bytes.iter().take_while(of_name).map(|byte| char::from(*byte)).collect::<String>();
        match self.rest {
            [] => "a line that ends in the middle".to_owned(),
            [b'<', b'/', rest @ ..] => format!("an end of {} that does not belong there", name(rest)),
            [b'<', rest @ ..] => format!("an element {} that does not belong there", name(rest)),
            _ => "something that a payroll file does not hold there".to_owned(),
        }
    }
}

/// At most ten digits as a number.
fn digits(text: &[u8]) -> Option<i64> {
    let is_number = (1..=10).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
    let number = || text.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
    is_number.then(number)
}

/// The name in an opening literal.
fn name_of(open: &str) -> &str {
    open.trim_matches(|letter: char| !letter.is_ascii_alphabetic()).rsplit(' ').next().unwrap_or(open)
}
