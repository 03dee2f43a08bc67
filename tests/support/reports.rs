//! Reports to print: one as a committee gets it, and one with everything that could go wrong in it.

use std::str::FromStr;

use arvode::calendar::Day;
use arvode::money::Ore;
use arvode::ports::{Cell, Column, Plot, PlotKind, Report, Section, Series, Table};
use rust_decimal::Decimal;

pub const ORGAN: [&str; 10] = [
    "Kommunfullmäktige",
    "Kommunstyrelsen",
    "Allmänna utskottet",
    "Barn- och skolnämnden",
    "Socialnämnden",
    "Samhällsbyggnadsnämnden",
    "Kultur- och fritidsnämnden",
    "Valnämnden",
    "Överförmyndarnämnden",
    "Revisionen",
];

const MONTHS: [&str; 12] = ["jan", "feb", "mars", "apr", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"];

pub fn day(text: &str) -> Day {
    Day::from_str(text).unwrap()
}

fn words(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// Figures that look like a year's and are nobody's: arvode, lost income, travel of an organ, in öre.
fn amounts(organ: usize) -> [i64; 3] {
    let seed = i64::try_from(organ).unwrap() + 3;
    let large = [612, 934, 118, 402, 447, 365, 198, 36, 51, 89][organ] * 100_000;
    [large + seed * 7_919, large / 7 + seed * 3_571, large / 31 + seed * 1_013]
}

/// The same of the year before.
fn before(organ: usize) -> i64 {
    amounts(organ).iter().sum::<i64>() * [968, 971, 1012, 954, 983, 966, 990, 940, 1003, 977][organ] / 1000
}

fn increase(now: i64, before: i64) -> Decimal {
    (Decimal::from(now) / Decimal::from(before) - Decimal::ONE) * Decimal::ONE_HUNDRED
}

/// A follow-up as allmänna utskottet gets it.
pub fn follow_up() -> Report {
    Report {
        kommun: "Vretby kommun".to_owned(),
        title: "Uppföljning av ersättningar till förtroendevalda 2025".to_owned(),
        subtitle: "Till allmänna utskottet enligt § 19 bestämmelserna om ersättning till förtroendevalda".to_owned(),
        made_on: Some(day("2026-02-12")),
        is_example: false,
        summary: words(&[
            "Under 2025 betalades 3 830 851,83 kr till 84 förtroendevalda, 2,8 % mer än 2024 och 2,4 % under budget.",
            "Ökningen följer riksdagsarvodet, som höjdes med 3,69 % den 1 januari 2025. Antalet sammanträden var 95, tre färre än året före.",
            "Fyra yrkanden på förlorad arbetsinkomst, tillsammans 6 212,00 kr, kom in för sent och betalades inte (§ 16).",
        ]),
        sections: vec![by_organ(), by_month(), lost_income(), by_person()],
        sources: words(&[
            "Bestämmelser om ersättning till förtroendevalda, §§ 3, 8, 12, 16 och 19.",
            "Utbetalningar enligt batch 2025-01/1 till 2025-12/1; kedjans huvud 9f2c41d07be8.",
            "Intjänat räknat den 12 februari 2026 ur närvaro och yrkanden som kommit in till och med den dagen.",
        ]),
    }
}

fn by_organ() -> Section {
    let mut rows = Vec::new();
    for (at, organ) in ORGAN.iter().enumerate() {
        let [fees, income, travel] = amounts(at);
        let before = before(at);
        let now = fees + income + travel;
        rows.push(vec![
            text(organ),
            Cell::Count(i64::try_from(14 - at).unwrap()),
            Cell::Belopp(Ore(fees)),
            Cell::Belopp(Ore(income)),
            Cell::Belopp(Ore(travel)),
            Cell::Belopp(Ore(now)),
            Cell::Percent(increase(now, before)),
        ]);
    }
    let sum = |part: fn([i64; 3]) -> i64| Cell::Belopp(Ore((0..10).map(|at| part(amounts(at))).sum()));
    let total = vec![
        text("Tillsammans"),
        Cell::Count((5..=14).sum()),
        sum(|[fees, _, _]| fees),
        sum(|[_, income, _]| income),
        sum(|[_, _, travel]| travel),
        sum(|parts| parts.iter().sum()),
        Cell::Percent(increase((0..10).map(|at| amounts(at).iter().sum::<i64>()).sum(), (0..10).map(before).sum())),
    ];
    let bars = (0..10).map(|at| Decimal::new(amounts(at).iter().sum(), 2)).collect();
    Section {
        heading: "Betalt under 2025, efter organ".to_owned(),
        sheet: "Efter organ".to_owned(),
        text: words(&["Beloppen är de som betalades under året, vilket år de än gäller (kassabasis). Arbetsgivaravgifter ingår inte."]),
        plot: Some(Plot {
            title: "Betalt 2025 efter organ, kronor".to_owned(),
            alternative: "Liggande staplar, en för varje organ. Kommunstyrelsen och kommunfullmäktige är störst, valnämnden minst.".to_owned(),
            kind: PlotKind::Bars,
            labels: words(&ORGAN),
            series: vec![Series { name: "Betalt".to_owned(), values: bars }],
        }),
        table: Some(Table {
            columns: vec![
                Column::text("Organ"),
                Column::sum("Sammanträden"),
                Column::sum("Arvoden"),
                Column::sum("Förlorad arbetsinkomst"),
                Column::sum("Resor"),
                Column::sum("Tillsammans"),
                Column::number("Mot 2024"),
            ],
            rows,
            total: Some(total),
        }),
        notes: words(&["Förlorad arbetsinkomst omfattar även förlorad pensions- och semesterförmån (§§ 4 och 5)."]),
    }
}

fn by_month() -> Section {
    let month = |at: i64, base: i64| Decimal::new((base + (at * 7 % 12) * 9_731) * if at == 6 { 20 } else { 100 }, 2);
    let series =
        |name: &str, base: i64| Series { name: name.to_owned(), values: (0..12).map(|at| month(at, base)).collect() };
    let plot = Plot {
        title: "Betalt per månad 2025, kronor".to_owned(),
        alternative:
            "Stående staplar, en för varje månad, delade på arvoden, förlorad arbetsinkomst och resor. Juli är lägst."
                .to_owned(),
        kind: PlotKind::Stacked,
        labels: words(&MONTHS),
        series: vec![series("Arvoden", 210_000), series("Förlorad arbetsinkomst", 31_000), series("Resor", 8_000)],
    };
    let rows = plot.labels.iter().enumerate().map(|(at, label)| {
        let cells = plot.series.iter().map(|series| Cell::Kronor(Ore::from_kronor(series.values[at])));
        [text(label)].into_iter().chain(cells).collect()
    });
    let sum = |series: &Series| Cell::Kronor(Ore::from_kronor(series.values.iter().sum()));
    Section {
        heading: "Månad för månad".to_owned(),
        sheet: "Månader".to_owned(),
        table: Some(Table {
            columns: vec![
                Column::text("Månad"),
                Column::sum("Arvoden"),
                Column::sum("Förlorad arbetsinkomst"),
                Column::sum("Resor"),
            ],
            rows: rows.collect(),
            total: Some([text("Året")].into_iter().chain(plot.series.iter().map(sum)).collect()),
        }),
        plot: Some(plot),
        ..Section::default()
    }
}

fn lost_income() -> Section {
    let row = |year: &str, claimed: i64, paid: i64, lapsed: Cell| {
        vec![text(year), Cell::Count(claimed / 90_000), Cell::Belopp(Ore(claimed)), Cell::Belopp(Ore(paid)), lapsed]
    };
    Section {
        heading: "Yrkanden på förlorad arbetsinkomst".to_owned(),
        sheet: "Förlorad arbetsinkomst".to_owned(),
        text: words(&["Ett yrkande ska lämnas inom ett år från sammanträdet (§ 16). Därefter faller rätten bort."]),
        plot: Some(Plot {
            title: "Yrkat och betalt, kronor".to_owned(),
            alternative: "Stående staplar i par för åren 2023 till 2025: yrkat och betalt belopp.".to_owned(),
            kind: PlotKind::Columns,
            labels: words(&["2023", "2024", "2025"]),
            series: vec![
                Series {
                    name: "Yrkat".to_owned(),
                    values: [48_102_050, 50_931_200, 52_330_075].map(|ore| Decimal::new(ore, 2)).into(),
                },
                Series {
                    name: "Betalt".to_owned(),
                    values: [46_998_000, 50_100_100, 51_208_875].map(|ore| Decimal::new(ore, 2)).into(),
                },
            ],
        }),
        table: Some(Table {
            columns: vec![
                Column::text("År"),
                Column::sum("Antal"),
                Column::sum("Yrkat"),
                Column::sum("Betalt"),
                Column::sum("Bortfallet"),
            ],
            rows: vec![
                row("2023", 48_102_050, 46_998_000, Cell::Belopp(Ore(320_000))),
                row("2024", 50_931_200, 50_100_100, Cell::Masked),
                row("2025", 52_330_075, 51_208_875, Cell::Belopp(Ore(621_200))),
            ],
            total: Some(
                row("Tillsammans", 151_363_325, 148_306_975, Cell::Masked)
                    .into_iter()
                    .enumerate()
                    .map(|(at, cell)| if at == 1 { Cell::Count(534 + 565 + 581) } else { cell })
                    .collect(),
            ),
        }),
        notes: words(&["– Beloppet visas inte, därför att färre än tre personer står bakom det."]),
    }
}

/// Wide and long: it breaks over pages.
fn by_person() -> Section {
    let person = |at: i64| {
        let organ = ORGAN[usize::try_from(at % 10).unwrap()];
        vec![
            text(&format!("A{:04}", 1000 + at)),
            text(organ),
            text(if at % 7 == 0 { "Ordförande" } else { "Ledamot" }),
            Cell::Day(day("2025-01-01")),
            Cell::Number(Decimal::new(1_150 + at * 25, 2), 2),
            Cell::Belopp(Ore(1_200_000 + at * 31_700)),
            Cell::Belopp(Ore(90_000 + at * 1_900)),
            Cell::Number(Decimal::new(120 + at * 7, 1), 1),
            Cell::Belopp(Ore(30_000 + at * 775)),
            Cell::Belopp(Ore(1_320_000 + at * 34_375)),
        ]
    };
    let sum = |first: i64, more: i64| Cell::Belopp(Ore((0..60).map(|at| first + at * more).sum()));
    Section {
        heading: "Bilaga: person för person".to_owned(),
        sheet: "Person för person".to_owned(),
        table: Some(Table {
            columns: vec![
                Column::text("Anst.nr"),
                Column::text("Organ"),
                Column::text("Uppdrag"),
                Column::text("Från"),
                Column::sum("Timmar"),
                Column::sum("Arvoden"),
                Column::sum("Förlorad arbetsinkomst"),
                Column::sum("Mil"),
                Column::sum("Resor"),
                Column::sum("Tillsammans"),
            ],
            rows: (0..60).map(person).collect(),
            total: Some(vec![
                text("Tillsammans"),
                Cell::Blank,
                Cell::Blank,
                Cell::Blank,
                Cell::Number((0..60).map(|at| Decimal::new(1_150 + at * 25, 2)).sum(), 2),
                sum(1_200_000, 31_700),
                sum(90_000, 1_900),
                Cell::Number((0..60).map(|at| Decimal::new(120 + at * 7, 1)).sum(), 1),
                sum(30_000, 775),
                sum(1_320_000, 34_375),
            ]),
        }),
        ..Section::default()
    }
}

/// Words that a careless program takes for something else, and figures at the edges.
pub fn crooked() -> Report {
    let evil = "=HYPERLINK(\"http://exempel.invalid\";\"x\")";
    Report {
        kommun: "Å & B <kommun>".to_owned(),
        title: "Rapport & \"prov\" <b>".to_owned(),
        subtitle: "+1+1 #let x = [*fet*] $x$ @ref \\ `kod`".to_owned(),
        made_on: Some(day("2024-02-29")),
        is_example: true,
        summary: vec!["-1 är inte en formel; #panic(\"nej\")".to_owned()],
        sections: vec![
            Section {
                heading: "@SUM(1+1)".to_owned(),
                sheet: "Ett/namn: som [inte] går * att ha? i Excel alls".to_owned(),
                text: vec!["</style><script>alert(1)</script>".to_owned()],
                plot: Some(Plot {
                    title: "Förändring <&> kr".to_owned(),
                    alternative: "Över och under \"noll\"".to_owned(),
                    kind: PlotKind::Stacked,
                    labels: words(&["=a", "b"]),
                    series: vec![
                        Series { name: "=ett".to_owned(), values: vec![Decimal::new(-1250, 2), Decimal::new(31, 0)] },
                        Series { name: "två".to_owned(), values: vec![Decimal::new(-5, 0), Decimal::ZERO] },
                    ],
                }),
                table: Some(Table {
                    columns: vec![
                        Column::text("=Vad"),
                        Column::sum("Belopp"),
                        Column::number("När"),
                        Column::number("%"),
                    ],
                    rows: vec![
                        vec![
                            text(evil),
                            Cell::Belopp(Ore(10)),
                            Cell::Day(day("1899-12-31")),
                            Cell::Percent(Decimal::new(-35, 1)),
                        ],
                        vec![
                            text("\t=1+1"),
                            Cell::Belopp(Ore(20)),
                            Cell::Day(day("2024-02-29")),
                            Cell::Percent(Decimal::new(125, 3)),
                        ],
                        vec![
                            text("-2+3\u{1}\u{7}slut"),
                            Cell::Belopp(Ore(-900_719_925_474_000)),
                            Cell::Blank,
                            Cell::Masked,
                        ],
                        vec![
                            text("@x\r\n_x0041_"),
                            Cell::Kronor(Ore(49)),
                            Cell::Number(Decimal::new(-12345, 4), 4),
                            Cell::Count(-7),
                        ],
                    ],
                    total: Some(vec![
                        text("+Summa"),
                        Cell::Belopp(Ore(-900_719_925_473_921)),
                        Cell::Blank,
                        Cell::Blank,
                    ]),
                }),
                notes: vec!["=not".to_owned()],
            },
            Section {
                heading: "Lång 漢字 \u{e000} \u{202e}bakvänt \u{1f600}".to_owned(),
                sheet: "ett/Namn: som [inte] går * att ha? i Excel alls".to_owned(),
                text: vec!["å".repeat(40_000)],
                table: Some(Table {
                    columns: vec![Column::sum("Tomt")],
                    rows: vec![],
                    total: Some(vec![Cell::Belopp(Ore::ZERO)]),
                }),
                ..Section::default()
            },
            Section { heading: "Om rapporten".to_owned(), ..Section::default() },
        ],
        sources: vec!["=källa".to_owned()],
    }
}
