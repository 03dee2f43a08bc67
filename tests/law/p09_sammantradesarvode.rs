//! § 9: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases(
        "fixtures/law/p09_sammantradesarvode.toml",
        include_str!("../../fixtures/law/p09_sammantradesarvode.toml"),
    );
}
