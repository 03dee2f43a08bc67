//! The tables of a `[[diarium]]` with `adapter = "rest"`: lists, paging, fields and words.

use super::diarium::within;
use crate::adapters::diarium::rest::{
    Field, ListSettings, MILLISECONDS, PARTICIPANT, PageSize, Paging, Participants, ParticipantsPlace, Place, Pointer,
    RestSettings, SECONDS, Shape, Since, SinceFormat, fields_of,
};
use crate::domain::Slag;
use crate::ports::RecordKind;
use crate::regelverk::reader::Table;

/// The lists in the order in which they are read: whoever is named later is known by then.
const LISTS: [(&str, RecordKind); 4] = [
    ("organizations", RecordKind::Organization),
    ("persons", RecordKind::Person),
    ("memberships", RecordKind::Membership),
    ("meetings", RecordKind::Meeting),
];
const OWN: [&str; 4] = ["paging", "since", "date_format", "time_format"];

/// None unless the source is one of any form.
pub(super) fn read_rest(is_rest: bool, table: &Table<'_>) -> Option<RestSettings> {
    let keys: Vec<&'static str> = LISTS.iter().map(|(key, _)| *key).chain(OWN).collect();
    if !is_rest {
        table.expects(&keys);
        for key in keys.iter().filter(|key| table.has(key)) {
            table.wrong(key, &format!("`{key}`"), "only with adapter = \"rest\"");
        }
        return None;
    }
    if table.text("url").is_some_and(|url| url.contains(['?', '#'])) {
        table.wrong("url", "an address with a query", "the address before the lists' paths; a query belongs in `path`");
    }
    let (mut paging, mut since) = (Paging::None, None);
    table.table("paging", |table| paging = read_paging(table));
    table.table("since", |table| since = read_since(table));
    let date_format = read_format("date_format", DATE_EXAMPLE, table);
    let time_format = read_format("time_format", TIME_EXAMPLE, table);
    let mut rest = RestSettings { lists: Vec::new(), date_format, time_format };
    for (key, kind) in LISTS {
        table.table(key, |table| rest.lists.extend(read_list(kind, &paging, since.as_ref(), table)));
    }
    if !LISTS.iter().any(|(key, _)| table.has(key)) {
        table.wrong("adapter", "no list to read", "[diarium.meetings] with `path` and [diarium.meetings.fields]");
    }
    Some(rest)
}

const DATE_EXAMPLE: &str = "%Y-%m-%d";
const TIME_EXAMPLE: &str = "%H:%M";

/// A format that a day, or a time, can be written and read by.
fn read_format(key: &'static str, example: &str, table: &Table<'_>) -> Option<String> {
    let format = table.text(key).filter(|format| !format.is_empty())?;
    if key == "date_format" && [SECONDS, MILLISECONDS].contains(&format.as_str()) {
        return Some(format);
    }
    let moment = chrono::NaiveDate::from_ymd_opt(2026, 11, 23)?.and_hms_opt(13, 5, 0)?;
    let is_known = chrono::format::StrftimeItems::new(&format).all(|item| item != chrono::format::Item::Error);
    let reads_back = is_known && {
        let written = moment.format(&format).to_string();
        match key {
            "date_format" => chrono::NaiveDate::parse_from_str(&written, &format) == Ok(moment.date()),
            _ => chrono::NaiveTime::parse_from_str(&written, &format) == Ok(moment.time()),
        }
    };
    if !reads_back {
        table.wrong(key, &format!("\"{format}\""), &format!("a format such as \"{example}\""));
    }
    Some(format)
}

fn read_list(kind: RecordKind, paging: &Paging, since: Option<&Since>, table: &Table<'_>) -> Option<ListSettings> {
    let (mut since, mut participants) = (since.cloned(), None);
    table.table("since", |table| since = read_since(table));
    let place = read_place(paging, table);
    let shape = read_shape(fields_of(kind), table);
    for field in needed(kind).iter().filter(|field| !shape.fields.contains_key(field)) {
        let name = field.name();
        table.wrong("fields", &format!("no `{name}` in `fields`"), &format!("`{name} = \"/…\"`: where it stands"));
    }
    if kind == RecordKind::Meeting {
        if !shape.fields.contains_key(&Field::Day) && !shape.fields.contains_key(&Field::Start) {
            table.wrong("fields", "neither `day` nor `start` in `fields`", "where the meeting's day stands");
        }
        table.table("participants", |table| participants = read_participants(table));
    }
    Some(ListSettings { kind, place: place?, since, shape, participants })
}

/// Without these a record cannot be used.
fn needed(kind: RecordKind) -> &'static [Field] {
    match kind {
        RecordKind::Organization => &[Field::Id, Field::Name],
        RecordKind::Person | RecordKind::Meeting => &[Field::Id],
        RecordKind::Membership => &[Field::Person, Field::Organization],
    }
}

fn read_place(paging: &Paging, table: &Table<'_>) -> Option<Place> {
    let path = table.required_text("path");
    let list = pointer("list", table).unwrap_or_default();
    let total = pointer("total", table);
    let mut paging = paging.clone();
    table.table("paging", |table| paging = read_paging(table));
    Some(Place { path: path?, list, paging, total })
}

fn read_paging(table: &Table<'_>) -> Paging {
    table.expects(&["style", "next", "parameter", "first", "size_parameter", "size", "more"]);
    let style = table.required_choice("style", &[("none", 0), ("link", 1), ("cursor", 2), ("page", 3), ("offset", 4)]);
    let next = pointer("next", table);
    let more = pointer("more", table);
    let first = table.whole("first").unwrap_or(1);
    let size = read_size(table);
    let parameter = |table: &Table<'_>| table.required_text("parameter").unwrap_or_default();
    match style {
        Some(1) => Paging::Link { next },
        Some(2) => {
            let next = next.unwrap_or_else(|| {
                table.wrong("next", "no `next`", "where the page says what to send for the next one: \"/nextCursor\"");
                Pointer::default()
            });
            Paging::Cursor { parameter: parameter(table), next, size }
        }
        Some(3) => Paging::Page { parameter: parameter(table), first, size, more },
        Some(4) => Paging::Offset { parameter: parameter(table), size, more },
        _ => Paging::None,
    }
}

fn read_size(table: &Table<'_>) -> Option<PageSize> {
    let (parameter, records) = (table.text("size_parameter"), within(table, "size", 1, 100_000));
    match (parameter, records) {
        (Some(parameter), Some(records)) => Some(PageSize { parameter, records }),
        (Some(_), None) if !table.has("size") => {
            table.wrong("size_parameter", "`size_parameter` without `size`", "`size = 100` beside it");
            None
        }
        (None, Some(_)) => {
            table.wrong("size", "`size` without `size_parameter`", "the parameter's name beside it: \"limit\"");
            None
        }
        _ => None,
    }
}

fn read_since(table: &Table<'_>) -> Option<Since> {
    let formats = [
        ("utc", SinceFormat::Utc),
        ("offset", SinceFormat::Offset),
        ("local", SinceFormat::Local),
        ("date", SinceFormat::Date),
        ("seconds", SinceFormat::Seconds),
        ("milliseconds", SinceFormat::Milliseconds),
    ];
    let format = table.choice("format", &formats).unwrap_or_default();
    let value = table.text("value").unwrap_or_else(|| "{since}".to_owned());
    if !value.contains("{since}") {
        table.wrong("value", &format!("\"{value}\""), "a text with {since} in it, where the moment goes");
    }
    let parameter = table.text("parameter");
    if parameter.is_none() {
        table.wrong("parameter", "no `parameter`", "its name: \"modifiedSince\"; \"\" reads the whole list each time");
    }
    Some(Since { parameter: parameter.filter(|name| !name.is_empty())?, value, format })
}

fn read_participants(table: &Table<'_>) -> Option<Participants> {
    let shape = read_shape(&PARTICIPANT, table);
    let names = [Field::Person, Field::Name, Field::Efternamn, Field::Personnummer];
    if !names.iter().any(|field| shape.fields.contains_key(field)) {
        table.wrong("fields", "nothing that says who it is", "`person`, `name`, `efternamn` or `personnummer`");
    }
    if !table.has("path") {
        table.expects(&["path"]);
        let lists = pointers("list", table);
        if lists.is_empty() {
            table.wrong(
                "list",
                "neither `list` nor `path`",
                "where in the meeting they stand, or the path of their list",
            );
        }
        return Some(Participants { place: ParticipantsPlace::Embedded(lists), shape });
    }
    let place = read_place(&Paging::None, table)?;
    if !place.path.contains("{id}") {
        table.wrong("path", &format!("\"{}\"", place.path), "a path with {id} in it, where the meeting's id goes");
    }
    Some(Participants { place: ParticipantsPlace::Listed(place), shape })
}

fn read_shape(fields: &[Field], table: &Table<'_>) -> Shape {
    let mut shape = Shape::default();
    table.table("fields", |table| {
        for field in fields {
            let found = pointers(field.name(), table);
            if !found.is_empty() {
                shape.fields.insert(*field, found);
            }
        }
    });
    table.table("words", |table| {
        for field in fields.iter().filter(|field| field.is_yes_or_no() || **field == Field::Slag) {
            table.table(field.name(), |table| read_words(*field, &mut shape, table));
        }
    });
    shape
}

fn read_words(field: Field, shape: &mut Shape, table: &Table<'_>) {
    for (written, means) in table.free_texts() {
        let is_known = match field {
            Field::Slag => Slag::parse(&means).is_some(),
            _ => means == "ja" || means == "nej",
        };
        if !is_known {
            let allowed = if field == Field::Slag { "a slag of the sheet Närvaro" } else { "\"ja\" or \"nej\"" };
            table.wrong(&written, &format!("\"{means}\""), allowed);
        }
        shape.words.entry(field).or_default().insert(written.trim().to_lowercase(), means);
    }
}

fn pointer(key: &'static str, table: &Table<'_>) -> Option<Pointer> {
    let text = table.text(key)?;
    placed(key, &text, table)
}

fn pointers(key: &'static str, table: &Table<'_>) -> Vec<Pointer> {
    table.one_or_more_texts(key).iter().filter_map(|text| placed(key, text, table)).collect()
}

fn placed(key: &'static str, text: &str, table: &Table<'_>) -> Option<Pointer> {
    let read: Result<Pointer, String> = text.parse();
    if let Err(allowed) = &read {
        table.wrong(key, &format!("\"{text}\""), allowed);
    }
    read.ok()
}
