//! Backup and restore: one file that was proven, a kommun that answers the same, and nothing that leaves twice.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod postgres;
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::{Kommun, PROGRAM, Ran, files};

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll";

/// One meeting of an hour of kommunstyrelsen.
fn ks(kommun: &Kommun, day: &str, anstids: &[&str]) -> PathBuf {
    let rows = anstids.iter().map(|anstid| format!("\n{day} | KS | 13.00 | 14.00 | @{anstid} | ledamot"));
    kommun.list(&format!("ks-{day}-{}.xlsx", anstids.join("-")), &(NARVARO.to_owned() + &rows.collect::<String>()))
}

/// A month that was paid, letters of it that wait, and a list in the drop folder.
fn kommun() -> Kommun {
    let kommun = Kommun::new("2015-01");
    kommun.edit("arvode.toml", |text| {
        text.replace("\nkommun = ", "\ndemo = true\nkommun = ")
            .replace("kansli = \"\"", "kansli = \"kansli@exempel.se\"")
            .replace("lonekontor = \"\"", "lonekontor = \"lon@exempel.se\"")
            .replace("operator = \"\"", "operator = \"drift@exempel.se\"")
    });
    kommun.ledamoter(&["1001", "1002"]);
    kommun.import(&[&ks(&kommun, "2015-02-11", &["1001", "1002"])]);
    kommun.pay("2015-03");
    fs::write(kommun.path("in/väntar.csv"), "Datum;Organ\n").unwrap();
    kommun
}

fn backup(kommun: &Kommun, name: &str) -> PathBuf {
    let file = kommun.root().join(name);
    kommun.run(&["backup", file.to_str().unwrap()]).exits(0);
    file
}

/// The chain's head and the latest batch that left, as the monthly letter says them.
fn letter(kommun: &Kommun) -> (String, String) {
    let batch = kommun.sql("SELECT name FROM batch WHERE state = 'delivered' ORDER BY id DESC LIMIT 1");
    (batch, kommun.sql("SELECT hash FROM audit ORDER BY id DESC LIMIT 1"))
}

/// Restores into a kommun of its own, whose officials' keys are those of the first.
fn restored(kommun: &Kommun, file: &Path, letter: &[&str]) -> (Kommun, Ran) {
    let other = kommun.copy();
    fs::remove_dir_all(other.data()).unwrap();
    let ran = other.run(&[&["restore", file.to_str().unwrap()], letter].concat());
    (other, ran)
}

fn names(folder: &Path) -> Vec<String> {
    files(folder).into_iter().map(|(name, _)| name).collect()
}

/// What a kommun answers, and the bytes that left it.
fn answers(kommun: &Kommun) -> Vec<String> {
    let asked: [&[&str]; 5] = [
        &["month", "2015-03", "--json"],
        &["month", "2015-04", "--json"],
        &["explain", "2015-03", "--json"],
        &["statement", "1001", "2015", "--json"],
        &["remarks", "--json"],
    ];
    let told = asked.map(|arguments| kommun.run(arguments).out);
    let files = ["out", "archive", "in"].map(|folder| format!("{:?}", kommun.files(folder)));
    told.into_iter().chain(files).collect()
}

#[test]
fn a_restored_kommun_answers_the_same_and_pays_the_same_bytes() {
    let kommun = kommun();
    let file = backup(&kommun, "kommun.backup");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    kommun.run(&["backup", file.to_str().unwrap()]).exits(2).says(&["never written over"]);
    let hidden: Vec<String> = names_here(kommun.root()).into_iter().filter(|name| name.starts_with('.')).collect();
    assert_eq!(hidden, [""; 0], "what it was tried in is gone");
    let (batch, chain) = letter(&kommun);
    let (other, ran) = restored(&kommun, &file, &["--batch", &batch, "--chain", &chain, "--json"]);
    let told = ran.exits(1).json();
    assert_eq!(told["older_than_letter"], false);
    assert!(told["letters_held_back"].as_u64().unwrap() > 0);
    assert_eq!(answers(&other), answers(&kommun));
    other.run(&["verify"]).exits(1);
    other.run(&["verify", "--accept-restored", "--because", "provad"]).exits(0);
    other.run(&["verify"]).exits(0);
    for one in [&kommun, &other] {
        one.import(&[&ks(one, "2015-03-11", &["1001"])]);
        one.pay("2015-04");
    }
    // The receipts say when it was signed.
    let payroll =
        |at: &Kommun| -> Vec<_> { at.files("out").into_iter().filter(|(name, _)| name.ends_with(".xml")).collect() };
    assert_eq!(payroll(&other), payroll(&kommun));
    let rights = |at: &Kommun, name: &str| fs::metadata(at.path(name)).unwrap().permissions().mode() & 0o7777;
    for name in ["in", "archive", "out", "rejected", "deliver", "arvode.db", "config/arvode.toml"] {
        assert_eq!(rights(&other, name), rights(&kommun, name), "{name}");
    }
}

fn names_here(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_backup_that_is_made_while_others_write_is_of_one_instant() {
    let kommun = kommun();
    let lists: Vec<PathBuf> = (1..=9).map(|day| ks(&kommun, &format!("2015-03-0{day}"), &["1001", "1002"])).collect();
    let writers: Vec<_> = lists
        .iter()
        .map(|list| kommun.command(&["import"]).arg(list).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
        .collect();
    let made: Vec<PathBuf> = (1..=3).map(|number| backup(&kommun, &format!("{number}.backup"))).collect();
    for mut writer in writers {
        assert!(writer.wait().unwrap().code().is_some_and(|code| code <= 1));
    }
    let (batch, chain) = letter_of_first(&kommun);
    for file in made {
        let (other, ran) = restored(&kommun, &file, &["--batch", &batch, "--chain", &chain]);
        ran.exits(1);
        let found = other.run(&["verify", "--json"]).exits(1).json();
        assert_eq!(found["findings"].as_array().unwrap().len(), 0, "{found}");
    }
}

/// A letter that was written when the batch had left.
fn letter_of_first(kommun: &Kommun) -> (String, String) {
    let chain = kommun.sql("SELECT hash FROM audit WHERE detail LIKE '%-> delivered' ORDER BY id DESC LIMIT 1");
    ("2015-03/1".to_owned(), chain)
}

#[test]
fn a_kommun_moves_from_a_file_to_a_server_and_back() {
    let kommun = kommun();
    let (batch, chain) = letter(&kommun);
    let (server, file) = (postgres::Server::start(), backup(&kommun, "fil.backup"));
    let to_server = ["--batch", &batch, "--chain", &chain, "--database", &server.url(), "--schema", "flyttad"];
    let (moved, ran) = restored(&kommun, &file, &to_server);
    ran.exits(1);
    assert!(!moved.path("arvode.db").exists());
    assert!(moved.config("arvode.toml").contains(&format!("\ndatabase = \"{}\"", server.url())));
    assert_eq!(answers(&moved), answers(&kommun));
    moved.run(&["verify"]).exits(1);
    let (second, ran) = restored(&kommun, &file, &to_server);
    ran.exits(4).says(&["it holds rows already"]);
    assert!(!second.data().exists(), "what was refused leaves nothing");
    let file = backup(&moved, "server.backup");
    let (back, ran) = restored(&moved, &file, &["--batch", &batch, "--chain", &chain, "--database", "egen.db"]);
    ran.exits(1);
    assert!(back.path("egen.db").exists());
    assert_eq!(answers(&back), answers(&kommun));
}

#[test]
fn the_last_letter_is_asked_for() {
    let kommun = kommun();
    let file = backup(&kommun, "kommun.backup");
    let (batch, chain) = letter(&kommun);
    let cases: [(&[&str], &str); 5] = [
        (&[], "they stand at the top of the last monthly letter"),
        (&["--batch", &batch], "they stand at the top of the last monthly letter"),
        (&["--batch", &batch, "--chain", "abc"], "64 hexadecimal digits"),
        (&["--batch", "2015-3", "--chain", &chain], "is not a batch"),
        (&["--batch", "2015-09/1", "--chain", &chain], "the two are not of the same letter"),
    ];
    for (given, told) in cases {
        let (other, ran) = restored(&kommun, &file, given);
        ran.exits(2).says(&[told]);
        assert!(!other.data().exists(), "{given:?} leaves nothing");
    }
    let spaced = format!("{} {}", &chain[..32].to_uppercase(), &chain[32..]);
    restored(&kommun, &file, &["--batch", &batch, "--chain", &spaced]).1.exits(1);
    restored(&kommun, &file, &["--no-letter"]).1.exits(1);
    kommun.run(&["restore", file.to_str().unwrap(), "--no-letter"]).exits(2).says(&["there is something in it"]);
}

#[test]
fn an_old_backup_exports_and_mails_nothing_again() {
    let kommun = kommun();
    let old = backup(&kommun, "gammal.backup");
    kommun.import(&[&ks(&kommun, "2015-03-11", &["1001"])]);
    kommun.pay("2015-04");
    kommun.run(&["outbox", "send"]);
    let (batch, chain) = letter(&kommun);
    assert_eq!(batch, "2015-04/1");
    let (other, ran) = restored(&kommun, &old, &["--batch", &batch, "--chain", &chain]);
    let told = ran.exits(1).out;
    assert!(told.contains("THE BACKUP IS OLDER THAN THE LETTER: 2015-04/1"), "{told}");
    // The disk is lost: neither out/ nor mail/ has what left.
    assert!(!other.out("2015-04/1").exists());
    let mailed = || other.path("mail").exists().then(|| names(&other.path("mail")));
    let before = mailed();
    for job in ["timetable", "send_outbox", "export_attested"] {
        other.run(&["once", job, "--now", "2015-05-02T11:00:00Z"]);
    }
    assert_eq!(mailed(), before, "nothing is mailed by itself");
    let accept = ["verify", "--accept-restored", "--because", "lönekontoret tillfrågat"];
    other.run(&accept).exits(4).says(&["2015-04/1 has left, and this database does not know it"]);
    // What came in after the backup comes in again, and the same rows are frozen again.
    other.import(&[&ks(&other, "2015-03-11", &["1001"])]);
    let frozen = other.freeze("2015-04");
    other.sign("2015-04/1");
    other.run(&["export", "2015-04/1"]).exits(4).says(&["nobody knows whether 2015-04/1 has left since"]);
    other.run(&["export", "2015-04/1", "--cut-off", "not-delivered"]).exits(4).says(&["the last monthly letter says"]);
    other.run(&["once", "export_attested", "--now", "2015-05-03T11:00:00Z"]);
    assert!(!other.out("2015-04/1").exists() && !other.deliver("2015-04/1").exists());
    other.run(&["export", "2015-04/1", "--cut-off", "delivered"]).exits(0);
    assert!(!other.out("2015-04/1").exists(), "it is not written again");
    assert_eq!(frozen["totals"]["belopp"], kommun.json(&["month", "2015-04/1"])["totals"]["belopp"]);
    other.run(&accept).exits(0);
    other.run(&accept).exits(2).says(&["waits for no word"]);
    other.run(&["verify"]).exits(0);
    // From here on it is a kommun as any other.
    other.import(&[&ks(&other, "2015-04-08", &["1002"])]);
    assert_eq!(other.pay("2015-05").len(), 1);
    let held = other.json(&["outbox", "--state", "held_back"]);
    let first = held[0]["letter"].as_i64().expect("letters that waited are held back").to_string();
    other.run(&["outbox", "retry", &first]);
    assert_eq!(other.sql(&format!("SELECT state FROM letter WHERE id = {first}")), "waiting");
}

#[test]
fn what_was_on_its_way_out_asks_a_person() {
    let kommun = kommun();
    kommun.import(&[&ks(&kommun, "2015-03-11", &["1001"])]);
    kommun.freeze("2015-04");
    kommun.sign("2015-04/1");
    let (batch, chain) = letter(&kommun);
    let file = backup(&kommun, "underskriven.backup");
    let (other, ran) = restored(&kommun, &file, &["--batch", &batch, "--chain", &chain]);
    assert!(ran.exits(1).out.contains("2015-04/1 was on its way"));
    other.run(&["export", "2015-04/1"]).exits(4).says(&["nobody knows whether 2015-04/1 has left since"]);
    let accept = ["verify", "--accept-restored", "--because", "lönekontoret tillfrågat"];
    other.run(&accept).exits(4).says(&["--yes", "that payroll never got it"]);
    other.run(&["export", "2015-04/1", "--cut-off", "not-delivered"]).exits(0);
    assert!(other.deliver("2015-04/1").exists());
    other.run(&accept).exits(0);
}

#[test]
fn a_damaged_backup_is_refused_and_leaves_nothing() {
    let kommun = kommun();
    let file = backup(&kommun, "kommun.backup");
    let whole = fs::read(&file).unwrap();
    let target = kommun.root().join("ny");
    let arguments = ["restore", file.to_str().unwrap(), "--no-letter"];
    let regions = (0..64).map(|part| part * whole.len() / 64).chain(whole.len() - 90..whole.len());
    for place in regions {
        let mut damaged = whole.clone();
        damaged[place] ^= 1;
        fs::write(&file, damaged).unwrap();
        let ran = Command::new(PROGRAM).arg("--data").arg(&target).args(arguments).output().unwrap();
        Ran::of(&ran).exits(4).says(&["is damaged"]);
        assert!(!target.exists(), "byte {place}");
    }
    for length in [0, 63, 64, 1_000, whole.len() - 1] {
        fs::write(&file, &whole[..length]).unwrap();
        let ran = Command::new(PROGRAM).arg("--data").arg(&target).args(arguments).output().unwrap();
        Ran::of(&ran).exits(4).says(&["is damaged"]);
    }
}

#[test]
fn a_full_disk_or_a_kill_leaves_no_half_file() {
    let kommun = kommun();
    let file = kommun.root().join("kommun.backup");
    let limited = |kib: u32, trap: &str| {
        let line = format!("{trap} ulimit -f {kib}; exec \"$@\"");
        let mut command = Command::new("bash");
        command.args(["-c", &line, "bash", PROGRAM, "--data"]).arg(kommun.data()).arg("backup").arg(&file);
        command.output().unwrap()
    };
    for kib in [1, 8, 20, 40, 64, 100] {
        let ran = limited(kib, "trap '' XFSZ;");
        if ran.status.code() == Some(0) {
            fs::remove_file(&file).unwrap();
            continue;
        }
        assert!(matches!(ran.status.code(), Some(3 | 4)), "{ran:?}");
        assert!(!file.exists(), "{kib} KiB");
    }
    // Without the trap the kernel kills it in the middle of a write; some of these after the database was opened.
    for kib in [34, 36, 40, 44] {
        assert_eq!(limited(kib, "").status.code(), None, "killed at {kib} KiB");
        assert!(!file.exists());
    }
    assert!(names_here(kommun.root()).iter().any(|name| name.ends_with(".part")));
    // The next one goes over what was left.
    backup(&kommun, "kommun.backup");
    assert!(!names_here(kommun.root()).iter().any(|name| name.starts_with('.')));
}

#[test]
fn the_night_verifies_keeps_one_copy_of_each_day_and_tells_the_operator() {
    let kommun = kommun();
    let night = |day: &str| kommun.run(&["once", "verify_and_backup", "--now", &format!("{day}T01:30:00Z")]);
    let ran = night("2026-11-24").exits(0);
    assert!(ran.out.contains("allt stämmer; säkerhetskopia av"), "{}", ran.out);
    let first = fs::read(kommun.path("backup/arvode-2026-11-24.backup")).unwrap();
    assert!(night("2026-11-24").exits(0).out.contains("fanns redan"));
    assert_eq!(fs::read(kommun.path("backup/arvode-2026-11-24.backup")).unwrap(), first);
    fs::write(kommun.path("backup/egen.backup"), "för hand").unwrap();
    kommun.edit("arvode.toml", |text| text.replace("days = 14", "days = 2").replace("months = 12", "months = 1"));
    for day in ["2026-11-25", "2026-11-26", "2026-11-27"] {
        night(day).exits(0);
    }
    let kept = ["arvode-2026-11-24.backup", "arvode-2026-11-26.backup", "arvode-2026-11-27.backup", "egen.backup"];
    assert_eq!(names(&kommun.path("backup")), kept);
    // A finding fails the job, which alarms; nothing is removed then.
    let archived = kommun.files("archive").remove(0).0;
    fs::remove_file(kommun.path("archive").join(archived)).unwrap();
    night("2026-11-28").exits(4).says(&["kontrollen hittade fel: archive/: ", "arvode verify"]);
    assert_eq!(names(&kommun.path("backup")).len(), 5);
}

#[test]
fn secrets_are_in_no_backup_and_are_named() {
    let kommun = kommun();
    fs::write(kommun.path("config/losenord"), "hemlighet-3141\n").unwrap();
    kommun.edit("arvode.toml", |text| {
        text.replace("user = \"\"", "user = \"arvode\"")
            .replace("password_file = \"\"", "password_file = \"config/losenord\"")
            .replace("host = \"\"", "host = \"127.0.0.1\"")
            .replace("transport = \"folder\"", "transport = \"smtp\"")
            .replace("security = \"starttls\"", "security = \"none\"")
    });
    let file = kommun.root().join("kommun.backup");
    let told = kommun.run(&["backup", file.to_str().unwrap(), "--json"]).exits(0).json();
    assert_eq!(told["left_out"].to_string(), "[\"config/losenord (mail.smtp password_file)\"]");
    let listed = Command::new("unzip").arg("-l").arg(&file).output();
    let (other, ran) = restored(&kommun, &file, &["--no-letter"]);
    assert!(ran.exits(1).out.contains("put back by hand: config/losenord"));
    assert!(!other.path("config/losenord").exists());
    if let Ok(listed) = listed {
        assert!(!String::from_utf8_lossy(&listed.stdout).contains("losenord"));
    }
}

#[test]
fn gallring_by_itself_takes_old_rejected_files_too_and_says_why_it_does_nothing() {
    let kommun = kommun();
    let gallring = || kommun.run(&["once", "gallring", "--now", "2026-03-01T02:00:00Z"]).exits(0).out;
    assert!(gallring().contains("nämner inget beslut"));
    kommun.edit("arvode.toml", |text| text.replace("decision = \"\"", "decision = \"KS 2026/88\""));
    assert!(gallring().contains("ingen månad är stängd"));
    kommun.import(&[&ks(&kommun, "2015-12-31", &["1001"])]);
    kommun.pay("2016-01");
    kommun.import(&[&ks(&kommun, "2016-01-13", &["1001"])]);
    kommun.pay("2016-02");
    kommun.run(&["close", "2015-12", "--because", "bokslut", "--yes"]).exits(0);
    let (old, new) = (kommun.path("rejected/gammal.xlsx"), kommun.path("rejected/ny.xlsx"));
    for (path, year) in [(&old, "2015-12-31"), (&new, "2016-01-02")] {
        fs::write(path, "personnummer").unwrap();
        assert!(Command::new("touch").args(["-d", year]).arg(path).status().unwrap().success());
    }
    let told = gallring();
    assert!(told.contains("gallrat till och med 2015-12-31 enligt KS 2026/88"), "{told}");
    assert!(!old.exists() && new.exists());
    // A meeting of the year's last day may go on past midnight: it goes with the year after.
    let left = kommun.sql("SELECT body FROM fact WHERE kind = 'meeting'");
    assert!(left.contains("2015-12-31") && !left.contains("2015-02-11"), "{left}");
    assert!(gallring().contains("inget fanns att gallra till och med 2015-12-31"));
    kommun.run(&["verify"]).exits(0);
}
