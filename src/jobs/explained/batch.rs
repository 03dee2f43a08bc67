//! A batch as it was asked for, and what its rows are for, in words.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::{Fault, Meeting, MeetingId, Occasion};
use crate::jobs::calculate::Question;
use crate::ledger::{Batch, BatchRow};
use crate::ports::Store;

/// Rows read from the database together.
const ROWS_TOGETHER: u32 = 2_000;

/// Why a row is taken back where no decision is behind it.
pub const FACTS_CHANGED: &str = "uppgifterna har ändrats sedan dess";

/// Why rows of a batch take earlier rows back.
pub fn cause_of(batch: &Batch) -> String {
    batch.because.as_ref().map_or_else(|| FACTS_CHANGED.to_owned(), |decision| format!("ändrade regler: {decision}"))
}

/// The question that a batch answered, with each step told.
pub fn question_of(id: i64, batch: &Batch) -> Question {
    Question {
        payout: batch.name.payout,
        horizon: batch.name.payout,
        facts_up_to: batch.facts_up_to,
        claims_until: batch.frozen_on,
        pins_up_to: id,
        booked_up_to: id - 1,
        repinned_from: None,
        explain: true,
        only: None,
    }
}

/// The rows of a batch, or the one that is wanted.
///
/// # Errors
/// The database.
pub async fn stored_rows(store: &mut impl Store, id: i64, wanted: Option<u32>) -> Result<Vec<BatchRow>, Fault> {
    if let Some(postid) = wanted {
        let rows = store.rows(id, postid, 1).await?;
        return Ok(rows.into_iter().map(|stored| stored.row).filter(|row| row.postid == postid).collect());
    }
    let (mut rows, mut next) = (Vec::new(), 1);
    loop {
        let page = store.rows(id, next, ROWS_TOGETHER).await?;
        let Some(last) = page.last() else { return Ok(rows) };
        next = last.row.postid + 1;
        rows.extend(page.into_iter().map(|stored| stored.row));
    }
}

/// What a row is for: `sammanträde KS 2026-10-14`.
pub fn occasion_text(row: &BatchRow, meetings: &HashMap<MeetingId, Arc<Meeting>>) -> String {
    match &row.occasion {
        Occasion::UppdragMonth(_, month) => format!("{} {month}", row.organ),
        Occasion::Meeting(meeting) => {
            let slag =
                meetings.get(meeting).and_then(|meeting| meeting.slag).map(|slag| slag.word()).unwrap_or("sammanträde");
            format!("{slag} {} {}", row.organ, row.day)
        }
        Occasion::Claim(_) => format!("yrkande för {} {}", row.organ, row.day),
        Occasion::Jour(organ, day) => format!("jour för {organ} {day}"),
        Occasion::Absence(day) => format!("frånvaro {day}"),
        Occasion::Debt(month) => format!("kvittning mot {month}"),
    }
}
