//! What every store must do, run on SQLite and on PostgreSQL alike.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod postgres;

use arvode::adapters::db::Db;
use arvode::calendar::{Day, Month};
use arvode::domain::{
    Anstid, Attendance, Fact, Fault, LineKind, Meeting, MeetingId, Occasion, OrganCode, PersonId, Personnummer,
    Provenance, Remark, RemarkKind, State,
};
use arvode::jobs::import_workbooks::{about, key_of};
use arvode::ledger::{
    Batch, BatchKind, BatchName, BatchRow, BatchState, LeftOut, Reversed, RowRef, Settled, Summed, WhyLeftOut,
};
use arvode::money::Ore;
use arvode::ports::{
    Attest, Gallrad, Gallring, GallringStore, ImportRun, Intervention, LeftOutStore, LetterFile, LetterKind,
    LetterState, NewFact, NewLetter, NewRemark, Office, OutboxStore, Pin, Progress, Receiver, Revised, Store,
    StoredRow, Touched, Written,
};

/// Runs one contract on both; each has its own fresh database.
fn on_both(contract: impl AsyncFn(&mut Db)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let mut sqlite = Db::open_file(&folder.path().join("arvode.db")).await.unwrap();
        contract(&mut sqlite).await;
        sqlite.close().await.unwrap();
        let server = postgres::Server::start();
        let mut postgres = Db::connect(&server.url(), "contract").await.unwrap();
        contract(&mut postgres).await;
        postgres.close().await.unwrap();
    });
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn anstid(person: i64, number: &str) -> Fact {
    Fact::Anstid(Anstid { person: PersonId(person), organ: None, anstid: number.to_owned() })
}

fn new(number: i64, fact: &Fact, supersedes: Option<i64>) -> NewFact {
    NewFact {
        number,
        key: key_of(fact),
        about: about(fact),
        fact: Some(fact.clone()),
        place: (None, "Personer".to_owned(), 7),
        because: None,
        supersedes,
    }
}

fn attendance(meeting: i64, person: i64) -> Fact {
    Fact::Attendance(Attendance {
        meeting: MeetingId(meeting),
        person: PersonId(person),
        roll: None,
        tjanstgorande: Some(true),
        hours: Vec::new(),
        own: Vec::new(),
        paragrafer: None,
        jav: None,
        ersatter: None,
        distans: false,
        justerare: false,
        narvaroratt: None,
        loneavdrag: false,
        forlorad: Some(Ore(12_345)),
        km: Some("37.3".parse().unwrap()),
        inkom: day("2026-10-20"),
        inkom_default: true,
        diarium: None,
    })
}

#[test]
fn a_fact_is_seen_as_it_stood_after_any_number() {
    on_both(async |store| {
        store.begin().await.unwrap();
        let source = store.source("abc", "personer.xlsx", 5).await.unwrap();
        let (first, second) = (anstid(1, "1001"), anstid(1, "1002"));
        let with_source = |mut fact: NewFact| {
            fact.place.0 = Some(source);
            fact
        };
        store.record(&[with_source(new(1, &first, None))], 1_000).await.unwrap();
        store.record(&[with_source(new(2, &second, Some(1)))], 2_000).await.unwrap();
        store.commit().await.unwrap();
        for (up_to, expected) in [(0, None), (1, Some(&first)), (2, Some(&second))] {
            let found = store.facts_of_kinds(&["anstid"], up_to).await.unwrap();
            assert_eq!(found.first().map(|recorded| &recorded.fact), expected);
            assert_eq!(store.facts_of_persons(&[PersonId(1)], up_to).await.unwrap(), found);
        }
        let found = store.facts_of_kinds(&["anstid"], 2).await.unwrap();
        let place = Provenance { file: "personer.xlsx".into(), sha256: "abc".into(), sheet: "Personer".into(), row: 7 };
        assert_eq!(found[0].source, place);
        assert_eq!(store.every_revision("anstid").await.unwrap(), [first, second]);
        assert_eq!(store.last_fact_known_at(1_500).await.unwrap(), 1);
        assert_eq!(store.last_fact().await.unwrap(), 2);
        assert_eq!(store.source("abc", "other name.xlsx", 6).await.unwrap(), source);
    });
}

#[test]
fn what_was_taken_back_stands_no_more() {
    on_both(async |store| {
        store.begin().await.unwrap();
        let facts = [attendance(9, 1), attendance(9, 2)];
        store.record(&[new(1, &facts[0], None), new(2, &facts[1], None)], 1).await.unwrap();
        assert_eq!(store.standing_of_meetings("attendance", &[MeetingId(9)]).await.unwrap().len(), 2);
        let gone = NewFact { fact: None, because: Some("fel möte".to_owned()), ..new(3, &facts[0], Some(1)) };
        store.record(&[gone], 2).await.unwrap();
        store.commit().await.unwrap();
        let standing = store.standing_of_meetings("attendance", &[MeetingId(9)]).await.unwrap();
        assert_eq!(standing.iter().map(|found| found.number).collect::<Vec<_>>(), [2]);
        let keys = [key_of(&facts[0]), key_of(&facts[1])];
        let mut under_keys = store.standing(&keys).await.unwrap();
        under_keys.sort_by_key(|found| found.number);
        assert_eq!(under_keys.iter().map(|found| found.fact.is_some()).collect::<Vec<_>>(), [true, false]);
        assert_eq!(store.facts_of_persons(&[PersonId(1)], 2).await.unwrap().len(), 1, "known before it was taken back");
        assert!(store.facts_of_persons(&[PersonId(1)], 3).await.unwrap().is_empty());
    });
}

/// What a store of nothing but attendances must say, kept as the list of what it was told.
#[derive(Default)]
struct Told(Vec<(NewFact, Option<i64>)>);

impl Told {
    fn add(&mut self, new: &NewFact) {
        if let Some(before) = new.supersedes {
            self.0.iter_mut().find(|(told, _)| told.number == before).unwrap().1 = Some(new.number);
        }
        self.0.push((new.clone(), None));
    }

    /// Numbers of the facts of a person that stood after a number.
    fn of_person(&self, person: i64, up_to: i64) -> Vec<i64> {
        let stood = |(told, by): &&(NewFact, Option<i64>)| {
            told.about.person == Some(PersonId(person))
                && told.number <= up_to
                && by.is_none_or(|by| by > up_to)
                && told.fact.is_some()
        };
        self.0.iter().filter(stood).map(|(told, _)| told.number).collect()
    }

    /// Numbers of what stands under keys.
    fn standing(&self, has: impl Fn(&NewFact) -> bool) -> Vec<i64> {
        self.0.iter().filter(|(told, by)| by.is_none() && has(told)).map(|(told, _)| told.number).collect()
    }
}

#[test]
fn attendances_of_a_long_list_stand_packed_and_change_like_any_other_fact() {
    on_both(async |store| {
        let mut told = Told::default();
        let many = |number: i64, meeting: i64, person: i64| {
            let Fact::Attendance(mut fact) = attendance(meeting, person) else { panic!() };
            fact.hours = vec![("13:00:00".parse().unwrap(), "15:30:00".parse().unwrap()); (number % 3) as usize];
            fact.tjanstgorande = [None, Some(false), Some(true)][(number % 3) as usize];
            fact.forlorad = (number % 2 == 0).then_some(Ore(number));
            // Some say more than can be packed.
            fact.jav = (number % 11 == 0).then(|| "§ 4".to_owned());
            new(number, &Fact::Attendance(fact), None)
        };
        // 1 and 2 have many, 3 has few.
        let list: Vec<NewFact> = (1..=40)
            .map(|number| many(number, 100 + number / 2, if number == 7 { 3 } else { 1 + number % 2 }))
            .collect();
        store.begin().await.unwrap();
        for part in list.chunks(9) {
            store.record(part, 1_000).await.unwrap();
        }
        list.iter().for_each(|new| told.add(new));
        assert_eq!(store.last_fact().await.unwrap(), 40);
        store.commit().await.unwrap();
        assert_eq!(store.last_fact_known_at(999).await.unwrap(), 0);
        assert_eq!(store.last_fact_known_at(1_000).await.unwrap(), 40);
        // One is told anew, one is taken back, one that was told anew is taken back.
        let again = |number: i64, of: &NewFact, fact: Option<Fact>| NewFact {
            number,
            fact,
            because: Some("rättat".to_owned()),
            supersedes: Some(of.number),
            ..of.clone()
        };
        let changes = [
            again(41, &list[9], Some(attendance(105, 1))),
            again(42, &list[12], None),
            again(43, &again(41, &list[9], None), None),
        ];
        store.begin().await.unwrap();
        for change in &changes {
            store.record(std::slice::from_ref(change), 2_000).await.unwrap();
            told.add(change);
        }
        store.commit().await.unwrap();
        for person in 1..=3 {
            for up_to in [0, 1, 20, 40, 41, 42, 43] {
                let found = store.facts_of_persons(&[PersonId(person)], up_to).await.unwrap();
                let numbers: Vec<i64> = found.iter().map(|recorded| recorded.number).collect();
                assert_eq!(numbers, told.of_person(person, up_to), "{person} {up_to}");
                for recorded in found {
                    let (said, _) = told.0.iter().find(|(told, _)| told.number == recorded.number).unwrap();
                    assert_eq!(Some(&recorded.fact), said.fact.as_ref());
                    assert_eq!((&*recorded.source.sheet, recorded.source.row), ("Personer", 7));
                }
            }
        }
        let keys: Vec<String> = told.0.iter().map(|(told, _)| told.key.clone()).step_by(3).collect();
        let mut standing: Vec<i64> = store.standing(&keys).await.unwrap().iter().map(|found| found.number).collect();
        standing.sort_unstable();
        assert_eq!(standing, told.standing(|new| keys.contains(&new.key)));
        let meetings = [MeetingId(105), MeetingId(106), MeetingId(119)];
        let standing = store.standing_of_meetings("attendance", &meetings).await.unwrap();
        let is_there = |new: &NewFact| new.fact.is_some() && meetings.contains(&new.about.meeting.unwrap());
        assert_eq!(standing.iter().map(|found| found.number).collect::<Vec<_>>(), told.standing(is_there));
        let numbers = |revised: Vec<Revised>| revised.iter().map(|revised| revised.number).collect::<Vec<_>>();
        let all = |has: &dyn Fn(&NewFact) -> bool| {
            told.0.iter().filter(|(told, _)| has(told)).map(|(told, _)| told.number).collect::<Vec<_>>()
        };
        assert_eq!(numbers(store.revisions(8, 42).await.unwrap()), (8..=42).collect::<Vec<_>>());
        assert_eq!(numbers(store.history(&keys).await.unwrap()), all(&|new| keys.contains(&new.key)));
        assert_eq!(
            numbers(store.revisions_of_kinds(&["attendance"], 5, 41).await.unwrap()),
            (6..=41).collect::<Vec<_>>()
        );
        let of_two = store.revisions_about(&[PersonId(2)], &[], 10, 99).await.unwrap();
        assert_eq!(numbers(of_two), all(&|new| new.about.person == Some(PersonId(2)) && new.number > 10));
        let changed = store.revisions(43, 43).await.unwrap().remove(0);
        assert_eq!((changed.before, changed.fact), (changes[0].fact.clone(), None));
        let first = store.revisions(10, 10).await.unwrap().remove(0);
        assert_eq!((first.superseded_by, first.before), (Some(41), None));
        // Gallring takes every revision of some away, and nothing of the others.
        store.begin().await.unwrap();
        let gone: Vec<String> =
            told.0.iter().map(|(told, _)| told.key.clone()).filter(|key| key.ends_with(":1")).collect();
        let count = told.0.iter().filter(|(told, _)| gone.contains(&told.key)).count() as u64;
        assert_eq!(store.remove_facts(1, &gone).await.unwrap(), count);
        store.commit().await.unwrap();
        assert!(store.facts_of_persons(&[PersonId(1)], 99).await.unwrap().is_empty());
        let left = store.facts_of_persons(&[PersonId(2)], 99).await.unwrap();
        assert_eq!(left.iter().map(|recorded| recorded.number).collect::<Vec<_>>(), told.of_person(2, 99));
    });
}

#[test]
fn what_is_rolled_back_was_never_written() {
    on_both(async |store| {
        store.begin().await.unwrap();
        store.record(&[new(1, &anstid(1, "1001"), None)], 1).await.unwrap();
        store.audit("import", "x", 1).await.unwrap();
        store.rollback().await.unwrap();
        assert_eq!(store.last_fact().await.unwrap(), 0);
        assert_eq!(store.audit_head().await.unwrap(), "");
    });
}

#[test]
fn thousands_of_rows_go_in_and_come_out_in_order() {
    on_both(async |store| {
        store.begin().await.unwrap();
        let facts: Vec<NewFact> = (1..=1_234).map(|number| new(number, &attendance(number, 1), None)).collect();
        store.record(&facts, 1).await.unwrap();
        store.commit().await.unwrap();
        let numbers: Vec<i64> = store
            .facts_of_persons(&[PersonId(1)], 2_000)
            .await
            .unwrap()
            .iter()
            .map(|recorded| recorded.number)
            .collect();
        assert_eq!(numbers, (1..=1_234).collect::<Vec<_>>());
    });
}

fn batch(sequence: u32, state: BatchState) -> Batch {
    Batch {
        name: BatchName { payout: "2026-11".parse().unwrap(), sequence },
        kind: BatchKind::Monthly,
        state,
        facts_up_to: 10,
        frozen_on: day("2026-11-09"),
        frozen_at_ms: 123,
        because: None,
        example: true,
    }
}

fn row(postid: u32, person: i64, belopp: i64) -> BatchRow {
    BatchRow {
        postid,
        sheet: 1,
        person: PersonId(person),
        personnummer: Personnummer::parse("19800101-9804", day("2026-11-09")).unwrap(),
        anstid: "1001".into(),
        occasion: Occasion::Meeting(MeetingId(i64::from(postid))),
        kind: LineKind::Timarvode,
        day: day("2026-10-14"),
        organ: OrganCode("KS".to_owned()),
        antal: "2.5".parse().unwrap(),
        apris: "206".parse().unwrap(),
        belopp: Ore(belopp),
        accrued_in: "2026-10".parse().unwrap(),
        reverses: None,
        lonart: "1648".into(),
        lonkod: None,
        benamning: "Timarvode".into(),
        konto: "5011".into(),
        ansvar: "1100".into(),
        verksamhet: "100".into(),
        settled: Settled::ByPayroll,
    }
}

#[test]
fn the_ledger_holds_the_rows_of_batches_that_are_not_void_but_those_that_wait() {
    on_both(async |store| {
        let booked = async |store: &mut Db| -> Vec<i64> {
            let found = store.ledger(&[PersonId(1), PersonId(2)], i64::MAX).await.unwrap();
            found.iter().map(|stored| stored.id).collect()
        };
        store.begin().await.unwrap();
        store.add_batch(1, &batch(1, BatchState::Delivered)).await.unwrap();
        store.add_rows(1, 1, &[row(1, 1, 51_500), row(2, 2, 51_500), row(0, 2, 7)]).await.unwrap();
        let totals = Summed { rows: 2, persons: 2, sum: Ore(103_000), sha256: "ff".to_owned() };
        store.set_totals(1, &totals).await.unwrap();
        store.add_batch(2, &batch(2, BatchState::Calculated)).await.unwrap();
        let reversal = BatchRow {
            reverses: Some(Reversed::Row(RowRef { id: 1, batch: batch(1, BatchState::Void).name, postid: 1 })),
            antal: "-2.5".parse().unwrap(),
            ..row(1, 1, -51_500)
        };
        store.add_rows(2, 4, std::slice::from_ref(&reversal)).await.unwrap();
        store.commit().await.unwrap();
        assert_eq!(booked(store).await, [1, 2, 4], "row 3 waits");
        assert_eq!(store.waiting(1).await.unwrap().len(), 1);
        assert!(store.waiting(2).await.unwrap().is_empty(), "the latest monthly batch wrote down no row that waits");
        assert_eq!(store.ledger(&[PersonId(1)], 1).await.unwrap().len(), 1, "what batch 2 did is not known yet");
        assert_eq!(store.rows(2, 1, 10).await.unwrap()[0].row, reversal);
        assert_eq!(store.reversed_by(1).await.unwrap(), [batch(2, BatchState::Void).name]);
        assert_eq!(store.batches().await.unwrap()[0].2, totals);
        store.move_batch(batch(2, BatchState::Void).name, BatchState::Calculated, BatchState::Void).await.unwrap();
        assert_eq!(booked(store).await, [1, 2], "the reversal was taken back");
        let again = store.move_batch(batch(2, BatchState::Void).name, BatchState::Calculated, BatchState::Void).await;
        assert!(matches!(again, Err(Fault::Refused(_))), "{again:?}");
        assert_eq!(store.last_line().await.unwrap(), 4);
    });
}

#[test]
fn rows_of_a_sheet_that_was_left_out_are_not_booked_and_are_found_by_who_asks_for_them() {
    on_both(async |store| {
        let on_sheet = |sheet: u32, row: BatchRow| BatchRow { sheet, ..row };
        let one = |sheet: u32, why: WhyLeftOut, by: Option<&str>| LeftOut {
            sheet,
            why,
            by: by.map(str::to_owned),
            at_ms: 77,
            frozen_sha256: "ff".to_owned(),
        };
        store.begin().await.unwrap();
        store.add_batch(1, &batch(1, BatchState::Delivered)).await.unwrap();
        store.add_rows(1, 1, &[row(1, 1, 51_500)]).await.unwrap();
        store.add_batch(2, &batch(2, BatchState::Calculated)).await.unwrap();
        let of = RowRef { id: 1, batch: batch(1, BatchState::Void).name, postid: 1 };
        let reversal = BatchRow { reverses: Some(Reversed::Row(of)), ..row(1, 1, -51_500) };
        let rows = [
            on_sheet(2, reversal),
            on_sheet(2, row(2, 1, 60_000)),
            on_sheet(1, row(3, 2, 51_500)),
            on_sheet(2, row(4, 2, 70_000)),
            on_sheet(0, row(0, 2, 7)),
        ];
        store.add_rows(2, 2, &rows).await.unwrap();
        for sheet in [1, 2, 3] {
            store.add_sheet(2, sheet, "{}").await.unwrap();
        }
        store.commit().await.unwrap();
        assert_eq!(store.reversed_by(1).await.unwrap(), [batch(2, BatchState::Void).name]);
        store.begin().await.unwrap();
        let left_out = [one(2, WhyLeftOut::Unsigned, None), one(3, WhyLeftOut::Negative, Some("Åsa"))];
        store.leave_out(2, &left_out).await.unwrap();
        assert!(store.leave_out(2, &left_out).await.is_err(), "once");
        store.rollback().await.unwrap();
        assert_eq!(store.left_out().await.unwrap(), []);
        store.begin().await.unwrap();
        store.leave_out(2, &left_out).await.unwrap();
        store.commit().await.unwrap();

        assert_eq!(store.left_out().await.unwrap(), left_out.map(|one| (2, one)));
        let ids = |rows: Vec<StoredRow>| rows.into_iter().map(|stored| stored.id).collect::<Vec<_>>();
        let both = [PersonId(1), PersonId(2)];
        assert_eq!(ids(store.ledger(&both, i64::MAX).await.unwrap()), [1, 4], "row 6 waits");
        // Each page has at least one row that counts, until there is no more.
        assert_eq!(ids(store.rows(2, 1, 1).await.unwrap()), [4]);
        assert_eq!(ids(store.rows(2, 1, 10).await.unwrap()), [4]);
        assert!(store.rows(2, 4, 10).await.unwrap().is_empty());
        assert_eq!(ids(store.rows_as_frozen(2, 1, 1_000).await.unwrap()), [2, 3, 4, 5]);
        assert_eq!(ids(store.left_out_rows(&both).await.unwrap()), [2, 3, 5]);
        assert_eq!(ids(store.left_out_rows(&[PersonId(2)]).await.unwrap()), [5]);
        let marked = store.rows_of_persons(&both).await.unwrap().into_iter().filter(|stored| stored.left_out);
        assert_eq!(ids(marked.collect()), [2, 3, 5]);
        let every = store.every_row(&both).await.unwrap().into_iter().filter(|row| row.stored.left_out);
        assert_eq!(ids(every.map(|row| row.stored).collect()), [2, 3, 5]);
        assert_eq!(ids(store.waiting(2).await.unwrap()), [6]);
        assert!(store.reversed_by(1).await.unwrap().is_empty(), "the reversal has not left");
    });
}

#[test]
fn a_month_keeps_the_rules_of_the_latest_batch_that_is_not_void() {
    on_both(async |store| {
        let month: Month = "2026-10".parse().unwrap();
        let pin = |rules: &str| Pin {
            month,
            group: "occasional",
            rules_sha256: format!("hash of {rules}"),
            rules: rules.to_owned(),
        };
        store.begin().await.unwrap();
        for (id, rules) in [(1, "old"), (2, "new")] {
            store.add_batch(id, &batch(u32::try_from(id).unwrap(), BatchState::Calculated)).await.unwrap();
            store.add_pin(id, &pin(rules)).await.unwrap();
        }
        store.commit().await.unwrap();
        assert_eq!(store.pins(i64::MAX).await.unwrap(), [pin("new")]);
        assert_eq!(store.pins(1).await.unwrap(), [pin("old")]);
        store.move_batch(batch(2, BatchState::Void).name, BatchState::Calculated, BatchState::Void).await.unwrap();
        assert_eq!(store.pins(i64::MAX).await.unwrap(), [pin("old")]);
    });
}

#[test]
fn whom_new_facts_are_about_is_told_without_reading_them() {
    on_both(async |store| {
        let touched = |kind: &str, person: i64, is_revision: bool| Touched {
            kind: kind.to_owned(),
            person: Some(PersonId(person)),
            meeting: None,
            is_revision,
        };
        store.begin().await.unwrap();
        store.record(&[new(1, &anstid(1, "1001"), None), new(2, &anstid(2, "1002"), None)], 1).await.unwrap();
        // So many of one person stand packed.
        let many: Vec<NewFact> = (3..10).map(|number| new(number, &attendance(number, 3), None)).collect();
        store.record(&many, 1).await.unwrap();
        store.record(&[new(10, &anstid(2, "1003"), Some(2))], 1).await.unwrap();
        assert_eq!(store.touched(2, 9).await.unwrap(), [touched("attendance", 3, false)]);
        assert_eq!(store.touched(9, 10).await.unwrap(), [touched("anstid", 2, true)]);
        let mut all = store.touched(0, 10).await.unwrap();
        all.sort_by_key(|one| (one.person, one.is_revision));
        let anstids = [touched("anstid", 1, false), touched("anstid", 2, false), touched("anstid", 2, true)];
        assert_eq!(all, [anstids.as_slice(), &[touched("attendance", 3, false)]].concat());
        // One that changes stands no longer packed, and is no newer for it.
        store.record(&[new(11, &attendance(5, 3), Some(5))], 1).await.unwrap();
        assert_eq!(store.touched(10, 11).await.unwrap(), [touched("attendance", 3, true)]);
        assert_eq!(store.touched(11, 11).await.unwrap(), []);
        store.rollback().await.unwrap();
    });
}

#[test]
fn who_is_at_rest_is_known_of_the_latest_batches() {
    on_both(async |store| {
        store.begin().await.unwrap();
        for id in 1..=3 {
            store.add_batch(id, &batch(u32::try_from(id).unwrap(), BatchState::Delivered)).await.unwrap();
        }
        store.set_at_rest(1, 0, "one").await.unwrap();
        store.set_at_rest(2, 1, "two").await.unwrap();
        assert_eq!(store.at_rest(1).await.unwrap().as_deref(), Some("one"), "batch 2 may be taken back");
        store.set_at_rest(3, 2, "three").await.unwrap();
        assert_eq!(store.at_rest(1).await.unwrap(), None);
        assert_eq!(store.at_rest(2).await.unwrap().as_deref(), Some("two"));
        store.set_at_rest(3, 2, "once more").await.unwrap();
        assert_eq!(store.at_rest(3).await.unwrap().as_deref(), Some("once more"));
        store.commit().await.unwrap();
    });
}

#[test]
fn sheets_signatures_remarks_and_imports_come_back_as_they_went_in() {
    on_both(async |store| {
        store.begin().await.unwrap();
        store.add_batch(1, &batch(1, BatchState::Calculated)).await.unwrap();
        store.add_sheet(1, 1, "{\"blad\":1}").await.unwrap();
        let attest = Attest {
            sheet: 1,
            role: "beslut".into(),
            official: "anna".into(),
            signed_at_ms: 9,
            signature: "SSHSIG".into(),
        };
        store.add_attest(1, &attest).await.unwrap();
        assert_eq!(store.sheets(1).await.unwrap(), ["{\"blad\":1}"]);
        assert_eq!(store.attests(1).await.unwrap(), std::slice::from_ref(&attest));
        let remark = Remark {
            undecided: None,
            kind: RemarkKind::Row,
            state: State::Held,
            day: Some(day("2026-10-14")),
            reason: "D7: fel kontrollsiffra".into(),
            paragraph: "",
            proposed: "rätta".into(),
            worth: None,
            place: Provenance { file: "a.xlsx".into(), sha256: "abc".into(), sheet: "Närvaro".into(), row: 7 },
        };
        let anstid = Some("1001".to_owned());
        let told = NewRemark { remark: remark.clone(), anstid: anstid.clone(), subject: "2026-10-14|ks|".into() };
        store.add_remarks(&[told], 1).await.unwrap();
        let held = store.remarks(Some(State::Held)).await.unwrap();
        assert_eq!((held[0].remark.clone(), held[0].anstid.clone()), (remark, anstid));
        assert_eq!(held[0].subject, "2026-10-14|ks|");
        store.close_remarks(&[held[0].id + 1], 2).await.unwrap();
        assert_eq!(store.remarks(Some(State::Held)).await.unwrap().len(), 1);
        let mut of = async |file: &str| store.open_remarks_of(&[file.to_owned()]).await.unwrap().len();
        assert_eq!((of("a.xlsx").await, of("b.xlsx").await), (1, 0));
        store.close_remarks(&[held[0].id], 2).await.unwrap();
        assert!(store.open_remarks_of(&["a.xlsx".to_owned()]).await.unwrap().is_empty());
        assert!(store.remarks(Some(State::Held)).await.unwrap().is_empty());
        assert_eq!(store.remarks(None).await.unwrap().len(), 1);
        let source = store.source("abc", "a.xlsx", 1).await.unwrap();
        let run = ImportRun {
            source,
            sha256: "abc".into(),
            file: "a.xlsx".into(),
            settings_sha256: "s".into(),
            accepted: 1,
            unchanged: 2,
            held: 3,
            ignored: 4,
            last_fact: 5,
        };
        store.add_import(&run, 5).await.unwrap();
        assert_eq!(store.last_import().await.unwrap(), Some(run));
        store.commit().await.unwrap();
        assert!(store.add_attest(1, &attest).await.is_err(), "one signature per sheet and role");
    });
}

#[test]
fn the_audit_chain_ends_in_the_hash_of_its_last_row() {
    on_both(async |store| {
        store.begin().await.unwrap();
        let first = store.audit("import", "en fil", 1).await.unwrap();
        let second = store.audit("freeze", "2026-11/1", 2).await.unwrap();
        store.commit().await.unwrap();
        assert_ne!(first, second);
        assert_eq!(store.audit_head().await.unwrap(), second);
    });
}

#[test]
fn a_changed_bit_in_a_stored_row_is_noticed() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("arvode.db");
        let mut store = Db::open_file(&file).await.unwrap();
        store.begin().await.unwrap();
        store.add_batch(1, &batch(1, BatchState::Calculated)).await.unwrap();
        store.add_rows(1, 1, &[row(1, 1, 51_500)]).await.unwrap();
        store.record(&[new(1, &anstid(1, "1001"), None)], 1).await.unwrap();
        // So many of one person stand packed.
        let many: Vec<NewFact> = (2..9).map(|number| new(number, &attendance(number, 1), None)).collect();
        store.record(&many, 1).await.unwrap();
        store.set_at_rest(1, 0, "1 2 3").await.unwrap();
        store.audit("import", "en fil", 1).await.unwrap();
        store.commit().await.unwrap();
        store.close().await.unwrap();
        let changes = [
            "UPDATE at_rest SET content = '1 2 3 4'",
            "UPDATE line_block SET body = replace(body, '515', '516')",
            "UPDATE fact SET body = replace(body, '1001', '1002')",
            "UPDATE fact_block SET body = replace(body, '12345', '92345')",
            "UPDATE audit SET detail = 'en annan'",
        ];
        for change in changes {
            let script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); changed = c.execute(sys.argv[2]).rowcount; \
                          c.commit(); sys.exit(changed < 1)";
            let status = std::process::Command::new("/usr/bin/python3")
                .args(["-c", script])
                .arg(&file)
                .arg(change)
                .status()
                .unwrap();
            assert!(status.success(), "{change}");
        }
        let mut store = Db::open_file(&file).await.unwrap();
        assert_eq!(store.at_rest(1).await.unwrap(), None, "then everybody is worked out");
        let outcomes = [
            store.facts_of_persons(&[PersonId(1)], 9).await.err(),
            store.standing(&[key_of(&attendance(5, 1))]).await.err(),
            store.revisions(5, 5).await.err(),
            store.rows(1, 1, 10).await.err(),
            store.facts_of_kinds(&["anstid"], 9).await.err(),
            store.audit_head().await.err(),
        ];
        for fault in outcomes {
            assert!(
                matches!(&fault, Some(Fault::Refused(text)) if text.contains("restore the last backup")),
                "{fault:?}"
            );
        }
    });
}

#[test]
fn what_gallring_removes_is_gone_and_its_sums_and_numbers_stay() {
    on_both(async |store| {
        store.begin().await.unwrap();
        let source = store.source("abc", "lista.xlsx", 5).await.unwrap();
        let of_file = |mut fact: NewFact| {
            fact.place.0 = Some(source);
            fact
        };
        let facts = [of_file(new(1, &attendance(9, 1), None)), of_file(new(2, &attendance(9, 2), None))];
        store.record(&facts, 1).await.unwrap();
        store.add_batch(1, &batch(1, BatchState::Delivered)).await.unwrap();
        let reversal = BatchRow {
            reverses: Some(Reversed::Row(RowRef { id: 1, batch: batch(1, BatchState::Delivered).name, postid: 1 })),
            ..row(2, 1, -51_500)
        };
        store.add_rows(1, 1, &[row(1, 1, 51_500), reversal]).await.unwrap();
        let sum = Gallrad {
            batch: 1,
            accrued_in: row(1, 1, 0).accrued_in,
            organ: row(1, 1, 0).organ,
            kind: row(1, 1, 0).kind,
            settlement: String::new(),
            rows: 2,
            belopp: Ore(0),
        };
        let run = Gallring {
            id: 1,
            at_ms: 7,
            through: "2015-12".parse().unwrap(),
            decision: "KS 1".to_owned(),
            actor: "arkivarien".to_owned(),
            facts: 2,
            rows: 2,
            persons: 0,
            last_fact: 2,
        };
        assert_eq!(store.every_row(&[PersonId(1)]).await.unwrap().len(), 2);
        store.add_gallring(&run).await.unwrap();
        store.add_gallrade(1, std::slice::from_ref(&sum)).await.unwrap();
        assert_eq!(store.remove_rows(&[1, 2]).await.unwrap(), 2);
        let keys = [key_of(&attendance(9, 1)), key_of(&attendance(9, 2))];
        assert_eq!(store.remove_facts(1, &keys[..1]).await.unwrap(), 1);
        assert_eq!(store.bare_sources().await.unwrap(), [""; 0], "a fact of the file is left");
        assert_eq!(store.remove_facts(1, &keys[1..]).await.unwrap(), 1);
        store.commit().await.unwrap();
        assert_eq!(store.bare_sources().await.unwrap(), ["abc"]);
        assert_eq!(store.bare_batches().await.unwrap(), [1]);
        assert_eq!(store.gallringar().await.unwrap(), [run]);
        assert_eq!(store.gallrade().await.unwrap(), [(1, sum)]);
        assert_eq!(store.last_fact().await.unwrap(), 2, "no number is given twice");
        assert!(store.every_row(&[PersonId(1)]).await.unwrap().is_empty());
        assert_eq!(store.remove_remarks("2015-12".parse().unwrap()).await.unwrap(), 0);
    });
}

#[test]
fn what_was_said_before_and_what_persons_did_is_found_again() {
    on_both(async |store| {
        store.begin().await.unwrap();
        let source = store.source("abc", "närvaro.xlsx", 5).await.unwrap();
        let meeting = Fact::Meeting(Meeting::new(MeetingId(9), OrganCode("KS".to_owned()), day("2026-09-09")));
        let at = attendance(9, 1);
        let mut told = [new(1, &meeting, None), new(2, &at, None)];
        told.iter_mut().for_each(|fact| fact.place.0 = Some(source));
        store.record(&told, 1_000).await.unwrap();
        let because = Some("fel möte".to_owned());
        let gone = [
            NewFact { fact: None, because: because.clone(), ..new(3, &meeting, Some(1)) },
            NewFact { fact: None, because, ..new(4, &at, Some(2)) },
        ];
        store.record(&gone, 2_000).await.unwrap();
        let done = Intervention {
            id: 1,
            at_ms: 2_000,
            action: "withdraw".to_owned(),
            detail: "möte KS 2026-09-09".to_owned(),
            because: "fel möte".to_owned(),
            actor: "kansli".to_owned(),
            first_fact: 3,
            last_fact: 4,
            undoes: None,
        };
        store.add_intervention(&done).await.unwrap();
        store.commit().await.unwrap();

        let back = store.taken_back("meeting").await.unwrap();
        assert_eq!(back, [(key_of(&meeting), 3, meeting.clone())]);
        assert!(store.taken_back("claim").await.unwrap().is_empty());
        assert_eq!(store.sources_named("närvaro.xlsx").await.unwrap(), ["abc"]);
        assert!(store.sources_named("annan.xlsx").await.unwrap().is_empty());
        assert_eq!((store.interventions().await.unwrap(), store.last_intervention().await.unwrap()), (vec![done], 1));

        let numbers = |found: &[Revised]| found.iter().map(|revised| revised.number).collect::<Vec<_>>();
        let all = store.revisions(1, 4).await.unwrap();
        assert_eq!(numbers(&all), [1, 2, 3, 4]);
        assert_eq!((all[0].superseded_by, &*all[0].source.file), (Some(3), "närvaro.xlsx"));
        assert_eq!((&all[3].before, &all[3].fact, all[3].known_at_ms), (&Some(at.clone()), &None, 2_000));
        assert_eq!(all[3].because.as_deref(), Some("fel möte"));
        let of_person = store.revisions_about(&[PersonId(1)], &[], 0, 3).await.unwrap();
        assert_eq!(numbers(&of_person), [2], "up to the third only");
        let of_meeting = store.revisions_about(&[], &[MeetingId(9)], 1, 4).await.unwrap();
        assert_eq!(numbers(&of_meeting), [3], "of the meeting itself, not of who attended");
        assert_eq!(numbers(&store.revisions_of_kinds(&["attendance"], 0, 4).await.unwrap()), [2, 4]);
        assert_eq!(numbers(&store.history(&[key_of(&at)]).await.unwrap()), [2, 4]);
    });
}

#[test]
fn a_row_that_a_decision_settled_is_in_the_ledger_and_in_no_file() {
    on_both(async |store| {
        store.begin().await.unwrap();
        store.add_batch(1, &batch(1, BatchState::Delivered)).await.unwrap();
        let key = "utbetalt:1:2026-09:1647:2026-09-09:41200:0".to_owned();
        let settled = BatchRow {
            reverses: Some(Reversed::Paid(key, "2026-09".parse().unwrap())),
            settled: Settled::Aterkrav("KS 2026/77".to_owned()),
            antal: "-2.5".parse().unwrap(),
            ..row(0, 1, -51_500)
        };
        store.add_rows(1, 1, &[settled.clone(), row(0, 2, -7)]).await.unwrap();
        store.commit().await.unwrap();
        let both = [PersonId(1), PersonId(2)];
        let ledger = store.ledger(&both, 1).await.unwrap();
        assert_eq!(ledger.iter().map(|stored| &stored.row).collect::<Vec<_>>(), [&settled], "the other only waits");
        assert_eq!(store.waiting(1).await.unwrap().len(), 1);
        assert!(store.rows(1, 1, 10).await.unwrap().is_empty());
        assert_eq!(store.rows_of_persons(&both).await.unwrap().len(), 2);
    });
}

fn new_letter(receiver: Receiver, occasion: &str, address: Option<&str>) -> NewLetter {
    NewLetter {
        kind: LetterKind::MonthlyLetter,
        receiver,
        occasion: occasion.to_owned(),
        address: address.map(str::to_owned),
        written: Written {
            subject: "Ärende".to_owned(),
            text: "Hej å ä ö\n".to_owned(),
            html: "<p>Hej</p>".to_owned(),
        },
        files: vec![LetterFile {
            name: "bilaga.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            content: vec![0, 255, 13, 10],
        }],
        useless_after_ms: Some(9_000),
    }
}

#[test]
fn a_letter_stands_once_moves_only_from_where_it_is_and_is_emptied_by_gallring() {
    on_both(async |store| {
        store.begin().await.unwrap();
        let person = Receiver::Person(PersonId(7));
        let first = new_letter(person.clone(), "2026-11", Some("anna@exempel.se"));
        let second = new_letter(Receiver::Office(Office::Kansli), "2026-11", None);
        assert!(store.add_letter(&first, 1_000).await.unwrap());
        assert!(!store.add_letter(&first, 2_000).await.unwrap(), "the key is taken");
        assert!(store.add_letter(&second, 2_000).await.unwrap());
        store.commit().await.unwrap();
        let stored = store.letter(1).await.unwrap().unwrap();
        assert_eq!(stored.letter, NewLetter { files: Vec::new(), ..first.clone() });
        assert_eq!(store.letter_files(1).await.unwrap(), first.files);
        assert_eq!(store.letter(3).await.unwrap(), None);
        let due: Vec<i64> = store.letters_due(1_000, 9).await.unwrap().iter().map(|letter| letter.id).collect();
        assert_eq!(due, [1], "what is for print is never due");
        let head = store.letters_to(&person).await.unwrap().remove(0);
        assert_eq!((head.id, head.key(), head.progress.state), (1, first.key(), LetterState::Waiting));
        assert_eq!(store.letter_heads(&[LetterState::ToPrint]).await.unwrap().len(), 1);

        let sending = Progress { state: LetterState::Sending, tries: 0, next_try_ms: 5_000, ..head.progress.clone() };
        store.move_letter(1, &head.progress, &sending).await.unwrap();
        let again = store.move_letter(1, &head.progress, &sending).await;
        assert!(matches!(again, Err(Fault::Refused(_))), "who comes second finds it gone: {again:?}");
        let leased = Progress { next_try_ms: 6_000, ..sending.clone() };
        store.move_letter(1, &sending, &leased).await.unwrap();
        let stale = store.move_letter(1, &sending, &leased).await;
        assert!(matches!(stale, Err(Fault::Refused(_))), "two who find it abandoned do not both take it");

        store.readdress_letter(1, Some("anna.ek@exempel.se")).await.unwrap();
        let stored = store.letter(1).await.unwrap().unwrap();
        assert_eq!(stored.letter.address.as_deref(), Some("anna.ek@exempel.se"));
        assert_eq!(store.empty_letters(9_000).await.unwrap(), 0, "what has not ended stays whole");
        let sent = Progress { state: LetterState::Sent, tries: 1, ended_ms: Some(6_500), ..leased.clone() };
        store.move_letter(1, &leased, &sent).await.unwrap();
        assert_eq!(store.empty_letters(1_000).await.unwrap(), 0, "written at that instant or later");
        assert_eq!(store.empty_letters(1_001).await.unwrap(), 1);
        assert_eq!(store.empty_letters(1_001).await.unwrap(), 0);
        let empty = store.letter(1).await.unwrap().unwrap();
        let nothing = Written { subject: String::new(), text: String::new(), html: String::new() };
        assert_eq!((empty.letter.written, empty.letter.address, empty.progress), (nothing, None, sent));
        assert_eq!(store.letter_files(1).await.unwrap(), []);
        assert!(store.has_letter(&first.key()).await.unwrap(), "it is not written twice");
    });
}
