//! A kommun in memory: its database, its clock, its rules, and what its people do with the program.

use std::cell::Cell;
use std::collections::BTreeSet;

use arvode::adapters::db::Db;
use arvode::attest::Forteckning;
use arvode::calendar::{Day, Month, days_between};
use arvode::domain::{Fact, Fault, LineKind, MeetingId, PersonId, Personnummer};
use arvode::jobs::by_hand::ByHand;
use arvode::jobs::freeze_batch::{self, Outcome, Wanted};
use arvode::jobs::import_workbooks::{self, ReadFile, about, key_of};
use arvode::jobs::{void_batch, withdraw_facts};
use arvode::ledger::{Batch, BatchName, BatchState};
use arvode::ports::{Clock, NewFact, Store, StoredRow};
use arvode::regelverk::reader::SettingsText;
use arvode::regelverk::{Loaded, load};

use super::book::Book;
use super::cut_off::officials;

/// Who mends by command, and why.
const BY_HAND: ByHand<'_> = ByHand { actor: "kansli", because: "misstag" };

pub const FIRST_MONTH: &str = "2024-01";

/// A clock that stands until somebody moves it.
pub struct SetClock(Cell<i64>);

impl SetClock {
    const MINUTE_MS: i64 = 60_000;

    /// Ten in the morning, UTC, of a day; never backwards.
    pub fn set(&self, day: Day) {
        let epoch = Day::from_ymd_opt(1970, 1, 1).unwrap();
        let morning = (days_between(epoch, day) * 24 + 10) * 60 * SetClock::MINUTE_MS;
        self.0.set(self.0.get().max(morning));
    }

    fn tick(&self) {
        self.0.set(self.0.get() + SetClock::MINUTE_MS);
    }
}

impl Clock for SetClock {
    fn now_ms(&self) -> i64 {
        self.0.get()
    }
}

pub struct Kommun {
    pub db: Db,
    pub clock: SetClock,
    pub loaded: Loaded,
    /// Rows of riksdagsarvode that were decided while the kommun lived.
    decided: String,
    pub list: Forteckning,
    files: u32,
}

/// The shipped rules with a first month and further rows.
fn rules(further: &str) -> Loaded {
    let first = format!("forsta_manad = \"{FIRST_MONTH}\"");
    let calendar =
        include_str!("../../config/regelverk/lonekalender.toml").replace("forsta_manad = \"2026-01\"", &first);
    let texts = [
        ("bilaga.toml", include_str!("../../config/regelverk/bilaga.toml")),
        ("ersattningar.toml", include_str!("../../config/regelverk/ersattningar.toml")),
        ("kedjan.toml", include_str!("../../config/regelverk/kedjan.toml")),
        ("lonearter.toml", include_str!("../../config/regelverk/lonearter.toml")),
        ("lonekalender.toml", &calendar),
        ("organ.toml", include_str!("../../config/regelverk/organ.toml")),
        ("prisbasbelopp.toml", include_str!("../../config/regelverk/prisbasbelopp.toml")),
        ("riksdagsarvode.toml", include_str!("../../config/regelverk/riksdagsarvode.toml")),
        ("tidsfrister.toml", include_str!("../../config/regelverk/tidsfrister.toml")),
        ("tolkningar.toml", include_str!("../../config/regelverk/tolkningar.toml")),
        ("beslutat.toml", further),
    ];
    let texts = texts.map(|(name, content)| SettingsText { name: name.to_owned(), content: content.to_owned() });
    load(&texts).unwrap_or_else(|wrong| panic!("{wrong:#?}"))
}

impl Kommun {
    pub fn new(db: Db) -> Kommun {
        let list = officials();
        let clock = SetClock(Cell::new(0));
        Kommun { db, clock, loaded: rules(""), decided: String::new(), list, files: 0 }
    }

    /// Takes in a workbook, all of whose rows are right; its sha256 is what a later withdrawal names.
    pub async fn import(&mut self, book: &Book) -> String {
        self.clock.tick();
        self.files += 1;
        let (name, sha256) = (format!("fil-{}.xlsx", self.files), format!("{:064x}", self.files));
        let file = ReadFile { name: &name, sha256: &sha256, workbook: book };
        let (now_ms, today) = (self.clock.now_ms(), self.clock.today());
        let settings = import_workbooks::Settings {
            rules: &self.loaded.regelverk,
            loaded: &self.loaded,
            actor: BY_HAND.actor,
            sha256: "inställningar",
            now_ms,
            today,
            dry_run: false,
        };
        let report = import_workbooks::import(&mut self.db, &file, &settings).await.unwrap();
        let reasons: Vec<String> = report.remarks.iter().map(|remark| remark.reason.clone()).collect();
        assert_eq!((report.held, report.rows), (0, report.accepted + report.unchanged), "{reasons:?}");
        sha256
    }

    /// Records a fact, or takes it back.
    pub async fn record(&mut self, fact: &Fact, stands: bool) {
        self.record_all(std::slice::from_ref(fact), stands).await;
    }

    pub async fn record_all(&mut self, facts: &[Fact], stands: bool) {
        self.clock.tick();
        let first = self.db.last_fact().await.unwrap() + 1;
        let mut new = Vec::new();
        for (number, fact) in (first..).zip(facts) {
            let key = key_of(fact);
            let before = self.db.standing(std::slice::from_ref(&key)).await.unwrap();
            new.push(NewFact {
                number,
                key,
                about: about(fact),
                fact: stands.then(|| fact.clone()),
                place: (None, "register".to_owned(), u32::try_from(number).unwrap()),
                because: (!stands).then(|| "misstag".to_owned()),
                supersedes: before.first().map(|standing| standing.number),
            });
        }
        self.db.begin().await.unwrap();
        self.db.record(&new, self.clock.now_ms()).await.unwrap();
        self.db.audit("record", "fakta", self.clock.now_ms()).await.unwrap();
        self.db.commit().await.unwrap();
    }

    /// Takes facts back; `false` if nothing stood that could be.
    pub async fn withdraw(&mut self, target: &withdraw_facts::Target) -> bool {
        self.clock.tick();
        let rules = &self.loaded.regelverk;
        match withdraw_facts::withdraw(&mut self.db, &self.clock, rules, target, &BY_HAND).await {
            Ok(_) => true,
            Err(Fault::Input(_)) => false,
            Err(other) => panic!("{other}"),
        }
    }

    /// A riksdagsarvode that is decided now, from a day on.
    pub fn decide_riksdagsarvode(&mut self, from: Day, kronor: i64) {
        let today = self.clock.today();
        self.decided += &format!(
            "[[riksdagsarvode]]\nfrom = {from}\ndecided_on = {today}\nvalue = {kronor}\nunit = \"kr/månad\"\n\
             reference = \"Riksdagens arvodesnämnd\"\n"
        );
        self.loaded = rules(&self.decided);
    }

    /// Freezes a batch, whatever the tripwires say; none if there is nothing to freeze.
    pub async fn freeze(&mut self, wanted: &Wanted) -> Option<BatchName> {
        self.clock.tick();
        let settings = freeze_batch::Settings { loaded: &self.loaded, forteckning: &self.list, sheet_days: 30 };
        let frozen =
            freeze_batch::freeze(&mut self.db, &settings, &self.clock, wanted, true, &mut |_| ()).await.unwrap();
        (!frozen.is_empty).then_some(frozen.name)
    }

    /// Freezes a month, and looks whether the same comes out as when everybody is worked out: how many were left at rest.
    pub async fn freeze_beside_whole(&mut self, payout: Month) -> (Option<BatchName>, usize) {
        self.clock.tick();
        let (settings, wanted) = (
            freeze_batch::Settings { loaded: &self.loaded, forteckning: &self.list, sheet_days: 30 },
            Wanted::Monthly(payout),
        );
        let whole =
            freeze_batch::preview(&mut self.db, &settings, &self.clock, &wanted, None, &mut |_| Ok(())).await.unwrap();
        let frozen =
            freeze_batch::freeze(&mut self.db, &settings, &self.clock, &wanted, true, &mut |_| ()).await.unwrap();
        let whole = Outcome { stopped: Vec::new(), left_at_rest: frozen.left_at_rest, ..whole };
        assert_eq!(format!("{frozen:?}"), format!("{whole:?}"), "who is at rest adds nothing");
        ((!frozen.is_empty).then_some(frozen.name), frozen.left_at_rest)
    }

    /// The rows that a batch would carry, as canonical text.
    pub async fn preview(&mut self, wanted: &Wanted) -> Vec<String> {
        let settings = freeze_batch::Settings { loaded: &self.loaded, forteckning: &self.list, sheet_days: 30 };
        let mut rows = Vec::new();
        let mut each = |row: &arvode::ledger::BatchRow| {
            rows.push(row.canonical());
            Ok(())
        };
        freeze_batch::preview(&mut self.db, &settings, &self.clock, wanted, None, &mut each).await.unwrap();
        rows
    }

    /// Moves an open batch all the way to payroll.
    pub async fn deliver(&mut self, name: BatchName) {
        self.clock.tick();
        let way = [
            BatchState::Calculated,
            BatchState::Exporting,
            BatchState::Exported,
            BatchState::Delivering,
            BatchState::Delivered,
        ];
        self.db.begin().await.unwrap();
        if self.batch(name).await.1.state == BatchState::Calculated {
            for step in way.windows(2) {
                self.db.move_batch(name, step[0], step[1]).await.unwrap();
            }
        }
        self.db.commit().await.unwrap();
    }

    pub async fn void(&mut self, name: BatchName) {
        self.clock.tick();
        void_batch::void(&mut self.db, &self.clock, name, &BY_HAND, true).await.unwrap();
    }

    pub async fn batch(&mut self, name: BatchName) -> (i64, Batch) {
        let batches = self.db.batches().await.unwrap();
        let (id, batch, _) = batches.into_iter().find(|(_, batch, _)| batch.name == name).unwrap();
        (id, batch)
    }

    /// The batch that was frozen last and stands.
    pub async fn latest(&mut self) -> Option<(i64, Batch)> {
        let batches = self.db.batches().await.unwrap();
        let standing = batches.into_iter().rev().find(|(_, batch, _)| batch.state != BatchState::Void);
        standing.map(|(id, batch, _)| (id, batch))
    }

    /// Every row of every batch that is not void.
    pub async fn every_row(&mut self) -> Vec<StoredRow> {
        let every = self.db.every_revision("person").await.unwrap();
        let person = |fact: Fact| if let Fact::Person(person) = fact { Some(person.person) } else { None };
        let persons: BTreeSet<PersonId> = every.into_iter().filter_map(person).collect();
        let persons: Vec<PersonId> = persons.into_iter().collect();
        self.db.ledger(&persons, i64::MAX).await.unwrap()
    }

    pub async fn person(&mut self, number: &Personnummer) -> PersonId {
        for fact in self.db.every_revision("person").await.unwrap() {
            if let Fact::Person(person) = fact
                && person.personnummer == *number
            {
                return person.person;
            }
        }
        panic!("nobody has this number")
    }

    /// The meeting that a list has made known under an external id.
    pub async fn meeting(&mut self, external: &str) -> Option<MeetingId> {
        let up_to = self.db.last_fact().await.unwrap();
        let found = self.db.facts_of_kinds(&["meeting"], up_to).await.unwrap();
        found.into_iter().find_map(|recorded| match recorded.fact {
            Fact::Meeting(meeting) if meeting.external.as_deref() == Some(external) => Some(meeting.meeting),
            _ => None,
        })
    }

    /// The kinds that have a lönart in a payout month.
    pub fn kinds_of(&self, lonart: &str, payout: Month) -> Vec<LineKind> {
        let has = |kind: &LineKind| self.loaded.lonearter.of(*kind, payout).is_some_and(|found| found.lonart == lonart);
        LineKind::all().filter(has).collect()
    }

    pub fn first_month(&self) -> Month {
        self.loaded.lonekalender.forsta_manad.unwrap()
    }
}
