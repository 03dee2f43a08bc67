//! How one explained row looks: what it pays, the facts, each step with what it rests on, and the readings of open points.

mod batch;
mod reversal;
mod row;

pub use batch::{FACTS_CHANGED, cause_of, occasion_text, question_of, stored_rows};
pub use reversal::{Reversal, reversals};
pub use row::{place, price, row_json};

use serde_json::{Value, json};

use super::calculate::Refusal;
use crate::domain::{Line, Provenance};
use crate::law::bestammelserna::innehall::heading;
use crate::ledger::{BatchRow, Reversed};
use crate::money::swedish;

/// A row with the line that it pays, if it pays one.
pub struct ExplainedRow<'a> {
    /// The row.
    pub row: &'a BatchRow,
    /// The line that it pays.
    pub line: Option<&'a Line>,
    /// In words: `sammanträde KS 2026-10-14`.
    pub occasion: String,
    /// Why the batch takes earlier rows back.
    pub cause: &'a str,
    /// What was booked before and what has changed since, where the row takes something back or follows a refused one.
    pub reversal: Option<&'a Reversal>,
    /// Payroll's refusal of the same, for which it is sent again.
    pub refused: Option<&'a Refusal>,
}

impl ExplainedRow<'_> {
    /// Each step's sentence and what it rests on; a reversal's is which row it takes back and why.
    fn steps(&self) -> Vec<(String, String)> {
        let refused = self.refused.map(|refusal| (refused_text(refusal), place(&refusal.place)));
        self.own_steps().into_iter().chain(refused).collect()
    }

    fn own_steps(&self) -> Vec<(String, String)> {
        if let Some(reversed) = &self.row.reverses {
            let text = match reversed {
                Reversed::Row(row) => {
                    format!("tar tillbaka rad {} i körning {} som den betalades", row.postid, row.batch)
                }
                Reversed::Paid(_, payout) => format!("tar tillbaka vad som betalades på annat sätt i {payout}"),
            };
            return vec![(text, self.cause.to_owned())];
        }
        let steps = self.line.map_or(&[][..], |line| &line.steps);
        steps.iter().map(|step| (step.text.clone(), step.basis.clone())).collect()
    }

    /// As a page can show it.
    pub fn json(&self) -> Value {
        let paragraph = self.row.kind.paragraph();
        let mut object = row_json(self.row);
        object["kind"] = json!(self.row.kind.name());
        object["what"] = json!(self.row.kind.word());
        object["heading"] = json!(heading(paragraph));
        object["occasion"] = json!(self.occasion);
        object["steps"] = self.steps().iter().map(|(text, basis)| json!({ "text": text, "basis": basis })).collect();
        let behind = self.line.filter(|_| self.row.reverses.is_none()).map(|line| &line.behind);
        let facts = behind.map_or(&[][..], |behind| &behind.facts);
        object["facts"] = facts.iter().map(|fact| fact_json(&fact.what, &fact.place)).collect();
        object["readings"] = json!(behind.map_or(&[][..], |behind| &behind.readings));
        if let Some(reversal) = self.reversal {
            reversal.add_to(&mut object);
        }
        object
    }

    /// As lines of text, indented below a person's heading.
    pub fn text(&self) -> String {
        let row = self.row;
        let (antal, apris) = (comma(&row.antal.normalize().to_string()), comma(&price(row.apris)));
        let (kind, paragraph) = (row.kind.word(), row.kind.paragraph());
        let product = if row.kind.is_absence() {
            format!("{antal} dag")
        } else {
            format!("{antal} x {apris} = {}", swedish(row.belopp))
        };
        let (heading, occasion) = (heading(paragraph), &self.occasion);
        let mut text = format!("  rad {}: {kind}, {occasion}: {product}\n", row.postid);
        text += &format!("      enligt {paragraph} {heading}\n");
        for (what, basis) in self.told() {
            let basis = basis.map(|basis| format!("   [{basis}]")).unwrap_or_default();
            text += &format!("      {what}{basis}\n");
        }
        text
    }

    /// How it came about, line by line: each step, what was before, each fact and each reading, with what it rests on.
    pub fn told(&self) -> Vec<(String, Option<String>)> {
        let mut told: Vec<_> = self.steps().into_iter().map(|(step, basis)| (step, Some(basis))).collect();
        told.extend(self.reversal.into_iter().flat_map(Reversal::lines).map(|line| (line, None)));
        if let Some(line) = self.line.filter(|_| self.row.reverses.is_none()) {
            let facts = line.behind.facts.iter();
            told.extend(facts.map(|fact| (format!("uppgift: {}", fact.what), Some(place(&fact.place)))));
            for reading in &line.behind.readings {
                let (name, value, authority) = (reading.parameter, &reading.value, &reading.authority);
                told.push((format!("läsning av {}: {name} = {value}", reading.paragraph), Some(authority.clone())));
            }
        }
        told
    }
}

fn refused_text(refusal: &Refusal) -> String {
    let orsak = refusal.orsak.as_deref().unwrap_or("utan angiven orsak");
    format!("avvisades av lönesystemet {}: {orsak}", refusal.payout)
}

fn fact_json(what: &str, at: &Provenance) -> Value {
    json!({ "what": what, "file": &*at.file, "sheet": &*at.sheet, "row": at.row, "sha256": &*at.sha256 })
}

/// A number as Swedish readers write it.
pub fn comma(number: &str) -> String {
    number.replace('.', ",")
}
