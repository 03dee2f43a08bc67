//! What a person must look at, with the id by which it is answered: stored with a row, or found by the law.

use sha2::{Digest, Sha256};

use super::calculate::{Calculation, Question};
use crate::calendar::{Day, Month};
use crate::domain::{ClaimId, ClaimKind, Fault, MeetingId, PersonId, Remark, State, Undecided};
use crate::ledger::hex;
use crate::ports::{Store, StoredRemark};
use crate::regelverk::Loaded;

/// A remark with its id, and whom it is about as far as that is known.
#[derive(Clone, Debug)]
pub struct Shown {
    /// `r` and its number if it is stored with a row, `l` and ten digits if the law finds it.
    pub id: String,
    /// Whom it is about; none of a stored one, whose row may name nobody.
    pub person: Option<PersonId>,
    /// The anställningsnummer that the person is listed under.
    pub anstid: Option<String>,
    /// What it says.
    pub remark: Remark,
}

/// What may be answered to a remark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answerable {
    /// A yrkande is granted or refused.
    Claim(ClaimId, MeetingId, ClaimKind),
    /// A debt is recovered, set off or let go.
    Debt,
    /// A row that could not be taken in is closed: its number.
    Row(i64),
}

/// What may be decided about a yrkande.
pub const ANSWERS_TO_CLAIM: &[&str] = &["bifall", "avslag"];

impl Answerable {
    /// The words for it.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Answerable::Claim(..) => ANSWERS_TO_CLAIM,
            Answerable::Debt => &["återkrav", "kvittning", "eftergift"],
            Answerable::Row(_) => &["stäng"],
        }
    }
}

impl Shown {
    /// What may be answered; none where only new facts help.
    pub fn answerable(&self) -> Option<Answerable> {
        if let Some(number) = self.id.strip_prefix('r') {
            return number.parse().ok().filter(|_| self.remark.state != State::Closed).map(Answerable::Row);
        }
        match self.remark.undecided? {
            Undecided::Claim(claim, meeting, slag) => Some(Answerable::Claim(claim, meeting, slag)),
            Undecided::Debt => Some(Answerable::Debt),
        }
    }
}

/// Remarks of one state, or all that are open: those stored with a row, then those that the law finds today.
///
/// # Errors
/// The database, or settings without a first month.
pub async fn found(
    store: &mut impl Store,
    loaded: &Loaded,
    today: Day,
    state: Option<State>,
) -> Result<Vec<Shown>, Fault> {
    let is_wanted = |remark: &Remark| state.map_or(remark.state != State::Closed, |state| remark.state == state);
    let mut shown: Vec<Shown> = store.remarks(state).await?.into_iter().map(stored).collect();
    let question = standing_now(today, store.last_fact().await?);
    shown.extend(by_law(store, loaded, question).await?);
    shown.retain(|found| is_wanted(&found.remark));
    Ok(shown)
}

/// What is known today; what is earned this month is paid the next, and beyond that nothing waits yet.
pub fn standing_now(today: Day, facts_up_to: i64) -> Question {
    let payout = Month::of(today);
    Question {
        payout,
        horizon: payout.plus(1),
        facts_up_to,
        claims_until: today,
        pins_up_to: i64::MAX,
        booked_up_to: i64::MAX,
        repinned_from: None,
        explain: false,
        only: None,
    }
}

fn stored(stored: StoredRemark) -> Shown {
    Shown { id: format!("r{}", stored.id), person: None, anstid: stored.anstid, remark: stored.remark }
}

/// What the law finds when it works out a question.
///
/// # Errors
/// The database, or settings without a first month.
pub async fn by_law(store: &mut impl Store, loaded: &Loaded, question: Question) -> Result<Vec<Shown>, Fault> {
    let mut calculation = Calculation::start(store, loaded, question).await?;
    let mut found = Vec::new();
    while let Some(results) = calculation.next(store).await? {
        for result in results {
            let anstid = calculation.persons.main_anstid(result.person).map(str::to_owned);
            found.extend(result.remarks.into_iter().map(|remark| shown(result.person, anstid.clone(), remark)));
        }
    }
    Ok(found)
}

/// The same remark has the same id as long as it says the same.
pub fn shown(person: PersonId, anstid: Option<String>, remark: Remark) -> Shown {
    let place = &remark.place;
    let said = format!(
        "{}|{:?}|{}|{}|{}|{:?}|{}|{}",
        person.0, remark.kind, place.sha256, place.sheet, place.row, remark.day, remark.paragraph, remark.reason
    );
    let id = hex(&Sha256::digest(said.as_bytes()))[..10].to_owned();
    Shown { id: format!("l{id}"), person: Some(person), anstid, remark }
}
