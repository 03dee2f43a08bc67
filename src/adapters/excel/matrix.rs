//! Närvaro, matrix form: one row per person, one column per meeting.
//!
//! It is known by its shape and never by its name: a row of days beside, above or below the header of the persons. Over
//! or under the days may stand organ, clock times, mötes-id and slag, each in a row of its own, or in the day's cell.

mod mark;

use std::collections::BTreeMap;

use super::above::is_said_above;
use super::columns::{Field, form};
use super::headers::{HEADER_ROWS, Headers, Layout, Placed, Told, Unit};
use super::merged::Kept;
use super::rows::{address, is_sum_word};
use super::values::{self, Context, Part, Read, clean, is_blank, wrong};
use super::wire::{RowLine, Value};
use crate::calendar::Day;
use crate::domain::{Roll, Slag, folded, shown};
use crate::ports::{Given, MeetingRef, NarvaroRow, PersonRef, Problem, Row, RowContent, SheetKind, SpanList};
use mark::{Mark, mark};

/// One of the first rows of a sheet, with its cells.
pub type HeadCells = (u32, BTreeMap<u32, Kept>);

/// Where persons and meetings stand.
#[derive(Debug)]
pub struct Matrix {
    /// The first row of the header.
    pub first_row: u32,
    /// The last row of the header.
    pub header_row: u32,
    /// The columns that say who: Personnummer, Namn, Efternamn, Förnamn and Roll.
    pub persons: Vec<(u32, Field)>,
    /// The meetings, from left to right.
    pub meetings: Vec<MeetingColumn>,
    /// Columns under a header that is no meeting's.
    titled: Vec<u32>,
    /// Columns of sums, by their headers.
    pub sums: Vec<String>,
    /// Columns that are neither.
    pub unknown: Vec<String>,
    /// What the program has written beside the rows, for whoever mends them.
    pub told: Option<Told>,
}

/// A column of marks.
#[derive(Debug)]
pub struct MeetingColumn {
    /// Column, from 0.
    pub column: u32,
    /// Which meeting.
    pub meeting: MeetingRef,
    hours: Given<SpanList>,
    slag: Given<Slag>,
    /// What is wrong in its header: every mark below it is held.
    problem: Option<Problem>,
    /// Some cell below says something.
    pub has_marks: bool,
}

impl MeetingColumn {
    /// A column with marks and no day.
    fn headless(header_row: u32, column: u32) -> MeetingColumn {
        MeetingColumn {
            column,
            meeting: MeetingRef::default(),
            hours: Given::Absent,
            slag: Given::Absent,
            problem: Some(Problem {
                cell: address(header_row, column),
                wrong: "Kolumnen har markeringar, men rubriken säger inte vilken dag mötet var.".to_owned(),
                instead: "Skriv mötets datum i rubriken, som 2026-10-14, eller ta bort kolumnen.".to_owned(),
            }),
            has_marks: true,
        }
    }

    /// For a note: organ, day and column.
    pub fn words(&self) -> String {
        let organ = shown(self.meeting.organ.as_deref().unwrap_or_default());
        let day = self.meeting.day.map(|day| day.to_string()).unwrap_or_default();
        format!("{} (kolumn {})", format!("{organ} {day}").trim(), letters(self.column))
    }
}

/// More days than this in a row are no list of meetings.
const MOST_MEETINGS: usize = 250;
/// Header rows lie so close to each other.
const HEADER_HEIGHT: u32 = 6;

impl Matrix {
    /// The matrix whose header is in a sheet's first rows, if there is one. `list` is the row of a list's header that wants
    /// for nothing: below it are its rows, and at or above it only marks below the days make a matrix.
    pub fn find(head: &[HeadCells], headers: &Headers, context: Context, list: Option<u32>) -> Option<Matrix> {
        let mut best: Option<Head<'_>> = None;
        for (persons_at, (row, cells)) in head.iter().enumerate().filter(|(_, (row, _))| *row <= HEADER_ROWS) {
            let persons = person_columns(cells, headers);
            let is_row_of_list = list.is_some_and(|header_row| header_row < *row);
            if is_row_of_list || !persons.iter().any(|(_, field)| *field != Field::Roll) {
                continue;
            }
            let near = head.iter().enumerate().filter(|(_, (days_row, _))| days_row.abs_diff(*row) < HEADER_HEIGHT);
            for (days_at, (days_row, days)) in near {
                let columns = day_columns(days, &persons, (days_at != persons_at).then_some(cells), headers, context);
                let says_who = |(column, _): &(u32, Field)| {
                    days.get(column).is_some_and(|kept| label(kept, headers).is_none() && !is_blank(&kept.value()))
                };
                let below_has_names = days_row > row && persons.iter().any(says_who);
                let more = best.as_ref().is_none_or(|best| columns.len() > best.columns.len());
                if !columns.is_empty() && columns.len() <= MOST_MEETINGS && !below_has_names && more {
                    best =
                        Some(Head { head, headers, context, persons: persons.clone(), columns, persons_at, days_at });
                }
            }
        }
        let sheet = best?;
        let in_one_row = sheet.persons_at == sheet.days_at && sheet.columns.len() > 1;
        (sheet.marks_below() || list.is_none() || in_one_row).then(|| sheet.matrix())
    }

    /// The header as that of a list, with the columns of the persons: how held rows are written back.
    pub fn layout(&self) -> Layout {
        let placed = |(column, field): &(u32, Field)| Placed {
            column: *column,
            field: *field,
            unit: Unit::Ours,
            title: String::new(),
        };
        Layout {
            form: form(SheetKind::Narvaro),
            header_row: self.header_row,
            columns: self.persons.iter().map(placed).collect(),
            unknown: Vec::new(),
            fixed: Vec::new(),
            words: Vec::new(),
            told: self.told,
        }
    }

    /// Organ from above the header, for the meetings that have none.
    pub fn belongs_to(&mut self, organ: &str) {
        for meeting in self.meetings.iter_mut().filter(|meeting| meeting.meeting.organ.is_none()) {
            meeting.meeting.organ = Some(organ.to_owned());
        }
    }

    /// What is missing or said twice in the header; each mark below is then held with it.
    pub fn settle(&mut self) {
        let mut seen: Vec<(u32, MeetingRef, Given<SpanList>)> = Vec::new();
        for meeting in self.meetings.iter_mut().filter(|meeting| meeting.problem.is_none()) {
            let cell = address(self.header_row, meeting.column);
            let twin = seen.iter().find(|(_, other, hours)| {
                let organ = |meeting: &MeetingRef| meeting.organ.as_deref().map(folded);
                other.day == meeting.meeting.day
                    && organ(other) == organ(&meeting.meeting)
                    && other.external == meeting.meeting.external
                    && *hours == meeting.hours
            });
            if meeting.meeting.organ.is_none() && meeting.meeting.external.is_none() {
                meeting.problem = Some(Problem {
                    cell,
                    wrong: "Rubriken säger inte vilket organ mötet gäller.".to_owned(),
                    instead: "Skriv organet i datumets cell, som 2026-10-14 KS, i en egen rad över eller under datumen, eller en gång ovanför rubriken, som Organ: KS.".to_owned(),
                });
            } else if let Some((other, _, _)) = twin {
                meeting.problem = Some(Problem {
                    cell,
                    wrong: format!("Samma möte står i kolumnerna {} och {}.", letters(*other), letters(meeting.column)),
                    instead: "Skriv mötenas tider (13.00-16.30) eller mötes-id i en egen rad i rubriken.".to_owned(),
                });
            } else {
                seen.push((meeting.column, meeting.meeting.clone(), meeting.hours.clone()));
            }
        }
    }

    /// Notes which columns have marks below the header. One that no header stands over is a meeting whose day is missing.
    pub fn look_at(&mut self, line: &RowLine<'_>, words: &BTreeMap<String, String>) {
        if self.sum_or_heading(line).is_some() {
            return;
        }
        for cell in &line.cells {
            let is_mark = || mark(&cell.value, words).is_ok_and(|said| !said.absent);
            if self.is_headless(cell.column) && is_mark() {
                self.meetings.push(MeetingColumn::headless(self.header_row, cell.column));
            }
        }
        for cell in line.cells.iter().filter(|cell| !is_blank(&cell.value)) {
            for meeting in self.meetings.iter_mut().filter(|meeting| meeting.column == cell.column) {
                meeting.has_marks = true;
            }
        }
    }

    fn title_in(kept: &Kept) -> Option<String> {
        let Kept::Text(text) = kept else { return None };
        Some(clean(text).into_owned()).filter(|text| !text.is_empty())
    }

    /// To the right of the first meeting, under no header.
    fn is_headless(&self, column: u32) -> bool {
        let first = self.meetings.first().map_or(u32::MAX, |meeting| meeting.column);
        let is_known = self.titled.contains(&column) || self.meetings.iter().any(|meeting| meeting.column == column);
        column > first && !is_known && self.persons.iter().all(|(of_person, _)| *of_person != column)
    }

    /// One row for each meeting with marks; a row that is not a person's is one that is ignored.
    pub fn read(&self, line: &RowLine<'_>, context: Context, words: &BTreeMap<String, String>) -> Vec<Row> {
        let ignored = |rule| {
            vec![Row {
                row: line.row,
                cell: None,
                content: RowContent::Ignored(rule),
                problems: Vec::new(),
                origin: None,
            }]
        };
        if let Some(rule) = self.sum_or_heading(line) {
            return ignored(rule);
        }
        let cell_at = |column: u32| {
            line.cells
                .iter()
                .find(|cell| cell.column == column)
                .map(|cell| &cell.value)
                .filter(|value| !is_blank(value))
        };
        let meetings: Vec<&MeetingColumn> = self.meetings.iter().filter(|meeting| meeting.has_marks).collect();
        let has_marks = meetings.iter().any(|meeting| cell_at(meeting.column).is_some());
        let mut problems = Vec::new();
        let (person, roll) = self.person(line.row, &cell_at, context, &mut problems);
        if !has_marks && person == PersonRef::default() && problems.is_empty() {
            return ignored("tom rad");
        }
        if meetings.is_empty() {
            return ignored("inga möten med markering");
        }
        if has_marks && person == PersonRef::default() && problems.is_empty() {
            let column = self.persons.first().map_or(0, |(column, _)| *column);
            problems.push(Problem {
                cell: address(line.row, column),
                wrong: "Raden säger inte vem den gäller.".to_owned(),
                instead: "Skriv personnummer som ÅÅÅÅMMDD-NNNN, eller namn.".to_owned(),
            });
        }
        let mut rows = Vec::with_capacity(meetings.len());
        for meeting in meetings {
            let at = address(line.row, meeting.column);
            let mut wrong: Vec<Problem> = Vec::new();
            let said = cell_at(meeting.column).map_or_else(|| Ok(Mark::absent()), |value| mark(value, words));
            let said = said.unwrap_or_else(|unclear| {
                wrong.push(Problem { cell: at.clone(), wrong: unclear.wrong, instead: unclear.instead });
                Mark::default()
            });
            if !said.absent {
                wrong.extend(meeting.problem.iter().chain(&problems).cloned());
            }
            let content = RowContent::Narvaro(Box::new(narvaro(meeting, &person, roll.clone(), said)));
            let origin = self.told.and_then(|told| told.origin(line));
            rows.push(Row { row: line.row, cell: Some(at), content, problems: wrong, origin });
        }
        rows
    }

    /// The rule by which a row is no person's.
    fn sum_or_heading(&self, line: &RowLine<'_>) -> Option<&'static str> {
        let said: Vec<_> = line.cells.iter().filter(|cell| !is_blank(&cell.value)).collect();
        let first = said.iter().min_by_key(|cell| cell.column)?;
        let Value::Text(text) = &first.value else { return None };
        let is_of_person = self.persons.iter().any(|(column, _)| *column == first.column);
        if is_sum_word(text) {
            return Some("summarad");
        }
        let word = folded(text);
        let is_count = word.starts_with("antal") && is_of_person;
        if is_count {
            return Some("summarad");
        }
        let headings = [
            "ledamoter",
            "ordinarieledamoter",
            "ersattare",
            "tjanstgorandeersattare",
            "ejtjanstgorandeersattare",
            "ovriga",
            "ovriganarvarande",
        ];
        (said.len() == 1 && headings.contains(&word.as_str())).then_some("avdelningsrubrik")
    }

    fn person<'v>(
        &self,
        row: u32,
        cell_at: &impl Fn(u32) -> Option<&'v Value<'v>>,
        context: Context,
        problems: &mut Vec<Problem>,
    ) -> (PersonRef, Given<Roll>) {
        let mut person = PersonRef::default();
        let (mut fornamn, mut efternamn) = (None, None);
        let mut roll = Given::Absent;
        for (column, field) in &self.persons {
            let Some(value) = cell_at(*column) else {
                if *field == Field::Roll {
                    roll = Given::Blank;
                }
                continue;
            };
            let read: Read<()> = values::usable(value).and_then(|()| match field {
                Field::Personnummer => {
                    values::personnummer(value, context).map(|number| person.personnummer = Some(number))
                }
                Field::Roll => values::roll(value).map(|said| roll = Given::Is(said)),
                Field::Fornamn => values::text(value).map(|text| fornamn = Some(text)),
                Field::Efternamn => values::text(value).map(|text| efternamn = Some(text)),
                _ => values::text(value).map(|text| person.namn = Some(text)),
            });
            if let Err(wrong) = read {
                problems.push(Problem { cell: address(row, *column), wrong: wrong.wrong, instead: wrong.instead });
            }
        }
        if let (None, Some(efternamn)) = (&person.namn, efternamn) {
            person.namn = Some(fornamn.map_or_else(|| efternamn.clone(), |fornamn| format!("{fornamn} {efternamn}")));
        }
        (person, roll)
    }
}

fn narvaro(meeting: &MeetingColumn, person: &PersonRef, roll: Given<Roll>, said: Mark) -> NarvaroRow {
    NarvaroRow {
        meeting: meeting.meeting.clone(),
        person: person.clone(),
        slag: meeting.slag.clone(),
        hours: meeting.hours.clone(),
        roll,
        tjanstgorande: said.tjanstgorande,
        own: said.own,
        paragrafer: said.paragrafer,
        distans: said.distans,
        absent: said.absent,
        ..NarvaroRow::default()
    }
}

/// `C` for column 2.
pub fn letters(column: u32) -> String {
    address(0, column).trim_end_matches('0').to_owned()
}

/// The columns of a row that say who: by the words of the list form, and first and last name.
fn person_columns(cells: &BTreeMap<u32, Kept>, headers: &Headers) -> Vec<(u32, Field)> {
    let mut found: Vec<(u32, Field)> = Vec::new();
    for (column, kept) in cells {
        let Kept::Text(text) = kept else { continue };
        let field = match folded(text).as_str() {
            "efternamn" => Some(Field::Efternamn),
            "fornamn" | "tilltalsnamn" => Some(Field::Fornamn),
            // What stands over the names of a matrix says no more than that they are names.
            "ledamoter" | "ledamoterochersattare" | "deltagare" => Some(Field::Namn),
            _ => headers.narvaro_field(text),
        };
        let says_who = [Field::Personnummer, Field::Namn, Field::Roll, Field::Efternamn, Field::Fornamn]
            .map(Some)
            .contains(&field);
        if let (true, Some(field)) = (says_who, field)
            && found.iter().all(|(_, known)| *known != field)
        {
            found.push((*column, field));
        }
    }
    found
}

/// The columns of a row that hold a day, and none of which is a column of a list by the header of the persons.
fn day_columns(
    days: &BTreeMap<u32, Kept>,
    persons: &[(u32, Field)],
    header: Option<&BTreeMap<u32, Kept>>,
    headers: &Headers,
    context: Context,
) -> Vec<u32> {
    let is_of_list = |column: &u32| {
        let title = header.and_then(|cells| cells.get(column));
        matches!(title, Some(Kept::Text(text)) if headers.is_known(text))
    };
    let columns = days.iter().filter(|(column, kept)| {
        persons.iter().all(|(of_person, _)| of_person != *column)
            && !is_of_list(column)
            && meeting_day(&kept.value(), context).is_some_and(|read| read.is_ok())
    });
    columns.map(|(column, _)| *column).collect()
}

/// Day, and what stands beside it in the cell.
type DayAndRest = (Day, String);

/// The day in a header's cell; none if the cell speaks of something else.
fn meeting_day(value: &Value<'_>, context: Context) -> Option<Read<DayAndRest>> {
    match value {
        Value::DateTime(_) => Some(values::day(value, context).map(|day| (day, String::new()))),
        Value::Number(number) if number.parse::<u32>().is_ok_and(|serial| (36_526..=80_000).contains(&serial)) => {
            Some(values::day(value, context).map(|day| (day, String::new())))
        }
        Value::Number(number) if matches!(number.len(), 6 | 8) => {
            values::day(value, context).ok().map(|day| Ok((day, String::new())))
        }
        Value::Text(text) => day_in_text(text, context),
        Value::Error(_) | Value::Formula => values::usable(value).err().map(Err),
        _ => None,
    }
}

/// The fewest words of a text that are a day; the rest is organ and times.
fn day_in_text(text: &str, context: Context) -> Option<Read<DayAndRest>> {
    let words: Vec<&str> = text.split([' ', '\n', ',', ';']).filter(|word| !word.is_empty()).collect();
    if !text.chars().any(|letter| letter.is_ascii_digit()) || words.len() > MOST_WORDS {
        return None;
    }
    let mut dateless = None;
    for length in 1..=words.len().min(LONGEST_DAY_WORDS) {
        for (at, part) in words.windows(length).enumerate() {
            let part = part.join(" ");
            // One or two digits alone are half of a day.
            if part.chars().filter(char::is_ascii_digit).count() < 3 {
                continue;
            }
            match values::day(&Value::Text(part.as_str().into()), context) {
                Ok(day) => {
                    let rest = words.iter().take(at).chain(words.iter().skip(at + length));
                    return Some(Ok((day, rest.copied().collect::<Vec<_>>().join(" "))));
                }
                // A day that does not exist, or has no year.
                Err(wrong) if wrong.wrong.starts_with("Datumet") => dateless = dateless.or(Some(wrong)),
                Err(_) => {}
            }
        }
    }
    dateless.map(Err)
}

/// A header of more words is a title.
const MOST_WORDS: usize = 12;
/// `onsdag den 14 oktober 2026`
const LONGEST_DAY_WORDS: usize = 5;

/// Which row of a meeting's header a label speaks of.
fn label(kept: &Kept, headers: &Headers) -> Option<Field> {
    let Kept::Text(text) = kept else { return None };
    let field = headers.narvaro_field(text.trim_end_matches([':', ' ']))?;
    let labels = [Field::Datum, Field::Organ, Field::Mote, Field::Slag, Field::Start, Field::Slut, Field::Plats];
    labels.contains(&field).then_some(field)
}

/// The first rows of a sheet that is a matrix.
struct Head<'h> {
    head: &'h [HeadCells],
    headers: &'h Headers,
    context: Context,
    persons: Vec<(u32, Field)>,
    columns: Vec<u32>,
    persons_at: usize,
    days_at: usize,
}

impl Head<'_> {
    /// Whether some cell below the days is a mark.
    fn marks_below(&self) -> bool {
        let last = self.last();
        self.head.iter().skip(last + 1).any(|(_, cells)| {
            self.columns
                .iter()
                .filter_map(|column| cells.get(column))
                .any(|kept| matches!(mark(&kept.value(), &BTreeMap::new()), Ok(said) if !said.absent))
        })
    }

    /// What a row of the header says of the meetings: by its label, else by what stands in it.
    fn speaks_of(&self, at: usize) -> Option<Field> {
        let (_, cells) = self.head.get(at)?;
        let said: Vec<&Kept> = self.columns.iter().filter_map(|column| cells.get(column)).collect();
        if said.is_empty() {
            return None;
        }
        let of_label = cells.iter().filter(|(column, _)| !self.columns.contains(column));
        if let Some(field) = of_label.filter_map(|(_, kept)| label(kept, self.headers)).next() {
            return Some(field);
        }
        if said.iter().any(|kept| matches!(kept, Kept::Text(text) if is_said_above(text))) {
            return None;
        }
        let is_times = |kept: &&Kept| values::spans(&kept.value()).is_ok();
        if said.iter().all(is_times) {
            return Some(Field::Start);
        }
        let is_words = |kept: &&Kept| {
            matches!(kept, Kept::Text(text) if text.chars().any(char::is_alphabetic))
                && mark(&kept.value(), &BTreeMap::new()).is_err()
        };
        said.iter().all(is_words).then_some(Field::Organ)
    }

    fn is_next_to(&self, one: usize, other: usize) -> bool {
        match (self.head.get(one), self.head.get(other)) {
            (Some((one, _)), Some((other, _))) => one.abs_diff(*other) == 1,
            _ => false,
        }
    }

    /// The header's last row: below the lower of the two, rows that name nobody and speak of the meetings.
    fn last(&self) -> usize {
        let mut last = self.persons_at.max(self.days_at);
        while self.is_next_to(last, last + 1) && last < self.days_at + HEADER_HEIGHT as usize {
            let Some((_, cells)) = self.head.get(last + 1) else { break };
            let of_person = |column: &u32| self.persons.iter().any(|(of_person, _)| of_person == column);
            let names = cells.iter().any(|(column, kept)| {
                of_person(column) && !is_blank(&kept.value()) && label(kept, self.headers).is_none()
            });
            let is_whole = self.columns.iter().all(|column| cells.contains_key(column));
            let has_label = cells.values().any(|kept| label(kept, self.headers).is_some());
            if names || !(has_label || is_whole) || self.speaks_of(last + 1).is_none() {
                break;
            }
            last += 1;
        }
        last
    }

    fn first(&self) -> usize {
        let mut first = self.persons_at.min(self.days_at);
        while first > 0 && first + HEADER_HEIGHT as usize > self.days_at && self.is_next_to(first, first - 1) {
            if self.speaks_of(first - 1).is_none() {
                break;
            }
            first -= 1;
        }
        first
    }

    fn matrix(self) -> Matrix {
        let (first, last) = (self.first(), self.last());
        // What stands nearest to the days is believed first.
        let mut rows: Vec<(usize, Field)> =
            (first..=last).filter(|at| *at != self.days_at).filter_map(|at| Some((at, self.speaks_of(at)?))).collect();
        rows.sort_by_key(|(at, _)| at.abs_diff(self.days_at));
        let days = self.head.get(self.days_at);
        let is_free = |column: &u32| self.persons.iter().all(|(of_person, _)| of_person != column);
        let mut meetings = Vec::new();
        let (mut sums, mut unknown, mut titled) = (Vec::new(), Vec::new(), Vec::new());
        let header_columns: std::collections::BTreeSet<u32> = (first..=last)
            .filter_map(|at| self.head.get(at))
            .flat_map(|(_, cells)| cells.keys().copied())
            .filter(is_free)
            .collect();
        let called = |column: u32, name: &str| {
            let cells = (first..=last).filter_map(|at| self.head.get(at)?.1.get(&column));
            cells.filter_map(Matrix::title_in).any(|title| folded(&title) == name)
        };
        let told = Told::titled(|name| header_columns.iter().copied().find(|column| called(*column, name)));
        for column in header_columns {
            if told.is_some_and(|told| told.holds(column)) {
                titled.push(column);
                continue;
            }
            let day =
                days.and_then(|(row, cells)| Some((*row, meeting_day(&cells.get(&column)?.value(), self.context)?)));
            if let Some((row, day)) = day {
                meetings.push(self.meeting(column, (row, day), &rows));
                continue;
            }
            // Organ and times stand over a column of marks too, whose day is missing.
            let title = days.and_then(|(_, cells)| cells.get(&column)).and_then(Matrix::title_in);
            let title = title.or_else(|| self.head.get(self.persons_at)?.1.get(&column).and_then(Matrix::title_in));
            titled.extend(title.as_ref().map(|_| column));
            match title {
                Some(title) if is_sum_word(&title) || folded(&title).starts_with("antal") => sums.push(title),
                // The label of a header row names no column.
                Some(title) if label(&Kept::Text(title.clone()), self.headers).is_none() => unknown.push(title),
                _ => {}
            }
        }
        let header_row = self.head.get(last).map_or(0, |(row, _)| *row);
        let first_row = self.head.get(first).map_or(0, |(row, _)| *row);
        Matrix { first_row, header_row, titled, persons: self.persons, meetings, sums, unknown, told }
    }

    fn meeting(&self, column: u32, (row, day): (u32, Read<DayAndRest>), rows: &[(usize, Field)]) -> MeetingColumn {
        let mut problem = None;
        let mut note = |row: u32, wrong: values::Wrong| {
            problem.get_or_insert(Problem { cell: address(row, column), wrong: wrong.wrong, instead: wrong.instead });
        };
        let mut meeting = MeetingRef::default();
        let (mut hours, mut slag) = (Given::Absent, Given::Absent);
        let said = |field: Field| {
            let found = rows.iter().filter(move |(_, of_row)| *of_row == field);
            found.filter_map(move |(at, _)| {
                let (row, cells) = self.head.get(*at)?;
                cells.get(&column).filter(|kept| !is_blank(&kept.value())).map(|kept| (*row, kept))
            })
        };
        match day {
            Ok((day, rest)) => {
                meeting.day = Some(day);
                let (organ, times) = organ_and_times(&rest);
                meeting.organ = organ;
                hours = times.map_or(Given::Absent, Given::Is);
            }
            Err(wrong) => note(row, wrong),
        }
        if let (None, Some((row, kept))) = (&meeting.organ, said(Field::Organ).next()) {
            match values::text(&kept.value()) {
                Ok(text) => meeting.organ = Some(text),
                Err(wrong) => note(row, wrong),
            }
        }
        if let Some((row, kept)) = said(Field::Mote).next() {
            match values::text(&kept.value()) {
                Ok(text) => meeting.external = Some(text),
                Err(wrong) => note(row, wrong),
            }
        }
        if let Some((row, kept)) = said(Field::Slag).next() {
            match values::meeting_slag(&kept.value()) {
                Ok(found) => slag = Given::Is(found),
                Err(wrong) => note(row, wrong),
            }
        }
        let (start, slut) = (said(Field::Start).next(), said(Field::Slut).next());
        if let Some((row, _)) = start.or(slut) {
            match times(start.map(|(_, kept)| kept), slut.map(|(_, kept)| kept)) {
                Ok(spans) => hours = Given::Is(spans),
                Err(wrong) => note(row, wrong),
            }
        }
        MeetingColumn { column, meeting, hours, slag, problem, has_marks: false }
    }
}

/// `KS 13.00-16.30`, `KS (13-16)`
fn organ_and_times(rest: &str) -> (Option<String>, Option<SpanList>) {
    let bare =
        |text: &str| text.trim_matches(|letter: char| letter.is_whitespace() || "(),:".contains(letter)).to_owned();
    let words: Vec<&str> = rest.split_whitespace().collect();
    let found = (0..words.len()).find_map(|at| {
        let (organ, times) = words.split_at(at);
        let spans = values::spans(&Value::Text(bare(&times.join(" ")).into())).ok()?;
        Some((bare(&organ.join(" ")), Some(spans)))
    });
    let (organ, spans) = found.unwrap_or_else(|| (rest.trim().to_owned(), None));
    ((!organ.is_empty()).then_some(organ), spans)
}

fn times(start: Option<&Kept>, slut: Option<&Kept>) -> Read<SpanList> {
    let bad = || wrong("Mötets tider är inte hela.", "Skriv 13.00-16.30, eller Start och Slut i var sin rad.");
    let start = start.ok_or_else(bad).and_then(|kept| values::parts(&kept.value()))?;
    let slut = slut.map(|kept| values::clock(&kept.value())).transpose()?;
    match (start.as_slice(), slut) {
        ([Part::At(start)], Some(slut)) => Ok(vec![(*start, slut)]),
        (parts, None) => {
            let span = |part: &Part| if let Part::Span(from, to) = part { Some((*from, *to)) } else { None };
            parts.iter().map(span).collect::<Option<SpanList>>().ok_or_else(bad)
        }
        _ => Err(bad()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::adapters::excel::wire::WireCell;

    fn any_kept() -> impl Strategy<Value = Kept> {
        let words = [
            "Namn",
            "Personnummer",
            "Roll",
            "Datum",
            "Organ",
            "Start",
            "Slut",
            "KS",
            "2026-10-14",
            "2026-10-14 KS 13-15",
            "14/10",
            "x",
            "tj",
            "nej",
            "-",
            "13.00-15.00",
            "Summa",
            "Ledamöter",
            "Anna Ek",
            "§§ 4-5",
            "",
        ];
        prop_oneof![
            8 => prop::sample::select(words.to_vec()).prop_map(|text| Kept::Text(text.to_owned())),
            1 => "[-0-9 .,:/§åäöA-Za-z\u{0}-\u{ff}]{0,30}".prop_map(Kept::Text),
            1 => "[0-9]{1,9}(\\.[0-9]{1,3})?".prop_map(Kept::Number),
            1 => Just(Kept::DateTime("2026-10-14T00:00".to_owned())),
            1 => Just(Kept::Formula),
            1 => any::<bool>().prop_map(Kept::Bool),
        ]
    }

    proptest! {
        #[test]
        fn no_cells_end_the_program_and_every_row_is_told(
            rows in prop::collection::vec(prop::collection::btree_map(0_u32..6, any_kept(), 0..6), 1..8),
            list in prop::option::of(1_u32..4),
        ) {
            let context =
                Context { today: "2026-11-23".parse().unwrap(), epoch_1904: false, unformatted: false, decimal: None };
            let head: Vec<HeadCells> = (1..).zip(rows).collect();
            let headers = Headers::new(&BTreeMap::new());
            if let Some(mut matrix) = Matrix::find(&head, &headers, context, list) {
                matrix.settle();
                prop_assert!(!matrix.meetings.is_empty() && !matrix.persons.is_empty());
                let header_row = matrix.header_row;
                for (row, cells) in head.iter().filter(|(row, _)| *row > header_row) {
                    let cells = cells.iter().map(|(column, kept)| WireCell { column: *column, value: kept.value() });
                    let line = RowLine { row: *row, cells: cells.collect() };
                    matrix.look_at(&line, &BTreeMap::new());
                    prop_assert!(!matrix.read(&line, context, &BTreeMap::new()).is_empty());
                }
            }
        }
    }
}
