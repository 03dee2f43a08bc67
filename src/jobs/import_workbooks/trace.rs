//! What an import would do, row by row, beside what is stored: only a dry run keeps it.

use std::collections::BTreeMap;

use super::{Report, Work, about};
use crate::domain::words::{differing, kind_word, told};
use crate::domain::{Fact, MeetingId, PersonId};
use crate::ports::Store;

/// What would become of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowOutcome {
    /// The sheet's name.
    pub sheet: String,
    /// The row's number as Excel shows it; 0 for what a whole list takes away by not saying it.
    pub row: u32,
    /// What it says beside what is stored.
    pub state: RowState,
    /// Facts that would be recorded for it. A meeting is told on the first row that speaks of it.
    pub changes: Vec<Change>,
}

/// What a row says beside what is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowState {
    /// Something that nobody has said.
    New,
    /// Something other than what is stored.
    Changed,
    /// What is stored.
    Unchanged,
    /// Held with a remark. A meeting that it names may be known by it.
    Held,
    /// Ignored by the rule of this name.
    Ignored(String),
    /// Taken away, for the whole list lacks it.
    Removed,
}

/// A fact that would be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The kind of fact in a word.
    pub kind: &'static str,
    /// Whom and which meeting it is about; never the name of whoever is protected.
    pub about: String,
    /// Whether it is new, changed or taken back.
    pub state: ChangeState,
    /// Each field that differs: its word, what is stored, what would be.
    pub fields: Vec<FieldChange>,
}

/// What becomes of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeState {
    /// Nothing is stored of it.
    New,
    /// It replaces what is stored.
    Changed,
    /// It is taken back.
    TakenBack,
}

/// A field before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its word.
    pub word: &'static str,
    /// What is stored.
    pub before: Option<String>,
    /// What would be.
    pub after: Option<String>,
}

/// A fact as it is stored, and as it would be.
type BeforeAfter = (Option<Fact>, Option<Fact>);

/// What is kept while the rows go by.
#[derive(Debug, Default)]
pub(super) struct Trace {
    rows: Vec<(String, u32, RowState)>,
    facts: BTreeMap<(String, u32), Vec<BeforeAfter>>,
}

impl Trace {
    pub(super) fn row(&mut self, (sheet, row): (&str, u32), state: RowState) {
        self.rows.push((sheet.to_owned(), row, state));
    }

    pub(super) fn fact(&mut self, (sheet, row): (&str, u32), before: Option<Fact>, after: Option<Fact>) {
        self.facts.entry((sheet.to_owned(), row)).or_default().push((before, after));
    }
}

/// Tells all rows in the order of sheets and rows.
pub(super) fn tell<S: Store>(work: &mut Work<'_, S>) -> Vec<RowOutcome> {
    let Some(mut trace) = work.trace.take() else { return Vec::new() };
    let mut outcomes: Vec<RowOutcome> = Vec::with_capacity(trace.rows.len());
    for (sheet, row, state) in std::mem::take(&mut trace.rows) {
        let facts = trace.facts.remove(&(sheet.clone(), row)).unwrap_or_default();
        let replaces = facts.iter().any(|(before, after)| before.is_some() && !matches!(after, Some(Fact::Meeting(_))));
        let state = if state == RowState::New && replaces { RowState::Changed } else { state };
        let changes =
            facts.iter().filter_map(|(before, after)| change(work, before.as_ref(), after.as_ref())).collect();
        outcomes.push(RowOutcome { sheet, row, state, changes });
    }
    // What no row says: a whole list takes away whom it lacks.
    for ((sheet, row), facts) in &trace.facts {
        for (before, after) in facts {
            let changes = change(work, before.as_ref(), after.as_ref()).into_iter().collect();
            outcomes.push(RowOutcome { sheet: sheet.clone(), row: *row, state: RowState::Removed, changes });
        }
    }
    let place = |sheet: &str| work.file.workbook.sheets().iter().position(|found| found.name == sheet);
    outcomes.sort_by_key(|outcome| (place(&outcome.sheet), outcome.row));
    outcomes
}

fn change<S: Store>(work: &Work<'_, S>, before: Option<&Fact>, after: Option<&Fact>) -> Option<Change> {
    let fact = after.or(before)?;
    let state = match (before, after) {
        (_, None) => ChangeState::TakenBack,
        (None, _) => ChangeState::New,
        _ => ChangeState::Changed,
    };
    let fields: Vec<FieldChange> = match (before, after) {
        (Some(before), Some(after)) => differing(before, after)
            .into_iter()
            .map(|(before, after)| FieldChange { word: after.word, before: before.value, after: after.value })
            .collect(),
        _ => told(fact)
            .into_iter()
            .filter(|told| told.value.is_some())
            .map(|told| match state {
                ChangeState::TakenBack => FieldChange { word: told.word, before: told.value, after: None },
                _ => FieldChange { word: told.word, before: None, after: told.value },
            })
            .collect(),
    };
    let about = about(fact);
    let hides = |field: FieldChange| hidden(work, about.person, field);
    Some(Change {
        kind: kind_word(fact),
        about: subject(work, fact, about.person, about.meeting),
        state,
        fields: fields.into_iter().map(hides).collect(),
    })
}

/// A number is never shown, nor anything that tells who a protected person is.
fn hidden<S: Store>(work: &Work<'_, S>, person: Option<PersonId>, field: FieldChange) -> FieldChange {
    let is_protected =
        person.is_some_and(|person| work.persons.is_protected(work.aliases.person(person), work.settings.today));
    let tells_who = matches!(field.word, "efternamn" | "förnamn" | "e-post");
    if field.word != "personnummer" && !(is_protected && tells_who) {
        return field;
    }
    let hide = |value: Option<String>| value.map(|_| "…".to_owned());
    FieldChange { word: field.word, before: hide(field.before), after: hide(field.after) }
}

fn subject<S: Store>(work: &Work<'_, S>, fact: &Fact, person: Option<PersonId>, meeting: Option<MeetingId>) -> String {
    let name = person.map(|person| work.persons.shown_name(work.aliases.person(person), work.settings.today));
    let place = match fact {
        Fact::Meeting(meeting) => Some(format!("{} {}", meeting.organ, meeting.day)),
        _ => meeting
            .and_then(|meeting| work.meetings.place(work.aliases.teller(meeting)))
            .map(|(organ, day)| format!("{organ} {day}")),
    };
    let parts: Vec<String> = name.map(str::to_owned).into_iter().chain(place).filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

impl Report {
    /// Rows of a dry run that differ from what is stored.
    pub fn changing(&self) -> impl Iterator<Item = &RowOutcome> {
        self.rows_told.iter().filter(|outcome| !outcome.changes.is_empty())
    }
}
