use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::calendar::{Day, Month, push_day};
use crate::domain::{Label, LineKind, Occasion, OrganCode, PersonId, Personnummer};
use crate::money::{Ore, push_decimal, push_number, push_ore};

/// A batch's name: payout month and number within it, written `2026-11/1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchName {
    /// The month it is paid in.
    pub payout: Month,
    /// From 1.
    pub sequence: u32,
}

impl BatchName {
    /// The name as part of a file's name: `2026-11-1`.
    pub fn file_stem(self) -> String {
        format!("{}-{}", self.payout, self.sequence)
    }
}

impl fmt::Display for BatchName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.payout, self.sequence)
    }
}

impl FromStr for BatchName {
    type Err = String;

    fn from_str(text: &str) -> Result<BatchName, String> {
        let parts = text.split_once('/').and_then(|(month, number)| month.parse().ok().zip(number.parse().ok()));
        match parts {
            Some((payout, sequence)) if sequence > 0 => Ok(BatchName { payout, sequence }),
            _ => Err(format!("\"{text}\" is not a batch; write it as 2026-11/1")),
        }
    }
}

impl Serialize for BatchName {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BatchName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<BatchName, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Why a batch exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchKind {
    /// What facts caused in a month.
    Monthly,
    /// What changed rules caused, by a decision.
    Recalculation,
}

/// How far a batch has come. At most one batch is open: neither delivered nor void.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// Frozen; its sheets wait for signatures.
    Calculated,
    /// Its file is being written to `out/`.
    Exporting,
    /// Its file stands in `out/`, proven equal to the attested rows.
    Exported,
    /// Its file is being copied to `deliver/`.
    Delivering,
    /// Its file has left.
    Delivered,
    /// Taken back; its lines are owed again.
    Void,
}

impl BatchState {
    const NAMES: [(BatchState, &'static str); 6] = [
        (BatchState::Calculated, "calculated"),
        (BatchState::Exporting, "exporting"),
        (BatchState::Exported, "exported"),
        (BatchState::Delivering, "delivering"),
        (BatchState::Delivered, "delivered"),
        (BatchState::Void, "void"),
    ];

    /// The name in database and JSON.
    pub fn name(self) -> &'static str {
        BatchState::NAMES[self as usize].1
    }

    /// Between its first byte and its arrival: where this is found at a start, something was cut off.
    pub fn is_cut_off(self) -> bool {
        matches!(self, BatchState::Exporting | BatchState::Exported | BatchState::Delivering)
    }

    /// Still on its way: no other batch may be made.
    pub fn is_open(self) -> bool {
        !matches!(self, BatchState::Delivered | BatchState::Void)
    }
}

impl FromStr for BatchState {
    type Err = String;

    fn from_str(text: &str) -> Result<BatchState, String> {
        let found = BatchState::NAMES.iter().find(|(_, name)| *name == text).map(|(state, _)| *state);
        found.ok_or_else(|| format!("\"{text}\" is not a state of a batch"))
    }
}

/// A batch as it was frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its name.
    pub name: BatchName,
    /// Why it exists.
    pub kind: BatchKind,
    /// How far it has come.
    pub state: BatchState,
    /// Facts with a higher number came later and go to the next batch.
    pub facts_up_to: i64,
    /// The civil day of the freeze: claims that came in later wait.
    pub frozen_on: Day,
    /// Instant of the freeze, milliseconds since 1970.
    pub frozen_at_ms: i64,
    /// The decision behind a recalculation or a void.
    pub because: Option<String>,
    /// The bilaga was still the shipped example.
    pub example: bool,
}

/// A row that has left or leaves for payroll. Reversals have negative `antal` and `belopp`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRow {
    /// Number within the batch, from 1; PAXml's `postid`. 0 while the row waits with a net negative person.
    pub postid: u32,
    /// The attest sheet it stands on, from 1.
    pub sheet: u32,
    /// Who is paid.
    pub person: PersonId,
    /// The person's number today.
    pub personnummer: Personnummer,
    /// Under which number payroll knows the person for this row.
    pub anstid: Label,
    /// For what.
    pub occasion: Occasion,
    /// Which compensation.
    pub kind: LineKind,
    /// `datum`.
    pub day: Day,
    /// Which organ bears it.
    pub organ: OrganCode,
    /// Units.
    pub antal: Decimal,
    /// Kronor per unit; positive.
    pub apris: Decimal,
    /// Kronor and öre.
    pub belopp: Ore,
    /// The month that it is earned in.
    pub accrued_in: Month,
    /// What this row takes back.
    pub reverses: Option<Reversed>,
    /// Local code.
    pub lonart: Label,
    /// PAXml's common code.
    pub lonkod: Option<Label>,
    /// What the pay slip says.
    pub benamning: Label,
    /// Account.
    pub konto: Label,
    /// Dimension 1.
    pub ansvar: Label,
    /// Dimension 20.
    pub verksamhet: Label,
    /// How it is settled, and by which decision where payroll gets no such row.
    pub settled: Settled,
}

/// How a row is settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Settled {
    /// By payroll; while its `postid` is 0 it waits with a net negative person.
    #[default]
    ByPayroll,
    /// Asked back outside payroll, by this decision (diarienummer).
    Aterkrav(String),
    /// Set off against coming months, by this decision: booked, and a debt until then.
    Kvittning(String),
    /// Let go by this decision: it stays as it was.
    Eftergift(String),
}

impl Settled {
    /// The name in the database; empty for payroll's.
    pub fn name(&self) -> &'static str {
        match self {
            Settled::ByPayroll => "",
            Settled::Aterkrav(_) => "aterkrav",
            Settled::Kvittning(_) => "kvittning",
            Settled::Eftergift(_) => "eftergift",
        }
    }

    /// The decision's diarienummer.
    pub fn decision(&self) -> Option<&str> {
        match self {
            Settled::ByPayroll => None,
            Settled::Aterkrav(decision) | Settled::Kvittning(decision) | Settled::Eftergift(decision) => Some(decision),
        }
    }

    /// From the name and the decision in the database.
    ///
    /// # Errors
    /// An unknown name.
    pub fn named(name: &str, decision: Option<String>) -> Result<Settled, String> {
        match (name, decision) {
            ("", None) => Ok(Settled::ByPayroll),
            ("aterkrav", Some(decision)) => Ok(Settled::Aterkrav(decision)),
            ("kvittning", Some(decision)) => Ok(Settled::Kvittning(decision)),
            ("eftergift", Some(decision)) => Ok(Settled::Eftergift(decision)),
            _ => Err(format!("\"{name}\" is no way to settle a row")),
        }
    }
}

/// What a row takes back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reversed {
    /// A row of an earlier batch.
    Row(RowRef),
    /// A payment outside the ledger: the key of its fact, and the month it was paid in.
    Paid(String, Month),
}

impl fmt::Display for Reversed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reversed::Row(row) => row.fmt(out),
            Reversed::Paid(_, payout) => write!(out, "utbetalt {payout}"),
        }
    }
}

/// A row of an earlier batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RowRef {
    /// Its number in the database.
    pub id: i64,
    /// Its batch.
    pub batch: BatchName,
    /// Its `postid`.
    pub postid: u32,
}

impl fmt::Display for RowRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.batch, self.postid)
    }
}

impl BatchRow {
    /// The row as one line of text that names every value that leaves; what signatures rest on.
    pub fn canonical(&self) -> String {
        let mut text = String::with_capacity(160);
        self.push_canonical(&mut text);
        text
    }

    /// Adds [`BatchRow::canonical`] to a text.
    pub fn push_canonical(&self, text: &mut String) {
        push_number(text, i64::from(self.postid));
        let lonkod = self.lonkod.as_deref().unwrap_or_default();
        text.push('|');
        text.push_str(&self.anstid);
        text.push('|');
        self.personnummer.push_twelve_digits(text);
        for part in [self.lonart.as_str(), lonkod, &self.benamning] {
            text.push('|');
            text.push_str(part);
        }
        text.push('|');
        push_day(text, self.day);
        for number in [self.antal, self.apris] {
            text.push('|');
            push_decimal(text, number);
        }
        text.push('|');
        push_ore(text, self.belopp);
        for part in [&self.konto, &self.ansvar, &self.verksamhet] {
            text.push('|');
            text.push_str(part);
        }
        text.push('|');
        self.occasion.push(text);
        text.push('|');
        text.push_str(self.kind.name());
        text.push('|');
        match &self.reverses {
            None => {}
            Some(Reversed::Row(row)) => text.push_str(&row.to_string()),
            Some(Reversed::Paid(key, _)) => text.push_str(key),
        }
        text.push('\n');
    }
}

/// Count, persons, sum and hash of rows, taken one by one; rows of one person stand together.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// How many rows.
    pub rows: u32,
    /// How many persons.
    pub persons: u32,
    /// Their sum.
    pub sum: Ore,
    last_person: Option<PersonId>,
    hash: Sha256,
}

impl Totals {
    /// Takes in the next row.
    pub fn add(&mut self, row: &BatchRow) {
        self.add_as(row, &row.canonical());
    }

    /// Takes in the next row, whose canonical text is known already.
    pub fn add_as(&mut self, row: &BatchRow, canonical: &str) {
        self.rows += 1;
        self.sum += row.belopp;
        if self.last_person != Some(row.person) {
            self.persons += 1;
            self.last_person = Some(row.person);
        }
        self.hash.update(canonical);
    }

    /// sha256 of the canonical rows so far, hexadecimal.
    pub fn sha256(&self) -> String {
        hex(&self.hash.clone().finalize())
    }

    /// What the rows so far add up to.
    pub fn summed(&self) -> Summed {
        Summed { rows: self.rows, persons: self.persons, sum: self.sum, sha256: self.sha256() }
    }
}

/// What the rows of a batch or sheet add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summed {
    /// How many rows.
    pub rows: u32,
    /// How many persons.
    pub persons: u32,
    /// Their sum.
    pub sum: Ore,
    /// sha256 of the canonical rows, hexadecimal.
    pub sha256: String,
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0')).collect()
}
