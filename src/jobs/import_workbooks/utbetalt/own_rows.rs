//! Which row of ours payroll speaks of: by the batch and the row's number, else by lönart, day and amount.

use std::collections::HashSet;

use super::{Books, Payments, Told};
use crate::domain::{Betalning, Occasion, folded, shown};
use crate::jobs::import_workbooks::people::problem;
use crate::money::swedish;
use crate::ports::{Problem, StoredRow};

/// What a row of Utbetalt speaks of.
pub(super) enum Answer<'a> {
    /// A row of ours, as it was sent.
    Row(&'a StoredRow),
    /// A row of ours, paid otherwise than it was sent.
    Changed(&'a StoredRow),
    /// No row of ours.
    External,
    /// A row of ours that cannot be found.
    Unfit(Problem),
}

/// The answer for each row of a file. Rows that name theirs go first, then rows that fit wholly; no row of ours is
/// spoken of twice.
pub(super) fn find<'a>(told: &[Told], books: &'a Books, payments: &Payments) -> Vec<Answer<'a>> {
    let mut taken = HashSet::new();
    let mut answers: Vec<Option<Answer<'a>>> = told.iter().map(|_| None).collect();
    for by in [named, wholly, partly] {
        for (one, answer) in told.iter().zip(&mut answers) {
            if answer.is_none() && matches!(one.paid.status, Betalning::Utbetald | Betalning::Avvisad) {
                *answer = by(one, books, payments, &mut taken);
            }
        }
    }
    let rest = |(answer, one): (Option<Answer<'a>>, &Told)| answer.unwrap_or_else(|| without_row(one));
    answers.into_iter().zip(told).map(rest).collect()
}

type Taken = HashSet<i64>;

/// By Körning and Rad.
fn named<'a>(one: &Told, books: &'a Books, _: &Payments, taken: &mut Taken) -> Option<Answer<'a>> {
    let (batch, postid) = one.named?;
    let found = books.rows_of(&one.paid).iter().find(|row| (row.batch, row.row.postid) == (batch, postid));
    let unfit = |wrong: String| {
        let instead = "kontrollera Körning, Rad, Utbetalningsmånad, person och Lönart mot lönefilen";
        Some(Answer::Unfit(problem("Rad", &wrong, instead)))
    };
    let Some(row) = found.filter(|row| is_lonart(row, one)) else {
        return unfit(format!("personen har ingen rad {postid} med lönart {} i {batch}", shown(&one.paid.lonart)));
    };
    if !taken.insert(row.id) {
        return unfit(format!("raden {batch} rad {postid} står två gånger i filen"));
    }
    Some(if one.paid.status == Betalning::Avvisad || is_as_sent(row, one) {
        Answer::Row(row)
    } else {
        Answer::Changed(row)
    })
}

/// By lönart, day and all that the row says of its amount. A row that says no amount must have a single one to speak of.
fn wholly<'a>(one: &Told, books: &'a Books, _: &Payments, taken: &mut Taken) -> Option<Answer<'a>> {
    let is_refused = one.paid.status == Betalning::Avvisad;
    let says_same = |row: &&StoredRow| {
        one.belopp.is_none_or(|belopp| belopp == row.row.belopp) && (is_refused || is_as_sent(row, one))
    };
    let found: Vec<&StoredRow> = candidates(one, books, taken).into_iter().filter(says_same).collect();
    match found.as_slice() {
        [] => None,
        [_, _, ..] if one.belopp.is_none() => Some(Answer::Unfit(several(one, found.len()))),
        [row, ..] => {
            taken.insert(row.id);
            Some(Answer::Row(row))
        }
    }
}

/// By lönart and day alone: payroll paid something else than it got. A payment that is known already is none of ours.
fn partly<'a>(one: &Told, books: &'a Books, payments: &Payments, taken: &mut Taken) -> Option<Answer<'a>> {
    if one.paid.status != Betalning::Utbetald || one.paid.day.is_none() || payments.is_known(&one.paid) {
        return None;
    }
    let belopp = one.belopp?;
    let is_alike = |row: &&StoredRow| (row.row.belopp < crate::money::Ore::ZERO) == (belopp < crate::money::Ore::ZERO);
    let found = candidates(one, books, taken).into_iter().filter(is_alike);
    let row = found.min_by_key(|row| row.row.belopp != belopp)?;
    taken.insert(row.id);
    Some(Answer::Changed(row))
}

/// Rows of the person, lönart, day and meeting that nothing in the file speaks of yet.
fn candidates<'a>(one: &Told, books: &'a Books, taken: &Taken) -> Vec<&'a StoredRow> {
    let is_of_meeting = |row: &StoredRow| match (&row.row.occasion, one.paid.meeting) {
        (Occasion::Meeting(meeting), Some(named)) => books.aliases.meeting(*meeting) == books.aliases.meeting(named),
        _ => true,
    };
    let is_meant = |row: &&StoredRow| {
        let is_of_day = one.paid.day.is_none_or(|day| day == row.row.day);
        is_of_day && is_lonart(row, one) && is_of_meeting(row) && !taken.contains(&row.id)
    };
    books.rows_of(&one.paid).iter().filter(is_meant).collect()
}

fn is_lonart(row: &StoredRow, one: &Told) -> bool {
    let wanted = folded(&one.paid.lonart);
    let lonkod = row.row.lonkod.as_deref().unwrap_or_default();
    folded(&row.row.lonart) == wanted || (!lonkod.is_empty() && folded(lonkod) == wanted)
}

fn is_as_sent(row: &StoredRow, one: &Told) -> bool {
    one.belopp.is_none_or(|belopp| belopp == row.row.belopp)
        && one.paid.antal.is_none_or(|antal| antal == row.row.antal)
        && one.paid.apris.is_none_or(|apris| apris == row.row.apris)
}

fn without_row<'a>(one: &Told) -> Answer<'a> {
    if one.paid.status != Betalning::Avvisad {
        return Answer::External;
    }
    let wrong = format!("ingen rad som lönesystemet har fått svarar mot den avvisade: {}", sought(one));
    let instead = "skriv raden som den stod i lönefilen, gärna med Körning och Rad";
    Answer::Unfit(problem("Lönart", &wrong, instead))
}

fn several(one: &Told, count: usize) -> Problem {
    let wrong = format!("{count} rader kan vara den som menas: {}", sought(one));
    problem("Belopp", &wrong, "skriv Belopp, eller Körning och Rad")
}

fn sought(one: &Told) -> String {
    let day = one.paid.day.map(|day| format!(", {day}")).unwrap_or_default();
    let belopp = one.belopp.map(|belopp| format!(", {}", swedish(belopp))).unwrap_or_default();
    format!("{}, lönart {}{day}{belopp}", one.paid.payout, shown(&one.paid.lonart))
}
