//! § 11: travel with own car, one trip a day, and traktamente outside the kommun.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::losses::granted_step;
use super::{Finding, Rights, Says, place_text};
use crate::calendar::{Clock, Day, days_later};
use crate::domain::{Claim, ClaimKind, Meeting, Occasion, Provenance, RemarkKind, State, Step};
use crate::law::bestammelserna::p11_resekostnader::{self as p11, Journey, Trip};
use crate::law::bestammelserna::p16_sista_dag as p16;
use crate::law::bestammelserna::p17_tolkning::{self as p17, Ruling};
use crate::law::facts::Told;
use crate::money::{Ore, swedish};

impl<'a> Finding<'a> {
    /// § 11: own car, one trip a day.
    pub(super) fn trips(&mut self, rights: &Rights<'a>) {
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
                ruling: Ruling::default(),
                trip: trip_to(meeting, km, None),
            });
        }
        for claimed in self.claims_of(&[ClaimKind::Resa]) {
            let (claim, meeting) = (&claimed.claim, &claimed.meeting);
            let Some(km) = claim.km.filter(|km| !km.is_zero()) else {
                let reason = "resa utan kilometer: biljetter betalas mot kvitto enligt reseavtalet, utanför programmet"
                    .to_owned();
                let proposed = "skriv kilometer med egen bil i kolumnen Km, eller betala kvittot för sig".to_owned();
                let says = Says { reason, paragraph: "§ 11", proposed, worth: claim.belopp };
                self.remark(RemarkKind::Claim, State::Held, meeting.day, &claimed.source, says);
                continue;
            };
            trips.push(TripClaim {
                occasion: Occasion::Claim(claim.claim),
                meeting,
                source: &claimed.source,
                is_late: p16::is_late(self.occasional(meeting.day), claim, meeting.day),
                ruling: p17::ruling(self.common, claim, meeting),
                trip: Trip {
                    starts_from: claim.resa.as_ref().map(|(from, _)| from.clone()),
                    ..trip_to(meeting, km, claim.avresa.zip(claim.hemkomst))
                },
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
        if let Some(beslut) = claim.ruling.refused {
            self.refused(beslut, day, claim.source, None);
            return None;
        }
        if claim.is_late && claim.ruling.in_time.is_none() {
            self.late(day, ClaimKind::Resa, claim.source, None);
            return None;
        }
        const REFUSAL: &str = "avslag enligt § 11";
        let refused = |reason: String| Err((reason, REFUSAL.to_owned()));
        let accepted = match rights.get(&claim.meeting.meeting) {
            Some(Ok(entitled)) if entitled.attended.attendance.distans => {
                refused("deltog på distans: ingen resa (§ 11)".to_owned())
            }
            Some(Ok(_)) => match p11::payable_km(self.facts, self.occasional(day), &claim.trip) {
                Err(p11::NoTravel::TooNear(_)) if claim.ruling.granted.is_some() => Ok(claim.trip.km),
                Err(p11::NoTravel::TooNear(reason)) => refused(reason),
                Err(p11::NoTravel::Unclear(reason, proposed)) => Err((reason, proposed)),
                Ok(km) => Ok(km),
            },
            Some(Err(none)) => Err((none.reason.clone(), none.proposed(REFUSAL))),
            None => refused("personen finns inte på mötets närvarolista".to_owned()),
        };
        match accepted {
            Ok(km) => {
                if km < claim.trip.km {
                    let (asked, km) = (claim.trip.km.normalize(), km.normalize());
                    let from = if claim.trip.is_from_elsewhere() { "mellan arbetet och hemmet" } else { "hemifrån" };
                    let reason = format!("{asked} km är mer än två gånger avståndet {from}; {km} km betalas");
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
        let mut told = Told::new(self.common.explain);
        let lines = p11::mileage(self.facts, self.occasional(day), &claim.trip, km, &mut told);
        let told = told.steps();
        for mileage in lines.into_iter().filter(|mileage| mileage.belopp != Ore::ZERO) {
            let steps = self.common.steps(|| {
                let mut all = vec![Step {
                    text: format!("resa till {} {day}", claim.meeting.organ),
                    basis: place_text(claim.source),
                }];
                all.extend(claim.ruling.cited().into_iter().map(granted_step));
                all.extend(told.clone());
                let product = format!("{} mil x {} kr = {}", mileage.antal, mileage.apris, swedish(mileage.belopp));
                all.push(Step { text: product, basis: "§ 11".to_owned() });
                all
            });
            let units = (mileage.antal, mileage.apris, mileage.belopp);
            let line = self.line(claim.occasion.clone(), mileage.kind, day, &claim.meeting.organ, units, steps);
            self.push(line);
        }
    }

    /// § 11: traktamente for journeys outside the kommun.
    pub(super) fn traktamenten(&mut self, rights: &Rights<'a>) {
        let mut claims = self.claims_of(&[ClaimKind::Traktamente]);
        claims.sort_by_key(|claimed| (claimed.claim.inkom, claimed.claim.claim));
        let mut days_paid: Vec<(Day, Day)> = Vec::new();
        for claimed in claims {
            let Some(ruling) = self.opened(rights, claimed) else { continue };
            let (claim, meeting) = (&claimed.claim, &claimed.meeting);
            let rules = self.occasional(meeting.day);
            let is_distans = matches!(rights.get(&meeting.meeting), Some(Ok(one)) if one.attended.attendance.distans);
            if is_distans {
                let reason = "deltog på distans: ingen resa (§ 11)".to_owned();
                self.hold_claim(claimed, "§ 11", reason, "avslag enligt § 11".to_owned());
                continue;
            }
            let found = self.journey(claim, meeting).and_then(|journey| {
                let overlaps = |(first, last): &(Day, Day)| *first <= journey.last && journey.first <= *last;
                if days_paid.iter().any(overlaps) {
                    let reason = "traktamente är redan betalt för någon av dagarna (§ 11)".to_owned();
                    return Err((reason, "avslag enligt § 11".to_owned()));
                }
                let allowances = p11::traktamente(rules, meeting.utom_kommunen == Some(true), &journey)?;
                days_paid.push((journey.first, journey.last));
                Ok(allowances)
            });
            let (allowances, steps) = match found {
                Ok(found) => found,
                Err((reason, proposed)) => {
                    self.hold_claim(claimed, "§ 11", reason, proposed);
                    continue;
                }
            };
            for allowance in allowances {
                let steps = self.common.steps(|| {
                    let text = format!("traktamente för {} {}", meeting.organ, meeting.day);
                    let mut all = vec![Step { text, basis: place_text(&claimed.source) }];
                    all.extend(ruling.cited().into_iter().map(granted_step));
                    all.extend(steps.clone());
                    all
                });
                let occasion = Occasion::Claim(claim.claim);
                let units = (allowance.antal, allowance.apris, allowance.belopp);
                let line = self.line(occasion, allowance.kind, allowance.day, &meeting.organ, units, steps);
                self.push(line);
            }
        }
    }

    /// The journey that a claim is for; its way is the stored distance to the place, or half the kilometres claimed for the meeting.
    fn journey(&self, claim: &Claim, meeting: &Meeting) -> Result<Journey, (String, String)> {
        let Some((avresa, hemkomst)) = claim.avresa.zip(claim.hemkomst) else {
            let reason = "avresa och hemkomst saknas".to_owned();
            return Err((reason, "fyll i Avresa och Hemkomst, med datum om resan varade över natten".to_owned()));
        };
        let first = claim.avresa_day.unwrap_or(meeting.day);
        let next_day = if hemkomst <= avresa { days_later(first, 1) } else { first };
        let last = claim.hemkomst_day.unwrap_or(next_day);
        let same_meeting = |of: &Meeting| of.meeting == meeting.meeting;
        let claimed = self.facts.claims.iter().filter(|one| same_meeting(&one.meeting)).filter_map(|one| one.claim.km);
        let listed = self.facts.attended.iter().filter(|one| same_meeting(&one.meeting));
        let km = claimed.chain(listed.filter_map(|one| one.attendance.km)).max();
        let stored = meeting.plats.as_deref().and_then(|plats| p11::distance_to(self.facts, Some(plats)));
        let one_way = stored.or(km.filter(|km| !km.is_zero()).map(|km| km / Decimal::TWO));
        let (maltider, egen_logi_nights) = (claim.maltider.clone(), claim.egen_logi_nights);
        Ok(Journey { first, last, avresa, hemkomst, one_way_km: one_way, maltider, egen_logi_nights })
    }
}

struct TripClaim<'a> {
    occasion: Occasion,
    meeting: &'a Meeting,
    source: &'a Provenance,
    is_late: bool,
    ruling: Ruling<'a>,
    trip: Trip,
}

fn trip_to(meeting: &Meeting, km: Decimal, times: Option<(Clock, Clock)>) -> Trip {
    let utom_kommunen = meeting.utom_kommunen == Some(true);
    Trip { day: meeting.day, km, plats: meeting.plats.clone(), utom_kommunen, times, starts_from: None }
}
