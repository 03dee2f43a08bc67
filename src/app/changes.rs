//! `link`, `unlink`, `changes` and `undo`: what a person changes by hand, and how it is undone.

use serde_json::{Value, json};

use super::Ended;
use super::kommun::Kommun;
use super::show::table;
use crate::calendar::{Clock as ClockTime, Day, day_of_instant};
use crate::domain::Fault;
use crate::jobs::by_hand::{ByHand, Done, action_word, undone};
use crate::jobs::link_meetings;
use crate::jobs::named::MeetingName;
use crate::jobs::undo_change;
use crate::ports::{Intervention, Store};

pub(super) async fn link(kommun: &mut Kommun, one: &str, other: &str, because: &str) -> Result<Ended, Fault> {
    kommun.may_write()?;
    let (one, other, actor) = (meeting_name(one)?, meeting_name(other)?, kommun.actor());
    let (rules, by) = (&kommun.configured.loaded.regelverk, ByHand { actor: &actor, because });
    let done = link_meetings::link(&mut kommun.db, &kommun.clock, rules, &by, (&one, &other)).await?;
    tell(
        kommun,
        &done,
        "Mötena är ett: det som registrerades sist säger när och var. Det som är betalt dubbelt tas tillbaka i nästa lönekörning",
    );
    Ok(Ended::Done)
}

pub(super) async fn unlink(kommun: &mut Kommun, one: &str, other: &str, because: &str) -> Result<Ended, Fault> {
    kommun.may_write()?;
    let (one, other, actor) = (meeting_name(one)?, meeting_name(other)?, kommun.actor());
    let (rules, by) = (&kommun.configured.loaded.regelverk, ByHand { actor: &actor, because });
    let done = link_meetings::unlink(&mut kommun.db, &kommun.clock, rules, &by, (&one, &other)).await?;
    tell(kommun, &done, "Mötena är två igen");
    Ok(Ended::Done)
}

pub(super) async fn undo(kommun: &mut Kommun, change: i64, because: &str) -> Result<Ended, Fault> {
    kommun.may_write()?;
    let actor = kommun.actor();
    let by = ByHand { actor: &actor, because };
    let done = undo_change::undo(&mut kommun.db, &kommun.clock, &by, change).await?;
    tell(kommun, &done, &format!("Ändring {change} är ogjord: det som gällde före den gäller igen"));
    Ok(Ended::Done)
}

/// What was done, and how it is undone.
pub(super) fn tell(kommun: &Kommun, done: &Done, what: &str) {
    if kommun.json {
        say!("{}", json!({ "change": done.change, "facts": done.facts }));
    } else {
        say!("{what} (ändring {}).", done.change);
        tell_undo(done.change);
    }
}

pub(super) fn tell_undo(change: i64) {
    say!("Ångra: arvode undo {change} --because \"…\"");
}

pub(super) async fn changes(kommun: &mut Kommun) -> Result<Ended, Fault> {
    let interventions = kommun.db.interventions().await?;
    let undone = undone(&interventions);
    if kommun.json {
        let list: Vec<Value> =
            interventions.iter().map(|done| change_json(done, undone.get(&done.id).copied())).collect();
        say!("{}", Value::from(list));
        return Ok(Ended::Done);
    }
    if interventions.is_empty() {
        say!("Inget är ändrat för hand.");
        return Ok(Ended::Done);
    }
    let mut shown = table(&["nr", "dag", "vem", "vad", "varför", "ogjord av"], &[0]);
    for done in &interventions {
        let by = undone.get(&done.id).map(i64::to_string).unwrap_or_default();
        let what = format!("{}: {}", action_word(&done.action), done.detail);
        let day = day_of_instant(done.at_ms).to_string();
        shown.add_row([done.id.to_string(), day, done.actor.clone(), what, done.because.clone(), by]);
    }
    say!("{shown}");
    say!(
        "En körning som är tagen tillbaka (void) ångras genom att månaden fryses igen; en omräkning ångras genom void."
    );
    Ok(Ended::Done)
}

fn change_json(done: &Intervention, undone_by: Option<i64>) -> Value {
    let at = chrono::DateTime::from_timestamp_millis(done.at_ms).map(|at| at.to_rfc3339());
    json!({
        "id": done.id,
        "at": at,
        "by": done.actor,
        "action": done.action,
        "detail": done.detail,
        "because": done.because,
        "facts": [done.first_fact, done.last_fact],
        "undoes": done.undoes,
        "undone_by": undone_by,
    })
}

/// `KS 2026-10-14 [13.00]`, or a mötes-id.
pub(super) fn meeting_name(text: &str) -> Result<MeetingName, Fault> {
    let words: Vec<&str> = text.split_whitespace().collect();
    Ok(organ_and_day(&words)?.unwrap_or_else(|| MeetingName::External(text.to_owned())))
}

/// The meeting that words name by organ and day, if they do.
pub(super) fn organ_and_day(words: &[&str]) -> Result<Option<MeetingName>, Fault> {
    let day = words.iter().enumerate().find_map(|(place, word)| Some((place, word.parse::<Day>().ok()?)));
    let Some((place, day)) = day.filter(|(place, _)| *place > 0) else { return Ok(None) };
    let start = words.get(place + 1).map(|text| clock_time(text)).transpose()?;
    Ok(Some(MeetingName::Of { organ: words[..place].join(" "), day, start }))
}

fn clock_time(text: &str) -> Result<ClockTime, Fault> {
    let normal = text.replace('.', ":");
    let padded = if normal.contains(':') { normal } else { format!("{normal}:00") };
    ClockTime::parse_from_str(&padded, "%H:%M")
        .map_err(|_| Fault::Input(format!("\"{text}\" is no time; write it as 13.00")))
}
