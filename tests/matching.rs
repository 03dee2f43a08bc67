//! Whom a row of a list means: the number, else the name with organ and role; one clear match or the candidates by name.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::collections::BTreeMap;

use arvode::calendar::Day;
use arvode::domain::{OrganCode, Person, PersonId, Personnummer, Roll};
use arvode::register::{Meant, PersonRegister, Whereabouts, meant};
use proptest::prelude::*;
use support::Kommun;
use support::books::personnummer;

/// Number, name and uppdrag of everybody: two Svensson of one initial, two who are called the same, double names.
const PERSONS: [(&str, &str, &str, &str, &str, &str); 8] = [
    ("2001", "19710101981", "Anna", "Svensson", "KS", "ledamot"),
    ("2002", "19720202982", "Anders", "Svensson", "VN", "ledamot"),
    ("2003", "19730303983", "Anna-Karin", "Öberg", "KS", "ledamot"),
    ("2004", "19740404984", "Bo", "Lind Berg", "KS", "ledamot"),
    ("2005", "19750505985", "Eva", "Ek", "KS", "ledamot"),
    ("2006", "19760606986", "Eva", "Ek", "KS", "ersättare"),
    ("2007", "19770707987", "Olle", "Åkesson", "VN", "ledamot"),
    ("2008", "19780868988", "Sam", "Ordning", "KS", "ledamot"),
];

fn number(anstid: &str) -> String {
    let person = PERSONS.iter().find(|person| person.0 == anstid).unwrap();
    let digits = personnummer(person.1);
    format!("{}-{}", &digits[..8], &digits[8..])
}

fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    let mut persons = "Personnummer | Efternamn | Förnamn | Anställningsnummer".to_owned();
    let mut uppdrag = "Personnummer | Organ | Uppdrag | Från".to_owned();
    for (anstid, _, first, last, organ, roll) in PERSONS {
        persons += &format!("\n{} | {last} | {first} | {anstid}", number(anstid));
        uppdrag += &format!("\n{} | {organ} | {roll} | 2015-01-01", number(anstid));
    }
    kommun.import(&[&kommun.book("register.xlsx", &[("Personer", &persons), ("Uppdrag", &uppdrag)])]);
    kommun
}

/// One row of a list in kommunstyrelsen: who was found, or what is said.
fn listed(kommun: &Kommun, number: &str, name: &str, roll: &str) -> String {
    let table = format!(
        "Datum | Organ | Start | Slut | Personnummer | Namn | Roll\n2026-09-09 | KS | 13.00 | 15.00 | {number} | {name} | {roll}"
    );
    let ran = kommun.try_import(&[&kommun.list("lista.xlsx", &format!("Hela listan: ja\n{table}"))]);
    let file = ran.json()["files"][0].clone();
    if file["held"] == 1 {
        return file["remarks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|remark| remark["reason"].as_str().unwrap())
            .next()
            .unwrap()
            .to_owned();
    }
    let person = "SELECT person_id FROM fact WHERE kind = 'attendance' AND superseded_by IS NULL AND body IS NOT NULL";
    let anstid = format!("SELECT body FROM fact WHERE kind = 'anstid' AND person_id IN ({person})");
    let body = kommun.sql(&anstid);
    PERSONS
        .iter()
        .filter(|person| body.contains(&format!("\"{}\"", person.0)))
        .map(|person| person.0)
        .collect::<Vec<_>>()
        .join("+")
}

#[test]
fn ways_to_write_one_name_find_one_person_and_unclear_ones_name_the_candidates() {
    let kommun = kommun();
    let check =
        |name: &str, roll: &str, expected: &str| assert_eq!(listed(&kommun, "", name, roll), expected, "{name}");
    for name in [
        "Anna-Karin Öberg",
        "OBERG, Anna Karin",
        "Öberg  Annakarin (S)",
        "A-K Öberg",
        "A. Oberg",
        "Öberg, Anna-Karin, ordf.",
    ] {
        check(name, "ledamot", "2003");
    }
    check("A. Svensson", "ledamot", "2001");
    check("Bo Berg", "ledamot", "2004");
    check("Lind, Bo", "ledamot", "2004");
    check("Eva Ek", "ledamot", "2005");
    check("Eva Ek", "ersättare", "2006");
    check("Olle Åkesson", "ledamot", "2007");
    check("Sam Ordning", "ledamot", "2008");
    check("Eva Ek", "", "F3: 2 personer heter Eva Ek: Eva Ek (anst.nr 2005, KS), Eva Ek (anst.nr 2006, KS)");
    check(
        "O. Åkesson",
        "ledamot",
        "F3: O. Åkesson kan vara Olle Åkesson (anst.nr 2007, VN), men raden säger det inte säkert",
    );
    check("Ana Svensson", "ledamot", "F3: okänd person: Ana Svensson; menas Anna Svensson (anst.nr 2001, KS)?");
    check("Svensson", "ledamot", "F3: okänd person: Svensson");
    check("Nils Okänd", "ledamot", "F3: okänd person: Nils Okänd");
}

#[test]
fn a_number_and_a_name_must_be_of_one_person() {
    let kommun = kommun();
    let check = |anstid: &str, name: &str, expected: &str| {
        assert_eq!(listed(&kommun, &number(anstid), name, "ledamot"), expected, "{anstid} {name}");
    };
    for name in ["Anna Svensson", "Svensson, Anna", "Ana Svenson", "A. Svensson", "Svensson", "Anna (V)", "skyddad", ""]
    {
        check("2001", name, "2001");
    }
    check(
        "2001",
        "Bo Lind Berg",
        "F3: personnumret tillhör Anna Svensson (anst.nr 2001, KS), men raden säger Bo Lind Berg",
    );
    check(
        "2001",
        "Anders Svensson",
        "F3: personnumret tillhör Anna Svensson (anst.nr 2001, KS), men raden säger Anders Svensson",
    );
    // A samordningsnummer is a number like any other.
    assert!(number("2008").contains("0868"));
    check("2008", "Sam Ordning", "2008");
    // A new name is told in Personer; the old one is known still.
    let married = format!("Personnummer | Efternamn | Förnamn\n{} | Nyman | Anna", number("2001"));
    check(
        "2001",
        "Anna Nyman",
        "F3: personnumret tillhör Anna Svensson (anst.nr 2001, KS), men raden säger Anna Nyman",
    );
    kommun.import(&[&kommun.book("gift.xlsx", &[("Personer", &married)])]);
    check("2001", "Anna Nyman", "2001");
    check("2001", "Anna Svensson", "2001");
    let unknown = personnummer("19720101995");
    let said = listed(&kommun, &unknown, "Eva Ek", "ledamot");
    assert!(
        said.contains("med ett annat personnummer finns Eva Ek (anst.nr 2005, KS), Eva Ek (anst.nr 2006, KS)"),
        "{said}"
    );
}

#[test]
fn a_number_that_is_exchanged_for_another_finds_the_same_person() {
    let kommun = kommun();
    // Who had a samordningsnummer gets a personnummer: the anställningsnummer says who it is.
    let new = personnummer("19780808999");
    let book = format!("Personnummer | Efternamn | Förnamn | Anställningsnummer\n{new} | Ordning | Sam | 2008");
    kommun.import(&[&kommun.book("nytt.xlsx", &[("Personer", &book)])]);
    assert_eq!(listed(&kommun, &new, "Sam Ordning", "ledamot"), "2008");
    assert_eq!(listed(&kommun, &number("2008"), "", "ledamot"), "2008");
}

#[test]
fn whoever_is_protected_is_no_name_among_the_candidates() {
    let kommun = kommun();
    let protected = format!(
        "Personnummer | Efternamn | Förnamn | Skyddade personuppgifter\n{} | Åkesson | Olle | ja",
        number("2007")
    );
    kommun.import(&[&kommun.book("skydd.xlsx", &[("Personer", &protected)])]);
    let said = listed(&kommun, "", "O. Åkesson", "ledamot");
    assert!(said.contains("skyddad (anst.nr 2007, VN)") && !said.contains("Olle"), "{said}");
}

#[test]
fn an_organ_is_known_by_name_and_code_in_brackets_and_an_unknown_one_names_the_nearest() {
    let kommun = kommun();
    let check = |organ: &str, expected: &str| {
        let table = format!(
            "Datum | Organ | Start | Slut | Personnummer | Roll\n2026-09-09 | {organ} | 13.00 | 15.00 | {} | ledamot",
            number("2001")
        );
        let file = kommun.try_import(&[&kommun.list("lista.xlsx", &table)]).json()["files"][0].clone();
        let said =
            file["remarks"].as_array().unwrap().first().map(|remark| remark["reason"].as_str().unwrap().to_owned());
        assert_eq!(said.unwrap_or_default(), expected, "{organ}");
    };
    check("Kommunstyrelsen (KS)", "");
    check("kommun-styrelsen", "");
    check("Kommunstyrelsen (VN)", "B2: okänt organ: Kommunstyrelsen (VN); menas Kommunstyrelsen?");
    check("Komunstyrelse", "B2: okänt organ: Komunstyrelse; menas Kommunstyrelsen?");
    check("Valnamnd", "B2: okänt organ: Valnamnd; menas Valnämnden?");
    check("Kulturnämnden", "B2: okänt organ: Kulturnämnden");
}

// ---- any register

#[derive(Clone, Debug)]
struct Known {
    id: i64,
    first: &'static str,
    last: &'static str,
    seats: Vec<(&'static str, Roll)>,
}

fn person(known: &Known) -> Person {
    let digits = personnummer(&format!("1970{:02}{:02}{:03}", known.id % 12 + 1, known.id % 28 + 1, known.id));
    Person {
        person: PersonId(known.id),
        personnummer: Personnummer::parse(&digits, Day::MAX).unwrap(),
        efternamn: known.last.to_owned(),
        fornamn: known.first.to_owned(),
        epost: None,
        tjanstestalle_hemmet: None,
        kl_4_13: None,
        brukar_yrka: None,
        skyddad: None,
        genomgang: None,
        from: None,
        to: None,
    }
}

fn ask(
    persons: &[Known],
    number: Option<&Known>,
    name: Option<&str>,
    organ: Option<&str>,
    roll: Option<Roll>,
) -> Meant {
    let mut register = PersonRegister::default();
    persons.iter().for_each(|known| register.add_person(&person(known)));
    let seats: BTreeMap<i64, &Known> = persons.iter().map(|known| (known.id, known)).collect();
    let roles = |person: PersonId, organ: &OrganCode, _: Day| -> Vec<Roll> {
        let held = seats.get(&person.0).map(|known| known.seats.as_slice()).unwrap_or_default();
        held.iter().filter(|(code, _)| *code == organ.0).map(|(_, roll)| *roll).collect()
    };
    let organ = organ.map(|organ| OrganCode(organ.to_owned()));
    let at = Whereabouts { organ: organ.as_ref(), day: "2026-09-09".parse().ok(), roll };
    let number = number.map(|known| person(known).personnummer);
    meant(&register, number.as_ref(), name, at, &roles)
}

const FIRST: [&str; 6] = ["Anna", "Anna-Karin", "Anna Karin", "Anders", "Åke", "Bo"];
const LAST: [&str; 6] = ["Svensson", "Svenson", "Lind Berg", "Lind", "Öberg", "Berg"];
const WRITTEN: [&str; 14] = [
    "Anna Svensson",
    "A. Svensson",
    "Svensson, A",
    "A-K Berg",
    "Anna Karin Lind",
    "Annakarin Öberg",
    "Oberg, Ake",
    "Bo Lind-Berg",
    "Bo Berg",
    "Berg Bo",
    "Svensson",
    "B Lind",
    "Anders Svenson (M)",
    "Åke  Berg",
];

fn known() -> impl Strategy<Value = (&'static str, &'static str, Vec<(&'static str, Roll)>)> {
    let seat = (prop::sample::select(vec!["KS", "VN"]), prop::sample::select(vec![Roll::Ledamot, Roll::Ersattare]));
    (prop::sample::select(&FIRST[..]), prop::sample::select(&LAST[..]), prop::collection::vec(seat, 0..3))
}

fn register() -> impl Strategy<Value = Vec<Known>> {
    prop::collection::vec(known(), 0..8)
        .prop_map(|list| (1..).zip(list).map(|(id, (first, last, seats))| Known { id, first, last, seats }).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// The order in which persons became known changes nothing.
    #[test]
    fn a_match_does_not_follow_from_the_order_of_rows(
        persons in register(),
        turns in any::<prop::sample::Index>(),
        name in prop::sample::select(&WRITTEN[..]),
        organ in prop::sample::select(vec![None, Some("KS"), Some("VN")]),
        roll in prop::sample::select(vec![None, Some(Roll::Ledamot), Some(Roll::Ersattare)]),
    ) {
        let before = ask(&persons, None, Some(name), organ, roll);
        let mut turned = persons.clone();
        if !turned.is_empty() {
            let place = turns.index(turned.len());
            turned.rotate_left(place);
            turned.reverse();
        }
        prop_assert_eq!(ask(&turned, None, Some(name), organ, roll), before);
    }

    /// Somebody of quite another name changes nothing, whatever they hold.
    #[test]
    fn an_unrelated_person_changes_no_match(
        persons in register(),
        seats in known().prop_map(|(_, _, seats)| seats),
        name in prop::sample::select(&WRITTEN[..]),
        organ in prop::sample::select(vec![None, Some("KS"), Some("VN")]),
        roll in prop::sample::select(vec![None, Some(Roll::Ledamot), Some(Roll::Ersattare)]),
        beside in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let number = beside.filter(|_| !persons.is_empty()).map(|place| persons[place.index(persons.len())].clone());
        let before = ask(&persons, number.as_ref(), Some(name), organ, roll);
        let mut more = persons.clone();
        more.push(Known { id: 99, first: "Zlatko", last: "Quist", seats });
        prop_assert_eq!(ask(&more, number.as_ref(), Some(name), organ, roll), before);
    }

    /// Nobody is taken for another: whoever is found has a name that the row may mean, and with a number it is that person.
    #[test]
    fn whoever_is_found_is_called_so(
        persons in register(),
        name in prop::sample::select(&WRITTEN[..]),
        organ in prop::sample::select(vec![None, Some("KS"), Some("VN")]),
    ) {
        if let Meant::One(found) = ask(&persons, None, Some(name), organ, None) {
            let alone: Vec<Known> = persons.iter().filter(|known| known.id == found.0).cloned().collect();
            prop_assert_eq!(ask(&alone, None, Some(name), organ, None), Meant::One(found));
            let same: Vec<&Known> = persons.iter().filter(|known| (known.first, known.last) == (alone[0].first, alone[0].last)).collect();
            let seated = same.iter().filter(|known| known.seats.iter().any(|(code, _)| Some(*code) == organ)).count();
            prop_assert!(same.len() == 1 || seated == 1, "two of one name are told apart by their uppdrag alone");
        }
        for known in &persons {
            match ask(&persons, Some(known), Some(name), organ, None) {
                Meant::One(found) => prop_assert_eq!(found.0, known.id),
                Meant::OtherName(of_number) => prop_assert_eq!(of_number.0, known.id),
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
