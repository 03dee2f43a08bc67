//! § 17: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/p17_tolkning.toml", include_str!("../../fixtures/law/p17_tolkning.toml"));
}
