//! Rows of a batch as they are stored: those of one person stand together as one text under one hash, since a kommun's
//! month has thousands of rows and a database's price is by the row.
//!
//! A text has two kinds of lines, tabs between their values: `=` begins what many rows have in common (sheet, number,
//! anställning, organ, kind and the names that payroll and the accounts know it by); every other line is a row, and begins
//! with the place of what it has in common.

use std::str::FromStr;

use memchr::memchr;

use super::left_out::LeftOutPlaces;
use super::rows::{DbRow, garbled};
use super::store::digest;
use crate::calendar::{Month, day_of, push_day, push_month};
use crate::domain::{Fault, Label, LineKind, Occasion, OrganCode, PersonId, Personnummer};
use crate::ledger::{BatchName, BatchRow, BatchState, Reversed, RowRef, Settled};
use crate::money::{push_decimal, push_number, push_ore, read_decimal, read_ore};
use crate::ports::StoredRow;

/// Rows in one text at most, so that one row is found without reading many.
const ROWS_PER_BLOCK: usize = 256;

/// What [`Block::read`] reads, in its order.
pub(super) const BLOCK_COLUMNS: &str = "l.id, l.last_id, l.batch_id, l.person_id, l.first_postid, l.last_postid, l.row_count, \
     l.body, l.hash, b.name, b.state";
pub(super) const BLOCK_TABLES: &str = "line_block l JOIN batch b ON b.id = l.batch_id";

/// All blocks in order, for [`check`].
pub(super) const WALK: &str = "SELECT l.id, l.last_id, l.batch_id, l.person_id, l.first_postid, l.last_postid, l.row_count, \
     l.body, l.hash, b.name, b.state, l.id FROM line_block l JOIN batch b ON b.id = l.batch_id WHERE l.id > $1 ORDER BY l.id";

/// A block against its hash, and whether its rows can be read.
pub(super) fn check(row: &DbRow) -> Result<(), Fault> {
    Block::read(row)?.stored(&LeftOutPlaces::new()).map(drop)
}

/// Rows of one person in one batch. Rows that wait, or that a decision settled, stand apart from those of the file.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// The first row's number, which is the block's.
    pub(super) id: i64,
    /// The last row's number.
    pub(super) last_id: i64,
    pub(super) batch_id: i64,
    pub(super) person: PersonId,
    /// 0 for rows that are not in the file.
    pub(super) first_postid: u32,
    pub(super) last_postid: u32,
    pub(super) rows: u32,
    pub(super) body: String,
    pub(super) hash: String,
}

/// A block with the batch that it belongs to.
pub(super) struct InBatch {
    pub(super) block: Block,
    pub(super) name: BatchName,
    pub(super) state: BatchState,
}

/// Packs rows that are numbered upwards from `first_id`.
pub(super) fn pack(batch_id: i64, first_id: i64, rows: &[BatchRow]) -> Vec<Block> {
    let together =
        |one: &BatchRow, other: &BatchRow| one.person == other.person && (one.postid > 0) == (other.postid > 0);
    let mut next = first_id;
    let mut blocks = Vec::new();
    for part in rows.chunk_by(together).flat_map(|part| part.chunks(ROWS_PER_BLOCK)) {
        let numbered: Vec<(i64, &BatchRow)> = (next..).zip(part).collect();
        blocks.extend(Block::of(next, batch_id, &numbered));
        next += i64::try_from(part.len()).unwrap_or(i64::MAX);
    }
    blocks
}

impl Block {
    /// A block that keeps its number, whichever of its rows are left; none without rows.
    pub(super) fn of(id: i64, batch_id: i64, rows: &[(i64, &BatchRow)]) -> Option<Block> {
        let ((_, first), (last_id, last)) = rows.first().zip(rows.last())?;
        let mut block = Block {
            id,
            last_id: *last_id,
            batch_id,
            person: first.person,
            first_postid: first.postid,
            last_postid: last.postid,
            rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            body: body(id, rows),
            hash: String::new(),
        };
        block.hash = block.digest();
        Some(block)
    }

    fn digest(&self) -> String {
        let mut head = String::with_capacity(64);
        for number in [self.id, self.last_id, self.batch_id, self.person.0] {
            push_number(&mut head, number);
            head.push(' ');
        }
        for number in [self.first_postid, self.last_postid, self.rows] {
            push_number(&mut head, i64::from(number));
            head.push(' ');
        }
        digest(&[&head, &self.body])
    }

    /// Reads a block and checks it against its hash.
    pub(super) fn read(row: &DbRow) -> Result<InBatch, Fault> {
        let block = Block {
            id: row.number(0)?,
            last_id: row.number(1)?,
            batch_id: row.number(2)?,
            person: PersonId(row.number(3)?),
            first_postid: row.small(4)?,
            last_postid: row.small(5)?,
            rows: row.small(6)?,
            body: row.text(7)?,
            hash: row.text(8)?,
        };
        let name: BatchName = row.parsed(9)?;
        if block.digest() != block.hash {
            let (first, last) = (block.first_postid, block.last_postid);
            return Err(garbled(&format!("rows {first}-{last} of batch {name} do not match their hash")));
        }
        Ok(InBatch { block, name, state: row.parsed(10)? })
    }
}

impl InBatch {
    /// Its rows, in order.
    pub(super) fn stored(&self, left_out: &LeftOutPlaces) -> Result<Vec<StoredRow>, Fault> {
        let wrong = |what: &str| garbled(&format!("a row of batch {} has no {what}", self.name));
        let mut dresses: Vec<Dress> = Vec::new();
        let mut rows = Vec::with_capacity(self.block.rows as usize);
        for line in self.block.body.lines() {
            match line.strip_prefix('=') {
                Some(dress) => dresses.push(Dress::read(dress).map_err(wrong)?),
                None => rows.push(self.row(line, &dresses, left_out).map_err(wrong)?),
            }
        }
        if rows.len() == self.block.rows as usize { Ok(rows) } else { Err(wrong("row that it should have")) }
    }

    fn row(&self, line: &str, dresses: &[Dress], left_out: &LeftOutPlaces) -> Result<StoredRow, &'static str> {
        let mut values = Values(Some(line));
        let dress = dresses.get(values.parsed::<usize>("names")?).ok_or("names")?;
        let id = self.block.id + values.parsed::<i64>("number")?;
        let postid = values.parsed("postid")?;
        let occasion: Occasion = unescaped(values.next("occasion")?).parse().map_err(|_| "occasion")?;
        let day = day_of(values.next("day")?).ok_or("day")?;
        let antal = read_decimal(values.next("antal")?).ok_or("antal")?;
        let apris = read_decimal(values.next("apris")?).ok_or("apris")?;
        let belopp = read_ore(values.next("belopp")?).ok_or("belopp")?;
        let accrued_in = match values.next("month")? {
            "" => Month::of(day),
            month => month.parse().map_err(|_| "month")?,
        };
        let reverses = reversed(&unescaped(values.next("reversal")?))?;
        let settled = match values.next("settlement")? {
            "" => Settled::ByPayroll,
            text => {
                let (name, decision) = text.split_once(':').ok_or("settlement")?;
                Settled::named(name, Some(unescaped(decision))).map_err(|_| "settlement")?
            }
        };
        let row = BatchRow {
            postid,
            sheet: dress.sheet,
            person: self.block.person,
            personnummer: dress.personnummer.clone(),
            anstid: dress.anstid.clone(),
            occasion,
            kind: dress.kind,
            day,
            organ: dress.organ.clone(),
            antal,
            apris,
            belopp,
            accrued_in,
            reverses,
            lonart: dress.lonart.clone(),
            lonkod: dress.lonkod.clone(),
            benamning: dress.benamning.clone(),
            konto: dress.konto.clone(),
            ansvar: dress.ansvar.clone(),
            verksamhet: dress.verksamhet.clone(),
            settled,
        };
        let left_out = postid > 0 && left_out.contains(&(self.block.batch_id, dress.sheet));
        Ok(StoredRow { id, batch: self.name, row, left_out })
    }
}

/// What many rows have in common.
struct Dress {
    sheet: u32,
    personnummer: Personnummer,
    kind: LineKind,
    anstid: Label,
    organ: OrganCode,
    lonart: Label,
    lonkod: Option<Label>,
    benamning: Label,
    konto: Label,
    ansvar: Label,
    verksamhet: Label,
}

impl Dress {
    fn read(line: &str) -> Result<Dress, &'static str> {
        let mut values = Values(Some(line));
        Ok(Dress {
            sheet: values.parsed("sheet")?,
            personnummer: Personnummer::stored(values.next("number of a person")?).ok_or("number of a person")?,
            kind: values.parsed("kind")?,
            anstid: values.label("anställningsnummer")?,
            organ: OrganCode(unescaped(values.next("organ")?)),
            lonart: values.label("lönart")?,
            // `+` and the code, or nothing.
            lonkod: values.next("lönkod")?.strip_prefix('+').map(|code| unescaped(code).into()),
            benamning: values.label("benämning")?,
            konto: values.label("konto")?,
            ansvar: values.label("ansvar")?,
            verksamhet: values.label("verksamhet")?,
        })
    }
}

/// What is left of a line; nothing behind its last value.
struct Values<'a>(Option<&'a str>);

impl<'a> Values<'a> {
    fn next(&mut self, what: &'static str) -> Result<&'a str, &'static str> {
        let rest = self.0.ok_or(what)?;
        let value = match memchr(b'\t', rest.as_bytes()).and_then(|tab| rest.split_at_checked(tab)) {
            Some((value, rest)) => {
                self.0 = rest.get(1..);
                value
            }
            None => {
                self.0 = None;
                rest
            }
        };
        Ok(value)
    }

    fn label(&mut self, what: &'static str) -> Result<Label, &'static str> {
        let value = self.next(what)?;
        Ok(if value.contains('\\') { unescaped(value).into() } else { value.into() })
    }

    fn parsed<T: FromStr>(&mut self, what: &'static str) -> Result<T, &'static str> {
        self.next(what)?.parse().map_err(|_| what)
    }
}

fn body(id: i64, rows: &[(i64, &BatchRow)]) -> String {
    let mut body = String::with_capacity(rows.len() * 72 + 256);
    let mut dresses: Vec<&BatchRow> = Vec::new();
    for (number, row) in rows {
        let place = dresses.iter().position(|known| are_dressed_alike(known, row)).unwrap_or_else(|| {
            push_dress(&mut body, row);
            dresses.push(row);
            dresses.len() - 1
        });
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        for number in [place, number - id, i64::from(row.postid)] {
            push_number(&mut body, number);
            body.push('\t');
        }
        push_row(&mut body, row);
    }
    body
}

/// All that [`push_dress`] writes is equal; what differs most often is looked at first.
fn are_dressed_alike(one: &BatchRow, other: &BatchRow) -> bool {
    one.kind == other.kind
        && one.sheet == other.sheet
        && one.organ == other.organ
        && one.anstid == other.anstid
        && one.personnummer == other.personnummer
        && one.lonart == other.lonart
        && one.lonkod == other.lonkod
        && one.benamning == other.benamning
        && one.konto == other.konto
        && one.ansvar == other.ansvar
        && one.verksamhet == other.verksamhet
}

fn push_dress(text: &mut String, row: &BatchRow) {
    text.push('=');
    push_number(text, i64::from(row.sheet));
    text.push('\t');
    row.personnummer.push_twelve_digits(text);
    text.push('\t');
    text.push_str(row.kind.name());
    for value in [row.anstid.as_str(), &row.organ.0, &row.lonart] {
        text.push('\t');
        push_escaped(text, value);
    }
    text.push('\t');
    if let Some(lonkod) = &row.lonkod {
        text.push('+');
        push_escaped(text, lonkod);
    }
    for value in [&row.benamning, &row.konto, &row.ansvar, &row.verksamhet] {
        text.push('\t');
        push_escaped(text, value);
    }
    text.push('\n');
}

fn push_row(text: &mut String, row: &BatchRow) {
    match &row.occasion {
        Occasion::Jour(..) => push_escaped(text, &row.occasion.to_string()),
        occasion => occasion.push(text),
    }
    text.push('\t');
    push_day(text, row.day);
    for number in [row.antal, row.apris] {
        text.push('\t');
        push_decimal(text, number);
    }
    text.push('\t');
    push_ore(text, row.belopp);
    text.push('\t');
    if row.accrued_in != Month::of(row.day) {
        push_month(text, row.accrued_in);
    }
    text.push('\t');
    match &row.reverses {
        None => {}
        Some(Reversed::Row(reversed)) => {
            push_number(text, reversed.id);
            text.push(' ');
            text.push_str(&reversed.to_string());
        }
        Some(Reversed::Paid(key, _)) => push_escaped(text, key),
    }
    text.push('\t');
    if let Some(decision) = row.settled.decision() {
        text.push_str(row.settled.name());
        text.push(':');
        push_escaped(text, decision);
    }
    text.push('\n');
}

/// `17 2026-11/1:3` is a row of a batch; what begins with a word is the key of a payment.
fn reversed(text: &str) -> Result<Option<Reversed>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    if !text.starts_with(|letter: char| letter.is_ascii_digit()) {
        let payout = text.split(':').nth(2).and_then(|month| month.parse().ok()).ok_or("reversal")?;
        return Ok(Some(Reversed::Paid(text.to_owned(), payout)));
    }
    let row = || {
        let (id, place) = text.split_once(' ')?;
        let (batch, postid) = place.rsplit_once(':')?;
        Some(RowRef { id: id.parse().ok()?, batch: batch.parse().ok()?, postid: postid.parse().ok()? })
    };
    row().map(|row| Some(Reversed::Row(row))).ok_or("reversal")
}

/// A value without tabs and line ends.
fn push_escaped(text: &mut String, value: &str) {
    if !value.bytes().any(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b'\\')) {
        return text.push_str(value);
    }
    for letter in value.chars() {
        match letter {
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\\' => text.push_str("\\\\"),
            _ => text.push(letter),
        }
    }
}

fn unescaped(value: &str) -> String {
    if !value.contains('\\') {
        return value.to_owned();
    }
    let (mut text, mut letters) = (String::with_capacity(value.len()), value.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => text.extend(letters.next().map(|escaped| match escaped {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                other => other,
            })),
            _ => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Ore;
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    fn row(postid: u32, texts: &[String], choice: u32) -> BatchRow {
        let text = |place: usize| texts[place % texts.len()].clone();
        let batch: BatchName = "2026-11/2".parse().unwrap();
        BatchRow {
            postid,
            sheet: choice % 3,
            person: PersonId(i64::from(choice % 2)),
            personnummer: "199001012385".parse().unwrap(),
            anstid: text(0).into(),
            occasion: match choice % 4 {
                0 => Occasion::Meeting(crate::domain::MeetingId(7)),
                1 => Occasion::Jour(OrganCode(text(1)), "2026-10-14".parse().unwrap()),
                2 => Occasion::Debt("2026-10".parse().unwrap()),
                _ => Occasion::UppdragMonth(crate::domain::UppdragId(3), "2026-10".parse().unwrap()),
            },
            kind: if choice.is_multiple_of(3) { LineKind::Grundarvode } else { LineKind::Arsarvode },
            day: "2026-10-14".parse().unwrap(),
            organ: OrganCode(text(2)),
            antal: Decimal::new(i64::from(choice) - 9, choice % 5),
            apris: Decimal::new(61_800, 2),
            belopp: Ore(i64::from(choice) * 7 - 100),
            accrued_in: if choice.is_multiple_of(2) { "2026-10".parse().unwrap() } else { "2026-08".parse().unwrap() },
            reverses: match choice % 5 {
                0 => Some(Reversed::Row(RowRef { id: 17, batch, postid: 3 })),
                1 => Some(Reversed::Paid(format!("utbetalt:1:2026-09:{}", text(3)), "2026-09".parse().unwrap())),
                _ => None,
            },
            lonart: text(4).into(),
            lonkod: (choice % 2 == 1).then(|| text(5).into()),
            benamning: text(6).into(),
            konto: text(7).into(),
            ansvar: text(8).into(),
            verksamhet: text(9).into(),
            settled: match choice % 7 {
                0 => Settled::Kvittning(text(3)),
                _ => Settled::ByPayroll,
            },
        }
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back(
            texts in proptest::collection::vec("[a-zåäö0-9 \t\n\r\\\\:+=-]{0,6}", 1..12),
            choices in proptest::collection::vec(0_u32..40, 1..40),
        ) {
            let rows: Vec<BatchRow> =
                choices.iter().zip(0..).map(|(choice, place)| row(place % 4, &texts, *choice)).collect();
            let mut found = Vec::new();
            for block in pack(3, 100, &rows) {
                prop_assert_eq!(&block.digest(), &block.hash);
                let name = "2026-11/1".parse().unwrap();
                found.extend(InBatch { block, name, state: BatchState::Calculated }.stored(&LeftOutPlaces::new()).unwrap());
            }
            prop_assert_eq!(found.iter().map(|stored| stored.id).collect::<Vec<_>>(), (100..100 + rows.len() as i64).collect::<Vec<_>>());
            // Decimals are written in their normal form.
            let plain = |row: &BatchRow| BatchRow { antal: row.antal.normalize(), apris: row.apris.normalize(), ..row.clone() };
            let found: Vec<BatchRow> = found.iter().map(|stored| plain(&stored.row)).collect();
            prop_assert_eq!(found, rows.iter().map(plain).collect::<Vec<_>>());
        }
    }
}
