//! What changed levels cost in their year (§ 19), by the same law that pays them.
//!
//! Årsarvode and fast arvode: what those who hold the uppdrag get under the levels before and after, month by month to the
//! year's end, with handovers and absences as they are known. All else: the same calendar months' occasions as last
//! booked, judged by the levels before and after; of months that are booked it is their own occasions. Lines that are
//! waived cost nothing. What was booked by older levels is told apart: it is paid afterwards.

use std::collections::{BTreeMap, BTreeSet};

use super::calculate::{Calculation, PinnedRules, Question, UnderRules};
use crate::calendar::{Day, Month};
use crate::domain::{Fault, Line, LineKind, Occasion, Uppdrag};
use crate::law::{Group, group_of, rates};
use crate::ledger::{BatchKind, BatchState};
use crate::money::Ore;
use crate::ports::Store;
use crate::regelverk::{Loaded, Regelverk};

/// No occasion is looked for longer ago than so many years.
const YEARS_BACK: i32 = 3;

/// What a change costs, by how far the months have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Of months that are booked.
    pub booked: Ore,
    /// Of months to come.
    pub coming: Ore,
}

impl Cost {
    /// All of it.
    pub fn sum(self) -> Ore {
        self.booked + self.coming
    }
}

/// What the levels that begin on a day cost, beside those before them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeCost {
    /// Their first day.
    pub first: Day,
    /// By kind of line.
    pub kinds: BTreeMap<LineKind, Cost>,
    /// By month of the year.
    pub months: BTreeMap<Month, Ore>,
    /// Of each nyckel.
    pub uppdrag: BTreeMap<String, Ore>,
}

impl ChangeCost {
    /// All of it.
    pub fn sum(&self) -> Ore {
        self.kinds.values().map(|cost| cost.sum()).sum()
    }
}

/// What a year's changes cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LevelCost {
    /// Each change, in the order of their first days.
    pub changes: Vec<ChangeCost>,
    /// Of what is booked: what the new levels give beside what was booked. It is paid afterwards.
    pub unpaid: Ore,
    /// The last payout month with a batch; none before the first.
    pub booked_to: Option<Month>,
    /// Months of the year whose occasions are those of an earlier year's month.
    pub volume: BTreeMap<Month, Month>,
    /// Months of the year that no occasion is known for.
    pub without_volume: BTreeSet<Month>,
    /// How many hold each nyckel on the later of the day of the question and the first change's day.
    pub holders: BTreeMap<String, u32>,
}

impl LevelCost {
    /// All of it.
    pub fn sum(&self) -> Ore {
        self.changes.iter().map(ChangeCost::sum).sum()
    }
}

/// The days of a year on which some level becomes another.
pub fn first_days(rules: &Regelverk, first: Day, last: Day) -> BTreeSet<Day> {
    let found = rates(rules, first, last);
    found.iter().flat_map(|rate| &rate.changes).map(|level| level.from).collect()
}

/// What the levels that change in a year cost in it; none where none changes.
///
/// # Errors
/// The database, or settings without a first month.
pub async fn level_cost(
    store: &mut impl Store,
    loaded: &Loaded,
    year: i32,
    today: Day,
) -> Result<Option<LevelCost>, Fault> {
    let Some((january, december)) = Month::new(year, 1).zip(Month::new(year, 12)) else { return Ok(None) };
    let firsts: Vec<Day> = first_days(&loaded.regelverk, january.first(), december.last()).into_iter().collect();
    let Some(first) = firsts.first().copied() else { return Ok(None) };
    let booked_to = last_booked(store).await?;
    let span = Span { loaded, first: Month::of(first), last: december, booked_to };
    let question = question(today, &span, store.last_fact().await?);
    let mut calculation = Calculation::start(store, loaded, question).await?;
    let years = span.years_back();
    let sets = rule_sets(store, &calculation, &span, &firsts, &years).await?;
    let mut found = LevelCost {
        changes: firsts.iter().map(|first| ChangeCost::new(*first)).collect(),
        booked_to,
        ..LevelCost::default()
    };
    span.tell_volume(&mut found);
    let on = today.max(first).min(december.last());
    while let Some(persons) = calculation.next_under(store, &sets).await? {
        for person in &persons {
            found.hold(person, on);
            found.take(person, &span, &years);
        }
    }
    Ok(Some(found))
}

async fn last_booked(store: &mut impl Store) -> Result<Option<Month>, Fault> {
    let batches = store.batches().await?;
    let standing = batches.iter().map(|(_, batch, _)| batch).filter(|batch| batch.state != BatchState::Void);
    Ok(standing.filter(|batch| batch.kind == BatchKind::Monthly).map(|batch| batch.name.payout).max())
}

/// Everything known now, and all that is earned by the year's end.
fn question(today: Day, span: &Span<'_>, facts_up_to: i64) -> Question {
    Question {
        payout: Month::of(today),
        // No kind is paid later than in the year after.
        horizon: span.last.plus(12),
        facts_up_to,
        claims_until: today,
        pins_up_to: i64::MAX,
        booked_up_to: i64::MAX,
        repinned_from: None,
        explain: false,
        only: None,
    }
}

/// For each number of years back, the levels before the first change and after each: `years x (changes + 1)` sets.
async fn rule_sets(
    store: &mut impl Store,
    calculation: &Calculation<'_>,
    span: &Span<'_>,
    firsts: &[Day],
    years: &[i32],
) -> Result<Vec<PinnedRules>, Fault> {
    let rules = &span.loaded.regelverk;
    let ends = firsts.iter().map(|day| rules.levels_before(*day)).chain([rules.clone()]);
    let levels: Vec<Regelverk> = ends.collect();
    let mut sets = Vec::with_capacity(years.len() * levels.len());
    for back in years {
        for level in &levels {
            let (rules, from) = match u32::try_from(*back) {
                Ok(back @ 1..) => (level.moved_back(back), None),
                _ => (level.clone(), Some(span.first)),
            };
            sets.push(calculation.rules_from(store, rules, from).await?);
        }
    }
    Ok(sets)
}

/// The months that a change is counted over.
struct Span<'a> {
    loaded: &'a Loaded,
    /// The month of the first change.
    first: Month,
    /// December.
    last: Month,
    booked_to: Option<Month>,
}

impl Span<'_> {
    fn months(&self) -> impl Iterator<Item = Month> {
        let first = self.first;
        (0..=self.last.since(first)).map(move |number| first.plus(number))
    }

    fn is_booked(&self, kind: LineKind, month: Month) -> bool {
        let lag = self.loaded.lonekalender.lag(kind);
        self.booked_to.is_some_and(|payout| month <= payout.plus(-lag))
    }

    /// How many years back the occasions of a month are looked for; none if there are none.
    fn back(&self, kind: LineKind, month: Month) -> Option<i32> {
        if group_of(kind) == Group::Monthly {
            return Some(0);
        }
        let first = self.loaded.lonekalender.forsta_manad?;
        let is_there = |back: &i32| {
            let of = month.plus(-12 * back);
            self.is_booked(kind, of) && of >= first
        };
        (0..=YEARS_BACK).find(is_there)
    }

    /// The years that are wanted for some month and kind, 0 first.
    fn years_back(&self) -> Vec<i32> {
        let mut years: BTreeSet<i32> = BTreeSet::from([0]);
        for kind in LineKind::all() {
            years.extend(self.months().filter_map(|month| self.back(kind, month)));
        }
        years.into_iter().collect()
    }

    /// Whose occasions stand for each month, as of the § 9 kinds.
    fn tell_volume(&self, found: &mut LevelCost) {
        for month in self.months() {
            match self.back(LineKind::Grundarvode, month) {
                Some(0) => {}
                Some(back) => drop(found.volume.insert(month, month.plus(-12 * back))),
                None => drop(found.without_volume.insert(month)),
            }
        }
    }

    /// The month of the year that a line stands for under rules so many years back; none where it counts for none.
    fn month_of(&self, line: &Line, back: i32) -> Option<Month> {
        let month = line.accrued_in.plus(12 * back);
        let is_meant = month >= self.first && month <= self.last && self.back(line.kind, month) == Some(back);
        is_meant.then_some(month)
    }
}

impl ChangeCost {
    fn new(first: Day) -> ChangeCost {
        ChangeCost { first, kinds: BTreeMap::new(), months: BTreeMap::new(), uppdrag: BTreeMap::new() }
    }

    fn add(&mut self, line: &Line, month: Month, is_booked: bool, belopp: Ore, nyckel: Option<&str>) {
        let cost = self.kinds.entry(line.kind).or_default();
        *(if is_booked { &mut cost.booked } else { &mut cost.coming }) += belopp;
        *self.months.entry(month).or_default() += belopp;
        if let Some(nyckel) = nyckel {
            *self.uppdrag.entry(nyckel.to_owned()).or_default() += belopp;
        }
    }
}

impl LevelCost {
    fn hold(&mut self, person: &UnderRules, on: Day) {
        let is_held = |uppdrag: &&Uppdrag| uppdrag.from <= on && uppdrag.to.is_none_or(|to| on <= to);
        for nyckel in person.uppdrag.iter().filter(is_held).filter_map(|uppdrag| uppdrag.nyckel.clone()) {
            *self.holders.entry(nyckel).or_default() += 1;
        }
    }

    /// What each set of levels gives beside the one before it.
    fn take(&mut self, person: &UnderRules, span: &Span<'_>, years: &[i32]) {
        let sets = self.changes.len() + 1;
        let of_years = years.iter().zip(person.others.chunks(sets));
        for (back, levels) in of_years {
            for (at, lines) in levels.iter().enumerate() {
                for line in lines {
                    self.take_line(person, span, (*back, at), line);
                }
            }
        }
        let booked = |lines: &[Line]| -> Ore {
            let of_booked = lines
                .iter()
                .filter(|line| span.month_of(line, 0).is_some_and(|month| span.is_booked(line.kind, month)));
            of_booked.map(|line| line.belopp).sum()
        };
        let latest = person.others.get(sets - 1).map_or(&[][..], Vec::as_slice);
        self.unpaid += booked(latest) - booked(&person.own);
    }

    /// A line is what the levels from a change on give, and what those before the next change gave.
    fn take_line(&mut self, person: &UnderRules, span: &Span<'_>, (back, at): (i32, usize), line: &Line) {
        let Some(month) = span.month_of(line, back) else { return };
        let is_booked = span.is_booked(line.kind, month);
        let nyckel = nyckel_of(person, line);
        if let Some(change) = at.checked_sub(1).and_then(|change| self.changes.get_mut(change)) {
            change.add(line, month, is_booked, line.belopp, nyckel);
        }
        if let Some(change) = self.changes.get_mut(at) {
            change.add(line, month, is_booked, -line.belopp, nyckel);
        }
    }
}

fn nyckel_of<'a>(person: &'a UnderRules, line: &Line) -> Option<&'a str> {
    let Occasion::UppdragMonth(id, _) = &line.occasion else { return None };
    person.uppdrag.iter().find(|uppdrag| uppdrag.uppdrag == *id)?.nyckel.as_deref()
}
