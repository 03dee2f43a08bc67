//! One source of the diarium: what changed there is fetched, and taken in wholly or not at all.
//!
//! The cursor is the source's own word of where the next fetch begins. It is moved in the same transaction as what the
//! fetch said, so that what is cut short is fetched again. A source that fails leaves a remark, which its next answer
//! closes; after some days a person must look.

use std::collections::HashSet;

use super::import_workbooks::Settings;
pub use super::import_workbooks::diarium::{
    Counts, SourceSettings, Synced, Unlinked, WithoutList, file_of, take_in_changes,
};
use super::wholly::wholly;
use crate::calendar::{Day, days_later};
use crate::domain::{Fault, Provenance, Remark, RemarkKind, State};
use crate::ports::{Changes, Diarium, NewRemark, Record, Store, StoredRemark};

/// Asks a source for what changed since the last sync; with `full`, for everything.
///
/// A whole list does not show what was deleted, and it moves the cursor past the deletion: so these are asked for before.
///
/// # Errors
/// The source's: nothing of a partial answer is kept.
pub async fn fetch(
    store: &mut impl Store,
    source: &mut impl Diarium,
    settings: &SourceSettings,
    full: bool,
) -> Result<Changes, Fault> {
    let cursor = store.cursor(&settings.name).await?;
    let (Some(cursor), true) = (&cursor, full) else { return source.changes(cursor.as_deref()).await };
    let news = source.changes(Some(cursor)).await?;
    let mut all = source.changes(None).await?;
    let told: HashSet<&str> = all.records.iter().map(|record| record.id.as_str()).collect();
    let is_only_deleted = |record: &Record| record.content.is_none() && !told.contains(record.id.as_str());
    let deleted: Vec<Record> = news.records.into_iter().filter(is_only_deleted).collect();
    all.records.extend(deleted);
    Ok(all)
}

/// A source that has failed for so many days is held up to a person.
const DAYS_UNTIL_HELD: i64 = 2;

/// What stands as the subject of a remark about a source that failed.
const FAILED: &str = "källa||";

/// Remembers that a source failed, and since when. What it said wrong is told once, not at every attempt.
///
/// # Errors
/// The database.
pub async fn remember_failure(
    store: &mut impl Store,
    source: &str,
    fault: &Fault,
    settings: &Settings<'_>,
) -> Result<Remark, Fault> {
    wholly(store, async |store| {
        let standing = failures(store, source).await?;
        let since = standing.iter().filter_map(|stored| stored.remark.day).min().unwrap_or(settings.today);
        let is_long = days_later(since, DAYS_UNTIL_HELD) <= settings.today;
        let remark = failure(source, fault, since, if is_long { State::Held } else { State::Noted });
        let is_told = |stored: &StoredRemark| stored.remark.state == remark.state;
        if !standing.iter().any(is_told) {
            let ids: Vec<i64> = standing.iter().map(|stored| stored.id).collect();
            store.close_remarks(&ids, settings.now_ms).await?;
            let new = NewRemark { remark: remark.clone(), anstid: None, subject: FAILED.to_owned() };
            store.add_remarks(&[new], settings.now_ms).await?;
        }
        Ok(remark)
    })
    .await
}

/// A source has answered: what was remembered of its failing is done with. Gives how many remarks that closes.
///
/// # Errors
/// The database.
pub async fn forget_failure(store: &mut impl Store, source: &str, now_ms: i64) -> Result<usize, Fault> {
    let ids: Vec<i64> = failures(store, source).await?.iter().map(|stored| stored.id).collect();
    if !ids.is_empty() {
        wholly(store, async |store| store.close_remarks(&ids, now_ms).await).await?;
    }
    Ok(ids.len())
}

async fn failures(store: &mut impl Store, source: &str) -> Result<Vec<StoredRemark>, Fault> {
    let mut open = store.open_remarks_of(&[file_of(source)]).await?;
    open.retain(|stored| stored.subject == FAILED && stored.remark.state != State::Closed);
    Ok(open)
}

fn failure(source: &str, fault: &Fault, since: Day, state: State) -> Remark {
    let (wrong, proposed) = match fault {
        Fault::Temporary(_) => (
            "svarar inte som den ska",
            "den frågas igen vid nästa synkronisering; svarar den inte på flera dagar, tala med den som driver diariet",
        ),
        Fault::Input(_) => (
            "går inte att använda som den är inställd",
            "rätta källans inställningar i arvode.toml och kör arvode check",
        ),
        Fault::Refused(_) => (
            "har lämnat något som programmet inte tror på",
            "se vad som är fel med arvode sync, och tala med den som driver diariet",
        ),
    };
    Remark {
        kind: RemarkKind::File,
        state,
        day: Some(since),
        reason: format!("diariet {source} {wrong} sedan {since}: {fault}"),
        paragraph: "",
        proposed: proposed.to_owned(),
        worth: None,
        undecided: None,
        place: Provenance { file: file_of(source).into(), ..Provenance::default() },
    }
}
