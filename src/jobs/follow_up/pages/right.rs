//! What was put right, and what waits for somebody.

use std::collections::{BTreeMap, BTreeSet};

use super::{Pages, Time};
use crate::calendar::{Day, days_between};
use crate::domain::{RemarkKind, State};
use crate::jobs::calculate::Cause;
use crate::jobs::follow_up::cells::{belopp, text};
use crate::jobs::follow_up::masking::{Rank, Web, Who};
use crate::jobs::follow_up::words;
use crate::jobs::remark_list::Shown;
use crate::money::Ore;
use crate::ports::{Cell, Column, Section, Table};

/// Causes, in the words of the report, and as the heading of a column.
const CAUSES: [(Cause, &str, &str); 8] = [
    (Cause::LateList, "Närvaro som kom in efter månadens lönekörning", "Sen lista"),
    (Cause::ChangedList, "Närvarolista eller mötestid som ändrades", "Ändrad lista"),
    (Cause::RemovedList, "Närvaro eller möte som togs tillbaka", "Tillbakatagen närvaro"),
    (Cause::ChangedClaim, "Yrkande som ändrades, togs tillbaka eller prövades på nytt", "Ändrat yrkande"),
    (Cause::LateUppdrag, "Uppdrag som registrerades efter månadens lönekörning", "Sent uppdrag"),
    (Cause::ChangedUppdrag, "Uppdrag, frånvaro eller jour som ändrades", "Ändrat uppdrag"),
    (Cause::Debt, "Beslut om återkrav, kvittning eller eftergift", "Beslut om skuld"),
    (Cause::Recalculation, "Omräkning efter beslut om belopp eller regler", "Omräkning"),
];

const KINDS: [(RemarkKind, &str); 6] = [
    (RemarkKind::File, "Filer och blad som inte kunde läsas"),
    (RemarkKind::Row, "Rader som inte kunde läsas eller kopplas"),
    (RemarkKind::Attendance, "Närvaro"),
    (RemarkKind::Claim, "Yrkanden"),
    (RemarkKind::Uppdrag, "Uppdrag"),
    (RemarkKind::Person, "Personer: skulder och uppgifter som saknas"),
];

/// Held longer than this is long.
const LONG_DAYS: i64 = 90;

/// One kind's held remarks.
#[derive(Default)]
struct Waiting {
    count: i64,
    long: i64,
    oldest_days: Option<i64>,
    worth: Ore,
    persons: BTreeSet<Who>,
}

impl Pages<'_> {
    /// What was put right in the time, by cause and by month.
    pub(super) fn corrections(&self) -> Vec<Section> {
        let Time { figures, .. } = self.now;
        let heading = format!("Rättelser {}", figures.period);
        if figures.corrected.is_empty() {
            let text = vec!["Inget som var betalt har ändrats, och inget har kommit in för sent.".to_owned()];
            return vec![Section { heading, sheet: "Rättelser".to_owned(), text, ..Section::default() }];
        }
        let known: Vec<(Cause, &str, &str)> =
            CAUSES.into_iter().filter(|(cause, ..)| figures.corrected.contains_key(cause)).collect();
        let mut web = Web::new(self.wanted.smallest_group);
        let mut everybody = BTreeSet::new();
        for (cause, of) in &figures.corrected {
            let size = of.taken_back.abs().max(of.booked.abs()).0;
            web.add(Some(*cause), (Rank::Part, size), vec![of.persons.clone()]);
            everybody.extend(of.persons.iter().copied());
        }
        web.add(None, (Rank::Whole, 0), vec![everybody]);
        web.adds_up(figures.corrected.keys().map(|cause| Some(*cause)), &None);
        let hidden = web.hidden();
        let cells = |spot: &Option<Cause>, words: &str, count: i64, amounts: [Ore; 2]| {
            let [taken_back, booked] = amounts;
            let shown = |amount: Ore| belopp((!hidden.contains(spot)).then_some(amount));
            vec![text(words), Cell::Count(count), shown(taken_back), shown(booked), shown(taken_back + booked)]
        };
        let size = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let mut all = (0, [Ore::ZERO; 2]);
        let mut rows = Vec::new();
        for (cause, words, _) in &known {
            let Some(of) = figures.corrected.get(cause) else { continue };
            all.0 += size(of.occasions.len());
            all.1 = [all.1[0] + of.taken_back, all.1[1] + of.booked];
            rows.push(cells(&Some(*cause), words, size(of.occasions.len()), [of.taken_back, of.booked]));
        }
        let columns = vec![
            Column::text("Orsak"),
            Column::sum("Rättelser"),
            Column::sum("Återtaget"),
            Column::sum("Bokfört i stället eller i efterhand"),
            Column::sum("Netto"),
        ];
        let by_cause = Section {
            heading,
            sheet: "Rättelser".to_owned(),
            table: Some(Table { columns, rows, total: Some(cells(&None, "Tillsammans", all.0, all.1)) }),
            notes: vec![
                "En rättelse är ett möte, ett yrkande eller en uppdragsmånad för en person, i lönekörningar som betalats under perioden. Det som rättas kan vara intjänat tidigare. Yrkanden som kommer inom sin tid är inga rättelser.".to_owned(),
            ],
            ..Section::default()
        };
        vec![by_cause, self.corrections_by_month(&known)]
    }

    fn corrections_by_month(&self, known: &[(Cause, &str, &str)]) -> Section {
        let figures = self.now.figures;
        let count = |month, cause| {
            let found = figures.corrected_in.get(&(month, cause)).map_or(0, BTreeSet::len);
            i64::try_from(found).unwrap_or(i64::MAX)
        };
        let row = |month: crate::calendar::Month| {
            let counts: Vec<i64> = known.iter().map(|(cause, ..)| count(month, *cause)).collect();
            let all = counts.iter().sum();
            let cells = counts.into_iter().chain([all]).map(Cell::Count);
            [text(month.to_string())].into_iter().chain(cells).collect::<Vec<Cell>>()
        };
        let is_any = |month| known.iter().any(|(cause, ..)| count(month, *cause) > 0);
        let sums: Vec<i64> =
            known.iter().map(|(cause, ..)| figures.period.each().map(|month| count(month, *cause)).sum()).collect();
        let all = sums.iter().sum();
        let total = [text("Tillsammans")].into_iter().chain(sums.into_iter().chain([all]).map(Cell::Count)).collect();
        let named = known.iter().map(|(_, _, short)| Column::sum(short));
        let columns = [Column::text("Utbetalt")].into_iter().chain(named).chain([Column::sum("Alla")]).collect();
        Section {
            heading: "Rättelser månad för månad".to_owned(),
            sheet: "Rättelser per månad".to_owned(),
            table: Some(Table {
                columns,
                rows: figures.period.each().filter(|month| is_any(*month)).map(row).collect(),
                total: Some(total),
            }),
            ..Section::default()
        }
    }

    /// What is held today, and for how long.
    pub(super) fn remarks(&self) -> Section {
        let today = self.wanted.today;
        let held = waiting(&self.found.remarks, today);
        let noted = self.found.remarks.iter().filter(|shown| shown.remark.state == State::Noted).count();
        let (heading, sheet) = (format!("Det som väntar {today}"), "Anmärkningar".to_owned());
        let noted = match noted {
            0 => String::new(),
            _ => format!(
                "Därtill har programmet noterat {}, som inte stoppar något.",
                words::count(i64::try_from(noted).unwrap_or(i64::MAX), "sak att känna till", "saker att känna till")
            ),
        };
        if held.is_empty() {
            let text = [vec!["Inget väntar på svar.".to_owned()], vec![noted]].concat();
            let text = text.into_iter().filter(|words| !words.is_empty()).collect();
            return Section { heading, sheet, text, ..Section::default() };
        }
        let mut web = Web::new(self.wanted.smallest_group);
        let mut all = Waiting::default();
        for (kind, of) in &held {
            web.add(Some(*kind), (Rank::Part, of.worth.abs().0), vec![of.persons.clone()]);
            all.persons.extend(of.persons.iter().copied());
            all.count += of.count;
            all.long += of.long;
            all.worth += of.worth;
            all.oldest_days = all.oldest_days.max(of.oldest_days);
        }
        web.add(None, (Rank::Whole, 0), vec![all.persons.clone()]);
        web.adds_up(held.keys().map(|kind| Some(*kind)), &None);
        let hidden = web.hidden();
        let cells = |spot: &Option<RemarkKind>, words: &str, of: &Waiting| {
            vec![
                text(words),
                Cell::Count(of.count),
                Cell::Count(of.long),
                of.oldest_days.map_or(Cell::Blank, Cell::Count),
                belopp((!hidden.contains(spot)).then_some(of.worth)),
            ]
        };
        let row = |(kind, words): &(RemarkKind, &str)| held.get(kind).map(|of| cells(&Some(*kind), words, of));
        let columns = vec![
            Column::text("Vad det gäller"),
            Column::sum("Hålls"),
            Column::sum(&format!("Varav mer än {LONG_DAYS} dagar")),
            Column::number("Äldst, dagar"),
            Column::sum("Värde där det är känt"),
        ];
        Section {
            heading,
            sheet,
            text: vec![
                "Det som hålls betalas inte förrän någon har rättat uppgiften eller beslutat. Det hindrar inte resten av månadens lönekörning.".to_owned(),
            ],
            table: Some(Table {
                columns,
                rows: KINDS.iter().filter_map(row).collect(),
                total: Some(cells(&None, "Tillsammans", &all)),
            }),
            notes: [format!("Dagarna räknas från mötet, eller från uppdragets månad. {noted}").trim().to_owned()].to_vec(),
            ..Section::default()
        }
    }
}

fn waiting(remarks: &[Shown], today: Day) -> BTreeMap<RemarkKind, Waiting> {
    let mut numbers: BTreeMap<String, Who> = BTreeMap::new();
    let mut held: BTreeMap<RemarkKind, Waiting> = BTreeMap::new();
    for shown in remarks.iter().filter(|shown| shown.remark.state == State::Held) {
        let remark = &shown.remark;
        let of = held.entry(remark.kind).or_default();
        let days = remark.day.map(|day| days_between(day, today));
        of.count += 1;
        of.long += i64::from(days.is_some_and(|days| days > LONG_DAYS));
        of.oldest_days = of.oldest_days.max(days.filter(|days| *days >= 0));
        let worth = remark.worth.unwrap_or_default();
        of.worth += worth;
        // A row that names nobody is somebody's all the same.
        let whose = shown.anstid.clone().or_else(|| shown.person.map(|person| format!("person {}", person.0)));
        if worth != Ore::ZERO {
            let next = Who::try_from(numbers.len()).unwrap_or(Who::MAX);
            let who = *numbers.entry(whose.unwrap_or_default()).or_insert(next);
            of.persons.insert(who);
        }
    }
    held
}

/// What is held today: how many, and their worth; the worth is none where it would tell of few.
pub(in crate::jobs::follow_up) fn held_today(pages: &Pages<'_>) -> (i64, Option<Ore>) {
    let held = waiting(&pages.found.remarks, pages.wanted.today);
    let persons: BTreeSet<Who> = held.values().flat_map(|of| of.persons.iter().copied()).collect();
    let worth = held.values().map(|of| of.worth).sum();
    (held.values().map(|of| of.count).sum(), (!pages.now.secrets.is_few(&persons)).then_some(worth))
}
