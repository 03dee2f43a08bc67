//! Reads a settings file value by value; what is wrong is named with file, line, column, what was found and what is allowed.

use std::cell::RefCell;
use std::fmt;

use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::calendar::{Day, Month};

/// One settings file as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsText {
    /// Its path, as messages show it.
    pub name: String,
    /// What it says.
    pub content: String,
}

/// One thing that is wrong in a settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The file's path.
    pub file: String,
    /// From 1; 0 where the file as a whole is meant.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub allowed: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return write!(out, "{}: {}; allowed: {}", self.file, self.found, self.allowed);
        }
        write!(out, "{}:{}:{}: found {}; allowed: {}", self.file, self.line, self.column, self.found, self.allowed)
    }
}

/// All that is wrong, found in one reading.
#[derive(Debug, Default)]
pub struct Errors(RefCell<Vec<Wrong>>);

impl Errors {
    /// Notes one more.
    pub fn add(&self, wrong: Wrong) {
        self.0.borrow_mut().push(wrong);
    }

    /// What was noted, in the order of the files' lines.
    pub fn into_list(self) -> Vec<Wrong> {
        let mut list = self.0.into_inner();
        list.sort_by(|one, other| (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column)));
        // A value that two readers want is wrong once.
        list.dedup();
        list
    }
}

/// Parses a file and hands its top table to `read`; a file that is not TOML is one error.
pub fn read_file(text: &SettingsText, errors: &Errors, read: impl FnOnce(&Table<'_>)) {
    match DeTable::parse(&text.content) {
        Ok(table) => {
            let span = 0..0;
            let table = Table { text, errors, entries: table.get_ref(), span, asked: RefCell::default() };
            read(&table);
            table.refuse_unknown();
        }
        Err(error) => {
            let (line, column) = position(&text.content, error.span().map_or(0, |span| span.start));
            let found = error.message().to_owned();
            errors.add(Wrong { file: text.name.clone(), line, column, found, allowed: "TOML (toml.io)".to_owned() });
        }
    }
}

/// A table of a settings file. Every key that is asked for is known; any other is an error at the end.
pub struct Table<'a> {
    text: &'a SettingsText,
    errors: &'a Errors,
    entries: &'a DeTable<'a>,
    span: std::ops::Range<usize>,
    asked: RefCell<Vec<&'static str>>,
}

impl Table<'_> {
    /// Notes an error about the value of a key (or about the table, if it has no such key).
    pub fn wrong(&self, key: &str, found: &str, allowed: &str) {
        self.errors.add(self.would_be_wrong(key, found, allowed));
    }

    /// The same error, to be noted later: when all files are read.
    pub fn would_be_wrong(&self, key: &str, found: &str, allowed: &str) -> Wrong {
        let start = self.entries.get(key).map_or(self.span.start, |value| value.span().start);
        let (line, column) = position(&self.text.content, start);
        let file = self.text.name.clone();
        Wrong { file, line, column, found: found.to_owned(), allowed: allowed.to_owned() }
    }

    /// A text, if the key is there.
    pub fn text(&self, key: &'static str) -> Option<String> {
        self.typed(key, "a text in quotes", |value| value.as_str().map(str::to_owned))
    }

    /// A text that must be there and not be empty.
    pub fn required_text(&self, key: &'static str) -> Option<String> {
        let found = self.required(key, "a text in quotes", |value| value.as_str().map(str::to_owned))?;
        if found.trim().is_empty() {
            self.wrong(key, &format!("`{key}` without content"), "a text in quotes");
            return None;
        }
        Some(found)
    }

    /// true or false, if the key is there.
    pub fn boolean(&self, key: &'static str) -> Option<bool> {
        self.typed(key, "true or false", |value| value.as_bool())
    }

    /// A number, exactly as written; also inside quotes.
    pub fn decimal(&self, key: &'static str) -> Option<Decimal> {
        self.typed(key, "a number such as 75 or 0.375", decimal_of)
    }

    /// A number that must be there.
    pub fn required_decimal(&self, key: &'static str) -> Option<Decimal> {
        self.required(key, "a number such as 75 or 0.375", decimal_of)
    }

    /// Whether the key is there, whatever its value.
    pub fn has(&self, key: &str) -> bool {
        self.entries.get(key).is_some()
    }

    /// Names keys that belong to the table, whether or not something wrong in it keeps them from being read.
    pub fn expects(&self, keys: &[&'static str]) {
        self.asked.borrow_mut().extend(keys);
    }

    /// A number that is not negative, if the key is there.
    pub fn amount(&self, key: &'static str) -> Option<Decimal> {
        let found = self.decimal(key)?;
        self.not_negative(key, found)
    }

    /// A number that must be there and not be negative.
    pub fn required_amount(&self, key: &'static str) -> Option<Decimal> {
        let found = self.required_decimal(key)?;
        self.not_negative(key, found)
    }

    fn not_negative(&self, key: &'static str, found: Decimal) -> Option<Decimal> {
        if found.is_sign_negative() && !found.is_zero() {
            self.wrong(key, &format!("`{found}`"), "a number of 0 or more");
            return None;
        }
        Some(found)
    }

    /// A whole number of 0 or more, if the key is there.
    pub fn whole(&self, key: &'static str) -> Option<u64> {
        self.typed(key, "a whole number of 0 or more", |value| {
            value.as_integer().and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok())
        })
    }

    /// A list of whole numbers of 0 or more, if the key is there.
    pub fn wholes(&self, key: &'static str) -> Option<Vec<u64>> {
        let number = |value: &DeValue<'_>| {
            value.as_integer().and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok())
        };
        self.typed(key, "a list of whole numbers such as [30, 7, 1]", |value| {
            value.as_array()?.iter().map(|item| number(item.get_ref())).collect()
        })
    }

    /// A date that must be there, as 2026-01-31 with or without quotes.
    pub fn required_day(&self, key: &'static str) -> Option<Day> {
        self.required(key, "a date such as 2026-01-31", day_of)
    }

    /// A date, if the key is there.
    pub fn day(&self, key: &'static str) -> Option<Day> {
        self.typed(key, "a date such as 2026-01-31", day_of)
    }

    /// A month that must be there.
    pub fn required_month(&self, key: &'static str) -> Option<Month> {
        self.required(key, "a month such as \"2026-11\"", |value| value.as_str()?.parse().ok())
    }

    /// A list of texts; empty if the key is missing.
    pub fn texts(&self, key: &'static str) -> Vec<String> {
        let list = |value: &DeValue<'_>| -> Option<Vec<String>> {
            value.as_array()?.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
        };
        self.typed(key, "a list of texts such as [\"KS\", \"KF\"]", list).unwrap_or_default()
    }

    /// A text, or a list of them; empty if the key is missing.
    pub fn one_or_more_texts(&self, key: &'static str) -> Vec<String> {
        match self.entries.get(key).and_then(|value| value.get_ref().as_str()) {
            Some(_) => self.text(key).into_iter().collect(),
            None => self.texts(key),
        }
    }

    /// One of the named choices, if the key is there.
    pub fn choice<T: Copy>(&self, key: &'static str, choices: &[(&'static str, T)]) -> Option<T> {
        let names: Vec<String> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        self.typed(key, &names.join(", "), |value| {
            let wanted = value.as_str()?;
            choices.iter().find(|(name, _)| *name == wanted).map(|(_, choice)| *choice)
        })
    }

    /// One of the named choices, which must be there.
    pub fn required_choice<T: Copy>(&self, key: &'static str, choices: &[(&'static str, T)]) -> Option<T> {
        if self.entries.get(key).is_none() {
            let names: Vec<String> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            self.missing(key, &names.join(", "));
        }
        self.choice(key, choices)
    }

    /// Calls `read` for the table under a key, if it is there.
    pub fn table(&self, key: &'static str, read: impl FnOnce(&Table<'_>)) {
        self.asked.borrow_mut().push(key);
        let Some(value) = self.entries.get(key) else { return };
        match value.get_ref() {
            DeValue::Table(entries) => self.inner(entries, value.span(), read),
            other => self.refuse(key, other, &format!("a table [{key}]")),
        }
    }

    /// Calls `read` for each `[[key]]`.
    pub fn tables(&self, key: &'static str, mut read: impl FnMut(&Table<'_>)) {
        self.asked.borrow_mut().push(key);
        let Some(value) = self.entries.get(key) else { return };
        let Some(array) = value.get_ref().as_array() else {
            return self.refuse(key, value.get_ref(), &format!("tables [[{key}]]"));
        };
        for item in array.iter() {
            match item.get_ref() {
                DeValue::Table(entries) => self.inner(entries, item.span(), &mut read),
                other => self.refuse(key, other, &format!("tables [[{key}]]")),
            }
        }
    }

    /// Every key of the table with its text, for tables whose keys are the user's own.
    pub fn free_texts(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (key, value) in self.entries.iter() {
            match value.get_ref().as_str() {
                Some(text) => found.push((key.get_ref().to_string(), text.to_owned())),
                None => self.refuse(key.get_ref(), value.get_ref(), "a text in quotes"),
            }
        }
        found
    }

    fn inner(&self, entries: &DeTable<'_>, span: std::ops::Range<usize>, read: impl FnOnce(&Table<'_>)) {
        let table = Table { text: self.text, errors: self.errors, entries, span, asked: RefCell::default() };
        read(&table);
        table.refuse_unknown();
    }

    fn typed<T>(&self, key: &'static str, allowed: &str, read: impl FnOnce(&DeValue<'_>) -> Option<T>) -> Option<T> {
        self.asked.borrow_mut().push(key);
        let value: &Spanned<DeValue<'_>> = self.entries.get(key)?;
        let found = read(value.get_ref());
        if found.is_none() {
            self.refuse(key, value.get_ref(), allowed);
        }
        found
    }

    fn required<T>(&self, key: &'static str, allowed: &str, read: impl FnOnce(&DeValue<'_>) -> Option<T>) -> Option<T> {
        if self.entries.get(key).is_none() {
            self.missing(key, allowed);
        }
        self.typed(key, allowed, read)
    }

    fn missing(&self, key: &str, allowed: &str) {
        self.wrong(key, &format!("no `{key}`"), &format!("`{key} = …` with {allowed}"));
    }

    fn refuse(&self, key: &str, value: &DeValue<'_>, allowed: &str) {
        let found = match value {
            DeValue::String(text) => format!("\"{text}\""),
            DeValue::Integer(number) => format!("`{}`", number.as_str()),
            DeValue::Float(number) => format!("`{}`", number.as_str()),
            DeValue::Boolean(truth) => format!("`{truth}`"),
            DeValue::Datetime(when) => format!("`{when}`"),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        };
        self.wrong(key, &format!("{found} for `{key}`"), allowed);
    }

    fn refuse_unknown(&self) {
        let asked = self.asked.borrow();
        if asked.is_empty() {
            return;
        }
        for (key, _) in self.entries.iter() {
            let key: &str = key.get_ref();
            if !asked.contains(&key) {
                let mut known = asked.clone();
                known.sort_unstable();
                known.dedup();
                self.wrong(key, &format!("the unknown key `{key}`"), &known.join(", "));
            }
        }
    }
}

fn decimal_of(value: &DeValue<'_>) -> Option<Decimal> {
    let text = match value {
        DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
        DeValue::Float(number) => number.as_str(),
        DeValue::String(text) => text,
        _ => return None,
    };
    text.replace('_', "").parse().ok()
}

fn day_of(value: &DeValue<'_>) -> Option<Day> {
    match value {
        DeValue::Datetime(when) => when.to_string().parse().ok(),
        DeValue::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Line and column (in characters), both from 1.
fn position(content: &str, offset: usize) -> (usize, usize) {
    let before = content.get(..offset).unwrap_or(content);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors_of(content: &str, read: impl FnOnce(&Table<'_>)) -> Vec<String> {
        let text = SettingsText { name: "regler.toml".to_owned(), content: content.to_owned() };
        let errors = Errors::default();
        read_file(&text, &errors, read);
        errors.into_list().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_number_is_read_exactly_as_written() {
        let mut found = None;
        let errors = errors_of("tak = 0.1000000000000000000001", |table| found = table.required_decimal("tak"));
        assert_eq!((errors, found), (vec![], "0.1000000000000000000001".parse().ok()));
    }

    #[test]
    fn each_error_names_place_found_and_allowed() {
        let errors = errors_of("a = 1\nprocent = \"7O\"\nfel = 2\n", |table| {
            table.required_decimal("procent");
            table.whole("a");
            table.required_day("from");
        });
        assert_eq!(
            errors,
            [
                "regler.toml:1:1: found no `from`; allowed: `from = …` with a date such as 2026-01-31",
                "regler.toml:2:11: found \"7O\" for `procent`; allowed: a number such as 75 or 0.375",
                "regler.toml:3:7: found the unknown key `fel`; allowed: a, from, procent",
            ]
        );
        let broken = errors_of("a = [1,", |_| ());
        assert!(broken[0].starts_with("regler.toml:1:"), "{broken:?}");
    }
}
