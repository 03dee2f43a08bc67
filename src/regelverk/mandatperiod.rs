//! Mandatperioder: from when those who are elected hold their uppdrag (§ 19 counts the briefing from there).

use super::reader::{Errors, Table, Wrong};
use super::{Loaded, Regelverk};
use crate::calendar::Day;
use crate::domain::OrganCode;

/// A mandatperiod: fullmäktige begins it, the others follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mandatperiod {
    /// The first day of those in `fullmaktige`.
    pub fullmaktige_from: Day,
    /// The first day of every other organ.
    pub others_from: Day,
    /// The organ that begin the period.
    pub fullmaktige: Vec<OrganCode>,
    /// The law or decision.
    pub reference: String,
}

impl Mandatperiod {
    /// The first day of an organ.
    pub fn first_of(&self, organ: &OrganCode) -> Day {
        if self.fullmaktige.contains(organ) { self.fullmaktige_from } else { self.others_from }
    }
}

pub(super) fn read_mandatperiod(found: &mut Vec<Mandatperiod>, row: &Table<'_>) {
    let days = row.required_day("fullmaktige_fran").zip(row.required_day("namnder_fran"));
    let fullmaktige: Vec<OrganCode> = row.one_or_more_texts("fullmaktige").into_iter().map(OrganCode).collect();
    let reference = row.required_text("reference");
    if !row.has("fullmaktige") {
        row.wrong("fullmaktige", "no `fullmaktige`", "`fullmaktige = …` with the code of an organ, such as \"KF\"");
    }
    let Some(((fullmaktige_from, others_from), reference)) = days.zip(reference) else { return };
    if others_from < fullmaktige_from {
        row.wrong("namnder_fran", &format!("`{others_from}`"), &format!("{fullmaktige_from} or later"));
        return;
    }
    if let Some(last) = found.last().filter(|last| last.fullmaktige_from >= fullmaktige_from) {
        let allowed = format!("later than {}: the periods in order", last.fullmaktige_from);
        row.wrong("fullmaktige_fran", &format!("`{fullmaktige_from}`"), &allowed);
        return;
    }
    found.push(Mandatperiod { fullmaktige_from, others_from, fullmaktige, reference });
}

/// Every organ that a period names exists.
pub(super) fn check_mandatperioder(loaded: &Loaded, errors: &Errors) {
    let rules: &Regelverk = &loaded.regelverk;
    for code in loaded.mandatperioder.iter().flat_map(|period| &period.fullmaktige) {
        if rules.organ(code).is_none() {
            let (file, found) = ("config/regelverk/".to_owned(), format!("[[mandatperiod]] fullmaktige = \"{code}\""));
            let allowed = "the code of an organ in organ.toml".to_owned();
            errors.add(Wrong { file, line: 0, column: 0, found, allowed });
        }
    }
}
