//! A page of a list, in whatever form the server gives it.

use serde_json::Value;

use super::json::parsed;
use super::wire;
use crate::adapters::http::Answer;

/// What an answer to the question for a page means.
#[derive(Debug, PartialEq)]
pub(super) enum Page {
    /// Objects of the list.
    Objects {
        /// As they came.
        objects: Vec<Value>,
        /// The next page, as written.
        next: Option<String>,
        /// The page says that others follow, but not where.
        says_more: bool,
    },
    /// The list is empty, in the words of an error or as nothing at all.
    Nothing,
    /// The question is not accepted.
    NotAccepted(u16),
}

/// Reads an answer. `is_due` tells whether one object that comes instead of a list may be all of it: there are servers that
/// answer any address that they do not know with their system.
///
/// # Errors
/// It is no list in any form that is known.
pub(super) fn page(answer: &Answer, is_due: impl Fn(&Value) -> bool) -> Result<Page, String> {
    let is_success = (200..300).contains(&answer.status);
    let value = match parsed(&answer.body) {
        Ok(value) => value,
        Err(_) if !is_success => return Ok(Page::NotAccepted(answer.status)),
        Err(wrong) => return Err(wrong),
    };
    match value {
        Value::Array(objects) if objects.is_empty() => Ok(Page::Nothing),
        Value::Null if is_success => Ok(Page::Nothing),
        object if wire::is_nothing_found(&object) => Ok(Page::Nothing),
        _ if !is_success => Ok(Page::NotAccepted(answer.status)),
        Value::Array(objects) => Ok(Page::Objects { objects, next: answer.link_next.clone(), says_more: false }),
        object if wire::is_error(&object) => Err("answers with an error object".to_owned()),
        object => objects(object, answer, is_due),
    }
}

fn objects(mut page: Value, answer: &Answer, is_due: impl Fn(&Value) -> bool) -> Result<Page, String> {
    let next = page.get("links").and_then(|links| wire::field(links, "next")).or_else(|| answer.link_next.clone());
    let says_more = next.is_none() && page.get("pagination").is_some_and(is_before_last);
    let objects = match page.get_mut(wire::DATA).map(Value::take) {
        Some(Value::Array(objects)) => objects,
        Some(Value::Null) => Vec::new(),
        Some(one) if one.is_object() => vec![one],
        None if page.get(wire::ID).is_some() && is_due(&page) => vec![page],
        _ => return Err("sends an object that is no list: `data` is missing".to_owned()),
    };
    Ok(Page::Objects { objects, next, says_more })
}

fn is_before_last(pagination: &Value) -> bool {
    let number = |key| wire::field(pagination, key)?.parse::<u64>().ok();
    number("currentPage").zip(number("totalPages")).is_some_and(|(current, total)| current < total)
}
