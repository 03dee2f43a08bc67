//! The regulation as pure code: one file per paragraph, numbers from `regelverk`, facts handed in, lines out.
//!
//! No input or output, no clock, no float. `entitlement` orders what crosses paragraphs; `tariff` holds the fee shapes
//! that § 9 and its like are instances of.

mod avstaende;
pub mod bestammelserna;
mod deadlines;
mod entitlement;
mod facts;
mod paragrafer;
mod rates;
pub mod tariff;

pub use avstaende::waived;
pub use deadlines::{Deadline, Flag, Lack, Watched, deadlines, usual_kinds};
pub use entitlement::{Entitlement, entitlement};
pub use facts::{Attended, Claimed, Common, Decisions, Group, PersonFacts, Rules, UppdragRegister, group_of};
pub use rates::{Level, Rate, RateGroup, rates};
