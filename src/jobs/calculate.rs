//! Works out what a batch would carry, person by person, so that memory does not grow with the kommun.

mod accrued;
mod closed;
mod payments;

pub use accrued::{Accrued, AccruedOf, Held, Standing};
pub use closed::{Closed, closed};
pub use payments::{Refusal, Waived};

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::calendar::{Day, Month};
use crate::domain::{
    Beslut, Betalning, Fact, Fault, Line, LineKind, Meeting, MeetingId, Occasion, OrganCode, PersonId, Personnummer,
    Provenance, Recorded, Remark, RemarkKind, State, Undecided, folded,
};
use crate::jobs::import_workbooks::{about, key_of};
use crate::law::bestammelserna::p18_utbetalning as p18;
use crate::law::{
    Attended, Claimed, Common, Decisions, Group, PersonFacts, Rules, UppdragRegister, entitlement, group_of, waived,
};
use crate::ledger::debt::{Debt, Debtor, Decided, Known as KnownDecision, decided};
use crate::ledger::{
    BatchKind, BatchName, BatchRow, BatchState, Booked, Change, Dress, Elsewhere, Entry, Placed, Places, Reversed,
    RowRef, Settled, beyond_let_go, difference, held_by, hex, let_go, outstanding, place, taken_back, unplaced_remark,
};
use crate::money::Ore;
use crate::ports::{Pin, Store, StoredRow};
use crate::regelverk::{LAW_VERSION, Loaded, Lonekalender, Regelverk};
use crate::register::{Aliases, Origins, PersonRegister, Twins};

/// Persons whose facts are in memory together.
const PERSONS_TOGETHER: usize = 128;

/// What is to be worked out.
#[derive(Clone, Debug)]
pub struct Question {
    /// The month of accrual lines up to which are wanted, and under which lönarter are looked up.
    pub payout: Month,
    /// Lines payable after this month are left out.
    pub horizon: Month,
    /// Facts with a higher number are not known.
    pub facts_up_to: i64,
    /// Claims that came in later are not known.
    pub claims_until: Day,
    /// Pins of later batches are not known.
    pub pins_up_to: i64,
    /// What later batches booked is not known.
    pub booked_up_to: i64,
    /// From this month on today's rules apply whatever is pinned (a recalculation).
    pub repinned_from: Option<Month>,
    /// Tell each step.
    pub explain: bool,
    /// Only these persons.
    pub only: Option<PersonId>,
}

/// What comes out for one person.
#[derive(Clone, Debug)]
pub struct PersonResult {
    /// Who.
    pub person: PersonId,
    /// Rows for the batch, numbered 0, in their order. Reversals carry the number they went out under.
    pub rows: Vec<BatchRow>,
    /// Rows that wait for a decision, since the person would become net negative by them.
    pub waiting: Vec<BatchRow>,
    /// What waits is not what was written down as waiting before.
    pub waits_anew: bool,
    /// Rows that a decision settles outside payroll's file: booked, or let go.
    pub settled: Vec<BatchRow>,
    /// Where each krona stands.
    pub balance: Balance,
    /// What is set off month by month, before this batch.
    pub debt: Debt,
    /// Rows of earlier batches that a decision settled or that set a debt off, in order.
    pub settlements: Vec<(BatchName, BatchRow)>,
    /// What a person must look at.
    pub remarks: Vec<Remark>,
    /// What the person is entitled to, with its steps; only if an explanation was asked for.
    pub entitled: Vec<Line>,
    /// What today's rules would change in months that are pinned to others, by month.
    pub rule_differences: BTreeMap<Month, (u32, Ore)>,
    /// What the person is entitled to and waives.
    pub waived: Vec<Waived>,
    /// What payroll refused and has not got again since.
    pub refused: Vec<Refusal>,
}

/// A person's money by where it stands (invariant 2): entitled = booked + owed + waiting + let_go + waived, to the öre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// All lines of months that are not closed.
    pub entitled: Ore,
    /// Outstanding in the ledger, with what was paid elsewhere, before this batch.
    pub booked: Ore,
    /// What this batch books: rows for payroll, and rows that a decision settles outside it.
    pub owed: Ore,
    /// What waits for a decision or for an anställningsnummer.
    pub waiting: Ore,
    /// What a decision lets go.
    pub let_go: Ore,
    /// What the person waives.
    pub waived: Ore,
    /// What is not this batch's business.
    pub left_out: Ore,
}

/// One person's lines by two sets of rules.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Who.
    pub person: PersonId,
    /// What is booked.
    pub booked: Vec<Booked>,
    /// What the question's rules give.
    pub entitled: Vec<Line>,
    /// What the other rules give.
    pub otherwise: Vec<Line>,
}

/// What is known of a person before anything is worked out.
struct Known {
    facts: PersonFacts,
    /// As the last batch of another version of the program knew it.
    before: Option<PersonFacts>,
    money: Money,
}

/// What is known of a person's payments.
#[derive(Default)]
struct Money {
    /// Rows of the ledger that count, in order.
    rows: Vec<StoredRow>,
    /// Payments that no batch made.
    elsewhere: Vec<Elsewhere>,
    /// Rows that payroll has refused: why, and where it says so.
    refused: HashMap<i64, (Option<String>, Provenance)>,
    /// Meetings that payments may have been for, and that the person is no longer registered at.
    withdrawn: Vec<Meeting>,
}

impl Money {
    fn counts(&self, stored: &&StoredRow) -> bool {
        !self.refused.contains_key(&stored.id)
    }

    /// Decisions that have settled something.
    fn used(&self) -> BTreeSet<String> {
        self.rows.iter().filter_map(|stored| stored.row.settled.decision()).map(str::to_owned).collect()
    }

    /// Rows that a decision settled or that set a debt off; in each batch a debt stands before what pays it.
    fn settlements(&self) -> Vec<(BatchName, BatchRow)> {
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
    fn let_go(&self) -> Vec<BatchRow> {
        let rows = self.rows.iter().map(|stored| &stored.row);
        rows.filter(|row| matches!(row.settled, Settled::Eftergift(_))).cloned().collect()
    }

    /// The ledger's rows that may be outstanding.
    fn entries(&self) -> Vec<Entry> {
        let is_booked =
            |row: &BatchRow| row.kind != LineKind::Kvittning && !matches!(row.settled, Settled::Eftergift(_));
        let rows = self.rows.iter().filter(|stored| self.counts(stored) && is_booked(&stored.row));
        rows.map(|stored| Entry { booked: booked(stored), reverses: stored.row.reverses.clone() }).collect()
    }
}

/// A calculation under way.
pub struct Calculation<'a> {
    loaded: &'a Loaded,
    /// What is worked out.
    pub question: Question,
    /// Everybody known.
    pub persons: PersonRegister,
    register: UppdragRegister,
    /// Every meeting.
    pub meetings: HashMap<MeetingId, Meeting>,
    decisions: Decisions,
    pinned: PinnedRules,
    current: PinnedRules,
    waiting: HashMap<PersonId, Vec<BatchRow>>,
    queue: Vec<PersonId>,
    earlier_facts: Option<i64>,
    months: BTreeSet<(Month, Group)>,
    aliases: Aliases,
    closed: Closed,
    /// Payments elsewhere in this payout month and later are not known.
    elsewhere_before: Option<Month>,
    /// When each decision about a person became known: its fact's number.
    decided_at: HashMap<(Option<PersonId>, String), i64>,
    /// The last fact that the latest monthly batch knew.
    last_freeze: i64,
}

impl<'a> Calculation<'a> {
    /// Loads what is common to all persons.
    ///
    /// # Errors
    /// The database, or settings without a first month.
    pub async fn start(
        store: &mut impl Store,
        loaded: &'a Loaded,
        question: Question,
    ) -> Result<Calculation<'a>, Fault> {
        let mut aliases = Aliases::default();
        for recorded in store.facts_of_kinds(&["merge", "link"], question.facts_up_to).await? {
            aliases.add(&recorded.fact);
        }
        let closed = closed(store, question.facts_up_to).await?;
        let kinds = ["person", "anstid", "uppdrag", "meeting", "beslut"];
        let (mut persons, mut meetings) = (PersonRegister::default(), HashMap::new());
        let mut names = HashMap::<PersonId, Vec<String>>::new();
        let (mut all_uppdrag, mut decisions) = (Vec::new(), Decisions::default());
        let mut origins = Origins::default();
        let mut decided_at = HashMap::new();
        for mut recorded in store.facts_of_kinds(&kinds, question.facts_up_to).await? {
            origins.add(&recorded.fact);
            match &recorded.fact {
                Fact::Person(person) => persons.add_person_of(person, aliases.person(person.person)),
                Fact::Anstid(anstid) => persons.add_anstid_of(anstid, aliases.person(anstid.person)),
                _ => {}
            }
            recorded.fact = aliases.fact(recorded.fact);
            match &recorded.fact {
                Fact::Person(person) => {
                    let (first, last) = (&person.fornamn, &person.efternamn);
                    let written =
                        [format!("{first} {last}"), format!("{last} {first}"), person.personnummer.twelve_digits()];
                    names.entry(person.person).or_default().extend(written.iter().map(|name| folded(name)));
                }
                Fact::Meeting(meeting) => drop(meetings.insert(meeting.meeting, meeting.clone())),
                Fact::Uppdrag(found) => all_uppdrag.push(found.clone()),
                Fact::Beslut(beslut) => {
                    decided_at.insert((beslut.person, beslut.diarienummer.clone()), recorded.number);
                    decisions.add(beslut.clone(), recorded.source.clone());
                }
                _ => {}
            }
        }
        let meetings = aliases.merged(meetings);
        let pins = store.pins(question.pins_up_to).await?;
        let earlier_facts = earlier_freeze_of_another_program(store, &pins, question.pins_up_to).await?;
        let pinned = PinnedRules::new(loaded, &pins, question.repinned_from)?;
        let current = PinnedRules::new(loaded, &[], None)?;
        let mut waiting = HashMap::<PersonId, Vec<BatchRow>>::new();
        for stored in store.waiting(question.booked_up_to).await? {
            let row = kept(&aliases, stored.row);
            waiting.entry(row.person).or_default().push(row);
        }
        let last_freeze = last_freeze(store, question.booked_up_to).await?;
        let mut queue: Vec<PersonId> = match question.only {
            Some(person) => vec![aliases.person(person)],
            None => persons.persons().collect(),
        };
        queue.sort_by_cached_key(|person| {
            let anstid = persons.main_anstid(*person).map(str::to_owned);
            (anstid.is_none(), anstid, *person)
        });
        queue.reverse();
        if !aliases.is_empty() {
            origins.one_of_uppdrag(&mut all_uppdrag, |uppdrag| uppdrag);
        }
        let register = UppdragRegister::new(all_uppdrag, names);
        let months = BTreeSet::new();
        let calculation = Calculation {
            loaded,
            question,
            persons,
            register,
            meetings,
            decisions,
            pinned,
            current,
            waiting,
            queue,
            earlier_facts,
            months,
            aliases,
            closed,
            elsewhere_before: None,
            decided_at,
            last_freeze,
        };
        Ok(calculation)
    }

    /// A person's name, as far as it may be told.
    pub fn shown_name(&self, person: PersonId) -> &str {
        self.persons.shown_name(person, self.question.claims_until)
    }

    /// A person's rows among others, whichever id they were written down under.
    pub fn rows_of(&self, person: PersonId, rows: &[BatchRow]) -> Vec<BatchRow> {
        rows.iter().filter(|row| self.aliases.person(row.person) == person).cloned().collect()
    }

    /// The ids under which what is known of a person is kept, their own first.
    pub fn ids_of(&self, person: PersonId) -> Vec<PersonId> {
        self.aliases.persons_of(person)
    }

    /// The ids under which what is known of a meeting is kept, its own first.
    pub fn meeting_ids_of(&self, meeting: MeetingId) -> Vec<MeetingId> {
        self.aliases.meetings_of(meeting)
    }

    /// The rules by month as the question asks for them.
    pub fn rules(&self) -> &PinnedRules {
        &self.pinned
    }

    /// Leaves out what was paid elsewhere from a payout month on, as if it were that month's morning.
    pub fn forget_payments_from(&mut self, payout: Month) {
        self.elsewhere_before = Some(payout);
    }

    /// The next persons' results, in the order of their anställningsnummer; none at the end.
    ///
    /// # Errors
    /// The database, or a kind without a lönart in the payout month.
    pub async fn next(&mut self, store: &mut impl Store) -> Result<Option<Vec<PersonResult>>, Fault> {
        let Some(known) = self.take(store).await? else { return Ok(None) };
        let results = known.into_iter().map(|of| self.person(&of.facts, of.before.as_ref(), of.money));
        results.collect::<Result<Vec<PersonResult>, Fault>>().map(Some)
    }

    /// The next persons' lines by the rules of the question and by others, beside what is booked; none at the end.
    ///
    /// # Errors
    /// The database.
    pub async fn next_compared(
        &mut self,
        store: &mut impl Store,
        others: &PinnedRules,
    ) -> Result<Option<Vec<Compared>>, Fault> {
        let Some(known) = self.take(store).await? else { return Ok(None) };
        let compared = |of: Known| {
            let entitled = entitlement(&of.facts, &self.common(&self.pinned));
            let otherwise = entitlement(&of.facts, &self.common(others)).lines;
            let booked = self.booked(&of.facts, &entitled.lines, &entitled.remarks, of.money).0;
            let person = of.facts.person;
            Compared { person, entitled: entitled.lines, otherwise, booked }
        };
        Ok(Some(known.into_iter().map(compared).collect()))
    }

    /// The rules by month as the question asks for them, had the regulation been another.
    ///
    /// # Errors
    /// The database.
    pub async fn rules_under(&self, store: &mut impl Store, loaded: &Loaded) -> Result<PinnedRules, Fault> {
        let pins = store.pins(self.question.pins_up_to).await?;
        PinnedRules::new(loaded, &pins, self.question.repinned_from)
    }

    /// What is known of the next persons.
    async fn take(&mut self, store: &mut impl Store) -> Result<Option<Vec<Known>>, Fault> {
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
        for mut stored in store.ledger(&ids, self.question.booked_up_to).await? {
            // Its person stays whose number it went out under: a merge that is taken back finds the money there.
            stored.row.occasion = self.aliases.occasion(stored.row.occasion);
            let person = self.aliases.person(stored.row.person);
            if let Some(twins) = twins.get(&person) {
                stored.row.occasion = twins.occasion(stored.row.occasion);
            }
            money.entry(person).or_default().rows.push(stored);
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

    /// The pins that a batch of this calculation adds: every month and group that it worked out and nobody pinned before.
    pub fn new_pins(&self) -> Vec<Pin> {
        let first = self.loaded.lonekalender.forsta_manad.unwrap_or(self.question.payout);
        let mut wanted = self.months.clone();
        for (group, kind) in [(Group::Monthly, LineKind::Arsarvode), (Group::Occasional, LineKind::Grundarvode)] {
            let last = self.question.horizon.plus(-self.loaded.lonekalender.lag(kind));
            let mut month = first;
            while month <= last {
                wanted.insert((month, group));
                month = month.plus(1);
            }
        }
        let missing = wanted.into_iter().filter(|place| !self.pinned.by_month.contains_key(place));
        missing.map(|(month, group)| pin(month, group, &self.loaded.regelverk)).collect()
    }

    /// The pins of a recalculation: today's rules for every month that it repinned.
    pub async fn repins(&self, store: &mut impl Store) -> Result<Vec<Pin>, Fault> {
        let from = self.question.repinned_from.unwrap_or(self.question.payout);
        let pins = store.pins(self.question.pins_up_to).await?;
        let touched = pins.into_iter().filter(|pin| pin.month >= from);
        Ok(touched.map(|old| pin(old.month, group_named(old.group), &self.loaded.regelverk)).collect())
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

    /// The person that an id stands for.
    pub fn kept(&self, person: PersonId) -> PersonId {
        self.aliases.person(person)
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

    fn first_month(&self) -> Month {
        self.loaded.lonekalender.forsta_manad.unwrap_or(self.question.payout)
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
                if let Some(meeting) = meeting(attendance.meeting) {
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
            | Fact::SwitchOver(_) => {}
        }
    }

    fn person(
        &mut self,
        facts: &PersonFacts,
        before: Option<&PersonFacts>,
        money: Money,
    ) -> Result<PersonResult, Fault> {
        let found = entitlement(facts, &self.common(&self.pinned));
        self.months.extend(found.lines.iter().map(|line| (line.accrued_in, group_of(line.kind))));
        let mut result = PersonResult::new(facts.person);
        result.rule_differences = self.rule_differences(facts, &found.lines);
        let unchanged = before.map(|before| self.unchanged_by_facts(before, &found.lines)).unwrap_or_default();
        result.refused = money.refusals();
        result.waived = payments::waived_of(facts, &found.lines);
        result.settlements = money.settlements();
        for (_, row) in &result.settlements {
            result.debt.add(row, &self.decided_about(facts.person));
        }
        let (used, gone_before) = (money.used(), money.let_go());
        let (booked, unplaced) = self.booked(facts, &found.lines, &found.remarks, money);
        result.remarks = found.remarks;
        result.entitled = if self.question.explain { found.lines.clone() } else { Vec::new() };
        let is_open = |month: Month| !self.closed.is_closed(month);
        let sum = |changes: &[Change]| -> Ore { changes.iter().map(Change::belopp).sum() };
        let amount = |lines: &[Line]| -> Ore {
            lines.iter().filter(|line| is_open(line.accrued_in)).map(|line| line.belopp).sum()
        };
        let lines = found.lines;
        result.balance.entitled = amount(&lines);
        result.balance.booked = booked.iter().filter(|line| is_open(line.accrued_in)).map(|line| line.belopp).sum();
        let (given_up, payable): (Vec<Line>, Vec<Line>) =
            lines.into_iter().partition(|line| waived(facts, line).is_some());
        result.balance.waived = amount(&given_up);
        let mut changes = difference(payable, booked);
        let open_sum = |changes: &[Change]| -> Ore {
            changes.iter().filter(|change| is_open(change.accrued_in())).map(Change::belopp).sum()
        };
        let all = open_sum(&changes);
        changes.retain(|change| self.is_in_question(change));
        changes.retain(|change| {
            let (occasion, kind) = change.identity();
            !unchanged.contains(&(occasion.clone(), kind))
        });
        let (late, changes) = self.closed.apart(changes);
        let (late, _) = beyond_let_go(&gone_before, late);
        let (changes, is_gone) = beyond_let_go(&gone_before, changes);
        result.balance.left_out = all - sum(&changes) - is_gone;
        result.remarks.extend(self.closed.remarks(facts, &late));
        result.balance.let_go = is_gone;
        let (held_back, changes) = held_by(&unplaced, changes);
        result.remarks.extend(unplaced.iter().map(|one| unplaced_remark(one, sum(&held_back))));
        let (mut leaving, mut waiting) = self.apart_from_waiting(facts.person, changes);
        if sum(&leaving) < Ore::ZERO {
            waiting.append(&mut leaving);
        }
        let settled = self.settle(facts.person, &used, sum(&waiting), &mut result.remarks);
        let (waiting, by_decision) = match &settled {
            Some(Settled::Eftergift(_)) => {
                let (meets_itself, gone) = let_go(waiting);
                leaving.extend(meets_itself);
                (Vec::new(), gone)
            }
            Some(_) => (Vec::new(), waiting),
            None => (waiting, Vec::new()),
        };
        let known = self.waiting.get(&facts.person).map_or(&[][..], Vec::as_slice);
        let is_known = |change: &Change| known.iter().any(|row| is_same_change(row, change));
        result.waits_anew = waiting.len() != known.len() || !waiting.iter().all(is_known);
        let profile = facts.profile(self.question.claims_until).or(facts.profiles.last().map(|(row, _)| row));
        let Some(personnummer) = profile.map(|row| row.personnummer.clone()) else {
            return Ok(PersonResult { waits_anew: false, ..result });
        };
        let total = sum(&leaving) + sum(&waiting) + sum(&by_decision) + sum(&held_back);
        result.rows = self.rows(facts.person, &personnummer, leaving, &mut result.remarks)?;
        result.waiting = self.rows(facts.person, &personnummer, waiting, &mut result.remarks)?;
        if let Some(settled) = settled {
            let rows = self.rows(facts.person, &personnummer, by_decision, &mut result.remarks)?;
            result.settled = rows.into_iter().map(|row| BatchRow { settled: settled.clone(), ..row }).collect();
        }
        let belopp = |rows: &[BatchRow]| -> Ore { rows.iter().map(|row| row.belopp).sum() };
        let is_let_go = |row: &&BatchRow| matches!(row.settled, Settled::Eftergift(_));
        let gone: Ore = result.settled.iter().filter(is_let_go).map(|row| row.belopp).sum();
        result.balance.let_go += gone;
        result.balance.owed = belopp(&result.rows) + belopp(&result.settled) - gone;
        result.balance.waiting = total - result.balance.owed - gone;
        self.set_off(&mut result, &personnummer)?;
        Ok(result)
    }

    /// What is booked and not taken back: rows of batches, and payments outside them; and payments for nothing known.
    fn booked(
        &self,
        facts: &PersonFacts,
        lines: &[Line],
        remarks: &[Remark],
        money: Money,
    ) -> (Vec<Booked>, Vec<Elsewhere>) {
        let entries = money.entries();
        let withdrawn = money.withdrawn;
        let mut placed = self.placed(facts, lines, remarks, (money.elsewhere, &withdrawn), &entries);
        let mut booked = outstanding(placed.booked, entries);
        // Of what two who are one were both paid for, the kept one's row stays.
        booked.sort_by_key(|line| line.person != facts.person);
        placed.unplaced.retain(|one| one.paid.day.is_none_or(|day| !self.closed.is_closed(Month::of(day))));
        (booked, placed.unplaced)
    }

    /// For what payments outside the batches were made.
    fn placed(
        &self,
        facts: &PersonFacts,
        lines: &[Line],
        remarks: &[Remark],
        (elsewhere, withdrawn): (Vec<Elsewhere>, &[Meeting]),
        entries: &[Entry],
    ) -> Placed {
        if elsewhere.is_empty() {
            return Placed::default();
        }
        let (gone, elsewhere) = taken_back(elsewhere, entries);
        let held: Vec<Provenance> =
            remarks.iter().filter(|remark| remark.state == State::Held).map(|remark| remark.place.clone()).collect();
        let payable_from = |kind: LineKind, month: Month| p18::payable_from(&self.pinned, kind, month);
        let dressed = |one: &Elsewhere, kind: LineKind, organ: &OrganCode| self.dressed(one, kind, organ);
        let places = Places {
            lines,
            facts,
            held: &held,
            withdrawn,
            first_month: self.first_month(),
            payable_from: &payable_from,
            horizon: self.question.horizon,
            dressed: &dressed,
        };
        let mut placed = place(elsewhere, &places);
        placed.booked.extend(gone);
        placed
    }

    /// How payroll knows a payment outside the ledger, if it must be taken back.
    fn dressed(&self, one: &Elsewhere, kind: LineKind, organ: &OrganCode) -> Dress {
        let anstid = one.paid.anstid.clone().or_else(|| self.persons.anstid(one.paid.person, organ).map(str::to_owned));
        let loneart = self.loaded.lonearter.of(kind, self.question.payout).cloned();
        let organ = self.loaded.regelverk.organ(organ);
        // Where payroll's list names the common code, the row is taken back by it, and by the lönart that it stands for.
        let told = folded(&one.paid.lonart);
        let by_code = loneart.as_ref().filter(|known| known.lonkod.as_deref().is_some_and(|code| folded(code) == told));
        let (lonart, lonkod) = match by_code {
            Some(known) => (known.lonart.clone(), known.lonkod.clone()),
            None => (one.paid.lonart.clone(), None),
        };
        Dress {
            anstid: anstid.unwrap_or_default(),
            lonart,
            lonkod,
            benamning: loneart.as_ref().map(|loneart| loneart.benamning.clone()).unwrap_or_default(),
            konto: loneart.map(|loneart| loneart.konto).unwrap_or_default(),
            ansvar: organ.map(|organ| organ.ansvar.clone()).unwrap_or_default(),
            verksamhet: organ.map(|organ| organ.verksamhet.clone()).unwrap_or_default(),
        }
    }

    /// How what waits is settled, if somebody has decided it; else a remark says that it waits.
    fn settle(
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
    fn set_off(&self, result: &mut PersonResult, personnummer: &Personnummer) -> Result<(), Fault> {
        if self.question.repinned_from.is_some() {
            return Ok(());
        }
        let mut debt = result.debt.clone();
        for row in &result.settled {
            debt.add(row, &self.decided_about(result.person));
        }
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
            behind: crate::domain::Behind::default(),
        };
        let row = self.row(result.person, personnummer, beside.anstid.clone(), line)?;
        result.rows.push(row);
        Ok(())
    }

    fn common<'b>(&'b self, rules: &'b PinnedRules) -> Common<'b> {
        Common {
            rules,
            register: &self.register,
            decisions: &self.decisions,
            first_month: self.first_month(),
            payout: self.question.horizon,
            claims_until: self.question.claims_until,
            explain: self.question.explain,
        }
    }

    /// Months before a recalculation's first are not its business.
    fn is_in_question(&self, change: &Change) -> bool {
        self.question.repinned_from.is_none_or(|from| change.accrued_in() >= from)
    }

    /// What today's rules would pay otherwise in pinned months: shown, never paid by itself (ledger rule 4).
    fn rule_differences(&self, facts: &PersonFacts, lines: &[Line]) -> BTreeMap<Month, (u32, Ore)> {
        let mut differences: BTreeMap<Month, (u32, Ore)> = BTreeMap::new();
        if !self.pinned.differs || self.question.repinned_from.is_some() {
            return differences;
        }
        let today = entitlement(facts, &self.common(&self.current)).lines;
        let (pinned, today) = (by_identity(lines), by_identity(&today));
        let identities: BTreeSet<_> = pinned.keys().chain(today.keys()).copied().collect();
        for identity in identities {
            let (was, is) = (pinned.get(&identity), today.get(&identity));
            if was.zip(is).is_some_and(|(was, is)| are_equal(was, is)) {
                continue;
            }
            let belopp = |lines: Option<&Vec<&Line>>| lines.into_iter().flatten().map(|line| line.belopp).sum::<Ore>();
            if let Some(line) = is.or(was).and_then(|lines| lines.first()) {
                let entry = differences.entry(line.accrued_in).or_default();
                entry.0 += 1;
                entry.1 += belopp(is) - belopp(was);
            }
        }
        differences
    }

    /// Lines of months that another version of the program calculated, and that no fact has changed since.
    fn unchanged_by_facts(&self, before: &PersonFacts, lines: &[Line]) -> HashSet<(Occasion, LineKind)> {
        let then = entitlement(before, &self.common(&self.pinned)).lines;
        let is_other = |line: &&Line| self.pinned.is_of_another_program(line.accrued_in, group_of(line.kind));
        let then = by_identity(&then);
        let now = by_identity(lines);
        let is_same = |line: &&Line| {
            let identity = (&line.occasion, line.kind);
            then.get(&identity).zip(now.get(&identity)).is_some_and(|(then, now)| are_equal(then, now))
        };
        let same = lines.iter().filter(is_other).filter(is_same);
        same.map(|line| (line.occasion.clone(), line.kind)).collect()
    }

    /// What may leave, and what has waited since an earlier batch and is still negative together. What is owed for an
    /// occasion and kind waits while it is just what was written down as waiting; new facts are judged anew.
    fn apart_from_waiting(&self, person: PersonId, changes: Vec<Change>) -> (Vec<Change>, Vec<Change>) {
        let Some(known) = self.waiting.get(&person) else { return (changes, Vec::new()) };
        let (waiting, leaving) = as_written(known, changes);
        if waiting.iter().map(Change::belopp).sum::<Ore>() >= Ore::ZERO {
            return (leaving.into_iter().chain(waiting).collect(), Vec::new());
        }
        (leaving, waiting)
    }

    fn rows(
        &self,
        person: PersonId,
        personnummer: &Personnummer,
        changes: Vec<Change>,
        remarks: &mut Vec<Remark>,
    ) -> Result<Vec<BatchRow>, Fault> {
        let mut rows = Vec::with_capacity(changes.len());
        for change in changes {
            match change {
                Change::Reverse(booked) => rows.push(reversal(personnummer, *booked)),
                Change::Book(line) => match self.persons.anstid(person, &line.organ) {
                    Some(anstid) => rows.push(self.row(person, personnummer, anstid.to_owned(), line)?),
                    None => remarks.push(no_anstid(&line)),
                },
            }
        }
        let key =
            |row: &BatchRow| (row.anstid.clone(), row.day, row.kind, row.occasion.clone(), row.reverses.is_none());
        rows.sort_by_cached_key(key);
        Ok(rows)
    }

    fn row(
        &self,
        person: PersonId,
        personnummer: &Personnummer,
        anstid: String,
        line: Line,
    ) -> Result<BatchRow, Fault> {
        let loneart = self.loaded.lonearter.of(line.kind, self.question.payout).ok_or_else(|| {
            let (kind, month) = (line.kind.name(), self.question.payout);
            Fault::Input(format!(
                "no lönart for {kind} in {month}; add a [[loneart]] in config/regelverk/lonearter.toml"
            ))
        })?;
        let organ = self.loaded.regelverk.organ(&line.organ).ok_or_else(|| {
            Fault::Input(format!(
                "no organ {} in config/regelverk/organ.toml, but it has rows; put it back",
                line.organ
            ))
        })?;
        Ok(BatchRow {
            postid: 0,
            sheet: 0,
            person,
            personnummer: personnummer.clone(),
            anstid,
            occasion: line.occasion,
            kind: line.kind,
            day: line.day,
            organ: line.organ,
            antal: line.antal,
            apris: line.apris,
            belopp: line.belopp,
            accrued_in: line.accrued_in,
            reverses: None,
            lonart: loneart.lonart.clone(),
            lonkod: loneart.lonkod.clone(),
            benamning: loneart.benamning.clone(),
            konto: loneart.konto.clone(),
            ansvar: organ.ansvar.clone(),
            verksamhet: organ.verksamhet.clone(),
            settled: Settled::ByPayroll,
        })
    }
}

fn reversal(personnummer: &Personnummer, booked: Booked) -> BatchRow {
    BatchRow {
        postid: 0,
        sheet: 0,
        person: booked.person,
        personnummer: personnummer.clone(),
        anstid: booked.anstid,
        occasion: booked.occasion,
        kind: booked.kind,
        day: booked.day,
        organ: booked.organ,
        antal: -booked.antal,
        apris: booked.apris,
        belopp: -booked.belopp,
        accrued_in: booked.accrued_in,
        reverses: Some(booked.at),
        lonart: booked.lonart,
        lonkod: booked.lonkod,
        benamning: booked.benamning,
        konto: booked.konto,
        ansvar: booked.ansvar,
        verksamhet: booked.verksamhet,
        settled: Settled::ByPayroll,
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
fn kept(aliases: &Aliases, row: BatchRow) -> BatchRow {
    if aliases.is_empty() {
        return row;
    }
    BatchRow { person: aliases.person(row.person), occasion: aliases.occasion(row.occasion), ..row }
}

/// Who is protected under one number is protected under all.
fn protect(facts: &mut PersonFacts, row: &crate::domain::Person) {
    if row.skyddad == Some(true) {
        facts.profiles.iter_mut().for_each(|(kept, _)| kept.skyddad = Some(true));
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

impl PersonResult {
    fn new(person: PersonId) -> PersonResult {
        PersonResult {
            person,
            rows: Vec::new(),
            waiting: Vec::new(),
            waits_anew: false,
            settled: Vec::new(),
            balance: Balance::default(),
            debt: Debt::default(),
            settlements: Vec::new(),
            remarks: Vec::new(),
            entitled: Vec::new(),
            rule_differences: BTreeMap::new(),
            waived: Vec::new(),
            refused: Vec::new(),
        }
    }
}

fn is_same_change(row: &BatchRow, change: &Change) -> bool {
    match change {
        Change::Reverse(booked) => row.reverses.as_ref() == Some(&booked.at),
        Change::Book(line) => {
            row.reverses.is_none()
                && (&row.occasion, row.kind, row.day) == (&line.occasion, line.kind, line.day)
                && (row.antal, row.apris, row.belopp) == (line.antal, line.apris, line.belopp)
        }
    }
}

/// A meeting may have several lines of a kind, each at its own price.
fn by_identity(lines: &[Line]) -> BTreeMap<(&Occasion, LineKind), Vec<&Line>> {
    let mut found: BTreeMap<(&Occasion, LineKind), Vec<&Line>> = BTreeMap::new();
    for line in lines {
        found.entry((&line.occasion, line.kind)).or_default().push(line);
    }
    found
}

fn are_equal(one: &[&Line], other: &[&Line]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_equal(one, other))
}

fn is_equal(one: &Line, other: &Line) -> bool {
    one.occasion == other.occasion
        && one.kind == other.kind
        && one.day == other.day
        && one.organ == other.organ
        && (one.antal, one.apris, one.belopp) == (other.antal, other.apris, other.belopp)
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

fn negative_remark(sum: Ore) -> Remark {
    Remark {
        kind: RemarkKind::Person,
        state: State::Held,
        day: None,
        reason: format!("personens rader blir tillsammans {}: de väntar på beslut", crate::money::swedish(sum)),
        paragraph: "§ 17",
        proposed: "besluta om återkrav, kvittning mot kommande månader eller eftergift".to_owned(),
        worth: Some(sum),
        undecided: Some(Undecided::Debt),
        place: Provenance::default(),
    }
}

fn no_anstid(line: &Line) -> Remark {
    Remark {
        kind: RemarkKind::Person,
        state: State::Held,
        day: Some(line.day),
        reason: format!("anställningsnummer saknas för {}: {} kan inte betalas ut", line.organ, line.kind.word()),
        paragraph: line.kind.paragraph(),
        proposed: "fyll i kolumnen Anställningsnummer i Personer".to_owned(),
        worth: Some(line.belopp),
        undecided: None,
        place: Provenance::default(),
    }
}

/// The rules by month: pinned ones where a batch has been, today's elsewhere.
pub struct PinnedRules {
    by_month: HashMap<(Month, Group), Arc<Regelverk>>,
    today: Regelverk,
    lonekalender: Lonekalender,
    /// Some month is pinned to other rules than today's.
    pub differs: bool,
}

impl PinnedRules {
    fn new(loaded: &Loaded, pins: &[Pin], repinned_from: Option<Month>) -> Result<PinnedRules, Fault> {
        let (mut by_month, mut differs) = (HashMap::new(), false);
        // Months between two changes have the same rules, and each is read once.
        let (mut read, mut todays) = (HashMap::<&str, Arc<Regelverk>>::new(), HashMap::<Month, String>::new());
        for found in pins.iter().filter(|pin| repinned_from.is_none_or(|from| pin.month < from)) {
            let rules = match read.get(found.rules_sha256.as_str()) {
                Some(rules) => Arc::clone(rules),
                None => Arc::new(serde_json::from_str::<Regelverk>(&found.rules).map_err(|error| {
                    Fault::Refused(format!(
                        "the rules pinned for {} cannot be read ({error}); restore the last backup",
                        found.month
                    ))
                })?),
            };
            read.insert(&found.rules_sha256, Arc::clone(&rules));
            let group = group_named(found.group);
            let today =
                todays.entry(found.month).or_insert_with(|| pin(found.month, group, &loaded.regelverk).rules_sha256);
            differs |= *today != found.rules_sha256;
            by_month.insert((found.month, group), rules);
        }
        let (today, lonekalender) = (loaded.regelverk.clone(), loaded.lonekalender.clone());
        Ok(PinnedRules { by_month, today, lonekalender, differs })
    }

    fn is_of_another_program(&self, month: Month, group: Group) -> bool {
        self.by_month.get(&(month, group)).is_some_and(|rules| rules.law_version != LAW_VERSION)
    }
}

impl Rules for PinnedRules {
    fn of(&self, month: Month, group: Group) -> &Regelverk {
        self.by_month.get(&(month, group)).map_or(&self.today, Arc::as_ref)
    }

    fn lag(&self, kind: LineKind) -> i32 {
        self.lonekalender.lag(kind)
    }
}

fn group_named(name: &str) -> Group {
    if name == Group::Monthly.name() { Group::Monthly } else { Group::Occasional }
}

/// A month's group pinned to the part of the rules that applies in it.
fn pin(month: Month, group: Group, rules: &Regelverk) -> Pin {
    // A map with texts as keys and plain values always becomes JSON.
    let rules = serde_json::to_string(&rules.within(month)).unwrap_or_default();
    Pin { month, group: group.name(), rules_sha256: hex(&Sha256::digest(rules.as_bytes())), rules }
}

/// The last fact that the latest monthly batch up to a batch number knew; 0 before the first.
async fn last_freeze(store: &mut impl Store, up_to: i64) -> Result<i64, Fault> {
    let batches = store.batches().await?;
    let mut monthly = batches
        .iter()
        .rev()
        .filter(|(id, batch, _)| *id <= up_to && batch.kind == BatchKind::Monthly && batch.state != BatchState::Void);
    Ok(monthly.next().map_or(0, |(_, batch, _)| batch.facts_up_to))
}

/// Where some pin was made by another version of the program: the facts that the last batch knew.
async fn earlier_freeze_of_another_program(
    store: &mut impl Store,
    pins: &[Pin],
    pins_up_to: i64,
) -> Result<Option<i64>, Fault> {
    let mark = format!("{{\"law_version\":{LAW_VERSION},");
    if pins.iter().all(|pin| pin.rules.starts_with(&mark)) {
        return Ok(None);
    }
    let batches = store.batches().await?;
    let mut standing = batches
        .into_iter()
        .filter(|(id, batch, _)| *id <= pins_up_to && batch.state != crate::ledger::BatchState::Void);
    Ok(standing.next_back().map(|(_, batch, _)| batch.facts_up_to))
}
