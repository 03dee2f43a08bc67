//! `arvode.toml`, `regelverk/*.toml` and `attestforteckning.toml` from disk, with every error placed.

mod backup;
mod diarium;
mod diarium_auth;
mod diarium_public360;
mod diarium_rest;
mod mail;
mod report;
mod status;
mod watch;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::excel::{ChildLimits, MARKS, OwnForms, Profile, is_column_name, is_column_of, kinds};
use super::payroll::Charset;
use super::telemetry::LogForm;
use crate::attest::Forteckning;
use crate::domain::Fault;
use crate::ledger::hex;
use crate::regelverk::reader::{Errors, SettingsText, Table, Wrong, read_file};
use crate::regelverk::{Loaded, load};
pub use backup::BackupSettings;
pub use diarium::{AdapterKind, DiariumSettings};
pub use mail::{MailSettings, Security, SmtpSettings, Transport, is_address};
pub use report::ReportSettings;
pub use status::StatusSettings;
pub use watch::WatchSettings;

/// The operator's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The kommun's name.
    pub kommun: String,
    /// Its organisationsnummer.
    pub organisationsnummer: String,
    /// A file in the data folder, or a PostgreSQL address.
    pub database: String,
    /// A file with the PostgreSQL address, where that is a secret; goes before `database`.
    pub database_file: Option<PathBuf>,
    /// The kommun's schema in PostgreSQL.
    pub database_schema: String,
    /// A daemon on a server that is not heard of for so long has lost its work to another that waits.
    pub lease: Duration,
    /// Files as they came.
    pub archive: PathBuf,
    /// Files that could not be used and why, and workbooks with held rows, from the data folder.
    pub rejected: PathBuf,
    /// The drop folder.
    pub inbox: DropSettings,
    /// Payroll files, written once.
    pub out: PathBuf,
    /// Where payroll fetches; none if somebody carries the files from `out`.
    pub deliver: Option<PathBuf>,
    /// Charset of the payroll file.
    pub charset: Charset,
    /// What one workbook may cost.
    pub limits: ChildLimits,
    /// The kommun's own headers.
    pub columns: BTreeMap<String, String>,
    /// The kommun's own forms.
    pub forms: OwnForms,
    /// Days that an attest sheet may wait.
    pub sheet_days: i64,
    /// The decision by which payroll attests after import.
    pub attested_by_payroll: Option<String>,
    /// How long things are kept, where it is decided.
    pub gallring: Option<Gallring>,
    /// Where the nightly copies lie.
    pub backup: BackupSettings,
    /// How letters leave, and where they go.
    pub mail: MailSettings,
    /// When something is missed.
    pub watch: WatchSettings,
    /// Who is told how it goes, and when something has waited too long.
    pub status: StatusSettings,
    /// How `arvode run` writes its log.
    pub log: LogForm,
    /// Where meetings and attendance are fetched.
    pub diaria: Vec<DiariumSettings>,
    /// What the follow-up may show.
    pub report: ReportSettings,
    /// `simulate` may show persons.
    pub simulate_persons: bool,
    /// Made by `arvode demo`: the clock may be set and the example's keys sign.
    pub demo: bool,
}

impl Settings {
    /// Files that settings name and that are nobody else's business, or lie where nobody knows: each with its setting.
    pub fn secret_files(&self) -> Vec<(PathBuf, String)> {
        let mut files: Vec<(PathBuf, String)> =
            self.database_file.iter().map(|file| (file.clone(), "database_file".to_owned())).collect();
        if let Some(smtp) = &self.mail.smtp {
            files.extend(smtp.login.iter().map(|(_, file)| (file.clone(), "mail.smtp password_file".to_owned())));
            files.extend(smtp.ca_file.iter().map(|file| (file.clone(), "mail.smtp ca_file".to_owned())));
        }
        for source in &self.diaria {
            let of = |file: PathBuf| (file, format!("diarium \"{}\"", source.name));
            files.extend(source.http.files().into_iter().map(of));
        }
        files
    }
}

/// The folder whose files are taken in by themselves: `[drop]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropSettings {
    /// The folder.
    pub folder: PathBuf,
    /// It is looked at so often, whatever the system tells.
    pub poll: Duration,
    /// A file is taken when it has not changed for so long.
    pub settle: Duration,
    /// A workbook whose end is missing is refused when it has not changed for so long.
    pub unfinished: Duration,
    /// Who may put files there; none leaves it to the operator.
    pub group: Option<String>,
}

impl Settings {
    /// The database is on a PostgreSQL server.
    pub fn is_on_server(&self) -> bool {
        self.database_file.is_some() || self.server().is_some()
    }

    /// The address of a PostgreSQL server as the settings say it; none where the database is a file in the data folder.
    pub fn server(&self) -> Option<&str> {
        let is_server = self.database.starts_with("postgres:") || self.database.starts_with("postgresql:");
        is_server.then_some(self.database.as_str())
    }
}

impl Default for DropSettings {
    fn default() -> DropSettings {
        DropSettings {
            folder: PathBuf::from("in"),
            poll: Duration::from_secs(600),
            settle: Duration::from_secs(10),
            unfinished: Duration::from_secs(30 * 60),
            group: None,
        }
    }
}

/// How long things are kept: `[gallring]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gallring {
    /// Calendar years after the one that something belongs to.
    pub years: u32,
    /// The decision.
    pub decision: String,
}

/// All that is configured.
#[derive(Clone, Debug)]
pub struct Configured {
    /// The operator's part.
    pub settings: Settings,
    /// The regulation's numbers.
    pub loaded: Loaded,
    /// Who may sign.
    pub forteckning: Forteckning,
    /// sha256 over all texts.
    pub sha256: String,
}

/// Reads everything that `config` (the path of `arvode.toml`) and the folder beside it say.
///
/// # Errors
/// A file is missing, or all that is wrong in any of them, one line each.
pub fn read(config: &Path) -> Result<Configured, Fault> {
    let folder = config.parent().unwrap_or(Path::new("."));
    let operator = text(config)?;
    let list = text(&folder.join("attestforteckning.toml"))?;
    let rules = rule_texts(&folder.join("regelverk"))?;
    let mut wrong = Vec::new();
    let errors = Errors::default();
    let mut settings = defaults();
    read_file(&operator, &errors, |table| read_settings(&mut settings, table));
    wrong.extend(errors.into_list());
    let loaded = load(&rules).map_err(|errors| wrong.extend(errors)).ok();
    let forteckning = Forteckning::parse(&list).map_err(|errors| wrong.extend(errors)).ok();
    if !settings.demo && list.content.contains(" arvode-demo\"") {
        let found = "a key that `arvode demo` made".to_owned();
        let allowed = "the officials' own public keys; anybody can read the demo's private ones".to_owned();
        wrong.push(Wrong { file: list.name.clone(), line: 0, column: 0, found, allowed });
    }
    let (Some(loaded), Some(forteckning), true) = (loaded, forteckning, wrong.is_empty()) else {
        let lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        return Err(Fault::Input(lines.join("\n")));
    };
    let mut hash = Sha256::new();
    for text in rules.iter().chain([&operator, &list]) {
        hash.update(text.name.as_bytes());
        hash.update([0]);
        hash.update(text.content.as_bytes());
        hash.update([0]);
    }
    Ok(Configured { settings, loaded, forteckning, sha256: hex(&hash.finalize()) })
}

fn text(path: &Path) -> Result<SettingsText, Fault> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(content) => Ok(SettingsText { name, content }),
        Err(error) => Err(Fault::Input(format!(
            "{name}: cannot be read ({error}); `arvode init DIR` writes a new kommun's folder"
        ))),
    }
}

fn rule_texts(folder: &Path) -> Result<Vec<SettingsText>, Fault> {
    let unreadable = |error: std::io::Error| Fault::Input(format!("{}: cannot be read ({error})", folder.display()));
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !is_hidden && path.extension().is_some_and(|ending| ending == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| text(path)).collect()
}

fn defaults() -> Settings {
    Settings {
        kommun: String::new(),
        organisationsnummer: String::new(),
        database: "arvode.db".to_owned(),
        database_file: None,
        database_schema: "arvode".to_owned(),
        lease: Duration::from_secs(60),
        archive: PathBuf::from("archive"),
        rejected: PathBuf::from("rejected"),
        inbox: DropSettings::default(),
        out: PathBuf::from("out"),
        deliver: Some(PathBuf::from("deliver")),
        charset: Charset::Utf8,
        limits: ChildLimits::default(),
        columns: BTreeMap::new(),
        forms: OwnForms::default(),
        sheet_days: 45,
        attested_by_payroll: None,
        gallring: None,
        backup: BackupSettings::default(),
        mail: MailSettings::default(),
        watch: WatchSettings::default(),
        status: StatusSettings::default(),
        log: LogForm::Auto,
        diaria: Vec::new(),
        report: ReportSettings::default(),
        simulate_persons: false,
        demo: false,
    }
}

fn read_settings(settings: &mut Settings, table: &Table<'_>) {
    settings.kommun = table.required_text("kommun").unwrap_or_default();
    settings.organisationsnummer = table.required_text("organisationsnummer").unwrap_or_default();
    let keep = |found: Option<String>, place: &mut String| {
        if let Some(found) = found {
            *place = found;
        }
    };
    keep(table.text("database"), &mut settings.database);
    settings.database_file =
        table.text("database_file").filter(|file| !file.trim().is_empty()).map(|file| PathBuf::from(file.trim()));
    keep(table.text("database_schema"), &mut settings.database_schema);
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if settings.database_schema.is_empty() || !settings.database_schema.chars().all(is_plain) {
        table.wrong("database_schema", &format!("\"{}\"", settings.database_schema), "small letters a-z, digits and _");
    }
    match table.whole("lease_seconds") {
        None => {}
        Some(seconds @ 5..=3600) => settings.lease = Duration::from_secs(seconds),
        Some(seconds) => table.wrong("lease_seconds", &format!("`{seconds}`"), "5 to 3600 seconds"),
    }
    settings.simulate_persons = table.boolean("simulate_persons").unwrap_or(false);
    settings.demo = table.boolean("demo").unwrap_or(false);
    settings.log = table.choice("log", &LogForm::NAMES).unwrap_or(settings.log);
    table.table("folders", |folders| {
        if let Some(archive) = folders.text("archive") {
            settings.archive = PathBuf::from(archive);
        }
        if let Some(rejected) = folders.text("rejected") {
            settings.rejected = PathBuf::from(rejected);
        }
        if let Some(out) = folders.text("out") {
            settings.out = PathBuf::from(out);
        }
        if let Some(deliver) = folders.text("deliver") {
            settings.deliver = (!deliver.is_empty()).then(|| PathBuf::from(deliver));
        }
    });
    table.table("drop", |drop| read_drop(&mut settings.inbox, drop));
    table.table("payroll", |payroll| {
        let charsets = [("UTF-8", Charset::Utf8), ("ISO-8859-1", Charset::Latin1)];
        settings.charset = payroll.choice("encoding", &charsets).unwrap_or(settings.charset);
    });
    table.table("attest", |attest| {
        settings.sheet_days =
            attest.whole("sheet_days").and_then(|days| i64::try_from(days).ok()).unwrap_or(settings.sheet_days);
        let decision = attest.text("payroll_decision").filter(|decision| !decision.is_empty());
        match (attest.choice("where", &[("batch", false), ("payroll", true)]), &decision) {
            (Some(true), None) => {
                attest.wrong(
                    "payroll_decision",
                    "no `payroll_decision`",
                    "the decision (diarienummer) that payroll attests after import",
                );
            }
            (Some(true), Some(_)) => settings.attested_by_payroll = decision,
            _ => {}
        }
    });
    table.table("gallring", |gallring| settings.gallring = read_gallring(gallring));
    table.table("backup", |backup| backup::read_backup(&mut settings.backup, backup));
    table.table("mail", |mail| mail::read_mail(&mut settings.mail, mail));
    table.table("watch", |watch| watch::read_watch(&mut settings.watch, watch));
    table.table("status", |status| status::read_status(&mut settings.status, status));
    table.table("report", |report| report::read_report(&mut settings.report, report));
    table.table("excel", |excel| read_excel(settings, excel));
    table.tables("diarium", |table| settings.diaria.extend(diarium::read_diarium(&settings.diaria, table)));
}

fn read_drop(settings: &mut DropSettings, drop: &Table<'_>) {
    if let Some(folder) = drop.text("folder") {
        match folder.trim() {
            "" | "." => drop.wrong("folder", &format!("\"{folder}\""), "a folder of its own, such as \"in\""),
            _ => settings.folder = PathBuf::from(folder),
        }
    }
    const DAY_S: u64 = 24 * 60 * 60;
    let times = [
        ("poll_seconds", &mut settings.poll, 1, 1, DAY_S),
        ("settle_seconds", &mut settings.settle, 1, 0, 60 * 60),
        ("unfinished_minutes", &mut settings.unfinished, 60, 0, DAY_S / 60),
    ];
    for (key, place, unit_s, least, most) in times {
        match drop.whole(key) {
            None => {}
            Some(number) if (least..=most).contains(&number) => *place = Duration::from_secs(number * unit_s),
            Some(number) => drop.wrong(key, &format!("`{number}`"), &format!("a whole number from {least} to {most}")),
        }
    }
    settings.group = drop.text("group").filter(|group| !group.trim().is_empty());
}

/// Accounts are kept to the end of the seventh year after their own (lag 2018:597, 3 kap.); fewer years are a mistake.
const FEWEST_YEARS: u32 = 7;

/// Where nothing is said.
const YEARS: u32 = 10;

/// Off unless a decision is named.
fn read_gallring(table: &Table<'_>) -> Option<Gallring> {
    let years = match table.whole("years") {
        None => YEARS,
        Some(years) => match u32::try_from(years) {
            Ok(years @ FEWEST_YEARS..=100) => years,
            _ => {
                table.wrong("years", &format!("`{years}`"), "7 to 100 years");
                return None;
            }
        },
    };
    let decision = table.text("decision").filter(|decision| !decision.trim().is_empty())?;
    Some(Gallring { years, decision })
}

fn read_excel(settings: &mut Settings, excel: &Table<'_>) {
    const MIB: u64 = 1 << 20;
    let limits = &mut settings.limits;
    let numbers: [(&'static str, &mut u64, u64); 6] = [
        ("file_mib", &mut limits.file_bytes, MIB),
        ("unpacked_mib", &mut limits.unpacked_bytes, MIB),
        ("unpack_ratio", &mut limits.unpack_ratio, 1),
        ("memory_mib", &mut limits.memory_bytes, MIB),
        ("cpu_seconds", &mut limits.cpu_seconds, 1),
        ("wall_ms", &mut limits.wall_ms, 1),
    ];
    for (key, place, unit) in numbers {
        if let Some(number) = excel.whole(key) {
            match number.checked_mul(unit).filter(|bytes| *bytes > 0) {
                Some(number) => *place = number,
                None => excel.wrong(key, &format!("`{number}`"), "a whole number from 1 on"),
            }
        }
    }
    let forms = &mut settings.limits.forms;
    for (key, is_on) in [("xls", &mut forms.xls), ("xlsb", &mut forms.xlsb), ("ods", &mut forms.ods)] {
        *is_on = excel.boolean(key).unwrap_or(*is_on);
    }
    let hidden = excel.choice("hidden_rows", &[("read", false), ("hold", true)]);
    settings.forms.holds_hidden_rows = hidden.unwrap_or(false);
    excel.tables("profile", |profile| {
        if let Some(read) = read_profile(profile) {
            if settings.forms.profiles.iter().any(|known| known.name == read.name) {
                profile.wrong("name", &format!("a second profile \"{}\"", read.name), "a name of its own");
            }
            settings.forms.profiles.push(read);
        }
    });
    excel.table("columns", |columns| {
        for (header, ours) in columns.free_texts() {
            if is_column_name(&ours) {
                settings.columns.insert(header, ours);
            } else {
                columns.wrong(&header, &format!("\"{ours}\""), "a column of our forms, as `arvode template` writes it");
            }
        }
    });
}

/// A kommun's own form.
fn read_profile(table: &Table<'_>) -> Option<Profile> {
    const COLUMN: &str = "a column of that kind of sheet, as `arvode template` writes it";
    let name = table.required_text("name");
    let (file, sheet, headers) = (table.text("file"), table.text("sheet"), table.texts("headers"));
    if file.is_none() && sheet.is_none() && headers.is_empty() {
        table.wrong("name", "no `file`, `sheet` or `headers`", "at least one of them: by what a sheet is known");
    }
    let header_row = table.whole("header_row").and_then(|row| match u32::try_from(row) {
        Ok(row @ 1..=30) => Some(row),
        _ => {
            table.wrong("header_row", &format!("`{row}`"), "a row from 1 to 30");
            None
        }
    });
    let kind = table.required_choice("kind", &kinds());
    let is_column = |name: &str| kind.is_none_or(|kind| is_column_of(kind, name));
    let (mut columns, mut fixed, mut words) = (BTreeMap::new(), Vec::new(), Vec::new());
    table.table("columns", |table| {
        for (header, ours) in table.free_texts() {
            if !is_column(&ours) {
                table.wrong(&header, &format!("\"{ours}\""), COLUMN);
            }
            columns.insert(header, ours);
        }
    });
    table.table("fixed", |table| {
        for (ours, text) in table.free_texts() {
            if !is_column(&ours) || text.trim().is_empty() {
                table.wrong(&ours, &format!("\"{ours}\" = \"{text}\""), &format!("{COLUMN}, and a value"));
            }
            fixed.push((ours, text));
        }
    });
    table.tables("word", |table| {
        let (column, written) = (table.required_text("column"), table.required_text("written"));
        let means = table.required_text("means");
        let (Some(column), Some(written), Some(means)) = (column, written, means) else { return };
        let of_marks = column == MARKS && kind == Some(crate::ports::SheetKind::Narvaro);
        if !is_column(&column) && !of_marks {
            table.wrong(
                "column",
                &format!("\"{column}\""),
                &format!("{COLUMN}; \"{MARKS}\" for the marks of a matrix"),
            );
        }
        words.push((column, written, means));
    });
    Some(Profile { name: name?, file, sheet, headers, kind: kind?, header_row, columns, fixed, words })
}
