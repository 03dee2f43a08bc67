//! § 15: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/p15_ovriga_kostnader.toml", include_str!("../../fixtures/law/p15_ovriga_kostnader.toml"));
}
