//! From the texts of `config/regelverk/*.toml` to [`Regelverk`], [`Lonearter`] and [`Lonekalender`]. Any section may stand in any file.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::budget::Budget;
use super::flaggor::FlagDays;
use super::mandatperiod::{check_mandatperioder, read_mandatperiod};
use super::reader::{Errors, SettingsText, Table, Wrong, read_file};
use super::takeover::Takeover;
use super::tidkod;
use super::{
    Amount, Bas, Bilersattning, BudgetRow, Dated, FeeKind, ForloradCap, LAW_VERSION, Link, Loneart, Lonearter,
    Lonekalender, Mandatperiod, Organ, Period, READINGS, RIKSDAGSARVODE, Regelverk, Series, Unit, UppdragFee, tackning,
    tariff,
};
use crate::calendar::{Day, Month};
use crate::domain::{ClaimKind, Label, LineKind, OrganCode};
use crate::money::Rounding;

/// All that the folder says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// What decides entitlement.
    pub regelverk: Regelverk,
    /// What payroll calls things.
    pub lonearter: Lonearter,
    /// When money goes out.
    pub lonekalender: Lonekalender,
    /// The bilaga is still the shipped example.
    pub example: bool,
    /// The regulation's first day: every parameter has a value from it on.
    pub ikraft: Day,
    /// Uppdrag that a row says were established later, with the row's first day.
    pub inrattade: BTreeSet<(String, Day)>,
    /// § 16: so many days before a last day it is told, from the first on.
    pub flag_days: FlagDays,
    /// When those who are elected begin, in order.
    pub mandatperioder: Vec<Mandatperiod>,
    /// The budget, by year, organ and slag.
    pub budget: Vec<BudgetRow>,
}

/// How a unit of kronor a month is written.
const PER_MONTH: [(&str, ()); 5] =
    [("kr/månad", ()), ("kr/manad", ()), ("kr per månad", ()), ("kr/month", ()), ("kr_per_month", ())];

/// What every dated row has.
pub(super) const DATES: [&str; 3] = ["from", "decided_on", "reference"];

/// Reads every file.
///
/// # Errors
/// All that is wrong in any of them, and what is missing in all of them together.
pub fn load(files: &[SettingsText]) -> Result<Loaded, Vec<Wrong>> {
    let errors = Errors::default();
    let mut loaded = Loaded::default();
    loaded.regelverk.law_version = LAW_VERSION;
    loaded.ikraft = tackning::default_ikraft();
    (loaded.lonekalender.brytdag, loaded.lonekalender.utbetalningsdag) = (15, 27);
    let (mut takeover, mut budget) = (Takeover::default(), Budget::default());
    for file in files {
        read_file(file, &errors, |table| {
            table.tables("galler_fran", |row| takeover.read_galler_fran(row));
            table.tables("freeze", |row| takeover.read_freeze(row));
            table.tables("budget", |row| budget.read(row));
            read(&mut loaded, table);
        });
    }
    takeover.resolve(&mut loaded.regelverk, &errors);
    loaded.budget = budget.resolve(&loaded.regelverk.organ, &errors);
    check_whole(&loaded, &errors);
    check_mandatperioder(&loaded, &errors);
    let wrong = errors.into_list();
    if wrong.is_empty() { Ok(loaded) } else { Err(wrong) }
}

fn read(loaded: &mut Loaded, table: &Table<'_>) {
    loaded.example |= table.boolean("example").unwrap_or(false);
    loaded.lonekalender.read(table);
    loaded.ikraft = table.day("ikraft").unwrap_or(loaded.ikraft);
    table.table("flaggor", |table| loaded.flag_days.read(table));
    table.tables("mandatperiod", |row| read_mandatperiod(&mut loaded.mandatperioder, row));
    table.tables("loneart", |row| read_loneart(&mut loaded.lonearter, row));
    read_rules(loaded, table);
}

/// The sections that decide what a person is entitled to.
pub(super) fn read_rules(loaded: &mut Loaded, table: &Table<'_>) {
    let rules = &mut loaded.regelverk;
    rules.ersattningar.read(table);
    table.tables("riksdagsarvode", |row| {
        row.choice("unit", &PER_MONTH);
        if let Some(value) = row.required_amount("value") {
            add(row, &mut rules.riksdagsarvode, value);
        }
    });
    table.tables("bas", |row| read_bas(rules, row));
    table.tables("kedja", |row| {
        row.expects(&DATES);
        if let Some((step, link)) = row.required_text("steg").zip(Link::read(row)) {
            if rules.bas.contains_key(&step) || step == RIKSDAGSARVODE {
                row.wrong("steg", &format!("\"{step}\", which is a base already"), "a name that no other base has");
            }
            add(row, rules.kedja.entry(step).or_default(), link);
        }
    });
    table.table("avrundning", |row| {
        rules.arvode_rounding = row.choice("arvode", &Rounding::NAMES).or(rules.arvode_rounding);
    });
    table.tables("uppdrag", |row| {
        tackning::read_inrattat(&mut loaded.inrattade, row);
        read_uppdrag(rules, row);
    });
    table.tables("sammantrade", |row| tariff::read_sammantrade(rules, row));
    table.tables("samma_dag", |row| tariff::read_samma_dag(rules, row));
    table.tables("tak", |row| tariff::read_tak(rules, row));
    table.tables("forlorad_arbetsinkomst", |row| {
        let caps = row.required_amount("hogst_per_timme").zip(row.required_amount("hogst_per_dag"));
        if let Some((per_timme, per_dag)) = caps {
            add(row, &mut rules.forlorad, ForloradCap { per_timme, per_dag });
        }
    });
    table.tables("bilersattning", |row| {
        let prices = row.required_amount("kr_per_mil").zip(row.required_amount("skattefri_kr_per_mil"));
        if let Some(((kr_per_mil, skattefri_kr_per_mil), minst_km)) =
            prices.zip(row.required_amount("minst_km_enkel_vag"))
        {
            if skattefri_kr_per_mil > kr_per_mil {
                row.wrong(
                    "skattefri_kr_per_mil",
                    &format!("`{skattefri_kr_per_mil}`"),
                    &format!("at most {kr_per_mil}"),
                );
            }
            add(row, &mut rules.bilersattning, Bilersattning { kr_per_mil, skattefri_kr_per_mil, minst_km });
        }
    });
    table.tables("kurs", |row| {
        if let Some(hours) = row.required_amount("hogst_timmar_per_dag") {
            let minutes = hours * rust_decimal::Decimal::from(60);
            match i64::try_from(minutes) {
                Ok(minutes) if minutes <= 24 * 60 => add(row, &mut rules.kurs_minutes, minutes),
                _ => row.wrong("hogst_timmar_per_dag", &format!("`{hours}`"), "0 to 24 hours"),
            }
        }
    });
    table.tables("tidsfrist", |row| {
        let slag = row.required_text("slag").and_then(|word| {
            let kind = ClaimKind::parse(&word);
            if kind.is_none() {
                let words: Vec<&str> = ClaimKind::all().map(ClaimKind::word).collect();
                row.wrong("slag", &format!("\"{word}\""), &words.join(", "));
            }
            kind
        });
        let years =
            row.whole("ar").and_then(|years| u32::try_from(years).ok()).filter(|years| (1..=10).contains(years));
        match (slag, years) {
            (Some(slag), Some(years)) => add(row, rules.tidsfrist_years.entry(slag).or_default(), years),
            (Some(_), None) => row.wrong("ar", "no usable `ar`", "1 to 10 years"),
            _ => {}
        }
    });
    table.tables("tolkning", |row| read_tolkning(rules, row));
    table.tables("organ", |row| read_organ(rules, row));
}

fn read_uppdrag(rules: &mut Regelverk, row: &Table<'_>) {
    row.expects(&DATES);
    const KINDS: [(&str, FeeKind); 3] =
        [("arsarvode", FeeKind::Arsarvode), ("fast_arvode", FeeKind::FastArvode), ("inget", FeeKind::Inget)];
    let nyckel = row.required_text("nyckel");
    let kind = row.required_choice("slag", &KINDS);
    let (grad, kommunalrad) = (row.required_amount("grad"), row.boolean("kommunalrad").unwrap_or(false));
    let platser = row.whole("platser").and_then(|count| u32::try_from(count).ok());
    let period = row.choice("period", &[("manad", Period::Month), ("ar", Period::Year)]).unwrap_or(Period::Month);
    // Asked for with every kind, so that a row without a fee may not have an amount unseen.
    let has_amount = ["belopp", "procent", "promille"].into_iter().any(|key| row.has(key));
    let amount = match kind {
        Some(FeeKind::Inget) if has_amount => {
            row.wrong("slag", "an amount with `slag = \"inget\"`", "arsarvode or fast_arvode, or no amount");
            return;
        }
        Some(FeeKind::Inget) => None,
        _ => match Amount::read(row, None) {
            Some(amount) => Some(amount),
            None => return,
        },
    };
    if let Some((nyckel, (kind, grad))) = nyckel.zip(kind.zip(grad)) {
        let fee = UppdragFee { kind, amount, period, grad, kommunalrad, platser };
        add(row, rules.uppdrag.entry(nyckel).or_default(), fee);
    }
}

fn read_bas(rules: &mut Regelverk, row: &Table<'_>) {
    row.expects(&DATES);
    let (namn, unit) = (row.required_text("namn"), row.required_choice("unit", &Unit::NAMES));
    let Some((namn, (value, unit))) = namn.zip(row.required_amount("value").zip(unit)) else { return };
    if namn == RIKSDAGSARVODE || rules.kedja.contains_key(&namn) {
        row.wrong("namn", &format!("\"{namn}\", which is a base already"), "a name that no other base has");
    }
    let series = rules.bas.entry(namn).or_default();
    if let Some(other) = series.iter().find(|dated| dated.value.unit != unit) {
        let found = format!("`{}` beside `{}` from {}", unit.name(), other.value.unit.name(), other.from);
        row.wrong("unit", &found, "one unit for all values of a base");
    }
    add(row, series, Bas { value, unit });
}

/// Readings that are numbers: the least, the most, whether it is whole, and how a message says so.
const NUMBERS: [(&str, i64, i64, bool, &str); 3] = [
    ("grans_procent", 0, 100, false, "per cent, 0 to 100"),
    ("egenforetagare_timmar_per_ar", 1, 8784, false, "hours of a year, 1 to 8784"),
    ("pension_utbetalas_i", 1, 12, true, "a month, 1 to 12"),
];

fn read_tolkning(rules: &mut Regelverk, row: &Table<'_>) {
    let Some((name, value)) = row.required_text("parameter").zip(row.required_text("value")) else {
        return;
    };
    let Some((_, allowed, _)) = READINGS.iter().find(|(known, _, _)| *known == name) else {
        let names: Vec<&str> = READINGS.iter().map(|(known, _, _)| *known).collect();
        return row.wrong("parameter", &format!("\"{name}\""), &names.join(", "));
    };
    if let Some((_, least, most, is_whole, words)) = NUMBERS.iter().find(|(known, ..)| *known == name) {
        let number = value.parse::<Decimal>().ok();
        let fits = |number: Decimal| (Decimal::from(*least)..=Decimal::from(*most)).contains(&number);
        if !number.is_some_and(|number| fits(number) && (number.fract().is_zero() || !is_whole)) {
            return row.wrong("value", &format!("\"{value}\" for {name}"), &format!("{words}, in quotes"));
        }
    } else if !allowed.contains(&value.as_str()) {
        return row.wrong("value", &format!("\"{value}\" for {name}"), &allowed.join(", "));
    }
    add(row, rules.tolkning.entry(name).or_default(), value);
}

fn read_organ(rules: &mut Regelverk, row: &Table<'_>) {
    let texts = row.required_text("kod").zip(row.required_text("namn"));
    let dimensions = row.required_text("ansvar").zip(row.required_text("verksamhet"));
    let synonymer = row.texts("synonymer");
    if let Some(((kod, namn), (ansvar, verksamhet))) = texts.zip(dimensions) {
        for (key, id) in [("ansvar", &ansvar), ("verksamhet", &verksamhet)] {
            if id.chars().count() > 10 {
                row.wrong(key, &format!("\"{id}\""), "at most 10 characters (PAXml resenhet)");
            }
        }
        for name in synonymer.iter().chain([&kod, &namn]) {
            if let Some(other) = rules.organ_named(name) {
                let found = format!("\"{name}\", which already names {}", other.namn);
                row.wrong("kod", &found, "names that no other organ has");
            }
        }
        let (ansvar, verksamhet) = (ansvar.into(), verksamhet.into());
        rules.organ.push(Organ { code: OrganCode(kod), namn, synonymer, ansvar, verksamhet });
    }
}

fn read_loneart(lonearter: &mut Lonearter, row: &Table<'_>) {
    let kinds: Vec<(&'static str, LineKind)> = LineKind::all().map(|kind| (kind.name(), kind)).collect();
    let kind = row.required_choice("slag", &kinds);
    let (lonkod, benamning) = (row.text("lonkod"), row.required_text("benamning"));
    let is_absence = kind.is_some_and(LineKind::is_absence);
    let konto = if is_absence { Some(row.text("konto").unwrap_or_default()) } else { row.required_text("konto") };
    let codes = row.required_text("lonart").zip(konto);
    if let (true, Some((lonart, _))) = (is_absence, &codes) {
        check_tidkod(row, lonart, lonkod.as_deref());
    }
    if let Some(((kind, (lonart, konto)), (benamning, from))) =
        kind.zip(codes).zip(benamning.zip(row.required_month("from")))
    {
        let (lonart, benamning, konto) = (lonart.into(), benamning.into(), konto.into());
        let loneart = Loneart { lonart, lonkod: lonkod.map(Label::from), benamning, konto };
        let reference = row.text("reference").unwrap_or_default();
        let dated = Dated { from: from.first(), decided_on: from.first(), reference, value: loneart };
        if !lonearter.add(kind, dated) {
            row.wrong("from", &format!("a second lönart for {} from {from}", kind.name()), "one per month");
        }
    }
}

/// An absence goes to payroll as PAXml's tidtrans, which knows its own codes and no lonkod.
fn check_tidkod(row: &Table<'_>, lonart: &str, lonkod: Option<&str>) {
    if !tidkod::is_absence(lonart) {
        row.wrong("lonart", &format!("\"{lonart}\" for an absence"), &tidkod::absence_codes());
    }
    if let Some(lonkod) = lonkod {
        row.wrong("lonkod", &format!("\"{lonkod}\" for an absence"), "no lonkod: `lonart` is the tidkod");
    }
}

/// Adds a value with the row's `from`, `decided_on` (else `from`) and `reference`.
pub(super) fn add<T: Clone>(row: &Table<'_>, series: &mut Series<T>, value: T) {
    let (Some(from), Some(reference)) = (row.required_day("from"), row.required_text("reference")) else {
        row.day("decided_on");
        return;
    };
    let decided_on = row.day("decided_on").unwrap_or(from);
    if !series.add(Dated { from, decided_on, reference, value }) {
        let found = format!("a second value from {from} decided on {decided_on}");
        row.wrong("from", &found, "one value per first day and day of decision");
    }
}

/// What only all files together can say: every part is there, every base exists, nothing leads in a circle.
pub(super) fn check_whole(loaded: &Loaded, errors: &Errors) {
    let rules = &loaded.regelverk;
    let missing = |found: &str, allowed: &str| {
        let (file, found, allowed) = ("config/regelverk/".to_owned(), found.to_owned(), allowed.to_owned());
        errors.add(Wrong { file, line: 0, column: 0, found, allowed });
    };
    let parts = [
        ("[[uppdrag]]", rules.uppdrag.is_empty()),
        ("[[sammantrade]]", rules.sammantrade.is_empty()),
        ("[[forlorad_arbetsinkomst]]", rules.forlorad.is_empty()),
        ("[[bilersattning]]", rules.bilersattning.is_empty()),
        ("[[kurs]]", rules.kurs_minutes.is_empty()),
        ("[[organ]]", rules.organ.is_empty()),
    ];
    for (part, _) in parts.iter().filter(|(_, empty)| *empty) {
        missing(&format!("no {part} in any file"), &format!("at least one complete {part}"));
    }
    if loaded.lonekalender.forsta_manad.is_none() {
        missing("no forsta_manad", "forsta_manad = \"2026-11\" in lonekalender.toml: the first month that is owed");
    }
    let payout = loaded.lonekalender.forsta_manad.or(Month::new(2015, 1));
    for kind in LineKind::all().filter(|kind| rules.can_pay(*kind)) {
        if payout.is_some_and(|month| loaded.lonearter.of(kind, month).is_none()) {
            missing(
                &format!("no [[loneart]] for {} in the first month", kind.name()),
                "a lönart for every kind that is paid",
            );
        }
    }
    for kind in ClaimKind::all() {
        if !rules.tidsfrist_years.contains_key(&kind) {
            missing(&format!("no [[tidsfrist]] for {}", kind.word()), "1 or 2 years for every kind of claim (§ 16)");
        }
    }
    tariff::check(rules, &missing);
    for name in rules.kedja.keys() {
        check_base(rules, name, &missing);
    }
}

/// A step of the chain leads to a base with values, by one way and in one unit at all times.
fn check_base(rules: &Regelverk, name: &str, tell: &dyn Fn(&str, &str)) {
    let Some(series) = rules.kedja.get(name) else { return };
    let units: Vec<Unit> = series.iter().map(|dated| rules.unit(name, dated.from)).collect();
    if units.windows(2).any(|pair| pair[0] != pair[1]) {
        let named: Vec<&str> = units.iter().map(|unit| unit.name()).collect();
        tell(&format!("the base {name} in {}", named.join(", then ")), "one unit at all times");
    }
    let mut seen = vec![name];
    let mut next: Vec<&str> = series.iter().filter_map(|dated| dated.value.amount.of()).collect();
    while let Some(of) = next.pop() {
        if of == name {
            return tell(&format!("the base {name} leads back to itself"), "a chain that ends in a base with values");
        }
        if !seen.contains(&of) {
            seen.push(of);
            let steps = rules.kedja.get(of).into_iter().flat_map(Series::iter);
            next.extend(steps.filter_map(|dated| dated.value.amount.of()));
        }
    }
}
