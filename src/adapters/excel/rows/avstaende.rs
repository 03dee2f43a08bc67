//! A row of Avstående.

use super::RowReader;
use crate::adapters::excel::columns::Field;
use crate::adapters::excel::values::{self, Read, wrong};
use crate::adapters::excel::wire::Value;
use crate::domain::{Avstar, ClaimKind, shown};
use crate::ports::AvstaendeRow;

/// The typed row.
pub(super) fn read(row: &mut RowReader<'_, '_>) -> AvstaendeRow {
    let context = row.context();
    AvstaendeRow {
        person: row.person(),
        what: row.required(Field::Avstar, "Vad personen avstår", &allowed(), what).unwrap_or_default(),
        from: row.required(Field::From, "Första dagen", "Skriv den första dagen, som 2026-07-01.", |value| {
            values::day(value, context)
        }),
        to: row.day(Field::To),
        handling: row.required(
            Field::Handling,
            "Handlingen",
            "Skriv diarienumret för den skriftliga handlingen.",
            values::text,
        ),
    }
}

fn allowed() -> String {
    let claims: Vec<&str> = ClaimKind::all().map(ClaimKind::word).collect();
    format!(
        "Skriv allt, årsarvode, fast arvode, sammanträdesarvode eller ett slag av yrkande ({}), med komma emellan.",
        claims.join(", ")
    )
}

/// The words between commas and semicolons, each once.
fn what(value: &Value<'_>) -> Read<Vec<Avstar>> {
    let text = values::text(value)?;
    let mut found = Vec::new();
    for word in text.split([',', ';']).map(str::trim).filter(|word| !word.is_empty()) {
        let one = Avstar::parse(word);
        found.push(one.ok_or_else(|| wrong(format!("”{}” är inget som kan avstås.", shown(word)), allowed()))?);
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() { Err(wrong("Cellen säger inte vad personen avstår.", allowed())) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_may_waive() {
        let check = |text: &str, expect: &str| {
            let read = what(&Value::Text(text.into()));
            let words = read.map(|found| found.into_iter().map(Avstar::word).collect::<Vec<_>>().join("+"));
            assert_eq!(words.unwrap_or_else(|wrong| wrong.wrong), expect, "{text}");
        };
        check("allt", "allt");
        check("Årsarvode, fast arvode", "årsarvode+fast arvode");
        check("sammanträdesarvode; resa; Sammanträdesarvoden", "sammanträdesarvode+resa");
        check("förlorad arbetsinkomst § 3", "förlorad arbetsinkomst");
        check("lön", "”lön” är inget som kan avstås.");
        check(",", "Cellen säger inte vad personen avstår.");
    }
}
