//! Payments outside the ledger: for what they were made, found by lönart, day and meeting.

use std::collections::{BTreeMap, BTreeSet};

use super::{Booked, Change, Entry, Reversed};
use crate::calendar::{Day, Month};
use crate::domain::{
    Betalning, ClaimKind, Label, Line, LineKind, Meeting, MeetingId, Occasion, OrganCode, PersonId, Provenance, Remark,
    RemarkKind, State, Utbetalt,
};
use crate::law::{Claimed, PersonFacts};
use crate::money::{Ore, swedish};

/// A payment that no batch made.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// What identifies its fact.
    pub key: String,
    /// Of whom it is told, whoever that has turned out to be.
    pub person: PersonId,
    /// What is said of it.
    pub paid: Utbetalt,
    /// Where it was read.
    pub source: Provenance,
}

/// Payments by what is known of what they were for.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// They were for something: booked there.
    pub booked: Vec<Booked>,
    /// They were for what may be owed, but nobody knows for what: a person must look.
    pub unplaced: Vec<Elsewhere>,
}

/// What payments are placed by.
pub struct Places<'a> {
    /// What the person is entitled to.
    pub lines: &'a [Line],
    /// What is known of the person.
    pub facts: &'a PersonFacts,
    /// Where rows are held that are not judged yet: what was paid for them stays as it is.
    pub held: &'a [Provenance],
    /// Meetings that the person attended until their attendance was taken back: nothing is owed for them any more.
    pub withdrawn: &'a [Meeting],
    /// Nothing older is owed but claims.
    pub first_month: Month,
    /// The first payout month of a kind earned in a month.
    pub payable_from: &'a dyn Fn(LineKind, Month) -> Month,
    /// Lines payable after this month are left out.
    pub horizon: Month,
    /// The name of a payment's row at payroll.
    pub dressed: &'a dyn Fn(&Elsewhere, LineKind, &OrganCode) -> Dress,
}

/// How payroll knows a payment.
#[derive(Clone, Debug, Default)]
pub struct Dress {
    /// The person's number there.
    pub anstid: Label,
    /// Local code.
    pub lonart: Label,
    /// PAXml's common code.
    pub lonkod: Option<Label>,
    /// What the pay slip says.
    pub benamning: Label,
    /// Account.
    pub konto: Label,
    /// Dimension 1.
    pub ansvar: Label,
    /// Dimension 20.
    pub verksamhet: Label,
}

/// Payments that standing rows have taken back, wholly or in part, stay in the reckoning for what they were taken back
/// for, whatever has become of that since: else the reversal would lose its counterpart. Gives them, and the rest.
pub fn taken_back(paid: Vec<Elsewhere>, entries: &[Entry]) -> (Vec<Booked>, Vec<Elsewhere>) {
    let (mut booked, mut rest) = (Vec::new(), Vec::new());
    let of_payment = |key: &str| -> BTreeMap<String, &Booked> {
        let reversals = entries.iter().filter_map(|entry| match &entry.reverses {
            Some(Reversed::Paid(of, _)) => Some((of, &entry.booked)),
            _ => None,
        });
        let is_of = |of: &str| of.strip_prefix(key).is_some_and(|part| part.is_empty() || part.starts_with(PART));
        reversals.filter(|(of, _)| is_of(of)).map(|(of, row)| (of.clone(), row)).collect()
    };
    for mut one in paid {
        let reversals = of_payment(&one.key);
        let (is_whole, is_untouched) = (reversals.contains_key(&one.key), reversals.is_empty());
        for (key, row) in reversals {
            one.paid.belopp += row.belopp;
            (one.paid.antal, one.paid.apris) = (None, None);
            let at = Reversed::Paid(key, one.paid.payout);
            booked.push(Booked { at, antal: -row.antal, belopp: -row.belopp, ..row.clone() });
        }
        // A day of absence is told to payroll without an amount, and is settled all the same.
        if is_untouched || (!is_whole && one.paid.belopp != Ore::ZERO) {
            rest.push(one);
        }
    }
    (booked, rest)
}

/// What parts the key of a payment from the line that a part of it was for.
const PART: char = '#';

/// Finds for what each payment was made: the line of its kind, day and meeting, one of the same amount first; else all
/// lines of a month that it is the sum of; else any line of that day, or what is known of the person then. A payment for a
/// time that is not owed is no more than a balance.
pub fn place(paid: Vec<Elsewhere>, places: &Places<'_>) -> Placed {
    let mut found = Placed::default();
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let corrections = paid.iter().filter(|one| one.paid.belopp < Ore::ZERO);
    let originals: BTreeMap<String, Elsewhere> = corrections.map(|one| (one.key.clone(), one.clone())).collect();
    // Equal amounts find each other before others take their places.
    let (mut equal, mut rest) = (Vec::new(), Vec::new());
    for one in paid {
        let line = places.line(&one, &taken, |line| line.belopp == one.paid.belopp);
        match line {
            Some(line) => {
                taken.insert(line);
                equal.push((one, line));
            }
            None => rest.push(one),
        }
    }
    for (one, line) in equal {
        found.booked.push(places.on_line(one, line));
    }
    for one in rest {
        if let Some(lines) = places.summed(&one, &taken) {
            found.booked.extend(lines.iter().map(|line| places.on_part(&one, *line)));
            taken.extend(lines);
            continue;
        }
        match places.line(&one, &taken, |_| true).or_else(|| places.line(&one, &BTreeSet::new(), |_| true)) {
            Some(line) => {
                taken.insert(line);
                found.booked.push(places.on_line(one, line));
            }
            None => places.without_line(one, &mut found),
        }
    }
    found.without_ground(originals);
    found
}

impl Placed {
    /// A correction (below zero) of a payment that is not known corrects nothing: a person must look.
    fn without_ground(&mut self, originals: BTreeMap<String, Elsewhere>) {
        let mut sums: BTreeMap<(Occasion, LineKind), Ore> = BTreeMap::new();
        for booked in &self.booked {
            *sums.entry((booked.occasion.clone(), booked.kind)).or_default() += booked.belopp;
        }
        let booked = std::mem::take(&mut self.booked);
        for booked in booked {
            let is_below = sums.get(&(booked.occasion.clone(), booked.kind)).is_some_and(|sum| *sum < Ore::ZERO);
            let original = match &booked.at {
                Reversed::Paid(key, _) if is_below && booked.belopp < Ore::ZERO => originals.get(key),
                _ => None,
            };
            match original {
                Some(one) => self.unplaced.push(one.clone()),
                None => self.booked.push(booked),
            }
        }
    }
}

impl Places<'_> {
    fn line(&self, one: &Elsewhere, taken: &BTreeSet<usize>, fits: impl Fn(&Line) -> bool) -> Option<usize> {
        let day = one.paid.day?;
        let is_for = |line: &Line| match &line.occasion {
            Occasion::UppdragMonth(_, month) => *month == Month::of(day),
            Occasion::Meeting(meeting) => self.is_on(one, *meeting, line.day, day),
            Occasion::Claim(claim) => {
                let of_claim = self.facts.claims.iter().find(|claimed| claimed.claim.claim == *claim);
                // A journey of several days has a line for each.
                let is_that_day = one.paid.meeting.is_none() && line.day == day;
                let is_on = |claimed: &Claimed| self.is_on(one, claimed.meeting.meeting, claimed.meeting.day, day);
                is_that_day || of_claim.is_some_and(is_on)
            }
            Occasion::Jour(_, _) | Occasion::Absence(_) => line.day == day,
            Occasion::Debt(_) => false,
        };
        let mut lines = self.lines.iter().enumerate().filter(|(place, _)| !taken.contains(place));
        lines
            .find(|(_, line)| one.paid.kinds.contains(&line.kind) && is_for(line) && fits(line))
            .map(|(place, _)| place)
    }

    /// The meeting that the payment names, or one of its day.
    fn is_on(&self, one: &Elsewhere, meeting: MeetingId, meeting_day: Day, day: Day) -> bool {
        one.paid.meeting.map_or(meeting_day == day, |named| named == meeting)
    }

    /// The lines that a payment is the sum of: payroll may pay a month's meetings as one row. Those of the payment's month
    /// first, then those that could have gone out with it, then those earned in the month that it is dated in.
    fn summed(&self, one: &Elsewhere, taken: &BTreeSet<usize>) -> Option<Vec<usize>> {
        if one.paid.meeting.is_some() || one.paid.status == Betalning::Ingaende {
            return None;
        }
        let lines = || self.lines.iter().enumerate().filter(|(place, _)| !taken.contains(place));
        let of_kind = || {
            lines().filter(|(_, line)| {
                one.paid.kinds.contains(&line.kind) && !matches!(line.occasion, Occasion::UppdragMonth(..))
            })
        };
        let of = |wanted: &dyn Fn(&Line) -> bool| -> Option<Vec<usize>> {
            let found: Vec<(usize, &Line)> = of_kind().filter(|(_, line)| wanted(line)).collect();
            let sum: Ore = found.iter().map(|(_, line)| line.belopp).sum();
            // One line is a sum only where the row says no day: else the day has told that it is another.
            let least = if one.paid.day.is_some() { 2 } else { 1 };
            let is_sum = found.len() >= least && sum == one.paid.belopp;
            is_sum.then(|| found.into_iter().map(|(place, _)| place).collect())
        };
        let month = one.paid.day.map(Month::of);
        of(&|line| line.payable_from == one.paid.payout)
            .or_else(|| of(&|line| line.payable_from <= one.paid.payout))
            .or_else(|| of(&|line| Some(line.accrued_in) == month))
    }

    /// A part of a payment that is the sum of several lines.
    fn on_part(&self, one: &Elsewhere, place: usize) -> Booked {
        let line = &self.lines[place];
        let paid =
            Utbetalt { antal: Some(line.antal), apris: Some(line.apris), belopp: line.belopp, ..one.paid.clone() };
        let of_part = Elsewhere {
            key: format!("{}{PART}{}{PART}{}", one.key, line.occasion, line.kind.name()),
            person: one.person,
            paid,
            source: one.source.clone(),
        };
        self.on_line(of_part, place)
    }

    fn on_line(&self, one: Elsewhere, place: usize) -> Booked {
        let line = &self.lines[place];
        self.booked(one, line.occasion.clone(), line.kind, line.organ.clone(), (line.day, line.accrued_in))
    }

    /// Nothing is owed for what was paid: it is taken back, unless it is too old, too early, not judged yet or unknown.
    fn without_line(&self, one: Elsewhere, found: &mut Placed) {
        let Some(day) = one.paid.day else {
            // A balance is for many days; any other row without a day was for something that nobody can name.
            if one.paid.status != Betalning::Ingaende && one.paid.payout >= self.first_month {
                found.unplaced.push(one);
            }
            return;
        };
        let month = Month::of(day);
        if month < self.first_month {
            return;
        }
        let kind = one.paid.kinds.iter().find(|kind| (self.payable_from)(**kind, month) <= self.horizon);
        let Some(kind) = kind.copied() else { return };
        match self.known(&one, kind, day) {
            Some((_, _, true)) => {}
            Some((occasion, organ, false)) => found.booked.push(self.booked(one, occasion, kind, organ, (day, month))),
            None => found.unplaced.push(one),
        }
    }

    /// What is known of the person that the payment may have been for, and whether it is still to be judged.
    fn known(&self, one: &Elsewhere, kind: LineKind, day: Day) -> Option<(Occasion, OrganCode, bool)> {
        let month = Month::of(day);
        if matches!(kind, LineKind::Arsarvode | LineKind::FastArvode) {
            let held = self.facts.uppdrag.iter().find(|(held, _)| held.nyckel.is_some() && held.from <= month.last());
            let (held, source) = held?;
            let occasion = Occasion::UppdragMonth(held.uppdrag, month);
            return Some((occasion, held.organ.clone(), self.held.contains(source)));
        }
        let slag = ClaimKind::all().filter(|slag| slag.pays(kind)).collect::<Vec<_>>();
        let of_claim = self.facts.claims.iter().find(|claimed| {
            slag.contains(&claimed.claim.slag) && self.is_on(one, claimed.meeting.meeting, claimed.meeting.day, day)
        });
        if let Some(claimed) = of_claim {
            // What was paid for a yrkande that waits for a decision stays until it is decided, unless the person's attendance
            // was taken back: then it has lost its ground, as a row of ours has.
            let is_gone = self.withdrawn.iter().any(|gone| gone.meeting == claimed.meeting.meeting);
            let is_open = self.held.contains(&claimed.source) && !is_gone;
            return Some((Occasion::Claim(claimed.claim.claim), claimed.meeting.organ.clone(), is_open));
        }
        let attended = self.facts.attended.iter();
        let mut at = attended.filter(|at| self.is_on(one, at.meeting.meeting, at.meeting.day, day));
        let attended = at.next().map(|at| (at.meeting.as_ref(), self.held.contains(&at.source)));
        let withdrawn = || self.withdrawn.iter().find(|gone| self.is_on(one, gone.meeting, gone.day, day));
        let (meeting, is_held) = attended.or_else(|| Some((withdrawn()?, false)))?;
        Some((Occasion::Meeting(meeting.meeting), meeting.organ.clone(), is_held))
    }

    fn booked(
        &self,
        one: Elsewhere,
        occasion: Occasion,
        kind: LineKind,
        organ: OrganCode,
        (day, accrued_in): (Day, Month),
    ) -> Booked {
        let dress = (self.dressed)(&one, kind, &organ);
        let Utbetalt { payout, antal, apris, belopp, .. } = one.paid;
        let (antal, apris) = match (antal, apris) {
            (Some(antal), Some(apris)) => (antal, apris),
            _ => (rust_decimal::Decimal::ONE, belopp.kronor().normalize()),
        };
        // A price is never below zero; a correction has fewer units.
        let (antal, apris) = if apris.is_sign_negative() { (-antal, -apris) } else { (antal, apris) };
        Booked {
            at: Reversed::Paid(one.key, payout),
            person: one.person,
            occasion,
            kind,
            day,
            organ,
            antal,
            apris,
            belopp,
            accrued_in,
            anstid: dress.anstid,
            lonart: dress.lonart,
            lonkod: dress.lonkod,
            benamning: dress.benamning,
            konto: dress.konto,
            ansvar: dress.ansvar,
            verksamhet: dress.verksamhet,
        }
    }
}

/// What a payment for nothing known may have been for: lines of its kinds that could have gone out with it, and of which
/// nothing is booked. They wait, and the rest goes.
pub fn held_by(unplaced: &[Elsewhere], changes: Vec<Change>) -> (Vec<Change>, Vec<Change>) {
    if unplaced.is_empty() {
        return (Vec::new(), changes);
    }
    let reversed: BTreeSet<(Occasion, LineKind)> = changes
        .iter()
        .filter(|change| matches!(change, Change::Reverse(_)))
        .map(|change| (change.identity().0.clone(), change.identity().1))
        .collect();
    changes.into_iter().partition(|change| {
        let Change::Book(line) = change else { return false };
        let may_be = |one: &Elsewhere| one.paid.kinds.contains(&line.kind) && line.payable_from <= one.paid.payout;
        unplaced.iter().any(may_be) && !reversed.contains(&(line.occasion.clone(), line.kind))
    })
}

/// What a person must look at: a payment for nothing that is known, and how much waits for it.
pub fn unplaced_remark(one: &Elsewhere, waiting: Ore) -> Remark {
    let Utbetalt { payout, lonart, belopp, day, .. } = &one.paid;
    let waits = if waiting == Ore::ZERO {
        String::new()
    } else {
        format!("; {} av samma slag, som kan ha betalats så, väntar", swedish(waiting))
    };
    let day_text = day.map(|day| format!(" för {day}")).unwrap_or_default();
    Remark {
        kind: RemarkKind::Person,
        state: State::Held,
        day: *day,
        reason: format!(
            "utbetalt {payout}, lönart {lonart}{day_text}, {}: inget känt möte, yrkande eller uppdrag svarar mot betalningen{waits}",
            swedish(*belopp)
        ),
        paragraph: "§ 18",
        proposed: "importera närvaron, ange Möte på raden i Utbetalt, eller ta tillbaka filen med arvode withdraw och importera den rättad".to_owned(),
        worth: Some(*belopp),
        undecided: None,
        place: one.source.clone(),
    }
}
