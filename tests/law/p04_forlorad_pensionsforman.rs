//! § 4: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases(
        "fixtures/law/p04_forlorad_pensionsforman.toml",
        include_str!("../../fixtures/law/p04_forlorad_pensionsforman.toml"),
    );
}
