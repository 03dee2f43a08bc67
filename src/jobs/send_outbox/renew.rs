//! Letters that get another address: one that somebody has mended, or one that is gone.

use super::{Outcome, TOO_LATE, ended, moved, renewed};
use crate::domain::Fault;
use crate::jobs::letters::{Desk, People};
use crate::jobs::wholly::wholly;
use crate::ports::{Clock, LetterHead, LetterState, Press, Store};

/// A letter that did not arrive goes out by itself when its address is mended within so long; an older one only when a
/// person says so.
const BY_ITSELF_MS: i64 = 60 * 24 * 60 * 60 * 1000;

/// Every letter that has not arrived goes where its receiver can be reached now.
pub(super) async fn addresses<P: Press>(
    store: &mut impl Store,
    clock: &impl Clock,
    desk: &Desk<'_, P>,
    people: &People,
    open: &[LetterHead],
    outcome: &mut Outcome,
) -> Result<(), Fault> {
    let now_ms = clock.now_ms();
    for head in open {
        let address = desk.address(people, &head.receiver);
        let is_recent = head.progress.ended_ms.is_none_or(|ended| now_ms - ended < BY_ITSELF_MS);
        let state = match (head.progress.state, &address) {
            (LetterState::Waiting, None) => LetterState::ToPrint,
            (LetterState::Waiting | LetterState::ToPrint, Some(_)) => LetterState::Waiting,
            (LetterState::Refused | LetterState::GivenUp, Some(_)) if is_recent => LetterState::Waiting,
            _ => continue,
        };
        if address != head.address && renew(store, head, state, address.as_deref(), now_ms).await? {
            outcome.readdressed += 1;
        }
    }
    Ok(())
}

/// Nobody prints what is of no use any more.
pub(super) async fn end_useless(
    store: &mut impl Store,
    clock: &impl Clock,
    open: &[LetterHead],
    outcome: &mut Outcome,
) -> Result<(), Fault> {
    let now_ms = clock.now_ms();
    for head in open.iter().filter(|head| head.progress.state == LetterState::ToPrint) {
        if head.useless_after_ms.is_some_and(|last| last < now_ms) {
            let after = ended(&head.progress, LetterState::Useless, TOO_LATE.to_owned(), now_ms);
            outcome.useless += u32::from(moved(store, head.id, &head.progress, &after).await?);
        }
    }
    Ok(())
}

/// Sends a letter once more, because a person says so: to where its receiver can be reached now, else for print.
///
/// # Errors
/// `Refused`: the letter has arrived, is on its way, or is empty.
pub async fn retry<P: Press>(
    store: &mut impl Store,
    clock: &impl Clock,
    desk: &Desk<'_, P>,
    id: i64,
) -> Result<LetterState, Fault> {
    let people = People::load(store, clock.today()).await?;
    let all = store.letter_heads(&LetterState::ALL).await?;
    let Some(head) = all.into_iter().find(|head| head.id == id) else {
        return Err(Fault::Input(format!("there is no letter {id}; `arvode outbox` lists them")));
    };
    let is_over = matches!(
        head.progress.state,
        LetterState::Waiting
            | LetterState::ToPrint
            | LetterState::Refused
            | LetterState::GivenUp
            | LetterState::HeldBack
    );
    if !is_over || head.subject.is_empty() {
        return Err(Fault::Refused(format!(
            "letter {id} is {}: only one that waits or did not arrive is sent once more",
            head.progress.state.name()
        )));
    }
    let address = desk.address(&people, &head.receiver);
    let state = if address.is_some() { LetterState::Waiting } else { LetterState::ToPrint };
    match renew(store, &head, state, address.as_deref(), clock.now_ms()).await? {
        true => Ok(state),
        false => Err(Fault::Temporary(format!("letter {id} was moved by another process just now; look at it again"))),
    }
}

/// False where another process has moved the letter meanwhile.
async fn renew(
    store: &mut impl Store,
    head: &LetterHead,
    state: LetterState,
    address: Option<&str>,
    now_ms: i64,
) -> Result<bool, Fault> {
    let within = async |store: &mut _| within(store, head, state, address, now_ms).await;
    match wholly(store, within).await {
        Ok(()) => Ok(true),
        Err(Fault::Refused(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}

async fn within(
    store: &mut impl Store,
    head: &LetterHead,
    state: LetterState,
    address: Option<&str>,
    now_ms: i64,
) -> Result<(), Fault> {
    store.move_letter(head.id, &head.progress, &renewed(head, state, now_ms)).await?;
    store.readdress_letter(head.id, address).await
}
