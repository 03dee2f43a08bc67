//! § 3: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases(
        "fixtures/law/p03_forlorad_arbetsinkomst.toml",
        include_str!("../../fixtures/law/p03_forlorad_arbetsinkomst.toml"),
    );
}
