//! What waits since the person would be net negative by it, and what a decision makes of it (ledger rule 6).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Calculation, PersonResult};
use crate::domain::{
    Behind, Beslut, Fault, Line, LineKind, Occasion, PersonId, Personnummer, Provenance, Remark, RemarkKind, State,
    Undecided,
};
use crate::ledger::debt::{Debtor, Decided, Known as KnownDecision, Owed, decided};
use crate::ledger::{BatchRow, Change, Settled};
use crate::money::{Ore, swedish};

impl Calculation<'_> {
    /// What may leave, and what has waited since an earlier batch and is still negative together. What is owed for an
    /// occasion and kind waits while it is just what was written down as waiting; new facts are judged anew.
    pub(super) fn apart_from_waiting(&self, person: PersonId, changes: Vec<Change>) -> (Vec<Change>, Vec<Change>) {
        let Some(known) = self.waiting.get(&person) else { return (changes, Vec::new()) };
        let (waiting, leaving) = as_written(known, changes);
        if waiting.iter().map(Change::belopp).sum::<Ore>() >= Ore::ZERO {
            return (leaving.into_iter().chain(waiting).collect(), Vec::new());
        }
        (leaving, waiting)
    }

    /// How what waits is settled, if somebody has decided it; else a remark says that it waits.
    pub(super) fn settle(
        &self,
        person: PersonId,
        used: &BTreeSet<String>,
        waiting: Ore,
        remarks: &mut Vec<Remark>,
    ) -> Option<Settled> {
        if waiting >= Ore::ZERO {
            return None;
        }
        let about: Vec<KnownDecision<'_>> =
            self.decided_about(person).into_iter().map(|of| self.numbered(of)).collect();
        let mut remark = negative_remark(waiting);
        let debtor = Debtor { person, used, after: self.last_freeze, until: self.question.claims_until };
        match decided(&about, debtor, -waiting) {
            Decided::As(settled) => return Some(settled),
            Decided::Unfit(why) => remark.reason = format!("{}; {why}", remark.reason),
            Decided::Not => {}
        }
        remarks.push(remark);
        None
    }

    fn numbered<'b>(&self, beslut: &'b Beslut) -> KnownDecision<'b> {
        let number = self.decided_at.get(&(beslut.person, beslut.diarienummer.clone())).copied();
        KnownDecision { number: number.unwrap_or_default(), beslut }
    }

    /// Decisions about a person or about everybody, the latest first.
    pub fn decided_about(&self, person: PersonId) -> Vec<&Beslut> {
        self.decisions.about(person).into_iter().map(|(beslut, _)| beslut).collect()
    }

    /// Sets a debt off against the month's pay, as far as its decision says; what was set off too much goes back.
    pub(super) fn set_off(&self, result: &mut PersonResult, personnummer: &Personnummer) -> Result<(), Fault> {
        if self.question.repinned_from.is_some() {
            return Ok(());
        }
        let mut debt = result.debt.clone();
        for row in &result.settled {
            debt.add(row, &self.decided_about(result.person));
        }
        let about = self.decided_about(result.person);
        let stands = |owed: &&Owed| about.iter().any(|beslut| beslut.diarienummer == owed.decision);
        let of_nobody = debt.owed.iter().filter(|owed| owed.left() > Ore::ZERO && !stands(owed));
        result.remarks.extend(of_nobody.map(undecided_again));
        let pay: Ore = result.rows.iter().map(|row| row.belopp).sum();
        let belopp = debt.set_off(pay);
        // What goes back to a person without pay goes as it was set off.
        let last = result.settlements.iter().map(|(_, row)| row).rfind(|row| row.kind == LineKind::Kvittning);
        let beside = result.rows.iter().max_by_key(|row| row.belopp).or(last).filter(|_| belopp != Ore::ZERO);
        let Some(beside) = beside else { return Ok(()) };
        let payout = self.question.payout;
        let line = Line {
            occasion: Occasion::Debt(payout),
            kind: LineKind::Kvittning,
            day: self.loaded.lonekalender.pay_day(payout),
            organ: beside.organ.clone(),
            antal: if belopp > Ore::ZERO { -rust_decimal::Decimal::ONE } else { rust_decimal::Decimal::ONE },
            apris: belopp.abs().kronor().normalize(),
            belopp: -belopp,
            accrued_in: payout,
            payable_from: payout,
            steps: Vec::new(),
            behind: Behind::default(),
        };
        let row = self.row(result.person, personnummer, beside.anstid.clone(), line)?;
        result.rows.push(row);
        Ok(())
    }
}

/// A debt whose decision was taken back: nothing more is set off before somebody says how.
fn undecided_again(owed: &Owed) -> Remark {
    let (decision, left) = (&owed.decision, swedish(owed.left()));
    Remark {
        kind: RemarkKind::Person,
        state: State::Held,
        day: None,
        reason: format!("beslutet {decision} om kvittning står inte längre: {left} är kvar och kvittas inte"),
        paragraph: "§ 17",
        proposed: format!("importera beslutet {decision} igen, som det var eller ändrat"),
        worth: Some(-owed.left()),
        undecided: None,
        place: Provenance::default(),
    }
}

/// Changes apart: those of an occasion and kind that are just as the rows written down, and the others.
fn as_written(written: &[BatchRow], changes: Vec<Change>) -> (Vec<Change>, Vec<Change>) {
    if written.is_empty() {
        return (Vec::new(), changes);
    }
    let mut owed: BTreeMap<(&Occasion, LineKind), Vec<&Change>> = BTreeMap::new();
    for change in &changes {
        owed.entry(change.identity()).or_default().push(change);
    }
    let stands = |(identity, changes): (&(&Occasion, LineKind), &Vec<&Change>)| {
        let rows: Vec<&BatchRow> = written.iter().filter(|row| (&row.occasion, row.kind) == *identity).collect();
        let is_written = |change: &&Change| rows.iter().any(|row| is_same_change(row, change));
        (rows.len() == changes.len() && changes.iter().all(is_written)).then(|| (identity.0.clone(), identity.1))
    };
    let identities: HashSet<(Occasion, LineKind)> = owed.iter().filter_map(stands).collect();
    changes.into_iter().partition(|change| {
        let (occasion, kind) = change.identity();
        identities.contains(&(occasion.clone(), kind))
    })
}

pub(super) fn is_same_change(row: &BatchRow, change: &Change) -> bool {
    match change {
        Change::Reverse(booked) => row.reverses.as_ref() == Some(&booked.at),
        Change::Book(line) => {
            row.reverses.is_none()
                && (&row.occasion, row.kind, row.day) == (&line.occasion, line.kind, line.day)
                && (row.antal, row.apris, row.belopp) == (line.antal, line.apris, line.belopp)
        }
    }
}

fn negative_remark(sum: Ore) -> Remark {
    Remark {
        kind: RemarkKind::Person,
        state: State::Held,
        day: None,
        reason: format!("personens rader blir tillsammans {}: de väntar på beslut", swedish(sum)),
        paragraph: "§ 17",
        proposed: "besluta om återkrav, kvittning mot kommande månader eller eftergift".to_owned(),
        worth: Some(sum),
        undecided: Some(Undecided::Debt),
        place: Provenance::default(),
    }
}
