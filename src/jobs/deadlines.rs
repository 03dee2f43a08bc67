//! Every last day (§ 16) that somebody should know of, by whom it concerns.

use std::collections::BTreeSet;

use super::calculate::Calculation;
use super::remark_list::standing_now;
use crate::calendar::{Day, days_between};
use crate::domain::{Fault, PersonId};
use crate::law::Deadline;
use crate::ledger::{BatchName, BatchState};
use crate::ports::Store;
use crate::regelverk::Loaded;

/// A person's last day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Whose.
    pub person: PersonId,
    /// Whom payroll knows the person as.
    pub anstid: Option<String>,
    /// What it is about.
    pub deadline: Deadline,
    /// Days from the day that was asked about; below zero where it has passed.
    pub days_left: i64,
    /// Which of the days of `[flaggor]` has been reached; none before the first, or where it has passed.
    pub reached: Option<i64>,
}

impl Due {
    /// The last day has passed.
    pub fn has_lapsed(&self) -> bool {
        self.days_left < 0
    }
}

/// All last days, the nearest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Each of them.
    pub dues: Vec<Due>,
    /// Words of `Brukar yrka` that name no kind of yrkande, and whose they are.
    pub unread: Vec<(PersonId, String)>,
}

/// Everybody's last days as they stand on a day; only one person's, if one is named.
///
/// # Errors
/// The database, or settings without a first month.
pub async fn found(
    store: &mut impl Store,
    loaded: &Loaded,
    today: Day,
    only: Option<PersonId>,
) -> Result<Found, Fault> {
    let mut question = standing_now(today, store.last_fact().await?);
    question.only = only;
    let not_delivered = not_delivered(store).await?;
    let mut calculation = Calculation::start(store, loaded, question).await?;
    let mut found = Found::default();
    while let Some(watched) = calculation.next_watched(store, &not_delivered).await? {
        for (person, watched) in watched {
            let anstid = calculation.persons.main_anstid(person).map(str::to_owned);
            found.unread.extend(watched.unread.into_iter().map(|word| (person, word)));
            found.dues.extend(watched.deadlines.into_iter().map(|deadline| {
                let days_left = days_between(today, deadline.last_day);
                let reached = loaded.flag_days.reached(days_left).filter(|_| days_left >= 0);
                Due { person, anstid: anstid.clone(), deadline, days_left, reached }
            }));
        }
    }
    found.dues.sort_by_key(|due| (due.deadline.last_day, due.anstid.is_none(), due.anstid.clone(), due.person));
    Ok(found)
}

/// Batches whose file nobody has got yet.
async fn not_delivered(store: &mut impl Store) -> Result<BTreeSet<BatchName>, Fault> {
    let batches = store.batches().await?.into_iter().map(|(_, batch, _)| batch);
    Ok(batches.filter(|batch| batch.state != BatchState::Delivered).map(|batch| batch.name).collect())
}
