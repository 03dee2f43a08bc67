//! The timetable: every due time is found in Swedish civil time, noted once, and done once or left out by the job's policy.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod postgres;
mod support;

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use arvode::adapters::db::Db;
use arvode::calendar::{Clock, due_ms, local_text};
use arvode::domain::Fault;
use arvode::jobs::journal::{self, OUTAGE};
use arvode::jobs::schedule::{At, Entry, Job, Missed, TIMETABLE, When};
use arvode::ports::{OutboxStore, RunState, ScheduledRun, Store, ToldList, ToldStore};
use arvode::regelverk::Lonekalender;
use proptest::prelude::*;
use support::{Kommun, PROGRAM, Ran};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// `2026-11-23 08:00` in Sweden; of an hour that comes twice the first.
fn at(text: &str) -> i64 {
    let (day, clock) = text.split_once(' ').unwrap();
    due_ms(day.parse().unwrap(), Clock::parse_from_str(clock, "%H:%M").unwrap())
}

/// The shipped one.
fn kalender() -> Lonekalender {
    Lonekalender { brytdag: 15, utbetalningsdag: 27, ..Lonekalender::default() }
}

/// `2026-03-29T01:00:00Z`
fn utc(text: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
}

/// What is due after one civil time up to another.
fn due(when: When, after: &str, up_to: &str) -> Vec<String> {
    when.due_between(&kalender(), at(after), at(up_to)).into_iter().map(local_text).collect()
}

#[test]
fn an_hour_is_the_same_hour_on_both_sides_of_a_change_of_the_clock() {
    let spring = When::Daily(At(6, 30)).due_between(&kalender(), at("2026-03-27 12:00"), at("2026-03-30 12:00"));
    assert_eq!(spring, ["2026-03-28T05:30:00Z", "2026-03-29T04:30:00Z", "2026-03-30T04:30:00Z"].map(utc));
    let autumn = When::Daily(At(6, 30)).due_between(&kalender(), at("2026-10-23 12:00"), at("2026-10-26 12:00"));
    assert_eq!(autumn, ["2026-10-24T04:30:00Z", "2026-10-25T05:30:00Z", "2026-10-26T05:30:00Z"].map(utc));
}

#[test]
fn what_is_due_in_the_hour_that_is_skipped_is_due_once_when_the_hour_is_over() {
    let nightly = When::Daily(At(2, 30));
    let night = nightly.due_between(&kalender(), at("2026-03-28 12:00"), at("2026-03-29 12:00"));
    assert_eq!(night, [utc("2026-03-29T01:00:00Z")], "02.30 is not; 03.00 is the first instant after it");
    assert_eq!(local_text(night[0]), "2026-03-29 kl. 03.00");
}

#[test]
fn what_is_due_in_the_hour_that_comes_twice_is_due_once_in_the_first() {
    let nightly = When::Daily(At(2, 30));
    let night = nightly.due_between(&kalender(), at("2026-10-24 12:00"), at("2026-10-25 12:00"));
    assert_eq!(night, [utc("2026-10-25T00:30:00Z")]);
    let between = nightly.due_between(&kalender(), utc("2026-10-25T00:31:00Z"), utc("2026-10-25T02:00:00Z"));
    assert_eq!(between, [0_i64; 0], "nothing in the second");
}

#[test]
fn leap_days_and_the_turn_of_the_year() {
    assert_eq!(
        due(When::Daily(At(7, 0)), "2028-02-28 08:00", "2028-03-01 08:00"),
        ["2028-02-29 kl. 07.00", "2028-03-01 kl. 07.00"]
    );
    assert_eq!(
        due(When::Daily(At(7, 0)), "2027-02-28 08:00", "2027-03-01 08:00"),
        ["2027-03-01 kl. 07.00"],
        "2027 has none"
    );
    assert_eq!(due(When::Yearly(2, 29, At(6, 0)), "2027-01-01 00:00", "2032-12-31 00:00").len(), 2);
    assert_eq!(
        due(When::Monthly(1, At(8, 0)), "2026-11-30 12:00", "2027-02-01 08:00"),
        ["2026-12-01 kl. 08.00", "2027-01-01 kl. 08.00", "2027-02-01 kl. 08.00"]
    );
    assert_eq!(due(When::Yearly(1, 2, At(6, 0)), "2026-12-31 23:59", "2027-01-02 06:00"), ["2027-01-02 kl. 06.00"]);
}

#[test]
fn bank_days_and_what_moves_to_the_bank_day_before() {
    let reminders = due(When::BankDays(At(8, 0)), "2026-12-22 12:00", "2026-12-29 12:00");
    assert_eq!(reminders, ["2026-12-23 kl. 08.00", "2026-12-28 kl. 08.00", "2026-12-29 kl. 08.00"]);
    // 15 January 2028 is a Saturday, 15 February 2026 a Sunday.
    let besked = Entry::of(Job::Arvodesbesked).unwrap().when;
    assert_eq!(due(besked, "2028-01-01 00:00", "2028-12-31 00:00"), ["2028-01-14 kl. 06.00"]);
    let follow_up = Entry::of(Job::FollowUp).unwrap().when;
    assert_eq!(due(follow_up, "2026-01-01 00:00", "2026-12-31 00:00"), ["2026-02-13 kl. 06.00"]);
    // What tells of a month or a year does not come before it is over, whatever day that is.
    for (job, expected) in [(Job::MonthlyLetter, "2027-01-01 kl. 08.00"), (Job::AccrualList, "2027-01-02 kl. 06.00")] {
        assert_eq!(due(Entry::of(job).unwrap().when, "2026-12-15 00:00", "2027-01-31 00:00"), [expected], "{job:?}");
    }
    let lists = Entry::of(Job::RemindMissingLists).unwrap().when;
    assert_eq!(
        due(lists, "2027-03-22 12:00", "2027-04-05 12:00"),
        ["2027-03-29 kl. 07.00", "2027-04-05 kl. 07.00"],
        "annandag påsk too: it is read when somebody is back"
    );
}

#[test]
fn the_months_days_go_by_the_lonekalender() {
    let mut kalender = kalender();
    let days = |kalender: &Lonekalender, when: When| {
        let due = when.due_between(kalender, at("2026-03-01 00:00"), at("2026-06-30 00:00"));
        due.into_iter().map(local_text).collect::<Vec<_>>()
    };
    // 15 March is a Sunday; Easter lies between 8 and 15 April; 14 May is Kristi himmelsfärd.
    assert_eq!(
        days(&kalender, When::CutOff(At(12, 0))),
        ["2026-03-13 kl. 12.00", "2026-04-15 kl. 12.00", "2026-05-15 kl. 12.00", "2026-06-15 kl. 12.00"]
    );
    assert_eq!(
        days(&kalender, When::Calculation(At(6, 0))),
        ["2026-03-06 kl. 06.00", "2026-04-08 kl. 06.00", "2026-05-07 kl. 06.00", "2026-06-08 kl. 06.00"]
    );
    // A month whose cut-off lies in the month before, and a kommun that begins in April.
    let (april, may) = ("2026-04".parse().unwrap(), "2026-05".parse().unwrap());
    kalender.forsta_manad = Some(april);
    kalender.manader.insert(may, ("2026-04-30".parse().unwrap(), "2026-05-15".parse().unwrap()));
    assert_eq!(
        days(&kalender, When::CutOff(At(12, 0))),
        ["2026-04-15 kl. 12.00", "2026-04-30 kl. 12.00", "2026-06-15 kl. 12.00"]
    );
    assert_eq!(kalender.cut_off_on("2026-04-30".parse().unwrap()), Some(may));
    assert_eq!(kalender.calculated_on("2026-04-23".parse().unwrap()), Some(may));
}

#[test]
fn a_kommun_moves_the_times_of_the_day_and_they_stay_swedish_over_both_nights() {
    let kommun = Kommun::new("2026-01");
    let moved =
        |text: String| text.replace("# [klockslag]", "[klockslag]\nflag_deadlines = [\"18:00\", \"2:30\"]\n# Eller:");
    kommun.edit("regelverk/lonekalender.toml", moved);
    let kalender = arvode::adapters::settings::read(&kommun.path("config/arvode.toml")).unwrap().loaded.lonekalender;
    let entry = Entry::of(Job::FlagDeadlines).unwrap();
    let due = |after: &str, up_to: &str| entry.due_between(&kalender, at(after), at(up_to));
    let spring = due("2026-03-28 12:00", "2026-03-29 20:00");
    assert_eq!(spring, ["2026-03-28T17:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T16:00:00Z"].map(utc));
    let autumn = due("2026-10-24 12:00", "2026-10-25 20:00");
    assert_eq!(autumn, ["2026-10-24T16:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T17:00:00Z"].map(utc));

    let mut all: Vec<&str> = TIMETABLE.iter().map(|entry| entry.job.name()).collect();
    let mut timed = arvode::regelverk::TIMED_JOBS.to_vec();
    all.sort_unstable();
    timed.sort_unstable();
    assert_eq!(all, timed, "every job may be moved");

    kommun.edit("regelverk/lonekalender.toml", |text| text.replace("\"2:30\"", "\"halv tre\""));
    let ran = kommun.run(&["check"]).exits(2);
    ran.says(&["lonekalender.toml:", "\"halv tre\"", "a time such as"]);
    kommun.edit("regelverk/lonekalender.toml", |text| text.replace("flag_deadlines = [", "flagg = ["));
    kommun.run(&["check"]).exits(2).says(&["flagg"]);
}

#[test]
fn the_table_is_the_one_that_is_documented() {
    let rows: Vec<String> =
        TIMETABLE.iter().map(|entry| format!("{} {:?} {:?}", entry.job.name(), entry.when, entry.missed)).collect();
    assert_eq!(
        rows,
        [
            "sync_diarium Weekdays([At(5, 30), At(12, 30)]) Latest",
            "calculate_month Calculation(At(6, 0)) All",
            "close_month CutOff(At(12, 0)) All",
            "verify_and_backup Daily(At(2, 30)) Latest",
            "gallring Yearly(3, 1, At(3, 0)) Latest",
            "watch_rates Daily(At(6, 30)) Latest",
            "flag_deadlines Daily(At(7, 0)) Latest",
            "remind_missing_lists Weekly(Mon, At(7, 0)) Latest",
            "remind_attest BankDays(At(8, 0)) SameDay",
            "monthly_letter Monthly(1, At(8, 0)) Latest",
            "accrual_list Yearly(1, 2, At(6, 0)) All",
            "arvodesbesked YearlyOnBankDay(1, 15, At(6, 0)) All",
            "follow_up YearlyOnBankDay(2, 15, At(6, 0)) All",
            "briefing_list Monthly(1, At(7, 30)) Latest",
        ]
    );
    let named = |job: &Job| Entry::of(*job).is_some() || arvode::jobs::schedule::EVERY_MINUTE.contains(job);
    assert!(Job::ALL.iter().all(named), "every job has a time");
}

#[test]
fn three_weeks_and_thirteen_months_away() {
    let plan = |job: Job, last: &str, now: &str| {
        let plan = Entry::of(job).unwrap().plan(&kalender(), at(last), at(now));
        (plan.to_do.into_iter().map(local_text).collect::<Vec<_>>(), plan.left_out.len())
    };
    let three_weeks = |job| plan(job, "2026-11-02 12:00", "2026-11-23 12:00");
    assert_eq!(three_weeks(Job::FlagDeadlines), (vec!["2026-11-23 kl. 07.00".to_owned()], 20));
    assert_eq!(three_weeks(Job::RemindMissingLists), (vec!["2026-11-23 kl. 07.00".to_owned()], 2));
    assert_eq!(three_weeks(Job::RemindAttest), (vec!["2026-11-23 kl. 08.00".to_owned()], 14));
    assert_eq!(three_weeks(Job::MonthlyLetter), (Vec::new(), 0));
    let long = |job| plan(job, "2025-12-20 12:00", "2027-01-20 12:00");
    assert_eq!(long(Job::MonthlyLetter), (vec!["2027-01-01 kl. 08.00".to_owned()], 12));
    let both = vec!["2026-01-02 kl. 06.00".to_owned(), "2027-01-02 kl. 06.00".to_owned()];
    assert_eq!(long(Job::AccrualList), (both, 0), "each year's list is made, in order");
}

/// A job of any kind of time, and what is done about missed ones.
fn any_entry() -> impl Strategy<Value = Entry> {
    let at = (0_u32..24, 0_u32..60).prop_map(|(hour, minute)| At(hour, minute));
    let when = (at, 0_u8..6, 1_u32..13, 1_u32..29).prop_map(|(at, kind, month, day)| match kind {
        0 => When::Daily(at),
        1 => When::BankDays(at),
        2 => When::Weekly(chrono::Weekday::Mon, at),
        3 => When::Monthly(day, at),
        4 => When::Yearly(month, day, at),
        _ => When::YearlyOnBankDay(month, day, at),
    });
    let missed = prop_oneof![Just(Missed::Latest), Just(Missed::SameDay), Just(Missed::All)];
    (when, missed).prop_map(|(when, missed)| Entry { job: Job::WatchRates, when, missed, says: "" })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_the_ticks_each_due_time_is_planned_once_and_left_out_only_by_policy(
        entry in any_entry(),
        start in 1_700_000_000_000_i64..2_000_000_000_000,
        steps in prop::collection::vec(prop_oneof![1..10 * MINUTE, 1..3 * DAY, 1..60 * DAY], 1..40),
    ) {
        let (mut last, mut now, mut planned) = (start, start, Vec::new());
        for step in steps {
            now += step;
            let plan = entry.plan(&kalender(), last, now);
            match entry.missed {
                Missed::All => prop_assert!(plan.left_out.is_empty()),
                Missed::Latest => prop_assert!(plan.left_out.is_empty() || plan.to_do.len() == 1),
                Missed::SameDay => {}
            }
            prop_assert!(plan.left_out.iter().all(|left| plan.to_do.iter().all(|done| left < done)));
            planned.extend(plan.left_out);
            planned.extend(plan.to_do);
            // As the journal does: the next round goes on from the last time that was noted.
            last = planned.last().copied().unwrap_or(start);
        }
        prop_assert_eq!(planned, entry.when.due_between(&kalender(), start, now));
    }

    #[test]
    fn every_civil_day_has_one_instant_for_a_daily_job(hour in 0_u32..24, minute in 0_u32..60, start in 0_i64..20_000) {
        let from = start * DAY;
        let due = When::Daily(At(hour, minute)).due_between(&kalender(), from, from + 400 * DAY);
        prop_assert!(due.len().abs_diff(400) <= 1, "{}", due.len());
        prop_assert!(due.windows(2).all(|pair| (22 * 60 * MINUTE..=26 * 60 * MINUTE).contains(&(pair[1] - pair[0]))));
    }
}

// ---- the journal, on both databases

fn on_both(story: impl AsyncFn(&mut Db)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let mut sqlite = Db::open_file(&folder.path().join("arvode.db")).await.unwrap();
        story(&mut sqlite).await;
        sqlite.close().await.unwrap();
        let server = postgres::Server::start();
        let mut postgres = Db::connect(&server.url(), "journal").await.unwrap();
        story(&mut postgres).await;
        postgres.close().await.unwrap();
    });
}

/// A round in which every job goes well; what it did.
async fn round(db: &mut Db, now: i64) -> Vec<String> {
    assert!(journal::note_due(db, &kalender(), now).await.unwrap());
    let mut did = Vec::new();
    for run in journal::to_try(db, now).await.unwrap() {
        let begun = journal::claim(db, &run, now).await.unwrap().unwrap();
        journal::done(db, &begun, "gjort".to_owned(), now).await.unwrap();
        did.push(format!("{} {}", run.job, local_text(run.due_ms)));
    }
    for job in arvode::jobs::schedule::EVERY_MINUTE {
        if !journal::is_minute_done(db, job, now).await.unwrap() {
            journal::keep_minute(db, job, Ok(String::new()), now).await.unwrap();
        }
    }
    did
}

#[test]
fn a_new_kommun_begins_now_and_an_outage_is_caught_up_once() {
    on_both(async |db| {
        assert_eq!(round(db, at("2026-11-02 12:00")).await, [""; 0], "nothing of the past");
        assert_eq!(round(db, at("2026-11-02 12:01")).await, [""; 0]);
        assert_eq!(
            round(db, at("2026-11-03 06:30")).await,
            [
                "verify_and_backup 2026-11-03 kl. 02.30",
                "sync_diarium 2026-11-03 kl. 05.30",
                "watch_rates 2026-11-03 kl. 06.30"
            ]
        );
        assert_eq!(round(db, at("2026-11-03 06:31")).await, [""; 0]);
        // Three weeks away.
        let did = round(db, at("2026-11-24 09:00")).await;
        assert_eq!(
            did,
            [
                "verify_and_backup 2026-11-24 kl. 02.30",
                "sync_diarium 2026-11-24 kl. 05.30",
                "calculate_month 2026-11-06 kl. 06.00",
                "close_month 2026-11-13 kl. 12.00",
                "watch_rates 2026-11-24 kl. 06.30",
                "flag_deadlines 2026-11-24 kl. 07.00",
                "remind_missing_lists 2026-11-23 kl. 07.00",
                "remind_attest 2026-11-24 kl. 08.00",
                "outage_summary 2026-11-24 kl. 09.00",
            ]
        );
        let outage = db.last_run(OUTAGE).await.unwrap().unwrap();
        assert_eq!(outage.started_ms, Some(at("2026-11-03 06:31")), "when the program was last at work");
        assert_eq!(round(db, at("2026-11-24 09:01")).await, [""; 0]);
        let all = db.runs_between(at("2026-11-03 06:31"), at("2026-11-24 09:00")).await.unwrap();
        let skipped = all.iter().filter(|run| run.state == RunState::Skipped).count();
        assert_eq!((skipped, all.len()), (20 + 21 + 2 + 15 + 20 + 29, 107 + 9));
    });
}

#[test]
fn what_a_killed_process_had_begun_is_done_by_the_next_and_by_one() {
    on_both(async |db| {
        round(db, at("2026-11-02 12:00")).await;
        round(db, at("2026-11-03 06:29")).await;
        let now = at("2026-11-03 06:30");
        journal::note_due(db, &kalender(), now).await.unwrap();
        let open = journal::to_try(db, now).await.unwrap();
        let begun = journal::claim(db, &open[0], now).await.unwrap().unwrap();
        assert_eq!((begun.state, begun.tries), (RunState::Running, 1));
        assert_eq!(journal::claim(db, &open[0], now).await.unwrap(), None, "nobody else begins it");
        // Killed here. The next start finds it.
        let later = now + 5 * MINUTE;
        journal::note_due(db, &kalender(), later).await.unwrap();
        let open = journal::to_try(db, later).await.unwrap();
        assert_eq!(open.iter().map(|run| (run.job.as_str(), run.tries)).collect::<Vec<_>>(), [("watch_rates", 1)]);
        let again = journal::claim(db, &open[0], later).await.unwrap().unwrap();
        journal::done(db, &again, "gjort".to_owned(), later).await.unwrap();
        let late = journal::done(db, &begun, "gjort".to_owned(), later).await;
        assert!(matches!(late, Err(Fault::Refused(_))), "the one that was cut off cannot end it: {late:?}");
        assert_eq!(journal::to_try(db, later).await.unwrap(), []);
    });
}

#[test]
fn what_fails_is_tried_later_and_later_alarms_in_time_and_yields_to_the_next() {
    on_both(async |db| {
        round(db, at("2026-11-02 12:00")).await;
        round(db, at("2026-11-03 06:29")).await;
        let mut now = at("2026-11-03 06:30");
        let (mut waits, mut alarms) = (Vec::new(), Vec::new());
        journal::note_due(db, &kalender(), now).await.unwrap();
        for _ in 0..6 {
            let open = journal::to_try(db, now).await.unwrap();
            let begun = journal::claim(db, &open[0], now).await.unwrap().unwrap();
            let fault = Fault::Temporary("disken".to_owned());
            alarms.push(journal::failed(db, &begun, &fault, "disken".to_owned(), now).await.unwrap());
            let next = db.open_runs().await.unwrap()[0].next_try_ms;
            assert_eq!(journal::to_try(db, next - 1).await.unwrap(), []);
            waits.push((next - now) / MINUTE);
            now = next;
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32]);
        assert_eq!(alarms, [false, false, false, false, true, true], "an alarm after a quarter of an hour");
        let next_day = at("2026-11-04 06:30");
        journal::note_due(db, &kalender(), next_day).await.unwrap();
        let states: Vec<(RunState, String)> = db
            .runs_between(at("2026-11-03 00:00"), next_day)
            .await
            .unwrap()
            .into_iter()
            .filter(|run| run.job == "watch_rates")
            .map(|run| (run.state, run.told))
            .collect();
        assert_eq!(
            states,
            [(RunState::Skipped, "lämnad till nästa gång: disken".to_owned()), (RunState::Planned, String::new())]
        );
        // What a person must act on is told at once.
        let open = journal::to_try(db, next_day).await.unwrap();
        let rates = open.iter().find(|run| run.job == "watch_rates").unwrap();
        let begun = journal::claim(db, rates, next_day).await.unwrap().unwrap();
        let fault = Fault::Input("mallen".to_owned());
        assert!(journal::failed(db, &begun, &fault, "mallen".to_owned(), next_day).await.unwrap());
    });
}

#[test]
fn a_clock_that_jumps_does_nothing_twice_and_a_person_says_when_it_is_right() {
    on_both(async |db| {
        round(db, at("2026-11-03 12:00")).await;
        round(db, at("2026-11-04 12:00")).await;
        // A little back, as a clock is set: nothing is done, and nothing is wrong.
        assert!(!journal::note_due(db, &kalender(), at("2026-11-04 11:59")).await.unwrap());
        // An hour back.
        let fault = journal::note_due(db, &kalender(), at("2026-11-04 11:00")).await.unwrap_err();
        assert!(matches!(&fault, Fault::Refused(text) if text.contains("before 2026-11-04T11:00:00Z")), "{fault}");
        // Ten years forth: nobody was away for so long.
        let fault = journal::note_due(db, &kalender(), at("2036-11-04 12:00")).await.unwrap_err();
        assert!(matches!(&fault, Fault::Refused(text) if text.contains("years after")), "{fault}");
        // A year forth is believed; back again it is refused until somebody has looked.
        round(db, at("2027-11-04 12:00")).await;
        let now = at("2026-11-05 05:00");
        assert!(journal::note_due(db, &kalender(), now).await.is_err());
        journal::trust_clock(db, now).await.unwrap();
        let did = round(db, at("2026-11-05 06:30")).await;
        assert_eq!(did, ["sync_diarium 2026-11-05 kl. 05.30", "watch_rates 2026-11-05 kl. 06.30"]);
    });
}

#[test]
fn what_is_done_every_minute_leaves_one_row_and_tells_since_when_it_fails() {
    on_both(async |db| {
        let start = at("2026-11-03 12:00");
        let fails = async |db: &mut Db, minute: i64| {
            let fault = Fault::Temporary("servern".to_owned());
            let went = Err((&fault, "servern".to_owned()));
            journal::keep_minute(db, Job::SendOutbox, went, start + minute * MINUTE).await.unwrap()
        };
        journal::keep_minute(db, Job::SendOutbox, Ok("1 brev".to_owned()), start).await.unwrap();
        let mut told = Vec::new();
        for minute in 1..=6 {
            told.push(fails(db, minute).await);
        }
        let since = Some(start + MINUTE);
        assert_eq!(told, [None, None, None, None, since, since], "one occasion for as long as it lasts");
        journal::keep_minute(db, Job::SendOutbox, Ok(String::new()), start + 7 * MINUTE).await.unwrap();
        assert_eq!(fails(db, 8).await, None);
        let rows: Vec<ScheduledRun> = db.runs_between(0, i64::MAX).await.unwrap();
        assert_eq!(rows.iter().map(|run| (run.due_ms, run.tries)).collect::<Vec<_>>(), [(start + 8 * MINUTE, 1)]);
    });
}

#[test]
fn the_list_that_was_told_last_is_kept_and_guarded() {
    on_both(async |db| {
        assert_eq!(db.told_list().await.unwrap(), None);
        for sha256 in ["a", "b"] {
            let list = ToldList { sha256: sha256.to_owned(), content: "[]".to_owned() };
            db.begin().await.unwrap();
            db.set_told_list(&list, 1).await.unwrap();
            db.commit().await.unwrap();
            assert_eq!(db.told_list().await.unwrap(), Some(list));
        }
    });
}

/// What happens to a program that runs for years.
#[derive(Clone, Debug)]
enum Happens {
    /// So much later, a round in which all goes well.
    Round(i64),
    /// A round that is killed after it has begun its first job.
    Killed(i64),
    /// A round in which every job fails.
    Fails(i64),
    /// The clock is set back so much, and forth again.
    Back(i64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let step = || prop_oneof![1..30 * MINUTE, 1..2 * DAY, 1..40 * DAY];
    prop_oneof![
        4 => step().prop_map(Happens::Round),
        1 => step().prop_map(Happens::Killed),
        1 => step().prop_map(Happens::Fails),
        1 => (1..3 * DAY).prop_map(Happens::Back),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn whatever_happens_each_due_time_ends_once(story in prop::collection::vec(happens(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let mut db = Db::open_file(&folder.path().join("arvode.db")).await.unwrap();
            let start = at("2026-01-15 12:00");
            round(&mut db, start).await;
            let (mut now, mut done) = (start, BTreeMap::<String, u32>::new());
            for one in story {
                match one {
                    Happens::Round(step) => {
                        now += step;
                        for did in round(&mut db, now).await {
                            *done.entry(did).or_default() += 1;
                        }
                    }
                    Happens::Killed(step) => {
                        now += step;
                        journal::note_due(&mut db, &kalender(), now).await.unwrap();
                        if let Some(run) = journal::to_try(&mut db, now).await.unwrap().first() {
                            journal::claim(&mut db, run, now).await.unwrap();
                        }
                    }
                    Happens::Fails(step) => {
                        now += step;
                        journal::note_due(&mut db, &kalender(), now).await.unwrap();
                        for run in journal::to_try(&mut db, now).await.unwrap() {
                            let begun = journal::claim(&mut db, &run, now).await.unwrap().unwrap();
                            let fault = Fault::Temporary("disken".to_owned());
                            journal::failed(&mut db, &begun, &fault, "disken".to_owned(), now).await.unwrap();
                        }
                    }
                    Happens::Back(step) => {
                        let before = db.runs_between(0, i64::MAX).await.unwrap();
                        let newest = before.iter().map(|run| run.due_ms).max().unwrap();
                        let noted = journal::note_due(&mut db, &kalender(), now - step).await;
                        assert!(newest <= now - step || !noted.unwrap_or(false), "it goes by a clock that is wrong");
                        assert_eq!(db.runs_between(0, i64::MAX).await.unwrap(), before);
                    }
                }
            }
            now += DAY;
            for did in round(&mut db, now).await {
                *done.entry(did).or_default() += 1;
            }
            assert!(done.values().all(|times| *times == 1), "{done:?}");
            for entry in &TIMETABLE {
                let mut noted = db.runs_between(start, now).await.unwrap();
                noted.retain(|run| run.job == entry.job.name());
                let expected = entry.due_between(&kalender(), start, now);
                assert_eq!(noted.iter().map(|run| run.due_ms).collect::<Vec<_>>(), expected, "{:?}", entry.job);
                let is_ended = |run: &ScheduledRun| matches!(run.state, RunState::Done | RunState::Skipped);
                assert!(noted.iter().all(is_ended), "{noted:?}");
                let is_left_out = noted.iter().any(|run| run.state == RunState::Skipped);
                assert!(!is_left_out || entry.missed != Missed::All, "{:?} leaves nothing out", entry.job);
            }
            db.close().await.unwrap();
        });
    }
}

// ---- the real program under a clock that somebody else sets

/// The program under faketime, as if it were that instant; `speed` is how fast time goes.
fn faked(kommun: &Kommun, instant: &str, speed: u32, arguments: &[&str]) -> Command {
    let mut command = Command::new("faketime");
    let fake = if speed == 1 { format!("@{instant}") } else { format!("@{instant} x{speed}") };
    command.args(["-f", &fake, PROGRAM, "--data"]).arg(kommun.data()).args(arguments);
    command.env("TZ", "UTC").env_remove("LD_LIBRARY_PATH");
    command
}

fn journal_of(kommun: &Kommun, job: &str) -> Vec<String> {
    let sql =
        format!("SELECT datetime(due_at / 1000, 'unixepoch') FROM schedule_run WHERE job = '{job}' ORDER BY due_at");
    patient_sql(kommun, &sql).lines().map(str::to_owned).collect()
}

/// SQL while the program is at work.
fn patient_sql(kommun: &Kommun, sql: &str) -> String {
    let mut sqlite = Command::new("sqlite3");
    let ran = sqlite.args(["-cmd", ".timeout 20000"]).arg(kommun.path("arvode.db")).arg(sql).output().unwrap();
    assert!(ran.status.success(), "{sql}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().trim().to_owned()
}

#[test]
fn the_program_itself_keeps_swedish_time_over_both_nights() {
    for (friday, saturday, sunday) in [
        ("2026-03-27 12:00:00", "2026-03-28 05:30:00", "2026-03-29 04:30:00"),
        ("2026-10-23 12:00:00", "2026-10-24 04:30:00", "2026-10-25 05:30:00"),
    ] {
        let kommun = Kommun::new("2026-01");
        let once = |instant: &str| {
            let ran = faked(&kommun, instant, 1, &["once", "timetable"]).output().expect("faketime is missing");
            Ran::of(&ran)
        };
        once(friday);
        once(&saturday.replace(":30:00", ":30:10"));
        once(&format!("{} 12:00:00", &saturday[..10]));
        let too_early = sunday.replace(":30:00", ":29:30");
        once(&too_early);
        let first = journal_of(&kommun, "watch_rates").remove(0);
        assert!(first.starts_with(&friday[..10]), "{first}: it begins when it is first started");
        assert_eq!(journal_of(&kommun, "watch_rates")[1..], [saturday], "not by the hour of the day before");
        once(&sunday.replace(":30:00", ":30:10"));
        once(&sunday.replace(":30:00", ":31:10"));
        assert_eq!(journal_of(&kommun, "watch_rates")[1..], [saturday, sunday]);
        assert_eq!(journal_of(&kommun, OUTAGE), [""; 0]);
    }
}

/// How fast time goes for `arvode run`: so fast that a round still ends within what a round may take.
const SPEED: u32 = 240;

/// `arvode run` is at work from an instant on, for so many minutes of its own.
fn run_for(kommun: &Kommun, from: &str, minutes: u64) {
    let mut running = faked(kommun, from, SPEED, &["run"]);
    let running = running.stdout(Stdio::null()).stderr(Stdio::null());
    // The wrapper starts the program as its child: the two are told to stop together.
    let mut running = running.process_group(0).spawn().expect("faketime is missing");
    std::thread::sleep(Duration::from_millis(minutes * 60_000 / u64::from(SPEED)));
    let group = format!("-{}", running.id());
    assert!(Command::new("kill").args(["-TERM", "--", &group]).status().unwrap().success());
    running.wait().unwrap();
    // The program may outlive its wrapper for a moment.
    let is_there = || Command::new("kill").args(["-0", "--", &group]).stderr(Stdio::null()).status().unwrap().success();
    while is_there() {
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What a night and an afternoon come to; gives when it did what is due at 02.30 and at 18.00.
fn run_through(day: &str) -> [Vec<String>; 2] {
    let kommun = Kommun::new("2026-01");
    // A backup takes moments, which are long at such speed.
    let moved = "[klockslag]\nwatch_rates = \"02:30\"\nflag_deadlines = \"18:00\"\nverify_and_backup = \"23:50\"\n# ";
    kommun.edit("regelverk/lonekalender.toml", |text| text.replace("# [klockslag]", moved));
    // Both hours that could be taken for 02.30, and both that could be taken for 18.00.
    run_for(&kommun, &format!("{day} 00:10:00"), 100);
    run_for(&kommun, &format!("{day} 15:50:00"), 90);
    assert_eq!(journal_of(&kommun, OUTAGE), [""; 0], "nothing was missed");
    ["watch_rates", "flag_deadlines"].map(|job| journal_of(&kommun, job).into_iter().skip(1).collect())
}

#[test]
fn arvode_run_keeps_swedish_time_through_the_night_that_loses_an_hour() {
    let done = run_through("2026-03-29");
    assert_eq!(
        done,
        [["2026-03-29 01:00:00"], ["2026-03-29 16:00:00"]],
        "02.30 is not that night: at 03.00 summer time"
    );
}

#[test]
fn arvode_run_keeps_swedish_time_through_the_night_that_has_an_hour_twice() {
    let done = run_through("2026-10-25");
    assert_eq!(done, [["2026-10-25 00:30:00"], ["2026-10-25 17:00:00"]], "02.30 the first time, and 18.00 winter time");
}
