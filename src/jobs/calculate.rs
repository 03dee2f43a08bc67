//! Works out what a batch would carry, person by person, so that memory does not grow with the kommun.

mod accrued;
mod at_rest;
mod closed;
mod disagreed;
mod followed;
mod known;
mod payments;
mod rows;
mod rules;
mod under;
mod waiting;
mod watched;

pub use accrued::{Accrued, AccruedOf, Held, Standing};
pub use at_rest::{AtRest, Rest};
pub use closed::{Closed, closed};
pub use followed::{Asked, Cause, Corrected, FollowedOf, Outcome, Sitting, Trip};
pub use payments::{Refusal, Waived};
pub use rules::PinnedRules;
pub use under::UnderRules;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use self::disagreed::Disagreements;
use self::known::{Known, Money, kept};
use self::rules::earlier_freeze_of_another_program;
use self::waiting::is_same_change;
use crate::calendar::{Day, Month};
use crate::domain::{
    Fact, Fault, Line, LineKind, Meeting, MeetingId, OrganCode, PersonId, Provenance, Remark, State, folded,
};
use crate::jobs::named::aliases;
use crate::law::bestammelserna::p18_utbetalning as p18;
use crate::law::{Common, Decisions, Group, PersonFacts, UppdragRegister, entitlement, group_of, waived};
use crate::ledger::debt::Debt;
use crate::ledger::{
    BatchKind, BatchName, BatchRow, BatchState, Booked, Change, Elsewhere, Entry, Placed, Places, Settled,
    beyond_let_go, difference, held_by, let_go, outstanding, place, taken_back, unplaced_remark,
};
use crate::money::Ore;
use crate::ports::Store;
use crate::regelverk::Loaded;
use crate::register::{Aliases, Origins, PersonRegister};

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
    /// How long nothing can come out of a later batch before something new is told, if this one is booked.
    pub rest: Rest,
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

/// A calculation under way.
pub struct Calculation<'a> {
    loaded: &'a Loaded,
    /// What is worked out.
    pub question: Question,
    /// Everybody known.
    pub persons: PersonRegister,
    register: UppdragRegister,
    /// Every meeting.
    pub meetings: HashMap<MeetingId, Arc<Meeting>>,
    decisions: Decisions,
    disagreements: Disagreements,
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
        let aliases = aliases(store, question.facts_up_to).await?;
        let closed = closed(store, question.facts_up_to).await?;
        let kinds = ["person", "anstid", "uppdrag", "meeting", "beslut", "disagreement"];
        let (mut persons, mut meetings) = (PersonRegister::default(), HashMap::new());
        let mut names = HashMap::<PersonId, Vec<String>>::new();
        let (mut all_uppdrag, mut decisions) = (Vec::new(), Decisions::default());
        let (mut origins, mut disagreements) = (Origins::default(), Disagreements::default());
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
                Fact::Disagreement(found) => disagreements.add(found.clone(), recorded.source.clone()),
                _ => {}
            }
        }
        let meetings = aliases.merged(meetings).into_iter().map(|(id, meeting)| (id, Arc::new(meeting))).collect();
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
            disagreements,
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

    /// The person that an id stands for.
    pub fn kept(&self, person: PersonId) -> PersonId {
        self.aliases.person(person)
    }

    fn first_month(&self) -> Month {
        self.loaded.lonekalender.forsta_manad.unwrap_or(self.question.payout)
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
        let may_rest = before.is_none() && self.is_plainly_paid(facts.person, &money);
        let rest = if may_rest { self.rest(facts, &found) } else { Rest::Awake };
        result.rule_differences = self.rule_differences(facts, &found.lines);
        let unchanged = before.map(|before| self.unchanged_by_facts(before, &found.lines, &money)).unwrap_or_default();
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
        let differences = changes.len();
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
        let (mut held_back, changes) = held_by(&unplaced, changes);
        result.remarks.extend(unplaced.iter().map(|one| unplaced_remark(one, sum(&held_back))));
        let (disagreed, changes) = self.disagreements.apart(facts, changes);
        result.remarks.extend(self.disagreements.remarks(facts, &disagreed, &self.meetings, &self.closed));
        held_back.extend(disagreed);
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
        result.rest = if result.is_wholly_settled(differences) { rest } else { Rest::Awake };
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
            rest: Rest::Awake,
        }
    }
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
