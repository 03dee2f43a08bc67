//! Why something is taken back: `explain` of a reversal tells what was booked and when, each fact or rule that has changed
//! since, where it was read, since when it is known and why, and what is booked in its stead.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use serde_json::Value;
use support::Kommun;
use support::rows::of_json;

const HEAD: &str = "Datum | Organ | Start | Slut | Personnummer | Roll";

const TIME_CHANGED: [&str; 2] = [
    "möte: tid: 13.00–15.10 -> 13.00–16.10 [rättad.xlsx Närvaro 2]",
    "närvaro: tid: 13.00–15.10 -> 13.00–16.10 [rättad.xlsx Närvaro 2]",
];

/// A meeting in September, paid in October.
fn paid() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001", "1002"]);
    let rows = format!(
        "{HEAD}\n2026-09-09 | KS | 13.00 | 15.10 | @1001 | ledamot\n2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot"
    );
    kommun.import(&[&kommun.list("september.xlsx", &rows)]);
    assert_eq!(kommun.pay("2026-10").len(), 4);
    kommun
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| "-".to_owned(), |text| text.replace('\u{a0}', " "))
}

/// `what: before -> after [file sheet row] because` of each change behind a row.
fn changed(row: &Value) -> Vec<String> {
    let place = |one: &Value| match one["file"].as_str() {
        Some(file) => format!(" [{file} {} {}]", plain(&one["sheet"]), one["row"]),
        None => String::new(),
    };
    let because = |one: &Value| one["because"].as_str().map(|why| format!(" {why}")).unwrap_or_default();
    let list = row["changed"].as_array().unwrap_or_else(|| panic!("no changes in {row}"));
    list.iter()
        .map(|one| {
            let (what, before, after) = (plain(&one["what"]), plain(&one["before"]), plain(&one["after"]));
            format!("{what}: {before} -> {after}{}{}", place(one), because(one))
        })
        .collect()
}

/// The first row of a month that takes something back from a person, whether it goes out or waits.
#[track_caller]
fn reversal(kommun: &Kommun, arguments: &[&str], anstid: &str) -> Value {
    let told = kommun.json(arguments);
    let waiting = told["waiting"].as_array().into_iter().flatten();
    let mut rows = told["rows"].as_array().unwrap().iter().chain(waiting);
    let found = rows.find(|row| row["anstid"] == anstid && !row["reverses"].is_null());
    found.cloned().unwrap_or_else(|| panic!("nothing is taken back: {:?}", of_json(&told)))
}

#[test]
fn a_changed_time_is_told_before_and_after_with_its_place_and_the_new_row() {
    let kommun = paid();
    let rows = format!("{HEAD}\n2026-09-09 | KS | 13.00 | 16.10 | @1001 | ledamot");
    kommun.import(&[&kommun.list("rättad.xlsx", &rows)]);
    kommun.pay("2026-11");
    let row = reversal(&kommun, &["explain", "2026-11/1", "--row", "1"], "1001");
    assert_eq!(changed(&row), TIME_CHANGED);
    let booked = &row["booked"];
    assert_eq!((booked["batch"].as_str(), booked["row"].as_u64()), (Some("2026-10/1"), Some(2)));
    assert_eq!((plain(&booked["antal"]), plain(&booked["apris"])), ("1.5".to_owned(), "206.00".to_owned()));
    assert_eq!((plain(&booked["belopp"]), plain(&booked["pay_day"])), ("309.00".to_owned(), "2026-10-27".to_owned()));
    assert_eq!((row["now"][0]["row"].as_u64(), row["now"][0]["belopp"].as_str()), (Some(2), Some("515.00")));
    assert!(row["changed"][0]["known_since"].as_str().unwrap().len() == 10, "{row}");
    let text = kommun.run(&["explain", "2026-11/1", "--row", "1"]).exits(0).out.replace('\u{a0}', " ");
    for part in [
        "tar tillbaka rad 2 i körning 2026-10/1 som den betalades",
        "bokat: 1,5 x 206,00 = 309,00 kr, lönart 1648, anställningsnummer 1001   [körning 2026-10/1 rad 2, fryst",
        "ändrat: närvaro: tid: 13.00–15.10 → 13.00–16.10   [rättad.xlsx, blad Närvaro, rad 2; känt sedan",
        "nu: rad 2, 2026-09-09: 2,5 x 206,00 = 515,00 kr",
    ] {
        assert!(text.contains(part), "\"{part}\" is missing in\n{text}");
    }
}

#[test]
fn a_statement_tells_the_same() {
    let kommun = paid();
    let rows = format!("{HEAD}\n2026-09-09 | KS | 13.00 | 16.10 | @1001 | ledamot");
    kommun.import(&[&kommun.list("rättad.xlsx", &rows)]);
    kommun.pay("2026-11");
    let row = reversal(&kommun, &["statement", "1001", "2026"], "1001");
    assert_eq!(changed(&row), TIME_CHANGED);
    let text = kommun.run(&["statement", "1001", "2026"]).exits(0).out;
    assert!(text.contains("Rättelser, och varför") && text.contains("13.00–16.10"), "{text}");
}

#[test]
fn a_moved_meeting_tells_both_days() {
    let kommun = paid();
    let moved = kommun.list(
        "flyttat.xlsx",
        "Datum | Organ | Flyttat från | Start | Slut | Personnummer | Roll
         2026-09-11 | KS | 2026-09-09 | 13.00 | 15.10 | @1001 | ledamot
         2026-09-11 | KS | 2026-09-09 | 13.00 | 15.10 | @1002 | ledamot",
    );
    kommun.import(&[&moved]);
    // Also of a month that nobody has frozen.
    let row = reversal(&kommun, &["explain", "2026-11"], "1002");
    let told = changed(&row);
    assert!(told.contains(&"möte: dag: 2026-09-09 -> 2026-09-11 [flyttat.xlsx Närvaro 2]".to_owned()), "{told:?}");
    assert_eq!(row["now"][0]["datum"], "2026-09-11");
}

#[test]
fn a_withdrawn_meeting_tells_who_took_it_back_and_why() {
    let kommun = paid();
    kommun.run(&["withdraw", "KS", "2026-09-09", "--because", "mötet ställdes in, KS 2026/77"]).exits(0);
    let row = reversal(&kommun, &["explain", "2026-11"], "1001");
    let told = changed(&row);
    assert!(
        told.iter().any(|one| one.starts_with("närvaro: roll ledamot") && one.ends_with(" -> - mötet ställdes in, KS 2026/77")),
        "{told:?}"
    );
    assert_eq!(row["now"].as_array().unwrap().len(), 0);
    let text = kommun.run(&["explain", "2026-11"]).out;
    assert!(text.contains("närvaro återtagen: ") && text.contains("nu: inget bokas i stället"), "{text}");
}

#[test]
fn whom_a_whole_list_leaves_out_is_told_so() {
    let kommun = paid();
    let rows = format!("Hela listan: ja\n{HEAD}\n2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot");
    let whole = kommun.list("hel.xlsx", &rows);
    kommun.import(&[&whole]);
    let told = changed(&reversal(&kommun, &["explain", "2026-11"], "1001"));
    assert!(told.iter().any(|one| one.ends_with("saknas i den hela listan")), "{told:?}");
}

#[test]
fn an_uppdrag_that_has_ended_tells_its_last_day() {
    let kommun = Kommun::new("2026-09");
    kommun.take_in_persons(&["1001"], &[("1001", "gruppledare", "KF")]);
    kommun.pay("2026-09");
    let ended = kommun.book(
        "uppdrag.xlsx",
        &[(
            "Uppdrag",
            "Personnummer | Organ | Uppdrag | Från | Till | Arvodesnyckel\n@1001 | KF | ledamot | 2015-01-01 | 2026-08-31 | gruppledare",
        )],
    );
    kommun.import(&[&ended]);
    let row = reversal(&kommun, &["explain", "2026-10"], "1001");
    assert_eq!(changed(&row), ["uppdrag ledamot i KF: till: - -> 2026-08-31 [uppdrag.xlsx Uppdrag 2]"]);
}

#[test]
fn a_claim_that_was_taken_back_and_a_corrected_distance_are_told() {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001", "1002"]);
    let claims = |name: &str, more: &str, km: &str| {
        kommun.book(
            name,
            &[
                ("Närvaro", &format!("{HEAD} | Km\n2026-09-09 | KS | 13.00 | 14.00 | @1001 | ledamot |\n2026-09-09 | KS | 13.00 | 14.00 | @1002 | ledamot | {km}")),
                (
                    "Yrkanden",
                    &format!("Inkom | Datum | Organ | Personnummer | Slag | Tid från | Tid till | Belopp | Styrkt | Återtagen\n2026-09-10 | 2026-09-09 | KS | @1001 | förlorad arbetsinkomst | 13.00 | 14.00 | 300 | ja | {more}"),
                ),
            ],
        )
    };
    kommun.import(&[&claims("första.xlsx", "", "24")]);
    kommun.pay("2026-10");
    kommun.import(&[&claims("andra.xlsx", "ja", "20")]);
    let told = changed(&reversal(&kommun, &["explain", "2026-11"], "1001"));
    let expected = "yrkande om förlorad arbetsinkomst: återtaget av den som yrkat: - -> ja [andra.xlsx Yrkanden 2]";
    assert!(told.contains(&expected.to_owned()), "{told:?}");
    let told = changed(&reversal(&kommun, &["explain", "2026-11"], "1002"));
    let expected = "närvaro: resa tur och retur: 24 km -> 20 km [andra.xlsx Närvaro 3]";
    assert!(told.contains(&expected.to_owned()), "{told:?}");
}

#[test]
fn a_retroactive_riksdagsarvode_tells_the_old_and_the_new_value_with_its_decision() {
    let kommun = paid();
    kommun.edit("regelverk/riksdagsarvode.toml", |text| {
        format!(
            "{text}\n[[riksdagsarvode]]\nfrom = 2026-09-01\ndecided_on = 2026-09-20\nvalue = \"90000\"\nunit = \"kr/month\"\nreference = \"Riksdagens arvodesnämnd 2026:9\"\n"
        )
    });
    let batch = kommun.json(&["recalculate", "--from", "2026-09", "--because", "KF 2026-10-26 § 7", "--yes"]);
    let batch = batch["batch"].as_str().unwrap();
    let row = reversal(&kommun, &["explain", batch], "1001");
    let told = changed(&row);
    let rule = told.iter().find(|one| one.starts_with("regeln riksdagsarvode: ")).unwrap_or_else(|| panic!("{told:?}"));
    assert!(rule.contains("90000 från 2026-09-01, beslutat 2026-09-20 (Riksdagens arvodesnämnd 2026:9)"), "{rule}");
    assert!(rule.ends_with("KF 2026-10-26 § 7"), "{rule}");
    assert!(told.iter().all(|one| !one.contains("bilersattning")), "what § 9 does not rest on is no reason: {told:?}");
}

#[test]
fn looking_back_only_what_was_known_then_is_a_change() {
    let kommun = paid();
    let rows = format!("{HEAD}\n2026-09-09 | KS | 13.00 | 16.10 | @1001 | ledamot");
    kommun.import(&[&kommun.list("rättad.xlsx", &rows)]);
    let told = kommun.json(&["explain", "2026-11", "--as-known-on", "2026-09-01"]);
    assert_eq!(told["rows"].as_array().unwrap().len(), 0);
}

const UTBETALT: &str =
    "Utbetalningsmånad | Anställningsnummer | Lönart | Datum | Belopp | Status | Orsak | Körning | Rad";

#[test]
fn a_row_that_payroll_refused_is_told_where_it_is_booked_anew() {
    let kommun = paid();
    let answer = format!(
        "{UTBETALT}\n2026-10 | 1001 | 1647 | 2026-09-09 | 412 | avvisad | anställningen är avslutad | 2026-10/1 | 1"
    );
    kommun.import(&[&kommun.book("svar.xlsx", &[("Utbetalt", &answer)])]);
    let told = kommun.json(&["explain", "2026-11", "--person", "1001"]);
    let row = &told["rows"][0];
    assert_eq!((row["reverses"].is_null(), plain(&row["belopp"])), (true, "412.00".to_owned()), "{told}");
    assert_eq!((row["booked"]["batch"].as_str(), row["booked"]["row"].as_u64()), (Some("2026-10/1"), Some(1)));
    let refused = &changed(row)[0];
    assert!(refused.contains("status avvisad, orsak anställningen är avslutad [svar.xlsx Utbetalt 2]"), "{refused}");
}

#[test]
fn what_was_paid_by_hand_and_is_taken_back_tells_what_utbetalt_said() {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001"]);
    let rows = format!("{HEAD}\n2026-09-09 | KS | 13.00 | 14.00 | @1001 | ledamot");
    kommun.import(&[&kommun.list("september.xlsx", &rows)]);
    let paid = format!("{UTBETALT}\n2026-09 | 1001 | 1647 | 2026-09-09 | 400 | utbetald på annat sätt | | |");
    kommun.import(&[&kommun.book("för hand.xlsx", &[("Utbetalt", &paid)])]);
    let row = reversal(&kommun, &["explain", "2026-10"], "1001");
    assert_eq!(
        (row["reverses"].as_str(), plain(&row["booked"]["belopp"])),
        (Some("utbetalt 2026-09"), "400.00".to_owned())
    );
    let said = plain(&row["booked"]["said"]);
    assert!(said.contains("belopp 400,00 kr, status betald på annat sätt"), "{said}");
    assert_eq!(row["now"][0]["belopp"], "412.00");
    // Nothing has changed since: the amount was another from the beginning, and that is what is said.
    assert_eq!((changed(&row).len(), row["otherwise"].is_null()), (0, false), "{row}");
    let text = kommun.run(&["explain", "2026-10"]).out;
    assert!(text.contains("betalades ett annat belopp än bestämmelserna ger"), "{text}");
}

#[test]
fn a_waiver_is_told() {
    let kommun = paid();
    let waiver = "Personnummer | Avstår | Från | Handling\n@1001 | sammanträdesarvode | 2026-09-01 | KS 2026/8";
    kommun.import(&[&kommun.book("avstående.xlsx", &[("Avstående", waiver)])]);
    let told = changed(&reversal(&kommun, &["explain", "2026-11"], "1001"));
    assert_eq!(
        told,
        ["avstående: - -> avstår sammanträdesarvode, från 2026-09-01, handling KS 2026/8 [avstående.xlsx Avstående 2]"]
    );
}
