//! What the jobs need of the world: traits and plain data.

mod diarium;
mod gallring;
mod inbox;
mod lists;
pub mod payroll;
pub mod signature;
mod store;
mod workbook;

pub use diarium::{
    AttachedFile, Changes, Content, Diarium, MeetingRecord, MembershipRecord, OrganizationRecord, ParticipantRecord,
    PersonRecord, Record, RecordKind,
};
pub use gallring::{AnyRow, Gallrad, Gallring, GallringStore};
pub use inbox::{Arrival, Inbox, NotKept, Ready, Stamp};
pub use lists::{AtMeeting, Listed, Lists, Seat, ToConfirm};
pub use payroll::{
    Attest as PayrollAttest, DeliveryState, NotDelivered, PayrollFile, PayrollHead, PayrollOut, Receipt,
};
pub use signature::{Signatures, SignerKey};
pub use store::{
    About, Attest, Clock, ImportRun, Intervention, NewFact, NewRemark, Pin, Revised, Standing, Store, StoredRemark,
    StoredRow, Touched,
};
pub use workbook::{
    AbsenceRow, Answer, AnswerRow, AvstaendeRow, BeslutPart, BeslutRow, ClaimRow, Given, HeldRow, IncomeRow, JourRow,
    MeetingName, MeetingRef, Moment, NarvaroRow, ParagrafRow, PersonRef, PersonRow, Problem, Row, RowContent, Sheet,
    SheetKind, SourcePersonRow, SpanList, Unreadable, UppdragRow, UtbetaltRow, Workbook, origin, origin_place,
};
