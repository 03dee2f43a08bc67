//! What persons owe: debts that nobody has decided, what is to be invoiced, what is set off month by month, and what
//! was let go.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::calculate::{Calculation, PersonResult};
use super::remark_list::standing_now;
use crate::calendar::Day;
use crate::domain::{Fault, PersonId};
use crate::ledger::debt::Debt;
use crate::ledger::{BatchName, BatchRow, BatchState, Settled};
use crate::money::Ore;
use crate::ports::Store;
use crate::regelverk::Loaded;

/// How a debt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nobody has decided; nothing happens.
    Undecided,
    /// To be invoiced outside payroll.
    Aterkrav,
    /// Set off month by month.
    Kvittning,
    /// Let go.
    Eftergift,
}

impl Kind {
    /// The word that people read.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Undecided => "obeslutad",
            Kind::Aterkrav => "återkrav",
            Kind::Kvittning => "kvittning",
            Kind::Eftergift => "eftergift",
        }
    }
}

/// What one person owes, or owed, in one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receivable {
    /// Who.
    pub person: PersonId,
    /// Whom payroll knows the person as.
    pub anstid: Option<String>,
    /// How it stands.
    pub kind: Kind,
    /// The decision's diarienummer.
    pub decision: Option<String>,
    /// The batch in which it began to wait, or that settled it; none before the next freeze.
    pub since: Option<BatchName>,
    /// The whole of it.
    pub total: Ore,
    /// What has been set off or let go of it.
    pub settled: Ore,
    /// At most so much a month.
    pub monthly: Option<Ore>,
    /// What each batch has set off.
    pub batches: Vec<(BatchName, Ore)>,
    /// The rows that it consists of.
    pub rows: Vec<BatchRow>,
}

impl Receivable {
    /// What is still owed.
    pub fn left(&self) -> Ore {
        self.total - self.settled
    }
}

/// Everybody who owes or owed, in the order of their anställningsnummer.
///
/// # Errors
/// The database, or settings without a first month.
pub async fn receivables(store: &mut impl Store, loaded: &Loaded, today: Day) -> Result<Vec<Receivable>, Fault> {
    let question = standing_now(today, store.last_fact().await?);
    let mut calculation = Calculation::start(store, loaded, question).await?;
    let mut found = Vec::new();
    while let Some(results) = calculation.next(store).await? {
        for result in results {
            let anstid = calculation.persons.main_anstid(result.person).map(str::to_owned);
            let mut of_person = settled(&calculation, &result);
            of_person.extend(undecided(&result));
            found.extend(of_person.into_iter().map(|owed| Receivable { anstid: anstid.clone(), ..owed }));
        }
    }
    let since = waiting_since(store).await?;
    for owed in found.iter_mut().filter(|owed| owed.kind == Kind::Undecided) {
        owed.since = since.get(&owed.person).copied();
    }
    Ok(found)
}

fn blank(person: PersonId, kind: Kind) -> Receivable {
    Receivable {
        person,
        anstid: None,
        kind,
        decision: None,
        since: None,
        total: Ore::ZERO,
        settled: Ore::ZERO,
        monthly: None,
        batches: Vec::new(),
        rows: Vec::new(),
    }
}

fn undecided(result: &PersonResult) -> Option<Receivable> {
    let total: Ore = result.waiting.iter().map(|row| -row.belopp).sum();
    let rows = result.waiting.clone();
    (total > Ore::ZERO).then(|| Receivable { total, rows, ..blank(result.person, Kind::Undecided) })
}

/// What decisions have settled, in the order in which they did, and what they will settle in the next batch.
fn settled(calculation: &Calculation<'_>, result: &PersonResult) -> Vec<Receivable> {
    let about = calculation.decided_about(result.person);
    let mut debt = Debt::default();
    let mut found: Vec<Receivable> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let booked = result.settlements.iter().map(|(batch, row)| (Some(*batch), row));
    for (batch, row) in booked.chain(result.settled.iter().map(|row| (None, row))) {
        let parts = debt.add(row, &about);
        if let (Some(decision), Some(kind)) = (row.settled.decision(), kind_of(&row.settled)) {
            let place = *places.entry(decision.to_owned()).or_insert_with(|| {
                let decision = Some(decision.to_owned());
                found.push(Receivable { decision, since: batch, ..blank(result.person, kind) });
                found.len() - 1
            });
            found[place].total += -row.belopp;
            found[place].rows.push(row.clone());
        }
        for (decision, part) in parts {
            if let Some((place, batch)) = places.get(&decision).zip(batch) {
                found[*place].batches.push((batch, part));
            }
        }
    }
    for owed in &mut found {
        let of_debt = debt.owed.iter().find(|of| Some(&of.decision) == owed.decision.as_ref());
        owed.monthly = of_debt.and_then(|of| of.monthly);
        owed.settled = match owed.kind {
            Kind::Kvittning => of_debt.map(|of| of.paid).unwrap_or_default(),
            Kind::Eftergift => owed.total,
            Kind::Aterkrav | Kind::Undecided => Ore::ZERO,
        };
    }
    found
}

fn kind_of(settled: &Settled) -> Option<Kind> {
    match settled {
        Settled::ByPayroll => None,
        Settled::Aterkrav(_) => Some(Kind::Aterkrav),
        Settled::Kvittning(_) => Some(Kind::Kvittning),
        Settled::Eftergift(_) => Some(Kind::Eftergift),
    }
}

/// The batch since which each person's rows have waited without a break.
async fn waiting_since(store: &mut impl Store) -> Result<HashMap<PersonId, BatchName>, Fault> {
    let mut since = HashMap::new();
    let mut batches = store.batches().await?;
    batches.retain(|(_, batch, _)| batch.state != BatchState::Void);
    let mut waits_until_now: Option<HashSet<PersonId>> = None;
    for (id, batch, _) in batches.iter().rev() {
        let waiting: HashSet<PersonId> =
            store.waiting(*id).await?.into_iter().map(|stored| stored.row.person).collect();
        let still = match &waits_until_now {
            Some(later) => later.intersection(&waiting).copied().collect(),
            None => waiting,
        };
        if still.is_empty() {
            break;
        }
        since.extend(still.iter().map(|person| (*person, batch.name)));
        waits_until_now = Some(still);
    }
    Ok(since)
}
