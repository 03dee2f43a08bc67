//! What `status` asks of the store beside the others: small questions that are asked after every round.

use super::{LetterState, ScheduledRun};
use crate::domain::Fault;

/// Letters of one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LettersIn {
    /// How far they have come.
    pub state: LetterState,
    /// How many.
    pub number: u64,
    /// When the oldest was written, milliseconds since 1970.
    pub oldest_ms: i64,
    /// When one ended last; none where none has.
    pub ended_ms: Option<i64>,
}

/// Nothing is written, and nothing is read row by row.
#[allow(async_fn_in_trait, reason = "one task awaits one store; nothing is sent between threads")]
pub trait StatusStore {
    /// How many letters there are of each state that any is in.
    async fn letters_by_state(&mut self) -> Result<Vec<LettersIn>, Fault>;
    /// When a job was due for the last time that it went well.
    async fn last_done(&mut self, job: &str) -> Result<Option<ScheduledRun>, Fault>;
    /// When something was taken in last, milliseconds since 1970.
    async fn last_import_ms(&mut self) -> Result<Option<i64>, Fault>;
    /// How many held remarks are stored, and the last one's number: they are the same as long as these are.
    async fn held_mark(&mut self) -> Result<(i64, i64), Fault>;
}
