//! A row of Paragrafer: when a paragraph of a meeting's minutes was dealt with.

use super::RowReader;
use crate::adapters::excel::columns::Field;
use crate::adapters::excel::values::{self, Read, wrong};
use crate::adapters::excel::wire::Value;
use crate::ports::ParagrafRow;

/// The typed row.
pub(super) fn read(row: &mut RowReader<'_, '_>) -> ParagrafRow {
    ParagrafRow {
        meeting: row.meeting(),
        paragraf: row.required(Field::Paragraf, "Paragrafen", "Skriv numret, som 45.", number),
        start: row.required(Field::Start, "Starttiden", "Skriv när paragrafen började, som 13.00.", values::clock),
        slut: row.value(Field::Slut, values::clock),
    }
}

fn number(value: &Value<'_>) -> Read<u32> {
    let text = match value {
        Value::Text(_) | Value::Number(_) => values::text(value)?,
        _ => String::new(),
    };
    let digits = text.trim().trim_start_matches('§').trim_end_matches('§').trim();
    let number = digits.parse::<u32>().ok().filter(|number| (1..=99_999).contains(number));
    number.ok_or_else(|| wrong("Cellen är inte numret på en enda paragraf.", "Skriv en rad för var paragraf, som 45."))
}
