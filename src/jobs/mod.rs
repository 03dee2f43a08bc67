//! One file per job: read through ports, ask the core, write through ports.

pub mod attest_batch;
pub mod calculate;
pub mod export_batch;
pub mod freeze_batch;
pub mod import_workbooks;
pub mod void_batch;
pub mod withdraw_facts;

use crate::domain::Fault;
use crate::ports::Store;

/// The head of the audit chain after checking all of it.
///
/// # Errors
/// The chain is broken.
pub async fn chain_head(store: &mut impl Store) -> Result<String, Fault> {
    store.audit_head().await
}
