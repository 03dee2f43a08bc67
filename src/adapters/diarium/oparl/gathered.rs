//! What the lists of one sync hold, as records by kind and id, and what was odd about it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::concern::Concern;
use super::moment::moment;
use super::objects::{self, End};
use super::wire;
use crate::ports::{Content, MeetingRecord, Record, RecordKind};

/// What is there so far.
pub(super) struct Gathered {
    now_ms: i64,
    found: BTreeMap<(RecordKind, String), Option<Content>>,
    parties: BTreeSet<String>,
    named: BTreeMap<String, Option<String>>,
    concerns: BTreeMap<Concern, usize>,
    tells_memberships: bool,
}

impl Gathered {
    /// Nothing yet; what lies after the instant has not happened.
    pub(super) fn new(now_ms: i64) -> Gathered {
        Gathered {
            now_ms,
            found: BTreeMap::new(),
            parties: BTreeSet::new(),
            named: BTreeMap::new(),
            concerns: BTreeMap::new(),
            tells_memberships: false,
        }
    }

    /// An object from the list of a kind.
    pub(super) fn take(&mut self, kind: RecordKind, object: &Value) {
        if !object.is_object() {
            return self.concern(Concern::NoId(kind));
        }
        if !wire::is_of(kind, object) {
            return self.concern(Concern::OtherClass(kind));
        }
        let Some(id) = wire::id(kind, object) else {
            return self.concern(Concern::NoId(kind));
        };
        if wire::is_yes(object, "deleted") {
            self.found.insert((kind, id), None);
            return;
        }
        match kind {
            RecordKind::Organization => self.organization(id, object),
            RecordKind::Person => self.person(id, object),
            RecordKind::Membership => self.membership(id, object, None),
            RecordKind::Meeting => self.meeting(id, object),
        }
    }

    fn organization(&mut self, id: String, object: &Value) {
        if objects::is_party(object) {
            self.parties.insert(id);
            return;
        }
        self.keep(RecordKind::Organization, id, objects::organization(object).map(Content::Organization));
    }

    fn person(&mut self, id: String, object: &Value) {
        self.tells_memberships |= object.get(wire::MEMBERSHIP).is_some();
        for place in wire::all(object, wire::MEMBERSHIP) {
            if place.is_object() {
                self.embedded(&id, place);
            } else if let Some(address) = wire::text(place) {
                self.named.insert(address, Some(id.clone()));
            }
        }
        self.keep(RecordKind::Person, id, objects::person(object).map(Content::Person));
    }

    fn embedded(&mut self, person: &str, object: &Value) {
        let id = wire::id(RecordKind::Membership, object).unwrap_or_else(|| {
            // OParl wants an id here too; without one, what it says is what it is known by.
            let said = |key| wire::field(object, key).unwrap_or_default();
            let organ = wire::reference(RecordKind::Organization, object, wire::ORGANIZATION).unwrap_or_default();
            format!("{person}#{organ}|{}|{}", said("role"), said("startDate"))
        });
        if wire::is_yes(object, "deleted") {
            self.found.insert((RecordKind::Membership, id), None);
        } else {
            self.membership(id, object, Some(person));
        }
    }

    /// A membership that was asked for by the address that its person gave.
    pub(super) fn fetched_membership(&mut self, address: &str, object: &Value, person: Option<&str>) {
        let id = wire::id(RecordKind::Membership, object).unwrap_or_else(|| address.to_owned());
        if wire::is_yes(object, "deleted") {
            self.found.insert((RecordKind::Membership, id), None);
        } else {
            self.membership(id, object, person);
        }
    }

    fn membership(&mut self, id: String, object: &Value, person: Option<&str>) {
        self.keep(RecordKind::Membership, id, objects::membership(object, person).map(Content::Membership));
    }

    fn meeting(&mut self, id: String, object: &Value) {
        let start = wire::field(object, "start").and_then(|text| moment(&text));
        let end = objects::end(start, object, self.now_ms);
        let is_ahead = start.and_then(|start| start.instant_ms).is_some_and(|start| start > self.now_ms);
        let participants = objects::participants(object).filter(|_| !is_ahead);
        let organizations = objects::organizations_of(object);
        if start.is_none() {
            self.concern(Concern::NoDay);
        }
        if end == End::OtherDay {
            self.concern(Concern::EndsOtherDay);
        }
        if is_ahead && objects::participants(object).is_some() {
            self.concern(Concern::OnlyInvited);
        }
        let record = MeetingRecord {
            organ_name: objects::organ_name(object).filter(|_| organizations.is_empty()),
            organizations,
            name: wire::field(object, wire::NAME),
            external: None,
            day: start.map(|start| start.day),
            start: start.and_then(|start| start.clock),
            end: if let End::At(clock) = end { Some(clock) } else { None },
            cancelled: objects::is_cancelled(object),
            plats: objects::place(object),
            slag: None,
            participants,
        };
        self.keep(RecordKind::Meeting, id, Some(Content::Meeting(Box::new(record))));
    }

    fn keep(&mut self, kind: RecordKind, id: String, content: Option<Content>) {
        match content {
            Some(content) => {
                self.found.insert((kind, id), Some(content));
            }
            None => self.concern(Concern::SaysTooLittle(kind)),
        }
    }

    /// One more object of which this is true.
    pub(super) fn concern(&mut self, concern: Concern) {
        *self.concerns.entry(concern).or_default() += 1;
    }

    /// Addresses of memberships that persons name and no list showed, each with its person.
    pub(super) fn memberships_to_fetch(&self) -> Vec<(String, Option<String>)> {
        let is_known = |address: &str| {
            let id = wire::id(RecordKind::Membership, &Value::from(address));
            id.is_some_and(|id| self.found.contains_key(&(RecordKind::Membership, id)))
        };
        self.named.iter().filter(|(address, _)| !is_known(address)).map(|(a, p)| (a.clone(), p.clone())).collect()
    }

    /// Organs that memberships and meetings name and no list showed.
    pub(super) fn organs_to_fetch(&self) -> Vec<String> {
        let mut named: BTreeSet<&String> = BTreeSet::new();
        for content in self.found.values().flatten() {
            match content {
                Content::Membership(place) => named.extend([&place.organization]),
                Content::Meeting(meeting) => named.extend(&meeting.organizations),
                _ => {}
            }
        }
        let is_known =
            |id: &str| self.parties.contains(id) || self.found.contains_key(&(RecordKind::Organization, id.to_owned()));
        named.into_iter().filter(|id| !is_known(id)).cloned().collect()
    }

    /// An organ that was asked for by an address: that address is how others name it, whatever id it says.
    pub(super) fn organ_at(&mut self, address: &str, object: &Value) {
        if objects::is_party(object) {
            self.parties.insert(address.to_owned());
        } else if wire::is_yes(object, "deleted") {
            self.found.insert((RecordKind::Organization, address.to_owned()), None);
        } else if let Some(organ) = objects::organization(object) {
            self.found.insert((RecordKind::Organization, address.to_owned()), Some(Content::Organization(organ)));
        }
    }

    /// Whether persons say where they sit; else nobody has told, and no place has vanished.
    pub(super) fn tells_memberships(&self) -> bool {
        self.tells_memberships
    }

    /// The records, the kinds of which some could not be read, and what to tell. What belongs to a party is not in it.
    pub(super) fn into_parts(mut self) -> (Vec<Record>, BTreeSet<RecordKind>, Vec<String>) {
        let parties = std::mem::take(&mut self.parties);
        for _ in &parties {
            self.concern(Concern::Party);
        }
        let is_partys = |content: &Content| match content {
            Content::Membership(place) => parties.contains(&place.organization),
            Content::Meeting(meeting) => {
                !meeting.organizations.is_empty() && meeting.organizations.iter().all(|organ| parties.contains(organ))
            }
            _ => false,
        };
        let kept = self.found.into_iter().filter(|(_, content)| !content.as_ref().is_some_and(is_partys));
        let records = kept.map(|((_, id), content)| Record { id, content }).collect();
        let short = self.concerns.keys().filter_map(|concern| concern.leaves_out()).collect();
        let notes = self.concerns.iter().map(|(concern, count)| concern.text(*count)).collect();
        (records, short, notes)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Values of any form, under the names that are read.
    fn any_object() -> impl Strategy<Value = Value> {
        let text = prop_oneof![Just("2025-10-14T13:00:00+02:00".to_owned()), Just("https://h/1".to_owned()), ".{0,12}"];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text.prop_map(Value::from)
        ];
        let name = prop::sample::select(vec![
            "id",
            "type",
            "name",
            "deleted",
            "organization",
            "person",
            "membership",
            "participant",
            "location",
            "start",
            "end",
            "cancelled",
            "meetingState",
            "role",
            "startDate",
            "familyName",
            "organizationType",
        ]);
        leaf.prop_recursive(3, 24, 6, move |inner| {
            let list = prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from);
            let fields = prop::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..8);
            prop_oneof![list, fields.prop_map(|fields| json!(fields))]
        })
    }

    proptest! {
        #[test]
        fn whatever_a_list_holds_every_object_is_a_record_or_told_of(objects in prop::collection::vec(any_object(), 0..6)) {
            for kind in [RecordKind::Organization, RecordKind::Person, RecordKind::Membership, RecordKind::Meeting] {
                let mut gathered = Gathered::new(1_763_899_200_000);
                objects.iter().for_each(|object| gathered.take(kind, object));
                let (records, _, notes) = gathered.into_parts();
                prop_assert!(objects.is_empty() || !records.is_empty() || !notes.is_empty());
                for record in records {
                    prop_assert!(!record.id.is_empty());
                    if let Some(Content::Meeting(meeting)) = record.content {
                        prop_assert!(meeting.participants.is_none_or(|those| !those.is_empty()));
                    }
                }
            }
        }
    }
}
