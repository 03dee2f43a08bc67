//! Diariepersoner: a clerk confirms who the persons of a diarium are. What that means for attendance is settled by the next
//! sync, from what the source has told already.

use std::collections::HashMap;

use super::file_of;
use super::known::Source;
use super::told::{UNLINKED, subject};
use crate::domain::{Content, Fact, Fault, SourcePerson};
use crate::jobs::import_workbooks::{Seen, Work, about, key_of, unreadable};
use crate::ports::{Given, Problem, RowContent, SourcePersonRow, Store};

/// The rule by which a row that nobody has looked at is no answer.
const WAITS: &str = "väntar på bekräftelse";

pub(in crate::jobs::import_workbooks) async fn take_in<S: Store>(
    work: &mut Work<'_, S>,
    place: usize,
) -> Result<(), Fault> {
    let workbook = work.file.workbook;
    let sheet = workbook.sheets()[place].name.clone();
    let mut sources = Source::load_all(work).await?;
    let (mut seen, mut confirmed) = (Seen::new(), 0);
    for row in workbook.rows(place).map_err(|error| unreadable(&error))? {
        let row = row.map_err(|error| unreadable(&error))?;
        let Some((number, RowContent::SourcePerson(row))) = work.sound(&sheet, row) else {
            continue;
        };
        if !matches!(row.confirmed, Given::Is(_)) {
            work.ignore((&sheet, number), WAITS);
            continue;
        }
        match link(work, &sources, &row) {
            Ok(link) if !seen.insert(key_of(&Fact::SourcePerson(link.clone()))) => {
                let problem = problem("Id i diariet", "personen står på två rader", "ta bort den som inte gäller");
                work.hold(&sheet, number, None, None, &problem);
            }
            Ok(link) => confirmed += u32::from(record(work, &mut sources, link, (&sheet, number)).await?),
            Err(problem) => work.hold(&sheet, number, None, None, &problem),
        }
    }
    if confirmed > 0 {
        work.report.sheets.push(format!("{sheet}: {confirmed} kopplingar gäller från nästa arvode sync"));
    }
    Ok(())
}

fn problem(cell: &str, wrong: &str, instead: &str) -> Problem {
    Problem { cell: cell.to_owned(), wrong: wrong.to_owned(), instead: instead.to_owned() }
}

fn link<S: Store>(
    work: &Work<'_, S>,
    sources: &HashMap<String, Source>,
    row: &SourcePersonRow,
) -> Result<SourcePerson, Problem> {
    let (source, id) = (row.source.clone().unwrap_or_default(), row.id.clone().unwrap_or_default());
    let as_written = "skriv källan och id som de stod i arbetsboken som arvode sync skrev";
    let Some(known) = sources.get(&source) else {
        return Err(problem("Diarium", "källan är inte känd", as_written));
    };
    if !known.names(&id) {
        return Err(problem("Id i diariet", "diariet har inte nämnt någon person med det id:t", as_written));
    }
    let person = match row.confirmed {
        Given::Is(true) => Some(work.person(&row.person)?),
        _ => None,
    };
    Ok(SourcePerson { source, id, person })
}

/// Records a link that is new, and closes what asked for it.
async fn record<S: Store>(
    work: &mut Work<'_, S>,
    sources: &mut HashMap<String, Source>,
    link: SourcePerson,
    place: (&str, u32),
) -> Result<bool, Fault> {
    let source = sources.entry(link.source.clone()).or_default();
    let before = source.persons.get(&link.id).map(|(number, known)| (*number, known.clone()));
    let is_new = before.as_ref().is_none_or(|(_, known)| *known != link);
    work.count(place, is_new);
    let asks = subject(&format!("{UNLINKED}{}", link.id));
    let open = work.store.open_remarks_of(&[file_of(&link.source)]).await?;
    let gone: Vec<i64> = open.iter().filter(|stored| stored.subject == asks).map(|stored| stored.id).collect();
    work.store.close_remarks(&gone, work.settings.now_ms).await?;
    if !is_new {
        return Ok(false);
    }
    let fact = Fact::SourcePerson(link);
    let key = key_of(&fact);
    work.trace_fact(place, || before.clone().map(|(_, known)| Fact::SourcePerson(known)), Some(&fact));
    let supersedes = match before {
        Some((number, _)) => Some(number),
        None => work.taken_back_at(&key).await?,
    };
    let about = about(&fact);
    work.record(Some(fact), key, about, place, supersedes);
    work.flush_if_many().await?;
    Ok(true)
}

impl Source {
    /// The source has told of a person under this id, as a record or at a meeting.
    fn names(&self, id: &str) -> bool {
        if self.person(id).is_some() {
            return true;
        }
        self.records.values().any(|(_, record)| match &record.content {
            Some(Content::Meeting(meeting)) => meeting
                .participants
                .iter()
                .flatten()
                .any(|participant| super::participants::alias_of(participant) == id),
            _ => false,
        })
    }
}
