//! The names of OParl, and its values as they come in life: empty texts, `N/A`, numbers where texts are due, references
//! by address or by embedded object.

use serde_json::Value;

use crate::ports::RecordKind;

pub(super) const ID: &str = "id";
pub(super) const NAME: &str = "name";
pub(super) const DATA: &str = "data";
pub(super) const BODY: &str = "body";
pub(super) const ORGANIZATION: &str = "organization";
pub(super) const PERSON: &str = "person";
pub(super) const MEMBERSHIP: &str = "membership";
pub(super) const PARTICIPANT: &str = "participant";
pub(super) const LOCATION: &str = "location";

/// What a server says instead of an empty list.
const NOTHING_FOUND: &str = "802";

/// Where the body names the list of a kind.
pub(super) fn list_key(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Organization => ORGANIZATION,
        RecordKind::Person => PERSON,
        RecordKind::Membership => MEMBERSHIP,
        RecordKind::Meeting => "meeting",
    }
}

/// A text that says something; a number is a text too.
pub(super) fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => {
            text.split(|letter: char| letter.is_whitespace() || letter.is_control()).collect::<Vec<_>>()
        }
        Value::Number(number) => return Some(number.to_string()),
        _ => return None,
    };
    let words: Vec<&str> = text.into_iter().filter(|word| !word.is_empty()).collect();
    let text = words.join(" ");
    let says_nothing = ["", "n/a", "null", "-"].contains(&text.to_ascii_lowercase().as_str());
    (!says_nothing).then_some(text)
}

/// The text of a field.
pub(super) fn field(object: &Value, key: &str) -> Option<String> {
    object.get(key).and_then(text)
}

/// Whether a field says yes.
pub(super) fn is_yes(object: &Value, key: &str) -> bool {
    says(object, key) == Some(true)
}

/// What a field says, yes or no.
pub(super) fn says(object: &Value, key: &str) -> Option<bool> {
    match object.get(key)? {
        Value::Bool(yes) => Some(*yes),
        other => match text(other)?.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "ja" => Some(true),
            "false" | "0" | "no" | "nej" | "nein" => Some(false),
            _ => None,
        },
    }
}

/// All that a field holds, be it a list, one thing or nothing.
pub(super) fn all<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    match object.get(key) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(list)) => list,
        Some(one) => std::slice::from_ref(one),
    }
}

/// The id that an object carries, or that a reference by address is.
pub(super) fn id(kind: RecordKind, value: &Value) -> Option<String> {
    let id = if value.is_object() { field(value, ID) } else { text(value) }?;
    // Ids are addresses. One that is a mere number counts from 1 for every kind, and records are told apart by id.
    Some(if id.contains(':') { id } else { format!("{}:{id}", list_key(kind)) })
}

/// The id that a field refers to.
pub(super) fn reference(kind: RecordKind, object: &Value, key: &str) -> Option<String> {
    all(object, key).iter().find_map(|value| id(kind, value))
}

/// Whether a text is an address that can be asked.
pub(super) fn is_address(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// The class of an object in small letters: the last part of its type, the same in OParl 1.0 and 1.1.
pub(super) fn class(object: &Value) -> Option<String> {
    let class = field(object, "type")?;
    class.rsplit(['/', '#']).next().map(str::to_ascii_lowercase).filter(|class| !class.is_empty())
}

/// Whether an object may stand in a list of a kind: it says no other class. A tombstone often says none.
pub(super) fn is_of(kind: RecordKind, object: &Value) -> bool {
    const CLASSES: [&str; 12] = [
        "system",
        BODY,
        ORGANIZATION,
        PERSON,
        MEMBERSHIP,
        "meeting",
        "agendaitem",
        "paper",
        "consultation",
        "file",
        LOCATION,
        "legislativeterm",
    ];
    class(object).is_none_or(|class| class == list_key(kind) || !CLASSES.contains(&class.as_str()))
}

/// Whether an answer means that a list is empty.
pub(super) fn is_nothing_found(object: &Value) -> bool {
    field(object, "code").is_some_and(|code| code == NOTHING_FOUND)
}

/// Whether an answer is an error with the status of success.
pub(super) fn is_error(object: &Value) -> bool {
    class(object).is_some_and(|class| class == "error") || (object.get("error").is_some() && object.get(ID).is_none())
}
