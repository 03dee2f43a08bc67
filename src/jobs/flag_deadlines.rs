//! Tells of last days (§ 16): a person at most once a month and once in the last week, the kansli every month and when
//! something new is in its last week.
//!
//! The month's letters are written on the month's first run, whichever day that is: after an outage what stands then is
//! told once, and nothing of what was missed. The kansli's letter of the month is written even if nothing is near: it is
//! also what says that the month is done. A week's letter is about the seven days from the day that it is written and,
//! to a person, the six beyond, so that a week passes before the next. Where both are due on a day they are one letter.

mod digest;
mod occasions;
mod summary;

use std::collections::BTreeMap;

use self::occasions::{About, Told, WEEK_DAYS};
use super::deadlines::{Due, Found, found};
use super::letters::{Desk, People};
use super::wholly::wholly;
use crate::calendar::{Day, Month, days_later};
use crate::domain::{Fault, OrganCode, PersonId};
use crate::money::{Ore, swedish};
use crate::ports::{LetterKind, Office, Press, Receiver, Store};
use crate::regelverk::Loaded;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flagged {
    /// Letters to persons.
    pub digests: u32,
    /// Letters to the kansli.
    pub summaries: u32,
    /// Last days that are near.
    pub near: usize,
}

/// Beyond the week that a letter is about, a person is told of so many days: the next letter comes a week later.
const BEYOND_DAYS: i64 = WEEK_DAYS - 1;

/// Writes what is to be told on a day.
///
/// # Errors
/// The database, settings without a first month, or a template that cannot be used: nothing is written then.
pub async fn flag_deadlines(
    store: &mut impl Store,
    loaded: &Loaded,
    desk: &Desk<'_, impl Press>,
    (today, at_ms): (Day, i64),
) -> Result<Flagged, Fault> {
    let people = People::load(store, today).await?;
    let all = found(store, loaded, today, None).await?;
    wholly(store, async |store| {
        let job = Job { loaded, today, at_ms, desk, people: &people };
        job.write(store, &all).await
    })
    .await
}

struct Job<'a, P> {
    loaded: &'a Loaded,
    today: Day,
    at_ms: i64,
    desk: &'a Desk<'a, P>,
    people: &'a People,
}

impl<P: Press> Job<'_, P> {
    async fn write(&self, store: &mut impl Store, all: &Found) -> Result<Flagged, Fault> {
        let kansli = Receiver::Office(Office::Kansli);
        let told = Told::load(store, LetterKind::DeadlineSummary, &kansli).await?;
        let is_new_month = told.lacks_month(Month::of(self.today));
        let near: Vec<&Due> = all.dues.iter().filter(|due| self.is_near(due)).collect();
        let mut flagged = Flagged { near: near.len(), ..Flagged::default() };
        let mut by_person: BTreeMap<PersonId, Vec<&Due>> = BTreeMap::new();
        for due in near.iter().filter(|due| due.deadline.flag.is_for_person()) {
            by_person.entry(due.person).or_default().push(due);
        }
        for (person, dues) in by_person {
            let receiver = Receiver::Person(person);
            let told = Told::load(store, LetterKind::DeadlineDigest, &receiver).await?;
            let about = self.about(told, &dues, is_new_month, BEYOND_DAYS);
            let (true, Some(contact)) = (!about.is_nothing(), self.people.of(person)) else { continue };
            let dues: Vec<&Due> = dues.into_iter().filter(|due| self.is_told(about, due)).collect();
            let draft = digest::draft(self, contact, about, &dues);
            flagged.digests += u32::from(self.desk.post(store, self.people, draft, self.at_ms).await?);
        }
        let mut about = self.about(told, &near, is_new_month, 0);
        if is_new_month {
            // The month's letter says all there is: its week is told with it.
            about = About { month: Some(Month::of(self.today)), week: Some(self.end_of_week()) };
        }
        if !about.is_nothing() {
            let since = told.month_on().unwrap_or_else(|| Month::of(self.today).plus(-1).first());
            let draft = summary::draft(self, about, all, since)?;
            flagged.summaries += u32::from(self.desk.post(store, self.people, draft, self.at_ms).await?);
        }
        Ok(flagged)
    }

    /// What is to be told to a receiver about these last days.
    fn about(&self, told: Told, dues: &[&Due], is_new_month: bool, beyond_days: i64) -> About {
        let month = Month::of(self.today);
        let is_new = |due: &&Due| {
            (0..=WEEK_DAYS).contains(&due.days_left) && told.lacks_week(due.deadline.last_day, beyond_days)
        };
        About {
            month: (is_new_month && told.lacks_month(month)).then_some(month),
            week: dues.iter().copied().any(|due| is_new(&due)).then(|| self.end_of_week()),
        }
    }

    fn end_of_week(&self) -> Day {
        days_later(self.today, WEEK_DAYS)
    }

    /// Within the first of the days that are flagged; and a week's letter tells so far in any case.
    fn is_near(&self, due: &Due) -> bool {
        (0..=self.loaded.flag_days.first().max(WEEK_DAYS + BEYOND_DAYS)).contains(&due.days_left)
    }

    /// A month's letter tells of all that is near, a week's of the week and of what lies beyond it.
    fn is_told(&self, about: About, due: &Due) -> bool {
        about.month.is_some() || due.days_left <= WEEK_DAYS + BEYOND_DAYS
    }

    fn organ(&self, organ: &OrganCode) -> String {
        self.loaded.regelverk.organ(organ).map_or_else(|| organ.0.clone(), |organ| organ.namn.clone())
    }
}

/// `1 yrkande`, `3 yrkanden`.
fn yrkanden(count: usize) -> String {
    if count == 1 { "1 yrkande".to_owned() } else { format!("{count} yrkanden") }
}

/// What it may be worth, in words: an estimate in whole kronor.
fn worth_text(worth: Option<Ore>, is_estimate: bool) -> String {
    match worth {
        None => "okänt".to_owned(),
        Some(worth) if is_estimate => {
            let kronor = swedish(Ore((worth.0 + 50).div_euclid(100).saturating_mul(100)));
            format!("omkring {}", kronor.replace(",00", ""))
        }
        Some(worth) => swedish(worth),
    }
}

/// The same with a large first letter.
fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
