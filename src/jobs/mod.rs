//! One file per job: read through ports, ask the core, write through ports.

pub mod accruals;
pub mod attest_batch;
pub mod calculate;
pub mod close_month;
pub mod export_batch;
pub mod freeze_batch;
pub mod gallra;
pub mod import_workbooks;
pub mod simulate;
pub mod void_batch;
pub mod withdraw_facts;
