//! A row of Jour.

use super::RowReader;
use crate::adapters::excel::columns::Field;
use crate::adapters::excel::values::{self, Part, wrong};
use crate::ports::{Given, JourRow, SpanList};

/// The typed row.
pub(super) fn read(row: &mut RowReader<'_, '_>) -> JourRow {
    let context = row.context();
    JourRow {
        person: row.person(),
        from: row.required(Field::From, "Första dagen", "Skriv den första dagen, som 2026-03-06.", |value| {
            values::day(value, context)
        }),
        to: row.day(Field::To).value(),
        organ: row.required(
            Field::For,
            "Uppgiften om vem jouren gäller",
            "Skriv organet och rollen, som BSU ordförande.",
            values::text,
        ),
        active: active(row),
    }
}

/// Aktiv från and till, or times from and to in från.
fn active(row: &mut RowReader<'_, '_>) -> Given<SpanList> {
    if !row.has_column(Field::AktivFrom) && !row.has_column(Field::AktivTo) {
        return Given::Absent;
    }
    let problems_before = row.problems.len();
    let from = row.value(Field::AktivFrom, values::parts);
    let to = row.value(Field::AktivTo, values::clock);
    if row.problems.len() > problems_before {
        return Given::Absent;
    }
    let spans = match (from.as_deref(), to) {
        (None, None) => return Given::Blank,
        (Some([Part::At(from)]), Some(to)) => Some(vec![(*from, to)]),
        (Some(parts), None) => parts.iter().map(span).collect(),
        _ => None,
    };
    match spans {
        Some(spans) if spans.iter().all(|(from, to)| from != to) => Given::Is(spans),
        _ => {
            let instead = "Skriv ett klockslag i Aktiv från och ett i Aktiv till, eller 18.00-19.30, 22.00-23.15 i Aktiv från och inget i Aktiv till.";
            row.problem(Field::AktivFrom, wrong("Tiden för aktiv tjänst är inte hel.", instead));
            Given::Absent
        }
    }
}

fn span(part: &Part) -> Option<(crate::calendar::Clock, crate::calendar::Clock)> {
    if let Part::Span(from, to) = part { Some((*from, *to)) } else { None }
}
