//! Documents with attendance: found by search or by what has changed, and their files as minutes or workbooks.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::Public360Settings;
use super::call::{Listing, Rpc};
use super::events::Feed;
use super::wire::{Document, DocumentAnswer, FileAnswer, FileEntry};
use crate::adapters::diarium::svk_mote::gathered::Gathered;
use crate::domain::{Fault, shown};
use crate::ports::{AttachedFile, Changes};

const DOCUMENTS: Listing<'static> =
    Listing { operation: "DocumentService/GetDocuments", list: "Documents", size: "MaxReturnedDocuments" };
const FILE: &str = "FileService/GetFileWithMetadata";
/// Where more than so many documents and files have changed, one search costs less than asking for each.
const ONE_BY_ONE: usize = 200;

/// What documents gave.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    gathered: Gathered,
    pub files: Vec<AttachedFile>,
    /// Documents that could not be used; they are looked at again each time.
    pub waiting: BTreeSet<u64>,
    /// The document of each name that notes use.
    names: BTreeMap<String, u64>,
    /// Files that were asked for: one may belong to several documents.
    asked: BTreeSet<u64>,
}

impl Fetched {
    /// The meetings, and what to tell; documents that disagree wait too.
    pub(super) fn finish(self) -> (Changes, BTreeSet<u64>) {
        let mut waiting = self.waiting;
        let told = self.gathered.into_told();
        waiting.extend(told.disputed.iter().filter_map(|name| self.names.get(name)));
        let (records, files, notes, unread) = (told.records, self.files, told.notes, told.unread);
        (Changes { records, files, notes, unread, ..Changes::default() }, waiting)
    }
}

/// Reads all documents that the settings want.
pub(super) async fn all(rpc: &mut Rpc, settings: &Public360Settings) -> Result<Fetched, Fault> {
    let found: Vec<Document> = rpc.all(&DOCUMENTS, &search(settings)).await?;
    read(rpc, settings, found).await
}

/// Reads those that something has happened to, and those that wait.
pub(super) async fn changed(
    rpc: &mut Rpc,
    settings: &Public360Settings,
    feed: &Feed,
    waiting: &BTreeSet<u64>,
) -> Result<Fetched, Fault> {
    let mut wanted: BTreeSet<u64> = feed.documents.union(waiting).copied().collect();
    if wanted.len() + feed.files.len() > ONE_BY_ONE {
        return all(rpc, settings).await;
    }
    for file in &feed.files {
        let parameter = json!({ "Recno": file, "IncludeFileData": false });
        let answer: Option<FileAnswer> = rpc.one(FILE, &parameter).await?;
        let file = answer.and_then(|answer| answer.file);
        wanted.extend(file.and_then(|file| file.document_recno).map(|recno| recno.0));
    }
    let (mut found, mut missing) = (Vec::new(), BTreeSet::new());
    for recno in wanted {
        let parameter = json!({ "Recno": recno, "IncludeFiles": true, "IncludeFileData": false });
        let answer: Option<DocumentAnswer> = rpc.one(DOCUMENTS.operation, &parameter).await?;
        let documents = answer.and_then(|answer| answer.documents).unwrap_or_default();
        match documents.into_iter().find(|document| document.recno.0 == recno) {
            Some(document) => found.push(document),
            None => drop(missing.insert(recno)),
        }
    }
    let mut fetched = read(rpc, settings, found).await?;
    // Of any other that is gone it is not known what it told.
    for recno in missing.intersection(waiting) {
        let gone = "går inte längre att läsa i diariet. Är den borttagen glöms den med arvode sync --full.";
        fetched.wait(*recno, format!("handling med recno {recno}: {gone}"));
    }
    Ok(fetched)
}

fn search(settings: &Public360Settings) -> Map<String, Value> {
    let mut parameter = Map::new();
    let texts = [
        ("DocumentArchive", &settings.archive),
        ("SubArchive", &settings.sub_archive),
        ("ArchiveCode", &settings.archive_code),
        ("RecordType", &settings.record_type),
    ];
    for (key, text) in texts {
        parameter.extend(text.clone().map(|text| (key.to_owned(), text.into())));
    }
    parameter.insert("IncludeFiles".to_owned(), true.into());
    parameter.insert("IncludeFileData".to_owned(), false.into());
    parameter.insert("SortingCriterion".to_owned(), "RecnoDescending".into());
    parameter
}

async fn read(rpc: &mut Rpc, settings: &Public360Settings, found: Vec<Document>) -> Result<Fetched, Fault> {
    let mut fetched = Fetched::default();
    for document in found {
        let category = document.category.as_ref();
        let words = category.map_or([None, None], |known| [known.code.as_deref(), known.description.as_deref()]);
        if settings.wants(document.title.as_deref().unwrap_or_default(), words) {
            read_one(rpc, settings, &document, &mut fetched).await?;
        }
    }
    Ok(fetched)
}

async fn read_one(
    rpc: &mut Rpc,
    settings: &Public360Settings,
    document: &Document,
    fetched: &mut Fetched,
) -> Result<(), Fault> {
    let recno = document.recno.0;
    let number = document.document_number.as_deref().map(str::trim).filter(|number| !number.is_empty());
    let name = number.map_or_else(|| format!("handling med recno {recno}"), |number| format!("handling {number}"));
    fetched.names.insert(name.clone(), recno);
    let entries = document.files.as_deref().unwrap_or_default();
    let wanted: Vec<(&FileEntry, String)> = entries
        .iter()
        .map(|entry| (entry, format_of(entry)))
        .filter(|(_, format)| settings.formats.contains(format))
        .collect();
    if wanted.is_empty() {
        fetched.wait(recno, format!("{}: {}", shown(&name), no_file(entries, settings)));
    }
    for (entry, format) in wanted {
        if !fetched.asked.insert(entry.recno.0) {
            continue;
        }
        let parameter = json!({ "Recno": entry.recno.0, "IncludeFileData": true });
        let answer: Option<FileAnswer> = rpc.one(FILE, &parameter).await?;
        let data = answer.and_then(|answer| answer.file?.base64_data).unwrap_or_default();
        match content(&data) {
            Ok(content) if format == "xml" => {
                if !fetched.gathered.add(&name, &content) {
                    fetched.waiting.insert(recno);
                }
            }
            Ok(content) => {
                let name = file_name(number, (recno, entry.recno.0), &format);
                fetched.files.push(AttachedFile { name, content });
            }
            Err(wrong) => fetched.wait(recno, format!("{}: {wrong}", shown(&name))),
        }
    }
    Ok(())
}

impl Fetched {
    fn wait(&mut self, recno: u64, note: String) {
        self.waiting.insert(recno);
        self.gathered.leave(note);
    }
}

fn format_of(entry: &FileEntry) -> String {
    entry.format.as_deref().unwrap_or_default().trim().trim_start_matches('.').to_lowercase()
}

fn no_file(entries: &[FileEntry], settings: &Public360Settings) -> String {
    let wanted = settings.formats.join(", ");
    let has: BTreeSet<String> = entries.iter().map(|entry| shown(&format_of(entry))).collect();
    let has: Vec<String> = has.into_iter().filter(|format| !format.is_empty()).collect();
    match has.as_slice() {
        [] => format!("handlingen har ingen fil. Lägg till närvaron som fil ({wanted}) i diariet."),
        has => {
            format!("handlingen har bara filer som inte läses ({}). Lägg till närvaron som {wanted}.", has.join(", "))
        }
    }
}

fn content(data: &str) -> Result<Vec<u8>, &'static str> {
    let data: String = data.split_whitespace().collect();
    if data.is_empty() {
        return Err("filen har inget innehåll, eller får inte läsas från diariet. Lägg in den på nytt där.");
    }
    STANDARD
        .decode(data)
        .map_err(|_| "filen kom inte hel (dess Base64 är avbruten eller skadad). Den hämtas igen nästa gång.")
}

/// A name that says where the workbook came from, and never what is in its title.
fn file_name(number: Option<&str>, (document, file): (u64, u64), format: &str) -> String {
    let number = number.map_or_else(|| format!("recno {document}"), str::to_owned);
    let is_plain = |letter: char| letter.is_alphanumeric() || " -_.".contains(letter);
    let plain: String = number.chars().take(60).map(|letter| if is_plain(letter) { letter } else { '-' }).collect();
    format!("{plain} ({file}).{format}")
}
