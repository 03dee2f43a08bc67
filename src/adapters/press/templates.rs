//! Letters from their folders: `subject`, `txt` and `html`, each the kommun's own where it has one.

use std::path::Path;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde_json::Value;

use crate::domain::Fault;
use crate::ports::{LetterKind, Written};

/// What the templates of all letters share.
const SHARED: [(&str, &str); 2] = [
    ("base.html", include_str!("../../../config/letters/base.html")),
    ("base.txt", include_str!("../../../config/letters/base.txt")),
];

macro_rules! folder {
    ($name:literal) => {
        [
            (concat!($name, "/subject"), include_str!(concat!("../../../config/letters/", $name, "/subject"))),
            (concat!($name, "/txt"), include_str!(concat!("../../../config/letters/", $name, "/txt"))),
            (concat!($name, "/html"), include_str!(concat!("../../../config/letters/", $name, "/html"))),
        ]
    };
}

/// One folder a letter.
const LETTERS: &[[(&str, &str); 3]] = &[
    folder!("accrual_list"),
    folder!("arvodesbesked"),
    folder!("attest_reminder"),
    folder!("attest_sheets"),
    folder!("briefing_list"),
    folder!("deadline_digest"),
    folder!("deadline_summary"),
    folder!("follow_up"),
    folder!("forteckning_changed"),
    folder!("missing_lists"),
    folder!("month_exported"),
    folder!("monthly_letter"),
    folder!("operator_alarm"),
    folder!("outage_summary"),
    folder!("print_list"),
    folder!("rate_notice"),
    folder!("rate_warning"),
    folder!("rejected_rows"),
    folder!("sheets_left_out"),
];

/// How a report looks as PDF, as shipped; a file of the same name in the kommun's folder replaces it.
pub(super) const REPORT: &str = include_str!("../../../config/reports/report.typ");

/// Every template as shipped, by its path beside `arvode.toml`, where a kommun's own one goes before.
pub fn shipped_files() -> Vec<(String, &'static str)> {
    let letters = SHARED.iter().chain(LETTERS.iter().flatten());
    let letters = letters.map(|(name, text)| (format!("letters/{name}"), *text));
    letters.chain([("reports/report.typ".to_owned(), REPORT)]).collect()
}

/// A template's text as shipped.
fn shipped(name: &str) -> Option<&'static str> {
    let all = SHARED.iter().chain(LETTERS.iter().flatten());
    all.into_iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

pub(super) fn letter(folder: Option<&Path>, kind: LetterKind, content: &Value) -> Result<Written, Fault> {
    let folder = folder.map(Path::to_owned);
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.map_err(|error| Fault::Input(format!("the templates' syntax: {error}")))?);
    environment.set_auto_escape_callback(
        |name| {
            if name.ends_with("html") { AutoEscape::Html } else { AutoEscape::None }
        },
    );
    environment.set_loader(move |name| {
        let own = folder.as_ref().map(|folder| folder.join(name)).filter(|path| path.exists());
        match own {
            Some(path) => std::fs::read_to_string(&path).map(Some).map_err(|error| {
                let told = format!("{}: {error}", path.display());
                minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, told)
            }),
            None => Ok(shipped(name).map(str::to_owned)),
        }
    });
    let part = |part: &str| {
        let name = format!("{}/{part}", kind.name());
        let rendered = environment.get_template(&name).and_then(|template| template.render(Serde(content)));
        rendered.map_err(|error| {
            let line = error.line().map(|line| format!(", line {line}")).unwrap_or_default();
            Fault::Input(format!(
                "config/letters/{}{line}: {error}; mend the template, or remove it to use the shipped one",
                error.name().unwrap_or(&name)
            ))
        })
    };
    let subject = part("subject")?.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Written { subject, text: part("txt")?, html: part("html")? })
}
