//! The outbox leaves the house: each letter once, oldest first, and what came back is seen to.
//!
//! A letter is `Sending` before it is handed over, in a transaction of its own. Killed in between, it goes out once more
//! under the same Message-ID: nothing is lost, and a mailbox shows one. What a server does not take now is tried again over
//! five days; what it refuses is told to the operator and held up as a remark. Where nothing can be sent at all, all letters
//! wait, and no try is counted.

mod bounced;
mod notices;
mod pace;
mod print;
mod remarks;
mod renew;

use super::letters::{Desk, People};
use super::wholly::wholly;
use crate::calendar::Day;
use crate::domain::{Fault, without_numbers};
use crate::ports::{
    Clock, LetterFile, LetterHead, LetterState, NotTaken, Post, Press, Progress, ReturnBox, Store, StoredLetter,
};

pub use pace::{TRIES_AT_MOST, pause_ms};
pub use print::{print_list, printed};
pub use renew::retry;

/// What is said of a letter whose time has passed.
const TOO_LATE: &str = "brevets tid hade gått ut; det skickades inte";

/// Letters that are read together.
const TOGETHER: u32 = 20;

/// A server that fails so many letters in a row is left alone until the next round.
const BROKEN_AT_MOST: u32 = 3;

/// What one round works with.
pub struct Work<'a, P, C, B> {
    /// Writes notices and the list for print.
    pub desk: &'a Desk<'a, P>,
    /// Carries letters; none where they stay in the outbox.
    pub post: Option<&'a mut C>,
    /// What came back.
    pub returns: &'a mut B,
    /// The kommun's organisationsnummer, by which a letter is known outside.
    pub organisationsnummer: &'a str,
    /// A person asks for it: letters that wait for their next try are tried now.
    pub at_once: bool,
}

/// What came of a round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Letters that were taken.
    pub sent: u32,
    /// Letters that are tried again.
    pub later: u32,
    /// Letters whose time had passed.
    pub useless: u32,
    /// Letters that the kansli got for print.
    pub printed: u32,
    /// Letters that will not arrive: refused, given up or returned; alarms among them.
    pub failed: Vec<i64>,
    /// Returned mails that were read.
    pub returned: u32,
    /// Returned mails that could not be read.
    pub unreadable: u32,
    /// Letters that have another address than when they were written.
    pub readdressed: u32,
    /// A letter was handed to the server, whatever came of it.
    pub is_asked: bool,
    /// Why nothing more could be sent.
    pub stopped: Option<Stopped>,
}

/// Why nothing can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// What was wrong.
    pub why: String,
    /// It does not pass by itself.
    pub must_be_mended: bool,
}

impl Outcome {
    /// In a sentence, for the journal.
    pub fn told(&self) -> String {
        let failed = u32::try_from(self.failed.len()).unwrap_or(u32::MAX);
        let counts = [
            (self.sent, "skickade"),
            (self.later, "prövas igen"),
            (failed, "kom inte fram"),
            (self.useless, "för sena och inte skickade"),
            (self.printed, "till kansliet för utskrift"),
            (self.returned, "besked från e-postservern lästa"),
            (self.unreadable, "besked som inte gick att läsa"),
            (self.readdressed, "med ny adress"),
        ];
        let mut parts: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        parts.extend(self.stopped.as_ref().map(|stopped| format!("inga fler brev kunde skickas: {}", stopped.why)));
        if parts.is_empty() { "inget att skicka".to_owned() } else { parts.join(", ") }
    }
}

/// States of letters that a round looks at.
const OPEN: [LetterState; 6] = [
    LetterState::Waiting,
    LetterState::Sending,
    LetterState::ToPrint,
    LetterState::Printed,
    LetterState::Refused,
    LetterState::GivenUp,
];

/// One round: what came back, new addresses, what is due, the list for print, and what a person must be told.
///
/// # Errors
/// The database, or a template that somebody has edited; what was done until then stays.
pub async fn send_outbox(
    store: &mut impl Store,
    clock: &impl Clock,
    work: Work<'_, impl Press, impl Post, impl ReturnBox>,
) -> Result<Outcome, Fault> {
    let Work { desk, post, returns, organisationsnummer, at_once } = work;
    let mut outcome = Outcome::default();
    bounced::take(store, clock, returns, organisationsnummer, &mut outcome).await?;
    let open = store.letter_heads(&OPEN).await?;
    let people = match open.is_empty() {
        true => People::default(),
        false => People::load(store, clock.today()).await?,
    };
    renew::addresses(store, clock, desk, &people, &open, &mut outcome).await?;
    renew::end_useless(store, clock, &open, &mut outcome).await?;
    if let Some(post) = post {
        let mut round = Round { clock, at_once, broken: 0, outcome: &mut outcome };
        let ended = round.hand_over(store, post).await;
        post.end().await;
        ended?;
    }
    print::bundle(store, clock, desk, &people, &mut outcome).await?;
    let standing = remarks::Standing { desk, people: &people, outcome: &outcome };
    let since = standing.settle(store, clock).await?;
    notices::tell(store, clock, desk, since).await?;
    Ok(outcome)
}

struct Round<'a, K> {
    clock: &'a K,
    at_once: bool,
    /// Letters in a row that the server failed.
    broken: u32,
    outcome: &'a mut Outcome,
}

impl<K: Clock> Round<'_, K> {
    /// Until nothing is due, or nothing can be sent.
    async fn hand_over(&mut self, store: &mut impl Store, post: &mut impl Post) -> Result<(), Fault> {
        let mut tried: Vec<i64> = Vec::new();
        loop {
            let due = self.due(store, &tried).await?;
            if due.is_empty() {
                return Ok(());
            }
            for letter in due {
                tried.push(letter.id);
                self.one(store, post, &letter).await?;
                if self.outcome.stopped.is_some() {
                    return self.hold_back(store, &tried).await;
                }
            }
        }
    }

    /// Each letter once a round.
    async fn due(&self, store: &mut impl Store, tried: &[i64]) -> Result<Vec<StoredLetter>, Fault> {
        let now_ms = self.clock.now_ms();
        let until_ms = if self.at_once { i64::MAX } else { now_ms };
        let limit = TOGETHER.saturating_add(u32::try_from(tried.len()).unwrap_or(u32::MAX));
        let mut due = store.letters_due(until_ms, limit).await?;
        // Another process has those on their way until their time is over.
        let is_free = |letter: &StoredLetter| {
            letter.progress.state != LetterState::Sending || letter.progress.next_try_ms <= now_ms
        };
        due.retain(|letter| is_free(letter) && !tried.contains(&letter.id));
        due.sort_by_key(|letter| letter.id);
        Ok(due)
    }

    async fn one(&mut self, store: &mut impl Store, post: &mut impl Post, letter: &StoredLetter) -> Result<(), Fault> {
        let (now_ms, before) = (self.clock.now_ms(), &letter.progress);
        if letter.letter.useless_after_ms.is_some_and(|last| last < now_ms) {
            let told = TOO_LATE.to_owned();
            self.outcome.useless += 1;
            return moved(store, letter.id, before, &ended(before, LetterState::Useless, told, now_ms)).await.map(drop);
        }
        let files = store.letter_files(letter.id).await?;
        if names_a_number(letter, &files, self.clock.today()) {
            let told = "brevet har ett personnummer i sig och skickas inte".to_owned();
            self.outcome.failed.push(letter.id);
            return moved(store, letter.id, before, &ended(before, LetterState::Refused, told, now_ms)).await.map(drop);
        }
        let lease_ms = now_ms.saturating_add(post.longest_ms());
        let sending = Progress { state: LetterState::Sending, next_try_ms: lease_ms, ..before.clone() };
        if !moved(store, letter.id, before, &sending).await? {
            return Ok(());
        }
        let taken = post.send(letter, &files).await;
        self.outcome.is_asked = true;
        let after = self.after(letter, taken);
        // What became of it is known here alone: a database that was away for a moment is told once it is back.
        match moved(store, letter.id, &sending, &after).await {
            Err(Fault::Temporary(_)) => moved(store, letter.id, &sending, &after).await.map(drop),
            noted => noted.map(drop),
        }
    }

    /// What the letter has come to.
    fn after(&mut self, letter: &StoredLetter, taken: Result<String, NotTaken>) -> Progress {
        let (now_ms, before) = (self.clock.now_ms(), &letter.progress);
        let tried = Progress { tries: before.tries.saturating_add(1), ..before.clone() };
        let is_broken = matches!(taken, Err(NotTaken::Broken(_)));
        self.broken = if is_broken { self.broken + 1 } else { 0 };
        match taken {
            Ok(answer) => {
                self.outcome.sent += 1;
                ended(&tried, LetterState::Sent, answer, now_ms)
            }
            Err(NotTaken::Later(why) | NotTaken::Broken(why)) => {
                if self.broken >= BROKEN_AT_MOST {
                    self.outcome.stopped = Some(Stopped { why: why.clone(), must_be_mended: false });
                }
                if tried.tries >= TRIES_AT_MOST {
                    self.outcome.failed.push(letter.id);
                    return ended(&tried, LetterState::GivenUp, why, now_ms);
                }
                self.outcome.later += 1;
                let next_try_ms = now_ms.saturating_add(pause_ms(tried.tries, &letter.letter.key()));
                Progress { state: LetterState::Waiting, next_try_ms, answer: why, ..tried }
            }
            Err(NotTaken::Never(why)) => {
                self.outcome.failed.push(letter.id);
                ended(&tried, LetterState::Refused, why, now_ms)
            }
            Err(NotTaken::Nothing(why)) => self.stop(letter, why, true),
            Err(NotTaken::Unreachable(why)) => self.stop(letter, why, false),
        }
    }

    /// The letter is where it was: what is wrong is not its own, and no try is counted.
    fn stop(&mut self, letter: &StoredLetter, why: String, must_be_mended: bool) -> Progress {
        let answer = why.clone();
        self.outcome.stopped = Some(Stopped { why, must_be_mended });
        let next_try_ms = self.clock.now_ms().saturating_add(pace::held_back_ms(must_be_mended));
        Progress { state: LetterState::Waiting, next_try_ms, answer, ..letter.progress.clone() }
    }

    /// The others wait as long: a server that refuses a password is not asked every minute.
    async fn hold_back(&self, store: &mut impl Store, tried: &[i64]) -> Result<(), Fault> {
        let Some(stopped) = &self.outcome.stopped else { return Ok(()) };
        let next_try_ms = self.clock.now_ms().saturating_add(pace::held_back_ms(stopped.must_be_mended));
        for head in store.letter_heads(&[LetterState::Waiting]).await? {
            if !tried.contains(&head.id) && head.progress.next_try_ms < next_try_ms {
                let waits = Progress { next_try_ms, ..head.progress.clone() };
                moved(store, head.id, &head.progress, &waits).await?;
            }
        }
        Ok(())
    }
}

fn ended(before: &Progress, state: LetterState, answer: String, now_ms: i64) -> Progress {
    Progress { state, answer, ended_ms: Some(now_ms), ..before.clone() }
}

/// False where another process has moved the letter meanwhile: then it is theirs.
async fn moved(store: &mut impl Store, id: i64, from: &Progress, to: &Progress) -> Result<bool, Fault> {
    match wholly(store, async |store| store.move_letter(id, from, to).await).await {
        Ok(()) => Ok(true),
        Err(Fault::Refused(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// The last look before a letter leaves: no number of a person is in what it says, in its files' names, or in a file of
/// text.
fn names_a_number(letter: &StoredLetter, files: &[LetterFile], today: Day) -> bool {
    let has_number = |text: &str| without_numbers(text, today) != text;
    let written = &letter.letter.written;
    let is_text = |file: &&LetterFile| file.media_type.starts_with("text/");
    [&written.subject, &written.text, &written.html].into_iter().any(|text| has_number(text))
        || files.iter().any(|file| has_number(&file.name))
        || files.iter().filter(is_text).any(|file| has_number(&String::from_utf8_lossy(&file.content)))
}

/// The end of a letter that is over, or of one that begins anew.
fn renewed(head: &LetterHead, state: LetterState, now_ms: i64) -> Progress {
    Progress { state, tries: 0, next_try_ms: now_ms, ended_ms: None, answer: head.progress.answer.clone() }
}
