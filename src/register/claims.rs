use super::meetings::overlap;
use crate::calendar::Clock;
use crate::domain::ClaimId;

/// A claim that is known, of the same person, meeting and kind as a new row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownClaim {
    /// Which one.
    pub claim: ClaimId,
    /// Its clock times.
    pub tid: Option<(Clock, Clock)>,
}

/// Which known claim a row of a later file is a new revision of: one with the same times, else one whose times overlap,
/// else one where either has no times. Rows of one file are never each other's revisions: the caller leaves out what
/// the file has matched already.
pub fn same_claim(known: &[KnownClaim], tid: Option<(Clock, Clock)>) -> Option<ClaimId> {
    let equal = known.iter().find(|claim| claim.tid == tid);
    let overlapping =
        || known.iter().find(|claim| matches!((claim.tid, tid), (Some(one), Some(other)) if overlap(&[one], &[other])));
    let vague = || known.iter().find(|claim| claim.tid.is_none() || tid.is_none());
    equal.or_else(overlapping).or_else(vague).map(|claim| claim.claim)
}
