//! A kommun's own forms: how each is recognised, and what its columns and words mean.

use std::collections::BTreeMap;

use super::columns::{FORMS, Field, Form, form};
use super::headers::{HeadRow, Headers, Layout};
use crate::domain::{folded, without_brackets};
use crate::ports::SheetKind;

/// What a kommun has said of its own forms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnForms {
    /// Hidden and filtered rows are held; otherwise they are read as the others, and named.
    pub holds_hidden_rows: bool,
    /// The forms, in order: the first that fits a sheet is used.
    pub profiles: Vec<Profile>,
}

/// One form of a kommun's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// By which the import's notes name it.
    pub name: String,
    /// The file's name, where `*` stands for anything.
    pub file: Option<String>,
    /// The sheet's name, where `*` stands for anything.
    pub sheet: Option<String>,
    /// Headers that must all stand in one row.
    pub headers: Vec<String>,
    /// Which of our forms it is.
    pub kind: SheetKind,
    /// The header's row, as Excel shows it.
    pub header_row: Option<u32>,
    /// Its headers, and our columns.
    pub columns: BTreeMap<String, String>,
    /// Our columns, and what every row says where the form lacks them.
    pub fixed: Vec<(String, String)>,
    /// Our columns, a word as written, and what it stands for.
    pub words: Vec<(String, String, String)>,
}

/// The name under which the marks of a matrix have words of their own.
pub const MARKS: &str = "Närvaro";

impl Profile {
    /// The profile in force for a sheet.
    pub fn of<'p>(profiles: &'p [Profile], file: &str, sheet: &str, head: &[HeadRow]) -> Option<&'p Profile> {
        profiles.iter().find(|profile| profile.fits(file, sheet, head))
    }

    fn fits(&self, file: &str, sheet: &str, head: &[HeadRow]) -> bool {
        self.file.as_ref().is_none_or(|pattern| matches(pattern, file))
            && self.sheet.as_ref().is_none_or(|pattern| matches(pattern, sheet))
            && (self.headers.is_empty() || head.iter().any(|row| self.may_head(row)))
    }

    /// Whether a row may be the header: the row that is named, with all the headers that are named.
    fn may_head(&self, (row, cells): &HeadRow) -> bool {
        let has = |wanted: &String| cells.iter().any(|(_, text)| folded(text) == folded(wanted));
        self.header_row.is_none_or(|wanted| wanted == *row) && self.headers.iter().all(has)
    }

    /// Where the columns of the form are; what is missing is told by the layout.
    pub fn layout(&self, headers: &Headers, head: &[HeadRow]) -> Option<Layout> {
        let rows = head.iter().filter(|row| self.may_head(row));
        let mut layout = headers.find_of(self.kind, rows)?;
        layout.fixed = self.fixed.iter().filter_map(|(name, text)| Some((self.field(name)?, text.clone()))).collect();
        layout.words = self.words();
        Some(layout)
    }

    /// What a column of the form is called in the program.
    fn field(&self, name: &str) -> Option<Field> {
        field_of(form(self.kind), name)
    }

    /// What every row says under a column that the form lacks.
    pub fn fixed_text(&self, field: Field) -> Option<&str> {
        self.fixed.iter().find(|(name, _)| self.field(name) == Some(field)).map(|(_, text)| text.as_str())
    }

    fn words(&self) -> Vec<(Field, BTreeMap<String, String>)> {
        let mut words: Vec<(Field, BTreeMap<String, String>)> = Vec::new();
        for (name, written, means) in &self.words {
            let Some(field) = self.field(name) else { continue };
            let entry = (folded(written), means.clone());
            match words.iter_mut().find(|(known, _)| *known == field) {
                Some((_, words)) => drop(words.insert(entry.0, entry.1)),
                None => words.push((field, BTreeMap::from([entry]))),
            }
        }
        words
    }

    /// The words of a matrix's marks.
    pub fn marks(&self) -> BTreeMap<String, String> {
        let of_marks = self.words.iter().filter(|(name, _, _)| folded(name) == folded(MARKS));
        of_marks.map(|(_, written, means)| (folded(written), means.clone())).collect()
    }
}

/// Whether a kind of sheet has a column of this name.
pub fn is_column_of(kind: SheetKind, name: &str) -> bool {
    field_of(form(kind), name).is_some_and(|field| field != Field::Upplysning)
}

/// The kinds of sheet that a profile may be of, by their names.
pub fn kinds() -> Vec<(&'static str, SheetKind)> {
    FORMS.iter().map(|form| (form.name, form.kind)).collect()
}

fn field_of(form: &Form, name: &str) -> Option<Field> {
    let wanted = folded(&without_brackets(name));
    form.columns.iter().find(|column| folded(&without_brackets(column.name)) == wanted).map(|column| column.field)
}

/// Whether a name is as a pattern says, whatever its case; `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        let Some(at) = left.find(part) else { return false };
        left = left.get(at + part.len()..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        let cases = [
            ("närvaro*.xlsx", "Närvaro MBN 2026.xlsx", true),
            ("*MBN*", "Närvaro mbn 2026.xlsx", true),
            ("Blad1", "blad1", true),
            ("Blad1", "Blad12", false),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXcYb", false),
            ("*", "", true),
            ("ab*b", "ab", false),
        ];
        for (pattern, name, expect) in cases {
            assert_eq!(matches(pattern, name), expect, "{pattern} {name}");
        }
    }
}
