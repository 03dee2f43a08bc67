//! The plain recomputation: a fresh database that only ever knew the final facts, and no batch.

use std::collections::BTreeMap;
use std::path::Path;

use arvode::adapters::db::Db;
use arvode::calendar::Month;
use arvode::domain::{Line, PersonId, Remark};
use arvode::jobs::calculate::{Balance, Calculation, PersonResult, Question};
use arvode::money::Ore;
use arvode::ports::{Clock, NewFact, Store};

use super::books::{Journal, Known};
use super::kommun::Kommun;

/// Everything that each person is entitled to by the final facts.
async fn recomputed(kommun: &mut Kommun, path: &Path, payout: Month) -> Vec<(PersonId, Vec<Line>, Vec<Remark>)> {
    let mut fresh = Db::open_file(path).await.unwrap();
    let last = kommun.db.last_fact().await.unwrap();
    fresh.begin().await.unwrap();
    for revised in kommun.db.revisions(1, last).await.unwrap() {
        let (None, Some(fact)) = (revised.superseded_by, revised.fact) else { continue };
        let source = match &*revised.source.sha256 {
            "" => None,
            sha256 => Some(fresh.source(sha256, &revised.source.file, 0).await.unwrap()),
        };
        let about = arvode::jobs::import_workbooks::about(&fact);
        let place = (source, revised.source.sheet.to_string(), revised.source.row);
        let (number, key) = (revised.number, revised.key);
        let new = NewFact { number, key, about, fact: Some(fact), place, because: None, supersedes: None };
        fresh.record(&[new], 0).await.unwrap();
    }
    fresh.commit().await.unwrap();
    let question = Question {
        payout,
        horizon: payout,
        facts_up_to: last,
        claims_until: kommun.clock.today(),
        pins_up_to: 0,
        booked_up_to: 0,
        repinned_from: None,
        explain: true,
        only: None,
    };
    let mut calculation = Calculation::start(&mut fresh, &kommun.loaded, question).await.unwrap();
    let mut found = Vec::new();
    while let Some(results) = calculation.next(&mut fresh).await.unwrap() {
        found.extend(results.into_iter().map(|result| (result.person, result.entitled, result.remarks)));
    }
    fresh.close().await.unwrap();
    found
}

/// Everybody has got exactly what the final facts give, to the öre, but for what is waived, waits for a decision, is
/// still to be set off, was let go, or touches a closed month: as the last step said of each.
pub async fn check(kommun: &mut Kommun, path: &Path, payout: Month, last: &[PersonResult]) {
    let every_row = kommun.every_row().await;
    let known = Known::read(kommun, &mut Journal::default(), &every_row).await;
    let said: BTreeMap<PersonId, Balance> = last.iter().map(|result| (result.person, result.balance)).collect();
    for (person, lines, remarks) in recomputed(kommun, path, payout).await {
        let (account, said) = (known.account(person, &lines, &remarks, payout), said[&person]);
        let payable = lines.iter().filter(|line| known.is_open(line.accrued_in) && !known.is_waived(person, line));
        let plain: Ore = payable.map(|line| line.belopp).sum();
        let who = format!("person {}: {said:?}\n{account:?}", person.0);
        assert_eq!(said.owed, Ore::ZERO, "nothing is owed any more, {who}");
        let got = account.payroll + account.elsewhere + account.set_off + account.aterkrav;
        let of_closed_months = account.kvittning - account.kvittning_open;
        let apart = said.waiting + said.let_go + said.left_out;
        assert_eq!(plain, got - account.debt() - of_closed_months + apart, "what the final facts give, {who}");
        let let_go: Ore = account.let_go.values().flatten().copied().sum();
        assert!((let_go..=Ore::ZERO).contains(&said.let_go), "no more is let go than was decided, {who}");
    }
}
