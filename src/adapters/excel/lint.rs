//! Looks through the XML of a workbook's parts for what the parser would read in silence as something else.
//!
//! The parser is lenient: of `<v>1<!-- x -->2</v>` it takes the 1, a text number that is no number becomes the first text of
//! the book, an element that is never closed swallows the cell beside it. No program writes such parts, so a book that
//! has one is refused. The look goes over the bytes as they are unpacked, once, without building anything.

use memchr::{memchr, memchr2, memmem};

/// What is wrong with a part, in Swedish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The XML is broken: never closed, closed twice, cut off.
    Broken,
    /// A DOCTYPE, by which entities can be made to grow without end.
    Doctype,
    /// Another encoding than UTF-8.
    Encoding,
    /// A cell whose value could be read in two ways.
    Cell,
    /// An element where none such belongs, or one too many.
    Element,
}

impl Fault {
    /// The words for it.
    pub fn words(self) -> &'static str {
        match self {
            Fault::Broken => "Arbetsboken är skadad: dess XML är trasig.",
            Fault::Doctype => "Arbetsboken innehåller en DOCTYPE, som en arbetsbok inte får ha.",
            Fault::Encoding => "Arbetsboken är skriven i en annan teckenkodning än UTF-8.",
            Fault::Cell => "Arbetsboken har en cell vars värde kan läsas på mer än ett sätt.",
            Fault::Element => "Arbetsboken har celler där inga får stå.",
        }
    }
}

/// The look through one part, fed with its bytes in order.
#[derive(Debug)]
pub struct Lint {
    /// Bytes of a token that is not whole yet.
    pending: Vec<u8>,
    within: Within,
    /// Names of the open elements, one after the other, and where each starts.
    names: Vec<u8>,
    open: Vec<usize>,
    /// The part may be one that the parser reads cells or texts from.
    is_ours: bool,
    has_doctype: bool,
    has_root: bool,
    data: Data,
    /// Nothing of this part matters any more.
    is_done: bool,
    is_begun: bool,
}

/// What the next bytes belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    Text,
    Comment,
    CData,
}

/// Where in a sheet's data the look is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Data {
    Before,
    Rows,
    Cells,
    Cell(Cell),
    Value(Cell),
    Formula(Cell),
    /// Inside `is` or `extLst`: how many elements are open when it ends, and what goes on then.
    Inside(usize, Option<Cell>),
    After,
}

/// What has been seen of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    is: Type,
    has_value: bool,
    has_formula: bool,
    has_text: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    /// A place among the shared strings.
    Shared,
    /// A number, a yes or no, an error: no letters that need an entity.
    Plain,
    /// Text and dates.
    Text,
}

/// No program nests deeper.
const DEPTH: usize = 128;
/// A tag is not longer: a cell's text is no attribute.
const TAG_BYTES: usize = 1 << 20;

/// Elements whose parts the parser reads cells, texts, styles or places of parts from.
const OURS: [&[u8]; 6] = [b"worksheet", b"sst", b"workbook", b"styleSheet", b"Relationships", b"Types"];

type Outcome = Result<(), Fault>;

impl Lint {
    /// A part; one that is `foreign` by its place in the container may be as it likes until it turns out to be ours.
    pub fn new(foreign: bool) -> Lint {
        Lint {
            pending: Vec::new(),
            within: Within::Text,
            names: Vec::new(),
            open: Vec::new(),
            is_ours: !foreign,
            has_doctype: false,
            has_root: false,
            data: Data::Before,
            is_done: false,
            is_begun: false,
        }
    }

    /// Looks at the next bytes.
    ///
    /// # Errors
    /// What is wrong, if it is in a part that matters.
    pub fn feed(&mut self, bytes: &[u8]) -> Outcome {
        if self.is_done || bytes.is_empty() {
            return Ok(());
        }
        let outcome = if self.pending.is_empty() {
            self.feed_whole(bytes)
        } else {
            let mut joined = std::mem::take(&mut self.pending);
            joined.extend_from_slice(bytes);
            self.feed_whole(&joined)
        };
        self.judged(outcome)
    }

    /// The part is at its end.
    ///
    /// # Errors
    /// It was cut off.
    pub fn finish(mut self) -> Outcome {
        if self.is_done {
            return Ok(());
        }
        let is_whole = self.pending.is_empty() && self.open.is_empty() && self.within == Within::Text;
        let outcome = if is_whole || !self.is_begun { Ok(()) } else { Err(Fault::Broken) };
        self.judged(outcome)
    }

    /// A part that the parser reads nothing from may be as it likes.
    fn judged(&mut self, outcome: Outcome) -> Outcome {
        if outcome.is_err() && !self.is_ours {
            self.is_done = true;
            return Ok(());
        }
        outcome
    }

    fn feed_whole(&mut self, mut bytes: &[u8]) -> Outcome {
        if !self.is_begun {
            if bytes.len() < 4 {
                self.pending = bytes.to_vec();
                return Ok(());
            }
            self.is_begun = true;
            bytes = self.beginning(bytes)?;
        }
        while !bytes.is_empty() && !self.is_done {
            match self.step(bytes)? {
                Some(rest) => bytes = rest,
                None if bytes.len() > TAG_BYTES => return Err(Fault::Broken),
                None => {
                    self.pending = bytes.to_vec();
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Marks of other encodings than UTF-8; a part that is no XML at all is not looked at.
    fn beginning<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], Fault> {
        let utf16 = [&b"\xff\xfe"[..], b"\xfe\xff", b"<\0", b"\0<"];
        if utf16.iter().any(|mark| bytes.starts_with(mark)) {
            return Err(Fault::Encoding);
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        self.is_done = first.is_some_and(|byte| *byte != b'<');
        Ok(bytes)
    }

    /// Takes one token; gives what is left, or nothing if the token is not whole.
    fn step<'b>(&mut self, bytes: &'b [u8]) -> Result<Option<&'b [u8]>, Fault> {
        match self.within {
            Within::Text => {
                let end = memchr(b'<', bytes).unwrap_or(bytes.len());
                let (text, rest) = bytes.split_at(end);
                if !text.is_empty() {
                    self.text(text)?;
                }
                if rest.is_empty() { Ok(Some(rest)) } else { self.markup(rest) }
            }
            Within::Comment => Ok(self.skip_to(bytes, b"-->")),
            Within::CData => Ok(self.skip_to(bytes, b"]]>")),
        }
    }

    /// To behind an end; of what has no end yet only as much is kept as the end may begin in.
    fn skip_to<'b>(&mut self, bytes: &'b [u8], end: &[u8]) -> Option<&'b [u8]> {
        if let Some(at) = memmem::find(bytes, end) {
            self.within = Within::Text;
            return bytes.get(at + end.len()..);
        }
        let kept = bytes.len().min(end.len() - 1);
        let tail = &bytes[bytes.len() - kept..];
        if tail.len() == bytes.len() { None } else { Some(tail) }
    }

    /// What begins with `<`.
    fn markup<'b>(&mut self, bytes: &'b [u8]) -> Result<Option<&'b [u8]>, Fault> {
        match bytes.get(1) {
            None => Ok(None),
            Some(b'!') => self.declaration(bytes),
            Some(b'?') => {
                let Some(end) = memmem::find(bytes, b"?>") else {
                    return if bytes.len() < 1024 { Ok(None) } else { Err(Fault::Broken) };
                };
                self.instruction(&bytes[..end])?;
                Ok(bytes.get(end + 2..))
            }
            Some(_) => {
                let Some(end) = tag_end(bytes) else { return Ok(None) };
                self.tag(&bytes[1..end])?;
                Ok(bytes.get(end + 1..))
            }
        }
    }

    fn declaration<'b>(&mut self, bytes: &'b [u8]) -> Result<Option<&'b [u8]>, Fault> {
        let forms: [(&[u8], Within); 2] = [(b"<!--", Within::Comment), (b"<![CDATA[", Within::CData)];
        for (start, within) in forms {
            if bytes.starts_with(start) {
                if matches!(self.data, Data::Value(_)) {
                    return Err(Fault::Cell);
                }
                self.within = within;
                return Ok(bytes.get(start.len()..));
            }
            if start.starts_with(bytes) {
                return Ok(None);
            }
        }
        if self.has_root && self.is_ours {
            return Err(Fault::Doctype);
        }
        self.has_doctype = true;
        // An own list of entities stands in brackets; what follows is told by its elements.
        let Some(end) = memchr2(b'>', b'[', bytes) else { return Ok(None) };
        if bytes[end] == b'>' {
            return Ok(bytes.get(end + 1..));
        }
        match memmem::find(bytes, b"]>") {
            Some(end) => Ok(bytes.get(end + 2..)),
            None => Ok(None),
        }
    }

    fn instruction(&mut self, said: &[u8]) -> Outcome {
        if matches!(self.data, Data::Value(_)) {
            return Err(Fault::Cell);
        }
        if !said.starts_with(b"<?xml ") {
            return Ok(());
        }
        let Some(at) = memmem::find(said, b"encoding") else { return Ok(()) };
        let value = said.get(at + 8..).unwrap_or_default().to_ascii_lowercase();
        let name: Vec<u8> = value.into_iter().filter(|byte| byte.is_ascii_alphanumeric()).collect();
        if name.starts_with(b"utf8") || name.starts_with(b"usascii") {
            return Ok(());
        }
        Err(Fault::Encoding)
    }

    fn text(&mut self, text: &[u8]) -> Outcome {
        let Data::Value(cell) = self.data else { return Ok(()) };
        let is_sound = match cell.is {
            Type::Shared => text.iter().all(u8::is_ascii_digit),
            Type::Plain => memchr(b'&', text).is_none(),
            Type::Text => true,
        };
        if is_sound { Ok(()) } else { Err(Fault::Cell) }
    }

    /// A tag without its brackets.
    fn tag(&mut self, tag: &[u8]) -> Outcome {
        if let Some(name) = tag.strip_prefix(b"/") {
            return self.close(name.trim_ascii_end());
        }
        let (tag, is_empty) = tag.strip_suffix(b"/").map_or((tag, false), |tag| (tag, true));
        let length = tag.iter().position(u8::is_ascii_whitespace).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(length);
        let local = local(name);
        if self.open.is_empty() {
            self.root(local)?;
        }
        if self.open.len() >= DEPTH || name.is_empty() {
            return Err(Fault::Broken);
        }
        self.open.push(self.names.len());
        self.names.extend_from_slice(name);
        self.entered(local, attributes)?;
        if is_empty { self.close(name) } else { Ok(()) }
    }

    fn root(&mut self, local: &[u8]) -> Outcome {
        if self.has_root {
            return Err(Fault::Broken);
        }
        self.has_root = true;
        // What other workbooks said last time: has cells of its own kind, and is never read.
        self.is_done = local == b"externalLink";
        self.is_ours = OURS.contains(&local);
        if self.is_ours && self.has_doctype { Err(Fault::Doctype) } else { Ok(()) }
    }

    fn close(&mut self, name: &[u8]) -> Outcome {
        let start = self.open.pop().ok_or(Fault::Broken)?;
        if self.names.get(start..) != Some(name) {
            return Err(Fault::Broken);
        }
        self.names.truncate(start);
        self.left();
        Ok(())
    }

    fn entered(&mut self, local: &[u8], attributes: &[u8]) -> Outcome {
        self.data = match (self.data, local) {
            (Data::Before, b"sheetData") => {
                // Whatever the part is called: the parser would take cells from it.
                self.is_ours = true;
                if self.has_doctype {
                    return Err(Fault::Doctype);
                }
                Data::Rows
            }
            // A text inside a text would end it early, and every later text would be another.
            (Data::Before, b"si") if self.open.len() > 2 => return Err(Fault::Element),
            (Data::After, b"sheetData") => return Err(Fault::Element),
            (Data::Before | Data::After | Data::Inside(..), _) => self.data,
            (Data::Rows, b"row") => Data::Cells,
            (Data::Cells, b"c") => Data::Cell(cell(attributes)?),
            (Data::Cells, b"extLst") => Data::Inside(self.open.len(), None),
            (Data::Cell(cell), b"v") if !cell.has_value => Data::Value(Cell { has_value: true, ..cell }),
            (Data::Cell(cell), b"f") if !cell.has_formula => Data::Formula(Cell { has_formula: true, ..cell }),
            (Data::Cell(cell), b"is") if !cell.has_text => {
                Data::Inside(self.open.len(), Some(Cell { has_text: true, ..cell }))
            }
            (Data::Cell(cell), b"extLst") => Data::Inside(self.open.len(), Some(cell)),
            _ => return Err(Fault::Element),
        };
        Ok(())
    }

    /// An element has been closed; so many are open now.
    fn left(&mut self) {
        let open = self.open.len();
        self.data = match self.data {
            Data::Rows => Data::After,
            Data::Cells => Data::Rows,
            Data::Cell(_) => Data::Cells,
            Data::Value(cell) | Data::Formula(cell) => Data::Cell(cell),
            Data::Inside(outside, cell) if open < outside => cell.map_or(Data::Cells, Data::Cell),
            data => data,
        };
    }
}

/// The name without its prefix.
fn local(name: &[u8]) -> &[u8] {
    memchr(b':', name).and_then(|at| name.get(at + 1..)).unwrap_or(name)
}

/// Where a tag ends: the first `>` that is in no quotes.
fn tag_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        let end = at + memchr(b'>', bytes.get(at..)?)?;
        let inside = bytes.get(at..end)?;
        let Some(quote) = inside.iter().position(|byte| matches!(byte, b'"' | b'\'')) else { return Some(end) };
        let mark = inside.get(quote)?;
        at += quote + 1;
        at += memchr(*mark, bytes.get(at..)?)? + 1;
    }
}

/// What a cell's attributes say of how its value is to be read.
fn cell(mut attributes: &[u8]) -> Result<Cell, Fault> {
    let (mut is, mut seen) = (None, 0_u8);
    loop {
        attributes = attributes.trim_ascii_start();
        if attributes.is_empty() {
            break;
        }
        let (name, value, rest) = attribute(attributes).ok_or(Fault::Broken)?;
        attributes = rest;
        let place = match name {
            b"r" => 1,
            b"s" if value.iter().all(u8::is_ascii_digit) => 2,
            b"s" => return Err(Fault::Cell),
            b"t" => {
                is = Some(match value {
                    b"s" => Type::Shared,
                    b"n" | b"b" | b"e" => Type::Plain,
                    _ => Type::Text,
                });
                4
            }
            _ => 0,
        };
        if seen & place != 0 {
            return Err(Fault::Broken);
        }
        seen |= place;
    }
    Ok(Cell { is: is.unwrap_or(Type::Plain), has_value: false, has_formula: false, has_text: false })
}

/// Name, value, what follows.
fn attribute(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let equals = memchr(b'=', text)?;
    let name = text.get(..equals)?.trim_ascii_end();
    let rest = text.get(equals + 1..)?.trim_ascii_start();
    let (mark, rest) = rest.split_first().filter(|(mark, _)| matches!(mark, b'"' | b'\''))?;
    let end = memchr(*mark, rest)?;
    Some((name, rest.get(..end)?, rest.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn looked(content: &[u8], step: usize) -> Outcome {
        let mut lint = Lint::new(false);
        for part in content.chunks(step) {
            lint.feed(part)?;
        }
        lint.finish()
    }

    /// The outcome, which is the same however the bytes come.
    #[track_caller]
    fn check(content: &str, expect: Outcome) {
        for step in [1, 2, 3, 7, 1 << 20] {
            assert_eq!(looked(content.as_bytes(), step), expect, "{content} in parts of {step}");
        }
    }

    fn sheet(data: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<worksheet xmlns=\"a\"><sheetData>{data}</sheetData></worksheet>"
        )
    }

    #[test]
    fn what_programs_write_is_sound() {
        for data in [
            "",
            "<row r=\"1\"><c r=\"A1\" s=\"3\" t=\"s\"><v>0</v></c><c r=\"B1\"><v>1.5</v></c><c r=\"C1\"/></row>",
            "<row><c t='str'><f>\"a\"&amp;B1</f><v>a &amp; b</v></c></row><row/>",
            "<row><c t=\"inlineStr\"><is><r><t>a<![CDATA[<b>]]></t></r><t xml:space=\"preserve\"> c</t></is></c></row>",
            "<x:row><x:c><x:f t=\"shared\" ref=\"A1:A2\" si=\"0\">1</x:f><x:v></x:v></x:c></x:row>",
            "<!-- made by hand --><row><c r=\"A1\" note=\"a > b\"><v>1</v></c><extLst><ext><c/></ext></extLst></row>",
        ] {
            check(&sheet(data), Ok(()));
        }
        check("<sst><si><t>a</t></si><si><r><rPr/><t>b</t></r><rPh><t>c</t></rPh></si></sst>", Ok(()));
        check("\u{feff}<?xml version='1.0' encoding='utf-8' standalone='yes'?><workbook/>", Ok(()));
        check("no xml < at all", Ok(()));
        check("<other><br><v></other>", Ok(()));
        check("<externalLink><sheetData><row><cell/></row></sheetData><sheetData/></externalLink>", Ok(()));
        check("<!DOCTYPE note [<!ENTITY a \"b\">]><note>&a;</note>", Ok(()));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_named() {
        let of_value = |cell: &str| sheet(&format!("<row>{cell}</row>"));
        for cell in [
            "<c><v>1<!-- x -->2</v></c>",
            "<c><v><![CDATA[12]]></v></c>",
            "<c><v>1<?x y?>2</v></c>",
            "<c><v>1&#50;</v></c>",
            "<c t=\"s\"><v>x</v></c>",
            "<c t=\"s\"><v> 1</v></c>",
            "<c t=\"s\"><v>-1</v></c>",
            "<c s=\"x\"><v>1</v></c>",
        ] {
            check(&of_value(cell), Err(Fault::Cell));
        }
        for cell in ["<c><v>1</v><v>2</v></c>", "<c><v>1<v>2</v></v></c>", "<d/>", "<c><c/></c>", "<c><f>1<f/></f></c>"]
        {
            check(&of_value(cell), Err(Fault::Element));
        }
        for cell in ["<c><v>1</c>", "<c r=\"A1\" r=\"B1\"/>", "<c r=A1/>", "<c></v>", "<c "] {
            check(&of_value(cell), Err(Fault::Broken));
        }
        check("<worksheet><sheetData/><sheetData/></worksheet>", Err(Fault::Element));
        check("<worksheet><sheetData><c/></sheetData></worksheet>", Err(Fault::Element));
        check("<worksheet><sheetData><row>", Err(Fault::Broken));
        check("<worksheet/><worksheet/>", Err(Fault::Broken));
        check("<other><sheetData><row><c><v>&#49;</v></c></row></sheetData></other>", Err(Fault::Cell));
        check("<sst><si><si><t>a</t></si></si></sst>", Err(Fault::Element));
        check("<sst><si><t>a</si></t></sst>", Err(Fault::Broken));
    }

    #[test]
    fn other_encodings_and_entities_are_named() {
        check("<!DOCTYPE worksheet [<!ENTITY a \"b\">]><worksheet/>", Err(Fault::Doctype));
        check("<!DOCTYPE x><other><sheetData/></other>", Err(Fault::Doctype));
        check("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><worksheet/>", Err(Fault::Encoding));
        for content in [&b"\xff\xfe<\0w\0"[..], b"\xfe\xff\0<", b"<\0?\0", b"\0<\0?"] {
            assert_eq!(looked(content, 100), Err(Fault::Encoding));
        }
    }

    #[test]
    fn what_other_programs_keep_in_the_container_may_be_as_it_likes() {
        for content in
            [&b"\xff\xfe<\0a\0/\0>\0"[..], b"<\0r\0/\0>\0", b"<a><b></a>", b"<?xml encoding=\"latin-1\"?><a/>"]
        {
            let mut lint = Lint::new(true);
            assert_eq!(lint.feed(content).and_then(|()| lint.finish()), Ok(()), "{}", content.escape_ascii());
        }
        let mut lint = Lint::new(true);
        assert_eq!(
            lint.feed(b"<worksheet><sheetData><row><c><v>1</c>"),
            Err(Fault::Broken),
            "but not if it is a sheet"
        );
    }

    #[test]
    fn depth_and_length_have_bounds() {
        check(&format!("<worksheet>{}", "<a>".repeat(DEPTH)), Err(Fault::Broken));
        let long = format!("<worksheet a=\"{}", "x".repeat(TAG_BYTES));
        assert_eq!(looked(long.as_bytes(), 1 << 16), Err(Fault::Broken));
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_parts_have_one_outcome(
            words in proptest::collection::vec(
                proptest::sample::select(vec![
                    "<worksheet>", "<sheetData>", "<row>", "<c>", "<c t=\"s\">", "<v>", "<is>", "<f>", "</f>", "</is>", "</v>",
                    "</c>", "</row>", "</sheetData>", "</worksheet>", "1", "&", "<!--", "-->", "<![CDATA[", "]]>", "<?a", "?>",
                    "<", ">", "\"", "/", "<!DOCTYPE", "[", "]>", "<sst>", "<si>",
                ]), 0..40),
            step in 1_usize..9,
        ) {
            let content = words.concat();
            prop_assert_eq!(looked(content.as_bytes(), step), looked(content.as_bytes(), 1 << 20), "{}", content);
        }
    }
}
