//! `[[diarium]]`: one table for each source of meetings and attendance.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::diarium_auth::read_auth;
use super::diarium_public360::read_public360;
use super::diarium_rest::read_rest;
use crate::adapters::diarium::public360::Public360Settings;
use crate::adapters::diarium::rest::RestSettings;
use crate::adapters::http::{ClientCertificate, HttpSettings, Limits, checked_address};
use crate::domain::{Roll, folded};
use crate::regelverk::reader::Table;

/// One source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiariumSettings {
    /// Its name, under which records, remarks and aliases stand.
    pub name: String,
    /// How it is read.
    pub adapter: AdapterKind,
    /// How it is spoken to; its `url` is empty where files are put into a folder.
    pub http: HttpSettings,
    /// Where its files are put, counted from the data folder.
    pub folder: Option<PathBuf>,
    /// Where it and a list both tell of a meeting, its attendance goes before the list's.
    pub goes_before_lists: bool,
    /// Ids and names of its organ, each with an organ of ours.
    pub organ: BTreeMap<String, String>,
    /// Its words for roles.
    pub roles: BTreeMap<String, Roll>,
    /// So much before the cursor is asked for once more.
    pub overlap: Duration,
    /// So many per cent of what is known may be missing from a whole list.
    pub vanished_percent: u32,
    /// What a JSON API of any form looks like.
    pub rest: Option<RestSettings>,
    /// Which documents of a Public 360 hold attendance.
    pub public360: Option<Public360Settings>,
}

impl DiariumSettings {
    /// An OParl source of which only name and address are said.
    pub fn oparl(name: &str, url: &str) -> DiariumSettings {
        let http = HttpSettings { name: name.to_owned(), url: url.to_owned(), ..HttpSettings::default() };
        DiariumSettings {
            name: name.to_owned(),
            adapter: AdapterKind::Oparl,
            http,
            folder: None,
            goes_before_lists: false,
            organ: BTreeMap::new(),
            roles: BTreeMap::new(),
            overlap: Duration::from_secs(OVERLAP_HOURS * 60 * 60),
            vanished_percent: u32::try_from(VANISHED_PERCENT).unwrap_or_default(),
            rest: None,
            public360: None,
        }
    }
}

/// How a source is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdapterKind {
    /// OParl 1.0 and 1.1.
    Oparl,
    /// SVK-MOTE files.
    SvkMote,
    /// Public 360 SIF RPC.
    Public360,
    /// Any JSON API.
    Rest,
}

const ADAPTERS: [(&str, AdapterKind); 4] = [
    ("oparl", AdapterKind::Oparl),
    ("svk-mote", AdapterKind::SvkMote),
    ("public360", AdapterKind::Public360),
    ("rest", AdapterKind::Rest),
];

impl AdapterKind {
    /// As the settings write it.
    pub fn word(self) -> &'static str {
        ADAPTERS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

/// Where nothing is said.
const OVERLAP_HOURS: u64 = 24;
const VANISHED_PERCENT: u64 = 2;

/// Reads one source after those that stand before it.
pub(super) fn read_diarium(known: &[DiariumSettings], table: &Table<'_>) -> Option<DiariumSettings> {
    let name = table.required_text("name").filter(|name| is_name(known, name, table));
    let adapter = table.required_choice("adapter", &ADAPTERS);
    let folder = read_folder(adapter, table);
    let http = read_http(name.as_deref().unwrap_or_default(), folder.is_none(), table);
    let precedence = table.choice("precedence", &[("excel", false), ("diarium", true)]);
    let overlap = within(table, "overlap_hours", 0, 24 * 31).unwrap_or(OVERLAP_HOURS);
    let vanished = within(table, "vanished_percent", 0, 100).unwrap_or(VANISHED_PERCENT);
    let (organ, roles) = (read_organ(table), read_roles(table));
    let rest = read_rest(adapter == Some(AdapterKind::Rest), table);
    let public360 = read_public360(adapter == Some(AdapterKind::Public360), table);
    Some(DiariumSettings {
        name: name?,
        adapter: adapter?,
        http: http?,
        folder,
        goes_before_lists: precedence.unwrap_or(false),
        organ,
        roles,
        overlap: Duration::from_secs(overlap * 60 * 60),
        vanished_percent: u32::try_from(vanished).unwrap_or_default(),
        rest,
        public360,
    })
}

/// Aliases and cursors stand under the name: it is short, plain, and no other source's.
fn is_name(known: &[DiariumSettings], name: &str, table: &Table<'_>) -> bool {
    let is_plain = |letter: char| letter.is_alphanumeric() || " .-_".contains(letter);
    if name.chars().count() > 60 || name.trim() != name || !name.chars().all(is_plain) {
        let allowed = "at most 60 letters, digits, spaces, dots, - and _";
        table.wrong("name", &format!("\"{name}\""), allowed);
        return false;
    }
    if known.iter().any(|other| folded(&other.name) == folded(name)) {
        table.wrong("name", &format!("a second [[diarium]] \"{name}\""), "a name of its own for each source");
        return false;
    }
    true
}

/// Only files of SVK-MOTE come by folder; then there is no address.
fn read_folder(adapter: Option<AdapterKind>, table: &Table<'_>) -> Option<PathBuf> {
    let folder = table.text("folder").filter(|folder| !folder.trim().is_empty())?;
    if adapter.is_some_and(|adapter| adapter != AdapterKind::SvkMote) {
        table.wrong("folder", "`folder`", "only with adapter = \"svk-mote\"");
    } else if table.has("url") {
        table.wrong("folder", "both `folder` and `url`", "one of them");
    }
    Some(PathBuf::from(folder))
}

fn read_http(name: &str, needs_url: bool, table: &Table<'_>) -> Option<HttpSettings> {
    let url = match needs_url {
        true => table.required_text("url"),
        false => table.text("url"),
    };
    let url = url.map(|url| url.trim().to_owned());
    let is_right = url.as_deref().filter(|url| !url.is_empty()).is_none_or(|url| is_address("url", url, table));
    let auth = read_auth(table);
    let ca_file = table.text("ca_file").map(PathBuf::from);
    let proxy = table.text("proxy").filter(|proxy| !proxy.trim().is_empty());
    let (headers, limits) = (read_headers(table), read_limits(table));
    let certificate = read_certificate(table);
    if needs_url && !(url.is_some() && is_right) {
        return None;
    }
    let (name, url) = (name.to_owned(), url.unwrap_or_default());
    Some(HttpSettings { name, url, auth: auth?, headers, certificate, ca_file, proxy, limits })
}

/// Whether an address may be spoken to; what is wrong with it is noted.
pub(super) fn is_address(key: &'static str, text: &str, table: &Table<'_>) -> bool {
    let wrong = checked_address(text).err();
    if let Some(what) = &wrong {
        table.wrong(key, what, "https://…, or http:// to this machine itself (127.0.0.1)");
    }
    wrong.is_none()
}

fn read_certificate(table: &Table<'_>) -> Option<ClientCertificate> {
    let key_file = table.text("certificate_key_file").map(PathBuf::from);
    let file = table.text("certificate_file").map(PathBuf::from);
    if file.is_none() && key_file.is_some() {
        table.wrong("certificate_key_file", "a key without a certificate", "`certificate_file` beside it");
    }
    file.map(|file| ClientCertificate { file, key_file })
}

/// Credentials have settings of their own, which keep them out of this file.
fn read_headers(table: &Table<'_>) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    table.table("headers", |table| headers = table.free_texts());
    let is_secret = |name: &str| ["authorization", "cookie", "proxy-authorization"].contains(&name);
    if headers.iter().any(|(name, _)| is_secret(&name.to_ascii_lowercase())) {
        table.wrong(
            "headers",
            "a header with credentials",
            "`bearer_file`, `basic_user` or `api_key_file` for secrets",
        );
    }
    headers
}

fn read_limits(table: &Table<'_>) -> Limits {
    let shipped = Limits::default();
    let whole = |key, least, most, shipped: u64| within(table, key, least, most).unwrap_or(shipped);
    let seconds = |key, most, shipped: Duration| Duration::from_secs(whole(key, 1, most, shipped.as_secs()));
    Limits {
        answer_bytes: whole("answer_mib", 1, 1024, shipped.answer_bytes >> 20) << 20,
        sync_bytes: whole("sync_mib", 1, 64 * 1024, shipped.sync_bytes >> 20) << 20,
        pages: whole("pages", 1, 1_000_000, shipped.pages),
        request: seconds("request_seconds", 600, shipped.request),
        sync: Duration::from_secs(60 * whole("sync_minutes", 1, 24 * 60, shipped.sync.as_secs() / 60)),
        tries: u32::try_from(whole("tries", 1, 20, u64::from(shipped.tries))).unwrap_or(shipped.tries),
        retry_after: seconds("retry_after_seconds", 60 * 60, shipped.retry_after),
    }
}

/// A whole number within bounds, if the key is there.
pub(super) fn within(table: &Table<'_>, key: &'static str, least: u64, most: u64) -> Option<u64> {
    let number = table.whole(key)?;
    if !(least..=most).contains(&number) {
        table.wrong(key, &format!("`{number}`"), &format!("a whole number from {least} to {most}"));
        return None;
    }
    Some(number)
}

fn read_organ(table: &Table<'_>) -> BTreeMap<String, String> {
    let mut organ = BTreeMap::new();
    table.table("organ", |table| {
        for (theirs, ours) in table.free_texts() {
            if ours.trim().is_empty() {
                table.wrong(
                    &theirs,
                    "an organ without content",
                    "the code or name of an organ in regelverk/organ.toml",
                );
            }
            organ.insert(theirs, ours);
        }
    });
    organ
}

fn read_roles(table: &Table<'_>) -> BTreeMap<String, Roll> {
    let mut roles = BTreeMap::new();
    table.table("roles", |table| {
        for (theirs, ours) in table.free_texts() {
            match folded(&ours).as_str() {
                "ledamot" => drop(roles.insert(theirs, Roll::Ledamot)),
                "ersattare" => drop(roles.insert(theirs, Roll::Ersattare)),
                _ => table.wrong(&theirs, &format!("\"{ours}\""), "\"ledamot\" or \"ersattare\""),
            }
        }
    });
    roles
}
