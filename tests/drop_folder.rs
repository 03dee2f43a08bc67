//! The drop folder: whatever is put there, in whatever way, is taken in whole and once, put aside with a reason, or left
//! and named.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::books::{personnummer, written};
use support::rows::of_json;
use support::{Kommun, PROGRAM, Ran, copy_folder};

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Namn | Roll";
const GOOD: &str = "2026-09-09 | KS | 13.00 | 14.00 | @1001 | | ledamot";
const OTHER: &str = "2026-09-09 | KS | 13.00 | 14.00 | @1002 | | ledamot";
const FACTS: &str = "SELECT COUNT(*) FROM fact";

/// Two ledamöter; a file need not lie still before it is taken.
fn kommun() -> Kommun {
    let kommun = settling(0);
    kommun.ledamoter(&["1001", "1002"]);
    kommun
}

fn settling(seconds: u32) -> Kommun {
    let kommun = Kommun::new("2026-09");
    set(&kommun, "settle_seconds = 10", &format!("settle_seconds = {seconds}"));
    kommun
}

fn set(kommun: &Kommun, was: &str, becomes: &str) {
    kommun.edit("arvode.toml", |text| text.replacen(was, becomes, 1));
}

fn inbox(kommun: &Kommun, name: &str) -> PathBuf {
    kommun.path("in").join(name)
}

/// A list of attendance beside the kommun, as bytes.
fn book(kommun: &Kommun, rows: &str) -> Vec<u8> {
    fs::read(kommun.list("bok.xlsx", &format!("{NARVARO}\n{rows}"))).unwrap()
}

fn put(kommun: &Kommun, name: &str, content: &[u8]) -> PathBuf {
    let path = inbox(kommun, name);
    fs::write(&path, content).unwrap();
    path
}

/// One pass; the files as JSON.
fn pass(kommun: &Kommun) -> Vec<Value> {
    let ran = kommun.run(&["once", "import", "--json"]);
    assert!(ran.code <= 1, "{ran:?}");
    ran.json()["files"].as_array().unwrap().clone()
}

/// `name state` of each file.
fn states(files: &[Value]) -> Vec<String> {
    files.iter().map(|file| format!("{} {}", file["file"].as_str().unwrap(), file["state"].as_str().unwrap())).collect()
}

/// What lies in a folder, hidden names too, but not our own folder in the drop folder.
fn names(kommun: &Kommun, folder: &str) -> Vec<String> {
    names_in(&kommun.path(folder))
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name != ".arvode")
        .collect();
    names.sort();
    names
}

fn rows(kommun: &Kommun) -> usize {
    of_json(&kommun.json(&["month", "2026-10"])).len()
}

#[test]
fn what_is_put_there_is_taken_in_archived_by_its_content_and_gone() {
    let kommun = kommun();
    let content = book(&kommun, GOOD);
    put(&kommun, "september.xlsx", &content);
    put(
        &kommun,
        "september.csv",
        format!("{}\n2026-09-16;KS;13.00;14.00;{};;ledamot\n", NARVARO.replace(" | ", ";"), written("1002")).as_bytes(),
    );
    let mut files = pass(&kommun);
    files.sort_by_key(|file| file["file"].as_str().unwrap().len());
    assert_eq!(states(&files), ["september.csv imported", "september.xlsx imported"]);
    assert_eq!(rows(&kommun), 2);
    assert_eq!(names(&kommun, "in"), [""; 0]);
    assert_eq!(names(&kommun, "rejected"), [""; 0]);
    let sha256 = files[1]["sha256"].as_str().unwrap();
    let kept = kommun.path("archive").join(format!("{sha256}.xlsx"));
    assert_eq!(fs::read(&kept).unwrap(), content);
    assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(names(&kommun, "archive").len(), 3, "the register's book came before");
    // By the file's name, as one who put it there knows it.
    kommun.run(&["withdraw", "september.xlsx", "--because", "prov"]).exits(0);
    assert_eq!(rows(&kommun), 1);
    let nothing = kommun.run(&["once", "import"]).exits(0);
    assert_eq!(nothing.out, "Ingenting att ta in.\n");
}

#[test]
fn a_file_with_rows_that_are_held_is_taken_in_and_says_so_without_saying_what_it_holds() {
    let kommun = kommun();
    put(
        &kommun,
        "september.xlsx",
        &book(&kommun, &format!("{GOOD}\n2026-09-09 | KS | 13.00 | 14.00 | | Ulf Okänd | ledamot")),
    );
    let ran = kommun.run(&["once", "import"]).exits(1);
    let mend = kommun.path("rejected").join("september - rättas.xlsx");
    assert_eq!(
        ran.out,
        format!(
            "september.xlsx: inläst, 2 rader = 1 nya + 0 kända + 1 hållna + 0 utan uppgift; se anmärkningarna: arvode remarks --state held; de hållna raderna kan rättas i {}\n",
            mend.display()
        )
    );
    assert!(mend.exists());
    assert_eq!((kommun.held().len(), names(&kommun, "in").len()), (1, 0));
}

#[test]
fn forms_that_come_together_find_the_persons_they_name() {
    let kommun = settling(0);
    let persons =
        format!("Personnummer | Efternamn | Förnamn | Anställningsnummer\n{} | Ek | Anna | 1001", written("1001"));
    let uppdrag = "Personnummer | Organ | Uppdrag | Från | Arvodesnyckel\n@1001 | KS | ledamot | 2015-01-01 | ledamot";
    let lists = [
        ("närvaro", "Närvaro", format!("{NARVARO}\n{GOOD}")),
        ("uppdrag", "Uppdrag", uppdrag.to_owned()),
        ("personer", "Personer", persons),
    ];
    for (file, sheet, table) in lists {
        let path = kommun.book("blankett.xlsx", &[(sheet, &table)]);
        fs::copy(path, inbox(&kommun, &format!("{file}.xlsx"))).unwrap();
    }
    assert_eq!(states(&pass(&kommun)), ["personer.xlsx imported", "uppdrag.xlsx imported", "närvaro.xlsx imported"]);
    assert_eq!((kommun.held().len(), rows(&kommun)), (0, 1));
}

#[test]
fn a_half_copied_file_waits_until_it_is_whole() {
    let kommun = kommun();
    let content = book(&kommun, GOOD);
    let facts = kommun.sql(FACTS);
    for part in [0, 1, 100, content.len() / 2, content.len() - 1] {
        put(&kommun, "september.xlsx", &content[..part]);
        assert_eq!(states(&pass(&kommun)), ["september.xlsx waits"], "{part} bytes");
        // Some systems give the file its whole size first.
        let mut filled = content[..part].to_vec();
        filled.resize(content.len() + 1, 0);
        put(&kommun, "september.xlsx", &filled);
        if part != 1 && part < content.len() - 1 {
            assert_eq!(states(&pass(&kommun)), ["september.xlsx waits"], "{part} bytes, filled up");
        }
        assert_eq!(kommun.sql(FACTS), facts);
    }
    put(&kommun, "september.xlsx", &content);
    assert_eq!(states(&pass(&kommun)), ["september.xlsx imported"]);
    assert_eq!((rows(&kommun), names(&kommun, "in").len()), (1, 0));
}

#[test]
fn a_workbook_that_never_gets_its_end_is_refused_after_its_time() {
    let kommun = kommun();
    let content = book(&kommun, GOOD);
    put(&kommun, "halv.xlsx", &content[..content.len() / 2]);
    assert_eq!(states(&pass(&kommun)), ["halv.xlsx waits"]);
    set(&kommun, "unfinished_minutes = 30", "unfinished_minutes = 0");
    let files = pass(&kommun);
    assert_eq!(states(&files), ["halv.xlsx rejected"]);
    assert_eq!(files[0]["wrong"], "Filen är inte hel: slutet saknas.");
    assert_eq!(names(&kommun, "in"), [""; 0]);
}

#[test]
fn a_file_that_grows_is_left_until_it_lies_still() {
    let kommun = settling(1);
    kommun.ledamoter(&["1001", "1002"]);
    let header = NARVARO.replace(" | ", ";");
    let line = |anstid: &str| format!("2026-09-09;KS;13.00;14.00;{};;ledamot\n", written(anstid));
    let path = put(&kommun, "lista.csv", format!("{header}\n{}", line("1001")).as_bytes());
    let mut command = kommun.command(&["once", "import", "--json"]);
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    sleep(Duration::from_millis(600));
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(line("1002").as_bytes()).unwrap();
    let first = Ran::of(&child.wait_with_output().unwrap()).exits(1).json();
    assert_eq!((first["settling"].as_u64(), first["files"].as_array().unwrap().len()), (Some(1), 0), "{first}");
    assert_eq!(states(&pass(&kommun)), ["lista.csv imported"]);
    assert_eq!(rows(&kommun), 2);
}

#[test]
fn what_cannot_be_used_is_put_aside_under_its_name_with_a_text_that_says_why() {
    let kommun = kommun();
    let mut ole = vec![0_u8; 1024];
    ole[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    put(&kommun, "gammal.xlsx", &ole);
    let files = pass(&kommun);
    assert_eq!(states(&files), ["gammal.xlsx rejected"]);
    assert_eq!(names(&kommun, "rejected"), ["gammal.xlsx", "gammal.xlsx.txt"]);
    assert_eq!(fs::read(kommun.path("rejected/gammal.xlsx")).unwrap(), ole);
    let text = fs::read_to_string(kommun.path("rejected/gammal.xlsx.txt")).unwrap();
    for part in [
        "Filen \"gammal.xlsx\" togs inte in",
        "Vad som är fel: Filen är skyddad med lösenord",
        "Så gör du: Öppna den i Excel",
    ] {
        assert!(text.contains(part), "{text}");
    }
    // The same content again is the same; another under the same name is kept beside it.
    put(&kommun, "gammal.xlsx", &ole);
    pass(&kommun);
    assert_eq!(names(&kommun, "rejected").len(), 2);
    put(&kommun, "gammal.xlsx", &[0, 159, 146, 150, 7]);
    let files = pass(&kommun);
    assert_eq!(files[0]["kept_as"], "gammal (2).xlsx");
    assert_eq!(
        names(&kommun, "rejected"),
        ["gammal (2).xlsx", "gammal (2).xlsx.txt", "gammal.xlsx", "gammal.xlsx.txt"]
    );
    assert_eq!((names(&kommun, "in").len(), names(&kommun, "archive").len()), (0, 1));
    for name in names(&kommun, "rejected") {
        assert_eq!(fs::metadata(kommun.path("rejected").join(&name)).unwrap().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_file_that_is_too_large_is_put_aside_unread() {
    let kommun = kommun();
    set(&kommun, "file_mib = 64", "file_mib = 1");
    let file = fs::File::create(inbox(&kommun, "stor.xlsx")).unwrap();
    file.set_len(3 << 20).unwrap();
    let files = pass(&kommun);
    assert_eq!(states(&files), ["stor.xlsx rejected"]);
    assert!(files[0]["wrong"].as_str().unwrap().contains("1 MiB"), "{files:?}");
    assert_eq!(names(&kommun, "rejected"), ["stor.xlsx", "stor.xlsx.txt"]);
    assert_eq!(names(&kommun, "in"), [""; 0]);
}

#[test]
fn what_is_no_file_of_its_own_stays_and_is_named() {
    let kommun = kommun();
    let content = book(&kommun, GOOD);
    let outside = kommun.root().join("bok.xlsx");
    symlink(&outside, inbox(&kommun, "a-länk.xlsx")).unwrap();
    symlink("/dev/zero", inbox(&kommun, "b-enhet.xlsx")).unwrap();
    fs::hard_link(&outside, inbox(&kommun, "c-hård.xlsx")).unwrap();
    fs::create_dir(inbox(&kommun, "d-mapp")).unwrap();
    fs::write(inbox(&kommun, "d-mapp/i.xlsx"), &content).unwrap();
    assert!(Command::new("mkfifo").arg(inbox(&kommun, "e-rör.xlsx")).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(inbox(&kommun, "f-uttag")).unwrap();
    let begun = Instant::now();
    let mut told = states(&pass(&kommun));
    told.sort();
    let all = ["a-länk.xlsx", "b-enhet.xlsx", "c-hård.xlsx", "d-mapp", "e-rör.xlsx", "f-uttag"];
    assert_eq!(told, all.map(|name| format!("{name} stays")));
    assert!(begun.elapsed() < Duration::from_secs(10), "something was waited for");
    assert_eq!((names(&kommun, "in"), rows(&kommun)), (all.map(str::to_owned).to_vec(), 0));
    // A file that is copied there instead is taken; the others do not hinder it.
    put(&kommun, "september.xlsx", &content);
    assert!(states(&pass(&kommun)).contains(&"september.xlsx imported".to_owned()));
    assert_eq!(rows(&kommun), 1);
}

#[test]
fn what_other_programs_are_writing_is_left_alone() {
    let kommun = kommun();
    let content = book(&kommun, GOOD);
    let all = [
        ".dold.xlsx",
        ".~lock.a.xlsx#",
        "1F2E3D4C",
        "Thumbs.db",
        "a.xlsx.crdownload",
        "a.xlsx.part",
        "b.TMP",
        "~$a.xlsx",
    ];
    for name in all {
        put(&kommun, name, &content);
    }
    assert_eq!(pass(&kommun).len(), 0);
    assert_eq!(names(&kommun, "in"), all);
}

#[test]
fn strange_names_do_no_harm_and_are_kept_readable() {
    let kommun = kommun();
    let long = format!("{}.xlsx", "å".repeat(125));
    let raw: [&[u8]; 7] = [
        b"a\x1b[31m\nb.xlsx",
        b"b\xff\xfe.xlsx",
        b"c\\..\\..\\c.xlsx",
        b"-rf d.xlsx",
        long.as_bytes(),
        b"..e",
        "f\u{202e}xslx.exe".as_bytes(),
    ];
    for name in raw {
        fs::write(kommun.path("in").join(OsStr::from_bytes(name)), b"\x00\x9f inte en arbetsbok").unwrap();
    }
    // Hidden: it is left.
    let ran = kommun.run(&["once", "import"]).exits(1);
    assert!(ran.out.chars().all(|letter| letter == '\n' || !letter.is_control()), "{:?}", ran.out);
    assert_eq!(names(&kommun, "in"), ["..e"]);
    let kept: Vec<String> = names(&kommun, "rejected").into_iter().filter(|name| !name.ends_with(".txt")).collect();
    let long = format!("{}.xlsx", "å".repeat(90));
    // Their contents are the same and their names are not: each is kept.
    assert_eq!(kept, ["a_[31m_b.xlsx", "b__.xlsx", "c_.._.._c.xlsx", "f_xslx.exe", "rf d.xlsx", &long]);
    assert!(kommun.root().read_dir().unwrap().all(|entry| entry.unwrap().file_name() != "c.xlsx"));
    // Taken in under such a name, it is stored as it can be shown.
    fs::write(kommun.path("in").join(OsStr::from_bytes(b"bra\x07\xff.xlsx")), book(&kommun, GOOD)).unwrap();
    assert_eq!(states(&pass(&kommun)[..]), ["bra_\u{fffd}.xlsx imported"]);
}

#[test]
fn files_go_in_the_order_in_which_they_came() {
    let kommun = kommun();
    let hours = |end: &str| book(&kommun, &format!("2026-09-09 | KS | 13.00 | {end} | @1001 | | ledamot"));
    put(&kommun, "z.xlsx", &hours("14.00"));
    sleep(Duration::from_millis(20));
    put(&kommun, "a.xlsx", &hours("15.00"));
    assert_eq!(states(&pass(&kommun)), ["z.xlsx imported", "a.xlsx imported"]);
    let later = of_json(&kommun.json(&["month", "2026-10"]));
    assert!(later.len() > 1, "the later word counts: {later:?}");
    // The same name with a new content is a new word.
    put(&kommun, "a.xlsx", &hours("14.00"));
    assert_eq!(states(&pass(&kommun)), ["a.xlsx imported"]);
    assert_eq!(rows(&kommun), 1);
}

#[test]
fn the_same_content_under_two_names_is_in_once() {
    let kommun = kommun();
    let content = book(&kommun, GOOD);
    put(&kommun, "ett.xlsx", &content);
    put(&kommun, "två.xlsx", &content);
    let files = pass(&kommun);
    assert_eq!((files[0]["accepted"].as_u64(), files[1]["accepted"].as_u64()), (Some(1), Some(0)), "{files:?}");
    assert_eq!((rows(&kommun), names(&kommun, "archive").len()), (1, 2));
    let facts = kommun.sql(FACTS);
    put(&kommun, "två.xlsx", &content);
    assert_eq!(states(&pass(&kommun)), ["två.xlsx unchanged"]);
    assert_eq!(kommun.sql(FACTS), facts);
}

#[test]
fn no_number_in_a_name_or_a_cell_is_told() {
    let kommun = kommun();
    let canary = personnummer("19461224999");
    put(
        &kommun,
        &format!("{}-{}.xlsx", &canary[..8], &canary[8..]),
        &book(&kommun, &format!("2026-09-09 | KS | 13.00 | 14.00 | {canary} | | ledamot")),
    );
    put(&kommun, &format!("{canary}.xlsx"), b"\x00\x01");
    let copy = kommun.copy();
    for ran in [kommun.run(&["once", "import"]), copy.run(&["once", "import", "--json"])] {
        let said = format!("{}{}", ran.out, ran.err);
        assert!(!said.contains(&canary) && !said.contains(&canary[8..]), "{said}");
        assert!(said.contains("….xlsx"), "{said}");
    }
}

// ---- somebody is at it at the same time

/// Runs a pass in which each call of a kind is delayed, and does something meanwhile.
fn meanwhile(kommun: &Kommun, call: &str, path: Option<&Path>, act: impl FnOnce()) -> Ran {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o"]).arg(kommun.root().join("trace"));
    strace.args(["-e", &format!("trace={call}"), "-e", &format!("inject={call}:delay_enter=1500000:when=1")]);
    if let Some(path) = path {
        strace.arg("-P").arg(path);
    }
    strace.arg(PROGRAM).arg("--data").arg(kommun.data()).args(["once", "import", "--json"]);
    strace.env_remove("LD_LIBRARY_PATH").stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = strace.spawn().expect("strace is missing; install the package strace");
    sleep(Duration::from_millis(900));
    act();
    Ran::of(&child.wait_with_output().unwrap())
}

#[test]
fn a_file_that_is_replaced_while_it_is_read_waits_and_then_the_new_one_is_taken() {
    let kommun = kommun();
    let (old, new) = (book(&kommun, GOOD), book(&kommun, &format!("{GOOD}\n{OTHER}")));
    let path = put(&kommun, "september.xlsx", &old);
    let beside = kommun.root().join("ny.xlsx");
    fs::write(&beside, &new).unwrap();
    let ran = meanwhile(&kommun, "read", Some(&path), || fs::rename(&beside, &path).unwrap());
    assert_eq!(states(ran.json()["files"].as_array().unwrap()), ["september.xlsx waits"], "{ran:?}");
    assert_eq!((rows(&kommun), names(&kommun, "archive").len()), (0, 1), "nothing of the old one is left");
    assert_eq!(states(&pass(&kommun)), ["september.xlsx imported"]);
    assert_eq!(rows(&kommun), 2);
}

#[test]
fn a_file_that_is_written_to_while_it_is_read_waits() {
    let kommun = kommun();
    let (old, new) = (book(&kommun, GOOD), book(&kommun, &format!("{GOOD}\n{OTHER}")));
    let path = put(&kommun, "september.xlsx", &old);
    let ran = meanwhile(&kommun, "read", Some(&path), || fs::write(&path, &new).unwrap());
    assert_eq!(states(ran.json()["files"].as_array().unwrap()), ["september.xlsx waits"], "{ran:?}");
    assert_eq!(states(&pass(&kommun)), ["september.xlsx imported"]);
    assert_eq!(rows(&kommun), 2);
}

#[test]
fn a_new_file_that_comes_just_before_the_old_one_is_removed_is_not_lost() {
    let kommun = kommun();
    let (old, new) = (book(&kommun, GOOD), book(&kommun, &format!("{GOOD}\n{OTHER}")));
    for (call, act) in [("mkdirat", "before it is moved"), ("unlinkat", "before it goes")] {
        let kommun = kommun.copy();
        let path = put(&kommun, "september.xlsx", &old);
        let beside = kommun.root().join("ny.xlsx");
        fs::write(&beside, &new).unwrap();
        let ran = meanwhile(&kommun, call, None, || fs::rename(&beside, &path).unwrap());
        let files = ran.json()["files"].as_array().unwrap().clone();
        assert_eq!(states(&files), ["september.xlsx imported"], "{act}: {ran:?}");
        assert_eq!(fs::read(&path).unwrap(), new, "{act}: the new file is gone");
        assert_eq!(states(&pass(&kommun)), ["september.xlsx imported"], "{act}");
        assert_eq!((rows(&kommun), names(&kommun, "in").len()), (2, 0), "{act}");
    }
}

// ---- the power goes

/// Everything that changes what is on the disk, and opening.
const CALLS: [&str; 12] = [
    "openat",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "mkdirat",
    "ftruncate",
];

/// A list and something that is none, in the folder.
fn with_two_files() -> Kommun {
    let kommun = kommun();
    put(&kommun, "september.xlsx", &book(&kommun, GOOD));
    put(&kommun, "skräp.xlsx", &[0, 159, 146, 150, 7]);
    // Made beforehand, as by any pass before.
    fs::create_dir(inbox(&kommun, ".arvode")).unwrap();
    kommun
}

/// Hits a pass at each call of each kind in turn, each time in a fresh copy; the next pass must leave what an undisturbed
/// one leaves. With `paths`, names in the data folder, only calls on them count.
fn hit_every_call(fault: &str, paths: &[&str]) {
    let kommun = with_two_files();
    let before = kommun.sql(FACTS);
    let undisturbed = kommun.copy();
    pass(&undisturbed);
    let state =
        |kommun: &Kommun| (kommun.sql(FACTS), names(kommun, "archive"), names(kommun, "rejected"), names(kommun, "in"));
    let expected = state(&undisturbed);
    let month = of_json(&undisturbed.json(&["month", "2026-10"]));
    let mut hits = 0;
    // Reading changes nothing, but it may fail.
    let reading = if paths.is_empty() { &[][..] } else { &["read", "newfstatat"] };
    for call in CALLS.iter().chain(reading) {
        for number in 1.. {
            let copy = kommun.copy();
            let trace = copy.root().join("trace");
            let mut strace = Command::new("strace");
            strace.args([
                "-f",
                "-qq",
                "-e",
                &format!("trace={call}"),
                "-e",
                &format!("inject={call}:{fault}:when={number}"),
            ]);
            for path in paths {
                strace.arg("-P").arg(copy.path(path));
            }
            strace.arg("-o").arg(&trace).arg(PROGRAM).arg("--data").arg(copy.data()).args(["once", "import"]);
            let output = strace.env_remove("LD_LIBRARY_PATH").env_remove("RUST_BACKTRACE").output();
            let output = output.expect("strace is missing; install the package strace");
            let when = format!("{fault} at {call} {number}: {output:?}");
            let trace = String::from_utf8_lossy(&fs::read(&trace).unwrap()).into_owned();
            // A kill may also hit the child that parses; then the file is left for the next pass.
            let is_killed = output.status.signal() == Some(9) || trace.contains("killed by SIGKILL");
            if !is_killed && !trace.contains("(INJECTED)") {
                assert_eq!(state(&copy), expected, "{when}");
                break;
            }
            hits += 1;
            assert!(number < 1000, "{call}: the pass never ends");
            assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"), "{when}");
            let facts = copy.sql(FACTS);
            assert!(facts == before || facts == expected.0, "{when}: {facts} facts");
            pass(&copy);
            assert_eq!(state(&copy), expected, "{when}");
            assert_eq!(names_in(&inbox(&copy, ".arvode")), [""; 0], "{when}");
            assert_eq!(of_json(&copy.json(&["month", "2026-10"])), month, "{when}");
        }
    }
    assert!(hits >= 15, "only {hits} hits: strace did not reach the program");
}

#[test]
fn killed_at_any_call_of_a_pass_nothing_is_lost_and_nothing_is_in_twice() {
    hit_every_call("signal=SIGKILL", &[]);
}

#[test]
fn when_any_call_of_a_pass_fails_nothing_is_lost_and_the_next_pass_goes_on_unaided() {
    // A failing pipe or terminal is not the disk's failure.
    let paths =
        ["in", "in/september.xlsx", "in/skräp.xlsx", "in/.arvode", "archive", "rejected", "rejected/skräp.xlsx"];
    hit_every_call("error=EIO", &paths);
}

// ---- the machine says no

/// The kommun in a folder that somebody without rights owns, and a command run as them.
struct AsNobody {
    folder: PathBuf,
}

impl AsNobody {
    fn new(kommun: &Kommun) -> AsNobody {
        let folder = std::env::temp_dir().join(format!(
            "arvode-ingen-{}-{}",
            std::process::id(),
            kommun.root().file_name().unwrap().to_string_lossy()
        ));
        let _ = fs::remove_dir_all(&folder);
        copy_folder(&kommun.data(), &folder.join("kommun"));
        fs::copy(PROGRAM, folder.join("arvode")).unwrap();
        assert!(Command::new("chown").args(["-R", "nobody:nogroup"]).arg(&folder).status().unwrap().success());
        AsNobody { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join("kommun").join(name)
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]).arg(self.folder.join("arvode"));
        command
            .arg("--data")
            .arg(self.folder.join("kommun"))
            .args(arguments)
            .current_dir("/")
            .env_remove("LD_LIBRARY_PATH");
        Ran::of(&command.output().expect("setpriv is missing; install the package util-linux"))
    }
}

impl Drop for AsNobody {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

#[test]
fn a_file_that_may_not_be_read_stays_and_is_named_and_the_others_go_on() {
    // Another user than the test's is needed, and root to become it.
    if !is_root() {
        return;
    }
    let kommun = kommun();
    let stopped = put(&kommun, "a.xlsx", &book(&kommun, GOOD));
    put(&kommun, "b.xlsx", &book(&kommun, OTHER));
    fs::set_permissions(&stopped, fs::Permissions::from_mode(0o000)).unwrap();
    let nobody = AsNobody::new(&kommun);
    fs::set_permissions(nobody.path("in/a.xlsx"), fs::Permissions::from_mode(0o000)).unwrap();
    let files = nobody.run(&["once", "import", "--json"]).exits(1).json();
    let mut told = states(files["files"].as_array().unwrap());
    told.sort();
    assert_eq!(told, ["a.xlsx stays", "b.xlsx imported"]);
    fs::set_permissions(nobody.path("in/a.xlsx"), fs::Permissions::from_mode(0o640)).unwrap();
    nobody.run(&["once", "import"]).exits(0);
    assert_eq!(names_in(&nobody.path("in")), [""; 0]);
}

#[test]
fn an_archive_that_may_not_be_written_leaves_every_file_where_it_is() {
    if !is_root() {
        return;
    }
    let kommun = kommun();
    put(&kommun, "a.xlsx", &book(&kommun, GOOD));
    let nobody = AsNobody::new(&kommun);
    for folder in ["archive", "in"] {
        let mode = nobody.path(folder).metadata().unwrap().permissions();
        fs::set_permissions(nobody.path(folder), fs::Permissions::from_mode(0o500)).unwrap();
        nobody.run(&["once", "import"]).exits(3).says(&["no file was removed from the drop folder"]);
        nobody.run(&["check"]).exits(1);
        assert_eq!(names_in(&nobody.path("in")), ["a.xlsx"], "{folder}");
        fs::set_permissions(nobody.path(folder), mode).unwrap();
    }
    nobody.run(&["once", "import"]).exits(0);
    assert_eq!(names_in(&nobody.path("in")), [""; 0]);
}

#[test]
fn on_a_full_disk_every_file_stays_and_goes_in_when_there_is_room() {
    let kommun = kommun();
    put(&kommun, "a.xlsx", &book(&kommun, GOOD));
    put(&kommun, "skräp.xlsx", &[7; 9000]);
    for folder in ["archive", "rejected"] {
        let copy = kommun.copy();
        let place = copy.path(folder);
        fs::remove_dir_all(&place).unwrap();
        fs::create_dir(&place).unwrap();
        // A filesystem of one page, which the test alone sees.
        let script = "mount -t tmpfs -o size=4k,mode=700 full \"$1\" && exec \"$2\" --data \"$3\" once import";
        let mut unshare = Command::new("unshare");
        unshare
            .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
            .arg(&place)
            .arg(PROGRAM)
            .arg(copy.data());
        let ran =
            Ran::of(&unshare.env_remove("LD_LIBRARY_PATH").output().expect("unshare is missing; install util-linux"));
        if ran.err.contains("mount") || ran.err.contains("unshare") {
            // A machine that lets nobody mount.
            return;
        }
        let ran = ran.exits(3).says(&["No space left"]);
        assert!(names(&copy, "in").contains(&"skräp.xlsx".to_owned()), "{folder}: {ran:?}");
        pass(&copy);
        assert_eq!((names(&copy, "in").len(), rows(&copy)), (0, 1), "{folder}");
        assert_eq!(names(&copy, "rejected"), ["skräp.xlsx", "skräp.xlsx.txt"], "{folder}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_told_with_the_setting() {
    let kommun = kommun();
    fs::remove_dir(kommun.path("in")).unwrap();
    kommun.run(&["once", "import"]).exits(2).says(&["the drop folder", "[drop] folder"]);
    kommun.run(&["run"]).exits(2).says(&["the drop folder"]);
    let ran = kommun.run(&["check"]).exits(1);
    assert!(ran.out.contains("in: the folder is missing"), "{}", ran.out);
    set(&kommun, "group = \"\"", "group = \"finns-inte-alls\"");
    kommun.run(&["once", "import"]).exits(2).says(&["knows no group \"finns-inte-alls\"", "groupadd"]);
    set(&kommun, "poll_seconds = 600", "poll_seconds = 0");
    kommun.run(&["check"]).exits(2).says(&["arvode.toml:", "found `0`", "a whole number from 1 to 86400"]);
}

#[test]
fn the_folder_is_for_its_owner_and_its_group() {
    let kommun = kommun();
    let mode = |name: &str| fs::metadata(kommun.path(name)).unwrap().mode() & 0o7777;
    assert_eq!((mode("in"), mode("rejected")), (0o2770, 0o700));
    if !is_root() {
        return;
    }
    set(&kommun, "group = \"\"", "group = \"nogroup\"");
    fs::set_permissions(kommun.path("in"), fs::Permissions::from_mode(0o700)).unwrap();
    let ran = kommun.run(&["check"]).exits(1);
    assert!(ran.out.contains("the group nogroup may not put files there"), "{}", ran.out);
    kommun.run(&["once", "import"]).exits(0);
    assert_eq!(mode("in"), 0o2770);
    assert!(!kommun.run(&["check"]).out.contains("nogroup"));
}

// ---- arvode run

/// `arvode run`, stopped when the test ends.
struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    fn start(kommun: &Kommun, mut command: Command) -> Running {
        let log = kommun.root().join("log");
        let out = fs::File::create(&log).unwrap();
        command.stderr(Stdio::from(out.try_clone().unwrap())).stdout(Stdio::from(out));
        Running { child: command.spawn().unwrap(), log }
    }

    fn of(kommun: &Kommun) -> Running {
        Running::start(kommun, kommun.command(&["run"]))
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    #[track_caller]
    fn says(&self, part: &str) {
        let begun = Instant::now();
        while !self.log().contains(part) {
            assert!(begun.elapsed() < Duration::from_secs(30), "\"{part}\" is not said in\n{}", self.log());
            sleep(Duration::from_millis(50));
        }
    }

    /// Asks it to stop; gives how long that took.
    #[track_caller]
    fn stop(mut self, signal: &str) -> Duration {
        let begun = Instant::now();
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{}", self.log());
        begun.elapsed()
    }
}

impl Running {
    /// Under strace: the program itself.
    fn traced(&self) -> Option<String> {
        let strace = self.child.id();
        let children = fs::read_to_string(format!("/proc/{strace}/task/{strace}/children")).unwrap_or_default();
        children.split_whitespace().next().map(str::to_owned)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // What strace follows would outlive it.
        if let Some(traced) = self.traced() {
            let _ = Command::new("kill").args(["-KILL", &traced]).status();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn while_it_runs_files_are_taken_as_they_come_and_other_commands_work() {
    let kommun = kommun();
    let running = Running::of(&kommun);
    running.says("tar in filer ur");
    put(&kommun, "september.xlsx", &book(&kommun, GOOD));
    running.says("september.xlsx: inläst, 1 rader = 1 nya");
    assert_eq!(rows(&kommun), 1);
    let list = kommun.list("för hand.xlsx", &format!("{NARVARO}\n{OTHER}"));
    kommun.import(&[&list]);
    kommun.run(&["once", "import"]).exits(3).says(&["takes files in for", "nothing needs to be done"]);
    kommun.run(&["run"]).exits(3).says(&["takes files in for"]);
    kommun.freeze("2026-10");
    kommun.sign("2026-10/1");
    kommun.run(&["export", "2026-10/1"]).exits(0);
    // Settings that are edited meanwhile count, and broken ones are told once, until they are mended.
    let whole = kommun.config("arvode.toml");
    set(&kommun, "settle_seconds = 0", "settle_seconds = \"snart\"");
    put(&kommun, "oktober.xlsx", &book(&kommun, "2026-10-07 | KS | 13.00 | 14.00 | @1001 | | ledamot"));
    running.says("found \"snart\"");
    fs::write(kommun.path("config/arvode.toml"), whole).unwrap();
    running.says("det går igen");
    running.says("oktober.xlsx: inläst");
    assert_eq!(running.log().matches("found \"snart\"").count(), 1);
    assert!(running.stop("-TERM") < Duration::from_secs(10));
    kommun.run(&["once", "import"]).exits(0);
}

#[test]
fn where_the_system_tells_nothing_the_folder_is_looked_at_by_the_clock() {
    let kommun = kommun();
    set(&kommun, "poll_seconds = 600", "poll_seconds = 1");
    let mut strace = Command::new("strace");
    strace.args([
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-I",
        "2",
        "-e",
        "trace=inotify_add_watch",
        "-e",
        "inject=inotify_add_watch:error=ENOSPC",
    ]);
    strace.arg(PROGRAM).arg("--data").arg(kommun.data()).arg("run").env_remove("LD_LIBRARY_PATH");
    let running = Running::start(&kommun, strace);
    running.says("tar in filer ur");
    sleep(Duration::from_millis(500));
    put(&kommun, "september.xlsx", &book(&kommun, GOOD));
    running.says("september.xlsx: inläst");
}

#[test]
fn told_to_stop_while_a_file_is_read_it_ends_in_time_and_the_file_is_taken_next_time() {
    let kommun = kommun();
    // The child that parses stands still; nothing comes from it.
    let mut strace = Command::new("strace");
    strace.args([
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "trace=setrlimit,prlimit64",
        "-e",
        "inject=setrlimit,prlimit64:delay_enter=25000000:when=3",
    ]);
    strace.arg(PROGRAM).arg("--data").arg(kommun.data()).arg("run").env_remove("LD_LIBRARY_PATH");
    put(&kommun, "september.xlsx", &book(&kommun, GOOD));
    let running = Running::start(&kommun, strace);
    running.says("tar in filer ur");
    sleep(Duration::from_millis(1500));
    let program = running.traced().unwrap();
    let begun = Instant::now();
    assert!(Command::new("kill").args(["-INT", &program]).status().unwrap().success());
    running.says("stannar");
    assert!(begun.elapsed() < Duration::from_secs(10), "{}", running.log());
    drop(running);
    assert_eq!((rows(&kommun), names(&kommun, "in").len()), (0, 1));
    assert_eq!(states(&pass(&kommun)), ["september.xlsx imported"]);
    assert_eq!((rows(&kommun), names(&kommun, "archive").len()), (1, 2));
}

#[test]
fn what_was_put_aside_is_remarked_on_until_a_good_file_of_its_name_comes() {
    let kommun = kommun();
    for _ in 0..2 {
        fs::write(kommun.path("in").join("september.xlsx"), b"\x7fELF\x00\x01\x02 no workbook").unwrap();
        kommun.run(&["once", "import"]).exits(1);
    }
    assert_eq!(kommun.held().len(), 1, "the same content says it once: {:?}", kommun.held());
    put(&kommun, "september.xlsx", &book(&kommun, GOOD));
    kommun.run(&["once", "import"]).exits(0);
    assert!(kommun.held().is_empty(), "{:?}", kommun.held());
}
