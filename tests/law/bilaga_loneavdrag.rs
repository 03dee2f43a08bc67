//! Villkorsbilagan (löneavdrag): its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/bilaga_loneavdrag.toml", include_str!("../../fixtures/law/bilaga_loneavdrag.toml"));
}
