use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::calendar::Month;
use crate::money::{Ore, swedish};
use crate::regelverk::Tripwires;

/// What is measured of a batch before it may be frozen.
#[derive(Clone, Debug, Default)]
pub struct Measure {
    /// Accrual months of its rows.
    pub months: BTreeSet<Month>,
    /// Its sum.
    pub sum: Ore,
    /// Its rows.
    pub rows: usize,
    /// Reversals among them.
    pub reversals: usize,
    /// Persons who become net negative.
    pub negative_persons: usize,
    /// It is a recalculation: reversals are its purpose.
    pub recalculation: bool,
    /// Sums of the monthly batches of the last twelve months.
    pub earlier_sums: Vec<Ore>,
}

/// Months of history before a sum can be called unusual.
const FEWEST_MONTHS: usize = 6;

/// Why the batch must wait for a person's yes, in Swedish; empty if it need not.
pub fn tripped(wires: &Tripwires, batch: &Measure) -> Vec<String> {
    let mut reasons = Vec::new();
    if batch.months.len() > wires.months_touched {
        let (count, limit) = (batch.months.len(), wires.months_touched);
        reasons.push(format!("körningen rör {count} intjänandemånader (spärr: {limit})"));
    }
    if let Some(median) = median(&batch.earlier_sums) {
        let limit = median.kronor().checked_mul(wires.sum_factor).unwrap_or(Decimal::MAX);
        if batch.sum.abs().kronor() > limit {
            let (sum, median, factor) = (swedish(batch.sum), swedish(median), wires.sum_factor.normalize());
            reasons.push(format!("summan {sum} är mer än {factor} gånger medianen {median} (spärr)"));
        }
    }
    if batch.negative_persons > wires.negative_persons {
        let (count, limit) = (batch.negative_persons, wires.negative_persons);
        reasons.push(format!("{count} personer skulle bli skyldiga pengar (spärr: {limit})"));
    }
    let share = batch.reversals * 100;
    if !batch.recalculation
        && batch.reversals >= wires.reversed_rows_from
        && share > wires.reversed_percent * batch.rows
    {
        let (reversals, rows, limit) = (batch.reversals, batch.rows, wires.reversed_percent);
        reasons.push(format!("{reversals} av {rows} rader är rättelser (spärr: {limit} %)"));
    }
    reasons
}

fn median(sums: &[Ore]) -> Option<Ore> {
    if sums.len() < FEWEST_MONTHS {
        return None;
    }
    let mut sorted: Vec<Ore> = sums.iter().map(|sum| sum.abs()).collect();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    let two = sorted.get(middle.checked_sub(1)?).zip(sorted.get(middle));
    let (lower, upper) = two?;
    Some(if sorted.len() % 2 == 1 { *upper } else { Ore((lower.0 + upper.0) / 2) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch() -> Measure {
        let months = (1..=2).filter_map(|month| Month::new(2026, month)).collect();
        let earlier_sums = vec![Ore(100), Ore(300), Ore(200), Ore(100), Ore(200), Ore(300)];
        Measure { months, sum: Ore(400), rows: 1_000, reversals: 300, earlier_sums, ..Measure::default() }
    }

    #[test]
    fn an_ordinary_batch_trips_nothing() {
        assert_eq!(tripped(&Tripwires::default(), &batch()), Vec::<String>::new());
    }

    #[test]
    fn each_wire_on_its_far_side() {
        let check = |change: fn(&mut Measure), words: &str| {
            let mut batch = batch();
            change(&mut batch);
            let reasons = tripped(&Tripwires::default(), &batch);
            assert!(reasons.len() == 1 && reasons[0].contains(words), "{reasons:?}");
        };
        check(
            |batch| batch.months = (1..=14).map(|months| Month::new(2026, 1).unwrap().plus(months)).collect(),
            "14 intjänandemånader",
        );
        check(|batch| batch.sum = Ore(401), "medianen");
        check(|batch| batch.negative_persons = 6, "6 personer");
        check(|batch| batch.reversals = 301, "301 av 1000");
    }

    #[test]
    fn few_reversals_and_a_short_history_are_everyday() {
        let small = Measure { rows: 60, reversals: 49, earlier_sums: vec![Ore(1)], ..batch() };
        assert_eq!(tripped(&Tripwires::default(), &small), Vec::<String>::new());
    }
}
