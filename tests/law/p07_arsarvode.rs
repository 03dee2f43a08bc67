//! § 7: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/p07_arsarvode.toml", include_str!("../../fixtures/law/p07_arsarvode.toml"));
}
