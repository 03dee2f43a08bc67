//! The fee shapes: published tables of other kommuner as folders of settings, each shape on both sides of its boundaries,
//! and what contradicts itself.

use arvode::domain::{OrganCode, Slag};
use arvode::law::bestammelserna::p07_arsarvode::monthly_amount;
use arvode::law::tariff::{self, Sitting};
use arvode::money::Ore;
use arvode::regelverk::reader::SettingsText;
use arvode::regelverk::{Loaded, Regelverk, load};
use rust_decimal::Decimal;

use crate::support::{check_cases, day};

#[test]
fn cases() {
    check_cases("fixtures/law/tariff.toml", include_str!("../../fixtures/law/tariff.toml"));
}

/// What every folder has, whatever its fees are.
const COMMON: &str = r#"
forsta_manad = "2015-01"
[[uppdrag]]
nyckel = "ledamot"
slag = "inget"
grad = 0
from = 2014-12-11
reference = "KF § 1"
[[forlorad_arbetsinkomst]]
hogst_per_timme = 456
hogst_per_dag = 3650
from = 2014-12-11
reference = "KF § 1"
[[bilersattning]]
kr_per_mil = 25
skattefri_kr_per_mil = 18.50
minst_km_enkel_vag = 6
from = 2014-12-11
reference = "KF § 1"
[[kurs]]
hogst_timmar_per_dag = 8
from = 2014-12-11
reference = "KF § 1"
"#;

fn read(own: &str) -> Result<Loaded, Vec<String>> {
    let mut lonearter = String::new();
    for slag in ["dagarvode", "justeringsarvode", "inlasningsarvode"] {
        lonearter += &format!(
            "[[loneart]]\nslag = \"{slag}\"\nfrom = \"2014-12\"\nlonart = \"1\"\nbenamning = \"x\"\nkonto = \"5011\"\n"
        );
    }
    let texts = [
        ("lonearter.toml", include_str!("../../config/regelverk/lonearter.toml")),
        ("organ.toml", include_str!("../../config/regelverk/organ.toml")),
        ("prisbasbelopp.toml", include_str!("../../config/regelverk/prisbasbelopp.toml")),
        ("riksdagsarvode.toml", include_str!("../../config/regelverk/riksdagsarvode.toml")),
        ("tidsfrister.toml", include_str!("../../config/regelverk/tidsfrister.toml")),
        ("gemensamt.toml", COMMON),
        ("fler_lonearter.toml", &lonearter),
        ("kommunen.toml", own),
    ];
    let texts = texts.map(|(name, content)| SettingsText { name: name.to_owned(), content: content.to_owned() });
    load(&texts).map_err(|wrong| wrong.iter().map(ToString::to_string).collect())
}

/// Every row has a first day and a decision; the tables below leave them out.
fn dated(own: &str) -> String {
    let mut text = String::new();
    let mut row = String::new();
    let mut is_dated = false;
    for line in own.lines().chain(["[[end]]"]) {
        let starts_row = line.starts_with("[[") && !line.contains('.');
        if starts_row && is_dated {
            // The dates stand before the row's own tables.
            let place = row.find("\n[[sammantrade.").unwrap_or(row.len());
            let dates = if row.contains("\nfrom = ") { "" } else { "\nfrom = 2014-12-11" };
            row.insert_str(place, &format!("{dates}\nreference = \"KF § 1\"\n"));
        }
        if starts_row {
            text += &row;
            row.clear();
            is_dated = true;
        }
        row += line;
        row.push('\n');
    }
    text
}

fn rules(own: &str) -> Regelverk {
    read(&dated(own)).unwrap_or_else(|wrong| panic!("{wrong:#?}")).regelverk
}

fn sitting(organ: &str, minutes: i64) -> Sitting {
    let (organ, slag) = (OrganCode(organ.to_owned()), Slag::Sammantrade);
    Sitting { organ, slag, minutes, serves: true, one_way_km: None, justerare: false, place: String::new() }
}

/// Each meeting's lines, as `timarvode 1.5 x 173 = 259.50`.
fn lines(rules: &Regelverk, on: &str, sittings: &[Sitting]) -> Vec<Vec<String>> {
    let settled = tariff::day(rules, day(on), sittings, true);
    let text = |pay: &tariff::Pay| {
        let (antal, apris) = (pay.antal.normalize(), pay.apris.normalize());
        assert_eq!(Ore::from_kronor(antal * apris), pay.belopp, "{pay:?}");
        assert!(!pay.steps.is_empty(), "{pay:?}");
        format!("{} {antal} x {apris} = {}", pay.kind.word(), pay.belopp)
    };
    settled.iter().map(|settled| settled.pays.iter().map(text).collect()).collect()
}

/// What each meeting of a day pays together, in kronor; minutes by organ.
fn sums(rules: &Regelverk, meetings: &[(&str, i64)]) -> Vec<String> {
    let sittings: Vec<Sitting> = meetings.iter().map(|(organ, minutes)| sitting(organ, *minutes)).collect();
    kronor(rules, &sittings)
}

fn kronor(rules: &Regelverk, sittings: &[Sitting]) -> Vec<String> {
    let settled = tariff::day(rules, day("2026-03-04"), sittings, false);
    let sum = |settled: &tariff::Settled| settled.pays.iter().map(|pay| pay.belopp).sum::<Ore>();
    settled.iter().map(|settled| sum(settled).kronor().normalize().to_string()).collect()
}

fn month(rules: &Regelverk, nyckel: &str, on: &str) -> String {
    monthly_amount(rules, nyckel, day(on), &mut |_| ()).unwrap().to_string()
}

// ---- Published tables ----

#[test]
fn vadstena_pays_a_grade_of_the_chair() {
    let own = r#"
[[kedja]]
steg = "ks_ordforande"
av = "riksdagsarvode"
procent = 80
[[uppdrag]]
nyckel = "ks"
slag = "arsarvode"
av = "ks_ordforande"
procent = 100
grad = 100
[[uppdrag]]
nyckel = "35"
slag = "fast_arvode"
av = "ks_ordforande"
procent = 35
grad = 35
[[uppdrag]]
nyckel = "25"
slag = "fast_arvode"
av = "ks_ordforande"
procent = 25
grad = 25
[[sammantrade]]
grundarvode = { belopp = 400 }
"#;
    let rules = rules(own);
    let paid = ["ks", "35", "25"].map(|nyckel| month(&rules, nyckel, "2019-03-01"));
    assert_eq!(paid, ["53520.00", "18732.00", "13380.00"], "riksdagsarvode 66 900");
}

#[test]
fn upplands_bro_pays_the_first_hour_and_then_started_half_hours() {
    let own = r#"
[[sammantrade]]
grundarvode = { belopp = 347 }
forsta_minuter = 60
timarvode = { belopp = 173 }
enhet_minuter = 30
"#;
    let rules = rules(own);
    let paid = |minutes| lines(&rules, "2019-03-04", &[sitting("KS", minutes)]).concat();
    let grund = "grundarvode 1 x 347 = 347.00".to_owned();
    // 15.00-17.20 = 347 + 173 + 86.50.
    assert_eq!(paid(140), [grund.clone(), "timarvode 1.5 x 173 = 259.50".to_owned()]);
    assert_eq!(paid(60), std::slice::from_ref(&grund));
    assert_eq!(paid(61), [grund.clone(), "timarvode 0.5 x 173 = 86.50".to_owned()]);
    assert_eq!(paid(90), [grund.clone(), "timarvode 0.5 x 173 = 86.50".to_owned()]);
    assert_eq!(paid(91), [grund, "timarvode 1 x 173 = 173.00".to_owned()]);
    assert_eq!(paid(0), [""; 0]);
}

const SKOVDE: &str = r#"
[[tolkning]]
parameter = "betala_ej_tjanstgorande_ersattare"
value = "ja"
[[bas]]
namn = "basarvode"
value = 60000
unit = "kr/månad"
[[sammantrade]]
av = "basarvode"
[[sammantrade.dag]]
namn = "halvdag"
procent = 1
[[sammantrade.dag]]
namn = "heldag"
procent = 2
over_minuter = 240
[[sammantrade]]
organ = ["KF"]
av = "basarvode"
grundarvode = { procent = 1 }
[[sammantrade]]
galler = "ej_tjanstgorande"
av = "basarvode"
grundarvode = { procent = 0.5 }
[[samma_dag]]
hogst = "heldag"
inte_organ = ["KF"]
"#;

#[test]
fn skovde_pays_half_and_full_days_and_at_most_one_full_day_besides_fullmaktige() {
    let rules = rules(SKOVDE);
    assert_eq!(sums(&rules, &[("KS", 240)]), ["600"], "up to four hours");
    assert_eq!(sums(&rules, &[("KS", 241)]), ["1200"], "over four hours");
    assert_eq!(sums(&rules, &[("KF", 30)]), ["600"]);
    assert_eq!(sums(&rules, &[("KF", 600)]), ["600"], "whatever the length");
    assert_eq!(sums(&rules, &[("KS", 60), ("AU", 60), ("BSU", 60)]), ["600", "600", "0"], "one full day");
    assert_eq!(sums(&rules, &[("KS", 300), ("AU", 60), ("KF", 60)]), ["1200", "0", "600"], "fullmäktige besides");
    let present = Sitting { serves: false, ..sitting("KS", 300) };
    assert_eq!(kronor(&rules, &[present]), ["300"], "present and not serving");
    let paid = lines(&rules, "2026-03-04", &[sitting("KS", 241)]);
    assert_eq!(paid, [["dagarvode 1 x 1200 = 1200.00"]]);
}

#[test]
fn what_a_day_cuts_is_told_with_the_rule_and_its_worth() {
    let settled = tariff::day(&rules(SKOVDE), day("2026-03-04"), &[sitting("KS", 300), sitting("AU", 60)], false);
    let cut = &settled[1].cuts[0];
    assert_eq!((cut.worth, settled[1].pays.len()), (Ore(60_000), 0));
    assert_eq!(cut.reason, "dagen ger högst en heldag, 1\u{a0}200,00\u{a0}kr: KF § 1 (beslutad 2014-12-11)");
}

#[test]
fn sandviken_pays_the_same_for_at_most_two_a_day() {
    let own = r#"
[[bas]]
namn = "basarvode"
value = 61250
unit = "kr/månad"
[[sammantrade]]
grundarvode = { procent = 1, av = "basarvode" }
[[samma_dag]]
hogst_antal = 2
"#;
    let rules = rules(own);
    assert_eq!(sums(&rules, &[("KS", 10)]), ["612.5"]);
    assert_eq!(sums(&rules, &[("KS", 500), ("AU", 10)]), ["612.5", "612.5"]);
    assert_eq!(sums(&rules, &[("KS", 500), ("AU", 10), ("BSU", 10)]), ["612.5", "612.5", "0"]);
    assert_eq!(sums(&rules, &[("KS", 0), ("AU", 10), ("BSU", 10)]), ["0", "612.5", "612.5"], "not counted if not paid");
}

#[test]
fn norrbotten_pays_reading_for_fullmaktige_once_a_day_and_who_came_though_not_serving() {
    let own = r#"
[[tolkning]]
parameter = "betala_ej_tjanstgorande_ersattare"
value = "ja"
[[sammantrade]]
grundarvode = { belopp = 900 }
[[sammantrade]]
organ = ["KF"]
grundarvode = { belopp = 900 }
inlasningsarvode = { belopp = 100 }
"#;
    let rules = rules(own);
    assert_eq!(sums(&rules, &[("KS", 60), ("KF", 60), ("KF", 60)]), ["900", "1000", "900"]);
    let present = Sitting { serves: false, ..sitting("KF", 60) };
    assert_eq!(kronor(&rules, &[present]), ["1000"], "the ordinary row, where there is none of its own");
}

#[test]
fn skelleftea_pays_a_factor_of_its_base_and_another_in_an_election_year() {
    let own = r#"
[[kedja]]
steg = "bas"
av = "riksdagsarvode"
procent = 78
[[uppdrag]]
nyckel = "ks"
slag = "arsarvode"
av = "bas"
procent = 100
faktor = 1.1
grad = 100
[[uppdrag]]
nyckel = "valnamnd"
slag = "fast_arvode"
av = "bas"
procent = 100
faktor = 0.02
grad = 2
[[uppdrag]]
nyckel = "valnamnd"
slag = "fast_arvode"
av = "bas"
procent = 100
faktor = 0.1
grad = 10
from = 2026-01-01
[[sammantrade]]
av = "bas"
[[sammantrade.dag]]
namn = "halvdag"
procent = 1
[[sammantrade.dag]]
namn = "heldag"
procent = 2
over_minuter = 240
"#;
    let rules = rules(own);
    // 78 500 x 78 % = 61 230; 81 400 x 78 % = 63 492.
    assert_eq!(month(&rules, "valnamnd", "2025-12-31"), "1224.60");
    assert_eq!(month(&rules, "valnamnd", "2026-01-01"), "6349.20");
    assert_eq!(month(&rules, "ks", "2026-01-01"), "69841.20");
    assert_eq!(sums(&rules, &[("KS", 240)]), ["634.92"]);
    assert_eq!(sums(&rules, &[("KS", 241)]), ["1269.84"]);
}

#[test]
fn lerum_pays_by_the_minute() {
    let own = r#"
[[bas]]
namn = "basarvode"
value = 60000
unit = "kr/månad"
[[sammantrade]]
av = "basarvode"
timarvode = { procent = 0.33 }
raknas = "pro_rata"
"#;
    let rules = rules(own);
    // 0.33 % = 198 kr/h; 137 minutes = 452.10.
    assert_eq!(sums(&rules, &[("KS", 60), ("AU", 1), ("BSU", 137)]), ["198", "3.3", "452.1"]);
    assert_eq!(lines(&rules, "2026-03-04", &[sitting("KS", 90)]), [["timarvode 1.5 x 198 = 297.00"]]);
}

#[test]
fn harjedalen_pays_promille_of_the_prisbasbelopp() {
    let own = r#"
[[sammantrade]]
grundarvode = { promille = 12.8, av = "prisbasbelopp", avrundning = "krona_half_up" }
"#;
    let rules = rules(own);
    let paid = |on: &str| lines(&rules, on, &[sitting("KS", 60)]).concat().concat();
    assert_eq!(paid("2025-12-31"), "grundarvode 1 x 753 = 753.00", "58 800 x 12.8 promille = 752.64");
    assert_eq!(paid("2026-01-01"), "grundarvode 1 x 758 = 758.00", "59 200 x 12.8 promille = 757.76");
}

const UMEA: &str = r#"
[[sammantrade]]
grundarvode = { belopp = 738 }
forsta_minuter = 60
timarvode = { belopp = 246 }
enhet_minuter = 30
[[samma_dag]]
hogst_timmar = 8
"#;

#[test]
fn umea_pays_three_hours_for_the_first_and_at_most_eight_hours_a_day() {
    let rules = rules(UMEA);
    assert_eq!(sums(&rules, &[("KS", 140)]), ["1107"], "15.00-17.20");
    assert_eq!(sums(&rules, &[("KS", 480)]), ["2460"], "738 + 7 x 246");
    assert_eq!(sums(&rules, &[("KS", 481)]), ["2460"]);
    assert_eq!(sums(&rules, &[("KS", 300), ("AU", 300)]), ["1722", "1230"], "three hours of the second");
    assert_eq!(sums(&rules, &[("KS", 480), ("AU", 60)]), ["2460", "0"]);
}

#[test]
fn what_the_days_hours_take_is_told_with_the_rule_and_its_worth() {
    let settled = tariff::day(&rules(UMEA), day("2026-03-04"), &[sitting("KS", 300), sitting("AU", 300)], true);
    assert_eq!(settled[0].cuts, []);
    let cut = &settled[1].cuts[0];
    assert_eq!(
        (cut.worth, cut.reason.as_str()),
        (Ore(49_200), "högst 8 timmar om dagen betalas: KF § 1 (beslutad 2014-12-11)")
    );
    assert!(
        settled[1].pays[0].steps.iter().any(|step| step.text == "AU 2026-03-04: 180 betalda minuter"),
        "{settled:#?}"
    );
    let outside = rules(&format!("{UMEA}inte_organ = [\"KS\"]\n"));
    assert_eq!(sums(&outside, &[("KS", 600), ("AU", 60)]), ["2952", "738"], "KS stands outside the hours");
}

#[test]
fn savsjo_pays_started_half_hours_up_to_eight_hours_a_day() {
    let own = r#"
[[sammantrade]]
grundarvode = { belopp = 172 }
forsta_minuter = 60
timarvode = { belopp = 172 }
enhet_minuter = 30
[[samma_dag]]
hogst_timmar = 8
"#;
    let rules = rules(own);
    for (minutes, kronor) in [(60, "172"), (70, "258"), (450, "1290"), (451, "1376"), (540, "1376")] {
        assert_eq!(sums(&rules, &[("KS", minutes)]), [kronor], "{minutes} minutes");
    }
}

const JONKOPING: &str = r#"
[[sammantrade]]
grundarvode = { belopp = 540 }
forsta_minuter = 60
timarvode = { belopp = 150 }
enhet_minuter = 30
[[sammantrade.grundarvode_steg]]
minst_minuter = 300
belopp = 848
[[samma_dag]]
hogst_timmar = 10
"#;

#[test]
fn jonkoping_pays_another_first_hour_when_the_meeting_is_five_hours_or_more() {
    let one = rules(JONKOPING);
    let published =
        [(60, "540"), (61, "615"), (150, "765"), (299, "1140"), (300, "1448"), (600, "2198"), (900, "2198")];
    for (minutes, kronor) in published {
        assert_eq!(sums(&one, &[("KS", minutes)]), [kronor], "{minutes} minutes");
    }
    assert_eq!(sums(&one, &[("KS", 240), ("AU", 60)]), ["990", "540"], "each meeting has its own length");
    let together = rules(&format!("{JONKOPING}raknas = \"tillsammans\"\n"));
    assert_eq!(sums(&together, &[("KS", 240), ("AU", 60)]), ["990", "458"], "848 - 540, and an hour");
}

#[test]
fn klaralvdalens_and_varmlands_days_pay_at_most_an_amount() {
    let klasam = r#"
[[bas]]
namn = "jamforelsetal"
value = 73000
unit = "kr/månad"
[[sammantrade]]
grundarvode = { procent = 1.29, av = "jamforelsetal", avrundning = "krona_half_up" }
[[samma_dag]]
hogst_belopp = { procent = 1.5, av = "jamforelsetal" }
"#;
    let klasam = rules(klasam);
    assert_eq!(sums(&klasam, &[("KS", 60)]), ["942"]);
    assert_eq!(sums(&klasam, &[("KS", 60), ("AU", 60), ("BSU", 60)]), ["942", "153", "0"], "1 095 together");
    let settled = tariff::day(&klasam, day("2026-03-04"), &[sitting("KS", 60), sitting("AU", 60)], false);
    let told = "dagen ger högst 1.5 % av jamforelsetal, 1\u{a0}095,00\u{a0}kr: KF § 1 (beslutad 2014-12-11)";
    assert_eq!(settled[1].cuts[0].reason, told);
    // 2014: the percentage is not printed; 1.5 x 717 = 1 075.50.
    let varmland = r#"
[[sammantrade]]
grundarvode = { belopp = 717 }
[[samma_dag]]
hogst_belopp = { belopp = 717, faktor = 1.5, avrundning = "krona_half_up" }
"#;
    assert_eq!(sums(&rules(varmland), &[("KS", 60), ("AU", 60)]), ["717", "359"], "1 076 together");
}

#[test]
fn svenljunga_takes_five_thousand_off_its_base_and_divides_by_hours() {
    let own = r#"
[[bas]]
namn = "inkomstbasbelopp"
value = 76200
unit = "kr"
[[kedja]]
steg = "vice"
av = "inkomstbasbelopp"
minus = 5000
procent = 75
[[kedja]]
steg = "timme"
av = "inkomstbasbelopp"
minus = 5000
procent = 50
delat_med = 165
avrundning = "krona_half_up"
[[uppdrag]]
nyckel = "ks-vice"
slag = "arsarvode"
av = "vice"
procent = 100
grad = 75
[[sammantrade]]
timarvode = { procent = 100, av = "timme" }
raknas = "pro_rata"
[[samma_dag]]
hogst_timmar = 8
"#;
    let rules = rules(own);
    assert_eq!(month(&rules, "ks-vice", "2026-03-01"), "53400.00");
    assert_eq!(sums(&rules, &[("KS", 60)]), ["216"]);
    assert_eq!(sums(&rules, &[("KS", 600)]), ["1728"], "8 x 216");
    let mut steps = Vec::new();
    rules.base_with_steps("timme", day("2026-03-04"), &mut |step| steps.push(step().text));
    assert_eq!(steps[1], "timme = 50 % av (76200 - 5000) / 165 = 216 kr (avrundning krona_half_up)");
}

#[test]
fn ekero_pays_started_hours_beyond_four_and_at_most_two_a_day() {
    let own = r#"
[[sammantrade]]
grundarvode = { belopp = 800 }
forsta_minuter = 240
timarvode = { belopp = 200 }
enhet_minuter = 60
[[sammantrade]]
organ = ["KF"]
grundarvode = { belopp = 900 }
forsta_minuter = 240
timarvode = { belopp = 200 }
enhet_minuter = 60
[[samma_dag]]
hogst_antal = 2
"#;
    let rules = rules(own);
    for (minutes, kronor) in [(240, "800"), (241, "1000"), (301, "1200"), (480, "1600")] {
        assert_eq!(sums(&rules, &[("KS", minutes)]), [kronor], "{minutes} minutes");
    }
    assert_eq!(sums(&rules, &[("KF", 270), ("KS", 10), ("AU", 10)]), ["1100", "800", "0"]);
}

// ---- Each shape on both sides of its boundary ----

type Shape = (&'static str, &'static str, &'static [(i64, &'static str)]);

/// A row, and for so many minutes so many kronor.
const SHAPES: [Shape; 9] = [
    (
        "whole units",
        "timarvode = { belopp = 200 }\nenhet_minuter = 30\nraknas = \"hela\"",
        &[(29, "0"), (30, "100"), (59, "100"), (60, "200")],
    ),
    (
        "the nearest unit",
        "timarvode = { belopp = 200 }\nenhet_minuter = 30\nraknas = \"narmaste\"",
        &[(14, "0"), (15, "100"), (44, "100"), (45, "200")],
    ),
    ("quarters", "timarvode = { belopp = 200 }\nenhet_minuter = 15", &[(1, "50"), (15, "50"), (16, "100")]),
    (
        "units of twenty minutes, whose hours have no end",
        "timarvode = { belopp = 200 }\nenhet_minuter = 20",
        &[(20, "66.67"), (21, "133.33"), (60, "200")],
    ),
    (
        "another price after four hours and nothing after six",
        "grundarvode = { belopp = 400 }\nforsta_minuter = 60\nenhet_minuter = 30\n[[sammantrade.timarvode_steg]]\n\
         efter_minuter = 60\ntill_minuter = 240\nbelopp = 200\n[[sammantrade.timarvode_steg]]\nefter_minuter = 240\n\
         till_minuter = 360\nbelopp = 300",
        &[(60, "400"), (240, "1000"), (241, "1150"), (360, "1600"), (361, "1600"), (900, "1600")],
    ),
    (
        "at least four hours",
        "[[sammantrade.dag]]\nnamn = \"halvdag\"\nbelopp = 500\n[[sammantrade.dag]]\nnamn = \"heldag\"\nbelopp = 900\n\
         minst_minuter = 240",
        &[(0, "0"), (1, "500"), (239, "500"), (240, "900")],
    ),
    (
        "at most so much a meeting",
        "grundarvode = { belopp = 400 }\nforsta_minuter = 60\ntimarvode = { belopp = 200 }\nenhet_minuter = 30\n\
         hogst_per_mote = { belopp = 650 }",
        &[(120, "600"), (121, "650"), (400, "650")],
    ),
    (
        "each line to the krona",
        "timarvode = { belopp = 173 }\nenhet_minuter = 30\navrundning_rad = \"krona_half_up\"",
        &[(30, "87"), (60, "173"), (90, "260")],
    ),
    (
        "the sum to ten kronor",
        "grundarvode = { belopp = 347 }\nforsta_minuter = 60\ntimarvode = { belopp = 173 }\nenhet_minuter = 30\n\
         avrundning_summa = \"tio_half_up\"",
        &[(60, "350"), (140, "610")],
    ),
];

#[test]
fn each_shape_on_both_sides_of_its_boundaries() {
    for (name, row, expected) in SHAPES {
        let rules = rules(&format!("[[sammantrade]]\n{row}\n"));
        for (minutes, kronor) in expected {
            assert_eq!(sums(&rules, &[("KS", *minutes)]), [*kronor], "{name}: {minutes} minutes");
            lines(&rules, "2026-03-04", &[sitting("KS", *minutes)]);
        }
    }
}

const HOURS: &str = "[[sammantrade]]\ngrundarvode = { belopp = 400 }\nforsta_minuter = 60\n\
                     timarvode = { belopp = 200 }\nenhet_minuter = 30\n";

const DAYS: &str = "[[sammantrade]]\n[[sammantrade.dag]]\nnamn = \"halvdag\"\nbelopp = 500\n[[sammantrade.dag]]\n\
                    namn = \"heldag\"\nbelopp = 900\nover_minuter = 240\n";

type Meetings = &'static [(&'static str, i64)];
type SameDay = (&'static str, &'static str, &'static str, Meetings, &'static [&'static str]);

/// Rows, meetings of one day, and kronor of each.
const SAME_DAY: [SameDay; 8] = [
    ("each its own", HOURS, "", &[("KS", 90), ("AU", 60)], &["500", "400"]),
    (
        "counted together, hours: the second adds what the day then has more",
        HOURS,
        "raknas = \"tillsammans\"",
        &[("KS", 45), ("AU", 45), ("BSU", 30)],
        &["400", "100", "100"],
    ),
    (
        "counted together, days: half a day becomes a full one",
        DAYS,
        "raknas = \"tillsammans\"",
        &[("KS", 200), ("AU", 40), ("BSU", 1)],
        &["500", "0", "400"],
    ),
    ("at most 1.5 x the highest", HOURS, "hogst_faktor = 1.5", &[("KS", 120), ("AU", 60)], &["600", "300"]),
    ("the second without grundarvode", HOURS, "utan_grundarvode_fran = 2", &[("KS", 60), ("AU", 31)], &["400", "200"]),
    ("the third without grundarvode", HOURS, "utan_grundarvode_fran = 3", &[("KS", 60), ("AU", 31)], &["400", "400"]),
    ("a full day", DAYS, "hogst = \"heldag\"", &[("KS", 60), ("AU", 60)], &["500", "400"]),
    (
        "an organ outside",
        DAYS,
        "hogst = \"heldag\"\ninte_organ = [\"KF\"]",
        &[("KF", 60), ("KS", 300), ("AU", 60)],
        &["500", "900", "0"],
    ),
];

#[test]
fn several_meetings_of_a_day() {
    for (name, row, rule, meetings, expected) in SAME_DAY {
        let rule = if rule.is_empty() { String::new() } else { format!("[[samma_dag]]\n{rule}\n") };
        assert_eq!(sums(&rules(&format!("{row}{rule}")), meetings), expected, "{name}");
    }
}

#[test]
fn the_highest_full_day_among_the_organs_is_the_most_of_the_day() {
    let of_ks = DAYS.replace("[[sammantrade]]\n", "[[sammantrade]]\norgan = [\"KS\"]\n").replace("900", "1100");
    let rules = rules(&format!("{DAYS}{of_ks}[[samma_dag]]\nhogst = \"dagens_hogsta_heldag\"\n"));
    assert_eq!(sums(&rules, &[("AU", 300), ("BSU", 60)]), ["900", "0"]);
    assert_eq!(sums(&rules, &[("AU", 300), ("KS", 60)]), ["900", "200"]);
}

#[test]
fn travel_time_by_distance_is_added_before_the_test() {
    let restid =
        "[[sammantrade.restid]]\nminst_km = 50\nminuter = 120\n[[sammantrade.restid]]\nminst_km = 100\nminuter = 180\n";
    let from = |km: &str, minutes| Sitting { one_way_km: km.parse().ok(), ..sitting("KS", minutes) };
    let days = rules(&format!("{DAYS}{restid}"));
    assert_eq!(kronor(&days, &[from("49.9", 121)]), ["500"]);
    assert_eq!(kronor(&days, &[from("50", 120)]), ["500"]);
    assert_eq!(kronor(&days, &[from("50", 121)]), ["900"]);
    assert_eq!(kronor(&days, &[from("100", 61)]), ["900"]);
    assert_eq!(kronor(&days, &[from("100", 0)]), ["0"], "no meeting, no travel");
    let hours = rules(&format!("{HOURS}{restid}"));
    assert_eq!(kronor(&hours, &[from("50", 60)]), ["800"]);
}

#[test]
fn who_adjusts_the_minutes_is_paid_an_amount_or_a_share() {
    let adjusts = Sitting { justerare: true, ..sitting("KS", 60) };
    let own = rules(&format!("{HOURS}justeringsarvode = {{ belopp = 150 }}\n"));
    assert_eq!(lines(&own, "2026-03-04", std::slice::from_ref(&adjusts))[0][1], "justeringsarvode 1 x 150 = 150.00");
    assert_eq!(sums(&own, &[("KS", 60)]), ["400"]);
    let share = rules(&format!("{HOURS}justeringsarvode = {{ andel_av_grundarvode = 0.5 }}\n"));
    assert_eq!(kronor(&share, &[adjusts]), ["600"]);
}

#[test]
fn the_most_particular_row_pays_until_it_ends() {
    let rows = r#"
[[sammantrade]]
grundarvode = { belopp = 100 }
[[sammantrade]]
slag = ["presidium"]
grundarvode = { belopp = 200 }
[[sammantrade]]
organ = ["KS", "AU"]
grundarvode = { belopp = 300 }
[[sammantrade]]
organ = ["KS"]
slag = ["presidium"]
grundarvode = { belopp = 400 }
[[sammantrade]]
organ = ["AU"]
upphor = true
from = 2026-03-04
"#;
    let rules = rules(rows);
    let of = |organ: &str, slag, on: &str| {
        let one = Sitting { slag, ..sitting(organ, 60) };
        tariff::day(&rules, day(on), &[one], false)[0].pays[0].belopp.0 / 100
    };
    let presidium = Slag::Presidium;
    assert_eq!(of("BSU", Slag::Sammantrade, "2026-03-04"), 100);
    assert_eq!(of("BSU", presidium, "2026-03-04"), 200);
    assert_eq!(of("KS", Slag::Sammantrade, "2026-03-04"), 300);
    assert_eq!(of("KS", presidium, "2026-03-04"), 400);
    assert_eq!(of("AU", presidium, "2026-03-03"), 300, "organ before slag");
    assert_eq!(of("AU", Slag::Sammantrade, "2026-03-04"), 100, "ended");
}

#[test]
fn without_an_hourly_price_an_external_forrattning_has_none_unless_the_row_gives_it() {
    let external = |rules: &Regelverk| {
        let of = (&OrganCode("KS".to_owned()), Slag::ExternForrattning);
        let kind = arvode::domain::LineKind::TimarvodeForrattning;
        tariff::started_hours(rules, kind, of, day("2026-03-04"), 61, false).map(|pay| pay.belopp)
    };
    assert_eq!(external(&rules(DAYS)), None);
    let with =
        DAYS.replace("[[sammantrade]]\n", "[[sammantrade]]\nforrattning = { belopp = 210 }\nenhet_minuter = 60\n");
    assert_eq!(external(&rules(&with)), Some(Ore(42_000)));
    assert_eq!(external(&rules(HOURS)), Some(Ore(30_000)), "from the first minute");
}

#[test]
fn a_share_of_the_rows_own_amount_is_of_the_rounded_one_and_follows_its_steps() {
    // 0.8 % of 69 900 = 559.20 -> 560; 40 % of 560 = 224 -> 220.
    let own = "[[sammantrade]]\nav = \"riksdagsarvode\"\ngrundarvode = { procent = 0.8, avrundning = \"tio_half_up\" }\n\
               forsta_minuter = 60\nenhet_minuter = 60\n\
               timarvode = { procent = 40, av = \"grundarvode\", avrundning = \"tio_half_up\" }\n";
    let rules = rules(own);
    let on = "2021-03-02";
    let paid = lines(&rules, on, &[sitting("KS", 61)]).concat();
    assert_eq!(paid, ["grundarvode 1 x 560 = 560.00", "timarvode 1 x 220 = 220.00"]);
    let settled = tariff::day(&rules, day(on), &[sitting("KS", 61)], true);
    let texts: Vec<&str> = settled[0].pays[1].steps.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(
        texts[..3],
        [
            "riksdagsarvode 69900 kr/månad från 2021-01-01",
            "grundarvode = 0.8 % av riksdagsarvode = 560 kr (avrundning tio_half_up)",
            "timarvode per timme = 40 % av grundarvode = 220 kr (avrundning tio_half_up)",
        ]
    );
}

#[test]
fn a_share_of_the_ordinary_row_is_for_the_time_and_the_rows_own_amounts_go_beside_it() {
    let own = format!(
        "[[tolkning]]\nparameter = \"betala_ej_tjanstgorande_ersattare\"\nvalue = \"ja\"\n{HOURS}\
         inlasningsarvode = {{ belopp = 50 }}\n[[sammantrade]]\ngaller = \"ej_tjanstgorande\"\nandel_av_ordinarie = 0.75\n\
         justeringsarvode = {{ belopp = 100 }}\n"
    );
    let rules = rules(&own);
    let present = Sitting { serves: false, justerare: true, ..sitting("KS", 90) };
    assert_eq!(
        lines(&rules, "2026-03-04", &[present]).concat(),
        ["grundarvode 1 x 300 = 300.00", "timarvode 0.5 x 150 = 75.00", "justeringsarvode 1 x 100 = 100.00"]
    );
    let settled = tariff::day(&rules, day("2026-03-04"), &[Sitting { serves: false, ..sitting("KS", 60) }], true);
    let steps: Vec<&str> = settled[0].pays[0].steps.iter().map(|step| step.text.as_str()).collect();
    assert!(steps.contains(&"grundarvode för den som inte tjänstgör = 0.75 x 400 = 300 kr"), "{steps:?}");
}

// ---- Bases ----

#[test]
fn a_years_amount_is_rounded_as_a_years_and_paid_by_a_twelfth() {
    let uppdrag = |nyckel: &str, amount: &str| {
        format!("[[uppdrag]]\nnyckel = \"{nyckel}\"\nslag = \"fast_arvode\"\n{amount}\ngrad = 1\n")
    };
    let own = [
        uppdrag("ar", "av = \"riksdagsarvode\"\nprocent = 1.111\nperiod = \"ar\"\navrundning = \"hundra_up\""),
        uppdrag("arsbas", "av = \"index\"\nprocent = 10"),
        uppdrag("fast", "belopp = 1000\nperiod = \"ar\""),
        uppdrag("bas", "av = \"prisbasbelopp\"\npromille = 25"),
        "[[bas]]\nnamn = \"index\"\nvalue = 120000\nunit = \"kr/år\"\n".to_owned(),
        HOURS.to_owned(),
    ];
    let rules = rules(&own.concat());
    // 81 400 x 12 x 1.111 % = 10 852.25 -> 10 900; / 12 = 908.33.
    assert_eq!(month(&rules, "ar", "2026-03-01"), "908.33");
    assert_eq!(month(&rules, "arsbas", "2026-03-01"), "1000.00", "a twelfth of 120 000, 10 % of it");
    assert_eq!(month(&rules, "fast", "2026-03-01"), "83.33");
    assert_eq!(month(&rules, "bas", "2026-03-01"), "1480.00", "59 200 as it is");
    let mut steps = Vec::new();
    monthly_amount(&rules, "ar", day("2026-03-01"), &mut |step| steps.push(step().text));
    assert_eq!(
        steps,
        [
            "riksdagsarvode 81400 kr/månad från 2026-01-01",
            "riksdagsarvode 81400 kr x 12 månader = 976800 kr/år",
            "ar = 1.111 % av riksdagsarvode = 10\u{a0}900,00\u{a0}kr om året (avrundning hundra_up)",
            "ar: en tolftedel av 10\u{a0}900,00\u{a0}kr = 908,33\u{a0}kr i månaden",
        ]
    );
}

/// An index of three values, each from 1 November or, the last, with a decision after the fact.
const INDEX: &str = "[[bas]]\nnamn = \"index\"\nvalue = 100\nunit = \"kr\"\nfrom = 2018-11-01\ndecided_on = 2018-10-10\n\
                     [[bas]]\nnamn = \"index\"\nvalue = 110\nunit = \"kr\"\nfrom = 2019-11-01\ndecided_on = 2019-10-10\n\
                     [[bas]]\nnamn = \"index\"\nvalue = 120\nunit = \"kr\"\nfrom = 2020-11-01\ndecided_on = 2020-12-15\n";

/// How the index is taken over, and what applies on days.
const TAKEOVER: [(&str, &str, Meetings); 6] = [
    ("at once", "", &[("2019-10-31", 100), ("2019-11-01", 110), ("2020-11-01", 120)]),
    (
        "the month after the decision, never before the value",
        "[[galler_fran]]\nbas = \"index\"\ntakes_effect = \"month_after_decision\"\n",
        &[("2019-10-31", 100), ("2019-11-01", 110), ("2020-12-31", 110), ("2021-01-01", 120)],
    ),
    (
        "a fixed day",
        "[[galler_fran]]\nbas = \"index\"\ntakes_effect = \"fixed_day\"\nfixed_day = \"01-01\"\n",
        &[("2019-12-31", 100), ("2020-01-01", 110), ("2020-12-31", 110), ("2021-01-01", 120)],
    ),
    (
        "a fixed day that the decision missed is the next year's",
        "[[galler_fran]]\nbas = \"index\"\ntakes_effect = \"fixed_day\"\nfixed_day = \"12-01\"\n",
        &[("2019-11-30", 100), ("2019-12-01", 110), ("2020-12-31", 110), ("2021-11-30", 110), ("2021-12-01", 120)],
    ),
    (
        "a fixed day from a later year on",
        "[[galler_fran]]\nbas = \"index\"\ntakes_effect = \"fixed_day\"\nfixed_day = \"01-01\"\nfrom = 2020-01-01\n",
        &[("2019-11-01", 110), ("2020-12-31", 110), ("2021-01-01", 120)],
    ),
    (
        "a freeze: only the last value, the day after",
        "[[freeze]]\nbas = \"index\"\nfrom = 2019-11-01\nto = 2020-12-31\n",
        &[("2019-10-31", 100), ("2020-12-31", 100), ("2021-01-01", 120)],
    ),
];

#[test]
fn a_base_is_taken_over_when_the_kommun_says() {
    for (name, row, expected) in TAKEOVER {
        let rules = rules(&format!("{INDEX}{row}{HOURS}"));
        for (on, value) in expected {
            assert_eq!(rules.base("index", day(on)), Some(Decimal::from(*value)), "{name}: {on}");
        }
    }
}

#[test]
fn a_value_that_waits_keeps_its_decision_and_says_why_it_waits() {
    let freeze = "[[freeze]]\nbas = \"index\"\nfrom = 2019-11-01\nto = 2020-12-31\n";
    let rules = rules(&format!("{INDEX}{freeze}{HOURS}"));
    let mut steps = Vec::new();
    rules.base_with_steps("index", day("2021-01-01"), &mut |step| {
        let step = step();
        steps.push((step.text, step.basis));
    });
    let (text, basis) = &steps[0];
    assert_eq!(text, "index 120 kr från 2021-01-01");
    assert_eq!(basis, "KF § 1; i stället för från 2020-11-01: KF § 1 (beslutad 2020-12-15)");
    let known = rules.known_on(day("2020-12-14"));
    assert_eq!(known.base("index", day("2021-01-01")), Some(Decimal::from(110)), "before 120 was decided");
}

// ---- Contradictions ----

/// What contradicts itself, and words of the message.
const REFUSED: [(&str, &str); 62] = [
    ("[[samma_dag]]\nhogst_timmar = 25", "`25`"),
    ("[[samma_dag]]\nhogst_timmar = 0", "more than 0 and at most 24 hours"),
    ("[[samma_dag]]\nhogst_belopp = { procent = 1, av = \"okänd\" }", "[[samma_dag]] hogst_belopp: the base \"okänd\""),
    ("[[tak]]\nper = \"ar\"\nbelopp = 1\ninte_nycklar = [\"okänd\"]", "[[tak]] inte_nycklar: the nyckel \"okänd\""),
    ("[[tak]]\nper = \"ar\"\nupphor = true\ninte_nycklar = [\"ledamot\"]", "`inte_nycklar` with `upphor = true`"),
    ("[[kedja]]\nsteg = \"a\"\nav = \"index\"\nprocent = 1\nminus = 1", "minus 1 of a base of 1 kr"),
    ("[[kedja]]\nsteg = \"a\"\nav = \"index\"\nprocent = 1\ndelat_med = 0", "`0` for `delat_med`"),
    ("[[kedja]]\nsteg = \"a\"\nbelopp = 1", "a fixed amount for a step of the chain"),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { procent = 1, av = \"grundarvode\" }",
        "a grundarvode that is a share of itself",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\n[[sammantrade.dag]]\nnamn = \"a\"\nprocent = 50\nav = \"b\"\n[[sammantrade.dag]]\nnamn = \"b\"\nbelopp = 2\nover_minuter = 239",
        "\"a\" as a share of \"b\", which is not below it",
    ),
    (
        "[[bas]]\nnamn = \"grundarvode\"\nvalue = 1\nunit = \"kr\"\n[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { belopp = 1 }\njusteringsarvode = { procent = 50, av = \"grundarvode\" }",
        "\"grundarvode\" is an amount of the row and a base too",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\njusteringsarvode = { procent = 50, av = \"halvdag\" }",
        "the base \"halvdag\"",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\ntimarvode = { belopp = 1 }\nenhet_minuter = 30\n[[sammantrade.grundarvode_steg]]\nminst_minuter = 300\nbelopp = 2",
        "`grundarvode_steg` without `grundarvode`",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { belopp = 1 }\n[[sammantrade.grundarvode_steg]]\nbelopp = 2",
        "paid from 1 minutes, where from 1 is paid already",
    ),
    ("[[sammantrade]]\norgan = [\"KS\"]\nandel_av_ordinarie = 0.75", "in a row for those who serve"),
    ("[[sammantrade]]\ngaller = \"ej_tjanstgorande\"\nandel_av_ordinarie = 75", "a share up to 1, such as 0.75"),
    (
        "[[sammantrade]]\ngaller = \"ej_tjanstgorande\"\nandel_av_ordinarie = 0.75\ngrundarvode = { belopp = 1 }",
        "`grundarvode` together with `andel_av_ordinarie`",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { belopp = 1 }\n[[sammantrade.grundarvode_steg]]\nminst_minuter = 300\nover_minuter = 300\nbelopp = 2",
        "both `minst_minuter` and `over_minuter`",
    ),
    ("[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { belopp = 1, procent = 1 }", "both `belopp` and `procent`"),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { procent = 1, promille = 1, av = \"index\" }",
        "both `procent` and `promille`",
    ),
    ("[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { av = \"index\" }", "an amount without a number"),
    ("[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { belopp = 1, av = \"index\" }", "`av` together with `belopp`"),
    ("[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { procent = 1 }", "`procent` without a base"),
    ("[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { procent = 1, av = \"okänd\" }", "the base \"okänd\""),
    ("[[sammantrade]]\norgan = [\"XX\"]\ngrundarvode = { belopp = 1 }", "the organ \"XX\""),
    ("[[sammantrade]]\nslag = [\"fika\"]\ngrundarvode = { belopp = 1 }", "\"fika\""),
    ("[[sammantrade]]\norgan = [\"KS\"]", "a [[sammantrade]] without any amount"),
    ("[[sammantrade]]\norgan = [\"KS\"]\nupphor = true\ngrundarvode = { belopp = 1 }", "in a row with amounts"),
    ("[[sammantrade]]\nfrom = 2020-01-01\nupphor = true", "in a row for all meetings"),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { belopp = 1 }\n[[sammantrade.dag]]\nnamn = \"x\"\nbelopp = 1",
        "[[sammantrade.dag]] together with",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\n[[sammantrade.dag]]\nnamn = \"x\"\nbelopp = 1\nminst_minuter = 1\nover_minuter = 2",
        "both `minst_minuter` and `over_minuter`",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\n[[sammantrade.dag]]\nnamn = \"a\"\nbelopp = 1\nminst_minuter = 240\n[[sammantrade.dag]]\nnamn = \"b\"\nbelopp = 2\nover_minuter = 239",
        "paid from 240 minutes, after \"a\" from 240",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\n[[sammantrade.dag]]\nnamn = \"a\"\nbelopp = 2\n[[sammantrade.dag]]\nnamn = \"b\"\nbelopp = 2\nover_minuter = 239",
        "\"b\" 2 kr is not more than \"a\" 2 kr",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { belopp = 1 }\ntimarvode = { belopp = 1 }\nenhet_minuter = 30",
        "a grundarvode for the whole meeting together with timarvode",
    ),
    ("[[sammantrade]]\norgan = [\"KS\"]\ntimarvode = { belopp = 1 }", "without `enhet_minuter`"),
    ("[[sammantrade]]\norgan = [\"KS\"]\ntimarvode = { belopp = 1 }\nenhet_minuter = 0", "`0` for `enhet_minuter`"),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\ntimarvode = { belopp = 1 }\nenhet_minuter = 30\nraknas = \"pro_rata\"",
        "`enhet_minuter` with `raknas = \"pro_rata\"`",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { belopp = 1 }\nenhet_minuter = 30",
        "`enhet_minuter` without timarvode",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\nforsta_minuter = 60\ntimarvode = { belopp = 1 }\nenhet_minuter = 30",
        "`forsta_minuter` without `grundarvode`",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\ntimarvode = { belopp = 1 }\nenhet_minuter = 30\n[[sammantrade.timarvode_steg]]\nefter_minuter = 0\nbelopp = 1",
        "both `timarvode` and `timarvode_steg`",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\nenhet_minuter = 30\n[[sammantrade.timarvode_steg]]\nefter_minuter = 0\ntill_minuter = 120\nbelopp = 1\n[[sammantrade.timarvode_steg]]\nefter_minuter = 60\nbelopp = 2",
        "`60`, before the step before it ends",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\nenhet_minuter = 30\n[[sammantrade.timarvode_steg]]\nefter_minuter = 0\ntill_minuter = 120\nbelopp = 1\n[[sammantrade.timarvode_steg]]\nefter_minuter = 150\nbelopp = 2",
        "`150`, a gap after the step before it",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\nenhet_minuter = 30\n[[sammantrade.timarvode_steg]]\nefter_minuter = 0\nbelopp = 1\n[[sammantrade.timarvode_steg]]\nefter_minuter = 150\nbelopp = 2",
        "a step after one without end",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { belopp = 1 }\nforsta_minuter = 60\nenhet_minuter = 30\n[[sammantrade.timarvode_steg]]\nefter_minuter = 30\nbelopp = 1",
        "`30`, before the grundarvode ends",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { belopp = 1 }\nforsta_minuter = 60\nenhet_minuter = 30\n[[sammantrade.timarvode_steg]]\nefter_minuter = 90\nbelopp = 1",
        "`90`, a gap after the grundarvode",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\nenhet_minuter = 60\n[[sammantrade.timarvode_steg]]\nefter_minuter = 0\ntill_minuter = 90\nbelopp = 1",
        "90 minutes in units of 60",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\nforrattning = { belopp = 1 }\ntimarvode = { belopp = 1 }\nenhet_minuter = 30",
        "`forrattning` together with timarvode",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { belopp = 1 }\n[[sammantrade.restid]]\nminst_km = 50\nminuter = 120",
        "travel time where no amount depends on time",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\ntimarvode = { belopp = 1 }\nenhet_minuter = 30\n[[sammantrade.restid]]\nminst_km = 50\nminuter = 120\n[[sammantrade.restid]]\nminst_km = 50\nminuter = 180",
        "50 km giving 180 minutes",
    ),
    (
        "[[sammantrade]]\norgan = [\"KS\"]\njusteringsarvode = { andel_av_grundarvode = 0.5 }",
        "in a row without grundarvode",
    ),
    ("[[samma_dag]]\nhogst = \"heldag\"", "a full day where no row has half and full days"),
    (
        "[[samma_dag]]\nraknas = \"tillsammans\"\nhogst_antal = 2",
        "`hogst_antal` together with `raknas = \"tillsammans\"`",
    ),
    ("[[samma_dag]]\nraknas = \"tillsammans\"\nutan_grundarvode_fran = 2", "`utan_grundarvode_fran` together with"),
    ("[[samma_dag]]\nutan_grundarvode_fran = 1", "`1`"),
    ("[[sammantrade]]\ngaller = \"ej_tjanstgorande\"\ngrundarvode = { belopp = 1 }", "an amount that is never paid"),
    (
        "[[kedja]]\nsteg = \"a\"\nav = \"b\"\nprocent = 1\n[[kedja]]\nsteg = \"b\"\nav = \"a\"\nprocent = 1",
        "the base a leads back to itself",
    ),
    (
        "[[bas]]\nnamn = \"index\"\nvalue = 1\nunit = \"kr/år\"\nfrom = 2020-01-01",
        "`kr/år` beside `kr` from 2014-12-11",
    ),
    (
        "[[kedja]]\nsteg = \"a\"\nav = \"index\"\nprocent = 1\n[[kedja]]\nsteg = \"a\"\nav = \"riksdagsarvode\"\nprocent = 1\nfrom = 2020-01-01",
        "the base a in kr, then kr/månad",
    ),
    (
        "[[freeze]]\nbas = \"index\"\nfrom = 2020-01-01\nto = 2020-12-31\n[[freeze]]\nbas = \"index\"\nfrom = 2020-12-31\nto = 2021-12-31",
        "a freeze that overlaps the one from 2020-01-01 to 2020-12-31",
    ),
    (
        "[[galler_fran]]\nbas = \"index\"\ntakes_effect = \"same_day\"\n[[galler_fran]]\nbas = \"index\"\ntakes_effect = \"month_after_decision\"",
        "a second [[galler_fran]] for the base",
    ),
    (
        "[[galler_fran]]\nbas = \"index\"\ntakes_effect = \"month_after_decision\"",
        "without a day of decision of its own",
    ),
    ("[[galler_fran]]\nbas = \"okänd\"\ntakes_effect = \"same_day\"", "[[galler_fran]] or [[freeze]] for \"okänd\""),
];

#[test]
fn what_contradicts_itself_is_refused_with_the_reason() {
    let sound =
        "[[bas]]\nnamn = \"index\"\nvalue = 1\nunit = \"kr\"\n[[sammantrade]]\ninlasningsarvode = { belopp = 1 }\n";
    rules(sound);
    for (text, words) in REFUSED {
        let told = match read(&dated(&format!("{sound}{text}\n"))) {
            Ok(_) => panic!("not refused: {text}"),
            Err(told) => told,
        };
        assert!(told.iter().any(|one| one.contains(words)), "{text}\n\nsays: {told:#?}");
        assert!(told.iter().all(|one| !one.contains("unknown key")), "{text}\n\nsays: {told:#?}");
    }
}

/// What the examples of the reference page count from and hang on.
const AROUND_EXAMPLES: &str = r#"
[[bas]]
namn = "basarvode"
value = 60000
unit = "kr/månad"
[[kedja]]
steg = "grund"
av = "basarvode"
procent = 90
[[sammantrade]]
grundarvode = { belopp = 1 }
[[sammantrade]]
organ = ["BSU"]
[[sammantrade.dag]]
namn = "heldag"
belopp = 1
"#;

#[test]
fn every_example_of_the_reference_page_is_accepted() {
    let page = include_str!("../../config/regelverk/ARVODESFORMER.md");
    let blocks = page.split("\n\n").filter(|block| block.starts_with("    [["));
    let mut count = 0;
    for block in blocks {
        let row = match block.trim_start() {
            step if step.starts_with("[[sammantrade.timarvode_steg]]") => {
                "[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { belopp = 1 }\nforsta_minuter = 60\nenhet_minuter = 30\n"
            }
            longer if longer.starts_with("[[sammantrade.grundarvode_steg]]") => {
                "[[sammantrade]]\norgan = [\"KS\"]\ngrundarvode = { belopp = 540 }\nforsta_minuter = 60\n"
            }
            way if way.starts_with("[[sammantrade.restid]]") => {
                "[[sammantrade]]\norgan = [\"KS\"]\ntimarvode = { belopp = 1 }\nenhet_minuter = 30\n"
            }
            _ => "",
        };
        let dates = if row.is_empty() { "" } else { "from = 2026-01-01\nreference = \"KF § 1\"\n" };
        let needs_row = block.trim_start().starts_with("[[sammantrade.dag]]");
        // The steps and days of a row are told in blocks of their own, after it.
        if needs_row || block.contains("av = \"basarvode\"\n    from") {
            continue;
        }
        let step_two = block.contains("efter_minuter = 240");
        let first = if step_two {
            "[[sammantrade.timarvode_steg]]\nefter_minuter = 60\ntill_minuter = 240\nbelopp = 200\n"
        } else {
            ""
        };
        let text = format!("{}\n{row}{dates}{first}{block}\n", dated(AROUND_EXAMPLES));
        if let Err(wrong) = read(&text) {
            panic!("{block}\n\nis refused: {wrong:#?}");
        }
        count += 1;
    }
    assert!(count >= 8, "the page has lost its examples: {count}");
    let days: Vec<&str> = page.split("\n\n").filter(|block| block.starts_with("    [[sammantrade.dag]]")).collect();
    let row = "[[sammantrade]]\norgan = [\"KS\"]\nav = \"basarvode\"\nfrom = 2026-01-01\nreference = \"KF § 1\"\n";
    let text = format!("{}\n{row}{}\n", dated(AROUND_EXAMPLES), days.join("\n"));
    assert!(read(&text).is_ok(), "{:#?}", read(&text));
}
