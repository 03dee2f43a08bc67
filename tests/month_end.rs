//! The month without a hand: frozen on its day, exported on the second signature, in order after an absence, and by a person
//! where a person is needed. Played by the real program with a clock that is set.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use support::rows::of_paxml;
use support::{Kommun, Ran};

/// A kommun whose clock is set by hand, begun before its first month's day.
fn kommun(first_month: &str, begun: &str) -> Kommun {
    let kommun = Kommun::new(first_month);
    kommun
        .edit("arvode.toml", |text| text.replace("database = \"arvode.db\"", "database = \"arvode.db\"\ndemo = true"));
    kommun.edit("arvode.toml", |text| text.replace("settle_seconds = 10", "settle_seconds = 0"));
    for office in ["kansli", "lonekontor", "operator"] {
        let address = format!("{office} = \"{office}@kommun.example\"");
        kommun.edit("arvode.toml", |text| text.replace(&format!("{office} = \"\""), &address));
    }
    round(&kommun, begun);
    kommun
}

/// The same with two ledamöter, each at one meeting a month.
fn with_meetings(first_month: &str, begun: &str, days: &[&str]) -> Kommun {
    let kommun = kommun(first_month, begun);
    kommun.ledamoter(&["1001", "1002"]);
    meetings(&kommun, "listor.xlsx", days);
    kommun
}

fn meetings(kommun: &Kommun, name: &str, days: &[&str]) {
    let rows = days
        .iter()
        .flat_map(|day| ["1001", "1002"].map(|anstid| format!("{day} | KS | 13.00 | 15.10 | @{anstid} | ledamot")));
    let table =
        rows.fold("Datum | Organ | Start | Slut | Personnummer | Roll".to_owned(), |table, row| table + "\n" + &row);
    let list = kommun.list(name, &table);
    kommun.import(&[&list]);
}

fn pays_by_payroll(kommun: &Kommun) {
    kommun.edit("arvode.toml", |text| {
        text.replace("where = \"batch\"", "where = \"payroll\"")
            .replace("payroll_decision = \"\"", "payroll_decision = \"KS 2026/7\"")
    });
}

fn at(kommun: &Kommun, now: &str, arguments: &[&str]) -> Ran {
    kommun.run(&[arguments, &["--now", now]].concat())
}

/// A round of the timetable that goes well; what it did.
#[track_caller]
fn round(kommun: &Kommun, now: &str) -> String {
    at(kommun, now, &["once", "timetable"]).exits(0).out.replace('\u{a0}', " ")
}

/// What a round said of one job.
#[track_caller]
fn said(kommun: &Kommun, now: &str, job: &str) -> Vec<String> {
    let prefix = format!("{job}: ");
    round(kommun, now).lines().filter_map(|line| line.strip_prefix(&prefix)).map(str::to_owned).collect()
}

/// `name state` of every batch.
fn batches(kommun: &Kommun) -> Vec<String> {
    let all = kommun.sql("SELECT name || ' ' || state FROM batch ORDER BY id");
    all.lines().map(str::to_owned).collect()
}

/// Subjects of letters of a kind, with whom they went to.
fn letters(kommun: &Kommun, kind: &str) -> Vec<String> {
    let all = kommun.sql(&format!("SELECT receiver || ': ' || subject FROM letter WHERE kind = '{kind}' ORDER BY id"));
    all.lines().map(str::to_owned).collect()
}

/// The text of a sheet as the program left it.
fn sheet_text(kommun: &Kommun, batch: &str, role: &str) -> PathBuf {
    kommun.path("attest").join(batch.replace('/', "-")).join(format!("blad-1-{role}.txt"))
}

/// What `ssh-keygen -Y sign` makes of a file, with an official's key.
fn signature(kommun: &Kommun, id: &str, file: &std::path::Path) -> Vec<u8> {
    let copy = kommun.root().join("att-skriva-under.txt");
    fs::copy(file, &copy).unwrap();
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-Y", "sign", "-n", "arvode-attest", "-f"]).arg(kommun.key(id)).arg(&copy);
    assert!(keygen.status().unwrap().success());
    let made = copy.with_extension("txt.sig");
    let content = fs::read(&made).unwrap();
    fs::remove_file(made).unwrap();
    content
}

/// The signature of an official over a sheet's text, put into the drop folder under a name.
fn drop_signature(kommun: &Kommun, batch: &str, (role, id): (&str, &str), name: &str) {
    let content = signature(kommun, id, &sheet_text(kommun, batch, role));
    fs::write(kommun.path("in").join(name), content).unwrap();
}

fn sign(kommun: &Kommun, now: &str, batch: &str) {
    for (role, id) in [("granskning", "greta"), ("beslut", "britt")] {
        let key = kommun.key(id);
        at(kommun, now, &["attest", "sign", batch, "--role", role, "--key", key.to_str().unwrap()]).exits(0);
    }
}

fn dropped(kommun: &Kommun) -> Vec<String> {
    let entries = fs::read_dir(kommun.path("in")).unwrap().map(|entry| entry.unwrap().file_name());
    entries.map(|name| name.to_string_lossy().into_owned()).filter(|name| name != ".arvode").collect()
}

const SEPTEMBER: [&str; 1] = ["2026-09-09"];
const FROZEN: &str = "körning 2026-10/1 är fryst: 4 rader, 1 442,00 kr";

#[test]
fn a_month_is_frozen_on_its_day_and_leaves_once_when_two_signatures_are_dropped() {
    let kommun = with_meetings("2026-09", "2026-10-01T06:00:00Z", &SEPTEMBER);
    // The cut-off is Thursday 15 October; five bank days before is the 8th, and six o'clock is four by Greenwich.
    assert_eq!(said(&kommun, "2026-10-08T03:59:00Z", "calculate_month"), [""; 0]);
    assert_eq!(batches(&kommun), [""; 0]);
    assert_eq!(said(&kommun, "2026-10-08T04:00:00Z", "calculate_month"), [FROZEN]);
    assert_eq!(batches(&kommun), ["2026-10/1 calculated"]);
    assert_eq!(letters(&kommun, "attest_sheets").len(), 3, "to each who may sign");
    let text = fs::read_to_string(sheet_text(&kommun, "2026-10/1", "beslut")).unwrap();
    assert!(text.contains("2026-10/1"), "the texts lie there: {text}");

    // Under any name: which sheet and role it is for follows from the signature.
    drop_signature(&kommun, "2026-10/1", ("granskning", "greta"), "blad-1-granskning.txt.sig");
    let took = at(&kommun, "2026-10-08T08:00:00Z", &["once", "import"]).exits(0).out;
    assert_eq!(took, "blad-1-granskning.txt.sig: underskrift, granskningsattest på blad 1 av 2026-10/1, av greta\n");
    assert_eq!(said(&kommun, "2026-10-08T08:01:00Z", "export_attested"), [""; 0], "one is not two");
    drop_signature(&kommun, "2026-10/1", ("beslut", "britt"), "Britts.SIG");
    let took = at(&kommun, "2026-10-08T08:02:00Z", &["once", "import"]).exits(0).out;
    assert_eq!(took, "Britts.SIG: underskrift, beslutsattest på blad 1 av 2026-10/1, av britt\n");
    assert_eq!(dropped(&kommun), [""; 0]);
    assert_eq!(
        said(&kommun, "2026-10-08T08:03:00Z", "export_attested"),
        ["körning 2026-10/1 är lämnad: 4 rader, 1 442,00 kr, paxml-2026-10-1.xml"]
    );
    assert_eq!(batches(&kommun), ["2026-10/1 delivered"]);
    assert_eq!(of_paxml(&kommun.delivered("2026-10/1")).len(), 4);
    assert_eq!(letters(&kommun, "month_exported").len(), 1);
    let archived = kommun.files("archive").into_iter().filter(|(name, _)| name.ends_with(".sig"));
    assert_eq!(archived.count(), 2, "what came in is kept by its content");

    // Nothing of it happens twice.
    for (minute, job) in ["calculate_month", "export_attested", "close_month", "tell_events"].iter().enumerate() {
        let before = (kommun.sql("SELECT COUNT(*) FROM audit"), kommun.sql("SELECT COUNT(*) FROM letter"));
        at(&kommun, &format!("2026-10-08T09:0{minute}:00Z"), &["once", job]).exits(0);
        assert_eq!(
            (kommun.sql("SELECT COUNT(*) FROM audit"), kommun.sql("SELECT COUNT(*) FROM letter")),
            before,
            "{job}"
        );
    }
    assert_eq!(said(&kommun, "2026-10-09T09:00:00Z", "export_attested"), [""; 0]);
    assert_eq!(batches(&kommun), ["2026-10/1 delivered"]);
}

#[test]
fn where_payroll_attests_the_months_run_without_a_hand() {
    let kommun = with_meetings("2026-09", "2026-10-01T06:00:00Z", &["2026-09-09", "2026-10-07"]);
    pays_by_payroll(&kommun);
    let told = round(&kommun, "2026-10-08T04:00:00Z");
    assert!(told.contains(FROZEN), "{told}");
    assert!(told.contains("export_attested: körning 2026-10/1 är lämnad"), "in the same round: {told}");
    assert!(!kommun.path("attest").exists(), "nobody signs here");
    round(&kommun, "2026-11-06T05:00:00Z");
    assert_eq!(batches(&kommun), ["2026-10/1 delivered", "2026-11/1 delivered"]);
    assert_eq!(of_paxml(&kommun.delivered("2026-11/1")).len(), 4);
    assert_eq!(letters(&kommun, "attest_sheets"), [""; 0]);
    let subjects = letters(&kommun, "month_exported");
    assert_eq!(subjects.len(), 2, "{subjects:?}");

    // A recalculation is asked for by a person, and nobody else has looked at it: it waits for that person's word.
    kommun.edit("regelverk/riksdagsarvode.toml", |text| text.replace("value = 81400", "value = 85000"));
    let recalculate = ["recalculate", "--from", "2026-09", "--because", "RAN 2026-10-30"];
    assert!(at(&kommun, "2026-11-06T08:00:00Z", &recalculate).code <= 1);
    assert_eq!(said(&kommun, "2026-11-06T08:01:00Z", "export_attested"), [""; 0]);
    assert_eq!(batches(&kommun)[2..], ["2026-12/1 calculated"]);
    at(&kommun, "2026-11-06T08:02:00Z", &["export", "2026-12/1"]).exits(0);
    round(&kommun, "2026-12-08T05:00:00Z");
    assert_eq!(batches(&kommun)[2..], ["2026-12/1 delivered"], "and the month after has its own, if anything is owed");
}

#[test]
fn a_missed_month_is_made_good_and_one_that_is_too_late_waits_for_a_person() {
    let kommun = with_meetings("2026-09", "2026-10-01T06:00:00Z", &SEPTEMBER);
    // Away over calculation and cut-off of October, back before November's day: as if it had been on time.
    let told = round(&kommun, "2026-10-20T08:00:00Z");
    assert!(told.contains(&format!("calculate_month: {FROZEN}\n")), "{told}");
    assert_eq!(letters(&kommun, "operator_alarm"), [""; 0]);
    sign(&kommun, "2026-10-20T09:00:00Z", "2026-10/1");
    round(&kommun, "2026-10-20T09:01:00Z");
    assert_eq!(batches(&kommun), ["2026-10/1 delivered"]);

    // November's day is 6 November, December's 8 December: back on that day's afternoon, November is too late.
    meetings(&kommun, "oktober.xlsx", &["2026-10-07"]);
    meetings(&kommun, "november.xlsx", &["2026-11-04"]);
    let told = round(&kommun, "2026-12-08T13:00:00Z");
    let late = "; månaden är räknad i efterhand och lämnas när någon säger arvode export 2026-11/1";
    assert!(told.contains("calculate_month: körning 2026-11/1 är fryst: ") && told.contains(late), "{told}");
    let waits =
        "calculate_month: 2026-12 väntar tills körning 2026-11/1 är lämnad eller tagen tillbaka (väntar på att lämnas)";
    assert!(told.contains(waits), "{told}");
    let letter = kommun.sql("SELECT body_text FROM letter WHERE kind = 'attest_sheets' AND receiver = 'official:greta' ORDER BY id DESC LIMIT 1");
    assert!(letter.contains("De lämnas inte av sig själva") && letter.contains("arvode export 2026-11/1"), "{letter}");
    let alarms = ["operator", "kansli"].map(|office| {
        format!("office:{office}: Larm: Körning 2026-11/1 är räknad i efterhand och lämnas inte av sig själv")
    });
    assert_eq!(letters(&kommun, "operator_alarm"), alarms);

    sign(&kommun, "2026-12-08T14:00:00Z", "2026-11/1");
    let told = round(&kommun, "2026-12-08T14:01:00Z");
    let is_said = ["export_attested", "calculate_month"].iter().any(|job| told.contains(job));
    assert!(!is_said, "signed, and it does not leave; what waits was said once: {told}");
    assert_eq!(batches(&kommun)[1..], ["2026-11/1 calculated"]);
    at(&kommun, "2026-12-08T14:02:00Z", &["export", "2026-11/1"]).exits(0);
    let told = said(&kommun, "2026-12-08T14:03:00Z", "calculate_month");
    assert!(told[0].starts_with("körning 2026-12/1 är fryst: "), "the next one's turn: {told:?}");
    assert!(!told[0].contains("efterhand"), "{told:?}");
    assert_eq!(letters(&kommun, "operator_alarm"), alarms, "nobody is told twice");
}

#[test]
fn thirteen_months_away_are_caught_up_one_by_one_and_none_leaves_by_itself() {
    let month = |number: i32| format!("{}-{:02}", 2025 + number / 12, number % 12 + 1);
    let days: Vec<String> = (0..13).map(|number| format!("{}-08", month(number))).collect();
    let days: Vec<&str> = days.iter().map(String::as_str).collect();
    let kommun = with_meetings("2025-01", "2025-01-02T06:00:00Z", &days);
    pays_by_payroll(&kommun);
    // Back between February's and March's days of the year after; of January 2025 nothing is paid before February.
    let mut now = 0;
    let mut next = || {
        now += 1;
        format!("2026-02-20T08:{now:02}:00Z")
    };
    round(&kommun, &next());
    let mut left = Vec::new();
    for month in (1..14).map(month) {
        let batch = format!("{month}/1");
        assert_eq!(batches(&kommun).len(), left.len() + 1, "one at a time, at {month}");
        round(&kommun, &next());
        let state = batches(&kommun).last().unwrap().clone();
        if month == "2026-02" {
            assert_eq!(state, format!("{batch} delivered"), "the one whose time it is leaves by itself");
        } else {
            assert_eq!(state, format!("{batch} calculated"));
            at(&kommun, &next(), &["export", &batch]).exits(0);
            round(&kommun, &next());
        }
        left.push(batch);
    }
    let alarms = letters(&kommun, "operator_alarm");
    assert_eq!(alarms.iter().filter(|alarm| alarm.contains("operator: Larm: Körning")).count(), 12, "{alarms:?}");
    assert_eq!(alarms.len(), 24, "none about waiting");
    let rows: usize = left.iter().map(|batch| of_paxml(&kommun.delivered(batch)).len()).sum();
    assert_eq!(rows, 13 * 4, "every meeting once: two rows a person");
    assert_eq!(kommun.sql("SELECT COUNT(*) FROM schedule_run WHERE job = 'calculate_month' AND state <> 'done'"), "0");
}

#[test]
fn a_tripwire_is_told_once_and_nothing_is_frozen_before_a_person_has_said_yes() {
    let kommun = with_meetings("2026-09", "2026-10-01T06:00:00Z", &SEPTEMBER);
    kommun.edit("regelverk/lonekalender.toml", |text| text.replace("manader = 13", "manader = 0"));
    let told = said(&kommun, "2026-10-08T04:00:00Z", "calculate_month");
    assert_eq!(
        told,
        ["2026-10 är inte fryst, en människa måste se efter: körningen rör 1 intjänandemånader (spärr: 0)"]
    );
    round(&kommun, "2026-10-08T04:01:00Z");
    round(&kommun, "2026-10-09T04:01:00Z");
    assert_eq!((batches(&kommun).len(), letters(&kommun, "attest_sheets").len()), (0, 0));
    let alarms =
        ["operator", "kansli"].map(|office| format!("office:{office}: Larm: Månaden 2026-10 är stoppad av en spärr"));
    assert_eq!(letters(&kommun, "operator_alarm"), alarms);
    assert_eq!(
        kommun.sql("SELECT body_text FROM letter WHERE kind = 'operator_alarm' LIMIT 1").split("\n\n--\n").next().unwrap(),
        "\
Månaden 2026-10 är stoppad av en spärr

Körningen rör 1 intjänandemånader (spärr: 0). Inget är fryst, och ingenting lämnas förrän en människa har sett efter.

Gör så här: Se vad körningen skulle bli: arvode month 2026-10. Stämmer det: arvode month 2026-10 --freeze --yes. Är något fel: arvode changes visar vad som är ändrat för hand, arvode undo ångrar det, och arvode withdraw FIL tar tillbaka en fil. Görs inget kommer allt med i nästa månads körning.

Hände: 2026-10-08 kl. 06.00"
    );
    at(&kommun, "2026-10-09T08:00:00Z", &["month", "2026-10", "--freeze", "--yes"]);
    sign(&kommun, "2026-10-09T09:00:00Z", "2026-10/1");
    round(&kommun, "2026-10-09T09:01:00Z");
    assert_eq!(batches(&kommun), ["2026-10/1 delivered"], "what a person froze in time leaves like any other");
}

#[test]
fn a_month_waits_for_a_batch_that_is_open_and_says_so_once() {
    let kommun = with_meetings("2026-09", "2026-10-01T06:00:00Z", &["2026-09-09", "2026-10-07"]);
    // Worked out after its own cut-off, so that no cut-off touches it; and nobody signs.
    round(&kommun, "2026-10-20T08:00:00Z");
    let told = said(&kommun, "2026-11-06T05:00:00Z", "calculate_month");
    assert_eq!(told, ["2026-11 väntar tills körning 2026-10/1 är lämnad eller tagen tillbaka (väntar på att lämnas)"]);
    assert_eq!(letters(&kommun, "operator_alarm"), [""; 0], "it might leave in this very round");
    for minute in 1..4 {
        assert_eq!(said(&kommun, &format!("2026-11-06T05:0{minute}:00Z"), "calculate_month"), [""; 0]);
    }
    let alarms = ["operator", "kansli"]
        .map(|office| format!("office:{office}: Larm: Månaden 2026-11 väntar på körning 2026-10/1"));
    assert_eq!(letters(&kommun, "operator_alarm"), alarms);
    let run = kommun.sql(
        "SELECT state || ' ' || tries FROM schedule_run WHERE job = 'calculate_month' ORDER BY due_at DESC LIMIT 1",
    );
    assert_eq!(run, "planned 0", "nothing has failed");
    at(&kommun, "2026-11-06T06:00:00Z", &["once", "calculate_month"]).exits(3).says(&["2026-11 väntar"]);
    at(&kommun, "2026-11-06T07:00:00Z", &["void", "2026-10/1", "--because", "ingen attesterade"]).exits(0);
    let told = said(&kommun, "2026-11-06T07:01:00Z", "calculate_month");
    assert_eq!(told, ["körning 2026-11/1 är fryst: 8 rader, 2 884,00 kr"], "with what came back from October");
}

#[test]
fn a_month_that_cannot_be_worked_out_keeps_those_after_it_from_taking_its_money_along() {
    let kommun = with_meetings("2026-09", "2026-10-01T06:00:00Z", &["2026-09-09", "2026-10-07"]);
    // October was tried, and is tried again in a while.
    let due = "unixepoch('2026-10-08T04:00:00Z') * 1000";
    kommun.sql(&format!(
        "INSERT INTO schedule_run (job, due_at, state, tries, next_try_at, told) \
         VALUES ('calculate_month', {due}, 'failed', 9, unixepoch('2026-11-06T06:00:00Z') * 1000, 'disken är full')"
    ));
    let told = said(&kommun, "2026-11-06T05:00:00Z", "calculate_month");
    assert_eq!(told, ["2026-11 väntar på körningen som skulle ha gjorts 2026-10-08 kl. 06.00"]);
    assert_eq!(batches(&kommun), [""; 0]);
    let told = said(&kommun, "2026-11-06T06:00:00Z", "calculate_month");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("körning 2026-10/1 är fryst: 4 rader") && told[0].contains("efterhand"), "{told:?}");
    assert!(told[1].starts_with("2026-11 väntar tills körning 2026-10/1 är lämnad"), "{told:?}");
}

#[test]
fn what_a_person_has_done_about_a_month_stands() {
    let kommun = with_meetings("2026-09", "2026-10-01T06:00:00Z", &SEPTEMBER);
    at(&kommun, "2026-10-05T08:00:00Z", &["month", "2026-10", "--freeze"]);
    assert!(sheet_text(&kommun, "2026-10/1", "granskning").exists(), "also of what is frozen by hand");
    let told = said(&kommun, "2026-10-08T04:00:00Z", "calculate_month");
    assert_eq!(told, ["körning 2026-10/1 finns redan (väntar på att lämnas)"]);
    at(&kommun, "2026-10-08T08:00:00Z", &["void", "2026-10/1", "--because", "fel lista"]).exits(0);
    let told = at(&kommun, "2026-10-08T08:01:00Z", &["once", "calculate_month"]).exits(0).out;
    assert_eq!(
        told,
        "calculate_month: körning 2026-10/1 är tagen tillbaka: en människa fryser månaden igen (arvode month 2026-10 --freeze), \
         annars kommer raderna med nästa månads körning\n"
    );
    assert_eq!(batches(&kommun), ["2026-10/1 void"]);
    // A kommun that is still beside its old routine is looked at and never frozen; one without meetings has nothing.
    let empty = self::kommun("2026-09", "2026-10-01T06:00:00Z");
    let told = said(&empty, "2026-10-08T04:00:00Z", "calculate_month");
    assert_eq!(told, ["2026-10: inget är att betala ut, ingen körning gjordes"]);
}

#[test]
fn a_signature_that_counts_for_nothing_is_put_aside_with_its_reason() {
    let kommun = with_meetings("2026-09", "2026-10-01T06:00:00Z", &SEPTEMBER);
    round(&kommun, "2026-10-08T04:00:00Z");
    let import = |now: &str| at(&kommun, now, &["once", "import"]);
    let put = |name: &str, content: &[u8]| fs::write(kommun.path("in").join(name), content).unwrap();
    let reason = |name: &str| fs::read_to_string(kommun.path("rejected").join(format!("{name}.txt"))).unwrap();

    let text = sheet_text(&kommun, "2026-10/1", "beslut");
    put("okänd.sig", &signature(&kommun, "okänd", &text));
    put("fel-roll.sig", &signature(&kommun, "greta", &text));
    let other = kommun.root().join("annat.txt");
    fs::write(&other, "något annat").unwrap();
    put("annan-text.sig", &signature(&kommun, "britt", &other));
    put("ingen.sig", b"hej, det var jag");
    let told = import("2026-10-08T08:00:00Z").exits(1).out;
    assert_eq!(told.lines().filter(|line| line.contains("avvisad, ligger i rejected som")).count(), 4, "{told}");
    for (name, why) in [
        ("okänd.sig", "Nyckeln som filen är underskriven med är ingens i attestförteckningen."),
        ("fel-roll.sig", "greta får inte ge beslutsattest enligt attestförteckningen."),
        ("annan-text.sig", "Underskriften gäller inget attestblad: den är över en annan text, eller skadad."),
        ("ingen.sig", "Filen är ingen underskrift med en SSH-nyckel"),
    ] {
        let text = reason(name);
        assert!(text.contains(why), "{name}: {text}");
        assert!(kommun.held().iter().any(|remark| remark.contains(why)), "{name} leaves a remark: {:?}", kommun.held());
    }
    assert_eq!((dropped(&kommun).len(), kommun.sql("SELECT COUNT(*) FROM attest")), (0, "0".to_owned()));

    // Half a file waits for its end; whole, it counts, and the remark about the file of its name is done with.
    let whole = signature(&kommun, "britt", &text);
    put("annan-text.sig", &whole[..whole.len() / 2]);
    let told = import("2026-10-08T08:01:00Z").exits(1).out;
    assert!(told.starts_with("annan-text.sig: väntar. Filen är inte hel: slutet saknas."), "{told}");
    put("annan-text.sig", &whole);
    import("2026-10-08T08:02:00Z").exits(0);
    assert!(!kommun.held().iter().any(|remark| remark.contains("gäller inget attestblad")), "{:?}", kommun.held());

    // The same once more, while the batch waits and after it has left: known, and nothing is done twice.
    put("igen.sig", &whole);
    let told = import("2026-10-08T08:03:00Z").exits(0).out;
    assert_eq!(told, "igen.sig: underskrift, fanns redan: beslutsattest på blad 1 av 2026-10/1, av britt\n");
    put("ove.sig", &signature(&kommun, "ove", &text));
    import("2026-10-08T08:04:00Z").exits(1);
    assert!(reason("ove.sig").contains("Blad 1 av körning 2026-10/1 har redan sin beslutsattest, av britt."));
    drop_signature(&kommun, "2026-10/1", ("granskning", "greta"), "greta.sig");
    import("2026-10-08T08:05:00Z").exits(0);
    round(&kommun, "2026-10-08T08:06:00Z");
    assert_eq!(batches(&kommun), ["2026-10/1 delivered"]);
    put("efter.sig", &whole);
    import("2026-10-08T08:07:00Z").exits(0);
    put("för-sent.sig", &signature(&kommun, "ove", &text));
    import("2026-10-08T08:08:00Z").exits(1);
    assert!(
        reason("för-sent.sig").contains("Körning 2026-10/1 väntar inte längre på underskrifter"),
        "{}",
        reason("för-sent.sig")
    );
    assert_eq!(kommun.sql("SELECT COUNT(*) FROM attest"), "2");
}

#[test]
fn in_december_both_days_move_to_bank_days_before() {
    let kommun = with_meetings("2026-10", "2026-12-01T06:00:00Z", &["2026-11-04"]);
    kommun.edit("regelverk/lonekalender.toml", |text| {
        text.replace("brytdag = 15", "brytdag = 26").replace("utbetalningsdag = 27", "utbetalningsdag = 28")
    });
    // The 26th is annandag jul, a Saturday; the 25th and julafton are days off. So the cut-off is Wednesday the 23rd, and five
    // bank days before it is Wednesday the 16th.
    assert_eq!(said(&kommun, "2026-12-16T04:59:00Z", "calculate_month"), [""; 0]);
    let told = said(&kommun, "2026-12-16T05:00:00Z", "calculate_month");
    assert_eq!(told, ["körning 2026-12/1 är fryst: 4 rader, 1 442,00 kr"]);
    let subject = "Attestera senast 2026-12-23: körning 2026-12/1, 1 blad";
    assert_eq!(
        letters(&kommun, "attest_sheets"),
        ["greta", "britt", "ove"].map(|id| format!("official:{id}: {subject}"))
    );
}

#[test]
fn an_export_that_needs_a_person_is_told_once_and_leaves_no_trail_each_minute() {
    let kommun = with_meetings("2026-09", "2026-10-01T06:00:00Z", &SEPTEMBER);
    round(&kommun, "2026-10-08T04:00:00Z");
    sign(&kommun, "2026-10-08T08:00:00Z", "2026-10/1");
    // Somebody has put another file under the very name.
    fs::write(kommun.deliver("2026-10/1"), "en annan fil").unwrap();
    let mut failed = 0;
    for minute in 1..60 {
        let ran = at(&kommun, &format!("2026-10-08T08:{minute:02}:00Z"), &["once", "timetable"]);
        failed += i32::from(ran.code != 0);
    }
    assert!((2..=7).contains(&failed), "tried after 1, 2, 4 … minutes, not each minute: {failed}");
    let alarms = letters(&kommun, "operator_alarm");
    assert_eq!(alarms, ["office:operator: Larm: Jobbet export_attested går inte"]);
    fs::remove_file(kommun.deliver("2026-10/1")).unwrap();
    let state = batches(&kommun)[0].clone();
    if state == "2026-10/1 delivering" {
        at(&kommun, "2026-10-08T09:00:00Z", &["export", "2026-10/1", "--cut-off", "not-delivered"]).exits(0);
    }
    round(&kommun, "2026-10-08T10:00:00Z");
    assert_eq!(batches(&kommun), ["2026-10/1 delivered"]);
    assert_eq!(of_paxml(&kommun.delivered("2026-10/1")).len(), 4);
}

#[test]
fn a_diarium_that_does_not_answer_stops_neither_the_month_nor_the_other_sources() {
    let kommun = with_meetings("2026-09", "2026-10-01T06:00:00Z", &SEPTEMBER);
    kommun.edit("arvode.toml", |text| {
        text + "\n[[diarium]]\nname = \"borta\"\nadapter = \"oparl\"\nurl = \"http://127.0.0.1:9/oparl\"\ntries = 1\n"
    });
    let ran = at(&kommun, "2026-10-08T03:30:00Z", &["once", "timetable"]).exits(3);
    ran.says(&["sync_diarium: ", "borta"]);
    let ran = at(&kommun, "2026-10-08T04:00:00Z", &["once", "timetable"]);
    let out = ran.out.replace('\u{a0}', " ");
    assert!(out.contains(&format!("calculate_month: {FROZEN}; diariet: ")) && out.contains("borta"), "{out}");
    assert_eq!(batches(&kommun), ["2026-10/1 calculated"]);
}
