//! The table `[diarium.public360]`: which documents hold attendance, and which contacts are elected.

use crate::adapters::diarium::public360::Public360Settings;
use crate::regelverk::reader::Table;

/// What is read of a document where nothing is said.
const FORMATS: [&str; 2] = ["xml", "xlsx"];
/// What can be read: minutes, and what the reader of workbooks knows.
const ALLOWED: [&str; 7] = ["xml", "xlsx", "xlsm", "csv", "xlsb", "xls", "ods"];

/// None unless the source is a Public 360.
pub(super) fn read_public360(is_public360: bool, table: &Table<'_>) -> Option<Public360Settings> {
    if !is_public360 {
        table.expects(&["public360"]);
        if table.has("public360") {
            table.wrong("public360", "`public360`", "only with adapter = \"public360\"");
        }
        return None;
    }
    let mut settings = None;
    table.table("public360", |table| settings = Some(read_table(table)));
    if settings.is_none() {
        let allowed = "[diarium.public360] with `title` or `category`, so that not every document is fetched";
        table.wrong("adapter", "nothing that says which documents hold attendance", allowed);
    }
    settings
}

fn read_table(table: &Table<'_>) -> Public360Settings {
    let text = |key| table.text(key).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let texts = |key| -> Vec<String> {
        let found = table.one_or_more_texts(key);
        if found.iter().any(|text| text.trim().is_empty()) {
            table.wrong(key, "an empty text", "a word, or the key left out");
        }
        found.into_iter().map(|text| text.trim().to_owned()).collect()
    };
    let settings = Public360Settings {
        archive: text("archive"),
        sub_archive: text("sub_archive"),
        archive_code: text("archive_code"),
        record_type: text("record_type"),
        title: texts("title"),
        category: texts("category"),
        formats: formats(table),
        person_categories: texts("person_categories"),
        organ_categories: texts("organ_categories"),
    };
    if settings.title.is_empty() && settings.category.is_empty() {
        table.wrong("title", "neither `title` nor `category`", "one of them, so that not every document is fetched");
    }
    settings
}

fn formats(table: &Table<'_>) -> Vec<String> {
    if !table.has("formats") {
        return FORMATS.map(str::to_owned).to_vec();
    }
    let found: Vec<String> = table.one_or_more_texts("formats").iter().map(|text| text.trim().to_lowercase()).collect();
    if found.is_empty() || found.iter().any(|format| !ALLOWED.contains(&format.as_str())) {
        table.wrong("formats", &format!("{found:?}"), &ALLOWED.join(", "));
    }
    found
}
