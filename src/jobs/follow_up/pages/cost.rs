//! What it cost: on both bases, by organ, by kind, by month, beside earlier times and the budget.

use rust_decimal::Decimal;

use super::{Pages, Time};
use crate::calendar::Month;
use crate::domain::{CostGroup, LineKind, OrganCode};
use crate::jobs::follow_up::budget::{Compared, compared, total};
use crate::jobs::follow_up::cells::{belopp, difference, hours, kronor, share, text};
use crate::jobs::follow_up::period::short_name;
use crate::jobs::follow_up::secrets::Spot;
use crate::money::Ore;
use crate::ports::{Cell, Column, Plot, PlotKind, Section, Series, Table};

impl Pages<'_> {
    /// The parts about cost.
    pub(super) fn cost(&self) -> Vec<Section> {
        let mut sections = vec![self.overview(), self.reconciliation(), self.by_organ(), self.by_kind()];
        sections.push(self.organ_by_group("Intjänat per organ och slag", "Intjänat organ-slag", 0));
        sections.push(self.organ_by_group("Betalt per organ och slag", "Betalt organ-slag", 1));
        sections.push(self.by_month());
        sections
    }

    fn overview(&self) -> Section {
        let compares = self.earlier.iter().any(|time| self.is_whole(time.figures));
        let mut columns = vec![Column::text("Period"), Column::number("Intjänat")];
        if compares {
            columns.extend([Column::number("Ändring"), Column::number("Ändring i %")]);
        }
        let counts = ["Betalt", "Möten", "Närvaro", "Timmar"];
        columns.extend(counts.into_iter().map(Column::number));
        let times: Vec<&Time<'_>> = [&self.now].into_iter().chain(&self.earlier).collect();
        let row = |(at, time): (usize, &&Time<'_>)| {
            let mut cells = vec![text(time.heading()), belopp(time.earned())];
            if compares {
                let before = times.get(at + 1).filter(|before| self.is_whole(before.figures));
                let change = before.map(|before| difference(time.earned(), before.earned()));
                let part = before.map(|before| share(change.flatten(), before.earned()));
                cells.extend([change.map_or(Cell::Blank, belopp), part.unwrap_or(Cell::Blank)]);
            }
            let meetings = time.figures.all_meetings();
            cells.push(belopp(time.paid()));
            let counts = [Cell::Count(meetings.held), Cell::Count(meetings.attendances), hours(meetings.minutes)];
            // Of what gallring has taken only amounts are left.
            cells.extend(if time.figures.is_gallrad { [Cell::Blank, Cell::Blank, Cell::Blank] } else { counts });
            cells
        };
        let rows = times.iter().enumerate().map(row).collect();
        let mut notes = vec!["Närvaro är en persons deltagande i ett möte, med rätt till ersättning.".to_owned()];
        if compares {
            notes.insert(0, "Ändring är mot raden under.".to_owned());
        }
        Section {
            heading: "Översikt".to_owned(),
            sheet: "Översikt".to_owned(),
            table: Some(Table { columns, rows, total: None }),
            notes: vec![notes.join(" ")],
            ..Section::default()
        }
    }

    fn reconciliation(&self) -> Section {
        let amounts = &self.now.figures.total;
        let is_shown = !self.now.secrets.hides(&Spot::Whole);
        let row = |words: &str, amount: Ore| vec![text(words), belopp(is_shown.then_some(amount))];
        let rows = vec![
            row("Betalt under perioden", amounts.paid),
            row("+ intjänat men obetalt vid periodens slut", amounts.end.sum()),
            row("− intjänat men obetalt vid periodens början", -amounts.start.sum()),
        ];
        let total = Some(row("= intjänat under perioden", amounts.earned));
        Section {
            heading: "Betalt och intjänat".to_owned(),
            sheet: "Avstämning".to_owned(),
            text: vec!["De två sätten att räkna är avstämda mot varandra till öret.".to_owned()],
            table: Some(Table { columns: vec![Column::text("Avstämning"), Column::sum("Belopp")], rows, total }),
            notes: vec!["Obetalt är minus fordringar på förtroendevalda och det som betalats i förväg.".to_owned()],
            ..Section::default()
        }
    }

    /// Columns of the times, with the change since the nearest earlier one.
    fn time_columns(&self, first: Vec<Column>) -> Vec<Column> {
        let mut columns = first;
        columns.push(Column::sum(&format!("Intjänat {}", self.now.heading())));
        columns.extend(self.earlier.iter().map(|time| Column::sum(&format!("Intjänat {}", time.heading()))));
        if self.before().is_some() {
            columns.extend([Column::sum("Ändring"), Column::number("Ändring i %")]);
        }
        columns.push(Column::sum(&format!("Betalt {}", self.now.heading())));
        columns
    }

    /// A row of the same columns.
    fn time_row(&self, first: Vec<Cell>, of: impl Fn(&Time<'_>) -> Option<[Ore; 2]>) -> Vec<Cell> {
        let now = of(&self.now);
        let earned = |found: Option<[Ore; 2]>| found.map(|[earned, _]| earned);
        let mut row = first;
        row.push(kronor(earned(now)));
        row.extend(self.earlier.iter().map(|time| kronor(earned(of(time)))));
        if let Some(before) = self.before() {
            let before = earned(of(&before));
            let change = difference(earned(now), before);
            row.extend([kronor(change), share(change, before)]);
        }
        row.push(kronor(now.map(|[_, paid]| paid)));
        row
    }

    fn by_organ(&self) -> Section {
        let organs = self.organs();
        let rows: Vec<Vec<Cell>> = organs
            .iter()
            .map(|organ| self.time_row(vec![text(self.organ_name(organ))], |time| time.organ(organ)))
            .collect();
        let total =
            self.time_row(vec![text("Tillsammans")], |time| time.earned().zip(time.paid()).map(<[Ore; 2]>::from));
        Section {
            heading: "Per organ".to_owned(),
            sheet: "Per organ".to_owned(),
            plot: self.organ_plot(&organs),
            table: Some(Table { columns: self.time_columns(vec![Column::text("Organ")]), rows, total: Some(total) }),
            ..Section::default()
        }
    }

    /// Organ whose figure is hidden in one of the times are left out of the picture.
    fn organ_plot(&self, organs: &[&OrganCode]) -> Option<Plot> {
        let before = self.before();
        let earned = |time: &Time<'_>, organ: &OrganCode| time.organ(organ).map(|[earned, _]| earned.kronor());
        let shown: Vec<(&OrganCode, Decimal, Option<Decimal>)> = organs
            .iter()
            .filter_map(|organ| {
                let then = before.as_ref().map(|time| earned(time, organ));
                if then == Some(None) { None } else { Some((*organ, earned(&self.now, organ)?, then.flatten())) }
            })
            .collect();
        let largest = shown.iter().max_by_key(|(_, now, _)| *now)?;
        let period = self.wanted.period;
        let mut series =
            vec![Series { name: self.now.heading(), values: shown.iter().map(|(_, now, _)| *now).collect() }];
        let mut alternative = format!(
            "Liggande staplar, en för varje organ: intjänat {period}{}. Mest kostar {} med {}.",
            before.as_ref().map(|time| format!(" och {}", time.figures.period)).unwrap_or_default(),
            self.organ_name(largest.0),
            crate::jobs::follow_up::words::kr(Ore::from_kronor(largest.1)),
        );
        if shown.len() < organs.len() {
            alternative += " Organ vars siffra är dold är inte med i bilden.";
        }
        if let Some(before) = &before {
            let values = shown.iter().filter_map(|(_, _, then)| *then).collect();
            series.push(Series { name: before.heading(), values });
        }
        Some(Plot {
            title: format!("Intjänat per organ {period}, kronor"),
            alternative,
            kind: PlotKind::Bars,
            labels: shown.iter().map(|(organ, ..)| self.organ_name(organ)).collect(),
            series,
        })
    }

    fn by_kind(&self) -> Section {
        let times = self.earlier.iter().chain([&self.now]);
        let kinds: std::collections::BTreeSet<LineKind> = times.flat_map(|time| time.figures.kinds()).collect();
        let row = |kind: LineKind| {
            let first = vec![text(capital(CostGroup::shown_as(kind).1)), text(kind.paragraph())];
            self.time_row(first, |time| {
                let is_shown = !time.secrets.hides(&Spot::Kind(kind));
                is_shown.then(|| time.figures.sum(|_, of| CostGroup::shown_as(of).0 == kind))
            })
        };
        let mut kinds: Vec<LineKind> = kinds.into_iter().collect();
        kinds.sort_by_key(|kind| (CostGroup::of(*kind), *kind));
        let rows = kinds.into_iter().map(row).collect();
        let first = vec![text("Tillsammans"), Cell::Blank];
        let total = self.time_row(first, |time| time.earned().zip(time.paid()).map(<[Ore; 2]>::from));
        let columns = self.time_columns(vec![Column::text("Slag"), Column::text("Paragraf")]);
        Section {
            heading: "Per slag".to_owned(),
            sheet: "Per slag".to_owned(),
            table: Some(Table { columns, rows, total: Some(total) }),
            ..Section::default()
        }
    }

    /// `way` is 0 for earned, 1 for paid.
    fn organ_by_group(&self, heading: &str, sheet: &str, way: usize) -> Section {
        let Time { figures, secrets } = self.now;
        let groups: Vec<CostGroup> = CostGroup::all()
            .filter(|group| figures.kinds().into_iter().any(|kind| CostGroup::of(kind) == Some(*group)))
            .collect();
        let picked = |sums: [Ore; 2]| sums.get(way).copied().unwrap_or_default();
        let of = |organ: Option<&OrganCode>, group: Option<CostGroup>| {
            picked(figures.sum(|in_organ, kind| {
                organ.is_none_or(|organ| organ == in_organ) && (group.is_none() || CostGroup::of(kind) == group)
            }))
        };
        let shown = |spot: &Spot, amount: Ore| kronor((!secrets.hides(spot)).then_some(amount));
        let row = |organ: &OrganCode| {
            let cells =
                groups.iter().map(|group| shown(&Spot::Cell(organ.clone(), *group), of(Some(organ), Some(*group))));
            let all = shown(&Spot::Organ(organ.clone()), of(Some(organ), None));
            [text(self.organ_name(organ))].into_iter().chain(cells).chain([all]).collect()
        };
        let organs = self.in_order(figures.organs());
        let totals = groups.iter().map(|group| shown(&Spot::Group(*group), of(None, Some(*group))));
        let all = shown(&Spot::Whole, of(None, None));
        let total: Vec<Cell> = [text("Tillsammans")].into_iter().chain(totals).chain([all]).collect();
        let named = groups.iter().map(|group| Column::sum(&format!("{} {}", group.short(), group.paragraphs())));
        let columns = [Column::text("Organ")].into_iter().chain(named).chain([Column::sum("Tillsammans")]).collect();
        let rows = organs.into_iter().map(row).collect();
        Section {
            heading: format!("{heading} {}", figures.period),
            sheet: sheet.to_owned(),
            table: Some(Table { columns, rows, total: Some(total) }),
            notes: vec![
                "Hela kronor; arbetsboken har ören. Möten är sammanträden, förrättningar och jour. Andra kostnader är barntillsyn, vård och tillsyn, funktionshindrades kostnader och övriga kostnader.".to_owned(),
            ],
            ..Section::default()
        }
    }

    fn by_month(&self) -> Section {
        let Time { figures, secrets } = self.now;
        let shows_all = secrets.shows_months(figures);
        let of = |month: Month, is_meant: &dyn Fn(CostGroup) -> bool| -> Ore {
            let meant = figures.months.iter().filter(|((in_month, group), _)| *in_month == month && is_meant(*group));
            meant.map(|(_, (amount, _))| *amount).sum()
        };
        let parts: [(&str, &dyn Fn(CostGroup) -> bool); 3] = [
            ("Årsarvoden och fasta arvoden", &|group| matches!(group, CostGroup::Arsarvode | CostGroup::FastArvode)),
            ("Sammanträden och förrättningar", &|group| group == CostGroup::Sammantraden),
            ("Övriga ersättningar", &CostGroup::is_personal),
        ];
        let parts = parts.get(..if shows_all { 3 } else { 2 }).unwrap_or_default();
        let months: Vec<Month> = figures.period.each().collect();
        let spans_years = figures.period.first.year() != figures.period.last.year();
        let label = |month: Month| {
            let year = if spans_years { format!(" {:02}", month.year() % 100) } else { String::new() };
            format!("{}{year}", short_name(month))
        };
        let amounts = |month: Month| -> Vec<Ore> { parts.iter().map(|(_, is_meant)| of(month, is_meant)).collect() };
        let paid = |month: Month| figures.paid_in.get(&month).copied().unwrap_or_default();
        let cells = |name: String, amounts: Vec<Ore>, paid: Ore| {
            let all: Ore = amounts.iter().copied().sum();
            let more = shows_all.then_some([all, paid]).into_iter().flatten();
            [text(name)].into_iter().chain(amounts.into_iter().chain(more).map(Cell::Kronor)).collect::<Vec<Cell>>()
        };
        let rows = months.iter().map(|month| cells(label(*month), amounts(*month), paid(*month))).collect();
        let sums = parts.iter().map(|(_, is_meant)| months.iter().map(|month| of(*month, is_meant)).sum()).collect();
        let total = cells("Tillsammans".to_owned(), sums, figures.total.paid);
        let mut columns = vec![Column::text("Månad")];
        columns.extend(parts.iter().map(|(name, _)| Column::sum(name)));
        if shows_all {
            columns.extend([Column::sum("Intjänat"), Column::sum("Betalt")]);
        }
        let series = parts.iter().map(|(name, is_meant)| {
            let values = months.iter().map(|month| of(*month, is_meant).kronor()).collect();
            Series { name: (*name).to_owned(), values }
        });
        let names: Vec<String> = parts.iter().map(|(name, _)| name.to_lowercase()).collect();
        let alternative = format!(
            "Staplar, en för varje månad {}: intjänat, delat på {}.",
            figures.period,
            crate::jobs::follow_up::words::listed(&names)
        );
        let notes = if shows_all {
            Vec::new()
        } else {
            vec!["Övriga ersättningar visas inte per månad: i någon månad står för få personer bakom.".to_owned()]
        };
        Section {
            heading: "Månad för månad".to_owned(),
            sheet: "Månader".to_owned(),
            plot: Some(Plot {
                title: format!("Intjänat per månad {}, kronor", figures.period),
                alternative,
                kind: PlotKind::Stacked,
                labels: months.iter().map(|month| label(*month)).collect(),
                series: series.collect(),
            }),
            table: Some(Table { columns, rows, total: Some(total) }),
            notes,
            ..Section::default()
        }
    }

    /// The budget beside the outcome; none where no budget is decided for the time.
    pub(super) fn budget_section(&self) -> Option<Section> {
        let Time { figures, secrets } = self.now;
        let rows = compared(&self.budget, figures, secrets);
        if rows.is_empty() {
            return None;
        }
        let cells = |first: [Cell; 2], budget: Ore, outcome: Option<Ore>, beslut: Cell| {
            let deviation = outcome.map(|outcome| outcome - budget);
            let [organ, slag] = first;
            let share = share(deviation, Some(budget));
            vec![organ, slag, Cell::Belopp(budget), belopp(outcome), belopp(deviation), share, beslut]
        };
        let (budget, outcome) = total(&rows, figures, secrets);
        let line = |Compared { row, budget, outcome }: &Compared<'_>| {
            let slag = row.group.map_or("Alla ersättningar", CostGroup::words);
            let first = [text(self.organ_name(&row.organ)), text(slag)];
            cells(first, *budget, *outcome, text(row.beslut.clone()))
        };
        let columns = vec![
            Column::text("Organ"),
            Column::text("Slag"),
            Column::sum("Budget"),
            Column::sum("Utfall"),
            Column::sum("Avvikelse"),
            Column::number("Avvikelse i %"),
            Column::text("Beslut"),
        ];
        let mut notes = vec!["Utfallet är det intjänade. En avvikelse över noll är dyrare än budget.".to_owned()];
        if figures.period.months() % 12 != 0 || figures.period.first.month() != 1 {
            notes.push("Budgeten är årets, med en tolftedel för varje månad i perioden.".to_owned());
        }
        Some(Section {
            heading: "Budget och utfall".to_owned(),
            sheet: "Budget".to_owned(),
            table: Some(Table {
                columns,
                rows: rows.iter().map(line).collect(),
                total: Some(cells([text("Tillsammans"), Cell::Blank], budget, outcome, Cell::Blank)),
            }),
            notes,
            ..Section::default()
        })
    }
}

/// With a capital first letter.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
