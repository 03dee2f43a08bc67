//! `remarks`: what a person must look at, stored with a row or found by the law.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Ended;
use super::cli::StateWord;
use super::kommun::{Kommun, freeze_settings};
use super::show::{amount, place, remark_json, table};
use crate::calendar::Month;
use crate::domain::{Fault, PersonId, Remark, State};
use crate::jobs::calculate::{Calculation, Question};
use crate::ledger::hex;
use crate::money::Ore;
use crate::ports::{Clock, Store};

/// A remark with its id and the anställningsnummer of whom it is about.
pub(super) struct Shown {
    pub id: String,
    pub anstid: Option<String>,
    pub remark: Remark,
}

pub(super) async fn remarks(kommun: &mut Kommun, state: Option<StateWord>) -> Result<Ended, Fault> {
    let shown = found(kommun, state.map(State::from)).await?;
    if kommun.json {
        let list: Vec<Value> =
            shown.iter().map(|found| remark_json(&found.id, found.anstid.as_deref(), &found.remark)).collect();
        say!("{}", Value::Array(list));
    } else if shown.is_empty() {
        say!("Inget väntar.");
    } else {
        let mut rows = table(&["id", "anst.nr", "dag", "vad", "värde", "så rättar du", "var"], &[4]);
        for found in &shown {
            let remark = &found.remark;
            let day = remark.day.map(|day| day.to_string()).unwrap_or_default();
            let worth = amount(remark.worth.unwrap_or(Ore::ZERO));
            let anstid = found.anstid.clone().unwrap_or_default();
            rows.add_row([&found.id, &anstid, &day, &remark.reason, &worth, &remark.proposed, &place(&remark.place)]);
        }
        say!("{rows}");
    }
    let held = shown.iter().any(|found| found.remark.state == State::Held);
    Ok(if held { Ended::Look } else { Ended::Done })
}

/// Remarks of one state, or all: those stored with a row, then those that the law finds today.
pub(super) async fn found(kommun: &mut Kommun, state: Option<State>) -> Result<Vec<Shown>, Fault> {
    let mut shown = stored(kommun, state).await?;
    let facts_up_to = kommun.db.last_fact().await?;
    // What is earned this month is paid the next; beyond that nothing waits yet.
    let horizon = Month::of(kommun.clock.today()).plus(1);
    let question = Question {
        payout: Month::of(kommun.clock.today()),
        horizon,
        facts_up_to,
        claims_until: kommun.clock.today(),
        pins_up_to: i64::MAX,
        booked_up_to: i64::MAX,
        repinned_from: None,
        explain: false,
        only: None,
    };
    let by_law = by_law(kommun, question).await?;
    shown.extend(by_law.into_iter().filter(|found| state.is_none_or(|state| found.remark.state == state)));
    Ok(shown)
}

async fn stored(kommun: &mut Kommun, state: Option<State>) -> Result<Vec<Shown>, Fault> {
    let found = kommun.db.remarks(state).await?;
    let is_wanted = |stored: &crate::ports::StoredRemark| state.is_some() || stored.remark.state != State::Closed;
    Ok(found
        .into_iter()
        .filter(is_wanted)
        .map(|stored| Shown { id: format!("r{}", stored.id), anstid: stored.anstid, remark: stored.remark })
        .collect())
}

/// What the law finds when it works out a question.
pub(super) async fn by_law(kommun: &mut Kommun, question: Question) -> Result<Vec<Shown>, Fault> {
    let settings = freeze_settings(&kommun.configured);
    let mut calculation = Calculation::start(&mut kommun.db, settings.loaded, question).await?;
    let mut found = Vec::new();
    while let Some(results) = calculation.next(&mut kommun.db).await? {
        for result in results {
            let anstid = calculation.persons.main_anstid(result.person).map(str::to_owned);
            let shown = result.remarks.into_iter().map(|remark| shown(result.person, anstid.clone(), remark));
            found.extend(shown);
        }
    }
    Ok(found)
}

/// The same remark has the same id as long as it says the same.
pub(super) fn shown(person: PersonId, anstid: Option<String>, remark: Remark) -> Shown {
    let place = &remark.place;
    let said = format!(
        "{}|{:?}|{}|{}|{}|{:?}|{}|{}",
        person.0, remark.kind, place.sha256, place.sheet, place.row, remark.day, remark.paragraph, remark.reason
    );
    let id = hex(&Sha256::digest(said.as_bytes()))[..10].to_owned();
    Shown { id: format!("l{id}"), anstid, remark }
}
