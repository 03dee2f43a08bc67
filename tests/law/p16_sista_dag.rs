//! § 16: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/p16_sista_dag.toml", include_str!("../../fixtures/law/p16_sista_dag.toml"));
}
