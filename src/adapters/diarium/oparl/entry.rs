//! From the address in the settings to the one body whose lists are read.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Oparl;
use super::json::parsed;
use super::page::{Page, page};
use super::wire;
use crate::domain::Fault;
use crate::ports::RecordKind;

/// A body, and where it was found.
pub(super) struct Entry {
    body: Value,
    /// The address that its links are relative to.
    pub address: String,
}

/// Where a list of a body is.
pub(super) enum Listed {
    /// At a link.
    At(String),
    /// In the body itself.
    Embedded(Vec<Value>),
    /// It has none.
    Nowhere,
}

impl Entry {
    /// The list of a kind.
    pub(super) fn list(&self, kind: RecordKind) -> Listed {
        match self.body.get(wire::list_key(kind)) {
            Some(Value::Array(objects)) => Listed::Embedded(objects.clone()),
            Some(link) => wire::text(link).map_or(Listed::Nowhere, Listed::At),
            None => Listed::Nowhere,
        }
    }
}

/// A body says where its lists are; a system, or a body in short, does not.
fn has_lists(object: &Value) -> bool {
    is_body(object) && ["meeting", wire::ORGANIZATION, wire::PERSON].iter().any(|key| object.get(key).is_some())
}

/// The id of a body that is shown, or only named.
fn named(body: &Value) -> String {
    wire::field(body, wire::ID).or_else(|| wire::text(body)).unwrap_or_default()
}

fn is_body(object: &Value) -> bool {
    wire::class(object).is_none_or(|class| class == wire::BODY)
}

impl Oparl {
    /// The body that the address of the settings leads to.
    ///
    /// # Errors
    /// It leads to none, or to several: one kommun's regulation must not pay another's meetings.
    pub(super) async fn entry(&mut self) -> Result<Entry, Fault> {
        let own = self.url.clone();
        let first = self.linked(&own, &own)?;
        let answer = self.http.get(&first).await?;
        if !(200..300).contains(&answer.status) {
            let status = answer.status;
            return Err(self.no_body(&format!("answers {status}")));
        }
        let object = parsed(&answer.body).map_err(|wrong| self.fault(&format!("`url` {wrong}")))?;
        if has_lists(&object) {
            return Ok(Entry { body: object, address: answer.url });
        }
        // Every object names its body; only a system is asked for it.
        let is_system = wire::class(&object).is_none_or(|class| class == "system") && object.get(wire::DATA).is_none();
        match object.get(wire::BODY).filter(|_| is_system) {
            Some(Value::String(link)) => {
                let address = self.linked(&answer.url, link)?;
                let bodies = self.bodies(&address).await?;
                self.only_one(bodies, &address).await
            }
            Some(Value::Array(bodies)) => self.only_one(bodies.clone(), &answer.url).await,
            _ if object.is_object() && object.get(wire::DATA).is_none() => Err(self.no_body("leads to something else")),
            _ => match page(&answer, is_body).map_err(|wrong| self.no_body(&wrong))? {
                Page::Objects { objects, next, .. } => {
                    let more = match next {
                        Some(next) => self.bodies(&self.linked(&answer.url, &next)?).await?,
                        None => Vec::new(),
                    };
                    self.only_one(objects.into_iter().chain(more).collect(), &answer.url).await
                }
                _ => Err(self.no_body("is an empty list")),
            },
        }
    }

    /// The bodies of a list: all of them, or as many as are too many.
    async fn bodies(&mut self, address: &str) -> Result<Vec<Value>, Fault> {
        let (mut bodies, mut seen, mut address) = (Vec::new(), BTreeSet::new(), address.to_owned());
        loop {
            let answer = self.http.get(&address).await?;
            let (objects, next) = match page(&answer, is_body).map_err(|wrong| self.bodies_fault(&wrong))? {
                Page::Objects { objects, next, .. } => (objects, next),
                Page::Nothing => return Ok(bodies),
                Page::NotAccepted(status) => return Err(self.bodies_fault(&format!("answers {status}"))),
            };
            let known = seen.len();
            let new = objects.into_iter().filter(|body| seen.insert(named(body)));
            bodies.extend(new.filter(|body| !wire::is_yes(body, "deleted")));
            // Some servers show the same bodies on page after page.
            let Some(next) = next.filter(|_| bodies.len() < 2 && seen.len() > known) else { return Ok(bodies) };
            address = self.linked(&answer.url, &next)?;
        }
    }

    fn bodies_fault(&self, wrong: &str) -> Fault {
        self.fault(&format!("the list of bodies {wrong}"))
    }

    async fn only_one(&mut self, bodies: Vec<Value>, address: &str) -> Result<Entry, Fault> {
        let mut bodies = bodies.into_iter().filter(|body| !wire::is_yes(body, "deleted"));
        let (first, second) = (bodies.next(), bodies.next());
        match (first, second) {
            (Some(body), None) if has_lists(&body) => Ok(Entry { body, address: address.to_owned() }),
            (Some(body), None) => self.whole_body(&body, address).await,
            (None, _) => Err(self.no_body("leads to no body")),
            (Some(first), Some(second)) => {
                let (first, second, others) = (named(&first), named(&second), bodies.count());
                let more = if others > 0 { format!(" and {others} more") } else { String::new() };
                Err(self.no_body(&format!("leads to several bodies: {first}, {second}{more}")))
            }
        }
    }

    /// A body of which the list only shows the id.
    async fn whole_body(&mut self, body: &Value, base: &str) -> Result<Entry, Fault> {
        let id = named(body);
        let object = self.object(base, &id).await?;
        match object.filter(has_lists) {
            Some(body) => Ok(Entry { body, address: self.linked(base, &id)? }),
            None => Err(self.no_body("leads to a body that names no lists")),
        }
    }

    fn no_body(&self, wrong: &str) -> Fault {
        let name = &self.name;
        let allowed = "`url` must be the address of an OParl system or, where it has several bodies, of one body";
        Fault::Input(format!("diarium \"{name}\": `url` {wrong}; {allowed}"))
    }
}
