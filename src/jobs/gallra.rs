//! Gallring: removes what is older than the decided time, in closed months, and keeps what nothing can do without: batches
//! with their sums, hashes, sheets and signatures, the audit chain, and sums by month, organ and kind of the rows that go.
//!
//! Whole calendar years go, since caps and limits are counted over a year. What a kept row rests on is kept: a person's
//! facts from the first month of any row of theirs that stays. Rows that take each other back go together or not at all.

mod plan;
mod sources;

use std::collections::{BTreeMap, HashMap, HashSet};

use self::plan::{Group, Meetings, Plan};
use super::calculate::closed;
use super::named::aliases;
use super::wholly::wholly_if;
use crate::calendar::{Day, Month, end_of_day_ms};
use crate::domain::{Fact, Fault, MeetingId, PersonId};
use crate::ledger::{Batch, BatchName};
use crate::ports::{Clock, Gallring, LetterHead, LetterState, Revised, Store};

/// Persons whose rows and facts are in memory together.
const PERSONS_TOGETHER: usize = 200;

/// How long things are kept, and who decided it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// So many calendar years after the one that something belongs to.
    pub years: u32,
    /// The decision.
    pub decision: String,
}

/// What went, or would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The last month of what goes.
    pub through: Month,
    /// Revisions of facts by kind.
    pub facts: BTreeMap<String, u64>,
    /// Rows of batches.
    pub rows: u64,
    /// Persons of whom nothing is left.
    pub persons: u64,
    /// Remarks; unknown before they go.
    pub remarks: u64,
    /// Letters, of which only that they were written stays.
    pub letters: u64,
    /// The database was changed.
    pub is_done: bool,
}

/// Files that have nothing left behind them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// Archived files by their sha256.
    pub archived: Vec<String>,
    /// Batches whose exported files go.
    pub batches: Vec<BatchName>,
    /// Letters that are empty.
    pub letters: Vec<LetterHead>,
}

/// Removes what may go from the database: all or nothing.
///
/// # Errors
/// `Refused`: no month is closed, or the counts do not agree; nothing is changed.
pub async fn gallra(
    store: &mut impl Store,
    clock: &impl Clock,
    rule: &Rule,
    actor: &str,
    dry_run: bool,
) -> Result<Outcome, Fault> {
    let within = async |store: &mut _| gallra_within(store, clock, rule, actor, dry_run).await;
    wholly_if(store, |outcome: &Outcome| outcome.is_done, within).await
}

/// Files that gallring has left nothing of: also those that an earlier run had no time for.
///
/// # Errors
/// The database.
pub async fn leftovers(store: &mut impl Store) -> Result<Leftovers, Fault> {
    let bare: HashSet<i64> = store.bare_batches().await?.into_iter().collect();
    let batches = store.batches().await?;
    let batches = batches.into_iter().filter(|(id, _, _)| bare.contains(id)).map(|(_, batch, _)| batch.name);
    let (batches, archived) = (batches.collect(), store.bare_sources().await?);
    let mut letters = store.letter_heads(&LetterState::ALL).await?;
    letters.retain(|head| head.subject.is_empty());
    Ok(Leftovers { archived, batches, letters })
}

/// What gallring has removed of a batch: rows, and the decision of the last run; none where all is there.
///
/// # Errors
/// The database.
pub async fn gallrad_of(store: &mut impl Store, batch: i64) -> Result<Option<(u32, String)>, Fault> {
    let mut rows = 0;
    let mut last = None;
    for (run, sum) in store.gallrade().await?.into_iter().filter(|(_, sum)| sum.batch == batch) {
        rows += sum.rows;
        last = last.max(Some(run));
    }
    let decision = store.gallringar().await?.into_iter().find(|run| Some(run.id) == last).map(|run| run.decision);
    Ok(decision.map(|decision| (rows, decision)))
}

/// Nothing is signed or written of a batch that lacks rows.
///
/// # Errors
/// `Refused`: rows of it are gone.
pub async fn refuse_gallrad(store: &mut impl Store, id: i64, batch: &Batch) -> Result<(), Fault> {
    match gallrad_of(store, id).await? {
        None => Ok(()),
        Some((rows, decision)) => Err(Fault::Refused(format!(
            "{rows} rows of batch {} are gallrade according to {decision}; its sums, sheets and signatures are kept, and nothing more is signed or written of it",
            batch.name
        ))),
    }
}

/// The last month that may go: the end of a calendar year that is both old enough and closed.
fn limit(today: Day, rule: &Rule, closed_through: Month) -> Option<Month> {
    let years = i32::try_from(rule.years).ok()?;
    let old = Month::of(today).year().checked_sub(years)?.checked_sub(1)?;
    let closed = if closed_through.month() == 12 { closed_through.year() } else { closed_through.year() - 1 };
    Month::new(old.min(closed), 12)
}

async fn gallra_within(
    store: &mut impl Store,
    clock: &impl Clock,
    rule: &Rule,
    actor: &str,
    dry_run: bool,
) -> Result<Outcome, Fault> {
    let last_fact = store.last_fact().await?;
    let closed = closed(store, last_fact).await?;
    let through = closed.through.and_then(|through| limit(clock.today(), rule, through));
    let Some(through) = through else {
        return Err(Fault::Refused(
            "no month is closed, and gallring happens only in closed months; `arvode close MONTH` closes them"
                .to_owned(),
        ));
    };
    let plan = plan(store, through, last_fact).await?;
    let before_ms = end_of_day_ms(through.last()).saturating_add(1);
    let heads = store.letter_heads(&LetterState::ALL).await?;
    let goes =
        |head: &&LetterHead| head.created_ms < before_ms && head.progress.state.is_ended() && !head.subject.is_empty();
    let mut outcome = Outcome {
        through,
        facts: plan.facts.clone(),
        rows: plan.rows.len() as u64,
        persons: plan.persons,
        remarks: 0,
        letters: heads.iter().filter(goes).count() as u64,
        is_done: false,
    };
    if dry_run || (plan.is_empty() && outcome.letters == 0) {
        return Ok(outcome);
    }
    let facts: u64 = plan.facts.values().sum();
    let run = Gallring {
        id: store.gallringar().await?.last().map_or(0, |run| run.id) + 1,
        at_ms: clock.now_ms(),
        through,
        decision: rule.decision.clone(),
        actor: actor.to_owned(),
        facts,
        rows: outcome.rows,
        persons: plan.persons,
        last_fact,
    };
    store.add_gallring(&run).await?;
    store.add_gallrade(run.id, &plan.sums()).await?;
    let rows = store.remove_rows(&plan.rows).await?;
    let removed = store.remove_facts(run.id, &plan.keys).await?;
    if (rows, removed) != (run.rows, facts) {
        return Err(Fault::Refused(format!(
            "{} rows and {facts} revisions were to go, but {rows} and {removed} are there; nothing was changed: restore the last backup",
            run.rows
        )));
    }
    outcome.remarks = store.remove_remarks(through).await?;
    outcome.letters = store.empty_letters(before_ms).await?;
    let detail = format!(
        "till och med {} enligt {}: {facts} uppgifter, {rows} rader, {} personer, {} anmärkningar, {} brev; {actor}",
        through.last(),
        rule.decision,
        run.persons,
        outcome.remarks,
        outcome.letters
    );
    store.audit("gallring", &detail, run.at_ms).await?;
    outcome.is_done = true;
    Ok(outcome)
}

async fn plan(store: &mut impl Store, through: Month, last_fact: i64) -> Result<Plan, Fault> {
    let aliases = aliases(store, last_fact).await?;
    let mut days: HashMap<MeetingId, Day> = HashMap::new();
    for fact in store.every_revision("meeting").await? {
        if let Fact::Meeting(meeting) = fact {
            let day = days.entry(aliases.meeting(meeting.meeting)).or_insert(meeting.day);
            *day = meeting.day.max(*day);
        }
    }
    let mut persons: Vec<PersonId> = Vec::new();
    for fact in store.every_revision("person").await? {
        if let Fact::Person(person) = fact {
            persons.push(aliases.person(person.person));
        }
    }
    persons.sort_unstable();
    persons.dedup();
    let meetings = Meetings { aliases: &aliases, days: &days };
    let mut plan = Plan::new(through);
    for part in persons.chunks(PERSONS_TOGETHER) {
        let ids: Vec<PersonId> = part.iter().flat_map(|person| aliases.persons_of(*person)).collect();
        let mut groups: BTreeMap<PersonId, Group> = BTreeMap::new();
        for row in store.every_row(&ids).await? {
            groups.entry(aliases.person(row.stored.row.person)).or_default().rows.push(row);
        }
        for revised in store.revisions_about(&ids, &[], 0, last_fact).await? {
            let person = revised.about.1.map(|person| aliases.person(person));
            if let Some(person) = person {
                groups.entry(person).or_default().take(revised);
            }
        }
        for group in groups.into_values() {
            plan.take(group, &meetings);
        }
    }
    let old = plan.meetings_that_go(&meetings);
    for part in old.chunks(PERSONS_TOGETHER) {
        let ids: Vec<MeetingId> = part.iter().flat_map(|meeting| aliases.meetings_of(*meeting)).collect();
        let revised: Vec<Revised> = store.revisions_about(&[], &ids, 0, last_fact).await?;
        plan.take_of_meetings(&revised);
    }
    let records = store.revisions_of_kinds(&["source_record"], 0, last_fact).await?;
    plan.take_of_meetings(&sources::records_that_go(records, through));
    Ok(plan)
}
