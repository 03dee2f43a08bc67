//! The outbox as the operator and the kansli meet it: files, print, addresses that are mended, and what comes back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "support/outside.rs"]
mod outside;
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use arvode::adapters::db::Db;
use arvode::adapters::mail::BounceFolder;
use arvode::domain::PersonId;
use arvode::ports::{
    LetterFile, LetterKind, NewLetter, Office, OutboxStore, Receiver, ReturnBox, Store, Written, letter_token,
};
use outside::{NOON_MS, wait_for};
use proptest::prelude::*;
use serde_json::Value;
use support::Kommun;
use support::books::digits;

const TODAY: [&str; 2] = ["--now", "2026-11-23T12:00:00Z"];

const ORGANISATIONSNUMMER: &str = "000000-0000";

/// A kommun whose kansli and operator have addresses, with three persons: Anna has an address, Cia has none, and Vera Skyddsund
/// has skyddade personuppgifter and no address.
fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-10");
    kommun.edit("arvode.toml", |text| {
        text.replace("kansli = \"\"", "kansli = \"kansli@exempel.se\"")
            .replace("operator = \"\"", "operator = \"drift@exempel.se\"")
            .replace("bounce_folder = \"\"", "bounce_folder = \"studs\"")
            .replace("\nkommun = ", "\ndemo = true\nkommun = ")
    });
    fs::create_dir_all(kommun.path("studs/new")).unwrap();
    persons(&kommun, "anna@hem.example", "");
    kommun
}

/// Personer, with the addresses of Anna and Cia.
fn persons(kommun: &Kommun, anna: &str, cia: &str) {
    let table = format!(
        "Personnummer | Efternamn | Förnamn | Anställningsnummer | E-post | Avstånd km | Skyddade personuppgifter\n\
         @1001 | Ek | Anna | 1001 | {anna} | 12 | nej\n\
         @1003 | Åberg | Cia | 1003 | {cia} | 12 | nej\n\
         @1004 | Skyddsund | Vera | 1004 | | 12 | ja"
    );
    kommun.import(&[&kommun.book("personer.xlsx", &[("Personer", &table)])]);
}

fn person(kommun: &Kommun, anstid: &str) -> Receiver {
    let digits = digits(anstid);
    let sql = format!("SELECT person_id FROM fact WHERE kind = 'person' AND body LIKE '%{digits}%' LIMIT 1");
    Receiver::Person(PersonId(kommun.sql(&sql).parse().unwrap()))
}

fn letter(receiver: Receiver, occasion: &str, address: Option<&str>, hello: &str) -> NewLetter {
    NewLetter {
        kind: LetterKind::DeadlineDigest,
        receiver,
        occasion: occasion.to_owned(),
        address: address.map(str::to_owned),
        written: Written {
            subject: "Sista dag 30 november för förlorad arbetsinkomst".to_owned(),
            text: format!("Hej {hello}!\n\nSista dag att yrka är 2026-11-30 (§ 16).\n"),
            html: format!("<!doctype html>\n<html lang=\"sv\"><body><p>Hej {hello}!</p></body></html>\n"),
        },
        files: Vec::new(),
        useless_after_ms: None,
    }
}

/// One letter to each of the three, numbers 1, 2 and 3.
fn three(kommun: &Kommun) {
    let mut to_anna = letter(person(kommun, "1001"), "2026-11", Some("anna@hem.example"), "Anna");
    to_anna.files = vec![LetterFile {
        name: "besked.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        content: vec![1; 9],
    }];
    let to_cia = letter(person(kommun, "1003"), "2026-11", None, "Cia");
    let to_vera = letter(person(kommun, "1004"), "2026-11", None, "Vera Skyddsund");
    put(kommun, &[to_anna, to_cia, to_vera]);
}

fn put(kommun: &Kommun, letters: &[NewLetter]) {
    put_at(kommun, NOON_MS, letters);
}

fn put_at(kommun: &Kommun, at_ms: i64, letters: &[NewLetter]) {
    wait_for(async {
        let mut db = Db::open_file(&kommun.path("arvode.db")).await.unwrap();
        db.begin().await.unwrap();
        for letter in letters {
            assert!(db.add_letter(letter, at_ms).await.unwrap());
        }
        db.commit().await.unwrap();
        db.close().await.unwrap();
    });
}

fn outbox(kommun: &Kommun, arguments: &[&str]) -> support::Ran {
    kommun.run(&[&["outbox"], arguments, &TODAY].concat())
}

/// `2 to_print` for each letter.
fn states(kommun: &Kommun) -> Vec<String> {
    let all = kommun.json(&[&["outbox", "--state", "all"][..], &TODAY].concat());
    let all = all.as_array().unwrap();
    all.iter().map(|letter| format!("{} {}", letter["letter"], letter["state"].as_str().unwrap())).collect()
}

fn remarks(kommun: &Kommun) -> Vec<String> {
    let all = kommun.json(&[&["remarks"][..], &TODAY].concat());
    let ours = all.as_array().unwrap().iter().filter(|remark| remark["place"].to_string().contains("utkorgen"));
    ours.map(|remark| format!("{} {}", remark["anstid"].as_str().unwrap_or("-"), remark["reason"].as_str().unwrap()))
        .collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn letters_become_files_of_their_own_and_those_without_an_address_go_to_the_kansli_for_print() {
    let kommun = kommun();
    three(&kommun);
    outbox(&kommun, &["send"]).exits(0);
    // The list for print is written after the letters have left.
    outbox(&kommun, &["send"]).exits(0);
    assert_eq!(states(&kommun), ["1 sent", "2 printed", "3 to_print", "4 sent"]);
    let files = names(&kommun.path("mail"));
    assert_eq!(files.len(), 2, "{files:?}");
    assert!(files[0].starts_with("000001-deadline_digest-") && files[1].starts_with("000004-print_list-"), "{files:?}");
    assert_eq!((mode(&kommun.path("mail")), mode(&kommun.path("mail").join(&files[0]))), (0o700, 0o600));
    let list = outbox(&kommun, &["show", "4"]).exits(0).out;
    let body = list.split_once("\n\n").unwrap().1;
    assert_eq!(
        body.trim_end(),
        "Ett brev kan inte skickas med e-post: mottagaren har ingen adress.\n\n\
         Gör så här: skriv ut de bifogade filerna och lämna dem till mottagarna så snart du kan. Ett brev kan ha en sista dag \
         som det är bråttom med; den står överst i brevet.\n\n\
         Cia Åberg: Sista dag 30 november för förlorad arbetsinkomst\n  brev-2.html\n\n\
         Skriv in mottagarens e-postadress i Personer, så kommer nästa brev fram av sig självt. Den som vill ha breven på \
         papper behöver ingen adress.\n\n\
         Dessutom väntar 1 brev till personer med skyddade personuppgifter.\n\
         De skickas inte hit. Den som driver programmet skriver ut dem med \"arvode outbox --print\" och lämnar över dem enligt \
         kommunens rutin för skyddade personuppgifter. Säg gärna till att de finns.\n\n--\nExempelkommunen\n\
         Brevet är skrivet av programmet arvode och går inte att svara på.\n\
         Beloppen kommer ur programmets exempelbilaga, inte ur kommunens egen."
    );
    assert!(list.contains("Bilaga: brev-2.html"), "{list}");
    let told = remarks(&kommun);
    assert_eq!(
        told,
        [
            "1003 anställningsnummer 1003 saknar e-postadress",
            "1004 anställningsnummer 1004 saknar e-postadress",
            "- 1 brev till personer med skyddade personuppgifter väntar på utskrift",
        ]
    );
    // Told once.
    outbox(&kommun, &["send"]).exits(0);
    assert_eq!((states(&kommun).len(), remarks(&kommun)), (4, told));
}

#[test]
fn a_letter_to_a_protected_person_is_shown_veiled_and_printed_whole_by_the_operator() {
    let kommun = kommun();
    three(&kommun);
    outbox(&kommun, &["send"]).exits(0);
    for arguments in [&["show", "3"][..], &["show", "3", "--html"], &["show", "3", "--json"], &["--state", "all"]] {
        let ran = outbox(&kommun, arguments);
        assert!(!format!("{}{}", ran.out, ran.err).contains("Skyddsund"), "{arguments:?}: {}", ran.out);
    }
    outbox(&kommun, &["show", "3"]).says(&["skyddade personuppgifter", "--print"]);
    outbox(&kommun, &["show", "3", "--eml"]).exits(4).says(&["cannot be shown veiled"]);
    let folder = kommun.root().join("utskrift");
    let ran = outbox(&kommun, &["--print", folder.to_str().unwrap()]).exits(0);
    assert!(ran.out.starts_with("1 brev att skriva ut ligger i "), "{}", ran.out);
    assert_eq!(names(&folder), ["brev-3.html"]);
    assert_eq!((mode(&folder), mode(&folder.join("brev-3.html"))), (0o700, 0o600));
    assert!(fs::read_to_string(folder.join("brev-3.html")).unwrap().contains("Hej Vera Skyddsund!"));
    assert_eq!(states(&kommun)[2], "3 printed");
    outbox(&kommun, &["--print", folder.to_str().unwrap()]).exits(0);
    outbox(&kommun, &["send"]).exits(0);
    assert!(!remarks(&kommun).iter().any(|told| told.contains("väntar på utskrift")), "{:?}", remarks(&kommun));
}

#[test]
fn where_the_kansli_has_no_address_letters_wait_until_somebody_prints_them_or_gives_an_address() {
    let kommun = kommun();
    kommun.edit("arvode.toml", |text| text.replace("kansli = \"kansli@exempel.se\"", "kansli = \"\""));
    three(&kommun);
    outbox(&kommun, &["send"]).exits(0);
    assert_eq!(states(&kommun), ["1 sent", "2 to_print", "3 to_print"]);
    let held = kommun.json(&[&["remarks", "--state", "held"][..], &TODAY].concat());
    let cia = held.as_array().unwrap().iter().find(|remark| remark["anstid"] == "1003").unwrap();
    assert_eq!(
        cia["proposed"],
        "skriv in rätt e-postadress i Personer, eller skriv ut dem: arvode outbox --print MAPP"
    );
    persons(&kommun, "anna@hem.example", "cia@hem.example");
    let sent = outbox(&kommun, &["send"]).exits(0).out;
    assert_eq!(sent, "Brev: 1 skickade, 1 med ny adress.\n");
    assert_eq!(states(&kommun), ["1 sent", "2 sent", "3 to_print"]);
    assert!(!remarks(&kommun).iter().any(|told| told.starts_with("1003")), "{:?}", remarks(&kommun));
}

/// A report of RFC 3464 about a letter, as a mail server writes it.
fn report(kommun: &Kommun, name: &str, token: &str, action: &str, to: &str) -> PathBuf {
    let status = if action == "failed" { "5.1.1" } else { "4.4.1" };
    let text = format!(
        "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@post.example>\r\nTo: arvode@exempelkommunen.se\r\n\
         Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"gräns\"\r\n\r\n\
         --gräns\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nYour message could not be delivered.\r\n\
         --gräns\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; post.example\r\n\r\n\
         Final-Recipient: rfc822; {to}\r\nAction: {action}\r\nStatus: {status}\r\n\
         Diagnostic-Code: smtp; 550 {status} <{to}>:\r\n    User unknown\r\n\r\n\
         --gräns\r\nContent-Type: text/rfc822-headers\r\n\r\n\
         Subject: Sista dag\r\nMessage-ID: <{token}@exempelkommunen.se>\r\n\r\n--gräns--\r\n"
    )
    .replace("gräns", "grans");
    let path = kommun.path("studs/new").join(name);
    fs::write(&path, text).unwrap();
    path
}

fn token_of_first(kommun: &Kommun) -> String {
    let key = letter(person(kommun, "1001"), "2026-11", None, "").key();
    letter_token(&key, ORGANISATIONSNUMMER)
}

#[test]
fn a_letter_that_comes_back_is_a_remark_until_the_address_is_mended_and_then_goes_by_itself() {
    let kommun = kommun();
    three(&kommun);
    outbox(&kommun, &["send"]).exits(0);
    let token = token_of_first(&kommun);
    report(&kommun, "1.delayed", &token, "delayed", "anna@hem.example");
    outbox(&kommun, &["send"]).exits(0);
    let shown = outbox(&kommun, &["show", "1"]).out;
    assert!(shown.contains("Läge: skickat") && shown.contains("försenat: 4.4.1"), "{shown}");
    report(&kommun, "2.failed", &token, "failed", "Anna@hem.example");
    outbox(&kommun, &["send"]).exits(1);
    assert_eq!(states(&kommun)[0], "1 refused");
    let told =
        "1001 brev 1 till anställningsnummer 1001 kom inte fram: kom tillbaka: 5.1.1 550 5.1.1 <adressen> User unknown";
    assert!(remarks(&kommun).contains(&told.to_owned()), "{:?}", remarks(&kommun));
    assert_eq!(names(&kommun.path("studs/read")), ["1.delayed", "2.failed"]);
    assert_eq!(names(&kommun.path("studs/new")), [""; 0]);
    let alarm = outbox(&kommun, &["show", "5"]).out;
    assert!(alarm.contains("Ett brev kom inte fram") && !alarm.contains("anna@"), "{alarm}");
    outbox(&kommun, &["retry", "1"]).exits(0);
    outbox(&kommun, &["send"]).exits(0);
    report(&kommun, "3.failed", &token, "failed", "anna@hem.example");
    outbox(&kommun, &["send"]).exits(1);
    // A new address: the letter goes, the remark closes, and a late report about the old address says nothing.
    persons(&kommun, "anna.ek@hem.example", "");
    outbox(&kommun, &["send"]).exits(0);
    report(&kommun, "4.failed", &token, "failed", "anna@hem.example");
    outbox(&kommun, &["send"]).exits(0);
    assert_eq!(states(&kommun)[0], "1 sent");
    assert!(!remarks(&kommun).iter().any(|told| told.starts_with("1001")), "{:?}", remarks(&kommun));
    let eml = outbox(&kommun, &["show", "1", "--eml"]).exits(0).out;
    assert!(eml.contains("To: anna.ek@hem.example") && eml.contains(&token), "{eml}");
    outbox(&kommun, &["retry", "1"]).exits(4).says(&["letter 1 is sent"]);
    outbox(&kommun, &["retry", "99"]).exits(2).says(&["no letter 99"]);
}

#[test]
fn what_is_no_report_changes_nothing_and_what_cannot_be_read_is_left_with_a_note() {
    let kommun = kommun();
    three(&kommun);
    outbox(&kommun, &["send"]).exits(0);
    let token = token_of_first(&kommun);
    let reply = format!(
        "From: Anna Ek <anna@hem.example>\r\nReturn-Path: <>\r\nAuto-Submitted: auto-replied\r\nSubject: Semester 550\r\n\
         In-Reply-To: <{token}@exempelkommunen.se>\r\n\r\nJag är tillbaka 5.1.1 2027.\r\n"
    );
    let strange = format!(
        "From: postmaster@gammal.example\r\nSubject: Delivery failure\r\n\r\nCould not deliver: 550 5.2.1 disabled\r\n\r\n\
         > Message-ID: <{token}@exempelkommunen.se>\r\n"
    );
    let new = kommun.path("studs/new");
    fs::write(new.join("1.reply"), reply).unwrap();
    fs::write(new.join("2.garbage"), [0, 159, 146, 150, 0]).unwrap();
    fs::write(new.join("3.huge"), vec![b'a'; 5 << 20]).unwrap();
    let ran = outbox(&kommun, &["send"]).exits(0);
    assert!(ran.out.contains("1 besked från e-postservern lästa, 2 besked som inte gick att läsa"), "{}", ran.out);
    assert_eq!(
        (states(&kommun)[0].as_str(), names(&new)),
        ("1 sent", vec!["2.garbage".to_owned(), "3.huge".to_owned()])
    );
    assert!(remarks(&kommun).iter().any(|told| told.contains("bounce_folder har filer")), "{:?}", remarks(&kommun));
    // A server with words of its own.
    fs::write(new.join("4.strange"), strange).unwrap();
    outbox(&kommun, &["send"]).exits(1);
    assert_eq!(states(&kommun)[0], "1 refused");
    let told = "kom inte fram: kom tillbaka: Could not deliver: 550 5.2.1 disabled";
    assert!(remarks(&kommun).iter().any(|one| one.ends_with(told)), "{:?}", remarks(&kommun));
    fs::remove_file(new.join("2.garbage")).unwrap();
    fs::remove_file(new.join("3.huge")).unwrap();
    outbox(&kommun, &["send"]).exits(0);
    assert!(!remarks(&kommun).iter().any(|told| told.contains("bounce_folder")), "{:?}", remarks(&kommun));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever lies in the folder, the round goes on.
    #[test]
    fn no_file_that_comes_back_ends_the_program(
        noise in proptest::collection::vec(any::<u8>(), 0..200),
        at in 0_usize..900,
        depth in 0_usize..40,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let head = "From: mailer-daemon@a.example\r\nContent-Type: multipart/report; boundary=\"g\"\r\n\r\n";
        let inner = "--g\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.0.0\r\n\r\n--g\r\n\
                     Content-Type: message/rfc822\r\n\r\n".repeat(depth);
        let mut bytes = format!("{head}{inner}Message-ID: <{}@b.example>\r\n", "ab".repeat(20)).into_bytes();
        let at = at.min(bytes.len());
        bytes.splice(at..at, noise);
        fs::write(folder.path().join("a.eml"), bytes).unwrap();
        let mut returns = BounceFolder { folder: Some(folder.path().to_owned()) };
        let (found, unreadable) = returns.returned().unwrap();
        prop_assert_eq!(found.len() + unreadable, 1);
    }
}

#[test]
fn wrong_settings_are_refused_where_they_stand() {
    for (from, to, told) in [
        ("transport = \"folder\"", "transport = \"post\"", "\"folder\""),
        ("transport = \"folder\"", "transport = \"smtp\"", "`host` in [mail.smtp]"),
        ("security = \"starttls\"", "security = \"opportunistic\"", "\"starttls\""),
        ("host = \"\"\n", "host = \"smtp.kommunen.se\"\nsecurity = \"none\"\n", "duplicate key"),
        ("port = 587", "port = 70000", "a port from 1 to 65535"),
        ("timeout_seconds = 60", "timeout_seconds = 0", "from 1 to 120"),
        ("user = \"\"\n", "user = \"arvode\"\n", "both, or neither"),
        ("envelope_from = \"\"", "envelope_from = \"studs\"", "an address such as"),
        ("from_name = \"Exempelkommunens arvoden\"", "from_name = \"A\\r\\nBcc: b@c.se\"", "a name in one line"),
    ] {
        let kommun = kommun();
        kommun.edit("arvode.toml", |text| text.replace(from, to));
        let ran = kommun.run(&["check"]).exits(2);
        let line = kommun.config("arvode.toml").lines().position(|line| to.contains(line) && !line.is_empty());
        assert!(line.is_some() && ran.err.contains(told) && ran.err.contains("arvode.toml:"), "{to}: {}", ran.err);
    }
    let kommun = kommun();
    kommun.edit("arvode.toml", |text| {
        text.replace("host = \"\"", "host = \"smtp.kommunen.se\"")
            .replace("security = \"starttls\"", "security = \"none\"")
    });
    kommun.run(&["check"]).exits(2).says(&["only to this machine itself (127.0.0.1)"]);
}

#[test]
fn check_names_missing_secrets_folders_and_addresses_and_asks_no_server() {
    let kommun = kommun();
    kommun.edit("arvode.toml", |text| {
        text.replace("transport = \"folder\"", "transport = \"smtp\"")
            .replace("host = \"\"", "host = \"127.0.0.1\"")
            .replace("user = \"\"\npassword_file = \"\"", "user = \"arvode\"\npassword_file = \"password\"")
            .replace("ca_file = \"\"", "ca_file = \"ca.pem\"")
            .replace("bounce_folder = \"studs\"", "bounce_folder = \"borta\"")
    });
    let notes = kommun.json(&["check"])["notes"].to_string();
    for told in ["`password_file` names this file", "`ca_file` names this file", "`bounce_folder` cannot be read"] {
        assert!(notes.contains(told), "{told}: {notes}");
    }
    assert!(
        notes.contains("[mail.to] has no address for lonekontor, registrator, allmanna_utskottet, ekonomi:"),
        "{notes}"
    );
}

#[test]
fn a_registerutdrag_lists_the_persons_letters_and_nobody_elses() {
    let kommun = kommun();
    three(&kommun);
    outbox(&kommun, &["send"]).exits(0);
    let utdrag = kommun.json(&[&["disclose", "1001"][..], &TODAY].concat());
    let letters: Vec<&Value> = utdrag["letters"].as_array().unwrap().iter().collect();
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0]["kind"].as_str(), letters[0]["state"].as_str()), (Some("deadline_digest"), Some("sent")));
    let text = kommun.run(&[&["disclose", "1001"][..], &TODAY].concat()).exits(0).out;
    let told = "brev 1 2026-11-23T12:00:00Z: sista dagar, Sista dag 30 november för förlorad arbetsinkomst till anna@hem.example; \
                skickat 2026-11-23T12:00:00Z";
    assert!(text.contains("Brev (1)") && text.contains(told), "{text}");
}

#[test]
fn gallring_takes_what_a_letter_said_and_its_file_and_keeps_that_it_was_written() {
    let kommun = Kommun::new("2015-01");
    kommun.ledamoter(&["1001"]);
    for (day, payout) in [("2015-12-09", "2016-01"), ("2016-02-10", "2016-03")] {
        let head = "Datum | Organ | Start | Slut | Personnummer | Roll";
        let list = format!("{head}\n{day} | KS | 13.00 | 15.00 | @1001 | ledamot");
        kommun.import(&[&kommun.list(&format!("{day}.xlsx"), &list)]);
        kommun.pay(payout);
    }
    kommun.run(&["close", "2016-01", "--because", "bokslut", "--yes"]).exits(0);
    kommun.edit("arvode.toml", |text| text.replace("\ndecision = \"\"", "\ndecision = \"KS 2026/88 § 12\""));
    let (old_ms, new_ms) = (1_433_152_800_000, 1_456_833_600_000);
    let to = person(&kommun, "1001");
    put_at(&kommun, old_ms, &[letter(to.clone(), "2015-06", Some("1001@hem.example"), "Anna")]);
    put_at(&kommun, new_ms, &[letter(to, "2016-03", Some("1001@hem.example"), "Anna")]);
    kommun.run(&["outbox", "send"]).exits(0);
    let ours = || -> Vec<String> {
        names(&kommun.path("mail")).into_iter().filter(|name| name.contains("deadline_digest")).collect()
    };
    let before = ours();
    assert_eq!(before.len(), 2);
    assert_eq!(kommun.json(&["gallra", "--dry-run"])["letters"], 1);
    let gone = kommun.json(&["gallra"]);
    assert_eq!(gone["letters"], 1, "{gone}");
    assert_eq!(ours(), before[1..]);
    let all = kommun.json(&["outbox", "--state", "all"]);
    let digests = all.as_array().unwrap().iter().filter(|letter| letter["kind"] == "deadline_digest");
    let texts: Vec<(bool, bool)> =
        digests.map(|letter| (letter["subject"].as_str().unwrap().is_empty(), letter["address"].is_null())).collect();
    assert_eq!(texts, [(true, true), (false, false)], "{all}");
    assert!(kommun.run(&["disclose", "1001"]).exits(0).out.contains("innehållet är gallrat"));
    assert_eq!(kommun.json(&["gallra"])["letters"], 0);
}

#[test]
fn a_workbook_with_a_personnummer_in_it_never_leaves() {
    let kommun = kommun();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    workbook.add_worksheet().write(0, 0, support::books::written("1001")).unwrap();
    let mut report = letter(Receiver::Office(Office::Kansli), "2026", Some("kansli@exempel.se"), "kansliet");
    report.files = vec![LetterFile {
        name: "uppfoljning.xlsx".to_owned(),
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned(),
        content: workbook.save_to_buffer().unwrap(),
    }];
    put(&kommun, &[report]);
    outbox(&kommun, &["send"]).exits(1);
    let all = kommun.json(&[&["outbox", "--state", "refused"][..], &TODAY].concat());
    assert_eq!(all[0]["answer"], "en bilaga har ett personnummer i sig; brevet skickas inte");
}

#[test]
fn every_letter_of_the_list_is_shown_with_an_exit_code_that_says_whether_to_look() {
    let kommun = kommun();
    outbox(&kommun, &[]).exits(0);
    put(&kommun, &[letter(Receiver::Office(Office::Kansli), "2026-11", Some("kansli@exempel.se"), "kansliet")]);
    let listed = outbox(&kommun, &[]).exits(0).out;
    for word in ["väntar", "sista dagar", "kansli", "Sista dag 30 november"] {
        assert!(listed.contains(word), "{word}: {listed}");
    }
    assert_eq!(outbox(&kommun, &["send"]).exits(0).out, "Brev: 1 skickade.\n");
    assert_eq!(outbox(&kommun, &[]).exits(0).out, "Inga brev. Alla brev: arvode outbox --state all\n");
    kommun.edit("arvode.toml", |text| text.replace("folder = \"mail\"", "folder = \"arvode.db\""));
    put(&kommun, &[letter(Receiver::Office(Office::Kansli), "2026-12", Some("kansli@exempel.se"), "kansliet")]);
    let ran = outbox(&kommun, &["send"]);
    assert!(ran.out.contains("inga fler brev kunde skickas") && ran.code >= 2, "{} {}", ran.code, ran.out);
    outbox(&kommun, &["show", "77"]).exits(2);
}
