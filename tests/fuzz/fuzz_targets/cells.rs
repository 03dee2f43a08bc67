//! Any bytes as a text file, or as the cells of one of our forms, all the way to facts: nothing panics, and every row ends
//! as accepted, known, held or ignored.

#![no_main]

use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use arvode::adapters::db::Db;
use arvode::adapters::excel::{ExcelWorkbook, fuzzed};
use arvode::adapters::settings::{Configured, read};
use arvode::calendar::Day;
use arvode::jobs::import_workbooks::{ReadFile, Settings, import};
use arvode::ports::Workbook;
use libfuzzer_sys::fuzz_target;
use rustix::fs::{MemfdFlags, memfd_create};
use tokio::runtime::Runtime;

/// A kommun with one person, which nothing is ever added to.
struct Desk {
    runtime: Runtime,
    db: Db,
    configured: Configured,
    today: Day,
}

const REGISTER: &str = "Personnummer;Efternamn;Förnamn;Anställningsnummer\n19800101-9804;Ek;Anna;1001\n";
const UPPDRAG: &str = "Personnummer;Organ;Uppdrag;Från;Arvodesnyckel\n19800101-9804;KS;ledamot;2015-01-01;ledamot\n";

impl Desk {
    fn new() -> Desk {
        let folder = std::env::temp_dir().join(format!("arvode-fuzz-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/arvode.toml");
        let configured = read(&config).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let database: PathBuf = folder.join("arvode.db");
        let _ = fs::remove_file(&database);
        let db = runtime.block_on(Db::open_file(&database)).unwrap();
        let today = Day::from_ymd_opt(2026, 11, 23).unwrap();
        let mut desk = Desk { runtime, db, configured, today };
        for (name, text) in [("personer.csv", REGISTER), ("uppdrag.csv", UPPDRAG)] {
            let workbook = fuzzed::workbook_of_text(&mut file(text.as_bytes()), file(b""), today).unwrap();
            desk.import(name, &workbook, false);
        }
        desk
    }

    fn import(&mut self, name: &str, workbook: &ExcelWorkbook, dry_run: bool) {
        let settings = Settings {
            rules: &self.configured.loaded.regelverk,
            loaded: &self.configured.loaded,
            actor: "fuzz",
            sha256: "",
            now_ms: 1_795_000_000_000,
            today: self.today,
            dry_run,
        };
        let read = ReadFile { name, sha256: name, workbook };
        let report = self.runtime.block_on(import(&mut self.db, &read, &settings)).unwrap();
        let ignored: u32 = report.ignored.values().sum();
        assert_eq!(report.rows, report.accepted + report.unchanged + report.held + ignored, "{report:?}");
    }
}

fn file(content: &[u8]) -> File {
    let mut file = File::from(memfd_create("fil", MemfdFlags::CLOEXEC).unwrap());
    file.write_all(content).unwrap();
    file.rewind().unwrap();
    file
}

thread_local! {
    static DESK: std::cell::RefCell<Desk> = std::cell::RefCell::new(Desk::new());
}

fuzz_target!(|bytes: &[u8]| {
    let Some((way, rest)) = bytes.split_first() else { return };
    DESK.with_borrow_mut(|desk| {
        let workbook = if way % 2 == 0 {
            fuzzed::workbook_of_text(&mut file(rest), file(b""), desk.today)
        } else {
            fuzzed::workbook_of_cells(rest, file(b""), desk.today)
        };
        if let Some(workbook) = workbook.filter(|book| book.sheets().iter().any(|sheet| sheet.kind.is_some())) {
            desk.import("lista", &workbook, true);
        }
    });
});
