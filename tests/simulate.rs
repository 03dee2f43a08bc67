//! `arvode simulate --change FILE`: what a proposal would have cost beside what was paid, with nothing written.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use support::Kommun;

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll";

/// Grund from 90 to 80 per cent of KS ordförande's arvode.
const LOWER_GRUND: &str = "[[kedja]]\nsteg = \"grund\"\nav = \"ks_ordforande\"\nprocent = 80\navrundning = \"ore\"\n\
                           from = 2026-01-01\nreference = \"förslag KS 2026/123\"\n";

/// Anna leads kommunstyrelsen, Bo is its vice ordförande and Cia a ledamot; September's meeting is paid in October.
fn paid() -> Kommun {
    let kommun = Kommun::new("2026-09");
    let held = [("1001", "ks-ordforande", "KS"), ("1002", "ks-vice", "KS"), ("1003", "ledamot", "KS")];
    kommun.take_in_persons(&["1001", "1002", "1003"], &held);
    let list = kommun.list("september.xlsx", &format!("{NARVARO}\n2026-09-09 | KS | 13.00 | 15.10 | @1003 | ledamot"));
    kommun.import(&[&list]);
    kommun.freeze("2026-10");
    kommun
}

fn change(kommun: &Kommun, text: &str) -> PathBuf {
    let path = kommun.root().join("förslag.toml");
    fs::write(&path, text).unwrap();
    path
}

fn simulate(kommun: &Kommun, text: &str, more: &[&str]) -> Value {
    let path = change(kommun, text);
    kommun.json(&[&["simulate", "--change", path.to_str().unwrap()], more].concat())
}

/// `paid 412.00, today 412.00, changed 366.00: -46.00, -11.17 %`
fn told(amounts: &Value) -> String {
    let text = |key: &str| amounts[key].as_str().unwrap_or("-").to_owned();
    let [paid, today, changed] = ["paid", "today", "changed"].map(text);
    format!("paid {paid}, today {today}, changed {changed}: {}, {} %", text("effect"), text("percent"))
}

/// Each named amount of a list.
fn list(found: &Value, list: &str, key: &str) -> Vec<String> {
    let rows = found[list].as_array().unwrap().iter();
    rows.map(|row| format!("{} {}", row[key].as_str().unwrap(), told(row))).collect()
}

#[test]
fn another_grund_shows_its_effect_by_kind_organ_and_in_all() {
    let kommun = paid();
    let found = simulate(&kommun, LOWER_GRUND, &[]);
    assert_eq!((found["from"].as_str(), found["to"].as_str()), (Some("2026-09"), Some("2026-10")));
    assert_eq!(
        list(&found, "kinds", "kind"),
        [
            "arsarvode paid 122100.00, today 122100.00, changed 122100.00: 0.00, 0.00 %",
            "fast_arvode paid 21978.00, today 21978.00, changed 19536.00: -2442.00, -11.11 %",
            "grundarvode paid 412.00, today 412.00, changed 366.00: -46.00, -11.17 %",
            "timarvode paid 309.00, today 309.00, changed 274.50: -34.50, -11.17 %",
        ]
    );
    let all = "paid 144799.00, today 144799.00, changed 142276.50: -2522.50, -1.74 %";
    assert_eq!(told(&found["total"]), all);
    assert_eq!(list(&found, "organs", "organ"), [format!("KS {all}")]);
    assert!(found["persons"].is_null(), "nobody asked for persons: {found}");
}

#[test]
fn only_the_months_asked_for_are_compared() {
    let kommun = paid();
    let october = simulate(&kommun, LOWER_GRUND, &["--from", "2026-10", "--to", "2026-10"]);
    assert_eq!(told(&october["total"]), "paid 72039.00, today 72039.00, changed 70818.00: -1221.00, -1.69 %");
    let later = LOWER_GRUND.replace("2026-01-01", "2026-10-01");
    assert_eq!(simulate(&kommun, &later, &[])["from"], "2026-10", "from the change's first row on");
    let path = change(&kommun, LOWER_GRUND);
    for (from, to) in [("2026-08", "2026-10"), ("2026-09", "2026-11"), ("2026-10", "2026-09")] {
        let arguments = ["simulate", "--change", path.to_str().unwrap(), "--from", from, "--to", to];
        kommun.run(&arguments).exits(2).says(&[from, to, "within 2026-09 (forsta_manad) to 2026-10"]);
    }
    let path = change(&kommun, &LOWER_GRUND.replace("2026-01-01", "2027-01-01"));
    let ran = kommun.run(&["simulate", "--change", path.to_str().unwrap()]);
    ran.exits(2).says(&["2027-01 to 2026-10", "the change's first row applies later"]);
}

#[test]
fn a_row_with_the_same_first_day_takes_the_place_of_the_standing_one() {
    let kommun = paid();
    let riksdagsarvode = "[[riksdagsarvode]]\nfrom = 2026-01-01\ndecided_on = 2025-11-01\nvalue = 90000\n\
                          unit = \"kr/månad\"\nreference = \"om arvodesnämnden hade höjt mer\"\n";
    let found = simulate(&kommun, riksdagsarvode, &["--to", "2026-09"]);
    assert_eq!(
        list(&found, "kinds", "kind")[0],
        "arsarvode paid 61050.00, today 61050.00, changed 67500.00: 6450.00, 10.57 %"
    );
    let older = riksdagsarvode.replace("2026-01-01", "2025-12-01");
    let found = simulate(&kommun, &older, &[]);
    assert_eq!(found["total"]["effect"], "0.00", "the standing row of 2026-01-01 ends the proposal");
}

#[test]
fn the_retroactive_riksdagsarvode_of_2023_could_be_told_before_it_was_paid() {
    let kommun = Kommun::new("2023-01");
    kommun.edit("arvode.toml", |text| format!("demo = true\n{text}"));
    kommun.take_in_persons(&["1001"], &[("1001", "ks-ordforande", "KS")]);
    // The first batch carries January and February.
    kommun.json(&["month", "2023-02", "--freeze", "--now", "2023-02-10T10:00:00Z"]);
    let proposal =
        "[[riksdagsarvode]]\nfrom = 2023-01-01\nvalue = 73000\nunit = \"kr/månad\"\nreference = \"väntat\"\n";
    let expected = "paid 107250.00, today 107250.00, changed 109500.00: 2250.00, 2.10 %";
    let before = simulate(&kommun, proposal, &["--now", "2023-02-20T10:00:00Z"]);
    assert_eq!(told(&before["total"]), expected);
    // Once it is decided, today's rules have it: what is not paid yet is no effect of the proposal.
    let after = simulate(&kommun, proposal, &["--now", "2023-03-06T10:00:00Z"]);
    assert_eq!(told(&after["total"]), "paid 107250.00, today 109500.00, changed 109500.00: 0.00, 0.00 %");
}

#[test]
fn what_came_in_after_the_last_month_is_in_no_column() {
    let kommun = paid();
    let before = simulate(&kommun, LOWER_GRUND, &[]);
    let late = kommun.list("sen.xlsx", &format!("{NARVARO}\n2026-09-16 | KS | 9.00 | 10.00 | @1003 | ledamot"));
    kommun.import(&[&late]);
    assert_eq!(simulate(&kommun, LOWER_GRUND, &[]), before);
}

#[test]
fn a_new_shape_and_a_reading_are_changes_too() {
    let kommun = paid();
    let shape = "[[sammantrade]]\nav = \"grund\"\n\
                 grundarvode = { procent = 0.75, avrundning = \"krona_half_up\" }\n\
                 timarvode = { procent = 0.375, avrundning = \"krona_half_up\" }\nforsta_minuter = 120\n\
                 enhet_minuter = 30\nfrom = 2014-12-11\nreference = \"förslag\"\n";
    let found = simulate(&kommun, shape, &[]);
    assert_eq!(
        found["total"]["effect"], "-206.00",
        "two hours in the grundarvode leave one started half-hour: {found}"
    );
    let reading = |parameter: &str, value: &str| {
        format!(
            "[[tolkning]]\nparameter = \"{parameter}\"\nvalue = \"{value}\"\nfrom = 2026-10-01\nreference = \"förslag\"\n"
        )
    };
    let readings = reading("grans_procent", "20") + &reading("klass_raknar", "alla_grader");
    let found = simulate(&kommun, &readings, &[]);
    assert_eq!(found["total"]["effect"], "-10989.00", "a fast arvode of 20 per cent is shut out by the class: {found}");
}

#[test]
fn what_is_wrong_in_the_file_is_told_with_its_name_line_and_column() {
    let kommun = paid();
    let cases = [
        (LOWER_GRUND.replace("80", "\"8O\""), &["förslag.toml:4:11: found \"8O\" for `procent`"][..]),
        (LOWER_GRUND.replace("[[kedja]]", "[[kedjan]]"), &["förslag.toml:1:", "the unknown key `kedjan`", "kedja"]),
        (LOWER_GRUND.replace("\"ks_ordforande\"", "\"ks_ordf\""), &["förslag.toml", "the base \"ks_ordf\""]),
        (LOWER_GRUND.replace("reference = \"förslag KS 2026/123\"\n", ""), &["förslag.toml:1:1", "no `reference`"]),
        (format!("example = true\n{LOWER_GRUND}"), &["förslag.toml:1:", "the unknown key `example`"]),
        ("# inget\n".to_owned(), &["förslag.toml: no row at all", "[[riksdagsarvode]]"]),
    ];
    for (text, said) in cases {
        let path = change(&kommun, &text);
        kommun.run(&["simulate", "--change", path.to_str().unwrap()]).exits(2).says(said);
    }
    kommun.run(&["simulate", "--change", "finns-inte.toml"]).exits(2).says(&["finns-inte.toml: cannot be read"]);
    let empty = Kommun::new("2026-09");
    let path = change(&empty, LOWER_GRUND);
    empty.run(&["simulate", "--change", path.to_str().unwrap()]).exits(2).says(&["no month is booked"]);
}

#[test]
fn persons_are_shown_only_where_the_settings_allow_it() {
    let kommun = paid();
    let path = change(&kommun, LOWER_GRUND);
    let arguments = ["simulate", "--change", path.to_str().unwrap(), "--persons"];
    let refused = kommun.run(&arguments).exits(4).says(&["simulate_persons = true"]);
    assert_eq!(refused.out, "");
    kommun.edit("arvode.toml", |text| text.replace("simulate_persons = false", "simulate_persons = true"));
    assert_eq!(
        list(&simulate(&kommun, LOWER_GRUND, &["--persons"]), "persons", "anstid"),
        [
            "1001 paid 122100.00, today 122100.00, changed 122100.00: 0.00, 0.00 %",
            "1002 paid 21978.00, today 21978.00, changed 19536.00: -2442.00, -11.11 %",
            "1003 paid 721.00, today 721.00, changed 640.50: -80.50, -11.17 %",
        ]
    );
    let out = kommun.run(&arguments).exits(0).out.replace('\u{a0}', " ");
    for part in ["Bo Alm (1002)", "Effekt: -2 522,50 kr (-1,74 %)", "Kommunstyrelsen", "fast arvode"] {
        assert!(out.contains(part), "{part} is not in {out}");
    }
}

#[test]
fn a_simulation_leaves_the_database_and_the_folder_byte_for_byte() {
    let kommun = paid();
    let bytes = || (fs::read(kommun.path("arvode.db")).unwrap(), kommun.files("out"), kommun.files("config/regelverk"));
    let path = change(&kommun, LOWER_GRUND);
    let before = bytes();
    kommun.run(&["simulate", "--change", path.to_str().unwrap()]).exits(0);
    kommun.run(&["simulate", "--change", path.to_str().unwrap(), "--now", "2027-01-01T10:00:00Z"]).exits(0);
    assert!(before == bytes(), "something was written");
}
