//! A row of Utbetalt: opening balances, payments by hand, and what payroll says of the rows that it got.

use super::RowReader;
use super::beslut::dated;
use crate::adapters::excel::columns::Field;
use crate::adapters::excel::values::{self, Read, wrong};
use crate::adapters::excel::wire::Value;
use crate::domain::{Betalning, folded, shown};
use crate::ledger::BatchName;
use crate::money::Ore;
use crate::ports::{MeetingName, PersonRef, UtbetaltRow};

/// The typed row.
pub(super) fn read(row: &mut RowReader<'_, '_>) -> UtbetaltRow {
    let context = row.context();
    let payout = row.required(Field::Utbetalningsmanad, "Utbetalningsmånaden", MONTH_EXAMPLE, |value| {
        values::month(value, context)
    });
    let (anstid, person) = person(row);
    let lonart = row.required(Field::Lonart, "Lönarten", "Skriv lönesystemets kod, som 1647.", values::text);
    let (antal, apris) =
        (row.number(Field::Antal, values::quantity).value(), row.number(Field::Apris, values::quantity).value());
    let written = row.number(Field::Belopp, values::signed_amount).value();
    let product = antal.zip(apris).and_then(|(antal, apris)| antal.checked_mul(apris)).map(Ore::from_kronor);
    let status = row.required(Field::Status, "Status", STATUS_ALLOWED, status);
    let belopp = written.or(product);
    if belopp.is_none() && matches!(status, Some(Betalning::PaAnnatSatt | Betalning::Ingaende)) {
        row.problem(Field::Belopp, wrong("Beloppet saknas.", "Skriv Belopp, eller både Antal och A-pris."));
    }
    UtbetaltRow {
        payout,
        anstid,
        person,
        lonart,
        day: row.day(Field::Datum).value(),
        meeting: row.value(Field::Mote, |value| {
            let text = values::text(value)?;
            Ok(MeetingName { dated: dated(&text, context), text })
        }),
        antal,
        apris,
        belopp,
        status,
        orsak: row.value(Field::Orsak, values::text),
        row: own_row(row),
    }
}

const MONTH_EXAMPLE: &str = "Skriv månaden som 2026-09.";
const STATUS_ALLOWED: &str = "Skriv utbetald, avvisad, utbetald på annat sätt eller ingående.";

/// Payroll's number, else the number or name of the person.
fn person(row: &mut RowReader<'_, '_>) -> (Option<String>, PersonRef) {
    let context = row.context();
    let is_missing = |field: &Field| row.cells[*field as usize].is_none();
    if [Field::Anstid, Field::Personnummer, Field::Namn].iter().all(is_missing) {
        let field = if row.has_column(Field::Anstid) { Field::Anstid } else { Field::Personnummer };
        let instead = "Skriv anställningsnummer, eller personnummer som ÅÅÅÅMMDD-NNNN.";
        row.problem(field, wrong("Raden säger inte vem den gäller.", instead));
    }
    let person = PersonRef {
        personnummer: row.value(Field::Personnummer, |value| values::personnummer(value, context)),
        namn: row.value(Field::Namn, values::text),
    };
    (row.value(Field::Anstid, values::text), person)
}

fn status(value: &Value<'_>) -> Read<Betalning> {
    let text = values::text(value)?;
    match folded(&text).as_str() {
        "utbetald" | "utbetalt" | "utbetalda" | "betald" | "betalt" | "ok" | "godkand" | "godkant" => {
            Ok(Betalning::Utbetald)
        }
        "avvisad" | "avvisat" | "nekad" | "nekat" | "fel" => Ok(Betalning::Avvisad),
        "utbetaldpaannatsatt"
        | "utbetaltpaannatsatt"
        | "paannatsatt"
        | "manuell"
        | "manuellt"
        | "handbetald"
        | "handbetalt" => Ok(Betalning::PaAnnatSatt),
        "ingaende" | "ingaendebalans" | "ingaendesaldo" => Ok(Betalning::Ingaende),
        _ => Err(wrong(format!("Statusen ”{}” finns inte.", shown(&text)), STATUS_ALLOWED)),
    }
}

/// Körning and Rad together name a row of ours; one alone names nothing.
fn own_row(row: &mut RowReader<'_, '_>) -> Option<(BatchName, u32)> {
    let problems_before = row.problems.len();
    let batch = row.value(Field::Korning, batch);
    let postid = row.number(Field::Rad, values::count).value();
    if row.problems.len() == problems_before && batch.is_some() != postid.is_some() {
        let field = if batch.is_some() { Field::Rad } else { Field::Korning };
        row.problem(field, wrong("Körning och Rad hör ihop.", "Fyll i båda, som 2026-11/1 och 3, eller ingen."));
    }
    batch.zip(postid)
}

fn batch(value: &Value<'_>) -> Read<BatchName> {
    let text = values::text(value)?;
    let name = text.replace(' ', "").parse();
    name.map_err(|_| wrong(format!("”{}” är ingen lönekörning.", shown(&text)), "Skriv körningen som 2026-11/1."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_what_became_of_a_payment() {
        let check = |text: &str, expect: Option<Betalning>| {
            assert_eq!(status(&Value::Text(text.into())).ok(), expect, "{text}");
        };
        check("Utbetald", Some(Betalning::Utbetald));
        check("OK", Some(Betalning::Utbetald));
        check("avvisat", Some(Betalning::Avvisad));
        check("Fel", Some(Betalning::Avvisad));
        check("utbetald på annat sätt", Some(Betalning::PaAnnatSatt));
        check("Handbetald", Some(Betalning::PaAnnatSatt));
        check("Ingående balans", Some(Betalning::Ingaende));
        check("kanske", None);
    }

    #[test]
    fn a_batch_is_written_as_the_program_names_it() {
        let read = |text: &str| batch(&Value::Text(text.into())).map(|name| name.to_string());
        assert_eq!(read("2026-11/1").ok().as_deref(), Some("2026-11/1"));
        assert_eq!(read("2026-11 / 2").ok().as_deref(), Some("2026-11/2"));
        assert_eq!(read("november").unwrap_err().wrong, "”november” är ingen lönekörning.");
    }
}
