//! `accruals`: a year's end for the accounts, on a screen, as JSON or as a workbook.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::Ended;
use super::batches::progress;
use super::kommun::Kommun;
use super::show::{amount, table};
use crate::adapters::excel::{AccrualRow, accruals_workbook, write_accruals};
use crate::calendar::{Day, Month};
use crate::domain::Fault;
use crate::jobs::accruals::{Accruals, Amounts, Key, Unpaid, accruals as work_out};
use crate::money::{Ore, swedish};
use crate::ports::Clock;
use crate::regelverk::Loaded;

pub(super) async fn accruals(
    kommun: &mut Kommun,
    year: i32,
    to: Option<PathBuf>,
    by_person: bool,
    as_known_on: Option<Day>,
) -> Result<Ended, Fault> {
    let (loaded, known) = kommun.as_known_on(as_known_on).await?;
    let today = kommun.clock.today();
    let bar = progress("personer räknade");
    let mut step = |persons: usize| bar.inc(persons as u64);
    let found = work_out(&mut kommun.db, &loaded, year, today, known, &mut step).await?;
    bar.finish_and_clear();
    let list = List { found: &found, loaded: &loaded, year, known_on: as_known_on.unwrap_or(today) };
    if let Some(file) = &to {
        write_accruals(file, &list.title(), &list.notes(), &list.rows())?;
    }
    if kommun.json {
        say!("{}", list.json(by_person));
    } else {
        list.tell();
    }
    Ok(Ended::Done)
}

/// A year's end as people read it.
pub(super) struct List<'a> {
    pub found: &'a Accruals,
    pub loaded: &'a Loaded,
    pub year: i32,
    pub known_on: Day,
}

impl List<'_> {
    fn title(&self) -> String {
        format!("Upplupna arvoden och ersättningar {}-12-31, kända {}", self.year, self.known_on)
    }

    fn notes(&self) -> [String; 2] {
        let days: Vec<String> = (1..=12)
            .filter_map(|month| Month::new(self.year, month))
            .map(|month| self.loaded.lonekalender.pay_day(month).to_string())
            .collect();
        [
            format!("Betalt räknas på utbetalningsdagen (lonekalender.toml): {}", days.join(", ")),
            "Betalt under året + upplupet vid årets slut - upplupet vid årets början = intjänat under året".to_owned(),
        ]
    }

    /// Organ, account and kind in words; the account is December's.
    fn texts(&self, (organ, kind): &Key) -> [String; 3] {
        let named = |code| self.loaded.regelverk.organ(code).map(|organ| organ.namn.clone());
        let organ = organ.as_ref().map(|code| named(code).unwrap_or_else(|| code.0.clone()));
        let december = Month::new(self.year, 12);
        let loneart = kind.zip(december).and_then(|(kind, month)| self.loaded.lonearter.of(kind, month));
        let kind = kind.map(|kind| kind.word().to_owned());
        [
            organ.unwrap_or_else(|| "okänt organ".to_owned()),
            loneart.map(|loneart| loneart.konto.to_string()).unwrap_or_default(),
            kind.unwrap_or_else(|| "okänt slag".to_owned()),
        ]
    }

    fn rows(&self) -> Vec<AccrualRow> {
        self.found.lines.iter().map(|(key, amounts)| self.row(key, amounts)).collect()
    }

    /// The list as it goes with a letter.
    pub fn workbook(&self) -> Result<Vec<u8>, Fault> {
        accruals_workbook(&self.title(), &self.notes(), &self.rows())
    }

    fn row(&self, key: &Key, amounts: &Amounts) -> AccrualRow {
        let Unpaid { going_out, in_advance, waiting, receivable } = amounts.end;
        AccrualRow {
            texts: self.texts(key),
            start: amounts.start.sum(),
            paid: amounts.paid,
            end: [going_out, in_advance, waiting, receivable],
            earned: amounts.earned,
            held: amounts.held,
        }
    }

    fn tell(&self) {
        say!("{}", self.title());
        let header = [
            "organ",
            "konto",
            "slag",
            "att betala",
            "väntar",
            "fordran",
            "upplupet",
            "hålls",
            "betalt i år",
            "intjänat",
        ];
        let mut rows = table(&header, &[3, 4, 5, 6, 7, 8, 9]);
        let total = ["tillsammans".to_owned(), String::new(), String::new()];
        let short = |key: &Key| {
            let [organ, konto, kind] = self.texts(key);
            [key.0.as_ref().map_or(organ, |code| code.0.clone()), konto, kind]
        };
        let lines = self.found.lines.iter().map(|(key, amounts)| (short(key), amounts));
        for (texts, amounts) in lines.chain([(total, &self.found.total)]) {
            let end = &amounts.end;
            let numbers = [
                end.going_out + end.in_advance,
                end.waiting,
                end.receivable,
                end.sum(),
                amounts.held,
                amounts.paid,
                amounts.earned,
            ];
            rows.add_row(texts.into_iter().chain(numbers.map(amount)));
        }
        say!("{rows}");
        let total = &self.found.total;
        say!("Avstämning: betalt {} + upplupet vid årets slut {}", swedish(total.paid), swedish(total.end.sum()));
        say!("  - upplupet vid årets början {} = intjänat {}", swedish(total.start.sum()), swedish(total.earned));
        say!("Betalt räknas på utbetalningsdagen. Det som hålls är intjänat först när det beviljas.");
        if self.loaded.example {
            say!("Beloppen är exempelbilagans.");
        }
    }

    fn json(&self, by_person: bool) -> Value {
        let persons = self
            .found
            .persons
            .iter()
            .map(|person| json!({ "anstid": person.anstid, "lines": self.lines_json(&person.lines) }));
        let persons: Option<Vec<Value>> = by_person.then(|| persons.collect());
        json!({
            "year": self.year,
            "known_on": self.known_on,
            "lines": self.lines_json(&self.found.lines),
            "total": amounts_json(&self.found.total),
            "persons": persons,
            "example": self.loaded.example,
        })
    }

    fn lines_json(&self, lines: &BTreeMap<Key, Amounts>) -> Vec<Value> {
        let line = |(key, amounts): (&Key, &Amounts)| {
            let [_, konto, what] = self.texts(key);
            let mut object = amounts_json(amounts);
            object["organ"] = json!(key.0);
            object["konto"] = json!(konto);
            object["kind"] = json!(key.1.map(crate::domain::LineKind::name));
            object["what"] = json!(what);
            object
        };
        lines.iter().map(line).collect()
    }
}

fn amounts_json(amounts: &Amounts) -> Value {
    let text = |ore: Ore| ore.to_string();
    let unpaid = |unpaid: &Unpaid| {
        json!({
            "going_out": text(unpaid.going_out),
            "in_advance": text(unpaid.in_advance),
            "waiting": text(unpaid.waiting),
            "receivable": text(unpaid.receivable),
            "sum": text(unpaid.sum()),
        })
    };
    json!({
        "start": unpaid(&amounts.start),
        "paid": text(amounts.paid),
        "end": unpaid(&amounts.end),
        "earned": text(amounts.earned),
        "held": text(amounts.held),
    })
}
