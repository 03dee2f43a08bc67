//! § 1: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases(
        "fixtures/law/p01_vilka_som_omfattas.toml",
        include_str!("../../fixtures/law/p01_vilka_som_omfattas.toml"),
    );
}
