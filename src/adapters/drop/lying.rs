//! What lies in the folders, as `status` counts it: nothing is opened and nothing is changed.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{Places, names, text_name};

/// What lies in the folders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lying {
    /// Files in the drop folder.
    pub waiting: u32,
    /// For how long the oldest of them has lain there, in milliseconds.
    pub oldest_ms: Option<i64>,
    /// Files that could not be used.
    pub rejected: u32,
    /// Workbooks to be mended or filled in.
    pub to_mend: u32,
}

/// Counts what lies in the folders; a folder that is away holds nothing, which other places tell.
pub fn lying(places: &Places, now_ms: i64) -> Lying {
    let mut lying = Lying::default();
    for (name, about) in files(&places.folder) {
        if !names::is_no_matter_of_ours(&name) {
            // When it came into the folder: what a file says of its own age came with it.
            let came_ms = about.ctime().saturating_mul(1000);
            lying.waiting += 1;
            lying.oldest_ms = lying.oldest_ms.max(Some(now_ms.saturating_sub(came_ms).max(0)));
        }
    }
    let rejected: HashSet<String> =
        files(&places.rejected).into_iter().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
    let has_text = |name: &String| rejected.contains(&text_name(name));
    let is_text = |name: &String| name.strip_suffix(".txt").is_some_and(|of| rejected.contains(of));
    for name in rejected.iter().filter(|name| !name.starts_with('.')) {
        if has_text(name) {
            lying.rejected += 1;
        } else if !is_text(name) {
            lying.to_mend += 1;
        }
    }
    lying
}

fn files(folder: &Path) -> Vec<(OsString, fs::Metadata)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let about = |entry: fs::DirEntry| entry.metadata().ok().map(|about| (entry.file_name(), about));
    entries.filter_map(|entry| entry.ok().and_then(about)).filter(|(_, about)| about.is_file()).collect()
}
