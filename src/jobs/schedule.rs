//! The timetable: each job, when it is due, and what is done about times that were missed. Pure: the time is handed in, and
//! what has become of each due time is the journal's to keep (`journal.rs`).

use chrono::{Datelike, Weekday};

use crate::calendar::{Clock, Day, bank_day_at_or_before, day_of_instant, due_ms, each_day, is_day_off};
use crate::regelverk::Lonekalender;

/// A job that is done without anybody starting it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Job {
    /// What has changed in the diarium.
    SyncDiarium,
    /// The month's batch and its sheets.
    CalculateMonth,
    /// The month's cut-off: what is signed leaves, what is not is left out and owed again.
    CloseMonth,
    /// A batch leaves as soon as it may.
    ExportAttested,
    /// Hashes, audit chain and files are looked through, and a copy is put away.
    VerifyAndBackup,
    /// What is older than the decided time goes.
    Gallring,
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
    pub const ALL: [Job; 17] = [
        Job::VerifyAndBackup,
        Job::SyncDiarium,
        Job::CalculateMonth,
        Job::CloseMonth,
        Job::Gallring,
        Job::WatchRates,
        Job::FlagDeadlines,
        Job::RemindMissingLists,
        Job::RemindAttest,
        Job::MonthlyLetter,
        Job::AccrualList,
        Job::Arvodesbesked,
        Job::FollowUp,
        Job::BriefingList,
        Job::ExportAttested,
        Job::TellEvents,
        Job::SendOutbox,
    ];

    /// Its name in `arvode once`, in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Job::SyncDiarium => "sync_diarium",
            Job::CalculateMonth => "calculate_month",
            Job::CloseMonth => "close_month",
            Job::ExportAttested => "export_attested",
            Job::VerifyAndBackup => "verify_and_backup",
            Job::Gallring => "gallring",
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

/// When a job is due, in civil time in Europe/Stockholm.
///
/// Due times are worked out here and not by a cron library: half of the table says what cron has no words for (bank days, a
/// day that moves to the bank day before), and the two nights on which the clock changes are the calendar's to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Each day.
    Daily(At),
    /// Each bank day.
    BankDays(At),
    /// Twice each day from Monday to Friday.
    Weekdays([At; 2]),
    /// Each payout month, on the day on which its batch is worked out (`lonekalender.toml`).
    Calculation(At),
    /// Each payout month, on its cut-off (`lonekalender.toml`).
    CutOff(At),
    /// Each week, also where it is a day off: the letter is read when somebody is back.
    Weekly(Weekday, At),
    /// Each month on a day that every month has. It does not move on a day off: moved back, the 1st would tell of a month
    /// that is not over.
    Monthly(u32, At),
    /// Each year on a month and day. It does not move: what is told of must be over.
    Yearly(u32, u32, At),
    /// The same, but on the bank day before if it is a day off.
    YearlyOnBankDay(u32, u32, At),
}

/// Hour and minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At(pub u32, pub u32);

/// What is done about due times that passed while the program was away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// The last of them is done: it says what the others would have said.
    Latest,
    /// Nothing once their day is over: they were about that day.
    SameDay,
    /// Each is done, in order.
    All,
}

/// A row of the timetable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is done.
    pub job: Job,
    /// When.
    pub when: When,
    /// What is done about missed times.
    pub missed: Missed,
    /// What it does, as people read it.
    pub says: &'static str,
}

/// What is due at a time of the table. [`EVERY_MINUTE`] stands beside it.
pub const TIMETABLE: [Entry; 14] = [
    entry(Job::SyncDiarium, When::Weekdays([At(5, 30), At(12, 30)]), Missed::Latest, "det som har ändrats i diariet"),
    entry(Job::CalculateMonth, When::Calculation(At(6, 0)), Missed::All, "månadens körning och attestblad"),
    entry(Job::CloseMonth, When::CutOff(At(12, 0)), Missed::All, "brytdagen"),
    entry(Job::VerifyAndBackup, When::Daily(At(2, 30)), Missed::Latest, "kontroll och säkerhetskopia"),
    entry(Job::Gallring, When::Yearly(3, 1, At(3, 0)), Missed::Latest, "gallring"),
    entry(Job::WatchRates, When::Daily(At(6, 30)), Missed::Latest, "bevakning av ändrade nivåer (§ 19)"),
    entry(Job::FlagDeadlines, When::Daily(At(7, 0)), Missed::Latest, "yrkanden som närmar sig sista dag (§ 16)"),
    entry(
        Job::RemindMissingLists,
        When::Weekly(Weekday::Mon, At(7, 0)),
        Missed::Latest,
        "möten som saknar närvarolista",
    ),
    entry(Job::RemindAttest, When::BankDays(At(8, 0)), Missed::SameDay, "påminnelse om blad att attestera"),
    entry(Job::MonthlyLetter, When::Monthly(1, At(8, 0)), Missed::Latest, "månadsbrevet till kansliet"),
    entry(Job::AccrualList, When::Yearly(1, 2, At(6, 0)), Missed::All, "intjänat men inte utbetalt vid årsskiftet"),
    entry(Job::Arvodesbesked, When::YearlyOnBankDay(1, 15, At(6, 0)), Missed::All, "årets arvodesbesked"),
    entry(Job::FollowUp, When::YearlyOnBankDay(2, 15, At(6, 0)), Missed::All, "årets uppföljning (§ 19)"),
    entry(
        Job::BriefingList,
        When::Monthly(1, At(7, 30)),
        Missed::Latest,
        "genomgång vid mandatperiodens början (§ 19)",
    ),
];

/// What is done in each round, in this order. Of these the journal keeps only the last time: it is also the mark of when
/// the program was last at work.
pub const EVERY_MINUTE: [Job; 3] = [Job::ExportAttested, Job::TellEvents, Job::SendOutbox];

const fn entry(job: Job, when: When, missed: Missed, says: &'static str) -> Entry {
    Entry { job, when, missed, says }
}

impl Entry {
    /// The row of a job; none for what is done every minute.
    pub fn of(job: Job) -> Option<&'static Entry> {
        TIMETABLE.iter().find(|entry| entry.job == job)
    }

    /// Every due time after an instant up to another, oldest first, at the kommun's own time of the day where it has one.
    pub fn due_between(&self, kalender: &Lonekalender, after_ms: i64, up_to_ms: i64) -> Vec<i64> {
        match kalender.klockslag.get(self.job.name()) {
            Some(times) => self.when.due_at(times, kalender, after_ms, up_to_ms),
            None => self.when.due_between(kalender, after_ms, up_to_ms),
        }
    }

    /// What to do about the due times after `last_ms` up to `now_ms`.
    pub fn plan(&self, kalender: &Lonekalender, last_ms: i64, now_ms: i64) -> Plan {
        let mut due = self.due_between(kalender, last_ms, now_ms);
        let left_out = match self.missed {
            Missed::All => Vec::new(),
            Missed::Latest => due.drain(..due.len().saturating_sub(1)).collect(),
            Missed::SameDay => {
                let today = day_of_instant(now_ms);
                let past = due.iter().take_while(|due| day_of_instant(**due) < today).count();
                due.drain(..past).collect()
            }
        };
        Plan { to_do: due, left_out }
    }
}

/// Due times of a job, oldest first, each in one of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// To be done.
    pub to_do: Vec<i64>,
    /// Missed, and left out by the job's policy.
    pub left_out: Vec<i64>,
}

impl When {
    /// Every due time after an instant up to another, oldest first, in milliseconds since 1970.
    pub fn due_between(self, kalender: &Lonekalender, after_ms: i64, up_to_ms: i64) -> Vec<i64> {
        self.due_at(&self.at().collect::<Vec<_>>(), kalender, after_ms, up_to_ms)
    }

    fn due_at(self, times: &[Clock], kalender: &Lonekalender, after_ms: i64, up_to_ms: i64) -> Vec<i64> {
        if up_to_ms <= after_ms {
            return Vec::new();
        }
        let days = each_day(day_of_instant(after_ms), day_of_instant(up_to_ms));
        let days = days.filter(|day| self.is_due_on(kalender, *day));
        let due = days.flat_map(|day| times.iter().map(move |at| due_ms(day, *at)));
        due.filter(|due| after_ms < *due && *due <= up_to_ms).collect()
    }

    fn is_due_on(self, kalender: &Lonekalender, day: Day) -> bool {
        match self {
            When::Daily(_) => true,
            When::BankDays(_) => !is_day_off(day),
            When::Weekdays(_) => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
            When::Calculation(_) => kalender.calculated_on(day).is_some(),
            When::CutOff(_) => kalender.cut_off_on(day).is_some(),
            When::Weekly(weekday, _) => day.weekday() == weekday,
            When::Monthly(number, _) => day.day() == number,
            When::Yearly(month, number, _) => (day.month(), day.day()) == (month, number),
            When::YearlyOnBankDay(month, number, _) => {
                Day::from_ymd_opt(day.year(), month, number).is_some_and(|named| bank_day_at_or_before(named) == day)
            }
        }
    }

    /// The times of its days, the first one first.
    fn at(self) -> impl Iterator<Item = Clock> {
        let times = match self {
            When::Weekdays(both) => both,
            When::Daily(at)
            | When::BankDays(at)
            | When::Calculation(at)
            | When::CutOff(at)
            | When::Weekly(_, at)
            | When::Monthly(_, at)
            | When::Yearly(_, _, at)
            | When::YearlyOnBankDay(_, _, at) => [at; 2],
        };
        let different = if times[0] == times[1] { 1 } else { 2 };
        times.into_iter().take(different).map(|at| Clock::from_hms_opt(at.0, at.1, 0).unwrap_or(Clock::MIN))
    }
}
