//! § 19: every amount of the regulation through a year, for kommunstyrelsen: what it was, what it became and from which
//! day, and the chain behind it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::bestammelserna::{bilaga_jour, p07_arsarvode as p07};
use super::tariff;
use crate::calendar::Day;
use crate::domain::Step;
use crate::money::Rounding;
use crate::regelverk::tariff::{CapPer, Selector};
use crate::regelverk::{Ersattningar, Period, RIKSDAGSARVODE, Regelverk, Series, Tell, decision};

/// What a rate is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RateGroup {
    /// Riksdagsarvode and the steps of the chain.
    Bas,
    /// Årsarvode and fast arvode (§§ 7 and 8).
    Uppdrag,
    /// § 9.
    Sammantrade,
    /// Prices and limits of claims.
    Yrkande,
}

impl RateGroup {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            RateGroup::Bas => "bas",
            RateGroup::Uppdrag => "uppdrag",
            RateGroup::Sammantrade => "sammantrade",
            RateGroup::Yrkande => "yrkande",
        }
    }

    /// What people read.
    pub fn word(self) -> &'static str {
        match self {
            RateGroup::Bas => "Baser",
            RateGroup::Uppdrag => "Årsarvoden och fasta arvoden (§§ 7 och 8)",
            RateGroup::Sammantrade => "Sammanträden (§ 9)",
            RateGroup::Yrkande => "Yrkanden: priser och gränser",
        }
    }
}

/// An amount from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Its first day.
    pub from: Day,
    /// The amount; none where nothing is paid any more.
    pub amount: Option<Decimal>,
    /// How it came about.
    pub steps: Vec<Step>,
}

/// One amount through a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// What it is about.
    pub group: RateGroup,
    /// Its name: a base, a nyckel, or the words of the bilaga.
    pub name: String,
    /// `kr/månad`, `km` and so on.
    pub unit: &'static str,
    /// What applied on 31 December the year before; none if nothing did.
    pub before: Option<Level>,
    /// What it became within the year, in order; empty where it is unchanged.
    pub changes: Vec<Level>,
}

impl Rate {
    /// What applies at the end of the year.
    pub fn latest(&self) -> Option<&Level> {
        self.changes.last().or(self.before.as_ref())
    }

    /// Each change with the amount before it.
    pub fn changes_from(&self) -> impl Iterator<Item = (Option<Decimal>, &Level)> {
        let before = self.before.as_ref().and_then(|level| level.amount);
        let olds = std::iter::once(before).chain(self.changes.iter().map(|level| level.amount));
        olds.zip(&self.changes)
    }
}

/// Every amount that has a value by the end of the year (both days are given), the largest of a group's fees first.
pub fn rates(rules: &Regelverk, first: Day, last: Day) -> Vec<Rate> {
    let days: BTreeSet<Day> = rules.parameters().into_iter().flat_map(|parameter| parameter.first_days).collect();
    let days = days.into_iter().filter(|day| *day <= last).collect();
    let mut found = Finding { rules, first, days, rates: Vec::new() };
    found.all();
    found.rates
}

/// An amount on a day, telling each step on the way.
type AmountTold<'a> = dyn Fn(Day, &mut Tell<'_>) -> Option<Decimal> + 'a;

struct Finding<'a> {
    rules: &'a Regelverk,
    first: Day,
    /// Days on which some amount may change.
    days: Vec<Day>,
    rates: Vec<Rate>,
}

impl Finding<'_> {
    /// Taken apart field by field, so that a new amount cannot be forgotten here.
    fn all(&mut self) {
        let rules = self.rules;
        // Neither the program's version, nor roundings, last days, readings or organ are amounts.
        let Regelverk {
            law_version: _,
            riksdagsarvode: _,
            bas,
            kedja,
            arvode_rounding: _,
            uppdrag,
            sammantrade: _,
            samma_dag: _,
            tak: _,
            forlorad,
            ersattningar: _,
            bilersattning,
            kurs_minutes,
            tidsfrist_years: _,
            tolkning: _,
            organ: _,
        } = rules;
        let names = std::iter::once(RIKSDAGSARVODE).chain(bas.keys().chain(kedja.keys()).map(String::as_str));
        for name in names {
            let unit = rules.unit(name, self.days.last().copied().unwrap_or(self.first)).name();
            self.with_steps(RateGroup::Bas, name, unit, &|day, tell| rules.base_with_steps(name, day, tell));
        }
        for nyckel in uppdrag.keys() {
            let fee = |day: Day, tell: &mut Tell<'_>| {
                p07::monthly_amount(rules, nyckel, day, tell).map(|amount| amount.kronor())
            };
            self.with_steps(RateGroup::Uppdrag, nyckel, "kr/månad", &fee);
        }
        self.meetings();
        self.tak();
        self.ersattningar();
        self.value("förlorad arbetsinkomst, högst per timme", "kr/timme", forlorad, |caps| caps.per_timme);
        self.value("förlorad arbetsinkomst, högst per dag", "kr/dag", forlorad, |caps| caps.per_dag);
        self.value("egen bil", "kr/mil", bilersattning, |prices| prices.kr_per_mil);
        self.value("egen bil, därav skattefritt", "kr/mil", bilersattning, |prices| prices.skattefri_kr_per_mil);
        self.value("resa betalas från, enkel väg", "km", bilersattning, |prices| prices.minst_km);
        self.value("kurs och konferens, högst", "timmar/dag", kurs_minutes, |minutes| {
            Decimal::from(*minutes).checked_div(Decimal::from(60)).unwrap_or_default()
        });
        self.rates.sort_by_key(|rate| {
            let by_size = matches!(rate.group, RateGroup::Bas | RateGroup::Uppdrag);
            let amount = rate.latest().and_then(|level| level.amount).unwrap_or_default();
            (rate.group, by_size.then_some(std::cmp::Reverse(amount)))
        });
    }

    /// § 9: every price of every row.
    fn meetings(&mut self) {
        let rules = self.rules;
        let selectors: BTreeSet<&Selector> = rules.sammantrade.rows().map(|(selector, _)| selector).collect();
        for selector in selectors {
            let on_all_days = self.days.iter().flat_map(|day| tariff::price_list(rules, selector, *day));
            let names: BTreeSet<(String, &'static str)> = on_all_days.map(|price| (price.name, price.unit)).collect();
            for (name, unit) in names {
                self.rate(RateGroup::Sammantrade, &name, unit, &|day| {
                    let price = tariff::price_list(rules, selector, day).into_iter().find(|price| price.name == name);
                    price.map_or((None, Vec::new()), |price| (Some(price.kronor), price.steps))
                });
            }
        }
    }

    /// What fees and § 9 may reach.
    fn tak(&mut self) {
        let rules = self.rules;
        for (per, series) in &rules.tak {
            let (period, unit) = match per {
                CapPer::Dag => (Period::Occasion, "kr/dag"),
                CapPer::Manad => (Period::Month, "kr/månad"),
                CapPer::Ar | CapPer::PersonAr => (Period::Year, "kr/år"),
            };
            self.rate(RateGroup::Sammantrade, &format!("tak {}", per.word()), unit, &|day| {
                let mut steps = Vec::new();
                let dated = series.at(day);
                let tak = dated.and_then(|dated| dated.value.as_ref());
                let kronor = tak.and_then(|tak| {
                    rules.amount(&tak.amount, day, period, Rounding::Ore, &mut |step| steps.push(step()))
                });
                steps.extend(dated.map(|dated| Step {
                    text: format!("tak {}", per.word()),
                    basis: decision(&dated.reference, dated.decided_on),
                }));
                (kronor, steps)
            });
        }
    }

    /// §§ 3-5, 11-15 and jour.
    fn ersattningar(&mut self) {
        let Ersattningar {
            sjukpenning,
            schablon,
            pension,
            semester,
            traktamente,
            barntillsyn,
            vard,
            funktionshindrad,
            jour,
            loneavdrag: _,
        } = &self.rules.ersattningar;
        self.value("sjukpenning, högst så många basbelopp", "basbelopp", sjukpenning, |manner| {
            manner.hogst_basbelopp
        });
        self.value("egen företagare, antagen årsinkomst", "kr/år", schablon, |manner| {
            manner.egenforetagare_kr_per_ar
        });
        self.value("pensionsförmån, högst", "kr/månad", pension, |benefit| benefit.hogst);
        self.value("pensionsförmån, schablon", "%", pension, |benefit| benefit.schablon_procent);
        self.value("semesterförmån, högst", "kr/dag", semester, |benefit| benefit.hogst);
        self.value("semesterförmån, schablon", "%", semester, |benefit| benefit.schablon_procent);
        self.value("traktamente, hel dag", "kr/dag", traktamente, |amounts| amounts.helt);
        self.value("traktamente, halv dag", "kr/dag", traktamente, |amounts| amounts.halvt);
        self.value("traktamente, natt i egen logi", "kr/natt", traktamente, |amounts| amounts.natt);
        self.value("traktamente, endags", "kr/dag", traktamente, |amounts| amounts.endags);
        self.value("barntillsyn, högst", "kr/timme", barntillsyn, |most| *most);
        self.value("vård och tillsyn, högst", "kr/dag", vard, |most| *most);
        self.value("funktionshindrads kostnader, högst", "kr/år", funktionshindrad, |most| *most);
        for (organ, series) in jour {
            let rules = self.rules;
            let name = format!("inställningsarvode, jour för {organ}");
            self.rate(RateGroup::Sammantrade, &name, "kr/dygn", &|day| {
                let mut steps = Vec::new();
                let kronor = series.at(day).and_then(|dated| {
                    let kronor = bilaga_jour::per_day(rules, dated, day, &mut |step| steps.push(step()))?;
                    Some(kronor.kronor())
                });
                (kronor, steps)
            });
        }
    }

    fn with_steps(&mut self, group: RateGroup, name: &str, unit: &'static str, amount: &AmountTold<'_>) {
        self.rate(group, name, unit, &|day| {
            let mut steps = Vec::new();
            (amount(day, &mut |step| steps.push(step())), steps)
        });
    }

    /// A value that stands as it is in a row.
    fn value<T: Clone>(&mut self, name: &str, unit: &'static str, series: &Series<T>, of: impl Fn(&T) -> Decimal) {
        self.rate(RateGroup::Yrkande, name, unit, &|day| {
            let Some(dated) = series.at(day) else { return (None, Vec::new()) };
            let amount = of(&dated.value);
            let text = format!("{name} {} {unit} från {}", amount.normalize(), dated.from);
            (Some(amount), vec![Step { text, basis: decision(&dated.reference, dated.decided_on) }])
        });
    }

    fn rate(
        &mut self,
        group: RateGroup,
        name: &str,
        unit: &'static str,
        amount: &dyn Fn(Day) -> (Option<Decimal>, Vec<Step>),
    ) {
        let (before, changes): (Vec<Level>, Vec<Level>) =
            levels(&self.days, amount).into_iter().partition(|level| level.from < self.first);
        let rate = Rate { group, name: name.to_owned(), unit, before: before.into_iter().next_back(), changes };
        if rate.latest().is_some() {
            self.rates.push(rate);
        }
    }
}

/// The amount from each day on which it became another. A row that leaves the amount as it was is the newer basis of it.
fn levels(days: &[Day], amount: &dyn Fn(Day) -> (Option<Decimal>, Vec<Step>)) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    for &day in days {
        let (amount, steps) = amount(day);
        match levels.last_mut() {
            Some(level) if level.amount == amount => level.steps = steps,
            None if amount.is_none() => {}
            _ => levels.push(Level { from: day, amount, steps }),
        }
    }
    levels
}
