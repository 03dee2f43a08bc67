//! What a cell's style makes of a number: a day, a length of time, per cent, or a number.

use std::collections::HashMap;

use memchr::memmem;

use super::book::{attributes, tags};
use super::text::decoded;

/// What a number under a style is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    Number,
    Percent,
    /// A day, a time of the day, or both.
    Moment,
    /// A length of time, which may be longer than a day.
    Length,
}

/// All styles by their numbers.
#[derive(Default)]
pub struct Styles(Vec<Shows>);

impl Styles {
    /// The styles of `styles.xml`; none if it is not written in the plain way.
    pub fn of(part: &[u8]) -> Option<Styles> {
        if memmem::find(part, b"<!").is_some() {
            return None;
        }
        let Some((cells_at, cells)) = section(part, "cellXfs")? else { return Some(Styles::default()) };
        let own = match section(part, "numFmts")? {
            Some((at, _)) if at > cells_at => return None,
            Some((_, formats)) => own_formats(formats)?,
            None => HashMap::new(),
        };
        let mut styles = Vec::new();
        for tag in tags(cells)? {
            match tag.split([' ', '\n', '\r', '\t', '/']).next()? {
                "xf" => styles.push(shows(tag, &own, styles.is_empty())?),
                "alignment" | "protection" | "" => {}
                _ => return None,
            }
        }
        Some(Styles(styles))
    }

    /// A style that is not there shows numbers.
    pub fn of_number(&self, number: u32) -> Shows {
        self.0.get(number as usize).copied().unwrap_or(Shows::Number)
    }
}

/// What stands between a section's tags, and where; none if the section is there twice or under a prefix.
#[allow(clippy::option_option, reason = "not there is plain, twice is not")]
fn section<'p>(part: &'p [u8], name: &str) -> Option<Option<(usize, &'p [u8])>> {
    let mut found = memmem::find_iter(part, name.as_bytes());
    let Some(first) = found.next() else { return Some(None) };
    let rest = part.get(first + name.len()..)?;
    let is_start = part.get(first.checked_sub(1)?) == Some(&b'<') && matches!(rest.first(), Some(b' ' | b'>' | b'/'));
    let start = memchr::memchr(b'>', rest)?;
    if !is_start {
        return None;
    }
    let Some(last) = found.next() else {
        let is_empty = rest.get(start.checked_sub(1)?) == Some(&b'/');
        return is_empty.then_some(Some((first, b"")));
    };
    let is_end = part.get(last.checked_sub(2)?..last) == Some(b"</");
    if !is_end || found.next().is_some() {
        return None;
    }
    Some(Some((first, part.get(first + name.len() + start + 1..last - 2)?)))
}

/// The formats that the workbook has made itself, by their numbers.
fn own_formats(formats: &[u8]) -> Option<HashMap<String, String>> {
    let mut own = HashMap::new();
    for tag in tags(formats)? {
        match tag.split([' ', '\n', '\r', '\t', '/']).next()? {
            "numFmt" => {
                let of_tag = attributes(tag)?;
                let said = |name: &str| of_tag.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
                if let (Some(number), Some(code)) = (said("numFmtId"), said("formatCode")) {
                    own.insert(number.to_owned(), decoded(code.as_bytes())?.into_owned());
                }
            }
            "" if tag.starts_with("/numFmt") => {}
            _ => return None,
        }
    }
    Some(own)
}

fn shows(tag: &str, own: &HashMap<String, String>, is_first: bool) -> Option<Shows> {
    let of_tag = attributes(tag)?;
    let Some((_, number)) = of_tag.iter().find(|(key, _)| *key == "numFmtId") else { return Some(Shows::Number) };
    let builtin: u32 = number.parse().ok().filter(|_| number.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some(match own.get(*number) {
        // A cell without a style has the first, and no style makes it per cent.
        Some(code) => match of_code(code) {
            Shows::Number if code.contains('%') && !is_first => Shows::Percent,
            shows => shows,
        },
        // A leading zero makes it another number to the parser.
        None if number.len() > 1 && number.starts_with('0') => return None,
        None => match builtin {
            14..=22 | 27..=36 | 45 | 47 | 50..=58 => Shows::Moment,
            46 => Shows::Length,
            9 | 10 if !is_first => Shows::Percent,
            _ => Shows::Number,
        },
    })
}

/// A format's code is one of days or times if a letter of them stands in its first part outside quotes and brackets, and one
/// of a length if hours, minutes or seconds stand alone in brackets.
fn of_code(code: &str) -> Shows {
    let (mut is_escaped, mut is_quoted, mut is_half_day, mut brackets, mut is_length) =
        (false, false, false, 0_u8, false);
    let mut before = ' ';
    for letter in code.chars() {
        let small = letter.to_ascii_lowercase();
        match letter {
            _ if is_escaped => is_escaped = false,
            '_' | '\\' | '*' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            ';' => return Shows::Number,
            '[' => brackets = brackets.saturating_add(1),
            ']' if brackets == 1 && is_length => return Shows::Length,
            ']' => brackets = brackets.saturating_sub(1),
            _ if small == 'a' && !is_half_day && brackets == 0 => is_half_day = true,
            _ if matches!(small, 'p' | 'm' | '/') && is_half_day && brackets == 0 => return Shows::Moment,
            _ if matches!(small, 'd' | 'm' | 'h' | 'y' | 's') && !is_half_day && brackets == 0 => return Shows::Moment,
            _ if is_length && letter.eq_ignore_ascii_case(&before) => {}
            _ => is_length = before == '[' && matches!(small, 'm' | 'h' | 's'),
        }
        before = letter;
    }
    Shows::Number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_tells_what_it_shows() {
        for (code, expected) in [
            ("yyyy-mm-dd", Shows::Moment),
            ("DD/MM/YY", Shows::Moment),
            ("H:MM:SS;@", Shows::Moment),
            ("h:mm AM/PM", Shows::Moment),
            ("[$-41D]d mmmm yyyy", Shows::Moment),
            ("[h]:mm", Shows::Length),
            ("[ss]", Shows::Length),
            ("[Red][h]", Shows::Length),
            ("0.00", Shows::Number),
            ("#,##0.00\\ \"kr\"", Shows::Number),
            ("0\"min\"", Shows::Number),
            ("[Red]0", Shows::Number),
            ("0;d", Shows::Number),
            ("_d0", Shows::Number),
            ("0*y", Shows::Number),
            ("General", Shows::Number),
        ] {
            assert_eq!(of_code(code), expected, "{code}");
        }
    }

    #[test]
    fn styles_are_read_from_their_part() {
        let part = "<styleSheet><numFmts count=\"2\"><numFmt numFmtId=\"164\" formatCode=\"0\\ &quot;d&quot;\"/>\
            <numFmt formatCode=\"yyyy\" numFmtId=\"165\"/></numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>\
            <cellXfs count=\"6\"><xf numFmtId=\"9\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"><alignment a=\"b\"/></xf>\
            <xf numFmtId=\"46\"/><xf numFmtId=\"10\"/><xf/></cellXfs></styleSheet>";
        let styles = Styles::of(part.as_bytes()).unwrap();
        let found: Vec<Shows> = (0..7).map(|number| styles.of_number(number)).collect();
        let expected =
            [Shows::Number, Shows::Number, Shows::Moment, Shows::Length, Shows::Percent, Shows::Number, Shows::Number];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_parser() {
        for part in [
            "<styleSheet><!-- x --><cellXfs><xf/></cellXfs></styleSheet>",
            "<x:styleSheet><x:cellXfs><x:xf/></x:cellXfs></x:styleSheet>",
            "<styleSheet><cellXfs><xf/></cellXfs><numFmts/></styleSheet>",
            "<styleSheet><cellXfs><xf/></cellXfs><cellXfs><xf/></cellXfs></styleSheet>",
            "<styleSheet><cellXfs><xf numFmtId=\"x\"/></cellXfs></styleSheet>",
            "<styleSheet><cellXfs><xf><extLst><xf/></extLst></xf></cellXfs></styleSheet>",
        ] {
            assert!(Styles::of(part.as_bytes()).is_none(), "{part}");
        }
    }
}
