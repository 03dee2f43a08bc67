//! Public 360: documents become meetings and workbooks, the change feed says which to look at again, and nothing that the
//! server does wrong is believed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/outside.rs"]
mod outside;
#[path = "support/public360.rs"]
mod public360;
#[path = "support/server.rs"]
mod server;
#[path = "support/source.rs"]
mod source;

use std::fs;
use std::sync::{Arc, Mutex};

use arvode::domain::Fault;
use arvode::ports::{Changes, Content, RecordKind};
use public360::Register;
use serde_json::{Value, json};
use server::{Asked, Reply, Server, json as reply, text, with};
use source::Kommun;

const KEY: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const TABLE: &str = "[diarium.public360]\ntitle = \"Protokoll*\"\ncategory = \"protokoll\"\n";
const CONTACTS: &str = "person_categories = [\"Förtroendevald\"]\norgan_categories = \"Nämnd\"\n";

fn kommun(server: &Server, more: &str) -> Kommun {
    let kommun = Kommun::new(&format!(
        "[[diarium]]\nname = \"P360\"\nadapter = \"public360\"\nurl = \"{}/\"\nauthkey_file = \"key\"\n\
         headers = {{ clientid = \"arvode\" }}\ntries = 2\n{TABLE}{more}",
        server.url
    ));
    fs::write(kommun.path("key"), format!("{KEY}\n")).unwrap();
    kommun
}

fn played(register: &Arc<Mutex<Register>>) -> Server {
    let register = Arc::clone(register);
    Server::start(move |asked, _| register.lock().unwrap().answer(asked))
}

fn ids(changes: &Changes) -> Vec<&str> {
    changes.records.iter().map(|record| record.id.as_str()).collect()
}

fn calls(server: &Server) -> Vec<String> {
    let told = |asked: &Asked| {
        let (operation, parameter) = Register::asked(asked);
        format!("{operation} {}", parameter["Recno"].as_u64().or(parameter["Page"].as_u64()).unwrap())
    };
    server.asked().iter().map(told).collect()
}

const NOTES: [&str; 2] = [
    "handling 26/0412-5: handlingen har bara filer som inte läses (docx). Lägg till närvaron som xml, xlsx.",
    "handling 26/0412-6: handlingen har ingen fil. Lägg till närvaron som fil (xml, xlsx) i diariet.",
];

#[test]
fn everything_is_read_once_and_after_that_what_has_changed() {
    let register = Register::shipped();
    let server = played(&register);
    let kommun = kommun(&server, "");
    let first = kommun.changes(None).unwrap();
    assert_eq!(ids(&first), ["2120009999/BUN 2026/8"]);
    assert_eq!(first.files.len(), 1);
    assert_eq!(
        (first.files[0].name.as_str(), first.files[0].content.as_slice()),
        ("26-0412-4 (301102).xlsx", &b"PK the workbook"[..])
    );
    assert_eq!(first.unread, NOTES);
    // The log begins before the oldest event of the last 24 hours; two documents wait.
    assert_eq!(first.cursor, "5003 201103,201104");
    assert!(first.complete.is_empty());
    assert_eq!(
        calls(&server),
        [
            "GetEvents 0",
            "GetDocuments 0",
            "GetDocuments 1",
            "GetDocuments 2",
            "GetFileWithMetadata 301101",
            "GetFileWithMetadata 301102"
        ]
    );
    let asked = server.asked();
    assert_eq!(asked[0].target, "/Biz/v2/api/call/SI.Data.RPC/SI.Data.RPC/SupportService/GetEvents");
    assert_eq!(asked[0].header("authorization").unwrap(), format!("authkey {KEY}"));
    assert_eq!(asked[0].header("clientid"), Some("arvode"));

    // A file gets a better version, a document its file, a third is none of ours.
    register.lock().unwrap().documents[4]["Files"] = json!([{ "Recno": 301_105, "Format": ".xlsx" }]);
    register.lock().unwrap().files.push((301_105, b"PK".to_vec()));
    let next = kommun.changes(Some(&first.cursor)).unwrap();
    assert_eq!(
        calls(&server)[6..],
        [
            "GetEvents 5003",
            "GetFileWithMetadata 301101",
            "GetDocuments 201100",
            "GetDocuments 201103",
            "GetDocuments 201104",
            "GetFileWithMetadata 301101",
            "GetFileWithMetadata 301105"
        ]
    );
    assert_eq!((ids(&next), next.files.len()), (ids(&first), 1));
    assert_eq!((next.unread.as_slice(), next.cursor.as_str()), ([NOTES[0].to_owned()].as_slice(), "5003 201103"));

    // A day later the events are settled, and are not asked for again.
    let now = &kommun.still.now_ms;
    now.set(now.get() + 36 * 3_600_000);
    assert_eq!(kommun.changes(Some(&next.cursor)).unwrap().cursor, "5005 201103");
    let quiet = kommun.changes(Some("5005")).unwrap();
    assert_eq!(quiet, Changes { cursor: "5005".to_owned(), ..Changes::default() });
}

#[test]
fn versions_that_count_pages_from_one_or_name_an_event_again() {
    let register = Register::shipped();
    register.lock().unwrap().first_page = 1;
    register.lock().unwrap().names_again = true;
    let server = played(&register);
    let kommun = kommun(&server, "");
    let first = kommun.changes(None).unwrap();
    assert_eq!((ids(&first).len(), first.files.len(), first.unread.len()), (1, 1, 2));
    assert_eq!(calls(&server)[1..5], ["GetDocuments 0", "GetDocuments 1", "GetDocuments 2", "GetDocuments 3"]);
    assert_eq!(kommun.changes(Some("5003")).unwrap().cursor, "5003 201103");
    assert_eq!(kommun.changes(Some("5005")).unwrap().records.len(), 0);
}

#[test]
fn where_nothing_has_happened_the_feed_begins_at_an_instant() {
    let register = Register::shipped();
    register.lock().unwrap().events.clear();
    register.lock().unwrap().documents.truncate(2);
    let server = played(&register);
    let kommun = kommun(&server, "");
    let first = kommun.changes(None).unwrap();
    assert_eq!(first.cursor, "2026-11-22T12:00:00Z");
    assert_eq!(kommun.changes(Some(&first.cursor)).unwrap().cursor, first.cursor);
    let event = json!({ "Recno": 6001, "EntityName": "Document", "EntityRecno": 201_101, "InsertedDate": "2026-11-23T11:00:00" });
    register.lock().unwrap().events.push(event);
    let next = kommun.changes(Some(&first.cursor)).unwrap();
    assert_eq!((next.files.len(), next.cursor.as_str()), (1, "6000"));
}

#[test]
fn contacts_come_only_of_the_categories_that_are_named() {
    let register = Register::shipped();
    let server = played(&register);
    let changes = kommun(&server, CONTACTS).changes(None).unwrap();
    assert_eq!(ids(&changes), ["organ:8001", "organ:8002", "person:7001", "person:7002", "2120009999/BUN 2026/8"]);
    assert_eq!(changes.complete, [RecordKind::Organization, RecordKind::Person]);
    let Some(Content::Person(person)) = &changes.records[2].content else { panic!() };
    assert_eq!((person.name.as_str(), person.personnummer.as_deref()), ("Karin Sjögren", Some("19800101-9804")));
    let Some(Content::Person(person)) = &changes.records[3].content else { panic!() };
    assert_eq!((person.fornamn.as_deref(), person.efternamn.as_deref()), (Some("Per Olof"), Some("Norén")));
    let Some(Content::Organization(organ)) = &changes.records[0].content else { panic!() };
    assert_eq!((organ.name.as_str(), organ.short.as_deref()), ("Barn- och utbildningsnämnden", Some("BUN")));
    let asked = server.asked();
    let of = |word: &str| asked.iter().map(Register::asked).find(|(operation, _)| operation == word).unwrap().1;
    assert_eq!(of("GetPrivatePersons")["Categories"], json!(["Förtroendevald"]));
    assert_eq!(of("GetEnterprises")["Categories"], json!(["Nämnd"]));
}

#[test]
fn a_file_that_is_lost_broken_or_no_minutes_is_told_by_its_documents_number_and_waits() {
    let minutes = include_str!("../fixtures/diarium/svk-mote/namnd-2026-10-14.xml");
    let bomb = format!("<!DOCTYPE a [{}]><boardMeeting/>", "<!ENTITY a \"b\">".repeat(1000));
    for (content, expect) in [
        (
            None,
            "handling 26/0412-3: filen har inget innehåll, eller får inte läsas från diariet. Lägg in den på nytt där.",
        ),
        (
            Some(b"<html/>".to_vec()),
            "handling 26/0412-3: Rad 1: Filen är ingen SVK-MOTE-fil: den börjar med <html> i stället för <boardMeeting>. \
             Skicka den fil som diariet exporterar enligt SVK-MOTE v1. Ingenting i filen är använt.",
        ),
        (
            Some(bomb.into_bytes()),
            "handling 26/0412-3: Rad 1: Filen har en dokumenttyp (<!DOCTYPE …>), vilket inte tillåts. Exportera filen utan \
             DOCTYPE. Ingenting i filen är använt.",
        ),
        (
            Some(vec![b' '; 30 << 20]),
            "handling 26/0412-3: Filen är större än 16 MiB. Så stora är inga protokoll: kontrollera exporten. Ingenting i filen \
             är använt.",
        ),
    ] {
        let register = Register::shipped();
        register.lock().unwrap().documents.truncate(1);
        register.lock().unwrap().files = content.map(|content| (301_101, content)).into_iter().collect();
        let server = played(&register);
        let kommun = kommun(&server, "");
        let changes = kommun.changes(None).unwrap();
        assert!(changes.records.is_empty());
        assert_eq!((changes.unread, changes.cursor.as_str()), (vec![expect.to_owned()], "5003 201100"));
        // It is put right, and no event says so.
        register.lock().unwrap().files = vec![(301_101, minutes.as_bytes().to_vec())];
        register.lock().unwrap().events.clear();
        let mended = kommun.changes(Some("5003 201100")).unwrap();
        assert_eq!((ids(&mended).len(), mended.cursor.as_str()), (1, "5003"));
    }
}

#[test]
fn base64_that_was_cut_off_is_not_read_by_half() {
    let register = Register::shipped();
    register.lock().unwrap().documents.truncate(1);
    let inner = Arc::clone(&register);
    let server = Server::start(move |asked, _| match Register::asked(asked).0.as_str() {
        "GetFileWithMetadata" => {
            reply(&json!({ "File": { "Recno": 1, "Base64Data": "PD94bWwgdmVyc2lvbj0" }, "Successful": true }))
        }
        _ => inner.lock().unwrap().answer(asked),
    });
    let changes = kommun(&server, "").changes(None).unwrap();
    assert!(changes.records.is_empty() && changes.cursor.ends_with(" 201100"));
    assert_eq!(
        changes.unread,
        ["handling 26/0412-3: filen kom inte hel (dess Base64 är avbruten eller skadad). Den hämtas igen nästa gång."]
    );
}

#[test]
fn what_is_deleted_or_not_ours_to_see_stops_nothing() {
    let register = Register::shipped();
    let inner = Arc::clone(&register);
    let server = Server::start(move |asked, _| match Register::asked(asked) {
        (operation, parameter) if operation == "GetFileWithMetadata" || parameter["Recno"] == 201_103 => {
            reply(&json!({ "Successful": false, "ErrorMessage": "No access" }))
        }
        _ => inner.lock().unwrap().answer(asked),
    });
    let kommun = kommun(&server, "");
    let first = kommun.changes(None).unwrap();
    assert_eq!((first.unread.len(), first.cursor.as_str()), (4, "5003 201100,201101,201103,201104"));
    let next = kommun.changes(Some(&first.cursor)).unwrap();
    // One that waited and is gone waits on until everything is read anew.
    let gone = "handling med recno 201103: går inte längre att läsa i diariet. Är den borttagen glöms den med arvode sync --full.";
    assert_eq!((next.unread.len(), &next.cursor), (4, &first.cursor));
    assert!(next.unread.iter().any(|note| note == gone), "{:?}", next.unread);
}

#[test]
fn a_file_of_two_documents_is_asked_for_once() {
    let register = Register::shipped();
    let mut twin = register.lock().unwrap().documents[0].clone();
    twin["Recno"] = json!(201_300);
    register.lock().unwrap().documents.truncate(1);
    register.lock().unwrap().documents.push(twin);
    let changes = kommun(&played(&register), "").changes(None).unwrap();
    assert_eq!((ids(&changes).len(), changes.unread.len()), (1, 0));
}

#[test]
fn two_documents_that_tell_a_meeting_differently_wait_both() {
    let register = Register::shipped();
    let minutes = include_str!("../fixtures/diarium/svk-mote/namnd-2026-10-14.xml").replace("excused", "present");
    let other = json!({ "Recno": 201_200, "DocumentNumber": "26/0412-9", "Title": "Protokoll, rättat", "Category": { "Code": "Protokoll" }, "Files": [{ "Recno": 301_200, "Format": "xml" }] });
    register.lock().unwrap().documents.truncate(1);
    register.lock().unwrap().documents.push(other);
    register.lock().unwrap().files.push((301_200, minutes.into_bytes()));
    let changes = kommun(&played(&register), "").changes(None).unwrap();
    assert_eq!((ids(&changes).len(), changes.cursor.as_str()), (0, "5003 201100,201200"));
    assert!(changes.unread[0].contains("(handling 26/0412-3, handling 26/0412-9)"), "{:?}", changes.unread);
}

/// The error of a server that answers everything so.
fn said(answer: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Fault {
    let fault = kommun(&Server::start(answer), "").changes(Some("5003")).unwrap_err();
    let text = fault.to_string();
    assert!(!text.contains(KEY) && !text.contains("9804") && !text.contains("Anna"), "{text}");
    assert!(text.starts_with("diarium \"P360\": "), "{text}");
    fault
}

fn failing(value: Value) -> Fault {
    said(move |_, _| reply(&value))
}

#[test]
fn an_answer_counts_only_where_it_says_that_it_was_successful() {
    let details = json!({
        "Successful": false, "ErrorMessage": format!("Access denied for user Anna Ek with authkey {KEY} anna@ekhult.se 19800101-9804\nat Anna.Method"),
        "ErrorDetails": "at SI.Data.RPC Anna", "Events": []
    });
    assert_eq!(
        failing(details).to_string(),
        "diarium \"P360\": SupportService/GetEvents: not successful: “Access denied for user … … with authkey … ……”; it is tried again later"
    );
    for answer in [json!({ "Events": [], "IsEndOfLog": true }), json!([]), json!({ "Successful": true })] {
        assert!(matches!(failing(answer), Fault::Temporary(_)));
    }
    let odd = json!({ "Successful": true, "IsEndOfLog": true, "Events": [{ "Recno": "Anna 19800101-9804" }] });
    assert!(matches!(failing(odd), Fault::Temporary(_)));
}

#[test]
fn a_log_without_an_end_is_refused() {
    let endless = json!({ "Successful": true, "IsEndOfLog": false, "Events": [] });
    let fault = failing(endless);
    assert!(matches!(&fault, Fault::Refused(text) if text.contains("the log has no end")), "{fault}");
    let again = json!({ "Successful": true, "IsEndOfLog": false, "Events": [{ "Recno": 5003 }] });
    assert!(matches!(failing(again), Fault::Refused(_)));
    // One that always finds another event ends where the pages of a sync do.
    let register = Register::shipped();
    let inner = Arc::clone(&register);
    let server = Server::start(move |asked, number| match Register::asked(asked).0.as_str() {
        "GetEvents" => {
            reply(&json!({ "Successful": true, "IsEndOfLog": false, "Events": [{ "Recno": 6000 + number }] }))
        }
        _ => inner.lock().unwrap().answer(asked),
    });
    let mut kommun = kommun(&server, "");
    kommun.settings.http.limits.pages = 20;
    assert!(matches!(kommun.changes(Some("5003")), Err(Fault::Refused(_))));
}

#[test]
fn a_search_that_lacks_documents_commits_nothing() {
    let register = Register::shipped();
    let inner = Arc::clone(&register);
    let server = Server::start(move |asked, _| match Register::asked(asked) {
        (operation, parameter) if operation == "GetDocuments" => {
            let documents = if parameter["Page"] == 0 { inner.lock().unwrap().documents.clone() } else { Vec::new() };
            reply(&json!({ "Documents": documents, "TotalCount": 7, "TotalPageCount": 2, "Successful": true }))
        }
        _ => inner.lock().unwrap().answer(asked),
    });
    let fault = kommun(&server, "").changes(None).unwrap_err();
    assert!(matches!(&fault, Fault::Temporary(text) if text.contains("GetDocuments: 5 of 7 came")), "{fault}");
}

#[test]
fn the_servers_faults_are_told_for_what_they_are() {
    assert!(matches!(said(|_, _| with(401, "x", "y")), Fault::Input(_)));
    assert!(matches!(said(|_, _| with(403, "x", "y")), Fault::Input(_)));
    assert!(matches!(said(|_, _| text(404, "")), Fault::Input(_)));
    assert!(matches!(said(|_, _| text(500, "Anna")), Fault::Temporary(_)));
    assert!(matches!(said(|_, _| text(200, "<html>Logga in, Anna</html>")), Fault::Temporary(_)));
    assert!(matches!(said(|_, _| Reply::Endless), Fault::Temporary(_) | Fault::Refused(_)));
    assert!(matches!(said(|_, _| with(302, "location", "https://example.org/")), Fault::Refused(_)));
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"Successful\": true,".to_vec();
    assert!(matches!(said(move |_, _| Reply::Raw(cut.clone())), Fault::Temporary(_)));
}

#[test]
fn oauth2_instead_of_a_key() {
    let register = Register::shipped();
    let inner = Arc::clone(&register);
    let server = Server::start(move |asked, _| match asked.path() {
        "/token" => text(200, "{\"access_token\": \"t1\", \"token_type\": \"Bearer\", \"expires_in\": 3600}"),
        _ => inner.lock().unwrap().answer(asked),
    });
    let url = &server.url;
    let kommun = Kommun::new(&format!(
        "[[diarium]]\nname = \"P360\"\nadapter = \"public360\"\nurl = \"{url}\"\noauth2_token_url = \"{url}/token\"\n\
         oauth2_client_id = \"arvode\"\noauth2_secret_file = \"s\"\n{TABLE}"
    ));
    fs::write(kommun.path("s"), "kanariefagel\n").unwrap();
    assert_eq!(kommun.changes(Some("5003")).unwrap().records.len(), 1);
    assert_eq!(server.asked()[1].header("authorization"), Some("Bearer t1"));
}
