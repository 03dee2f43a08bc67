//! § 13: its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/p13_vard_av_annan.toml", include_str!("../../fixtures/law/p13_vard_av_annan.toml"));
}
