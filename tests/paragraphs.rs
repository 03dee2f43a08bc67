//! Presence by paragraphs of the minutes: held until the sheet Paragrafer says when each was dealt with; then it is time,
//! and a changed time changes what is owed like any other fact.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use serde_json::Value;
use support::Kommun;
use support::rows::{of_json, remarks};

const LIST: &str = "Datum | Organ | Start | Slut | Personnummer | Tjänstgörande | Paragrafer
    2026-09-07 | KS | 13.00 | 16.00 | @1001 | ja |
    2026-09-07 | KS | 13.00 | 16.00 | @1002 | ja | §§ 45-52, 55";

const TIMES: &str = "Datum | Organ | Paragraf | Start | Slut
    2026-09-07 | KS | § 45 | 13.00 |
    2026-09-07 | KS | 53 | 14.10 |
    2026-09-07 | KS | 55 | 15.30 | 16.00";

fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001", "1002"]);
    kommun
}

fn of_bo(month: &Value) -> Vec<String> {
    of_json(month).into_iter().filter(|row| row.starts_with("1002 ") && row.contains("2026-09-07")).collect()
}

fn month(kommun: &Kommun) -> Value {
    kommun.json(&["month", "2026-10"])
}

#[test]
fn held_until_the_times_are_known_and_then_paid_as_time() {
    let kommun = kommun();
    let list = kommun.list("lista.xlsx", LIST);
    kommun.import(&[&list]);
    let before = month(&kommun);
    assert_eq!(of_bo(&before), Vec::<String>::new());
    assert!(remarks(&before).iter().any(|remark| remark.contains("bara med paragrafer i protokollet")));
    let times = kommun.book("tider.xlsx", &[("Blad1", TIMES)]);
    let report = kommun.import(&[&times]).json();
    assert_eq!((report["files"][0]["accepted"].as_u64(), report["files"][0]["held"].as_u64()), (Some(3), Some(0)));
    // 70 + 30 minutes, as the same times written out.
    let by_clock = self::kommun();
    let list = by_clock.list(
        "lista.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Tjänstgörande | Närvarande från
        2026-09-07 | KS | 13.00 | 16.00 | @1001 | ja |
        2026-09-07 | KS | 13.00 | 16.00 | @1002 | ja | 13.00-14.10, 15.30-16.00",
    );
    by_clock.import(&[&list]);
    let after = month(&kommun);
    assert_eq!(of_bo(&after), of_bo(&month(&by_clock)));
    assert!(!of_bo(&after).is_empty());
    assert!(!remarks(&after).iter().any(|remark| remark.contains("paragrafer")), "{:?}", remarks(&after));
    let again = kommun.import(&[&times]).json();
    assert_eq!(again["files"][0]["accepted"], 0);
}

#[test]
fn a_mark_in_a_matrix_may_be_paragraphs() {
    let by_list = kommun();
    let book = by_list.book("allt.xlsx", &[("Tider", TIMES), ("Närvaro", LIST)]);
    by_list.import(&[&book]);
    let by_matrix = kommun();
    let table = "Personnummer | 2026-09-07 KS 13.00-16.00\n@1001 | x\n@1002 | §§ 45-52, 55";
    let book = by_matrix.book("matris.xlsx", &[("Tider", TIMES), ("Matris", table)]);
    by_matrix.import(&[&book]);
    assert_eq!(of_json(&month(&by_matrix)), of_json(&month(&by_list)));
}

#[test]
fn a_changed_time_after_payment_is_a_reversal_and_a_new_row() {
    let kommun = kommun();
    let book = kommun.book("allt.xlsx", &[("Tider", TIMES), ("Närvaro", LIST)]);
    kommun.import(&[&book]);
    let paid = kommun.pay("2026-10");
    let bos: Vec<&String> = paid.iter().filter(|row| row.starts_with("1002 ")).collect();
    assert!(!bos.is_empty());
    let later = kommun.book("rättat.xlsx", &[("Tider", &TIMES.replace("14.10", "14.40"))]);
    let report = kommun.import(&[&later]).json();
    assert_eq!((report["files"][0]["accepted"].as_u64(), report["files"][0]["unchanged"].as_u64()), (Some(1), Some(2)));
    let next = of_json(&kommun.json(&["month", "2026-11"]));
    let of_day: Vec<&String> =
        next.iter().filter(|row| row.starts_with("1002 ") && row.contains("2026-09-07")).collect();
    assert!(of_day.iter().any(|row| row.contains("-1 x") || row.contains(" -")), "{next:?}");
    // The list again does not forget the times.
    let list = kommun.list("lista.xlsx", LIST);
    kommun.import(&[&list]);
    assert_eq!(of_json(&kommun.json(&["month", "2026-11"])), next);
}

#[test]
fn what_is_wrong_in_a_row_of_times_is_held_with_its_cell() {
    let kommun = kommun();
    let list = kommun.list("lista.xlsx", LIST);
    kommun.import(&[&list]);
    let times = kommun.book(
        "tider.xlsx",
        &[(
            "Blad1",
            "Datum | Organ | Paragraf | Start | Slut
            2026-09-07 | KS | 45-52 | 13.00 |
            2026-09-07 | KS | 45 | 25.00 |
            2026-09-08 | KS | 45 | 13.00 |
            2026-09-07 | Fritids | 45 | 13.00 |
            2026-09-07 | KS | 53 | 14.10 |
            2026-09-07 | KS | 53 | 14.20 |
            2026-09-07 | KS | 53 | 14.10 |
            2026-09-07 | KS | 54 | |
            Summa | | | |",
        )],
    );
    let ran = kommun.try_import(&[&times]).json();
    let file = &ran["files"][0];
    let reasons: Vec<&str> =
        file["remarks"].as_array().unwrap().iter().map(|remark| remark["reason"].as_str().unwrap()).collect();
    assert_eq!(
        reasons,
        [
            "C2: Cellen är inte numret på en enda paragraf.",
            "D3: ”25.00” är inte ett klockslag.",
            "A4: mötet finns inte",
            "B5: okänt organ: Fritids",
            "C7: paragrafen står med en annan tid på rad 6",
            "D9: Starttiden saknas.",
        ]
    );
    assert_eq!((file["rows"].as_u64(), file["accepted"].as_u64(), file["held"].as_u64()), (Some(9), Some(1), Some(6)));
}
