//! The letter to a person: what to send, to whom, by which day, and what happens otherwise.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::occasions::About;
use super::{Job, capitalized, worth_text, yrkanden};
use crate::calendar::{Day, day_text, end_of_day_ms, weekday_text};
use crate::domain::{ClaimKind, OrganCode};
use crate::jobs::deadlines::Due;
use crate::jobs::letters::{Contact, Draft};
use crate::law::{Flag, Lack};
use crate::money::Ore;
use crate::ports::{LetterKind, Office, Press, Receiver};

pub(super) fn draft<P: Press>(job: &Job<'_, P>, contact: &Contact, about: About, dues: &[&Due]) -> Draft {
    let mut by_day: BTreeMap<Day, Vec<&Due>> = BTreeMap::new();
    for due in dues {
        by_day.entry(due.deadline.last_day).or_default().push(due);
    }
    let first = by_day.keys().next().copied().unwrap_or(job.today);
    let last = by_day.keys().next_back().copied().unwrap_or(first);
    let days: Vec<Value> = by_day.iter().map(|(day, dues)| of_day(job, *day, dues)).collect();
    let is_possible = |due: &&&Due| due.deadline.flag == Flag::Possible;
    let content = json!({
        "namn": contact.namn,
        "forsta_dag": day_text(first),
        "forsta_veckodag": weekday_text(first),
        "antal": yrkanden(dues.len()),
        "ett": dues.len() == 1,
        "dagar": days,
        "till": receivers(job, dues),
        "har_mojliga": dues.iter().any(|due| is_possible(&due)),
        "har_gjorda": dues.iter().any(|due| !is_possible(&due)),
    });
    // The month's letter gives way to the next month's.
    let useless_after = about.month.map_or(last, |month| last.min(month.last()));
    Draft {
        kind: LetterKind::DeadlineDigest,
        receiver: Receiver::Person(contact.person),
        occasion: about.to_string(),
        content,
        files: Vec::new(),
        useless_after_ms: Some(end_of_day_ms(useless_after)),
    }
}

fn of_day<P: Press>(job: &Job<'_, P>, day: Day, dues: &[&Due]) -> Value {
    let rows: Vec<Value> = dues.iter().map(|due| row(job, due)).collect();
    json!({ "dag": day_text(day), "veckodag": weekday_text(day), "rader": rows })
}

fn row<P: Press>(job: &Job<'_, P>, due: &Due) -> Value {
    let deadline = &due.deadline;
    json!({
        "vad": capitalized(deadline.kind.full_word()),
        "paragraf": deadline.kind.paragraph(),
        "organ": job.organ(&deadline.meeting.organ),
        "mote": day_text(deadline.meeting.day),
        "lage": standing(deadline.flag),
        "skicka": to_send(deadline.flag, deadline.kind),
        "varde": deadline.worth.map(|worth| worth_of(worth, deadline.is_estimate)),
    })
}

/// An estimate is after the caps; what was asked for is not.
fn worth_of(worth: Ore, is_estimate: bool) -> String {
    let text = worth_text(Some(worth), is_estimate);
    if is_estimate { format!("Kan vara värt: {text}") } else { format!("Yrkat belopp: {text}") }
}

fn standing(flag: Flag) -> &'static str {
    match flag {
        Flag::Made(Lack::Underlag) => "Ditt yrkande har kommit in, men det saknar underlag.",
        Flag::Made(Lack::Belopp) => "Ditt yrkande har kommit in, men beloppet saknas.",
        Flag::Made(_) => "Ditt yrkande har kommit in, men en uppgift saknas.",
        Flag::Possible => "Du var med, men något yrkande har inte kommit.",
        Flag::Granted => "Ditt yrkande är beviljat.",
    }
}

/// What the person is to send, in one clause.
fn to_send(flag: Flag, kind: ClaimKind) -> &'static str {
    match (flag, kind) {
        (Flag::Made(Lack::Underlag), ClaimKind::ForloradArbetsinkomst) => {
            "intyg från din arbetsgivare om löneavdraget, med tid och belopp"
        }
        (Flag::Made(Lack::Underlag), ClaimKind::Pensionsforman | ClaimKind::Semesterforman) => {
            "intyg från din arbetsgivare om den förlorade förmånen"
        }
        (Flag::Made(Lack::Underlag), ClaimKind::Barntillsyn) => {
            "kvitto eller annat underlag för kostnaden, och barnets födelseår om du inte har uppgett det"
        }
        (Flag::Made(Lack::Underlag), _) => "kvitto eller annat underlag för kostnaden",
        (Flag::Made(Lack::Belopp), ClaimKind::ForloradArbetsinkomst) => {
            "beloppet, så som arbetsgivarens intyg visar det"
        }
        (Flag::Made(Lack::Belopp), _) => "beloppet, så som underlaget visar det",
        (_, ClaimKind::ForloradArbetsinkomst) => {
            "yrkande med tid och belopp, och intyg från din arbetsgivare om vi inte redan har ett"
        }
        (_, ClaimKind::Pensionsforman | ClaimKind::Semesterforman) => {
            "yrkande med belopp, och intyg från din arbetsgivare"
        }
        (_, ClaimKind::Resa) => "antal kilometer tur och retur med egen bil",
        (_, ClaimKind::Traktamente) => "tiden för avresa och hemkomst",
        (_, ClaimKind::Barntillsyn) => "yrkande med tid, kostnad och barnets födelseår, och kvitto",
        (_, ClaimKind::Vard) => "yrkande med tid och kostnad, och kvitto",
        (_, ClaimKind::Funktionshindrad) => "yrkande med kostnaden, och kvitto",
        (_, ClaimKind::Ovrigt) => "yrkande med kostnaden och varför den inte gick att undvika, och kvitto",
    }
}

/// Whom it is sent to, organ by organ; the address where one is known.
fn receivers<P: Press>(job: &Job<'_, P>, dues: &[&Due]) -> Vec<Value> {
    let organ: BTreeSet<&OrganCode> = dues.iter().map(|due| &due.deadline.meeting.organ).collect();
    let kansli = job.desk.addresses.offices.get(&Office::Kansli);
    organ
        .into_iter()
        .map(|organ| {
            let own = job.desk.addresses.secretaries.get(organ);
            let whom = if own.is_none() && kansli.is_some() { "kansliet" } else { "sekreteraren" };
            json!({ "organ": job.organ(organ), "vem": whom, "adress": own.or(kansli).cloned().unwrap_or_default() })
        })
        .collect()
}
