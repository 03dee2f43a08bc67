//! § 11: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/p11_resekostnader.toml", include_str!("../../fixtures/law/p11_resekostnader.toml"));
}
