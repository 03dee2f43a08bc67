//! § 9 Arvode för sammanträden med mera.
//!
//! 1. Förtroendevalda who have neither årsarvode nor fast arvode are entitled to grundarvode and timarvode, with the
//!    amounts and in the manner that fullmäktige decides by the bilaga.
//! 2. Practical preparation and justering of the minutes are included: they give no line of their own.
//!
//! Open: whether a fast arvode in one organ shuts out § 9 in another (`fast_arvode_utesluter`), and whether § 9 at
//! courses also covers holders of årsarvode or fast arvode (`kurs_for_arvoderade`).
//! The manner is data: which shape a meeting's fee has is the bilaga's row for it, carried out by [`crate::law::tariff`].
//! The shipped bilaga: the grundarvode covers the first minutes of a meeting (`forsta_minuter`); then timarvode per
//! started unit (`enhet_minuter`), counted per person and meeting on the meeting's paid minutes.

use super::p11_resekostnader::stored_distance;
use crate::calendar::Day;
use crate::domain::{LineKind, OrganCode, Slag};
use crate::law::facts::{Attended, PersonFacts};
use crate::law::tariff::{self, Pay, Sitting};
use crate::regelverk::{FeeKind, Regelverk};

/// Clause 1: why the person has no right to § 9 at a meeting of an organ on a day; none where the person has it.
pub fn shut_out_by(facts: &PersonFacts, rules: &Regelverk, day: Day, organ: &OrganCode, slag: Slag) -> Option<String> {
    if slag == Slag::Kurs && rules.reads("kurs_for_arvoderade", "ja", day) {
        return None;
    }
    let only_same_organ = rules.reads("fast_arvode_utesluter", "samma_organ", day);
    let found = facts.held_on(rules, day).find(|(uppdrag, fee)| match fee.value.kind {
        FeeKind::Arsarvode => true,
        FeeKind::FastArvode => !only_same_organ || uppdrag.organ == *organ,
        FeeKind::Inget => false,
    })?;
    let kind = if found.1.value.kind == FeeKind::Arsarvode { "årsarvode" } else { "fast arvode" };
    Some(format!("har {kind} som {} i {}: inget sammanträdesarvode (§ 9)", found.0.roll, found.0.organ))
}

/// Clause 1: what the manner is told of an attendance with so many paid minutes.
pub fn sitting(
    facts: &PersonFacts,
    attended: &Attended,
    slag: Slag,
    minutes: i64,
    serves: bool,
    place: String,
) -> Sitting {
    let (attendance, meeting) = (&attended.attendance, &attended.meeting);
    let travelled = !attendance.distans;
    Sitting {
        organ: meeting.organ.clone(),
        slag,
        minutes,
        serves,
        // A way that nobody has told is no reason to take the flat travel time away.
        one_way_km: travelled.then(|| stored_distance(facts, meeting.plats.as_deref()).unwrap_or_default()),
        justerare: attendance.justerare,
        place,
    }
}

/// Timarvode from the first minute at the price of an organ's meetings: a jour's active hours. None where no hourly
/// price is decided.
pub fn started_units(rules: &Regelverk, organ: &OrganCode, slag: Slag, day: Day, minutes: i64) -> Option<Pay> {
    tariff::started_hours(rules, LineKind::Timarvode, (organ, slag), day, minutes, true)
}
