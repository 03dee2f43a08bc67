//! What a follow-up is made of: one time's amounts, meetings, yrkanden, trips and corrections, with who is behind each.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::masking::{SOMEBODY, Who};
use super::period::Period;
use crate::calendar::Month;
use crate::domain::{CostGroup, LineKind, Meeting, MeetingId, Occasion, OrganCode};
use crate::jobs::accruals::{Amounts, Key, PayDays, Span};
use crate::jobs::calculate::{Asked, Cause, FollowedOf, Outcome, Standing};
use crate::ledger::BatchName;
use crate::money::Ore;
use crate::ports::Gallrad;

/// Which persons are behind an amount: earned, and paid.
pub type Behind = [BTreeSet<Who>; 2];

/// An organ's meetings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meetings {
    /// That took place.
    pub held: i64,
    /// That the diarium has cancelled.
    pub cancelled: i64,
    /// That took place, and of which no list has come.
    pub without_list: i64,
    /// Presences that entitle (§ 2).
    pub attendances: i64,
    /// Of these in somebody's stead.
    pub ersattare: i64,
    /// Their minutes, each person's hour once.
    pub minutes: i64,
}

impl Meetings {
    /// Adds another's.
    pub fn add(&mut self, other: &Meetings) {
        self.held += other.held;
        self.cancelled += other.cancelled;
        self.without_list += other.without_list;
        self.attendances += other.attendances;
        self.ersattare += other.ersattare;
        self.minutes += other.minutes;
    }
}

/// Yrkanden of lost income with one outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// How many.
    pub count: i64,
    /// Who made them.
    pub persons: BTreeSet<Who>,
    /// Of these without an amount.
    pub without_amount: i64,
}

/// Lost income (§ 3): every krona that was asked for, by what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LostIncome {
    /// Yrkanden, by outcome.
    pub claims: BTreeMap<Outcome, Claims>,
    /// What was asked for, and who asked; what a schablon gives counts as asked for.
    pub asked: (Ore, BTreeSet<Who>),
    /// Kronor by what became of them; beside the outcomes, what caps and time took off.
    pub kronor: BTreeMap<Fate, (Ore, BTreeSet<Who>)>,
}

/// What became of a krona that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// As the yrkande.
    As(Outcome),
    /// Granted in part: caps, time beyond presence, hours already compensated.
    TakenOff,
}

impl LostIncome {
    fn add(&mut self, who: Who, asked: &Asked) {
        let claims = self.claims.entry(asked.outcome).or_default();
        claims.count += 1;
        claims.persons.insert(who);
        claims.without_amount += i64::from(asked.belopp.is_none());
        let Asked { outcome, granted, waiting, .. } = *asked;
        // Refused or lapsed kronor are all that was asked for; else they are what is given, what waits, and the rest.
        let is_whole = matches!(outcome, Outcome::Refused | Outcome::Lapsed);
        let belopp = asked.belopp.unwrap_or(granted + waiting);
        let waiting = waiting.min(belopp - granted).max(Ore::ZERO);
        let mut parts = vec![(Fate::As(outcome), if is_whole { belopp } else { granted })];
        if !is_whole {
            parts.push((Fate::As(Outcome::Waiting), waiting));
            parts.push((Fate::TakenOff, belopp - granted - waiting));
        }
        for (fate, amount) in parts.into_iter().filter(|(_, amount)| *amount != Ore::ZERO) {
            let (sum, persons) = self.kronor.entry(fate).or_default();
            *sum += amount;
            persons.insert(who);
            self.asked.0 += amount;
            self.asked.1.insert(who);
        }
    }
}

/// Corrections with one cause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corrections {
    /// Occasions of persons, each batch's once.
    pub occasions: BTreeSet<(Who, BatchName, Occasion)>,
    /// Taken back; below zero.
    pub taken_back: Ore,
    /// Booked in its stead, or late.
    pub booked: Ore,
    /// Whose.
    pub persons: BTreeSet<Who>,
}

/// One time's figures.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Which months.
    pub period: Period,
    /// By organ and kind, on both bases.
    pub lines: BTreeMap<Key, Amounts>,
    /// All together.
    pub total: Amounts,
    /// Who is behind each.
    pub behind: BTreeMap<(OrganCode, LineKind), Behind>,
    /// Earned, by month and group, and by whom.
    pub months: BTreeMap<(Month, CostGroup), (Ore, BTreeSet<Who>)>,
    /// Paid, by month of payment.
    pub paid_in: BTreeMap<Month, Ore>,
    /// By organ.
    pub meetings: BTreeMap<OrganCode, Meetings>,
    /// § 3.
    pub lost: LostIncome,
    /// § 11: trips, kilometres, and whose.
    pub trips: (i64, Decimal, BTreeSet<Who>),
    /// Rows paid in the time that put something right.
    pub corrected: BTreeMap<Cause, Corrections>,
    /// The same by month of payment: how many.
    pub corrected_in: BTreeMap<(Month, Cause), BTreeSet<(Who, BatchName, Occasion)>>,
    /// Gallring has left only sums of some of it.
    pub is_gallrad: bool,
    span: Span,
    with_list: BTreeSet<MeetingId>,
}

impl Figures {
    /// Nothing yet.
    pub(super) fn of(period: Period) -> Figures {
        Figures {
            period,
            lines: BTreeMap::new(),
            total: Amounts::default(),
            behind: BTreeMap::new(),
            months: BTreeMap::new(),
            paid_in: BTreeMap::new(),
            meetings: BTreeMap::new(),
            lost: LostIncome::default(),
            trips: Default::default(),
            corrected: BTreeMap::new(),
            corrected_in: BTreeMap::new(),
            is_gallrad: false,
            span: Span::of(period.first, period.last),
            with_list: BTreeSet::new(),
        }
    }

    /// Nothing was earned and nothing paid.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Adds a person, and gives the person's own lines.
    pub(super) fn add(
        &mut self,
        who: Who,
        of: &FollowedOf,
        pay_days: &PayDays<'_>,
        is_recalculation: &dyn Fn(BatchName) -> bool,
    ) -> BTreeMap<Key, Amounts> {
        let mut lines = BTreeMap::new();
        for amount in &of.accrued.amounts {
            let pay_day = pay_days.of(&amount.standing);
            self.span.take(&mut lines, amount, pay_day);
            if amount.standing == Standing::Earned && self.period.has(amount.accrued_in) {
                self.earn(who, (amount.accrued_in, amount.kind), amount.belopp);
            } else if let Some(day) = pay_day.filter(|day| self.span.has(*day)) {
                *self.paid_in.entry(Month::of(day)).or_default() += amount.belopp;
            }
        }
        lines.retain(|_, amounts: &mut Amounts| *amounts != Amounts::default());
        for (key, amounts) in &lines {
            self.lines.entry(key.clone()).or_default().add(amounts);
            self.stand_behind(who, key, amounts);
        }
        for sitting in of.sittings.iter().filter(|sitting| self.span.has(sitting.day)) {
            self.with_list.insert(sitting.meeting);
            if let Some(minutes) = sitting.minutes {
                let meetings = self.meetings.entry(sitting.organ.clone()).or_default();
                meetings.attendances += 1;
                meetings.ersattare += i64::from(sitting.is_ersattare);
                meetings.minutes += minutes;
            }
        }
        of.asked.iter().filter(|asked| self.span.has(asked.day)).for_each(|asked| self.lost.add(who, asked));
        for trip in of.trips.iter().filter(|trip| self.period.has(trip.accrued_in)) {
            self.trips.0 += 1;
            self.trips.1 += trip.km;
            self.trips.2.insert(who);
        }
        self.correct(who, of, pay_days, is_recalculation);
        lines
    }

    fn earn(&mut self, who: Who, (month, kind): (Month, LineKind), belopp: Ore) {
        if let Some(group) = CostGroup::of(kind) {
            let (sum, persons) = self.months.entry((month, group)).or_default();
            *sum += belopp;
            if belopp != Ore::ZERO {
                persons.insert(who);
            }
        }
    }

    fn stand_behind(&mut self, who: Who, key: &Key, amounts: &Amounts) {
        let (Some(organ), Some(kind)) = key else { return };
        for (way, amount) in [amounts.earned, amounts.paid].into_iter().enumerate() {
            if amount != Ore::ZERO
                && let Some(persons) = self.behind.entry((organ.clone(), *kind)).or_default().get_mut(way)
            {
                persons.insert(who);
            }
        }
    }

    fn correct(
        &mut self,
        who: Who,
        of: &FollowedOf,
        pay_days: &PayDays<'_>,
        is_recalculation: &dyn Fn(BatchName) -> bool,
    ) {
        for row in &of.corrected {
            let Some(day) = pay_days.of_batch(row.batch).filter(|day| self.span.has(*day)) else { continue };
            let cause = if is_recalculation(row.batch) { Cause::Recalculation } else { row.cause };
            let occasion = (who, row.batch, row.occasion.clone());
            self.corrected_in.entry((Month::of(day), cause)).or_default().insert(occasion.clone());
            let found = self.corrected.entry(cause).or_default();
            found.occasions.insert(occasion);
            found.persons.insert(who);
            *if row.takes_back { &mut found.taken_back } else { &mut found.booked } += row.belopp;
        }
    }

    /// Adds what gallring has left of rows: sums without persons.
    pub(super) fn add_gallrad(&mut self, sum: &Gallrad, pay_days: &PayDays<'_>) {
        let mut lines = BTreeMap::new();
        for (amount, pay_day) in pay_days.of_gallrad(sum) {
            self.span.take(&mut lines, &amount, pay_day);
            if amount.standing == Standing::Earned && self.period.has(amount.accrued_in) {
                self.earn(SOMEBODY, (amount.accrued_in, amount.kind), amount.belopp);
            } else if let Some(day) = pay_day.filter(|day| self.span.has(*day)) {
                *self.paid_in.entry(Month::of(day)).or_default() += amount.belopp;
            }
        }
        lines.retain(|_, amounts: &mut Amounts| *amounts != Amounts::default());
        self.is_gallrad |= !lines.is_empty();
        for (key, amounts) in &lines {
            self.lines.entry(key.clone()).or_default().add(amounts);
            self.stand_behind(SOMEBODY, key, amounts);
        }
    }

    /// Adds a meeting that has taken place or was cancelled.
    pub(super) fn meet(&mut self, meeting: &Meeting) {
        if !self.span.has(meeting.day) {
            return;
        }
        let meetings = self.meetings.entry(meeting.organ.clone()).or_default();
        if meeting.installt {
            meetings.cancelled += 1;
        } else {
            meetings.held += 1;
            meetings.without_list += i64::from(!self.with_list.contains(&meeting.meeting));
        }
    }

    /// Adds everything up, when all is there.
    pub(super) fn add_up(&mut self) {
        self.lines.retain(|_, amounts| *amounts != Amounts::default());
        self.total = Amounts::default();
        for amounts in self.lines.values() {
            self.total.add(amounts);
        }
    }

    /// All meetings together.
    pub fn all_meetings(&self) -> Meetings {
        let mut all = Meetings::default();
        self.meetings.values().for_each(|of| all.add(of));
        all
    }

    /// Earned and paid of organ, groups or kinds that are asked for.
    pub fn sum(&self, is_meant: impl Fn(&OrganCode, LineKind) -> bool) -> [Ore; 2] {
        let lines = self.lines.iter().filter_map(|(key, amounts)| Some((key.0.as_ref()?, key.1?, amounts)));
        let meant = lines.filter(|(organ, kind, _)| is_meant(organ, *kind));
        meant.fold([Ore::ZERO; 2], |[earned, paid], (_, _, amounts)| [earned + amounts.earned, paid + amounts.paid])
    }

    /// Who is behind what is personal of organ, groups or kinds that are asked for.
    pub fn persons(&self, is_meant: impl Fn(&OrganCode, LineKind) -> bool) -> Behind {
        let mut all = Behind::default();
        let is_personal = |kind: LineKind| CostGroup::of(kind).is_some_and(CostGroup::is_personal);
        let meant = self.behind.iter().filter(|((organ, kind), _)| is_personal(*kind) && is_meant(organ, *kind));
        for (_, behind) in meant {
            for (way, persons) in all.iter_mut().zip(behind) {
                way.extend(persons);
            }
        }
        all
    }

    /// Organ that anything was earned or paid in.
    pub fn organs(&self) -> BTreeSet<&OrganCode> {
        self.behind.keys().map(|(organ, _)| organ).collect()
    }

    /// Kinds that anything was earned or paid of, as reports show them.
    pub fn kinds(&self) -> BTreeSet<LineKind> {
        self.behind.keys().map(|(_, kind)| CostGroup::shown_as(*kind).0).collect()
    }
}
