//! The demo's diarium: an OParl server of the same kommun, with the autumn's meetings as the workbooks have them.
//!
//! Who was there stands in it for kommunstyrelsen and valnämnden alone, and with it when the meeting ended; the others
//! have the end at midnight that such systems write before there are minutes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::{Cell, Row, all_uppdrag, attendance, full_name, handover, persons, two_at_once};

const ORGAN: [&str; 10] = ["KF", "KS", "AU", "BSU", "VN", "REV", "LR", "VB", "KLN", "OFN"];
const MONTHS: std::ops::RangeInclusive<u32> = 9..=12;
/// Organ whose secretaries write down in the diarium who came.
const TOLD: [&str; 2] = ["Kommunstyrelsen", "Valnämnden"];
/// When the register was laid in.
const LAID_IN: &str = "2025-08-18T08:00:00+02:00";

/// Every file by its path in `fixtures/diarium/oparl/`.
pub fn files() -> BTreeMap<&'static str, String> {
    let persons: Vec<Value> = persons().map(|person| of_person(person[0], &person[1..3])).collect();
    let memberships = persons.iter().flat_map(|person| {
        let of = |place: &Value| with(place.clone(), "person", person["id"].clone());
        person["membership"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    });
    BTreeMap::from([
        ("system.json", one(&system())),
        ("body.json", lines(vec![body()])),
        ("organization.json", lines(ORGAN.iter().map(|code| organ(code)).collect())),
        ("membership.json", lines(memberships.collect())),
        ("meeting.json", lines(meetings())),
        ("paper.json", lines(Vec::new())),
        ("person.json", lines(persons)),
    ])
}

fn one(value: &Value) -> String {
    format!("{value:#}\n")
}

/// An object a line.
fn lines(objects: Vec<Value>) -> String {
    let lines: Vec<String> = objects.iter().map(Value::to_string).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

fn at(path: impl std::fmt::Display) -> String {
    format!("{{base}}/oparl/{path}")
}

fn with(mut object: Value, key: &str, value: Value) -> Value {
    object[key] = value;
    object
}

/// An object of a class that has not changed since it was laid in.
fn object(id: String, class: &str) -> Value {
    let class = format!("https://schema.oparl.org/1.1/{class}");
    json!({"id": id, "type": class, "created": LAID_IN, "modified": LAID_IN})
}

/// The object with more fields.
fn and(mut object: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        object[key] = value.clone();
    }
    object
}

fn system() -> Value {
    let more = json!({
        "oparlVersion": "https://schema.oparl.org/1.1/", "name": "Demokommunens diarium",
        "body": at("body"),
    });
    and(object("{base}/oparl".to_owned(), "System"), more)
}

fn body() -> Value {
    let mut body = object(at("body/1"), "Body");
    for list in ["organization", "person", "meeting", "paper", "membership"] {
        body[list] = json!(at(list));
    }
    and(body, json!({"system": "{base}/oparl", "name": "Demokommunen", "legislativeTerm": []}))
}

fn organ_path(name: &str) -> String {
    let place = ORGAN.iter().position(|code| full_name(code) == name).unwrap();
    at(format!("organization/{}", place + 1))
}

fn organ(code: &str) -> Value {
    let name = full_name(code);
    let address = organ_path(&name);
    let more = json!({
        "body": at("body/1"), "name": name, "shortName": code, "organizationType": "Gremium",
    });
    and(object(address, "Organization"), more)
}

fn of_person(number: &str, name: &[&str]) -> Value {
    let more = json!({
        "body": at("body/1"), "name": name.join(" "), "givenName": name[0], "familyName": name[1],
        "membership": places(number.parse().unwrap()),
    });
    and(object(at(format!("person/{number}")), "Person"), more)
}

/// A person's places in organs; a later word of the same place is the one that counts.
fn places(person: u32) -> Vec<Value> {
    let later = [handover(), two_at_once()].into_iter().flatten().flat_map(|sheet| sheet.rows);
    let rows = all_uppdrag().into_iter().chain(later).filter(|row| row.is_of(person));
    let mut places: BTreeMap<String, Value> = BTreeMap::new();
    for row in rows {
        let (organ, role, from) = (text(&row, "Organ"), text(&row, "Uppdrag"), text(&row, "Från"));
        let address = at(format!("membership/{person}-{}", places.len() + 1));
        let more = json!({
            "organization": organ_path(&organ), "role": role, "votingRight": role != "ersättare", "startDate": from,
        });
        let place = places.entry(format!("{organ}|{role}|{from}")).or_insert(and(object(address, "Membership"), more));
        let to = text(&row, "Till");
        if !to.is_empty() {
            place["endDate"] = json!(to);
        }
    }
    let mut places: Vec<Value> = places.into_values().collect();
    places.sort_by_key(|place| place["id"].to_string());
    places
}

fn text(row: &Row, column: &str) -> String {
    match row.0.get(column) {
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::Day(day)) => day.to_string(),
        Some(Cell::Number(number)) => number.to_string(),
        None => String::new(),
    }
}

/// A meeting as the lists name it: day, organ, start, end, place.
type Named = [String; 5];

/// The autumn's meetings with those who came; then one that was cancelled, and one that was deleted.
fn meetings() -> Vec<Value> {
    let rows: Vec<Row> =
        MONTHS.flat_map(attendance).filter(|row| row.says("Slag", "a") || row.says("Slag", "j")).collect();
    let mut named: BTreeMap<Named, BTreeSet<String>> = BTreeMap::new();
    for row in &rows {
        let meeting = ["Datum", "Organ", "Start", "Slut", "Plats"].map(|column| text(row, column));
        named.entry(meeting).or_default().extend(address_of(row));
    }
    let mut meetings: Vec<Value> =
        (1..).zip(&named).map(|(number, (meeting, present))| held(number, meeting, present)).collect();
    let (cancelled, deleted) = (meetings.len() + 1, meetings.len() + 2);
    let more = json!({
        "modified": "2025-11-20T10:00:00+01:00", "name": "Valberedningen 2025-12-01", "meetingState": "inställt",
        "cancelled": true, "start": "2025-12-01T16:00:00+01:00", "end": "2025-12-01T16:00:00+01:00",
        "organization": [organ_path("Valberedningen")],
    });
    meetings.push(and(object(at(format!("meeting/{cancelled}")), "Meeting"), more));
    let more = json!({"modified": "2025-10-06T14:30:00+02:00", "deleted": true});
    meetings.push(and(object(at(format!("meeting/{deleted}")), "Meeting"), more));
    meetings
}

fn address_of(row: &Row) -> Option<String> {
    let number = persons().map(|person| person[0].parse::<u32>().unwrap()).find(|person| row.is_of(*person));
    // Life: a number is mistyped now and then; the diarium knows the person all the same.
    number.map(|person| at(format!("person/{person}")))
}

fn held(number: usize, [day, organ, start, end, place]: &Named, present: &BTreeSet<String>) -> Value {
    let is_told = TOLD.contains(&organ.as_str());
    let date: NaiveDate = day.parse().unwrap();
    let midnight = date + Days::new(1);
    let told = date + Days::new(9);
    let mut meeting = object(at(format!("meeting/{number}")), "Meeting");
    meeting["modified"] = json!(instant(told, "09.15"));
    let more = json!({
        "name": format!("{organ} {day}"), "meetingState": if is_told { "genomfört" } else { "kallat" }, "cancelled": false,
        "start": instant(date, start), "end": if is_told { instant(date, end) } else { instant(midnight, "00.00") },
        "location": {"id": at("location/1"), "type": "https://schema.oparl.org/1.1/Location", "description": place},
        "organization": [organ_path(organ)],
    });
    let meeting = and(meeting, more);
    if is_told { with(meeting, "participant", json!(present)) } else { meeting }
}

/// Swedish time, with summer time until 26 October 2025.
fn instant(day: NaiveDate, clock: &str) -> String {
    let is_summer = day < NaiveDate::from_ymd_opt(2025, 10, 26).unwrap();
    format!("{day}T{}:00{}", clock.replace('.', ":"), if is_summer { "+02:00" } else { "+01:00" })
}
