//! A person's arvodesbesked as a report: every row that was paid, how it was worked out, and what was not paid and why.

use std::collections::BTreeMap;

use super::explained::ExplainedRow;
use super::statement::{Paid, Statement, is_tax_free};
use crate::calendar::{Day, day_text, month_text};
use crate::domain::{LineKind, PersonId, without_numbers};
use crate::law::bestammelserna::innehall;
use crate::ledger::BatchRow;
use crate::money::{Ore, swedish};
use crate::ports::{Cell, Column, Plot, PlotKind, Report, Section, Series, Table};
use crate::register::Veil;

/// For whom a besked is written.
pub struct Besked<'a> {
    /// What it tells.
    pub of: &'a Statement,
    /// What the person is called.
    pub namn: &'a str,
    /// The kommun's name.
    pub kommun: &'a str,
    /// Amounts of the shipped example are in it.
    pub is_example: bool,
    /// Nobody else is named in it.
    pub others: &'a Veil,
    /// The day that it is written.
    pub today: Day,
}

/// A veil over everybody but one person, by all rows of Personer.
pub fn veil_over_others(rows: &[crate::domain::Person], themselves: impl Fn(PersonId) -> bool) -> Veil {
    let (own, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| themselves(row.person));
    Veil::over(&others, own.iter().copied()).except(&own)
}

impl Besked<'_> {
    /// What may be told of a text: nobody else's name and nobody's number.
    pub fn told(&self, text: &str) -> String {
        without_numbers(&self.others.text(text), Day::MAX)
    }

    /// The report.
    pub fn report(&self) -> Report {
        let of = self.of;
        let sections = [
            (!of.paid.is_empty()).then(|| self.by_kind()),
            (!of.paid.is_empty()).then(|| self.rows()),
            (!of.corrections().is_empty()).then(|| self.corrections()),
            (!of.paid.is_empty()).then(|| self.how()),
            (!of.open.is_empty()).then(|| self.open()),
            (!of.waived.is_empty()).then(|| self.waived()),
        ];
        let anstid = of.anstid.as_deref().unwrap_or("saknas");
        Report {
            kommun: self.kommun.to_owned(),
            title: format!("Arvodesbesked {}", of.period),
            subtitle: format!("{}, anställningsnummer {anstid}", self.namn),
            made_on: Some(self.today),
            is_example: self.is_example,
            summary: self.summary(),
            sections: sections.into_iter().flatten().collect(),
            sources: vec![
                "Bestämmelser om ekonomiska förmåner till förtroendevalda; paragrafen står vid varje belopp".to_owned(),
                "Frågor om tolkning avgörs av kommunstyrelsen, enskilda fall av allmänna utskottet (§ 17)".to_owned(),
            ],
        }
    }

    fn summary(&self) -> Vec<String> {
        let of = self.of;
        let free = of.tax_free();
        let taxed = match free {
            Ore::ZERO => "allt skattepliktigt".to_owned(),
            free => format!("varav {} skattepliktigt och {} skattefritt", swedish(of.sum() - free), swedish(free)),
        };
        let mut told = vec![match of.paid.is_empty() {
            true => "Inget har betalats ut under perioden.".to_owned(),
            false => format!("Utbetalt {}: {}, {taxed}.", of.period, swedish(of.sum())),
        }];
        told.extend(of.gallrade.iter().map(|gone| format!("Obs: {gone}. Beskedet är därför inte helt.")));
        told
    }

    fn by_kind(&self) -> Section {
        let columns = vec![Column::text("Slag"), Column::text("Enligt"), Column::text("Skatt"), Column::sum("Belopp")];
        let sums = self.of.by_kind();
        let row = |(kind, sum): (&LineKind, &Ore)| {
            let paragraph = kind.paragraph();
            vec![
                Cell::Text(kind.word().to_owned()),
                Cell::Text(format!("{paragraph} {}", innehall::heading(paragraph)).trim().to_owned()),
                Cell::Text(tax_word(*kind).to_owned()),
                Cell::Belopp(*sum),
            ]
        };
        let rows = sums.iter().filter(|(kind, _)| !kind.is_absence()).map(row).collect();
        let total = vec![Cell::Text("Tillsammans".to_owned()), Cell::Blank, Cell::Blank, Cell::Belopp(self.of.sum())];
        Section {
            heading: "Vad som betalades".to_owned(),
            sheet: "Summor".to_owned(),
            plot: self.plot(),
            table: Some(Table { columns, rows, total: Some(total) }),
            ..Section::default()
        }
    }

    /// Each pay day's taxable and tax-free amounts; of one month there is nothing to compare.
    fn plot(&self) -> Option<Plot> {
        let mut days: BTreeMap<Day, (Ore, Ore)> = BTreeMap::new();
        for paid in &self.of.paid {
            let (taxed, free) = days.entry(paid.pay_day).or_default();
            *(if is_tax_free(paid.row.kind) { free } else { taxed }) += paid.row.belopp;
        }
        if days.len() < 2 {
            return None;
        }
        let values = |of: fn(&(Ore, Ore)) -> Ore| days.values().map(|sums| of(sums).kronor()).collect();
        let mut series = vec![Series { name: "skattepliktigt".to_owned(), values: values(|(taxed, _)| *taxed) }];
        if self.of.tax_free() != Ore::ZERO {
            series.push(Series { name: "skattefritt".to_owned(), values: values(|(_, free)| *free) });
        }
        let label = |day: &Day| month_text(crate::calendar::Month::of(*day)).chars().take(3).collect();
        Some(Plot {
            title: format!("Utbetalt {} efter utbetalningsdag, kronor", self.of.period),
            alternative: format!(
                "Staplar med vad som betalades ut på {} utbetalningsdagar; tillsammans {}.",
                days.len(),
                swedish(self.of.sum())
            ),
            kind: PlotKind::Stacked,
            labels: days.keys().map(label).collect(),
            series,
        })
    }

    fn rows(&self) -> Section {
        let columns = vec![
            Column::text("Betalas"),
            Column::text("Datum"),
            Column::text("Vad"),
            Column::text("För"),
            Column::number("Antal"),
            Column::number("À-pris"),
            Column::sum("Belopp"),
            Column::text("Enligt"),
        ];
        let row = |paid: &Paid| {
            let row = &paid.row;
            let (antal, apris) = (row.antal.normalize(), row.apris.normalize());
            vec![
                Cell::Day(paid.pay_day),
                Cell::Day(row.day),
                Cell::Text(what(row)),
                Cell::Text(self.told(&paid.occasion)),
                Cell::Number(antal, antal.scale()),
                Cell::Number(apris, apris.scale().max(2)),
                Cell::Belopp(row.belopp),
                Cell::Text(row.kind.paragraph().to_owned()),
            ]
        };
        let mut total = vec![Cell::Blank; 5];
        total.insert(0, Cell::Text("Tillsammans".to_owned()));
        total.extend([Cell::Belopp(self.of.sum()), Cell::Blank]);
        Section {
            heading: "Varje rad".to_owned(),
            sheet: "Rader".to_owned(),
            table: Some(Table { columns, rows: self.of.paid.iter().map(row).collect(), total: Some(total) }),
            ..Section::default()
        }
    }

    fn corrections(&self) -> Section {
        self.explained(
            "Rättelser, och varför",
            "Rättelser",
            "Det som betalades tidigare och togs tillbaka, vad som hade ändrats, och vad som betalades i stället.",
            self.of.corrections(),
        )
    }

    fn how(&self) -> Section {
        self.explained(
            "Så har det räknats",
            "Räkning",
            "Den senaste raden av varje slag, led för led.",
            self.of.latest().into_values().collect(),
        )
    }

    fn explained(&self, heading: &str, sheet: &str, text: &str, paid: Vec<&Paid>) -> Section {
        let mut rows = Vec::new();
        for one in paid {
            let explained: ExplainedRow<'_> = one.explained();
            let row = &one.row;
            let title = format!("{}, {}: {}", what(row), self.told(&one.occasion), swedish(row.belopp));
            let paragraph = row.kind.paragraph();
            let basis = format!("{paragraph} {}", innehall::heading(paragraph)).trim().to_owned();
            rows.push(vec![Cell::Text(title), Cell::Blank, Cell::Text(basis)]);
            for (step, basis) in explained.told() {
                let basis = basis.map(|basis| self.told(&basis)).filter(|basis| !basis.is_empty());
                rows.push(vec![Cell::Blank, Cell::Text(self.told(&step)), basis.map_or(Cell::Blank, Cell::Text)]);
            }
        }
        let columns = vec![Column::text("Rad"), Column::text("Led"), Column::text("Vilar på")];
        Section {
            heading: heading.to_owned(),
            sheet: sheet.to_owned(),
            text: vec![text.to_owned()],
            table: Some(Table { columns, rows, total: None }),
            ..Section::default()
        }
    }

    fn open(&self) -> Section {
        let columns = vec![
            Column::text("Dag"),
            Column::text("Vad"),
            Column::text("Enligt"),
            Column::text("Förslag"),
            Column::number("Värde"),
        ];
        let rows = self.of.open.iter().map(|one| {
            let remark = &one.remark;
            vec![
                remark.day.map_or(Cell::Blank, Cell::Day),
                Cell::Text(self.told(&remark.reason)),
                Cell::Text(remark.paragraph.to_owned()),
                Cell::Text(self.told(&remark.proposed)),
                remark.worth.map_or(Cell::Blank, Cell::Belopp),
            ]
        });
        Section {
            heading: "Inte betalt, och varför".to_owned(),
            sheet: "Inte betalt".to_owned(),
            text: vec!["Som det var känt när periodens sista utbetalning räknades.".to_owned()],
            table: Some(Table { columns, rows: rows.collect(), total: None }),
            ..Section::default()
        }
    }

    fn waived(&self) -> Section {
        let columns = vec![
            Column::text("Dag"),
            Column::text("Vad"),
            Column::text("Enligt"),
            Column::text("Avstående"),
            Column::sum("Belopp"),
        ];
        let rows = self.of.waived.iter().map(|one| {
            let line = &one.line;
            vec![
                Cell::Day(line.day),
                Cell::Text(line.kind.word().to_owned()),
                Cell::Text(line.kind.paragraph().to_owned()),
                Cell::Text(self.told(&one.handling)),
                Cell::Belopp(line.belopp),
            ]
        });
        let all: Ore = self.of.waived.iter().map(|one| one.line.belopp).sum();
        let mut total = vec![Cell::Blank; 3];
        total.insert(0, Cell::Text("Tillsammans".to_owned()));
        total.push(Cell::Belopp(all));
        Section {
            heading: "Avstått".to_owned(),
            sheet: "Avstått".to_owned(),
            table: Some(Table { columns, rows: rows.collect(), total: Some(total) }),
            notes: vec![format!("Skrivet {}.", day_text(self.today))],
            ..Section::default()
        }
    }
}

/// What a row pays, and whether it takes something back.
fn what(row: &BatchRow) -> String {
    if row.reverses.is_some() { format!("rättelse: {}", row.kind.word()) } else { row.kind.word().to_owned() }
}

/// Whether a kind is taxed.
pub fn tax_word(kind: LineKind) -> &'static str {
    if is_tax_free(kind) { "skattefritt" } else { "skattepliktigt" }
}
