//! §§ 8 (external) and 9: which attendance pays, for which minutes, and the day's meetings together.

use std::collections::BTreeMap;

use super::losses::granted_step;
use super::{Entitled, Finding, Rights, Says, place_text};
use crate::calendar::{Day, Minutes, Month, instant_minutes};
use crate::domain::{LineKind, MeetingId, Occasion, OrganCode, RemarkKind, Slag, State, Step};
use crate::law::bestammelserna::{
    bilaga_kurser, p01_vilka_som_omfattas as p01, p02_sammantraden as p02, p08_fast_arvode as p08,
    p09_sammantradesarvode as p09,
};
use crate::law::facts::Attended;
use crate::law::tariff::{self, Pay, Settled};
use crate::money::swedish;

/// A meeting that pays, and for how many minutes.
struct Paying<'a, 'b> {
    entitled: &'b Entitled<'a>,
    /// § 8: by the hour from the first minute.
    by_the_hour: bool,
    minutes: i64,
}

impl<'a> Finding<'a> {
    /// § 2 c: at most so many hours a day, arvode and lost income alike.
    pub(super) fn limit_courses(&self, rights: &mut Rights<'a>) {
        let mut courses: Vec<&mut Entitled<'a>> = rights
            .values_mut()
            .filter_map(|right| right.as_mut().ok())
            .filter(|right| right.slag == Slag::Kurs)
            .collect();
        courses.sort_by_cached_key(|entitled| meeting_order(entitled));
        let mut used = bilaga_kurser::Used::default();
        for entitled in courses {
            let day = entitled.attended.meeting.day;
            let counted = used.counted(self.occasional(day), day, entitled.presence.minutes.count());
            entitled.compensated = entitled.presence.minutes.first(counted);
        }
    }

    /// §§ 8 (external) and 9: each hour once, courses at most their hours a day, the meetings of a day together. Gives
    /// the minutes that were paid.
    pub(super) fn meetings(&mut self, rights: &Rights<'a>) -> Minutes {
        let mut paying = self.paying(rights);
        paying.sort_by_cached_key(|paying| meeting_order(paying.entitled));
        let paid = self.count_minutes(&mut paying);
        let mut by_day: BTreeMap<Day, Vec<Paying<'a, '_>>> = BTreeMap::new();
        for one in paying {
            by_day.entry(one.entitled.attended.meeting.day).or_default().push(one);
        }
        for (day, of_day) in by_day {
            self.meetings_of_day(day, &of_day);
        }
        paid
    }

    fn paying<'b>(&mut self, rights: &'b Rights<'a>) -> Vec<Paying<'a, 'b>> {
        let mut paying = Vec::new();
        for entitled in rights.values().filter_map(|right| right.as_ref().ok()) {
            let (day, organ) = (entitled.attended.meeting.day, &entitled.attended.meeting.organ);
            if Month::of(day) < self.common.first_month {
                continue;
            }
            let rules = self.occasional(day);
            let by_the_hour = p08::pays_by_the_hour(self.facts, rules, day, entitled.slag);
            let reason = if p01::is_in_class(self.facts, rules, day) {
                Some("hör till klassen i § 1: bara § 7 och §§ 10-19".to_owned())
            } else if by_the_hour {
                None
            } else {
                p09::shut_out_by(self.facts, rules, day, organ, entitled.slag)
            };
            match reason {
                None => paying.push(Paying { entitled, by_the_hour, minutes: 0 }),
                Some(reason) if self.common.explain => {
                    let says = Says { reason, paragraph: "§ 9", ..Says::default() };
                    self.remark(RemarkKind::Attendance, State::Noted, day, &entitled.attended.source, says);
                }
                Some(_) => {}
            }
        }
        paying
    }

    /// The same hour is paid once, and courses at most their hours a day.
    fn count_minutes(&mut self, paying: &mut [Paying<'a, '_>]) -> Minutes {
        let mut taken = Minutes::default();
        let mut courses = bilaga_kurser::Used::default();
        for one in paying {
            let entitled = one.entitled;
            let minutes = entitled.presence.minutes.without(&taken);
            let day = entitled.attended.meeting.day;
            if minutes != entitled.presence.minutes {
                let lost = entitled.presence.minutes.count() - minutes.count();
                let reason = format!("{lost} minuter överlappar ett tidigare möte och betalas en gång");
                let proposed = "kontrollera att båda mötenas tider stämmer".to_owned();
                let says = Says { reason, paragraph: "§ 9", proposed, worth: None };
                self.remark(RemarkKind::Attendance, State::Noted, day, &entitled.attended.source, says);
            }
            one.minutes = minutes.count();
            if entitled.slag == Slag::Kurs {
                one.minutes = courses.counted(self.occasional(day), day, one.minutes);
            }
            taken.add(&minutes.first(one.minutes));
        }
        taken
    }

    fn meetings_of_day(&mut self, day: Day, of_day: &[Paying<'a, '_>]) {
        let rules = self.occasional(day);
        let (external, ordinary): (Vec<_>, Vec<_>) = of_day.iter().partition(|one| one.by_the_hour);
        let sitting = |one: &&Paying<'a, '_>| {
            let attended = one.entitled.attended;
            let serves =
                attended.attendance.tjanstgorande != Some(false) || p02::has_narvaroratt(self.common, attended);
            let place = if self.common.explain { place_text(&attended.source) } else { String::new() };
            p09::sitting(self.facts, attended, one.entitled.slag, one.minutes, serves, place)
        };
        let sittings: Vec<tariff::Sitting> = ordinary.iter().map(sitting).collect();
        let settled = tariff::day(rules, day, &sittings, self.common.explain);
        for (one, settled) in ordinary.into_iter().zip(settled) {
            self.settled(one, settled);
        }
        for one in external {
            self.external(day, one);
        }
    }

    /// § 8 clause 5: the hourly price of the row that the meeting falls under, from the first minute.
    fn external(&mut self, day: Day, one: &Paying<'a, '_>) {
        if one.minutes < 1 {
            return;
        }
        let (rules, meeting) = (self.occasional(day), &one.entitled.attended.meeting);
        let (of, explain) = ((&meeting.organ, one.entitled.slag), self.common.explain);
        let kind = LineKind::TimarvodeForrattning;
        let mut settled = Settled::default();
        match tariff::started_hours(rules, kind, of, day, one.minutes, explain) {
            Some(mut pay) => {
                let text = format!("{} {day}: {} betalda minuter", meeting.organ, one.minutes);
                let basis = place_text(&one.entitled.attended.source);
                pay.steps.extend(explain.then_some(Step { text, basis }));
                settled.pays.push(pay);
            }
            None => settled.missing = Some(format!("inget timpris är beslutat för {} {day}", meeting.organ)),
        }
        self.settled(one, settled);
    }

    fn settled(&mut self, one: &Paying<'a, '_>, settled: Settled) {
        let (attended, paragraph) = (one.entitled.attended, if one.by_the_hour { "§ 8" } else { "§ 9" });
        let (meeting, source) = (&attended.meeting, &attended.source);
        for cut in settled.cuts {
            let says = Says { reason: cut.reason, paragraph, worth: Some(cut.worth), ..Says::default() };
            self.remark(RemarkKind::Attendance, State::Noted, meeting.day, source, says);
        }
        if let Some(reason) = settled.missing {
            let proposed = "för in beloppet i bilagan (config/regelverk)".to_owned();
            let says = Says { reason, paragraph, proposed, worth: None };
            self.remark(RemarkKind::Attendance, State::Held, meeting.day, source, says);
        }
        for pay in settled.pays {
            let Pay { kind, antal, apris, belopp, mut steps } = pay;
            steps.extend(self.common.steps(|| {
                let cited = p02::decisions(self.common, attended).into_iter().map(granted_step);
                let text = format!("{antal} x {} kr = {}", apris.normalize(), swedish(belopp));
                cited.chain([Step { text, basis: kind.paragraph().to_owned() }]).collect()
            }));
            let occasion = Occasion::Meeting(meeting.meeting);
            let line = self.line(occasion, kind, meeting.day, &meeting.organ, (antal, apris, belopp), steps);
            self.push(line);
        }
    }
}

/// Which of two overlapping meetings keeps the time: the one that starts first, then the longer, then by what the
/// meetings are, never by the order in which they became known.
fn meeting_order<'a>(entitled: &Entitled<'a>) -> (i64, i64, &'a OrganCode, Option<&'a str>, MeetingId) {
    let attended: &'a Attended = entitled.attended;
    let (attendance, meeting) = (&attended.attendance, &attended.meeting);
    let hours = if meeting.hours.is_empty() { &attendance.hours } else { &meeting.hours };
    let start = hours.first().and_then(|(start, _)| instant_minutes(meeting.day, *start).ok()).unwrap_or(i64::MAX);
    let length = entitled.presence.minutes.count();
    (start, -length, &meeting.organ, meeting.external.as_deref(), meeting.meeting)
}
