//! Workbooks as they come in life: parsed in a child process under limits, recognised by their headers, read as typed rows.

mod above;
mod accruals;
mod child;
mod columns;
mod container;
#[cfg(fuzzing)]
pub mod fuzzed;
mod headers;
mod limits;
mod lint;
mod matrix;
mod merged;
mod parent;
mod preflight;
mod profile;
mod rejected_book;
mod remark_book;
mod rows;
mod scan;
mod seal;
mod signs;
mod spool;
mod template;
mod text_file;
mod values;
mod wire;
mod workbook;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags, fstat, open};

use super::service::step_done;
use crate::calendar::Day;
use crate::ports::Unreadable;

pub use accruals::{AccrualRow, accruals_workbook, write_accruals};
pub use child::{SUBCOMMAND, run_child};
pub use columns::is_column_name;
pub use limits::{ChildLimits, OtherForms};
pub use preflight::is_whole;
pub use profile::{MARKS, OwnForms, Profile, is_column_of, kinds};
pub use rejected_book::{Rejected, rejected_workbook};
pub use remark_book::{NotWritten, RemarkLine, write_remarks};
pub use template::{template_bytes, write_template};
pub use workbook::ExcelWorkbook;

/// Reads workbooks (.xlsx and .xlsm; .xlsb, .xls and .ods by setting) and lists in text files (.csv); what a file is, its
/// content says.
#[derive(Clone, Debug)]
pub struct ExcelReader {
    /// This program: it starts itself as the child ([`SUBCOMMAND`]).
    pub program: PathBuf,
    /// How much one workbook may cost.
    pub limits: ChildLimits,
    /// A kommun's own headers: header text to our column name (see [`is_column_name`]).
    pub synonyms: BTreeMap<String, String>,
    /// A kommun's own forms.
    pub forms: OwnForms,
    /// Where the parsed rows are spooled, in a file without a name.
    pub work_folder: PathBuf,
    /// Decides the century of years with two digits.
    pub today: Day,
}

impl ExcelReader {
    /// Reads a workbook: its sheets at once, its rows as they are asked for. Links, folders and pipes are refused.
    ///
    /// # Errors
    /// The file as a whole cannot be used.
    pub fn read(&self, path: &Path) -> Result<ExcelWorkbook, Unreadable> {
        self.read_file(path, self.open(path)?)
    }

    /// Opens a file that may be a workbook, without following a link and without waiting for a pipe's writer.
    ///
    /// # Errors
    /// It is no file to read.
    pub fn open(&self, path: &Path) -> Result<File, Unreadable> {
        refuse_ending(&ending_of(path), self.limits.forms)?;
        open_regular(path)
    }

    /// The same for a regular file that is open, by the name that it came under; its position is moved.
    ///
    /// # Errors
    /// The file as a whole cannot be used.
    pub fn read_file(&self, name: &Path, file: File) -> Result<ExcelWorkbook, Unreadable> {
        let ending = ending_of(name);
        refuse_ending(&ending, self.limits.forms)?;
        let limits = ChildLimits { ending, ..self.limits.clone() };
        let parsed = parent::parse(self.program.as_os_str(), file, &limits, &self.work_folder)?;
        ExcelWorkbook::new(parsed, &self.synonyms, &self.forms, &name_of(name), self.today)
    }

    /// The same on a thread of its own: whoever waits here can be told to stop, and other work goes on meanwhile.
    ///
    /// # Errors
    /// The file as a whole cannot be used.
    pub async fn read_apart(&self, name: &Path, file: File) -> Result<ExcelWorkbook, Unreadable> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let (reader, name) = (self.clone(), name.to_owned());
        let started = std::thread::Builder::new().spawn(move || {
            // Nobody may be waiting any more.
            let _ = sender.send(reader.read_file(&name, file));
        });
        let no_start = || unreadable("Läsaren går inte att starta.", "Försök igen.", true);
        started.map_err(|_| no_start())?;
        let workbook = receiver.await.map_err(|_| no_start())?;
        step_done();
        workbook
    }

    /// Has a small file read: whether the child can be started, and whether the kernel locks it in.
    ///
    /// # Errors
    /// No file can be read here.
    pub fn tried(&self) -> Result<bool, Unreadable> {
        let file = parent::nameless(&self.work_folder).and_then(|mut file| {
            file.write_all(b"Datum;Organ\n")?;
            file.rewind()?;
            Ok(file)
        });
        let file = file.map_err(|_| parent::no_work_folder())?;
        self.read_file(Path::new("prov.csv"), file).map(|workbook| workbook.is_sealed())
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn ending_of(path: &Path) -> String {
    path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// What is not read at all, and what is not read until a setting says so.
fn refuse_ending(ending: &str, forms: OtherForms) -> Result<(), Unreadable> {
    if !forms.allows(ending) {
        return Err(unreadable(
            format!("Filer av slaget .{ending} läses inte."),
            &format!(
                "Öppna filen i Excel och spara den som .xlsx, eller sätt {ending} = true under [excel] i config/arvode.toml."
            ),
            false,
        ));
    }
    if matches!(ending, "pdf" | "doc" | "docx") {
        return Err(unreadable(
            format!("Filer av slaget .{ending} läses inte."),
            "Öppna filen i Excel och spara den som .xlsx.",
            false,
        ));
    }
    Ok(())
}

/// Opens without following a link and without waiting for a pipe's writer; what was opened is what is looked at.
///
/// # Errors
/// It is no regular file, or cannot be opened.
pub fn open_regular(path: &Path) -> Result<File, Unreadable> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = open(path, flags, Mode::empty()).map_err(|error| match error {
        rustix::io::Errno::LOOP => not_a_file(),
        rustix::io::Errno::NOENT => unreadable("Filen finns inte.", "Kontrollera filens namn.", false),
        rustix::io::Errno::ACCESS => unreadable("Programmet får inte läsa filen.", "Ändra filens rättigheter.", false),
        _ => unreadable("Filen kan inte öppnas.", "Försök igen.", true),
    })?;
    let status = fstat(&file).map_err(|_| unreadable("Filen kan inte öppnas.", "Försök igen.", true))?;
    if FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
        return Err(not_a_file());
    }
    Ok(File::from(file))
}

fn not_a_file() -> Unreadable {
    unreadable("Det är ingen vanlig fil, utan en länk, mapp eller något annat.", "Lägg själva arbetsboken där.", false)
}

fn unreadable(wrong: impl Into<String>, instead: &str, temporary: bool) -> Unreadable {
    Unreadable { wrong: wrong.into(), instead: instead.to_owned(), temporary }
}
