//! What mail servers have sent back, told to the letters that it is about.

use std::collections::HashMap;

use super::{Outcome, moved};
use crate::domain::Fault;
use crate::ports::{Clock, LetterHead, LetterState, Progress, ReturnBox, Returned, Store, letter_token};

/// Reads it, marks the letters, and puts it aside: read once more after a kill, it says nothing new.
pub(super) async fn take(
    store: &mut impl Store,
    clock: &impl Clock,
    returns: &mut impl ReturnBox,
    organisationsnummer: &str,
    outcome: &mut Outcome,
) -> Result<(), Fault> {
    let (returned, unreadable) = returns.returned()?;
    outcome.unreadable = u32::try_from(unreadable).unwrap_or(u32::MAX);
    if returned.is_empty() {
        return Ok(());
    }
    let heads = store.letter_heads(&LetterState::ALL).await?;
    let known: HashMap<String, &LetterHead> =
        heads.iter().map(|head| (letter_token(&head.key(), organisationsnummer), head)).collect();
    for one in returned {
        let meant = one.tokens.iter().filter_map(|token| known.get(token));
        for head in meant {
            if is_about(&one, head) {
                mark(store, clock, &one, head, outcome).await?;
            }
        }
        returns.put_aside(&one.file)?;
        outcome.returned += 1;
    }
    Ok(())
}

/// A report about an address that the letter has no more says nothing of it.
fn is_about(one: &Returned, head: &LetterHead) -> bool {
    let same =
        |address: &String| one.recipient.as_ref().is_none_or(|recipient| address.eq_ignore_ascii_case(recipient));
    head.address.as_ref().is_some_and(same)
}

async fn mark(
    store: &mut impl Store,
    clock: &impl Clock,
    one: &Returned,
    head: &LetterHead,
    outcome: &mut Outcome,
) -> Result<(), Fault> {
    let before = &head.progress;
    // On its way, or waiting after a connection that broke: the server had it all the same.
    let can_be = matches!(before.state, LetterState::Sent | LetterState::Sending | LetterState::Waiting);
    if !can_be {
        return Ok(());
    }
    let after = if one.is_final {
        let (answer, ended_ms) = (format!("kom tillbaka: {}", one.answer), Some(clock.now_ms()));
        Progress { state: LetterState::Refused, answer, ended_ms, ..before.clone() }
    } else {
        Progress { answer: format!("försenat: {}", one.answer), ..before.clone() }
    };
    if moved(store, head.id, before, &after).await? && one.is_final {
        outcome.failed.push(head.id);
    }
    Ok(())
}
