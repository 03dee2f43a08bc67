//! The kommuner of `fixtures/kommuner/`: every amount that they publish comes out of their folder of settings, and a month
//! of theirs goes through the program.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use arvode::calendar::Day;
use arvode::domain::{OrganCode, Slag};
use arvode::law::bestammelserna::p07_arsarvode::monthly_amount;
use arvode::law::tariff::{self, Sitting};
use arvode::money::Ore;
use arvode::regelverk::reader::SettingsText;
use arvode::regelverk::{Regelverk, load};
use rust_decimal::Decimal;
use support::Kommun;
use support::rows::{belopp, of_json};

const KOMMUNER: [&str; 3] = ["hudiksvall", "monsteras", "region-uppsala"];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/kommuner").join(name)
}

fn settings(name: &str) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect();
    found.sort();
    found
}

fn rules(name: &str) -> Regelverk {
    let text =
        |path: PathBuf| SettingsText { name: path.display().to_string(), content: fs::read_to_string(path).unwrap() };
    let texts: Vec<SettingsText> = settings(name).into_iter().map(text).collect();
    load(&texts).unwrap_or_else(|wrong| panic!("{name}: {wrong:#?}")).regelverk
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn sitting(organ: &str, minutes: i64) -> Sitting {
    Sitting {
        organ: OrganCode(organ.to_owned()),
        slag: Slag::Sammantrade,
        minutes,
        serves: true,
        one_way_km: None,
        justerare: false,
        place: String::new(),
    }
}

/// What each meeting of a day pays in kronor.
fn kronor(rules: &Regelverk, on: &str, sittings: &[Sitting]) -> Vec<Decimal> {
    let settled = tariff::day(rules, day(on), sittings, true);
    let sum = |settled: &tariff::Settled| {
        assert_eq!(settled.missing, None, "{sittings:?}");
        settled.pays.iter().map(|pay| pay.belopp).sum::<Ore>().kronor().normalize()
    };
    settled.iter().map(sum).collect()
}

/// What one meeting pays in whole kronor.
#[track_caller]
fn pays(rules: &Regelverk, on: &str, sitting: Sitting, expected: i64) {
    let told = format!("{on} {sitting:?}");
    assert_eq!(kronor(rules, on, &[sitting]), [Decimal::from(expected)], "{told}");
}

/// A kommun of its own with the example's regulation.
fn kommun(name: &str) -> Kommun {
    let kommun = Kommun::new("2026-01");
    let regelverk = kommun.path("config/regelverk");
    fs::remove_dir_all(&regelverk).unwrap();
    fs::create_dir(&regelverk).unwrap();
    for path in settings(name) {
        fs::copy(&path, regelverk.join(path.file_name().unwrap())).unwrap();
    }
    kommun
}

#[test]
fn every_folder_is_in_order_by_the_programs_own_check_and_says_that_it_is_an_example() {
    for name in KOMMUNER {
        let checked = kommun(name).run(&["check"]).exits(1);
        let said = checked.out + &checked.err;
        assert!(said.contains("readable and agree with each other"), "{name}: {said}");
        assert!(said.contains("the amounts are the shipped example"), "{name}: {said}");
        assert!(folder(name).join("LÄSMIG.md").exists(), "{name} says where it is from");
    }
}

// ---- Hudiksvall ----

/// Nyckel, how many hold it, kronor a month and kronor a year for each, with riksdagsarvode 68 400.
const HUDIKSVALL_2019: [(&str, i64, i64, i64); 24] = [
    ("kf-ordforande", 1, 12_312, 147_744),
    ("kf-vice", 2, 3_420, 41_040),
    ("ks-ordforande", 1, 68_400, 820_800),
    ("ks-vice-1", 1, 58_140, 697_680),
    ("ks-vice-2", 1, 2_736, 32_832),
    ("son-ordforande", 1, 41_040, 492_480),
    ("son-vice-1", 1, 6_840, 82_080),
    ("son-vice-2", 1, 2_736, 32_832),
    // Lärandenämnden.
    ("ln-ordforande", 1, 34_200, 410_400),
    ("namnd-vice", 2, 2_736, 32_832),
    // Kultur- och fritidsnämnden, tekniska nämnden, byggnadsnämnden, miljö- och räddningsnämnden.
    ("namnd-ordforande", 1, 27_360, 328_320),
    ("namnd-vice", 2, 2_736, 32_832),
    ("namnd-ordforande", 1, 27_360, 328_320),
    ("namnd-vice", 2, 2_736, 32_832),
    ("namnd-ordforande", 1, 27_360, 328_320),
    ("namnd-vice", 2, 2_736, 32_832),
    ("namnd-ordforande", 1, 27_360, 328_320),
    ("namnd-vice", 2, 2_736, 32_832),
    // Svågadalsnämnden.
    ("svn-ordforande", 1, 5_472, 65_664),
    ("namnd-vice", 2, 2_736, 32_832),
    ("rev-ordforande", 1, 5_472, 65_664),
    ("rev-vice", 1, 2_736, 32_832),
    ("revisor", 6, 2_736, 32_832),
    ("overformyndare", 1, 5_472, 65_664),
];

#[test]
fn hudiksvalls_table_of_2019_and_its_printed_total() {
    let rules = rules("hudiksvall");
    let mut total = 0;
    for (nyckel, holders, month, year) in HUDIKSVALL_2019 {
        let paid = monthly_amount(&rules, nyckel, day("2019-11-01"), &mut |_| ()).unwrap();
        assert_eq!(paid, Ore(month * 100), "{nyckel}");
        assert_eq!(month * 12, year, "{nyckel}");
        total += holders * year;
    }
    assert_eq!(total, 4_933_008, "as printed");
    let before = monthly_amount(&rules, "ks-ordforande", day("2019-10-31"), &mut |_| ()).unwrap();
    assert_eq!(before, Ore(6_690_000), "66 900 the day before");
}

#[test]
fn hudiksvalls_meetings_and_caps_of_2023() {
    let rules = rules("hudiksvall");
    let on = "2023-03-07";
    for minutes in [1, 240, 241, 600] {
        pays(&rules, on, sitting("KF", minutes), 1_168);
    }
    pays(&rules, on, sitting("KS", 1), 657);
    pays(&rules, on, sitting("KS", 240), 657);
    pays(&rules, on, sitting("KS", 241), 949);
    let adjusts = |organ, minutes| Sitting { justerare: true, ..sitting(organ, minutes) };
    pays(&rules, on, adjusts("KS", 240), 657 + 329);
    pays(&rules, on, adjusts("KS", 241), 949 + 329);
    pays(&rules, on, adjusts("KF", 60), 1_168 + 329);
    let two = kronor(&rules, on, &[sitting("KF", 60), sitting("KF", 60), sitting("KS", 60), sitting("SON", 60)]);
    assert_eq!(two, [1_168, 0, 657, 657].map(Decimal::from), "fullmäktige once a day, others each");
    let caps = &rules.forlorad.at(day(on)).unwrap().value;
    assert_eq!((caps.per_dag, caps.per_timme), (Decimal::from(3_650), Decimal::from(456)));
    let lead = monthly_amount(&rules, "ks-vice-1", day(on), &mut |_| ()).unwrap();
    assert_eq!(lead, Ore(6_205_000), "the cap is the 1:e vice's fee");
}

#[test]
fn in_hudiksvall_nobody_but_the_chair_has_more_in_a_year_than_the_first_vice() {
    let kommun = kommun("hudiksvall");
    kommun.edit("regelverk/lonekalender.toml", |text| text.replace("\"2019-11\"", "\"2023-01\""));
    // 60 % and 50 % are 110 %: 80 300 kr a month, until 744 600 kr is reached in October.
    let held = [
        ("1001", "ks-ordforande", "KS"),
        ("1002", "ks-vice-1", "KS"),
        ("1003", "son-ordforande", "SON"),
        ("1003", "ln-ordforande", "LN"),
    ];
    kommun.take_in_persons(&["1001", "1002", "1003"], &held);
    let rows = of_json(&kommun.json(&["month", "2023-12"]));
    let of = |anstid: &str| rows.iter().filter(|row| row.starts_with(anstid)).map(|row| belopp(row)).sum::<i64>() / 100;
    assert_eq!((of("1001"), of("1002"), of("1003")), (876_000, 744_600, 744_600), "{rows:#?}");
    let october: Vec<&String> = rows.iter().filter(|row| row.starts_with("1003 1641 2023-10")).collect();
    assert_eq!(october.iter().map(|row| belopp(row)).sum::<i64>() / 100, 744_600 - 9 * 80_300);
}

#[test]
fn in_hudiksvall_months_in_the_chair_stand_outside_the_cap_and_the_rest_is_counted() {
    let kommun = kommun("hudiksvall");
    kommun.edit("regelverk/lonekalender.toml", |text| text.replace("\"2019-11\"", "\"2023-01\""));
    kommun.take_in_persons(&["1001"], &[]);
    let register = kommun.book(
        "uppdrag.xlsx",
        &[(
            "Uppdrag",
            "Personnummer | Organ | Uppdrag | Från | Till | Arvodesnyckel
             @1001 | KS | ordförande | 2023-01-01 | 2023-06-30 | ks-ordforande
             @1001 | KS | vice ordförande | 2023-07-01 | | ks-vice-1
             @1001 | SON | ordförande | 2023-07-01 | | son-ordforande",
        )],
    );
    kommun.import(&[&register]);
    let rows = of_json(&kommun.json(&["month", "2023-12"]));
    let sum = |months: std::ops::RangeInclusive<u32>| -> i64 {
        let is_of = |row: &&String| months.clone().any(|month| row.contains(&format!(" 2023-{month:02}-")));
        rows.iter().filter(is_of).map(|row| belopp(row)).sum::<i64>() / 100
    };
    assert_eq!(sum(1..=6), 6 * 73_000, "{rows:#?}");
    // 62 050 + 43 800 a month: six months are 635 100, less than 744 600.
    assert_eq!(sum(7..=12), 6 * 105_850, "the months in the chair use up nothing: {rows:#?}");
}

// ---- Region Uppsala ----

/// Year, and a full day in fullmäktige, in a nämnd, half a day anywhere, a full day elsewhere.
const UPPSALA: [(&str, [i64; 4]); 4] = [
    ("2017-03-07", [1_910, 1_280, 640, 960]),
    ("2020-03-03", [2_050, 1_370, 680, 1_030]),
    ("2021-03-02", [2_100, 1_400, 700, 1_050]),
    ("2022-03-01", [2_150, 1_430, 720, 1_070]),
];

#[test]
fn uppsalas_sixteen_amounts_on_both_sides_of_four_hours() {
    let rules = rules("region-uppsala");
    for (on, [of_rf, of_namnd, half, of_others]) in UPPSALA {
        for (organ, full) in [("RF", of_rf), ("RS", of_namnd), ("PAN", of_namnd), ("PR", of_others)] {
            pays(&rules, on, sitting(organ, 239), half);
            pays(&rules, on, sitting(organ, 240), full);
        }
    }
    let course = |organ| Sitting { slag: Slag::Kurs, ..sitting(organ, 60) };
    for (on, amount) in [("2020-03-03", 1_030), ("2021-03-02", 1_030), ("2022-03-01", 1_070)] {
        pays(&rules, on, course("RS"), amount);
        pays(&rules, on, course("RF"), amount);
    }
    pays(&rules, "2021-12-31", sitting("RS", 240), 1_400);
    pays(&rules, "2022-01-01", sitting("RS", 240), 1_430);
}

#[test]
fn in_uppsala_two_or_three_hours_of_travel_count() {
    let rules = rules("region-uppsala");
    let from = |km: &str, organ, minutes| Sitting { one_way_km: km.parse().ok(), ..sitting(organ, minutes) };
    let on = "2022-03-01";
    for (km, minutes, expected) in
        [("0", 119, 720), ("0", 120, 1_430), ("34.9", 119, 720), ("35", 59, 720), ("35", 60, 1_430), ("34.9", 60, 720)]
    {
        pays(&rules, on, from(km, "RS", minutes), expected);
    }
    pays(&rules, on, from("0", "RF", 119), 720);
    pays(&rules, on, from("0", "RF", 120), 2_150);
    pays(&rules, on, from("0", "RF", 0), 0);
}

#[test]
fn in_uppsala_a_day_gives_at_most_its_highest_full_day() {
    let rules = rules("region-uppsala");
    let of = |meetings: &[(&str, i64)]| {
        let sittings: Vec<Sitting> = meetings.iter().map(|(organ, minutes)| sitting(organ, *minutes)).collect();
        kronor(&rules, "2022-03-01", &sittings)
    };
    assert_eq!(of(&[("RS", 60), ("PAN", 60)]), [720, 710].map(Decimal::from), "1 440 becomes 1 430");
    assert_eq!(of(&[("RF", 240), ("RS", 240)]), [2_150, 0].map(Decimal::from));
    assert_eq!(of(&[("PR", 60), ("SAM", 60)]), [720, 350].map(Decimal::from), "1 440 becomes 1 070");
}

// ---- Mönsterås ----

#[test]
fn monsteras_pays_the_first_hour_and_started_hours_up_to_the_seventh() {
    let rules = rules("monsteras");
    let on = "2021-03-02";
    for (minutes, expected) in [
        (1, 560),
        (60, 560),
        (61, 780),
        (120, 780),
        (121, 1_000),
        (360, 1_660),
        (361, 1_880),
        (420, 1_880),
        (900, 1_880),
    ] {
        pays(&rules, on, sitting("KS", minutes), expected);
    }
    let adjusts = Sitting { justerare: true, ..sitting("KS", 60) };
    pays(&rules, on, adjusts, 560 + 490);
    for organ in ["KSAU", "BUNAU", "SNAU"] {
        pays(&rules, on, sitting(organ, 60), 560 + 490);
    }
    pays(&rules, on, sitting("KF", 1), 280);
    pays(&rules, on, sitting("KF", 600), 280);
}

#[test]
fn in_monsteras_who_does_not_serve_has_three_quarters_without_further_rounding() {
    let rules = rules("monsteras");
    let present = |organ, minutes| Sitting { serves: false, ..sitting(organ, minutes) };
    for (minutes, expected) in [(60, 420), (61, 420 + 165), (121, 420 + 330), (361, 1_410), (900, 1_410)] {
        pays(&rules, "2021-03-02", present("KS", minutes), expected);
    }
    pays(&rules, "2021-03-02", present("KSAU", 60), 420);
    pays(&rules, "2021-03-02", present("KF", 60), 0);
}

// ---- From the workbook to the month ----

#[test]
fn a_month_of_hudiksvall_from_the_attendance_workbook() {
    let kommun = kommun("hudiksvall");
    let held = [("1001", "ledamot", "KS"), ("1002", "ledamot", "KF"), ("1003", "ersattare", "KS")];
    kommun.take_in_persons(&["1001", "1002", "1003"], &held);
    let list = kommun.list(
        "mars.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Roll | Tjänstgörande | Justerare
         2023-03-07 | KS | 9.00 | 13.00 | @1001 | ledamot | ja | ja
         2023-03-14 | KS | 9.00 | 13.01 | @1001 | ledamot | ja |
         2023-03-20 | KF | 17.00 | 23.00 | @1002 | ledamot | ja |
         2023-03-21 | KS | 9.00 | 11.00 | @1003 | ersättare | nej",
    );
    kommun.import(&[&list]);
    assert_eq!(
        kommun.pay("2023-04"),
        [
            "1001 1647 2023-03-07 1 x 657.00 = 657.00",
            "1001 1653 2023-03-07 1 x 329.00 = 329.00",
            "1001 1647 2023-03-14 1 x 949.00 = 949.00",
            "1002 1651 2023-03-20 1 x 1168.00 = 1168.00",
            "1003 1647 2023-03-21 1 x 657.00 = 657.00",
        ]
    );
    let longer = kommun.list(
        "rättad.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Roll
         2023-03-07 | KS | 9.00 | 13.01 | @1001 | ledamot",
    );
    kommun.import(&[&longer]);
    assert_eq!(
        of_json(&kommun.json(&["month", "2023-05"])),
        ["1001 1647 2023-03-07 -1 x 657.00 = -657.00 - 2023-04/1:1", "1001 1647 2023-03-07 1 x 949.00 = 949.00",],
        "by the rules that the month was paid by"
    );
}

#[test]
fn a_day_of_uppsala_from_the_attendance_workbook_with_its_travel_and_its_cut() {
    let kommun = kommun("region-uppsala");
    // Everybody of the register lives 12 km away: two hours of travel.
    kommun.take_in_persons(&["1001"], &[("1001", "ledamot", "RS")]);
    let list = kommun.list(
        "mars.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Roll
         2022-03-01 | RS | 9.00 | 10.59 | @1001 | ledamot
         2022-03-01 | PAN | 13.00 | 14.00 | @1001 | ledamot
         2022-03-08 | RS | 9.00 | 11.00 | @1001 | ledamot",
    );
    kommun.import(&[&list]);
    assert_eq!(
        of_json(&kommun.json(&["month", "2022-04"])),
        [
            "1001 1647 2022-03-01 1 x 710.00 = 710.00",
            "1001 1647 2022-03-01 1 x 720.00 = 720.00",
            "1001 1647 2022-03-08 1 x 1430.00 = 1430.00",
        ]
    );
}

#[test]
fn a_month_of_monsteras_from_the_attendance_workbook() {
    let kommun = kommun("monsteras");
    kommun.take_in_persons(&["1001", "1002"], &[("1001", "ledamot", "KSAU"), ("1002", "ersattare", "KS")]);
    let list = kommun.list(
        "mars.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Roll | Tjänstgörande
         2021-03-02 | KSAU | 9.00 | 16.01 | @1001 | ledamot | ja
         2021-03-03 | KS | 9.00 | 10.01 | @1002 | ersättare | nej",
    );
    kommun.import(&[&list]);
    assert_eq!(
        of_json(&kommun.json(&["month", "2021-04"])),
        [
            "1001 1647 2021-03-02 1 x 560.00 = 560.00",
            "1001 1648 2021-03-02 6 x 220.00 = 1320.00",
            "1001 1662 2021-03-02 1 x 490.00 = 490.00",
            "1002 1647 2021-03-03 1 x 420.00 = 420.00",
            "1002 1648 2021-03-03 1 x 165.00 = 165.00",
        ]
    );
}
