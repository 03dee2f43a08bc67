//! `arvode deadlines`: every yrkande and possible yrkande with its exact last day (§ 16).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use serde_json::Value;
use support::Kommun;

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll | Tjänstgörande | Distans | \
                       Förlorad arbetsinkomst (kr) | Körda km";
const YRKANDEN: &str = "Datum | Organ | Personnummer | Slag | Inkom | Tid från | Tid till | Belopp | Styrkt | Återtagen | Pensionstillfälle";

/// What each person usually claims; everybody lives 12 km away, but 1003, who lives 3 km away.
fn kommun(first_month: &str, usual: &[(&str, &str)]) -> Kommun {
    let kommun = Kommun::new(first_month);
    kommun.ledamoter(&usual.iter().map(|(anstid, _)| *anstid).collect::<Vec<_>>());
    let rows = usual.iter().map(|(anstid, usual)| {
        let km = if *anstid == "1003" { 3 } else { 12 };
        format!("\n@{anstid} | {usual} | {km}")
    });
    let persons = format!("Personnummer | Brukar yrka | Avstånd km{}", rows.collect::<String>());
    kommun.import(&[&kommun.book("vanor.xlsx", &[("Personer", &persons)])]);
    kommun
}

fn take_in(kommun: &Kommun, name: &str, sheet: &str, table: &str) {
    let book = kommun.book(name, &[(sheet, table)]);
    kommun.run(&["import", book.to_str().unwrap()]).exits(0);
}

/// A meeting of two hours, with what else the list says of each person.
fn list(kommun: &Kommun, day: &str, rows: &[&str]) {
    let rows = rows.iter().map(|row| {
        let (person, more) = row.split_once(' ').unwrap_or((row, ""));
        format!("\n{day} | KS | 13.00 | 15.00 | @{person} | ledamot | {more}")
    });
    let table = format!("Inkom: {day}\n{NARVARO}{}", rows.collect::<String>());
    take_in(kommun, &format!("ks-{day}.xlsx"), "Närvaro", &table);
}

fn claim(kommun: &Kommun, name: &str, row: &str) {
    take_in(kommun, name, "Yrkanden", &format!("{YRKANDEN}\n{row}"));
}

fn ask(kommun: &Kommun, today: &str, more: &[&str]) -> (i32, Value) {
    let now = format!("{today}T10:00:00Z");
    let ran = kommun.run(&[&["deadlines", "--json", "--now", &now], more].concat());
    assert!(ran.code <= 1, "{}\n{}", ran.out, ran.err);
    (ran.code, ran.json())
}

/// `2026-11-12 1001 resa possible 69.60`
fn listed(kommun: &Kommun, today: &str, more: &[&str]) -> Vec<String> {
    let text = |one: &Value, key: &str| one[key].as_str().unwrap_or("-").to_owned();
    let row = |one: &Value| ["last_day", "anstid", "kind", "state", "worth"].map(|key| text(one, key)).join(" ");
    ask(kommun, today, more).1["deadlines"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn a_last_day_is_a_year_later_or_two_and_moves_to_a_working_day() {
    let kommun = kommun("2024-01", &[("1001", "förlorad arbetsinkomst"), ("1002", "pensionsförmån; semesterförmån")]);
    // A leap day; midsommarafton and a Saturday a year later; julafton two years later.
    for day in ["2024-02-29", "2024-06-20", "2024-09-06", "2024-12-24"] {
        list(&kommun, day, &["1001", "1002"]);
    }
    let last_days = |anstid: &str| -> Vec<String> {
        let found = listed(&kommun, "2024-12-30", &["--person", anstid]);
        found.iter().map(|row| row.split(' ').take(3).collect::<Vec<_>>().join(" ")).collect()
    };
    assert_eq!(
        last_days("1001"),
        [
            "2025-02-28 1001 förlorad",
            "2025-06-23 1001 förlorad",
            "2025-09-08 1001 förlorad",
            "2025-12-29 1001 förlorad"
        ]
    );
    let two_years = ["2026-03-02", "2026-06-22", "2026-09-07", "2026-12-28"];
    let both = |day: &&str| ["pensionsförmån", "semesterförmån"].map(|kind| format!("{day} 1002 {kind}"));
    assert_eq!(last_days("1002"), two_years.iter().flat_map(both).collect::<Vec<_>>());
}

#[test]
fn each_day_before_and_after_is_told_apart() {
    let kommun = kommun("2025-01", &[("1001", "förlorad arbetsinkomst")]);
    list(&kommun, "2025-11-12", &["1001"]);
    let check = |today: &str, days: i64, flag: Option<i64>, code: i32| {
        let (ended, found) = ask(&kommun, today, &[]);
        let one = &found["deadlines"][0];
        assert_eq!((one["days_left"].as_i64(), one["flag_days"].as_i64()), (Some(days), flag), "{today}");
        assert_eq!(ended, code, "{today}");
    };
    check("2026-08-13", 91, None, 0);
    check("2026-08-14", 90, Some(90), 0);
    check("2026-10-12", 31, Some(90), 0);
    check("2026-10-13", 30, Some(30), 0);
    check("2026-11-04", 8, Some(14), 0);
    check("2026-11-05", 7, Some(7), 1);
    check("2026-11-11", 1, Some(1), 1);
    check("2026-11-12", 0, Some(1), 1);
    assert_eq!(ask(&kommun, "2026-11-13", &[]), (0, ask(&kommun, "2026-11-13", &["--within", "400"]).1));
    assert!(listed(&kommun, "2026-11-13", &[]).is_empty() && listed(&kommun, "2026-11-12", &["--lapsed"]).is_empty());
    let gone = ["2026-11-12 1001 förlorad arbetsinkomst possible -"];
    assert_eq!(listed(&kommun, "2026-11-13", &["--lapsed"]), gone);
    assert_eq!(listed(&kommun, "2026-11-22", &["--lapsed", "--within", "10"]), gone);
    assert!(listed(&kommun, "2026-11-23", &["--lapsed", "--within", "10"]).is_empty());
}

#[test]
fn what_is_usual_and_has_not_come_is_found_and_what_cannot_be_is_not() {
    let usual = "förlorad arbetsinkomst, resa och barntillsyn";
    let kommun = kommun("2025-01", &[("1001", usual), ("1002", usual), ("1003", usual), ("1004", "")]);
    let income = "Personnummer | Slag | Timlön | Intyg | SGI | Från
         @1001 | anställd | 250 | KS 2024/77 | | 2024-01-01
         @1002 | anställd | | | 300000 | 2024-01-01";
    take_in(&kommun, "inkomst.xlsx", "Inkomstuppgifter", income);
    list(&kommun, "2025-11-12", &["1001", "1002 | ja", "1003", "1004"]);
    assert_eq!(
        listed(&kommun, "2026-11-01", &[]),
        [
            "2026-11-12 1001 förlorad arbetsinkomst possible 500.00",
            "2026-11-12 1001 resa possible 69.60",
            "2026-11-12 1001 barntillsyn possible -",
            // By schablon of the SGI; on a distance there is no journey.
            "2026-11-12 1002 förlorad arbetsinkomst possible 159.50",
            "2026-11-12 1002 barntillsyn possible -",
            // 3 km is too near for § 11.
            "2026-11-12 1003 förlorad arbetsinkomst possible -",
            "2026-11-12 1003 barntillsyn possible -",
        ]
    );
    // What came, what was taken back, and what is waived is not asked for again.
    claim(&kommun, "a.xlsx", "2025-11-12 | KS | @1001 | barntillsyn | 2025-12-01 | 13.00 | 15.00 | 300 | ja | ja |");
    claim(&kommun, "b.xlsx", "2025-11-12 | KS | @1002 | barntillsyn | 2025-12-01 | 13.00 | 15.00 | 300 | ja | ja |");
    let waiver = "Personnummer | Avstår | Från | Till | Handling
         @1001 | resa | 2025-01-01 | 2025-12-31 | KS 2025/1
         @1003 | allt | 2025-11-12 | | KS 2025/2";
    take_in(&kommun, "avstår.xlsx", "Avstående", waiver);
    assert_eq!(
        listed(&kommun, "2026-11-01", &[]),
        [
            "2026-11-12 1001 förlorad arbetsinkomst possible 500.00",
            "2026-11-12 1002 förlorad arbetsinkomst possible 159.50",
        ]
    );
    assert_eq!(listed(&kommun, "2026-11-01", &["--person", "1002"]).len(), 1);
    assert_eq!(listed(&kommun, "2026-11-01", &["--organ", "kommunstyrelsen"]).len(), 2);
    assert!(listed(&kommun, "2026-11-01", &["--organ", "KF"]).is_empty());
    kommun.run(&["deadlines", "--organ", "Månen"]).exits(2).says(&["unknown organ"]);
}

#[test]
fn nobody_is_asked_for_what_the_regulation_does_not_give() {
    let kommun = kommun("2025-01", &[("1001", "förlorad arbetsinkomst"), ("1002", "förlorad arbetsinkomst, barnvakt")]);
    let uppdrag = "Personnummer | Organ | Uppdrag | Från | Arvodesnyckel
         @1001 | KS | ordförande | 2025-01-01 | ks-ordforande";
    take_in(&kommun, "uppdrag.xlsx", "Uppdrag", uppdrag);
    list(&kommun, "2025-11-12", &["1001", "1002 nej"]);
    let (_, found) = ask(&kommun, "2026-11-01", &[]);
    assert_eq!(found["deadlines"], Value::Array(Vec::new()), "the class of § 1, and one who did not serve");
    assert_eq!(found["unread"][0]["word"], "barnvakt", "{found}");
}

#[test]
fn what_was_claimed_and_is_incomplete_says_what_it_lacks() {
    let kommun = kommun("2025-01", &[("1001", ""), ("1002", ""), ("1003", ""), ("1004", "")]);
    list(&kommun, "2025-11-12", &["1001", "1002", "1003 | | 400", "1004"]);
    let rows = [
        "2025-11-12 | KS | @1001 | förlorad arbetsinkomst | 2025-12-01 | 13.00 | 15.00 | 600 | | |",
        "2025-11-12 | KS | @1001 | övrigt | 2025-12-01 | | | 90 | ja | |",
        "2025-11-12 | KS | @1001 | resa | 2025-12-01 | | | 90 | | |",
        "2025-11-12 | KS | @1002 | barntillsyn | 2025-12-01 | 13.00 | 15.00 | | ja | |",
        "2025-11-12 | KS | @1002 | pensionsförmån | 2025-12-01 | | | 40 | | | 2025-12-19",
        // Late is late: held already, with a proposed refusal, and nothing to remind of.
        "2025-11-12 | KS | @1004 | vård | 2026-11-13 | 13.00 | 15.00 | 100 | | |",
    ];
    claim(&kommun, "yrkanden.xlsx", &rows.join("\n"));
    // Whether the ersättare served is for the secretary to say, not for the person to prove.
    let unclear = "Inkom: 2025-11-14\nDatum | Organ | Start | Slut | Personnummer | Roll | Körda km
         2025-11-13 | KS | 13.00 | 15.00 | @1004 | ersättare | 24";
    take_in(&kommun, "oklar.xlsx", "Närvaro", unclear);
    assert_eq!(
        listed(&kommun, "2026-11-20", &["--lapsed"]),
        [
            "2026-11-12 1001 förlorad arbetsinkomst lacks_evidence 600.00",
            "2026-11-12 1001 resa lacks_detail 90.00",
            "2026-11-12 1001 övrigt lacks_decision 90.00",
            "2026-11-12 1002 barntillsyn lacks_detail -",
            "2026-11-12 1003 förlorad arbetsinkomst lacks_evidence 400.00",
            "2026-11-13 1004 resa lacks_list -",
        ]
    );
    assert_eq!(listed(&kommun, "2026-11-20", &[]), ["2027-12-20 1002 pensionsförmån lacks_evidence 40.00"]);
    let (_, found) = ask(&kommun, "2026-11-12", &["--person", "1001"]);
    assert_eq!(found["deadlines"][0]["missing"], "förlusten 13.00-15.00 är inte styrkt");
    assert_eq!((&found["totals"]["count"], &found["totals"]["worth"]), (&3.into(), &"780.00".into()));
}

#[test]
fn a_granted_claim_is_watched_until_its_money_has_left() {
    let kommun = kommun("2025-11", &[("1001", "")]);
    list(&kommun, "2025-11-12", &["1001"]);
    claim(
        &kommun,
        "yrkande.xlsx",
        "2025-11-12 | KS | @1001 | förlorad arbetsinkomst | 2025-11-20 | 13.00 | 15.00 | 600 | ja | |",
    );
    let owed = ["2026-11-12 1001 förlorad arbetsinkomst granted_unpaid 600.00"];
    assert_eq!(listed(&kommun, "2025-12-10", &[]), owed);
    let frozen = kommun.freeze("2025-12");
    assert_eq!(listed(&kommun, "2025-12-20", &[]), owed, "frozen is not paid");
    kommun.pay_frozen(&frozen);
    assert!(listed(&kommun, "2025-12-28", &[]).is_empty());
    kommun.run(&["void", "2025-12/1", "--because", "fel fil", "--payroll-discarded"]).exits(0);
    assert_eq!(listed(&kommun, "2025-12-29", &[]), owed);
    assert_eq!(listed(&kommun, "2026-12-01", &[]), owed, "granted does not lapse");
}

#[test]
fn the_list_is_read_by_people_too_and_names_nobody_who_is_protected() {
    let kommun = kommun("2025-01", &[("1001", "resa"), ("1002", "barntillsyn")]);
    let persons = "Personnummer | Skyddade personuppgifter\n@1002 | ja";
    take_in(&kommun, "skyddad.xlsx", "Personer", persons);
    list(&kommun, "2025-11-12", &["1001", "1002"]);
    let told = kommun.run(&["deadlines", "--now", "2026-11-10T10:00:00Z"]).exits(1).out;
    for part in ["2026-11-12", "Anna Ek", "skyddad", "okänt", "2 sista dagar; känt värde 69,60"] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    assert!(!told.contains("Alm"), "{told}");
    let none = kommun.run(&["deadlines", "--person", "1001", "--lapsed", "--now", "2026-11-10T10:00:00Z"]).exits(0);
    assert_eq!(none.out.trim(), "Ingen sista dag har passerat.");
}

#[test]
fn settings_that_cannot_be_meant_are_refused_where_they_stand() {
    let kommun = Kommun::new("2025-01");
    for wrong in ["[7, 30]", "[]", "[400]", "[7, 7]", "[0]"] {
        let shipped = kommun.config("regelverk/tidsfrister.toml");
        kommun.edit("regelverk/tidsfrister.toml", |text| text.replace("[90, 30, 14, 7, 1]", wrong));
        kommun.run(&["check"]).exits(2).says(&["tidsfrister.toml", "a list of days from 1 to 366"]);
        std::fs::write(kommun.path("config/regelverk/tidsfrister.toml"), shipped).unwrap();
    }
    kommun.edit("arvode.toml", |text| text.replace("missing_list_days = 5", "missing_list_days = 0"));
    kommun.run(&["check"]).exits(2).says(&["arvode.toml", "`0`", "1 to 365 days"]);
}
