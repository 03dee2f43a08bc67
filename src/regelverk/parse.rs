//! From the texts of `config/regelverk/*.toml` to [`Regelverk`], [`Lonearter`] and [`Lonekalender`]. Any section may stand in any file.

use std::collections::BTreeSet;

use super::reader::{Errors, SettingsText, Table, Wrong, read_file};
use super::{
    Bilersattning, ChainStep, Dated, FeeKind, ForloradCap, LAW_VERSION, Loneart, Lonearter, Lonekalender, Organ,
    READINGS, Regelverk, Sammantrade, Series, UppdragFee, tackning,
};
use crate::calendar::{Day, Month};
use crate::domain::{ClaimKind, LineKind, OrganCode};
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
}

/// How a unit of kronor a month is written.
const PER_MONTH: [(&str, ()); 5] =
    [("kr/månad", ()), ("kr/manad", ()), ("kr per månad", ()), ("kr/month", ()), ("kr_per_month", ())];

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
    for file in files {
        read_file(file, &errors, |table| read(&mut loaded, table));
    }
    check_whole(&loaded, &errors);
    let wrong = errors.into_list();
    if wrong.is_empty() { Ok(loaded) } else { Err(wrong) }
}

fn read(loaded: &mut Loaded, table: &Table<'_>) {
    loaded.example |= table.boolean("example").unwrap_or(false);
    loaded.lonekalender.read(table);
    loaded.ikraft = table.day("ikraft").unwrap_or(loaded.ikraft);
    table.tables("loneart", |row| read_loneart(&mut loaded.lonearter, row));
    read_rules(loaded, table);
}

/// The sections that decide what a person is entitled to.
pub(super) fn read_rules(loaded: &mut Loaded, table: &Table<'_>) {
    let rules = &mut loaded.regelverk;
    table.tables("riksdagsarvode", |row| {
        row.choice("unit", &PER_MONTH);
        if let Some(value) = row.required_amount("value") {
            add(row, &mut rules.riksdagsarvode, value);
        }
    });
    table.tables("kedja", |row| {
        let step = row.required_choice("steg", &[("ks_ordforande", "ks_ordforande"), ("grund", "grund")]);
        let parts = row.required_amount("procent").zip(row.required_text("av"));
        let rounding = rounding(row, "avrundning");
        if let Some((step, (procent, of))) = step.zip(parts) {
            add(row, rules.kedja.entry(step.to_owned()).or_default(), ChainStep { of, procent, rounding });
        }
    });
    table.table("avrundning", |row| {
        rules.arvode_rounding = row.choice("arvode", &Rounding::NAMES).or(rules.arvode_rounding);
    });
    table.tables("uppdrag", |row| {
        tackning::read_inrattat(&mut loaded.inrattade, row);
        read_uppdrag(rules, row);
    });
    table.tables("sammantrade", |row| read_sammantrade(rules, row));
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
    const KINDS: [(&str, FeeKind); 3] =
        [("arsarvode", FeeKind::Arsarvode), ("fast_arvode", FeeKind::FastArvode), ("inget", FeeKind::Inget)];
    let nyckel = row.required_text("nyckel");
    let kind = row.required_choice("slag", &KINDS);
    let (grad, kommunalrad) = (row.required_amount("grad"), row.boolean("kommunalrad").unwrap_or(false));
    let platser = row.whole("platser").and_then(|count| u32::try_from(count).ok());
    let (of, procent) = match kind {
        Some(FeeKind::Inget) => (Some(String::new()), Some(rust_decimal::Decimal::ZERO)),
        _ => (row.required_text("av"), row.required_amount("procent")),
    };
    let fee = kind.zip(of).zip(procent.zip(grad));
    if let Some((nyckel, ((kind, of), (procent, grad)))) = nyckel.zip(fee) {
        let fee = UppdragFee { kind, of, procent, grad, kommunalrad, platser };
        add(row, rules.uppdrag.entry(nyckel).or_default(), fee);
    }
}

fn read_sammantrade(rules: &mut Regelverk, row: &Table<'_>) {
    let minutes = |key| {
        let found =
            row.whole(key).and_then(|minutes| i64::try_from(minutes).ok()).filter(|minutes| *minutes <= 24 * 60);
        if found.is_none() {
            row.wrong(key, &format!("no usable `{key}`"), "minutes, 0 to 1440");
        }
        found
    };
    let procent = row.required_amount("grundarvode_procent").zip(row.required_amount("timarvode_procent"));
    let spans = minutes("forsta_minuter").zip(minutes("paborjade_minuter"));
    let (grund_rounding, tim_rounding) =
        (rounding(row, "grundarvode_avrundning"), rounding(row, "timarvode_avrundning"));
    if let Some(((grund, tim), ((forsta, paborjade), of))) = procent.zip(spans.zip(row.required_text("av"))) {
        if paborjade == 0 {
            row.wrong("paborjade_minuter", "`0`", "at least 1 minute");
        }
        let value = Sammantrade {
            of,
            grundarvode_procent: grund,
            grundarvode_rounding: grund_rounding,
            timarvode_procent: tim,
            timarvode_rounding: tim_rounding,
            forsta_minuter: forsta,
            paborjade_minuter: paborjade.max(1),
        };
        add(row, &mut rules.sammantrade, value);
    }
}

fn read_tolkning(rules: &mut Regelverk, row: &Table<'_>) {
    let Some((name, value)) = row.required_text("parameter").zip(row.required_text("value")) else {
        return;
    };
    let Some((_, allowed, _)) = READINGS.iter().find(|(known, _, _)| *known == name) else {
        let names: Vec<&str> = READINGS.iter().map(|(known, _, _)| *known).collect();
        return row.wrong("parameter", &format!("\"{name}\""), &names.join(", "));
    };
    let is_number = allowed.is_empty() && value.parse::<rust_decimal::Decimal>().is_ok();
    if !is_number && !allowed.contains(&value.as_str()) {
        let allowed = if allowed.is_empty() { "a number in quotes".to_owned() } else { allowed.join(", ") };
        return row.wrong("value", &format!("\"{value}\" for {name}"), &allowed);
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
        rules.organ.push(Organ { code: OrganCode(kod), namn, synonymer, ansvar, verksamhet });
    }
}

fn read_loneart(lonearter: &mut Lonearter, row: &Table<'_>) {
    let kinds: Vec<(&'static str, LineKind)> = LineKind::all().map(|kind| (kind.name(), kind)).collect();
    let kind = row.required_choice("slag", &kinds);
    let (lonkod, benamning) = (row.text("lonkod"), row.required_text("benamning"));
    let codes = row.required_text("lonart").zip(row.required_text("konto"));
    if let Some(((kind, (lonart, konto)), (benamning, from))) =
        kind.zip(codes).zip(benamning.zip(row.required_month("from")))
    {
        let loneart = Loneart { lonart, lonkod, benamning, konto };
        let reference = row.text("reference").unwrap_or_default();
        let dated = Dated { from: from.first(), decided_on: from.first(), reference, value: loneart };
        if !lonearter.add(kind, dated) {
            row.wrong("from", &format!("a second lönart for {} from {from}", kind.name()), "one per month");
        }
    }
}

fn rounding(row: &Table<'_>, key: &'static str) -> Rounding {
    row.choice(key, &Rounding::NAMES).unwrap_or(Rounding::Ore)
}

/// Adds a value with the row's `from`, `decided_on` (else `from`) and `reference`.
fn add<T: Clone>(row: &Table<'_>, series: &mut Series<T>, value: T) {
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
        ("[[riksdagsarvode]]", rules.riksdagsarvode.is_empty()),
        ("[[kedja]]", rules.kedja.len() < 2),
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
    for kind in LineKind::all() {
        if payout.is_some_and(|month| loaded.lonearter.of(kind, month).is_none()) {
            missing(&format!("no [[loneart]] for {} in the first month", kind.name()), "a lönart for every kind");
        }
    }
    for kind in ClaimKind::all() {
        if !rules.tidsfrist_years.contains_key(&kind) {
            missing(&format!("no [[tidsfrist]] for {}", kind.word()), "1 or 2 years for every kind of claim (§ 16)");
        }
    }
    let is_base = |name: &str| name == "riksdagsarvode" || rules.kedja.contains_key(name);
    let chain = rules.kedja.values().flat_map(Series::iter).map(|dated| &dated.value.of);
    let fees = rules.uppdrag.values().flat_map(Series::iter).filter(|dated| dated.value.kind != FeeKind::Inget);
    let meetings = rules.sammantrade.iter().map(|dated| &dated.value.of);
    for base in chain.chain(fees.map(|dated| &dated.value.of)).chain(meetings).filter(|base| !is_base(base)) {
        missing(&format!("the base \"{base}\""), "riksdagsarvode, ks_ordforande, grund");
    }
    let today = rules.riksdagsarvode.iter().last().map_or(Day::MIN, |dated| dated.from);
    for name in rules.kedja.keys() {
        if rules.base(name, today).is_none() {
            missing(&format!("the base {name} has no amount on {today}"), "a chain that ends in riksdagsarvode");
        }
    }
}
