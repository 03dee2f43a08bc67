//! Changed levels to kommunstyrelsen (§ 19): each decided change told once, every January, with what it costs; and the
//! warning from 1 December.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use support::Kommun;
use support::letters::PAGE;

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
    assert_eq!(letter.files, [format!("arvodesnivaer-2027.{PAGE}"), "arvodesnivaer-2027.xlsx".to_owned()]);
    assert_eq!(letter.subject, "Ändrade arvodesnivåer från 1 januari 2027: anmälan till kommunstyrelsen (§ 19)");
    assert_eq!(
        letter.text,
        "Ändrade arvodesnivåer från 1 januari 2027\n\n\
         Gör så här: ta upp de bifogade nivåerna som anmälningsärende vid kommunstyrelsens nästa sammanträde. Enligt § 19 \
         i bestämmelserna om ekonomiska förmåner till förtroendevalda anmäls nivåerna varje år.\n\n\
         19 av 40 belopp ändras den 1 januari 2027.\n\
         Riksdagsarvodet, som beloppen bygger på, går från 81 400,00 kr till 84 000,00 kr i månaden den 1 januari 2027 \
         (+3,19 %).\n\
         Ändringen beräknas kosta 28 175,00 kr under 2027, utan arbetsgivaravgifter.\n\
         För 2027 finns ännu inget eget värde för prisbasbelopp, bilersättningen och traktamentena; där gäller det gamla \
         tills vidare.\n\n\
         - riksdagsarvode, kr/månad: 81 400,00 kr blir 84 000,00 kr från 2027-01-01 (+2 600,00 kr, +3,19 %)\n\
         - kommunstyrelsens ordförande (ks_ordforande), kr/månad: 61 050,00 kr blir 63 000,00 kr från 2027-01-01 \
         (+1 950,00 kr, +3,19 %)\n\
         - grund för alla andra arvoden (grund), kr/månad: 54 945,00 kr blir 56 700,00 kr från 2027-01-01 \
         (+1 755,00 kr, +3,19 %)\n\
         - grundarvode, kr/sammanträde: 412,00 kr blir 425,00 kr från 2027-01-01 (+13,00 kr, +3,16 %)\n\
         - timarvode, kr/timme: 206,00 kr blir 213,00 kr från 2027-01-01 (+7,00 kr, +3,40 %)\n\
         - därtill 14 uppdrags månadsarvoden (§§ 7 och 8), se bilagan\n\n\
         Vad ändringen kostar 2027, utan arbetsgivaravgifter:\n\
         - årsarvoden och fasta arvoden: 28 138,50 kr\n\
         - sammanträdesarvoden och andra ersättningar: 36,50 kr\n\
         - tillsammans: 28 175,00 kr\n\n\
         Bilagan visar varje uppdrag och belopp förut och nu, hur det är framräknat ur riksdagsarvodet, vilket beslut det \
         vilar på och hur kostnaden är beräknad. Den finns också som arbetsbok.\n\n\
         Frågor besvaras av kansliet: kansli@kommun.example\n\n\
         --\nExempelkommunen\nBrevet är skrivet av programmet arvode och går inte att svara på.\n\
         Beloppen kommer ur programmets exempelbilaga, inte ur kommunens egen.\n"
    );
    for part in
        ["28 138,50 kr", "36,50 kr", "28 175,00 kr", "54 945,00 kr", "anmälningsärende", "kansli@kommun.example"]
    {
        assert!(letter.html.contains(part), "{part} is in the text and not on the page: {}", letter.html);
    }
}

/// Anna 12 x 1 950. The vice ordförande's seat 12 x 351, whoever holds it. Dag 6 x 87,75. Eva's September meeting
/// 425 + 1,5 x 213 instead of 412 + 1,5 x 206, and October's 425 instead of 412.
#[test]
fn the_cost_is_what_a_desk_calculator_gives() {
    let kommun = kommun();
    decide(&kommun, RAISED);
    kommun.job("watch_rates", "2026-11-20");
    let letters = kommun.letters("rate_notice");
    let by_hand = ["rates", "2027", "--now", "2026-11-20T11:00:00Z"];
    let page = kommun.letter_page(&letters[0], &by_hand, 1);
    for row in [
        "årsarvode|§ 7|0,00|23 400,00|23 400,00",
        "fast arvode|§ 8|0,00|4 738,50|4 738,50",
        "grundarvode|§ 9|0,00|26,00|26,00",
        "timarvode|§ 9|0,00|10,50|10,50",
        "Tillsammans|||0,00|28 175,00|28 175,00",
        "ks-vice|1|10 989,00|11 340,00|4 212,00",
        "gruppledare|1|2 747,25|2 835,00|526,50",
        "ks-ordforande|1|61 050,00|63 000,00|23 400,00",
    ] {
        assert!(rows(&page).iter().any(|found| found.contains(row)), "{row} is not in {:#?}", rows(&page));
    }
    for said in [
        "För 10 månader från januari 2027 finns inga tidigare sammanträden att räkna på",
        "senast de hölls (september 2026 – oktober 2026)",
        "Inte med: arbetsgivaravgifter",
    ] {
        assert!(page.contains(said), "{said} is not in {page}");
    }
    let file = kommun.root().join("nivåer.html");
    let arguments = [&by_hand[..], &["--to", file.to_str().unwrap()]].concat();
    kommun.run(&arguments).exits(1);
    kommun.run(&arguments).exits(4).says(&["is never overwritten"]);
    kommun.run(&["rates", "2027", "--to", "nivåer.docx"]).exits(2).says(&[".xlsx, .pdf or .html"]);
}

/// Each table row of a page as its cells, parted by `|`.
fn rows(page: &str) -> Vec<String> {
    let of_row = |row: &str| {
        let row = row.split("</tr>").next().unwrap();
        let cells = row.split("</td>").flat_map(|cell| cell.split("</th>"));
        let cells =
            cells.filter(|cell| cell.contains("<t")).map(|cell| cell.rsplit('>').next().unwrap().trim().to_owned());
        cells.collect::<Vec<String>>().join("|")
    };
    page.split("<tr>").skip(1).map(of_row).collect()
}

/// Grund from 90 to 80 per cent from 1 October, decided in November: October's and November's month are booked by the older.
const LOWERED: &str = "\n[[kedja]]\nsteg = \"grund\"\nav = \"ks_ordforande\"\nprocent = 80\navrundning = \"ore\"\n\
                       from = 2026-10-01\ndecided_on = 2026-11-10\nreference = \"KF 2026-11-10 § 9\"\n";

/// ks-vice 10 989 -> 9 768, gruppledare 2 747,25 -> 2 442: each month -1 526,25; two booked, December to come. Eva's
/// October meeting 412 -> 366; September's stays.
#[test]
fn what_is_booked_by_older_levels_is_told_apart() {
    let kommun = kommun();
    kommun.edit("regelverk/kedjan.toml", |text| text + LOWERED);
    kommun.job("watch_rates", "2026-11-20");
    let letters = kommun.letters("rate_notice");
    let [letter] = &letters[..] else { panic!("one letter: {letters:#?}") };
    for said in [
        "Ändringen beräknas spara 4 624,75 kr under 2026",
        "16 av 40 belopp ändras den 1 oktober 2026.",
        "Månader är redan beräknade efter äldre nivåer: 3 098,50 kr tas tillbaka i efterhand när de räknas om.",
        "- tillsammans: -4 624,75 kr; 3 098,50 kr tas tillbaka i efterhand",
    ] {
        assert!(letter.text.contains(said), "{said} is not in {}", letter.text);
    }
    let rows = rows(&kommun.letter_page(letter, &["rates", "2026", "--now", "2026-11-20T11:00:00Z"], 1));
    for row in ["fast arvode|§ 8|-3 052,50|-1 526,25|-4 578,75", "grundarvode|§ 9|-46,00|0,00|-46,00"] {
        assert!(rows.iter().any(|found| found.contains(row)), "{row} is not in {rows:#?}");
    }
}

#[test]
fn a_second_decision_is_told_again_and_every_january_the_year() {
    let kommun = kommun();
    decide(&kommun, RAISED);
    kommun.job("watch_rates", "2026-11-20");
    kommun.job("watch_rates", "2027-01-01");
    kommun.job("watch_rates", "2027-01-02");
    decide(&kommun, &RAISED.replace("2026-11-10", "2027-03-08").replace("84000", "84500"));
    kommun.job("watch_rates", "2027-03-07");
    kommun.job("watch_rates", "2027-03-08");
    decide(&kommun, &RAISED.replace("from = 2027-01-01", "from = 2027-10-01").replace("2026-11-10", "2027-09-01"));
    for day in ["2027-09-01", "2027-09-02", "2027-12-31"] {
        kommun.job("watch_rates", day);
    }
    let told: Vec<String> = kommun.letters("rate_notice").into_iter().map(|letter| letter.subject).collect();
    let of = |from: &str| format!("Ändrade arvodesnivåer från {from}: anmälan till kommunstyrelsen (§ 19)");
    assert_eq!(
        told,
        [
            of("1 januari 2027"),
            "Arvodesnivåer 2027: anmälan till kommunstyrelsen (§ 19)".to_owned(),
            of("1 januari 2027"),
            of("1 oktober 2027"),
        ]
    );
}

#[test]
fn a_year_without_changes_is_told_too_and_a_missed_january_later() {
    let kommun = kommun();
    kommun.job("watch_rates", "2027-02-20");
    kommun.job("watch_rates", "2027-02-21");
    let letters = kommun.letters("rate_notice");
    let [letter] = &letters[..] else { panic!("one letter: {letters:#?}") };
    assert_eq!((letter.occasion.as_str(), letter.address.is_some()), ("2027", true));
    for said in [
        "Inget av de 40 beloppen ändras under 2027",
        "- riksdagsarvode, kr/månad: 81 400,00 kr sedan 2026-01-01, oförändrat",
        "inget eget värde för riksdagsarvodet, prisbasbelopp, bilersättningen och traktamentena",
    ] {
        assert!(letter.text.contains(said), "{said} is not in {}", letter.text);
    }
    assert!(!letter.text.contains("kostar"), "{}", letter.text);
}

#[test]
fn from_december_missing_values_are_warned_of_once() {
    let kommun = kommun();
    kommun.job("watch_rates", "2026-11-30");
    assert!(kommun.letters("rate_warning").is_empty());
    for day in ["2026-12-01", "2026-12-02", "2027-01-31", "2027-02-01"] {
        kommun.job("watch_rates", day);
    }
    let letters = kommun.letters("rate_warning");
    let receivers: Vec<&str> = letters.iter().map(|letter| letter.receiver.as_str()).collect();
    assert_eq!(receivers, ["office:registrator", "office:kansli"]);
    assert_eq!(letters[1].subject, "Värden för 2027 saknas: arvoden betalas annars efter de gamla");
    assert_eq!(
        letters[1].text,
        "Värden för 2027 saknas\n\n\
         Gör så här: skriv in värdena för 2027 i config/regelverk före den 1 januari 2027, med beslutet som reference. \
         Också ett oförändrat värde skrivs som en egen rad från 2027-01-01; då upphör påminnelsen. Ett värde som inte är \
         beslutat skrivs in när det är det.\n\n\
         Saknas:\n\
         - riksdagsarvodet: 81 400,00 kr gäller sedan 2026-01-01 (ny rad [[riksdagsarvode]])\n\
         - prisbasbelopp: 59 200,00 kr gäller sedan 2026-01-01 (ny rad [[bas]])\n\
         - bilersättningen: 29,00 kr gäller sedan 2023-01-01 (ny rad [[bilersattning]])\n\
         - traktamentena: värdet gäller sedan 2026-01-01 (ny rad [[traktamente]])\n\n\
         Till dess betalas arvoden och ersättningar efter de gamla värdena. När ett nytt beslut kommer räknas månaderna om \
         och skillnaden betalas i efterhand (§ 7 b och § 19).\n\n\
         --\nExempelkommunen\nBrevet är skrivet av programmet arvode och går inte att svara på.\n\
         Beloppen kommer ur programmets exempelbilaga, inte ur kommunens egen.\n"
    );
}

#[test]
fn with_all_values_of_the_year_there_is_no_warning() {
    let kommun = kommun();
    decide(&kommun, RAISED);
    kommun.edit("regelverk/prisbasbelopp.toml", |text| {
        text + "\n[[bas]]\nnamn = \"prisbasbelopp\"\nvalue = 60000\nunit = \"kr\"\nfrom = 2027-01-01\n\
                reference = \"regeringen\"\n"
    });
    kommun.edit("regelverk/ersattningar.toml", |text| {
        text + "\n[[traktamente]]\nhelt = 300\nhalvt = 150\nnatt = 150\nendags = 0\nendags_minst_timmar = 4\n\
                over_km = 50\nfrukost_procent = 20\nlunch_procent = 35\nmiddag_procent = 35\nfrom = 2027-01-01\n\
                reference = \"Skatteverket\"\n"
    });
    let other = kommun.copy();
    kommun.job("watch_rates", "2026-12-01");
    let left = kommun.letters("rate_warning");
    assert!(left[0].text.contains("- bilersättningen:") && !left[0].text.contains("- riksdagsarvodet"), "{left:#?}");
    other.edit("regelverk/bilaga.toml", |text| {
        text + "\n[[bilersattning]]\nkr_per_mil = 29\nskattefri_kr_per_mil = 25\nminst_km_enkel_vag = 6\n\
                from = 2027-01-01\nreference = \"oförändrat\"\n"
    });
    other.job("watch_rates", "2026-12-01");
    assert!(other.letters("rate_warning").is_empty(), "{:#?}", other.letters("rate_warning"));
}
