//! Writes PAXml 2.0, row by row. The same batch gives the same bytes: no time, host or locale is in it.

use std::borrow::Cow;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use rust_decimal::Decimal;

use crate::domain::Fault;
use crate::ledger::BatchRow;
use crate::ports::payroll::PayrollHead;

/// In which bytes the file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, without byte order mark.
    #[default]
    Utf8,
    /// ISO-8859-1; other characters become numeric references.
    Latin1,
}

/// A PAXml file on its way out.
pub struct PaxmlWriter<W: Write> {
    xml: Writer<Encoded<W>>,
    name: String,
    last_postid: u32,
}

/// PAXml: `resenhet/@id` has at most ten characters, `foretagorgnr` at most twelve.
const LONGEST_DIMENSION: usize = 10;
const LONGEST_ORGNR: usize = 12;
/// A price has at most so many decimals.
const MOST_DECIMALS: u32 = 4;

impl<W: Write> PaxmlWriter<W> {
    /// Writes what stands above the rows. `name` is the file's, for messages.
    ///
    /// # Errors
    /// `Input`: a value of the head does not fit. `Temporary`: the disk fails.
    pub fn start(out: W, name: &str, charset: Charset, head: &PayrollHead) -> Result<PaxmlWriter<W>, Fault> {
        let info = header_info(head);
        let fields = [
            ("format", "LÖNIN"),
            ("version", "2.0"),
            ("foretagorgnr", head.foretagorgnr.as_str()),
            ("foretagnamn", head.foretagnamn.as_str()),
            ("programnamn", "arvode"),
            ("info", info.as_str()),
        ];
        if head.foretagorgnr.chars().count() > LONGEST_ORGNR {
            return Err(Fault::Input(format!(
                "{name}: foretagorgnr has more than {LONGEST_ORGNR} characters; write it as 212000-0000"
            )));
        }
        if let Some((field, _)) = fields.iter().find(|(_, text)| illegal(text).is_some()) {
            return Err(Fault::Input(format!(
                "{name}: {field} holds a control character, which XML cannot carry; mend it in arvode.toml"
            )));
        }
        let xml = Writer::new(Encoded { out, charset });
        let mut file = PaxmlWriter {
            xml,
            name: name.to_owned(),
            last_postid: 0,
        };
        file.write_start(charset, &fields).map_err(|error| disk(name, &error))?;
        Ok(file)
    }

    /// Writes a row on a line of its own.
    ///
    /// # Errors
    /// `Refused`: a value that PAXml cannot carry, or a `postid` that does not rise; the row is named. `Temporary`: the disk fails.
    pub fn row(&mut self, row: &BatchRow) -> Result<(), Fault> {
        check(row, self.last_postid).map_err(|wrong| {
            Fault::Refused(format!(
                "{}: row {}: {wrong}; void the batch, mend it and freeze again",
                self.name, row.postid
            ))
        })?;
        self.last_postid = row.postid;
        self.write_row(row).map_err(|error| disk(&self.name, &error))
    }

    /// Writes what stands below the rows and gives the flushed output back.
    ///
    /// # Errors
    /// `Temporary`: the disk fails.
    pub fn finish(mut self) -> Result<W, Fault> {
        self.write_end().map_err(|error| disk(&self.name, &error))?;
        Ok(self.xml.into_inner().out)
    }

    fn write_start(&mut self, charset: Charset, fields: &[(&str, &str)]) -> io::Result<()> {
        self.event(Event::Decl(BytesDecl::new("1.0", Some(charset.name()), None)))?;
        self.line()?;
        for open in ["paxml", "header"] {
            self.open(open)?;
            self.line()?;
        }
        for (name, text) in fields {
            self.field(name, text)?;
            self.line()?;
        }
        self.close("header")?;
        self.line()?;
        self.open("lonetransaktioner")?;
        self.line()
    }

    fn write_row(&mut self, row: &BatchRow) -> io::Result<()> {
        let mut start = BytesStart::new("lonetrans");
        start.push_attribute(("postid", row.postid.to_string().as_str()));
        start.push_attribute(("anstid", row.anstid.as_str()));
        start.push_attribute(("persnr", row.personnummer.twelve_digits().as_str()));
        self.event(Event::Start(start))?;
        if let Some(lonkod) = &row.lonkod {
            self.field("lonkod", lonkod)?;
        }
        self.field("lonart", &row.lonart)?;
        self.field("benamning", &row.benamning)?;
        if let Some(kommentar) = kommentar(row) {
            self.field("kommentar", &kommentar)?;
        }
        self.field("datum", &row.day.to_string())?;
        self.field("antal", &row.antal.normalize().to_string())?;
        self.field("apris", &price(row.apris))?;
        self.field("belopp", &row.belopp.to_string())?;
        self.field("kontonr", &row.konto)?;
        self.open("resenheter")?;
        for (dim, id) in [("1", &row.ansvar), ("20", &row.verksamhet)] {
            let dimension = BytesStart::new("resenhet").with_attributes([("dim", dim), ("id", id.as_str())]);
            self.event(Event::Empty(dimension))?;
        }
        self.close("resenheter")?;
        self.field("info", row.kind.paragraph())?;
        self.close("lonetrans")?;
        self.line()
    }

    fn write_end(&mut self) -> io::Result<()> {
        for close in ["lonetransaktioner", "paxml"] {
            self.close(close)?;
            self.line()?;
        }
        self.xml.get_mut().flush()
    }

    fn field(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.open(name)?;
        self.event(Event::Text(BytesText::new(text)))?;
        self.close(name)
    }

    fn open(&mut self, name: &str) -> io::Result<()> {
        self.event(Event::Start(BytesStart::new(name)))
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.event(Event::End(BytesEnd::new(name)))
    }

    fn line(&mut self) -> io::Result<()> {
        self.xml.get_mut().write_all(b"\n")
    }

    fn event(&mut self, event: Event<'_>) -> io::Result<()> {
        self.xml.write_event(event)
    }
}

impl Charset {
    /// As the XML declaration names it.
    pub fn name(self) -> &'static str {
        match self {
            Charset::Utf8 => "UTF-8",
            Charset::Latin1 => "ISO-8859-1",
        }
    }
}

/// What the header says about the file as a whole.
pub(super) fn header_info(head: &PayrollHead) -> String {
    let example = if head.example { "; exempelbilaga" } else { "" };
    format!(
        "batch {}; rader {}; summa {}; sha256 {}{example}",
        head.batch, head.rows, head.sum, head.sha256_rows
    )
}

/// What the pay slip says beside a reversal.
pub(super) fn kommentar(row: &BatchRow) -> Option<String> {
    row.reverses
        .map(|reversed| format!("Rättelse av {} rad {}", reversed.batch, reversed.postid))
}

/// What payroll could not take, as a sentence's beginning.
fn check(row: &BatchRow, last_postid: u32) -> Result<(), Cow<'static, str>> {
    let texts = [
        ("anstid", Some(&row.anstid)),
        ("lonart", Some(&row.lonart)),
        ("lonkod", row.lonkod.as_ref()),
        ("benamning", Some(&row.benamning)),
        ("kontonr", Some(&row.konto)),
        ("ansvar", Some(&row.ansvar)),
        ("verksamhet", Some(&row.verksamhet)),
    ];
    if row.postid <= last_postid || i32::try_from(row.postid).is_err() {
        return Err(format!("a postid that is not above {last_postid}, the one before").into());
    }
    for (field, text) in texts.iter().filter_map(|(field, text)| text.map(|text| (field, text))) {
        if text.trim().is_empty() && *field != "benamning" {
            return Err(format!("no {field}, without which payroll cannot book it").into());
        }
        if let Some(letter) = illegal(text) {
            return Err(format!("{field} holds U+{:04X}, which XML cannot carry", u32::from(letter)).into());
        }
    }
    for (field, id) in [("ansvar", &row.ansvar), ("verksamhet", &row.verksamhet)] {
        if id.chars().count() > LONGEST_DIMENSION {
            return Err(format!("{field} has more than the {LONGEST_DIMENSION} characters of a resenhet").into());
        }
    }
    if row.apris.is_sign_negative() && !row.apris.is_zero() || row.apris.normalize().scale() > MOST_DECIMALS {
        return Err(format!("an apris that is negative or has more than {MOST_DECIMALS} decimals").into());
    }
    Ok(())
}

/// The first control character (XML cannot carry most of them, and readers change the rest) or non-character.
fn illegal(text: &str) -> Option<char> {
    text.chars()
        .find(|letter| letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}'))
}

/// Kronor with at least two decimals.
fn price(apris: Decimal) -> String {
    let apris = apris.normalize();
    if apris.scale() < 2 {
        format!("{apris:.2}")
    } else {
        apris.to_string()
    }
}

fn disk(name: &str, error: &io::Error) -> Fault {
    Fault::Temporary(format!(
        "{name}: cannot write: {error}; nothing is exported, try again when the disk is well"
    ))
}

/// Takes whole UTF-8 texts, as the XML writer gives them, and writes them in the charset.
struct Encoded<W> {
    out: W,
    charset: Charset,
}

impl<W: Write> Write for Encoded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.charset == Charset::Utf8 || bytes.is_ascii() {
            return self.out.write(bytes);
        }
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        for letter in text.chars() {
            match u8::try_from(letter) {
                Ok(byte) => self.out.write_all(&[byte])?,
                Err(_) => write!(self.out, "&#{};", u32::from(letter))?,
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
