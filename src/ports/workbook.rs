//! A workbook as typed rows: what each sheet says, and what is wrong with a row that says it badly.

use rust_decimal::Decimal;
use thiserror::Error;

use crate::calendar::{Clock, Day, Month};
use crate::domain::{
    AbsenceKind, Avstar, Barnomsorg, Betalning, ClaimKind, Maltid, Personnummer, Provenance, Roll, Slag, Utfall,
};
use crate::ledger::BatchName;
use crate::money::Ore;

/// Why a whole file could not be read, in Swedish; it goes to `rejected/` and nothing of it is used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{wrong}")]
pub struct Unreadable {
    /// What is wrong.
    pub wrong: String,
    /// What to do about it.
    pub instead: String,
    /// It may work later (the child ran out of time or memory on a loaded machine); otherwise the file itself is bad.
    pub temporary: bool,
}

/// A workbook that has been read.
pub trait Workbook {
    /// Its sheets in their order. Sheets that hold nothing we know are here too, with their `problem`.
    fn sheets(&self) -> &[Sheet];

    /// The rows below a sheet's header, in order, read from disk as they are asked for.
    ///
    /// # Errors
    /// The spooled rows could not be read back.
    fn rows(&self, sheet: usize) -> Result<Box<dyn Iterator<Item = Result<Row, Unreadable>> + '_>, Unreadable>;

    /// Shows the rows of a list of attendance, in order, as far as they tell of meetings: after a row of which `look` says that
    /// its meeting gains nothing by the same words again, rows that say the same of theirs may be left out.
    ///
    /// # Errors
    /// The spooled rows could not be read back.
    fn tell_meetings(&self, sheet: usize, look: &mut dyn FnMut(&Row) -> bool) -> Result<(), Unreadable> {
        for row in self.rows(sheet)? {
            look(&row?);
        }
        Ok(())
    }
}

/// Which of the sheets in the list of forms it is, by its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SheetKind {
    /// Personer. Declared in the order in which sheets must be taken in.
    Personer,
    /// Uppdrag.
    Uppdrag,
    /// Inkomstuppgifter.
    Inkomstuppgifter,
    /// Frånvaro.
    Franvaro,
    /// Diariepersoner.
    Diariepersoner,
    /// Närvaro, list or matrix form.
    Narvaro,
    /// Paragrafer: after the meetings that it names.
    Paragrafer,
    /// Yrkanden.
    Yrkanden,
    /// Jour.
    Jour,
    /// Beslut: after the meetings that they name.
    Beslut,
    /// Avstående.
    Avstaende,
    /// Utbetalt: after the meetings that it names.
    Utbetalt,
    /// Anmärkningar, answered: after all else that may mend them.
    Anmarkningar,
}

/// What is known of a sheet before its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The name on its tab.
    pub name: String,
    /// What it is; none where its headers say nothing we know, or it is hidden or empty.
    pub kind: Option<SheetKind>,
    /// Why the sheet cannot be used (unknown headers, a missing column): its rows are not read.
    pub problem: Option<Problem>,
    /// How a text file was read: encoding, separator, decimal sign.
    pub read_as: Option<String>,
    /// Hidden sheets are skipped and named.
    pub hidden: bool,
    /// The guide or the lists of a form that the program wrote: nothing to take in, and nothing to tell of.
    pub is_guide: bool,
    /// Rows were held before and are mended here: each may say its [`origin`].
    pub comes_back: bool,
    /// Rows with content below the header.
    pub row_count: u32,
    /// "Hela listan: ja" above the header: the file replaces the list of each meeting in it.
    pub whole_list: bool,
    /// "Inkom" above the header.
    pub inkom: Option<Day>,
    /// Our name of each column that the sheet has, and its letters (`C`).
    pub columns: Vec<(&'static str, String)>,
    /// Headers that no synonym knows; their cells are not used.
    pub unknown_columns: Vec<String>,
    /// What else is worth knowing of how the sheet was read, in Swedish.
    pub notes: Vec<String>,
}

impl Sheet {
    /// The address of a row's cell under a column of ours, if the sheet has that column.
    pub fn address(&self, column: &str, row: u32) -> Option<String> {
        let found = self.columns.iter().find(|(name, _)| *name == column);
        found.map(|(_, letters)| format!("{letters}{row}"))
    }
}

/// One row below the header.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its number as Excel shows it.
    pub row: u32,
    /// Its cell, where each cell of a row is one of these (Närvaro, matrix form).
    pub cell: Option<String>,
    /// What it says, as far as it could be read.
    pub content: RowContent,
    /// What is wrong; a row with any problem is held.
    pub problems: Vec<Problem>,
    /// The [`origin`] that stands on it: it is a row that was held before, and is mended here.
    pub origin: Option<Box<str>>,
}

/// A row that was held, with all that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRow {
    /// The sheet's name.
    pub sheet: String,
    /// The row's number as Excel shows it.
    pub row: u32,
    /// What is wrong, each with the cell's address in that sheet.
    pub problems: Vec<Problem>,
}

/// Where a held row came from, as the workbook in which it is mended says it: files of one name are told apart by their
/// content.
pub fn origin(place: &Provenance) -> String {
    let content: String = place.sha256.chars().take(ORIGIN_LETTERS).collect();
    format!("{} [{content}]", origin_place(place))
}

/// The same of any content.
pub fn origin_place(place: &Provenance) -> String {
    format!("{}, {}, rad {}", place.file, place.sheet, place.row)
}

/// Letters of a file's sha256 that tell it from another of its name.
const ORIGIN_LETTERS: usize = 8;

/// What is wrong in a cell or row, in Swedish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The cell's address (`C14`), or the row's or sheet's name.
    pub cell: String,
    /// What is wrong.
    pub wrong: String,
    /// What to write instead.
    pub instead: String,
}

/// A cell under a header: a missing column keeps what is known, a blank cell clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Given<T> {
    /// The sheet has no such column.
    #[default]
    Absent,
    /// The column is there, the cell is blank.
    Blank,
    /// The cell's value.
    Is(T),
}

impl<T> Given<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Given::Is(value) => Some(value),
            Given::Absent | Given::Blank => None,
        }
    }

    /// The value after this cell is laid over what was known.
    pub fn over(self, known: Option<T>) -> Option<T> {
        match self {
            Given::Is(value) => Some(value),
            Given::Blank => None,
            Given::Absent => known,
        }
    }

    /// A reference to the value.
    pub fn as_ref(&self) -> Option<&T> {
        match self {
            Given::Is(value) => Some(value),
            Given::Absent | Given::Blank => None,
        }
    }
}

/// The content of a row, by kind of sheet.
#[derive(Clone, Debug, PartialEq)]
pub enum RowContent {
    /// Not a row of data; the name of the rule that says so (`tom rad`, `summarad`, `upprepad rubrik`).
    Ignored(&'static str),
    /// Personer.
    Person(Box<PersonRow>),
    /// Uppdrag.
    Uppdrag(Box<UppdragRow>),
    /// Inkomstuppgifter.
    Income(Box<IncomeRow>),
    /// Frånvaro.
    Absence(Box<AbsenceRow>),
    /// Diariepersoner.
    SourcePerson(Box<SourcePersonRow>),
    /// Närvaro.
    Narvaro(Box<NarvaroRow>),
    /// Paragrafer.
    Paragraf(Box<ParagrafRow>),
    /// Yrkanden.
    Claim(Box<ClaimRow>),
    /// Jour.
    Jour(Box<JourRow>),
    /// Beslut.
    Beslut(Box<BeslutRow>),
    /// Avstående.
    Avstaende(Box<AvstaendeRow>),
    /// Utbetalt.
    Utbetalt(Box<UtbetaltRow>),
    /// Anmärkningar.
    Answer(Box<AnswerRow>),
}

/// Whom a row is about: number first, else name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PersonRef {
    /// Personnummer, if the row has one.
    pub personnummer: Option<Personnummer>,
    /// Name as written.
    pub namn: Option<String>,
}

/// Which meeting a row is about: mötes-id first, else organ and day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MeetingRef {
    /// Mötes-id or dnr.
    pub external: Option<String>,
    /// Organ as written.
    pub organ: Option<String>,
    /// The meeting's day.
    pub day: Option<Day>,
}

/// Clock times from and to, in order.
pub type SpanList = Vec<(Clock, Clock)>;

/// A row of Personer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonRow {
    pub personnummer: Option<Personnummer>,
    pub efternamn: Given<String>,
    pub fornamn: Given<String>,
    pub anstid: Given<String>,
    /// An organ in a column of its own: the anstid is only for that organ.
    pub organ: Given<String>,
    pub epost: Given<String>,
    /// Kilometres one way.
    pub avstand_km: Given<Decimal>,
    /// The place that the distance is to.
    pub plats: Given<String>,
    pub tjanstestalle_hemmet: Given<bool>,
    pub kl_4_13: Given<bool>,
    pub brukar_yrka: Given<String>,
    pub skyddad: Given<bool>,
    pub genomgang: Given<Day>,
    pub from: Given<Day>,
    pub to: Given<Day>,
}

/// A row of Uppdrag.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UppdragRow {
    pub person: PersonRef,
    pub organ: Option<String>,
    pub roll: Given<String>,
    pub from: Option<Day>,
    pub to: Given<Day>,
    /// Per cent, as written in the sheet; the bilaga decides.
    pub grad: Given<Decimal>,
    pub nyckel: Given<String>,
    pub platser: Given<u32>,
    pub beslut: Given<String>,
}

/// A row of Inkomstuppgifter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncomeRow {
    pub person: PersonRef,
    pub from: Given<Day>,
    pub to: Given<Day>,
    /// `anställd`, `egen företagare` or `sjukpenning`.
    pub slag: Given<String>,
    pub timlon: Given<Ore>,
    pub manadslon: Given<Ore>,
    pub dagavdrag: Given<Ore>,
    pub sgi: Given<Ore>,
    /// Per cent.
    pub semester_percent: Given<Decimal>,
    /// Per cent.
    pub pension_percent: Given<Decimal>,
    pub intyg: Given<String>,
}

/// A row of Frånvaro.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AbsenceRow {
    pub person: PersonRef,
    pub from: Option<Day>,
    pub to: Given<Day>,
    pub slag: Option<AbsenceKind>,
    /// Per cent.
    pub omfattning: Given<Decimal>,
}

/// A row of Diariepersoner: who a person of a diarium is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourcePersonRow {
    /// The source's name in the settings.
    pub source: Option<String>,
    /// The source's own id of the person.
    pub id: Option<String>,
    /// Who it is.
    pub person: PersonRef,
    /// It is that person, or (`false`) nobody of ours; blank while nobody has looked.
    pub confirmed: Given<bool>,
}

/// A row of Närvaro in list form, or a cell of its matrix form.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct NarvaroRow {
    pub meeting: MeetingRef,
    pub person: PersonRef,
    pub slag: Given<Slag>,
    pub plats: Given<String>,
    pub utom_kommunen: Given<bool>,
    pub kallat_av: Given<String>,
    pub utskottets_beslut: Given<String>,
    /// Start and Slut, or intervals written in Start.
    pub hours: Given<SpanList>,
    /// Ajourneringar.
    pub breaks: Given<SpanList>,
    pub roll: Given<Roll>,
    pub tjanstgorande: Given<bool>,
    /// Närvarande från and till, or intervals written in från.
    pub own: Given<Vec<(Option<Clock>, Option<Clock>)>>,
    pub paragrafer: Given<String>,
    pub jav: Given<String>,
    pub ersatter: Given<String>,
    pub distans: Given<bool>,
    pub justerare: Given<bool>,
    pub narvaroratt: Given<String>,
    pub loneavdrag: Given<bool>,
    pub forlorad: Given<Ore>,
    /// Return distance in kilometres (a column in mil is converted).
    pub km: Given<Decimal>,
    /// The day that the meeting was moved from.
    pub moved_from: Option<Day>,
    /// The cell of a matrix says that the person was not there.
    pub absent: bool,
}

/// A row of Paragrafer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParagrafRow {
    pub meeting: MeetingRef,
    /// Its number in the minutes.
    pub paragraf: Option<u32>,
    pub start: Option<Clock>,
    pub slut: Option<Clock>,
}

/// A row of Yrkanden.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClaimRow {
    pub meeting: MeetingRef,
    pub person: PersonRef,
    pub inkom: Given<Day>,
    /// `None` where `takes_back_all`.
    pub slag: Option<ClaimKind>,
    /// Slag `återtagen` alone: all of the person's claims for the meeting.
    pub takes_back_all: bool,
    pub tid: Given<(Clock, Clock)>,
    pub timmar: Given<Decimal>,
    pub restid_minutes: Given<i64>,
    pub forberedelse_minutes: Given<i64>,
    pub ledighet_minutes: Given<i64>,
    pub belopp: Given<Ore>,
    /// Return distance in kilometres (a column in mil is converted).
    pub km: Given<Decimal>,
    pub resa_from: Given<String>,
    pub resa_to: Given<String>,
    pub avresa: Given<Moment>,
    pub hemkomst: Given<Moment>,
    /// Meals that somebody else paid for, sorted.
    pub maltider: Given<Vec<Maltid>>,
    pub egen_logi_nights: Given<i64>,
    /// The child's year of birth.
    pub barn_fott: Given<i32>,
    pub narstaende: Given<bool>,
    pub barnomsorg: Given<Barnomsorg>,
    pub pensionstillfalle: Given<Day>,
    pub underlag: Given<String>,
    pub styrkt: Given<bool>,
    pub beslut: Given<String>,
    pub atertagen: Given<bool>,
    pub motivering: Given<String>,
}

/// When a journey began or ended: the meeting's day where the cell names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Its day, if the cell says one.
    pub day: Option<Day>,
    /// Its clock time.
    pub clock: Clock,
}

/// A row of Jour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JourRow {
    pub person: PersonRef,
    pub from: Option<Day>,
    /// None: the first day only.
    pub to: Option<Day>,
    /// An organ, and maybe a role in it, as written.
    pub organ: Option<String>,
    /// Aktiv från and till, or intervals written in från.
    pub active: Given<SpanList>,
}

/// A row of Beslut.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BeslutRow {
    pub diarienummer: Option<String>,
    pub day: Option<Day>,
    pub organ: Given<String>,
    /// Gäller as written, by which a later file's row is known again.
    pub about_text: Option<String>,
    pub about: Vec<BeslutPart>,
    pub utfall: Option<Utfall>,
    pub innebord: Option<String>,
    pub from: Given<Day>,
    pub to: Given<Day>,
}

/// A row of Anmärkningar: what a person answers to a remark.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerRow {
    /// The remark's id.
    pub id: Option<String>,
    /// None where nothing is decided yet.
    pub answer: Option<Answer>,
    pub diarienummer: Option<String>,
    pub day: Option<Day>,
    pub motivering: Option<String>,
}

/// What a person answers to a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A decision, in its own words.
    Decided(Utfall, String),
    /// The row is done with.
    Closed,
}

/// One of the things that a decision is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BeslutPart {
    /// `§ 15` or `§ 2 c`.
    Paragraph(String),
    /// A person by number.
    Number(Personnummer),
    /// A kind of yrkande.
    Slag(ClaimKind),
    /// `KS 2026-03-04`, which may be a mötes-id too: as written, and its organ and day.
    Dated(String, String, Day),
    /// A person's name, a mötes-id or a dnr.
    Named(String),
}

/// A row of Avstående.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AvstaendeRow {
    pub person: PersonRef,
    /// Each thing that the row names.
    pub what: Vec<Avstar>,
    pub from: Option<Day>,
    pub to: Given<Day>,
    pub handling: Option<String>,
}

/// A row of Utbetalt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UtbetaltRow {
    pub payout: Option<Month>,
    /// Under which number payroll knows the person: goes before `person`.
    pub anstid: Option<String>,
    pub person: PersonRef,
    pub lonart: Option<String>,
    pub day: Option<Day>,
    pub meeting: Option<MeetingName>,
    pub antal: Option<Decimal>,
    /// Kronor per unit.
    pub apris: Option<Decimal>,
    /// As written, else `antal x apris`.
    pub belopp: Option<Ore>,
    pub status: Option<Betalning>,
    pub orsak: Option<String>,
    /// The batch and the `postid` in it that the row speaks of.
    pub row: Option<(BatchName, u32)>,
}

/// A meeting in one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeetingName {
    /// As written: a mötes-id or dnr.
    pub text: String,
    /// `KS 2026-03-04`, which may be a mötes-id too: its organ and day.
    pub dated: Option<(String, Day)>,
}
