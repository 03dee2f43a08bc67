//! What was booked, what is owed, and what a batch carries: owed = entitled - booked.

mod batch;
pub mod debt;
mod difference;
mod eftergift;
mod elsewhere;
mod left_out;
mod outstanding;
pub mod shadow;
mod tripwire;

pub use batch::{Batch, BatchKind, BatchName, BatchRow, BatchState, Reversed, RowRef, Settled, Summed, Totals, hex};
pub use difference::{Booked, Change, difference};
pub use eftergift::{beyond_let_go, let_go};
pub use elsewhere::{Dress, Elsewhere, Placed, Places, held_by, place, taken_back, unplaced_remark};
pub use left_out::{Bonds, LeftOut, WhyLeftOut};
pub use outstanding::{Entry, outstanding};
pub use tripwire::{Measure, tripped};
