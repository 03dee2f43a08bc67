//! Finds a sheet's header in its first rows and decides by it what the sheet is.

use std::collections::{BTreeMap, HashMap};

use super::columns::{FORMS, Field, Form, OTHER_FORMS, words};
use super::values::clean;
use super::wire::{RowLine, Value};
use crate::domain::{folded, without_brackets};
use crate::ports::SheetKind;

/// A header is looked for in so many rows.
pub const HEADER_ROWS: u32 = 30;

/// A row that may be the header: its number and its texts by column.
pub type HeadRow = (u32, Vec<(u32, String)>);

/// The unit in which a column counts, where its header says one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// As our own name for the column says.
    Ours,
    /// Tens of kilometres.
    Mil,
    /// Hours.
    Hours,
}

/// A column of a sheet that we know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Column, from 0.
    pub column: u32,
    /// Which.
    pub field: Field,
    /// In what it counts.
    pub unit: Unit,
    /// Its header as written.
    pub title: String,
}

/// What a header says of its sheet.
#[derive(Debug)]
pub enum Found {
    /// One of our forms.
    Ours(Layout),
    /// Another form of the kommun's, that nothing reads yet.
    Other(&'static str),
}

/// Where the columns of one of our forms are.
#[derive(Debug)]
pub struct Layout {
    /// Which form.
    pub form: &'static Form,
    /// The header's row as Excel shows it.
    pub header_row: u32,
    /// The columns that we know, from left to right.
    pub columns: Vec<Placed>,
    /// Headers that no synonym knows, or that name a column for the second time.
    pub unknown: Vec<String>,
    /// What is the same for every row, for columns that the sheet does not have.
    pub fixed: Vec<(Field, String)>,
    /// A column's own words, folded, and what they stand for.
    pub words: Vec<(Field, BTreeMap<String, String>)>,
    /// What the program has written beside the rows, for whoever mends them.
    pub told: Option<Told>,
}

/// The columns of a workbook in which held rows are mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// What is wrong.
    pub fel: u32,
    /// How to mend it.
    pub rattas: u32,
    /// Where the row came from; somebody may have taken it away.
    pub ursprung: Option<u32>,
}

/// Their headers.
pub const TOLD: [&str; 3] = ["Fel", "Så rättar du", "Ursprung"];

impl Told {
    /// Among the headers that no form knows; both of the first, or it is somebody's own column.
    fn among(titles: &[&Title]) -> Option<Told> {
        Told::titled(|name| titles.iter().find(|title| folded(&title.text) == name).map(|title| title.column))
    }

    /// By what finds the column of a folded title.
    pub fn titled(place: impl Fn(&str) -> Option<u32>) -> Option<Told> {
        let place = |name: &str| place(&folded(name));
        let [fel, rattas, ursprung] = TOLD.map(place);
        Some(Told { fel: fel?, rattas: rattas?, ursprung })
    }

    /// Where a row that is mended here was held.
    pub fn origin(&self, line: &RowLine<'_>) -> Option<Box<str>> {
        let column = self.ursprung?;
        match &line.cells.iter().find(|cell| cell.column == column)?.value {
            Value::Text(text) => Some(clean(text).into()),
            _ => None,
        }
    }

    /// Whether a column is one of them.
    pub fn holds(&self, column: u32) -> bool {
        self.fel == column || self.rattas == column || self.ursprung == Some(column)
    }
}

impl Layout {
    /// The groups of columns of which the sheet has none, by our names.
    pub fn missing(&self) -> Vec<&'static [Field]> {
        missing(self.form, |field| self.has(field) || self.fixed.iter().any(|(fixed, _)| *fixed == field))
    }

    /// Whether the sheet has a column.
    pub fn has(&self, field: Field) -> bool {
        self.columns.iter().any(|placed| placed.field == field)
    }
}

/// Every word for every column, with the configured synonyms.
pub struct Headers {
    /// For each form, then for each of the other forms: word to column and rank; the surest word has rank 0.
    forms: Vec<HashMap<String, (usize, usize)>>,
    /// In how many forms a word names a column: a word of one form alone says most.
    shared: HashMap<String, u32>,
}

impl Headers {
    /// The words of the forms and of the configuration (header text to our column name).
    pub fn new(synonyms: &BTreeMap<String, String>) -> Headers {
        let ours =
            FORMS.iter().map(|form| form.columns.iter().map(|column| words(column, synonyms)).collect::<Vec<_>>());
        let others = OTHER_FORMS.iter().map(|(_, names)| names.iter().map(|name| vec![folded(name)]).collect());
        let mut forms = Vec::new();
        let mut shared: HashMap<String, u32> = HashMap::new();
        for columns in ours.chain(others) {
            let mut index: HashMap<String, (usize, usize)> = HashMap::new();
            for (column, words) in columns.into_iter().enumerate() {
                for (rank, word) in words.into_iter().enumerate() {
                    let known = index.entry(word).or_insert((column, rank));
                    if rank < known.1 {
                        *known = (column, rank);
                    }
                }
            }
            for word in index.keys() {
                *shared.entry(word.clone()).or_default() += 1;
            }
            forms.push(index);
        }
        Headers { forms, shared }
    }

    /// The row that has most columns of one form, however few; the layout says what is missing.
    pub fn find_of<'r>(&self, kind: SheetKind, rows: impl Iterator<Item = &'r HeadRow>) -> Option<Layout> {
        let (place, form) = FORMS.iter().enumerate().find(|(_, form)| form.kind == kind)?;
        let mut best: Option<Layout> = None;
        for (row, cells) in rows {
            let titles = titles(cells);
            let Some(layout) = layout_of(form, *row, &titles, &self.taken(place, &titles)) else { continue };
            if !layout.columns.is_empty() && best.as_ref().is_none_or(|best| layout.columns.len() > best.columns.len())
            {
                best = Some(layout);
            }
        }
        best
    }

    /// The column of the list of attendance that a header names.
    pub fn narvaro_field(&self, text: &str) -> Option<Field> {
        let (narvaro, form) = FORMS.iter().enumerate().find(|(_, form)| form.kind == SheetKind::Narvaro)?;
        let words = title_words(text);
        let (column, _) = words.iter().find_map(|word| self.forms.get(narvaro)?.get(word))?;
        form.columns.get(*column).map(|column| column.field)
    }

    /// Whether a text heads a column of any form.
    pub fn is_known(&self, text: &str) -> bool {
        title_words(text).iter().any(|word| self.shared.contains_key(word))
    }

    /// The row and form that fit best; none if nothing fits.
    pub fn find(&self, rows: &[HeadRow]) -> Option<Found> {
        let mut best: Option<(Score, Found)> = None;
        for (row, cells) in rows.iter().filter(|(row, _)| *row <= HEADER_ROWS) {
            let titles: Vec<Title> = titles(cells);
            for form in 0..self.forms.len() {
                if let Some((score, found)) = self.fit(form, *row, &titles)
                    && best.as_ref().is_none_or(|(highest, _)| score > *highest)
                {
                    best = Some((score, found));
                }
            }
        }
        best.map(|(_, found)| found)
    }

    /// Which titles name columns of a form, the surest word for each.
    fn taken<'t>(&self, form: usize, titles: &'t [Title]) -> Taken<'t> {
        let mut taken = Taken::new();
        for title in titles {
            let Some((column, rank, weight)) = self.word(form, title) else {
                continue;
            };
            let known = taken.entry(column).or_insert((rank, title, weight));
            if rank < known.0 {
                *known = (rank, title, weight);
            }
        }
        taken
    }

    fn fit(&self, form: usize, row: u32, titles: &[Title]) -> Option<(Score, Found)> {
        let taken = self.taken(form, titles);
        let weight = taken.values().map(|(_, _, weight)| weight).sum();
        if taken.len() < 2 {
            return None;
        }
        let Some(ours) = FORMS.get(form) else {
            let (name, _) = OTHER_FORMS.get(form - FORMS.len())?;
            return (weight >= CLEARLY)
                .then_some((Score { weight, missing: std::cmp::Reverse(0) }, Found::Other(name)));
        };
        let layout = layout_of(ours, row, titles, &taken)?;
        let missing = layout.missing().len();
        if !ours.marks.iter().any(|mark| layout.has(*mark)) || (missing > 0 && weight < CLEARLY) {
            return None;
        }
        Some((Score { weight, missing: std::cmp::Reverse(missing) }, Found::Ours(layout)))
    }

    fn word(&self, form: usize, title: &Title) -> Option<(usize, usize, u32)> {
        title.words.iter().find_map(|word| {
            let (column, rank) = self.forms.get(form)?.get(word)?;
            let weight = if self.shared.get(word) == Some(&1) { DISTINCTIVE } else { 1 };
            Some((*column, *rank, weight))
        })
    }
}

/// Titles by the form's column: rank of the word, the title, and its weight.
type Taken<'t> = BTreeMap<usize, (usize, &'t Title, u32)>;

fn layout_of(form: &'static Form, header_row: u32, titles: &[Title], taken: &Taken<'_>) -> Option<Layout> {
    let mut columns: Vec<Placed> = Vec::new();
    for (column, (_, title, _)) in taken {
        let field = form.columns.get(*column)?.field;
        columns.push(Placed { column: title.column, field, unit: title.unit, title: title.text.clone() });
    }
    columns.sort_by_key(|placed| placed.column);
    let others: Vec<&Title> =
        titles.iter().filter(|title| columns.iter().all(|placed| placed.column != title.column)).collect();
    let told = Told::among(&others);
    let is_told = |title: &&&Title| told.is_some_and(|told| told.holds(title.column));
    let unknown = others.iter().filter(|title| !is_told(title)).map(|title| title.text.clone()).collect();
    let (fixed, words) = (Vec::new(), Vec::new());
    Some(Layout { form, header_row, columns, unknown, fixed, words, told })
}

/// So much says a word that only one form has.
const DISTINCTIVE: u32 = 3;
/// From here on a sheet is clearly of one form, even if it lacks a column that the form cannot do without.
const CLEARLY: u32 = 4;

/// More weight wins; with equal weight, what lacks less; with equal lack, the earlier row and form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    weight: u32,
    missing: std::cmp::Reverse<usize>,
}

/// A cell of a possible header.
struct Title {
    column: u32,
    text: String,
    /// The folded words that it may be found by, the surest first.
    words: Vec<String>,
    unit: Unit,
}

fn missing(form: &Form, has: impl Fn(Field) -> bool) -> Vec<&'static [Field]> {
    form.needs.iter().filter(|group| !group.iter().any(|field| has(*field))).copied().collect()
}

fn titles(cells: &[(u32, String)]) -> Vec<Title> {
    let mut titles: Vec<Title> = Vec::with_capacity(cells.len());
    for (column, text) in cells {
        let mut words = title_words(text);
        // "Tid från" beside a mere "till" means "Tid till".
        let before = titles.last().and_then(|title| title.words.last()).and_then(|word| word.strip_suffix("fran"));
        if let (Some("till" | "tom"), Some(stem @ [_, ..])) =
            (words.first().map(String::as_str), before.map(str::as_bytes))
        {
            words.insert(0, format!("{}till", String::from_utf8_lossy(stem)));
        }
        titles.push(Title { column: *column, text: text.clone(), words, unit: unit(text) });
    }
    titles
}

/// All of the header, the header without brackets, without a paragraph sign and what follows, and without a unit.
fn title_words(text: &str) -> Vec<String> {
    let bare = without_brackets(text);
    let before_paragraph = bare.split('§').next().unwrap_or_default();
    let without_unit = match bare.trim_end().rsplit_once(char::is_whitespace) {
        Some((before, last)) if is_unit(&folded(last)) || last.contains('%') => before,
        _ => &bare,
    };
    let mut words: Vec<String> = Vec::with_capacity(4);
    for candidate in [text, &bare, before_paragraph, without_unit] {
        let word = folded(candidate);
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    }
    if words.is_empty() && text.contains('§') {
        // "§§" has no letter to compare by.
        words.push("paragrafer".to_owned());
    }
    words
}

fn is_unit(word: &str) -> bool {
    matches!(
        word,
        "kr" | "sek" | "kronor" | "km" | "mil" | "min" | "minuter" | "tim" | "timmar" | "h" | "procent" | "st" | "kl"
    )
}

/// The unit in brackets, else one among the header's own words.
fn unit(text: &str) -> Unit {
    let bare = without_brackets(text);
    let inside: String = text.split(['(', '[']).skip(1).collect::<Vec<_>>().join(" ");
    let of = |text: &str| {
        text.split(|letter: char| !letter.is_alphanumeric()).find_map(|word| match folded(word).as_str() {
            "mil" => Some(Unit::Mil),
            "tim" | "timmar" | "h" => Some(Unit::Hours),
            "km" | "kilometer" | "min" | "minuter" => Some(Unit::Ours),
            _ => None,
        })
    };
    of(&inside).or_else(|| of(&bare)).unwrap_or(Unit::Ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(headers: &[&str]) -> Option<Found> {
        let cells = headers.iter().enumerate().map(|(at, text)| (at as u32, (*text).to_owned())).collect();
        Headers::new(&BTreeMap::new()).find(&[(1, cells)])
    }

    fn kind(headers: &[&str]) -> Result<SheetKind, String> {
        match find(headers) {
            Some(Found::Ours(layout)) if layout.missing().is_empty() => Ok(layout.form.kind),
            Some(Found::Ours(layout)) => Err(format!("{} {:?}", layout.form.name, layout.missing())),
            Some(Found::Other(name)) => Err(name.to_owned()),
            None => Err("okänt".to_owned()),
        }
    }

    #[test]
    fn a_sheet_is_known_by_its_headers() {
        use SheetKind::{
            Anmarkningar, Avstaende, Beslut, Franvaro, Inkomstuppgifter, Jour, Narvaro, Personer, Uppdrag, Utbetalt,
            Yrkanden,
        };
        let cases: [(&[&str], SheetKind); 33] = [
            (
                &[
                    "Datum",
                    "Organ",
                    "Namn",
                    "Personnummer",
                    "Roll",
                    "Start",
                    "Slut",
                    "Tjänstgörande",
                    "Förlorad arbetsinkomst (kr)",
                    "Körda km",
                    "Kommentar",
                ],
                Narvaro,
            ),
            (&["Datum", "Organ", "Personnummer", "Från", "Till", "Tjg"], Narvaro),
            (&["Datum", "Organ", "Personnummer", "Uppdrag", "Från", "Till"], Narvaro),
            (&["Datum", "Nämnd", "Namn"], Narvaro),
            (&["Möte", "Namn"], Narvaro),
            (&["Datum", "Organ", "Personnummer", "Slag"], Narvaro),
            (&["Sammanträdesdatum", "Nämnd", "Pnr", "Förtroendevald", "Kl", "Ajournering"], Narvaro),
            (&["Inkom", "Möte", "Personnummer", "Slag", "Belopp"], Yrkanden),
            (&["Datum", "Organ", "Personnummer", "Slag", "Tid från", "till", "Timmar", "Belopp"], Yrkanden),
            (&["Datum", "Organ", "Namn", "Ersättningsslag", "Km", "Resa från", "till"], Yrkanden),
            (&["Möte", "Personnummer", "Slag", "Återtagen"], Yrkanden),
            (&["Personnummer", "Organ", "Uppdrag", "Från", "Till"], Uppdrag),
            (&["Namn", "Organ", "Roll", "Fr.o.m.", "T.o.m."], Uppdrag),
            (
                &[
                    "Personnummer",
                    "Organ",
                    "Uppdrag",
                    "Från",
                    "Till",
                    "Sysselsättningsgrad",
                    "Arvodesnyckel",
                    "Platser",
                    "Beslut",
                ],
                Uppdrag,
            ),
            (&["Personnummer", "Från", "Till", "Slag"], Franvaro),
            (&["Personnummer", "Från", "Till", "Slag", "Omfattning"], Franvaro),
            (&["Personnummer", "Från", "Till", "Slag", "Timlön"], Inkomstuppgifter),
            (&["Personnummer", "SGI"], Inkomstuppgifter),
            (&["Personnummer", "Efternamn", "Förnamn"], Personer),
            (&["Personnummer", "Anställningsnummer"], Personer),
            (
                &[
                    "Personnummer",
                    "Efternamn",
                    "Förnamn",
                    "Anstid",
                    "Organ",
                    "E-post",
                    "Plats",
                    "Avstånd (mil)",
                    "Från",
                    "Till",
                ],
                Personer,
            ),
            (&["PERSON-\nNUMMER", "Efter\u{ad}namn", "Förnamn"], Personer),
            (&["Diarienummer", "Datum", "Organ", "Gäller", "Innebörd", "Från", "Till"], Beslut),
            (&["Dnr", "Beslutsdatum", "Avser", "Innebörd"], Beslut),
            (&["Id", "Anst.nr", "Vad", "Rad", "Beslut", "Diarienummer", "Beslutsdatum", "Motivering"], Anmarkningar),
            (&["Personnummer", "Från", "Till", "För", "Aktiv från", "Aktiv till"], Jour),
            (&["Namn", "Från", "För", "Aktiv från", "till"], Jour),
            (&["Personnummer", "Från", "Till", "Timlön", "Semester %", "Pension %"], Inkomstuppgifter),
            (&["Personnummer", "Avstår", "Från", "Till", "Handling"], Avstaende),
            (&["Namn", "Avstår från", "Fr.o.m.", "Handling"], Avstaende),
            (
                &[
                    "Utbetalningsmånad",
                    "Personnummer",
                    "Lönart",
                    "Datum",
                    "Möte",
                    "Antal",
                    "A-pris",
                    "Belopp",
                    "Status",
                ],
                Utbetalt,
            ),
            (
                &["Utbetalningsmånad", "Anstid", "Namn", "Löneart", "Datum", "Belopp (kr)", "Status", "Kommentar"],
                Utbetalt,
            ),
            (&["Körning", "Rad", "Utbetalningsmånad", "Anst.nr", "Löneart", "Status", "Felmeddelande"], Utbetalt),
        ];
        for (headers, expect) in cases {
            assert_eq!(kind(headers), Ok(expect), "{headers:?}");
        }
    }

    #[test]
    fn what_is_none_of_ours_is_not_taken_for_one() {
        let cases: [(&[&str], &str); 13] = [
            (&["Personnummer", "Från", "Till", "Aktiv från", "Aktiv till"], "Jour [[For]]"),
            (&["Diarienummer", "Datum", "Organ", "Gäller"], "Beslut [[Innebord]]"),
            (&["Personnummer", "Avstår", "Från", "Till"], "Avstående [[Handling]]"),
            (&["Utbetalningsmånad", "Personnummer", "Lönart", "Belopp"], "Utbetalt [[Status]]"),
            (&["Datum", "Post", "Belopp", "Syfte", "Inköpare", "Avtal", "Person"], "Kostnader"),
            (&["Personnummer", "Namn"], "okänt"),
            (&["Personnummer", "Från"], "okänt"),
            (&["Datum", "Organ"], "okänt"),
            (&["Artikel", "Pris"], "okänt"),
            (&["Datum", "Namn", "Start", "Slut", "Tjänstgörande"], "Närvaro [[Mote, Organ]]"),
            (&["Datum", "Organ", "Start", "Slut", "Tjänstgörande"], "Närvaro [[Personnummer, Namn]]"),
            (
                &["Datum", "Organ", "Personnummer", "Tid från", "till", "Timmar", "Belopp", "Styrkt"],
                "Yrkanden [[Slag]]",
            ),
            (&["Personnummer", "Uppdrag", "Från", "Till"], "Uppdrag [[Organ]]"),
        ];
        for (headers, expect) in cases {
            assert_eq!(kind(headers), Err(expect.to_owned()), "{headers:?}");
        }
    }

    fn placed(headers: &[&str]) -> Vec<(String, Field, Unit)> {
        let Some(Found::Ours(layout)) = find(headers) else { panic!("{headers:?}") };
        layout.columns.into_iter().map(|placed| (placed.title, placed.field, placed.unit)).collect()
    }

    #[test]
    fn a_mere_till_belongs_to_the_column_before() {
        let columns = placed(&["Datum", "Organ", "Namn", "Start", "Slut", "Närvarande från", "till"]);
        assert_eq!(columns[6].1, Field::OwnTo);
        let columns = placed(&["Möte", "Namn", "Slag", "Tid från", "Till", "Resa från", "Till"]);
        assert_eq!((columns[4].1, columns[6].1), (Field::TidTo, Field::ResaTo));
        let columns = placed(&["Datum", "Organ", "Namn", "Från", "Till", "Tjg"]);
        assert_eq!((columns[3].1, columns[4].1), (Field::Start, Field::Slut));
    }

    #[test]
    fn units_stand_in_brackets_or_in_the_words() {
        let cases = [
            ("Körda km", Field::Km, Unit::Ours),
            ("Körda km (mil)", Field::Km, Unit::Mil),
            ("Körda mil", Field::Km, Unit::Mil),
            ("Km", Field::Km, Unit::Ours),
            ("mil", Field::Km, Unit::Mil),
            ("Restid min", Field::Restid, Unit::Ours),
            ("Restid (tim)", Field::Restid, Unit::Hours),
            ("Restid timmar", Field::Restid, Unit::Hours),
            ("Belopp kr", Field::Belopp, Unit::Ours),
            ("Slag (ersättningsslag)", Field::Slag, Unit::Ours),
            ("Särskild ledighet min (§ 6, med motivering)", Field::Ledighet, Unit::Ours),
            ("Underlag (diarienummer)", Field::Underlag, Unit::Ours),
        ];
        for (header, field, unit) in cases {
            let slag = if field == Field::Slag { "Styrkt" } else { "Slag" };
            let columns = placed(&["Inkom", "Möte", "Namn", slag, "Måltider", header]);
            assert_eq!(columns.last().map(|(_, field, unit)| (*field, *unit)), Some((field, unit)), "{header}");
        }
    }

    #[test]
    fn the_header_may_stand_below_a_title_and_other_cells() {
        let rows: Vec<HeadRow> = vec![
            (1, vec![(0, "Närvarolista Kommunstyrelsen".to_owned())]),
            (3, vec![(0, "Hela listan".to_owned()), (1, "ja".to_owned())]),
            (
                5,
                ["Datum", "Organ", "Namn", "Start", "Hund"]
                    .iter()
                    .enumerate()
                    .map(|(at, text)| (at as u32 + 2, (*text).to_owned()))
                    .collect(),
            ),
            (6, vec![(2, "Datum".to_owned()), (3, "Organ".to_owned()), (4, "Namn".to_owned())]),
        ];
        let Some(Found::Ours(layout)) = Headers::new(&BTreeMap::new()).find(&rows) else { panic!() };
        assert_eq!(layout.header_row, 5);
        assert_eq!(layout.columns[0].column, 2);
        assert_eq!(layout.unknown, ["Hund"]);
        let late: Vec<HeadRow> = vec![(31, rows[2].1.clone())];
        assert!(Headers::new(&BTreeMap::new()).find(&late).is_none());
    }

    #[test]
    fn a_kommuns_own_words_are_configuration() {
        let own =
            BTreeMap::from([("Vem".to_owned(), "Namn".to_owned()), ("Möts (dag)".to_owned(), "Datum".to_owned())]);
        let cells = ["Möts (dag)", "Organ", "Vem"]
            .iter()
            .enumerate()
            .map(|(at, text)| (at as u32, (*text).to_owned()))
            .collect();
        let Some(Found::Ours(layout)) = Headers::new(&own).find(&[(1, cells)]) else { panic!() };
        assert_eq!(layout.form.kind, SheetKind::Narvaro);
        assert!(layout.unknown.is_empty());
    }

    #[test]
    fn a_column_that_is_named_twice_is_used_once_and_told() {
        let Some(Found::Ours(layout)) = find(&["Datum", "Organ", "Namn", "Från", "Till", "Start", "Slut"]) else {
            panic!()
        };
        assert_eq!(layout.unknown, ["Från", "Till"]);
    }
}
