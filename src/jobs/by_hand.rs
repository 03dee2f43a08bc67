//! What a person does to the facts by a command: new revisions with the reason, and who did it, so that it can be undone.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::calculate::closed;
use super::import_workbooks::{about, key_of};
use crate::calendar::{Day, Month};
use crate::domain::{Fact, Fault, MeetingId, Provenance};
use crate::ports::{About, Clock, Intervention, NewFact, Store};

/// Who does something, and why.
#[derive(Clone, Copy, Debug)]
pub struct ByHand<'a> {
    /// Who.
    pub actor: &'a str,
    /// Why.
    pub because: &'a str,
}

/// What a fact is to say from now on.
#[derive(Clone, Debug)]
pub struct Revision {
    /// What identifies the fact.
    pub key: String,
    /// What it is about.
    pub about: About,
    /// What it says; none takes it back.
    pub fact: Option<Fact>,
    /// Where that was read; nowhere if it was said by the command itself.
    pub source: Provenance,
    /// The revision that it replaces.
    pub supersedes: Option<i64>,
}

impl Revision {
    /// The revision under its number, read in a file that is known by an id.
    fn recorded(self, number: i64, file: Option<i64>, because: &str) -> NewFact {
        NewFact {
            number,
            key: self.key,
            about: self.about,
            fact: self.fact,
            place: (file, self.source.sheet.to_string(), self.source.row),
            because: Some(because.to_owned()),
            supersedes: self.supersedes,
        }
    }

    /// The revision under its number, where the command itself said it.
    pub(super) fn by_command(self, number: i64, because: &str) -> NewFact {
        self.recorded(number, None, because)
    }
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The number by which it is undone.
    pub change: i64,
    /// How many facts were recorded.
    pub facts: usize,
}

/// Records revisions with the one who made them. `first_number` leaves room below it for ids that they name.
///
/// # Errors
/// The database.
pub async fn record(
    store: &mut impl Store,
    clock: &impl Clock,
    by: &ByHand<'_>,
    (action, detail): (&str, &str),
    revisions: Vec<Revision>,
    (first_number, undoes): (i64, Option<i64>),
) -> Result<Done, Fault> {
    let at_ms = clock.now_ms();
    let mut sources: HashMap<Arc<str>, i64> = HashMap::new();
    let mut facts = Vec::with_capacity(revisions.len());
    for (number, revision) in (first_number..).zip(revisions) {
        let source = source(store, &mut sources, &revision.source, at_ms).await?;
        facts.push(revision.recorded(number, source, by.because));
    }
    store.record(&facts, at_ms).await?;
    let last_fact = facts.last().map_or(first_number - 1, |fact| fact.number);
    let change = note(store, at_ms, by, (action, detail), first_number..=last_fact, undoes).await?;
    Ok(Done { change, facts: facts.len() })
}

/// Notes who did what and why, among the changes by hand and in the audit chain, with the numbers of the facts that it
/// recorded (an empty range where it recorded none). Gives the number by which it is undone.
///
/// # Errors
/// The database.
pub async fn note(
    store: &mut impl Store,
    at_ms: i64,
    by: &ByHand<'_>,
    (action, detail): (&str, &str),
    facts: RangeInclusive<i64>,
    undoes: Option<i64>,
) -> Result<i64, Fault> {
    let id = store.last_intervention().await? + 1;
    let (first_fact, last_fact) = facts.into_inner();
    let done = Intervention {
        id,
        at_ms,
        action: action.to_owned(),
        detail: detail.to_owned(),
        because: by.because.to_owned(),
        actor: by.actor.to_owned(),
        first_fact,
        last_fact,
        undoes,
    };
    store.add_intervention(&done).await?;
    let count = last_fact + 1 - first_fact;
    let text = format!("{id}: {detail}, {count} fakta, av {}: {}", by.actor, by.because);
    store.audit(action, &text, at_ms).await?;
    Ok(id)
}

/// What a command itself says, in the place of what stands; with `stands` false it takes that back.
///
/// # Errors
/// The database.
pub async fn said(store: &mut impl Store, fact: Fact, stands: bool) -> Result<Revision, Fault> {
    let (key, about) = (key_of(&fact), about(&fact));
    let supersedes = store.standing(std::slice::from_ref(&key)).await?.first().map(|standing| standing.number);
    Ok(Revision { key, about, fact: stands.then_some(fact), source: Provenance::default(), supersedes })
}

async fn source(
    store: &mut impl Store,
    known: &mut HashMap<Arc<str>, i64>,
    source: &Provenance,
    at_ms: i64,
) -> Result<Option<i64>, Fault> {
    if source.sha256.is_empty() {
        return Ok(None);
    }
    if let Some(id) = known.get(&source.sha256) {
        return Ok(Some(*id));
    }
    let id = store.source(&source.sha256, &source.file, at_ms).await?;
    known.insert(Arc::clone(&source.sha256), id);
    Ok(Some(id))
}

/// The word that people read for what was done, by the name that is stored.
pub fn action_word(action: &str) -> &str {
    match action {
        "withdraw" => "återtaget",
        "merge" => "sammanslaget",
        "split" => "flyttat",
        "link" => "länkat",
        "unlink" => "länk borttagen",
        "undo" => "ogjort",
        "close_remark" => "anmärkning stängd",
        "close" => "månader stängda",
        "reopen" => "månader öppnade",
        "shadow" => "skuggkörning",
        "switch-over" => "övergång",
        "restored" => "återställning godkänd",
        other => other,
    }
}

/// What has been undone and stands undone: an undo that was itself undone does not count.
pub fn undone(interventions: &[Intervention]) -> BTreeMap<i64, i64> {
    let mut undone: BTreeMap<i64, i64> = BTreeMap::new();
    // The latest first: whether an undo stands is known before what it undid is looked at.
    for done in interventions.iter().rev().filter(|done| done.undoes.is_some()) {
        if let (false, Some(target)) = (undone.contains_key(&done.id), done.undoes) {
            undone.entry(target).or_insert(done.id);
        }
    }
    undone
}

/// Refuses what lies wholly in closed months: the money that was paid for it could not follow.
///
/// # Errors
/// `Refused`, naming the closed month.
pub async fn refuse_closed(store: &mut impl Store, facts: &[Fact]) -> Result<(), Fault> {
    let up_to = store.last_fact().await?;
    let closed = closed(store, up_to).await?;
    let Some(through) = closed.through.max(closed.gallrad_through) else { return Ok(()) };
    let days = meeting_days(store, facts).await?;
    let months: BTreeSet<Month> = facts.iter().filter_map(|fact| last_day(fact, &days)).map(Month::of).collect();
    match months.first().filter(|month| closed.is_closed(**month)) {
        Some(month) => Err(Fault::Refused(format!(
            "it concerns {month}, and everything up to {through} is closed: no money could follow, so nothing was changed. Open the month by `arvode close --reopen`, or decide and pay what must be put right by hand"
        ))),
        None => Ok(()),
    }
}

async fn meeting_days(store: &mut impl Store, facts: &[Fact]) -> Result<HashMap<MeetingId, Day>, Fault> {
    let up_to = store.last_fact().await?;
    let standing = store.facts_of_kinds(&["meeting"], up_to).await?;
    let all = standing.iter().map(|recorded| &recorded.fact).chain(facts);
    let day = |fact: &Fact| if let Fact::Meeting(meeting) = fact { Some((meeting.meeting, meeting.day)) } else { None };
    Ok(all.filter_map(day).collect())
}

/// The last day that a fact speaks of; none if it has no end or no day.
fn last_day(fact: &Fact, meetings: &HashMap<MeetingId, Day>) -> Option<Day> {
    let meeting = |id: &MeetingId| meetings.get(id).copied();
    match fact {
        Fact::Meeting(meeting) => Some(meeting.day),
        Fact::Attendance(attendance) => meeting(&attendance.meeting),
        Fact::Claim(claim) => meeting(&claim.meeting),
        Fact::Link(link) => meeting(&link.from).max(meeting(&link.into)),
        Fact::Jour(jour) => Some(jour.to),
        Fact::Absence(absence) => absence.to,
        Fact::Uppdrag(uppdrag) => uppdrag.to,
        Fact::Avstaende(waiver) => waiver.to,
        Fact::Utbetalt(paid) => Some(paid.day.unwrap_or(paid.payout.last())),
        Fact::Beslut(beslut) => beslut.meeting.as_ref().and_then(meeting).or(beslut.to),
        Fact::Person(_)
        | Fact::Anstid(_)
        | Fact::Distance(_)
        | Fact::Income(_)
        | Fact::Merge(_)
        | Fact::Closing(_)
        | Fact::SwitchOver(_)
        | Fact::SourceRecord(_)
        | Fact::SourcePerson(_) => None,
        Fact::SourceMeeting(link) => meeting(&link.meeting),
        Fact::Disagreement(found) => meeting(&found.meeting),
    }
}
