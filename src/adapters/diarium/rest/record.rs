//! A record of an API as a record of ours.

use serde_json::Value;

use super::fields::{Fields, Wrong, each, wrong};
use super::settings::{Field, ListSettings, Participants, ParticipantsPlace, RestSettings, Shape};
use crate::calendar::{Clock, Day};
use crate::ports::{
    Content, MeetingRecord, MembershipRecord, OrganizationRecord, ParticipantRecord, PersonRecord, Record, RecordKind,
};

/// Why a record was left out: its own id, and what is wrong.
pub(super) struct Unusable {
    pub id: Option<String>,
    pub wrong: Wrong,
}

/// Reads one record.
pub(super) fn record(list: &ListSettings, settings: &RestSettings, value: &Value) -> Result<Record, Unusable> {
    let fields = Fields { record: value, shape: &list.shape, settings };
    let id = own_id(list.kind, &fields).map_err(|wrong| Unusable { id: None, wrong })?;
    let read = || -> Result<Option<Content>, Wrong> {
        if fields.yes(Field::Deleted)?.unwrap_or(false) {
            return Ok(None);
        }
        content(list, &fields).map(Some)
    };
    match read() {
        Ok(content) => Ok(Record { id: named(list.kind, &id), content }),
        Err(wrong) => Err(Unusable { id: Some(id), wrong }),
    }
}

/// Ids of an API are unique among its persons, and again among its meetings: ours say of which kind they are. An organ's is
/// as it stands, for the settings name it so.
pub(super) fn named(kind: RecordKind, id: &str) -> String {
    match kind {
        RecordKind::Organization => id.to_owned(),
        RecordKind::Person => format!("person/{id}"),
        RecordKind::Membership => format!("uppdrag/{id}"),
        RecordKind::Meeting => format!("möte/{id}"),
    }
}

/// A membership without an id is known by what it says.
fn own_id(kind: RecordKind, fields: &Fields<'_>) -> Result<String, Wrong> {
    if kind != RecordKind::Membership {
        return fields.needed(Field::Id);
    }
    if let Some(id) = fields.text(Field::Id)? {
        return Ok(id);
    }
    let (person, organization) = (fields.needed(Field::Person)?, fields.needed(Field::Organization)?);
    let roll = fields.text(Field::Roll)?.unwrap_or_default();
    let from = fields.day(Field::From)?.map(|day| day.to_string()).unwrap_or_default();
    Ok([person, organization, roll, from].join(" ").trim_end().to_owned())
}

fn content(list: &ListSettings, fields: &Fields<'_>) -> Result<Content, Wrong> {
    Ok(match list.kind {
        RecordKind::Organization => {
            let (name, short) = (fields.needed(Field::Name)?, fields.text(Field::Short)?);
            Content::Organization(OrganizationRecord { name, short })
        }
        RecordKind::Person => Content::Person(person(fields)?),
        RecordKind::Membership => Content::Membership(membership(fields)?),
        RecordKind::Meeting => Content::Meeting(Box::new(meeting(list, fields)?)),
    })
}

fn person(fields: &Fields<'_>) -> Result<PersonRecord, Wrong> {
    let (efternamn, fornamn) = (fields.text(Field::Efternamn)?, fields.text(Field::Fornamn)?);
    let name = whole_name(fields)?.ok_or_else(|| wrong(Field::Name, "saknas"))?;
    Ok(PersonRecord { name, efternamn, fornamn, personnummer: fields.text(Field::Personnummer)? })
}

fn whole_name(fields: &Fields<'_>) -> Result<Option<String>, Wrong> {
    if let Some(name) = fields.text(Field::Name)? {
        return Ok(Some(name));
    }
    let parts = [fields.text(Field::Fornamn)?, fields.text(Field::Efternamn)?];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Ok(Some(name).filter(|name| !name.is_empty()))
}

fn membership(fields: &Fields<'_>) -> Result<MembershipRecord, Wrong> {
    Ok(MembershipRecord {
        person: named(RecordKind::Person, &fields.needed(Field::Person)?),
        organization: named(RecordKind::Organization, &fields.needed(Field::Organization)?),
        roll: fields.text(Field::Roll)?,
        from: fields.day(Field::From)?,
        to: fields.day(Field::To)?,
        rostratt: fields.yes(Field::Rostratt)?,
    })
}

fn meeting(list: &ListSettings, fields: &Fields<'_>) -> Result<MeetingRecord, Wrong> {
    let (day, end) = (day_of(list, fields)?, fields.moment(Field::End)?);
    let start = fields.clock_on(day, Field::Start)?;
    let ends_then = end.day.is_none_or(|other| other == day);
    let embedded = match &list.participants {
        Some(Participants { place: ParticipantsPlace::Embedded(places), shape }) => {
            let found = places.iter().flat_map(|place| place.all(fields.record)).flat_map(each);
            participants(found, day, shape, fields.settings)?
        }
        _ => None,
    };
    let organizations = fields.texts(Field::Organization)?;
    Ok(MeetingRecord {
        organizations: organizations.iter().map(|id| named(RecordKind::Organization, id)).collect(),
        organ_name: fields.text(Field::OrganName)?,
        name: fields.text(Field::Name)?,
        external: fields.text(Field::External)?,
        day: Some(day),
        start,
        end: end.clock.filter(|_| ends_then).filter(|end| is_meant(start, *end)),
        cancelled: fields.yes(Field::Cancelled)?.unwrap_or(false),
        plats: fields.text(Field::Plats)?,
        slag: fields.slag()?,
        participants: embedded,
    })
}

/// By its own field, else the day that it starts.
fn day_of(list: &ListSettings, fields: &Fields<'_>) -> Result<Day, Wrong> {
    let told = fields.day(Field::Day)?.map_or_else(|| fields.day(Field::Start), |day| Ok(Some(day)))?;
    let field = if list.shape.fields.contains_key(&Field::Day) { Field::Day } else { Field::Start };
    told.ok_or_else(|| wrong(field, "säger ingen dag"))
}

/// An end that only holds the place until there are minutes is none: at or before the start, or a minute to midnight.
fn is_meant(start: Option<Clock>, end: Clock) -> bool {
    let last_minute = Clock::from_hms_opt(23, 59, 0);
    start.is_none_or(|start| end > start) && Some(end) != last_minute
}

/// More than any fullmäktige and its ersättare.
const MOST_PARTICIPANTS: usize = 1000;

/// Who was there. A list without anybody says nothing: no meeting is held by nobody.
pub(super) fn participants<'a>(
    list: impl Iterator<Item = &'a Value>,
    day: Day,
    shape: &Shape,
    settings: &RestSettings,
) -> Result<Option<Vec<ParticipantRecord>>, Wrong> {
    let read = list.map(|record| participant(&Fields { record, shape, settings }, day));
    let mut told: Vec<ParticipantRecord> = Vec::new();
    for one in read {
        let one = one?;
        if told.len() == MOST_PARTICIPANTS {
            return Err(wrong(Field::Person, "står för många gånger: fler än vid något möte"));
        }
        match told.iter().find(|known| is_same_person(known, &one)) {
            Some(known) if *known == one => {}
            // Two stays cannot be told apart from a correction.
            Some(_) => return Err(wrong(Field::Person, "står två gånger, med olika uppgifter")),
            None => told.push(one),
        }
    }
    Ok(Some(told).filter(|told| !told.is_empty()))
}

/// By what the source tells persons apart: its id, else the number, else the name.
fn is_same_person(one: &ParticipantRecord, other: &ParticipantRecord) -> bool {
    let by = |one: &Option<String>, other: &Option<String>| Some(one.as_ref()? == other.as_ref()?);
    let said = by(&one.person, &other.person).or_else(|| by(&one.personnummer, &other.personnummer));
    said.or_else(|| by(&one.name, &other.name)).unwrap_or(false)
}

fn participant(fields: &Fields<'_>, day: Day) -> Result<ParticipantRecord, Wrong> {
    let person = fields.text(Field::Person)?.map(|id| named(RecordKind::Person, &id));
    let (name, personnummer) = (whole_name(fields)?, fields.text(Field::Personnummer)?);
    if person.is_none() && name.is_none() && personnummer.is_none() {
        return Err(wrong(Field::Person, "saknas hos en närvarande"));
    }
    Ok(ParticipantRecord {
        person,
        name,
        personnummer,
        roll: fields.text(Field::Roll)?,
        tjanstgorande: fields.yes(Field::Tjanstgorande)?,
        ersatter: fields.text(Field::Ersatter)?,
        from: fields.clock_on(day, Field::From)?,
        till: fields.clock_on(day, Field::Till)?,
        absent: fields.yes(Field::Absent)?.unwrap_or(false),
        paragrafer: fields.text(Field::Paragrafer)?,
        jav: fields.text(Field::Jav)?,
        justerare: fields.yes(Field::Justerare)?.unwrap_or(false),
        distans: fields.yes(Field::Distans)?.unwrap_or(false),
    })
}
