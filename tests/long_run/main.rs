//! Three years of a kommun by the dice, on both databases: after every step nobody's money is lost or made, and in the
//! end everybody has got just what a plain recomputation from the final facts gives.
//!
//! `LONG_RUN_SEEDS=100..200` plays those seeds besides.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod book;
mod books;
mod cut_off;
mod dice;
mod events;
mod kommun;
mod life;
mod meetings;
mod plain;
#[path = "../postgres/mod.rs"]
mod postgres;
mod quiet;
mod stories;

use std::collections::BTreeMap;
use std::ops::Range;

use arvode::adapters::db::Db;

use life::Life;

fn wait_for<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// What came of a seed: every row of every batch, and how often each thing has happened.
struct Played {
    rows: Vec<String>,
    happened: BTreeMap<String, u32>,
}

async fn play(db: Db, seed: u64) -> Played {
    let mut life = Life::begin(db, seed).await;
    life.live().await;
    let folder = tempfile::tempdir().unwrap();
    let payout = life.payout;
    plain::check(&mut life.kommun, &folder.path().join("plain.db"), payout, &life.results).await;
    let (rows, happened) = (std::mem::take(&mut life.transcript), std::mem::take(&mut life.past.happened));
    life.kommun.db.close().await.unwrap();
    Played { rows, happened }
}

fn on_sqlite(seed: u64) -> Played {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("arvode.db");
    wait_for(async { play(Db::open_file(&path).await.unwrap(), seed).await })
}

/// Plays seeds, and tells how often each thing has happened.
fn check(seeds: Range<u64>) -> BTreeMap<String, u32> {
    let mut happened: BTreeMap<String, u32> = BTreeMap::new();
    for seed in seeds {
        let begun = std::time::Instant::now();
        let played = on_sqlite(seed);
        eprintln!("seed {seed}: {} rows in {:.1?}", played.rows.len(), begun.elapsed());
        for (what, count) in played.happened {
            *happened.entry(what).or_default() += count;
        }
    }
    happened
}

/// What may happen has happened, so that nothing is left out in silence.
fn check_all_happened(happened: &BTreeMap<String, u32>) {
    let wanted = events::all().into_iter().map(|kind| format!("{kind:?}"));
    let missing: Vec<String> = wanted.filter(|kind| !happened.contains_key(kind)).collect();
    let by_cut_off = ["left out at the cut-off", "taken back at the cut-off"];
    assert!(by_cut_off.iter().all(|what| happened.contains_key(*what)), "{happened:?}");
    assert!(missing.is_empty(), "never happened: {missing:?}; did happen: {happened:?}");
}

#[test]
fn three_years_keep_the_books_in_balance_seeds_0_to_3() {
    check_all_happened(&check(0..4));
}

#[test]
fn three_years_keep_the_books_in_balance_seeds_4_to_7() {
    check_all_happened(&check(4..8));
}

#[test]
fn both_databases_give_the_same_rows() {
    let server = postgres::Server::start();
    for seed in 100..102 {
        let schema = format!("seed_{seed}");
        let on_postgres = wait_for(async { play(Db::connect(&server.url(), &schema).await.unwrap(), seed).await });
        assert_eq!(on_postgres.rows, on_sqlite(seed).rows, "seed {seed}");
    }
}

#[test]
fn further_seeds() {
    let Ok(wanted) = std::env::var("LONG_RUN_SEEDS") else { return };
    let (first, last) = wanted.split_once("..").unwrap_or(("0", &wanted));
    let happened = check(first.parse().unwrap()..last.parse().unwrap());
    eprintln!("{happened:?}");
}
