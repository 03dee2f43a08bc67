//! `[[tak]]`: what fees and meetings may reach in a day, a month or a year.
//!
//! A cap is consumed in the order in which money can go out: by the first payout month that could carry a line (its own,
//! or that of the day it became known), then by that day. So a late attendance never takes back what is paid.

use std::collections::BTreeMap;

use super::{Finding, Says};
use crate::calendar::{Day, Month};
use crate::domain::{Line, MeetingId, Occasion, Provenance, RemarkKind, State, Step};
use crate::law::facts::{Attended, group_of};
use crate::money::{Ore, Rounding, price_of_units, swedish};
use crate::regelverk::tariff::{CapPer, Tak};
use crate::regelverk::{Dated, Period, Regelverk, decision};

impl<'a> Finding<'a> {
    /// Cuts the lines found so far, those of fees and meetings, to every cap that is in force.
    pub(super) fn limit_by_tak(&mut self) {
        let has_tak = |line: &Line| !self.common.rules.of(line.accrued_in, group_of(line.kind)).tak.is_empty();
        if !self.result.lines.iter().any(has_tak) {
            return self.result.lines.retain(is_told);
        }
        let mut lines = std::mem::take(&mut self.result.lines);
        let attended: BTreeMap<MeetingId, &Attended> =
            self.facts.attended.iter().map(|attended| (attended.meeting.meeting, attended)).collect();
        let mut order: Vec<usize> = (0..lines.len()).collect();
        order.sort_by_cached_key(|place| arrival(&lines[*place], &attended));
        for (_, per) in CapPer::NAMES {
            let mut used = self.opening(per);
            for place in &order {
                self.limit_line(per, &mut lines[*place], &mut used, &attended);
            }
        }
        lines.retain(is_told);
        self.result.lines = lines;
    }

    /// What was paid before the first month counts in the caps over its year.
    fn opening(&self, per: CapPer) -> BTreeMap<Day, Ore> {
        let mut used = BTreeMap::new();
        if matches!(per, CapPer::Ar | CapPer::PersonAr) {
            for (day, _, belopp) in self.facts.opening.iter().filter(|(_, kind, _)| per.counts(*kind)) {
                *used.entry(Month::of(*day).first_of_year()).or_insert(Ore::ZERO) += *belopp;
            }
        }
        used
    }

    fn limit_line(
        &mut self,
        per: CapPer,
        line: &mut Line,
        used: &mut BTreeMap<Day, Ore>,
        attended: &BTreeMap<MeetingId, &Attended>,
    ) {
        if !per.counts(line.kind) {
            return;
        }
        if self.is_outside(per, line) {
            return;
        }
        let used = used.entry(period_start(per, line)).or_default();
        if let Some((most, reason)) = self.cap(per, line) {
            let left = (most - *used).max(Ore::ZERO);
            if line.belopp > left {
                let worth = line.belopp - left;
                (line.antal, line.apris) = price_of_units(line.antal, left);
                line.belopp = left;
                let basis = line.kind.paragraph();
                line.steps.extend(self.common.steps(|| vec![Step { text: reason.clone(), basis: basis.to_owned() }]));
                let (kind, source) = self.place_of(line, attended);
                let says = Says { reason, paragraph: basis, worth: Some(worth), ..Says::default() };
                self.remark(kind, State::Noted, line.day, &source, says);
            }
        }
        *used += line.belopp;
    }

    /// Whether the person holds on the line's day what stands outside the cap (`inte_nycklar`): such a line is neither
    /// cut nor counted.
    fn is_outside(&self, per: CapPer, line: &Line) -> bool {
        let rules = self.common.rules.of(line.accrued_in, group_of(line.kind));
        let Some(tak) = tak_of(rules, per, line).and_then(|dated| dated.value.as_ref()) else { return false };
        self.facts
            .held_on(rules, line.day)
            .any(|(uppdrag, _)| uppdrag.nyckel.as_ref().is_some_and(|nyckel| tak.not_nycklar.contains(nyckel)))
    }

    /// The cap in force on a line's day, and its words.
    fn cap(&self, per: CapPer, line: &Line) -> Option<(Ore, String)> {
        let rules = self.common.rules.of(line.accrued_in, group_of(line.kind));
        let dated = tak_of(rules, per, line)?;
        let period = match per {
            CapPer::Dag => Period::Occasion,
            CapPer::Manad => Period::Month,
            CapPer::Ar | CapPer::PersonAr => Period::Year,
        };
        let amount = &dated.value.as_ref()?.amount;
        let most = Ore::from_kronor(rules.amount(amount, line.day, period, Rounding::Ore, &mut |_| ())?);
        let (basis, formula) = (decision(&dated.reference, dated.decided_on), amount.formula(None));
        Some((most, format!("taket {} är {} ({formula}): {basis}", per.word(), swedish(most))))
    }

    fn place_of(&self, line: &Line, attended: &BTreeMap<MeetingId, &Attended>) -> (RemarkKind, Provenance) {
        let place = match &line.occasion {
            Occasion::Meeting(meeting) => attended.get(meeting).map(|attended| &attended.source),
            Occasion::UppdragMonth(uppdrag, _) => {
                let held = self.facts.uppdrag.iter().find(|(found, _)| found.uppdrag == *uppdrag);
                held.map(|(_, source)| source)
            }
            _ => None,
        };
        let is_meeting = matches!(line.occasion, Occasion::Meeting(_));
        let kind = if is_meeting { RemarkKind::Attendance } else { RemarkKind::Uppdrag };
        (kind, place.cloned().unwrap_or_default())
    }
}

fn is_told(line: &Line) -> bool {
    line.belopp != Ore::ZERO || line.kind.is_absence()
}

fn tak_of<'a>(rules: &'a Regelverk, per: CapPer, line: &Line) -> Option<&'a Dated<Option<Tak>>> {
    rules.tak.get(&per)?.at(line.day)
}

/// The first day of what a cap is counted over.
fn period_start(per: CapPer, line: &Line) -> Day {
    match per {
        CapPer::Dag => line.day,
        CapPer::Manad => line.accrued_in.first(),
        CapPer::Ar | CapPer::PersonAr => Month::of(line.day).first_of_year(),
    }
}

/// When a line could first go out, and what became known before it.
fn arrival(line: &Line, attended: &BTreeMap<MeetingId, &Attended>) -> impl Ord + use<> {
    let inkom = match &line.occasion {
        Occasion::Meeting(meeting) => attended.get(meeting).map(|attended| attended.attendance.inkom),
        _ => None,
    };
    let inkom = inkom.unwrap_or(line.accrued_in.first());
    (line.payable_from.max(Month::of(inkom)), inkom, line.day, line.occasion.clone(), line.kind, line.apris)
}
