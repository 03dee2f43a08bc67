//! From a spooled row to a typed row: finds the cells of the form's columns, and collects what is wrong with them.

mod absence;
mod answer;
mod avstaende;
mod beslut;
mod claim;
mod diarieperson;
mod income;
mod jour;
mod narvaro;
mod paragraf;
mod person;
mod uppdrag;
mod utbetalt;

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::columns::Field;
use super::headers::{Layout, Unit};
use super::values::{self, Context, Read, Wrong, clean, is_blank, wrong};
use super::wire::{RowLine, Value};
use crate::calendar::Day;
use crate::domain::folded;
use crate::ports::{Given, MeetingRef, PersonRef, Problem, Row, RowContent, SheetKind};

/// Where to look for each field in a row, prepared once for a sheet.
pub struct RowPlan<'l> {
    layout: &'l Layout,
    /// Column to place in the layout.
    by_column: Vec<Option<u8>>,
    /// Field to place in the layout.
    by_field: [Option<u8>; Field::COUNT],
    /// What every row says, for columns that the sheet does not have.
    fixed: Vec<(Field, Value<'static>)>,
    /// A column's own words, and what they stand for.
    words: Vec<(Field, BTreeMap<String, Value<'static>>)>,
    context: Context,
    /// What rows may hold before anybody has filled them in.
    filled_in: &'static [Field],
}

impl<'l> RowPlan<'l> {
    /// The plan for a layout, and what rows of it hold before anybody has filled them in: nothing but in a workbook of ours.
    pub fn new(layout: &'l Layout, context: Context, filled_in: &'static [Field]) -> RowPlan<'l> {
        let width = layout.columns.last().map_or(0, |placed| placed.column as usize + 1);
        let mut by_column = vec![None; width];
        let mut by_field = [None; Field::COUNT];
        // A form has fewer than 256 columns.
        for (place, placed) in (0_u8..).zip(&layout.columns) {
            if let Some(slot) = by_column.get_mut(placed.column as usize) {
                *slot = Some(place);
            }
            by_field[placed.field as usize] = Some(place);
        }
        let as_text = |text: &String| Value::Text(Cow::Owned(text.clone()));
        let fixed = layout.fixed.iter().filter(|(field, _)| !layout.has(*field));
        let fixed = fixed.map(|(field, text)| (*field, as_text(text))).collect();
        let words_of = |words: &BTreeMap<String, String>| {
            words.iter().map(|(word, text)| (word.clone(), as_text(text))).collect::<BTreeMap<_, _>>()
        };
        let words = layout.words.iter().map(|(field, words)| (*field, words_of(words))).collect();
        RowPlan { layout, by_column, by_field, fixed, words, context, filled_in }
    }

    /// The typed row.
    pub fn read(&self, line: &RowLine<'_>) -> Row {
        let mut cells: [Option<&Value<'_>>; Field::COUNT] = [None; Field::COUNT];
        let mut any = false;
        for cell in &line.cells {
            let place = self.by_column.get(cell.column as usize).copied().flatten();
            let Some(placed) = place.and_then(|place| self.layout.columns.get(usize::from(place))) else {
                continue;
            };
            if !is_blank(&cell.value) && !self.is_own_formula(placed.field, &cell.value) {
                cells[placed.field as usize] = Some(&cell.value);
                any = true;
            }
        }
        if let Some(rule) = self.ignored(line, &cells, any) {
            return Row {
                row: line.row,
                cell: None,
                content: RowContent::Ignored(rule),
                problems: Vec::new(),
                origin: None,
            };
        }
        for (field, value) in &self.fixed {
            cells[*field as usize] = Some(value);
        }
        for (field, words) in &self.words {
            let word = match cells[*field as usize] {
                Some(Value::Text(text)) => words.get(&folded(text)),
                Some(Value::Number(number)) => words.get(*number),
                _ => None,
            };
            cells[*field as usize] = word.or(cells[*field as usize]);
        }
        let mut reader = RowReader { plan: self, row: line.row, cells, problems: Vec::new() };
        let content = match self.layout.form.kind {
            SheetKind::Narvaro => RowContent::Narvaro(Box::new(narvaro::read(&mut reader))),
            SheetKind::Paragrafer => RowContent::Paragraf(Box::new(paragraf::read(&mut reader))),
            SheetKind::Yrkanden => RowContent::Claim(Box::new(claim::read(&mut reader))),
            SheetKind::Personer => RowContent::Person(Box::new(person::read(&mut reader))),
            SheetKind::Uppdrag => RowContent::Uppdrag(Box::new(uppdrag::read(&mut reader))),
            SheetKind::Inkomstuppgifter => RowContent::Income(Box::new(income::read(&mut reader))),
            SheetKind::Franvaro => RowContent::Absence(Box::new(absence::read(&mut reader))),
            SheetKind::Diariepersoner => RowContent::SourcePerson(Box::new(diarieperson::read(&mut reader))),
            SheetKind::Jour => RowContent::Jour(Box::new(jour::read(&mut reader))),
            SheetKind::Beslut => RowContent::Beslut(Box::new(beslut::read(&mut reader))),
            SheetKind::Avstaende => RowContent::Avstaende(Box::new(avstaende::read(&mut reader))),
            SheetKind::Utbetalt => RowContent::Utbetalt(Box::new(utbetalt::read(&mut reader))),
            SheetKind::Anmarkningar => RowContent::Answer(Box::new(answer::read(&mut reader))),
        };
        Row { row: line.row, cell: None, content, problems: reader.problems, origin: self.origin(line) }
    }

    /// Where a row that is mended here was held.
    fn origin(&self, line: &RowLine<'_>) -> Option<Box<str>> {
        self.layout.told?.origin(line)
    }

    /// The name that our own form works out from the number, where nobody has calculated it: a program that fills in forms
    /// keeps the formula and drops its value. The number says who it is.
    fn is_own_formula(&self, field: Field, value: &Value<'_>) -> bool {
        field == Field::Namn && !self.filled_in.is_empty() && matches!(value, Value::Formula)
    }

    /// A row of our own list of attendance that says who may come, and not that anybody came.
    fn is_untouched(&self, cells: &Cells<'_>) -> bool {
        !self.filled_in.is_empty()
            && self.layout.form.kind == SheetKind::Narvaro
            && cells[Field::Personnummer as usize].is_some()
            && self
                .layout
                .columns
                .iter()
                .all(|placed| cells[placed.field as usize].is_none() || self.filled_in.contains(&placed.field))
    }

    /// The rule by which a row is no row of data.
    fn ignored(&self, line: &RowLine<'_>, cells: &Cells<'_>, any: bool) -> Option<&'static str> {
        if !any {
            return Some("tom rad");
        }
        if self.is_untouched(cells) {
            return Some("förifylld rad som ingen har fyllt i");
        }
        let first = line.cells.iter().filter(|cell| !is_blank(&cell.value)).min_by_key(|cell| cell.column)?;
        let Value::Text(text) = &first.value else { return None };
        if is_sum_word(text) {
            let says = |field: Field| cells[field as usize].is_some_and(|value| *value != first.value);
            if ![Field::Personnummer, Field::Namn, Field::Datum, Field::Efternamn].into_iter().any(says) {
                return Some("summarad");
            }
        }
        let known = || self.layout.columns.iter().filter_map(|placed| Some((placed, cells[placed.field as usize]?)));
        let repeats = |(placed, value): (&super::headers::Placed, &Value<'_>)| matches!(value, Value::Text(text) if clean(text) == placed.title.as_str());
        (known().nth(1).is_some() && known().all(repeats)).then_some("upprepad rubrik")
    }
}

/// What a list of attendance holds before anybody has filled it in.
pub(super) const FILLED_IN: &[Field] = &[Field::Organ, Field::Personnummer, Field::Namn, Field::Roll];

/// The same of lists that are asked for: their meetings stand there too.
pub(super) const ASKED_FOR: &[Field] = &[
    Field::Organ,
    Field::Personnummer,
    Field::Namn,
    Field::Roll,
    Field::Datum,
    Field::Start,
    Field::Slut,
    Field::Mote,
];

/// `A1` for row 1 and column 0.
pub fn address(row: u32, column: u32) -> String {
    column_letters(column) + &row.to_string()
}

/// `A` for column 0.
pub fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        left -= 1;
        letters.push(char::from(b'A' + (left % 26) as u8));
        left /= 26;
    }
    letters.iter().rev().collect()
}

type Cells<'c> = [Option<&'c Value<'c>>; Field::COUNT];

/// Whether a text begins with a word for a sum.
pub fn is_sum_word(text: &str) -> bool {
    let starts =
        text.trim_start().chars().next().is_some_and(|letter| matches!(letter, 's' | 'S' | 't' | 'T' | 'd' | 'D'));
    starts && {
        let word =
            text.split(|letter: char| !letter.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default();
        matches!(folded(word).as_str(), "summa" | "totalt" | "total" | "totalsumma" | "delsumma")
    }
}

/// One row while it is read.
struct RowReader<'p, 'c> {
    plan: &'p RowPlan<'p>,
    row: u32,
    cells: Cells<'c>,
    problems: Vec<Problem>,
}

impl RowReader<'_, '_> {
    fn context(&self) -> Context {
        self.plan.context
    }

    fn has_column(&self, field: Field) -> bool {
        self.plan.by_field[field as usize].is_some() || self.plan.fixed.iter().any(|(fixed, _)| *fixed == field)
    }

    fn unit(&self, field: Field) -> Unit {
        let place = self.plan.by_field[field as usize].map(usize::from);
        place.and_then(|place| self.plan.layout.columns.get(place)).map_or(Unit::Ours, |placed| placed.unit)
    }

    /// The cell's address, or the row where the sheet has no such column.
    fn place(&self, field: Field) -> String {
        let place = self.plan.by_field[field as usize].map(usize::from);
        match place.and_then(|place| self.plan.layout.columns.get(place)) {
            Some(placed) => address(self.row, placed.column),
            None => format!("rad {}", self.row),
        }
    }

    fn problem(&mut self, field: Field, wrong: Wrong) {
        let cell = self.place(field);
        self.problems.push(Problem { cell, wrong: wrong.wrong, instead: wrong.instead });
    }

    /// What a cell says by `read`; a problem counts as an absent column, for the row is held anyway.
    fn given<T>(&mut self, field: Field, read: impl FnOnce(&Value<'_>) -> Read<T>) -> Given<T> {
        if !self.has_column(field) {
            return Given::Absent;
        }
        let Some(value) = self.cells[field as usize] else {
            return Given::Blank;
        };
        let read = values::usable(value).and_then(|()| self.shown_as(field, value)).and_then(|()| read(value));
        match read {
            Ok(value) => Given::Is(value),
            Err(wrong) => {
                self.problem(field, wrong);
                Given::Absent
            }
        }
    }

    /// In a file that does not tell how numbers are shown, 1 may be one per cent or all of it.
    fn shown_as(&self, field: Field, value: &Value<'_>) -> Read<()> {
        let is_share =
            matches!(field, Field::Grad | Field::Omfattning | Field::SemesterProcent | Field::PensionProcent);
        match value {
            Value::Number("1") if is_share && self.context().unformatted => Err(wrong(
                "”1” kan betyda 1 % eller 100 %: filens format visar inte vilket.",
                "Skriv procenttalet som text med procenttecken, som 100 %, eller spara filen som .xlsx.",
            )),
            _ => Ok(()),
        }
    }

    /// A number. In a text file whose decimals all have the same sign, `1,234` and `1.234` have one meaning each.
    fn number<T>(&mut self, field: Field, read: impl FnOnce(&Value<'_>) -> Read<T>) -> Given<T> {
        let decimal = self.context().decimal;
        self.given(field, |value| match (value, decimal) {
            (Value::Text(text), Some(decimal)) => read(&Value::Text(values::with_decimal_sign(text, decimal))),
            _ => read(value),
        })
    }

    /// The same where blank and absent mean the same.
    fn value<T>(&mut self, field: Field, read: impl FnOnce(&Value<'_>) -> Read<T>) -> Option<T> {
        self.given(field, read).value()
    }

    /// A cell that the row cannot do without.
    fn required<T>(
        &mut self,
        field: Field,
        what: &str,
        instead: &str,
        read: impl FnOnce(&Value<'_>) -> Read<T>,
    ) -> Option<T> {
        if self.cells[field as usize].is_none() {
            self.problem(field, wrong(format!("{what} saknas."), instead));
            return None;
        }
        self.value(field, read)
    }

    fn text(&mut self, field: Field) -> Given<String> {
        self.given(field, values::text)
    }

    fn day(&mut self, field: Field) -> Given<Day> {
        let context = self.context();
        self.given(field, |value| values::day(value, context))
    }

    fn yes_or_no(&mut self, field: Field) -> Given<bool> {
        self.given(field, values::yes_or_no)
    }

    /// Number first, else name.
    fn person(&mut self) -> PersonRef {
        let context = self.context();
        let missing = [Field::Personnummer, Field::Namn].iter().all(|field| self.cells[*field as usize].is_none());
        if missing {
            let field = if self.has_column(Field::Personnummer) { Field::Personnummer } else { Field::Namn };
            self.problem(
                field,
                wrong("Raden säger inte vem den gäller.", "Skriv personnummer som ÅÅÅÅMMDD-NNNN, eller namn."),
            );
        }
        PersonRef {
            personnummer: self.value(Field::Personnummer, |value| values::personnummer(value, context)),
            namn: self.value(Field::Namn, values::text),
        }
    }

    /// Mötes-id, else organ and day.
    fn meeting(&mut self) -> MeetingRef {
        let external = self.value(Field::Mote, values::text);
        if self.cells[Field::Mote as usize].is_some() {
            return MeetingRef {
                external,
                organ: self.value(Field::Organ, values::text),
                day: self.day(Field::Datum).value(),
            };
        }
        let context = self.context();
        if !self.has_column(Field::Datum) || !self.has_column(Field::Organ) {
            self.problem(Field::Mote, wrong("Mötet saknas.", "Skriv mötets id eller diarienummer."));
        }
        let mut meeting = MeetingRef { external, organ: None, day: None };
        if self.has_column(Field::Datum) {
            meeting.day = self.required(Field::Datum, "Datum", "Skriv mötets dag, som 2026-10-14.", |value| {
                values::day(value, context)
            });
        }
        if self.has_column(Field::Organ) {
            meeting.organ =
                self.required(Field::Organ, "Organ", "Skriv organets namn eller förkortning.", values::text);
        }
        meeting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_excel() {
        for (row, column, expect) in [(1, 0, "A1"), (14, 2, "C14"), (2, 25, "Z2"), (2, 26, "AA2"), (9, 255, "IV9")] {
            assert_eq!(address(row, column), expect);
        }
    }

    #[test]
    fn sum_rows_start_with_a_word_for_sum() {
        for text in ["Summa", "summa:", "TOTALT kr", "Total", "Delsumma KS"] {
            assert!(is_sum_word(text), "{text}");
        }
        for text in ["Summanen", "Tord", "", "Anna Summa"] {
            assert!(!is_sum_word(text), "{text}");
        }
    }
}
