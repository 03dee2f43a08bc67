//! One person's money by when it was earned and how far it has come: told twice, by what the regulation gives and by what
//! the ledger holds, so that each can be checked against the other.

use super::Calculation;
use super::known::Known;
use crate::calendar::{Day, Month};
use crate::domain::{ClaimKind, Fault, Line, LineKind, OrganCode, PersonId, Remark, State, Undecided};
use crate::law::{Entitlement, PersonFacts, entitlement, waived};
use crate::ledger::{BatchName, Booked, Change, Settled, beyond_let_go, difference, outstanding};
use crate::money::Ore;
use crate::ports::Store;

/// How far an amount has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The regulation gives it: what the year bears.
    Earned,
    /// Payroll's row of a batch, or none of it if payroll refused.
    Booked(BatchName),
    /// Paid by no batch, in this month.
    Elsewhere(Month),
    /// Taken back by a decision, outside payroll: owed to the kommun.
    Receivable(BatchName),
    /// Goes out with the next batch that may carry it.
    Owed,
    /// Waits for a decision about a debt.
    Waiting,
}

/// One amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accrued {
    /// How far it has come.
    pub standing: Standing,
    /// Which organ bears it.
    pub organ: OrganCode,
    /// Which compensation.
    pub kind: LineKind,
    /// When it was earned.
    pub accrued_in: Month,
    /// How much.
    pub belopp: Ore,
}

/// What is held, with its worth where it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Of which day.
    pub day: Day,
    /// Which organ would bear it, where known.
    pub organ: Option<OrganCode>,
    /// Which compensation it would be, where known.
    pub kind: Option<LineKind>,
    /// What it may be worth.
    pub worth: Ore,
}

/// One person's amounts.
#[derive(Clone, Debug)]
pub struct AccruedOf {
    /// Who.
    pub person: PersonId,
    /// Each amount.
    pub amounts: Vec<Accrued>,
    /// What is held: not earned until it is decided.
    pub held: Vec<Held>,
}

impl Calculation<'_> {
    /// The next persons' amounts; none at the end.
    ///
    /// # Errors
    /// The database.
    pub async fn next_accrued(&mut self, store: &mut impl Store) -> Result<Option<Vec<AccruedOf>>, Fault> {
        let Some(known) = self.take(store).await? else { return Ok(None) };
        Ok(Some(known.into_iter().map(|of| self.accrued(of)).collect()))
    }

    fn accrued(&self, of: Known) -> AccruedOf {
        let found = entitlement(&of.facts, &self.common(&self.pinned));
        self.accrued_by(of, found, &mut |_| {})
    }

    /// The amounts of a person whose entitlement is known; hands on what is booked and not taken back.
    pub(super) fn accrued_by(&self, of: Known, found: Entitlement, see_booked: &mut dyn FnMut(&[Booked])) -> AccruedOf {
        let Known { facts, before, money } = of;
        let unchanged = before.map(|before| self.unchanged_by_facts(&before, &found.lines, &money)).unwrap_or_default();
        let (let_go, entries) = (money.let_go(), money.entries());
        let mut amounts: Vec<Accrued> =
            money.rows.iter().filter(|stored| money.counts(stored)).filter_map(of_row).collect();
        let placed = self.placed(&facts, &found.lines, &found.remarks, (money.elsewhere, &money.withdrawn), &entries);
        amounts.extend(placed.booked.iter().filter_map(|line| {
            let crate::ledger::Reversed::Paid(_, payout) = &line.at else { return None };
            let standing = Standing::Elsewhere(*payout);
            let (organ, kind, accrued_in) = (line.organ.clone(), line.kind, line.accrued_in);
            Some(Accrued { standing, organ, kind, accrued_in, belopp: line.belopp })
        }));
        // What a closed month bears is what was booked for it.
        let of_closed: Vec<Accrued> = amounts
            .iter()
            .filter(|amount| self.closed.is_closed(amount.accrued_in) && amount.kind != LineKind::Kvittning)
            .map(|amount| Accrued { standing: Standing::Earned, ..amount.clone() })
            .collect();
        amounts.extend(of_closed);
        let booked = outstanding(placed.booked, entries);
        see_booked(&booked);
        let mut lines = found.lines;
        lines.retain(|line| waived(&facts, line).is_none());
        amounts.extend(lines.iter().filter(|line| !self.closed.is_closed(line.accrued_in)).map(of_line));
        let (left_out, changes): (Vec<Change>, Vec<Change>) =
            difference(lines, booked).into_iter().partition(|change| {
                let (occasion, kind) = change.identity();
                unchanged.contains(&(occasion.clone(), kind))
            });
        let (late, changes) = self.closed.apart(changes);
        let all: Vec<Accrued> = changes.iter().map(|change| of_change(change, Standing::Earned)).collect();
        let (told_late, _) = beyond_let_go(&let_go, late.clone());
        let (changes, _) = beyond_let_go(&let_go, changes);
        // What stays as it was booked is borne as it was booked: what was let go is all less what remains.
        let stays = left_out.iter().chain(&late).map(|change| of_change(change, Standing::Earned)).chain(all);
        let remains = changes.iter().map(|change| of_change(change, Standing::Earned));
        let negated = stays.map(|amount| Accrued { belopp: -amount.belopp, ..amount });
        amounts.extend(negated.chain(remains).filter(|amount| !self.closed.is_closed(amount.accrued_in)));
        let (leaving, mut waiting) = self.apart_from_waiting(facts.person, changes);
        let is_payable = |change: &Change| match change {
            Change::Reverse(_) => true,
            Change::Book(line) => line.payable_from <= self.question.payout,
        };
        let (mut payable, mut leaving): (Vec<Change>, Vec<Change>) = leaving.into_iter().partition(is_payable);
        let is_negative = payable.iter().map(Change::belopp).sum::<Ore>() < Ore::ZERO;
        if is_negative { &mut waiting } else { &mut leaving }.append(&mut payable);
        amounts.extend(leaving.iter().map(|change| of_change(change, Standing::Owed)));
        amounts.extend(waiting.iter().map(|change| of_change(change, Standing::Waiting)));
        let mut remarks = found.remarks;
        remarks.extend(self.closed.remarks(&facts, &told_late));
        let held = remarks.iter().filter_map(|remark| held(&facts, remark)).collect();
        AccruedOf { person: facts.person, amounts, held }
    }
}

fn of_row(stored: &crate::ports::StoredRow) -> Option<Accrued> {
    let row = &stored.row;
    let standing = match row.settled {
        Settled::ByPayroll => Standing::Booked(stored.batch),
        Settled::Aterkrav(_) | Settled::Kvittning(_) => Standing::Receivable(stored.batch),
        Settled::Eftergift(_) => return None,
    };
    let (organ, kind) = (row.organ.clone(), row.kind);
    Some(Accrued { standing, organ, kind, accrued_in: row.accrued_in, belopp: row.belopp })
}

fn of_line(line: &Line) -> Accrued {
    let (organ, kind, accrued_in) = (line.organ.clone(), line.kind, line.accrued_in);
    Accrued { standing: Standing::Earned, organ, kind, accrued_in, belopp: line.belopp }
}

fn of_change(change: &Change, standing: Standing) -> Accrued {
    let organ = match change {
        Change::Reverse(booked) => booked.organ.clone(),
        Change::Book(line) => line.organ.clone(),
    };
    let kind = change.identity().1;
    Accrued { standing, organ, kind, accrued_in: change.accrued_in(), belopp: change.belopp() }
}

/// What a held remark would be worth, and to whose cost; a debt that waits is no cost.
fn held(facts: &PersonFacts, remark: &Remark) -> Option<Held> {
    if remark.state != State::Held || remark.undecided == Some(Undecided::Debt) {
        return None;
    }
    let (day, worth) = remark.day.zip(remark.worth)?;
    let place = &remark.place;
    let claimed = facts.claims.iter().find(|claimed| match remark.undecided {
        Some(Undecided::Claim(claim, _, _)) => claimed.claim.claim == claim,
        _ => claimed.source == *place && !place.file.is_empty(),
    });
    let attended = facts.attended.iter().find(|attended| attended.source == *place);
    let of_uppdrag = facts.uppdrag.iter().find(|(_, source)| source == place);
    let organ = claimed.map(|claimed| &claimed.meeting.organ).or(attended.map(|attended| &attended.meeting.organ));
    let organ = organ.or(of_uppdrag.map(|(uppdrag, _)| &uppdrag.organ)).cloned();
    let of_claim = |slag: ClaimKind| LineKind::all().find(|kind| slag.pays(*kind));
    let of_paragraph = || LineKind::all().find(|kind| kind.paragraph() == remark.paragraph);
    let kind = claimed.and_then(|claimed| of_claim(claimed.claim.slag)).or_else(of_paragraph);
    Some(Held { day, organ, kind, worth })
}
