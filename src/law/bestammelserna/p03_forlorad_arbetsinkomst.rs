//! § 3 Förlorad arbetsinkomst (and the time of § 6).
//!
//! 1. Proven lost income is paid, at most the amount that fullmäktige decides by the bilaga: per hour and per day.
//! 2. Who can show a loss but not its amount has a schablon from the latest sjukpenning: not carried out yet, held.
//! 3. For a self-employed person without proof a yearly income of 200 000 kr is assumed: not carried out yet, held.
//! 4. § 6: the right covers travel, practical preparation, and necessary leave for special hours of work.
//! 5. The § 1 class has no right; a fast arvode does not take it away (HFD 2017 ref. 28). Nothing is netted against
//!    arvode for the same time (RÅ 1998 ref. 33).
//!
//! Proven is a claim with Styrkt ja, or one whose hourly amount a valid Intyg covers; an Intyg below it pays up to its
//! Timlön and the rest is held. One hour is compensated once per person: a later claim loses minutes that an earlier one
//! was paid for. Time outside presence and § 6 minutes is cut. Amounts are cut by `belopp x paid / claimed minutes`,
//! then to the hour cap by the minute, then to what is left of the day cap, claims in their order of arrival.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::calendar::{Clock, Day, Minutes, clock_text};
use crate::domain::Step;
use crate::law::facts::PersonFacts;
use crate::money::{Fraction, Ore, swedish};
use crate::regelverk::{Regelverk, decision};

/// What one claim asks for, whatever sheet it came in by.
#[derive(Clone, Debug)]
pub struct Loss {
    /// The meeting's day.
    pub day: Day,
    /// The amount asked for.
    pub belopp: Ore,
    /// Clock times of the loss.
    pub tid: Option<(Clock, Clock)>,
    /// Hours of the loss.
    pub timmar: Option<Decimal>,
    /// § 6 minutes: travel, preparation, and leave that has a reason.
    pub extra_minutes: i64,
    /// The claim says that it is proven.
    pub styrkt: bool,
    /// The person's presence at the meeting.
    pub presence: Minutes,
    /// An amount in an attendance list: its hours are the presence.
    pub in_list: bool,
}

/// What has been paid to the person so far, over all claims.
#[derive(Clone, Debug, Default)]
pub struct Used {
    /// Minutes known by the clock, or by a list's presence.
    minutes: Minutes,
    /// Presence at meetings that yrkanden without times were paid for: of these only hours and caps count among
    /// themselves (several incomes at once are allowed), but a list's amount is not paid beside them.
    without_times: Minutes,
    by_day: BTreeMap<Day, Ore>,
}

/// What a claim gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// Hours, to 0.01.
    pub antal: Decimal,
    /// Kronor an hour, at most four decimals.
    pub apris: Decimal,
    /// Together.
    pub belopp: Ore,
    /// What a person must see: what was cut or waits, and how much.
    pub notes: Vec<Note>,
    /// How it came about.
    pub steps: Vec<Step>,
}

/// A part of a claim that is not paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Waits for evidence; otherwise cut by a rule.
    pub held: bool,
    /// Why, in Swedish.
    pub reason: String,
    /// How much.
    pub worth: Ore,
}

/// Clauses 1 and 4. `None` where nothing proves any part of the claim.
pub fn grant(facts: &PersonFacts, rules: &Regelverk, loss: &Loss, used: &mut Used) -> Option<Granted> {
    let certified = certified_hourly(facts, loss.day);
    if !loss.styrkt && certified.is_none() {
        return None;
    }
    let (mut notes, mut steps) = (Vec::new(), Vec::new());
    let time = paid_time(loss, used);
    let fraction = Fraction::of(Decimal::from(time.paid), Decimal::from(time.claimed));
    let mut belopp = fraction.of_amount(loss.belopp);
    let text = format!("yrkat {} för {} minuter", swedish(loss.belopp), time.claimed);
    steps.push(Step { text, basis: "yrkandet".to_owned() });
    if time.paid < time.claimed {
        let cut = loss.belopp - belopp;
        let reason = format!("{} av {} minuter ersätts: {}", time.paid, time.claimed, time.why);
        steps.push(Step { text: format!("{reason}; kvar {}", swedish(belopp)), basis: "§ 3, § 6".to_owned() });
        notes.push(Note { held: false, reason, worth: cut });
    }
    let hours = Fraction::of(Decimal::from(time.paid), Decimal::from(60));
    if let Some(certified) = certified.filter(|_| !loss.styrkt) {
        let limit = hours.of_amount(certified);
        if belopp > limit {
            let reason = format!("intyget styrker {} per timme; resten väntar på underlag", swedish(certified));
            notes.push(Note { held: true, reason, worth: belopp - limit });
            belopp = limit;
        }
        let text = format!("styrkt av intyg: högst {}", swedish(limit));
        steps.push(Step { text, basis: "Inkomstuppgifter".to_owned() });
    }
    let cap = rules.forlorad.at(loss.day)?;
    let basis = decision(&cap.reference, cap.decided_on);
    let by_hour = hours.of_amount(Ore::from_kronor(cap.value.per_timme));
    let spent = used.by_day.entry(loss.day).or_default();
    let left_of_day = (Ore::from_kronor(cap.value.per_dag) - *spent).max(Ore::ZERO);
    for (limit, name) in [(by_hour, "timtaket"), (left_of_day, "dagtaket")] {
        if belopp > limit {
            notes.push(Note {
                held: false,
                reason: format!("över {name}: högst {}", swedish(limit)),
                worth: belopp - limit,
            });
            belopp = limit;
        }
        steps.push(Step { text: format!("{name}: högst {}", swedish(limit)), basis: basis.clone() });
    }
    *spent += belopp;
    let by_clock = loss.tid.is_some() || loss.in_list;
    if by_clock {
        used.minutes.add(&time.minutes)
    } else {
        used.without_times.add(&time.minutes)
    }
    let (antal, apris) = units(time.paid, belopp);
    steps.push(Step { text: format!("{antal} tim x {apris} kr = {}", swedish(belopp)), basis: "§ 3".to_owned() });
    Some(Granted { antal, apris, belopp, notes, steps })
}

struct Time {
    claimed: i64,
    paid: i64,
    minutes: Minutes,
    why: &'static str,
}

/// How many of the claimed minutes are paid: within presence or § 6's minutes, and not compensated before.
fn paid_time(loss: &Loss, used: &Used) -> Time {
    let clocked = loss.tid.and_then(|(from, to)| super::p02_sammantraden::span(loss.day, from, to).ok());
    let Some(clocked) = clocked.filter(|minutes| !minutes.is_empty()) else {
        if loss.timmar.is_none() {
            // The hours are the presence, whose clock times are known.
            let new = loss.presence.without(&used.minutes);
            let new = if loss.in_list { new.without(&used.without_times) } else { new };
            let whole = |minutes: &Minutes| minutes.count().saturating_add(loss.extra_minutes);
            let why = "tid som redan är ersatt";
            return Time { claimed: whole(&loss.presence), paid: whole(&new), minutes: new, why };
        }
        let allowed = loss.presence.count().saturating_add(loss.extra_minutes);
        let asked = loss.timmar.and_then(|hours| i64::try_from(hours.saturating_mul(Decimal::from(60)).round()).ok());
        let claimed = asked.unwrap_or(allowed);
        let why = "mer tid än närvaro, restid och tid enligt § 6";
        return Time { claimed, paid: claimed.min(allowed), minutes: Minutes::default(), why };
    };
    let new = clocked.without(&used.minutes);
    let mut paid = new.within(&loss.presence);
    let outside = new.without(&loss.presence);
    paid.add(&outside.first(loss.extra_minutes));
    let why = if new == clocked {
        "tid utanför närvaro, restid och § 6"
    } else {
        "tid som redan är ersatt, eller utanför närvaron"
    };
    Time { claimed: clocked.count(), paid: paid.count(), minutes: paid, why }
}

/// The hourly loss that valid certificates cover on a day: those that began last, together if several began at once.
fn certified_hourly(facts: &PersonFacts, day: Day) -> Option<Ore> {
    let is_valid =
        |from: Option<Day>, to: Option<Day>| from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to);
    let incomes = facts.incomes.iter().map(|(income, _)| income);
    let valid = incomes.filter(|income| income.intyg.is_some() && is_valid(income.from, income.to));
    let stated: Vec<(Option<Day>, Ore)> = valid.filter_map(|income| Some((income.from, income.timlon?))).collect();
    let latest = stated.iter().map(|(from, _)| *from).max()?;
    Some(stated.iter().filter(|(from, _)| *from == latest).map(|(_, hourly)| *hourly).sum())
}

/// Hours to 0.01 and a price with at most four decimals whose product is the amount; else one unit of it.
fn units(minutes: i64, belopp: Ore) -> (Decimal, Decimal) {
    use rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    let hours =
        (Decimal::from(minutes) / Decimal::from(60)).round_dp_with_strategy(2, MidpointAwayFromZero).normalize();
    let price = belopp.kronor().checked_div(hours).map(|price| price.round_dp_with_strategy(4, MidpointAwayFromZero));
    match price {
        Some(price) if Ore::from_kronor(price.saturating_mul(hours)) == belopp => (hours, price.normalize()),
        _ => (Decimal::ONE, belopp.kronor().normalize()),
    }
}

/// How a claim is told to a person: `13.00-15.00` or nothing.
pub fn time_text(tid: Option<(Clock, Clock)>) -> String {
    tid.map(|(from, to)| format!(" {}-{}", clock_text(from), clock_text(to))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_price_always_give_the_amount() {
        let check = |minutes, belopp, antal: &str, apris: &str| {
            assert_eq!(
                units(minutes, Ore(belopp)),
                (antal.parse().unwrap(), apris.parse().unwrap()),
                "{minutes} {belopp}"
            );
        };
        check(120, 91_200, "2", "456");
        check(180, 100_000, "3", "333.3333");
        check(100, 76_000, "1.67", "455.0898");
        check(0, 100, "1", "1");
    }
}
