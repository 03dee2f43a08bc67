//! § 11 Resekostnader.
//!
//! 1. Travel to and from meetings is compensated by the reseavtal for the kommun's employees.
//! 2. Only where the distance is at least six kilometres one way (`minst_km_enkel_vag`).
//! 3. It is counted from the permanent home; from a temporary home or workplace at most what home would have given.
//! 4. Only for extra travel that the meeting caused.
//! 5. Outside the kommun, travel and traktamente follow the reseavtal (traktamente: not carried out yet, held).
//!
//! The price of own car is split into a tax-free part and the rest. Where the home is not the tjänsteställe
//! (IL 12:8), travel to ordinary meetings is wholly taxable; a journey outside the kommun is split.
//! One trip a day is paid, the longest, unless times of departure and return show more. Kilometres are paid as claimed,
//! at most twice the stored distance unless outside the kommun. KL 4:13: the limit of six kilometres does not apply.
//! Who attended from elsewhere did not travel.

use rust_decimal::Decimal;

use crate::calendar::{Clock, Day};
use crate::domain::{LineKind, Step};
use crate::law::facts::PersonFacts;
use crate::money::Ore;
use crate::regelverk::{Regelverk, decision};

/// A journey with own car to one meeting.
#[derive(Clone, Debug)]
pub struct Trip {
    /// The meeting's day.
    pub day: Day,
    /// There and back.
    pub km: Decimal,
    /// The meeting's place.
    pub plats: Option<String>,
    /// Outside the kommun.
    pub utom_kommunen: bool,
    /// Left home and came back.
    pub times: Option<(Clock, Clock)>,
}

/// Mil at a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mileage {
    /// Tax-free or taxable.
    pub kind: LineKind,
    /// Mil.
    pub antal: Decimal,
    /// Kronor per mil.
    pub apris: Decimal,
    /// Together.
    pub belopp: Ore,
}

/// Clauses 2 and 3: the kilometres that are paid, or why none are.
///
/// # Errors
/// The reason for a proposed refusal.
pub fn payable_km(facts: &PersonFacts, rules: &Regelverk, trip: &Trip) -> Result<Decimal, String> {
    let stored = (!trip.utom_kommunen).then(|| distance(facts, trip.plats.as_deref())).flatten();
    let one_way = stored.unwrap_or(trip.km / Decimal::TWO);
    let limit = rules.bilersattning.at(trip.day).map_or(Decimal::ZERO, |dated| dated.value.minst_km);
    let is_exempt = facts.profile(trip.day).is_some_and(|profile| profile.kl_4_13 == Some(true));
    if one_way < limit && !is_exempt {
        let (one_way, limit) = (one_way.normalize(), limit.normalize());
        return Err(format!("{one_way} km enkel väg är under gränsen {limit} km (§ 11)"));
    }
    Ok(stored.map_or(trip.km, |stored| trip.km.min(stored.saturating_mul(Decimal::TWO))))
}

/// Clause 4: which of a day's trips (with their payable kilometres) are paid: the longest; all of them if each has times
/// and they do not overlap.
pub fn paid_trips(trips: &[(Trip, Decimal)]) -> Vec<bool> {
    // A return at or before the departure is the next day.
    let span = |(from, to): (Clock, Clock)| ((false, from), (to <= from, to));
    let mut times: Vec<_> = trips.iter().filter_map(|(trip, _)| trip.times.map(span)).collect();
    times.sort_unstable();
    let are_apart = times.windows(2).all(|pair| pair[0].1 <= pair[1].0);
    if times.len() == trips.len() && are_apart {
        return vec![true; trips.len()];
    }
    let mut longest: Option<usize> = None;
    for (place, (_, km)) in trips.iter().enumerate() {
        if longest.is_none_or(|found| trips[found].1 < *km) {
            longest = Some(place);
        }
    }
    (0..trips.len()).map(|place| Some(place) == longest).collect()
}

/// Clause 1: the lines for kilometres there and back, and how they come about.
pub fn mileage(facts: &PersonFacts, rules: &Regelverk, trip: &Trip, km: Decimal) -> (Vec<Mileage>, Vec<Step>) {
    let Some(dated) = rules.bilersattning.at(trip.day) else {
        return (Vec::new(), Vec::new());
    };
    let prices = &dated.value;
    let home = facts.profile(trip.day).is_some_and(|profile| profile.tjanstestalle_hemmet == Some(true));
    let is_split = home || trip.utom_kommunen;
    let tax_free = if is_split { prices.skattefri_kr_per_mil } else { Decimal::ZERO };
    let antal = (km / Decimal::TEN).normalize();
    let parts = [
        (LineKind::BilersattningSkattefri, tax_free),
        (LineKind::BilersattningSkattepliktig, prices.kr_per_mil - tax_free),
    ];
    let with_price = parts.into_iter().filter(|(_, apris)| !apris.is_zero());
    let lines = with_price.map(|(kind, apris)| Mileage {
        kind,
        antal,
        apris,
        belopp: Ore::from_kronor(antal.saturating_mul(apris)),
    });
    let reason = match (home, trip.utom_kommunen) {
        (_, true) => "resa utom kommunen: delas i skattefri och skattepliktig del",
        (true, _) => "hemmet är tjänsteställe: delas i skattefri och skattepliktig del",
        _ => "hemmet är inte tjänsteställe: helt skattepliktig (IL 12:8)",
    };
    let price = Step {
        text: format!("{} km tur och retur = {antal} mil à {} kr", km.normalize(), prices.kr_per_mil),
        basis: decision(&dated.reference, dated.decided_on),
    };
    (lines.collect(), vec![price, Step { text: reason.to_owned(), basis: "§ 11".to_owned() }])
}

/// Clause 3: the stored distance one way to a place, else to the usual place of meetings.
pub fn distance(facts: &PersonFacts, plats: Option<&str>) -> Option<Decimal> {
    let to = |wanted: Option<&str>| {
        let same = |stored: Option<&str>| stored.map(crate::domain::folded) == wanted.map(crate::domain::folded);
        facts.distances.iter().find(|distance| same(distance.plats.as_deref())).map(|distance| distance.km)
    };
    plats.and_then(|plats| to(Some(plats))).or_else(|| to(None))
}
