//! § 7 Årsarvode.
//!
//! a 1. Who serves on full time, or on at least 40 per cent of it, has årsarvode by the bilaga.
//! a 2. A part-time kommunalråd who also holds another årsarvoderat uppdrag adds up the grades, to at most full time.
//! a 3. A kommunalråd on full time has no other municipal årsarvode.
//! a 4. Leave equal to holiday does not reduce the arvode.
//! a 5. Who is not a kommunalråd and is prevented, by illness or otherwise, for more than two months has the arvode
//!      reduced in proportion.
//! a 6. For a kommunalråd's leave the rules for municipal employees apply: no reduction here; each day of absence is told
//!      to payroll (PAXml `tidtrans`), never with its reason.
//! a 7. When an uppdrag passes from one to another, the arvode is divided by the time that each held it.
//! b 1. KS ordförande has 75 per cent of riksdagsarvodet; all other arvoden start from 90 per cent of that (`grund`).
//!
//! Open: which uppdrag is cut when grades add up to more than full time (`sammanlagd_grad`), and whether the reduction
//! starts after two months or from the first day (`sjuk_minskning`).
//! A month's amount is divided over the days of the month by largest remainder among the holders of the seat, an
//! unfilled part taking part as a holder; what the person keeps of that share is rounded once, half up.

use rust_decimal::Decimal;

use crate::calendar::{Day, Month, days_between, days_later, each_day, months_later};
use crate::domain::{AbsenceKind, LineKind, OrganCode, Step, Uppdrag};
use crate::law::facts::{PersonFacts, UppdragRegister, is_held};
use crate::money::{Fraction, Ore, Rounding, split, swedish};
use crate::regelverk::{FeeKind, Period, Regelverk, Tell, UppdragFee, decision};

/// One uppdrag's fee for one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthFee {
    /// What is paid.
    pub belopp: Ore,
    /// The last day that the person held it in the month (or the day before two held it at once).
    pub last_day: Day,
    /// Since this day two hold a single seat, in this month too: so much of the share waits.
    pub held_since: Option<(Day, Ore)>,
    /// How it came about.
    pub steps: Vec<Step>,
}

/// How large a part of the fee the person keeps on a day, and why not all of it.
pub type Kept<'a> = dyn Fn(Day) -> (Fraction, Option<&'static str>) + 'a;

/// Clauses a 1 and a 7, for one month of one uppdrag: the share of the seat, and what is kept of it. `None` if the
/// person does not hold the uppdrag in the month.
pub fn month_fee(
    register: &UppdragRegister,
    rules: &Regelverk,
    uppdrag: &Uppdrag,
    fee: &UppdragFee,
    month: Month,
    kept: &Kept<'_>,
    shares_seat: bool,
) -> Option<MonthFee> {
    let first = uppdrag.from.max(month.first());
    let held_until = uppdrag.to.map_or(month.last(), |to| to.min(month.last()));
    if first > held_until {
        return None;
    }
    let nyckel = uppdrag.nyckel.as_deref()?;
    let others = if shares_seat { register.holders(&uppdrag.organ, nyckel) } else { &[] };
    let single_seat = uppdrag.platser.or(fee.platser) == Some(1);
    let common = if single_seat { first_common_day(others, uppdrag, month) } else { None };
    let last_day = common.map_or(held_until, |day| days_later(day.max(month.first()), -1));
    let seat = seat_parts(others, uppdrag, month, single_seat);
    let mut steps = Vec::new();
    let (share, whole) = share_of_seat(rules, nyckel, month, &seat, (first, held_until), &mut steps)?;
    let days = days_between(first, held_until) + 1;
    let (mut kept_days, mut waiting_days) = (Fraction::ZERO, Fraction::ZERO);
    let mut reasons: Vec<&'static str> = Vec::new();
    for day in each_day(first, held_until) {
        let (part, reason) = kept(day);
        if day <= last_day {
            kept_days = kept_days.plus(part)
        } else {
            waiting_days = waiting_days.plus(part)
        }
        reasons.extend(reason.filter(|reason| !reasons.contains(reason)));
    }
    let per_day = Fraction::of(Decimal::ONE, Decimal::from(days));
    let belopp = kept_days.times(per_day).of_amount(share);
    if share != whole {
        let text = format!("{days} av {} dagar: {} av {}", month.days(), swedish(share), swedish(whole));
        steps.push(Step { text, basis: "§ 7 a".to_owned() });
    }
    for reason in reasons {
        steps.push(Step { text: format!("{reason}: kvar {}", swedish(belopp)), basis: "§ 1, § 7 a".to_owned() });
    }
    let held_since = common.map(|day| (day, waiting_days.times(per_day).of_amount(share)));
    Some(MonthFee { belopp, last_day, held_since, steps })
}

/// Clause b 1: the fee of a nyckel for a whole month, on a day. A year's amount is rounded as a year's; a twelfth of it
/// is paid a month, to whole öre.
pub fn monthly_amount(rules: &Regelverk, nyckel: &str, day: Day, tell: &mut Tell<'_>) -> Option<Ore> {
    let dated = rules.fee(nyckel, day)?;
    let fee = &dated.value;
    let amount = fee.amount.as_ref()?;
    let otherwise = rules.arvode_rounding.unwrap_or(Rounding::Ore);
    let kronor = rules.amount(amount, day, fee.period, otherwise, tell)?;
    let whole = Ore::from_kronor(kronor);
    tell(&|| {
        let (formula, rounding) = (amount.formula(None), amount.rounding.unwrap_or(otherwise).name());
        let period = if fee.period == Period::Year { "om året" } else { "i månaden" };
        let text = format!("{nyckel} = {formula} = {} {period} (avrundning {rounding})", swedish(whole));
        Step { text, basis: decision(&dated.reference, dated.decided_on) }
    });
    if fee.period != Period::Year {
        return Some(whole);
    }
    let month = Ore::from_kronor(kronor.checked_div(Decimal::from(12))?);
    tell(&|| {
        let text = format!("{nyckel}: en tolftedel av {} = {} i månaden", swedish(whole), swedish(month));
        Step { text, basis: "§ 18".to_owned() }
    });
    Some(month)
}

/// Clauses a 2 and a 3: how much of an årsarvode is left when the person's grades add up to more than full time.
pub fn part_within_full_time(facts: &PersonFacts, rules: &Regelverk, uppdrag: &Uppdrag, day: Day) -> Fraction {
    let mut held: Vec<(&Uppdrag, &UppdragFee)> = facts
        .held_on(rules, day)
        .filter(|(_, fee)| fee.value.kind == FeeKind::Arsarvode)
        .map(|(uppdrag, fee)| (uppdrag, &fee.value))
        .collect();
    if held.len() < 2 || !held.iter().any(|(_, fee)| fee.kommunalrad) || rules.reads("sammanlagd_grad", "ingen", day) {
        return Fraction::ONE;
    }
    let is_full_time = |fee: &UppdragFee| fee.kommunalrad && fee.grad >= Decimal::ONE_HUNDRED;
    let amount = |of: &Uppdrag| of.nyckel.as_deref().and_then(|nyckel| monthly_amount(rules, nyckel, day, &mut |_| ()));
    held.sort_by_key(|(of, fee)| (!is_full_time(fee), of.from, std::cmp::Reverse(amount(of)), of.uppdrag));
    let mut left = Decimal::ONE_HUNDRED;
    for (of, fee) in held {
        let granted = fee.grad.min(left);
        if of.uppdrag == uppdrag.uppdrag {
            return if granted == fee.grad { Fraction::ONE } else { Fraction::of(granted, fee.grad) };
        }
        left -= granted;
    }
    Fraction::ONE
}

/// Clauses a 4 to a 6: how much is left on a day of a fee that prevention reduces; all of it for whoever is a
/// kommunalråd that day.
pub fn part_despite_absence(facts: &PersonFacts, rules: &Regelverk, day: Day) -> Fraction {
    if facts.absences.is_empty() || facts.held_on(rules, day).any(|(_, fee)| fee.value.kommunalrad) {
        return Fraction::ONE;
    }
    let mut spells: Vec<(Day, Day, Decimal)> = facts
        .absences
        .iter()
        .map(|(absence, _)| absence)
        .filter(|absence| absence.slag != AbsenceKind::SomSemester)
        .map(|absence| (absence.from, absence.to.unwrap_or(Day::MAX), absence.omfattning))
        .collect();
    spells.sort_by_key(|(from, to, _)| (*from, *to));
    let on_day = spells.iter().filter(|(from, to, _)| (*from..=*to).contains(&day));
    let parts = on_day.map(|(_, _, part)| (*part).clamp(Decimal::ZERO, Decimal::ONE_HUNDRED));
    let absent = parts.fold(Decimal::ZERO, Decimal::saturating_add);
    if absent.is_zero() {
        return Fraction::ONE;
    }
    let Some((start, end)) = spell_around(&spells, day) else {
        return Fraction::ONE;
    };
    let two_months_on = months_later(start, 2);
    let is_reduced =
        if rules.reads("sjuk_minskning", "fran_forsta_dag", day) { end >= two_months_on } else { day >= two_months_on };
    if !is_reduced {
        return Fraction::ONE;
    }
    Fraction::of(Decimal::ONE_HUNDRED - absent.min(Decimal::ONE_HUNDRED), Decimal::ONE_HUNDRED)
}

/// Clause a 6: the organ of the kommunalråd's uppdrag that the person holds on a day.
pub fn kommunalrad_in(facts: &PersonFacts, rules: &Regelverk, day: Day) -> Option<OrganCode> {
    let mut held: Vec<&Uppdrag> =
        facts.held_on(rules, day).filter(|(_, fee)| fee.value.kommunalrad).map(|(uppdrag, _)| uppdrag).collect();
    held.sort_by_key(|uppdrag| (uppdrag.from, uppdrag.uppdrag));
    held.first().map(|uppdrag| uppdrag.organ.clone())
}

/// Clause a 6: what payroll is told of an absence.
pub fn absence_kind(slag: AbsenceKind) -> LineKind {
    match slag {
        AbsenceKind::Hindrad => LineKind::FranvaroHindrad,
        AbsenceKind::SomSemester => LineKind::FranvaroSemester,
        AbsenceKind::Annan => LineKind::FranvaroAnnan,
    }
}

/// Absences at most one day apart are one: the first and last day of the one around a day.
fn spell_around(spells: &[(Day, Day, Decimal)], day: Day) -> Option<(Day, Day)> {
    let mut joined: Option<(Day, Day)> = None;
    for &(from, to, _) in spells {
        joined = match joined {
            Some((start, end)) if from <= days_later(end, 1) => Some((start, end.max(to))),
            Some((start, end)) if (start..=end).contains(&day) => return Some((start, end)),
            _ => Some((from, to)),
        };
    }
    joined.filter(|(start, end)| (*start..=*end).contains(&day))
}

/// The first day on which somebody else holds the same single seat, of those who do so in the month.
fn first_common_day(others: &[Uppdrag], uppdrag: &Uppdrag, month: Month) -> Option<Day> {
    let both = |other: &&Uppdrag| other.uppdrag != uppdrag.uppdrag;
    let days = others.iter().filter(both).filter_map(|other| {
        let since = other.from.max(uppdrag.from);
        let first = since.max(month.first());
        (first <= month.last() && is_held(other, first) && is_held(uppdrag, first)).then_some(since)
    });
    days.min()
}

/// The month's days as the parts of one seat, in order: each holder's days and each unfilled stretch.
fn seat_parts(others: &[Uppdrag], uppdrag: &Uppdrag, month: Month, single_seat: bool) -> Vec<(Day, Day)> {
    let end_of = |one: &Uppdrag| one.to.map_or(month.last(), |to| to.min(month.last()));
    let mine = (uppdrag.from.max(month.first()), end_of(uppdrag));
    let mut held: Vec<(Day, Day)> = vec![mine];
    if single_seat {
        let overlaps = |part: &(Day, Day)| part.0 <= mine.1 && mine.0 <= part.1;
        let in_month = others.iter().filter(|other| other.uppdrag != uppdrag.uppdrag);
        let parts =
            in_month.map(|other| (other.from.max(month.first()), end_of(other))).filter(|part| part.0 <= part.1);
        held.extend(parts.filter(|part| !overlaps(part)));
    } else {
        let mut start = uppdrag;
        while let Some(before) =
            neighbour(others, start, |other| other.to.map(|to| days_later(to, 1)), |me| Some(me.from))
        {
            if start.from <= month.first() {
                break;
            }
            held.push((before.from.max(month.first()), end_of(before)));
            start = before;
        }
        let mut end = uppdrag;
        while let Some(after) = neighbour(others, end, |other| Some(other.from), |me| me.to.map(|to| days_later(to, 1)))
        {
            if end.to.is_none_or(|to| to >= month.last()) {
                break;
            }
            held.push((after.from, end_of(after)));
            end = after;
        }
    }
    held.sort_unstable();
    let mut parts = Vec::new();
    let mut next = month.first();
    for (from, to) in held {
        if from > next {
            parts.push((next, days_later(from, -1)));
        }
        if to >= next {
            parts.push((from.max(next), to));
            next = days_later(to, 1);
        }
    }
    if next <= month.last() {
        parts.push((next, month.last()));
    }
    parts
}

/// Who takes over from (or handed over to) a holder of one of several seats: with several on the same day, the n-th to
/// leave is followed by the n-th to come.
fn neighbour<'a>(
    others: &'a [Uppdrag],
    me: &Uppdrag,
    theirs: impl Fn(&Uppdrag) -> Option<Day>,
    mine: impl Fn(&Uppdrag) -> Option<Day>,
) -> Option<&'a Uppdrag> {
    let day = mine(me)?;
    let place = others.iter().filter(|other| mine(other) == Some(day)).position(|other| other.uppdrag == me.uppdrag)?;
    others.iter().filter(|other| theirs(other) == Some(day)).nth(place)
}

/// The person's share of the seat's amount, and the whole. Where the amount changes within the month, each stretch with
/// one amount is divided by itself.
fn share_of_seat(
    rules: &Regelverk,
    nyckel: &str,
    month: Month,
    seat: &[(Day, Day)],
    mine: (Day, Day),
    steps: &mut Vec<Step>,
) -> Option<(Ore, Ore)> {
    let mut stretches: Vec<(Day, Day, Ore)> = Vec::new();
    let (first, last) = (month.first(), month.last());
    let amount_on = |day| monthly_amount(rules, nyckel, day, &mut |_| ()).unwrap_or(Ore::ZERO);
    if amount_on(first) == amount_on(last) {
        stretches.push((first, last, amount_on(first)));
    } else {
        for day in each_day(first, last) {
            match stretches.last_mut() {
                Some(stretch) if stretch.2 == amount_on(day) => stretch.1 = day,
                _ => stretches.push((day, day, amount_on(day))),
            }
        }
    }
    let (mut share, mut whole) = (Ore::ZERO, Ore::ZERO);
    for (from, to, amount) in stretches {
        let days = |part: &(Day, Day)| (days_between(part.0.max(from), part.1.min(to)) + 1).max(0);
        let stretch = crate::money::share(amount, days(&(from, to)), month.days());
        let weights: Vec<i64> = seat.iter().map(days).collect();
        let place = seat.iter().position(|part| *part == mine)?;
        share += *split(stretch, &weights).get(place)?;
        whole += stretch;
        monthly_amount(rules, nyckel, from, &mut |step| steps.push(step()));
    }
    Some((share, whole))
}
