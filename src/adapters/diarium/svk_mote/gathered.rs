//! Minutes from many files as one answer: each meeting once, each refused file named.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Minutes;
use crate::domain::shown;
use crate::ledger::hex;
use crate::ports::{Changes, Record, Unreadable};

/// What has been read so far.
#[derive(Debug, Default)]
pub(in crate::adapters::diarium) struct Gathered {
    meetings: BTreeMap<String, Vec<(String, Record)>>,
    /// Of each file that was read, by its content.
    hashes: Vec<[u8; 32]>,
    notes: Vec<String>,
}

impl Gathered {
    /// Reads a file that came under a name.
    pub(in crate::adapters::diarium) fn add(&mut self, name: &str, content: &[u8]) {
        match super::read(content) {
            Ok(Minutes { record, notes }) => {
                self.hashes.push(Sha256::digest(content).into());
                self.notes.extend(notes.iter().map(|note| format!("{}: {note}", shown(name))));
                self.meetings.entry(record.id.clone()).or_default().push((name.to_owned(), record));
            }
            Err(why) => self.refuse(name, &why),
        }
    }

    /// A file that is not used.
    pub(super) fn refuse(&mut self, name: &str, why: &Unreadable) {
        self.note(format!("{}: {} {} Ingenting i filen är använt.", shown(name), why.wrong, why.instead));
    }

    pub(in crate::adapters::diarium) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// The meetings on which all files agree, and what to tell.
    pub(in crate::adapters::diarium) fn into_records(self) -> (Vec<Record>, Vec<String>) {
        let (mut records, mut notes) = (Vec::new(), self.notes);
        for (id, mut files) in self.meetings {
            let Some((_, record)) = files.pop() else { continue };
            if files.iter().all(|(_, other)| *other == record) {
                records.push(record);
            } else {
                // Which of them is right only the clerk knows; what was read before stands until then.
                notes.push(format!(
                    "Mötet {} står i {} filer som inte säger samma sak. Ingen av dem är använd: ta bort den som inte gäller.",
                    shown(&id),
                    files.len() + 1
                ));
            }
        }
        (records, notes)
    }

    /// As an answer; where the files are those of the answer with this cursor, nothing is new. A file that is gone says
    /// nothing: no list here is whole.
    pub(super) fn into_changes(mut self, since: Option<&str>) -> Changes {
        self.hashes.sort_unstable();
        self.hashes.dedup();
        let cursor = hex(&Sha256::digest(self.hashes.concat()));
        let (records, notes) = self.into_records();
        let records = if since == Some(cursor.as_str()) { Vec::new() } else { records };
        Changes { records, cursor, notes, ..Changes::default() }
    }
}
