//! A row of Närvaro, list form.

use super::RowReader;
use crate::adapters::excel::columns::Field;
use crate::adapters::excel::headers::Unit;
use crate::adapters::excel::values::{self, Part, Read, wrong};
use crate::adapters::excel::wire::Value;
use crate::calendar::Clock;
use crate::ports::{Given, NarvaroRow, SpanList};

/// The typed row.
pub(super) fn read(row: &mut RowReader<'_, '_>) -> NarvaroRow {
    let in_mil = row.unit(Field::Km) == Unit::Mil;
    NarvaroRow {
        meeting: row.meeting(),
        person: row.person(),
        slag: row.given(Field::Slag, values::meeting_slag),
        plats: row.text(Field::Plats),
        utom_kommunen: row.yes_or_no(Field::UtomKommunen),
        kallat_av: row.text(Field::KallatAv),
        utskottets_beslut: row.text(Field::UtskottetsBeslut),
        hours: hours(row),
        breaks: row.given(Field::Ajournering, values::spans),
        roll: row.given(Field::Roll, values::roll),
        tjanstgorande: row.yes_or_no(Field::Tjanstgorande),
        own: own(row),
        paragrafer: row.given(Field::Paragrafer, paragraphs),
        jav: row.text(Field::Jav),
        ersatter: row.text(Field::Ersatter),
        distans: row.yes_or_no(Field::Distans),
        justerare: row.yes_or_no(Field::Justerare),
        narvaroratt: row.text(Field::Narvaroratt),
        loneavdrag: row.yes_or_no(Field::Loneavdrag),
        forlorad: row.number(Field::Forlorad, values::amount),
        km: row.number(Field::Km, |value| values::kilometres(value, in_mil)),
        moved_from: row.day(Field::FlyttatFrom).value(),
        absent: false,
    }
}

/// Start and Slut, or times from and to in Start alone.
fn hours(row: &mut RowReader<'_, '_>) -> Given<SpanList> {
    if !row.has_column(Field::Start) && !row.has_column(Field::Slut) {
        return Given::Absent;
    }
    let problems_before = row.problems.len();
    let start = row.value(Field::Start, values::parts);
    let slut = row.value(Field::Slut, values::clock);
    if row.problems.len() > problems_before {
        return Given::Absent;
    }
    match (start.as_deref(), slut) {
        (None, None) => Given::Blank,
        (Some([Part::At(start)]), Some(slut)) => Given::Is(vec![(*start, slut)]),
        (Some([Part::At(_)]), None) => {
            row.problem(Field::Slut, wrong("Sluttiden saknas.", "Skriv när mötet slutade, som 16.30."));
            Given::Absent
        }
        (None, Some(_)) => {
            row.problem(Field::Start, wrong("Starttiden saknas.", "Skriv när mötet började, som 13.00."));
            Given::Absent
        }
        (Some(parts), slut) => {
            let spans: Option<SpanList> = parts
                .iter()
                .map(|part| if let Part::Span(from, to) = part { Some((*from, *to)) } else { None })
                .collect();
            let agrees = |spans: &SpanList| slut.is_none_or(|slut| spans.last().is_some_and(|(_, to)| *to == slut));
            if let Some(spans) = spans.filter(agrees) {
                return Given::Is(spans);
            }
            row.problem(
                Field::Start,
                wrong(
                    "Start och Slut går inte ihop.",
                    "Skriv ett klockslag i Start och ett i Slut, eller 13.00-16.30 i Start och inget i Slut.",
                ),
            );
            Given::Absent
        }
    }
}

/// Närvarande från and till, either of which may be blank, or times from and to in från.
fn own(row: &mut RowReader<'_, '_>) -> Given<Vec<(Option<Clock>, Option<Clock>)>> {
    if !row.has_column(Field::OwnFrom) && !row.has_column(Field::OwnTo) {
        return Given::Absent;
    }
    let problems_before = row.problems.len();
    let from = row.value(Field::OwnFrom, values::parts);
    let to = row.value(Field::OwnTo, values::clock);
    if row.problems.len() > problems_before {
        return Given::Absent;
    }
    match (from.as_deref(), to) {
        (None, None) => Given::Blank,
        (None, to @ Some(_)) => Given::Is(vec![(None, to)]),
        (Some([Part::At(from) | Part::From(from)]), to) => Given::Is(vec![(Some(*from), to)]),
        (Some(parts), None) if parts.iter().all(|part| !matches!(part, Part::At(_))) => {
            Given::Is(parts.iter().map(|part| ends(*part)).collect())
        }
        _ => {
            row.problem(
                Field::OwnFrom,
                wrong(
                    "Närvarande från och till går inte ihop.",
                    "Skriv ett klockslag i var kolumn, eller 13.00-15.00, 15.20-16.30 i den första.",
                ),
            );
            Given::Absent
        }
    }
}

fn ends(part: Part) -> (Option<Clock>, Option<Clock>) {
    match part {
        Part::Span(from, to) => (Some(from), Some(to)),
        Part::At(from) | Part::From(from) => (Some(from), None),
        Part::To(to) => (None, Some(to)),
    }
}

/// Excel makes a date of 5-12: what was meant is lost.
fn paragraphs(value: &Value<'_>) -> Read<String> {
    match value {
        Value::DateTime(_) | Value::Time(_) => Err(wrong(
            "Excel har gjort om paragraferna till ett datum eller klockslag.",
            "Formatera cellen som text och skriv till exempel §§ 5-12.",
        )),
        // 45,50 and 45,5 are the same number.
        Value::Number(number) if number.contains('.') => Err(wrong(
            "Excel har gjort om paragraferna till ett decimaltal.",
            "Formatera cellen som text och skriv till exempel §§ 45, 50.",
        )),
        _ => values::text(value),
    }
}
