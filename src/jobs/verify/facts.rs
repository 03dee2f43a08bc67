//! Facts: each is found by what it says, and the next of its key superseded it; and the files they were read from.

use super::{Looked, RESTORE};
use crate::domain::Fault;
use crate::jobs::import_workbooks::{about, key_of};
use crate::ports::{Archive, FactRow, Store};

/// Facts or files that are in memory together.
const TOGETHER: u32 = 500;

pub(super) async fn look(store: &mut impl Store, looked: &mut Looked) -> Result<(), Fault> {
    let mut after = i64::MIN;
    loop {
        let rows = store.fact_rows(after, TOGETHER).await;
        let Some(rows) = looked.keep(rows, "facts")? else { return Ok(()) };
        let Some(last) = rows.last() else { break };
        after = last.number;
        looked.facts += rows.len() as u64;
        for row in rows.iter().filter(|row| !is_found(row)) {
            looked.find(
                "facts",
                format!(
                    "fact {} is not found by what it says: its kind, key, person or meeting was changed",
                    row.number
                ),
                RESTORE,
            );
        }
    }
    let broken = store.broken_successions().await;
    for number in looked.keep(broken, "facts")?.unwrap_or_default() {
        looked.find("facts", format!("fact {number} is not superseded by the next of its key"), RESTORE);
    }
    Ok(())
}

/// A fact stands under its own key, and is found by its kind, person and meeting. One that takes another back says nothing,
/// but its key begins with its kind.
fn is_found(row: &FactRow) -> bool {
    let (kind, person, meeting) = &row.found_by;
    match &row.fact {
        Some(fact) => {
            let about = about(fact);
            let ids = (about.person.map(|id| id.0), about.meeting.map(|id| id.0));
            about.kind == kind && ids == (*person, *meeting) && key_of(fact) == row.key
        }
        None => row.key.split(':').next() == Some(kind.as_str()),
    }
}

/// Every file that facts were read from lies in the archive as it came, unless gallring has taken it.
pub(super) async fn sources(store: &mut impl Store, archive: &impl Archive, looked: &mut Looked) -> Result<(), Fault> {
    let mut after = i64::MIN;
    loop {
        let known = store.known_sources(after, TOGETHER).await;
        let Some(known) = looked.keep(known, "archive/")? else { return Ok(()) };
        let Some(last) = known.last() else { return Ok(()) };
        after = last.id;
        for source in &known {
            let Some(there) = looked.kept(archive.content(&source.sha256), "archive/") else { continue };
            looked.files += u64::from(there.is_some());
            let wrong = match there {
                None if source.is_gallrad => continue,
                Some(sha256) if sha256 == source.sha256 => continue,
                None => "is not there",
                Some(_) => "is not what came in: its content has changed",
            };
            let to_do = "put the file back from a backup, under the same name; the facts that were read from it stand";
            looked.find("archive/", format!("{}.xlsx {wrong}", source.sha256), to_do);
        }
    }
}
