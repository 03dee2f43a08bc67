//! § 14: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/p14_egna_kostnader.toml", include_str!("../../fixtures/law/p14_egna_kostnader.toml"));
}
