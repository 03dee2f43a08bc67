//! How and when the kommun takes a base's new value over: `[[galler_fran]]` and `[[freeze]]`, resolved once into the days
//! from which the values apply.

use std::collections::{BTreeMap, BTreeSet};

use super::reader::{Errors, Table, Wrong};
use super::{Dated, Regelverk, Series};
use crate::calendar::{Day, Month};

/// When a base's new value applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// From the value's own first day.
    SameDay,
    /// From the first day of the month after the decision, never before the value's own first day.
    MonthAfterDecision,
    /// From the next such day of a year (month, day) on or after both the value's first day and its decision.
    FixedDay(u32, u32),
}

/// A stretch of days in which no new value takes effect.
#[derive(Clone, Debug)]
struct Freeze {
    from: Day,
    to: Day,
    reference: String,
}

/// What the files say of it, by base.
#[derive(Default)]
pub struct Takeover {
    takes: BTreeMap<String, Vec<(Day, Takes, String)>>,
    freezes: BTreeMap<String, Vec<Freeze>>,
}

impl Takeover {
    /// A row of `[[galler_fran]]`.
    pub fn read_galler_fran(&mut self, row: &Table<'_>) {
        const HOW: [(&str, Option<Takes>); 3] = [
            ("same_day", Some(Takes::SameDay)),
            ("month_after_decision", Some(Takes::MonthAfterDecision)),
            ("fixed_day", None),
        ];
        let (bas, how) = (row.required_text("bas"), row.required_choice("takes_effect", &HOW));
        let fixed = fixed_day(row, how == Some(None));
        let when = row.required_day("from").zip(row.required_text("reference"));
        let takes = how.and_then(|how| how.or(fixed));
        let (Some((bas, takes)), Some((from, reference))) = (bas.zip(takes), when) else { return };
        let rows = self.takes.entry(bas).or_default();
        if rows.iter().any(|(other, ..)| *other == from) {
            row.wrong(
                "from",
                &format!("a second [[galler_fran]] for the base from {from}"),
                "one per base and first day",
            );
        }
        rows.push((from, takes, reference));
        rows.sort_by_key(|(from, ..)| *from);
    }

    /// A row of `[[freeze]]`.
    pub fn read_freeze(&mut self, row: &Table<'_>) {
        let days = row.required_day("from").zip(row.required_day("to"));
        let texts = row.required_text("bas").zip(row.required_text("reference"));
        let Some(((from, to), (bas, reference))) = days.zip(texts) else { return };
        if to < from {
            row.wrong("to", &format!("`{to}`, before its `from` {from}"), "the last day of the freeze");
            return;
        }
        let freezes = self.freezes.entry(bas).or_default();
        if let Some(other) = freezes.iter().find(|other| other.from <= to && from <= other.to) {
            let found = format!("a freeze that overlaps the one from {} to {}", other.from, other.to);
            row.wrong("from", &found, "periods of one base that do not overlap");
        }
        freezes.push(Freeze { from, to, reference });
        freezes.sort_by_key(|freeze| freeze.from);
    }

    /// Moves each value of the bases named to the day from which the kommun pays by it; the decision stays as it is and
    /// the reference says what moved it.
    pub fn resolve(&self, rules: &mut Regelverk, errors: &Errors) {
        let named: BTreeSet<&String> = self.takes.keys().chain(self.freezes.keys()).collect();
        for bas in named {
            if let Some(series) = rules.bas.get_mut(bas) {
                *series = self.moved(bas, series, errors);
            } else if bas == super::RIKSDAGSARVODE && !rules.riksdagsarvode.is_empty() {
                rules.riksdagsarvode = self.moved(bas, &rules.riksdagsarvode, errors);
            } else {
                let found = format!("[[galler_fran]] or [[freeze]] for \"{bas}\"");
                refuse(errors, found, "a base with values of its own: riksdagsarvode or a [[bas]]".to_owned());
            }
        }
    }

    fn moved<T: Clone>(&self, bas: &str, series: &Series<T>, errors: &Errors) -> Series<T> {
        let all: Vec<(Day, Dated<T>)> =
            series.iter().map(|dated| (dated.from, self.effective(bas, dated, errors))).collect();
        let mut result = Series::default();
        for (from, dated) in &all {
            let is_superseded = |(other_from, other): &(Day, Dated<T>)| {
                other_from > from && other.from <= dated.from && other.decided_on <= dated.decided_on
            };
            if !all.iter().any(is_superseded) {
                result.add(dated.clone());
            }
        }
        result
    }

    /// A value with the day from which the kommun pays by it.
    fn effective<T: Clone>(&self, bas: &str, dated: &Dated<T>, errors: &Errors) -> Dated<T> {
        let takes = self.takes.get(bas).into_iter().flatten().rev().find(|(from, ..)| *from <= dated.from);
        let mut moved = dated.clone();
        if let Some((_, takes, reference)) = takes {
            if *takes == Takes::MonthAfterDecision && dated.decided_on == dated.from {
                let found = format!("the value of {bas} from {} without a day of decision of its own", dated.from);
                refuse(errors, found, "`decided_on`: the kommun takes it over the month after the decision".to_owned());
            }
            moved.put_off(takes.day(dated), reference);
        }
        for freeze in self.freezes.get(bas).into_iter().flatten() {
            if (freeze.from..=freeze.to).contains(&moved.from) {
                moved.put_off(crate::calendar::days_later(freeze.to, 1), &freeze.reference);
            }
        }
        moved
    }
}

impl<T> Dated<T> {
    fn put_off(&mut self, to: Day, because: &str) {
        if to != self.from {
            self.reference = format!("{}; i stället för från {}: {because}", self.reference, self.from);
            self.from = to;
        }
    }
}

impl Takes {
    fn day<T>(self, dated: &Dated<T>) -> Day {
        match self {
            Takes::SameDay => dated.from,
            Takes::MonthAfterDecision => dated.from.max(Month::of(dated.decided_on).plus(1).first()),
            Takes::FixedDay(month, day) => {
                let earliest = dated.from.max(dated.decided_on);
                let year = Month::of(earliest).year();
                let of_year = |year| Day::from_ymd_opt(year, month, day);
                let candidates = [of_year(year), of_year(year.saturating_add(1))];
                candidates.into_iter().flatten().find(|day| *day >= earliest).unwrap_or(earliest)
            }
        }
    }
}

/// `fixed_day = "01-01"`, which goes with its `takes_effect` and no other.
fn fixed_day(row: &Table<'_>, is_wanted: bool) -> Option<Takes> {
    const ALLOWED: &str = "a month and day of every year, such as \"01-01\"";
    let text = row.text("fixed_day");
    if !is_wanted {
        if text.is_some() {
            row.wrong("fixed_day", "`fixed_day` with another `takes_effect`", "`takes_effect = \"fixed_day\"`");
        }
        return None;
    }
    let parts = text.as_deref().and_then(|text| text.split_once('-'));
    let numbers = parts.and_then(|(month, day)| Some((month.parse().ok()?, day.parse().ok()?)));
    // 2023 is no leap year: a day that only some years have is none.
    let found = numbers.filter(|(month, day)| Day::from_ymd_opt(2023, *month, *day).is_some());
    if found.is_none() {
        row.wrong("fixed_day", &text.map_or("no `fixed_day`".to_owned(), |text| format!("\"{text}\"")), ALLOWED);
    }
    found.map(|(month, day)| Takes::FixedDay(month, day))
}

fn refuse(errors: &Errors, found: String, allowed: String) {
    errors.add(Wrong { file: "config/regelverk/".to_owned(), line: 0, column: 0, found, allowed });
}
