//! Villkorsbilagan (kurser): its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/bilaga_kurser.toml", include_str!("../../fixtures/law/bilaga_kurser.toml"));
}
