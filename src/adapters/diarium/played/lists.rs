//! Lists in pages.

use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::request::Asked;
use super::switch::{Deviation, Trick};

/// Objects on a page, unless told otherwise.
pub(super) const PAGE_SIZE: usize = 20;
const PAGE_MAX: usize = 100;

/// A page of a list, or why there is none.
pub(super) enum Page {
    /// As JSON, with the link to the next.
    Json(Value, Option<String>),
    /// A status and what is said with it.
    Refused(u16, Value),
}

/// How a list is asked for and played.
pub(super) struct Question<'a> {
    pub asked: &'a Asked,
    pub base: &'a str,
    pub page_size: usize,
    pub tricks: &'a [Trick],
}

struct Cut<'a> {
    objects: Vec<&'a Value>,
    number: usize,
    last: usize,
    total: usize,
    size: usize,
    next: Option<String>,
}

impl Question<'_> {
    pub(super) fn does(&self, deviation: Deviation) -> bool {
        self.tricks.contains(&Trick::Deviation(deviation))
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.asked.query(name)?.parse().ok()
    }

    /// The instant of `modified_since`; `Err` if it is not accepted.
    fn since(&self) -> Result<Option<i64>, (u16, &'static str)> {
        let Some(raw) = self.asked.raw_query("modified_since") else { return Ok(None) };
        if self.does(Deviation::RefusesFilter) || (self.does(Deviation::RefusesEncoded) && raw.contains('%')) {
            return Err((if raw.contains('%') { 404 } else { 400 }, "modified_since is not accepted"));
        }
        if self.does(Deviation::FilterIs503) {
            return Err((503, "the database is away"));
        }
        if self.does(Deviation::IgnoresFilter) {
            return Ok(None);
        }
        let text = self.asked.query("modified_since").unwrap_or_default();
        let instant = DateTime::parse_from_rfc3339(&text).ok().filter(|_| !text.contains('.'));
        instant.map(|instant| Some(instant.timestamp_millis())).ok_or((400, "modified_since is no date-time"))
    }

    fn next(&self, number: usize, last: usize) -> Option<String> {
        let next = match number {
            _ if self.tricks.contains(&Trick::NeverLast) => number.saturating_add(1),
            _ if number >= last && self.tricks.contains(&Trick::Circle) => number,
            _ if number >= last || self.does(Deviation::CutOff) => return None,
            _ => number.saturating_add(1),
        };
        let mut link = format!("{}{}?page={next}", self.base, self.asked.path());
        for name in ["limit", "modified_since"] {
            let is_kept = name == "limit" || !self.does(Deviation::NextDropsFilter);
            if let Some(value) = self.asked.raw_query(name).filter(|_| is_kept) {
                let value =
                    if self.does(Deviation::NextUnencodes) { value.replace("%2B", "+") } else { value.to_owned() };
                link.push_str(&format!("&{name}={value}"));
            }
        }
        Some(link)
    }

    fn cut<'a>(&self, chosen: Vec<&'a Value>) -> Cut<'a> {
        let size = self.number("limit").unwrap_or(self.page_size).clamp(1, PAGE_MAX);
        let (total, number) = (chosen.len(), self.number("page").unwrap_or(1).max(1));
        let last = total.div_ceil(size).max(1);
        let first = (number - 1).saturating_mul(size);
        // A list that never ends begins again behind its end.
        let first = if first >= total && self.tricks.contains(&Trick::NeverLast) { 0 } else { first };
        let objects = chosen.into_iter().skip(first).take(size).collect();
        Cut { objects, number, last, total, size, next: self.next(number, last) }
    }

    fn chosen<'a>(&self, list: &'a [Value], since: Option<i64>) -> Vec<&'a Value> {
        let shows_tombstones = since.is_some() || self.does(Deviation::TombstonesAlways);
        let is_chosen = |object: &&Value| {
            let is_tombstone = object.get("deleted") == Some(&Value::Bool(true));
            (shows_tombstones || !is_tombstone) && since.is_none_or(|since| is_modified(object, since))
        };
        list.iter().filter(is_chosen).collect()
    }

    /// A page as OParl wants it, or as servers give it.
    pub(super) fn oparl(&self, list: &[Value]) -> Page {
        let since = match self.since() {
            Ok(since) => since,
            Err((status, message)) => return refused(status, message),
        };
        let chosen = self.chosen(list, since);
        if chosen.is_empty() && self.does(Deviation::EmptyIs404) {
            return Page::Refused(404, json!({"error": "Resource not found.", "code": 802, "type": "played diarium"}));
        }
        if chosen.is_empty() && self.does(Deviation::EmptyIsArray) {
            return Page::Json(json!([]), None);
        }
        let cut = self.cut(chosen);
        let objects: Vec<Value> = cut.objects.iter().map(|object| self.played(object)).collect();
        match objects.as_slice() {
            [one] if self.does(Deviation::ObjectForList) => return Page::Json(one.clone(), None),
            _ if self.does(Deviation::BareArray) => return Page::Json(Value::Array(objects), cut.next),
            _ => {}
        }
        let mut links = Map::new();
        if let Some(next) = &cut.next {
            links.insert("next".to_owned(), json!(next));
        }
        let pagination = json!({
            "totalElements": cut.total, "elementsPerPage": cut.size, "currentPage": cut.number, "totalPages": cut.last,
        });
        let pagination = if self.does(Deviation::NumbersAsTexts) { as_texts(&pagination) } else { pagination };
        Page::Json(json!({"data": objects, "pagination": pagination, "links": links}), None)
    }

    /// A page in the manner of many an API.
    pub(super) fn rest(&self, list: &[Value]) -> Page {
        let since = match self.since() {
            Ok(since) => since,
            Err((status, message)) => return refused(status, message),
        };
        let cut = self.cut(self.chosen(list, since));
        let frame = json!({"items": cut.objects, "page": cut.number, "pages": cut.last, "next": cut.next});
        Page::Json(frame, cut.next)
    }

    /// An object as this server shows it.
    pub(super) fn played(&self, object: &Value) -> Value {
        let mut object = object.clone();
        let is_tombstone = object.get("deleted") == Some(&Value::Bool(true));
        if let Some(fields) = object.as_object_mut() {
            if is_tombstone && self.does(Deviation::TombstonesWithoutType) {
                fields.retain(|name, _| ["id", "modified", "deleted"].contains(&name.as_str()));
            }
            if self.does(Deviation::Dates1970) {
                fields.insert("created".to_owned(), json!("1970-01-01T00:00:00+00:00"));
                fields.insert("modified".to_owned(), json!("1970-01-01T00:00:00+00:00"));
            }
            if self.does(Deviation::EmptyTexts) {
                for (name, value) in [("participant", json!([""])), ("shortName", json!("N/A")), ("web", json!(" "))] {
                    fields.entry(name).or_insert(value);
                }
            }
            if let Some(Value::String(id)) = fields.get_mut("id").filter(|_| self.does(Deviation::OtherId)) {
                *id = id.replacen("http://", "https://", 1);
            }
        }
        if self.does(Deviation::NumbersAsTexts) { as_texts(&object) } else { object }
    }
}

fn refused(status: u16, message: &str) -> Page {
    Page::Refused(status, json!({"type": "https://schema.oparl.org/1.1/Error", "message": message}))
}

fn is_modified(object: &Value, since: i64) -> bool {
    let modified = object.get("modified").and_then(Value::as_str).map(DateTime::parse_from_rfc3339);
    modified.and_then(Result::ok).is_none_or(|instant| instant.timestamp_millis() >= since)
}

/// The same with numbers as texts, and yes and no as 1 and 0.
fn as_texts(value: &Value) -> Value {
    match value {
        Value::Bool(yes) => json!(if *yes { "1" } else { "0" }),
        Value::Number(number) => json!(number.to_string()),
        Value::Array(list) => Value::Array(list.iter().map(as_texts).collect()),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), as_texts(value))).collect())
        }
        other => other.clone(),
    }
}
