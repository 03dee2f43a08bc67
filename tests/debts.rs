//! A person who was paid too much: nothing happens by itself; återkrav, kvittning and eftergift are decisions, and each
//! is followed to the öre through the months after it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::path::PathBuf;

use serde_json::Value;
use support::Kommun;
use support::rows::{of_json, remarks};

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll";

/// One meeting of kommunstyrelsen with the same hours for all.
fn ks(kommun: &Kommun, file: &str, day: &str, hours: &str, anstids: &[&str]) -> PathBuf {
    let rows = anstids.iter().map(|anstid| format!("\n{day} | KS | {hours} | @{anstid} | ledamot"));
    kommun.list(file, &(NARVARO.to_owned() + &rows.collect::<String>()))
}

/// The whole list of the meeting in September: everybody else was not there.
fn whole(kommun: &Kommun, file: &str, rows: &[(&str, &str)]) -> PathBuf {
    let rows = rows.iter().map(|(anstid, hours)| format!("\n2026-09-09 | KS | {hours} | @{anstid} | ledamot"));
    kommun.list(file, &format!("Hela listan: ja\n{NARVARO}{}", rows.collect::<String>()))
}

fn beslut(kommun: &Kommun, file: &str, number: &str, words: &str) -> PathBuf {
    let table = format!("Diarienummer | Datum | Gäller | Innebörd\n{number} | 2026-11-02 | @1001 | {words}");
    kommun.book(file, &[("Beslut", &table.replace("@1001", &support::books::written("1001")))])
}

/// 1001 and 1002 were paid 412 + 309 kr in October for a meeting that 1001 never attended.
fn overpaid() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001", "1002", "1003"]);
    kommun.import(&[&ks(&kommun, "september.xlsx", "2026-09-09", "13.00 | 15.10", &["1001", "1002"])]);
    assert_eq!(kommun.pay("2026-10").len(), 4);
    kommun.import(&[&whole(&kommun, "hela.xlsx", &[("1002", "13.00 | 15.10")])]);
    kommun
}

/// A month all the way; one that only writes down what a decision settled has no rows to sign.
#[track_caller]
fn pay(kommun: &Kommun, month: &str) -> Vec<String> {
    let frozen = kommun.freeze(month);
    if of_json(&frozen).is_empty() { Vec::new() } else { kommun.pay_frozen(&frozen) }
}

const WAITS: &str = "1001 - personens rader blir tillsammans -721,00 kr: de väntar på beslut";

/// `kind decision since total settled left` of each receivable.
fn owed(kommun: &Kommun) -> Vec<String> {
    let list = kommun.json(&["receivables"]);
    let text = |of: &Value, key: &str| of[key].as_str().unwrap_or("-").to_owned();
    let keys = ["anstid", "kind", "decision", "since", "total", "settled", "left"];
    let line = |of: &Value| keys.map(|key| text(of, key)).join(" ");
    list.as_array().unwrap().iter().map(line).collect()
}

/// Another meeting in the month before the payout, an hour long: 412 kr to 1001.
fn meeting_before(kommun: &Kommun, day: &str) {
    kommun.import(&[&ks(kommun, &format!("{day}.xlsx"), day, "13.00 | 14.00", &["1001"])]);
}

#[test]
fn what_waits_is_listed_as_undecided_until_somebody_decides() {
    let kommun = overpaid();
    kommun.run(&["receivables"]).exits(1);
    assert_eq!(owed(&kommun), ["1001 obeslutad - - 721.00 0.00 721.00"]);
    kommun.run(&["month", "2026-11", "--freeze"]).exits(1);
    assert_eq!(owed(&kommun), ["1001 obeslutad - 2026-11/1 721.00 0.00 721.00"]);
    meeting_before(&kommun, "2026-11-11");
    pay(&kommun, "2026-12");
    assert_eq!(owed(&kommun), ["1001 obeslutad - 2026-11/1 721.00 0.00 721.00"], "since it first waited");
    let rows = kommun.json(&["receivables"])[0]["rows"].as_array().unwrap().len();
    assert_eq!(rows, 2);
}

#[test]
fn nobody_owes_anything_where_nothing_was_paid_too_much() {
    let kommun = Kommun::new("2026-09");
    assert_eq!(owed(&kommun), [""; 0]);
    let said = kommun.run(&["receivables"]).exits(0).out;
    assert_eq!(said.trim(), "Ingen är skyldig kommunen något.");
}

#[test]
fn aterkrav_is_booked_outside_payroll_and_the_next_month_is_normal() {
    let kommun = overpaid();
    kommun.import(&[&beslut(&kommun, "beslut.xlsx", "KS 2026/1", "återkrav 721 kr")]);
    assert_eq!(kommun.held(), [""; 0]);
    assert_eq!(pay(&kommun, "2026-11"), [""; 0], "nothing goes out");
    assert_eq!(owed(&kommun), ["1001 återkrav KS 2026/1 2026-11/1 721.00 0.00 721.00"]);
    kommun.run(&["receivables"]).exits(0);
    meeting_before(&kommun, "2026-11-11");
    assert_eq!(pay(&kommun, "2026-12"), ["1001 1647 2026-11-11 1 x 412.00 = 412.00"]);
    assert_eq!(kommun.held(), [""; 0]);

    // The first list was right after all: the person is paid again what is now asked back.
    kommun.import(&[&ks(&kommun, "åter.xlsx", "2026-09-09", "13.00 | 15.10", &["1001"])]);
    assert_eq!(
        pay(&kommun, "2027-01"),
        ["1001 1647 2026-09-09 1 x 412.00 = 412.00", "1001 1648 2026-09-09 1.5 x 206.00 = 309.00"]
    );
}

#[test]
fn a_decision_after_the_freeze_settles_in_the_next_batch() {
    let kommun = overpaid();
    kommun.run(&["month", "2026-11", "--freeze"]).exits(1);
    kommun.import(&[&beslut(&kommun, "beslut.xlsx", "KS 2026/1", "återkrav")]);
    meeting_before(&kommun, "2026-11-11");
    assert_eq!(pay(&kommun, "2026-12"), ["1001 1647 2026-11-11 1 x 412.00 = 412.00"]);
    assert_eq!(owed(&kommun), ["1001 återkrav KS 2026/1 2026-12/1 721.00 0.00 721.00"]);
}

#[test]
fn kvittning_takes_its_amount_a_month_and_stops_when_done() {
    let kommun = overpaid();
    kommun.import(&[&beslut(&kommun, "beslut.xlsx", "KS 2026/1", "kvittning 300 kr per månad")]);
    assert_eq!(pay(&kommun, "2026-11"), [""; 0]);
    assert_eq!(owed(&kommun), ["1001 kvittning KS 2026/1 2026-11/1 721.00 0.00 721.00"]);
    meeting_before(&kommun, "2026-11-11");
    assert_eq!(
        pay(&kommun, "2026-12"),
        ["1001 1647 2026-11-11 1 x 412.00 = 412.00", "1001 1690 2026-12-23 -1 x 300.00 = -300.00"]
    );
    assert_eq!(owed(&kommun), ["1001 kvittning KS 2026/1 2026-11/1 721.00 300.00 421.00"]);
    // A month without pay takes nothing.
    kommun.import(&[&ks(&kommun, "annan.xlsx", "2026-12-09", "13.00 | 14.00", &["1003"])]);
    assert_eq!(pay(&kommun, "2027-01"), ["1003 1647 2026-12-09 1 x 412.00 = 412.00"]);
    for (day, payout, left) in [("2027-01-13", "2027-02", "121.00"), ("2027-02-10", "2027-03", "0.00")] {
        meeting_before(&kommun, day);
        let rows = pay(&kommun, payout);
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(owed(&kommun)[0].ends_with(left), "{:?}", owed(&kommun));
    }
    meeting_before(&kommun, "2027-03-10");
    let april = of_json(&kommun.json(&["month", "2027-04"]));
    assert_eq!(april, ["1001 1647 2027-03-10 1 x 412.00 = 412.00"], "nothing is left");
    let batches = kommun.json(&["receivables"])[0]["batches"].clone();
    let parts: Vec<&str> = batches.as_array().unwrap().iter().map(|part| part["belopp"].as_str().unwrap()).collect();
    assert_eq!(parts, ["300.00", "300.00", "121.00"]);
}

#[test]
fn kvittning_without_a_limit_takes_all_pay_but_never_more() {
    let kommun = overpaid();
    kommun.import(&[&beslut(&kommun, "beslut.xlsx", "KS 2026/1", "kvittning mot kommande arvoden")]);
    pay(&kommun, "2026-11");
    meeting_before(&kommun, "2026-11-11");
    assert_eq!(
        pay(&kommun, "2026-12"),
        ["1001 1647 2026-11-11 1 x 412.00 = 412.00", "1001 1690 2026-12-23 -1 x 412.00 = -412.00"]
    );
    assert_eq!(owed(&kommun), ["1001 kvittning KS 2026/1 2026-11/1 721.00 412.00 309.00"]);
}

#[test]
fn eftergift_takes_nothing_back_and_pays_nothing_twice() {
    let kommun = overpaid();
    kommun.import(&[&beslut(&kommun, "beslut.xlsx", "KS 2026/1", "eftergift")]);
    assert_eq!(pay(&kommun, "2026-11"), [""; 0]);
    assert_eq!(owed(&kommun), ["1001 eftergift KS 2026/1 2026-11/1 721.00 721.00 0.00"]);
    assert_eq!(kommun.held(), [""; 0]);
    kommun.import(&[&ks(&kommun, "åter.xlsx", "2026-09-09", "13.00 | 15.10", &["1001"])]);
    assert_eq!(pay(&kommun, "2026-12"), [""; 0], "it was paid, and never taken back");
    kommun.import(&[&whole(&kommun, "igen.xlsx", &[("1002", "13.00 | 15.10")])]);
    assert_eq!(pay(&kommun, "2026-12"), [""; 0], "gone again: it is still let go");
    assert_eq!(kommun.held(), [""; 0]);
}

#[test]
fn with_changed_facts_only_the_difference_beyond_what_was_let_go_counts() {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001", "1002"]);
    kommun.import(&[&ks(&kommun, "september.xlsx", "2026-09-09", "13.00 | 16.10", &["1001", "1002"])]);
    pay(&kommun, "2026-10");
    // 515 kr of timarvode was paid, 309 kr is right: 206 kr is let go.
    let hours = |file: &str, hours: &str| whole(&kommun, file, &[("1001", hours), ("1002", "13.00 | 16.10")]);
    kommun.import(&[&hours("a.xlsx", "13.00 | 15.10")]);
    kommun.import(&[&beslut(&kommun, "beslut.xlsx", "KS 2026/1", "eftergift 206 kr")]);
    assert_eq!(pay(&kommun, "2026-11"), [""; 0]);
    assert_eq!(kommun.held(), [""; 0]);
    // 412 kr would have been right: less is owed than was let go, and nothing is taken or paid.
    kommun.import(&[&hours("b.xlsx", "13.00 | 15.40")]);
    assert_eq!((pay(&kommun, "2026-12"), kommun.held()), (vec![], vec![]));
    // 103 kr: 206 kr more than was let go.
    kommun.import(&[&hours("c.xlsx", "13.00 | 14.20")]);
    assert_eq!(kommun.held(), ["1001 - personens rader blir tillsammans -206,00 kr: de väntar på beslut"]);
    kommun.import(&[&beslut(&kommun, "beslut2.xlsx", "KS 2026/2", "återkrav 206 kr")]);
    assert_eq!((pay(&kommun, "2026-12"), kommun.held()), (vec![], vec![]));
    // 618 kr: 515 were paid, 206 are asked back, so 309 are to be paid.
    kommun.import(&[&hours("d.xlsx", "13.00 | 16.40")]);
    let rows = pay(&kommun, "2027-01");
    assert_eq!(rows.iter().map(|row| support::rows::belopp(row)).sum::<i64>(), 30_900, "{rows:?}");
}

#[test]
fn eftergift_lets_go_only_what_new_pay_does_not_cover() {
    let kommun = overpaid();
    kommun.import(&[&ks(&kommun, "oktober.xlsx", "2026-10-14", "13.00 | 14.00", &["1001"])]);
    assert_eq!(kommun.held(), ["1001 - personens rader blir tillsammans -309,00 kr: de väntar på beslut"]);
    kommun.import(&[&beslut(&kommun, "beslut.xlsx", "KS 2026/1", "eftergift 309 kr")]);
    let rows = pay(&kommun, "2026-11");
    assert_eq!(rows.iter().map(|row| support::rows::belopp(row)).sum::<i64>(), 0, "{rows:?}");
    assert_eq!(owed(&kommun), ["1001 eftergift KS 2026/1 2026-11/1 309.00 309.00 0.00"]);
    assert_eq!((pay(&kommun, "2026-12"), kommun.held()), (vec![], vec![]));
    // The September meeting was right: 721 were paid, 721 + 412 were due.
    kommun.import(&[&ks(&kommun, "åter.xlsx", "2026-09-09", "13.00 | 15.10", &["1001"])]);
    let rows = pay(&kommun, "2026-12");
    assert_eq!(rows.iter().map(|row| support::rows::belopp(row)).sum::<i64>(), 41_200, "{rows:?}");
}

#[test]
fn a_decision_with_another_amount_is_refused_with_both_amounts() {
    let kommun = overpaid();
    kommun.import(&[&beslut(&kommun, "beslut.xlsx", "KS 2026/1", "återkrav 500 kr")]);
    let expected = format!("{WAITS}; beslutet KS 2026/1 gäller 500,00 kr, men skulden är 721,00 kr");
    assert_eq!(kommun.held(), [expected.as_str()]);
    kommun.run(&["month", "2026-11", "--freeze"]).exits(1);
    // The same decision, written right, counts from then on.
    kommun.import(&[&beslut(&kommun, "beslut.xlsx", "KS 2026/1", "återkrav 721 kr")]);
    assert_eq!(kommun.held(), [""; 0]);
}

#[test]
fn one_decision_never_settles_a_later_debt() {
    let kommun = overpaid();
    kommun.import(&[&beslut(&kommun, "beslut.xlsx", "KS 2026/1", "återkrav")]);
    pay(&kommun, "2026-11");
    meeting_before(&kommun, "2026-11-11");
    pay(&kommun, "2026-12");
    kommun.run(&["withdraw", "KS", "2026-11-11", "--because", "inställt"]).exits(0);
    assert_eq!(kommun.held(), ["1001 - personens rader blir tillsammans -412,00 kr: de väntar på beslut"]);
}

#[test]
fn a_decision_about_a_debt_that_went_away_does_not_wait_for_the_next_one() {
    let kommun = overpaid();
    kommun.import(&[&beslut(&kommun, "beslut.xlsx", "KS 2026/1", "återkrav")]);
    kommun.import(&[&ks(&kommun, "åter.xlsx", "2026-09-09", "13.00 | 15.10", &["1001"])]);
    kommun.import(&[&ks(&kommun, "oktober.xlsx", "2026-10-14", "13.00 | 14.00", &["1003"])]);
    assert_eq!(pay(&kommun, "2026-11"), ["1003 1647 2026-10-14 1 x 412.00 = 412.00"]);
    kommun.import(&[&whole(&kommun, "igen.xlsx", &[("1002", "13.00 | 15.10")])]);
    let older = "beslutet KS 2026/1 är äldre än den senaste månadens körning och gäller inte den här skulden";
    assert_eq!(kommun.held(), [format!("{WAITS}; {older}")]);
}

#[test]
fn the_void_of_the_batch_that_settled_brings_the_waiting_back() {
    let kommun = overpaid();
    kommun.run(&["month", "2026-11", "--freeze"]).exits(1);
    kommun.import(&[&beslut(&kommun, "beslut.xlsx", "KS 2026/1", "kvittning 300 kr per månad")]);
    meeting_before(&kommun, "2026-11-11");
    let december = kommun.freeze("2026-12");
    assert_eq!(of_json(&december).len(), 2, "what is settled is set off against the same month's pay");
    assert_eq!(owed(&kommun), ["1001 kvittning KS 2026/1 2026-12/1 721.00 300.00 421.00"]);
    kommun.run(&["void", "2026-12/1", "--because", "fel"]).exits(0);
    assert_eq!(owed(&kommun), ["1001 kvittning KS 2026/1 - 721.00 0.00 721.00"], "it waits for the next freeze");
    let again = kommun.freeze("2026-12");
    assert_eq!(of_json(&again), of_json(&december), "the decision counts again");
    assert_eq!(remarks(&again), [""; 0]);
}

#[test]
fn a_kvittning_whose_decision_is_taken_back_sets_nothing_more_off_until_it_stands_again() {
    let kommun = overpaid();
    let decision = beslut(&kommun, "beslut.xlsx", "KS 2026/77", "kvittning 300 kr per månad");
    kommun.import(&[&decision]);
    pay(&kommun, "2026-11");
    kommun.run(&["withdraw", "beslut.xlsx", "--because", "överklagat"]).exits(0);
    meeting_before(&kommun, "2026-11-11");
    assert_eq!(pay(&kommun, "2026-12"), ["1001 1647 2026-11-11 1 x 412.00 = 412.00"]);
    let told = "1001 - beslutet KS 2026/77 om kvittning står inte längre: 721,00 kr är kvar och kvittas inte";
    assert_eq!(kommun.held(), [told]);
    kommun.import(&[&decision]);
    meeting_before(&kommun, "2026-12-09");
    let paid = pay(&kommun, "2027-01");
    assert!(paid.iter().any(|row| row.contains(" 1690 ") && row.ends_with("= -300.00")), "{paid:?}");
}

#[test]
fn a_limit_that_cannot_be_read_decides_nothing() {
    let kommun = overpaid();
    kommun.import(&[&beslut(&kommun, "beslut.xlsx", "KS 2026/77", "kvittning 300 per månad")]);
    let held = kommun.held();
    assert!(held.len() == 1 && held[0].contains("kan inte läsas"), "{held:?}");
    assert_eq!(pay(&kommun, "2026-11"), [""; 0]);
    kommun.import(&[&beslut(&kommun, "rättat.xlsx", "KS 2026/77", "kvittning 300 kr per månad")]);
    pay(&kommun, "2026-12");
    assert_eq!(kommun.held(), [""; 0], "mended, it decides");
}
