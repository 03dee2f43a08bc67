//! What a förtroendevald is told: `explain` of a month and `statement` of a year, as text and as data, with the file, sheet
//! and row of each fact, the paragraph, the decision behind each parameter, and what was not paid and why.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use serde_json::Value;
use support::Kommun;

const LATER: [&str; 2] = ["--now", "2026-10-20T10:00:00Z"];

/// A kommun that has paid March's meetings in April: § 9, § 3 by schablon, § 5, § 12, § 15 by a decision, jour, and the
/// absence of a kommunalråd.
fn paid() -> Kommun {
    let kommun = Kommun::new("2026-03");
    kommun.take_in_persons(&["1001", "1002"], &[("1001", "ledamot", "KS"), ("1002", "oppositionsrad", "KS")]);
    let decision = format!(
        "Diarienummer | Datum | Organ | Gäller | Innebörd\nKS 2026/17 | 2026-03-20 | AU | § 15, {}, KS 2026-03-04, övrigt | bifall, särskilda skäl",
        support::books::written("1001")
    );
    let file = kommun.book(
        "mars.xlsx",
        &[
            (
                "Närvaro",
                "Datum | Organ | Start | Slut | Personnummer | Roll\n\
                 2026-03-04 | KS | 13.00 | 15.20 | @1001 | ledamot\n\
                 2026-03-04 | KS | 13.00 | 15.20 | @1002 | ledamot",
            ),
            (
                "Yrkanden",
                "Inkom | Datum | Organ | Personnummer | Slag | Tid från | Tid till | Belopp | Barnets födelseår | Styrkt\n\
                 2026-03-10 | 2026-03-04 | KS | @1001 | förlorad arbetsinkomst | 13.00 | 14.00 | | | ja\n\
                 2026-03-10 | 2026-03-04 | KS | @1001 | semesterförmån | | | | | ja\n\
                 2026-03-10 | 2026-03-04 | KS | @1001 | barntillsyn | 13.30 | 15.30 | 240 | 2018 | ja\n\
                 2026-03-11 | 2026-03-04 | KS | @1001 | övrigt | | | 99 | | ja",
            ),
            ("Inkomstuppgifter", "Personnummer | Från | Slag | SGI\n@1001 | 2025-01-01 | anställd | 365000"),
            ("Beslut", &decision),
            ("Jour", "Personnummer | Från | Till | För | Aktiv från | Aktiv till\n@1001 | 2026-03-07 | 2026-03-07 | BSU ordförande | 18.00 | 18.31"),
            ("Frånvaro", "Personnummer | Från | Till | Slag | Omfattning\n@1002 | 2026-03-30 | 2026-04-02 | hindrad | 50"),
        ],
    );
    kommun.import(&[&file]);
    kommun.pay("2026-03");
    let paid = kommun.pay("2026-04");
    assert_eq!(
        paid,
        [
            // 365 000 x 97 % x 80 % / 365 = 776 kr a day, 97 kr an hour; 12 % of it; half of 240 kr is for § 3's hour.
            "1001 1647 2026-03-04 1 x 412.00 = 412.00",
            "1001 1648 2026-03-04 1.5 x 206.00 = 309.00",
            "1001 1676 2026-03-04 1 x 97.00 = 97.00",
            "1001 1678 2026-03-04 1 x 11.64 = 11.64",
            "1001 1681 2026-03-04 1 x 180.00 = 180.00",
            "1001 1684 2026-03-04 1 x 99.00 = 99.00",
            "1001 1648 2026-03-07 1 x 206.00 = 206.00",
            "1001 1654 2026-03-07 1 x 400.00 = 400.00",
            "1002 FR1 2026-03-30 50 %",
            "1002 FR1 2026-03-31 50 %",
            "1002 1651 2026-04-30 1 x 21978.00 = 21978.00",
        ]
    );
    kommun
}

fn explained(kommun: &Kommun, lonart: &str) -> Value {
    let found = kommun.json(&["explain", "2026-04", "--person", "1001"]);
    let rows = found["rows"].as_array().unwrap();
    rows.iter().find(|row| row["lonart"] == lonart).cloned().unwrap_or_else(|| panic!("no {lonart} in {found}"))
}

/// `text [basis]` of each step, with plain spaces.
fn steps(row: &Value) -> Vec<String> {
    let one = |step: &Value| format!("{} [{}]", step["text"].as_str().unwrap(), step["basis"].as_str().unwrap());
    row["steps"].as_array().unwrap().iter().map(one).map(|text| text.replace('\u{a0}', " ")).collect()
}

#[test]
fn a_schablon_is_told_from_the_certificate_of_income_to_the_last_rounding() {
    let kommun = paid();
    let row = explained(&kommun, "1676");
    assert_eq!(
        steps(&row),
        [
            "yrkande om KS 2026-03-04 [mars.xlsx, Yrkanden rad 2]",
            "sjukpenning per dag av SGI 365 000,00 kr: högst 592000 (10 prisbasbelopp), nedåt 365000; x 97 % x 80 % / 365 = 776 kr [SFB 25 kap. 5 § (SFS 2021:1240), 28 kap. 7 och 10 §§ (beslutad 2022-01-01)]",
            "en timme = 776,00 kr / 8 = 97,00 kr [KF 2014-12-11 § 91, § 3; Exempelbilaga (beslutad 2014-12-11)]",
            "timtaket: högst 456,00 kr [Exempelbilaga (beslutad 2014-12-11)]",
            "dagtaket: högst 3 650,00 kr [Exempelbilaga (beslutad 2014-12-11)]",
            "1 tim x 97 kr = 97,00 kr [§ 3]",
        ]
    );
    let facts: Vec<String> = row["facts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fact| {
            format!("{} | {} | {} | {}", fact["what"].as_str().unwrap(), fact["file"], fact["sheet"], fact["row"])
        })
        .collect();
    assert_eq!(
        facts,
        [
            "yrkande om förlorad arbetsinkomst för KS 2026-03-04, inkom 2026-03-10 | \"mars.xlsx\" | \"Yrkanden\" | 2",
            "närvaro vid sammanträde KS 2026-03-04 13.00-15.20 | \"mars.xlsx\" | \"Närvaro\" | 2",
            "uppdrag ledamot i KS från 2015-01-01 tills vidare | \"register.xlsx\" | \"Uppdrag\" | 2",
            "inkomstuppgift: anställd | \"mars.xlsx\" | \"Inkomstuppgifter\" | 2",
        ]
    );
    let reading = row["readings"].as_array().unwrap().iter().find(|one| one["parameter"] == "klass_raknar").unwrap();
    assert_eq!(reading["value"], "arsarvoden");
    assert_eq!(reading["authority"], "förvald läsning; kommunstyrelsen har inte beslutat");
    assert_eq!(row["heading"], "Förlorad arbetsinkomst");
}

#[test]
fn a_decision_in_a_single_case_is_cited_where_it_grants() {
    let kommun = paid();
    let row = explained(&kommun, "1684");
    let cited = "§ 17: AU 2026-03-20 KS 2026/17 bifall, särskilda skäl";
    assert!(steps(&row).iter().any(|step| step.contains(cited)), "{row}");
    let fact = row["facts"].as_array().unwrap().iter().find(|fact| fact["what"] == cited).unwrap();
    assert_eq!((fact["sheet"].as_str(), fact["row"].as_u64()), (Some("Beslut"), Some(2)));
}

#[test]
fn what_was_cut_names_the_law_that_gives_a_right_of_its_own() {
    let kommun = paid();
    let told = kommun.run(&["explain", "2026-04", "--person", "1001"]).exits(0).out;
    for part in ["tid som också ersätts enligt § 3", "KL 4 kap. 14 §", "blad Yrkanden, rad 4"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_statement_tells_a_person_the_year_and_the_month() {
    let kommun = paid();
    let year = kommun.json(&[&["statement", "1001", "2026"][..], &LATER].concat());
    assert_eq!(year["total"], "1714.64");
    assert_eq!(year["tax_free"], "0.00");
    assert_eq!(year["rows"].as_array().unwrap().len(), 8);
    assert_eq!(year["rows"][0]["pay_day"], "2026-04-27");
    assert!(year["rows"].as_array().unwrap().iter().all(|row| !row["steps"].as_array().unwrap().is_empty()), "{year}");
    let month = kommun.run(&[&["statement", "1001", "2026-04"][..], &LATER].concat()).exits(0).out;
    for part in ["Arvodesbesked 2026-04", "§ 12 Barntillsynskostnader", "Så har det räknats", "KL 4 kap. 14 §"] {
        assert!(month.contains(part), "{part}: {month}");
    }
    let earlier = kommun.run(&[&["statement", "1001", "2026-03"][..], &LATER].concat()).exits(0).out;
    assert!(earlier.contains("Inget har betalats ut"), "{earlier}");
    kommun.run(&["statement", "1001", "mars"]).exits(2).says(&["neither a year nor a month"]);
    kommun.run(&["statement", "9999", "2026"]).exits(2).says(&["nobody is known"]);
}

#[test]
fn no_personnummer_stands_in_a_statement_or_an_explanation_in_text() {
    let kommun = paid();
    for arguments in [&["statement", "1001", "2026"][..], &["explain", "2026-04"]] {
        let told = kommun.run(arguments).exits(0).out;
        for anstid in ["1001", "1002"] {
            assert!(!told.contains(&support::books::digits(anstid)), "{arguments:?}");
            assert!(!told.contains(&support::books::written(anstid)), "{arguments:?}");
        }
    }
}
