//! One source, as a kommun's settings say it.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test uses its part, and may stop at the first surprise"
)]

use std::fs;
use std::path::{Path, PathBuf};

use arvode::adapters::diarium::Source;
use arvode::adapters::settings::{DiariumSettings, read};
use arvode::domain::Fault;
use arvode::ports::{Changes, Diarium};
use tempfile::TempDir;

use super::outside::{Still, wait_for};

/// A kommun's folder with one source.
pub struct Kommun {
    pub folder: TempDir,
    pub still: Still,
    pub settings: DiariumSettings,
}

impl Kommun {
    /// The source of this table; what it names must lie in the folder before it is asked.
    pub fn new(table: &str) -> Kommun {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        for below in ["", "regelverk"] {
            fs::create_dir_all(config.join(below)).unwrap();
            let entries = fs::read_dir(from.join(below)).unwrap().map(|entry| entry.unwrap().path());
            for path in entries.filter(|path| path.is_file()) {
                fs::copy(&path, config.join(below).join(path.file_name().unwrap())).unwrap();
            }
        }
        let operator = fs::read_to_string(config.join("arvode.toml")).unwrap();
        fs::write(config.join("arvode.toml"), format!("{operator}\n{table}")).unwrap();
        let mut all = read(&config.join("arvode.toml")).unwrap_or_else(|fault| panic!("{fault}")).settings.diaria;
        Kommun { still: Still::new(folder.path()), settings: all.remove(0), folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn changes(&self, since: Option<&str>) -> Result<Changes, Fault> {
        let mut source = Source::open(&self.settings, &self.still.outside)?;
        wait_for(source.changes(since))
    }
}
