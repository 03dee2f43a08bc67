//! § 9: its cases, and started half-hours as a table.

use arvode::calendar::Day;
use arvode::domain::{LineKind, OrganCode, Slag};
use arvode::law::bestammelserna::p09_sammantradesarvode::started_units;
use arvode::law::tariff::{self, Sitting};
use arvode::money::Ore;
use arvode::regelverk::Regelverk;

use crate::support::{check_cases, day, shipped};

#[test]
fn cases() {
    check_cases(
        "fixtures/law/p09_sammantradesarvode.toml",
        include_str!("../../fixtures/law/p09_sammantradesarvode.toml"),
    );
}

/// What a meeting of KS pays of each kind: grundarvode, timarvode, and timarvode from the first minute (§ 8).
fn paid(rules: &Regelverk, on: Day, minutes: i64) -> [Ore; 3] {
    let organ = OrganCode("KS".to_owned());
    let external = started_units(rules, &organ, Slag::ExternForrattning, on, minutes);
    let slag = Slag::Sammantrade;
    let sitting =
        Sitting { organ, slag, minutes, serves: true, one_way_km: None, justerare: false, place: String::new() };
    let settled = tariff::day(rules, on, &[sitting], false);
    let of = |kind| settled[0].pays.iter().filter(|pay| pay.kind == kind).map(|pay| pay.belopp).sum();
    [of(LineKind::Grundarvode), of(LineKind::Timarvode), external.map_or(Ore::ZERO, |pay| pay.belopp)]
}

/// Paid minutes, and kronor in 2026 of grundarvode (412), timarvode after the first hour, and timarvode from the first
/// minute (§ 8), each started half-hour 103.
const KRONOR_2026: [(i64, i64, i64, i64); 14] = [
    (0, 0, 0, 0),
    (1, 412, 0, 103),
    (29, 412, 0, 103),
    (30, 412, 0, 103),
    (31, 412, 0, 206),
    (59, 412, 0, 206),
    (60, 412, 0, 206),
    (61, 412, 103, 309),
    (90, 412, 103, 309),
    (91, 412, 206, 412),
    (120, 412, 206, 412),
    (121, 412, 309, 515),
    (480, 412, 1_442, 1_648),
    (481, 412, 1_545, 1_751),
];

#[test]
fn a_half_hour_is_paid_once_it_has_started() {
    let (rules, of_2026) = (shipped("").regelverk, day("2026-03-04"));
    for (minutes, first, later, external) in KRONOR_2026 {
        assert_eq!(
            paid(&rules, of_2026, minutes),
            [first, later, external].map(|kronor| Ore(kronor * 100)),
            "{minutes}"
        );
    }
}

/// A day, and kronor of grundarvode and of timarvode per hour, from that time's riksdagsarvode.
const PRICES: [(&str, i64, i64); 10] = [
    ("2014-12-11", 309, 154), // 61 000: 41 175 -> 308.81, 154.41
    ("2015-11-01", 316, 158), // 62 400: 42 120 -> 315.90, 157.95
    ("2018-10-31", 331, 166), // 65 400: 44 145 -> 331.09, 165.54
    ("2018-11-01", 339, 169), // 66 900: 45 157.50 -> 338.68, 169.34
    ("2022-12-31", 362, 181), // 71 500: 48 262.50 -> 361.97, 180.98
    ("2023-01-01", 370, 185), // 73 000: 49 275 -> 369.56, 184.78
    ("2024-01-01", 382, 191), // 75 500: 50 962.50 -> 382.22, 191.11
    ("2025-12-31", 397, 199), // 78 500: 52 987.50 -> 397.41, 198.70
    ("2026-01-01", 412, 206), // 81 400: 54 945 -> 412.09, 206.04
    ("2026-12-31", 412, 206),
];

#[test]
fn the_prices_follow_the_riksdagsarvode_of_the_day() {
    let rules = shipped("").regelverk;
    for (on, first, hour) in PRICES {
        assert_eq!(paid(&rules, day(on), 60), [first, 0, hour].map(|kronor| Ore(kronor * 100)), "{on}");
    }
}

#[test]
fn before_the_first_decision_there_is_no_price() {
    let rules = shipped("").regelverk;
    assert_eq!(paid(&rules, day("2014-12-10"), 60), [Ore::ZERO; 3]);
}
