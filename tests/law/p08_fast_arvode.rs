//! § 8: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/p08_fast_arvode.toml", include_str!("../../fixtures/law/p08_fast_arvode.toml"));
}
