//! What was booked, what is owed, and what a batch carries: owed = entitled - booked.

mod batch;
mod difference;
mod tripwire;

pub use batch::{Batch, BatchKind, BatchName, BatchRow, BatchState, RowRef, Summed, Totals, hex};
pub use difference::{Booked, Change, difference};
pub use tripwire::{Measure, tripped};
