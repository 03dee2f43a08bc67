//! A row of Anmärkningar, answered. Which answers a remark allows, the import says; here is only what each word means.

use super::RowReader;
use super::beslut::outcome;
use crate::adapters::excel::columns::Field;
use crate::adapters::excel::values::{self, Read, wrong};
use crate::adapters::excel::wire::Value;
use crate::domain::{folded, shown};
use crate::ports::{Answer, AnswerRow};

/// The typed row.
pub(super) fn read(row: &mut RowReader<'_, '_>) -> AnswerRow {
    AnswerRow {
        id: row.value(Field::Id, values::text),
        answer: row.value(Field::Beslut, answer),
        diarienummer: row.value(Field::Diarienummer, values::text),
        day: row.day(Field::Datum).value(),
        motivering: row.value(Field::Motivering, values::text),
    }
}

/// The first word says it; after `kvittning` a limit may follow.
fn answer(value: &Value<'_>) -> Read<Answer> {
    let text = values::text(value)?;
    if matches!(folded(&text).as_str(), "stang" | "stangd" | "stangs") {
        return Ok(Answer::Closed);
    }
    let utfall = outcome(value).map_err(|_| {
        wrong(
            format!("Beslutet ”{}” är inget svar på en anmärkning.", shown(&text)),
            "Skriv bifall, avslag, återkrav, kvittning, eftergift eller stäng, det som cellens lista visar.",
        )
    })?;
    Ok(Answer::Decided(utfall, text))
}
