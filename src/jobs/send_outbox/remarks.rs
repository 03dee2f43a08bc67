//! What a person must mend before letters arrive. Each remark stands as long as what it is about, and closes by itself.

use std::collections::{BTreeMap, HashSet};

use super::print::{is_guarded, place};
use super::{Outcome, Stopped};
use crate::calendar::{Day, day_of_instant, local_text};
use crate::domain::{Fault, PersonId, Provenance, Remark, RemarkKind, State};
use crate::jobs::letters::{Desk, People};
use crate::jobs::wholly::wholly;
use crate::ports::{Clock, LetterHead, LetterState, NewRemark, Office, Press, Receiver, Store, StoredRemark};

/// Under which name the remarks stand.
const FILE: &str = "utkorgen";

/// What stands as the subject of the remark that nothing can be sent, before the instant since when.
const STOPPED: &str = "stopp|";

/// No server answers for so long before a person is told: it may be restarting.
const UNTIL_HELD_MS: i64 = 60 * 60 * 1000;

/// Somebody whose letter was printed so lately has no address still.
const PRINTED_LATELY_MS: i64 = 60 * 24 * 60 * 60 * 1000;

/// What the remarks follow from.
pub(super) struct Standing<'a, P> {
    pub desk: &'a Desk<'a, P>,
    pub people: &'a People,
    pub outcome: &'a Outcome,
}

/// A remark as it should stand.
struct Wanted {
    subject: String,
    anstid: Option<String>,
    remark: Remark,
}

impl<P: Press> Standing<'_, P> {
    /// Opens what is missing and closes what is done with. Where nothing can be sent and a person must be told, gives since
    /// when, and why.
    pub(super) async fn settle(
        &self,
        store: &mut impl Store,
        clock: &impl Clock,
    ) -> Result<Option<(i64, String)>, Fault> {
        let now_ms = clock.now_ms();
        let open = store.open_remarks_of(&[FILE.to_owned()]).await?;
        let failed = store.letter_heads(&[LetterState::Refused, LetterState::GivenUp]).await?;
        let mut to_print = store.letter_heads(&[LetterState::ToPrint, LetterState::Printed]).await?;
        to_print.retain(|head| head.progress.ended_ms.is_none_or(|ended| now_ms - ended < PRINTED_LATELY_MS));
        let since = self.since(&open, now_ms);
        let mut wanted: Vec<Wanted> = since.iter().map(|(at, stopped)| stopped_at(*at, stopped, now_ms)).collect();
        for head in &failed {
            if !self.is_told_anew(store, head).await? {
                wanted.push(self.not_arrived(head));
            }
        }
        wanted.extend(self.without_address(&to_print));
        wanted.extend(self.guarded(&to_print));
        wanted.extend((self.outcome.unreadable > 0).then(|| unreadable(clock.today())));
        let mut open = open;
        if !self.outcome.is_asked && !store.letter_heads(&[LetterState::Waiting]).await?.is_empty() {
            // Nobody was asked, so nothing is known to be better.
            open.retain(|stored| !stored.subject.starts_with(STOPPED));
        }
        settle(store, &open, wanted, now_ms).await?;
        let told = since.filter(|(at, stopped)| is_held(*at, stopped, now_ms));
        Ok(told.map(|(at, stopped)| (at, stopped.why.clone())))
    }

    /// Since when nothing can be sent: as the standing remark says, else from now.
    fn since(&self, open: &[StoredRemark], now_ms: i64) -> Option<(i64, &Stopped)> {
        let stopped = self.outcome.stopped.as_ref()?;
        let began = open.iter().find_map(|stored| stored.subject.strip_prefix(STOPPED)?.parse().ok());
        Some((began.unwrap_or(now_ms), stopped))
    }

    /// A later letter of the same kind has reached the receiver: nobody needs the old one.
    async fn is_told_anew(&self, store: &mut impl Store, head: &LetterHead) -> Result<bool, Fault> {
        let is_newer = |other: &LetterHead| {
            other.id > head.id && other.kind == head.kind && other.progress.state == LetterState::Sent
        };
        Ok(store.letters_to(&head.receiver).await?.iter().any(is_newer))
    }

    fn not_arrived(&self, head: &LetterHead) -> Wanted {
        let (id, answer, ended_ms) = (head.id, &head.progress.answer, head.progress.ended_ms.unwrap_or_default());
        let (who, anstid) = self.who(&head.receiver);
        let day = day_of_instant(ended_ms);
        Wanted {
            subject: format!("brev|{id}|{ended_ms}"),
            anstid,
            remark: remark(
                &head.receiver,
                State::Held,
                day,
                format!("brev {id} till {who} kom inte fram: {answer}"),
                format!(
                    "{}; då går brevet i väg av sig självt. Är adressen rätt: arvode outbox retry {id}",
                    mend(&head.receiver)
                ),
            ),
        }
    }

    /// One for each receiver whose letters have been, or wait to be, printed, as long as nobody has given an address.
    fn without_address(&self, heads: &[LetterHead]) -> Vec<Wanted> {
        let mut of: BTreeMap<&Receiver, Vec<&LetterHead>> = BTreeMap::new();
        for head in heads.iter().filter(|head| self.desk.address(self.people, &head.receiver).is_none()) {
            of.entry(&head.receiver).or_default().push(head);
        }
        of.into_iter().filter_map(|(receiver, heads)| self.no_address(receiver, &heads)).collect()
    }

    fn no_address(&self, receiver: &Receiver, heads: &[&LetterHead]) -> Option<Wanted> {
        let first = heads.first()?;
        let waits = heads.iter().any(|head| head.progress.state == LetterState::ToPrint);
        let (who, anstid) = self.who(receiver);
        let proposed = match waits {
            true => format!("{}, eller skriv ut dem: arvode outbox --print MAPP", mend(receiver)),
            false => format!("{}; breven lämnas till kansliet för utskrift", mend(receiver)),
        };
        Some(Wanted {
            subject: format!("adress|{receiver}|{}|{waits}", first.id),
            anstid,
            remark: remark(
                receiver,
                if waits { State::Held } else { State::Noted },
                day_of_instant(first.created_ms),
                format!("{who} saknar e-postadress"),
                proposed,
            ),
        })
    }

    /// Letters that the kansli does not get, and the operator prints.
    fn guarded(&self, heads: &[LetterHead]) -> Option<Wanted> {
        let waiting = heads.iter().filter(|head| head.progress.state == LetterState::ToPrint);
        let waiting: Vec<&LetterHead> = waiting.filter(|head| is_guarded(self.people, head)).collect();
        let first = waiting.first()?;
        let count = waiting.len();
        let proposed = "den som driver programmet skriver ut dem med arvode outbox --print MAPP och lämnar över dem enligt \
                        kommunens rutin för skyddade personuppgifter";
        let receiver = Receiver::Office(Office::Operator);
        Some(Wanted {
            subject: format!("skyddade|{}|{count}", first.id),
            anstid: None,
            remark: remark(
                &receiver,
                State::Held,
                day_of_instant(first.created_ms),
                format!("{count} brev till personer med skyddade personuppgifter väntar på utskrift"),
                proposed.to_owned(),
            ),
        })
    }

    /// Whom a letter is for without a name, and the anställningsnummer.
    fn who(&self, receiver: &Receiver) -> (String, Option<String>) {
        let anstid = |person: &PersonId| self.people.of(*person).and_then(|contact| contact.anstid.clone());
        match receiver {
            Receiver::Person(person) => match anstid(person) {
                Some(anstid) => (format!("anställningsnummer {anstid}"), Some(anstid)),
                None => ("en person utan anställningsnummer".to_owned(), None),
            },
            Receiver::Official(id) => (format!("attestanten {id}"), None),
            Receiver::Office(office) => (place(*office).to_owned(), None),
            Receiver::Secretary(organ) => (format!("sekreteraren i {organ}"), None),
        }
    }
}

/// Where an address is mended.
fn mend(receiver: &Receiver) -> String {
    match receiver {
        Receiver::Person(_) => "skriv in rätt e-postadress i Personer".to_owned(),
        Receiver::Official(id) => format!("rätta email för {id} i attestforteckning.toml"),
        Receiver::Office(office) => format!("rätta {} under [mail.to] i arvode.toml", office.name()),
        Receiver::Secretary(organ) => format!("rätta {organ} under [mail.secretary] i arvode.toml"),
    }
}

fn remark(receiver: &Receiver, state: State, day: Day, reason: String, proposed: String) -> Remark {
    let kind = if matches!(receiver, Receiver::Person(_)) { RemarkKind::Person } else { RemarkKind::File };
    Remark {
        kind,
        state,
        day: Some(day),
        reason,
        paragraph: "",
        proposed,
        worth: None,
        undecided: None,
        place: Provenance { file: FILE.into(), ..Provenance::default() },
    }
}

fn is_held(since_ms: i64, stopped: &Stopped, now_ms: i64) -> bool {
    stopped.must_be_mended || now_ms - since_ms >= UNTIL_HELD_MS
}

fn stopped_at(since_ms: i64, stopped: &Stopped, now_ms: i64) -> Wanted {
    let state = if is_held(since_ms, stopped, now_ms) { State::Held } else { State::Noted };
    let proposed = match stopped.must_be_mended {
        true => "rätta [mail] i arvode.toml, eller det som felet nämner, och kör arvode outbox send",
        false => "breven prövas igen av sig själva; håller det i sig, tala med den som driver e-postservern",
    };
    let reason = format!("inga brev kan skickas sedan {}: {}", local_text(since_ms), stopped.why);
    let (receiver, day) = (Receiver::Office(Office::Operator), day_of_instant(since_ms));
    let remark = remark(&receiver, state, day, reason, proposed.to_owned());
    Wanted { subject: format!("{STOPPED}{since_ms}"), anstid: None, remark }
}

fn unreadable(today: Day) -> Wanted {
    let receiver = Receiver::Office(Office::Operator);
    let reason = "bounce_folder har filer som inte går att läsa som e-post".to_owned();
    let proposed = "titta på dem och ta bort dem ur mappen".to_owned();
    let remark = remark(&receiver, State::Noted, today, reason, proposed);
    Wanted { subject: "oläsbart".to_owned(), anstid: None, remark }
}

/// What a person has closed stays closed: its subject names the very letter and time.
async fn settle(store: &mut impl Store, open: &[StoredRemark], wanted: Vec<Wanted>, now_ms: i64) -> Result<(), Fault> {
    let is_same = |stored: &StoredRemark, wanted: &Wanted| {
        stored.subject == wanted.subject && stored.remark.state == wanted.remark.state
    };
    let over = open.iter().filter(|stored| !wanted.iter().any(|wanted| is_same(stored, wanted)));
    let over: Vec<i64> = over.map(|stored| stored.id).collect();
    let mut missing: Vec<Wanted> =
        wanted.into_iter().filter(|wanted| !open.iter().any(|stored| is_same(stored, wanted))).collect();
    if !missing.is_empty() {
        let closed = store.remarks(Some(State::Closed)).await?;
        let ours = closed.into_iter().filter(|stored| &*stored.remark.place.file == FILE);
        let closed: HashSet<String> = ours.map(|stored| stored.subject).collect();
        // One that is noted first and held later closes in between.
        let is_raised = |wanted: &Wanted| open.iter().any(|stored| stored.subject == wanted.subject);
        missing.retain(|wanted| !closed.contains(&wanted.subject) || is_raised(wanted));
    }
    if over.is_empty() && missing.is_empty() {
        return Ok(());
    }
    let new = missing.into_iter();
    let new: Vec<NewRemark> =
        new.map(|wanted| NewRemark { remark: wanted.remark, anstid: wanted.anstid, subject: wanted.subject }).collect();
    wholly(store, async |store| {
        if !over.is_empty() {
            store.close_remarks(&over, now_ms).await?;
        }
        store.add_remarks(&new, now_ms).await
    })
    .await
}
