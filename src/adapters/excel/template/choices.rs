//! What may be chosen or written in a column: drop-downs, days within bounds, clock times, amounts.

use chrono::Datelike;
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, ExcelDateTime, Formula, Worksheet, XlsxError,
};

use crate::adapters::excel::columns::{Column, Field, Format};
use crate::adapters::excel::rows::column_letters;
use crate::domain::{Avstar, ClaimKind, Slag};
use crate::ports::{Lists, SheetKind};

/// The hidden sheet of a fill-in workbook with the lists to choose from. By it the workbook is known as one.
pub const LISTS: &str = "arvode-listor";
/// The same in a workbook that asks for lists: its rows name meetings, and not that anybody came.
pub const ASKED: &str = "arvode-saknas";
/// The same in a workbook of rows that are to be mended, which are no fill-in rows.
pub const CHOICES: &str = "arvode-val";

/// Days before this are slips of the pen.
const FIRST_YEAR: u16 = 1990;

/// The lists of a workbook, each in a column of a hidden sheet.
pub struct Choices<'l> {
    sheet: &'static str,
    lists: &'l Lists,
}

impl<'l> Choices<'l> {
    /// Lists that will stand on a hidden sheet of this name.
    pub fn new(sheet: &'static str, lists: &'l Lists) -> Choices<'l> {
        Choices { sheet, lists }
    }

    /// Writes the hidden sheet: numbers, names, organ, nycklar, and whose ordförande jour may be for.
    pub fn write(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_name(self.sheet)?;
        sheet.set_very_hidden(true);
        let numbers = self.lists.persons.iter().map(|person| person.personnummer.as_str());
        let names = self.lists.persons.iter().map(|person| person.namn.as_str());
        let organ = self.lists.organ.iter().map(String::as_str);
        let ordforande: Vec<String> = self.lists.organ.iter().map(|organ| format!("{organ} ordförande")).collect();
        sheet.write_column(0, 0, numbers)?;
        sheet.write_column(0, 1, names)?;
        sheet.write_column(0, 2, organ)?;
        sheet.write_column(0, 3, self.lists.nycklar.iter().map(String::as_str))?;
        sheet.write_column(0, 4, ordforande)?;
        Ok(())
    }

    /// Where a number's name is looked up.
    pub fn names(&self) -> Option<String> {
        let last = self.lists.persons.len();
        (last > 0).then(|| format!("'{}'!$A$1:$B${last}", self.sheet))
    }

    /// What a column takes; none where anything may stand. `cell` is the first that it holds for.
    pub fn of(&self, kind: SheetKind, column: &Column, cell: &str) -> Result<Option<DataValidation>, XlsxError> {
        let (field, lists) = (column.field, self.lists);
        let found = match field {
            Field::Personnummer if kind != SheetKind::Personer => {
                let other = "Numret står inte i listan. Kontrollera det; är det rätt (en ny person, eller en med skyddade personuppgifter) välj Ja.";
                self.listed(0, lists.persons.len(), DataValidationErrorStyle::Warning, other)?
            }
            Field::Organ => {
                // Its short name, or a word of the kommun's own, is right too.
                let other = "Organet står inte så i listan. Är det förkortningen eller ett annat känt namn: välj Ja. Ett nytt organ läggs till i config/regelverk/organ.toml.";
                let style = DataValidationErrorStyle::Warning;
                self.listed(2, lists.organ.len(), style, other)?
            }
            Field::Nyckel => {
                let other = "Välj en nyckel ur bilagan, eller lämna cellen tom för ledamot och ersättare.";
                self.listed(3, lists.nycklar.len(), DataValidationErrorStyle::Stop, other)?
            }
            Field::For => {
                let other = "Börja med ett organ, som Kommunstyrelsen ordförande.";
                self.listed(4, lists.organ.len(), DataValidationErrorStyle::Warning, other)?
            }
            _ if is_yes_or_no(field) => Some(yes_or_no()?),
            _ => match words(kind, field) {
                Some((words, is_closed)) => Some(one_of(&words, is_closed)?),
                None => self.by_format(kind, column, cell)?,
            },
        };
        Ok(found.map(|validation| validation.ignore_blank(true)))
    }

    fn listed(
        &self,
        column: u32,
        count: usize,
        style: DataValidationErrorStyle,
        other: &str,
    ) -> Result<Option<DataValidation>, XlsxError> {
        if count == 0 {
            return Ok(None);
        }
        let letter = column_letters(column);
        let list = Formula::new(format!("'{}'!${letter}$1:${letter}${count}", self.sheet));
        Ok(Some(DataValidation::new().allow_list_formula(list).set_error_style(style).set_error_message(other)?))
    }

    fn by_format(&self, kind: SheetKind, column: &Column, cell: &str) -> Result<Option<DataValidation>, XlsxError> {
        Ok(match column.format {
            Format::Day => Some(self.day()?),
            // An offset or a correction is negative.
            Format::Number if kind == SheetKind::Utbetalt && column.field != Field::Apris => None,
            Format::Number if may_be_words(column.field) => None,
            Format::Number => Some(
                DataValidation::new()
                    .allow_decimal_number(DataValidationRule::GreaterThanOrEqualTo(0.0))
                    .set_error_message("Skriv ett tal, som 12,5.")?,
            ),
            Format::Clock => clock(column.field, cell)?,
            Format::Text => None,
        })
    }

    fn day(&self) -> Result<DataValidation, XlsxError> {
        let this_year = self.lists.today.and_then(|today| u16::try_from(today.year()).ok()).unwrap_or(2100);
        let bounds = DataValidationRule::Between(
            ExcelDateTime::from_ymd(FIRST_YEAR, 1, 1)?,
            ExcelDateTime::from_ymd(this_year.saturating_add(5), 12, 31)?,
        );
        let message = format!("Skriv en dag som 2026-10-14, från {FIRST_YEAR} till {}.", this_year.saturating_add(5));
        DataValidation::new()
            .allow_date(bounds)
            .set_error_style(DataValidationErrorStyle::Warning)
            .set_error_message(message)
    }
}

/// Amounts in kronor.
pub fn is_kronor(field: Field) -> bool {
    matches!(
        field,
        Field::Belopp
            | Field::Forlorad
            | Field::Apris
            | Field::Timlon
            | Field::Manadslon
            | Field::Dagavdrag
            | Field::Sgi
    )
}

/// `ja` or `nej`.
pub fn yes_or_no() -> Result<DataValidation, XlsxError> {
    one_of(&["ja", "nej"], true)
}

fn is_yes_or_no(field: Field) -> bool {
    matches!(
        field,
        Field::UtomKommunen
            | Field::Tjanstgorande
            | Field::Distans
            | Field::Justerare
            | Field::Loneavdrag
            | Field::VardgivareNarstaende
            | Field::Styrkt
            | Field::Atertagen
            | Field::TjanstestalleHemmet
            | Field::Kl413
            | Field::Skyddad
    )
}

/// Hours are written as 3,5 or 3:30, and so may minutes be.
fn may_be_words(field: Field) -> bool {
    matches!(field, Field::Timmar | Field::Restid | Field::Forberedelse | Field::Ledighet)
}

/// The words of a column, and whether there are no others.
fn words(kind: SheetKind, field: Field) -> Option<(Vec<&'static str>, bool)> {
    let claims = || ClaimKind::all().map(ClaimKind::word);
    Some(match (kind, field) {
        (SheetKind::Narvaro, Field::Slag) => (Slag::words().collect(), false),
        (SheetKind::Narvaro, Field::Roll) => (vec!["ledamot", "ersättare"], false),
        (SheetKind::Uppdrag, Field::Roll) => {
            (vec!["ordförande", "1:e vice ordförande", "2:e vice ordförande", "ledamot", "ersättare"], false)
        }
        (SheetKind::Yrkanden, Field::Slag) => (claims().chain(["återtagen"]).collect(), true),
        (SheetKind::Inkomstuppgifter, Field::Slag) => (vec!["anställd", "egen företagare", "sjukpenning"], true),
        (SheetKind::Franvaro, Field::Slag) => (vec!["hindrad", "ledighet motsvarande semester", "annan"], true),
        // Several may be named, with commas.
        (SheetKind::Avstaende, Field::Avstar) => {
            let arvoden = [Avstar::Allt, Avstar::Arsarvode, Avstar::FastArvode, Avstar::Sammantradesarvode];
            (arvoden.map(Avstar::word).into_iter().chain(claims()).collect(), false)
        }
        (SheetKind::Utbetalt, Field::Status) => {
            (vec!["utbetald", "avvisad", "utbetald på annat sätt", "ingående"], true)
        }
        _ => return None,
    })
}

fn one_of(words: &[&str], is_closed: bool) -> Result<DataValidation, XlsxError> {
    let list = DataValidation::new().allow_list_strings(words)?;
    if is_closed {
        let message: String = format!("Välj {}.", words.join(", ")).chars().take(255).collect();
        return list.set_error_message(message);
    }
    list.set_error_style(DataValidationErrorStyle::Information)
        .set_error_message("Ordet står inte i listan. Det kan ändå vara rätt; kontrollera det.")
}

/// A clock time first: `13.00`, `13:00`, `13.00-16.30`. The column is text, so that what is written stays.
fn clock(field: Field, cell: &str) -> Result<Option<DataValidation>, XlsxError> {
    // A journey may begin on another day.
    if matches!(field, Field::Avresa | Field::Hemkomst) {
        return Ok(None);
    }
    let first = format!("LEFT({cell},IFERROR(FIND(\"-\",{cell})-1,9))");
    let formula = format!("ISNUMBER(TIMEVALUE(SUBSTITUTE({first},\".\",\":\")))");
    let message = "Skriv klockslag som 13.00, eller från och till som 13.00-16.30.";
    let validation = DataValidation::new().allow_custom(Formula::new(formula));
    validation.set_error_style(DataValidationErrorStyle::Warning).set_error_message(message).map(Some)
}
