//! A JSON API of any form, by configuration: each way of paging, each field, and what happens to what cannot be read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "support/outside.rs"]
mod outside;
#[path = "support/server.rs"]
mod server;

use std::fs;
use std::path::Path;

use arvode::adapters::diarium::Source;
use arvode::adapters::settings::{DiariumSettings, read};
use arvode::domain::Fault;
use arvode::ports::{Changes, Content, Diarium, MeetingRecord, Record, RecordKind};
use outside::{NOON_MS, Still, wait_for};
use serde_json::{Value, json};
use server::{Asked, Reply, Server, text};
use tempfile::TempDir;

const MEETINGS: &str = "[diarium.meetings]\npath = \"/meetings\"\nlist = \"/items\"\n";
const FIELDS: &str = "[diarium.meetings.fields]\nid = \"/id\"\nstart = \"/start\"\n";

/// A kommun's folder with one source, as its settings say.
struct Kommun {
    folder: TempDir,
    still: Still,
    settings: DiariumSettings,
}

fn shipped(to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    for below in ["", "regelverk"] {
        fs::create_dir_all(to.join(below)).unwrap();
        for entry in fs::read_dir(from.join(below)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, to.join(below).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
}

fn all_settings(folder: &Path, diaria: &str) -> Result<Vec<DiariumSettings>, String> {
    let config = folder.join("config");
    shipped(&config);
    let operator = fs::read_to_string(config.join("arvode.toml")).unwrap();
    fs::write(config.join("arvode.toml"), format!("{operator}\n{diaria}")).unwrap();
    read(&config.join("arvode.toml")).map(|configured| configured.settings.diaria).map_err(|fault| fault.to_string())
}

impl Kommun {
    fn new(server: &Server, tables: &str) -> Kommun {
        let folder = tempfile::tempdir().unwrap();
        let head = format!("[[diarium]]\nname = \"W3D3\"\nadapter = \"rest\"\nurl = \"{}/api/\"\n", server.url);
        let mut all = all_settings(folder.path(), &format!("{head}{tables}")).unwrap_or_else(|error| panic!("{error}"));
        Kommun { still: Still::new(folder.path()), settings: all.remove(0), folder }
    }

    fn changes(&self, since: Option<&str>) -> Result<Changes, Fault> {
        assert!(self.folder.path().exists());
        let mut source = Source::open(&self.settings, &self.still.outside)?;
        wait_for(source.changes(since))
    }
}

fn json_of(value: &Value) -> Reply {
    text(200, &value.to_string())
}

/// So many meetings from a number on, one a day.
fn meetings(numbers: impl IntoIterator<Item = usize>) -> Vec<Value> {
    numbers.into_iter().map(|n| json!({"id": n, "start": format!("2026-09-{:02}T13:00:00", n % 28 + 1)})).collect()
}

fn number(asked: &Asked, name: &str) -> usize {
    asked.query(name).unwrap().parse().unwrap()
}

fn targets(server: &Server) -> Vec<String> {
    server.asked().iter().map(|asked| asked.target.clone()).collect()
}

fn meeting<'a>(changes: &'a Changes, id: &str) -> &'a MeetingRecord {
    let found = changes.records.iter().find(|record| record.id == format!("möte/{id}"));
    match found {
        Some(Record { content: Some(Content::Meeting(meeting)), .. }) => meeting,
        other => panic!("{id}: {other:?}"),
    }
}

#[test]
fn numbered_pages_are_read_until_one_is_empty() {
    let server = Server::start(|asked, _| {
        // The server gives fewer records than it is asked for: a short page is no end.
        let first = (number(asked, "sida") - 1) * 7;
        json_of(&json!({"items": meetings(first..25.min(first + 7))}))
    });
    let paging = "[diarium.paging]\nstyle = \"page\"\nparameter = \"sida\"\nsize_parameter = \"antal\"\nsize = 50\n";
    let changes = Kommun::new(&server, &format!("{paging}{MEETINGS}{FIELDS}")).changes(None).unwrap();
    assert_eq!((changes.records.len(), changes.complete), (25, vec![RecordKind::Meeting]));
    assert_eq!(changes.cursor, "2026-11-23T12:00:00Z");
    assert_eq!(targets(&server).first().unwrap(), "/api/meetings?sida=1&antal=50");
    assert_eq!(targets(&server).last().unwrap(), "/api/meetings?antal=50&sida=5");
}

#[test]
fn the_source_may_say_that_no_more_follows() {
    let server = Server::start(|asked, _| {
        let page = number(asked, "page");
        json_of(&json!({"items": meetings(page * 2..page * 2 + 2), "more": page < 3}))
    });
    let paging = "[diarium.paging]\nstyle = \"page\"\nparameter = \"page\"\nfirst = 0\nmore = \"/more\"\n";
    let changes = Kommun::new(&server, &format!("{paging}{MEETINGS}{FIELDS}")).changes(None).unwrap();
    assert_eq!((changes.records.len(), server.asked().len()), (8, 4));
}

#[test]
fn offsets_count_what_came() {
    let server = Server::start(|asked, _| {
        let first = number(asked, "$skip");
        json_of(&json!({"items": meetings(first..20.min(first + 6)), "count": 20}))
    });
    let tables = format!(
        "{MEETINGS}total = \"/count\"\n{FIELDS}[diarium.meetings.paging]\nstyle = \"offset\"\nparameter = \"$skip\"\n"
    );
    let changes = Kommun::new(&server, &tables).changes(None).unwrap();
    assert_eq!(changes.records.len(), 20);
    let asked: Vec<usize> = server.asked().iter().map(|asked| number(asked, "$skip")).collect();
    assert_eq!(asked, [0, 6, 12, 18]);
}

#[test]
fn cursors_are_sent_back_as_they_came() {
    let server = Server::start(|asked, _| match asked.query("efter").as_deref() {
        None => json_of(&json!({"items": meetings(0..3), "next": "a+b/c=&d"})),
        Some("a+b/c=&d") => json_of(&json!({"items": meetings(3..6), "next": 77})),
        Some("77") => json_of(&json!({"items": meetings(6..8), "next": null})),
        Some(other) => panic!("{other}"),
    });
    let paging = "[diarium.paging]\nstyle = \"cursor\"\nparameter = \"efter\"\nnext = \"/next\"\n";
    let changes = Kommun::new(&server, &format!("{paging}{MEETINGS}{FIELDS}")).changes(None).unwrap();
    assert_eq!((changes.records.len(), server.asked().len()), (8, 3));
}

#[test]
fn links_lead_on_from_the_body_or_the_head() {
    let server = Server::start(|asked, _| match asked.query("p").as_deref() {
        None => json_of(&json!({"items": meetings(0..3), "links": {"next": "meetings?p=2"}})),
        _ => json_of(&json!({"items": meetings(3..6), "links": {}})),
    });
    let paging = "[diarium.paging]\nstyle = \"link\"\nnext = \"/links/next\"\n";
    let changes = Kommun::new(&server, &format!("{paging}{MEETINGS}{FIELDS}")).changes(None).unwrap();
    assert_eq!((changes.records.len(), targets(&server).pop().unwrap()), (6, "/api/meetings?p=2".to_owned()));

    let server = Server::start(|asked, _| match asked.query("p") {
        None => Reply::Whole {
            status: 200,
            headers: vec![("link".to_owned(), "</api/meetings?p=2>; rel=\"next\"".to_owned())],
            body: json!({"items": meetings(0..3)}).to_string().into_bytes(),
        },
        Some(_) => json_of(&json!({"items": meetings(3..5)})),
    });
    let paging = "[diarium.paging]\nstyle = \"link\"\n";
    let changes = Kommun::new(&server, &format!("{paging}{MEETINGS}{FIELDS}")).changes(None).unwrap();
    assert_eq!(changes.records.len(), 5);
}

#[test]
fn lists_that_never_end_or_are_not_all_there_give_nothing() {
    let page = "[diarium.paging]\nstyle = \"page\"\nparameter = \"page\"\n";
    let cursor = "[diarium.paging]\nstyle = \"cursor\"\nparameter = \"c\"\nnext = \"/next\"\n";
    let link = "[diarium.paging]\nstyle = \"link\"\nnext = \"/next\"\n";
    let always = json!({"items": meetings(0..3), "next": "/api/meetings?c=1"});
    for (paging, expect) in
        [(page, "the same as the one before"), (cursor, "the same as the one before"), (link, "the list has no end")]
    {
        let always = always.clone();
        let server = Server::start(move |_, _| json_of(&always));
        let kommun = Kommun::new(&server, &format!("{paging}{MEETINGS}{FIELDS}"));
        match kommun.changes(None) {
            Err(Fault::Refused(error)) => assert!(error.contains(expect) && error.contains("W3D3"), "{error}"),
            other => panic!("{other:?}"),
        }
    }
    let server = Server::start(|_, _| json_of(&json!({"items": meetings(0..3), "count": 4})));
    let kommun = Kommun::new(&server, &format!("{MEETINGS}total = \"/count\"\n{FIELDS}"));
    match kommun.changes(None) {
        Err(Fault::Temporary(error)) => assert!(error.contains("gave 3 of 4 records"), "{error}"),
        other => panic!("{other:?}"),
    }
    let server = Server::start(|_, _| json_of(&json!({"items": [], "next": "http://127.0.0.1:9/evil"})));
    let kommun = Kommun::new(&server, &format!("{link}{MEETINGS}{FIELDS}"));
    assert!(matches!(kommun.changes(None), Err(Fault::Refused(error)) if error.contains("127.0.0.1:9")));
}

#[test]
fn answers_of_another_form_are_told() {
    let cases: [(Reply, &str, bool); 7] = [
        (text(200, "<html>Logga in</html>"), "not JSON but HTML or XML (line 1, column 1)", true),
        (text(200, "{\"items\": [1, 2"), "not JSON but something else", true),
        (text(200, "{\"records\": []}"), "nothing stands at `list`", false),
        (text(200, "{\"items\": {}}"), "what stands at `list` in the answer is no list", false),
        (text(404, "{}"), "the source knows no such address; see `path`", false),
        (text(400, "{}"), "answered 400: see `path`", false),
        (text(403, "{}"), "answered 403", false),
    ];
    for (reply, expect, is_temporary) in cases {
        let server = Server::start(move |_, _| reply.clone());
        let fault = Kommun::new(&server, &format!("{MEETINGS}{FIELDS}")).changes(None).unwrap_err();
        assert!(fault.to_string().contains(expect), "{fault}");
        assert_eq!(matches!(fault, Fault::Temporary(_)), is_temporary, "{fault}");
    }
    let server = Server::start(|_, _| text(200, "\u{feff}{\"items\": []}"));
    assert_eq!(Kommun::new(&server, &format!("{MEETINGS}{FIELDS}")).changes(None).unwrap().records, []);
}

#[test]
fn only_what_has_changed_is_asked_for() {
    let server = Server::start(|_, _| json_of(&json!({"items": meetings(0..2)})));
    let since = "[diarium.since]\nparameter = \"$filter\"\nvalue = \"modified ge {since}\"\nformat = \"offset\"\n";
    let kommun = Kommun::new(&server, &format!("overlap_hours = 2\n{since}{MEETINGS}{FIELDS}"));
    let first = kommun.changes(None).unwrap();
    assert_eq!((server.asked()[0].query("$filter"), first.complete), (None, vec![RecordKind::Meeting]));
    kommun.still.now_ms.set(NOON_MS + 3_600_000);
    let second = kommun.changes(Some(&first.cursor)).unwrap();
    assert_eq!(server.asked()[1].query("$filter").as_deref(), Some("modified ge 2026-11-23T11:00:00+01:00"));
    assert_eq!((second.complete, second.cursor.as_str()), (vec![], "2026-11-23T13:00:00Z"));
}

/// Everything that a rich API tells, in one configuration.
const RICH: &str = r#"
[diarium.organizations]
path = "/namnder"
[diarium.organizations.fields]
id = "/id"
name = ["/langt", "/kort"]
short = "/kort"

[diarium.persons]
path = "/personer"
[diarium.persons.fields]
id = "/id"
fornamn = "/namn/for"
efternamn = "/namn/efter"

[diarium.memberships]
path = "/uppdrag"
[diarium.memberships.fields]
person = "/vem"
organization = "/var"
roll = "/roll"
from = "/fran"
to = "/till"
rostratt = "/rost"

[diarium.meetings]
path = "/moten?typ=alla"
[diarium.meetings.fields]
id = "/id"
organization = "/namnder/*/id"
name = "/rubrik"
external = "/dnr"
day = "/datum"
start = "/tid/start"
end = "/tid/slut"
cancelled = "/status"
deleted = "/status"
plats = "/plats"
slag = "/typ"
[diarium.meetings.words.cancelled]
"Inställt" = "ja"
"*" = "nej"
[diarium.meetings.words.deleted]
"Raderat" = "ja"
"*" = "nej"
[diarium.meetings.words.slag]
"Nämnd" = "sammanträde"
[diarium.meetings.participants]
list = ["/ledamoter", "/ersattare"]
[diarium.meetings.participants.fields]
person = "/id"
name = "/namn"
roll = "/roll"
tjanstgorande = "/tjg"
ersatter = "/for"
from = "/in"
till = "/ut"
absent = "/narvaro"
jav = "/jav"
justerare = "/justerar"
distans = "/distans"
[diarium.meetings.participants.words.absent]
"Närvarande" = "nej"
"Frånvarande" = "ja"
"#;

fn rich() -> Value {
    json!({
        "/api/namnder": [{"id": 3, "langt": "Kommunstyrelsen", "kort": "KS"}, {"id": 4, "langt": " ", "kort": "KF"}],
        "/api/personer": [{"id": "a7", "namn": {"for": "Åsa", "efter": "Öberg"}}],
        "/api/uppdrag": [{"vem": "a7", "var": 3, "roll": "Ledamot", "fran": "2022-10-15", "till": "9999-12-31", "rost": 1}],
        "/api/moten": [
            {
                "id": "m1", "namnder": [{"id": 3}, {"id": 4}], "rubrik": "KS 9 september", "dnr": "KS 2026/12",
                "datum": "2026-09-09", "tid": {"start": "13.00", "slut": "15.30"}, "status": "Genomfört",
                "plats": "Stora salen", "typ": "Nämnd",
                "ledamoter": [
                    {"id": "a7", "roll": "Ledamot", "narvaro": "Närvarande", "in": "13.00", "ut": "14.45", "jav": "§ 47",
                     "justerar": true},
                    {"namn": "Bo Ek", "narvaro": "Frånvarande"},
                ],
                "ersattare": [{"namn": "Eva Ask", "roll": "Ersättare", "tjg": "x", "for": "Bo Ek", "distans": "nej",
                               "narvaro": "närvarande"}],
            },
            {"id": "m2", "datum": "2026-09-16", "tid": {"start": "2026-09-16T13:00:00Z"}, "status": "inställt"},
            {"id": "m3", "datum": "2026-09-17", "status": "Raderat"},
            {"id": "m4", "datum": "2026-09-18", "tid": {"start": "13:00", "slut": "00:00"}, "ledamoter": []},
            {"id": "m5", "datum": "2026-09-19", "tid": {"start": "13:00", "slut": "2026-09-19T13:00:00+02:00"}},
            {"id": "m6", "datum": "2026-09-20", "tid": {"start": "13:00", "slut": "23:59"}},
        ],
    })
}

#[test]
fn every_field_is_read_from_where_the_settings_say() {
    let server = Server::start(|asked, _| json_of(&rich()[asked.path()]));
    let changes = Kommun::new(&server, RICH).changes(None).unwrap();
    assert_eq!((changes.unread.as_slice(), changes.complete.len()), (&[] as &[String], 4));
    assert_eq!(targets(&server).last().unwrap(), "/api/moten?typ=alla");
    let found = serde_json::to_value(&changes.records[..4]).unwrap();
    assert_eq!(
        found,
        json!([
            {"id": "3", "content": {"record": "organization", "name": "Kommunstyrelsen", "short": "KS"}},
            {"id": "4", "content": {"record": "organization", "name": "KF", "short": "KF"}},
            {"id": "person/a7",
             "content": {"record": "person", "name": "Åsa Öberg", "efternamn": "Öberg", "fornamn": "Åsa"}},
            {"id": "uppdrag/a7 3 Ledamot 2022-10-15",
             "content": {"record": "membership", "person": "person/a7", "organization": "3", "roll": "Ledamot",
                         "from": "2022-10-15", "rostratt": true}},
        ])
    );
    assert_eq!(
        serde_json::to_value(meeting(&changes, "m1")).unwrap(),
        json!({
            "organizations": ["3", "4"], "name": "KS 9 september", "external": "KS 2026/12", "day": "2026-09-09",
            "start": "13:00:00", "end": "15:30:00", "cancelled": false, "plats": "Stora salen", "slag": "sammanträde",
            "participants": [
                {"person": "person/a7", "roll": "Ledamot", "from": "13:00:00", "till": "14:45:00", "absent": false,
                 "jav": "§ 47", "justerare": true, "distans": false},
                {"name": "Bo Ek", "absent": true, "justerare": false, "distans": false},
                {"name": "Eva Ask", "roll": "Ersättare", "tjanstgorande": true, "ersatter": "Bo Ek", "absent": false,
                 "justerare": false, "distans": false},
            ],
        })
    );
    assert!(meeting(&changes, "m2").cancelled);
    assert_eq!(meeting(&changes, "m2").start.unwrap().to_string(), "15:00:00");
    assert!(changes.records.iter().any(|record| record.id == "möte/m3" && record.content.is_none()));
    for id in ["m4", "m5", "m6"] {
        assert_eq!((meeting(&changes, id).end, &meeting(&changes, id).participants), (None, &None), "{id}");
    }
}

#[test]
fn participants_are_asked_for_meeting_by_meeting() {
    let server = Server::start(|asked, _| match asked.path() {
        "/api/moten" => json_of(&json!([
            {"id": "å 1", "start": "2026-09-09T13:00"}, {"id": 2, "start": "2026-09-10T13:00"},
            {"id": 3, "start": "2026-12-24T13:00"}, {"id": 4, "start": "2026-09-11T13:00", "c": true},
            {"id": 5, "start": "2026-09-12T13:00"},
        ])),
        "/api/moten/%C3%A5%201/narvaro" => json_of(&json!(["17", "18"])),
        "/api/moten/2/narvaro" => text(404, ""),
        "/api/moten/5/narvaro" => json_of(&json!([])),
        other => panic!("{other}"),
    });
    let tables = r#"
[diarium.meetings]
path = "/moten"
[diarium.meetings.fields]
id = "/id"
start = "/start"
cancelled = "/c"
[diarium.meetings.participants]
path = "/moten/{id}/narvaro"
[diarium.meetings.participants.fields]
person = ""
"#;
    let changes = Kommun::new(&server, tables).changes(None).unwrap();
    assert_eq!(server.asked().len(), 4, "neither what is to come nor what was cancelled: {:?}", targets(&server));
    let present = meeting(&changes, "å 1").participants.as_ref().unwrap();
    assert_eq!(
        present.iter().map(|one| one.person.as_deref().unwrap()).collect::<Vec<_>>(),
        ["person/17", "person/18"]
    );
    for id in ["2", "3", "4", "5"] {
        assert_eq!(meeting(&changes, id).participants, None, "what is not said is not nobody");
    }
}

#[test]
fn what_cannot_be_read_is_told_and_asked_for_again() {
    let server = Server::start(|_, _| {
        json_of(&json!({"items": [
            {"id": 1, "start": "2026-09-09T13:00"},
            {"id": 2}, {"id": 3, "start": "9 september"}, {"id": 4, "start": "2026-09-09", "c": "Kanske"},
            {"start": "2026-09-09"}, {"id": 5, "start": "2026-09-09", "p": [{"n": "Bo Ek"}, {"x": 1}]},
            {"id": 6, "start": "2026-09-09", "p": [{"n": "Bo Ek", "a": "19121212-1212"}]},
            {"id": 7, "start": "2026-09-09T13:00", "p": [{"n": "Bo Ek", "t": "2026-09-10T14:00"}]},
            {"id": 8, "start": "2026-09-09T13:00", "p": [{"n": "Bo Ek", "t": "14:00"}, {"n": "Bo Ek", "t": "16:00"}]},
        ]}))
    });
    let participants = "[diarium.meetings.participants]\nlist = \"/p\"\n\
        [diarium.meetings.participants.fields]\nname = \"/n\"\nabsent = \"/a\"\ntill = \"/t\"\n";
    let tables = format!("{MEETINGS}{FIELDS}cancelled = \"/c\"\n{participants}");
    let kommun = Kommun::new(&server, &tables);
    let first = kommun.changes(None).unwrap();
    assert_eq!((first.records.len(), first.complete.len()), (1, 0));
    assert_eq!(first.cursor, "1970-01-01T00:00:00Z");
    let told = first.unread.join("\n");
    for expect in [
        "1 möte kunde inte läsas (utan id): id saknas.",
        "1 möte kunde inte läsas (id 2): start säger ingen dag.",
        "1 möte kunde inte läsas (id 3): start är varken datum eller klockslag.",
        "1 möte kunde inte läsas (id 4): cancelled säger ”Kanske”, varken ja eller nej.",
        "1 möte kunde inte läsas (id 5): person saknas hos en närvarande.",
        "1 möte kunde inte läsas (id 6): absent säger ”…”, varken ja eller nej.",
        "1 möte kunde inte läsas (id 7): till är en annan dag än mötets.",
        "1 möte kunde inte läsas (id 8): person står två gånger, med olika uppgifter.",
        "Rätta det i källan, eller [diarium.meetings] i arvode.toml;",
    ] {
        assert!(told.contains(expect), "{expect} is not in:\n{told}");
    }
    assert!(!told.contains("Ek") && !told.contains("1212"), "{told}");
    let later = kommun.changes(Some("2026-11-20T12:00:00Z")).unwrap();
    assert_eq!(later.cursor, "2026-11-20T12:00:00Z", "the cursor stays until all can be read");
}

#[test]
fn a_status_that_nobody_has_written_is_not_presence() {
    let server = Server::start(|_, _| {
        json_of(&json!({"items": [
            {"id": 1, "start": "2026-09-09T13:00", "p": [{"n": "a", "s": "Kallad"}, {"n": "b", "s": "Var där"}]},
            {"id": 2, "start": "2026-09-10T13:00", "p": [{"n": "a", "s": null}, {"n": "b", "s": "Var där"}]},
        ]}))
    });
    let participants = "[diarium.meetings.participants]\nlist = \"/p\"\n\
        [diarium.meetings.participants.fields]\nname = \"/n\"\nabsent = \"/s\"\n\
        [diarium.meetings.participants.words]\nabsent = { \"Var där\" = \"nej\", \"Kallad\" = \"ja\"";
    let told = Kommun::new(&server, &format!("{MEETINGS}{FIELDS}{participants} }}\n")).changes(None).unwrap();
    assert_eq!(told.records.len(), 1);
    assert!(told.unread[0].starts_with("1 möte kunde inte läsas (id 2): absent saknas."), "{:?}", told.unread);
    for word in ["", "*"] {
        let tables = format!("{MEETINGS}{FIELDS}{participants}, \"{word}\" = \"ja\" }}\n");
        let told = Kommun::new(&server, &tables).changes(None).unwrap();
        let present = meeting(&told, "2").participants.as_ref().unwrap();
        assert_eq!(present.iter().map(|one| one.absent).collect::<Vec<_>>(), [true, false]);
    }
}

#[test]
fn a_fault_on_the_last_page_gives_nothing() {
    let server = Server::start(|asked, _| match number(asked, "page") {
        3 => text(500, "x"),
        page => json_of(&json!({"items": meetings(page * 5..page * 5 + 5)})),
    });
    let paging = "tries = 2\n[diarium.paging]\nstyle = \"page\"\nparameter = \"page\"\n";
    let kommun = Kommun::new(&server, &format!("{paging}{MEETINGS}{FIELDS}"));
    assert!(matches!(kommun.changes(None), Err(Fault::Temporary(_))));
}
