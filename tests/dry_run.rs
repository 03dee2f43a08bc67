//! `import --dry-run` says row by row what the import would change beside what is stored, changes nothing, and the import
//! then does just that.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::Kommun;
use support::books::digits;

/// All that the database holds, but its own bookkeeping of pages.
fn stored(kommun: &Kommun) -> String {
    kommun.sql(".dump")
}

fn dry(kommun: &Kommun, files: &[&Path]) -> Vec<Value> {
    let mut command = kommun.command(&["import", "--dry-run", "--json"]);
    let ran = support::Ran::of(&command.args(files).output().unwrap());
    assert!(ran.code <= 1, "{ran:?}");
    ran.json()["files"].as_array().unwrap().clone()
}

/// `Närvaro 2 changed: ändrad närvaro Anna Ek, KS 2026-09-09: tid [13.00–15.10 -> 13.00–16.10]`
fn told(file: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let field =
        |field: &Value| format!("{} [{} -> {}]", text(&field["field"]), text(&field["stored"]), text(&field["new"]));
    let fact = |fact: &Value| {
        let fields: Vec<String> = fact["fields"].as_array().unwrap().iter().map(field).collect();
        format!("{} {} {}: {}", text(&fact["state"]), text(&fact["kind"]), text(&fact["about"]), fields.join(", "))
    };
    let row = |row: &Value| {
        let facts: Vec<String> = row["facts"].as_array().unwrap().iter().map(fact).collect();
        let more = row["rule"].as_str().map(str::to_owned).or_else(|| Some(text(&row["problems"].get(0)?["wrong"])));
        format!(
            "{} {} {}: {}{}",
            text(&row["sheet"]),
            row["row"],
            text(&row["state"]),
            facts.join("; "),
            more.unwrap_or_default()
        )
    };
    file["changes"].as_array().unwrap().iter().map(row).collect()
}

fn counts(file: &Value) -> [u64; 5] {
    let count = |key: &str| file[key].as_u64().unwrap();
    let ignored = file["ignored"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    [count("accepted"), count("unchanged"), count("held"), ignored, count("removed")]
}

/// Rows by state, of those that are told.
fn states(file: &Value) -> impl Fn(&[&str]) -> u64 {
    let rows = file["changes"].as_array().unwrap().clone();
    move |states| rows.iter().filter(|row| states.contains(&row["state"].as_str().unwrap())).count() as u64
}

fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001", "1002", "1003"]);
    kommun.import(&[&kommun.list(
        "september.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Roll | Körda km
         2026-09-09 | KS | 13.00 | 15.10 | @1001 | ledamot | 24
         2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot |
         2026-09-09 | KS | 13.00 | 15.10 | @1003 | ledamot |",
    )]);
    kommun
}

/// A later list with a row of every kind: Anna's journey is another, Bo as before, Bo once more, one unknown, Cia left out,
/// a sum, and a new meeting.
fn later(kommun: &Kommun) -> PathBuf {
    kommun.list(
        "september.xlsx",
        "Hela listan: ja
         Datum | Organ | Start | Slut | Personnummer | Roll | Körda km | Namn
         2026-09-09 | KS | 13.00 | 15.10 | @1001 | ledamot | 30 |
         2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot | |
         2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot | |
         Summa | | | | | | 30 |
         2026-09-23 | VN | 9.00 | 11.00 | @1003 | ledamot | |",
    )
}

#[test]
fn every_row_is_told_beside_what_is_stored_and_the_import_does_just_that() {
    let kommun = kommun();
    let (list, before) = (later(&kommun), stored(&kommun));
    let file = dry(&kommun, &[&list]).remove(0);
    assert!(stored(&kommun) == before, "a dry run changes nothing");
    assert_eq!(
        told(&file),
        [
            "Närvaro 0 removed: taken_back närvaro Cia Åberg, KS 2026-09-09: roll [ledamot -> -], tid [13.00–15.10 -> -], inkom [TODAY -> -], inkom enligt filens dag [ja -> -]"
                .replace("TODAY", &today(&kommun)),
            "Närvaro 3 changed: changed närvaro Anna Ek, KS 2026-09-09: resa tur och retur [24 km -> 30 km]".to_owned(),
            "Närvaro 5 ignored: samma rad två gånger".to_owned(),
            "Närvaro 6 ignored: summarad".to_owned(),
            "Närvaro 7 new: new möte VN 2026-09-23: organ [- -> VN], dag [- -> 2026-09-23], tid [- -> 09.00–11.00]; new närvaro Cia Åberg, VN 2026-09-23: roll [- -> ledamot], tid [- -> 09.00–11.00], inkom [- -> TODAY], inkom enligt filens dag [- -> ja]"
                .replace("TODAY", &today(&kommun)),
        ]
    );
    assert_eq!(counts(&file), [2, 1, 0, 2, 1]);
    let done = kommun.try_import(&[&list]).exits(0).json()["files"][0].clone();
    assert_eq!(counts(&done), counts(&file));
    for key in ["rows", "ignored", "closed", "remarks", "sheets"] {
        assert_eq!(done[key], file[key], "{key}");
    }
    assert!(stored(&kommun) != before);
    let km = kommun.sql(
        "SELECT COUNT(*) FROM fact WHERE kind = 'attendance' AND superseded_by IS NULL AND body LIKE '%\"km\":\"30\"%'",
    );
    assert_eq!(km, "1");
    // What has been done is not to be done again.
    kommun.import(&[&kommun
        .book("d.xlsx", &[("Beslut", "Diarienummer | Datum | Gäller | Innebörd\nKS 9 | 2026-11-01 | § 12 | bifall")])]);
    let again = dry(&kommun, &[&list]).remove(0);
    assert_eq!((counts(&again), states(&again)(&["new", "changed", "removed"])), ([0, 3, 0, 2, 0], 0));
}

fn today(kommun: &Kommun) -> String {
    kommun.sql("SELECT json_extract(body, '$.inkom') FROM fact WHERE kind = 'attendance' LIMIT 1")
}

#[test]
fn a_held_row_says_why_and_the_rows_told_add_up_to_the_counts() {
    let kommun = kommun();
    let list = kommun.list(
        "oktober.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Namn | Roll
         2026-10-14 | KS | 13.00 | 15.10 | @1001 | | ledamot
         2026-10-14 | KS | 13.00 | 15.10 | | Nils Okänd | ledamot
         2026-10-14 | KS | 13.00 | kvart | @1002 | | ledamot
         | | | | | |
         2026-09-09 | KS | 13.00 | 15.10 | @1002 | | ledamot",
    );
    let file = dry(&kommun, &[&list]).remove(0);
    let [accepted, unchanged, held, ignored, removed] = counts(&file);
    let of = states(&file);
    assert_eq!(
        (of(&["new", "changed"]), of(&["held"]), of(&["ignored"]), of(&["removed"])),
        (accepted, held, ignored, removed)
    );
    assert_eq!((accepted, unchanged, held), (1, 1, 2));
    assert_eq!(file["rows"].as_u64().unwrap(), accepted + unchanged + held + ignored);
    let told = told(&file);
    assert!(told.contains(&"Närvaro 3 held: okänd person: Nils Okänd".to_owned()), "{told:?}");
    let shown = kommun.run(&["import", "--dry-run", list.to_str().unwrap()]).exits(1).out;
    for part in ["provkörning: inget ändrat", "ny: närvaro", "Anna Ek, KS 2026-10-14", "okänd person: Nils Okänd"]
    {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    assert!(!shown.contains("Bo Alm"), "what is known is only counted\n{shown}");
}

#[test]
fn files_are_tried_together_as_they_would_be_imported() {
    let kommun = Kommun::new("2026-09");
    let persons = "Personnummer | Efternamn | Förnamn | Anställningsnummer\n@1001 | Ek | Anna | 1001";
    let register = kommun.book("register.xlsx", &[("Personer", persons)]);
    let list = kommun.list(
        "september.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Roll\n2026-09-09 | KS | 13.00 | 15.10 | @1001 | ledamot",
    );
    kommun.run(&["remarks"]).exits(0);
    let before = stored(&kommun);
    let files = dry(&kommun, &[&list, &register]);
    assert!(stored(&kommun) == before);
    assert_eq!(
        (counts(&files[0]), counts(&files[1])),
        ([1, 0, 0, 0, 0], [1, 0, 0, 0, 0]),
        "the list knows whom the register names"
    );
    let text = serde_json::to_string(&files).unwrap();
    assert!(!text.contains(&digits("1001")), "nobody's number is shown");
    let done = kommun.import(&[&list, &register]).json()["files"].clone();
    assert_eq!((counts(&done[0]), counts(&done[1])), (counts(&files[0]), counts(&files[1])));
}

#[test]
fn changes_of_a_register_and_of_a_protected_person() {
    let kommun = kommun();
    let book = "Personnummer | Efternamn | Förnamn | E-post | Skyddade personuppgifter
                @1001 | Ek-Sten | Anna | anna@hem.example | nej
                @1002 | Hemlig | Bosse | dold@hem.example | ja";
    let path = kommun.book("p.xlsx", &[("Personer", book)]);
    let file = dry(&kommun, &[&path]).remove(0);
    let told = told(&file);
    assert_eq!(
        told[0],
        "Personer 2 changed: changed personuppgift Anna Ek-Sten: efternamn [Ek -> Ek-Sten], e-post [1001@hem.example -> anna@hem.example], skyddade personuppgifter [- -> nej]"
    );
    assert!(told[1].contains("skyddad") && !told[1].contains("Hemlig") && !told[1].contains("dold@"), "{}", told[1]);
}

#[test]
fn a_long_list_is_capped_for_a_person_and_whole_in_json() {
    let kommun = kommun();
    let rows: String = (0..260)
        .map(|at| {
            format!(
                "\n20{:02}-{:02}-{:02} | KS | 13.00 | 15.10 | @1001 | ledamot",
                16 + at / 120,
                at / 10 % 12 + 1,
                at % 10 + 1
            )
        })
        .collect();
    let list = kommun.list("år.xlsx", &format!("Datum | Organ | Start | Slut | Personnummer | Roll{rows}"));
    let file = dry(&kommun, &[&list]).remove(0);
    assert_eq!(states(&file)(&["new"]), 260);
    let shown = kommun.run(&["import", "--dry-run", list.to_str().unwrap()]).exits(0).out;
    assert!(shown.contains("… och 320 till; --json visar alla"), "{}", &shown[shown.len() - 400..]);
}
