//! § 10: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/p10_kommunal_pension.toml", include_str!("../../fixtures/law/p10_kommunal_pension.toml"));
}
