//! What is known of persons before anything is worked out: their facts, and what was booked or paid for them.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Calculation;
use crate::calendar::Day;
use crate::domain::{
    Betalning, Fact, Fault, LineKind, Meeting, MeetingId, Occasion, Person, PersonId, Provenance, Recorded,
};
use crate::jobs::import_workbooks::{about, key_of};
use crate::law::{Attended, Claimed, PersonFacts};
use crate::ledger::{BatchName, BatchRow, Booked, Elsewhere, Entry, Reversed, RowRef, Settled};
use crate::money::Ore;
use crate::ports::{Store, StoredRow};
use crate::register::{Aliases, Origins, Twins};

/// Persons whose facts are in memory together. Twice as many cost more: what they hold is then asked of the system anew each
/// time.
const PERSONS_TOGETHER: usize = 64;

/// What is known of a person before anything is worked out.
pub(super) struct Known {
    pub(super) facts: PersonFacts,
    /// As the last batch of another version of the program knew it.
    pub(super) before: Option<PersonFacts>,
    pub(super) money: Money,
}

/// What is known of a person's payments.
#[derive(Default)]
pub(super) struct Money {
    /// Rows of the ledger that count, in order.
    pub(super) rows: Vec<StoredRow>,
    /// Payments that no batch made.
    pub(super) elsewhere: Vec<Elsewhere>,
    /// Rows that payroll has refused: why, and where it says so.
    pub(super) refused: HashMap<i64, (Option<String>, Provenance)>,
    /// Rows that were left out of their batches: number, occasion and kind.
    pub(super) left_out: Vec<(i64, Occasion, LineKind)>,
    /// Meetings that payments may have been for, and that the person is no longer registered at.
    pub(super) withdrawn: Vec<Meeting>,
}

impl Money {
    pub(super) fn counts(&self, stored: &&StoredRow) -> bool {
        !self.refused.contains_key(&stored.id)
    }

    /// Whether something for an occasion and kind was left out of its batch, whatever became of it since.
    pub(super) fn was_left_out(&self, occasion: &Occasion, kind: LineKind) -> bool {
        self.left_out.iter().any(|(_, of, of_kind)| (of, *of_kind) == (occasion, kind))
    }

    /// Occasions and kinds of which something was left out of a batch, and nothing has been booked since.
    pub(super) fn left_out_still(&self) -> HashSet<(Occasion, LineKind)> {
        let is_booked_since = |(id, occasion, kind): &&(i64, Occasion, LineKind)| {
            let is_later = |stored: &StoredRow| stored.id > *id && self.counts(&stored);
            let mut rows = self.rows.iter();
            rows.any(|stored| (&stored.row.occasion, stored.row.kind) == (occasion, *kind) && is_later(stored))
        };
        let still = self.left_out.iter().filter(|one| !is_booked_since(one));
        still.map(|(_, occasion, kind)| (occasion.clone(), *kind)).collect()
    }

    /// Decisions that have settled something.
    pub(super) fn used(&self) -> BTreeSet<String> {
        self.rows.iter().filter_map(|stored| stored.row.settled.decision()).map(str::to_owned).collect()
    }

    /// Rows that a decision settled or that set a debt off; in each batch a debt stands before what pays it.
    pub(super) fn settlements(&self) -> Vec<(BatchName, BatchRow)> {
        let rows = self.rows.iter().filter(|stored| self.counts(stored));
        let is_of_debt = |row: &BatchRow| row.settled != Settled::ByPayroll || row.kind == LineKind::Kvittning;
        let of_debt = rows.filter(|stored| is_of_debt(&stored.row));
        let mut found: Vec<(BatchName, BatchRow)> = of_debt.map(|stored| (stored.batch, stored.row.clone())).collect();
        for of_batch in found.chunk_by_mut(|(one, _), (other, _)| one == other) {
            of_batch.sort_by_key(|(_, row)| row.kind == LineKind::Kvittning);
        }
        found
    }

    /// Rows that a decision has let go.
    pub(super) fn let_go(&self) -> Vec<BatchRow> {
        let rows = self.rows.iter().map(|stored| &stored.row);
        rows.filter(|row| matches!(row.settled, Settled::Eftergift(_))).cloned().collect()
    }

    /// The ledger's rows that may be outstanding.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let is_booked =
            |row: &BatchRow| row.kind != LineKind::Kvittning && !matches!(row.settled, Settled::Eftergift(_));
        let rows = self.rows.iter().filter(|stored| self.counts(stored) && is_booked(&stored.row));
        rows.map(|stored| Entry { booked: booked(stored), reverses: stored.row.reverses.clone() }).collect()
    }
}

impl Calculation<'_> {
    /// What is known of the next persons.
    pub(super) async fn take(&mut self, store: &mut impl Store) -> Result<Option<Vec<Known>>, Fault> {
        if self.queue.is_empty() {
            return Ok(None);
        }
        let rest = self.queue.len().saturating_sub(PERSONS_TOGETHER);
        let persons: Vec<PersonId> = self.queue.drain(rest..).rev().collect();
        let ids: Vec<PersonId> = persons.iter().flat_map(|person| self.aliases.persons_of(*person)).collect();
        let (mut facts, mut money, twins) = self.facts_of(store, &ids, self.question.facts_up_to).await?;
        let mut earlier = match self.earlier_facts {
            Some(number) => Some(self.facts_of(store, &ids, number).await?.0),
            None => None,
        };
        for (person, twins) in &twins {
            for row in self.waiting.get_mut(person).into_iter().flatten() {
                row.occasion = twins.occasion(row.occasion.clone());
            }
        }
        let occasion = |person: PersonId, occasion: Occasion| {
            let occasion = self.aliases.occasion(occasion);
            twins.get(&person).map_or(occasion.clone(), |twins| twins.occasion(occasion))
        };
        for mut stored in store.ledger(&ids, self.question.booked_up_to).await? {
            // Its person stays whose number it went out under: a merge that is taken back finds the money there.
            let person = self.aliases.person(stored.row.person);
            stored.row.occasion = occasion(person, stored.row.occasion);
            money.entry(person).or_default().rows.push(stored);
        }
        for stored in store.left_out_rows(&ids).await? {
            let person = self.aliases.person(stored.row.person);
            let left_out = (stored.id, occasion(person, stored.row.occasion), stored.row.kind);
            money.entry(person).or_default().left_out.push(left_out);
        }
        let mut known = Vec::with_capacity(persons.len());
        for person in persons {
            if let Some(facts) = facts.remove(&person) {
                let before = earlier.as_mut().and_then(|earlier| earlier.remove(&person));
                let mut money = money.remove(&person).unwrap_or_default();
                money.withdrawn = self.withdrawn(store, &facts, &money).await?;
                known.push(Known { facts, before, money });
            }
        }
        Ok(Some(known))
    }

    async fn facts_of(
        &self,
        store: &mut impl Store,
        persons: &[PersonId],
        up_to: i64,
    ) -> Result<(HashMap<PersonId, PersonFacts>, HashMap<PersonId, Money>, HashMap<PersonId, Twins>), Fault> {
        let mut found: HashMap<PersonId, PersonFacts> =
            persons.iter().map(|person| (*person, no_facts(*person))).collect();
        let mut money: HashMap<PersonId, Money> = HashMap::new();
        let (mut origins, mut twins) = (Origins::default(), HashMap::new());
        let mut recorded_facts = store.facts_of_persons(persons, up_to).await?;
        recorded_facts.sort_by_key(|recorded| !self.is_of_kept(&recorded.fact));
        for mut recorded in recorded_facts {
            let told = match &recorded.fact {
                Fact::Utbetalt(paid) => Some((key_of(&recorded.fact), paid.person)),
                _ => None,
            };
            origins.add(&recorded.fact);
            let is_of_another = matches!(recorded.fact, Fact::Person(_)) && !self.is_of_kept(&recorded.fact);
            recorded.fact = self.aliases.fact(recorded.fact);
            let Some(person) = about(&recorded.fact).person else { continue };
            if let (Fact::Utbetalt(paid), Some((key, told_of))) = (&recorded.fact, told) {
                let paid = paid.clone();
                let money = money.entry(person).or_default();
                match (paid.status, paid.row) {
                    (Betalning::Avvisad, Some(row)) => {
                        money.refused.insert(row, (paid.orsak, recorded.source));
                    }
                    _ if paid.is_external() && self.elsewhere_before.is_none_or(|month| paid.payout < month) => {
                        let paid = self.dated(paid);
                        money.elsewhere.push(Elsewhere { key, person: told_of, paid, source: recorded.source });
                    }
                    _ => {}
                }
            } else if let Some(facts) = found.get_mut(&person) {
                match &recorded.fact {
                    Fact::Person(row) if is_of_another && !facts.profiles.is_empty() => protect(facts, row),
                    _ => self.add(facts, recorded),
                }
            }
        }
        for (person, facts) in &mut found {
            if !self.aliases.is_empty() {
                twins.insert(*person, origins.one_of_each(facts));
            }
            facts.opening = money.get(person).map(|money| self.opening(money)).unwrap_or_default();
        }
        Ok((found, money, twins))
    }

    /// A row of Personer of the id that is kept: where there is one, rows of persons who were merged into it only help to
    /// find the person.
    fn is_of_kept(&self, fact: &Fact) -> bool {
        matches!(fact, Fact::Person(person) if self.aliases.person(person.person) == person.person)
    }

    /// What was paid for a time before the first month.
    fn opening(&self, money: &Money) -> Vec<(Day, LineKind, Ore)> {
        let first = self.first_month().first();
        let of = |one: &Elsewhere| {
            let day = one.paid.day.unwrap_or(one.paid.payout.first());
            let kind = one.paid.kinds.first().copied()?;
            (one.paid.day.is_none() || day < first).then_some((day, kind, one.paid.belopp))
        };
        money.elsewhere.iter().filter_map(of).collect()
    }

    fn add(&self, facts: &mut PersonFacts, recorded: Recorded) {
        let (number, source) = (recorded.number, recorded.source);
        let meeting = |id: MeetingId| self.meetings.get(&id).cloned();
        match recorded.fact {
            Fact::Person(person) => facts.profiles.push((person, source)),
            Fact::Distance(distance) => facts.distances.push((distance, source)),
            Fact::Income(income) => facts.incomes.push((income, source)),
            Fact::Absence(absence) => facts.absences.push((absence, source)),
            Fact::Uppdrag(uppdrag) => facts.uppdrag.push((uppdrag, source)),
            Fact::Attendance(attendance) => {
                let is_told_otherwise = attendance.diarium.is_some() && self.disagreements.is_about(&attendance);
                let meeting = meeting(attendance.meeting).filter(|meeting| !meeting.installt && !is_told_otherwise);
                if let Some(meeting) = meeting {
                    facts.attended.push(Attended { attendance, meeting, source });
                }
            }
            Fact::Claim(claim) => {
                if let Some(meeting) = meeting(claim.meeting) {
                    facts.claims.push(Claimed { number, claim, meeting, source });
                }
            }
            Fact::Jour(jour) => facts.jour.push((jour, source)),
            Fact::Avstaende(waiver) => facts.avstaenden.push((waiver, source)),
            Fact::Anstid(_)
            | Fact::Meeting(_)
            | Fact::Beslut(_)
            | Fact::Utbetalt(_)
            | Fact::Merge(_)
            | Fact::Link(_)
            | Fact::Closing(_)
            | Fact::SwitchOver(_)
            | Fact::SourceRecord(_)
            | Fact::SourceMeeting(_)
            | Fact::SourcePerson(_)
            | Fact::Disagreement(_) => {}
        }
    }
}

fn no_facts(person: PersonId) -> PersonFacts {
    PersonFacts {
        person,
        profiles: Vec::new(),
        uppdrag: Vec::new(),
        attended: Vec::new(),
        claims: Vec::new(),
        incomes: Vec::new(),
        absences: Vec::new(),
        distances: Vec::new(),
        jour: Vec::new(),
        avstaenden: Vec::new(),
        opening: Vec::new(),
    }
}

/// A row of a batch as the ledger knows it.
fn booked(stored: &StoredRow) -> Booked {
    let row = &stored.row;
    Booked {
        at: Reversed::Row(RowRef { id: stored.id, batch: stored.batch, postid: row.postid }),
        person: row.person,
        occasion: row.occasion.clone(),
        kind: row.kind,
        day: row.day,
        organ: row.organ.clone(),
        antal: row.antal,
        apris: row.apris,
        belopp: row.belopp,
        accrued_in: row.accrued_in,
        anstid: row.anstid.clone(),
        lonart: row.lonart.clone(),
        lonkod: row.lonkod.clone(),
        benamning: row.benamning.clone(),
        konto: row.konto.clone(),
        ansvar: row.ansvar.clone(),
        verksamhet: row.verksamhet.clone(),
    }
}

/// A row by the person and the meeting that are kept.
pub(super) fn kept(aliases: &Aliases, row: BatchRow) -> BatchRow {
    if aliases.is_empty() {
        return row;
    }
    BatchRow { person: aliases.person(row.person), occasion: aliases.occasion(row.occasion), ..row }
}

/// Who is protected under one number is protected under all.
fn protect(facts: &mut PersonFacts, row: &Person) {
    if row.skyddad == Some(true) {
        facts.profiles.iter_mut().for_each(|(kept, _)| kept.skyddad = Some(true));
    }
}
