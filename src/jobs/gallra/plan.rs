//! What goes and what stays, person by person.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::calendar::{Day, Month, days_later};
use crate::domain::{Absence, Beslut, Betalning, Fact, LineKind, MeetingId, Occasion, Utfall};
use crate::jobs::import_workbooks::{about, key_of};
use crate::ledger::debt::Debt;
use crate::ledger::{BatchState, Reversed, Settled};
use crate::money::Ore;
use crate::ports::{AnyRow, Gallrad, Revised};
use crate::register::Aliases;

/// The latest day of each meeting, by the id that is kept.
pub(super) struct Meetings<'a> {
    pub aliases: &'a Aliases,
    pub days: &'a HashMap<MeetingId, Day>,
}

impl Meetings<'_> {
    fn day(&self, meeting: MeetingId) -> Option<Day> {
        self.days.get(&self.aliases.meeting(meeting)).copied()
    }
}

/// All revisions of one fact.
#[derive(Default)]
struct Told {
    kind: String,
    revisions: u64,
    /// The last thing that it said.
    last: Option<Fact>,
    /// It stands: it was not taken back.
    stands: bool,
}

/// One person's rows and facts, under whatever ids.
#[derive(Default)]
pub(super) struct Group {
    pub rows: Vec<AnyRow>,
    told: BTreeMap<String, Told>,
}

impl Group {
    /// Takes in a revision; they come in their order.
    pub fn take(&mut self, revised: Revised) {
        let told = self.told.entry(revised.key).or_default();
        told.kind = revised.about.0;
        told.revisions += 1;
        told.stands = revised.fact.is_some();
        told.last = revised.fact.or(told.last.take());
    }

    fn facts(&self) -> impl Iterator<Item = (&String, &Fact)> {
        self.told.iter().filter_map(|(key, told)| Some((key, told.last.as_ref()?)))
    }

    fn beslut(&self) -> impl Iterator<Item = &Beslut> {
        self.facts().filter_map(|(_, fact)| if let Fact::Beslut(beslut) = fact { Some(beslut) } else { None })
    }

    /// Rows that payroll has refused.
    fn refused(&self) -> HashSet<i64> {
        let refused = self.told.values().filter(|told| told.stands).filter_map(|told| match &told.last {
            Some(Fact::Utbetalt(paid)) if paid.status == Betalning::Avvisad => paid.row,
            _ => None,
        });
        refused.collect()
    }
}

/// What goes.
pub(super) struct Plan {
    through: Month,
    /// Numbers of rows.
    pub rows: Vec<i64>,
    /// Keys of facts.
    pub keys: Vec<String>,
    /// Revisions by kind.
    pub facts: BTreeMap<String, u64>,
    /// Persons of whom nothing is left.
    pub persons: u64,
    sums: BTreeMap<(i64, Month, String, &'static str, String), Gallrad>,
    kept_meetings: HashSet<MeetingId>,
}

impl Plan {
    pub fn new(through: Month) -> Plan {
        Plan {
            through,
            rows: Vec::new(),
            keys: Vec::new(),
            facts: BTreeMap::new(),
            persons: 0,
            sums: BTreeMap::new(),
            kept_meetings: HashSet::new(),
        }
    }

    /// Nothing goes.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.keys.is_empty()
    }

    /// What the rows that go add up to.
    pub fn sums(&self) -> Vec<Gallrad> {
        self.sums.values().cloned().collect()
    }

    /// Decides on one person.
    pub fn take(&mut self, group: Group, meetings: &Meetings<'_>) {
        let (rows, paid) = self.rows_that_go(&group, meetings);
        let kept = group.rows.iter().filter(|row| !rows.contains(&row.stored.id));
        let kept_from = kept.clone().map(|row| row.stored.row.accrued_in.first()).min();
        let kept_decisions: BTreeSet<String> =
            kept.clone().filter_map(|row| row.stored.row.settled.decision()).map(str::to_owned).collect();
        let has_kept_rows = kept.count() > 0;
        // Strictly before: what happens on the last day may go on past midnight.
        let cut = kept_from.map_or(self.through.last(), |day| days_later(day, -1).min(self.through.last()));
        let judge = Judge { cut, rows: &rows, paid: &paid, kept_decisions: &kept_decisions, meetings, group: &group };
        let mut gone: Vec<&String> = group.facts().filter(|(_, fact)| judge.goes(fact)).map(|(key, _)| key).collect();
        let is_of_register = |key: &String| {
            matches!(group.told.get(key).map(|told| told.kind.as_str()), Some("person" | "anstid" | "distance"))
        };
        let others = group.told.keys().filter(|key| !is_of_register(key)).count();
        let nothing_left = !has_kept_rows && gone.len() == others && !(gone.is_empty() && rows.is_empty());
        if nothing_left {
            gone.extend(group.told.keys().filter(|key| is_of_register(key)));
            self.persons += 1;
        }
        let gone: HashSet<&String> = gone.into_iter().collect();
        for (key, told) in &group.told {
            if gone.contains(key) {
                *self.facts.entry(told.kind.clone()).or_default() += told.revisions;
                self.keys.push(key.clone());
            } else if let Some(meeting) = told.last.as_ref().and_then(|fact| about(fact).meeting) {
                self.kept_meetings.insert(meetings.aliases.meeting(meeting));
            }
        }
        let refused = group.refused();
        for row in group.rows.iter().filter(|row| rows.contains(&row.stored.id)) {
            self.add(row, refused.contains(&row.stored.id));
        }
    }

    fn add(&mut self, row: &AnyRow, is_refused: bool) {
        self.rows.push(row.stored.id);
        let one = &row.stored.row;
        if row.stored.left_out || (one.postid == 0 && one.settled == Settled::ByPayroll) {
            return;
        }
        let settlement = if is_refused { "avvisad" } else { one.settled.name() }.to_owned();
        let key = (row.batch, one.accrued_in, one.organ.0.clone(), one.kind.name(), settlement.clone());
        let sum = self.sums.entry(key).or_insert_with(|| Gallrad {
            batch: row.batch,
            accrued_in: one.accrued_in,
            organ: one.organ.clone(),
            kind: one.kind,
            settlement,
            rows: 0,
            belopp: Ore::ZERO,
        });
        sum.rows += 1;
        sum.belopp += one.belopp;
    }

    /// Rows that go, and payments outside the batches that go. Two that take each other back go together; a debt's rows
    /// go when it is settled, all of them; a row settled by a decision stays as long as the decision is young.
    fn rows_that_go(&self, group: &Group, meetings: &Meetings<'_>) -> (HashSet<i64>, HashSet<String>) {
        let through = self.through;
        let young: HashSet<&str> = group
            .beslut()
            .filter(|beslut| beslut.day > through.last())
            .map(|beslut| beslut.diarienummer.as_str())
            .collect();
        let is_old_occasion = |occasion: &Occasion| match occasion {
            Occasion::Meeting(meeting) => meetings.day(*meeting).is_none_or(|day| day <= through.last()),
            Occasion::Claim(claim) => group.facts().all(|(_, fact)| match fact {
                Fact::Claim(told) if told.claim == *claim => {
                    meetings.day(told.meeting).is_none_or(|day| day <= through.last())
                }
                _ => true,
            }),
            _ => true,
        };
        let is_old = |row: &&AnyRow| {
            let one = &row.stored.row;
            row.stored.batch.payout <= through
                && one.accrued_in <= through
                && is_old_occasion(&one.occasion)
                && one.settled.decision().is_none_or(|decision| !young.contains(decision))
        };
        let mut rows: HashSet<i64> = group.rows.iter().filter(is_old).map(|row| row.stored.id).collect();
        let is_old_payment = |fact: &Fact| match fact {
            Fact::Utbetalt(paid) => {
                paid.row.is_none() && paid.payout <= through && paid.day.is_none_or(|day| day < through.last())
            }
            _ => false,
        };
        let old = group.facts().filter(|(_, fact)| is_old_payment(fact));
        let mut paid: HashSet<String> = old.map(|(key, _)| key.clone()).collect();
        loop {
            let before = (rows.len(), paid.len());
            for row in &group.rows {
                let id = row.stored.id;
                match &row.stored.row.reverses {
                    Some(Reversed::Row(target)) if rows.contains(&id) != rows.contains(&target.id) => {
                        rows.remove(&id);
                        rows.remove(&target.id);
                    }
                    Some(Reversed::Paid(key, _)) if rows.contains(&id) != paid.contains(key) => {
                        rows.remove(&id);
                        paid.remove(key);
                    }
                    _ => {}
                }
            }
            keep_unsettled_debt(group, &mut rows);
            if (rows.len(), paid.len()) == before {
                return (rows, paid);
            }
        }
    }

    /// Old meetings that nothing kept is about. One of the last day may go on past midnight, as in [`Plan::take`]: it goes with the
    /// year after.
    pub fn meetings_that_go(&self, meetings: &Meetings<'_>) -> Vec<MeetingId> {
        let is_old =
            |(meeting, day): &(&MeetingId, &Day)| **day < self.through.last() && !self.kept_meetings.contains(*meeting);
        let mut old: Vec<MeetingId> = meetings.days.iter().filter(is_old).map(|(meeting, _)| *meeting).collect();
        old.sort_unstable();
        old
    }

    /// Meetings go with what was decided about them for everybody.
    pub fn take_of_meetings(&mut self, revised: &[Revised]) {
        let mut seen: HashSet<&String> = self.keys.iter().collect();
        let mut keys = Vec::new();
        for one in revised {
            *self.facts.entry(one.about.0.clone()).or_default() += 1;
            if seen.insert(&one.key) {
                keys.push(one.key.clone());
            }
        }
        self.keys.extend(keys);
    }
}

/// What was set off month by month goes with the debt, when it is settled and all of it is old.
fn keep_unsettled_debt(group: &Group, rows: &mut HashSet<i64>) {
    let is_of_debt = |row: &&AnyRow| {
        matches!(row.stored.row.settled, Settled::Kvittning(_)) || row.stored.row.kind == LineKind::Kvittning
    };
    let refused = group.refused();
    let of_debt: Vec<&AnyRow> = group.rows.iter().filter(is_of_debt).collect();
    let counts =
        |row: &&&AnyRow| row.state != BatchState::Void && !row.stored.left_out && !refused.contains(&row.stored.id);
    let mut counting: Vec<&&AnyRow> = of_debt.iter().filter(counts).collect();
    // In each batch a debt stands before what pays it.
    counting.sort_by_key(|row| (row.stored.batch, row.stored.row.kind == LineKind::Kvittning));
    let mut debt = Debt::default();
    for row in counting {
        debt.add(&row.stored.row, &[]);
    }
    if debt.left() != Ore::ZERO || of_debt.iter().any(|row| !rows.contains(&row.stored.id)) {
        rows.retain(|id| !of_debt.iter().any(|row| row.stored.id == *id));
    }
}

/// What decides whether a fact goes.
struct Judge<'a> {
    /// What ended before this day is old.
    cut: Day,
    rows: &'a HashSet<i64>,
    paid: &'a HashSet<String>,
    kept_decisions: &'a BTreeSet<String>,
    meetings: &'a Meetings<'a>,
    group: &'a Group,
}

impl Judge<'_> {
    fn is_old(&self, day: Day) -> bool {
        day < self.cut
    }

    fn has_ended(&self, to: Option<Day>) -> bool {
        to.is_some_and(|day| day <= self.cut)
    }

    fn is_old_meeting(&self, meeting: MeetingId) -> bool {
        self.meetings.day(meeting).is_some_and(|day| self.is_old(day))
    }

    fn goes(&self, fact: &Fact) -> bool {
        match fact {
            Fact::Attendance(attendance) => self.is_old_meeting(attendance.meeting),
            Fact::Claim(claim) => {
                let days =
                    [claim.pensionstillfalle, claim.hemkomst_day, Some(claim.inkom).filter(|_| !claim.inkom_default)];
                self.is_old_meeting(claim.meeting) && days.into_iter().flatten().all(|day| self.is_old(day))
            }
            Fact::Jour(jour) => self.is_old(jour.to),
            Fact::Absence(absence) => self.spell_has_ended(absence),
            Fact::Uppdrag(uppdrag) => self.has_ended(uppdrag.to),
            Fact::Income(income) => self.has_ended(income.to),
            Fact::Avstaende(waiver) => self.has_ended(waiver.to),
            Fact::Beslut(beslut) => self.decision_goes(beslut),
            Fact::Utbetalt(paid) => match paid.row {
                Some(row) => self.rows.contains(&row) || !self.group.rows.iter().any(|known| known.stored.id == row),
                None => self.paid.contains(&key_of(fact)),
            },
            Fact::Person(_)
            | Fact::Anstid(_)
            | Fact::Distance(_)
            | Fact::Meeting(_)
            | Fact::Merge(_)
            | Fact::Link(_)
            | Fact::Closing(_)
            | Fact::SwitchOver(_)
            | Fact::SourceRecord(_)
            | Fact::SourceMeeting(_)
            | Fact::SourcePerson(_) => false,
            Fact::Disagreement(found) => self.is_old_meeting(found.meeting),
        }
    }

    /// Absences at most a day apart are one spell (§ 7): it goes when all of it has ended.
    fn spell_has_ended(&self, absence: &Absence) -> bool {
        let mut end = absence.to;
        let others = self.group.facts().filter_map(|(_, fact)| match fact {
            Fact::Absence(other) => Some((other.from, other.to)),
            _ => None,
        });
        let mut others: Vec<(Day, Option<Day>)> = others.collect();
        others.sort_unstable();
        for (from, to) in others {
            let Some(known) = end else { return false };
            if from <= days_later(known, 2) && to.is_none_or(|to| to > known) {
                end = to;
            }
        }
        self.has_ended(end)
    }

    /// A decision about a debt goes with the rows it settled; one about a meeting with the meeting; one for a time when
    /// the time is over. One without an end stands.
    fn decision_goes(&self, beslut: &Beslut) -> bool {
        match (beslut.utfall, beslut.meeting) {
            (Utfall::Aterkrav | Utfall::Kvittning | Utfall::Eftergift, _) => {
                self.is_old(beslut.day) && !self.kept_decisions.contains(&beslut.diarienummer)
            }
            (_, Some(meeting)) => self.is_old_meeting(meeting) && self.is_old(beslut.day),
            (_, None) => self.has_ended(beslut.to) && self.is_old(beslut.day),
        }
    }
}
