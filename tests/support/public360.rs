//! Plays a Public 360 from `fixtures/diarium/public360`, as its RPC answers.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test uses its part, and may stop at the first surprise"
)]

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::server::{Asked, Reply, json as reply};

const MINUTES: &str = include_str!("../../fixtures/diarium/svk-mote/namnd-2026-10-14.xml");

/// What it holds; a test may change it under way.
pub struct Register {
    pub documents: Vec<Value>,
    pub events: Vec<Value>,
    pub contacts: Value,
    /// Files' contents by recno.
    pub files: Vec<(u64, Vec<u8>)>,
    /// The number of the first page.
    pub first_page: u64,
    /// Whether the feed begins with the event that was named.
    pub names_again: bool,
}

impl Register {
    pub fn shipped() -> Arc<Mutex<Register>> {
        let of = |text: &str, list: &str| -> Vec<Value> {
            serde_json::from_str::<Value>(text).unwrap()[list].as_array().unwrap().clone()
        };
        let shipped = include_str!("../../fixtures/diarium/public360/DocumentService.GetDocuments.json");
        let persons = include_str!("../../fixtures/diarium/public360/ContactService.GetPrivatePersons.json");
        let organ = include_str!("../../fixtures/diarium/public360/ContactService.GetEnterprises.json");
        Arc::new(Mutex::new(Register {
            documents: of(shipped, "Documents").into_iter().chain(others()).collect(),
            events: of(include_str!("../../fixtures/diarium/public360/SupportService.GetEvents.json"), "Events"),
            contacts: json!({
                "PrivatePersons": of(persons, "PrivatePersons"), "Enterprises": of(organ, "Enterprises")
            }),
            files: vec![(301_101, MINUTES.as_bytes().to_vec()), (301_102, b"PK the workbook".to_vec())],
            first_page: 0,
            names_again: false,
        }))
    }

    /// The operation that was asked for, and its parameter.
    pub fn asked(asked: &Asked) -> (String, Value) {
        let operation = asked.path().rsplit('/').next().unwrap().to_owned();
        let body: Value = serde_json::from_str(&asked.body).unwrap();
        (operation, body["parameter"].clone())
    }

    pub fn answer(&self, asked: &Asked) -> Reply {
        let (operation, parameter) = Register::asked(asked);
        let number = |key: &str| parameter[key].as_u64();
        match operation.as_str() {
            "GetEvents" => reply(&self.events(&parameter)),
            "GetDocuments" => {
                let is_wanted = |one: &&Value| number("Recno").is_none_or(|recno| one["Recno"] == recno);
                let found: Vec<Value> = self.documents.iter().filter(is_wanted).cloned().collect();
                reply(&self.page("Documents", &found, number("Page"), number("MaxReturnedDocuments")))
            }
            "GetPrivatePersons" | "GetEnterprises" => {
                let list = operation.strip_prefix("Get").unwrap();
                let found = self.contacts[list].as_array().unwrap();
                reply(&self.page(list, found, number("Page"), number("MaxRows")))
            }
            "GetFileWithMetadata" => reply(&self.file(number("Recno").unwrap(), parameter["IncludeFileData"] == true)),
            _ => Reply::Whole { status: 404, headers: Vec::new(), body: Vec::new() },
        }
    }

    fn events(&self, parameter: &Value) -> Value {
        let (after, count) = (parameter["Recno"].as_u64().unwrap(), parameter["LogCount"].as_u64().unwrap());
        let from = parameter["FromDate"].as_str().unwrap_or_default();
        let is_after = |recno: u64| recno > after || (self.names_again && recno == after);
        let is_wanted = |event: &&Value| {
            is_after(event["Recno"].as_u64().unwrap()) && event["InsertedDate"].as_str().unwrap() >= from
        };
        let wanted: Vec<&Value> = self.events.iter().filter(is_wanted).collect();
        let some: Vec<&Value> = wanted.iter().take(count as usize).copied().collect();
        json!({ "Events": some, "SkippedLogs": 0, "IsEndOfLog": some.len() == wanted.len(), "Successful": true })
    }

    /// A page of two, whatever was asked for: servers have limits of their own.
    fn page(&self, list: &str, found: &[Value], page: Option<u64>, size: Option<u64>) -> Value {
        let size = size.map_or(found.len(), |_| 2).max(1);
        let page = page.unwrap_or(self.first_page).saturating_sub(self.first_page) as usize;
        let some: Vec<&Value> = found.iter().skip(page * size).take(size).collect();
        let mut said = json!({
            "TotalPageCount": found.len().div_ceil(size), "TotalCount": found.len(), "Successful": true,
            "ErrorMessage": null, "ErrorDetails": null
        });
        said[list] = json!(some);
        said
    }

    fn file(&self, recno: u64, with_content: bool) -> Value {
        let has_it =
            |document: &&Value| document["Files"].as_array().unwrap().iter().any(|file| file["Recno"] == recno);
        let document = self.documents.iter().find(has_it);
        let content = self.files.iter().find(|(known, _)| *known == recno).filter(|_| with_content);
        let file = document.map(|document| {
            json!({
                "Recno": recno, "DocumentRecno": document["Recno"], "DocumentNumber": document["DocumentNumber"],
                "Base64Data": content.map(|(_, content)| STANDARD.encode(content))
            })
        });
        json!({ "File": file, "Successful": true })
    }
}

/// One with a workbook, one of another kind, one with a file of another form, one without any.
fn others() -> [Value; 4] {
    let document = |recno: u64, number: &str, (title, code, category): (&str, &str, &str), files: Value| {
        json!({
            "Recno": recno, "DocumentNumber": number, "CaseNumber": "26/0412", "Title": title, "StatusCode": "J",
            "Category": { "Recno": 115, "Code": code, "Description": category }, "Files": files
        })
    };
    let minutes = |title: &'static str| (title, "PROT", "Protokoll");
    let file = |recno: u64, format: &str| json!([{ "Recno": recno, "Title": "Närvaro", "Format": format }]);
    [
        document(201_101, "26/0412-4", minutes("Protokoll KS 2026-10-07"), file(301_102, "XLSX")),
        document(201_102, "26/0999-1", ("Protokoll? En synpunkt", "I", "Inkommande"), file(301_103, "XML")),
        document(201_103, "26/0412-5", minutes("Protokoll TN 2026-10-21"), file(301_104, "DOCX")),
        document(201_104, "26/0412-6", minutes("Protokoll KR 2026-09-16"), json!([])),
    ]
}
