//! Records of diaries: meetings and memberships go with their time, persons when nothing that stays names them.

use std::collections::{BTreeMap, HashSet};

use crate::calendar::{Day, Month};
use crate::domain::{Content, Fact};
use crate::ports::Revised;

/// All revisions of the records that go, of all revisions of all records.
pub(super) fn records_that_go(revised: Vec<Revised>, through: Month) -> Vec<Revised> {
    let mut by_key: BTreeMap<String, Vec<Revised>> = BTreeMap::new();
    for one in revised {
        by_key.entry(one.key.clone()).or_default().push(one);
    }
    let last = through.last();
    let mut named: HashSet<(String, String)> = HashSet::new();
    for (source, content) in by_key.values().filter_map(|of| last_content(of)) {
        if !is_old(content, last) {
            named.extend(persons_in(content).map(|person| (source.to_owned(), person.to_owned())));
        }
    }
    let goes = |of: &Vec<Revised>| match last_content(of) {
        Some((source, Content::Person(_))) => {
            id_of(of).is_some_and(|id| !named.contains(&(source.to_owned(), id.to_owned())))
        }
        Some((_, content)) => is_old(content, last),
        None => false,
    };
    by_key.into_values().filter(goes).flatten().collect()
}

/// What a record said last before it was deleted, with its source.
fn last_content(of: &[Revised]) -> Option<(&str, &Content)> {
    of.iter().rev().find_map(|revised| match &revised.fact {
        Some(Fact::SourceRecord(record)) => record.content.as_ref().map(|content| (record.source.as_str(), content)),
        _ => None,
    })
}

fn id_of(of: &[Revised]) -> Option<&str> {
    of.iter().find_map(|revised| match &revised.fact {
        Some(Fact::SourceRecord(record)) => Some(record.id.as_str()),
        _ => None,
    })
}

fn is_old(content: &Content, last: Day) -> bool {
    match content {
        Content::Meeting(meeting) => meeting.day.is_some_and(|day| day <= last),
        Content::Membership(membership) => membership.to.is_some_and(|to| to <= last),
        Content::Organization(_) | Content::Person(_) => false,
    }
}

fn persons_in(content: &Content) -> Box<dyn Iterator<Item = &str> + '_> {
    match content {
        Content::Meeting(meeting) => {
            let participants = meeting.participants.iter().flatten();
            Box::new(participants.filter_map(|participant| participant.person.as_deref()))
        }
        Content::Membership(membership) => Box::new(std::iter::once(membership.person.as_str())),
        Content::Organization(_) | Content::Person(_) => Box::new(std::iter::empty()),
    }
}
