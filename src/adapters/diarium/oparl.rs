//! OParl 1.0 and 1.1, the open standard for council information, read as real servers speak it.
//!
//! From an address of a system, of its list of bodies or of a body, the lists of organs, memberships, persons and meetings
//! are read: all of them, or what changed since the last time less an overlap. Each list is read to its end or not at all.
//!
//! What servers do otherwise than the standard, and where it is met:
//!
//! | they | met in |
//! | --- | --- |
//! | refuse, lose or misread `modified_since`; answer it with an error; refuse `limit` or take it for the end | `filter`, [`Oparl`] |
//! | say that a list is empty by 404 and code 802, by `[]` or by `null`; give an object, or a bare array, for a list | `page` |
//! | answer any address with their system; show the same page for ever; lead on to no page though there are more | `page`, [`Oparl`] |
//! | write `http` for themselves behind TLS; show another id than the address | `lookup` |
//! | send a byte order mark, raw control characters, bytes that are not UTF-8 | `json` |
//! | delete without type, also where nobody asked; write `""`, `N/A`, numbers as texts, 1970-01-01, year 9999 | `wire`, `moment` |
//! | write midnight, the start or 23:59 for an end that is not known; invite people as participants | `objects`, `gathered` |
//! | keep party groups as organs: these, their places and their meetings are not kept here | `gathered` |

mod concern;
mod entry;
mod filter;
mod gathered;
mod json;
mod lookup;
mod moment;
mod objects;
mod page;
mod wire;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::adapters::http::{Answer, Http, Outside};
use crate::adapters::settings::DiariumSettings;
use crate::calendar::instant_text;
use crate::domain::Fault;
use crate::ports::{Changes, Diarium, RecordKind};
use concern::plural;
use entry::{Entry, Listed};
use filter::{asked_from, page_address, ways};
use gathered::Gathered;
use page::{Page, page};

/// In this order, so that what a person's own page says of a membership stands over what a list of memberships says.
const KINDS: [RecordKind; 4] =
    [RecordKind::Organization, RecordKind::Membership, RecordKind::Person, RecordKind::Meeting];

/// After so many pages that bring nothing new, a list has no end. One or two may: a list that grows while it is read
/// shows the end of a page once more on the next.
const BARREN_PAGES_MAX: u32 = 3;

/// The cursor of a first fetch that misses pages: the next one asks for all again.
const BEGINNING: &str = "1970-01-01T00:00:00Z";

/// An OParl source.
#[derive(Debug)]
pub struct Oparl {
    name: String,
    url: String,
    /// What is asked for again, for clocks that differ and for changes that were under way.
    overlap_ms: i64,
    http: Http,
}

/// A list as it was read.
struct Read {
    objects: Vec<Value>,
    /// Asked for without a filter because the server takes none.
    is_unfiltered: bool,
    /// It came to its end, and is not empty in words that a wrong address would give too.
    is_whole: bool,
    /// By its own count there are pages that it does not lead to.
    is_cut: bool,
}

/// What the lists of a sync are like.
struct Course {
    since_ms: Option<i64>,
    gathered: Gathered,
    complete: BTreeSet<RecordKind>,
    notes: Vec<String>,
    is_cut: bool,
}

impl Oparl {
    /// Reads secrets and certificates; connects to nothing yet.
    ///
    /// # Errors
    /// `Input`: a setting or a file that it names cannot be used.
    pub fn open(settings: &DiariumSettings, outside: &Outside) -> Result<Oparl, Fault> {
        Ok(Oparl {
            name: settings.name.clone(),
            url: settings.http.url.clone(),
            overlap_ms: i64::try_from(settings.overlap.as_millis()).unwrap_or(i64::MAX),
            http: Http::open(&settings.http, outside)?,
        })
    }

    /// One list of a body.
    async fn list(&mut self, kind: RecordKind, body: &Entry, course: &mut Course) -> Result<(), Fault> {
        let read = match body.list(kind) {
            Listed::Embedded(objects) => Read { objects, is_unfiltered: true, is_whole: true, is_cut: false },
            Listed::At(link) => {
                let address = self.linked(&body.address, &link)?;
                match self.read(kind, &address, course.since_ms).await? {
                    Ok(read) => read,
                    // Persons show theirs too.
                    Err(status) if kind == RecordKind::Membership => {
                        course.notes.push(format!("Listan över {} svarar {status}.", plural(kind)));
                        return Ok(());
                    }
                    Err(status) => return Err(self.list_fault(kind, 1, &refused(status))),
                }
            }
            Listed::Nowhere => {
                if kind != RecordKind::Membership {
                    course.notes.push(format!("Källan nämner ingen lista över {}.", plural(kind)));
                }
                return Ok(());
            }
        };
        course.take(kind, &read);
        Ok(())
    }

    /// A list to its end, in the first way that the server accepts; or the status by which it refuses the last.
    async fn read(
        &mut self,
        kind: RecordKind,
        address: &str,
        since_ms: Option<i64>,
    ) -> Result<Result<Read, u16>, Fault> {
        let mut refused = 0;
        for way in ways(since_ms) {
            match self.read_in(way.as_deref(), kind, address).await {
                Ok(Ok(read)) => return Ok(Ok(read)),
                Ok(Err(status)) => refused = status,
                // There are servers for which a filter is an error of their own; without one it is the list's.
                Err(Fault::Temporary(_)) if way.is_some() => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(Err(refused))
    }

    /// A list to its end in one way; or the status by which the server refuses the filter.
    async fn read_in(
        &mut self,
        way: Option<&str>,
        kind: RecordKind,
        address: &str,
    ) -> Result<Result<Read, u16>, Fault> {
        let mut read = Read { objects: Vec::new(), is_unfiltered: way.is_none(), is_whole: true, is_cut: false };
        let (mut address, mut seen, mut barren) = (page_address(address, way), BTreeSet::new(), 0);
        for number in 1_u32.. {
            let answer = self.filtered(&address, way).await?;
            let page = page(&answer, |object| wire::is_of(kind, object));
            match page.map_err(|wrong| self.list_fault(kind, number, &wrong))? {
                Page::NotAccepted(status) if number == 1 || way.is_some() => return Ok(Err(status)),
                Page::NotAccepted(status) => return Err(self.list_fault(kind, number, &format!("answers {status}"))),
                Page::Nothing => {
                    read.is_whole &= number > 1;
                    break;
                }
                Page::Objects { objects, next, says_more } => {
                    let mut is_new = |object: &Value| seen.insert(wire::field(object, wire::ID));
                    barren = if objects.iter().filter(|object| is_new(object)).count() > 0 { 0 } else { barren + 1 };
                    read.objects.extend(objects);
                    read.is_cut |= says_more;
                    let Some(next) = next else { break };
                    if barren >= BARREN_PAGES_MAX {
                        return Err(self.endless(kind, number));
                    }
                    address = page_address(&self.linked(&answer.url, &next)?, way);
                }
            }
        }
        Ok(Ok(read))
    }

    /// A page; asked for once more where a redirect lost the filter on its way.
    async fn filtered(&mut self, address: &str, way: Option<&str>) -> Result<Answer, Fault> {
        let answer = self.http.get(address).await?;
        let kept = page_address(&answer.url, way);
        if answer.url.contains("modified_since") || way.is_none() || kept == address {
            return Ok(answer);
        }
        self.http.get(&kept).await
    }

    fn list_fault(&self, kind: RecordKind, number: u32, wrong: &str) -> Fault {
        self.fault(&format!("the list `{}`, page {number}, {wrong}", wire::list_key(kind)))
    }

    fn endless(&self, kind: RecordKind, number: u32) -> Fault {
        let (name, list) = (&self.name, wire::list_key(kind));
        Fault::Refused(format!(
            "diarium \"{name}\": the list `{list}` has no end: page {number} brings nothing new, nor did those before it"
        ))
    }

    fn fault(&self, wrong: &str) -> Fault {
        let name = &self.name;
        Fault::Temporary(format!(
            "diarium \"{name}\": {wrong}; nothing was taken in, it is tried again at the next sync"
        ))
    }
}

impl Course {
    fn take(&mut self, kind: RecordKind, read: &Read) {
        let newer = self.since_ms.filter(|_| read.is_unfiltered);
        for object in read.objects.iter().filter(|object| newer.is_none_or(|since| is_newer(object, since))) {
            self.gathered.take(kind, object);
        }
        if read.is_unfiltered && self.since_ms.is_some() {
            let what = plural(kind);
            self.notes.push(format!("Listan över {what} kan inte visa bara ändringar; den lästes i sin helhet."));
        }
        if read.is_cut {
            let what = plural(kind);
            self.notes.push(format!(
                "Listan över {what} slutar före sin sista sida; det som saknas frågas det efter igen vid nästa hämtning."
            ));
            self.is_cut = true;
        }
        if self.since_ms.is_none() && read.is_whole && !read.is_cut {
            self.complete.insert(kind);
        }
    }

    fn into_changes(mut self, cursor: String) -> Changes {
        if self.complete.contains(&RecordKind::Person) && self.gathered.tells_memberships() {
            self.complete.insert(RecordKind::Membership);
        }
        let (records, short, notes) = self.gathered.into_parts();
        let complete = self.complete.difference(&short).copied().collect();
        let notes = self.notes.into_iter().chain(notes).collect();
        Changes { records, cursor, complete, notes, ..Changes::default() }
    }
}

fn refused(status: u16) -> String {
    format!("answers {status}, in whatever way it is asked for")
}

/// Whether an object changed at an instant or later; one that does not say when may have.
fn is_newer(object: &Value, since_ms: i64) -> bool {
    wire::field(object, "modified").and_then(|text| moment::instant_ms(&text)).is_none_or(|when| when >= since_ms)
}

impl Diarium for Oparl {
    async fn changes(&mut self, since: Option<&str>) -> Result<Changes, Fault> {
        self.http.begin();
        let now_ms = self.http.now_ms();
        let since_ms = since.map(|cursor| self.asked_from(cursor)).transpose()?;
        let body = self.entry().await?;
        let gathered = Gathered::new(now_ms);
        let mut course = Course { since_ms, gathered, complete: BTreeSet::new(), notes: Vec::new(), is_cut: false };
        for kind in KINDS {
            self.list(kind, &body, &mut course).await?;
        }
        self.named_memberships(&body.address, &mut course.gathered).await?;
        self.named_organs(&body.address, &mut course.gathered).await?;
        // Where pages are missing, the next sync asks from where this one did.
        let cursor = match course.is_cut {
            true => since.unwrap_or(BEGINNING).to_owned(),
            false => instant_text(now_ms),
        };
        Ok(course.into_changes(cursor))
    }
}

impl Oparl {
    fn asked_from(&self, cursor: &str) -> Result<i64, Fault> {
        asked_from(cursor, self.overlap_ms).ok_or_else(|| {
            let name = &self.name;
            Fault::Input(format!(
                "diarium \"{name}\": the cursor is no instant; `arvode sync \"{name}\" --full` reads all and sets it anew"
            ))
        })
    }
}
