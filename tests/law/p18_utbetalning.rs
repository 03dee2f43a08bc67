//! § 18: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/p18_utbetalning.toml", include_str!("../../fixtures/law/p18_utbetalning.toml"));
}
