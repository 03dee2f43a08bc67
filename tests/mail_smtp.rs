//! Letters and a real mail server: nothing is lost and nothing comes twice under two Message-IDs, whatever the server does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod mail;
#[path = "support/outside.rs"]
mod outside;
mod support;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::rc::Rc;
use std::time::{Duration, Instant};

use arvode::adapters::db::Db;
use arvode::adapters::mail::{BounceFolder, Sender, SmtpPost};
use arvode::adapters::press::Printer;
use arvode::adapters::secret::SecretFolders;
use arvode::adapters::settings::{Security, SmtpSettings};
use arvode::domain::{PersonId, State};
use arvode::jobs::letters::Desk;
use arvode::jobs::send_outbox::{Outcome, TRIES_AT_MOST, Work, pause_ms, send_outbox};
use arvode::ports::{
    Addresses, LetterFile, LetterKind, LetterState, NewLetter, Office, OutboxStore, Receiver, Store, StoredLetter,
    Written,
};
use mail::{Authority, Server, Shown};
use outside::{Moved, NOON_MS, wait_for};
use serde_json::json;
use tempfile::TempDir;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// A kommun that has an outbox, a clock and a mail server, and no more.
struct World {
    folder: TempDir,
    authority: Authority,
    server: Server,
    security: Security,
    now_ms: Rc<Cell<i64>>,
    addresses: Addresses,
}

impl World {
    fn new() -> World {
        World::with("starttls", Security::StartTls, Shown::Right)
    }

    fn with(mode: &str, security: Security, shown: Shown) -> World {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new(folder.path());
        let server = Server::start(&authority, mode, shown);
        fs::write(folder.path().join("password"), "hemligt\n").unwrap();
        let mut addresses = Addresses::default();
        for office in Office::ALL {
            addresses.offices.insert(office, format!("{}@kommunen.example", office.name()));
        }
        World { folder, authority, server, security, now_ms: Rc::new(Cell::new(NOON_MS)), addresses }
    }

    /// Another server in the place of the first.
    fn server_becomes(&mut self, mode: &str, shown: Shown) {
        self.server = Server::start(&self.authority, mode, shown);
    }

    fn later(&self, ms: i64) {
        self.now_ms.set(self.now_ms.get() + ms);
    }

    fn db(&self) -> std::path::PathBuf {
        self.folder.path().join("arvode.db")
    }

    /// Something done with the open database.
    fn open<T>(&self, does: impl AsyncFnOnce(&mut Db) -> T) -> T {
        wait_for(async {
            let mut db = Db::open_file(&self.db()).await.unwrap();
            let done = does(&mut db).await;
            db.close().await.unwrap();
            done
        })
    }

    fn write(&self, letters: &[NewLetter]) {
        self.open(async |db| put(db, letters, self.now_ms.get()).await);
    }

    fn settings(&self) -> SmtpSettings {
        SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: self.server.port,
            security: self.security,
            login: (self.security != Security::None).then(|| ("arvode".to_owned(), "password".into())),
            ca_file: Some("ca.pem".into()),
            step: Duration::from_secs(1),
            envelope_from: Some("studs@kommunen.example".to_owned()),
        }
    }

    /// One round.
    fn round(&self) -> Outcome {
        self.round_with(self.settings())
    }

    fn round_with(&self, settings: SmtpSettings) -> Outcome {
        let sender = Sender {
            address: "arvode@kommunen.example".to_owned(),
            name: "Åmåls arvoden".to_owned(),
            organisationsnummer: "212000-0000".to_owned(),
        };
        let secrets = SecretFolders { data: self.folder.path().to_owned(), credentials: None };
        let press = Printer::default();
        let desk = Desk { press: &press, addresses: &self.addresses, kommun: "Åmål", is_example: false };
        self.open(async |db| {
            let mut post = SmtpPost::new(settings, sender, secrets);
            let mut returns = BounceFolder::default();
            let work = Work {
                desk: &desk,
                post: Some(&mut post),
                returns: &mut returns,
                organisationsnummer: "212000-0000",
                at_once: false,
            };
            send_outbox(db, &Moved(Rc::clone(&self.now_ms)), work).await.unwrap()
        })
    }

    fn letters(&self) -> Vec<StoredLetter> {
        self.open(async |db| db.letters(&LetterState::ALL).await.unwrap())
    }

    fn states(&self) -> Vec<LetterState> {
        self.letters().iter().map(|letter| letter.progress.state).collect()
    }

    /// Open remarks: state and what they say.
    fn remarks(&self) -> Vec<(State, String)> {
        let all = self.open(async |db| db.remarks(None).await.unwrap());
        let open = all.into_iter().filter(|stored| stored.remark.state != State::Closed);
        open.map(|stored| (stored.remark.state, stored.remark.reason)).collect()
    }

    fn alarms(&self) -> Vec<String> {
        let alarms = self.letters().into_iter().filter(|letter| letter.letter.kind == LetterKind::OperatorAlarm);
        alarms.map(|letter| letter.letter.written.subject).collect()
    }
}

async fn put(db: &mut Db, letters: &[NewLetter], at_ms: i64) {
    db.begin().await.unwrap();
    for letter in letters {
        assert!(db.add_letter(letter, at_ms).await.unwrap());
    }
    db.commit().await.unwrap();
}

/// A letter with words that no seven bits hold, and a line that no server takes as it is.
fn letter(kind: LetterKind, office: Office, occasion: &str) -> NewLetter {
    let long = "kommunfullmäktiges beslut ".repeat(60);
    NewLetter {
        kind,
        receiver: Receiver::Office(office),
        occasion: occasion.to_owned(),
        address: Some(format!("{}@kommunen.example", office.name())),
        written: Written {
            subject: format!(
                "Åtta ärenden att se över före {occasion}, och några till som gör ämnesraden lång: {}",
                kind.name()
            ),
            text: format!("Hej!\n\n{long}\n.\n.. punkter\nFrom här\n1 234,50 kr\u{a0}– §\u{a0}16\n"),
            html: format!("<!doctype html>\n<html lang=\"sv\"><body><p>Hej!</p><p>{long}</p></body></html>\n"),
        },
        files: Vec::new(),
        useless_after_ms: None,
    }
}

/// One letter to each of the first offices.
fn some(count: usize) -> Vec<NewLetter> {
    Office::ALL.iter().take(count).map(|office| letter(LetterKind::MonthlyLetter, *office, "2026-11")).collect()
}

#[test]
fn every_kind_of_letter_arrives_once_and_is_read_as_it_was_written() {
    let world = World::new();
    let pdf = LetterFile {
        name: "uppfoljning-2026.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        content: (0..=255).cycle().take(5000).collect(),
    };
    let mut letters: Vec<NewLetter> = Vec::new();
    for (place, kind) in LetterKind::ALL.into_iter().enumerate() {
        let mut letter = letter(kind, Office::ALL[place % Office::ALL.len()], "2026");
        letter.files = if place % 2 == 0 { vec![pdf.clone()] } else { Vec::new() };
        letters.push(letter);
    }
    world.write(&letters);
    let outcome = world.round();
    assert_eq!((outcome.sent, outcome.told().as_str()), (19, "19 skickade"));
    world.later(DAY_MS);
    assert_eq!(world.round().told(), "inget att skicka");
    let arrived = world.server.arrived();
    assert_eq!(arrived.len(), 19);
    assert_eq!(world.server.asked("AUTH"), 1, "one connection carries all of a round");
    let ids: BTreeSet<String> = world.server.message_ids().into_iter().collect();
    assert_eq!(ids.len(), 19);
    for (written, arrived) in letters.iter().zip(&arrived) {
        assert_eq!(arrived.header("Subject"), written.written.subject);
        assert_eq!(arrived.header("From"), "Åmåls arvoden <arvode@kommunen.example>");
        assert_eq!(arrived.header("To"), *written.address.as_ref().unwrap());
        assert_eq!(arrived.header("Date"), "Mon, 23 Nov 2026 12:00:00 +0000");
        assert_eq!(arrived.header("Content-Language"), "sv");
        assert_eq!(arrived.header("Auto-Submitted"), "auto-generated");
        assert_eq!(arrived.header("MIME-Version"), "1.0");
        assert!(arrived.header("Message-ID").ends_with("@kommunen.example>"));
        assert_eq!(arrived.0["envelope"]["from"], "studs@kommunen.example");
        assert_eq!(arrived.0["envelope"]["tls"], true);
        assert_eq!(arrived.0["defects"], json!([]));
        assert_eq!(arrived.0["is_ascii"], true, "a server without 8BITMIME takes it too");
        assert!(arrived.0["longest_line"].as_u64().unwrap() <= 100, "{}", arrived.0["longest_line"]);
        let (text, html) = (&written.written.text, &written.written.html);
        assert_eq!(arrived.text(0).trim_end(), text.trim_end());
        assert_eq!(arrived.text(1).trim_end(), html.trim_end());
        let types: Vec<&str> = arrived.parts().iter().map(|part| part["type"].as_str().unwrap()).collect();
        match written.files.as_slice() {
            [] => {
                assert_eq!(arrived.0["shape"], json!(["multipart/alternative", "text/plain", "text/html"]));
            }
            _ => {
                assert_eq!(types, ["text/plain", "text/html", "application/pdf"]);
                let file = &arrived.parts()[2];
                assert_eq!(file["name"], "uppfoljning-2026.pdf");
                let sha256 = <sha2::Sha256 as sha2::Digest>::digest(&pdf.content);
                assert_eq!(file["sha256"], sha256.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
            }
        }
    }
}

#[test]
fn a_server_that_greylists_gets_each_letter_when_its_time_has_come() {
    let world = World::new();
    world.server.switch(&json!({ "greylist": true }));
    let letters = some(6);
    world.write(&letters);
    assert_eq!(world.round().told(), "6 prövas igen");
    for stored in world.letters() {
        let progress = &stored.progress;
        let expected = NOON_MS + pause_ms(1, &stored.letter.key());
        assert_eq!((progress.state, progress.tries, progress.next_try_ms), (LetterState::Waiting, 1, expected));
        assert_eq!(progress.answer, "451 4.7.1 Greylisted, try again later");
    }
    world.later(3 * MINUTE_MS);
    assert_eq!(world.round().told(), "inget att skicka", "not before its time");
    world.later(4 * MINUTE_MS);
    assert_eq!(world.round().told(), "6 skickade");
    assert_eq!(world.server.message_ids().len(), 6);
    assert_eq!(world.remarks(), [], "nobody needs to know");
}

#[test]
fn a_connection_that_breaks_before_the_last_dot_loses_nothing() {
    let world = World::new();
    world.server.switch(&json!({ "drop": "before" }));
    world.write(&some(6));
    let mut sent = 0;
    for _ in 0..8 {
        sent += world.round().sent;
        world.later(15 * MINUTE_MS);
    }
    let ids = world.server.message_ids();
    assert_eq!((sent, ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (6, 6, 6));
}

#[test]
fn a_connection_that_breaks_after_the_last_dot_gives_one_duplicate_of_the_same_message_id() {
    let world = World::new();
    world.server.switch(&json!({ "drop": "after" }));
    world.write(&some(6));
    let mut sent = 0;
    for _ in 0..8 {
        sent += world.round().sent;
        world.later(15 * MINUTE_MS);
    }
    let arrived = world.server.arrived();
    let ids = world.server.message_ids();
    assert_eq!((sent, ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (6, 12, 6));
    let bytes: BTreeSet<String> = arrived.iter().map(|one| one.0["sha256"].to_string()).collect();
    assert_eq!(bytes.len(), 6, "what comes twice is the same letter, byte for byte");
}

#[test]
fn a_server_that_is_silent_is_left_alone_after_three_letters() {
    let world = World::new();
    world.server.switch(&json!({ "slow_rcpt": 5 }));
    world.write(&some(5));
    let begun = Instant::now();
    let outcome = world.round();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!((outcome.later, outcome.stopped.is_some()), (3, true));
    world.server.heals();
    world.later(15 * MINUTE_MS);
    assert_eq!(world.round().told(), "5 skickade");
    assert_eq!(world.server.message_ids().len(), 5);
}

#[test]
fn a_full_mailbox_and_an_unknown_receiver_stop_no_other_letter_and_the_operator_is_told_once() {
    let world = World::new();
    world.server.switch(&json!({
        "rcpt": {
            "lonekontor@kommunen.example": "550 5.1.1 <lonekontor@kommunen.example>: Recipient address rejected: unknown",
        },
        "data": { "ekonomi@kommunen.example": "552 5.2.2 Mailbox full" },
    }));
    world.write(&some(6));
    let outcome = world.round();
    assert_eq!((outcome.sent, outcome.failed.len()), (4, 2));
    let refused: Vec<String> = world
        .letters()
        .into_iter()
        .filter(|letter| letter.progress.state == LetterState::Refused)
        .map(|letter| letter.progress.answer)
        .collect();
    assert_eq!(refused, ["550 5.1.1 <adressen> Recipient address rejected: unknown", "552 5.2.2 Mailbox full"]);
    let held: Vec<String> = world.remarks().into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(
        held,
        [
            "brev 2 till lönekontoret kom inte fram: 550 5.1.1 <adressen> Recipient address rejected: unknown",
            "brev 5 till ekonomi kom inte fram: 552 5.2.2 Mailbox full",
        ]
    );
    assert_eq!(world.alarms(), ["Larm: 2 brev kom inte fram"]);
    world.later(DAY_MS);
    assert_eq!(world.round().told(), "1 skickade", "the alarm itself");
    assert_eq!(world.alarms().len(), 1);
    assert_eq!(world.server.asked("MAIL"), 7, "what is refused is not tried again");
}

#[test]
fn an_alarm_that_is_refused_gives_no_alarm() {
    let world = World::new();
    world.server.switch(&json!({ "rcpt": { "operator@kommunen.example": "550 5.1.1 unknown" } }));
    world.write(&[letter(LetterKind::OperatorAlarm, Office::Operator, "disken")]);
    assert_eq!(world.round().failed, [1]);
    assert_eq!(world.round().told(), "inget att skicka");
    assert_eq!((world.letters().len(), world.remarks().len()), (1, 1));
}

/// Nothing can be sent: letters wait with all their tries, a person is told once, and all arrive when it is mended.
fn nothing_is_sent(mut world: World, told: &str, mend: impl FnOnce(&mut World)) {
    world.write(&some(4));
    let outcome = world.round();
    let stopped = outcome.stopped.unwrap();
    assert!(stopped.why.contains(told) && stopped.must_be_mended, "{stopped:?}");
    assert_eq!(world.server.arrived().len(), 0);
    assert_eq!(world.server.asked("MAIL"), 0, "nothing is said of any letter");
    world.later(MINUTE_MS);
    assert_eq!(world.round().stopped.map(|stopped| stopped.must_be_mended), Some(true), "the alarm is tried");
    for _ in 0..3 {
        world.later(MINUTE_MS);
        assert_eq!(world.round().told(), "inget att skicka", "a server that must be mended is not asked every minute");
    }
    let remarks = world.remarks();
    let [(State::Held, reason)] = remarks.as_slice() else { panic!("{remarks:?}") };
    assert!(reason.starts_with("inga brev kan skickas sedan 2026-11-23 kl. 13.00: "), "{reason}");
    assert!(world.letters().iter().all(|letter| letter.progress.tries == 0));
    assert_eq!(world.alarms(), ["Larm: Inga brev har kunnat skickas"]);
    // Six days: longer than a letter is tried.
    world.later(6 * DAY_MS);
    mend(&mut world);
    assert_eq!(world.round().told(), "5 skickade");
    assert_eq!(world.remarks(), []);
    assert_eq!(world.server.message_ids().into_iter().collect::<BTreeSet<_>>().len(), 5);
}

#[test]
fn an_expired_certificate_gets_no_letter_and_no_letter_loses_its_days() {
    let world = World::with("starttls", Security::StartTls, Shown::Expired);
    nothing_is_sent(world, "certificate expired", |world| world.server_becomes("starttls", Shown::Right));
}

#[test]
fn a_certificate_of_another_host_gets_no_letter() {
    let world = World::with("starttls", Security::StartTls, Shown::OtherHost);
    nothing_is_sent(world, "not valid for name", |world| world.server_becomes("starttls", Shown::Right));
}

#[test]
fn a_server_that_offers_no_starttls_gets_no_word_of_any_letter() {
    let world = World::with("plain", Security::StartTls, Shown::Right);
    nothing_is_sent(world, "STARTTLS", |world| world.server_becomes("starttls", Shown::Right));
}

#[test]
fn a_refused_password_is_told_without_the_password() {
    let world = World::new();
    world.server.switch(&json!({ "password": "ett annat" }));
    nothing_is_sent(world, "inloggningen: 535", |world| {
        let everything = format!("{:?} {:?}", world.remarks(), world.letters());
        assert!(!everything.contains("hemligt"));
        world.server.heals();
    });
}

#[test]
fn tls_from_the_first_byte_carries_letters_too_and_finds_a_wrong_certificate() {
    let world = World::with("tls", Security::Tls, Shown::Right);
    world.write(&some(2));
    assert_eq!(world.round().told(), "2 skickade");
    let world = World::with("tls", Security::Tls, Shown::Expired);
    nothing_is_sent(world, "certificate expired", |world| world.server_becomes("tls", Shown::Right));
}

#[test]
fn a_server_that_does_not_answer_is_told_to_a_person_after_an_hour() {
    let mut world = World::new();
    world.write(&some(3));
    let mut away = world.settings();
    away.port = 1;
    let stopped = world.round_with(away.clone()).stopped.unwrap();
    assert!(!stopped.must_be_mended, "{stopped:?}");
    assert_eq!(world.remarks().iter().map(|(state, _)| *state).collect::<Vec<_>>(), [State::Noted]);
    assert_eq!(world.alarms().len(), 0);
    for _ in 0..20 {
        world.later(4 * MINUTE_MS);
        world.round_with(away.clone());
    }
    assert_eq!(world.remarks().iter().map(|(state, _)| *state).collect::<Vec<_>>(), [State::Held]);
    assert_eq!(world.alarms().len(), 1);
    world.later(6 * DAY_MS);
    world.server_becomes("starttls", Shown::Right);
    assert_eq!((world.round().told().as_str(), world.remarks().len()), ("4 skickade", 0));
}

#[test]
fn a_letter_that_is_never_taken_is_given_up_after_five_days_and_said_so() {
    let world = World::new();
    world.server.switch(&json!({ "rcpt": { "ekonomi@kommunen.example": "450 4.2.0 busy" } }));
    world.write(&[letter(LetterKind::AccrualList, Office::Ekonomi, "2026")]);
    let mut tries = 0;
    while world.states()[0] == LetterState::Waiting {
        let next = world.letters()[0].progress.next_try_ms;
        world.now_ms.set(next.max(world.now_ms.get()));
        world.round();
        tries += 1;
        assert!(tries <= 100);
    }
    assert_eq!((tries, world.states()[0]), (TRIES_AT_MOST, LetterState::GivenUp));
    let days = (world.now_ms.get() - NOON_MS) as f64 / DAY_MS as f64;
    assert!((4.6..5.4).contains(&days), "{days}");
    assert_eq!(world.alarms(), ["Larm: Ett brev kom inte fram"]);
    assert_eq!(world.remarks().len(), 1);
}

#[test]
fn a_letter_whose_time_has_passed_is_never_sent() {
    let world = World::new();
    let mut late = letter(LetterKind::AttestReminder, Office::Kansli, "2026-11-20");
    late.useless_after_ms = Some(NOON_MS - 1);
    let to_print = NewLetter { receiver: Receiver::Person(PersonId(7)), address: None, ..late.clone() };
    world.write(&[late, to_print]);
    assert_eq!(world.round().told(), "2 för sena och inte skickade");
    assert_eq!((world.server.arrived().len(), world.states()), (0, vec![LetterState::Useless; 2]));
}

#[test]
fn a_letter_with_a_personnummer_never_leaves() {
    let world = World::new();
    let mut letters = some(3);
    letters[0].written.subject += " 19800101-9804";
    letters[1].written.html = letters[1].written.html.replace("Hej!", "800101-9804");
    letters[2].files = vec![LetterFile {
        name: "lista.csv".to_owned(),
        media_type: "text/csv".to_owned(),
        content: b"anst;nummer\r\n1001;198001019804\r\n".to_vec(),
    }];
    world.write(&letters);
    let outcome = world.round();
    assert_eq!((outcome.sent, outcome.failed.len(), world.server.arrived().len()), (0, 3, 0));
    assert!(world.letters()[..3].iter().all(|letter| letter.progress.state == LetterState::Refused));
    assert_eq!(world.alarms(), ["Larm: 3 brev kom inte fram"]);
}

/// The program itself, killed while the server has the letter and has not answered.
#[test]
fn a_program_that_is_killed_while_it_sends_gives_one_duplicate_at_most_and_loses_nothing() {
    let kommun = support::Kommun::new("2026-10");
    let authority = Authority::new(&kommun.data());
    let server = Server::start(&authority, "starttls", Shown::Right);
    fs::write(kommun.path("password"), "hemligt\n").unwrap();
    kommun.edit("arvode.toml", |text| {
        text.replace("transport = \"folder\"", "transport = \"smtp\"")
            .replace("host = \"\"", "host = \"127.0.0.1\"")
            .replace("port = 587", &format!("port = {}", server.port))
            .replace("user = \"\"\npassword_file = \"\"", "user = \"arvode\"\npassword_file = \"password\"")
            .replace("ca_file = \"\"", "ca_file = \"ca.pem\"")
            .replace("kansli = \"\"", "kansli = \"kansli@kommunen.example\"")
            .replace("lonekontor = \"\"", "lonekontor = \"lonekontor@kommunen.example\"")
            .replace("registrator = \"\"", "registrator = \"registrator@kommunen.example\"")
            .replace("\nkommun = ", "\ndemo = true\nkommun = ")
    });
    let db = kommun.path("arvode.db");
    write_to(&db, &some(3));
    server.switch(&json!({ "slow_data": 60 }));
    let at = |minutes: i64| arvode::calendar::instant_text(NOON_MS + minutes * MINUTE_MS);
    let mut program = kommun.command(&["outbox", "send", "--now", &at(0)]);
    let mut program = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while server.arrived().is_empty() {
        let ended = program.try_wait().unwrap();
        assert!(ended.is_none() && begun.elapsed() < Duration::from_secs(20), "no letter arrived: {ended:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
    program.kill().unwrap();
    program.wait().unwrap();
    server.heals();
    let states = |now: &str| {
        let all = kommun.json(&["outbox", "--state", "all", "--now", now]);
        let states: Vec<String> =
            all.as_array().unwrap().iter().map(|letter| letter["state"].as_str().unwrap().to_owned()).collect();
        states
    };
    assert_eq!(states(&at(0)), ["sending", "waiting", "waiting"]);
    // Nobody else takes the letter that may be on its way; the others go.
    kommun.run(&["outbox", "send", "--now", &at(1)]).exits(0);
    assert_eq!(states(&at(1)), ["sending", "sent", "sent"]);
    kommun.run(&["outbox", "send", "--now", &at(60)]).exits(0);
    assert_eq!(states(&at(60)), ["sent", "sent", "sent"]);
    let ids = server.message_ids();
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (4, 3));
}

fn write_to(db: &Path, letters: &[NewLetter]) {
    wait_for(async {
        let mut db = Db::open_file(db).await.unwrap();
        put(&mut db, letters, NOON_MS).await;
        db.close().await.unwrap();
    });
}

#[test]
fn the_demos_year_reaches_a_mail_server_with_every_kind_of_letter() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let server = Server::start(&authority, "open", Shown::Right);
    let (demo, place) = (folder.path().join("demo"), format!("127.0.0.1:{}", server.port));
    let arvode = |arguments: &[&std::ffi::OsStr]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_arvode")).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let ca = folder.path().join("ca.pem");
    arvode(&["demo".as_ref(), demo.as_ref(), "--smtp".as_ref(), place.as_ref(), "--smtp-ca".as_ref(), ca.as_ref()]);
    assert!(!demo.join("mail").exists() || fs::read_dir(demo.join("mail")).unwrap().next().is_none());
    let listed = arvode(&[
        "--data".as_ref(),
        demo.as_ref(),
        "--json".as_ref(),
        "outbox".as_ref(),
        "--state".as_ref(),
        "all".as_ref(),
    ]);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let letters = listed.as_array().unwrap();
    let sent: Vec<&serde_json::Value> = letters.iter().filter(|letter| letter["state"] == "sent").collect();
    let kinds: BTreeSet<&str> = sent.iter().map(|letter| letter["kind"].as_str().unwrap()).collect();
    // Every sheet of the demo's year is signed in time; what is left out is `tests/cut_off.rs`' matter.
    let foreseen = LetterKind::ALL.into_iter().filter(|kind| *kind != LetterKind::SheetsLeftOut);
    assert_eq!(kinds, foreseen.map(LetterKind::name).collect());
    let arrived = server.arrived();
    let ids: BTreeSet<String> = server.message_ids().into_iter().collect();
    assert_eq!((arrived.len(), ids.len()), (sent.len(), sent.len()), "each arrived once");
    for letter in &arrived {
        assert_eq!(letter.0["envelope"]["tls"], true);
        assert_eq!(letter.0["defects"], json!([]), "{}", letter.header("Subject"));
        let said = letter.0.to_string();
        // Birth numbers of the demo's persons are of the kind 19680314-9811.
        let numbers = said.as_bytes().windows(13).filter(|window| {
            let (day, rest) = window.split_at(8);
            day.iter().all(u8::is_ascii_digit)
                && day.starts_with(b"19")
                && rest[0] == b'-'
                && rest[1..].iter().all(u8::is_ascii_digit)
        });
        assert_eq!(numbers.count(), 0, "a personnummer in {}", letter.header("Subject"));
    }
    assert!(
        arrived
            .iter()
            .all(|letter| !letter.0.to_string().contains("Järvstrand") || letter.to() == "2016@demokommunen.example")
    );
}
