//! Open XML workbooks: scanned while they are unpacked, and parsed where they are not written in the plain way.

use std::fs::File;
use std::io::{BufReader, Write};

use calamine::{Reader, Sheet, SheetType, SheetVisible, Xlsx, XlsxError};

use super::{Stop, refuse_names, row_refusal, write_cell, write_line, write_row, write_signs};
use crate::adapters::excel::container::{Archive, look, unpack_part};
use crate::adapters::excel::limits::ChildLimits;
use crate::adapters::excel::lint::Lint;
use crate::adapters::excel::preflight::refusal;
use crate::adapters::excel::scan::{Beside, Kept, PlainBook, Scan};
use crate::adapters::excel::signs::Signs;
use crate::adapters::excel::values::{TEXT_LIMIT, clean};
use crate::adapters::excel::wire::{Anew, Line, Refusal, RowWriter, SheetLine, SheetSigns};

type Book<'f> = Xlsx<BufReader<&'f File>>;

/// Writes the sheets of a workbook; every part of it is unpacked and looked through once. Gives how many sheets there are.
pub(super) fn write(
    file: &File,
    archive: Archive<'_>,
    out: &mut impl Write,
    limits: &ChildLimits,
) -> Result<usize, Stop> {
    let mut parts = Parts::new(archive, limits);
    let mut kept = Kept::default();
    parts.unpack_others(&mut kept)?;
    let book = Book::new(BufReader::new(file));
    let plain = book.as_ref().ok().and_then(|book| plain(kept, book, limits));
    let mut is_scanned = false;
    if let (Ok(book), Some(plain)) = (&book, &plain) {
        is_scanned = parts.scan(book, plain, out)?;
    }
    parts.unpack_rest()?;
    let signs = parts.signs;
    let of_sheets = signs.of_sheets()?;
    let mut book = book?;
    if is_scanned {
        return Ok(book.sheets_metadata().len());
    }
    if plain.is_some() {
        write_line(out, &Line::Anew(Anew {}))?;
    }
    parsed(&mut book, of_sheets, out, limits)
}

/// The workbook, if its sheets can be scanned.
fn plain(kept: Kept, book: &Book<'_>, limits: &ChildLimits) -> Option<PlainBook> {
    refuse_names(book.sheets_metadata(), limits).ok()?;
    PlainBook::of(kept, book.sheets_metadata(), book.has_1904_epoch())
}

/// The parts of a container, those of sheets last: what their cells refer to is known then, wherever it stands.
struct Parts<'f, 'l> {
    archive: Archive<'f>,
    limits: &'l ChildLimits,
    signs: Signs,
    /// The names of the parts, in small letters.
    names: Vec<String>,
    is_unpacked: Vec<bool>,
}

impl Parts<'_, '_> {
    fn new<'f, 'l>(archive: Archive<'f>, limits: &'l ChildLimits) -> Parts<'f, 'l> {
        let name = |name: &[u8]| String::from_utf8_lossy(name).to_ascii_lowercase();
        let names: Vec<String> = archive.file_names_raw().map(name).collect();
        let is_unpacked = vec![false; names.len()];
        Parts { archive, limits, signs: Signs::default(), names, is_unpacked }
    }

    /// Unpacks all but the sheets.
    fn unpack_others(&mut self, kept: &mut Kept) -> Result<(), Refusal> {
        let is_sheet = |name: &str| name.contains("worksheets/") && name.ends_with(".xml");
        let others = self.names.iter().enumerate().filter(|(_, name)| !is_sheet(name)).map(|(at, _)| at);
        others.collect::<Vec<_>>().into_iter().try_for_each(|at| self.unpack(at, kept))
    }

    /// Unpacks what has not been.
    fn unpack_rest(&mut self) -> Result<(), Refusal> {
        let left: Vec<usize> = (0..self.names.len()).filter(|at| self.is_unpacked.get(*at) == Some(&false)).collect();
        left.into_iter().try_for_each(|at| self.unpack(at, &mut Kept::default()))
    }

    fn unpack(&mut self, at: usize, kept: &mut Kept) -> Result<(), Refusal> {
        let name = self.begin(at);
        let signs = &mut self.signs;
        unpack_part(&mut self.archive, at, self.limits, |lint, bytes| {
            signs.feed(&name, bytes);
            kept.feed(&name, bytes);
            look(lint, bytes)
        })
    }

    fn begin(&mut self, at: usize) -> String {
        if let Some(is_unpacked) = self.is_unpacked.get_mut(at) {
            *is_unpacked = true;
        }
        self.names.get(at).cloned().unwrap_or_default()
    }

    /// Writes the sheets from their parts as they are unpacked. `false` where one of them is not written in the plain way.
    fn scan(&mut self, book: &Book<'_>, plain: &PlainBook, out: &mut impl Write) -> Result<bool, Stop> {
        for (sheet, part) in book.sheets_metadata().iter().zip(&plain.parts) {
            write_line(out, &Line::Sheet(about(sheet, plain.shared.epoch_1904)))?;
            let Some(part) = part else { continue };
            let at = self.names.iter().position(|name| name == part);
            let Some(at) = at.filter(|at| self.is_unpacked.get(*at) == Some(&false)) else { return Ok(false) };
            let name = self.begin(at);
            let mut scan = Scan::new(&plain.shared, self.limits);
            let signs = &mut self.signs;
            unpack_part(&mut self.archive, at, self.limits, |lint, bytes| {
                scan.feed(bytes, out, &mut LookedAt { lint, signs, part: &name })
            })?;
            if !scan.is_whole() {
                return Ok(false);
            }
            let mut signs = self.signs.of_part(&name);
            signs.cleaned = scan.cleaned();
            write_signs(signs, out)?;
        }
        Ok(true)
    }
}

/// What a scan leaves is looked through, and searched for signs.
struct LookedAt<'p> {
    lint: &'p mut Lint,
    signs: &'p mut Signs,
    part: &'p str,
}

impl Beside<Stop> for LookedAt<'_> {
    fn pass(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.signs.feed(self.part, bytes);
        Ok(look(self.lint, bytes)?)
    }

    fn hidden(&mut self, tag: &[u8]) {
        self.signs.feed(self.part, tag);
    }
}

fn about(sheet: &Sheet, epoch_1904: bool) -> SheetLine {
    let name = clean(&sheet.name).chars().take(TEXT_LIMIT).collect();
    let hidden = sheet.visible != SheetVisible::Visible;
    SheetLine { name, hidden, epoch_1904, unformatted: false, text: None }
}

/// Writes the sheets as the parser reads them.
fn parsed(
    book: &mut Book<'_>,
    signs: Vec<SheetSigns>,
    out: &mut impl Write,
    limits: &ChildLimits,
) -> Result<usize, Stop> {
    let sheets = book.sheets_metadata().to_vec();
    refuse_names(&sheets, limits)?;
    let epoch_1904 = book.has_1904_epoch();
    let mut signs = signs.into_iter();
    for sheet in &sheets {
        let mut signs = signs.next().unwrap_or_default();
        let about = about(sheet, epoch_1904);
        let hidden = about.hidden;
        write_line(out, &Line::Sheet(about))?;
        if !hidden && sheet.typ == SheetType::WorkSheet {
            match write_rows(book, &sheet.name, epoch_1904, out, limits) {
                Ok(cleaned) => signs.cleaned = cleaned,
                Err(Stop::NoCells) => {}
                Err(stop) => return Err(stop),
            }
            write_signs(signs, out)?;
        }
    }
    Ok(sheets.len())
}

fn write_rows(
    book: &mut Book<'_>,
    name: &str,
    epoch_1904: bool,
    out: &mut impl Write,
    limits: &ChildLimits,
) -> Result<Option<(u32, u32, u32)>, Stop> {
    let mut cleaned: Option<(u32, u32, u32)> = None;
    let mut percents = percent_cells(book, name)?.into_iter().peekable();
    let mut reader = book.worksheet_cells_reader(name)?;
    let mut writer = RowWriter::default();
    let mut current = None;
    let mut taken = vec![false; limits.columns as usize];
    while let Some(cell) = reader.next_cell_with_formula_metadata()? {
        let (row, column) = cell.pos;
        if current != Some(row) {
            if row >= limits.rows || current.is_some_and(|before| row < before) {
                return Err(row_refusal(limits).into());
            }
            write_row(&mut writer, out)?;
            writer.start(row + 1);
            current = Some(row);
            taken.fill(false);
        }
        let slot = taken.get_mut(column as usize);
        if column >= COLUMNS || slot.is_some_and(|taken| std::mem::replace(taken, true)) {
            return Err(cell_refusal().into());
        }
        while percents.next_if(|place| *place < (row, column)).is_some() {}
        let percent = percents.next_if_eq(&(row, column)).is_some();
        if column < limits.columns
            && write_cell(&mut writer, column, &cell.value, cell.formula.is_some(), percent, epoch_1904)
        {
            cleaned.get_or_insert((0, row + 1, column)).0 += 1;
        }
    }
    write_row(&mut writer, out)?;
    Ok(cleaned)
}

/// Columns that a sheet can have: A to XFD.
const COLUMNS: u32 = 16_384;

fn cell_refusal() -> Refusal {
    refusal(
        "Arbetsboken har samma cell två gånger, eller en cell utanför bladet.",
        "Öppna den i Excel, spara den på nytt som .xlsx och skicka den igen.",
    )
}

/// Cells that show per cent, in order. The parser gives a cell's style or its formula, not both, so this is a pass of
/// its own; only workbooks that use a percent format pay for it.
fn percent_cells(book: &mut Book<'_>, name: &str) -> Result<Vec<(u32, u32)>, XlsxError> {
    let mut reader = book.worksheet_cells_reader(name)?;
    let shows_percent =
        |style: &calamine::Style| style.number_format.as_ref().is_some_and(|format| format.format_code.contains('%'));
    let palette: Vec<bool> = reader.styles().iter().map(shows_percent).collect();
    let mut found = Vec::new();
    if palette.contains(&true) {
        while let Some((row, column, style)) = reader.next_style_id()? {
            if palette.get(style) == Some(&true) {
                found.push((row, column));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::io::Seek;
    use std::path::{Path, PathBuf};
    use std::{fs, io};

    use proptest::prelude::*;

    use super::*;
    use crate::adapters::excel::preflight::check;

    /// What the child says of a workbook, however it reads it.
    fn told(file: &File) -> Result<String, String> {
        let (mut out, limits) = (Vec::new(), ChildLimits::default());
        let (_, archive) = check(file, &limits).map_err(|refusal| refusal.wrong)?;
        write(file, archive.unwrap(), &mut out, &limits).map_err(words)?;
        let told = String::from_utf8(out).unwrap();
        Ok(told.rsplit("{\"anew\":{}}\n").next().unwrap().to_owned())
    }

    /// What it says where the parser reads it from the start.
    fn parsed_alone(file: &File) -> Result<String, String> {
        let (mut out, limits) = (Vec::new(), ChildLimits::default());
        let (_, archive) = check(file, &limits).map_err(|refusal| refusal.wrong)?;
        let mut parts = Parts::new(archive.unwrap(), &limits);
        parts.unpack_rest().map_err(|refusal| refusal.wrong)?;
        let signs = parts.signs.of_sheets().map_err(|refusal| refusal.wrong)?;
        let mut book = Book::new(BufReader::new(file)).map_err(|error| words(error.into()))?;
        parsed(&mut book, signs, &mut out, &limits).map_err(words)?;
        Ok(String::from_utf8(out).unwrap())
    }

    fn words(stop: Stop) -> String {
        match stop {
            Stop::Refused(refusal) => refusal.wrong,
            Stop::Failed => "failed".to_owned(),
            Stop::NoCells => "no cells".to_owned(),
        }
    }

    /// Whether the workbook was scanned to its end.
    fn is_scanned(file: &File) -> bool {
        let (mut out, limits) = (Vec::new(), ChildLimits::default());
        let Ok((_, Some(archive))) = check(file, &limits) else { return false };
        let is_told = write(file, archive, &mut out, &limits).is_ok();
        is_told && !String::from_utf8_lossy(&out).contains("{\"anew\":{}}\n")
    }

    fn workbooks(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                workbooks(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "xlsx" || ending == "xlsm") {
                found.push(path);
            }
        }
    }

    #[test]
    fn every_workbook_is_read_as_the_parser_reads_it() {
        let mut found = Vec::new();
        workbooks(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"), &mut found);
        let mut scanned = 0;
        for path in &found {
            let file = File::open(path).unwrap();
            assert_eq!(told(&file), parsed_alone(&file), "{}", path.display());
            scanned += usize::from(is_scanned(&file));
        }
        assert!(scanned * 2 > found.len(), "of {} workbooks only {scanned} are scanned", found.len());
    }

    /// A container with a workbook of one sheet.
    fn container(sheet: &str, strings: &str, styles: &str) -> File {
        let relation = |id: &str, kind: &str, target: &str| {
            format!("<Relationship Id=\"{id}\" Type=\"http://a/relationships/{kind}\" Target=\"{target}\"/>")
        };
        let relations = |all: String| format!("<Relationships>{all}</Relationships>");
        let book = "<workbook><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>".to_owned();
        let parts = [
            ("_rels/.rels", relations(relation("r1", "officeDocument", "xl/workbook.xml"))),
            ("xl/workbook.xml", book),
            ("xl/_rels/workbook.xml.rels", relations(relation("r1", "worksheet", "worksheets/sheet1.xml"))),
            ("xl/worksheets/sheet1.xml", sheet.to_owned()),
            ("xl/styles.xml", styles.to_owned()),
            ("xl/sharedStrings.xml", strings.to_owned()),
        ];
        let mut file = tempfile::tempfile().unwrap();
        let mut writer = zip::ZipWriter::new(&mut file);
        for (name, content) in parts {
            writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            io::Write::write_all(&mut writer, content.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        file.rewind().unwrap();
        file
    }

    const STYLES: &str = "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"[h]:mm\"/></numFmts><cellXfs>\
        <xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"170\"/><xf numFmtId=\"10\"/></cellXfs></styleSheet>";

    #[test]
    fn plain_sheets_are_scanned_and_others_parsed() {
        let sheet = |rows: &str| format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
        let strings = "<sst><si><t>a</t></si></sst>";
        assert!(is_scanned(&container(&sheet("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>"), strings, STYLES)));
        assert!(!is_scanned(&container(&sheet("<row r=\"1\"><c r=\"A1\"> <v>0</v></c></row>"), strings, STYLES)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn any_sheet_is_read_as_the_parser_reads_it(
            head in prop::sample::select(vec!["", "<dimension ref=\"A1:B2\"/>", "<dimension ref=\"A1\"/><cols><col min=\"1\" hidden=\"1\"/></cols>", "<!-- x -->", "text"]),
            rows in prop::collection::vec((1_u32..9, prop::collection::vec(
                (0_usize..5, prop::sample::select(vec!["", " s=\"1\"", " s=\"2\" t=\"n\"", " t=\"s\"", " t=\"s\" s=\"3\"", " s=\"3\"", " s=\"9\"",
                    " t=\"b\"", " t=\"e\"", " t=\"str\"", " t=\"inlineStr\"", " t=\"d\"", " cm=\"1\"", " s=\"0\""]),
                prop::sample::select(vec!["", "<f>A1&amp;B1</f>", "<f/>", "<f t=\"shared\" si=\"0\"/>", "<f t=\"shared\" ref=\"A1:A9\" si=\"0\">1</f>",
                    "<f t=\"array\" ref=\"A1\">1</f>"]),
                prop::sample::select(vec!["", "<v>0</v>", "<v>1</v>", "<v></v>", "<v/>", "<v>46309</v>", "<v>46309.541666666664</v>", "<v>0.3333333333333333</v>",
                    "<v>1.50</v>", "<v>880.93</v>", "<v>1E3</v>", "<v>-0.5</v>", "<v>20261014</v>", "<v>#N/A</v>", "<v>#DIV/0!</v>", "<v>a &lt; b</v>", "<v> 1</v>",
                    "<v>2026-10-14</v>", "<is><t> x </t></is>", "<is><t xml:space=\"preserve\"> \u{200b}x </t></is>", "<is><r><t>x</t></r></is>", "<v>TRUE</v>",
                    "<v>a\tb\u{a0}\u{200b}</v>", "<v>&#65;</v>"]),
                ), 0..5)), 0..6),
            in_order in prop::bool::weighted(0.9),
        ) {
            let mut rows = rows;
            if in_order {
                rows.sort_by_key(|(row, _)| *row);
                rows.dedup_by_key(|(row, _)| *row);
            }
            let mut xml = String::new();
            for (row, cells) in &mut rows {
                if in_order {
                    cells.sort_by_key(|(column, ..)| *column);
                    cells.dedup_by_key(|(column, ..)| *column);
                }
                let hidden = if *row == 3 { " hidden=\"1\"" } else { "" };
                xml.push_str(&format!("<row r=\"{row}\" spans=\"1:5\"{hidden}>"));
                for (column, attributes, formula, value) in cells {
                    let column = char::from(b'A' + *column as u8);
                    xml.push_str(&format!("<c r=\"{column}{row}\"{attributes}>{formula}{value}</c>"));
                }
                xml.push_str("</row>");
            }
            let sheet = format!("<worksheet>{head}<sheetData>{xml}</sheetData><mergeCells><mergeCell ref=\"A1:B2\"/></mergeCells></worksheet>");
            let strings = "<sst><si><t>Anna \u{d6}berg</t></si><si><r><t>x</t></r><r><rPr><b/></rPr><t xml:space=\"preserve\"> \u{200b}y</t></r></si></sst>";
            let file = container(&sheet, strings, STYLES);
            prop_assert_eq!(told(&file), parsed_alone(&file), "{}", sheet);
        }
    }
}
