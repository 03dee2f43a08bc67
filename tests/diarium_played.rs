//! The server that plays a diarium: what tests and the demo rely on when they ask it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/outside.rs"]
mod outside;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use arvode::adapters::diarium::played::{Guard, Played, Switch, Trick};
use arvode::adapters::http::{Answer, Auth, Http, HttpSettings, Limits, OAuth2};
use arvode::domain::Fault;
use outside::{Still, wait_for};
use serde_json::{Value, json};
use tempfile::TempDir;

/// In every secret of these tests.
const CANARY: &str = "kanariefagel-played";

struct Kommun {
    folder: TempDir,
    played: Played,
}

impl Kommun {
    /// A file for each adapter.
    fn new() -> Kommun {
        let folder = TempDir::new().unwrap();
        let write = |name: &str, content: &str| {
            let path = folder.path().join("diarium").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        let meetings: Vec<Value> = (1..=5)
            .map(|n| json!({"id": format!("m{n}"), "modified": format!("2025-10-0{n}T08:00:00Z"), "deleted": n == 5}))
            .collect();
        write("rest/meetings.json", &Value::Array(meetings).to_string());
        write("svk-mote/2025-10-14.xml", "<möte källa=\"{base}/svk-mote\"/>");
        write("svk-mote/2025-11-11.xml", "<möte/>");
        write("public360/ContactService.GetContacts.json", "{\"Successful\": true}");
        let played = Played::of(&folder.path().join("diarium")).unwrap();
        let secret = folder.path().join("secret");
        fs::write(&secret, CANARY).unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        Kommun { folder, played }
    }

    fn http(&self, auth: Auth) -> Http {
        let limits =
            Limits { request: Duration::from_millis(500), tries: 2, answer_bytes: 1 << 20, ..Limits::default() };
        let (name, url) = ("Diariet".to_owned(), self.played.base().to_owned());
        let settings = HttpSettings { name, url, auth, limits, ..HttpSettings::default() };
        Http::open(&settings, &Still::new(self.folder.path()).outside).unwrap()
    }

    fn asked(&self, path: &str) -> Result<Answer, Fault> {
        let mut http = self.http(Auth::None);
        let url = http.joined("", path)?;
        wait_for(http.get(&url))
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.asked(path).unwrap().body).unwrap()
    }
}

#[test]
fn any_api_in_pages() {
    let kommun = Kommun::new();
    kommun.played.page_size(3);
    let first = kommun.asked("/rest/meetings").unwrap();
    assert_eq!(first.link_next, Some(format!("{}/rest/meetings?page=2", kommun.played.base())));
    let last = kommun.json("/rest/meetings?page=2");
    assert_eq!((last["items"][0]["id"].as_str(), &last["next"]), (Some("m4"), &json!(null)));
    let news = kommun.json("/rest/meetings?modified_since=2025-10-04T00%3A00%3A00%2B00%3A00");
    assert_eq!(news["items"].as_array().unwrap().len(), 2, "changed, and deleted: {news}");
    assert_eq!(kommun.asked("/rest/meetings?modified_since=2025-10-04T00:00:00+00:00").unwrap().status, 400);
    assert_eq!(kommun.asked("/rest/nothing").unwrap().status, 404);
}

#[test]
fn files_behind_links_and_calls_by_name() {
    let kommun = Kommun::new();
    let index = String::from_utf8(kommun.asked("/svk-mote/").unwrap().body).unwrap();
    assert!(index.contains("<a href=\"/svk-mote/2025-10-14.xml\">2025-10-14.xml</a>"), "{index}");
    let file = String::from_utf8(kommun.asked("/svk-mote/2025-10-14.xml").unwrap().body).unwrap();
    assert_eq!(file, format!("<möte källa=\"{}/svk-mote\"/>", kommun.played.base()));
    let mut http = kommun.http(Auth::None);
    let call = format!(
        "{}/public360/Biz/v2/api/call/SI.Data.RPC/SI.Data.RPC/ContactService/GetContacts",
        kommun.played.base()
    );
    let answer = wait_for(http.post_json(&call, &json!({"parameter": {}}))).unwrap();
    assert_eq!(answer.body, b"{\"Successful\":true}");
    let asked = kommun.played.take_requests();
    assert_eq!(
        (asked.len(), asked[2].method.as_str(), asked[2].body.as_slice()),
        (3, "POST", &b"{\"parameter\":{}}"[..])
    );
}

#[test]
fn only_who_shows_the_right_secret_is_let_in() {
    let kommun = Kommun::new();
    let file = || "secret".into();
    let url = format!("{}/rest/meetings", kommun.played.base());
    let status = |auth: Auth| wait_for(kommun.http(auth).get(&url)).map(|answer| answer.status);
    kommun.played.guard(Guard::Header { name: "authorization".to_owned(), value: format!("Bearer {CANARY}") });
    assert_eq!(status(Auth::Bearer { file: file() }), Ok(200));
    let fault = status(Auth::None).unwrap_err();
    assert!(matches!(&fault, Fault::Input(text) if !text.contains(CANARY)), "{fault}");

    kommun.played.guard(Guard::tokens("arvode", CANARY));
    for secret_in_form in [false, true] {
        let mut http = kommun.http(Auth::OAuth2(OAuth2 {
            token_url: format!("{}/token", kommun.played.base()),
            client_id: "arvode".to_owned(),
            file: file(),
            secret_in_form,
            ..OAuth2::default()
        }));
        let mut page = 0;
        let mut status = || {
            page += 1;
            wait_for(http.get(&format!("{url}?page={page}"))).map(|answer| answer.status)
        };
        assert_eq!((status(), status()), (Ok(200), Ok(200)), "one token for both");
        kommun.played.expire_tokens();
        assert_eq!(status(), Ok(200), "a token that is no longer taken is asked for anew");
        let tokens = kommun.played.take_requests().iter().filter(|asked| asked.path() == "/token").count();
        assert_eq!(tokens, 2);
    }
}

#[test]
fn every_fault_of_the_line_can_be_switched_on() {
    let kommun = Kommun::new();
    let tricks = [
        Trick::status(503),
        Trick::Delay(Duration::from_secs(30)),
        Trick::Drip(Duration::from_millis(50)),
        Trick::Truncated,
        Trick::HangUp,
        Trick::Huge(5 << 20),
        Trick::Endless,
        Trick::Redirect("http://127.0.0.2:9/".to_owned()),
    ];
    for trick in tricks {
        kommun.played.switch(Switch::new(trick.clone()).at("/rest"));
        let fault = kommun.asked("/rest/meetings").err().unwrap();
        assert!(matches!(fault, Fault::Temporary(_) | Fault::Refused(_)), "{trick:?}: {fault}");
        assert_eq!(kommun.asked("/svk-mote").unwrap().status, 200, "{trick:?} is for the other path");
        kommun.played.heal();
    }
    kommun.played.take_requests();
    kommun.played.switch(Switch::new(Trick::status(500)).after(1).times(1));
    assert_eq!(kommun.asked("/rest/meetings").unwrap().status, 200);
    assert_eq!(kommun.asked("/rest/meetings").unwrap().status, 200);
    assert_eq!(kommun.played.take_requests().len(), 3);
}

#[test]
fn it_ends_when_it_is_dropped_whatever_it_was_doing() {
    let kommun = Kommun::new();
    kommun.played.switch(Switch::new(Trick::Endless));
    let mut slow = std::net::TcpStream::connect(kommun.played.base().trim_start_matches("http://")).unwrap();
    std::io::Write::write_all(&mut slow, b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let silent = std::net::TcpStream::connect(kommun.played.base().trim_start_matches("http://")).unwrap();
    let (base, began) = (kommun.played.base().to_owned(), Instant::now());
    drop(kommun);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(std::net::TcpStream::connect(base.trim_start_matches("http://")).is_err());
    drop((slow, silent));
}

#[test]
fn a_folder_that_cannot_be_played_says_why() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("oparl")).unwrap();
    fs::write(folder.path().join("oparl/meeting.json"), "[{]").unwrap();
    let wrong = Played::of(folder.path()).err().unwrap().to_string();
    assert!(wrong.starts_with("oparl/meeting.json: key must be a string"), "{wrong}");
    assert!(Played::of(Path::new("nowhere")).is_err());
}
