//! How it looks why a row takes an earlier one back: what was booked and when, what has changed since, and what it is now.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{comma, place, price};
use crate::calendar::Day;
use crate::domain::{Fault, PersonId};
use crate::jobs::calculate::Calculation;
use crate::jobs::trace_reversal::{Changed, Earlier, Trace, Tracer, booked_anew};
use crate::ledger::BatchRow;
use crate::money::{Ore, swedish};
use crate::ports::Store;
use crate::regelverk::Loaded;

/// What stands behind a reversal, or behind a row that follows a refused one.
#[derive(Clone, Debug)]
pub struct Reversal {
    trace: Trace,
    /// The day on which the earlier row was paid.
    pay_day: Option<Day>,
    /// What is booked in its stead; none of a row that is itself booked anew.
    now: Option<Vec<BatchRow>>,
}

/// What stands behind a person's rows, by their places.
///
/// # Errors
/// The database.
pub async fn reversals(
    store: &mut impl Store,
    loaded: &Loaded,
    tracer: &mut Tracer,
    calculation: &Calculation<'_>,
    person: PersonId,
    rows: &[BatchRow],
) -> Result<HashMap<usize, Reversal>, Fault> {
    let traces = tracer.of_rows(store, calculation, person, rows).await?;
    let reversal = |(at, trace): (usize, Trace)| {
        let pay_day = trace.booked.as_ref().map(|booked| loaded.lonekalender.pay_day(booked.payout));
        let row = rows.get(at).filter(|row| row.reverses.is_some());
        let now = row.map(|row| booked_anew(row, rows).cloned().collect());
        (at, Reversal { trace, pay_day, now })
    };
    Ok(traces.into_iter().map(reversal).collect())
}

impl Reversal {
    /// Puts what others rely on into a row's JSON: `booked`, `changed`, `now`.
    pub fn add_to(&self, row: &mut Value) {
        row["booked"] = self.trace.booked.as_ref().map_or(Value::Null, |booked| booked_json(booked, self.pay_day));
        row["changed"] = self.trace.changed.iter().map(changed_json).collect();
        row["otherwise"] = json!(self.trace.otherwise);
        if let Some(now) = &self.now {
            row["now"] = now.iter().map(now_json).collect();
        }
    }

    /// What is booked in its stead, all together; nothing of a row that is itself booked anew.
    pub fn now_sum(&self) -> Option<Ore> {
        self.now.as_ref().map(|now| now.iter().map(|row| row.belopp).sum())
    }

    /// The first thing that has changed, as a sentence tells it: `Närvarande till: 15.00 → 16.00`.
    pub fn because(&self) -> Option<String> {
        let changed = self.trace.changed.first().map(changed_what);
        changed.or_else(|| self.trace.otherwise.clone())
    }

    /// As lines of text.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.trace.booked.iter().map(|booked| booked_text(booked, self.pay_day)).collect();
        lines.extend(self.trace.otherwise.clone());
        lines.extend(self.trace.changed.iter().map(changed_text));
        match self.now.as_deref() {
            None => {}
            Some([]) => lines.push("nu: inget bokas i stället".to_owned()),
            Some(now) => lines.extend(now.iter().map(now_text)),
        }
        lines
    }
}

fn booked_json(booked: &Earlier, pay_day: Option<Day>) -> Value {
    json!({
        "batch": booked.row.map(|(batch, _)| batch),
        "row": booked.row.map(|(_, row)| row),
        "frozen_on": booked.frozen_on.to_string(),
        "pay_day": pay_day.map(|day| day.to_string()),
        "lonart": booked.lonart,
        "anstid": booked.anstid,
        "antal": booked.units.map(|(antal, _)| antal.normalize().to_string()),
        "apris": booked.units.map(|(_, apris)| price(apris)),
        "belopp": booked.belopp.to_string(),
        "said": booked.said,
    })
}

fn booked_text(booked: &Earlier, pay_day: Option<Day>) -> String {
    let units = booked
        .units
        .map(|(antal, apris)| format!("{} x {} = ", comma(&antal.normalize().to_string()), comma(&price(apris))));
    let anstid = booked.anstid.as_ref().map(|anstid| format!(", anställningsnummer {anstid}")).unwrap_or_default();
    let paid = pay_day.map(|day| format!(", utbetalas {day}")).unwrap_or_default();
    let origin = match (booked.row, &booked.said) {
        (Some((batch, row)), _) => format!("körning {batch} rad {row}, fryst {}{paid}", booked.frozen_on),
        (None, said) => {
            let said = said.as_deref().unwrap_or_default();
            format!("Utbetalt, känt sedan {}: {said}", booked.frozen_on)
        }
    };
    let (units, belopp, lonart) = (units.unwrap_or_default(), swedish(booked.belopp), &booked.lonart);
    format!("bokat: {units}{belopp}, lönart {lonart}{anstid}   [{origin}]")
}

fn changed_json(changed: &Changed) -> Value {
    let at = &changed.place;
    let has_place = !at.file.is_empty();
    json!({
        "what": changed.what,
        "before": changed.before,
        "after": changed.after,
        "known_since": changed.known_since.map(|day| day.to_string()),
        "file": has_place.then_some(&*at.file),
        "sheet": has_place.then_some(&*at.sheet),
        "row": has_place.then_some(at.row),
        "because": changed.because,
        "by": changed.by,
    })
}

fn changed_what(changed: &Changed) -> String {
    let shown = |value: &Option<String>, none: &str| value.clone().unwrap_or_else(|| none.to_owned());
    match (&changed.before, &changed.after) {
        (None, Some(after)) if !changed.what.contains(": ") => format!("{} (ny): {after}", changed.what),
        (Some(before), None) if !changed.what.contains(": ") => format!("{} återtagen: {before}", changed.what),
        (before, after) => format!("{}: {} → {}", changed.what, shown(before, "inget"), shown(after, "inget")),
    }
}

fn changed_text(changed: &Changed) -> String {
    let what = changed_what(changed);
    let known = changed.known_since.map(|day| format!("känt sedan {day}"));
    let read = Some(place(&changed.place)).filter(|place| !place.is_empty());
    let because = changed.because.as_ref().map(|because| format!("skäl: {because}"));
    let origin: Vec<String> = [read, known, changed.by.clone(), because].into_iter().flatten().collect();
    format!("ändrat: {what}   [{}]", origin.join("; "))
}

fn now_json(row: &BatchRow) -> Value {
    json!({
        "row": row.postid,
        "datum": row.day.to_string(),
        "antal": row.antal.normalize().to_string(),
        "apris": price(row.apris),
        "belopp": row.belopp.to_string(),
    })
}

fn now_text(row: &BatchRow) -> String {
    let (antal, apris) = (comma(&row.antal.normalize().to_string()), comma(&price(row.apris)));
    format!("nu: rad {}, {}: {antal} x {apris} = {}", row.postid, row.day, swedish(row.belopp))
}
