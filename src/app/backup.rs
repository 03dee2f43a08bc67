//! `backup` and `restore`: everything in one file, proven by restoring it, and a data folder made anew from one.

mod restore;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::Ended;
use super::kommun::Kommun;
use super::show::count;
use crate::adapters::backup::{BackupReader, BackupWriter, Kept, Manifest, TableEntry};
use crate::adapters::db::Db;
use crate::adapters::secret::SecretFolders;
use crate::adapters::settings::{MailSettings, Transport};
use crate::calendar::local_text;
use crate::domain::Fault;
use crate::ports::{Clock, Store};

pub(super) use restore::{Wanted, restore};

/// Of a folder with the settings that is also the data folder, only these are settings.
const SETTINGS: &[&str] = &["attestforteckning.toml", "regelverk", "letters", "reports"];

pub(super) async fn backup(kommun: &mut Kommun, file: &Path) -> Result<Ended, Fault> {
    let made = make(kommun, file).await?;
    if kommun.json {
        say!(
            "{}",
            json!({
                "file": file.display().to_string(),
                "rows": rows(&made),
                "files": made.files.len(),
                "chain": made.chain,
                "left_out": made.left_out,
            })
        );
        return Ok(Ended::Done);
    }
    say!(
        "{}: {} rows and {} files, proven by restoring them. It holds personal data and is readable by its owner alone.",
        file.display(),
        rows(&made),
        made.files.len()
    );
    for one in &made.left_out {
        say!("  not in it, to be put back by hand: {one}");
    }
    Ok(Ended::Done)
}

/// How many rows a backup holds.
pub(super) fn rows(manifest: &Manifest) -> u64 {
    manifest.tables.iter().map(|table| table.rows).sum()
}

/// What was done in a sentence, for the journal.
pub(super) fn told(manifest: &Manifest) -> String {
    let files = u32::try_from(manifest.files.len()).unwrap_or(u32::MAX);
    format!("säkerhetskopia av {} rader och {}", rows(manifest), count(files, "fil", "filer"))
}

/// Makes a backup, proves it by restoring it, and only then gives it its name.
pub(super) async fn make(kommun: &mut Kommun, target: &Path) -> Result<Manifest, Fault> {
    let now_ms = kommun.clock.now_ms();
    let settings = &kommun.configured.settings;
    let (secrets, left_out) = secrets(kommun);
    let manifest = Manifest {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        kommun: settings.kommun.clone(),
        made_at_ms: now_ms,
        made_at: local_text(now_ms),
        database: kommun.db.kind().to_owned(),
        left_out,
        outside: outside(kommun),
        ..Manifest::default()
    };
    let mut writer = BackupWriter::begin(target, manifest, secrets)?;
    // What lies in the drop folder is taken before the database: what is taken in meanwhile is in both, and known.
    writer.folder(&kept(&kommun.folder, "in", &settings.inbox.folder))?;
    kommun.db.begin_reading().await?;
    let dumped = tables(&mut kommun.db, &mut writer).await;
    let ended = kommun.db.end_reading().await;
    dumped.and(ended)?;
    for folder in folders(kommun) {
        writer.folder(&folder)?;
    }
    writer.any(&kommun.config, "config/arvode.toml")?;
    let (part, manifest) = writer.seal()?;
    prove(&part).await?;
    writer.place()?;
    Ok(manifest)
}

/// All tables as they are at one instant, whoever writes meanwhile.
async fn tables(db: &mut Db, writer: &mut BackupWriter) -> Result<(), Fault> {
    for shape in db.shapes().await? {
        writer.begin_table(&shape.name)?;
        let tally = db.dump(&shape, &mut |line| writer.line(line)).await?;
        let columns = shape.columns.iter().map(|(name, _)| name.clone()).collect();
        writer.end_table(TableEntry { name: shape.name, columns, rows: tally.rows, sum: tally.sum() });
    }
    writer.chain(db.audit_head().await?);
    Ok(())
}

/// Restores the backup into a folder that goes away, and compares.
async fn prove(part: &Path) -> Result<(), Fault> {
    let tried = Tried::begin(part)?;
    let mut reader = BackupReader::open(part)?;
    let mut db = rebuild(&mut reader, &tried.0, &tried.0.join("arvode.db")).await?;
    let compared = reader.compare(&mut db).await;
    let closed = db.close().await;
    compared.and(closed)
}

/// Unpacks a backup, and fills a new database file from it.
async fn rebuild(reader: &mut BackupReader, below: &Path, file: &Path) -> Result<Db, Fault> {
    reader.unpack(below)?;
    super::kommun::make_private_file(file)?;
    let mut db = Db::open_file(file).await?;
    db.begin_loading().await?;
    reader.load(&mut db).await?;
    db.end_loading().await?;
    Ok(db)
}

/// A folder beside a backup in which it is tried; it goes away.
struct Tried(PathBuf);

impl Tried {
    fn begin(part: &Path) -> Result<Tried, Fault> {
        use std::os::unix::fs::DirBuilderExt;
        let folder = part.with_extension("tried");
        let failed = |error: std::io::Error| {
            Fault::Temporary(format!(
                "{}: the backup cannot be tried there ({error}); try again when the disk is well and has room",
                folder.display()
            ))
        };
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        fs::DirBuilder::new().mode(0o700).create(&folder).map_err(failed)?;
        Ok(Tried(folder))
    }
}

impl Drop for Tried {
    fn drop(&mut self) {
        // What cannot be removed is hidden, its owner's alone, and is removed by the next backup.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A folder of the settings, as it is called in a backup: as in the settings where it lies in the data folder.
fn kept(data: &Path, role: &str, place: &Path) -> Kept {
    let name = if is_inside(place) { place.display().to_string() } else { role.to_owned() };
    Kept { place: data.join(place), name, only: None, with_files: true }
}

fn is_inside(place: &Path) -> bool {
    place.components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// Folders by what they are for, as the settings name them; the drop folder first.
fn named(kommun: &Kommun) -> Vec<(&'static str, PathBuf)> {
    let settings = &kommun.configured.settings;
    let MailSettings { transport, folder, .. } = &settings.mail;
    let mut named = vec![
        ("in", settings.inbox.folder.clone()),
        ("archive", settings.archive.clone()),
        ("rejected", settings.rejected.clone()),
        ("out", settings.out.clone()),
        ("attest", PathBuf::from("attest")),
        ("blanketter", PathBuf::from("blanketter")),
    ];
    named.extend((*transport == Transport::Folder).then(|| ("mail", folder.clone())));
    named
}

fn folders(kommun: &Kommun) -> Vec<Kept> {
    let data = &kommun.folder;
    let mut all: Vec<Kept> = named(kommun).iter().skip(1).map(|(role, place)| kept(data, role, place)).collect();
    // Payroll fetches from there: that it is there, and its rights.
    if let Some(deliver) = kommun.configured.settings.deliver.as_ref().filter(|place| is_inside(place)) {
        all.push(Kept { with_files: false, ..kept(data, "deliver", deliver) });
    }
    let config = kommun.config.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let same = fs::canonicalize(config).ok() == fs::canonicalize(data).ok();
    let only = same.then_some(SETTINGS);
    all.push(Kept { place: config.to_owned(), name: "config".to_owned(), only, with_files: true });
    all
}

fn outside(kommun: &Kommun) -> Vec<(String, String)> {
    let of = named(kommun).into_iter().filter(|(_, place)| !is_inside(place));
    of.map(|(role, place)| (role.to_owned(), place.display().to_string())).collect()
}

/// Files that are in no backup wherever they lie, and what is said of them.
fn secrets(kommun: &Kommun) -> (Vec<PathBuf>, Vec<String>) {
    let (settings, places) = (&kommun.configured.settings, SecretFolders::of(&kommun.folder));
    let files = settings.secret_files();
    let told = files.iter().map(|(file, what)| format!("{} ({what})", file.display())).collect();
    (files.iter().map(|(file, _)| places.place(file)).collect(), told)
}
