//! The test's own books. They are kept from what is stored, row by row, and from nothing that the calculation says of
//! itself: whose anställningsnummer a row went out under got the money, whatever else the row says.
//!
//! After every step they are laid beside what the calculation says.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arvode::calendar::{Day, Month};
use arvode::domain::{
    Avstaende, Avstar, Betalning, ClaimKind, Fact, Line, LineKind, MeetingId, Occasion, PersonId, Provenance, Recorded,
    Remark, State, Utbetalt,
};
use arvode::jobs::calculate::{Calculation, PersonResult};
use arvode::jobs::freeze_batch::{Wanted, question_as_known};
use arvode::jobs::import_workbooks::{about, key_of};
use arvode::ledger::{Batch, BatchName, BatchRow, BatchState, Reversed, Settled, Summed};
use arvode::money::Ore;
use arvode::ports::{Clock, Revised, Store, StoredRow};

use super::kommun::Kommun;

/// What has left stays as it left: every row of a delivered batch by its number, with its batch and its text.
#[derive(Default)]
pub struct Books {
    delivered: BTreeMap<i64, (BatchName, String)>,
    journal: Journal,
    /// The rows that stood when batches last moved, with how the batches stood.
    stood: (Vec<(i64, BatchState)>, Vec<StoredRow>),
}

/// Every fact that stands, read as it was recorded: by its key.
#[derive(Default)]
pub struct Journal {
    standing: HashMap<String, Recorded>,
    /// Who was once on which meeting's list, and is no more.
    once_attended: BTreeSet<(PersonId, MeetingId)>,
    /// Whose each anställningsnummer is, or was last.
    owners: HashMap<String, PersonId>,
    /// The last day that was told of each meeting, withdrawn or not.
    last_days: HashMap<MeetingId, Day>,
    read_to: i64,
}

impl Journal {
    async fn read_on(&mut self, kommun: &mut Kommun) {
        let last = kommun.db.last_fact().await.unwrap();
        for revised in kommun.db.revisions(self.read_to + 1, last).await.unwrap() {
            let Revised { number, key, fact, before, source, .. } = revised;
            match (&fact, &before) {
                (Some(Fact::Anstid(told)), _) => drop(self.owners.insert(told.anstid.clone(), told.person)),
                (Some(Fact::Meeting(meeting)), _) => drop(self.last_days.insert(meeting.meeting, meeting.day)),
                (Some(Fact::Attendance(at)), _) => drop(self.once_attended.remove(&(at.person, at.meeting))),
                (None, Some(Fact::Attendance(at))) => drop(self.once_attended.insert((at.person, at.meeting))),
                _ => {}
            }
            match fact {
                Some(fact) => drop(self.standing.insert(key, Recorded { number, fact, source })),
                None => drop(self.standing.remove(&key)),
            }
        }
        self.read_to = last;
    }

    /// In the order in which they became known.
    fn in_order(&self) -> Vec<&Recorded> {
        let mut found: Vec<&Recorded> = self.standing.values().collect();
        found.sort_by_key(|recorded| recorded.number);
        found
    }
}

/// Everything that is stored now, read by the test itself.
pub struct Known {
    linked: HashMap<MeetingId, MeetingId>,
    meeting_days: HashMap<MeetingId, Day>,
    /// Whom a meeting that is withdrawn, or whose list is, was once told of; with the last day told of the id it is kept under.
    once_attended: BTreeSet<(PersonId, MeetingId, Day)>,
    pub closed: Option<Month>,
    /// By whom they are about, as they are known now.
    facts: HashMap<PersonId, Vec<Recorded>>,
    waivers: HashMap<PersonId, Vec<Avstaende>>,
    /// By whose number they went out under, as they are known now.
    rows: HashMap<PersonId, Vec<StoredRow>>,
    refused: BTreeSet<i64>,
    first_month: Month,
}

/// What one person has got, and what decisions made of it. Money to the person is positive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Rows that payroll has paid, set-off rows apart.
    pub payroll: Ore,
    /// Paid elsewhere for something that is known.
    pub elsewhere: Ore,
    /// Asked back outside payroll; negative.
    pub aterkrav: Ore,
    /// Decided to be set off month by month; negative.
    pub kvittning: Ore,
    /// Set off so far; negative.
    pub set_off: Ore,
    /// The part of `kvittning` that was earned in months that are still open.
    pub kvittning_open: Ore,
    /// What decisions let go, by what it was for; negative.
    pub let_go: BTreeMap<(Occasion, LineKind), Vec<Ore>>,
}

impl Account {
    /// What the ledger must call booked.
    pub fn booked(&self) -> Ore {
        self.payroll + self.elsewhere + self.aterkrav + self.kvittning_open
    }

    /// What is still to be set off.
    pub fn debt(&self) -> Ore {
        -self.kvittning + self.set_off
    }
}

fn root<T: Copy + Eq + std::hash::Hash>(of: &HashMap<T, T>, id: T) -> T {
    let mut found = id;
    while let Some(next) = of.get(&found) {
        found = *next;
    }
    found
}

fn is_in_force(waiver: &Avstaende, day: Day) -> bool {
    waiver.from <= day && waiver.to.is_none_or(|to| day <= to)
}

impl Known {
    pub async fn read(kommun: &mut Kommun, journal: &mut Journal, every_row: &[StoredRow]) -> Known {
        journal.read_on(kommun).await;
        let (mut merged, mut linked, mut own_days) = (HashMap::new(), HashMap::new(), HashMap::new());
        let mut closed = None;
        let (mut waivers, mut refused) = (HashMap::<PersonId, Vec<Avstaende>>::new(), BTreeSet::new());
        for recorded in journal.in_order() {
            match &recorded.fact {
                Fact::Merge(merge) => drop(merged.insert(merge.from, merge.into)),
                Fact::Link(link) => drop(linked.insert(link.from, link.into)),
                Fact::Closing(closing) => closed = Some(closing.through),
                Fact::Meeting(meeting) => drop(own_days.insert(meeting.meeting, meeting.day)),
                Fact::Utbetalt(paid) if paid.status == Betalning::Avvisad => refused.extend(paid.row),
                Fact::Avstaende(waiver) => waivers.entry(waiver.person).or_default().push(waiver.clone()),
                _ => {}
            }
        }
        let mut meeting_days = own_days.clone();
        let in_order: BTreeMap<&MeetingId, &MeetingId> = linked.iter().collect();
        for (from, into) in in_order {
            if let Some(day) = own_days.get(from) {
                meeting_days.insert(*into, *day);
            }
        }
        let mut facts = HashMap::<PersonId, Vec<Recorded>>::new();
        for recorded in journal.in_order() {
            if let Some(person) = about(&recorded.fact).person {
                facts.entry(root(&merged, person)).or_default().push(recorded.clone());
            }
        }
        for (from, into) in &merged {
            let theirs = waivers.remove(from).unwrap_or_default();
            waivers.entry(root(&merged, *into)).or_default().extend(theirs);
        }
        let mut rows = HashMap::<PersonId, Vec<StoredRow>>::new();
        for stored in every_row {
            let owner = journal
                .owners
                .get(stored.row.anstid.as_str())
                .unwrap_or_else(|| panic!("nobody has {}", stored.row.anstid));
            rows.entry(root(&merged, *owner)).or_default().push(stored.clone());
        }
        let first_month = kommun.first_month();
        let once = journal.once_attended.iter().map(|(person, meeting)| {
            let kept = root(&linked, *meeting);
            (root(&merged, *person), kept, journal.last_days[&kept])
        });
        let once_attended = once.collect();
        Known { linked, meeting_days, once_attended, closed, facts, waivers, rows, refused, first_month }
    }

    pub fn is_open(&self, month: Month) -> bool {
        self.closed.is_none_or(|through| month > through)
    }

    fn facts_about(&self, person: PersonId) -> impl Iterator<Item = &Recorded> {
        self.facts.get(&person).into_iter().flatten()
    }

    /// Whether the person waives what a line pays.
    pub fn is_waived(&self, person: PersonId, line: &Line) -> bool {
        let mut waivers = self.waivers.get(&person).into_iter().flatten();
        waivers.any(|waiver| is_in_force(waiver, line.day) && covers(waiver.what, line.kind))
    }

    /// What one person has got by the rows and payments that stand.
    pub fn account(&self, person: PersonId, lines: &[Line], remarks: &[Remark], payout: Month) -> Account {
        let mut account = Account::default();
        let rows = self.rows.get(&person).into_iter().flatten();
        for stored in rows.filter(|stored| !self.refused.contains(&stored.id)) {
            let (row, is_open) = (&stored.row, self.is_open(stored.row.accrued_in));
            match &row.settled {
                Settled::Eftergift(_) if is_open => {
                    let occasion = self.kept(row.occasion.clone());
                    account.let_go.entry((occasion, row.kind)).or_default().push(row.belopp);
                }
                Settled::Eftergift(_) => {}
                Settled::Kvittning(_) => {
                    account.kvittning += row.belopp;
                    account.kvittning_open += if is_open { row.belopp } else { Ore::ZERO };
                }
                Settled::ByPayroll if row.kind == LineKind::Kvittning => account.set_off += row.belopp,
                Settled::Aterkrav(_) if is_open => account.aterkrav += row.belopp,
                Settled::ByPayroll if is_open => account.payroll += row.belopp,
                _ => {}
            }
        }
        for recorded in self.facts_about(person) {
            let Fact::Utbetalt(paid) = &recorded.fact else { continue };
            if !paid.is_external() {
                continue;
            }
            let taken_back = self.taken_back(person, &key_of(&recorded.fact));
            let mut rest = paid.belopp;
            for (month, belopp) in taken_back {
                rest = rest - belopp;
                account.elsewhere += if self.is_open(month) { belopp } else { Ore::ZERO };
            }
            let month = self.paid_for(person, paid, lines, remarks, payout).filter(|month| self.is_open(*month));
            account.elsewhere += month.map_or(Ore::ZERO, |_| rest);
        }
        account
    }

    /// What rows have taken back of a payment elsewhere, and in which month it was earned: of the whole, or of each line
    /// that it was the sum of. That much was paid for something, whatever has become of it since.
    fn taken_back(&self, person: PersonId, key: &str) -> Vec<(Month, Ore)> {
        let mut found: BTreeMap<&str, (Month, Ore)> = BTreeMap::new();
        let rows = self.rows.get(&person).into_iter().flatten();
        for stored in rows.filter(|stored| !self.refused.contains(&stored.id)) {
            if stored.row.settled.name() != "eftergift"
                && let Some(Reversed::Paid(of, _)) = &stored.row.reverses
                && of.strip_prefix(key).is_some_and(|part| part.is_empty() || part.starts_with('#'))
            {
                found.insert(of, (stored.row.accrued_in, -stored.row.belopp));
            }
        }
        found.into_values().collect()
    }

    fn kept(&self, occasion: Occasion) -> Occasion {
        match occasion {
            Occasion::Meeting(meeting) => Occasion::Meeting(root(&self.linked, meeting)),
            other => other,
        }
    }

    /// The month that a payment elsewhere was for, if anything known that is ours to judge answers to it.
    fn paid_for(
        &self,
        person: PersonId,
        paid: &Utbetalt,
        lines: &[Line],
        remarks: &[Remark],
        payout: Month,
    ) -> Option<Month> {
        let day = paid.day?;
        let named = paid.meeting.map(|meeting| root(&self.linked, meeting));
        let is_at = |meeting: MeetingId| {
            let meeting = root(&self.linked, meeting);
            let on_day = self.meeting_days.get(&meeting) == Some(&day);
            self.meeting_days.contains_key(&meeting) && named.map_or(on_day, |named| named == meeting)
        };
        let claims = || {
            self.facts_about(person).filter_map(|recorded| match &recorded.fact {
                Fact::Claim(claim) => Some(claim),
                _ => None,
            })
        };
        let of_line = lines.iter().find(|line| {
            paid.kinds.contains(&line.kind)
                && match &line.occasion {
                    Occasion::UppdragMonth(_, month) => *month == Month::of(day),
                    Occasion::Meeting(meeting) => is_at(*meeting),
                    Occasion::Claim(id) => claims().any(|claim| claim.claim == *id && is_at(claim.meeting)),
                    _ => line.day == day,
                }
        });
        if let Some(line) = of_line {
            return Some(line.accrued_in);
        }
        let month = Month::of(day);
        let lag = paid.kinds.first().map_or(0, |kind| i32::from(!is_fee(*kind)));
        if month < self.first_month || month.plus(lag) > payout {
            return None;
        }
        let is_held =
            |source: &Provenance| remarks.iter().any(|remark| remark.state == State::Held && remark.place == *source);
        if paid.kinds.iter().copied().any(is_fee) {
            let mut fees = self.facts_about(person).filter(|recorded| match &recorded.fact {
                Fact::Uppdrag(uppdrag) => uppdrag.nyckel.is_some() && uppdrag.from <= month.last(),
                _ => false,
            });
            return fees.next().filter(|recorded| !is_held(&recorded.source)).map(|_| month);
        }
        let pays = |slag: ClaimKind| paid.kinds.iter().any(|kind| slag.pays(*kind));
        let of_claim = self.facts_about(person).find_map(|recorded| match &recorded.fact {
            Fact::Claim(claim) if pays(claim.slag) && is_at(claim.meeting) => Some((claim, &recorded.source)),
            _ => None,
        });
        if let Some((claim, source)) = of_claim {
            // While it waits for a decision it stays, unless the attendance was taken back.
            let meeting = root(&self.linked, claim.meeting);
            let is_gone = self.once_attended.iter().any(|(who, gone, _)| (*who, *gone) == (person, meeting))
                && !self.facts_about(person).any(|recorded| match &recorded.fact {
                    Fact::Attendance(at) => root(&self.linked, at.meeting) == meeting,
                    _ => false,
                });
            return (is_gone || !is_held(source)).then_some(month);
        }
        let mut attended = self.facts_about(person).filter(|recorded| match &recorded.fact {
            Fact::Attendance(attendance) => is_at(attendance.meeting),
            _ => false,
        });
        if let Some(recorded) = attended.next() {
            return (!is_held(&recorded.source)).then_some(month);
        }
        let mut once = self.once_attended.iter().filter(|(who, _, _)| *who == person);
        once.any(|(_, meeting, on)| named.map_or(*on == day, |named| named == *meeting)).then_some(month)
    }
}

fn is_fee(kind: LineKind) -> bool {
    matches!(kind, LineKind::Arsarvode | LineKind::FastArvode)
}

fn covers(what: Avstar, kind: LineKind) -> bool {
    use LineKind::{
        Arsarvode, Dagarvode, FastArvode, Grundarvode, Inlasningsarvode, Installningsarvode, Justeringsarvode,
        Timarvode, TimarvodeForrattning,
    };
    match what {
        Avstar::Allt => !kind.is_absence(),
        Avstar::Arsarvode => kind == Arsarvode,
        Avstar::FastArvode => kind == FastArvode,
        Avstar::Sammantradesarvode => {
            let meeting = [Grundarvode, Timarvode, Dagarvode, Justeringsarvode, Inlasningsarvode];
            meeting.contains(&kind) || [Installningsarvode, TimarvodeForrattning].contains(&kind)
        }
        Avstar::Yrkande(slag) => slag.pays(kind),
    }
}

fn text(stored: &StoredRow) -> String {
    let row = &stored.row;
    format!("{} {} {:?} {} {:?}", stored.batch, row.person.0, row.settled, row.accrued_in, row.canonical())
}

fn sum<'a>(amounts: impl IntoIterator<Item = &'a Line>) -> Ore {
    amounts.into_iter().map(|line| line.belopp).sum()
}

impl Books {
    /// A delivered batch was voided, since payroll threw its file away: its rows are no payments any more.
    pub fn forget(&mut self, name: BatchName) {
        self.delivered.retain(|_, (batch, _)| *batch != name);
    }

    /// Rows that stood are booked no more, though no batch has moved.
    pub fn look_again(&mut self) {
        self.stood.0.clear();
    }

    /// Lays the books beside the calculation, for everybody; `twice` asks for the batch once more.
    pub async fn check(&mut self, kommun: &mut Kommun, payout: Month, twice: bool) -> Vec<PersonResult> {
        self.check_batches(kommun, twice).await;
        let known = Known::read(kommun, &mut self.journal, &self.stood.1).await;
        let wanted = Wanted::Monthly(payout);
        let today = kommun.clock.today();
        let (_, mut question) = question_as_known(&mut kommun.db, &wanted, today, None).await.unwrap();
        question.explain = true;
        let mut calculation = Calculation::start(&mut kommun.db, &kommun.loaded, question).await.unwrap();
        let mut results = Vec::new();
        while let Some(found) = calculation.next(&mut kommun.db).await.unwrap() {
            results.extend(found);
        }
        for result in &results {
            known.check_person(result, payout);
        }
        if twice {
            let rows = (1..).zip(results.iter().flat_map(|result| &result.rows));
            let rows = rows.map(|(postid, row)| BatchRow { postid, ..row.clone() }.canonical());
            assert_eq!(kommun.preview(&wanted).await, rows.collect::<Vec<_>>(), "a second preview gives the same rows");
        }
        results
    }

    /// What has left never changes, at most one batch is open, and the audit chain is whole. Rows are read again when a
    /// batch has moved, and now and then.
    async fn check_batches(&mut self, kommun: &mut Kommun, again: bool) {
        let batches = kommun.db.batches().await.unwrap();
        let open = batches.iter().filter(|(_, batch, _)| batch.state.is_open()).count();
        assert!(open <= 1, "{open} batches are open");
        kommun.db.audit_head().await.unwrap();
        let states: Vec<(i64, BatchState)> = batches.iter().map(|(id, batch, _)| (*id, batch.state)).collect();
        if states == self.stood.0 && !again {
            return;
        }
        self.stood = (states, kommun.every_row().await);
        let is_delivered = |batch: &&(i64, Batch, Summed)| batch.1.state == BatchState::Delivered;
        let delivered: BTreeSet<_> = batches.iter().filter(is_delivered).map(|(_, batch, _)| batch.name).collect();
        let rows = self.stood.1.iter().filter(|stored| delivered.contains(&stored.batch));
        let now: BTreeMap<i64, (BatchName, String)> =
            rows.map(|stored| (stored.id, (stored.batch, text(stored)))).collect();
        for (id, then) in &self.delivered {
            assert_eq!(now.get(id), Some(then), "a row that has left has changed");
        }
        self.delivered = now;
    }
}

impl Known {
    /// Invariant 2, with every part that can be known otherwise worked out here.
    fn check_person(&self, result: &PersonResult, payout: Month) {
        let (person, balance) = (result.person, result.balance);
        let account = self.account(person, &result.entitled, &result.remarks, payout);
        let open: Vec<&Line> = result.entitled.iter().filter(|line| self.is_open(line.accrued_in)).collect();
        let waived = open.iter().copied().filter(|line| self.is_waived(person, line));
        let who = format!("person {}: {balance:?}\n{account:?}", person.0);
        assert_eq!(balance.entitled, sum(open.iter().copied()), "entitled, {who}");
        assert_eq!(balance.waived, sum(waived), "waived, {who}");
        assert_eq!(balance.booked, account.booked(), "booked, {who}");
        let is_whole = balance.left_out == Ore::ZERO || self.closed.is_some();
        assert!(is_whole, "a month's batch leaves out what touches a closed month, and nothing else, {who}");
        let placed =
            balance.booked + balance.owed + balance.waiting + balance.let_go + balance.waived + balance.left_out;
        assert_eq!(balance.entitled, placed, "invariant 2, {who}");
        let waiting: Ore = result.waiting.iter().map(|row| row.belopp).sum();
        let is_asked = result.remarks.iter().any(|remark| remark.reason.starts_with("utbetalt "));
        let is_said = balance.waiting == waiting || (is_asked && balance.waiting > waiting);
        assert!(is_said, "what waits stands in its rows, or for a payment that nobody knows what it was for, {who}");
        assert!(result.waiting.is_empty() || waiting < Ore::ZERO, "only who is net negative waits, {who}");
        assert_eq!(result.debt.left(), account.debt(), "what is to be set off, {who}");
        let given_back = result.rows.iter().filter(|row| row.kind == LineKind::Kvittning).map(|row| row.belopp);
        let (over, given_back) = (-account.debt().min(Ore::ZERO), given_back.filter(|belopp| *belopp > Ore::ZERO));
        assert_eq!(over, given_back.sum(), "what is set off beyond what was decided goes back at once, {who}");
        let rows: Ore = result.rows.iter().map(|row| row.belopp).sum();
        assert!(rows >= Ore::ZERO, "payroll gets no net negative person, {who}");
    }
}
