//! Writes PAXml 2.0, row by row. The same batch gives the same bytes: no time, host or locale is in it.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io::{self, Write};

use quick_xml::escape::escape;
use rust_decimal::Decimal;

use crate::calendar::push_day;
use crate::domain::Fault;
use crate::ledger::{BatchRow, Reversed};
use crate::money::{Ore, push_decimal, push_number, push_ore};
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
    out: W,
    name: String,
    charset: Charset,
    /// Reused for each row.
    line: String,
    /// The lines of absence, which stand in a section of their own below the others.
    absences: String,
    last_postid: u32,
}

/// PAXml: `resenhet/@id` has at most ten characters, `foretagorgnr` at most twelve.
const LONGEST_DIMENSION: usize = 10;
const LONGEST_ORGNR: usize = 12;
/// A price, and a part of a day, has at most so many decimals.
const MOST_DECIMALS: u32 = 4;

impl<W: Write> PaxmlWriter<W> {
    /// Writes what stands above the rows. `name` is the file's, for messages.
    ///
    /// # Errors
    /// `Input`: a value of the head does not fit. `Temporary`: the disk fails.
    pub fn start(out: W, name: &str, charset: Charset, head: &PayrollHead) -> Result<PaxmlWriter<W>, Fault> {
        let fields = header_fields(head);
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
        let mut file = PaxmlWriter {
            out,
            name: name.to_owned(),
            charset,
            line: String::new(),
            absences: String::new(),
            last_postid: 0,
        };
        file.write_start(charset, &fields).map_err(|error| disk(name, &error))?;
        Ok(file)
    }

    /// Writes a row on a line of its own; a row of absence is kept until [`PaxmlWriter::finish`].
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
        Ok(self.out)
    }

    fn write_start(&mut self, charset: Charset, fields: &[(&str, String)]) -> io::Result<()> {
        self.line.push_str("<?xml version=\"1.0\" encoding=\"");
        self.line.push_str(charset.name());
        self.line.push_str("\"?>\n<paxml>\n<header>\n");
        for (name, text) in fields {
            element(&mut self.line, name, text);
            self.line.push('\n');
        }
        self.line.push_str("</header>\n<lonetransaktioner>\n");
        self.write_line()
    }

    fn write_row(&mut self, row: &BatchRow) -> io::Result<()> {
        if row.kind.is_absence() {
            return render_absence(&mut self.absences, row).map_err(io::Error::other);
        }
        render(&mut self.line, row);
        self.write_line()
    }

    fn write_end(&mut self) -> io::Result<()> {
        self.line.push_str("</lonetransaktioner>\n");
        if !self.absences.is_empty() {
            for part in ["<tidtransaktioner>\n", &self.absences, "</tidtransaktioner>\n"] {
                self.line.push_str(part);
            }
        }
        self.line.push_str("</paxml>\n");
        self.write_line()?;
        self.out.flush()
    }

    fn write_line(&mut self) -> io::Result<()> {
        let bytes = self.charset.encode(&self.line);
        self.out.write_all(&bytes)?;
        self.line.clear();
        Ok(())
    }
}

/// A row as a line. Values are escaped by the XML library; names and structure are ours.
fn render(line: &mut String, row: &BatchRow) {
    start(line, "lonetrans", row);
    if let Some(lonkod) = &row.lonkod {
        element(line, "lonkod", lonkod);
    }
    element(line, "lonart", &row.lonart);
    element(line, "benamning", &row.benamning);
    if let Some(kommentar) = kommentar(row) {
        element(line, "kommentar", &kommentar);
    }
    let apris = row.apris.normalize();
    line.push_str("<datum>");
    push_day(line, row.day);
    line.push_str("</datum><antal>");
    push_decimal(line, row.antal);
    line.push_str("</antal><apris>");
    push_decimal(line, apris);
    // A price has two decimals at least.
    line.push_str(match apris.scale() {
        0 => ".00",
        1 => "0",
        _ => "",
    });
    line.push_str("</apris><belopp>");
    push_ore(line, row.belopp);
    line.push_str("</belopp>");
    element(line, "kontonr", &row.konto);
    dimensions(line, row);
    element(line, "info", row.kind.paragraph());
    line.push_str("</lonetrans>\n");
}

/// A row of absence as a line. PAXml knows no negative absence: one that is taken back is the same day with no hours.
fn render_absence(line: &mut String, row: &BatchRow) -> fmt::Result {
    start(line, "tidtrans", row);
    element(line, "tidkod", &row.lonart);
    write!(line, "<datum>{}</datum>", row.day)?;
    match omfattning(row) {
        Some(percent) => write!(line, "<omfattning>{percent}</omfattning>")?,
        None => line.push_str("<timmar>0</timmar>"),
    }
    if !row.konto.is_empty() {
        element(line, "kontonr", &row.konto);
    }
    dimensions(line, row);
    element(line, "info", &absence_info(row));
    line.push_str("</tidtrans>\n");
    Ok(())
}

fn start(line: &mut String, name: &str, row: &BatchRow) {
    for part in ["<", name, " postid=\""] {
        line.push_str(part);
    }
    push_number(line, i64::from(row.postid));
    line.push_str("\" anstid=\"");
    line.push_str(&escape(row.anstid.as_str()));
    line.push_str("\" persnr=\"");
    row.personnummer.push_twelve_digits(line);
    line.push_str("\">");
}

fn dimensions(line: &mut String, row: &BatchRow) {
    line.push_str("<resenheter>");
    for (start, id) in [("<resenhet dim=\"1\" id=\"", &row.ansvar), ("<resenhet dim=\"20\" id=\"", &row.verksamhet)] {
        line.push_str(start);
        line.push_str(&escape(id.as_str()));
        line.push_str("\"/>");
    }
    line.push_str("</resenheter>");
}

fn element(line: &mut String, name: &str, text: &str) {
    for part in ["<", name, ">", &escape(text), "</", name, ">"] {
        line.push_str(part);
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

    fn encode(self, text: &str) -> Cow<'_, [u8]> {
        if self == Charset::Utf8 || text.is_ascii() {
            return Cow::Borrowed(text.as_bytes());
        }
        let mut bytes = Vec::with_capacity(text.len());
        for letter in text.chars() {
            match u8::try_from(letter) {
                Ok(byte) => bytes.push(byte),
                Err(_) => bytes.extend(format!("&#{};", u32::from(letter)).bytes()),
            }
        }
        Cow::Owned(bytes)
    }

    /// The bytes of a file as UTF-8, whether they are text or not.
    pub(super) fn utf8(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        if self == Charset::Utf8 || bytes.is_ascii() {
            return Cow::Borrowed(bytes);
        }
        Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes())
    }
}

/// What stands above the rows.
pub(super) fn header_fields(head: &PayrollHead) -> [(&'static str, String); 6] {
    [
        ("format", "LÖNIN".to_owned()),
        ("version", "2.0".to_owned()),
        ("foretagorgnr", head.foretagorgnr.clone()),
        ("foretagnamn", head.foretagnamn.clone()),
        ("programnamn", "arvode".to_owned()),
        ("info", header_info(head)),
    ]
}

/// Run, sequence and content hash: PAXml has no id of its own for a file.
fn header_info(head: &PayrollHead) -> String {
    let example = if head.example { "; exempelbilaga" } else { "" };
    format!("batch {}; rader {}; summa {}; sha256 {}{example}", head.batch, head.rows, head.sum, head.sha256_rows)
}

/// What the pay slip says beside a reversal.
pub(super) fn kommentar(row: &BatchRow) -> Option<String> {
    row.reverses.as_ref().map(|reversed| match reversed {
        Reversed::Row(row) => format!("Rättelse av {} rad {}", row.batch, row.postid),
        Reversed::Paid(_, payout) => format!("Rättelse av utbetalt {payout}"),
    })
}

/// Per cent of the day that an absence takes; none of a row that takes one back.
pub(super) fn omfattning(row: &BatchRow) -> Option<Decimal> {
    row.antal.is_sign_positive().then(|| (row.antal * Decimal::ONE_HUNDRED).normalize())
}

/// The paragraph, or which row is taken back: a tidtrans has no kommentar.
pub(super) fn absence_info(row: &BatchRow) -> String {
    kommentar(row).unwrap_or_else(|| row.kind.paragraph().to_owned())
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
        let may_lack = *field == "benamning" || (*field == "kontonr" && row.kind.is_absence());
        if text.trim().is_empty() && !may_lack {
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
    if row.kind.is_absence() { check_absence(row) } else { Ok(()) }
}

/// An absence is no money, and a part of a day in whole hundredths of a per cent; what is below zero takes a row back.
fn check_absence(row: &BatchRow) -> Result<(), Cow<'static, str>> {
    if row.belopp != Ore::ZERO || !row.apris.is_zero() {
        return Err("an absence with an amount".into());
    }
    if row.antal.is_sign_negative() && row.reverses.is_none() {
        return Err("an absence below zero that takes no row back".into());
    }
    let part = row.antal.abs().normalize();
    if part.is_zero() || part > Decimal::ONE || part.scale() > MOST_DECIMALS {
        return Err(format!("an absence of {part} days; PAXml takes from 0.01 to 100 per cent of a day").into());
    }
    Ok(())
}

/// The first control character (XML cannot carry most of them, and readers change the rest) or non-character.
fn illegal(text: &str) -> Option<char> {
    // Every such character has one of these bytes; texts without them, nearly all, are done with quickly.
    if !text.bytes().any(|byte| matches!(byte, 0..0x20 | 0x7f | 0xc2 | 0xef)) {
        return None;
    }
    text.chars().find(|letter| letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}'))
}

fn disk(name: &str, error: &io::Error) -> Fault {
    Fault::Temporary(format!("{name}: cannot write: {error}; nothing is exported, try again when the disk is well"))
}
