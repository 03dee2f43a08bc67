//! What a follow-up asks of a person beside the amounts: presence, lost income that was asked for, trips, and rows that
//! put something right. Worked out together with the amounts, so that a report goes through the persons once.

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;

use super::known::{Known, Money};
use super::{AccruedOf, Calculation, Standing};
use crate::calendar::{Day, Minutes, Month};
use crate::domain::{
    ClaimKind, Fault, Line, LineKind, MeetingId, Occasion, OrganCode, Provenance, Remark, RemarkKind, Roll, Slag, State,
};
use crate::law::bestammelserna::p02_sammantraden::{self as p02, Right};
use crate::law::bestammelserna::{bilaga_kurser, p16_sista_dag as p16, p17_tolkning as p17, p18_utbetalning as p18};
use crate::law::{Attended, Claimed, Group, PersonFacts, Rules, entitlement, waived};
use crate::ledger::{BatchName, BatchRow, Booked, Reversed, Settled};
use crate::money::Ore;
use crate::ports::{Store, StoredRow};

/// A person at a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitting {
    /// Which meeting.
    pub meeting: MeetingId,
    /// Whose meeting.
    pub organ: OrganCode,
    /// The day that it began.
    pub day: Day,
    /// Presence that entitles (§ 2), each hour of the person's once; none where it does not.
    pub minutes: Option<i64>,
    /// In somebody's stead.
    pub is_ersattare: bool,
}

/// What became of a yrkande.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Granted, and paid.
    Paid,
    /// Waits: for evidence, for a decision, or for the next payment.
    Waiting,
    /// Refused by a decision.
    Refused,
    /// Came in after its last day (§ 16).
    Lapsed,
    /// Granted, and waived by the person.
    Waived,
}

/// Lost income that was asked for (§ 3): in the sheet Yrkanden or in an attendance list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The meeting's day.
    pub day: Day,
    /// What became of it.
    pub outcome: Outcome,
    /// What was asked for, where the yrkande says it.
    pub belopp: Option<Ore>,
    /// What it gives.
    pub granted: Ore,
    /// What of it waits, where known.
    pub waiting: Ore,
}

/// A paid journey in one's own car.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trip {
    /// The month that it is of.
    pub accrued_in: Month,
    /// There and back.
    pub km: Decimal,
}

/// Why a row stands in a batch that is not the one of its month, as far as the ledger tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A list was changed: presence, hours, the meeting's times.
    ChangedList,
    /// A meeting or a presence was taken back.
    RemovedList,
    /// A list came after its month was paid.
    LateList,
    /// A yrkande was changed, taken back or judged anew.
    ChangedClaim,
    /// An uppdrag, an absence or jour was changed.
    ChangedUppdrag,
    /// An uppdrag was registered after its month was paid.
    LateUppdrag,
    /// A decision about a debt.
    Debt,
    /// A decision about changed amounts or rules: a batch of its own.
    Recalculation,
}

/// A row that puts something right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corrected {
    /// The batch that carries it.
    pub batch: BatchName,
    /// For what.
    pub occasion: Occasion,
    /// Why, but for batches of a recalculation.
    pub cause: Cause,
    /// Takes something back; else it is booked in its stead, or late.
    pub takes_back: bool,
    /// How much.
    pub belopp: Ore,
}

/// One person's part of a follow-up.
#[derive(Clone, Debug)]
pub struct FollowedOf {
    /// The amounts.
    pub accrued: AccruedOf,
    /// Presence.
    pub sittings: Vec<Sitting>,
    /// § 3.
    pub asked: Vec<Asked>,
    /// § 11.
    pub trips: Vec<Trip>,
    /// Rows that put something right.
    pub corrected: Vec<Corrected>,
}

/// Lines that stand in the ledger, and how each was settled.
type Stands = HashMap<(Occasion, LineKind), Standing>;

impl Calculation<'_> {
    /// The next persons' parts; none at the end. `is_paid` tells whether the money of a standing has been paid.
    ///
    /// # Errors
    /// The database.
    pub async fn next_followed(
        &mut self,
        store: &mut impl Store,
        is_paid: &dyn Fn(&Standing) -> bool,
    ) -> Result<Option<Vec<FollowedOf>>, Fault> {
        let Some(known) = self.take(store).await? else { return Ok(None) };
        Ok(Some(known.into_iter().map(|of| self.followed(of, is_paid)).collect()))
    }

    fn followed(&self, of: Known, is_paid: &dyn Fn(&Standing) -> bool) -> FollowedOf {
        let found = entitlement(&of.facts, &self.common(&self.pinned));
        let (facts, corrected) = (of.facts.clone(), self.corrected(&of.facts, &of.money));
        let (lines, remarks) = (found.lines.clone(), found.remarks.clone());
        let mut stands = Stands::new();
        let accrued = self.accrued_by(of, found, &mut |booked: &[Booked]| {
            stands.extend(booked.iter().map(|line| ((line.occasion.clone(), line.kind), standing(line))));
        });
        // In a closed month only what is booked was given.
        let is_given = |line: &&Line| {
            !self.closed.is_closed(line.accrued_in) || stands.contains_key(&(line.occasion.clone(), line.kind))
        };
        let lines: Vec<&Line> = lines.iter().filter(is_given).collect();
        let paid = |line: &Line| stands.get(&(line.occasion.clone(), line.kind)).is_some_and(is_paid);
        FollowedOf {
            accrued,
            sittings: self.sittings(&facts),
            asked: self.asked(&facts, &lines, &remarks, &paid),
            trips: trips(&facts, &lines),
            corrected,
        }
    }

    /// § 2 for each presence, in the order in which the meetings began: the same hour counts once, and courses at most
    /// their hours a day.
    fn sittings(&self, facts: &PersonFacts) -> Vec<Sitting> {
        let common = self.common(&self.pinned);
        let mut present: Vec<(&Attended, Option<Minutes>)> = Vec::new();
        for attended in &facts.attended {
            let rules = self.pinned.of(Month::of(attended.meeting.day), Group::Occasional);
            let minutes = match p02::right(facts, &common, rules, attended) {
                Right::Yes(presence) => Some(presence.minutes),
                Right::No(_) | Right::Unclear(..) => None,
            };
            present.push((attended, minutes));
        }
        let start = |minutes: &Option<Minutes>| minutes.as_ref().and_then(|some| some.spans().first().copied());
        present.sort_by_key(|(attended, minutes)| (attended.meeting.day, start(minutes), attended.meeting.meeting));
        let (mut taken, mut courses) = (Minutes::default(), bilaga_kurser::Used::default());
        let mut sittings = Vec::with_capacity(present.len());
        for (attended, minutes) in present {
            let (meeting, day) = (&attended.meeting, attended.meeting.day);
            let counted = minutes.map(|minutes| {
                let mut minutes = minutes.without(&taken);
                if meeting.slag == Some(Slag::Kurs) {
                    let rules = self.pinned.of(Month::of(day), Group::Occasional);
                    minutes = minutes.first(courses.counted(rules, day, minutes.count()));
                }
                taken.add(&minutes);
                minutes.count()
            });
            let is_ersattare = p02::roll(facts, attended) == Some(Roll::Ersattare);
            let (meeting, organ) = (meeting.meeting, meeting.organ.clone());
            sittings.push(Sitting { meeting, organ, day, minutes: counted, is_ersattare });
        }
        sittings
    }

    fn asked(
        &self,
        facts: &PersonFacts,
        lines: &[&Line],
        remarks: &[Remark],
        is_paid: &dyn Fn(&Line) -> bool,
    ) -> Vec<Asked> {
        let is_known = |inkom: Day| inkom <= self.question.claims_until;
        let of_sheet = facts.claims.iter().filter(|of| {
            of.claim.slag == ClaimKind::ForloradArbetsinkomst && !of.claim.atertagen && is_known(of.claim.inkom)
        });
        let mut asked: Vec<Asked> = Vec::new();
        for of in of_sheet {
            let (occasion, day) = (Occasion::Claim(of.claim.claim), of.meeting.day);
            let settled = self.settled_by_rule(of);
            asked.push(outcome(facts, lines, remarks, is_paid, (occasion, day, of.claim.belopp, &of.source), settled));
        }
        for of in &facts.attended {
            let (attendance, meeting) = (&of.attendance, &of.meeting);
            let Some(belopp) = attendance.forlorad.filter(|_| is_known(attendance.inkom)) else { continue };
            let rules = self.pinned.of(Month::of(meeting.day), Group::Occasional);
            let last = p16::last_day(rules, ClaimKind::ForloradArbetsinkomst, meeting.day);
            let is_late = !attendance.inkom_default && last.is_some_and(|last| attendance.inkom > last);
            let settled = is_late.then_some(Outcome::Lapsed);
            let about = (Occasion::Meeting(meeting.meeting), meeting.day, Some(belopp), &of.source);
            asked.push(outcome(facts, lines, remarks, is_paid, about, settled));
        }
        asked
    }

    /// Refused by a decision, or too late and not granted in spite of it.
    fn settled_by_rule(&self, of: &Claimed) -> Option<Outcome> {
        let ruling = p17::ruling(&self.common(&self.pinned), &of.claim, &of.meeting);
        if ruling.refused.is_some() {
            return Some(Outcome::Refused);
        }
        let rules = self.pinned.of(Month::of(of.meeting.day), Group::Occasional);
        let is_late = p16::is_late(rules, &of.claim, of.meeting.day) && ruling.in_time.is_none();
        is_late.then_some(Outcome::Lapsed)
    }

    /// Rows that take something back, what was booked in their stead, and what was booked later than its month's batch.
    fn corrected(&self, facts: &PersonFacts, money: &Money) -> Vec<Corrected> {
        let counts: Vec<&StoredRow> = money.rows.iter().filter(|stored| money.counts(stored)).collect();
        let identity = |stored: &StoredRow| (stored.batch, stored.row.occasion.clone(), stored.row.kind);
        let reversed: HashSet<(BatchName, Occasion, LineKind)> =
            counts.iter().filter(|stored| stored.row.reverses.is_some()).map(|stored| identity(stored)).collect();
        let is_there = |occasion: &Occasion| {
            let Occasion::Meeting(meeting) = occasion else { return true };
            facts.attended.iter().any(|attended| attended.meeting.meeting == *meeting)
        };
        let mut found = Vec::new();
        for stored in &counts {
            let (row, batch) = (&stored.row, stored.batch);
            if row.kind == LineKind::Kvittning || row.kind.is_absence() {
                continue;
            }
            let cause = if reversed.contains(&identity(stored)) {
                Some(cause_of(row, is_there(&row.occasion)))
            } else {
                let is_late = self.is_late(row, batch) && !money.was_left_out(&row.occasion, row.kind);
                is_late.then(|| late(&row.occasion)).flatten()
            };
            let (takes_back, occasion) = (row.reverses.is_some(), row.occasion.clone());
            found.extend(cause.map(|cause| Corrected { batch, occasion, cause, takes_back, belopp: row.belopp }));
        }
        found
    }

    fn is_late(&self, row: &BatchRow, batch: BatchName) -> bool {
        batch.payout > p18::payable_from(&self.pinned, row.kind, row.accrued_in)
    }
}

fn standing(booked: &Booked) -> Standing {
    match &booked.at {
        Reversed::Row(row) => Standing::Booked(row.batch),
        Reversed::Paid(_, payout) => Standing::Elsewhere(*payout),
    }
}

fn cause_of(row: &BatchRow, is_there: bool) -> Cause {
    match (&row.settled, &row.occasion, is_there) {
        (Settled::ByPayroll, Occasion::Meeting(_), true) => Cause::ChangedList,
        (Settled::ByPayroll, Occasion::Meeting(_), false) => Cause::RemovedList,
        (Settled::ByPayroll, Occasion::Claim(_), _) => Cause::ChangedClaim,
        (Settled::ByPayroll, Occasion::UppdragMonth(..) | Occasion::Jour(..) | Occasion::Absence(_), _) => {
            Cause::ChangedUppdrag
        }
        _ => Cause::Debt,
    }
}

/// A yrkande may come within a year: it is no correction when it does.
fn late(occasion: &Occasion) -> Option<Cause> {
    match occasion {
        Occasion::Meeting(_) => Some(Cause::LateList),
        Occasion::UppdragMonth(..) | Occasion::Jour(..) => Some(Cause::LateUppdrag),
        Occasion::Claim(_) | Occasion::Absence(_) | Occasion::Debt(_) => None,
    }
}

fn is_lost_income(kind: LineKind) -> bool {
    matches!(kind, LineKind::ForloradArbetsinkomst | LineKind::ForloradArbetsinkomstSchablon)
}

fn outcome(
    facts: &PersonFacts,
    lines: &[&Line],
    remarks: &[Remark],
    is_paid: &dyn Fn(&Line) -> bool,
    (occasion, day, belopp, source): (Occasion, Day, Option<Ore>, &Provenance),
    settled: Option<Outcome>,
) -> Asked {
    let given: Vec<&&Line> =
        lines.iter().filter(|line| line.occasion == occasion && is_lost_income(line.kind)).collect();
    let granted = given.iter().map(|line| line.belopp).sum();
    if let Some(outcome) = settled {
        return Asked { day, outcome, belopp, granted: Ore::ZERO, waiting: Ore::ZERO };
    }
    let is_about = |remark: &&Remark| {
        remark.kind == RemarkKind::Claim
            && remark.state == State::Held
            && remark.place == *source
            && remark.day == Some(day)
    };
    let held: Vec<&Remark> = remarks.iter().filter(is_about).collect();
    let waiting: Ore = held.iter().filter_map(|remark| remark.worth).sum();
    // What neither waits nor gives anything was judged: time or caps left nothing of it.
    let outcome = if given.is_empty() {
        if held.is_empty() { Outcome::Paid } else { Outcome::Waiting }
    } else if given.iter().any(|line| waived(facts, line).is_some()) {
        Outcome::Waived
    } else if given.iter().all(|line| is_paid(line)) {
        Outcome::Paid
    } else {
        Outcome::Waiting
    };
    Asked { day, outcome, belopp, granted, waiting }
}

/// One for each occasion that pays by the kilometre; the tax-free and the taxable part are of the same kilometres.
fn trips(facts: &PersonFacts, lines: &[&Line]) -> Vec<Trip> {
    let of_car = |line: &&&Line| {
        matches!(line.kind, LineKind::BilersattningSkattefri | LineKind::BilersattningSkattepliktig)
            && waived(facts, line).is_none()
    };
    let mut by_occasion: HashMap<&Occasion, Trip> = HashMap::new();
    for line in lines.iter().filter(of_car) {
        let km = line.antal * Decimal::TEN;
        let trip = by_occasion.entry(&line.occasion).or_insert(Trip { accrued_in: line.accrued_in, km });
        trip.km = trip.km.max(km);
    }
    by_occasion.into_values().collect()
}
