//! Reads a list to its end, however it goes on.

use serde_json::Value;

use super::Pointer;
use super::settings::{Paging, Place};
use crate::adapters::http::{Answer, Http};
use crate::domain::Fault;

/// A list that was read to its end.
pub(super) enum List {
    /// All of it.
    Whole(Vec<Value>),
    /// The source has no such list.
    Missing,
}

/// The source's address with a list's path below it.
pub(super) fn address(base: &str, path: &str) -> String {
    if path.contains("://") {
        return path.to_owned();
    }
    format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/'))
}

/// A path for one record.
pub(super) fn path_of(path: &str, id: &str) -> String {
    let mut encoded = String::new();
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    path.replace("{id}", &encoded)
}

/// Reads all pages of a list.
pub(super) async fn read(
    http: &mut Http,
    base: &str,
    place: &Place,
    since: Option<(&str, &str)>,
) -> Result<List, Fault> {
    let mut pages = Pages { http, place, records: Vec::new(), taken: 0, last: Vec::new(), total: None };
    let mut parameters = first_page(&place.paging);
    parameters.extend(since.map(|(name, value)| (name, value.to_owned())));
    let mut url = pages.with(&address(base, &place.path), &parameters)?;
    loop {
        let answer = pages.http.get(&url).await?;
        if matches!(answer.status, 404 | 410) && pages.taken == 0 {
            return Ok(List::Missing);
        }
        match pages.take(answer, &url)? {
            Some(next) => url = next,
            None => return pages.ended().map(List::Whole),
        }
    }
}

struct Pages<'a> {
    http: &'a mut Http,
    place: &'a Place,
    records: Vec<Value>,
    /// How many pages.
    taken: u64,
    /// The body before.
    last: Vec<u8>,
    total: Option<u64>,
}

impl Pages<'_> {
    /// Keeps a page's records; the address of the next one, if there is one.
    fn take(&mut self, answer: Answer, url: &str) -> Result<Option<String>, Fault> {
        if !(200..300).contains(&answer.status) {
            return Err(
                self.input(&format!("answered {}: see `path`, the parameters of `paging` and `since`", answer.status))
            );
        }
        if answer.status == 204 {
            return Ok(None);
        }
        let body = self.json(&answer.body)?;
        if let Some(total) = &self.place.total {
            self.total = Some(self.whole_number(total, &body)?);
        }
        let records = self.list(&body)?;
        let is_empty = records.is_empty();
        if !is_empty && self.is_by_parameter() && answer.body == self.last {
            return Err(self.refused("a page is the same as the one before: the source does not know the parameter"));
        }
        self.records.extend_from_slice(records);
        self.taken += 1;
        let next = self.next(&answer, &body, is_empty, url)?;
        self.last = answer.body;
        Ok(next)
    }

    fn is_by_parameter(&self) -> bool {
        !matches!(self.place.paging, Paging::None | Paging::Link { .. })
    }

    fn next(&self, answer: &Answer, body: &Value, is_empty: bool, url: &str) -> Result<Option<String>, Fault> {
        match &self.place.paging {
            Paging::None => Ok(None),
            Paging::Link { next: None } => {
                answer.link_next.as_deref().map(|link| self.http.joined(&answer.url, link)).transpose()
            }
            Paging::Link { next: Some(next) } => match next.first(body).and_then(Value::as_str).map(str::trim) {
                None | Some("") => Ok(None),
                Some(link) => self.http.joined(&answer.url, link).map(Some),
            },
            Paging::Cursor { parameter, next, .. } => match next.first(body).and_then(plain) {
                Some(cursor) if !cursor.is_empty() => self.with(url, &[(parameter, cursor)]).map(Some),
                _ => Ok(None),
            },
            Paging::Page { parameter, first, more, .. } => {
                let is_over = self.is_over(body, is_empty, more.as_ref())?;
                let page = first.saturating_add(self.taken);
                (!is_over).then(|| self.with(url, &[(parameter, page.to_string())])).transpose()
            }
            Paging::Offset { parameter, more, .. } => {
                let is_over = self.is_over(body, is_empty, more.as_ref())?;
                (!is_over).then(|| self.with(url, &[(parameter, self.records.len().to_string())])).transpose()
            }
        }
    }

    /// A short page is no end: a server may give fewer records than it is asked for.
    fn is_over(&self, body: &Value, is_empty: bool, more: Option<&Pointer>) -> Result<bool, Fault> {
        if is_empty {
            return Ok(true);
        }
        if let Some(more) = more {
            let said = more.first(body).and_then(Value::as_bool);
            return said.map(|more| !more).ok_or_else(|| self.input("`more` is neither true nor false in the answer"));
        }
        Ok(self.total.is_some_and(|total| self.records.len() as u64 >= total))
    }

    /// Where the source says how many there are, fewer than that are not all.
    fn ended(self) -> Result<Vec<Value>, Fault> {
        let got = self.records.len() as u64;
        match self.total {
            Some(total) if got < total => {
                Err(Fault::Temporary(self.named(&format!("gave {got} of {total} records; it is tried again later"))))
            }
            _ => Ok(self.records),
        }
    }

    fn json(&self, body: &[u8]) -> Result<Value, Fault> {
        let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        serde_json::from_slice(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let like = if text.trim_ascii_start().starts_with(b"<") { "HTML or XML" } else { "something else" };
            Fault::Temporary(self.named(&format!("the answer is not JSON but {like} (line {line}, column {column})")))
        })
    }

    fn list<'a>(&self, body: &'a Value) -> Result<&'a [Value], Fault> {
        match self.place.list.first(body) {
            Some(Value::Array(records)) => Ok(records),
            Some(_) => Err(self.input("what stands at `list` in the answer is no list")),
            None => Err(self.input("nothing stands at `list` in the answer")),
        }
    }

    fn whole_number(&self, pointer: &Pointer, body: &Value) -> Result<u64, Fault> {
        let said = pointer.first(body).and_then(plain).and_then(|text| text.parse().ok());
        said.ok_or_else(|| self.input("`total` is no whole number in the answer"))
    }

    fn with(&self, url: &str, parameters: &[(impl AsRef<str>, String)]) -> Result<String, Fault> {
        let pairs: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (name.as_ref(), value.as_str())).collect();
        self.http.with_query(url, &pairs)
    }

    fn named(&self, what: &str) -> String {
        format!("{}: {}: {what}", self.http.name(), self.place.path)
    }

    fn input(&self, what: &str) -> Fault {
        Fault::Input(self.named(what))
    }

    fn refused(&self, what: &str) -> Fault {
        Fault::Refused(self.named(what))
    }
}

fn first_page(paging: &Paging) -> Vec<(&str, String)> {
    let (start, size) = match paging {
        Paging::None | Paging::Link { .. } => (None, None),
        Paging::Cursor { size, .. } => (None, size.as_ref()),
        Paging::Page { parameter, first, size, .. } => (Some((parameter.as_str(), first.to_string())), size.as_ref()),
        Paging::Offset { parameter, size, .. } => (Some((parameter.as_str(), "0".to_owned())), size.as_ref()),
    };
    let size = size.map(|size| (size.parameter.as_str(), size.records.to_string()));
    start.into_iter().chain(size).collect()
}

/// A text or a whole number.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
