//! Public 360's own names: what its answers hold of what we read.

use serde::{Deserialize, Deserializer};

/// A number, which some versions write as a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Recno(pub u64);

impl<'de> Deserialize<'de> for Recno {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Recno, D::Error> {
        let value = serde_json::Value::deserialize(from)?;
        let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
        number.map(Recno).ok_or_else(|| serde::de::Error::custom("a number is missing"))
    }
}

/// `GetEvents`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EventsPage {
    pub events: Option<Vec<Event>>,
    pub is_end_of_log: bool,
}

/// Something that happened to a document, a file or anything else.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Event {
    pub recno: Recno,
    pub entity_name: Option<String>,
    #[serde(default, deserialize_with = "any_recno")]
    pub entity_recno: Option<Recno>,
    pub inserted_date: Option<String>,
}

/// An event of something without a number is none of ours.
fn any_recno<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Recno>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(serde_json::from_value(value).ok())
}

/// `GetDocuments`, for one of them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DocumentAnswer {
    pub documents: Option<Vec<Document>>,
}

/// A document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Document {
    pub recno: Recno,
    pub document_number: Option<String>,
    pub title: Option<String>,
    pub category: Option<Category>,
    pub files: Option<Vec<FileEntry>>,
}

/// A word of a code table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Category {
    pub code: Option<String>,
    pub description: Option<String>,
}

/// A document's file, without its content.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FileEntry {
    pub recno: Recno,
    pub format: Option<String>,
}

/// `GetFileWithMetadata`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FileAnswer {
    pub file: Option<File>,
}

/// A file with its content, if it has not been lost.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct File {
    #[serde(default, deserialize_with = "any_recno")]
    pub document_recno: Option<Recno>,
    pub base64_data: Option<String>,
}

/// A private person.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PrivatePerson {
    pub recno: Recno,
    pub first_name: Option<String>,
    pub middle_name: Option<String>,
    pub last_name: Option<String>,
    pub personal_id_number: Option<String>,
}

/// An enterprise.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Enterprise {
    pub recno: Recno,
    pub name: Option<String>,
    pub initials: Option<String>,
}
