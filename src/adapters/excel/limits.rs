//! How much a workbook may cost: what the child sets on itself, and what the parent waits.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

/// The limits for one workbook. Beyond any of them the file is refused with a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChildLimits {
    /// Address space of the child.
    pub memory_bytes: u64,
    /// Cpu time of the child.
    pub cpu_seconds: u64,
    /// How long the parent waits before it kills the child: longer than the cpu time, so that a file that costs too much
    /// is told from a machine that has too much to do.
    pub wall_ms: u64,
    /// How much the child may write.
    pub spool_bytes: u64,
    /// Open files of the child.
    pub open_files: u64,
    /// The workbook as it came.
    pub file_bytes: u64,
    /// All its parts unpacked.
    pub unpacked_bytes: u64,
    /// A part may unpack to so many times its packed size.
    pub unpack_ratio: u64,
    /// Parts in the container.
    pub parts: usize,
    /// Sheets in the workbook.
    pub sheets: usize,
    /// Rows in a sheet.
    pub rows: u32,
    /// Columns that are read; cells further right are not.
    pub columns: u32,
    /// Which forms beside Open XML and text are read at all.
    pub forms: OtherForms,
    /// What the file's name ends with: the content says what a file is, but an OLE file under a false name is refused.
    pub ending: String,
}

/// The forms whose parsers are the weak ones; each is off until a setting turns it on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherForms {
    /// OLE workbooks, of Excel 97 to 2003.
    pub xls: bool,
    /// Binary workbooks.
    pub xlsb: bool,
    /// OpenDocument.
    pub ods: bool,
}

impl OtherForms {
    /// Whether a file with this ending may be opened; every other ending may.
    pub fn allows(self, ending: &str) -> bool {
        match ending {
            "xls" => self.xls,
            "xlsb" => self.xlsb,
            "ods" => self.ods,
            _ => true,
        }
    }
}

impl Default for ChildLimits {
    fn default() -> ChildLimits {
        const MIB: u64 = 1 << 20;
        ChildLimits {
            memory_bytes: 512 * MIB,
            cpu_seconds: 8,
            wall_ms: 10_000,
            spool_bytes: 1024 * MIB,
            open_files: 16,
            file_bytes: 64 * MIB,
            unpacked_bytes: 512 * MIB,
            unpack_ratio: 200,
            parts: 10_000,
            sheets: 500,
            rows: 1_048_576,
            columns: 256,
            forms: OtherForms::default(),
            ending: "xlsx".to_owned(),
        }
    }
}

impl ChildLimits {
    /// Sets the limits that the kernel keeps on this process; there is no way back. A limit that the process already has
    /// and that is lower stays.
    ///
    /// # Errors
    /// The kernel refused.
    pub fn impose(&self) -> rustix::io::Result<()> {
        lower(Resource::Core, 0, 0)?;
        lower(Resource::Nofile, self.open_files, 0)?;
        lower(Resource::Nproc, 0, 0)?;
        lower(Resource::Fsize, self.spool_bytes, 0)?;
        lower(Resource::Cpu, self.cpu_seconds, 1)?;
        lower(Resource::As, self.memory_bytes, 0)
    }
}

fn lower(resource: Resource, most: u64, grace: u64) -> rustix::io::Result<()> {
    let ceiling = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let limit = Rlimit { current: Some(most.min(ceiling)), maximum: Some(most.saturating_add(grace).min(ceiling)) };
    setrlimit(resource, limit)
}
