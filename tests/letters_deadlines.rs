//! Letters about last days (§ 16) and about lists that are missing, as those who get them read them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::path::PathBuf;

use arvode::adapters::db::Db;
use arvode::adapters::press::Printer;
use arvode::adapters::settings::read;
use arvode::calendar::{Clock, Day, each_day, end_of_day_ms, instant_minutes};
use arvode::domain::Fault;
use arvode::jobs::flag_deadlines::{Flagged, flag_deadlines};
use arvode::jobs::letters::Desk;
use arvode::jobs::remind_missing_lists::{Reminded, remind_missing_lists};
use arvode::ports::{LetterState, OutboxStore, StoredLetter};
use support::Kommun;
use support::books::digits;

const PERSONER: &str = "Personnummer | Efternamn | Förnamn | Anställningsnummer | E-post | Avstånd km | Brukar yrka | Skyddade personuppgifter";
const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll";
const YRKANDEN: &str =
    "Datum | Organ | Personnummer | Slag | Inkom | Tid från | Tid till | Belopp | Styrkt | Återtagen";
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
        let press = Printer::default();
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

/// The occasions of a receiver's letters, in the order in which they were written.
fn occasions(kommun: &Kommun, receiver: &str) -> Vec<String> {
    of(&letters(kommun), receiver).iter().map(|one| one.letter.occasion.clone()).collect()
}

fn of<'a>(letters: &'a [StoredLetter], receiver: &str) -> Vec<&'a StoredLetter> {
    letters.iter().filter(|one| one.letter.receiver.to_string() == receiver).collect()
}

fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ")
}

/// What one of these letters says, without the words that stand below every letter.
fn text(letter: &StoredLetter) -> String {
    let (text, below) = letter.letter.written.text.split_once("\n--\n").unwrap();
    assert!(below.contains("Exempelkommunen"), "{below}");
    let written = &letter.letter.written;
    same_words(&written.text, &written.html);
    plain(text).trim().to_owned()
}

/// Whatever the one says the other says too.
#[track_caller]
fn same_words(text: &str, html: &str) {
    let body = html.split("<body>").nth(1).unwrap();
    let mut shown = String::new();
    for part in body.split('<') {
        shown += part.split_once('>').map_or(part, |(_, after)| after);
        shown.push(' ');
    }
    let words = |text: &str| -> std::collections::BTreeSet<String> {
        let text = text.to_lowercase().replace("&quot;", " ");
        text.split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let missing: Vec<String> = words(text).difference(&words(&shown)).cloned().collect();
    assert!(missing.is_empty(), "only the text says {missing:?}\n{html}");
}

const ANNA: &str = "person:1";
const KANSLI: &str = "office:kansli";

/// The person of an anställningsnummer, as letters name the receiver.
fn person(kommun: &Kommun, anstid: &str) -> String {
    let number = digits(anstid);
    let id =
        kommun.sql(&format!("SELECT person_id FROM fact WHERE kind = 'person' AND body LIKE '%{number}%' LIMIT 1"));
    format!("person:{id}")
}

/// Anna and Dag could claim for a meeting, Bo has claimed without evidence, and Cia's day has passed.
fn autumn() -> Kommun {
    let kommun = kommun();
    list(&kommun, "KS", "2025-11-12", &["1001", "1002", "1004"]);
    list(&kommun, "KF", "2025-12-01", &["1001"]);
    list(&kommun, "KS", "2025-10-22", &["1003"]);
    claims(
        &kommun,
        "yrkanden.xlsx",
        "2025-11-12 | KS | @1002 | förlorad arbetsinkomst | 2025-12-01 | 13.00 | 15.00 | 600 |
         2025-10-22 | KS | @1003 | förlorad arbetsinkomst | 2025-12-01 | 13.00 | 15.00 | 600 |",
    );
    kommun
}

#[test]
fn a_person_reads_what_to_send_to_whom_by_which_day_and_what_happens_otherwise() {
    let kommun = autumn();
    let flagged = flag(&kommun, "2026-11-01");
    assert_eq!((flagged.digests, flagged.summaries, flagged.near), (3, 1, 6));
    let letters = letters(&kommun);
    let to_anna = of(&letters, ANNA)[0];
    assert_eq!(to_anna.letter.address.as_deref(), Some("anna@hem.example"));
    assert_eq!(to_anna.letter.useless_after_ms, Some(end_of_day_ms(day("2026-11-30"))), "the next month's takes over");
    assert_eq!(to_anna.letter.written.subject, "Senast 12 november 2026: första av 4 yrkanden att göra klara");
    let expected = "Hej Anna Ek!

Du kan ha rätt till ersättning som du ännu inte har fått. Skicka det som står nedan senast torsdagen den 12 november 2026, och resten senast den dag som står vid det.

SENAST TORSDAGEN DEN 12 NOVEMBER 2026

* Förlorad arbetsinkomst (§ 3), Kommunstyrelsen 12 november 2025
  Du var med, men något yrkande har inte kommit.
  Skicka: yrkande med tid och belopp, och intyg från din arbetsgivare om vi inte redan har ett.
  Kan vara värt: omkring 500 kr

* Resa med egen bil (§ 11), Kommunstyrelsen 12 november 2025
  Du var med, men något yrkande har inte kommit.
  Skicka: antal kilometer tur och retur med egen bil.
  Kan vara värt: omkring 70 kr

SENAST TISDAGEN DEN 1 DECEMBER 2026

* Förlorad arbetsinkomst (§ 3), Kommunfullmäktige 1 december 2025
  Du var med, men något yrkande har inte kommit.
  Skicka: yrkande med tid och belopp, och intyg från din arbetsgivare om vi inte redan har ett.
  Kan vara värt: omkring 500 kr

* Resa med egen bil (§ 11), Kommunfullmäktige 1 december 2025
  Du var med, men något yrkande har inte kommit.
  Skicka: antal kilometer tur och retur med egen bil.
  Kan vara värt: omkring 70 kr

SKICKA TILL
* Kommunfullmäktige: kansliet, kansli@kommun.example
* Kommunstyrelsen: sekreteraren, ks@kommun.example

VAD HÄNDER ANNARS?
Ett yrkande ska ha kommit in senast den sista dagen. Efter den är rätten till ersättningen förlorad (§ 16).

Hade du ingen förlust eller kostnad vid ett möte behöver du inte göra något för det. Brevet bygger på vad du brukar yrka; säg till om det inte längre stämmer.";
    assert_eq!(text(to_anna), expected);
    let to_bo = of(&letters, &person(&kommun, "1002"))[0];
    assert_eq!(to_bo.letter.written.subject, "Senast 12 november 2026: ett yrkande att göra klart");
    let told = text(to_bo);
    for part in [
        "Ditt yrkande har kommit in, men det saknar underlag.",
        "Skicka: intyg från din arbetsgivare om löneavdraget, med tid och belopp.",
        "Yrkat belopp: 600,00 kr",
        "räknas som gjort, men det betalas inte förrän det är komplett",
    ] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    assert!(
        !told.contains("rätten till ersättningen förlorad"),
        "a claim that was made in time does not lapse\n{told}"
    );
    let to_dag = of(&letters, &person(&kommun, "1004"))[0];
    assert_eq!((&to_dag.letter.address, to_dag.progress.state), (&None, LetterState::ToPrint));
    assert!(text(to_dag).starts_with("Hej Dag Öman!"));
}

#[test]
fn the_kansli_reads_all_of_it_and_never_who_is_protected() {
    let kommun = autumn();
    flag(&kommun, "2026-11-01");
    let all = letters(&kommun);
    let letter = of(&all, KANSLI)[0];
    assert_eq!(letter.letter.written.subject, "Sista dagar i november 2026: 6 yrkanden");
    let expected = "Hej!

6 yrkanden, gjorda eller möjliga, är nära sin sista dag (§ 16). Börja uppifrån.
Den som själv kan göra något åt det har fått ett eget brev, men hör gärna av er till den som har kortast tid.

2026-11-12 (11 dagar): Anna Ek
  Förlorad arbetsinkomst (§ 3), Kommunstyrelsen 2025-11-12
  Inget yrkande har kommit. Värde: omkring 500 kr

2026-11-12 (11 dagar): Anna Ek
  Resa med egen bil (§ 11), Kommunstyrelsen 2025-11-12
  Inget yrkande har kommit. Värde: omkring 70 kr

2026-11-12 (11 dagar): Bo Alm
  Förlorad arbetsinkomst (§ 3), Kommunstyrelsen 2025-11-12
  Förlusten 13.00-15.00 är inte styrkt. Värde: 600,00 kr

2026-11-12 (11 dagar): skyddad
  Barntillsyn (§ 12), mötet visas av arvode deadlines
  Inget yrkande har kommit. Värde: okänt

2026-12-01 (30 dagar): Anna Ek
  Förlorad arbetsinkomst (§ 3), Kommunfullmäktige 2025-12-01
  Inget yrkande har kommit. Värde: omkring 500 kr

2026-12-01 (30 dagar): Anna Ek
  Resa med egen bil (§ 11), Kommunfullmäktige 2025-12-01
  Inget yrkande har kommit. Värde: omkring 70 kr

Känt värde tillsammans: 1 739,20 kr; 1 utan känt värde.

PER ORGAN
* Skyddade personuppgifter: 1; känt värde 0,00 kr
* Kommunfullmäktige: 2; känt värde 569,60 kr
* Kommunstyrelsen: 3; känt värde 1 169,60 kr

HAR PASSERAT SEDAN 1 OKTOBER 2026
Ett yrkande som kommer nu är för sent och hålls med förslag till avslag; ni beslutar (§ 17). Det som kom in i tid men saknar underlag kan ännu kompletteras eller avslås.

2026-10-22: Cia Åberg
  Förlorad arbetsinkomst (§ 3), Kommunstyrelsen 2025-10-22
  Förlusten 13.00-15.00 är inte styrkt. Värde: 600,00 kr

Hela listan som den står i dag ger kommandot arvode deadlines.";
    assert_eq!(text(letter), expected);
    let files = with_desk(&kommun, async |db, _, _| db.letter_files(letter.id).await);
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert!(names.contains(&"sista-dagar-2026-11.xlsx") && names.len() == 2, "{names:?}");
    let book = &files.iter().find(|file| file.name.ends_with(".xlsx")).unwrap().content;
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    let words = std::io::read_to_string(book.by_name("xl/sharedStrings.xml").unwrap()).unwrap();
    for part in ["Anna Ek", "Cia Åberg", "skyddad", "barntillsyn (§ 12)"] {
        assert!(words.contains(part), "{part} is not in {words}");
    }
    let said: Vec<String> = all.iter().map(|one| format!("{:?}", one.letter.written)).chain([words]).collect();
    for anstid in ["1001", "1002", "1003", "1004"] {
        let number = digits(anstid);
        let forms = [number.clone(), number[2..].to_owned(), format!("{}-{}", &number[..8], &number[8..])];
        assert!(said.iter().all(|text| forms.iter().all(|form| !text.contains(form))), "a personnummer is in a letter");
    }
    let to_others = all.iter().filter(|one| one.letter.receiver.to_string() != person(&kommun, "1004"));
    for one in to_others {
        let written = format!("{:?}", one.letter.written);
        assert!(!written.contains("Öman") && !written.contains("1004"), "{written}");
    }
}

#[test]
fn a_job_that_runs_twice_writes_nothing_twice() {
    let kommun = autumn();
    flag(&kommun, "2026-11-05");
    let first = letters(&kommun);
    let again = flag(&kommun, "2026-11-05");
    assert_eq!((again.digests, again.summaries), (0, 0));
    assert_eq!(letters(&kommun), first);
    let earlier = flag(&kommun, "2026-11-02");
    assert_eq!((earlier.digests, earlier.summaries), (0, 0), "a clock that went back writes nothing");
}

#[test]
fn a_year_day_by_day_gives_a_letter_a_month_and_one_in_the_last_week() {
    let kommun = kommun();
    list(&kommun, "KS", "2025-11-12", &["1001"]);
    let days = || each_day(day("2026-01-01"), day("2026-12-31"));
    let mut by_day = Vec::new();
    for (day, flagged) in days().zip(flag_days(&kommun, days())) {
        if flagged.digests > 0 {
            by_day.push(day.to_string());
        }
    }
    assert_eq!(occasions(&kommun, ANNA), ["2026-09", "2026-10", "2026-11", "vecka-2026-11-12"]);
    assert_eq!(by_day, ["2026-09-01", "2026-10-01", "2026-11-01", "2026-11-05"]);
    let mut expected: Vec<String> = (1..=12).map(|month| format!("2026-{month:02}+vecka-2026-{month:02}-08")).collect();
    expected.insert(11, "vecka-2026-11-12".to_owned());
    assert_eq!(occasions(&kommun, KANSLI), expected);
    let all = letters(&kommun);
    let subjects: Vec<&str> = of(&all, KANSLI).iter().map(|one| one.letter.written.subject.as_str()).collect();
    assert_eq!(subjects[0], "Sista dagar i januari 2026: inget yrkande är nära sin sista dag");
    assert_eq!(subjects[11], "Sista veckan: 2 yrkanden, först 12 november 2026");
    assert_eq!(
        of(&all, KANSLI)[12].letter.written.subject,
        "Sista dagar i december 2026: inget yrkande är nära sin sista dag"
    );
    assert!(text(of(&all, KANSLI)[12]).contains("HAR PASSERAT SEDAN 1 NOVEMBER 2026"), "what lapsed is listed once");
    let last = of(&all, ANNA)[3];
    assert_eq!(last.letter.useless_after_ms, Some(end_of_day_ms(day("2026-11-12"))));
}

#[test]
fn last_days_close_together_are_one_letter_a_week() {
    let kommun = kommun();
    for meeting in ["2025-11-10", "2025-11-12", "2025-11-14", "2025-11-17", "2025-11-24"] {
        list(&kommun, "KS", meeting, &["1001"]);
    }
    flag_days(&kommun, each_day(day("2026-11-01"), day("2026-11-30")));
    assert_eq!(
        occasions(&kommun, ANNA),
        ["2026-11", "vecka-2026-11-10", "vecka-2026-11-17", "vecka-2026-11-24"],
        "on the 3rd, the 10th and the 17th"
    );
    let all = letters(&kommun);
    let told = text(of(&all, ANNA)[1]);
    let days = ["10 NOVEMBER", "12 NOVEMBER", "16 NOVEMBER"];
    assert!(days.iter().all(|day| told.contains(day)) && !told.contains("17 NOVEMBER"), "{told}");
    assert_eq!(
        occasions(&kommun, KANSLI)[1..],
        ["vecka-2026-11-10", "vecka-2026-11-12", "vecka-2026-11-16", "vecka-2026-11-17", "vecka-2026-11-24"]
    );
}

#[test]
fn where_the_month_and_the_last_week_are_due_on_a_day_they_are_one_letter() {
    let kommun = kommun();
    list(&kommun, "KS", "2025-12-08", &["1001"]);
    list(&kommun, "KS", "2025-12-09", &["1002"]);
    claims(&kommun, "y.xlsx", "2025-12-09 | KS | @1002 | barntillsyn | 2025-12-10 | 13.00 | 15.00 | 90 |");
    flag_days(&kommun, each_day(day("2026-12-01"), day("2026-12-31")));
    assert_eq!(occasions(&kommun, ANNA), ["2026-12+vecka-2026-12-08"]);
    let bo = person(&kommun, "1002");
    assert_eq!(occasions(&kommun, &bo), ["2026-12", "vecka-2026-12-09"], "its last week begins on the 2nd");
}

#[test]
fn after_three_weeks_away_what_stands_is_told_once() {
    let kommun = kommun();
    for meeting in ["2025-11-10", "2025-11-12", "2025-11-24"] {
        list(&kommun, "KS", meeting, &["1001"]);
    }
    flag(&kommun, "2026-10-29");
    flag_days(&kommun, each_day(day("2026-11-20"), day("2026-11-30")));
    assert_eq!(occasions(&kommun, ANNA), ["2026-10", "2026-11+vecka-2026-11-27"]);
    let all = letters(&kommun);
    let told = text(of(&all, ANNA)[1]);
    assert!(told.contains("24 NOVEMBER") && !told.contains("12 NOVEMBER"), "{told}");
    assert_eq!(occasions(&kommun, KANSLI), ["2026-10+vecka-2026-11-05", "2026-11+vecka-2026-11-27"]);
    let told = text(of(&all, KANSLI)[1]);
    let (near, gone) = told.split_once("HAR PASSERAT SEDAN 29 OKTOBER 2026").unwrap();
    assert!(near.contains("2026-11-24") && gone.contains("2026-11-10") && gone.contains("2026-11-12"), "{told}");
}

#[test]
fn the_leap_day_and_the_nights_of_the_clocks_are_days_like_others() {
    let kommun = kommun();
    let usual = "Personnummer | Brukar yrka\n@1003 | pensionsförmån";
    at_import(&kommun, &[kommun.book("vanor.xlsx", &[("Personer", usual)])]);
    list(&kommun, "KS", "2026-03-07", &["1003"]);
    // 2 years later a Tuesday; its last week begins on the leap day.
    let cia = person(&kommun, "1003");
    flag_days(&kommun, each_day(day("2028-02-20"), day("2028-03-10")));
    assert_eq!(occasions(&kommun, &cia), ["2028-02", "vecka-2028-03-07", "2028-03"]);
    let nights = ["2028-03-25", "2028-03-26", "2028-03-27", "2028-10-28", "2028-10-29", "2028-10-30"];
    let before = keys(&kommun).len();
    let flagged = flag_days(&kommun, nights.map(day));
    assert_eq!(flagged.iter().map(|one| one.digests).sum::<u32>(), 0);
    assert_eq!(keys(&kommun)[before..], ["office:kansli 2028-10+vecka-2028-11-04"]);
}

#[test]
fn a_secretary_is_asked_for_lists_every_week_until_they_come() {
    let kommun = kommun();
    // A yrkande names meetings of which no list has come.
    claims(
        &kommun,
        "y.xlsx",
        "2025-11-26 | KS | @1002 | barntillsyn | 2025-12-01 | 13.00 | 15.00 | 90 |
         2025-12-03 | KS | @1002 | barntillsyn | 2025-12-04 | 13.00 | 15.00 | 90 |
         2025-12-04 | KF | @1001 | resa | 2025-12-04 | | | |",
    );
    assert_eq!(remind(&kommun, "2025-12-08"), Reminded { letters: 1, meetings: 2 }, "five days and more");
    assert_eq!(remind(&kommun, "2025-12-08").letters, 0);
    let letters_now = letters(&kommun);
    let letter = of(&letters_now, "secretary:KS")[0];
    assert_eq!(letter.letter.address.as_deref(), Some("ks@kommun.example"));
    assert_eq!(letter.letter.occasion, "2025-W50");
    assert_eq!(letter.letter.useless_after_ms, Some(end_of_day_ms(day("2025-12-14"))));
    assert_eq!(letter.letter.written.subject, "2 närvarolistor saknas: Kommunstyrelsen");
    let expected = "Hej!

Skicka närvarolistorna nedan till kansliet (kansli@kommun.example), helst senast fredagen den 12 december 2025. Utan lista får de som var där inget arvode för mötet (§ 9).

Kommunstyrelsen:
- 26 november 2025, sammanträde (12 dagar sedan)
- 3 december 2025, sammanträde (5 dagar sedan)

Blev något möte inställt? Meddela kansliet, så frågar vi inte mer.

Arvodet går inte förlorat för att listan dröjer. Men den som också ska yrka ersättning, till exempel för förlorad arbetsinkomst, har sin sista dag räknad från mötesdagen (§ 16).";
    assert_eq!(text(letter), expected);
    list(&kommun, "KS", "2025-11-26", &["1002"]);
    let taken_back = "2025-12-03 | KS | @1002 | barntillsyn | 2025-12-04 | 13.00 | 15.00 | 90 | | ja";
    claims(&kommun, "återtaget.xlsx", taken_back);
    assert_eq!(remind(&kommun, "2025-12-15"), Reminded { letters: 1, meetings: 1 });
    let letters_now = letters(&kommun);
    let letter = of(&letters_now, "secretary:KF")[0];
    assert_eq!(letter.letter.address.as_deref(), Some("kansli@kommun.example"), "no secretary is named");
    assert_eq!(letter.letter.written.subject, "Närvarolista saknas: Kommunfullmäktige 4 december 2025");
    let told = text(letter);
    for part in [
        "Läs in närvarolistan nedan eller begär in den, helst",
        "Blev mötet inställt? Ta tillbaka det",
        "ingen sekreterare i Kommunfullmäktige",
    ] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    assert_eq!(remind(&kommun, "2025-12-22"), Reminded { letters: 1, meetings: 1 }, "a week later once more");
}
