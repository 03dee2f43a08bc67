//! When money goes out: the first month, the lag by kind, cut-off and pay day, and what stops a batch for a person's yes.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::reader::Table;
use crate::calendar::{Clock, Day, Month, bank_day_at_or_before, bank_days_before, days_later};
use crate::domain::LineKind;

/// `lonekalender.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lonekalender {
    /// Nothing that was earned before it is owed, but claims.
    pub forsta_manad: Option<Month>,
    /// Months from accrual to payout, by kind; 1 where nothing is said.
    pub lag: BTreeMap<LineKind, i32>,
    /// Day of the month after which nothing more goes into its batch.
    pub brytdag: u32,
    /// Day of the month when it is paid.
    pub utbetalningsdag: u32,
    /// Bank days before the cut-off on which the batch is worked out, so that it can be attested.
    pub berakning_bankdagar_fore: u32,
    /// Months that differ: cut-off and pay day.
    pub manader: BTreeMap<Month, (Day, Day)>,
    /// Times of the day at which the program does a job, where the kommun wants others than its own, in order.
    pub klockslag: BTreeMap<&'static str, Vec<Clock>>,
    /// What stops a batch.
    pub tripwires: Tripwires,
}

/// A batch beyond one of these waits for a person's yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tripwires {
    /// Accrual months that the batch touches.
    pub months_touched: usize,
    /// The sum against the median of the last twelve months, as a factor; asked once there are six to compare with.
    pub sum_factor: Decimal,
    /// Persons who become net negative.
    pub negative_persons: usize,
    /// Share of rows that are reversals, per cent; asked from `reversed_rows_from` reversals on.
    pub reversed_percent: usize,
    /// Fewer reversals than this are everyday.
    pub reversed_rows_from: usize,
}

impl Default for Tripwires {
    fn default() -> Tripwires {
        Tripwires {
            months_touched: 13,
            sum_factor: Decimal::TWO,
            negative_persons: 5,
            reversed_percent: 30,
            reversed_rows_from: 50,
        }
    }
}

/// The jobs of the timetable, whose times a kommun may move.
pub const TIMED_JOBS: [&str; 14] = [
    "verify_and_backup",
    "sync_diarium",
    "calculate_month",
    "close_month",
    "watch_rates",
    "flag_deadlines",
    "remind_missing_lists",
    "remind_attest",
    "monthly_letter",
    "briefing_list",
    "accrual_list",
    "arvodesbesked",
    "follow_up",
    "gallring",
];

/// Bank days between the batch and its cut-off where nothing is said.
const BERAKNING_BANKDAGAR_FORE: u32 = 5;

impl Default for Lonekalender {
    fn default() -> Lonekalender {
        Lonekalender {
            forsta_manad: None,
            lag: BTreeMap::new(),
            brytdag: 0,
            utbetalningsdag: 0,
            berakning_bankdagar_fore: BERAKNING_BANKDAGAR_FORE,
            manader: BTreeMap::new(),
            klockslag: BTreeMap::new(),
            tripwires: Tripwires::default(),
        }
    }
}

impl Lonekalender {
    /// Months from accrual to payout.
    pub fn lag(&self, kind: LineKind) -> i32 {
        self.lag.get(&kind).copied().unwrap_or(1)
    }

    /// The last day that facts may come in for a payout month; a day off moves to the bank day before.
    pub fn cut_off(&self, payout: Month) -> Day {
        self.manader.get(&payout).map_or_else(|| bank_day_before(payout, self.brytdag), |(cut_off, _)| *cut_off)
    }

    /// The day on which a payout month's batch is worked out.
    pub fn calculation(&self, payout: Month) -> Day {
        bank_days_before(self.cut_off(payout), self.berakning_bankdagar_fore)
    }

    /// The payout month whose batch is worked out on a day.
    pub fn calculated_on(&self, day: Day) -> Option<Month> {
        self.payout_where(day, |payout| self.calculation(payout) == day)
    }

    /// The last payout month whose batch is worked out by a day: its own day has come, whatever became of it then.
    pub fn last_calculated(&self, day: Day) -> Option<Month> {
        let near = (-1..=2).rev().map(|months| Month::of(day).plus(months));
        near.filter(|payout| self.forsta_manad.is_none_or(|first| first <= *payout))
            .find(|payout| self.calculation(*payout) <= day)
    }

    /// The payout month whose cut-off is a day.
    pub fn cut_off_on(&self, day: Day) -> Option<Month> {
        self.payout_where(day, |payout| self.cut_off(payout) == day)
    }

    /// The month of this program whose time is about a day.
    fn payout_where(&self, day: Day, is_it: impl Fn(Month) -> bool) -> Option<Month> {
        let near = (-1..=2).map(|months| Month::of(day).plus(months));
        near.filter(|payout| self.forsta_manad.is_none_or(|first| first <= *payout)).find(|payout| is_it(*payout))
    }

    /// The day the money is there.
    pub fn pay_day(&self, payout: Month) -> Day {
        self.manader.get(&payout).map_or_else(|| bank_day_before(payout, self.utbetalningsdag), |(_, pay)| *pay)
    }

    pub(super) fn read(&mut self, table: &Table<'_>) {
        if let Some(month) = table.text("forsta_manad") {
            match month.parse() {
                Ok(month) => self.forsta_manad = Some(month),
                Err(_) => table.wrong("forsta_manad", &format!("\"{month}\""), "a month such as \"2026-11\""),
            }
        }
        for (key, place) in [("brytdag", &mut self.brytdag), ("utbetalningsdag", &mut self.utbetalningsdag)] {
            if let Some(day) = table.whole(key) {
                match u32::try_from(day) {
                    Ok(day @ 1..=28) => *place = day,
                    _ => table.wrong(key, &format!("`{day}`"), "a day of the month from 1 to 28"),
                }
            }
        }
        if let Some(days) = table.whole("berakning_bankdagar_fore") {
            match u32::try_from(days) {
                Ok(days @ 1..=15) => self.berakning_bankdagar_fore = days,
                _ => table.wrong(
                    "berakning_bankdagar_fore",
                    &format!("`{days}`"),
                    "1 to 15 bank days before the cut-off",
                ),
            }
        }
        table.table("lag", |lag| {
            for kind in LineKind::all() {
                if let Some(months) = lag.whole(kind.name()) {
                    match i32::try_from(months) {
                        Ok(months @ 0..=12) => drop(self.lag.insert(kind, months)),
                        _ => lag.wrong(kind.name(), &format!("`{months}`"), "0 to 12 months"),
                    }
                }
            }
        });
        table.tables("manad", |month| {
            let of = month.required_month("manad");
            let days = month.required_day("brytdag").zip(month.required_day("utbetalningsdag"));
            if let Some((of, (cut_off, pay))) = of.zip(days) {
                if cut_off > pay {
                    month.wrong(
                        "brytdag",
                        &format!("a cut-off {cut_off} after the pay day {pay}"),
                        "a day before the pay day",
                    );
                }
                self.manader.insert(of, (cut_off, pay));
            }
        });
        table.table("klockslag", |times| self.read_times(times));
        table.table("sparrar", |wires| self.tripwires.read(wires));
    }
}

impl Lonekalender {
    fn read_times(&mut self, table: &Table<'_>) {
        for job in TIMED_JOBS {
            let texts = table.one_or_more_texts(job);
            let mut times = Vec::new();
            for text in &texts {
                match Clock::parse_from_str(text, "%H:%M") {
                    Ok(time) => times.push(time),
                    Err(_) => table.wrong(job, &format!("\"{text}\""), "a time such as \"07:00\", or a list of them"),
                }
            }
            times.sort_unstable();
            times.dedup();
            if !times.is_empty() {
                self.klockslag.insert(job, times);
            }
        }
    }
}

impl Tripwires {
    fn read(&mut self, table: &Table<'_>) {
        let whole = |key| table.whole(key).and_then(|number| usize::try_from(number).ok());
        self.months_touched = whole("manader").unwrap_or(self.months_touched);
        self.sum_factor = table.decimal("summa_faktor").unwrap_or(self.sum_factor);
        self.negative_persons = whole("negativa_personer").unwrap_or(self.negative_persons);
        self.reversed_percent = whole("andel_rattelser_procent").unwrap_or(self.reversed_percent);
        self.reversed_rows_from = whole("rattelser_minst").unwrap_or(self.reversed_rows_from);
    }
}

fn bank_day_before(month: Month, day_of_month: u32) -> Day {
    bank_day_at_or_before(days_later(month.first(), i64::from(day_of_month.clamp(1, 28)) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_off_on_a_day_off_moves_to_the_bank_day_before() {
        let kalender = Lonekalender { brytdag: 15, utbetalningsdag: 27, ..Lonekalender::default() };
        let month = "2026-11".parse().unwrap();
        assert_eq!(kalender.cut_off(month), "2026-11-13".parse::<Day>().unwrap());
        assert_eq!(kalender.pay_day(month), "2026-11-27".parse::<Day>().unwrap());
    }
}
