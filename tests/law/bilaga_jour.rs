//! Villkorsbilagan (jour): its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/bilaga_jour.toml", include_str!("../../fixtures/law/bilaga_jour.toml"));
}
