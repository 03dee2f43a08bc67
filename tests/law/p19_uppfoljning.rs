//! § 19: its cases, and who lacks the briefing of the mandatperiod as a table.

use arvode::domain::OrganCode;
use arvode::law::bestammelserna::p19_uppfoljning::{lacks_briefing, mandatperiod};

use crate::support::{check_cases, day, shipped};

#[test]
fn cases() {
    check_cases("fixtures/law/p19_uppfoljning.toml", include_str!("../../fixtures/law/p19_uppfoljning.toml"));
}

/// Organ, day, the day of the briefing, and whether one is still to come.
const BRIEFINGS: [(&str, &str, Option<&str>, bool); 14] = [
    // fullmäktige: perioden börjar den 15 oktober valåret
    ("KF", "2026-10-14", Some("2022-10-15"), false),
    ("KF", "2026-10-14", Some("2022-10-14"), true),
    ("KF", "2026-10-15", Some("2022-10-15"), true),
    ("KF", "2026-10-15", Some("2026-10-14"), true),
    ("KF", "2026-10-15", Some("2026-10-15"), false),
    ("KF", "2026-11-01", None, true),
    // kommunstyrelsen och nämnderna: den 1 januari efter; en genomgång räknas från fullmäktiges första dag
    ("KS", "2026-12-31", Some("2022-12-01"), false),
    ("KS", "2026-12-31", Some("2022-10-14"), true),
    ("KS", "2027-01-01", Some("2022-12-01"), true),
    ("KS", "2027-01-01", Some("2026-10-15"), false),
    ("KS", "2027-01-01", Some("2027-01-02"), true),
    ("KS", "2027-01-02", Some("2027-01-02"), false),
    // skottdagen, och före den första period som är känd
    ("KF", "2028-02-29", Some("2026-10-15"), false),
    ("KF", "2022-10-14", None, false),
];

#[test]
fn the_briefing_of_a_mandatperiod_is_had_after_it_began() {
    let periods = shipped("").mandatperioder;
    for (organ, on, had, lacks) in BRIEFINGS {
        let organ = OrganCode(organ.to_owned());
        let found = lacks_briefing(&periods, &organ, day(on), had.map(day));
        assert_eq!(found, lacks, "{organ} on {on}, briefing {had:?}");
    }
}

#[test]
fn a_mandatperiod_begins_in_fullmaktige_and_then_in_the_others() {
    let periods = shipped("").mandatperioder;
    for (organ, on, began) in [
        ("KF", "2026-10-14", "2022-10-15"),
        ("KF", "2026-10-15", "2026-10-15"),
        ("MN", "2026-12-31", "2022-10-15"),
        ("MN", "2027-01-01", "2026-10-15"),
    ] {
        let found = mandatperiod(&periods, &OrganCode(organ.to_owned()), day(on)).unwrap();
        assert_eq!(found.fullmaktige_from, day(began), "{organ} on {on}");
    }
}
