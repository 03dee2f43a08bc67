//! Fill-in workbooks: our own column names as a header, what may be chosen in each column, and a sheet that says how.
//!
//! What is written here is read back without a word: the guide and the lists are known by their names, formulas carry the
//! value that they have, and a row that holds nothing but what was filled in beforehand says nothing.

mod choices;
mod guide;

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format as CellFormat, FormatAlign, FormatBorder, Formula, Note, ProtectionOptions,
    Workbook, Worksheet, XlsxError,
};

use super::columns::{Column, Field, Form, Format, form};
use super::rows::address;
use crate::domain::Roll;
use crate::ports::{AtMeeting, Lists, Seat, SheetKind, ToConfirm};

pub(super) use choices::{ASKED, CHOICES, Choices, LISTS};

/// Writes a fill-in workbook for one kind of sheet to a new file, readable by its owner alone: it names persons.
///
/// # Errors
/// The file is there already, or could not be written; in Swedish.
pub fn write_template(kind: SheetKind, lists: &Lists, path: &Path) -> Result<(), String> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => format!("{} finns redan; välj ett annat namn.", path.display()),
        _ => format!("{} kan inte skrivas: {error}.", path.display()),
    })?;
    let mut workbook = workbook(kind, lists).map_err(|error| format!("Mallen kan inte skapas: {error}."))?;
    workbook.save_to_writer(file).map_err(|error| format!("{} kan inte skrivas: {error}.", path.display()))
}

/// The same, as the bytes of a file.
///
/// # Errors
/// In Swedish.
pub fn template_bytes(kind: SheetKind, lists: &Lists) -> Result<Vec<u8>, String> {
    let failed = |error: XlsxError| format!("Mallen kan inte skapas: {error}.");
    workbook(kind, lists).and_then(|mut workbook| workbook.save_to_buffer()).map_err(failed)
}

fn workbook(kind: SheetKind, lists: &Lists) -> Result<Workbook, XlsxError> {
    let sheet = if lists.meetings.is_empty() { LISTS } else { ASKED };
    let (form, choices) = (form(kind), Choices::new(sheet, lists));
    let mut workbook = new_workbook()?;
    fill(workbook.add_worksheet(), form, lists, &choices)?;
    let traits = guide::Traits { has_names: choices.names().is_some(), is_asked: !lists.meetings.is_empty() };
    guide::write(workbook.add_worksheet(), form, &in_order(form), traits)?;
    choices.write(workbook.add_worksheet())?;
    Ok(workbook)
}

/// The same content is the same bytes, whenever it is written.
pub(super) fn new_workbook() -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2014, 12, 11)?));
    Ok(workbook)
}

/// Rows below the last that is filled in, with formulas of their own.
const EMPTY_ROWS: u32 = 300;

/// The last row of a sheet, from 0.
const LAST_ROW: u32 = 1_048_575;

fn fill(sheet: &mut Worksheet, form: &Form, lists: &Lists, choices: &Choices<'_>) -> Result<(), XlsxError> {
    let (header, columns) = (header_row(form.kind), in_order(form));
    sheet.set_name(form.name)?;
    for (column, at) in columns.iter().zip(0_u16..) {
        let open = cell_format(column).set_unlocked();
        sheet.set_column_width(at, letters_wide(column))?;
        sheet.set_column_format(at, &open)?;
        sheet.write_with_format(header, at, column.name, &head_format(form, column))?;
        sheet.insert_note(header, at, &Note::new(column.guidance).add_author_prefix(false))?;
        if let Some(validation) = choices.of(form.kind, column, &address(header + 2, u32::from(at)))? {
            sheet.add_data_validation(header + 1, at, LAST_ROW, at, &validation)?;
        }
    }
    sheet.set_row_height(header, 46)?;
    if form.kind == SheetKind::Narvaro {
        above(sheet)?;
    }
    for (known, row) in known_rows(form.kind, lists).iter().zip(header + 1..) {
        for (field, text) in known {
            write_known(sheet, form, row, *field, text)?;
        }
    }
    for (told, row) in told_of(form.kind, lists).iter().zip(header + 1..) {
        for (name, text) in told {
            if let Some((column, at)) = columns.iter().zip(0_u16..).find(|(column, _)| column.name == *name) {
                sheet.write_string_with_format(row, at, text, &cell_format(column).set_background_color(GREY))?;
            }
        }
    }
    look_up_names(sheet, form, lists, choices)?;
    let filled_in = known_rows(form.kind, lists).len();
    lay_out(sheet, &columns, header, u32::try_from(filled_in).unwrap_or(0))?;
    protect(sheet);
    Ok(())
}

/// What stands in each row beforehand.
fn known_rows(kind: SheetKind, lists: &Lists) -> Vec<Vec<(Field, String)>> {
    match kind {
        SheetKind::Narvaro if lists.meetings.is_empty() => lists.seats.iter().map(known_seat).collect(),
        SheetKind::Narvaro => lists.meetings.iter().map(known_meeting).collect(),
        SheetKind::Diariepersoner => lists.to_confirm.iter().map(known_person).collect(),
        _ => Vec::new(),
    }
}

fn known_seat(seat: &Seat) -> Vec<(Field, String)> {
    let roll = if seat.roll == Roll::Ersattare { "ersättare" } else { "ledamot" };
    vec![
        (Field::Organ, seat.organ.clone()),
        (Field::Personnummer, seat.person.personnummer.clone()),
        (Field::Roll, roll.to_owned()),
    ]
}

fn known_meeting(at: &AtMeeting) -> Vec<(Field, String)> {
    let mut known = known_seat(&at.seat);
    known.push((Field::Datum, at.day.to_string()));
    known.extend(at.external.iter().map(|external| (Field::Mote, external.clone())));
    known.extend(at.start.iter().map(|start| (Field::Start, start.clone())));
    known.extend(at.end.iter().map(|end| (Field::Slut, end.clone())));
    known
}

fn known_person(person: &ToConfirm) -> Vec<(Field, String)> {
    let mut known = vec![(Field::Diarium, person.source.clone()), (Field::DiarieId, person.id.clone())];
    known.extend(person.candidate.iter().map(|one| (Field::Personnummer, one.personnummer.clone())));
    known
}

/// What the program tells beside it, by the column's name.
fn told_of(kind: SheetKind, lists: &Lists) -> Vec<[(&'static str, String); 4]> {
    if kind != SheetKind::Diariepersoner {
        return Vec::new();
    }
    let one = |person: &ToConfirm| {
        [
            ("Namn i diariet", person.name.clone()),
            ("Organ i diariet", person.organ.clone()),
            ("Möten", person.meetings.to_string()),
            ("Kan vara", person.may_be.clone()),
        ]
    };
    lists.to_confirm.iter().map(one).collect()
}

/// Above a list of attendance stand what holds for all of it, and a blank row.
fn header_row(kind: SheetKind) -> u32 {
    if kind == SheetKind::Narvaro { 3 } else { 0 }
}

fn above(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let bold = CellFormat::new().set_bold();
    let open = CellFormat::new().set_unlocked().set_border(FormatBorder::Thin);
    sheet.write_with_format(0, 0, "Hela listan", &bold)?;
    sheet.write_with_format(0, 1, "nej", &open)?;
    sheet.add_data_validation(0, 1, 0, 1, &choices::yes_or_no()?)?;
    let whole = "ja: bladet är mötets hela lista, och den som inte står här var inte där. nej: bladet lägger till.";
    sheet.insert_note(0, 0, &Note::new(whole).add_author_prefix(false))?;
    sheet.write_with_format(1, 0, "Inkom", &bold)?;
    sheet.write_blank(1, 1, &open.set_num_format("yyyy-mm-dd"))?;
    let arrived = "Dagen då listan med sina yrkanden kom in, som 2026-11-03. Tomt betyder dagen då filen läses in.";
    sheet.insert_note(1, 0, &Note::new(arrived).add_author_prefix(false))?;
    Ok(())
}

fn write_known(sheet: &mut Worksheet, form: &Form, row: u32, field: Field, text: &str) -> Result<(), XlsxError> {
    if let Some((column, at)) = placed(form, field) {
        sheet.write_string_with_format(row, at, text, &cell_format(column).set_unlocked())?;
    }
    Ok(())
}

/// Namn follows from Personnummer, so that a wrong number is seen at once.
fn look_up_names(sheet: &mut Worksheet, form: &Form, lists: &Lists, choices: &Choices<'_>) -> Result<(), XlsxError> {
    let (Some((_, number)), Some((column, name)), Some(table)) =
        (placed(form, Field::Personnummer), placed(form, Field::Namn), choices.names())
    else {
        return Ok(());
    };
    let format = cell_format(column).set_font_color(FORMULA).set_background_color(GREY);
    // Without this, an empty name would be a nought.
    sheet.set_formula_result_default("");
    let first = header_row(form.kind) + 1;
    let known: Vec<&str> = match form.kind {
        SheetKind::Narvaro if lists.meetings.is_empty() => {
            lists.seats.iter().map(|seat| seat.person.namn.as_str()).collect()
        }
        SheetKind::Narvaro => lists.meetings.iter().map(|at| at.seat.person.namn.as_str()).collect(),
        SheetKind::Diariepersoner => {
            let candidates = lists.to_confirm.iter().map(|person| person.candidate.as_ref());
            candidates.map(|one| one.map_or("", |one| one.namn.as_str())).collect()
        }
        _ => Vec::new(),
    };
    let names = known.into_iter().chain(std::iter::repeat_n("", EMPTY_ROWS as usize));
    for (namn, row) in names.zip(first..) {
        let cell = address(row + 1, u32::from(number));
        let formula = format!("IF({cell}=\"\",\"\",IFERROR(VLOOKUP({cell},{table},2,FALSE),\"\"))");
        sheet.write_formula_with_format(row, name, Formula::new(formula).set_result(namn), &format)?;
    }
    Ok(())
}

fn placed(form: &Form, field: Field) -> Option<(&'static Column, u16)> {
    in_order(form).into_iter().zip(0_u16..).find(|(column, _)| column.field == field)
}

/// What is written for every meeting, from left to right; the rest of a list of attendance stands behind it.
const EVERY_MEETING: [Field; 12] = [
    Field::Datum,
    Field::Organ,
    Field::Start,
    Field::Slut,
    Field::Personnummer,
    Field::Namn,
    Field::Roll,
    Field::Tjanstgorande,
    Field::OwnFrom,
    Field::OwnTo,
    Field::Forlorad,
    Field::Km,
];

/// The columns as they stand on the sheet.
fn in_order(form: &Form) -> Vec<&'static Column> {
    let mut columns: Vec<&'static Column> = form.columns.iter().collect();
    if form.kind == SheetKind::Narvaro {
        let place = |field| EVERY_MEETING.iter().position(|other| *other == field).unwrap_or(EVERY_MEETING.len());
        columns.sort_by_key(|column| place(column.field));
    }
    columns
}

fn lay_out(sheet: &mut Worksheet, columns: &[&Column], header: u32, filled_in: u32) -> Result<(), XlsxError> {
    let last_column = u16::try_from(columns.len()).unwrap_or(1) - 1;
    sheet.set_freeze_panes(header + 1, 0)?;
    sheet.autofilter(header, 0, header + filled_in + EMPTY_ROWS, last_column)?;
    sheet.set_selection(header + 1, 0, header + 1, 0)?;
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(pages_wide(columns), 0);
    sheet.set_print_area(0, 0, header + filled_in + PRINTED_ROWS, last_column)?;
    sheet.set_print_gridlines(true);
    sheet.set_repeat_rows(header, header)?;
    sheet.set_footer("&L&A&CSida &P av &N&R&D");
    Ok(())
}

/// Rows for what is written by hand on paper.
const PRINTED_ROWS: u32 = 20;

/// As many pages beside each other as leave the text readable: some 170 letters on each.
fn pages_wide(columns: &[&Column]) -> u16 {
    let letters: u16 = columns.iter().map(|column| letters_wide(column)).sum();
    letters.div_ceil(170)
}

const A4: u8 = 9;

/// Without a password: whoever must may lift it in Excel under Granska.
fn protect(sheet: &mut Worksheet) {
    sheet.protect_with_options(&ProtectionOptions {
        format_cells: true,
        format_columns: true,
        format_rows: true,
        insert_rows: true,
        delete_rows: true,
        sort: true,
        use_autofilter: true,
        ..ProtectionOptions::new()
    });
}

/// What a row needs, what it may have, and what a formula fills in.
const YELLOW: u32 = 0x00FF_F2CC;
const GREY: u32 = 0x00F2_F2F2;
const FORMULA: u32 = 0x0059_5959;

fn head_format(form: &Form, column: &Column) -> CellFormat {
    let colour = if guide::is_needed(form, column.field) { YELLOW } else { GREY };
    CellFormat::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Top)
        .set_background_color(colour)
        .set_border_bottom(FormatBorder::Thin)
}

/// A header of several words stands on several lines.
fn letters_wide(column: &Column) -> u16 {
    let longest = column.name.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
    match column.field {
        Field::Upplysning if column.name == "Namn i diariet" => 24,
        Field::Upplysning if column.name == "Kan vara" => 34,
        Field::Organ
        | Field::Namn
        | Field::Kommentar
        | Field::Motivering
        | Field::Galler
        | Field::Innebord
        | Field::DiarieId => 28,
        Field::Personnummer => 15,
        Field::Slag | Field::Roll | Field::Status | Field::Avstar => 18,
        _ => u16::try_from(longest).unwrap_or(18).clamp(10, 18) + 3,
    }
}

/// How a column shows what stands in it; what must stay as written is text.
pub(super) fn cell_format(column: &Column) -> CellFormat {
    CellFormat::new().set_num_format(match (column.format, column.field) {
        (Format::Text | Format::Clock, _) => "@",
        (Format::Day, _) => "yyyy-mm-dd",
        (Format::Number, field) if choices::is_kronor(field) => "#,##0.00",
        (Format::Number, _) => "General",
    })
}
