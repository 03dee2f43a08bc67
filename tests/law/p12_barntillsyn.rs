//! § 12: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/p12_barntillsyn.toml", include_str!("../../fixtures/law/p12_barntillsyn.toml"));
}
