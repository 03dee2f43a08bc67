//! What the jobs need of the world: traits and plain data.

mod diarium;
mod gallring;
mod inbox;
mod kept;
mod left_out;
mod letter;
mod lists;
pub mod payroll;
mod report;
pub mod signature;
mod status;
mod store;
mod told;
mod workbook;

pub use diarium::{
    AttachedFile, Changes, Content, Diarium, MeetingRecord, MembershipRecord, OrganizationRecord, ParticipantRecord,
    PersonRecord, Record, RecordKind,
};
pub use gallring::{AnyRow, Gallrad, Gallring, GallringStore};
pub use inbox::{Arrival, Inbox, NotKept, Ready, Stamp};
pub use kept::{Archive, AuditRow, FactRow, KeptStore, KnownSource, Restored};
pub use left_out::LeftOutStore;
pub use letter::{
    Addresses, LetterFile, LetterHead, LetterKind, LetterState, NewLetter, NotTaken, Office, OutboxStore, Post, Press,
    Progress, Receiver, ReturnBox, Returned, RunState, ScheduledRun, StoredLetter, Written, letter_key, letter_token,
};
pub use lists::{AtMeeting, Listed, Lists, Seat, ToConfirm};
pub use payroll::{
    Attest as PayrollAttest, DeliveryState, Handover, NotDelivered, PayrollFile, PayrollHead, PayrollOut, Receipt,
    SealedFile,
};
pub use report::{Cell, Column, Plot, PlotKind, Report, Section, Series, Table};
pub use signature::{Signatures, SignerKey};
pub use status::{LettersIn, StatusStore};
pub use store::{
    About, Attest, Clock, ImportRun, Intervention, NewFact, NewRemark, Pin, Revised, Standing, Store, StoredRemark,
    StoredRow, Touched,
};
pub use told::{ToldList, ToldStore};
pub use workbook::{
    AbsenceRow, Answer, AnswerRow, AvstaendeRow, BeslutPart, BeslutRow, ClaimRow, Given, HeldRow, IncomeRow, JourRow,
    MeetingName, MeetingRef, Moment, NarvaroRow, ParagrafRow, PersonRef, PersonRow, Problem, Row, RowContent, Sheet,
    SheetKind, SourcePersonRow, SpanList, Unreadable, UppdragRow, UtbetaltRow, Workbook, origin, origin_place,
};
