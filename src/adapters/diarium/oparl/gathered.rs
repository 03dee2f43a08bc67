//! What the lists of one sync hold, as records by kind and id, and what was odd about it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::moment::moment;
use super::objects::{self, End};
use super::wire;
use crate::ports::{Content, MeetingRecord, Record, RecordKind};

/// Something that a person should know, told once for all the objects that it holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Concern {
    /// The object cannot be told from others.
    NoId(RecordKind),
    /// It has no name, or a membership lacks its person or organ.
    SaysTooLittle(RecordKind),
    /// An object of another class in a list.
    OtherClass(RecordKind),
    /// A membership that a person names cannot be fetched.
    NotFetched,
    /// A meeting whose day cannot be read.
    NoDay,
    /// A meeting that ends on another day.
    EndsOtherDay,
    /// A meeting to come that has participants: they are invited.
    OnlyInvited,
    /// A party's group, its meetings and its members' places.
    Party,
}

impl Concern {
    /// The kind of which not all is here because of it.
    fn leaves_out(self) -> Option<RecordKind> {
        match self {
            Concern::NoId(kind) | Concern::SaysTooLittle(kind) => Some(kind),
            Concern::NotFetched => Some(RecordKind::Membership),
            _ => None,
        }
    }

    fn text(self, count: usize) -> String {
        let what = match self {
            Concern::NoId(kind) => format!("Utan id och därför inte inläst, i listan över {}", plural(kind)),
            Concern::SaysTooLittle(RecordKind::Membership) => {
                "Uppdrag utan person eller organ, därför inte inläst".to_owned()
            }
            Concern::SaysTooLittle(kind) => format!("Utan namn och därför inte inläst, i listan över {}", plural(kind)),
            Concern::OtherClass(kind) => format!("Något annat, i listan över {}", plural(kind)),
            Concern::NotFetched => "Uppdrag som en person hänvisar till, men som inte gick att hämta".to_owned(),
            Concern::NoDay => "Sammanträde utan dag som går att läsa".to_owned(),
            Concern::EndsOtherDay => "Sammanträde som slutar en annan dag; sluttiden används inte".to_owned(),
            Concern::OnlyInvited => "Kommande sammanträde med deltagare; de är kallade, inte närvarande".to_owned(),
            Concern::Party => "Parti eller partigrupp; lagras inte, och inte heller dess uppdrag och möten".to_owned(),
        };
        format!("{what}: {count}")
    }
}

/// The plural of a kind in Swedish.
pub(super) fn plural(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Organization => "organ",
        RecordKind::Person => "personer",
        RecordKind::Membership => "uppdrag",
        RecordKind::Meeting => "sammanträden",
    }
}

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
