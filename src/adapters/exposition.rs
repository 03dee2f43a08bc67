//! Figures as Prometheus reads them (text format 0.0.4), written here: the format is a few lines, and the small library for it
//! writes a quotation mark in a label as it stands.

use std::fmt::Write as _;

/// The media type of the text.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A figure's name, what it is, and its values by label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub help: &'static str,
    /// Whether it only grows, as long as the program runs.
    pub is_counter: bool,
    /// Labels and value of each.
    pub values: Vec<(Vec<(&'static str, String)>, Number)>,
}

/// A value. No float: times are whole milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// As it is.
    Whole(i64),
    /// Milliseconds, written as seconds.
    Millis(i64),
}

/// All figures as one text; those without values are left out.
pub fn text(families: &[Family]) -> String {
    let mut text = String::new();
    for family in families.iter().filter(|family| !family.values.is_empty()) {
        let kind = if family.is_counter { "counter" } else { "gauge" };
        let _ = write!(text, "# HELP {0} {1}\n# TYPE {0} {kind}\n", family.name, escaped(family.help, false));
        for (labels, number) in &family.values {
            text += family.name;
            for (place, (name, value)) in labels.iter().enumerate() {
                let begin = if place == 0 { '{' } else { ',' };
                let _ = write!(text, "{begin}{name}=\"{}\"", escaped(value, true));
            }
            text += if labels.is_empty() { " " } else { "} " };
            let _ = match number {
                Number::Whole(number) => writeln!(text, "{number}"),
                Number::Millis(millis) => {
                    let sign = if *millis < 0 { "-" } else { "" };
                    writeln!(text, "{sign}{}.{:03}", millis.unsigned_abs() / 1000, millis.unsigned_abs() % 1000)
                }
            };
        }
    }
    text
}

fn escaped(text: &str, in_label: bool) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    if in_label { text.replace('"', "\\\"") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_label_says_a_line_stays_a_line() {
        let family = Family {
            name: "arvode_held",
            help: "Rows\nthat wait",
            is_counter: false,
            values: vec![
                (vec![("kommun", "Nya \"Staden\"\\\n".to_owned()), ("job", "a".to_owned())], Number::Whole(-3)),
                (Vec::new(), Number::Millis(-1_050)),
            ],
        };
        let empty = Family { values: Vec::new(), ..family.clone() };
        assert_eq!(
            text(&[family, empty]),
            "# HELP arvode_held Rows\\nthat wait\n# TYPE arvode_held gauge\n\
             arvode_held{kommun=\"Nya \\\"Staden\\\"\\\\\\n\",job=\"a\"} -3\narvode_held -1.050\n"
        );
    }
}
