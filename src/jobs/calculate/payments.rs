//! What payroll refused, what a person waives, and what was paid for a meeting that has been taken back.

use std::collections::BTreeMap;

use super::known::Money;
use super::{Calculation, PersonResult};
use crate::calendar::Month;
use crate::domain::{Betalning, Fact, Fault, Line, LineKind, Meeting, MeetingId, Occasion, Provenance, Utbetalt};
use crate::law::{Claimed, PersonFacts, Rules, waived};
use crate::ledger::{BatchRow, Elsewhere};
use crate::ports::{Store, StoredRow};

/// A line that a person is entitled to and waives: settled without money.
#[derive(Clone, Debug)]
pub struct Waived {
    /// What it would pay.
    pub line: Line,
    /// Diarienummer of the writing.
    pub handling: String,
}

/// What payroll refused of an occasion and kind when it got it last.
#[derive(Clone, Debug)]
pub struct Refusal {
    occasion: Occasion,
    kind: LineKind,
    is_reversal: bool,
    /// The payout month of the refused row.
    pub payout: Month,
    /// Why, in payroll's words.
    pub orsak: Option<String>,
    /// Where payroll's answer was read.
    pub place: Provenance,
}

impl Refusal {
    /// Whether a row sends again what was refused.
    pub fn is_of(&self, row: &BatchRow) -> bool {
        let identity = (&row.occasion, row.kind, row.reverses.is_some());
        (&self.occasion, self.kind, self.is_reversal) == identity
    }
}

/// The lines that a person waives, each with its writing.
pub(super) fn waived_of(facts: &PersonFacts, lines: &[Line]) -> Vec<Waived> {
    let with_writing = |line: &Line| {
        let handling = waived(facts, line)?.handling.clone();
        Some(Waived { line: line.clone(), handling })
    };
    lines.iter().filter_map(with_writing).collect()
}

impl PersonResult {
    /// What is waived of the payout month's own lines, and of what the batch takes back.
    pub fn waived_in(&self, payout: Month) -> Vec<Waived> {
        let is_taken_back = |line: &Line| {
            let rows = self.rows.iter().chain(&self.waiting).chain(&self.settled);
            rows.filter(|row| row.reverses.is_some())
                .any(|row| (&row.occasion, row.kind) == (&line.occasion, line.kind))
        };
        let is_current = |waived: &&Waived| waived.line.payable_from == payout || is_taken_back(&waived.line);
        self.waived.iter().filter(is_current).cloned().collect()
    }
}

impl Money {
    /// What payroll refused of each occasion and kind in the last batch that carried it.
    pub(super) fn refusals(&self) -> Vec<Refusal> {
        let mut latest: BTreeMap<(&Occasion, LineKind, bool), Vec<&StoredRow>> = BTreeMap::new();
        for stored in &self.rows {
            let row = &stored.row;
            let rows = latest.entry((&row.occasion, row.kind, row.reverses.is_some())).or_default();
            rows.retain(|earlier| earlier.batch == stored.batch);
            rows.push(stored);
        }
        let refusal = |stored: &StoredRow| {
            let (orsak, place) = self.refused.get(&stored.id)?.clone();
            let (row, payout) = (&stored.row, stored.batch.payout);
            let (occasion, is_reversal) = (row.occasion.clone(), row.reverses.is_some());
            Some(Refusal { occasion, kind: row.kind, is_reversal, payout, orsak, place })
        };
        latest.into_values().flatten().filter_map(refusal).collect()
    }
}

impl Calculation<'_> {
    /// A monthly fee whose row says no day was paid for the month that goes out in its payout month. A balance stays one.
    pub(super) fn dated(&self, mut paid: Utbetalt) -> Utbetalt {
        if paid.day.is_none() && paid.status != Betalning::Ingaende && is_monthly(&paid) {
            let lag = paid.kinds.first().map_or(0, |kind| self.pinned.lag(*kind));
            paid.day = Some(paid.payout.plus(-lag).first());
        }
        paid
    }

    /// Meetings that a person's payments may have been for, and that the person is no longer registered at. Only asked
    /// for where nothing that stands answers to a payment.
    pub(super) async fn withdrawn(
        &self,
        store: &mut impl Store,
        facts: &PersonFacts,
        money: &Money,
    ) -> Result<Vec<Meeting>, Fault> {
        if money.elsewhere.iter().all(|one| self.is_answered(facts, one)) {
            return Ok(Vec::new());
        }
        let (persons, up_to) = (self.aliases.persons_of(facts.person), self.question.facts_up_to);
        let mut gone: Vec<MeetingId> = Vec::new();
        for revised in store.revisions_about(&persons, &[], 0, up_to).await? {
            if let (None, Some(Fact::Attendance(before))) = (revised.fact, revised.before) {
                gone.push(self.aliases.meeting(before.meeting));
            }
        }
        gone.retain(|meeting| facts.attended.iter().all(|at| at.meeting.meeting != *meeting));
        let mut meetings = BTreeMap::new();
        for revised in store.revisions_about(&[], &gone, 0, up_to).await? {
            if let Some(Fact::Meeting(meeting)) = revised.fact.or(revised.before) {
                meetings.insert(meeting.meeting, meeting);
            }
        }
        Ok(meetings.into_values().collect())
    }

    /// A payment before the first month or in a closed one is a balance, a monthly fee is of an uppdrag, and what stands
    /// about its day answers to any other.
    fn is_answered(&self, facts: &PersonFacts, one: &Elsewhere) -> bool {
        let Some(day) = one.paid.day else { return true };
        let month = Month::of(day);
        let attended = facts.attended.iter().map(|at| at.meeting.as_ref());
        let is_at = |meeting: &Meeting| facts.attended.iter().any(|at| at.meeting.meeting == meeting.meeting);
        let is_asked = |claimed: &&Claimed| {
            is_at(&claimed.meeting) && one.paid.kinds.iter().any(|kind| claimed.claim.slag.pays(*kind))
        };
        let mut meetings = attended.chain(facts.claims.iter().filter(is_asked).map(|claimed| claimed.meeting.as_ref()));
        let is_meant = |meeting: &Meeting| {
            one.paid.meeting.map_or(meeting.day == day, |named| self.aliases.meeting(named) == meeting.meeting)
        };
        month < self.first_month() || self.closed.is_closed(month) || is_monthly(&one.paid) || meetings.any(is_meant)
    }
}

fn is_monthly(paid: &Utbetalt) -> bool {
    paid.kinds.iter().all(|kind| matches!(kind, LineKind::Arsarvode | LineKind::FastArvode))
}
