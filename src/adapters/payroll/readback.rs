//! Reads a written PAXml file again, knowing nothing of its writer, and compares every value with the attested rows.
//!
//! The form of a file, element by element in the schema's order and a row on each line, stands here for itself; anything
//! else, well-formed or not, is refused.

mod lines;
mod row;
mod said;
mod scan;

use std::io::BufRead;

use sha2::{Digest, Sha256};

use self::lines::{Lines, Wrong};
use self::row::{read_absence, read_money, say};
use self::said::Said;
use self::scan::Scan;
use super::paxml::{Charset, header_fields};
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
    said: Said,
}

/// The rows of one section of the file, in their order.
#[derive(Clone, Debug, Default)]
struct Section {
    hash: Sha256,
    /// Of each row, to name the one that differs.
    marks: Vec<u64>,
}

impl Section {
    fn rows(&self) -> u32 {
        u32::try_from(self.marks.len()).unwrap_or(u32::MAX)
    }
}

impl Proof {
    /// Begins with what stands above the rows.
    pub fn new(head: &PayrollHead) -> Proof {
        let (money, absences, said) = Default::default();
        Proof { header: header_fields(head), sum: Ore::ZERO, money, absences, said }
    }

    /// Takes in the next row.
    pub fn add(&mut self, row: &BatchRow) {
        self.sum += row.belopp;
        say(row, &mut self.said);
        let section = if row.kind.is_absence() { &mut self.absences } else { &mut self.money };
        section.marks.push(self.said.mark());
        section.hash.update(self.said.bytes());
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
pub fn read_back(input: impl BufRead, name: &str, attested: &Proof) -> Result<(), Fault> {
    let lines = Lines::new(input);
    let mut reading =
        Reading { lines, attested, charset: Charset::Utf8, rows: 0, sum: Ore::ZERO, said: Said::default() };
    reading.whole().map_err(|wrong| match wrong {
        Wrong::File(wrong) => Fault::Refused(format!("{name} read back: {wrong}; the file is not used, export again")),
        Wrong::Disk(error) => {
            Fault::Temporary(format!("{name}: cannot read it back: {error}; try again when the disk is well"))
        }
    })
}

/// A file that is being read.
struct Reading<'a, R> {
    lines: Lines<R>,
    attested: &'a Proof,
    charset: Charset,
    /// Of both sections, so far.
    rows: u32,
    sum: Ore,
    said: Said,
}

impl<R: BufRead> Reading<'_, R> {
    fn whole(&mut self) -> Result<(), Wrong> {
        self.charset = self.lines.next(|line| declared(line?).ok_or_else(other_xml))?;
        self.only("<paxml>")?;
        self.only("<header>")?;
        self.header()?;
        self.only("<lonetransaktioner>")?;
        let money = self.section(&self.attested.money, "</lonetransaktioner>", read_money)?;
        let has_absences = self.either("<tidtransaktioner>", "</paxml>")?;
        let mut absences = Sha256::default();
        if has_absences {
            absences = self.section(&self.attested.absences, "</tidtransaktioner>", read_absence)?;
            self.only("</paxml>")?;
        }
        self.lines.end()?;
        self.compare(money, absences)
    }

    /// A line that is these very bytes.
    fn only(&mut self, literal: &str) -> Result<(), Wrong> {
        self.either(literal, literal).map(drop)
    }

    /// Whether it is the first of two lines.
    fn either(&mut self, one: &str, other: &str) -> Result<bool, Wrong> {
        self.lines.next(|line| {
            let line = line?;
            let mut scan = Scan::new(line);
            let is_one = scan.take(one);
            if !is_one {
                scan.expect(other)?;
            }
            scan.end().map(|()| is_one)
        })
    }

    fn header(&mut self) -> Result<(), Wrong> {
        let charset = self.charset;
        for (name, text) in &self.attested.header {
            let is_same = |line: &[u8]| {
                let (mut found, mut wanted) = (Said::default(), Said::default());
                wanted.text(text);
                let (open, close) = (format!("<{name}>"), format!("</{name}>"));
                let line = charset.utf8(line);
                let mut scan = Scan::new(&line);
                scan.text((&open, &close), &mut found)?;
                scan.end().map(|()| found.bytes() == wanted.bytes())
            };
            let wrong = || format!("header/{name} is not what the batch says");
            let found = |line: Result<&[u8], String>| is_same(line?).is_ok_and(|is| is).then_some(()).ok_or_else(wrong);
            self.lines.next(found)?;
        }
        self.lines.next(|line| match line? {
            b"</header>" => Ok(()),
            _ => Err("the header says more than the batch".to_owned()),
        })
    }

    /// The rows up to a line; gives the hash of what they say.
    fn section(
        &mut self,
        wanted: &Section,
        end: &str,
        read: fn(&mut Scan<'_>, &mut Said) -> Result<Ore, String>,
    ) -> Result<Sha256, Wrong> {
        let mut hash = Sha256::default();
        let mut marks = wanted.marks.iter();
        let Reading { lines, charset, rows, sum, said, .. } = self;
        loop {
            let row = lines.next(|line| {
                let line = line?;
                if line == end.as_bytes() {
                    return Ok(None);
                }
                said.begin();
                let belopp = read(&mut Scan::new(&charset.utf8(line)), said)?;
                let mark = marks.next();
                let mark =
                    mark.ok_or_else(|| format!("is one more than the {} attested of its section", wanted.rows()))?;
                if *mark != said.mark() {
                    return Err(format!("(postid {}) does not say what the attested row says", said.first()));
                }
                Ok(Some(belopp))
            });
            let Some(belopp) = row.map_err(|wrong| wrong.at(*rows))? else { return Ok(hash) };
            hash.update(said.bytes());
            *sum += belopp;
            *rows += 1;
        }
    }

    fn compare(&self, money: Sha256, absences: Sha256) -> Result<(), Wrong> {
        let (rows, sum, attested) = (self.rows, self.sum, self.attested);
        let is_equal = |found: Sha256, wanted: &Section| found.finalize() == wanted.hash.clone().finalize();
        let are_equal = is_equal(money, &attested.money) && is_equal(absences, &attested.absences);
        if are_equal && rows == attested.rows() && sum == attested.sum {
            return Ok(());
        }
        Err(Wrong::File(format!(
            "{rows} rows with the sum {sum}, but attested are {} with the sum {}",
            attested.rows(),
            attested.sum
        )))
    }
}

/// The charset that the file says it is in.
fn declared(line: &[u8]) -> Option<Charset> {
    let mut scan = Scan::new(line);
    scan.take("<?xml version=\"1.0\" encoding=\"").then_some(())?;
    let known = [Charset::Utf8, Charset::Latin1].into_iter().find(|charset| scan.take(charset.name()));
    known.filter(|_| scan.take("\"?>") && scan.end().is_ok())
}

fn other_xml() -> String {
    "a declaration of another XML than 1.0 in UTF-8 or ISO-8859-1".to_owned()
}
