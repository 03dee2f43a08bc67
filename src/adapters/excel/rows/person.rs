//! A row of Personer.

use super::RowReader;
use crate::adapters::excel::columns::Field;
use crate::adapters::excel::headers::Unit;
use crate::adapters::excel::values;
use crate::domain::Personnummer;
use crate::ports::PersonRow;

/// The typed row.
pub(super) fn read(row: &mut RowReader<'_, '_>) -> PersonRow {
    let in_mil = row.unit(Field::Avstand) == Unit::Mil;
    PersonRow {
        personnummer: personnummer(row),
        efternamn: row.text(Field::Efternamn),
        fornamn: row.text(Field::Fornamn),
        anstid: row.text(Field::Anstid),
        organ: row.text(Field::Organ),
        epost: row.text(Field::Epost),
        avstand_km: row.number(Field::Avstand, |value| values::kilometres(value, in_mil)),
        plats: row.text(Field::Plats),
        tjanstestalle_hemmet: row.yes_or_no(Field::TjanstestalleHemmet),
        kl_4_13: row.yes_or_no(Field::Kl413),
        brukar_yrka: row.text(Field::BrukarYrka),
        skyddad: row.yes_or_no(Field::Skyddad),
        genomgang: row.day(Field::Genomgang),
        from: row.day(Field::From),
        to: row.day(Field::To),
    }
}

/// The number that a row of a register cannot do without.
pub(super) fn personnummer(row: &mut RowReader<'_, '_>) -> Option<Personnummer> {
    let context = row.context();
    row.required(Field::Personnummer, "Personnummer", "Skriv numret som ÅÅÅÅMMDD-NNNN.", |value| {
        values::personnummer(value, context)
    })
}
