//! The workbooks of `arvode demo`: a fictional kommun's year 2025, as its secretaries would send it.
//!
//! `fixtures/demo/` holds what this file writes, byte for byte; `UPDATE_FIXTURES=1 cargo test --test demo_fixtures`
//! writes it anew, and the diarium of the same kommun with it. Nobody in it exists: birth numbers are those that Skatteverket keeps for tests.
//! What goes wrong in it, goes wrong on purpose; each time a comment says so and begins with "Life:".

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at the first surprise")]

#[path = "support/demo_diarium.rs"]
mod diarium;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet};

/// Anställningsnummer, name, born, birth number, kilometres from home to the kommunhus.
const PERSONER: &str = "
2001 Karin      Lövhall     1968-03-14 980 12
2002 Anders     Vikmark     1974-11-02 981 8
2003 Birgitta   Norrby      1961-06-25 982 3
2004 Jonas      Ekvall      1979-01-30 983 17
2005 Margareta  Östhed      1957-09-09 984 5
2006 Leif       Granhult    1963-04-18 985 22
2007 Solveig    Myrgård     1955-12-01 986 4
2008 Ulf        Rönnås      1966-08-21 987 31
2009 Annika     Dalenius    1982-02-11 988 9
2010 Per        Hallmyr     1970-05-05 989 14
2011 Gunilla    Skogmyr     1959-10-16 990 6
2012 Tommy      Åbacka      1976-07-07 991 11
2013 Ingemar    Kvarnlöf    1953-03-03 993 7
2014 Lena       Fagerlind   1964-01-22 992 5
2015 Bo         Ulvhammar   1951-05-27 995 19
2016 Elsa       Järvstrand  1972-09-13 994 2
2017 Kent       Provén      1967-02-04 997 26
2018 Maria      Björkdal    1978-12-19 996 10
2019 Stefan     Ytterhall   1969-06-30 999 15
2020 Eva        Oxdal       1975-10-08 998 4
2021 Mikael     Älgmark     1980-04-24 239 21
2022 Åsa        Ivarsdal    1973-08-15 238 6
2023 Fredrik    Almqvist    1984-03-28 981 13
2024 Helena     Testander   1981-07-17 980 18
2025 Mats       Lindhyttan  1971-11-11 983 9
2026 Susanne    Gärdsmark   1965-05-20 982 24
2027 Robert     Bergåker    1988-01-06 985 5
2028 Camilla    Forsvik     1990-06-12 984 16
2029 Daniel     Hedåker     1986-09-23 987 12
2030 Fatima     Norrsten    1983-02-26 986 7
2031 Johanna    Sandmark    1992-04-03 988 8
2032 Erik       Talludden   1977-12-29 989 20
2033 Linnea     Strömvik    1995-08-08 990 3
2034 Henrik     Åsbrink     1962-10-31 991 11
2035 Malin      Rävnäs      1989-03-19 992 14
2036 Göran      Tjärnberg   1958-07-02 993 28
2037 Ulrika     Backelin    1979-05-16 994 27
2038 Patrik     Mossdal     1985-11-25 995 29
2039 Sara       Lindqvist   1993-01-14 996 10
2040 Sanna      Lindkvist   1991-09-05 998 6
2041 Olle       Furudal     1954-02-18 997 30
2042 Amina      Källgård    1996-06-21 238 5
2043 Niklas     Storåker    1987-10-10 239 13
2044 Elin       Vretmark    1994-12-07 980 9
2045 Ingrid     Holmdal     1966-04-29 982 7
2046 Jan        Hultmark    1960-08-03 999 15
2047 Anna-Karin Sundlid     1976-02-09 984 23
";

/// Organ, its ledamöter (the first is its ordförande) and its ersättare, as elected before the year began.
const ORGAN: &str = "
KF   2007 2008 2009 2001 2002 2003 2004 2006 2010 2018 2019 2020 2021 2022 2023 2024 2025 2026 2029 2030 2034 2036 2037 2040 2046 2047 | 2027 2028 2031 2033 2039 2041 2042 2043 2044 2045
KS   2001 2006 2004 2002 2023 2024 2025 2026 2022 | 2027 2028 2020
AU   2001 2006 2004 2023 2026                     | 2025 2024
BSU  2003 2010 2021 2024 2029 2030 2031           | 2032 2033
VN   2011 2012 2034 2035 2038                     | 2043
REV  2013 2014 2015 2016 2017                     |
LR   2036 2037 2035 2038 2041                     |
VB   2018 2019 2022 2040 2046                     |
KLN  2001 2006 2004 2023 2026                     | 2025
GRL  2019 2020 2021 2022 2001                     |
";

/// Who has a nyckel: anställningsnummer, organ, nyckel, role.
const NYCKLAR: &str = "
2001 KS  ks-ordforande          ordförande
2003 BSU bsu-ordforande         ordförande
2004 KS  oppositionsrad         oppositionsråd
2005 OFN overformyndare         överförmyndare
2006 KS  ks-vice                vice ordförande
2007 KF  kf-ordforande          ordförande
2008 KF  kf-vice-1              1:e vice ordförande
2009 KF  kf-vice-2              2:e vice ordförande
2010 BSU bsu-vice               vice ordförande
2011 VN  valnamnd-ordforande    ordförande
2013 REV revision-ordforande    ordförande
2014 REV revisor                revisor
2015 REV revisor                revisor
2016 REV revisor                revisor
2017 REV revisor                revisor
2018 VB  valberedning-ordforande ordförande
2019 KF  gruppledare            gruppledare
2020 KF  gruppledare            gruppledare
2021 KF  gruppledare            gruppledare
2022 KF  gruppledare            gruppledare
";

/// Day, organ (GRL: the group leaders, who meet under KF), slag, from and to, ajourneringar.
const MOTEN: &str = "
2025-01-14 KS  a 13.00-16.10 14.30-14.50
2025-01-20 GRL k 15.30-16.45
2025-01-21 AU  a 08.30-11.40 09.45-10.00
2025-01-22 VB  a 17.00-18.15
2025-01-23 BSU a 09.00-15.20 12.00-13.00
2025-01-27 KF  a 17.00-20.40 18.30-19.00
2025-01-28 AU  a 08.30-10.25
2025-01-30 LR  a 18.30-20.45
2025-02-04 AU  a 08.30-12.05 09.45-10.00
2025-02-05 REV a 09.00-14.30 12.00-12.45
2025-02-11 KS  a 13.00-17.05 14.45-15.05
2025-02-12 KF  c 08.30-18.00 12.00-13.00
2025-02-17 GRL k 15.30-16.30
2025-02-20 BSU a 09.00-14.40 12.00-13.00
2025-02-24 KF  a 17.00-21.15 18.45-19.15
2025-02-25 AU  a 08.30-11.10
2025-03-04 AU  a 08.30-11.55 10.00-10.15
2025-03-11 KS  a 13.00-15.50
2025-03-12 REV j 08.30-16.00 12.00-12.45
2025-03-13 LR  a 18.30-20.20
2025-03-19 VN  a 16.00-17.50
2025-03-20 BSU a 09.00-16.10 12.00-13.00
2025-03-24 GRL k 15.30-16.50
2025-03-25 AU  a 08.30-10.40
2025-03-31 KF  a 17.00-20.05 18.30-18.55
2025-04-01 AU  a 08.30-11.30
2025-04-08 KS  a 13.00-16.45 14.30-14.50
2025-04-09 VB  a 17.00-18.20
2025-04-16 REV a 09.00-15.00 12.00-12.45
2025-04-22 AU  a 08.30-12.20 10.00-10.20
2025-04-24 BSU a 09.00-13.55 11.45-12.30
2025-04-28 KF  a 17.00-21.50 18.30-19.10
2025-05-06 AU  a 08.30-10.55
2025-05-13 KS  a 13.00-16.15 14.30-14.45
2025-05-14 REV a 09.00-12.10
2025-05-15 LR  a 18.30-21.05
2025-05-19 GRL k 15.30-16.40
2025-05-22 BSU a 09.00-15.35 12.00-13.00
2025-05-26 KF  a 17.00-20.30 18.30-19.00
2025-05-27 AU  a 08.30-11.25
2025-06-03 AU  a 08.30-12.00 10.00-10.15
2025-06-10 KS  a 09.00-16.40 12.00-13.00, 14.30-14.45
2025-06-12 BSU a 09.00-15.05 12.00-13.00
2025-06-16 KF  a 17.00-00.20 19.00-19.45, 22.10-22.25
2025-07-03 KS  a 09.00-09.50
2025-08-12 AU  a 08.30-11.35
2025-08-18 GRL k 15.30-16.20
2025-08-19 KS  a 13.00-15.25
2025-08-21 BSU a 09.00-14.15 12.00-13.00
2025-08-25 KF  a 17.00-19.45
2025-08-26 AU  a 08.30-10.10
2025-09-02 AU  a 08.30-11.50 10.00-10.15
2025-09-03 REV a 09.00-15.30 12.00-12.45
2025-09-09 KS  a 13.00-16.55 14.30-14.50
2025-09-15 GRL k 15.30-16.45
2025-09-17 VB  a 17.00-17.55
2025-09-18 BSU a 09.00-15.50 12.00-13.00
2025-09-23 AU  a 08.30-12.15 10.00-10.15
2025-09-25 LR  a 18.30-20.30
2025-09-29 KF  a 17.00-20.55 18.30-19.00
2025-10-01 VN  a 16.00-18.35
2025-10-07 AU  a 08.30-11.20
2025-10-09 KLN a 10.00-14.10 12.00-12.40
2025-10-14 KS  a 13.00-17.20 14.45-15.05
2025-10-15 REV j 08.30-15.45 12.00-12.45
2025-10-20 GRL k 15.30-16.35
2025-10-23 BSU a 09.00-14.50 12.00-13.00
2025-10-27 KF  a 17.00-21.10 18.30-19.00
2025-10-28 AU  a 08.30-12.30 10.00-10.20
2025-11-04 AU  a 08.30-11.05
2025-11-06 KF  c 09.00-16.00 12.00-13.00
2025-11-11 KS  a 09.00-16.20 12.00-13.00
2025-11-17 GRL k 15.30-16.30
2025-11-19 REV a 09.00-14.50 12.00-12.45
2025-11-20 BSU a 09.00-16.25 12.00-13.00
2025-11-24 KF  a 09.00-19.40 12.00-13.00, 15.30-15.50
2025-11-25 AU  a 08.30-10.35
2025-11-26 VB  a 17.00-18.05
2025-11-27 LR  a 18.30-20.10
2025-12-02 AU  a 08.30-11.15
2025-12-03 REV a 09.00-12.40
2025-12-09 KS  a 13.00-15.45
2025-12-11 BSU a 09.00-13.20 11.45-12.30
2025-12-15 KF  a 17.00-19.50
2025-12-16 AU  a 08.30-09.40
";

const NARVARO: [&str; 22] = [
    "Datum",
    "Organ",
    "Slag",
    "Plats",
    "Utom kommunen",
    "Kallat av",
    "Utskottets beslut",
    "Start",
    "Slut",
    "Ajournering",
    "Personnummer",
    "Namn",
    "Roll",
    "Tjänstgörande",
    "Närvarande från",
    "Närvarande till",
    "Paragrafer",
    "Jäv",
    "Ersätter",
    "Distans",
    "Körda km",
    "Kommentar",
];
const YRKANDEN: [&str; 19] = [
    "Inkom",
    "Datum",
    "Organ",
    "Personnummer",
    "Namn",
    "Slag",
    "Tid från",
    "Tid till",
    "Restid min",
    "Belopp",
    "Km",
    "Resa från",
    "Resa till",
    "Avresa",
    "Hemkomst",
    "Barnets födelseår",
    "Underlag",
    "Styrkt",
    "Motivering",
];
const PERSONER_COLUMNS: [&str; 12] = [
    "Personnummer",
    "Efternamn",
    "Förnamn",
    "Anställningsnummer",
    "E-post",
    "Avstånd km",
    "Plats",
    "Tjänsteställe i hemmet",
    "KL 4:13",
    "Brukar yrka",
    "Skyddade personuppgifter",
    "Genomgång",
];
const UPPDRAG: [&str; 8] = ["Personnummer", "Namn", "Organ", "Uppdrag", "Från", "Till", "Arvodesnyckel", "Beslut"];
const INKOMSTUPPGIFTER: [&str; 7] = ["Personnummer", "Från", "Till", "Slag", "Timlön", "SGI", "Intyg"];
const FRANVARO: [&str; 5] = ["Personnummer", "Från", "Till", "Slag", "Kommentar"];

/// Who loses income at meetings in working hours: kronor an hour, and how it is shown.
const LONTAGARE: [(u32, u32, &str); 4] =
    [(2023, 285, "intyg"), (2024, 310, "styrkt"), (2029, 342, "styrkt"), (2030, 505, "styrkt")];

/// From here on KS has another ordförande.
const SKIFTE: &str = "2025-05-12";

#[derive(Clone)]
enum Cell {
    Text(String),
    Day(NaiveDate),
    Number(f64),
}

/// A row by the names of its columns.
#[derive(Clone, Default)]
struct Row(BTreeMap<&'static str, Cell>);

impl Row {
    fn text(mut self, column: &'static str, text: impl Into<String>) -> Row {
        let text = text.into();
        if text.is_empty() {
            self.0.remove(column);
        } else {
            self.0.insert(column, Cell::Text(text));
        }
        self
    }

    fn day(mut self, column: &'static str, day: &str) -> Row {
        self.0.insert(column, Cell::Day(date(day)));
        self
    }

    fn number(mut self, column: &'static str, number: impl Into<f64>) -> Row {
        self.0.insert(column, Cell::Number(number.into()));
        self
    }

    fn without(mut self, column: &str) -> Row {
        self.0.remove(column);
        self
    }

    fn says(&self, column: &str, wanted: &str) -> bool {
        matches!(self.0.get(column), Some(Cell::Text(text)) if text == wanted)
    }

    fn is_on(&self, day: &str) -> bool {
        matches!(self.0.get("Datum"), Some(Cell::Day(on)) if *on == date(day))
    }

    fn is_of(&self, person: u32) -> bool {
        self.says("Personnummer", &personnummer(person)) || self.says("Namn", &namn(person))
    }
}

/// A sheet: its name, what stands above the header, its columns and rows.
struct Sheet {
    name: &'static str,
    above: Vec<String>,
    columns: &'static [&'static str],
    rows: Vec<Row>,
}

/// Every file of the demo by its path in `fixtures/demo/`.
fn files() -> BTreeMap<String, Vec<Sheet>> {
    let mut files = BTreeMap::new();
    files.insert("register.xlsx".to_owned(), register());
    for month in 1..=12 {
        files.insert(format!("2025-{month:02}.xlsx"), month_file(month));
    }
    let mut more = |name: &str, sheets: Vec<Sheet>| files.insert(name.to_owned(), sheets);
    more("register-2025-05.xlsx", handover());
    more("register-2025-07.xlsx", absence_ends());
    more("register-2025-11.xlsx", two_at_once());
    more("lokala-radet-2025-01-30.xlsx", late_list());
    more("rattat/2025-04.xlsx", personnummer_mended());
    more("kommunstyrelsen-2025-05-13.xlsx", changed_time());
    more("fullmaktige-2025-08-25.xlsx", whole_list());
    files
}

// ---- The register ----

fn register() -> Vec<Sheet> {
    vec![
        sheet("Personer", &[], &PERSONER_COLUMNS, personer()),
        sheet("Uppdrag", &[], &UPPDRAG, all_uppdrag()),
        sheet("Inkomstuppgifter", &[], &INKOMSTUPPGIFTER, incomes()),
        sheet("Frånvaro", &[], &FRANVARO, absences()),
    ]
}

fn personer() -> Vec<Row> {
    let mut rows: Vec<Row> = persons().map(|person| profile(&person)).collect();
    // The Lokala rådet meets in the bygdegård, near the home of some and far from that of others.
    for (person, km) in [(2035, 32), (2036, 2), (2037, 9), (2038, 7), (2041, 4)] {
        let row = Row::default().text("Personnummer", personnummer(person));
        rows.push(row.number("Avstånd km", km).text("Plats", "Bygdegården"));
    }
    rows
}

fn profile(person: &[&str]) -> Row {
    let number: u32 = person[0].parse().unwrap();
    let row = Row::default()
        .text("Personnummer", personnummer(number))
        .text("Förnamn", person[1])
        .text("Efternamn", person[2])
        .text("Anställningsnummer", person[0])
        .text("E-post", format!("{}@demokommunen.example", person[0]))
        .number("Avstånd km", person[5].parse::<f64>().unwrap());
    // Life: some came in between two briefings, and nobody has told them of the rules yet.
    let row = if number % 9 == 4 { row } else { row.day("Genomgång", "2023-01-26") };
    let row = if LONTAGARE.iter().any(|(person, _, _)| *person == number) {
        row.text("Brukar yrka", "förlorad arbetsinkomst")
    } else {
        row
    };
    match number {
        // Life: two who have no address; their letters are printed.
        2015 | 2042 => row.without("E-post"),
        2016 => row.text("Skyddade personuppgifter", "ja"),
        // The kommunalråd in opposition works from home.
        2004 => row.text("Tjänsteställe i hemmet", "ja"),
        2033 => row.text("KL 4:13", "ja"),
        _ => row,
    }
}

fn all_uppdrag() -> Vec<Row> {
    let mut rows = Vec::new();
    for line in lines(NYCKLAR) {
        let (person, organ, nyckel, role) = (line[0].parse().unwrap(), line[1], line[2], line[3..].join(" "));
        rows.push(uppdrag(person, organ, &role, first_day(organ)).text("Arvodesnyckel", nyckel));
    }
    for line in lines(ORGAN).filter(|line| line[0] != "GRL") {
        let (organ, bar) = (line[0], line.iter().position(|word| *word == "|").unwrap());
        let held = |person: u32| lines(NYCKLAR).any(|line| line[0] == person.to_string() && line[1] == organ);
        for (place, word) in line.iter().enumerate().skip(1).filter(|(place, _)| *place != bar) {
            let person = word.parse().unwrap();
            let role = if place < bar { "ledamot" } else { "ersättare" };
            if !held(person) {
                let nyckel = if place < bar { "ledamot" } else { "ersattare" };
                rows.push(uppdrag(person, organ, role, first_day(organ)).text("Arvodesnyckel", nyckel));
            }
        }
    }
    rows
}

fn uppdrag(person: u32, organ: &str, role: &str, from: &str) -> Row {
    of_person(person).text("Organ", full_name(organ)).text("Uppdrag", role).day("Från", from)
}

/// Fullmäktige's mandatperiod begins in October of the election year, that of the others in January.
fn first_day(organ: &str) -> &'static str {
    if organ == "KF" { "2022-10-15" } else { "2023-01-01" }
}

fn incomes() -> Vec<Row> {
    let row = |person| Row::default().text("Personnummer", personnummer(person)).day("Från", "2025-01-01");
    let employed = |person, hourly: u32| row(person).text("Slag", "anställd").number("Timlön", hourly);
    vec![
        employed(2023, 285).text("Intyg", "KS 2025/11"),
        employed(2025, 240),
        row(2032).text("Slag", "egen företagare"),
        employed(2024, 310).number("SGI", 614_000),
    ]
}

fn absences() -> Vec<Row> {
    let row = |person| Row::default().text("Personnummer", personnummer(person));
    vec![
        // Life: prevented for more than two months; when it ends is not known yet.
        row(2005).day("Från", "2025-01-07").text("Slag", "hindrad"),
        row(2004).day("Från", "2025-07-07").day("Till", "2025-08-03").text("Slag", "ledighet motsvarande semester"),
    ]
}

/// Life: KS has a new ordförande in the middle of a month; the old one keeps her seat in fullmäktige.
fn handover() -> Vec<Sheet> {
    let old = |person, organ, role: &str, nyckel: &str| {
        uppdrag(person, organ, role, first_day(organ)).text("Arvodesnyckel", nyckel).day("Till", "2025-05-11")
    };
    let new = |person, organ, role: &str, nyckel: &str| {
        let row = uppdrag(person, organ, role, SKIFTE).text("Arvodesnyckel", nyckel);
        row.text("Beslut", "KF 2025-04-28 § 41")
    };
    let rows = vec![
        old(2001, "KS", "ordförande", "ks-ordforande"),
        new(2002, "KS", "ordförande", "ks-ordforande"),
        old(2002, "KS", "ledamot", "ledamot"),
        old(2027, "KS", "ersättare", "ersattare"),
        new(2027, "KS", "ledamot", "ledamot"),
        old(2001, "AU", "ledamot", "ledamot"),
        new(2002, "AU", "ledamot", "ledamot"),
        old(2001, "KLN", "ledamot", "ledamot"),
        new(2002, "KLN", "ledamot", "ledamot"),
    ];
    vec![sheet("Uppdrag", &["Ändringar efter fullmäktiges val i april"], &UPPDRAG, rows)]
}

/// Life: the overförmyndare was back in June, but the kansli is told in August.
fn absence_ends() -> Vec<Sheet> {
    let row = Row::default().text("Personnummer", personnummer(2005)).text("Slag", "hindrad");
    let row = row.day("Från", "2025-01-07").day("Till", "2025-06-15").text("Kommentar", "Åter i tjänst den 16 juni.");
    vec![sheet("Frånvaro", &[], &FRANVARO, vec![row])]
}

/// Life: the valnämnd has a new ordförande, but nobody wrote the last day of the old one.
fn two_at_once() -> Vec<Sheet> {
    let left = uppdrag(2012, "VN", "ledamot", first_day("VN")).text("Arvodesnyckel", "ledamot");
    let row = uppdrag(2012, "VN", "ordförande", "2025-11-01").text("Arvodesnyckel", "valnamnd-ordforande");
    let rows = vec![left.day("Till", "2025-10-31"), row.text("Beslut", "KF 2025-10-27 § 97")];
    vec![sheet("Uppdrag", &[], &UPPDRAG, rows)]
}

// ---- The months ----

fn month_file(month: u32) -> Vec<Sheet> {
    let title = format!("Närvaro vid sammanträden i {} 2025", MONTHS[month as usize - 1]);
    let above = [title, format!("Inkom: {}", arrival(month))];
    let above: Vec<&str> = above.iter().map(String::as_str).collect();
    let mut rows = attendance(month);
    let claims = claims(month, &rows);
    // Since the autumn who came to kommunstyrelsen is taken from the diarium, and nobody writes it in a list as well.
    rows.retain(|row| month < 11 || !row.says("Organ", &full_name("KS")));
    vec![sheet("Närvaro", &above, &NARVARO, rows), sheet("Yrkanden", &[], &YRKANDEN, claims)]
}

const MONTHS: [&str; 12] = [
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
];

/// The secretaries send a month's lists on the first days of the next.
fn arrival(month: u32) -> String {
    match month {
        12 => "2026-01-02".to_owned(),
        _ => format!("2025-{:02}-02", month + 1),
    }
}

fn attendance(month: u32) -> Vec<Row> {
    let of_month = meetings().filter(|meeting| date(meeting[0]).month() == month);
    // Life: this list was forgotten, and comes in April.
    let mut rows: Vec<Row> =
        of_month.filter(|meeting| meeting[..2] != ["2025-01-30", "LR"]).flat_map(|meeting| list(&meeting)).collect();
    as_life_is(month, &mut rows);
    rows
}

/// One meeting's list: who came, who served in whose stead, who drove.
fn list(meeting: &[&str]) -> Vec<Row> {
    let (day, organ, slag) = (meeting[0], meeting[1], meeting[2]);
    let (ledamoter, ersattare) = elected(organ, day);
    let mut free = ersattare.into_iter().filter(|person| chance(day, *person, 80));
    let mut rows = Vec::new();
    for person in ledamoter {
        if slag == "c" && !chance(day, person, 25) {
            continue;
        }
        // An ordförande is seldom away; nobody serves in the stead of a gruppledare or revisor.
        if slag == "c" || chance(day, person, 88) {
            rows.push(present(meeting, person).text("Roll", "ledamot"));
        } else if let Some(instead) = free.next() {
            let row = present(meeting, instead).text("Roll", "ersättare");
            rows.push(row.text("Tjänstgörande", "ja").text("Ersätter", namn(person)));
        }
    }
    let listening: Vec<u32> = free.filter(|person| slag == "a" && chance(day, person + 7, 40)).collect();
    let only_there = |person| present(meeting, person).text("Roll", "ersättare").text("Tjänstgörande", "nej");
    rows.extend(listening.into_iter().map(|person| only_there(person).without("Körda km")));
    rows
}

fn present(meeting: &[&str], person: u32) -> Row {
    let (day, organ, slag) = (meeting[0], meeting[1], meeting[2]);
    let (start, slut) = meeting[3].split_once('-').unwrap();
    let row = of_person(person)
        .day("Datum", day)
        .text("Organ", full_name(organ))
        .text("Slag", slag)
        .text("Plats", if organ == "LR" { "Bygdegården" } else { "Kommunhuset" })
        .text("Start", start)
        .text("Slut", slut)
        .text("Ajournering", meeting[4..].join(" "));
    let row = match (organ, slag) {
        ("GRL", _) => row.text("Kallat av", "KS ordförande"),
        // Life: the course in November has no decision.
        (_, "c") if day == "2025-02-12" => row.text("Utskottets beslut", "AU 2025-01-21 § 6"),
        _ => row,
    };
    if matches!(organ, "KS" | "AU") && (day == "2025-07-03" || chance(day, person + 1, 9)) {
        return row.text("Distans", "ja");
    }
    match km(person, organ) {
        Some(km) if chance(organ, person, 55) => row.number("Körda km", 2 * km),
        _ => row,
    }
}

/// Who is elected to an organ on a day: ledamöter and ersättare.
fn elected(organ: &str, day: &str) -> (Vec<u32>, Vec<u32>) {
    let line = lines(ORGAN).find(|line| line[0] == organ).unwrap();
    let bar = line.iter().position(|word| *word == "|").unwrap();
    let numbers = |words: &[&str]| words.iter().map(|word| word.parse().unwrap()).collect::<Vec<u32>>();
    let (mut ledamoter, mut ersattare) = (numbers(&line[1..bar]), numbers(&line[bar + 1..]));
    if date(day) >= date(SKIFTE) && matches!(organ, "KS" | "AU" | "KLN" | "GRL") {
        ledamoter.retain(|person| *person != 2002);
        for person in ledamoter.iter_mut().filter(|person| **person == 2001) {
            *person = 2002;
        }
        if organ == "KS" {
            ledamoter.push(2027);
            ersattare.retain(|person| *person != 2027);
        }
    }
    (ledamoter, ersattare)
}

/// How far somebody drives one way; none for those who walk.
fn km(person: u32, organ: &str) -> Option<u32> {
    let stored = persons().find(|row| row[0] == person.to_string()).unwrap()[5].parse().unwrap();
    let km = match (organ, person) {
        ("LR", 2035) => 32,
        ("LR", 2037) => 9,
        ("LR", 2038) => 7,
        ("LR", _) => 0,
        _ => stored,
    };
    (km >= 6).then_some(km)
}

/// What no rhythm explains.
fn as_life_is(month: u32, rows: &mut Vec<Row>) {
    match month {
        // Life: an ersättare was there, but did she serve?
        1 => put(rows, present(&meeting("2025-01-27", "KF"), 2042).text("Roll", "ersättare")),
        // Life: an ersättare who only listened asks for the trip.
        2 => {
            let row = present(&meeting("2025-02-20", "BSU"), 2032).text("Roll", "ersättare");
            put(rows, row.text("Tjänstgörande", "nej").number("Körda km", 40));
        }
        3 => {
            let row = ledamot("2025-03-11", "KS", 2026).text("Närvarande till", "14.20");
            put(rows, row.text("Kommentar", "Gick tidigare."));
            put(rows, ledamot("2025-03-31", "KF", 2046).text("Jäv", "§ 33"));
        }
        // Life: a slip of the finger in a personnummer.
        4 => {
            let row = ledamot("2025-04-28", "KF", 2037).without("Namn");
            rows.retain(|row| !(row.is_on("2025-04-28") && row.is_of(2037)));
            rows.push(row.text("Personnummer", mistyped(2037)));
        }
        5 => {
            // Life: an organ that fullmäktige never set up; and a meeting that nobody says who called.
            for person in [2033, 2044] {
                let row = present(&["2025-05-20", "Kulturrådet", "a", "18.00-19.30"], person);
                rows.push(row.text("Roll", "ledamot").without("Körda km"));
            }
            rows.retain(|row| !(row.is_on("2025-05-19") && row.is_of(2021)));
            let row = present(&meeting("2025-05-19", "GRL"), 2030).text("Roll", "ersättare");
            rows.push(row.text("Tjänstgörande", "ja").text("Ersätter", namn(2021)));
            for row in rows.iter_mut().filter(|row| row.is_on("2025-05-19")) {
                *row = row.clone().without("Kallat av").without("Körda km");
            }
        }
        6 => {
            // Life: the minutes say which paragraphs, nobody says which hours.
            put(rows, ledamot("2025-06-16", "KF", 2046).text("Paragrafer", "§§ 61-74").without("Körda km"));
            let row = present(&meeting("2025-06-12", "BSU"), 2032).text("Roll", "ersättare");
            put(rows, row.text("Tjänstgörande", "ja").text("Ersätter", namn(2021)));
        }
        // Life: two with nearly one name; the wrong one is ticked off, and paid. And one who was not there is ticked off.
        8 => {
            rows.retain(|row| !(row.is_on("2025-08-25") && row.is_of(2040)));
            put(rows, ledamot("2025-08-25", "KF", 2039).number("Körda km", 20));
            put(rows, ledamot("2025-08-25", "KF", 2047));
        }
        9 => {
            // Life: the official who reviews the sheets is elected too, and serves; she may not sign her own rows.
            let row = present(&meeting("2025-09-29", "KF"), 2045).text("Roll", "ersättare");
            put(rows, row.text("Tjänstgörande", "ja").text("Ersätter", namn(2030)));
            rows.retain(|row| !(row.is_on("2025-09-29") && row.is_of(2030)));
            // Life: two meetings at the same time, and an official in the list of the elected.
            put(rows, ledamot("2025-09-23", "AU", 2026));
            for person in [2026, 2034, 2040] {
                let row = present(&["2025-09-23", "KF", "b", "11.30-13.00"], person).text("Roll", "ledamot");
                rows.push(row.without("Körda km").text("Kommentar", "Arbetsgrupp om arbetsordningen."));
            }
            let row = ledamot("2025-09-09", "KS", 2001).without("Personnummer").without("Körda km");
            rows.push(row.text("Namn", "Kommundirektören").text("Kommentar", "Föredragande."));
        }
        10 => {
            for (day, person) in [("2025-10-16", 2019), ("2025-10-16", 2014), ("2025-10-17", 2014)] {
                let organ = if person == 2014 { "REV" } else { "KF" };
                let row = present(&[day, organ, "extern förrättning", "09.00-15.20", "12.00-13.00"], person);
                let row = row.text("Roll", "ledamot").text("Plats", "Örebro").text("Utom kommunen", "ja");
                rows.push(row.number("Körda km", 184).text("Kommentar", "Konferens om regional utveckling."));
            }
            put(rows, ledamot("2025-10-09", "KLN", 2026).without("Körda km"));
        }
        12 => {
            // Life: a trip of four kilometres, and a form with an empty row, the same row twice, and a sum below.
            put(rows, ledamot("2025-12-15", "KF", 2007).number("Körda km", 8));
            let again = rows.last().unwrap().clone();
            rows.extend([Row::default(), again]);
            rows.push(Row(BTreeMap::from([("Datum", Cell::Text("Summa".to_owned()))])));
        }
        _ => {}
    }
}

/// A row that stands instead of the person's own at the same meeting, if there is one.
fn put(rows: &mut Vec<Row>, row: Row) {
    let same = |other: &Row, column: &str| match (other.0.get(column), row.0.get(column)) {
        (Some(Cell::Text(one)), Some(Cell::Text(other))) => one == other,
        (Some(Cell::Day(one)), Some(Cell::Day(other))) => one == other,
        _ => false,
    };
    rows.retain(|other| !["Datum", "Organ", "Start", "Personnummer"].iter().all(|column| same(other, column)));
    rows.push(row);
}

fn ledamot(day: &str, organ: &str, person: u32) -> Row {
    present(&meeting(day, organ), person).text("Roll", "ledamot")
}

/// The number with another last digit.
fn mistyped(person: u32) -> String {
    let right = personnummer(person);
    let (before, last) = right.split_at(right.len() - 1);
    format!("{before}{}", (last.parse::<u32>().unwrap() + 1) % 10)
}

// ---- Yrkanden ----

fn claims(month: u32, rows: &[Row]) -> Vec<Row> {
    let inkom = arrival(month);
    let mut claims = Vec::new();
    for row in rows.iter().filter(|row| is_daytime(row) && !row.says("Tjänstgörande", "nej")) {
        for (person, hourly, shown) in LONTAGARE.iter().filter(|(person, _, _)| row.is_of(*person)) {
            claims.push(lost_income(row, *person, *hourly, shown).day("Inkom", &inkom));
        }
    }
    claims.extend(single_claims(month));
    claims
}

fn is_daytime(row: &Row) -> bool {
    let starts = |hour: &str| matches!(row.0.get("Start"), Some(Cell::Text(text)) if text.starts_with(hour));
    row.says("Slag", "a") && ["08", "09", "10", "13"].into_iter().any(starts)
}

/// Half an hour on the road, then the meeting until its end; whole kronor, in nobody's favour.
fn lost_income(row: &Row, person: u32, hourly: u32, shown: &str) -> Row {
    let text = |column: &str| match row.0.get(column) {
        Some(Cell::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let (start, slut) = (minutes(&text("Start")) - 30, minutes(&text("Slut")));
    let amount = (slut - start) * hourly / 60;
    let claim = Row(row.0.clone().into_iter().filter(|(column, _)| ["Datum", "Organ"].contains(column)).collect());
    let claim = Row(claim.0.into_iter().chain(of_person(person).0).collect())
        .text("Slag", "förlorad arbetsinkomst")
        .text("Tid från", clock(start))
        .text("Tid till", clock(slut))
        .number("Restid min", 30)
        .number("Belopp", amount);
    match shown {
        "styrkt" => claim.text("Styrkt", "ja").text("Underlag", format!("KS 2025/{}", 100 + person % 100)),
        _ => claim,
    }
}

fn single_claims(month: u32) -> Vec<Row> {
    let claim = |day: &str, organ: &str, person: u32, slag: &str| {
        let row = of_person(person).day("Inkom", &arrival(month)).day("Datum", day);
        row.text("Organ", full_name(organ)).text("Slag", slag)
    };
    let lost = "förlorad arbetsinkomst";
    match month {
        // Life: a loss that nothing shows.
        2 => vec![
            claim("2025-02-11", "KS", 2026, lost)
                .text("Tid från", "13.00")
                .text("Tid till", "17.05")
                .number("Belopp", 980)
                .text("Styrkt", "nej"),
        ],
        // Life: the ordförande of BSU belongs to the class in § 1.
        3 => vec![
            claim("2025-03-20", "BSU", 2003, lost)
                .text("Tid från", "09.00")
                .text("Tid till", "16.10")
                .number("Belopp", 2400)
                .text("Styrkt", "ja")
                .text("Underlag", "KS 2025/131"),
        ],
        4 => vec![
            claim("2025-04-24", "BSU", 2031, "barntillsyn")
                .text("Tid från", "08.30")
                .text("Tid till", "14.15")
                .number("Belopp", 690)
                .number("Barnets födelseår", 2021)
                .text("Underlag", "KS 2025/152")
                .text("Styrkt", "ja"),
        ],
        // Life: a self-employed person without proof.
        6 => vec![
            claim("2025-06-12", "BSU", 2032, lost)
                .text("Tid från", "09.00")
                .text("Tid till", "15.05")
                .text("Styrkt", "ja")
                .text("Motivering", "Egen företagare; stängde verkstaden."),
        ],
        10 => vec![
            claim("2025-10-16", "KF", 2019, "traktamente")
                .text("Resa till", "Örebro")
                .text("Avresa", "07.10")
                .text("Hemkomst", "17.05")
                .number("Belopp", 145),
            claim("2025-10-09", "KLN", 2026, "resa")
                .number("Km", 48)
                .text("Resa från", "Hemmet")
                .text("Resa till", "Kommunhuset")
                .text("Avresa", "09.20")
                .text("Hemkomst", "14.45"),
        ],
        // Life: a claim for a meeting more than a year ago.
        11 => vec![
            claim("2024-11-19", "KS", 2025, lost)
                .text("Tid från", "13.00")
                .text("Tid till", "16.30")
                .number("Belopp", 840)
                .text("Styrkt", "ja")
                .text("Underlag", "KS 2025/188"),
        ],
        _ => Vec::new(),
    }
}

// ---- Corrections ----

/// Life: a list that was forgotten in January.
fn late_list() -> Vec<Sheet> {
    let rows = list(&meeting("2025-01-30", "LR"));
    vec![sheet("Närvaro", &["Lokala rådet", "Inkom: 2025-04-01"], &NARVARO, rows)]
}

/// The same file again, with the right personnummer.
fn personnummer_mended() -> Vec<Sheet> {
    let mut sheets = month_file(4);
    for row in &mut sheets[0].rows {
        if row.says("Personnummer", &mistyped(2037)) {
            *row = Row(row.0.clone().into_iter().chain(of_person(2037).0).collect());
        }
    }
    sheets
}

/// Life: the clock in the minutes was wrong. The file says only what it must: which meeting, who, and the right hours.
fn changed_time() -> Vec<Sheet> {
    const COLUMNS: [&str; 5] = ["Datum", "Organ", "Start", "Slut", "Personnummer"];
    let rows = list(&meeting("2025-05-13", "KS")).into_iter().map(|row| {
        let kept = row.0.into_iter().filter(|(column, _)| COLUMNS.contains(column));
        Row(kept.collect()).text("Slut", "17.20")
    });
    vec![sheet("Närvaro", &["Rättade tider efter protokollsjustering"], &COLUMNS, rows.collect())]
}

/// Life: the whole list of fullmäktige in August once more, now with the right Lindkvist.
fn whole_list() -> Vec<Sheet> {
    let mut rows: Vec<Row> = attendance(8)
        .into_iter()
        .filter(|row| row.is_on("2025-08-25") && !row.is_of(2039) && !row.is_of(2047))
        .collect();
    rows.push(present(&meeting("2025-08-25", "KF"), 2040).text("Roll", "ledamot"));
    vec![sheet("Närvaro", &["Rättad närvarolista", "Hela listan: ja", "Inkom: 2025-10-01"], &NARVARO, rows)]
}

// ---- Helpers ----

fn lines(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.is_empty()).map(|line| line.split_whitespace().collect())
}

fn persons() -> impl Iterator<Item = Vec<&'static str>> {
    lines(PERSONER)
}

fn meetings() -> impl Iterator<Item = Vec<&'static str>> {
    lines(MOTEN)
}

fn meeting(day: &str, organ: &str) -> Vec<&'static str> {
    meetings().find(|meeting| meeting[..2] == [day, organ]).unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn full_name(organ: &str) -> String {
    let name = match organ {
        "KF" | "GRL" => "Kommunfullmäktige",
        "KS" => "Kommunstyrelsen",
        "AU" => "Allmänna utskottet",
        "BSU" => "Bildnings- och sociala utskottet",
        "VN" => "Valnämnden",
        "REV" => "Revisionen",
        "LR" => "Lokala rådet",
        "VB" => "Valberedningen",
        "KLN" => "Krisledningsnämnden",
        "OFN" => "Överförmyndaren",
        other => other,
    };
    name.to_owned()
}

fn of_person(person: u32) -> Row {
    Row::default().text("Personnummer", personnummer(person)).text("Namn", namn(person))
}

fn namn(person: u32) -> String {
    let row = persons().find(|row| row[0] == person.to_string()).unwrap();
    format!("{} {}", row[1], row[2])
}

/// `ÅÅÅÅMMDD-NNNN` with its check digit.
fn personnummer(person: u32) -> String {
    let row = persons().find(|row| row[0] == person.to_string()).unwrap();
    let born = row[3].replace('-', "");
    let digits = format!("{}{}", &born[2..], row[4]);
    let doubled =
        digits.bytes().zip([2, 1].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight);
    let sum: u32 = doubled.map(|product| product / 10 + product % 10).sum();
    format!("{born}-{}{}", row[4], (10 - sum % 10) % 10)
}

fn minutes(clock: &str) -> u32 {
    let (hour, minute) = clock.split_once('.').unwrap();
    hour.parse::<u32>().unwrap() * 60 + minute.parse::<u32>().unwrap()
}

fn clock(minutes: u32) -> String {
    format!("{:02}.{:02}", minutes / 60, minutes % 60)
}

/// The same every time: whether something of so many per cent happens.
fn chance(what: &str, person: u32, per_cent: u32) -> bool {
    let seed = what.bytes().fold(2_166_136_261_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619));
    let mixed = (seed ^ person.wrapping_mul(2_654_435_761)).wrapping_mul(2_246_822_519);
    (mixed ^ (mixed >> 15)).wrapping_mul(3_266_489_917) >> 16 < per_cent * 65_536 / 100
}

fn sheet(name: &'static str, above: &[&str], columns: &'static [&'static str], rows: Vec<Row>) -> Sheet {
    let above = above.iter().map(|text| (*text).to_owned()).collect();
    Sheet { name, above, columns, rows }
}

// ---- Workbooks ----

fn bytes(sheets: &[Sheet]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    // The same workbook is the same bytes, whenever it is made.
    let made = ExcelDateTime::from_ymd(2025, 1, 1).unwrap();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    for sheet in sheets {
        let page = workbook.add_worksheet();
        page.set_name(sheet.name).unwrap();
        write(page, sheet);
    }
    workbook.save_to_buffer().unwrap()
}

fn write(page: &mut Worksheet, sheet: &Sheet) {
    let bold = Format::new().set_bold();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    for (row, text) in (0..).zip(&sheet.above) {
        page.write(row, 0, text).unwrap();
    }
    let header = u32::try_from(sheet.above.len()).unwrap();
    for (column, name) in (0..).zip(sheet.columns) {
        page.write_with_format(header, column, *name, &bold).unwrap();
        let width = if matches!(*name, "Namn" | "Organ" | "Personnummer") { 24 } else { 13 };
        page.set_column_width(column, width).unwrap();
    }
    page.set_freeze_panes(header + 1, 0).unwrap();
    for (at, row) in (header + 1..).zip(&sheet.rows) {
        for (column, name) in (0..).zip(sheet.columns) {
            match row.0.get(name) {
                Some(Cell::Text(text)) => drop(page.write(at, column, text).unwrap()),
                Some(Cell::Day(on)) => drop(page.write_with_format(at, column, excel_day(*on), &day).unwrap()),
                Some(Cell::Number(number)) => drop(page.write(at, column, *number).unwrap()),
                None => {}
            }
        }
    }
}

fn excel_day(day: NaiveDate) -> ExcelDateTime {
    let (month, in_month) = (u8::try_from(day.month()).unwrap(), u8::try_from(day.day()).unwrap());
    ExcelDateTime::from_ymd(u16::try_from(day.year()).unwrap(), month, in_month).unwrap()
}

// ---- The tests ----

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo")
}

#[test]
fn the_committed_workbooks_are_what_this_file_writes() {
    let wanted: BTreeMap<String, Vec<u8>> =
        files().iter().map(|(name, sheets)| (name.clone(), bytes(sheets))).collect();
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        for (name, content) in &wanted {
            let path = folder().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }
    for (name, content) in &wanted {
        let committed = fs::read(folder().join(name)).unwrap_or_default();
        assert!(committed == *content, "{name} differs: UPDATE_FIXTURES=1 cargo test --test demo_fixtures");
    }
    let total: usize = wanted.values().map(Vec::len).sum();
    assert!(total < 512 * 1024, "{total} bytes of workbooks are too many for a program to carry");
}

#[test]
fn the_committed_diarium_is_what_is_written_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/diarium/oparl");
    for (name, content) in diarium::files() {
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            fs::write(folder.join(name), &content).unwrap();
        }
        let committed = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(committed == content, "{name} differs: UPDATE_FIXTURES=1 cargo test --test demo_fixtures");
    }
}

#[test]
fn everybody_has_a_personnummer_that_skatteverket_keeps_for_tests() {
    let today = date("2025-12-31");
    let mut seen = BTreeMap::new();
    for person in persons() {
        let birth_number: u32 = person[4].parse().unwrap();
        assert!((980..=999).contains(&birth_number) || [238, 239].contains(&birth_number), "{}", person[0]);
        let number = personnummer(person[0].parse().unwrap());
        assert!(arvode::domain::Personnummer::parse(&number, today).is_ok(), "{}", person[0]);
        assert_eq!(seen.insert(number, person[0]), None);
    }
}
