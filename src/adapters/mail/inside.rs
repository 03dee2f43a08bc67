//! What stands in the files that go with a letter, for the last look before it leaves.

use std::io::{Cursor, Read as _};

use crate::calendar::Day;
use crate::domain::without_numbers;
use crate::ports::LetterFile;

/// More text than any workbook of ours holds.
const MOST_BYTES: u64 = 64 << 20;

/// Whether a workbook that goes with a letter holds a number of a person as text.
pub(super) fn has_number(files: &[LetterFile]) -> bool {
    let texts = files.iter().filter(|file| file.media_type.contains("spreadsheetml")).filter_map(texts);
    texts.into_iter().any(|text| without_numbers(&text, Day::MAX) != text)
}

/// The texts of a workbook's cells.
fn texts(file: &LetterFile) -> Option<String> {
    let mut container = zip::ZipArchive::new(Cursor::new(file.content.as_slice())).ok()?;
    let mut text = String::new();
    let part = container.by_name("xl/sharedStrings.xml").ok()?;
    part.take(MOST_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}
