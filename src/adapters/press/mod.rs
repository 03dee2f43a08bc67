//! Makes what is read: letters from their templates, reports as workbook, page and PDF.

mod templates;

use std::path::PathBuf;

use serde_json::Value;

use crate::domain::Fault;
use crate::ports::{LetterKind, Press, Report, Written};

/// The templates as shipped, each replaced by a file of the same name in the kommun's folder.
#[derive(Clone, Debug, Default)]
pub struct Printer {
    /// `config/letters` beside `arvode.toml`; none where only the shipped ones count.
    pub folder: Option<PathBuf>,
}

impl Press for Printer {
    fn letter(&self, kind: LetterKind, content: &Value) -> Result<Written, Fault> {
        templates::letter(self.folder.as_deref(), kind, content)
    }

    fn workbook(&self, _report: &Report) -> Result<Vec<u8>, Fault> {
        Err(Fault::Temporary("reports are not made yet".to_owned()))
    }

    fn pdf(&self, _report: &Report) -> Result<Option<Vec<u8>>, Fault> {
        Ok(None)
    }

    fn html(&self, _report: &Report) -> String {
        String::new()
    }
}
