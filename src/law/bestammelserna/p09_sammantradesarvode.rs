//! § 9 Arvode för sammanträden med mera.
//!
//! 1. Förtroendevalda who have neither årsarvode nor fast arvode are entitled to grundarvode and timarvode, with the
//!    amounts and in the manner that fullmäktige decides by the bilaga.
//! 2. Practical preparation and justering of the minutes are included: they give no line of their own.
//!
//! Open: whether a fast arvode in one organ shuts out § 9 in another (`fast_arvode_utesluter`), and whether § 9 at
//! courses also covers holders of årsarvode or fast arvode (`kurs_for_arvoderade`).
//! The bilaga's manner: the grundarvode covers the first minutes of a meeting (`forsta_minuter`); then timarvode per
//! started unit (`paborjade_minuter`), counted per person and meeting on the meeting's paid minutes.

use rust_decimal::Decimal;

use crate::calendar::Day;
use crate::domain::{LineKind, OrganCode, Slag, Step};
use crate::law::facts::PersonFacts;
use crate::money::Ore;
use crate::regelverk::{FeeKind, Regelverk, Sammantrade, decision};

/// A fee with its units and price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fee {
    /// Pieces or hours.
    pub antal: Decimal,
    /// Kronor each.
    pub apris: Decimal,
    /// Together.
    pub belopp: Ore,
}

/// Clause 1: why the person has no right to § 9 at a meeting of an organ on a day; none where the person has it.
pub fn shut_out_by(facts: &PersonFacts, rules: &Regelverk, day: Day, organ: &OrganCode, slag: Slag) -> Option<String> {
    if slag == Slag::Kurs && rules.reads("kurs_for_arvoderade", "ja", day) {
        return None;
    }
    let only_same_organ = rules.reads("fast_arvode_utesluter", "samma_organ", day);
    let found = facts.held_on(rules, day).find(|(uppdrag, fee)| match fee.value.kind {
        FeeKind::Arsarvode => true,
        FeeKind::FastArvode => !only_same_organ || uppdrag.organ == *organ,
        FeeKind::Inget => false,
    })?;
    let kind = if found.1.value.kind == FeeKind::Arsarvode { "årsarvode" } else { "fast arvode" };
    Some(format!("har {kind} som {} i {}: inget sammanträdesarvode (§ 9)", found.0.roll, found.0.organ))
}

/// Clause 1: the grundarvode for a meeting with paid minutes.
pub fn grundarvode(rules: &Regelverk, day: Day, paid_minutes: i64) -> Option<Fee> {
    let manner = &rules.sammantrade.at(day)?.value;
    if paid_minutes < 1 {
        return None;
    }
    let apris =
        price(rules, day, manner, manner.grundarvode_procent, |amount| manner.grundarvode_rounding.apply(amount))?;
    Some(Fee { antal: Decimal::ONE, apris, belopp: Ore::from_kronor(apris) })
}

/// Clause 1: the timarvode for started units beyond the first minutes.
pub fn timarvode(rules: &Regelverk, day: Day, paid_minutes: i64) -> Option<Fee> {
    let manner = &rules.sammantrade.at(day)?.value;
    started_units(rules, day, paid_minutes - manner.forsta_minuter)
}

/// Timarvode for started units of so many minutes, from the first of them (§ 8's external occasions use it too).
pub fn started_units(rules: &Regelverk, day: Day, minutes: i64) -> Option<Fee> {
    let manner = &rules.sammantrade.at(day)?.value;
    if minutes < 1 {
        return None;
    }
    let units = (minutes + manner.paborjade_minuter - 1) / manner.paborjade_minuter;
    let apris = price(rules, day, manner, manner.timarvode_procent, |amount| manner.timarvode_rounding.apply(amount))?;
    let antal = Decimal::from(units * manner.paborjade_minuter).checked_div(Decimal::from(60))?.normalize();
    Some(Fee { antal, apris, belopp: Ore::from_kronor(antal.checked_mul(apris)?) })
}

/// How the price of a piece or an hour comes about, for an explanation.
pub fn price_steps(rules: &Regelverk, day: Day, kind: LineKind) -> Vec<Step> {
    let mut steps = Vec::new();
    let Some(dated) = rules.sammantrade.at(day) else {
        return steps;
    };
    rules.base_with_steps(&dated.value.of, day, &mut |step| steps.push(step));
    let manner = &dated.value;
    let (name, percent, rounding) = match kind {
        LineKind::Grundarvode => ("grundarvode", manner.grundarvode_procent, manner.grundarvode_rounding),
        _ => ("timarvode per timme", manner.timarvode_procent, manner.timarvode_rounding),
    };
    if let Some(amount) = price(rules, day, manner, percent, |amount| rounding.apply(amount)) {
        let (percent, amount, rounding) = (percent.normalize(), amount.normalize(), rounding.name());
        let text = format!("{name} = {percent} % av {} = {amount} kr (avrundning {rounding})", manner.of);
        steps.push(Step { text, basis: decision(&dated.reference, dated.decided_on) });
    }
    steps
}

fn price(
    rules: &Regelverk,
    day: Day,
    manner: &Sammantrade,
    percent: Decimal,
    round: impl Fn(Decimal) -> Decimal,
) -> Option<Decimal> {
    let base = rules.base(&manner.of, day)?;
    Some(round(base.checked_mul(percent)?.checked_div(Decimal::ONE_HUNDRED)?))
}
