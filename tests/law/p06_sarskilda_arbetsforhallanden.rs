//! § 6: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases(
        "fixtures/law/p06_sarskilda_arbetsforhallanden.toml",
        include_str!("../../fixtures/law/p06_sarskilda_arbetsforhallanden.toml"),
    );
}
