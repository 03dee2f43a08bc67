//! The sheet that tells how to fill in the other: steps, then each column with what to write, its paragraph and an example.

use rust_xlsxwriter::{Format as CellFormat, FormatAlign, FormatBorder, Worksheet, XlsxError};

use crate::adapters::excel::columns::{Column, Field, Form};
use crate::adapters::excel::remark_book::GUIDE;
use crate::ports::SheetKind;

/// Whether a row cannot do without the column, or without one that may stand in its place.
pub(super) fn is_needed(form: &Form, field: Field) -> bool {
    // A meeting is told by organ and day, or by its id alone.
    field != Field::Mote && form.needs.iter().any(|group| group.contains(&field))
}

/// What a form is like apart from its kind.
#[derive(Clone, Copy)]
pub(super) struct Traits {
    /// Names follow from numbers.
    pub has_names: bool,
    /// It asks for the lists of meetings that stand in it.
    pub is_asked: bool,
}

/// `columns` as they stand on the other sheet.
pub(super) fn write(
    sheet: &mut Worksheet,
    form: &Form,
    columns: &[&Column],
    Traits { has_names, is_asked }: Traits,
) -> Result<(), XlsxError> {
    let (wrap, bold) = (CellFormat::new().set_text_wrap().set_align(FormatAlign::Top), CellFormat::new().set_bold());
    sheet.set_name(GUIDE)?;
    for (width, at) in [28, 32, 84, 24, 34].into_iter().zip(0_u16..) {
        sheet.set_column_width(at, width)?;
    }
    sheet.write_with_format(0, 0, format!("{}: så fyller du i", form.name), &bold.clone().set_font_size(14))?;
    let mut row = 1;
    for step in steps(form.kind, is_asked) {
        sheet.merge_range(row, 0, row, 4, &step, &wrap)?;
        sheet.set_row_height(row, height(&step, 190))?;
        row += 1;
    }
    row += 1;
    let head = bold.set_background_color(0x00F2_F2F2).set_border_bottom(FormatBorder::Thin);
    sheet.write_row_with_format(
        row,
        0,
        ["Så heter kolumnen", "Behövs", "Det här står i den", "Bestämmelse", "Till exempel"],
        &head,
    )?;
    let header = row;
    for column in columns {
        row += 1;
        let is_formula = has_names && column.field == Field::Namn;
        let needed = if is_formula { "fylls i av en formel" } else { needed(form, column) };
        let guidance = if is_formula { "Följer av personnumret, när det står i listan." } else { column.guidance };
        sheet.set_row_height(row, height(guidance, 90))?;
        let texts =
            [column.name, needed, guidance, paragraph(form.kind, column.field), example(form.kind, column.field)];
        for (text, at) in texts.into_iter().zip(0_u16..) {
            sheet.write_string_with_format(row, at, text, &wrap)?;
        }
    }
    sheet.set_landscape().set_paper_size(super::A4).set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(header, header)?;
    sheet.set_footer("&L&A&CSida &P av &N");
    Ok(())
}

/// Points for a text where so many letters stand on each line.
fn height(text: &str, letters: usize) -> u16 {
    let lines = u16::try_from(text.chars().count().div_ceil(letters)).unwrap_or(4);
    15 * lines.max(1)
}

fn steps(kind: SheetKind, is_asked: bool) -> Vec<String> {
    let mut steps = vec![
        "1. Fyll i en rad för varje uppgift. Gula rubriker behövs på varje rad, de andra bara när det finns något att säga. \
         Peka på en rubrik för att se vad kolumnen är till för.".to_owned(),
        "2. Celler med pil har en lista att välja ur. Frågar Excel om ett värde som inte står i listan: kontrollera det, och välj Ja om det är rätt.".to_owned(),
        "3. Spara som .xlsx och kör: arvode import FIL.xlsx. En rad som inte kan tas in kommer tillbaka med vad som är fel och hur den rättas; de andra raderna tas in ändå.".to_owned(),
        "4. Samma fil en gång till ändrar ingenting. Rätta en uppgift genom att ändra den och läsa in filen igen.".to_owned(),
    ];
    let own: &[&str] = if is_asked { ASKED } else { of_kind(kind) };
    steps.extend(own.iter().map(|step| (*step).to_owned()));
    if kind != SheetKind::Personer {
        steps.push(
            "Personer med skyddade personuppgifter står aldrig i listorna eller bland de ifyllda raderna. Skriv deras personnummer för hand, och lämna namnet tomt.".to_owned(),
        );
    }
    steps.push(
        "Bladet är skyddat utan lösenord, så att formlerna inte skrivs över. Skyddet tas bort under Granska i Excel."
            .to_owned(),
    );
    steps
}

/// A form that asks for the lists of some meetings.
const ASKED: &[&str] = &[
    "5. Varje möte som saknar närvaro har en rad för var och en som satt i organet den dagen. Skriv ja under Tjänstgörande på raderna för dem som var med och tjänstgjorde, nej för en ersättare som var med utan att tjänstgöra, och tiderna där de saknas. En rad som ingen har skrivit något under Tjänstgörande på läses inte in.",
    "6. Hela listan: nej (cell B1) låter de möten vänta som ingen har fyllt i ännu.",
];

fn of_kind(kind: SheetKind) -> &'static [&'static str] {
    match kind {
        SheetKind::Narvaro => &[
            "5. Organets ledamöter och ersättare står redan på var sin rad. Skriv Datum, Start och Slut på raderna för dem som var med; en rad där bara organ, person och roll står läses inte in.",
            "6. Hela listan: nej (cell B1) lägger till och rättar. Skriv ja bara när bladet har alla som var med på mötet: den som inte står här tas då bort från mötet.",
        ],
        SheetKind::Personer => &[
            "5. En tom cell tar bort det som är känt om personen i den kolumnen. Ta bort de kolumner som du inte vill ändra: en kolumn som saknas ändrar ingenting.",
        ],
        SheetKind::Uppdrag => &[
            "5. Ett uppdrag slutar bara när Till är ifyllt. Lämna Arvodesnyckel tom för ledamot och ersättare utan årsarvode.",
        ],
        SheetKind::Diariepersoner => &[
            "5. En rad för varje person som diariet nämner och som ingen har bekräftat. Kontrollera att numret och namnet är personens, och skriv ja under Bekräftas; skriv nej om det inte är någon i registret. Tomma rader väntar.",
            "6. Diariets namn räcker aldrig: två kan heta lika. Det som har bekräftats gäller tills någon skriver något annat.",
        ],
        SheetKind::Franvaro => &["5. Skriv aldrig skäl som rör hälsa: hindrad räcker."],
        SheetKind::Yrkanden => &[
            "5. Ett yrkande hör till ett möte: skriv Datum och Organ, eller mötets id. Har tiden flera delar skrivs en rad för var del.",
        ],
        SheetKind::Utbetalt => {
            &["5. En rättelse har negativt belopp. Belopp får vara tomt om Antal och A-pris är ifyllda."]
        }
        _ => &[],
    }
}

fn needed(form: &Form, column: &Column) -> &'static str {
    let group = form.needs.iter().find(|group| group.contains(&column.field));
    match (column.field, group) {
        (_, None) => "",
        (Field::Mote, _) => "i stället för Datum och Organ",
        (Field::Datum | Field::Organ, Some([Field::Mote, _])) | (_, Some([_])) => "ja",
        (Field::Namn, _) => "om nummer saknas",
        _ => "ja, eller namn",
    }
}

/// The paragraph of the bestämmelser that a column is for.
fn paragraph(kind: SheetKind, field: Field) -> &'static str {
    match (kind, field) {
        (SheetKind::Narvaro, Field::Slag) => "§ 2 a–k, § 8",
        (_, Field::KallatAv) => "§ 2 k",
        (_, Field::UtskottetsBeslut) => "§ 2 c",
        (_, Field::Narvaroratt) => "§ 2",
        (SheetKind::Narvaro, Field::Start | Field::Slut | Field::Ajournering | Field::OwnFrom | Field::OwnTo) => "§ 9",
        (_, Field::Tjanstgorande | Field::Ersatter | Field::Justerare) => "§§ 2 och 9",
        (_, Field::UtomKommunen) => "§§ 8 och 11",
        (_, Field::Loneavdrag) => "bilagan",
        (
            _,
            Field::Forlorad
            | Field::Timlon
            | Field::Manadslon
            | Field::Dagavdrag
            | Field::Sgi
            | Field::TidFrom
            | Field::TidTo
            | Field::Timmar,
        ) => "§ 3",
        (_, Field::PensionProcent | Field::Pensionstillfalle) => "§ 4",
        (_, Field::SemesterProcent) => "§ 5",
        (_, Field::Restid | Field::Forberedelse | Field::Ledighet) => "§ 6",
        (SheetKind::Franvaro, Field::Slag | Field::Omfattning) => "§ 7",
        (_, Field::Nyckel | Field::Grad) => "§§ 7 och 8, bilagan",
        (_, Field::Platser) => "§ 8",
        (
            _,
            Field::Km
            | Field::Avstand
            | Field::TjanstestalleHemmet
            | Field::ResaFrom
            | Field::ResaTo
            | Field::Avresa
            | Field::Hemkomst
            | Field::Maltider
            | Field::EgenLogi,
        ) => "§ 11",
        (_, Field::BarnFott | Field::Barnomsorg) => "§ 12",
        (_, Field::VardgivareNarstaende) => "§ 13",
        (_, Field::Kl413) => "§ 14, KL 4 kap. 13 §",
        (_, Field::Motivering) => "§§ 6, 12 och 15",
        (_, Field::Inkom | Field::Underlag | Field::Styrkt | Field::Intyg) => "§ 16",
        (SheetKind::Beslut, Field::Galler | Field::Innebord) => "§§ 2, 15, 16 och 17",
        (_, Field::Genomgang) => "§ 19",
        (SheetKind::Jour, Field::For | Field::AktivFrom | Field::AktivTo) => "bilagan, jour",
        _ => "",
    }
}

/// What may stand in a column.
fn example(kind: SheetKind, field: Field) -> &'static str {
    match (kind, field) {
        (SheetKind::Utbetalt, Field::Datum) => "2026-09-09",
        (_, Field::Datum | Field::Inkom | Field::FlyttatFrom | Field::Genomgang) => "2026-10-14",
        (_, Field::From) => "2026-01-01",
        (_, Field::To) => "2026-12-31",
        (_, Field::Organ) => "Kommunstyrelsen",
        (_, Field::Mote) => "KS 2026/14",
        (_, Field::Personnummer) => "19800101-9804",
        (_, Field::Namn) => "Anna Öberg",
        (_, Field::Efternamn) => "Öberg",
        (_, Field::Fornamn) => "Anna",
        (_, Field::Anstid) => "1001",
        (_, Field::Epost) => "anna.oberg@kommun.example",
        (SheetKind::Narvaro, Field::Slag) => "sammanträde",
        (SheetKind::Yrkanden, Field::Slag) => "förlorad arbetsinkomst",
        (SheetKind::Inkomstuppgifter, Field::Slag) => "anställd",
        (SheetKind::Franvaro, Field::Slag) => "hindrad",
        (SheetKind::Uppdrag, Field::Roll) => "ordförande",
        (_, Field::Roll) => "ledamot",
        (_, Field::Plats | Field::ResaTo) => "kommunhuset",
        (_, Field::ResaFrom) => "hemmet",
        (
            _,
            Field::UtomKommunen
            | Field::Distans
            | Field::Loneavdrag
            | Field::Skyddad
            | Field::Kl413
            | Field::TjanstestalleHemmet
            | Field::VardgivareNarstaende
            | Field::Atertagen,
        ) => "nej",
        (_, Field::Tjanstgorande | Field::Justerare | Field::Styrkt) => "ja",
        (_, Field::KallatAv) => "KS ordförande",
        (_, Field::UtskottetsBeslut | Field::Beslut | Field::Narvaroratt | Field::Diarienummer) => "KS 2026/88",
        (_, Field::Underlag | Field::Intyg | Field::Handling) => "KS 2026/91",
        (_, Field::Start | Field::TidFrom) => "13.00",
        (_, Field::Slut | Field::TidTo) => "16.30",
        (_, Field::Ajournering) => "14.10-14.25",
        (_, Field::OwnFrom) => "13.30",
        (_, Field::OwnTo) => "15.30",
        (_, Field::Paragrafer) => "§§ 45-52, 55",
        (_, Field::Jav) => "§ 47",
        (_, Field::Ersatter) => "Sven Exempelsson",
        (_, Field::Forlorad | Field::Belopp) => "1 250,00",
        (_, Field::Km) => "24",
        (_, Field::Timmar) => "3,5",
        (_, Field::Restid | Field::Forberedelse | Field::Ledighet) => "30",
        (_, Field::Avresa) => "7.30",
        (_, Field::Hemkomst) => "18.10",
        (_, Field::Maltider) => "lunch",
        (_, Field::EgenLogi | Field::Platser | Field::Antal) => "1",
        (_, Field::BarnFott) => "2016",
        (_, Field::Barnomsorg) => "08.00-15.30",
        (_, Field::Pensionstillfalle) => "2026-10",
        (_, Field::Motivering) => "nattarbete dagen före",
        (_, Field::Avstand) => "12",
        (_, Field::BrukarYrka) => "förlorad arbetsinkomst",
        (_, Field::Timlon) => "285,00",
        (_, Field::Manadslon) => "41 500,00",
        (_, Field::Dagavdrag) => "1 909,00",
        (_, Field::Sgi) => "498 000,00",
        (_, Field::SemesterProcent) => "12",
        (_, Field::PensionProcent) => "4,5",
        (_, Field::Grad) => "40",
        (_, Field::Nyckel) => "gruppledare",
        (_, Field::Omfattning) => "100",
        (_, Field::For) => "Kommunstyrelsen ordförande",
        (_, Field::AktivFrom) => "18.00",
        (_, Field::AktivTo) => "19.30",
        (_, Field::Galler) => "§ 15, Anna Öberg, KS 2026-03-04",
        (_, Field::Innebord) => "bifall: särskilda skäl",
        (_, Field::Avstar) => "årsarvode, fast arvode",
        (_, Field::Utbetalningsmanad) => "2026-09",
        (_, Field::Lonart) => "1647",
        (_, Field::Apris) => "206,00",
        (_, Field::Status) => "utbetald på annat sätt",
        (_, Field::Orsak) => "okänt anställningsnummer",
        (_, Field::Korning) => "2026-11/1",
        (_, Field::Rad) => "17",
        (_, Field::Paragraf) => "§ 45",
        (_, Field::Diarium) => "Diariet",
        (_, Field::DiarieId) => "https://diarium.example/person/17",
        (_, Field::Bekraftas) => "ja",
        (SheetKind::Diariepersoner, Field::Upplysning) => "fylls i av programmet",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::excel::columns::FORMS;

    #[test]
    fn every_column_of_a_fill_in_workbook_has_an_example() {
        for form in FORMS.iter().filter(|form| form.kind != SheetKind::Anmarkningar) {
            for column in form.columns.iter().filter(|column| column.field != Field::Kommentar) {
                assert!(!example(form.kind, column.field).is_empty(), "{} {}", form.name, column.name);
            }
        }
    }
}
