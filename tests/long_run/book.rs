//! A workbook that never was a file: typed rows as the reader would have found them.

use arvode::calendar::{Clock, Day};
use arvode::domain::{Personnummer, Roll};
use arvode::ports::{
    Given, MeetingRef, NarvaroRow, PersonRef, Row, RowContent, Sheet, SheetKind, Unreadable, Workbook,
};

#[derive(Default)]
pub struct Book {
    sheets: Vec<Sheet>,
    rows: Vec<Vec<Row>>,
}

impl Book {
    pub fn of(kind: SheetKind, rows: Vec<RowContent>) -> Book {
        Book::default().with(kind, false, rows)
    }

    /// With a further sheet; `whole` says "Hela listan: ja".
    pub fn with(mut self, kind: SheetKind, whole: bool, contents: Vec<RowContent>) -> Book {
        let row_count = u32::try_from(contents.len()).unwrap();
        let row = |(number, content)| Row { row: number, content, problems: Vec::new(), origin: None };
        self.sheets.push(Sheet {
            name: format!("{kind:?}"),
            kind: Some(kind),
            problem: None,
            read_as: None,
            hidden: false,
            is_guide: false,
            comes_back: false,
            row_count,
            whole_list: whole,
            inkom: None,
            columns: Vec::new(),
            unknown_columns: Vec::new(),
        });
        self.rows.push((2..).zip(contents).map(row).collect());
        self
    }
}

impl Workbook for Book {
    fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    fn rows(&self, sheet: usize) -> Result<Box<dyn Iterator<Item = Result<Row, Unreadable>> + '_>, Unreadable> {
        Ok(Box::new(self.rows[sheet].iter().cloned().map(Ok)))
    }
}

pub fn number(of: &Personnummer) -> PersonRef {
    PersonRef { personnummer: Some(of.clone()), namn: None }
}

pub fn meeting(external: &str, organ: &str, day: Day) -> MeetingRef {
    MeetingRef { external: Some(external.to_owned()), organ: Some(organ.to_owned()), day: Some(day) }
}

/// A ledamot who serves at a meeting with these hours.
pub fn narvaro(meeting: MeetingRef, person: &Personnummer, hours: (Clock, Clock)) -> NarvaroRow {
    NarvaroRow {
        meeting,
        person: number(person),
        hours: Given::Is(vec![hours]),
        roll: Given::Is(Roll::Ledamot),
        tjanstgorande: Given::Is(true),
        ..NarvaroRow::default()
    }
}
