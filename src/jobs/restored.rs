//! A database that was restored from a backup: what it does not know may have happened all the same.
//!
//! A backup is some hours or months old. What left meanwhile (files to payroll, letters) it knows nothing of, and would let
//! it leave once more. So after every restore letters that were not sent are held back, no due time before now is done, and
//! no batch leaves and no letter goes by itself until a person has accounted for what left and said so.

use super::by_hand::{ByHand, note};
use super::schedule::TIMETABLE;
use super::wholly::wholly;
use crate::calendar::local_text;
use crate::domain::Fault;
use crate::ledger::{Batch, BatchName, BatchState};
use crate::ports::{Clock, LetterState, Progress, Restored, RunState, ScheduledRun, Store};

/// What is said of a letter that may have been sent after the backup was made.
const MAY_BE_SENT: &str = "kan ha skickats efter säkerhetskopian; hålls tillbaka";

/// What the last monthly letter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastLetter {
    /// The latest batch that had left; none if none had.
    pub batch: Option<BatchName>,
    /// The audit chain's head.
    pub chain: String,
}

/// What was done to a restored database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// What is noted of it.
    pub restored: Restored,
    /// Letters that are held back.
    pub letters: u64,
    /// Batches on their way out, of which nobody knows whether they left.
    pub unclear: Vec<BatchName>,
}

/// Marks a database that has just been restored; wholly or not at all.
///
/// # Errors
/// `Input`: the letter's two lines do not go together. The database.
pub async fn mark(
    store: &mut impl Store,
    made_at_ms: i64,
    letter: Option<&LastLetter>,
    actor: &str,
    now_ms: i64,
) -> Result<Marked, Fault> {
    let is_known = match letter {
        Some(letter) => store.has_audited(&letter.chain).await?,
        None => true,
    };
    let batches = store.batches().await?;
    if let Some(name) = letter.and_then(|letter| letter.batch).filter(|_| is_known) {
        let has_left = |(_, batch, _): &&(i64, Batch, _)| {
            batch.name == name && matches!(batch.state, BatchState::Delivered | BatchState::Void)
        };
        if !batches.iter().any(|one| has_left(&one)) {
            return Err(Fault::Input(format!(
                "the backup knows the chain's head, but not that {name} has left: the two are not of the same letter. \
                 Take both from the last monthly letter to the kansli"
            )));
        }
    }
    let unclear = batches.iter().filter(|(_, batch, _)| batch.state.is_open()).map(|(_, batch, _)| batch.name);
    let unclear: Vec<BatchName> = unclear.collect();
    wholly(store, async |store| {
        let restored = Restored {
            id: store.times_restored().await? + 1,
            at_ms: now_ms,
            made_at_ms,
            batch: letter.and_then(|letter| letter.batch),
            chain: letter.map(|letter| letter.chain.clone()),
            is_older: !is_known,
        };
        store.add_restored(&restored).await?;
        let letters = hold_letters_back(store, now_ms).await?;
        begin_anew(store, now_ms).await?;
        let age = if is_known { "" } else { ", äldre än det senaste månadsbrevet" };
        let detail = format!("{} från en säkerhetskopia av {}{age}; {actor}", restored.id, local_text(made_at_ms));
        store.audit("restored", &detail, now_ms).await?;
        Ok(Marked { restored, letters, unclear })
    })
    .await
}

/// Letters that had not been sent may have been since. A person sends those that were not.
async fn hold_letters_back(store: &mut impl Store, now_ms: i64) -> Result<u64, Fault> {
    let open = store.letter_heads(&[LetterState::Waiting, LetterState::Sending, LetterState::ToPrint]).await?;
    for head in &open {
        let held = Progress {
            state: LetterState::HeldBack,
            ended_ms: Some(now_ms),
            answer: MAY_BE_SENT.to_owned(),
            ..head.progress.clone()
        };
        store.move_letter(head.id, &head.progress, &held).await?;
    }
    Ok(open.len() as u64)
}

/// What was due before now may have been done: the timetable begins here.
async fn begin_anew(store: &mut impl Store, now_ms: i64) -> Result<(), Fault> {
    let told = "återställd från en säkerhetskopia; härifrån räknas tiderna".to_owned();
    for run in store.open_runs().await? {
        let left = ScheduledRun {
            state: RunState::Skipped,
            ended_ms: Some(now_ms),
            told: "kan ha gjorts efter säkerhetskopian".to_owned(),
            ..run.clone()
        };
        store.move_run(run.state, &left).await?;
    }
    store.forget_runs_after(now_ms - 1).await?;
    for entry in &TIMETABLE {
        let begun = ScheduledRun {
            job: entry.job.name().to_owned(),
            due_ms: now_ms,
            state: RunState::Done,
            tries: 0,
            next_try_ms: now_ms,
            started_ms: None,
            ended_ms: Some(now_ms),
            told: told.clone(),
        };
        store.add_run(&begun).await?;
    }
    Ok(())
}

/// Why nothing leaves by itself now, in a sentence; none where all is as usual.
///
/// # Errors
/// The database.
pub async fn why_held(store: &mut impl Store) -> Result<Option<String>, Fault> {
    Ok(store.restored().await?.map(|restored| {
        format!(
            "databasen återställdes {} från en säkerhetskopia av {}: inget lämnas eller skickas av sig självt förrän någon har \
             svarat för det som kan ha gått ut: arvode verify --accept-restored --because …",
            local_text(restored.at_ms),
            local_text(restored.made_at_ms)
        )
    }))
}

/// A person accounts for all that left: what leaves, leaves by itself again.
///
/// # Errors
/// `Input`: nothing is to be released. `Refused`: something is not accounted for, or needs a yes.
pub async fn release(
    store: &mut impl Store,
    by: &ByHand<'_>,
    clock: &impl Clock,
    is_sure: bool,
) -> Result<Restored, Fault> {
    let Some(restored) = store.restored().await? else {
        return Err(Fault::Input("the database waits for no word about a restore; nothing was changed".to_owned()));
    };
    let batches = store.batches().await?;
    if let Some(name) = unaccounted(&restored, &batches) {
        return Err(Fault::Refused(format!(
            "the last monthly letter says that {name} has left, and this database does not know it: take in what came after \
             {}, freeze {} again, and say `arvode export {name} --cut-off delivered`",
            local_text(restored.made_at_ms),
            name.payout
        )));
    }
    if let Some((_, batch, _)) = batches.iter().find(|(_, batch, _)| batch.state.is_cut_off()) {
        let name = batch.name;
        return Err(Fault::Refused(format!(
            "{name} was on its way out when the backup was made: ask payroll whether it came, and say \
             `arvode export {name} --cut-off delivered` or `--cut-off not-delivered`"
        )));
    }
    let mut doubts = Vec::new();
    let waits = |batch: &Batch| batch.state == BatchState::Calculated && batch.frozen_at_ms < restored.at_ms;
    if let Some((_, batch, _)) = batches.iter().find(|(_, batch, _)| waits(batch)) {
        doubts.push(format!(
            "{} waited for signatures when the backup was made, and leaves when it has them: that payroll never got it",
            batch.name
        ));
    }
    let between = months_without_batch(&restored, &batches);
    if !between.is_empty() {
        doubts.push(format!("no batch of {} is in the database: that none has left", between.join(", ")));
    }
    if !doubts.is_empty() && !is_sure {
        return Err(Fault::Refused(format!(
            "nothing was changed; say with --yes that you know: {}",
            doubts.join("; ")
        )));
    }
    wholly(store, async |store| {
        let (now_ms, last) = (clock.now_ms(), store.last_fact().await?);
        store.release_restored(now_ms).await?;
        let detail = format!("säkerhetskopian av {}", local_text(restored.made_at_ms));
        note(store, now_ms, by, ("restored", &detail), no_facts(last), None).await
    })
    .await?;
    Ok(restored)
}

/// An empty range of facts after the last.
fn no_facts(last: i64) -> std::ops::RangeInclusive<i64> {
    last + 1..=last
}

/// The letter's batch, while the database does not know that it has left.
fn unaccounted<T>(restored: &Restored, batches: &[(i64, Batch, T)]) -> Option<BatchName> {
    let has_left = |name: BatchName| {
        let mut of = batches.iter().filter(|(_, batch, _)| batch.name == name);
        of.any(|(_, batch, _)| matches!(batch.state, BatchState::Delivered | BatchState::Void))
    };
    restored.batch.filter(|name| restored.is_older && !has_left(*name))
}

/// Payout months between the last batch that the backup knew of and the letter's, of which nothing has left.
fn months_without_batch<T>(restored: &Restored, batches: &[(i64, Batch, T)]) -> Vec<String> {
    let Some(letter) = restored.batch.filter(|_| restored.is_older) else { return Vec::new() };
    let delivered = |batch: &&Batch| batch.state == BatchState::Delivered;
    let all = || batches.iter().map(|(_, batch, _)| batch).filter(delivered);
    let known = all().filter(|batch| batch.frozen_at_ms < restored.made_at_ms).map(|batch| batch.name.payout).max();
    let Some(known) = known else { return Vec::new() };
    let mut months = Vec::new();
    let mut month = known.plus(1);
    while month < letter.payout {
        if !all().any(|batch| batch.name.payout == month) {
            months.push(month.to_string());
        }
        month = month.plus(1);
    }
    months
}

/// What is to be done with a batch of a database that waits for a person's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// It leaves as any other.
    AsUsual,
    /// It has left: nothing is written.
    HasLeft,
}

/// Whether a batch may leave a restored database: only by a person's word. `says_delivered` is the word, if one was given.
///
/// # Errors
/// `Refused`: no word was given, or the letter says that more has left.
pub fn may_leave<T>(
    restored: &Restored,
    name: BatchName,
    says_delivered: Option<bool>,
    batches: &[(i64, Batch, T)],
) -> Result<Word, Fault> {
    let known = (local_text(restored.at_ms), local_text(restored.made_at_ms));
    match says_delivered {
        Some(true) => Ok(Word::HasLeft),
        None => Err(Fault::Refused(format!(
            "the database was restored {} from a backup of {}, so nobody knows whether {name} has left since. Ask payroll, and \
             say `arvode export {name} --cut-off delivered` or `--cut-off not-delivered`; what is left by itself waits for \
             `arvode verify --accept-restored`",
            known.0, known.1
        ))),
        Some(false) => match unaccounted(restored, batches) {
            None => Ok(Word::AsUsual),
            Some(left) => Err(Fault::Refused(format!(
                "the last monthly letter says that {left} has left, and this database does not know it: nothing else leaves \
                 before `arvode export {left} --cut-off delivered` (freeze {} again first)",
                left.payout
            ))),
        },
    }
}
