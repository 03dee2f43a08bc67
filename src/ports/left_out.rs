//! What was left out of a batch at its cut-off.

use super::StoredRow;
use crate::domain::{Fault, PersonId};
use crate::ledger::LeftOut;

/// What leaving out asks of the store; what is written is part of the transaction that is open.
#[allow(async_fn_in_trait, reason = "one task awaits one store; nothing is sent between threads")]
pub trait LeftOutStore {
    /// Every sheet that was ever left out, with its batch's number, in their order; each is checked against its hash.
    async fn left_out(&mut self) -> Result<Vec<(i64, LeftOut)>, Fault>;
    /// Leaves sheets of a batch out.
    async fn leave_out(&mut self, batch_id: i64, sheets: &[LeftOut]) -> Result<(), Fault>;
    /// Rows of a batch from a `postid` on, in order, at most `limit`, also those that were left out of it; each is checked
    /// against its hash.
    async fn rows_as_frozen(&mut self, batch_id: i64, from_postid: u32, limit: u32) -> Result<Vec<StoredRow>, Fault>;
    /// All rows of some persons that were left out of their batches, in order.
    async fn left_out_rows(&mut self, persons: &[PersonId]) -> Result<Vec<StoredRow>, Fault>;
}
