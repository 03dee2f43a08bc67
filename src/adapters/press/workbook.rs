//! A report as a workbook: what it says on the first sheet, then a sheet for each part, with figures that are alive.

use std::collections::BTreeSet;

use chrono::Datelike;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Url, Workbook, Worksheet, XlsxError};

use super::figures::{EXAMPLE, clean, is_wide, long_day};
use super::sheet;
use crate::calendar::Day;
use crate::domain::Fault;
use crate::ports::Report;

/// The first sheet.
const FIRST: &str = "Om rapporten";

/// Signs that a cell holds.
const CELL_SIGNS: usize = 32_767;

/// The program's blue, its pale shade, and the warning's ground.
pub(super) const BLUE: u32 = 0x0017_415F;
pub(super) const PALE: u32 = 0x00EE_F3F7;
const WARNING: u32 = 0x00FD_F3EC;

/// Writes the workbook; the same report gives the same bytes.
pub(super) fn workbook(report: &Report) -> Result<Vec<u8>, Fault> {
    sheet::check(report)?;
    written(report).map_err(|error| {
        Fault::Input(format!("the workbook of \"{}\" cannot be written ({error}); shorten the report", report.title))
    })
}

fn written(report: &Report) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(report)?);
    let names = names(report);
    first(workbook.add_worksheet(), report, &names)?;
    for (section, name) in report.sections.iter().zip(&names) {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name)?;
        sheet::fill(sheet, section, name)?;
        let is_wide = section.table.as_ref().is_some_and(is_wide);
        set_up_print(sheet, report, &section.heading, is_wide)?;
    }
    workbook.save_to_buffer()
}

/// Whose it is and when; a workbook that is written later has the same date.
fn properties(report: &Report) -> Result<DocProperties, XlsxError> {
    let made = match report.made_on.map(day_of) {
        Some(Some(day)) => day,
        _ => ExcelDateTime::from_ymd(2000, 1, 1)?,
    };
    let made = made.and_hms(0, 0, 0)?;
    Ok(DocProperties::new()
        .set_title(short(&report.title, 250))
        .set_subject(short(&report.subtitle, 250))
        .set_company(short(&report.kommun, 250))
        .set_author("arvode")
        .set_creation_datetime(&made))
}

/// A day as the format holds it; none before 1900.
pub(super) fn day_of(day: Day) -> Option<ExcelDateTime> {
    let year = u16::try_from(day.year()).ok().filter(|year| *year >= 1900)?;
    let (month, number) = (u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?);
    ExcelDateTime::from_ymd(year, month, number).ok()
}

/// Words that a cell may hold.
pub(super) fn cell_words(text: &str) -> String {
    short(&clean(text), CELL_SIGNS)
}

/// The first signs of a text, counted as Excel does.
fn short(text: &str, at_most: usize) -> String {
    let mut units = 0;
    let fits = |letter: &char| {
        units += letter.len_utf16();
        units <= at_most
    };
    text.chars().take_while(fits).collect()
}

/// What a spreadsheet would work out, if somebody edited the cell.
fn is_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Writes words as words, whatever they begin with.
pub(super) fn write_words(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    let is_like_formula = is_like_formula(text);
    let text = cell_words(text);
    let quoted = format.clone().set_quote_prefix();
    let format = if is_like_formula || self::is_like_formula(&text) { &quoted } else { format };
    sheet.write_string_with_format(row, column, text, format)?;
    Ok(())
}

/// The sheets' names: allowed ones, each once.
fn names(report: &Report) -> Vec<String> {
    let mut taken = BTreeSet::from([FIRST.to_lowercase(), "history".to_owned()]);
    let mut names = Vec::new();
    for (section, number) in report.sections.iter().zip(1_usize..) {
        let wished = if section.sheet.trim().is_empty() { &section.heading } else { &section.sheet };
        let allowed: String = clean(wished).replace(['[', ']', ':', '*', '?', '/', '\\', '\n'], " ");
        let allowed = allowed.split_whitespace().collect::<Vec<_>>().join(" ");
        let allowed = allowed.trim_matches('\'').trim();
        let allowed = if allowed.is_empty() { format!("Del {number}") } else { allowed.to_owned() };
        let numbered = (2_usize..).map(|count| {
            let ending = format!(" ({count})");
            format!("{}{ending}", short(&allowed, 31 - ending.len()).trim_end())
        });
        let trimmed = short(&allowed, 31).trim_end_matches(['\'', ' ']).to_owned();
        let name = std::iter::once(trimmed).chain(numbered).find(|name| taken.insert(name.to_lowercase()));
        names.push(name.unwrap_or_default());
    }
    names
}

/// A4, on its side for a wide table, as wide as the page, with page numbers.
fn set_up_print(sheet: &mut Worksheet, report: &Report, heading: &str, is_wide: bool) -> Result<(), XlsxError> {
    // `&` begins a command there, and all three parts share 255 signs.
    let part = |text: &str| short(&cell_words(text).replace('\n', " "), 60).replace('&', "&&");
    sheet.set_paper_size(9).set_print_fit_to_pages(1, 0);
    if is_wide {
        sheet.set_landscape();
    }
    sheet.set_margins(0.5, 0.5, 0.7, 0.7, 0.3, 0.3);
    sheet.set_header(format!("&L&9{}&R&9{}", part(&report.kommun), part(&report.title)));
    sheet.set_footer(format!("&L&9{}&R&9&P (&N)", part(heading)));
    Ok(())
}

/// A sentence of the first sheet, in a row that is high enough for it whatever the reader's font.
fn put_line(page: &mut Worksheet, row: u32, text: &str, words: &Format) -> Result<(), XlsxError> {
    const SIGNS: usize = 92;
    let lines = u32::try_from(sheet::lines_of(&cell_words(text), SIGNS)).unwrap_or(1).clamp(1, 25);
    if lines > 1 {
        page.set_row_height(row, lines * 15)?;
    }
    write_words(page, (row, 1), text, words)
}

/// The first sheet: what the report is, what to know first, its parts, and where it rests.
fn first(sheet: &mut Worksheet, report: &Report, names: &[String]) -> Result<(), XlsxError> {
    let words = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let label = words.clone().set_bold().set_font_color(BLUE);
    let title = Format::new().set_bold().set_font_size(18).set_font_color(BLUE);
    sheet.set_name(FIRST)?;
    sheet.set_screen_gridlines(false);
    sheet.set_column_width(0, 16)?;
    sheet.set_column_width(1, 104)?;
    write_words(sheet, (0, 0), &report.title, &title)?;
    write_words(sheet, (1, 0), &report.subtitle, &Format::new().set_font_size(12))?;
    let mut row = 3;
    if report.is_example {
        let warning = words.clone().set_bold().set_background_color(WARNING);
        sheet.merge_range(2, 0, 2, 1, EXAMPLE, &warning)?;
        sheet.set_row_height(2, 20)?;
        row = 4;
    }
    let mut put = |name: &str, lines: &[String]| -> Result<(), XlsxError> {
        for (line, at) in lines.iter().zip(0..) {
            write_words(sheet, (row, 0), if at == 0 { name } else { "" }, &label)?;
            put_line(sheet, row, line, &words)?;
            row += 1;
        }
        row += u32::from(!lines.is_empty());
        Ok(())
    };
    put("Kommun", std::slice::from_ref(&report.kommun))?;
    put("Framställd", &report.made_on.map(long_day).into_iter().collect::<Vec<_>>())?;
    put("I korthet", &report.summary)?;
    for ((section, name), at) in report.sections.iter().zip(names).zip(0..) {
        write_words(sheet, (row, 0), if at == 0 { "Blad" } else { "" }, &label)?;
        let link = Url::new(format!("internal:'{}'!A1", name.replace('\'', "''")));
        let told = if section.heading == *name { name.clone() } else { format!("{name}: {}", section.heading) };
        sheet.write_url_with_text(row, 1, link, cell_words(&told))?;
        row += 1;
    }
    row += u32::from(!report.sections.is_empty());
    for (source, at) in report.sources.iter().zip(0..) {
        write_words(sheet, (row, 0), if at == 0 { "Underlag" } else { "" }, &label)?;
        put_line(sheet, row, source, &words)?;
        row += 1;
    }
    set_up_print(sheet, report, FIRST, false)
}
