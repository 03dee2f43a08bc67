//! Changed levels to kommunstyrelsen (§ 19): each decided change told once, every January, with what it costs; and the
//! warning from 1 December.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use support::Kommun;
use support::letters::plain;

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll";

/// 84 000 from 1 January 2027: ks_ordforande 63 000, grund 56 700, grundarvode 425, timarvode 213.
const RAISED: &str = "\n[[riksdagsarvode]]\nfrom = 2027-01-01\ndecided_on = 2026-11-10\nvalue = 84000\n\
                      unit = \"kr/månad\"\nreference = \"Riksdagens arvodesnämnd 2026-11-10\"\n";

/// Anna leads kommunstyrelsen. Bo is its vice ordförande until 15 March 2027, then Cia. Dag is gruppledare until the end
/// of June 2027. Eva is a ledamot. September's and October's meetings are booked, and so is November's month.
fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.edit("arvode.toml", |text| {
        let text = text.replace("registrator = \"\"", "registrator = \"registrator@kommun.example\"");
        format!("demo = true\n{}", text.replace("kansli = \"\"", "kansli = \"kansli@kommun.example\""))
    });
    let persons: Vec<String> = ["1001", "1002", "1003", "1004", "1005"]
        .iter()
        .map(|anstid| {
            let (_, _, last, first) = support::books::PERSONS.iter().find(|person| person.0 == *anstid).unwrap();
            format!("@{anstid} | {last} | {first} | {anstid}")
        })
        .collect();
    let persons = format!("Personnummer | Efternamn | Förnamn | Anställningsnummer\n{}", persons.join("\n"));
    let uppdrag = "Personnummer | Organ | Uppdrag | Från | Till | Arvodesnyckel\n\
                   @1001 | KS | ordförande | 2023-01-01 | | ks-ordforande\n\
                   @1002 | KS | vice ordförande | 2023-01-01 | 2027-03-15 | ks-vice\n\
                   @1003 | KS | vice ordförande | 2027-03-16 | | ks-vice\n\
                   @1004 | KF | gruppledare | 2023-01-01 | 2027-06-30 | gruppledare\n\
                   @1005 | KS | ledamot | 2023-01-01 | | ledamot";
    let register = kommun.book("register.xlsx", &[("Personer", &persons), ("Uppdrag", uppdrag)]);
    let list = kommun.list(
        "höst.xlsx",
        &format!(
            "{NARVARO}\n2026-09-09 | KS | 13.00 | 15.10 | @1005 | ledamot\n\
             2026-10-14 | KS | 13.00 | 14.00 | @1005 | ledamot"
        ),
    );
    kommun.import(&[&register, &list]);
    for month in ["2026-09", "2026-10", "2026-11"] {
        kommun.pay(month);
    }
    kommun
}

fn decide(kommun: &Kommun, row: &str) {
    kommun.edit("regelverk/riksdagsarvode.toml", |text| text + row);
}

#[test]
fn a_decided_change_is_told_once_with_its_cost() {
    let kommun = kommun();
    kommun.job("watch_rates", "2026-11-09");
    assert!(kommun.letters("rate_notice").is_empty(), "nothing is decided yet");
    decide(&kommun, RAISED);
    kommun.job("watch_rates", "2026-11-09");
    assert!(kommun.letters("rate_notice").is_empty(), "the decision is yet to come");
    kommun.job("watch_rates", "2026-11-20");
    kommun.job("watch_rates", "2026-11-21");
    let letters = kommun.letters("rate_notice");
    let [letter] = &letters[..] else { panic!("one letter, once: {letters:#?}") };
    assert_eq!(letter.receiver, "office:registrator");
    assert_eq!(letter.address.as_deref(), Some("registrator@kommun.example"));
    assert_eq!(letter.files, ["arvodesnivaer-2027.html", "arvodesnivaer-2027.xlsx"]);
    assert_eq!(letter.subject, "Ändrade arvodesnivåer från 1 januari 2027: anmälan till kommunstyrelsen (§ 19)");
    assert_eq!(letter.text, "");
}

/// Anna 12 x 1 950. The vice ordförande's seat 12 x 351, whoever holds it. Dag 6 x 87,75. Eva's September meeting
/// 425 + 1,5 x 213 instead of 412 + 1,5 x 206, and October's 425 instead of 412.
#[test]
fn the_cost_is_what_a_desk_calculator_gives() {
    let kommun = kommun();
    decide(&kommun, RAISED);
    kommun.job("watch_rates", "2026-11-20");
    let letter = &kommun.letters("rate_notice")[0];
    let page = kommun.letter_page(letter);
    let _ = plain("");
    for part in ["23 400,00", "4 212,00", "526,50", "23,50", "28 175,00"] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
}
