//! A file's meeting: whose, when, where, and who was there.

use chrono::{NaiveDateTime, Timelike};

use super::Wrong;
use super::attendees;
use super::tree::Element;
use super::values;
use crate::calendar::{Clock, Day, days_later};
use crate::domain::shown;
use crate::ports::{Content, MeetingRecord, Record};

/// No text that is kept is longer.
const TEXT_LETTERS: usize = 300;
const INSTEAD: &str = "Rätta i diariet och exportera filen på nytt.";

/// The record of a file that is what the schema says.
pub(super) fn record(root: &Element, notes: &mut Vec<String>) -> Result<Record, Wrong> {
    let header = within(root, "meetingHeader")?;
    let external = text_of(within(header, "meetingId")?)?;
    let creator = within(header, "fondsCreator")?;
    let minutes = root.child("minutes");
    let when = when(header, minutes.is_some(), notes)?;
    let meeting = MeetingRecord {
        organizations: Vec::new(),
        organ_name: Some(text_of(within(header, "governingBody")?)?),
        name: None,
        day: Some(when.day),
        start: when.start,
        end: when.end,
        cancelled: false,
        plats: header.child("location").map(optional_text).transpose()?.flatten(),
        slag: slag(within(header, "meetingType")?),
        participants: minutes.map(|minutes| attendees::read(root, minutes, notes)).transpose()?,
        external: Some(external.clone()),
    };
    if let Some(minutes) = minutes {
        check_minutes(minutes, &external, notes)?;
    }
    let creator_id = creator.attribute("creatorId").map(collapsed).unwrap_or_default();
    let id = if creator_id.is_empty() { external } else { format!("{creator_id}/{external}") };
    Ok(Record { id, content: Some(Content::Meeting(Box::new(meeting))) })
}

/// A meeting of the organ itself is a sammanträde; what another gathering was, the file does not say.
fn slag(kind: &Element) -> Option<String> {
    ["ordinary", "extraordinary"].contains(&kind.text.as_str()).then(|| "sammanträde".to_owned())
}

fn check_minutes(minutes: &Element, meeting_id: &str, notes: &mut Vec<String>) -> Result<(), Wrong> {
    let reference = minutes.child("minutesHeader").and_then(|header| header.child("meetingRef"));
    let reference = reference.map(optional_text).transpose()?.flatten();
    if let Some(other) = reference.filter(|reference| reference != meeting_id) {
        notes.push(format!(
            "Protokollet hänvisar till mötet {} men hör till mötet {} i samma fil; kontrollera att det är rätt protokoll.",
            shown(&other),
            shown(meeting_id)
        ));
    }
    let quorum = within(minutes, "quorum")?;
    if values::boolean(quorum.text.trim()) == Some(false) {
        notes.push(format!("Mötet {} var inte beslutfört enligt protokollet.", shown(meeting_id)));
    }
    Ok(())
}

struct When {
    day: Day,
    start: Option<Clock>,
    end: Option<Clock>,
}

fn when(header: &Element, has_minutes: bool, notes: &mut Vec<String>) -> Result<When, Wrong> {
    let Some(from) = header.child("meetingTimeFrom") else { return by_date(header) };
    let started = moment(from)?;
    let to = header.child("meetingTimeTo");
    let ended = to.map(|to| Ok((to.line, moment(to)?))).transpose()?;
    let end = match ended {
        None => None,
        Some((_, ended)) if ended == started => None,
        Some((line, ended)) => {
            let end = end_after(started, ended).map_err(|wrong| Wrong::at(line, wrong, INSTEAD))?;
            has_minutes.then_some(end)
        }
    };
    // Where only the day was known, programs write its first or last minute.
    let is_known = end.is_none_or(|end| end != Clock::MIN && (end.hour(), end.minute()) != (23, 59));
    if !is_known {
        notes.push("Sluttiden är midnatt och är läst som okänd.".to_owned());
    }
    let end = end.filter(|_| is_known);
    if started.time() == Clock::MIN {
        notes.push("Starttiden är midnatt och är läst som okänd.".to_owned());
        return Ok(When { day: started.date(), start: None, end: None });
    }
    Ok(When { day: started.date(), start: Some(started.time()), end })
}

/// A meeting has one day, and may go on past its midnight.
fn end_after(started: NaiveDateTime, ended: NaiveDateTime) -> Result<Clock, String> {
    if ended < started {
        return Err("I <meetingTimeTo> slutar mötet innan det börjar i <meetingTimeFrom>.".to_owned());
    }
    let is_next = ended.date() == days_later(started.date(), 1) && ended.time() < started.time();
    if ended.date() == started.date() || is_next {
        return Ok(ended.time());
    }
    Err("I <meetingTimeTo> slutar mötet mer än ett dygn efter att det började; varje dag behöver ett eget möte."
        .to_owned())
}

fn by_date(header: &Element) -> Result<When, Wrong> {
    let date = within(header, "meetingDate")?;
    let day = values::date(date.text.trim()).ok_or_else(|| unclear(date))?;
    let Some(time) = header.child("meetingTime") else { return Ok(When { day, start: None, end: None }) };
    let start = values::time(time.text.trim()).and_then(|(written, offset)| written.on(day, offset));
    let start = start.filter(|start| start.date() == day).ok_or_else(|| unclear(time))?;
    let start = Some(start.time()).filter(|start| *start != Clock::MIN);
    Ok(When { day, start, end: None })
}

fn moment(element: &Element) -> Result<NaiveDateTime, Wrong> {
    values::moment(element.text.trim()).ok_or_else(|| unclear(element))
}

fn unclear(element: &Element) -> Wrong {
    let wrong = format!("I <{}> framgår inte vilken dag och tid det var i Sverige.", element.name);
    Wrong::at(element.line, wrong, INSTEAD)
}

/// An element that the schema demands.
pub(super) fn within<'e>(parent: &'e Element, name: &str) -> Result<&'e Element, Wrong> {
    parent.child(name).ok_or_else(|| Wrong::at(parent.line, format!("I <{}> saknas <{name}>.", parent.name), INSTEAD))
}

/// Words with one space between.
pub(super) fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text that says something.
pub(super) fn text_of(element: &Element) -> Result<String, Wrong> {
    optional_text(element)?
        .ok_or_else(|| Wrong::at(element.line, format!("Elementet <{}> är tomt.", element.name), INSTEAD))
}

/// A text, none if it says nothing.
pub(super) fn optional_text(element: &Element) -> Result<Option<String>, Wrong> {
    let text = collapsed(&element.text);
    if text.chars().count() > TEXT_LETTERS {
        let wrong = format!("Texten i <{}> är längre än {TEXT_LETTERS} tecken.", element.name);
        return Err(Wrong::at(element.line, wrong, INSTEAD));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}
