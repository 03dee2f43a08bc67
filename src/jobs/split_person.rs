//! Two people were taken for one: facts that were registered under the wrong person move to the right one.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use super::by_hand::{ByHand, Done, Revision, record, said};
use super::import_workbooks::{about, key_of};
use super::named::Persons;
use super::wholly::wholly;
use crate::calendar::Day;
use crate::domain::{ClaimId, Fact, Fault, PersonId, Provenance, Recorded, UppdragId};
use crate::ports::{Clock, Revised, Store};

/// Which facts are to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// By their numbers, as `arvode person facts` lists them.
    Numbers(Vec<RangeInclusive<i64>>),
    /// By the file they were read in, and its rows; all if none are named.
    File(String, Option<RangeInclusive<u32>>),
}

impl Chosen {
    fn is(&self, recorded: &Recorded) -> bool {
        match self {
            Chosen::Numbers(ranges) => ranges.iter().any(|range| range.contains(&recorded.number)),
            Chosen::File(name, rows) => {
                *recorded.source.file == **name && rows.as_ref().is_none_or(|rows| rows.contains(&recorded.source.row))
            }
        }
    }
}

/// Moves facts of `person` to `to`, or to a person who is registered by them.
///
/// # Errors
/// `Input`: nobody, several or nothing is meant. `Refused`: either person would be left without a row of Personer.
pub async fn split(
    store: &mut impl Store,
    clock: &impl Clock,
    by: &ByHand<'_>,
    (person, to): (&str, Option<&str>),
    chosen: &Chosen,
    today: Day,
) -> Result<Done, Fault> {
    wholly(store, async |store| {
        let persons = Persons::load(store).await?;
        let person = persons.aliases.person(persons.find(person, today)?);
        let to = to.map(|to| persons.find(to, today).map(|to| persons.aliases.person(to))).transpose()?;
        if to == Some(person) {
            return Err(Fault::Refused(format!(
                "both name {}; facts move from one person to another",
                persons.name(person)
            )));
        }
        let standing = facts_of(store, &persons, person).await?;
        let mut moving: Vec<Recorded> = standing.iter().filter(|recorded| chosen.is(recorded)).cloned().collect();
        with_their_decisions(&standing, &mut moving);
        if moving.is_empty() {
            return Err(Fault::Input(format!(
                "{} has no such facts; `arvode person facts` lists them with numbers, files and rows",
                persons.name(person)
            )));
        }
        let mut moves = Moves { next: store.last_fact().await? + 1, to: PersonId(0), claims: HashMap::new() };
        moves.to = to.unwrap_or_else(|| PersonId(moves.id()));
        let mut revisions = Vec::new();
        let history = history(store, &moving).await?;
        for recorded in moving {
            revisions.extend(left_behind(&recorded, &history));
            let moved = moves.moved(store, recorded).await?;
            revisions.retain(|earlier: &Revision| earlier.key != moved.key);
            revisions.push(moved);
        }
        has_a_name(
            &standing,
            &revisions,
            person,
            "the person would be left without a row of Personer; use `arvode person merge` if they are one",
        )?;
        if to.is_none() {
            has_a_name(
                &[],
                &revisions,
                moves.to,
                "a new person begins with their row of Personer; choose that fact too, or name the person by --to",
            )?;
        }
        let detail =
            format!("{} fakta från person {} till person {}", count_to(&revisions, moves.to), person.0, moves.to.0);
        record(store, clock, by, ("split", &detail), revisions, (moves.next, None)).await
    })
    .await
}

/// What stands of a person, under whatever id, in the order of the numbers.
///
/// # Errors
/// The database.
pub async fn facts_of(store: &mut impl Store, persons: &Persons, person: PersonId) -> Result<Vec<Recorded>, Fault> {
    let up_to = store.last_fact().await?;
    store.facts_of_persons(&persons.aliases.persons_of(person), up_to).await
}

/// A decision about one very yrkande goes where that goes.
fn with_their_decisions(standing: &[Recorded], moving: &mut Vec<Recorded>) {
    let claim = |recorded: &Recorded| if let Fact::Claim(claim) = &recorded.fact { Some(claim.claim) } else { None };
    let claims: HashSet<ClaimId> = moving.iter().filter_map(claim).collect();
    let numbers: HashSet<i64> = moving.iter().map(|recorded| recorded.number).collect();
    let is_about = |recorded: &&Recorded| matches!(&recorded.fact, Fact::Beslut(beslut) if beslut.claim.is_some_and(|claim| claims.contains(&claim)));
    let more = standing.iter().filter(is_about).filter(|recorded| !numbers.contains(&recorded.number));
    moving.extend(more.cloned());
    // Yrkanden first: their decisions name them.
    moving.sort_by_key(|recorded| (!matches!(recorded.fact, Fact::Claim(_)), recorded.number));
}

/// Earlier revisions of what a form says of a person, by key.
async fn history(store: &mut impl Store, moving: &[Recorded]) -> Result<HashMap<String, Vec<Revised>>, Fault> {
    let is_of_form = |fact: &Fact| matches!(fact, Fact::Person(_) | Fact::Anstid(_) | Fact::Distance(_));
    let of_form = moving.iter().filter(|recorded| is_of_form(&recorded.fact));
    let keys: Vec<String> = of_form.map(|recorded| key_of(&recorded.fact)).collect();
    let mut history: HashMap<String, Vec<Revised>> = HashMap::new();
    for revised in store.history(&keys).await? {
        history.entry(revised.key.clone()).or_default().push(revised);
    }
    Ok(history)
}

/// What stands under the old key: a form's row that another person's had replaced comes back; else nothing.
fn left_behind(recorded: &Recorded, history: &HashMap<String, Vec<Revised>>) -> Option<Revision> {
    let key = key_of(&recorded.fact);
    let earlier = history.get(&key).map_or(&[][..], Vec::as_slice);
    let before = earlier.iter().rev().find(|revised| revised.number < recorded.number && is_another(revised, recorded));
    let (fact, source) = match before {
        Some(Revised { fact: Some(fact), source, .. }) => (Some(fact.clone()), source.clone()),
        _ => (None, Provenance::default()),
    };
    let about = about(fact.as_ref().unwrap_or(&recorded.fact));
    Some(Revision { key, about, fact, source, supersedes: Some(recorded.number) })
}

/// Whether an earlier revision tells of somebody else than the one that moves: by the personnummer, else by the row.
fn is_another(earlier: &Revised, moving: &Recorded) -> bool {
    match (&earlier.fact, &moving.fact) {
        (Some(Fact::Person(one)), Fact::Person(other)) => one.personnummer != other.personnummer,
        (_, Fact::Person(_)) => false,
        _ => (&earlier.source.sha256, earlier.source.row) != (&moving.source.sha256, moving.source.row),
    }
}

/// A person is known by a row of Personer: at least one must stand after the move.
fn has_a_name(standing: &[Recorded], revisions: &[Revision], person: PersonId, otherwise: &str) -> Result<(), Fault> {
    let is_name = |fact: &Fact| matches!(fact, Fact::Person(row) if row.person == person);
    let gone: HashSet<&str> = revisions.iter().map(|revision| revision.key.as_str()).collect();
    let stays =
        standing.iter().any(|recorded| is_name(&recorded.fact) && !gone.contains(key_of(&recorded.fact).as_str()));
    let comes = revisions.iter().filter_map(|revision| revision.fact.as_ref()).any(is_name);
    if stays || comes { Ok(()) } else { Err(Fault::Refused(otherwise.to_owned())) }
}

fn count_to(revisions: &[Revision], to: PersonId) -> usize {
    revisions.iter().filter(|revision| revision.fact.is_some() && revision.about.person == Some(to)).count()
}

/// A move under way.
struct Moves {
    /// The next number; uppdrag and yrkanden get new ids, since booked lines of the other person hang on the old.
    next: i64,
    to: PersonId,
    claims: HashMap<ClaimId, ClaimId>,
}

impl Moves {
    fn id(&mut self) -> i64 {
        self.next += 1;
        self.next - 1
    }

    /// The fact as it stands under the right person.
    async fn moved(&mut self, store: &mut impl Store, recorded: Recorded) -> Result<Revision, Fault> {
        let revision = said(store, self.rewritten(recorded.fact), true).await?;
        Ok(Revision { source: recorded.source, ..revision })
    }

    fn rewritten(&mut self, mut fact: Fact) -> Fact {
        let to = self.to;
        match &mut fact {
            Fact::Person(found) => found.person = to,
            Fact::Anstid(found) => found.person = to,
            Fact::Distance(found) => found.person = to,
            Fact::Income(found) => found.person = to,
            Fact::Absence(found) => found.person = to,
            Fact::Attendance(found) => found.person = to,
            Fact::Jour(found) => found.person = to,
            Fact::Avstaende(found) => found.person = to,
            Fact::Utbetalt(found) => found.person = to,
            Fact::Uppdrag(found) => (found.person, found.uppdrag) = (to, UppdragId(self.id())),
            Fact::Claim(found) => {
                let id = ClaimId(self.id());
                self.claims.insert(found.claim, id);
                (found.person, found.claim) = (to, id);
            }
            Fact::Beslut(found) => {
                found.person = Some(to);
                found.claim = found.claim.map(|claim| self.claims.get(&claim).copied().unwrap_or(claim));
            }
            Fact::SourcePerson(found) => found.person = to,
            Fact::Disagreement(found) => found.person = to,
            Fact::Meeting(_)
            | Fact::Merge(_)
            | Fact::Link(_)
            | Fact::Closing(_)
            | Fact::SwitchOver(_)
            | Fact::SourceRecord(_)
            | Fact::SourceMeeting(_) => {}
        }
        fact
    }
}
