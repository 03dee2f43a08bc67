//! Three years of a kommun in which little happens: most persons are at rest in most months, and each freeze is laid beside
//! the same freeze with everybody worked out.

use arvode::adapters::db::Db;
use arvode::calendar::days_later;

use super::events;
use super::life::{Life, MONTHS, OLD_ROUTINE, personnummer};

/// Persons besides those of a busy kommun.
const FURTHER: usize = 20;

struct Quiet {
    life: Life,
    left_at_rest: usize,
    frozen: usize,
    left_out: usize,
}

impl Quiet {
    async fn begin(db: Db, seed: u64) -> Quiet {
        let mut life = Life::begin(db, seed).await;
        for place in 0..FURTHER {
            let number = personnummer(&format!("19{:02}0{}15{:03}", 50 + place, place % 9 + 1, 300 + place));
            life.register(number, &format!("{}", 2001 + place)).await;
        }
        life.payout = life.payout.plus(OLD_ROUTINE);
        Quiet { life, left_at_rest: 0, frozen: 0, left_out: 0 }
    }

    /// At most one thing, with luck.
    async fn something(&mut self, month: i32) {
        let mut kinds = events::all();
        self.life.dice.shuffle(&mut kinds);
        for kind in kinds.into_iter().take(3) {
            if let Some(what) = events::happen(&mut self.life, kind, month).await {
                return self.life.step(what).await;
            }
        }
    }

    async fn freeze(&mut self) -> Option<arvode::ledger::BatchName> {
        let (name, left_at_rest) = self.life.kommun.freeze_beside_whole(self.life.payout).await;
        self.left_at_rest += left_at_rest;
        self.frozen += usize::from(name.is_some());
        name
    }

    /// A batch, now and then taken back and frozen again.
    async fn pay(&mut self) {
        let mut name = self.freeze().await;
        if let Some(voided) = name.filter(|_| self.life.dice.once_in(6)) {
            self.life.kommun.void(voided).await;
            name = self.freeze().await;
        }
        if let Some(name) = name {
            if self.life.cut_off_dice.once_in(3) {
                let left = self.life.kommun.cut_off(name, &mut self.life.cut_off_dice).await;
                self.left_out += left.left_out.len();
                if left.is_void {
                    return;
                }
            }
            self.life.kommun.deliver(name).await;
        }
    }

    async fn live(&mut self) {
        for month in 0..MONTHS {
            self.life.kommun.clock.set(self.life.payout.first());
            if !self.life.dice.once_in(3) {
                self.life.hold_meetings().await;
            }
            if self.life.dice.once_in(2) {
                self.something(month).await;
            }
            self.life.kommun.clock.set(days_later(self.life.payout.first(), 14));
            self.pay().await;
            if self.life.dice.once_in(3) {
                self.something(month).await;
                self.life.decide_debts(2).await;
                self.pay().await;
            }
            self.life.payout = self.life.payout.plus(1);
        }
    }
}

#[test]
fn who_is_at_rest_adds_nothing_to_a_freeze() {
    let (mut left_at_rest, mut frozen, mut left_out) = (0, 0, 0);
    for seed in 500..503 {
        let folder = tempfile::tempdir().unwrap();
        super::wait_for(async {
            let db = Db::open_file(&folder.path().join("arvode.db")).await.unwrap();
            let mut quiet = Quiet::begin(db, seed).await;
            quiet.live().await;
            (left_at_rest, frozen) = (left_at_rest + quiet.left_at_rest, frozen + quiet.frozen);
            left_out += quiet.left_out;
            quiet.life.kommun.db.close().await.unwrap();
        });
    }
    eprintln!("{left_at_rest} times somebody was at rest, in {frozen} batches; {left_out} sheets were left out");
    assert!(left_out > 10, "hardly a sheet was left out: {left_out}");
    assert!(left_at_rest > 500, "hardly anybody was at rest: {left_at_rest} in {frozen} batches");
}
