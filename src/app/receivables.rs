//! `receivables`: what persons owe, by what was decided about it.

use serde_json::{Value, json};

use super::Ended;
use super::kommun::Kommun;
use super::names::Names;
use super::show::{price, table};
use crate::domain::Fault;
use crate::jobs::receivables::{Kind, Receivable, receivables as find};
use crate::ledger::BatchRow;
use crate::money::swedish;
use crate::ports::Clock;

pub(super) async fn receivables(kommun: &mut Kommun) -> Result<Ended, Fault> {
    let names = Names::load(kommun).await?;
    let found = find(&mut kommun.db, &kommun.configured.loaded, kommun.clock.today()).await?;
    if kommun.json {
        say!("{}", Value::Array(found.iter().map(|owed| as_json(owed, &names)).collect()));
    } else if found.is_empty() {
        say!("Ingen är skyldig kommunen något.");
    } else {
        print(&found, &names);
    }
    let is_undecided = found.iter().any(|owed| owed.kind == Kind::Undecided);
    Ok(if is_undecided { Ended::Look } else { Ended::Done })
}

fn as_json(owed: &Receivable, names: &Names) -> Value {
    let batches = owed.batches.iter().map(|(batch, part)| json!({ "batch": batch, "belopp": part.to_string() }));
    json!({
        "anstid": owed.anstid,
        "person": names.of(owed.person),
        "kind": owed.kind.word(),
        "decision": owed.decision,
        "since": owed.since.map(|batch| batch.to_string()),
        "total": owed.total.to_string(),
        "settled": owed.settled.to_string(),
        "left": owed.left().to_string(),
        "monthly": owed.monthly.map(|monthly| monthly.to_string()),
        "batches": batches.collect::<Vec<Value>>(),
        "rows": owed.rows.iter().map(row_json).collect::<Vec<Value>>(),
    })
}

fn row_json(row: &BatchRow) -> Value {
    json!({
        "anstid": row.anstid,
        "lonart": row.lonart,
        "datum": row.day.to_string(),
        "antal": row.antal.normalize().to_string(),
        "apris": price(row.apris),
        "belopp": row.belopp.to_string(),
        "reverses": row.reverses.as_ref().map(ToString::to_string),
    })
}

fn print(found: &[Receivable], names: &Names) {
    let mut rows =
        table(&["anst.nr", "namn", "vad", "beslut", "sedan", "skuld", "reglerat", "kvar", "hur"], &[5, 6, 7]);
    for owed in found {
        rows.add_row([
            owed.anstid.clone().unwrap_or_default(),
            names.of(owed.person),
            owed.kind.word().to_owned(),
            owed.decision.clone().unwrap_or_default(),
            owed.since.map(|batch| batch.to_string()).unwrap_or_default(),
            swedish(owed.total),
            swedish(owed.settled),
            swedish(owed.left()),
            how(owed),
        ]);
    }
    say!("{rows}");
}

/// What is to be done, or was.
fn how(owed: &Receivable) -> String {
    match owed.kind {
        Kind::Undecided => "besluta om återkrav, kvittning eller eftergift".to_owned(),
        Kind::Aterkrav => "faktureras utanför lönesystemet".to_owned(),
        Kind::Eftergift => "ingenting tas tillbaka".to_owned(),
        Kind::Kvittning => {
            let most = owed.monthly.map(|monthly| format!("högst {} per månad", swedish(monthly)));
            let parts = owed.batches.iter().map(|(batch, part)| format!("{batch}: {}", swedish(*part)));
            most.into_iter().chain(parts).collect::<Vec<String>>().join("\n")
        }
    }
}
