//! A file that could not be used at all leaves a remark, so that it is not forgotten: until a file of its name is taken in,
//! or a person closes it.

use std::collections::HashSet;

use super::wholly::wholly;
use crate::domain::{Fault, Provenance, Remark, RemarkKind, State};
use crate::ports::{NewRemark, Store, Unreadable};

/// What stands as the subject of a remark about a whole file.
pub(super) const WHOLE_FILE: &str = "fil||";

/// A file that could not be used.
#[derive(Clone, Debug)]
pub struct Refused<'a> {
    /// The name that it came under.
    pub name: &'a str,
    /// sha256 of its content; none if it was not even copied.
    pub sha256: Option<&'a str>,
    /// Why.
    pub why: &'a Unreadable,
}

/// Leaves a remark about each file; one that is already open says it once. Gives how many are new.
///
/// # Errors
/// The database; nothing is changed.
pub async fn quarantine(store: &mut impl Store, files: &[Refused<'_>], now_ms: i64) -> Result<usize, Fault> {
    if files.is_empty() {
        return Ok(0);
    }
    wholly(store, async |store| note(store, files, now_ms).await).await
}

/// A file of a name that was refused is in: what was remarked on it is done with.
///
/// # Errors
/// The database; nothing is changed.
pub(super) async fn mended(store: &mut impl Store, name: &str, now_ms: i64) -> Result<(), Fault> {
    let open = store.open_remarks_of(&[name.to_owned()]).await?;
    let ids: Vec<i64> = open.iter().filter(|stored| stored.subject == WHOLE_FILE).map(|stored| stored.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    wholly(store, async |store| store.close_remarks(&ids, now_ms).await).await
}

async fn note(store: &mut impl Store, files: &[Refused<'_>], now_ms: i64) -> Result<usize, Fault> {
    let held = store.remarks(Some(State::Held)).await?;
    let mut told: HashSet<String> =
        held.iter().filter(|held| held.subject == WHOLE_FILE).map(|held| identity(&held.remark)).collect();
    let mut new: Vec<NewRemark> = Vec::new();
    for remark in files.iter().map(remark) {
        if told.insert(identity(&remark)) {
            new.push(NewRemark { remark, anstid: None, subject: WHOLE_FILE.to_owned() });
        }
    }
    store.add_remarks(&new, now_ms).await?;
    for added in &new {
        store.audit("quarantine", &format!("sha256 {}", added.remark.place.sha256), now_ms).await?;
    }
    Ok(new.len())
}

/// The same content is the same, whatever it is called; what was not copied goes by its name and reason.
fn identity(remark: &Remark) -> String {
    if remark.place.sha256.is_empty() {
        format!("{}|{}", remark.place.file, remark.reason)
    } else {
        remark.place.sha256.to_string()
    }
}

fn remark(file: &Refused<'_>) -> Remark {
    Remark {
        kind: RemarkKind::File,
        state: State::Held,
        day: None,
        reason: file.why.wrong.clone(),
        paragraph: "",
        proposed: file.why.instead.clone(),
        worth: None,
        undecided: None,
        place: Provenance {
            file: file.name.into(),
            sha256: file.sha256.unwrap_or_default().into(),
            sheet: "".into(),
            row: 0,
        },
    }
}
