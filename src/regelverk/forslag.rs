//! A proposed change laid over the regulation: a file of rows in the same form as those of `config/regelverk/`.
//!
//! A row is added; a row with the same key and first day as one that stands takes its place, whatever the days of
//! decision. As ever a value applies until its parameter's next row: a proposal for last year ends where the standing row
//! of this year begins.

use std::collections::BTreeMap;

use super::parse::{check_whole, read_rules};
use super::reader::{Errors, SettingsText, Wrong, read_file};
use super::{Ersattningar, Loaded, Organ, Organs, Regelverk, Series};
use crate::calendar::Day;

/// The regulation with a proposed change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// The whole of it.
    pub loaded: Loaded,
    /// The first day of the change's earliest row; none if it has no dated row.
    pub earliest: Option<Day>,
}

/// Reads a change and lays it over the regulation.
///
/// # Errors
/// All that is wrong in the file, or in the two together.
pub fn propose(loaded: &Loaded, text: &SettingsText) -> Result<Proposed, Vec<Wrong>> {
    let errors = Errors::default();
    let mut change = Loaded::default();
    read_file(text, &errors, |table| read_rules(&mut change, table));
    wrong_or(errors)?;
    if change == Loaded::default() {
        let (file, found) = (text.name.clone(), "no row at all".to_owned());
        let allowed = "rows as in config/regelverk/, such as [[riksdagsarvode]] or [[uppdrag]]".to_owned();
        return Err(vec![Wrong { file, line: 0, column: 0, found, allowed }]);
    }
    let earliest = change.regelverk.parameters().into_iter().flat_map(|parameter| parameter.first_days).min();
    let mut whole = loaded.clone();
    whole.regelverk = loaded.regelverk.overlaid(&change.regelverk);
    whole.inrattade.extend(change.inrattade);
    let errors = Errors::default();
    check_whole(&whole, &errors);
    wrong_or(errors).map_err(|wrong| {
        wrong.into_iter().map(|wrong| Wrong { file: text.name.clone(), ..wrong }).collect::<Vec<_>>()
    })?;
    Ok(Proposed { loaded: whole, earliest })
}

fn wrong_or(errors: Errors) -> Result<(), Vec<Wrong>> {
    let wrong = errors.into_list();
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

impl Regelverk {
    /// Written out field by field, so that a new parameter cannot be forgotten here.
    fn overlaid(&self, change: &Regelverk) -> Regelverk {
        Regelverk {
            law_version: self.law_version,
            riksdagsarvode: over(&self.riksdagsarvode, &change.riksdagsarvode),
            bas: each_over(&self.bas, &change.bas),
            kedja: each_over(&self.kedja, &change.kedja),
            arvode_rounding: change.arvode_rounding.or(self.arvode_rounding),
            uppdrag: each_over(&self.uppdrag, &change.uppdrag),
            sammantrade: self.sammantrade.with(&change.sammantrade, over),
            samma_dag: over(&self.samma_dag, &change.samma_dag),
            tak: each_over(&self.tak, &change.tak),
            ersattningar: self.ersattningar.overlaid(&change.ersattningar),
            forlorad: over(&self.forlorad, &change.forlorad),
            bilersattning: over(&self.bilersattning, &change.bilersattning),
            kurs_minutes: over(&self.kurs_minutes, &change.kurs_minutes),
            tidsfrist_years: each_over(&self.tidsfrist_years, &change.tidsfrist_years),
            tolkning: each_over(&self.tolkning, &change.tolkning),
            organ: organ_over(&self.organ, &change.organ),
        }
    }
}

impl Ersattningar {
    /// Written out field by field too.
    fn overlaid(&self, change: &Ersattningar) -> Ersattningar {
        Ersattningar {
            sjukpenning: over(&self.sjukpenning, &change.sjukpenning),
            schablon: over(&self.schablon, &change.schablon),
            pension: over(&self.pension, &change.pension),
            semester: over(&self.semester, &change.semester),
            traktamente: over(&self.traktamente, &change.traktamente),
            barntillsyn: over(&self.barntillsyn, &change.barntillsyn),
            vard: over(&self.vard, &change.vard),
            funktionshindrad: over(&self.funktionshindrad, &change.funktionshindrad),
            jour: each_over(&self.jour, &change.jour),
            loneavdrag: over(&self.loneavdrag, &change.loneavdrag),
        }
    }
}

/// What stands, but for the first days that the change has values of.
fn over<T: Clone>(standing: &Series<T>, change: &Series<T>) -> Series<T> {
    let is_replaced = |day: Day| change.iter().any(|dated| dated.from == day);
    let mut whole = Series::default();
    for dated in standing.iter().filter(|dated| !is_replaced(dated.from)).chain(change.iter()) {
        whole.add(dated.clone());
    }
    whole
}

fn each_over<K: Ord + Clone, T: Clone>(
    standing: &BTreeMap<K, Series<T>>,
    change: &BTreeMap<K, Series<T>>,
) -> BTreeMap<K, Series<T>> {
    let mut whole = standing.clone();
    for (key, series) in change {
        let place = whole.entry(key.clone()).or_default();
        *place = over(place, series);
    }
    whole
}

fn organ_over(standing: &Organs, change: &Organs) -> Organs {
    let is_kept = |organ: &&Organ| change.with_code(&organ.code).is_none();
    standing.iter().filter(is_kept).chain(change.iter()).cloned().collect::<Vec<Organ>>().into()
}

#[cfg(test)]
mod tests {
    use super::super::Dated;
    use super::*;

    #[test]
    fn a_row_with_the_same_first_day_takes_the_place_of_the_standing_one_whenever_decided() {
        let series = |values: &[(&str, &str, u32)]| {
            let mut series = Series::default();
            for (from, decided_on, value) in values {
                let (from, decided_on) = (from.parse().unwrap(), decided_on.parse().unwrap());
                series.add(Dated { from, decided_on, reference: String::new(), value: *value });
            }
            series
        };
        let standing = series(&[("2022-01-01", "2022-01-01", 1), ("2023-01-01", "2023-03-06", 2)]);
        let change = series(&[("2023-01-01", "2023-01-01", 3), ("2023-07-01", "2023-07-01", 4)]);
        let whole = over(&standing, &change);
        let values: Vec<u32> = whole.iter().map(|dated| dated.value).collect();
        assert_eq!(values, [1, 3, 4]);
    }
}
