//! A report as PDF/A with tags, from a typst template that a kommun may edit: readable in fifty years, and aloud today.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use chrono::Datelike;
use serde_json::{Value, json};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Dict, Duration, IntoValue, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::drawing::{Anchor, COLOURS, Drawing, WIDTH, drawing};
use super::figures::{EXAMPLE, clean, column_signs, heading, is_wide, long_day, shown};
use super::templates::REPORT;
use crate::domain::Fault;
use crate::ports::{Plot, Report, Section, Table};

/// The template's name.
const NAME: &str = "report.typ";

/// The fonts that come with the program: no other are used, so every machine makes the same page.
static FONTS: LazyLock<(LazyHash<FontBook>, Vec<Font>)> = LazyLock::new(|| {
    let fonts: Vec<Font> = typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data))).collect();
    (LazyHash::new(FontBook::from_fonts(&fonts)), fonts)
});

/// Makes the PDF; the same report gives the same bytes.
pub(super) fn pdf(folder: Option<&Path>, report: &Report) -> Result<Vec<u8>, Fault> {
    let desk = Desk::with(folder, report)?;
    // The typesetter stops at what its authors did not think of; a letter that cannot be set must not end the program.
    let made = std::panic::catch_unwind(AssertUnwindSafe(|| set(&desk, report)));
    // What one report has left behind is of no use to the next.
    typst::comemo::evict(0);
    made.unwrap_or_else(|_| {
        let told = "the typesetter cannot set this report; take the page (HTML) instead, and report this as a fault";
        Err(Fault::Refused(told.to_owned()))
    })
}

fn set(desk: &Desk, report: &Report) -> Result<Vec<u8>, Fault> {
    let made = typst::compile::<PagedDocument>(desk).output;
    let options = options(report).map_err(|error| Fault::Refused(error.message().to_string()))?;
    made.and_then(|document| typst_pdf::pdf(&document, &options)).map_err(|errors| desk.fault(&errors))
}

/// Archivable and accessible, with the report's own day and name in place of the moment's.
fn options(report: &Report) -> Result<PdfOptions, typst::diag::HintedString> {
    let day = report.made_on.and_then(|day| {
        let (month, number) = (u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?);
        Datetime::from_ymd_hms(day.year(), month, number, 0, 0, 0)
    });
    let day_text = report.made_on.map(|day| day.to_string()).unwrap_or_default();
    Ok(PdfOptions {
        ident: Smart::Custom(format!("{}|{}|{day_text}", report.kommun, report.title)),
        creator: Smart::Custom(Some("arvode".to_owned())),
        timestamp: day.map(Timestamp::new_utc),
        standards: PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])?,
        ..PdfOptions::default()
    })
}

/// All that the template may see: itself, the report, the fonts, and the files beside it.
struct Desk {
    library: LazyHash<Library>,
    template: Source,
    folder: Option<PathBuf>,
}

impl Desk {
    fn with(folder: Option<&Path>, report: &Report) -> Result<Desk, Fault> {
        let own = folder.map(|folder| folder.join(NAME)).filter(|path| path.exists());
        let text = match own {
            None => REPORT.to_owned(),
            Some(path) => std::fs::read_to_string(&path).map_err(|error| {
                Fault::Input(format!("{}: cannot be read ({error}); mend or remove it", path.display()))
            })?,
        };
        let name = VirtualPath::new(NAME).map_err(|error| Fault::Input(format!("config/reports/{NAME}: {error}")))?;
        let template = Source::new(RootedPath::new(VirtualRoot::Project, name).intern(), text);
        let mut inputs = Dict::new();
        inputs.insert("report".into(), content(report).to_string().into_value());
        let library = LazyHash::new(Library::builder().with_inputs(inputs).build());
        Ok(Desk { library, template, folder: folder.map(Path::to_owned) })
    }

    /// Where the template is wrong, and why.
    fn fault(&self, errors: &[SourceDiagnostic]) -> Fault {
        let Some(error) = errors.first() else {
            return Fault::Input(format!("config/reports/{NAME}: cannot be used"));
        };
        let file = error.span.id().map_or(NAME, |id| id.get().vpath().get_without_slash());
        let line = self.range(error.span).and_then(|range| {
            let source = self.source(error.span.id()?).ok()?;
            source.lines().byte_to_line(range.start)
        });
        let line = line.map(|line| format!(", line {}", line + 1)).unwrap_or_default();
        let hints: String = error.hints.iter().map(|hint| format!(" ({})", hint.v)).collect();
        let told = &error.message;
        Fault::Input(format!(
            "config/reports/{file}{line}: {told}{hints}; mend the template, or remove it to use the shipped one"
        ))
    }
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.0
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() {
            return Ok(self.template.clone());
        }
        let text = String::from_utf8(self.file(id)?.into_vec()).map_err(|_| FileError::InvalidUtf8)?;
        Ok(Source::new(id, text))
    }

    /// A file beside the template, such as the kommun's vapen; nothing from elsewhere.
    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = id.get();
        let missing = || FileError::NotFound(PathBuf::from(path.vpath().get_without_slash()));
        let folder = self.folder.as_ref().filter(|_| *path.root() == VirtualRoot::Project).ok_or_else(missing)?;
        let place = path.vpath().realize(folder).map_err(FileError::Realize)?;
        std::fs::read(place).map(Bytes::new).map_err(|_| missing())
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.1.get(index).cloned()
    }

    /// A report has its own day: that of the moment would make every page another one.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// What the template reads: words and figures ready for reading.
fn content(report: &Report) -> Value {
    json!({
        "kommun": printable(&report.kommun),
        "title": printable(&report.title),
        "subtitle": printable(&report.subtitle),
        "day": report.made_on.map(long_day),
        "example": report.is_example.then_some(EXAMPLE),
        "summary": words(&report.summary),
        "sections": report.sections.iter().map(section).collect::<Vec<_>>(),
        "sources": words(&report.sources),
    })
}

fn words(words: &[String]) -> Vec<String> {
    words.iter().filter(|words| !words.is_empty()).map(|words| printable(words)).collect()
}

/// Longer words are broken wherever the line ends.
const WORD_SIGNS: usize = 60;

/// Words that the fonts can show: what is archived must be readable to the last sign.
fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut signs = 0;
    for letter in clean(text).chars().filter(|letter| !is_unseen(*letter)) {
        signs = if letter.is_whitespace() { 0 } else { signs + 1 };
        if signs > WORD_SIGNS {
            // A soft hyphen.
            safe.push('\u{ad}');
            signs = 1;
        }
        safe.push(if is_shown(letter) { letter } else { '□' });
    }
    safe
}

/// Signs without a shape, which turn, join or hide their neighbours.
fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// A font has a shape for it, and it means the same everywhere.
fn is_shown(letter: char) -> bool {
    let is_private = matches!(letter, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..);
    let book = &FONTS.0;
    letter == '\n'
        || (!is_private
            && (0..FONTS.1.len()).any(|at| book.info(at).is_some_and(|info| info.coverage.contains(u32::from(letter)))))
}

fn section(section: &Section) -> Value {
    json!({
        "heading": printable(&section.heading),
        "text": words(&section.text),
        "wide": section.table.as_ref().is_some_and(is_wide),
        "plot": section.plot.as_ref().and_then(plot),
        "table": section.table.as_ref().map(table),
        "notes": words(&section.notes),
    })
}

fn table(table: &Table) -> Value {
    let columns = table.columns.iter().enumerate().map(|(at, column)| {
        json!({
            "heading": printable(&heading(table, at)),
            "number": column.is_number,
            "signs": column_signs(table, at, 34),
        })
    });
    let line = |row: &Vec<_>| row.iter().map(|cell| printable(&shown(cell))).collect::<Vec<_>>();
    json!({
        "columns": columns.collect::<Vec<_>>(),
        "rows": table.rows.iter().map(line).collect::<Vec<_>>(),
        "total": table.total.as_ref().map(line),
    })
}

fn plot(plot: &Plot) -> Option<Value> {
    let Drawing { height, strokes, blocks, words } = drawing(plot)?;
    let strokes = strokes.iter().map(|stroke| json!({"from": stroke.from, "to": stroke.to, "zero": stroke.is_zero}));
    let blocks = blocks.iter().map(|block| {
        let colour = COLOURS.get(block.colour).copied().unwrap_or_default();
        json!({"x": block.x, "y": block.y, "width": block.width, "height": block.height, "colour": colour})
    });
    let words = words.iter().map(|words| {
        let anchor = match words.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        json!({"x": words.x, "y": words.y, "anchor": anchor, "text": printable(&words.text)})
    });
    Some(json!({
        "title": printable(&plot.title),
        "alternative": printable(&plot.alternative),
        "width": WIDTH,
        "height": height,
        "strokes": strokes.collect::<Vec<_>>(),
        "blocks": blocks.collect::<Vec<_>>(),
        "words": words.collect::<Vec<_>>(),
    }))
}
