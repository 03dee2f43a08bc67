//! `rest`: any JSON API, by configuration. The settings say where its lists lie, how they go on, how to ask for what has
//! changed, and where each of our fields stands in a record.
//!
//! A record that cannot be used is left out, told and asked for again each time: the cursor stays where it was until all can
//! be read. A list that has such a hole, or that was asked for only what changed, is no whole list.

mod fields;
mod left_out;
mod moment;
mod pages;
mod pointer;
mod record;
mod settings;

use std::collections::HashMap;
use std::time::Duration;

pub use moment::{MILLISECONDS, SECONDS};
pub use pointer::Pointer;
pub use settings::{
    Field, ListSettings, PARTICIPANT, PageSize, Paging, Participants, ParticipantsPlace, Place, RestSettings, Shape,
    Since, SinceFormat, fields_of,
};

use self::left_out::LeftOut;
use self::pages::{List, path_of};
use self::record::{Unusable, participants};
use crate::adapters::http::{Http, Outside};
use crate::adapters::settings::DiariumSettings;
use crate::calendar::{Day, day_of_instant, instant_text};
use crate::domain::Fault;
use crate::ports::{Changes, Content, Diarium, ParticipantRecord, Record, RecordKind};

/// The cursor of a fetch that began with nothing and could not read all: everything is asked for again.
const FROM_THE_START: &str = "1970-01-01T00:00:00Z";

/// One API.
#[derive(Debug)]
pub struct Rest {
    base: String,
    settings: RestSettings,
    overlap: Duration,
    http: Http,
}

impl Rest {
    /// Reads secrets and certificates; connects to nothing yet.
    ///
    /// # Errors
    /// `Input`: a setting or a file that it names cannot be used.
    pub fn open(settings: &DiariumSettings, outside: &Outside) -> Result<Rest, Fault> {
        let http = Http::open(&settings.http, outside)?;
        let base = settings.http.url.clone();
        let rest = settings.rest.clone().unwrap_or_default();
        Ok(Rest { base, settings: rest, overlap: settings.overlap, http })
    }

    async fn list(&mut self, list: &ListSettings, since_ms: Option<i64>, fetched: &mut Fetched) -> Result<(), Fault> {
        let since = list.since.as_ref().zip(since_ms).map(|(since, ms)| {
            let moment = moment::written(ms.saturating_sub(ms_of(self.overlap)), since.format);
            (since.parameter.clone(), since.value.replace("{since}", &moment))
        });
        let asked = since.as_ref().map(|(name, value)| (name.as_str(), value.as_str()));
        let values = match pages::read(&mut self.http, &self.base, &list.place, asked).await? {
            List::Whole(values) => values,
            List::Missing => {
                let (name, path) = (self.http.name(), &list.place.path);
                return Err(Fault::Input(format!(
                    "{name}: {path}: the source knows no such address; see `path` and `url`"
                )));
            }
        };
        for value in values {
            match record::record(list, &self.settings, &value) {
                Ok(record) => fetched.add(record),
                Err(unusable) => fetched.left_out.add(list.kind, unusable),
            }
        }
        if asked.is_none() {
            fetched.whole.push(list.kind);
        }
        Ok(())
    }

    /// Asks for the participants of each meeting that has been, where they have a list of their own.
    async fn ask_who_was_there(&mut self, list: &ListSettings, fetched: &mut Fetched) -> Result<(), Fault> {
        let Some(Participants { place: ParticipantsPlace::Listed(place), shape }) = &list.participants else {
            return Ok(());
        };
        let today = day_of_instant(self.http.now_ms());
        for at in 0..fetched.records.len() {
            let Some((id, day)) = fetched.records.get(at).and_then(|record| held_by(record, today)) else { continue };
            let place = Place { path: path_of(&place.path, &id), ..place.clone() };
            let List::Whole(values) = pages::read(&mut self.http, &self.base, &place, None).await? else { continue };
            match participants(values.iter(), day, shape, &self.settings) {
                Ok(found) => fetched.set_participants(at, found),
                Err(wrong) => fetched.leave_out(at, Unusable { id: Some(id), wrong }),
            }
        }
        fetched.forget_left_out();
        Ok(())
    }
}

impl Diarium for Rest {
    async fn changes(&mut self, since: Option<&str>) -> Result<Changes, Fault> {
        self.http.begin();
        let cursor = instant_text(self.http.now_ms());
        let since_ms = since.and_then(ms_of_cursor).filter(|ms| *ms > 0);
        let mut fetched = Fetched::default();
        for list in self.settings.lists.clone() {
            self.list(&list, since_ms, &mut fetched).await?;
            if list.kind == RecordKind::Meeting {
                self.ask_who_was_there(&list, &mut fetched).await?;
            }
        }
        Ok(fetched.into_changes(cursor, since))
    }
}

/// What has come so far.
#[derive(Default)]
struct Fetched {
    records: Vec<Record>,
    places: HashMap<String, usize>,
    left_out: LeftOut,
    /// Meetings whose participants cannot be read.
    holes: Vec<String>,
    whole: Vec<RecordKind>,
}

impl Fetched {
    /// The last of two records of one id counts: a list may move on while it is read.
    fn add(&mut self, record: Record) {
        match self.places.get(&record.id).and_then(|place| self.records.get_mut(*place)) {
            Some(before) => *before = record,
            None => {
                self.places.insert(record.id.clone(), self.records.len());
                self.records.push(record);
            }
        }
    }

    fn set_participants(&mut self, at: usize, found: Option<Vec<ParticipantRecord>>) {
        if let Some(Record { content: Some(Content::Meeting(meeting)), .. }) = self.records.get_mut(at) {
            meeting.participants = found;
        }
    }

    fn leave_out(&mut self, at: usize, unusable: Unusable) {
        self.left_out.add(RecordKind::Meeting, unusable);
        self.holes.extend(self.records.get(at).map(|record| record.id.clone()));
    }

    /// A meeting with half of its participants is no meeting.
    fn forget_left_out(&mut self) {
        let holes = std::mem::take(&mut self.holes);
        self.records.retain(|record| !holes.contains(&record.id));
    }

    fn into_changes(mut self, cursor: String, since: Option<&str>) -> Changes {
        self.whole.retain(|kind| !self.left_out.has(*kind));
        let cursor = match self.left_out.is_empty() {
            true => cursor,
            false => since.unwrap_or(FROM_THE_START).to_owned(),
        };
        let unread = self.left_out.notes();
        Changes { records: self.records, cursor, complete: self.whole, unread, ..Changes::default() }
    }
}

/// The source's own id of a meeting that was held, as far as anybody can tell, and its day.
fn held_by(record: &Record, today: Day) -> Option<(String, Day)> {
    let Some(Content::Meeting(meeting)) = &record.content else { return None };
    let day = meeting.day.filter(|day| *day <= today && !meeting.cancelled)?;
    let id = record.id.strip_prefix(&record::named(RecordKind::Meeting, ""))?;
    Some((id.to_owned(), day))
}

fn ms_of_cursor(text: &str) -> Option<i64> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.timestamp_millis())
}

fn ms_of(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
