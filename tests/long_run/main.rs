//! Three years of a kommun by the dice, on both databases: after every step nobody's money is lost or made, and in the
//! end everybody has got just what a plain recomputation from the final facts gives.
//!
//! `LONG_RUN_SEEDS=100..200` plays those seeds besides.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod book;
mod books;
mod dice;
mod events;
mod kommun;
mod life;
mod meetings;
mod plain;
#[path = "../postgres/mod.rs"]
mod postgres;
mod stories;

use std::ops::Range;

use arvode::adapters::db::Db;

use life::Life;

fn wait_for<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Plays a seed and gives every row of every batch.
async fn play(db: Db, seed: u64) -> Vec<String> {
    let mut life = Life::begin(db, seed).await;
    life.live().await;
    let folder = tempfile::tempdir().unwrap();
    let payout = life.payout;
    plain::check(&mut life.kommun, &folder.path().join("plain.db"), payout).await;
    let transcript = std::mem::take(&mut life.transcript);
    life.kommun.db.close().await.unwrap();
    transcript
}

fn on_sqlite(seed: u64) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("arvode.db");
    wait_for(async { play(Db::open_file(&path).await.unwrap(), seed).await })
}

fn check(seeds: Range<u64>) {
    for seed in seeds {
        let begun = std::time::Instant::now();
        let rows = on_sqlite(seed).len();
        eprintln!("seed {seed}: {rows} rows in {:.1?}", begun.elapsed());
    }
}

#[test]
fn three_years_keep_the_books_in_balance_seeds_0_to_3() {
    check(0..4);
}

#[test]
fn three_years_keep_the_books_in_balance_seeds_4_to_7() {
    check(4..8);
}

#[test]
fn both_databases_give_the_same_rows() {
    let server = postgres::Server::start();
    for seed in 100..102 {
        let schema = format!("seed_{seed}");
        let on_postgres = wait_for(async { play(Db::connect(&server.url(), &schema).await.unwrap(), seed).await });
        assert_eq!(on_postgres, on_sqlite(seed), "seed {seed}");
    }
}

#[test]
fn further_seeds() {
    let Ok(wanted) = std::env::var("LONG_RUN_SEEDS") else { return };
    let (first, last) = wanted.split_once("..").unwrap_or(("0", &wanted));
    check(first.parse().unwrap()..last.parse().unwrap());
}
