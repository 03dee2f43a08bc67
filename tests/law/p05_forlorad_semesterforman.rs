//! § 5: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases(
        "fixtures/law/p05_forlorad_semesterforman.toml",
        include_str!("../../fixtures/law/p05_forlorad_semesterforman.toml"),
    );
}
