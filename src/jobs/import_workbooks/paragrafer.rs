//! Paragrafer: when each paragraph of a meeting's minutes was dealt with. It belongs to the meeting, which must be known.

use std::collections::BTreeMap;

use super::people::problem;
use super::{Work, unreadable};
use crate::domain::{Fact, Fault, Meeting, MeetingId, ParagrafTid};
use crate::ports::{MeetingRef, ParagrafRow, Problem, RowContent, Store};
use crate::register::MeetingMatch;

/// A row's number and what it says.
type Told = (u32, ParagrafTid);

pub(super) async fn take_in<S: Store>(work: &mut Work<'_, S>, place: usize) -> Result<(), Fault> {
    let workbook = work.file.workbook;
    let sheet = workbook.sheets()[place].clone();
    let mut told: BTreeMap<MeetingId, Vec<Told>> = BTreeMap::new();
    for row in workbook.rows(place).map_err(|error| unreadable(&error))? {
        let row = row.map_err(|error| unreadable(&error))?;
        let Some((number, RowContent::Paragraf(row))) = work.sound(&sheet.name, row) else {
            continue;
        };
        match read(work, &row).and_then(|(meeting, said)| Ok((meeting, unlike(told.get(&meeting), said)?))) {
            Ok((meeting, Some(said))) => told.entry(meeting).or_default().push((number, said)),
            Ok((_, None)) => work.ignore((&sheet.name, number), "samma rad två gånger"),
            Err(problem) => work.hold(&sheet.name, number, row.meeting.day, None, &problem),
        }
    }
    for (meeting, rows) in told {
        let Some((_, Fact::Meeting(known))) = work.known.get(&format!("meeting:{}", meeting.0)) else { continue };
        let known = known.clone();
        for (number, said) in &rows {
            work.count((&sheet.name, *number), !known.paragrafer.contains(said));
        }
        let first = rows.first().map_or(0, |(number, _)| *number);
        let paragrafer = together(if sheet.whole_list { &[] } else { &known.paragrafer }, &rows);
        work.say(Fact::Meeting(Meeting { paragrafer, ..known }), (&sheet.name, first));
        work.flush_if_many().await?;
    }
    Ok(())
}

fn read<S: Store>(work: &Work<'_, S>, row: &ParagrafRow) -> Result<(MeetingId, ParagrafTid), Problem> {
    let meeting = meeting(work, &row.meeting)?;
    let (Some(paragraf), Some(start)) = (row.paragraf, row.start) else {
        return Err(problem("Paragraf", "raden säger inte vilken paragraf eller när", "fyll i Paragraf och Start"));
    };
    Ok((meeting, ParagrafTid { paragraf, start, slut: row.slut }))
}

/// The same paragraph twice is one row; with another time, nobody knows which holds.
fn unlike(told: Option<&Vec<Told>>, said: ParagrafTid) -> Result<Option<ParagrafTid>, Problem> {
    let before = told.into_iter().flatten().find(|(_, known)| known.paragraf == said.paragraf);
    match before {
        None => Ok(Some(said)),
        Some((_, known)) if *known == said => Ok(None),
        Some((row, _)) => Err(problem(
            "Paragraf",
            &format!("paragrafen står med en annan tid på rad {row}"),
            "ta bort den rad som inte gäller",
        )),
    }
}

/// What is known, and over it what is told; by number.
fn together(known: &[ParagrafTid], told: &[Told]) -> Vec<ParagrafTid> {
    let all = known.iter().chain(told.iter().map(|(_, said)| said));
    let by_number: BTreeMap<u32, ParagrafTid> = all.map(|item| (item.paragraf, *item)).collect();
    by_number.into_values().collect()
}

/// The only known meeting of the organ that day, or with the id.
fn meeting<S: Store>(work: &Work<'_, S>, reference: &MeetingRef) -> Result<MeetingId, Problem> {
    let external = reference.external.as_deref();
    let found = match (&reference.organ, reference.day) {
        (Some(organ), Some(day)) => work.meeting_at(&work.organ(Some(organ))?, day, external, &[]),
        _ => work.meeting_called(external.unwrap_or_default()),
    };
    match found {
        MeetingMatch::One(meeting) => Ok(meeting),
        MeetingMatch::Unknown => {
            Err(problem("Möte", "mötet finns inte", "läs in mötets närvaro först, i samma fil eller en annan"))
        }
        MeetingMatch::Several(_) => {
            Err(problem("Möte", "organet har flera möten den dagen", "skriv mötets id i kolumnen Möte"))
        }
    }
}
