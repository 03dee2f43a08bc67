//! The source's own records: kept as they were told, by the source's id, and only where they say something new.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Sync;
use super::told::VANISHED;
use crate::domain::{Content, Fact, Fault, Record, RecordKind, RemarkKind, SourceRecord, State};
use crate::jobs::import_workbooks::{about, key_of};
use crate::ports::{Changes, Problem, Store};

/// How many records of each kind are new or changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Meetings that stand, cancelled ones among them.
    pub meetings: u32,
    /// Meetings that were not cancelled before.
    pub cancelled: u32,
    /// Records of any kind that were not deleted before.
    pub deleted: u32,
    /// Persons.
    pub persons: u32,
    /// Organ.
    pub organizations: u32,
    /// Memberships.
    pub memberships: u32,
}

/// One record may always vanish; of more, only so many per cent.
const ONE: usize = 1;

impl<S: Store> Sync<'_, '_, S> {
    /// Keeps what is new, and remarks on what has vanished.
    pub(super) fn take_in_records(&mut self, changes: &Changes) -> Result<(), Fault> {
        self.work.first_new = self.work.next;
        self.remark_on_vanished(changes)?;
        for record in &changes.records {
            self.take_in_record(record);
        }
        Ok(())
    }

    fn take_in_record(&mut self, record: &Record) {
        if self.is_gallrad(record) {
            return;
        }
        let before = self.known.records.get(&record.id);
        let kind = record.content.as_ref().map(Content::kind).or_else(|| before.and_then(|(_, known)| known.kind));
        let (source, id) = (self.source.name.clone(), record.id.clone());
        let new = SourceRecord { source, id, kind, content: record.content.clone() };
        if before.is_some_and(|(_, known)| *known == new) {
            return;
        }
        self.renewed.insert(record.id.clone());
        self.done.changed.add(before.map(|(_, known)| known), &new);
        let (fact, supersedes) = (Fact::SourceRecord(new.clone()), before.map(|(number, _)| *number));
        let (key, about) = (key_of(&fact), about(&fact));
        let number = self.work.record(Some(fact), key, about, (SHEET, 0), supersedes);
        self.known.records.insert(record.id.clone(), (number, new));
    }

    /// What is gone by decision stays gone, however often a source tells it.
    fn is_gallrad(&self, record: &Record) -> bool {
        match &record.content {
            Some(Content::Meeting(meeting)) => self.work.is_gallrad(meeting.day),
            Some(Content::Membership(membership)) => self.work.is_gallrad(membership.to),
            _ => false,
        }
    }

    /// Only an explicit deletion removes anything: what merely vanished is told, and where much has, nothing is believed.
    fn remark_on_vanished(&mut self, changes: &Changes) -> Result<(), Fault> {
        let told: HashSet<&str> = changes.records.iter().map(|record| record.id.as_str()).collect();
        for kind in changes.complete.iter().copied().collect::<BTreeSet<_>>() {
            let of_kind = self.known.records.values().map(|(_, record)| record);
            let standing: Vec<&SourceRecord> =
                of_kind.filter(|record| record.kind == Some(kind) && record.content.is_some()).collect();
            let gone: BTreeMap<&str, &SourceRecord> = standing
                .iter()
                .filter(|record| !told.contains(record.id.as_str()))
                .map(|record| (record.id.as_str(), *record))
                .collect();
            let allowed = standing.len() * self.source.vanished_percent as usize / 100;
            if gone.len() > allowed.max(ONE) {
                return Err(Fault::Refused(format!(
                    "{}: {} of {} {} that are known are missing from the whole list, more than {} %; nothing was changed. \
                     Look whether the source answers as it should; what is really gone must be deleted there, not only left out",
                    self.source.name,
                    gone.len(),
                    standing.len(),
                    plural(kind),
                    self.source.vanished_percent
                )));
            }
            let ids: Vec<String> = gone.keys().map(|id| (*id).to_owned()).collect();
            for id in ids {
                self.remark_on_one(kind, &id);
            }
        }
        Ok(())
    }

    fn remark_on_one(&mut self, kind: RecordKind, id: &str) {
        let (word, day) = match self.known.meeting(id) {
            Some(meeting) => (self.meeting_word(meeting), meeting.day),
            None => (format!("{} {id}", singular(kind)), None),
        };
        let problem = Problem {
            cell: self.source.name.clone(),
            wrong: format!(
                "{word} finns inte längre i diariets lista, men är inte borttaget där; det gäller tills vidare"
            ),
            instead: "ta bort eller ställ in det i diariet, eller ta tillbaka det med arvode withdraw".to_owned(),
        };
        self.say(&format!("{VANISHED}{id}"), RemarkKind::File, day, &problem, State::Noted);
    }
}

/// The sheet that a record's fact names: a diarium has none.
const SHEET: &str = "poster";

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, more: Counts) {
        self.meetings += more.meetings;
        self.cancelled += more.cancelled;
        self.deleted += more.deleted;
        self.persons += more.persons;
        self.organizations += more.organizations;
        self.memberships += more.memberships;
    }
}

impl Counts {
    fn add(&mut self, before: Option<&SourceRecord>, new: &SourceRecord) {
        let is_cancelled =
            |record: &SourceRecord| matches!(&record.content, Some(Content::Meeting(meeting)) if meeting.cancelled);
        match &new.content {
            None => self.deleted += 1,
            Some(Content::Organization(_)) => self.organizations += 1,
            Some(Content::Person(_)) => self.persons += 1,
            Some(Content::Membership(_)) => self.memberships += 1,
            Some(Content::Meeting(_)) => {
                self.meetings += 1;
                self.cancelled += u32::from(is_cancelled(new) && !before.is_some_and(is_cancelled));
            }
        }
    }
}

fn singular(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Organization => "organet",
        RecordKind::Person => "personen",
        RecordKind::Membership => "medlemskapet",
        RecordKind::Meeting => "mötet",
    }
}

fn plural(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Organization => "organizations",
        RecordKind::Person => "persons",
        RecordKind::Membership => "memberships",
        RecordKind::Meeting => "meetings",
    }
}
