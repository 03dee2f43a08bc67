//! One file per job: read through ports, ask the core, write through ports.

pub mod accruals;
pub mod attest_batch;
pub mod by_hand;
pub mod calculate;
pub mod close_month;
pub mod disclose_person;
pub mod drop_folder;
pub mod export_batch;
pub mod freeze_batch;
pub mod gallra;
pub mod import_workbooks;
pub mod link_meetings;
pub mod list_choices;
pub mod merge_persons;
pub mod named;
pub mod quarantine;
pub mod receivables;
pub mod remark_list;
pub mod shadow;
pub mod simulate;
pub mod split_person;
pub mod switch_over;
pub mod trace_reversal;
pub mod undo_change;
pub mod void_batch;
mod wholly;
pub mod withdraw_facts;
