//! Persons at rest: nothing can come out for them before something new is told, so that the cost of a monthly freeze
//! follows what is new and not what has ever been.
//!
//! What comes out for a person hangs on nothing but: their own facts, the meetings they attended, what is common to all
//! (register of uppdrag and names, decisions, disagreements, merges and links, what is closed and gallrat), the rules and
//! pins, the ledger's rows of theirs, the payout month, and the day until which claims are known. A monthly batch writes
//! down as at rest whom it has worked out (or left at rest) and of whom all of this holds:
//!
//! 1. Everything is settled with this batch: each difference became a row of it. Nothing waits, is held, is let go, is set
//!    off, is waived, was refused or was paid elsewhere, and there is no remark of any kind. So of the same facts the next
//!    batch finds the lines booked as they are, and has nothing to say.
//! 2. Nothing comes of time alone. Everything of theirs had come in by the day until which claims were known; that is
//!    enough for as long as the payout month is the same. For later months, besides: no line was payable later (pension
//!    payouts, lags), no paid uppdrag goes on after the payout month, and there is no absence and no jour.
//!
//! The next monthly freeze leaves such a person out where, besides, all of this holds:
//!
//! 3. The batch that wrote it down is the latest that stands, the batches before it stand as they did, gallring has not run
//!    since, the program and all of the settings of the regulation are the same, no month is pinned to other rules than
//!    today's, and the clock has not gone back. (Pins of the batch hold the same rules then.)
//! 4. Since then nothing was told of what is common to all. A new meeting is nobody's yet; one that was changed is theirs
//!    who stand on its lists or claim something for it.
//! 5. Since then nothing was told of the person under any of their ids: their own facts, and payroll's answers, are that.
//! 6. None of their rows was left out of that batch at its cut-off. (Of earlier batches that was known when it was frozen,
//!    for the next is frozen only when nothing more can be left out.)
//!
//! What such a person adds to the outcome is nothing, and need not be told from anywhere: by 1 no rows, remarks, waivers or
//! waiting; by 3 no rule differences; by both nothing to the tripwires' measures; by 1 and 3 every month of theirs is
//! pinned already. Where any of it is in doubt, everybody is worked out.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::known::Money;
use super::{Calculation, PersonResult};
use crate::calendar::{Day, Month};
use crate::domain::{Fault, LineKind, MeetingId, PersonId};
use crate::jobs::cut_off::left_out_of;
use crate::jobs::import_workbooks::about;
use crate::law::{Entitlement, PersonFacts};
use crate::ledger::{Batch, BatchKind, BatchRow, BatchState, Settled, Summed, hex};
use crate::ports::{Store, Touched};

/// Which program this is: what another one has found out is not believed.
const PROGRAM: &str = env!("ARVODE_SOURCES");

/// Kinds of facts that are only their person's.
const OF_ONE: [&str; 9] =
    ["attendance", "claim", "income", "absence", "distance", "jour", "avstaende", "utbetalt", "anstid"];

/// Changed meetings whose lists are looked up; where more have changed, everybody is worked out.
const MEETINGS_LOOKED_UP: usize = 100;

/// Kinds of facts that no calculation asks for.
const OF_NOBODY: [&str; 3] = ["source_record", "source_meeting", "source_person"];

type Batches = [(i64, Batch, Summed)];

/// How long nothing can come out for a person before something new is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rest {
    /// Something may come out at any time.
    #[default]
    Awake,
    /// Until the next payout month.
    ThisMonth,
    /// Always.
    Always,
}

/// Who is at rest.
#[derive(Clone, Debug, Default)]
pub struct AtRest {
    this_month: HashSet<PersonId>,
    always: HashSet<PersonId>,
}

impl AtRest {
    /// How many.
    pub fn count(&self) -> usize {
        self.this_month.len() + self.always.len()
    }

    /// Takes in what came out for a person.
    pub fn take(&mut self, result: &PersonResult) {
        match result.rest {
            Rest::Awake => {}
            Rest::ThisMonth => drop(self.this_month.insert(result.person)),
            Rest::Always => drop(self.always.insert(result.person)),
        }
    }

    fn has(&self, person: PersonId) -> bool {
        self.this_month.contains(&person) || self.always.contains(&person)
    }

    fn wake(&mut self, person: PersonId) {
        self.this_month.remove(&person);
        self.always.remove(&person);
    }

    fn parsed(text: &str) -> Option<AtRest> {
        let (this_month, always) = text.split_once('\n')?;
        Some(AtRest { this_month: ids(this_month)?, always: ids(always)? })
    }

    fn text(&self) -> String {
        format!("{}\n{}", listed(&self.this_month), listed(&self.always))
    }
}

fn ids(text: &str) -> Option<HashSet<PersonId>> {
    text.split_whitespace().map(|id| id.parse().ok().map(PersonId)).collect()
}

fn listed(persons: &HashSet<PersonId>) -> String {
    let mut ids: Vec<i64> = persons.iter().map(|person| person.0).collect();
    ids.sort_unstable();
    ids.into_iter().map(|id| id.to_string()).collect::<Vec<_>>().join(" ")
}

impl Calculation<'_> {
    /// Leaves out whoever is at rest, and gives them.
    ///
    /// # Errors
    /// The database.
    pub async fn leave_at_rest(&mut self, store: &mut impl Store, batches: &Batches) -> Result<AtRest, Fault> {
        let Some(mut at_rest) = self.believed(store, batches).await? else { return Ok(AtRest::default()) };
        let (left, queue): (Vec<PersonId>, Vec<PersonId>) =
            std::mem::take(&mut self.queue).into_iter().partition(|person| at_rest.has(*person));
        self.queue = queue;
        let known: HashSet<PersonId> = left.into_iter().collect();
        at_rest.this_month.retain(|person| known.contains(person));
        at_rest.always.retain(|person| known.contains(person));
        Ok(at_rest)
    }

    /// Who is at rest by what the latest batch wrote down, and by what was told since.
    async fn believed(&self, store: &mut impl Store, batches: &Batches) -> Result<Option<AtRest>, Fault> {
        let question = &self.question;
        let is_whole = question.repinned_from.is_none() && question.only.is_none() && !question.explain;
        if !is_whole || self.earlier_facts.is_some() || self.pinned.differs {
            return Ok(None);
        }
        let Some((id, latest, _)) = standing(batches).last() else { return Ok(None) };
        let is_before = latest.name.payout <= question.payout && latest.frozen_on <= question.claims_until;
        if latest.kind != BatchKind::Monthly || !is_before || latest.facts_up_to > question.facts_up_to {
            return Ok(None);
        }
        let Some(written) = store.at_rest(*id).await? else { return Ok(None) };
        let Some((common, persons)) = written.split_once('\n') else { return Ok(None) };
        if common != self.common_hash(store, batches).await? {
            return Ok(None);
        }
        let Some(mut at_rest) = AtRest::parsed(persons) else { return Ok(None) };
        if latest.name.payout != question.payout {
            at_rest.this_month.clear();
        }
        let told = store.touched(latest.facts_up_to, question.facts_up_to).await?;
        let Some((mut persons, meetings)) = touched(&told) else { return Ok(None) };
        let meetings: Vec<MeetingId> = meetings.into_iter().flat_map(|meeting| self.all_ids_of(meeting)).collect();
        for kind in ["attendance", "claim"].into_iter().filter(|_| !meetings.is_empty()) {
            let standing = store.standing_of_meetings(kind, &meetings).await?;
            persons.extend(standing.into_iter().filter_map(|one| about(&one.fact?).person));
        }
        persons.extend(left_out_of(store, *id).await?.into_iter().map(|stored| stored.row.person));
        persons.into_iter().for_each(|person| at_rest.wake(self.aliases.person(person)));
        Ok(Some(at_rest))
    }

    /// Every id of the meeting that an id stands for.
    fn all_ids_of(&self, meeting: MeetingId) -> Vec<MeetingId> {
        self.aliases.meetings_of(self.aliases.meeting(meeting))
    }

    /// Writes down who is at rest after a batch. `batches` ends with it.
    ///
    /// # Errors
    /// The database.
    pub async fn write_at_rest(
        &self,
        store: &mut impl Store,
        batches: &Batches,
        at_rest: &AtRest,
    ) -> Result<(), Fault> {
        let mut latest = standing(batches).rev();
        let Some((id, _, _)) = latest.next() else { return Ok(()) };
        let before = latest.next().map_or(0, |(id, _, _)| *id);
        let common = self.common_hash(store, batches).await?;
        store.set_at_rest(*id, before, &format!("{common}\n{}", at_rest.text())).await
    }

    /// Program, settings, gallring and standing batches as one hash.
    async fn common_hash(&self, store: &mut impl Store, batches: &Batches) -> Result<String, Fault> {
        let mut hash = Sha256::new();
        hash.update(PROGRAM);
        hash.update(format!("{:?}\n{:?}\n", self.loaded, store.gallringar().await?));
        let left_out = store.left_out().await?;
        for (id, batch, summed) in standing(batches) {
            // As it was frozen: whom leaving out concerns is woken.
            let found = left_out.iter().find(|(of, _)| of == id);
            let sha256 = found.map_or(&summed.sha256, |(_, one)| &one.frozen_sha256);
            hash.update(format!("{id} {} {} {sha256}\n", batch.name, batch.facts_up_to));
        }
        Ok(hex(&hash.finalize()))
    }

    /// How long time alone can bring nothing for a person (2.).
    pub(super) fn rest(&self, facts: &PersonFacts, found: &Entitlement) -> Rest {
        let (horizon, until) = (self.question.horizon, self.question.claims_until);
        let is_known = facts.claims.iter().all(|claimed| claimed.claim.inkom <= until)
            && facts.attended.iter().all(|attended| attended.attendance.inkom <= until);
        let has_ended = |to: Option<Day>| to.is_some_and(|to| Month::of(to) <= horizon);
        let is_timeless = !found.has_later
            && facts.uppdrag.iter().all(|(uppdrag, _)| uppdrag.nyckel.is_none() || has_ended(uppdrag.to))
            && facts.absences.is_empty()
            && facts.jour.is_empty();
        match (is_known, is_timeless) {
            (false, _) => Rest::Awake,
            (true, false) => Rest::ThisMonth,
            (true, true) => Rest::Always,
        }
    }

    /// Whether nothing was ever paid, refused or settled otherwise than by rows that payroll took (1.).
    pub(super) fn is_plainly_paid(&self, person: PersonId, money: &Money) -> bool {
        let is_plain = |row: &BatchRow| row.settled == Settled::ByPayroll && row.kind != LineKind::Kvittning;
        money.elsewhere.is_empty()
            && money.refused.is_empty()
            && money.withdrawn.is_empty()
            && money.rows.iter().all(|stored| is_plain(&stored.row))
            && !self.waiting.contains_key(&person)
    }
}

impl PersonResult {
    /// Whether each of so many differences became a row, and nothing else is to be said (1.).
    pub(super) fn is_wholly_settled(&self, differences: usize) -> bool {
        self.rows.len() == differences
            && self.waiting.is_empty()
            && self.settled.is_empty()
            && self.settlements.is_empty()
            && self.remarks.is_empty()
            && self.waived.is_empty()
            && self.refused.is_empty()
            && self.rule_differences.is_empty()
    }
}

fn standing(batches: &Batches) -> impl DoubleEndedIterator<Item = &(i64, Batch, Summed)> {
    batches.iter().filter(|(_, batch, _)| batch.state != BatchState::Void)
}

/// About whom something was told, and which known meetings were changed; none where it may be about anybody (4.).
fn touched(told: &[Touched]) -> Option<(Vec<PersonId>, Vec<MeetingId>)> {
    let (mut persons, mut meetings) = (Vec::new(), Vec::new());
    for one in told {
        match (one.kind.as_str(), one.person, one.meeting) {
            (kind, Some(person), _) if OF_ONE.contains(&kind) => persons.push(person),
            ("meeting", None, Some(meeting)) if one.is_revision => meetings.push(meeting),
            ("meeting", None, Some(_)) => {}
            (kind, _, _) if OF_NOBODY.contains(&kind) => {}
            _ => return None,
        }
    }
    (meetings.len() <= MEETINGS_LOOKED_UP).then_some((persons, meetings))
}
