//! A kommun's folder, opened: settings, database, clock.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::adapters::clock::SystemClock;
use crate::adapters::db::Db;
use crate::adapters::excel::ExcelReader;
use crate::adapters::intake::Intake;
use crate::adapters::payroll::OutFolder;
use crate::adapters::press::Printer;
use crate::adapters::secret::{Secret, SecretFolders};
use crate::adapters::settings::{Configured, Settings, is_address, read};
use crate::calendar::{Day, end_of_day_ms};
use crate::domain::Fault;
use crate::jobs::letters::Desk;
use crate::jobs::{export_batch, freeze_batch};
use crate::ports::{Addresses, Clock, Store};
use crate::regelverk::Loaded;

/// Everything that a command works with.
pub(super) struct Kommun {
    pub folder: PathBuf,
    /// `arvode.toml`.
    pub config: PathBuf,
    pub configured: Configured,
    pub db: Db,
    pub clock: SystemClock,
    pub json: bool,
    /// Who changes something, where the command line says so.
    pub by: Option<String>,
    /// Its days are played one after the other by `arvode demo`.
    pub is_played: bool,
    /// The clock was set by hand: nothing may be written, but in a demo.
    now_is_given: bool,
}

impl Kommun {
    pub(super) async fn open(
        data: &Path,
        config: Option<PathBuf>,
        json: bool,
        now: Option<i64>,
    ) -> Result<Kommun, Fault> {
        let config = config.unwrap_or_else(|| data.join("config").join("arvode.toml"));
        let clock = SystemClock { fixed_ms: now };
        let configured = known(&config, clock.today())?;
        let settings = &configured.settings;
        let db = if let Some(server) = server(settings, data)? {
            Db::connect_by(&server, &settings.database_schema).await?
        } else {
            make_private(data)?;
            let file = data.join(&settings.database);
            make_private_file(&file)?;
            Db::open_file(&file).await?
        };
        Ok(Kommun {
            folder: data.to_owned(),
            config,
            configured,
            db,
            clock,
            json,
            by: None,
            is_played: false,
            now_is_given: now.is_some(),
        })
    }

    /// Sets the clock of a demo, and reads the settings as they are known then.
    pub(super) fn set_now(&mut self, now_ms: i64) -> Result<(), Fault> {
        self.clock.fixed_ms = Some(now_ms);
        self.is_played = true;
        self.configured = known(&self.config, self.clock.today())?;
        Ok(())
    }

    /// The program starts anew at an instant, whatever it was in the middle of.
    pub(super) async fn restart(&mut self, now_ms: i64) -> Result<(), Fault> {
        *self = Kommun::open(&self.folder.clone(), Some(self.config.clone()), self.json, Some(now_ms)).await?;
        super::veil::draw(self).await
    }

    pub(super) async fn close(self) -> Result<(), Fault> {
        self.db.close().await
    }

    /// Rules and facts by the end of a day, as a question asks for them; all that is known now if no day is given.
    pub(super) async fn as_known_on(&mut self, day: Option<Day>) -> Result<(Loaded, Option<(Day, i64)>), Fault> {
        let mut loaded = self.configured.loaded.clone();
        let Some(day) = day else { return Ok((loaded, None)) };
        loaded.regelverk = loaded.regelverk.known_on(day);
        let facts_up_to = self.db.last_fact_known_at(end_of_day_ms(day)).await?;
        Ok((loaded, Some((day, facts_up_to))))
    }

    /// Who changes something by hand: as the command line says, else who is logged in.
    pub(super) fn actor(&self) -> String {
        actor(self.by.as_deref())
    }

    /// No round of the daemon takes longer that is well: a diarium has its own time, and so much is left for all else.
    pub(super) fn longest_round(&self) -> Duration {
        let fetched = self.configured.settings.diaria.iter().map(|source| source.http.limits.sync);
        fetched.fold(Duration::from_secs(60 * 60), Duration::saturating_add)
    }

    /// Commands that write ask this first.
    pub(super) fn may_write(&self) -> Result<(), Fault> {
        if self.now_is_given && !self.configured.settings.demo {
            return Err(Fault::Refused(
                "--now only goes with reading commands, or in a folder made by `arvode demo`".to_owned(),
            ));
        }
        Ok(())
    }

    pub(super) fn path(&self, folder: &Path) -> PathBuf {
        self.folder.join(folder)
    }

    pub(super) fn reader(&self) -> Result<ExcelReader, Fault> {
        let program = std::env::current_exe()
            .map_err(|error| Fault::Temporary(format!("this program's own path is unknown: {error}")))?;
        Ok(ExcelReader {
            program,
            limits: self.configured.settings.limits.clone(),
            synonyms: self.configured.settings.columns.clone(),
            forms: self.configured.settings.forms.clone(),
            work_folder: self.folder.clone(),
            today: self.clock.today(),
        })
    }

    /// The folders for what comes in.
    pub(super) fn intake(&self, dry_run: bool) -> Intake {
        let settings = &self.configured.settings;
        Intake {
            archive: self.path(&settings.archive),
            rejected: self.path(&settings.rejected),
            file_bytes: settings.limits.file_bytes,
            dry_run,
        }
    }

    /// What makes letters and reports, with the kommun's own templates where it has any.
    pub(super) fn printer(&self) -> Printer {
        let folder = |name: &str| Some(self.config.with_file_name(name));
        Printer { folder: folder("letters"), reports: folder("reports") }
    }

    pub(super) fn out(&self) -> OutFolder {
        let settings = &self.configured.settings;
        let deliver = settings.deliver.as_ref().map(|deliver| self.path(deliver));
        OutFolder { out: self.path(&settings.out), deliver, charset: settings.charset }
    }
}

/// Who does something by hand: as said, else who is logged in.
pub(super) fn actor(by: Option<&str>) -> String {
    let named = ["SUDO_USER", "USER", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    let mut names = by.map(str::to_owned).into_iter().chain(named).map(|name| name.trim().to_owned());
    let name = names.find(|name| !name.is_empty());
    name.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()))
}

/// The address of the database's server, with the password that may stand in it; none where the database is a file.
///
/// # Errors
/// The file with the address is not there.
pub(super) fn server(settings: &Settings, data: &Path) -> Result<Option<Secret>, Fault> {
    match &settings.database_file {
        Some(file) => SecretFolders::of(data).line(file, "database_file").map(Some),
        None => Ok(settings.server().map(Secret::new)),
    }
}

/// The settings with the rules that are decided by a day.
fn known(config: &Path, today: Day) -> Result<Configured, Fault> {
    let mut configured = read(config)?;
    configured.loaded.regelverk = configured.loaded.regelverk.decided_by(today);
    Ok(configured)
}

/// Everybody whom letters go to, but the persons of the register.
pub(super) fn addresses(configured: &Configured) -> Addresses {
    let mut addresses = configured.settings.mail.to.clone();
    for official in &configured.forteckning.officials {
        if is_address(&official.email) {
            addresses.officials.insert(official.id.clone(), official.email.clone());
        }
    }
    addresses
}

/// The desk at which letters are written; apart from [`Kommun`] so that the database can be borrowed beside it.
pub(super) fn desk<'a>(configured: &'a Configured, press: &'a Printer, addresses: &'a Addresses) -> Desk<'a, Printer> {
    Desk { press, addresses, kommun: &configured.settings.kommun, is_example: configured.loaded.example }
}

/// What a freeze needs; apart from [`Kommun`] so that the database can be borrowed beside it.
pub(super) fn freeze_settings(configured: &Configured) -> freeze_batch::Settings<'_> {
    let (loaded, forteckning) = (&configured.loaded, &configured.forteckning);
    freeze_batch::Settings { loaded, forteckning, sheet_days: configured.settings.sheet_days }
}

/// What an export needs.
pub(super) fn export_settings(configured: &Configured) -> export_batch::Settings<'_> {
    let settings = &configured.settings;
    export_batch::Settings {
        forteckning: &configured.forteckning,
        kommun: &settings.kommun,
        organisationsnummer: &settings.organisationsnummer,
        attested_by_payroll: settings.attested_by_payroll.as_deref(),
    }
}

/// The file is made for its owner alone before anything is written to it; what SQLite puts beside it follows.
pub(super) fn make_private_file(file: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::OpenOptionsExt;
    let made = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(file);
    made.map(drop).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::PermissionDenied => {
            Fault::Input(format!("{}: {error}; name the folder that `arvode init` made", file.display()))
        }
        _ => Fault::Temporary(format!("{}: {error}; try again when the disk is well", file.display())),
    })
}

/// The database holds personnummer: the folder is nobody else's business.
fn make_private(folder: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::PermissionsExt;
    let failed = |error: std::io::Error| {
        Fault::Input(format!("{}: {error}; name the folder that `arvode init` made", folder.display()))
    };
    let status = std::fs::metadata(folder).map_err(failed)?;
    if status.permissions().mode() & 0o007 != 0 {
        let mode = status.permissions().mode() & 0o770;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)).map_err(failed)?;
    }
    Ok(())
}
