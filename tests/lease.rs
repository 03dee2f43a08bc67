//! Work by lease: who has lost it changes nothing, neither in the database nor in the folders; a server that goes away and
//! comes back loses nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod postgres;
mod support;

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use arvode::adapters::clock::SystemClock;
use arvode::adapters::db::Db;
use arvode::adapters::db::lease::{Claim, Lease};
use arvode::adapters::payroll::OutFolder;
use arvode::adapters::settings::read;
use arvode::adapters::signature::SshSignatures;
use arvode::domain::{Fault, PersonId};
use arvode::jobs::export_batch::{Outcome, Settings, export};
use arvode::ledger::BatchName;
use arvode::ports::{
    About, Clock, DeliveryState, Handover, NewFact, NotDelivered, PayrollFile, PayrollHead, PayrollOut, Receipt, Store,
};
use postgres::Server;
use support::Kommun;

const LONG: Duration = Duration::from_secs(3600);
const BATCH: &str = "2026-10/1";

fn on_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

async fn claimed(db: &mut Db, holder: &str) -> Lease {
    match db.claim(holder, LONG).await.unwrap() {
        Claim::Ours(lease) => {
            db.guard(Some(&lease)).await.unwrap();
            lease
        }
        Claim::Others { holder: other } => panic!("{other} has it"),
    }
}

/// A fact that a writer leaves behind: its number, and who wrote it.
fn mark(number: i64, who: &str) -> NewFact {
    NewFact {
        number,
        key: format!("anstid {number}"),
        about: About { kind: "anstid", person: Some(PersonId(1)), meeting: None },
        fact: None,
        place: (None, String::new(), 0),
        because: Some(who.to_owned()),
        supersedes: None,
    }
}

async fn writes(db: &mut Db, number: i64, who: &str) -> Result<(), Fault> {
    db.begin().await?;
    db.record(&[mark(number, who)], 1).await?;
    db.commit().await
}

const WRITTEN: &str = "SELECT COALESCE(string_agg(because, ' ' ORDER BY id), '') FROM arvode.fact";

/// As if nobody had heard of the holder for longer than the lease.
fn run_out(server: &Server) {
    server.sql("UPDATE arvode.lease SET expires_at = 0");
}

#[test]
fn whoever_was_frozen_while_another_took_over_commits_nothing_more() {
    let server = Server::start();
    on_runtime(async {
        let mut one = Db::connect(&server.url(), "arvode").await.unwrap();
        let mut other = Db::connect(&server.url(), "arvode").await.unwrap();
        assert_eq!(claimed(&mut one, "ett").await.token, 1);
        let refused = other.claim("två", LONG).await.unwrap();
        assert_eq!(refused, Claim::Others { holder: "ett".to_owned() });
        // Frozen in the middle of a transaction, with the lock that all writers need.
        one.begin().await.unwrap();
        one.record(&[mark(1, "ett")], 1).await.unwrap();
        run_out(&server);
        assert_eq!(claimed(&mut other, "två").await.token, 2);
        writes(&mut other, 1, "två").await.unwrap();
        assert!(matches!(one.commit().await, Err(Fault::Temporary(_))));
        let Err(Fault::Temporary(told)) = writes(&mut one, 2, "ett").await else { panic!("it wrote") };
        assert!(
            told.contains("another arvode (två) has taken over") && told.ends_with("nothing was changed"),
            "{told}"
        );
        assert!(one.is_fenced() && !other.is_fenced());
        assert!(one.still_ours().await.is_err());
        assert_eq!(server.sql(WRITTEN), "två");
        // It waits like anybody, and a hand does not need a lease.
        assert_eq!(one.claim("ett", LONG).await.unwrap(), Claim::Others { holder: "två".to_owned() });
        let mut hand = Db::connect(&server.url(), "arvode").await.unwrap();
        writes(&mut hand, 2, "hand").await.unwrap();
        writes(&mut other, 3, "två").await.unwrap();
        assert_eq!(server.sql(WRITTEN), "två hand två");
    });
}

#[test]
fn a_lease_that_nobody_has_taken_is_still_the_holders_and_one_that_is_given_back_is_free_at_once() {
    let server = Server::start();
    on_runtime(async {
        let mut one = Db::connect(&server.url(), "arvode").await.unwrap();
        let mut other = Db::connect(&server.url(), "arvode").await.unwrap();
        let lease = claimed(&mut one, "ett").await;
        run_out(&server);
        writes(&mut one, 1, "ett").await.unwrap();
        assert!(one.renew(&lease, LONG).await.unwrap());
        assert_eq!(other.claim("två", LONG).await.unwrap(), Claim::Others { holder: "ett".to_owned() });
        one.give_back(&lease).await.unwrap();
        let theirs = claimed(&mut other, "två").await;
        assert!(theirs.token > lease.token && !one.renew(&lease, LONG).await.unwrap());
        // One who has lost it gives nothing away.
        one.give_back(&lease).await.unwrap();
        assert_eq!(one.claim("ett", LONG).await.unwrap(), Claim::Others { holder: "två".to_owned() });
        // Each kommun has its own.
        let mut another_kommun = Db::connect(&server.url(), "grannen").await.unwrap();
        assert_eq!(claimed(&mut another_kommun, "ett").await.token, 1);
    });
}

#[test]
fn the_servers_clock_says_when_a_lease_is_over_whatever_the_hosts_say() {
    let server = Server::start();
    on_runtime(async {
        let mut one = Db::connect(&server.url(), "arvode").await.unwrap();
        claimed(&mut one, "ett").await;
        let left = "SELECT expires_at - CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) FROM arvode.lease";
        let left: i64 = server.sql(left).parse().unwrap();
        assert!((3_500_000..=3_600_000).contains(&left), "{left} ms of an hour");
    });
}

#[test]
fn a_server_that_was_restarted_is_found_again_by_the_next_transaction() {
    let server = Server::start();
    on_runtime(async {
        let mut one = Db::connect(&server.url(), "arvode").await.unwrap();
        claimed(&mut one, "ett").await;
        writes(&mut one, 1, "före").await.unwrap();
        server.go_away();
        server.come_back();
        writes(&mut one, 2, "efter").await.unwrap();
        // In the middle: nothing of it is there, and nothing of it comes with the next.
        one.begin().await.unwrap();
        one.record(&[mark(3, "mitt i")], 1).await.unwrap();
        server.go_away();
        server.come_back();
        assert!(matches!(one.commit().await, Err(Fault::Temporary(_))) && one.is_lost());
        writes(&mut one, 3, "sedan").await.unwrap();
        assert!(!one.is_lost());
        assert_eq!(server.sql(WRITTEN), "före efter sedan");
        // The lease is as it was, and guards the new connection too.
        assert!(one.still_ours().await.is_ok());
        server.sql("UPDATE arvode.lease SET token = 9, holder = 'två'");
        assert!(writes(&mut one, 4, "ett").await.is_err() && one.is_fenced());
        assert_eq!(server.sql(WRITTEN), "före efter sedan");
    });
}

#[test]
fn on_a_file_it_is_the_same() {
    on_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("arvode.db");
        let (mut one, mut other) = (Db::open_file(&path).await.unwrap(), Db::open_file(&path).await.unwrap());
        let lease = claimed(&mut one, "ett").await;
        assert_eq!(other.claim("två", LONG).await.unwrap(), Claim::Others { holder: "ett".to_owned() });
        writes(&mut one, 1, "ett").await.unwrap();
        one.give_back(&lease).await.unwrap();
        assert_eq!(claimed(&mut other, "två").await.token, 2);
        assert!(writes(&mut one, 2, "ett").await.is_err() && one.is_fenced());
        writes(&mut other, 2, "två").await.unwrap();
    });
}

// ---- the export

/// A batch that may leave, on a server.
struct Payroll {
    server: Server,
    kommun: Kommun,
    fetched: PathBuf,
}

impl Payroll {
    fn with_attested_batch() -> Payroll {
        let (server, kommun) = (Server::start(), Kommun::new("2026-09"));
        kommun.edit("arvode.toml", |text| {
            text.replace("database = \"arvode.db\"", &format!("database = \"{}\"", server.url()))
        });
        kommun.ledamoter(&["1001", "1002"]);
        let rows =
            "2026-09-09 | KS | 13.00 | 15.10 | @1001 | ledamot\n2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot";
        let list =
            kommun.list("september.xlsx", &format!("Datum | Organ | Start | Slut | Personnummer | Roll\n{rows}"));
        kommun.import(&[&list]);
        kommun.freeze("2026-10");
        kommun.sign(BATCH);
        let fetched = kommun.root().join("fetched");
        fs::create_dir(&fetched).unwrap();
        Payroll { server, kommun, fetched }
    }

    fn out(&self) -> OutFolder {
        let charset = read(&self.kommun.path("config/arvode.toml")).unwrap().settings.charset;
        OutFolder { out: self.kommun.path("out"), deliver: Some(self.kommun.path("deliver")), charset }
    }

    async fn daemon(&self, holder: &str) -> Db {
        let mut db = Db::connect(&self.server.url(), "arvode").await.unwrap();
        claimed(&mut db, holder).await;
        db
    }

    async fn exports(&self, db: &mut Db, out: &impl PayrollOut, clock: &impl Clock) -> Result<Outcome, Fault> {
        let configured = read(&self.kommun.path("config/arvode.toml")).unwrap();
        let settings = Settings {
            forteckning: &configured.forteckning,
            kommun: &configured.settings.kommun,
            organisationsnummer: &configured.settings.organisationsnummer,
            attested_by_payroll: None,
        };
        let name: BatchName = BATCH.parse().unwrap();
        export(db, &SshSignatures, out, clock, &settings, name, None).await
    }

    /// What the other daemon does while the first is frozen: takes over and exports; then payroll fetches what it finds.
    fn taken_over(&self, holder: &str) -> Result<Outcome, Fault> {
        run_out(&self.server);
        let ended = std::thread::scope(|scope| {
            let work = scope.spawn(|| {
                on_runtime(async {
                    let mut db = self.daemon(holder).await;
                    self.exports(&mut db, &self.out(), &SystemClock::default()).await
                })
            });
            work.join().unwrap()
        });
        self.payroll_fetches();
        ended
    }

    fn payroll_fetches(&self) {
        for entry in fs::read_dir(self.kommun.path("deliver")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if !name.starts_with('.') {
                let number = fs::read_dir(&self.fetched).unwrap().count();
                fs::rename(&path, self.fetched.join(format!("{number} {name}"))).unwrap();
            }
        }
    }

    fn fetched(&self) -> usize {
        fs::read_dir(&self.fetched).unwrap().count()
    }

    fn state(&self) -> String {
        self.server.sql("SELECT state FROM arvode.batch")
    }
}

/// Folders and a clock whose user is frozen just before the n-th time that it asks for either. The clock is asked in the
/// middle of each transaction.
struct Freezes<'a> {
    folders: OutFolder,
    countdown: Cell<u32>,
    meanwhile: RefCell<Option<Box<dyn FnOnce() + 'a>>>,
}

impl Freezes<'_> {
    fn step(&self) {
        let left = self.countdown.get();
        self.countdown.set(left.wrapping_sub(1));
        if left == 0
            && let Some(meanwhile) = self.meanwhile.borrow_mut().take()
        {
            meanwhile();
        }
    }
}

impl Clock for Freezes<'_> {
    fn now_ms(&self) -> i64 {
        self.step();
        SystemClock::default().now_ms()
    }
}

impl PayrollOut for Freezes<'_> {
    fn begin(&self, head: &PayrollHead) -> Result<Box<dyn PayrollFile + Send>, Fault> {
        self.step();
        let begun = self.folders.begin(head);
        self.step();
        begun
    }

    fn exported(&self) -> Result<Vec<(BatchName, Option<String>)>, Fault> {
        self.folders.exported()
    }

    fn receipt(&self, batch: BatchName) -> Result<Option<Receipt>, Fault> {
        self.folders.receipt(batch)
    }

    fn proven(&self, batch: BatchName) -> Result<Option<Receipt>, Fault> {
        self.folders.proven(batch)
    }

    fn strangers(&self) -> Result<Vec<String>, Fault> {
        self.folders.strangers()
    }

    fn delivers(&self) -> bool {
        self.step();
        self.folders.delivers()
    }

    fn copy(&self, batch: BatchName) -> Result<Box<dyn Handover + Send>, NotDelivered> {
        self.step();
        let copied = self.folders.copy(batch);
        self.step();
        copied
    }

    fn clear_unfinished(&self, batch: BatchName) -> Result<(), Fault> {
        self.folders.clear_unfinished(batch)
    }

    fn delivery_state(&self, batch: BatchName) -> Result<DeliveryState, Fault> {
        self.folders.delivery_state(batch)
    }
}

#[test]
fn an_exporter_frozen_at_any_step_and_woken_after_another_has_worked_gives_one_file() {
    let payroll = Payroll::with_attested_batch();
    let mut frozen = 0;
    for step in 0.. {
        reset(&payroll);
        let is_frozen = Cell::new(false);
        let meanwhile = || {
            is_frozen.set(true);
            // It may have to wait for the folder's lock, and says so; it has taken over all the same.
            match payroll.taken_over("två") {
                Ok(outcome) => assert!(outcome.delivered || payroll.fetched() == 1, "step {step}: {outcome:?}"),
                Err(Fault::Temporary(told)) => assert!(told.contains("another arvode is writing there"), "{told}"),
                Err(other) => panic!("step {step}: {other}"),
            }
        };
        on_runtime(async {
            run_out(&payroll.server);
            let mut one = payroll.daemon("ett").await;
            let folders = payroll.out();
            let meanwhile: RefCell<Option<Box<dyn FnOnce()>>> = RefCell::new(Some(Box::new(meanwhile)));
            let freezes = Freezes { folders, countdown: Cell::new(step), meanwhile };
            let woken = payroll.exports(&mut one, &freezes, &freezes).await;
            assert_eq!(woken.is_err(), is_frozen.get(), "step {step}: {woken:?}");
        });
        payroll.payroll_fetches();
        if !is_frozen.get() {
            break;
        }
        frozen += 1;
        let last = payroll.taken_over("tre").unwrap();
        assert!(last.delivered || last.was_done, "step {step}: {last:?}");
        assert_eq!((payroll.fetched(), payroll.state().as_str()), (1, "delivered"), "step {step}");
        assert_eq!(names(&payroll.kommun.path("out")), ["paxml-2026-10-1.json", "paxml-2026-10-1.xml"], "step {step}");
        assert_eq!(names(&payroll.kommun.path("deliver")), [""; 0], "step {step}");
    }
    assert!(frozen >= 9, "an export has more steps than {frozen}");
}

/// The batch has not left.
fn reset(payroll: &Payroll) {
    payroll.server.sql("UPDATE arvode.batch SET state = 'calculated'");
    for folder in [payroll.kommun.path("out"), payroll.kommun.path("deliver"), payroll.fetched.clone()] {
        for entry in fs::read_dir(folder).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
