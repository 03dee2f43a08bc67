//! The plain recomputation: a fresh database that only ever knew the final facts, and no batch.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arvode::adapters::db::Db;
use arvode::calendar::Month;
use arvode::domain::{Line, PersonId, Remark};
use arvode::jobs::calculate::{Calculation, Question};
use arvode::money::Ore;
use arvode::ports::{Clock, NewFact, Store};

use super::books::{Account, Journal, Known};
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
/// still to be set off, or was let go.
pub async fn check(kommun: &mut Kommun, path: &Path, payout: Month) {
    let every_row = kommun.every_row().await;
    let known = Known::read(kommun, &mut Journal::default(), &every_row).await;
    let mut waiting: BTreeMap<PersonId, Ore> = BTreeMap::new();
    for stored in kommun.db.waiting(i64::MAX).await.unwrap() {
        *waiting.entry(known.person(stored.row.person)).or_default() += stored.row.belopp;
    }
    for (person, lines, remarks) in recomputed(kommun, path, payout).await {
        let account = known.account(person, &lines, &remarks, payout);
        let payable = lines.iter().filter(|line| known.is_open(line.accrued_in) && !known.is_waived(person, line));
        let plain: Ore = payable.map(|line| line.belopp).sum();
        let waits = waiting.get(&person).copied().unwrap_or_default();
        let let_go = plain - account.booked() - waits;
        assert!(
            is_part_of(let_go, &account),
            "person {}: the final facts give {plain}, booked is {}, {waits} waits, and nobody let {let_go} go\n{account:?}",
            person.0,
            account.booked()
        );
    }
}

/// A sum that is made of what was let go: a decision's rows stand or have lapsed, by what they were for.
fn is_part_of(amount: Ore, account: &Account) -> bool {
    let mut sums = BTreeSet::from([Ore::ZERO]);
    for rows in account.let_go.values() {
        for row in rows {
            let further: Vec<Ore> = sums.iter().map(|sum| *sum + *row).collect();
            sums.extend(further);
        }
    }
    sums.contains(&amount)
}
