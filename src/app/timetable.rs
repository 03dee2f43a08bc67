//! One round of a job of the timetable.

use super::kommun::Kommun;
use super::{deadlines, follow_up, levels, month_letters, outbox, yearly};
use crate::calendar::Day;
use crate::domain::Fault;
use crate::jobs::schedule::Job;

/// Does a job that was due on a day; gives what came of it in a sentence. Doing it twice writes no letter twice.
pub(super) async fn perform(kommun: &mut Kommun, job: Job, due: Day) -> Result<String, Fault> {
    match job {
        Job::TellEvents => month_letters::tell_events(kommun, due).await,
        Job::SendOutbox => outbox::send_outbox(kommun, due).await,
        Job::RemindMissingLists => deadlines::remind_missing_lists(kommun, due).await,
        Job::RemindAttest => month_letters::remind_attest(kommun, due).await,
        Job::FlagDeadlines => deadlines::flag_deadlines(kommun, due).await,
        Job::WatchRates => levels::watch_rates(kommun, due).await,
        Job::MonthlyLetter => month_letters::monthly_letter(kommun, due).await,
        Job::AccrualList => yearly::accrual_list(kommun, due).await,
        Job::Arvodesbesked => yearly::arvodesbesked(kommun, due).await,
        Job::FollowUp => follow_up::follow_up(kommun, due).await,
        Job::BriefingList => yearly::briefing_list(kommun, due).await,
    }
}
