//! What stands of a source: its records, which meetings and persons of ours they are, and what is disagreed about.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::calendar::Day;
use crate::domain::{
    Content, Disagreement, Fact, Fault, MeetingId, MeetingRecord, MembershipRecord, OrganizationRecord, PersonId,
    PersonRecord, SourceMeeting, SourcePerson, SourceRecord,
};
use crate::jobs::import_workbooks::{Work, key_of};
use crate::ports::Store;

/// What stands of a source, each with the number of its fact.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// Whom of ours each person of the source was confirmed to be before.
    former: HashMap<String, BTreeSet<PersonId>>,
    /// Ids of each person's memberships.
    memberships: BTreeMap<String, Vec<String>>,
    pub(super) records: HashMap<String, (i64, SourceRecord)>,
    pub(super) links: HashMap<String, (i64, SourceMeeting)>,
    pub(super) persons: HashMap<String, (i64, SourcePerson)>,
    pub(super) disagreements: HashMap<(MeetingId, PersonId), (i64, Disagreement)>,
}

impl Source {
    pub(super) async fn load<S: Store>(work: &mut Work<'_, S>, name: &str) -> Result<Source, Fault> {
        let mut source = Source::load_all(work).await?.remove(name).unwrap_or_default();
        let links: Vec<Fact> = source.persons.values().map(|(_, link)| Fact::SourcePerson(link.clone())).collect();
        let keys: Vec<String> = links.iter().map(key_of).collect();
        for revised in work.store.history(&keys).await? {
            if let Some(Fact::SourcePerson(SourcePerson { id, person: Some(person), .. })) = revised.fact {
                source.former.entry(id).or_default().insert(work.aliases.person(person));
            }
        }
        Ok(source)
    }

    /// Whom a person of the source was taken for, and is not any more.
    pub(super) fn mistaken_for(&self, id: &str, now: Option<PersonId>) -> impl Iterator<Item = PersonId> + '_ {
        self.former.get(id).into_iter().flatten().copied().filter(move |person| Some(*person) != now)
    }

    /// Of every source, by its name.
    pub(super) async fn load_all<S: Store>(work: &mut Work<'_, S>) -> Result<HashMap<String, Source>, Fault> {
        let kinds = ["source_record", "source_meeting", "source_person", "disagreement"];
        let mut found: HashMap<String, Source> = HashMap::new();
        let last = work.store.last_fact().await?;
        for recorded in work.store.facts_of_kinds(&kinds, last).await? {
            let number = recorded.number;
            match recorded.fact {
                Fact::SourceRecord(record) => {
                    let of = found.entry(record.source.clone()).or_default();
                    of.records.insert(record.id.clone(), (number, record));
                }
                Fact::SourceMeeting(mut link) => {
                    link.meeting = work.aliases.meeting(link.meeting);
                    let of = found.entry(link.source.clone()).or_default();
                    of.links.insert(link.id.clone(), (number, link));
                }
                Fact::SourcePerson(mut alias) => {
                    alias.person = alias.person.map(|person| work.aliases.person(person));
                    let of = found.entry(alias.source.clone()).or_default();
                    of.persons.insert(alias.id.clone(), (number, alias));
                }
                Fact::Disagreement(one) => {
                    let of = found.entry(one.source.clone()).or_default();
                    let (meeting, person) = (work.aliases.meeting(one.meeting), work.aliases.person(one.person));
                    of.disagreements.insert((meeting, person), (number, one));
                }
                _ => {}
            }
        }
        Ok(found)
    }

    fn content(&self, id: &str) -> Option<&Content> {
        self.records.get(id).and_then(|(_, record)| record.content.as_ref())
    }

    pub(super) fn meeting(&self, id: &str) -> Option<&MeetingRecord> {
        match self.content(id) {
            Some(Content::Meeting(meeting)) => Some(meeting),
            _ => None,
        }
    }

    pub(super) fn person(&self, id: &str) -> Option<&PersonRecord> {
        match self.content(id) {
            Some(Content::Person(person)) => Some(person),
            _ => None,
        }
    }

    pub(super) fn organization(&self, id: &str) -> Option<&OrganizationRecord> {
        match self.content(id) {
            Some(Content::Organization(organization)) => Some(organization),
            _ => None,
        }
    }

    /// Finds the memberships of each person, when all records are there.
    pub(super) fn know_memberships(&mut self) {
        let mut of: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (id, (_, record)) in &self.records {
            if let Some(Content::Membership(membership)) = &record.content {
                of.entry(membership.person.clone()).or_default().push(id.clone());
            }
        }
        // Two memberships at once are told in the order of their ids, always the same.
        of.values_mut().for_each(|ids| ids.sort_unstable());
        self.memberships = of;
    }

    /// What a person holds in one of a meeting's organ on its day.
    pub(super) fn memberships(
        &self,
        person: &str,
        organizations: &[String],
        day: Day,
    ) -> impl Iterator<Item = &MembershipRecord> {
        let ids = self.memberships.get(person).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(move |id| match self.content(id) {
            Some(Content::Membership(held)) => {
                let is_then = held.from.is_none_or(|from| from <= day) && held.to.is_none_or(|to| day <= to);
                (is_then && organizations.contains(&held.organization)).then_some(held)
            }
            _ => None,
        })
    }
}
