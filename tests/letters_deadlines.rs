//! Letters about last days (§ 16) and about lists that are missing, as those who get them read them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::path::PathBuf;

use arvode::adapters::db::Db;
use arvode::adapters::press::Printer;
use arvode::adapters::settings::read;
use arvode::calendar::{Clock, Day, days_later, each_day, instant_minutes};
use arvode::domain::Fault;
use arvode::jobs::flag_deadlines::{Flagged, flag_deadlines};
use arvode::jobs::letters::Desk;
use arvode::jobs::remind_missing_lists::{Reminded, remind_missing_lists};
use arvode::ports::{LetterState, OutboxStore, StoredLetter};
use support::Kommun;
use support::books::digits;

const PERSONER: &str = "Personnummer | Efternamn | Förnamn | Anställningsnummer | E-post | Avstånd km | Brukar yrka | Skyddade personuppgifter";
const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll";
const YRKANDEN: &str = "Datum | Organ | Personnummer | Slag | Inkom | Tid från | Tid till | Belopp | Styrkt";
const INKOMST: &str = "Personnummer | Slag | Timlön | Intyg | Från";

/// Anna usually claims lost income and travel, and her employer has certified 250 kr an hour; Bo and Cia have no habits;
/// Dag has skyddade personuppgifter, no e-mail, and usually claims child care.
fn kommun() -> Kommun {
    let kommun = Kommun::new("2025-01");
    let persons = format!(
        "{PERSONER}
         @1001 | Ek | Anna | 1001 | anna@hem.example | 12 | förlorad arbetsinkomst, resa |
         @1002 | Alm | Bo | 1002 | bo@hem.example | 3 | |
         @1003 | Åberg | Cia | 1003 | cia@hem.example | 3 | |
         @1004 | Öman | Dag | 1004 | | | barntillsyn | ja"
    );
    let uppdrag = "Personnummer | Organ | Uppdrag | Från | Arvodesnyckel
         @1001 | KS | ledamot | 2015-01-01 | ledamot
         @1001 | KF | ledamot | 2015-01-01 | ledamot
         @1002 | KS | ledamot | 2015-01-01 | ledamot
         @1003 | KS | ledamot | 2015-01-01 | ledamot
         @1004 | KS | ledamot | 2015-01-01 | ledamot";
    let income = format!("{INKOMST}\n@1001 | anställd | 250 | KS 2024/77 | 2024-01-01");
    let sheets = [("Personer", &*persons), ("Uppdrag", uppdrag), ("Inkomstuppgifter", &*income)];
    kommun.import(&[&kommun.book("register.xlsx", &sheets)]);
    kommun.edit("arvode.toml", |text| {
        text.replace("kansli = \"\"", "kansli = \"kansli@kommun.example\"")
            .replace("# KS = \"kommunstyrelsen@exempelkommunen.se\"", "KS = \"ks@kommun.example\"")
    });
    kommun
}

fn list(kommun: &Kommun, organ: &str, day: &str, anstids: &[&str]) {
    let rows = anstids.iter().map(|anstid| format!("\n{day} | {organ} | 13.00 | 15.00 | @{anstid} | ledamot"));
    let book = kommun.list(&format!("{organ}-{day}.xlsx"), &(NARVARO.to_owned() + &rows.collect::<String>()));
    at_import(kommun, &[book]);
}

fn claims(kommun: &Kommun, name: &str, rows: &str) {
    at_import(kommun, &[kommun.book(name, &[("Yrkanden", &format!("{YRKANDEN}\n{rows}"))])]);
}

fn at_import(kommun: &Kommun, books: &[PathBuf]) {
    for book in books {
        kommun.run(&["import", book.to_str().unwrap()]).exits(0);
    }
}

/// 07.00 in Sweden.
fn morning_ms(day: Day) -> i64 {
    instant_minutes(day, Clock::from_hms_opt(7, 0, 0).unwrap()).unwrap() * 60_000
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// Does the job of each day in turn.
fn flag_days(kommun: &Kommun, days: impl IntoIterator<Item = Day>) -> Vec<Flagged> {
    with_desk(kommun, async |db, configured, desk| {
        let mut flagged = Vec::new();
        for day in days {
            flagged.push(flag_deadlines(db, &configured.loaded, desk, (day, morning_ms(day))).await?);
        }
        Ok(flagged)
    })
}

fn flag(kommun: &Kommun, text: &str) -> Flagged {
    flag_days(kommun, [day(text)])[0]
}

fn remind(kommun: &Kommun, text: &str) -> Reminded {
    with_desk(kommun, async |db, configured, desk| {
        let moment = (day(text), morning_ms(day(text)));
        let after_days = configured.settings.watch.missing_list_days;
        remind_missing_lists(db, &configured.loaded, desk, moment, after_days).await
    })
}

fn with_desk<T>(
    kommun: &Kommun,
    work: impl AsyncFnOnce(&mut Db, &arvode::adapters::settings::Configured, &Desk<'_, Printer>) -> Result<T, Fault>,
) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let configured = read(&kommun.path("config/arvode.toml")).unwrap();
        let mut db = Db::open_file(&kommun.path("arvode.db")).await.unwrap();
        let press = Printer { folder: Some(PathBuf::from("config/letters")) };
        let addresses = configured.settings.mail.to.clone();
        let desk = Desk { press: &press, addresses: &addresses, kommun: "Exempelkommunen", is_example: false };
        let done = work(&mut db, &configured, &desk).await.unwrap();
        db.close().await.unwrap();
        done
    })
}

fn letters(kommun: &Kommun) -> Vec<StoredLetter> {
    with_desk(kommun, async |db, _, _| db.letters(&LetterState::ALL).await)
}

/// `person:1 2026-11`
fn keys(kommun: &Kommun) -> Vec<String> {
    letters(kommun).iter().map(|one| format!("{} {}", one.letter.receiver, one.letter.occasion)).collect()
}

fn of<'a>(letters: &'a [StoredLetter], receiver: &str) -> Vec<&'a StoredLetter> {
    letters.iter().filter(|one| one.letter.receiver.to_string() == receiver).collect()
}

fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ")
}

#[test]
fn print_letters() {
    let kommun = kommun();
    list(&kommun, "KS", "2025-11-12", &["1001", "1002", "1004"]);
    list(&kommun, "KF", "2025-12-01", &["1001"]);
    list(&kommun, "KS", "2025-10-22", &["1003"]);
    claims(
        &kommun,
        "y.xlsx",
        "2025-11-12 | KS | @1002 | förlorad arbetsinkomst | 2025-12-01 | 13.00 | 15.00 | 600 |\n2025-10-22 | KS | @1003 | förlorad arbetsinkomst | 2025-12-01 | 13.00 | 15.00 | 600 |",
    );
    println!("{:?}", flag(&kommun, "2026-11-01"));
    println!("{:?}", flag(&kommun, "2026-11-05"));
    println!("{:?}", flag(&kommun, "2026-11-05"));
    for one in letters(&kommun) {
        println!(
            "=== {} {:?} {:?} {:?}\n{}\n---\n{}",
            one.letter.key(),
            one.letter.address,
            one.progress.state,
            one.letter.useless_after_ms.map(arvode::calendar::instant_text),
            one.letter.written.subject,
            plain(&one.letter.written.text)
        );
        std::fs::write(
            format!("/tmp/h/scratch/{}.html", one.letter.key().replace(['|', ':', '/'], "_")),
            &one.letter.written.html,
        )
        .unwrap();
    }
    let _ = (
        digits("1001"),
        remind(&kommun, "2026-11-02"),
        keys(&kommun),
        of(&[], ""),
        days_later(day("2026-11-01"), 1),
        each_day(day("2026-11-01"), day("2026-11-01")).count(),
    );
    println!("{}", kommun.run(&["deadlines", "--now", "2026-11-05T10:00:00Z"]).out);
}
