//! § 11 Resekostnader.
//!
//! 1. Travel to and from meetings is compensated by the reseavtal for the kommun's employees.
//! 2. Only where the distance is at least six kilometres one way (`minst_km_enkel_vag`).
//! 3. It is counted from the permanent home; from a temporary home or workplace at most what home would have given.
//! 4. Only for extra travel that the meeting caused.
//! 5. Outside the kommun, travel and traktamente follow the reseavtal.
//!
//! The price of own car is split into a tax-free part and the rest. Where the home is not the tjänsteställe
//! (IL 12:8), travel to ordinary meetings is wholly taxable; a journey outside the kommun is split.
//! One trip a day is paid, the longest, unless times of departure and return show more. Kilometres are paid as claimed,
//! at most twice the stored distance unless outside the kommun. KL 4:13: the limit of six kilometres does not apply.
//! Who attended from elsewhere did not travel. A trip that began at a temporary home or a temporary place of work is paid
//! at most as far as from work to the permanent home (Personer: Avstånd km with Plats "arbetet").
//!
//! Traktamente needs a meeting outside the kommun and a way that is not known to be `over_km` or shorter. With a night away, the day of departure
//! is whole if it began before 12.00 and the day of return if it ended after 19.00, else half; days between are whole.
//! Meals that others paid take their shares of their day's amount together, to whole kronor. A night in lodgings of one's own gives
//! nattraktamente. Each day is a line of its own. A day's journey gives `endags` (taxable), if the reseavtal has it.

use rust_decimal::Decimal;

use crate::calendar::{Clock, Day, days_between, each_day};
use crate::domain::{LineKind, Maltid, Step, folded};
use crate::law::facts::{PersonFacts, Told};
use crate::money::{Ore, swedish};
use crate::regelverk::{Regelverk, Traktamente, decision};

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
    /// Where the trip began, if the claim says so.
    pub starts_from: Option<String>,
}

impl Trip {
    /// Clause 3: from a temporary home or place of work.
    pub fn is_from_elsewhere(&self) -> bool {
        let from = self.starts_from.as_deref().map(folded).unwrap_or_default();
        from.contains("tillfallig") || from.starts_with("arbete") || from.starts_with("arbetsplats")
    }
}

/// Why a trip is not paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTravel {
    /// Clause 2: the reason for a proposed refusal.
    TooNear(String),
    /// Clause 3: what is missing, and what to write.
    Unclear(String, String),
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

/// Clauses 2 and 3: the kilometres that are paid.
///
/// # Errors
/// Why none are.
pub fn payable_km(facts: &PersonFacts, rules: &Regelverk, trip: &Trip) -> Result<Decimal, NoTravel> {
    let stored = (!trip.utom_kommunen).then(|| stored_distance(facts, trip.plats.as_deref())).flatten();
    let one_way = stored.unwrap_or(trip.km / Decimal::TWO);
    let limit = rules.bilersattning.at(trip.day).map_or(Decimal::ZERO, |dated| dated.value.minst_km);
    let is_exempt = facts.profile(trip.day).is_some_and(|profile| profile.kl_4_13 == Some(true));
    if one_way < limit && !is_exempt {
        let (one_way, limit) = (one_way.normalize(), limit.normalize());
        return Err(NoTravel::TooNear(format!("{one_way} km enkel väg är under gränsen {limit} km (§ 11)")));
    }
    if trip.is_from_elsewhere() {
        let to_work = ["arbetet", "arbetsplatsen"].iter().find_map(|place| distance_to(facts, Some(place)));
        let Some(to_work) = to_work else {
            let reason = "resan började i tillfällig bostad eller på arbetsplats; avståndet dit hemifrån är inte känt";
            let proposed = "fyll i Avstånd km med Plats arbetet i Personer";
            return Err(NoTravel::Unclear(reason.to_owned(), proposed.to_owned()));
        };
        return Ok(trip.km.min(to_work.saturating_mul(Decimal::TWO)));
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

/// Clause 1: the lines for kilometres there and back.
pub fn mileage(facts: &PersonFacts, rules: &Regelverk, trip: &Trip, km: Decimal, told: &mut Told) -> Vec<Mileage> {
    let Some(dated) = rules.bilersattning.at(trip.day) else {
        return Vec::new();
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
    let text = || format!("{} km tur och retur = {antal} mil à {} kr", km.normalize(), prices.kr_per_mil);
    told.tell(|| (text(), decision(&dated.reference, dated.decided_on)));
    let reason = match (home, trip.utom_kommunen) {
        (_, true) => "resa utom kommunen: delas i skattefri och skattepliktig del",
        (true, _) => "hemmet är tjänsteställe: delas i skattefri och skattepliktig del",
        _ => "hemmet är inte tjänsteställe: helt skattepliktig (IL 12:8)",
    };
    told.tell(|| (reason.to_owned(), "§ 11".to_owned()));
    lines.collect()
}

/// Clause 3: the stored distance one way to a place, else to the usual place of meetings.
pub fn stored_distance(facts: &PersonFacts, plats: Option<&str>) -> Option<Decimal> {
    plats.and_then(|plats| distance_to(facts, Some(plats))).or_else(|| distance_to(facts, None))
}

/// Clause 3: the stored distance one way to just this place.
pub fn distance_to(facts: &PersonFacts, wanted: Option<&str>) -> Option<Decimal> {
    let same = |stored: Option<&str>| match (stored, wanted) {
        (Some(stored), Some(wanted)) => stored == wanted || folded(stored) == folded(wanted),
        (stored, wanted) => stored.is_none() && wanted.is_none(),
    };
    facts.distances.iter().map(|(row, _)| row).find(|row| same(row.plats.as_deref())).map(|row| row.km)
}

/// A journey outside the kommun.
#[derive(Clone, Debug)]
pub struct Journey {
    /// Day of departure.
    pub first: Day,
    /// Day of return.
    pub last: Day,
    /// Left home.
    pub avresa: Clock,
    /// Came home.
    pub hemkomst: Clock,
    /// One way, where known.
    pub one_way_km: Option<Decimal>,
    /// Meals that others paid for.
    pub maltider: Vec<Maltid>,
    /// Nights in lodgings of one's own.
    pub egen_logi_nights: i64,
}

/// Days or nights at a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Whole, half, night or day's journey.
    pub kind: LineKind,
    /// The day that it is for; of nights the day of return.
    pub day: Day,
    /// Days or nights.
    pub antal: Decimal,
    /// Kronor each.
    pub apris: Decimal,
    /// Together.
    pub belopp: Ore,
}

/// A longer journey is no longer paid by these rules alone.
const LONGEST_JOURNEY_DAYS: i64 = 92;

/// Clause 5: traktamente.
///
/// # Errors
/// Why nothing is paid, and what to do.
pub fn traktamente(
    rules: &Regelverk,
    utom_kommunen: bool,
    journey: &Journey,
) -> Result<(Vec<Allowance>, Vec<Step>), (String, String)> {
    let refuse = |reason: &str| Err((reason.to_owned(), "avslag enligt § 11".to_owned()));
    let Some(dated) = rules.ersattningar.traktamente.at(journey.first) else {
        return Err(("bilagan har inget traktamente den dagen".to_owned(), "komplettera ersattningar.toml".to_owned()));
    };
    let (amounts, nights) = (&dated.value, days_between(journey.first, journey.last));
    if !utom_kommunen {
        return refuse("mötet var inte utom kommunen: inget traktamente (§ 11)");
    }
    if !(0..=LONGEST_JOURNEY_DAYS).contains(&nights) {
        return Err(("resans dagar är orimliga".to_owned(), "rätta Avresa och Hemkomst".to_owned()));
    }
    if journey.one_way_km.is_some_and(|km| km <= amounts.over_km) {
        return refuse("resvägen är för kort för traktamente (§ 11)");
    }
    let basis = decision(&dated.reference, dated.decided_on);
    if nights == 0 {
        let hours = Decimal::from((journey.hemkomst - journey.avresa).num_minutes()) / Decimal::from(60);
        if amounts.endags.is_zero() || hours < amounts.endags_minst_timmar {
            return refuse("resa utan övernattning: inget traktamente enligt reseavtalet (§ 11)");
        }
        let belopp = Ore::from_kronor(amounts.endags);
        let text = format!("endagsresa: {}, skattepliktigt", swedish(belopp));
        let (kind, day, apris) = (LineKind::TraktamenteDag, journey.first, amounts.endags);
        let allowance = Allowance { kind, day, antal: Decimal::ONE, apris, belopp };
        return Ok((vec![allowance], vec![Step { text, basis }]));
    }
    Ok(with_nights(amounts, &basis, journey, nights))
}

/// A day of a journey, and what is left of its amount.
struct DayAway {
    day: Day,
    kind: LineKind,
    whole: Decimal,
    meals: Vec<Maltid>,
}

/// Days and nights of a journey with at least one night.
fn with_nights(amounts: &Traktamente, basis: &str, journey: &Journey, nights: i64) -> (Vec<Allowance>, Vec<Step>) {
    let mut days = days_away(amounts, journey);
    place_meals(&mut days, journey);
    let (mut allowances, mut steps) = (Vec::new(), Vec::new());
    for away in days {
        let percent: Decimal = away.meals.iter().map(|meal| amounts.maltid_procent[*meal as usize]).sum();
        let share = away.whole.saturating_mul(percent) / Decimal::ONE_HUNDRED;
        let taken = crate::money::Rounding::KronaHalfUp.apply(share);
        let apris = (away.whole - taken).max(Decimal::ZERO).normalize();
        let less = match away.meals.len() {
            0 => String::new(),
            count => format!(", {count} fria måltider: -{} kr", taken.normalize()),
        };
        let text = format!("{} {}: {} kr{less}", away.kind.word(), away.day, away.whole.normalize());
        steps.push(Step { text, basis: basis.to_owned() });
        let belopp = Ore::from_kronor(apris);
        if belopp != Ore::ZERO {
            allowances.push(Allowance { kind: away.kind, day: away.day, antal: Decimal::ONE, apris, belopp });
        }
    }
    let own = journey.egen_logi_nights.clamp(0, nights);
    if own > 0 && !amounts.natt.is_zero() {
        let belopp = Ore::from_kronor(amounts.natt.saturating_mul(Decimal::from(own)));
        let text = format!("{own} nätter i egen logi x {} kr = {}", amounts.natt.normalize(), swedish(belopp));
        steps.push(Step { text, basis: basis.to_owned() });
        let (antal, apris) = (Decimal::from(own), amounts.natt.normalize());
        allowances.push(Allowance { kind: LineKind::TraktamenteNatt, day: journey.last, antal, apris, belopp });
    }
    (allowances, steps)
}

fn days_away(amounts: &Traktamente, journey: &Journey) -> Vec<DayAway> {
    let at = |hour| Clock::from_hms_opt(hour, 0, 0).unwrap_or(Clock::MIN);
    let all = each_day(journey.first, journey.last).map(|day| {
        let left_late = day == journey.first && journey.avresa >= at(12);
        let back_early = day == journey.last && journey.hemkomst <= at(19);
        let is_half = left_late || back_early;
        let kind = if is_half { LineKind::TraktamenteHalvt } else { LineKind::TraktamenteHelt };
        DayAway { day, kind, whole: if is_half { amounts.halvt } else { amounts.helt }, meals: Vec::new() }
    });
    all.collect()
}

/// Each meal on a day that can have had it: breakfast from the last day back, dinner from the first day on, lunch from the
/// first day that was begun before noon; one of a kind a day.
fn place_meals(days: &mut [DayAway], journey: &Journey) {
    let left_late = Clock::from_hms_opt(12, 0, 0).is_some_and(|noon| journey.avresa >= noon);
    for meal in &journey.maltider {
        let mut order: Vec<usize> = (0..days.len()).collect();
        match meal {
            Maltid::Frukost => order.reverse(),
            Maltid::Lunch if left_late => order.rotate_left(1),
            Maltid::Lunch | Maltid::Middag => {}
        }
        if let Some(place) = order.into_iter().find(|place| !days[*place].meals.contains(meal)) {
            days[place].meals.push(*meal);
        }
    }
}
