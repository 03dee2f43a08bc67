//! What meetings pay by the fee shapes of `regelverk::tariff`: one person's meetings of one day, settled together.
//!
//! The day's paid minutes are limited first (`hogst_timmar`). Each meeting is priced by its own row; then its lines are rounded (`avrundning_rad`), its sum (`avrundning_summa`),
//! it is cut to what one meeting may pay (`hogst_per_mote`), and the day to what a day may pay (`[[samma_dag]]`). What a
//! period may pay (`[[tak]]`) is the entitlement's to say: it spans days.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::calendar::Day;
use crate::domain::{LineKind, OrganCode, Slag, Step};
use crate::money::{Ore, Rounding, price_of_units, swedish};
use crate::regelverk::tariff::{Chosen, FullDay, Hourly, OfRow, SammaDag, Selector, Slab, Tariff};
use crate::regelverk::{Amount, Period, Regelverk, decision};

/// One person's presence at one meeting.
#[derive(Clone, Debug)]
pub struct Sitting {
    /// Whose meeting.
    pub organ: OrganCode,
    /// What kind of gathering.
    pub slag: Slag,
    /// Paid minutes.
    pub minutes: i64,
    /// Serves; `false` for a present ersättare who does not.
    pub serves: bool,
    /// From home, one way, if the person travelled and the distance is known.
    pub one_way_km: Option<Decimal>,
    /// Adjusts the minutes of the meeting.
    pub justerare: bool,
    /// Where the attendance was read, as an explanation cites it.
    pub place: String,
}

/// Units at a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pay {
    /// Which compensation.
    pub kind: LineKind,
    /// Pieces or hours.
    pub antal: Decimal,
    /// Kronor each.
    pub apris: Decimal,
    /// Together.
    pub belopp: Ore,
    /// How it came about; empty unless asked for.
    pub steps: Vec<Step>,
}

/// Something that a rule did not pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The rule and its decision.
    pub reason: String,
    /// What it would have been.
    pub worth: Ore,
}

/// What one meeting pays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// At most one for each price.
    pub pays: Vec<Pay>,
    /// What rules took away.
    pub cuts: Vec<Cut>,
    /// Why the meeting cannot be priced.
    pub missing: Option<String>,
}

/// One person's meetings of one day, in their order; the result has one entry for each.
pub fn day(rules: &Regelverk, day: Day, sittings: &[Sitting], explain: bool) -> Vec<Settled> {
    let Some((limited, reason)) = within_hours(rules, day, sittings) else {
        return settle(rules, day, sittings, explain);
    };
    let mut all = settle(rules, day, &limited, explain);
    for (settled, whole) in all.iter_mut().zip(settle(rules, day, sittings, false)) {
        let worth = whole.for_time() - settled.for_time();
        if worth > Ore::ZERO {
            settled.cuts.push(Cut { reason: reason.clone(), worth });
        }
    }
    all
}

/// The same meetings with the minutes that `hogst_timmar` leaves, and why; none where it takes nothing. Later meetings
/// lose first.
fn within_hours(rules: &Regelverk, day: Day, sittings: &[Sitting]) -> Option<(Vec<Sitting>, String)> {
    let dated = rules.samma_dag.at(day)?;
    let most = dated.value.most_minutes?;
    let (mut left, mut limited) = (most, sittings.to_vec());
    for sitting in limited.iter_mut().filter(|sitting| !dated.value.not_organ.contains(&sitting.organ)) {
        sitting.minutes = sitting.minutes.min(left);
        left -= sitting.minutes.max(0);
    }
    let is_limited = limited.iter().zip(sittings).any(|(one, whole)| one.minutes < whole.minutes);
    let hours =
        Decimal::from(most).checked_div(Decimal::from(60))?.round_dp(2).normalize().to_string().replace('.', ",");
    let basis = decision(&dated.reference, dated.decided_on);
    is_limited.then(|| (limited, format!("högst {hours} timmar om dagen betalas: {basis}")))
}

fn settle(rules: &Regelverk, day: Day, sittings: &[Sitting], explain: bool) -> Vec<Settled> {
    let samma_dag = rules.samma_dag.at(day);
    let none = SammaDag::default();
    let rule = samma_dag.map_or(&none, |dated| &dated.value);
    let basis = samma_dag.map(|dated| decision(&dated.reference, dated.decided_on)).unwrap_or_default();
    let mut of_day = OfDay { rules, day, rule, basis, explain, earlier: BTreeMap::new(), read: Vec::new(), number: 0 };
    let chosen: Vec<Option<Chosen<'_>>> = sittings.iter().map(|sitting| of_day.row_of(sitting)).collect();
    let mut all: Vec<Settled> =
        sittings.iter().zip(&chosen).map(|(sitting, chosen)| of_day.meeting(sitting, chosen.as_ref())).collect();
    of_day.limit_day(sittings, &chosen, &mut all);
    for settled in &mut all {
        settled.pays.retain(|pay| pay.belopp != Ore::ZERO);
    }
    all
}

/// The hourly price of a meeting's row for so many minutes from the first one: an external förrättning (§ 8), a jour's
/// active hours. None where the row has no price by the hour, or there is no minute.
pub fn started_hours(
    rules: &Regelverk,
    kind: LineKind,
    (organ, slag): (&OrganCode, Slag),
    day: Day,
    minutes: i64,
    explain: bool,
) -> Option<Pay> {
    let wanted = Selector { serves: true, organ: Some(organ.clone()), slag: Some(slag) };
    let chosen = rules.sammantrade.at(&wanted, day)?;
    let tariff = chosen.tariff;
    let hourly = tariff.timarvode.first().map(|tier| &tier.hourly).or(tariff.forrattning.as_ref())?;
    let pricing = Pricing { rules, day, chosen, explain };
    pricing.hours(kind, hourly, hourly.counted(minutes))
}

/// Prices a row on a day.
struct Pricing<'a> {
    rules: &'a Regelverk,
    day: Day,
    chosen: Chosen<'a>,
    explain: bool,
}

impl Pricing<'_> {
    /// An amount for the meeting's time, and how it comes about: the row's, or the share of it for who does not serve.
    fn price(&self, amount: &Amount, name: &str) -> Option<(Decimal, Vec<Step>)> {
        let Chosen { tariff, dated, own, own_dated, .. } = self.chosen;
        let (kronor, mut steps) =
            self.price_in(OfRow { rules: self.rules, tariff, dated, day: self.day }, amount, name)?;
        let Some(share) = own.share_of_ordinary else { return Some((kronor, steps)) };
        let shared = Rounding::Ore.apply(kronor.checked_mul(share)?);
        if self.explain {
            let (share, shown) = (share.normalize(), shared.normalize());
            let text = format!("{name} för den som inte tjänstgör = {share} x {} = {shown} kr", kronor.normalize());
            steps.push(Step { text, basis: decision(&own_dated.reference, own_dated.decided_on) });
        }
        Some((shared, steps))
    }

    fn price_in(&self, row: OfRow<'_>, amount: &Amount, name: &str) -> Option<(Decimal, Vec<Step>)> {
        let mut steps = Vec::new();
        let kronor = row.price(amount, name, &mut |step| {
            if self.explain {
                steps.push(step());
            }
        })?;
        Some((kronor, steps))
    }

    /// What goes with a meeting but not with its time.
    fn beside(&self, kind: LineKind, amount: &Amount) -> Option<Pay> {
        let Chosen { own: tariff, own_dated: dated, .. } = self.chosen;
        let row = OfRow { rules: self.rules, tariff, dated, day: self.day };
        let (apris, steps) = self.price_in(row, amount, kind.word())?;
        Some(self.pay(kind, Decimal::ONE, apris, apris, steps))
    }

    /// Paid minutes by the hour; none where there is no minute.
    fn hours(&self, kind: LineKind, hourly: &Hourly, minutes: i64) -> Option<Pay> {
        if minutes < 1 {
            return None;
        }
        let (apris, steps) = self.price(&hourly.amount, "timarvode per timme")?;
        let exact = apris.checked_mul(Decimal::from(minutes))?.checked_div(Decimal::from(60))?;
        let antal = Decimal::from(minutes).checked_div(Decimal::from(60))?.round_dp(2).normalize();
        Some(self.pay(kind, antal, apris, exact, steps))
    }

    /// Rounded as a line; the price is the decided one where units times it are the amount, else one that gives it.
    fn pay(&self, kind: LineKind, antal: Decimal, apris: Decimal, exact: Decimal, steps: Vec<Step>) -> Pay {
        let rounded = self.chosen.tariff.line_rounding.map_or(exact, |rounding| rounding.apply(exact));
        let belopp = Ore::from_kronor(rounded);
        let is_exact = apris.normalize().scale() <= 4 && Ore::from_kronor(antal.saturating_mul(apris)) == belopp;
        let (antal, apris) = if is_exact { (antal, apris) } else { price_of_units(antal, belopp) };
        let mut pay = Pay { kind, antal, apris, belopp, steps };
        if self.explain && self.chosen.tariff.line_rounding.is_some() && rounded != exact {
            let name = self.chosen.tariff.line_rounding.map_or("", Rounding::name);
            pay.tell(format!("raden avrundas från {} till {} ({name})", exact.normalize(), swedish(belopp)), "§ 9");
        }
        pay
    }
}

impl Pay {
    fn tell(&mut self, text: String, basis: &str) {
        self.steps.push(Step { text, basis: basis.to_owned() });
    }

    /// Another amount for the same units.
    fn becomes(&mut self, belopp: Ore) {
        (self.antal, self.apris) = price_of_units(self.antal, belopp);
        self.belopp = belopp;
    }

    /// For the meeting's time, not for what goes with it.
    fn is_for_time(&self) -> bool {
        matches!(self.kind, LineKind::Grundarvode | LineKind::Timarvode | LineKind::Dagarvode)
    }
}

impl Settled {
    fn for_time(&self) -> Ore {
        self.pays.iter().filter(|pay| pay.is_for_time()).map(|pay| pay.belopp).sum()
    }

    /// Takes so much of the time's pay away, from the last line on.
    fn take(&mut self, excess: Ore, reason: &str) -> Ore {
        let mut left = excess;
        for pay in self.pays.iter_mut().rev().filter(|pay| pay.is_for_time()) {
            let taken = left.min(pay.belopp);
            if taken > Ore::ZERO {
                pay.becomes(pay.belopp - taken);
                left = left - taken;
            }
        }
        let worth = excess - left;
        if worth > Ore::ZERO {
            self.cuts.push(Cut { reason: reason.to_owned(), worth });
        }
        left
    }
}

/// Minutes that meetings under one row have had already, and the longest travel time of them.
#[derive(Clone, Copy, Default)]
struct Earlier {
    minutes: i64,
    travel: i64,
}

/// One person's day.
struct OfDay<'a> {
    rules: &'a Regelverk,
    day: Day,
    rule: &'a SammaDag,
    basis: String,
    explain: bool,
    /// By row, where the day's minutes count together.
    earlier: BTreeMap<&'a Selector, Earlier>,
    /// Organ whose inläsning is paid.
    read: Vec<OrganCode>,
    /// Meetings with paid minutes that the day's rule is about, so far.
    number: usize,
}

impl<'a> OfDay<'a> {
    fn row_of(&self, sitting: &Sitting) -> Option<Chosen<'a>> {
        let (organ, slag) = (Some(sitting.organ.clone()), Some(sitting.slag));
        self.rules.sammantrade.at(&Selector { serves: sitting.serves, organ, slag }, self.day)
    }

    fn is_outside(&self, sitting: &Sitting) -> bool {
        self.rule.not_organ.contains(&sitting.organ)
    }

    fn meeting(&mut self, sitting: &Sitting, chosen: Option<&Chosen<'a>>) -> Settled {
        let mut settled = Settled::default();
        let Some(chosen) = chosen else {
            if sitting.minutes > 0 {
                settled.missing = Some(format!("inget arvode är beslutat för {} {}", sitting.organ, self.day));
            }
            return settled;
        };
        let pricing = Pricing { rules: self.rules, day: self.day, chosen: *chosen, explain: self.explain };
        if sitting.minutes > 0 {
            settled.pays = self.time(sitting, &pricing, &mut settled.missing);
        }
        settled.pays.extend(self.beside_time(sitting, &pricing));
        round_sum(chosen.tariff, &mut settled);
        if let Some((most, reason)) = pricing.most_of_meeting() {
            let excess = settled.for_time() - most;
            settled.take(excess, &reason);
        }
        settled
    }

    /// What goes with a meeting but not with its time.
    fn beside_time(&mut self, sitting: &Sitting, pricing: &Pricing<'_>) -> Vec<Pay> {
        let (tariff, mut pays) = (pricing.chosen.own, Vec::new());
        if sitting.justerare {
            let justering = tariff.justering.as_ref();
            pays.extend(justering.and_then(|amount| pricing.beside(LineKind::Justeringsarvode, amount)));
        }
        if let Some(amount) = &tariff.inlasning
            && sitting.minutes > 0
            && !self.read.contains(&sitting.organ)
        {
            pays.extend(pricing.beside(LineKind::Inlasningsarvode, amount));
            self.read.push(sitting.organ.clone());
        }
        pays
    }

    /// Grundarvode, timarvode and dagarvode of a meeting: where the day's minutes count together, what it adds to those
    /// before it.
    fn time(&mut self, sitting: &Sitting, pricing: &Pricing<'a>, missing: &mut Option<String>) -> Vec<Pay> {
        let tariff = pricing.chosen.tariff;
        let outside = self.is_outside(sitting);
        self.number += usize::from(!outside);
        let together = self.rule.together && !outside;
        let mut before = if together {
            self.earlier.get(pricing.chosen.selector).copied().unwrap_or_default()
        } else {
            Earlier::default()
        };
        let travel = travel_minutes(tariff, sitting.one_way_km);
        let mut after =
            Earlier { minutes: before.minutes.saturating_add(sitting.minutes), travel: before.travel.max(travel) };
        if together {
            self.earlier.insert(pricing.chosen.selector, after);
        }
        let is_later = self.rule.without_grundarvode_from.is_some_and(|from| !outside && self.number >= from);
        let grund = tariff.grundarvode.as_ref();
        let without_grund = grund.is_some() && is_later;
        if without_grund {
            // No grundarvode covers the first minutes, so that they are paid by the hour as well.
            let covered = grund.and_then(|grund| grund.first_minutes).unwrap_or(0);
            (before.minutes, after.minutes) = (before.minutes + covered, after.minutes + covered);
        }
        let mut pays = Vec::new();
        let mut paid = |found: Option<Pay>| match found {
            Some(pay) => pays.push(pay),
            None => *missing = Some(format!("beloppet för {} har inget värde {}", sitting.organ, self.day)),
        };
        if let Some(grund) = grund.filter(|_| !without_grund && after.minutes > 0) {
            let had = (before.minutes > 0).then(|| grund.of(before.whole()));
            let amount = grund.of(after.whole());
            if had != Some(amount) {
                let named = |amount| (amount, "grundarvode");
                paid(pricing.addition(LineKind::Grundarvode, had.map(named), named(amount)));
            }
        }
        for tier in &tariff.timarvode {
            let minutes = tier.counted(after.whole()) - tier.counted(before.whole());
            if minutes > 0 {
                paid(pricing.hours(LineKind::Timarvode, &tier.hourly, minutes));
            }
        }
        let (was, is) = (slab_at(tariff, before.whole()), slab_at(tariff, after.whole()));
        if let Some(slab) = is.filter(|slab| Some(*slab) != was) {
            let named = |slab: &'a Slab| (&slab.amount, slab.namn.as_str());
            paid(pricing.addition(LineKind::Dagarvode, was.map(named), named(slab)));
        }
        if self.explain {
            let told = TimeTold { day: self.day, sitting, travel, before: before.minutes, basis: &self.basis };
            pays.iter_mut().for_each(|pay| told.tell(tariff, without_grund, pay));
        }
        pays
    }

    fn limit_day(&self, sittings: &[Sitting], chosen: &[Option<Chosen<'_>>], all: &mut [Settled]) {
        let inside: Vec<usize> = (0..sittings.len()).filter(|place| !self.is_outside(&sittings[*place])).collect();
        if let Some(most) = self.rule.most_meetings {
            let paid: Vec<usize> = inside.iter().copied().filter(|place| all[*place].for_time() > Ore::ZERO).collect();
            let reason = format!("högst {most} möten om dagen betalas: {}", self.basis);
            for place in paid.into_iter().skip(most) {
                let whole = all[place].for_time();
                all[place].take(whole, &reason);
            }
        }
        if let Some(factor) = self.rule.most_factor {
            let highest = inside.iter().map(|place| all[*place].for_time()).max().unwrap_or(Ore::ZERO);
            let most = Ore::from_kronor(highest.kronor().saturating_mul(factor));
            let factor = factor.normalize();
            self.limit(&inside, most, all, &format!("dagen ger högst {factor} gånger sitt högsta möte"));
        }
        if let Some((most, words)) = self.most_of_day() {
            self.limit(&inside, most, all, &words);
        }
        self.limit_to_full_day(&inside, chosen, all);
    }

    fn most_of_day(&self) -> Option<(Ore, String)> {
        let amount = self.rule.most_amount.as_ref()?;
        let most = self.rules.amount(amount, self.day, Period::Occasion, Rounding::Ore, &mut |_| ())?;
        Some((Ore::from_kronor(most), format!("dagen ger högst {}", amount.formula(None))))
    }

    fn limit_to_full_day(&self, inside: &[usize], chosen: &[Option<Chosen<'_>>], all: &mut [Settled]) {
        let Some(most) = self.rule.most else { return };
        let full_day = |place: usize| {
            let chosen = chosen[place]?;
            let slab = chosen.tariff.dag.last()?;
            let pricing = Pricing { rules: self.rules, day: self.day, chosen, explain: false };
            Some((chosen.selector, Ore::from_kronor(pricing.price(&slab.amount, "")?.0)))
        };
        let paid = inside.iter().copied().filter(|place| all[*place].for_time() > Ore::ZERO);
        let full: Vec<(usize, (&Selector, Ore))> = paid.filter_map(|place| Some((place, full_day(place)?))).collect();
        match most {
            FullDay::HighestOfTheDay => {
                let highest = full.iter().map(|(_, (_, belopp))| *belopp).max();
                if let Some(highest) = highest {
                    self.limit(inside, highest, all, "dagen ger högst dagens högsta heldag");
                }
            }
            FullDay::OfTheRow => {
                let mut rows: BTreeMap<&Selector, (Ore, Vec<usize>)> = BTreeMap::new();
                for (place, (selector, belopp)) in full {
                    let row = rows.entry(selector).or_default();
                    row.0 = belopp;
                    row.1.push(place);
                }
                for (most, places) in rows.into_values() {
                    self.limit(&places, most, all, "dagen ger högst en heldag");
                }
            }
        }
    }

    /// Cuts meetings to an amount together, the last of the day first.
    fn limit(&self, places: &[usize], most: Ore, all: &mut [Settled], words: &str) {
        let sum: Ore = places.iter().map(|place| all[*place].for_time()).sum();
        let mut excess = sum - most;
        let reason = format!("{words}, {}: {}", swedish(most), self.basis);
        for place in places.iter().rev() {
            if excess <= Ore::ZERO {
                return;
            }
            excess = all[*place].take(excess, &reason);
        }
    }
}

impl Earlier {
    fn whole(self) -> i64 {
        if self.minutes < 1 { 0 } else { self.minutes.saturating_add(self.travel) }
    }
}

impl Pricing<'_> {
    /// An amount by the meeting's length, less what the day's earlier meetings had of it; each with its name.
    fn addition(&self, kind: LineKind, was: Option<(&Amount, &str)>, is: (&Amount, &str)) -> Option<Pay> {
        let (whole, mut steps) = self.price(is.0, is.1)?;
        let had = match was {
            Some((amount, name)) => self.price(amount, name)?.0,
            None => Decimal::ZERO,
        };
        if let Some((_, name)) = was.filter(|_| self.explain) {
            let text = format!("{name} för dagens tidigare möten räknas av: {} kr", had.normalize());
            steps.push(Step { text, basis: "§ 9".to_owned() });
        }
        let left = whole.checked_sub(had)?.max(Decimal::ZERO);
        Some(self.pay(kind, Decimal::ONE, left, left, steps))
    }

    fn most_of_meeting(&self) -> Option<(Ore, String)> {
        let amount = self.chosen.tariff.hogst_per_mote.as_ref()?;
        let most = Ore::from_kronor(self.price(amount, "")?.0);
        let dated = self.chosen.dated;
        let basis = decision(&dated.reference, dated.decided_on);
        Some((most, format!("ett möte ger högst {}: {basis}", swedish(most))))
    }
}

/// How the minutes of a line are told.
struct TimeTold<'a> {
    day: Day,
    sitting: &'a Sitting,
    travel: i64,
    before: i64,
    basis: &'a str,
}

impl TimeTold<'_> {
    fn tell(&self, tariff: &Tariff, without_grund: bool, pay: &mut Pay) {
        let covered = tariff.grundarvode.as_ref().and_then(|grund| grund.first_minutes);
        let (organ, minutes) = (&self.sitting.organ, self.sitting.minutes);
        let after = match covered {
            Some(covered) if pay.kind == LineKind::Timarvode && !without_grund && self.before == 0 => {
                format!(", varav {covered} i grundarvodet")
            }
            _ => String::new(),
        };
        pay.tell(format!("{organ} {}: {minutes} betalda minuter{after}", self.day), &self.sitting.place);
        if self.travel > 0 {
            pay.tell(format!("restid: {} minuter läggs till mötets", self.travel), "§ 9");
        }
        if without_grund {
            pay.tell("dagens senare möte: inget grundarvode, timarvode från första minuten".to_owned(), self.basis);
        } else if self.before > 0 {
            pay.tell(format!("räknas tillsammans med dagens {} tidigare minuter", self.before), self.basis);
        }
    }
}

fn slab_at(tariff: &Tariff, minutes: i64) -> Option<&Slab> {
    tariff.dag.iter().rev().find(|slab| slab.from_minutes <= minutes)
}

fn travel_minutes(tariff: &Tariff, one_way_km: Option<Decimal>) -> i64 {
    let reached = |km: Decimal| tariff.restid.iter().rev().find(|restid| restid.minst_km <= km);
    one_way_km.and_then(reached).map_or(0, |restid| restid.minutes)
}

/// The meeting's sum is rounded; the difference goes on its last line.
fn round_sum(tariff: &Tariff, settled: &mut Settled) {
    let Some(rounding) = tariff.sum_rounding else { return };
    let sum: Ore = settled.pays.iter().map(|pay| pay.belopp).sum();
    let rounded = Ore::from_kronor(rounding.apply(sum.kronor()));
    let difference = rounded - sum;
    if let Some(last) = settled.pays.last_mut().filter(|_| difference != Ore::ZERO) {
        last.becomes(last.belopp + difference);
        if !last.steps.is_empty() {
            let (sum, rounded, name) = (swedish(sum), swedish(rounded), rounding.name());
            last.tell(format!("mötets summa avrundas från {sum} till {rounded} ({name})"), "§ 9");
        }
    }
}

/// One price of a row of `[[sammantrade]]` on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// What people read: `grundarvode`, `heldag, KF`.
    pub name: String,
    /// `kr/sammanträde` or `kr/timme`.
    pub unit: &'static str,
    /// Kronor.
    pub kronor: Decimal,
    /// How it came about.
    pub steps: Vec<Step>,
}

/// Every price of the row for a selector on a day; none where no such row is in force.
pub fn price_list(rules: &Regelverk, selector: &Selector, day: Day) -> Vec<Price> {
    let chosen = rules.sammantrade.at(selector, day).filter(|chosen| chosen.selector == selector);
    let Some(chosen) = chosen else { return Vec::new() };
    let tariff = chosen.tariff;
    let mut parts: Vec<(String, &'static str, &Amount)> = Vec::new();
    let (piece, hour) = ("kr/sammanträde", "kr/timme");
    parts.extend(tariff.grundarvode.iter().map(|part| ("grundarvode".to_owned(), piece, &part.amount)));
    for (place, tier) in tariff.timarvode.iter().enumerate() {
        let name =
            if place == 0 { "timarvode".to_owned() } else { format!("timarvode efter {} minuter", tier.after_minutes) };
        parts.push((name, hour, &tier.hourly.amount));
    }
    parts.extend(tariff.dag.iter().map(|slab| (slab.namn.clone(), piece, &slab.amount)));
    let longer = tariff.grundarvode.iter().flat_map(|part| &part.longer);
    parts.extend(longer.map(|one| (format!("grundarvode från {} minuter", one.from_minutes), piece, &one.amount)));
    parts.extend(tariff.justering.iter().map(|amount| ("justeringsarvode".to_owned(), piece, amount)));
    parts.extend(tariff.inlasning.iter().map(|amount| ("inläsningsarvode".to_owned(), "kr/dag", amount)));
    parts.extend(tariff.forrattning.iter().map(|part| ("timarvode förrättning".to_owned(), hour, &part.amount)));
    parts.extend(tariff.hogst_per_mote.iter().map(|amount| ("högst per möte".to_owned(), piece, amount)));
    let narrowed = narrowed_to(selector);
    let pricing = Pricing { rules, day, chosen, explain: true };
    let priced = parts.into_iter().filter_map(|(name, unit, amount)| {
        let (kronor, steps) = pricing.price(amount, &name)?;
        Some(Price { name: format!("{name}{narrowed}"), unit, kronor, steps })
    });
    priced.collect()
}

/// `, KF, kurs`, or nothing for the general row.
fn narrowed_to(selector: &Selector) -> String {
    let organ = selector.organ.as_ref().map(|organ| format!(", {organ}")).unwrap_or_default();
    let slag = selector.slag.map(|slag| format!(", {}", slag.word())).unwrap_or_default();
    let serves = if selector.serves { "" } else { ", ej tjänstgörande" };
    format!("{organ}{slag}{serves}")
}
