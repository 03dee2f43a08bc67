//! Reads `[[sammantrade]]`, `[[samma_dag]]` and `[[tak]]`; a row that contradicts itself is refused where it stands.

use rust_decimal::Decimal;

use super::{
    CapPer, Counting, FullDay, GRUNDARVODE, Grundarvode, Hourly, Longer, Restid, SammaDag, Selector, Slab, Tak, Tariff,
    Tier,
};
use crate::domain::{OrganCode, Slag};
use crate::money::Rounding;
use crate::regelverk::parse::{DATES, add};
use crate::regelverk::reader::Table;
use crate::regelverk::{Amount, Regelverk};

const COUNTING: [(&str, Counting); 4] = [
    ("paborjade", Counting::Started),
    ("hela", Counting::Whole),
    ("narmaste", Counting::Nearest),
    ("pro_rata", Counting::ProRata),
];

const DAY_MINUTES: i64 = 24 * 60;

/// A row of `[[sammantrade]]`: one tariff for each combination of its selectors.
pub fn read_sammantrade(rules: &mut Regelverk, row: &Table<'_>) {
    row.expects(&DATES);
    let (selectors, tariff) = (selectors(row), tariff(row));
    let has_ended = row.boolean("upphor") == Some(true);
    let pays_nothing = tariff == Tariff::default();
    if has_ended && !pays_nothing {
        row.wrong(
            "upphor",
            "`upphor = true` in a row with amounts",
            "a row of its own, with its `from` and no amounts",
        );
    }
    if has_ended && selectors.iter().all(|selector| *selector == selector_of_all()) {
        row.wrong("upphor", "`upphor = true` in a row for all meetings", "a row with `organ`, `slag` or `galler`");
    }
    if !has_ended && pays_nothing {
        let allowed = "grundarvode, timarvode, [[sammantrade.timarvode_steg]], [[sammantrade.dag]], justeringsarvode, \
                       inlasningsarvode, forrattning or andel_av_ordinarie";
        row.wrong("", "a [[sammantrade]] without any amount", allowed);
    }
    let value = (!has_ended).then_some(tariff);
    for selector in selectors {
        add(row, rules.sammantrade.series(selector), value.clone());
    }
}

fn selector_of_all() -> Selector {
    Selector { serves: true, organ: None, slag: None }
}

fn selectors(row: &Table<'_>) -> Vec<Selector> {
    const WHO: [(&str, bool); 2] = [("tjanstgorande", true), ("ej_tjanstgorande", false)];
    let serves = row.choice("galler", &WHO).unwrap_or(true);
    let organs: Vec<Option<OrganCode>> = row.texts("organ").into_iter().map(|code| Some(OrganCode(code))).collect();
    let organs = if organs.is_empty() { vec![None] } else { organs };
    let words = row.texts("slag");
    let mut kinds: Vec<Option<Slag>> = if words.is_empty() { vec![None] } else { Vec::new() };
    for word in words {
        match Slag::parse(&word) {
            Some(slag) => kinds.push(Some(slag)),
            None => row.wrong("slag", &format!("\"{word}\""), &Slag::words().collect::<Vec<_>>().join(", ")),
        }
    }
    let of_organ = |organ: Option<OrganCode>| {
        let kinds = kinds.clone();
        kinds.into_iter().map(move |slag| Selector { serves, organ: organ.clone(), slag })
    };
    organs.into_iter().flat_map(of_organ).collect()
}

fn tariff(row: &Table<'_>) -> Tariff {
    let base = row.text("av");
    let base = base.as_deref();
    let amount = |key: &'static str| {
        let mut found = None;
        row.table(key, |table| found = Amount::read(table, base));
        found
    };
    let first_minutes = minutes(row, "forsta_minuter");
    let longer = longer(row, base);
    let grundarvode = amount("grundarvode").map(|amount| Grundarvode { amount, first_minutes, longer });
    for key in ["forsta_minuter", "grundarvode_steg"].into_iter().filter(|key| row.has(key) && !row.has("grundarvode"))
    {
        row.wrong(key, &format!("`{key}` without `grundarvode`"), "a row with grundarvode");
    }
    let units = Units::read(row);
    let timarvode = hours(row, base, &units, grundarvode.as_ref(), amount("timarvode"));
    let forrattning = amount("forrattning");
    let tariff = Tariff {
        timarvode,
        forrattning: forrattning.and_then(|amount| units.hourly(row, amount, &Units::default())),
        dag: slabs(row, base),
        restid: travel(row),
        justering: adjusting(row, base),
        inlasning: amount("inlasningsarvode"),
        hogst_per_mote: amount("hogst_per_mote"),
        line_rounding: row.choice("avrundning_rad", &Rounding::NAMES),
        sum_rounding: row.choice("avrundning_summa", &Rounding::NAMES),
        share_of_ordinary: row.amount("andel_av_ordinarie"),
        grundarvode,
    };
    refuse_contradictions(row, &tariff);
    tariff
}

fn refuse_contradictions(row: &Table<'_>, tariff: &Tariff) {
    let has_hours = !tariff.timarvode.is_empty();
    if !tariff.dag.is_empty() && (tariff.grundarvode.is_some() || has_hours) {
        let found = "[[sammantrade.dag]] together with grundarvode or timarvode";
        row.wrong("dag", found, "either half and full days, or grundarvode and timarvode");
    }
    let covers_all = tariff.grundarvode.as_ref().is_some_and(|found| found.first_minutes.is_none());
    if covers_all && has_hours {
        let found = "a grundarvode for the whole meeting together with timarvode";
        row.wrong("grundarvode", found, "`forsta_minuter`: the minutes that the grundarvode covers (0 for none)");
    }
    let by_hour_only = ["enhet_minuter", "raknas"];
    let priced_by_hour = row.has("timarvode") || row.has("timarvode_steg") || row.has("forrattning");
    for key in by_hour_only.into_iter().filter(|key| row.has(key) && !priced_by_hour) {
        row.wrong(key, &format!("`{key}` without timarvode"), "a row with timarvode, timarvode_steg or forrattning");
    }
    if row.has("forrattning") && has_hours {
        let found = "`forrattning` together with timarvode";
        row.wrong("forrattning", found, "one hourly price: an external förrättning is paid by the first timarvode");
    }
    let is_stepped = tariff.grundarvode.as_ref().is_some_and(|grund| !grund.longer.is_empty());
    let depends_on_time = has_hours || is_stepped || tariff.dag.iter().any(|slab| slab.from_minutes > 1);
    if !tariff.restid.is_empty() && !depends_on_time {
        row.wrong(
            "restid",
            "travel time where no amount depends on time",
            "a row with timarvode or half and full days",
        );
    }
    refuse_shares_of_itself(row, tariff);
    refuse_share_of_ordinary(row, tariff);
}

/// An amount of the row may be a share of another one of it, not of itself or of one that comes after it.
fn refuse_shares_of_itself(row: &Table<'_>, tariff: &Tariff) {
    let is_circle = |grund: &Grundarvode| grund.amounts().any(|amount| amount.of() == Some(GRUNDARVODE));
    if tariff.grundarvode.as_ref().is_some_and(is_circle) {
        row.wrong("grundarvode", "a grundarvode that is a share of itself", "a base with another name");
    }
    for (place, slab) in tariff.dag.iter().enumerate() {
        let later = tariff.dag.iter().skip(place).find(|later| slab.amount.of() == Some(later.namn.as_str()));
        if let Some(later) = later {
            let found = format!("\"{}\" as a share of \"{}\", which is not below it", slab.namn, later.namn);
            row.wrong("dag", &found, "a base, or a [[sammantrade.dag]] above it");
        }
    }
    let adjusts_by_grund = tariff.justering.as_ref().and_then(Amount::of) == Some(GRUNDARVODE);
    if tariff.grundarvode.is_none() && adjusts_by_grund {
        let found = "a share of grundarvode in a row without grundarvode";
        row.wrong("justeringsarvode", found, "a row with grundarvode, or an amount of its own");
    }
}

fn refuse_share_of_ordinary(row: &Table<'_>, tariff: &Tariff) {
    const KEY: &str = "andel_av_ordinarie";
    let Some(share) = tariff.share_of_ordinary else { return };
    if share > Decimal::ONE {
        row.wrong(KEY, &format!("`{share}`"), "a share up to 1, such as 0.75");
    }
    if row.text("galler").as_deref() != Some("ej_tjanstgorande") {
        row.wrong(KEY, "`andel_av_ordinarie` in a row for those who serve", "`galler = \"ej_tjanstgorande\"`");
    }
    let of_time = [
        "grundarvode",
        "timarvode",
        "timarvode_steg",
        "dag",
        "restid",
        "forrattning",
        "hogst_per_mote",
        "avrundning_rad",
    ];
    for key in of_time.into_iter().filter(|key| row.has(key)) {
        row.wrong(key, &format!("`{key}` together with `andel_av_ordinarie`"), "one of them: the ordinary row says it");
    }
}

/// Minutes of a day, if the key is there.
fn minutes(table: &Table<'_>, key: &'static str) -> Option<i64> {
    let found = table.whole(key)?;
    let minutes = i64::try_from(found).ok().filter(|minutes| *minutes <= DAY_MINUTES);
    if minutes.is_none() {
        table.wrong(key, &format!("`{found}`"), "minutes, 0 to 1440");
    }
    minutes
}

/// How a table counts time: `enhet_minuter` and `raknas`.
#[derive(Default)]
struct Units {
    minutes: Option<i64>,
    counting: Option<Counting>,
}

impl Units {
    fn read(table: &Table<'_>) -> Units {
        let (minutes, counting) = (minutes(table, "enhet_minuter"), table.choice("raknas", &COUNTING));
        if minutes == Some(0) {
            table.wrong("enhet_minuter", "`0` for `enhet_minuter`", "at least 1 minute");
        }
        if minutes.is_some() && counting == Some(Counting::ProRata) {
            let found = "`enhet_minuter` with `raknas = \"pro_rata\"`";
            table.wrong("enhet_minuter", found, "one of them: pro rata is by the minute");
        }
        Units { minutes, counting }
    }

    /// A price with these units; what the table does not say, its row says.
    fn hourly(&self, table: &Table<'_>, amount: Amount, row: &Units) -> Option<Hourly> {
        let own = self.counting.or(self.minutes.map(|_| Counting::Started));
        let counting = own.or(row.counting).unwrap_or(Counting::Started);
        if counting == Counting::ProRata {
            return Some(Hourly { amount, unit_minutes: 1, counting });
        }
        let Some(unit_minutes) = self.minutes.or(row.minutes) else {
            let found = "a price by the hour without `enhet_minuter`";
            table.wrong("", found, "`enhet_minuter = 30`, or `raknas = \"pro_rata\"`");
            return None;
        };
        (unit_minutes > 0).then_some(Hourly { amount, unit_minutes, counting })
    }
}

fn hours(
    row: &Table<'_>,
    base: Option<&str>,
    units: &Units,
    grund: Option<&Grundarvode>,
    simple: Option<Amount>,
) -> Vec<Tier> {
    let covered = grund.and_then(|grund| grund.first_minutes).unwrap_or(0);
    let mut tiers = Vec::new();
    row.tables("timarvode_steg", |step| {
        let (after, until) = (minutes(step, "efter_minuter"), minutes(step, "till_minuter"));
        if after.is_none() && !step.has("efter_minuter") {
            let allowed = "the minutes of the meeting that the step comes after, 0 for none";
            step.wrong("efter_minuter", "no `efter_minuter`", allowed);
        }
        let own = Units::read(step);
        let price = Amount::read(step, base).and_then(|amount| own.hourly(step, amount, units));
        if let Some((after_minutes, hourly)) = after.zip(price) {
            let tier = Tier { after_minutes, until_minutes: until, hourly };
            refuse_tier(step, tiers.last(), &tier, grund.is_some().then_some(covered));
            tiers.push(tier);
        }
    });
    if row.has("timarvode") && row.has("timarvode_steg") {
        row.wrong("timarvode", "both `timarvode` and `timarvode_steg`", "one of them");
    }
    if let Some(hourly) = simple.and_then(|amount| units.hourly(row, amount, &Units::default())) {
        tiers.push(Tier { after_minutes: covered, until_minutes: None, hourly });
    }
    tiers
}

/// Steps follow one another without gap or overlap, the first where the grundarvode ends.
fn refuse_tier(step: &Table<'_>, before: Option<&Tier>, tier: &Tier, covered: Option<i64>) {
    let start = tier.after_minutes;
    match (before.map(|before| before.until_minutes), covered) {
        (Some(None), _) => {
            step.wrong("efter_minuter", "a step after one without end", "`till_minuter` in the step before");
        }
        (Some(Some(end)), _) if start < end => {
            step.wrong("efter_minuter", &format!("`{start}`, before the step before it ends"), &format!("`{end}`"));
        }
        (Some(Some(end)), _) if start > end => {
            step.wrong("efter_minuter", &format!("`{start}`, a gap after the step before it"), &format!("`{end}`"));
        }
        (None, Some(covered)) if start != covered => {
            let side = if start < covered { "before the grundarvode ends" } else { "a gap after the grundarvode" };
            step.wrong("efter_minuter", &format!("`{start}`, {side}"), &format!("`{covered}` (`forsta_minuter`)"));
        }
        _ => {}
    }
    let Some(end) = tier.until_minutes else { return };
    if end <= start {
        step.wrong("till_minuter", &format!("`{end}`"), &format!("more than {start}"));
    } else if (end - start) % tier.hourly.unit_minutes != 0 {
        let found = format!("{} minutes in units of {}", end - start, tier.hourly.unit_minutes);
        step.wrong("till_minuter", &found, "a whole number of units");
    }
}

/// From how many minutes a level is paid: `minst_minuter` or `over_minuter`; from the first where neither is there.
fn threshold(table: &Table<'_>) -> i64 {
    let (at_least, over) = (minutes(table, "minst_minuter"), minutes(table, "over_minuter"));
    if table.has("minst_minuter") && table.has("over_minuter") {
        let allowed = "one of them, or neither for the lowest";
        table.wrong("over_minuter", "both `minst_minuter` and `over_minuter`", allowed);
    }
    at_least.or(over.map(|over| over + 1)).unwrap_or(1).max(1)
}

/// `[[sammantrade.grundarvode_steg]]`: the grundarvode of longer meetings.
fn longer(row: &Table<'_>, base: Option<&str>) -> Vec<Longer> {
    let mut all: Vec<Longer> = Vec::new();
    row.tables("grundarvode_steg", |table| {
        let (from_minutes, amount) = (threshold(table), Amount::read(table, base));
        let before = all.last().map_or(1, |before| before.from_minutes);
        if from_minutes <= before {
            let found = format!("paid from {from_minutes} minutes, where from {before} is paid already");
            table.wrong("minst_minuter", &found, "`minst_minuter` or `over_minuter`, rising from one step to the next");
        }
        all.extend(amount.map(|amount| Longer { amount, from_minutes }));
    });
    all
}

fn slabs(row: &Table<'_>, base: Option<&str>) -> Vec<Slab> {
    let mut slabs: Vec<Slab> = Vec::new();
    row.tables("dag", |table| {
        let from_minutes = threshold(table);
        if let Some(before) = slabs.last()
            && before.from_minutes >= from_minutes
        {
            let key = if table.has("over_minuter") { "over_minuter" } else { "minst_minuter" };
            let found =
                format!("paid from {from_minutes} minutes, after \"{}\" from {}", before.namn, before.from_minutes);
            table.wrong(key, &found, "thresholds that rise from one [[sammantrade.dag]] to the next");
        }
        if let Some((namn, amount)) = table.required_text("namn").zip(Amount::read(table, base)) {
            slabs.push(Slab { namn, amount, from_minutes });
        }
    });
    slabs
}

fn travel(row: &Table<'_>) -> Vec<Restid> {
    let mut all: Vec<Restid> = Vec::new();
    row.tables("restid", |table| {
        let added = minutes(table, "minuter");
        if added.is_none() && !table.has("minuter") {
            table.wrong("minuter", "no `minuter`", "the minutes of travel that are added");
        }
        let Some((minst_km, minutes)) = table.required_amount("minst_km").zip(added) else { return };
        if all.last().is_some_and(|before| before.minst_km >= minst_km || before.minutes >= minutes) {
            let found = format!("{} km giving {minutes} minutes, after a longer way or time", minst_km.normalize());
            table.wrong("minst_km", &found, "`minst_km` and `minuter` that rise from one row to the next");
        }
        all.push(Restid { minst_km, minutes });
    });
    all
}

fn adjusting(row: &Table<'_>, base: Option<&str>) -> Option<Amount> {
    let mut found = None;
    row.table("justeringsarvode", |table| {
        let share = table.amount("andel_av_grundarvode");
        let is_amount = ["belopp", "procent", "promille"].into_iter().any(|key| table.has(key));
        if is_amount && share.is_some() {
            let found = "`andel_av_grundarvode` together with an amount";
            return table.wrong("andel_av_grundarvode", found, "one of them");
        }
        found = match share {
            Some(share) => {
                let percent = share.saturating_mul(Decimal::ONE_HUNDRED);
                let rounding = table.choice("avrundning", &Rounding::NAMES);
                Some(Amount { rounding, ..Amount::procent(percent, GRUNDARVODE) })
            }
            None => Amount::read(table, base),
        };
    });
    found
}

/// A row of `[[samma_dag]]`.
pub fn read_samma_dag(rules: &mut Regelverk, row: &Table<'_>) {
    row.expects(&DATES);
    const TOGETHER: [(&str, bool); 2] = [("var_for_sig", false), ("tillsammans", true)];
    const MOST: [(&str, FullDay); 2] =
        [("heldag", FullDay::OfTheRow), ("dagens_hogsta_heldag", FullDay::HighestOfTheDay)];
    let count = |key: &'static str, least: u64| {
        let number = row.whole(key)?;
        if number < least {
            row.wrong(key, &format!("`{number}`"), &format!("a number from {least}"));
        }
        usize::try_from(number).ok()
    };
    let mut most_amount = None;
    row.table("hogst_belopp", |table| most_amount = Amount::read(table, None));
    let value = SammaDag {
        most_minutes: row.amount("hogst_timmar").and_then(|hours| minutes_of_hours(row, hours)),
        most_amount,
        together: row.choice("raknas", &TOGETHER).unwrap_or(false),
        most_meetings: count("hogst_antal", 1),
        most_factor: row.amount("hogst_faktor"),
        most: row.choice("hogst", &MOST),
        without_grundarvode_from: count("utan_grundarvode_fran", 2),
        not_organ: row.texts("inte_organ").into_iter().map(OrganCode).collect(),
    };
    for key in ["hogst_antal", "utan_grundarvode_fran"].into_iter().filter(|key| value.together && row.has(key)) {
        let found = format!("`{key}` together with `raknas = \"tillsammans\"`");
        row.wrong(key, &found, "one of them: counted together the day is one meeting");
    }
    if value.most_factor.is_some_and(|factor| factor < Decimal::ONE) {
        row.wrong("hogst_faktor", "a factor below 1", "1 or more times the day's highest meeting");
    }
    add(row, &mut rules.samma_dag, value);
}

fn minutes_of_hours(row: &Table<'_>, hours: Decimal) -> Option<i64> {
    let minutes = hours.checked_mul(Decimal::from(60)).and_then(|minutes| i64::try_from(minutes).ok());
    let minutes = minutes.filter(|minutes| (1..=DAY_MINUTES).contains(minutes));
    if minutes.is_none() {
        row.wrong("hogst_timmar", &format!("`{hours}`"), "more than 0 and at most 24 hours");
    }
    minutes
}

/// A row of `[[tak]]`.
pub fn read_tak(rules: &mut Regelverk, row: &Table<'_>) {
    row.expects(&DATES);
    let per = row.required_choice("per", &CapPer::NAMES);
    let has_ended = row.boolean("upphor") == Some(true);
    let has_amount = ["belopp", "procent", "promille"].into_iter().any(|key| row.has(key));
    if has_ended && has_amount {
        row.wrong("upphor", "`upphor = true` in a row with an amount", "a row of its own, with its `from`");
    }
    let not_nycklar = row.texts("inte_nycklar");
    if has_ended && !not_nycklar.is_empty() {
        row.wrong("inte_nycklar", "`inte_nycklar` with `upphor = true`", "one of them: an ended cap holds for nobody");
    }
    let amount = if has_ended { None } else { Amount::read(row, None) };
    if let Some(per) = per
        && (has_ended || amount.is_some())
    {
        let tak = amount.map(|amount| Tak { amount, not_nycklar });
        add(row, rules.tak.entry(per).or_default(), tak);
    }
}
