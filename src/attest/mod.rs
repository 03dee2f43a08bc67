//! Who may attest what: the attestförteckning, the sheets that are signed, and when a sheet is fully signed.

mod forteckning;
#[cfg(test)]
mod samples;
mod sheet;
mod signing;
mod splitting;

pub use forteckning::{Forteckning, Official, OfficialKind, Role};
pub use sheet::{RowsBySheet, Sheet, SheetHead, sheet_text};
pub use signing::{NotSigned, Signed, WhyNot, fully_signed, may_sign};
pub use splitting::{PersonData, Splitting, ids_of};
