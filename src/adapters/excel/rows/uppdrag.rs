//! A row of Uppdrag.

use super::RowReader;
use crate::adapters::excel::columns::Field;
use crate::adapters::excel::values;
use crate::ports::{Given, UppdragRow};

/// The typed row.
pub(super) fn read(row: &mut RowReader<'_, '_>) -> UppdragRow {
    let context = row.context();
    UppdragRow {
        person: row.person(),
        organ: row.required(Field::Organ, "Organ", "Skriv organets namn eller förkortning.", values::text),
        roll: row
            .required(Field::Roll, "Uppdraget", "Skriv till exempel ordförande, ledamot eller ersättare.", values::text)
            .map_or(Given::Blank, Given::Is),
        from: row.required(Field::From, "Första dagen", "Skriv den första dagen, som 2026-01-01.", |value| {
            values::day(value, context)
        }),
        to: row.day(Field::To),
        grad: row.number(Field::Grad, values::per_cent),
        nyckel: row.text(Field::Nyckel),
        platser: row.number(Field::Platser, values::count),
        beslut: row.text(Field::Beslut),
    }
}
