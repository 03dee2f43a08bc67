//! § 19: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/p19_uppfoljning.toml", include_str!("../../fixtures/law/p19_uppfoljning.toml"));
}
