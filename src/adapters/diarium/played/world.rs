//! The files of a folder in memory.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

use serde_json::Value;

const FILES_MAX: usize = 2000;
const BYTES_MAX: u64 = 64 << 20;
/// Stands for the server's address.
const PLACEHOLDER: &str = "{base}";

/// A file.
pub(super) enum Content {
    /// JSON.
    Json(Value),
    /// Anything else, as it is.
    Bytes(Vec<u8>),
}

/// Files by their path in the folder, with `/` between its parts.
pub(super) struct World {
    files: BTreeMap<String, Content>,
}

impl World {
    /// Reads a folder and the folders in it.
    pub(super) fn read(folder: &Path, base: &str) -> Result<World> {
        let mut files = BTreeMap::new();
        let mut bytes_left = BYTES_MAX;
        let mut folders = vec![(folder.to_owned(), String::new())];
        while let Some((folder, name)) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let name = format!("{name}{}", entry.file_name().to_string_lossy());
                if entry.file_type()?.is_dir() {
                    folders.push((entry.path(), format!("{name}/")));
                    continue;
                }
                let size = entry.metadata()?.len();
                bytes_left = bytes_left.checked_sub(size).filter(|_| files.len() < FILES_MAX).ok_or_else(|| {
                    Error::new(ErrorKind::InvalidData, format!("{name}: the folder is too large to be played"))
                })?;
                let content = content(&name, fs::read(entry.path())?, base)?;
                files.insert(name, content);
            }
        }
        Ok(World { files })
    }

    /// A file.
    pub(super) fn file(&self, name: &str) -> Option<&Content> {
        self.files.get(name)
    }

    /// A file of JSON, to be changed.
    pub(super) fn json(&mut self, name: &str) -> Option<&mut Value> {
        match self.files.get_mut(name)? {
            Content::Json(value) => Some(value),
            Content::Bytes(_) => None,
        }
    }

    /// The names of the files right in a folder.
    pub(super) fn names_in(&self, folder: &str) -> Vec<&str> {
        let inside = |name: &&String| name.strip_prefix(folder).is_some_and(|name| !name.contains('/'));
        self.files.keys().filter(inside).map(String::as_str).collect()
    }

    /// The object of a folder's lists that has an id.
    pub(super) fn object(&self, folder: &str, id: &str) -> Option<&Value> {
        let lists = self.files.iter().filter(|(name, _)| name.starts_with(folder));
        lists
            .filter_map(|(_, content)| if let Content::Json(Value::Array(list)) = content { Some(list) } else { None })
            .flatten()
            .find(|object| object.get("id").and_then(Value::as_str) == Some(id))
    }
}

fn content(name: &str, bytes: Vec<u8>, base: &str) -> Result<Content> {
    let wrong = |why: String| Error::new(ErrorKind::InvalidData, format!("{name}: {why}"));
    if name.ends_with(".json") {
        let text = String::from_utf8(bytes).map_err(|error| wrong(error.to_string()))?;
        let value = serde_json::from_str(&text.replace(PLACEHOLDER, base)).map_err(|error| wrong(error.to_string()))?;
        return Ok(Content::Json(value));
    }
    if name.ends_with(".xml") || name.ends_with(".html") {
        if let Ok(text) = std::str::from_utf8(&bytes) {
            return Ok(Content::Bytes(text.replace(PLACEHOLDER, base).into_bytes()));
        }
    }
    Ok(Content::Bytes(bytes))
}
