//! § 6 Särskilda arbetsförhållanden med mera.
//!
//! 1. The right under §§ 3-5 covers necessary leave of who has special hours or conditions of work, where it cannot
//!    reasonably be asked that they do their ordinary work right before or after the meeting.
//! 2. It covers time of travel to and from the meeting, and of practical preparation in connection with it.
//!
//! The minutes are what the yrkande says, each kind by itself. Leave needs its reason (`Motivering`): without one it does
//! not count.

use crate::domain::Claim;

/// Clauses 1 and 2: minutes beside the presence that a loss may be for.
pub fn extra_minutes(claim: &Claim) -> i64 {
    let leave = if lacks_reason(claim) { 0 } else { claim.ledighet_minutes };
    claim.restid_minutes.saturating_add(claim.forberedelse_minutes).saturating_add(leave)
}

/// Clause 1: leave is asked for, but nothing says why.
pub fn lacks_reason(claim: &Claim) -> bool {
    claim.ledighet_minutes > 0 && claim.motivering.as_deref().is_none_or(|text| text.trim().is_empty())
}
