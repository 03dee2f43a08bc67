//! What holds for any facts, however they came about.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use arvode::calendar::{Clock, Day, Month, days_between, days_later};
use arvode::domain::{
    Absence, AbsenceKind, Attendance, Barnomsorg, Beslut, Claim, ClaimId, ClaimKind, Distance, Income, Jour, Line,
    LineKind, Maltid, Meeting, MeetingId, OrganCode, Person, PersonId, Provenance, Roll, Slag, Uppdrag, UppdragId,
    Utfall,
};
use arvode::law::{Attended, Claimed, Common, Decisions, Entitlement, PersonFacts, UppdragRegister, entitlement};
use arvode::ledger::{BatchName, Booked, Change, Reversed, RowRef, difference};
use arvode::money::Ore;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

use crate::support::{ME, OneRulebook, day, month, place, shipped};

static RULES: LazyLock<OneRulebook> = LazyLock::new(|| OneRulebook { loaded: shipped(""), lag: HashMap::new() });

/// Rules with every part of a tariff at once: days and hours, travel, adjusting, reading, a rule for the day, all caps.
static MANY_SHAPES: LazyLock<OneRulebook> = LazyLock::new(|| {
    let shapes = include_str!("../../fixtures/law/many_shapes.toml");
    OneRulebook { loaded: shipped(&format!("{shapes}{LATER_SHAPES}")), lag: HashMap::new() }
});

/// What the same kommun has from 2026: shares of rounded amounts, longer meetings, a day of hours and of an amount.
const LATER_SHAPES: &str = r#"
[[kedja]]
steg = "timpris"
av = "riksdagsarvode"
minus = 5000
procent = 50
delat_med = 165
from = 2014-12-11
reference = "KF § 2"

[[sammantrade]]
organ = ["BSU", "KF"]
av = "grund"
grundarvode = { procent = 0.75, avrundning = "tio_half_up" }
forsta_minuter = 60
timarvode = { procent = 41, av = "grundarvode" }
enhet_minuter = 20
justeringsarvode = { procent = 50, av = "grundarvode", avrundning = "krona_up" }
from = 2026-01-01
reference = "KF § 2"

[[sammantrade.grundarvode_steg]]
minst_minuter = 180
procent = 300
av = "timpris"

[[sammantrade]]
galler = "ej_tjanstgorande"
andel_av_ordinarie = 0.77
from = 2026-01-01
reference = "KF § 2"

[[samma_dag]]
raknas = "tillsammans"
hogst_timmar = 6.5
hogst_belopp = { procent = 1.5, av = "grund" }
from = 2026-01-01
reference = "KF § 2"

[[tak]]
per = "person_ar"
procent = 85
av = "riksdagsarvode"
inte_nycklar = ["ks-ordforande"]
from = 2026-01-01
reference = "KF § 2"
"#;

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, failure_persistence: None, ..ProptestConfig::default() }
}

/// A person's facts, and what others hold.
#[derive(Clone, Debug)]
struct Told {
    facts: PersonFacts,
    decisions: Vec<Beslut>,
    others: Vec<Uppdrag>,
}

impl Told {
    fn asked(&self, first_month: Month, payout: Month, explain: bool) -> Entitlement {
        self.asked_by(&RULES, first_month, payout, explain)
    }

    fn asked_by(&self, rules: &OneRulebook, first_month: Month, payout: Month, explain: bool) -> Entitlement {
        let mine = self.facts.uppdrag.iter().map(|(uppdrag, _)| uppdrag.clone());
        let register = UppdragRegister::new(mine.chain(self.others.iter().cloned()), HashMap::new());
        let mut decisions = Decisions::default();
        for (row, beslut) in self.decisions.iter().enumerate() {
            decisions.add(beslut.clone(), place(300 + row));
        }
        let common = Common {
            rules,
            register: &register,
            decisions: &decisions,
            first_month,
            payout,
            claims_until: Day::MAX,
            explain,
        };
        entitlement(&self.facts, &common)
    }

    /// The same facts, told in another order.
    fn shuffled(&self, seed: u64) -> Told {
        let mut other = self.clone();
        let facts = &mut other.facts;
        shuffle(&mut facts.profiles, seed);
        shuffle(&mut facts.uppdrag, seed.wrapping_add(1));
        shuffle(&mut facts.attended, seed.wrapping_add(2));
        shuffle(&mut facts.claims, seed.wrapping_add(3));
        shuffle(&mut facts.incomes, seed.wrapping_add(4));
        shuffle(&mut facts.absences, seed.wrapping_add(5));
        shuffle(&mut facts.distances, seed.wrapping_add(6));
        shuffle(&mut other.others, seed.wrapping_add(7));
        shuffle(&mut other.facts.jour, seed.wrapping_add(8));
        shuffle(&mut other.decisions, seed.wrapping_add(9));
        other
    }
}

fn shuffle<T>(all: &mut [T], seed: u64) {
    let mut state = seed;
    for place in (1..all.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        all.swap(place, usize::try_from(state >> 33).unwrap() % (place + 1));
    }
}

/// Lines in an order of their own.
fn sorted(lines: &[Line]) -> Vec<String> {
    let mut texts: Vec<String> = lines.iter().map(|line| format!("{line:?}")).collect();
    texts.sort();
    texts
}

// ---- Values: possible ones, and (wild) any that the types can hold ----

/// Few days, so that things meet: the nights when the clock changes, ends of months, a leap day.
fn some_day() -> impl Strategy<Value = Day> {
    let few = ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25", "2026-10-31", "2026-11-01", "2024-02-29"];
    select(few.to_vec()).prop_map(day)
}

fn any_day(wild: bool) -> BoxedStrategy<Day> {
    let near = (0_i64..700).prop_map(|days| days_later(day("2025-10-01"), days));
    let (first, last) = (day("0001-01-01"), day("9999-12-31"));
    let absurd = (0..=days_between(first, last)).prop_map(move |days| days_later(first, days));
    let edge = select(vec![first, last, Day::MIN, Day::MAX]);
    if wild {
        prop_oneof![4 => some_day(), 3 => near, 2 => absurd, 1 => edge].boxed()
    } else {
        prop_oneof![3 => some_day(), 1 => near].boxed()
    }
}

fn any_clock() -> impl Strategy<Value = Clock> {
    let at = |hour, minute| Clock::from_hms_opt(hour, minute, 0).unwrap();
    prop_oneof![
        3 => (0_u32..24, 0_u32..4).prop_map(move |(hour, quarter)| at(hour, quarter * 15)),
        2 => (0_u32..5, 0_u32..60).prop_map(move |(hour, minute)| at(hour, minute)),
        1 => Just(at(23, 59)),
    ]
}

fn any_amount(wild: bool) -> BoxedStrategy<Ore> {
    let possible = (0_i64..600_000).prop_map(Ore);
    let edge = select(vec![i64::MIN, i64::MIN + 1, -1, 1, i64::MAX - 1, i64::MAX]).prop_map(Ore);
    if wild { prop_oneof![3 => possible, 2 => any::<i64>().prop_map(Ore), 1 => edge].boxed() } else { possible.boxed() }
}

fn any_number(wild: bool) -> BoxedStrategy<Decimal> {
    let possible = (0_i64..4_000, 0_u32..3).prop_map(|(value, scale)| Decimal::new(value, scale));
    let large = (any::<i128>(), 0_u32..=28)
        .prop_filter_map("fits", |(value, scale)| Decimal::try_from_i128_with_scale(value >> 32, scale).ok());
    let edge = select(vec![Decimal::MAX, Decimal::MIN, Decimal::new(1, 28), Decimal::NEGATIVE_ONE]);
    if wild { prop_oneof![3 => possible, 2 => large, 1 => edge].boxed() } else { possible.boxed() }
}

fn any_minutes(wild: bool) -> BoxedStrategy<i64> {
    let possible = prop_oneof![Just(0_i64), 0_i64..300];
    let edge = select(vec![i64::MIN, -1, i64::MAX]);
    if wild { prop_oneof![3 => possible, 1 => any::<i64>(), 1 => edge].boxed() } else { possible.boxed() }
}

fn some_text() -> impl Strategy<Value = Option<String>> {
    option::of(select(vec!["", "KS ordförande", "2026-01-02", "§§ 4-5", "åäö\u{0}"]).prop_map(str::to_owned))
}

fn some_organ() -> impl Strategy<Value = OrganCode> {
    select(vec!["KS", "BSU", "KF", "OFN", "finns inte"]).prop_map(|code| OrganCode(code.to_owned()))
}

fn any_uppdrag(wild: bool) -> impl Strategy<Value = Uppdrag> {
    let nycklar = [
        "ks-ordforande",
        "bsu-ordforande",
        "oppositionsrad",
        "overformyndare",
        "ks-vice",
        "gruppledare",
        "ledamot",
        "finns-inte",
    ];
    let nyckel = option::weighted(0.8, select(nycklar.to_vec()).prop_map(str::to_owned));
    let platser = if wild { option::of(any::<u32>()).boxed() } else { option::of(1_u32..3).boxed() };
    let roll = select(vec!["Ledamot", "Ordförande"]).prop_map(str::to_owned);
    (some_organ(), nyckel, roll, any_day(wild), option::of(any_day(wild)), platser).prop_map(
        |(organ, nyckel, roll, from, to, platser)| Uppdrag {
            uppdrag: UppdragId(0),
            person: ME,
            organ,
            roll,
            nyckel,
            from,
            to,
            platser,
            beslut: None,
        },
    )
}

fn any_meeting(wild: bool) -> impl Strategy<Value = Meeting> {
    let words = [
        "sammanträde",
        "sammanträde",
        "sammanträde",
        "kurs",
        "kurs",
        "gruppledarmöte",
        "extern förrättning",
        "extern representation",
        "besiktning",
    ];
    let slag = option::of(select(words.to_vec()).prop_map(|word| Slag::parse(word).unwrap()));
    let plats = option::of(select(vec!["Bygdegården", "Skolan"]).prop_map(str::to_owned));
    let spans = |most| prop::collection::vec((any_clock(), any_clock()), 0..most);
    let what = (some_organ(), any_day(wild), slag, plats, option::of(any::<bool>()), some_text(), some_text());
    (what, prop_oneof![3 => spans(2), 1 => spans(4)], spans(3)).prop_map(|(what, hours, breaks)| {
        let (organ, day, slag, plats, utom_kommunen, kallat_av, utskottets_beslut) = what;
        let meeting = MeetingId(0);
        Meeting {
            meeting,
            organ,
            day,
            external: None,
            slag,
            plats,
            utom_kommunen,
            kallat_av,
            utskottets_beslut,
            hours,
            breaks,
            paragrafer: Vec::new(),
            installt: false,
        }
    })
}

fn any_attended(wild: bool) -> impl Strategy<Value = Attended> {
    let own = prop::collection::vec((option::of(any_clock()), option::of(any_clock())), 0..3);
    let roll = option::of(select(vec![Roll::Ledamot, Roll::Ersattare]));
    let who = (roll, option::of(any::<bool>()), option::weighted(0.1, Just("KS § 3".to_owned())), any::<bool>());
    let asks = (option::of(any_amount(wild)), option::of(any_number(wild)), any_day(wild), any::<bool>());
    let own = prop_oneof![3 => Just(Vec::new()), 1 => own];
    (any_meeting(wild), who, own, option::weighted(0.1, Just("§§ 4-5".to_owned())), asks).prop_map(
        |(meeting, who, own, paragrafer, asks)| {
            let (roll, tjanstgorande, narvaroratt, distans) = who;
            let (forlorad, km, inkom, inkom_default) = asks;
            let attendance = Attendance {
                meeting: meeting.meeting,
                person: ME,
                roll,
                tjanstgorande,
                hours: Vec::new(),
                own,
                paragrafer,
                jav: None,
                ersatter: None,
                distans,
                justerare: distans,
                narvaroratt,
                loneavdrag: false,
                forlorad,
                km,
                inkom,
                inkom_default,
                diarium: None,
            };
            Attended { attendance, meeting: meeting.into(), source: place(0) }
        },
    )
}

/// A claim, and which of the attended meetings it belongs to (or one that is on no list).
fn any_claim(wild: bool) -> impl Strategy<Value = (Claim, usize)> {
    let kinds = prop_oneof![
        4 => Just(ClaimKind::ForloradArbetsinkomst),
        2 => Just(ClaimKind::Resa),
        1 => select(ClaimKind::all().collect::<Vec<_>>()),
    ];
    let time = (option::of((any_clock(), any_clock())), option::of(any_number(wild)));
    let minutes = (any_minutes(wild), any_minutes(wild), any_minutes(wild), some_text());
    let asks = (option::weighted(0.9, any_amount(wild)), option::weighted(0.9, any_number(wild)));
    let trip = (option::of(any_clock()), option::of(any_clock()));
    let came = (any_day(wild), any::<bool>(), option::of(any::<bool>()));
    let care = prop_oneof![
        2 => Just(Barnomsorg::Ingen),
        1 => Just(Barnomsorg::HelaTiden),
        2 => prop::collection::vec((any_clock(), any_clock()), 0..3).prop_map(Barnomsorg::Tider),
    ];
    let meals = prop::collection::vec(select(vec![Maltid::Frukost, Maltid::Lunch, Maltid::Middag]), 0..4);
    let birth = if wild { any::<i32>().boxed() } else { (2008_i32..2030).boxed() };
    let days = (option::of(any_day(wild)), option::of(any_day(wild)));
    let rest = (days.0, days.1, any_minutes(wild), option::of(birth), option::of(any::<bool>()), care, meals);
    let all = (kinds, time, minutes, asks, trip, came, rest, 0_usize..6);
    all.prop_map(|(slag, time, minutes, asks, trip, came, rest, of)| {
        let claim = Claim {
            inkom_default: came.1,
            tid: time.0,
            timmar: time.1,
            restid_minutes: minutes.0,
            forberedelse_minutes: minutes.1,
            ledighet_minutes: minutes.2,
            belopp: asks.0,
            km: asks.1,
            avresa: trip.0,
            hemkomst: trip.1,
            styrkt: came.2,
            motivering: minutes.3,
            pensionstillfalle: rest.0,
            hemkomst_day: rest.1,
            egen_logi_nights: rest.2,
            barn_fott: rest.3,
            narstaende: rest.4,
            barnomsorg: rest.5,
            maltider: rest.6,
            ..Claim::new(ClaimId(0), ME, MeetingId(0), slag, came.0)
        };
        (claim, of)
    })
}

fn any_income(wild: bool) -> impl Strategy<Value = Income> {
    let days = (option::of(any_day(wild)), option::of(any_day(wild)));
    let slag = select(vec![None, Some("anställd"), Some("egen företagare"), Some("sjukpenning")]);
    let amounts = (option::of(any_amount(wild)), option::of(any_amount(wild)));
    let percents = (option::of(any_number(wild)), option::of(any_number(wild)));
    (days, slag, amounts, percents, some_text()).prop_map(|((from, to), slag, (timlon, sgi), percents, intyg)| Income {
        slag: slag.map(str::to_owned),
        from,
        to,
        timlon,
        sgi,
        intyg,
        semester_percent: percents.0,
        pension_percent: percents.1,
        ..Income::new(ME)
    })
}

fn any_jour(wild: bool) -> impl Strategy<Value = Jour> {
    let active = prop::collection::vec((any_clock(), any_clock()), 0..3);
    let organ = select(vec!["BSU", "KS"]);
    (any_day(wild), 0_i64..40, organ, active).prop_map(|(from, days, organ, active)| {
        let to = from.checked_add_signed(chrono::TimeDelta::days(days)).unwrap_or(from);
        Jour { person: ME, organ: OrganCode(organ.to_owned()), from, to, active }
    })
}

fn any_beslut(wild: bool) -> impl Strategy<Value = Beslut> {
    let paragraphs = ["§ 1", "§ 2", "§ 2 c", "§ 3", "§ 5", "§ 11", "§ 12", "§ 15", "§ 16", "§ 17"];
    let named = option::of(select(paragraphs.to_vec()));
    let about = (any::<bool>(), option::of(1_i64..6), option::of(select(ClaimKind::all().collect::<Vec<_>>())));
    let days = (any_day(wild), option::of(any_day(wild)), option::of(any_day(wild)));
    let utfall = select(vec![Utfall::Bifall, Utfall::Avslag, Utfall::Aterkrav]);
    (named, about, days, utfall, 0_u32..1_000).prop_map(|(named, about, days, utfall, number)| Beslut {
        diarienummer: format!("KS 2026/{number}"),
        day: days.0,
        organ: None,
        paragraph: named.map(str::to_owned),
        person: about.0.then_some(ME),
        meeting: about.1.map(MeetingId),
        slag: about.2,
        claim: None,
        remark: None,
        utfall,
        innebord: "beslut".to_owned(),
        from: days.1,
        to: days.2,
    })
}

fn any_absence(wild: bool) -> impl Strategy<Value = Absence> {
    let kinds = select(vec![AbsenceKind::Hindrad, AbsenceKind::SomSemester, AbsenceKind::Annan]);
    let part = if wild { any_number(true) } else { (0_i64..=100).prop_map(Decimal::from).boxed() };
    (any_day(wild), option::of(any_day(wild)), kinds, part).prop_map(|(from, to, slag, omfattning)| Absence {
        person: ME,
        from,
        to,
        slag,
        omfattning,
    })
}

fn profiles(wild: bool) -> impl Strategy<Value = Vec<Person>> {
    let row = |from: Option<Day>, home: Option<bool>, kl_4_13: Option<bool>| Person {
        person: ME,
        personnummer: "198001019804".parse().unwrap(),
        efternamn: String::new(),
        fornamn: String::new(),
        epost: None,
        tjanstestalle_hemmet: home,
        kl_4_13,
        brukar_yrka: None,
        skyddad: None,
        genomgang: None,
        from,
        to: None,
    };
    let yes = || option::of(any::<bool>());
    (yes(), yes(), option::of((any_day(wild), yes(), yes()))).prop_map(move |(home, kl_4_13, later)| {
        let later = later.map(|(from, home, kl_4_13)| row(Some(from), home, kl_4_13));
        std::iter::once(row(None, home, kl_4_13)).chain(later).collect()
    })
}

fn distances(wild: bool) -> impl Strategy<Value = Vec<Distance>> {
    (option::of(any_number(wild)), option::of(any_number(wild))).prop_map(|(usual, other)| {
        let to = |plats: Option<&str>, km| Distance { person: ME, plats: plats.map(str::to_owned), km };
        usual.map(|km| to(None, km)).into_iter().chain(other.map(|km| to(Some("Bygdegården"), km))).collect()
    })
}

fn any_told(wild: bool) -> impl Strategy<Value = Told> {
    use prop::collection::vec;
    let lists = (vec(any_attended(wild), 0..5), vec(any_claim(wild), 0..5));
    let held = (vec(any_uppdrag(wild), 0..4), vec(any_uppdrag(wild), 0..4));
    let more = (vec(any_income(wild), 0..3), vec(any_absence(wild), 0..4), profiles(wild), distances(wild));
    let rest = (vec(any_jour(wild), 0..3), vec(any_beslut(wild), 0..4), any_meeting(wild));
    (lists, held, more, rest).prop_map(|((attended, claims), (mine, others), more, (jour, decisions, elsewhere))| {
        let (incomes, absences, profiles, distances) = more;
        let mut attended = attended;
        for (row, one) in attended.iter_mut().enumerate() {
            Arc::make_mut(&mut one.meeting).meeting = MeetingId(i64::try_from(row).unwrap() + 1);
            one.attendance.meeting = one.meeting.meeting;
            one.source = place(row);
        }
        let claims = claims.into_iter().enumerate().map(|(row, (mut claim, of))| {
            let stray = Meeting { meeting: MeetingId(1_000), ..elsewhere.clone() };
            let meeting = attended.get(of).map_or(stray, |one| Meeting::clone(&one.meeting));
            let number = i64::try_from(row).unwrap() + 1;
            (claim.claim, claim.meeting) = (ClaimId(number), meeting.meeting);
            Claimed { number, claim, meeting: meeting.into(), source: place(100 + row) }
        });
        let claims = claims.collect();
        let numbered = |first: i64, all: Vec<Uppdrag>| -> Vec<Uppdrag> {
            let numbers = (first..).map(UppdragId);
            all.into_iter().zip(numbers).map(|(one, uppdrag)| Uppdrag { uppdrag, ..one }).collect()
        };
        let uppdrag = numbered(1, mine).into_iter().enumerate().map(|(row, one)| (one, place(row))).collect();
        let others = numbered(100, others).into_iter().map(|one| Uppdrag { person: PersonId(2), ..one }).collect();
        let facts = PersonFacts {
            person: ME,
            profiles: placed(profiles),
            uppdrag,
            attended,
            claims,
            incomes: placed(incomes),
            absences: placed(absences),
            distances: placed(distances),
            jour: placed(jour),
            avstaenden: Vec::new(),
            opening: Vec::new(),
        };
        Told { facts, decisions, others }
    })
}

fn placed<T>(all: Vec<T>) -> Vec<(T, Provenance)> {
    all.into_iter().enumerate().map(|(row, one)| (one, place(row))).collect()
}

// ---- A month that several hold one after another ----

/// How a month is divided: so many days each, held by somebody or by nobody.
fn parts_of_month() -> impl Strategy<Value = Vec<(i64, bool)>> {
    prop::collection::vec((1_i64..16, prop::bool::weighted(0.75)), 1..7)
}

const SEATS: [(&str, &str); 5] = [
    ("KS", "ks-ordforande"),
    ("BSU", "bsu-ordforande"),
    ("OFN", "overformyndare"),
    ("KS", "ks-vice"),
    ("KS", "oppositionsrad"),
];

/// Whoever holds the seat in the month, one after another, and whether nobody did for a while.
fn holders(seat: (&str, &str), of: Month, parts: &[(i64, bool)]) -> (Vec<Uppdrag>, bool) {
    let (mut held, mut gap, mut next) = (Vec::new(), false, of.first());
    for (row, (days, is_held)) in parts.iter().enumerate() {
        if next > of.last() {
            break;
        }
        let last_part = row + 1 == parts.len();
        let to = if last_part { of.last() } else { days_later(next, days - 1).min(of.last()) };
        if *is_held {
            let number = i64::try_from(row).unwrap();
            held.push(Uppdrag {
                uppdrag: UppdragId(number + 1),
                person: PersonId(number + 1),
                organ: OrganCode(seat.0.to_owned()),
                roll: "Ordförande".to_owned(),
                nyckel: Some(seat.1.to_owned()),
                from: next,
                to: Some(to),
                platser: None,
                beslut: None,
            });
        } else {
            gap = true;
        }
        next = days_later(to, 1);
    }
    (held, gap)
}

fn fee_in(of: Month, me: &Uppdrag, all: &[Uppdrag]) -> Ore {
    let facts = PersonFacts {
        person: me.person,
        profiles: Vec::new(),
        uppdrag: vec![(me.clone(), place(0))],
        attended: Vec::new(),
        claims: Vec::new(),
        incomes: Vec::new(),
        absences: Vec::new(),
        distances: Vec::new(),
        jour: Vec::new(),
        avstaenden: Vec::new(),
        opening: Vec::new(),
    };
    let others = all.iter().filter(|other| other.uppdrag != me.uppdrag).cloned().collect();
    Told { facts, decisions: Vec::new(), others }.asked(of, of, false).lines.iter().map(|line| line.belopp).sum()
}

/// A line as a batch books it.
fn book(batch: usize, row: usize, line: Line) -> Booked {
    let id = i64::try_from(row).unwrap();
    let name = BatchName { payout: month("2026-01"), sequence: u32::try_from(batch).unwrap() + 1 };
    let text = arvode::domain::Label::default;
    Booked {
        person: PersonId(1),
        at: Reversed::Row(RowRef { id, batch: name, postid: u32::try_from(row).unwrap() + 1 }),
        occasion: line.occasion,
        kind: line.kind,
        day: line.day,
        organ: line.organ,
        antal: line.antal,
        apris: line.apris,
        belopp: line.belopp,
        accrued_in: line.accrued_in,
        anstid: text(),
        lonart: text(),
        lonkod: None,
        benamning: text(),
        konto: text(),
        ansvar: text(),
        verksamhet: text(),
    }
}

// ---- What holds ----

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn no_facts_end_the_program(told in any_told(true), explain in any::<bool>()) {
        let found = told.asked(month("2026-01"), month("2026-12"), explain);
        prop_assert!(found.lines.iter().all(|line| line.payable_from <= month("2026-12")));
    }

    #[test]
    fn any_shape_of_fee_pays_units_times_price_whatever_the_order_of_facts(told in any_told(true), seed in any::<u64>()) {
        let ask = |told: &Told| told.asked_by(&MANY_SHAPES, month("2025-01"), month("2027-12"), false).lines;
        let lines = ask(&told);
        let mut by_day: BTreeMap<Day, Ore> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.kind.paragraph() == "§ 9") {
            prop_assert_eq!(Ore::from_kronor(line.antal.checked_mul(line.apris).unwrap()), line.belopp, "{:?}", line);
            prop_assert!(line.belopp > Ore::ZERO && line.apris.normalize().scale() <= 4, "{:?}", line);
            *by_day.entry(line.day).or_default() += line.belopp;
        }
        prop_assert!(by_day.values().all(|amount| *amount <= Ore(150_000)), "{by_day:?}");
        prop_assert_eq!(sorted(&lines), sorted(&ask(&told.shuffled(seed))));
    }

    #[test]
    fn the_order_of_facts_does_not_matter(told in any_told(false), seed in any::<u64>()) {
        let ask = |told: &Told| sorted(&told.asked(month("2026-01"), month("2026-12"), false).lines);
        prop_assert_eq!(ask(&told), ask(&told.shuffled(seed)));
    }

    #[test]
    fn every_line_is_its_units_times_its_price(told in any_told(false)) {
        for line in told.asked(month("2024-01"), month("2027-12"), false).lines {
            let product = line.antal.checked_mul(line.apris).unwrap();
            prop_assert_eq!(Ore::from_kronor(product), line.belopp, "{:?}", line);
            prop_assert!(line.belopp >= Ore::ZERO, "{:?}", line);
            let most_decimals = if line.kind == LineKind::ForloradArbetsinkomst { 2 } else { 28 };
            prop_assert!(line.antal.normalize().scale() <= most_decimals, "{:?}", line);
            prop_assert!(line.apris.normalize().scale() <= 4, "{:?}", line);
        }
    }

    #[test]
    fn lost_income_never_passes_its_caps(told in any_told(false)) {
        let mut by_day: BTreeMap<Day, Ore> = BTreeMap::new();
        let lines = told.asked(month("2024-01"), month("2027-12"), false).lines;
        let is_lost = |kind| matches!(kind, LineKind::ForloradArbetsinkomst | LineKind::ForloradArbetsinkomstSchablon);
        for line in lines.iter().filter(|line| is_lost(line.kind)) {
            // Half a hundredth of an hour is lost where the hours are written with two decimals.
            let most = (line.antal + Decimal::new(5, 3)) * Decimal::from(456) + Decimal::new(5, 3);
            prop_assert!(line.belopp.kronor() <= most, "{:?}", line);
            *by_day.entry(line.day).or_default() += line.belopp;
        }
        prop_assert!(by_day.values().all(|amount| *amount <= Ore(365_000)), "{by_day:?}");
    }

    #[test]
    fn no_minute_of_meetings_is_paid_twice_and_no_hour_is_negative(told in any_told(false)) {
        let lines = told.asked(month("2024-01"), month("2027-12"), false).lines;
        prop_assert!(lines.iter().all(|line| line.antal > Decimal::ZERO), "{lines:?}");
        let mut paid: BTreeMap<Day, Decimal> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.kind == LineKind::Timarvode) {
            // Each meeting or jour may round its last half-hour up.
            *paid.entry(line.day).or_default() += line.antal - Decimal::new(5, 1);
        }
        // What began on a day may have parts on the next, the last of them ending before the noon after that.
        prop_assert!(paid.values().all(|hours| *hours <= Decimal::from(60)), "{paid:?}");
    }

    #[test]
    fn what_is_booked_and_owed_is_what_the_person_is_entitled_to_after_every_change(
        told in prop::collection::vec(any_told(false), 1..5),
    ) {
        let (mut booked, mut next): (Vec<Booked>, usize) = (Vec::new(), 0);
        for (batch, told) in told.into_iter().enumerate() {
            let entitled = told.asked(month("2025-10"), month("2026-12"), false).lines;
            let due: Ore = entitled.iter().map(|line| line.belopp).sum();
            let before: Ore = booked.iter().map(|line| line.belopp).sum();
            let owed = difference(entitled.clone(), booked.clone());
            let sum: Ore = owed.iter().map(Change::belopp).sum();
            prop_assert_eq!(before + sum, due, "batch {}", batch);
            for change in owed {
                match change {
                    Change::Reverse(gone) => booked.retain(|line| line.at != gone.at),
                    Change::Book(line) => {
                        next += 1;
                        booked.push(book(batch, next, line));
                    }
                }
            }
            let again = difference(entitled, booked.clone());
            prop_assert!(again.is_empty(), "a second batch owes nothing: {again:?}");
        }
    }

    #[test]
    fn a_later_payout_keeps_the_lines_of_an_earlier(told in any_told(false), earlier in 0_i32..12, months in 0_i32..12) {
        let first = month("2025-10");
        let mut later = sorted(&told.asked(first, first.plus(earlier + months), false).lines);
        for line in sorted(&told.asked(first, first.plus(earlier), false).lines) {
            let place = later.iter().position(|other| *other == line);
            prop_assert!(place.is_some(), "{line} is gone");
            later.remove(place.unwrap());
        }
    }

    #[test]
    fn shares_of_a_month_add_up_to_its_fee(seat in select(SEATS.to_vec()), months in 0_i32..36, parts in parts_of_month()) {
        let of = month("2024-01").plus(months);
        let whole = fee_in(of, &holders(seat, of, &[(31, true)]).0[0], &[]);
        prop_assert!(whole > Ore::ZERO);
        let (held, gap) = holders(seat, of, &parts);
        let mut sum = Ore::ZERO;
        for one in &held {
            let share = fee_in(of, one, &held);
            let days = days_between(one.from, one.to.unwrap()) + 1;
            let exact = i128::from(whole.0) * i128::from(days);
            let off = i128::from(share.0) * i128::from(of.days()) - exact;
            prop_assert!(off.abs() < i128::from(of.days()), "{share} for {days} days of {whole}");
            sum += share;
        }
        prop_assert!(sum <= whole, "{sum} of {whole}: {held:?}");
        prop_assert!(gap || sum == whole, "{sum} of {whole}: {held:?}");
    }
}
