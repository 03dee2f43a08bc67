//! One file per job: read through ports, ask the core, write through ports.

pub mod accruals;
pub mod attest_batch;
pub mod calculate;
pub mod close_month;
pub mod export_batch;
pub mod freeze_batch;
pub mod import_workbooks;
pub mod receivables;
pub mod remark_list;
pub mod shadow;
pub mod simulate;
pub mod switch_over;
pub mod void_batch;
pub mod withdraw_facts;
