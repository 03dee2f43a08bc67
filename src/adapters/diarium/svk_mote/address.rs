//! Minutes at an address: the file itself, or a page with links to files, as a web server lists a folder.

use std::collections::BTreeSet;

use super::gathered::Gathered;
use super::wire::ROOT;
use crate::adapters::http::{Answer, Http};
use crate::domain::{Fault, shown};

/// More files than all meetings of a region in ten years.
const FILES: usize = 20_000;
/// No address is longer.
const LINK_BYTES: usize = 4096;
/// What a file is shows within so many bytes.
const HEAD_BYTES: usize = 4096;

/// Asks for everything that the address leads to.
pub(super) async fn read(http: &mut Http, url: &str) -> Result<Gathered, Fault> {
    let mut gathered = Gathered::default();
    let (mut page, mut files, mut is_first) = (Some(url.to_owned()), BTreeSet::new(), true);
    while let Some(url) = page.take() {
        let answer = http.get(&url).await?;
        if !(200..300).contains(&answer.status) {
            let name = http.name();
            return Err(Fault::Input(format!("{name}: answered {}; see `url`", answer.status)));
        }
        let Some(links) = links(&answer.body) else {
            if !is_first {
                let name = http.name();
                return Err(Fault::Temporary(format!(
                    "{name}: the list of files goes on with something that is no list"
                )));
            }
            gathered.add(name_in(&answer.url), &answer.body);
            return Ok(gathered);
        };
        if files.len() + links.len() > FILES {
            let name = http.name();
            return Err(Fault::Refused(format!("{name}: links to more than {FILES} files; move old ones away")));
        }
        for link in links {
            files.insert(http.joined(&answer.url, &link)?);
        }
        (page, is_first) = (next(http, &answer)?, false);
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
                gathered.leave(format!("{}: filen finns i listan, men inte på servern.", shown(name_in(&file))))
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

/// Links to XML files: of a page its `href`s, of a plain list its lines. None where it is a file itself, or something that
/// must be refused as one.
fn links(body: &[u8]) -> Option<BTreeSet<String>> {
    let head = head(body);
    if head.contains('\0') || head.contains(ROOT) {
        return None;
    }
    let text = String::from_utf8_lossy(body);
    if is_page(&head) {
        return Some(hrefs(&text).into_iter().filter(|link| is_xml(link)).collect());
    }
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim).filter(|line| is_xml(line));
    let found: BTreeSet<String> = lines.map(str::to_owned).collect();
    let is_list = !found.is_empty() && !found.iter().any(|link| link.contains(char::is_whitespace));
    is_list.then_some(found)
}

fn head(body: &[u8]) -> String {
    let head = body.get(..HEAD_BYTES.min(body.len())).unwrap_or_default();
    String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_owned()
}

fn is_page(head: &str) -> bool {
    let head = head.to_lowercase();
    ["<!doctype html", "<html", "<head", "<body", "<pre", "<ul", "<table", "<a "].iter().any(|tag| head.contains(tag))
}

fn is_xml(link: &str) -> bool {
    let path = link.split(['?', '#']).next().unwrap_or_default();
    path.to_lowercase().ends_with(".xml")
}

/// Each letter is looked at a few times at most, whatever the page holds.
fn hrefs(text: &str) -> Vec<String> {
    // Lower case of the same length: places in it are places in the text.
    let lower = text.to_ascii_lowercase();
    let (mut found, mut place) = (Vec::new(), 0);
    while let Some(at) = lower.get(place..).and_then(|rest| rest.find(HREF)) {
        place += at + HREF.len();
        let after = text.get(place..).unwrap_or_default();
        let Some(value) = after.trim_start().strip_prefix('=').map(str::trim_start) else { continue };
        let quoted = value.strip_prefix(['"', '\'']);
        let link = match (quoted, value.chars().next()) {
            (Some(rest), Some(quote)) => rest.split(quote).next(),
            _ => value.split([' ', '\t', '\n', '\r', '>']).next(),
        };
        let link = link.unwrap_or_default();
        place += link.len();
        if link.len() <= LINK_BYTES {
            found.push(link.trim().replace("&amp;", "&"));
        }
    }
    found
}

const HREF: &str = "href";

/// The last part of an address, without its query.
fn name_in(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}
