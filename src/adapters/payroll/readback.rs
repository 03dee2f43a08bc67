//! Reads a written PAXml file again, knowing nothing of its writer, and compares every value with the attested rows.

use std::io::{self, BufRead, Read};
use std::str::FromStr;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::paxml::{header_info, kommentar};
use crate::calendar::Day;
use crate::domain::Fault;
use crate::ledger::BatchRow;
use crate::money::Ore;
use crate::ports::payroll::PayrollHead;

/// What a file must say: gathered from the attested rows themselves, eight bytes each.
#[derive(Clone, Debug)]
pub struct Proof {
    orgnr: String,
    info: String,
    rows: u32,
    sum: Ore,
    hash: Sha256,
    /// The beginning of each row's hash, to name the row that differs.
    marks: Vec<u64>,
}

impl Proof {
    /// Begins with what stands above the rows.
    pub fn new(head: &PayrollHead) -> Proof {
        let (orgnr, info) = (head.foretagorgnr.clone(), header_info(head));
        Proof {
            orgnr,
            info,
            rows: 0,
            sum: Ore::ZERO,
            hash: Sha256::new(),
            marks: Vec::new(),
        }
    }

    /// Takes in the next row.
    pub fn add(&mut self, row: &BatchRow) {
        let (persnr, kommentar) = (row.personnummer.twelve_digits(), kommentar(row));
        let texts = [
            row.anstid.as_str(),
            &persnr,
            row.lonkod.as_deref().unwrap_or_default(),
            &row.lonart,
            &row.benamning,
            kommentar.as_deref().unwrap_or_default(),
            &row.konto,
            &row.ansvar,
            &row.verksamhet,
            row.kind.paragraph(),
        ];
        let digest = digest(row.postid, row.day, [row.antal, row.apris], row.belopp, texts);
        self.rows += 1;
        self.sum += row.belopp;
        self.marks.push(mark(&digest));
        self.hash.update(digest);
    }

    /// How many rows were taken in.
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// Their sum.
    pub fn sum(&self) -> Ore {
        self.sum
    }
}

/// Reads a file and compares it with the proof. `name` is the file's, for messages.
///
/// # Errors
/// `Refused`: the first difference, with its row. `Temporary`: the file cannot be read.
pub fn read_back(input: impl BufRead, name: &str, attested: &Proof) -> Result<(), Fault> {
    let refused =
        |wrong: String| Fault::Refused(format!("{name} read back: {wrong}; the file is not used, export again"));
    let mut reading = Reading::default();
    let mut found = Found {
        rows: 0,
        sum: Ore::ZERO,
        hash: Sha256::new(),
    };
    let mut xml = Reader::from_reader(decoded(input).map_err(|error| unreadable(name, &error))?);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = match xml.read_event_into(&mut buffer) {
            Ok(Event::Eof) => break,
            Ok(event) => event,
            Err(quick_xml::Error::Io(error)) => return Err(unreadable(name, &error)),
            Err(error) => return Err(refused(format!("{}: {error}", found.place()))),
        };
        match reading.take(&event) {
            Ok(Some(row)) => found.add(&row, attested).map_err(refused)?,
            Ok(None) => {}
            Err(wrong) => return Err(refused(format!("{}: {wrong}", found.place()))),
        }
    }
    reading.compare_frame(attested).map_err(refused)?;
    found.compare_whole(attested).map_err(refused)
}

/// The rows that were read so far.
struct Found {
    rows: u32,
    sum: Ore,
    hash: Sha256,
}

impl Found {
    fn add(&mut self, row: &ReadRow, attested: &Proof) -> Result<(), String> {
        let at = usize::try_from(self.rows).ok();
        let (digest, belopp) = row.digest().map_err(|wrong| format!("{}: {wrong}", self.place()))?;
        let place = self.place();
        self.rows += 1;
        self.sum += belopp;
        self.hash.update(digest);
        match at.and_then(|at| attested.marks.get(at)) {
            None => Err(format!("{place} is one more than the {} attested rows", attested.rows)),
            Some(expected) if *expected != mark(&digest) => Err(format!(
                "{place} (postid {}) does not say what the attested row says",
                row.postid
            )),
            Some(_) => Ok(()),
        }
    }

    fn place(&self) -> String {
        format!("row {} of the file", self.rows + 1)
    }

    fn compare_whole(self, attested: &Proof) -> Result<(), String> {
        let equal = self.hash.finalize() == attested.hash.clone().finalize();
        if self.rows == attested.rows && self.sum == attested.sum && equal {
            return Ok(());
        }
        Err(format!(
            "{} rows with the sum {}, but attested are {} with the sum {}",
            self.rows, self.sum, attested.rows, attested.sum
        ))
    }
}

/// The values of a row, as texts of the file.
#[derive(Default)]
struct ReadRow {
    postid: String,
    anstid: String,
    persnr: String,
    lonkod: Option<String>,
    lonart: Option<String>,
    benamning: Option<String>,
    kommentar: Option<String>,
    datum: Option<String>,
    antal: Option<String>,
    apris: Option<String>,
    belopp: Option<String>,
    kontonr: Option<String>,
    ansvar: Option<String>,
    verksamhet: Option<String>,
    info: Option<String>,
}

impl ReadRow {
    fn field(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "lonkod" => &mut self.lonkod,
            "lonart" => &mut self.lonart,
            "benamning" => &mut self.benamning,
            "kommentar" => &mut self.kommentar,
            "datum" => &mut self.datum,
            "antal" => &mut self.antal,
            "apris" => &mut self.apris,
            "belopp" => &mut self.belopp,
            "kontonr" => &mut self.kontonr,
            "info" => &mut self.info,
            _ => return None,
        })
    }

    fn digest(&self) -> Result<([u8; 32], Ore), String> {
        let postid: u32 = value("postid", Some(&self.postid))?;
        let day: Day = value("datum", self.datum.as_ref())?;
        let antal: Decimal = value("antal", self.antal.as_ref())?;
        let apris: Decimal = value("apris", self.apris.as_ref())?;
        let kronor: Decimal = value("belopp", self.belopp.as_ref())?;
        let belopp = Ore::from_kronor(kronor);
        if belopp.kronor() != kronor {
            return Err("belopp has parts of an öre".to_owned());
        }
        if antal.checked_mul(apris).map(Ore::from_kronor) != Some(belopp) {
            return Err(format!("postid {postid}: antal x apris is not belopp"));
        }
        let texts = [
            self.anstid.as_str(),
            &self.persnr,
            self.lonkod.as_deref().unwrap_or_default(),
            self.lonart.as_deref().unwrap_or_default(),
            self.benamning.as_deref().unwrap_or_default(),
            self.kommentar.as_deref().unwrap_or_default(),
            self.kontonr.as_deref().unwrap_or_default(),
            self.ansvar.as_deref().unwrap_or_default(),
            self.verksamhet.as_deref().unwrap_or_default(),
            self.info.as_deref().unwrap_or_default(),
        ];
        Ok((digest(postid, day, [antal, apris], belopp, texts), belopp))
    }
}

/// Where in the file the reading is.
#[derive(Default)]
struct Reading {
    path: Vec<String>,
    text: String,
    row: ReadRow,
    header: Vec<(String, String)>,
}

impl Reading {
    /// Takes the next event; a row when it has ended.
    fn take(&mut self, event: &Event<'_>) -> Result<Option<ReadRow>, String> {
        match event {
            Event::Decl(_) if self.path.is_empty() => {}
            Event::Start(start) => self.start(start)?,
            Event::Empty(start) => {
                self.start(start)?;
                return self.end();
            }
            Event::End(_) => return self.end(),
            Event::Text(text) => self.text.push_str(text),
            Event::GeneralRef(reference) => {
                let letter = reference.resolve_char_ref().map_err(|error| error.to_string())?;
                match letter
                    .map(String::from)
                    .or_else(|| entity(reference).map(str::to_owned))
                {
                    Some(resolved) => self.text.push_str(&resolved),
                    None => return Err("an entity that nothing declares".to_owned()),
                }
            }
            _ => return Err("something that a payroll file never holds".to_owned()),
        }
        Ok(None)
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        let name = start.name().as_ref().to_owned();
        let parent = self.path.last().map(String::as_str).unwrap_or_default();
        match (parent, name.as_str()) {
            ("", "paxml") | ("paxml", "header" | "lonetransaktioner") | ("lonetrans", "resenheter") | ("header", _) => {
            }
            ("lonetransaktioner", "lonetrans") => {
                self.row = ReadRow {
                    postid: attribute(start, "postid")?,
                    anstid: attribute(start, "anstid")?,
                    persnr: attribute(start, "persnr")?,
                    ..ReadRow::default()
                }
            }
            ("resenheter", "resenhet") => {
                let place = match attribute(start, "dim")?.as_str() {
                    "1" => &mut self.row.ansvar,
                    "20" => &mut self.row.verksamhet,
                    _ => return Err("a resenhet of another dimension than 1 and 20".to_owned()),
                };
                once(place, attribute(start, "id")?)?;
            }
            ("lonetrans", field) if self.row.field(field).is_some() => {}
            _ => return Err(format!("an element {} that does not belong there", name)),
        }
        self.path.push(name);
        self.text.clear();
        Ok(())
    }

    fn end(&mut self) -> Result<Option<ReadRow>, String> {
        let name = self.path.pop().unwrap_or_default();
        let text = std::mem::take(&mut self.text);
        match self.path.last().map(String::as_str) {
            Some("header") => self.header.push((name, text)),
            Some("lonetrans") => {
                if let Some(place) = self.row.field(&name) {
                    once(place, text)?;
                }
            }
            Some("lonetransaktioner") => return Ok(Some(std::mem::take(&mut self.row))),
            _ => {}
        }
        Ok(None)
    }

    fn compare_frame(&self, attested: &Proof) -> Result<(), String> {
        if !self.path.is_empty() {
            return Err("the file ends in the middle".to_owned());
        }
        let expected = [
            ("version", "2.0"),
            ("foretagorgnr", &attested.orgnr),
            ("info", &attested.info),
        ];
        for (name, text) in expected {
            let mut found = self.header.iter().filter(|(field, _)| field == name);
            if found.next().map(|(_, found)| found.as_str()) != Some(text) || found.next().is_some() {
                return Err(format!("header/{name} is not what the batch says"));
            }
        }
        Ok(())
    }
}

fn once(place: &mut Option<String>, text: String) -> Result<(), String> {
    if place.replace(text).is_some() {
        return Err("a value that stands there twice".to_owned());
    }
    Ok(())
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Result<String, String> {
    let found = start.try_get_attribute(name).map_err(|error| error.to_string())?;
    let found = found.ok_or_else(|| format!("no attribute {name}"))?;
    let text = found
        .normalized_value(XmlVersion::Explicit1_0)
        .map_err(|error| error.to_string())?;
    Ok(text.into_owned())
}

fn value<T: FromStr>(name: &str, text: Option<&String>) -> Result<T, String> {
    let text = text.ok_or_else(|| format!("no {name}"))?;
    text.parse().map_err(|_| format!("{name} is unreadable"))
}

fn entity(name: &str) -> Option<&'static str> {
    quick_xml::escape::resolve_predefined_entity(name)
}

/// The hash of a row's values; each text with its length before it.
fn digest(postid: u32, day: Day, numbers: [Decimal; 2], belopp: Ore, texts: [&str; 10]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(postid.to_le_bytes());
    hash.update(crate::calendar::days_between(Day::default(), day).to_le_bytes());
    for number in numbers {
        hash.update(number.normalize().serialize());
    }
    hash.update(belopp.0.to_le_bytes());
    for text in texts {
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().into()
}

fn mark(digest: &[u8; 32]) -> u64 {
    digest.iter().take(8).fold(0, |mark, byte| mark << 8 | u64::from(*byte))
}

fn unreadable(name: &str, error: &io::Error) -> Fault {
    Fault::Temporary(format!(
        "{name}: cannot read it back: {error}; try again when the disk is well"
    ))
}

/// The input as UTF-8, by what the file itself declares.
fn decoded(mut input: impl BufRead) -> io::Result<impl BufRead> {
    let beginning = input.fill_buf()?;
    let declaration = beginning.split(|byte| *byte == b'>').next().unwrap_or_default();
    let latin1 = String::from_utf8_lossy(declaration).contains("ISO-8859-1");
    Ok(io::BufReader::with_capacity(64 * 1024, Decoded { input, latin1 }))
}

struct Decoded<R> {
    input: R,
    latin1: bool,
}

impl<R: BufRead> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if !self.latin1 {
            return self.input.read(out);
        }
        let (mut taken, mut written) = (0, 0);
        for byte in self.input.fill_buf()? {
            let mut utf8 = [0; 2];
            let utf8 = char::from(*byte).encode_utf8(&mut utf8).as_bytes();
            let Some(place) = out.get_mut(written..written + utf8.len()) else {
                break;
            };
            place.copy_from_slice(utf8);
            (taken, written) = (taken + 1, written + utf8.len());
        }
        self.input.consume(taken);
        Ok(written)
    }
}
