//! One operation of a service, asked and answered: an answer counts only where it says that it was successful.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::wire::Recno;
use crate::adapters::http::Http;
use crate::domain::{Fault, shown};

/// Where services lie below the address of the settings.
const PATH: &str = "Biz/v2/api/call/SI.Data.RPC/SI.Data.RPC";
/// Records of a page.
const PAGE: u32 = 100;

/// A Public 360.
#[derive(Debug)]
pub(super) struct Rpc {
    pub http: Http,
    pub base: String,
}

/// An operation whose answer is a list in pages.
pub(super) struct Listing<'n> {
    /// `DocumentService/GetDocuments`
    pub operation: &'n str,
    /// The key of the list.
    pub list: &'n str,
    /// The parameter that sets the size of a page.
    pub size: &'n str,
}

impl Rpc {
    /// Asks one operation.
    pub(super) async fn call(&mut self, operation: &str, parameter: &Value) -> Result<Map<String, Value>, Fault> {
        self.try_call(operation, parameter).await?.map_err(|why| {
            let name = self.http.name();
            Fault::Temporary(format!("{name}: {operation}: not successful: {why}; it is tried again later"))
        })
    }

    /// Asks one operation; inside, why it was not successful.
    async fn try_call(
        &mut self,
        operation: &str,
        parameter: &Value,
    ) -> Result<Result<Map<String, Value>, String>, Fault> {
        let base = self.base.trim_end_matches('/');
        let base = base.strip_suffix(PATH).map_or(base, |base| base.trim_end_matches('/'));
        let url = format!("{base}/{PATH}/{operation}");
        let answer = self.http.post_json(&url, &json!({ "parameter": parameter })).await?;
        let name = format!("{}: {operation}", self.http.name());
        if !(200..300).contains(&answer.status) {
            return Err(Fault::Input(format!("{name}: answered {}; see `url`", answer.status)));
        }
        let Ok(Value::Object(said)) = serde_json::from_slice(&answer.body) else {
            return Err(Fault::Temporary(format!("{name}: the answer is no JSON object; it is tried again later")));
        };
        match said.get("Successful").and_then(Value::as_bool) {
            Some(true) => Ok(Ok(said)),
            Some(false) => {
                let why = said.get("ErrorMessage").and_then(Value::as_str).map(harmless).unwrap_or_default();
                Ok(Err(if why.is_empty() { "without a reason".to_owned() } else { format!("\u{201c}{why}\u{201d}") }))
            }
            None => Err(Fault::Temporary(format!("{name}: the answer does not say whether it was successful"))),
        }
    }

    /// Asks for one thing by its number; none where the server does not give it: it is deleted, checked out or not ours to
    /// see, which is no trouble of the whole source.
    pub(super) async fn one<T: DeserializeOwned>(
        &mut self,
        operation: &str,
        parameter: &Value,
    ) -> Result<Option<T>, Fault> {
        match self.try_call(operation, parameter).await? {
            Ok(said) => self.formed(operation, Value::Object(said)).map(Some),
            Err(_) => Ok(None),
        }
    }

    /// Asks one operation for an answer of a certain form.
    pub(super) async fn get<T: DeserializeOwned>(&mut self, operation: &str, parameter: &Value) -> Result<T, Fault> {
        let said = self.call(operation, parameter).await?;
        self.formed(operation, Value::Object(said))
    }

    /// Asks for all pages; whether the first is 0 or 1, versions see differently, and each record counts once.
    pub(super) async fn all<T: DeserializeOwned>(
        &mut self,
        listing: &Listing<'_>,
        parameter: &Map<String, Value>,
    ) -> Result<Vec<T>, Fault> {
        let (mut found, mut page) = (BTreeMap::new(), 0_u64);
        loop {
            let mut parameter = parameter.clone();
            parameter.insert("Page".to_owned(), page.into());
            parameter.insert(listing.size.to_owned(), PAGE.into());
            let mut said = self.call(listing.operation, &Value::Object(parameter)).await?;
            let number = |key: &str| said.get(key).and_then(Value::as_u64).unwrap_or_default();
            let (pages, total) = (number("TotalPageCount"), number("TotalCount"));
            let before = found.len();
            for value in records(said.remove(listing.list)) {
                let recno: Recno = self.formed(listing.operation, value.get("Recno").cloned().unwrap_or_default())?;
                found.insert(recno, value);
            }
            let all = usize::try_from(total).unwrap_or(usize::MAX);
            let is_new = found.len() > before;
            if found.len() >= all && (total > 0 || !is_new) {
                break;
            }
            if total > 0 && page >= pages {
                let (name, came) = (self.http.name(), found.len());
                let operation = listing.operation;
                return Err(Fault::Temporary(format!(
                    "{name}: {operation}: {came} of {total} came; it is tried again later"
                )));
            }
            page += 1;
        }
        found.into_values().map(|value| self.formed(listing.operation, value)).collect()
    }

    /// A value in the form that it must have.
    pub(super) fn formed<T: DeserializeOwned>(&self, operation: &str, value: Value) -> Result<T, Fault> {
        // What the library says may quote a value.
        serde_json::from_value(value).map_err(|_| {
            let name = self.http.name();
            Fault::Temporary(format!(
                "{name}: {operation}: the answer lacks what it must have; it is tried again later"
            ))
        })
    }
}

fn records(list: Option<Value>) -> Vec<Value> {
    match list {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    }
}

/// A few words of the server without anything like a key, an address, or a person's number or name.
fn harmless(text: &str) -> String {
    let words: Vec<&str> = text.lines().next().unwrap_or_default().split_whitespace().collect();
    let has_capital = |place: usize| words.get(place).is_some_and(|word| word.starts_with(char::is_uppercase));
    let is_plain = |place: usize, word: &str| {
        let is_long = word.chars().filter(char::is_ascii_hexdigit).count() >= 16;
        // A sentence begins with a capital; two in a row, or one in its midst, may be somebody's name.
        let is_name = has_capital(place) && (place > 0 || has_capital(1));
        !is_long && !is_name && !word.contains(['@', '=', '/', '\\'])
    };
    let plain = words.iter().enumerate().map(|(place, word)| if is_plain(place, word) { word } else { "…" });
    shown(&plain.collect::<Vec<_>>().join(" "))
}
