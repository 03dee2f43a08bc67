//! Reads our fields out of a record of an API.

use serde_json::Value;

use super::moment::{Moment, moment};
use super::settings::{Field, RestSettings, Shape};
use crate::calendar::{Clock, Day};
use crate::domain::folded;

/// Longer than any name, place or role.
const LONGEST: usize = 500;

/// Why a record cannot be used, in Swedish; no name and no number of a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wrong {
    /// The field.
    pub field: Field,
    /// What is wrong with it.
    pub what: String,
}

/// A record and how to read it.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub record: &'a Value,
    pub shape: &'a Shape,
    pub settings: &'a RestSettings,
}

impl<'a> Fields<'a> {
    /// All that stands at the first place that says something.
    fn values(&self, field: Field) -> Vec<&'a Value> {
        let places = self.shape.fields.get(&field).map(Vec::as_slice).unwrap_or_default();
        let mut said = places.iter().map(|place| {
            let found = place.all(self.record).into_iter().flat_map(each);
            found.filter(|value| !is_blank(value)).collect::<Vec<_>>()
        });
        said.find(|values| !values.is_empty()).unwrap_or_default()
    }

    fn one(&self, field: Field) -> Result<Option<&'a Value>, Wrong> {
        match self.values(field).as_slice() {
            [] => Ok(None),
            [value] => Ok(Some(value)),
            _ => Err(wrong(field, "säger flera saker")),
        }
    }

    /// A text, if there is one; a number as it is written.
    pub(super) fn text(&self, field: Field) -> Result<Option<String>, Wrong> {
        self.one(field)?.map(|value| text_of(field, value)).transpose()
    }

    /// A text that must be there.
    pub(super) fn needed(&self, field: Field) -> Result<String, Wrong> {
        self.text(field)?.ok_or_else(|| wrong(field, "saknas"))
    }

    /// All texts.
    pub(super) fn texts(&self, field: Field) -> Result<Vec<String>, Wrong> {
        self.values(field).into_iter().map(|value| text_of(field, value)).collect()
    }

    /// Yes or no, by the settings' words first. Where they say words of a status, no word at all is not understood either:
    /// nobody was there because nobody has written yet that they were not.
    pub(super) fn yes(&self, field: Field) -> Result<Option<bool>, Wrong> {
        let has_words = self.shape.words.contains_key(&field) && self.shape.fields.contains_key(&field);
        let Some(value) = self.one(field)? else {
            let means = self.meaning(field, "").filter(|_| has_words).map(|means| means == "ja");
            return if has_words && means.is_none() { Err(wrong(field, "saknas")) } else { Ok(means) };
        };
        let text = match value {
            Value::Bool(said) if !has_words => return Ok(Some(*said)),
            Value::Bool(said) => said.to_string(),
            other => text_of(field, other)?,
        };
        let said = match self.meaning(field, &text) {
            Some(means) => Some(means == "ja"),
            None => plain_yes(&text),
        };
        said.map(Some).ok_or_else(|| wrong(field, &format!("säger ”{}”, varken ja eller nej", harmless(&text))))
    }

    /// The slag that the settings say a word means, or the word itself.
    pub(super) fn slag(&self) -> Result<Option<String>, Wrong> {
        let said = self.text(Field::Slag)?;
        Ok(said.map(|text| self.meaning(Field::Slag, &text).map_or(text, str::to_owned)))
    }

    /// What the settings say of a word, `*` being any other.
    fn meaning(&self, field: Field, text: &str) -> Option<&'a str> {
        let words = self.shape.words.get(&field)?;
        words.get(&text.to_lowercase()).or_else(|| words.get("*")).map(String::as_str)
    }

    /// A day, a clock time or both.
    pub(super) fn moment(&self, field: Field) -> Result<Moment, Wrong> {
        match self.one(field)? {
            None => Ok(Moment::default()),
            Some(value) => moment(value, self.settings).ok_or_else(|| wrong(field, "är varken datum eller klockslag")),
        }
    }

    pub(super) fn day(&self, field: Field) -> Result<Option<Day>, Wrong> {
        self.moment(field).map(|moment| moment.day)
    }

    /// A time of a day; one of another day is not understood.
    pub(super) fn clock_on(&self, day: Day, field: Field) -> Result<Option<Clock>, Wrong> {
        let moment = self.moment(field)?;
        if moment.day.is_some_and(|other| other != day) {
            return Err(wrong(field, "är en annan dag än mötets"));
        }
        Ok(moment.clock)
    }
}

pub(super) fn wrong(field: Field, what: &str) -> Wrong {
    Wrong { field, what: what.to_owned() }
}

/// A list's entries, or the value itself.
pub(super) fn each(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().filter(|value| !value.is_null()).collect(),
        other => vec![other],
    }
}

/// What systems write that have nothing to say.
fn is_blank(value: &Value) -> bool {
    let Value::String(text) = value else { return false };
    let text = text.trim();
    text.is_empty() || ["n/a", "null", "-"].contains(&text.to_lowercase().as_str())
}

fn text_of(field: Field, value: &Value) -> Result<String, Wrong> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return Err(wrong(field, "är inte en text")),
    };
    if text.chars().count() > LONGEST || text.contains(|letter: char| letter.is_control() && !letter.is_whitespace()) {
        return Err(wrong(field, "är för lång eller har tecken som inte hör till en text"));
    }
    Ok(text)
}

fn plain_yes(text: &str) -> Option<bool> {
    match folded(text).as_str() {
        "ja" | "j" | "x" | "1" | "sant" | "true" | "yes" | "y" => Some(true),
        "nej" | "n" | "0" | "falskt" | "false" | "no" => Some(false),
        _ => None,
    }
}

/// A word of a status, shown; what may be a number of a person is not.
fn harmless(text: &str) -> String {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits >= 6 { "…".to_owned() } else { text.chars().take(40).collect() }
}
