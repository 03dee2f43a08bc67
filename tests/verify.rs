//! Verify: what is as it was written says so, and what is not is found, whichever bit it is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;

use serde_json::Value;
use support::{Kommun, Ran};

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll";

/// Two months that were paid and one that waits for its second signature; an officer's correction, and letters.
fn kommun() -> Kommun {
    let kommun = Kommun::new("2015-01");
    kommun.edit("arvode.toml", |text| text.replace("\nkommun = ", "\ndemo = true\nkommun = "));
    kommun.ledamoter(&["1001", "1002", "1003"]);
    for (day, payout) in [("2015-02-11", "2015-03"), ("2015-05-13", "2015-06")] {
        let rows = ["1001", "1002", "1003"].map(|anstid| format!("\n{day} | KS | 13.00 | 15.00 | @{anstid} | ledamot"));
        kommun.import(&[&kommun.list(&format!("ks-{day}.xlsx"), &(NARVARO.to_owned() + &rows.concat()))]);
        assert_eq!(kommun.pay(payout).len(), 3);
    }
    let more = "\n2015-06-10 | KS | 13.00 | 16.00 | @1001 | ledamot\n2015-02-11 | KS | 13.00 | 16.00 | @1002 | ledamot";
    kommun.import(&[&kommun.list("mer.xlsx", &(NARVARO.to_owned() + more))]);
    kommun.freeze("2015-07");
    kommun.sign_as("2015-07/1", "granskning", "greta").exits(0);
    kommun
}

/// What verify finds, `place: wrong`.
#[track_caller]
fn found(kommun: &Kommun) -> Vec<String> {
    let ran = kommun.run(&["verify", "--json"]);
    assert!(matches!(ran.code, 0 | 4), "{ran:?}");
    let told = ran.json();
    let found: Vec<String> = told["findings"].as_array().unwrap().iter().map(line).collect();
    assert_eq!(ran.code == 0, found.is_empty());
    found
}

fn line(finding: &Value) -> String {
    assert!(!finding["to_do"].as_str().unwrap().is_empty());
    format!("{}: {}", finding["place"].as_str().unwrap(), finding["wrong"].as_str().unwrap())
}

#[test]
fn what_is_as_it_was_written_is_found_in_order() {
    let kommun = kommun();
    let ran = kommun.run(&["verify"]).exits(0);
    assert!(ran.out.starts_with("All is as it was written: "), "{}", ran.out);
    let told = kommun.json(&["verify"]);
    assert_eq!(told["chain"], kommun.sql("SELECT hash FROM audit ORDER BY id DESC LIMIT 1"));
    assert_eq!(told["files"], 2 + 4, "two payroll files, and what was taken in");
    assert_eq!(told["rows"], 3 + 3 + 3);
}
