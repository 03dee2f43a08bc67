//! A workbook that has been parsed: its sheets by their headers, its rows read back from the spool.

use std::collections::{BTreeMap, VecDeque};

use super::above::Above;
use super::columns::{Field, Format, form};
use super::headers::{Found, HEADER_ROWS, HeadRow, Headers, Layout};
use super::matrix::{HeadCells, Matrix, MeetingColumn, letters};
use super::merged::{Kept, Merged, Region};
use super::parent::{Parsed, spool_unreadable};
use super::profile::{OwnForms, Profile};
use super::remark_book::GUIDE;
use super::rows::{ASKED_FOR, FILLED_IN, RowPlan, address};
use super::spool::{Lines, Spool, SpooledSheet};
use super::template::{ASKED, CHOICES, LISTS};
use super::values::{Context, clean};
use super::wire::{RowLine, SheetSigns, TextForm, Value, written_cells};
use crate::calendar::Day;
use crate::ports::{Problem, Row, RowContent, Sheet, SheetKind, Unreadable, Workbook};

/// A workbook whose rows lie in the spool.
pub struct ExcelWorkbook {
    spool: Spool,
    sheets: Vec<Sheet>,
    tables: Vec<Option<Table>>,
    sealed: bool,
}

/// The rows of a sheet that can be used.
pub(super) struct Table {
    shape: Shape,
    /// Where the rows below the header lie in the spool.
    bytes: (u64, u64),
    pub(super) context: Context,
    pub(super) merged: Merged,
    /// Stretches of hidden rows that are held.
    hidden_rows: Vec<(u32, u32)>,
    /// What rows hold before anybody has filled them in, in a workbook of ours.
    filled_in: &'static [Field],
}

/// How a sheet's rows are told.
enum Shape {
    /// One row of the sheet says one thing.
    List {
        layout: Layout,
        /// Merged regions in columns of numbers: nobody can know how they are shared.
        unclear: Vec<Region>,
    },
    /// One row of the sheet says as many things as there are meetings.
    Matrix {
        matrix: Matrix,
        words: BTreeMap<String, String>,
        /// The header as that of a list, for writing held rows.
        layout: Layout,
    },
}

impl ExcelWorkbook {
    /// Looks at the first rows of each sheet.
    ///
    /// # Errors
    /// The spool could not be read back.
    pub(super) fn new(
        Parsed { spool, sealed }: Parsed,
        synonyms: &BTreeMap<String, String>,
        forms: &OwnForms,
        file_name: &str,
        today: Day,
    ) -> Result<ExcelWorkbook, Unreadable> {
        let headers = Headers::new(synonyms);
        let looking = Looking { spool: &spool, headers: &headers, synonyms, forms, file_name, today };
        let looked = spool.sheets().iter().map(|sheet| looking.look(sheet));
        let (sheets, tables) = looked.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        Ok(ExcelWorkbook { spool, sheets, tables, sealed })
    }

    /// The kernel had the child that parsed it locked in.
    pub fn is_sealed(&self) -> bool {
        self.sealed
    }

    /// How many bytes its rows take on disk.
    pub fn spooled_bytes(&self) -> u64 {
        self.spool.sheets().last().map_or(0, |sheet| sheet.bytes.1)
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
        let lines = self.spool.rows(table.bytes.0, table.bytes.1);
        Ok(Box::new(Rows {
            lines,
            plan: table.plan(),
            merged: table.merged.clone(),
            hidden: &table.hidden_rows,
            read: VecDeque::new(),
            failed: false,
        }))
    }

    fn tell_meetings(&self, sheet: usize, look: &mut dyn FnMut(&Row) -> bool) -> Result<(), Unreadable> {
        let table = self.tables.get(sheet).and_then(Option::as_ref);
        let Some((table, layout)) = table.filter(|table| table.merged.is_empty()).and_then(Table::list) else {
            return self.rows(sheet)?.try_for_each(|row| row.map(|row| _ = look(&row)));
        };
        let tells =
            |column: u32| layout.columns.iter().any(|placed| placed.column == column && placed.field.is_of_meeting());
        let tells: Vec<bool> = (0..=layout.columns.last().map_or(0, |last| last.column)).map(tells).collect();
        let (mut lines, plan) = (self.spool.rows(table.bytes.0, table.bytes.1), table.plan());
        let (mut said, mut said_before, mut is_settled) = (Vec::new(), Vec::new(), false);
        let mut read = VecDeque::new();
        loop {
            let says_more = |line: &[u8]| {
                said.clear();
                let told = written_cells(line).filter(|(column, _)| tells.get(*column as usize) == Some(&true));
                for (_, cell) in told {
                    said.extend_from_slice(cell);
                    said.push(b'\t');
                }
                !is_settled || said != said_before
            };
            let Some(line) = lines.next_line_where(says_more).map_err(|_| spool_unreadable())? else { return Ok(()) };
            plan.read(&line, &mut read);
            for mut row in read.drain(..) {
                if table.hidden_rows.iter().any(|(first, last)| (first..=last).contains(&&row.row)) {
                    hold_hidden(&mut row);
                }
                is_settled = look(&row);
            }
            std::mem::swap(&mut said, &mut said_before);
        }
    }
}

impl Table {
    /// The header, by which held rows are written.
    pub(super) fn layout(&self) -> &Layout {
        match &self.shape {
            Shape::List { layout, .. } | Shape::Matrix { layout, .. } => layout,
        }
    }

    /// Each row tells of many meetings, which stand in the header.
    pub(super) fn is_matrix(&self) -> bool {
        matches!(self.shape, Shape::Matrix { .. })
    }

    /// The table and its layout, if one row of it says one thing.
    fn list(&self) -> Option<(&Table, &Layout)> {
        match &self.shape {
            Shape::List { layout, .. } => Some((self, layout)),
            Shape::Matrix { .. } => None,
        }
    }

    fn plan(&self) -> Plan<'_> {
        match &self.shape {
            Shape::List { layout, unclear } => {
                Plan::List(Box::new(RowPlan::new(layout, self.context, self.filled_in)), layout, unclear)
            }
            Shape::Matrix { matrix, words, .. } => Plan::Matrix(matrix, words, self.context),
        }
    }
}

/// How the rows of a sheet are read.
enum Plan<'w> {
    List(Box<RowPlan<'w>>, &'w Layout, &'w [Region]),
    Matrix(&'w Matrix, &'w BTreeMap<String, String>, Context),
}

impl Plan<'_> {
    /// What a row of the sheet says, one thing or many.
    fn read(&self, line: &RowLine<'_>, read: &mut VecDeque<Row>) {
        match self {
            Plan::List(plan, layout, unclear) => {
                let mut row = plan.read(line);
                if !unclear.is_empty() && !matches!(row.content, RowContent::Ignored(_)) {
                    row.problems.extend(shared_number(layout, unclear, line.row));
                }
                read.push_back(row);
            }
            Plan::Matrix(matrix, words, context) => read.extend(matrix.read(line, *context, words)),
        }
    }
}

/// The rows below a header; it ends at the first that cannot be read back.
struct Rows<'w> {
    lines: Lines<'w>,
    plan: Plan<'w>,
    merged: Merged,
    hidden: &'w [(u32, u32)],
    read: VecDeque<Row>,
    failed: bool,
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(row) = self.read.pop_front() {
            return Some(Ok(row));
        }
        if self.failed {
            return None;
        }
        match self.lines.next_row() {
            Ok(Some(line)) => {
                let line = self.merged.fill(line);
                self.plan.read(&line, &mut self.read);
                if self.hidden.iter().any(|(first, last)| (first..=last).contains(&&line.row)) {
                    self.read.iter_mut().for_each(hold_hidden);
                }
                self.read.pop_front().map(Ok)
            }
            Ok(None) => None,
            Err(_) => {
                self.failed = true;
                Some(Err(spool_unreadable()))
            }
        }
    }
}

fn hold_hidden(row: &mut Row) {
    if !matches!(row.content, RowContent::Ignored(_)) {
        row.problems.push(Problem {
            cell: format!("rad {}", row.row),
            wrong: "Raden är dold eller bortfiltrerad.".to_owned(),
            instead: "Visa raden och skicka filen igen, eller ta bort den.".to_owned(),
        });
    }
}

/// A number that is merged over several rows may be each row's or all rows' together.
fn shared_number(layout: &Layout, unclear: &[Region], row: u32) -> Option<Problem> {
    let (first, column, last, _) = unclear.iter().find(|region| (region.0..=region.2).contains(&row))?;
    let title = layout.columns.iter().find(|placed| placed.column == *column).map(|placed| placed.title.as_str());
    Some(Problem {
        cell: address(*first, *column),
        wrong: format!(
            "”{}” är sammanfogad över raderna {first}–{last}: det framgår inte om talet gäller var rad eller alla tillsammans.",
            title.unwrap_or_default()
        ),
        instead: "Dela cellen och skriv talet på varje rad det gäller.".to_owned(),
    })
}

/// What sheets are looked at with.
struct Looking<'l> {
    spool: &'l Spool,
    headers: &'l Headers,
    synonyms: &'l BTreeMap<String, String>,
    forms: &'l OwnForms,
    file_name: &'l str,
    today: Day,
}

impl Looking<'_> {
    /// The headers that a kommun's own form has beside all others.
    fn headers_of(&self, profile: &Profile) -> Headers {
        let mut synonyms = self.synonyms.clone();
        synonyms.extend(profile.columns.clone());
        Headers::new(&synonyms)
    }

    fn look(&self, spooled: &SpooledSheet) -> Result<(Sheet, Option<Table>), Unreadable> {
        let about = &spooled.about;
        let decimal = about.text.as_ref().and_then(|text| text.decimal);
        let mut sheet = Sheet {
            name: about.name.clone(),
            kind: None,
            problem: None,
            read_as: about.text.as_ref().map(words_for),
            hidden: about.hidden,
            is_guide: about.hidden && [LISTS, ASKED, CHOICES].contains(&about.name.as_str()),
            comes_back: false,
            row_count: 0,
            whole_list: false,
            inkom: None,
            columns: Vec::new(),
            unknown_columns: Vec::new(),
            notes: Vec::new(),
        };
        if about.hidden || spooled.rows == 0 {
            return Ok((sheet, None));
        }
        let context =
            Context { today: self.today, epoch_1904: about.epoch_1904, unformatted: about.unformatted, decimal };
        let head = self.head(spooled)?;
        sheet.notes.extend(notes(&spooled.signs, self.forms.holds_hidden_rows));
        if about.unformatted && self.forms.holds_hidden_rows {
            sheet.notes.push("filens format visar inte vilka rader som är dolda: alla läses".to_owned());
        }
        let profile = Profile::of(&self.forms.profiles, self.file_name, &about.name, &head.texts);
        let own = profile.map(|profile| self.headers_of(profile));
        let headers = own.as_ref().unwrap_or(self.headers);
        let found = match profile {
            Some(profile) => profile.layout(headers, &head.texts).map(Found::Ours),
            None => headers.find(&head.texts),
        };
        // The sheet that tells how to fill in our own workbook says nothing to take in.
        if found.is_none() && profile.is_none() && about.name == GUIDE {
            sheet.is_guide = true;
            return Ok((sheet, None));
        }
        if let Some(profile) = profile {
            sheet.notes.push(format!("läst enligt profilen ”{}”", profile.name));
        }
        let list = match &found {
            Some(Found::Ours(layout)) if layout.missing().is_empty() => Some(layout.header_row),
            _ => None,
        };
        let may_be_matrix = profile.is_none_or(|profile| profile.kind == SheetKind::Narvaro);
        let matrix = may_be_matrix.then(|| Matrix::find(&head.cells, headers, context, list)).flatten();
        if let Some(matrix) = matrix {
            return self.matrix(sheet, spooled, matrix, context, profile);
        }
        let layout = match found {
            Some(Found::Ours(layout)) => layout,
            other => {
                sheet.problem = Some(not_ours(&about.name, other.as_ref(), profile));
                return Ok((sheet, None));
            }
        };
        self.list(sheet, spooled, layout, context)
    }

    fn list(
        &self,
        mut sheet: Sheet,
        spooled: &SpooledSheet,
        mut layout: Layout,
        context: Context,
    ) -> Result<(Sheet, Option<Table>), Unreadable> {
        sheet.kind = Some(layout.form.kind);
        sheet.columns = letters_of(&layout);
        sheet.unknown_columns.clone_from(&layout.unknown);
        sheet.comes_back = layout.told.is_some_and(|told| told.ursprung.is_some());
        let (above, bytes, left) = self.above(&mut sheet, spooled, layout.header_row, layout.header_row, context)?;
        if let Some(organ) = above.organ.filter(|_| layout.form.kind == SheetKind::Narvaro) {
            layout.fixed.retain(|(field, _)| *field != Field::Organ);
            layout.fixed.push((Field::Organ, organ));
        }
        if let Some(problem) = lacks_columns(&sheet.name, &layout) {
            sheet.problem.get_or_insert(problem);
        }
        if sheet.problem.is_some() {
            return Ok((sheet, None));
        }
        sheet.row_count = left;
        let format_of = |column: u32| {
            let field = layout.columns.iter().find(|placed| placed.column == column)?.field;
            layout.form.columns.iter().find(|column| column.field == field).map(|column| column.format)
        };
        // A region is filled down its own column only: two columns never say the same.
        let down = |region: &Region| (region.0, region.1, region.2, region.1);
        let regions: Vec<Region> = spooled.signs.merged.iter().map(down).filter(|region| region.2 > region.0).collect();
        let is_number = |region: &Region| format_of(region.1) == Some(Format::Number);
        let merged = Merged::new(&regions, |region| format_of(region.1).is_some() && !is_number(region));
        let unclear = regions.iter().copied().filter(|region| is_number(region) && region.2 > layout.header_row);
        let unclear = unclear.collect();
        let hidden_rows = self.held_rows(spooled);
        let has = |name: &str| self.spool.sheets().iter().any(|sheet| sheet.about.hidden && sheet.about.name == name);
        let filled_in = match (has(LISTS), has(ASKED)) {
            (true, _) => FILLED_IN,
            (_, true) => ASKED_FOR,
            _ => &[],
        };
        Ok((
            sheet,
            Some(Table { shape: Shape::List { layout, unclear }, bytes, context, merged, hidden_rows, filled_in }),
        ))
    }

    fn matrix(
        &self,
        mut sheet: Sheet,
        spooled: &SpooledSheet,
        mut matrix: Matrix,
        context: Context,
        profile: Option<&Profile>,
    ) -> Result<(Sheet, Option<Table>), Unreadable> {
        sheet.kind = Some(SheetKind::Narvaro);
        let name = |field: Field| form(SheetKind::Narvaro).name_of(field);
        let known = matrix.persons.iter().filter(|(_, field)| !name(*field).is_empty());
        sheet.columns = known.map(|(column, field)| (name(*field), letters(*column))).collect();
        sheet.comes_back = matrix.told.is_some_and(|told| told.ursprung.is_some());
        sheet.unknown_columns.clone_from(&matrix.unknown);
        let (above, bytes, _) = self.above(&mut sheet, spooled, matrix.first_row, matrix.header_row, context)?;
        let fixed = profile.and_then(|profile| profile.fixed_text(Field::Organ));
        if let Some(organ) = above.organ.as_deref().or(fixed) {
            matrix.belongs_to(organ);
        }
        matrix.settle();
        let merged = Merged::new(&spooled.signs.merged, |_| true);
        let words = profile.map(Profile::marks).unwrap_or_default();
        self.each(bytes, merged.clone(), |line| matrix.look_at(line, &words))?;
        let mut count = 0;
        self.each(bytes, merged.clone(), |line| count += matrix.read(line, context, &words).len())?;
        sheet.row_count = u32::try_from(count).unwrap_or(u32::MAX);
        sheet.notes.extend(matrix_notes(&matrix));
        if sheet.problem.is_some() {
            return Ok((sheet, None));
        }
        let hidden_rows = self.held_rows(spooled);
        Ok((
            sheet,
            Some(Table {
                shape: Shape::Matrix { layout: matrix.layout(), matrix, words },
                bytes,
                context,
                merged,
                hidden_rows,
                filled_in: &[],
            }),
        ))
    }

    fn held_rows(&self, spooled: &SpooledSheet) -> Vec<(u32, u32)> {
        if self.forms.holds_hidden_rows { spooled.signs.hidden_rows.clone() } else { Vec::new() }
    }

    /// Reads what stands above the first row of a header, and finds where the rows below its last begin.
    fn above(
        &self,
        sheet: &mut Sheet,
        spooled: &SpooledSheet,
        first_row: u32,
        last_row: u32,
        context: Context,
    ) -> Result<(Above, (u64, u64), u32), Unreadable> {
        let mut above = Above::default();
        let mut lines = self.spool.rows(spooled.bytes.0, spooled.bytes.1);
        let mut left = spooled.rows;
        while let Some(line) = lines.next_row().map_err(|_| spool_unreadable())? {
            left = left.saturating_sub(1);
            if line.row < first_row
                && let Err(problem) = above.read(&line, context)
            {
                sheet.problem.get_or_insert(problem);
            }
            if line.row >= last_row {
                break;
            }
        }
        // A row of headers above the header names no organ.
        above.organ = above.organ.filter(|organ| !self.headers.is_known(organ));
        sheet.whole_list = above.whole_list;
        sheet.inkom = above.inkom;
        Ok((above, (lines.place(), spooled.bytes.1), left))
    }

    fn each(
        &self,
        (from, to): (u64, u64),
        mut merged: Merged,
        mut look: impl FnMut(&RowLine<'_>),
    ) -> Result<(), Unreadable> {
        let mut lines = self.spool.rows(from, to);
        while let Some(line) = lines.next_row().map_err(|_| spool_unreadable())? {
            look(&merged.fill(line));
        }
        Ok(())
    }

    fn head(&self, spooled: &SpooledSheet) -> Result<FirstRows, Unreadable> {
        let mut head = FirstRows { texts: Vec::new(), cells: Vec::new() };
        let mut merged = Merged::new(&spooled.signs.merged, |_| true);
        let mut lines = self.spool.rows(spooled.bytes.0, spooled.bytes.1);
        while let Some(line) = lines.next_row().map_err(|_| spool_unreadable())? {
            if line.row > HEADER_ROWS + ROWS_BELOW {
                break;
            }
            if line.row <= HEADER_ROWS {
                head.texts.push(head_row(&line));
            }
            let line = merged.fill(line);
            head.cells.push((line.row, line.cells.iter().map(|cell| (cell.column, Kept::of(&cell.value))).collect()));
        }
        Ok(head)
    }
}

/// Rows below the last possible header in which a matrix must show a mark, where its header may be a list's.
const ROWS_BELOW: u32 = 20;

/// The first rows of a sheet.
struct FirstRows {
    /// Their texts, as written.
    texts: Vec<HeadRow>,
    /// All their cells, merged ones filled in.
    cells: Vec<HeadCells>,
}

fn not_ours(sheet: &str, found: Option<&Found>, profile: Option<&Profile>) -> Problem {
    if let Some(profile) = profile {
        return Problem {
            cell: sheet.to_owned(),
            wrong: format!("Bladet hör till profilen ”{}”, men ingen av dess rubriker finns där.", profile.name),
            instead: "Rätta bladets rubriker, eller profilens header_row, headers och columns i config/arvode.toml."
                .to_owned(),
        };
    }
    match found {
        Some(Found::Other(name)) => Problem {
            cell: sheet.to_owned(),
            wrong: format!("Bladet ser ut som formuläret {name}, som programmet inte läser."),
            instead: "Ta bort bladet ur filen, eller lämna det; resten av filen läses ändå.".to_owned(),
        },
        _ => Problem {
            cell: sheet.to_owned(),
            wrong: format!("Bladets första {HEADER_ROWS} rader har inga rubriker som programmet känner igen."),
            instead: "Använd rubrikerna i programmets mall, eller ta bort bladet ur filen.".to_owned(),
        },
    }
}

/// What is worth knowing of a sheet's rows together.
fn notes(signs: &SheetSigns, holds_hidden_rows: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if !signs.hidden_rows.is_empty() {
        let shown = signs.hidden_rows.iter().take(ROWS_NAMED).map(|(first, last)| match (first == last, *last) {
            (true, _) => first.to_string(),
            (_, u32::MAX) => format!("från {first}"),
            _ => format!("{first}–{last}"),
        });
        let mut rows: Vec<String> = shown.collect();
        if signs.hidden_rows.len() > ROWS_NAMED {
            rows.push("…".to_owned());
        }
        let then = if holds_hidden_rows { "hålls" } else { "läses som de andra" };
        notes.push(format!("dolda eller bortfiltrerade rader {then}: {}", rows.join(", ")));
    }
    if let Some((count, row, column)) = signs.cleaned {
        let place = address(row, column);
        let first = if count == 1 { place } else { format!("{count} celler, den första {place}") };
        notes.push(format!("osynliga tecken borttagna: {first}"));
    }
    notes
}

/// Hidden rows that are named one by one.
const ROWS_NAMED: usize = 20;

fn matrix_notes(matrix: &Matrix) -> Vec<String> {
    let with_marks = matrix.meetings.iter().filter(|meeting| meeting.has_marks).count();
    let mut notes = vec![format!("läst som matris, ett möte i var kolumn: {with_marks}")];
    let empty: Vec<String> =
        matrix.meetings.iter().filter(|meeting| !meeting.has_marks).map(MeetingColumn::words).collect();
    if !empty.is_empty() {
        notes.push(format!("möten utan markering läses inte: {}", empty.join(", ")));
    }
    if !matrix.sums.is_empty() {
        notes.push(format!("summakolumner läses inte: {}", matrix.sums.join(", ")));
    }
    notes
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
    layout.columns.iter().filter_map(|placed| Some((name(placed.field)?, letters(placed.column)))).collect()
}
