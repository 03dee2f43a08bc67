//! What the operator is told: letters that will not arrive, and that nothing can be sent.

use std::collections::HashSet;

use crate::calendar::local_text;
use crate::domain::Fault;
use crate::jobs::letters::Desk;
use crate::jobs::operator_alarm::{Alarm, alarm};
use crate::ports::{Clock, LetterHead, LetterKind, LetterState, Office, Press, Receiver, Store};

/// What an alarm about letters that did not arrive begins its occasion with; a sign of each letter follows.
const NOT_ARRIVED: &str = "brev ";

/// What failed longer ago is told by its remark alone.
const LATELY_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// One alarm for the letters that have failed since the last, and one for each time that nothing could be sent; `since` is when that began, if a
/// person must be told. An alarm that did not arrive gives no alarm.
pub(super) async fn tell<P: Press>(
    store: &mut impl Store,
    clock: &impl Clock,
    desk: &Desk<'_, P>,
    since: Option<(i64, String)>,
) -> Result<(), Fault> {
    let now_ms = clock.now_ms();
    let failed = untold(store, now_ms).await?;
    if !failed.is_empty() {
        not_arrived(store, desk, &failed, now_ms).await?;
    }
    match since {
        Some((since_ms, why)) => nothing_sent(store, desk, since_ms, &why, now_ms).await,
        None => Ok(()),
    }
}

/// Letters that did not arrive and that no alarm has named: also those of a round that was cut off before its alarm.
async fn untold(store: &mut impl Store, now_ms: i64) -> Result<Vec<LetterHead>, Fault> {
    let is_lately = |head: &LetterHead| head.progress.ended_ms.is_some_and(|ended| now_ms - ended < LATELY_MS);
    let mut failed = store.letter_heads(&[LetterState::Refused, LetterState::GivenUp]).await?;
    failed.retain(|head| head.kind != LetterKind::OperatorAlarm && is_lately(head));
    if !failed.is_empty() {
        let occasions = store.occasions(LetterKind::OperatorAlarm, &Receiver::Office(Office::Operator)).await?;
        let lists = occasions.iter().filter_map(|occasion| occasion.strip_prefix(NOT_ARRIVED));
        let told: HashSet<&str> = lists.flat_map(|list| list.split(',')).collect();
        failed.retain(|head| !told.contains(sign(head).as_str()));
    }
    Ok(failed)
}

/// A letter and the time when it failed: it may fail once more.
fn sign(head: &LetterHead) -> String {
    format!("{}@{}", head.id, head.progress.ended_ms.unwrap_or_default())
}

async fn not_arrived<P: Press>(
    store: &mut impl Store,
    desk: &Desk<'_, P>,
    failed: &[LetterHead],
    now_ms: i64,
) -> Result<(), Fault> {
    let numbers: Vec<String> = failed.iter().map(|head| head.id.to_string()).collect();
    let (what, why) = match numbers.as_slice() {
        [one] => (
            "Ett brev kom inte fram".to_owned(),
            format!(
                "Det gäller brev {one} i utkorgen. E-postservern har sagt nej, skickat tillbaka det eller inte tagit emot det \
                 på fem dygn, eller så har programmet hållit inne det. Mottagaren har inte fått brevet."
            ),
        ),
        several => (
            format!("{} brev kom inte fram", several.len()),
            format!(
                "Det gäller brev {} i utkorgen. E-postservern har sagt nej, skickat tillbaka dem eller inte tagit emot dem på \
                 fem dygn, eller så har programmet hållit inne dem. Mottagarna har inte fått breven.",
                several.join(", ")
            ),
        ),
    };
    let told = Alarm {
        occasion: format!("{NOT_ARRIVED}{}", failed.iter().map(sign).collect::<Vec<_>>().join(",")),
        what: &what,
        why: &why,
        to_do: "Se skälet med arvode outbox. Är adressen fel, ändra den i Personer, i attestförteckningen eller i \
                arvode.toml: då går brevet i väg av sig självt. Är den rätt, skicka igen med arvode outbox retry och brevets \
                nummer.",
        when: &local_text(now_ms),
    };
    alarm(store, desk, told, now_ms).await.map(drop)
}

/// It is read when letters arrive again, or in the outbox.
async fn nothing_sent<P: Press>(
    store: &mut impl Store,
    desk: &Desk<'_, P>,
    since_ms: i64,
    why: &str,
    now_ms: i64,
) -> Result<(), Fault> {
    let why = format!(
        "Felet var: {why}. Inget brev har gått förlorat: alla väntar i utkorgen och går i väg när felet är avhjälpt. Läser du \
         det här som e-post har det redan hänt."
    );
    let told = Alarm {
        occasion: format!("inget skickat {since_ms}"),
        what: "Inga brev har kunnat skickas",
        why: &why,
        to_do: "Prova med arvode outbox send. Kommer felet igen, se över [mail] i arvode.toml och e-postserverns certifikat \
                och lösenord; arvode check säger om en fil saknas.",
        when: &local_text(since_ms),
    };
    alarm(store, desk, told, now_ms).await.map(drop)
}
