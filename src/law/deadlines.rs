//! § 16: every yrkande, and every one that is usual for the person and has not come, with its exact last day.
//!
//! 1. A yrkande that came in counts as made, but lacks evidence, an amount, or something else before it can be paid.
//! 2. An attendance gives a right to a kind that the person usually claims (`Brukar yrka` of Personer), and no such
//!    yrkande has come.
//! 3. A yrkande is granted and its money has not left.
//!
//! Nothing here decides anything: what came late is held by the paragraph itself, and a person decides (§ 17).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::avstaende::waives;
use super::bestammelserna::p02_sammantraden::{Presence, Right, right};
use super::bestammelserna::p11_resekostnader::{self as p11, Trip};
use super::bestammelserna::{
    bilaga_loneavdrag, p01_vilka_som_omfattas as p01, p03_forlorad_arbetsinkomst as p03, p16_sista_dag as p16,
    p17_tolkning as p17,
};
use super::entitlement::{Entitlement, WHEN_LISTED};
use super::facts::{Attended, Claimed, Common, Group, PersonFacts};
use crate::calendar::{Day, Month};
use crate::domain::{
    Claim, ClaimId, ClaimKind, Line, Meeting, MeetingId, Occasion, Remark, RemarkKind, State, Undecided, folded,
};
use crate::money::Ore;
use crate::regelverk::Regelverk;

/// What a yrkande that came in still lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// Evidence.
    Underlag,
    /// The amount.
    Belopp,
    /// Something else that the person can tell: kilometres, times, a year of birth.
    Uppgift,
    /// The meeting's list must be completed; the person can do nothing.
    Lista,
    /// Somebody must decide; the person can do nothing.
    Beslut,
}

/// Why a last day is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// Clause 1.
    Made(Lack),
    /// Clause 2.
    Possible,
    /// Clause 3.
    Granted,
}

impl Flag {
    /// The person can still do something about it.
    pub fn is_for_person(self) -> bool {
        matches!(self, Flag::Possible | Flag::Made(Lack::Underlag | Lack::Belopp | Lack::Uppgift))
    }
}

/// A last day that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The last day, moved to a working day where the regulation says so.
    pub last_day: Day,
    /// Why it is watched.
    pub flag: Flag,
    /// What is or may be claimed.
    pub kind: ClaimKind,
    /// For which meeting.
    pub meeting: Arc<Meeting>,
    /// The row of Yrkanden; none of a possible one, or of one in an attendance list.
    pub claim: Option<ClaimId>,
    /// What is missing, in Swedish.
    pub missing: String,
    /// What to do about it, in Swedish.
    pub mend: String,
    /// What it may be worth; none where nobody can say.
    pub worth: Option<Ore>,
    /// The worth is not what somebody asked for, but what is on file gives for the presence or the way.
    pub is_estimate: bool,
}

/// One person's watched last days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// In their order.
    pub deadlines: Vec<Deadline>,
    /// Words of `Brukar yrka` that name no kind.
    pub unread: BTreeSet<String>,
}

/// Everything of one person, by what the regulation gave; `unpaid` is what of a line has not left.
pub fn deadlines(
    facts: &PersonFacts,
    common: &Common<'_>,
    found: &Entitlement,
    unpaid: &dyn Fn(&Line) -> Ore,
) -> Watched {
    let watch = Watch { facts, common };
    let mut watched = Watched::default();
    watched.deadlines.extend(watch.made(&found.remarks));
    watched.deadlines.extend(watch.granted(&found.lines, unpaid));
    watch.possible(&mut watched);
    watched.deadlines.sort_by_key(|one| (one.last_day, one.meeting.day, one.kind, one.flag, one.claim));
    watched
}

/// The kinds that a text such as `förlorad arbetsinkomst, resa` names, and the words that name none.
pub fn usual_kinds(text: &str) -> (BTreeSet<ClaimKind>, BTreeSet<String>) {
    let (mut kinds, mut unread) = (BTreeSet::new(), BTreeSet::new());
    let parts = text.split([',', ';', '/', '+', '\n']).flat_map(|part| part.split(" och "));
    let is_said = |word: &&str| !["", "nej", "inget", "ingen", "inga"].contains(&folded(word).as_str());
    for word in parts.map(str::trim).filter(is_said) {
        match ClaimKind::parse(word) {
            Some(kind) => drop(kinds.insert(kind)),
            None => drop(unread.insert(word.to_owned())),
        }
    }
    (kinds, unread)
}

struct Watch<'a> {
    facts: &'a PersonFacts,
    common: &'a Common<'a>,
}

impl<'a> Watch<'a> {
    fn rules(&self, day: Day) -> &'a Regelverk {
        self.common.rules.of(Month::of(day), Group::Occasional)
    }

    fn last_day(&self, kind: ClaimKind, counted_from: Day) -> Option<Day> {
        p16::last_day(self.rules(counted_from), kind, counted_from)
    }

    fn last_day_of(&self, claimed: &Claimed) -> Option<Day> {
        self.last_day(claimed.claim.slag, p16::counted_from(&claimed.claim, claimed.meeting.day))
    }

    /// Clause 1: what is held, but not for being late.
    fn made(&self, remarks: &[Remark]) -> Vec<Deadline> {
        let mut found: Vec<Deadline> = Vec::new();
        let is_open = |remark: &&Remark| {
            remark.kind == RemarkKind::Claim && remark.state == State::Held && remark.paragraph != "§ 16"
        };
        for one in remarks.iter().filter(is_open).filter_map(|remark| self.held(remark)) {
            let same = |other: &&mut Deadline| {
                (other.claim, other.kind, other.meeting.meeting) == (one.claim, one.kind, one.meeting.meeting)
            };
            match found.iter_mut().find(same) {
                Some(known) => known.missing = format!("{}; {}", known.missing, one.missing),
                None => found.push(one),
            }
        }
        found
    }

    fn held(&self, remark: &Remark) -> Option<Deadline> {
        let (missing, mend, worth) = (remark.reason.clone(), remark.proposed.clone(), remark.worth);
        let claimed = self.facts.claims.iter().find(|claimed| match remark.undecided {
            Some(Undecided::Claim(claim, _, _)) => claimed.claim.claim == claim,
            _ => claimed.source == remark.place,
        });
        if let Some(claimed) = claimed {
            let (kind, meeting) = (claimed.claim.slag, claimed.meeting.clone());
            let flag = Flag::Made(self.lack(&claimed.claim, &meeting, remark));
            let estimate = self.worth_without_amount(&claimed.claim, &meeting).filter(|_| worth.is_none());
            let (worth, is_estimate) = (worth.or(estimate), estimate.is_some());
            let (last_day, claim) = (self.last_day_of(claimed)?, Some(claimed.claim.claim));
            return Some(Deadline { last_day, flag, kind, meeting, claim, missing, mend, worth, is_estimate });
        }
        let attended = self.facts.attended.iter().find(|attended| attended.source == remark.place)?;
        let is_trip = remark.paragraph == "§ 11";
        let kind = if is_trip { ClaimKind::Resa } else { ClaimKind::ForloradArbetsinkomst };
        let lack = match of_others(remark) {
            Some(lack) => lack,
            None if is_trip => Lack::Uppgift,
            None => Lack::Underlag,
        };
        let (meeting, flag) = (attended.meeting.clone(), Flag::Made(lack));
        let last_day = self.last_day(kind, meeting.day)?;
        Some(Deadline { last_day, flag, kind, meeting, claim: None, missing, mend, worth, is_estimate: false })
    }

    fn lack(&self, claim: &Claim, meeting: &Meeting, remark: &Remark) -> Lack {
        if let Some(lack) = of_others(remark) {
            return lack;
        }
        let is_proven = claim.styrkt == Some(true) || p17::ruling(self.common, claim, meeting).proven.is_some();
        let is_of_distance = matches!(claim.slag, ClaimKind::Resa | ClaimKind::Traktamente);
        let has_intyg =
            claim.slag == ClaimKind::ForloradArbetsinkomst && p03::certified_hourly(self.facts, meeting.day).is_some();
        let lacks_amount = claim.belopp.is_none_or(|belopp| belopp <= Ore::ZERO);
        match claim.slag {
            _ if is_of_distance => Lack::Uppgift,
            ClaimKind::Barntillsyn if is_proven && claim.barn_fott.is_none() => Lack::Uppgift,
            _ if lacks_amount && (is_proven || has_intyg) => Lack::Belopp,
            _ if !is_proven => Lack::Underlag,
            // All is told and proven: the utskott has the word.
            ClaimKind::Ovrigt => Lack::Beslut,
            _ => Lack::Uppgift,
        }
    }

    /// A loss without an amount is worth what the schablon or the certificate gives for the presence.
    fn worth_without_amount(&self, claim: &Claim, meeting: &Meeting) -> Option<Ore> {
        let is_loss = claim.slag == ClaimKind::ForloradArbetsinkomst && claim.belopp.is_none();
        let attended = self.facts.attended.iter().find(|one| is_loss && one.meeting.meeting == meeting.meeting)?;
        self.loss_of(meeting.day, &self.presence(attended)?)
    }

    fn loss_of(&self, day: Day, presence: &Presence) -> Option<Ore> {
        p03::estimate(self.facts, self.rules(day), day, presence.minutes.count())
    }

    fn presence(&self, attended: &Attended) -> Option<Presence> {
        match right(self.facts, self.common, self.rules(attended.meeting.day), attended) {
            Right::Yes(presence) => Some(presence),
            Right::No(_) | Right::Unclear(..) => None,
        }
    }

    /// Clause 3: by yrkande, since one may give several lines.
    fn granted(&self, lines: &[Line], unpaid: &dyn Fn(&Line) -> Ore) -> Vec<Deadline> {
        let mut owed: BTreeMap<(&Occasion, ClaimKind), Ore> = BTreeMap::new();
        for line in lines {
            let kind = ClaimKind::all().find(|kind| kind.pays(line.kind));
            if let Some(kind) = kind {
                *owed.entry((&line.occasion, kind)).or_default() += unpaid(line);
            }
        }
        let owed = owed.into_iter().filter(|(_, belopp)| *belopp > Ore::ZERO);
        owed.filter_map(|((occasion, kind), belopp)| self.owed(occasion, kind, belopp)).collect()
    }

    fn owed(&self, occasion: &Occasion, kind: ClaimKind, belopp: Ore) -> Option<Deadline> {
        let (last_day, meeting, claim) = match occasion {
            Occasion::Claim(id) => {
                let claimed = self.facts.claims.iter().find(|claimed| claimed.claim.claim == *id)?;
                (self.last_day_of(claimed)?, claimed.meeting.clone(), Some(*id))
            }
            Occasion::Meeting(id) => {
                let attended = self.facts.attended.iter().find(|attended| attended.meeting.meeting == *id)?;
                (self.last_day(kind, attended.meeting.day)?, attended.meeting.clone(), None)
            }
            _ => return None,
        };
        let missing = "beviljat men inte utbetalt".to_owned();
        let mend = "attestera och lämna ut nästa månads körning".to_owned();
        let (flag, worth, is_estimate) = (Flag::Granted, Some(belopp), false);
        Some(Deadline { last_day, flag, kind, meeting, claim, missing, mend, worth, is_estimate })
    }

    /// Clause 2.
    fn possible(&self, watched: &mut Watched) {
        for attended in &self.facts.attended {
            let day = attended.meeting.day;
            if Month::of(day) < self.common.first_month || day > self.common.claims_until {
                continue;
            }
            let usual = self.facts.profile(day).and_then(|profile| profile.brukar_yrka.as_deref()).unwrap_or_default();
            let (kinds, unread) = usual_kinds(usual);
            watched.unread.extend(unread);
            let open: Vec<ClaimKind> = kinds.into_iter().filter(|kind| !self.is_settled(attended, *kind)).collect();
            if open.is_empty() {
                continue;
            }
            let Some(presence) = self.presence(attended) else { continue };
            watched.deadlines.extend(open.into_iter().filter_map(|kind| self.possible_of(attended, &presence, kind)));
        }
    }

    /// It was claimed (also if the person took it back), cannot be, or is waived.
    fn is_settled(&self, attended: &Attended, kind: ClaimKind) -> bool {
        let (attendance, meeting) = (&attended.attendance, &attended.meeting);
        let day = meeting.day;
        let same_meeting = |of: MeetingId| of == meeting.meeting;
        let mut claims = self.facts.claims.iter().filter(|claimed| claimed.claim.slag == kind);
        let is_of_work =
            matches!(kind, ClaimKind::ForloradArbetsinkomst | ClaimKind::Pensionsforman | ClaimKind::Semesterforman);
        let has_km = |attended: &Attended| attended.attendance.km.is_some_and(|km| !km.is_zero());
        waives(self.facts, kind, day)
            || match kind {
                // One trip a day is paid, whichever meeting it is written at.
                ClaimKind::Resa => {
                    let mut of_day = self.facts.attended.iter().filter(|one| one.meeting.day == day);
                    attendance.distans || claims.any(|one| one.meeting.day == day) || of_day.any(has_km)
                }
                ClaimKind::Traktamente => {
                    let is_home = meeting.utom_kommunen != Some(true);
                    attendance.distans || is_home || claims.any(|one| same_meeting(one.meeting.meeting))
                }
                ClaimKind::ForloradArbetsinkomst if attendance.forlorad.is_some() => true,
                _ => claims.any(|one| same_meeting(one.meeting.meeting)),
            }
            || is_of_work
                && p01::is_in_class(self.facts, self.rules(day), day)
                && !bilaga_loneavdrag::covers(self.facts, self.rules(day), meeting)
    }

    fn possible_of(&self, attended: &Attended, presence: &Presence, kind: ClaimKind) -> Option<Deadline> {
        let meeting = attended.meeting.clone();
        let worth = match kind {
            ClaimKind::ForloradArbetsinkomst => self.loss_of(meeting.day, presence),
            ClaimKind::Resa => self.trip(&meeting)?,
            _ => None,
        };
        let (missing, last_day) = ("inget yrkande har kommit".to_owned(), self.last_day(kind, meeting.day)?);
        let mend = "för in yrkandet i Yrkanden när det kommer".to_owned();
        let (flag, is_estimate) = (Flag::Possible, worth.is_some());
        Some(Deadline { last_day, flag, kind, meeting, claim: None, missing, mend, worth, is_estimate })
    }

    /// What the way from home gives, where it is known; none at all where it is too short for § 11.
    fn trip(&self, meeting: &Meeting) -> Option<Option<Ore>> {
        let (day, rules) = (meeting.day, self.rules(meeting.day));
        let utom_kommunen = meeting.utom_kommunen == Some(true);
        let stored = p11::stored_distance(self.facts, meeting.plats.as_deref()).filter(|_| !utom_kommunen);
        let Some(one_way) = stored else { return Some(None) };
        let km = one_way * rust_decimal::Decimal::TWO;
        let plats = meeting.plats.clone();
        let trip = Trip { day, km, plats, utom_kommunen, times: None, starts_from: None };
        match p11::payable_km(self.facts, rules, &trip) {
            Ok(km) => Some(Some(p11::mileage(self.facts, rules, &trip, km).0.iter().map(|part| part.belopp).sum())),
            Err(p11::NoTravel::TooNear(_)) => None,
            Err(p11::NoTravel::Unclear(..)) => Some(None),
        }
    }
}

/// What only others can mend: the list, or a decision where nothing but a refusal is proposed.
fn of_others(remark: &Remark) -> Option<Lack> {
    let is_of_list = remark.paragraph == "§ 2" || remark.proposed == WHEN_LISTED;
    let is_refusal = remark.paragraph == "§ 1" || remark.proposed.starts_with("avslag");
    match (is_refusal, is_of_list) {
        (true, _) => Some(Lack::Beslut),
        (false, true) => Some(Lack::Lista),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_is_read_as_it_is_written() {
        let check = |text: &str, kinds: &[ClaimKind], unread: &[&str]| {
            let (found, other) = usual_kinds(text);
            assert_eq!(found.into_iter().collect::<Vec<_>>(), kinds, "{text}");
            assert_eq!(other.iter().map(String::as_str).collect::<Vec<_>>(), unread, "{text}");
        };
        let loss = ClaimKind::ForloradArbetsinkomst;
        check("förlorad arbetsinkomst, resa", &[loss, ClaimKind::Resa], &[]);
        check("Förlorad arbetsinkomst (§ 3) och barntillsyn", &[loss, ClaimKind::Barntillsyn], &[]);
        check("barnvakt; resa", &[ClaimKind::Resa], &["barnvakt"]);
        check(" , ", &[], &[]);
        check("nej", &[], &[]);
    }
}
