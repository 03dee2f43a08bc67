//! `[mail]`: how letters leave, and where they go.

use std::path::PathBuf;

use crate::domain::OrganCode;
use crate::ports::{Addresses, Office};
use crate::regelverk::reader::Table;

/// How letters leave, and where they go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailSettings {
    /// How they leave.
    pub transport: Transport,
    /// Where .eml files are written, from the data folder.
    pub folder: PathBuf,
    /// The sender's address.
    pub from: String,
    /// The sender's name.
    pub from_name: String,
    /// Where letters go; officials' addresses stand in the attestförteckning.
    pub to: Addresses,
}

/// How letters leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Not at all: they wait in the outbox, to be looked at.
    None,
    /// As .eml files in a folder.
    Folder,
    /// By a mail server.
    Smtp,
}

impl Default for MailSettings {
    fn default() -> MailSettings {
        MailSettings {
            transport: Transport::Folder,
            folder: PathBuf::from("mail"),
            from: String::new(),
            from_name: String::new(),
            to: Addresses::default(),
        }
    }
}

/// Reads the table.
pub(super) fn read_mail(mail: &mut MailSettings, table: &Table<'_>) {
    let transports = [("none", Transport::None), ("folder", Transport::Folder), ("smtp", Transport::Smtp)];
    mail.transport = table.choice("transport", &transports).unwrap_or(mail.transport);
    if let Some(folder) = table.text("folder") {
        mail.folder = PathBuf::from(folder);
    }
    mail.from = address(table, "from").unwrap_or_default();
    mail.from_name = table.text("from_name").unwrap_or_default();
    table.table("to", |to| {
        for office in Office::ALL {
            if let Some(address) = address(to, office.name()) {
                mail.to.offices.insert(office, address);
            }
        }
    });
    table.table("secretary", |secretaries| {
        for (organ, text) in secretaries.free_texts() {
            if let Some(address) = look(secretaries, &organ, &text) {
                mail.to.secretaries.insert(OrganCode(organ), address);
            }
        }
    });
}

/// An address; none where nothing is said.
fn address(table: &Table<'_>, key: &'static str) -> Option<String> {
    let text = table.text(key)?;
    look(table, key, &text)
}

fn look(table: &Table<'_>, key: &str, text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if is_address(text) {
        return Some(text.to_owned());
    }
    table.wrong(key, &format!("\"{text}\""), "an address such as \"kansli@kommunen.se\"");
    None
}

/// Whether a text may be an e-mail address: one at sign with something before it and a domain after it, and no blank.
pub fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let is_plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && !"<>,;:\"()[]\\".contains(letter);
    !local.is_empty()
        && domain.contains('.')
        && !domain.contains('@')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && text.chars().all(is_plain)
}
