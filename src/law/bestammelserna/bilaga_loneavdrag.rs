//! Villkorsbilagan: löneavdrag för BSU:s ordförande och oppositionsråd.
//!
//! 1. Where deliberations fall on time for which BSU's ordförande has pay deducted, this is compensated by the usual
//!    rules.
//! 2. The same goes for called deliberations and the oppositionsråd.
//!
//! § 3 then applies to who holds one of the bilaga's nycklar (`[[loneavdrag]]`), although § 1 would shut them out: to
//! occasions whose attendance says `Löneavdrag: ja`.

use crate::domain::Meeting;
use crate::law::facts::PersonFacts;
use crate::regelverk::Regelverk;

/// Clauses 1 and 2: whether § 3 covers the person at a meeting whatever § 1 says.
pub fn covers(facts: &PersonFacts, rules: &Regelverk, meeting: &Meeting) -> bool {
    let said = facts.attended.iter().any(|one| one.meeting.meeting == meeting.meeting && one.attendance.loneavdrag);
    let nycklar = rules.ersattningar.loneavdrag.at(meeting.day).map_or(&[][..], |dated| &dated.value);
    let mut held = facts.held_on(rules, meeting.day).filter_map(|(uppdrag, _)| uppdrag.nyckel.as_ref());
    said && held.any(|nyckel| nycklar.contains(nyckel))
}
