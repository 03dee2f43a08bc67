//! A kommun's own forms by configuration: a profile makes a foreign sheet say what our own would, the import tells which
//! profile it used, and what is wrong in a profile is said with its line.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use serde_json::Value;
use support::Kommun;
use support::rows::of_json;

fn kommun(profile: &str) -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001", "1002"]);
    kommun.edit("arvode.toml", |text| format!("{text}\n{profile}\n"));
    kommun
}

fn first(ran: &Value) -> (u64, u64, String) {
    let file = &ran["files"][0];
    let notes: Vec<&str> = file["sheets"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect();
    (file["accepted"].as_u64().unwrap(), file["held"].as_u64().unwrap(), notes.join("\n"))
}

const MILJO: &str = r#"
[[excel.profile]]
name = "Miljös lista"
file = "MN*.xlsx"
headers = ["Vem", "Dag"]
kind = "Närvaro"
header_row = 3
columns = { "Vem" = "Namn", "Dag" = "Datum", "Kl" = "Start", "In" = "Närvarande från", "Ut" = "Närvarande till", "Var där" = "Tjänstgörande" }
fixed = { "Organ" = "KS", "Slag" = "a" }
[[excel.profile.word]]
column = "Tjänstgörande"
written = "N"
means = "ja"
[[excel.profile.word]]
column = "Roll"
written = "OF"
means = "Ordförande"
"#;

const FOREIGN: &str = "Miljöförvaltningen | Datum | Organ
    Vem | Dag | Kl | förra året
    Vem | Dag | Kl | Var där | In | Ut | Roll
    Anna Ek | 2026-09-07 | 13-16 | N | | | OF
    Bo Alm | 2026-09-07 | 13-16 | N | 14.00 | | LE";

#[test]
fn a_profile_makes_a_foreign_form_say_what_our_own_would() {
    let kommun_with = kommun(MILJO);
    let ours = kommun("");
    let foreign = kommun_with.book("MN höst.xlsx", &[("Blad1", FOREIGN)]);
    let own = ours.list(
        "lista.xlsx",
        "Datum | Organ | Slag | Start | Slut | Namn | Roll | Tjänstgörande | Närvarande från
        2026-09-07 | KS | a | 13.00 | 16.00 | Anna Ek | ledamot | ja |
        2026-09-07 | KS | a | 13.00 | 16.00 | Bo Alm | ledamot | ja | 14.00",
    );
    let (accepted, held, notes) = first(&kommun_with.import(&[&foreign]).json());
    assert_eq!((accepted, held), (2, 0), "{notes}");
    assert!(notes.contains("Blad1: läst enligt profilen ”Miljös lista”"), "{notes}");
    ours.import(&[&own]);
    let paid = of_json(&kommun_with.json(&["month", "2026-10"]));
    assert_eq!(paid, of_json(&ours.json(&["month", "2026-10"])));
    assert!(paid.len() >= 3, "{paid:?}");
}

#[test]
fn a_profile_is_only_for_the_sheets_that_it_names() {
    let kommun = kommun(MILJO);
    let other = kommun.book("annan.xlsx", &[("Blad1", FOREIGN)]);
    let (accepted, _, notes) = first(&kommun.try_import(&[&other]).json());
    assert_eq!(accepted, 0);
    assert!(!notes.contains("profilen"), "{notes}");
}

#[test]
fn marks_of_a_matrix_have_words_of_their_own() {
    let kommun = kommun(
        "[[excel.profile]]\nname = \"Gamla matrisen\"\nsheet = \"KS*\"\nkind = \"Närvaro\"\ncolumns = { \"Vem\" = \"Namn\" }\nfixed = { \"Organ\" = \"KS\" }\n\
         [[excel.profile.word]]\ncolumn = \"Närvaro\"\nwritten = \"N\"\nmeans = \"ja\"\n[[excel.profile.word]]\ncolumn = \"Närvaro\"\nwritten = \"F\"\nmeans = \"nej\"",
    );
    let table = "Vem | 2026-09-07 13-16 | 2026-09-14 13-16\nAnna Ek | N | F\nBo Alm | F | N";
    let book = kommun.book("m.xlsx", &[("KS 2026", table)]);
    let (accepted, held, notes) = first(&kommun.import(&[&book]).json());
    assert_eq!((accepted, held), (2, 0), "{notes}");
    assert!(notes.contains("läst enligt profilen ”Gamla matrisen”"), "{notes}");
}

#[test]
fn what_is_wrong_in_a_profile_is_said_with_its_line() {
    let cases = [
        ("name = \"A\"\nkind = \"Närvaro\"", "no `file`, `sheet` or `headers`"),
        ("name = \"A\"\nsheet = \"x\"", "Närvaro"),
        ("name = \"A\"\nsheet = \"x\"\nkind = \"Fika\"", "Fika"),
        ("name = \"A\"\nsheet = \"x\"\nkind = \"Närvaro\"\nheader_row = 31", "a row from 1 to 30"),
        ("name = \"A\"\nsheet = \"x\"\nkind = \"Närvaro\"\ncolumns = { \"Vem\" = \"Timlön\" }", "\"Timlön\""),
        ("name = \"A\"\nsheet = \"x\"\nkind = \"Närvaro\"\nfixed = { \"Årgan\" = \"KS\" }", "Årgan"),
        ("name = \"A\"\nsheet = \"x\"\nkind = \"Närvaro\"\nfarg = 1", "farg"),
        (
            "name = \"A\"\nsheet = \"x\"\nkind = \"Jour\"\n[[excel.profile.word]]\ncolumn = \"Närvaro\"\nwritten = \"N\"\nmeans = \"ja\"",
            "\"Närvaro\"",
        ),
        (
            "name = \"A\"\nsheet = \"x\"\nkind = \"Jour\"\n[[excel.profile]]\nname = \"A\"\nsheet = \"y\"\nkind = \"Jour\"",
            "a second profile",
        ),
    ];
    for (profile, expect) in cases {
        let kommun = kommun(&format!("[[excel.profile]]\n{profile}"));
        let ran = kommun.run(&["check"]).exits(2);
        let said = format!("{}{}", ran.out, ran.err);
        let line_of = |line: &str| {
            let (_, place) = line.split_once("arvode.toml:")?;
            place.split(':').next()?.parse::<usize>().ok()
        };
        let shipped = kommun.config("arvode.toml").lines().count() - profile.lines().count() - 3;
        let has_line =
            said.lines().any(|line| line.contains(expect) && line_of(line).is_some_and(|number| number > shipped));
        assert!(has_line, "{profile}\n{said}");
    }
    kommun(MILJO).run(&["check"]).exits(1);
}
