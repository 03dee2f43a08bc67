//! Takes facts back: a meeting that never was, or a whole file that was wrong.

use super::import_workbooks::about;
use crate::calendar::Day;
use crate::domain::{Fact, Fault, MeetingId};
use crate::ports::{Clock, NewFact, Standing, Store};
use crate::regelverk::Regelverk;
use crate::register::{KnownMeeting, MeetingMatch, MeetingRegister};

/// What is to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A meeting with its attendance; its claims stay and are held.
    Meeting {
        /// Organ as written.
        organ: String,
        /// The meeting's day.
        day: Day,
        /// Its start, where the organ has several meetings that day.
        start: Option<crate::calendar::Clock>,
    },
    /// A meeting by its mötes-id or dnr.
    External(String),
    /// All that stands now from one file, by its sha256.
    File(String),
}

/// Takes back, and says how many facts.
///
/// # Errors
/// `Input`: nothing or more than one thing is meant.
pub async fn withdraw(
    store: &mut impl Store,
    clock: &impl Clock,
    rules: &Regelverk,
    target: &Target,
    because: &str,
) -> Result<usize, Fault> {
    store.begin().await?;
    match withdraw_within(store, clock, rules, target, because).await {
        Ok(count) => store.commit().await.map(|()| count),
        Err(fault) => {
            store.rollback().await?;
            Err(fault)
        }
    }
}

async fn withdraw_within(
    store: &mut impl Store,
    clock: &impl Clock,
    rules: &Regelverk,
    target: &Target,
    because: &str,
) -> Result<usize, Fault> {
    let standing = match target {
        Target::File(sha256) => {
            let mut standing = store.standing_of_source(sha256).await?;
            // Other files' attendance and claims, and what is booked, hang on meetings and persons: without them these
            // pay nothing, and nothing would be paid without them.
            standing.retain(|found| !matches!(found.fact, Some(Fact::Meeting(_) | Fact::Person(_) | Fact::Anstid(_))));
            standing
        }
        Target::Meeting { .. } | Target::External(_) => {
            let meeting = meeting(store, rules, target).await?;
            let mut standing = store.standing_of_meetings("attendance", &[meeting]).await?;
            if store.standing_of_meetings("claim", &[meeting]).await?.is_empty() {
                standing.extend(store.standing_of_meetings("meeting", &[meeting]).await?);
            }
            standing
        }
    };
    if standing.is_empty() {
        return Err(Fault::Input(
            "nothing stands that could be taken back: look at the file's name or the meeting's day; persons are never taken back, only corrected".to_owned(),
        ));
    }
    let mut number = store.last_fact().await?;
    let mut gone = Vec::with_capacity(standing.len());
    for Standing { key, number: before, fact } in standing {
        let Some(fact) = fact else { continue };
        number += 1;
        gone.push(NewFact {
            number,
            key,
            about: about(&fact),
            fact: None,
            place: (None, String::new(), 0),
            because: Some(because.to_owned()),
            supersedes: Some(before),
        });
    }
    store.record(&gone, clock.now_ms()).await?;
    store.audit("withdraw", &format!("{} fakta: {because}", gone.len()), clock.now_ms()).await?;
    Ok(gone.len())
}

async fn meeting(store: &mut impl Store, rules: &Regelverk, target: &Target) -> Result<MeetingId, Fault> {
    let up_to = store.last_fact().await?;
    let mut register = MeetingRegister::default();
    for recorded in store.facts_of_kinds(&["meeting"], up_to).await? {
        if let Fact::Meeting(meeting) = recorded.fact {
            let known = KnownMeeting { meeting: meeting.meeting, external: meeting.external, hours: meeting.hours };
            register.add(&meeting.organ, meeting.day, known);
        }
    }
    let found = match target {
        Target::External(external) => register.only_with_external(external),
        Target::Meeting { organ, day, start } => {
            let organ = rules.organ_named(organ).ok_or_else(|| Fault::Input(format!("unknown organ \"{organ}\"")))?;
            let hours: Vec<_> = start
                .map(|start| (start, start.overflowing_add_signed(chrono::Duration::minutes(1)).0))
                .into_iter()
                .collect();
            register.find(&organ.code, *day, None, &hours)
        }
        Target::File(_) => MeetingMatch::Unknown,
    };
    match found {
        MeetingMatch::One(meeting) => Ok(meeting),
        MeetingMatch::Unknown => {
            Err(Fault::Input("there is no such meeting; give organ and day, or its mötes-id".to_owned()))
        }
        MeetingMatch::Several(found) => {
            Err(Fault::Input(format!("{} meetings fit; add the start as 13.00", found.len())))
        }
    }
}
