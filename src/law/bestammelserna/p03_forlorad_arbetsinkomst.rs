//! § 3 Förlorad arbetsinkomst (and the time of § 6).
//!
//! 1. Proven lost income is paid, at most the amount that fullmäktige decides by the bilaga: per hour and per day.
//! 2. Who can show a loss but not its amount has a schablon from the latest sjukpenning per day.
//! 3. For a self-employed person who cannot prove the income a yearly income of 200 000 kr is assumed: whatever the
//!    claim says of proof, and never more than it asks for.
//! 4. § 6: the right covers travel, practical preparation, and necessary leave for special hours of work.
//! 5. The § 1 class has no right; a fast arvode does not take it away (HFD 2017 ref. 28). Nothing is netted against
//!    arvode for the same time (RÅ 1998 ref. 33).
//!
//! Proven is a claim with Styrkt ja, or one whose hourly amount a valid Intyg covers; an Intyg below it pays up to its
//! Timlön and the rest is held. One hour is compensated once per person: a later claim loses minutes that an earlier one
//! was paid for. Time outside presence and § 6 minutes is cut. Amounts are cut by `belopp x paid / claimed minutes`,
//! then to the hour cap by the minute, then to what is left of the day cap, claims in their order of arrival.
//!
//! `Styrkt: ja` without an amount is a loss that is shown, but not how large: the schablon. Sjukpenning per day comes of
//! the declared SGI (SFB 25:5, 28:7, 28:10): capped, rounded down, then to the nearest krona; an hour is a part of it to
//! whole öre; hours by the minute, and never more than the day's amount. The row of Inkomstuppgifter that began last says
//! whether it is SGI or own business; hours on a year (`egenforetagare_timmar_per_ar`) are open. Both caps hold here too.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::calendar::{Clock, Day, Minutes, clock_text};
use crate::domain::{Income, Step, folded};
use crate::law::facts::{PersonFacts, Told, in_force};
use crate::money::{Fraction, Ore, swedish};
use crate::regelverk::{Regelverk, decision};

/// What one claim asks for, whatever sheet it came in by.
#[derive(Clone, Debug)]
pub struct Loss<'a> {
    /// The meeting's day.
    pub day: Day,
    /// The amount asked for; none where the loss is shown but not its amount.
    pub belopp: Option<Ore>,
    /// Clock times of the loss.
    pub tid: Option<(Clock, Clock)>,
    /// Hours of the loss.
    pub timmar: Option<Decimal>,
    /// § 6 minutes: travel, preparation, and leave that has a reason.
    pub extra_minutes: i64,
    /// The claim says that it is proven.
    pub styrkt: bool,
    /// The person's presence at the meeting.
    pub presence: &'a Minutes,
    /// Presence at all meetings: travel and preparation lie elsewhere, as far as the yrkande's times leave room.
    pub attended: &'a Minutes,
    /// An amount in an attendance list: its hours are the presence.
    pub in_list: bool,
    /// How it comes about is to be told.
    pub explain: bool,
}

/// What has been paid to the person so far, over all claims.
#[derive(Clone, Debug, Default)]
pub struct Used {
    /// Minutes known by the clock, or by a list's presence.
    minutes: Minutes,
    /// Presence at meetings that yrkanden without times were paid for: of these only hours and caps count among
    /// themselves (several incomes at once are allowed), but neither a list's amount nor a schablon is paid beside them.
    without_times: Minutes,
    by_day: BTreeMap<Day, Ore>,
    /// Of these by schablon.
    schablon_by_day: BTreeMap<Day, Ore>,
    /// Where the paid time lies; hours without clock times are taken to lie in the presence from its beginning.
    placed: Minutes,
}

impl Used {
    /// Where the time lies that was paid for: § 12 does not pay it once more.
    pub fn placed(&self) -> &Minutes {
        &self.placed
    }
}

/// What a claim gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// By schablon (clauses 2 and 3).
    pub is_schablon: bool,
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

/// All clauses.
///
/// # Errors
/// Nothing proves any part of the claim, or there is nothing to work a schablon out from: why, and what to do.
pub fn grant(
    facts: &PersonFacts,
    rules: &Regelverk,
    loss: &Loss<'_>,
    used: &mut Used,
) -> Result<Granted, (String, &'static str)> {
    let certified = certified_hourly(facts, loss.day);
    let without_proof = !loss.styrkt && certified.is_none() || loss.belopp.is_none();
    let assumed = without_proof && source_of_schablon(facts, loss.day).is_some_and(has_own_business);
    if !loss.styrkt && certified.is_none() && !assumed {
        let reason = format!("förlusten{} är inte styrkt", time_text(loss.tid));
        return Err((reason, "begär underlag, eller avslag enligt § 16"));
    }
    let (mut notes, mut told) = (Vec::new(), Told::new(loss.explain));
    let time = paid_time(loss, used);
    let fraction = Fraction::of(Decimal::from(time.paid), Decimal::from(time.claimed));
    let (asked, mut belopp, schablon_day) = match loss.belopp {
        None if !loss.styrkt && !assumed => {
            return Err(("beloppet saknas".to_owned(), "skriv det belopp som intyget styrker i kolumnen Belopp"));
        }
        Some(belopp) if !assumed => {
            let text = || format!("yrkat {} för {} minuter", swedish(belopp), time.claimed);
            told.tell(|| (text(), "yrkandet".to_owned()));
            (belopp, fraction.of_amount(belopp), None)
        }
        asked => {
            let (hourly, daily) = schablon(facts, rules, loss.day, &mut told)?;
            let for_minutes = |minutes: i64| Fraction::of(Decimal::from(minutes), Decimal::from(60)).of_amount(hourly);
            let (whole, part) = (for_minutes(time.claimed), for_minutes(time.paid));
            if let Some(belopp) = asked.filter(|belopp| *belopp > whole) {
                let reason = format!("utan styrkt inkomst gäller schablonen: högst {}", swedish(whole));
                notes.push(Note { held: false, reason, worth: belopp - whole });
            }
            let belopp = asked.map_or(part, |asked| fraction.of_amount(asked).min(part));
            (asked.unwrap_or(whole).min(whole), belopp, Some(daily))
        }
    };
    if time.paid < time.claimed {
        let cut = asked - belopp;
        let reason = format!("{} av {} minuter ersätts: {}", time.paid, time.claimed, time.why);
        told.tell(|| (format!("{reason}; kvar {}", swedish(belopp)), "§ 3, § 6".to_owned()));
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
        told.tell(|| (format!("styrkt av intyg: högst {}", swedish(limit)), "Inkomstuppgifter".to_owned()));
    }
    if let Some(daily) = schablon_day {
        let spent = used.schablon_by_day.entry(loss.day).or_default();
        if let Some(left) = daily.map(|daily| (daily - *spent).max(Ore::ZERO)).filter(|left| belopp > *left) {
            told.tell(|| (format!("aldrig mer än dagens sjukpenning: kvar {}", swedish(left)), "§ 3".to_owned()));
            belopp = left;
        }
    }
    let cap =
        rules.forlorad.at(loss.day).ok_or(("bilagan har inget tak för § 3 den dagen".to_owned(), "rätta bilagan"))?;
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
        let basis = || decision(&cap.reference, cap.decided_on);
        told.tell(|| (format!("{name}: högst {}", swedish(limit)), basis()));
    }
    *spent += belopp;
    if schablon_day.is_some() {
        *used.schablon_by_day.entry(loss.day).or_default() += belopp;
    }
    if belopp != Ore::ZERO {
        used.placed.add(&time.placed);
    }
    let by_clock = loss.tid.is_some() || loss.in_list;
    if by_clock {
        used.minutes.add(&time.minutes)
    } else {
        used.without_times.add(&time.minutes)
    }
    let (antal, apris) = units(time.paid, belopp);
    told.tell(|| (format!("{antal} tim x {apris} kr = {}", swedish(belopp)), "§ 3".to_owned()));
    Ok(Granted { is_schablon: schablon_day.is_some(), antal, apris, belopp, notes, steps: told.steps() })
}

/// The row of Inkomstuppgifter that a schablon is worked out from: of those in force the one that began last.
fn source_of_schablon(facts: &PersonFacts, day: Day) -> Option<&Income> {
    let rows = facts.incomes.iter().map(|(income, _)| income);
    let known = rows.filter(|income| in_force(income.from, income.to, day));
    let usable = known.filter(|income| income.sgi.is_some() || has_own_business(income));
    usable.max_by_key(|income| (income.from, has_own_business(income), income.sgi))
}

fn has_own_business(income: &Income) -> bool {
    income.slag.as_deref().is_some_and(|slag| folded(slag) == "egenforetagare")
}

/// Clauses 2 and 3: what an hour gives, and at most a day (none where only the cap limits it).
///
/// # Errors
/// Nothing is known to work it out from, and what to write.
fn schablon(
    facts: &PersonFacts,
    rules: &Regelverk,
    day: Day,
    told: &mut Told,
) -> Result<(Ore, Option<Ore>), (String, &'static str)> {
    const INSTEAD: &str = "skriv det styrkta beloppet i kolumnen Belopp, eller SGI i Inkomstuppgifter";
    let Some(income) = source_of_schablon(facts, day) else {
        return Err(("beloppet saknas, och ingen SGI är känd för schablonen".to_owned(), INSTEAD));
    };
    let Some(manner) = rules.ersattningar.schablon.at(day) else {
        return Err(("bilagan har ingen schablon den dagen".to_owned(), INSTEAD));
    };
    let basis = || decision(&manner.reference, manner.decided_on);
    if has_own_business(income) {
        let (hours, authority) = rules.reading("egenforetagare_timmar_per_ar", day);
        let hours: Decimal = hours.parse().unwrap_or(Decimal::ONE_THOUSAND);
        let yearly = manner.value.egenforetagare_kr_per_ar;
        let hourly = Ore::from_kronor(yearly.checked_div(hours).unwrap_or_default());
        let text =
            || format!("egen företagare: {} kr / {hours} timmar = {} per timme", yearly.normalize(), swedish(hourly));
        told.tell(|| (text(), format!("{}; timmar: {authority}", basis())));
        return Ok((hourly, None));
    }
    let sgi = income.sgi.unwrap_or_default();
    let Some(daily) = sjukpenning(rules, day, sgi, told) else {
        return Err((
            "basbelopp eller sjukpenning saknas för dagen".to_owned(),
            "komplettera prisbasbeloppet i config/regelverk",
        ));
    };
    let hourly = Ore::from_kronor(daily.kronor() / manner.value.timmar_per_dag);
    let hours = manner.value.timmar_per_dag;
    let text = || format!("en timme = {} / {} = {}", swedish(daily), hours.normalize(), swedish(hourly));
    told.tell(|| (text(), basis()));
    Ok((hourly, Some(daily)))
}

/// What so many minutes may give whose loss nobody has told yet, by what is on file: a certificate, else the schablon, below
/// both caps. None where neither is known.
pub fn estimate(facts: &PersonFacts, rules: &Regelverk, day: Day, minutes: i64) -> Option<Ore> {
    let cap = &rules.forlorad.at(day)?.value;
    let (hourly, daily) = match certified_hourly(facts, day) {
        Some(certified) => (certified, None),
        None => schablon(facts, rules, day, &mut Vec::new()).ok()?,
    };
    let hours = Fraction::of(Decimal::from(minutes), Decimal::from(60));
    let limits = [hours.of_amount(Ore::from_kronor(cap.per_timme)), Ore::from_kronor(cap.per_dag)];
    limits.into_iter().chain(daily).chain([hours.of_amount(hourly)]).min()
}

/// Clause 2: sjukpenning per day of a yearly income, to the nearest krona.
pub fn sjukpenning(rules: &Regelverk, day: Day, sgi: Ore, told: &mut Told) -> Option<Ore> {
    use rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    let dated = rules.ersattningar.sjukpenning.at(day)?;
    let manner = &dated.value;
    let cap = rules.base(&manner.bas, day)?.checked_mul(manner.hogst_basbelopp)?;
    let capped = sgi.kronor().max(Decimal::ZERO).min(cap);
    let counted = capped.checked_div(manner.nedat_till_kr)?.floor().checked_mul(manner.nedat_till_kr)?;
    let parts = manner.inkomst_procent.checked_mul(manner.ersattning_procent)?;
    let yearly = counted.checked_mul(parts)?.checked_div(Decimal::from(10_000))?;
    let daily = yearly.checked_div(manner.dagar_per_ar)?.round_dp_with_strategy(0, MidpointAwayFromZero);
    let (income, sick) = (manner.inkomst_procent.normalize(), manner.ersattning_procent.normalize());
    let text = || {
        format!(
            "sjukpenning per dag av SGI {}: högst {} ({} {}), nedåt {}; x {income} % x {sick} % / {} = {daily} kr",
            swedish(sgi),
            cap.normalize(),
            manner.hogst_basbelopp.normalize(),
            manner.bas,
            counted.normalize(),
            manner.dagar_per_ar.normalize()
        )
    };
    told.tell(|| (text(), decision(&dated.reference, dated.decided_on)));
    Some(Ore::from_kronor(daily))
}

struct Time {
    claimed: i64,
    paid: i64,
    minutes: Minutes,
    /// Of these, what is known to lie where it lies.
    placed: Minutes,
    why: &'static str,
}

/// How many of the claimed minutes are paid: within presence or § 6's minutes, and not compensated before.
fn paid_time(loss: &Loss<'_>, used: &Used) -> Time {
    let clocked = loss.tid.and_then(|(from, to)| super::p02_sammantraden::span(loss.day, from, to).ok());
    let Some(clocked) = clocked.filter(|minutes| !minutes.is_empty()) else {
        if loss.timmar.is_none() {
            // The hours are the presence, whose clock times are known.
            let new = loss.presence.without(&used.minutes);
            let once = loss.in_list || loss.belopp.is_none();
            let new = if once { new.without(&used.without_times) } else { new };
            let whole = |minutes: &Minutes| minutes.count().saturating_add(loss.extra_minutes);
            let why = "tid som redan är ersatt";
            let placed = new.clone();
            return Time { claimed: whole(loss.presence), paid: whole(&new), minutes: new, placed, why };
        }
        // A schablon is for time, of which there is only one: several incomes at once have none of their own.
        let is_schablon = loss.belopp.is_none();
        let presence = if is_schablon { loss.presence.without(&used.placed) } else { loss.presence.clone() };
        let allowed = presence.count().saturating_add(loss.extra_minutes);
        let asked = loss.timmar.and_then(|hours| i64::try_from(hours.saturating_mul(Decimal::from(60)).round()).ok());
        let claimed = asked.unwrap_or(allowed);
        let why = "mer tid än närvaro, restid och tid enligt § 6";
        let (paid, minutes) = (claimed.min(allowed), Minutes::default());
        return Time { claimed, paid, minutes, placed: presence.first(paid), why };
    };
    let new = clocked.without(&used.minutes);
    let mut paid = new.within(loss.presence);
    let outside = new.without(loss.presence);
    let elsewhere = outside.without(loss.attended).first(loss.extra_minutes);
    paid.add(&outside.without(&elsewhere).first(loss.extra_minutes - elsewhere.count()));
    paid.add(&elsewhere);
    let why = if new == clocked {
        "tid utanför närvaro, restid och § 6"
    } else {
        "tid som redan är ersatt, eller utanför närvaron"
    };
    // Which of the minutes outside the presence are § 6's nobody says, unless they all are.
    let placed = if outside.count() <= loss.extra_minutes { paid.clone() } else { new.within(loss.presence) };
    Time { claimed: clocked.count(), paid: paid.count(), minutes: paid, placed, why }
}

/// The hourly loss that valid certificates cover on a day: those that began last, together if several began at once.
pub fn certified_hourly(facts: &PersonFacts, day: Day) -> Option<Ore> {
    let incomes = facts.incomes.iter().map(|(income, _)| income);
    let valid = incomes.filter(|income| income.intyg.is_some() && in_force(income.from, income.to, day));
    let stated: Vec<(Option<Day>, Ore)> = valid.filter_map(|income| Some((income.from, income.timlon?))).collect();
    let latest = stated.iter().map(|(from, _)| *from).max()?;
    Some(stated.iter().filter(|(from, _)| *from == latest).map(|(_, hourly)| *hourly).sum())
}

/// Hours to 0.01 and a price with at most four decimals whose product is the amount; else one unit of it.
fn units(minutes: i64, belopp: Ore) -> (Decimal, Decimal) {
    use rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    let hours = (Decimal::from(minutes) / Decimal::from(60)).round_dp_with_strategy(2, MidpointAwayFromZero);
    crate::money::price_of_units(hours.normalize(), belopp)
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
