//! What only all rows together can say against each other.

use super::{Grundarvode, OfRow, Selector, Slab, Tariff};
use crate::domain::OrganCode;
use crate::regelverk::{Amount, Dated, FeeKind, Regelverk};

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
            check_slabs(rules, selector, tariff, dated, tell);
            check_names(rules, selector, tariff, tell);
        }
        if !selector.serves && !rules.reads("betala_ej_tjanstgorande_ersattare", "ja", dated.from) {
            let found = format!("{} from {}, an amount that is never paid", selector.text(), dated.from);
            tell(&found, "betala_ej_tjanstgorande_ersattare = \"ja\" on that day (tolkningar.toml), or no such row");
        }
    }
    check_chain(rules, tell);
    check_nycklar(rules, tell);
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
fn check_slabs(
    rules: &Regelverk,
    selector: &Selector,
    tariff: &Tariff,
    dated: &Dated<Option<Tariff>>,
    tell: &dyn Fn(&str, &str),
) {
    let from = dated.from;
    let row = OfRow { rules, tariff, dated, day: from };
    let price = |slab: &Slab| row.price(&slab.amount, &slab.namn, &mut |_| ());
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

/// What an amount is a share of has one meaning: an amount of its row, or a base.
fn check_names(rules: &Regelverk, selector: &Selector, tariff: &Tariff, tell: &dyn Fn(&str, &str)) {
    let names = tariff.amounts().filter_map(Amount::of);
    for of in names.filter(|of| tariff.own(of).is_some() && rules.is_base(of)) {
        let found = format!("{}: \"{of}\" is an amount of the row and a base too", selector.text());
        tell(&found, "another name for the base");
    }
}

/// What is taken off a base leaves something, by the values of the row's first day.
fn check_chain(rules: &Regelverk, tell: &dyn Fn(&str, &str)) {
    for (name, series) in &rules.kedja {
        for dated in series.iter() {
            let base = dated.value.amount.of().and_then(|of| rules.base(of, dated.from));
            if let Some(base) = base.filter(|base| !dated.value.minus.is_zero() && *base <= dated.value.minus) {
                let (minus, base) = (dated.value.minus.normalize(), base.normalize());
                let found = format!("[[kedja]] {name} from {}: minus {minus} of a base of {base} kr", dated.from);
                tell(&found, "less than the base");
            }
        }
    }
}

/// Who stands outside a cap is somebody.
fn check_nycklar(rules: &Regelverk, tell: &dyn Fn(&str, &str)) {
    let caps = rules.tak.values().flat_map(|series| series.iter()).filter_map(|dated| dated.value.as_ref());
    for nyckel in caps.flat_map(|tak| &tak.not_nycklar).filter(|nyckel| !rules.uppdrag.contains_key(*nyckel)) {
        let known: Vec<&str> = rules.uppdrag.keys().map(String::as_str).collect();
        tell(&format!("[[tak]] inte_nycklar: the nyckel \"{nyckel}\""), &known.join(", "));
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
        series.iter().for_each(|dated| add(&dated.value.amount, format!("[[kedja]] {name}")));
    }
    for (nyckel, series) in &rules.uppdrag {
        for dated in series.iter().filter(|dated| dated.value.kind != FeeKind::Inget) {
            dated.value.amount.iter().for_each(|amount| add(amount, format!("[[uppdrag]] {nyckel}")));
        }
    }
    for (selector, dated) in rules.sammantrade.rows() {
        if let Some(tariff) = &dated.value {
            let is_own = |amount: &&Amount| amount.of().is_some_and(|of| tariff.own(of).is_some());
            tariff.amounts().filter(|amount| !is_own(amount)).for_each(|amount| add(amount, selector.text()));
        }
    }
    for dated in rules.samma_dag.iter() {
        dated.value.most_amount.iter().for_each(|amount| add(amount, "[[samma_dag]] hogst_belopp".to_owned()));
    }
    for (organ, series) in &rules.ersattningar.jour {
        series.iter().for_each(|dated| add(&dated.value.installningsarvode, format!("[[jour]] {organ}")));
    }
    for dated in rules.tak.values().flat_map(|series| series.iter()) {
        dated.value.iter().for_each(|tak| add(&tak.amount, "[[tak]]".to_owned()));
    }
    let sick = rules.ersattningar.sjukpenning.iter();
    found.extend(sick.map(|dated| (dated.value.bas.clone(), "[[sjukpenning]]".to_owned())));
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
        let grund = self.grundarvode.iter().flat_map(Grundarvode::amounts);
        let hours = self.timarvode.iter().map(|tier| &tier.hourly.amount);
        let days = self.dag.iter().map(|slab| &slab.amount);
        let rest = [self.inlasning.as_ref(), self.hogst_per_mote.as_ref(), self.justering.as_ref()];
        let external = self.forrattning.iter().map(|hourly| &hourly.amount);
        grund.chain(hours).chain(days).chain(external).chain(rest.into_iter().flatten())
    }
}

impl Grundarvode {
    /// Its own, and those of longer meetings.
    pub(super) fn amounts(&self) -> impl Iterator<Item = &Amount> {
        std::iter::once(&self.amount).chain(self.longer.iter().map(|longer| &longer.amount))
    }
}
