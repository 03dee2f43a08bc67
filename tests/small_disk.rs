//! Month after month on a small disk that fills up: each step fails in words, and what it did not do is done by itself
//! when there is room again. What leaves is what would have left on a disk with room.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use support::Kommun;
use support::rows::of_paxml;

/// The test runs itself once more, with a disk of its own; this says so.
const ON_SMALL_DISK: &str = "ARVODE_TEST_ON_SMALL_DISK";

/// The disk: enough for all the months and little more.
const SIZE: &str = "48m";

/// Payout month, the meeting that is paid in it, and its calculation, signatures, cut-off and the first of the next month.
const MONTHS: [[&str; 6]; 4] = [
    ["2026-02", "2026-01-14", "2026-02-06", "2026-02-09", "2026-02-13", "2026-03-02"],
    ["2026-03", "2026-02-11", "2026-03-06", "2026-03-09", "2026-03-13", "2026-04-01"],
    ["2026-04", "2026-03-11", "2026-04-08", "2026-04-09", "2026-04-15", "2026-05-02"],
    ["2026-05", "2026-04-15", "2026-05-07", "2026-05-08", "2026-05-15", "2026-06-01"],
];

/// What is left of the disk while a step fails, in KiB; another each month.
const LEFT: [u64; 4] = [0, 16, 160, 600];

#[test]
fn month_after_month_on_a_disk_that_fills_up_ends_as_on_one_with_room() {
    if std::env::var_os(ON_SMALL_DISK).is_some() {
        return live_on_it();
    }
    let mount = tempfile::tempdir().unwrap();
    let script = format!("mount -t tmpfs -o size={SIZE} tmpfs \"$0\" && exec \"$@\"");
    let mut small = Command::new("unshare");
    small.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]).arg(mount.path());
    small.arg(std::env::current_exe().unwrap()).args(["--exact", "--nocapture"]);
    small.arg("month_after_month_on_a_disk_that_fills_up_ends_as_on_one_with_room");
    small.env(ON_SMALL_DISK, "1").env("TMPDIR", mount.path()).process_group(0);
    let ran = small.output().expect("unshare is missing; install the package util-linux");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}

fn live_on_it() {
    let (calm, short) = (kommun(), kommun());
    for (month, left) in MONTHS.iter().zip(LEFT) {
        live(&calm, month, None);
        live(&short, month, Some(left));
        let batch = format!("{}/1", month[0]);
        let (expected, found) = (of_paxml(&calm.delivered(&batch)), of_paxml(&short.delivered(&batch)));
        assert_eq!(found, expected, "{batch}");
        assert_eq!(expected.len(), 4, "{batch}");
    }
    let letters = "SELECT kind || ' ' || receiver || ' ' || occasion || ' ' || subject || ' ' || state FROM letter \
                   WHERE kind NOT IN ('operator_alarm', 'outage_summary') ORDER BY 1";
    assert_eq!(short.sql(letters), calm.sql(letters));
    let names = |kommun: &Kommun, folder: &str| {
        let entries = fs::read_dir(kommun.path(folder)).unwrap().map(|entry| entry.unwrap());
        let files = entries.filter(|entry| entry.path().is_file()).map(|entry| entry.file_name());
        let mut names: Vec<_> = files.collect();
        names.sort();
        names
    };
    assert_eq!(names(&short, "archive").len(), names(&calm, "archive").len(), "nothing half copied is left");
    for folder in ["out", "deliver", "in"] {
        assert_eq!(names(&short, folder), names(&calm, folder), "{folder}");
    }
    short.run(&["verify"]).exits(0);
}

/// A kommun whose clock is set by hand.
fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-01");
    kommun.edit("arvode.toml", |text| {
        let text = text.replace("database = \"arvode.db\"", "database = \"arvode.db\"\ndemo = true");
        let text = text.replace("kansli = \"\"", "kansli = \"kansli@kommun.example\"");
        text.replace("settle_seconds = 10", "settle_seconds = 0")
    });
    kommun.ledamoter(&["1001", "1002"]);
    kommun.run(&["once", "timetable", "--now", "2026-02-01T08:00:00Z"]).exits(0);
    kommun
}

/// A month of the timetable; each step is tried first while the disk is full but for so many KiB.
fn live(kommun: &Kommun, month: &[&str; 6], left: Option<u64>) {
    let [payout, meeting, calculation, signed, cut_off, next] = month;
    let list = kommun.list(
        &format!("{payout}.xlsx"),
        &format!(
            "Datum | Organ | Start | Slut | Personnummer | Roll
             {meeting} | KS | 13.00 | 15.10 | @1001 | ledamot
             {meeting} | KS | 13.00 | 15.10 | @1002 | ledamot"
        ),
    );
    fs::rename(&list, kommun.path("in").join(list.file_name().unwrap())).unwrap();
    let key = |id: &str| kommun.key(id).to_str().unwrap().to_owned();
    let (granskare, beslutare, batch) = (key("greta"), key("britt"), format!("{payout}/1"));
    let steps: [(&str, &str, &[&str]); 7] = [
        (calculation, "04:00", &["once", "import"]),
        (calculation, "05:00", &["once", "timetable"]),
        (signed, "08:00", &["attest", "sign", &batch, "--role", "granskning", "--key", &granskare]),
        (signed, "09:00", &["attest", "sign", &batch, "--role", "beslut", "--key", &beslutare]),
        (signed, "10:00", &["once", "timetable"]),
        (cut_off, "11:00", &["once", "timetable"]),
        (next, "10:00", &["once", "timetable"]),
    ];
    for (day, time, step) in steps {
        let at = |minute: u32| format!("{day}T{}:{minute:02}:00Z", &time[..2]);
        let filler = left.map(|left| fill(kommun.root(), left));
        let ran = kommun.run(&[step, &["--now", &at(1)]].concat());
        assert!(matches!(ran.code, 0 | 1 | 3) && !ran.err.contains("panicked"), "{payout} {step:?}: {ran:?}");
        if let Some(filler) = filler {
            fs::remove_file(filler).unwrap();
        }
        let ran = kommun.run(&[step, &["--now", &at(10)]].concat());
        let is_done_before = step[0] == "attest" && ran.code == 4;
        assert!(matches!(ran.code, 0 | 1) || is_done_before, "{payout} {step:?}: {ran:?}");
    }
}

/// A file that leaves so many KiB of the disk.
fn fill(folder: &Path, left_kib: u64) -> std::path::PathBuf {
    let path = folder.join("fyllnad");
    let mut file = fs::File::create(&path).unwrap();
    let block = vec![0_u8; 4096];
    let mut written = 0_u64;
    while file.write_all(&block).is_ok() {
        written += 4096;
    }
    file.set_len(written.saturating_sub(left_kib * 1024)).unwrap();
    path
}
