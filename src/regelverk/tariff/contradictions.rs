//! What only all rows together can say against each other.

use super::{Selector, Slab, Tariff};
use crate::calendar::Day;
use crate::domain::OrganCode;
use crate::money::Rounding;
use crate::regelverk::{Amount, FeeKind, Period, Regelverk};

/// Tells each contradiction: what was found, and what is allowed.
pub fn check(rules: &Regelverk, tell: &dyn Fn(&str, &str)) {
    for (of, found) in bases(rules) {
        if !rules.is_base(&of) {
            tell(&format!("{found}: the base \"{of}\""), &known_bases(rules));
        }
    }
    for (organ, place) in organs(rules) {
        if rules.organ(organ).is_none() {
            let codes: Vec<&str> = rules.organ.iter().map(|organ| organ.code.0.as_str()).collect();
            tell(&format!("{place}: the organ \"{organ}\""), &codes.join(", "));
        }
    }
    for (selector, dated) in rules.sammantrade.rows() {
        if let Some(tariff) = &dated.value {
            check_slabs(rules, selector, tariff, dated.from, tell);
        }
        if !selector.serves && !rules.reads("betala_ej_tjanstgorande_ersattare", "ja", dated.from) {
            let found = format!("{} from {}, an amount that is never paid", selector.text(), dated.from);
            tell(&found, "betala_ej_tjanstgorande_ersattare = \"ja\" on that day (tolkningar.toml), or no such row");
        }
    }
    let has_days = rules.sammantrade.tariffs().any(|tariff| !tariff.dag.is_empty());
    let has_grund = rules.sammantrade.tariffs().any(|tariff| tariff.grundarvode.is_some());
    for dated in rules.samma_dag.iter() {
        if dated.value.most.is_some() && !has_days {
            tell(
                "[[samma_dag]] hogst: a full day where no row has half and full days",
                "a row with [[sammantrade.dag]]",
            );
        }
        if dated.value.without_grundarvode_from.is_some() && !has_grund {
            tell("[[samma_dag]] utan_grundarvode_fran where no row has grundarvode", "a row with grundarvode");
        }
    }
}

/// Half and full days rise in amount too, by the values of the row's first day.
fn check_slabs(rules: &Regelverk, selector: &Selector, tariff: &Tariff, from: Day, tell: &dyn Fn(&str, &str)) {
    let price = |slab: &Slab| rules.amount(&slab.amount, from, Period::Occasion, Rounding::Ore, &mut |_| ());
    for pair in tariff.dag.windows(2) {
        if let (Some(one), Some(other)) = (price(&pair[0]), price(&pair[1]))
            && other <= one
        {
            let (lower, upper, place) = (&pair[0].namn, &pair[1].namn, selector.text());
            let (one, other) = (one.normalize(), other.normalize());
            let found = format!("{place} from {from}: \"{upper}\" {other} kr is not more than \"{lower}\" {one} kr");
            tell(&found, "amounts that rise from one [[sammantrade.dag]] to the next");
        }
    }
}

/// Every organ that a row names.
fn organs(rules: &Regelverk) -> impl Iterator<Item = (&OrganCode, String)> {
    let rows = rules.sammantrade.rows();
    let of_rows = rows.filter_map(|(selector, _)| Some((selector.organ.as_ref()?, selector.text())));
    let outside = rules.samma_dag.iter().flat_map(|dated| &dated.value.not_organ);
    of_rows.chain(outside.map(|organ| (organ, "[[samma_dag]] inte_organ".to_owned())))
}

/// Every base that a row counts from, and where.
fn bases(rules: &Regelverk) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut add = |amount: &Amount, place: String| found.extend(amount.of().map(|of| (of.to_owned(), place)));
    for (name, series) in &rules.kedja {
        series.iter().for_each(|dated| add(&dated.value, format!("[[kedja]] {name}")));
    }
    for (nyckel, series) in &rules.uppdrag {
        for dated in series.iter().filter(|dated| dated.value.kind != FeeKind::Inget) {
            dated.value.amount.iter().for_each(|amount| add(amount, format!("[[uppdrag]] {nyckel}")));
        }
    }
    for (selector, dated) in rules.sammantrade.rows() {
        for amount in dated.value.iter().flat_map(Tariff::amounts) {
            add(amount, selector.text());
        }
    }
    for dated in rules.tak.values().flat_map(|series| series.iter()) {
        dated.value.iter().for_each(|amount| add(amount, "[[tak]]".to_owned()));
    }
    found
}

fn known_bases(rules: &Regelverk) -> String {
    let riksdag = (!rules.riksdagsarvode.is_empty()).then_some("riksdagsarvode");
    let others = rules.bas.keys().chain(rules.kedja.keys()).map(String::as_str);
    let all: Vec<&str> = riksdag.into_iter().chain(others).collect();
    if all.is_empty() {
        "a base that some [[riksdagsarvode]], [[bas]] or [[kedja]] gives".to_owned()
    } else {
        all.join(", ")
    }
}

impl Tariff {
    fn amounts(&self) -> impl Iterator<Item = &Amount> {
        let own = match &self.justering {
            Some(super::Justering::Own(amount)) => Some(amount),
            _ => None,
        };
        let grund = self.grundarvode.iter().map(|grund| &grund.amount);
        let hours = self.timarvode.iter().map(|tier| &tier.hourly.amount);
        let days = self.dag.iter().map(|slab| &slab.amount);
        let rest = [self.inlasning.as_ref(), self.hogst_per_mote.as_ref(), own];
        let external = self.forrattning.iter().map(|hourly| &hourly.amount);
        grund.chain(hours).chain(days).chain(external).chain(rest.into_iter().flatten())
    }
}
