//! The desk at which jobs write letters: it knows the kommun, its people and addresses, and puts each letter in the outbox once.

mod people;

use serde_json::{Value, json};

use crate::domain::Fault;
use crate::ports::{Addresses, LetterFile, LetterKind, NewLetter, Office, Press, Receiver, Report, Store, letter_key};

pub use people::{Contact, People};

/// What every letter of a kommun shares.
pub struct Desk<'a, P> {
    /// Makes what is read.
    pub press: &'a P,
    /// The configured addresses.
    pub addresses: &'a Addresses,
    /// The kommun's name.
    pub kommun: &'a str,
    /// The shipped example's amounts are in use, and every letter says so.
    pub is_example: bool,
}

/// A letter that a job wants written.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Which.
    pub kind: LetterKind,
    /// To whom.
    pub receiver: Receiver,
    /// What no second letter of the kind to the receiver is about.
    pub occasion: String,
    /// What its templates name, but `kommun` and `exempel`, which every letter has.
    pub content: Value,
    /// What goes with it.
    pub files: Vec<LetterFile>,
    /// Not sent after this instant.
    pub useless_after_ms: Option<i64>,
}

impl<P: Press> Desk<'_, P> {
    /// Writes a letter and puts it in the outbox, as part of the open transaction; false if it is there already.
    ///
    /// # Errors
    /// A template that somebody has edited cannot be used, or the database.
    pub async fn post(&self, store: &mut impl Store, people: &People, draft: Draft, at_ms: i64) -> Result<bool, Fault> {
        let Draft { kind, receiver, occasion, mut content, files, useless_after_ms } = draft;
        if store.has_letter(&letter_key(kind, &receiver, &occasion)).await? {
            return Ok(false);
        }
        content["kommun"] = json!(self.kommun);
        content["exempel"] = json!(self.is_example);
        let written = self.press.letter(kind, &content)?;
        let address = self.address(people, &receiver);
        let letter = NewLetter { kind, receiver, occasion, address, written, files, useless_after_ms };
        store.add_letter(&letter, at_ms).await
    }

    /// Where a receiver's letters go; the kansli's address for a secretary who is not named.
    pub fn address(&self, people: &People, receiver: &Receiver) -> Option<String> {
        let office = |office: Office| self.addresses.offices.get(&office).cloned();
        match receiver {
            Receiver::Person(person) => people.of(*person).and_then(|contact| contact.epost.clone()),
            Receiver::Official(id) => self.addresses.officials.get(id).cloned(),
            Receiver::Office(which) => office(*which),
            Receiver::Secretary(organ) => {
                self.addresses.secretaries.get(organ).cloned().or_else(|| office(Office::Kansli))
            }
        }
    }

    /// A report as files to go with a letter: the workbook, and the PDF where the program can make it, else the HTML page.
    ///
    /// # Errors
    /// One of them cannot be made.
    pub fn files(&self, report: &Report, name: &str) -> Result<Vec<LetterFile>, Fault> {
        let workbook = LetterFile {
            name: format!("{name}.xlsx"),
            media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned(),
            content: self.press.workbook(report)?,
        };
        Ok(vec![self.page(report, name)?, workbook])
    }

    /// A report as one file to be read: the PDF where the program can make it, else the HTML page.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn page(&self, report: &Report, name: &str) -> Result<LetterFile, Fault> {
        let (ending, media_type, content) = match self.press.pdf(report)? {
            Some(pdf) => ("pdf", "application/pdf", pdf),
            None => ("html", "text/html", self.press.html(report).into_bytes()),
        };
        Ok(LetterFile { name: format!("{name}.{ending}"), media_type: media_type.to_owned(), content })
    }
}
