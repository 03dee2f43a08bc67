//! Plain attendances as they are stored when a list has many of one person: together, as one text under one hash.
//!
//! Only what was never changed stands so: a fact that is to be superseded or removed is first written out as a row of its
//! own, with those that stand beside it. Attendances that say more than when somebody was there are rows from the start.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::Timelike;
use rust_decimal::Decimal;

use super::Db;
use super::rows::{DbRow, Value, garbled};
use super::store::{ROWS_PER_STATEMENT, SharedTexts, digest, places};
use crate::calendar::{Clock, Day, day_of, push_day};
use crate::domain::{Attendance, Fact, Fault, MeetingId, PersonId, Provenance, Recorded, Roll};
use crate::money::{Ore, push_decimal, push_number};
use crate::ports::{About, NewFact, Revised, Standing};

/// Fewer of one person stand as rows: the databases of most kommuner hold nothing else.
const FEWEST: usize = 4;

/// Facts in one text at most, so that one is found without reading many.
const MOST: usize = 256;

const KIND: &str = "attendance";

const COLUMNS: &str = "f.id, f.first_fact, f.last_fact, f.person_id, f.source_id, f.sheet, f.known_at, f.first_meeting, f.last_meeting, \
     f.fact_count, f.body, f.hash, s.name, s.sha256";
/// All blocks in order, for [`check`].
pub(super) const WALK: &str = "SELECT f.id, f.first_fact, f.last_fact, f.person_id, f.source_id, f.sheet, f.known_at, \
     f.first_meeting, f.last_meeting, f.fact_count, f.body, f.hash, s.name, s.sha256, f.id \
     FROM fact_block f LEFT JOIN source s ON s.id = f.source_id WHERE f.id > $1 ORDER BY f.id";
const TABLES: &str = "fact_block f LEFT JOIN source s ON s.id = f.source_id";

/// Attendances of a file that wait to be written, by person.
#[derive(Default)]
pub(super) struct Pending {
    origin: Option<Origin>,
    by_person: BTreeMap<PersonId, Vec<Block>>,
}

/// Where and when facts became known.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    source: Option<i64>,
    sheet: String,
    known_at_ms: i64,
}

/// Attendances of one person.
#[derive(Clone, Debug)]
struct Block {
    /// The block's own number: blocks of one person stand near each other.
    id: i64,
    first_fact: i64,
    last_fact: i64,
    person: PersonId,
    meetings: (i64, i64),
    facts: usize,
    body: String,
    /// The day that stands last in the body.
    inkom: Option<Day>,
}

/// A fact of a block.
struct Packed {
    number: i64,
    row: u32,
    attendance: Attendance,
}

/// A block with what was read beside it.
struct Found {
    block: Block,
    origin: Origin,
    source: (String, String),
}

impl Pending {
    /// Takes in a fact that can stand in a block; gives it back where it cannot, or where what waits has another origin.
    fn take(&mut self, new: &NewFact, at_ms: i64) -> bool {
        let Some(attendance) = plain(new) else { return false };
        let (source, sheet, row) = &new.place;
        let is_of = |origin: &Origin| origin.source == *source && origin.sheet == *sheet && origin.known_at_ms == at_ms;
        match &self.origin {
            Some(origin) if !is_of(origin) => return false,
            Some(_) => {}
            None => self.origin = Some(Origin { source: *source, sheet: sheet.clone(), known_at_ms: at_ms }),
        }
        let blocks = self.by_person.entry(attendance.person).or_default();
        match blocks.last_mut() {
            Some(block) if block.facts < MOST => block.add(new.number, *row, attendance),
            _ => blocks.push(Block::begin(new.number, *row, attendance)),
        }
        true
    }

    pub(super) fn clear(&mut self) {
        *self = Pending::default();
    }
}

/// The attendance that a new fact tells, if it tells no more than a block can hold.
fn plain(new: &NewFact) -> Option<&Attendance> {
    let Some(Fact::Attendance(told)) = &new.fact else { return None };
    let has_words =
        told.paragrafer.is_some() || told.jav.is_some() || told.ersatter.is_some() || told.diarium.is_some();
    let is_minute = |clock: &Clock| clock.second() == 0 && clock.nanosecond() == 0;
    let has_minutes = told.hours.iter().all(|(from, to)| is_minute(from) && is_minute(to));
    let is_normal = told.km.is_none_or(|km| km.scale() == km.normalize().scale());
    let is_new = new.supersedes.is_none() && new.because.is_none();
    let about = About { kind: KIND, person: Some(told.person), meeting: Some(told.meeting) };
    let is_plain = told.own.is_empty() && told.narvaroratt.is_none() && !has_words && has_minutes && is_normal;
    (is_new && is_plain && new.about == about && new.key == key(told)).then_some(told)
}

fn key(told: &Attendance) -> String {
    let mut key = String::with_capacity(32);
    key.push_str("attendance:");
    push_number(&mut key, told.meeting.0);
    key.push(':');
    push_number(&mut key, told.person.0);
    key
}

/// Meeting and person of an attendance's key.
fn place_of(key: &str) -> Option<(MeetingId, PersonId)> {
    let (meeting, person) = key.strip_prefix("attendance:")?.split_once(':')?;
    Some((MeetingId(meeting.parse().ok()?), PersonId(person.parse().ok()?)))
}

impl Block {
    fn begin(number: i64, row: u32, told: &Attendance) -> Block {
        let mut block = Block {
            id: 0,
            first_fact: number,
            last_fact: number,
            person: told.person,
            meetings: (told.meeting.0, told.meeting.0),
            facts: 0,
            body: String::new(),
            inkom: None,
        };
        block.add(number, row, told);
        block
    }

    fn add(&mut self, number: i64, row: u32, told: &Attendance) {
        if self.inkom != Some(told.inkom) {
            self.body.push('=');
            push_day(&mut self.body, told.inkom);
            self.body.push('\n');
            self.inkom = Some(told.inkom);
        }
        for value in [number - self.first_fact, i64::from(row), told.meeting.0, flags(told)] {
            push_number(&mut self.body, value);
            self.body.push('\t');
        }
        for (place, (from, to)) in told.hours.iter().enumerate() {
            if place > 0 {
                self.body.push(',');
            }
            push_number(&mut self.body, minutes(*from));
            self.body.push('-');
            push_number(&mut self.body, minutes(*to));
        }
        self.body.push('\t');
        if let Some(forlorad) = told.forlorad {
            push_number(&mut self.body, forlorad.0);
        }
        self.body.push('\t');
        if let Some(km) = told.km {
            push_decimal(&mut self.body, km);
        }
        self.body.push('\n');
        self.last_fact = number;
        self.meetings = (self.meetings.0.min(told.meeting.0), self.meetings.1.max(told.meeting.0));
        self.facts += 1;
    }

    fn digest(&self, origin: &Origin) -> String {
        let mut head = String::with_capacity(96);
        let source = origin.source.unwrap_or(-1);
        let facts = i64::try_from(self.facts).unwrap_or(i64::MAX);
        let (first, last) = self.meetings;
        for number in [self.first_fact, self.last_fact, self.person.0, source, origin.known_at_ms, first, last, facts] {
            push_number(&mut head, number);
            head.push(' ');
        }
        digest(&[&head, &origin.sheet, &self.body])
    }

    fn packed(&self) -> Result<Vec<Packed>, Fault> {
        let wrong = || garbled(&format!("facts {}-{} cannot be read", self.first_fact, self.last_fact));
        let (mut found, mut inkom) = (Vec::with_capacity(self.facts), None);
        for line in self.body.lines() {
            match line.strip_prefix('=') {
                Some(day) => inkom = Some(day_of(day).ok_or_else(wrong)?),
                None => found.push(self.fact(line, inkom).ok_or_else(wrong)?),
            }
        }
        if found.len() == self.facts { Ok(found) } else { Err(wrong()) }
    }

    fn fact(&self, line: &str, inkom: Option<Day>) -> Option<Packed> {
        let mut values = line.split('\t');
        let number = self.first_fact + values.next()?.parse::<i64>().ok()?;
        let row = values.next()?.parse().ok()?;
        let meeting = MeetingId(values.next()?.parse().ok()?);
        let flags: i64 = values.next()?.parse().ok()?;
        let hours = match values.next()? {
            "" => Vec::new(),
            text => text.split(',').map(span).collect::<Option<Vec<_>>>()?,
        };
        let forlorad = match values.next()? {
            "" => None,
            ore => Some(Ore(ore.parse().ok()?)),
        };
        let km: Option<Decimal> = match values.next()? {
            "" => None,
            km => Some(km.parse().ok()?),
        };
        let is = |bit: i64| flags & bit != 0;
        let roll = match flags & 3 {
            1 => Some(Roll::Ledamot),
            2 => Some(Roll::Ersattare),
            _ => None,
        };
        let attendance = Attendance {
            meeting,
            person: self.person,
            roll,
            tjanstgorande: is(4).then(|| is(8)),
            hours,
            own: Vec::new(),
            paragrafer: None,
            jav: None,
            ersatter: None,
            distans: is(16),
            justerare: is(32),
            narvaroratt: None,
            loneavdrag: is(64),
            forlorad,
            km,
            inkom: inkom?,
            inkom_default: is(128),
            diarium: None,
        };
        Some(Packed { number, row, attendance })
    }
}

fn flags(told: &Attendance) -> i64 {
    let roll = match told.roll {
        None => 0,
        Some(Roll::Ledamot) => 1,
        Some(Roll::Ersattare) => 2,
    };
    let serving = match told.tjanstgorande {
        None => 0,
        Some(false) => 4,
        Some(true) => 12,
    };
    let bit = |is: bool, bit: i64| if is { bit } else { 0 };
    let (distans, justerare) = (bit(told.distans, 16), bit(told.justerare, 32));
    roll | serving | distans | justerare | bit(told.loneavdrag, 64) | bit(told.inkom_default, 128)
}

fn minutes(clock: Clock) -> i64 {
    i64::from(clock.num_seconds_from_midnight() / 60)
}

fn span(text: &str) -> Option<(Clock, Clock)> {
    let (from, to) = text.split_once('-')?;
    let clock = |minutes: &str| {
        let minutes: u32 = minutes.parse().ok()?;
        Clock::from_hms_opt(minutes / 60, minutes % 60, 0)
    };
    Some((clock(from)?, clock(to)?))
}

/// A block against its hash, and whether its facts can be read.
pub(super) fn check(row: &DbRow) -> Result<(), Fault> {
    Found::read(row)?.block.packed().map(drop)
}

impl Found {
    fn read(row: &DbRow) -> Result<Found, Fault> {
        let block = Block {
            id: row.number(0)?,
            first_fact: row.number(1)?,
            last_fact: row.number(2)?,
            person: PersonId(row.number(3)?),
            meetings: (row.number(7)?, row.number(8)?),
            facts: row.small(9)? as usize,
            body: row.text(10)?,
            inkom: None,
        };
        let origin = Origin { source: row.maybe_number(4)?, sheet: row.text(5)?, known_at_ms: row.number(6)? };
        if block.digest(&origin) != row.text(11)? {
            let (first, last) = (block.first_fact, block.last_fact);
            return Err(garbled(&format!("facts {first}-{last} do not match their hash")));
        }
        let source = (row.maybe_text(12)?.unwrap_or_default(), row.maybe_text(13)?.unwrap_or_default());
        Ok(Found { block, origin, source })
    }

    fn provenance(&self, texts: &mut SharedTexts) -> Provenance {
        let (file, sha256) = &self.source;
        let sheet: Arc<str> = texts.shared(self.origin.sheet.clone());
        Provenance { file: texts.shared(file.clone()), sha256: texts.shared(sha256.clone()), sheet, row: 0 }
    }
}

/// Which facts of blocks are meant.
pub(super) enum Which<'a> {
    /// Numbers from one to another.
    Numbers(i64, i64),
    /// Of persons.
    Persons(&'a [PersonId]),
    /// Of meetings.
    Meetings(&'a [MeetingId]),
    /// Under keys; those of other kinds are under none.
    Keys(&'a [String]),
    /// Of a source, by its content.
    Source(&'a str),
}

impl Which<'_> {
    /// Nothing can be meant.
    fn is_nothing(&self) -> bool {
        match self {
            Which::Persons(persons) => persons.is_empty(),
            Which::Meetings(meetings) => meetings.is_empty(),
            Which::Keys(keys) => keys.iter().all(|key| place_of(key).is_none()),
            Which::Numbers(..) | Which::Source(_) => false,
        }
    }
}

impl Db {
    /// Keeps what can stand in blocks until it is written; gives back what cannot.
    pub(super) async fn keep_plain<'n>(&mut self, facts: &'n [NewFact], at_ms: i64) -> Result<Vec<&'n NewFact>, Fault> {
        let mut others = Vec::new();
        for new in facts {
            if !self.pending.take(new, at_ms) {
                let is_plain = plain(new).is_some();
                if is_plain {
                    self.write_pending().await?;
                }
                if !(is_plain && self.pending.take(new, at_ms)) {
                    others.push(new);
                }
            }
        }
        Ok(others)
    }

    /// Writes what waits.
    pub(super) async fn write_pending(&mut self) -> Result<(), Fault> {
        let Pending { origin: Some(origin), by_person } = std::mem::take(&mut self.pending) else { return Ok(()) };
        let (blocks, few): (Vec<Block>, Vec<Block>) =
            by_person.into_values().flatten().partition(|block| block.facts >= FEWEST);
        let mut next = self.highest("fact_block").await?;
        for part in blocks.chunks(ROWS_PER_STATEMENT) {
            let hashes: Vec<String> = part.iter().map(|block| block.digest(&origin)).collect();
            let values = part.iter().zip(&hashes).flat_map(|(block, hash)| {
                next += 1;
                [
                    Value::from(next),
                    block.first_fact.into(),
                    block.last_fact.into(),
                    block.person.0.into(),
                    origin.source.into(),
                    (&origin.sheet).into(),
                    origin.known_at_ms.into(),
                    block.meetings.0.into(),
                    block.meetings.1.into(),
                    i64::try_from(block.facts).unwrap_or(i64::MAX).into(),
                    (&block.body).into(),
                    hash.into(),
                ]
            });
            let values: Vec<Value<'_>> = values.collect();
            let columns = "id, first_fact, last_fact, person_id, source_id, sheet, known_at, first_meeting, last_meeting, fact_count, body, hash";
            self.insert("fact_block", columns, 12, &values).await?;
        }
        self.write_out(&few, &origin).await
    }

    /// Writes facts of blocks as rows of their own.
    async fn write_out(&mut self, blocks: &[Block], origin: &Origin) -> Result<(), Fault> {
        let mut facts = Vec::new();
        for block in blocks {
            for packed in block.packed()? {
                let told = packed.attendance;
                facts.push(NewFact {
                    number: packed.number,
                    key: key(&told),
                    about: About { kind: KIND, person: Some(told.person), meeting: Some(told.meeting) },
                    fact: Some(Fact::Attendance(told)),
                    place: (origin.source, origin.sheet.clone(), packed.row),
                    because: None,
                    supersedes: None,
                });
            }
        }
        facts.sort_unstable_by_key(|new: &NewFact| new.number);
        self.insert_facts(&facts.iter().collect::<Vec<_>>(), origin.known_at_ms).await
    }

    /// Writes out the blocks that hold a fact of these keys, which is to be superseded or removed.
    pub(super) async fn unpack(&mut self, keys: &[String]) -> Result<(), Fault> {
        self.write_pending().await?;
        for part in keys.chunks(ROWS_PER_STATEMENT) {
            let wanted = Wanted::of(&Which::Keys(part));
            for found in self.found(&Which::Keys(part)).await? {
                if found.block.packed()?.iter().any(|packed| wanted.has(packed)) {
                    self.run("DELETE FROM fact_block WHERE id = $1", &[found.block.id.into()]).await?;
                    self.write_out(std::slice::from_ref(&found.block), &found.origin).await?;
                }
            }
        }
        Ok(())
    }

    async fn found(&mut self, which: &Which<'_>) -> Result<Vec<Found>, Fault> {
        let (condition, values): (String, Vec<Value<'_>>) = match which {
            Which::Numbers(first, last) => {
                ("f.first_fact <= $1 AND f.last_fact >= $2".to_owned(), vec![(*last).into(), (*first).into()])
            }
            Which::Persons(persons) => of_persons(persons.iter().copied()),
            Which::Keys(keys) => {
                let persons = keys.iter().filter_map(|key| place_of(key)).map(|(_, person)| person);
                of_persons(persons.collect::<std::collections::BTreeSet<_>>().into_iter())
            }
            Which::Meetings(meetings) => {
                let first = meetings.iter().map(|meeting| meeting.0).min().unwrap_or(i64::MAX);
                let last = meetings.iter().map(|meeting| meeting.0).max().unwrap_or(i64::MIN);
                ("f.first_meeting <= $1 AND f.last_meeting >= $2".to_owned(), vec![last.into(), first.into()])
            }
            Which::Source(sha256) => ("s.sha256 = $1".to_owned(), vec![(*sha256).into()]),
        };
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE {condition} ORDER BY f.id");
        self.fetch(sql, &values).await?.iter().map(Found::read).collect()
    }

    /// Facts of blocks with numbers up to one, each as it became known.
    pub(super) async fn packed_revisions(&mut self, which: Which<'_>, up_to: i64) -> Result<Vec<Revised>, Fault> {
        if which.is_nothing() {
            return Ok(Vec::new());
        }
        self.write_pending().await?;
        let (mut texts, mut revisions) = (SharedTexts::default(), Vec::new());
        let wanted = Wanted::of(&which);
        for of in self.found(&which).await? {
            let (known_at_ms, source) = (of.origin.known_at_ms, of.provenance(&mut texts));
            for packed in of.block.packed()?.into_iter().filter(|packed| packed.number <= up_to && wanted.has(packed)) {
                let told = packed.attendance;
                revisions.push(Revised {
                    number: packed.number,
                    key: key(&told),
                    about: (KIND.to_owned(), Some(told.person), Some(told.meeting)),
                    fact: Some(Fact::Attendance(told)),
                    before: None,
                    superseded_by: None,
                    known_at_ms,
                    because: None,
                    source: Provenance { row: packed.row, ..source.clone() },
                });
            }
        }
        Ok(revisions)
    }

    /// Facts of blocks as they stand.
    pub(super) async fn packed_standing(&mut self, which: Which<'_>) -> Result<Vec<Standing>, Fault> {
        let revisions = self.packed_revisions(which, i64::MAX).await?;
        let standing = |of: Revised| Standing { key: of.key, number: of.number, fact: of.fact };
        Ok(revisions.into_iter().map(standing).collect())
    }

    /// Facts of persons in blocks, with numbers up to one.
    pub(super) async fn packed_of_persons(&mut self, persons: &[PersonId], up_to: i64) -> Result<Vec<Recorded>, Fault> {
        self.write_pending().await?;
        let (mut texts, mut recorded) = (SharedTexts::default(), Vec::new());
        for of in self.found(&Which::Persons(persons)).await? {
            let source = of.provenance(&mut texts);
            let known = of.block.packed()?.into_iter().filter(|packed| packed.number <= up_to);
            recorded.extend(known.map(|packed| Recorded {
                number: packed.number,
                fact: Fact::Attendance(packed.attendance),
                source: Provenance { row: packed.row, ..source.clone() },
            }));
        }
        Ok(recorded)
    }
}

fn of_persons<'v>(persons: impl Iterator<Item = PersonId>) -> (String, Vec<Value<'v>>) {
    let values: Vec<Value<'_>> = persons.map(|person| Value::from(person.0)).collect();
    (format!("f.person_id IN ({})", places(1, values.len())), values)
}

/// Which facts of a block that was found are meant.
struct Wanted {
    numbers: Option<(i64, i64)>,
    places: Option<std::collections::HashSet<(MeetingId, PersonId)>>,
    meetings: Option<std::collections::HashSet<MeetingId>>,
}

impl Wanted {
    fn of(which: &Which<'_>) -> Wanted {
        let mut wanted = Wanted { numbers: None, places: None, meetings: None };
        match which {
            Which::Numbers(first, last) => wanted.numbers = Some((*first, *last)),
            Which::Keys(keys) => wanted.places = Some(keys.iter().filter_map(|key| place_of(key)).collect()),
            Which::Meetings(meetings) => wanted.meetings = Some(meetings.iter().copied().collect()),
            Which::Persons(_) | Which::Source(_) => {}
        }
        wanted
    }

    fn has(&self, packed: &Packed) -> bool {
        let place = (packed.attendance.meeting, packed.attendance.person);
        self.numbers.is_none_or(|(first, last)| (first..=last).contains(&packed.number))
            && self.places.as_ref().is_none_or(|places| places.contains(&place))
            && self.meetings.as_ref().is_none_or(|meetings| meetings.contains(&packed.attendance.meeting))
    }
}
