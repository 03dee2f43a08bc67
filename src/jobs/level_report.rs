//! A year's levels as a report for kommunstyrelsen (§ 19): every amount before and after with the chain behind it, and what
//! the change costs.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::level_cost::{ChangeCost, LevelCost};
use crate::calendar::{Day, Month, day_text, month_text};
use crate::domain::{LineKind, Step};
use crate::law::{Group, Level, Rate, RateGroup, group_of};
use crate::money::{Ore, percent, swedish};
use crate::ports::{Cell, Column, Plot, PlotKind, Report, Section, Series, Table};
use crate::regelverk::tackning::Parameter;
use crate::regelverk::{RIKSDAGSARVODE, Regelverk};

/// Bars in a plot, at most: more cannot be read.
const BARS: usize = 12;

/// A year's levels, and for whom they are told.
pub struct Levels<'a> {
    /// The kommun's name.
    pub kommun: &'a str,
    /// Amounts of the shipped example are in it.
    pub is_example: bool,
    /// Which year.
    pub year: i32,
    /// Every amount, as [`crate::law::rates`] gives it.
    pub rates: &'a [Rate],
    /// Yearly values without a row of their own in the year, as [`missing`] names them.
    pub missing: &'a [String],
    /// What the changes cost; none where nothing changes.
    pub cost: Option<&'a LevelCost>,
    /// The day that it is told.
    pub today: Day,
    /// What was known by the end of this day, where an earlier day is asked for.
    pub known_on: Option<Day>,
}

/// Which of a year's changes are told, by their first days.
#[derive(Clone, Copy, Debug)]
pub enum Days<'a> {
    /// All of them.
    All,
    /// These.
    Of(&'a [Day]),
}

impl Days<'_> {
    /// A change that begins on a day is told.
    pub fn has(self, day: Day) -> bool {
        match self {
            Days::All => true,
            Days::Of(days) => days.contains(&day),
        }
    }

    /// What the told changes cost.
    pub fn cost(self, cost: &LevelCost) -> Ore {
        self.changes(cost).map(ChangeCost::sum).sum()
    }

    fn changes(self, cost: &LevelCost) -> impl Iterator<Item = &ChangeCost> {
        cost.changes.iter().filter(move |change| self.has(change.first))
    }
}

/// What is paid or taken back for months that were booked by older levels; none where nothing is.
pub fn afterwards(cost: &LevelCost) -> Option<String> {
    match cost.unpaid {
        Ore::ZERO => None,
        unpaid if unpaid < Ore::ZERO => Some(format!("{} tas tillbaka i efterhand", swedish(unpaid.abs()))),
        unpaid => Some(format!("{} betalas i efterhand", swedish(unpaid))),
    }
}

/// Yearly values that nobody has written a row of for the year, in words.
pub fn notes(rules: &Regelverk, year: i32) -> Vec<String> {
    let older = rules.without_row_in(year).into_iter();
    older
        .map(|(parameter, since)| format!("{parameter} har ingen rad för {year}; värdet från {since} gäller"))
        .collect()
}

/// What such a value is called among people.
pub fn parameter_words(parameter: &Parameter) -> String {
    match (parameter.section, &parameter.key) {
        ("riksdagsarvode", _) => "riksdagsarvodet".to_owned(),
        ("bilersattning", _) => "bilersättningen".to_owned(),
        ("traktamente", _) => "traktamentena".to_owned(),
        (_, Some((_, key))) => key.clone(),
        (section, None) => section.to_owned(),
    }
}

/// Yearly values that nobody has written a row of for the year, by name.
pub fn missing(rules: &Regelverk, year: i32) -> Vec<String> {
    rules.without_row_in(year).iter().map(|(parameter, _)| parameter_words(parameter)).collect()
}

/// What the reader calls a base.
pub fn words(name: &str) -> &str {
    match name {
        "ks_ordforande" => "kommunstyrelsens ordförande (ks_ordforande)",
        "grund" => "grund för alla andra arvoden (grund)",
        name => name,
    }
}

/// What an amount became, less what it was.
pub fn change(old: Option<Decimal>, level: &Level) -> Option<Decimal> {
    level.amount?.checked_sub(old?)
}

/// Each step behind some rates once, in the order in which amounts build on each other.
pub fn chain(rates: &[Rate]) -> Vec<&Step> {
    let mut told: Vec<&Step> = Vec::new();
    for step in rates.iter().flat_map(shown_levels).flat_map(|level| &level.steps) {
        if !told.contains(&step) {
            told.push(step);
        }
    }
    told
}

/// What is new in the year, or what still applies.
fn shown_levels(rate: &Rate) -> impl Iterator<Item = &Level> {
    rate.changes.iter().chain(rate.before.iter().filter(|_| rate.changes.is_empty()))
}

impl Levels<'_> {
    /// The report.
    pub fn report(&self) -> Report {
        let groups = [RateGroup::Bas, RateGroup::Uppdrag, RateGroup::Sammantrade, RateGroup::Yrkande];
        let mut sections: Vec<Section> = groups.into_iter().filter_map(|group| self.group(group)).collect();
        sections.extend(self.cost.map(|cost| self.costs(cost)));
        sections.extend(self.cost.and_then(|cost| self.cost_of_uppdrag(cost)));
        sections.push(self.chain());
        let known = self.known_on.map(|day| format!(", som det var känt {}", day_text(day))).unwrap_or_default();
        Report {
            kommun: self.kommun.to_owned(),
            title: format!("Arvodesnivåer {}", self.year),
            subtitle: format!("Anmälan till kommunstyrelsen enligt § 19{known}"),
            made_on: Some(self.today),
            is_example: self.is_example,
            summary: self.summary(Days::All),
            sections,
            sources: vec![
                "§ 19 i bestämmelserna om ekonomiska förmåner till förtroendevalda: ändrade nivåer anmäls till \
                 kommunstyrelsen varje år"
                    .to_owned(),
                "Beloppen följer av besluten som anges i avsnittet Så är beloppen framräknade".to_owned(),
            ],
        }
    }

    /// What a reader must know first, of the changes that begin on some days.
    pub fn summary(&self, days: Days<'_>) -> Vec<String> {
        let mut told = vec![self.how_many(days)];
        let riksdagsarvode = self.rates.iter().filter(|rate| rate.name == RIKSDAGSARVODE);
        for (old, level) in riksdagsarvode.flat_map(Rate::changes_from).filter(|(_, level)| days.has(level.from)) {
            if let Some((old, new)) = old.zip(level.amount) {
                told.push(format!(
                    "Riksdagsarvodet, som beloppen bygger på, går från {} till {} i månaden den {}{}.",
                    swedish(Ore::from_kronor(old)),
                    swedish(Ore::from_kronor(new)),
                    day_text(level.from),
                    in_percent(old, new)
                ));
            }
        }
        if let Some(cost) = self.cost {
            told.push(format!(
                "Ändringen beräknas {} under {}, utan arbetsgivaravgifter.",
                costs_or_saves(days.cost(cost)),
                self.year
            ));
            if let Some(afterwards) = afterwards(cost) {
                told.push(format!("Månader är redan beräknade efter äldre nivåer: {afterwards} när de räknas om."));
            }
        }
        if let Some(missing) = listed(self.missing) {
            let year = self.year;
            told.push(format!(
                "För {year} finns ännu inget eget värde för {missing}; där gäller det gamla tills vidare."
            ));
        }
        told
    }

    fn how_many(&self, days: Days<'_>) -> String {
        let (all, year) = (self.rates.len(), self.year);
        let is_told = |level: &&Level| days.has(level.from);
        let changed = self.rates.iter().filter(|rate| rate.changes.iter().any(|level| is_told(&level))).count();
        let firsts = self.rates.iter().flat_map(|rate| &rate.changes).filter(is_told).map(|level| level.from);
        let firsts: BTreeSet<Day> = firsts.collect();
        let when = match (firsts.first(), firsts.len()) {
            (None, _) => {
                return format!("Inget av de {all} beloppen ändras under {year}: nivåerna från året före gäller.");
            }
            (Some(first), 1) => format!("den {}", day_text(*first)),
            (Some(first), _) => format!("under {year}, de första den {}", day_text(*first)),
        };
        format!("{changed} av {all} belopp ändras {when}.")
    }

    fn group(&self, group: RateGroup) -> Option<Section> {
        let of_group: Vec<&Rate> = self.rates.iter().filter(|rate| rate.group == group).collect();
        if of_group.is_empty() {
            return None;
        }
        let columns = vec![
            Column::text("Vad"),
            Column::text("Enhet"),
            Column::number("Förut"),
            Column::number("Nu"),
            Column::text("Från"),
            Column::number("Ändring"),
            Column::number("Ändring i procent"),
        ];
        let rows = of_group.iter().flat_map(|rate| rate_rows(rate)).collect();
        let sheet = match group {
            RateGroup::Bas => "Baser",
            RateGroup::Uppdrag => "Uppdrag",
            RateGroup::Sammantrade => "Sammanträden",
            RateGroup::Yrkande => "Yrkanden",
        };
        Some(Section {
            heading: group.word().to_owned(),
            sheet: sheet.to_owned(),
            plot: (group == RateGroup::Uppdrag).then(|| self.plot_of_fees(&of_group)).flatten(),
            table: Some(Table { columns, rows, total: None }),
            ..Section::default()
        })
    }

    /// The largest fees before and after, where some fee has changed.
    fn plot_of_fees(&self, fees: &[&Rate]) -> Option<Plot> {
        let changed = fees.iter().filter(|rate| !rate.changes.is_empty());
        let amount = |level: Option<&Level>| level.and_then(|level| level.amount).unwrap_or_default();
        let shown: Vec<(&str, Decimal, Decimal)> =
            changed.map(|rate| (rate.name.as_str(), amount(rate.before.as_ref()), amount(rate.latest()))).collect();
        let shown = shown.get(..BARS.min(shown.len())).filter(|shown| !shown.is_empty())?;
        let year = self.year;
        let highest = shown.first().map(|(name, _, new)| format!("{name} {}", swedish(Ore::from_kronor(*new))));
        Some(Plot {
            title: format!("Månadsarvoden före och under {year}, kronor"),
            alternative: format!(
                "Staplar med de {} högsta ändrade månadsarvodena före och efter ändringen; högst {}.",
                shown.len(),
                highest.unwrap_or_default()
            ),
            kind: PlotKind::Bars,
            labels: shown.iter().map(|(name, _, _)| (*name).to_owned()).collect(),
            series: vec![
                Series { name: "förut".to_owned(), values: shown.iter().map(|(_, old, _)| *old).collect() },
                Series { name: "nu".to_owned(), values: shown.iter().map(|(_, _, new)| *new).collect() },
            ],
        })
    }

    fn costs(&self, cost: &LevelCost) -> Section {
        let mut text = vec![format!(
            "Ändringen beräknas {} under {} jämfört med nivåerna dessförinnan, utan arbetsgivaravgifter.",
            costs_or_saves(cost.sum()),
            self.year
        )];
        text.extend(method(cost));
        let columns = vec![
            Column::text("Ändring från"),
            Column::text("Slag"),
            Column::text("Enligt"),
            Column::sum("Beräknade månader"),
            Column::sum("Månader som återstår"),
            Column::sum("Under året"),
        ];
        let (mut booked, mut coming) = (Ore::ZERO, Ore::ZERO);
        let mut rows = Vec::new();
        for change in &cost.changes {
            for (kind, part) in change.kinds.iter().filter(|(_, part)| **part != Default::default()) {
                booked += part.booked;
                coming += part.coming;
                rows.push(vec![
                    Cell::Day(change.first),
                    Cell::Text(kind.word().to_owned()),
                    Cell::Text(kind.paragraph().to_owned()),
                    Cell::Belopp(part.booked),
                    Cell::Belopp(part.coming),
                    Cell::Belopp(part.sum()),
                ]);
            }
        }
        let amounts = [booked, coming, booked + coming].map(Cell::Belopp);
        let total = [Cell::Text("Tillsammans".to_owned()), Cell::Blank, Cell::Blank].into_iter().chain(amounts);
        Section {
            heading: format!("Vad ändringen kostar {}", self.year),
            sheet: "Kostnad".to_owned(),
            text,
            plot: plot_of_months(&cost.changes, self.year),
            table: Some(Table { columns, rows, total: Some(total.collect()) }),
            notes: vec![
                "Beräknade månader är de som har en körning. Beräknades de efter äldre nivåer betalas eller dras \
                 skillnaden i efterhand."
                    .to_owned(),
            ],
        }
    }

    fn cost_of_uppdrag(&self, cost: &LevelCost) -> Option<Section> {
        let mut sums: Vec<(&Rate, u32, Ore)> = Vec::new();
        for rate in self.rates.iter().filter(|rate| rate.group == RateGroup::Uppdrag && !rate.changes.is_empty()) {
            let sum = cost.changes.iter().filter_map(|change| change.uppdrag.get(&rate.name)).copied().sum();
            sums.push((rate, cost.holders.get(&rate.name).copied().unwrap_or(0), sum));
        }
        if sums.is_empty() {
            return None;
        }
        let columns = vec![
            Column::text("Uppdrag"),
            Column::sum("Innehavare"),
            Column::number("Förut, kr/månad"),
            Column::number("Nu, kr/månad"),
            Column::sum("Kostnad under året"),
        ];
        let all: Ore = sums.iter().map(|(_, _, sum)| *sum).sum();
        let holders: i64 = sums.iter().map(|(_, holders, _)| i64::from(*holders)).sum();
        let rows = sums.into_iter().map(|(rate, holders, sum)| {
            vec![
                Cell::Text(rate.name.clone()),
                Cell::Count(i64::from(holders)),
                amount_cell(rate.before.as_ref().and_then(|level| level.amount), rate.unit),
                amount_cell(rate.latest().and_then(|level| level.amount), rate.unit),
                Cell::Belopp(sum),
            ]
        });
        let total = [Cell::Text("Tillsammans".to_owned()), Cell::Count(holders), Cell::Blank, Cell::Blank];
        Some(Section {
            heading: "Kostnaden för varje uppdrag (§§ 7 och 8)".to_owned(),
            sheet: "Kostnad per uppdrag".to_owned(),
            table: Some(Table {
                columns,
                rows: rows.collect(),
                total: Some(total.into_iter().chain([Cell::Belopp(all)]).collect()),
            }),
            ..Section::default()
        })
    }

    fn chain(&self) -> Section {
        let row = |step: &Step| vec![Cell::Text(step.text.clone()), Cell::Text(step.basis.clone())];
        Section {
            heading: "Så är beloppen framräknade".to_owned(),
            sheet: "Framräkning".to_owned(),
            text: vec![
                "Varje led från riksdagsarvodet till det som betalas, med avrundning och det beslut som ledet vilar på."
                    .to_owned(),
            ],
            table: Some(Table {
                columns: vec![Column::text("Led"), Column::text("Beslut")],
                rows: chain(self.rates).into_iter().map(row).collect(),
                total: None,
            }),
            ..Section::default()
        }
    }
}

/// A row for each change within the year; one row that says so where there is none.
fn rate_rows(rate: &Rate) -> Vec<Vec<Cell>> {
    let name = Cell::Text(words(&rate.name).to_owned());
    let unit = Cell::Text(rate.unit.to_owned());
    let row = |old: Option<Decimal>, level: &Level| {
        let change = change(old, level);
        let part = change.and_then(|change| percent(change, old.unwrap_or_default()));
        vec![
            name.clone(),
            unit.clone(),
            amount_cell(old, rate.unit),
            amount_cell(level.amount, rate.unit),
            Cell::Day(level.from),
            amount_cell(change, rate.unit),
            part.map_or(Cell::Blank, Cell::Percent),
        ]
    };
    match (&rate.before, rate.changes.is_empty()) {
        (Some(level), true) => {
            let mut unchanged = row(level.amount, level);
            unchanged.truncate(5);
            unchanged.extend([Cell::Text("oförändrat".to_owned()), Cell::Blank]);
            vec![unchanged]
        }
        _ => rate.changes_from().map(|(old, level)| row(old, level)).collect(),
    }
}

/// An amount of a unit; nothing where there is none.
fn amount_cell(amount: Option<Decimal>, unit: &str) -> Cell {
    match amount {
        None => Cell::Blank,
        Some(amount) if unit.starts_with("kr") => Cell::Belopp(Ore::from_kronor(amount)),
        Some(amount) => Cell::Number(amount, amount.normalize().scale()),
    }
}

/// How it was worked out, and what is left out.
fn method(cost: &LevelCost) -> Vec<String> {
    let mut told = vec![
        "Årsarvoden och fasta arvoden är räknade månad för månad till årets slut på dem som har uppdragen, med de \
         tillträden, avgångar och frånvaron som är kända i dag. Uppdrag utan innehavare räknas inte."
            .to_owned(),
    ];
    let span = cost.volume.values().min().zip(cost.volume.values().max());
    if let Some((first, last)) = span {
        let months = if first == last {
            month_text(*first)
        } else {
            format!("{} – {}", month_text(*first), month_text(*last))
        };
        told.push(format!(
            "Sammanträdesarvoden och andra ersättningar för månader som återstår är räknade på samma kalendermånaders \
             sammanträden och yrkanden senast de hölls ({months}), bedömda efter nivåerna före och efter ändringen."
        ));
    }
    if let Some((first, count)) = cost.without_volume.first().zip(Some(cost.without_volume.len())) {
        told.push(format!(
            "För {count} {} från {} finns inga tidigare sammanträden att räkna på; deras sammanträdesarvoden ingår inte.",
            if count == 1 { "månad" } else { "månader" },
            month_text(*first)
        ));
    }
    told.push(
        "Inte med: arbetsgivaravgifter, pension, det som hålls i väntan på beslut, och ändringar i hur många \
         sammanträden som hålls. Det som någon har avstått kostar inget."
            .to_owned(),
    );
    told
}

/// The cost month by month.
fn plot_of_months(changes: &[ChangeCost], year: i32) -> Option<Plot> {
    let months: Vec<Month> = (1..=12).filter_map(|month| Month::new(year, month)).collect();
    let of_kind = |wanted: &ChangeCost| -> Vec<Decimal> {
        months.iter().map(|month| wanted.months.get(month).copied().unwrap_or_default().kronor()).collect()
    };
    let all: Ore = changes.iter().flat_map(|change| change.months.values()).copied().sum();
    if all == Ore::ZERO {
        return None;
    }
    let series = changes
        .iter()
        .map(|change| Series { name: format!("ändringen {}", change.first), values: of_kind(change) })
        .collect();
    Some(Plot {
        title: format!("Kostnad per månad {year}, kronor"),
        alternative: format!("Staplar med vad ändringen kostar i varje månad av {year}; tillsammans {}.", swedish(all)),
        kind: PlotKind::Stacked,
        labels: months.iter().map(|month| month_text(*month).chars().take(3).collect()).collect(),
        series,
    })
}

/// `riksdagsarvodet, prisbasbelopp och traktamentena`
fn listed(words: &[String]) -> Option<String> {
    match words {
        [] => None,
        [one] => Some(one.clone()),
        [first @ .., last] => Some(format!("{} och {last}", first.join(", "))),
    }
}

/// Fees apart from all else, as a letter tells them.
pub fn fees_and_others(cost: &LevelCost, days: Days<'_>) -> (Ore, Ore) {
    let of = |wanted: Group| {
        let kinds = days.changes(cost).flat_map(|change| &change.kinds);
        kinds.filter(|(kind, _): &(&LineKind, _)| group_of(**kind) == wanted).map(|(_, part)| part.sum()).sum()
    };
    (of(Group::Monthly), of(Group::Occasional))
}

/// `kosta 1 234,50 kr`
pub fn costs_or_saves(sum: Ore) -> String {
    if sum < Ore::ZERO { format!("spara {}", swedish(sum.abs())) } else { format!("kosta {}", swedish(sum)) }
}

/// ` (+3,69 %)`
fn in_percent(old: Decimal, new: Decimal) -> String {
    let part = new.checked_sub(old).and_then(|change| percent(change, old));
    part.map(|part| {
        let sign = if part > Decimal::ZERO { "+" } else { "" };
        format!(" ({sign}{} %)", part.to_string().replace('.', ","))
    })
    .unwrap_or_default()
}
