//! An OParl server over real sockets: all of it, what changed, and whatever real servers do otherwise than the standard.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/council.rs"]
mod council;
#[path = "support/outside.rs"]
mod outside;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use arvode::adapters::diarium::Source;
use arvode::adapters::diarium::played::{Asked, Deviation, Played, Switch, Trick};
use arvode::adapters::http::{HttpSettings, Limits};
use arvode::adapters::settings::{AdapterKind, DiariumSettings};
use arvode::domain::Fault;
use arvode::ports::RecordKind::{Meeting, Membership, Organization, Person};
use arvode::ports::{Changes, Content, Diarium, MeetingRecord, RecordKind};
use outside::{Still, wait_for};
use serde_json::{Value, json};

/// A kommun's council system, and the adapter that asks it.
struct Kommun {
    played: Played,
    source: Source,
    still: Still,
}

fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/diarium"))
}

impl Kommun {
    fn demo() -> Kommun {
        Kommun::of(fixtures(), "/oparl")
    }

    fn of(folder: &Path, path: &str) -> Kommun {
        Kommun::playing(Played::of(folder).unwrap(), path)
    }

    /// Lists made for one test.
    fn saying(lists: &[(&str, Value)]) -> Kommun {
        Kommun::playing(council::played(lists), "/oparl")
    }

    fn playing(played: Played, path: &str) -> Kommun {
        let (source, still) = opened(&format!("{}{path}", played.base()));
        Kommun { played, source, still }
    }

    fn wrong(self, trick: impl Into<Trick>) -> Kommun {
        self.played.switch(Switch::new(trick));
        self
    }

    fn sync(&mut self, since: Option<&str>) -> Result<Changes, Fault> {
        wait_for(self.source.changes(since))
    }

    fn full(&mut self) -> Changes {
        self.sync(None).unwrap()
    }

    /// An object of a list is changed at an instant.
    fn change(&self, file: &str, id: &str, change: impl FnOnce(&mut Value)) {
        let id = format!("{}{id}", self.played.base());
        let found = self.played.edit(file, |list| {
            change(list.as_array_mut().unwrap().iter_mut().find(|object| object["id"] == id.as_str()).unwrap());
        });
        assert!(found, "{file}");
    }

    fn targets(&self) -> Vec<String> {
        self.played.take_requests().into_iter().map(|asked: Asked| asked.target).collect()
    }

    fn id(&self, path: &str) -> String {
        format!("{}/oparl/{path}", self.played.base())
    }
}

fn opened(url: &str) -> (Source, Still) {
    let limits = Limits { request: Duration::from_secs(5), ..Limits::default() };
    let http = HttpSettings { name: "Diariet".to_owned(), url: url.to_owned(), limits, ..HttpSettings::default() };
    let settings = DiariumSettings {
        name: "Diariet".to_owned(),
        adapter: AdapterKind::Oparl,
        http,
        folder: None,
        goes_before_lists: false,
        organ: BTreeMap::new(),
        roles: BTreeMap::new(),
        overlap: Duration::from_secs(24 * 60 * 60),
        vanished_percent: 2,
        rest: None,
        public360: None,
    };
    let still = Still::new(Path::new("."));
    (Source::open(&settings, &still.outside).unwrap(), still)
}

/// How many there are of a kind.
fn count(changes: &Changes, kind: RecordKind) -> usize {
    changes.records.iter().filter_map(|record| record.content.as_ref()).filter(|content| content.kind() == kind).count()
}

fn deleted(changes: &Changes) -> Vec<&str> {
    changes.records.iter().filter(|record| record.content.is_none()).map(|record| record.id.as_str()).collect()
}

/// Organ, persons, memberships, meetings, tombstones.
fn counts(changes: &Changes) -> [usize; 5] {
    let [organ, persons, places, meetings] =
        [Organization, Person, Membership, Meeting].map(|kind| count(changes, kind));
    [organ, persons, places, meetings, deleted(changes).len()]
}

fn meeting<'a>(changes: &'a Changes, id: &str) -> &'a MeetingRecord {
    match changes.records.iter().find(|record| record.id.ends_with(id)).and_then(|record| record.content.as_ref()) {
        Some(Content::Meeting(meeting)) => meeting,
        other => panic!("{id}: {other:?}"),
    }
}

/// The kommun of the demo: organ, persons, memberships, meetings that the standard shows without asking for changes.
const ALL: [usize; 5] = [10, 47, 97, 31, 0];
const EVERY_KIND: [RecordKind; 4] = [Organization, Person, Membership, Meeting];

#[test]
fn a_first_fetch_is_all_there_is() {
    let mut kommun = Kommun::demo();
    let changes = kommun.full();
    assert_eq!(counts(&changes), ALL);
    assert_eq!(changes.complete, EVERY_KIND);
    assert_eq!(changes.notes, Vec::<String>::new());
    assert_eq!(changes.cursor, "2026-11-23T12:00:00Z");

    let board = meeting(&changes, "/meeting/12");
    assert_eq!(board.organizations, [kommun.id("organization/2")]);
    assert_eq!(board.day.unwrap().to_string(), "2025-10-14");
    assert_eq!(board.start.unwrap().to_string(), "13:00:00");
    assert_eq!(board.end.unwrap().to_string(), "17:20:00");
    assert_eq!(board.plats.as_deref(), Some("Kommunhuset"));
    assert_eq!(board.participants.as_ref().unwrap().len(), 9);
    assert_eq!(board.participants.as_ref().unwrap()[0].person, Some(kommun.id("person/2002")));

    let council = meeting(&changes, "/meeting/15");
    assert_eq!(
        (council.end, &council.participants),
        (None, &None),
        "midnight holds the place; nobody has said who came"
    );
    assert!(meeting(&changes, "/meeting/31").cancelled);
}

#[test]
fn a_second_fetch_is_what_changed_and_what_was_deleted() {
    let mut kommun = Kommun::demo();
    kommun.change("oparl/meeting.json", "/oparl/meeting/15", |meeting| {
        meeting["modified"] = json!("2026-11-23T13:30:00+01:00");
        meeting["end"] = json!("2025-10-27T20:10:00Z");
    });
    kommun.change("oparl/person.json", "/oparl/person/2001", |person| {
        *person = json!({"id": person["id"], "modified": "2026-11-22T13:30:00+01:00", "deleted": true});
    });
    let changes = kommun.sync(Some("2026-11-23T12:00:00Z")).unwrap();
    assert_eq!(changes.complete, []);
    assert_eq!(deleted(&changes), [kommun.id("person/2001")]);
    // The organ of the changed meeting is asked for by itself: only it says that it is no party's.
    assert_eq!(counts(&changes), [1, 0, 0, 1, 1]);
    assert_eq!(meeting(&changes, "/meeting/15").end.unwrap().to_string(), "21:10:00");
    let asked = kommun.targets().into_iter().find(|target| target.starts_with("/oparl/meeting")).unwrap();
    assert_eq!(asked, "/oparl/meeting?modified_since=2026-11-22T12%3A00%3A00%2B00%3A00");

    let since = changes.cursor;
    let again = kommun.sync(Some(&since)).unwrap();
    assert_eq!(again.records, changes.records, "the overlap is asked for again, and says the same");
}

#[test]
fn nothing_new_is_nothing() {
    let mut kommun = Kommun::demo();
    let changes = kommun.sync(Some("2026-11-23T12:00:00Z")).unwrap();
    assert_eq!(changes.records, []);
    assert_eq!(changes.notes, Vec::<String>::new());
}

#[test]
fn a_system_a_list_of_bodies_and_a_body_lead_to_the_same() {
    let mut all = Vec::new();
    for path in ["/oparl", "/oparl/body", "/oparl/body/1"] {
        let changes = Kommun::of(fixtures(), path).full();
        assert_eq!(counts(&changes), ALL, "{path}");
        all.push(changes.complete);
    }
    assert_eq!(all[0], all[2]);
    let mut elsewhere = Kommun::of(fixtures(), "/oparl/person/2001");
    let fault = elsewhere.sync(None).unwrap_err();
    assert!(
        matches!(&fault, Fault::Input(text) if text.contains("`url` must be the address of an OParl system")),
        "{fault}"
    );
}

#[test]
fn two_kommuner_in_one_system_are_told_apart_by_the_operator() {
    let mut kommun = Kommun::demo();
    kommun.played.edit("oparl/body.json", |bodies| {
        let mut other = bodies[0].clone();
        other["id"] = json!("http://127.0.0.1/oparl/body/2");
        bodies.as_array_mut().unwrap().push(other);
    });
    let fault = kommun.sync(None).unwrap_err().to_string();
    assert!(fault.contains("leads to several bodies") && fault.contains("/oparl/body/2"), "{fault}");
    kommun.played.edit("oparl/body.json", |bodies| bodies[1]["deleted"] = json!(true));
    assert_eq!(counts(&kommun.full()), ALL);
}

#[test]
fn pages_are_followed_to_the_last() {
    for page_size in [1, 7, 31, 100] {
        let mut kommun = Kommun::demo();
        kommun.played.page_size(page_size);
        let changes = kommun.full();
        assert_eq!((counts(&changes), changes.complete.len()), (ALL, 4), "{page_size}");
    }
}

/// A deviation and what it must not change.
#[test]
fn the_same_comes_out_whatever_the_form() {
    use Deviation::{
        BareArray, ByteOrderMark, ControlCharacters, EmptyTexts, NextDropsFilter, NextUnencodes, NumbersAsTexts,
        ObjectForList, RefusesEncoded, SystemForUnknown, TombstonesWithoutType,
    };
    for deviation in [
        BareArray,
        ByteOrderMark,
        ControlCharacters,
        EmptyTexts,
        NextDropsFilter,
        NumbersAsTexts,
        ObjectForList,
        RefusesEncoded,
        NextUnencodes,
        SystemForUnknown,
        TombstonesWithoutType,
    ] {
        for since in [None, Some("2025-10-06T00:00:00Z")] {
            let (mut right, mut wrong) = (Kommun::demo(), Kommun::demo().wrong(deviation));
            let (expect, found) = (right.sync(since).unwrap(), wrong.sync(since).unwrap());
            let told = |kommun: &Kommun, changes: Changes| format!("{changes:?}").replace(kommun.played.base(), "");
            assert_eq!(told(&wrong, found), told(&right, expect), "{deviation:?} {since:?}");
        }
    }
}

#[test]
fn tombstones_are_deletions_also_where_nobody_asked_for_them() {
    let mut kommun = Kommun::demo().wrong(Deviation::TombstonesAlways).wrong(Deviation::TombstonesWithoutType);
    let changes = kommun.full();
    assert_eq!(counts(&changes), [10, 47, 97, 31, 1]);
    assert_eq!(deleted(&changes), [kommun.id("meeting/32")]);
    assert_eq!(changes.complete, EVERY_KIND);
}

#[test]
fn an_empty_list_is_empty_however_it_is_said() {
    for deviation in [Deviation::EmptyIs404, Deviation::EmptyIsArray] {
        let mut kommun = Kommun::demo().wrong(deviation);
        let changes = kommun.sync(Some("2026-11-23T12:00:00Z")).unwrap();
        assert_eq!((changes.records, changes.notes), (vec![], vec![]), "{deviation:?}");
        let asked = kommun.targets();
        assert!(asked.iter().all(|target| !target.contains("modified_since=2026-11-22T12:00:00Z")), "{asked:?}");

        // Without a filter the same words may mean that the list is gone: then nothing of it has vanished.
        kommun.played.edit("oparl/meeting.json", |list| *list = json!([]));
        let changes = kommun.full();
        assert_eq!(counts(&changes), [10, 47, 97, 0, 0]);
        assert_eq!(changes.complete, [Organization, Person, Membership]);
    }
}

#[test]
fn a_filter_that_is_refused_is_asked_for_otherwise() {
    let mut kommun = Kommun::demo().wrong(Deviation::RefusesEncoded);
    let changes = kommun.sync(Some("2025-12-20T00:00:00Z")).unwrap();
    // Three meetings of December, and their organ; no other organ changed.
    assert_eq!(counts(&changes), [3, 0, 0, 3, 0]);
    assert_eq!(changes.notes, Vec::<String>::new());
    let asked: Vec<String> =
        kommun.targets().into_iter().filter(|target| target.starts_with("/oparl/meeting")).collect();
    assert_eq!(
        asked,
        [
            "/oparl/meeting?modified_since=2025-12-19T00%3A00%3A00%2B00%3A00",
            "/oparl/meeting?modified_since=2025-12-19T00:00:00Z",
        ]
    );

    let mut kommun = Kommun::demo().wrong(Deviation::RefusesFilter);
    kommun.played.switch(Switch::new(Deviation::FilterIs503).at("/oparl/meeting"));
    let picked = kommun.sync(Some("2025-12-20T00:00:00Z")).unwrap();
    assert_eq!(counts(&picked), [3, 0, 0, 3, 0], "what is new is picked from all");
    assert_eq!(picked.complete, []);
    assert_eq!(picked.notes.len(), 4, "{:?}", picked.notes);
    assert!(
        picked
            .notes
            .contains(&"Listan över sammanträden kan inte visa bara ändringar; den lästes i sin helhet.".to_owned())
    );
}

#[test]
fn a_filter_that_is_passed_over_gives_all() {
    let mut kommun = Kommun::demo().wrong(Deviation::IgnoresFilter);
    let changes = kommun.sync(Some("2026-11-23T12:00:00Z")).unwrap();
    assert_eq!(counts(&changes), ALL);
    assert_eq!(changes.complete, [], "whether it was all, nobody knows");
}

#[test]
fn a_filter_that_was_lost_on_the_second_page_is_put_back() {
    let mut kommun = Kommun::demo().wrong(Deviation::NextDropsFilter);
    kommun.played.page_size(2);
    let changes = kommun.sync(Some("2025-12-11T00:00:00Z")).unwrap();
    assert_eq!(count(&changes, Meeting), 6);
    let asked = kommun.targets();
    assert!(
        asked.contains(&"/oparl/meeting?page=3&modified_since=2025-12-10T00%3A00%3A00%2B00%3A00".to_owned()),
        "{asked:?}"
    );
}

#[test]
fn sporadic_errors_pass_and_lasting_ones_give_nothing() {
    let mut kommun = Kommun::demo();
    kommun.played.switch(Switch::new(Trick::status(500)).after(2).times(2));
    kommun.played.switch(Switch::new(Trick::HangUp).at("/oparl/meeting").times(1));
    kommun.played.switch(Switch::new(Trick::Truncated).at("/oparl/person").times(1));
    kommun.played.switch(Switch::new(Trick::Status { code: 429, retry_after: Some("17".to_owned()) }).times(1));
    assert_eq!(counts(&kommun.full()), ALL);
    assert!(kommun.still.waits().contains(&17.0), "{:?}", kommun.still.waits());

    kommun.played.switch(Switch::new(Trick::status(500)).at("/oparl/meeting"));
    let fault = kommun.sync(None).unwrap_err();
    assert!(matches!(&fault, Fault::Temporary(text) if text.starts_with("diarium \"Diariet\"")), "{fault}");
    kommun.played.heal();
    kommun.played.switch(Switch::new(Trick::status(404)).at("/oparl/meeting"));
    let fault = kommun.sync(Some("2026-01-01T00:00:00Z")).unwrap_err().to_string();
    assert!(fault.contains("the list `meeting`, page 1, answers 404, in whatever way it is asked for"), "{fault}");
    kommun.played.heal();
    assert_eq!(counts(&kommun.full()), ALL);
}

#[test]
fn a_list_without_end_is_refused() {
    for trick in [Trick::NeverLast, Trick::Circle] {
        let mut kommun = Kommun::demo().wrong(trick.clone());
        let fault = kommun.sync(None).unwrap_err();
        assert!(matches!(&fault, Fault::Refused(_)), "{trick:?}: {fault}");
    }
}

#[test]
fn a_page_of_another_origin_is_not_asked_for() {
    let (other, mut kommun) = (Played::of(fixtures()).unwrap(), Kommun::demo());
    let link = format!("{}/oparl/meeting?page=2", other.base());
    let page = json!({"data": [], "links": {"next": link}}).to_string();
    kommun.played.switch(Switch::new(Trick::Body(page.into_bytes())).at("/oparl/meeting"));
    let fault = kommun.sync(None).unwrap_err();
    assert!(matches!(&fault, Fault::Refused(text) if text.contains("a link leads to")), "{fault}");
    assert_eq!(other.take_requests(), []);
}

#[test]
fn a_list_that_is_cut_off_moves_no_cursor() {
    let mut kommun = Kommun::demo();
    kommun.played.switch(Switch::new(Deviation::CutOff).at("/oparl/meeting"));
    let changes = kommun.full();
    assert_eq!((counts(&changes), changes.cursor.as_str()), ([10, 47, 97, 20, 0], "1970-01-01T00:00:00Z"));
    assert_eq!(changes.complete, [Organization, Person, Membership]);
    assert_eq!(
        changes.notes,
        [
            "Listan över sammanträden slutar före sin sista sida; det som saknas frågas det efter igen vid nästa hämtning."
        ]
    );
    kommun.played.heal();
    let changes = kommun.sync(Some(&changes.cursor)).unwrap();
    assert_eq!((counts(&changes), changes.cursor.as_str()), ([10, 47, 97, 31, 1], "2026-11-23T12:00:00Z"));
}

#[test]
fn letters_that_are_not_utf_8_are_an_error_and_never_a_wrong_name() {
    let fault = Kommun::demo().wrong(Deviation::Latin1).sync(None).unwrap_err();
    let Fault::Temporary(text) = &fault else { panic!("{fault}") };
    assert!(text.contains("the list `organization`, page 1, says that it is JSON, but byte"), "{text}");
    assert!(!text.contains("Kommun"), "nothing of the answer is shown: {text}");
}

#[test]
fn another_id_than_the_address_is_the_id() {
    let mut kommun = Kommun::demo().wrong(Deviation::OtherId);
    let changes = kommun.full();
    let ids: Vec<&str> = changes.records.iter().map(|record| record.id.as_str()).collect();
    assert!(ids.iter().any(|id| id.starts_with("https://") && id.ends_with("/meeting/12")), "{ids:?}");
    assert_eq!([Person, Meeting].map(|kind| count(&changes, kind)), [47, 31]);
}

#[test]
fn an_impossible_date_of_change_hides_nothing() {
    let mut kommun = Kommun::demo().wrong(Deviation::Dates1970).wrong(Deviation::RefusesFilter);
    assert_eq!(counts(&kommun.sync(Some("2026-11-23T12:00:00Z")).unwrap()), ALL);
}

#[test]
fn a_server_that_knows_every_address_has_no_list_everywhere() {
    let mut kommun = Kommun::demo().wrong(Deviation::SystemForUnknown);
    kommun.played.edit("oparl/body.json", |bodies| {
        let elsewhere = bodies[0]["meeting"].as_str().unwrap().replace("meeting", "meetings-of-old");
        bodies[0]["meeting"] = json!(elsewhere);
    });
    let fault = kommun.sync(None).unwrap_err().to_string();
    assert!(fault.contains("the list `meeting`, page 1, sends an object that is no list"), "{fault}");
}

#[test]
fn a_filter_that_a_redirect_loses_is_asked_for_again() {
    let mut kommun = Kommun::demo();
    let elsewhere = Trick::Redirect("/oparl/meeting".to_owned());
    kommun.played.switch(Switch::new(elsewhere).at("/oparl/moved"));
    kommun.played.edit("oparl/body.json", |bodies| {
        let moved = bodies[0]["meeting"].as_str().unwrap().replace("meeting", "moved");
        bodies[0]["meeting"] = json!(moved);
    });
    let changes = kommun.sync(Some("2025-12-20T00:00:00Z")).unwrap();
    assert_eq!(count(&changes, Meeting), 3);
    let last = kommun.targets().into_iter().rfind(|target| target.starts_with("/oparl/meeting")).unwrap();
    assert_eq!(last, "/oparl/meeting?modified_since=2025-12-19T00%3A00%3A00%2B00%3A00");
}

#[test]
fn a_larger_council_over_fifteen_pages() {
    let mut kommun = Kommun::playing(council::larger(), "/oparl").wrong(Deviation::TombstonesAlways);
    let changes = kommun.full();
    let kept = council::MEETINGS - council::GONE;
    let all = [council::ORGAN, council::PERSONS, council::PLACES, kept, council::GONE];
    assert_eq!((counts(&changes), changes.complete.as_slice()), (all, EVERY_KIND.as_slice()));
    let cancelled =
        changes.records.iter().filter(|record| matches!(&record.content, Some(Content::Meeting(m)) if m.cancelled));
    assert_eq!(cancelled.count(), 5);
    let pages = kommun.targets().into_iter().filter(|target| target.starts_with("/oparl/meeting")).count();
    assert_eq!(pages, 15);

    let since = changes.cursor;
    let news = kommun.sync(Some(&since)).unwrap();
    // The last twenty meetings changed that morning, and one of them is gone; the organ of the others are asked for.
    assert_eq!(counts(&news), [19, 0, 0, 19, 1]);
    kommun.still.now_ms.set(outside::NOON_MS + 3 * 24 * 60 * 60 * 1000);
    let cursor = kommun.sync(Some(&since)).unwrap().cursor;
    assert_eq!(counts(&kommun.sync(Some(&cursor)).unwrap()), [0, 0, 0, 0, 0]);
}

fn organ() -> Value {
    json!([{"id": council::at("organization/1"), "name": "Kommunstyrelsen"}])
}

/// One meeting from what it says beside its id and organ.
fn told(mut said: Value) -> MeetingRecord {
    let object = said.as_object_mut().unwrap();
    object.entry("id").or_insert(json!(council::at("meeting/1")));
    object.entry("organization").or_insert(json!([council::at("organization/1")]));
    let changes =
        Kommun::saying(&[("organization", organ()), ("person", json!([])), ("meeting", json!([said]))]).full();
    meeting(&changes, "meeting/1").clone()
}

#[test]
fn an_end_that_only_holds_the_place_is_none() {
    let start = "2025-10-14T13:00:00+02:00";
    let cases = [
        ("2025-10-14T16:30:00+02:00", Some("16:30:00")),
        ("2025-10-14T14:30:00Z", Some("16:30:00")),
        ("2025-10-14T16:30:00", Some("16:30:00")),
        ("2025-10-15T00:00:00+02:00", None),
        ("2025-10-14T00:00:00+02:00", None),
        ("2025-10-14T22:00:00Z", None),
        ("2025-10-14T23:59:59+02:00", None),
        ("2025-10-14T13:00:00+02:00", None),
        ("2025-10-14T12:00:00+02:00", None),
        ("2025-10-15T00:20:00+02:00", Some("00:20:00")),
        ("2025-10-15T01:30:00+02:00", None),
        ("2025-10-15T16:30:00+02:00", None),
        ("2025-10-14", None),
        ("N/A", None),
        ("", None),
    ];
    for (end, expect) in cases {
        let meeting = told(json!({"start": start, "end": end}));
        assert_eq!(meeting.end.map(|clock| clock.to_string()).as_deref(), expect, "{end}");
        assert_eq!(meeting.start.unwrap().to_string(), "13:00:00");
    }
    let planned = told(json!({"start": "2027-01-12T13:00:00+01:00", "end": "2027-01-12T16:30:00+01:00"}));
    assert_eq!(planned.end, None, "before its time an end is a plan");
}

#[test]
fn who_was_there_is_unsaid_unless_said() {
    let start = "2025-10-14T13:00:00+02:00";
    let anna = council::at("person/7");
    for nobody in [json!(null), json!([]), json!(""), json!([""]), json!(["N/A", null])] {
        assert_eq!(told(json!({"start": start, "participant": nobody})).participants, None, "{nobody}");
    }
    assert_eq!(told(json!({"start": start})).participants, None);
    let embedded = json!({"id": anna, "type": "https://schema.oparl.org/1.1/Person", "name": "Anna Ek"});
    for (said, name) in [(json!([anna]), None), (json!(anna), None), (json!([embedded, embedded]), Some("Anna Ek"))] {
        let participants = told(json!({"start": start, "participant": said})).participants.unwrap();
        assert_eq!(participants.len(), 1, "{said}");
        assert!(participants[0].person.as_ref().unwrap().ends_with("/oparl/person/7"));
        assert_eq!(participants[0].name.as_deref(), name);
    }
    let invited = told(json!({"start": "2027-01-12T13:00:00+01:00", "participant": [anna]}));
    assert_eq!(invited.participants, None, "nobody was at a meeting to come");
}

#[test]
fn a_cancellation_is_said_by_flag_or_state() {
    let says = [
        (json!({"cancelled": true}), true),
        (json!({"cancelled": "1"}), true),
        (json!({"cancelled": false, "meetingState": "durchgeführt"}), false),
        (json!({"meetingState": "Abgesagt"}), true),
        (json!({"meetingState": "entfällt"}), true),
        (json!({"state": "Inställt"}), true),
        (json!({"meetingState": "cancelled"}), true),
        (json!({"meetingState": "inte inställt"}), false),
        (json!({"meetingState": ""}), false),
        (json!({}), false),
    ];
    for (said, expect) in says {
        assert_eq!(told(said.clone()).cancelled, expect, "{said}");
    }
}

#[test]
fn organ_place_and_day_come_in_many_forms() {
    let (one, two) = (council::at("organization/1"), council::at("organization/2"));
    let organ = |said: Value| told(json!({"organization": said})).organizations;
    assert_eq!(organ(json!([one, two, one])).len(), 2, "several organ may meet together");
    for said in [json!(one), json!([{"id": one, "name": "Kommunstyrelsen"}])] {
        let organ = organ(said);
        assert!(organ.len() == 1 && organ[0].ends_with("/oparl/organization/1"), "{organ:?}");
    }
    let named = told(json!({"organization": [{"name": "Kommunstyrelsen"}]}));
    assert_eq!((named.organizations.len(), named.organ_name.as_deref()), (0, Some("Kommunstyrelsen")));

    let place = |said: Value| told(json!({"location": said})).plats;
    assert_eq!(
        place(json!({"description": " Kommunhuset,\n Kommunstigen 1 "})).as_deref(),
        Some("Kommunhuset, Kommunstigen 1")
    );
    assert_eq!(
        place(json!({"room": "A1", "streetAddress": "", "locality": "Demostad"})).as_deref(),
        Some("A1, Demostad")
    );
    assert_eq!(place(json!("Kommunhuset")).as_deref(), Some("Kommunhuset"));
    assert_eq!(place(json!(council::at("location/1"))), None);

    let day = |start: &str| told(json!({"start": start})).day.map(|day| day.to_string());
    assert_eq!(day("2025-10-13T22:30:00Z").as_deref(), Some("2025-10-14"));
    assert_eq!(day("200-10-03T18:00:00+02:00"), None);
    assert_eq!(told(json!({"start": "2025-10-14T00:00:00+02:00"})).start, None, "midnight is a day without a time");
}

#[test]
fn memberships_are_read_wherever_they_stand() {
    let place = json!({
        "id": council::at("membership/9"), "type": "https://schema.oparl.org/1.1/Membership",
        "organization": {"id": council::at("organization/1"), "name": "Kommunstyrelsen"},
        "role": "Ersättare", "votingRight": false, "startDate": "2023-01-01", "endDate": "9999-12-31",
        "onBehalfOf": council::at("organization/77"),
    });
    let mut alone = place.clone();
    alone["person"] = json!(council::at("person/1"));
    let person = |membership: Value| json!([{"id": council::at("person/1"), "familyName": "Ek", "givenName": "Anna", "membership": membership}]);
    let by_address = json!([council::at("membership/9")]);
    let forms: [&[(&str, Value)]; 4] = [
        &[("organization", organ()), ("person", person(json!([place])))],
        &[("organization", organ()), ("person", person(json!(place)))],
        &[("organization", organ()), ("person", person(by_address.clone())), ("membership", json!([alone]))],
        &[("organization", organ()), ("person", person(json!(null))), ("membership", json!([alone]))],
    ];
    for (number, form) in forms.into_iter().enumerate() {
        let changes = Kommun::saying(form).full();
        assert_eq!(counts(&changes), [1, 1, 1, 0, 0], "{number}");
        assert!(changes.complete.contains(&Membership), "{number}: {:?}", changes.complete);
        let record = changes.records.iter().find(|record| record.id.ends_with("membership/9")).unwrap();
        let Some(Content::Membership(place)) = &record.content else { panic!("{record:?}") };
        assert!(place.person.ends_with("person/1") && place.organization.ends_with("organization/1"));
        assert_eq!((place.roll.as_deref(), place.rostratt), (Some("Ersättare"), Some(false)));
        assert_eq!((place.from.map(|day| day.to_string()).as_deref(), place.to), (Some("2023-01-01"), None));
        assert!(!format!("{changes:?}").contains("organization/77"), "on whose behalf is a party, and not kept");
    }

    // No list of them, only their addresses: each is asked for, and one that is gone is told of.
    let person = person(json!([council::at("membership/9"), council::at("membership/10")]));
    let mut kommun = Kommun::saying(&[("organization", organ()), ("person", person), ("meeting", json!([]))]);
    kommun.played.switch(Switch::new(Trick::Body(alone.to_string().into_bytes())).at("/oparl/membership/9"));
    let changes = kommun.full();
    assert_eq!(count(&changes, Membership), 1);
    assert_eq!(changes.complete, [Organization, Person, Meeting], "not all memberships are known");
    assert_eq!(changes.notes, ["Uppdrag som en person hänvisar till, men som inte gick att hämta: 1"]);
}

#[test]
fn what_belongs_to_a_party_is_not_kept() {
    let party = json!({"id": council::at("organization/2"), "name": "Samlingsgruppen", "organizationType": "Fraktion"});
    let lists = |organ: Value| {
        let place = |n: u8| json!({"id": council::at(&format!("membership/{n}")), "organization": council::at(&format!("organization/{n}"))});
        let meeting = |n: u8, organ: &[&str]| {
            json!({"id": council::at(&format!("meeting/{n}")), "start": "2025-10-14T13:00:00+02:00",
                "organization": organ.iter().map(|organ| council::at(organ)).collect::<Vec<_>>()})
        };
        let person = json!([{"id": council::at("person/1"), "name": "Anna Ek", "membership": [place(1), place(2)]}]);
        let meetings = json!([
            meeting(1, &["organization/1"]),
            meeting(2, &["organization/2"]),
            meeting(3, &["organization/1", "organization/2"])
        ]);
        [("organization", organ), ("person", person), ("meeting", meetings)]
    };
    let mut all = organ();
    all.as_array_mut().unwrap().push(party.clone());
    let changes = Kommun::saying(&lists(all)).full();
    assert_eq!(counts(&changes), [1, 1, 1, 2, 0]);
    assert!(!format!("{changes:?}").contains("Samling"));
    assert_eq!(changes.notes, ["Parti eller partigrupp; lagras inte, och inte heller dess uppdrag och möten: 1"]);
    assert_eq!(changes.complete, EVERY_KIND);

    // Where the list does not show the group, it is asked for by itself.
    let mut kommun = Kommun::saying(&lists(organ()));
    kommun.played.switch(Switch::new(Trick::Body(party.to_string().into_bytes())).at("/oparl/organization/2"));
    assert_eq!(counts(&kommun.full()), [1, 1, 1, 2, 0]);
}

#[test]
fn both_versions_and_old_types_are_the_same() {
    for class in [
        "https://schema.oparl.org/1.0/Meeting",
        "https://schema.oparl.org/1.1/Meeting",
        "http://oparl.org/schema/1.0/meeting",
        "",
    ] {
        assert_eq!(told(json!({"type": class, "name": "Sammanträde"})).name.as_deref(), Some("Sammanträde"), "{class}");
    }
}

#[test]
fn objects_that_cannot_be_used_are_counted() {
    let persons = json!([
        {"id": council::at("person/1"), "name": ""},
        {"name": "Ingen Id"},
        {"id": 3, "name": "Siffran Tre"},
        {"id": council::at("paper/4"), "type": "https://schema.oparl.org/1.1/Paper", "name": "Handling"},
        "skräp",
    ]);
    let changes = Kommun::saying(&[("organization", organ()), ("person", persons)]).full();
    assert_eq!(count(&changes, Person), 1);
    assert!(changes.records.iter().any(|record| record.id == "person:3"), "a mere number is an id among persons only");
    assert_eq!(changes.complete, [Organization]);
    assert_eq!(
        changes.notes,
        [
            "Källan nämner ingen lista över sammanträden.",
            "Utan id och därför inte inläst, i listan över personer: 2",
            "Utan namn och därför inte inläst, i listan över personer: 1",
            "Något annat, i listan över personer: 1",
        ]
    );
}

#[test]
fn an_organ_that_cannot_be_had_stops_nothing() {
    for status in [403, 404, 500] {
        let mut kommun = Kommun::demo();
        kommun.played.switch(Switch::new(Trick::status(status)).at("/oparl/organization/"));
        let changes = kommun.sync(Some("2025-12-20T00:00:00Z")).unwrap();
        assert_eq!((count(&changes, Meeting), count(&changes, Organization)), (3, 0), "{status}");
    }
    let mut kommun = Kommun::demo();
    kommun.played.switch(Switch::new(Trick::status(404)).at("/oparl/membership"));
    let changes = kommun.full();
    assert_eq!((counts(&changes), changes.complete.as_slice()), (ALL, EVERY_KIND.as_slice()), "persons show their own");
    assert_eq!(changes.notes, ["Listan över uppdrag svarar 404."]);
}

#[test]
fn no_secret_of_the_address_is_told() {
    const KEY: &str = "kanariefagel-i-adressen";
    let told = |path: &str, trick: Trick| {
        let mut kommun = Kommun::of(fixtures(), &format!("/oparl?key={KEY}"));
        kommun.played.edit("oparl/body.json", |bodies| {
            for body in bodies.as_array_mut().unwrap() {
                body["meeting"] = json!(format!("{}?key={KEY}", body["meeting"].as_str().unwrap()));
            }
        });
        kommun.played.switch(Switch::new(trick).at(path));
        kommun.sync(None).unwrap_err().to_string()
    };
    for trick in
        [Trick::status(404), Trick::status(503), Trick::status(401), Trick::Body(b"<key>".to_vec()), Trick::Circle]
    {
        for path in ["/oparl/meeting", "/oparl"] {
            if trick == Trick::Circle && path == "/oparl" {
                continue;
            }
            let told = told(path, trick.clone());
            assert!(!told.contains(KEY) && told.contains("Diariet"), "{told}");
        }
    }
}
