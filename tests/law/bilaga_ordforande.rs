//! Villkorsbilagan (ordförande): its cases.

use crate::support::check_cases;

#[test]
fn cases() {
    check_cases("fixtures/law/bilaga_ordforande.toml", include_str!("../../fixtures/law/bilaga_ordforande.toml"));
}
