//! Takes facts back: a meeting that never was, or a whole file that was wrong. What an earlier file said stands again.

use std::collections::{BTreeMap, HashMap};

use super::by_hand::{ByHand, Done, Revision, record, refuse_closed, undone};
use super::import_workbooks::about;
use super::named::{MeetingName, Meetings};
use super::wholly::wholly;
use crate::domain::{Fact, Fault, Provenance};
use crate::ports::{Clock, Revised, Standing, Store};
use crate::regelverk::Regelverk;

/// What is to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A meeting with its attendance; its claims stay and are held.
    Meeting(MeetingName),
    /// All that stands now from one file, by its sha256.
    File(String),
}

/// The command's name among the changes by hand.
const WITHDRAW: &str = "withdraw";

/// Takes back, and says how many facts.
///
/// # Errors
/// `Input`: nothing or more than one thing is meant. `Refused`: it lies in a closed month.
pub async fn withdraw(
    store: &mut impl Store,
    clock: &impl Clock,
    rules: &Regelverk,
    target: &Target,
    by: &ByHand<'_>,
) -> Result<Done, Fault> {
    wholly(store, async |store| {
        let (detail, revisions) = match target {
            Target::File(sha256) => (file_detail(sha256), of_file(store, sha256).await?),
            Target::Meeting(name) => of_meeting(store, rules, name).await?,
        };
        if revisions.is_empty() {
            return Err(Fault::Input(
                "nothing stands that could be taken back: look at the file's name or the meeting's day; persons are never taken back, only corrected".to_owned(),
            ));
        }
        let first = store.last_fact().await? + 1;
        record(store, clock, by, (WITHDRAW, &detail), revisions, (first, None)).await
    })
    .await
}

fn file_detail(sha256: &str) -> String {
    format!("fil sha256 {sha256}")
}

async fn of_meeting(
    store: &mut impl Store,
    rules: &Regelverk,
    name: &MeetingName,
) -> Result<(String, Vec<Revision>), Fault> {
    let meetings = Meetings::load(store).await?;
    let meeting = meetings.find(rules, name)?;
    let ids = meetings.aliases.meetings_of(meeting);
    let mut standing = store.standing_of_meetings("attendance", &ids).await?;
    if store.standing_of_meetings("claim", &ids).await?.is_empty() {
        standing.extend(store.standing_of_meetings("meeting", &ids).await?);
    }
    let said: Vec<Fact> = standing.iter().filter_map(|found| found.fact.clone()).collect();
    refuse_closed(store, &said).await?;
    let gone = standing.into_iter().filter_map(|found| {
        let about = about(found.fact.as_ref()?);
        let (key, supersedes) = (found.key, Some(found.number));
        Some(Revision { key, about, fact: None, source: Provenance::default(), supersedes })
    });
    let told = meetings.known.get(&meeting).map(|meeting| format!("möte {} {}", meeting.organ, meeting.day));
    Ok((told.unwrap_or_default(), gone.collect()))
}

async fn of_file(store: &mut impl Store, sha256: &str) -> Result<Vec<Revision>, Fault> {
    let standing = store.standing_of_source(sha256).await?;
    let keys: Vec<String> = standing.iter().map(|found| found.key.clone()).collect();
    let mut history: HashMap<String, Vec<Revised>> = HashMap::new();
    for revised in store.history(&keys).await? {
        history.entry(revised.key.clone()).or_default().push(revised);
    }
    let withdrawn = withdrawn_files(store).await?;
    let said: Vec<Fact> = standing.iter().filter_map(|found| found.fact.clone()).collect();
    let mut revisions = Vec::with_capacity(standing.len());
    for found in standing {
        let earlier = history.remove(&found.key).unwrap_or_default();
        let before = earlier.into_iter().rev().find(|revised| {
            let of_withdrawn = withdrawn.get(&*revised.source.sha256).is_some_and(|since| revised.number < *since);
            revised.number < found.number && *revised.source.sha256 != *sha256 && !of_withdrawn
        });
        revisions.extend(brought_back(found, before));
    }
    refuse_closed(store, &said).await?;
    Ok(revisions)
}

/// What stood before a file's word stands again. Other files' attendance and claims, and what is booked, hang on meetings
/// and persons: where nothing else was said of these they stay, for without them these pay nothing.
fn brought_back(found: Standing, before: Option<Revised>) -> Option<Revision> {
    let (fact, source) = match before {
        Some(Revised { fact: Some(fact), source, .. }) => (Some(fact), source),
        _ => (None, Provenance::default()),
    };
    if fact == found.fact {
        return None;
    }
    let told = fact.as_ref().or(found.fact.as_ref())?;
    if fact.is_none() && matches!(told, Fact::Meeting(_) | Fact::Person(_) | Fact::Anstid(_)) {
        return None;
    }
    Some(Revision { about: about(told), key: found.key, fact, source, supersedes: Some(found.number) })
}

/// Files that were taken back, each with the number of the first fact after it: what they said before does not come back.
async fn withdrawn_files(store: &mut impl Store) -> Result<BTreeMap<String, i64>, Fault> {
    let interventions = store.interventions().await?;
    let undone = undone(&interventions);
    let files = interventions.iter().filter(|done| done.action == WITHDRAW && !undone.contains_key(&done.id));
    let prefix = file_detail("");
    Ok(files.filter_map(|done| Some((done.detail.strip_prefix(&prefix)?.to_owned(), done.first_fact))).collect())
}
