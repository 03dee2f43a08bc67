//! A row of Yrkanden.

use super::RowReader;
use crate::adapters::excel::columns::Field;
use crate::adapters::excel::headers::Unit;
use crate::adapters::excel::values::{self, Part, wrong};
use crate::calendar::Clock;
use crate::ports::{ClaimRow, Given};

/// The typed row.
pub(super) fn read(row: &mut RowReader<'_, '_>) -> ClaimRow {
    let (in_mil, context) = (row.unit(Field::Km) == Unit::Mil, row.context());
    let meeting = row.meeting();
    let person = row.person();
    let slag = row.required(
        Field::Slag,
        "Slag",
        "Skriv vad yrkandet gäller, till exempel förlorad arbetsinkomst.",
        values::claim_slag,
    );
    ClaimRow {
        meeting,
        person,
        inkom: row.day(Field::Inkom),
        takes_back_all: slag == Some(None),
        slag: slag.flatten(),
        tid: tid(row),
        timmar: row.given(Field::Timmar, values::hours),
        restid_minutes: minutes(row, Field::Restid),
        forberedelse_minutes: minutes(row, Field::Forberedelse),
        ledighet_minutes: minutes(row, Field::Ledighet),
        belopp: row.number(Field::Belopp, values::amount),
        km: row.number(Field::Km, |value| values::kilometres(value, in_mil)),
        resa_from: row.text(Field::ResaFrom),
        resa_to: row.text(Field::ResaTo),
        avresa: row.given(Field::Avresa, |value| values::moment(value, context)),
        hemkomst: row.given(Field::Hemkomst, |value| values::moment(value, context)),
        maltider: row.given(Field::Maltider, values::meals),
        egen_logi_nights: row.given(Field::EgenLogi, values::nights),
        barn_fott: row.given(Field::BarnFott, |value| values::birth_year(value, context)),
        narstaende: row.yes_or_no(Field::VardgivareNarstaende),
        barnomsorg: row.given(Field::Barnomsorg, values::child_care),
        pensionstillfalle: row.given(Field::Pensionstillfalle, |value| values::pension_day(value, context)),
        underlag: row.text(Field::Underlag),
        styrkt: row.yes_or_no(Field::Styrkt),
        beslut: row.text(Field::Beslut),
        atertagen: row.yes_or_no(Field::Atertagen),
        motivering: row.text(Field::Motivering),
    }
}

fn minutes(row: &mut RowReader<'_, '_>, field: Field) -> Given<i64> {
    let in_hours = row.unit(field) == Unit::Hours;
    row.given(field, |value| values::minutes(value, in_hours))
}

/// Tid från and till, or one time from and to in från.
fn tid(row: &mut RowReader<'_, '_>) -> Given<(Clock, Clock)> {
    if !row.has_column(Field::TidFrom) && !row.has_column(Field::TidTo) {
        return Given::Absent;
    }
    let problems_before = row.problems.len();
    let from = row.value(Field::TidFrom, values::parts);
    let to = row.value(Field::TidTo, values::clock);
    if row.problems.len() > problems_before {
        return Given::Absent;
    }
    match (from.as_deref(), to) {
        (None, None) => Given::Blank,
        (Some([Part::At(from)]), Some(to)) => Given::Is((*from, to)),
        (Some([Part::Span(from, to)]), None) => Given::Is((*from, *to)),
        (Some([Part::Span(from, to)]), Some(also)) if *to == also => Given::Is((*from, also)),
        (from, _) => {
            let field = if from.is_some() { Field::TidTo } else { Field::TidFrom };
            row.problem(field, wrong("Tiden är inte hel.", "Skriv ett klockslag i Tid från och ett i Tid till; har tiden flera delar, skriv en rad för var del."));
            Given::Absent
        }
    }
}
