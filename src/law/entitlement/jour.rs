//! Villkorsbilagan: jour, day by day; and § 7 a: a kommunalråd's absence for payroll.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Finding, Says, place_text};
use crate::calendar::{Clock, Day, Minutes, Month, each_day};
use crate::domain::{AbsenceKind, Line, LineKind, Occasion, OrganCode, Provenance, RemarkKind, State, Step};
use crate::law::bestammelserna::p02_sammantraden::span;
use crate::law::bestammelserna::p07_arsarvode as p07;
use crate::law::bestammelserna::{bilaga_jour, p18_utbetalning as p18};
use crate::money::Ore;

/// The days of jour in one organ's stead: active duty with where it was read.
type Days<'a> = BTreeMap<(Day, OrganCode), (&'a Provenance, Vec<(Clock, Clock)>)>;

impl<'a> Finding<'a> {
    /// Inställningsarvode for each day, timarvode for active duty outside `paid` minutes of meetings.
    pub(super) fn jour(&mut self, paid: &Minutes) {
        let mut days: Days<'a> = Days::new();
        for (jour, source) in &self.facts.jour {
            // Nobody is on jour for longer than a year at a stretch: a garbled row must not fill the memory.
            let last = jour.to.min(crate::calendar::days_later(jour.from, 366));
            for day in each_day(jour.from, last) {
                let found = days.entry((day, jour.organ.clone())).or_insert_with(|| (source, Vec::new()));
                if day == jour.from {
                    found.1.extend(jour.active.iter().copied());
                }
            }
        }
        let mut taken = paid.clone();
        for ((day, organ), (source, mut active)) in days {
            if Month::of(day) < self.common.first_month || self.is_payable_too_late(LineKind::Installningsarvode, day) {
                continue;
            }
            active.sort_unstable();
            self.jour_day(day, &organ, source, &active, &mut taken);
        }
    }

    fn is_payable_too_late(&self, kind: LineKind, day: Day) -> bool {
        p18::payable_from(self.common.rules, kind, Month::of(day)) > self.common.payout
    }

    fn jour_day(
        &mut self,
        day: Day,
        organ: &OrganCode,
        source: &'a Provenance,
        active: &[(Clock, Clock)],
        taken: &mut Minutes,
    ) {
        let rules = self.occasional(day);
        let paragraph = LineKind::Installningsarvode.paragraph();
        let fee = match bilaga_jour::fee(self.facts, rules, organ, day) {
            Ok(fee) => fee,
            Err(reason) => {
                let proposed = "rätta kolumnen För, eller bilagans [[jour]]".to_owned();
                let says = Says { reason, paragraph, proposed, worth: None };
                return self.remark(RemarkKind::Attendance, State::Held, day, source, says);
            }
        };
        let mut told = vec![Step { text: format!("jour för {organ} {day}"), basis: place_text(source) }];
        let Some(belopp) = bilaga_jour::per_day(rules, fee, day, &mut |step| told.push(step())) else {
            let reason = format!("basen för inställningsarvodet saknar värde {day}");
            let proposed = "för in basens värde i config/regelverk".to_owned();
            let says = Says { reason, paragraph, proposed, worth: None };
            return self.remark(RemarkKind::Attendance, State::Held, day, source, says);
        };
        let steps = self.common.steps(|| told);
        let occasion = Occasion::Jour(organ.clone(), day);
        let units = (Decimal::ONE, belopp.kronor().normalize(), belopp);
        let line = self.line(occasion.clone(), LineKind::Installningsarvode, day, organ, units, steps);
        self.push(line);
        let mut minutes = Minutes::default();
        for &(from, to) in active {
            match span(day, from, to) {
                Ok(stretch) => minutes.add(&stretch),
                Err((reason, proposed)) => {
                    let says = Says { reason, paragraph, proposed, worth: None };
                    self.remark(RemarkKind::Attendance, State::Held, day, source, says);
                }
            }
        }
        let minutes = minutes.without(taken);
        taken.add(&minutes);
        if minutes.is_empty() {
            return;
        }
        let Some(pay) = bilaga_jour::active(rules, organ, day, minutes.count()) else {
            let reason = format!("inget timpris är beslutat för {organ} {day}");
            let proposed = "för in beloppet i bilagan (config/regelverk)".to_owned();
            let says = Says { reason, paragraph, proposed, worth: None };
            return self.remark(RemarkKind::Attendance, State::Held, day, source, says);
        };
        let steps = self.common.steps(|| {
            let text = format!("jour för {organ} {day}: {} minuter aktiv tjänstgöring", minutes.count());
            let mut steps = vec![Step { text, basis: place_text(source) }];
            steps.extend(pay.steps);
            steps
        });
        let units = (pay.antal, pay.apris, pay.belopp);
        let line = self.line(occasion, LineKind::Timarvode, day, organ, units, steps);
        self.push(line);
    }

    /// § 7 a 6: each day that a kommunalråd is absent, told to payroll once for each kind.
    pub(super) fn absences(&mut self) {
        const KINDS: [AbsenceKind; 3] = [AbsenceKind::Hindrad, AbsenceKind::SomSemester, AbsenceKind::Annan];
        let too_late = |day| KINDS.iter().all(|slag| self.is_payable_too_late(p07::absence_kind(*slag), day));
        let mut last = self.common.payout.last();
        while last >= self.common.first_month.first() && too_late(last) {
            last = Month::of(last).plus(-1).last();
        }
        let mut told: BTreeMap<Day, Decimal> = BTreeMap::new();
        let mut lines: BTreeMap<(Day, LineKind), Line> = BTreeMap::new();
        let mut absences: Vec<_> = self.facts.absences.iter().collect();
        absences.sort_by_key(|(absence, source)| (absence.from, absence.to, source.row));
        for (absence, source) in absences {
            let first = absence.from.max(self.common.first_month.first());
            for day in each_day(first, absence.to.map_or(last, |to| to.min(last))) {
                let Some(organ) = p07::kommunalrad_in(self.facts, self.monthly(day), day) else { continue };
                let so_far = told.entry(day).or_default();
                let part = absence.omfattning.clamp(Decimal::ZERO, Decimal::ONE_HUNDRED - *so_far);
                *so_far += part;
                if part.is_zero() {
                    continue;
                }
                let kind = p07::absence_kind(absence.slag);
                let text = format!("frånvaro {} % den {day}: kommunalråds arvode minskas inte här", part.normalize());
                let steps = self.common.steps(|| {
                    vec![
                        Step { text, basis: place_text(source) },
                        Step {
                            text: "frånvaron går till lönesystemet som tidtransaktion".to_owned(),
                            basis: "§ 7 a".to_owned(),
                        },
                    ]
                });
                let antal = (part / Decimal::ONE_HUNDRED).normalize();
                if let Some(known) = lines.get_mut(&(day, kind)) {
                    known.antal = (known.antal + antal).normalize();
                    known.steps.extend(steps);
                    continue;
                }
                let units = (antal, Decimal::ZERO, Ore::ZERO);
                lines.insert((day, kind), self.line(Occasion::Absence(day), kind, day, &organ, units, steps));
            }
        }
        lines.into_values().for_each(|line| self.push(line));
    }
}
