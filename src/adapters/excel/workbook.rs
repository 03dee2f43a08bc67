//! A workbook that has been parsed: its sheets by their headers, its rows read back from the spool.

use std::collections::BTreeMap;

use super::above::Above;
use super::columns::Field;
use super::headers::{Found, HEADER_ROWS, HeadRow, Headers, Layout};
use super::parent::spool_unreadable;
use super::remark_book::GUIDE;
use super::rows::{RowPlan, column_letters};
use super::spool::{Lines, Spool, SpooledSheet};
use super::template::{CHOICES, LISTS};
use super::values::{Context, clean};
use super::wire::{RowLine, TextForm, Value};
use crate::calendar::Day;
use crate::ports::{Problem, Row, Sheet, Unreadable, Workbook};

/// A workbook whose rows lie in the spool.
pub struct ExcelWorkbook {
    spool: Spool,
    sheets: Vec<Sheet>,
    tables: Vec<Option<Table>>,
    today: Day,
}

/// The rows of a sheet that can be used.
pub(super) struct Table {
    pub(super) layout: Layout,
    /// Where the rows below the header lie in the spool.
    bytes: (u64, u64),
    pub(super) epoch_1904: bool,
    pub(super) decimal: Option<char>,
    /// Of a fill-in workbook of ours: who may come stands there beforehand.
    is_filled_in: bool,
}

impl ExcelWorkbook {
    /// Looks at the first rows of each sheet.
    ///
    /// # Errors
    /// The spool could not be read back.
    pub(super) fn new(
        spool: Spool,
        synonyms: &BTreeMap<String, String>,
        today: Day,
    ) -> Result<ExcelWorkbook, Unreadable> {
        let headers = Headers::new(synonyms);
        let looked = spool.sheets().iter().map(|sheet| look(&spool, sheet, &headers, today));
        let (sheets, tables) = looked.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        Ok(ExcelWorkbook { spool, sheets, tables, today })
    }

    /// Decides the century of years with two digits.
    pub(super) fn today(&self) -> Day {
        self.today
    }

    /// Each sheet as it was parsed, and how it is read.
    pub(super) fn tables(&self) -> impl Iterator<Item = (&SpooledSheet, Option<&Table>)> {
        self.spool.sheets().iter().zip(self.tables.iter().map(Option::as_ref))
    }

    /// All rows of a sheet as they were parsed, its header and what stands above it too.
    pub(super) fn lines(&self, sheet: &SpooledSheet) -> Lines<'_> {
        self.spool.rows(sheet.bytes.0, sheet.bytes.1)
    }
}

impl Workbook for ExcelWorkbook {
    fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    fn rows(&self, sheet: usize) -> Result<Box<dyn Iterator<Item = Result<Row, Unreadable>> + '_>, Unreadable> {
        let Some(Some(table)) = self.tables.get(sheet) else {
            return Ok(Box::new(std::iter::empty()));
        };
        let context = Context { today: self.today, epoch_1904: table.epoch_1904, decimal: table.decimal };
        let lines = self.spool.rows(table.bytes.0, table.bytes.1);
        Ok(Box::new(Rows { lines, plan: RowPlan::new(&table.layout, context, table.is_filled_in), failed: false }))
    }
}

/// The rows below a header; it ends at the first that cannot be read back.
struct Rows<'w> {
    lines: Lines<'w>,
    plan: RowPlan<'w>,
    failed: bool,
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        match self.lines.next_row() {
            Ok(Some(line)) => Some(Ok(self.plan.read(&line))),
            Ok(None) => None,
            Err(_) => {
                self.failed = true;
                Some(Err(spool_unreadable()))
            }
        }
    }
}

fn look(
    spool: &Spool,
    spooled: &SpooledSheet,
    headers: &Headers,
    today: Day,
) -> Result<(Sheet, Option<Table>), Unreadable> {
    let about = &spooled.about;
    let decimal = about.text.as_ref().and_then(|text| text.decimal);
    let mut sheet = Sheet {
        name: about.name.clone(),
        kind: None,
        problem: None,
        read_as: about.text.as_ref().map(words_for),
        hidden: about.hidden,
        is_guide: about.hidden && [LISTS, CHOICES].contains(&about.name.as_str()),
        comes_back: false,
        row_count: 0,
        whole_list: false,
        inkom: None,
        columns: Vec::new(),
        unknown_columns: Vec::new(),
    };
    if about.hidden || spooled.rows == 0 {
        return Ok((sheet, None));
    }
    let layout = match headers.find(&head(spool, spooled)?) {
        Some(Found::Ours(layout)) => layout,
        Some(Found::Other(name)) => {
            sheet.problem = Some(Problem {
                cell: about.name.clone(),
                wrong: format!("Bladet ser ut som formuläret {name}, som programmet inte läser."),
                instead: "Ta bort bladet ur filen, eller lämna det; resten av filen läses ändå.".to_owned(),
            });
            return Ok((sheet, None));
        }
        // The sheet that tells how to fill in our own workbook says nothing to take in.
        None if about.name == GUIDE => return Ok((Sheet { is_guide: true, ..sheet }, None)),
        None => {
            sheet.problem = Some(Problem {
                cell: about.name.clone(),
                wrong: format!("Bladets första {HEADER_ROWS} rader har inga rubriker som programmet känner igen."),
                instead: "Använd rubrikerna i programmets mall, eller ta bort bladet ur filen.".to_owned(),
            });
            return Ok((sheet, None));
        }
    };
    sheet.kind = Some(layout.form.kind);
    sheet.comes_back = layout.told.is_some_and(|told| told.ursprung.is_some());
    sheet.columns = letters_of(&layout);
    sheet.unknown_columns.clone_from(&layout.unknown);
    sheet.problem = lacks_columns(&sheet.name, &layout);
    let context = Context { today, epoch_1904: about.epoch_1904, decimal };
    let mut above = Above::default();
    let mut lines = spool.rows(spooled.bytes.0, spooled.bytes.1);
    let mut left = spooled.rows;
    while let Some(line) = lines.next_row().map_err(|_| spool_unreadable())? {
        left = left.saturating_sub(1);
        if line.row >= layout.header_row {
            break;
        }
        if let Err(problem) = above.read(&line, context) {
            sheet.problem.get_or_insert(problem);
        }
    }
    sheet.whole_list = above.whole_list;
    sheet.inkom = above.inkom;
    if sheet.problem.is_some() {
        return Ok((sheet, None));
    }
    sheet.row_count = left;
    let bytes = (lines.place(), spooled.bytes.1);
    let is_filled_in = spool.sheets().iter().any(|sheet| sheet.about.hidden && sheet.about.name == LISTS);
    Ok((sheet, Some(Table { layout, bytes, epoch_1904: about.epoch_1904, decimal, is_filled_in })))
}

/// How a text file was read, so that a clerk sees when it is wrong.
fn words_for(text: &TextForm) -> String {
    let separator = match text.separator {
        ';' => "semikolon",
        ',' => "komma",
        '\t' => "tabb",
        _ => "lodstreck",
    };
    let decimal = match text.decimal {
        Some(',') => "komma",
        Some(_) => "punkt",
        None => "framgår inte",
    };
    format!("läst som text i {}, avskiljare {separator}, decimaltecken {decimal}", text.encoding)
}

fn head(spool: &Spool, spooled: &SpooledSheet) -> Result<Vec<HeadRow>, Unreadable> {
    let mut rows = Vec::new();
    let mut lines = spool.rows(spooled.bytes.0, spooled.bytes.1);
    while let Some(line) = lines.next_row().map_err(|_| spool_unreadable())? {
        if line.row > HEADER_ROWS {
            break;
        }
        rows.push(head_row(&line));
    }
    Ok(rows)
}

/// Headers are texts; a year as a number may head a column too, but none that we know.
fn head_row(line: &RowLine<'_>) -> HeadRow {
    let text = |value: &Value<'_>| {
        if let Value::Text(text) = value { Some(clean(text).into_owned()) } else { None }
    };
    let mut cells: Vec<(u32, String)> =
        line.cells.iter().filter_map(|cell| Some((cell.column, text(&cell.value)?))).collect();
    cells.sort_by_key(|(column, _)| *column);
    (line.row, cells)
}

fn lacks_columns(sheet: &str, layout: &Layout) -> Option<Problem> {
    let missing = layout.missing();
    if missing.is_empty() {
        return None;
    }
    let names =
        |fields: &[Field]| fields.iter().map(|field| format!("”{}”", layout.form.name_of(*field))).collect::<Vec<_>>();
    let groups: Vec<String> = missing.iter().map(|fields| names(fields).join(" eller ")).collect();
    let one = missing.len() == 1;
    Some(Problem {
        cell: format!("{sheet}, rad {}", layout.header_row),
        wrong: format!(
            "Bladet ser ut som {} men saknar {} {}.",
            layout.form.name,
            if one { "kolumnen" } else { "kolumnerna" },
            groups.join(" samt ")
        ),
        instead: format!(
            "Lägg till {} i rubrikraden (rad {}) och fyll i den.",
            groups.join(" samt "),
            layout.header_row
        ),
    })
}

/// Each known column's name and letters.
fn letters_of(layout: &Layout) -> Vec<(&'static str, String)> {
    let name = |field| layout.form.columns.iter().find(|column| column.field == field).map(|column| column.name);
    layout.columns.iter().filter_map(|placed| Some((name(placed.field)?, column_letters(placed.column)))).collect()
}
