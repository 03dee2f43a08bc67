//! Undoes what a person did by a command: what stood before it stands again.

use std::collections::BTreeMap;

use super::by_hand::{ByHand, Done, Revision, action_word, record, refuse_closed, undone};
use super::import_workbooks::about;
use super::wholly::wholly;
use crate::domain::{Fact, Fault, Provenance};
use crate::ledger::BatchState;
use crate::ports::{Clock, Intervention, Revised, Store};

/// Undoes a change by its number.
///
/// # Errors
/// `Input`: there is no such change. `Refused`: it is undone already, something later was said of what it changed, or it
/// lies in a closed month.
pub async fn undo(store: &mut impl Store, clock: &impl Clock, by: &ByHand<'_>, change: i64) -> Result<Done, Fault> {
    wholly(store, async |store| {
        let interventions = store.interventions().await?;
        let Some(done) = interventions.iter().find(|done| done.id == change) else {
            return Err(Fault::Input(format!("there is no change {change}; `arvode changes` lists them")));
        };
        if let Some(by) = undone(&interventions).get(&change) {
            return Err(Fault::Refused(format!(
                "change {change} is undone already, by change {by}; `arvode undo {by}` does it again"
            )));
        }
        if done.action == "switch-over"
            && let Some((_, batch, _)) =
                store.batches().await?.into_iter().find(|(_, batch, _)| batch.state != BatchState::Void)
        {
            return Err(Fault::Refused(format!(
                "change {change} is the switch-over, and batch {} is booked since: void it first, else two routines would pay",
                batch.name
            )));
        }
        let changed = changed(store, done, &interventions).await?;
        if changed.is_empty() {
            return Err(Fault::Refused(format!(
                "change {change} ({}) changed no fact, so nothing can stand again; a remark that was closed comes back when its file is imported again",
                done.action
            )));
        }
        if changed.iter().any(|(last, _)| matches!(last.fact, Some(Fact::Closing(_)))) {
            return Err(Fault::Refused(format!(
                "change {change} closed or opened months; that has conditions of its own: `arvode close`, with or without --reopen"
            )));
        }
        let said: Vec<Fact> =
            changed.iter().flat_map(|(last, before)| last.fact.iter().chain(before)).cloned().collect();
        refuse_closed(store, &said).await?;
        let revisions = restored(store, done, changed).await?;
        let first = store.last_fact().await? + 1;
        let detail = format!("ändring {change} ({}): {}", action_word(&done.action), done.detail);
        record(store, clock, by, ("undo", &detail), revisions, (first, Some(change))).await
    })
    .await
}

/// What the change left of each fact, beside what had stood before it.
async fn changed(
    store: &mut impl Store,
    done: &Intervention,
    interventions: &[Intervention],
) -> Result<Vec<(Revised, Option<Fact>)>, Fault> {
    let mut found: BTreeMap<String, (Revised, Option<Fact>)> = BTreeMap::new();
    for revised in store.revisions(done.first_fact, done.last_fact).await? {
        let first_before = found.remove(&revised.key).map_or_else(|| revised.before.clone(), |(_, before)| before);
        found.insert(revised.key.clone(), (revised, first_before));
    }
    let found: Vec<(Revised, Option<Fact>)> = found.into_values().collect();
    for (last, _) in &found {
        if let Some(later) = last.superseded_by {
            let later = later_word(store, later, interventions).await?;
            return Err(Fault::Refused(format!(
                "{later} has since said something else of what change {} changed; correct it by a list or a form instead",
                done.id
            )));
        }
    }
    Ok(found)
}

/// Who spoke later: another change, or a file.
async fn later_word(store: &mut impl Store, number: i64, interventions: &[Intervention]) -> Result<String, Fault> {
    let change = interventions.iter().find(|done| (done.first_fact..=done.last_fact).contains(&number));
    if let Some(change) = change {
        return Ok(format!("change {} ({})", change.id, change.action));
    }
    let revised = store.revisions(number, number).await?.pop();
    Ok(revised.map_or_else(
        || "a later revision".to_owned(),
        |revised| format!("{}, sheet {}, row {}", revised.source.file, revised.source.sheet, revised.source.row),
    ))
}

async fn restored(
    store: &mut impl Store,
    done: &Intervention,
    changed: Vec<(Revised, Option<Fact>)>,
) -> Result<Vec<Revision>, Fault> {
    let keys: Vec<String> = changed.iter().map(|(last, _)| last.key.clone()).collect();
    let mut places: BTreeMap<String, Provenance> = BTreeMap::new();
    for revised in store.history(&keys).await?.into_iter().filter(|revised| revised.number < done.first_fact) {
        places.insert(revised.key, revised.source);
    }
    let revision = |(last, before): (Revised, Option<Fact>)| {
        let about = about(before.as_ref().or(last.fact.as_ref())?);
        let source = places.remove(&last.key).filter(|_| before.is_some()).unwrap_or_default();
        Some(Revision { key: last.key, about, fact: before, source, supersedes: Some(last.number) })
    };
    Ok(changed.into_iter().filter_map(revision).collect())
}
