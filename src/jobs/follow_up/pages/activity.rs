//! What was done and asked for: meetings, lost income, trips.

use super::{Pages, Time};
use crate::domain::{CostGroup, LineKind};
use crate::jobs::calculate::Outcome;
use crate::jobs::follow_up::cells::{belopp, hours, km, text};
use crate::jobs::follow_up::figures::{Fate, Meetings};
use crate::jobs::follow_up::secrets::Spot;
use crate::jobs::follow_up::words;
use crate::money::Ore;
use crate::ports::{Cell, Column, Plot, PlotKind, Section, Series, Table};

/// What became of yrkanden and kronor, in the words of the report.
const FATES: [(Fate, &str); 6] = [
    (Fate::As(Outcome::Paid), "Prövat och betalt"),
    (Fate::As(Outcome::Waiting), "Väntar på underlag, beslut eller utbetalning"),
    (Fate::As(Outcome::Refused), "Avslaget genom beslut"),
    (Fate::As(Outcome::Lapsed), "Kom in efter sista dagen (§ 16)"),
    (Fate::As(Outcome::Waived), "Beviljat, men personen avstår"),
    (Fate::TakenOff, "Nedsatt: tak, eller tid utöver närvaron"),
];

impl Pages<'_> {
    /// The parts about what was done.
    pub(super) fn activity(&self) -> Vec<Section> {
        vec![self.meetings(), self.lost_income(), self.trips()]
    }

    fn meetings(&self) -> Section {
        let figures = self.now.figures;
        let organs = self.in_order(figures.meetings.keys().collect());
        let cells = |name: String, of: &Meetings| {
            vec![
                text(name),
                Cell::Count(of.held),
                Cell::Count(of.cancelled),
                Cell::Count(of.without_list),
                Cell::Count(of.attendances),
                Cell::Count(of.ersattare),
                hours(of.minutes),
            ]
        };
        let of = |organ| figures.meetings.get(organ).copied().unwrap_or_default();
        let rows: Vec<Vec<Cell>> = organs.iter().map(|organ| cells(self.organ_name(organ), &of(*organ))).collect();
        let all = figures.all_meetings();
        // Each row's hours are rounded for reading; the total is the sum of what is shown.
        let shown: rust_decimal::Decimal =
            organs.iter().map(|organ| words::hours(of(*organ).minutes).round_dp(2)).sum();
        let mut total = cells("Tillsammans".to_owned(), &all);
        if let Some(last) = total.last_mut() {
            *last = Cell::Number(shown, 1);
        }
        let columns = vec![
            Column::text("Organ"),
            Column::sum("Möten"),
            Column::sum("Inställda"),
            Column::sum("Lista saknas"),
            Column::sum("Närvaro"),
            Column::sum("Varav ersättare"),
            Column::sum("Timmar"),
        ];
        let longest = organs.iter().max_by_key(|organ| of(**organ).minutes);
        let plot = longest.filter(|organ| of(**organ).minutes > 0).map(|organ| Plot {
            title: format!("Timmar per organ {}", figures.period),
            alternative: format!(
                "Liggande staplar, en för varje organ: timmar med rätt till ersättning {}. Flest har {} med {} timmar.",
                figures.period,
                self.organ_name(organ),
                words::decimal(words::hours(of(*organ).minutes), 1)
            ),
            kind: PlotKind::Bars,
            labels: organs.iter().map(|organ| self.organ_name(organ)).collect(),
            series: vec![Series {
                name: "Timmar".to_owned(),
                values: organs.iter().map(|organ| words::hours(of(*organ).minutes).round_dp(2)).collect(),
            }],
        });
        Section {
            heading: format!("Möten och timmar {}", figures.period),
            sheet: "Möten".to_owned(),
            plot,
            table: (!rows.is_empty()).then_some(Table { columns, rows, total: Some(total) }),
            notes: vec![
                "Lista saknas: mötet har varit, men ingen närvaro har kommit in. Varav ersättare: de som tjänstgjorde eller hade beviljad närvarorätt.".to_owned(),
            ],
            ..Section::default()
        }
    }

    fn lost_income(&self) -> Section {
        let Time { figures, secrets } = self.now;
        let lost = &figures.lost;
        let heading = format!("Förlorad arbetsinkomst {} (§ 3)", figures.period);
        let sheet = "Förlorad inkomst".to_owned();
        if lost.claims.is_empty() {
            let text = vec!["Inga yrkanden för periodens möten.".to_owned()];
            return Section { heading, sheet, text, ..Section::default() };
        }
        let amount = |spot: &Spot, sum: Ore| belopp((!secrets.hides(spot)).then_some(sum));
        let row = |(fate, words): &(Fate, &str)| {
            let claims = match fate {
                Fate::As(outcome) => lost.claims.get(outcome),
                Fate::TakenOff => None,
            };
            let kronor = lost.kronor.get(fate).map(|(sum, _)| *sum);
            if claims.is_none() && kronor.is_none() {
                return None;
            }
            let count = claims.map_or(Cell::Blank, |claims| Cell::Count(claims.count));
            Some(vec![text(*words), count, amount(&Spot::Lost(*fate), kronor.unwrap_or_default())])
        };
        let count: i64 = lost.claims.values().map(|claims| claims.count).sum();
        let total = vec![text("Yrkat"), Cell::Count(count), amount(&Spot::Asked, lost.asked.0)];
        let columns =
            vec![Column::text("Vad det blev av det som yrkades"), Column::sum("Yrkanden"), Column::sum("Belopp")];
        let without: i64 = lost.claims.values().map(|claims| claims.without_amount).sum();
        let mut notes = vec![
            "Yrkanden för möten i perioden, också de som står i närvarolistor, som de står i dag. Återtagna yrkanden är inte med. Ett yrkande kan vara betalt till en del och vänta för resten; det räknas där huvuddelen är avgjord.".to_owned(),
        ];
        if without > 0 {
            let told = words::count(without, "yrkande saknar", "yrkanden saknar");
            notes.push(format!(
                "{told} belopp: det räknas med vad schablonen ger, och med 0 kr så länge inget är känt."
            ));
        }
        Section {
            heading,
            sheet,
            table: Some(Table { columns, rows: FATES.iter().filter_map(row).collect(), total: Some(total) }),
            notes,
            ..Section::default()
        }
    }

    fn trips(&self) -> Section {
        let Time { figures, secrets } = self.now;
        let (count, length, persons) = &figures.trips;
        let of_kind = |shown_as: LineKind| figures.sum(|_, kind| CostGroup::shown_as(kind).0 == shown_as);
        let mut rows = Vec::new();
        for (kind, words) in
            [(LineKind::BilersattningSkattefri, "Egen bil"), (LineKind::TraktamenteHelt, "Traktamenten")]
        {
            let is_car = kind == LineKind::BilersattningSkattefri;
            if !figures.kinds().contains(&kind) {
                continue;
            }
            // The price of a kilometre is known: kilometres are as telling as kronor. How many went tells nothing of them.
            let is_few = is_car && secrets.is_few(persons);
            let is_hidden = is_few || secrets.hides(&Spot::Kind(kind));
            let trips = if is_few { Cell::Masked } else { Cell::Count(*count) };
            let length = if is_hidden { Cell::Masked } else { km(*length) };
            let (trips, length) = if is_car { (trips, length) } else { (Cell::Blank, Cell::Blank) };
            let [earned, paid] = of_kind(kind).map(|amount| belopp((!is_hidden).then_some(amount)));
            rows.push(vec![text(words), trips, length, earned, paid]);
        }
        let columns = vec![
            Column::text("Resor"),
            Column::number("Antal"),
            Column::number("Kilometer"),
            Column::number("Intjänat"),
            Column::number("Betalt"),
        ];
        let (heading, sheet) = (format!("Resor {} (§ 11)", figures.period), "Resor".to_owned());
        if rows.is_empty() {
            let text = vec!["Inga resor har ersatts.".to_owned()];
            return Section { heading, sheet, text, ..Section::default() };
        }
        Section { heading, sheet, table: Some(Table { columns, rows, total: None }), ..Section::default() }
    }
}
