//! The letters as a list.

use serde_json::{Value, json};

use crate::app::Ended;
use crate::app::cli::LetterWord;
use crate::app::kommun::Kommun;
use crate::app::show::table;
use crate::calendar::{instant_text, local_text};
use crate::domain::Fault;
use crate::jobs::letters::People;
use crate::ports::{Clock, LetterHead, LetterKind, LetterState, OutboxStore, Receiver};

/// States of letters that somebody may have to look at, or wait for.
const STANDING: [LetterState; 6] = [
    LetterState::Waiting,
    LetterState::Sending,
    LetterState::ToPrint,
    LetterState::Refused,
    LetterState::GivenUp,
    LetterState::HeldBack,
];

pub(super) async fn list(kommun: &mut Kommun, state: Option<LetterWord>) -> Result<Ended, Fault> {
    let states = states(state);
    let heads = kommun.db.letter_heads(&states).await?;
    let people = People::load(&mut kommun.db, kommun.clock.today()).await?;
    if kommun.json {
        let all: Vec<Value> = heads.iter().map(|head| as_json(head, &people)).collect();
        say!("{}", Value::Array(all));
    } else {
        print(&heads, &people, state.is_none());
    }
    let is_stuck = |head: &LetterHead| {
        !matches!(head.progress.state, LetterState::Waiting | LetterState::Sending)
            && STANDING.contains(&head.progress.state)
    };
    Ok(if heads.iter().any(is_stuck) { Ended::Look } else { Ended::Done })
}

fn states(word: Option<LetterWord>) -> Vec<LetterState> {
    let one = match word {
        None => return STANDING.to_vec(),
        Some(LetterWord::All) => return LetterState::ALL.to_vec(),
        Some(LetterWord::Waiting) => LetterState::Waiting,
        Some(LetterWord::Sending) => LetterState::Sending,
        Some(LetterWord::Sent) => LetterState::Sent,
        Some(LetterWord::ToPrint) => LetterState::ToPrint,
        Some(LetterWord::Printed) => LetterState::Printed,
        Some(LetterWord::Refused) => LetterState::Refused,
        Some(LetterWord::GivenUp) => LetterState::GivenUp,
        Some(LetterWord::Useless) => LetterState::Useless,
        Some(LetterWord::HeldBack) => LetterState::HeldBack,
    };
    vec![one]
}

/// Whom a letter is for, as anybody may read it.
pub(super) fn whom(receiver: &Receiver, people: &People) -> String {
    match receiver {
        Receiver::Person(person) => people.shown(*person).to_owned(),
        Receiver::Official(id) => format!("attestant {id}"),
        Receiver::Office(office) => office.name().to_owned(),
        Receiver::Secretary(organ) => format!("sekreteraren i {organ}"),
    }
}

/// A kind in words.
pub(in crate::app) fn kind_word(kind: LetterKind) -> &'static str {
    match kind {
        LetterKind::DeadlineDigest => "sista dagar",
        LetterKind::DeadlineSummary => "sista dagar, alla",
        LetterKind::MissingLists => "lista saknas",
        LetterKind::AttestSheets => "att attestera",
        LetterKind::AttestReminder => "påminnelse om attest",
        LetterKind::ForteckningChanged => "ändrad attestförteckning",
        LetterKind::MonthlyLetter => "månadsbrev",
        LetterKind::MonthExported => "lönefil lämnad",
        LetterKind::SheetsLeftOut => "utelämnade blad",
        LetterKind::RateNotice => "ändrade nivåer",
        LetterKind::RateWarning => "nästa års nivåer saknas",
        LetterKind::FollowUp => "uppföljning",
        LetterKind::AccrualList => "upplupet vid årsskiftet",
        LetterKind::Arvodesbesked => "arvodesbesked",
        LetterKind::BriefingList => "genomgång",
        LetterKind::RejectedRows => "hållna rader",
        LetterKind::PrintList => "att skriva ut",
        LetterKind::OperatorAlarm => "larm",
        LetterKind::OutageSummary => "efter avbrott",
    }
}

/// A state in words.
pub(in crate::app) fn state_word(state: LetterState) -> &'static str {
    match state {
        LetterState::Waiting => "väntar",
        LetterState::Sending => "på väg",
        LetterState::Sent => "skickat",
        LetterState::ToPrint => "ska skrivas ut",
        LetterState::Printed => "utskrivet",
        LetterState::Refused => "kom inte fram",
        LetterState::GivenUp => "uppgivet",
        LetterState::Useless => "för sent",
        LetterState::HeldBack => "hålls tillbaka",
    }
}

/// What is known of a letter but its texts.
pub(super) fn as_json(head: &LetterHead, people: &People) -> Value {
    let progress = &head.progress;
    let next = (!progress.state.is_ended()).then(|| instant_text(progress.next_try_ms));
    json!({
        "letter": head.id,
        "kind": head.kind.name(),
        "occasion": head.occasion,
        "receiver": head.receiver.to_string(),
        "to": whom(&head.receiver, people),
        "address": head.address,
        "subject": head.subject,
        "written": instant_text(head.created_ms),
        "state": progress.state.name(),
        "tries": progress.tries,
        "next_try": next,
        "ended": progress.ended_ms.map(instant_text),
        "useless_after": head.useless_after_ms.map(instant_text),
        "answer": progress.answer,
    })
}

fn print(heads: &[LetterHead], people: &People, is_standing: bool) {
    if heads.is_empty() {
        let more = if is_standing { " Alla brev: arvode outbox --state all" } else { "" };
        say!("Inga brev.{more}");
        return;
    }
    let mut rows =
        table(&["brev", "skrivet", "slag", "till", "ärende", "läge", "försök", "nästa försök", "svar"], &[0, 6]);
    for head in heads {
        let progress = &head.progress;
        let next = if progress.state.is_ended() || progress.state == LetterState::ToPrint {
            String::new()
        } else {
            local_text(progress.next_try_ms)
        };
        let subject = if head.subject.is_empty() { "(gallrat)" } else { &head.subject };
        rows.add_row([
            &head.id.to_string(),
            &local_text(head.created_ms),
            kind_word(head.kind),
            &whom(&head.receiver, people),
            subject,
            state_word(progress.state),
            &progress.tries.to_string(),
            &next,
            &progress.answer,
        ]);
    }
    say!("{rows}");
}
