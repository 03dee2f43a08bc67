//! Makes what is read: letters from their templates, reports as workbook, page and PDF.

mod chart;
mod drawing;
mod figures;
mod html;
#[cfg(feature = "pdf")]
mod pdf;
mod scale;
mod sheet;
mod templates;
mod workbook;

use std::path::PathBuf;

use serde_json::Value;

use crate::domain::Fault;
use crate::ports::{LetterKind, Press, Report, Written};
pub use templates::shipped_files;

/// The templates as shipped, each replaced by a file of the same name in the kommun's folder.
#[derive(Clone, Debug, Default)]
pub struct Printer {
    /// `config/letters` beside `arvode.toml`; none where only the shipped ones count.
    pub folder: Option<PathBuf>,
    /// `config/reports` beside `arvode.toml`, where a kommun may have a `report.typ` of its own.
    pub reports: Option<PathBuf>,
}

impl Press for Printer {
    fn letter(&self, kind: LetterKind, content: &Value) -> Result<Written, Fault> {
        templates::letter(self.folder.as_deref(), kind, content)
    }

    fn workbook(&self, report: &Report) -> Result<Vec<u8>, Fault> {
        workbook::workbook(report)
    }

    #[cfg(feature = "pdf")]
    fn pdf(&self, report: &Report) -> Result<Option<Vec<u8>>, Fault> {
        pdf::pdf(self.reports.as_deref(), report).map(Some)
    }

    #[cfg(not(feature = "pdf"))]
    fn pdf(&self, _report: &Report) -> Result<Option<Vec<u8>>, Fault> {
        Ok(None)
    }

    fn html(&self, report: &Report) -> String {
        html::html(report)
    }
}
