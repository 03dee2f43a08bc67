//! Which documents of a Public 360 hold attendance, and which contacts are elected.

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Public360Settings {
    /// `DocumentArchive` of the search, as the archive's code table has it.
    pub archive: Option<String>,
    /// `SubArchive` of the search.
    pub sub_archive: Option<String>,
    /// `ArchiveCode` of the search.
    pub archive_code: Option<String>,
    /// `RecordType` of the search.
    pub record_type: Option<String>,
    /// Titles of documents, with `*` for anything; any title if there is none.
    pub title: Vec<String>,
    /// Codes or words of documents' categories; any category if there is none.
    pub category: Vec<String>,
    /// Formats of files that are read, in lower case.
    pub formats: Vec<String>,
    /// Categories of private persons who are elected; without any, no person is asked for.
    pub person_categories: Vec<String>,
    /// Categories of enterprises that are organ; without any, none is asked for.
    pub organ_categories: Vec<String>,
}

impl Public360Settings {
    /// Whether a document is one of those that hold attendance.
    pub(super) fn wants(&self, title: &str, category: [Option<&str>; 2]) -> bool {
        let is_titled = self.title.is_empty() || self.title.iter().any(|pattern| is_like(title, pattern));
        let is_of =
            |wanted: &String| category.iter().flatten().any(|word| word.to_lowercase() == wanted.to_lowercase());
        is_titled && (self.category.is_empty() || self.category.iter().any(is_of))
    }
}

/// Upper and lower case are the same; `*` is anything.
fn is_like(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.trim().to_lowercase(), pattern.trim().to_lowercase());
    let Some((first, others)) = pattern.split_once('*') else { return text == pattern };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = others.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_with_anything_in_them() {
        for (text, pattern, expect) in [
            ("Protokoll KS 2026-10-14", "protokoll*", true),
            ("Utdrag ur protokoll", "protokoll*", false),
            ("Utdrag ur protokoll", "*protokoll", true),
            ("Protokoll med närvaro, justerat", "protokoll*närvaro*", true),
            ("Protokoll", "protokoll", true),
            ("Protokoll 2", "protokoll", false),
            ("aba", "ab*ba", false),
            ("x", "*", true),
        ] {
            assert_eq!(is_like(text, pattern), expect, "{text} {pattern}");
        }
    }
}
