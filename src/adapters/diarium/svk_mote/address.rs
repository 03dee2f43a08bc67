//! Minutes at an address: the file itself, or a page with links to files, as a web server lists a folder.

use std::collections::BTreeSet;

use super::gathered::Gathered;
use super::wire::ROOT;
use crate::adapters::http::{Answer, Http};
use crate::domain::{Fault, shown};

/// More files than all meetings of a region in ten years.
const FILES: usize = 20_000;
/// What a file is shows within so many bytes.
const HEAD_BYTES: usize = 4096;

/// Asks for everything that the address leads to.
pub(super) async fn read(http: &mut Http, url: &str) -> Result<Gathered, Fault> {
    let mut gathered = Gathered::default();
    let (mut page, mut files) = (Some(url.to_owned()), BTreeSet::new());
    while let Some(url) = page.take() {
        let answer = http.get(&url).await?;
        if !(200..300).contains(&answer.status) {
            let name = http.name();
            return Err(Fault::Input(format!("{name}: answered {}; see `url`", answer.status)));
        }
        if is_file(&answer.body) {
            gathered.add(name_in(&answer.url), &answer.body);
            return Ok(gathered);
        }
        for link in links(&answer.body) {
            files.insert(http.joined(&answer.url, &link)?);
        }
        if files.len() > FILES {
            let name = http.name();
            return Err(Fault::Refused(format!("{name}: links to more than {FILES} files; move old ones away")));
        }
        page = next(http, &answer)?;
    }
    if files.is_empty() {
        gathered.note("Sidan har inga länkar till XML-filer.".to_owned());
    }
    for file in files {
        let answer = http.get(&file).await?;
        match answer.status {
            200..300 => {
                gathered.add(name_in(&file), &answer.body);
            }
            404 | 410 => {
                gathered.note(format!("{}: filen finns i listan, men inte på servern.", shown(name_in(&file))))
            }
            status => {
                let name = http.name();
                return Err(Fault::Temporary(format!("{name}: answered {status} for a file that it links to")));
            }
        }
    }
    Ok(gathered)
}

fn next(http: &Http, answer: &Answer) -> Result<Option<String>, Fault> {
    answer.link_next.as_ref().map(|link| http.joined(&answer.url, link)).transpose()
}

/// The file itself, or something that must be refused as one; pages and plain lists have links.
fn is_file(body: &[u8]) -> bool {
    let head = head(body);
    if head.contains('\0') || head.contains(ROOT) {
        return true;
    }
    let is_list = || links(body).iter().all(|link| !link.contains(char::is_whitespace)) && !links(body).is_empty();
    !is_page(&head) && !is_list()
}

fn head(body: &[u8]) -> String {
    let head = body.get(..HEAD_BYTES.min(body.len())).unwrap_or_default();
    String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_owned()
}

fn is_page(head: &str) -> bool {
    let head = head.to_lowercase();
    ["<!doctype html", "<html", "<head", "<body", "<pre", "<ul", "<table", "<a "].iter().any(|tag| head.contains(tag))
}

/// Links to XML files: of a page its `href`s, else each line.
fn links(body: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(body);
    let all: Vec<String> = match is_page(&head(body)) {
        true => hrefs(&text),
        false => text.trim_start_matches('\u{feff}').lines().map(|line| line.trim().to_owned()).collect(),
    };
    all.into_iter().filter(|link| is_xml(link)).collect()
}

fn is_xml(link: &str) -> bool {
    let path = link.split(['?', '#']).next().unwrap_or_default();
    path.to_lowercase().ends_with(".xml")
}

fn hrefs(text: &str) -> Vec<String> {
    // Lower case of the same length: places in it are places in the text.
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for (place, word) in lower.match_indices("href") {
        let after = text.get(place + word.len()..).unwrap_or_default().trim_start();
        let Some(value) = after.strip_prefix('=').map(str::trim_start) else { continue };
        let quote = value.chars().next().filter(|letter| ['"', '\''].contains(letter));
        let link = match quote {
            Some(quote) => value.get(1..).and_then(|rest| rest.split_once(quote)).map(|(link, _)| link),
            None => value.split([' ', '\t', '\n', '\r', '>']).next(),
        };
        found.extend(link.map(|link| link.trim().replace("&amp;", "&")));
    }
    found
}

/// The last part of an address, without its query.
fn name_in(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}
