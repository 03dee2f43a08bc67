//! § 16 Hur man begär ersättning.
//!
//! 1. Losses and costs under §§ 3-6 and 11-15 must be proven, and reported to the secretary or whoever receives them.
//! 2. A claim for lost income (§ 3) is made at the latest one year from the day of the meeting.
//! 3. A claim for lost pension benefit (§ 4) is made at the latest two years from the pensionstillfälle.
//! 4. A claim for lost holiday benefit (§ 5) is made at the latest two years from the day of the meeting.
//! 5. Any other claim is made at the latest one year from the day of the meeting that the cost belongs to.
//!
//! The last day is the same month and day one or two years later (29 February: 28 February). On a Saturday, Sunday,
//! public holiday or one of the three eves it moves to the next working day (`helgforskjutning`; lag 1930:173).
//! A claim that came in later is held with a proposed refusal: a person decides (§ 17).

use crate::calendar::{Day, next_working_day, years_later};
use crate::domain::{Claim, ClaimKind};
use crate::regelverk::Regelverk;

/// Clauses 2-5: the last day for a claim of a kind, counted from the day of the meeting (or pensionstillfälle).
/// `None` where the regulation had no such rule yet.
pub fn last_day(rules: &Regelverk, kind: ClaimKind, counted_from: Day) -> Option<Day> {
    let years = rules.tidsfrist_years.get(&kind)?.at(counted_from)?.value;
    let day = years_later(counted_from, years);
    let moves = rules.reads("helgforskjutning", "ja", counted_from);
    Some(if moves { next_working_day(day) } else { day })
}

/// Clause 3: the pensionstillfälle where the claim names one; else the day of the meeting.
pub fn counted_from(claim: &Claim, meeting_day: Day) -> Day {
    claim.pensionstillfalle.filter(|_| claim.slag == ClaimKind::Pensionsforman).unwrap_or(meeting_day)
}

/// Whether a claim came in after its last day. A default date of arrival never makes it late.
pub fn is_late(rules: &Regelverk, claim: &Claim, meeting_day: Day) -> bool {
    let last = last_day(rules, claim.slag, counted_from(claim, meeting_day));
    !claim.inkom_default && last.is_some_and(|last| claim.inkom > last)
}
