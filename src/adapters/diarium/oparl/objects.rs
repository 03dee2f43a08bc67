//! OParl objects as records. What an object does not say stays unsaid.

use serde_json::Value;

use super::moment::{Moment, moment};
use super::wire;
use crate::calendar::{Clock, Day, days_later};
use crate::ports::{MembershipRecord, OrganizationRecord, ParticipantRecord, PersonRecord, RecordKind};

/// Kinds of organizations that say what party somebody belongs to. That is never stored.
const PARTIES: [&str; 10] = [
    "partei",
    "fraktion",
    "ratsfraktion",
    "parti",
    "partigrupp",
    "party",
    "faction",
    "political party",
    "parliamentary group",
    "political group",
];

/// Whether an organization is a party or its group in the council.
pub(super) fn is_party(object: &Value) -> bool {
    ["organizationType", "classification"]
        .iter()
        .filter_map(|key| wire::field(object, key))
        .any(|word| PARTIES.contains(&word.to_lowercase().as_str()))
}

/// An organ; none without a name of any kind.
pub(super) fn organization(object: &Value) -> Option<OrganizationRecord> {
    let short = wire::field(object, "shortName");
    let name = wire::field(object, wire::NAME).or_else(|| short.clone())?;
    Some(OrganizationRecord { short: short.filter(|short| *short != name), name })
}

/// A person; none without a name. Titles, addresses, gender and biography are not wanted.
pub(super) fn person(object: &Value) -> Option<PersonRecord> {
    let (fornamn, efternamn) = (wire::field(object, "givenName"), wire::field(object, "familyName"));
    let joined = || fornamn.as_ref().zip(efternamn.as_ref()).map(|(given, family)| format!("{given} {family}"));
    let name = wire::field(object, wire::NAME).or_else(joined).or_else(|| efternamn.clone())?;
    Some(PersonRecord { name, efternamn, fornamn, personnummer: None })
}

/// A membership, embedded in its person (who is then not named again) or by itself; none without person or organ.
/// On whose behalf somebody sits there is a party and not read.
pub(super) fn membership(object: &Value, holder: Option<&str>) -> Option<MembershipRecord> {
    let person = wire::reference(RecordKind::Person, object, wire::PERSON).or_else(|| holder.map(str::to_owned))?;
    Some(MembershipRecord {
        person,
        organization: wire::reference(RecordKind::Organization, object, wire::ORGANIZATION)?,
        roll: wire::field(object, "role"),
        from: day(object, "startDate"),
        to: day(object, "endDate"),
        rostratt: wire::says(object, "votingRight"),
    })
}

fn day(object: &Value, key: &str) -> Option<Day> {
    moment(&wire::field(object, key)?).map(|moment| moment.day)
}

/// The ids of the organs that meet, the first in charge.
pub(super) fn organizations_of(meeting: &Value) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for id in
        wire::all(meeting, wire::ORGANIZATION).iter().filter_map(|value| wire::id(RecordKind::Organization, value))
    {
        if !found.contains(&id) {
            found.push(id);
        }
    }
    found
}

/// The organ's name where a meeting shows it without an id.
pub(super) fn organ_name(meeting: &Value) -> Option<String> {
    wire::all(meeting, wire::ORGANIZATION).iter().find_map(|value| wire::field(value, wire::NAME))
}

/// Those who were there; none where the list is missing or empty: a meeting without anybody was no meeting, and systems
/// write an empty list when nobody has filled it in.
pub(super) fn participants(meeting: &Value) -> Option<Vec<ParticipantRecord>> {
    let mut found: Vec<ParticipantRecord> = Vec::new();
    for participant in wire::all(meeting, wire::PARTICIPANT).iter().filter_map(participant) {
        if !found.contains(&participant) {
            found.push(participant);
        }
    }
    (!found.is_empty()).then_some(found)
}

fn participant(value: &Value) -> Option<ParticipantRecord> {
    let id = wire::id(RecordKind::Person, value);
    let name = person(value).map(|person| person.name);
    (id.is_some() || name.is_some()).then(|| ParticipantRecord { person: id, name, ..ParticipantRecord::default() })
}

/// Where a meeting is, in the fewest words that tell.
pub(super) fn place(meeting: &Value) -> Option<String> {
    let location = wire::all(meeting, wire::LOCATION).first()?;
    if !location.is_object() {
        return wire::text(location).filter(|text| !wire::is_address(text));
    }
    wire::field(location, "description").or_else(|| {
        let parts: Vec<String> =
            ["room", "streetAddress", "locality"].iter().filter_map(|key| wire::field(location, key)).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    })
}

/// Whether a meeting is said not to take place, by the flag or by the word of its state.
pub(super) fn is_cancelled(meeting: &Value) -> bool {
    const WORDS: [&str; 19] = [
        "inställt",
        "inställd",
        "inställda",
        "avlyst",
        "avlysta",
        "aflyst",
        "avbokat",
        "avbokad",
        "abgesagt",
        "abgesetzt",
        "annulliert",
        "storniert",
        "ausgefallen",
        "entfallen",
        "entfällt",
        "fällt aus",
        "cancelled",
        "canceled",
        "called off",
    ];
    let said = ["meetingState", "state", "meetingStatus", "status"].iter().filter_map(|key| wire::field(meeting, key));
    wire::is_yes(meeting, "cancelled")
        || said.map(|word| word.to_lowercase()).any(|word| WORDS.contains(&word.as_str()))
}

/// A meeting that goes on past midnight is at most so long; its end has an earlier clock time than its start.
const PAST_MIDNIGHT_MS: i64 = 12 * 60 * 60 * 1000;

/// What an end time is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It was then.
    At(Clock),
    /// Nobody has said, or what is said only holds the place.
    Unsaid,
    /// On another day, which one clock time cannot say.
    OtherDay,
}

/// When a meeting ended. Until there are minutes, systems write midnight, the start, or the day's last minute; before its
/// time has come, an end is a plan.
pub(super) fn end(start: Option<Moment>, meeting: &Value, now_ms: i64) -> End {
    let told = wire::field(meeting, "end").and_then(|text| moment(&text));
    let (Some(start), Some(end)) = (start, told) else { return End::Unsaid };
    let Some(clock) = end.clock.filter(|clock| Some(*clock) != Clock::from_hms_opt(23, 59, 0)) else {
        return End::Unsaid;
    };
    let is_after = match start.instant_ms.zip(end.instant_ms) {
        Some((start, end)) => end > start,
        None => start.clock.is_none_or(|start| clock > start),
    };
    let is_past = end.instant_ms.is_none_or(|end| end <= now_ms);
    let passes_midnight = || {
        let lasted_ms = start.instant_ms.zip(end.instant_ms).map(|(start, end)| end - start);
        end.day == days_later(start.day, 1) && lasted_ms.is_some_and(|lasted_ms| lasted_ms <= PAST_MIDNIGHT_MS)
    };
    match is_after && is_past {
        true if end.day == start.day || passes_midnight() => End::At(clock),
        true => End::OtherDay,
        false => End::Unsaid,
    }
}
