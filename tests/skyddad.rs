//! Skyddade personuppgifter: a person with a name and a number that nobody else has goes through every command, and
//! neither stands in anything that is printed or written but the payroll file and the database.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use arvode::adapters::diarium::played::Played;
use calamine::{Reader, Xlsx, open_workbook};
use support::books::{digits, written};
use support::rows::latin1;
use support::{Kommun, Ran};

/// 1003's number under a name of its own.
const PERSONER: &str =
    "Personnummer | Efternamn | Förnamn | Anställningsnummer | E-post | Avstånd km | Skyddade personuppgifter
    @1001 | Ek | Anna | 1001 | 1001@hem.example | 12 | nej
    @1003 | Skyddsund | Vera | 1003 | vera.skyddsund@hem.example | 12 | ja
    @1004 | Skyddsund | Vera | 1004 | | 12 | ja";

const UPPDRAG: &str = "Personnummer | Organ | Uppdrag | Från | Arvodesnyckel
    @1001 | KS | ledamot | 2015-01-01 | ledamot
    @1003 | KS | ledamot | 2015-01-01 | ledamot
    @1004 | KS | ledamot | 2015-01-01 | ledamot";

const HEAD: &str = "Datum | Organ | Start | Slut | Personnummer | Namn | Roll | Ersätter";

/// What tells who the person is.
fn secrets() -> Vec<String> {
    let (digits, written) = (digits("1003"), written("1003"));
    vec!["skyddsund".to_owned(), digits[2..].to_owned(), written[2..].to_owned(), written, digits]
}

#[track_caller]
fn hides(ran: Ran, what: &str) -> Ran {
    for secret in secrets() {
        for told in [&ran.out, &ran.err] {
            assert!(!told.to_lowercase().contains(&secret), "{what} tells {secret}:\n{told}");
        }
    }
    ran
}

/// A command with and without `--json`, each heard.
#[track_caller]
fn play(kommun: &Kommun, arguments: &[&str]) -> Ran {
    hides(kommun.run(&[arguments, &["--json"]].concat()), &format!("{arguments:?} --json"));
    hides(kommun.run(arguments), &format!("{arguments:?}"))
}

/// Something of everything: a list before anybody was known, texts that name the person, a meeting, a correction, a person
/// who becomes net negative.
fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.edit("arvode.toml", |text| {
        text.replace("simulate_persons = false", "simulate_persons = true")
            .replace("settle_seconds = 10", "settle_seconds = 1")
    });
    let early = format!("{HEAD}\n2026-09-02 | KS | 13.00 | 15.10 | | Vera Skyddsund | ledamot |");
    // Nobody knows yet that the name is protected; what is stored of it must not be told later.
    kommun.try_import(&[&kommun.list("för tidigt, Vera Skyddsund.xlsx", &early)]).exits(1);
    let register = kommun.book("register.xlsx", &[("Personer", PERSONER), ("Uppdrag", UPPDRAG)]);
    hides(kommun.try_import(&[&register]), "the register").exits(0);
    // Two persons of the name: neither is guessed.
    let unclear = format!("{HEAD}\n2026-09-02 | KS | 13.00 | 15.10 | | Skyddsund, Vera | ledamot |");
    hides(kommun.try_import(&[&kommun.list("oklar.xlsx", &unclear)]), "a name that two have").exits(1);
    let decision = format!(
        "Diarienummer | Datum | Organ | Gäller | Innebörd\nKS 2026/17 | 2026-09-20 | AU | § 15, {}, KS 2026-09-09, övrigt | bifall för Vera Skyddsund, 691231-9826",
        written("1003")
    );
    let rows = format!(
        "{HEAD}\n2026-09-09 | KS | 13.00 | 15.10 | @1003 | | ledamot |\n2026-09-09 | KS | 13.00 | 15.10 | @1001 | | ledamot | Vera Skyddsund\n2026-09-09 | KZ | 13.00 | 14.00 | @1003 | | ledamot |"
    );
    let book = kommun.book(
        "yrkanden Vera_Skyddsund 2026.xlsx",
        &[
            ("Närvaro", &rows),
            (
                "Yrkanden",
                "Inkom | Datum | Organ | Personnummer | Slag | Belopp | Styrkt\n2026-09-11 | 2026-09-09 | KS | @1003 | övrigt | 99 | ja",
            ),
            ("Beslut", &decision),
        ],
    );
    let arguments = ["import", book.to_str().unwrap(), "--dry-run"];
    hides(kommun.run(&arguments), "a trial import");
    hides(kommun.try_import(&[&book]), "an import").exits(1);
    kommun
}

#[test]
fn no_command_tells_who_a_protected_person_is() {
    let kommun = kommun();
    play(&kommun, &["month", "2026-10"]);
    play(&kommun, &["explain", "2026-10", "--person", "Vera Skyddsund"]).exits(2).says(&["2 persons have that name"]);
    assert!(
        play(&kommun, &["explain", "2026-10", "--person", &written("1003")]).exits(0).out.contains("== skyddad (1003)")
    );
    kommun.pay("2026-10");
    let shown = kommun.json(&["month", "2026-10/1"]);
    let of = |anstid: &str| {
        shown["rows"].as_array().unwrap().iter().find(|row| row["anstid"] == anstid).unwrap()["persnr"].clone()
    };
    assert_eq!((of("1003"), of("1001")), ("skyddad".into(), digits("1001").into()));
    play(&kommun, &["attest", "show", "2026-10/1"]);
    play(&kommun, &["explain", "2026-10/1"]);
    play(&kommun, &["explain", "2026-10/1", "--row", "2"]);
    // What was known before the protection is not told now.
    play(&kommun, &["explain", "2026-10", "--as-known-on", "2026-09-30"]);
    play(&kommun, &["statement", "1003", "2026"]);
    play(&kommun, &["export", "2026-10/1"]);
    let change = kommun.root().join("förslag.toml");
    fs::write(&change, "[[riksdagsarvode]]\nfrom = 2026-09-01\ndecided_on = 2026-09-20\nvalue = \"90000\"\nunit = \"kr/month\"\nreference = \"förslag\"\n").unwrap();
    let simulated = play(&kommun, &["simulate", "--change", change.to_str().unwrap(), "--persons"]).exits(0).out;
    assert!(simulated.contains("skyddad (1003)"), "{simulated}");
    play(&kommun, &["remarks"]);
    play(&kommun, &["remarks", "--state", "held"]);
    play(&kommun, &["deadlines"]);
    play(&kommun, &["deadlines", "--lapsed"]);
    play(&kommun, &["report", "2026"]);
    for ending in ["html", "xlsx"] {
        let report = kommun.root().join(format!("uppföljning.{ending}"));
        hides(kommun.run(&["report", "2026", "--to", report.to_str().unwrap()]), "the follow-up as a file");
        let told = if ending == "xlsx" { self::cells(&report) } else { fs::read_to_string(&report).unwrap() };
        assert!(secrets().iter().all(|secret| !told.to_lowercase().contains(secret)), "{told}");
    }
    for job in ["tell_events", "flag_deadlines", "monthly_letter", "arvodesbesked", "follow_up"] {
        hides(kommun.run(&["once", job]), job).exits(0);
    }
    play(&kommun, &["outbox"]);
    let letters = play(&kommun, &["outbox", "--state", "all"]).out;
    assert!(letters.contains("månadsbrev"), "{letters}");
    for letter in kommun.json(&["outbox", "--state", "all"]).as_array().unwrap() {
        let number = letter["letter"].to_string();
        for form in [None, Some("--html"), Some("--eml")] {
            let arguments: Vec<&str> = ["outbox", "show", &number].into_iter().chain(form).collect();
            play(&kommun, &arguments);
        }
    }
    let book = kommun.root().join("anmärkningar.xlsx");
    hides(kommun.run(&["remarks", "--to", book.to_str().unwrap()]), "remarks in a workbook");
    let cells = cells(&book).to_lowercase();
    assert!(cells.contains("skyddad") && secrets().iter().all(|secret| !cells.contains(secret)), "{cells}");
    let form = kommun.root().join("närvaro.xlsx");
    play(&kommun, &["template", "närvaro", form.to_str().unwrap()]);
    assert!(secrets().iter().all(|secret| !self::cells(&form).to_lowercase().contains(secret)));
    play(&kommun, &["rates", "2026"]);
    play(&kommun, &["status"]);
    play(&kommun, &["check"]);
    hides(kommun.run(&["withdraw", "KS", "2026-09-09", "--because", "Vera Skyddsund var inte där"]), "withdraw")
        .exits(0);
    play(&kommun, &["month", "2026-11"]);
    play(&kommun, &["explain", "2026-11"]);
    play(&kommun, &["month", "2026-11", "--freeze", "--yes"]);
    play(&kommun, &["remarks"]);
    play(&kommun, &["receivables"]);
    let because = ["--because", "Vera Skyddsund"];
    let facts = play(&kommun, &["person", "facts", "1003"]).exits(0).out;
    assert!(facts.contains("skyddad") && !facts.contains(&digits("1003")[..8]), "the birth date tells too: {facts}");
    for command in [["link", "KS 2026-09-09", "KS 2026-09-10"], ["unlink", "KS 2026-09-09", "Vera Skyddsund"]] {
        play(&kommun, &[&command[..], &because].concat());
    }
    play(&kommun, &["changes"]);
    play(&kommun, &[&["undo", "1"][..], &because].concat());
    play(&kommun, &[&["close", "2026-09"][..], &because].concat());
    play(&kommun, &["accruals", "2026"]);
    play(&kommun, &["gallra", "--dry-run"]);
    hides(kommun.run(&["recalculate", "--from", "2026-09", "--because", "KF 2026/1"]), "recalculate");
    hides(kommun.run(&["void", "2026-10/1", "--because", "Vera Skyddsund"]), "void");
    let paid = format!(
        "Utbetalningsmånad | Personnummer | Lönart | Datum | Belopp | Status\n2026-10 | {} | 1647 | 2026-09-09 | 400 | utbetald",
        written("1003")
    );
    let paid = kommun.book("lön.xlsx", &[("Utbetalt", &paid)]);
    play(&kommun, &["shadow", "2026-10", paid.to_str().unwrap()]);
    play(&kommun, &["switch-over", "--from", "2026-12"]);
    let played = diarium_that_names_her();
    kommun.edit("arvode.toml", |text| {
        format!("{text}\n[[diarium]]\nname = \"evolution\"\nadapter = \"oparl\"\nurl = \"{}/oparl\"\n", played.base())
    });
    let synced = play(&kommun, &["sync"]).exits(1).out;
    assert!(synced.contains("inte kopplad"), "{synced}");
    for form in fs::read_dir(kommun.path("rejected")).unwrap().map(|entry| entry.unwrap().path()) {
        if form.to_string_lossy().ends_with("kopplingar.xlsx") {
            assert!(secrets().iter().all(|secret| !self::cells(&form).to_lowercase().contains(secret)));
        }
    }
    play(&kommun, &["remarks"]);
    put_in(&kommun, "lista Vera_Skyddsund.csv");
    play(&kommun, &["verify"]);
    let kept = kommun.root().join("kommun.backup");
    hides(kommun.run(&["backup", kept.to_str().unwrap()]).exits(0), "backup");
    let anew = kommun.root().join("åter");
    let back = ["restore", kept.to_str().unwrap(), "--no-letter", "--data", anew.to_str().unwrap()];
    hides(Ran::of(&Command::new(support::PROGRAM).args(back).output().unwrap()).exits(1), "restore");
    let once = play(&kommun, &["once", "import"]);
    assert_eq!(once.out, "Ingenting att ta in.\n", "the first of the two took it");
    put_in(&kommun, "Vera Skyddsund igen.csv");
    hides(ran_until_taken(&kommun), "run");
    for file in files(&kommun.data()) {
        let content = fs::read(&file).unwrap();
        let name = file.strip_prefix(kommun.data()).unwrap().display().to_string();
        let told =
            [name.clone(), String::from_utf8_lossy(&content).into_owned(), latin1(&content)].concat().to_lowercase();
        assert!(secrets().iter().all(|secret| !told.contains(secret)), "{name} tells who it is");
    }
}

#[test]
fn every_command_is_played_here() {
    let help = Kommun::new("2026-09").run(&["--help"]).exits(0).out;
    let list = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let commands = list.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    // These know of no kommun's persons.
    let without = ["demo", "init", "help"];
    let source = include_str!("skyddad.rs");
    let missing: Vec<&str> =
        commands.filter(|command| !without.contains(command) && !source.contains(&format!("[\"{command}\""))).collect();
    assert!(missing.is_empty(), "play these with a protected person: {missing:?}");
}

/// A played diarium in which everybody at a meeting is called as she is.
fn diarium_that_names_her() -> Played {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/diarium");
    let played = Played::of(std::path::Path::new(fixtures)).unwrap();
    assert!(played.edit("oparl/meeting.json", |meetings| {
        for meeting in meetings.as_array_mut().unwrap() {
            for key in ["start", "end"] {
                let text = meeting[key].as_str().unwrap_or_default().replace("2025-09", "2026-09");
                meeting[key] = text.into();
            }
        }
    }));
    assert!(played.edit("oparl/person.json", |persons| {
        for person in persons.as_array_mut().unwrap() {
            person["name"] = "Vera Skyddsund".into();
        }
    }));
    played
}

/// A list with a row that is held, under a name that tells who is meant.
fn put_in(kommun: &Kommun, name: &str) {
    let row = format!("2026-09-23;KS;13.00;15.10;{};Vera Skyddsund;ledamot", written("1004"));
    let list = format!(
        "Datum;Organ;Start;Slut;Personnummer;Namn;Roll\n{row}\n2026-09-23;KZ;13.00;15.10;;Vera Skyddsund;ledamot\n"
    );
    fs::write(kommun.path("in").join(name), list).unwrap();
}

/// What `arvode run` says until the drop folder is empty.
fn ran_until_taken(kommun: &Kommun) -> Ran {
    let mut command = kommun.command(&["run"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    let is_taken = || fs::read_dir(kommun.path("in")).unwrap().all(|entry| entry.unwrap().path().is_dir());
    while !is_taken() && begun.elapsed() < Duration::from_secs(30) {
        sleep(Duration::from_millis(50));
    }
    // What is taken is told a moment later.
    sleep(Duration::from_millis(500));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let code = child.wait().unwrap().code().unwrap();
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(is_taken() && out.contains("inläst"), "{out}{err}");
    Ran { code, out, err }
}

/// All that stands in a workbook's sheets.
fn cells(path: &Path) -> String {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let sheets = book.worksheets();
    let rows = sheets.iter().flat_map(|(_, range)| range.rows());
    rows.flatten().map(|cell| format!("{cell} ")).collect()
}

/// Every file in the data folder but the database, the payroll files, what came in (and goes back as it came, to be
/// mended) and the settings.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["archive", "config", "rejected"].contains(&name.as_str()) {
                found.extend(files(&path));
            }
        } else if !name.starts_with("arvode.db") && !name.ends_with(".xml") {
            found.push(path);
        }
    }
    found
}

#[test]
fn payroll_gets_the_number_and_disclose_alone_tells_all() {
    let kommun = kommun();
    kommun.pay("2026-10");
    assert!(kommun.delivered("2026-10/1").contains(&format!("anstid=\"1003\" persnr=\"{}\"", digits("1003"))));
    let utdrag = kommun.run(&["disclose", "1003"]).exits(0).says(&["lämna utdraget bara till personen själv"]);
    assert!(utdrag.out.contains("Vera Skyddsund") && utdrag.out.contains(&digits("1003")), "{}", utdrag.out);
    hides(kommun.run(&["disclose", "1001"]).exits(0), "disclose of another person");
}

#[test]
fn no_error_repeats_the_number_of_anybody() {
    let kommun = kommun();
    let (digits, written) = (digits("1001"), written("1001"));
    for number in [&digits, &written] {
        for arguments in [
            &["month", number][..],
            &["explain", number],
            &["statement", "1001", number],
            &["attest", "show", number],
            &["withdraw", number, "--because", "fel"],
            &["withdraw", "KS", number, "--because", "fel"],
            &["shadow", number, "x.xlsx"],
            &[number],
        ] {
            let ran = kommun.run(arguments);
            assert_ne!(ran.code, 0, "{arguments:?}");
            for told in [&ran.out, &ran.err] {
                assert!(!told.contains(&digits) && !told.contains(&written), "{arguments:?}: {told}");
            }
        }
    }
}

#[test]
fn protection_that_has_ended_hides_nothing_more() {
    let kommun = kommun();
    let again = PERSONER.replace("| ja", "| nej");
    kommun.import(&[&kommun.book("register2.xlsx", &[("Personer", &again)])]);
    let told = kommun.run(&["explain", "2026-10", "--person", "1003"]).exits(0).out;
    assert!(told.contains("== Vera Skyddsund (1003)"), "{told}");
}
