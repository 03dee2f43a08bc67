//! What a person is entitled to: the paragraphs in their order, and what crosses them.

mod meetings;
mod tak;

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::bestammelserna::p02_sammantraden::{Presence, Right, right, span};
use super::bestammelserna::p03_forlorad_arbetsinkomst::{self as p03, Loss};
use super::bestammelserna::p11_resekostnader::{self as p11, Trip};
use super::bestammelserna::{
    p01_vilka_som_omfattas as p01, p07_arsarvode as p07, p08_fast_arvode as p08, p16_sista_dag as p16,
    p18_utbetalning as p18,
};
use super::facts::{Attended, Claimed, Common, Group, PersonFacts};
use crate::calendar::{Day, Minutes, Month, each_day};
use crate::domain::{
    ClaimKind, Line, LineKind, MeetingId, Occasion, OrganCode, Provenance, Remark, RemarkKind, Slag, State, Step,
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
}

/// Everything that one person is entitled to, up to a payout month.
pub fn entitlement(facts: &PersonFacts, common: &Common<'_>) -> Entitlement {
    let mut found = Finding { facts, common, result: Entitlement::default() };
    found.fees();
    let rights = found.rights();
    found.meetings(&rights);
    found.limit_by_tak();
    found.losses(&rights);
    found.trips(&rights);
    found.other_claims();
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

/// Why an attendance gives no right.
struct NoRight {
    reason: String,
    /// Somebody must say more before the right can be judged.
    is_unclear: bool,
}

impl NoRight {
    /// What to do with a claim that belongs to it.
    fn proposed(&self, refusal: &str) -> String {
        let proposed = if self.is_unclear { "pröva yrkandet när närvaron är klar" } else { refusal };
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

    fn push(&mut self, line: Line) {
        if line.payable_from <= self.common.payout {
            self.result.lines.push(line);
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
        Line { occasion, kind, day, organ: organ.clone(), antal, apris, belopp, accrued_in, payable_from, steps }
    }

    fn remark(&mut self, kind: RemarkKind, state: State, day: Day, source: &Provenance, says: Says) {
        self.result.remarks.push(Remark {
            kind,
            state,
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

    /// § 3: claims of the sheet Yrkanden and amounts in attendance lists, in their order of arrival.
    fn losses(&mut self, rights: &Rights<'a>) {
        let mut claims: Vec<LossClaim<'a>> = Vec::new();
        for claimed in self.claims_of(&[ClaimKind::ForloradArbetsinkomst]) {
            let claim = &claimed.claim;
            let leave = if claim.motivering.is_some() { claim.ledighet_minutes } else { 0 };
            claims.push(LossClaim {
                order: (claim.inkom, claimed.number),
                occasion: Occasion::Claim(claim.claim),
                meeting: &claimed.meeting,
                source: &claimed.source,
                is_late: p16::is_late(self.occasional(claimed.meeting.day), claim, claimed.meeting.day),
                belopp: claim.belopp,
                tid: claim.tid,
                timmar: claim.timmar,
                extra_minutes: claim.restid_minutes.saturating_add(claim.forberedelse_minutes).saturating_add(leave),
                styrkt: claim.styrkt == Some(true),
            });
        }
        for attended in &self.facts.attended {
            let (attendance, meeting) = (&attended.attendance, &attended.meeting);
            let Some(belopp) = attendance.forlorad.filter(|_| attendance.inkom <= self.common.claims_until) else {
                continue;
            };
            let last = p16::last_day(self.occasional(meeting.day), ClaimKind::ForloradArbetsinkomst, meeting.day);
            claims.push(LossClaim {
                order: (attendance.inkom, i64::MAX),
                occasion: Occasion::Meeting(meeting.meeting),
                meeting,
                source: &attended.source,
                is_late: !attendance.inkom_default && last.is_some_and(|last| attendance.inkom > last),
                belopp: Some(belopp),
                tid: None,
                timmar: None,
                extra_minutes: 0,
                styrkt: false,
            });
        }
        claims.sort_by(|one, other| (one.order, &one.occasion).cmp(&(other.order, &other.occasion)));
        let mut used = p03::Used::default();
        for claim in claims {
            self.loss(rights, claim, &mut used);
        }
    }

    fn loss(&mut self, rights: &Rights<'a>, claim: LossClaim<'a>, used: &mut p03::Used) {
        let (day, rules) = (claim.meeting.day, self.occasional(claim.meeting.day));
        let worth = claim.belopp;
        let hold = |found: &mut Self, reason: String, proposed: &str, paragraph| {
            let says = Says { reason, paragraph, proposed: proposed.to_owned(), worth };
            found.remark(RemarkKind::Claim, State::Held, day, claim.source, says);
        };
        if p01::is_in_class(self.facts, rules, day) {
            let reason = "hör till klassen i § 1, som inte har rätt till förlorad arbetsinkomst".to_owned();
            return hold(self, reason, "avslag enligt § 1", "§ 1");
        }
        if claim.is_late {
            return self.late(day, ClaimKind::ForloradArbetsinkomst, claim.source, worth);
        }
        let presence = match rights.get(&claim.meeting.meeting) {
            Some(Ok(entitled)) => entitled.compensated.clone(),
            Some(Err(none)) => return hold(self, none.reason.clone(), &none.proposed("avslag enligt § 2"), "§ 2"),
            None => {
                let reason = "personen finns inte på mötets närvarolista".to_owned();
                return hold(self, reason, "komplettera närvarolistan, eller avslag enligt § 2", "§ 2");
            }
        };
        let Some(belopp) = claim.belopp else {
            let reason = "beloppet saknas; schablon enligt § 3 räknas inte ut av programmet ännu".to_owned();
            return hold(self, reason, "skriv det styrkta beloppet i kolumnen Belopp", "§ 3");
        };
        if let Some((wrong, instead)) = claim.tid.and_then(|(from, to)| span(day, from, to).err()) {
            return hold(self, wrong, &instead, "§ 3");
        }
        let (tid, timmar, extra_minutes, styrkt) = (claim.tid, claim.timmar, claim.extra_minutes, claim.styrkt);
        let in_list = matches!(claim.occasion, Occasion::Meeting(_));
        let loss = Loss { day, belopp, tid, timmar, extra_minutes, styrkt, presence, in_list };
        let Some(granted) = p03::grant(self.facts, rules, &loss, used) else {
            let reason = format!("förlusten{} är inte styrkt", p03::time_text(claim.tid));
            return hold(self, reason, "begär underlag, eller avslag enligt § 16", "§ 3");
        };
        for note in granted.notes {
            let state = if note.held { State::Held } else { State::Noted };
            let proposed = if note.held { "begär underlag för resten".to_owned() } else { String::new() };
            let says = Says { reason: note.reason, paragraph: "§ 3", proposed, worth: Some(note.worth) };
            self.remark(RemarkKind::Claim, state, day, claim.source, says);
        }
        if granted.belopp != Ore::ZERO {
            let steps = self.common.steps(|| {
                let mut steps = granted.steps;
                steps.insert(
                    0,
                    Step { text: format!("yrkande om {} {day}", claim.meeting.organ), basis: place_text(claim.source) },
                );
                steps
            });
            let units = (granted.antal, granted.apris, granted.belopp);
            let kind = LineKind::ForloradArbetsinkomst;
            let line = self.line(claim.occasion, kind, day, &claim.meeting.organ, units, steps);
            self.push(line);
        }
    }

    /// § 11: own car, one trip a day.
    fn trips(&mut self, rights: &Rights<'a>) {
        let mut trips: Vec<TripClaim<'a>> = Vec::new();
        for attended in &self.facts.attended {
            let (attendance, meeting) = (&attended.attendance, &attended.meeting);
            let known = attendance.inkom <= self.common.claims_until;
            let Some(km) = attendance.km.filter(|km| known && !km.is_zero()) else {
                continue;
            };
            let last = p16::last_day(self.occasional(meeting.day), ClaimKind::Resa, meeting.day);
            trips.push(TripClaim {
                occasion: Occasion::Meeting(meeting.meeting),
                meeting,
                source: &attended.source,
                is_late: !attendance.inkom_default && last.is_some_and(|last| attendance.inkom > last),
                trip: trip_to(meeting, km, None),
            });
        }
        for claimed in self.claims_of(&[ClaimKind::Resa]) {
            let (claim, meeting) = (&claimed.claim, &claimed.meeting);
            let Some(km) = claim.km.filter(|km| !km.is_zero()) else {
                let reason = "resa utan kilometer; andra färdmedel räknas inte ut av programmet ännu".to_owned();
                let proposed = "skriv kilometer med egen bil i kolumnen Km".to_owned();
                let says = Says { reason, paragraph: "§ 11", proposed, worth: claim.belopp };
                self.remark(RemarkKind::Claim, State::Held, meeting.day, &claimed.source, says);
                continue;
            };
            trips.push(TripClaim {
                occasion: Occasion::Claim(claim.claim),
                meeting,
                source: &claimed.source,
                is_late: p16::is_late(self.occasional(meeting.day), claim, meeting.day),
                trip: trip_to(meeting, km, claim.avresa.zip(claim.hemkomst)),
            });
        }
        let mut by_day: BTreeMap<Day, Vec<(TripClaim<'a>, Decimal)>> = BTreeMap::new();
        for trip in trips {
            if let Some(km) = self.accepted_km(rights, &trip) {
                by_day.entry(trip.meeting.day).or_default().push((trip, km));
            }
        }
        for (_, mut of_day) in by_day {
            of_day.sort_by(|one, other| one.0.occasion.cmp(&other.0.occasion));
            let pairs: Vec<(Trip, Decimal)> = of_day.iter().map(|(claim, km)| (claim.trip.clone(), *km)).collect();
            for (is_paid, (claim, km)) in p11::paid_trips(&pairs).into_iter().zip(of_day) {
                self.trip(is_paid, &claim, km);
            }
        }
    }

    fn accepted_km(&mut self, rights: &Rights<'a>, claim: &TripClaim<'a>) -> Option<Decimal> {
        let day = claim.meeting.day;
        if claim.is_late {
            self.late(day, ClaimKind::Resa, claim.source, None);
            return None;
        }
        const REFUSAL: &str = "avslag enligt § 11";
        let refused = |reason: String| Err((reason, REFUSAL.to_owned()));
        let accepted = match rights.get(&claim.meeting.meeting) {
            Some(Ok(entitled)) if entitled.attended.attendance.distans => {
                refused("deltog på distans: ingen resa (§ 11)".to_owned())
            }
            Some(Ok(_)) => p11::payable_km(self.facts, self.occasional(day), &claim.trip).or_else(refused),
            Some(Err(none)) => Err((none.reason.clone(), none.proposed(REFUSAL))),
            None => refused("personen finns inte på mötets närvarolista".to_owned()),
        };
        match accepted {
            Ok(km) => {
                if km < claim.trip.km {
                    let (asked, km) = (claim.trip.km.normalize(), km.normalize());
                    let reason = format!("{asked} km är mer än två gånger avståndet hemifrån; {km} km betalas");
                    let proposed = "rätta kilometrarna, eller Avstånd km i Personer".to_owned();
                    let says = Says { reason, paragraph: "§ 11", proposed, worth: None };
                    self.remark(RemarkKind::Claim, State::Noted, day, claim.source, says);
                }
                Some(km)
            }
            Err((reason, proposed)) => {
                let says = Says { reason, paragraph: "§ 11", proposed, worth: None };
                self.remark(RemarkKind::Claim, State::Held, day, claim.source, says);
                None
            }
        }
    }

    fn trip(&mut self, is_paid: bool, claim: &TripClaim<'a>, km: Decimal) {
        let day = claim.meeting.day;
        if !is_paid {
            let reason = "en resa om dagen betalas, den längsta (§ 11)".to_owned();
            let proposed = "skriv Avresa och Hemkomst i Yrkanden om det var två resor".to_owned();
            let says = Says { reason, paragraph: "§ 11", proposed, worth: None };
            return self.remark(RemarkKind::Claim, State::Noted, day, claim.source, says);
        }
        let (lines, steps) = p11::mileage(self.facts, self.occasional(day), &claim.trip, km);
        for mileage in lines.into_iter().filter(|mileage| mileage.belopp != Ore::ZERO) {
            let steps = self.common.steps(|| {
                let mut all = vec![Step {
                    text: format!("resa till {} {day}", claim.meeting.organ),
                    basis: place_text(claim.source),
                }];
                all.extend(steps.clone());
                let product =
                    format!("{} mil x {} kr = {}", mileage.antal, mileage.apris, crate::money::swedish(mileage.belopp));
                all.push(Step { text: product, basis: "§ 11".to_owned() });
                all
            });
            let units = (mileage.antal, mileage.apris, mileage.belopp);
            let line = self.line(claim.occasion.clone(), mileage.kind, day, &claim.meeting.organ, units, steps);
            self.push(line);
        }
    }

    /// §§ 4, 5, 11 (traktamente), 12-15: kinds whose amounts the program does not work out yet; late ones say so.
    fn other_claims(&mut self) {
        let worked_out = [ClaimKind::ForloradArbetsinkomst, ClaimKind::Resa];
        let others: Vec<ClaimKind> = ClaimKind::all().filter(|kind| !worked_out.contains(kind)).collect();
        for claimed in self.claims_of(&others) {
            let (claim, day) = (&claimed.claim, claimed.meeting.day);
            if p16::is_late(self.occasional(day), claim, day) {
                self.late(p16::counted_from(claim, day), claim.slag, &claimed.source, claim.belopp);
                continue;
            }
            let reason = format!("{} räknas inte ut av programmet ännu", claim.slag.word());
            let proposed = format!("pröva yrkandet för hand enligt {}", claim.slag.paragraph());
            let says = Says { reason, paragraph: claim.slag.paragraph(), proposed, worth: claim.belopp };
            self.remark(RemarkKind::Claim, State::Held, day, &claimed.source, says);
        }
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

struct LossClaim<'a> {
    order: (Day, i64),
    occasion: Occasion,
    meeting: &'a crate::domain::Meeting,
    source: &'a Provenance,
    is_late: bool,
    belopp: Option<Ore>,
    tid: Option<(crate::calendar::Clock, crate::calendar::Clock)>,
    timmar: Option<Decimal>,
    extra_minutes: i64,
    styrkt: bool,
}

struct TripClaim<'a> {
    occasion: Occasion,
    meeting: &'a crate::domain::Meeting,
    source: &'a Provenance,
    is_late: bool,
    trip: Trip,
}

/// What a remark says.
#[derive(Default)]
struct Says {
    reason: String,
    paragraph: &'static str,
    proposed: String,
    worth: Option<Ore>,
}

fn trip_to(
    meeting: &crate::domain::Meeting,
    km: Decimal,
    times: Option<(crate::calendar::Clock, crate::calendar::Clock)>,
) -> Trip {
    let utom_kommunen = meeting.utom_kommunen == Some(true);
    Trip { day: meeting.day, km, plats: meeting.plats.clone(), utom_kommunen, times }
}

fn place_text(source: &Provenance) -> String {
    format!("{}, {} rad {}", source.file, source.sheet, source.row)
}
