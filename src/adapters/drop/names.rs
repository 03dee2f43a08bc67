//! Names in the drop folder: which are no matter of ours, and how a name is shown and kept.

use std::ffi::OsStr;

/// Endings of names under which something is still being written.
const TEMPORARY: [&str; 7] = ["tmp", "temp", "part", "partial", "crdownload", "download", "filepart"];

/// What systems leave in folders that are looked at from a desktop.
const LITTER: [&str; 2] = ["thumbs.db", "desktop.ini"];

/// Lock files and unfinished files of other programs, and all that is hidden.
pub(super) fn is_no_matter_of_ours(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    name.starts_with('.')
        || name.starts_with("~$")
        || LITTER.contains(&name.as_str())
        || ending.is_some_and(|ending| TEMPORARY.contains(&ending))
        || is_half_saved(&name)
}

/// Excel saves under eight hexadecimal digits first, and gives the file its name at the end.
fn is_half_saved(name: &str) -> bool {
    name.len() == 8
        && name.bytes().all(|byte| byte.is_ascii_hexdigit())
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// A name as text without control characters, and without those that turn a text around.
pub(super) fn readable(name: &OsStr) -> String {
    let is_invisible = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    name.to_string_lossy().chars().map(|letter| if is_invisible(letter) { '_' } else { letter }).collect()
}

/// Bytes of a name that is kept; names that are added to it still fit.
const LONGEST_BYTES: usize = 180;

/// A name under which a file may be kept, on any system: no parts of a path, no hidden name, not too long.
pub(super) fn safe(name: &str) -> String {
    let is_special = |letter: char| matches!(letter, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{fffd}');
    let plain: String = name.chars().map(|letter| if is_special(letter) { '_' } else { letter }).collect();
    let plain = plain.trim().trim_start_matches(['.', '-', '~']).trim_end_matches(['.', ' ']);
    let (stem, ending) = split(plain);
    let mut length = stem.len().min(LONGEST_BYTES);
    while !stem.is_char_boundary(length) {
        length -= 1;
    }
    let stem = stem.get(..length).unwrap_or_default();
    if stem.is_empty() { format!("fil{ending}") } else { format!("{stem}{ending}") }
}

/// The same name once more: `lista.xlsx`, `lista (2).xlsx`, …
pub(super) fn numbered(name: &str, number: u32) -> String {
    if number < 2 {
        return name.to_owned();
    }
    let (stem, ending) = split(name);
    format!("{stem} ({number}){ending}")
}

/// A name and its ending with the dot, if it has one of usual length.
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if name.len() - at <= 10 => name.split_at(at),
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_files_and_temporary_names_are_left_alone() {
        for name in [
            "~$lista.xlsx",
            ".dold.xlsx",
            ".~lock.lista.xlsx#",
            "lista.xlsx.part",
            "L.XLSX.TMP",
            "1A2B3C4D",
            "Thumbs.db",
        ] {
            assert!(is_no_matter_of_ours(OsStr::new(name)), "{name}");
        }
        for name in ["lista.xlsx", "20261014", "närvaro", "tmp.xlsx", "~lista.xlsx"] {
            assert!(!is_no_matter_of_ours(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn a_name_is_made_safe_and_stays_the_name() {
        let check = |name: &str, expected: &str| assert_eq!(safe(name), expected, "{name}");
        check("närvaro KS.xlsx", "närvaro KS.xlsx");
        check("..\\..\\etc\\passwd", "_.._etc_passwd");
        check("...", "fil");
        check("-rf.xlsx", "rf.xlsx");
        let long = safe(&format!("{}.xlsx", "å".repeat(200)));
        assert!(long.len() <= 190 && long.ends_with("å.xlsx"), "{long}");
        assert_eq!(numbered("a.xlsx", 1), "a.xlsx");
        assert_eq!(numbered("a.xlsx", 3), "a (3).xlsx");
        assert_eq!(numbered("utan", 2), "utan (2)");
        assert_eq!(readable(OsStr::new("a\u{1b}[31m\u{202e}\n.xlsx")), "a_[31m__.xlsx");
    }
}
