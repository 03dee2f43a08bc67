//! Two registered meetings are one: the earlier id is kept, for booked lines hang on it; the later says when and where.

use super::by_hand::{ByHand, Done, record, refuse_closed, said};
use super::named::{MeetingName, Meetings};
use super::wholly::wholly;
use crate::domain::{Fact, Fault, Link, MeetingId};
use crate::ports::{Clock, Store};
use crate::regelverk::Regelverk;

/// Links two meetings.
///
/// # Errors
/// `Input`: none or several are meant. `Refused`: they are one already, of different organ, or in a closed month.
pub async fn link(
    store: &mut impl Store,
    clock: &impl Clock,
    rules: &Regelverk,
    by: &ByHand<'_>,
    (one, other): (&MeetingName, &MeetingName),
) -> Result<Done, Fault> {
    wholly(store, async |store| {
        let meetings = Meetings::load(store).await?;
        let (one, other) = (meetings.find(rules, one)?, meetings.find(rules, other)?);
        let of = |id| meetings.known.get(&id).map(|meeting| &meeting.organ);
        if meetings.aliases.meeting(one) == meetings.aliases.meeting(other) {
            return Err(Fault::Refused(format!(
                "{} and {} are one meeting already",
                told(&meetings, one),
                told(&meetings, other)
            )));
        }
        if of(one) != of(other) {
            return Err(Fault::Refused(format!(
                "{} and {} are meetings of different organ; only an organ's own meeting can be registered twice",
                told(&meetings, one),
                told(&meetings, other)
            )));
        }
        let (one, other) = (meetings.aliases.meeting(one), meetings.aliases.meeting(other));
        let (from, into) = (one.max(other), one.min(other));
        let detail = format!("{} är {}", told(&meetings, from), told(&meetings, into));
        say(store, clock, by, ("link", &detail), (Link { from, into }, true)).await
    })
    .await
}

/// Takes a link back.
///
/// # Errors
/// `Input`: none or several are meant. `Refused`: they were not linked to each other, or lie in a closed month.
pub async fn unlink(
    store: &mut impl Store,
    clock: &impl Clock,
    rules: &Regelverk,
    by: &ByHand<'_>,
    (one, other): (&MeetingName, &MeetingName),
) -> Result<Done, Fault> {
    wholly(store, async |store| {
        let meetings = Meetings::load(store).await?;
        let (one, other) = (meetings.find(rules, one)?, meetings.find(rules, other)?);
        let links = |from: MeetingId, into: MeetingId| meetings.aliases.linked_to(from) == Some(into);
        let (from, into) = match (links(one, other), links(other, one)) {
            (true, _) => (one, other),
            (_, true) => (other, one),
            _ => {
                let (one, other) = (told(&meetings, one), told(&meetings, other));
                return Err(Fault::Refused(format!(
                    "{one} was not linked to {other}; `arvode changes` lists the links that were made"
                )));
            }
        };
        let detail = format!("{} är inte {}", told(&meetings, from), told(&meetings, into));
        say(store, clock, by, ("unlink", &detail), (Link { from, into }, false)).await
    })
    .await
}

async fn say(
    store: &mut impl Store,
    clock: &impl Clock,
    by: &ByHand<'_>,
    what: (&str, &str),
    (link, stands): (Link, bool),
) -> Result<Done, Fault> {
    let fact = Fact::Link(link);
    refuse_closed(store, std::slice::from_ref(&fact)).await?;
    let revision = said(store, fact, stands).await?;
    let first = store.last_fact().await? + 1;
    record(store, clock, by, what, vec![revision], (first, None)).await
}

/// `KS 2026-10-14 13.00`
fn told(meetings: &Meetings, id: MeetingId) -> String {
    let Some(meeting) = meetings.known.get(&id) else { return format!("möte {}", id.0) };
    let start = meeting.hours.first().map(|(start, _)| format!(" {}", crate::calendar::clock_text(*start)));
    format!("{} {}{}", meeting.organ, meeting.day, start.unwrap_or_default())
}
