//! Sista sidan: tolkning om deltagande i kurser.
//!
//! 1. At courses and conferences lost income and § 9 are paid for at most eight hours a day.
//! 2. All taking part in courses is within the means of the activity, and is decided by the utskott.
//!
//! Clause 1 is `[[kurs]]` of the bilaga: of a day's courses the first so many minutes count, by when they began, for
//! arvode and lost income alike. Clause 2's decision is the list's column Utskottets beslut, or a row of Beslut about
//! `§ 2 c` that grants it: without one the row is held ([`super::p02_sammantraden`]).

use std::collections::BTreeMap;

use crate::calendar::Day;
use crate::domain::{Beslut, Meeting, PersonId};
use crate::law::facts::Common;
use crate::regelverk::Regelverk;

/// Minutes of courses that have counted so far, by day.
#[derive(Clone, Debug, Default)]
pub struct Used(BTreeMap<Day, i64>);

impl Used {
    /// Clause 1: how many of so many minutes still count on a day.
    pub fn counted(&mut self, rules: &Regelverk, day: Day, minutes: i64) -> i64 {
        let limit = rules.kurs_minutes.at(day).map_or(0, |dated| dated.value);
        let used = self.0.entry(day).or_default();
        let counted = minutes.min(limit - *used);
        *used += counted;
        counted
    }
}

/// Clause 2: whether the utskott has decided of the course.
pub fn is_decided(common: &Common<'_>, person: PersonId, meeting: &Meeting) -> bool {
    meeting.utskottets_beslut.is_some() || decision(common, person, meeting).is_some()
}

/// Clause 2: the decision, where it is a row of Beslut.
pub fn decision<'a>(common: &Common<'a>, person: PersonId, meeting: &Meeting) -> Option<&'a Beslut> {
    super::p17_tolkning::granted_under(common, person, "§ 2 c", meeting)
}
