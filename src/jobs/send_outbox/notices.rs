//! What the operator is told: letters that will not arrive, and that nothing can be sent.

use super::Outcome;
use crate::calendar::local_text;
use crate::domain::Fault;
use crate::jobs::letters::Desk;
use crate::jobs::operator_alarm::{Alarm, alarm};
use crate::ports::{Clock, LetterKind, LetterState, Press, Store};

/// One alarm for the letters of a round, and one for each time that nothing could be sent; `since` is when that began, if a
/// person must be told. An alarm that did not arrive gives no alarm.
pub(super) async fn tell<P: Press>(
    store: &mut impl Store,
    clock: &impl Clock,
    desk: &Desk<'_, P>,
    outcome: &Outcome,
    since: Option<(i64, String)>,
) -> Result<(), Fault> {
    let now_ms = clock.now_ms();
    if !outcome.failed.is_empty() {
        let heads = store.letter_heads(&[LetterState::Refused, LetterState::GivenUp]).await?;
        let is_told = |id: &i64| heads.iter().any(|head| head.id == *id && head.kind != LetterKind::OperatorAlarm);
        let mut failed: Vec<i64> = outcome.failed.iter().copied().filter(is_told).collect();
        failed.sort_unstable();
        if !failed.is_empty() {
            not_arrived(store, desk, &failed, now_ms).await?;
        }
    }
    match since {
        Some((since_ms, why)) => nothing_sent(store, desk, since_ms, &why, now_ms).await,
        None => Ok(()),
    }
}

async fn not_arrived<P: Press>(
    store: &mut impl Store,
    desk: &Desk<'_, P>,
    failed: &[i64],
    now_ms: i64,
) -> Result<(), Fault> {
    let numbers: Vec<String> = failed.iter().map(ToString::to_string).collect();
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
        occasion: format!("brev {} {now_ms}", numbers.join(",")),
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
