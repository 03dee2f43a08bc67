//! § 2: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/p02_sammantraden.toml", include_str!("../../fixtures/law/p02_sammantraden.toml"));
}
