//! What was paid outside the program, and what payroll says of the rows that it got: the sheet Utbetalt, told as a
//! kommun's months. What the ledger then carries, row for row.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::path::PathBuf;

use support::Kommun;
use support::rows::of_json;

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll";
const UTBETALT: &str =
    "Utbetalningsmånad | Anställningsnummer | Lönart | Datum | Möte | Antal | A-pris | Belopp | Status | Orsak";

/// What September's meeting gives 1001: an hour's grundarvode and three half-hours.
const SEPTEMBER: [&str; 2] = ["1001 1647 2026-09-09 1 x 412.00 = 412.00", "1001 1648 2026-09-09 1.5 x 206.00 = 309.00"];

fn kommun(anstids: &[&str]) -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(anstids);
    kommun
}

/// A meeting of kommunstyrelsen with 1001.
fn meeting(kommun: &Kommun, day: &str, hours: &str) {
    let list = kommun.list(&format!("{day}.xlsx"), &format!("{NARVARO}\n{day} | KS | {hours} | @1001 | ledamot"));
    kommun.import(&[&list]);
}

/// September's meeting, not paid yet.
fn september() -> Kommun {
    let kommun = kommun(&["1001"]);
    meeting(&kommun, "2026-09-09", "13.00 | 15.10");
    kommun
}

/// September's meeting, paid in October.
fn paid_september() -> Kommun {
    let kommun = september();
    assert_eq!(kommun.pay("2026-10"), SEPTEMBER);
    kommun
}

fn sheet(kommun: &Kommun, name: &str, rows: &str) -> PathBuf {
    kommun.book(name, &[("Utbetalt", &format!("{UTBETALT}\n{rows}"))])
}

/// Takes rows of Utbetalt in, and gives the counts: new, known, held.
#[track_caller]
fn told(kommun: &Kommun, name: &str, rows: &str) -> (u64, u64, u64) {
    let ran = kommun.try_import(&[&sheet(kommun, name, rows)]);
    assert!(ran.code <= 1, "{}\n{}", ran.out, ran.err);
    let file = ran.json()["files"][0].clone();
    let count = |key: &str| file[key].as_u64().unwrap_or_else(|| panic!("{file}"));
    assert_eq!(count("rows"), count("accepted") + count("unchanged") + count("held"), "{file}");
    (count("accepted"), count("unchanged"), count("held"))
}

#[test]
fn an_opening_balance_settles_what_the_old_routine_paid() {
    let kommun = september();
    let rows = "2026-09 | 1001 | 1647 | 2026-09-09 | | 1 | 412 | | ingående
                2026-09 | 1001 | 1648 | 2026-09-09 | | 1,5 | 206 | 309 kr | ingående balans";
    assert_eq!(told(&kommun, "ingående.xlsx", rows), (2, 0, 0));
    assert_eq!(kommun.pay("2026-10"), [""; 0]);
    meeting(&kommun, "2026-10-14", "13.00 | 14.00");
    assert_eq!(told(&kommun, "igen.xlsx", rows), (0, 2, 0));
    assert_eq!(kommun.pay("2026-11"), ["1001 1647 2026-10-14 1 x 412.00 = 412.00"]);
}

#[test]
fn a_balance_that_comes_before_its_attendance_is_not_paid_twice() {
    let kommun = kommun(&["1001"]);
    told(&kommun, "utbetalt.xlsx", "2026-09 | 1001 | 1647 | 2026-09-09 | | | | 412 | utbetald");
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])), [""; 0]);
    meeting(&kommun, "2026-09-09", "13.00 | 14.00");
    assert_eq!(kommun.pay("2026-10"), [""; 0]);
}

#[test]
fn what_was_paid_by_hand_is_not_paid_again() {
    let kommun = september();
    told(&kommun, "hand.xlsx", "2026-09 | 1001 | 1647 | 2026-09-09 | | | | 412 | utbetald på annat sätt");
    assert_eq!(kommun.pay("2026-10"), [SEPTEMBER[1]]);
}

#[test]
fn what_was_paid_by_hand_with_another_amount_is_taken_back_as_it_was_paid() {
    let kommun = kommun(&["1001"]);
    kommun.edit("regelverk/lonearter.toml", |text| {
        text.replace("lonart = \"1647\"", "lonart = \"7647\"")
            + "\n[[loneart]]\nslag = \"grundarvode\"\nfrom = \"2026-10\"\nlonart = \"1647\"\nbenamning = \"Grundarvode\"\nkonto = \"5011\"\n"
    });
    meeting(&kommun, "2026-09-09", "13.00 | 14.00");
    told(&kommun, "hand.xlsx", "2026-09 | 1001 | 7647 | 2026-09-09 | | 1 | 400 | | handbetald");
    let rows = kommun.pay("2026-10");
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows[0].starts_with("1001 7647 2026-09-09 -1 x 400.00 = -400.00"), "{rows:?}");
    assert_eq!(rows[1], "1001 1647 2026-09-09 1 x 412.00 = 412.00");
    assert_eq!(kommun.pay("2026-11"), [""; 0]);
}

#[test]
fn what_was_paid_by_hand_for_a_meeting_later_withdrawn_is_taken_back() {
    let kommun = september();
    meeting(&kommun, "2026-09-16", "13.00 | 15.10");
    told(&kommun, "hand.xlsx", "2026-09 | 1001 | 1647 | 2026-09-09 | | | | 412 | manuellt");
    kommun.run(&["withdraw", "KS", "2026-09-09", "--because", "mötet ställdes in, KS 2026/77"]).exits(0);
    let rows = kommun.pay("2026-10");
    assert!(rows[0].starts_with("1001 1647 2026-09-09 -1 x 412.00 = -412.00"), "{rows:?}");
    assert_eq!(
        rows[1..].iter().map(|row| &row[..20]).collect::<Vec<_>>(),
        ["1001 1647 2026-09-16", "1001 1648 2026-09-16"]
    );
    assert_eq!(kommun.held(), [""; 0]);
    // It takes place after all, and is paid as any other.
    meeting(&kommun, "2026-09-09", "13.00 | 14.00");
    assert_eq!(kommun.pay("2026-11"), [SEPTEMBER[0]]);
}

#[test]
fn a_row_that_payroll_paid_as_it_was_sent_changes_nothing() {
    let kommun = paid_september();
    let rows = "2026-10 | 1001 | 1647 | 2026-09-09 | | 1 | 412 | 412 | utbetald
                okt 2026 | 1001 | 1648 | 2026-09-09 | | 1,5 | 206 | 309 | OK";
    assert_eq!(told(&kommun, "svar.xlsx", rows), (2, 0, 0));
    assert_eq!(told(&kommun, "svar igen.xlsx", rows), (0, 2, 0));
    assert_eq!(kommun.pay("2026-11"), [""; 0]);
    assert_eq!(kommun.held(), [""; 0]);
}

#[test]
fn a_row_that_payroll_refused_is_owed_again_in_the_next_month() {
    let kommun = paid_september();
    assert_eq!(
        told(&kommun, "svar.xlsx", "2026-10 | 1001 | 1648 | 2026-09-09 | | | | | avvisad | anställningen avslutad"),
        (1, 0, 0)
    );
    assert_eq!(kommun.pay("2026-11"), [SEPTEMBER[1]]);
    let explained = kommun.run(&["explain", "2026-11/1"]).exits(0).out.replace('\u{a0}', " ");
    assert!(explained.contains("avvisades av lönesystemet 2026-10: anställningen avslutad"), "{explained}");
    assert_eq!(kommun.pay("2026-12"), [""; 0]);
    // The new row is refused too: the answer of November is not the answer of October.
    told(&kommun, "svar 11.xlsx", "2026-11 | 1001 | 1648 | 2026-09-09 | | | | 309 | avvisad");
    assert_eq!(kommun.pay("2027-01"), [SEPTEMBER[1]]);
}

#[test]
fn a_refusal_that_a_later_file_takes_back_is_owed_no_more() {
    let kommun = paid_september();
    told(&kommun, "svar.xlsx", "2026-10 | 1001 | 1648 | 2026-09-09 | | | | 309 | avvisad | fel i löneart");
    assert_eq!(of_json(&kommun.json(&["month", "2026-11"])), [SEPTEMBER[1]]);
    assert_eq!(told(&kommun, "svar 2.xlsx", "2026-10 | 1001 | 1648 | 2026-09-09 | | | | 309 | utbetald"), (1, 0, 0));
    assert_eq!(kommun.pay("2026-11"), [""; 0]);
}

#[test]
fn a_reversal_that_payroll_refused_is_sent_again() {
    let kommun = paid_september();
    meeting(&kommun, "2026-10-14", "13.00 | 15.10");
    let shorter = kommun.list("rättad.xlsx", &format!("{NARVARO}\n2026-09-09 | KS | 13.00 | 14.00 | @1001 | ledamot"));
    kommun.import(&[&shorter]);
    let reversal = "1001 1648 2026-09-09 -1.5 x 206.00 = -309.00 - 2026-10/1:2";
    assert_eq!(kommun.pay("2026-11")[0], reversal);
    told(&kommun, "svar.xlsx", "2026-11 | 1001 | 1648 | 2026-09-09 | | | | -309 | avvisad");
    meeting(&kommun, "2026-11-11", "13.00 | 15.10");
    assert_eq!(kommun.pay("2026-12")[0], reversal);
}

#[test]
fn a_row_that_payroll_changed_is_told_and_mended_by_what_was_really_paid() {
    let kommun = paid_september();
    let rows = "2026-10 | 1001 | 1647 | 2026-09-09 | | 1 | 400 | | utbetald";
    assert_eq!(told(&kommun, "svar.xlsx", rows), (1, 0, 0));
    let held = kommun.held();
    assert_eq!(
        held,
        [
            "1001 2026-09-09 H2: lönesystemet har ändrat raden 2026-10/1 rad 1: skickat 412,00 kr (1 x 412), betalt 400,00 kr (1 x 400)"
        ]
    );
    assert_eq!(of_json(&kommun.json(&["month", "2026-11"])), [""; 0]);
    let mended = "2026-10 | 1001 | 1647 | 2026-09-09 | | 1 | 412 | | avvisad
                  2026-10 | 1001 | 1647 | 2026-09-09 | | 1 | 400 | | utbetald på annat sätt";
    assert_eq!(told(&kommun, "svar.xlsx", mended), (2, 0, 0));
    assert_eq!(kommun.held(), [""; 0]);
    let rows = kommun.pay("2026-11");
    assert!(rows[0].starts_with("1001 1647 2026-09-09 -1 x 400.00 = -400.00"), "{rows:?}");
    assert_eq!(rows[1..], [SEPTEMBER[0]]);
    assert_eq!(kommun.pay("2026-12"), [""; 0]);
}

#[test]
fn what_payroll_paid_and_the_program_never_sent_is_held_and_moves_no_money() {
    let kommun = paid_september();
    assert_eq!(told(&kommun, "svar.xlsx", "2026-10 | 1001 | 1647 | 2026-09-16 | | 1 | 412 | | utbetald"), (0, 0, 1));
    let held = kommun.held();
    assert_eq!(held.len(), 1, "{held:?}");
    assert!(held[0].contains("aldrig har skickat: 2026-10, lönart 1647 för 2026-09-16, 412,00 kr"), "{held:?}");
    assert_eq!(kommun.pay("2026-11"), [""; 0]);
}

#[test]
fn a_payment_for_a_meeting_that_nobody_knows_is_shown_and_moves_no_money() {
    let kommun = kommun(&["1001"]);
    told(&kommun, "hand.xlsx", "2026-09 | 1001 | 1647 | 2026-09-23 | | 1 | 412 | | utbetald");
    assert_eq!(kommun.pay("2026-10"), [""; 0]);
    let held = kommun.held();
    assert_eq!(held.len(), 1, "{held:?}");
    assert!(held[0].contains("inget känt möte, yrkande eller uppdrag svarar mot betalningen"), "{held:?}");
    // The meeting is registered at last, and the same file says which it was.
    meeting(&kommun, "2026-09-24", "13.00 | 14.00");
    let rows = "2026-09 | 1001 | 1647 | 2026-09-23 | KS 2026-09-24 | 1 | 412 | | utbetald";
    assert_eq!(told(&kommun, "hand.xlsx", rows), (1, 0, 0));
    assert_eq!((kommun.pay("2026-11"), kommun.held()), (Vec::new(), Vec::new()));
}

#[test]
fn two_equal_rows_of_a_file_are_two_payments() {
    let kommun = kommun(&["1001"]);
    let list = kommun.list(
        "två.xlsx",
        &format!(
            "{NARVARO}\n2026-09-09 | KS | 9.00 | 10.00 | @1001 | ledamot\n2026-09-09 | AU | 13.00 | 14.00 | @1001 | ledamot"
        ),
    );
    kommun.import(&[&list]);
    let row = "2026-09 | 1001 | 1647 | 2026-09-09 | | 1 | 412 | | utbetald";
    assert_eq!(told(&kommun, "ett.xlsx", row), (1, 0, 0));
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])), [SEPTEMBER[0]]);
    assert_eq!(told(&kommun, "två betalt.xlsx", &format!("{row}\n{row}")), (1, 1, 0));
    assert_eq!(kommun.pay("2026-10"), [""; 0]);
}

#[test]
fn payroll_may_name_a_row_by_its_batch_and_number() {
    let kommun = paid_september();
    let headers = "Körning | Rad | Utbetalningsmånad | Anst.nr | Löneart | Status | Felmeddelande";
    let answer = |name: &str, rows: &str| {
        let book = kommun.book(name, &[("Svar", &format!("{headers}\n{rows}"))]);
        kommun.try_import(&[&book]).json()["files"][0].clone()
    };
    let file = answer("svar.xlsx", "2026-10/1 | 2 | 2026-10 | 1001 | 1648 | fel | saknar konto");
    assert_eq!((file["accepted"].as_u64(), file["held"].as_u64()), (Some(1), Some(0)), "{file}");
    let file = answer(
        "fel.xlsx",
        "2026-10/1 | 2 | 2026-10 | 1001 | 1647 | fel | \n2026-10/1 | | 2026-10 | 1001 | 1647 | fel |",
    );
    let reasons: Vec<&str> =
        file["remarks"].as_array().unwrap().iter().map(|remark| remark["reason"].as_str().unwrap()).collect();
    assert!(reasons[0].contains("Körning och Rad hör ihop"), "{reasons:?}");
    assert!(reasons[1].contains("personen har ingen rad 2 med lönart 1647 i 2026-10/1"), "{reasons:?}");
    assert_eq!(kommun.pay("2026-11"), [SEPTEMBER[1]]);
}

#[test]
fn rows_that_cannot_be_used_are_held_with_what_to_write() {
    let kommun = paid_september();
    let rows = "2026-10 | 1001 | 9999 | 2026-09-09 | | 1 | 412 | | utbetald
                2026-10 | 1009 | 1647 | 2026-09-09 | | 1 | 412 | | utbetald
                2026-10 | 1001 | 1647 | 2026-09-10 | | 1 | 412 | | avvisad
                2026-10 | 1001 | 1647 | 2026-09-09 | KS 2026-01-01 | 1 | 412 | | utbetald
                i höst | 1001 | 1647 | 2026-09-09 | | 1 | 412 | | utbetald
                2026-10 | 1001 | 1647 | 2026-09-09 | | 1 | | | ingående
                2026-10 | 1001 | 1647 | 2026-09-09 | | 1 | 412 | | kanske";
    assert_eq!(told(&kommun, "svar.xlsx", rows), (0, 0, 7));
    let held = kommun.held().join("\n");
    for part in [
        "okänd lönart 2026-10: 9999",
        "okänt anställningsnummer: 1009",
        "ingen rad som lönesystemet har fått svarar mot den avvisade: 2026-10, lönart 1647, 2026-09-10, 412,00 kr",
        "okänt möte: KS 2026-01-01",
        "”i höst” är ingen månad.",
        "Beloppet saknas.",
        "Statusen ”kanske” finns inte.",
    ] {
        assert!(held.contains(part), "{part} is not in\n{held}");
    }
    assert_eq!(kommun.pay("2026-11"), [""; 0]);
}

#[test]
fn what_the_old_routine_paid_counts_in_the_cap_of_its_year() {
    let kommun = kommun(&["1001"]);
    kommun.edit("regelverk/bilaga.toml", |text| {
        text + "\n[[tak]]\nper = \"ar\"\nbelopp = 1000\nfrom = 2026-01-01\nreference = \"KF 2025/1\"\n"
    });
    meeting(&kommun, "2026-09-09", "13.00 | 15.10");
    // 700 kr are spent before the first month: 300 kr are left.
    told(&kommun, "saldo.xlsx", "2026-08 | 1001 | 1647 | | | | | 700 | ingående");
    let rows = kommun.pay("2026-10");
    let sum: i64 = rows.iter().map(|row| support::rows::belopp(row)).sum();
    assert_eq!(sum, 30_000, "{rows:?}");
}

#[test]
fn a_monthly_fee_that_the_old_routine_paid_is_of_its_month() {
    let kommun = Kommun::new("2026-09");
    kommun.take_in_persons(&["1001"], &[("1001", "ks-ordforande", "KS")]);
    let fee = of_json(&kommun.json(&["month", "2026-09"]));
    let belopp = fee[0].split(" = ").nth(1).unwrap().to_owned();
    assert!(fee.len() == 1 && fee[0].starts_with("1001 1651 "), "{fee:?}");
    // Payroll's list of September says no day; what was paid for January to August is a balance.
    let rows = format!(
        "2026-09 | 1001 | 1651 | | | | | {belopp} | utbetald\n2026-08 | 1001 | 1651 | | | | | 400000 | ingående"
    );
    assert_eq!(told(&kommun, "gamla.xlsx", &rows), (2, 0, 0));
    assert_eq!(of_json(&kommun.json(&["month", "2026-09"])), [""; 0]);
    assert_eq!(kommun.pay("2026-10").len(), 1);
    assert_eq!(kommun.held(), [""; 0]);
}

#[test]
fn a_file_that_is_withdrawn_leaves_its_payments_unpaid_again() {
    let kommun = september();
    let file = sheet(&kommun, "hand.xlsx", "2026-09 | 1001 | 1647 | 2026-09-09 | | | | 412 | handbetald");
    kommun.import(&[&file]);
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])), [SEPTEMBER[1]]);
    kommun.run(&["withdraw", file.to_str().unwrap(), "--because", "fel fil"]).exits(0);
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])), SEPTEMBER);
    assert_eq!(
        told(&kommun, "hand igen.xlsx", "2026-09 | 1001 | 1647 | 2026-09-09 | | | | 412 | handbetald"),
        (1, 0, 0)
    );
    assert_eq!(kommun.pay("2026-10"), [SEPTEMBER[1]]);
}

#[test]
fn a_months_meetings_paid_as_one_row_are_settled_by_their_sum() {
    let kommun = september();
    meeting(&kommun, "2026-09-16", "13.00 | 14.00");
    meeting(&kommun, "2026-09-23", "13.00 | 14.00");
    let rows = "2026-10 | 1001 | 1647 | 2026-09-30 | | 3 | 412 | 1236 | utbetald på annat sätt";
    assert_eq!(told(&kommun, "summa.xlsx", rows), (1, 0, 0));
    assert_eq!(kommun.pay("2026-10"), SEPTEMBER[1..]);
    // One of them is taken back: so is its part of the row.
    kommun.run(&["withdraw", "KS", "2026-09-23", "--because", "ställdes in"]).exits(0);
    meeting(&kommun, "2026-10-14", "13.00 | 14.00");
    assert_eq!(
        kommun.held(),
        [
            "1001 2026-09-30 utbetalt 2026-10, lönart 1647 för 2026-09-30, 1 236,00 kr: inget känt möte, yrkande eller uppdrag svarar mot betalningen; 824,00 kr av samma slag, som kan ha betalats så, väntar"
        ]
    );
    assert_eq!(kommun.pay("2026-11"), ["1001 1647 2026-10-14 1 x 412.00 = 412.00"]);
}

#[test]
fn what_an_unknown_payment_may_have_been_for_waits_and_is_never_paid_twice() {
    let kommun = september();
    let rows = "2026-10 | 1001 | 1647 | 2026-09-30 | | | | 400 | utbetald på annat sätt";
    assert_eq!(told(&kommun, "okänd.xlsx", rows), (1, 0, 0));
    assert_eq!(kommun.pay("2026-10"), SEPTEMBER[1..], "another kind goes");
    let held = kommun.held();
    assert!(held[0].contains("412,00 kr av samma slag, som kan ha betalats så, väntar"), "{held:?}");
    // What is earned later cannot have been in it.
    meeting(&kommun, "2026-10-14", "13.00 | 14.00");
    assert_eq!(kommun.pay("2026-11"), ["1001 1647 2026-10-14 1 x 412.00 = 412.00"]);
    let path = kommun.root().join("okänd.xlsx");
    kommun.run(&["withdraw", path.to_str().unwrap(), "--because", "dagen saknades"]).exits(0);
    told(&kommun, "känd.xlsx", "2026-10 | 1001 | 1647 | 2026-09-09 | | | | 400 | utbetald på annat sätt");
    assert_eq!(
        kommun.pay("2026-12"),
        ["1001 1647 2026-09-09 -1 x 400.00 = -400.00 - utbetalt 2026-10", "1001 1647 2026-09-09 1 x 412.00 = 412.00",]
    );
}

#[test]
fn what_was_paid_for_a_withdrawn_meeting_is_taken_back_whatever_yrkande_waits_that_day() {
    let kommun = kommun(&["1001", "1002"]);
    meeting(&kommun, "2026-09-09", "13.00 | 15.10");
    let claims = kommun.book(
        "yrkanden.xlsx",
        &[("Yrkanden", "Datum | Organ | Personnummer | Slag | Belopp\n2026-09-09 | KS | @1001 | barntillsyn | 200")],
    );
    kommun.try_import(&[&claims]);
    let rows = "2026-10 | 1001 | 1647 | 2026-09-09 | | 1 | 412 | 412 | ingående
                2026-10 | 1001 | 1648 | 2026-09-09 | | 1,5 | 206 | 309 | ingående";
    assert_eq!(told(&kommun, "ingående.xlsx", rows), (2, 0, 0));
    kommun.run(&["withdraw", "KS", "2026-09-09", "--because", "ställdes in"]).exits(0);
    let held = kommun.held();
    assert!(held.iter().any(|remark| remark.contains("-721,00 kr: de väntar på beslut")), "{held:?}");
}

#[test]
fn a_row_that_payroll_names_by_its_common_code_is_taken_back_by_it() {
    let kommun = kommun(&["1001"]);
    let list = format!("{NARVARO} | Körda km\n2026-09-09 | KS | 13.00 | 14.00 | @1001 | ledamot | 24");
    kommun.import(&[&kommun.list("september.xlsx", &list)]);
    told(&kommun, "hand.xlsx", "2026-10 | 1001 | MILPRI_SKT | 2026-09-09 | | | | 50 | utbetald på annat sätt");
    let month = kommun.json(&["month", "2026-10"]);
    let codes: Vec<&str> = month["rows"].as_array().unwrap().iter().filter_map(|row| row["lonkod"].as_str()).collect();
    assert_eq!(codes, ["MILPRI_SKT", "MILPRI_SKT"], "{month}");
}

#[test]
fn a_payment_that_was_taken_back_stays_taken_back_whatever_is_decided_of_its_yrkande() {
    let kommun = kommun(&["1001"]);
    meeting(&kommun, "2026-09-09", "13.00 | 15.10");
    let claims = "Datum | Organ | Personnummer | Slag | Tid från | Tid till | Belopp | Styrkt
                  2026-09-09 | KS | @1001 | förlorad arbetsinkomst | 13.00 | 15.00 | 400 | ja";
    kommun.import(&[&kommun.book("yrkanden.xlsx", &[("Yrkanden", claims)])]);
    told(&kommun, "hand.xlsx", "2026-10 | 1001 | 1675 | 2026-09-09 | | | | 300 | utbetald på annat sätt");
    let paid: Vec<String> = kommun.pay("2026-10").into_iter().filter(|row| row.contains(" 1675 ")).collect();
    assert_eq!(
        paid,
        ["1001 1675 2026-09-09 -1 x 300.00 = -300.00 - utbetalt 2026-10", "1001 1675 2026-09-09 2 x 200.00 = 400.00",]
    );
    let refused = "Diarienummer | Datum | Organ | Gäller | Innebörd
                   KS 2026/9 | 2026-10-20 | KS | § 3, @1001, KS 2026-09-09, förlorad arbetsinkomst | avslag"
        .replace("@1001", &support::books::written("1001"));
    kommun.import(&[&kommun.book("beslut.xlsx", &[("Beslut", &refused)])]);
    let held = kommun.held();
    assert!(held.iter().any(|remark| remark.contains("-400,00 kr: de väntar på beslut")), "{held:?}");
}

#[test]
fn a_row_without_a_day_settles_the_line_of_its_amount_and_is_never_paid_again_in_silence() {
    let kommun = september();
    let rows = "2026-10 | 1001 | 1647 | | | | | 412 | utbetald på annat sätt
                2026-10 | 1001 | 1648 | | | | | 300 | utbetald på annat sätt";
    assert_eq!(told(&kommun, "utan dag.xlsx", rows), (2, 0, 0));
    assert_eq!(kommun.pay("2026-10"), [""; 0]);
    let held = kommun.held();
    assert!(
        held.len() == 1 && held[0].contains("300,00 kr") && held[0].contains("309,00 kr av samma slag"),
        "{held:?}"
    );
}

#[test]
fn amounts_that_do_not_fit_and_corrections_of_nothing_move_no_money() {
    let kommun = september();
    let rows = "2026-10 | 1001 | 1647 | 2026-09-09 | | 1 | 412 | 999 | utbetald på annat sätt
                2026-10 | 1001 | 1647 | 2026-09-09 | | | | 0 | utbetald på annat sätt";
    assert_eq!(told(&kommun, "fel.xlsx", rows), (0, 0, 2));
    let lone = "2026-10 | 1001 | 1647 | 2026-09-09 | | | | -412 | utbetald på annat sätt";
    assert_eq!(told(&kommun, "ensam.xlsx", lone), (1, 0, 0));
    assert_eq!(kommun.pay("2026-10"), SEPTEMBER[1..], "what the correction may be about waits");
    let both = "2026-10 | 1001 | 1647 | 2026-09-09 | | | | 412 | utbetald på annat sätt";
    assert_eq!(told(&kommun, "det rättade.xlsx", both), (1, 0, 0));
    let owed = ["1001 1647 2026-09-09 1 x 412.00 = 412.00 - utbetalt 2026-10"];
    assert_eq!(kommun.pay("2026-11"), owed, "paid and taken back by hand: the correction is taken back");
}
