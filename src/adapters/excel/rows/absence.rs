//! A row of Frånvaro.

use super::RowReader;
use super::person::personnummer;
use crate::adapters::excel::columns::Field;
use crate::adapters::excel::values::{self, Read, wrong};
use crate::adapters::excel::wire::Value;
use crate::domain::{AbsenceKind, folded};
use crate::ports::{AbsenceRow, PersonRef};

/// The typed row.
pub(super) fn read(row: &mut RowReader<'_, '_>) -> AbsenceRow {
    let context = row.context();
    AbsenceRow {
        person: PersonRef { personnummer: personnummer(row), namn: None },
        from: row.required(Field::From, "Första dagen", "Skriv den första dagen, som 2026-07-10.", |value| {
            values::day(value, context)
        }),
        to: row.day(Field::To),
        slag: row.required(Field::Slag, "Slag", ALLOWED, kind),
        omfattning: row.number(Field::Omfattning, values::per_cent),
    }
}

const ALLOWED: &str =
    "Skriv hindrad, ledighet motsvarande semester eller annan. Skäl som rör hälsa ska inte stå i filen.";

/// What was found is not repeated: it may be a reason of health.
fn kind(value: &Value<'_>) -> Read<AbsenceKind> {
    let word = if let Value::Text(text) = value { folded(text) } else { String::new() };
    match word.as_str() {
        "hindrad" | "forhindrad" | "hinder" => Ok(AbsenceKind::Hindrad),
        "ledighetmotsvarandesemester" | "motsvarandesemester" | "semester" | "ledighetsomsemester" | "somsemester" => {
            Ok(AbsenceKind::SomSemester)
        }
        "annan" | "annanledighet" | "annanfranvaro" | "ledighet" | "ledig" => Ok(AbsenceKind::Annan),
        _ => Err(wrong("Slaget av frånvaro finns inte.", ALLOWED)),
    }
}
