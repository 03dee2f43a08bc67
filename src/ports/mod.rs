//! What the jobs need of the world: traits and plain data.

mod workbook;

pub use workbook::{
    AbsenceRow, ClaimRow, Given, IncomeRow, MeetingRef, NarvaroRow, PersonRef, PersonRow, Problem, Row, RowContent,
    Sheet, SheetKind, SpanList, Unreadable, UppdragRow, Workbook,
};
