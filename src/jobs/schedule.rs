//! The timetable: each job, when it is due, and what is done about times that were missed.

/// A job that is done without anybody starting it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Job {
    /// Letters about what has happened: sheets to attest, files that have left, rows that were held, a changed förteckning.
    TellEvents,
    /// Sends what waits in the outbox, and reads what came back.
    SendOutbox,
    /// Meetings without attendance, to the secretaries.
    RemindMissingLists,
    /// Sheets that wait, to the officials.
    RemindAttest,
    /// Claims near their last day, to persons and kansli.
    FlagDeadlines,
    /// Changed levels, to kommunstyrelsen.
    WatchRates,
    /// What was paid and what waits, to the kansli.
    MonthlyLetter,
    /// What was earned and not paid by the year's end, to ekonomi.
    AccrualList,
    /// The year's arvodesbesked, to everybody.
    Arvodesbesked,
    /// The year's follow-up, to allmänna utskottet.
    FollowUp,
    /// Who has not had the briefing, to the kansli.
    BriefingList,
}

impl Job {
    /// All of them, in the order in which they are done when several are due at once.
    pub const ALL: [Job; 11] = [
        Job::WatchRates,
        Job::FlagDeadlines,
        Job::RemindMissingLists,
        Job::RemindAttest,
        Job::MonthlyLetter,
        Job::AccrualList,
        Job::Arvodesbesked,
        Job::FollowUp,
        Job::BriefingList,
        Job::TellEvents,
        Job::SendOutbox,
    ];

    /// Its name in `arvode once`, in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Job::TellEvents => "tell_events",
            Job::SendOutbox => "send_outbox",
            Job::RemindMissingLists => "remind_missing_lists",
            Job::RemindAttest => "remind_attest",
            Job::FlagDeadlines => "flag_deadlines",
            Job::WatchRates => "watch_rates",
            Job::MonthlyLetter => "monthly_letter",
            Job::AccrualList => "accrual_list",
            Job::Arvodesbesked => "arvodesbesked",
            Job::FollowUp => "follow_up",
            Job::BriefingList => "briefing_list",
        }
    }

    /// The job of a name.
    pub fn parse(name: &str) -> Option<Job> {
        Job::ALL.into_iter().find(|job| job.name() == name)
    }
}
