//! What a diarium tells becomes meetings and attendance, beside what lists say: the job alone, with a source that says what
//! the test says. How sources are asked stands in the tests of each adapter.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;

use arvode::adapters::clock::SystemClock;
use arvode::adapters::db::Db;
use arvode::adapters::settings::read;
use arvode::domain::Fault;
use arvode::jobs::import_workbooks::Settings;
use arvode::jobs::sync_diarium::{SourceSettings, Synced, take_in_changes};
use arvode::ports::{Changes, Clock, Content, MeetingRecord, ParticipantRecord, Record, RecordKind};
use support::Kommun;
use support::books::written;

const PERSONS: &str = "
    Personnummer | Efternamn | Förnamn | Anställningsnummer
    @1001 | Ek | Anna | 1001
    @1002 | Alm | Bo | 1002
    @1003 | Åberg | Cia | 1003";

const UPPDRAG: &str = "
    Personnummer | Organ | Roll | Från
    @1001 | KF | ledamot | 2026-01-01
    @1002 | KF | ledamot | 2026-01-01
    @1003 | KF | ersättare | 2026-01-01";

fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    let register = kommun.book("register.xlsx", &[("Personer", PERSONS), ("Uppdrag", UPPDRAG)]);
    kommun.import(&[register.as_path()]);
    kommun
}

fn settings() -> SourceSettings {
    SourceSettings {
        name: "evolution".to_owned(),
        goes_before_lists: false,
        organ: BTreeMap::new(),
        roles: BTreeMap::new(),
        vanished_percent: 2,
    }
}

fn sync_as(kommun: &Kommun, source: &SourceSettings, changes: &Changes) -> Result<Synced, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let configured = read(&kommun.path("config/arvode.toml")).unwrap();
        let mut db = Db::open_file(&kommun.path("arvode.db")).await.unwrap();
        let clock = SystemClock { fixed_ms: None };
        let settings = Settings {
            rules: &configured.loaded.regelverk,
            loaded: &configured.loaded,
            actor: "test",
            sha256: &configured.sha256,
            now_ms: clock.now_ms(),
            today: clock.today(),
            dry_run: false,
        };
        let done = take_in_changes(&mut db, source, changes, &settings).await;
        db.close().await.unwrap();
        done
    })
}

fn try_sync(kommun: &Kommun, records: &[Record], complete: &[RecordKind]) -> Result<Synced, Fault> {
    let changes = Changes {
        records: records.to_vec(),
        cursor: "2026-10-01T00:00:00Z".to_owned(),
        complete: complete.to_vec(),
        ..Changes::default()
    };
    sync_as(kommun, &settings(), &changes)
}

fn sync(kommun: &Kommun, records: &[Record]) -> Synced {
    try_sync(kommun, records, &[]).unwrap()
}

fn meeting(id: &str, day: &str, participants: Option<&[(&str, bool)]>) -> Record {
    let clock = |text: &str| Some(arvode::calendar::Clock::parse_from_str(text, "%H.%M").unwrap());
    let there = |(anstid, is_there): &(&str, bool)| ParticipantRecord {
        personnummer: Some(written(anstid)),
        absent: !is_there,
        ..ParticipantRecord::default()
    };
    let record = MeetingRecord {
        organ_name: Some("Kommunfullmäktige".to_owned()),
        day: Some(day.parse().unwrap()),
        start: clock("18.00"),
        end: clock("19.00"),
        participants: participants.map(|participants| participants.iter().map(there).collect()),
        ..MeetingRecord::default()
    };
    Record { id: id.to_owned(), content: Some(Content::Meeting(Box::new(record))) }
}

fn changed(record: Record, change: impl FnOnce(&mut MeetingRecord)) -> Record {
    let Some(Content::Meeting(mut meeting)) = record.content else { panic!("no meeting") };
    change(&mut meeting);
    Record { content: Some(Content::Meeting(meeting)), ..record }
}

fn deleted(id: &str) -> Record {
    Record { id: id.to_owned(), content: None }
}

fn list(kommun: &Kommun, name: &str, rows: &str) -> PathBuf {
    let head = "Datum | Organ | Personnummer | Start | Slut | Tjänstgörande";
    kommun.book(name, &[("Närvaro", &format!("{head}\n{rows}"))])
}

const BOTH_THERE: &str = "
    2026-09-09 | KF | @1001 | 18.00 | 19.00 | ja
    2026-09-09 | KF | @1002 | 18.00 | 19.00 | ja";

/// Persons who are paid for meetings of a month, by anställningsnummer.
fn paid_to(kommun: &Kommun, payout: &str) -> Vec<String> {
    let told = kommun.json(&["month", payout]);
    let mut paid: Vec<String> =
        told["rows"].as_array().unwrap().iter().map(|row| row["anstid"].as_str().unwrap().to_owned()).collect();
    paid.sort();
    paid.dedup();
    paid
}

#[test]
fn a_meeting_of_the_diarium_is_paid_and_the_same_again_writes_nothing() {
    let kommun = kommun();
    let told = [meeting("m1", "2026-09-09", Some(&[("1001", true), ("1002", true), ("1003", false)]))];
    let synced = sync(&kommun, &told);
    assert_eq!((synced.changed.meetings, synced.attendances, synced.is_new), (1, 2, true));
    assert_eq!(paid_to(&kommun, "2026-10"), ["1001", "1002"]);
    let before = kommun.sql(".dump");
    let again = sync(&kommun, &told);
    assert!(!again.is_new && again.changed.meetings == 0);
    assert_eq!(kommun.sql(".dump"), before);
}

#[test]
fn it_does_not_matter_whether_the_list_or_the_diarium_comes_first() {
    let told = [meeting("m1", "2026-09-09", Some(&[("1001", true), ("1003", true)]))];
    let mut seen = Vec::new();
    for list_first in [true, false] {
        let kommun = kommun();
        let list = list(&kommun, "lista.xlsx", BOTH_THERE);
        if list_first {
            kommun.import(&[list.as_path()]);
        }
        sync(&kommun, &told);
        if !list_first {
            kommun.try_import(&[list.as_path()]);
        }
        let mut held = kommun.held();
        held.sort();
        assert_eq!(kommun.sql("SELECT count(DISTINCT meeting_id) FROM fact WHERE kind = 'meeting'"), "1");
        seen.push((paid_to(&kommun, "2026-10"), held));
    }
    assert_eq!(seen[0].0, ["1001"], "only who both say was there");
    assert_eq!(seen[0].1.len(), 2, "{:?}", seen[0].1);
    assert!(seen[0].1.iter().all(|held| held.contains("diariet evolution säger")), "{:?}", seen[0].1);
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn who_waits_is_paid_when_the_two_agree_and_what_was_paid_stays_while_they_do_not() {
    let kommun = kommun();
    kommun.import(&[list(&kommun, "lista.xlsx", BOTH_THERE).as_path()]);
    sync(&kommun, &[meeting("m1", "2026-09-09", Some(&[("1001", true)]))]);
    assert_eq!(paid_to(&kommun, "2026-10"), ["1001"]);
    sync(&kommun, &[meeting("m1", "2026-09-09", Some(&[("1001", true), ("1002", true)]))]);
    assert!(kommun.held().is_empty(), "{:?}", kommun.held());
    assert_eq!(paid_to(&kommun, "2026-10"), ["1001", "1002"]);
    assert_eq!(kommun.pay("2026-10").len(), 2);
    // After the month has gone out the diarium says otherwise: nothing is taken back before a person has looked.
    sync(&kommun, &[meeting("m1", "2026-09-09", Some(&[("1001", true)]))]);
    assert_eq!(kommun.held().len(), 1);
    assert!(paid_to(&kommun, "2026-11").is_empty());
}

#[test]
fn a_meeting_that_is_cancelled_or_deleted_after_it_was_paid_is_reversed() {
    for is_deleted in [true, false] {
        let kommun = kommun();
        let told = meeting("m1", "2026-09-09", Some(&[("1001", true), ("1002", true)]));
        sync(&kommun, &[told.clone(), meeting("m2", "2026-09-23", Some(&[("1001", true), ("1002", true)]))]);
        assert_eq!(kommun.pay("2026-10").len(), 4);
        let change = if is_deleted { deleted("m1") } else { changed(told.clone(), |meeting| meeting.cancelled = true) };
        let synced = sync(&kommun, &[change]);
        assert_eq!((synced.changed.cancelled, synced.changed.deleted), (u32::from(!is_deleted), u32::from(is_deleted)));
        let more = meeting("m3", "2026-10-07", Some(&[("1001", true), ("1002", true)]));
        sync(&kommun, &[more]);
        let rows = kommun.json(&["month", "2026-11"]);
        let reversed = rows["rows"].as_array().unwrap().iter().filter(|row| !row["reverses"].is_null()).count();
        assert_eq!(reversed, 2, "{rows}");
        // It was a mistake: the meeting comes again.
        sync(&kommun, &[told]);
        let rows = kommun.json(&["month", "2026-11"]);
        assert!(rows["rows"].as_array().unwrap().iter().all(|row| row["reverses"].is_null()), "{rows}");
    }
}

#[test]
fn a_moved_meeting_keeps_its_id_and_its_list() {
    let kommun = kommun();
    kommun.import(&[list(&kommun, "lista.xlsx", BOTH_THERE).as_path()]);
    sync(&kommun, &[meeting("m1", "2026-09-09", None)]);
    let synced = sync(&kommun, &[meeting("m1", "2026-09-16", None)]);
    assert_eq!(synced.told, ["KF 2026-09-16 18.00: flyttat från 2026-09-09"]);
    let rows = kommun.json(&["month", "2026-10"]);
    let days: Vec<&str> = rows["rows"].as_array().unwrap().iter().map(|row| row["datum"].as_str().unwrap()).collect();
    assert_eq!(days, ["2026-09-16", "2026-09-16"]);
    assert_eq!(kommun.sql("SELECT count(DISTINCT meeting_id) FROM fact WHERE kind = 'meeting'"), "1");
}

#[test]
fn nothing_is_paid_before_the_end_is_known_and_a_missing_list_is_asked_for() {
    let kommun = kommun();
    let open = changed(meeting("m1", "2026-09-09", Some(&[("1001", true)])), |meeting| meeting.end = None);
    let synced = sync(&kommun, &[open, meeting("m2", "2026-09-16", None), meeting("m3", "2099-09-16", None)]);
    assert_eq!(synced.without_list.len(), 1);
    let held = kommun.held();
    assert_eq!(held.len(), 2, "{held:?}");
    assert!(held.iter().any(|held| held.contains("när mötet slutade")), "{held:?}");
    assert!(held.iter().any(|held| held.contains("närvaro saknas")), "{held:?}");
    assert!(paid_to(&kommun, "2026-10").is_empty());
    let list = list(&kommun, "lista.xlsx", "2026-09-16 | KF | @1001 | 18.00 | 19.00 | ja");
    kommun.import(&[list.as_path()]);
    assert_eq!(kommun.held().len(), 1, "the list closes what asked for it");
    assert_eq!(paid_to(&kommun, "2026-10"), ["1001"]);
}

#[test]
fn what_vanished_is_a_remark_and_much_of_it_stops_the_sync() {
    let kommun = kommun();
    let told: Vec<Record> =
        (1..=30).map(|day| meeting(&format!("m{day}"), &format!("2026-09-{day:02}"), None)).collect();
    try_sync(&kommun, &told, &[RecordKind::Meeting]).unwrap();
    let one_less = try_sync(&kommun, &told[1..], &[RecordKind::Meeting]).unwrap();
    assert!(
        one_less.remarks.iter().any(|remark| remark.reason.contains("finns inte längre")),
        "{:?}",
        one_less.remarks
    );
    let open =
        || kommun.sql("SELECT count(*) FROM remark WHERE closed_at IS NULL AND reason LIKE '%finns inte längre%'");
    assert_eq!(open(), "1");
    sync(&kommun, &told[3..5]);
    assert_eq!(open(), "1", "a fetch of changes says nothing of what is missing");
    let before = kommun.sql(".dump");
    let refused = try_sync(&kommun, &told[2..], &[RecordKind::Meeting]).unwrap_err();
    assert!(matches!(&refused, Fault::Refused(why) if why.contains("2 of 30 meetings")), "{refused}");
    assert_eq!(kommun.sql(".dump"), before);
    try_sync(&kommun, &told, &[RecordKind::Meeting]).unwrap();
    assert_eq!(open(), "0");
}

#[test]
fn two_meetings_of_a_day_stay_two_and_organ_that_are_not_ours_are_named() {
    let kommun = kommun();
    let clock = |text: &str| Some(arvode::calendar::Clock::parse_from_str(text, "%H.%M").unwrap());
    let early = changed(meeting("m1", "2026-09-09", Some(&[("1001", true)])), |meeting| {
        (meeting.start, meeting.end) = (clock("09.00"), clock("11.00"));
    });
    let foreign = changed(meeting("m3", "2026-09-09", None), |meeting| {
        meeting.organ_name = Some("Ausschuss für Umwelt".to_owned());
    });
    let synced = sync(&kommun, &[early, meeting("m2", "2026-09-09", Some(&[("1001", true)])), foreign]);
    assert_eq!(synced.changed.meetings, 3);
    assert_eq!(kommun.sql("SELECT count(DISTINCT meeting_id) FROM fact WHERE kind = 'meeting'"), "2");
    assert!(
        synced.remarks.iter().any(|remark| remark.reason.contains("Ausschuss für Umwelt (1)")),
        "{:?}",
        synced.remarks
    );
}

#[test]
fn a_person_of_the_diarium_is_ours_only_by_a_number() {
    let kommun = kommun();
    let by_name = changed(meeting("m1", "2026-09-09", None), |meeting| {
        let participant = ParticipantRecord { name: Some("Anna Ek".to_owned()), ..ParticipantRecord::default() };
        meeting.participants = Some(vec![participant]);
    });
    let synced = sync(&kommun, &[by_name]);
    assert_eq!((synced.attendances, synced.unlinked.len()), (0, 1));
    assert_eq!(synced.unlinked[0].candidates.len(), 1);
    assert!(kommun.held()[0].contains("inte kopplad"), "{:?}", kommun.held());
    assert!(paid_to(&kommun, "2026-10").is_empty());
}

#[test]
fn a_list_of_the_day_that_a_meeting_has_left_is_held_and_shows_both_days() {
    let kommun = kommun();
    sync(&kommun, &[meeting("m1", "2026-09-09", None)]);
    sync(&kommun, &[meeting("m1", "2026-09-16", None)]);
    let list = list(&kommun, "lista.xlsx", BOTH_THERE);
    kommun.try_import(&[list.as_path()]).exits(1);
    let held = kommun.held();
    let dates = held
        .iter()
        .filter(|held| held.contains("listan säger 2026-09-09, men enligt diariet evolution är mötet 2026-09-16"));
    assert_eq!(dates.count(), 2, "{held:?}");
    assert_eq!(kommun.sql("SELECT count(DISTINCT meeting_id) FROM fact WHERE kind = 'meeting'"), "1");
}

#[test]
fn what_a_person_has_taken_back_stays_so_until_the_diarium_says_something_new() {
    let kommun = kommun();
    let told = meeting("m1", "2026-09-09", Some(&[("1001", true)]));
    sync(&kommun, std::slice::from_ref(&told));
    kommun.run(&["withdraw", "KF", "2026-09-09", "--because", "fel lista"]).exits(0);
    sync(&kommun, std::slice::from_ref(&told));
    assert!(paid_to(&kommun, "2026-10").is_empty());
    sync(&kommun, &[meeting("m1", "2026-09-09", Some(&[("1001", true), ("1002", true)]))]);
    assert_eq!(paid_to(&kommun, "2026-10"), ["1001", "1002"]);
}

#[test]
fn two_sources_of_one_meeting_do_not_overwrite_each_other() {
    let kommun = kommun();
    let told = [meeting("m1", "2026-09-09", Some(&[("1001", true)]))];
    sync(&kommun, &told);
    let other = SourceSettings { name: "protokoll".to_owned(), ..settings() };
    let changes = Changes { records: told.to_vec(), cursor: "1".to_owned(), ..Changes::default() };
    assert!(sync_as(&kommun, &other, &changes).unwrap().is_new);
    assert_eq!(kommun.sql("SELECT count(DISTINCT meeting_id) FROM fact WHERE kind = 'meeting'"), "1");
    let before = kommun.sql(".dump");
    sync(&kommun, &told);
    sync_as(&kommun, &other, &changes).unwrap();
    assert_eq!(kommun.sql(".dump"), before);
    assert_eq!(kommun.pay("2026-10").len(), 1);
}

#[test]
fn a_diarium_that_goes_before_lists_says_what_counts_where_both_agree() {
    let kommun = kommun();
    kommun.import(&[list(&kommun, "lista.xlsx", BOTH_THERE).as_path()]);
    let source = SourceSettings { goes_before_lists: true, ..settings() };
    let told = changed(meeting("m1", "2026-09-09", Some(&[("1001", true), ("1002", true)])), |meeting| {
        let participants = meeting.participants.as_mut().unwrap();
        participants[0].ersatter = Some("Cia Åberg".to_owned());
    });
    let changes = Changes { records: vec![told], cursor: "1".to_owned(), ..Changes::default() };
    sync_as(&kommun, &source, &changes).unwrap();
    assert_eq!(paid_to(&kommun, "2026-10"), ["1001", "1002"]);
    let of_diarium = kommun.sql(
        "SELECT count(*) FROM fact WHERE kind = 'attendance' AND superseded_by IS NULL AND body LIKE '%evolution%'",
    );
    assert_eq!(of_diarium, "2");
    let before = kommun.sql(".dump");
    sync_as(&kommun, &source, &changes).unwrap();
    assert_eq!(kommun.sql(".dump"), before);
}

#[test]
fn gallring_empties_the_diarys_records_too_and_they_do_not_come_back() {
    let kommun = Kommun::new("2015-01");
    kommun.take_in_persons(&["1001"], &[("1001", "ledamot", "KF")]);
    let told =
        [meeting("m1", "2015-02-11", Some(&[("1001", true)])), meeting("m2", "2016-02-10", Some(&[("1001", true)]))];
    try_sync(&kommun, &told, &[RecordKind::Meeting]).unwrap();
    assert_eq!((kommun.pay("2015-03").len(), kommun.pay("2016-03").len()), (1, 1));
    assert!(kommun.run(&["close", "2016-01", "--because", "bokslut", "--yes"]).code <= 1);
    kommun.edit("arvode.toml", |text| text.replace("\ndecision = \"\"", "\ndecision = \"KS 1\""));
    let done = kommun.json(&["gallra"]);
    assert_eq!(done["facts"]["source_record"], 1, "{done}");
    let records =
        || kommun.sql("SELECT count(*) FROM fact WHERE kind IN ('source_record', 'source_meeting', 'meeting')");
    assert_eq!(records(), "3", "of the meeting that stays");
    try_sync(&kommun, &told, &[RecordKind::Meeting]).unwrap();
    assert_eq!(records(), "3");
}

#[test]
fn a_registerutdrag_has_what_the_diarium_tells_of_the_person() {
    let kommun = kommun();
    let by_name = changed(meeting("m1", "2026-09-09", None), |meeting| {
        let participant = ParticipantRecord { name: Some("Anna Ek".to_owned()), ..ParticipantRecord::default() };
        meeting.participants = Some(vec![participant]);
    });
    sync(&kommun, &[by_name]);
    let told = kommun.run(&["disclose", "1001", "--json"]).out;
    assert!(told.contains("Kommunfullmäktige"), "{told}");
    assert!(!kommun.run(&["disclose", "1002", "--json"]).out.contains("Kommunfullmäktige 2026-09-09"));
}

/// A record of a person who is at a meeting by id alone.
fn by_ids(id: &str, day: &str, persons: &[&str]) -> Record {
    changed(meeting(id, day, None), |meeting| {
        let there = |person: &&str| ParticipantRecord {
            person: Some((*person).to_owned()),
            name: Some(format!("Person {person}")),
            ..ParticipantRecord::default()
        };
        meeting.participants = Some(persons.iter().map(there).collect());
    })
}

fn confirm(kommun: &Kommun, rows: &str) {
    let table = format!("Diarium | Id i diariet | Personnummer | Bekräftas\n{rows}");
    kommun.import(&[kommun.book("kopplingar.xlsx", &[("Diariepersoner", &table)]).as_path()]);
}

#[test]
fn a_link_that_is_changed_moves_the_pay_also_while_another_is_unconfirmed() {
    let kommun = kommun();
    let told = [by_ids("m1", "2026-09-09", &["p1", "p2"])];
    sync(&kommun, &told);
    confirm(&kommun, "evolution | p1 | @1001 | ja");
    sync(&kommun, &told);
    assert_eq!(paid_to(&kommun, "2026-10"), ["1001"]);
    confirm(&kommun, "evolution | p1 | @1002 | ja");
    sync(&kommun, &told);
    assert_eq!(paid_to(&kommun, "2026-10"), ["1002"], "p1 was never Anna");
    confirm(&kommun, "evolution | p1 | | nej");
    sync(&kommun, &told);
    assert!(paid_to(&kommun, "2026-10").is_empty());
}

#[test]
fn a_link_is_held_where_it_names_nobody_or_nothing_that_is_known() {
    let kommun = kommun();
    sync(&kommun, &[by_ids("m1", "2026-09-09", &["p1"])]);
    let table = "Diarium | Id i diariet | Personnummer | Namn | Bekräftas
        evolution | p9 | @1001 | | ja
        revolution | p1 | @1001 | | ja
        evolution | p1 | @1001 | Bo Alm | ja
        evolution | p1 | | | ja
        evolution | p1 | | | ";
    let book = kommun.book("kopplingar.xlsx", &[("Diariepersoner", table)]);
    let told = kommun.try_import(&[book.as_path()]).exits(1).json();
    assert_eq!(
        (told["files"][0]["accepted"].as_u64(), told["files"][0]["held"].as_u64()),
        (Some(0), Some(4)),
        "{told}"
    );
}

#[test]
fn two_meetings_of_a_day_without_hours_are_told_apart_by_the_diarys_id() {
    let kommun = kommun();
    let open =
        |id: &str| changed(meeting(id, "2026-09-09", None), |meeting| (meeting.start, meeting.end) = (None, None));
    sync(&kommun, &[open("m1"), open("m2")]);
    assert_eq!(kommun.sql("SELECT count(DISTINCT meeting_id) FROM fact WHERE kind = 'meeting'"), "2");
    let list = |name: &str, id: &str| {
        let head = "Datum | Organ | Möte | Personnummer | Start | Slut | Tjänstgörande";
        kommun.book(name, &[("Närvaro", &format!("{head}\n2026-09-09 | KF | {id} | @1001 | 18.00 | 19.00 | ja"))])
    };
    kommun.try_import(&[list("utan.xlsx", "").as_path()]).exits(1);
    kommun.import(&[list("med.xlsx", "m2").as_path()]);
    assert_eq!(kommun.sql("SELECT count(DISTINCT meeting_id) FROM fact WHERE kind = 'meeting'"), "2");
    let asked = sync(&kommun, &[open("m1"), open("m2")]);
    assert_eq!(asked.without_list.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["m1"]);
}

#[test]
fn a_list_of_a_cancelled_meeting_pays_nothing_and_says_so_at_once() {
    let kommun = kommun();
    sync(&kommun, &[changed(meeting("m1", "2026-09-09", None), |meeting| meeting.cancelled = true)]);
    let list = list(&kommun, "lista.xlsx", BOTH_THERE);
    let told = kommun.try_import(&[list.as_path()]).json();
    assert!(told["files"][0]["sheets"].to_string().contains("är inställt enligt diariet evolution"), "{told}");
    assert!(paid_to(&kommun, "2026-10").is_empty());
    let synced = sync(&kommun, &[]);
    assert!(synced.remarks.iter().any(|remark| remark.reason.contains("2 personer står som närvarande i en lista")));
}
