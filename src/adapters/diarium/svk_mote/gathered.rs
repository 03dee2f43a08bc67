//! Minutes from many files as one answer: each meeting once, each refused file named.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Minutes;
use crate::domain::shown;
use crate::ledger::hex;
use crate::ports::{Changes, Record, Unreadable};

/// So many files are named in a note.
const MOST_NAMED: usize = 5;

/// What files say together.
#[derive(Debug)]
pub(in crate::adapters::diarium) struct Told {
    /// The meetings.
    pub records: Vec<Record>,
    /// What a person should know.
    pub notes: Vec<String>,
    /// What nobody could use.
    pub unread: Vec<String>,
    /// Names of files that tell the same meeting differently.
    pub disputed: Vec<String>,
}

/// What has been read so far.
#[derive(Debug, Default)]
pub(in crate::adapters::diarium) struct Gathered {
    meetings: BTreeMap<String, Vec<(String, Record)>>,
    /// Of each file that was read, by its content.
    hashes: Vec<[u8; 32]>,
    notes: Vec<String>,
    unread: Vec<String>,
}

impl Gathered {
    /// Reads a file that came under a name; false where it is refused, which is noted.
    pub(in crate::adapters::diarium) fn add(&mut self, name: &str, content: &[u8]) -> bool {
        match super::read(content) {
            Ok(Minutes { record, notes }) => {
                self.hashes.push(Sha256::digest(content).into());
                self.notes.extend(notes.iter().map(|note| format!("{}: {note}", shown(name))));
                self.meetings.entry(record.id.clone()).or_default().push((name.to_owned(), record));
                true
            }
            Err(why) => {
                self.refuse(name, &why);
                false
            }
        }
    }

    /// A file that is not used.
    pub(super) fn refuse(&mut self, name: &str, why: &Unreadable) {
        self.leave(format!("{}: {} {} Ingenting i filen är använt.", shown(name), why.wrong, why.instead));
    }

    pub(in crate::adapters::diarium) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Something that nobody could use.
    pub(in crate::adapters::diarium) fn leave(&mut self, what: String) {
        self.unread.push(what);
    }

    /// The meetings on which all files agree, and what to tell.
    pub(in crate::adapters::diarium) fn into_told(self) -> Told {
        let (mut records, mut unread, mut disputed) = (Vec::new(), self.unread, Vec::new());
        for (id, mut files) in self.meetings {
            let Some((name, record)) = files.pop() else { continue };
            if files.iter().all(|(_, other)| *other == record) {
                records.push(record);
            } else {
                // Which of them is right only the clerk knows; what was read before stands until then.
                let mut names: Vec<String> = files.into_iter().map(|(name, _)| name).chain([name]).collect();
                names.sort_unstable();
                let told: Vec<String> = names.iter().take(MOST_NAMED).map(|name| shown(name)).collect();
                let external = id.split_once('/').map_or(id.as_str(), |(_, external)| external);
                unread.push(format!(
                    "Mötet {} står i {} filer som inte säger samma sak ({}). Ingen av dem är använd: ta bort den som inte gäller.",
                    shown(external),
                    names.len(),
                    told.join(", ")
                ));
                disputed.extend(names);
            }
        }
        Told { records, notes: self.notes, unread, disputed }
    }

    /// As an answer; where the files are those of the answer with this cursor, nothing is new. A file that is gone says
    /// nothing: no list here is whole.
    pub(super) fn into_changes(mut self, since: Option<&str>) -> Changes {
        self.hashes.sort_unstable();
        self.hashes.dedup();
        let cursor = hex(&Sha256::digest(self.hashes.concat()));
        let Told { records, notes, unread, .. } = self.into_told();
        let records = if since == Some(cursor.as_str()) { Vec::new() } else { records };
        Changes { records, cursor, notes, unread, ..Changes::default() }
    }
}
