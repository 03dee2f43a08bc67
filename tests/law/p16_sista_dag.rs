//! § 16: its cases, and last days as a table.

use arvode::domain::{Claim, ClaimId, ClaimKind, MeetingId};
use arvode::law::bestammelserna::p16_sista_dag::{is_late, last_day};

use crate::support::{ME, check_cases, day, shipped};

#[test]
fn cases() {
    check_cases("fixtures/law/p16_sista_dag.toml", include_str!("../../fixtures/law/p16_sista_dag.toml"));
}

/// Kind, the day counted from, and the last day, moved past days off.
const LAST_DAYS: [(ClaimKind, &str, &str); 28] = [
    // ett år eller två
    (ClaimKind::ForloradArbetsinkomst, "2025-03-04", "2026-03-04"),
    (ClaimKind::Pensionsforman, "2024-03-04", "2026-03-04"),
    (ClaimKind::Semesterforman, "2024-03-04", "2026-03-04"),
    (ClaimKind::Resa, "2025-03-04", "2026-03-04"),
    (ClaimKind::Traktamente, "2025-03-04", "2026-03-04"),
    (ClaimKind::Barntillsyn, "2025-03-04", "2026-03-04"),
    (ClaimKind::Vard, "2025-03-04", "2026-03-04"),
    (ClaimKind::Funktionshindrad, "2025-03-04", "2026-03-04"),
    (ClaimKind::Ovrigt, "2025-03-04", "2026-03-04"),
    // 29 februari: fredagen den 28 februari 2025; lördagen den 28 februari 2026 flyttas till måndagen
    (ClaimKind::ForloradArbetsinkomst, "2024-02-29", "2025-02-28"),
    (ClaimKind::Semesterforman, "2024-02-29", "2026-03-02"),
    // 28 februari, också när målåret är ett skottår
    (ClaimKind::ForloradArbetsinkomst, "2023-02-28", "2024-02-28"),
    // lördag, söndag
    (ClaimKind::ForloradArbetsinkomst, "2025-03-07", "2026-03-09"),
    (ClaimKind::ForloradArbetsinkomst, "2025-03-08", "2026-03-09"),
    // nyårsdagen 2026 (torsdag); trettondagsafton (måndag) är en vardag, trettondagen (tisdag) inte
    (ClaimKind::ForloradArbetsinkomst, "2025-01-01", "2026-01-02"),
    (ClaimKind::ForloradArbetsinkomst, "2025-01-05", "2026-01-05"),
    (ClaimKind::ForloradArbetsinkomst, "2025-01-06", "2026-01-07"),
    // skärtorsdagen 2026 är en vardag; långfredagen flyttas förbi annandag påsk
    (ClaimKind::ForloradArbetsinkomst, "2025-04-02", "2026-04-02"),
    (ClaimKind::ForloradArbetsinkomst, "2025-04-03", "2026-04-07"),
    // valborg 2026 är en vardag; första maj är en fredag
    (ClaimKind::ForloradArbetsinkomst, "2025-04-30", "2026-04-30"),
    (ClaimKind::ForloradArbetsinkomst, "2025-05-01", "2026-05-04"),
    // Kristi himmelsfärdsdag 2026 (torsdag); nationaldagen 2025 (fredag)
    (ClaimKind::ForloradArbetsinkomst, "2025-05-14", "2026-05-15"),
    (ClaimKind::ForloradArbetsinkomst, "2024-06-06", "2025-06-09"),
    // midsommarafton 2026 (fredag)
    (ClaimKind::ForloradArbetsinkomst, "2025-06-19", "2026-06-22"),
    // dagen före julafton 2026 är en vardag; julafton (torsdag) flyttas förbi annandagen, en lördag
    (ClaimKind::ForloradArbetsinkomst, "2025-12-23", "2026-12-23"),
    (ClaimKind::ForloradArbetsinkomst, "2025-12-24", "2026-12-28"),
    // dagen före nyårsafton 2026; nyårsafton (torsdag)
    (ClaimKind::ForloradArbetsinkomst, "2025-12-30", "2026-12-30"),
    (ClaimKind::ForloradArbetsinkomst, "2025-12-31", "2027-01-04"),
];

#[test]
fn the_last_day_moves_past_days_off() {
    let rules = shipped("").regelverk;
    for (kind, counted_from, last) in LAST_DAYS {
        assert_eq!(last_day(&rules, kind, day(counted_from)), Some(day(last)), "{} {counted_from}", kind.word());
    }
}

#[test]
fn without_helgforskjutning_the_last_day_is_the_same_day_of_the_calendar() {
    let not_moved = "[[tolkning]]\nparameter = \"helgforskjutning\"\nvalue = \"nej\"\nfrom = 2014-12-11\n\
                     decided_on = 2014-12-12\nreference = \"fallet\"\n";
    let rules = shipped(not_moved).regelverk;
    for (counted_from, last) in [
        ("2025-03-07", "2026-03-07"),
        ("2025-06-19", "2026-06-19"),
        ("2025-12-24", "2026-12-24"),
        ("2025-12-31", "2026-12-31"),
        ("2024-02-29", "2025-02-28"),
    ] {
        let found = last_day(&rules, ClaimKind::ForloradArbetsinkomst, day(counted_from));
        assert_eq!(found, Some(day(last)), "{counted_from}");
    }
}

#[test]
fn a_default_day_of_arrival_never_makes_a_claim_late() {
    let rules = shipped("").regelverk;
    for (inkom, inkom_default, late) in [
        ("2026-03-04", false, false),
        ("2026-03-05", false, true),
        ("2026-03-05", true, false),
        ("2030-01-01", true, false),
    ] {
        let claim = claim_for_travel(inkom, inkom_default);
        assert_eq!(is_late(&rules, &claim, day("2025-03-04")), late, "{inkom} {inkom_default}");
    }
}

fn claim_for_travel(inkom: &str, inkom_default: bool) -> Claim {
    let claim = Claim::new(ClaimId(1), ME, MeetingId(1), ClaimKind::Resa, day(inkom));
    Claim { inkom_default, ..claim }
}
