//! Coverage in time: every parameter has exactly one value on every day, from the regulation's first day (`ikraft`) to
//! the end of next year.
//!
//! A value applies until its parameter's next row, and of two rows with the same first day the later decision applies.
//! So no day can have two values, and the only gap there can be lies before the first row.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::reader::Table;
use super::tariff::Tariffs;
use super::{Ersattningar, Loaded, READINGS, Regelverk, Series};
use crate::calendar::{Day, Month, days_later};

/// The regulation's first day, where the folder names no other: KF 2014-12-11 § 91.
pub(super) fn default_ikraft() -> Day {
    Day::from_ymd_opt(2014, 12, 11).unwrap_or(Day::MIN)
}

/// A parameter with the first day of each of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its section in the folder.
    pub section: &'static str,
    /// Which of the section's parameters it is, as its rows say; none where the section has only one.
    pub key: Option<(&'static str, String)>,
    /// First days of its values, in order.
    pub first_days: Vec<Day>,
    /// Somebody decides it anew every year.
    pub is_yearly: bool,
    /// It may begin later than the regulation: nothing has to stand in its place before.
    pub is_optional: bool,
}

impl Parameter {
    fn of<T: Clone>(section: &'static str, series: &Series<T>) -> Parameter {
        let first_days = series.iter().map(|dated| dated.from).collect();
        Parameter { section, key: None, first_days, is_yearly: false, is_optional: false }
    }

    fn optional(self) -> Parameter {
        Parameter { is_optional: true, ..self }
    }

    fn yearly(self) -> Parameter {
        Parameter { is_yearly: true, ..self }
    }

    fn keyed(self, key: &'static str, value: impl fmt::Display) -> Parameter {
        Parameter { key: Some((key, value.to_string())), ..self }
    }

    /// The latest of its first days by the end of a day.
    fn in_force_since(&self, day: Day) -> Option<Day> {
        self.first_days.iter().copied().filter(|from| *from <= day).max()
    }
}

impl fmt::Display for Parameter {
    /// `riksdagsarvode`, `uppdrag nyckel = "ks-vice"`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some((key, value)) => write!(out, "{} {key} = \"{value}\"", self.section),
            None => write!(out, "{}", self.section),
        }
    }
}

impl Regelverk {
    /// Every dated parameter. Taken apart field by field, so that a new one cannot be forgotten here.
    pub fn parameters(&self) -> Vec<Parameter> {
        // Neither a program's version, nor the one rounding, nor the list of organ is dated: they hold on every day.
        let Regelverk {
            law_version: _,
            riksdagsarvode,
            bas,
            kedja,
            arvode_rounding: _,
            uppdrag,
            sammantrade,
            samma_dag,
            tak,
            forlorad,
            ersattningar,
            bilersattning,
            kurs_minutes,
            tidsfrist_years,
            tolkning,
            organ: _,
        } = self;
        let mut all = Vec::new();
        if !riksdagsarvode.is_empty() {
            all.push(Parameter::of("riksdagsarvode", riksdagsarvode).yearly());
        }
        all.extend(bas.iter().map(|(namn, series)| Parameter::of("bas", series).keyed("namn", namn).yearly()));
        all.extend(kedja.iter().map(|(steg, series)| Parameter::of("kedja", series).keyed("steg", steg)));
        all.extend(uppdrag.iter().map(|(nyckel, series)| Parameter::of("uppdrag", series).keyed("nyckel", nyckel)));
        all.push(sammantrade_parameter(sammantrade));
        all.push(Parameter::of("forlorad_arbetsinkomst", forlorad));
        all.push(Parameter::of("bilersattning", bilersattning).yearly());
        all.push(Parameter::of("kurs", kurs_minutes));
        let tidsfrist = |(kind, series): (&crate::domain::ClaimKind, &Series<u32>)| {
            Parameter::of("tidsfrist", series).keyed("slag", kind.word())
        };
        all.extend(tidsfrist_years.iter().map(tidsfrist));
        // What holds only where somebody has decided it: a rule for several meetings a day, caps, costs.
        all.extend(optional("samma_dag", samma_dag).map(Parameter::optional));
        all.extend(tak.iter().map(|(per, series)| Parameter::of("tak", series).keyed("per", per.word()).optional()));
        all.extend(ersattning_parameters(ersattningar));
        all.extend(readings(tolkning));
        all
    }

    /// Yearly values without a row of their own in a year, each with the first day of the older value that applies.
    pub fn without_row_in(&self, year: i32) -> Vec<(Parameter, Day)> {
        let (Some(first), Some(last)) = (Month::new(year, 1), Month::new(year, 12)) else { return Vec::new() };
        let yearly = self.parameters().into_iter().filter(|parameter| parameter.is_yearly);
        let older = yearly.filter_map(|parameter| Some((parameter.in_force_since(last.last())?, parameter)));
        older.filter(|(since, _)| *since < first.first()).map(|(since, parameter)| (parameter, since)).collect()
    }
}

/// § 9 has a value on every day if the general row has one; rows for an organ or a slag narrow it from their own day.
fn sammantrade_parameter(tariffs: &Tariffs) -> Parameter {
    let general = tariffs.rows().filter(|(selector, _)| selector.is_general());
    let mut first_days: Vec<Day> = general.map(|(_, dated)| dated.from).collect();
    if first_days.is_empty() {
        first_days = tariffs.rows().map(|(_, dated)| dated.from).collect();
    }
    first_days.sort_unstable();
    Parameter { section: "sammantrade", key: None, first_days, is_yearly: false, is_optional: false }
}

fn optional<T: Clone>(section: &'static str, series: &Series<T>) -> Option<Parameter> {
    (!series.is_empty()).then(|| Parameter::of(section, series))
}

fn ersattning_parameters(ersattningar: &Ersattningar) -> Vec<Parameter> {
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
        loneavdrag,
    } = ersattningar;
    let single = [
        optional("sjukpenning", sjukpenning),
        optional("schablon", schablon),
        optional("pensionsforman", pension),
        optional("semesterforman", semester),
        optional("traktamente", traktamente).map(Parameter::yearly),
        optional("barntillsyn", barntillsyn),
        optional("vard", vard),
        optional("funktionshindrad", funktionshindrad),
        optional("loneavdrag", loneavdrag),
    ];
    let of_organ = jour.iter().map(|(organ, series)| Parameter::of("jour", series).keyed("organ", organ));
    single.into_iter().flatten().chain(of_organ).collect()
}

/// Every open point, whether somebody has written a reading of it or not.
fn readings(tolkning: &BTreeMap<String, Series<String>>) -> impl Iterator<Item = Parameter> {
    READINGS.iter().map(|(name, _, _)| {
        let series = tolkning.get(*name).cloned().unwrap_or_default();
        Parameter::of("tolkning", &series).keyed("parameter", name)
    })
}

/// Days on which a parameter has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Which parameter.
    pub parameter: Parameter,
    /// The first day without a value.
    pub first: Day,
    /// The last day without a value.
    pub last: Day,
}

impl fmt::Display for Gap {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Gap { parameter, first, last } = self;
        let section = parameter.section;
        write!(out, "config/regelverk/: {parameter} has no value from {first} to {last}; ")?;
        write!(out, "allowed: one value on every day. Add a row [[{section}]]")?;
        if let Some((key, value)) = &parameter.key {
            write!(out, " {key} = \"{value}\"")?;
        }
        match section {
            "loneart" => write!(out, " from = \"{}\"", Month::of(*first))?,
            _ => write!(out, " from = {first}")?,
        }
        write!(out, " with its value and the decision (reference)")?;
        if let ("uppdrag", Some(began)) = (section, parameter.first_days.first()) {
            write!(out, ", or inrattat = true on the row from {began} if there was no such uppdrag before")?;
        }
        write!(out, "; if the regulation itself began later, say so with ikraft = {}", days_later(*last, 1))
    }
}

/// Every gap from the regulation's first day to the end of next year.
pub fn gaps(loaded: &Loaded, today: Day) -> Vec<Gap> {
    let until = Month::new(Month::of(today).year() + 1, 12).map_or(Day::MAX, Month::last);
    let all = loaded.regelverk.parameters().into_iter().filter(|parameter| !parameter.is_optional);
    let rules = all.filter(|parameter| !is_established(loaded, parameter));
    let regulation = rules.filter_map(|parameter| gap(parameter, loaded.ikraft, until));
    // A lönart is looked up by month: its row begins with the month of the regulation's first day.
    let lonearter =
        loaded.lonearter.0.iter().map(|(kind, series)| Parameter::of("loneart", series).keyed("slag", kind.name()));
    let payroll = lonearter.filter_map(|parameter| gap(parameter, Month::of(loaded.ikraft).first(), until));
    regulation.chain(payroll).collect()
}

fn gap(parameter: Parameter, first: Day, until: Day) -> Option<Gap> {
    let last = parameter.first_days.first().map_or(until, |from| days_later(*from, -1).min(until));
    (first <= last).then_some(Gap { parameter, first, last })
}

/// An uppdrag that was established later, as its first row says, has no value before: nobody could hold it.
fn is_established(loaded: &Loaded, parameter: &Parameter) -> bool {
    let nyckel = parameter.key.as_ref().filter(|_| parameter.section == "uppdrag").map(|(_, nyckel)| nyckel);
    nyckel
        .zip(parameter.first_days.first())
        .is_some_and(|(nyckel, from)| loaded.inrattade.contains(&(nyckel.clone(), *from)))
}

/// Reads whether an uppdrag's row says that the uppdrag was established by it.
pub(super) fn read_inrattat(inrattade: &mut BTreeSet<(String, Day)>, row: &Table<'_>) {
    if row.boolean("inrattat") == Some(true)
        && let Some(key) = row.text("nyckel").zip(row.day("from"))
    {
        inrattade.insert(key);
    }
}
