//! `restore`: a data folder made anew from a backup. What may have left since does not leave again.

use std::fs::{self, DirBuilder};
use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{is_inside, rebuild, rows};
use crate::adapters::backup::{BackupReader, Manifest};
use crate::adapters::clock::SystemClock;
use crate::adapters::db::{Db, Shape};
use crate::adapters::secret::Secret;
use crate::adapters::settings::read;
use crate::app::Ended;
use crate::app::kommun::server;
use crate::calendar::local_text;
use crate::domain::Fault;
use crate::jobs::restored::{LastLetter, Marked, mark};
use crate::ports::Clock;

/// The folder in the data folder in which it is made; where it is there, a restore was cut off.
const UNFINISHED: &str = ".restoring";

/// Where the two lines stand that are asked for.
const WHERE: &str = "they stand at the top of the last monthly letter to the kansli (\"Senast lämnade körning\", \"Kedjans huvud\"): \
                     `--batch 2026-11/1 --chain SHA256`; only --chain where no batch had left, and --no-letter where there \
                     has been no letter yet";

/// What is asked for.
pub(in crate::app) struct Wanted {
    /// The backup.
    pub file: PathBuf,
    /// The latest batch, as the letter names it.
    pub batch: Option<String>,
    /// The chain's head in the letter.
    pub chain: Option<String>,
    /// There has been no letter.
    pub no_letter: bool,
    /// Where the database is to be.
    pub database: Option<String>,
    /// Its schema.
    pub schema: Option<String>,
}

pub(in crate::app) async fn restore(
    data: &Path,
    wanted: &Wanted,
    actor: &str,
    (json, now): (bool, Option<i64>),
) -> Result<Ended, Fault> {
    let letter = letter(wanted)?;
    let mut reader = BackupReader::open(&wanted.file)?;
    let folder = Fresh::begin(data)?;
    let marked = fill(&folder, &mut reader, wanted, letter.as_ref(), (actor, now)).await?;
    folder.finish()?;
    tell(data, reader.manifest(), &marked, json);
    Ok(Ended::Look)
}

/// What the last monthly letter says.
fn letter(wanted: &Wanted) -> Result<Option<LastLetter>, Fault> {
    if wanted.no_letter {
        return Ok(None);
    }
    let Some(chain) = &wanted.chain else {
        return Err(Fault::Input(format!(
            "the batch and the audit chain's head of the last monthly letter are asked for, to know whether something has \
             left that the backup does not know of: {WHERE}"
        )));
    };
    // A letter may have been broken over two lines.
    let chain: String = chain.split_whitespace().collect::<String>().to_lowercase();
    if chain.len() != 64 || !chain.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Fault::Input(format!("--chain is no sha256 of 64 hexadecimal digits: {WHERE}")));
    }
    let batch = wanted.batch.as_deref().map(|name| name.trim().parse()).transpose().map_err(Fault::Input)?;
    Ok(Some(LastLetter { batch, chain }))
}

/// Unpacks and fills; the database is marked before anybody can open it.
async fn fill(
    folder: &Fresh,
    reader: &mut BackupReader,
    wanted: &Wanted,
    letter: Option<&LastLetter>,
    (actor, now): (&str, Option<i64>),
) -> Result<Marked, Fault> {
    let work = &folder.work;
    let file = work.join("arvode.db");
    let mut db = rebuild(reader, work, &file).await?;
    reader.compare(&mut db).await?;
    let config = work.join("config").join("arvode.toml");
    name_database(&config, wanted)?;
    let settings = read(&config)?.settings;
    if now.is_some() && !settings.demo {
        return Err(Fault::Refused("--now only goes with a kommun made by `arvode demo`".to_owned()));
    }
    let clock = SystemClock { fixed_ms: now };
    let made_at_ms = reader.manifest().made_at_ms;
    let marked = mark(&mut db, made_at_ms, letter, actor, clock.now_ms()).await?;
    // A file with the address is a secret, so not in the backup: it is looked for where the service manager puts secrets.
    if let Some(server) = server(&settings, &folder.data)? {
        let spool = work.join(".spool");
        move_over(&mut db, (&server, &settings.database_schema), &spool).await?;
        db.close().await?;
        remove_file(&file)?;
        return Ok(marked);
    }
    db.close().await?;
    let named = Path::new(&settings.database);
    if !is_inside(named) {
        return Err(Fault::Input(format!(
            "the backup's arvode.toml puts the database outside the data folder ({}); nothing was restored: say where it is to \
             be, as --database arvode.db",
            named.display()
        )));
    }
    if named != Path::new("arvode.db") {
        let place = work.join(named);
        let made = place.parent().map_or(Ok(()), |folder| DirBuilder::new().recursive(true).mode(0o700).create(folder));
        made.and_then(|()| fs::rename(&file, &place)).map_err(|error| failed(&place, &error))?;
    }
    Ok(marked)
}

/// Copies every table to an empty schema of a PostgreSQL server, wholly or not at all.
async fn move_over(from: &mut Db, (address, schema): (&Secret, &str), spool: &Path) -> Result<(), Fault> {
    let mut to = Db::connect_by(address, schema).await?;
    if !to.is_empty().await? {
        return Err(Fault::Refused(format!(
            "PostgreSQL, schema {schema}: it holds rows already, and nothing was changed there. Name an empty one with --schema, \
             or let the server's keeper remove it first"
        )));
    }
    to.begin_loading().await?;
    let shapes = to.shapes().await?;
    for shape in from.shapes().await? {
        let own = shapes.iter().find(|own| own.name == shape.name).ok_or_else(|| {
            Fault::Refused(format!("PostgreSQL, schema {schema}: it has no table {}; nothing was restored", shape.name))
        })?;
        let columns: Vec<String> = shape.columns.iter().map(|(name, _)| name.clone()).collect();
        let mut out = BufWriter::new(fs::File::create(spool).map_err(|error| failed(spool, &error))?);
        let written =
            from.dump(&shape, &mut |line| writeln!(out, "{line}").map_err(|error| failed(spool, &error))).await?;
        out.flush().map_err(|error| failed(spool, &error))?;
        let mut lines = BufReader::new(fs::File::open(spool).map_err(|error| failed(spool, &error))?).lines();
        to.load(own, &columns, &mut || lines.next().transpose().map_err(|error| failed(spool, &error))).await?;
        if to.dump(&Shape { columns: shape.columns.clone(), ..own.clone() }, &mut |_| Ok(())).await? != written {
            return Err(Fault::Refused(format!("table {} did not come over whole; nothing was restored", shape.name)));
        }
    }
    to.end_loading().await?;
    remove_file(spool)?;
    to.close().await
}

/// Writes where the database is to be into the restored settings.
fn name_database(config: &Path, wanted: &Wanted) -> Result<(), Fault> {
    let keys = [("database", &wanted.database), ("database_schema", &wanted.schema)];
    let mut text = fs::read_to_string(config).map_err(|error| failed(config, &error))?;
    if wanted.database.is_some() && text.lines().any(|line| line.starts_with("database_file")) {
        // It would go before what is said now.
        text = with_line(&text, "database_file", "database_file = \"\"");
    }
    for (key, value) in keys {
        let Some(value) = value else { continue };
        if value.contains(['"', '\\']) || value.contains(char::is_control) {
            return Err(Fault::Input(format!("--{key}: write it without quotes, backslashes and line ends")));
        }
        text = with_line(&text, key, &format!("{key} = \"{value}\""));
    }
    // An address in a file of its own would go before the one that is said here.
    if wanted.database.is_some() && text.lines().any(|line| line.trim_start().starts_with("database_file")) {
        text = with_line(&text, "database_file", "database_file = \"\"");
    }
    fs::write(config, text).map_err(|error| failed(config, &error))
}

/// A text of settings with another line for a key above the first table.
fn with_line(text: &str, key: &str, line: &str) -> String {
    let is_key = |old: &str| old.split_once('=').is_some_and(|(name, _)| name.trim() == key);
    let mut is_above = true;
    let mut lines = Vec::new();
    let mut is_there = false;
    for old in text.lines() {
        is_above &= !old.trim_start().starts_with('[');
        let is_it = is_above && is_key(old);
        lines.push(if is_it { line } else { old });
        is_there |= is_it;
    }
    if !is_there {
        lines.insert(0, line);
    }
    lines.join("\n") + "\n"
}

/// A data folder that is being made: until it is finished there is nothing in it that a command would take for a kommun.
struct Fresh {
    data: PathBuf,
    work: PathBuf,
    is_ours: bool,
    is_done: std::cell::Cell<bool>,
}

impl Fresh {
    /// # Errors
    /// `Input`: something is in the folder.
    fn begin(data: &Path) -> Result<Fresh, Fault> {
        let is_ours = match DirBuilder::new().mode(0o750).create(data) {
            Ok(()) => true,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
            Err(error) => return Err(Fault::Input(format!("{}: cannot be made ({error})", data.display()))),
        };
        let unread =
            |error: std::io::Error| Fault::Input(format!("{}: {error}; name a new or empty folder", data.display()));
        for entry in fs::read_dir(data).map_err(unread)? {
            let name = entry.map_err(unread)?.file_name();
            if name != UNFINISHED {
                return Err(Fault::Input(format!(
                    "{}: there is something in it ({}); nothing was changed. Name a new or empty folder with --data, or empty \
                     this one if it is what a restore that was cut off has left",
                    data.display(),
                    name.to_string_lossy()
                )));
            }
        }
        let work = data.join(UNFINISHED);
        match fs::remove_dir_all(&work) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(&work, &error)),
            _ => {}
        }
        DirBuilder::new().mode(0o700).create(&work).map_err(|error| failed(&work, &error))?;
        Ok(Fresh { data: data.to_owned(), work, is_ours, is_done: false.into() })
    }

    /// Moves all that was made to its place; the settings last, for without them no command finds a kommun here.
    fn finish(&self) -> Result<(), Fault> {
        let unread = |error: std::io::Error| failed(&self.work, &error);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.work).map_err(unread)? {
            names.push(entry.map_err(unread)?.file_name());
        }
        names.sort_by_key(|name| name == "config");
        // From here on what stands is not taken away again.
        self.is_done.set(true);
        for name in names {
            let place = self.data.join(&name);
            fs::rename(self.work.join(&name), &place).map_err(|error| failed(&place, &error))?;
        }
        fs::remove_dir(&self.work).map_err(unread)?;
        let synced = fs::File::open(&self.data).and_then(|folder| folder.sync_all());
        synced.map_err(|error| failed(&self.data, &error))
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if !self.is_done.get() {
            let _ = fs::remove_dir_all(&self.work);
            if self.is_ours {
                let _ = fs::remove_dir(&self.data);
            }
        }
    }
}

fn remove_file(file: &Path) -> Result<(), Fault> {
    for ending in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(ending);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(Path::new(&name), &error)),
            _ => {}
        }
    }
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> Fault {
    Fault::Temporary(format!("{}: {error}; try again when the disk is well and has room", path.display()))
}

fn tell(data: &Path, manifest: &Manifest, marked: &Marked, json: bool) {
    let restored = &marked.restored;
    if json {
        return say!(
            "{}",
            json!({
                "folder": data.display().to_string(),
                "made": manifest.made_at,
                "rows": rows(manifest),
                "files": manifest.files.len(),
                "older_than_letter": restored.is_older,
                "letters_held_back": marked.letters,
                "unclear": marked.unclear,
                "left_out": manifest.left_out,
                "outside": manifest.outside,
            })
        );
    }
    let shown = data.display();
    say!("{shown} is restored from a backup of {}.", local_text(restored.made_at_ms));
    if let (true, Some(batch)) = (restored.is_older, restored.batch) {
        say!(
            "  THE BACKUP IS OLDER THAN THE LETTER: {batch} and perhaps more has left that this database does not know."
        );
        say!(
            "    take in what came after the backup, freeze {} again, and: arvode export {batch} --cut-off delivered",
            batch.payout
        );
    } else if restored.is_older {
        say!("  THE BACKUP IS OLDER THAN THE LETTER: take in what came after it.");
    }
    for batch in &marked.unclear {
        say!(
            "  {batch} was on its way when the backup was made: ask payroll, then: arvode export {batch} --cut-off delivered"
        );
        say!("    or --cut-off not-delivered");
    }
    if marked.letters > 0 {
        say!(
            "  {} letters are held back, since they may have been sent: arvode outbox --state held_back",
            marked.letters
        );
    }
    for (role, place) in &manifest.outside {
        say!("  {place} is restored as {role} in {shown}: move it, or change config/arvode.toml");
    }
    for one in &manifest.left_out {
        say!("  put back by hand: {one}");
    }
    say!("Until a person says so nothing leaves and no letter is sent by itself. Next:");
    say!("  1. arvode --data {shown} check, and arvode --data {shown} verify");
    say!("  2. arvode --data {shown} verify --accept-restored --because \"…\"");
}

#[cfg(test)]
mod tests {
    use super::with_line;

    #[test]
    fn a_setting_is_replaced_above_the_tables_only() {
        let text = "kommun = \"A\"\ndatabase = \"arvode.db\"\n\n[mail]\ndatabase = \"other\"\n";
        let line = "database = \"postgres://x\"";
        assert_eq!(
            with_line(text, "database", line),
            "kommun = \"A\"\ndatabase = \"postgres://x\"\n\n[mail]\ndatabase = \"other\"\n"
        );
        assert_eq!(with_line("[mail]\n", "database", line), "database = \"postgres://x\"\n[mail]\n");
    }
}
