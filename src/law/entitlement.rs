//! What a person is entitled to: the paragraphs in their order, and what crosses them.

mod behind;
mod costs;
mod jour;
mod losses;
mod meetings;
mod tak;
mod trips;

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::bestammelserna::p02_sammantraden::{Presence, Right, right};
use super::bestammelserna::{
    p07_arsarvode as p07, p08_fast_arvode as p08, p16_sista_dag as p16, p18_utbetalning as p18,
};
use super::facts::{Attended, Claimed, Common, Group, PersonFacts};
use crate::calendar::{Day, Minutes, Month, each_day};
use crate::domain::{
    ClaimKind, Line, LineKind, MeetingId, Occasion, OrganCode, Provenance, Remark, RemarkKind, Slag, State, Step,
    Undecided,
};
use crate::money::{Fraction, Ore};
use crate::regelverk::{FeeKind, Regelverk};

/// A person's lines, and what a person must look at.
#[derive(Clone, Debug, Default)]
pub struct Entitlement {
    /// What may be paid by the payout month.
    pub lines: Vec<Line>,
    /// What waits, was cut, or is not paid, and why.
    pub remarks: Vec<Remark>,
    /// There is more that may be paid later than in the payout month.
    pub has_later: bool,
}

/// Everything that one person is entitled to, up to a payout month.
pub fn entitlement(facts: &PersonFacts, common: &Common<'_>) -> Entitlement {
    let mut found = Finding { facts, common, result: Entitlement::default() };
    found.fees();
    found.absences();
    let rights = found.rights();
    let paid = found.meetings(&rights);
    found.jour(&paid);
    found.limit_by_tak();
    let lost = found.losses(&rights);
    found.costs(&rights, &lost);
    found.trips(&rights);
    found.traktamenten(&rights);
    found.result
}

/// An attendance that gives a right, with its paid minutes.
struct Entitled<'a> {
    attended: &'a Attended,
    slag: Slag,
    presence: Presence,
    /// Presence that a lost income may be for: of courses, at most their hours a day.
    compensated: Minutes,
}

/// Rights by meeting; a meeting whose right is unclear or absent has the reason.
type Rights<'a> = BTreeMap<MeetingId, Result<Entitled<'a>, NoRight>>;

/// What is proposed for a claim whose attendance is unclear.
pub(super) const WHEN_LISTED: &str = "pröva yrkandet när närvaron är klar";

/// Why an attendance gives no right.
struct NoRight {
    reason: String,
    /// Somebody must say more before the right can be judged.
    is_unclear: bool,
}

impl NoRight {
    /// What to do with a claim that belongs to it.
    fn proposed(&self, refusal: &str) -> String {
        let proposed = if self.is_unclear { WHEN_LISTED } else { refusal };
        proposed.to_owned()
    }
}

struct Finding<'a> {
    facts: &'a PersonFacts,
    common: &'a Common<'a>,
    result: Entitlement,
}

impl<'a> Finding<'a> {
    fn occasional(&self, day: Day) -> &'a Regelverk {
        self.common.rules.of(Month::of(day), Group::Occasional)
    }

    fn monthly(&self, day: Day) -> &'a Regelverk {
        self.common.rules.of(Month::of(day), Group::Monthly)
    }

    fn push(&mut self, line: Line) {
        if line.payable_from <= self.common.payout {
            self.result.lines.push(line);
        } else {
            self.result.has_later = true;
        }
    }

    #[allow(clippy::too_many_arguments, reason = "a line has so many parts, and each is named at the call")]
    fn line(
        &self,
        occasion: Occasion,
        kind: LineKind,
        day: Day,
        organ: &OrganCode,
        (antal, apris, belopp): (Decimal, Decimal, Ore),
        steps: Vec<Step>,
    ) -> Line {
        let accrued_in = Month::of(day);
        let payable_from = p18::payable_from(self.common.rules, kind, accrued_in);
        let behind =
            if self.common.explain { self.behind(&occasion, kind, day) } else { crate::domain::Behind::default() };
        let organ = organ.clone();
        Line { occasion, kind, day, organ, antal, apris, belopp, accrued_in, payable_from, steps, behind }
    }

    fn remark(&mut self, kind: RemarkKind, state: State, day: Day, source: &Provenance, says: Says) {
        let is_open = kind == RemarkKind::Claim && state == State::Held;
        let of_claim = self.facts.claims.iter().find(|claimed| is_open && claimed.source == *source);
        let undecided = of_claim.map(|claimed| {
            let claim = &claimed.claim;
            Undecided::Claim(claim.claim, claim.meeting, claim.slag)
        });
        self.result.remarks.push(Remark {
            kind,
            state,
            undecided,
            day: Some(day),
            reason: says.reason,
            paragraph: says.paragraph,
            proposed: says.proposed,
            worth: says.worth,
            place: source.clone(),
        });
    }

    /// §§ 7 and 8, month by month.
    fn fees(&mut self) {
        let facts = self.facts;
        for (uppdrag, source) in &facts.uppdrag {
            let Some(nyckel) = uppdrag.nyckel.as_deref() else {
                continue;
            };
            let last = uppdrag.to.map_or(self.common.payout, |to| Month::of(to).min(self.common.payout));
            let mut month = Month::of(uppdrag.from).max(self.common.first_month);
            while month <= last {
                let rules = self.common.rules.of(month, Group::Monthly);
                let on = uppdrag.from.max(month.first());
                let until = uppdrag.to.map_or(month.last(), |to| to.min(month.last()));
                let mut fees = each_day(on, until).filter_map(|day| rules.fee(nyckel, day)).map(|dated| &dated.value);
                if let Some(fee) = fees.find(|fee| fee.kind != FeeKind::Inget) {
                    self.fee_of_month(uppdrag, source, fee, rules, month);
                }
                month = month.plus(1);
            }
        }
    }

    fn fee_of_month(
        &mut self,
        uppdrag: &crate::domain::Uppdrag,
        source: &Provenance,
        fee: &crate::regelverk::UppdragFee,
        rules: &Regelverk,
        month: Month,
    ) {
        let (facts, is_yearly) = (self.facts, fee.kind == FeeKind::Arsarvode);
        let kept = |day: Day| -> (Fraction, Option<&'static str>) {
            if !is_yearly {
                return p08::part_kept(facts, rules, day);
            }
            let full_time = p07::part_within_full_time(facts, rules, uppdrag, day);
            let absence = p07::part_despite_absence(facts, rules, day);
            let reason = match (full_time == Fraction::ONE, absence == Fraction::ONE) {
                (false, _) => Some("sammanlagd sysselsättningsgrad högst 100 procent"),
                (true, false) => Some("hindrad i mer än två månader"),
                (true, true) => None,
            };
            (full_time.times(absence), reason)
        };
        let shares = is_yearly || p08::is_divided(rules, month.first());
        let Some(found) = p07::month_fee(self.common.register, rules, uppdrag, fee, month, &kept, shares) else {
            return;
        };
        let (kind, paragraph) = if is_yearly { (LineKind::Arsarvode, "§ 7") } else { (LineKind::FastArvode, "§ 8") };
        if let Some((since, worth)) = found.held_since {
            let reason = format!("två har samtidigt uppdraget {} i {} från {since}", uppdrag.roll, uppdrag.organ);
            let proposed = "sätt Till på den som har lämnat uppdraget".to_owned();
            self.remark(
                RemarkKind::Uppdrag,
                State::Held,
                since.max(month.first()),
                source,
                Says { reason, paragraph, proposed, worth: Some(worth) },
            );
        }
        let belopp = found.belopp;
        if belopp != Ore::ZERO {
            let occasion = Occasion::UppdragMonth(uppdrag.uppdrag, month);
            let steps = self.common.steps(|| found.steps);
            let units = (Decimal::ONE, belopp.kronor().normalize(), belopp);
            let line = self.line(occasion, kind, found.last_day, &uppdrag.organ, units, steps);
            self.push(line);
        } else if self.common.explain && found.held_since.is_none() {
            let reason = found.steps.last().map(|step| step.text.clone()).unwrap_or_default();
            let says =
                Says { reason: format!("0 kr för {} {month}: {reason}", uppdrag.roll), paragraph, ..Says::default() };
            self.remark(RemarkKind::Uppdrag, State::Noted, month.first(), source, says);
        }
    }

    /// § 2 for every attendance.
    fn rights(&mut self) -> Rights<'a> {
        let mut rights = Rights::new();
        for attended in &self.facts.attended {
            let (meeting, day) = (&attended.meeting, attended.meeting.day);
            let slag = meeting.slag.unwrap_or(Slag::Sammantrade);
            let is_old = Month::of(day) < self.common.first_month;
            let outcome = match right(self.facts, self.common, self.occasional(day), attended) {
                Right::Yes(presence) => {
                    if presence.came_back && !is_old {
                        let reason = "närvaron har uppehåll utan att jäv är angivet (KL 5:20)".to_owned();
                        let proposed = "kontrollera tiderna; skriv jäv i kolumnen Jäv om det var skälet".to_owned();
                        let says = Says { reason, paragraph: "§ 2", proposed, worth: None };
                        self.remark(RemarkKind::Attendance, State::Noted, day, &attended.source, says);
                    }
                    Ok(Entitled { attended, slag, compensated: presence.minutes.clone(), presence })
                }
                Right::No(reason) => {
                    if self.common.explain {
                        let says = Says { reason: reason.clone(), paragraph: "§ 2", ..Says::default() };
                        self.remark(RemarkKind::Attendance, State::Noted, day, &attended.source, says);
                    }
                    Err(NoRight { reason, is_unclear: false })
                }
                Right::Unclear(reason, proposed) => {
                    if !is_old {
                        let says = Says { reason: reason.clone(), paragraph: "§ 2", proposed, worth: None };
                        self.remark(RemarkKind::Attendance, State::Held, day, &attended.source, says);
                    }
                    Err(NoRight { reason, is_unclear: true })
                }
            };
            rights.insert(meeting.meeting, outcome);
        }
        self.limit_courses(&mut rights);
        rights
    }

    fn late(&mut self, counted_from: Day, kind: ClaimKind, source: &Provenance, worth: Option<Ore>) {
        let last = p16::last_day(self.occasional(counted_from), kind, counted_from);
        let last = last.map(|day| day.to_string()).unwrap_or_default();
        let reason = format!("yrkandet om {} kom in efter sista dagen {last} (§ 16)", kind.word());
        let says = Says { reason, paragraph: "§ 16", proposed: "avslag enligt § 16".to_owned(), worth };
        self.remark(RemarkKind::Claim, State::Held, counted_from, source, says);
    }

    /// Claims of some kinds that stand and had come in by the freeze.
    fn claims_of(&self, kinds: &[ClaimKind]) -> Vec<&'a Claimed> {
        let known = |claim: &crate::domain::Claim| !claim.atertagen && claim.inkom <= self.common.claims_until;
        self.facts
            .claims
            .iter()
            .filter(|claimed| kinds.contains(&claimed.claim.slag) && known(&claimed.claim))
            .collect()
    }
}

/// What a remark says.
#[derive(Default)]
struct Says {
    reason: String,
    paragraph: &'static str,
    proposed: String,
    worth: Option<Ore>,
}

fn place_text(source: &Provenance) -> String {
    format!("{}, {} rad {}", source.file, source.sheet, source.row)
}
