//! Reads a written PAXml file again, knowing nothing of its writer, and compares every value with the attested rows.

use std::fmt::Display;
use std::io::BufRead;
use std::str::FromStr;

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesDecl, BytesStart, Event};
use quick_xml::reader::Reader;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::paxml::{Charset, absence_info, header_fields, kommentar, omfattning};
use crate::calendar::Day;
use crate::domain::Fault;
use crate::ledger::BatchRow;
use crate::money::Ore;
use crate::ports::payroll::PayrollHead;

/// What a file must say: gathered from the attested rows themselves, eight bytes each.
#[derive(Clone, Debug)]
pub struct Proof {
    header: [(&'static str, String); 6],
    sum: Ore,
    /// The rows of money.
    money: Section,
    /// The rows of absence.
    absences: Section,
}

/// The rows of one section of the file, in their order.
#[derive(Clone, Debug, Default)]
struct Section {
    hash: Sha256,
    /// The beginning of each row's hash, to name the row that differs.
    marks: Vec<u64>,
}

impl Section {
    fn add(&mut self, digest: &[u8; 32]) {
        self.marks.push(mark(digest));
        self.hash.update(digest);
    }

    fn rows(&self) -> u32 {
        u32::try_from(self.marks.len()).unwrap_or(u32::MAX)
    }
}

impl Proof {
    /// Begins with what stands above the rows.
    pub fn new(head: &PayrollHead) -> Proof {
        let (money, absences) = Default::default();
        Proof { header: header_fields(head), sum: Ore::ZERO, money, absences }
    }

    /// Takes in the next row.
    pub fn add(&mut self, row: &BatchRow) {
        self.sum += row.belopp;
        if row.kind.is_absence() {
            self.absences.add(&absence_digest_of(row));
            return;
        }
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
        self.money.add(&digest(row.postid, row.day, &[row.antal, row.apris], row.belopp, &texts));
    }

    /// How many rows were taken in.
    pub fn rows(&self) -> u32 {
        self.money.rows().saturating_add(self.absences.rows())
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
pub fn read_back(mut input: impl BufRead, name: &str, attested: &Proof) -> Result<(), Fault> {
    let refused =
        |wrong: String| Fault::Refused(format!("{name} read back: {wrong}; the file is not used, export again"));
    let mut reading = Reading::default();
    let mut found = Found::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        match input.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => read_line(&line, &mut reading, &mut found, attested).map_err(refused)?,
            Err(error) => {
                let message = format!("{name}: cannot read it back: {error}; try again when the disk is well");
                return Err(Fault::Temporary(message));
            }
        }
    }
    reading.compare_frame(attested).map_err(refused)?;
    found.compare_whole(attested).map_err(refused)
}

/// Takes in a line; a tag never goes over a line's end, elements may.
fn read_line(line: &[u8], reading: &mut Reading, found: &mut Found, attested: &Proof) -> Result<(), String> {
    let at = |found: &Found, wrong: &dyn Display| format!("{}: {wrong}", found.place());
    let text = reading.charset.decode(line).map_err(|error| at(found, &error))?;
    let mut xml = Reader::from_str(&text);
    // The end of an element may stand on another line than its start: `Reading` compares them.
    xml.config_mut().check_end_names = false;
    xml.config_mut().allow_unmatched_ends = true;
    loop {
        let event = xml.read_event().map_err(|error| at(found, &error))?;
        if event == Event::Eof {
            return Ok(());
        }
        if reading.take(&event).map_err(|wrong| at(found, &wrong))? {
            found.add(&reading.row, attested)?;
        }
    }
}

/// The rows that were read so far.
#[derive(Default)]
struct Found {
    sum: Ore,
    money: FoundSection,
    absences: FoundSection,
}

#[derive(Default)]
struct FoundSection {
    rows: u32,
    hash: Sha256,
}

impl Found {
    fn add(&mut self, row: &ReadRow, attested: &Proof) -> Result<(), String> {
        let (digest, belopp) = row.digest().map_err(|wrong| format!("{}: {wrong}", self.place()))?;
        let (section, wanted) =
            if row.is_absence { (&self.absences, &attested.absences) } else { (&self.money, &attested.money) };
        match usize::try_from(section.rows).ok().and_then(|at| wanted.marks.get(at)) {
            None => {
                let count = wanted.rows();
                return Err(format!("{} is one more than the {count} attested rows of its section", self.place()));
            }
            Some(expected) if *expected != mark(&digest) => {
                let postid = row.text(Field::Postid);
                return Err(format!("{} (postid {postid}) does not say what the attested row says", self.place()));
            }
            Some(_) => {}
        }
        let section = if row.is_absence { &mut self.absences } else { &mut self.money };
        section.rows += 1;
        section.hash.update(digest);
        self.sum += belopp;
        Ok(())
    }

    fn rows(&self) -> u32 {
        self.money.rows.saturating_add(self.absences.rows)
    }

    fn place(&self) -> String {
        format!("row {} of the file", self.rows().saturating_add(1))
    }

    fn compare_whole(self, attested: &Proof) -> Result<(), String> {
        let (rows, sum) = (self.rows(), self.sum);
        let is_equal = |found: FoundSection, wanted: &Section| {
            found.rows == wanted.rows() && found.hash.finalize() == wanted.hash.clone().finalize()
        };
        let are_equal = is_equal(self.money, &attested.money) && is_equal(self.absences, &attested.absences);
        if are_equal && sum == attested.sum {
            return Ok(());
        }
        Err(format!(
            "{rows} rows with the sum {sum}, but attested are {} with the sum {}",
            attested.rows(),
            attested.sum
        ))
    }
}

/// A value of a row, in attribute or element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Postid,
    Anstid,
    Persnr,
    Lonkod,
    Lonart,
    Benamning,
    Kommentar,
    Datum,
    Antal,
    Apris,
    Belopp,
    Kontonr,
    Ansvar,
    Verksamhet,
    Tidkod,
    Omfattning,
    Timmar,
    Info,
}

const FIELDS: usize = Field::Info as usize + 1;

impl Field {
    /// The element or attribute that carries it.
    fn named(name: &str) -> Option<Field> {
        Some(match name {
            "postid" => Field::Postid,
            "anstid" => Field::Anstid,
            "persnr" => Field::Persnr,
            "lonkod" => Field::Lonkod,
            "lonart" => Field::Lonart,
            "benamning" => Field::Benamning,
            "kommentar" => Field::Kommentar,
            "datum" => Field::Datum,
            "antal" => Field::Antal,
            "apris" => Field::Apris,
            "belopp" => Field::Belopp,
            "kontonr" => Field::Kontonr,
            "tidkod" => Field::Tidkod,
            "omfattning" => Field::Omfattning,
            "timmar" => Field::Timmar,
            "info" => Field::Info,
            _ => return None,
        })
    }

    /// The field of an element in a `lonetrans` or `tidtrans`.
    fn within(name: &str, is_absence: bool) -> Option<Field> {
        let in_both = [Field::Datum, Field::Kontonr, Field::Info];
        let of_absence = [Field::Tidkod, Field::Omfattning, Field::Timmar];
        let in_attributes = [Field::Postid, Field::Anstid, Field::Persnr];
        let found = Field::named(name).filter(|field| !in_attributes.contains(field))?;
        (in_both.contains(&found) || of_absence.contains(&found) == is_absence).then_some(found)
    }
}

/// The values of a row, as texts of the file. One is used for all rows of a file.
#[derive(Default)]
struct ReadRow {
    texts: [String; FIELDS],
    seen: [bool; FIELDS],
    /// A `tidtrans`.
    is_absence: bool,
}

impl ReadRow {
    fn begin(&mut self, is_absence: bool) {
        self.is_absence = is_absence;
        self.seen = [false; FIELDS];
        self.texts.iter_mut().for_each(String::clear);
    }

    fn set(&mut self, field: Field, text: &str) -> Result<(), String> {
        if std::mem::replace(&mut self.seen[field as usize], true) {
            return Err("a value that stands there twice".to_owned());
        }
        self.texts[field as usize].push_str(text);
        Ok(())
    }

    fn text(&self, field: Field) -> &str {
        &self.texts[field as usize]
    }

    fn value<T: FromStr>(&self, field: Field, name: &str) -> Result<T, String> {
        let text = self.text(field);
        // Lenient parsers would take spaces and signs that payroll's parser may not.
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"-.".contains(&byte));
        let parsed = plain.then(|| text.parse().ok()).flatten();
        parsed.ok_or_else(|| format!("{name} is missing or unreadable"))
    }

    fn digest(&self) -> Result<([u8; 32], Ore), String> {
        if self.is_absence {
            return Ok((self.absence_digest()?, Ore::ZERO));
        }
        let postid: u32 = self.value(Field::Postid, "postid")?;
        let day: Day = self.value(Field::Datum, "datum")?;
        let antal: Decimal = self.value(Field::Antal, "antal")?;
        let apris: Decimal = self.value(Field::Apris, "apris")?;
        let kronor: Decimal = self.value(Field::Belopp, "belopp")?;
        let belopp = Ore::from_kronor(kronor);
        if belopp.kronor() != kronor {
            return Err("belopp has parts of an öre".to_owned());
        }
        if antal.checked_mul(apris).map(Ore::from_kronor) != Some(belopp) {
            return Err(format!("postid {postid}: antal x apris is not belopp"));
        }
        let texts = [
            Field::Anstid,
            Field::Persnr,
            Field::Lonkod,
            Field::Lonart,
            Field::Benamning,
            Field::Kommentar,
            Field::Kontonr,
            Field::Ansvar,
            Field::Verksamhet,
            Field::Info,
        ];
        let texts = texts.map(|field| self.text(field));
        Ok((digest(postid, day, &[antal, apris], belopp, &texts), belopp))
    }

    /// Either a part of the day, or no hours: the absence is taken back.
    fn absence_digest(&self) -> Result<[u8; 32], String> {
        let postid: u32 = self.value(Field::Postid, "postid")?;
        let day: Day = self.value(Field::Datum, "datum")?;
        let is_seen = |field: Field| self.seen[field as usize];
        let omfattning = match (is_seen(Field::Omfattning), is_seen(Field::Timmar)) {
            (true, false) => Some(self.value(Field::Omfattning, "omfattning")?),
            (false, true) if self.text(Field::Timmar) == "0" => None,
            _ => return Err(format!("postid {postid}: neither an omfattning nor 0 timmar")),
        };
        let fields = [Field::Anstid, Field::Persnr, Field::Tidkod, Field::Kontonr];
        let [anstid, persnr, tidkod, konto] = fields.map(|field| self.text(field));
        let fields = [Field::Ansvar, Field::Verksamhet, Field::Info];
        let [ansvar, verksamhet, info] = fields.map(|field| self.text(field));
        let texts = [anstid, persnr, tidkod, konto, ansvar, verksamhet, info];
        Ok(absence_digest(postid, day, omfattning, &texts))
    }
}

/// An element that is open.
#[derive(Clone, Copy)]
enum Element {
    Paxml,
    Header,
    HeaderField,
    Rows,
    Row,
    Absences,
    Absence,
    Value(Field),
    Dimensions,
    Dimension,
}

/// Where in the file the reading is.
#[derive(Default)]
struct Reading {
    path: Vec<Element>,
    text: String,
    row: ReadRow,
    header: Vec<(String, String)>,
    charset: Charset,
}

impl Reading {
    /// Takes the next event; true when a row has ended.
    fn take(&mut self, event: &Event<'_>) -> Result<bool, String> {
        match event {
            Event::Decl(declaration) if self.path.is_empty() => self.charset = declared(declaration)?,
            Event::Start(start) => self.start(start)?,
            Event::Empty(start) => {
                self.start(start)?;
                return self.end(start.name().as_ref());
            }
            Event::End(end) => return self.end(end.name().as_ref()),
            Event::Text(text) => self.text.push_str(text),
            Event::GeneralRef(reference) => {
                let letter = reference.resolve_char_ref().map_err(|error| error.to_string())?;
                match (letter, resolve_predefined_entity(reference)) {
                    (Some(letter), _) => self.text.push(letter),
                    (None, Some(letter)) => self.text.push_str(letter),
                    (None, None) => return Err("an entity that nothing declares".to_owned()),
                }
            }
            _ => return Err("something that a payroll file never holds".to_owned()),
        }
        Ok(false)
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        check_between(&self.text)?;
        self.text.clear();
        let name = start.name();
        let name = name.as_ref();
        let element = match (self.path.last(), name) {
            (None, "paxml") => Element::Paxml,
            (Some(Element::Paxml), "header") => Element::Header,
            (Some(Element::Paxml), "lonetransaktioner") => Element::Rows,
            (Some(Element::Rows), "lonetrans") => Element::Row,
            (Some(Element::Paxml), "tidtransaktioner") => Element::Absences,
            (Some(Element::Absences), "tidtrans") => Element::Absence,
            (Some(Element::Row | Element::Absence), "resenheter") => Element::Dimensions,
            (Some(Element::Dimensions), "resenhet") => Element::Dimension,
            (Some(Element::Header), _) => {
                self.header.push((name.to_owned(), String::new()));
                Element::HeaderField
            }
            (Some(Element::Row), _) => Element::Value(Field::within(name, false).ok_or_else(|| astray(name))?),
            (Some(Element::Absence), _) => Element::Value(Field::within(name, true).ok_or_else(|| astray(name))?),
            _ => return Err(astray(name)),
        };
        match element {
            Element::Row => self.begin_row(start, false)?,
            Element::Absence => self.begin_row(start, true)?,
            Element::Dimension => self.dimension(start)?,
            _ => {}
        }
        self.path.push(element);
        Ok(())
    }

    fn begin_row(&mut self, start: &BytesStart<'_>, is_absence: bool) -> Result<(), String> {
        self.row.begin(is_absence);
        attributes(start, |name, value| match Field::named(name) {
            Some(field @ (Field::Postid | Field::Anstid | Field::Persnr)) => self.row.set(field, value),
            _ => Err(format!("an attribute {name} that does not belong there")),
        })
    }

    fn dimension(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        let mut field = None;
        attributes(start, |name, value| match (name, value, field) {
            ("dim", "1", None) => {
                field = Some(Field::Ansvar);
                Ok(())
            }
            ("dim", "20", None) => {
                field = Some(Field::Verksamhet);
                Ok(())
            }
            ("id", _, Some(field)) => self.row.set(field, value),
            _ => Err("a resenhet of another dimension than 1 and 20".to_owned()),
        })
    }

    fn end(&mut self, name: &str) -> Result<bool, String> {
        let ended = self.path.pop();
        let expected = match ended {
            Some(Element::Paxml) => "paxml",
            Some(Element::Header) => "header",
            Some(Element::HeaderField) => self.header.last().map_or("", |(field, _)| field),
            Some(Element::Rows) => "lonetransaktioner",
            Some(Element::Row) => "lonetrans",
            Some(Element::Absences) => "tidtransaktioner",
            Some(Element::Absence) => "tidtrans",
            Some(Element::Value(field)) if Field::named(name) == Some(field) => name,
            Some(Element::Dimensions) => "resenheter",
            Some(Element::Dimension) => "resenhet",
            Some(Element::Value(_)) | None => "",
        };
        if name != expected {
            return Err(format!("an end of {name} that does not belong there"));
        }
        match ended {
            Some(Element::Value(field)) => self.row.set(field, &self.text)?,
            Some(Element::HeaderField) => {
                if let Some((_, text)) = self.header.last_mut() {
                    text.push_str(&self.text);
                }
            }
            _ => check_between(&self.text)?,
        }
        self.text.clear();
        Ok(matches!(ended, Some(Element::Row | Element::Absence)))
    }

    fn compare_frame(&self, attested: &Proof) -> Result<(), String> {
        check_between(&self.text)?;
        if !self.path.is_empty() {
            return Err("the file ends in the middle".to_owned());
        }
        for (place, (name, text)) in attested.header.iter().enumerate() {
            if self.header.get(place).is_none_or(|(field, found)| (field.as_str(), found) != (*name, text)) {
                return Err(format!("header/{name} is not what the batch says"));
            }
        }
        if self.header.len() != attested.header.len() {
            return Err("the header says more than the batch".to_owned());
        }
        Ok(())
    }
}

fn attributes(start: &BytesStart<'_>, mut take: impl FnMut(&str, &str) -> Result<(), String>) -> Result<(), String> {
    let mut list = start.attributes();
    // Duplicates are found by whoever takes them.
    for attribute in list.with_checks(false) {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|error| error.to_string())?;
        take(attribute.key.as_ref(), &value)?;
    }
    Ok(())
}

fn astray(name: &str) -> String {
    format!("an element {name} that does not belong there")
}

/// The charset that the file says it is in.
fn declared(declaration: &BytesDecl<'_>) -> Result<Charset, String> {
    let encoding = declaration.encoding().and_then(Result::ok).unwrap_or_default();
    let known = [Charset::Utf8, Charset::Latin1].into_iter().find(|charset| charset.name() == encoding);
    let is_1_0 = declaration.version().ok().as_deref() == Some("1.0");
    let found = known.filter(|_| is_1_0);
    found.ok_or_else(|| "a declaration of another XML than 1.0 in UTF-8 or ISO-8859-1".to_owned())
}

/// Between elements there are only line feeds.
fn check_between(text: &str) -> Result<(), String> {
    if text.trim_matches('\n').is_empty() { Ok(()) } else { Err("text between elements".to_owned()) }
}

/// The hash of a row's values; each text with its length before it.
fn digest(postid: u32, day: Day, numbers: &[Decimal], belopp: Ore, texts: &[&str]) -> [u8; 32] {
    // One block of bytes: many small ones cost more than the hash.
    let mut bytes = Vec::with_capacity(256);
    bytes.extend_from_slice(&postid.to_le_bytes());
    bytes.extend_from_slice(&crate::calendar::days_between(Day::default(), day).to_le_bytes());
    for number in numbers {
        bytes.extend_from_slice(&number.normalize().serialize());
    }
    bytes.extend_from_slice(&belopp.0.to_le_bytes());
    for text in texts {
        bytes.extend_from_slice(&text.len().to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    Sha256::digest(&bytes).into()
}

/// The hash of the values of a row of absence, as they stand in the file: what was taken back has no omfattning.
fn absence_digest(postid: u32, day: Day, omfattning: Option<Decimal>, texts: &[&str; 7]) -> [u8; 32] {
    digest(postid, day, omfattning.as_slice(), Ore::ZERO, texts)
}

fn absence_digest_of(row: &BatchRow) -> [u8; 32] {
    let (persnr, info) = (row.personnummer.twelve_digits(), absence_info(row));
    let texts = [&row.anstid, &persnr, &row.lonart, &row.konto, &row.ansvar, &row.verksamhet, &info];
    absence_digest(row.postid, row.day, omfattning(row), &texts.map(String::as_str))
}

fn mark(digest: &[u8; 32]) -> u64 {
    digest.iter().take(8).fold(0, |mark, byte| mark << 8 | u64::from(*byte))
}
