//! `[[diarium]]`: the manual's example is read as it stands, what is wrong is told with line and column, and `check` names
//! what is missing before anybody asks a source.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use arvode::adapters::http::{Auth, Limits};
use arvode::adapters::settings::{AdapterKind, DiariumSettings, read};
use arvode::domain::Roll;
use support::Kommun;

/// A kommun whose settings end with this, and how many lines stand before it.
fn kommun(diaria: &str) -> (Kommun, usize) {
    let kommun = Kommun::new("2026-09");
    let lines = kommun.config("arvode.toml").lines().count();
    kommun.edit("arvode.toml", |text| format!("{text}{diaria}\n"));
    (kommun, lines)
}

fn read_all(diaria: &str) -> Vec<DiariumSettings> {
    let (kommun, _) = kommun(diaria);
    read(&kommun.path("config/arvode.toml")).unwrap_or_else(|fault| panic!("{fault}")).settings.diaria
}

/// The one thing that is wrong, as `LINE:COLUMN: …` of the text that was given.
fn wrong_in(diaria: &str) -> String {
    let (kommun, before) = kommun(diaria);
    let fault = read(&kommun.path("config/arvode.toml")).map(|_| ()).unwrap_err().to_string();
    let (_, place) = fault.split_once("arvode.toml:").unwrap_or_else(|| panic!("{fault}"));
    let (line, rest) = place.split_once(':').unwrap();
    format!("{}:{rest}", line.parse::<usize>().unwrap() - before)
}

/// The example of the manual without its hashes: of the ways to show who asks only one, of url and folder only url.
fn example() -> String {
    let manual = include_str!("../config/arvode.toml");
    let from = manual.find("# [[diarium]]").unwrap();
    let is_key = |line: &str| {
        let key = line.split(" = ").next().unwrap_or_default();
        line.contains(" = ") && key.chars().all(|letter| letter.is_ascii_lowercase() || "_0123456789".contains(letter))
    };
    let left_out = ["bearer_file", "basic_", "authkey_file", "oauth2_", "folder"];
    let lines = manual[from..].lines().filter_map(|line| line.strip_prefix("# "));
    let meant = lines.filter(|line| line.starts_with('[') || is_key(line));
    let one_way = meant.filter(|line| !left_out.iter().any(|key| line.starts_with(key)));
    one_way.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_example_of_the_manual_is_read_as_it_stands() {
    let text = example();
    assert!(text.lines().count() > 70, "{text}");
    let all = read_all(&text);
    let source = &all[0];
    assert_eq!((all.len(), source.name.as_str(), source.adapter), (1, "Diariet", AdapterKind::Rest));
    // What the manual shows as values of limits are their defaults.
    assert_eq!(source.http.limits, Limits::default());
    assert!(!source.goes_before_lists && source.vanished_percent == 2 && source.overlap.as_secs() == 24 * 3600);
    assert_eq!(source.organ.get("12").map(String::as_str), Some("KS"));
    assert_eq!(source.roles.get("Suppleant"), Some(&Roll::Ersattare));
    assert!(matches!(&source.http.auth, Auth::ApiKey { header, .. } if header == "X-Api-Key"));
    let rest = source.rest.as_ref().unwrap();
    assert_eq!((rest.lists.len(), rest.lists[3].shape.fields.len()), (4, 12));
    assert_eq!(rest.lists[3].participants.as_ref().unwrap().shape.fields.len(), 13);
}

#[test]
fn nothing_is_fetched_where_nothing_is_set() {
    assert_eq!(read_all(""), []);
}

#[test]
fn several_sources_stand_side_by_side() {
    let two = "[[diarium]]\nname = \"Ett\"\nadapter = \"oparl\"\nurl = \"https://a.example/oparl\"\n\
        oauth2_token_url = \"https://login.example/t\"\noauth2_client_id = \"arvode\"\noauth2_secret_file = \"s\"\n\
        oauth2_secret_in = \"form\"\nprecedence = \"diarium\"\n\
        [[diarium]]\nname = \"Kyrkan\"\nadapter = \"svk-mote\"\nfolder = \"svk\"\n\
        [[diarium]]\nname = \"P360\"\nadapter = \"public360\"\nurl = \"http://127.0.0.1:8080\"\nauthkey_file = \"k\"\n\
        [diarium.public360]\ntitle = \"Protokoll*\"\n";
    let all = read_all(two);
    let names: Vec<&str> = all.iter().map(|source| source.name.as_str()).collect();
    assert_eq!(names, ["Ett", "Kyrkan", "P360"]);
    assert!(all[0].goes_before_lists && matches!(&all[0].http.auth, Auth::OAuth2(auth) if auth.secret_in_form));
    assert_eq!((all[1].folder.as_deref(), all[1].http.url.as_str()), (Some(std::path::Path::new("svk")), ""));
    assert!(matches!(&all[2].http.auth, Auth::ApiKey { prefix, .. } if prefix == "authkey "));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let head = "[[diarium]]\nname = \"W3D3\"\nadapter = \"oparl\"\nurl = \"https://a.example/\"\n";
    let rest = "[[diarium]]\nname = \"W3D3\"\nadapter = \"rest\"\nurl = \"https://a.example/\"\n";
    let meetings = "[diarium.meetings]\npath = \"/m\"\n[diarium.meetings.fields]\nid = \"/id\"\nstart = \"/s\"\n";
    let p360 = "[[diarium]]\nname = \"P360\"\nadapter = \"public360\"\nurl = \"https://a.example/\"\n";
    let cases = [
        ("[[diarium]]\nadapter = \"oparl\"\nurl = \"https://a.example\"\n".to_owned(), "1:1: found no `name`"),
        (
            head.replace("oparl", "w3d3"),
            "3:11: found \"w3d3\" for `adapter`; allowed: \"oparl\", \"svk-mote\", \"public360\", \"rest\"",
        ),
        (head.replace("https", "http"), "4:7: found http without encryption to another machine; allowed: https://…"),
        (head.replace("https://", "https://u:p@"), "4:7: found a user or password in the address"),
        (head.replace("url = ", "# "), "1:1: found no `url`"),
        (head.replace("W3D3", "W3/D3"), "2:8: found \"W3/D3\"; allowed: at most 60 letters"),
        (format!("{head}{}", head.replace("W3D3", "w3 d3")), "6:8: found a second [[diarium]] \"w3 d3\""),
        (format!("{head}bearer_file = \"t\"\nbasic_user = \"u\"\n"), "6:14: found both `bearer_file` and `basic_user`"),
        (format!("{head}basic_user = \"u\"\n"), "1:1: found no `basic_password_file`"),
        (format!("{head}bearer = \"t\"\n"), "5:10: found the unknown key `bearer`"),
        (format!("{head}api_key_file = \"t\"\n"), "1:1: found no `api_key_header`"),
        (
            format!(
                "{head}oauth2_token_url = \"http://b.example\"\noauth2_client_id = \"c\"\noauth2_secret_file = \"s\"\n"
            ),
            "5:20: found http without encryption",
        ),
        (format!("{head}headers = {{ Authorization = \"Bearer x\" }}\n"), "5:11: found a header with credentials"),
        (format!("{head}folder = \"in\"\n"), "5:10: found `folder`; allowed: only with adapter = \"svk-mote\""),
        (format!("{head}certificate_key_file = \"k\"\n"), "5:24: found a key without a certificate"),
        (format!("{head}tries = 0\n"), "5:9: found `0`; allowed: a whole number from 1 to 20"),
        (format!("{head}vanished_percent = 101\n"), "5:20: found `101`; allowed: a whole number from 0 to 100"),
        (
            format!("{head}precedence = \"lista\"\n"),
            "5:14: found \"lista\" for `precedence`; allowed: \"excel\", \"diarium\"",
        ),
        (
            format!("{head}roles = {{ \"X\" = \"chef\" }}\n"),
            "5:17: found \"chef\"; allowed: \"ledamot\" or \"ersattare\"",
        ),
        (
            format!("{head}paging = {{ style = \"page\" }}\n"),
            "5:10: found `paging`; allowed: only with adapter = \"rest\"",
        ),
        (format!("{}{meetings}", rest.replace("example/", "example/?a=b")), "4:7: found an address with a query"),
        (rest.to_owned(), "3:11: found no list to read"),
        (
            format!("{rest}date_format = \"%Q\"\n{meetings}"),
            "5:15: found \"%Q\"; allowed: a format such as \"%Y-%m-%d\"",
        ),
        (format!("{rest}{}", meetings.replace("\"/id\"", "\"id\"")), "found \"id\"; allowed: a JSON Pointer"),
        (format!("{rest}{meetings}ratt = \"/x\"\n"), "10:8: found the unknown key `ratt`"),
        (format!("{rest}[diarium.paging]\nstyle = \"cursor\"\nparameter = \"c\"\n{meetings}"), "found no `next`"),
        (
            format!("{rest}[diarium.since]\nparameter = \"s\"\nvalue = \"x\"\n{meetings}"),
            "7:9: found \"x\"; allowed: a text with {since}",
        ),
        (
            format!("{rest}{meetings}[diarium.meetings.words]\ncancelled = {{ \"X\" = \"kanske\" }}\n"),
            "11:21: found \"kanske\"; allowed: \"ja\" or \"nej\"",
        ),
        (format!("{rest}{meetings}[diarium.meetings.participants]\npath = \"/p\"\n"), "nothing that says who it is"),
        (p360.to_owned(), "3:11: found nothing that says which documents hold attendance"),
        (format!("{p360}[diarium.public360]\narchive = \"2\"\n"), "5:1: found neither `title` nor `category`"),
        (format!("{p360}[diarium.public360]\ntitle = \"\"\n"), "6:9: found an empty text"),
        (
            format!("{p360}[diarium.public360]\ntitle = \"*\"\nformats = [\"xml\", \"pdf\"]\n"),
            "7:11: found [\"xml\", \"pdf\"]; allowed: xml, xlsx, xlsm, csv, xlsb, xls, ods",
        ),
        (
            format!("{head}[diarium.public360]\ntitle = \"*\"\n"),
            "5:1: found `public360`; allowed: only with adapter = \"public360\"",
        ),
    ];
    for (diaria, expect) in cases {
        let found = wrong_in(&diaria);
        assert!(found.contains(expect), "{expect}\nis not what is told:\n{found}\nof\n{diaria}");
        assert!(expect.starts_with("found") || expect.starts_with("nothing") || found.starts_with(expect), "{found}");
    }
}

#[test]
fn check_names_what_is_missing_before_a_source_is_asked() {
    let (kommun, _) = kommun(
        "[[diarium]]\nname = \"W3D3\"\nadapter = \"rest\"\nurl = \"https://a.example/\"\nbearer_file = \"hemligt/token\"\n\
         organ = { \"12\" = \"KS\", \"13\" = \"KX\" }\n\
         [diarium.meetings]\npath = \"/m\"\n[diarium.meetings.fields]\nid = \"/id\"\nstart = \"/s\"\n",
    );
    let said = kommun.run(&["check"]).out;
    assert!(said.contains("hemligt/token: cannot be read") && said.contains("`bearer_file` names this file"), "{said}");
    assert!(
        said.contains("organ \"13\" = \"KX\": regelverk/organ.toml has no organ") && !said.contains("\"12\""),
        "{said}"
    );
    let token = kommun.path("hemligt/token");
    fs::create_dir(token.parent().unwrap()).unwrap();
    fs::write(&token, "kanariefagel\n").unwrap();
    fs::set_permissions(&token, fs::Permissions::from_mode(0o644)).unwrap();
    let said = kommun.run(&["check"]).out;
    assert!(said.contains("token may be read by anybody on this machine (`bearer_file`): chmod 600"), "{said}");
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).unwrap();
    let said = kommun.run(&["check"]).out;
    assert!(!said.contains("token") && !said.contains("kanariefagel"), "{said}");
}
