//! Which of a follow-up's figures are hidden: the tables of one time as a web of sums.
//!
//! Arvoden (§§ 7-9) are never hidden: they follow from the decided bilaga and from who the minutes say was there, and
//! anybody can work them out. The rule is for what tells of a person's own circumstances. Both bases hide the same
//! figures, since the one is nearly the other, and what an earlier time hides is what its own follow-up hid.

use std::collections::BTreeSet;

use super::figures::{Fate, Figures};
use super::masking::{Rank, Web, Who};
use crate::calendar::Month;
use crate::domain::{CostGroup, LineKind, OrganCode};
use crate::jobs::calculate::Outcome;
use crate::money::Ore;
use crate::regelverk::BudgetRow;

/// A figure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// An organ's group.
    Cell(OrganCode, CostGroup),
    /// All of an organ.
    Organ(OrganCode),
    /// All of a group.
    Group(CostGroup),
    /// All of a kind as reports show it.
    Kind(LineKind),
    /// All.
    Whole,
    /// § 3: what became of what was asked for.
    Lost(Fate),
    /// § 3: all that was asked for.
    Asked,
    /// All that has a budget.
    Budgeted,
}

/// The hidden figures of one time.
#[derive(Clone, Debug)]
pub struct Secrets {
    hidden: BTreeSet<Spot>,
    smallest_group: usize,
}

/// The groups that the rule is for.
fn personal() -> impl Iterator<Item = CostGroup> {
    CostGroup::all().filter(|group| group.is_personal())
}

impl Secrets {
    /// Works out what is hidden.
    pub fn of(figures: &Figures, budget: &[&BudgetRow], smallest_group: usize) -> Secrets {
        let mut web = Web::new(smallest_group);
        let organs: Vec<&OrganCode> = figures.organs().into_iter().collect();
        let kinds = figures.kinds();
        for organ in &organs {
            for group in personal() {
                let behind = figures.persons(|of, kind| of == *organ && CostGroup::of(kind) == Some(group));
                let size = size(figures.sum(|of, kind| of == *organ && CostGroup::of(kind) == Some(group)));
                web.add(Spot::Cell((*organ).clone(), group), (Rank::Part, size), behind.to_vec());
            }
            let behind = figures.persons(|of, _| of == *organ);
            let size = size(figures.sum(|of, _| of == *organ));
            web.add(Spot::Organ((*organ).clone()), (Rank::Total, size), behind.to_vec());
        }
        for group in personal() {
            let behind = figures.persons(|_, kind| CostGroup::of(kind) == Some(group));
            let size = size(figures.sum(|_, kind| CostGroup::of(kind) == Some(group)));
            web.add(Spot::Group(group), (Rank::Total, size), behind.to_vec());
        }
        for kind in kinds.iter().copied().filter(|kind| CostGroup::of(*kind).is_some_and(CostGroup::is_personal)) {
            let behind = figures.persons(|_, of| CostGroup::shown_as(of).0 == kind);
            let size = size(figures.sum(|_, of| CostGroup::shown_as(of).0 == kind));
            web.add(Spot::Kind(kind), (Rank::Part, size), behind.to_vec());
        }
        web.add(Spot::Whole, (Rank::Whole, 0), figures.persons(|_, _| true).to_vec());
        for organ in &organs {
            web.adds_up(personal().map(|group| Spot::Cell((*organ).clone(), group)), &Spot::Organ((*organ).clone()));
        }
        for group in personal() {
            web.adds_up(organs.iter().map(|organ| Spot::Cell((*organ).clone(), group)), &Spot::Group(group));
            let of_group = kinds.iter().copied().filter(|kind| CostGroup::of(*kind) == Some(group));
            web.adds_up(of_group.map(Spot::Kind), &Spot::Group(group));
        }
        web.adds_up(organs.iter().map(|organ| Spot::Organ((*organ).clone())), &Spot::Whole);
        web.adds_up(personal().map(Spot::Group), &Spot::Whole);
        add_lost_income(&mut web, figures);
        add_budget(&mut web, figures, budget);
        Secrets { hidden: web.hidden(), smallest_group }
    }

    /// Whether a figure is hidden.
    pub fn hides(&self, spot: &Spot) -> bool {
        self.hidden.contains(spot)
    }

    /// Anything at all is hidden.
    pub fn is_in_use(&self) -> bool {
        !self.hidden.is_empty()
    }

    /// Whether a figure of these persons alone would tell of one.
    pub fn is_few(&self, persons: &BTreeSet<Who>) -> bool {
        !persons.is_empty() && persons.len() < self.smallest_group
    }

    /// Whether what is personal can be shown month by month: every month has nobody or enough persons.
    pub fn shows_months(&self, figures: &Figures) -> bool {
        let of_month = |month: Month| {
            let of = figures.months.iter().filter(|((in_month, group), _)| *in_month == month && group.is_personal());
            of.flat_map(|(_, (_, persons))| persons.iter().copied()).collect::<BTreeSet<Who>>()
        };
        !self.hides(&Spot::Whole) && figures.period.each().all(|month| !self.is_few(&of_month(month)))
    }
}

/// How much is lost if a figure is hidden.
fn size([earned, paid]: [Ore; 2]) -> i64 {
    earned.abs().max(paid.abs()).0
}

/// What was asked for is what became of it; what was paid is the kinds' sum where nothing granted waits to be paid.
fn add_lost_income(web: &mut Web<Spot>, figures: &Figures) {
    let lost = &figures.lost;
    for (fate, (amount, persons)) in &lost.kronor {
        web.add(Spot::Lost(*fate), (Rank::Part, amount.abs().0), vec![persons.clone()]);
    }
    web.add(Spot::Asked, (Rank::Total, lost.asked.0.0), vec![lost.asked.1.clone()]);
    web.adds_up(lost.kronor.keys().map(|fate| Spot::Lost(*fate)), &Spot::Asked);
    let paid = Fate::As(Outcome::Paid);
    let kind = LineKind::ForloradArbetsinkomst;
    let told = lost.kronor.get(&paid).map_or(Ore::ZERO, |(sum, _)| *sum);
    if figures.sum(|_, of| CostGroup::shown_as(of).0 == kind).contains(&told) {
        web.adds_up([Spot::Kind(kind)], &Spot::Lost(paid));
    }
}

fn add_budget(web: &mut Web<Spot>, figures: &Figures, budget: &[&BudgetRow]) {
    let is_budgeted = |organ: &OrganCode, kind: LineKind| {
        let is_of =
            |row: &&&BudgetRow| row.organ == *organ && (row.group.is_none() || row.group == CostGroup::of(kind));
        budget.iter().any(|row| is_of(&row))
    };
    web.add(Spot::Budgeted, (Rank::Total, 0), figures.persons(is_budgeted).to_vec());
    let spots = budget.iter().map(|row| match row.group {
        Some(group) => Spot::Cell(row.organ.clone(), group),
        None => Spot::Organ(row.organ.clone()),
    });
    web.adds_up(spots.collect::<BTreeSet<Spot>>(), &Spot::Budgeted);
}
