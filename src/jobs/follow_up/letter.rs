//! The letter to allmänna utskottet: the summary to read, and the report beside it.

use serde_json::json;

use super::{FollowUp, Wanted, report};
use crate::domain::Fault;
use crate::jobs::letters::{Desk, Draft, People};
use crate::jobs::wholly::wholly;
use crate::ports::{LetterKind, Office, Press, Receiver, Store};
use crate::regelverk::Loaded;

/// What came of a year's letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is in the outbox.
    Now,
    /// It was there already.
    Before,
    /// There is nothing to tell of.
    Nothing,
}

/// Puts the letter about a follow-up in the outbox, once for each period.
///
/// # Errors
/// A report or a letter cannot be made, or the database.
pub async fn post<P: Press>(
    store: &mut impl Store,
    loaded: &Loaded,
    desk: &Desk<'_, P>,
    wanted: &Wanted,
    found: &FollowUp,
    at_ms: i64,
) -> Result<Told, Fault> {
    if found.now.is_empty() && found.now.meetings.is_empty() {
        return Ok(Told::Nothing);
    }
    let made = report(found, wanted, loaded, desk.kommun);
    let name = format!("uppfoljning-{}", if wanted.period.is_year() { year(wanted) } else { months(wanted) });
    let files = desk.files(&made, &name)?;
    let kansli = desk.addresses.offices.get(&Office::Kansli);
    let content = json!({
        "period": wanted.period.to_string(),
        "sammanfattning": made.summary,
        "filer": files.iter().map(|file| file.name.clone()).collect::<Vec<String>>(),
        "personer": wanted.persons,
        "minsta_grupp": wanted.smallest_group,
        "kansli": kansli,
    });
    let draft = Draft {
        kind: LetterKind::FollowUp,
        receiver: Receiver::Office(Office::AllmannaUtskottet),
        occasion: if wanted.period.is_year() { year(wanted) } else { months(wanted) },
        content,
        files,
        useless_after_ms: None,
    };
    let people = People::load(store, wanted.today).await?;
    let is_new = wholly(store, async |store| desk.post(store, &people, draft, at_ms).await).await?;
    Ok(if is_new { Told::Now } else { Told::Before })
}

fn year(wanted: &Wanted) -> String {
    wanted.period.first.year().to_string()
}

fn months(wanted: &Wanted) -> String {
    format!("{}_{}", wanted.period.first, wanted.period.last)
}
