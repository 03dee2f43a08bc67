//! A row of Diariepersoner: who a person of a diarium is.

use super::RowReader;
use crate::adapters::excel::columns::Field;
use crate::adapters::excel::values;
use crate::ports::{Given, SourcePersonRow};

/// The typed row. While nobody has confirmed it, nothing else of it matters.
pub(super) fn read(row: &mut RowReader<'_, '_>) -> SourcePersonRow {
    let confirmed = row.yes_or_no(Field::Bekraftas);
    if !matches!(confirmed, Given::Is(_)) {
        return SourcePersonRow { confirmed, ..SourcePersonRow::default() };
    }
    SourcePersonRow {
        source: row.required(Field::Diarium, "Källans namn", "Skriv det som det stod i arbetsboken.", values::text),
        id: row.required(
            Field::DiarieId,
            "Personens id i diariet",
            "Skriv det som det stod i arbetsboken.",
            values::text,
        ),
        person: if confirmed == Given::Is(true) { row.person() } else { Default::default() },
        confirmed,
    }
}
