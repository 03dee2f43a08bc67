//! Whatever a server does, over real sockets: bounded in time, bytes, pages and origin, and no secret in any error.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "support/outside.rs"]
mod outside;
#[path = "support/server.rs"]
mod server;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use arvode::adapters::http::{Answer, Auth, Http, HttpSettings, Limits, OAuth2};
use arvode::domain::Fault;
use outside::{NOON_MS, Still, wait_for};
use serde_json::json;
use server::{Asked, Reply, Server, text, with};
use tempfile::TempDir;

/// In every secret of these tests, and in no error.
const CANARY: &str = "kanariefagel-19121212-1212";

struct Client {
    http: Http,
    still: Still,
    folder: TempDir,
}

impl Client {
    fn new(server: &Server) -> Client {
        Client::with(server, |_| ())
    }

    fn with(server: &Server, change: impl FnOnce(&mut HttpSettings)) -> Client {
        Client::tried(&server.url, change).unwrap()
    }

    fn tried(url: &str, change: impl FnOnce(&mut HttpSettings)) -> Result<Client, Fault> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), format!("{CANARY}\n")).unwrap();
        fs::set_permissions(folder.path().join("secret"), fs::Permissions::from_mode(0o600)).unwrap();
        let limits = Limits { request: Duration::from_secs(5), ..Limits::default() };
        let mut settings =
            HttpSettings { name: "W3D3".to_owned(), url: url.to_owned(), limits, ..HttpSettings::default() };
        settings.auth = Auth::Bearer { file: "secret".into() };
        change(&mut settings);
        let still = Still::new(folder.path());
        let http = Http::open(&settings, &still.outside).inspect_err(|fault| no_secret_in(&fault.to_string()))?;
        no_secret_in(&format!("{http:?}"));
        Ok(Client { http, still, folder })
    }

    fn get(&mut self, path: &str) -> Result<Answer, Fault> {
        let url = self.http.joined("", path)?;
        let answer = wait_for(self.http.get(&url));
        answer.inspect_err(|fault| no_secret_in(&fault.to_string()))
    }
}

fn no_secret_in(text: &str) {
    assert!(!text.contains("kanariefagel") && !text.contains("1212"), "a secret shows: {text}");
}

fn temporary(answer: Result<Answer, Fault>) -> String {
    match answer {
        Err(Fault::Temporary(text)) => text,
        Err(other) => panic!("{other:?}"),
        Ok(answer) => panic!("answered {}", answer.status),
    }
}

fn refused(answer: Result<Answer, Fault>) -> String {
    match answer {
        Err(Fault::Refused(text)) => text,
        Err(other) => panic!("{other:?}"),
        Ok(answer) => panic!("answered {}", answer.status),
    }
}

fn input(answer: Result<Answer, Fault>) -> String {
    match answer {
        Err(Fault::Input(text)) => text,
        Err(other) => panic!("{other:?}"),
        Ok(answer) => panic!("answered {}", answer.status),
    }
}

/// The given replies in turn, the last of them for ever.
fn in_turn(replies: Vec<Reply>) -> Server {
    Server::start(move |_, number| replies[number.min(replies.len() - 1)].clone())
}

fn good() -> Reply {
    text(200, "{\"good\":true}")
}

#[test]
fn an_answer_comes_with_what_its_head_says() {
    let server = in_turn(vec![Reply::Whole {
        status: 200,
        headers: vec![("link".to_owned(), "</p/1>; rel=prev, </p/3?a=b>; rel=\"next\"".to_owned())],
        body: b"{}".to_vec(),
    }]);
    let mut client =
        Client::with(&server, |settings| settings.headers.push(("clientid".to_owned(), "arvode".to_owned())));
    let answer = client.get("/p/2?x=1").unwrap();
    assert_eq!((answer.status, answer.link_next.as_deref()), (200, Some("/p/3?a=b")));
    assert_eq!((answer.url.as_str(), answer.body.as_slice()), (format!("{}/p/2?x=1", server.url).as_str(), &b"{}"[..]));
    let asked = server.asked();
    assert_eq!(asked[0].header("authorization"), Some(format!("Bearer {CANARY}").as_str()));
    assert_eq!(asked[0].header("clientid"), Some("arvode"));
    assert_eq!(asked[0].header("accept-encoding"), None, "compression is off");
}

#[test]
fn what_an_adapter_may_understand_is_an_answer() {
    for status in [400, 404, 410, 422] {
        let server = in_turn(vec![text(status, "{\"code\":802}")]);
        let answer = Client::new(&server).get("/list").unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (status, &b"{\"code\":802}"[..]));
        assert_eq!(server.asked().len(), 1);
    }
}

#[test]
fn retry_after_in_seconds_and_as_a_date_is_obeyed() {
    let server = in_turn(vec![with(429, "retry-after", "7"), good()]);
    let mut client = Client::new(&server);
    client.get("/list").unwrap();
    assert_eq!(client.still.waits(), [7.0]);

    // NOON_MS is a Monday; forty seconds after noon.
    let server = in_turn(vec![with(503, "Retry-After", "Mon, 23 Nov 2026 12:00:40 GMT"), good()]);
    let mut client = Client::new(&server);
    client.get("/list").unwrap();
    assert_eq!(client.still.waits(), [40.0]);
}

#[test]
fn nobody_waits_longer_than_the_limit_for_retry_after() {
    let server = in_turn(vec![with(429, "retry-after", "86400"), good()]);
    let mut client = Client::new(&server);
    let error = temporary(client.get("/list"));
    assert!(error.contains("answered 429 and asks for 86400 s of rest"), "{error}");
    assert_eq!((client.still.waits(), server.asked().len()), (vec![], 1));
}

#[test]
fn sporadic_errors_are_tried_again_with_growing_waits() {
    let server = in_turn(vec![text(500, "x"), text(502, "x"), text(503, "x"), good()]);
    let mut client = Client::new(&server);
    assert_eq!(client.get("/list").unwrap().status, 200);
    assert_eq!(client.still.waits(), [0.5, 1.0, 2.0]);
}

#[test]
fn what_stays_broken_is_temporary_and_told() {
    let server = in_turn(vec![text(500, CANARY)]);
    let error = temporary(Client::new(&server).get("/list?token=kanariefagel"));
    let expect = format!("diarium \"W3D3\": {}/list?…: answered 500, at the last of 5 tries", server.url);
    assert!(error.starts_with(&expect), "{error}");
    assert_eq!(server.asked().len(), 5);
}

#[test]
fn a_server_that_is_not_there_is_temporary() {
    let gone = Server::start(|_, _| good());
    let url = gone.url.clone();
    drop(gone);
    std::thread::sleep(Duration::from_millis(100));
    let mut client = Client::tried(&url, |_| ()).unwrap();
    let error = temporary(client.get("/list"));
    assert!(error.contains("at the last of 5 tries"), "{error}");
}

#[test]
fn drips_silence_and_broken_answers_are_tried_again() {
    let faults = [
        Reply::Drip,
        Reply::Silence,
        Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"half\":".to_vec()),
        Reply::Raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{\"half\":".to_vec()),
        Reply::Raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n".to_vec()),
        Reply::Raw(b"not http at all\r\n\r\n".to_vec()),
        Reply::Raw([&b"HTTP/1.1 200 OK\r\nx: "[..], &[b'a'; 4 << 20], b"\r\n\r\n{}"].concat()),
        Reply::Raw(["HTTP/1.1 200 OK\r\n", &"x: a\r\n".repeat(10_000), "\r\n{}"].concat().into_bytes()),
        Reply::Raw(Vec::new()),
        text(206, "{\"half\":true}"),
    ];
    for fault in faults {
        let server = in_turn(vec![fault.clone(), good()]);
        let mut client = Client::with(&server, |settings| settings.limits.request = Duration::from_millis(400));
        let answer = client.get("/list").unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(answer.body, b"{\"good\":true}");
    }
}

#[test]
fn a_drip_does_not_outlast_its_time() {
    let server = in_turn(vec![Reply::Drip]);
    let mut client = Client::with(&server, |settings| {
        (settings.limits.request, settings.limits.tries) = (Duration::from_millis(300), 2);
    });
    let began = Instant::now();
    let error = temporary(client.get("/list"));
    assert!(error.contains("no whole answer within"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_sync_has_an_end() {
    let server = in_turn(vec![with(429, "retry-after", "50")]);
    let mut client = Client::with(&server, |settings| settings.limits.sync = Duration::from_secs(120));
    let error = temporary(client.get("/list"));
    assert!(error.contains("the sync would take longer than 2 min; `sync_minutes`"), "{error}");
    assert_eq!(client.still.waits(), [50.0, 50.0]);
    client.http.begin();
    assert!(temporary(client.get("/list")).contains("sync_minutes"));
    assert_eq!(client.still.waits().len(), 4);
}

#[test]
fn too_much_is_refused_however_it_comes() {
    const MIB: usize = 1 << 20;
    let large = vec![b' '; 2 * MIB];
    let lying = |length: &str| Reply::Whole {
        status: 200,
        headers: vec![("content-length".to_owned(), length.to_owned())],
        body: b"{}".to_vec(),
    };
    let whole = Reply::Whole { status: 200, headers: vec![], body: large.clone() };
    let without_length = Reply::Raw([&b"HTTP/1.1 200 OK\r\n\r\n"[..], &large].concat());
    for fault in [whole, without_length, lying("99999999999999"), Reply::Endless] {
        let server = in_turn(vec![fault]);
        let mut client = Client::with(&server, |settings| settings.limits.answer_bytes = MIB as u64);
        let error = refused(client.get("/list"));
        assert!(error.contains("one answer is larger than 1 MiB; `answer_mib`"), "{error}");
        assert_eq!(server.asked().len(), 1);
    }
    // A length that promises less than comes: the rest belongs to no answer.
    let server = in_turn(vec![lying("1")]);
    assert_eq!(Client::new(&server).get("/list").unwrap().body, b"{");
}

#[test]
fn all_answers_of_a_sync_have_one_limit() {
    let server = in_turn(vec![text(200, &" ".repeat(600))]);
    let mut client = Client::with(&server, |settings| settings.limits.sync_bytes = 1000);
    client.get("/1").unwrap();
    let error = refused(client.get("/2"));
    assert!(error.contains("`sync_mib`"), "{error}");
    client.http.begin();
    client.get("/2").unwrap();
}

#[test]
fn a_list_that_never_ends_is_refused() {
    let server = in_turn(vec![good()]);
    let mut client = Client::new(&server);
    client.get("/list?page=1").unwrap();
    client.get("/list?page=2").unwrap();
    let error = refused(client.get("/list?page=1#other"));
    assert!(error.contains("the list has no end"), "{error}");
    client.http.begin();
    client.get("/list?page=1").unwrap();

    let mut client = Client::with(&server, |settings| settings.limits.pages = 3);
    for page in 1..=3 {
        client.get(&format!("/list?page={page}")).unwrap();
    }
    let error = refused(client.get("/list?page=4"));
    assert!(error.contains("more than 3 pages"), "{error}");
}

#[test]
fn the_same_question_twice_is_no_progress() {
    let server = in_turn(vec![good()]);
    let mut client = Client::new(&server);
    let url = format!("{}/rpc", server.url);
    wait_for(client.http.post_json(&url, &json!({"Recno": 1}))).unwrap();
    wait_for(client.http.post_json(&url, &json!({"Recno": 2}))).unwrap();
    let error = refused(wait_for(client.http.post_json(&url, &json!({"Recno": 1}))));
    assert!(error.contains("no end"), "{error}");
    let asked = server.asked();
    assert_eq!((asked[0].method.as_str(), asked[0].body.as_str()), ("POST", "{\"Recno\":1}"));
    assert_eq!(asked[0].header("content-type"), Some("application/json"));
}

#[test]
fn another_origin_gets_no_request_and_no_credentials() {
    let other = in_turn(vec![good()]);
    for status in [301, 302, 303, 307, 308] {
        let server = in_turn(vec![with(status, "location", &format!("{}/list", other.url))]);
        let error = refused(Client::new(&server).get("/list"));
        assert!(error.contains(&format!("leads to {}, but only {} is spoken to", other.url, server.url)), "{error}");
    }
    let server = in_turn(vec![good()]);
    let mut client = Client::new(&server);
    let port = server.url.rsplit(':').next().unwrap();
    let links = [
        format!("{}/list", other.url),
        format!("https://127.0.0.1:{port}/list"),
        format!("http://localhost:{port}/list"),
        "//evil.example/list".to_owned(),
        "file:///etc/passwd".to_owned(),
        format!("http://kanariefagel@127.0.0.1:{port}/list"),
    ];
    for link in links {
        let fault = client.http.joined(&server.url, &link).unwrap_err();
        assert!(matches!(fault, Fault::Refused(_)), "{link}: {fault}");
        no_secret_in(&fault.to_string());
        assert!(matches!(wait_for(client.http.get(&link)), Err(Fault::Refused(_))));
    }
    assert_eq!((other.asked().len(), server.asked().len()), (0, 0));
}

#[test]
fn a_redirect_within_the_origin_is_followed_a_few_times() {
    let server = Server::start(|asked, _| match asked.path() {
        "/old" => with(301, "location", "/new?x=1"),
        "/round" => with(302, "location", "/round"),
        "/nowhere" => text(302, ""),
        _ => good(),
    });
    let mut client = Client::new(&server);
    assert_eq!(client.get("/old").unwrap().url, format!("{}/new?x=1", server.url));
    assert!(refused(client.get("/round")).contains("leads on more than 5 times"));
    assert!(refused(client.get("/nowhere")).contains("answered 302 without an address"));
    let posted = wait_for(client.http.post_json(&format!("{}/old", server.url), &json!({})));
    assert!(refused(posted).contains("leads a question on"));
}

#[test]
fn only_https_or_this_machine_is_spoken_to() {
    let cases = [
        ("http://diarium.exempel.se/api", "http without encryption to another machine"),
        ("http://127.0.0.1.exempel.se/", "http without encryption"),
        ("ftp://diarium.exempel.se", "the scheme `ftp`"),
        ("https://kanariefagel:1212@diarium.exempel.se", "a user or password in the address"),
        ("diarium.exempel.se", "not an address"),
        ("", "not an address"),
    ];
    for (url, expect) in cases {
        match Client::tried(url, |_| ()).map(|_| ()) {
            Err(Fault::Input(error)) => assert!(error.contains(expect) && error.contains("`url`"), "{error}"),
            other => panic!("{url}: {other:?}"),
        }
    }
    for url in ["http://localhost:1", "http://[::1]:1/x", "http://127.3.2.1", "https://diarium.exempel.se/api?x"] {
        assert!(Client::tried(url, |_| ()).is_ok(), "{url}");
    }
}

#[test]
fn credentials_that_are_not_accepted_are_a_setting_to_see() {
    for status in [401, 403] {
        let server = in_turn(vec![text(status, CANARY)]);
        let error = input(Client::new(&server).get("/list"));
        assert!(error.contains(&format!("answered {status}")) && error.contains("bearer_file"), "{error}");
        assert_eq!(server.asked().len(), 1, "asking again locks accounts");
    }
}

#[test]
fn basic_and_api_keys_are_sent() {
    let server = in_turn(vec![good()]);
    let mut client = Client::with(&server, |settings| {
        settings.auth = Auth::Basic { user: "arvode".to_owned(), file: "secret".into() };
    });
    client.get("/1").unwrap();
    let mut client = Client::with(&server, |settings| {
        let (header, prefix) = ("Authorization".to_owned(), "authkey ".to_owned());
        settings.auth = Auth::ApiKey { header, prefix, file: "secret".into() };
    });
    client.get("/2").unwrap();
    let asked = server.asked();
    assert_eq!(asked[0].header("authorization"), Some("Basic YXJ2b2RlOmthbmFyaWVmYWdlbC0xOTEyMTIxMi0xMjEy"));
    assert_eq!(asked[1].header("authorization"), Some(format!("authkey {CANARY}").as_str()));
}

#[test]
fn a_compressed_answer_that_nobody_asked_for_is_refused() {
    let server = in_turn(vec![with(200, "content-encoding", "gzip")]);
    assert!(refused(Client::new(&server).get("/list")).contains("compressed"));
}

/// A source whose tokens end after the first `until` requests of each.
fn with_tokens(until: usize, answer: Reply) -> Server {
    Server::start(move |asked: &Asked, number| match asked.path() {
        "/token" if matches!(&answer, Reply::Whole { status: 200, .. }) => {
            let token = format!("token-{number}");
            text(200, &json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600}).to_string())
        }
        "/token" => answer.clone(),
        _ => {
            let given: usize = asked.header("authorization").unwrap().rsplit('-').next().unwrap().parse().unwrap();
            if number - given > until { text(401, "expired") } else { good() }
        }
    })
}

fn oauth2(server: &Server, in_form: bool) -> Client {
    let token_url = format!("{}/token", server.url);
    Client::with(server, |settings| {
        settings.auth = Auth::OAuth2(OAuth2 {
            token_url,
            client_id: "arvode kommun".to_owned(),
            file: "secret".into(),
            scope: Some("moten.lasa".to_owned()),
            secret_in_form: in_form,
        });
    })
}

fn paths(server: &Server) -> Vec<String> {
    server.asked().iter().map(|asked| asked.path().to_owned()).collect()
}

#[test]
fn a_token_is_asked_for_once_and_again_shortly_before_it_ends() {
    let server = with_tokens(9, good());
    let mut client = oauth2(&server, false);
    client.get("/1").unwrap();
    client.get("/2").unwrap();
    assert_eq!(paths(&server), ["/token", "/1", "/2"]);
    client.still.now_ms.set(NOON_MS + 3_539_000);
    client.get("/3").unwrap();
    client.still.now_ms.set(NOON_MS + 3_541_000);
    client.get("/4").unwrap();
    assert_eq!(paths(&server), ["/token", "/1", "/2", "/3", "/token", "/4"]);
    let asked = server.asked();
    assert_eq!(asked[0].body, "grant_type=client_credentials&scope=moten.lasa");
    assert!(asked[0].header("authorization").unwrap().starts_with("Basic YXJ2b2RlK2tvbW11bjpr"), "{asked:?}");
    assert_eq!(asked[1].header("authorization"), Some("Bearer token-0"));
}

#[test]
fn the_secret_goes_into_the_form_where_the_settings_say_so() {
    let server = with_tokens(9, good());
    oauth2(&server, true).get("/1").unwrap();
    let asked = &server.asked()[0];
    let expect =
        format!("grant_type=client_credentials&scope=moten.lasa&client_id=arvode+kommun&client_secret={CANARY}");
    assert_eq!((asked.body.as_str(), asked.header("authorization")), (expect.as_str(), None));
}

#[test]
fn a_token_that_ended_early_is_refreshed_once() {
    let server = with_tokens(1, good());
    let mut client = oauth2(&server, false);
    client.get("/1").unwrap();
    client.get("/2").unwrap();
    assert_eq!(paths(&server), ["/token", "/1", "/2", "/token", "/2"]);
    assert_eq!(client.still.waits(), [] as [f32; 0]);
    // Tokens that never hold are no reason to ask for ever.
    let server = with_tokens(0, good());
    let error = input(oauth2(&server, false).get("/1"));
    assert!(error.contains("answered 401"), "{error}");
    assert_eq!(paths(&server), ["/token", "/1", "/token", "/1"]);
}

#[test]
fn a_token_that_is_not_given_is_told_without_the_answer() {
    let refusal = json!({"error": "invalid_client", "error_description": CANARY}).to_string();
    let server = with_tokens(1, text(400, &refusal));
    let error = input(oauth2(&server, false).get("/1"));
    assert!(error.contains("/token answered 400 (invalid_client); see `oauth2_client_id`"), "{error}");
    let server = with_tokens(1, text(401, &refusal));
    let error = input(oauth2(&server, false).get("/1"));
    assert!(error.contains("/token answered 401 (invalid_client)"), "{error}");
    assert_eq!(server.asked().len(), 1);
    let other = in_turn(vec![good()]);
    let server = with_tokens(1, with(307, "location", &format!("{}/token", other.url)));
    assert!(input(oauth2(&server, false).get("/1")).contains("answered 307"));
    assert_eq!(other.asked().len(), 0);
    let server = with_tokens(1, text(503, ""));
    let error = temporary(oauth2(&server, false).get("/1"));
    assert!(error.contains("/token: answered 503, at the last of 5 tries"), "{error}");
}

#[test]
fn a_secret_file_that_cannot_be_used_is_named() {
    let server = in_turn(vec![good()]);
    let file = |content: &str| {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();
        file
    };
    let (empty, lines) = (file("\n"), file(&format!("{CANARY}\n{CANARY}\n")));
    let writable = file(CANARY);
    fs::set_permissions(writable.path(), fs::Permissions::from_mode(0o666)).unwrap();
    let cases: [(PathBuf, &str); 5] = [
        ("missing".into(), "cannot be read"),
        (".".into(), "is not a plain file"),
        (empty.path().into(), "one line: the secret alone"),
        (lines.path().into(), "one line: the secret alone"),
        (writable.path().into(), "may be changed by anybody"),
    ];
    for (path, expect) in cases {
        let opened = Client::tried(&server.url, |settings| settings.auth = Auth::Bearer { file: path.clone() });
        let error = opened.map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(expect) && error.contains("`bearer_file`") && error.contains("W3D3"), "{error}");
    }
}

#[test]
fn a_name_without_a_folder_is_first_looked_for_where_the_service_manager_keeps_secrets() {
    let server = in_turn(vec![good()]);
    let given = tempfile::tempdir().unwrap();
    fs::write(given.path().join("token"), "from-the-manager").unwrap();
    let client = Client::new(&server);
    let mut outside = client.still.outside.clone();
    outside.secrets.credentials = Some(given.path().to_owned());
    for (file, expect) in [("token", "Bearer from-the-manager"), ("secret", &format!("Bearer {CANARY}"))] {
        let auth = Auth::Bearer { file: file.into() };
        let settings = HttpSettings { url: server.url.clone(), auth, ..HttpSettings::default() };
        let mut http = Http::open(&settings, &outside).unwrap();
        wait_for(http.get(&server.url)).unwrap();
        assert_eq!(server.asked().last().unwrap().header("authorization"), Some(expect));
    }
    assert!(client.folder.path().exists());
}

#[test]
fn no_proxy_is_taken_from_the_environment() {
    // The library reads these when a client is made; here it must not.
    let proxy = in_turn(vec![good()]);
    let server = in_turn(vec![good()]);
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "asks_once", "--ignored"])
        .envs([("http_proxy", &proxy.url), ("HTTP_PROXY", &proxy.url), ("ALL_PROXY", &proxy.url)])
        .env("ASKED_SERVER", &server.url)
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!((proxy.asked().len(), server.asked().len()), (0, 1));
}

#[test]
#[ignore = "the other half of the test above, run by it with an environment of its own"]
fn asks_once() {
    let Ok(url) = std::env::var("ASKED_SERVER") else { return };
    let mut client = Client::tried(&url, |_| ()).unwrap();
    client.get("/").unwrap();
}
