//! Coverage in time: `arvode check` refuses a day without a value, names the row to add, and tells of a yearly value
//! that nobody has decided for the year.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use support::{Kommun, Ran};

const TODAY: [&str; 2] = ["--now", "2026-06-01T10:00:00Z"];

fn check(kommun: &Kommun) -> Ran {
    kommun.run(&[&["check"][..], &TODAY].concat())
}

fn add(kommun: &Kommun, file: &str, row: &str) {
    kommun.edit(file, |text| format!("{text}\n{row}\n"));
}

/// The text without the first table that has a line.
fn without(text: &str, line: &str) -> String {
    let at = text.find(line).unwrap();
    let start = text[..at].rfind("[[").unwrap();
    let end = text[at..].find("\n[[").map_or(text.len(), |end| at + end + 1);
    format!("{}{}", &text[..start], &text[end..])
}

#[test]
fn the_shipped_regulation_has_a_value_of_everything_on_every_day() {
    let kommun = Kommun::new("2026-01");
    let ran = check(&kommun).exits(1);
    assert!(!ran.out.contains("riksdagsarvode has no row"), "{}", ran.out);
}

#[test]
fn a_base_that_begins_too_late_is_refused_with_the_days_and_the_row_to_add() {
    let kommun = Kommun::new("2026-01");
    for from in ["from = 2013-11-01", "from = 2014-11-01"] {
        kommun.edit("regelverk/riksdagsarvode.toml", |text| without(&text, from));
    }
    check(&kommun).exits(2).says(&[
        "config/regelverk/: riksdagsarvode has no value from 2014-12-11 to 2015-10-31",
        "Add a row [[riksdagsarvode]] from = 2014-12-11 with its value and the decision (reference)",
    ]);
    kommun.edit("regelverk/bilaga.toml", |text| text.replace("ikraft = 2014-12-11", "ikraft = 2015-11-01"));
    check(&kommun).exits(1);
    kommun.edit("regelverk/bilaga.toml", |text| text.replace("ikraft = 2015-11-01", "ikraft = 2015-10-31"));
    check(&kommun).exits(2).says(&["riksdagsarvode has no value from 2015-10-31 to 2015-10-31"]);
}

#[test]
fn a_regulation_that_says_no_first_day_began_when_the_text_was_decided() {
    let kommun = Kommun::new("2026-01");
    kommun.edit("regelverk/bilaga.toml", |text| text.replace("ikraft = 2014-12-11\n", ""));
    check(&kommun).exits(1);
    kommun.edit("regelverk/riksdagsarvode.toml", |text| {
        without(&text, "from = 2013-11-01").replace("from = 2014-11-01", "from = 2014-12-12")
    });
    check(&kommun).exits(2).says(&["riksdagsarvode has no value from 2014-12-11 to 2014-12-11"]);
}

#[test]
fn an_uppdrag_begins_later_only_if_its_row_says_that_it_was_established() {
    let kommun = Kommun::new("2026-01");
    let row = |more: &str| {
        format!(
            "[[uppdrag]]\nnyckel = \"miljorad\"\nslag = \"fast_arvode\"\nav = \"grund\"\nprocent = 3\ngrad = 3\n\
             from = 2020-01-01\nreference = \"KF 2019/12\"\n{more}"
        )
    };
    add(&kommun, "regelverk/bilaga.toml", &row(""));
    check(&kommun).exits(2).says(&[
        "uppdrag nyckel = \"miljorad\" has no value from 2014-12-11 to 2019-12-31",
        "Add a row [[uppdrag]] nyckel = \"miljorad\" from = 2014-12-11",
        "or inrattat = true on the row from 2020-01-01",
    ]);
    kommun.edit("regelverk/bilaga.toml", |text| text.replace(&row(""), &row("inrattat = true\n")));
    check(&kommun).exits(1);
}

#[test]
fn every_open_point_every_deadline_and_every_loneart_is_asked_for() {
    let kommun = Kommun::new("2026-01");
    kommun.edit("regelverk/tolkningar.toml", |text| without(&text, "parameter = \"sjuk_minskning\""));
    kommun.edit("regelverk/tidsfrister.toml", |text| text.replacen("from = 2014-12-11", "from = 2015-01-01", 1));
    kommun.edit("regelverk/lonearter.toml", |text| text.replacen("from = \"2014-12\"", "from = \"2016-02\"", 1));
    check(&kommun).exits(2).says(&[
        "tolkning parameter = \"sjuk_minskning\" has no value from 2014-12-11 to 2027-12-31",
        "tidsfrist slag = \"förlorad arbetsinkomst\" has no value from 2014-12-11 to 2014-12-31",
        "loneart slag = \"arsarvode\" has no value from 2014-12-01 to 2016-01-31",
        "Add a row [[loneart]] slag = \"arsarvode\" from = \"2014-12\"",
    ]);
}

#[test]
fn a_yearly_value_without_a_row_of_the_year_is_told_of_and_the_old_one_applies() {
    let kommun = Kommun::new("2026-01");
    let notes = |now: &str| kommun.json(&["check", "--now", now])["notes"].to_string();
    let told = "riksdagsarvode has no row for 2027; the value from 2026-01-01 applies";
    assert!(!notes("2026-12-31T10:00:00Z").contains("riksdagsarvode"), "{}", notes("2026-12-31T10:00:00Z"));
    assert!(notes("2027-01-01T10:00:00Z").contains(told), "{}", notes("2027-01-01T10:00:00Z"));
    let row = "[[riksdagsarvode]]\nfrom = 2027-01-01\nvalue = 81400\nunit = \"kr/månad\"\nreference = \"oförändrat\"";
    add(&kommun, "regelverk/riksdagsarvode.toml", row);
    assert!(!notes("2027-01-01T10:00:00Z").contains("riksdagsarvode"), "a row of the year, even if unchanged");
}
