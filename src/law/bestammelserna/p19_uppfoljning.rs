//! § 19 Uppföljning och utbildning.
//!
//! 1. Allmänna utskottet gets a follow-up of the compensations, if it asks for one.
//! 2. Changed levels are notified to kommunstyrelsen every year.
//! 3. At the beginning of each mandatperiod ledamöter and ersättare get a briefing on these rules.
//!
//! Clause 1 is `jobs/follow_up.rs`. Clause 2 is `arvode rates YEAR` and `jobs/watch_rates.rs`: every amount, what it was
//! and became, from which day, and the chain behind it ([`crate::law::rates`]). Clause 3 is here and in
//! `jobs/briefing_list.rs`: `Genomgång` of Personer says when somebody had the briefing, `mandatperioder.toml` when a
//! period begins.

use crate::calendar::Day;
use crate::domain::OrganCode;
use crate::regelverk::Mandatperiod;

/// The mandatperiod that runs in an organ on a day: the last one that has begun there.
pub fn mandatperiod<'a>(periods: &'a [Mandatperiod], organ: &OrganCode, day: Day) -> Option<&'a Mandatperiod> {
    periods.iter().rev().find(|period| period.first_of(organ) <= day)
}

/// Clause 3: whether one who sits in an organ on a day has still to get the period's briefing. A briefing counts from
/// fullmäktige's first day: who is elected to a nämnd in the autumn need not come twice. Before the first known period
/// nobody has to.
pub fn lacks_briefing(periods: &[Mandatperiod], organ: &OrganCode, day: Day, genomgang: Option<Day>) -> bool {
    let period = mandatperiod(periods, organ, day);
    period.is_some_and(|period| genomgang.is_none_or(|had| had < period.fullmaktige_from || had > day))
}
