//! "Närvarolista saknas": a known meeting of which nobody has said who was there, told to the organ's secretary every week.
//!
//! A meeting is known from the diarium, from a row that names it, or from a list that was taken back; who was there may
//! be told by a list or by the diarium. What is cancelled or in a closed month is not asked for, nor what only yrkanden
//! name that are taken back or refused.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

use super::calculate::closed;
use super::letters::{Desk, Draft, People};
use super::named::aliases;
use super::wholly::wholly;
use crate::calendar::{Day, Month, clock_text, day_text, days_between, end_of_day_ms, week_of};
use crate::domain::{Beslut, Claim, Fact, Fault, Meeting, MeetingId, OrganCode, Slag, Utfall};
use crate::ports::{LetterKind, Office, Press, Receiver, Store};
use crate::regelverk::{Loaded, Regelverk};

/// A meeting without attendance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithoutAttendance {
    /// Which.
    pub meeting: Meeting,
    /// Days since it was held.
    pub days: i64,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reminded {
    /// Letters.
    pub letters: u32,
    /// Meetings without attendance.
    pub meetings: usize,
}

/// Meetings that lack attendance so many days after they were held, the oldest first.
///
/// # Errors
/// The database.
pub async fn without_attendance(
    store: &mut impl Store,
    loaded: &Loaded,
    today: Day,
    after_days: i64,
) -> Result<Vec<WithoutAttendance>, Fault> {
    let last = store.last_fact().await?;
    let (aliases, closed) = (aliases(store, last).await?, closed(store, last).await?);
    let mut known: HashMap<MeetingId, Meeting> = HashMap::new();
    for recorded in store.facts_of_kinds(&["meeting"], last).await? {
        if let Fact::Meeting(meeting) = recorded.fact {
            known.insert(meeting.meeting, meeting);
        }
    }
    let first = loaded.lonekalender.forsta_manad.unwrap_or(Month::of(today));
    let is_asked_for = |meeting: &Meeting| {
        let month = Month::of(meeting.day);
        let is_old_enough = days_between(meeting.day, today) >= after_days.max(1);
        !meeting.installt && is_old_enough && month >= first && !closed.is_closed(month)
    };
    let mut asked: Vec<Meeting> = aliases.merged(known).into_values().filter(is_asked_for).collect();
    let ids: Vec<MeetingId> = asked.iter().flat_map(|meeting| aliases.meetings_of(meeting.meeting)).collect();
    let mut answered = BTreeSet::new();
    for standing in store.standing_of_meetings("attendance", &ids).await? {
        if let Some(Fact::Attendance(attendance)) = standing.fact {
            answered.insert(aliases.meeting(attendance.meeting));
        }
    }
    let refused = refused(store, last).await?;
    let mut claimed: BTreeMap<MeetingId, bool> = BTreeMap::new();
    for standing in store.standing_of_meetings("claim", &ids).await? {
        if let Some(Fact::Claim(claim)) = standing.fact {
            let is_alive = !claim.atertagen && !refused.iter().any(|beslut| is_about(beslut, &claim));
            *claimed.entry(aliases.meeting(claim.meeting)).or_default() |= is_alive;
        }
    }
    answered.extend(claimed.into_iter().filter(|(_, is_alive)| !is_alive).map(|(meeting, _)| meeting));
    asked.retain(|meeting| !answered.contains(&aliases.meeting(meeting.meeting)));
    asked.sort_by_key(|meeting| (meeting.day, meeting.organ.clone(), meeting.hours.clone(), meeting.meeting));
    let days = |meeting: &Meeting| days_between(meeting.day, today);
    Ok(asked.into_iter().map(|meeting| WithoutAttendance { days: days(&meeting), meeting }).collect())
}

async fn refused(store: &mut impl Store, up_to: i64) -> Result<Vec<Beslut>, Fault> {
    let decisions =
        store.facts_of_kinds(&["beslut"], up_to).await?.into_iter().filter_map(|recorded| match recorded.fact {
            Fact::Beslut(beslut) if beslut.utfall == Utfall::Avslag => Some(beslut),
            _ => None,
        });
    Ok(decisions.collect())
}

fn is_about(beslut: &Beslut, claim: &Claim) -> bool {
    beslut.meeting == Some(claim.meeting)
        && beslut.person.is_none_or(|person| person == claim.person)
        && beslut.slag.is_none_or(|slag| slag == claim.slag)
        && beslut.claim.is_none_or(|of| of == claim.claim)
}

/// Writes one letter to each secretary whose organ lacks lists, once a week.
///
/// # Errors
/// The database, or a template that cannot be used: nothing is written then.
pub async fn remind_missing_lists(
    store: &mut impl Store,
    loaded: &Loaded,
    desk: &Desk<'_, impl Press>,
    (today, at_ms): (Day, i64),
    after_days: i64,
) -> Result<Reminded, Fault> {
    let people = People::load(store, today).await?;
    let missing = without_attendance(store, loaded, today, after_days).await?;
    let mut reminded = Reminded { meetings: missing.len(), ..Reminded::default() };
    let mut by_organ: BTreeMap<OrganCode, Vec<&WithoutAttendance>> = BTreeMap::new();
    for one in &missing {
        by_organ.entry(one.meeting.organ.clone()).or_default().push(one);
    }
    wholly(store, async |store| {
        for (organ, missing) in by_organ {
            let draft = draft(&loaded.regelverk, desk, today, (&organ, &missing));
            reminded.letters += u32::from(desk.post(store, &people, draft, at_ms).await?);
        }
        Ok(reminded)
    })
    .await
}

fn draft<P>(
    rules: &Regelverk,
    desk: &Desk<'_, P>,
    today: Day,
    (organ, missing): (&OrganCode, &[&WithoutAttendance]),
) -> Draft {
    let (week, ends) = week_of(today);
    let namn = rules.organ(organ).map_or_else(|| organ.0.clone(), |organ| organ.namn.clone());
    let content = json!({
        "organ": namn,
        "antal": missing.len(),
        "forsta": missing.first().map(|one| day_text(one.meeting.day)),
        "moten": missing.iter().map(|one| row(one)).collect::<Vec<Value>>(),
        "till": desk.addresses.offices.get(&Office::Kansli),
        // Where no secretary is named the letter goes to the kansli itself.
        "till_kansliet": !desk.addresses.secretaries.contains_key(organ),
        "fredag": day_text(crate::calendar::days_later(ends, -2)),
    });
    Draft {
        kind: LetterKind::MissingLists,
        receiver: Receiver::Secretary(organ.clone()),
        occasion: week,
        content,
        files: Vec::new(),
        useless_after_ms: Some(end_of_day_ms(ends)),
    }
}

fn row(one: &WithoutAttendance) -> Value {
    let meeting = &one.meeting;
    let start = meeting.hours.first().map(|(start, _)| format!("kl. {}", clock_text(*start)));
    let slag = meeting.slag.unwrap_or(Slag::Sammantrade).word().to_owned();
    let known = [Some(slag), start, meeting.plats.clone(), meeting.external.clone()];
    json!({
        "dag": day_text(meeting.day),
        "vad": known.into_iter().flatten().collect::<Vec<String>>().join(", "),
        "dagar": one.days,
    })
}
