//! Payroll's files: PAXml 2.0 in a folder where each name is written once.

mod folder;
mod paxml;
mod place;
mod readback;
mod receipt;

pub use folder::OutFolder;
pub use paxml::{Charset, PaxmlWriter};
pub use readback::{Proof, read_back};
