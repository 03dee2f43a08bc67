//! `disclose`: a registerutdrag holds every fact, row, remark, decision and signature of the person, with where it came
//! from, and nothing that tells who anybody else is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use support::Kommun;
use support::books::{PERSONS, digits, written};

/// A kommun in which 1001 has said, been paid and been refused a bit of everything; Britt, an official, is Bo Alm (1002).
fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-03");
    kommun.take_in_persons(&["1001", "1002"], &[("1001", "ledamot", "KS"), ("1002", "oppositionsrad", "KS")]);
    let officials = [
        kommun.official("greta", "\"granskning\"", ""),
        kommun.official("britt", "\"beslut\"", "email = \"1002@hem.example\""),
        kommun.official("ove", "\"granskning\", \"beslut\"", ""),
    ];
    kommun.set_officials(&officials);
    let decision = format!(
        "Diarienummer | Datum | Organ | Gäller | Innebörd\nKS 2026/17 | 2026-03-20 | AU | § 15, {}, KS 2026-03-04, övrigt | bifall, utlägg delat med Bo Alm",
        written("1001")
    );
    let file = kommun.book(
        "mars.xlsx",
        &[
            (
                "Närvaro",
                "Datum | Organ | Start | Slut | Personnummer | Roll | Tjänstgörande | Ersätter\n\
                 2026-03-04 | KS | 13.00 | 15.20 | @1001 | ledamot | ja |\n\
                 2026-03-04 | KS | 13.00 | 15.20 | @1002 | ersättare | ja | Anna Ek",
            ),
            (
                "Yrkanden",
                "Inkom | Datum | Organ | Personnummer | Slag | Tid från | Tid till | Belopp | Styrkt\n\
                 2026-03-10 | 2026-03-04 | KS | @1001 | förlorad arbetsinkomst | 13.00 | 14.00 | | ja\n\
                 2026-03-11 | 2026-03-04 | KS | @1001 | övrigt | | | 99 | ja",
            ),
            ("Inkomstuppgifter", "Personnummer | Från | Slag | SGI\n@1001 | 2025-01-01 | anställd | 365000"),
            ("Beslut", &decision),
            ("Jour", "Personnummer | Från | Till | För | Aktiv från | Aktiv till\n@1001 | 2026-03-07 | 2026-03-07 | BSU ordförande | 18.00 | 18.31"),
            ("Frånvaro", "Personnummer | Från | Till | Slag | Omfattning\n@1001 | 2026-03-30 | 2026-04-02 | hindrad | 50"),
            ("Avstående", "Personnummer | Avstår | Från | Handling\n@1001 | barntillsyn | 2026-01-01 | KS 2026/3"),
            ("Utbetalt", "Utbetalningsmånad | Anställningsnummer | Lönart | Datum | Belopp | Status\n2026-03 | 1001 | 1647 | 2026-02-04 | 412 | utbetald på annat sätt"),
        ],
    );
    kommun.try_import(&[&file]);
    for month in ["2026-03", "2026-04"] {
        let batch = kommun.freeze(month)["batch"].as_str().unwrap().to_owned();
        kommun.sign_as(&batch, "granskning", "greta").exits(0);
        // Britt signs what she may; her own rows are Ove's to decide on.
        kommun.sign_as(&batch, "beslut", "britt");
        kommun.sign_as(&batch, "beslut", "ove");
        kommun.run(&["export", &batch]).exits(0);
    }
    let gone = kommun.freeze("2026-05")["batch"].as_str().map(str::to_owned);
    if let Some(batch) = gone {
        kommun.run(&["void", &batch, "--because", "fel underlag"]).exits(0);
    }
    let unread =
        "Datum | Organ | Start | Slut | Personnummer | Roll\n2026-04-08 | KZ | 13.00 | 14.00 | @1001 | ledamot";
    kommun.try_import(&[&kommun.list("fel.xlsx", unread)]);
    kommun.run(&["withdraw", "KS", "2026-03-04", "--because", "fel möte, KS 2026/9"]).exits(0);
    kommun
}

fn id_of(kommun: &Kommun, anstid: &str) -> String {
    kommun
        .sql(&format!("SELECT person_id FROM fact WHERE kind = 'person' AND body LIKE '%{}%' LIMIT 1", digits(anstid)))
}

fn texts<'a>(list: &'a Value, key: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().filter_map(|one| one[key].as_str()).collect()
}

#[test]
fn every_fact_row_and_revision_of_the_person_is_there() {
    let kommun = kommun();
    let utdrag = kommun.json(&["disclose", "1001"]);
    let id = id_of(&kommun, "1001");
    let stored = kommun.sql(&format!("SELECT COUNT(*) FROM fact WHERE person_id = {id}"));
    assert_eq!(utdrag["facts"].as_array().unwrap().len().to_string(), stored, "every revision");
    let kinds: BTreeSet<&str> = texts(&utdrag["facts"], "kind").into_iter().collect();
    let expected = [
        "absence",
        "anstid",
        "attendance",
        "avstaende",
        "beslut",
        "claim",
        "distance",
        "income",
        "jour",
        "person",
        "uppdrag",
        "utbetalt",
    ];
    assert_eq!(kinds, expected.into_iter().collect(), "every kind that is about a person");
    let rows = kommun.sql(&format!("SELECT COALESCE(SUM(row_count), 0) FROM line_block WHERE person_id = {id}"));
    assert_eq!(utdrag["rows"].as_array().unwrap().len().to_string(), rows, "every row of every batch");
    let taken_back = utdrag["facts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|fact| fact["kind"] == "attendance" && fact["state"] == "återtagen");
    assert_eq!(taken_back.unwrap()["because"], "fel möte, KS 2026/9");
    assert!(
        texts(&utdrag["remarks"], "place").iter().any(|place| place.starts_with("fel.xlsx")),
        "{}",
        utdrag["remarks"]
    );
    assert_eq!(texts(&utdrag["mentions"], "field"), ["ersätter"]);
    assert_eq!(utdrag["about"]["controller"], "Exempelkommunen");
    let sources: Vec<&str> = utdrag["about"]["sources"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(sources, ["mars.xlsx", "register.xlsx"]);
    for key in ["purposes", "legal_ground", "categories", "receivers", "kept", "rights", "complaint", "automated"] {
        assert!(utdrag["about"][key].as_str().unwrap().len() > 20, "{key}");
    }
}

#[test]
fn nobody_else_is_named_in_it_and_the_person_is() {
    let kommun = kommun();
    for arguments in [&["disclose", "1001"][..], &["disclose", "1001", "--json"]] {
        let told = kommun.run(arguments).exits(0).out;
        for (anstid, _, last, first) in PERSONS.iter().filter(|person| person.0 == "1002") {
            for hidden in [digits(anstid), written(anstid), format!("{first} {last}"), format!("{anstid}@hem.example")]
            {
                assert!(!told.contains(&hidden), "{hidden} in {told}");
            }
        }
        assert!(told.contains("utlägg delat med skyddad"), "{told}");
        assert!(told.contains("Anna Ek") && told.contains(&digits("1001")), "{told}");
    }
}

#[test]
fn an_official_sees_the_own_signatures_and_a_batch_that_is_void_is_said_to_be() {
    let kommun = kommun();
    let utdrag = kommun.json(&["disclose", "1002"]);
    assert_eq!(texts(&utdrag["officials"], "id"), ["britt"]);
    let batches: BTreeSet<&str> = texts(&utdrag["signatures"], "batch").into_iter().collect();
    assert!(batches.is_superset(&["2026-04/1"].into()), "{batches:?}");
    let void = kommun.sql("SELECT COALESCE(SUM(l.row_count), 0) FROM line_block l JOIN batch b ON b.id = l.batch_id WHERE b.state = 'void'");
    let told = texts(&utdrag["rows"], "state").iter().filter(|state| **state == "makulerad").count();
    assert!(void != "0" && told > 0, "{void} rows are void, {told} are told");
}

#[test]
fn the_request_is_audited_without_a_number_and_the_files_are_the_owners_alone() {
    let kommun = kommun();
    let folder = kommun.root().join("utdrag");
    let to = folder.to_str().unwrap();
    kommun.run(&["disclose", "Anna Ek", "--to", to]).exits(0);
    for name in ["registerutdrag.json", "registerutdrag.txt"] {
        let mode = fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
    }
    let text = fs::read_to_string(folder.join("registerutdrag.txt")).unwrap();
    for part in
        ["artikel 15", "Rättslig grund: ", "Uppgifter (", "Rader i lönekörningar (", "Integritetsskyddsmyndigheten"]
    {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    kommun.run(&["disclose", "1001", "--to", to]).exits(2).says(&["is not written over"]);
    let audited = kommun.sql("SELECT DISTINCT detail FROM audit WHERE action = 'disclose'");
    assert_eq!(audited, format!("person {}", id_of(&kommun, "1001")));
    kommun.run(&["disclose", "9999"]).exits(2).says(&["nobody is known"]);
}
