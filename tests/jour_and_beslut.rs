//! Jour, decisions and the fields of costs, from a workbook to the facts that stand: told twice, corrected, held, mended,
//! taken back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use serde_json::Value;
use support::Kommun;
use support::books::{digits, personnummer, written};

const JOUR: &str = "Personnummer | Namn | Från | Till | För | Aktiv från | Aktiv till";
const BESLUT: &str = "Diarienummer | Datum | Organ | Gäller | Innebörd | Från | Till";
const YRKANDEN: &str = "Inkom | Datum | Organ | Personnummer | Slag | Avresa | Hemkomst | Måltider | Egen logi | Barnets födelseår | Vårdgivare närstående | Kommunal barnomsorg | Pensionstillfälle";

/// Two ledamöter, and two persons of one name.
fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-03");
    kommun.ledamoter(&["1001", "1002"]);
    let (one, other) = (personnummer("19700101995"), personnummer("19710101996"));
    let namesakes = format!(
        "Personnummer | Efternamn | Förnamn | Anställningsnummer\n{one} | Ås | Siv | 1101\n{other} | Ås | Siv | 1102"
    );
    kommun.import(&[&kommun.book("namnar.xlsx", &[("Personer", &namesakes)])]);
    kommun
}

/// The bodies of the facts of a kind that stand, in the order in which they became known.
fn standing(kommun: &Kommun, kind: &str) -> Vec<Value> {
    let statement = format!(
        "SELECT body FROM fact WHERE kind = '{kind}' AND superseded_by IS NULL AND body IS NOT NULL ORDER BY id"
    );
    kommun.sql(&statement).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Some fields of each, as JSON.
fn fields(facts: &[Value], names: &[&str]) -> Vec<String> {
    let of = |fact: &Value| names.iter().map(|name| fact[*name].to_string()).collect::<Vec<_>>().join(" ");
    facts.iter().map(of).collect()
}

/// Imports one sheet, and gives `[rows, accepted, unchanged, held, ignored]`, which must add up.
#[track_caller]
fn counts(kommun: &Kommun, file: &str, sheet: &str, header: &str, rows: &str) -> [u64; 5] {
    let book = kommun.book(file, &[(sheet, &format!("{header}\n{rows}"))]);
    let ran = kommun.try_import(&[&book]);
    let report = ran.json()["files"][0].clone();
    let number = |key: &str| report[key].as_u64().unwrap();
    let ignored = report["ignored"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    let counts = [number("rows"), number("accepted"), number("unchanged"), number("held"), ignored];
    assert_eq!(counts[0], counts[1..].iter().sum::<u64>(), "{report}");
    assert_eq!(ran.code, i32::from(counts[3] > 0), "{report}");
    counts
}

/// A row that is held with these words, and then, mended in its place, with nothing held any more.
#[track_caller]
fn held(kommun: &Kommun, (sheet, header): (&str, &str), row: &str, mended: &str, expected: &[&str]) {
    assert_eq!(counts(kommun, "rad.xlsx", sheet, header, row)[1..], [0, 0, 1, 0], "{row}");
    let remarks = kommun.json(&["remarks", "--state", "held"]);
    let told =
        |remark: &Value| format!("{}; {}", remark["reason"].as_str().unwrap(), remark["proposed"].as_str().unwrap());
    let said: String = remarks.as_array().unwrap().iter().filter(|remark| remark["kind"] == "row").map(told).collect();
    for part in expected {
        assert!(said.contains(part), "{row}: \"{part}\" is not said in {said}");
    }
    assert!(!said.contains(&written("1001")) && !said.contains(&digits("1001")), "{said}");
    assert_eq!(counts(kommun, "rad.xlsx", sheet, header, mended)[3], 0, "{mended}");
    assert!(!kommun.held().iter().any(|held| held.contains(expected[0])), "{row}: {:?}", kommun.held());
}

#[test]
fn jour_is_taken_in_told_again_and_corrected() {
    let kommun = kommun();
    let rows = "@1001 | | 2026-03-06 | 2026-03-08 | BSU ordförande
        @1001 | | 2026-03-06 | | Bildnings- och sociala utskottets ordförande | 18.00-19.30, 22.00-23.15
         | Bo Alm | 2026-03-09 | | Kommunstyrelsens allmänna utskott | 23.00 | 01.30
        @1001 | | 2026-03-06 | 2026-03-08 | BSU ordförande";
    assert_eq!(counts(&kommun, "jour.xlsx", "Jour", JOUR, rows), [4, 3, 0, 0, 1]);
    let told = [
        "\"BSU\" \"2026-03-06\" \"2026-03-06\" [[\"18:00:00\",\"19:30:00\"],[\"22:00:00\",\"23:15:00\"]]",
        "\"AU\" \"2026-03-09\" \"2026-03-09\" [[\"23:00:00\",\"01:30:00\"]]",
        "\"BSU\" \"2026-03-06\" \"2026-03-08\" []",
    ];
    let jour = || fields(&standing(&kommun, "jour"), &["organ", "from", "to", "active"]);
    assert_eq!(jour(), told);
    assert_eq!(counts(&kommun, "igen.xlsx", "Jour", JOUR, rows), [4, 0, 3, 0, 1], "told again, nothing is new");
    // A later last day and later hours take the place of the former.
    let later = "@1001 | | 2026-03-06 | 2026-03-09 | BSU\n@1001 | | 2026-03-06 | | BSU | 19.00 | 19.30";
    assert_eq!(counts(&kommun, "rattat.xlsx", "Jour", JOUR, later), [2, 2, 0, 0, 0]);
    assert_eq!(
        jour(),
        [
            told[1],
            "\"BSU\" \"2026-03-06\" \"2026-03-06\" [[\"19:00:00\",\"19:30:00\"]]",
            "\"BSU\" \"2026-03-06\" \"2026-03-09\" []",
        ]
    );
    // A day's row with a blank Aktiv från takes the active duty back; without the column it does not.
    let without = "@1002 | 2026-03-09 | AU";
    assert_eq!(counts(&kommun, "utan.xlsx", "Jour", "Personnummer | Från | För", without), [1, 1, 0, 0, 0]);
    assert_eq!(jour().len(), 4);
    assert_eq!(counts(&kommun, "tomt.xlsx", "Jour", JOUR, "@1002 | | 2026-03-09 | | AU"), [1, 1, 0, 0, 0]);
    assert!(!jour().contains(&told[1].to_owned()), "{:?}", jour());
    assert_eq!(counts(&kommun, "tomt2.xlsx", "Jour", JOUR, "@1002 | | 2026-03-09 | | AU"), [1, 0, 1, 0, 0]);
}

#[test]
fn what_is_wrong_with_jour_is_held_and_mended() {
    let kommun = kommun();
    let form = ("Jour", JOUR);
    let right = "@1001 | | 2026-03-06 | | BSU";
    let check = |row: &str, expected: &[&str]| held(&kommun, form, row, right, expected);
    check(
        "@1001 | | 2026-03-06 | | Ordföranden",
        &["E2: jouren gäller ett okänt organ: Ordföranden", "BSU ordförande"],
    );
    check("@1001 | | 2026-03-06 | | BSUX ordförande", &["okänt organ"]);
    check("@1001 | | 2026-03-06 | | ", &["E2: Uppgiften om vem jouren gäller saknas.", "BSU ordförande"]);
    check("@1001 | | 2026-03-06 | 2026-03-07 | BSU | 18 | 19", &["F2: aktiv tjänst på en rad", "en rad om dagen"]);
    check("@1001 | | 2026-03-06 | 2026-03-05 | BSU", &["D2: sista dagen är före den första"]);
    check("@1001 | | 2026-03-06 | | BSU | 18.00", &["F2: Tiden för aktiv tjänst är inte hel.", "18.00-19.30"]);
    let two = "@1001 | | 2026-03-06 | | BSU | 18 | 19\n@1001 | | 2026-03-06 | | BSU | 20 | 21";
    assert_eq!(counts(&kommun, "två.xlsx", "Jour", JOUR, two), [2, 2, 0, 0, 0]);
    assert_eq!(counts(&kommun, "två igen.xlsx", "Jour", JOUR, two), [2, 0, 2, 0, 0], "two rows of a day are one fact");
    let stretches = "@1001 | | 2026-03-06 | 2026-03-07 | BSU\n@1001 | | 2026-03-06 | 2026-03-08 | BSU";
    assert_eq!(counts(&kommun, "sträckor.xlsx", "Jour", JOUR, stretches), [2, 1, 0, 1, 0]);
    assert!(kommun.held()[0].contains("en andra rad för samma person, organ och första dag"), "{:?}", kommun.held());
    let named = " | Siv Ås | 2026-03-06 | | BSU";
    assert_eq!(counts(&kommun, "namn.xlsx", "Jour", JOUR, named), [1, 0, 0, 1, 0]);
    assert!(kommun.held().iter().any(|held| held.contains("2 personer heter Siv Ås")), "{:?}", kommun.held());
}

#[test]
fn the_jour_of_one_organ_leaves_the_remarks_of_others_open() {
    let kommun = kommun();
    let both = "@1001 | | 2026-03-06 | | Ordföranden\n@1002 | | 2026-03-13 | | BSU";
    assert_eq!(counts(&kommun, "jour.xlsx", "Jour", JOUR, both), [2, 1, 0, 1, 0]);
    assert_eq!(counts(&kommun, "jour.xlsx", "Jour", JOUR, "@1002 | | 2026-03-20 | | BSU"), [1, 1, 0, 0, 0]);
    assert_eq!(kommun.held().len(), 1, "another person's row in another week mends nothing");
}

#[test]
fn decisions_are_taken_in_told_again_and_corrected() {
    let kommun = kommun();
    let rows = "2026/7 | 2026-03-10 | AU | § 15; Anna Ek, KS 2026-03-04, särskilda skäl | Bifall: nödvändigt
        2026/8 | 2026-03-10 | Allmänna utskottet | närvarorätt, @@ | bifall | 2026-03-01 | 2026-12-31
        2026/9 | 2026-03-11 | | § 2C | avslag
        2026/9 | 2026-03-11 | | barntillsyn, Bo Alm | eftergift"
        .replace("@@", &written("1002"));
    assert_eq!(counts(&kommun, "beslut.xlsx", "Beslut", BESLUT, &rows), [4, 4, 0, 0, 0]);
    let told = || fields(&standing(&kommun, "beslut"), &["organ", "paragraph", "slag", "utfall", "from", "to"]);
    assert_eq!(
        told(),
        [
            "\"AU\" \"§ 15\" null \"bifall\" null null",
            "\"AU\" \"§ 2\" null \"bifall\" \"2026-03-01\" \"2026-12-31\"",
            "null \"§ 2 c\" null \"avslag\" null null",
            "null null \"barntillsyn\" \"eftergift\" null null",
        ]
    );
    let facts = standing(&kommun, "beslut");
    assert_eq!(facts[0]["innebord"], "Bifall: nödvändigt");
    let persons: Vec<bool> = facts.iter().map(|fact| fact["person"].is_i64()).collect();
    assert_eq!(persons, [true, true, false, true]);
    // The meeting was made known by the decision; its list finds it again.
    let meetings = standing(&kommun, "meeting");
    assert_eq!((meetings.len(), &meetings[0]["meeting"]), (1, &facts[0]["meeting"]));
    let list = "Datum | Organ | Möte | Start | Slut | Personnummer | Roll\n2026-03-04 | KS | KS-7 | 13.00 | 14.00 | @1001 | ledamot";
    kommun.import(&[&kommun.list("lista.xlsx", list)]);
    assert_eq!(standing(&kommun, "meeting").len(), 1);
    assert_eq!(counts(&kommun, "igen.xlsx", "Beslut", BESLUT, &rows), [4, 0, 4, 0, 0]);
    let by_id = "2026/7 | 2026-03-10 | AU | § 15; Anna Ek, KS-7 | Avslag";
    assert_eq!(counts(&kommun, "id.xlsx", "Beslut", BESLUT, by_id), [1, 1, 0, 0, 0]);
    assert_eq!(told().len(), 4, "the same decision in other words takes the place of the former");
    assert!(told().contains(&"\"AU\" \"§ 15\" null \"avslag\" null null".to_owned()), "{:?}", told());
    // A sheet without the columns keeps organ and days.
    let header = "Diarienummer | Datum | Gäller | Innebörd";
    let again = format!("2026/8 | 2026-03-10 | § 2, {} | bifall", written("1002"));
    assert_eq!(counts(&kommun, "kort.xlsx", "Beslut", header, &again), [1, 0, 1, 0, 0]);
}

#[test]
fn what_is_wrong_with_a_decision_is_held_and_mended() {
    let kommun = kommun();
    let form = ("Beslut", BESLUT);
    let check = |cells: &str, expected: &[&str]| {
        let right = "2026/7 | 2026-03-10 | AU | § 15 | bifall";
        held(&kommun, form, &format!("2026/7 | 2026-03-10 | AU | {cells}"), right, expected);
    };
    check("§ 15 | beviljas", &["E2: Innebörden ”beviljas”", "bifall, avslag, återkrav, kvittning eller eftergift"]);
    check("§ 15 |", &["E2: Innebörd saknas."]);
    check(" | bifall", &["D2: Vad beslutet gäller saknas."]);
    check("särskilda skäl | bifall", &["D2: ”särskilda skäl” säger inte vad beslutet gäller."]);
    check("§ 15, Kalle Kula | bifall", &["D2: okänt i vad beslutet gäller: Kalle Kula", "ett slag av yrkande (förl"]);
    check("§ 15, KX 2026-03-04 | bifall", &["D2: okänt i vad beslutet gäller: KX 2026-03-04"]);
    check("§ 15, Siv Ås | bifall", &["D2: ”Siv Ås” kan vara 2 personer", "personnummer"]);
    check("§ 15, § 12 | bifall", &["D2: beslutet gäller flera paragrafer", "en rad för var"]);
    check("Anna Ek, Bo Alm | bifall", &["D2: beslutet gäller flera personer"]);
    check("KS 2026-03-04, KS 2026-03-05 | bifall", &["D2: beslutet gäller flera möten"]);
    check("§ 91 | bifall", &["D2: Paragrafen ”§ 91” finns inte"]);
    check(&format!("{} | bifall", personnummer("19720101995")), &["D2: okänd person"]);
    check("§ 15 | bifall | 2026-03-10 | 2026-03-09", &["G2: sista dagen är före den första"]);
    assert_eq!(standing(&kommun, "meeting").len(), 0, "a held row makes no meeting known");
    let twice = "2026/1 | 2026-03-10 | | § 15 | bifall\n2026/1 | 2026-03-10 | | § 15 | avslag";
    assert_eq!(counts(&kommun, "två.xlsx", "Beslut", BESLUT, twice), [2, 1, 0, 1, 0]);
    let list = "Datum | Organ | Start | Slut | Personnummer | Roll\n2026-03-04 | KS | 9 | 10 | @1001 | ledamot\n2026-03-04 | KS | 13 | 14 | @1001 | ledamot";
    kommun.import(&[&kommun.list("lista.xlsx", list)]);
    assert_eq!(
        counts(&kommun, "oklart.xlsx", "Beslut", BESLUT, "2026/2 | 2026-03-10 | | KS 2026-03-04 | bifall")[3],
        1
    );
    assert!(kommun.held().iter().any(|held| held.contains("flera möten kan vara ”KS 2026-03-04”")));
}

#[test]
fn the_costs_of_a_claim_are_kept_cleared_and_held() {
    let kommun = kommun();
    let whole = "2026-03-10 | 2026-03-04 | KS | @1001 | traktamente | 2026-03-03 07.30 | 2026-03-05 18.10 | 2 lunch, frukost | 2 | 2016 | nej | 08.00-15.30 | 2026-03";
    assert_eq!(counts(&kommun, "yrkanden.xlsx", "Yrkanden", YRKANDEN, whole), [1, 1, 0, 0, 0]);
    let names = [
        "avresa_day",
        "avresa",
        "hemkomst_day",
        "maltider",
        "egen_logi_nights",
        "barn_fott",
        "narstaende",
        "barnomsorg",
        "pensionstillfalle",
    ];
    let claim = || fields(&standing(&kommun, "claim"), &names).concat();
    let told = "\"2026-03-03\" \"07:30:00\" \"2026-03-05\" [\"frukost\",\"lunch\",\"lunch\"] 2 2016 false {\"tider\":[[\"08:00:00\",\"15:30:00\"]]} \"2026-03-31\"";
    assert_eq!(claim(), told);
    assert_eq!(counts(&kommun, "igen.xlsx", "Yrkanden", YRKANDEN, whole), [1, 0, 1, 0, 0]);
    let short = "2026-03-10 | 2026-03-04 | KS | @1001 | traktamente";
    let header = "Inkom | Datum | Organ | Personnummer | Slag";
    assert_eq!(counts(&kommun, "kort.xlsx", "Yrkanden", header, short), [1, 0, 1, 0, 0], "no column, no change");
    let timed = format!("{short} | 8.00");
    assert_eq!(counts(&kommun, "tid.xlsx", "Yrkanden", &format!("{header} | Avresa"), &timed), [1, 1, 0, 0, 0]);
    assert_eq!(claim(), told.replace("\"2026-03-03\" \"07:30:00\"", "null \"08:00:00\""));
    assert_eq!(counts(&kommun, "tomt.xlsx", "Yrkanden", YRKANDEN, short), [1, 1, 0, 0, 0], "blank cells clear");
    assert_eq!(claim(), "null null null [] 0 null null \"ingen\" null");
    let wrong = "2026-03-10 | 2026-03-04 | KS | @1001 | resa | | | fika";
    let right = wrong.replace("fika", "lunch");
    held(&kommun, ("Yrkanden", YRKANDEN), wrong, &right, &["H2: ”fika” är inte måltider.", "frukost, 2 lunch, middag"]);
}

#[test]
fn shares_of_an_income_are_kept_and_cleared() {
    let kommun = kommun();
    let header = "Personnummer | Från | Slag | Timlön | Semester % | Pension %";
    let rows = "@1001 | 2026-01-01 | anställd | 230 | 12 % | 4,5";
    assert_eq!(counts(&kommun, "inkomst.xlsx", "Inkomstuppgifter", header, rows), [1, 1, 0, 0, 0]);
    let shares = || fields(&standing(&kommun, "income"), &["slag", "semester_percent", "pension_percent"]);
    assert_eq!(shares(), ["\"anställd\" \"12\" \"4.5\""]);
    let short = "@1001 | 2026-01-01 | Anställd | 230";
    assert_eq!(
        counts(&kommun, "igen.xlsx", "Inkomstuppgifter", "Personnummer | Från | Slag | Timlön", short),
        [1, 0, 1, 0, 0]
    );
    assert_eq!(counts(&kommun, "tomt.xlsx", "Inkomstuppgifter", header, short), [1, 1, 0, 0, 0]);
    assert_eq!(shares(), ["\"anställd\" null null"]);
    let wrong = "@1001 | 2026-01-01 | anställd | 230 | 0,12";
    held(&kommun, ("Inkomstuppgifter", header), wrong, short, &["E2: ”0,12” kan betyda två olika procenttal."]);
}

#[test]
fn a_dry_run_changes_nothing_and_a_file_is_taken_back_whole() {
    let kommun = kommun();
    let jour = format!("{JOUR}\n@1001 | | 2026-03-06 | | BSU");
    let beslut = format!("{BESLUT}\n2026/7 | 2026-03-10 | AU | § 15, Anna Ek, KS 2026-03-04 | bifall");
    let book = kommun.book("bok.xlsx", &[("Beslut", &beslut), ("Jour", &jour)]);
    let path = book.to_str().unwrap();
    let dry = kommun.json(&["import", "--dry-run", path]);
    assert_eq!((&dry["files"][0]["accepted"], dry["files"][0]["rows"].as_u64()), (&2.into(), Some(2)));
    assert!(standing(&kommun, "jour").is_empty() && standing(&kommun, "beslut").is_empty());
    kommun.import(&[&book]);
    assert_eq!((standing(&kommun, "jour").len(), standing(&kommun, "beslut").len()), (1, 1));
    let gone = kommun.json(&["withdraw", path, "--because", "fel fil"]);
    assert_eq!(gone["withdrawn"], 2);
    assert!(standing(&kommun, "jour").is_empty() && standing(&kommun, "beslut").is_empty());
    assert_eq!(standing(&kommun, "meeting").len(), 1, "a meeting stays: others may hang on it");
}

#[test]
fn the_forms_to_fill_in_are_read_back() {
    let kommun = kommun();
    for name in ["jour", "beslut"] {
        let form = kommun.path("blanketter").join(format!("{name}.xlsx"));
        kommun.import(&[&form]);
        let path = kommun.root().join(format!("{name}-ny.xlsx"));
        kommun.run(&["template", name, path.to_str().unwrap()]).exits(0);
        kommun.import(&[&path]);
    }
}
