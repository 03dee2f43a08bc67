//! The change feed: which documents and files something has happened to since an event.
//!
//! Events are numbered when they happen and seen when they are stored, so a lower number may come after a higher one. The
//! next fetch therefore begins before the first event that is younger than the overlap, and reads some events again.

use std::collections::BTreeSet;

use serde_json::json;

use super::call::Rpc;
use super::cursor::{From, instant_ms};
use super::wire::{Event, EventsPage};
use crate::calendar::instant_text;
use crate::domain::Fault;

const OPERATION: &str = "SupportService/GetEvents";
/// Events of a page.
const PAGE: u32 = 500;

/// What has happened.
#[derive(Debug)]
pub(super) struct Feed {
    pub documents: BTreeSet<u64>,
    pub files: BTreeSet<u64>,
    /// Where the next fetch begins.
    pub next: From,
}

/// Where the feed stands now, for whoever reads everything.
pub(super) async fn here(rpc: &mut Rpc, settled_ms: i64) -> Result<From, Fault> {
    let parameter = json!({ "Recno": 0, "LogCount": 1, "FromDate": instant_text(settled_ms) });
    let page: EventsPage = rpc.get(OPERATION, &parameter).await?;
    let first = page.events.unwrap_or_default().iter().map(|event| event.recno.0).min();
    Ok(first.map_or(From::Instant(settled_ms), |first| From::Event(first.saturating_sub(1))))
}

/// All events since an earlier fetch. What happened before `settled_ms` is not asked for again.
pub(super) async fn since(rpc: &mut Rpc, from: From, settled_ms: i64) -> Result<Feed, Fault> {
    let mut events = Vec::new();
    let (mut after, from_date) = match from {
        From::Event(recno) => (recno, None),
        From::Instant(ms) => (0, Some(instant_text(ms))),
    };
    loop {
        let mut parameter = json!({ "Recno": after, "LogCount": PAGE });
        if let (Some(date), Some(parameter)) = (&from_date, parameter.as_object_mut()) {
            parameter.insert("FromDate".to_owned(), date.clone().into());
        }
        let page: EventsPage = rpc.get(OPERATION, &parameter).await?;
        // Some versions begin with the event that was named.
        let mut new: Vec<Event> = page.events.unwrap_or_default();
        new.retain(|event| event.recno.0 > after);
        let last = new.iter().map(|event| event.recno.0).max();
        events.append(&mut new);
        match last {
            _ if page.is_end_of_log => break,
            Some(last) => after = last,
            None => {
                let name = rpc.http.name();
                return Err(Fault::Refused(format!(
                    "{name}: {OPERATION}: the log has no end: nothing comes after event {after}, and it is not said to end there"
                )));
            }
        }
    }
    events.sort_by_key(|event| event.recno);
    let next = next(&events, from, settled_ms);
    let of = |word: &str| -> BTreeSet<u64> {
        let is_it =
            |event: &&Event| event.entity_name.as_deref().is_some_and(|name| name.to_lowercase().contains(word));
        events.iter().filter(is_it).filter_map(|event| event.entity_recno).map(|recno| recno.0).collect()
    };
    Ok(Feed { documents: of("document"), files: of("file"), next })
}

fn next(events: &[Event], from: From, settled_ms: i64) -> From {
    let is_settled =
        |event: &&Event| event.inserted_date.as_deref().and_then(instant_ms).is_some_and(|ms| ms < settled_ms);
    let settled = events.iter().take_while(is_settled).last().map(|event| From::Event(event.recno.0));
    settled.unwrap_or_else(|| match (from, events.first()) {
        (From::Instant(_), Some(first)) => From::Event(first.recno.0.saturating_sub(1)),
        (From::Instant(ms), None) => From::Instant(ms.max(settled_ms)),
        (From::Event(_), _) => from,
    })
}
