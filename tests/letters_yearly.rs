//! The year's turn: the list of 31 December, each person's arvodesbesked, and who lacks the mandatperiod's briefing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use serde_json::Value;
use support::Kommun;
use support::letters::{Letter, PAGE};

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Roll";

/// As written by somebody, with addresses of the offices; a demo, so that the clock may be set.
fn kommun(first_month: &str, persons: &str, uppdrag: &str) -> Kommun {
    let kommun = Kommun::new(first_month);
    kommun.edit("arvode.toml", |text| {
        let text = text.replace("ekonomi = \"\"", "ekonomi = \"ekonomi@kommun.example\"");
        format!("demo = true\n{}", text.replace("kansli = \"\"", "kansli = \"kansli@kommun.example\""))
    });
    let register = kommun.book("register.xlsx", &[("Personer", persons), ("Uppdrag", uppdrag)]);
    kommun.import(&[&register]);
    kommun
}

/// Anna leads kommunstyrelsen; Bo sits in it, and his list of April was mended in May; Cia is protected, and her yrkande
/// lacks evidence; Dag has no address.
fn year() -> Kommun {
    let persons = "Personnummer | Efternamn | Förnamn | Anställningsnummer | E-post | Skyddad\n\
                   @1001 | Ek | Anna | 1001 | anna@hem.example |\n\
                   @1002 | Alm | Bo | 1002 | bo@hem.example |\n\
                   @1003 | Åberg | Cia | 1003 | cia@hem.example | ja\n\
                   @1004 | Öman | Dag | 1004 | |\n\
                   @1005 | Lind | Eva | 1005 | eva@hem.example |";
    let uppdrag = "Personnummer | Organ | Uppdrag | Från | Arvodesnyckel\n\
                   @1001 | KS | ordförande | 2015-01-01 | ks-ordforande\n\
                   @1002 | KS | ledamot | 2015-01-01 | ledamot\n\
                   @1003 | KS | ledamot | 2015-01-01 | ledamot\n\
                   @1004 | KS | ledamot | 2015-01-01 | ledamot\n\
                   @1005 | KS | ersättare | 2015-01-01 | ersattare";
    let kommun = kommun("2026-04", persons, uppdrag);
    let april = |until: &str| {
        format!(
            "{NARVARO}\n2026-04-14 | KS | 13.00 | {until} | @1002 | ledamot\n\
             2026-04-14 | KS | 13.00 | {until} | @1003 | ledamot\n2026-04-14 | KS | 13.00 | {until} | @1004 | ledamot"
        )
    };
    let claim = "Inkom | Datum | Organ | Personnummer | Slag | Tid från | Tid till | Belopp\n\
                 2026-04-20 | 2026-04-14 | KS | @1003 | förlorad arbetsinkomst | 13.00 | 15.00 | 700";
    let book = kommun.book("april.xlsx", &[("Närvaro", &april("15.00")), ("Yrkanden", claim)]);
    kommun.try_import(&[&book]);
    kommun.pay("2026-04");
    kommun.pay("2026-05");
    let mended = kommun.list("april rättad.xlsx", &april("16.00"));
    kommun.try_import(&[&mended]);
    kommun.pay("2026-06");
    kommun
}

fn to<'a>(letters: &'a [Letter], kommun: &Kommun, anstid: &str) -> &'a Letter {
    let person = &kommun.json(&["statement", anstid, "2026"])["person"]["id"];
    let receiver = format!("person:{person}");
    letters
        .iter()
        .find(|letter| letter.receiver == receiver)
        .unwrap_or_else(|| panic!("no letter to {receiver}: {letters:#?}"))
}

#[test]
fn everybody_gets_the_years_besked_once() {
    let kommun = year();
    for day in ["2027-01-15", "2027-01-16"] {
        kommun.job("arvodesbesked", day);
    }
    let letters = kommun.letters("arvodesbesked");
    assert_eq!(letters.len(), 4, "Eva was paid nothing and waits for nothing: {letters:#?}");
    let anna = to(&letters, &kommun, "1001");
    assert_eq!(anna.subject, "Ditt arvodesbesked för 2026");
    assert_eq!(anna.files, [format!("arvodesbesked-2026.{PAGE}")]);
    let dag = to(&letters, &kommun, "1004");
    assert_eq!((dag.state.as_str(), dag.address.as_deref()), ("to_print", None));
    let bo = to(&letters, &kommun, "1002");
    assert_eq!(
        bo.text,
        "Arvodesbesked 2026\n\nHej Bo Alm!\n\n\
         Under 2026 betalade Exempelkommunen ut 824,00 kr till dig, allt skattepliktigt. Du \
         behöver inte göra något om det stämmer. Stämmer det inte: hör av dig så snart du kan, för många yrkanden måste \
         göras inom ett år (§ 16).\n\n\
         Vad du fick\n\
         - grundarvode (§ 9, skattepliktigt): 412,00 kr\n\
         - timarvode (§ 9, skattepliktigt): 412,00 kr\n\
         - tillsammans: 824,00 kr\n\n\
         När det betalades\n\
         - 2026-05-27: 618,00 kr\n\
         - 2026-06-26: 206,00 kr\n\n\
         Rättat under året\n\
         - 2026-06-26: timarvode, sammanträde KS 2026-04-14: 206,00 kr blev 412,00 kr (möte: tid: 13.00–15.00 → \
         13.00–16.00)\n\n\
         Bilagan visar varje utbetalning, hur den är räknad och enligt vilken paragraf, och vad som inte betalades och \
         varför. Inkomstuppgifterna till Skatteverket kommer från lönekontoret och kan omfatta annat än arvodena.\n\n\
         Har du frågor om beloppen eller uppgifterna, skriv till kansliet: kansli@kommun.example\n\
         Frågor om hur reglerna ska tolkas avgörs av kommunstyrelsen, enskilda fall av allmänna utskottet (§ 17).\n\n\
         --\nExempelkommunen\nBrevet är skrivet av programmet arvode och går inte att svara på.\n\
         Beloppen kommer ur programmets exempelbilaga, inte ur kommunens egen.\n"
    );
    let cia = to(&letters, &kommun, "1003");
    assert!(cia.text.contains("Hej Cia Åberg!"), "{}", cia.text);
    let held = cia.text.lines().find(|line| line.starts_with("- 2026-04-14: ")).unwrap();
    assert!(held.contains("(§ 3)"), "{held}");
}

#[test]
fn a_besked_has_the_statements_sums_and_names_nobody_else() {
    let kommun = year();
    kommun.job("arvodesbesked", "2027-01-15");
    let letters = kommun.letters("arvodesbesked");
    for anstid in ["1001", "1002", "1003", "1004"] {
        let statement = kommun.json(&["statement", anstid, "2026"]);
        let letter = to(&letters, &kommun, anstid);
        let sum = |value: &Value| swedish(value.as_str().unwrap());
        for kind in statement["kinds"].as_array().unwrap() {
            let row = format!("- {} (", kind["what"].as_str().unwrap());
            let line = letter.text.lines().find(|line| line.starts_with(&row)).unwrap();
            assert!(line.ends_with(&sum(&kind["belopp"])), "{line} beside {kind}");
        }
        let all = format!("- tillsammans: {}", sum(&statement["total"]));
        assert!(letter.text.contains(&all), "{all} is not in {}", letter.text);
        let page = kommun.letter_page(letter, &["statement", anstid, "2026", "--now", "2027-01-15T11:00:00Z"], 0);
        let others = ["Ek", "Alm", "Åberg", "Öman", "Anna", "Cia"];
        let own: &[&str] = match anstid {
            "1001" => &["Ek", "Anna"],
            "1002" => &["Alm"],
            "1003" => &["Åberg", "Cia"],
            _ => &["Öman"],
        };
        for name in others.iter().filter(|name| !own.contains(name)) {
            let is_named = |text: &str| text.split(|letter: char| !letter.is_alphabetic()).any(|word| word == *name);
            assert!(!is_named(&page) && !is_named(&letter.text), "{name} is named to {anstid}: {page}");
        }
        for person in support::books::PERSONS {
            let digits = support::books::digits(person.0);
            for number in [&digits[..], &digits[2..], &format!("{}-{}", &digits[..8], &digits[8..])] {
                assert!(
                    !page.contains(number) && !letter.text.contains(number),
                    "a personnummer is in {anstid}'s besked"
                );
            }
        }
        let rows = statement["rows"].as_array().unwrap();
        for row in rows {
            assert!(page.contains(&sum(&row["belopp"]).replace(" kr", "")), "{row} is not in {page}");
        }
    }
}

/// `-1234.50` -> `-1 234,50 kr`
fn swedish(amount: &str) -> String {
    let (kronor, ore) = amount.split_once('.').unwrap();
    let (sign, digits) = kronor.strip_prefix('-').map_or(("", kronor), |digits| ("-", digits));
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped},{ore} kr")
}

#[test]
fn the_list_of_31_december_goes_to_ekonomi_once() {
    let kommun = year();
    for day in ["2027-01-02", "2027-01-03"] {
        kommun.job("accrual_list", day);
    }
    let letters = kommun.letters("accrual_list");
    let [letter] = &letters[..] else { panic!("one letter: {letters:#?}") };
    assert_eq!(letter.address.as_deref(), Some("ekonomi@kommun.example"));
    assert_eq!(letter.subject, "Bokslut 2026: upplupna arvoden och ersättningar den 31 december");
    assert_eq!(letter.files, ["upplupet-2026-12-31.xlsx"]);
    assert_eq!(
        letter.text,
        "Upplupna arvoden och ersättningar den 31 december 2026\n\n\
         Gör så här: boka upp 366 300,00 kr i bokslutet för 2026. Den bifogade listan visar beloppet för varje organ, \
         konto och slag.\n\n\
         Så här är det upplupna sammansatt:\n\
         - intjänat och betalas ut januari 2027 eller senare: 366 300,00 kr\n\
         - betalt i förväg: 0,00 kr\n\
         - väntar på beslut om en skuld: 0,00 kr\n\
         - fordran på förtroendevalda: 0,00 kr\n\
         - upplupet den 31 december 2026: 366 300,00 kr\n\n\
         Året på båda grunderna:\n\
         - betalt under 2026 (kassabasis): 185 622,00 kr\n\
         - upplupet vid årets början: 0,00 kr\n\
         - intjänat under 2026 (bokföringsmässigt): 551 922,00 kr\n\n\
         Betalt plus upplupet vid årets slut minus upplupet vid årets början är intjänat; listan är avstämd på det \
         sättet, på öret och på varje rad.\n\n\
         Därutöver hålls 700,00 kr i väntan på beslut. Det är intjänat först om det beviljas och ingår inte.\n\n\
         - Kommunstyrelsen: 366 300,00 kr\n\n\
         Det som är känt i dag är med. Det som kommer in senare ändrar listan; `arvode accruals 2026` skriver den på \
         nytt.\n\n\
         Frågor om underlaget besvaras av kansliet: kansli@kommun.example\n\n\
         --\nExempelkommunen\nBrevet är skrivet av programmet arvode och går inte att svara på.\n\
         Beloppen kommer ur programmets exempelbilaga, inte ur kommunens egen.\n"
    );
    let by_hand = kommun.json(&["accruals", "2026", "--now", "2027-01-02T11:00:00Z"]);
    assert_eq!(by_hand["total"]["end"]["sum"], "366300.00", "{by_hand}");
}

const PERSONS: &str = "Personnummer | Efternamn | Förnamn | Anställningsnummer | E-post | Skyddad | Genomgång\n";

/// Anna sits in fullmäktige and kommunstyrelsen, Bo in fullmäktige, Cia in kommunstyrelsen; Dag is protected.
fn elected(anna: &str, bo: &str, cia: &str, dag: &str) -> (Kommun, impl Fn(&Kommun, [&str; 4])) {
    let persons = |days: [&str; 4]| {
        let [anna, bo, cia, dag] = days;
        format!(
            "{PERSONS}@1001 | Ek | Anna | 1001 | anna@hem.example | | {anna}\n@1002 | Alm | Bo | 1002 | | | {bo}\n\
             @1003 | Åberg | Cia | 1003 | | | {cia}\n@1004 | Öman | Dag | 1004 | | ja | {dag}"
        )
    };
    let uppdrag = "Personnummer | Organ | Uppdrag | Från | Arvodesnyckel\n\
                   @1001 | KF | ledamot | 2022-10-15 | ledamot\n@1001 | KS | ledamot | 2023-01-01 | ledamot\n\
                   @1002 | KF | ersättare | 2022-10-15 | ersattare\n@1003 | KS | ledamot | 2023-01-01 | ledamot\n\
                   @1004 | KS | ledamot | 2023-01-01 | ledamot";
    let kommun = kommun("2026-09", &persons([anna, bo, cia, dag]), uppdrag);
    let told = move |kommun: &Kommun, days: [&str; 4]| {
        let book = kommun.book("genomgång.xlsx", &[("Personer", &persons(days))]);
        kommun.import(&[&book]);
    };
    (kommun, told)
}

#[test]
fn the_briefing_is_asked_for_until_everybody_has_had_it() {
    let (kommun, told) = elected("2022-11-01", "2022-11-01", "2023-01-10", "2023-01-10");
    kommun.job("briefing_list", "2026-10-01");
    assert!(kommun.letters("briefing_list").is_empty(), "everybody has had that of the period that runs");
    for day in ["2026-11-01", "2026-11-02"] {
        kommun.job("briefing_list", day);
    }
    let letters = kommun.letters("briefing_list");
    let [letter] = &letters[..] else { panic!("one letter a month: {letters:#?}") };
    assert_eq!(letter.subject, "Genomgång av ersättningsreglerna: 2 återstår i november 2026 (§ 19)");
    assert_eq!(
        letter.text,
        "2 förtroendevalda har inte haft genomgången\n\n\
         Gör så här: bjud in dem nedan till en genomgång av reglerna om ekonomiska förmåner. Skriv sedan dagen i kolumnen \
         Genomgång i arbetsboken Personer och läs in den. Listan kommer den första i varje månad tills alla har haft \
         genomgången.\n\n\
         Enligt § 19 ska ledamöter och ersättare få en genomgång av reglerna i början av varje mandatperiod. Perioden \
         började den 15 oktober 2026. En genomgång räknas från den dagen.\n\n\
         2 av 4 har haft den.\n\n\
         Kommunfullmäktige\n\
         - Anna Ek, ledamot (senaste genomgång 2022-11-01)\n\
         - Bo Alm, ersättare (senaste genomgång 2022-11-01)\n\n\
         Listan följer också med som bilaga.\n\n\
         --\nExempelkommunen\nBrevet är skrivet av programmet arvode och går inte att svara på.\n\
         Beloppen kommer ur programmets exempelbilaga, inte ur kommunens egen.\n"
    );
    assert_eq!(letter.files, [format!("genomgang-2026-11.{PAGE}"), "genomgang-2026-11.xlsx".to_owned()]);
    told(&kommun, ["2026-11-20", "2026-11-20", "2023-01-10", "2023-01-10"]);
    kommun.job("briefing_list", "2026-12-01");
    kommun.job("briefing_list", "2027-01-01");
    told(&kommun, ["2026-11-20", "2026-11-20", "2026-11-22", "2026-11-22"]);
    for day in ["2027-02-01", "2027-03-01"] {
        kommun.job("briefing_list", day);
    }
    let letters = kommun.letters("briefing_list");
    let occasions: Vec<&str> = letters.iter().map(|letter| letter.occasion.as_str()).collect();
    assert_eq!(occasions, ["2026-11", "klar 2026-10-15", "2027-01"], "{letters:#?}");
    let january = &letters[2];
    assert!(january.text.contains("- Cia Åberg, ledamot (senaste genomgång 2023-01-10)"), "{}", january.text);
    assert!(january.text.contains("Därtill 1 med skyddade personuppgifter"), "{}", january.text);
    for text in [&january.text, &january.html, &kommun.page_words(january)] {
        assert!(!text.contains("Öman") && !text.contains("Dag "), "{text}");
    }
}

#[test]
fn a_mandatperiod_that_cannot_be_is_refused_with_its_line() {
    let kommun = Kommun::new("2026-09");
    let check = |from: &str, to: &str, said: &[&str]| {
        let wrong = kommun.copy();
        wrong.edit("regelverk/mandatperioder.toml", |text| text.replacen(from, to, 1));
        wrong.run(&["check"]).exits(2).says(said);
    };
    check("2022-10-15", "2023-10-15", &["mandatperioder.toml:13:16: found `2023-01-01`; allowed: 2023-10-15 or later"]);
    check("2030-10-15", "2025-10-15", &["mandatperioder.toml:24:20", "later than 2026-10-15: the periods in order"]);
    check("fullmaktige = \"KF\"\nreference", "reference", &["mandatperioder.toml:11:1", "no `fullmaktige`"]);
    check(
        "fullmaktige = \"KF\"\nreference",
        "fullmaktige = \"XX\"\nreference",
        &["fullmaktige = \"XX\"", "organ.toml"],
    );
    check("namnder_fran = 2023-01-01", "namnder_fran = \"nyår\"", &["mandatperioder.toml:13:16", "a date such as"]);
    let without = kommun.copy();
    std::fs::remove_file(without.path("config/regelverk/mandatperioder.toml")).unwrap();
    without.run(&["once", "briefing_list"]).exits(2).says(&["no [[mandatperiod]]", "fullmaktige_fran"]);
}
